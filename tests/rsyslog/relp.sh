#!/bin/bash
# RELP from one rsyslogd to another. In the middle of a scan the acknowledgements get lost, and then the connection or
# the receiver, by kill -9: the sender sends again. Every line arrives, none counts twice, the counts of findings are right.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

compgen -G "/usr/lib*/*/rsyslog/imrelp.so" >/dev/null || compgen -G "/usr/lib*/rsyslog/imrelp.so" >/dev/null ||
    skip "there is no imrelp (Debian's package rsyslog-relp)"
command -v python3 >/dev/null || skip "python3 is not installed"

# --- a wire between the two ------------------------------------------------------
# On the port in relay.port, to the port that it is told. While there is a file "deaf" nothing comes back from the
# receiver; a file "cut" ends the connections, and is removed when they have ended.
cat >relay.py <<'PY'
import os, select, socket, sys
server = socket.create_server(("127.0.0.1", 0))
with open("relay.new", "w") as out:
    out.write(str(server.getsockname()[1]))
os.rename("relay.new", "relay.port")
pairs = {} # socket: (its other end, is it the receiver's)
def end(*sockets):
    for one in sockets:
        if one in pairs:
            other = pairs.pop(one)[0]
            pairs.pop(other, None)
            one.close()
            other.close()
while True:
    ready = select.select([server, *pairs], [], [], 0.05)[0]
    if os.path.exists("cut"):
        end(*pairs)
        os.remove("cut")
        continue
    for one in ready:
        if one is server:
            client = server.accept()[0]
            try:
                receiver = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            except OSError:
                client.close() # the receiver is down
                continue
            pairs[client], pairs[receiver] = (receiver, False), (client, True)
        elif one in pairs:
            other, is_receiver = pairs[one]
            try:
                data = one.recv(65536)
                if data and not (is_receiver and os.path.exists("deaf")):
                    other.sendall(data)
            except OSError:
                data = b""
            if not data:
                end(one)
PY
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# --- two daemons -----------------------------------------------------------------
# receiver STATE: a direct queue, so that it acknowledges what the engine has seen
receiver() {
    {
        conf_begin imrelp
        conf_stats
        conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" state=\"$1\""
        conf_findings findings
        echo "input(type=\"imrelp\" address=\"127.0.0.1\" port=\"$port\" ruleset=\"lines\")"
    } >rsyslog.conf
    start
}
sender() {
    mkdir -p sender
    cat >sender.conf <<CONF
global(workDirectory="$WORK/sender" net.enableDNS="off")
module(load="imptcp")
module(load="omrelp")
template(name="same" type="string" string="%rawmsg%")
ruleset(name="send") {
    action(type="omrelp" target="127.0.0.1" port="$(<relay.port)" template="same"
           queue.type="LinkedList" action.resumeRetryCount="-1" action.resumeInterval="1")
}
input(type="imptcp" address="127.0.0.1" port="0" listenPortFileName="$WORK/send.port" ruleset="send")
CONF
    "$RSYSLOGD" -n -f sender.conf -i "$WORK/sender.pid" >sender.log 2>&1 &
    sender_pid=$!
    FEEDER="$relay_pid $sender_pid"
}
begin() {
    rm -rf sender send.port relay.port lines.passed findings.* stats omfirewatch-* deaf cut
    port=$(free_port)
    python3 relay.py "$port" &
    relay_pid=$!
    FEEDER=$relay_pid
    wait_for 5 test -s relay.port || fail "the relay does not run"
    receiver "$1"
    sender
}
end() {
    stop
    kill "$sender_pid" "$relay_pid"
    wait "$sender_pid" "$relay_pid" 2>/dev/null
    FEEDER=
}
arrived() {
    [[ -f lines.passed && $(sort -u lines.passed | wc -l) -ge $1 ]]
}
all_arrived() {
    wait_for 60 arrived "$1" || fail "$(sort -u lines.passed | wc -l) of $1 lines arrived"
}
# to_the_middle: the first two scans, acknowledged; 40 lines of the third arrive, and the sender does not learn it
to_the_middle() {
    send send first || fail "no connection to the sender"
    all_arrived 120
    sleep 0.5 # what is acknowledged is acknowledged
    touch deaf
    send send middle
    all_arrived 160
    [[ $(wc -l <lines.passed) = 160 ]] || fail "something came twice too early: $(wc -l <lines.passed) lines"
}
repeated() {
    echo $(($(wc -l <lines.passed) - $(wc -l <whole)))
}

# --- lines: six scans of 60 addresses, one after the other, and time that passes -----
{
    for ((i = 0; i < 6; i++)); do
        scan_lines 60 192.0.2.$((20 + i)) $((i * 60))
    done
    for ((t = 400; t < 9000; t += 100)); do
        scan_lines 1 10.1.9.9 $t
    done
} >whole
sort -u whole >each
[[ $(wc -l <each) = $(wc -l <whole) ]] || fail "two lines are one"
sed -n '1,120p' whole >first
sed -n '121,160p' whole >middle
sed -n '161,$p' whole >last
replay whole >replayed
[[ $(grep -c '"state":"closed"' replayed) = 6 ]] || fail "the replay finds something else"

# --- 1. only the connection goes: as if nothing had been ---------------------------
begin off
to_the_middle
touch cut
rm deaf
send send last
all_arrived "$(wc -l <whole)"
[[ $(repeated) -ge 40 ]] || fail "only $(repeated) lines came twice"
stat_becomes "omfirewatch(site)" lines_repeated "$(repeated)"
end
sort -u lines.passed | diff - each >/dev/null || fail "what arrived is not what was sent"
same_findings findings.jsonl replayed
! grep -i omfirewatch rsyslogd.log internal | grep -v "$ADVICE" || fail "complaints"

# --- 2. the receiver is killed -------------------------------------------------------
# closed SOURCE: as its finding ends, "EVENTS DESTINATIONS"
closed() {
    grep "\"source\":{\"ip\":\"$1\"}" findings.jsonl | grep '"state":"closed"' |
        sed 's/.*"name":"destinations","value":\([0-9]*\),.*"counts":{"events":\([0-9]*\),.*/\2 \1/'
}
for state in off "$WORK/omfirewatch-site.state"; do
    begin "$state"
    to_the_middle
    kill -9 "$RSYSLOG_PID"
    rsyslog_stop >/dev/null 2>&1
    touch cut
    send send last # waits in the sender
    wait_for 5 test ! -e cut || fail "the connection was not cut"
    rm deaf
    receiver "$state"
    all_arrived "$(wc -l <whole)"
    sleep 0.5
    [[ $(repeated) -ge 40 ]] || fail "state $state: only $(repeated) lines came twice"
    end
    sort -u lines.passed | diff - each >/dev/null || fail "state $state: what arrived is not what was sent"
    for ((i = 0; i < 6; i++)); do
        grep -q "addr_scan open: 192.0.2.$((20 + i)) " findings.txt || fail "state $state: the scan of 192.0.2.$((20 + i)) is lost"
    done
    # those that were over before the kill are up to the state
    for ((i = 2; i < 6; i++)); do
        [[ $(closed 192.0.2.$((20 + i))) = "60 60" ]] ||
            fail "state $state: 192.0.2.$((20 + i)) ends with \"$(closed 192.0.2.$((20 + i)))\", not 60 events of 60 addresses"
    done
    [[ $state = off || $(grep -c 'addr_scan open:' findings.txt) = 6 ]] || fail "opened again: $(cat findings.txt)"
done
