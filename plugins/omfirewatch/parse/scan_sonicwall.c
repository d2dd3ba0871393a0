/* scan_sonicwall.c: SonicWall (SonicOS 4 to 7), the "default" and "enhanced" syslog formats.
 *
 *   id=firewall sn=0006B1000000 time="2026-10-12 08:00:00 UTC" fw=198.51.100.1 pri=6 c=1024 m=537 msg="Connection Closed"
 *   n=7 src=10.0.1.20:50123:X0:pc7 dst=203.0.113.80:443:X1 proto=tcp/https sent=257 rcvd=242
 *
 * After SonicWall's "SonicOS Log Events Reference Guide". m= numbers the message. Judgement:
 *  1. 98 is an opening, 537 the end of a connection. 1197 (NAT mapping) repeats 98 and is ignored.
 *  2. 97 is a web request, 14, 15 and 16 are refused or allowed ones.
 *  3. Log-ins by number: see the table.
 *  4. What names an attack is a threat.
 *  5. Else what was dropped, denied or blocked is a refusal: fw_action says so, or the message's last words.
 * An end is address:port:interface:name; IPv6 addresses stand in srcV6 and dstV6, and src is ":port:interface" then.
 * A value without quotes ends at a blank; arg and dstname hold what a stranger chose, and a URL has no blank.
 */
#include "scan.h"
#include "scan_kv.h"
#include "scan_word.h"

#include "convert.h"
#include "verdict.h"

#define KEYS(X)                                                                                                        \
    X(app_name, "appName", FIELD, app)                                                                                 \
    X(arg, "arg", LOOK, src)                                                                                           \
    X(cdur, "cdur", LOOK, src)                                                                                         \
    X(code, "code", TRY, icmp_code)                                                                                    \
    X(dst, "dst", LOOK, src)                                                                                           \
    X(dst_v6, "dstV6", LOOK, src)                                                                                      \
    X(dst_zone, "dstZone", FIELD, dst_zone)                                                                            \
    X(dstname, "dstname", LOOK, src)                                                                                   \
    X(fw_action, "fw_action", LOOK, src)                                                                               \
    X(m, "m", LOOK, src)                                                                                               \
    X(msg, "msg", LOOK, src)                                                                                           \
    X(op, "op", LOOK, src)                                                                                             \
    X(proto, "proto", LOOK, src)                                                                                       \
    X(rcvd, "rcvd", LOOK, src)                                                                                         \
    X(result, "result", LOOK, src)                                                                                     \
    X(rpkt, "rpkt", LOOK, src)                                                                                         \
    X(rule, "rule", FIELD, rule)                                                                                       \
    X(sent, "sent", LOOK, src)                                                                                         \
    X(sn, "sn", LOOK, src)                                                                                             \
    X(spkt, "spkt", LOOK, src)                                                                                         \
    X(src, "src", LOOK, src)                                                                                           \
    X(src_v6, "srcV6", LOOK, src)                                                                                      \
    X(src_zone, "srcZone", FIELD, src_zone)                                                                            \
    X(time, "time", LOOK, src)                                                                                         \
    X(type, "type", TRY, icmp_type)                                                                                    \
    X(user, "user", LOOK, src)                                                                                         \
    X(usr, "usr", LOOK, src)

enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
const struct fw_kv fw_kv_sonicwall = {keys, K_COUNT, {'=', "\"", false, false}};

enum what { OTHER, OPENED, CLOSED, REQUEST, REFUSED_REQUEST, LOGGED_IN, NOT_LOGGED_IN, THREAT, NOTHING };

static const struct {
    uint16_t m;
    uint8_t what;
} messages[] = {
    {14, REFUSED_REQUEST}, {15, REFUSED_REQUEST}, {16, REQUEST},        {22, THREAT},        {23, THREAT},
    {25, THREAT},          {27, THREAT},          {29, LOGGED_IN},      {30, NOT_LOGGED_IN}, {31, LOGGED_IN},
    {32, NOT_LOGGED_IN},   {33, NOT_LOGGED_IN},   {35, NOT_LOGGED_IN},  {81, THREAT},        {82, THREAT},
    {83, THREAT},          {97, REQUEST},         {98, OPENED},         {177, THREAT},       {178, THREAT},
    {179, THREAT},         {199, LOGGED_IN},      {200, NOT_LOGGED_IN}, {237, LOGGED_IN},    {238, NOT_LOGGED_IN},
    {329, NOT_LOGGED_IN},  {446, THREAT},         {537, CLOSED},        {608, THREAT},       {609, THREAT},
    {794, THREAT},         {795, THREAT},         {809, THREAT},        {820, LOGGED_IN},    {860, THREAT},
    {1080, LOGGED_IN},     {1197, NOTHING},       {1198, NOTHING},      {1333, NOTHING},
};

