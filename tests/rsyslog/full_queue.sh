#!/bin/bash
# A findings ruleset that cannot keep up loses findings, and says so in its own counters; lines go on at full speed.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

traffic_lines 50000 >log
printf '#!/bin/sh\nread -r line\nexec sleep 60\n' >stuck
chmod +x stuck
printf 'limits:\n  findings_per_minute: 1000\ndetectors:\n  addr_scan: {local_threshold: 5, sequential_minimum: 5}\n' >policy.yaml
{
    conf_begin imptcp
    echo 'module(load="omprog")'
    conf_stats
    conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" policy=\"$WORK/policy.yaml\""
    cat <<CONF
ruleset(name="findings" queue.type="LinkedList" queue.size="20" queue.timeoutEnqueue="0"
        queue.timeoutShutdown="100" queue.timeoutActionCompletion="100") {
    action(type="omprog" binary="$WORK/stuck" confirmMessages="on" confirmTimeout="60000" closeTimeout="100"
           killUnresponsive="on" template="json")
}
CONF
    conf_port lines
} >rsyslog.conf
start
begun=$EPOCHREALTIME
send lines log
passed lines 50000
took=$(fw_since "$begun")
stat_becomes "omfirewatch(site)" lines_received 50000
written=$(stat_of "omfirewatch(site)" documents_written)
lost=$(stat_of findings discarded.full)
echo "$written documents, $lost lost, $took s"
[[ $written -gt 60 && $lost -gt 0 && $((written - lost)) -le 60 ]] || fail "that does not add up"
awk -v took="$took" 'BEGIN { exit !(took < 20) }' || fail "lines waited for findings"
stop
