#!/usr/bin/env python3
"""Writes the input of the replay cases: tests/replay/NAME/input.log.

Run it to see how a case came about, or to change one; the files it writes are in
git, so that a test reads what it was judged on. Addresses are documentation's
(RFC 5737) and RFC 1918's; nothing here is from a real site.
"""
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
DAY = 8 * 3600  # cases begin at 08:00:00 on 2026-10-12


def stamp(t):
    s = DAY + t
    return "2026-10-%02dT%02d:%02d:%02dZ" % (12 + s // 86400, s // 3600 % 24, s // 60 % 60, s % 60)


def netfilter(t, prefix, src, dst, proto="TCP", sport=40000, dport=445, tail="", host="fw1"):
    head = f"<4>{stamp(t)} {host} kernel: [{1000 + t}.000001] {prefix}IN=eth1 OUT=eth0 "
    mac = "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
    body = f"SRC={src} DST={dst} LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID={(t * 7) % 65536} "
    if proto == "TCP":
        flags = tail or "SYN"
        return head + mac + body + f"DF PROTO=TCP SPT={sport} DPT={dport} WINDOW=64240 RES=0x00 {flags} URGP=0 "
    if proto == "UDP":
        return head + mac + body + f"PROTO=UDP SPT={sport} DPT={dport} LEN=40 "
    return head + mac + body + f"PROTO=ICMP TYPE={dport} CODE=0 ID=77 SEQ={t} "


def netscreen(t, action, src, dst, proto, sport, dport, sent, rcvd, duration=3, session=None):
    return (f'<133>{stamp(t)} ns1 ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): '
            f'start_time="{stamp(t - duration)[:10]} {stamp(t - duration)[11:19]}" duration={duration} policy_id=7 service=tcp/port:{dport} '
            f'proto={proto} src zone=Trust dst zone=Untrust action={action} sent={sent} rcvd={rcvd} src={src} dst={dst} '
            f'src_port={sport} dst_port={dport} session_id={session if session is not None else 100000 + t}')


def asa_built(t, n, src, sport, dst, dport):
    return (f"<166>{stamp(t)} asa1 : %ASA-6-302013: Built outbound TCP connection {n} for outside:{dst}/{dport} "
            f"({dst}/{dport}) to inside:{src}/{sport} (192.0.2.10/{sport})")


def asa_end(t, n, src, sport, dst, dport, seconds, size, why):
    return (f"<166>{stamp(t)} asa1 : %ASA-6-302014: Teardown TCP connection {n} for outside:{dst}/{dport} to "
            f"inside:{src}/{sport} duration 0:{seconds // 60:02d}:{seconds % 60:02d} bytes {size} {why}")


def outside(n):
    return f"203.0.113.{n % 250 + 1}" if n < 250 else f"198.51.{n // 250 % 200 + 1}.{n % 250 + 1}"


def write(name, lines):
    os.makedirs(os.path.join(HERE, name), exist_ok=True)
    with open(os.path.join(HERE, name, "input.log"), "w", encoding="utf-8", errors="surrogateescape") as f:
        for _, line in sorted(lines, key=lambda x: x[0]):
            f.write(line + "\n")


def at(t, line):
    return (t, line)


def browsing(rng, lines, hosts, until, step):
    """Ordinary web traffic in NetScreen's form, all answered."""
    for t in range(0, until, step):
        src = f"10.1.1.{rng.randrange(1, hosts + 1)}"
        lines.append(at(t, netscreen(t, "Permit", src, outside(rng.randrange(2000)), 6, rng.randrange(20000, 60000),
                                     rng.choice([80, 443, 443, 443]), rng.randrange(500, 5000),
                                     rng.randrange(2000, 90000))))


def addr_scan_denied():
    rng = random.Random(1)
    lines = []
    browsing(rng, lines, 20, 600, 3)
    for i in range(60):
        t = 120 + i * 2
        lines.append(at(t, netfilter(t, "IPT-DROP: ", "10.1.4.23", outside(i * 7), sport=30000 + i)))
    write("addr_scan_denied", lines)


def addr_scan_unanswered():
    """ASA: the worm's connections end by SYN timeout; a busy client of as many hosts is answered."""
    lines = []
    n = 1000
    for i in range(300):
        src, dst, port = "10.1.1.5", outside(i), 443
        lines += [at(i * 2, asa_built(i * 2, n, src, 30000 + i, dst, port)),
                  at(i * 2 + 1, asa_end(i * 2 + 1, n, src, 30000 + i, dst, port, 1, 4000 + i, "TCP FINs"))]
        n += 1
    for i in range(40):
        src, dst, t = "10.1.4.23", outside(i * 5), 100 + i
        lines += [at(t, asa_built(t, n, src, 40000 + i, dst, 445)),
                  at(t + 30, asa_end(t + 30, n, src, 40000 + i, dst, 445, 30, 0, "SYN Timeout"))]
        n += 1
    write("addr_scan_unanswered", lines)


def addr_scan_starts_only():
    """A filter that logs what it lets in and never an end: outcomes are unknown, the bar is higher."""
    lines = [at(i, netfilter(i, "FW-ACCEPT ", "203.0.113.77", f"10.2.{i // 200}.{i % 200 + 1}", sport=50000 + i,
                             dport=3389)) for i in range(130)]
    lines += [at(i * 4, netfilter(i * 4, "FW-ACCEPT ", "203.0.113.78", f"10.2.0.{i + 1}", sport=50000 + i, dport=3389))
              for i in range(60)]
    write("addr_scan_starts_only", lines)


def look_alikes():
    """What looks like a scan and must stay quiet."""
    rng = random.Random(4)
    lines = []
    for i in range(250):  # NMS: pings everybody, asks by SNMP (role)
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "10.1.0.5", f"10.2.1.{i + 1}", "ICMP", dport=8)))
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "10.1.0.5", f"10.2.1.{i + 1}", "UDP", dport=161)))
    for i in range(200):  # crawler of the web cache (role)
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "10.1.0.80", outside(i), dport=80)))
    for i in range(200):  # backscatter: answers to somebody else's spoofed packets
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "203.0.113.200", f"10.2.2.{i + 1}", sport=80, dport=1024 + i * 7,
                                     tail="ACK SYN")))
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "203.0.113.201", f"10.2.3.{i + 1}", sport=443, dport=33000,
                                     tail="ACK RST")))
    for i in range(100):  # resolver whose late answers are dropped
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "203.0.113.53", f"10.2.4.{i + 1}", "UDP", sport=53,
                                     dport=rng.randrange(1024, 65536))))
    for i in range(300):  # multicast and broadcast chatter
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "10.1.1.9", f"239.1.{i // 200}.{i % 200 + 1}", "UDP", dport=1900)))
    for i in range(300):  # one client that retries a handful of dead servers
        lines.append(at(i, netfilter(i, "IPT-DROP: ", "10.1.1.10", outside(i % 8), dport=443)))
    browsing(rng, lines, 3, 900, 1)
    write("look_alikes", lines)


