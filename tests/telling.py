"""Which lines tell of traffic, web requests, log-ins or threats: judged by the line alone, never by what became of it.

A line tells when it names an address, or how a log-in went or what was found, and is none of those below. What is below was read, vendor
by vendor, and each row says why it tells nothing. Rows that excuse too much are the way to cheat here: a row names the
words of one message, and "said again" only where the device logs the same connection or try in a line that is counted.
A line that a rule ignores is no excuse: ignored and telling is a miss.
"""
import fnmatch
import ipaddress
import re

# With a port behind it, as tcpdump writes it ("192.0.2.1.80"), or the end of a sentence.
ADDRESS = re.compile(r"(?<![\w.])((?:\d{1,3}\.){3}\d{1,3})(?:\.\d{1,5})?(?![\w]|\.\w)|"
                     r"(?<![\w:])([0-9a-f]{1,4}:[0-9a-f:]+:[0-9a-f]{0,4})", re.I)

# How a log-in went or what was found, where no address is named.
TOLD = re.compile(r"authentication (?:failure|rejected|successful)|successfully authenticated|failed authentication|"
                   r"log(?:in|on) (?:failed|succeeded|attempt)|logged in|invalid user|password supplied|bind failed|"
                   r"chap (?:in|out)put: (?:success|failure)|check pass|grsec: .*denied|"
                   r"-733100", re.I)

