#!/bin/bash
# The rules with another liblognorm, where FW_LIBLOGNORM names the directory of its liblognorm.so.5.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# What is built for the installed liblognorm runs with the other one. To have one, in a directory of its source:
#   autoreconf -fi && ./configure --disable-docs && make    ->    FW_LIBLOGNORM=.../src/.libs
with_other() {
    [[ -d ${FW_LIBLOGNORM-} ]] || skip "FW_LIBLOGNORM names no directory with another liblognorm"
    export LD_LIBRARY_PATH=$FW_LIBLOGNORM
    # not a library of that name somewhere else
    ldd "$1" | grep -F "=> $FW_LIBLOGNORM/liblognorm.so" || { echo "it would not be used by $1"; return 1; }
    "$1"
}
for test in samples rulebase contexts parser; do
    check "$test" with_other "$BUILD/tests/unit/test_$test"
done
