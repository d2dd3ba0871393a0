#!/bin/bash
# Several rulesets feed one engine; two engines know nothing of each other.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

# a scan of 48 addresses, every other line by another ruleset: 24 are too few for each alone
scan_lines 48 >log
awk 'NR % 2' log >odd
awk 'NR % 2 == 0' log >even
printf 'detectors:\n  addr_scan: {remote_threshold: 25}\n' >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_findings one
    conf_findings two
    conf_lines a 'queue.type="Direct"' "ruleset=\"one\" engine=\"shared\" policy=\"$WORK/policy.yaml\""
    conf_lines b "$QUEUE" 'ruleset="one" engine="shared"'
    conf_lines c 'queue.type="Direct"' 'ruleset="two" engine="c"'
    conf_lines d 'queue.type="Direct"' 'ruleset="two" engine="d"'
    for name in a b c d; do
        conf_port $name
    done
} | sed '/^ruleset(name="one"/,/^}/d' >rsyslog.conf
conf_findings one >>rsyslog.conf # after b, which feeds it from a queue
start
for name in a b c d; do
    case $name in a | c) send $name odd ;; *) send $name even ;; esac
    passed $name 24
done
stat_becomes omfirewatch engines_held 3
stat_becomes "omfirewatch(shared)" events_observed 48
stat_becomes "omfirewatch(shared)" findings_opened 1
stat_becomes "omfirewatch(c)" events_observed 24
stat_becomes "omfirewatch(d)" events_observed 24
stat_becomes "omfirewatch(d)" findings_opened 0
stop
grep -q '^firewatch: warning local0 addr_scan open: 192.0.2.23 tried 25 hosts' one.txt || fail "found: $(cat one.txt)"
[[ ! -s two.jsonl ]] || fail "two engines found together: $(cat two.txt)"
no_complaints
