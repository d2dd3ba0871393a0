#!/bin/bash
# Instructions a netfilter line costs in rsyslogd, and what all rules cost a line of each device, held below the limits.
# slow: callgrind
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
check netfilter_line "$TOP/tests/bench/instructions" --check
check formats "$TOP/tests/bench/formats" --check --lines 500
