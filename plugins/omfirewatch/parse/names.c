/* names.c: see names.h. Every table is sorted; a test looks each name up. */
#include "names.h"

#include <stdint.h>
#include <strings.h>

#include "../core/event.h"

struct name {
    const char *name;
    uint16_t value;
};

/* The service names Cisco's devices log in place of port numbers (ASA general operations configuration guide,
 * "TCP and UDP Ports"), sorted. */
static const struct name services[] = {
    {"aol", 5190},
    {"bgp", 179},
    {"biff", 512},
    {"bootpc", 68},
    {"bootps", 67},
    {"chargen", 19},
    {"cifs", 3020},
    {"citrix-ica", 1494},
    {"cmd", 514},
    {"ctiqbe", 2748},
    {"daytime", 13},
    {"discard", 9},
    {"dnsix", 195},
    {"domain", 53},
    {"echo", 7},
    {"exec", 512},
    {"finger", 79},
    {"ftp", 21},
    {"ftp-data", 20},
    {"gopher", 70},
    {"h323", 1720},
    {"hostname", 101},
    {"http", 80},
    {"https", 443},
    {"ident", 113},
    {"imap4", 143},
    {"irc", 194},
    {"isakmp", 500},
    {"kerberos", 88},
    {"klogin", 543},
    {"kshell", 544},
    {"ldap", 389},
    {"ldaps", 636},
    {"login", 513},
    {"lotusnotes", 1352},
    {"lpd", 515},
    {"mobile-ip", 434},
    {"nameserver", 42},
    {"netbios-dgm", 138},
    {"netbios-ns", 137},
    {"netbios-ssn", 139},
    {"nfs", 2049},
    {"nntp", 119},
    {"ntp", 123},
    {"pcanywhere-data", 5631},
    {"pcanywhere-status", 5632},
    {"pim-auto-rp", 496},
    {"pop2", 109},
    {"pop3", 110},
    {"pptp", 1723},
    {"radius", 1645},
    {"radius-acct", 1646},
    {"rip", 520},
    {"rpc", 111},
    {"rsh", 514},
    {"rtsp", 554},
    {"secureid-udp", 5510},
    {"sip", 5060},
    {"smtp", 25},
    {"snmp", 161},
    {"snmptrap", 162},
    {"sqlnet", 1521},
    {"ssh", 22},
    {"sunrpc", 111},
    {"syslog", 514},
    {"tacacs", 49},
    {"talk", 517},
    {"telnet", 23},
    {"tftp", 69},
    {"time", 37},
    {"uucp", 540},
    {"vxlan", 4789},
    {"who", 513},
    {"whois", 43},
    {"www", 80},
    {"xdmcp", 177},
};

/* IANA protocol numbers, by the names firewalls print; sorted. */
static const struct name protocols[] = {
    {"ah", 51},      {"egp", 8},     {"eigrp", 88}, {"esp", 50},  {"gre", 47},      {"icmp", 1},
    {"icmp6", 58},   {"icmpv6", 58}, {"igmp", 2},   {"igp", 9},   {"igrp", 9},      {"ip", 0},
    {"ipcomp", 108}, {"ipencap", 4}, {"ipinip", 4}, {"ipip", 4},  {"ipv6", 41},     {"ipv6-icmp", 58},
    {"l2tp", 115},   {"nos", 94},    {"ospf", 89},  {"pcp", 108}, {"pim", 103},     {"pptp", 47},
    {"sctp", 132},   {"snp", 109},   {"tcp", 6},    {"udp", 17},  {"udplite", 136}, {"vrrp", 112},
};

static const struct name actions[] = {
    {"accept", FW_ACTION_ALLOW},    {"accepted", FW_ACTION_ALLOW}, {"allow", FW_ACTION_ALLOW},
    {"allowed", FW_ACTION_ALLOW},   {"block", FW_ACTION_DENY},     {"blocked", FW_ACTION_DENY},
    {"built", FW_ACTION_ALLOW},     {"close", FW_ACTION_ALLOW},    {"denied", FW_ACTION_DENY},
    {"deny", FW_ACTION_DENY},       {"discard", FW_ACTION_DENY},   {"discarded", FW_ACTION_DENY},
    {"drop", FW_ACTION_DENY},       {"dropped", FW_ACTION_DENY},   {"est-allowed", FW_ACTION_ALLOW},
    {"pass", FW_ACTION_ALLOW},      {"passed", FW_ACTION_ALLOW},   {"permit", FW_ACTION_ALLOW},
    {"permitted", FW_ACTION_ALLOW}, {"refuse", FW_ACTION_DENY},    {"refused", FW_ACTION_DENY},
    {"reject", FW_ACTION_DENY},     {"rejected", FW_ACTION_DENY},  {"reset", FW_ACTION_DENY},
    {"teardown", FW_ACTION_ALLOW},  {"tunnel", FW_ACTION_ALLOW},
};

static const struct name outcomes[] = {
    {"accept", FW_OUTCOME_SUCCESS},    {"accepted", FW_OUTCOME_SUCCESS}, {"denied", FW_OUTCOME_FAILURE},
    {"fail", FW_OUTCOME_FAILURE},      {"failed", FW_OUTCOME_FAILURE},   {"failure", FW_OUTCOME_FAILURE},
    {"ok", FW_OUTCOME_SUCCESS},        {"reject", FW_OUTCOME_FAILURE},   {"rejected", FW_OUTCOME_FAILURE},
    {"succeeded", FW_OUTCOME_SUCCESS}, {"success", FW_OUTCOME_SUCCESS},  {"successful", FW_OUTCOME_SUCCESS},
};

static const struct name flag_words[] = {
    {"ack", FW_TCP_ACK}, {"cwr", FW_TCP_CWR},  {"ece", FW_TCP_ECE}, {"fin", FW_TCP_FIN}, {"none", 0},
    {"psh", FW_TCP_PSH}, {"push", FW_TCP_PSH}, {"rst", FW_TCP_RST}, {"syn", FW_TCP_SYN}, {"urg", FW_TCP_URG},
};

#define TABLE(table)                                                                                                   \
    { table, sizeof(table) / sizeof *(table) }
static const struct {
    const struct name *name;
    size_t count;
} tables[] = {
    [FW_NAMES_SERVICE] = TABLE(services), [FW_NAMES_PROTO] = TABLE(protocols), [FW_NAMES_ACTION] = TABLE(actions),
    [FW_NAMES_OUTCOME] = TABLE(outcomes), [FW_NAMES_FLAG] = TABLE(flag_words),
};

bool fw_names_find(enum fw_names names, const char *text, size_t len, unsigned *value) {
    const struct name *table = tables[names].name;
    size_t low = 0, high = tables[names].count;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        int order = strncasecmp(text, table[middle].name, len);

        if (order == 0 && table[middle].name[len] != '\0')
            order = -1; /* only its beginning */
        if (order == 0) {
            *value = table[middle].value;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
