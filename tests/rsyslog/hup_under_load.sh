#!/bin/bash
# HUP again and again while four workers read lines: nothing is lost, nothing crashes, the last policy holds.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

traffic_lines 20000 >log
cp -r "$(dirname "$RULES")" rules
echo 'home: [10.0.0.0/8]' >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_lines lines "$QUEUE queue.workerThreads=\"4\" queue.workerThreadMinimumMessages=\"50\" queue.dequeueBatchSize=\"32\"" \
        "ruleset=\"findings\" policy=\"$WORK/policy.yaml\" maxMemory=\"32m\""
    conf_findings findings
    conf_port lines
} | sed "s,$RULES,$WORK/rules/firewatch.rulebase," >rsyslog.conf
start
wait_for 5 test -s lines.port || exit 1
for _ in 1 2 3 4 5; do cat log; done >"/dev/tcp/127.0.0.1/$(<lines.port)" &
FEEDER=$!
for ((i = 0; i < 40; i++)); do
    case $((i % 4)) in
    0) printf 'detectors:\n  addr_scan: {window: %d}\n' $((60 + i)) >policy.yaml ;;
    1) echo 'version=2' >>rules/firewatch.rulebase ;;
    2) echo 'nonsense: [' >policy.yaml ;;
    3) cp "$RULES" rules/firewatch.rulebase ;;
    esac
    rsyslog_hup
    sleep 0.05
done
wait $FEEDER
FEEDER=
passed lines 100000
printf 'home: [10.0.0.0/8]\n' >policy.yaml
sleep 0.5
refused=$(stat_of omfirewatch reloads_refused)
rsyslog_hup
stat_becomes "omfirewatch(site)" lines_received 100000
stat_becomes "omfirewatch(site)" inject_failed 0
[[ $(stat_of omfirewatch reloads_done) -gt 5 ]] || fail "only $(stat_of omfirewatch reloads_done) reloads were done"
[[ $refused -gt 5 ]] || fail "only $refused reloads were refused"
stop
[[ -s findings.jsonl ]] || fail "nothing was found"
