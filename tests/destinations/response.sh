#!/bin/bash
# The response: a dry run does nothing; with --do the real nft of a network of its own drops who guessed passwords, and nobody
# else, also where nft failed at first.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

PATH=$PATH:/usr/sbin:/sbin
configuration() { # OPTIONS
    base firewatch_to_response
    sed -e "s|/usr/local/sbin/firewatch-block|$EXAMPLES/firewatch-block$1|" -e "s|/var/log/|$WORK/|" \
        -e 's|resumeInterval="2"|resumeInterval="1"|' "$EXAMPLES/response.conf"
}
# 1. dry: it must not even have an nft
configuration " --nft /nonexistent/nft" >rsyslog.conf
begin
feed
wait_for 10 grep -q 'would do: /nonexistent/nft add element inet firewatch blocked4 { 203.0.113.9 timeout 1h }' firewatch-block.log ||
    fail "$(cat firewatch-block.log internal)"
stop
[[ $(grep -c 'would do' firewatch-block.log) = 1 ]] || fail "$(grep 'would do' firewatch-block.log)"
! grep -q failed firewatch-block.log || fail "$(cat firewatch-block.log)"

# 2. what it never does
cat >asked.py <<'PY'
import json, subprocess, sys
def ask(*options, **changes):
    doc = {"event": {"dataset": "firewatch.finding", "action": "finding-open", "severity": 3, "id": "x"}, "rule": {"id": "password_crack"},
           "firewatch": {"class": "threat"}, "source": {"ip": "203.0.113.9"}}
    for path, value in changes.items():
        a, b = path.split("_")
        doc[a][b] = value
    done = subprocess.run([sys.argv[1], *options], input=json.dumps(doc) + "\n", capture_output=True, text=True, check=True)
    assert done.stdout == "OK\nOK\n", done
    return "would do" in done.stderr
assert ask() and ask(source_ip="2001:db8:1::1")
for no in ({"source_ip": "10.1.2.3"}, {"source_ip": "127.0.0.1"}, {"source_ip": "224.0.0.1"}, {"source_ip": "fe80::1"},
           {"source_ip": "0.0.0.0"}, {"source_ip": "203.0.113.9; reboot"}, {"source_ip": "203.0.113.0/24"}, {"source_ip": None},
           {"rule_id": "addr_scan"}, {"event_action": "finding-close"}, {"event_severity": 5}, {"firewatch_class": "anomaly"},
           {"event_dataset": "firewatch.health"}):
    assert not ask(**no), no
assert not ask("--never", "203.0.113.0/24") and ask("--rules", "addr_scan,flood", rule_id="flood") and not ask("--most", "0")
PY
"$PYTHON" asked.py "$EXAMPLES/firewatch-block" || fail "see above"

# 3. --do
command -v nft >/dev/null || skip "nftables is not installed; the dry run works"
unshare -rn true 2>/dev/null || skip "no network namespaces here; the dry run works"
server unshare -rn sleep 60
space=${SERVERS[-1]}
inside() {
    nsenter -t "$space" -U -n --preserve-credentials "$@"
}
ours() { # the namespace is there a moment after the process
    [[ $(readlink "/proc/$space/ns/net") != "$(readlink /proc/self/ns/net)" ]] && inside true
}
wait_for 5 ours || skip "no way into a network namespace; the dry run works"
inside nft -f "$EXAMPLES/firewatch.nft" || fail "firewatch.nft is refused"
cat >nft <<SH
#!/bin/bash
echo called >>"$WORK/called"
[[ \$(wc -l <"$WORK/called") -gt 2 ]] || { echo "no such file or directory" >&2; exit 1; }
exec nsenter -t "$space" -U -n --preserve-credentials nft "\$@"
SH
chmod +x nft
rm -f firewatch.jsonl firewatch-block.log omfirewatch-*
configuration " --do --nft $WORK/nft" >rsyslog.conf
begin
feed
wait_for 20 grep -q '^done' firewatch-block.log || fail "$(cat firewatch-block.log internal)"
stop
[[ $(grep -c '^failed: nft: no such file' firewatch-block.log) = 2 ]] || fail "$(cat firewatch-block.log)"
inside nft -j list set inet firewatch blocked4 >set.json
"$PYTHON" - <<'PY' || fail "$(cat set.json)"
import json
elements = [e["set"]["elem"] for e in json.load(open("set.json"))["nftables"] if "set" in e][0]
assert [e["elem"]["val"] for e in elements] == ["203.0.113.9"] and elements[0]["elem"]["timeout"] == 3600, elements
PY
! grep -i omfirewatch internal rsyslogd.log || fail "complaints"
