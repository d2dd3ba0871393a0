#!/bin/bash
# gcc and clang without a warning, cppcheck, clang-tidy, shellcheck.
# slow
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

no_warnings() {
    local compiler=$1 dir=$BUILD/werror-$1 source
    command -v "$compiler" >/dev/null || skip "$compiler is not installed"
    source=$(sed -n 's/^RSYSLOG_CPPFLAGS = -isystem \([^ ]*\).*/\1/p' "$BUILD/Makefile")
    configured "$dir" CC="$compiler" --enable-werror --with-rsyslog-src="$source" || return 1
    built "$dir" >said 2>&1 && return 0
    grep -E -A4 '(error|warning): ' said || cat said
    return 1
}
cppcheck_is_content() {
    command -v cppcheck >/dev/null || skip "cppcheck is not installed"
    cd "$TOP" || return 1
    # the glue needs rsyslog's macros and is left to the compilers
    cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr -j "$FW_JOBS" \
        --suppress=unknownMacro --max-configs=4 -Iplugins/omfirewatch \
        plugins/omfirewatch/core plugins/omfirewatch/detect plugins/omfirewatch/parse plugins/omfirewatch/policy \
        plugins/omfirewatch/cli
}
# clang-tidy takes some seconds a file: one that passed is not asked again until what the compiler sees of it changes.
tidy() {
    local flags seen
    read -r -a flags <<<"$(pkg-config --cflags lognorm libfastjson libestr yaml-0.1 libmaxminddb)"
    flags+=(-std=gnu11 -Iplugins/omfirewatch -I"$BUILD" -DFW_PKGDATADIR='""')
    seen=$BUILD/tidy/$({ cat .clang-tidy && clang -E -C "${flags[@]}" "$1"; } 2>&1 | sha256sum | cut -c1-32)
    [[ -f $seen ]] || { clang-tidy --quiet "$1" -- "${flags[@]}" 2>&1 && touch "$seen"; }
}
clang_tidy_is_content() {
    command -v clang-tidy >/dev/null || skip "clang-tidy is not installed"
    local said=$PWD/said rc
    cd "$TOP" || return 1
    mkdir -p "$BUILD/tidy"
    find "$BUILD/tidy" -type f -mtime +7 -delete
    # the rooms; the glue is left to the compilers
    find plugins/omfirewatch/*/ -name '*.c' -print0 | xargs -0 -n 1 -P "$FW_JOBS" bash -c 'tidy "$1"' tidy >"$said"
    rc=$?
    grep -E -A2 '(warning|error): ' "$said"
    return $rc
}
shellcheck_is_content() {
    command -v shellcheck >/dev/null || skip "shellcheck is not installed"
    cd "$TOP" || return 1
    # 2317: functions called through check; 2030, 2031: WORK is set for each test; 1091: sourced from elsewhere
    find autogen.sh .ci tools tests examples debian \( -name '*.sh' -o -path .ci/run \) -print0 2>/dev/null |
        xargs -0 -n 6 -P "$FW_JOBS" shellcheck -x -S warning -e SC2317,SC2030,SC2031,SC1091
}

check gcc_gives_no_warnings no_warnings gcc
check clang_gives_no_warnings no_warnings clang
check cppcheck_is_content cppcheck_is_content
check clang_tidy_is_content clang_tidy_is_content
check shellcheck_is_content shellcheck_is_content
