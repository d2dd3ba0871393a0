#!/bin/bash
# An edge spreads lines over two nodes by RELP: no source is on two; what they find together is what one would find in all.
# A node is killed with lines on the way to it, with lines that it has and the edge does not know of, and while it counts: no
# line is lost, none counts twice.
# shellcheck source=tests/destinations/cluster/lib.sh
. "$(dirname "$0")/cluster/lib.sh"
plugin omrelp rsyslog-relp
plugin imrelp rsyslog-relp

ports=("$(free_port)" "$(free_port)")
for n in 0 1; do
    { own node$n; installed node$n <"$CLUSTER/node.conf"; } | sed "s|port=\"2515\"|address=\"127.0.0.1\" port=\"${ports[n]}\"|" >node$n.conf
    up node$n
    wait_for 10 open_port "${ports[n]}"
done
# what the second one answers can get lost
server "$PYTHON" "$TOP/tests/destinations/cluster/halfway.py" "${ports[1]}" halfway.port
wait_for 10 test -s halfway.port || fail "$(cat server.log)"
{ own edge; installed edge <"$CLUSTER/edge.conf"; } |
    sed -e "s|node0.example.com\" port=\"2515\"|127.0.0.1\" port=\"${ports[0]}\"|" \
        -e "s|node1.example.com\" port=\"2515\"|127.0.0.1\" port=\"$(<halfway.port)\"|" >edge.conf
up edge

# 1. a third of it; then node 1 stands still, and is killed with lines on the way that it did not acknowledge
total=$(wc -l <"$ALL")
head -n $((total / 3)) "$ALL" >first
head -n $((2 * total / 3)) "$ALL" | tail -n +$((total / 3 + 1)) >second
tail -n +$((2 * total / 3 + 1)) "$ALL" >third
send lines first
wait_for 60 arrived "$(wc -l <first)" || fail "$(distinct) of the first $(wc -l <first) lines arrived"
saved node1
kill -STOP "${PIDS[node1]}"
send lines second
sleep 1
down node1 KILL
up node1
# 2. the rest: with its first line for node 1 the edge notices, and sends again what was not acknowledged
send lines third
nothing_lost
wait_for 10 grep -q . node0/firewatch.jsonl
sleep 0.5 # what was found last is written
cluster findings whole.jsonl node0 node1 || fail "the nodes find something else than one would"

# 3. the next day: node 1 reads, counts and saves, and the edge does not hear of it; killed, it gets the same lines again
next_day
touch deaf
send lines "$ALL.next"
some_are_there() {
    [[ $(grep -c 2026-10-13T node1/firewalls.log) -ge 1000 ]]
}
wait_for 30 some_are_there || fail "$(grep -c 2026-10-13T node1/firewalls.log) lines at node 1"
saved node1
down node1 KILL
rm deaf
up node1
twice_and_not_counted

# 4. killed in the middle of it
next_day
send lines "$ALL.next"
next_is_there() {
    [[ $(cat node0/firewalls.log node1/firewalls.log | grep -c "$DAY"T) -ge $1 ]]
}
wait_for 30 next_is_there 2000
down node1 KILL
up node1
next_arrives
for dir in edge node0 node1; do
    down $dir TERM
    ! grep -i omfirewatch $dir/internal $dir/log || fail "$dir complains"
done
