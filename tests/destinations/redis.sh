#!/bin/bash
# Findings in a Redis that comes up late, goes away and comes back: the last document of each by its key, which ends by itself, and all on the channel.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

plugin omhiredis rsyslog-hiredis
command -v redis-cli >/dev/null || skip "redis-tools is not installed"
port=$(free_port)
redis() {
    redis-cli -p "$port" "$@"
}
# The server is the same program as the checker of its files: redis-tools has it, and nothing that would be started
# on this machine. What it is depends on its name.
(exec -a redis-server redis-check-rdb --version) 2>/dev/null | grep -q '^Redis server' || skip "this redis-check-rdb is no server"
run_redis() {
    exec -a redis-server redis-check-rdb --port "$port" --bind 127.0.0.1 --save '' --dir "$WORK" --daemonize no
}
{
    base firewatch_to_redis
    sed -e "s|serverport=\"6379\"|serverport=\"$port\"|" -e 's|resumeInterval="5"|resumeInterval="1"|' "$EXAMPLES/redis.conf"
} >rsyslog.conf
begin
feed # nobody there to take it
server run_redis
REDIS=$!
wait_for 10 redis ping || fail "$(cat server.log)"
server redis-cli -p "$port" subscribe firewatch
# keys: the number of them
keys() {
    redis --scan --pattern 'firewatch:finding:*' | wc -l
}
expected=$(grep -o '"event":{[^}]*"id":"[0-9a-f]*"' firewatch.jsonl | grep -o '"id":"[^"]*"' | sort -u | wc -l)
all_there() {
    [[ $(keys) = "$expected" ]]
}
wait_for 20 all_there || fail "$(keys) of $expected findings"

# each is what was said of it last
cat >compare.py <<'PY'
import json, subprocess, sys
last = {}
for line in open("firewatch.jsonl", encoding="utf-8"):
    doc = json.loads(line)
    if doc["event"]["dataset"] == "firewatch.finding":
        last[doc["event"]["id"]] = doc
for key, doc in last.items():
    got = subprocess.run(["redis-cli", "-p", sys.argv[1], "--raw", "get", "firewatch:finding:" + key], capture_output=True, check=True)
    if json.loads(got.stdout) != doc:
        sys.exit(f"{key} is {got.stdout}, not {doc}")
PY
settled() {
    python3 compare.py "$port"
}
wait_for 10 settled || fail "$(python3 compare.py "$port" 2>&1)"
ttl=$(redis ttl "$(redis --scan --pattern 'firewatch:finding:*' | head -n 1)")
[[ $ttl -gt 7775000 && $ttl -le 7776000 ]] || fail "a key lives for $ttl s"
# from now on somebody listens
scan_lines 30 192.0.2.77 9100 >later
send lines later
wait_for 10 grep -q 'addr_scan open: 192.0.2.77' server.log || fail "nothing came over the channel: $(tail -n 5 server.log)"
# it goes away and comes back, without what it had: what was found meanwhile is there
kill $REDIS
wait $REDIS 2>/dev/null
before=$(wc -l <firewatch.jsonl)
scan_lines 30 192.0.2.78 12000 >meanwhile
send lines meanwhile
wait_for 10 has_lines firewatch.jsonl $((before + 1)) || fail "nothing was found"
sleep 1
server run_redis
wait_for 10 redis ping || fail "$(cat server.log)"
there_again() {
    redis --scan --pattern 'firewatch:finding:*' | while read -r key; do redis get "$key"; done | grep -q '"ip":"192.0.2.78"'
}
wait_for 20 there_again || fail "what was found meanwhile is not there"
stop
! grep -i omfirewatch internal rsyslogd.log || fail "complaints"
