#!/bin/bash
# rsyslogd -N1 refuses every bad configuration with a sentence that says what is allowed, and exits with 1.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

printf 'detectors:\n  addr_scann: {enabled: true}\n' >bad.yaml
printf 'home: [10.0.0.0/8]\n' >good.yaml
printf 'home: [192.168.0.0/16]\n' >other.yaml
printf 'version=2\nrule=flow:%%src:no-such-type%%\n' >bad.rulebase
printf 'rule=:x\n' >old.rulebase

GOOD="ruleset(name=\"findings\" $QUEUE) { action(type=\"omfile\" file=\"$WORK/out\") }"
FIREWATCH_ACTION="action(type=\"omfirewatch\" rulebase=\"$RULES\""
failures=0

# check CONF STATUS SENTENCE...: each sentence stands in what is said
try() {
    local name=$1 status=$2 rc sentence
    shift 2
    { rsyslog_conf; cat; } >"$name.conf"
    timeout 20 "$RSYSLOGD" -N1 -f "$WORK/$name.conf" >said 2>&1
    rc=$?
    if [[ $rc != "$status" ]]; then
        echo "== $name: -N1 exits with $rc, not $status"
        cat said
        failures=$((failures + 1))
        return
    fi
    for sentence; do
        if ! grep -qF -- "$sentence" said; then
            echo "== $name: it does not say: $sentence"
            cat said
            failures=$((failures + 1))
        fi
    done
}
good() {
    try "$1" 0
    if grep -q omfirewatch: said; then
        echo "== $1: it complains"
        cat said
        failures=$((failures + 1))
    fi
}
write='ruleset(name="findings" queue.type="LinkedList" queue.size="10000" queue.timeoutEnqueue="0") {...}'

good smallest <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\")"
good all_parameters <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" policy=\"$WORK/good.yaml\" engine=\"a-B_9\" tag=\"fw:\"
    fields=\"\$!a!b-c\" maxMemory=\"64m\" idleTimeout=\"5\" facility=\"daemon\")"
good ruleset_defined_later <<<"$FIREWATCH_ACTION ruleset=\"findings\") $GOOD"
good fields_local <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" fields=\"\$.fw\")"
good fields_root <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" fields=\"\$!\")"
good two_agree <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" policy=\"$WORK/good.yaml\" maxMemory=\"32m\")
    $FIREWATCH_ACTION ruleset=\"findings\")"
good two_engines <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" engine=\"a\" policy=\"$WORK/good.yaml\")
    $FIREWATCH_ACTION ruleset=\"findings\" engine=\"b\" policy=\"$WORK/other.yaml\")"
good from_a_queue <<<"ruleset(name=\"fw\" queue.type=\"LinkedList\") { $FIREWATCH_ACTION ruleset=\"findings\") } $GOOD"

# --- ruleset -------------------------------------------------------------------
try no_ruleset 1 'the parameter ruleset is missing' "$write" <<<"$GOOD $FIREWATCH_ACTION)"
try empty_ruleset 1 'the parameter ruleset is missing' <<<"$GOOD $FIREWATCH_ACTION ruleset=\"\")"
try unknown_ruleset 1 'there is no ruleset "findingz" for the findings; write' 'ruleset(name="findingz" queue.type=' \
    <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findingz\")"
try no_queue 1 'the ruleset "findings" has no queue of its own, and' "$write" \
    <<<"ruleset(name=\"findings\") { action(type=\"omfile\" file=\"$WORK/out\") } $FIREWATCH_ACTION ruleset=\"findings\")"
try direct_queue 1 'has no queue of its own (queue.type="direct" is none)' "$write" \
    <<<"ruleset(name=\"findings\" queue.type=\"Direct\") { action(type=\"omfile\" file=\"$WORK/out\") }
    $FIREWATCH_ACTION ruleset=\"findings\")"
try own_ruleset 1 'runs the action that makes them' "$write" \
    <<<"ruleset(name=\"fw\" $QUEUE) { if \$msg contains \"x\" then { stop } else { $FIREWATCH_ACTION ruleset=\"fw\") } }"
try own_ruleset_by_call 1 'runs the action that makes them' \
    <<<"ruleset(name=\"inner\") { $FIREWATCH_ACTION ruleset=\"fw\") } ruleset(name=\"fw\" $QUEUE) { call inner }"
# --- texts and numbers ---------------------------------------------------------
for tag in '' 'two words' 'ümlaut:' "$(printf 'x%.0s' {1..33})"; do
    try tag 1 "tag=\"$tag\" is no syslog tag: 1 to 32 printable ASCII characters without blanks are allowed" \
        <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" tag=\"$tag\")"
done
for engine in '' 'a b' 'a/b' "$(printf 'x%.0s' {1..33})"; do
    try engine 1 "engine=\"$engine\" is no name of an engine: 1 to 32 letters, digits" \
        <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" engine=\"$engine\")"
done
# shellcheck disable=SC2016 # they are meant to stay as they are
for fields in '' fw '!fw' '$fw' '$!a!!b' '$!a!' '$!a b' '$/fw' '$!!'; do
    try fields 1 "fields=\"$fields\" is no place for fields: it begins with \"\$!\" or \"\$.\"" \
        <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" fields=\"$fields\")"
done
for facility in '' local8 mark 3 none; do
    try facility 1 "facility=\"$facility\" is unknown: the names of syslog are allowed" \
        <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" facility=\"$facility\")"
done
for idle in -1 86401; do
    try idle 1 "idleTimeout=\"$idle\" is out of range: 1 to 86400 seconds" \
        <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" idleTimeout=\"$idle\")"
