# shellcheck shell=bash
# lib.sh: what the stages and the cases share. Bash; sourced, not run.
#
# A stage is an executable tests/NN-NAME.sh. It calls `check NAME COMMAND...`
# for each of its tests; a command that exits with 77 is a skipped test, and its
# last line of output says why. Where a stage finds cases (replay, rsyslog, ...)
# a new case is picked up by being there.
#
# Set for stages and cases:
#   TOP        the source tree
#   BUILD      the build directory; MODULE and FIREWATCH are in it
#   WORK       a directory of its own for each test, empty; removed afterwards
#   FW_ONLY    a glob; tests whose name does not match are left out
#   FW_QUICK   1: only what takes seconds
#   FW_ACCEPT  1: write expected output instead of comparing it

set -u
set -a # functions too: every test runs in a bash of its own
TOP=${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
BUILD=${BUILD:-$TOP/build}
export SRCDIR=$TOP
FIREWATCH_LISTS=${FIREWATCH_LISTS:-$TOP/lists}
FW_WORK=${FW_WORK:-$BUILD/tests.tmp}
MODULE=${MODULE:-$BUILD/.libs/omfirewatch.so}
FIREWATCH=${FIREWATCH:-$BUILD/firewatch}
# the rsyslogd that was configured for (--with-rsyslogd), or the installed one
RSYSLOGD=${RSYSLOGD:-$(sed -n 's/^RSYSLOGD = //p' "$BUILD/Makefile" 2>/dev/null)}
RSYSLOGD=${RSYSLOGD:-$(PATH=$PATH:/usr/sbin:/sbin command -v rsyslogd || :)}
FW_JOBS=${FW_JOBS:-$(nproc)}
FW_ONLY=${FW_ONLY:-*}
FW_QUICK=${FW_QUICK:-0}
FW_ACCEPT=${FW_ACCEPT:-0}
FW_TIMEOUT=${FW_TIMEOUT:-600} # seconds that one test may take
LC_ALL=C.UTF-8
TZ=UTC
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:strict_string_checks=1}
UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$TOP/tests/lsan.supp:print_suppressions=0}
TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}

# skip REASON: ends a test (a function in a subshell, or a case's script) as skipped
skip() {
    printf '%s\n' "$*"
    exit 77
}

# check NAME COMMAND...: one test, one line. The command may be a function; it runs in a bash of its own.
check() {
    local name=$1 rc start work log
    shift
    # shellcheck disable=SC2053 # a glob
    [[ $name == $FW_ONLY ]] || return 0
    work=$FW_WORK/${name//[^A-Za-z0-9._-]/_}
    log=$work.log
    rm -rf "$work"
    mkdir -p "$work"
    start=$EPOCHREALTIME
    (cd "$work" && WORK=$work exec timeout --kill-after=10 "$FW_TIMEOUT" bash -uc '"$@"' "$name" "$@") \
        >"$log" 2>&1 </dev/null
    rc=$?
    case $rc in
    0) printf 'ok %s (%s s)\n' "$name" "$(fw_since "$start")" ;;
    77) printf 'skip %s: %s\n' "$name" "$(tail -n 1 "$log")" ;;
    *)
        [[ $rc != 124 ]] || echo "took longer than $FW_TIMEOUT s" >>"$log"
        # one printf, so that tests running side by side do not mix their lines
        printf 'FAIL %s (%s s)\n%s\n    exit %s; everything it said: %s\n' "$name" "$(fw_since "$start")" \
            "$(tail -n 40 "$log" | sed 's/^/    /')" "$rc" "$log"
        return 1
        ;;
    esac
    [[ ${FW_KEEP:-0} = 1 ]] || rm -rf "$work" "$log"
}

fw_since() {
    awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'
}

# each FUNCTION CASE...: `FUNCTION CASE` for every case, side by side on all cores.
# The function calls check.
each() {
    local run=$1 case
    shift
    for case in "$@"; do
        while (($(jobs -rp | wc -l) >= FW_JOBS)); do
            wait -n
        done
        "$run" "$case" &
    done
    wait
}

# cases GLOB...: the files that are there, sorted
cases() {
    local file
    for file in "$@"; do
        [[ -e $file ]] && printf '%s\n' "$file"
    done | sort
}

# configured DIR CONFIGURE-OPTION...: a build directory; configured when its options or configure changed
configured() {
    local dir=$1 options
    shift
    options=$(printf '%q ' "$@")
    mkdir -p "$dir"
    if [[ ! -f $dir/Makefile || "$(cat "$dir/.options" 2>/dev/null)" != "$options" ]]; then
        (cd "$dir" && "$TOP/configure" --quiet "$@") || return 1
        printf '%s' "$options" >"$dir/.options"
    fi
}
# built DIR: everything, with the programs of the tests
built() {
    make -C "$1" -s -k -j"$FW_JOBS" all && make -C "$1" -s -k -j"$FW_JOBS" check-programs
}

# --- the tests that more than one stage runs, over the programs of a build directory ---

# unit_tests DIR [LABEL]
unit_tests() {
    local dir=$1 label=${2-} list
    unit_test() {
        local name
        name=$(basename "$1" .c)
        # shellcheck disable=SC2086 # FW_RUNNER: a command with its options, or nothing
        check "$label$name" ${FW_RUNNER-} "$dir/tests/unit/$name"
    }
    mapfile -t list < <(cases "$TOP"/tests/unit/test_*.c)
    each unit_test "${list[@]}"
}

