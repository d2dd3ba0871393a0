#!/bin/bash
# Builds the Debian packages rsyslog-firewatch and firewatch.
#
#   tools/build-deb.sh [--source] [--lintian] [--rsyslog-src DIR] [DIR]
#
#   --source            the source package as well
#   --lintian           ends with what lintian says; its errors and warnings are failures
#   --rsyslog-src DIR   an unpacked rsyslog; its release is the one that the packages fit
#                       [fetched: the source of the installed rsyslog]
#   DIR                 where the packages go [build/deb]
#
# What git knows of this tree is built, in a directory of its own, so that nothing
# that lies about gets in; no file of the tree changes. Needs build-essential, debhelper, Sphinx and what
# tools/install-deps.sh installs. DEB_BUILD_OPTIONS is dpkg-buildpackage's: nocheck,
# parallel=N, noautodbgsym; DEB_BUILD_PROFILES=nodoc leaves the manual out, and then Sphinx is not needed.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
kind=--build=binary
lint=false
source=
out=$top/build/deb

say() {
    printf '%s\n' "build-deb: $*" >&2
}
usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '/^set /d'
}
while [[ $# -gt 0 ]]; do
    case $1 in
    --source) kind=--build=full ;;
    --lintian) lint=true ;;
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
for tool in dpkg-buildpackage dh git; do
    command -v "$tool" >/dev/null || {
        say "$tool is missing (packages dpkg-dev, debhelper, git)"
        exit 1
    }
done
if $lint && ! command -v lintian >/dev/null; then
    say "lintian is missing"
    exit 1
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)

tmp=$(mktemp -d "${TMPDIR:-/tmp}/firewatch-deb.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

version=$(sed -n '1s/^firewatch (\([^)]*\)-[^)]*).*/\1/p' "$top/debian/changelog")
configured=$(sed -n 's/^AC_INIT(\[firewatch\], \[\(.*\)\])$/\1/p' "$top/configure.ac")
if [[ -z $version || $version != "$configured" ]]; then
    say "debian/changelog has version $version, configure.ac $configured"
    exit 1
fi

# The tree as git knows it, in its present state. The upstream part of the source
# package is all of it but debian/; times are those of the changelog, for packages
# that are the same whenever they are built.
tree=$tmp/firewatch-$version
mkdir "$tree"
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$top/debian/changelog" -STimestamp)
export SOURCE_DATE_EPOCH
git -C "$top" ls-files -z | while IFS= read -r -d '' file; do
    [[ ! -e $top/$file && ! -L $top/$file ]] || printf '%s\0' "$file"
done | tar -C "$top" --null -T - -cf - | tar -C "$tree" -xf -
git -C "$top" diff --quiet HEAD 2>/dev/null || say "with changes that are not committed"
tar -C "$tmp" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --exclude="firewatch-$version/debian" -cJf "$tmp/firewatch_$version.orig.tar.xz" "firewatch-$version"

if [[ -z $source ]]; then
    source=$top/build/rsyslog-src
    "$top/tools/get-rsyslog-src.sh" "$source"
fi
say "for rsyslog $("$top/tools/rsyslog-range.sh" "$source" | sed 's/ / to before /')"
(
    cd "$tree"
    DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS-parallel=$(nproc)} RSYSLOG_SRC=$source \
        dpkg-buildpackage --no-sign $kind >"$tmp/log" 2>&1
) || {
    tail -n 40 "$tmp/log" >&2
    say "the build failed"
    exit 1
}
if $lint; then
    lintian --allow-root --fail-on error,warning --info "$tmp"/firewatch_*.changes || {
        say "lintian is not content"
        exit 1
    }
fi
rm -f "$out"/{rsyslog-firewatch,firewatch}*_*.{deb,ddeb} "$out"/firewatch_*.{dsc,tar.*,changes,buildinfo}
find "$tmp" -maxdepth 1 -type f ! -name log -exec mv {} "$out/" \;
cp "$tmp/log" "$out/build.log"
say "$out:"
ls "$out" >&2
