/* scan_netfilter.c: the packet lines of netfilter's LOG target and of ulogd.
 *
 *   [ 3445.031964] prefix IN=eth0 OUT= MAC=... SRC=... DST=... LEN=... PROTO=TCP SPT=... DPT=... SYN URGP=0
 *
 * Written after net/ipv4/netfilter/nf_log_ipv4.c, net/ipv6/netfilter/nf_log_ipv6.c
 * (since 5.18 both in net/netfilter/nf_log_syslog.c) and ulogd2's printpkt.c.
 * Rules:
 *  1. The packet begins at the first "IN=" whose value the next word "OUT=" follows.
 *  2. What stands before it, without the kernel's time, is the prefix the
 *     administrator chose; verdict.h reads it. A percent sign or "=" in it makes
 *     it another device's message with a packet planted in it: not ours.
 *  3. SRC, DST and PROTO are required, once each; a value that cannot be is refused.
 *  4. A bracket holds the packet an ICMP error quotes: skipped, never read.
 *  5. After PROTO, LEN and ID are the transport's, not the packet's.
 *  6. Later fragments have no ports and say nothing new: ignored.
 *  7. TCP and UDP never end at DPT: such a line was cut, and the port with it.
 * One pass, no memory. Who sends packets chooses the numbers, not one letter.
 */
#include "scan.h"

#include <string.h>

#include "verdict.h"

#define PREFIX_MAX 192 /* bytes before IN=: nftables allows 127, and the kernel's time stands before it */

/* Letters as one number, so that a key is compared in one step. */
#define K3(a, b, c)    ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
#define K4(a, b, c, d) (K3(a, b, c) << 8 | (uint32_t)(d))

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

/* ---- the prefix ---- */

/* "[ 3445.031964] ", or nothing */
static const char *skip_kernel_time(const char *p) {
    const char *q = p + 1;

    if (*p != '[')
        return p;
    while (*q == ' ')
        q++;
    const char *seconds = q;

    while (is_digit(*q))
        q++;
    if (q == seconds || *q != '.')
        return p;
    for (q++; is_digit(*q); q++)
        ;
    return *q == ']' ? q + 1 : p;
}

static void read_prefix(struct fw_event *ev, const char *p, const char *end) {
    while (p < end && *p == ' ')
        p++;
    while (end > p && end[-1] == ' ')
        end--;
    if (p == end)
        return;
    ev->prefix = (struct fw_str){p, (uint32_t)(end - p)};
    ev->present |= FW_BIT(prefix);
    const int action = fw_verdict(p, (size_t)(end - p));

    if (action != 0) {
        ev->action = (uint8_t)action;
        ev->present |= FW_BIT(action);
    }
}

/* Rule 1. Sets the interfaces; returns what follows OUT's value, or NULL. *in: where the prefix ends. */
static const char *find_packet(const char *p, const char *end, struct fw_event *ev, const char **in) {
    const char *stop = end - p > PREFIX_MAX ? p + PREFIX_MAX : end;

    for (; (p = memchr(p, 'I', (size_t)(stop - p))) != NULL; p++) {
        if (p[1] != 'N' || p[2] != '=')
            continue;
        const char *value = p + 3;
        const char *q = value;

        while (*q != ' ' && *q != '\0')
            q++;
        const struct fw_str in_if = {value, (uint32_t)(q - value)};

        while (*q == ' ')
            q++;
        if (strncmp(q, "OUT=", 4) != 0)
            continue;
        *in = p;
        value = q += 4;
        while (*q != ' ' && *q != '\0')
            q++;
        if (in_if.len != 0) {
            ev->in_if = in_if;
            ev->present |= FW_BIT(in_if);
        }
        if (q != value) {
            ev->out_if = (struct fw_str){value, (uint32_t)(q - value)};
            ev->present |= FW_BIT(out_if);
        }
        return q;
    }
    return NULL;
}

/* ---- the packet ---- */

/* The first four bytes of a word as one number, by which keys are told apart; zeros from the end of the line on. */
static inline uint32_t first_four(const char *p, const char *end) {
    uint32_t code = 0;

    if (end - p >= 4) {
        memcpy(&code, p, sizeof code);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        code = __builtin_bswap32(code);
#endif
        return code;
    }
    for (int i = 0; i < 4; i++)
        code = code << 8 | (p + i < end ? (uint8_t)p[i] : 0);
    return code;
}

static inline bool ends_value(char c) {
    return c == ' ' || c == '\0';
}

/* To the blank or the end behind a word, eight bytes a step. */
static inline const char *skip_word(const char *p, const char *end) {
    const uint64_t each = UINT64_C(0x0101010101010101), blanks = each * ' ';

    for (; end - p >= 8; p += 8) {
        uint64_t w;

        memcpy(&w, p, sizeof w);
        w ^= blanks; /* zero bytes where the blanks are; the lowest is told exactly */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        w = __builtin_bswap64(w);
#endif
        w = (w - each) & ~w & each << 7;
        if (w != 0)
            return p + __builtin_ctzll(w) / 8;
    }
    while (!ends_value(*p))
        p++;
    return p;
}

