#!/bin/bash
# Builds in ./build and runs the tests; the last line is their sum.
#
#   tests/run.sh [OPTION...] [STAGE[/TEST]...]
#
#   -q, --quick    only the stages that take seconds
#   -k, --keep     keep what the tests left in their directories
#   -a, --accept   write the expected output of the replay cases anew
#   -l, --list     name the stages
#   --no-install   do not look for missing packages
#
# STAGE is a name from --list, TEST a name or a glob: tests/run.sh unit replay/scan*
# Missing Debian packages are installed first (tools/install-deps.sh), as root or
# through sudo; a plain user can run it where nothing is missing. Another build
# directory: BUILD=DIR tests/run.sh. An rsyslog source tree that is at hand:
# RSYSLOG_SRC=DIR tests/run.sh. Another rsyslogd than the installed one, with its
# source: RSYSLOG_SRC=DIR RSYSLOGD=PROGRAM BUILD=DIR tests/run.sh rsyslog.
# Exit status 0: nothing failed.

usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
}

install=true
show_list=false
wanted=()
while [[ $# -gt 0 ]]; do
    case $1 in
    -q | --quick) FW_QUICK=1 ;;
    -k | --keep) FW_KEEP=1 ;;
    -a | --accept) FW_ACCEPT=1 ;;
    -l | --list) show_list=true ;;
    --no-install) install=false ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) wanted+=("$1") ;;
    esac
    shift
done

FW_RSYSLOGD=${RSYSLOGD-} # what was asked for, before lib.sh looks for one
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
mapfile -t stages < <(cases "$TOP"/tests/[0-9][0-9]-*.sh)
stage_name() {
    basename "$1" .sh | sed 's/^[0-9]*-//'
}
if $show_list; then
    for stage in "${stages[@]}"; do
        printf '%-12s %s\n' "$(stage_name "$stage")" "$(sed -n '2s/^# //p' "$stage")"
    done
    exit 0
fi
for want in "${wanted[@]}"; do
    cases "$TOP"/tests/[0-9][0-9]-"${want%%/*}".sh | grep -q . || {
        echo "there is no stage ${want%%/*}; tests/run.sh --list names them" >&2
        exit 2
    }
done

if $install; then
    "$TOP/tools/install-deps.sh" --tests || exit 1
fi

# One run at a time in one build directory. Stages do not inherit the lock.
mkdir -p "$BUILD"
exec 9>"$BUILD/.lock"
flock -n 9 || {
    echo "waiting for another run in $BUILD" >&2
    flock 9
}
FW_WORK=$(mktemp -d "${TMPDIR:-/tmp}/fw-tests.XXXXXX")
passed=0 failed=0 skipped=0 failures=()
begun=$SECONDS

# count STAGE: shows the lines of stdin and counts them. "@exit N" is how the stage ended: one that
# failed without saying which test it was counts as a failed test itself.
count() {
    local line before=$failed
    while IFS= read -r line; do
        if [[ $line = '@exit '* ]]; then
            ((failed == before)) || continue
            line="FAIL $1 (the stage itself, status ${line#@exit })"
        fi
        printf '%s\n' "$line"
        case $line in
        'ok '*) passed=$((passed + 1)) ;;
        'skip '*) skipped=$((skipped + 1)) ;;
        'FAIL '*)
            failed=$((failed + 1))
            failures+=("$1: ${line#FAIL }")
            ;;
        esac
    done
}
finish() {
    echo
    ((${#failures[@]})) && printf 'FAIL %s\n' "${failures[@]}"
    if ((failed == 0)) && [[ ${FW_KEEP:-0} != 1 ]]; then
        rm -rf "$FW_WORK"
    else
        echo "left in $FW_WORK"
    fi
    echo "took $((SECONDS - begun)) s"
    if ((skipped)); then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    exit $((failed != 0))
}

# shellcheck disable=SC2317 # called through check
build_all() {
    cd "$TOP" || return 1
    [[ -x configure ]] || autoreconf --install || return 1
    local source=${RSYSLOG_SRC-}
    if [[ -z $source ]]; then
        source=$BUILD/rsyslog-src
        tools/get-rsyslog-src.sh "$source" || return 1
    fi
    configured "$BUILD" --with-rsyslog-src="$source" ${FW_RSYSLOGD:+--with-rsyslogd="$FW_RSYSLOGD"} && make -C "$BUILD" -s -k -j"$FW_JOBS" all
}
FW_ONLY='*' FW_TIMEOUT=1800
echo "== build"
count build < <(check build build_all 9>&-)
if ((failed)); then
    finish
fi
count build < <(check build_tests make -C "$BUILD" -s -k -j"$FW_JOBS" check-programs 9>&-)
FW_TIMEOUT=600

for stage in "${stages[@]}"; do
    name=$(stage_name "$stage")
    tests=()
    for want in "${wanted[@]}"; do
        [[ ${want%%/*} = "$name" ]] || continue
        [[ $want = */* ]] && tests+=("${want#*/}") || tests+=('*')
    done
    if ((${#wanted[@]})); then
        ((${#tests[@]})) || continue
    elif [[ $FW_QUICK = 1 ]] && grep -q '^# slow' "$stage"; then
        continue
    else
        tests=('*')
    fi
    echo "== $name"
    for FW_ONLY in "${tests[@]}"; do
        count "$name" < <("$stage" 9>&- 2>&1 || echo "@exit $?")
    done
done
finish
