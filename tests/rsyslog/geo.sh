#!/bin/bash
# A database of addresses in rsyslogd: findings say what it knows, and a new one is read on HUP. Names come from a proxy's log.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

database() {
    printf '198.51.100.0/24 %s Example\n' "$1" | "$TOP/tests/mmdb.py" new.mmdb ASN
    mv new.mmdb asn.mmdb # as geoipupdate does
}
tunnel() {
    echo "<133>2026-10-12T08:0$1:01Z ns1 ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): start_time=\"2026-10-12 06:00:00\" duration=7200 policy_id=7 service=tcp/port:443 proto=6 src zone=Trust dst zone=Untrust action=Permit sent=600 rcvd=900 src=10.1.4.2$1 dst=198.51.100.66 src_port=2000$1 dst_port=443 session_id=100$1"
}
database 64500
printf 'home: [10.0.0.0/8]\ngeo: {databases: [%s/asn.mmdb]}\n' "$WORK" >policy.yaml
{
    conf_begin imptcp
    conf_stats
    conf_findings findings
    conf_lines lines 'queue.type="Direct"' "ruleset=\"findings\" policy=\"$WORK/policy.yaml\""
    conf_port lines
} >rsyslog.conf
start
{
    echo '<134>2026-10-12T08:00:01Z px1 squid[811]: 1791792001.000 120 10.1.4.9 TCP_TUNNEL/200 3900 CONNECT files.example.net:443 - HIER_DIRECT/198.51.100.66 -'
    tunnel 1
} >log
send lines log
stat_becomes "omfirewatch(site)" findings_opened 1
database 64501
rsyslog_hup
stat_becomes omfirewatch reloads_done 2 # the policy and the rules
tunnel 2 >log
send lines log
stat_becomes "omfirewatch(site)" findings_opened 2
stop
grep -q '"number": *64500.*' findings.jsonl || fail "the first: $(cat findings.jsonl)"
grep -q '"number": *64501.*' findings.jsonl || fail "after HUP: $(cat findings.jsonl)"
[[ $(grep -c '"domain": *"files.example.net"' findings.jsonl) = 2 ]] || fail "names: $(cat findings.jsonl)"
no_complaints
