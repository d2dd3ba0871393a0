#!/bin/bash
# The RPM packages in a Debian that is booted, installed by Debian's rpm with their scriptlets: findings appear, an upgrade
# and a removal leave a running rsyslogd, SELinux gets its module. What is not Fedora's here: who resolves what they need
# (nobody: --nodeps), where rsyslogd looks for modules (a link leads there), and a kernel that enforces SELinux.
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
[[ -f $TREE.key ]] || skip "there is no tree"
compgen -G "$BUILD/rpm/rsyslog-firewatch-*.next.*.rpm" >/dev/null || skip "the packages were not built"

with_rpm() {
    inside rpm --force-debian --nodeps --nosignature "$@" >rpm.log 2>&1 || fail "rpm $*: $(cat rpm.log)"
    sed -i '/^libsemanage.add_user: user .* not in password file$/d' rpm.log # Debian's policy knows users that are not here
    [[ ! -s rpm.log ]] || fail "rpm $* says: $(cat rpm.log)"
}
label() {
    chroot "$WORK/root" matchpathcon -n -f "/etc/selinux/default/contexts/files/file_contexts" "$1"
}

copy_tree
# rpm, the libraries of the module, and SELinux' tools with Debian's policy, which is compiled here as its package would
chroot "$WORK/root" sh -ec 'export DEBIAN_FRONTEND=noninteractive
    apt-get --yes -qq --no-install-recommends install rpm libyaml-0-2 libmaxminddb0 libpcre2-8-0 liblognorm5 \
        policycoreutils selinux-utils
    cd /root && apt-get -qq -o APT::Sandbox::User=root download selinux-policy-default && dpkg -x selinux-policy-default_*.deb /
    mkdir -p /var/lib/selinux/default' >apt.log 2>&1 || cannot "apt-get: $(tail -n 3 apt.log)"
chroot "$WORK/root" sh -c 'semodule -n -N -s default -X 100 -i /usr/share/selinux/default/*.pp.bz2' >selinux.log 2>&1 ||
    fail "Debian's policy: $(tail -n 3 selinux.log)"
sed -i 's/^SELINUXTYPE=.*/SELINUXTYPE=default/' "$WORK/root/etc/selinux/config" 2>/dev/null ||
    printf 'SELINUX=permissive\nSELINUXTYPE=default\n' >"$WORK/root/etc/selinux/config"
# There is no SELinux in this kernel; for the scriptlets there is.
printf '#!/bin/sh\nexit 0\n' >"$WORK/root/usr/sbin/selinuxenabled"
chmod 755 "$WORK/root/usr/sbin/selinuxenabled"
[[ $(label /var/lib/firewatch/site.state) = *:var_lib_t:* ]] || fail "before: $(label /var/lib/firewatch/site.state)"

mkdir "$WORK/root/root/rpm"
cp "$BUILD"/rpm/*.rpm "$WORK/root/root/rpm/"
mapfile -t all < <(cd "$WORK/root/root/rpm" && printf '/root/rpm/%s\n' *.rpm | grep -v '\.src\.')
mapfile -t next < <(printf '%s\n' "${all[@]}" | grep '\.next\.')
mapfile -t first < <(printf '%s\n' "${all[@]}" | grep -v '\.next\.')
# where Debian's rsyslogd looks
moduledir=$(dirname "$(find "$WORK/root/usr/lib" -name imuxsock.so)")
libdir=$(rpm --eval '%{_libdir}')
ln -s "$libdir/rsyslog/omfirewatch.so" "$moduledir/omfirewatch.so"
start_system
PID=$(pid_of_rsyslogd)

# 1. Installed
with_rpm --install "${first[@]}"
restarted "after installation"
[[ $(inside stat -c '%U:%G %a' /var/log/firewatch.log) = "root:adm 640" ]] || fail "mode of /var/log/firewatch.log"
[[ $(inside stat -c '%U:%G %a' /var/lib/firewatch) = "root:adm 750" ]] || fail "mode of /var/lib/firewatch"
scans 192.0.2.23 1 30
wait_for 10 found 192.0.2.23 || exit 1
inside firewatch check -p /etc/firewatch/policy.yaml >said 2>&1 || fail "firewatch check: $(cat said)"
inside sh -c 'test -s /usr/share/doc/rsyslog-firewatch-doc*/html/index.html' || fail "there is no manual"
[[ $(label /var/lib/firewatch/site.state) = *:syslogd_var_lib_t:* ]] || fail "state: $(label /var/lib/firewatch/site.state)"

# 2. Upgraded: what was edited stays, what was open is not opened again
inside sed -i '/^#.*imudp/s/^#//' /etc/rsyslog.d/10-firewatch.conf
with_rpm --upgrade "${next[@]}"
restarted "after the upgrade"
inside grep -q '^module(load="imudp")' /etc/rsyslog.d/10-firewatch.conf || fail "10-firewatch.conf was overwritten"
scans 192.0.2.23 31 40
scans 192.0.2.24 1 30
wait_for 10 found 192.0.2.24 || exit 1
[[ $(opened 192.0.2.23) = 1 ]] || fail "a finding was opened again"
[[ $(label /var/lib/firewatch/site.state) = *:syslogd_var_lib_t:* ]] || fail "SELinux' module is gone after the upgrade"

# 3. Removed: rsyslogd goes on, the findings stay, and nothing else of ours
inside rpm --force-debian --nodeps --erase rsyslog-firewatch firewatch rsyslog-firewatch-doc >rpm.log 2>&1 || fail "rpm --erase: $(cat rpm.log)"
restarted "after the removal"
inside logger "still logging"
wait_for 10 inside grep -q "still logging" /var/log/syslog || exit 1
inside test -s /var/log/firewatch.log || fail "the findings are gone"
[[ $(label /var/lib/firewatch/site.state) = *:var_lib_t:* ]] || fail "SELinux' module was left"
inside find /etc /usr /var/lib -xdev -iname '*firewatch*' -not -path "${moduledir#"$WORK/root"}/omfirewatch.so" >left
[[ $(cat left) = /etc/rsyslog.d/10-firewatch.conf.rpmsave ]] || fail "left behind: $(cat left)"
