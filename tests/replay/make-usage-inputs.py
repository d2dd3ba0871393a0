#!/usr/bin/env python3
"""Writes the inputs of the replay cases about applications:
tests/replay/{skype_user,p2p_user,im_user,exe_download,exe_download_learns,unusual_port,nonweb_on_web,overdue_user,usage_look_alikes}/input.log.

Session logs in NetScreen's form and a proxy's in Squid's. Addresses are
documentation's and RFC 1918's; the lists of the cases say which of them are whose.
"""
import datetime
import os
import random
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN = datetime.datetime(2026, 10, 12, 8, 0, 0)


def flow(t, src, sport, dst, dport, proto=6, sent=600, rcvd=900, duration=2, action="Permit"):
    when = BEGIN + datetime.timedelta(seconds=t)
    start = when - datetime.timedelta(seconds=duration)
    if action == "Deny":
        sent = rcvd = duration = 0
    return (t, f'<133>{when:%Y-%m-%dT%H:%M:%SZ} ns1 ns1: NetScreen device_id=ns1  '
               f'[Root]system-notification-00257(traffic): start_time="{start:%Y-%m-%d %H:%M:%S}" '
               f'duration={duration} policy_id=7 service=port:{dport} proto={proto} src zone=Trust dst zone=Untrust '
               f'action={action} sent={sent} rcvd={rcvd} src={src} dst={dst} src_port={sport} dst_port={dport} '
               f'session_id={int(100000 + t * 10)}')


def squid(t, client, method, url, status="TCP_MISS/200", size=1434, mime="text/html"):
    when = BEGIN + datetime.timedelta(seconds=t)
    name = url.split("//")[-1].split("/")[0].split(":")[0]
    peer = f"198.51.100.{zlib.crc32(name.encode()) % 200 + 1}"  # each name has an address of its own
    epoch = int(when.replace(tzinfo=datetime.timezone.utc).timestamp())
    return (t, f"<134>{when:%Y-%m-%dT%H:%M:%SZ} proxy1 squid[811]: {epoch}.{int(t * 7) % 1000:03d}     84 {client} "
               f"{status} {size} {method} {url} - HIER_DIRECT/{peer} {mime}")


def outside(n):
    return f"203.0.113.{n % 250 + 1}" if n < 250 else f"198.51.{100 + n // 250 % 100}.{n % 250 + 1}"


