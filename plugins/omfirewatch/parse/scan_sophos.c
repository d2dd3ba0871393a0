/* scan_sophos.c: Sophos Firewall (SFOS, XG) in the device's standard format, and Sophos UTM 9.
 *
 *   device="SFW" date=2026-10-12 time=08:00:00 timezone="CEST" ... log_type="Firewall" log_subtype="Denied" src_ip=...
 *   id="2001" severity="info" sys="SecureNet" sub="packetfilter" name="Packet dropped" action="drop" srcip="..." ...
 *
 * After Sophos's "Log file guide" and the lines of UTM's ulogd, httpproxy and ips. Judgement:
 *  1. SFOS Firewall: Allowed with connevent Start opens, with Stop (or counted bytes and a duration) ends, Interim goes
 *     on and is ignored; Denied refuses.
 *  2. SFOS Content Filtering and UTM's httpproxy are web requests.
 *  3. SFOS IDP, ATP, Anti-Virus and UTM's ips are threats.
 *  4. SFOS log_subtype Authentication and UTM's aua are log-ins.
 *  5. UTM's packetfilter: drop and reject refuse, accept opens; the rest is logged without being either.
 * timezone= is a word such as "CEST" and is not read. Both quote strings and escape nothing.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

/* ---- SFOS ---- */

#define XG(X)                                                                                                          \
    X(application, "application", FIELD, app)                                                                          \
    X(con_id, "con_id", NAT, session)                                                                                  \
    X(connevent, "connevent", LOOK, src)                                                                               \
    X(connid, "connid", NAT, session)                                                                                  \
    X(contenttype, "contenttype", FIELD, mime)                                                                         \
    X(destinationip, "destinationip", FIELD, dst)                                                                      \
    X(device_name, "device_name", FIELD, sensor)                                                                       \
    X(domain, "domain", FIELD, host)                                                                                   \
    X(dst_ip, "dst_ip", FIELD, dst)                                                                                    \
    X(dst_port, "dst_port", FIELD, dport)                                                                              \
    X(dst_zone, "dst_zone", FIELD, dst_zone)                                                                           \
    X(dstzone, "dstzone", FIELD, dst_zone)                                                                             \
    X(duration, "duration", LOOK, src)                                                                                 \
    X(fw_rule_id, "fw_rule_id", FIELD, rule)                                                                           \
    X(icmp_code, "icmp_code", LOOK, src)                                                                               \
    X(icmp_type, "icmp_type", LOOK, src)                                                                               \
    X(in_interface, "in_interface", FIELD, in_if)                                                                      \
    X(subtype, "log_subtype", LOOK, src)                                                                               \
    X(type, "log_type", LOOK, src)                                                                                     \
    X(out_interface, "out_interface", FIELD, out_if)                                                                   \
    X(priority, "priority", LOOK, src)                                                                                 \
    X(protocol, "protocol", FIELD, proto)                                                                              \
    X(reason, "reason", FIELD, reason)                                                                                 \
    X(recv_bytes, "recv_bytes", LOOK, src)                                                                             \
    X(recv_pkts, "recv_pkts", LOOK, src)                                                                               \
    X(referer, "referer", FIELD, referrer)                                                                             \
    X(sent_bytes, "sent_bytes", LOOK, src)                                                                             \
    X(sent_pkts, "sent_pkts", LOOK, src)                                                                               \
    X(signature, "signature_msg", LOOK, src)                                                                           \
    X(sourceip, "sourceip", FIELD, src)                                                                                \
    X(src_ip, "src_ip", FIELD, src)                                                                                    \
    X(src_port, "src_port", FIELD, sport)                                                                              \
    X(src_zone, "src_zone", FIELD, src_zone)                                                                           \
    X(srczone, "srczone", FIELD, src_zone)                                                                             \
    X(status, "status", LOOK, src)                                                                                     \
    X(status_code, "status_code", TRY, status)                                                                         \
    X(threatname, "threatname", LOOK, src)                                                                             \
    X(tran_dst_ip, "tran_dst_ip", NAT, nat_dst)                                                                        \
    X(tran_dst_port, "tran_dst_port", NAT, nat_dport)                                                                  \
    X(tran_src_ip, "tran_src_ip", NAT, nat_src)                                                                        \
    X(tran_src_port, "tran_src_port", NAT, nat_sport)                                                                  \
    X(url, "url", FIELD, url)                                                                                          \
    X(user_agent, "user_agent", FIELD, agent)                                                                          \
    X(user_name, "user_name", FIELD, user)                                                                             \
    X(virus, "virus", LOOK, src)