static enum what what_is(const struct fw_str *m) {
    uint64_t number;

    if (!fw_word_number(m, &number))
        return NOTHING;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (messages[i].m == number)
            return (enum what)messages[i].what;
    return OTHER;
}

/* "10.0.1.20:50123:X0:pc7", "10.0.1.20::X0", "10.0.1.20", ":49702:X0" with the address in `v6`. */
static bool put_end(struct fw_event *ev, const struct fw_str *text, const struct fw_str *v6, enum fw_field addr,
                    enum fw_field port, enum fw_field interface) {
    const char *p = text->p, *end = text->p + text->len;
    struct fw_str part[3] = {{NULL, 0}};

    for (int i = 0; i < 3 && p < end; i++) {
        const char *colon = memchr(p, ':', (size_t)(end - p));
        const char *stop = colon != NULL ? colon : end;

        part[i] = (struct fw_str){p, (uint32_t)(stop - p)};
        p = colon != NULL ? colon + 1 : end;
    }
    return fw_word_put(ev, addr, v6->len != 0 ? v6 : &part[0]) && fw_word_put(ev, port, &part[1]) &&
           fw_word_put(ev, interface, &part[2]);
}

/* "tcp/https", "icmp", "udp/53": the service behind the slash repeats the port. Old releases leave it out, and say it in
 * the message ("UDP packet dropped"). */
static bool put_proto(struct fw_event *ev, const struct fw_str *proto, const struct fw_str *msg) {
    const char *slash = proto->len != 0 ? memchr(proto->p, '/', proto->len) : NULL;
    struct fw_str name = *proto;

    if (proto->len == 0 && (fw_word_begins(msg, "TCP ") || fw_word_begins(msg, "UDP ")))
        name = (struct fw_str){msg->p, 3};
    if (proto->len == 0 && fw_word_begins(msg, "ICMP "))
        name = (struct fw_str){msg->p, 4};
    if (slash != NULL) {
        const struct fw_str service = {slash + 1, (uint32_t)(proto->p + proto->len - slash - 1)};

        uint64_t port;

        name.len = (uint32_t)(slash - proto->p);
        if (!fw_event_has(ev, FW_BIT(app)) && !fw_word_number(&service, &port) && !fw_word_put(ev, FW_F_app, &service))
            return false;
    }
    return fw_word_put(ev, FW_F_proto, &name);
}

static bool put_common(struct fw_event *ev, const struct fw_str *v) {
    if (v[K_time].len >= 23) { /* with "UTC" behind it */
        const struct fw_str date = {v[K_time].p, 10}, clock = {v[K_time].p + 11, 8};
        const struct fw_str zone = {v[K_time].p + 20, v[K_time].len - 20};

        (void)fw_word_put_time(ev, &date, &clock, &zone);
    }
    if (fw_kv_put(&fw_kv_sonicwall, v, ev) != FW_PARSE_EVENT ||
        !put_end(ev, &v[K_src], &v[K_src_v6], FW_F_src, FW_F_sport, FW_F_in_if) ||
        !put_end(ev, &v[K_dst], &v[K_dst_v6], FW_F_dst, FW_F_dport, FW_F_out_if) ||
        !put_proto(ev, &v[K_proto], &v[K_msg]) ||
        !fw_word_put(ev, FW_F_user, v[K_user].len != 0 ? &v[K_user] : &v[K_usr]))
        return false;
    if (!fw_event_has(ev, FW_BIT(proto)) || ev->proto != FW_PROTO_ICMP)
        ev->present &= ~(FW_BIT(icmp_type) | FW_BIT(icmp_code)); /* code= is the category of a web site elsewhere */
    fw_word_drop_ports(ev);
    return true;
}

