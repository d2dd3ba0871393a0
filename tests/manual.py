#!/usr/bin/env python3
"""Compares the documentation with the code, and looks at links that lead outside, which no test follows.

usage: manual.py parameters   the module's parameters are those of doc/configuration.md and of omfirewatch(5), types too
       manual.py policy       every key, role, interval and limit that a policy may have stands in doc/policy.md, and
                              intervals with the defaults and ranges that `firewatch check` prints
       manual.py options      the options that `firewatch COMMAND --help` tells are those of firewatch(1)
       manual.py counters     each counter of something lost is in doc/operations.md, which names none that there is not
       manual.py links        addresses in the pages are well formed, and not of this machine
(environment: TOP, FIREWATCH as tests/lib.sh sets them)
"""
import glob
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

TOP = os.environ["TOP"]
DOC = os.path.join(TOP, "doc")
# rsyslog's handlers of parameters, and what they are called in the page
TYPES = {"String": "string", "GetWord": "string", "Int": "integer", "NonNegInt": "integer", "PositiveInt": "integer",
         "Size": "size", "Binary": "binary", "Array": "array"}
# A key that there is not, everywhere: the command answers with those that there are.
NO_KEYS = """no_key: 1
intervals: {no_key: 1}
limits: {no_key: 1}
roles: [{no_key: 1}, {role: no_role}]
exceptions: [{no_key: 1}]
sensors: {a: {no_key: 1}}
networks: {a: {no_key: 1}}
"""


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def compare(what, code, page, where):
    for name in sorted(code - page):
        print(f"{where} lacks the {what} {name}")
    for name in sorted(page - code):
        print(f"{where} has a {what} {name} that there is not")
    return code == page and len(code) > 0


def parameters():
    code, types = set(), set()
    for path in glob.glob(os.path.join(TOP, "plugins", "omfirewatch", "*.c")):
        for table in re.findall(r"struct cnfparamdescr \w+\[\] = \{(.*?)\n\};", read(path), flags=re.S):
            code |= set(re.findall(r'\{"(\w+)"', table))
            types |= {f"{name}: {TYPES[kind]}" for name, kind in re.findall(r'\{"(\w+)", eCmdHdlr(\w+)', table)}
    rows = re.findall(r"^\| `(\w+)` \| (\w+)", read(DOC, "configuration.md"), flags=re.M)
    if not compare("type", types, {f"{name.lower()}: {kind}" for name, kind in rows}, "doc/configuration.md"):
        return False
    page = {name for name, _ in rows}
    man = set(re.findall(r"^\.TP\n\.BI (\w+)= ", read(DOC, "man", "omfirewatch.5"), flags=re.M))
    code, page, man = [{name.lower() for name in names} for names in (code, page, man)] # rsyslog does not look at case
    return compare("parameter", code, page, "doc/configuration.md") & compare("parameter", code, man, "omfirewatch(5)")


def policy():
    with open(os.path.join(os.environ.get("WORK", "."), "no_keys.yaml"), "w", encoding="utf-8") as f:
        f.write(NO_KEYS)
    rules = os.path.join(TOP, "rulebase", "firewatch.rulebase")
    check = [os.environ["FIREWATCH"], "check", "-r", rules]
    told = subprocess.run(check + ["-p", f.name], capture_output=True, text=True, check=False).stderr
    lists = re.findall(r"[Kk]nown are: ([\w, ]+)", told)
    if len(lists) != 8: # a place that stops answering is a place that is no longer looked at
        print(f"8 lists of keys expected:\n{told}")
        return False
    text = read(DOC, "policy.md")
    known = {name for names in lists for name in names.split(", ")}
    effective = subprocess.run(check, capture_output=True, text=True, check=True).stdout
    part = re.search(r"^intervals:\n((?:  .*\n)+)", effective, flags=re.M)[1]
    values = {" ".join(row) for row in re.findall(r"^  (\w+): (\w+) +# (\w+ to \w+)", part, flags=re.M)}
    rows = {" ".join(row) for row in re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+ to \w+) \|", text, flags=re.M)}
    return compare("key", known, known & set(re.findall(r"`(\w+)", text)), "doc/policy.md") & \
        compare("interval", values, rows, "doc/policy.md")


def options():
    def ask(*args):
        return subprocess.run([os.environ["FIREWATCH"], *args], capture_output=True, text=True, check=True).stdout

    commands = re.findall(r"^  (\w+)  +", ask("--help"), flags=re.M)
    told = {"--version", "--help"}
    for command in commands:
        told |= set(re.findall(r"^ {2,6}(?:-\w, +)?(--[a-z-]+)", ask(command, "--help"), flags=re.M))
    man = read(DOC, "man", "firewatch.1").replace("\\-", "-")
    found = set(re.findall(r"--[a-z][a-z-]*", man))
    missing = [c for c in commands if not re.search(rf"^\.B firewatch {c}$", man, flags=re.M)]
    for command in missing:
        print(f"firewatch(1) lacks the command {command}")
    return compare("option", told, found, "firewatch(1)") and not missing


def counters():
    there = set(re.findall(r"^\| `(\w+)` \|", read(DOC, "counters.md"), flags=re.M))
    lost = re.compile(r"(^|_)(truncated|unparsed|refused|evicted|forgotten|dropped|failed|folded)$")
    lost = {name for name in there if lost.search(name)}
    part = read(DOC, "operations.md").split("## When a counter rises")[1].split("\n## ")[0]
    page = set()
    for row in re.findall(r"^\| (`[^|]*) \|", part, flags=re.M):
        page |= set(re.findall(r"`(\w+)`", row))
    return compare("counter", lost, page & lost, "doc/operations.md") & \
        compare("counter", there | page, there, "doc/counters.md")


def links():
    pages = [os.path.join(TOP, "README.md")] + glob.glob(os.path.join(DOC, "**", "*.md"), recursive=True)
    bad = 0
    for page in pages:
        text = re.sub(r"^```.*?^```$|`[^`\n]*`|^    [^\n]*$", "", read(page), flags=re.S | re.M)
        for link in re.findall(r"\]\(([a-z]+:[^)]*)\)", text) + re.findall(r"<([a-z]+:[^>\s]*)>", text) + \
                re.findall(r"(?<![(<])\bhttps?:[^\s)>]*", text):
            parts = urlsplit(link)
            if parts.scheme not in ("https", "http") or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc) or \
                    re.search(r"[^!-~]", link):
                print(f"{os.path.relpath(page, TOP)}: {link}")
                bad += 1
    return bad == 0 and len(pages) > 10


if __name__ == "__main__":
    parts = {"parameters": parameters, "policy": policy, "options": options, "counters": counters, "links": links}
    if len(sys.argv) != 2 or sys.argv[1] not in parts:
        sys.exit(__doc__)
    sys.exit(0 if parts[sys.argv[1]]() else 1)