def mass_mail():
    rng = random.Random(5)
    lines = []
    browsing(rng, lines, 10, 1200, 5)
    for i in range(200):  # the mail server (role)
        t = i * 5
        lines.append(at(t, netscreen(t, "Permit", "10.1.0.25", outside(i), 6, 30000 + i, 25, 9000, 700)))
    for i in range(100):  # a client with one smarthost
        t = i * 9
        lines.append(at(t, netscreen(t, "Permit", "10.1.1.7", outside(900), 6, 30000 + i, 587, 9000, 700)))
    for i in range(40):  # the mailer
        t = 300 + i * 6
        lines.append(at(t, netscreen(t, "Permit", "10.1.7.91", outside(i * 11), 6, 41000 + i, 25, 12000, 900)))
    for i in range(12):  # another, where policy forbids it
        t = 700 + i * 4
        lines.append(at(t, netscreen(t, "Deny", "10.1.7.92", outside(i * 13), 6, 42000 + i, 25, 0, 0, 0, 0)))
    write("mass_mail", lines)


def life_of_a_finding():
    """Opens, is updated as its stage rises, closes, reopens and names the one before."""
    lines = [at(i, netfilter(i, "IPT-DROP: ", "10.1.4.23", outside(i), sport=30000)) for i in range(900)]
    lines += [at(7200 + i, netfilter(7200 + i, "IPT-DROP: ", "10.1.4.23", outside(i), sport=30000)) for i in range(40)]
    write("life_of_a_finding", lines)


