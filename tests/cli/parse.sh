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

# the report: kinds, rules, beginnings of what is unparsed, what is next; no events, nothing on stderr
{
    scan 5
    for user in anna bob; do
        echo "Oct 12 08:10:00 gk1 gatekeeper: [pass] tcp 10.1.4.23:51320 -> 192.0.2.80:443 user=$user"
    done
    echo "Oct 12 08:10:01 gk1 gatekeeper: %GK-5-1234: opened by anna"
    printf 'Oct 12 08:10:02 gk1 evil\033[2J: \033]0;x\007\302\233 of it %%s 7\n'
    echo "1286536308.779 180 10.1.4.23 TCP_ODD/200 x"
    sed 's/SRC=192.0.2.66/SRC=192.0.2.666/' <(scan 1)
} >stats.log
exits 0 "$FIREWATCH" parse -r "$RULES" --stats stats.log
silent err
cp out err # as the counts of `counted`
counted lines 11
counted flow_deny 5
counted unparsed 5
counted refused 1
grep -qE '^ *6  .*netfilter.rulebase:[0-9]+, 1 refused, such as$' out || { echo "no hits of rules"; failed=1; }
says out "SRC=192.0.2.666"
counted 'gatekeeper: \[pass\] tcp' 2
counted 'gatekeeper: %GK-5-1234: opened by' 1
counted '#TCP_ODD/' 1
says out "gatekeeper: [pass] tcp 10.1.4.23:51320 -> 192.0.2.80:443 user=anna" # the first of them
if grep -q "user=bob" out; then echo "more than one example"; failed=1; fi
says out "Understood: 45.5 % of the lines."
says out "doc/new-device.md"
says out "Refused: "
if LC_ALL=C grep -q '[[:cntrl:]]' <(tr -d '\n' <out); then echo "a control character came through"; failed=1; fi
exits 0 "$FIREWATCH" parse -r "$RULES" --stats <(scan 3)
says out "Nothing is to be done."
exits 0 "$FIREWATCH" parse -r "$RULES" --stats /dev/null
counted_nothing=$(sed -n 1p out)
[ "$counted_nothing" = "           0  lines" ] || { echo "no lines: $counted_nothing"; failed=1; }
exits 2 "$FIREWATCH" parse -r "$RULES" --stats --unparsed stats.log

# whoever writes the lines can fill the table of beginnings, and no more
awk 'BEGIN { for (i = 0; i < 5000; i++) { t = ""; for (j = i; j > 0; j = int(j / 26)) t = t sprintf("%c", 97 + j % 26)
    print "gate: q" t " is not known" } }' >flood.log
exits 0 "$FIREWATCH" parse -r "$RULES" --stats flood.log
cp out err
counted "in 216 rarer ones" 216
counted "in others, not told apart: 256 were kept" 4744

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
