#!/bin/bash
# firewatch parse: events as JSON, counts on stderr.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
have python3

{ scan 5; echo "no rule takes this"; } >some.log
exits 0 "$FIREWATCH" parse -r "$RULES" --reference $REFERENCE some.log
counted lines 6
counted flow_deny 5
counted unparsed 1
counted refused 0
counted ignored 0
cp out short
python3 - short <<'P' || failed=1
import json, sys
events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert len(events) == 5, events
assert events[0]["src"] == "192.0.2.66" and events[0]["dport"] == 445, events[0]
P
exits 0 "$FIREWATCH" parse -r "$RULES" --reference $REFERENCE --ecs some.log
python3 - out <<'P' || failed=1
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    json.loads(line)
P
says out '"source"'
exits 0 "$FIREWATCH" parse -r "$RULES" --unparsed some.log
echo "no rule takes this" >expected
same expected out
exits 0 "$FIREWATCH" parse -r "$RULES" --rules some.log
grep -qE '^ *5  .*:[0-9]+$' err || { echo "no hits of rules"; cat err; failed=1; }

# the year: nearest to the reference, or to when the file was written
exits 0 "$FIREWATCH" parse -r "$RULES" --reference 2024-11-01T00:00:00Z some.log
says out 2024-10-12T
touch -d 2023-11-01 some.log
exits 0 "$FIREWATCH" parse -r "$RULES" some.log
says out 2023-10-12T

# a line without a device gets the name given
sed 's/^.* kernel: //' some.log >bare.log
exits 0 "$FIREWATCH" parse -r "$RULES" --reference $REFERENCE --sensor gate7 bare.log
if grep -q 'flow_deny$' err; then says out gate7; fi
exit $failed
