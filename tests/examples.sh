#!/bin/bash
# The examples work: rsyslogd takes the configurations, the command the policies,
# and the quickstart finds what its day has to show. Uses what is built, installs
# nothing. Exit 0, 1, or 77 where something is missing that it needs.
set -euo pipefail

src=${SRCDIR:-${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}}
build=${BUILDDIR:-${BUILD:-$src/build}}
export BUILDDIR=$build
export FIREWATCH=${FIREWATCH:-$build/firewatch}
export OMFIREWATCH=${OMFIREWATCH:-${MODULE:-$build/.libs/omfirewatch.so}}
rsyslogd=$(PATH=$PATH:/usr/sbin:/sbin command -v rsyslogd || :)

for file in "$FIREWATCH" "$OMFIREWATCH" "$rsyslogd" "$build/tests/bench/generate"; do
    if [[ ! -e $file ]]; then
        echo "${file:-rsyslogd} is missing"
        exit 77
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for policy in "$src"/examples/*policy*.yaml; do
    "$FIREWATCH" check -p "$policy" -r "$src/rulebase/firewatch.rulebase" >"$work/check" || {
        echo "firewatch does not like $policy"
        exit 1
    }
done

# As it stands in the file, but for where things are when nothing is installed.
sed -e "s|load=\"omfirewatch\"|load=\"$OMFIREWATCH\"|" \
    -e "s|policy=\"[^\"]*\"|policy=\"$src/examples/policy.yaml\" rulebase=\"$src/rulebase/firewatch.rulebase\"|" \
    "$src/examples/rsyslog-firewatch.conf" >"$work/rsyslog.conf"
"$rsyslogd" -N1 -f "$work/rsyslog.conf" >"$work/output" 2>&1 || {
    cat "$work/output"
    echo "rsyslogd does not like examples/rsyslog-firewatch.conf"
    exit 1
}
if grep -iE 'warning|error|omfirewatch: ' "$work/output"; then
    echo "rsyslogd has something to say about examples/rsyslog-firewatch.conf"
    exit 1
fi

"$src/examples/quickstart.sh" --no-build --fast --dir "$work/day"

# The command finds in the same log what the module found, word for word.
"$FIREWATCH" replay --text -p "$src/examples/quickstart-policy.yaml" -r "$src/rulebase/firewatch.rulebase" \
    "$work/day/firewalls.log" 2>/dev/null | grep -o '[a-z_]* \(open\|update\|close\): .*' >"$work/replayed"
cut -d' ' -f2- "$work/day/findings.log" | diff -u "$work/replayed" - || {
    echo "the module and the command differ"
    exit 1
}
