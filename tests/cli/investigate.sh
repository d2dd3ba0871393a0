#!/bin/bash
# examples/investigate.py: asks whom it says it asks, and nobody when it is told not to.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
script=$TOP/examples/investigate.py

# A web server, one that sends what a terminal should not see, and a registry.
cat >servers.py <<'P'
import http.server, socketserver, threading

class Web(http.server.BaseHTTPRequestHandler):
    server_version, sys_version = "Apache", ""
    def do_HEAD(self):
        with open("requests", "a", encoding="ascii") as f:
            f.write(f"{self.command} {self.path} {self.headers['Host']} {self.headers['User-Agent']}\n")
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
    def log_message(self, *_):
        pass

class Odd(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(4096)
        self.request.sendall(b"\x1b]0;owned\x07HTTP/1.1 200 \xff\r\n\r\n" + b"x" * 100000)

class Registry(socketserver.StreamRequestHandler):
    def handle(self):
        asked = self.rfile.readline().decode().strip()
        self.wfile.write(f"% comment\r\nNetName: TEST\r\nOrgName: Example of {asked}\r\nsecret: no\r\n".encode())

socketserver.TCPServer.allow_reuse_address = True
servers = [http.server.HTTPServer(("127.0.0.1", 0), Web)] + [socketserver.TCPServer(("127.0.0.1", 0), h) for h in (Odd, Registry)]
for s in servers:
    threading.Thread(target=s.serve_forever, daemon=True).start()
print(*(s.server_address[1] for s in servers), flush=True)
input()
P
coproc SERVERS { python3 servers.py; }
read -r web odd registry <&"${SERVERS[0]}"

exits 0 "$script" --dry-run --knock --port "$web" --whois "127.0.0.1:$registry" --inside 127.0.0.1
says out "would ask: HEAD / of 127.0.0.1 port $web"
[ ! -e requests ] || { echo "a dry run asked"; failed=1; }

exits 0 "$script" --knock --port "$web" --host www.example.com --whois "127.0.0.1:$registry" --inside 127.0.0.1
says out "NetName: TEST"
says out "OrgName: Example of 127.0.0.1"
says out "HTTP/1.0 302 Found"
says out "Location: http://127.0.0.1:1/elsewhere"
[ "$(cat requests)" = "HEAD / www.example.com -" ] || { cat requests; failed=1; }
grep -q secret out && { cat out; failed=1; }

exits 0 "$script" --knock --port "$odd" --no-whois --inside 127.0.0.1
says out 'knock       \x1b]0;owned\x07HTTP/1.1 200 \xff'

exits 1 "$script" --knock --port 1 --no-whois --timeout 1 --inside 127.0.0.1
says out "no answer"
exits 0 "$script" --knock 10.1.2.3
says out "left out"
exits 2 "$script" 'nonsense;x'
exits 2 "$script"
exits 0 "$script" --dry-run --knock --finding "$TOP/tests/replay/vpn_tunnel/expected.json" --inside
says out "203.0.113.10"
says out "HEAD / of 203.0.113.13 port 1723"
kill "$SERVERS_PID"
exit $failed
