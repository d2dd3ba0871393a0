#!/bin/bash
# The examples of destinations against the real servers: every executable tests/destinations/NAME.sh.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

destination_test() {
    [[ ! -x $1 ]] || check "$(basename "$1" .sh)" "$1"
}
mapfile -t list < <(cases "$TOP"/tests/destinations/*.sh)
each destination_test "${list[@]}"
