#!/bin/bash
# fields="$!..." leaves the event on the message for the actions that follow; off by default, and nothing of a line that
# was not understood.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

scan_lines 3 >log
echo "<4>2026-10-12T08:00:05Z fw1 kernel: nothing we know" >>log
"$FIREWATCH" parse -r "$RULES" log 2>/dev/null >events
[[ $(wc -l <events) = 3 ]] || fail "the command reads $(wc -l <events) events"
{
    conf_begin imfile
    cat <<CONF
template(name="fw" type="string" string="%\$!fw%\n")
template(name="deep" type="string" string="%\$!a!b%\n")
template(name="local" type="string" string="%\$.fw%\n")
template(name="one" type="string" string="%\$!fw!src% %\$!fw!dport% %\$!mine%\n")
CONF
    for name in fw deep local root off twice; do
        template=$name parameters='' before='' after=''
        case $name in
        fw) parameters='fields="$!fw"' before='set $!mine = "kept";'
            after="action(type=\"omfile\" file=\"$WORK/one.out\" template=\"one\")" ;;
        deep) parameters='fields="$!a!b"' ;;
        local) parameters='fields="$.fw"' ;;
        root) parameters='fields="$!"' template=json ;;
        off) template=json ;;
        twice) parameters='fields="$!fw"' template=fw
            after="action(type=\"omfirewatch\" engine=\"again\" ruleset=\"findings\" rulebase=\"$RULES\" fields=\"\$!fw\")" ;;
        esac
        cat <<CONF
ruleset(name="$name" queue.type="Direct") {
    $before
    action(type="omfirewatch" engine="$name" ruleset="findings" rulebase="$RULES" maxMemory="16m" $parameters)
    $after
    action(type="omfile" file="$WORK/$name.out" template="$template")
}
CONF
        conf_file $name "$WORK/log-$name"
        cp log "log-$name"
    done
    # a line without any time: it is of when rsyslog received it
    cat <<CONF
template(name="time" type="string" string="%\$!fw!time% %\$!fw!src%\n")
ruleset(name="timeless" queue.type="Direct") {
    action(type="omfirewatch" engine="timeless" ruleset="findings" rulebase="$RULES" maxMemory="16m" fields="\$!fw")
    action(type="omfile" file="$WORK/timeless.out" template="time")
}
CONF
    scan_lines 1 | sed 's/.*kernel:/kernel:/' >log-timeless
    conf_file timeless "$WORK/log-timeless"
    conf_findings findings
} >rsyslog.conf
begun=$EPOCHSECONDS
start
for name in fw deep local root off twice; do
    wait_for 10 has_lines $name.out 4 || fail "$name: $(cat $name.out)"
done
wait_for 10 has_lines timeless.out 1 || fail "timeless: nothing"
stop
for name in fw deep local root twice; do
    # rsyslog writes a blank after colons and commas here; the same object
    head -n 3 $name.out | sed 's,\\/,/,g; s/": /":/g; s/, "/,"/g; s/{ "/{"/g; s/ }/}/g' >got
    diff events got >diff.fields || fail "$name: $(cat diff.fields)"
    [[ $(tail -n 1 $name.out | tr -d '{} ') = '' ]] || fail "$name: of a line not understood: $(tail -n 1 $name.out)"
done
! grep -q src off.out || fail "off: $(cat off.out)"
read -r time src <timeless.out
[[ $src = 192.0.2.23 ]] || fail "timeless: $(cat timeless.out)"
time=$(date -d "$time" +%s)
[[ $time -ge $begun && $time -le $EPOCHSECONDS ]] || fail "timeless: it happened at $time, not after $begun"
[[ $(head -n 1 one.out) = "192.0.2.23 445 kept" ]] || fail "one: $(cat one.out)"
no_complaints
