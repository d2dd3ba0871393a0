/* det_vpn_tunnel.c: a machine inside uses a VPN (N11).
 *
 * Algorithm: VPNs have protocols and ports of their own, and hosts that nothing else
 * talks to; these are data (lists/vpn.yaml, the services of group vpn). First use is told, then the matter stays open and quiet for as long as
 * it goes on: who uses what is a register, not an alarm.
 *
 * Steps, which code and tests repeat:
 *   1. a session between a machine inside and another one, of a protocol, on a port or to a
 *      host of a listed VPN; or a name, asked for or fetched by the proxy, that only such a
 *      program asks for. The user is the machine inside;
 *   2. a protocol of its own, and a host that serves nothing else, tell at once;
 *   3. a port tells when the session was answered with more than a hand shake (`bytes`
 *      came back), or lasted; where neither is logged, `starts` of them do: a port that
 *      is tried is no VPN, and one datagram that nobody answers is none either;
 *   4. `starts` denied sessions from inside: somebody would like to. Denied ones from
 *      outside are the noise of the Internet;
 *   5. what told goes into the register of users (core/usage.h), which answers whether
 *      it is news: a user who is known, or allowed by the policy, is not told of.
 *
 * Memory: about 200 bytes a machine inside and kind of VPN. What an attacker controls:
 * outside, nothing but sessions into the site, which need an answer.
 */
#include <stdio.h>
#include <string.h>

#include "user.h"

enum param { P_WINDOW, P_BYTES, P_LASTS, P_STARTS };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 86400, 2592000, 604800, "who uses a VPN does so in a week",
                  "quiet time after which a user is forgotten, and told anew"},
    [P_BYTES] = {"bytes", FW_UNIT_COUNT, 0, 1000000, 100, "IKE's and OpenVPN's first answers; a reset is 40",
                 "that came back in a session on a port of a VPN"},
    [P_LASTS] = {"lasts", FW_UNIT_SECONDS, 1, 3600, 5, "a port that is tried is closed by then",
                 "a session on such a port of this length, where bytes are not logged"},
    [P_STARTS] = {"starts", FW_UNIT_COUNT, 1, 1000, 3, "design: who wants it comes again",
                  "sessions, where nothing more is logged of them, and denied ones"},
    {.name = NULL},
};

#define OUTSIDE_FACTOR 2 /* confidence of what came from outside: half, the site may offer it */

struct use {
    struct fw_matter matter;
    union fw_addr peer; /* of the first session that told */
    uint64_t sent, rcvd;
    uint64_t longest; /* milliseconds */
    uint32_t weak;    /* sessions of which nothing more is known */
    uint32_t denied;
    uint16_t dport;
    uint8_t proto;
    uint8_t sign; /* enum fw_listed_by; 0: nothing told yet */
    uint8_t from_outside;
    uint8_t has_peer;
    uint8_t zero[2];
    char name[48]; /* of the host, where a name told it */
};

static bool is_flow(const struct fw_event *ev) {
    return ev->kind == FW_KIND_FLOW_START || ev->kind == FW_KIND_FLOW_END || ev->kind == FW_KIND_FLOW_DENY;
}

static const struct fw_listed *if_vpn(const struct fw_listed *service) {
    return service != NULL && strcmp(service->group, "vpn") == 0 ? service : NULL;
}

/* Step 1. */
static const struct fw_listed *service_of(const struct fw_event *ev, const struct fw_site *site,
                                          enum fw_listed_by *by) {
    if (is_flow(ev)) {
        if (!fw_event_has(ev, FW_BIT(dst) | FW_BIT(proto)) || ev->reply || fw_addr_is_group(&ev->dst) ||
            ((ev->src_roles | ev->dst_roles) & FW_ROLE_HOME) == 0)
            return NULL;
        return if_vpn(fw_lists_service(site, ev, by));
    }
    *by = FW_LISTED_BY_HOST;
    if ((ev->src_roles & FW_ROLE_HOME) == 0)
        return NULL;
    if (ev->kind == FW_KIND_DNS)
        return fw_event_has(ev, FW_BIT(query)) ? if_vpn(fw_lists_host(site, &ev->query, NULL)) : NULL;
    return fw_event_has(ev, FW_BIT(host)) ? if_vpn(fw_lists_host(site, &ev->host, NULL)) : NULL;
}

