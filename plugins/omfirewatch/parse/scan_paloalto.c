/* scan_paloalto.c: Palo Alto Networks PAN-OS (8 to 11), logs in the default CSV format.
 *
 *   1,2026/10/12 08:00:00,007200001056,TRAFFIC,end,2561,2026/10/12 08:00:00,10.0.1.20,203.0.113.80,...
 *
 * Columns after the "Syslog Field Descriptions" of the PAN-OS Administrator's
 * Guide; new releases only append. Judgement:
 *  1. TRAFFIC: subtype start opens, end closes, drop and deny refuse; an end
 *     whose action is not allow was refused too.
 *  2. THREAT: subtype url is a web request; file and data say what passed and are
 *     a threat only when stopped; the rest is a threat by its name.
 *  3. SYSTEM auth and globalprotect, and GLOBALPROTECT, stage login: log-ins. In
 *     SYSTEM the address and the user stand in a text: the last "From: " counts,
 *     since the name before it is what a stranger typed.
 *  4. CONFIG is the device's. All else is no event.
 * Stamps have no zone and are not read.
 */
#include "scan.h"
#include "scan_csv.h"
#include "scan_word.h"

enum {
    TYPE = 3,
    SUBTYPE = 4,
    ACTION = 30,
    URL = 31,
    THREAT_NAME = 32,
    THREAT_SEVERITY = 34,
    SYSTEM_EVENT = 8,
    SYSTEM_TEXT = 14,
    PORTAL_EVENT = 8,
    PORTAL_STAGE = 9,
    PORTAL_STATUS = 28,
};

/* TRAFFIC and THREAT alike. A flood has 0.0.0.0 for the many it came from. */
static const struct fw_csv_column both[] = {
    {7, FW_KV_NAT, FW_F_src},        {8, FW_KV_NAT, FW_F_dst},         {9, FW_KV_NAT, FW_F_nat_src},
    {10, FW_KV_NAT, FW_F_nat_dst},   {11, FW_KV_FIELD, FW_F_rule},     {12, FW_KV_FIELD, FW_F_user},
    {14, FW_KV_FIELD, FW_F_app},     {16, FW_KV_FIELD, FW_F_src_zone}, {17, FW_KV_FIELD, FW_F_dst_zone},
    {18, FW_KV_FIELD, FW_F_in_if},   {19, FW_KV_FIELD, FW_F_out_if},   {22, FW_KV_NAT, FW_F_session},
    {24, FW_KV_FIELD, FW_F_sport},   {25, FW_KV_FIELD, FW_F_dport},    {26, FW_KV_NAT, FW_F_nat_sport},
    {27, FW_KV_NAT, FW_F_nat_dport}, {29, FW_KV_FIELD, FW_F_proto},
};
static const struct fw_csv_column traffic[] = {
    {32, FW_KV_FIELD, FW_F_sent},     {33, FW_KV_FIELD, FW_F_rcvd},   {34, FW_KV_FIELD, FW_F_packets},
    {36, FW_KV_FIELD, FW_F_duration}, {46, FW_KV_FIELD, FW_F_reason},
};
static const struct fw_csv_column request[] = {
    {URL, FW_KV_FIELD, FW_F_url},     {41, FW_KV_FIELD, FW_F_mime},   {46, FW_KV_FIELD, FW_F_agent},
    {49, FW_KV_FIELD, FW_F_referrer}, {63, FW_KV_FIELD, FW_F_method},
};
static const struct fw_csv_column threat[] = {
    {URL, FW_KV_FIELD, FW_F_url},
    {THREAT_NAME, FW_KV_FIELD, FW_F_signature},
};
/* public_ip is IPv4 or 0.0.0.0, public_ipv6 the other way round */
static const struct fw_csv_column portal[] = {
    {12, FW_KV_FIELD, FW_F_user},
    {15, FW_KV_NAT, FW_F_src},
    {16, FW_KV_NAT, FW_F_src},
    {25, FW_KV_FIELD, FW_F_reason},
};
#define PUT(table) fw_csv_put(table, sizeof(table) / sizeof *(table), c, n, ev)

static enum fw_parse_result judge_traffic(struct fw_event *ev, const struct fw_str *c, size_t n) {
    const struct fw_str *subtype = &c[SUBTYPE];

    if (n <= ACTION || !fw_word_among(subtype, "start end drop deny"))
        return FW_PARSE_UNPARSED;
    const bool allowed = fw_word_is(&c[ACTION], "allow");

    if (!allowed || fw_word_among(subtype, "drop deny"))
        ev->kind = FW_KIND_FLOW_DENY;
    else
        ev->kind = fw_word_is(subtype, "start") ? FW_KIND_FLOW_START : FW_KIND_FLOW_END;
    fw_word_put_action(ev, ev->kind == FW_KIND_FLOW_DENY ? FW_ACTION_DENY : FW_ACTION_ALLOW);
    if (PUT(both) != FW_PARSE_EVENT || (ev->kind == FW_KIND_FLOW_END && PUT(traffic) != FW_PARSE_EVENT))
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    return FW_PARSE_EVENT;
}

