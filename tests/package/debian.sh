#!/bin/bash
# The packages in a fresh Debian that is booted, with systemd and rsyslog's own trigger: installed, they find something
# in what logger sends; upgraded, they go on; removed and purged, they leave a running rsyslogd and nothing but logs.
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
[[ -f $TREE.key ]] || skip "there is no tree"
compgen -G "$BUILD/deb/*.deb" >/dev/null || skip "the packages were not built"

apt() {
    inside apt-get --yes --quiet=2 -o Dpkg::Use-Pty=0 -o APT::Install-Recommends=false "$@" >apt.log 2>&1 ||
        fail "apt-get $*: $(tail -n 20 apt.log)"
}
# page BLOCK: what the page tells to type, where the packages are
page() {
    [[ -n $(page_block "$1") ]] || fail "doc/packaging.md has no block $1"
    page_block "$1" | sed 's/^apt /&-y -qq -o Dpkg::Use-Pty=0 --no-install-recommends /' |
        inside sh -ec 'cd /root/deb; . /dev/stdin' >said 2>&1 || fail "what the page says of $1: $(cat said)"
}
# in_tree DIR PACKAGE: its file, as the system names it
in_tree() {
    (cd "$WORK/root" && printf '/%s' "root/$1/$2"_*.deb)
}
files_of_the_system() { # but for what every apt and every rsyslogd writes
    inside find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/tmp -o -path /root -o -path /dev \
        -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/lib/systemd -o -path /var/log/journal \
        -o -path /var/log/apt -o -path /etc/ld.so.cache \) -prune -o -print | sort
}

copy_tree
mkdir "$WORK/root/root/deb" "$WORK/root/root/newer"
cp "$BUILD"/deb/*.deb "$WORK/root/root/deb/"
# the same with a higher number and other configuration files, for the upgrade
dpkg-deb -R "$BUILD"/deb/rsyslog-firewatch_*.deb unpacked
sed -i 's/^Version: .*/&+upgrade1/' unpacked/DEBIAN/control
for file in etc/rsyslog.d/10-firewatch.conf etc/firewatch/policy.yaml usr/share/firewatch/rsyslog/rulesets.conf; do
    echo "# of the next release" >>"unpacked/$file"
done
dpkg-deb --root-owner-group -b unpacked "$WORK/root/root/newer/" >/dev/null || exit 1
# the system has no network: what the packages depend on is fetched before it boots
chroot "$WORK/root" sh -c 'apt-get --yes -qq -o APT::Install-Recommends=false --download-only install /root/deb/*.deb' \
    >apt.log 2>&1 || cannot "apt-get: $(tail -n 3 apt.log)"
start_system
PID=$(pid_of_rsyslogd)
files_of_the_system >before

# 1. Installed: the one package, nothing else said or done
apt install "$(in_tree deb rsyslog-firewatch)"
restarted "after installation"
[[ $(inside stat -c '%U:%G %a' /var/log/firewatch.log) = "root:adm 640" ]] || fail "mode of /var/log/firewatch.log"
[[ $(inside stat -c '%U:%G %a' /var/lib/firewatch) = "root:adm 750" ]] || fail "mode of /var/lib/firewatch"
scans 192.0.2.23 1 20
scans 192.0.2.23 21 30
wait_for 10 found 192.0.2.23 || exit 1
inside grep -q 'SRC=192.0.2.23 DST=203.0.113.30 ' /var/log/syslog || fail "the lines did not go on to /var/log/syslog"

# 2. A restart forgets nothing: 20 of 25 before it, the rest after it, and what was open is not opened again
scans 192.0.2.77 1 20
inside sh -c 'until grep -q "SRC=192.0.2.77 DST=203.0.113.20 " /var/log/syslog; do sleep 0.1; done'
inside systemctl restart rsyslog
restarted "after a restart"
scans 192.0.2.77 21 30
scans 192.0.2.23 31 40
wait_for 10 found 192.0.2.77 || exit 1
[[ $(opened 192.0.2.23) = 1 ]] || fail "a finding was opened again after the restart"

# 3. The command, with the same rules: it finds the same in the log
apt install "$(in_tree deb firewatch)"
inside firewatch check -p /etc/firewatch/policy.yaml >said 2>&1 || fail "firewatch check: $(cat said)"
inside firewatch replay --text /var/log/syslog >said 2>/dev/null
grep -q ' open: 192.0.2.23 \| open: 192.0.2.77 ' said || fail "firewatch replay: $(cat said)"

apt install "$(in_tree deb rsyslog-firewatch-doc)"
inside test -s /usr/share/doc/rsyslog-firewatch/html/index.html || fail "there is no manual"

# 4. From the network, as 10-firewatch.conf tells: in the firewalls' log, and found; and to a destination of one's own
echo 'action(type="omfile" file="/var/log/mine.log" template="firewatch_text")' >"$WORK/root/etc/firewatch/destinations.d/mine.conf"
inside sed -i '/^#.*imudp/s/^#//' /etc/rsyslog.d/10-firewatch.conf
inside systemctl restart rsyslog
restarted "with a port"
scans 198.51.100.9 1 30 --server 127.0.0.1 --port 514 --udp --rfc3164
wait_for 10 found 198.51.100.9 || exit 1
inside grep -q "addr_scan open: 198.51.100.9 " /var/log/mine.log || fail "nothing in the destination of one's own"
rm "$WORK/root/etc/firewatch/destinations.d/mine.conf"
inside grep -q 'SRC=198.51.100.9 ' /var/log/firewalls.log || fail "nothing in /var/log/firewalls.log"

