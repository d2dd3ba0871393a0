#!/bin/bash
# Instructions a netfilter line costs in rsyslogd, held below the limit.
# slow: callgrind
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
check netfilter_line "$TOP/tests/bench/instructions" --check
