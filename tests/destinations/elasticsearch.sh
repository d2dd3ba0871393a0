#!/bin/bash
# Bulk requests of Elasticsearch, recorded by a server that answers as it does: with a document refused for now (429) among
# taken ones. There is no Elasticsearch in Debian. Every document is in a request as one "create" with its id, the refused one twice.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

plugin omelasticsearch rsyslog-elasticsearch
port=$(free_port)
cat >elastic.py <<'PY'
import http.server, json, sys
refused, taken = set(), set()
class Elastic(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def do_GET(self):
        self.answer(200, {"status": "green"})
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
        with open("requests.jsonl", "a") as out:
            out.write(json.dumps({"path": self.path, "type": self.headers["Content-Type"], "body": body}) + "\n")
        items = []
        for action in body.split("\n")[0:-1:2]:
            doc = json.loads(action)["create"]
            if len(items) % 10 == 3 and doc["_id"] not in refused:
                refused.add(doc["_id"])
                items.append({"create": dict(doc, status=429, error={"type": "es_rejected_execution_exception", "reason": "rejected execution"})})
            elif doc["_id"] in taken:
                items.append({"create": dict(doc, status=409, error={"type": "version_conflict_engine_exception", "reason": "document already exists"})})
            else:
                taken.add(doc["_id"])
                items.append({"create": dict(doc, _version=1, result="created", status=201)})
        self.answer(200, {"took": 1, "errors": any("error" in i["create"] for i in items), "items": items})
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Elastic).serve_forever()
PY
{
    base firewatch_to_elasticsearch
    sed -e "s|server=\"elastic.example.com\" serverport=\"9200\" usehttps=\"on\"|server=\"127.0.0.1\" serverport=\"$port\" usehttps=\"off\"|" \
        -e "s|/var/log/|$WORK/|" -e 's|resumeInterval="5"|resumeInterval="1"|' "$EXAMPLES/elasticsearch.conf"
} >rsyslog.conf
begin
feed # nobody there
sleep 0.5
server "$PYTHON" elastic.py "$port"
cat >compare.py <<'PY'
import json
docs = [json.loads(line) for line in open("firewatch.jsonl", encoding="utf-8")]
expected = {f"{d['event'].get('id', '')}-{d['event']['sequence']}-{d['event']['action']}": d for d in docs}
got, again, first = {}, 0, None
for line in open("requests.jsonl", encoding="utf-8"):
    request = json.loads(line)
    assert (request["path"], request["type"].split(";")[0]) == ("/_bulk", "application/json"), request
    assert request["body"].endswith("\n")
    rows = request["body"].split("\n")[:-1]
    assert len(rows) % 2 == 0
    for action, source in zip(rows[::2], rows[1::2]):
        first = first or action
        action = json.loads(action)
        assert list(action) == ["create"] and set(action["create"]) == {"_index", "_id"}, action
        assert action["create"]["_index"] == "logs-firewatch.finding-default"
        again += action["create"]["_id"] in got
        got[action["create"]["_id"]] = json.loads(source)
assert got == expected, f"{len(got)} of {len(expected)}"
assert again >= 1, "what was refused for now was not sent again"
# as it was recorded
id = next(iter(expected))
assert first == '{"create":{"_index": "logs-firewatch.finding-default", "_id":"%s"}}' % id or json.loads(first)["create"]["_id"] == id, first
PY
complete() {
    "$PYTHON" compare.py
}
wait_for 20 complete || fail "$("$PYTHON" compare.py 2>&1) $(tail -n 3 internal)"
stop
! grep -i omfirewatch internal rsyslogd.log || fail "complaints"
