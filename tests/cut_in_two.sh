#!/bin/bash
# cut_in_two.sh CASE: a replay case in two runs that hand over their state. Findings and counters are those of the whole.
# CUTS: one cut instead of two, where time is dear.
set -u
case=$1
name=$(basename "$case")
# the year of its stamps is told by how they run on within one file
[[ $name != time_old_log ]] || { echo "its stamps must run on within one file"; exit 77; }
failed=0
fail() {
    printf '%s\n' "$*"
    failed=1
}
cat "$case"/input*.log | grep -av '^$' >whole.log
args=(--max-memory 64MiB --reference 2026-10-12T08:00:00Z -r "$TOP/rulebase/firewatch.rulebase")
# not --until-quiet: the first part must not end before the second begins
[[ ! -f $case/args ]] || read -r -a own < <(sed 's/--until-quiet//' "$case/args")
[[ ! -f $case/args ]] || args+=("${own[@]}")
export TZ=UTC
[[ ! -f $case/tz ]] || TZ=$(<"$case/tz")
[[ ! -f $case/rules.rulebase ]] || args+=(-r "$case/rules.rulebase")
[[ ! -f $case/policy.yaml ]] || args+=(-p "$case/policy.yaml")
lines=$(wc -l <whole.log)
# the whole as well leaves a state, so that both end alike: what waits for an answer goes on waiting
"$FIREWATCH" replay --stats --state other "${args[@]}" whole.log >expected 2>expected.stats ||
    fail "$(cat expected.stats)"
cuts=($((lines / 3)) $((lines - 1)))
for cut in "${cuts[@]:0:${CUTS:-2}}"; do
    rm -f state state.journal
    head -n "$cut" whole.log >first.log
    tail -n "+$((cut + 1))" whole.log >second.log
    "$FIREWATCH" replay --state state "${args[@]}" first.log >got 2>said || fail "$(cat said)"
    "$FIREWATCH" replay --stats --state state "${args[@]}" second.log >>got 2>got.stats || fail "$(cat got.stats)"
    cmp expected got || fail "cut after line $cut of $lines: other findings"
    cmp expected.stats got.stats || fail "cut after line $cut of $lines: other counts"
done
exit $failed
