#!/bin/bash
# An edge spreads lines over two nodes by RELP: no source is on two; what they find together is what one would find in all.
# A node is killed with lines on the way to it, and while it counts: no line is lost, none counts twice.
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
{ own edge; installed edge <"$CLUSTER/edge.conf"; } |
    sed -e "s|node0.example.com\" port=\"2515\"|127.0.0.1\" port=\"${ports[0]}\"|" \
        -e "s|node1.example.com\" port=\"2515\"|127.0.0.1\" port=\"${ports[1]}\"|" >edge.conf
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

# 3. killed in the middle of it
cluster lines | sed 's/2026-10-12T/2026-10-13T/' >"$ALL.next"
send lines "$ALL.next"
next_is_there() {
    [[ $(cat node0/firewalls.log node1/firewalls.log | grep -c 2026-10-13T) -ge $1 ]]
}
wait_for 30 next_is_there 2000
down node1 KILL
up node1
next_complete() {
    [[ $(cat node0/firewalls.log node1/firewalls.log | grep 2026-10-13T | sort -u | wc -l) -ge $total ]]
}
wait_for 60 next_complete || fail "$(cat node0/firewalls.log node1/firewalls.log | grep 2026-10-13T | sort -u | wc -l) of $total lines"
twice=$(cat node0/firewalls.log node1/firewalls.log | sort | uniq -d | wc -l)
echo "$twice lines came twice"
for dir in edge node0 node1; do
    down $dir TERM
    ! grep -i omfirewatch $dir/internal $dir/log || fail "$dir complains"
done