/* Decimal number up to `most` that a blank or the end follows. NULL: it is none. */
static inline const char *read_number(const char *p, uint32_t most, uint32_t *number) {
    const char *start = p;
    uint64_t value = 0;

    for (; is_digit(*p); p++)
        value = value * 10 + (uint64_t)(*p - '0');
    if (p == start || p - start > 10 || !ends_value(*p) || value > most)
        return NULL;
    *number = (uint32_t)value;
    return p;
}

/* A number may come once. */
#define READ_NUMBER(field, most)                                                                                       \
    do {                                                                                                               \
        if ((ev->present & FW_BIT(field)) || (p = read_number(p, most, &number)) == NULL)                              \
            return NULL;                                                                                               \
        ev->field = (__typeof__(ev->field))number;                                                                     \
        ev->present |= FW_BIT(field);                                                                                  \
        return p;                                                                                                      \
    } while (0)

static inline const char *read_addr(const char *p, const char *end, struct fw_event *ev, union fw_addr *addr,
                                    uint64_t bit) {
    const char *start = p;

    p = skip_word(p, end);
    if ((ev->present & bit) || fw_addr_parse(addr, start, (size_t)(p - start)) != 0)
        return NULL;
    ev->present |= bit;
    return p;
}

static const char *read_proto(const char *p, const char *end, struct fw_event *ev) {
    const char *start = p;

    if (is_digit(*p)) {
        uint32_t number;

        READ_NUMBER(proto, 255);
    }
    switch (first_four(p, end)) {
    case K4('T', 'C', 'P', ' '):
    case K4('T', 'C', 'P', 0):
        ev->proto = FW_PROTO_TCP;
        break;
    case K4('U', 'D', 'P', ' '):
    case K4('U', 'D', 'P', 0):
        ev->proto = FW_PROTO_UDP;
        break;
    case K4('I', 'C', 'M', 'P'):
        ev->proto = strncmp(p + 4, "v6", 2) == 0 ? FW_PROTO_ICMP6 : FW_PROTO_ICMP;
        break;
    case K4('U', 'D', 'P', 'L'):
        ev->proto = 136;
        break;
    case K4('E', 'S', 'P', ' '):
    case K4('E', 'S', 'P', 0):
        ev->proto = 50;
        break;
    case K4('A', 'H', ' ', 'S'): /* SPI= */
    case K4('A', 'H', ' ', 'I'): /* INCOMPLETE */
    case K4('A', 'H', ' ', 0):
    case K4('A', 'H', 0, 0):
        ev->proto = 51;
        break;
    case K4('S', 'C', 'T', 'P'):
        ev->proto = 132;
        break;
    default:
        return NULL;
    }
    p = skip_word(p, end);
    if ((ev->present & FW_BIT(proto)) || p - start > 7) /* UDPLITE */
        return NULL;
    ev->present |= FW_BIT(proto);
    return p;
}

static bool number_ends_line(const char *p) {
    while (is_digit(*p))
        p++;
    return *p == '\0';
}

static uint8_t flag_of(uint32_t code) {
    switch (code >> 8) {
    case K3('S', 'Y', 'N'):
        return FW_TCP_SYN;
    case K3('A', 'C', 'K'):
        return FW_TCP_ACK;
    case K3('F', 'I', 'N'):
        return FW_TCP_FIN;
    case K3('R', 'S', 'T'):
        return FW_TCP_RST;
    case K3('P', 'S', 'H'):
        return FW_TCP_PSH;
    case K3('U', 'R', 'G'):
        return FW_TCP_URG;
    case K3('E', 'C', 'E'):
        return FW_TCP_ECE;
    case K3('C', 'W', 'R'):
        return FW_TCP_CWR;
    default:
        return 0;
    }
}

struct odds {
    bool later_fragment;
    uint8_t flags;
};

/* Words whose first four bytes are no key on their own. */
static const char *read_other(uint32_t code, const char *p, const char *end, struct fw_event *ev, struct odds *odds) {
    uint32_t number;

    if (code >> 8 == K3('I', 'D', '=') && !(ev->present & FW_BIT(proto))) { /* rule 5 */
        p += 3;
        READ_NUMBER(ip_id, UINT32_MAX);
    }
    if (code >> 8 == K3('I', 'N', '=')) /* rule 1 has read the only one there may be */
        return NULL;
    if (ends_value((char)(code & 0xff)))
        odds->flags |= flag_of(code);
    return skip_word(p, end);
}

