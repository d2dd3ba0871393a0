#!/bin/bash
# The command: every executable tests/cli/NAME.sh.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[[ -x $FIREWATCH ]] || exit 0

export SRCDIR=$TOP
cli_test() {
    check "$(basename "$1" .sh)" "$1"
}
mapfile -t list < <(cases "$TOP"/tests/cli/*.sh | grep -v '/lib\.sh$')
each cli_test "${list[@]}"