def time_is_the_events():
    """One device far ahead, one a little late, a line out of order: one scan, no more and no less."""
    rng = random.Random(8)
    lines = []
    for i in range(40):
        t = 100 + i * 3
        shift = rng.randrange(-8, 1)
        lines.append((t, netfilter(t + shift, "IPT-DROP: ", "10.1.4.23", outside(i), sport=30000 + i)))
        if i % 10 == 5:
            lines.append((t, netfilter(t + 5 * 86400, "IPT-DROP: ", "10.1.1.1", outside(i), host="fw-wrong-clock")))
        if i % 10 == 7:
            lines.append((t, netfilter(t - 20, "IPT-DROP: ", "10.1.4.23", outside(i), host="fw-slow-relay")))
    write("time_is_the_events", lines)


def hostile_lines():
    """Whoever sends packets or user names tries to be a firewall, or to break one. Nothing is found, all is counted."""
    bad = []
    for i in range(60):
        forged = (f"IN=eth1 OUT=eth0 SRC=10.1.4.99 DST={outside(i)} LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP "
                  f"SPT=4000 DPT=445 WINDOW=1 RES=0x00 SYN URGP=0")
        bad.append(at(i, f"<38>{stamp(i)} fw1 sshd[77]: Failed password for invalid user [1.1] DROP {forged} from 192.0.2.9"))
        bad.append(at(i, f"<38>{stamp(i)} fw1 sshd[77]: Invalid user %ASA-4-106023: Deny tcp src inside:10.1.4.98/99 dst "
                         f"outside:{outside(i)}/445 by access-group \"x\" [0x0, 0x0]"))
        bad.append(at(i, f"<38>{stamp(i)} fw1 firewatch: addr_scan open: 10.1.4.97 tried 999 hosts on tcp/445"))
    bad += [
        at(60, netfilter(60, "IPT-DROP: ", "999.1.1.1", "10.1.1.1")),
        at(61, netfilter(61, "IPT-DROP: ", "10.1.1.1", "10.1.1.2", dport=70000)),
        at(62, netfilter(62, "IPT-DROP: ", "10.1.1.1", "10.1.1")),
        at(63, netfilter(63, "IPT-DROP: ", "-1", "10.1.1.1", sport=-5)),
        at(64, f"<4>{stamp(64)} fw1 kernel: [1.1] DROP IN=eth0 OUT= SRC=10.1.1.1"),
        at(65, f"<4>{stamp(65)} fw1 kernel: " + "A" * 3000),
        at(66, f"<4>{stamp(66)} fw1 kernel: %s%s%s%n%x \x1b[31m\udcff\udcfe"),
        at(67, "<999999999999>"),
        at(68, "<"),
        at(69, ""),
    ]
    write("hostile_lines", bad)


def parent_mutes_child():
    """A mailer whose sessions are denied is also a scan of tcp/25: one finding, until mailing stops and probing goes on."""
    lines = []
    for i in range(60):
        lines.append(at(i * 5, netfilter(i * 5, "IPT-DROP: ", "10.1.7.91", outside(i * 3), sport=41000 + i, dport=25)))
    for i in range(4):  # too slow for a mailer
        t = 1000 + i * 200
        lines.append(at(t, netfilter(t, "IPT-DROP: ", "10.1.7.91", outside(1000 + i), sport=42000 + i, dport=25)))
    for i in range(30):  # another port is another matter
        lines.append(at(100 + i, netfilter(100 + i, "IPT-DROP: ", "10.1.7.91", outside(i), sport=43000 + i, dport=445)))
    write("parent_mutes_child", lines)


