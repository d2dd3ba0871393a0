#!/usr/bin/env python3
"""Tries what one page of the documentation shows: `firewatch` commands, policies, configurations and links.

usage: docs.py PAGE.md   (environment: TOP, FIREWATCH, MODULE, RSYSLOGD, WORK as tests/lib.sh sets them)

What a page calls /var/log/firewall.log is a log of a replay case here,
findings.jsonl what is found in it, its policy is the first YAML block of doc/policy.md, its own rulebase includes the
shipped one. A page without anything to try is skipped.

A page may bring files of its own and show what comes out, in the order of the page:
    ```text NAME.EXT      writes the file, for the commands that follow
    ```text output        what the command before it printed; a line "..." stands for any lines, "..." at the end of
                          one for its rest and any lines, and there may be more
    ```console            what it exports, FIREWATCH_LISTS say, the commands of the page get, and no other of these
    ```sh                 a script, run in the same directory; $FW is the source tree, built in $FW/build. What it leaves
                          running is ended with the page
    ```yaml rsyslog       a configuration of rsyslog's, for an rsyslogd that reads YAML
    ```text samples.tsv   beside writing it: each line, parsed by the page's latest *.rulebase, becomes what is written
                          behind the tab, as tests/unit/test_samples has it
"""
import json
import os
import re
import shlex
import signal
import subprocess
import sys

TOP, WORK = os.environ["TOP"], os.environ["WORK"]
FIREWATCH = os.environ["FIREWATCH"]
RULEBASE = os.path.join(TOP, "rulebase", "firewatch.rulebase")


def put(name, text):
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def blocks(text, language):
    return [block for told, block in re.findall(r"^```([^\n]*)\n(.*?)^```$", text, flags=re.S | re.M) if told == language]


def run(what, argv, allowed=(0,)):
    print("$", " ".join(argv))
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False, cwd=WORK)
    if done.returncode not in allowed:
        sys.exit(f"{what}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


# A file or an output of a page, a command, or a script.
STEP = re.compile(r"^```text (\S+)\n(.*?)^```$|^(?:    )?(firewatch [a-z][^\n]*)$|^```sh\n(.*?)^```$", flags=re.S | re.M)
SCRIPT_SECONDS = 60
MODULE_SPEAKS = "rsyslogd: omfirewatch: " # of a configuration that works, but not as one would wish
started = [] # the groups of processes that scripts began


def exported(text):
    """Of a page that tells to export what programs need to know, only that; of another, what is set here."""
    lines = [line for block in blocks(text, "console") for line in block.splitlines() if line.startswith("export ")]
    if not lines:
        return {"FIREWATCH_RULEBASE": RULEBASE}
    for name in ("FIREWATCH_LISTS", "FIREWATCH_RULEBASE"):
        os.environ.pop(name, None)
    lines = "\n".join(lines).replace("$PWD/build", os.path.dirname(FIREWATCH)).replace("$PWD", TOP)
    done = subprocess.run(["bash", "-euc", lines + "\nenv -0"], capture_output=True, text=True, check=True)
    told = dict(one.split("=", 1) for one in done.stdout.split("\0") if one)
    # what was built is elsewhere than in $FW/build, maybe
    return {name: told[name] for name in told if name.startswith("FIREWATCH")} | {"OMFIREWATCH": os.environ.get("MODULE", "")}


def try_script(script):
    """As somebody would type it; a daemon may go on in the background, so its output goes to a file."""
    path = os.path.join(WORK, "script.out")
    build = os.path.dirname(FIREWATCH)
    programs = [build, os.path.dirname(os.environ.get("RSYSLOGD", "")), os.environ["PATH"]]
    env = dict(os.environ, FW=TOP, PATH=":".join(p for p in programs if p))
    script = script.replace("$FW/build/.libs/omfirewatch.so", os.environ.get("MODULE", "")).replace("$FW/build", build)
    print(script)
    with open(path, "w+", encoding="utf-8", errors="replace") as out:
        done = subprocess.Popen(["bash", "-euc", script], stdout=out, stderr=subprocess.STDOUT, cwd=WORK, env=env,
                                start_new_session=True)
        started.append(done.pid)
        try:
            status = done.wait(SCRIPT_SECONDS)
        except subprocess.TimeoutExpired:
            status = f"more than {SCRIPT_SECONDS} s"
        out.seek(0)
        text = out.read()
    if status != 0 or MODULE_SPEAKS in text:
        sys.exit(f"script: exit {status}\n{text[-2000:]}")
    return text


def end_scripts():
    for group in started:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass


def try_command(line, names):
    argv = [names.get(word, word) for word in shlex.split(line.split("#")[0].split("|")[0].strip())]
    if "-r" not in argv and argv[1] in ("parse", "replay", "check", "diff", "why", "test"):
        argv[2:2] = ["-r", RULEBASE]
    return run(line, [FIREWATCH] + argv[1:], (0, 1) if argv[1] == "diff" else (0,)) # 1: they differ


def compare_output(shown, got):
    at = 0
    for part in re.split(r"(?:^| )\.\.\.\n", shown, flags=re.M):
        found = got.find(part, at)
        if found < 0:
            sys.exit(f"the page shows\n{part}but what came out is\n{got[at:]}")
        at = found + len(part)


def try_samples(text, rulebase):
    for sample in text.splitlines():
        line, expected = sample.rsplit("\t", 1)
        got = run("sample", [FIREWATCH, "parse", "-r", rulebase, put("sample.log", line + "\n")])
        if got:
            event = json.loads(got)
            del event["time"]
            got = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
        if got != (expected if expected.startswith("{") else ""):
            sys.exit(f"sample: {line}\nexpected {expected}\ngot      {got}")


def try_commands(text, policy):
    log = os.path.join(TOP, "tests", "replay", "mass_mail", "input.log")
    own = put("my.rulebase", f"version=2\ninclude={RULEBASE}\n")
    names = {"/var/log/firewall.log": log, "yesterday.log": log, "/etc/firewatch/policy.yaml": policy, "FILE": policy,
             "my.rulebase": own, "new.yaml": policy, "findings.jsonl": os.path.join(WORK, "findings.jsonl"),
             "quickstart-policy.test": os.path.join(TOP, "examples", "quickstart-policy.test")}
    put("findings.jsonl", run("findings", [FIREWATCH, "replay", "-r", RULEBASE, log]))
    tried, out = 0, ""
    for name, block, command, script in STEP.findall(text):
        tried += 1
        if script:
            out = try_script(script)
        elif command:
            out = try_command(command, names)
        elif name == "output":
            compare_output(block, out)
        else:
            path = put(name, block.replace("/usr/share/firewatch/rulebase/firewatch.rulebase", RULEBASE))
            own = path if name.endswith(".rulebase") else own
            if name.endswith("samples.tsv"):
                try_samples(block, own)
    return tried


def try_configuration(rsyslogd, path):
    """rsyslogd takes it, and the module has nothing to say of it."""
    argv = [rsyslogd, "-N1", "-f", path, "-i", os.path.join(WORK, "pid")]
    print("$", " ".join(argv))
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False, cwd=WORK)
    if done.returncode != 0 or MODULE_SPEAKS in done.stdout:
        sys.exit(f"configuration: exit {done.returncode}\n{done.stdout[-2000:]}")


