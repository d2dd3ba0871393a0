#!/usr/bin/env python3
"""Lines of many sources for the tests of several nodes, and what became of them.

    lines.py lines                            scans, mass mailers and guessers of passwords among quiet sources, on stdout
    lines.py split FIREWATCH RULES DIR...     each DIR has the lines of a node, firewalls.log: no source is in two;
                                                all of `lines` are there; a line that is there twice was not counted twice
    lines.py findings WHOLE DIR...            the findings of all nodes (firewatch.jsonl) are those of a replay of the whole
"""
import json
import subprocess
import sys


def stamp(t):
    return "2026-10-12T%02d:%02d:%02dZ" % (8 + t // 3600, t // 60 % 60, t % 60)


def packet(t, src, dst, dport, n):
    return (f"<4>{stamp(t)} fw{n % 3} kernel: [{1000 + t}.{n % 1000000:06d}] IPT-DROP: IN=eth1 OUT=eth0 SRC={src} DST={dst} LEN=60 "
            f"TOS=0x00 PREC=0x00 TTL=63 ID={n % 65536} DF PROTO=TCP SPT=40000 DPT={dport} WINDOW=64240 RES=0x00 SYN URGP=0")


def lines():
    rows = []
    for s in range(12): # scanners: 40 addresses each; like all that is found, over the whole time
        rows += [(290 * s + 3 * i, f"192.0.2.{1 + s}", f"198.51.100.{1 + i}", 445) for i in range(40)]
    for s in range(8): # mass mailers
        rows += [(440 * s + 7 * i, f"10.1.7.{1 + s}", f"203.0.113.{1 + i}", 25) for i in range(30)]
    for s in range(150): # the others: a few addresses, again and again, to the end of time
        rows += [(37 * i + s % 37, f"10.2.{s % 3}.{1 + s}", f"203.0.113.{200 + (s + i) % 5}", 80) for i in range(100)]
    out = [(t, packet(t, src, dst, port, n)) for n, (t, src, dst, port) in enumerate(rows)]
    for s in range(6): # guessers of passwords; these lines have a source behind the name, and a number in the tag
        out += [(100 + 600 * s + 2 * i, f"<86>{stamp(100 + 600 * s + 2 * i)[:-1]}.{i + 1:03d}Z gw1 sshd[{2000 + 100 * s + i}]: Failed password for "
                              f"invalid user u{i} from 203.0.113.{100 + s} port {40000 + i} ssh2") for i in range(40)]
    for s in range(60): # sessions whose end, read by itself, looks as if the other side had opened them
        who = f"for outside:198.51.100.200/34000{{}} to inside:10.3.0.{1 + s}/2000{{}}"
        out.append((50 + 58 * s, f"<166>{stamp(50 + 58 * s)} asa1 : %ASA-6-302013: Built outbound TCP connection {9000 + s} " +
                    who.format(" (198.51.100.200/34000)", " (192.0.2.200/2000)")))
        out.append((58 + 58 * s, f"<166>{stamp(58 + 58 * s)} asa1 : %ASA-6-302014: Teardown TCP connection {9000 + s} " +
                    who.format("", "") + " duration 0:00:08 bytes 4000 TCP FINs"))
    return [line for _, line in sorted(out, key=lambda row: row[0])]


def split(firewatch, rules, dirs):
    sources, seen, repeated = {}, [], 0
    for node in dirs:
        path = node + "/firewalls.log"
        with open(path, encoding="utf-8") as log:
            got = log.read().splitlines()
        repeated += len(got) - len(set(got))
        seen += set(got)
        events = subprocess.run([firewatch, "parse", "-r", rules, path], capture_output=True, text=True, check=True).stdout
        for line in events.splitlines():
            event = json.loads(line)
            if "session" in event: # its end does not tell who opened it: both its lines belong to who did
                sources.setdefault("session " + event["session"], set()).add(node)
            if event["kind"] != "flow_end":
                sources.setdefault(event["src"], set()).add(node)
    both = [source for source, nodes in sources.items() if len(nodes) > 1]
    if both:
        sys.exit(f"on two nodes: {both}")
    for node in dirs:
        if sum(node in nodes for nodes in sources.values()) < len(sources) / 4:
            sys.exit(f"{node} has nearly nothing")
    expected = lines()
    if sorted(seen) != sorted(expected):
        sys.exit(f"{len(set(expected) - set(seen))} of {len(expected)} lines are lost")
    print(repeated)


def told(path):
    """What was said: of each finding its matter, its opening and its end, with what was counted."""
    found = {}
    with open(path, encoding="utf-8") as docs:
        for doc in map(json.loads, docs):
            if doc["event"]["dataset"] == "firewatch.finding" and doc["event"]["action"] != "finding-update":
                key = doc["event"]["id"], doc["event"]["action"]
                value = doc["firewatch"]["finding"]["key"], doc["firewatch"]["measure"]["value"], doc["firewatch"]["counts"]["events"]
                if key in found:
                    sys.exit(f"said twice: {value}")
                found[key] = value
    return found


def findings(whole, dirs):
    expected, got = told(whole), {}
    for node in dirs:
        for key, value in told(node + "/firewatch.jsonl").items():
            if key in got:
                sys.exit(f"two nodes say {value}")
            got[key] = value
    if len(expected) < 40 or got != expected:
        sys.exit(f"{len(got)} of {len(expected)}; lacking {[v for k, v in expected.items() if k not in got][:5]}, "
                 f"too many {[v for k, v in got.items() if k not in expected][:5]}, "
                 f"other {[(v, got[k]) for k, v in expected.items() if k in got and got[k] != v][:5]}")


if __name__ == "__main__":
    if sys.argv[1] == "lines":
        print("\n".join(lines()))
    elif sys.argv[1] == "split":
        split(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        findings(sys.argv[2], sys.argv[3:])
