# shellcheck shell=bash
# lib.sh: what the cases in a real rsyslogd share; sourced, not run.
#
# A case runs by tests/run.sh or by itself: OMFIREWATCH=omfirewatch.so FIREWATCH=firewatch tests/rsyslog/NAME.sh.
# It exits with 0, with 1 and a reason, or with 77 where something is missing.

: "${BUILDDIR:=${BUILD-}}"
[[ -z $BUILDDIR ]] || BUILD=$BUILDDIR
[[ -z ${OMFIREWATCH-} ]] || MODULE=$OMFIREWATCH
if [[ -n ${SRCDIR-} ]]; then TOP=$SRCDIR; fi
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

RULES=$TOP/rulebase/firewatch.rulebase
if [[ -z ${WORK-} ]]; then
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/fw-rsyslog.XXXXXX")
    FW_OWN_WORK=1
    cd "$WORK" || exit 1
fi
[[ -x ${RSYSLOGD-} ]] || skip "rsyslogd is not installed"
[[ -f $MODULE ]] || skip "there is no $MODULE"

# Whatever happens, no daemon of ours stays.
fw_leave() {
    local rc=$?
    # shellcheck disable=SC2086 # one or more
    [[ -z ${FEEDER-} ]] || kill $FEEDER 2>/dev/null
    rsyslog_stop >/dev/null 2>&1
    [[ ${FW_OWN_WORK-} != 1 || ${FW_KEEP:-0} = 1 ]] || rm -rf "$WORK"
    exit "$rc"
}
trap fw_leave EXIT

fail() {
    printf '%s\n' "$*"
    exit 1
}

# --- configurations ------------------------------------------------------------

QUEUE='queue.type="LinkedList" queue.size="100000" queue.timeoutEnqueue="0"'

# conf_begin INPUT-MODULE...: what all of them begin with; the daemon's own messages go to $WORK/internal
conf_begin() {
    rsyslog_conf
    local module
    echo 'global(processInternalMessages="on")' # they would go to the syslog of this machine
    for module; do echo "module(load=\"$module\")"; done
    cat <<CONF
template(name="passed" type="string" string="%rawmsg%\\n")
template(name="json" type="string" string="%\$!all-json-plain%\\n")
template(name="text" type="string" string="%syslogtag% %syslogpriority-text% %syslogfacility-text% %msg%\\n")
action(type="omfile" file="$WORK/internal")
CONF
}
# conf_stats: counters, every second
conf_stats() {
    echo "module(load=\"impstats\" interval=\"1\" format=\"json\" resetCounters=\"off\" log.syslog=\"off\""
    echo "       log.file=\"$WORK/stats\")"
}
# conf_findings NAME: a ruleset that writes NAME.jsonl and NAME.txt
conf_findings() {
    cat <<CONF
ruleset(name="$1" $QUEUE) {
    action(type="omfile" file="$WORK/$1.jsonl" template="json")
    action(type="omfile" file="$WORK/$1.txt" template="text")
}
CONF
}
# conf_lines NAME "RULESET-PARAMETERS" "ACTION-PARAMETERS": lines that go through the action and are then written to
# NAME.passed; idleTimeout is off, so that wall time leaves no trace in what is found
conf_lines() {
    cat <<CONF
ruleset(name="$1" $2) {
    action(type="omfirewatch" idleTimeout="0" rulebase="$RULES" $3)
    action(type="omfile" file="$WORK/$1.passed" template="passed")
}
CONF
}
# conf_sink NAME "RULESET-PARAMETERS" "ACTION-PARAMETERS": the action alone. For tests that let rsyslogd cancel workers: one
# that is cancelled in the write of an omfile leaves its lock taken, and the daemon waits for ever for those that want it.
conf_sink() {
    conf_lines "$@" | sed '/type="omfile"/d'
}
# conf_file NAME FILE: the file is read into the ruleset
conf_file() {
    echo "input(type=\"imfile\" file=\"$2\" tag=\"file:\" addMetadata=\"off\" ruleset=\"$1\")"
}
# conf_port NAME: TCP by imptcp, the port goes to NAME.port
conf_port() {
    echo "input(type=\"imptcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"$WORK/$1.port\" ruleset=\"$1\")"
}

# --- running -------------------------------------------------------------------