# replay_tests FIREWATCH [LABEL]: every directory tests/replay/NAME, whole and cut in two, and every executable
# tests/replay/NAME.sh.
# In a directory: input* (.log, .gz, .xz, in this order the arguments), expected.json (what `firewatch replay` prints),
# and where it needs them policy.yaml, args (more options, one line), tz (the machine's zone) and rules.rulebase (else
# the whole rulebase).
replay_tests() {
    local label=${2-} list
    export FIREWATCH=$1
    replay_test() {
        if [[ -d $1 ]]; then
            check "$label$(basename "$1")" replay_case "$1"
            [[ $FW_ACCEPT = 1 ]] || check "${label}cut_$(basename "$1")" "$TOP/tests/cut_in_two.sh" "$1"
        else
            check "$label$(basename "$1" .sh)" "$1"
        fi
    }
    mapfile -t list < <(cases "$TOP"/tests/replay/*/ "$TOP"/tests/replay/*.sh)
    each replay_test "${list[@]%/}"
}
replay_case() {
    local case=$1 args=() inputs options tz=UTC rules=$TOP/rulebase/firewatch.rulebase
    mapfile -t inputs < <(cases "$case"/input*)
    [[ ${#inputs[@]} -gt 0 ]] || { echo "$case has no input file"; return 1; }
    [[ -f $case/policy.yaml ]] && args+=(-p "$case/policy.yaml")
    if [[ -f $case/args ]]; then
        read -r -a options <"$case/args"
        args+=("${options[@]}")
    fi
    [[ -f $case/tz ]] && read -r tz <"$case/tz"
    [[ -f $case/rules.rulebase ]] && rules=$case/rules.rulebase
    TZ=$tz "$FIREWATCH" replay --stats -r "$rules" "${args[@]}" "${inputs[@]}" >out 2>stats || { cat stats; return 1; }
    "$TOP/tests/counters.py" <stats >counters || return 1
    same_as "$case/expected.json" out && same_as "$case/expected.counters" counters
}

# same_as EXPECTED GOT: with FW_ACCEPT=1 what was got becomes what is expected
same_as() {
    if [[ $FW_ACCEPT = 1 ]]; then
        cmp -s "$2" "$1" || { cp "$2" "$1" && echo "written: $1"; }
        return
    fi
    [[ -f $1 ]] || { echo "there is no $1; look at what comes out, then: tests/run.sh --accept"; return 1; }
    diff -u "$1" "$2"
}

# sanitizer_build KINDS: prints the build directory
sanitizer_build() {
    local dir=$BUILD/$1
    dir=${dir//,/-}
    configured "$dir" --enable-sanitizer="$1" CFLAGS="-O1 -g" >&2 && built "$dir" >&2 || return 1
    echo "$dir"
}

# --- rsyslogd ---------------------------------------------------------------
# A case in tests/rsyslog sources this file, writes its configuration and uses
# these. Every rsyslogd runs in the foreground under the case, in $WORK, with its
# own pid file, sockets and spool; the machine's own syslog is never touched.

# rsyslog_conf: what every configuration begins with
rsyslog_conf() {
    cat <<CONF
global(workDirectory="$WORK" net.enableDNS="off")
module(load="$MODULE")
CONF
}
# rsyslog_start CONF: returns when it runs; what it says is in $WORK/rsyslogd.log
rsyslog_start() {
    "$RSYSLOGD" -n -f "$1" -i "$WORK/rsyslogd.pid" >>"$WORK/rsyslogd.log" 2>&1 &
    RSYSLOG_PID=$!
    trap rsyslog_stop EXIT
    local i
    for ((i = 0; i < 600; i++)); do # half a minute: dozens of engines load as many rulebases
        [[ -s $WORK/rsyslogd.pid ]] && return 0
        kill -0 "$RSYSLOG_PID" 2>/dev/null || break
        sleep 0.05
    done
    cat "$WORK/rsyslogd.log"
    echo "rsyslogd did not start"
    return 1
}
# rsyslog_stop: ends it; fails when it had to be killed or crashed
rsyslog_stop() {
    [[ -n ${RSYSLOG_PID-} ]] || return 0
    local pid=$RSYSLOG_PID rc=0 i
    RSYSLOG_PID=
    kill -TERM "$pid" 2>/dev/null
    for ((i = 0; i < 600; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    if kill -0 "$pid" 2>/dev/null; then
        echo "rsyslogd did not stop within 30 s"
        kill -KILL "$pid"
        rc=1
    fi
    wait "$pid" 2>/dev/null || { rc=$?; echo "rsyslogd ended with status $rc"; }
    return "$rc"
}
# rsyslog_hup
rsyslog_hup() {
    kill -HUP "$RSYSLOG_PID"
}
# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
    local i most=$(($1 * 20))
    shift
    for ((i = 0; i < most; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "waited in vain for: $*"
    return 1
}
# has_lines FILE N: at least N lines
has_lines() {
    [[ -f $1 && $(wc -l <"$1") -ge $2 ]]
}
