/* scan_checkpoint.c: Check Point gateways and management, R77 to R82, by Log Exporter and by the old logger.
 *
 *   CheckPoint 19710 - [action:"Drop"; flags:"400644"; ifname:"eth2"; ... product:"VPN-1 & FireWall-1"; src:"10.0.1.20"; ]
 *   CheckPoint 19710 - [sc4s@2620 action="Drop" ... src="10.0.1.20"]
 *   time=1791792000|hostname=gw1|product=Firewall|action=Drop|...|src=10.0.1.20|
 *   14Oct2026  8:00:00 accept 10.0.0.1 >eth1 product: VPN-1 & FireWall-1; src: 10.0.1.20; ...
 *
 * Log Exporter's formats syslog, semi-structured and splunk, and the text of
 * "fw log" sent by logger. Formats CEF and LEEF are read by scan_cef.c.
 * After Check Point's "Description of Fields in Check Point Logs" (sk144192).
 * Judgement by what the line holds, since blades share a connection's fields:
 *  1. An administrator's or a user's log-in says so in operation, action or auth_status.
 *  2. A name of an attack or of a protection makes a threat, unless the blade let the thing pass as clean (action
 *     Accept, Allow, Bypass).
 *  3. A resource (URL) makes a web request.
 *  4. The firewall's own lines are connections: refused; ended, when they count bytes; else opened. Encrypt and Decrypt
 *     are accepted ones; Key Install is none.
 *  5. loguid is the same in a connection's opening and its end, and so its session.
 *  6. The event's time is "time", seconds since 1970.
 * Quotes inside values carry a backslash; between bars nothing is quoted, so a key that comes twice refuses the line.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#include "convert.h"

#define KEYS(X)                                                                                                        \
    X(action, "action", LOOK, src)                                                                                     \
    X(administrator, "administrator", LOOK, src)                                                                       \
    X(appi_name, "appi_name", FIELD, app)                                                                              \
    X(attack, "attack", LOOK, src)                                                                                     \
    X(audit_status, "audit_status", LOOK, src)                                                                         \
    X(auth_status, "auth_status", LOOK, src)                                                                           \
    X(bytes, "bytes", LOOK, src)                                                                                       \
    X(client_ip, "client_ip", LOOK, src)                                                                               \
    X(content_type, "content_type", FIELD, mime)                                                                       \
    X(dst, "dst", FIELD, dst)                                                                                          \
    X(elapsed, "elapsed", LOOK, src)                                                                                   \
    X(hostname, "hostname", FIELD, sensor)                                                                             \
    X(http_host, "http_host", FIELD, host)                                                                             \
    X(http_status, "http_status", TRY, status)                                                                         \
    X(icmp_code, "icmp_code", TRY, icmp_code)                                                                          \
    X(icmp_type, "icmp_type", TRY, icmp_type)                                                                          \
    X(ifname, "ifname", FIELD, in_if)                                                                                  \
    X(inzone, "inzone", FIELD, src_zone)                                                                               \
    X(loguid, "loguid", LOOK, src)                                                                                     \
    X(method, "method", FIELD, method)                                                                                 \
    X(operation, "operation", LOOK, src)                                                                               \
    X(outzone, "outzone", FIELD, dst_zone)                                                                             \
    X(packets, "packets", LOOK, src)                                                                                   \
    X(product, "product", FIRST, src)                                                                                  \
    X(protection, "protection_name", FIRST, src)                                                                       \
    X(proto, "proto", FIELD, proto)                                                                                    \
    X(reason, "reason", FIELD, reason)                                                                                 \
    X(received, "received_bytes", LOOK, src)                                                                           \
    X(referrer, "referrer", FIELD, referrer)                                                                           \
    X(resource, "resource", LOOK, src)                                                                                 \
    X(rule, "rule", FIRST, src)                                                                                        \
    X(rule_name, "rule_name", FIRST, src)                                                                              \
    X(sport, "s_port", LOOK, src)                                                                                      \
    X(sent, "sent_bytes", LOOK, src)                                                                                   \
    X(service, "service", LOOK, src)                                                                                   \
    X(service_id, "service_id", LOOK, src)                                                                             \
    X(severity, "severity", LOOK, src)                                                                                 \
    X(src, "src", FIELD, src)                                                                                          \
    X(src_user, "src_user_name", LOOK, src)                                                                            \
    X(time, "time", FIRST, src)                                                                                        \
    X(user, "user", LOOK, src)                                                                                         \
    X(agent, "user_agent", FIELD, agent)                                                                               \
    X(xlatedport, "xlatedport", NAT, nat_dport)                                                                        \
    X(xlatedst, "xlatedst", NAT, nat_dst)                                                                              \
    X(xlatesport, "xlatesport", NAT, nat_sport)                                                                        \
    X(xlatesrc, "xlatesrc", NAT, nat_src)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_checkpoint = {keys, K_COUNT, {':', "\"", true, true}};
const struct fw_kv fw_kv_checkpoint_semi = {keys, K_COUNT, {'=', "\"", true, true}};
/* a value of splunk's form may hold a bar ("origin=10.0.0.1|10.0.0.2"), whose rest is a stray */
const struct fw_kv fw_kv_checkpoint_bars = {keys, K_COUNT, {'=', "", false, true}};
const struct fw_kv fw_kv_checkpoint_old = {keys, K_COUNT, {':', "\"", false, true}};