# start: $WORK/rsyslog.conf
start() {
    rsyslog_start "$WORK/rsyslog.conf" || exit 1
    trap fw_leave EXIT
}
# stop: in at most 10 seconds, and with status 0
stop() {
    local begun=$EPOCHSECONDS
    rsyslog_stop || fail "rsyslogd did not end well: $(tail -n 5 "$WORK/rsyslogd.log")"
    ((EPOCHSECONDS - begun <= 10)) || fail "rsyslogd took $((EPOCHSECONDS - begun)) s to stop"
}
# send NAME FILE: over TCP
send() {
    wait_for 5 test -s "$WORK/$1.port" || return 1
    cat "$2" >"/dev/tcp/127.0.0.1/$(<"$WORK/$1.port")"
}
# passed NAME N: waits until N lines went through
passed() {
    wait_for 60 has_lines "$WORK/$1.passed" "$2" || fail "$(wc -l <"$WORK/$1.passed") of $2 lines passed $1"
}
# stat_of OBJECT COUNTER: as impstats has it now
stat_of() {
    grep -sF "\"name\": \"$1\"" "$WORK/stats" | tail -n 1 | sed -n "s/.*\"$2\": *\\([0-9]*\\).*/\\1/p"
}
stat_is() {
    [[ $(stat_of "$1" "$2") = "$3" ]]
}
# stat_becomes OBJECT COUNTER VALUE
stat_becomes() {
    wait_for 20 stat_is "$@" || fail "$2 of $1 is $(stat_of "$1" "$2"), not $3"
}
# same_findings FILE.jsonl REPLAYED: byte for byte
same_findings() {
    diff "$1" "$2" >"$WORK/diff" || fail "$1 differs from the replay: $(head -c 2000 "$WORK/diff")"
}
replay() {
    "$FIREWATCH" replay -r "$RULES" "$@"
}
# What newer rsyslogds say of configurations that say nothing of these matters: of themselves, not of ours.
ADVICE='backward-compatible insecure default in use\|has no dedicated non-direct queue\|MinimumMessage is set quite low'
ADVICE=$ADVICE'\|queue\.[a-z]*WaterMark is set below queue size'
# no_complaints: the daemon said nothing of ours
no_complaints() {
    ! grep -i 'omfirewatch\|error\|warn' "$WORK/rsyslogd.log" "$WORK/internal" | grep -v "$ADVICE"
}

# --- lines ---------------------------------------------------------------------

# scan_lines N [SOURCE [SECOND]]: a netfilter firewall drops a scan of N addresses of 203.0/16 from 192.0.2.23, one a
# second; it is found at the 25th
scan_lines() {
    awk -v n="$1" -v src="${2:-192.0.2.23}" -v at="${3:-0}" 'BEGIN {
        for (i = 0; i < n; i++) {
            t = at + i
            printf "<4>2026-10-12T%02d:%02d:%02dZ fw1 kernel: [%d.000001] IPT-DROP: IN=eth1 OUT=eth0 ", \
                   8 + int(t / 3600), int(t / 60) % 60, t % 60, 1000 + t
            printf "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=%s DST=203.0.%d.%d LEN=60 TOS=0x00 PREC=0x00 ", \
                   src, int(i / 250) % 250, 1 + i % 250
            printf "TTL=63 ID=%d DF PROTO=TCP SPT=%d DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0\n", i % 65536, 30000 + i % 30000
        }
    }'
}
# traffic_lines N: denials from many sources to many places, fast; some are found
traffic_lines() {
    awk -v n="$1" 'BEGIN {
        srand(7)
        for (i = 0; i < n; i++) {
            t = int(i / 200)
            printf "<4>2026-10-12T%02d:%02d:%02dZ fw1 kernel: [%d.000001] IPT-DROP: IN=eth1 OUT=eth0 ", \
                   8 + int(t / 3600), int(t / 60) % 60, t % 60, 1000 + t
            printf "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=10.1.%d.%d DST=203.%d.%d.%d LEN=60 TOS=0x00 ", \
                   int(rand() * 4), 1 + int(rand() * 50), int(rand() * 4), int(rand() * 250), int(rand() * 250)
            printf "PREC=0x00 TTL=63 ID=%d DF PROTO=TCP SPT=%d DPT=%d WINDOW=64240 RES=0x00 SYN URGP=0\n", \
                   i % 65536, 30000 + i % 30000, (i % 3) ? 445 : 22
        }
    }'
}
