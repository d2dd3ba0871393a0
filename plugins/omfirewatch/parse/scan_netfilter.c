/* scan_netfilter.c: the packet lines of netfilter's LOG target and of ulogd.
 *
 *   [ 3445.031964] prefix IN=eth0 OUT= MAC=... SRC=... DST=... LEN=... PROTO=TCP SPT=... DPT=... SYN URGP=0
 *
 * Written after net/ipv4/netfilter/nf_log_ipv4.c, net/ipv6/netfilter/nf_log_ipv6.c
 * (since 5.18 both in net/netfilter/nf_log_syslog.c) and ulogd2's printpkt.c.
 * Rules:
 *  1. The packet begins at the first "IN=" whose value the next word "OUT=" follows.
 *  2. What stands before it, without the kernel's time, is the prefix the
 *     administrator chose. Its words tell the verdict, the last one wins.
 *  3. SRC, DST and PROTO are required, once each; a value that cannot be is refused.
 *  4. A bracket holds the packet an ICMP error quotes: skipped, never read.
 *  5. After PROTO, LEN and ID are the transport's, not the packet's.
 *  6. Later fragments have no ports and say nothing new: ignored.
 *  7. TCP and UDP never end at DPT: such a line was cut, and the port with it.
 * One pass, no memory. Who sends packets chooses the numbers, not one letter.
 */
#include "scan.h"

#include <string.h>
#include <strings.h>

#define PREFIX_MAX 192 /* bytes before IN=: nftables allows 127, and the kernel's time stands before it */

/* Up to eight letters as one number, so that a key is compared in one step. */
#define K1(a)                      ((uint64_t)(a))
#define K2(a, b)                   (K1(a) << 8 | (b))
#define K3(a, b, c)                (K2(a, b) << 8 | (c))
#define K4(a, b, c, d)             (K3(a, b, c) << 8 | (d))
#define K5(a, b, c, d, e)          (K4(a, b, c, d) << 8 | (e))
#define K6(a, b, c, d, e, f)       (K5(a, b, c, d, e) << 8 | (f))
#define K7(a, b, c, d, e, f, g)    (K6(a, b, c, d, e, f) << 8 | (g))
#define K8(a, b, c, d, e, f, g, h) (K7(a, b, c, d, e, f, g) << 8 | (h))

struct scan {
    const char *p;
    const char *end;
    struct fw_event *ev;
    bool fragment; /* not the first one */
};

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

