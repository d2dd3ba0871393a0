#!/bin/sh
# Fetches the rsyslog source that fits the installed rsyslogd, for its headers.
#
#   tools/get-rsyslog-src.sh DIR [VERSION]
#
# DIR gets the unpacked tree; nothing is done when it already holds that
# version. VERSION is a Debian source version; without it the installed
# package's. Works as root and as a normal user, with a private apt
# configuration: the deb entries of this machine turned into deb-src ones, lists
# and cache in a temporary directory. Nothing of the system's apt changes.

set -eu

usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
}
say() {
    printf '%s\n' "get-rsyslog-src: $*" >&2
}
die() {
    say "$*"
    exit 1
}

case ${1-} in
-h | --help)
    usage
    exit 0
    ;;
'' | -*)
    usage >&2
    exit 2
    ;;
esac
dir=$1
want=${2-}

for tool in apt-get apt-cache apt-config dpkg-query dpkg-source; do
    command -v "$tool" >/dev/null || die "$tool is missing (packages apt, dpkg, dpkg-dev)"
done
if [ -z "$want" ]; then
    # shellcheck disable=SC2016 # a dpkg-query format, not a shell variable
    want=$(dpkg-query -W -f='${source:Version}' rsyslog 2>/dev/null) || want=
    [ -n "$want" ] || die "the package rsyslog is not installed; install it, or say which version to fetch"
fi
upstream=${want#*:}
upstream=${upstream%-*}

# The first line of the stamp is what was asked for, the second what was got.
stamp=.fetched-for-firewatch
if [ -f "$dir/$stamp" ] && [ "$(sed -n 1p "$dir/$stamp")" = "$want" ]; then
    say "$dir already holds rsyslog $(sed -n 2p "$dir/$stamp")"
    exit 0
fi
if [ -e "$dir" ] && [ ! -f "$dir/$stamp" ]; then
    rmdir "$dir" 2>/dev/null || die "$dir exists and was not made by this script; remove it or name another"
fi
mkdir -p "$(dirname "$dir")"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/rsyslog-src.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$tmp/sources.d" "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/src"
: >"$tmp/sources.list"

# deb -> deb-src, in both formats; options, keys and disabled entries stay. Only
# the archives that offer rsyslog, where apt knows them already.
archives=$(apt-cache madison rsyslog 2>/dev/null | awk -F'|' '{ split($3, f, " "); print f[1] }' | sort -u)
for with_all in false true; do
    $with_all && archives=
    eval "$(apt-config shell list Dir::Etc::SourceList/f parts Dir::Etc::SourceParts/d)"
    for file in "${list-}" "${parts-}"/*.list "${parts-}"/*.sources; do
        if [ ! -f "$file" ] || [ ! -r "$file" ]; then
            continue
        fi
        if [ -n "$archives" ]; then
            printf '%s\n' "$archives" | grep -qFf - "$file" || continue
        fi
        name=$(basename "$file")
        case $name in
        *.sources) sed 's/^[Tt]ypes:.*/Types: deb-src/' "$file" >"$tmp/sources.d/$name" ;;
        *) sed -n 's/^[[:space:]]*deb\(-src\)\{0,1\}[[:space:]]/deb-src /p' "$file" | sort -u >"$tmp/sources.d/$name" ;;
        esac
    done
    [ -n "$(ls "$tmp/sources.d")" ] && break
done
[ -n "$(ls "$tmp/sources.d")" ] || die "apt has no package sources on this machine"

private_apt() {
    tool=$1
    shift
    set -- -o "Dir::Etc::SourceList=$tmp/sources.list" -o "Dir::Etc::SourceParts=$tmp/sources.d" \
        -o "Dir::State::Lists=$tmp/lists" -o "Dir::Cache=$tmp/cache" -o "Acquire::Languages=none" \
        -o "APT::Get::Only-Source=true" -o "APT::Update::Error-Mode=any" "$@"
    if [ "$(id -u)" = 0 ]; then
        set -- -o APT::Sandbox::User=root "$@"
    fi
    "$tool" "$@"
}

say "looking for the source of rsyslog $want"
private_apt apt-get -qq update >"$tmp/log" 2>&1 ||
    say "not every source list could be read: $(grep '^[EW]:' "$tmp/log" | head -n 1)"

# The exact version first, then other Debian revisions of the same upstream
# release: the headers come out of the same upstream tarball.
private_apt apt-cache showsrc rsyslog 2>/dev/null | sed -n 's/^Version: //p' | sort -u -V -r >"$tmp/offered"
{
    printf '%s\n' "$want"
    while read -r version; do
        base=${version#*:}
        [ "${base%-*}" = "$upstream" ] && [ "$version" != "$want" ] && printf '%s\n' "$version"
    done <"$tmp/offered"
} >"$tmp/candidates" || :
got=
while read -r version; do
    if (cd "$tmp/src" && private_apt apt-get -qq source -d "rsyslog=$version") >"$tmp/log" 2>&1 </dev/null &&
        ls "$tmp"/src/rsyslog_*.dsc >/dev/null 2>&1; then
        got=$version
        break
    fi
    say "rsyslog $version cannot be had: $(grep '^E:' "$tmp/log" | head -n 1)"
    rm -rf "$tmp/src"
    mkdir "$tmp/src"
done <"$tmp/candidates"
[ -n "$got" ] || die "no source of rsyslog $upstream found (offered: $(tr '\n' ' ' <"$tmp/offered"))"
[ "$got" = "$want" ] ||
    say "taking rsyslog $got instead of $want: same upstream release, same headers; the module checks when it loads"

dpkg-source --no-copy -x "$tmp"/src/rsyslog_*.dsc "$tmp/tree" >"$tmp/log" 2>&1 </dev/null || {
    cat "$tmp/log" >&2
    die "dpkg-source could not unpack it"
}
printf '%s\n' "$want" "$got" >"$tmp/tree/$stamp"
rm -rf "$dir"
mv "$tmp/tree" "$dir"
say "$dir holds rsyslog $got"