static const struct fw_str *first_of(const struct fw_str *a, const struct fw_str *b) {
    return a->len != 0 ? a : b;
}

/* "domain-udp", "nbsession", "443": the number where it is known. */
static bool put_service(struct fw_event *ev, const struct fw_str *service) {
    static const struct {
        const char *name;
        uint16_t port;
    } own[] = {{"microsoft-ds", 445}, {"nbdatagram", 138},  {"nbname", 137},
               {"nbsession", 139},    {"ms-rdp", 3389},     {"remote_desktop_protocol", 3389},
               {"squid_ntlm", 3128},  {"http_proxy", 8080}, {"imap", 143}};
    struct fw_str name = *service;

    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!fw_word_is(service, own[i].name))
            continue;
        ev->dport = own[i].port;
        ev->present |= FW_BIT(dport);
        return true;
    }
    if (name.len > 4 &&
        (memcmp(name.p + name.len - 4, "-udp", 4) == 0 || memcmp(name.p + name.len - 4, "-tcp", 4) == 0))
        name.len -= 4;
    return fw_word_put(ev, FW_F_dport, &name);
}

static bool put_common(struct fw_event *ev, const struct fw_kv *kv, const struct fw_str *v) {
    (void)fw_word_put_epoch(ev, &v[K_time]);                                   /* 6 */
    if (v[K_loguid].len != 0 && !fw_word_begins(&v[K_loguid], "{0x0,0x0,0x0")) /* 5 */
        (void)fw_word_put(ev, FW_F_session, &v[K_loguid]);
    if (fw_kv_put(kv, v, ev) != FW_PARSE_EVENT)
        return false;
    const bool ports = !fw_event_has(ev, FW_BIT(proto)) || ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP;

    if (ports && (!fw_word_put(ev, FW_F_sport, &v[K_sport]) || !put_service(ev, &v[K_service])))
        return false;
    fw_word_drop_ports(ev);
    return fw_word_put(ev, FW_F_rule, first_of(&v[K_rule_name], &v[K_rule])) &&
           (fw_event_has(ev, FW_BIT(app)) || fw_word_put(ev, FW_F_app, &v[K_service_id])) &&
           fw_word_put(ev, FW_F_user, first_of(&v[K_user], &v[K_src_user]));
}

/* 1. 0: no log-in; else 1 or -1 */
static int login(const struct fw_str *v) {
    if (fw_word_is(&v[K_operation], "Log In") || fw_word_is(&v[K_operation], "Login"))
        return fw_word_begins(&v[K_audit_status], "fail") ? -1 : 1;
    if (fw_word_among(&v[K_operation], "LogInFailed") || fw_word_is(&v[K_operation], "Failed Log In"))
        return -1;
    if (fw_word_is(&v[K_action], "Failed Log In") || fw_word_is(&v[K_action], "Failed Login"))
        return -1;
    if (fw_word_is(&v[K_action], "Log In") || fw_word_is(&v[K_action], "Login"))
        return fw_word_has(&v[K_auth_status], "fail") ? -1 : 1;
    return 0;
}

static bool judge_login(struct fw_event *ev, const struct fw_str *v, bool success) {
    ev->kind = FW_KIND_AUTH;
    fw_word_put_outcome(ev, success);
    if (v[K_client_ip].len != 0 && v[K_src].len == 0)
        (void)fw_word_put(ev, FW_F_src, &v[K_client_ip]); /* a host name may stand there */
    return fw_word_put(ev, FW_F_user, &v[K_administrator]) && (ev->present & (FW_BIT(src) | FW_BIT(user))) != 0;
}

/* 4 */
static bool judge_connection(struct fw_event *ev, const struct fw_str *v, int action) {
    if (action == FW_ACTION_DENY)
        ev->kind = FW_KIND_FLOW_DENY;
    else
        ev->kind = v[K_bytes].len != 0 || v[K_received].len != 0 ? FW_KIND_FLOW_END : FW_KIND_FLOW_START;
    fw_word_put_action(ev, action);
    if (ev->kind != FW_KIND_FLOW_END)
        return true;
    if (v[K_received].len != 0 && v[K_sent].len != 0) {
        if (!fw_word_put(ev, FW_F_sent, &v[K_sent]) || !fw_word_put(ev, FW_F_rcvd, &v[K_received]))
            return false;
    } else if (!fw_word_put(ev, FW_F_bytes, &v[K_bytes])) {
        return false;
    }
    return fw_word_put(ev, FW_F_packets, &v[K_packets]) && fw_word_put(ev, FW_F_duration, &v[K_elapsed]);
}

