#!/bin/bash
# Every case, cut in two runs that hand over their state: findings and counters are those of the whole.
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
failed=0
fail() {
    printf '%s\n' "$*"
    failed=1
}
for case in "$TOP"/tests/replay/*/; do
    name=$(basename "$case")
    # the year of its stamps is told by how they run on within one file
    [[ $name != time_old_log ]] || continue
    cat "$case"/input*.log | grep -av '^$' >whole.log
    args=(--max-memory 64MiB --reference 2026-10-12T08:00:00Z -r "$TOP/rulebase/firewatch.rulebase")
    # not --until-quiet: the first part must not end before the second begins
    [[ ! -f $case/args ]] || read -r -a own < <(sed 's/--until-quiet//' "$case/args")
    [[ ! -f $case/args ]] || args+=("${own[@]}")
    TZ=UTC
    [[ ! -f $case/tz ]] || TZ=$(<"$case/tz")
    export TZ
    [[ ! -f $case/rules.rulebase ]] || args+=(-r "$case/rules.rulebase")
    [[ ! -f $case/policy.yaml ]] || args+=(-p "$case/policy.yaml")
    lines=$(wc -l <whole.log)
    # the whole as well leaves a state, so that both end alike: what waits for an answer goes on waiting
    rm -f other other.journal
    "$FIREWATCH" replay --stats --state other "${args[@]}" whole.log >expected 2>expected.stats ||
        fail "$name: $(cat expected.stats)"
    for cut in $((lines / 3)) $((lines - 1)); do
        rm -f state state.journal
        head -n "$cut" whole.log >first.log
        tail -n "+$((cut + 1))" whole.log >second.log
        "$FIREWATCH" replay --state state "${args[@]}" first.log >got 2>said || fail "$name: $(cat said)"
        "$FIREWATCH" replay --stats --state state "${args[@]}" second.log >>got 2>got.stats ||
            fail "$name: $(cat got.stats)"
        cmp expected got || fail "$name, cut after line $cut of $lines: other findings"
        cmp expected.stats got.stats || fail "$name, cut after line $cut of $lines: other counts"
    done
done
exit $failed
