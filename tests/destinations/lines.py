#!/usr/bin/env python3
"""A log that gives something to every destination: findings of several kinds, some with texts an attacker chose, and
events for every panel of the database. Lines on stdout, in the order of time; documentation addresses and 10/8."""
import sys

# What SQL, JSON, CEF, structured data, printf, a shell, a mail or a terminal could take for something else.
EVIL = ["%s%n%1$s", "'); DROP SCHEMA firewatch CASCADE; --", 'a"]} b', "x\\", "a|b=c", "$(reboot)", "]x=\"1\"", ".",
        "\\u0000", "caf\u00e9", "\u202egpj"]


def stamp(t):
    return "2026-10-12T%02d:%02d:%02dZ" % (8 + t // 3600, t // 60 % 60, t % 60)


def packet(t, prefix, src, dst, dport, sport=40000):
    return (f"<4>{stamp(t)} fw1 kernel: [{1000 + t}.000001] {prefix}: IN=eth1 OUT=eth0 SRC={src} DST={dst} LEN=60 TOS=0x00 "
            f"PREC=0x00 TTL=63 ID={t % 65536} DF PROTO=TCP SPT={sport} DPT={dport} WINDOW=64240 RES=0x00 SYN URGP=0")


def session(t, src, dst, dport, duration, action="Permit"):
    start = stamp(t - duration) if t >= duration else "2026-10-12T07:00:00Z"
    return (f'<133>{stamp(t)} ns1 ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): '
            f'start_time="{start[:10]} {start[11:19]}" duration={duration} policy_id=7 service=tcp/port:{dport} proto=6 '
            f'src zone=Trust dst zone=Untrust action={action} sent=5000 rcvd=90000 src={src} dst={dst} src_port=40000 '
            f'dst_port={dport} session_id={100000 + t}')


def web(t, src, url, mime, user="alice"):
    return f"<14>{stamp(t)} proxy squid[7]: {1791792000 + t}.250     84 {src} TCP_MISS/200 20275 GET {url} {user} HIER_DIRECT/198.51.100.1 {mime}"


def main():
    rows = [(i, packet(i, "IPT-DROP", "192.0.2.23", f"203.0.113.{1 + i}", 445)) for i in range(30)]
    rows += [(100 + i, packet(100 + i, "IPT-DROP", "2001:db8::23", f"2001:db8:5::{1 + i}", 445)) for i in range(28)]
    rows += [(200 + 9 * i, packet(200 + 9 * i, "FORWARD-DROP", "10.1.7.91", f"203.0.113.{10 + i}", 25)) for i in range(12)]
    for i in range(44): # guesses names
        name = EVIL[i % len(EVIL)]
        rows.append((400 + 3 * i, f"<86>{stamp(400 + 3 * i)} gw1 sshd[{1060 + i}]: Failed password for invalid user {name} "
                                  f"from 203.0.113.9 port {40000 + i} ssh2"))
    for i, text in enumerate(EVIL):
        t = 600 + 20 * i
        rows += [(t + k, f"<33>{stamp(t + k)} ids1 snort[77]: [1:{1000 + i}:1] {text} access [Classification: Attempted "
                         f"Administrator Privilege Gain] [Priority: 1] {{TCP}} 203.0.113.{30 + i}:40000 -> 10.1.7.2:80")
                 for k in range(12)]
    rows.append((900, web(900, "10.1.2.2", "http://www.example.net/setup.exe?x=%27%25s", "application/x-msdownload")))
    rows.append((901, web(901, "10.1.2.3", "http://ui.example.com/ui/0/3.0.0.190/en/getlatestversion?ver=3.0.0.190", "text/html", "-")))
    rows.append((902, web(902, "10.1.2.4", "http://www.example.net/?q=%00%ff')--", "text/html", "x'\\y")))
    rows.append((903, session(903, "10.1.2.5", "198.51.100.7", 443, 4000)))
    rows.append((904, session(904, "10.1.2.6", "198.51.100.8", 5222, 30)))
    rows.append((905, session(905, "10.1.2.7", "198.51.100.9", 31337, 30)))
    rows.append((906, session(906, "10.1.2.8", "198.51.100.9", 31338, 0, "Deny")))
    rows.append((907, f"<166>{stamp(907)} asa1 : %ASA-6-716001: Group <VPN> User <bob> IP <203.0.113.77> WebVPN session started."))
    rows.append((908, f"<166>{stamp(908)} asa1 : %ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : "
                      f"server = 10.1.0.9 : user = {EVIL[1]} : user IP = 203.0.113.78"))
    rows += [(t, packet(t, "IPT-DROP", "198.51.100.99", "10.1.1.1", 23)) for t in range(1000, 9000, 500)] # time passes
    for _, line in sorted(rows, key=lambda row: row[0]):
        sys.stdout.buffer.write(line.encode() + b"\n")
    # a name that is no UTF-8, in the last line before the end of time
    sys.stdout.buffer.write(f"<86>{stamp(9000)} gw1 sshd[9]: Failed password for invalid user ".encode() + b"\xff\xfe\xc3" +
                            b" from 203.0.113.9 port 40000 ssh2\n")


if __name__ == "__main__":
    main()
