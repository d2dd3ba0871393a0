#!/bin/bash
# CEF, OCSF and structured data by receivers that take them apart strictly: every document in each, its values what they were,
# whatever characters are in them.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

cat >receive.py <<'PY'
"""Octet-counted frames on a port, one a line of JSON to a file."""
import json, socketserver, sys
class Frames(socketserver.StreamRequestHandler):
    def handle(self):
        with open(sys.argv[2], "a") as out:
            while True:
                count = b""
                while (c := self.rfile.read(1)).isdigit():
                    count += c
                if not c:
                    return
                out.write(json.dumps(self.rfile.read(int(count)).decode("utf-8")) + "\n")
                out.flush()
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Frames).serve_forever()
PY
cef=$(free_port)
server "$PYTHON" receive.py "$cef" cef.jsonl
sd=$(free_port)
server "$PYTHON" receive.py "$sd" sd.jsonl
{
    base firewatch_to_cef firewatch_to_ocsf firewatch_to_structured_data
    sed -e "s|target=\"siem.example.com\" port=\"5140\"|target=\"127.0.0.1\" port=\"$cef\"|" -e "s|/var/log/|$WORK/|" \
        -e "s|target=\"logs.example.com\" port=\"5141\"|target=\"127.0.0.1\" port=\"$sd\"|" -e 's|resumeInterval="5"|resumeInterval="1"|' \
        "$EXAMPLES/formats.conf"
} >rsyslog.conf
wait_for 5 open_port "$cef" && wait_for 5 open_port "$sd" || fail "$(cat server.log)"
begin
feed
for out in cef.jsonl sd.jsonl firewatch-ocsf.jsonl; do
    wait_for 10 has_lines $out "$FINDINGS" || fail "$(wc -l <$out) of $FINDINGS in $out: $(tail -n 3 internal)"
done
"$PYTHON" "$TOP/tests/destinations/formats.py" firewatch.jsonl cef.jsonl firewatch-ocsf.jsonl sd.jsonl || fail "see above"
stop
! grep -i omfirewatch internal rsyslogd.log || fail "complaints"
