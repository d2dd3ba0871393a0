/* det_skype_user.c: somebody calls by Skype or its like (N8).
 *
 * Algorithm: three generations of the same thing are told apart.
 * Skype of the first years has no servers: it tries hosts by UDP on their odd
 * ports, then by TCP there, then by TCP on 443, then on 80, until one answers, and
 * leaves piles of sessions and denials. Source: Baset, Schulzrinne: An analysis of
 * the Skype peer-to-peer Internet telephony protocol, 2004 (figure 3: that order).
 * Its later clients ask for news by a URL that tells their version:
 * http://ui.skype.com/ui/0/8.55.0.135/en/getlatestversion?ver=8.55.0.135
 * Services of today have networks, ports and names of their own, which are data
 * (lists/calls.yaml); what else asks a STUN server for its address (RFC 8489) is
 * a call from a browser.
 *
 * Steps, which code and tests repeat:
 *   1. a URL of that kind: Skype, and the version;
 *   2. a host name or network of a listed service: that service, unless it was
 *      denied or nobody answered;
 *   3. three answered datagrams to STUN's ports (3478-3481, 5349, 19302-19309)
 *      within ten minutes: a call by WebRTC or another use of STUN;
 *   4. ten hosts outside, each on a high port of its own, within 120 s, and three
 *      of them then on 443 or 80 as well: Skype;
 *   5. each is a use and goes into the register; of step 4 lends the role
 *      skype_user, as only that looks like a scan.
 *
 * Told apart: QUIC is UDP to 443 and to nothing else; peers of file sharing are
 * never tried on 443 and 80; a scan does not fall back.
 * Memory: about 350 bytes a source that met two hosts, 36 a host.
 * What an attacker controls: URLs and host names, so his version is text; inside,
 * his packets: he can get the role by calling hosts that way, see the register.
 */
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "user.h"

enum param { P_WINDOW, P_HOSTS, P_FALLBACKS, P_STUN };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 30, 3600, 120, "design: ten peers in 120 s",
                  "span in which hosts are counted"},
    [P_HOSTS] = {"hosts", FW_UNIT_COUNT, 4, 200, 10, "Baset 2004: a client tries all of its host cache",
                 "hosts that are tried"},
    [P_FALLBACKS] = {"fallbacks", FW_UNIT_COUNT, 1, 100, 3, "more than a browser and a game at one host",
                     "of these, also on 443 or 80"},
    [P_STUN] = {"stun", FW_UNIT_COUNT, 1, 100, 3, "a web page may ask once", "answered datagrams to STUN"},
    {.name = NULL},
};

enum { MARK_UDP = 1, MARK_TCP = 2, MARK_WEB = 4 };
enum { STUN_SPAN = 10 * 60 };

struct entry {
    struct fw_user_entry user; /* always first */
    struct fw_distinct hosts;
    fw_time stun_last;
    uint32_t stun; /* answered, none more than STUN_SPAN after the one before */
    uint32_t fallbacks;
    uint8_t found;
    uint8_t zero[7];
};

/* Sources that lately tried hosts on high ports, so that the web of all the others is not looked up: slots by address,
 * with the time until when. Two of one slot cost a look-up. */
#define SLOTS 64
static size_t slot_of(const union fw_addr *addr) {
    return (size_t)((addr->q[0] ^ addr->q[1]) * UINT64_C(0x9e3779b97f4a7c15) >> 58) % SLOTS;
}
_Static_assert(SLOTS * sizeof(uint64_t) <= FW_KEYED_EXTRA_MAX, "beside the entries");

static bool is_stun(uint16_t port) {
    return (port >= 3478 && port <= 3481) || port == 5349 || (port >= 19302 && port <= 19309);
}

static bool is_web(const struct fw_event *ev) {
    return ev->proto == FW_PROTO_TCP && (ev->dport == 443 || ev->dport == 80);
}

/* ---- steps 1 and 2: requests ---- */

static bool find_text(const struct fw_str *in, const char *what, size_t *at) {
    const size_t len = strlen(what);
    for (size_t i = 0; i + len <= in->len; i++)
        if (memcmp(in->p + i, what, len) == 0) {
            *at = i + len;
            return true;
        }
    return false;
}

