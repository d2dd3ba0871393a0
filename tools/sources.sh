#!/bin/sh
# Lists the tree for Makefile.am: writes sources.mk, or with --check only tells
# whether it is in step (exit 1 when it is not). Nobody edits sources.mk.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

# files DIR [FIND-TEST...]: what is right inside DIR
files() {
    dir=$1
    shift
    [ ! -d "$dir" ] || find "$dir" -maxdepth 1 -type f "$@" | sort
}
# variable NAME: one make variable of the names on stdin
variable() {
    printf '\n%s =' "$1"
    while read -r name; do printf ' \\\n    %s' "$name"; done
    echo
}

generate() {
    p=plugins/omfirewatch
    echo "# Made by tools/sources.sh from the tree; ./autogen.sh runs it."
    files $p/core -name '*.[ch]' -o -name '*.def' | variable FW_CORE_SOURCES
    files $p/detect -name '*.[ch]' -o -name '*.def' | variable FW_DETECT_SOURCES
    files $p/parse -name '*.[ch]' -o -name '*.def' | variable FW_PARSE_SOURCES
    files $p/rules -name '*.[ch]' | variable FW_RULES_SOURCES
    files $p/policy -name '*.[ch]' -o -name '*.def' | variable FW_POLICY_SOURCES
    files $p/host -name '*.[ch]' | variable FW_HOST_SOURCES
    files $p/store -name '*.[ch]' | variable FW_STORE_SOURCES
    files $p/cli -name '*.[ch]' -o -name '*.def' | variable FW_CLI_SOURCES
    files $p -name '*.[ch]' | variable FW_GLUE_SOURCES

    # one program for each tests/unit/test_*.c; the other files there are shared by all of them
    files tests/unit -name 'test_*.c' | sed 's/\.c$//' | variable FW_UNIT_TESTS
    files tests/unit -name '*.[ch]' ! -name 'test_*.c' | variable FW_UNIT_SHARED
    # what the programs of tests/bench share
    files tests/bench -name '*.[ch]' ! -name generate.c ! -name detect.c ! -name flood.c ! -name parse.c ! -name own_rules.c | variable FW_BENCH_SHARED
    # the generated office; it uses what benchmarks share
    files tests/detection -name '*.[ch]' | variable FW_OFFICE_SOURCES
    # one program for each tests/fuzz/fuzz_*.c
    files tests/fuzz -name 'fuzz_*.c' | sed 's/\.c$//' | variable FW_FUZZ_TESTS
    files tests/fuzz -name 'fuzz_*.c' | while read -r fuzz; do
        name=$(echo "${fuzz%.c}" | tr -c 'a-zA-Z0-9\n' _)
        echo "${name}_SOURCES = $fuzz \$(FW_FUZZ_MAIN)"
        echo "${name}_LDFLAGS = \$(AM_LDFLAGS) \$(FUZZ_LDFLAGS)"
    done

    # installed beside the programs
    for dir in rulebase rulebase/*/; do files "${dir%/}" -name '*.rulebase'; done | variable FW_RULEBASES
    files lists -name '*.yaml' | variable FW_LISTS
    files schema -name '*.json' | variable FW_SCHEMAS
    for dir in doc doc/man; do files $dir -name '*.[1578]'; done | variable FW_MANS
}

new=$(generate)
if [ "${1-}" = --check ]; then
    if [ "$new" != "$(cat sources.mk)" ]; then
        printf '%s\n' "$new" | diff sources.mk - >&2 || :
        echo "sources.mk is not in step with the tree: run ./autogen.sh and commit sources.mk" >&2
        exit 1
    fi
elif [ ! -f sources.mk ] || [ "$new" != "$(cat sources.mk)" ]; then
    printf '%s\n' "$new" >sources.mk
    echo "sources.mk: brought in step with the tree"
fi
