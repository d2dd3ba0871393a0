#!/usr/bin/env python3
"""Looks into a destination before anybody is asked about it: what it is called, who owns it, whether it is a web
server at all. For an analyst's machine, not for rsyslogd, which never asks the network anything.

    investigate.py 203.0.113.66                       its name and its owner
    investigate.py --knock --port 443 203.0.113.66    and what answers on that port
    investigate.py --finding findings.jsonl           of all destinations outside in findings
    investigate.py --dry-run --knock 203.0.113.66     only says what it would ask, and whom

What it asks, and who learns of it:
  reverse DNS   your resolver, and whoever runs the name server of that address;
  whois         the registry (RFC 3912, port 43): whom the address is assigned to;
  --knock       THE DESTINATION ITSELF: one HEAD request for "/" (RFC 9110), in plain HTTP or, on port 443 and 8443, in
                TLS. It sees the address of the machine you run this on. Run it from a line that is not the company's, if
                whoever is there should not know that you look.
It is no browser: nothing is run, no redirect is followed, no cookie kept, no body read; what comes back is cut at 4 KiB
and printed with everything that is not plain text made visible. The certificate is shown, not believed.
Exit status: 0, 1 when something could not be asked, 2 wrong usage.
"""
import argparse
import hashlib
import ipaddress
import json
import socket
import ssl
import sys

MOST = 4096          # bytes of an answer
TLS_PORTS = {443, 8443}
WHOIS = "whois.iana.org" # knows which registry knows more


def plain(text):
    """What a stranger sent, fit for a terminal."""
    return "".join(c if 32 <= ord(c) < 127 else f"\\x{ord(c):02x}" for c in text)


def say(what, answer):
    print(f"  {what:<12}{answer}")


def reverse(address):
    names = socket.gethostbyaddr(address)
    return [names[0]] + names[1]


def whois_of(server, question, timeout):
    host, _, port = server.partition(":")
    with socket.create_connection((host, int(port or 43)), timeout) as s:
        s.sendall(question.encode("ascii") + b"\r\n")
        answer = b""
        while len(answer) < 16 * MOST:
            part = s.recv(MOST)
            if not part:
                break
            answer += part
    return answer.decode("utf-8", "replace").splitlines()


def owner(options, address):
    """The lines of whois that say whose it is; from the registry that the first one names."""
    wanted = ("netname", "orgname", "org-name", "organisation", "descr", "country", "originas", "origin", "inetnum", "netrange",
              "abuse-mailbox", "orgabuseemail", "responsible")
    server, lines = options.whois, []
    for _ in range(2):
        lines = whois_of(server, address, options.timeout)
        refer = [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith(("refer:", "whois:"))]
        if not refer:
            break
        server = refer[0]
    return [plain(line.strip())[:160] for line in lines if line.split(":", 1)[0].strip().lower() in wanted][:12]


def knock(options, address, port, host):
    """The head of one answer, and the certificate's finger print."""
    request = f"HEAD / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: -\r\nConnection: close\r\n\r\n".encode("ascii")
    print_of = None
    with socket.create_connection((address, port), options.timeout) as s:
        if port in TLS_PORTS:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE # it is looked at, not trusted
            s = context.wrap_socket(s, server_hostname=None if host == address else host)
            print_of = hashlib.sha256(s.getpeercert(True) or b"").hexdigest()
        s.sendall(request)
        answer = b""
        while len(answer) < MOST and b"\r\n\r\n" not in answer:
            part = s.recv(MOST - len(answer))
            if not part:
                break
            answer += part
    lines = answer.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return print_of, [plain(line)[:200] for line in lines][:20]


def look_into(options, address, port, host):
    failed = False
    print(address if host == address else f"{address} ({plain(host)})")
    steps = [("reverse DNS", f"PTR of {address}, by this machine's resolver", lambda: reverse(address))]
    if not options.no_whois:
        steps.append(("whois", f"{address} of {options.whois}", lambda: owner(options, address)))
    if options.knock:
        steps.append(("knock", f"HEAD / of {address} port {port}", lambda: knock(options, address, port, host)))
    for name, asks, ask in steps:
        if options.dry_run:
            say(name, "would ask: " + asks)
            continue
        try:
            answer = ask()
        except (OSError, UnicodeError, ValueError) as e:
            say(name, f"no answer: {plain(str(e))}")
            failed = failed or name != "reverse DNS" # many addresses have no name
            continue
        if name == "knock":
            if answer[0]:
                say("certificate", "sha256 " + answer[0])
            answer = answer[1] if answer[1] != [""] else ["connected; no word of HTTP came back"]
        for line in answer or ["nothing is known"]:
            say(name, plain(line))
    return failed


def destinations(path):
    """(address, port, name) of the findings in a file, each once."""
    seen = {}
    with open(path, encoding="utf-8") if path != "-" else sys.stdin as lines:
        for line in lines:
            at = json.loads(line).get("destination", {}) if line.strip() else {}
            if at.get("ip"):
                seen.setdefault(at["ip"], (at["ip"], at.get("port"), at.get("domain")))
    return list(seen.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="*")
    parser.add_argument("--finding", metavar="FILE", help="look into the destinations of these findings; - for stdin")
    parser.add_argument("--knock", action="store_true", help="ask the destination itself, with one HEAD request")
    parser.add_argument("--port", type=int, help="to knock at [the finding's, or 80]")
    parser.add_argument("--host", help="name to ask for [the finding's, or the address]")
    parser.add_argument("--whois", default=WHOIS, metavar="SERVER[:PORT]")
    parser.add_argument("--no-whois", action="store_true")
    parser.add_argument("--inside", action="store_true", help="private addresses too, which are left out otherwise")
    parser.add_argument("--timeout", type=float, default=5, help="seconds for each step")
    parser.add_argument("--dry-run", action="store_true", help="ask nobody, say what would be asked")
    options = parser.parse_args()
    if bool(options.address) == bool(options.finding):
        parser.error("either addresses or --finding")
    wanted = [(a, None, None) for a in options.address] if options.address else destinations(options.finding)
    failed = False
    for address, port, name in wanted:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            parser.error(f"{plain(address)} is no address")
        if not ip.is_global and not options.inside:
            print(f"{ip}\n  left out: it is not of the Internet (--inside asks all the same)")
            continue
        host = options.host or name or str(ip)
        if not all(c.isalnum() and c.isascii() or c in ".-_:" for c in host):
            parser.error(f"{plain(host)} is no host name")
        failed = look_into(options, str(ip), options.port or port or 80, host) or failed
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