/* Step 1: ".../getlatestversion?ver=8.55.0.135&..." */
static bool version_of(const struct fw_str *url, struct fw_str *version) {
    size_t at;
    if (!find_text(url, "/getlatestversion?ver=", &at))
        return false;
    version->p = url->p + at;
    version->len = 0;
    while (at < url->len && ((url->p[at] >= '0' && url->p[at] <= '9') || url->p[at] == '.')) {
        at++;
        version->len++;
    }
    return true;
}

static bool is_call_service(const struct fw_listed *service) {
    return service != NULL && strcmp(service->group, "voip") == 0;
}

static void of_request(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct fw_use use = {.app = "skype"};
    const bool denied = fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY;
    const struct fw_listed *service =
        fw_event_has(ev, FW_BIT(host)) ? fw_lists_host(sink->site, &ev->host, NULL) : NULL;
    if (fw_event_has(ev, FW_BIT(url)) && version_of(&ev->url, &use.version)) {
        (void)fw_user_seen(det, ev, sink, &use, 1);
    } else if (!denied && is_call_service(service)) {
        use.app = service->name;
        use.group = service->group;
        (void)fw_user_seen(det, ev, sink, &use, 1);
    }
}

/* ---- steps 3 and 4: flows ---- */

static bool is_call(const struct fw_event *ev) {
    return (ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP) && fw_event_has(ev, FW_BIT(dport)) &&
           fw_user_is_outward(ev) && !fw_attempt_is_like_reply(ev);
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    if (!fw_event_has(ev, FW_BIT(dst) | FW_BIT(proto)) || !is_call(ev) || ev->dport == 53)
        return false;
    if (ev->dport < 1024 && (!is_web(ev) || (fw_time)det->extra[slot_of(&ev->src)] < ev->time))
        return false;
    fw_user_key(out, &ev->src, "");
    return true;
}

static void count_stun(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct fw_user_key key;
    struct fw_use use = {.app = "webrtc"};
    fw_user_key(&key, &ev->src, "");
    struct entry *entry = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (entry == NULL)
        return;
    if (ev->time - entry->stun_last > STUN_SPAN * FW_SECOND)
        entry->stun = 0;
    entry->stun_last = ev->time;
    entry->stun++;
    fw_keyed_count(&entry->user.matter, ev, ev->time);
    if (entry->stun >= (uint32_t)det->values[P_STUN])
        (void)fw_user_seen(det, ev, sink, &use, entry->stun);
}

/* The entry of a host's call on a high port, or on the web by one who made such calls. */
static struct entry *entry_of(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink, bool web) {
    const struct fw_contact contact = {.dst = ev->dst, .time = ev->time};
    struct fw_contact first;
    struct fw_user_key key;
    bool noted = false;
    fw_user_key(&key, &ev->src, "");
    struct entry *entry = web ? fw_keyed_find(&det->keyed, sink, &key, ev->time)
                              : fw_keyed_contact(&det->keyed, sink, &key, &contact, &first, &noted);
    if (noted && !fw_addr_equal(&first.dst, &ev->dst))
        (void)fw_distinct_add(det->keyed.pool, &entry->hosts, &first.dst, first.time, fw_keyed_window(det), MARK_UDP,
                              NULL);
    return entry;
}

static void count_fallback(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) { /* step 4 */
    const bool web = is_web(ev);
    const fw_time window = fw_keyed_window(det);
    uint8_t mark = 0, before = 0;
    struct fw_use use = {.app = "skype", .role = FW_ROLE_BIT(skype_user)};
    if (!web)
        det->extra[slot_of(&ev->src)] = (uint64_t)(ev->time + window);
    struct entry *entry = entry_of(det, ev, sink, web);
    if (entry == NULL)
        return;
    mark = web ? MARK_WEB : ev->proto == FW_PROTO_UDP ? MARK_UDP : MARK_TCP;
    if (web) { /* only hosts that were tried on a high port before */
        if (!fw_distinct_drop(det->keyed.pool, &entry->hosts, &ev->dst, &before))
            return;
        mark |= before;
    }
    (void)fw_distinct_add(det->keyed.pool, &entry->hosts, &ev->dst, ev->time, window, mark, NULL);
    if (web && (before & MARK_WEB) == 0)
        entry->fallbacks++;
    fw_keyed_count(&entry->user.matter, ev, ev->time);
    if (entry->hosts.count < (unsigned)det->values[P_HOSTS]) {
        if (entry->hosts.count < 2)
            entry->fallbacks = 0; /* the window is over */
    } else if (entry->fallbacks >= (unsigned)det->values[P_FALLBACKS]) {
        (void)fw_user_seen(det, ev, sink, &use, entry->hosts.count);
    }
}

