#!/bin/bash
# The module as the linker made it, and what make install puts where.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

needs_module() {
    [[ -f $MODULE ]] || { echo "$MODULE was not built"; return 1; }
}
exports_only_modInit() {
    needs_module || return 1
    nm -D -P --defined-only "$MODULE" | awk '{ print $1 }' >exported
    echo modInit | diff - exported
}
# The linker does not look for rsyslogd's functions, so a misspelt one of ours would show only when it is loaded.
nothing_is_undefined() {
    needs_module || return 1
    local libs
    mapfile -t libs < <(ldd "$MODULE" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }')
    nm -D -P --defined-only "$RSYSLOGD" "${libs[@]}" | awk 'NF > 1 { sub(/@.*/, "", $1); print $1 }' | sort -u >offered
    nm -D -P --undefined-only "$MODULE" | awk '$2 == "U" { sub(/@.*/, "", $1); print $1 }' | sort -u >wanted
    comm -23 wanted offered >missing
    [[ ! -s missing ]] || { echo "nobody defines:"; cat missing; return 1; }
}
is_hardened() {
    local file bad=0
    for file in "$MODULE" "$FIREWATCH"; do
        [[ -f $file ]] || continue
        readelf -Wl "$file" >segments
        readelf -Wd "$file" >dynamic
        grep -q GNU_RELRO segments || { echo "$file: no RELRO"; bad=1; }
        grep -Eq 'BIND_NOW|FLAGS.*NOW' dynamic || { echo "$file: not bound at load"; bad=1; }
        grep -q TEXTREL dynamic && { echo "$file: relocations in the text"; bad=1; }
        grep GNU_STACK segments | grep -q 'RWE' && { echo "$file: executable stack"; bad=1; }
    done
    nm -D "$MODULE" | grep -q __stack_chk_fail || { echo "$MODULE: no stack protector"; bad=1; }
    return $bad
}
installs_what_it_should() {
    local moddir
    make -C "$BUILD" -s install DESTDIR="$PWD/root" >/dev/null || return 1
    moddir=$(sed -n 's/^moddir = //p' "$BUILD/Makefile")
    find root -name '*.la' | grep . && { echo "a .la file is installed"; return 1; }
    find root -type f | sort
    [[ -f root$moddir/omfirewatch.so ]] || { echo "no module in $moddir"; return 1; }
    [[ ! -x $FIREWATCH || -x root/usr/local/bin/firewatch ]] || { echo "no command"; return 1; }
    [[ -f root/usr/local/share/firewatch/schema/firewatch-finding.schema.json ]] || { echo "no schema"; return 1; }
    make -C "$BUILD" -s uninstall DESTDIR="$PWD/root" >/dev/null || return 1
    find root -type f -o -type l | grep . && { echo "left by make uninstall"; return 1; }
    return 0
}

check exports_only_modInit exports_only_modInit
check nothing_is_undefined nothing_is_undefined
check is_hardened is_hardened
check installs_what_it_should installs_what_it_should
