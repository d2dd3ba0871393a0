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

# apps-ndpi: what a capture is of, where its sessions tell it: {group: {capture: how the finding calls it}}.
TELLABLE = {
    "vpn-tunnel": {
        "openvpn-tlscrypt.pcap": "OpenVPN",
        "openvpn_nohmac.pcapng": "OpenVPN",
        "tunnelbear.pcap": "WireGuard",
        "softether.pcap": "SoftEther",
        "pptp.pcap": "PPTP",
        "gre.pcapng": "GRE",
        "6in6tunnel.pcap": "IP in IP",
    },
    "skype-im-call": {
        "KakaoTalk_chat.pcap": "kakaotalk",
        "discord.pcap": "discord",
        "jabber.pcap": "jabber",
        "mumble.pcapng": "mumble",
        "stun_signal.pcapng": "calls by WebRTC",
        "stun_zoom.pcapng": "Zoom",
        "teams.pcap": "Microsoft Teams",
        "telegram.pcap": "telegram",
        "telegram_videocall.pcapng": "telegram",
        "threema.pcap": "threema",
        "viber.pcap": "viber",
        "webex.pcap": "webex",
        "whatsapp_login_call.pcap": "whatsapp",
        "whatsapp_voice_and_message.pcap": "whatsapp",
        "zoom.pcap": "Zoom",
        "zoom2.pcap": "Zoom",
        "zoom_p2p.pcapng": "Zoom",
    },
    "p2p": {
        "gnutella.pcap": "Gnutella",
    },
}
# And where they do not.
UNTELLABLE = {
    "ipsec-ikev1-payload-bad-length.pcap": "one datagram to port 500 without an answer: nobody talks IPsec yet",
    "ipsec-ikev1-zero-length.pcap": "the same",
    "openvpn_obfuscated.pcapng": "one session each on 443, 465 and 1214, on purpose",
    "mullvad_wireguard.pcap": "one answered session on udp/5060, the port of telephones",
    "protonvpn.pcap": "sessions of a tenth of a second on 443, as QUIC's",
    "dns2tcp_tunnel.pcap": "no DNS in it: one TLS session of 8 s to 1.1.1.1",
    "signal.pcap": "sessions with a cloud that others rent too, and no names",
    "snapchat_call.pcapng": "one session on 443 with a cloud that others rent too",
    "snapchat_call_v1.pcapng": "the same",
    "discord_mid_flow.pcap": "one session, in the other direction",
    "linecall_falsepositve.pcap": "two sessions inside private networks",
    "edonkey.pcap": "one session on a port of no meaning",
    "bittorrent_utp.pcap": "two sessions, years apart",
    "1kxun.pcap": "local groups and web pages, no peers",
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
    with open(os.path.join(folder, "truth.tsv"), encoding="utf-8") as table:
        clients = {row["pcap"]: row["main_client"] for row in csv.DictReader(table, delimiter="\t")}
    scores = []
    for group, captures in TELLABLE.items():
        score = Score(f"apps-ndpi: {group}")
        with open(os.path.join(folder, f"{group}.{bench.log[3:]}"), encoding="utf-8", errors="replace") as log:
            lines = list(log)
        flows = flows_of(folder, group)
        for capture, kind in captures.items():
            mine = list(lines_of(lines, flows[capture]))
            if not mine:
                score.notes.append(f"{capture}: this log has no line of it")
                continue
            path = bench.put("capture.log", mine)
            policy = bench.put("policy.yaml", [f'home: [{PRIVATE}, "{clients[capture]}"]\n'])
            when = datetime.datetime.fromtimestamp(float(flows[capture][0]["ts"]), datetime.timezone.utc)
            findings = [f for f in bench.replay([path], policy, reference=when.strftime("%Y-%m-%dT%H:%M:%SZ"))
                        if f.usage and re.search(rf" uses {re.escape(kind)}\b", f.sentence)]
            score.wanted.append(f"{capture} ({kind})")
            if findings:
                score.found[f"{capture} ({kind})"] = ({findings[0].rule: 1}, None)
        score.notes += [f"{capture}: cannot be told: {UNTELLABLE[capture]}" for capture in flows if capture in UNTELLABLE]
        score.goal = "80 % of those whose sessions tell it"
        score.reached = len(score.found) >= .8 * len(score.wanted)
        scores.append(score)
    return scores


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


def told_twice(findings):
    """Those of usage that open for a matter that another one was about within the day before."""
    told, twice = {}, []
    for f in sorted((f for f in findings if f.usage and f.opens), key=lambda f: f.time):
        matter = f.rule, f.key, f.port
        if matter in told and f.time - told[matter] < DAY:
            twice.append(f)
        told[matter] = f.time
    return twice


def once(bench, folder):
    """Nothing of use is told twice for the same matter within a day."""
    score = Score(f"{os.path.basename(folder)}: usage told twice")
    logs = [name for name in (bench.log, "squid.access.log", "Squid_Proxy_access_log.log") if os.path.exists(os.path.join(folder, name))]
    findings = [f for log in logs for f in bench.replay([os.path.join(folder, log)])]
    score.false = told_twice(findings)
    score.goal = "no matter of usage twice within a day"
    score.reached = not score.false
    score.notes.append(f"{sum(f.usage and f.opens for f in findings)} findings of usage")
    return [score]


def ordinary(bench, folder):
    """An ordinary day has few findings of use, none twice, and no machine is taken for several."""
    score = Score(f"{os.path.basename(folder)}: usage")
    with open(os.path.join(folder, "flows.tsv"), encoding="utf-8") as table:
        times = [float(row["ts"]) for row in csv.DictReader(table, delimiter="\t")]
    score.days = max(1, (max(times) - min(times)) / DAY)
    hosts = {row.host for row in read_truth(os.path.join(folder, "truth.tsv")) if row.role == "normal"}
    logs = [name for name in (bench.log, "squid.access.log", "Squid_Proxy_access_log.log") if os.path.exists(os.path.join(folder, name))]
    findings = []
    for log in logs:
        findings += [f for f in bench.replay([os.path.join(folder, log)]) if f.usage and f.opens]
    score.false = [f for f in findings if f.rule == "hidden_nat"]
    score.notes += [f"usage: {f.sentence}" for f in findings]
    score.goal = f"at most {USAGE_A_DAY * 10:.0f} of usage a day on ten hosts, no hidden NAT"
    score.reached = not score.false and len(findings) <= max(1, USAGE_A_DAY * len(hosts) * score.days)
    score.notes.append(f"{len(findings)} findings of usage, {len(hosts)} hosts, {score.days:.1f} days")
    return [score]
