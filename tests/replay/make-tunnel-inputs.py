#!/usr/bin/env python3
"""Writes the inputs of the replay cases about tunnels, VPNs and what hides behind an address:
tests/replay/{vpn_login,hidden_nat,dns_tunnel,dns_tunnel_tools,icmp_tunnel,long_tunnel,ssh_tunnel,vpn_tunnel,quiet_device}/input.log.

Lines in the forms of the devices that tell it best. Addresses are documentation's and RFC 1918's.
"""
import base64
import datetime
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN = datetime.datetime(2026, 10, 12, 8, 0, 0)
HOUR, DAY = 3600, 86400


class Log:
    def __init__(self, name, home="home: [10.0.0.0/8]\n", policy="", args=None):
        self.name, self.lines = name, []
        self.policy = home + policy
        self.args = args or f"--until-quiet --only {name}"

    def add(self, t, pri, host, text):
        self.lines.append((t, f"<{pri}>{BEGIN + datetime.timedelta(seconds=t):%Y-%m-%dT%H:%M:%SZ} {host} {text}"))

    def netscreen(self, t, src, dst, dport, proto=6, sent=600, rcvd=9000, duration=2, sport=None, action="Permit"):
        start = BEGIN + datetime.timedelta(seconds=t - duration)
        service = {1: "icmp", 6: f"tcp/port:{dport}", 17: f"udp/port:{dport}"}.get(proto, f"proto:{proto}")
        sport = sport if sport is not None else 20000 + len(self.lines) * 7 % 40000
        ports = "icmp type=8 icmp code=0" if proto == 1 else f"src_port={sport} dst_port={dport}"
        self.add(t, 133, "ns1", f'ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): '
                 f'start_time="{start:%Y-%m-%d %H:%M:%S}" duration={duration} policy_id=7 service={service} proto={proto} '
                 f'src zone=Trust dst zone=Untrust action={action} sent={sent} rcvd={rcvd} src={src} dst={dst} {ports} '
                 f'session_id={1000 + len(self.lines)}')

    def asa(self, t, number, src, sport, dst, dport, lasts):
        """Built and, unless lasts is None, Teardown."""
        ends = f"outside:{dst}/{dport} ({dst}/{dport}) to inside:{src}/{sport} ({src}/{sport})"
        self.add(t, 166, "fw1", f"%ASA-6-302013: Built outbound TCP connection {number} for {ends}")
        if lasts is not None:
            span = f"{lasts // HOUR}:{lasts // 60 % 60:02}:{lasts % 60:02}"
            self.add(t + lasts, 166, "fw1", f"%ASA-6-302014: Teardown TCP connection {number} for outside:{dst}/{dport} to "
                     f"inside:{src}/{sport} duration {span} bytes {9000 + lasts * 40} TCP FINs")

    def write(self):
        folder = os.path.join(HERE, self.name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "input.log"), "w", encoding="ascii") as f:
            for _, line in sorted(self.lines, key=lambda one: one[0]):
                f.write(line + "\n")
        for name, text in (("policy.yaml", self.policy), ("args", self.args + "\n")):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                f.write(text)


def office(log, rng, until, step=240):
    """Who browses: time passes."""
    for t in range(0, until, step):
        log.netscreen(t, f"10.1.1.{rng.randrange(1, 9)}", f"198.51.100.{rng.randrange(1, 250)}", rng.choice([80, 443]))


