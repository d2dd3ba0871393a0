/* scan_pf.c: pf's packets as tcpdump prints them (OpenBSD, FreeBSD, pfSense before 2.2), sent on with logger.
 *
 *   Oct 12 08:00:00.793256 rule 2/(match) block in on em0: 192.0.2.66.47123 > 198.51.100.1.23: S 123:123(0) win 16384
 *   rule 2/0(match): pass out on em0: 10.0.1.20.50123 > 203.0.113.53.53: udp 57
 *
 * After pflogd(8), tcpdump(8) and their print-ip.c. Rules:
 *  1. The verdict stands between "rule" and the interface. Other words than block and pass say nothing more.
 *  2. A port follows the last dot of an address, behind four parts of IPv4 or any of IPv6.
 *  3. "udp" and "icmp" are named; TCP is told by its flags, letters and dots that a blank follows. What tcpdump takes
 *     apart further (DNS, NetBIOS) is left without a protocol.
 *  4. pf keeps state: a packet that was passed opened a session.
 * Who sends packets chooses what stands behind the addresses, and may choose that it looks like flags.
 */
#include "scan.h"
#include "scan_word.h"

#include "convert.h"

/* "192.0.2.66.47123", "192.0.2.66", "2001:db8::66.47123" */
static bool put_end(struct fw_event *ev, const struct fw_str *text, enum fw_field addr, enum fw_field port) {
    const char *end = text->p + text->len, *dot = NULL;
    const bool v6 = text->len != 0 && memchr(text->p, ':', text->len) != NULL;
    size_t dots = 0;

    for (const char *p = text->p; p < end; p++)
        if (*p == '.') {
            dot = p;
            dots++;
        }
    if (dots == 0 || (!v6 && dots == 3))
        return fw_word_put(ev, addr, text);
    return fw_convert(ev, addr, text->p, (size_t)(dot - text->p)) == 0 &&
           fw_convert(ev, port, dot + 1, (size_t)(end - dot - 1)) == 0;
}

/* 3 */
static void put_proto(struct fw_event *ev, const struct fw_words *w, size_t i) {
    static const struct fw_str tcp = {"tcp", 3};
    struct fw_str word = i < w->n ? w->word[i] : (struct fw_str){NULL, 0};

    if (word.len != 0 && word.p[word.len - 1] == ':')
        word.len--;
    if (fw_word_among(&word, "udp icmp icmp6 gre esp igmp")) {
        (void)fw_word_put(ev, FW_F_proto, &word);
        return;
    }
    for (size_t k = 0; k < word.len; k++)
        if (strchr("SFRPWE.", word.p[k]) == NULL)
            return;
    if (word.len == 0 || !fw_event_has(ev, FW_BIT(dport)) || i + 1 >= w->n)
        return;
    if (!fw_word_is(&word, "."))
        (void)fw_word_put(ev, FW_F_tcp_flags, &word);
    (void)fw_word_put(ev, FW_F_proto, &tcp);
}

enum fw_parse_result fw_scan_pf(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *p = fw_word_find(content, end, "rule ", 5);
    struct fw_words w;
    size_t i = 1;

    if (p == NULL)
        return FW_PARSE_UNPARSED;
    fw_words_split(&w, p + 5, end);
    while (i < w.n && i < 6 && !fw_word_among(&w.word[i], "block pass")) /* "[uid 0, pid 1]" may stand between */
        i++;
    if (i + 7 >= w.n || i >= 6 || !fw_word_among(&w.word[i + 1], "in out") || !fw_word_is(&w.word[i + 2], "on") ||
        !fw_word_is(&w.word[i + 5], ">"))
        return FW_PARSE_UNPARSED;
    struct fw_str interface = w.word[i + 3], dst = w.word[i + 6], rule = w.word[0];
    const char *slash = memchr(rule.p, '/', rule.len);

    if (interface.p[interface.len - 1] != ':' || dst.p[dst.len - 1] != ':' || slash == NULL)
        return FW_PARSE_UNPARSED;
    interface.len--;
    dst.len--;
    rule.len = (uint32_t)(slash - rule.p);
    fw_word_put_action(ev, fw_word_action(&w.word[i]));
    if (!put_end(ev, &w.word[i + 4], FW_F_src, FW_F_sport) || !put_end(ev, &dst, FW_F_dst, FW_F_dport) ||
        !fw_word_put(ev, FW_F_rule, &rule) ||
        !fw_word_put(ev, fw_word_is(&w.word[i + 1], "in") ? FW_F_in_if : FW_F_out_if, &interface))
        return FW_PARSE_REFUSED;
    put_proto(ev, &w, i + 7);
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
