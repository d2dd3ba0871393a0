#!/bin/bash
# In a real rsyslogd: every executable tests/rsyslog/NAME.sh.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

rsyslog_test() {
    [[ -x $1 ]] || return 0
    # "# slow" in a case's first lines: not in a quick run
    [[ $FW_QUICK = 1 ]] && head -n 5 "$1" | grep -q '^# slow' && return 0
    check "$(basename "$1" .sh)" "$1"
}
mapfile -t list < <(cases "$TOP"/tests/rsyslog/*.sh)
each rsyslog_test "${list[@]}"