def vpn_login():
    """mallory tries alice's password and gets in; 203.0.113.77 tries one password on many; bob works from home and then
    from a hotel; carol is at two places. dave mistypes twice, erin has a telephone and a desk."""
    log = Log("vpn_login")
    for t in range(0, 6 * DAY, 285): # time passes
        log.add(t, 30, "ns1", "named[811]: client 10.1.1.1#51234: query: www.example.com IN A + (10.1.0.53)")

    def failed(t, user, src):
        log.add(t, 166, "fw1", f"%ASA-6-113015: AAA user authentication Rejected : reason = Invalid password : local database "
                f": user = {user} : user IP = {src}")

    def entered(t, user, src, lasts=None):
        log.add(t, 166, "fw1", f"%ASA-6-113039: Group <staff> User <{user}> IP <{src}> AnyConnect parent session started.")
        if lasts:
            log.add(t + lasts, 164, "fw1", f"%ASA-4-113019: Group = staff, Username = {user}, IP = {src}, Session "
                    f"disconnected. Session Type: SSL, Duration: {lasts // HOUR}h:{lasts // 60 % 60:02}m:{lasts % 60:02}s, "
                    "Bytes xmt: 5241187, Bytes rcv: 823311, Reason: User Requested")

    for day in range(5):
        for user, src in (("bob", "198.51.100.7"), ("alice", "198.51.100.8"), ("carol", "198.51.100.9")):
            entered(day * DAY + 1800, user, src, 7 * HOUR)
        entered(day * DAY + 600, "erin", "198.51.100.20", 8 * HOUR)
        entered(day * DAY + 900 + 8 * HOUR, "erin", "192.0.2.20", HOUR)
    for n in range(2):
        failed(DAY + 300 + n * 20, "dave", "198.51.100.30")
    entered(DAY + 345, "dave", "198.51.100.30", 4 * HOUR)
    for n in range(7):
        failed(2 * DAY + 9 * HOUR + n * 25, "alice", "203.0.113.66")
    entered(2 * DAY + 9 * HOUR + 190, "alice", "203.0.113.66", HOUR)
    for n, user in enumerate(("anna", "bob", "carol", "dave", "erin", "frank", "grace")):
        failed(3 * DAY + 12 * HOUR + n * 90, user, "203.0.113.77")
    entered(5 * DAY + HOUR, "bob", "203.0.113.99", 3 * HOUR)
    entered(5 * DAY + 2 * HOUR, "carol", "198.51.100.9", 5 * HOUR)
    entered(5 * DAY + 3 * HOUR, "carol", "192.0.2.99", HOUR)
    entered(5 * DAY + 600, "erin", "198.51.100.20", 8 * HOUR)
    entered(5 * DAY + 900, "erin", "192.0.2.20", HOUR)
    log.write()


