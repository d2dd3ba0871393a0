#!/bin/bash
# The module loads, the configuration is checked, a message passes the action and goes on.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

{
    rsyslog_conf
    cat <<CONF
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$WORK/log" CreatePath="on")
action(type="omfirewatch")
action(type="omfile" file="$WORK/out")
CONF
} >rsyslog.conf

"$RSYSLOGD" -N1 -f "$WORK/rsyslog.conf" || exit 1
rsyslog_start "$WORK/rsyslog.conf" || exit 1
logger -u "$WORK/log" "a line for the module"
wait_for 10 grep -q "a line for the module" "$WORK/out" || exit 1
rsyslog_stop
