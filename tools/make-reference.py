#!/usr/bin/env python3
"""Writes what the documentation takes from elsewhere: the tables of the code (doc/fields.md, doc/counters.md), those of
`firewatch detectors` (doc/detectors.md, and the parameters in each page below doc/detectors/), and the examples of
findings in doc/findings.md and below doc/detectors/ from what the replay cases expect.

usage: make-reference.py [--check]

With --check nothing is written; exit 1 when a page is not what the code says. The command is build/firewatch, or what
the environment names as FIREWATCH; without one the tables of detectors stay as they are.
"""
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CORE = os.path.join(TOP, "plugins", "omfirewatch", "core")
FIREWATCH = os.environ.get("FIREWATCH") or os.path.join(TOP, "build", "firewatch")
TYPES = {
    "ADDR": "address", "PORT": "0-65535", "U8": "0-255", "U32": "number", "U64": "number",
    "PROTO": "protocol, name or number", "ACTION": "allow, deny", "OUTCOME": "success, failure",
    "MS": "milliseconds", "FLAGS": "TCP flags", "STR": "text",
}


def entries(name, macro):
    with open(os.path.join(CORE, name), encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    for body in re.findall(macro + r"\((.*?)\)\n", text, flags=re.S):
        yield [part.strip().strip('"') for part in re.split(r',\s*(?=(?:[^"]*"[^"]*")*[^"]*$)', body)]


def fields():
    out = ["# Fields of an event", "",
           "Made from `plugins/omfirewatch/core/fields.def` by `tools/make-reference.py`.", "",
           "The short name is used in rulebases, by `firewatch parse` and by `fields=\"$!fw\"`; the ECS name by",
           "`firewatch parse --ecs`. A field that the line does not carry is absent: never 0, never empty.", "",
           "| short | ECS | value | what it is |", "|---|---|---|---|"]
    out += [f"| `{n}` | `{ecs}` | {TYPES[t]} | {doc} |" for n, ecs, t, doc in entries("fields.def", "FW_FIELD")]
    return "\n".join(out) + "\n"


def counters():
    out = ["# Counters", "",
           "Made from `plugins/omfirewatch/core/counters.def` by `tools/make-reference.py`.", "",
           "Shown by impstats (one object an engine) and by `firewatch replay --stats`. Everything that is ever dropped,",
           "suppressed or forgotten has a counter here; watch those.", "",
           "| counter | what it counts |", "|---|---|"]
    out += [f"| `{n}` | {doc} |" for n, doc in entries("counters.def", "FW_COUNTER")]
    out += ["", "For each detector, in addition:", "", "| counter | what it counts |", "|---|---|",
            "| `held` | keys in its table now |", "| `evicted` | keys pushed out by newer ones |",
            "| `gated` | first sightings that were only noted at the gate |",
            "| `forgotten` | elements of sets dropped for want of memory |",
            "| `suppressed` | events of sources that a role guards |",
            "", "Of the module only:", "", "| counter | what it counts |", "|---|---|",
            "| `documents_injected` | documents that rsyslog took |",
            "| `inject_failed` | documents that rsyslog refused; what its queue dropped later is the queue's `discarded` |",
            "| `state_saved` | times the state was written to its file, since rsyslogd started |",
            "| `state_failed` | times it could not be: told in the log the first time |",
            "| `state_dropped` | parts of the loaded state that were not used |",
            "| `journal_written` | documents noted in the journal before they left |",
            "| `journal_failed` | documents that could not be: after a kill they may be reported twice |",
            "", "And once for all engines, in the object `omfirewatch`:", "", "| counter | what it counts |", "|---|---|",
            "| `engines_held` | engines that run |",
            "| `messages_guarded` | messages of firewatch's own that came back to it and were not read |",
            "| `reloads_done` | policies and rulebases read again at HUP |",
            "| `reloads_refused` | of these, broken ones: the old one goes on |"]
    return "\n".join(out) + "\n"


def with_examples(page):
    """After <!-- replay CASE N --> stands the N-th document of tests/replay/CASE/expected.json."""
    with open(page, encoding="utf-8") as f:
        text = f.read()

    def example(match):
        with open(os.path.join(TOP, "tests", "replay", match[1], "expected.json"), encoding="utf-8") as f:
            document = json.loads(f.readlines()[int(match[2]) - 1])
        body = json.dumps(document, indent=2, ensure_ascii=False)
        return f"<!-- replay {match[1]} {match[2]} -->\n```json\n{body}\n```\n"

    return re.sub(r"<!-- replay (\S+) (\d+) -->\n(?:```json\n.*?\n```\n)?", example, text, flags=re.S)


def ask(*names):
    return subprocess.run([FIREWATCH, "detectors", *names], capture_output=True, text=True, check=True).stdout


def detectors():
    """What `firewatch detectors NAME` prints, taken apart: title, facts, parameters."""
    names = [line.split()[0] for line in ask().splitlines()]
    found = {}
    for text in re.split(r"\n\n(?=\S)", ask(*names).rstrip("\n")):
        name, title = re.match(r"(\w+): (.*)", text).groups()
        params = re.findall(r"^  (\w+): (\S+)\n      (.*)\n      unit (\w+)(?:, (\S+) to (\S+))?; default from: (.*)$",
                            text, flags=re.M)
        facts = dict(re.findall(r"^  (?! )(class|serves|technique|events|hears|needs|uses|leaves alone) +(.*)$", text,
                                flags=re.M))
        if len(params) != text.count("default from: "):
            sys.exit(f"make-reference: cannot read what `firewatch detectors {name}` prints")
        found[name] = (title, facts, params)
    return found


def cell(text):
    return text.replace("|", "\\|")


def coded(names):
    return ", ".join(f"`{name}`" for name in names.split(", "))


def list_of_detectors(found):
    out = ["# Detectors", "",
           "Made from `firewatch detectors` by `tools/make-reference.py`.", "",
           "All run unless the [policy](policy.md) turns them off. A finding of class threat is something to act on,",
           "an anomaly something to look at, usage something to know.",
           "", "| detector | finds | class | ATT&CK | looks at |", "|---|---|---|---|---|"]
    for name, (title, facts, _) in found.items():
        out.append(f"| [{name}](detectors/{name}.md) | {cell(title)} | {facts['class']} | {facts.get('technique', '')} | "
                   f"{coded(facts['events']) if 'events' in facts else facts.get('hears', '')} |")
    return "\n".join(out) + "\n"


def parameters(name, title, facts, params):
    out = ["<!-- parameters -->", "## Parameters", "",
           f"Below `detectors: {{{name}: ...}}` of the [policy](../policy.md), as `firewatch detectors {name}` prints them:",
           "", "| parameter | default | from, to | what it is | the default is from |", "|---|---|---|---|---|"]
    out += [f"| `{p}` | {value} | {low + ', ' + high if low else 'true, false'} | {cell(doc)} | {cell(source)} |"
            for p, value, doc, _, low, high, source in params]
    facts = dict(facts)
    facts.pop("serves", None)
    out += ["", f"| {name} | {cell(title)} |", "|---|---|"]
    out += [f"| {what} | {coded(value) if what in ('events', 'needs', 'uses', 'leaves alone') else value} |"
            for what, value in facts.items()]
    return "\n".join(out + ["<!-- end of parameters -->"])


def with_parameters(text, name, found):
    """Between its marks; in a page that has none they come before the example."""
    if name not in found:
        return text
    table = parameters(name, *found[name])
    if "<!-- parameters -->" in text:
        return re.sub(r"<!-- parameters -->.*?<!-- end of parameters -->", lambda _: table, text, flags=re.S)
    example = re.search(r"^An? .*\n(?:.+\n)*\n*<!-- replay ", text, flags=re.M)
    if not example:
        return f"{text}\n{table}\n"
    return f"{text[:example.start()]}{table}\n\n## Example\n\n{text[example.start():]}"


def main():
    bad = 0
    pages = [("fields.md", fields()), ("counters.md", counters())]
    folder = os.path.join(TOP, "doc", "detectors")
    pages.append(("findings.md", with_examples(os.path.join(TOP, "doc", "findings.md"))))
    found = {}
    if os.access(FIREWATCH, os.X_OK):
        found = detectors()
        pages.append(("detectors.md", list_of_detectors(found)))
    else:
        print(f"make-reference: there is no {FIREWATCH}; the tables of detectors are left as they are", file=sys.stderr)
    for name in sorted(os.listdir(folder)):
        text = with_examples(os.path.join(folder, name))
        pages.append((os.path.join("detectors", name), with_parameters(text, name.removesuffix(".md"), found)))
    for name, text in pages:
        path = os.path.join(TOP, "doc", name)
        old = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
        if old == text:
            continue
        if "--check" in sys.argv[1:]:
            print(f"doc/{name} is not what the code says: run tools/make-reference.py", file=sys.stderr)
            bad = 1
        else:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
    return bad


if __name__ == "__main__":
    sys.exit(main())
