#!/bin/bash
# A log cut in two with a stop between gives the findings of the whole; after kill -9 nothing is reported twice; a state
# that cannot be used is set aside.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

# memory for all: how much a detector that is short of it lost depends on the secret seed
printf 'limits: {max_memory: 1GiB}\ndetectors:\n  addr_scan: {remote_threshold: 25}\n' >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    conf_findings others
    conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" policy=\"$WORK/policy.yaml\""
    conf_port lines
    conf_lines second 'queue.type="Direct"' "ruleset=\"others\" engine=\"other\" policy=\"$WORK/policy.yaml\""
    conf_port second
    conf_lines without 'queue.type="Direct"' "ruleset=\"others\" engine=\"without\" state=\"off\""
} >rsyslog.conf
state=omfirewatch-site.state
# feed NAME FILE: and the engine has them all; counters go on over a restart
feed() {
    : >stats
    send "$1" "$2"
    local n=0
    [[ ! -f $1.total ]] || n=$(<"$1.total")
    n=$((n + $(wc -l <"$2")))
    echo "$n" >"$1.total"
    local engine=site
    [[ $1 = lines ]] || engine=other
    wait_for 20 stat_is "omfirewatch($engine)" lines_received "$n" ||
        fail "$1: $(stat_of "omfirewatch($engine)" lines_received) of $n lines"
}
run_again() {
    rm -f lines.port second.port
    start
}

# 1. cut in two: a stop between, in the middle of two scans
traffic_lines 30000 >whole.log
head -n 14321 whole.log >first.log
tail -n +14322 whole.log >second.log
replay -p policy.yaml whole.log >whole.replayed
[[ $(wc -l <whole.replayed) -gt 20 ]] || fail "too little is found in the whole: $(wc -l <whole.replayed)"
start
feed lines first.log
scan_lines 20 >early.log
feed second early.log
stop
[[ $(stat -c %a "$state") = 600 ]] || fail "the state is not for its owner alone: $(stat -c %a "$state")"
[[ -f omfirewatch-other.state ]] || fail "the other engine has no state"
[[ ! -e omfirewatch-without.state ]] || fail "an engine with state=off has one"
run_again
feed lines second.log
scan_lines 25 | tail -n 5 >late.log
feed second late.log
stop
same_findings findings.jsonl whole.replayed
grep -q '192.0.2.23 tried 25 hosts' others.txt || fail "the other engine forgot: $(cat others.txt)"

# 2. killed: what was reported since the state was saved is known, and counted lines are lost
rm -f omfirewatch-* findings.* others.* ./*.total
run_again
scan_lines 40 >scan.log
feed lines scan.log
wait_for 10 test -s findings.jsonl || fail "nothing found"
sleep 0.5
kill -9 "$(<"$WORK/rsyslogd.pid")" 2>/dev/null || kill -9 "$RSYSLOG_PID"
rsyslog_stop >/dev/null 2>&1
[[ $(wc -l <findings.jsonl) = 1 ]] || fail "before: $(cat findings.txt)"
rm -f ./*.total
run_again
scan_lines 90 | tail -n +41 >more.log # 25 of these would open it again
feed lines more.log
stop
[[ $(grep -c 'addr_scan open:' findings.txt) = 1 ]] || fail "opened twice: $(cat findings.txt)"
grep -q 'addr_scan update:' findings.txt || fail "nothing came after the kill: $(cat findings.txt)"
ids=$(grep -o '"id": *"[0-9a-f]\{16\}"' findings.jsonl | sort -u | wc -l)
[[ $ids = 1 ]] || fail "not one finding: $(cat findings.jsonl)"

# 3. states that cannot be used are set aside, and the engine starts fresh
broken() { # WHAT MESSAGE
    rm -f internal
    run_again
    wait_for 5 grep -qF "$2" internal || fail "$1: nothing was said: $(cat internal)"
    wait_for 5 test -s "$state" || fail "$1: no new state"
    stop
}
cp "$state" good
broken_n=0
aside() {
    broken_n=$((broken_n + 1))
    [[ -e $state.damaged-$broken_n ]] || fail "it was not set aside: $(ls)"
}
: >"$state"
broken empty "it is empty"
aside
head -c 3000 good >"$state"
broken truncated "it ends before its end"
aside
{ head -c 1000 good; printf X; tail -c +1002 good; } >"$state"
broken damaged "it is damaged"
aside
head -c 5000 /dev/zero >"$state"
broken foreign "it is no state of firewatch"
aside
{ head -c 8 good; printf '\377'; tail -c +10 good; } >"$state"
broken version "it is of another version of firewatch"
aside
cp good "$state"
rm -f internal
run_again
stop
! grep -F 'the state is not used' internal || fail "a good one was not taken"

# 4. a directory that is not there is refused when it was asked for
sed 's,state="off",state="/no/such/place/x.state",' rsyslog.conf >bad.conf
"$RSYSLOGD" -N1 -f "$WORK/bad.conf" >checked 2>&1 && fail "-N1 took it: $(cat checked)"
grep -qF 'the state cannot be kept in the directory /no/such/place' checked || fail "it said: $(cat checked)"
