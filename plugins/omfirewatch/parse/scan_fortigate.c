/* scan_fortigate.c: Fortinet FortiGate (FortiOS 4.3 to 7.6), traffic, UTM and event logs in the default format.
 *
 *   date=2026-10-12 time=08:00:00 devname="fw1" devid="FG100F..." eventtime=1791795600123456789 tz="+0200"
 *   logid="0000000013" type="traffic" subtype="forward" srcip=10.0.1.20 ... action="close" policyid=7 sentbyte=1200 ...
 *
 * After Fortinet's "FortiOS Log Message Reference". Judgement, by type and subtype:
 *  1. traffic: action=start is an opening, deny a refusal, everything else the
 *     end of a session. Log 20 repeats the counts of a session that goes on, and
 *     is not another end: ignored.
 *  2. webfilter is a web request; dns-response a query (dns-query is the same
 *     one earlier: ignored); emailfilter a message.
 *  3. What names an attack or a virus is a threat, and so is a blocked application.
 *  4. Log-ins: administrators (subtype system), users (subtype user), SSL VPN
 *     and IPsec with a user (subtype vpn). A negotiation is no log-in.
 *  5. A restart, a change of the configuration and the cluster are the device's.
 *  6. Time: eventtime (seconds until 6.0, then nanoseconds), else date and time if tz stands beside them.
 * FortiOS quotes strings and escapes quotes in them.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

/* Bytes and packets under their names since 5.0; src, dst, src_port, sent, rcvd, status are those of 4.3. */
#define KEYS(X)                                                                                                        \
    X(action, "action", LOOK, src)                                                                                     \
    X(agent, "agent", FIELD, agent)                                                                                    \
    X(app, "app", FIELD, app)                                                                                          \
    X(attack, "attack", LOOK, src)                                                                                     \
    X(cfgpath, "cfgpath", LOOK, src)                                                                                   \
    X(date, "date", LOOK, src)                                                                                         \
    X(devname, "devname", FIELD, sensor)                                                                               \
    X(dst, "dst", FIELD, dst)                                                                                          \
    X(dst_int, "dst_int", FIELD, out_if)                                                                               \
    X(dst_port, "dst_port", FIELD, dport)                                                                              \
    X(dstintf, "dstintf", FIELD, out_if)                                                                               \
    X(dstip, "dstip", FIELD, dst)                                                                                      \
    X(dstport, "dstport", FIELD, dport)                                                                                \
    X(duration, "duration", LOOK, src)                                                                                 \
    X(eventtime, "eventtime", LOOK, src)                                                                               \
    X(eventtype, "eventtype", LOOK, src)                                                                               \
    X(from, "from", LOOK, src)                                                                                         \
    X(hostname, "hostname", FIELD, host)                                                                               \
    X(httpmethod, "httpmethod", FIELD, method)                                                                         \
    X(level, "level", LOOK, src)                                                                                       \
    X(logdesc, "logdesc", LOOK, src)                                                                                   \
    X(logid, "logid", LOOK, src)                                                                                       \
    X(msg, "msg", LOOK, src)                                                                                           \
    X(policyid, "policyid", FIELD, rule)                                                                               \
    X(proto, "proto", FIELD, proto)                                                                                    \
    X(qname, "qname", FIELD, query)                                                                                    \
    X(qtype, "qtype", FIELD, qtype)                                                                                    \
    X(rcvd, "rcvd", TRY, rcvd)                                                                                         \
    X(rcvdbyte, "rcvdbyte", FIELD, rcvd)                                                                               \
    X(rcvdpkt, "rcvdpkt", LOOK, src)                                                                                   \
    X(reason, "reason", FIELD, reason)                                                                                 \
    X(recipient, "recipient", LOOK, src)                                                                               \
    X(referralurl, "referralurl", FIELD, referrer)                                                                     \
    X(remip, "remip", LOOK, src)                                                                                       \
    X(sender, "sender", LOOK, src)                                                                                     \
    X(sent, "sent", TRY, sent)                                                                                         \
    X(sentbyte, "sentbyte", FIELD, sent)                                                                               \
    X(sentpkt, "sentpkt", LOOK, src)                                                                                   \
    X(service, "service", FIELD, app)                                                                                  \
    X(sessionid, "sessionid", NAT, session)                                                                            \
    X(severity, "severity", LOOK, src)                                                                                 \
    X(src, "src", FIELD, src)                                                                                          \
    X(src_int, "src_int", FIELD, in_if)                                                                                \
    X(src_port, "src_port", FIELD, sport)                                                                              \
    X(srcintf, "srcintf", FIELD, in_if)                                                                                \
    X(srcip, "srcip", FIELD, src)                                                                                      \
    X(srcport, "srcport", FIELD, sport)                                                                                \
    X(status, "status", LOOK, src)                                                                                     \
    X(subtype, "subtype", LOOK, src)                                                                                   \
    X(time, "time", LOOK, src)                                                                                         \
    X(to, "to", LOOK, src)                                                                                             \
    X(tranip, "tranip", NAT, nat_dst)                                                                                  \
    X(tranport, "tranport", NAT, nat_dport)                                                                            \
    X(transip, "transip", NAT, nat_src)                                                                                \
    X(transport, "transport", NAT, nat_sport)                                                                          \
    X(type, "type", LOOK, src)                                                                                         \
    X(tz, "tz", LOOK, src)                                                                                             \
    X(url, "url", FIELD, url)                                                                                          \
    X(user, "user", FIELD, user)                                                                                       \
    X(virus, "virus", LOOK, src)                                                                                       \
    X(xauthuser, "xauthuser", FIELD, user)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_fortigate = {keys, K_COUNT, {'=', "\"", true, false}};

