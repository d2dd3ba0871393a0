#!/bin/bash
# A full disk: told once, the state that is there stays, lines go through and are found in; when there is room again the
# state is saved, and that is told as well.
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
printf 'intervals: {save: 1s}\n' >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' \
        "ruleset=\"findings\" policy=\"$WORK/policy.yaml\" state=\"$WORK/small/site.state\""
    conf_port lines
} >rsyslog.conf
begin() {
    rm -f lines.port
    rsyslog_start rsyslog.conf || exit 1
    trap unmount EXIT
}
many_lines() { # FROM TO
    awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i < to; i++)
        printf "<4>2026-10-12T08:%02d:%02dZ fw1 kernel: [1.000001] IPT-DROP: IN=eth1 OUT=eth0 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=10.2.%d.%d DST=203.0.%d.%d LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=3000 DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0\n", i / 1000, i % 60, i / 250 % 8, i % 250, i % 200, 1 + i % 199 }'
}
times() { # WHAT FILE
    grep -cF "$1" "$2"
}
failed_at_least() {
    (($(stat_of "omfirewatch(site)" state_failed) >= $1))
}
saved_more_than() {
    (($(stat_of "omfirewatch(site)" state_saved) > $1))
}

# 1. while it runs: several saves fail, and it is told once
begin
cp small/site.state first # the engine's first, small one; what comes with a thousand sources is larger than the disk
many_lines 0 40000 >log
send lines log
passed lines 40000
wait_for 20 failed_at_least 3 || fail "no save failed: $(tail -n 5 internal)"
[[ $(times 'site.state: cannot be saved: No space left on device' internal) = 1 ]] ||
    fail "it was not told once: $(cat internal)"
cmp small/site.state first || fail "the state that was there is gone"
[[ ! -e small/site.state.new ]] || fail "half a state is left"
wait_for 10 grep -q '"action":"state-not-saved"' findings.jsonl || fail "no health message: $(cat findings.txt)"

# 2. there is room again
saved=$(stat_of "omfirewatch(site)" state_saved)
mount -o remount,size=64m small
wait_for 20 saved_more_than "$saved" || fail "it was not saved: $(cat internal)"
wait_for 10 grep -q 'site.state: saved again' internal || fail "the log does not say so: $(cat internal)"
wait_for 10 grep -q '"action":"state-saved"' findings.jsonl || fail "nobody was told: $(cat findings.txt)"
scan_lines 60 >scan.log
sed 's/T08:/T09:/' scan.log >later.log
send lines later.log
wait_for 20 grep -q 'addr_scan open: 192.0.2.23 ' findings.txt || fail "nothing is found any more: $(cat findings.txt)"
(($(stat -c %s small/site.state) > 65536)) || fail "a small state: $(stat -c %s small/site.state)"
stop
trap unmount EXIT
[[ $(times '"action":"state-not-saved"' findings.jsonl) = 1 && $(times '"action":"state-saved"' findings.jsonl) = 1 ]] ||
    fail "told more than once: $(cat findings.txt)"

# 3. at the end: the disk is full when it stops
rm -f internal small/* findings.* lines.passed
mount -o remount,size=64k small
sed -i 's/save: 1s/save: 1h/' policy.yaml
begin
cp small/site.state first
send lines log
passed lines 40000
stop
trap unmount EXIT
wait_for 5 grep -q 'site.state: cannot be saved: No space left on device' rsyslogd.log internal ||
    fail "it was not told: $(cat internal rsyslogd.log)"
cmp small/site.state first || fail "the state that was there is gone"
[[ ! -e small/site.state.new ]] || fail "half a state is left"
