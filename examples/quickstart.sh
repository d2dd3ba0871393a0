#!/bin/bash
# Builds firewatch and shows it at work on a day of an office's firewall logs.
#
#   examples/quickstart.sh [--fast] [--no-build] [--dir DIR]
#
#   --fast      send the day as fast as it goes instead of an hour every 2 s
#   --no-build  take the module and the command as they are
#   --dir DIR   where to put the log, the configuration and the findings
#               [build/quickstart]
#
# For Debian 12, as root or with sudo: the packages it needs are installed first.
# It builds in ./build and starts an rsyslogd of its own on 127.0.0.1, which it
# stops at the end. The system's rsyslog and its configuration are not touched.
# Exit status 0: everything that was to be found was found, and nothing else.
# Environment: BUILDDIR, FIREWATCH and OMFIREWATCH name another build.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
src=$(dirname "$here")
build=${BUILDDIR:-$src/build}
fast=false
make=true
dir=
while [[ $# -gt 0 ]]; do
    case $1 in
    --fast) fast=true ;;
    --no-build) make=false ;;
    --dir)
        dir=${2:?--dir wants a directory}
        shift
        ;;
    -h | --help)
        sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '/^set /d'
        exit 0
        ;;
    *)
        echo "quickstart: unknown option $1; --help tells" >&2
        exit 2
        ;;
    esac
    shift
done
dir=${dir:-$build/quickstart}
module=${OMFIREWATCH:-$build/.libs/omfirewatch.so}
command=${FIREWATCH:-$build/firewatch}
rsyslog_pid=""
tail_pid=""

say() {
    printf '\n== %s\n' "$*"
}
die() {
    printf '\nquickstart: %s\n' "$*" >&2
    exit 1
}
stop() { # of what we started, by its number
    local pid=$1
    [[ -n $pid ]] || return 0
    kill "$pid" 2>/dev/null || return 0
    wait "$pid" 2>/dev/null || :
}
trap 'stop "$tail_pid"; stop "$rsyslog_pid"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

wait_for() { # SECONDS COMMAND...
    local n=$(($1 * 10))
    shift
    until "$@"; do
        ((n-- > 0)) || return 1
        [[ -z $rsyslog_pid ]] || kill -0 "$rsyslog_pid" 2>/dev/null || return 1
        sleep 0.1
    done
}

build_all() {
    "$src/tools/install-deps.sh"
    local log=$build/quickstart-build.log
    mkdir -p "$build"
    echo "The compiler's output goes to $log"
    {
        cd "$src"
        [[ -x configure ]] || ./autogen.sh
        tools/get-rsyslog-src.sh "$build/rsyslog-src"
        cd "$build"
        [[ -f Makefile ]] || "$src/configure" --quiet --with-rsyslog-src="$build/rsyslog-src"
        make -s -j"$(nproc)" all tests/bench/generate
    } >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        die "the build failed; everything it said is in $log"
    }
}

# The day: 60,000 lines of a Linux gateway, a Cisco ASA and a NetScreen. Stamps
# without a year are believed to be of the last months, so it is yesterday's.
make_day() {
    "$generator" -f office -d "$(date -u -d yesterday +%F)" -t "$dir/truth.tsv" >"$dir/firewalls.log"
    lines=$(wc -l <"$dir/firewalls.log")
}

start_rsyslogd() {
    export FIREWATCH_LISTS=${FIREWATCH_LISTS:-$src/lists} # nothing is installed
    sed -e "s|@DIR@|$dir|g" -e "s|@MODULE@|$module|g" -e "s|@POLICY@|$here/quickstart-policy.yaml|g" \
        -e "s|@RULEBASE@|$src/rulebase/firewatch.rulebase|g" "$here/quickstart.conf" >"$dir/rsyslog.conf"
    "$rsyslogd" -N1 -f "$dir/rsyslog.conf" >"$dir/rsyslogd.log" 2>&1 ||
        die "rsyslogd does not like $dir/rsyslog.conf: $(cat "$dir/rsyslogd.log")"
    "$rsyslogd" -n -f "$dir/rsyslog.conf" -i "$dir/rsyslogd.pid" >"$dir/rsyslogd.log" 2>&1 &
    rsyslog_pid=$!
    wait_for 10 test -s "$dir/port" || die "rsyslogd did not start: $(cat "$dir/rsyslogd.log")"
}

