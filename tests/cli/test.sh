#!/bin/bash
# firewatch test: rule tests beside a policy.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
rule_test() {
    exits "$1" "$FIREWATCH" test -r "$RULES" "${@:2}"
}
# problem LINE TEXT: what is wrong with ./bad.test, which is on stdin
problem() {
    cat >bad.test
    rule_test 1 bad.test
    says err "bad.test:$1"
    says err "$2"
    says out "not ok 1 - bad.test: it could not be run"
}
lines() {
    scan "$1" | sed 's/^/      /'
}

# the example
rule_test 0 "$SRCDIR/examples/quickstart-policy.test"
says out "ok 1 - $SRCDIR/examples/quickstart-policy.test: "
says out "1..2"
says err "2 tests, 0 failed"

# every kind of expectation that holds
echo 'detectors: {addr_scan: {remote_threshold: 10}}' >policy.yaml
scan 12 >input.log
gzip -k input.log
cat >policy.test <<Y
reference: $REFERENCE
tests:
  - name: all that can be said
    lines: |
$(lines 12)
    until_quiet: true
    expect:
      - {kind: finding, rule: addr_scan, source: 192.0.2.66, port: 445, transport: tcp, action: open, class: threat,
         severity: 4, stage: 1, text: "tried 10 hosts", count: 1}
      - {action: close, source: "::ffff:192.0.2.66"}
      - {rule: mass_mail, count: 0}
    counters: {lines_received: 12, findings_closed: 1}
  - {name: from a file, input: input.log, expect: [{port: 445}]}
  - {name: from a packed one, input: input.log.gz, expect: [], others: true}
  - name: what nobody understands
    lines: "no line of any device"
    unparsed: 1
    expect: []
Y
rule_test 0 policy.test
says out "1..4"
mkdir sub
mv policy.test policy.yaml input.log* sub
rule_test 0 sub/policy.test
says out "ok 4 - sub/policy.test: what nobody understands"

# what differs is told, with what came instead
cat >fail.test <<Y
policy: ~
reference: $REFERENCE
tests:
  - name: another port
    lines: |
$(lines 30)
    expect: [{rule: addr_scan, port: 80}]
  - name: nothing
    lines: |
$(lines 30)
    expect: []
  - name: too often
    lines: |
$(lines 30)
    expect:
      - {rule: addr_scan, count: 2}
    counters: {events_suppressed: 1}
  - name: a typing error in a line
    lines: |
      Oct 12 08:00:00 fw1 kernel: [1.0] IN=eth0 OUT=eth1 SRC=192.0.2.66
    expect: []
  - {name: no file, input: missing.log, expect: []}
Y
rule_test 2 fail.test
says out "not ok 1 - fail.test: another port"
says out "fail.test:36: expected {rule: addr_scan, port: 80}, not found"
says out "{rule: addr_scan, who: 192.0.2.66 tcp/445,"
says out "not ok 2 - fail.test: nothing"
says out "found, and not expected"
says out "expected {rule: addr_scan} 2 times, found 1"
says out "events_suppressed is 0, not 1"
says out "lines_refused is 1, not 0"
says out "not understood: Oct 12 08:00:00 fw1 kernel: [1.0] IN=eth0"
says out "not ok 5 - fail.test: no file"
says err "missing.log: No such file or directory"
says err "5 tests, 5 failed"
head -n 36 fail.test >one.test
rule_test 1 one.test
rule_test 1 one.test sub/policy.test
says out "ok 5 - sub/policy.test"
says out "1..5"

# a file that is wrong
problem 2 'unknown key "exspect"; did you mean "expect"?' <<'Y'
policy: ~
tests: [{name: x, lines: x, exspect: []}]
Y
problem 1 "a test needs either lines or input" <<'Y'
tests: [{name: x, expect: []}]
Y
problem 1 "a test needs expect" <<'Y'
tests: [{name: x, lines: y}]
Y
problem 2 'unknown detector or rule "adr_scan"; did you mean "addr_scan"?' <<'Y'
policy: ~
tests: [{name: x, lines: y, expect: [{rule: adr_scan}]}]
Y
problem 1 "must be a whole number from 0 to 65535" <<'Y'
tests: [{name: x, lines: y, expect: [{port: 65536}]}]
Y
problem 1 "must be an address like 10.1.2.3" <<'Y'
tests: [{name: x, lines: y, expect: [{source: 10.1.2}]}]
Y
problem 1 "there are: open, update, close" <<'Y'
tests: [{name: x, lines: y, expect: [{action: opened-up-again}]}]
Y
problem 1 "must be a time like" <<'Y'
reference: yesterday
Y
problem 1 'did you mean "lines_unparsed"?' <<'Y'
tests: [{name: x, lines: y, expect: [], counters: {lines_unparse: 1}}]
Y
problem "" "there is no test in it" <<'Y'
policy: ~
Y
problem 2 "must be a mapping" <<'Y'
# a list
- x
Y
echo 'tests: [{name: x, lines: y, expect: []}]' >nowhere.test
rule_test 2 nowhere.test
says err "there is no policy nowhere or nowhere.yaml"
cp nowhere.test nowhere
rule_test 2 nowhere
says err "does not end in .test"
rm nowhere
echo 'rols: []' >nowhere.yaml
rule_test 1 nowhere.test
says err 'did you mean "roles"?'
rule_test 2 missing.test
says err "missing.test: No such file or directory"
rule_test 2
says err "needs a FILE"

# lines from a file may hold anything
printf 'x\033[31m\0y\n' >escape.log
echo '{policy: ~, tests: [{name: x, input: escape.log, expect: []}]}' >escape.test
rule_test 1 escape.test
if grep -q $'\033' out err; then echo "an escape sequence came through"; failed=1; fi
exit $failed