# (vendor's directory, words of the line, why it tells nothing)
NOISE = [
    ("*", r"^\s*(?:expect\(|[a-z_]+\"? ?=>)", "source code around collected lines"),
    ("*", r"=>\s*\"|\"\s*=>|expect\(subject\)", "source code around collected lines"),
    ("*", r"[Ll]ogging to host|Logread connected|LOGGINGHOST", "where the device sends its log"),

    ("arbor", r"interface \d+ (?:incoming|outgoing)$", "a router of an anomaly that is told before"),
    ("aruba", r"Rogue AP", "radio, by hardware address"),
    ("checkpoint", r"operation=(?!\"?Log In)|subject=\"?(?:Object|IPS|Endpoint)", "administration; log-outs"),
    ("checkpoint", r"product=(?:Syslog|Endpoint|iOS|SmartUpdate|QoS)|product=\"(?:CLI|iOS|WIFI|OS |Smart|Syslog)",
     "the product about itself; QoS says a connection again"),
    ("checkpoint", r"client_name=\"?SandBlast Mobile|update_status|notified about the revocation|Key Install",
     "telephones, updates, certificates"),
    ("checkpoint", r"product:\"(?:SmartConsole|SmartUpdate|System Monitor|Log Update|WEB_API)", "administration"),
    ("cisco_*", r"%\w+-(?:[\w-]+-)?\d-(?:10[1-5]\d{3}|111\d{3}|199\d{3}|2[01]\d008|3[12]1\d{3}|323006|41100\d|444\d{3}|"
     r"502\d{3}|50[15]\d{3}|7[0134][1-57]\d{3}|717\d{3}|735\d{3}|747\d{3}|771\d{3}|718\d{3})",
     "failover, commands, modules, memory, certificates: the device about itself"),
    ("cisco_*", r"-(?:305011|305012|609001|609002|302023|603109|60[24]\d{3}|713172|113022|409023)\b",
     "translations, local hosts, tunnels' keys, DHCP, servers of the AAA group: no connection"),
    ("cisco_*", r"-(?:611103|315011)\b|logged out|AUTH/28 ", "log-outs"),
    ("cisco_*", r"-710001\b", "asked for; 710002 or 710003 says what became of it"),
    ("cisco_*", r"-33830[1-9]\b|-421002\b|-421007\b", "lists that were loaded; traffic that was not inspected"),
    ("cisco_ios", r"CONFIG_I|CRYPTO-6-IKMP_UNK_EXCHANGE|CAPWAP", "configuration, negotiation"),
    ("cisco_wsa", r"discovered for|added to firewall", "lists"),
    ("f5", r"AUDIT -- (?:Create|Delete)|AUDIT - (?:client|pid)|end=\"|http_process_state|DNS_RESPONSE", "configuration; log-outs; "
     "errors of a proxied connection; answers"),
    ("f5", r"SSL Handshake failed", "a handshake"),
    ("grsec", r"terminal being sniffed|reload of grsecurity|failed fork|chdir to|semaphore|shared memory of|mount of|"
     r"unmount|exec of|time set|Loaded|process_audit", "processes of the host"),
    ("iptables", r"short packet|unexpectedly shrunk", "a broken packet, seen by no rule"),
    ("juniper_sa_vpn", r"System\(\)\[\]", "the device about itself"),
    ("juniper_srx", r"ESWD_DAI_FAILED|RT_SYSTEM", "ARP; the log's own connection"),
    ("linksys", r"PC (?:connected|try)", "radio, by hardware address"),
    ("meraki", r"events (?:port|dhcp|type=)|airmarshal", "ports and radio"),
    ("ms_isa", r"^-\t-\t|Active Cache Request", "the proxy's own requests"),
    ("ms_isa", r"\t(?:Established|Intermediate)\t|, (?:Bind|Listen|GHBN|Accept|GHBA)", "between Initiated and Terminated"),
    ("ms_vpn", r"^\"[^\"]*\",\"(?:RAS|IAS)\",[^,]*,[^,]*,(?:1|4|11),", "asked for; the answer is a line of its own"),
    ("netscaler", r"CMD_EXECUTED", "commands"),
    ("netscreen", r"configuration saved|was modified|timed out|IP conflict|Phase [12]|IKE|DHCP|VPN monitoring", "the "
     "device about itself; negotiation; log-outs"),
    ("nokia_ipso", r"reboot|halt|snmpd", "the host"),
    ("paloalto", r",HIPMATCH,|,USERID,|,DECRYPTION,|,CONFIG,|gateway-logout|,SYSTEM,(?:monitoring|USERID)", "said again; "
     "the device about itself; log-outs"),
    ("portsentry", r"already blocked|has been blocked", "said before"),
    ("ppp_vpn", r"control connection|Reaping", "tunnels"),
    ("pulse_vpn", r"ADM100", "configuration"),
    ("racoon_ipsec", r"negotiation|policy|IPsec-SA established", "negotiation behind the log-in"),

    ("sonicwall", r"IKE|notify: |NAT Mapping|VPN Decryption", "negotiation; translations"),
    ("squid", r"Accepting (?:HTTP|ICP)", "the proxy starts"),
    ("sshd", r"Postponed|Read error|Connection (?:closed|reset)|maps to|debug1|Failed none|input_userauth_request|"
     r"Failed keyboard-interactive|: Invalid user|Unable to negotiate|Could not stat", "a try that another line tells; "
     "connections that ended"),
    ("zonealarm", r"^PE,", "a program asked for permission; ACCESS says what it got"),
    ("zscaler", r"NSS free memory|Tunnel Samples|ZPN_ASSISTANT|ZPA LSS Client", "the device about itself; statistics"),
    ("zyxel", r"board \d|ppp:|Packet Trigger", "the line is dialled"),
    ("unifi", r"TRAPMGR", "ports"),
]
NOISE = [(vendor, re.compile(words), why) for vendor, words, why in NOISE if why]

def names_address(line):
    """Whether there is an address in it; a time of day only looks like one."""
    for four, six in ADDRESS.findall(line):
        try:
            ipaddress.ip_address(four or six)
            return True
        except ValueError:
            continue
    return False

def noise(vendor, line):
    """Why a line tells nothing, or None."""
    for pattern, words, why in NOISE:
        if fnmatch.fnmatchcase(vendor, pattern) and words.search(line):
            return why
    return None

def telling(vendor, line):
    return (names_address(behind_header(line)) or TOLD.search(line) is not None) and noise(vendor, line) is None

def behind_header(line):
    """Without the address of the device itself, which syslog's header may name."""
    return re.sub(r"^(?:<\d+>)?\d?\s*(?:\w{3} +\d+ (?:\d{4} )?[\d:]+|\d{4}-\d\d-\d\d[T ][\d:.]+\S*)\s+(?:[\d.]{7,15}|[0-9a-f:]+)\s",
                  "", line)
