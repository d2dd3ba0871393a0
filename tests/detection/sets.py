"""The labelled logs: which files a set has, how its truth is read, and what a session log can show of it.

Nothing of these sets is in this tree. A directory that holds them has a folder
for each; what is not there is left out. Each function takes a Bench (see
measure) and the folder and gives a list of scores.
"""
import csv
import datetime
import os
import re

import tunnels
from scoring import Row, Score, read_truth, score_by_host

HOUR = 3600
# captures of scans-pcap that no session log can show: ARP, answers to odd packets, IP protocols that make no session
NO_SESSIONS = {"Ioc_ARPSweepAttempt", "Ioc_OSFingerprintingAttempt", "Ioc_IPProtocolScanAttempt"}
# one of the laboratories has public addresses, which its administrator would have named
C2_LAB_POLICY = "home: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 147.32.80.0/24]\n"
IOT_MATTERS = {  # of one host: the row of the truth, who would be right
    "c2": ("irc_bot", "beacon"),
    "scan": ("addr_scan", "slow_scan", "worm", "port_scan"),
    "ddos": ("flood",),
}


def span_days(folder):
    """Of the log, by the sessions it was made of."""
    with open(os.path.join(folder, "flows.tsv"), encoding="utf-8") as table:
        times = [float(row["ts"]) for row in csv.DictReader(table, delimiter="\t")]
    return max(times) - min(times)


def with_days(score, folder):
    score.days = span_days(folder) / 86400
    return score


def by_host(bench, folder, name):
    findings = bench.replay([os.path.join(folder, bench.log)])
    return with_days(score_by_host(name, findings, read_truth(os.path.join(folder, "truth.tsv"))), folder)


def cic2017(bench, folder):
    score = by_host(bench, folder, "cic2017-sampled")
    score.goal = "the attacker and 4 of 5 infected; nothing on 9 normal hosts"
    score.reached = len(score.found) >= 5 and "172.16.0.1" in score.found and not score.false
    return [score]


def iot23(bench, folder):
    """Three matters of one host, each by a detector that is right for it, and one story."""
    findings = bench.replay([os.path.join(folder, bench.log)])
    rows = read_truth(os.path.join(folder, "truth.tsv"))
    score = with_days(Score("iot23-34-1"), folder)
    for row in rows:
        if row.kinds in IOT_MATTERS:
            score.add(row.kinds, [Row(row.host, row.role, row.kinds, row.first, row.last,
                                      detectors=IOT_MATTERS[row.kinds])], findings)
    host, first = rows[0].host, min(row.first for row in rows)
    score.add("story", [Row(host, "infected", first=first, detectors=("bot_story",))], findings)
    any_of_them = Score("any")
    any_of_them.add("any", [Row(host, "infected", first=first)], findings)
    soon = any_of_them.delays[:1]
    score.accuse(findings, rows)
    score.notes.append(f"first finding after {minutes(soon[0])}" if soon else "nothing found")
    score.goal = "channel, scan and flood apart, and one story; the first within 15 min; nothing on others"
    score.reached = not score.missed and bool(soon) and soon[0] <= 15 * 60 and not score.false
    return [score]


def minutes(delay):
    return f"{delay:.0f} s" if delay < 120 else f"{delay / 60:.0f} min" if delay < 120 * 60 else f"{delay / 3600:.1f} h"


def scans(bench, folder):
    """Each capture is a log of its own."""
    score = Score("scans-pcap")
    with open(os.path.join(folder, "truth.tsv"), encoding="utf-8") as table:
        captures = list(csv.DictReader(table, delimiter="\t"))
    for capture in captures:
        findings = bench.replay([os.path.join(folder, capture["file"] + bench.log[2:])])
        row = Row(capture["top_src"], "attacker")
        if "must stay quiet" in capture["expected"]:
            score.false += [f for f in findings if f.threat]
        elif capture["file"] in NO_SESSIONS:
            seen = sorted({f.rule for f in findings if f.threat})
            score.notes.append(f"{capture['file']}: not a matter of sessions" + (f", yet {', '.join(seen)}" if seen else ""))
        else:
            score.add(capture["file"], [row], findings)
    score.goal = "all that sessions show; backscatter quiet"
    score.reached = not score.missed and not score.false
    return [score]