enum { XG(FW_KV_ENUM) K_XG };
static const struct fw_kv_key xg_keys[] = {XG(FW_KV_ROW)};
const struct fw_kv fw_kv_sophos_xg = {xg_keys, K_XG, {'=', "\"", false, true}}; /* ether_type=Unknown (0x0000) */

static bool put_counts(struct fw_event *ev, const struct fw_str *v) {
    uint64_t sent, rcvd;

    if (fw_word_number(&v[K_sent_pkts], &sent) && fw_word_number(&v[K_recv_pkts], &rcvd)) {
        ev->packets = sent + rcvd;
        ev->present |= FW_BIT(packets);
    }
    return fw_word_put(ev, FW_F_sent, &v[K_sent_bytes]) && fw_word_put(ev, FW_F_rcvd, &v[K_recv_bytes]) &&
           fw_word_put(ev, FW_F_duration, &v[K_duration]);
}

static enum fw_parse_result judge_xg(struct fw_event *ev, const struct fw_str *v) {
    const bool denied = fw_word_among(&v[K_subtype], "Denied Drop Dropped Blocked Virus");

    if (fw_word_is(&v[K_type], "Firewall")) { /* 1 */
        if (!denied && (!fw_word_is(&v[K_subtype], "Allowed") || fw_word_is(&v[K_connevent], "Interim")))
            return FW_PARSE_IGNORED;
        if (denied)
            ev->kind = FW_KIND_FLOW_DENY;
        else
            ev->kind = fw_word_is(&v[K_connevent], "Start") ? FW_KIND_FLOW_START : FW_KIND_FLOW_END;
        fw_word_put_action(ev, denied ? FW_ACTION_DENY : FW_ACTION_ALLOW);
        if (!fw_word_put(ev, FW_F_icmp_type, &v[K_icmp_type]) || !fw_word_put(ev, FW_F_icmp_code, &v[K_icmp_code]))
            return FW_PARSE_REFUSED;
        return ev->kind != FW_KIND_FLOW_END || put_counts(ev, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    if (fw_word_is(&v[K_type], "Content Filtering") && v[K_url].len != 0) { /* 2 */
        ev->kind = FW_KIND_HTTP;
        fw_word_put_action(ev, denied ? FW_ACTION_DENY : FW_ACTION_ALLOW);
        return put_counts(ev, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    const struct fw_str *name = v[K_signature].len != 0 ? &v[K_signature] : &v[K_threatname];

    if (fw_word_is(&v[K_type], "Anti-Virus"))
        name = &v[K_virus];
    if (name->len != 0 && fw_word_among(&v[K_type], "IDP ATP Anti-Virus")) { /* 3 */
        ev->kind = FW_KIND_THREAT;
        fw_word_put_severity(ev, &v[K_priority], FW_SEVERITY_PRIORITY);
        fw_word_put_action(ev, denied ? FW_ACTION_DENY : 0);
        return fw_word_put(ev, FW_F_signature, name) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    if (fw_word_is(&v[K_type], "Event") && fw_word_is(&v[K_subtype], "Authentication") &&
        v[K_user_name].len != 0) { /* 4 */
        if (!fw_word_among(&v[K_status], "Successful Failed"))
            return FW_PARSE_IGNORED;
        ev->kind = FW_KIND_AUTH;
        fw_word_put_outcome(ev, fw_word_is(&v[K_status], "Successful"));
        return FW_PARSE_EVENT;
    }
    return FW_PARSE_IGNORED;
}

enum fw_parse_result fw_scan_sophos_xg(const char *content, size_t len, struct fw_event *ev) {
    struct fw_str v[K_XG] = {{NULL, 0}};

    if (fw_kv_words(&fw_kv_sophos_xg, content, content + len, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (v[K_type].len == 0)
        return FW_PARSE_UNPARSED;
    const enum fw_parse_result judged = judge_xg(ev, v);

    if (judged != FW_PARSE_EVENT)
        return judged;
    if (fw_kv_put(&fw_kv_sophos_xg, v, ev) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}

/* ---- UTM 9 ---- */

#define UTM(X)                                                                                                         \
    X(utm_action, "action", LOOK, src)                                                                                 \
    X(utm_ctype, "content-type", FIELD, mime)                                                                          \
    X(utm_dstip, "dstip", FIELD, dst)                                                                                  \
    X(utm_dstport, "dstport", FIELD, dport)                                                                            \
    X(utm_fwrule, "fwrule", FIELD, rule)                                                                               \
    X(utm_initf, "initf", FIELD, in_if)                                                                                \
    X(utm_length, "length", TRY, length)                                                                               \
    X(utm_method, "method", FIELD, method)                                                                             \
    X(utm_name, "name", LOOK, src)                                                                                     \
    X(utm_outitf, "outitf", FIELD, out_if)                                                                             \
    X(utm_proto, "proto", FIELD, proto)                                                                                \
    X(utm_reason, "reason", LOOK, src)                                                                                 \
    X(utm_referer, "referer", FIELD, referrer)                                                                         \
    X(utm_size, "size", LOOK, src)                                                                                     \
    X(utm_srcip, "srcip", FIELD, src)                                                                                  \
    X(utm_srcport, "srcport", FIELD, sport)                                                                            \
    X(utm_status, "statuscode", FIELD, status)                                                                         \
    X(utm_sub, "sub", LOOK, src)                                                                                       \
    X(utm_tcpflags, "tcpflags", TRY, tcp_flags)                                                                        \
    X(utm_ttl, "ttl", TRY, ttl)                                                                                        \
    X(utm_ua, "ua", FIELD, agent)                                                                                      \
    X(utm_url, "url", FIELD, url)                                                                                      \
    X(utm_user, "user", FIELD, user)

enum { UTM(FW_KV_ENUM) K_UTM };
static const struct fw_kv_key utm_keys[] = {UTM(FW_KV_ROW)};
const struct fw_kv fw_kv_sophos_utm = {utm_keys, K_UTM, {'=', "\"", false, false}};

static bool judge_utm(struct fw_event *ev, const struct fw_str *v) {
    const struct fw_str *sub = &v[K_utm_sub], *action = &v[K_utm_action];
    const int verdict = fw_word_action(action);

    if (fw_word_is(sub, "packetfilter")) { /* 5 */
        ev->kind = verdict == FW_ACTION_DENY ? FW_KIND_FLOW_DENY : FW_KIND_FLOW_START;
        fw_word_put_action(ev, verdict);
        return verdict != 0 && !fw_word_is(action, "log");
    }
    if (fw_word_is(sub, "http")) { /* 2 */
        ev->kind = FW_KIND_HTTP;
        fw_word_put_action(ev, verdict);
        fw_word_put_host(ev, &v[K_utm_url]);
        return v[K_utm_url].len != 0 && fw_word_put(ev, FW_F_rcvd, &v[K_utm_size]);
    }
    if (fw_word_is(sub, "ips")) { /* 3 */
        ev->kind = FW_KIND_THREAT;
        fw_word_put_action(ev, verdict);
        return v[K_utm_reason].len != 0 && fw_word_put(ev, FW_F_signature, &v[K_utm_reason]);
    }
    if (fw_word_is(sub, "auth")) { /* 4 */
        const bool success = fw_word_has(&v[K_utm_name], "successful");

        ev->kind = FW_KIND_AUTH;
        fw_word_put_outcome(ev, success);
        return success || fw_word_has(&v[K_utm_name], "failed");
    }
    return false;
}

enum fw_parse_result fw_scan_sophos_utm(const char *content, size_t len, struct fw_event *ev) {
    struct fw_str v[K_UTM] = {{NULL, 0}};

    if (fw_kv_words(&fw_kv_sophos_utm, content, content + len, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (v[K_utm_sub].len == 0)
        return FW_PARSE_UNPARSED;
    if (!judge_utm(ev, v))
        return FW_PARSE_IGNORED;
    if (fw_kv_put(&fw_kv_sophos_utm, v, ev) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
