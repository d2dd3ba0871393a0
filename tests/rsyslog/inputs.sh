#!/bin/bash
# The same log through imfile, imptcp and imtcp gives the findings of a replay, byte for byte.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

cat "$TOP"/tests/replay/life_of_a_finding/input* >log
replay log >replayed
[[ -s replayed ]] || fail "the replay finds nothing"
{
    conf_begin imfile imptcp imtcp
    for name in file ptcp tcp; do
        conf_findings "$name-findings"
        conf_lines $name 'queue.type="Direct"' "ruleset=\"$name-findings\" engine=\"$name\""
    done
    conf_file file "$WORK/log"
    conf_port ptcp
    echo "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"$WORK/tcp.port\" ruleset=\"tcp\")"
} >rsyslog.conf
start
send ptcp log
send tcp log
for name in file ptcp tcp; do
    passed $name "$(wc -l <log)"
done
stop
for name in file ptcp tcp; do
    same_findings $name-findings.jsonl replayed
done
no_complaints