def hidden_nat():
    """10.1.4.23 is a router with three machines behind it, 10.1.4.24 an access point with a telephone and two more; 10.1.4.25 is
    a Windows of old, 10.1.4.26 draws its ports by lot, 10.1.4.27 counts for each destination apart."""
    log, rng = Log("hidden_nat"), random.Random(2)

    def packet(t, src, sport, ttl, ident, dst):
        log.add(t, 4, "fw1", f"kernel: [{t}.000001] FW-ACCEPT IN=eth1 OUT=eth0 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
                f"SRC={src} DST={dst} LEN=60 TOS=0x00 PREC=0x00 TTL={ttl} ID={ident} DF PROTO=TCP SPT={sport} DPT=443 "
                "WINDOW=64240 RES=0x00 SYN URGP=0 ")

    def site():
        return f"198.51.{100 + rng.randrange(3)}.{rng.randrange(1, 250)}"

    counters = [1200, 2100, 3300]
    for n in range(150):
        who = rng.randrange(3)
        counters[who] += rng.randrange(1, 5)
        packet(n * 20, "10.1.4.23", counters[who], 127, 0, site())
    for n in range(120):
        telephone = n % 3 == 0
        packet(n * 25 + 3, "10.1.4.24", rng.randrange(32768, 60000) if telephone else rng.randrange(1025, 5000),
               63 if telephone else 127, rng.randrange(1, 65536), site())
    for n in range(150):
        packet(n * 20 + 5, "10.1.4.25", 1100 + 3 * n, 128, 100 + 5 * n, site())
        packet(n * 20 + 7, "10.1.4.26", rng.randrange(32768, 60000), 64, 0, site())
        packet(n * 20 + 9, "10.1.4.27", 33000 + 4000 * (n % 4) + 2 * (n // 4), 64, 0, f"198.51.100.{n % 4 + 1}")
    log.write()


def dns_tunnel():
    """10.1.4.23 writes data into names, 10.1.4.24 has a session on port 53 for an hour; a mail server asks block lists, somebody
    browses a delivery network, the resolver asks for everybody."""
    log, rng = Log("dns_tunnel", policy="roles:\n  - {role: dns_server, networks: [10.1.0.53], reason: resolver}\n"), random.Random(3)

    def ask(t, src, name, kind="A"):
        log.add(t, 30, "ns1", f"named[811]: client @0x7f21c80a1c40 {src}#{rng.randrange(20000, 60000)} ({name}): query: "
                f"{name} IN {kind} +E(0)K (10.1.0.53)")

    def data(n):
        return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(n))

    for n in range(160):
        ask(600 + n * 5, "10.1.4.23", f"{data(50)}.{data(30)}.t.example.net", rng.choice(["TXT", "TXT", "A"]))
    for n in range(400):
        ask(n * 8, f"10.1.1.{rng.randrange(1, 9)}", rng.choice(["www.example.com", "mail.example.org", f"img{n}.cdn.example.com",
                                                              f"a{n}-edge.static.example.co.uk"]))
        ask(n * 8 + 3, "10.1.0.25", f"{n % 250}.{n // 250}.51.198.zen.lists.example.org")
    for n in range(120):
        ask(n * 20 + 1, "10.1.0.53", f"{data(40)}.x.example.net", "TXT")
    log.netscreen(3300, "10.1.4.24", "203.0.113.53", 53, proto=17, sent=180000, rcvd=420000, duration=3100)
    log.netscreen(3300, "10.1.4.25", "203.0.113.53", 53, proto=17, sent=62, rcvd=128, duration=1)
    log.write()


def dns_tunnel_tools():
    """Names as four tools write them, in a dnsmasq's log: dns2tcp (10.1.4.23) and iodine (10.1.4.24) while data comes in, dnscat2
    that waits, without (10.1.4.25) and with encryption and questions for addresses only (10.1.4.26). And what looks like it:
    anti-spam and anti-virus programs, delivery networks, clouds, trackers, Chromecasts."""
    log, rng = Log("dns_tunnel_tools", args="--until-quiet --only dns_tunnel"), random.Random(12)
    serial = [0]

    def ask(t, src, name, kind="A"):
        serial[0] += 1
        log.add(t, 30, "ns1", f"dnsmasq[811]: {serial[0]} {src}/{rng.randrange(20000, 60000)} query[{kind}] {name} from {src}")

    def some(n, chars="0123456789abcdef"):
        return "".join(rng.choice(chars) for _ in range(n))

    base32 = "abcdefghijklmnopqrstuvwxyz012345"
    for n in range(100):  # session, acknowledged, number, command
        header = (0x0d37).to_bytes(2, "big") + n.to_bytes(2, "big") + (n + 1).to_bytes(2, "big") + b"\x04"
        ask(300 + n * .02, "10.1.4.23", base64.b64encode(header).decode().rstrip("=") + ".d.example.net", "TXT")
    for n in range(100):
        ask(600 + n * .8, "10.1.4.24", "paby" + "".join(base32[n * 7 >> shift & 31] for shift in (15, 10, 5, 0)) + ".t.example.org",
            "NULL")
    for n in range(160):
        ask(900 + n * 1.05, "10.1.4.25", f"{some(4)}01a7c3{n:04x}{n:04x}.example.com", rng.choice(["TXT", "CNAME", "MX"]))
        ask(1200 + n * 1.05, "10.1.4.26", f"{some(4)}01a7c4{some(24)}.c.example.edu")
    for n in range(0, 3600, 20):
        spam, av, surfer = "10.1.0.25", f"10.1.1.{n // 20 % 2 + 1}", "10.1.1.9"
        ask(n, spam, f"s2026._domainkey.firm{n}.example", "TXT")
        ask(n + 1, spam, f"firm{n}.example", "MX")
        ask(n + 2, spam, f"_dmarc.firm{n}.example", "TXT")
        ask(n + 3, spam, f"{n // 20}.100.51.198.bl.example.info", "TXT")
        ask(n + 4, spam, ".".join(f"{n:032x}") + ".bl.example.info", "TXT")
        ask(n + 5, av, f"{some(40)}.{n:x}.w.10.sophosxl.net", "TXT")
        ask(n + 6, av, f"0.0.0.0.1.0.0.4e.{some(26)}.avqs.mcafee.com")
        ask(n + 7, surfer, f"d{some(13, base32)}.cloudfront.net")
        ask(n + 8, surfer, f"r{n % 6 + 1}---sn-{some(8, base32)}.googlevideo.com")
        ask(n + 9, surfer, f"ec2-198-51-100-{n // 20}.eu-central-1.compute.amazonaws.com")
        ask(n + 10, surfer, f"img{n}.cdn.example.co.uk")
        ask(n + 11, surfer, f"{some(8)}-{some(4)}-4{some(3)}-a{some(3)}-{some(12)}.ads{n % 100}.example.biz" if n % 100 == 0
            else f"www.site{n}.example")
        ask(n + 12, surfer, f"{some(32)}._googlecast._tcp.local" if n % 400 == 0 else "_googlecast._tcp.local",
            "TXT" if n % 400 == 0 else "PTR")
    log.write()


def icmp_tunnel():
    """10.1.4.23 has a shell in its pings; monitoring pings everybody, somebody pings a router for an hour, and one with large
    packets."""
    log = Log("icmp_tunnel", policy="roles:\n  - {role: nms, networks: [10.1.0.5], reason: monitoring}\n")
    for n in range(60):
        log.netscreen(n * 60, "10.1.0.5", f"10.1.1.{n + 1}", 0, proto=1, sent=84 * 40, rcvd=84 * 40, duration=2)
        log.netscreen(n * 60 + 10, "10.1.1.7", "198.51.100.1", 0, proto=1, sent=84 * 60, rcvd=84 * 59, duration=60)
    log.netscreen(900, "10.1.1.8", "198.51.100.1", 0, proto=1, sent=10 * 1400, rcvd=10 * 1400, duration=10)
    for n in range(8):
        log.netscreen(1200 + n * 120, "10.1.4.23", "203.0.113.66", 0, proto=1, sent=21000 + n, rcvd=16000 + 7 * n, duration=110)
    log.write()


def long_tunnel():
    """10.1.4.23 has a session of nine hours, told while it lasts; 10.1.4.24 one of two hours, of which the firewall tells the end
    only; six machines hold one to the same chat; a page every minute is none."""
    log, rng = Log("long_tunnel"), random.Random(5)
    for n, t in enumerate(range(0, 11 * HOUR, 200)):
        log.asa(t, 5000 + n, f"10.1.1.{rng.randrange(1, 9)}", 30000 + n, f"198.51.100.{rng.randrange(1, 250)}", 443, 20)
        log.asa(t + 9, 15000 + n, "10.1.1.9", 40000 + n, "192.0.2.80", 443, 60)
    log.asa(1800, 100, "10.1.4.23", 50123, "203.0.113.66", 443, 9 * HOUR)
    for n in range(6):
        log.netscreen(8 * HOUR + n * 60, f"10.1.2.{n + 1}", f"192.0.2.{50 + n % 2}", 443, duration=7 * HOUR)
    log.netscreen(4 * HOUR, "10.1.4.24", "203.0.113.67", 443, sent=9000000, rcvd=800000, duration=2 * HOUR)
    log.write()


def ssh_tunnel():
    """10.1.4.23 has a session to the outside for two hours, 10.1.4.24 opens forty in an hour, somebody outside has one into the
    site. Administrators, servers among themselves, and guesses from outside are no matter of tunnels."""
    log, rng = Log("ssh_tunnel", policy="roles:\n  - {role: admin_host, networks: [10.1.0.9], reason: administrators}\n"), random.Random(6)
    office(log, rng, 3 * HOUR)
    log.netscreen(7500, "10.1.4.23", "203.0.113.66", 22, sent=400000, rcvd=900000, duration=7200)
    for n in range(40):
        log.netscreen(3600 + n * 60, "10.1.4.24", "203.0.113.67", 22, duration=3)
        log.netscreen(3630 + n * 60, "198.51.100.99", "10.1.0.7", 22, sent=1800, rcvd=2400, duration=4)
    log.netscreen(9000, "203.0.113.68", "10.1.0.7", 22, sent=90000, rcvd=400000, duration=1600)
    log.netscreen(9300, "10.1.0.9", "203.0.113.69", 22, duration=8000)
    log.netscreen(9400, "10.1.0.7", "10.1.0.8", 22, duration=8000)
    log.netscreen(9500, "10.1.4.25", "203.0.113.70", 22, duration=600)
    log.write()


def vpn_tunnel():
    """Four machines use WireGuard, IPsec, OpenVPN and PPTP with its GRE; one would like to. A port that is tried, a datagram without
    an answer, the gateway itself and the noise of the Internet are none."""
    log, rng = Log("vpn_tunnel", policy="roles:\n  - {role: vpn_gateway, networks: [10.1.0.4], reason: gateway}\n"), random.Random(7)
    office(log, rng, 2 * HOUR)
    for n in range(20):
        log.netscreen(600 + n * 180, "10.1.4.23", "203.0.113.10", 51820, proto=17, sent=9000, rcvd=64000, duration=120)
    log.netscreen(700, "10.1.4.24", "203.0.113.11", 500, proto=17, sent=1200, rcvd=1100, duration=20)
    log.netscreen(720, "10.1.4.24", "203.0.113.11", 4500, proto=17, sent=120000, rcvd=400000, duration=900)
    log.netscreen(800, "10.1.4.25", "203.0.113.12", 1194, proto=17, sent=120000, rcvd=400000, duration=900)
    log.netscreen(900, "10.1.4.26", "203.0.113.13", 1723, sent=1000, rcvd=1000, duration=900)
    log.netscreen(910, "10.1.4.26", "203.0.113.13", 0, proto=47, sent=120000, rcvd=400000, duration=900)
    for n in range(4):
        log.netscreen(1000 + n * 30, "10.1.4.27", "203.0.113.14", 1194, proto=17, sent=60, rcvd=0, duration=0, action="Deny")
    log.netscreen(1100, "10.1.4.28", "203.0.113.15", 1194, proto=17, sent=60, rcvd=0)
    log.netscreen(1101, "10.1.4.28", "203.0.113.15", 5555, sent=60, rcvd=40, duration=0)
    log.netscreen(1200, "10.1.0.4", "203.0.113.16", 500, proto=17, sent=9000, rcvd=9000)
    for n in range(30):
        log.netscreen(1300 + n, "198.51.100.99", f"10.1.1.{n + 1}", 1723, sent=60, rcvd=0, duration=0, action="Deny")
    log.write()


def quiet_device():
    """fw3 falls silent after two hours and is back an hour later, then all but one do. fw4 says little, and may."""
    log = Log("quiet_device", args="--only quiet_device")

    def denied(t, host):
        log.add(t, 4, host, f"kernel: [{t}.000001] FW-DROP IN=eth0 OUT= MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
                f"SRC=203.0.113.{t % 250} DST=192.0.2.1 LEN=40 TOS=0x00 PREC=0x00 TTL=240 ID=54321 PROTO=TCP SPT=40000 DPT=23 "
                "WINDOW=65535 RES=0x00 SYN URGP=0 ")

    for t in range(0, 5 * HOUR, 20):
        denied(t, "fw1")
        if t < 4 * HOUR:
            denied(t + 3, "fw2")
            if not 2 * HOUR < t < 3 * HOUR:
                denied(t + 5, "fw3")
            if t % 300 == 0:
                denied(t + 7, "fw4")
    log.write()


if __name__ == "__main__":
    for case in (vpn_login, hidden_nat, dns_tunnel, dns_tunnel_tools, icmp_tunnel, long_tunnel, ssh_tunnel, vpn_tunnel, quiet_device):
        case()
