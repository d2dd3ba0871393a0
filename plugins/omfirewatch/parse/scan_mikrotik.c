/* scan_mikrotik.c: MikroTik RouterOS (6 and 7), firewall rules with log=yes.
 *
 *   firewall,info DROP forward: in:ether1 out:bridge, connection-state:new src-mac 00:00:5e:00:53:01, proto TCP (SYN),
 *   10.0.1.20:50123->203.0.113.80:443, NAT (10.0.1.20:50123->198.51.100.7:50123)->203.0.113.80:443, len 60
 *
 * After RouterOS's manual, "Log". Rules:
 *  1. The packet begins at " in:" (or at the content's first letter); before it stand the log prefix an administrator
 *     chose, which verdict.h reads, and the chain. The line does not tell the rule's action.
 *  2. "proto NAME", then flags or the type of ICMP in parentheses, then both ends. IPv6 addresses are in brackets.
 *  3. NAT (a->b)->c translates the source, a->(b->c) the destination.
 * Who sends packets chooses the numbers, not one letter.
 */
#include "scan.h"
#include "scan_word.h"

#include "convert.h"
#include "verdict.h"

#define PREFIX_MAX 160 /* bytes before in:, RouterOS's log-prefix and topics */

/* "10.0.1.20:50123", "[2001:db8::1]:443", "10.0.1.20", "2001:db8::1" */
static bool put_end(struct fw_event *ev, const char *p, const char *end, enum fw_field addr, enum fw_field port) {
    const char *stop = end;

    if (p < end && *p == '[') {
        p++;
        if ((stop = memchr(p, ']', (size_t)(end - p))) == NULL)
            return false;
        if (fw_convert(ev, addr, p, (size_t)(stop - p)) != 0)
            return false;
        return stop + 1 == end || (stop[1] == ':' && fw_convert(ev, port, stop + 2, (size_t)(end - stop - 2)) == 0);
    }
    const char *colon = memchr(p, ':', (size_t)(end - p));

    if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) == NULL)
        stop = colon;
    return fw_convert(ev, addr, p, (size_t)(stop - p)) == 0 &&
           (stop == end || fw_convert(ev, port, stop + 1, (size_t)(end - stop - 1)) == 0);
}

/* "a->b" up to the next comma, blank or parenthesis; *p goes behind it */
static bool put_pair(struct fw_event *ev, const char **p, const char *end, const enum fw_field field[4]) {
    const char *stop = *p;

    while (stop < end && *stop != ',' && *stop != ' ' && *stop != ')')
        stop++;
    const char *arrow = fw_word_find(*p, stop, "->", 2);

    if (arrow == NULL)
        return false;
    const bool possible =
        put_end(ev, *p, arrow, field[0], field[1]) && put_end(ev, arrow + 2, stop, field[2], field[3]);

    *p = stop;
    return possible;
}

/* "TCP (SYN)", "UDP", "ICMP (type 8, code 0)", "47"; returns what follows, or NULL */
static const char *put_proto(struct fw_event *ev, const char *p, const char *end) {
    const char *start = p, *close;

    while (p < end && *p != ' ' && *p != ',')
        p++;
    if (fw_convert(ev, FW_F_proto, start, (size_t)(p - start)) != 0)
        return NULL;
    if (end - p < 3 || p[0] != ' ' || p[1] != '(')
        return p;
    p += 2;
    if ((close = memchr(p, ')', (size_t)(end - p))) == NULL)
        return NULL;
    if (ev->proto == FW_PROTO_TCP) {
        (void)fw_convert(ev, FW_F_tcp_flags, p, (size_t)(close - p));
    } else if (close - p > 5 && memcmp(p, "type ", 5) == 0) {
        const char *comma = memchr(p, ',', (size_t)(close - p));
        const char *code = comma != NULL ? fw_word_find(comma, close, "code ", 5) : NULL;

        if (comma == NULL || code == NULL || fw_convert(ev, FW_F_icmp_type, p + 5, (size_t)(comma - p - 5)) != 0 ||
            fw_convert(ev, FW_F_icmp_code, code + 5, (size_t)(close - code - 5)) != 0)
            return NULL;
    }
    return close + 1;
}

