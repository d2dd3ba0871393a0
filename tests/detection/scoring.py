"""Findings against the truth of a log, by host and by matter.

A row of the truth is what one host did. It is found when a threat finding that
opened not before it names the host as its source; for findings about several
hosts (NAMES_MORE) it is enough that the host is named at all. A threat finding
whose sources are all hosts that did nothing is a false one, and so is one on a
host the truth does not know. While a story of a machine is open, what it is made
of is told by its updates (firewatch.members): that counts as what it names.
"""
import collections
import csv
import datetime
import json

BAD = {"infected", "attacker", "scanner", "beacon"}
NAMES_MORE = {"plague", "infection_chain", "bot_story", "break_in", "icmp_tunnel"}  # a tunnel has two ends


def seconds(text):
    """Of a time in RFC 3339; None where there is none."""
    if not text or text == "-":
        return None
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Finding:
    def __init__(self, doc):
        source = doc.get("source", {}).get("ip", [])
        self.rule = doc["rule"]["id"]
        self.rules = {self.rule} | {one["rule"] for one in doc.get("firewatch", {}).get("members", [])}
        self.opens = doc.get("event", {}).get("action") == "finding-open"
        self.key = doc.get("firewatch", {}).get("finding", {}).get("key")
        self.port = doc.get("destination", {}).get("port")
        self.usage = doc.get("firewatch", {}).get("class") == "usage"
        self.threat = doc.get("firewatch", {}).get("class") == "threat"
        self.time = seconds(doc["@timestamp"])
        self.sources = {source} if isinstance(source, str) else set(source)
        self.named = self.sources | set(doc.get("related", {}).get("ip", []))
        self.sentence = doc.get("message", "")

    def tells_of(self, host):
        return host in (self.named if self.rule in NAMES_MORE else self.sources)


def openings(lines):
    """The findings that opened, and stories that go on, of the lines that `firewatch replay` prints."""
    for line in lines:
        doc = json.loads(line)
        event = doc.get("event", {})
        if event.get("kind") == "alert" and event.get("action") in ("finding-open", "finding-update"):
            finding = Finding(doc)
            if finding.opens or len(finding.rules) > 1:
                yield finding


class Row:
    """What one host did. `detectors`: those that are right, none: any; `matter`: rows with the same are found together."""

    def __init__(self, host, role, kinds="", first=None, last=None, matter=None, detectors=(), notes=None):
        self.notes = notes
        self.host, self.role, self.kinds, self.first, self.last = host, role, kinds, first, last
        self.matter, self.detectors = matter, frozenset(detectors)

    def matches(self, finding, after):
        """`after`: seconds that a finding may come after the row's end, None: any time after its beginning"""
        if not finding.tells_of(self.host) or (self.detectors and not finding.rules & self.detectors):
            return False
        if self.first is not None and finding.time < self.first - 1:
            return False
        return after is None or self.last is None or finding.time <= self.last + after


def read_truth(path):
    rows = []
    with open(path, encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            if not (row.get("host") or "").strip():
                continue
            first = next((row[c] for c in ("first", "first_malicious_utc", "first_utc") if c in row), None)
            last = next((row[c] for c in ("last", "last_malicious_utc", "last_utc") if c in row), None)
            detectors = row.get("detectors") or ""
            rows.append(Row(row["host"].strip(), row["role"], row.get("kinds") or "", seconds(first), seconds(last),
                            row.get("matter"), [d for d in detectors.split(",") if d not in ("", "-")], row.get("notes")))
    return rows


class Score:
    """What was to be found and was, by which detectors and how soon, and what was said of the innocent."""

    def __init__(self, name):
        self.name = name
        self.goal = ""
        self.reached = True
        self.wanted = []   # names of matters
        self.found = {}    # name: (detectors, seconds from the first bad flow or None)
        self.false = []    # findings
        self.days = None   # of the log
        self.notes = []

    def add(self, name, rows, findings, after=None):
        """A matter: found when one of its rows is."""
        self.wanted.append(name)
        hits = [(f.time, f.rule, row) for row in rows for f in findings if f.threat and row.matches(f, after)]
        if hits:
            time, _, row = min(hits, key=lambda hit: hit[0])
            delay = None if row.first is None else max(0, time - row.first)
            self.found[name] = (collections.Counter({rule for _, rule, _ in hits}), delay)

    @staticmethod
    def blamed(finding):
        return finding.named if finding.rule in NAMES_MORE or not finding.sources else finding.sources

    def accuse(self, findings, rows):
        bad = {row.host for row in rows if row.role in BAD}
        self.false += [f for f in findings if f.threat and f.opens and not self.blamed(f) & bad]

    @property
    def missed(self):
        return [name for name in self.wanted if name not in self.found]

    @property
    def by(self):
        total = collections.Counter()
        for detectors, _ in self.found.values():
            total += detectors
        return total

    @property
    def delays(self):
        return sorted(delay for _, delay in self.found.values() if delay is not None)


def score_by_host(name, findings, rows):
    """Every bad host is one matter; the scanners of the Internet are not asked for."""
    score = Score(name)
    hosts = collections.defaultdict(list)
    for row in rows:
        if row.role in BAD - {"scanner"}:
            hosts[row.host].append(row)
    for host, mine in sorted(hosts.items()):
        first = min((row.first for row in mine if row.first is not None), default=None)
        score.add(host, [Row(host, "infected", first=first)], findings)
    score.accuse(findings, rows)
    return score


def score_by_matter(name, findings, rows, present, blind=()):
    """Matters for which a right detector is there, without kinds that the log does not show. Scanners of the Internet
    are counted apart, as they were not planted."""
    score, sweeps = Score(name), Score("sweeps")
    matters = collections.defaultdict(list)
    for row in rows:
        if row.role in BAD and row.detectors & present and row.kinds not in blind:
            matters[row.matter].append(row)
    for mine in matters.values():
        hosts = mine[0].host if len(mine) == 1 else f"{len(mine)} hosts"
        (sweeps if mine[0].role == "scanner" else score).add(f"{mine[0].kinds} ({hosts})", mine, findings)
    if sweeps.wanted:
        score.notes.append(f"sweeps of the public addresses: {len(sweeps.found)} of {len(sweeps.wanted)} found")
    waiting = {d for row in rows if row.role in BAD and not row.detectors & present for d in row.detectors}
    if waiting:
        score.notes.append("no detector yet: " + ", ".join(sorted(waiting)))
    score.accuse(findings, rows)
    return score