done
try idle_word 1 "parameter 'idletimeout' is not a proper number" \
    <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" idleTimeout=\"soon\")"
for memory in 0 1m 16777215; do
    try memory 1 'is too little: "16m" or more are allowed' \
        <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" maxMemory=\"$memory\")"
done
try memory_word 1 "parameter 'maxmemory' does not contain a valid size" \
    <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" maxMemory=\"much\")"
try several_at_once 1 'is no syslog tag' 'is too little' 'ruleset is missing' \
    <<<"$GOOD $FIREWATCH_ACTION tag=\"a b\" maxMemory=\"1\")"
try unknown_parameter 1 "parameter 'rulesset' not known" <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" rulesset=\"x\")"

# --- files ---------------------------------------------------------------------
try policy_missing 1 "$WORK/none.yaml" <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" policy=\"$WORK/none.yaml\")"
try policy_broken 1 "$WORK/bad.yaml:2:" addr_scann <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" policy=\"$WORK/bad.yaml\")"
try policy_directory 1 "$WORK" <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" policy=\"$WORK\")"
try rulebase_missing 1 "$WORK/none.rulebase" \
    <<<"$GOOD action(type=\"omfirewatch\" ruleset=\"findings\" rulebase=\"$WORK/none.rulebase\")"
try rulebase_broken 1 "$WORK/bad.rulebase:2" \
    <<<"$GOOD action(type=\"omfirewatch\" ruleset=\"findings\" rulebase=\"$WORK/bad.rulebase\")"
try rulebase_old 1 "$WORK/old.rulebase" \
    <<<"$GOOD action(type=\"omfirewatch\" ruleset=\"findings\" rulebase=\"$WORK/old.rulebase\")"
if [[ $(id -u) != 0 ]]; then
    cp good.yaml secret.yaml
    chmod 000 secret.yaml
    try policy_unreadable 1 "$WORK/secret.yaml" <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" policy=\"$WORK/secret.yaml\")"
fi

# the same sentences as the command's
"$FIREWATCH" check -p bad.yaml -r "$RULES" >/dev/null 2>by-command
try same_sentences 1 <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" policy=\"$WORK/bad.yaml\")"
sentence=$(sed -n 's/.*bad\.yaml:2:[0-9]*: //p' by-command | head -n 1)
if [[ -z $sentence ]] || ! grep -qF -- "$sentence" said; then
    echo "== the command says: $(cat by-command)"
    echo "== the module says: $(cat said)"
    failures=$((failures + 1))
fi

# --- two actions of one engine -------------------------------------------------
for pair in policy:"$WORK/good.yaml:$WORK/other.yaml" tag:a::b: facility:local1:local2 idleTimeout:5:6 maxMemory:32m:64m; do
    IFS=: read -r name one other <<<"${pair/a::b:/a:b}"
    try "contradicting_$name" 1 "$name" 'of another action with engine="site"' \
        <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" $name=\"$one\") $FIREWATCH_ACTION ruleset=\"findings\" $name=\"$other\")"
done
try contradicting_ruleset 1 'ruleset="more" contradicts ruleset="findings" of another action with engine="site"' \
    <<<"$GOOD ruleset(name=\"more\" $QUEUE) { action(type=\"omfile\" file=\"$WORK/out\") }
    $FIREWATCH_ACTION ruleset=\"findings\") $FIREWATCH_ACTION ruleset=\"more\")"

# --- the line of the configuration is told -------------------------------------
try place 1 "place.conf, on or before line " <<<"$GOOD $FIREWATCH_ACTION ruleset=\"findings\" tag=\"a b\")"

# --- what works, but not as one would wish: -N1 tells it and says yes, the log of one that runs tells it too ------------
try warnings 0 'a full queue of ruleset "findings" stops the reading of lines for 2000 ms at every finding' \
    'the ruleset "findings" is defined before "fw", which feeds it from a queue of its own' <<CONF
ruleset(name="findings" queue.type="LinkedList") { action(type="omfile" file="$WORK/out") }
ruleset(name="fw" $QUEUE) { $FIREWATCH_ACTION ruleset="findings") }
CONF
[[ $(grep -c omfirewatch: said) = 2 ]] || fail "$(cat said)"
{
    conf_begin
    cat <<CONF
ruleset(name="findings" queue.type="LinkedList") { action(type="omfile" file="$WORK/out") }
ruleset(name="fw" $QUEUE) { $FIREWATCH_ACTION ruleset="findings") }
CONF
} >rsyslog.conf
start
warned() {
    grep -qF 'a full queue of ruleset "findings" stops the reading of lines for 2000 ms at every finding' internal &&
        grep -qF 'the ruleset "findings" is defined before "fw", which feeds it from a queue of its own' internal
}
if ! wait_for 5 warned; then
    cat internal
    failures=$((failures + 1))
fi
stop

# --- a bad engine does not keep rsyslogd, nor a good one, from running ---------
{
    conf_begin imptcp
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' 'ruleset="findings" engine="good"'
    conf_lines bad 'queue.type="Direct"' 'ruleset="nowhere" engine="bad"'
    conf_port lines
    conf_port bad
} >rsyslog.conf
scan_lines 30 >scan
start
send lines scan
send bad scan
passed lines 30
passed bad 30
stop
[[ $(wc -l <findings.jsonl) = 1 ]] || fail "$(wc -l <findings.jsonl) findings of the good engine, not 1"

[[ $failures = 0 ]] || fail "$failures of these went wrong"
