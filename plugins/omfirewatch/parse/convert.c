/* convert.c: see convert.h. */
#include "convert.h"

#include <string.h>
#include <strings.h>

#define WELL_KNOWN 1024  /* ports below need privileges: services */
#define EPHEMERAL  32768 /* Linux begins here, Windows since Vista and the BSDs at 49152 */

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

#define COUNT(table) (sizeof(table) / sizeof *(table))

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

/* Without regard to case. The tables are short; binary search. */
static bool look_up(const struct name *table, size_t n, const char *text, size_t len, unsigned *value) {
    size_t low = 0, high = n;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        int order = strncasecmp(text, table[middle].name, len);

        if (order == 0 && table[middle].name[len] != '\0')
            order = -1;
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

static bool read_number(const char *text, size_t len, uint64_t most, uint64_t *value) {
    uint64_t v = 0;

    if (len == 0 || len > 20)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]) || v > UINT64_MAX / 10)
            return false;
        v *= 10;
        if (v > UINT64_MAX - (uint64_t)(text[i] - '0'))
            return false;
        v += (uint64_t)(text[i] - '0');
    }
    *value = v;
    return v <= most;
}

/* "0:01:23", "26:15:03", "15:03" */
static bool read_clock_duration(const char *text, size_t len, uint64_t *ms) {
    uint64_t seconds = 0, term = 0;
    unsigned digits = 0, colons = 0;

    for (size_t i = 0; i < len; i++) {
        if (is_digit(text[i]) && digits < 9) {
            term = term * 10 + (uint64_t)(text[i] - '0');
            digits++;
        } else if (text[i] == ':' && digits != 0 && colons < 2 && (colons == 0 || (digits == 2 && term < 60))) {
            seconds = (seconds + term) * 60;
            term = digits = 0;
            colons++;
        } else {
            return false;
        }
    }
    if (colons == 0 || digits != 2 || term > 59)
        return false;
    *ms = (seconds + term) * 1000;
    return true;
}

/* "90", "1.5" (seconds), "1d2h", "3d04h15m20s", "250ms" */
static bool read_duration(const char *text, size_t len, uint64_t *ms) {
    uint64_t total = 0;
    size_t i = 0;

    if (memchr(text, ':', len) != NULL)
        return read_clock_duration(text, len, ms);
    while (i < len) {
        uint64_t term = 0, unit = 1000;
        const size_t start = i;

        while (i < len && is_digit(text[i]) && i - start < 12)
            term = term * 10 + (uint64_t)(text[i++] - '0');
        if (i == start)
            return false;
        if (i == len && start != 0) /* "1d2": two of what? */
            return false;
        if (i < len && text[i] == '.' && start == 0) { /* a fraction ends it */
            uint64_t scale = 100;

            total = term * 1000;
            if (++i == len)
                return false;
            for (; i < len && is_digit(text[i]); i++, scale /= 10)
                total += (uint64_t)(text[i] - '0') * scale;
            *ms = total;
            return i == len;
        }
        if (i < len) {
            switch (text[i++]) {
            case 'd':
                unit = 24 * 3600 * 1000;
                break;
            case 'h':
                unit = 3600 * 1000;
                break;
            case 'm':
                if (i < len && text[i] == 's') {
                    unit = 1;
                    i++;
                } else {
                    unit = 60 * 1000;
                }
                break;
            case 's':
                break;
            default:
                return false;
            }
        }
        total += term * unit;
    }
    *ms = total;
    return len != 0;
}

/* "SYN ACK", "FIN,PSH", or the letters of tcpdump and pf: "SA", "FPU", "S." */
static bool read_flags(const char *text, size_t len, unsigned *flags) {
    static const char letters[] = "FSRPAUEW"; /* in the order of the bits */
    unsigned found;
    size_t i = 0;

    *flags = 0;
    while (i < len) {
        const size_t start = i;

        while (i < len && text[i] != ' ' && text[i] != ',')
            i++;
        if (look_up(flag_words, COUNT(flag_words), text + start, i - start, &found)) {
            *flags |= found;
        } else {
            for (size_t j = start; j < i; j++) {
                const char *at = text[j] == '.' ? letters + 4 : memchr(letters, text[j], sizeof letters - 1);

                if (at == NULL)
                    return false;
                *flags |= 1U << (at - letters);
            }
        }
        while (i < len && (text[i] == ' ' || text[i] == ','))
            i++;
    }
    return len != 0;
}

static bool read_named(const struct name *table, size_t n, const char *text, size_t len, uint64_t most,
                       uint64_t *value) {
    unsigned found;

    if (len != 0 && is_digit(text[0]))
        return read_number(text, len, most, value);
    if (!look_up(table, n, text, len, &found))
        return false;
    *value = found;
    return true;
}

