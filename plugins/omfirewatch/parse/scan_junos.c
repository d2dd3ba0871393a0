/* scan_junos.c: Juniper SRX and vSRX (Junos 10 to 23), sessions, screens, IDP and web filter.
 *
 *   RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636.1.1.1.2.129 reason="TCP FIN" source-address="10.0.1.20" ...]
 *   RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.0.1.20/50123->203.0.113.80/443 0x0 junos-https ...
 *
 * The first is "format structured-data" or "sd-syslog" (pairs, escaped as RFC
 * 5424 says), the second the text of older set-ups, whose words differ between
 * releases. After Juniper's "System Log Explorer". Rules:
 *  1. RT_FLOW_SESSION_CREATE, _CLOSE and _DENY (with _LS in a logical system) are sessions. APPTRACK tells the same
 *     again and is ignored.
 *  2. RT_SCREEN_*, IDP_ATTACK_LOG_EVENT, AV_* with a virus, SECINTEL and AAMW that blocked are threats.
 *  3. WEBFILTER_URL_* is a web request; "url" is the host there and "obj" the path.
 *  4. In the text the words behind the translated addresses are two or four rules of translation, protocol, policy, two
 *     zones, session: the protocol is the one of the two places where four such words follow.
 *  5. For ICMP the ports are the identifier and the sequence number.
 * Nobody but the administrator chooses a word of a session; requests hold what a stranger chose, in quotes.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#include "convert.h"

#define KEYS(X)                                                                                                        \
    X(action, "action", LOOK, src)                                                                                     \
    X(application, "application", LOOK, src)                                                                           \
    X(attack_name, "attack-name", FIELD, signature)                                                                    \
    X(bytes_client, "bytes-from-client", LOOK, src)                                                                    \
    X(bytes_server, "bytes-from-server", LOOK, src)                                                                    \
    X(dst, "destination-address", FIELD, dst)                                                                          \
    X(dst_if, "destination-interface-name", FIELD, out_if)                                                             \
    X(dport, "destination-port", FIELD, dport)                                                                         \
    X(dst_zone, "destination-zone-name", FIELD, dst_zone)                                                              \
    X(elapsed, "elapsed-time", LOOK, src)                                                                              \
    X(epoch, "epoch-time", LOOK, src)                                                                                  \
    X(feed, "feed-name", LOOK, src)                                                                                    \
    X(http_host, "http-host", FIELD, host)                                                                             \
    X(icmp_type, "icmp-type", LOOK, src)                                                                               \
    X(interface, "interface-name", FIELD, in_if)                                                                       \
    X(malware, "malware-info", LOOK, src)                                                                              \
    X(name, "name", LOOK, src)                                                                                         \
    X(nat_dst, "nat-destination-address", NAT, nat_dst)                                                                \
    X(nat_dport, "nat-destination-port", NAT, nat_dport)                                                               \
    X(nat_src, "nat-source-address", NAT, nat_src)                                                                     \
    X(nat_sport, "nat-source-port", NAT, nat_sport)                                                                    \
    X(obj, "obj", LOOK, src)                                                                                           \
    X(packet_if, "packet-incoming-interface", FIELD, in_if)                                                            \
    X(packets_client, "packets-from-client", LOOK, src)                                                                \
    X(packets_server, "packets-from-server", LOOK, src)                                                                \
    X(policy, "policy-name", FIELD, rule)                                                                              \
    X(proto, "protocol-id", FIELD, proto)                                                                              \
    X(proto_name, "protocol-name", TRY, proto)                                                                         \
    X(reason, "reason", FIELD, reason)                                                                                 \
    X(service, "service-name", LOOK, src)                                                                              \
    X(session, "session-id", NAT, session)                                                                             \
    X(session_32, "session-id-32", NAT, session)                                                                       \
    X(src, "source-address", FIELD, src)                                                                               \
    X(src_if, "source-interface-name", FIELD, in_if)                                                                   \
    X(sport, "source-port", FIELD, sport)                                                                              \
    X(src_zone, "source-zone-name", FIELD, src_zone)                                                                   \
    X(severity, "threat-severity", LOOK, src)                                                                          \
    X(url, "url", LOOK, src)                                                                                           \
    X(user, "username", FIELD, user)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_junos = {keys, K_COUNT, {'=', "\"", true, true}}; /* "junos@2636..." is a stray */

