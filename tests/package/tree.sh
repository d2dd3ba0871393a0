#!/bin/bash
# A fresh Debian with rsyslog, in $BUILD/debian-tree, from the mirror that this machine's apt uses. Kept for the next run.
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"

codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
# shellcheck disable=SC2016 # apt's own format
mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 2>/dev/null | awk -v c="$codename" '$1 == c { print $2; exit }')
[[ -n $mirror ]] || cannot "apt has no source for Debian's $codename"
with=rsyslog,logrotate,systemd-sysv,apparmor
[[ $mirror != https:* ]] || with=$with,ca-certificates
key="$codename $with $(apt-cache policy rsyslog | sed -n 's/^ *Candidate: //p')"
if [[ -d $TREE && $(cat "$TREE.key" 2>/dev/null) = "$key" ]]; then
    echo "it is there"
    exit 0
fi
rm -rf "$TREE" "$TREE.key"
debootstrap --variant=minbase --include="$with" "$codename" "$TREE" "$mirror" >log 2>&1 || {
    tail -n 5 log
    rm -rf "$TREE"
    cannot "debootstrap failed: $(grep '^E:' log | tail -n 1)"
}
# the way to the mirror, where it leads through a proxy
apt-config dump | grep '^Acquire::https*::Proxy' >"$TREE/etc/apt/apt.conf.d/proxy"
chroot "$TREE" apt-get -qq update >log 2>&1 || cannot "apt-get update in the tree: $(tail -n 1 log)"
echo "$key" >"$TREE.key"
