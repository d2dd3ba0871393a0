#!/bin/bash
# Builds the packages rsyslog-firewatch and firewatch for Fedora and Enterprise Linux.
#
#   tools/build-rpm.sh [--keep DIR] [--rsyslog-src DIR] [DIR]
#
#   --keep DIR          leaves there what rpmbuild works in (its _topdir); DIR is new
#   --rsyslog-src DIR   an unpacked rsyslog; its release is the one that the packages fit
#                       [fetched, on Debian: the source of the installed rsyslog]
#   DIR                 where the packages go [build/rpm]
#
# What git knows of this tree is built, in a directory of its own. On another system
# than theirs, Debian for one, the packages are good to look at, not to install: they
# are linked with that system's libraries.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
keep=
source=
out=$top/build/rpm

say() {
    printf '%s\n' "build-rpm: $*" >&2
}
usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '/^set /d'
}
while [[ $# -gt 0 ]]; do
    case $1 in
    --keep)
        mkdir -p "${2:?--keep wants a directory}"
        keep=$(cd "$2" && pwd)
        shift
        ;;
    --rsyslog-src)
        source=$(cd "${2:?--rsyslog-src wants a directory}" && pwd)
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) out=$1 ;;
    esac
    shift
done
for tool in rpmbuild git; do
    command -v "$tool" >/dev/null || {
        say "$tool is missing"
        exit 1
    }
done
if [[ -z $source ]]; then
    source=$top/build/rsyslog-src
    "$top/tools/get-rsyslog-src.sh" "$source"
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/firewatch-rpm.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

version=$(sed -n 's/^Version: *//p' "$top/packaging/rpm/firewatch.spec")
configured=$(sed -n 's/^AC_INIT(\[firewatch\], \[\(.*\)\])$/\1/p' "$top/configure.ac")
if [[ -z $version || $version != "$configured" ]]; then
    say "firewatch.spec has version $version, configure.ac $configured"
    exit 1
fi
mkdir -p "$tmp/SOURCES"
git -C "$top" ls-files -z | while IFS= read -r -d '' file; do
    [[ ! -e $top/$file && ! -L $top/$file ]] || printf '%s\0' "$file"
done | tar -C "$top" --null -T - --sort=name --owner=0 --group=0 --transform "s,^,firewatch-$version/,S" \
    -cJf "$tmp/SOURCES/firewatch-$version.tar.xz"

range=$("$top/tools/rsyslog-range.sh" --rpm "$source")
options=(--define "_topdir $tmp" --define "rsyslog_src $source" --define "rsyslog_range $range")
# elsewhere what is needed has other names, and debug packages want a tool of theirs
command -v dnf >/dev/null || options+=(--nodeps)
command -v debugedit >/dev/null || options+=(--define "debug_package %{nil}")
[[ -z $keep ]] || options+=(--noclean)
say "for $range"
rpmbuild -ba "${options[@]}" "$top/packaging/rpm/firewatch.spec" >"$out/build.log" 2>&1 || {
    tail -n 40 "$out/build.log" >&2
    say "the build failed"
    exit 1
}
rm -f "$out"/*.rpm
find "$tmp/RPMS" "$tmp/SRPMS" -name '*.rpm' -exec mv {} "$out/" \;
[[ -z $keep ]] || cp -a "$tmp/." "$keep/"
say "$out:"
ls "$out" >&2
