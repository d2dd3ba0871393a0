#!/bin/bash
# firewatch check: problems with their place, and the effective policy.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

exits 0 "$FIREWATCH" check -r "$RULES"
says err "rules in $RULES"
cp out defaults.yaml
exits 0 "$FIREWATCH" check -r "$RULES" -p defaults.yaml
same defaults.yaml out

cat >good.yaml <<'Y'
home: [10.0.0.0/8, lab]
networks: {lab: [192.0.2.0/24, "2001:db8::/32"]}
roles: [{role: nms, networks: [10.1.0.5], reason: "pings \"everybody\""}]
detectors: {addr_scan: {window: 5m}, mass_mail: {enabled: no}}
limits: {max_memory: 64MiB}
Y
exits 0 "$FIREWATCH" check -r "$RULES" -p good.yaml
cp out printed.yaml
says printed.yaml "window: 5m"
exits 0 "$FIREWATCH" check -r "$RULES" -p printed.yaml
same printed.yaml out

# what loads and is hardly meant is told, and harms nothing
cat >old.yaml <<'Y'
detectors: {mass_mail: {enabled: no}}
exceptions:
  - {detector: addr_scan, port: 445, reason: old, until: 2020-12-31}
  - {detector: mass_mail, port: 25, reason: off, until: 9000-12-31}
Y
exits 0 "$FIREWATCH" check -r "$RULES" -p old.yaml
says err "note: old.yaml:3:5: this exception has ended: it was good until 2020-12-31"
says err "note: old.yaml:4:5: none of the detectors of this exception is enabled"

# the example, and what it prints
exits 0 "$FIREWATCH" check -r "$RULES" -p "$SRCDIR/examples/policy.yaml"
cp out printed.yaml
exits 0 "$FIREWATCH" check -r "$RULES" -p printed.yaml
same printed.yaml out

printf 'home: [10.0.0.1/8]\ndetectors:\n  adr_scan: {}\n' >bad.yaml
exits 1 "$FIREWATCH" check -r "$RULES" -p bad.yaml
silent out
says err 'bad.yaml:1:8: "10.0.0.1/8" has host bits set'
says err 'bad.yaml:3:3: unknown detector "adr_scan"; did you mean "addr_scan"?'
exits 1 "$FIREWATCH" replay -r "$RULES" -p bad.yaml /dev/null
says err "bad.yaml:3:3:"

for i in $(seq 30); do echo "wrong$i: 1"; done >many.yaml
exits 1 "$FIREWATCH" check -r "$RULES" -p many.yaml
says err "and 10 problems more"

exits 2 "$FIREWATCH" check -r "$RULES" -p /nonexistent/policy.yaml
says err "policy /nonexistent/policy.yaml: No such file or directory"
exits 2 "$FIREWATCH" check -r "$RULES" -p .
says err "Is a directory"

printf 'version=2\nrule=flow:%%src:nonsense%%\n' >bad.rulebase
exits 1 "$FIREWATCH" check -r bad.rulebase
says err "bad.rulebase:2"
# a good policy is shown all the same
says out "addr_scan:"
exit $failed
