/* scan_ftd.c: Cisco Secure Firewall (FTD, Firepower), its own events: %FTD-6-430001 to 430005, and the management
 * center's alerts (SFIMS).
 *
 *   %FTD-6-430003: EventPriority: Low, DeviceUUID: ..., AccessControlRuleAction: Allow, SrcIP: 10.0.1.20, DstIP: ...
 *
 * After Cisco's "Security Event Syslog Messages". Names with values between commas, nothing quoted. Rules:
 *  1. Behind the first text that a stranger chose (user agent, referrer, host or name asked for, URL, file) only numbers
 *     and that text itself are read; a name that comes twice with two values refuses the line.
 *  2. An intrusion has a Message and a SID, malware a ThreatName: threats, blocked where InlineResult or FileAction say so.
 *  3. The rest are connections: refused where the action is a block; ended where the number (430003), a duration or
 *     ConnectType says so; else opened. Monitor and Trust let pass.
 *  4. A comma in the URL belongs to it, unless a name follows.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#include "convert.h"

#define KEYS(X)                                                                                                        \
    X(action, "AccessControlRuleAction", LOOK, src)                                                                    \
    X(rule, "AccessControlRuleName", FIELD, rule)                                                                      \
    X(app, "ApplicationProtocol", FIELD, app)                                                                          \
    X(type, "ConnectType", LOOK, src)                                                                                  \
    X(duration, "ConnectionDuration", LOOK, src)                                                                       \
    X(dns, "DNSQuery", LOOK, src)                                                                                      \
    X(dst, "DstIP", FIELD, dst)                                                                                        \
    X(dport, "DstPort", TRY, dport)                                                                                    \
    X(out_if, "EgressInterface", FIELD, out_if)                                                                        \
    X(dst_zone, "EgressZone", FIELD, dst_zone)                                                                         \
    X(file_action, "FileAction", LOOK, src)                                                                            \
    X(file, "FileName", LOOK, src)                                                                                     \
    X(referrer, "HTTPReferer", LOOK, src)                                                                              \
    X(status, "HTTPResponse", TRY, status)                                                                             \
    X(icmp_code, "ICMPCode", TRY, icmp_code)                                                                           \
    X(icmp_type, "ICMPType", TRY, icmp_type)                                                                           \
    X(in_if, "IngressInterface", FIELD, in_if)                                                                         \
    X(src_zone, "IngressZone", FIELD, src_zone)                                                                        \
    X(sent, "InitiatorBytes", LOOK, src)                                                                               \
    X(packets, "InitiatorPackets", LOOK, src)                                                                          \
    X(inline_result, "InlineResult", LOOK, src)                                                                        \
    X(message, "Message", LOOK, src)                                                                                   \
    X(nat_src, "NAT_InitiatorIP", NAT, nat_src)                                                                        \
    X(nat_sport, "NAT_InitiatorPort", NAT, nat_sport)                                                                  \
    X(nat_dst, "NAT_ResponderIP", NAT, nat_dst)                                                                        \
    X(nat_dport, "NAT_ResponderPort", NAT, nat_dport)                                                                  \
    X(priority, "Priority", LOOK, src)                                                                                 \
    X(proto, "Protocol", FIELD, proto)                                                                                 \
    X(host, "ReferencedHost", FIELD, host)                                                                             \
    X(rcvd, "ResponderBytes", LOOK, src)                                                                               \
    X(answers, "ResponderPackets", LOOK, src)                                                                          \
    X(sid, "SID", LOOK, src)                                                                                           \
    X(src, "SrcIP", FIELD, src)                                                                                        \
    X(sport, "SrcPort", TRY, sport)                                                                                    \
    X(threat, "ThreatName", LOOK, src)                                                                                 \
    X(url, "URL", LOOK, src)                                                                                           \
    X(user, "User", LOOK, src)                                                                                         \
    X(agent, "UserAgent", FIELD, agent)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_ftd = {keys, K_COUNT, {':', "", false, true}};

/* 1 */
static void distrust(struct fw_str *v) {
    static const uint8_t chosen[] = {K_agent, K_referrer, K_host, K_dns, K_url, K_file};
    static const uint8_t numbers[] = {K_duration, K_sent, K_rcvd, K_packets, K_answers, K_status};
    const char *first = NULL;

    for (size_t i = 0; i < sizeof chosen; i++)
        if (v[chosen[i]].len != 0 && (first == NULL || v[chosen[i]].p < first))
            first = v[chosen[i]].p;
    for (size_t k = 0; k < K_COUNT && first != NULL; k++)
        if (v[k].p > first && memchr(chosen, (int)k, sizeof chosen) == NULL &&
            memchr(numbers, (int)k, sizeof numbers) == NULL)
            v[k] = (struct fw_str){NULL, 0};
}

