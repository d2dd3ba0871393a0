/* scan_cef.c: ArcSight's CEF and IBM's LEEF, from whatever device: the safety net for what has no rules of its own.
 *
 *   CEF:0|Fortinet|Fortigate|v7.4|00013|traffic:forward close|3|act=close src=10.0.1.20 spt=50123 dst=203.0.113.80 ...
 *   LEEF:2.0|Palo Alto Networks|PAN-OS Syslog Integration|11|allow|x7C|cat=TRAFFIC|src=10.0.1.20|dst=203.0.113.80|...
 *
 * After "ArcSight Common Event Format" (version 26) and IBM's "LEEF overview".
 * Both give names to fields and none to events, so the judgement is careful:
 *  1. Name or category says traffic, or the product is a firewall's: a connection; refused by the action, ended where it
 *     counts bytes, else opened.
 *  2. Name or category says log-in, and outcome, action or name how it ended: a log-in.
 *  3. A request with a URL: a web request.
 *  4. Name or category says attack, or the severity is high (7 and more): a threat by its name.
 *  5. Both ends and an action that refuses: a refusal. All else is no event.
 *  6. Firewalls write out= for what the source sent and in= for what it got, against CEF's own text; as they do is read.
 *  7. Time: rt= (else end=, start=), devTime=, where they are milliseconds or seconds since 1970.
 * A stranger's text in a value carries a backslash before "=" (CEF) or cannot hold the delimiter (LEEF); a device that
 * forgets that lets him add keys that are not there, not change those that are.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#define CEF(X)                                                                                                         \
    X(act, "act", LOOK, src)                                                                                           \
    X(app, "app", FIELD, app)                                                                                          \
    X(c6a2, "c6a2", TRY, src)                                                                                          \
    X(c6a3, "c6a3", TRY, dst)                                                                                          \
    X(cat, "cat", LOOK, src)                                                                                           \
    X(dst_nat, "destinationTranslatedAddress", NAT, nat_dst)                                                           \
    X(dport_nat, "destinationTranslatedPort", NAT, nat_dport)                                                          \
    X(in_if, "deviceInboundInterface", FIELD, in_if)                                                                   \
    X(out_if, "deviceOutboundInterface", FIELD, out_if)                                                                \
    X(dpt, "dpt", FIELD, dport)                                                                                        \
    X(dst, "dst", TRY, dst)                                                                                            \
    X(duser, "duser", LOOK, src)                                                                                       \
    X(dvchost, "dvchost", FIELD, sensor)                                                                               \
    X(end, "end", LOOK, src)                                                                                           \
    X(session, "externalId", NAT, session)                                                                             \
    X(in, "in", LOOK, src)                                                                                             \
    X(out, "out", LOOK, src)                                                                                           \
    X(outcome, "outcome", LOOK, src)                                                                                   \
    X(proto, "proto", TRY, proto)                                                                                      \
    X(reason, "reason", FIELD, reason)                                                                                 \
    X(request, "request", LOOK, src)                                                                                   \
    X(agent, "requestClientApplication", FIELD, agent)                                                                 \
    X(referrer, "requestContext", FIELD, referrer)                                                                     \
    X(method, "requestMethod", FIELD, method)                                                                          \
    X(rt, "rt", LOOK, src)                                                                                             \
    X(src_nat, "sourceTranslatedAddress", NAT, nat_src)                                                                \
    X(sport_nat, "sourceTranslatedPort", NAT, nat_sport)                                                               \
    X(spt, "spt", FIELD, sport)                                                                                        \
    X(src, "src", TRY, src)                                                                                            \
    X(start, "start", LOOK, src)                                                                                       \
    X(suser, "suser", LOOK, src)

enum { CEF(FW_KV_ENUM) K_CEF };
static const struct fw_kv_key cef_keys[] = {CEF(FW_KV_ROW)};
const struct fw_kv fw_kv_cef_keys = {cef_keys, K_CEF, {'=', "", false, false}};

#define LEEF(X)                                                                                                        \
    X(l_action, "action", LOOK, src)                                                                                   \
    X(l_cat, "cat", LOOK, src)                                                                                         \
    X(l_time, "devTime", LOOK, src)                                                                                    \
    X(l_dst, "dst", TRY, dst)                                                                                          \
    X(l_dst_bytes, "dstBytes", LOOK, src)                                                                              \
    X(l_dport, "dstPort", FIELD, dport)                                                                                \
    X(l_dst_nat, "dstPostNAT", NAT, nat_dst)                                                                           \
    X(l_dport_nat, "dstPostNATPort", NAT, nat_dport)                                                                   \
    X(l_method, "method", FIELD, method)                                                                               \
    X(l_policy, "policy", FIELD, rule)                                                                                 \
    X(l_proto, "proto", TRY, proto)                                                                                    \
    X(l_sev, "sev", LOOK, src)                                                                                         \
    X(l_src, "src", TRY, src)                                                                                          \
    X(l_src_bytes, "srcBytes", LOOK, src)                                                                              \
    X(l_sport, "srcPort", FIELD, sport)                                                                                \
    X(l_src_nat, "srcPostNAT", NAT, nat_src)                                                                           \
    X(l_sport_nat, "srcPostNATPort", NAT, nat_sport)                                                                   \
    X(l_url, "url", LOOK, src)                                                                                         \
    X(l_user, "usrName", LOOK, src)

enum { LEEF(FW_KV_ENUM) K_LEEF };
static const struct fw_kv_key leef_keys[] = {LEEF(FW_KV_ROW)};
const struct fw_kv fw_kv_leef = {leef_keys, K_LEEF, {'=', "", false, true}};

/* What the judgement looks at, under one name for both. */
struct facts {
    struct fw_str product, id, name, category, action, outcome, severity, user, url, sent, rcvd;
    bool ends; /* source and destination are there */
};

