#!/bin/bash
# Real lines in rulebase/VENDOR/samples, and what is understood of them.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
[[ -x $FIREWATCH ]] || exit 0
sample_tests "$FIREWATCH"