static bool put_app(struct fw_event *ev, const struct fw_str *application, const struct fw_str *service) {
    const bool known = application->len != 0 && !fw_word_among(application, "UNKNOWN INCONCLUSIVE");

    if (known)
        return fw_word_put(ev, FW_F_app, application);
    return fw_word_among(service, "None UNKNOWN") || fw_word_put(ev, FW_F_app, service);
}

static bool put_packets(struct fw_event *ev, const struct fw_str *client, const struct fw_str *server) {
    uint64_t sent, rcvd;

    if (!fw_word_number(client, &sent) || !fw_word_number(server, &rcvd))
        return client->len == 0;
    ev->packets = sent + rcvd;
    ev->present |= FW_BIT(packets);
    return true;
}

/* ---- structured data ---- */

/* 1. False: a value is impossible. */
static bool session(struct fw_event *ev, const struct fw_str *v, const struct fw_str *message) {
    if (fw_word_begins(message, "RT_FLOW_SESSION_CREATE"))
        ev->kind = FW_KIND_FLOW_START;
    else
        ev->kind = fw_word_begins(message, "RT_FLOW_SESSION_CLOSE") ? FW_KIND_FLOW_END : FW_KIND_FLOW_DENY;
    fw_word_put_action(ev, ev->kind == FW_KIND_FLOW_DENY ? FW_ACTION_DENY : FW_ACTION_ALLOW);
    if (!put_app(ev, &v[K_application], &v[K_service]))
        return false;
    if (ev->kind != FW_KIND_FLOW_END)
        return true;
    return fw_word_put(ev, FW_F_sent, &v[K_bytes_client]) && fw_word_put(ev, FW_F_rcvd, &v[K_bytes_server]) &&
           fw_word_put(ev, FW_F_duration, &v[K_elapsed]) && put_packets(ev, &v[K_packets_client], &v[K_packets_server]);
}

/* 2 */
static enum fw_parse_result judge_threat(struct fw_event *ev, const struct fw_str *v, const struct fw_str *name) {
    ev->kind = FW_KIND_THREAT;
    fw_word_put_severity(ev, &v[K_severity], FW_SEVERITY_OF_10);
    if (fw_word_among(&v[K_action], "NONE PERMIT"))
        fw_word_put_action(ev, FW_ACTION_ALLOW);
    else
        fw_word_put_action(ev, fw_word_begins(&v[K_action], "close") ? FW_ACTION_DENY : fw_word_action(&v[K_action]));
    (void)fw_word_put_epoch(ev, &v[K_epoch]);
    return fw_word_put(ev, FW_F_signature, name) && put_app(ev, &v[K_application], &v[K_service]) ? FW_PARSE_EVENT
                                                                                                  : FW_PARSE_REFUSED;
}

static enum fw_parse_result judge(struct fw_event *ev, const struct fw_str *v, const struct fw_str *message) {
    if (fw_word_begins(message, "RT_FLOW_SESSION_"))
        return session(ev, v, message) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    if (fw_word_begins(message, "RT_SCREEN_") || fw_word_begins(message, "IDP_ATTACK_LOG_EVENT"))
        return v[K_attack_name].len != 0 ? judge_threat(ev, v, &v[K_attack_name]) : FW_PARSE_IGNORED;
    if (fw_word_begins(message, "AV_VIRUS_DETECTED"))
        return judge_threat(ev, v, &v[K_name]);
    if (fw_word_begins(message, "SECINTEL_ACTION_LOG") && fw_word_begins(&v[K_action], "BLOCK"))
        return judge_threat(ev, v, &v[K_feed]);
    if (fw_word_begins(message, "AAMW_ACTION_LOG") && fw_word_begins(&v[K_action], "BLOCK"))
        return judge_threat(ev, v, &v[K_malware]);
    if (fw_word_begins(message, "WEBFILTER_URL_")) { /* 3 */
        ev->kind = FW_KIND_HTTP;
        fw_word_put_action(ev, fw_word_has(message, "BLOCKED") ? FW_ACTION_DENY : FW_ACTION_ALLOW);
        fw_word_put_host(ev, &v[K_url]);
        return fw_word_put(ev, FW_F_url, v[K_obj].len != 0 ? &v[K_obj] : &v[K_url]) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    return FW_PARSE_IGNORED;
}

/* The word that ends before `at`. */
static struct fw_str word_before(const char *start, const char *at) {
    const char *end = at, *p;

