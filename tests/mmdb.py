#!/usr/bin/env python3
"""Writes a small database of addresses in MaxMind's format, for tests.

usage: mmdb.py FILE TYPE < TABLE     TYPE is City or ASN; a line of the table is
       NETWORK COUNTRY LATITUDE LONGITUDE            (City)
       NETWORK NUMBER ORGANISATION WITH SPACES       (ASN)

The format is MaxMind DB 2.0: a binary search tree over the bits of addresses, whose leaves point into a section of
data, and metadata at the end. Records here have 24 bits, IPv4 lies in ::/96.
"""
import ipaddress
import struct
import sys

MARKER = b"\xab\xcd\xefMaxMind.com"


def head(kind, size):
    if kind > 7: # extended types
        return bytes([size if size < 29 else 29]) + bytes([kind - 7]) + (bytes([size - 29]) if size >= 29 else b"")
    return bytes([kind << 5 | (size if size < 29 else 29)]) + (bytes([size - 29]) if size >= 29 else b"")


def encode(value):
    if isinstance(value, dict):
        return head(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(encode(v) for v in value)
    if isinstance(value, str):
        text = value.encode()
        return head(2, len(text)) + text
    if isinstance(value, float):
        return head(3, 8) + struct.pack(">d", value)
    kind, number = value # ("uint16", n)
    code, size = {"uint16": (5, 2), "uint32": (6, 4), "uint64": (9, 8)}[kind]
    raw = number.to_bytes(size, "big").lstrip(b"\0")
    return head(code, len(raw)) + raw


def read(kind, table):
    for line in table:
        if not line.strip():
            continue
        net, rest = line.split(None, 1)
        if kind == "City":
            country, latitude, longitude = rest.split()
            yield net, {"country": {"iso_code": country},
                        "location": {"latitude": float(latitude), "longitude": float(longitude)}}
        else:
            number, owner = rest.split(None, 1)
            yield net, {"autonomous_system_number": ("uint32", int(number)),
                        "autonomous_system_organization": owner.strip()}


def build(kind, table):
    nodes, data = [[None, None]], b""
    for net, value in read(kind, table):
        net = ipaddress.ip_network(net)
        bits = f"{int(net.network_address):0{net.max_prefixlen}b}"[:net.prefixlen]
        bits = "0" * (128 - net.max_prefixlen) + bits
        at = 0
        for bit in bits[:-1]:
            if nodes[at][int(bit)] is None:
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
            at = nodes[at][int(bit)]
        nodes[at][int(bits[-1])] = ("data", len(data))
        data += encode(value)
    count = len(nodes)

    def record(value):
        if value is None:
            return count
        return count + 16 + value[1] if isinstance(value, tuple) else value

    tree = b"".join(record(value).to_bytes(3, "big") for node in nodes for value in node)
    metadata = {"node_count": ("uint32", count), "record_size": ("uint16", 24), "ip_version": ("uint16", 6),
                "database_type": f"firewatch-test-{kind}", "languages": ["en"],
                "binary_format_major_version": ("uint16", 2), "binary_format_minor_version": ("uint16", 0),
                "build_epoch": ("uint64", 1790000000), "description": {"en": "made by the tests of firewatch"}}
    return tree + bytes(16) + data + MARKER + encode(metadata)


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as f:
        f.write(build(sys.argv[2], sys.stdin))
