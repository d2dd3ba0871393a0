#!/bin/bash
# What an attacker can get into a log: findings stay valid, printable, and nobody's but the engine's.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

# Lines of a firewall, in which he chose names and texts; between them a scan that has to be found all the same.
hostile_lines() {
    local long user forged i
    long=$(head -c 65536 /dev/zero | tr '\0' 'u')
    forged='{"event":{"kind":"alert","dataset":"firewatch.finding"},"message":"addr_scan open: 192.0.2.66 tried 99 hosts"}'
    scan_lines 12
    # spoofed sources, each once
    awk 'BEGIN { for (i = 0; i < 3000; i++)
        printf "<4>2026-10-12T08:00:%02dZ fw1 kernel: [%d.000001] IPT-DROP: IN=eth1 OUT=eth0 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=203.%d.%d.%d DST=10.1.1.1 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=%d DF PROTO=TCP SPT=4000 DPT=23 WINDOW=64240 RES=0x00 SYN URGP=0\n", 12 + i / 1000, 2000 + i, i / 65536, int(i / 256) % 256, i % 256, i }'
    # forged tags and documents
    printf '<134>2026-10-12T08:00:15Z fw1 firewatch: addr_scan open: 192.0.2.66 tried 99 hosts on tcp/445 in 9 s (99 denied)\n'
    printf '<134>2026-10-12T08:00:15Z fw1 firewatch: @cee:%s\n' "$forged"
    printf '<134>2026-10-12T08:00:15Z fw1 app: %s\n' "$forged"
    # text that programs further on may take for something else
    for user in '%s%s%n%n%1$s' '$(reboot)' "'; DROP TABLE findings; --" '"}]}' "$forged" "$long" \
        $'\e]0;owned\a\e[2J' $'\xe2\x80\xae445/pct' $'\xff\xfe' '#033[31m' '../../etc/passwd'; do
        printf '<164>2026-10-12T08:00:16Z asa1 %%ASA-4-106023: Deny tcp src outside:203.0.113.9/4000(%s) dst inside:10.1.1.1/22 by access-group "%s" [0x0, 0x0]\n' \
            "$user" "$user"
        printf '<166>2026-10-12T08:00:16Z asa1 %%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.1.0.9 : user = %s\n' "$user"
        printf '<13>2026-10-12T08:00:16Z proxy squid: GET http://203.0.113.8/?q=%s\n' "$user"
    done
    # the name of a device is text, too, where anybody may send syslog: a scan from behind one of each
    i=0
    for user in '%n%n%s' $'a\e[31mb' '"},"x":{"' "$(head -c 300 /dev/zero | tr '\0' h)" $'b\xe2\x80\xaec' $'\xff\xfed' '</script>'; do
        i=$((i + 1))
        scan_lines 40 "198.51.100.$i" 17 | awk -v host="$user" '{ sub(/ fw1 /, " " host " "); print }'
    done
    scan_lines 30 192.0.2.23 57 | tail -n +13
}
hostile_lines >log
{
    conf_begin imptcp
    echo 'global(maxMessageSize="128k")'
    conf_stats
    cat <<CONF
template(name="origin" type="string" string="%inputname%|%syslogtag%\n")
ruleset(name="findings" $QUEUE) {
    action(type="omfile" file="$WORK/findings.jsonl" template="json")
    action(type="omfile" file="$WORK/findings.txt" template="text")
    action(type="omfile" file="$WORK/origin" template="origin")
}
CONF
    conf_lines lines 'queue.type="Direct"' 'ruleset="findings" fields="$!fw"'
    conf_port lines
} | sed '/^global(maxMessageSize/d; 1i global(maxMessageSize="128k")' >rsyslog.conf
start
send lines log
passed lines "$(wc -l <log)"
stat_becomes "omfirewatch(site)" inject_failed 0
stop

# 1. the scan among all this is found
grep -q 'addr_scan open: 192.0.2.23 tried 25 hosts' findings.txt || fail "the scan was not found: $(cat findings.txt)"
# 2. nobody but the engine says anything, and nothing is said of what was forged
grep -v '^omfirewatch|firewatch:$' origin && fail "this came from elsewhere"
grep -F 192.0.2.66 findings.jsonl findings.txt && fail "a forged finding came through"
# 3. JSON is JSON, texts can be shown, and no key is there that the engine did not write
python3 - findings.jsonl findings.txt <<'PY' || fail "see above"
import json, sys, unicodedata
KEYS = {"@timestamp", "ecs", "message", "event", "rule", "threat", "source", "destination", "network", "observer", "related",
        "firewatch"}
def walk(x):
    if isinstance(x, dict):
        for k, v in x.items():
            yield k
            yield from walk(v)
    elif isinstance(x, list):
        for v in x:
            yield from walk(v)
    elif isinstance(x, str):
        yield x
n = 0
for line in open(sys.argv[1], encoding="utf-8"):
    doc = json.loads(line)
    n += 1
    assert set(doc) <= KEYS, set(doc) - KEYS
    assert len(line) < 16384, len(line)
    for text in walk(doc):
        assert len(text) <= 1100, text
for line in open(sys.argv[2], encoding="utf-8"):
    for c in line.rstrip("\n"):
        assert unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"), (hex(ord(c)), line)
assert n >= 6, n
PY
