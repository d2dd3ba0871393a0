#!/bin/bash
# A finding closes by itself when no more lines come, and time does not pass while the engine is told not to.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

# Quiet is 60 s here. A last event by someone else moves the clock to 2 s before that is over, seen from the
# watermark, which is 30 s back; idleTimeout and 2 s later the finding has ended.
printf 'detectors:\n  addr_scan: {window: 60}\n' >policy.yaml
scan_lines 30 >log
scan_lines 1 10.1.9.9 $((29 + 60 + 30 - 2)) >>log
{
    conf_begin imptcp
    conf_stats
    for name in passes stands; do
        conf_findings $name-findings
        conf_port $name
    done
    cat <<CONF
ruleset(name="passes" queue.type="Direct") {
    action(type="omfirewatch" engine="passes" ruleset="passes-findings" rulebase="$RULES" policy="$WORK/policy.yaml" idleTimeout="1")
}
CONF
    conf_lines stands 'queue.type="Direct"' "engine=\"stands\" ruleset=\"stands-findings\" policy=\"$WORK/policy.yaml\""
} >rsyslog.conf
start
sleep 1.5 # without any event yet: nothing to pass
send passes log
send stands log
wait_for 10 has_lines passes-findings.txt 2 || fail "it does not close: $(cat passes-findings.txt)"
stat_becomes "omfirewatch(passes)" findings_closed 1
stat_becomes "omfirewatch(stands)" findings_closed 0
stop
[[ $(tail -n 1 passes-findings.txt) = *"addr_scan close: 192.0.2.23"* ]] || fail "found: $(cat passes-findings.txt)"
[[ $(wc -l <stands-findings.txt) = 1 ]] || fail "time passed: $(cat stands-findings.txt)"
no_complaints
