# shellcheck shell=bash
# cluster/lib.sh: an edge and two nodes of examples/cluster, each an rsyslogd with a directory of its own; sourced, not run.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
CLUSTER=$TOP/examples/cluster
ALL=$WORK/all.log
declare -A PIDS

CPY=$TOP/tests/destinations/cluster/lines.py
cluster() {
    "$PYTHON" "$CPY" "$@"
}
# own DIR: what the configuration of an rsyslogd in DIR begins with, and has in place of an installation
own() {
    mkdir -p "$1"
    echo "global(workDirectory=\"$WORK/$1\" net.enableDNS=\"off\" processInternalMessages=\"on\")"
    echo "module(load=\"impstats\" interval=\"1\" format=\"json\" resetCounters=\"off\" log.syslog=\"off\" log.file=\"$WORK/$1/stats\")"
    echo "action(type=\"omfile\" file=\"$WORK/$1/internal\")"
}
installed() { # DIR: a filter
    sed -e "s|load=\"omfirewatch\"|load=\"$MODULE\"|; s|/var/log/|$WORK/$1/|; s|/var/spool/rsyslog/|$WORK/$1/|; /imudp/d" \
        -e "s|policy=\"/etc/firewatch/policy.yaml\"|policy=\"$WORK/policy.yaml\" rulebase=\"$RULES\" idleTimeout=\"0\"|" \
        -e "s|policy=\"/etc/firewatch/edge.yaml\"|policy=\"$CLUSTER/edge.yaml\" rulebase=\"$RULES\"|" \
        -e "s|type=\"imtcp\" port=\"514\"|type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"$WORK/lines.port\"|" \
        -e 's|resumeInterval="5"|resumeInterval="1"|'
}
# up DIR: checks DIR.conf and runs it
up() {
    "$RSYSLOGD" -N1 -f "$1.conf" >check.log 2>&1 || fail "rsyslogd does not like $1.conf: $(cat check.log)"
    ! grep -iE 'error|warning|omfirewatch: ' check.log || fail "rsyslogd has something to say of $1.conf"
    rm -f "$1/pid"
    "$RSYSLOGD" -n -f "$1.conf" -i "$WORK/$1/pid" >>"$1/log" 2>&1 &
    PIDS[$1]=$!
    SERVERS+=($!)
    wait_for 30 test -s "$1/pid" || fail "$1 did not start: $(cat "$1/log" "$1/internal")"
}
down() { # DIR SIGNAL
    kill "-$2" "${PIDS[$1]}"
    wait "${PIDS[$1]}" 2>/dev/null
}
# counter DIR NAME: of its engine
counter() {
    grep -s '"origin": "omfirewatch"' "$1/stats" | grep -F '(site)' | tail -n 1 | sed -n "s/.*\"$2\": *\\([0-9]*\\).*/\\1/p"
}
# distinct: lines that are at the nodes, each once
distinct() {
    cat node0/firewalls.log node1/firewalls.log 2>/dev/null | sort -u | wc -l
}
arrived() {
    [[ $(distinct) -ge $1 ]]
}
# nothing_lost: all lines, no source on two nodes, and what came twice is known to have
nothing_lost() {
    local twice
    wait_for 90 arrived "$(wc -l <"$ALL")" || fail "$(distinct) of $(wc -l <"$ALL") lines arrived: $(tail -qn 3 ./*/internal)"
    twice=$(cluster split "$FIREWATCH" "$RULES" node0 node1) || fail "$twice"
    echo "$twice lines came twice"
}
# saved DIR: what the node knows is in its file; the policy says every second
saved() {
    local before
    before=$(counter "$1" state_saved)
    more_saves() {
        [[ $(counter "$1" state_saved) -gt $((before + 1)) ]]
    }
    wait_for 30 more_saves "$1" || fail "$1 does not save its state"
}
# next_day: the same lines a day later, in $ALL.next
DAY=2026-10-12
next_day() {
    DAY=$(date -u -d "$DAY + 1 day" +%F)
    sed "s/2026-10-12T/${DAY}T/" "$ALL" >"$ALL.next"
    cat "$ALL.next" >>"$ALL.days"
}
next_arrives() {
    next_complete() {
        [[ $(cat node0/firewalls.log node1/firewalls.log | grep "${DAY}T" | sort -u | wc -l) -ge $(wc -l <"$ALL.next") ]]
    }
    wait_for 60 next_complete || fail "$(cat node0/firewalls.log node1/firewalls.log | grep "${DAY}T" | sort -u | wc -l) of" \
        "$(wc -l <"$ALL.next") lines of the next day arrived"
    echo "$(cat node0/firewalls.log node1/firewalls.log | sort | uniq -d | wc -l) lines have come twice by now"
}
# twice_and_not_counted: lines of the next day came twice, and what is found is what one node finds in all days
twice_and_not_counted() {
    local twice
    next_arrives
    twice=$(grep "${DAY}T" node1/firewalls.log | sort | uniq -d | wc -l)
    ((twice > 0)) || fail "no line came twice"
    known() {
        [[ $(counter node1 lines_repeated) -ge $twice ]]
    }
    wait_for 10 known || fail "$twice lines came twice, $(counter node1 lines_repeated) were known again"
    replay -p policy.yaml "$ALL.days" >whole.jsonl 2>/dev/null || fail "no replay"
    sleep 1
    cluster findings whole.jsonl node0 node1 || fail "the nodes find something else than one would, over $DAY"
}
cluster lines >"$ALL"
cp "$ALL" "$ALL.days"
printf 'intervals: {save: 1s}\nlimits: {max_memory: 64MiB}\n' >policy.yaml
replay -p policy.yaml "$ALL" >whole.jsonl 2>/dev/null || fail "no replay"
# An edge looks for nothing: every detector that there is is off.
for name in $("$FIREWATCH" detectors | cut -d' ' -f1); do
    grep -q "^  $name: {enabled: false}" "$CLUSTER/edge.yaml" || fail "examples/cluster/edge.yaml lacks $name: {enabled: false}"
done