static bool put_counts(struct fw_event *ev, const struct fw_str *v) {
    uint64_t sent, rcvd;

    if (fw_word_number(&v[K_spkt], &sent) && fw_word_number(&v[K_rpkt], &rcvd)) {
        ev->packets = sent + rcvd;
        ev->present |= FW_BIT(packets);
    }
    if (fw_word_number(&v[K_cdur], &ev->duration)) /* milliseconds */
        ev->present |= FW_BIT(duration);
    return fw_word_put(ev, FW_F_sent, &v[K_sent]) && fw_word_put(ev, FW_F_rcvd, &v[K_rcvd]);
}

/* op is the method or its number; result the status */
static bool put_request(struct fw_event *ev, const struct fw_str *v) {
    static const struct fw_str methods[] = {{"GET", 3}, {"POST", 4}, {"HEAD", 4}};

    if (v[K_op].len == 1 && v[K_op].p[0] >= '1' && v[K_op].p[0] <= '3') {
        ev->method = methods[v[K_op].p[0] - '1'];
        ev->present |= FW_BIT(method);
    } else if (v[K_op].len > 2 && !fw_word_put(ev, FW_F_method, &v[K_op])) {
        return false;
    }
    return fw_word_put(ev, FW_F_host, &v[K_dstname]) && fw_word_put(ev, FW_F_url, &v[K_arg]) &&
           (fw_word_is_nothing(&v[K_result]) || fw_word_put(ev, FW_F_status, &v[K_result])) && put_counts(ev, v);
}

/* 5 */
static bool refused(const struct fw_str *v) {
    if (v[K_fw_action].len != 0 && !fw_word_is(&v[K_fw_action], "NA"))
        return fw_word_action(&v[K_fw_action]) == FW_ACTION_DENY;
    return v[K_msg].len != 0 && fw_verdict(v[K_msg].p, v[K_msg].len) == FW_ACTION_DENY;
}

static enum fw_parse_result judge(struct fw_event *ev, const struct fw_str *v) {
    const enum what what = what_is(&v[K_m]);
    const bool dropped = refused(v);

    if (what == NOTHING || (what == OTHER && (!dropped || v[K_dst].len == 0)))
        return FW_PARSE_IGNORED;
    if (!put_common(ev, v))
        return FW_PARSE_REFUSED;
    fw_word_put_action(ev, dropped || what == REFUSED_REQUEST ? FW_ACTION_DENY : 0);
    switch (what) {
    case OPENED:
    case CLOSED:
        ev->kind = what == OPENED ? FW_KIND_FLOW_START : FW_KIND_FLOW_END;
        fw_word_put_action(ev, FW_ACTION_ALLOW);
        return what == OPENED || put_counts(ev, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    case REQUEST:
        fw_word_put_action(ev, FW_ACTION_ALLOW);
        /* fall through */
    case REFUSED_REQUEST:
        ev->kind = FW_KIND_HTTP;
        return put_request(ev, v) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    case LOGGED_IN:
    case NOT_LOGGED_IN:
        ev->kind = FW_KIND_AUTH;
        ev->present &= ~FW_BIT(action);
        fw_word_put_outcome(ev, what == LOGGED_IN);
        return fw_event_has(ev, FW_BIT(src)) || fw_event_has(ev, FW_BIT(user)) ? FW_PARSE_EVENT : FW_PARSE_IGNORED;
    case THREAT:
        ev->kind = FW_KIND_THREAT;
        return fw_word_put(ev, FW_F_signature, &v[K_msg]) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    default:
        ev->kind = FW_KIND_FLOW_DENY;
        return fw_word_put(ev, FW_F_reason, &v[K_msg]) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
}

enum fw_parse_result fw_scan_sonicwall(const char *content, size_t len, struct fw_event *ev) {
    struct fw_str v[K_COUNT] = {{NULL, 0}};

    if (fw_kv_words(&fw_kv_sonicwall, content, content + len, v) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    if (v[K_sn].len == 0 || v[K_m].len == 0)
        return FW_PARSE_UNPARSED;
    return judge(ev, v);
}
