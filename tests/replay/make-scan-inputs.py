#!/usr/bin/env python3
"""Writes the input of the replay cases of scans, worms and plagues. See make-inputs.py."""
import importlib.util
import os
import random

spec = importlib.util.spec_from_file_location("make_inputs", os.path.join(os.path.dirname(__file__), "make-inputs.py"))
base = importlib.util.module_from_spec(spec)
spec.loader.exec_module(base)
asa_built, asa_end, at, browsing, netfilter = base.asa_built, base.asa_end, base.at, base.browsing, base.netfilter
netscreen, outside = base.netscreen, base.outside

DETECTORS = ("addr_scan", "mass_mail", "plague", "port_scan", "slow_scan", "worm")
HOUR = 3600


def write(name, detector, lines, more=""):
    base.write(name, lines)
    with open(os.path.join(base.HERE, name, "policy.yaml"), "w", encoding="utf-8") as f:
        f.write("home: [10.0.0.0/8]\ndetectors:\n")
        f.writelines(f"  {other}: {{enabled: false}}\n" for other in DETECTORS if other != detector)
        f.write(more)


def drop(t, src, dst, dport, proto="TCP", sport=40000, tail=""):
    return at(t, netfilter(t, "IPT-DROP: ", src, dst, proto, sport=sport, dport=dport, tail=tail))


def ended(t, src, dst, proto, sport, dport, sent, rcvd):
    return at(t, netscreen(t, "Permit", src, dst, proto, sport, dport, sent, rcvd))