static int action_of(const struct fw_str *action) {
    if (fw_word_among(action, "Encrypt Decrypt Inspect Redirect Ask Inform"))
        return FW_ACTION_ALLOW;
    return fw_word_action(action);
}

static enum fw_parse_result judge(struct fw_event *ev, const struct fw_kv *kv, const struct fw_str *v) {
    const struct fw_str *name = first_of(&v[K_protection], &v[K_attack]);
    const int action = action_of(&v[K_action]), logged_in = login(v);
    const bool passed = fw_word_among(&v[K_action], "Accept Allow Bypass");

    if (logged_in != 0) {
        if (!put_common(ev, kv, v))
            return FW_PARSE_REFUSED;
        return judge_login(ev, v, logged_in > 0) ? FW_PARSE_EVENT : FW_PARSE_IGNORED;
    }
    if (v[K_src].len == 0)
        return FW_PARSE_IGNORED;
    if (name->len != 0 && !passed) { /* 2 */
        ev->kind = FW_KIND_THREAT;
        fw_word_put_severity(ev, &v[K_severity], FW_SEVERITY_OF_4);
        fw_word_put_action(ev, action);
        (void)fw_word_put(ev, FW_F_signature, name);
        (void)fw_word_put(ev, FW_F_url, &v[K_resource]);
        return put_common(ev, kv, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    if (v[K_dst].len == 0)
        return FW_PARSE_IGNORED;
    if (v[K_resource].len != 0) { /* 3 */
        ev->kind = FW_KIND_HTTP;
        fw_word_put_action(ev, action);
        (void)fw_word_put(ev, FW_F_url, &v[K_resource]);
        if (v[K_http_host].len == 0)
            fw_word_put_host(ev, &v[K_resource]);
        return put_common(ev, kv, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    if (!fw_word_has(&v[K_product], "FireWall-1") && !fw_word_is(&v[K_product], "Firewall"))
        return FW_PARSE_IGNORED;
    if (action == 0)
        return FW_PARSE_IGNORED;
    return judge_connection(ev, v, action) && put_common(ev, kv, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
}

/* "CheckPoint 19710 - [..."; splunk's form begins with its first key */
enum fw_parse_result fw_scan_checkpoint(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *open = memchr(content, '[', len);
    struct fw_str v[K_COUNT] = {{NULL, 0}};
    const struct fw_kv *kv = &fw_kv_checkpoint_bars;
    enum fw_parse_result read;

    if (len > 10 && memcmp(content, "CheckPoint", 10) == 0) {
        if (open == NULL)
            return FW_PARSE_UNPARSED;
        const char *stop = open + 1;

        while (stop < end && *stop != ':' && *stop != '=' && *stop != ']')
            stop++;
        kv = stop < end && *stop == ':' ? &fw_kv_checkpoint : &fw_kv_checkpoint_semi;
        read = fw_kv_words(kv, open + 1, end, v);
    } else {
        read = fw_kv_split(kv, "|", content, end, v);
    }
    if (read != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    return v[K_product].len == 0 && v[K_action].len == 0 ? FW_PARSE_UNPARSED : judge(ev, kv, v);
}

/* "14Oct2026  8:00:00 accept 10.0.0.1 >eth1 product: VPN-1 & FireWall-1; src: 10.0.1.20; ...": the action is a word */
enum fw_parse_result fw_scan_checkpoint_old(const char *content, size_t len, struct fw_event *ev) {
    const char *end = content + len, *pairs = fw_word_find(content, end, " product: ", 10);
    const char *gate = pairs != NULL ? memchr(content, '>', (size_t)(pairs - content)) : NULL;
    struct fw_str v[K_COUNT] = {{NULL, 0}};

    if (gate == NULL)
        return FW_PARSE_UNPARSED;
    if (fw_kv_split(&fw_kv_checkpoint_old, ";", pairs + 1, end, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    static const char *const actions[] = {" accept ", " drop ", " reject ", " encrypt ", " decrypt "};

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        const char *at = fw_word_find(content, gate, actions[i], strlen(actions[i]));

        if (at != NULL)
            v[K_action] = (struct fw_str){at + 1, (uint32_t)strlen(actions[i]) - 2};
    }
    const struct fw_str interface = {gate + 1, (uint32_t)(pairs - gate - 1)};

    if (memchr(interface.p, ' ', interface.len) == NULL && !fw_word_put(ev, FW_F_in_if, &interface))
        return FW_PARSE_REFUSED;
    v[K_ifname] = (struct fw_str){NULL, 0};
    return judge(ev, &fw_kv_checkpoint_old, v);
}