/* 6 */
static void put_time(struct fw_event *ev, const struct fw_str *v) {
    if (!fw_word_put_epoch(ev, &v[K_eventtime]))
        (void)fw_word_put_time(ev, &v[K_date], &v[K_time], &v[K_tz]);
}

static void put_packets(struct fw_event *ev, const struct fw_str *v) {
    uint64_t sent, rcvd;

    if (fw_word_number(&v[K_sentpkt], &sent) && fw_word_number(&v[K_rcvdpkt], &rcvd)) {
        ev->packets = sent + rcvd;
        ev->present |= FW_BIT(packets);
    }
}

/* The message's number: the last six digits of logid. */
static unsigned message(const struct fw_str *logid) {
    uint64_t number;

    return fw_word_number(logid, &number) ? (unsigned)(number % 1000000) : 0;
}

static bool judge_traffic(struct fw_event *ev, const struct fw_str *v) {
    const struct fw_str *action = v[K_action].len != 0 ? &v[K_action] : &v[K_status];

    if (message(&v[K_logid]) == 20) /* 1 */
        return false;
    if (fw_word_among(action, "deny violation blocked")) {
        ev->kind = FW_KIND_FLOW_DENY;
        fw_word_put_action(ev, FW_ACTION_DENY);
        return true;
    }
    ev->kind = fw_word_is(action, "start") ? FW_KIND_FLOW_START : FW_KIND_FLOW_END;
    fw_word_put_action(ev, FW_ACTION_ALLOW);
    if (ev->kind == FW_KIND_FLOW_END) {
        (void)fw_word_put(ev, FW_F_duration, &v[K_duration]);
        put_packets(ev, v);
    }
    return action->len != 0;
}

static bool judge_threat(struct fw_event *ev, const struct fw_str *v, const struct fw_str *name) {
    ev->kind = FW_KIND_THREAT;
    fw_word_put_severity(ev, v[K_severity].len != 0 ? &v[K_severity] : &v[K_level], FW_SEVERITY_PRIORITY);
    fw_word_put_action(ev, fw_word_action(v[K_action].len != 0 ? &v[K_action] : &v[K_status]));
    return fw_word_put(ev, FW_F_signature, name);
}

