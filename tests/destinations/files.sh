#!/bin/bash
# Findings in files: the table says what the documents say, whatever is in them; each class has its file; HUP opens them anew.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

{
    base firewatch_to_files
    sed -e "s|/var/log/|$WORK/|" "$EXAMPLES/files.conf"
} >rsyslog.conf
begin
feed
wait_for 10 has_lines firewatch.csv "$FINDINGS" || fail "$(wc -l <firewatch.csv) of $FINDINGS rows"
in_classes() {
    [[ $(cat firewatch-{threat,usage,anomaly}.jsonl 2>/dev/null | wc -l) -ge $FINDINGS ]]
}
wait_for 10 in_classes || fail "$(wc -l firewatch-*.jsonl) of $FINDINGS"
"$PYTHON" - <<'PY' || fail "see above"
import csv, json
docs = [json.loads(line) for line in open("firewatch.jsonl", encoding="utf-8")]
for name in {doc["firewatch"]["class"] for doc in docs}:
    with open(f"firewatch-{name}.jsonl", encoding="utf-8") as lines:
        assert [doc for doc in docs if doc["firewatch"]["class"] == name] == [json.loads(line) for line in lines], name
def of(doc, *path):
    for name in path:
        doc = doc.get(name, {})
    return "" if doc == {} else str(doc)
for row, doc in zip(csv.reader(open("firewatch.csv", encoding="utf-8", newline=""), strict=True), docs):
    expected = [of(doc, *p.split("/")) for p in ("@timestamp event/action rule/id firewatch/class event/severity event/risk_score "
                "source/ip destination/ip destination/port network/transport firewatch/counts/events event/id message").split()]
    assert row == expected, (row, expected)
    assert not any(value.startswith(("=", "+", "-", "@")) for value in row), row
PY
[[ $(stat -c %a firewatch.csv firewatch-threat.jsonl | sort -u) = 640 ]] || fail "$(stat -c '%a %n' firewatch*)"
mv firewatch.csv rotated
rsyslog_hup
wait_for 10 grep -q HUPed internal || fail "no HUP"
sleep 0.3 # it is told before it is done
scan_lines 30 192.0.2.77 9100 >later
send lines later
wait_for 10 grep -q 192.0.2.77 firewatch.csv || fail "nothing after HUP"
stop
! grep -i omfirewatch internal rsyslogd.log || fail "complaints"
