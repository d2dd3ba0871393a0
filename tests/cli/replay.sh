#!/bin/bash
# firewatch replay: documents on stdout, counters on stderr.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
have python3
replay() {
    exits 0 "$FIREWATCH" replay -r "$RULES" --reference $REFERENCE "$@"
}

scan 200 >scan.log
replay --stats scan.log
cp out documents
cp err stats
python3 - documents stats <<'P' || failed=1
import json, sys
documents = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert documents, "no finding"
first = documents[0]
assert first["rule"]["id"] == "addr_scan" and first["source"]["ip"] == "192.0.2.66", first
assert first["event"]["action"] == "finding-open", first
told = open(sys.argv[2], encoding="utf-8").read()
assert told.count("\n") == 1, told
stats = json.loads(told)
assert stats["lines_received"] == 200 and stats["events_flow_deny"] == 200, stats
assert stats["findings_opened"] == 1 and stats["findings_held"] == 1, stats
assert stats["documents_written"] == len(documents), stats
for key in ("held", "evicted", "gated", "forgotten", "suppressed"):
    assert isinstance(stats["detectors"]["addr_scan"][key], int), stats
P

# time does not go beyond the last event unless asked to
if grep -q finding-close documents; then echo "closed without being asked"; failed=1; fi
replay --until-quiet --stats scan.log
says out finding-close
says err '"findings_held":0'
head -n "$(wc -l <documents)" out >begin
same documents begin

# twice the same; in pieces the same; from standard input the same
replay scan.log
same documents out
replay --seed 7 scan.log
same documents out
replay - <scan.log
same documents out
head -n 90 scan.log >one.log
tail -n +91 scan.log >two.log
replay one.log two.log
same documents out

replay --text scan.log
grep -q '^addr_scan open: 192.0.2.66 ' out || { echo "no sentence"; cat out; failed=1; }
replay --kinds summary,health scan.log
silent out
replay --kinds finding scan.log
same documents out
replay --max-memory 16MiB scan.log
same documents out

# a policy counts
cat >quiet.yaml <<'Y'
roles: [{role: scanner, networks: [192.0.2.66], reason: "ours"}]
Y
replay -p quiet.yaml --stats scan.log
silent out
says err '"events_suppressed":200'

{ cat scan.log; head -c 70000 /dev/zero | tr '\0' x; echo; echo "no rule takes this"; } >more.log
replay --stats more.log
same documents out
python3 - err <<'P' || failed=1
import json, sys
stats = json.load(open(sys.argv[1], encoding="utf-8"))
assert stats["lines_received"] == 202 and stats["lines_truncated"] == 1 and stats["lines_unparsed"] == 2, stats
P

# what arrives slowly is told at once
mkfifo pipe
"$FIREWATCH" replay -r "$RULES" --reference $REFERENCE pipe >slow 2>err &
reader=$!
exec 3>pipe
cat scan.log >&3
for _ in $(seq 100); do
    [ -s slow ] && break
    sleep 0.05
done
[ -s slow ] || { echo "nothing was told while the input was open"; failed=1; }
exec 3>&-
wait $reader || failed=1
same documents slow
exit $failed
