#!/bin/bash
# slow
# ThreadSanitizer in a real rsyslogd, four workers, HUP, counters, ticks, saves and engines that take another's place: no race with anything of ours in it.
# rsyslogd itself is not instrumented; what it races for alone is not looked at.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

cc=${TSAN_CC:-gcc}
command -v "$cc" >/dev/null || skip "there is no $cc"
runtime=$("$cc" -print-file-name=libtsan.so)
[[ $runtime = /* ]] || skip "there is no libtsan for $cc"
source=${RSYSLOG_SRC:-$(sed -n 's/^RSYSLOG_CPPFLAGS = -isystem \([^ ]*\).*/\1/p' "$BUILD/Makefile" 2>/dev/null)}
[[ -f $source/runtime/rsyslog.h ]] || skip "there are no rsyslog headers; say RSYSLOG_SRC=DIR"
echo 'int main(void) { return 0; }' >probe.c
"$cc" -fsanitize=thread probe.c -o probe 2>/dev/null || skip "$cc builds nothing with -fsanitize=thread"
quiet=()
if ! ./probe 2>/dev/null; then # it wants its part of the address space
    quiet=(setarch -R)
    "${quiet[@]}" ./probe 2>/dev/null || skip "ThreadSanitizer does not run here"
fi

plugin=$TOP/plugins/omfirewatch
read -r -a flags <<<"$(pkg-config --cflags lognorm libfastjson libestr yaml-0.1 libpcre2-8 libmaxminddb)"
read -r -a libs <<<"$(pkg-config --libs lognorm libfastjson libestr yaml-0.1 libpcre2-8 libmaxminddb)"
version=$(sed -n 's/^AC_INIT(\[rsyslog\],\[\([^]]*\)\].*/\1/p' "$source/configure.ac")
[[ -f $BUILD/fw_config.h ]] || echo "#define FW_RSYSLOG_VERSION \"$version\"" >fw_config.h
compile() {
    local object=${1#"$plugin"/}
    "$cc" -w -std=gnu11 -D_GNU_SOURCE -g -O1 -fPIC -pthread -fsanitize=thread -DFW_PKGDATADIR='"/usr/share/firewatch"' \
        -I"$plugin" -I"$BUILD" -I. "${flags[@]}" "${@:2}" -c "$1" -o "${object//\//_}.o"
}
for file in "$plugin"/{core,detect,parse,policy,host,store,rules}/*.c; do
    [[ $file = */det_template.c ]] && continue
    while (($(jobs -rp | wc -l) >= FW_JOBS)); do wait -n; done
    compile "$file" &
done
for file in "$plugin"/*.c; do
    while (($(jobs -rp | wc -l) >= FW_JOBS)); do wait -n; done
    compile "$file" -I"$plugin/rsyslog" -isystem "$source" -isystem "$source/runtime" -isystem "$source/grammar" \
        -isystem "$source/tools" &
done
wait
echo '{ global: modInit; local: *; };' >exports
"$cc" -shared -fsanitize=thread -pthread -Wl,--version-script=exports -o omfirewatch.so ./*.o "${libs[@]}" -lm ||
    fail "it does not build"

MODULE=$WORK/omfirewatch.so
traffic_lines 6000 >log
# policy MEBIBYTES: of another size, it asks for another engine
policy() {
    printf 'home: [10.0.0.0/8]\nintervals: {save: 1s}\nlimits: {max_memory: %dMiB}\n' "$1" >policy.new
    mv policy.new policy.yaml
}
policy 16
{
    conf_begin imptcp
    conf_stats
    workers='queue.workerThreads="4" queue.workerThreadMinimumMessages="20" queue.dequeueBatchSize="16"'
    conf_lines lines "$QUEUE $workers" "ruleset=\"findings\" policy=\"$WORK/policy.yaml\" fields=\"\$!fw\""
    conf_lines more "$QUEUE $workers" 'ruleset="findings"'
    conf_findings findings
    conf_port lines
    conf_port more
} | sed 's/idleTimeout="0"/idleTimeout="1"/' >rsyslog.conf
RSYSLOG_REAL=$RSYSLOGD
cat >run <<RUN
#!/bin/sh
export LD_PRELOAD=$runtime TSAN_OPTIONS="log_path=$WORK/report halt_on_error=0 exitcode=0"
exec ${quiet[*]} $RSYSLOG_REAL "\$@"
RUN
chmod +x run
RSYSLOGD=$WORK/run
start
for _ in 1 2 3; do
    send lines log &
    send more log &
    FEEDER=$!
    for size in 17 18 18 16; do
        policy $size
        rsyslog_hup
        sleep 0.6
    done
    wait $FEEDER
done
FEEDER=
passed lines 18000
passed more 18000
sleep 2.5 # ticks
stat_becomes "omfirewatch(site)" lines_received 36000
(($(stat_of "omfirewatch(site)" state_saved) > 2)) || fail "it was saved $(stat_of "omfirewatch(site)" state_saved) times"
stop
[[ -s findings.jsonl ]] || fail "nothing was found"
cat "$WORK"/report.* 2>/dev/null >reports
echo "$(grep -c '^SUMMARY' reports) reports in all"
# a report ends at a line of equal signs; ours have a frame in our module
awk -v RS='==================\n' '/omfirewatch\.so|fw_|\/plugins\/omfirewatch\// { print; bad = 1 } END { exit bad }' reports ||
    fail "these are ours"