int fw_convert(struct fw_event *ev, enum fw_field field, const char *text, size_t len) {
    const struct fw_field_info *info = &fw_field_table[field];
    void *member = (char *)ev + info->offset;
    uint64_t number = 0;
    unsigned word = 0;

    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    switch (info->type) {
    case FW_TYPE_ADDR:
        if (fw_addr_parse(member, text, len) != 0)
            return -1;
        break;
    case FW_TYPE_PORT:
        if (!read_named(services, COUNT(services), text, len, UINT16_MAX, &number))
            return -1;
        *(uint16_t *)member = (uint16_t)number;
        break;
    case FW_TYPE_PROTO:
        if (!read_named(protocols, COUNT(protocols), text, len, UINT8_MAX, &number))
            return -1;
        *(uint8_t *)member = (uint8_t)number;
        break;
    case FW_TYPE_U8:
        if (!read_number(text, len, UINT8_MAX, &number))
            return -1;
        *(uint8_t *)member = (uint8_t)number;
        break;
    case FW_TYPE_U32:
        if (!read_number(text, len, UINT32_MAX, &number))
            return -1;
        *(uint32_t *)member = (uint32_t)number;
        break;
    case FW_TYPE_U64:
        if (!read_number(text, len, UINT64_MAX, &number))
            return -1;
        *(uint64_t *)member = number;
        break;
    case FW_TYPE_MS:
        if (!read_duration(text, len, &number))
            return -1;
        *(uint64_t *)member = number;
        break;
    case FW_TYPE_ACTION:
        if (!look_up(actions, COUNT(actions), text, len, &word))
            return -1;
        *(uint8_t *)member = (uint8_t)word;
        break;
    case FW_TYPE_OUTCOME:
        if (!look_up(outcomes, COUNT(outcomes), text, len, &word))
            return -1;
        *(uint8_t *)member = (uint8_t)word;
        break;
    case FW_TYPE_FLAGS:
        if (!read_flags(text, len, &word))
            return -1;
        *(uint8_t *)member = (uint8_t)word;
        break;
    case FW_TYPE_STR:
        if (len == 0)
            return 0;
        *(struct fw_str *)member = (struct fw_str){text, (uint32_t)len};
        break;
    }
    ev->present |= UINT64_C(1) << field;
    return 0;
}

void fw_convert_copy(struct fw_event *to, const struct fw_event *from, uint64_t bits) {
    static const uint8_t size[] = {
        [FW_TYPE_ADDR] = sizeof(FW_CTYPE_ADDR),     [FW_TYPE_PORT] = sizeof(FW_CTYPE_PORT),
        [FW_TYPE_U8] = sizeof(FW_CTYPE_U8),         [FW_TYPE_U32] = sizeof(FW_CTYPE_U32),
        [FW_TYPE_U64] = sizeof(FW_CTYPE_U64),       [FW_TYPE_PROTO] = sizeof(FW_CTYPE_PROTO),
        [FW_TYPE_ACTION] = sizeof(FW_CTYPE_ACTION), [FW_TYPE_OUTCOME] = sizeof(FW_CTYPE_OUTCOME),
        [FW_TYPE_MS] = sizeof(FW_CTYPE_MS),         [FW_TYPE_FLAGS] = sizeof(FW_CTYPE_FLAGS),
        [FW_TYPE_STR] = sizeof(FW_CTYPE_STR),
    };

    bits &= from->present;
    to->present |= bits;
    for (; bits != 0; bits &= bits - 1) {
        const struct fw_field_info *info = &fw_field_table[__builtin_ctzll(bits)];

        memcpy((char *)to + info->offset, (const char *)from + info->offset, size[info->type]);
    }
}

static bool first_is_service(uint16_t first, uint16_t second) {
    if ((first < WELL_KNOWN) != (second < WELL_KNOWN))
        return first < WELL_KNOWN;
    return first < EPHEMERAL && second >= EPHEMERAL;
}

static void exchange(struct fw_event *ev, enum fw_field a, enum fw_field b) {
    const uint64_t bit_a = UINT64_C(1) << a, bit_b = UINT64_C(1) << b;
    const uint64_t there = ev->present & (bit_a | bit_b);
    char *pa = (char *)ev + fw_field_table[a].offset, *pb = (char *)ev + fw_field_table[b].offset;
    char kept[sizeof(struct fw_str)] = {0};
    const size_t size = fw_field_table[a].type == FW_TYPE_PORT  ? sizeof(uint16_t)
                        : fw_field_table[a].type == FW_TYPE_U64 ? sizeof(uint64_t)
                                                                : sizeof kept; /* an address or a string */

    _Static_assert(sizeof(union fw_addr) == sizeof(struct fw_str), "one size serves both");
    memcpy(kept, pa, size);
    memcpy(pa, pb, size);
    memcpy(pb, kept, size);
    ev->present &= ~(bit_a | bit_b);
    if (there & bit_a)
        ev->present |= bit_b;
    if (there & bit_b)
        ev->present |= bit_a;
}

void fw_convert_orient(struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(sport) | FW_BIT(dport)) || !first_is_service(ev->sport, ev->dport))
        return;
    exchange(ev, FW_F_src, FW_F_dst);
    exchange(ev, FW_F_sport, FW_F_dport);
    exchange(ev, FW_F_sent, FW_F_rcvd);
    exchange(ev, FW_F_nat_src, FW_F_nat_dst);
    exchange(ev, FW_F_nat_sport, FW_F_nat_dport);
    exchange(ev, FW_F_in_if, FW_F_out_if);
    exchange(ev, FW_F_src_zone, FW_F_dst_zone);
}
