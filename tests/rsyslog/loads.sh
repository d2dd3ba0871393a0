#!/bin/bash
# The module loads and shows nothing but modInit, the configuration is checked, a message passes the action and goes on.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

shown=$(nm -D --defined-only "$MODULE" | awk '{ print $3 }')
[[ $shown = modInit ]] || fail "the module exports: $shown"

{
    conf_begin
    echo 'module(load="imuxsock" SysSock.Use="off")'
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' 'ruleset="findings"'
    echo "input(type=\"imuxsock\" Socket=\"$WORK/log\" CreatePath=\"on\" ruleset=\"lines\")"
} >rsyslog.conf

"$RSYSLOGD" -N1 -f "$WORK/rsyslog.conf" || fail "-N1 refuses a good configuration"
start
logger -u "$WORK/log" "a line for the module"
wait_for 10 grep -q "a line for the module" "$WORK/lines.passed" || exit 1
stop
no_complaints
