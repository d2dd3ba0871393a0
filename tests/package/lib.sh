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
        wait "$CONTAINER" 2>/dev/null
    fi
    rm -rf --one-file-system "$WORK/root"
    exit "$rc"
}
