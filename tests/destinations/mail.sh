#!/bin/bash
# Findings by mail to a real SMTP server that comes up late: one digest, every sentence in it once and as it is; then
# silence; a storm gives one mail of 200 lines that says how many more there were.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

"$PYTHON" -c 'import aiosmtpd' 2>/dev/null || skip "python3-aiosmtpd is not installed"
port=$(free_port)
cat >smtpd.py <<'PY'
"""Writes each mail to mail.N, as it came; wants CR LF, as Postfix does."""
import asyncio, sys
from aiosmtpd.smtp import SMTP
class Keep:
    n = 0
    async def handle_DATA(self, server, session, envelope):
        data = envelope.original_content
        if b"\n" in data.replace(b"\r\n", b""):
            print(data, flush=True)
            return "550 5.6.11 bare line feed"
        Keep.n += 1
        with open(f"mail.{Keep.n}.new", "wb") as out:
            out.write(f"{envelope.mail_from} {envelope.rcpt_tos}\n".encode() + data)
        import os
        os.rename(f"mail.{Keep.n}.new", f"mail.{Keep.n}")
        return "250 OK"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keep(), hostname="localhost"), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
PY
# configuration INTERVAL: seconds between digests
configuration() {
    base firewatch_to_mail
    sed -e "s|port=\"25\"|port=\"$port\"|" -e "s|interval=\"900\"|interval=\"$1\"|" -e 's|resumeInterval="60"|resumeInterval="1"|' \
        "$EXAMPLES/mail.conf"
}
configuration 2 >rsyslog.conf
begin
feed # comes after the first mark, or before: all of it within a second
sleep 2.5 # nobody there at the first digest
stop
begin # it is kept
server "$PYTHON" smtpd.py "$port"
wait_for 15 test -s mail.1 || fail "no mail: $(cat server.log internal)"
sleep 2.5
told() { # lines of digests
    cat mail.[0-9]* | tr -d '\r' | grep -E '^2026-[0-9T:.-]+Z '
}
told | cut -d' ' -f2- | sed 's/^ *//' | sort >got
jq_sentences() {
    python3 - <<'PY'
import json
for line in open("firewatch.jsonl", encoding="utf-8"):
    doc = json.loads(line)
    if doc["event"]["action"] != "finding-close" and doc["firewatch"].get("class") != "usage":
        print(doc["message"])
PY
}
jq_sentences | sort >expected
diff expected got || fail "not what was found"
mails=$(compgen -G 'mail.[0-9]*' | wc -l)
[[ $mails -le 2 ]] || fail "$mails mails" # 2: a digest that fell into the middle
grep -q "^firewatch@example.com \['admin@example.com'\]" mail.1 || fail "from and to: $(head -n 1 mail.1)"
grep -q '^Subject: firewatch: [0-9]* findings' mail.1 || fail "$(cat mail.1)"

# a storm: scans of 250 sources within a minute; the policy's limit on findings is out of the way
stop
rm -f mail.* omfirewatch-* firewatch.jsonl
printf 'limits:\n  findings_per_minute: 1000\ndetectors:\n  addr_scan: {remote_threshold: 5}\n' >policy.yaml
configuration 2 | sed "s|rulebase=\"$RULES\"|& policy=\"$WORK/policy.yaml\"|" >rsyslog.conf
begin
awk 'BEGIN { for (i = 0; i < 6; i++) for (s = 0; s < 250; s++)
    printf "<4>2026-10-12T09:00:%02dZ fw1 kernel: [%d.%06d] IPT-DROP: IN=eth1 OUT=eth0 SRC=198.51.100.%d DST=203.0.113.%d LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=4000 DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0\n", i * 5, 4000 + i, s, s, 10 + i }' >storm
send lines storm
wait_for 10 has_lines firewatch.jsonl 250 || fail "$(wc -l <firewatch.jsonl) findings"
storm_mail() {
    compgen -G "mail.[0-9]" >/dev/null
}
wait_for 15 storm_mail || fail "no mail of the storm"
sleep 2.5
total=$(sed -n 's/^Subject: firewatch: \([0-9]*\) .*/\1/p' mail.[0-9]* | tr -d '\r' | awk '{ n += $1 } END { print n }')
[[ $total = "$(grep -vc finding-close firewatch.jsonl)" ]] || fail "$total told of $(wc -l <firewatch.jsonl)"
[[ $(told | wc -l) -le 200 || $(compgen -G 'mail.[0-9]*' | wc -l) = 2 ]] || fail "$(told | wc -l) lines in one mail"
stop
! grep -i omfirewatch internal rsyslogd.log || fail "complaints"
