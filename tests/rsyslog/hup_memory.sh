#!/bin/bash
# HUP: a detector that was off, and another limit of memory, without a restart; what was counted stays counted, findings
# stay open. A refused policy is told in the ruleset of the findings as well.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

printf 'detectors:\n  addr_scan: {remote_threshold: 25}\n  mass_mail: {enabled: no}\n' >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" policy=\"$WORK/policy.yaml\""
    conf_port lines
} >rsyslog.conf
start
fed=0
feed() {
    send lines log
    fed=$((fed + $(wc -l <log)))
    stat_becomes "omfirewatch(site)" lines_received $fed
}
mail_lines() { # N SECOND: so many mail servers
    scan_lines "$1" 10.1.9.9 "$2" | sed 's/DPT=445/DPT=25/'
}

# 1. a finding is open, and another source has tried 20 of 25 addresses
scan_lines 30 >log
feed
stat_becomes "omfirewatch(site)" findings_opened 1
scan_lines 20 192.0.2.24 40 >log
feed

# 2. the detector that was off, and other memory
printf 'limits:\n  max_memory: 64MiB\ndetectors:\n  addr_scan: {remote_threshold: 25}\n' >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_done 2 # the policy, and the rules
stat_is "omfirewatch(site)" lines_received $fed || fail "the counters began anew"
stat_is "omfirewatch(site)" findings_held 1 || fail "the open finding is gone"

# 3. five more addresses are enough for the second source, and the first is not told again
scan_lines 25 192.0.2.24 60 | tail -n 5 >log
feed
stat_becomes "omfirewatch(site)" findings_opened 2
scan_lines 35 192.0.2.23 62 | tail -n 5 >log
feed
stat_becomes "omfirewatch(site)" findings_opened 2
grep -q 'addr_scan open: 192.0.2.24 tried 25 hosts' findings.txt || fail "found: $(cat findings.txt)"

# 4. the detector that was off finds
mail_lines 12 110 >log
feed
wait_for 10 grep -q 'mass_mail open: 10.1.9.9' findings.txt || fail "mass_mail does not run: $(cat findings.txt)"

# 5. a broken policy is told once where findings are
printf 'detectors:\n  addr_scan: {remote_treshold: 10}\n' >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_refused 1
wait_for 10 grep -q 'engine site goes on with the policy it has' findings.txt || fail "not told: $(cat findings.txt)"
sleep 1
[[ $(grep -c 'goes on with the policy' findings.txt) = 1 ]] || fail "told more than once: $(cat findings.txt)"
stop
