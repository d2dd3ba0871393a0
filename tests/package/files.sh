#!/bin/bash
# The files that packages bring: rsyslogd takes the configuration and has nothing to say about it, whether the package is
# there or its files are gone; the policy is one; lnav reads both logs; the manual names every parameter.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/../rsyslog/lib.sh"
P=$TOP/packaging

# here DIR: the configuration as if DIR were the root of the file system, but for the module that was built
here() {
    mkdir -p "$1/var/log" "$1/var/lib/firewatch"
    cp "$P"/rsyslog/*.conf "$P/policy.yaml" "$1/"
    sed -i -e "s|/usr/share/firewatch/rsyslog|$1|; s|/etc/firewatch/|$1/|; s|\"/var/|\"$1/var/|" \
        -e "s|load=\"omfirewatch\"|load=\"$MODULE\"|; s|type=\"omfirewatch\"|& rulebase=\"$RULES\"|" \
        -e 's|^#\(module\|input\)|\1|; s| fileGroup="adm"||' "$1"/*.conf
    echo "global(workDirectory=\"$1\") include(file=\"$1/10-firewatch.conf\")" >"$1/rsyslog.conf"
    echo "action(type=\"omfile\" file=\"$1/rest\")" >>"$1/rsyslog.conf"
}
silent() {
    "$RSYSLOGD" -N1 -f "$1" -i pid >said 2>&1 || fail "rsyslogd does not like it: $(cat said)"
    ! grep -i 'error\|warn\|firewatch' said | grep -v "$ADVICE\|master config" || exit 1
}

here "$WORK/root"
silent root/rsyslog.conf
# and when it runs: see to the order of rulesets
sed -i 's/port="514"/address="127.0.0.1" port="0"/; /im[ut][dc]p/d' root/10-firewatch.conf
echo 'global(processInternalMessages="on")' >>root/rsyslog.conf
rsyslog_start root/rsyslog.conf && rsyslog_stop || exit 1
! grep -i 'omfirewatch\|error\|warn' root/rest rsyslogd.log | grep -v "$ADVICE" || fail "rsyslogd has something to say"

mkdir root/destinations.d
echo "action(type=\"omfile\" file=\"$WORK/mine\")" >root/destinations.d/mine.conf
silent root/rsyslog.conf
# removed, not purged
rm root/rulesets.conf root/call.conf
silent root/rsyslog.conf

"$FIREWATCH" check -r "$RULES" -p "$P/policy.yaml" >checked 2>&1 || fail "the policy: $(cat checked)"
"$FIREWATCH" check -r "$RULES" >defaults 2>/dev/null
"$FIREWATCH" check -r "$RULES" -p "$P/policy.yaml" 2>/dev/null | diff defaults - ||
    fail "the shipped policy is not that of the defaults"

# what building needs is what configure asks for and tools/install-deps.sh installs
for module in $(sed -n 's/^PKG_CHECK_MODULES(\[[A-Z]*\], \[\([^] ]*\).*/\1/p' "$TOP/configure.ac"); do
    [[ $module = cmocka ]] || grep -q "^BuildRequires: *pkgconfig($module)" "$P/rpm/firewatch.spec" ||
        fail "firewatch.spec does not want $module"
done
for package in $(sed -n '/^build="/,/"$/p' "$TOP/tools/install-deps.sh" | tr -d '"' | grep -o '[a-z0-9-]*-dev'); do
    [[ $package = libc6-dev || $package = dpkg-dev ]] || grep -q "[ ,]$package\($\|[ ,]\)" "$TOP/debian/control" ||
        fail "debian/control does not want $package"
done

for parameter in $(awk -F'`' '/^\| `/ { print $2 }' "$TOP/doc/configuration.md"); do
    grep -q "^\.BI $parameter= " "$TOP/doc/man/omfirewatch.5" || fail "omfirewatch(5) does not tell of $parameter"
done

command -v lnav >/dev/null || { echo "lnav is not installed: what it makes of the logs was not looked at"; exit 0; }
mkdir -p home/.config/lnav/formats/firewatch
cp "$P/lnav/firewatch.json" home/.config/lnav/formats/firewatch/
log=$TOP/tests/replay/mass_mail/input.log
replay "$log" >firewatch.jsonl 2>/dev/null
replay --text "$log" 2>/dev/null | sed 's/^/2026-10-12T08:00:25.123456+00:00 /' >firewatch.log
findings=$(grep -c ' open: 10.1.0.25 ' firewatch.log)
((findings > 0)) || fail "the log of mass_mail has no finding"
asks_lnav() { # FILE SQL EXPECTED
    local got
    got=$(HOME=$WORK/home XDG_CONFIG_HOME=$WORK/home/.config TERM=xterm \
        lnav -n -c ";$2" -c ":write-csv-to -" "$1" 2>&1 | tail -n 1)
    [[ $got = "$3" ]] || fail "lnav says of $1: $got, not $3"
}
asks_lnav firewatch.jsonl 'SELECT count(*) AS n FROM firewatch_json WHERE "source/ip" = "10.1.0.25"
    AND "event/action" = "finding-open"' "$findings"
asks_lnav firewatch.log 'SELECT count(*) AS n FROM firewatch_log WHERE source = "10.1.0.25"
    AND state = "open" AND log_level = "warning"' "$findings"
