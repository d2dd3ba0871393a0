"""What tests/bench/run and tests/bench/instructions share: logs, configurations, runs.

A run is one private rsyslogd (own work directory and pid file, no network
input, nothing of the system's configuration) that reads one file with imfile
and stops when the last line, a marker, has reached a file of its own.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SRCDIR = os.path.abspath(os.environ.get("SRCDIR") or os.environ.get("TOP") or os.path.join(HERE, "..", ".."))
os.environ.setdefault("FIREWATCH_LISTS", os.path.join(SRCDIR, "lists"))
MARKER = "@@end-of-log"
FORMATS = ("netfilter", "asa")

# syslog header of the generated lines, which mmnormalize gets to see with imfile
PREFIX = {"netfilter": "%-:date-rfc3164% %-:word% kernel: ", "asa": "%-:date-rfc3164% %-:word% "}


def die(text, code=1):
    print(f"{os.path.basename(sys.argv[0])}: {text}", file=sys.stderr)
    sys.exit(code)


def builddir():
    for path in (os.environ.get("BUILDDIR"), os.environ.get("BUILD"), os.getcwd(), os.path.join(SRCDIR, "build"), SRCDIR):
        if path and os.path.exists(os.path.join(path, "config.status")):
            return os.path.abspath(path)
    return os.getcwd()


def find_module():
    return os.environ.get("OMFIREWATCH") or os.environ.get("MODULE") or os.path.join(builddir(), ".libs", "omfirewatch.so")


def find_command():
    return os.environ.get("FIREWATCH") or os.path.join(builddir(), "firewatch")


def find_rsyslogd():
    return shutil.which("rsyslogd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Bench:
    """Work directory with the generator, the logs and the rulebases."""

    def __init__(self, keep=False):
        self.dir = tempfile.mkdtemp(prefix="firewatch-bench.")
        self.keep = keep
        self.checked = set()
        self.rsyslogd = find_rsyslogd()
        self.module = find_module()
        self.command = find_command()
        self.generator = self.build_generator()
        self.rules = {}
        for fmt in FORMATS:
            explicit = os.path.join(HERE, "rules", f"{fmt}-explicit.rulebase")
            self.rules[fmt, "mmnormalize"] = self.for_mmnormalize(fmt, open(explicit, encoding="ascii").read())
            self.rules[fmt, "explicit"] = explicit
        self.rules["netfilter", "v2-iptables"] = self.for_mmnormalize(
            "v2", 'version=2\nrule=:[%-:float%] %prefix:char-to{"extradata":":"}%: %f:v2-iptables%\n', PREFIX["netfilter"])
        self.rules["shipped"] = os.path.join(SRCDIR, "rulebase", "firewatch.rulebase")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.keep:
            print(f"kept: {self.dir}", file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def build_generator(self):
        built = os.path.join(builddir(), "tests", "bench", "generate")
        if os.path.exists(built):
            return built
        generator = self.path("generate")
        sources = [os.path.join(HERE, name) for name in ("generate.c", "traffic.c", "devices.c")]
        subprocess.run([os.environ.get("CC") or "cc", "-std=gnu11", "-O2", "-o", generator, *sources, "-lm"], check=True)
        return generator

    def for_mmnormalize(self, name, text, prefix=None):
        """The same rules for a message that still has its syslog header."""
        text = re.sub(r"^(#|annotate=).*\n", "", text, flags=re.M)
        text = re.sub(r"^rule=[^:]*:", "rule=:", text, flags=re.M)
        text = text.replace("version=2\n", f"version=2\nprefix={prefix or PREFIX[name]}\n", 1)
        path = self.path(f"mmnormalize-{name}.rulebase")
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
        return path

    def log(self, fmt, lines, seed=1):
        """The log and the truth; rsyslogd's copy has the marker at its end."""
        path = self.path(f"{fmt}-{lines}.log")
        with open(path, "wb") as out:
            subprocess.run([self.generator, "-f", fmt, "-n", str(lines), "-s", str(seed), "-t", path + ".truth"],
                           stdout=out, check=True)
        self.mark(path)
        return path

    def mark(self, path):
        shutil.copyfile(path, path + ".marked")
        with open(path + ".marked", "a", encoding="ascii") as out:
            out.write(MARKER + "\n")

    def empty(self):
        path = self.path("empty.log")
        open(path, "w", encoding="ascii").close()
        self.mark(path)
        return path

    def head(self, path, lines):
        """The first lines of a log, as a log."""
        short = f"{path}.{lines}"
        with open(path, "rb") as log, open(short, "wb") as out:
            for _, line in zip(range(lines), log):
                out.write(line)
        self.mark(short)
        return short

    def configuration(self, case, log, direct):
        """case: "stop", or "mmnormalize RULES", or "omfirewatch RULES"; RULES is a path."""
        program, _, rules = case.partition(" ")
        work = self.path("work")
        queue = ' queue.type="Direct"' if direct else ""
        load, findings, action = "", "", ""
        if program == "mmnormalize":
            load = 'module(load="mmnormalize")'
            action = f'action(type="mmnormalize" ruleBase="{rules}")'
        elif program == "omfirewatch":
            load = f'module(load="{self.module}")'
            findings = f"""
template(name="sentence" type="string" string="%msg%\\n")
ruleset(name="findings" queue.type="LinkedList" queue.timeoutEnqueue="0") {{
    action(type="omfile" file="{work}/findings" template="sentence")
}}"""
            action = (f'action(type="omfirewatch" policy="{HERE}/policy.yaml" rulebase="{rules}" '
                      f'ruleset="findings")')
        # Modules stay loaded at the end, so that valgrind knows their functions when it writes.
        return f"""global(workDirectory="{work}" debug.unloadModules="off")
module(load="imfile")
{load}{findings}
ruleset(name="firewall"{queue}) {{
    if $msg == "{MARKER}" then {{
        action(type="omfile" file="{work}/end")
        stop
    }}
    {action}
    stop
}}
input(type="imfile" file="{log}.marked" tag="firewall:" ruleset="firewall" freshStartTail="off" addMetadata="off")
"""

    def run_rsyslogd(self, case, log, direct=True, wrapper=(), limit=600, configuration=None):
        """Returns (seconds until the marker was seen, CPU seconds of the process, peak RSS in MiB)."""
        work = self.path("work")
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        text = configuration or self.configuration(case, log, direct)
        with open(work + "/rsyslog.conf", "w", encoding="ascii") as out:
            out.write(text)
        if case not in self.checked: # rsyslogd starts without a module it cannot load
            self.checked.add(case)
            check = subprocess.run([self.rsyslogd, "-N1", "-f", work + "/rsyslog.conf"], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, check=False)
            if check.returncode != 0:
                die(f"rsyslogd does not take the configuration ({case}):\n{check.stdout.decode(errors='replace')}")
        with open(work + "/output", "wb") as output:
            start = time.monotonic()
            process = subprocess.Popen([*wrapper, self.rsyslogd, "-n", "-f", work + "/rsyslog.conf",
                                        "-i", work + "/pid"], stdout=output, stderr=subprocess.STDOUT)
            try:
                ended = False
                while not ended and process.poll() is None and time.monotonic() - start < limit:
                    time.sleep(0.005)
                    ended = os.path.exists(work + "/end")
                wall = time.monotonic() - start
            finally: # also when we are interrupted
                if process.returncode is None:
                    process.send_signal(signal.SIGTERM)
                    _, status, usage = os.wait4(process.pid, 0)
                    process.returncode = os.waitstatus_to_exitcode(status)
        with open(work + "/output", encoding="utf-8", errors="replace") as output:
            said = output.read()
        if not ended or process.returncode != 0 or "could not load module" in said:
            die(f"rsyslogd failed ({case}):\n{said[-4000:]}")
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def replay_command(self, log, rules=None):
        return [self.command, "replay", "--text", "-p", os.path.join(HERE, "policy.yaml"),
                "-r", rules or self.rules["shipped"], log]

    def run_replay(self, log):
        with open(self.path("replay.out"), "wb") as out, open(self.path("replay.err"), "wb") as err:
            start = time.monotonic()
            process = subprocess.Popen(self.replay_command(log), stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            die(f"firewatch replay failed: {open(self.path('replay.err'), encoding='utf-8').read()[-4000:]}")
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def unparsed_by_mmnormalize(self, fmt, rules, log):
        """How many lines these rules do not take: a benchmark of rules that fail measures nothing."""
        text = self.configuration(f"mmnormalize {rules}", log, True)
        failed = f'if $parsesuccess == "FAIL" then {{ action(type="omfile" file="{self.path("work")}/failed") }}\n    '
        text = text.replace("    stop\n}\ninput", f"    {failed}stop\n}}\ninput")
        self.run_rsyslogd(f"mmnormalize {fmt}", log, configuration=text)
        try:
            with open(self.path("work", "failed"), "rb") as lines:
                return sum(1 for _ in lines)
        except FileNotFoundError:
            return 0


def found(sentences):
    """{(detector, address)} of a file of sentences.

    But for sessions that are said to be open still: the log has hours in a second, and a worker that waits for a core half
    a second with the lines of an end in hand has kept it back for an hour.
    """
    pattern = re.compile(r"(\w+) open: ([0-9a-f.:]+) (?!has had a session)")
    with open(sentences, encoding="utf-8") as lines:
        return {match.groups() for match in map(pattern.search, lines) if match}


def score(sentences, truth):
    """(planted, found, others accused) of one run. With several workers lines come out of order, and of two detectors that see
    the same matter either may speak first: who is accused of something else as well is not another one."""
    with open(truth, encoding="ascii") as lines:
        rows = [line.split("\t") for line in lines]
    planted = {(row[0], row[1]) for row in rows if row[0] != "quiet"}
    accused = found(sentences) if os.path.exists(sentences) else set()
    guilty, named = ({address for _, address in pairs} for pairs in (planted, accused))
    return len(planted), sum(address in named for _, address in planted), len(named - guilty)
