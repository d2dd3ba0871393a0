#!/bin/bash
# doc/from-sec.md: each of SEC's types of rules and the rule that does it here say the same of the same log.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
have sec
export TOP=$SRCDIR FIREWATCH RULES
python3 "$SRCDIR/tests/sec/compare.py" "$SRCDIR/doc/from-sec.md" || failed=1
exit $failed
