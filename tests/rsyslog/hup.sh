#!/bin/bash
# HUP: a good policy and good rules take over, state stays; bad ones are told once and the old ones stay.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

printf 'detectors:\n  addr_scan: {remote_threshold: 25}\n' >policy.yaml
cp -r "$(dirname "$RULES")" rules
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    for name in lines more; do
        conf_lines $name 'queue.type="Direct"' "ruleset=\"findings\" policy=\"$WORK/policy.yaml\""
        conf_port $name
    done
} | sed "s,$RULES,$WORK/rules/firewatch.rulebase," >rsyslog.conf
start
feed() { # NAME FILE
    : "${fed:=0}"
    send "$1" "$2"
    fed=$((fed + $(wc -l <"$2")))
    stat_becomes "omfirewatch(site)" lines_received $fed
}
told() {
    grep -cF "$1" internal
}

# 1. 20 addresses are too few
scan_lines 20 >log
feed lines log
stat_becomes "omfirewatch(site)" findings_opened 0

# 2. a broken policy: told, refused, and still too few
printf 'detectors:\n  addr_scan: {remote_treshold: 10}\n' >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_refused 1
wait_for 5 grep -qF 'engine "site" goes on with the policy it has' internal || fail "nothing was said"
grep -qF "$WORK/policy.yaml:2:" internal || fail "the place was not told"
[[ $(told 'goes on with the policy it has') = 1 ]] || fail "told more than once"
scan_lines 20 192.0.2.24 100 >log
feed more log
stat_becomes "omfirewatch(site)" findings_opened 0

# 3. a good one: the next address of the first source is the 21st, and found because what it did before is known
printf 'detectors:\n  addr_scan: {remote_threshold: 21}\n' >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_done 3 # the policy, and twice the rules
scan_lines 21 192.0.2.23 101 | tail -n 1 >log
feed lines log
stat_becomes "omfirewatch(site)" findings_opened 1
grep -q "192.0.2.23 tried 21 hosts" findings.txt || fail "found: $(cat findings.txt)"

# 4. broken rules: told, and lines are read as before
cp -r rules rules.good
echo 'rule=flow:%src:no-such-type%' >>rules/firewatch.rulebase
rsyslog_hup
stat_becomes omfirewatch reloads_refused 2
grep -qF "the rules of $WORK/rules/firewatch.rulebase stay as they were" internal || fail "nothing was said"
scan_lines 1 192.0.2.25 130 >log
feed lines log
stat_becomes "omfirewatch(site)" lines_unparsed 0

# 5. the rules are gone
rm -rf rules
rsyslog_hup
stat_becomes omfirewatch reloads_refused 3
scan_lines 1 192.0.2.26 131 >log
feed lines log
stat_becomes "omfirewatch(site)" lines_unparsed 0

# 6. other rules, good ones that know nothing of netfilter: every worker turns to them
mkdir rules
printf 'version=2\nrule=ignore:nothing of interest\n' >rules/firewatch.rulebase
rsyslog_hup
stat_becomes omfirewatch reloads_done 7
scan_lines 1 192.0.2.27 132 >log
feed lines log
feed more log
stat_becomes "omfirewatch(site)" lines_unparsed 2

# 7. and back
rm -rf rules
mv rules.good rules
rsyslog_hup
stat_becomes omfirewatch reloads_done 9
feed lines log
stat_becomes "omfirewatch(site)" lines_unparsed 2
stop
