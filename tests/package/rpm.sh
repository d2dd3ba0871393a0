#!/bin/bash
# The spec for Fedora and Enterprise Linux: rpmbuild makes the packages of it as far as it can be done on Debian, rpm
# installs their files into a directory, and rsyslogd takes the module from there with the configuration from there. rpmlint
# is content. They stay in $BUILD/rpm, with the same of a higher release, for rpm_installed.sh. What Fedora calls what they
# need is not tried.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/../rsyslog/lib.sh"

for tool in rpmbuild rpm git; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
git -C "$TOP" ls-files >/dev/null 2>&1 || skip "not a git checkout"
source=$(sed -n 's/^RSYSLOG_CPPFLAGS = -isystem \([^ ]*\).*/\1/p' "$BUILD/Makefile")
[[ -d $source ]] || skip "built without rsyslog's headers"

"$TOP/tools/build-rpm.sh" --keep "$WORK/kept" --rsyslog-src "$source" "$WORK/rpm" || exit 1
range=$("$TOP/tools/rsyslog-range.sh" --rpm "$source")
rpm -qp --requires rpm/rsyslog-firewatch-*.rpm >requires 2>/dev/null
for need in "${range%, *}" "${range#*, }"; do
    grep -qx "$need" requires || fail "it does not require $need: $(cat requires)"
done
rpm -qp --configfiles rpm/rsyslog-firewatch-*.rpm 2>/dev/null | grep -qx /etc/rsyslog.d/10-firewatch.conf ||
    fail "10-firewatch.conf is no configuration file"

if command -v rpmlint >/dev/null; then
    rpmlint -c "$TOP/packaging/rpm/rpmlint.toml" rpm/*.rpm "$TOP/packaging/rpm/firewatch.spec" >said 2>&1
    grep -q ' 0 errors, 0 warnings' said || fail "rpmlint: $(cat said)"
else
    echo "rpmlint is not installed: what it says of the packages was not looked at"
fi

mkdir root
rpm --root "$WORK/root" --nodeps --noscripts --nosignature --install rpm/*."$(uname -m)".rpm >said 2>&1 ||
    fail "rpm: $(cat said)"
module=$(find root -name omfirewatch.so)
[[ -n $module ]] || fail "there is no module"

# The same files in the same places as in the Debian packages.
for file in etc/rsyslog.d/10-firewatch.conf etc/firewatch/policy.yaml etc/logrotate.d/firewatch usr/bin/firewatch \
    usr/share/firewatch/rsyslog/rulesets.conf usr/share/firewatch/rulebase/firewatch.rulebase \
    etc/lnav/formats/firewatch/firewatch.json var/lib/firewatch; do
    [[ -e root/$file ]] || fail "$file is not there"
done
mkdir -p root/var/log
sed -i -e "s|\"/usr/share|\"$WORK/root/usr/share|; s|\"/etc|\"$WORK/root/etc|; s|\"/var/|\"$WORK/root/var/|" \
    -e "s|load=\"omfirewatch\"|load=\"$WORK/$module\"|; s| fileGroup=\"adm\"||" \
    -e "s|type=\"omfirewatch\"|& rulebase=\"$WORK/root/usr/share/firewatch/rulebase/firewatch.rulebase\"|" \
    root/etc/rsyslog.d/10-firewatch.conf root/usr/share/firewatch/rsyslog/*.conf
echo "include(file=\"$WORK/root/etc/rsyslog.d/10-firewatch.conf\")" >rsyslog.conf
echo "action(type=\"omfile\" file=\"$WORK/rest\")" >>rsyslog.conf
"$RSYSLOGD" -N1 -f "$WORK/rsyslog.conf" -i pid >said 2>&1 || fail "rsyslogd does not like it: $(cat said)"
root/usr/bin/firewatch check -r root/usr/share/firewatch/rulebase/firewatch.rulebase -p root/etc/firewatch/policy.yaml \
    >said 2>&1 || fail "the command: $(cat said)"

# An upgrade: packed once more, as if by the next release.
cd kept || exit 1
for root in BUILDROOT/*; do mv "$root" "${root/-1./-1.next.}"; done
rpmbuild -bb --short-circuit --nodeps --define "_topdir $PWD" --define "dist .next" --define "debug_package %{nil}" \
    --define "rsyslog_src $source" --define "rsyslog_range $range" "$TOP/packaging/rpm/firewatch.spec" >log 2>&1 ||
    fail "the next release: $(tail -n 5 log)"
rm -rf "$BUILD/rpm"
mkdir "$BUILD/rpm"
mv ../rpm/*.rpm RPMS/*/*.rpm "$BUILD/rpm/"
