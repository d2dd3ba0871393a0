#!/bin/bash
# NUL bytes, broken UTF-8, control characters, empty and enormous lines: counted, and the next line is read.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

one=$(scan_lines 1)
{
    printf '%s\n' "$one"
    printf 'a\0b\0\n\0\0\0\n<4>\0\n'
    printf '%s \0 and more\n' "$one"
    printf '\xff\xfe\x80 %s \xc3\x28\n' "$one"
    printf '<999999999999>%s\n<4>\n<4>2026-\n<4>2026-10-12T08:00:00Z\n<4>2026-10-12T08:00:00Z \n' "$one"
    printf '\x01\x02\x1b[31m\x7f\r\n\t\n'
    printf '%s' "${one%SRC=*}" && head -c 1000000 /dev/zero | tr '\0' 'A' && printf ' SRC=1.2.3.4\n'
    head -c 1000000 /dev/zero | tr '\0' ' ' && echo
    head -c 1000000 /dev/zero | tr '\0' '\001' && echo
    for field in SRC=999.1.1.1 SRC= SRC=10.1.1.1.1 'SRC=[10.1.1.1]' SRC=::::; do
        printf '%s\n' "${one/SRC=192.0.2.23/$field}"
    done
    printf '%s\n' "${one/DPT=445/DPT=70000}" "${one/DPT=445/DPT=-1}" "${one/DPT=445/DPT=%s%n%d}"
    head -c 200000 /dev/urandom
    echo
} >log
scan_lines 30 192.0.2.23 60 >last
{
    conf_begin imfile imptcp
    echo 'global(maxMessageSize="2m")'
    conf_stats
    for name in file tcp; do
        conf_findings "$name-findings"
        conf_lines $name 'queue.type="Direct"' "ruleset=\"$name-findings\" engine=\"$name\" fields=\"\$!fw\""
    done
    conf_file file "$WORK/log"
    conf_port tcp
} | sed '/^global(maxMessageSize/d; 1i global(maxMessageSize="2m")' >rsyslog.conf
start
send tcp log
send tcp last
wait_for 20 test -s file.passed || exit 1
cat last >>log
for name in file tcp; do
    wait_for 20 has_lines $name-findings.txt 1 || fail "$name: nothing is found after it"
    [[ $(stat_of "omfirewatch($name)" lines_truncated) -ge 3 ]] || sleep 1.5
    truncated=$(stat_of "omfirewatch($name)" lines_truncated)
    [[ $truncated -ge 3 ]] || fail "$name: $truncated lines were cut"
    stat_becomes "omfirewatch($name)" inject_failed 0
done
stop
