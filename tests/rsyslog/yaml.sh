#!/bin/bash
# The configuration in YAML, for releases of rsyslog that read it: checked, and what is found is what the replay finds.
# shellcheck source=tests/rsyslog/lib.sh
. "$(dirname "$0")/lib.sh"

release=$("$RSYSLOGD" -v | sed -n 's/^rsyslogd  *8\.\([0-9]*\).*/\1/p')
((release >= 2604)) || skip "rsyslog 8.$release reads no YAML"

# what doc/configuration.md shows, but for the places and the port
awk '/^```yaml rsyslog$/ { on = 1; next } /^```$/ { on = 0 } on' "$TOP/doc/configuration.md" |
    sed -e "s|load: omfirewatch|load: $MODULE|; s|load: imudp|load: imptcp|; s|type: imudp|type: imptcp|" \
        -e "s|port: \"514\"|port: \"0\"\\n    address: 127.0.0.1\\n    listenPortFileName: $WORK/firewall.port|" \
        -e "s|policy: /etc.*|rulebase: $RULES\\n        idleTimeout: 0|; s|/var/log|$WORK|" >rsyslog.yaml
printf 'global:\n  workdirectory: "%s"\n' "$WORK" >>rsyslog.yaml

"$RSYSLOGD" -N1 -f "$WORK/rsyslog.yaml" -i "$WORK/pid" >said 2>&1 || fail "-N1 refuses it: $(cat said)"
sed 's/ruleset: findings/ruleset: nowhere/' rsyslog.yaml >wrong.yaml
! "$RSYSLOGD" -N1 -f "$WORK/wrong.yaml" -i "$WORK/pid" >said 2>&1 || fail "-N1 takes a ruleset that is not there"
grep -q 'omfirewatch: .*there is no ruleset "nowhere"' said || fail "it does not say why: $(cat said)"

scan_lines 40 >lines
rsyslog_start "$WORK/rsyslog.yaml" || exit 1
trap fw_leave EXIT
send firewall lines
wait_for 10 grep -q '"action":"finding-open"' firewatch.jsonl || exit 1
stop
replay lines >replayed 2>/dev/null
# what is open at the end stays open in rsyslogd, which keeps it
head -n "$(wc -l <firewatch.jsonl)" replayed >begun
[[ -s begun ]] || fail "nothing was found"
same_findings firewatch.jsonl begun