/* The next of the fields between bars; a bar in it has a backslash before it. NULL: there is none. */
static const char *next_bar(const char *p, const char *end, struct fw_str *field) {
    const char *start = p;

    for (; p < end && *p != '|'; p++)
        if (*p == '\\' && p + 1 < end)
            p++;
    if (p >= end)
        return NULL;
    *field = (struct fw_str){start, (uint32_t)(p - start)};
    return p + 1;
}

static bool says(const struct facts *facts, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (fw_word_has(&facts->name, words[i]) || fw_word_has(&facts->category, words[i]))
            return true;
    return false;
}
#define SAYS(facts, ...)                                                                                               \
    says(facts, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static bool is_firewall(const struct facts *facts) {
    return fw_word_begins(&facts->name, "traffic") || fw_word_begins(&facts->category, "traffic") ||
           fw_word_is(&facts->product, "VPN-1 & FireWall-1");
}

/* -1, 0 (does not say), 1 */
static int success(const struct facts *facts) {
    const struct fw_str *said[] = {&facts->outcome, &facts->name, &facts->action};

    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (fw_word_has(said[i], "fail") || fw_word_has(said[i], "denied") || fw_word_has(said[i], "invalid"))
            return -1;
        if (fw_word_has(said[i], "success") || fw_word_has(said[i], "succeeded"))
            return 1;
    }
    return 0;
}

static bool is_severe(const struct fw_str *severity) {
    uint64_t number;

    return fw_word_number(severity, &number) ? number >= 7 : fw_word_among(severity, "High Very-High Critical");
}

static int action_of(const struct facts *facts) {
    if (fw_word_among(&facts->action, "timeout client-rst server-rst ip-conn start end encrypt decrypt"))
        return FW_ACTION_ALLOW;
    if (fw_word_among(&facts->id, "drop deny"))
        return FW_ACTION_DENY;
    return fw_word_action(&facts->action);
}

/* "Blocked Host": where no action is given, the name's first word may say that it was refused. */
static bool name_refuses(const struct facts *facts) {
    const char *blank = memchr(facts->name.p, ' ', facts->name.len);
    const struct fw_str word = {facts->name.p, blank != NULL ? (uint32_t)(blank - facts->name.p) : facts->name.len};

    return facts->action.len == 0 && fw_word_action(&word) == FW_ACTION_DENY;
}

static void put_connection(struct fw_event *ev, const struct facts *facts, int action) {
    if (action == FW_ACTION_DENY)
        ev->kind = FW_KIND_FLOW_DENY;
    else if ((facts->sent.len != 0 || facts->rcvd.len != 0) && !fw_word_is(&facts->action, "start") &&
             !fw_word_is(&facts->id, "start"))
        ev->kind = FW_KIND_FLOW_END;
    else
        ev->kind = FW_KIND_FLOW_START;
    fw_word_put_action(ev, action);
}

static enum fw_parse_result judge(struct fw_event *ev, const struct facts *facts) {
    const int action = action_of(facts);

    if (is_firewall(facts)) { /* 1 */
        if (!facts->ends || action == 0)
            return FW_PARSE_IGNORED;
        put_connection(ev, facts, action);
    } else if (SAYS(facts, "login", "log in", "logon", "authentication")) { /* 2 */
        const int outcome = success(facts);

        if (outcome == 0 || facts->user.len == 0)
            return FW_PARSE_IGNORED;
        ev->kind = FW_KIND_AUTH;
        fw_word_put_outcome(ev, outcome > 0);
    } else if (facts->url.len != 0) { /* 3 */
        ev->kind = FW_KIND_HTTP;
        fw_word_put_action(ev, action);
        fw_word_put_host(ev, &facts->url);
        if (!fw_word_put(ev, FW_F_url, &facts->url))
            return FW_PARSE_REFUSED;
    } else if (is_severe(&facts->severity) || /* 4 */
               SAYS(facts, "intrusion", "attack", "virus", "malware", "exploit", "threat")) {
        ev->kind = FW_KIND_THREAT;
        fw_word_put_action(ev, action);
        if (!fw_word_put(ev, FW_F_signature, &facts->name))
            return FW_PARSE_REFUSED;
    } else if (facts->ends && (action == FW_ACTION_DENY || name_refuses(facts))) { /* 5 */
        put_connection(ev, facts, FW_ACTION_DENY);
    } else {
        return FW_PARSE_IGNORED;
    }
    if (ev->kind == FW_KIND_THREAT)
        fw_word_put_severity(ev, &facts->severity, FW_SEVERITY_OF_10);
    if (!fw_word_put(ev, FW_F_user, &facts->user) || !fw_word_put(ev, FW_F_sent, &facts->sent) ||
        !fw_word_put(ev, FW_F_rcvd, &facts->rcvd))
        return FW_PARSE_REFUSED;
    return FW_PARSE_EVENT;
}