static enum fw_parse_result judge_threat(struct fw_event *ev, const struct fw_str *c, size_t n) {
    if (n <= THREAT_SEVERITY)
        return FW_PARSE_UNPARSED;
    const int action = fw_word_action(&c[ACTION]);

    if (PUT(both) != FW_PARSE_EVENT)
        return FW_PARSE_REFUSED;
    fw_word_drop_ports(ev);
    fw_word_put_action(ev, action);
    if (fw_word_is(&c[SUBTYPE], "url")) {
        ev->kind = FW_KIND_HTTP;
        fw_word_put_host(ev, &c[URL]);
        return PUT(request);
    }
    if (fw_word_among(&c[SUBTYPE], "file data") && action != FW_ACTION_DENY)
        return FW_PARSE_IGNORED;
    ev->kind = FW_KIND_THREAT;
    fw_word_put_severity(ev, &c[THREAT_SEVERITY], FW_SEVERITY_PRIORITY);
    return PUT(threat);
}

/* What stands behind `label`, up to `stop` or the end. */
static struct fw_str after(const struct fw_str *text, const char *label, const char *stop, bool last) {
    const char *end = text->p + text->len;
    const size_t len = strlen(label);
    const char *at = fw_word_find(text->p, end, label, len), *next;

    while (last && at != NULL && (next = fw_word_find(at + 1, end, label, len)) != NULL)
        at = next;
    if (at == NULL)
        return (struct fw_str){NULL, 0};
    at += len;
    const char *close = fw_word_find(at, end, stop, strlen(stop));

    return (struct fw_str){at, (uint32_t)((close != NULL ? close : end) - at)};
}

/* "failed authentication for user 'bob'. Reason: ... auth profile 'x', vsys 'y', From: 192.0.2.5."
 * "GlobalProtect gateway user authentication failed. Login from: 192.0.2.5, Source region: ..., User name: bob, ..." */
static enum fw_parse_result judge_system(struct fw_event *ev, const struct fw_str *c, size_t n) {
    if (n <= SYSTEM_TEXT || !fw_word_among(&c[SUBTYPE], "auth globalprotect"))
        return FW_PARSE_IGNORED;
    const struct fw_str *event = &c[SYSTEM_EVENT], *text = &c[SYSTEM_TEXT];
    const bool portal_form = fw_word_has(event, "globalprotect");
    const bool success = fw_word_is(event, "auth-success") || fw_word_has(event, "-auth-succ");

    if (!success && !fw_word_is(event, "auth-fail") && !fw_word_has(event, "-auth-fail"))
        return FW_PARSE_IGNORED;
    if (text->len == 0)
        return FW_PARSE_REFUSED;
    struct fw_str from = portal_form ? after(text, "Login from: ", ",", false) : after(text, "From: ", " ", true);
    const struct fw_str user = portal_form ? after(text, "User name: ", ",", false) : after(text, "user '", "'", false);

    if (from.len != 0 && (from.p[from.len - 1] == '.' || from.p[from.len - 1] == ','))
        from.len--;
    ev->kind = FW_KIND_AUTH;
    fw_word_put_outcome(ev, success);
    return fw_word_put(ev, FW_F_src, &from) && fw_word_put(ev, FW_F_user, &user) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
}

static enum fw_parse_result judge_portal(struct fw_event *ev, const struct fw_str *c, size_t n) {
    if (n <= PORTAL_STATUS || !fw_word_is(&c[PORTAL_STAGE], "login") ||
        !fw_word_among(&c[PORTAL_EVENT], "portal-auth gateway-auth clientlessvpn-login") ||
        !fw_word_among(&c[PORTAL_STATUS], "success failure"))
        return FW_PARSE_IGNORED;
    ev->kind = FW_KIND_AUTH;
    fw_word_put_outcome(ev, fw_word_is(&c[PORTAL_STATUS], "success"));
    return PUT(portal);
}

enum fw_parse_result fw_scan_paloalto(const char *content, size_t len, struct fw_event *ev) {
    struct fw_str c[FW_CSV_COLUMNS_MAX];
    const size_t n = fw_csv_split(content, content + len, c, FW_CSV_COLUMNS_MAX);

    if (n <= SUBTYPE)
        return FW_PARSE_UNPARSED;
    if (fw_word_is(&c[TYPE], "TRAFFIC"))
        return judge_traffic(ev, c, n);
    if (fw_word_is(&c[TYPE], "THREAT"))
        return judge_threat(ev, c, n);
    if (fw_word_is(&c[TYPE], "SYSTEM"))
        return judge_system(ev, c, n);
    if (fw_word_is(&c[TYPE], "GLOBALPROTECT"))
        return judge_portal(ev, c, n);
    if (fw_word_is(&c[TYPE], "CONFIG")) {
        ev->kind = FW_KIND_DEVICE;
        return n > 9 && fw_word_put(ev, FW_F_reason, &c[9]) ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
    }
    return FW_PARSE_IGNORED;
}