static void of_flow(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (ev->late || !is_call(ev))
        return;
    const enum fw_attempt outcome = fw_attempt_judge(ev);
    const struct fw_listed *service = ev->dport != 53 ? fw_lists_service(sink->site, ev, NULL) : NULL;
    if (outcome == FW_ATTEMPT_NONE)
        return;
    if (service != NULL) { /* step 2; by a port alone only what was answered */
        struct fw_use use = {.app = service->name, .group = service->group};
        if (is_call_service(service) &&
            (outcome == FW_ATTEMPT_ANSWERED || (outcome == FW_ATTEMPT_UNKNOWN && ev->dst_service != 0)))
            (void)fw_user_seen(det, ev, sink, &use, 1);
        return;
    }
    if (ev->proto == FW_PROTO_UDP && is_stun(ev->dport)) { /* step 3 */
        if (outcome == FW_ATTEMPT_ANSWERED)
            count_stun(det, ev, sink);
        return;
    }
    if (is_web(ev) ? (fw_time)det->extra[slot_of(&ev->src)] >= ev->time
                   : ev->dport >= 1024 && !fw_lists_port(sink->site, ev->proto, ev->dport))
        count_fallback(det, ev, sink);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if ((ev->src_roles & FW_ROLE_HOME) == 0)
        return;
    if (ev->kind == FW_KIND_HTTP)
        of_request(det, ev, sink);
    else if (fw_event_has(ev, FW_BIT(dst) | FW_BIT(proto)))
        of_flow(det, ev, sink);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct fw_user_entry *entry = value;
    fw_user_sentence(det, entry, out);
    const size_t len = strlen(out->sentence);
    char where[FW_ADDR_TEXT_MAX] = "";
    if (entry->has_dst)
        (void)fw_addr_format(&entry->dst, where);
    if (entry->host[0] != '\0')
        (void)snprintf(out->sentence + len, sizeof out->sentence - len, ": %s", entry->host);
    else if (entry->value >= (uint64_t)det->values[P_HOSTS])
        (void)snprintf(out->sentence + len, sizeof out->sentence - len,
                       ": tried %llu hosts on odd ports, then on 443 and 80", (unsigned long long)entry->value);
    else
        (void)snprintf(out->sentence + len, sizeof out->sentence - len, ": %s on %s/%u", where,
                       entry->proto == FW_PROTO_UDP ? "udp" : "tcp", (unsigned)entry->dport);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "skype_user",
                                         .key_size = sizeof(struct fw_user_key),
                                         .value_size = sizeof(struct entry),
                                         .sets = {offsetof(struct entry, hosts)},
                                         .set_count = 1,
                                         .times = {offsetof(struct entry, stun_last)},
                                         .time_count = 1,
                                         .table_pct = 60,
                                         .gate = true,
                                         .key_of = key_of,
                                         .extra = SLOTS * sizeof(uint64_t)};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_skype_user;
const struct fw_detector_ops fw_det_skype_user = {
    .name = "skype_user",
    .title = "calls by Skype and its like",
    .requirement = "N8",
    .class = FW_CLASS_USAGE,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY | 1u << FW_KIND_HTTP,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(sport) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) |
            FW_BIT(url) | FW_BIT(host) | FW_BIT(action) | FW_BIT(reason) | FW_BIT(tcp_flags),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner) | FW_ROLE_BIT(proxy) | FW_ROLE_BIT(nat),
    .params = params,
    .weight = 1,
    .quiet = fw_user_quiet,
    .open = open_det,
    .ask = fw_keyed_ask,
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