def by_capture(score, rows, findings):
    """Rows are captures of other days, joined: a finding belongs to the one in whose time it came, or just after."""
    for row in rows:
        score.add(f"{row.kinds} ({row.host})", [row], findings, after=HOUR)


def c2_lab(bench, folder):
    """Captures of some years, joined: each day is a log of its own, as its stamps have no year."""
    rows = read_truth(os.path.join(folder, "truth.tsv"))
    policy = bench.put("policy.yaml", C2_LAB_POLICY)
    days = {}
    for row in rows:
        days.setdefault(datetime.datetime.fromtimestamp(row.first, datetime.timezone.utc).date(), []).append(row)
    findings = []
    with open(os.path.join(folder, bench.log), encoding="utf-8", errors="replace") as log:
        lines = list(log)
    for day in days:
        stamp = re.compile(rf"<\d+>({day:%b} +{day.day} |{day})")
        path = bench.put("day.log", [line for line in lines if stamp.match(line)])
        findings += bench.replay([path], policy, reference=f"{day}T12:00:00Z")
    score = Score("c2-lab")
    by_capture(score, rows, findings)
    score.accuse(findings, rows)
    score.goal = "7 of 9"
    score.reached = len(score.found) >= 7
    return [score]


def mta(bench, folder):
    findings = bench.replay([os.path.join(folder, bench.log)])
    rows = read_truth(os.path.join(folder, "truth.tsv"))
    scores = []
    for kind, share in (("udp-fanout", .9), ("periodic", 8 / 14), ("", 0)):
        mine = [row for row in rows if row.role == "infected" and
                (kind in row.kinds if kind else "udp-fanout" not in row.kinds and "periodic" not in row.kinds)]
        score = Score(f"mta: {kind or 'the others'}")
        by_capture(score, mine, findings)
        score.goal = f"{share * 100:.0f} % of {len(mine)}" if kind == "udp-fanout" else "8 of 14" if kind else "none asked for"
        score.reached = len(score.found) >= share * len(mine)
        scores.append(score)
    scores[0].accuse(findings, rows + [Row(row.host, "infected") for row in rows])
    return scores


def mta_downloads(bench, folder):
    """Each program that a capture fetched is in the list of downloads, or at least its client in the register."""
    if not bench.reads_squid():
        return []
    score = Score("mta: downloads")
    rows, users, left_out = set(), set(), 0
    for doc in bench.summaries([os.path.join(folder, "squid.access.log")]):
        said = doc["firewatch"]
        rows |= {(row["ip"], row["domain"], row["path"]) for row in said.get("downloads", [])}
        if said.get("application") == "exe_download":
            users |= {user["ip"] for user in said["users"]}
        left_out += sum(item["value"] for item in said.get("items", []) if item["name"] == "left_out")
    with open(os.path.join(folder, "exe_downloads.tsv"), encoding="utf-8") as table:
        for number, row in enumerate(csv.DictReader(table, delimiter="\t"), 2):
            host, slash, path = row["url"].split("://", 1)[1].partition("/")
            path = re.split("[?#;]", slash + path)[0]
            name = f"line {number}: {row['client']} {host}{path}"
            score.wanted.append(name)
            if (row["client"], host.split(":")[0].lower()[-63:], path[:95]) in rows and row["client"] in users:
                score.found[name] = ({"exe_download": 1}, None)
    if left_out:
        score.notes.append(f"{left_out} rows are not in the lists")
    score.goal = "all of exe_downloads.tsv in the list of downloads, their clients in the register"
    score.reached = not score.missed
    return [score]