static enum fw_parse_result finish(struct fw_event *ev, const struct fw_kv *kv, const struct fw_str *value,
                                   const struct fw_str *vendor, const struct facts *facts) {
    const enum fw_parse_result judged = judge(ev, facts);

    if (judged != FW_PARSE_EVENT)
        return judged;
    if (!fw_word_put(ev, FW_F_vendor, vendor) || !fw_word_put(ev, FW_F_product, &facts->product) ||
        fw_kv_put(kv, value, ev) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}

enum fw_parse_result fw_scan_cef(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *p = content;
    struct fw_str head[7], v[K_CEF] = {{NULL, 0}};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        if ((p = next_bar(p, end, &head[i])) == NULL)
            return FW_PARSE_UNPARSED;
    if (fw_kv_cef(&fw_kv_cef_keys, p, end, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    const struct facts facts = {
        .product = head[2],
        .id = head[4],
        .name = head[5],
        .severity = head[6],
        .category = v[K_cat],
        .action = v[K_act],
        .outcome = v[K_outcome],
        .user = v[K_suser].len != 0 ? v[K_suser] : v[K_duser],
        .url = v[K_request],
        .sent = v[K_out],
        .rcvd = v[K_in],
        .ends = (v[K_src].len != 0 || v[K_c6a2].len != 0) && (v[K_dst].len != 0 || v[K_c6a3].len != 0),
    };

    if (!fw_word_put_epoch(ev, &v[K_rt]) && !fw_word_put_epoch(ev, &v[K_end]))
        (void)fw_word_put_epoch(ev, &v[K_start]);
    return finish(ev, &fw_kv_cef_keys, v, &head[1], &facts);
}

/* LEEF 2's sixth field: a character, or its number ("x7C", "0x09"). */
static bool read_delimiter(const struct fw_str *field, char *delimiter) {
    const char *p = field->p;
    size_t len = field->len;
    unsigned code = 0;

    if (len == 0) /* a tab */
        return true;
    if (len == 1) {
        *delimiter = *p;
        return true;
    }
    if (*p == '0') {
        p++;
        len--;
    }
    if (len < 2 || len > 3 || (*p | 0x20) != 'x')
        return false;
    for (size_t i = 1; i < len; i++) {
        const char c = p[i];
        const unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;

        if (digit > 15)
            return false;
        code = code * 16 + digit;
    }
    *delimiter = (char)code;
    return code != 0;
}

enum fw_parse_result fw_scan_leef(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *p = content;
    struct fw_str head[5], field = {NULL, 0}, v[K_LEEF] = {{NULL, 0}};
    char own[2] = "\t";
    const char *delimiter = own;

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        if ((p = next_bar(p, end, &head[i])) == NULL)
            return FW_PARSE_UNPARSED;
    if (fw_word_is(&head[0], "LEEF:2.0")) {
        const char *rest = next_bar(p, end, &field);

        if (rest != NULL && field.len <= 4) { /* it may be left out */
            p = rest;
            if (!read_delimiter(&field, own))
                return FW_PARSE_UNPARSED;
        }
    }
    if (own[0] == '\t' && fw_word_find(p, end, "\t", 1) == NULL)
        delimiter = "#011"; /* rsyslog's escape */
    if (fw_kv_split(&fw_kv_leef, delimiter, p, end, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    const struct facts facts = {
        .product = head[2],
        .id = head[4],
        .name = head[4],
        .severity = v[K_l_sev],
        .category = v[K_l_cat],
        .action = v[K_l_action].len != 0 ? v[K_l_action] : head[4],
        .user = v[K_l_user],
        .url = v[K_l_url],
        .sent = v[K_l_src_bytes],
        .rcvd = v[K_l_dst_bytes],
        .ends = v[K_l_src].len != 0 && v[K_l_dst].len != 0,
    };

    (void)fw_word_put_epoch(ev, &v[K_l_time]);
    return finish(ev, &fw_kv_leef, v, &head[1], &facts);
}
