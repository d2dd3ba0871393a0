#!/bin/bash
# Every document that the cases expect is valid by the schema that is shipped, and a broken one is not.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
schema=$TOP/schema/firewatch-finding.schema.json
mapfile -t expected < <(cases "$TOP"/tests/replay/*/expected.json)
"$TOP/tests/schema.py" "$schema" "${expected[@]}" || exit
# one case of each kind of document is enough to break in every place
"$TOP/tests/schema.py" --break "$schema" "$TOP"/tests/replay/{parent_mutes_child,addr_scan_starts_only}/expected.json || exit
grep health "$TOP/tests/replay/storm/expected.json" >health.json && "$TOP/tests/schema.py" --break "$schema" health.json
