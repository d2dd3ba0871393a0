#!/bin/bash
# Every case of tests/replay gives in rsyslogd the findings and the counters it gives in a replay.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

# the rules that the cases need: each engine has parsers of its own, and all rules take half a second to load
{
    echo version=2
    for part in netfilter/netfilter cisco/asa juniper/netscreen openssh/sshd snort/snort squid/squid; do
        echo "include=$TOP/rulebase/$part.rulebase"
    done
} >some.rulebase
RULES=$WORK/some.rulebase
names=()
{
    conf_begin imfile
    conf_stats
    for case in "$TOP"/tests/replay/*/; do
        name=$(basename "$case")
        # stamps without a year or zone are judged by when they come, and where
        ! grep -qs -- --reference "$case/args" && [[ ! -f $case/tz ]] || continue
        names+=("$name")
        # imfile hands over no empty lines, and joins no lines of several files
        cat "$case"/input*.log | grep -av '^$' >"$name.log"
        args=(-r "$RULES")
        action="ruleset=\"$name-findings\" engine=\"$name\" rulebase=\"$RULES\" idleTimeout=\"0\" maxMemory=\"64m\""
        [[ ! -f $case/rules.rulebase ]] || args=(-r "$case/rules.rulebase")
        action=${action/"$RULES"/"${args[1]}"}
        if [[ -f $case/policy.yaml ]]; then
            args+=(-p "$case/policy.yaml")
            action+=" policy=\"$case/policy.yaml\""
        fi
        # with a state, as the module: what waits for an answer at the end goes on waiting
        "$FIREWATCH" replay --stats --state "$name.state" "${args[@]}" "$name.log" >"$name.replayed" 2>"$name.stats"
        conf_findings "$name-findings"
        echo "ruleset(name=\"$name\" queue.type=\"Direct\") { action(type=\"omfirewatch\" $action) }"
        conf_file "$name" "$WORK/$name.log"
    done
} >rsyslog.conf
start
# counters as one line for each; the seed decides nothing but the order within a table
counters() {
    grep -o '"[a-z_]*": *[0-9][0-9]*' | tr -d '" ' | grep -v '^documents_injected\|^inject_failed\|^journal_\|^state_' | sort
}
for name in "${names[@]}"; do
    stat_becomes "omfirewatch($name)" lines_received "$(wc -l <"$name.log")"
done
sleep 1.2 # the figures of all engines after that
for name in "${names[@]}"; do
    head -n 1 "$name.stats" | sed 's/,"detectors".*//' | counters >expected
    grep -F "\"omfirewatch($name)\"" stats | tail -n 1 | sed 's/, "[a-z_]*\.held".*//' | counters >got
    [[ -s expected ]] || fail "the replay of $name has no counters"
    # what is counted, not how it came to be
    diff expected got >diff.counters || fail "the counters of $name differ: $(cat diff.counters)"
    [[ $(stat_of "omfirewatch($name)" inject_failed) = 0 ]] || fail "$name: findings were not injected"
    stat_is "omfirewatch($name)" documents_injected "$(wc -l <"$name.replayed")" ||
        fail "$name: $(stat_of "omfirewatch($name)" documents_injected) documents injected"
done
stop
for name in "${names[@]}"; do
    touch "$name-findings.jsonl" # it is not there when nothing was found
    same_findings "$name-findings.jsonl" "$name.replayed"
done
no_complaints
