#!/bin/bash
# A sender that reconnects sends again what it does not know to have arrived: what is found is as if it had come once.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

scan_lines 60 >whole
head -n 40 whole >first
tail -n +21 whole >again # lines 21 to 40 come twice

{
    conf_begin imptcp
    conf_stats
    conf_lines lines "$QUEUE" 'engine="site" ruleset="findings"'
    conf_findings findings
    conf_port lines
} >rsyslog.conf
start
send lines first || fail "no connection"
passed lines 40
send lines again || fail "no second connection"
passed lines 80
stat_becomes "omfirewatch(site)" lines_repeated 20
stop
replay whole >replayed
same_findings findings.jsonl replayed
no_complaints
