#!/bin/bash
# An edge spreads lines over two nodes by Kafka (the broker is librdkafka's own mock, the only one in Debian): the source is the
# key, no source is on two nodes; a node is killed, the other goes on alone with its own, and it goes on where it was; it is killed
# before it is written down what it read, and counts nothing twice. Where topics have several partitions, no source is in two.
# shellcheck source=tests/destinations/cluster/lib.sh
. "$(dirname "$0")/cluster/lib.sh"
plugin omkafka rsyslog-kafka
plugin imkafka rsyslog-kafka
"$PYTHON" -c 'import confluent_kafka' 2>/dev/null || skip "python3-confluent-kafka is not installed"

cat >broker.py <<'PY'
"""A broker of librdkafka's with the topics of two nodes, one partition each, and others of four partitions each; its address
goes to broker.address. It holds what it got in memory."""
import ctypes, os, time
kafka = ctypes.CDLL("librdkafka.so.1")
for name in ("conf_new", "new", "mock_cluster_new"):
    getattr(kafka, "rd_kafka_" + name).restype = ctypes.c_void_p
kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
error = ctypes.create_string_buffer(512)
client = kafka.rd_kafka_new(0, ctypes.c_void_p(kafka.rd_kafka_conf_new()), error, ctypes.c_size_t(512))
cluster = ctypes.c_void_p(kafka.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 1))
for topic, partitions in ((b"firewall-0", 1), (b"firewall-1", 1), (b"wide-0", 4), (b"wide-1", 4)):
    assert kafka.rd_kafka_mock_topic_create(cluster, topic, partitions, 1) == 0
with open("broker.new", "w") as out:
    out.write(kafka.rd_kafka_mock_cluster_bootstraps(cluster).decode().split(",")[0].split("//")[-1])
os.rename("broker.new", "broker.address")
while True:
    time.sleep(1)
PY
server "$PYTHON" broker.py
wait_for 20 test -s broker.address || fail "no broker: $(cat server.log)"
broker=$(<broker.address)
for n in 0 1; do
    { own node$n; installed node$n <"$CLUSTER/node-kafka.conf"; } |
        sed "s|kafka.example.com:9092|$broker|; s|firewall-0|firewall-$n|; s|firewatch-node-0|firewatch-node-$n|" >node$n.conf
    up node$n
done
{ own edge; installed edge <"$CLUSTER/edge-kafka.conf"; } | sed "s|kafka.example.com:9092|$broker|" >edge.conf
up edge

total=$(wc -l <"$ALL")
head -n $((total / 2)) "$ALL" >first
tail -n +$((total / 2 + 1)) "$ALL" >second
send lines first
wait_for 60 arrived "$(wc -l <first)" || fail "$(distinct) of the first $(wc -l <first) lines arrived: $(tail -qn 3 ./*/internal)"
saved node1
sleep 1.5 # and how far it read is written down
down node1 KILL
alone=$(wc -l <node0/firewalls.log)
send lines second
on_its_own() {
    [[ $(wc -l <node0/firewalls.log) -gt $((alone + 1000)) ]]
}
wait_for 30 on_its_own || fail "node 0 stands still too"
up node1
nothing_lost
sleep 1
cluster findings whole.jsonl node0 node1 || fail "the nodes find something else than one would"

# the next day: node 1 reads, counts and saves, and is killed before how far it read is written down: with some seconds for that,
# to be sure. Then it reads the same lines again.
down node1 TERM
sed -i 's|auto.commit.interval.ms=1000|auto.commit.interval.ms=60000|' node1.conf
up node1
next_day
send lines "$ALL.next"
next_arrives
saved node1
down node1 KILL
sed -i 's|auto.commit.interval.ms=60000|auto.commit.interval.ms=1000|' node1.conf
up node1
came_again() {
    [[ $(counter node1 lines_repeated) -ge $1 ]]
}
wait_for 30 came_again 1000 || fail "$(counter node1 lines_repeated) lines came again"
twice_and_not_counted

# what travels has the source as its key, so that no source is in two partitions, should there be several
{ own wide; installed wide <"$CLUSTER/edge-kafka.conf"; } |
    sed "s|kafka.example.com:9092|$broker|; s|firewall-%|wide-%|; s|lines.port|wide.port|" >wide.conf
up wide
send wide "$ALL"
cat >keys.py <<'PY'
import sys
from confluent_kafka import Consumer, TopicPartition
broker, name, expected = sys.argv[1], sys.argv[2], int(sys.argv[3])
consumer = Consumer({"bootstrap.servers": broker, "group.id": "look", "enable.auto.commit": False})
topics = consumer.list_topics(timeout=10).topics
consumer.assign([TopicPartition(t, p, 0) for t in (name + "-0", name + "-1") for p in topics[t].partitions])
found, count = {}, 0
while count < expected:
    messages = consumer.consume(1000, timeout=10)
    assert messages, f"{count} of {expected} lines"
    for message in messages:
        assert message.error() is None, message.error()
        key, line = message.key().decode(), message.value().decode()
        assert any(text in line for text in (f"SRC={key} ", f"from {key} port", f"inside:{key}/")), (key, line)
        found.setdefault(key, set()).add((message.topic(), message.partition()))
    count += len(messages)
assert all(len(places) == 1 for places in found.values()), found
print(len(found), "sources", len({place for places in found.values() for place in places}), "partitions")
PY
[[ $("$PYTHON" keys.py "$broker" wide "$total" 2>&1 | tee keys) = *" sources 8 partitions" ]] || fail "keys: $(cat keys)"
[[ $("$PYTHON" keys.py "$broker" firewall $((2 * total)) 2>&1 | tee keys) = *" sources 2 partitions" ]] || fail "keys: $(cat keys)"
down wide TERM
[[ ! -s edge/firewatch-kafka.failed ]] || fail "the edge could not send $(wc -l <edge/firewatch-kafka.failed) lines"
for dir in edge node0 node1; do
    down $dir TERM
    ! grep -i omfirewatch $dir/internal $dir/log || fail "$dir complains"
done
