#!/bin/bash
# clang-format leaves every C file as it is.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

formatted() {
    command -v clang-format >/dev/null || skip "clang-format is not installed"
    cd "$TOP" || return 1
    find plugins tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run --Werror --ferror-limit=3
}
check formatted formatted
