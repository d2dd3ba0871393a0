#!/bin/bash
# Every tests/unit/test_*.c, one program each.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
unit_tests "$BUILD"