/* 4 */
static struct fw_str whole_url(struct fw_str url, const char *end) {
    const char *p = url.p + url.len;

    while (p < end && *p == ',') {
        const char *next = memchr(p + 1, ',', (size_t)(end - p - 1));
        const char *stop = next != NULL ? next : end;

        if (fw_word_find(p, stop, ": ", 2) != NULL)
            break;
        p = stop;
    }
    url.len = (uint32_t)(p - url.p);
    return url;
}

static bool put_counts(struct fw_event *ev, const struct fw_str *v) {
    uint64_t there, back;

    if (fw_word_number(&v[K_packets], &there) && fw_word_number(&v[K_answers], &back)) {
        ev->packets = there + back;
        ev->present |= FW_BIT(packets);
    }
    return fw_word_put(ev, FW_F_duration, &v[K_duration]) && fw_word_put(ev, FW_F_sent, &v[K_sent]) &&
           fw_word_put(ev, FW_F_rcvd, &v[K_rcvd]);
}

static enum fw_parse_result judge(struct fw_event *ev, const struct fw_str *v, bool ended) {
    uint64_t number;

    if (v[K_sid].len != 0 || v[K_threat].len != 0) { /* 2 */
        const struct fw_str *name = v[K_sid].len != 0 ? &v[K_message] : &v[K_threat];
        const bool blocked = fw_word_begins(&v[K_inline_result], "Block") ||
                             fw_word_begins(&v[K_inline_result], "Drop") || fw_word_has(&v[K_file_action], "Block");

        ev->kind = FW_KIND_THREAT;
        fw_word_put_action(ev, blocked ? FW_ACTION_DENY : 0);
        if (fw_word_number(&v[K_priority], &number))
            (void)fw_word_put(ev, FW_F_severity, &v[K_priority]);
        return name->len != 0 && fw_word_put(ev, FW_F_signature, name) ? FW_PARSE_EVENT : FW_PARSE_IGNORED;
    }
    if (v[K_file_action].len != 0)
        return FW_PARSE_IGNORED;
    if (fw_word_has(&v[K_action], "Block")) { /* 3 */
        ev->kind = FW_KIND_FLOW_DENY;
        fw_word_put_action(ev, FW_ACTION_DENY);
        return FW_PARSE_EVENT;
    }
    if (!fw_word_among(&v[K_action], "Allow Trust Monitor Fastpath"))
        return FW_PARSE_IGNORED;
    fw_word_put_action(ev, FW_ACTION_ALLOW);
    ev->kind = ended || v[K_duration].len != 0 || fw_word_is(&v[K_type], "End") ? FW_KIND_FLOW_END : FW_KIND_FLOW_START;
    return ev->kind == FW_KIND_FLOW_START || put_counts(ev, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
}

/* "%FTD-6-430003: ", or nothing, in front of the names */
enum fw_parse_result fw_scan_ftd(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *p = content;
    struct fw_str v[K_COUNT] = {{NULL, 0}};
    bool ended = false;

    if (*p == '%') {
        p = fw_word_find(content, end, ": ", 2);
        if (p == NULL)
            return FW_PARSE_UNPARSED;
        ended = p - content > 6 && memcmp(p - 6, "430003", 6) == 0;
        p += 2;
    }
    if (fw_kv_split(&fw_kv_ftd, ",", p, end, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (v[K_src].len == 0 || v[K_dst].len == 0)
        return FW_PARSE_UNPARSED;
    distrust(v);
    const enum fw_parse_result judged = judge(ev, v, ended);

    if (judged != FW_PARSE_EVENT)
        return judged;
    if (v[K_url].len != 0) {
        const struct fw_str url = whole_url(v[K_url], end);

        (void)fw_word_put(ev, FW_F_url, &url);
    }
    if (!fw_word_among(&v[K_user], "Unknown") && !fw_word_begins(&v[K_user], "No Auth") &&
        !fw_word_begins(&v[K_user], "Not Found") && !fw_word_begins(&v[K_user], "Special Identities") &&
        !fw_word_put(ev, FW_F_user, &v[K_user]))
        return FW_PARSE_REFUSED;
    if (fw_kv_put(&fw_kv_ftd, v, ev) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
