#!/usr/bin/env python3
"""Takes CEF, OCSF and structured data apart, strictly, and compares each with the document it was made from.

usage: formats.py DOCUMENTS.jsonl CEF.jsonl OCSF.jsonl SD.jsonl
"""
import datetime
import ipaddress
import json
import re
import sys


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def seconds(stamp):
    return int(datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp())


def same(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r}, not {expected!r}")


def unescape(text, special):
    """Each special character must stand behind a backslash, and nothing else may."""
    parts = re.findall(r"\\.|.", text, flags=re.S)
    for part in parts:
        if part[0] == "\\" and (len(part) < 2 or part[1] not in special + "\\") or part in special:
            sys.exit(f"badly escaped: {text}")
    return "".join(part[-1] for part in parts)


def cef(text, doc):
    match = re.fullmatch(r"<\d+>\w{3} [ \d]\d [\d:]{8} \S+ CEF:0((?:\|(?:\\.|[^|\\])*){6})\|(.*)", text)
    if not match:
        sys.exit(f"no CEF: {text}")
    vendor, product, version, rule, name, severity = (unescape(f, "|") for f in
                                                      re.findall(r"\|((?:\\.|[^|\\])*)", match[1]))
    same("CEF header", (vendor, product, version, rule, name), ("firewatch", "firewatch", "1", doc["rule"]["id"], doc["rule"]["name"]))
    same("CEF severity", int(severity), doc["event"]["risk_score"] // 10)
    # A key is a word before an = that is not escaped; a value ends before the next one.
    keys = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)=", re.sub(r"\\.", "__", match[2])))
    values = {k[1]: unescape(match[2][k.end():(keys[n + 1].start() if n + 1 < len(keys) else None)], "=")
              for n, k in enumerate(keys)}
    expected = {"rt": f"{seconds(doc['@timestamp'])}000", "start": f"{seconds(doc['event']['start'])}000",
                "end": f"{seconds(doc['event']['end'])}000", "externalId": doc["event"]["id"], "act": doc["event"]["action"],
                "cat": doc["firewatch"]["class"], "cnt": str(doc["firewatch"]["counts"]["events"]), "cn1Label": "risk",
                "cn1": str(doc["event"]["risk_score"]), "cs1Label": "key", "cs1": doc["firewatch"]["finding"]["key"],
                "msg": doc["event"]["reason"]}
    for key, v6, label, path in (("src", "c6a2", "source", ("source", "ip")), ("dst", "c6a3", "destination", ("destination", "ip")),
                                 ("dpt", None, None, ("destination", "port")), ("proto", None, None, ("network", "transport")),
                                 ("dvchost", None, None, ("observer", "name"))):
        value = doc.get(path[0], {}).get(path[1])
        if value is not None and v6 and ":" in value:
            expected.update({v6: value, v6 + "Label": label})
        elif value is not None:
            expected[key] = str(value)
    same("CEF", values, expected)


# What class 2004 and the objects in it demand and allow of what is used here (schema 1.3): name: (type, required).
ENDPOINT = {"ip": (str, False), "port": (int, False)}
ENTITY = {"uid": (str, True), "name": (str, True)}
OCSF = {
    "category_uid": (int, True), "class_uid": (int, True), "activity_id": (int, True), "type_uid": (int, True),
    "time": (int, True), "severity_id": (int, True), "start_time": (int, False), "end_time": (int, False),
    "status_id": (int, False), "is_alert": (bool, False), "risk_score": (int, False), "confidence_score": (int, False),
    "count": (int, False), "message": (str, False), "unmapped": (dict, False),
    "metadata": ({"version": (str, True), "product": ({"name": (str, True), "vendor_name": (str, False)}, True),
                  "uid": (str, False), "log_provider": (str, False)}, True),
    "finding_info": ({"uid": (str, True), "title": (str, True), "desc": (str, False), "first_seen_time": (int, False),
                      "last_seen_time": (int, False),
                      "analytic": ({"type_id": (int, True), "uid": (str, False), "name": (str, False)}, False),
                      "attacks": ([{"technique": (ENTITY, False), "tactic": (ENTITY, False)}], False)}, True),
    "remediation": ({"desc": (str, True)}, False),
    "evidences": ([{"src_endpoint": (ENDPOINT, False), "dst_endpoint": (ENDPOINT, False)}], False),
    "observables": ([{"type_id": (int, True), "name": (str, False), "value": (str, False)}], False),
}