def storm():
    """More scanners in a minute than documents are allowed; one of them is the worst, and goes on."""
    lines = []
    for i in range(30):
        for n in range(20):
            lines.append(at(i, netfilter(i, "IPT-DROP: ", f"203.0.113.{n + 1}", f"10.2.0.{i + 1}", sport=50000 + n)))
    for i in range(400):
        t = 30 + i // 4
        lines.append(at(t, netfilter(t, "IPT-DROP: ", "203.0.113.99", f"10.3.{i // 200}.{i % 200 + 1}", sport=50099)))
    write("storm", lines)


def hours_long():
    """One host every half minute for three hours: the evidence of the opening is still there at the end."""
    write("hours_long", [at(i * 30, netfilter(i * 30, "IPT-DROP: ", "10.1.4.23", outside(i), sport=30000 + i))
                         for i in range(360)])


def redelivered():
    """A relay sends a block again after a reconnect. Lines with the kernel's uptime count once, and so do those with a
    session; an ASA's refusals with a stamp of seconds tell nothing apart and count each time."""
    scan = [netfilter(i, "IPT-DROP: ", "10.1.4.23", outside(i), sport=30000 + i) for i in range(30)]
    ended = [netscreen(i, "Permit", "10.1.4.24", outside(i), 6, 31000 + i, 445, 60, 0, session=500 + i) for i in range(30)]
    refused = [f'<164>{stamp(40 + i)} asa1 : %ASA-4-106023: Deny tcp src inside:10.1.4.25/{32000 + i} dst '
               f'outside:{outside(i)}/445 by access-group "inside_in" [0x0, 0x0]' for i in range(30)]
    lines = []
    for block in (scan, ended, refused):
        lines += block[:20] + block[5:20] + block[20:]
    write("redelivered", [(n, line) for n, line in enumerate(lines)])


def sshd(t, text, host="gw1"):
    return at(t, f"<86>{stamp(t)} {host} sshd[{1000 + t}]: {text}")


def snort(t, sid, text, priority, src, dst, drop=""):
    return at(t, f"<33>{stamp(t)} ids1 snort[77]: {drop}[1:{sid}:1] {text} [Classification: Attempted Administrator "
              f"Privilege Gain] [Priority: {priority}] {{TCP}} {src} -> {dst}")


def session(t, src, dst, port, sent, rcvd, duration=3):
    return at(t, netscreen(t, "Permit", src, dst, 6, 20000 + t * 7 % 40000, port, sent, rcvd, duration))


def password_crack():
    """Sessions alone: guesses on SSH and a session that stays after them, the same answers of FTP, spraying."""
    rng = random.Random(12)
    lines = []
    browsing(rng, lines, 10, 3000, 10)
    for i in range(200):
        lines.append(session(100 + i * 3, "203.0.113.9", "10.1.2.3", 22, 2000 + rng.randrange(300), 2600 + i % 90))
    lines.append(session(1500, "203.0.113.9", "10.1.2.3", 22, 9000, 60000, 640))
    for i in range(20):
        lines.append(session(400 + i * 6, "203.0.113.10", "10.1.2.4", 21, 740 + rng.randrange(20), 547, 1))
    for i in range(90):
        lines.append(session(900 + i * 5, "203.0.113.11", f"10.1.3.{i % 30 + 1}", 3389, 1800 + i, 2500 + i, 2))
    write("password_crack", lines)