    while (end > start && end[-1] == ' ')
        end--;
    for (p = end; p > start && p[-1] != ' ';)
        p--;
    return (struct fw_str){p, (uint32_t)(end - p)};
}

enum fw_parse_result fw_scan_junos(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *data = fw_word_find(content, end, " [junos@", 8);
    struct fw_str v[K_COUNT] = {{NULL, 0}};

    if (data == NULL)
        return FW_PARSE_UNPARSED;
    const struct fw_str message = word_before(content, data);

    if (fw_kv_words(&fw_kv_junos, data + 2, end, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    const enum fw_parse_result judged = judge(ev, v, &message);

    if (judged != FW_PARSE_EVENT)
        return judged;
    if (fw_kv_put(&fw_kv_junos, v, ev) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev); /* 5 */
    return FW_PARSE_EVENT;
}

/* ---- text ---- */

/* "10.0.1.20/50123->203.0.113.80/443" */
static bool pair(struct fw_event *ev, const struct fw_str *word, const enum fw_field field[4]) {
    const char *end = word->p + word->len, *arrow = fw_word_find(word->p, end, "->", 2);

    if (arrow == NULL)
        return false;
    for (int side = 0; side < 2; side++) {
        const char *p = side == 0 ? word->p : arrow + 2, *stop = side == 0 ? arrow : end;
        const char *slash = memchr(p, '/', (size_t)(stop - p));

        if (slash == NULL || fw_convert(ev, field[2 * side], p, (size_t)(slash - p)) != 0 ||
            fw_convert(ev, field[2 * side + 1], slash + 1, (size_t)(stop - slash - 1)) != 0)
            return false;
    }
    return true;
}

static bool is_number(const struct fw_str *word) {
    uint64_t number;

    return fw_word_number(word, &number);
}

/* "5(267)": packets and bytes */
static bool counts(const struct fw_str *word, struct fw_str *packets, struct fw_str *bytes) {
    const char *open = memchr(word->p, '(', word->len);

    if (open == NULL || word->p[word->len - 1] != ')')
        return false;
    *packets = (struct fw_str){word->p, (uint32_t)(open - word->p)};
    *bytes = (struct fw_str){open + 1, (uint32_t)(word->p + word->len - open - 2)};
    return is_number(packets) && is_number(bytes);
}

static void skip_tag(const struct fw_words *w, size_t *i) { /* the connection tag, since 15.1 */
    if (*i < w->n && fw_word_begins(&w->word[*i], "0x"))
        ++*i;
}

/* proto policy zone zone session, from word i on */
static bool put_common(struct fw_event *ev, const struct fw_words *w, size_t i) {
    return i + 4 < w->n && fw_word_put(ev, FW_F_proto, &w->word[i]) && fw_word_put(ev, FW_F_rule, &w->word[i + 1]) &&
           fw_word_put(ev, FW_F_src_zone, &w->word[i + 2]) && fw_word_put(ev, FW_F_dst_zone, &w->word[i + 3]);
}

/* 4: the word with the protocol, or 0 */
static size_t find_proto(const struct fw_words *w, size_t i) {
    for (size_t rules = 2; rules <= 4; rules += 2)
        if (i + rules + 4 < w->n && is_number(&w->word[i + rules]) && is_number(&w->word[i + rules + 4]))
            return i + rules;
    return 0;
}

static const enum fw_field ends[4] = {FW_F_src, FW_F_sport, FW_F_dst, FW_F_dport};
static const enum fw_field nat_ends[4] = {FW_F_nat_src, FW_F_nat_sport, FW_F_nat_dst, FW_F_nat_dport};
static const struct fw_str nothing;

/* From the first pair of addresses on. */
static bool opened_or_closed(struct fw_event *ev, const struct fw_words *w) {
    size_t i = 1, proto;

    if (w->n < 8 || !pair(ev, &w->word[0], ends))
        return false;
    skip_tag(w, &i);
    if (i + 2 >= w->n || !put_app(ev, &nothing, &w->word[i]) || !pair(ev, &w->word[i + 1], nat_ends))
        return false;
    i += 2;
    skip_tag(w, &i);
    if ((proto = find_proto(w, i)) == 0 || !put_common(ev, w, proto) ||
        !fw_word_put(ev, FW_F_session, &w->word[proto + 4]))
        return false;
    if (ev->kind == FW_KIND_FLOW_START)
        return true;
    struct fw_str packets[2], bytes[2];

    i = proto + 5;
    return i + 2 < w->n && counts(&w->word[i], &packets[0], &bytes[0]) &&
           counts(&w->word[i + 1], &packets[1], &bytes[1]) && fw_word_put(ev, FW_F_sent, &bytes[0]) &&
           fw_word_put(ev, FW_F_rcvd, &bytes[1]) && put_packets(ev, &packets[0], &packets[1]) &&
           fw_word_put(ev, FW_F_duration, &w->word[i + 2]);
}

/* a/p->b/q [0x0] service proto(icmp-type) policy zone zone ... */
static bool denied(struct fw_event *ev, const struct fw_words *w) {
    size_t i = 1;

    if (w->n < 6 || !pair(ev, &w->word[0], ends))
        return false;
    skip_tag(w, &i);
    if (i + 4 >= w->n || !put_app(ev, &nothing, &w->word[i]))
        return false;
    struct fw_str proto = w->word[i + 1], rule = w->word[i + 2];
    const char *open = memchr(proto.p, '(', proto.len);

    if (open == NULL)
        return false;
    proto.len = (uint32_t)(open - proto.p);
    return fw_word_put(ev, FW_F_proto, &proto) && fw_word_put(ev, FW_F_rule, &rule) &&
           fw_word_put(ev, FW_F_src_zone, &w->word[i + 3]) && fw_word_put(ev, FW_F_dst_zone, &w->word[i + 4]);
}

enum fw_parse_result fw_scan_junos_text(const char *content, size_t len, struct fw_event *ev) {
    const char *p = content, *end = content + len, *colon = fw_word_find(p, end, ": session ", 10);
    struct fw_words words;
    bool possible;

    if (colon == NULL)
        return FW_PARSE_UNPARSED;
    p = colon + 10;
    if ((size_t)(end - p) > 8 && memcmp(p, "created ", 8) == 0) {
        ev->kind = FW_KIND_FLOW_START;
        p += 8;
    } else if ((size_t)(end - p) > 7 && memcmp(p, "closed ", 7) == 0 &&
               (colon = fw_word_find(p, end, ": ", 2)) != NULL) {
        const struct fw_str reason = {p + 7, (uint32_t)(colon > p + 7 ? colon - p - 7 : 0)};

        ev->kind = FW_KIND_FLOW_END;
        (void)fw_word_put(ev, FW_F_reason, &reason);
        p = colon + 2;
    } else if ((size_t)(end - p) > 7 && memcmp(p, "denied ", 7) == 0) {
        ev->kind = FW_KIND_FLOW_DENY;
        p += 7;
    } else {
        return FW_PARSE_UNPARSED;
    }
    fw_word_put_action(ev, ev->kind == FW_KIND_FLOW_DENY ? FW_ACTION_DENY : FW_ACTION_ALLOW);
    fw_words_split(&words, p, end);
    possible = ev->kind == FW_KIND_FLOW_DENY ? denied(ev, &words) : opened_or_closed(ev, &words);
    if (!possible)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
