# shellcheck shell=bash
# lib.sh: what the tests of destinations share; sourced, not run. Each runs an example of examples/destinations as it
# stands, but for names of files, ports and machines, below examples/rsyslog-firewatch.conf, in an rsyslogd of its own
# with the real server of that destination: on 127.0.0.1, in $WORK, ended by its number.

# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../rsyslog/lib.sh"
export EXAMPLES=$TOP/examples/destinations
# Debian's, which has Debian's modules
PYTHON=/usr/bin/python3
[[ -x $PYTHON ]] || PYTHON=python3
SERVERS=() # numbers of what we started
LINES_LOG=$WORK/lines.log

leave_servers() {
    local rc=$? pid
    for pid in "${SERVERS[@]}"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    (exit $rc)
    fw_leave
}
trap leave_servers EXIT

# plugin NAME PACKAGE: skips where rsyslog lacks it
plugin() {
    compgen -G "/usr/lib*/*/rsyslog/$1.so" >/dev/null || compgen -G "/usr/lib*/rsyslog/$1.so" >/dev/null ||
        skip "there is no $1 (Debian's package $2)"
}
# free_port: one that nobody listens on
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# server COMMAND...: in the background; what it says goes to server.log
server() {
    "$@" >>"$WORK/server.log" 2>&1 &
    SERVERS+=($!)
}
open_port() {
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# base NAME...: the example of a log server, with "call" of these rulesets, and of its files those in $WORK
base() {
    local edit=() name
    for name; do edit+=(-e "s|# call $name\$|call $name|"); done
    echo "global(workDirectory=\"$WORK\" net.enableDNS=\"off\" processInternalMessages=\"on\")"
    # not of the example: what it says of itself goes to a file of ours rather than to the machine's syslog
    echo "action(type=\"omfile\" file=\"$WORK/internal\")"
    sed -e "s|load=\"omfirewatch\"|load=\"$MODULE\"|" -e "s|/var/log/|$WORK/|" -e '/imudp/d' \
        -e "s|policy=\"[^\"]*\"|rulebase=\"$RULES\" idleTimeout=\"0\"|" \
        -e "s|input(type=\"imtcp\" port=\"514\"|input(type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"$WORK/lines.port\"|" \
        "${edit[@]}" "$TOP/examples/rsyslog-firewatch.conf"
}
# begin: starts what is in rsyslog.conf, which must be without a complaint
begin() {
    "$RSYSLOGD" -N1 -f rsyslog.conf >check.log 2>&1 || fail "rsyslogd does not like it: $(cat check.log)"
    ! grep -iE 'error|warning|omfirewatch: ' check.log || fail "rsyslogd has something to say"
    rm -f lines.port # of an earlier one
    start
    trap leave_servers EXIT
}
# prepare: the log, and how many documents come of it
prepare() {
    "$TOP/tests/destinations/lines.py" >"$LINES_LOG"
    FINDINGS=$(replay "$LINES_LOG" 2>/dev/null | wc -l)
    [[ $FINDINGS -gt 20 ]] || fail "$FINDINGS documents"
}
# feed: the log goes in; returns when its findings are in firewatch.jsonl
feed() {
    [[ -n ${FINDINGS-} ]] || prepare
    send lines "$LINES_LOG" || fail "no connection"
    wait_for 20 has_lines firewatch.jsonl "$FINDINGS" || fail "$(wc -l <firewatch.jsonl) of $FINDINGS documents"
}
