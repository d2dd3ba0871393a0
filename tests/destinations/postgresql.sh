#!/bin/bash
# Findings and events in a PostgreSQL: all of them once, whatever an attacker wrote and although the database is down at first
# and restarts in between; the views show what the log has for them; the role that writes can do nothing else.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

plugin ompgsql rsyslog-pgsql
bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
[[ -x $bin/initdb ]] || skip "PostgreSQL is not installed"
as=() # PostgreSQL refuses to run as root
if [[ $(id -u) = 0 ]]; then
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
    chmod 755 "$WORK"
fi
port=$(free_port)
data=$(mktemp -d "${TMPDIR:-/tmp}/fw-pg.XXXXXX") # below $WORK the other user may not be able to come
[[ $(id -u) != 0 ]] || chown 65534:65534 "$data"
leave_pg() {
    local rc=$?
    pg stop -m immediate >/dev/null 2>&1
    rm -rf "$data"
    (exit $rc)
    leave_servers
}
trap leave_pg EXIT
pg() {
    (cd / && "${as[@]}" "$bin/pg_ctl" -D "$data/db" -l "$data/log" -w -t 30 -o "-p $port -c listen_addresses= -k $data" "$@")
}
sql() { # AS STATEMENT: rows, "|" between columns
    PGOPTIONS='-c timezone=UTC' psql -XAtq -h "$data" -p "$port" -U "$1" -d firewatch -c "$2" 2>&1
}
(cd / && "${as[@]}" "$bin/initdb" -D "$data/db" -U owner -A trust --no-sync --locale=C.UTF-8 -E UTF8 >"$WORK/initdb.log" 2>&1) ||
    fail "$(tail -n 3 initdb.log)"
pg start >/dev/null || fail "$(tail -n 3 "$data/log")"
"$bin/createdb" -h "$data" -p "$port" -U owner firewatch || exit 1
psql -XAtq -h "$data" -p "$port" -U owner -d firewatch -v ON_ERROR_STOP=1 -f "$EXAMPLES/postgresql.sql" >sql.log 2>&1 ||
    fail "$(cat sql.log)"

{
    base firewatch_to_postgresql firewatch_events_to_postgresql | sed 's|idleTimeout="0"|& fields="$!fw"|'
    sed -e "s|host=/run/postgresql|host=$data\\&port=$port|" -e "s|/etc/firewatch/pgpass|$WORK/pgpass|" \
        -e 's|resumeInterval="5"|resumeInterval="1"|' "$EXAMPLES/postgresql.conf"
} >rsyslog.conf
count_is() { # TABLE N
    [[ $(sql owner "select count(*) from firewatch.$1") = "$2" ]]
}

# 1. the log: its first half while the database is down; then it goes away and comes back in the middle of the second
prepare
pg stop -m fast >/dev/null
begin
trap leave_pg EXIT
half=$(($(wc -l <"$LINES_LOG") / 2))
head -n $half "$LINES_LOG" >first
tail -n +$((half + 1)) "$LINES_LOG" >second
send lines first
wait_for 10 test -s firewatch.jsonl || fail "nothing is found in the first half"
sleep 1
pg start >/dev/null || fail "$(tail -n 3 "$data/log")"
events=$("$FIREWATCH" parse -r "$RULES" "$LINES_LOG" 2>/dev/null | wc -l)
(sleep 0.05; pg stop -m fast; sleep 1; pg start) >/dev/null &
restart=$!
send lines second || fail "no connection"
wait_for 20 has_lines firewatch.jsonl "$FINDINGS" || fail "$(wc -l <firewatch.jsonl) of $FINDINGS documents"
wait $restart
wait_for 30 count_is document "$FINDINGS" || fail "$(sql owner 'select count(*) from firewatch.document') of $FINDINGS documents"
wait_for 30 count_is event "$events" || fail "$(sql owner 'select count(*) from firewatch.event') of $events events"
count_is refused 0 || fail "refused: $(sql owner 'select reason, content from firewatch.refused')"

