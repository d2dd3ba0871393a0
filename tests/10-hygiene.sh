#!/bin/bash
# The tree itself: lists in step, nothing built or stray in git, nothing half added.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

# tracked PATH...: what is there and belongs to the project; without git, what is there
tracked() {
    git -C "$TOP" ls-files -- "$@" 2>/dev/null || (cd "$TOP" && find "$@" -type f 2>/dev/null)
}

sources_in_step() {
    "$TOP/tools/sources.sh" --check
}
nothing_built_in_git() {
    git -C "$TOP" ls-files >/dev/null 2>&1 || skip "no git, or not a git checkout"
    ! tracked . | grep -E '\.(o|lo|la|so|a|gcda|gcno|profraw|pyc)$|(^|/)(Makefile\.in|configure|aclocal\.m4)$'
}
# No file of rsyslog's: its headers come from the source package.
no_rsyslog_headers_in_git() {
    cd "$TOP" && ! tracked plugins | xargs grep -l 'part of the rsyslog runtime library' 2>/dev/null
}
scripts_run() {
    local file bad=0
    cd "$TOP" || return 1
    for file in $(tracked autogen.sh .ci tools tests examples | grep -E '\.sh$|/run$'); do
        case $file in
        */lib.sh) continue ;;
        esac
        head -n 1 "$file" | grep -q '^#!' || { echo "$file: no #! line"; bad=1; }
        [[ -x $file ]] || { echo "$file: not executable"; bad=1; }
        if head -n 1 "$file" | grep -q 'sh$'; then
            bash -n "$file" || bad=1
        fi
    done
    return $bad
}
# What a detector needs to be one: see doc/.
detector_is_complete() {
    local name=$1 bad=0
    cd "$TOP" || return 1
    grep -q "fw_det_$name\b" plugins/omfirewatch/detect/registry.c || { echo "no line in detect/registry.c"; bad=1; }
    tracked tests/replay | grep -q "$name" || { echo "no case in tests/replay whose name contains $name"; bad=1; }
    tracked doc | grep -q "/$name\." || { echo "no page $name.* in doc/"; bad=1; }
    return $bad
}

# A page that says which test shows something names tests that are there.
tests_named_in_the_threat_model_exist() {
    local name bad=0
    cd "$TOP" || return 1
    while read -r name; do
        compgen -G "tests/$name*" >/dev/null || compgen -G "tests/fuzz/$name*" >/dev/null ||
            { echo "doc/threat-model.md names a test $name; there is none"; bad=1; }
    done < <(awk -F'|' '/^\|.*\|.*\|.*\|/ { print $(NF - 1) }' doc/threat-model.md | grep -o '`[^`]*`' | tr -d '`' |
        sed 's,^tests/,,; s,\*$,,')
    return $bad
}

check sources_in_step sources_in_step
check tests_named_in_the_threat_model_exist tests_named_in_the_threat_model_exist
check nothing_built_in_git nothing_built_in_git
check no_rsyslog_headers_in_git no_rsyslog_headers_in_git
check scripts_run scripts_run
for file in plugins/omfirewatch/detect/det_*.c; do
    name=$(basename "$file" .c)
    name=${name#det_}
    [[ $name = template || ! -e $file ]] || check "detector_${name}_is_complete" detector_is_complete "$name"
done
