#!/bin/bash
# AddressSanitizer and UBSan over the units, the replay cases, the command and the fuzz corpora.
# slow
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

fuzz_corpus() {
    local name=$1
    local program=$asan/tests/fuzz/$name corpus=$TOP/tests/fuzz/corpus/${name#fuzz_}
    [[ -d $corpus ]] || { echo "no corpus in $corpus"; return 1; }
    "$program" "$corpus"
}
fuzz_test() {
    local name
    name=$(basename "$1" .c)
    check "$name" fuzz_corpus "$name"
}

cli_test() {
    # few rules: what they do is the replay cases' matter, and to load them all takes a sanitizer seconds
    check "asan_cli_$(basename "$1" .sh)" env FIREWATCH="$asan/firewatch" \
        RULES="$TOP/rulebase/netfilter/netfilter.rulebase" "$1"
}

FW_ONLY_SAVED=$FW_ONLY FW_ONLY='*'
asan=$BUILD/address-undefined
check build_with_asan_ubsan sanitizer_build address,undefined || exit 1
FW_ONLY=$FW_ONLY_SAVED
unit_tests "$asan" asan_
if [[ -x $asan/firewatch ]]; then
    CUTS=1 replay_tests "$asan/firewatch" asan_
    # flood measures how much memory is taken: the sanitizer takes more
    mapfile -t list < <(cases "$TOP"/tests/cli/*.sh | grep -v '/lib\.sh$\|/flood\.sh$')
    each cli_test "${list[@]}"
fi
mapfile -t list < <(cases "$TOP"/tests/fuzz/fuzz_*.c)
each fuzz_test "${list[@]}"
