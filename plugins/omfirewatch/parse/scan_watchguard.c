/* scan_watchguard.c: WatchGuard Firebox (Fireware 11 and 12), traffic logs.
 *
 *   msg_id="3000-0148" Deny 0-External Firebox 52 tcp 20 113 192.0.2.66 198.51.100.1 47123 23 offset 8 S 33 win 8192 (Unhandled-00)
 *   msg_id="1AFF-0024" Allow 1-Trusted 0-External tcp 10.0.1.20 203.0.113.80 50123 80 msg="HTTP Request" ... (HTTP-proxy-00)
 *
 * After WatchGuard's "Fireware Log Catalog". Rules:
 *  1. Verb, two interfaces, then length, protocol, header length and TTL (packets) or the protocol alone (proxies), both
 *     ends, and for TCP and UDP the ports, for ICMP type and code.
 *  2. Pairs follow: signature_name makes a threat, op with dstname a web request, bytes or a duration the end of a session.
 *  3. The policy stands in the parentheses that end the line; a line without them was cut, but its words are whole.
 * Values of pairs hold what a stranger chose, in quotes that nothing escapes: a quote too many refuses the line.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#define KEYS(X)                                                                                                        \
    X(app_name, "app_name", FIELD, app)                                                                                \
    X(arg, "arg", LOOK, src)                                                                                           \
    X(dstname, "dstname", LOOK, src)                                                                                   \
    X(duration, "duration", LOOK, src)                                                                                 \
    X(msg, "msg", FIRST, src)                                                                                          \
    X(op, "op", LOOK, src)                                                                                             \
    X(rcvd, "rcvd_bytes", LOOK, src)                                                                                   \
    X(sent, "sent_bytes", LOOK, src)                                                                                   \
    X(severity, "severity", LOOK, src)                                                                                 \
    X(signature, "signature_name", FIELD, signature)                                                                   \
    X(user, "src_user", FIELD, user)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_watchguard = {keys, K_COUNT, {'=', "\"", false, true}};

/* 1. False: not such a line, or impossible. */
static bool put_packet(struct fw_event *ev, const struct fw_words *w) {
    uint64_t number;
    size_t i = 4;

    if (w->n < 6 || !fw_word_put(ev, FW_F_in_if, &w->word[1]) || !fw_word_put(ev, FW_F_out_if, &w->word[2]))
        return false;
    if (fw_word_number(&w->word[3], &number)) {
        if (w->n < 9 || !fw_word_put(ev, FW_F_length, &w->word[3]) || !fw_word_put(ev, FW_F_ttl, &w->word[6]))
            return false;
        i = 7;
    }
    if (!fw_word_put(ev, FW_F_proto, &w->word[i == 7 ? 4 : 3]) || !fw_word_put(ev, FW_F_src, &w->word[i]) ||
        !fw_word_put(ev, FW_F_dst, &w->word[i + 1]))
        return false;
    const bool two = i + 3 < w->n;

    if (ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP)
        return two && fw_word_put(ev, FW_F_sport, &w->word[i + 2]) && fw_word_put(ev, FW_F_dport, &w->word[i + 3]);
    if (ev->proto == FW_PROTO_ICMP && two && fw_word_number(&w->word[i + 2], &number))
        return fw_word_put(ev, FW_F_icmp_type, &w->word[i + 2]) && fw_word_put(ev, FW_F_icmp_code, &w->word[i + 3]);
    return true;
}

/* 2 */
static bool judge(struct fw_event *ev, const struct fw_str *v, int action) {
    fw_word_put_action(ev, action);
    if (v[K_signature].len != 0) {
        ev->kind = FW_KIND_THREAT;
        fw_word_put_severity(ev, &v[K_severity], FW_SEVERITY_OF_5);
        return true;
    }
    if (v[K_op].len != 0 && v[K_dstname].len != 0) {
        ev->kind = FW_KIND_HTTP;
        return fw_word_put(ev, FW_F_method, &v[K_op]) && fw_word_put(ev, FW_F_host, &v[K_dstname]) &&
               fw_word_put(ev, FW_F_url, &v[K_arg]) && fw_word_put(ev, FW_F_sent, &v[K_sent]) &&
               fw_word_put(ev, FW_F_rcvd, &v[K_rcvd]);
    }
    if (action == FW_ACTION_DENY) {
        ev->kind = FW_KIND_FLOW_DENY;
        return fw_word_put(ev, FW_F_reason, &v[K_msg]);
    }
    ev->kind = v[K_duration].len != 0 || v[K_sent].len != 0 ? FW_KIND_FLOW_END : FW_KIND_FLOW_START;
    return fw_word_put(ev, FW_F_duration, &v[K_duration]) && fw_word_put(ev, FW_F_sent, &v[K_sent]) &&
           fw_word_put(ev, FW_F_rcvd, &v[K_rcvd]);
}

enum fw_parse_result fw_scan_watchguard(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *p = fw_word_find(content, end, "msg_id=\"", 8);
    struct fw_str v[K_COUNT] = {{NULL, 0}};
    struct fw_words words;

    if (p == NULL || (p = memchr(p + 8, '"', (size_t)(end - p - 8))) == NULL)
        return FW_PARSE_UNPARSED;
    fw_words_split(&words, ++p, end);
    if (words.n < 6 || !fw_word_among(&words.word[0], "Allow Deny"))
        return FW_PARSE_UNPARSED;
    if (fw_kv_words(&fw_kv_watchguard, p, end, v) != FW_PARSE_EVENT || !put_packet(ev, &words) ||
        !judge(ev, v, fw_word_is(&words.word[0], "Allow") ? FW_ACTION_ALLOW : FW_ACTION_DENY))
        return FW_PARSE_REFUSED;
    if (len != 0 && end[-1] == ')') { /* 3 */
        const char *open = end - 1;

        while (open > p && *open != '(')
            open--;
        const struct fw_str policy = {open + 1, (uint32_t)(end - open - 2)};

        if (*open == '(' && !fw_word_put(ev, FW_F_rule, &policy))
            return FW_PARSE_REFUSED;
    }
    return fw_kv_put(&fw_kv_watchguard, v, ev);
}
