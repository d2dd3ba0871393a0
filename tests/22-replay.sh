#!/bin/bash
# Every case in tests/replay: lines in, findings expected.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[[ -x $FIREWATCH ]] || exit 0
replay_tests "$FIREWATCH"