/* 3; p stands behind "NAT " */
static bool put_nat(struct fw_event *ev, const char *p, const char *end) {
    static const enum fw_field source[4] = {FW_F_src, FW_F_sport, FW_F_nat_src, FW_F_nat_sport};
    struct fw_event other = {0};

    if (p < end && *p == '(') {
        p++;
        if (!put_pair(&other, &p, end, source))
            return false;
        fw_convert_copy(ev, &other, FW_BIT(nat_src) | FW_BIT(nat_sport));
        return true;
    }
    const char *open = memchr(p, '(', (size_t)(end - p));
    static const enum fw_field destination[4] = {FW_F_dst, FW_F_dport, FW_F_nat_dst, FW_F_nat_dport};

    if (open == NULL)
        return false;
    p = open + 1;
    if (!put_pair(&other, &p, end, destination))
        return false;
    fw_convert_copy(ev, &other, FW_BIT(nat_dst) | FW_BIT(nat_dport));
    return true;
}

static bool put_interfaces(struct fw_event *ev, const char *p, const char *end) {
    const char *out = fw_word_find(p, end, " out:", 5);
    const char *comma = out != NULL ? memchr(out, ',', (size_t)(end - out)) : NULL;

    if (comma == NULL)
        return false;
    struct fw_str in_if = {p, (uint32_t)(out - p)}, out_if = {out + 5, (uint32_t)(comma - out - 5)};

    if (fw_word_is(&in_if, "(unknown 0)") || fw_word_is(&in_if, "(none)"))
        in_if.len = 0;
    if (fw_word_is(&out_if, "(unknown 0)") || fw_word_is(&out_if, "(none)"))
        out_if.len = 0;
    return fw_word_put(ev, FW_F_in_if, &in_if) && fw_word_put(ev, FW_F_out_if, &out_if);
}

enum fw_parse_result fw_scan_mikrotik(const char *content, size_t len, struct fw_event *ev) {
    static const enum fw_field ends[4] = {FW_F_src, FW_F_sport, FW_F_dst, FW_F_dport};
    const char *end = content + len, *p = content;
    const char *stop = len > PREFIX_MAX ? content + PREFIX_MAX : end;

    if (len < 3 || memcmp(p, "in:", 3) != 0) { /* 1 */
        if ((p = fw_word_find(content, stop, ": in:", 5)) == NULL)
            return FW_PARSE_UNPARSED;
        p += 2;
    }
    const struct fw_str prefix = {content, (uint32_t)(p - content)};
    const int action = fw_verdict(prefix.p, prefix.len);

    fw_word_put_action(ev, action);
    p += 3;
    if (!put_interfaces(ev, p, end))
        return FW_PARSE_UNPARSED;
    const char *proto = fw_word_find(p, end, "proto ", 6);

    if (proto == NULL)
        return FW_PARSE_UNPARSED;
    if ((p = put_proto(ev, proto + 6, end)) == NULL || end - p < 3 || p[0] != ',' || p[1] != ' ')
        return FW_PARSE_REFUSED;
    p += 2;
    if (!put_pair(ev, &p, end, ends)) /* 2 */
        return FW_PARSE_REFUSED;
    const char *nat = fw_word_find(p, end, ", NAT ", 6);

    if (nat != NULL && !put_nat(ev, nat + 6, end))
        return FW_PARSE_REFUSED;
    const char *length = fw_word_find(p, end, ", len ", 6);

    if (length == NULL || fw_convert(ev, FW_F_length, length + 6, strspn(length + 6, "0123456789")) != 0)
        return FW_PARSE_REFUSED; /* cut */
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