def password_crack_look_alikes():
    """What looks like guessing and must stay quiet."""
    rng = random.Random(13)
    lines = []
    for t in range(0, 3600, 60):  # a job that runs every minute
        lines.append(session(t, "10.1.1.20", "10.1.2.3", 22, 3000 + rng.randrange(900), 4000 + rng.randrange(900)))
    for t in range(0, 3600, 5):  # a monitor without a role reads the banner
        lines.append(session(t, "10.1.1.21", "10.1.2.3", 22, 260, 330, 0))
    for i in range(400):  # administration by script (role)
        lines.append(session(600 + i * 2, "10.1.0.7", f"10.1.2.{i % 50 + 1}", 22, 4000, 5000 + rng.randrange(900)))
    for t in range(0, 3600, 20):  # a mail client, an application and its database
        lines.append(session(t, "10.1.1.22", "10.1.0.25", 995, 1200, 1500, 1))
        lines.append(session(t, "10.1.1.23", "10.1.0.33", 5432, 1500, 2500, 1))
    for i in range(40):  # an administrator with many windows, a file server
        lines.append(session(i * 30, "10.1.1.24", "10.1.2.3", 22, 40000, 200000, 900))
        lines.append(session(i * 30, "10.1.1.25", "10.1.2.9", 445, 9000, 150000, 30))
    for i in range(60):  # uploads by a script, each answered in its own way
        if i % 20 < 8:
            lines.append(session(i * 40, "203.0.113.40", "10.1.2.4", 21, 700 + rng.randrange(60), 600 + i))
    for i in range(200):  # a scan is no guess: denied, refused, never answered
        t = 1000 + i
        lines.append(at(t, netfilter(t, "IPT-DROP: ", "203.0.113.12", "10.1.2.3", sport=30000 + i, dport=22)))
        lines.append(session(t, "203.0.113.13", "10.1.2.3", 22, 60, 40, 0))
        lines.append(session(t, "203.0.113.14", "10.1.2.3", 22, 180, 0, 20))
    write("password_crack_look_alikes", lines)


def password_crack_sshd():
    """What sshd says: one source and its success, many sources at one user, somebody who forgot his password."""
    lines = []
    for i in range(20):
        user = ("root", "invalid user oracle", "invalid user test")[i % 3]
        lines.append(sshd(60 + i * 5, f"Failed password for {user} from 203.0.113.9 port {40000 + i} ssh2"))
    lines.append(sshd(170, "Accepted password for deploy from 203.0.113.9 port 40100 ssh2"))
    for i in range(48):
        lines.append(sshd(200 + i * 30, f"Failed password for admin from 198.51.100.{i % 8 + 1} port {30000 + i} ssh2"))
    for i in range(36):  # one source, three hosts
        lines.append(sshd(300 + i * 40, f"Failed password for root from 203.0.113.10 port {30000 + i} ssh2",
                          f"web{i % 3 + 1}"))
    for i in range(6):
        lines.append(sshd(500 + i * 8, f"Failed password for alice from 10.1.1.7 port {50000 + i} ssh2"))
    lines.append(sshd(560, "Accepted password for alice from 10.1.1.7 port 50100 ssh2"))
    for i in range(40):  # a name that would put the blame on somebody else
        lines.append(sshd(600 + i, "Failed password for invalid user x from 10.1.1.8 port 22 ssh2 from 203.0.113.11 "
                          f"port {40000 + i} ssh2"))
    write("password_crack_sshd", lines)


def password_crack_starts_only():
    """A filter that logs starts: no bytes, so the bar is four times as high."""
    lines = [at(i * 3, netfilter(i * 3, "FW-ACCEPT ", "203.0.113.9", "10.1.2.3", sport=30000 + i, dport=22))
             for i in range(150)]
    lines += [at(i * 3, netfilter(i * 3, "FW-ACCEPT ", "203.0.113.10", "10.1.2.4", sport=30000 + i, dport=22))
              for i in range(60)]
    write("password_crack_starts_only", lines)


