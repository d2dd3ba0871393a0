#!/usr/bin/env python3
"""Reads the counters of `firewatch replay --stats` from stdin and prints one a line: those that are not 0, without the
memory taken at start, which is a matter of the machine's defaults and not of the log."""
import json
import sys


def walk(prefix, value):
    if isinstance(value, dict):
        for key, inner in value.items():
            walk(f"{prefix}{key}.", inner)
    elif value and not prefix.endswith("bytes."):
        print(prefix[:-1], value)


walk("", json.loads(sys.stdin.read().splitlines()[-1]))
