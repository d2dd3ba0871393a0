#!/usr/bin/env python3
"""What SEC does on a log and what firewatch's rule says of it: the examples of doc/from-sec.md.

usage: compare.py PAGE.md   (environment: TOP, FIREWATCH, RULES as tests/cli/lib.sh sets them)

An example is three blocks of the page: NAME.sec, NAME.yaml and NAME.log. SEC's rules write a text, or "closed: TEXT" for
what a finding says at its end; firewatch has to say the same texts at the same times. SEC counts whole seconds and acts
on what did not come in the second after, so it may be a second later.
"""
import datetime
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LATE = 1 # seconds
YEAR = 2026
SAID = {"finding-open": "", "finding-close": "closed: "}


def stamp(line):
    """The time of a line, in seconds since 1970."""
    at = datetime.datetime.strptime(f"{YEAR} {line[:15]}", "%Y %b %d %H:%M:%S")
    return int(at.replace(tzinfo=datetime.timezone.utc).timestamp())


def paced(log):
    """The log with a line for every second, and an hour behind it."""
    lines = log.splitlines()
    at = stamp(lines[0]) - 1
    out = []
    for line in lines:
        while at < stamp(line):
            at += 1
            out.append(f"@{at}")
        out.append(line)
    return out + [f"@{at + n}" for n in range(1, 3600)]


def run(argv, **options):
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=100, **options)
    if done.returncode != 0:
        sys.exit(f"{argv}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def said_by_sec(name, log, confs):
    lines = paced(log)
    with open(f"{name}.paced", "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    files = [f"--conf={conf}" for conf in [os.path.join(HERE, "clock.sec")] + confs]
    out = run(["perl", "-I", HERE, "-MSecClock", "/usr/bin/sec", *files, f"--input={name}.paced", "--notail", "--nochildterm",
               "--log=sec.log"], env=dict(os.environ, SEC_CLOCK=str(int(lines[0][1:]) - 1)))
    at, said = 0, []
    for line in out.splitlines():
        if re.fullmatch(r"@\d+", line):
            at = int(line[1:])
        else:
            said.append((at, line))
    return said


def said_by_firewatch(name, ends):
    """ends: the ends of findings too, those that come after the log as well."""
    out = run([os.environ["FIREWATCH"], "replay", "-r", os.environ["RULES"], "--reference", f"{YEAR}-12-31T00:00:00Z",
               *(["--until-quiet"] if ends else []), "-p", f"{name}.yaml", f"{name}.log"])
    said = []
    for one in map(json.loads, out.splitlines()):
        action = one["event"]["action"]
        if one.get("rule", {}).get("ruleset") != "policy" or action not in (SAID if ends else ["finding-open"]):
            continue
        at = datetime.datetime.fromisoformat(one["@timestamp"].replace("Z", "+00:00")).timestamp()
        said.append((int(at), SAID[action] + re.sub(r"^\w+ \w+: ", "", one["message"])))
    return said


def show(said):
    return "\n".join(f"    {datetime.datetime.utcfromtimestamp(at):%H:%M:%S} {text}" for at, text in said)


def agree(sec, ours):
    return len(sec) == len(ours) and all(
        theirs[1] == own[1] and 0 <= theirs[0] - own[0] <= LATE
        for theirs, own in zip(sorted(sec, key=lambda x: (x[1], x[0])), sorted(ours, key=lambda x: (x[1], x[0]))))


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        blocks = dict(re.findall(r"^```text (\S+)\n(.*?)^```$", f.read(), flags=re.S | re.M))
    blocks.pop("output", None)
    for name, text in blocks.items():
        with open(name, "w", encoding="utf-8") as f:
            f.write(text)
    names = [name[:-4] for name in blocks if name.endswith(".log")]
    failed = not names
    for name in names:
        confs = [conf for conf in blocks if conf.endswith(".sec") and re.match(rf"{name}(-|\.)", conf)]
        sec = said_by_sec(name, blocks[f"{name}.log"], confs)
        ours = said_by_firewatch(name, any(text.startswith("closed: ") for _, text in sec))
        fine = sec and agree(sec, ours)
        failed = failed or not fine
        print(f"{name}: {len(sec)} the same" if fine else f"{name}: SEC\n{show(sec)}\n  firewatch\n{show(ours)}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
