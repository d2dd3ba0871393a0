#!/bin/bash
# slow
# kill -9 under load, while the state is saved every second, ten times: each start goes on with what was saved, no finding
# is opened twice, and of what was counted no more is lost than came since the last save.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=10
slack=3 # seconds: the interval, what a save takes on a busy machine, and that impstats and omfile lag
state=omfirewatch-site.state
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" maxMemory=\"64m\" policy=\"$WORK/policy.yaml\""
    conf_port lines
} >rsyslog.conf

# load ROUND: more than it is given time for; 60000 sources that ask one host each, and every 50th line is of one of 30 that
# scan: 15 do so in all rounds, and 15 begin in each
load() {
    awk -v round="$1" 'BEGIN {
        for (i = round * 1000000; i < (round + 1) * 1000000; i++) {
            t = int(i / 2000)
            n = i * 7919 % 60000
            who = int(i / 50) % 30
            src = i % 50 ? "10.20." int(n / 250) "." 1 + n % 250 : "10.1." (who < 15 ? 4 : 5 + round) "." 1 + who
            dst = i % 50 ? "203.7." int(n / 250) "." 1 + n % 250 : "203.0." int(i / 1500 / 250) "." 1 + int(i / 1500) % 250
            printf "<4>2026-10-12T%02d:%02d:%02dZ fw1 kernel: [%d.000001] IPT-DROP: IN=eth1 OUT=eth0 ", \
                   8 + int(t / 3600), int(t / 60) % 60, t % 60, 1000 + t
            printf "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=%s DST=%s LEN=60 TOS=0x00 PREC=0x00 ", src, dst
            printf "TTL=63 ID=%d DF PROTO=TCP SPT=%d DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0\n", i % 65536, 30000 + i % 30000
        }
    }' >"/dev/tcp/127.0.0.1/$(<lines.port)" 2>/dev/null
}
count_passed() {
    wc -l <lines.passed 2>/dev/null || echo 0
}
# sample FILE: every 0.2 s, when it was and how many lines had passed
sample() {
    while :; do
        echo "$EPOCHREALTIME $(count_passed)"
        sleep 0.2
    done >>"$1"
}
observed() {
    stat_of "omfirewatch(site)" events_observed
}
start_again() {
    rm -f lines.port
    : >stats
    start
    wait_for 20 test -s lines.port || fail "no port"
    wait_for 10 has_stats || fail "no counters"
}
has_stats() {
    [[ -n $(observed) ]]
}

saved_again() {
    (($(stat_of "omfirewatch(site)" state_saved) > 1))
}

touch lines.passed
# how often it is saved is heard at HUP
printf 'intervals: {save: 1h}\n' >policy.yaml
start_again
sleep 2.5
saved_again && fail "it is saved every second, not every hour"
printf 'intervals: {save: 1s}\n' >policy.yaml
rsyslog_hup
wait_for 10 saved_again || fail "it is not saved every second after HUP"
stop
before=0
mid_save=0
for ((round = 0; round < rounds; round++)); do
    start_again
    have=$(observed)
    ((have >= before)) || fail "round $round: it goes on with $have events, and $before were there $slack s before the kill"
    first=$(count_passed)
    : >samples
    sample samples &
    sampler=$!
    load "$round" &
    feeding=$!
    FEEDER="$sampler $feeding"
    sleep "$((3 + round % 3)).$((RANDOM % 10))"
    if ((round % 2)); then # in the middle of a save
        until [[ -e $state.new ]] || ! kill -0 $feeding 2>/dev/null; do :; done
    fi
    now=$EPOCHREALTIME
    kill -9 "$RSYSLOG_PID"
    wait "$RSYSLOG_PID" 2>/dev/null
    RSYSLOG_PID=
    [[ ! -e $state.new ]] || mid_save=$((mid_save + 1))
    kill $sampler 2>/dev/null
    wait $sampler $feeding 2>/dev/null
    FEEDER=
    then=$(awk -v until="$now" -v slack=$slack '$1 <= until - slack { n = $2 } END { print n + 0 }' samples)
    ((then >= first)) || then=$first
    before=$((have + then - first))
    all=$((have + $(count_passed) - first))
    echo "round $round: had $have, $((all - have)) came, state of $(stat -c %s "$state") bytes; at least $before are to stay"
done
start_again
have=$(observed)
((have >= before)) || fail "at last: it goes on with $have events, and $before were there"
scan_lines 5 10.9.9.9 >after.log
send lines after.log
wait_for 20 grep -q 'SRC=10.9.9.9 DST=203.0.0.5 ' lines.passed || fail "nothing passes after all that"
stop

echo "$mid_save of $rounds in the middle of a save"
((mid_save > 0)) || fail "never killed in the middle of a save"
(($(stat -c %s "$state") > 3 << 20)) || fail "the state is small: $(stat -c %s "$state") bytes"
! grep -F 'the state is not used' internal || fail "a state was not used"
! compgen -G "$state.damaged-*" || fail "a state was set aside"
python3 - <<'CHECK' || fail "findings are opened twice"
import json, sys
ids, opened, bad, opens = set(), set(), 0, 0
for line in open("findings.jsonl"):
    document = json.loads(line)
    finding = document["firewatch"].get("finding")
    action = document["event"]["action"]
    if finding is None:
        continue
    if action == "finding-open":
        opens += 1
        if finding["id"] in ids or finding["key"] in opened:
            bad += 1
            print("opened twice:", line, end="")
        ids.add(finding["id"])
        opened.add(finding["key"])
    elif action == "finding-close":
        opened.discard(finding["key"])
print(opens, "openings,", len(opened), "open at the end")
sys.exit(bad > 0 or opens < 20)
CHECK
