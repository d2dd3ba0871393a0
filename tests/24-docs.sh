#!/bin/bash
# What the documentation shows works: tables, examples, commands, configurations.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

check reference "$TOP/tools/make-reference.py" --check
[[ -x $FIREWATCH ]] || exit 0
for page in "$TOP"/README.md "$TOP"/doc/*.md "$TOP"/doc/detectors/*.md; do
    grep -qE '^ *firewatch [a-z]|^```yaml|^```sh|type="omfirewatch"|\]\(' "$page" || continue # a table, nothing to try
    check "$(basename "$page" .md)" python3 "$TOP/tests/docs.py" "$page"
done
