#!/bin/bash
# firewatch why: what logs and policy say of an address.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
why() {
    exits 0 "$FIREWATCH" why -r "$RULES" --reference $REFERENCE "$@"
}
cat >policy.yaml <<'Y'
networks:
  watchers: [192.0.2.64/29]
home: [10.0.0.0/8]
roles:
  - role: scanner
    networks: [watchers]
    reason: "our own look from outside"
Y
scan 18 >near.log
scan 300 >far.log

# the nearest miss, with when it was
why 192.0.2.66 near.log
says out "not home"
says out "As source: 18 events, 2026-10-12T08:00:00Z to 2026-10-12T08:00:17Z"
says out "flow_deny        18 denied"
says out "tcp/445 (18)"
says out "and 13 others"
says out "As destination: no events"
says out "addr_scan        tcp/445: 18 of 25 failed destinations in 15m (72 %), at 2026-10-12T08:00:17Z"
says out "No findings"
says err "18 lines; what 0 unparsed and 0 refused ones say of it is not known"
cp out near
gzip -k near.log
why 192.0.2.66 near.log.gz
same near out
why 192.0.2.66 - <near.log
same near out

# a finding; more peers than are counted
why 192.0.2.66 far.log
says out "; a finding"
says out "Findings"
says out "addr_scan: 192.0.2.66 tried"
says out "more than 256, none of them often"

# a role: its reason, and what it held back
why 192.0.2.66 -p policy.yaml far.log
says out "scanner          192.0.2.64/29 of watchers: our own look from outside"
says out "addr_scan        300, for its role scanner"
says out "addr_scan        counted nothing of it"
says out "No findings"

# as destination; an address that nothing is said of; other forms of one
why 10.1.1.1 -p policy.yaml near.log
says out "home             10.0.0.0/8"
says out "As source: no events"
says out "As destination: 1 event, "
says out "192.0.2.66 (1)"
why 2001:db8::1 near.log
says out "As destination: no events"
why ::ffff:192.0.2.66 near.log
same near out
why 192.0.2.66 /dev/null
says out "No findings"
{ cat near.log; printf 'nobody understands \033[31mthis 192.0.2.66\n'; } >more.log
why 192.0.2.66 more.log
same near out
says err "19 lines; what 1 unparsed"

exits 2 "$FIREWATCH" why
says err "needs an ADDRESS"
exits 2 "$FIREWATCH" why 192.0.2.66
says err "needs a FILE"
exits 2 "$FIREWATCH" why $'192.0.2\033[1m' near.log
says err "is no address like"
if grep -q $'\033' err; then echo "an escape sequence came through"; failed=1; fi
exits 2 "$FIREWATCH" why -r "$RULES" 192.0.2.66 missing.log
exits 2 "$FIREWATCH" why -r "$RULES" -p missing.yaml 192.0.2.66 near.log
exit $failed
