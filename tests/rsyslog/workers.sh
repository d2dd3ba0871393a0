#!/bin/bash
# Four workers: every line is counted once, findings leave in the order in which they were written.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

traffic_lines 100000 >log
{
    conf_begin imptcp
    conf_stats
    conf_lines lines "$QUEUE queue.workerThreads=\"4\" queue.workerThreadMinimumMessages=\"20\" queue.dequeueBatchSize=\"16\"" \
        'ruleset="findings"'
    conf_findings findings
    conf_port lines
} >rsyslog.conf
start
send lines log
passed lines 100000
stat_becomes "omfirewatch(site)" lines_received 100000
stat_becomes "omfirewatch(site)" events_observed 100000
stat_becomes "omfirewatch(site)" inject_failed 0
stat_becomes "omfirewatch(site)" documents_dropped 0
stat_becomes "omfirewatch(site)" documents_injected "$(stat_of "omfirewatch(site)" documents_written)"
threads=$(cat "/proc/$RSYSLOG_PID"/task/*/status | grep -c '^Name:.*lines')
echo "$threads workers"
[[ $threads -ge 2 ]] || fail "there was one worker only"
written=$(stat_of "omfirewatch(site)" documents_written)
stop
[[ $(wc -l <findings.jsonl) = "$written" ]] || fail "$(wc -l <findings.jsonl) of $written findings arrived"
# in the order in which the engine wrote them
sed -n 's/.*"sequence":\([0-9]*\).*/\1/p' findings.jsonl >order
[[ -s order ]] || fail "nothing was found"
awk '$1 != NR { print "document " $1 " came as number " NR; bad = 1 } END { exit bad }' order || exit 1
no_complaints
