# shellcheck shell=bash
# lib.sh: a Debian of its own, booted; sourced by the cases, not run.
#
# It runs under systemd-nspawn, without network, as a copy of $BUILD/debian-tree in $WORK/root. Nothing of this machine
# is in it, and nothing of it stays.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
TREE=$BUILD/debian-tree
CONTAINER=

fail() {
    printf '%s\n' "$*"
    exit 1
}
# cannot REASON: skipped where it cannot be; in continuous integration it has to be
cannot() {
    [[ ${CI-} != true ]] || fail "$*"
    skip "$*"
}

# page_block NAME: the commands of a block "```sh NAME" of doc/packaging.md
page_block() {
    awk -v begin="\`\`\`sh $1" '$0 == begin { on = 1; next } /^```$/ { on = 0 } on' "$TOP/doc/packaging.md"
}

[[ $(id -u) = 0 ]] || skip "not root: a Debian of its own cannot be made"
grep -qx 'ID=debian' /etc/os-release || skip "this is no Debian"
for tool in debootstrap systemd-nspawn nsenter; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

# inside COMMAND...: in the booted system
inside() {
    nsenter --target "$LEADER" --mount --uts --ipc --net --pid --root --wd \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
system_runs() {
    [[ $(inside systemctl is-system-running) =~ ^(running|degraded)$ ]]
}
# copy_tree: to $WORK/root
copy_tree() {
    cp -a "$TREE" "$WORK/root" || exit 1
    : >"$WORK/root/etc/machine-id"
}
# start_system: boots it, sets LEADER
start_system() {
    systemd-nspawn --quiet --directory="$WORK/root" --register=no --keep-unit --private-network --console=pipe --boot \
        >"$WORK/console" 2>&1 </dev/null &
    CONTAINER=$!
    trap stop_system EXIT
    local i
    for ((i = 0; i < 200; i++)); do
        LEADER=$(cat "/proc/$CONTAINER/task/$CONTAINER/children" 2>/dev/null)
        LEADER=${LEADER%% *}
        [[ -n $LEADER ]] && system_runs 2>/dev/null && return 0
        kill -0 "$CONTAINER" 2>/dev/null || break
        sleep 0.1
    done
    cannot "systemd-nspawn does not boot here: $(tail -n 1 "$WORK/console")"
}
# It ends with systemd-nspawn; what is left of it is taken away.
stop_system() {
    local rc=$? i
    trap - EXIT
    if [[ -n $CONTAINER ]]; then
        kill -TERM "$CONTAINER" 2>/dev/null
        for ((i = 0; i < 100; i++)); do
            kill -0 "$CONTAINER" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$CONTAINER" 2>/dev/null
        # should its init have outlived it
        grep -qzs '^container=systemd-nspawn$' "/proc/${LEADER:-none}/environ" && kill -KILL "$LEADER"
        wait "$CONTAINER" 2>/dev/null
    fi
    rm -rf --one-file-system "$WORK/root"
    exit "$rc"
}

# --- the packages in it ----------------------------------------------------------

pid_of_rsyslogd() {
    inside systemctl show --property=MainPID --value rsyslog
}
# restarted WHAT: rsyslogd runs, and it is another one than PID; it has nothing to say about its configuration
restarted() {
    local now
    inside systemctl is-active --quiet rsyslog || fail "$1: rsyslogd does not run: $(inside systemctl status rsyslog)"
    now=$(pid_of_rsyslogd)
    [[ $now != "$PID" ]] || fail "$1: rsyslogd was not restarted"
    PID=$now
    inside systemctl reset-failed rsyslog # systemd starts nothing more than five times in ten seconds
    inside rsyslogd -N1 >said 2>&1 || fail "$1: rsyslogd -N1: $(cat said)"
    ! grep -i 'error\|warn\|firewatch' said || fail "$1: rsyslogd has something to say"
    ! inside grep 'rsyslogd.*omfirewatch' /var/log/syslog || fail "$1: the module has something to say"
}
# scans SOURCE FIRST LAST [LOGGER-OPTION...]: a Linux firewall drops what a scanner sends
scans() {
    local source=$1 first=$2 last=$3
    shift 3
    awk -v s="$source" -v a="$first" -v z="$last" 'BEGIN {
        for (i = a; i <= z; i++)
            print "IPT-DROP: IN=eth1 OUT=eth0 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=" s " DST=203.0.113." i \
                " LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=" i " DF PROTO=TCP SPT=40000 DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0"
    }' | inside logger --tag kernel --priority kern.warning "$@"
}
# opened SOURCE: how often its scan was; found SOURCE: whether
opened() {
    inside grep -c " addr_scan open: $1 " /var/log/firewatch.log
}
found() {
    inside grep -q " addr_scan open: $1 " /var/log/firewatch.log
}
