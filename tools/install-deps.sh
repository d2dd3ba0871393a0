#!/bin/sh
# Installs the Debian packages that are missing, and nothing else.
#
#   tools/install-deps.sh            what building and running needs
#   tools/install-deps.sh --tests    and what the tests can use
#   tools/install-deps.sh --dry-run [--tests]    only names what is missing
#
# Nothing is asked of apt when nothing is missing. Otherwise as root, or through
# sudo. Packages only the tests use may stay missing: their tests are skipped.
# An rsyslog that is installed is left as it is. Where there is none, the package
# is installed for its rsyslogd but neither started nor enabled.

# shellcheck disable=SC2086 # the lists of packages are meant to be split into words
set -eu

build="autoconf automake libtool pkg-config make gcc libc6-dev dpkg-dev python3 xz-utils rsyslog
    liblognorm-dev libfastjson-dev libestr-dev libyaml-dev libmaxminddb-dev libpcre2-dev zlib1g-dev liblzma-dev"
unit="libcmocka-dev"
extra="clang libclang-rt-dev clang-format clang-tidy cppcheck shellcheck valgrind python3-jsonschema rsyslog-relp
    sec swatch"
# the pages in doc/ as a book
book="python3-sphinx python3-myst-parser groff-base"
# the servers that examples/destinations are tried with; none is started or enabled, no database is made
servers="rsyslog-gnutls openssl rsyslog-hiredis redis-tools rsyslog-kafka python3-confluent-kafka rsyslog-elasticsearch
    python3-aiosmtpd nftables prometheus-node-exporter python3-prometheus-client postgresql"
# Without the first one rsyslog-pgsql would write a configuration of its own into /etc/rsyslog.d.
pgsql="dbconfig-no-thanks rsyslog-pgsql"
# building the packages and installing them in a system of their own
packages="build-essential git debhelper lintian debootstrap systemd-container rpm rpmlint lnav"

say() {
    printf '%s\n' "install-deps: $*" >&2
}

tests=false
dry=false
for arg in "$@"; do
    case $arg in
    --tests) tests=true ;;
    --dry-run) dry=true ;;
    -h | --help)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *)
        say "unknown option $arg"
        exit 2
        ;;
    esac
done

installed() {
    # shellcheck disable=SC2016 # a dpkg-query format, not a shell variable
    [ "$(dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -cx installed)" != 0 ]
}
missing_of() {
    missing=
    for package in "$@"; do
        installed "$package" || missing="$missing $package"
    done
    printf '%s' "$missing"
}

command -v dpkg-query >/dev/null || {
    say "this is no Debian system; install the counterparts of:" $build
    exit 1
}
needed=$(missing_of $build)
useful=
if $tests; then
    needed="$needed$(missing_of $unit)"
    useful=$(missing_of $extra $book $servers $packages)
    installed rsyslog-pgsql || useful="$useful$(missing_of $pgsql)"
fi
if [ -z "$needed$useful" ]; then
    exit 0
fi
if $dry; then
    echo "missing:$needed$useful"
    exit 0
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=sudo
elif [ -z "$needed" ]; then
    say "not root, so these stay missing and their tests are skipped:$useful"
    exit 0
else
    say "please install, as root: apt-get install --no-install-recommends$needed$useful"
    exit 1
fi

# What apt must not do: ask, restart services, remove another syslog daemon,
# start or enable an rsyslog that was not there. A policy-rc.d that exists is the
# administrator's and stays.
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d
own_policy=false
own_clusters=false
had_rsyslog=true
had_exporter=true
installed rsyslog || had_rsyslog=false
installed prometheus-node-exporter || had_exporter=false
cleanup() {
    if $own_policy; then
        $as_root rm -f "$policy"
        own_policy=false
    fi
    if $own_clusters; then
        $as_root rm -f "$clusters/firewatch.conf"
        own_clusters=false
    fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
if { ! $had_rsyslog || [ -n "$useful" ]; } && [ ! -e "$policy" ]; then
    own_policy=true
    $as_root tee "$policy" >/dev/null <<'POLICY'
#!/bin/sh
# temporary, by firewatch's tools/install-deps.sh: what it installs is neither started nor restarted
case "$*" in *syslog* | *postgresql* | *prometheus* | *nftables*) exit 101 ;; esac
POLICY
    $as_root chmod 755 "$policy"
fi
case " $useful " in
*" postgresql "*)
    own_clusters=true # the package would make a database and start it at every boot
    $as_root mkdir -p "$clusters"
    echo "create_main_cluster = false" | $as_root tee "$clusters/firewatch.conf" >/dev/null
    ;;
esac
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1 \
        apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" >&2
}
add() {
    apt install -y --no-install-recommends --no-upgrade --no-remove "$@"
}

say "installing$needed$useful"
apt update || say "apt-get update had problems; trying with the lists that are there"
if ! add $needed $useful; then
    # one package that cannot be had must not take the others with it
    [ -z "$needed" ] || add $needed
    for package in $useful; do
        [ "$package" != rsyslog-pgsql ] || installed dbconfig-no-thanks || continue
        add "$package" || say "$package cannot be had; its tests are skipped"
    done
fi
if ! $had_exporter && installed prometheus-node-exporter && command -v systemctl >/dev/null; then
    $as_root systemctl --quiet disable prometheus-node-exporter.service || :
fi
if ! $had_rsyslog && command -v systemctl >/dev/null; then
    $as_root systemctl --quiet disable rsyslog.service || :
    say "rsyslog was installed but is neither running nor enabled; 'systemctl enable --now rsyslog' when you want it"
fi