def irc_bot():
    """A bot that comes again, three of a herd, one whose connections are denied, a person; and what is none of these."""
    rng = random.Random(14)
    lines = []
    browsing(rng, lines, 10, 4000, 12)
    for i in range(12):
        lines.append(session(120 + i * 45, "10.1.4.23", "203.0.113.66", 6667, 180, 0, 20))
    lines.append(session(1900, "10.1.4.23", "203.0.113.66", 6667, 4000, 9000, 1100))
    for i in range(6):
        lines.append(session(300 + i * 500, f"10.1.4.{31 + i % 3}", "203.0.113.67", 7000, 900, 1100, 200))
    for i in range(8):
        for k in range(3):  # a SYN and its repetitions
            t = 600 + i * 90 + k * 3
            lines.append(at(t, netfilter(t, "IPT-DROP: ", "10.1.4.40", "203.0.113.68", sport=41000 + i, dport=6667)))
    lines.append(session(3900, "10.1.4.50", "203.0.113.69", 6697, 30000, 90000, 3400))  # a person
    for i in range(30):  # many servers once each: a peer of a P2P network, a scan of all ports
        lines.append(session(900 + i * 20, "10.1.4.60", outside(i), 6660 + i % 10, 300, 300, 5))
    for i in range(10):
        t = 1000 + i
        lines.append(at(t, netfilter(t, "IPT-DROP: ", "10.1.4.61", "203.0.113.70", sport=41000, dport=6660 + i)))
    for i in range(30):  # known for it (role)
        lines.append(session(900 + i * 20, "10.1.0.9", "203.0.113.71", 6667, 300, 300, 5))
    write("irc_bot", lines)


def flood():
    """Out of a bot in few lines and in many, in from outside; and what is fast but answered. The policy's bars are low."""
    rng = random.Random(15)
    lines = []
    browsing(rng, lines, 10, 600, 6)
    for i in range(400):  # a SYN flood, one line a session
        lines.append(at(100 + i // 40, netscreen(100 + i // 40, "Permit", "10.1.4.23", "203.0.113.80", 6, 20000 + i, 80,
                                                 40, 0, 0)))
    for i in range(3):  # a UDP flood in three lines
        t = 200 + i * 4
        lines.append(at(t, netscreen(t, "Permit", "10.1.4.24", "203.0.113.81", 17, 4000 + i, 27015, 9000000, 0, 4)))
    for i in range(300):  # denied, from outside
        t = 300 + i // 30
        lines.append(at(t, netfilter(t, "IPT-DROP: ", "203.0.113.9", "10.1.2.3", sport=20000 + i, dport=80)))
    for i in range(900):  # a busy client, a resolver's client: answered
        t = 400 + i // 60
        lines.append(at(t, netscreen(t, "Permit", "10.1.1.20", "203.0.113.82", 6, 20000 + i, 443, 900, 40000, 1)))
        lines.append(at(t, netscreen(t, "Permit", "10.1.1.21", "10.1.0.53", 17, 20000 + i, 53, 80, 200, 0)))
    lines.append(at(450, netscreen(450, "Permit", "10.1.1.22", "10.1.0.9", 6, 4000, 873, 90000000000, 4000000, 600)))
    lines.append(at(460, netscreen(460, "Permit", "10.1.1.23", "203.0.113.83", 17, 4000, 3478, 90000000, 80000000, 900)))
    for i in range(20):  # syslog that nobody answers; uploads by a route that does not come back this way
        t = 470 + i
        lines.append(at(t, netscreen(t, "Permit", "10.1.1.24", "10.1.0.8", 17, 514, 514, 9000000, 0, 60)))
        if i % 5 == 0:
            lines.append(at(t, netscreen(t, "Permit", "10.1.1.25", "203.0.113.84", 6, 4000 + i, 443, 90000000, 0, 30)))
    for i in range(100):  # a balancer asks a server that is down
        t = 400 + i
        lines.append(at(t, netscreen(t, "Permit", "10.1.1.26", "10.1.2.9", 6, 30000 + i, 8080, 60, 40, 0)))
    write("flood", lines)


def device_threat():
    """One alert again and again, one that was refused, a scanner that sets off all, made-up sources of one."""
    lines = []
    for i in range(40):
        lines.append(snort(60 + i * 10, 1002, "TEST cmd.exe access", 1, f"203.0.113.9:{40000 + i}", "10.1.7.2:80"))
    lines.append(snort(120, 2003, "TEST worm on its way out", 1, "10.1.4.23:40000", "198.51.100.7:1433", "[Drop] "))
    for i in range(300):
        lines.append(snort(300 + i, 3000 + i % 60, f"TEST probe {i % 60}", 3, f"203.0.113.10:{40000 + i}",
                           f"10.1.7.{i % 30 + 1}:80"))
    for i in range(200):
        lines.append(snort(400 + i, 4000, "TEST spoofed address", 2, f"198.51.{i}.9:1024", "10.1.7.2:25"))
    for i in range(50):  # the site's own scanner (role)
        lines.append(snort(500 + i, 5000 + i, f"TEST probe {i}", 1, f"10.1.0.6:{40000 + i}", "10.1.7.3:80"))
    write("device_threat", lines)


