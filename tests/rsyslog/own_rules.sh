#!/bin/bash
# Rules of one's own in rsyslogd: the text of lines that no rulebase takes, what HUP changes, and what it keeps.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

rules() { # COUNT
    cat <<Y
rules:
  - {id: guessed, match: {message|re: "prog\\\\[\\\\d+\\\\]: no luck for (\\\\S+)"}, by: [match1], count: $1, window: 10m}
  - {id: first, match: {message|contains: "first of all"}, count: 1}
Y
}
rules 5 >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" policy=\"$WORK/policy.yaml\""
    conf_port lines
} >rsyslog.conf
start
fed=0
say() { # N USER: N lines
    for ((i = 0; i < $1; i++)); do
        printf '<13>Oct 12 08:00:%02d srv1 prog[%d]: no luck for %s\n' $((fed % 60)) $((100 + fed)) "$2"
        fed=$((fed + 1))
    done >log
    send lines log
    stat_becomes "omfirewatch(site)" lines_received $fed
}

# 1. lines that nobody understands are looked at; four are too few
say 4 amy
stat_becomes "omfirewatch(site)" lines_unparsed 4
stat_becomes "omfirewatch(site)" findings_opened 0

# 2. broken rules: told with their place, and the old ones go on
printf 'rules:\n  - {id: guessed, match: {mesage: x}, count: 1}\n' >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_refused 1
wait_for 5 grep -qF "$WORK/policy.yaml:2:" internal || fail "the place was not told"
grep -qF 'did you mean "message"?' internal || fail "the nearest name was not told"
say 1 amy
wait_for 5 grep -q "guessed open: amy: guessed: 5 in 4 s" findings.txt || fail "found: $(cat findings.txt)"

# 3. another rule beside it: what this one counted is kept
say 3 bob
{
    rules 5
    echo '  - {id: other, match: {message|contains: "no luck for bob"}, count: 1}'
} >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_done 3 # the policy, and twice the rulebase
say 2 bob
wait_for 5 grep -q "guessed open: bob: guessed: 5 in" findings.txt || fail "found: $(cat findings.txt)"
wait_for 5 grep -q "other open: other" findings.txt || fail "the new rule found nothing: $(cat findings.txt)"

# 4. another threshold is another rule: it begins anew
rules 2 >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_done 5
say 1 carol
say 1 carol
wait_for 5 grep -q "guessed open: carol: guessed: 2 in" findings.txt || fail "found: $(cat findings.txt)"
stop
