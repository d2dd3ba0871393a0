/* scan_meraki.c: Cisco Meraki MX: flows, web requests, security events, client VPN.
 *
 *   flows src=10.0.1.20 dst=203.0.113.80 mac=00:00:5E:00:53:01 protocol=tcp sport=50123 dport=443 pattern: allow all
 *   flows deny src=192.0.2.66 dst=198.51.100.1 protocol=tcp sport=47123 dport=23
 *   urls src=10.0.1.20:50123 dst=203.0.113.80:443 mac=... agent='curl/8' request: GET https://www.example.com/
 *   security_event ids_alerted signature=1:28423:1 priority=1 ... src=192.0.2.66:80 dst=10.0.1.20:53023 message: text
 *
 * After Meraki's "Syslog Event Types and Log Samples". Rules:
 *  1. The first word is the kind of line; the pairs end where "pattern:", "request:" or "message:" begins.
 *  2. A flow's verdict is a word behind the kind or behind "pattern:". Old releases write 0 and 1 there, of which the
 *     documentation does not tell the sense: such a line says nothing.
 *  3. An agent is in single quotes that nothing escapes, but it comes last of the pairs, and a URL has no blank: the agent
 *     ends at the last "' request: ".
 * Time: the epoch in the header.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#include "convert.h"

#define KEYS(X)                                                                                                        \
    X(dport, "dport", FIELD, dport)                                                                                    \
    X(dst, "dst", LOOK, src)                                                                                           \
    X(priority, "priority", LOOK, src)                                                                                 \
    X(protocol, "protocol", LOOK, src)                                                                                 \
    X(signature, "signature", LOOK, src)                                                                               \
    X(sport, "sport", FIELD, sport)                                                                                    \
    X(src, "src", LOOK, src)                                                                                           \
    X(nat_src, "translated_src_ip", NAT, nat_src)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_meraki = {keys, K_COUNT, {'=', "", false, true}};

/* "10.0.1.20", "10.0.1.20:50123" */
static bool put_end(struct fw_event *ev, const struct fw_str *text, enum fw_field addr, enum fw_field port) {
    const char *colon = text->len != 0 ? memchr(text->p, ':', text->len) : NULL;
    struct fw_str ip = *text;

    if (colon == NULL || memchr(colon + 1, ':', (size_t)(text->p + text->len - colon - 1)) != NULL) /* IPv6 */
        return fw_word_put(ev, addr, &ip);
    const struct fw_str number = {colon + 1, (uint32_t)(text->p + text->len - colon - 1)};

    ip.len = (uint32_t)(colon - text->p);
    return fw_word_put(ev, addr, &ip) && fw_word_put(ev, port, &number);
}

/* The word from p on. */
static struct fw_str word_at(const char *p, const char *end) {
    while (p < end && *p == ' ')
        p++;
    const char *start = p;

    while (p < end && *p != ' ')
        p++;
    return (struct fw_str){start, (uint32_t)(p - start)};
}

static enum fw_parse_result judge(struct fw_event *ev, const struct fw_str *v, const struct fw_str *kind,
                                  const struct fw_str *second, const struct fw_str *tail, const char *end) {
    if (fw_word_is(kind, "urls")) {
        const struct fw_str method = *tail;

        if (method.len == 0) /* cut */
            return FW_PARSE_REFUSED;
        const struct fw_str url = word_at(method.p + method.len, end);

        ev->kind = FW_KIND_HTTP;
        if (url.len == 0 || !fw_word_put(ev, FW_F_method, &method) || !fw_word_put(ev, FW_F_url, &url))
            return FW_PARSE_REFUSED;
        fw_word_put_host(ev, &url);
        fw_word_put_action(ev, FW_ACTION_ALLOW);
        return FW_PARSE_EVENT;
    }
    if (fw_word_is(kind, "security_event") || fw_word_is(kind, "ids-alerts")) {
        const struct fw_str message = {tail->p, tail->len != 0 ? (uint32_t)(end - tail->p) : 0};

        if (v[K_signature].len == 0)
            return FW_PARSE_IGNORED;
        ev->kind = FW_KIND_THREAT;
        fw_word_put_severity(ev, &v[K_priority], FW_SEVERITY_PRIORITY);
        return fw_word_put(ev, FW_F_signature, message.len != 0 ? &message : &v[K_signature]) ? FW_PARSE_EVENT
                                                                                              : FW_PARSE_REFUSED;
    }
    const int action = fw_word_action(fw_word_begins(second, "src=") ? tail : second); /* 2 */

    if (action == 0)
        return FW_PARSE_UNPARSED;
    ev->kind = action == FW_ACTION_DENY ? FW_KIND_FLOW_DENY : FW_KIND_FLOW_START;
    fw_word_put_action(ev, action);
    return FW_PARSE_EVENT;
}

enum fw_parse_result fw_scan_meraki(const char *content, size_t len, struct fw_event *ev) {
    static const char *const ends[] = {" pattern: ", " request: ", " message: "};
    const char *end = content + len, *pairs_end = end;
    const struct fw_str kind = word_at(content, end), second = word_at(kind.p + kind.len, end);
    struct fw_str v[K_COUNT] = {{NULL, 0}}, tail = {NULL, 0};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) { /* 1 */
        const char *at = fw_word_find(content, pairs_end, ends[i], strlen(ends[i]));

        if (at == NULL)
            continue;
        pairs_end = at;
        tail = word_at(at + strlen(ends[i]), end);
    }
    const char *agent = fw_word_find(content, end, " agent='", 8); /* 3 */

    if (agent != NULL && agent < pairs_end) {
        const char *close = NULL;

        pairs_end = agent;
        for (const char *at = agent; (at = fw_word_find(at + 1, end, "' request: ", 11)) != NULL;)
            close = at;
        if (close == NULL)
            return FW_PARSE_REFUSED;
        const struct fw_str value = {agent + 8, (uint32_t)(close - agent - 8)};

        tail = word_at(close + 11, end);
        if (close < agent + 8 || !fw_word_put(ev, FW_F_agent, &value))
            return FW_PARSE_REFUSED;
    }
    if (fw_kv_words(&fw_kv_meraki, content, pairs_end, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (v[K_src].len == 0)
        return FW_PARSE_IGNORED;
    const enum fw_parse_result judged = judge(ev, v, &kind, &second, &tail, end);

    if (judged != FW_PARSE_EVENT)
        return judged;
    struct fw_str proto = v[K_protocol]; /* "tcp/ip" in security events */
    const char *slash = proto.len != 0 ? memchr(proto.p, '/', proto.len) : NULL;

    if (slash != NULL)
        proto.len = (uint32_t)(slash - proto.p);
    if (fw_kv_put(&fw_kv_meraki, v, ev) != FW_PARSE_EVENT || !put_end(ev, &v[K_src], FW_F_src, FW_F_sport) ||
        !put_end(ev, &v[K_dst], FW_F_dst, FW_F_dport) || !fw_word_put(ev, FW_F_proto, &proto))
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
