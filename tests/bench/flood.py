#!/usr/bin/env python3
"""Floods an engine with made-up sources and counts which slow scanners it finds.

    tests/bench/flood.py [--memory SIZE] [--seconds N] [--seeds N] [--rsyslogd] [--check] [RATE[xCONTACTS]...]

RATE new sources a second of event time, each refused CONTACTS times at as many
destinations; 200 slow scanners among them (tests/bench/flood.c). Each case is a
`firewatch replay` that reads the flood from a pipe. Printed are how many were
found, who else was accused, the peak of the resident set, and whether saturation
was told. --check: exit status 1 when one of the 200 was missed, anybody else
accused, or the resident set was above the budget and 64 MiB. The default is ten million
sources at 10,000 a second, with less and more. --seeds N: each case with so many seeds,
one row each; the seed is the flood's and that of replay's tables, so rows repeat.
--rsyslogd: through a real rsyslogd, which reads the flood with imfile from a file (260
bytes a line, in TMPDIR), instead of replay. Environment as for tests/bench/run.
"""
import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from measure import HERE, MARKER, SRCDIR, Bench, builddir, die, find_command, score  # noqa: E402

SLACK = 64 # MiB: the program, its rules and buffers
UNITS = {"MiB": 1, "GiB": 1024}


POLICY = "home: [10.0.0.0/8]\nlimits:\n  findings_per_minute: 1000\n"
TOLD = "health: addr_scan is short of memory"


class Flood:
    """One flood, through replay or through rsyslogd."""

    def __init__(self, options, case, seed, work):
        rate, _, contacts = case.partition("x")
        self.rate, self.contacts, self.seed, self.memory, self.work = int(rate), int(contacts or 1), seed, options.memory, work
        self.truth, self.out, self.policy = (os.path.join(work, name) for name in ("truth", "found", "policy.yaml"))
        self.generate = [os.path.join(builddir(), "tests", "bench", "flood"), "-r", str(self.rate), "-k", str(self.contacts),
                         "-d", str(options.seconds), "-s", str(seed), "-t", self.truth]
        with open(self.policy, "w", encoding="ascii") as file:
            file.write(POLICY)

    def replay(self):
        """Peak resident set in MiB."""
        with open(self.out, "wb") as findings, open(os.path.join(self.work, "said"), "wb") as said:
            source = subprocess.Popen(self.generate, stdout=subprocess.PIPE)
            replay = subprocess.Popen([find_command(), "replay", "--text", "--max-memory", self.memory, "--seed",
                                       str(self.seed), "-p", self.policy, "-r",
                                       os.path.join(SRCDIR, "rulebase", "firewatch.rulebase"), "-"],
                                      stdin=source.stdout, stdout=findings, stderr=said)
            source.stdout.close()
            _, status, usage = os.wait4(replay.pid, 0)
            replay.returncode = os.waitstatus_to_exitcode(status)
        if source.wait() != 0 or replay.returncode != 0:
            die(f"the replay failed:\n{open(said.name, encoding='utf-8', errors='replace').read()[-4000:]}")
        return usage.ru_maxrss / 1024

    def rsyslogd(self):
        """The same of rsyslogd. One file, a direct queue: memory is the engine's and the daemon's, no backlog's."""
        with Bench() as bench:
            log = bench.path("flood.log")
            with open(log + ".marked", "wb") as out:
                subprocess.run(self.generate, stdout=out, check=True)
                out.write((MARKER + "\n").encode())
            text = bench.configuration(f"omfirewatch {bench.rules['shipped']}", log, True)
            text = text.replace(f"{HERE}/policy.yaml", self.policy)
            text = text.replace('ruleset="findings")',
                                f'ruleset="findings" maxMemory="{self.memory[:-2].lower()}" idleTimeout="0")')
            _, _, rss = bench.run_rsyslogd("omfirewatch", log, limit=3600, configuration=text)
            os.replace(bench.path("work", "findings"), self.out)
        return rss

    def told(self):
        with open(self.out, encoding="utf-8") as findings:
            return sum(TOLD in line for line in findings)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", default="256MiB", help="max_memory of the engine")
    parser.add_argument("--seconds", type=int, default=1000, help="how long the flood lasts, in event time")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds each case gets, from 1 on")
    parser.add_argument("--rsyslogd", action="store_true", help="through rsyslogd instead of replay")
    parser.add_argument("--check", action="store_true", help="exit 1 when something is missed")
    parser.add_argument("cases", nargs="*",
                        default=["1000", "10000", "20000", "50000", "100000", "1000x2", "5000x2", "10000x2"])
    options = parser.parse_args()
    budget = int(options.memory[:-3]) * UNITS[options.memory[-3:]]
    missed = False
    print("| sources/s | contacts of each | seed | found | others accused | peak RSS | saturation told |\n" + "|---" * 7 + "|")
    with tempfile.TemporaryDirectory(prefix="firewatch-flood.") as work:
        for case in options.cases:
            for seed in range(1, options.seeds + 1):
                flood = Flood(options, case, seed, work)
                rss = flood.rsyslogd() if options.rsyslogd else flood.replay()
                planted, hit, wrong = score(flood.out, flood.truth)
                print(f"| {flood.rate:,} | {flood.contacts} | {seed} | {hit} of {planted} | {wrong} | {rss:.0f} MiB | "
                      f"{flood.told()} |", flush=True)
                missed = missed or hit < planted or wrong > 0 or rss > budget + SLACK
    sys.exit(1 if options.check and missed else 0)


if __name__ == "__main__":
    main()
