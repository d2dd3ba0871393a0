#!/bin/bash
# firewatch explain: lists findings, tells one, and believes nothing that a file says.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

scan 200 >scan.log
"$FIREWATCH" replay -r "$RULES" --reference $REFERENCE --until-quiet scan.log >findings.jsonl 2>err
id=$(sed -n '1s/.*"event":{[^}]*"id":"\([0-9a-f]*\)".*/\1/p' findings.jsonl)
[ -n "$id" ] || { echo "no finding to begin with"; exit 1; }

exits 0 "$FIREWATCH" explain findings.jsonl
[ "$(wc -l <out)" = 1 ] || { echo "not one line a finding"; cat out; failed=1; }
says out "$id"
says out "addr_scan: 192.0.2.66 tried"
exits 0 "$FIREWATCH" explain "${id:0:4}" findings.jsonl
for text in "192.0.2.66 tcp/445" "state        closed: quiet" "threshold 25" "T1046" "How it went" "  open " "  close " \
    "Evidence" "deny   port 445" "Next step" "severity     "; do
    says out "$text"
done
cp out told
exits 0 "$FIREWATCH" explain "$id" - <findings.jsonl
same told out
gzip -k findings.jsonl
exits 0 "$FIREWATCH" explain "$id" findings.jsonl.gz
same told out
sed 's/^/Oct 12 08:00:00 host firewatch: @cee: /' findings.jsonl >syslog
exits 0 "$FIREWATCH" explain "$id" syslog
same told out
{ echo "no document"; echo '{"event":{"kind":"metric"}}'; cat findings.jsonl; } >mixed
exits 0 "$FIREWATCH" explain "$id" mixed
same told out

# what is not there
exits 2 "$FIREWATCH" explain
says err "needs a FILE"
exits 2 "$FIREWATCH" explain "$id"
says err "is no file"
exits 2 "$FIREWATCH" explain abc findings.jsonl
says err "at least 4 digits"
exits 2 "$FIREWATCH" explain ffffffffffff findings.jsonl
says err "no finding ffffffffffff"
exits 2 "$FIREWATCH" explain "$id" missing.jsonl
says err "missing.jsonl: No such file or directory"
exits 2 "$FIREWATCH" explain scan.log
says err "none of 200 lines"
exits 0 "$FIREWATCH" explain /dev/null
silent out
exits 2 "$FIREWATCH" explain "$id" /dev/null
sed 's/"id":"'"$id"'"/"id":"'"${id:0:8}"'00000000"/' findings.jsonl | cat findings.jsonl - >two
exits 2 "$FIREWATCH" explain "${id:0:6}" two
says err "is the beginning of several"
says err "${id:0:8}00000000"

# a finding by its key; the latest of those that share one
sed 's/\("finding":{"id":"[^"]*","key":"\)[^"]*/\1the key/' findings.jsonl >first
sed 's/"id":"'"$id"'"/"id":"0123456789abcdef"/; s/"finding":{/"finding":{"previous_id":"'"$id"'",/
     s/T08:/T09:/g' first >second
cat first second >keyed
exits 0 "$FIREWATCH" explain "the key" keyed
says out "id           0123456789abcdef"
says out "previous     $id"
exits 0 "$FIREWATCH" explain "$id" keyed
says out "came again   0123456789abcdef"

# a hostile file: escapes, deep nesting, wrong types, huge numbers, half lines
esc=$(printf '\\u001b')
{
    head -c 3000 /dev/zero | tr '\0' '['
    echo
    for _ in $(seq 200); do printf '{"event":'; done
    echo
    echo '{"event":{"dataset":"firewatch.finding","id":12}}'
    echo '{"event":[],"rule":7}'
    echo '{"event":{"dataset":"firewatch.finding","id":"dead'"$esc"'[31m","action":"finding-open\n","start":"2026-13-99",
"reason":"x"}}'
    echo '{"@timestamp":"9999999-01-01","event":{"dataset":"firewatch.finding","id":"beef'"$esc"'[2Jx","reason":"'"$esc]0;%s%n"'","severity":-9223372036854775808,"start":{},"end":[1]},"rule":{"id":"%s%s'"$esc"'"},"firewatch":{"evidence":[1,{"time":7},null,{"port":99999999999,"destination":"'"$esc"'[1m"}],"degraded":["'"$esc"'c",null,{}],"window":{"seconds":9223372036854775807},"next_step":"'"$esc"'[5m"},"source":{"ip":"\u202e1"}}'
    printf '{"event":{"dataset":"firewatch.finding","id":"cafe0001","reason":"%s"},"firewatch":{"next_step":"%s"}}\n' \
        "$(head -c 9000 /dev/zero | tr '\0' A)" "$(head -c 9000 /dev/zero | tr '\0' B)"
    printf '\0\1\2{"event":{"dataset":"firewatch.finding","id":"cafe0002"}}\n'
    head -c 100 findings.jsonl
} >hostile
exits 0 "$FIREWATCH" explain hostile
says out "beef"
cp out all
exits 0 "$FIREWATCH" explain beef hostile
cat out >>all
exits 0 "$FIREWATCH" explain cafe0001 hostile
says out "BBBB"
cat out >>all
exits 0 "$FIREWATCH" explain $'beef\033[2J' hostile
cat out err >>all
if grep -qP '[\x00-\x08\x0b-\x1f\x7f]' all; then echo "control characters came through"; failed=1; fi
exit $failed
