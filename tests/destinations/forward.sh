#!/bin/bash
# Findings to another rsyslog. By RELP: all arrive although it is killed in between. By TLS: all arrive, from the right
# certificate to the right name; nothing goes to a server of another name, and nothing is taken from another sender.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

plugin omrelp rsyslog-relp
plugin imrelp rsyslog-relp
plugin lmnsd_gtls rsyslog-gnutls
command -v openssl >/dev/null || skip "openssl is not installed"

# certificate NAME
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out "$1.pem" \
        -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$1") 2>/dev/null
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority \
    -addext keyUsage=critical,keyCertSign -addext basicConstraints=critical,CA:TRUE 2>/dev/null || fail "no certificates"
for name in logs.example.com firewall-logs.example.com stranger.example.com; do certificate $name; done

relp=$(free_port)
tls=$(free_port)
mkdir -p there
tls_files() { # NAME
    echo "s|/etc/firewatch/tls/ca.pem|$WORK/ca.pem|; s|/etc/firewatch/tls/cert.pem|$WORK/$1.pem|; s|/etc/firewatch/tls/key.pem|$WORK/$1.key|"
}
receiver() { # NAME: of its certificate
    {
        echo "global(workDirectory=\"$WORK/there\" net.enableDNS=\"off\" processInternalMessages=\"on\")"
        echo "action(type=\"omfile\" file=\"$WORK/there/internal\")"
        sed -e "s|/var/log/|$WORK/|; s|port=\"2514\"|address=\"127.0.0.1\" port=\"$relp\"|; s|port=\"6514\"|address=\"127.0.0.1\" port=\"$tls\"|" \
            -e "$(tls_files "$1")" "$EXAMPLES/receiver.conf"
    } >there.conf
    "$RSYSLOGD" -N1 -f there.conf >check.log 2>&1 || fail "rsyslogd does not like receiver.conf: $(cat check.log)"
    ! grep -iE 'error|warning|omfirewatch: ' check.log || fail "rsyslogd has something to say of receiver.conf"
    rm -f there.pid
    server "$RSYSLOGD" -n -f there.conf -i "$WORK/there.pid"
    wait_for 10 open_port "$relp" && wait_for 10 open_port "$tls" || fail "$(cat server.log there/internal)"
}
sender() { # RULESET EXAMPLE CERTIFICATE
    {
        base "$1"
        sed -e "s|target=\"logs.example.com\" port=\"2514\"|target=\"127.0.0.1\" port=\"$relp\"|" \
            -e "s|target=\"logs.example.com\" port=\"6514\"|target=\"127.0.0.1\" port=\"$tls\"|" \
            -e 's|resumeInterval="5"|resumeInterval="1"|' -e "$(tls_files "$3")" "$EXAMPLES/$2"
    } >rsyslog.conf
    begin
}
# what arrived, without repetitions, is what was found; in its order, but for what was being tried at a stop: that comes last
distinct() {
    awk '!seen[$0]++' firewatch-all.jsonl 2>/dev/null
}
all_there() {
    [[ $(distinct | wc -l) -ge $FINDINGS ]]
}
same() { # BY
    wait_for 20 all_there || fail "$(distinct | wc -l) of $FINDINGS documents arrived by $1: $(tail -n 3 internal there/internal)"
    distinct >got
    "$PYTHON" - firewatch.jsonl got "$1" <<'PY' || fail "$1: the documents differ"
import json, sys
one, two = ([json.loads(line) for line in open(name, encoding="utf-8")] for name in sys.argv[1:3])
number = lambda doc: doc["event"]["sequence"]
sys.exit(sorted(one, key=number) != sorted(two, key=number) if sys.argv[3] == "RELP" else one != two)
PY
    [[ ! -s firewatch-refused.log ]] || fail "$1: refused: $(cat firewatch-refused.log)"
}

# 1. RELP; the other side is down at first, and what waits is kept over a stop; half of the log, kill, the other half, and it
# comes back
sender firewatch_to_relp relp.conf firewall-logs.example.com
prepare
head -n 100 "$LINES_LOG" >first
tail -n +101 "$LINES_LOG" >second
send lines first
wait_for 10 test -s firewatch.jsonl || fail "nothing is found in the first half"
sleep 1.5
stop
receiver logs.example.com
begin
wait_for 10 test -s firewatch-all.jsonl || fail "nothing came by RELP: $(tail -n 3 internal)"
kill -9 "${SERVERS[-1]}"
wait "${SERVERS[-1]}" 2>/dev/null
send lines second
wait_for 20 has_lines firewatch.jsonl "$FINDINGS" || fail "$(wc -l <firewatch.jsonl) of $FINDINGS documents"
receiver logs.example.com
same RELP
stop

# 2. TLS
again() { # CERTIFICATE
    rm -f firewatch.jsonl omfirewatch-*
    : >firewatch-all.jsonl # the other side has it open
    sender firewatch_to_tls tls.conf "$1"
    feed
}
again firewall-logs.example.com
same TLS
stop
# somebody with a certificate of the same authority
again stranger.example.com
sleep 1.5
[[ ! -s firewatch-all.jsonl && ! -s firewatch-refused.log ]] || fail "findings were taken from a stranger"
kill -9 "$RSYSLOG_PID"; rsyslog_stop >/dev/null 2>&1
rm -f firewatch_tls* # its queue
kill "${SERVERS[-1]}"; wait "${SERVERS[-1]}"
receiver stranger.example.com
again firewall-logs.example.com
sleep 1.5
[[ ! -s firewatch-all.jsonl && ! -s firewatch-refused.log ]] || fail "findings were sent to a stranger"
