#!/usr/bin/env python3
"""Measures the rulebases over a directory of collected lines.

    tests/formats.py [--firewatch PATH] [--rulebase PATH] [--vendor NAME]... [--floor PERCENT] [--prefixes N] DIR

DIR holds a directory for each vendor with *.log files, one line a line, and beside some of them NAME.expected.json: a
list of {"line": ..., "expected": {...}}. Printed are, for each vendor:

    lines     those that are log lines (blank ones, "#Fields:" headings and source code around a line are none)
    events    those that became events, and of which kinds
    ignored   those a rule knows as no event; refused: those with an impossible value
    telling   lines that tell of traffic, web requests, log-ins or threats; telling.py judges that by the line alone
    told      those of them that became events of such a kind, and their share

A telling line that a rule ignores or that is refused is a miss like one that no rule took. Then come the beginnings of the misses, most frequent first, and how far the events agree with what is expected:

  1. fields that "expected" names (addresses, ports, protocol, action, user, under the names of NAMES) are equal;
  2. every address, port and user of the event stands in the line as it is;
  3. where the description of the case ("test") says that something was denied or failed, a flow was not let through and
     a log-in did not succeed; and the other way around;
  4. what the line itself names in common words (src=, SrcIP:, source-address=, ...) is what the event says.

Rules 2 and 4 are applied to every event, not only to those with an expectation.

The exit status is 1 when a share or the agreement is below its floor (85 and 97 percent), 77 without the directory.
"""
import argparse
import collections
import ipaddress
import json
import pathlib
import re
import subprocess
import sys

from telling import telling

TOP = pathlib.Path(__file__).resolve().parent.parent
SKIPPED = 77
AGREE_FLOOR = 97

# Names under which collections of expected fields have what an event calls so.
NAMES = {
    "src": ("src", "srcip", "src_ip", "source.ip", "source_address"),
    "dst": ("dst", "dstip", "dst_ip", "destination.ip", "destination_address"),
    "sport": ("sport", "srcport", "src_port", "source.port"),
    "dport": ("dport", "dstport", "dst_port", "destination.port"),
    "proto": ("proto", "protocol", "network.transport"),
    "action": ("action", "event.action"),
    "user": ("user", "srcuser", "dstuser", "user.name"),
}
# What a line names itself, in the words of many devices: an independent and plainer reading than any rule's.
ADDR, PORT = r"[\"']?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+)[\"']?(?![\w.])", r"[\"']?(\d{1,5})\b"
NAMED = {field: re.compile(rf"(?<![\w-])(?:{names})(?:=|: ?|:=){value}") for field, names, value in (
    ("src", "src|SRC|srcip|src_ip|SrcIP|source-address|sourceip|client_ip|Source", ADDR),
    ("dst", "dst|DST|dstip|dst_ip|DstIP|destination-address|destinationip|dest_ip|Destination", ADDR),
    ("sport", "srcport|SPT|spt|src_port|SrcPort|source-port|s_port", PORT),
    ("dport", "dstport|DPT|dpt|dst_port|DstPort|destination-port", PORT),
    ("proto", "proto|PROTO|protocol-id|Protocol|protocol", r"[\"']?((?:tcp|udp|icmp|TCP|UDP|ICMP)\b(?!/)|\d+\b)"),
    ("sent", "sentbyte|bytes-from-client|InitiatorBytes|sent", r"[\"']?(\d+)\b"),
    ("rcvd", "rcvdbyte|bytes-from-server|ResponderBytes|rcvd", r"[\"']?(\d+)\b"),
)}
PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "icmpv6"}
CODE = re.compile(r"""^\s*(?:["'](?P<line>.*)["'],?\s*\+?|[\]})].*|\w+ do.*|end|include_examples.*|let\(.*)\s*$""")
BAD = re.compile(r"\b(den(y|ied)|drop(ped)?|block(ed)?|reject(ed)?|fail(ed|ure)?|invalid|refused|not allowed)\b", re.I)
GOOD = re.compile(r"\b(accepted|allowed|permitted|success(ful)?|succeeded)\b", re.I)


def log_line(text):
    """The log line in a line of a file, or None."""
    text = text.rstrip("\n")
    code = CODE.match(text) if text[:1] in " ])}" or text.strip() in ("end",) else None
    if code:
        text = code["line"] or ""
    if not text.strip() or text.startswith(("#Fields", "#Software", "#Version", "#Date")):
        return None
    return text