/* Steps 2 to 4. Does the user's entry tell by now? */
static bool tells(const struct fw_det *det, struct use *use, const struct fw_event *ev, enum fw_listed_by by) {
    const uint32_t starts = (uint32_t)det->values[P_STARTS];
    if (ev->kind == FW_KIND_FLOW_DENY)
        return ++use->denied >= starts;
    if (by != FW_LISTED_BY_PORT)
        return true;
    if (ev->kind == FW_KIND_FLOW_START) /* the end will say more, where ends are logged */
        return !ev->ends_logged && ev->counts && ++use->weak >= starts;
    if (fw_event_has(ev, FW_BIT(rcvd)))
        return ev->rcvd >= (uint64_t)det->values[P_BYTES];
    if (fw_event_has(ev, FW_BIT(bytes)))
        return ev->bytes >= 2 * (uint64_t)det->values[P_BYTES];
    if (fw_event_has(ev, FW_BIT(duration)))
        return ev->duration >= (uint64_t)(det->values[P_LASTS] * FW_SECOND);
    return ++use->weak >= starts;
}

static void note(struct use *use, const struct fw_event *ev, enum fw_listed_by by) {
    const bool inside = (ev->src_roles & FW_ROLE_HOME) != 0;
    if (fw_event_has(ev, FW_BIT(sent)))
        use->sent += inside ? ev->sent : 0;
    if (fw_event_has(ev, FW_BIT(rcvd)))
        use->rcvd += inside ? ev->rcvd : 0;
    if (fw_event_has(ev, FW_BIT(duration)) && ev->duration > use->longest)
        use->longest = ev->duration;
    if (use->sign != 0)
        return;
    use->sign = (uint8_t)by;
    use->from_outside = !inside;
    if (is_flow(ev)) {
        use->peer = inside ? ev->dst : ev->src;
        use->has_peer = 1;
        use->proto = ev->proto;
        use->dport = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : 0;
    } else {
        const struct fw_str *name = ev->kind == FW_KIND_DNS ? &ev->query : &ev->host;
        (void)fw_text_append(use->name, sizeof use->name, 0, name->p, name->len);
    }
}

static void report(struct fw_det *det, struct use *use, fw_time time, const struct fw_sink *sink) {
    const struct fw_user_key *key = fw_table_key(det->keyed.table, use);
    const bool port = use->has_peer && (use->proto == FW_PROTO_TCP || use->proto == FW_PROTO_UDP);
    struct fw_report what = {.subject = {.src = key->src,
                                         .dst = use->peer,
                                         .has_src = true,
                                         .has_dst = use->has_peer != 0,
                                         .proto = use->has_peer ? use->proto : -1,
                                         .dport = port ? use->dport : -1},
                             .time = time,
                             .stage = 1,
                             .value = 1}; /* it is used: what more of it says is no news */
    use->matter.threshold = 1;
    fw_keyed_report(&det->keyed, sink, &use->matter, &what);
}