static inline bool is_letter(char c) {
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

/* ---- the prefix ---- */

static int verdict_of_word(uint64_t word) {
    switch (word) {
    case K4('D', 'R', 'O', 'P'):
    case K5('D', 'R', 'O', 'P', 'S'):
    case K7('D', 'R', 'O', 'P', 'P', 'E', 'D'):
    case K5('B', 'L', 'O', 'C', 'K'):
    case K7('B', 'L', 'O', 'C', 'K', 'E', 'D'):
    case K6('R', 'E', 'J', 'E', 'C', 'T'):
    case K8('R', 'E', 'J', 'E', 'C', 'T', 'E', 'D'):
    case K4('D', 'E', 'N', 'Y'):
    case K6('D', 'E', 'N', 'I', 'E', 'D'):
    case K7('D', 'I', 'S', 'C', 'A', 'R', 'D'):
        return FW_ACTION_DENY;
    case K6('A', 'C', 'C', 'E', 'P', 'T'):
    case K8('A', 'C', 'C', 'E', 'P', 'T', 'E', 'D'):
    case K5('A', 'L', 'L', 'O', 'W'):
    case K7('A', 'L', 'L', 'O', 'W', 'E', 'D'):
    case K4('P', 'A', 'S', 'S'):
    case K6('P', 'A', 'S', 'S', 'E', 'D'):
    case K6('P', 'E', 'R', 'M', 'I', 'T'):
        return FW_ACTION_ALLOW;
    default:
        return 0;
    }
}

/* EdgeOS, UniFi and VyOS end their prefix in -A], -D] or -R]. */
static int verdict_of_suffix(const char *p, size_t len) {
    if (len < 3 || p[len - 1] != ']' || p[len - 3] != '-')
        return 0;
    switch (p[len - 2]) {
    case 'A':
        return FW_ACTION_ALLOW;
    case 'D':
    case 'R':
        return FW_ACTION_DENY;
    default:
        return 0;
    }
}

static int verdict(const char *p, size_t len) {
    const int suffix = verdict_of_suffix(p, len);
    uint64_t word = 0;
    unsigned letters = 0;
    int last = 0;

    if (suffix != 0)
        return suffix;
    for (size_t i = 0; i <= len; i++) { /* p[len] is a blank or the I of IN= */
        if (i < len && is_letter(p[i])) {
            word = word << 8 | (uint8_t)(p[i] & ~0x20);
            letters++;
        } else if (letters != 0) {
            const int found = letters <= 8 ? verdict_of_word(word) : 0;

            if (found != 0)
                last = found;
            word = 0;
            letters = 0;
        }
    }
    return last;
}

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
    const int action = verdict(p, (size_t)(end - p));

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

/* Decimal number up to `most` that a blank or the end follows; -1: it is none. Moves s->p behind it. */
static int64_t number(struct scan *s, uint32_t most) {
    const char *start = s->p;
    uint64_t value = 0;

    while (is_digit(*s->p) && s->p - start < 10)
        value = value * 10 + (uint64_t)(*s->p++ - '0');
    if (s->p == start || (*s->p != ' ' && *s->p != '\0') || value > most)
        return -1;
    return (int64_t)value;
}

static inline void skip_word(struct scan *s) {
    while (*s->p != ' ' && *s->p != '\0')
        s->p++;
}

static bool number_ends_line(const struct scan *s) {
    const char *p = s->p;

    while (is_digit(*p))
        p++;
    return *p == '\0';
}

/* a number may come once */
#define READ_NUMBER(field, most)                                                                                       \
    do {                                                                                                               \
        const int64_t value_ = number(s, most);                                                                        \
        if (value_ < 0 || (ev->present & FW_BIT(field)))                                                               \
            return false;                                                                                              \
        ev->field = (__typeof__(ev->field))value_;                                                                     \
        ev->present |= FW_BIT(field);                                                                                  \
        return true;                                                                                                   \
    } while (0)

static bool read_addr(struct scan *s, union fw_addr *addr, uint64_t bit) {
    const char *start = s->p;

    skip_word(s);
    if ((s->ev->present & bit) || fw_addr_parse(addr, start, (size_t)(s->p - start)) != 0)
        return false;
    s->ev->present |= bit;
    return true;
}

static bool read_proto(struct scan *s) {
    struct fw_event *ev = s->ev;
    uint64_t name = 0;
    int n = 0;

    if (ev->present & FW_BIT(proto))
        return false;
    if (is_digit(*s->p))
        READ_NUMBER(proto, 255);
    for (; *s->p != ' ' && *s->p != '\0' && n < 8; n++)
        name = name << 8 | (uint8_t)*s->p++;
    switch (name) {
    case K3('T', 'C', 'P'):
        ev->proto = FW_PROTO_TCP;
        break;
    case K3('U', 'D', 'P'):
        ev->proto = FW_PROTO_UDP;
        break;
    case K4('I', 'C', 'M', 'P'):
        ev->proto = FW_PROTO_ICMP;
        break;
    case K6('I', 'C', 'M', 'P', 'v', '6'):
        ev->proto = FW_PROTO_ICMP6;
        break;
    case K7('U', 'D', 'P', 'L', 'I', 'T', 'E'):
        ev->proto = 136;
        break;
    case K3('E', 'S', 'P'):
        ev->proto = 50;
        break;
    case K2('A', 'H'):
        ev->proto = 51;
        break;
    case K4('S', 'C', 'T', 'P'):
        ev->proto = 132;
        break;
    default:
        return false;
    }
    ev->present |= FW_BIT(proto);
    return *s->p == ' ' || *s->p == '\0';
}

/* KEY= was read, s->p stands at the value. False: the line is refused. */
static bool read_pair(struct scan *s, uint64_t key) {
    struct fw_event *ev = s->ev;
    const bool transport = ev->present & FW_BIT(proto);

    switch (key) {
    case K3('S', 'R', 'C'):
        return read_addr(s, &ev->src, FW_BIT(src));
    case K3('D', 'S', 'T'):
        return read_addr(s, &ev->dst, FW_BIT(dst));
    case K3('L', 'E', 'N'):
        if (transport)
            break;
        READ_NUMBER(length, UINT32_MAX);
    case K3('T', 'T', 'L'):
    case K8('H', 'O', 'P', 'L', 'I', 'M', 'I', 'T'):
        READ_NUMBER(ttl, 255);
    case K2('I', 'D'):
        if (transport)
            break;
        READ_NUMBER(ip_id, UINT32_MAX);
    case K5('P', 'R', 'O', 'T', 'O'):
        return read_proto(s);
    case K3('S', 'P', 'T'):
        READ_NUMBER(sport, 65535);
    case K3('D', 'P', 'T'):
        if (number_ends_line(s)) /* rule 7 */
            return false;
        READ_NUMBER(dport, 65535);
    case K6('W', 'I', 'N', 'D', 'O', 'W'):
        READ_NUMBER(window, UINT32_MAX);
    case K4('T', 'Y', 'P', 'E'):
        READ_NUMBER(icmp_type, 255);
    case K4('C', 'O', 'D', 'E'):
        READ_NUMBER(icmp_code, 255);
    case K2('I', 'N'):
    case K3('O', 'U', 'T'):
        return false; /* rule 1 has read the only ones there may be */
    default:
        break;
    }
    skip_word(s);
    return true;
}

/* A word without "=". */
static void read_flag(struct scan *s, uint64_t word) {
    uint8_t flag;

    switch (word) {
    case K3('S', 'Y', 'N'):
        flag = FW_TCP_SYN;
        break;
    case K3('A', 'C', 'K'):
        flag = FW_TCP_ACK;
        break;
    case K3('F', 'I', 'N'):
        flag = FW_TCP_FIN;
        break;
    case K3('R', 'S', 'T'):
        flag = FW_TCP_RST;
        break;
    case K3('P', 'S', 'H'):
        flag = FW_TCP_PSH;
        break;
    case K3('U', 'R', 'G'):
        flag = FW_TCP_URG;
        break;
    case K3('E', 'C', 'E'):
        flag = FW_TCP_ECE;
        break;
    case K3('C', 'W', 'R'):
        flag = FW_TCP_CWR;
        break;
    default:
        return;
    }
    s->ev->tcp_flags |= flag;
    s->ev->present |= FW_BIT(tcp_flags);
}

/* From an opening bracket behind its closing one, or to the end. */
static void skip_bracket(struct scan *s, char open, char close) {
    unsigned depth = 0;

    for (; *s->p != '\0'; s->p++) {
        if (*s->p == open) {
            depth++;
        } else if (*s->p == close && --depth == 0) {
            s->p++;
            return;
        }
    }
}

static enum fw_parse_result read_packet(struct scan *s) {
    struct fw_event *ev = s->ev;

    while (*s->p != '\0') {
        uint64_t word = 0;

        if (*s->p == ' ') {
            s->p++;
            continue;
        }
        if (*s->p == '[') { /* rule 4 */
            skip_bracket(s, '[', ']');
            continue;
        }
        if (*s->p == '(') { /* the options after OPT */
            skip_bracket(s, '(', ')');
            continue;
        }
        while ((uint8_t)*s->p > ' ' && *s->p != '=' && *s->p != ':')
            word = word << 8 | (uint8_t)*s->p++;
        switch (*s->p) {
        case '=':
            s->p++;
            if (word == K3('M', 'A', 'C')) /* the longest value, and nobody reads it */
                skip_word(s);
            else if (!read_pair(s, word))
                return FW_PARSE_REFUSED;
            break;
        case ':':
            s->fragment |= word == K4('F', 'R', 'A', 'G') && s->p[1] != '0'; /* IPv6 prints FRAG:0 for the first */
            skip_word(s);
            break;
        case ' ':
        case '\0':
            read_flag(s, word);
            break;
        default: /* a control character: no line of the kernel */
            return FW_PARSE_REFUSED;
        }
    }
    if (!fw_event_has(ev, FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto)))
        return FW_PARSE_REFUSED;
    if (s->fragment) /* rule 6 */
        return FW_PARSE_IGNORED;
    if (ev->proto != FW_PROTO_TCP)
        ev->present &= ~FW_BIT(tcp_flags);
    else if (ev->present & FW_BIT(window)) /* flags are printed after it; none means none set */
        ev->present |= FW_BIT(tcp_flags);
    return FW_PARSE_EVENT;
}

enum fw_parse_result fw_scan_netfilter(const char *content, size_t len, struct fw_event *ev) {
    struct scan s = {.end = content + len, .ev = ev};
    const char *prefix = skip_kernel_time(content);
    const char *in = NULL;

    if ((s.p = find_packet(prefix, s.end, ev, &in)) == NULL)
        return FW_PARSE_UNPARSED;
    read_prefix(ev, prefix, in);
    return read_packet(&s);
}
