#!/bin/bash
# firewatch detectors: the tables to read.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

exits 0 "$FIREWATCH" detectors
cp out list
[ "$(wc -l <list)" -gt 0 ] || { echo "no detectors"; failed=1; }
while read -r name _; do
    exits 0 "$FIREWATCH" detectors "$name"
    says out "$name: "
    says out "default from: "
    grep -q "^  needs \|^  hears " out || {
        echo "$name: of what?"
        failed=1
    }
done <list
exits 2 "$FIREWATCH" detectors adr_scan
says err 'did you mean "addr_scan"?'
silent out
exits 2 "$FIREWATCH" detectors nonsense
says err 'there is no detector "nonsense"'

# every parameter that is listed is one that a policy may have
"$FIREWATCH" check -r "$RULES" >policy.yaml 2>err || failed=1
while read -r name _; do
    "$FIREWATCH" detectors "$name" | sed -n 's/^  \([a-z_]*\): \(.*\)$/    \1: \2 /p' | while IFS= read -r line; do
        grep -qF -e "$line" policy.yaml || { echo "$name:$line is not in the printed policy"; exit 1; }
    done || failed=1
done <list
exit $failed