# An hour of the log every two seconds; on a terminal the hour is shown.
send_day() {
    local pause=2 clock=/dev/null
    $fast && pause=0
    [[ ! -t 1 ]] || clock=/dev/stderr
    awk -v pause="$pause" -v clock="$clock" '
        substr($3, 1, 2) != hour {
            hour = substr($3, 1, 2)
            if (pause) {
                fflush()
                printf "    %s:00\r", hour >clock
                fflush(clock)
                system("sleep " pause)
            }
        }
        { print }' "$dir/firewalls.log" >"/dev/tcp/127.0.0.1/$(<"$dir/port")"
}

# counter NAME: the module's last word on it
counter() {
    sed -n 's/.*"origin": "omfirewatch".*"'"$1"'": \([0-9]*\).*/\1/p' "$dir/counters.log" 2>/dev/null | tail -n 1
}
all_read() {
    [[ $(counter lines_received) = "$lines" ]]
}
opened() { # DETECTOR ADDRESS
    grep -q " $1 open: $2 " "$dir/findings.log"
}

check_findings() {
    local kind addr what accused bad=0
    while IFS=$'\t' read -r kind addr what; do
        if [[ $kind = quiet ]]; then
            grep -q " open: $addr " "$dir/findings.log" || continue
            echo "quickstart: $addr is the $what and should have been left alone" >&2
            bad=1
        elif ! opened "$kind" "$addr"; then
            echo "quickstart: no $kind finding about $addr" >&2
            bad=1
        fi
    done <"$dir/truth.tsv"
    accused=$(grep -c ' open: ' "$dir/findings.log" || :)
    if [[ $accused != "$(grep -vc '^quiet' "$dir/truth.tsv")" ]]; then
        echo "quickstart: there should be $(grep -vc '^quiet' "$dir/truth.tsv") findings, not $accused" >&2
        bad=1
    fi
    ((bad == 0)) || die "this is not what the day has to show; look into $dir"
}

# The same day, read by the command, without a policy: whom the roles kept quiet.
without_roles() {
    "$command" replay --text -r "$src/rulebase/firewatch.rulebase" "$dir/firewalls.log" 2>"$dir/replay.log" |
        awk -v truth="$dir/truth.tsv" '
            BEGIN { while ((getline line <truth) > 0) if (split(line, a, "\t") && a[1] == "quiet") role[a[2]] = a[3] }
            match($0, /[a-z_]+ open: [^ ]+ /) {
                split(substr($0, RSTART), word, " ")
                if (!seen[word[1], word[3]]++)
                    print "    " substr($0, RSTART) (word[3] in role ? " <- " role[word[3]] : "")
            }'
}

summary() {
    say "What it read"
    echo "$(counter lines_received) lines: $(counter events_observed) events," \
        "$(counter lines_ignored) known to be none, $(counter lines_unparsed) not understood"
    echo "$(counter findings_opened) findings opened, $(counter findings_updated) updates," \
        "$(counter findings_closed) closed"
    say "What stayed quiet"
    echo "Some machines do for a living what worms and mass mailers do. examples/quickstart-policy.yaml gives"
    echo "them roles, so addr_scan passed over $(counter addr_scan.suppressed) events of theirs and mass_mail over" \
        "$(counter mass_mail.suppressed)."
    echo "Without the policy firewatch says of the same day (firewatch replay):"
    without_roles
    say "Where to look next"
    echo "  $dir/findings.log      what you saw"
    echo "  $dir/findings.jsonl    the same with evidence and next step, for programs"
    echo "  $dir/rsyslog.conf      the configuration that ran; for a log server: examples/rsyslog-firewatch.conf"
    echo "  $command replay --text FILE...    your own logs, without rsyslog"
}

if $make; then
    say "Building firewatch"
    build_all
fi
generator=$build/tests/bench/generate
rsyslogd=$(PATH=$PATH:/usr/sbin:/sbin command -v rsyslogd || :)
[[ -n $rsyslogd ]] || die "there is no rsyslogd"
for file in "$module" "$command" "$generator"; do
    [[ -e $file ]] || die "$file is missing"
done
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
rm -f "$dir"/{findings.log,findings.jsonl,counters.log,port,rsyslogd.pid} "$dir"/omfirewatch-* # what an earlier day left
: >"$dir/findings.log"

say "A day of three firewalls"
make_day
echo "$lines lines of 150 clients and their servers, in $dir/firewalls.log"

say "What firewatch finds"
export TZ=UTC # the log's stamps have no zone; findings are shown in UTC
start_rsyslogd
tail -n +1 -f "$dir/findings.log" &
tail_pid=$!
send_day
wait_for 60 all_read || die "rsyslogd read $(counter lines_received) of $lines lines: $(cat "$dir/rsyslogd.log")"
sleep 1 # the findings' queue, and tail
stop "$tail_pid"
tail_pid=
stop "$rsyslog_pid"
rsyslog_pid=
check_findings
summary
