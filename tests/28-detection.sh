#!/bin/bash
# A generated office: what is planted in it is found, nobody else is accused.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
office=$BUILD/tests/detection/office
[[ -x $FIREWATCH && -x $office ]] || exit 0

# in_the_office OPTION...
in_the_office() {
    BUILDDIR=$BUILD "$TOP/tests/detection/measure" --small --check "$@"
}
# A detector that is off finds nothing, a mail server without its role is accused: both must be told.
misses_and_accusations_fail() {
    in_the_office --format netfilter --policy "$1" >said && { cat said; echo "that was to fail"; return 1; }
    grep -q "$2" said || { cat said; echo "it does not say $2"; return 1; }
}
without_mass_mail() {
    "$office" --out . --policy --hosts 100
    printf 'detectors:\n  mass_mail: {enabled: false}\n' >>policy.yaml
    misses_and_accusations_fail policy.yaml '^- missed: mass-mailer'
}
without_roles() {
    printf 'home: [10.1.0.0/16, 192.0.2.0/24]\n' >policy.yaml
    misses_and_accusations_fail policy.yaml '^- false: mass_mail open: 10.1.0.25 '
}
the_same_seed_the_same_office() {
    local n
    for n in 1 2; do
        mkdir "$n"
        "$office" --out "$n" --hosts 60 --days 2 --intensity .1 --infected 12 || return 1
    done
    diff -r 1 2
}
# What is planted is added, and nothing else is different.
infections_change_nothing_else() {
    local n
    for n in 0 3; do
        mkdir "$n"
        "$office" --out "$n" --hosts 60 --days 1 --intensity .1 --infected "$n" --format netfilter || return 1
        # without what counts events, or is made of their number
        awk '{ for (i = 8; i <= NF; i++) if ($i ~ /^(SRC|DST|PROTO|DPT)=/) printf "%s ", $i; print "" }' "$n/fw.log" |
            sort >"$n.flows"
    done
    [[ -z $(comm -23 0.flows 3.flows) && -n $(comm -13 0.flows 3.flows) ]] || { comm -3 0.flows 3.flows | head; return 1; }
}

for format in netscreen asa netfilter; do
    check "office_in_$format" in_the_office --format "$format"
done
check a_miss_fails without_mass_mail
check a_false_finding_fails without_roles
check the_same_seed_the_same_office the_same_seed_the_same_office
check infections_change_nothing_else infections_change_nothing_else