def write(name, lines):
    os.makedirs(os.path.join(HERE, name), exist_ok=True)
    with open(os.path.join(HERE, name, "input.log"), "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for _, line in sorted(lines, key=lambda x: x[0]))


def skype_of_old(src, begin, hosts, rng):
    """UDP to each, then TCP, then 443, then 80; the last one answers."""
    lines = []
    for i in range(hosts):
        port = rng.randrange(10000, 60000)
        dst = outside(1000 + i)
        for n, (proto, dport) in enumerate(((17, port), (6, port), (6, 443), (6, 80))):
            answered = i == hosts - 1 and n == 2
            lines.append(flow(begin + n * 12 + i * .5, src, 34567 if proto == 17 else 40000 + i, dst, dport, proto,
                              action="Permit" if answered or n == 0 else "Deny", rcvd=900 if answered else 0))
    return lines


def sharing(src, begin, peers, rng, ports=(), answered=2, udp=True):
    """A peer: datagrams from one port, sessions to some of them; every `answered`-th answers."""
    lines = []
    for i in range(peers):
        port = ports[i // 3 % len(ports)] if ports and i % 3 == 0 else rng.randrange(10000, 65000)
        dst = outside(2000 + i)
        there = i % answered == 0
        t = begin + i * 2
        if udp:
            lines.append(flow(t, src, 51413, dst, port, 17, sent=140, rcvd=300 if there else 0))
        if not udp or i % 4 == 0:
            lines.append(flow(t + 1, src, 40000 + i, dst, port, 6, sent=9000, rcvd=80000 if there else 0, duration=1))
    return lines


def skype_user():
    rng = random.Random(81)
    flows = skype_of_old("10.1.2.1", 10, 14, rng)
    # ... and later looks for more hosts than a worm would need; but it is known
    flows += [flow(300 + i, "10.1.2.1", 41000 + i, outside(3000 + i), 33033, 6, action="Deny") for i in range(60)]
    flows += [flow(20 + i * 3, "10.1.2.3", 50000 + i, f"192.0.2.{10 + i}", 3478, 17, sent=200, rcvd=300)
              for i in range(3)]
    flows += [flow(30 + i * 5, "10.1.2.4", 47000 + i, outside(i), 19302, 17, sent=96, rcvd=120) for i in range(4)]
    # look-alikes: QUIC, one STUN, a scan that does not fall back, a browser beside a game
    flows += [flow(40 + i, "10.1.3.1", 52000 + i, outside(100 + i), 443, 17, sent=2000, rcvd=9000) for i in range(60)]
    flows += [flow(45, "10.1.3.2", 47000, outside(9), 3478, 17, sent=96, rcvd=120)]
    flows += [flow(60 + i, "10.1.3.3", 43000 + i, outside(4000 + i), 7443, 6, action="Deny") for i in range(60)]
    flows += [flow(70 + i, "10.1.3.4", 27005, outside(300 + i), 27015, 17, rcvd=900) for i in range(30)]
    flows += [flow(70 + i, "10.1.3.4", 44000 + i, outside(500 + i), 443, 6, rcvd=9000) for i in range(30)]
    proxy = [squid(15, "10.1.2.2", "GET",
                   "http://ui.skype.com/ui/0/8.55.0.135/en/getlatestversion?ver=8.55.0.135&uhash=1"),
             squid(25, "10.1.2.5", "CONNECT", "meeting.calls.example:443", mime="-"),
             squid(35, "10.1.2.6", "CONNECT", "blocked.calls.example:443", status="TCP_DENIED/403", mime="-"),
             squid(45, "10.1.3.5", "GET", "http://www.example.com/getlatestversion.html")]
    write("skype_user", flows + proxy)


def p2p_user():
    rng = random.Random(91)
    flows = sharing("10.1.2.11", 10, 40, rng, (6881, 51413, 6889))
    flows += sharing("10.1.2.12", 20, 40, rng)
    flows += [flow(30 + i * 3, "10.1.2.13", 4672, outside(5000 + i), 4672, 17, sent=80, rcvd=120 if i % 3 else 0)
              for i in range(30)]
    flows += [flow(31 + i * 6, "10.1.2.13", 45000 + i, outside(5000 + 2 * i), 4662, 6) for i in range(15)]
    # a worm's search for tcp/445 by one who shares: it is his program's, as far as anybody knows
    flows += [flow(400 + i, "10.1.2.11", 46000 + i, outside(6000 + i), 6881, 6, action="Deny") for i in range(40)]
    # look-alikes: a list of games' servers, a scan of odd ports, a call, FTP, a scan of the ports of one
    flows += [flow(40 + i, "10.1.3.11", 27005, outside(300 + i), 27015 + i % 4, 17, rcvd=900) for i in range(80)]
    flows += [flow(50 + i, "10.1.3.12", 47000 + i, outside(7000 + i), rng.randrange(10000, 60000), 6,
                   action="Deny") for i in range(60)]
    flows += [flow(60 + i * 9, "10.1.3.13", 50000, outside(400 + i % 6), 50000 + i % 6, 17, rcvd=9000)
              for i in range(60)]
    flows += [flow(70 + i, "10.1.3.14", 48000 + i, outside(8), 40000 + i * 7, 6, rcvd=90000) for i in range(60)]
    # a thousand hosts of one network are told something on a port of BitTorrent's, and nobody answers
    flows += [flow(80 + i * .5, "10.1.3.15", 49000, outside(8000 + i), 6892, 17, sent=42, rcvd=0) for i in range(100)]
    write("p2p_user", flows)


def im_user():
    flows = [flow(10, "10.1.2.21", 40001, "192.0.2.70", 443, sent=3000, rcvd=9000, duration=600),
             flow(700, "10.1.2.21", 40002, "192.0.2.71", 443),
             flow(20, "10.1.2.22", 40003, "198.51.100.9", 5222, sent=3000, rcvd=9000),
             flow(30, "10.1.2.23", 40004, "192.0.2.200", 3478, 17, sent=200, rcvd=300)]
    # look-alikes: a port that nobody answered at, what was denied, that network's web pages, a push
    flows += [flow(40, "10.1.3.21", 40005, "198.51.100.10", 5222, rcvd=0),
              flow(50, "10.1.3.22", 40006, "192.0.2.72", 443, action="Deny"),
              flow(60, "10.1.3.23", 40007, "192.0.2.201", 443),
              flow(70, "10.1.3.24", 40008, "192.0.2.130", 5223)]
    proxy = [squid(80, "10.1.2.24", "CONNECT", "web.messenger.example:443", mime="-"),
             squid(90, "10.1.3.25", "GET", "http://notmessenger.example/"),
             squid(95, "10.1.3.26", "CONNECT", "web.messenger.example:443", status="TCP_DENIED/403", mime="-")]
    write("im_user", flows + proxy)


def exe_download():
    exe = "application/x-msdownload"
    proxy = [squid(10, "10.1.2.31", "GET", "http://free.tools.example/files/setup.exe?mirror=2", size=812345, mime=exe),
             squid(20, "10.1.2.32", "GET", "http://free.tools.example/files/setup.exe", size=812345, mime=exe),
             squid(30, "10.1.2.33", "GET", "http://203.0.113.66/images/cat.jpg", size=90000, mime=exe),
             squid(40, "10.1.2.34", "GET", "http://203.0.113.67/x?id=81", size=90000, mime=exe),
             squid(50, "10.1.2.35", "GET", "http://files.example/invoice.js", size=9000, mime="application/octet-stream"),
             squid(60, "10.1.2.36", "GET", "http://dl.updates.example/patch.cab", size=9000, mime="application/octet-stream")]
    # look-alikes: pages and their scripts, a program of a server's, a domain that ends in com, what was refused
    proxy += [squid(70, "10.1.3.31", "GET", "http://www.shop.example/lib/menu.js", mime="application/javascript"),
              squid(80, "10.1.3.32", "GET", "http://ads.example/ads.dll?page=7", mime="text/html"),
              squid(90, "10.1.3.33", "GET", "http://www.example.com/login?from=example.com"),
              squid(100, "10.1.3.34", "GET", "http://bad.example/virus.exe", status="TCP_DENIED/403"),
              squid(110, "10.1.3.35", "GET", "http://gone.example/tool.exe", status="TCP_MISS/404"),
              squid(120, "10.1.3.36", "CONNECT", "downloads.exe:443", mime="-")]
    # another mirror, and again later: one matter
    proxy += [squid(130, "10.1.2.37", "GET", "http://ftp.one.example/pub/tool_1.2.exe", size=812345, mime=exe),
              squid(190, "10.1.2.37", "GET", "http://mirror.two.example/tool_1.2.exe", size=812345, mime=exe)]
    write("exe_download", proxy)


def exe_download_learns():
    """Eight days: hosts of the first week are known afterwards. Somebody reads a page every four minutes."""
    exe = "application/x-msdownload"
    day = 86400
    proxy = [squid(t, "10.1.2.30", "GET", "http://www.example.com/") for t in range(0, 8 * day + 7200, 240)]
    proxy += [squid(3600, "10.1.2.31", "GET", "http://free.tools.example/setup.exe", size=812345, mime=exe),
              squid(5 * day, "10.1.2.32", "GET", "http://portal.example/client.msi", size=812345, mime=exe),
              # told from the first day on: no name of its own; a name that says something else
              squid(7201, "10.1.2.33", "GET", "http://203.0.113.67/x?id=81", size=90000, mime=exe),
              squid(7301, "10.1.2.34", "GET", "http://pictures.example/cat.jpg", size=90000, mime=exe)]
    proxy += [squid(7 * day + 3600, "10.1.2.35", "GET", "http://free.tools.example/setup.exe", size=812345, mime=exe),
              squid(7 * day + 3700, "10.1.2.36", "GET", "http://later.example/invoice.scr", size=90000, mime=exe)]
    write("exe_download_learns", proxy)


def unusual_port():
    rng = random.Random(14)
    flows = []
    for i in range(600):  # sixty machines on the web
        flows.append(flow(i, f"10.1.1.{1 + i % 60}", 30000 + i, outside(rng.randrange(200)), 443))
    flows += [flow(100 + i * 40, "10.1.2.41", 41000 + i, "203.0.113.99", 4444) for i in range(12)]
    flows += [flow(120 + i * 60, "10.1.2.42", 42000 + i, "203.0.113.98", 31337, 17, action="Deny") for i in range(4)]
    # look-alikes: a port of the lists, a program that many have, once, a scan
    flows += [flow(130 + i * 20, "10.1.3.41", 43000 + i, "203.0.113.97", 1433) for i in range(12)]
    for n in range(5):
        flows += [flow(140 + i * 20 + n, f"10.1.3.{50 + n}", 44000 + i, "203.0.113.96", 7777) for i in range(12)]
    flows += [flow(150, "10.1.3.42", 45000, "203.0.113.95", 6001), flow(160, "10.1.3.42", 45001, "203.0.113.94", 6002)]
    flows += [flow(200 + i, "10.1.3.43", 46000 + i, outside(9000 + i), 5038, action="Deny") for i in range(300)]
    write("unusual_port", flows)


def nonweb_on_web():
    flows = [flow(900, "10.1.2.51", 40001, "203.0.113.80", 80, sent=22000, rcvd=31000, duration=860),
             flow(1000, "10.1.2.52", 40002, "203.0.113.81", 8080, sent=9000, rcvd=8000, duration=700)]
    # look-alikes: a large download, a slow page, a push on 443, a short one
    flows += [flow(950, "10.1.3.51", 40003, "203.0.113.82", 80, sent=90000, rcvd=90000000, duration=900),
              flow(960, "10.1.3.52", 40004, "203.0.113.83", 80, sent=900, rcvd=90000, duration=700),
              flow(970, "10.1.3.53", 40005, "203.0.113.84", 443, sent=9000, rcvd=9000, duration=900),
              flow(980, "10.1.3.54", 40006, "203.0.113.85", 80, sent=9000, rcvd=9000, duration=300)]
    flows += [flow(1100 + i, "10.1.2.53", 41000 + i, outside(i), 443, sent=900, rcvd=9000) for i in range(5)]
    flows += [flow(1100 + i, "10.1.0.8", 42000 + i, outside(i), 443, sent=900, rcvd=9000) for i in range(5)]
    proxy = [squid(10, "10.1.2.54", "CONNECT", "shell.example:4444", mime="-"),
             squid(20, "10.1.2.54", "CONNECT", "shell.example:4444", status="TCP_DENIED/403", mime="-"),
             squid(30, "10.1.3.55", "CONNECT", "bank.example:443", mime="-"),
             squid(40, "10.1.3.55", "CONNECT", "panel.example:8443", mime="-"),
             squid(50, "10.1.3.55", "GET", "http://www.example.com:8080/")]
    write("nonweb_on_web", flows + proxy)


def overdue_user():
    rng = random.Random(99)
    flows = []
    for n in range(3):  # asked until yesterday, asked until tomorrow, allowed
        flows += sharing(f"10.1.2.{61 + n}", 10 + n, 40, rng, (6881, 6889))
        flows += [flow(400 + n + i * 2, f"10.1.2.{61 + n}", 46000 + i, outside(6000 + i), 445, action="Deny")
                  for i in range(40)]
    flows += sharing("10.1.2.64", 20, 40, rng, (6881, 6889))  # forbidden
    write("overdue_user", flows)


def usage_look_alikes():
    """A day's worth of calls and tunnels of today, each of which has something of P2P, of a scan or of a tunnel; all detectors look
    on. Whoever calls is told of once, by skype_user, the VPN by vpn_tunnel, and a game by the port that nobody else uses."""
    rng = random.Random(86)
    lines = []

    def cloud(net, n):
        return f"{net}.{rng.randrange(1, 250)}.{n % 250 + 1}"

    # 10.1.2.71 has a meeting by Teams: media by UDP to Microsoft's relays, checks of the other side's addresses (ICE), 443
    for n in range(6):
        lines.append(flow(60 + n * 3, "10.1.2.71", 50000 + n, cloud("52.114", n), 3478 + n % 4, 17, sent=900, rcvd=1400, duration=2))
    lines.append(flow(4000, "10.1.2.71", 50004, "52.114.7.9", 3479, 17, sent=41000000, rcvd=90000000, duration=3900))
    for n, there in enumerate(("192.168.178.21", "198.51.100.23", "198.51.100.23")):
        lines.append(flow(90 + n, "10.1.2.71", 50004, there, 50012 + n, 17, sent=700, rcvd=0, duration=5))
    lines += [flow(70 + n * 40, "10.1.2.71", 51000 + n, cloud("52.113", n), 443, 6, duration=30) for n in range(20)]
    # 10.1.2.72 one by Zoom: UDP to 8801 and on, TCP to 443 beside it
    for n in range(5):
        lines.append(flow(130 + n, "10.1.2.72", 52000 + n, cloud("170.114", n), 8801 + n, 17, sent=500, rcvd=500, duration=1))
    lines.append(flow(3800, "10.1.2.72", 52009, "170.114.10.71", 8801, 17, sent=30000000, rcvd=70000000, duration=3600))
    # 10.1.2.73 calls from a browser: STUN's ports, then the other side directly, on a port of its own choice
    for n in range(4):
        lines.append(flow(200 + n * 30, "10.1.2.73", 53000 + n, cloud("203.0", n), 19302, 17, sent=120, rcvd=150, duration=2))
    lines.append(flow(2000, "10.1.2.73", 53001, "198.51.100.99", 61498, 17, sent=9000000, rcvd=9000000, duration=1700))
    # 10.1.2.74 reads pages by QUIC: UDP to 443 of many hosts, some of which do not answer by it, and then TCP
    for n in range(120):
        answered = n % 5 != 0
        lines.append(flow(100 + n * 8, "10.1.2.74", 54000 + n, cloud("198.51", n), 443, 17, sent=2600 if answered else 1250,
                          rcvd=90000 if answered else 0, duration=6))
        if not answered:
            lines.append(flow(101 + n * 8, "10.1.2.74", 44000 + n, outside(4000 + n), 443, 6, sent=900, rcvd=30000))
    # 10.1.2.75 works by WireGuard for hours
    lines += [flow(300 + n * 120, "10.1.2.75", 51820, "198.51.100.77", 51820, 17, sent=90000, rcvd=400000, duration=110)
              for n in range(60)]
    # telephones hold their pushes, machines ask for time and updates from each other, a game has its server
    for n in range(6):
        lines.append(flow(3000 + n * 10, f"10.1.3.{80 + n}", 55000 + n, f"17.57.146.{n + 20}", 5223, 6, sent=9000, rcvd=12000, duration=2900))
        lines.append(flow(3100 + n * 10, f"10.1.3.{80 + n}", 56000 + n, cloud("142.250", n), 5228, 6, sent=8000, rcvd=9000, duration=2900))
        lines += [flow(400 + n + k * 64, f"10.1.3.{80 + n}", 123, f"203.0.113.{n + 1}", 123, 17, sent=76, rcvd=76, duration=1)
                  for k in range(30)]
        lines += [flow(900 + n * 3 + k, f"10.1.3.{80 + n}", 57000 + k, f"10.1.3.{80 + (n + k) % 6}", 7680, 6, sent=4000, rcvd=900000)
                  for k in range(1, 5)]
    lines.append(flow(3500, "10.1.3.90", 58000, "203.0.113.200", 27015, 17, sent=2000000, rcvd=9000000, duration=3000))
    lines += [flow(500 + k, "10.1.3.90", 58001 + k, f"203.0.{k + 1}.201", 27015, 17, sent=60, rcvd=400, duration=1) for k in range(60)]
    lines += [flow(t, f"10.1.1.{t // 60 % 7 + 1}", 30000 + t, outside(t), 443) for t in range(0, 8000, 60)]
    write("usage_look_alikes", lines)


if __name__ == "__main__":
    for case in (skype_user, p2p_user, im_user, exe_download, exe_download_learns, unusual_port, nonweb_on_web, overdue_user, usage_look_alikes):
        case()
