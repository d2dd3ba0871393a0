"""What is said of tunnels, hidden machines and use in general, on the labelled logs; see sets.py.

Findings of the class usage are neither right nor wrong as threats are: asked for is that each names the right thing, that
a quiet day has few of them, and that the same matter is not told twice within a day.
"""
import csv
import datetime
import os
import re

from scoring import Score, read_truth

DAY = 86400
USAGE_A_DAY = .5  # a host: five a day on ten hosts
PRIVATE = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7"

# apps-ndpi: what a capture is of, where its sessions tell it.
TELLABLE = {
    "openvpn-tlscrypt.pcap": "OpenVPN",
    "openvpn_nohmac.pcapng": "OpenVPN",
    "tunnelbear.pcap": "WireGuard",
    "softether.pcap": "SoftEther",
    "pptp.pcap": "PPTP",
    "gre.pcapng": "GRE",
    "6in6tunnel.pcap": "IP in IP",
}
# And where they do not.
UNTELLABLE = {
    "ipsec-ikev1-payload-bad-length.pcap": "one datagram to port 500 without an answer: nobody talks IPsec yet",
    "ipsec-ikev1-zero-length.pcap": "the same",
    "openvpn_obfuscated.pcapng": "one session each on 443, 465 and 1214, on purpose",
    "mullvad_wireguard.pcap": "one answered session on udp/5060, the port of telephones",
    "protonvpn.pcap": "sessions of a tenth of a second on 443, as QUIC's",
    "dns2tcp_tunnel.pcap": "no DNS in it: one TLS session of 8 s to 1.1.1.1",
}


def flows_of(folder, group):
    """{capture: [row]} of one group."""
    flows = {}
    with open(os.path.join(folder, f"{group}.flows.tsv"), encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            flows.setdefault(row["label"], []).append(row)
    return flows


def lines_of(lines, rows):
    """The lines of the log that are about one of these sessions."""
    ends = {(row["src"], row["sport"], row["dst"], row["dport"]) for row in rows}
    wanted = set()
    for src, sport, dst, dport in ends:
        wanted |= {((src, sport), (dst, dport)), ((dst, dport), (src, sport))}
    netscreen = re.compile(r" src=(\S+) dst=(\S+)(?: src_port=(\d+) dst_port=(\d+))?")
    asa = re.compile(r"for \S+?:([0-9a-f:.]+)/(\d+).* to \S+?:([0-9a-f:.]+)/(\d+)")
    for line in lines:
        found = netscreen.search(line)
        if found:
            src, dst, sport, dport = found.groups()
            ports = (sport or "0", dport or "0")
        else:
            found = asa.search(line)
            if not found:
                continue
            src, sport, dst, dport = found.groups()
            ports = (sport, dport)
        if ((src, ports[0]), (dst, ports[1])) in wanted:
            yield line


def apps(bench, folder):
    """Each capture is a log of its own, whose home are private networks and the capture's own client."""
    score = Score("apps-ndpi: VPNs and tunnels")
    with open(os.path.join(folder, "truth.tsv"), encoding="utf-8") as table:
        clients = {row["pcap"]: row["main_client"] for row in csv.DictReader(table, delimiter="\t")}
    with open(os.path.join(folder, f"vpn-tunnel.{bench.log[3:]}"), encoding="utf-8", errors="replace") as log:
        lines = list(log)
    flows = flows_of(folder, "vpn-tunnel")
    for capture, kind in TELLABLE.items():
        rows = flows[capture]
        mine = list(lines_of(lines, rows))
        if not mine:
            score.notes.append(f"{capture}: this log has no line of it")
            continue
        path = bench.put("capture.log", mine)
        policy = bench.put("policy.yaml", [f'home: [{PRIVATE}, "{clients[capture]}"]\n'])
        when = datetime.datetime.fromtimestamp(float(rows[0]["ts"]), datetime.timezone.utc)
        findings = [f for f in bench.replay([path], policy, reference=when.strftime("%Y-%m-%dT%H:%M:%SZ"))
                    if f.rule == "vpn_tunnel" and f" {kind}: " in f.sentence]
        score.wanted.append(f"{capture} ({kind})")
        if findings:
            score.found[f"{capture} ({kind})"] = ({f.rule: 1 for f in findings[:1]}, None)
    score.notes += [f"{capture}: cannot be told: {why}" for capture, why in UNTELLABLE.items()]
    score.goal = "80 % of those whose sessions tell it"
    score.reached = len(score.found) >= .8 * len(score.wanted)
    return [score]


def hidden(bench, folder):
    """The address with four machines is found."""
    score = Score(f"{os.path.basename(folder)}: hidden NAT")
    nats = [row.host for row in read_truth(os.path.join(folder, "truth.tsv")) if row.role == "nat"]
    findings = [f for f in bench.replay([os.path.join(folder, bench.log)]) if f.rule == "hidden_nat"]
    for host in nats:
        score.wanted.append(host)
        mine = [f for f in findings if host in f.sources]
        if mine:
            score.found[host] = ({"hidden_nat": 1}, None)
    score.false = [f for f in findings if not f.sources & set(nats)]
    score.goal = "the address that four machines share"
    score.reached = not score.missed and not score.false
    return [score]


def ordinary(bench, folder):
    """An ordinary day has few findings of use, none twice, and no machine is taken for several."""
    score = Score(f"{os.path.basename(folder)}: usage")
    with open(os.path.join(folder, "flows.tsv"), encoding="utf-8") as table:
        times = [float(row["ts"]) for row in csv.DictReader(table, delimiter="\t")]
    score.days = max(1, (max(times) - min(times)) / DAY)
    hosts = {row.host for row in read_truth(os.path.join(folder, "truth.tsv")) if row.role == "normal"}
    logs = [bench.log] + [name for name in ("squid.access.log",) if os.path.exists(os.path.join(folder, name))]
    findings = []
    for log in logs:
        findings += [f for f in bench.replay([os.path.join(folder, log)]) if f.usage and f.opens]
    told = {}
    for f in findings:
        if f.key in told and f.time - told[f.key] < DAY:
            score.notes.append(f"told twice within a day: {f.sentence}")
        told[f.key] = f.time
    score.false = [f for f in findings if f.rule == "hidden_nat"]
    score.notes += [f"usage: {f.sentence}" for f in findings]
    score.goal = f"at most {USAGE_A_DAY * 10:.0f} of usage a day on ten hosts, none twice, no hidden NAT"
    score.reached = not score.false and len(findings) <= max(1, USAGE_A_DAY * len(hosts) * score.days) and \
        not any(note.startswith("told twice") for note in score.notes)
    score.notes.append(f"{len(findings)} findings of usage, {len(hosts)} hosts, {score.days:.1f} days")
    return [score]
