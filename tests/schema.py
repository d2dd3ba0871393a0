#!/usr/bin/env python3
"""Validates documents of firewatch, one a line, against the JSON Schema that is shipped.

usage: schema.py SCHEMA FILE...           every document of every file is valid; one line for each that is not
       schema.py --break SCHEMA FILE...   the schema notices what is wrong: each document is broken in every place, by
                                          a key too many, a key too few and a value of another type, and has to fail

Exit 1 when not. Exit 77 where there is no python3-jsonschema.
"""
import copy
import json
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

# Parts that a document may lack: see the schema.
OPTIONAL = {"threat", "source", "destination", "network", "observer", "transport", "user", "ip", "port", "previous_id",
            "parent_id", "children", "lineage", "members", "tactic", "rivals", "domain", "next_step", "subtechnique", "action"}


def documents(files):
    for name in files:
        with open(name, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                if line.strip():
                    yield f"{name}:{number}", json.loads(line)


def broken(value, path=()):
    """(what was done, path, function that does it to a copy of the document)"""
    if isinstance(value, dict):
        yield "a key too many", path, lambda at: at.update(surprise=1)
        for key in value:
            if key not in OPTIONAL:
                yield f"without {key}", path, lambda at, key=key: at.pop(key)
            yield from broken(value[key], path + (key,))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from broken(one, path + (index,))
    if path and not isinstance(value, dict):
        wrong = {} if not isinstance(value, list) else "text"
        yield "of another type", path[:-1], lambda at, key=path[-1]: at.__setitem__(key, wrong)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield "a number as text", path[:-1], lambda at, key=path[-1]: at.__setitem__(key, str(value))


def descend(document, path):
    for step in path:
        document = document[step]
    return document


def notices(validator, where, document):
    bad = tried = 0
    for what, path, spoil in broken(document):
        spoiled = copy.deepcopy(document)
        at = descend(spoiled, path)
        spoil(at)
        tried += 1
        if validator.is_valid(spoiled):
            print(f"{where}: {'.'.join(map(str, path)) or 'document'} {what}: the schema does not notice")
            bad += 1
    return bad, tried


def main(argv):
    breaking = argv[:1] == ["--break"]
    if breaking:
        argv = argv[1:]
    with open(argv[0], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    count = bad = 0
    for where, document in documents(argv[1:]):
        count += 1
        if breaking:
            failed, tried = notices(validator, where, document)
            bad += failed
            if tried < 10:
                print(f"{where}: only {tried} ways to break it")
                bad += 1
            continue
        for error in validator.iter_errors(document):
            print(f"{where}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
            bad += 1
    print(f"{count} documents, {bad} problems")
    return 1 if bad or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
