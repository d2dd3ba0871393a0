/* scan_winfw.c: the file of Windows Firewall, pfirewall.log.
 *
 *   2026-10-12 08:00:00 DROP TCP 192.0.2.66 198.51.100.1 47123 23 48 S 4175551841 0 17520 - - - RECEIVE
 *   date       time     verb proto src       dst         port  port size flags seq ack window type code info path
 *
 * After the file's own "#Fields:" line; a column that has no value is "-".
 *  1. DROP refuses. OPEN, OPEN-INBOUND and ALLOW open, CLOSE ends; an end has neither duration nor bytes.
 *  2. The stamp is read by the header; behind another header (an agent's) it stands in the content and is read over.
 *  3. The flags and the window are those of the packet that was dropped.
 * Who sends packets chooses the numbers.
 */
#include "scan.h"
#include "scan_word.h"

enum { VERB, PROTO, SRC, DST, SPORT, DPORT, SIZE, FLAGS, SEQ, ACK, WINDOW, TYPE, CODE, COLUMNS };

static bool put_packet(struct fw_event *ev, const struct fw_str *c) {
    if (ev->proto == FW_PROTO_ICMP || ev->proto == FW_PROTO_ICMP6)
        return fw_word_put(ev, FW_F_icmp_type, &c[TYPE]) && fw_word_put(ev, FW_F_icmp_code, &c[CODE]);
    (void)fw_word_put(ev, FW_F_tcp_flags, &c[FLAGS]);
    return ev->proto != FW_PROTO_TCP || fw_word_put(ev, FW_F_window, &c[WINDOW]);
}

enum fw_parse_result fw_scan_winfw(const char *content, size_t len, struct fw_event *ev) {
    struct fw_words words;

    fw_words_split(&words, content, content + len);
    const size_t first = words.n != 0 && (unsigned char)(words.word[0].p[0] - '0') < 10 ? 2 : 0; /* 2 */
    const struct fw_str *c = words.word + first;

    if (words.n < first + COLUMNS)
        return FW_PARSE_UNPARSED;
    if (fw_word_is(&c[VERB], "DROP"))
        ev->kind = FW_KIND_FLOW_DENY;
    else if (fw_word_is(&c[VERB], "CLOSE"))
        ev->kind = FW_KIND_FLOW_END;
    else if (fw_word_among(&c[VERB], "OPEN OPEN-INBOUND ALLOW"))
        ev->kind = FW_KIND_FLOW_START;
    else
        return FW_PARSE_UNPARSED;
    fw_word_put_action(ev, ev->kind == FW_KIND_FLOW_DENY ? FW_ACTION_DENY : FW_ACTION_ALLOW);
    if (!fw_word_put(ev, FW_F_proto, &c[PROTO]) || !fw_word_put(ev, FW_F_src, &c[SRC]) ||
        !fw_word_put(ev, FW_F_dst, &c[DST]) || !fw_word_put(ev, FW_F_sport, &c[SPORT]) ||
        !fw_word_put(ev, FW_F_dport, &c[DPORT]) || !fw_word_put(ev, FW_F_length, &c[SIZE]) || !put_packet(ev, c))
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