/* Step 5. */
static bool is_news(const struct fw_user_key *key, const struct fw_event *ev, const struct fw_sink *sink) {
    const bool inside = (ev->src_roles & FW_ROLE_HOME) != 0;
    const struct fw_use use = {.src = key->src,
                               .app = key->app,
                               .group = "vpn",
                               .time = ev->time,
                               .late = ev->late,
                               .has_dst = is_flow(ev),
                               .dst = inside ? ev->dst : ev->src,
                               .bytes = (fw_event_has(ev, FW_BIT(sent)) ? ev->sent : 0) +
                                        (fw_event_has(ev, FW_BIT(rcvd)) ? ev->rcvd : 0)};
    return fw_sink_use(sink, &use, NULL) != FW_USE_NOTHING;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    enum fw_listed_by by;
    struct fw_user_key key;
    const struct fw_listed *service = service_of(ev, sink->site, &by);
    if (service == NULL || (ev->kind == FW_KIND_FLOW_DENY && (ev->src_roles & FW_ROLE_HOME) == 0))
        return;
    fw_user_key(&key, (ev->src_roles & FW_ROLE_HOME) != 0 ? &ev->src : &ev->dst, service->name);
    struct use *use = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (use == NULL)
        return;
    if (use->matter.events == 0)
        use->matter.start = ev->time;
    if (ev->counts || use->matter.events == 0)
        fw_keyed_count(&use->matter, ev, ev->time);
    else if (ev->time > use->matter.last)
        use->matter.last = ev->time;
    const bool told = tells(det, use, ev, by);
    if (told)
        note(use, ev, by);
    const bool news = told && is_news(&key, ev, sink);
    if (news || use->matter.handle != 0)
        report(det, use, ev->time, sink);
    if (fw_sink_asks(sink)) {
        const struct fw_reading reading = {.subject = {.src = key.src, .has_src = true, .proto = -1, .dport = -1},
                                           .measure = "sessions of a VPN",
                                           .value = use->weak > use->denied ? use->weak : use->denied,
                                           .threshold = (uint64_t)det->values[P_STARTS],
                                           .open = use->matter.handle != 0};
        fw_sink_tell(sink, &reading);
    }
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct use *use = entry;
    const struct fw_user_key *key = fw_table_key(det->keyed.table, entry);
    const struct fw_app *app = fw_app_find(key->app);
    const char *vpn = app != NULL ? app->title : key->app;
    char user[FW_ADDR_TEXT_MAX], peer[FW_ADDR_TEXT_MAX], port[24];
    (void)fw_addr_format(&key->src, user);
    if (use->has_peer) {
        (void)fw_addr_format(&use->peer, peer);
        (void)fw_service_format(use->proto, use->dport, port, sizeof port);
        (void)snprintf(out->sentence, sizeof out->sentence, "%s %s %s: %s %s (%s)", user,
                       use->matter.denied == use->matter.events ? "tries to use" : "uses", vpn,
                       use->from_outside ? "from" : "to", peer, port);
    } else {
        (void)snprintf(out->sentence, sizeof out->sentence, "%s uses %s: it asked for %s", user, vpn, use->name);
        memcpy(out->domain, use->name, sizeof use->name);
    }
    (void)snprintf(out->key, sizeof out->key, "%s|%s", user, vpn);
    out->measure = "uses";
    out->value = use->matter.events;
    out->window = fw_keyed_window(det);
    out->confidence = use->sign == FW_LISTED_BY_PORT ? 70 : 90;
    if (use->from_outside)
        out->confidence /= OUTSIDE_FACTOR;
    if (use->sign == FW_LISTED_BY_PORT && use->sent + use->rcvd + use->longest == 0)
        out->degraded[0] = "duration";
    out->next_step =
        "Ask the user what the VPN is for; a way out of the site is a way in as well. A telephone that calls over the "
        "wireless network uses IPsec to its provider. What is allowed goes into the policy with its reason.";
    fw_keyed_edges(&use->matter, use->has_peer ? &use->peer : NULL, use->has_peer && use->dport != 0 ? use->dport : -1,
                   out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "vpn_tunnel",
                                         .key_size = sizeof(struct fw_user_key),
                                         .value_size = sizeof(struct use),
                                         .table_pct = 100,
                                         .version = 1};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_vpn_tunnel = {
    .name = "vpn_tunnel",
    .title = "use of a VPN",
    .requirement = "N11",
    .class = FW_CLASS_USAGE,
    .technique_id = "T1572",
    .technique_name = "Protocol Tunneling",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY | 1u << FW_KIND_HTTP |
             1u << FW_KIND_DNS,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) |
            FW_BIT(duration) | FW_BIT(host) | FW_BIT(query),
    .guards = FW_ROLE_BIT(vpn_gateway) | FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .observe = observe,
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
