#!/bin/bash
# A full disk: told once, the state that is there stays, lines go through and are found in.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p small
mount -t tmpfs -o size=64k,mode=700 none small 2>/dev/null || skip "no tmpfs may be mounted here"
unmount() {
    rsyslog_stop >/dev/null 2>&1
    umount small
    fw_leave
}
trap unmount EXIT
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" state=\"$WORK/small/site.state\""
    conf_port lines
} >rsyslog.conf
rsyslog_start rsyslog.conf || exit 1
trap unmount EXIT
# the engine's first, small state is there; what comes with a thousand sources is larger than the disk
cp small/site.state first
awk 'BEGIN { for (i = 0; i < 40000; i++)
    printf "<4>2026-10-12T08:%02d:%02dZ fw1 kernel: [1.000001] IPT-DROP: IN=eth1 OUT=eth0 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=10.2.%d.%d DST=203.0.%d.%d LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=3000 DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0\n", i / 1000, i % 60, i / 250 % 8, i % 250, i % 200, 1 + i % 199 }' >log
send lines log
passed lines 40000
stop
trap unmount EXIT
wait_for 5 grep -q 'site.state: cannot be saved: No space left on device' rsyslogd.log internal ||
    fail "it was not told: $(cat internal rsyslogd.log)"
cmp small/site.state first || fail "the state that was there is gone"
[[ ! -e small/site.state.new ]] || fail "half a state is left"
[[ -s findings.jsonl ]] || true
