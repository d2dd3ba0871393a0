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
says out "addr_scan        300 from it, by the role scanner that it has: our own look from outside"
says out "addr_scan        counted nothing of it"
says out "No findings"

# roles and exceptions with their terms, as `firewatch check` prints them; what each held back
cat >narrow.yaml <<'Y'
zone: Europe/Berlin
home: [10.0.0.0/8]
networks:
  watchers: [192.0.2.64/29]
  dc: [10.1.1.0/24]
roles:
  - {role: scanner, networks: watchers, when: ["sat 22:00-06:00"], until: 2031-06-30, reason: "at weekends"}
exceptions:
  - detector: addr_scan
    source: [192.0.2.66, watchers]
    destination: dc
    port: [tcp/445, 8000-8010]
    when: ["weekdays 10:04-10:05", "daily 02:00-05:00"]
    zone: Europe/Berlin
    until: 2031-03-31
    reason: "inventory"
  - {detector: addr_scan, destination: 10.1.2.0/24, reason: "to the branch", until: 2031-03-31}
  - {detector: [addr_scan, mass_mail], port: udp/53, reason: "names", until: 2031-03-31}
  - {detector: addr_scan, port: tcp/445, when: "mon 10:01-10:02", reason: "a minute of SMB", until: 2031-03-31}
Y
why 192.0.2.66 -p narrow.yaml far.log
says out "scanner          192.0.2.64/29 of watchers: at weekends"
says out '                   when: ["sat 22:00-06:00"]'
says out '                   until: 2031-06-30'
says out "exception        as source, 192.0.2.66: inventory"
for term in 'detector: [addr_scan]' 'destination: ["dc"]' 'port: [tcp/445, 8000-8010]' \
    'when: ["weekdays 10:04-10:05", "daily 02:00-05:00"]' 'zone: "Europe/Berlin"' 'until: 2031-03-31'; do
    says out "                   $term"
done
if grep -q "source: \[" out; then echo "the end that holds the address is told twice"; failed=1; fi
# 10:01 and 10:04 in Berlin are 08:01 and 08:04 UTC: sixty events of a minute each; the last fifty go to the branch
says out "addr_scan        60 from it, by the exception: a minute of SMB"
says out "addr_scan        50 from it, by the exception: to the branch"
says out "addr_scan        10 from it, by the exception: inventory"
exits 0 "$FIREWATCH" replay --stats -r "$RULES" --reference $REFERENCE -p narrow.yaml far.log
says err '"events_excepted":120,'
# a role of the other end; an exception for what goes there
cat >other.yaml <<'Y'
home: [10.0.0.0/8]
roles:
  - {role: nms, networks: 192.0.2.66, when: weekdays 08:00-10:00, reason: "looks after it"}
exceptions:
  - {detector: addr_scan, source: 192.0.2.7, destination: [10.1.1.1], reason: "nobody comes", until: 2031-03-31}
Y
why 10.1.1.1 -p other.yaml near.log
says out "exception        as destination, 10.1.1.1: nobody comes"
says out "                   source: [192.0.2.7]"
says out "addr_scan        1 to it, by the role nms of the other end: looks after it"

# what waits until its time is known counts when the detectors get it: at the end, or when another line has told
# that the clock is wrong
scan 21 | sed '19,$s/ 08:00/ 12:00/' >ahead.log
why 192.0.2.66 ahead.log
says out "As source: 21 events, 2026-10-12T08:00:00Z to 2026-10-12T12:00:20Z"
says out "18 of 25 failed destinations"
scan 18 | sed 's/192.0.2.66/192.0.2.77/; s/ fw1 / fw2 /' >other.log
cat ahead.log other.log >wrong.log
why 192.0.2.66 wrong.log
says out "As source: 21 events, 2026-10-12T08:00:00Z to 2026-10-12T08:00:19Z"
says out "21 of 25 failed destinations"
says out "added nothing    0 "
why 192.0.2.77 wrong.log
says out "As source: 18 events"
says out "18 of 25 failed destinations"

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

# what it uses, and the roles that lends
CASE=$SRCDIR/tests/replay/overdue_user
why 10.1.2.62 -p "$CASE/policy.yaml" "$CASE/input.log"
says out "worm             65 from it, by a role that was learned: see Applications"
says out "bittorrent       2026-10-12T08:00:49Z to 2026-10-12T08:01:29Z, 21 uses, 21 destinations; asked until 2026-10-14T00:00:00Z; it lends the role p2p_user"
why 10.1.2.61 -p "$CASE/policy.yaml" "$CASE/input.log"
says out "; overdue since 2026-10-12T00:00:00Z; it no longer lends the role p2p_user"
