#!/bin/bash
# The packages: built from what git knows, installed, upgraded, removed and purged in a Debian of their own.
# slow
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

package_step() {
    check "$(basename "$1" .sh)" "$1"
}
# what needs nothing first; the packages while the tree is made; then the packages in the tree
check files "$TOP/tests/package/files.sh"
each package_step "$TOP"/tests/package/{tree,deb,rpm}.sh
each package_step "$TOP"/tests/package/{debian,rpm_installed}.sh
