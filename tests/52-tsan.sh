#!/bin/bash
# ThreadSanitizer over the units.
# slow
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

FW_ONLY_SAVED=$FW_ONLY FW_ONLY='*'
check build_with_tsan sanitizer_build thread || exit 1
FW_ONLY=$FW_ONLY_SAVED
# TSan wants its part of the address space, which newer kernels' randomisation may have taken.
command -v setarch >/dev/null && setarch -R true 2>/dev/null && FW_RUNNER="setarch -R"
unit_tests "$BUILD/thread" tsan_
