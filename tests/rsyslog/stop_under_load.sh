#!/bin/bash
# SIGTERM while lines come in and findings go out, twenty times: it ends within 10 s, with status 0.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

traffic_lines 20000 >log
printf 'limits:\n  findings_per_minute: 1000\ndetectors:\n  addr_scan: {remote_threshold: 3, local_threshold: 3}\n' >policy.yaml
"$FIREWATCH" check -p policy.yaml -r "$RULES" >/dev/null || fail "the policy is bad"
found=0
for ((round = 0; round < 20; round++)); do
    case $((round % 4)) in
    0) queue=$QUEUE ;;
    1) queue="$QUEUE queue.workerThreads=\"4\" queue.workerThreadMinimumMessages=\"50\" queue.dequeueBatchSize=\"32\"" ;;
    2) queue='queue.type="Direct"' ;;
    3) queue='' ;; # the main queue
    esac
    rm -f findings.* lines.* rsyslogd.log internal omfirewatch-* # what is known would not be found again
    {
        conf_begin imptcp
        conf_sink lines "$queue${queue:+ queue.timeoutShutdown=\"100\" queue.timeoutActionCompletion=\"100\"}" \
            "ruleset=\"findings\" policy=\"$WORK/policy.yaml\" maxMemory=\"32m\""
        conf_findings findings
        conf_port lines
    } >rsyslog.conf
    start
    wait_for 5 test -s lines.port || exit 1
    (while cat log >"/dev/tcp/127.0.0.1/$(<lines.port)"; do :; done) 2>/dev/null &
    FEEDER=$!
    sleep "0.$((2 + round % 5))"
    stop
    kill $FEEDER 2>/dev/null
    wait $FEEDER 2>/dev/null
    FEEDER=
    [[ ! -s findings.jsonl ]] || found=$((found + 1))
    ! compgen -G "$WORK/core*" >/dev/null || fail "it left a core"
done
[[ $found -ge 10 ]] || fail "only $found of 20 runs found anything before they were stopped"
