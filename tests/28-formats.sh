#!/bin/bash
# The rulebases over collected lines of real devices, where FW_FORMATS names a directory of them.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

measured() {
    [[ -d ${FW_FORMATS-} ]] || skip "FW_FORMATS names no directory of collected lines"
    python3 "$TOP/tests/formats.py" --firewatch "$FIREWATCH" "$FW_FORMATS"
}
check measured measured