def rita(bench, folder):
    rows = read_truth(os.path.join(folder, "truth.tsv"))
    scores = []
    for log in (bench.log, "squid.access.log"):
        if log.startswith("squid") and not bench.reads_squid():
            continue
        score = score_by_host(f"rita-proxy-beacon, {log}", bench.replay([os.path.join(folder, log)]), rows)
        score.goal = "the beacon, by host" if log.startswith("squid") else "none asked for: all go to the proxy"
        score.reached = not log.startswith("squid") or not score.missed
        scores.append(score)
    return scores


def psad_expects(folder):
    """{file: True, it is a scan; False, it must stay quiet} after the names and patterns of psad's own tests."""
    expected = {}
    with open(os.path.join(folder, "expected.tsv"), encoding="utf-8", errors="replace") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["config"] not in ("default_conf", "enable_ack_detection_conf"):
                continue
            if "attackers" in row["must_match"] and re.search(r"scan|sweep", row["psad_test"], re.I):
                expected[row["scan_file"]] = True
            elif "allow valid" in row["psad_test"]:
                expected.setdefault(row["scan_file"], False)
    expected.setdefault("ipv4_valid_ping", False)
    return expected


def psad(bench, folder):
    score = Score("native-psad-iptables")
    for name, is_scan in sorted(psad_expects(folder).items()):
        path = os.path.join(folder, name + ".log")
        findings = [f for f in bench.replay([path]) if f.threat]
        if is_scan:
            sources = set().union(*(f.sources for f in findings)) if findings else {"-"}
            score.add(name, [Row(source, "attacker") for source in sources], findings)
        else:
            score.false += findings
    score.goal = "every scan that psad's tests name"
    score.reached = not score.missed and not score.false
    return [score]


def quiet(bench, folder):
    score = by_host(bench, folder, os.path.basename(folder))
    score.goal = "no threat finding"
    score.reached = not score.false
    return [score]


def squid_hack(bench, folder):
    if not bench.reads_squid():
        return []
    rows = [row for row in read_truth(os.path.join(folder, "truth.tsv")) if row.role != "prober"]
    findings = bench.replay([os.path.join(folder, "Squid_Proxy_access_log.log")])
    score = score_by_host("native-squid-hack", findings, rows + [Row("192.168.153.132", "scanner")])
    score.goal = "nothing on normal hosts"
    score.reached = not score.false
    return [score]


def squid_connects(bench, folder):
    """The attacker asks the proxy for tunnels to the ports 21, 80, 4444 and 6200."""
    if not bench.reads_squid():
        return []
    score = Score("native-squid-hack: tunnels to odd ports")
    attackers = [row.host for row in read_truth(os.path.join(folder, "truth.tsv")) if "CONNECT" in (row.notes or "")]
    findings = [f for f in bench.replay([os.path.join(folder, "Squid_Proxy_access_log.log")]) if f.rule == "nonweb_on_web"]
    for host in attackers:
        score.wanted.append(host)
        if any(host in f.sources for f in findings):
            score.found[host] = ({"nonweb_on_web": 1}, None)
    score.false = [f for f in findings if not f.sources & set(attackers)]
    score.goal = "who asks for them, and nobody else"
    score.reached = not score.missed and not score.false
    return [score]


def each(*functions):
    """All scores of one set."""
    return lambda bench, folder: [score for function in functions for score in function(bench, folder)]


SETS = {
    "apps-ndpi": tunnels.apps,
    "cic2017-sampled": each(cic2017, tunnels.once),
    "iot23-34-1": iot23,
    "scans-pcap": scans,
    "c2-lab": c2_lab,
    "rita-proxy-beacon": rita,
    "mta": each(mta, mta_downloads, tunnels.once),
    "native-psad-iptables": psad,
    "native-squid-hack": each(squid_hack, squid_connects, tunnels.once),
    "benign-office-m57": each(quiet, tunnels.ordinary, tunnels.once),
    "benign-sme11-0220": each(quiet, tunnels.ordinary, tunnels.once),
    "nat-office-m57": each(quiet, tunnels.hidden, tunnels.once),
}