def shaped(where, value, kind):
    if isinstance(kind, list):
        if not isinstance(value, list) or not value:
            sys.exit(f"OCSF: {where} is no list with something in it")
        for element in value:
            shaped(where + "[]", element, kind[0])
    elif isinstance(kind, dict):
        if not isinstance(value, dict) or set(value) - set(kind):
            sys.exit(f"OCSF: {where} has {sorted(set(value) - set(kind))}")
        for name, (inner, required) in kind.items():
            if name in value:
                shaped(f"{where}.{name}", value[name], inner)
            elif required:
                sys.exit(f"OCSF: {where} lacks {name}")
    elif type(value) is not kind: # a bool is an int to isinstance
        sys.exit(f"OCSF: {where} is {value!r}")


def ocsf(got, doc):
    shaped("document", got, OCSF)
    activity = {"finding-open": 1, "finding-update": 2, "finding-close": 3}[doc["event"]["action"]]
    same("class", (got["category_uid"], got["class_uid"], got["activity_id"], got["type_uid"]), (2, 2004, activity, 200400 + activity))
    same("status", (got["status_id"], got["is_alert"]), (4, False) if activity == 3 else (1, True))
    same("severity", got["severity_id"], {2: 5, 3: 4, 4: 3, 5: 2, 6: 1}[doc["event"]["severity"]])
    same("times", (got["time"], got["start_time"], got["end_time"]),
         tuple(1000 * seconds(s) for s in (doc["@timestamp"], doc["event"]["start"], doc["event"]["end"])))
    same("texts", (got["message"], got["finding_info"]["desc"], got["remediation"]["desc"], got["metadata"]["log_provider"]),
         (doc["message"], doc["event"]["reason"], doc["firewatch"]["next_step"], doc["observer"]["name"]))
    same("unmapped", got["unmapped"], {"firewatch": doc["firewatch"]})
    same("observables", [o["value"] for o in got["observables"]], doc["related"]["ip"])
    technique = doc["threat"]["technique"] if "threat" in doc else None
    if technique:
        attack = got["finding_info"]["attacks"][0]
        same("attack", (attack["technique"]["uid"], attack["technique"]["name"]), (technique["id"][0], technique["name"][0]))
        tactic = doc["threat"].get("tactic")
        same("tactic", attack.get("tactic"), tactic and {"uid": tactic["id"][0], "name": tactic["name"][0]})
    ends = {"src_endpoint": {"ip": doc["source"]["ip"]}}
    if "ip" in doc.get("destination", {}):
        ends["dst_endpoint"] = {k: doc["destination"][k] for k in ("ip", "port") if k in doc["destination"]}
    same("evidences", got["evidences"], [ends])
    for address in doc["related"]["ip"]:
        ipaddress.ip_address(address)


def structured_data(text, doc):
    # RFC 5424, 6: HEADER, one SD-ELEMENT, MSG
    name = r'[!#-<>-\\^-~]{1,32}' # printable, without blank, =, ], "
    match = re.fullmatch(r"<(\d{1,3})>1 (\S+) ([!-~]{1,255}) (firewatch) - (finding-[a-z]{1,24}) "
                         rf'\[({name})((?: {name}="(?:\\["\\\]]|[^"\\\]])*")*)\] (.*)', text)
    if not match:
        sys.exit(f"no structured data: {text}")
    same("SD-ID", match[6], "firewatch@32473")
    values = {k: unescape(v, '"]') for k, v in re.findall(rf' ({name})="((?:\\.|[^"\\])*)"', match[7])}
    expected = {"id": doc["event"]["id"], "sequence": str(doc["event"]["sequence"]), "rule": doc["rule"]["id"],
                "class": doc["firewatch"]["class"], "risk": str(doc["event"]["risk_score"]),
                "key": doc["firewatch"]["finding"]["key"], "events": str(doc["firewatch"]["counts"]["events"]),
                "start": doc["event"]["start"], "end": doc["event"]["end"]}
    for name, path in (("source", ("source", "ip")), ("destination", ("destination", "ip")),
                       ("port", ("destination", "port")), ("device", ("observer", "name"))):
        if path[1] in doc.get(path[0], {}):
            expected[name] = str(doc[path[0]][path[1]])
    same("structured data", values, expected)
    same("message", match[8], doc["message"])


def main():
    docs, *formats = map(read, sys.argv[1:])
    docs = [doc for doc in docs if doc["event"]["dataset"] == "firewatch.finding"]
    for check, got in zip((cef, ocsf, structured_data), formats):
        same("documents", len(got), len(docs))
        for one, doc in zip(got, docs):
            check(one, doc)


if __name__ == "__main__":
    main()