def read_lines(vendor):
    lines = []
    for path in sorted(vendor.glob("*.log")):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines += filter(None, (log_line(text.replace("\0", "")) for text in file))
    return lines


def sentinel(i):
    return (f"<4>Oct 12 08:00:00 formats kernel: IN=mark{i} OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=28 TTL=1 ID=1 "
            f"PROTO=UDP SPT=1 DPT=2 LEN=8")


def parse(args, lines, *options):
    command = [args.firewatch, "parse", "-r", args.rulebase, *options, "-"]
    text = "\n".join(lines) + "\n"
    ran = subprocess.run(command, input=text.encode("utf-8", "surrogateescape"), capture_output=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{ran.stderr.decode()}")
    return ran.stdout.decode("utf-8", "replace"), ran.stderr.decode()


def events_of(args, lines):
    """One event, or None, for each line: a line that becomes a known event follows each."""
    text, told = parse(args, [part for i, line in enumerate(lines) for part in (line, sentinel(i))])
    events, latest, at = [None] * len(lines), None, 0
    for event in map(json.loads, text.splitlines()):
        if event.get("in_if") == f"mark{at}" and event.get("sensor") == "formats":
            events[at], latest, at = latest, None, at + 1
        else:
            latest = event
    counts = {kind: int(n) for n, kind in re.findall(r"^ *(\d+) +(\w+)", told, re.M)}
    return events, counts


def prefix(line):
    """What unparsed lines have in common: letters of the beginning, behind the header; digits as one."""
    line = re.sub(r"^(<\d+>)?[\s:]*(\w{3} +\d+ [\d:]+|\d{4}-\d\d-\d\d[T ][\d:.]+\S*)?\s*", "", line)
    return re.sub(r"\d+", "N", line)[:48]


def close(ours, theirs, field):
    theirs = str(theirs).strip()
    if field in ("src", "dst"):
        try:
            return ipaddress.ip_address(ours) == ipaddress.ip_address(theirs)
        except ValueError:
            return False
    if field == "proto" and theirs.isdigit():
        return ours == int(theirs)
    if field == "proto":
        return theirs.lower() in (str(ours), PROTOCOLS.get(ours))
    if field == "action":
        return bool(BAD.search(theirs)) == (ours == "deny")
    return str(ours).lower() == theirs.lower()


def in_line(event, line):
    """Rule 2: (right, checked) for what stands in the line as it is. Services may stand there by name."""
    right = checked = 0
    for field in ("src", "dst", "user", "sport", "dport"):
        if field not in event:
            continue
        value = str(event[field])
        found = value in line or value.replace("\\", "\\\\") in line or value.replace("\ufffd", "") in line
        if not found and field in ("sport", "dport"):
            found = re.search(r"[/:](?:[a-z][\w-]+)\b|service|http|https", line) is not None
        if not found and field in ("src", "dst"):  # "2001:0db8:0000::1" is written in another way
            found = any(close(value, text, field) for text in re.findall(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*", line))
        checked += 1
        right += found
    return right, checked


def verdict(event, text):
    """Rule 3: (right, checked)."""
    said = event.get("outcome") if event["kind"] == "auth" else event.get("action")
    if event["kind"] not in ("auth", "flow_start", "flow_end", "flow_deny", "http") or said is None:
        return 0, 0
    bad, good = BAD.search(text) is not None, GOOD.search(text) is not None
    if bad == good:
        return 0, 0
    return int((said in ("deny", "failure")) == bad), 1


def agreement(args, vendor, wrong):
    sums = collections.Counter()
    for path in sorted(vendor.glob("*.expected.json")):
        cases = json.loads(path.read_text(encoding="utf-8"))
        events, _ = events_of(args, [case["line"] for case in cases])
        for case, event in zip(cases, events):
            if event is None:
                continue
            expected = case.get("expected", {})
            pairs = [(event[ours], expected[name], ours) for ours, names in NAMES.items() if ours in event
                     for name in names if name in expected]
            parts = {"fields": (sum(close(*pair) for pair in pairs), len(pairs)), "text": in_line(event, case["line"]),
                     "verdict": verdict(event, expected.get("test", ""))}
            for part, (right, checked) in parts.items():
                sums[part, "right"] += right
                sums[part, "checked"] += checked
                if right < checked:
                    wrong.append((vendor.name, part, case["line"], expected.get("test", ""), event))
    return sums


def named(line, event):
    """Rule 4: the pairs (field, ours, theirs) of what the line names itself; a name that comes twice says nothing."""
    for field, pattern in NAMED.items():
        found = set(pattern.findall(line))
        if field in event and len(found) == 1:
            yield field, event[field], found.pop()


def plain_agreement(vendor, lines, events, wrong):
    sums = collections.Counter()
    for line, event in zip(lines, events):
        if event is None:
            continue
        parts = {"text": in_line(event, line)}
        pairs = list(named(line, event))
        parts["named"] = (sum(close(ours, theirs, field) for field, ours, theirs in pairs), len(pairs))
        for part, (right, checked) in parts.items():
            sums[part, "right"] += right
            sums[part, "checked"] += checked
            if right < checked:
                wrong.append((vendor.name, part, line, "", event))
    return sums


def share(part, whole):
    return 100.0 * part / whole if whole else 100.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", nargs="?", type=pathlib.Path)
    parser.add_argument("--firewatch", default=str(TOP / "build" / "firewatch"))
    parser.add_argument("--rulebase", default=str(TOP / "rulebase" / "firewatch.rulebase"))
    parser.add_argument("--vendor", action="append", help="only this one")
    parser.add_argument("--floor", type=float, default=85.0, help="percent of the telling lines")
    parser.add_argument("--prefixes", type=int, default=20, help="how many beginnings of unparsed lines to show")
    args = parser.parse_args()
    if args.dir is None or not args.dir.is_dir():
        print("no directory of collected lines")
        return SKIPPED
    vendors = [v for v in sorted(args.dir.iterdir()) if v.is_dir() and (not args.vendor or v.name in args.vendor)]
    total, agree, prefixes, wrong = collections.Counter(), collections.Counter(), collections.Counter(), []
    print(f"{'vendor':18} {'lines':>6} {'events':>6} {'ignored':>7} {'refused':>7} {'telling':>7} {'told':>6} {'share':>6}"
          "  kinds")
    for vendor in vendors:
        lines = read_lines(vendor)
        if not lines:
            continue
        events, counts = events_of(args, lines)
        kinds = collections.Counter(event["kind"] for event in events if event)
        tell = [(line, event) for line, event in zip(lines, events) if telling(vendor.name, line)]
        missed = [line for line, event in tell if event is None or event["kind"] == "device"]
        told = len(tell) - len(missed)
        prefixes.update(f"{vendor.name}: {prefix(line)}" for line in missed)
        total.update(lines=len(lines), events=told, telling=len(tell))
        agree.update(agreement(args, vendor, wrong))
        agree.update(plain_agreement(vendor, lines, events, wrong))
        print(f"{vendor.name:18} {len(lines):6} {sum(kinds.values()):6} {counts.get('ignored', 0):7} "
              f"{counts.get('refused', 0):7} {len(tell):7} {told:6} {share(told, len(tell)):5.1f}%  "
              f"{' '.join(f'{kind}={n}' for kind, n in sorted(kinds.items()))}", flush=True)
    print(f"\nmissed, though they tell: {sum(prefixes.values())}")
    for text, n in prefixes.most_common(args.prefixes):
        print(f"{n:6}  {text}")
    right = sum(n for (_, what), n in agree.items() if what == "right")
    checked = sum(n for (_, what), n in agree.items() if what == "checked")
    print(f"\nagreement: {right} of {checked}, {share(right, checked):.1f}%: "
          + ", ".join(f"{part} {agree[part, 'right']} of {agree[part, 'checked']}"
                      for part in ("fields", "text", "verdict", "named")))
    for name, part, line, test, event in wrong[: args.prefixes]:
        print(f"  {name}, {part}: {line[:160]}\n    {test}\n    {json.dumps(event)[:240]}")
    told = share(total["events"], total["telling"])
    print(f"\nall: {total['events']} events of {total['telling']} telling lines, {told:.1f}%")
    return 0 if told >= args.floor and share(right, checked) >= AGREE_FLOOR else 1


sys.exit(main())
