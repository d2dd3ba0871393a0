#!/bin/bash
# A flood of made-up sources that come once: all slow scanners among them are found, within the budget, and saturation is
# told. An eighth of the memory, so a twentieth of the flood that tests/bench/flood.py makes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
have python3
[ -x "$BUILD/tests/bench/flood" ] || skip "there is no tests/bench/flood"

exits 0 "$SRCDIR/tests/bench/flood.py" --check --memory 32MiB 500
says out '| 500 | 1 | 1 | 200 of 200 | 0 |'
grep -q '| 1 |$' out || {
    echo "saturation was not told once:"
    cat out
    failed=1
}
exit $failed
