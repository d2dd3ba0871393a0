#!/usr/bin/env python3
"""Writes the inputs of the replay cases about what several findings say together:
tests/replay/{bot_story,infection_chain,break_in}/input.log.

Session logs in NetScreen's form. Addresses are documentation's and RFC 1918's.
"""
import datetime
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN = datetime.datetime(2026, 10, 12, 8, 0, 0)


def session(lines, t, src, dst, dport, sent=600, rcvd=900, duration=2, action="Permit"):
    when = BEGIN + datetime.timedelta(seconds=t)
    start = when - datetime.timedelta(seconds=duration)
    lines.append((t, f'<133>{when:%Y-%m-%dT%H:%M:%SZ} ns1 ns1: NetScreen device_id=ns1  '
                     f'[Root]system-notification-00257(traffic): start_time="{start:%Y-%m-%d %H:%M:%S}" '
                     f'duration={duration} policy_id=7 service=tcp/port:{dport} proto=6 src zone=Trust dst zone=Untrust '
                     f'action={action} sent={sent} rcvd={rcvd} src={src} dst={dst} src_port={20000 + len(lines) % 40000} '
                     f'dst_port={dport} session_id={1000 + len(lines)}'))


def outside(n):
    return f"198.51.{n // 250 % 200 + 1}.{n % 250 + 1}"


def sweep(lines, t, src, port, n=60, step=2, first=0):
    for i in range(n):
        session(lines, t + i * step, src, outside(first + i), port, sent=120, rcvd=0)


def mailing(lines, t, src, n=20):
    for i in range(n):
        session(lines, t + i * 10, src, outside(5000 + i), 25)


def office(lines, rng, until):
    """Who is no bot: browsing, a file server with many clients, an administrator."""
    for t in range(0, until, 4):
        src = f"10.1.1.{rng.randrange(1, 60)}"
        session(lines, t, src, outside(9000 + rng.randrange(500)), rng.choice([80, 443, 443]), rcvd=40000)
        if t % 3 == 0:
            session(lines, t, src, "10.1.0.10", 445, rcvd=9000, duration=60)
        if t % 40 == 0:
            session(lines, t, "10.1.1.9", f"10.1.1.{rng.randrange(1, 60)}", 3389, rcvd=90000, duration=300)


def write(name, lines):
    os.makedirs(os.path.join(HERE, name), exist_ok=True)
    with open(os.path.join(HERE, name, "input.log"), "w", encoding="ascii") as f:
        for _, line in sorted(lines, key=lambda one: one[0]):
            f.write(line + "\n")


def bot_story():
    """10.1.1.91 sweeps and mails: two findings, then one story that goes on. 10.1.1.92 mails only, 10.1.1.93 sweeps two
    ports, which is scanning: no story of these."""
    lines = []
    office(lines, random.Random(1), 6000)
    sweep(lines, 300, "10.1.1.91", 445)
    mailing(lines, 1200, "10.1.1.91")
    sweep(lines, 3000, "10.1.1.91", 3389, first=3000)
    mailing(lines, 1500, "10.1.1.92")
    sweep(lines, 2000, "10.1.1.93", 445, first=100)
    sweep(lines, 2400, "10.1.1.93", 1433, first=200)
    write("bot_story", lines)


def infection_chain():
    """10.1.1.20 is infected from outside over tcp/445, hits 10.1.1.21, which begins 4 minutes later and hits 10.1.1.22, which
    sends mail after 10 minutes. Clients of the file server 10.1.0.10 and the administrator 10.1.1.9, who had a session
    with 10.1.1.22 as well, are nobody's parents: the one is a rival."""
    lines = []
    office(lines, random.Random(2), 7200)
    session(lines, 600, "203.0.113.66", "10.1.1.20", 445, rcvd=3000)
    sweep(lines, 900, "10.1.1.20", 445, n=80)
    session(lines, 960, "10.1.1.20", "10.1.1.21", 445, rcvd=3000)
    sweep(lines, 1200, "10.1.1.21", 445, n=80, first=400)
    session(lines, 1260, "10.1.1.21", "10.1.1.22", 445, rcvd=3000)
    session(lines, 1500, "10.1.1.9", "10.1.1.22", 3389, rcvd=90000, duration=100)
    mailing(lines, 1860, "10.1.1.22", n=40)
    # a machine that nobody touched begins as well
    sweep(lines, 4000, "10.1.1.30", 445, n=80, first=800)
    write("infection_chain", lines)


def break_in():
    """203.0.113.66 tries the ports of 10.1.0.5, then guesses at its SSH until it gets in: a break-in. 203.0.113.67 only scans,
    203.0.113.68 only guesses; 10.1.9.9 does both as a scanner of the site may."""
    lines = []
    office(lines, random.Random(3), 3600)

    def scan(t, src, dst):
        for port in range(1, 80):
            session(lines, t + port, src, dst, port, sent=60, rcvd=0, duration=0)

    def guess(t, src, dst):
        for n in range(45):
            session(lines, t + n * 8, src, dst, 22, sent=1800, rcvd=2400, duration=4)
        session(lines, t + 45 * 8 + 900, src, dst, 22, sent=90000, rcvd=400000, duration=880)

    scan(300, "203.0.113.66", "10.1.0.5")
    guess(600, "203.0.113.66", "10.1.0.5")
    scan(400, "203.0.113.67", "10.1.0.6")
    guess(700, "203.0.113.68", "10.1.0.7")
    scan(900, "10.1.9.9", "10.1.0.8")
    guess(1000, "10.1.9.9", "10.1.0.8")
    write("break_in", lines)


if __name__ == "__main__":
    for case in (bot_story, break_in, infection_chain):
        case()