static bool judge_utm(struct fw_event *ev, const struct fw_str *v) {
    const struct fw_str *subtype = &v[K_subtype];
    const int action = fw_word_action(v[K_action].len != 0 ? &v[K_action] : &v[K_status]);

    if (fw_word_is(subtype, "webfilter") || fw_word_is(&v[K_type], "webfilter")) { /* 2 */
        ev->kind = FW_KIND_HTTP;
        fw_word_put_action(ev, action);
        return v[K_hostname].len != 0 || v[K_url].len != 0;
    }
    if (fw_word_is(subtype, "dns") || fw_word_is(&v[K_type], "dns")) {
        ev->kind = FW_KIND_DNS;
        fw_word_put_action(ev, action);
        return v[K_qname].len != 0 && !fw_word_is(&v[K_eventtype], "dns-query");
    }
    if (fw_word_is(subtype, "emailfilter") || fw_word_is(&v[K_type], "emailfilter")) {
        ev->kind = FW_KIND_MAIL;
        fw_word_put_action(ev, action);
        (void)fw_word_put(ev, FW_F_sender, v[K_sender].len != 0 ? &v[K_sender] : &v[K_from]);
        (void)fw_word_put(ev, FW_F_recipient, v[K_recipient].len != 0 ? &v[K_recipient] : &v[K_to]);
        return (ev->present & (FW_BIT(sender) | FW_BIT(recipient))) != 0;
    }
    if (v[K_attack].len != 0) /* 3 */
        return judge_threat(ev, v, &v[K_attack]);
    if (v[K_virus].len != 0)
        return judge_threat(ev, v, &v[K_virus]);
    if ((fw_word_is(subtype, "app-ctrl") || fw_word_is(&v[K_type], "app-ctrl")) && action == FW_ACTION_DENY)
        return judge_threat(ev, v, &v[K_app]);
    return false;
}

static bool judge_login(struct fw_event *ev, const struct fw_str *v, bool success) {
    ev->kind = FW_KIND_AUTH;
    fw_word_put_outcome(ev, success);
    if (v[K_remip].len != 0)
        (void)fw_word_put(ev, FW_F_src, &v[K_remip]);
    return v[K_user].len != 0 || v[K_xauthuser].len != 0 || v[K_remip].len != 0 || v[K_srcip].len != 0;
}

/* 4 and 5 */
static bool judge_event(struct fw_event *ev, const struct fw_str *v) {
    const struct fw_str *subtype = &v[K_subtype], *action = &v[K_action], *status = &v[K_status];

    if (fw_word_is(subtype, "vpn")) {
        if (fw_word_is(action, "ssl-login-fail"))
            return judge_login(ev, v, false);
        return fw_word_is(action, "tunnel-up") && (v[K_user].len != 0 || v[K_xauthuser].len != 0) &&
               judge_login(ev, v, true);
    }
    if (fw_word_is(subtype, "user"))
        return fw_word_is(action, "authentication") && fw_word_among(status, "success failure failed") &&
               judge_login(ev, v, fw_word_is(status, "success"));
    if (fw_word_among(subtype, "system admin") && fw_word_is(action, "login"))
        return fw_word_among(status, "success failure failed") && judge_login(ev, v, fw_word_is(status, "success"));
    if (fw_word_is(subtype, "ha") || v[K_cfgpath].len != 0 || fw_word_among(action, "reboot shutdown restart")) {
        ev->kind = FW_KIND_DEVICE;
        return fw_word_put(ev, FW_F_reason, v[K_logdesc].len != 0 ? &v[K_logdesc] : &v[K_msg]);
    }
    return false;
}

enum fw_parse_result fw_scan_fortigate(const char *content, size_t len, struct fw_event *ev) {
    struct fw_str v[K_COUNT] = {{NULL, 0}};
    bool tells;

    if (fw_kv_words(&fw_kv_fortigate, content, content + len, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (v[K_type].len == 0)
        return FW_PARSE_UNPARSED;
    if (fw_word_is(&v[K_type], "traffic"))
        tells = judge_traffic(ev, v);
    else if (fw_word_is(&v[K_type], "event"))
        tells = judge_event(ev, v);
    else
        tells = judge_utm(ev, v);
    if (!tells)
        return FW_PARSE_IGNORED;
    put_time(ev, v);
    if (fw_kv_put(&fw_kv_fortigate, v, ev) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
