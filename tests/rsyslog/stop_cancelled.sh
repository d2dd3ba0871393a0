#!/bin/bash
# slow
# SIGTERM with timeouts so short that rsyslogd cancels workers in the middle of a line: it ends all the same, and leaves
# no lock of an engine taken.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

traffic_lines 20000 >log
printf 'detectors:\n  addr_scan: {local_threshold: 4, sequential_minimum: 4}\n' >policy.yaml
{
    conf_begin imptcp
    for name in a b c; do
        conf_sink $name "$QUEUE queue.workerThreads=\"4\" queue.workerThreadMinimumMessages=\"20\" queue.dequeueBatchSize=\"16\"
            queue.timeoutShutdown=\"50\" queue.timeoutActionCompletion=\"50\"" \
            "ruleset=\"findings\" engine=\"${name/c/a}\" policy=\"$WORK/policy.yaml\" maxMemory=\"16m\" fields=\"\$!fw\""
        conf_port $name
    done
    conf_findings findings
} >rsyslog.conf
for ((round = 0; round < 10; round++)); do
    rm -f ./*.port ./*.passed findings.* internal rsyslogd.log
    start
    wait_for 5 test -s c.port || exit 1
    feeders=()
    for name in a b c; do
        (while cat log >"/dev/tcp/127.0.0.1/$(<$name.port)"; do :; done) 2>/dev/null &
        feeders+=($!)
    done
    # each HUP makes every worker take a new parser, which takes its time
    for pause in 0.02 0.07 0.04 0.09 0; do
        rsyslog_hup
        sleep $pause
    done
    FEEDER=${feeders[*]}
    stop
    kill "${feeders[@]}" 2>/dev/null
    wait "${feeders[@]}" 2>/dev/null
    FEEDER=
done
