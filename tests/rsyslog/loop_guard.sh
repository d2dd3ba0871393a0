#!/bin/bash
# A finding never enters an engine again, wherever the configuration sends it; and it looks as documented.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

{
    conf_begin imptcp
    conf_stats
    cat <<CONF
template(name="all" type="string" string="%inputname%|%syslogtag%|%programname%|%syslogfacility-text%|%syslogseverity%|%hostname%|%fromhost-ip%|%\$!event!kind%|%msg%|%rawmsg%\n")
ruleset(name="findings" $QUEUE) {
    action(type="omfile" file="$WORK/all" template="all")
    action(type="omfirewatch" ruleset="last" engine="again" rulebase="$RULES" idleTimeout="0")
    call back
}
ruleset(name="back" $QUEUE) {
    action(type="omfirewatch" ruleset="last" engine="again" rulebase="$RULES" idleTimeout="0")
}
CONF
    conf_findings last
    conf_lines lines 'queue.type="Direct"' 'ruleset="findings" tag="fw-test:" facility="local3"'
    conf_port lines
} >rsyslog.conf
scan_lines 30 >log
start
send lines log
passed lines 30
stat_becomes omfirewatch messages_guarded 2
stat_becomes "omfirewatch(again)" lines_received 0
stop
IFS='|' read -r input tag program facility severity host address kind msg raw <all
want="omfirewatch fw-test: fw-test local3 127.0.0.1 alert"
[[ "$input $tag $program $facility $address $kind" = "$want" ]] || fail "a finding is: $(cat all)"
[[ $severity -ge 1 && $severity -le 5 ]] || fail "its severity is $severity"
[[ $host = "$(hostname -s)" ]] || fail "it comes from $host"
[[ $msg = "addr_scan open: 192.0.2.23 tried 25 hosts on tcp/445"* && $raw = "$msg" ]] || fail "it says: $msg, raw $raw"
no_complaints
