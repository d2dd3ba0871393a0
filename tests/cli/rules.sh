#!/bin/bash
# Rules of one's own: the examples, the ladder of the worm, errors, and every command that knows them.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
RULES=$SRCDIR/rulebase/firewatch.rulebase # lines of several devices
reference=2026-12-31T00:00:00Z
fail() {
    echo "$*"
    failed=1
}
run_rules() {
    "$FIREWATCH" replay -r "$RULES" --reference $reference "$@"
}

# every example finds in its log what its test says
for policy in "$SRCDIR"/examples/rules/*.yaml; do
    exits 0 "$FIREWATCH" check -r "$RULES" -p "$policy"
    exits 0 "$FIREWATCH" test -r "$RULES" "${policy%.yaml}.test"
done

# OSSIM's ladder as a rule says what the built-in detector says: openings, updates and stages, to the third one
python3 - >worm.log <<'P'
import datetime
start = datetime.datetime(2026, 10, 12, 8)
for i in range(2600):
    at = start + datetime.timedelta(milliseconds=500 * i)
    print(f"{at:%b %d %H:%M:%S} gw kernel: [{1000 + i}.000001] DROP: IN=eth0 OUT=eth1 SRC=10.1.4.23 "
          f"DST=198.51.{100 + i // 250}.{i % 250 + 1} LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID={i} DF PROTO=TCP "
          f"SPT={40000 + i} DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0")
P
cat >ladder.yaml <<'Y'
rules:
  - id: ladder
    match: {kind: flow_deny, src: home, proto: [tcp, udp], dport: [135, 139, 445]}
    by: [src, proto, dport]
    distinct: dst
    threshold: 15
    window: 3m
    stages: [{threshold: 300, window: 20m}, {threshold: 2000, window: 30m}]
    say: "{src} searches like a worm: {count} hosts on {proto}/{dport} in {span} ({denied} denied)"
Y
run_rules --only worm --text worm.log >worm.out
run_rules -p ladder.yaml --only ladder --text worm.log | sed 's/^ladder/worm/' >ladder.out
diff worm.out ladder.out || fail "the ladder differs from the detector"
run_rules -p ladder.yaml --only ladder,worm worm.log | python3 -c '
import json, sys
said = {"worm": [], "ladder": []}
for line in sys.stdin:
    one = json.loads(line)
    finding = one["firewatch"]
    said[one["rule"]["id"]].append((one["@timestamp"], one["event"]["action"], finding["finding"]["stage"],
                                    finding["measure"]["value"], finding["counts"]["denied"], one["source"], one["destination"]))
stages = [stage for _, _, stage, *_ in said["ladder"]]
sys.exit(0 if said["worm"] == said["ladder"] and max(stages) == 3 and min(stages) == 1 else f"{said}")' ||
    fail "time, stage or measure differ"

# what is wrong is told with its place and what is allowed; nothing is run
cat >bad.yaml <<'Y'
rules:
  - id: one
    match: {srcc: 10.0.0.1}
    count: 5
    windw: 1m
Y
exits 1 "$FIREWATCH" check -r "$RULES" -p bad.yaml
says err 'bad.yaml:3:13: there is no field "srcc"; did you mean "src"?'
says err 'bad.yaml:5:5: unknown key of a rule "windw"; did you mean "window"?'
exits 1 "$FIREWATCH" replay -r "$RULES" -p bad.yaml worm.log

# an exception of the policy may be from a rule, and says what it held back
cat >excepted.yaml <<'Y'
exceptions:
  - {detector: [ladder, worm], source: [10.1.4.23], port: tcp/445, reason: "the inventory", until: 2031-12-31}
Y
cat ladder.yaml >>excepted.yaml
exits 0 "$FIREWATCH" check -r "$RULES" -p excepted.yaml
says out "detector: [worm, ladder]"
run_rules -p excepted.yaml --only ladder,worm --stats --text worm.log >out 2>err
python3 -c 'import json; d = json.load(open("err"))["detectors"]; assert d["ladder"]["suppressed"] == 2600, d["ladder"]' ||
    fail "what was held back is not counted"
! grep -q " open: " out || fail "the exception holds nothing back"
exits 0 "$FIREWATCH" why -r "$RULES" --reference $reference -p excepted.yaml 10.1.4.23 worm.log
says out "the inventory"
sed 's/ladder, worm/laddre/' excepted.yaml >bad.yaml
exits 1 "$FIREWATCH" check -r "$RULES" -p bad.yaml
says err 'bad.yaml:2:17: unknown detector or rule "laddre"; did you mean "ladder"?'
sed 's/    by: \[src, proto/    enabled: no\n&/; s/ladder, worm/ladder/' excepted.yaml >off.yaml
exits 0 "$FIREWATCH" check -r "$RULES" -p off.yaml
says err "none of the detectors of this exception is enabled"

# each command knows them
exits 0 "$FIREWATCH" detectors -p ladder.yaml
says out "ladder             threat   rule ladder"
exits 0 "$FIREWATCH" detectors -p ladder.yaml ladder
says out "threshold: 15"
exits 2 "$FIREWATCH" detectors -p ladder.yaml lader
says err 'did you mean "ladder"?'
head -40 worm.log >some.log
exits 0 "$FIREWATCH" why -r "$RULES" --reference $reference -p ladder.yaml 10.1.4.23 some.log
says out "ladder: 10.1.4.23 searches like a worm"
head -10 worm.log >few.log
exits 0 "$FIREWATCH" why -r "$RULES" --reference $reference -p ladder.yaml 10.1.4.23 few.log
says out "10 of 15 dst in 30m"
sed 's/threshold: 15/threshold: 50/' ladder.yaml >higher.yaml
exits 1 "$FIREWATCH" diff -r "$RULES" --reference $reference -p ladder.yaml -p higher.yaml some.log
says out "ladder"
says err "1 silenced"
exits 0 "$FIREWATCH" diff -r "$RULES" --reference $reference -p ladder.yaml -p ladder.yaml some.log
cat >ladder.test <<'Y'
reference: 2026-12-31T00:00:00Z
tests:
  - {name: it is found, input: some.log, others: true, expect: [{rule: ladder, port: 445}]}
  - {name: no such rule, input: some.log, others: true, expect: [{rule: laddr}]}
Y
exits 1 "$FIREWATCH" test -r "$RULES" ladder.test
says err 'did you mean "ladder"?'
sed -i /laddr/d ladder.test
exits 0 "$FIREWATCH" test -r "$RULES" ladder.test
exit $failed