def port_scan_denied():
    """Denials only: a scan from outside, a burst from inside, and what looks like one."""
    lines = [drop(i * 4, "203.0.113.7", "10.2.0.1", 20 + i * 3) for i in range(40)]
    lines += [drop(60 + i // 10, "10.1.4.23", "10.2.0.9", 1 + i, sport=50000 + i, tail="FIN") for i in range(30)]
    for i in range(100):
        lines.append(drop(i, "203.0.113.53", "10.2.0.53", 20000 + i * 7, "UDP", sport=53))  # late answers
        lines.append(drop(i, "203.0.113.80", "10.2.0.2", 1024 + i * 7, sport=80, tail="ACK SYN"))  # backscatter
        lines.append(drop(i, "203.0.113.81", "10.2.0.3", 33000 + i, sport=443, tail="ACK RST"))
        lines.append(drop(i, "203.0.113.82", "10.2.0.4", [22, 80, 443, 8080][i % 4]))  # knocks at four doors
    for i in range(90):  # traceroute
        lines.append(drop(i, "203.0.113.83", "10.2.0.5", 33434 + i, "UDP"))
    for i, port in enumerate((53, 88, 123, 135, 139, 389, 445, 464, 636, 3268)):  # a member that lost its domain
        lines.append(drop(i * 12, "10.1.5.5", "10.1.0.10", port))
    write("port_scan_denied", "port_scan", lines)


def port_scan_ends_only():
    """Sessions at their end: unanswered ports are a scan; answered ones are FTP, a proxy or a busy client."""
    rng = random.Random(11)
    lines = []
    browsing(rng, lines, 10, 300, 2)
    lines += [ended(30 + i // 4, "203.0.113.7", "10.2.0.1", 6, 40000 + i, 1 + i * 5, 44, 40 if i % 2 else 0)
              for i in range(80)]
    for i in range(150):
        lines.append(ended(i, "10.1.1.30", outside(7), 6, 41000 + i, 50000 + i * 3, 900, 90000))  # FTP, passive
        lines.append(ended(i, "10.1.0.80", outside(8), 6, 42000 + i, 443, 900, 9000))  # a proxy, in parallel
        lines.append(ended(i, "10.1.1.31", outside(9), 17, 43000 + i, 40000 + i * 2, 900, 9000))  # a video call
    write("port_scan_ends_only", "port_scan", lines)


def port_scan_starts_only():
    """A filter that logs what it lets in and never an end: outcomes are unknown, the bar is four times as high."""
    lines = [at(i, netfilter(i, "FW-ACCEPT ", "203.0.113.7", "10.2.0.1", sport=50000 + i, dport=1 + i * 9))
             for i in range(120)]
    lines += [at(i, netfilter(i, "FW-ACCEPT ", "203.0.113.8", "10.2.0.1", sport=50000 + i, dport=1 + i * 9))
              for i in range(40)]
    write("port_scan_starts_only", "port_scan", lines)


def port_scan_starts_and_ends():
    """An ASA, which says both: refused and timed out are failures."""
    lines = []
    for i in range(40):
        lines.append(at(i, asa_built(i, 1000 + i, "10.1.4.23", 40000 + i, outside(3), 20 + i)))
        why, size = ("SYN Timeout", 0) if i % 2 else ("TCP Reset-O", 0)
        lines.append(at(i + 30, asa_end(i + 30, 1000 + i, "10.1.4.23", 40000 + i, outside(3), 20 + i, 30, size, why)))
        lines.append(at(i, asa_built(i, 3000 + i, "10.1.4.24", 40000 + i, outside(4), 20 + i)))
        lines.append(at(i + 30, asa_end(i + 30, 3000 + i, "10.1.4.24", 40000 + i, outside(4), 20 + i, 30, 5000 + i,
                                        "TCP FINs")))
    write("port_scan_starts_and_ends", "port_scan", lines, "  port_scan: {local_threshold: 30}\n")


def worm_denied():
    """Denials only: a worm climbs its ladder; clients whose servers are gone do not."""
    lines = [drop(i, "10.1.4.23", outside(i), 445, sport=30000 + i) for i in range(900)]
    for i in range(600):
        lines.append(drop(i, "10.1.5.5", outside(i % 8), 445))  # a laptop and its dead shares
        lines.append(drop(i, "10.1.5.6", outside(i), 443))  # the web is denied here
        lines.append(drop(i, "203.0.113.9", f"10.2.{i // 200}.{i % 200 + 1}", 445))  # from outside: addr_scan's
    write("worm_denied", "worm", lines)


def worm_ends_only():
    """Sessions at their end: what sends a datagram to hundreds and never hears one; P2P; a service that was used."""
    rng = random.Random(12)
    lines = []
    browsing(rng, lines, 10, 600, 2)
    lines += [ended(120 + i // 10, "10.1.4.23", outside(i), 17, 50000, 6892, 40, 0) for i in range(600)]
    for i in range(200):  # P2P: TCP and UDP, as many ports as peers
        t = 100 + i
        lines.append(ended(t, "10.1.4.40", outside(1000 + i), 6 if i % 2 else 17, 40000 + i, 10000 + i * 211, 90,
                           0 if i % 3 else 500))
        if i >= 60 and i % 3 == 0:
            lines.append(ended(t, "10.1.4.40", outside(2000 + i), 17, 40000 + i, 6881, 90, 0))
    for i in range(120):  # mail by IMAP, until the provider is down
        lines.append(ended(i, "10.1.4.41", outside(3000 + i), 6, 40000 + i, 993, 900, 9000))
        lines.append(ended(200 + i, "10.1.4.41", outside(3200 + i), 6, 40000 + i, 993, 120, 0))
    write("worm_ends_only", "worm", lines)


def worm_starts_only():
    """Starts only: outcomes are unknown, the first stage is four times as high."""
    lines = [at(i, netfilter(i, "FW-ACCEPT ", "10.1.4.23", outside(i), sport=50000 + i, dport=445)) for i in range(120)]
    lines += [at(i, netfilter(i, "FW-ACCEPT ", "10.1.4.24", outside(i), sport=50000 + i, dport=22)) for i in range(40)]
    write("worm_starts_only", "worm", lines)


def slow_scan():
    """Denials and ends over a day: two sweeps from outside, one from inside, and what fails all day without one."""
    rng = random.Random(13)
    lines = []
    for i in range(24):
        t = i * 1500 + rng.randrange(600)
        lines.append(drop(t, "203.0.113.7", f"10.2.0.{i * 9 + 1}", rng.choice([22, 23, 3389]), sport=30000 + i))
    for i in range(60):
        t = 600 + i * 900 + rng.randrange(600)
        lines.append(ended(t, "10.1.4.23", f"10.3.0.{i * 4 + 1}", 6, 30000 + i, 445, 152, 0))  # the sweep inside
        lines.append(ended(t + 30, "10.1.4.23", "10.3.0.250", 6, 40000 + i, 445, 9000, 9000))  # and its file server
        lines.append(drop(t, "10.1.5.5", outside(i), 443))  # the web is denied here
        lines.append(drop(t, "10.1.5.6", outside(i % 6), 8443))  # dead servers
        lines.append(drop(t, "10.1.5.7", "10.2.0.21", 49152 + i))  # RPC
        lines.append(drop(t, "203.0.113.53", f"10.2.1.{i + 1}", 20000 + i * 7, "UDP", sport=53))  # late answers
    for i in range(400):  # a client of many, a fifth of which are gone
        lines.append(ended(i * 120, "10.1.5.8", outside(i), 6, 40000 + i, 5222, 900, 0 if i % 5 == 0 else 9000))
    for i in range(200):  # an outage
        lines.append(drop(5 * HOUR + i * 10, "10.1.5.9", outside(i), 993))
    write("slow_scan", "slow_scan", lines)


def plague():
    """Six machines catch it one after the other; dead printers of many, and one machine that searches, are none."""
    lines = []
    for n in range(6):
        for i in range(60):
            lines.append(drop(n * 20 + i * 3, f"10.1.4.{n + 1}", outside(n * 61 + i * 7), 445, sport=30000 + i))
    for n in range(20):
        for i in range(4):
            lines.append(drop(n + i * 10, f"10.1.5.{n + 1}", f"10.2.0.{i + 1}", 9100))
    for n in range(20):  # the line is down
        for i in range(30):
            lines.append(drop(100 + i, f"10.1.5.{n + 1}", outside(n * 30 + i), 443))
    lines += [drop(i, "10.1.6.1", outside(i), 3389) for i in range(200)]
    write("plague", "plague", lines)


if __name__ == "__main__":
    for case in (port_scan_denied, port_scan_ends_only, port_scan_starts_only, port_scan_starts_and_ends, worm_denied,
                 worm_ends_only, worm_starts_only, slow_scan, plague):
        case()
