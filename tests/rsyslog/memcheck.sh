#!/bin/bash
# slow
# valgrind over a short run with findings, fields, HUP and counters: no error and no leak with anything of ours in it.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

command -v valgrind >/dev/null || skip "valgrind is not installed"
scan_lines 200 >log
echo 'home: [10.0.0.0/8]' >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_lines lines "$QUEUE queue.workerThreads=\"2\" queue.workerThreadMinimumMessages=\"50\"" \
        "ruleset=\"findings\" maxMemory=\"16m\" policy=\"$WORK/policy.yaml\" fields=\"\$!fw\""
    conf_lines more 'queue.type="Direct"' 'ruleset="findings"'
    conf_findings findings
    conf_port lines
    conf_port more
} | sed 's/idleTimeout="0"/idleTimeout="1"/' >rsyslog.conf
cat >run <<RUN
#!/bin/sh
exec valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible --keep-debuginfo=yes \
    --trace-children=no --log-file=$WORK/report $RSYSLOGD "\$@"
RUN
chmod +x run
RSYSLOGD=$WORK/run
start
wait_for 30 test -s more.port || exit 1
send lines log
send more log
passed lines 200
passed more 200
echo 'home: [10.0.0.0/8, 192.168.0.0/16]' >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_done 2
echo 'home: [nonsense]' >policy.yaml
rsyslog_hup
stat_becomes omfirewatch reloads_refused 1
send lines log
send more log
passed lines 400
passed more 400
sleep 2
stop
[[ -s findings.jsonl ]] || fail "nothing was found"
awk -v RS='==[0-9]+== \n' '/omfirewatch|fw_|fwS|liblognorm|libyaml/ { print; bad = 1 } END { exit bad }' report ||
    fail "these are ours"
cat report
