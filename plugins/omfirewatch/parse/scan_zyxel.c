/* scan_zyxel.c: ZyXEL ZyWALL, USG and ATP (ZLD 2 to 5), remote syslog in the default format.
 *
 *   src="192.0.2.66:47123" dst="198.51.100.1:23" msg="priority:1, from WAN to ZyWALL, TCP, service others, DROP"
 *   note="ACCESS BLOCK" user="unknown" devID="..." cat="Security Policy Control"
 *
 * After ZyXEL's "Log descriptions". Judgement by cat and note:
 *  1. Firewall and Security Policy Control: ACCESS BLOCK refuses, ACCESS FORWARD opens.
 *  2. Traffic Log is the end of a session, with its bytes and its duration.
 *  3. IDP, Anti-Virus and ADP are threats by their message; User, with its note, is a log-in.
 * The protocol is in protoID where there is one, else the message's third part.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#include "convert.h"

#define KEYS(X)                                                                                                        \
    X(cat, "cat", LOOK, src)                                                                                           \
    X(dst, "dst", LOOK, src)                                                                                           \
    X(duration, "duration", LOOK, src)                                                                                 \
    X(msg, "msg", LOOK, src)                                                                                           \
    X(note, "note", LOOK, src)                                                                                         \
    X(proto, "proto", LOOK, src)                                                                                       \
    X(proto_id, "protoID", FIELD, proto)                                                                               \
    X(rcvd, "rcvd", LOOK, src)                                                                                         \
    X(sent, "sent", LOOK, src)                                                                                         \
    X(src, "src", LOOK, src)                                                                                           \
    X(user, "user", LOOK, src)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_zyxel = {keys, K_COUNT, {'=', "\"", false, false}};

/* "192.0.2.66:47123", "[2001:db8::1]:443"; 0.0.0.0:0 where there is none */
static bool put_end(struct fw_event *ev, const struct fw_str *text, enum fw_field addr, enum fw_field port) {
    const char *p = text->p, *end = text->p + text->len, *colon = end;

    if (text->len == 0 || fw_word_is_nothing(text))
        return true;
    while (colon > p && *colon != ':')
        colon--;
    if (colon == p)
        return fw_convert(ev, addr, p, (size_t)(end - p)) == 0;
    const char *stop = colon;

    if (*p == '[' && stop[-1] == ']') {
        p++;
        stop--;
    }
    return fw_convert(ev, addr, p, (size_t)(stop - p)) == 0 &&
           fw_convert(ev, port, colon + 1, (size_t)(end - colon - 1)) == 0;
}

/* "priority:1, from WAN to ZyWALL, TCP, service others, DROP" */
static bool put_proto(struct fw_event *ev, const struct fw_str *msg) {
    static const char *const names[] = {", TCP,", ", UDP,", ", ICMP,", ", ICMPv6,"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (fw_word_has(msg, names[i]))
            return fw_convert(ev, FW_F_proto, names[i] + 2, strlen(names[i]) - 3) == 0;
    return true;
}

static enum fw_parse_result judge(struct fw_event *ev, const struct fw_str *v) {
    if (fw_word_is(&v[K_cat], "Firewall") || fw_word_is(&v[K_cat], "Security Policy Control")) { /* 1 */
        const bool blocked = fw_word_is(&v[K_note], "ACCESS BLOCK");

        if (!blocked && !fw_word_is(&v[K_note], "ACCESS FORWARD"))
            return FW_PARSE_IGNORED;
        ev->kind = blocked ? FW_KIND_FLOW_DENY : FW_KIND_FLOW_START;
        fw_word_put_action(ev, blocked ? FW_ACTION_DENY : FW_ACTION_ALLOW);
        return v[K_proto_id].len != 0 || put_proto(ev, &v[K_msg]) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    if (fw_word_is(&v[K_cat], "Traffic Log")) { /* 2 */
        ev->kind = FW_KIND_FLOW_END;
        fw_word_put_action(ev, FW_ACTION_ALLOW);
        return fw_word_put(ev, FW_F_app, &v[K_proto]) && fw_word_put(ev, FW_F_sent, &v[K_sent]) &&
                       fw_word_put(ev, FW_F_rcvd, &v[K_rcvd]) && fw_word_put(ev, FW_F_duration, &v[K_duration])
                   ? FW_PARSE_EVENT
                   : FW_PARSE_REFUSED;
    }
    if (fw_word_among(&v[K_cat], "IDP ADP Anti-Virus IPS")) { /* 3 */
        ev->kind = FW_KIND_THREAT;
        fw_word_put_action(ev,
                           fw_word_has(&v[K_note], "BLOCK") || fw_word_has(&v[K_note], "DESTROY") ? FW_ACTION_DENY : 0);
        return fw_word_put(ev, FW_F_signature, &v[K_msg]) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    if (fw_word_is(&v[K_cat], "User") && v[K_user].len != 0) {
        const bool failed = fw_word_has(&v[K_msg], "Failed login attempt");

        if (!failed && !fw_word_has(&v[K_msg], "has logged in"))
            return FW_PARSE_IGNORED;
        ev->kind = FW_KIND_AUTH;
        fw_word_put_outcome(ev, !failed);
        return FW_PARSE_EVENT;
    }
    return FW_PARSE_IGNORED;
}

enum fw_parse_result fw_scan_zyxel(const char *content, size_t len, struct fw_event *ev) {
    struct fw_str v[K_COUNT] = {{NULL, 0}};

    if (fw_kv_words(&fw_kv_zyxel, content, content + len, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (v[K_cat].len == 0)
        return FW_PARSE_UNPARSED;
    const enum fw_parse_result judged = judge(ev, v);

    if (judged != FW_PARSE_EVENT)
        return judged;
    if (!put_end(ev, &v[K_src], FW_F_src, FW_F_sport) || !put_end(ev, &v[K_dst], FW_F_dst, FW_F_dport) ||
        (!fw_word_is(&v[K_user], "unknown") && !fw_word_put(ev, FW_F_user, &v[K_user])) ||
        fw_kv_put(&fw_kv_zyxel, v, ev) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}