def squid(t, ms, client, method, url, status="TCP_MISS/200", size=1434, peer="HIER_DIRECT/198.51.100.80", mime="-"):
    """By syslog; 1791763200 is 2026-10-12 00:00:00 UTC."""
    return (f"<134>{stamp(t)} proxy1 squid[811]: {1791763200 + DAY + t}.{ms:03d}     84 {client} {status} {size} {method} "
            f"{url} - {peer} {mime}")


def beacon():
    """A bot with 20 % jitter by the firewall's log, one that is blocked, one by the proxy's log."""
    rng = random.Random(11)
    lines = []
    browsing(rng, lines, 30, 2 * 3600, 40)
    t = 60
    while t < 2 * 3600:
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.66", "203.0.113.66", 6, 20000 + t % 30000, 443, 1240, 890, 1)))
        t += rng.randrange(96, 145)
    for t in range(30, 3600, 60):
        lines.append(at(t, netscreen(t, "Deny", "10.1.3.67", "203.0.113.67", 6, 20000 + t, 8443, 0, 0, 0)))
    for t in range(15, 3600, 90):
        lines.append(at(t, squid(t, t * 7 % 1000, "10.1.3.68", "CONNECT", "updates.example.net:443")))
    write("beacon", lines)


def beacon_look_alikes():
    """What calls by its clock and is no bot: time, names, mail, monitoring, the way to the proxy, a page that refreshes for
    some minutes, video in pieces, a call; and what half of all hosts do."""
    rng = random.Random(12)
    lines = []
    browsing(rng, lines, 30, 3 * 3600, 20)
    for t in range(5, 3 * 3600, 64):
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.1", "203.0.113.123", 17, 123, 123, 76, 76, 0)))
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.2", "203.0.113.53", 17, 20000 + t, 53, 70, 130, 0)))
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.3", "10.1.0.25", 6, 20000 + t, 993, 900, 1800, 1)))
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.4", "203.0.113.25", 6, 20000 + t, 995, 900, 1800, 1)))
        lines.append(at(t, netscreen(t, "Permit", "10.1.0.5", "203.0.113.26", 6, 20000 + t, 443, 900, 1800, 1)))
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.5", "10.1.0.80", 6, 20000 + t, 3128, 900, 1800, 1)))
    for t in range(3600, 3600 + 570, 10):
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.6", "203.0.113.90", 6, 20000 + t, 443, 900, 1800, 1)))
    for t in range(3600, 2 * 3600, 6):
        lines.append(at(t, squid(t, 0, "10.1.3.7", "GET", f"http://video.example.com/s{t}.ts", size=rng.randrange(300000, 900000),
                                 mime="video/mp2t")))
    for t in range(3600, 3600 + 3000, 60):
        lines.append(at(t, netscreen(t, "Permit", "10.1.3.8", "203.0.113.91", 17, 20000 + t, 50004, rng.randrange(200, 4000),
                                     1700, 1)))
    for n in range(40):
        for t in range(n, 3600 + n, 120):
            lines.append(at(t, netscreen(t, "Permit", f"10.1.4.{n + 1}", "203.0.113.92", 6, 20000 + t, 443, 1200, 3000, 1)))
    write("beacon_look_alikes", lines)


if __name__ == "__main__":
    for case in (addr_scan_denied, addr_scan_unanswered, addr_scan_starts_only, look_alikes, mass_mail,
                 life_of_a_finding, time_is_the_events, hostile_lines, parent_mutes_child, storm, hours_long,
                 redelivered, password_crack, password_crack_look_alikes, password_crack_sshd,
                 password_crack_starts_only, irc_bot, flood, device_threat, beacon, beacon_look_alikes):
        case()