/* The first four bytes stand for the whole key only when the rest is there. */
#define REQUIRE_KEY(key)                                                                                               \
    do {                                                                                                               \
        if ((size_t)(end - p) < sizeof(key) - 1 || memcmp(p, key, sizeof(key) - 1) != 0)                               \
            return skip_word(p, end);                                                                                  \
        p += sizeof(key) - 1;                                                                                          \
    } while (0)

/* One word, p stands at its beginning. Returns what follows. NULL: the line is refused. */
static inline const char *read_word(const char *p, const char *end, struct fw_event *ev, struct odds *odds) {
    const uint32_t code = first_four(p, end);
    uint32_t number;

    switch (code) {
    case K4('S', 'R', 'C', '='):
        return read_addr(p + 4, end, ev, &ev->src, FW_BIT(src));
    case K4('D', 'S', 'T', '='):
        return read_addr(p + 4, end, ev, &ev->dst, FW_BIT(dst));
    case K4('L', 'E', 'N', '='):
        if (ev->present & FW_BIT(proto)) /* rule 5 */
            break;
        p += 4;
        READ_NUMBER(length, UINT32_MAX);
    case K4('T', 'T', 'L', '='):
        p += 4;
        READ_NUMBER(ttl, 255);
    case K4('H', 'O', 'P', 'L'):
        REQUIRE_KEY("HOPLIMIT=");
        READ_NUMBER(ttl, 255);
    case K4('P', 'R', 'O', 'T'):
        REQUIRE_KEY("PROTO=");
        return read_proto(p, end, ev);
    case K4('S', 'P', 'T', '='):
        p += 4;
        READ_NUMBER(sport, 65535);
    case K4('D', 'P', 'T', '='):
        p += 4;
        if (number_ends_line(p)) /* rule 7 */
            return NULL;
        READ_NUMBER(dport, 65535);
    case K4('W', 'I', 'N', 'D'):
        REQUIRE_KEY("WINDOW=");
        READ_NUMBER(window, UINT32_MAX);
    case K4('T', 'Y', 'P', 'E'):
        REQUIRE_KEY("TYPE=");
        READ_NUMBER(icmp_type, 255);
    case K4('C', 'O', 'D', 'E'):
        REQUIRE_KEY("CODE=");
        READ_NUMBER(icmp_code, 255);
    case K4('T', 'O', 'S', '='): /* nobody reads these */
    case K4('P', 'R', 'E', 'C'):
    case K4('R', 'E', 'S', '='):
    case K4('M', 'A', 'C', '='):
    case K4('U', 'R', 'G', 'P'):
        break;
    case K4('F', 'R', 'A', 'G'): /* FRAG:185; IPv6 prints FRAG:0 for the first */
        odds->later_fragment |= end - p > 5 && p[4] == ':' && p[5] != '0';
        break;
    case K4('O', 'U', 'T', '='):
        return NULL;
    default:
        return read_other(code, p, end, ev, odds);
    }
    return skip_word(p, end);
}

/* From an opening bracket behind its closing one, or to the end. */
static const char *skip_bracket(const char *p, char open, char close) {
    unsigned depth = 0;

    for (; *p != '\0'; p++) {
        if (*p == open)
            depth++;
        else if (*p == close && --depth == 0)
            return p + 1;
    }
    return p;
}

static enum fw_parse_result read_packet(const char *p, const char *end, struct fw_event *ev) {
    struct odds odds = {false, 0};

    while (*p != '\0') {
        if (*p == ' ') {
            p++;
        } else if (*p == '[' || *p == '(') { /* rule 4, and the options after OPT */
            p = skip_bracket(p, *p, *p == '[' ? ']' : ')');
        } else if ((p = read_word(p, end, ev, &odds)) == NULL) {
            return FW_PARSE_REFUSED;
        }
    }
    if (!fw_event_has(ev, FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto)))
        return FW_PARSE_REFUSED;
    if (odds.later_fragment) /* rule 6 */
        return FW_PARSE_IGNORED;
    /* the flags are printed after the window; no flag is a packet without any */
    if (ev->proto == FW_PROTO_TCP && (odds.flags != 0 || (ev->present & FW_BIT(window)))) {
        ev->tcp_flags = odds.flags;
        ev->present |= FW_BIT(tcp_flags);
    }
    return FW_PARSE_EVENT;
}

enum fw_parse_result fw_scan_netfilter(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len;
    const char *prefix = skip_kernel_time(content);
    const char *in = NULL;
    const char *packet = find_packet(prefix, end, ev, &in);

    if (packet == NULL)
        return FW_PARSE_UNPARSED;
    for (const char *p = prefix; p < in; p++)
        if (*p == '%' || *p == '=')
            return FW_PARSE_UNPARSED;
    read_prefix(ev, prefix, in);
    return read_packet(packet, end, ev);
}