def try_configurations(text, policy):
    module, rsyslogd = os.environ.get("MODULE", ""), os.environ.get("RSYSLOGD", "")
    found = [b for b in blocks(text, "") if "omfirewatch" in b]
    found += ["\n".join(line[4:] for line in b.splitlines()) for b in
              re.findall(r"((?:^    .*\n|^\n)+)", text, flags=re.M) if "module(load=\"omfirewatch\")" in b]
    for n, block in enumerate(found):
        block = block.replace('load="omfirewatch"', f'load="{module}"').replace("/etc/firewatch/policy.yaml", policy)
        block = block.replace("/etc/firewatch/", WORK + "/") # a file that the page has brought
        if "rulebase=" not in block:
            block = block.replace('type="omfirewatch"', f'type="omfirewatch" rulebase="{RULEBASE}"')
        conf = put(f"doc{n}.conf", block)
        print(block)
        try_configuration(rsyslogd, conf)
    return len(found)


def reads_yaml(rsyslogd):
    """rsyslog reads configurations in YAML from 8.2604 on."""
    told = subprocess.run([rsyslogd, "-v"], capture_output=True, text=True, check=False).stdout
    release = re.match(r"rsyslogd +8\.(\d+)", told)
    return bool(release) and int(release[1]) >= 2604


def try_yaml_configurations(text, policy):
    found = blocks(text, "yaml rsyslog")
    module, rsyslogd = os.environ.get("MODULE", ""), os.environ.get("RSYSLOGD", "")
    for n, block in enumerate(found):
        if not reads_yaml(rsyslogd):
            print("this rsyslogd reads no YAML: not tried")
            return 0
        block = block.replace("load: omfirewatch", f"load: {module}").replace("/etc/firewatch/policy.yaml", policy)
        block = block.replace("- type: omfirewatch", f"- type: omfirewatch\n        rulebase: {RULEBASE}")
        conf = put(f"doc{n}-rsyslog.yaml", block)
        print(block)
        try_configuration(rsyslogd, conf)
    return len(found)


def sections(page):
    """The names that Git forges and Sphinx give the headings of a page."""
    with open(page, encoding="utf-8") as f:
        text = re.sub(r"^```.*?^```$", "", f.read(), flags=re.S | re.M)
    return [re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", text, flags=re.M)]


def main():
    page = sys.argv[1]
    with open(page, encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(TOP, "doc", "policy.md"), encoding="utf-8") as f:
        policy = put("policy.yaml", blocks(f.read(), "yaml")[0])
    os.environ.update(exported(text))
    tried = 0
    for n, block in enumerate(blocks(text, "yaml")):
        run("policy", [FIREWATCH, "check", "-r", RULEBASE, "-p", put(f"block{n}.yaml", block)])
        tried += 1
    tried += try_commands(text, policy)
    tried += try_configurations(text, policy)
    tried += try_yaml_configurations(text, policy)
    for link, section in re.findall(r"\]\(([^)#:]*)(#[^)]*)?\)", text):
        target = os.path.join(os.path.dirname(page), link) if link else page
        if not os.path.exists(target) or (section and section[1:] not in sections(target)):
            sys.exit(f"broken link: {link}{section}")
        tried += 1
    if tried == 0:
        print("nothing to try")
        sys.exit(77)


if __name__ == "__main__":
    try:
        main()
    finally:
        end_scripts()
