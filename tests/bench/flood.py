#!/usr/bin/env python3
"""Floods an engine with made-up sources and counts which slow scanners it finds.

    tests/bench/flood.py [--memory SIZE] [--seconds N] [--check] [RATE[xCONTACTS]...]

RATE new sources a second of event time, each refused CONTACTS times at as many
destinations; 200 slow scanners among them (tests/bench/flood.c). Each case is a
`firewatch replay` that reads the flood from a pipe. Printed are how many were
found, who else was accused, the peak of the resident set, and whether saturation
was told. --check: exit status 1 when one of the 200 was missed, anybody else
accused, or the resident set was above the budget and 64 MiB. The default is ten million
sources at 10,000 a second, with less and more. Environment as for tests/bench/run.
"""
import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from measure import HERE, SRCDIR, builddir, die, find_command, score  # noqa: E402

SLACK = 64 # MiB: the program, its rules and buffers
UNITS = {"MiB": 1, "GiB": 1024}


def flood(options, rate, contacts, work):
    """(planted, found, accused, MiB, health notices) of one replay."""
    truth, out, policy = (os.path.join(work, name) for name in ("truth", "found", "policy.yaml"))
    with open(policy, "w", encoding="ascii") as file:
        file.write("home: [10.0.0.0/8]\nlimits:\n  findings_per_minute: 1000\n")
    generator = os.path.join(builddir(), "tests", "bench", "flood")
    with open(out, "wb") as findings:
        source = subprocess.Popen([generator, "-r", str(rate), "-k", str(contacts), "-d", str(options.seconds), "-t", truth],
                                  stdout=subprocess.PIPE)
        replay = subprocess.Popen([find_command(), "replay", "--text", "--max-memory", options.memory, "-p", policy, "-r",
                                   os.path.join(SRCDIR, "rulebase", "firewatch.rulebase"), "-"],
                                  stdin=source.stdout, stdout=findings, stderr=subprocess.PIPE)
        source.stdout.close()
        said = replay.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(replay.pid, 0)
        replay.returncode = os.waitstatus_to_exitcode(status)
    if source.wait() != 0 or replay.returncode != 0:
        die(f"the replay failed:\n{said[-4000:]}")
    with open(out, encoding="utf-8") as findings:
        told = sum("health: addr_scan is short of memory" in line for line in findings)
    return (*score(out, truth), usage.ru_maxrss / 1024, told)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", default="256MiB", help="max_memory of the engine")
    parser.add_argument("--seconds", type=int, default=1000, help="how long the flood lasts, in event time")
    parser.add_argument("--check", action="store_true", help="exit 1 when something is missed")
    parser.add_argument("cases", nargs="*", default=["1000", "10000", "20000", "50000", "100000", "1000x2", "5000x2", "10000x2"])
    options = parser.parse_args()
    budget = int(options.memory[:-3]) * UNITS[options.memory[-3:]]
    missed = False
    print("| sources/s | contacts of each | found | others accused | peak RSS | saturation told |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="firewatch-flood.") as work:
        for case in options.cases:
            rate, _, contacts = case.partition("x")
            planted, hit, wrong, rss, told = flood(options, int(rate), int(contacts or 1), work)
            print(f"| {int(rate):,} | {contacts or 1} | {hit} of {planted} | {wrong} | {rss:.0f} MiB | {told} |", flush=True)
            missed = missed or hit < planted or wrong > 0 or rss > budget + SLACK
    sys.exit(1 if options.check and missed else 0)


if __name__ == "__main__":
    main()