# 5. Rotated: the new file has the old one's owner, and findings go to it
inside logrotate --force --state /root/rotated /etc/logrotate.d/firewatch || fail "logrotate"
[[ $(inside stat -c '%U:%G %a %s' /var/log/firewatch.log) = "root:adm 640 0" ]] || fail "mode of the new log"
sleep 0.5
scans 192.0.2.99 1 30
wait_for 10 found 192.0.2.99 || exit 1

# 6. Upgraded: what was edited stays, what was open is not opened again
apt install -o Dpkg::Options::=--force-confold "$(in_tree newer rsyslog-firewatch)" firewatch- rsyslog-firewatch-doc-
restarted "after the upgrade"
inside grep -q '^module(load="imudp")' /etc/rsyslog.d/10-firewatch.conf || fail "10-firewatch.conf was overwritten"
for file in /etc/firewatch/policy.yaml /usr/share/firewatch/rsyslog/rulesets.conf /etc/rsyslog.d/10-firewatch.conf.dpkg-dist; do
    inside grep -q '^# of the next release' $file || fail "$file is that of the release before"
done
scans 192.0.2.99 31 40
scans 192.0.2.100 1 30
wait_for 10 found 192.0.2.100 || exit 1
[[ $(opened 192.0.2.99) = 1 ]] || fail "a finding was opened again after the upgrade"

# 7. Another release of rsyslog: not with this module
mkdir -p other/DEBIAN
printf '%s\n' 'Package: rsyslog' 'Version: 8.2912.0-1' 'Architecture: all' 'Maintainer: nobody <nobody@localhost>' \
    'Description: another release' >other/DEBIAN/control
dpkg-deb -b other "$WORK/root/root/rsyslog_8.2912.0-1_all.deb" >/dev/null
inside apt-get --simulate install /root/rsyslog_8.2912.0-1_all.deb >said 2>&1
grep -q 'Remv rsyslog-firewatch\|unmet dependencies' said || fail "rsyslog would be upgraded under the module"

# 8. AppArmor's parser takes what is added to rsyslogd's profile
printf '%s\n' 'include <tunables/global>' 'profile rsyslogd /usr/sbin/rsyslogd {' \
    'include "/etc/apparmor.d/rsyslog.d/rsyslog-firewatch"' '}' >"$WORK/root/root/profile"
inside apparmor_parser --skip-kernel-load --skip-cache /root/profile 2>said || fail "AppArmor's parser: $(cat said)"

# 9. Removed: rsyslogd goes on without and still writes what firewalls send, configuration and logs stay
apt remove rsyslog-firewatch
restarted "after the removal"
inside test -e /etc/rsyslog.d/10-firewatch.conf || fail "the configuration file is gone"
inside logger "still logging"
inside logger --server 127.0.0.1 --port 514 --udp --rfc3164 "a line of a firewall"
wait_for 10 inside grep -q "still logging" /var/log/syslog || exit 1
wait_for 10 inside grep -q "a line of a firewall" /var/log/firewalls.log || exit 1

# 10. Installed again, and purged at once: nothing but logs
apt install "$(in_tree newer rsyslog-firewatch)"
restarted "after another installation"
inside test -s /var/lib/firewatch/site.state || fail "there is no state"
apt purge rsyslog-firewatch
restarted "after the purge"
inside test ! -e /var/lib/firewatch || fail "what was counted is left"
# 11. And as doc/packaging.md tells it
page install
restarted "installed as the page says"
page remove
restarted "removed as the page says"
apt autoremove --purge
sleep 0.5
files_of_the_system >after
diff before after | sed -n 's/^[<>] //p' | grep -v '^/var/log/\(firewatch\|firewalls\)\.\|^/var/log/[a-z]*\.log$' >left
[[ ! -s left ]] || fail "left behind, or gone: $(cat left)"
inside test -s /var/log/firewatch.log || fail "the findings are gone"

# 12. An rsyslogd that gives up its privileges, as on Ubuntu
inside useradd --system --groups adm syslog
inside chgrp syslog /var/log && inside chmod 775 /var/log
inside rm /var/log/firewatch.log /var/log/firewatch.jsonl /var/log/firewalls.log
printf '$PrivDropToUser syslog\n$PrivDropToGroup syslog\n' >"$WORK/root/root/drop"
inside sed -i '1r /root/drop' /etc/rsyslog.conf
inside find /var/log -maxdepth 1 -type f -name '*log' -exec chown syslog {} +
inside systemctl restart rsyslog
restarted "without privileges"
apt install "$(in_tree deb rsyslog-firewatch)"
restarted "installed, without privileges"
[[ $(inside stat -c '%U:%G %a' /var/log/firewatch.log) = "syslog:adm 640" ]] || fail "mode of /var/log/firewatch.log"
[[ $(inside stat -c '%U:%G %a' /var/lib/firewatch) = "syslog:adm 750" ]] || fail "mode of /var/lib/firewatch"
scans 192.0.2.111 1 30
wait_for 10 found 192.0.2.111 || exit 1
printf '%s\n' 'su root adm' 'include /etc/logrotate.d/firewatch' >"$WORK/root/root/logrotate.conf" # as there
inside logrotate --force --state /root/rotated /root/logrotate.conf || fail "logrotate, without privileges"
[[ $(inside stat -c '%U:%G %a' /var/log/firewatch.log) = "syslog:adm 640" ]] || fail "mode of the new log"
sleep 0.5
scans 192.0.2.112 1 30
wait_for 10 found 192.0.2.112 || exit 1
inside systemctl stop rsyslog
inside test -s /var/lib/firewatch/site.state || fail "the state is not saved, without privileges"