# 2. they are the same
sql owner "select document from firewatch.document order by sequence" >got
python3 - firewatch.jsonl got <<'PY' || fail "the documents differ"
import json, sys
one, two = ([json.loads(line) for line in open(name, encoding="utf-8")] for name in sys.argv[1:])
sys.exit(one != two)
PY
# 3. everything once more: what came before is there once
before=$(sql owner "select count(*) from firewatch.document")
sql owner "select firewatch.take_finding(content) from (select '$(head -n 1 firewatch.jsonl | sed "s/'/''/g")') x(content)" >/dev/null
sql owner "select firewatch.take_finding('{\"no\": \"finding\"}'), firewatch.take_finding('no JSON'), firewatch.take_event('x', '\"\"')" >again
count_is document "$before" || fail "a document that was sent again is there twice"
count_is refused 3 || fail "what is no document: $(cat again) $(sql owner 'select reason, content from firewatch.refused')"

# 4. the panels
shows() { # VIEW WHAT EXPECTED
    local got
    got=$(sql owner "select $2 from firewatch.$1")
    [[ $got = "$3" ]] || fail "$1 shows"$'\n'"$got"$'\n'"and not"$'\n'"$3"
}
shows suspected_infections "source, still_open, rules" '10.1.7.91|f|{mass_mail}'
shows "finding where rule = 'addr_scan' and family(source) = 4" "state, source, port, sentence" \
    "closed|192.0.2.23|445|192.0.2.23 tried 30 hosts on tcp/445 in 29 s (30 denied)"
shows "unusual_ports_passed where port = 31337" "source, port, count, others" '10.1.2.7|31337|1|0'
shows "unusual_ports_denied where port = 31338" "source, port, count, others" '10.1.2.8|31338|1|0'
shows http_tunnels "source, port, destination, duration" '10.1.2.5|443|198.51.100.7|01:06:40'
shows vpn_logins '"user", source, outcome, device' "'); DROP SCHEMA firewatch CASCADE; --|203.0.113.78|failure|asa1
bob|203.0.113.77|success|asa1"
shows im_users "source, service, sessions" '10.1.2.6|XMPP|1'
shows skype_users "source, version" '10.1.2.3|3.0.0.190'
shows executable_downloads 'source, "user", destination, url' \
    '10.1.2.2|alice|www.example.net|http://www.example.net/setup.exe?x=%27%25s'
shows "denials_from_outside limit 1" "source, port, count, targets" '192.0.2.23|445|30|30'
shows "traffic where port = 25" "hour, passed, denied, sources" '2026-10-12 08:00:00+00|0|12|1'
shows "event where sensor = 'gw1' and time = '2026-10-12 10:30:00+00'" '"user" ~ U&'"'"'^\FFFD'"'" t

# 5. the role that writes
for statement in "select * from firewatch.document" "delete from firewatch.event" "drop schema firewatch cascade" \
    "insert into firewatch.refused values (now(), 'x', 'y')"; do
    [[ $(sql firewatch_writer "$statement") = *denied* || $(sql firewatch_writer "$statement") = *"must be owner"* ]] ||
        fail "firewatch_writer may: $statement"
done

# 6. rsyslogd is stopped while the database is down: what waited is kept. What was being tried rsyslog takes for done, one document
# at most; the example tells how it gets there.
pg stop -m fast >/dev/null
scan_lines 60 192.0.2.90 20000 >later
scan_lines 60 192.0.2.91 30000 >>later
send lines later
wait_for 10 grep -q 'addr_scan open: 192.0.2.91' firewatch.jsonl || fail "nothing is found"
sleep 1.5
stop
begin
trap leave_pg EXIT
pg start >/dev/null || fail "$(tail -n 3 "$data/log")"
all=$(sort -u firewatch.jsonl | wc -l)
nearly_all() {
    [[ $(sql owner "select count(*) from firewatch.document") -ge $((all - 1)) ]]
}
wait_for 30 nearly_all || fail "$(sql owner 'select count(*) from firewatch.document') of $all documents"
again=$(sed -n '/^# *psql /,/^#$/p' "$EXAMPLES/postgresql.conf" | sed 's/^# *//')
[[ $again = psql* ]] || fail "the example does not tell how to bring in what is missing"
(export PGHOST=$data PGPORT=$port PGUSER=owner && eval "${again//\/var\/log\//$WORK/}") >again.log 2>&1 ||
    fail "what the example tells: $(cat again.log)"
count_is document "$all" || fail "$(sql owner 'select count(*) from firewatch.document') of $all documents, after: $(cat again.log)"
stop
! grep -iE 'omfirewatch|syntax' internal rsyslogd.log || fail "complaints"
