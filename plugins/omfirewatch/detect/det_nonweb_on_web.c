/* det_nonweb_on_web.c: what goes where the web goes, and is none (N7, N11).
 *
 * Algorithm: a browser fetches and is done: a session to a web port is short, and
 * far more comes back than goes. A terminal, a messenger or a command channel
 * stays, and sends little, both ways alike. On 443 WebSockets and pushes to
 * browsers and telephones look so too, so there only length tells (long_tunnel);
 * on 80 and 8080 hardly anything does. Through a proxy it shows as a CONNECT to a
 * port other than the web's.
 *
 * Steps, which code and tests repeat:
 *   1. a CONNECT to a port other than 443 (and 563, 8443, which proxies allow as
 *      usual): reported, whether it was denied or not, one finding a source;
 *   2. an end of a TCP session from home to 80 or 8080 outside, with bytes each way
 *      and a duration: 10 minutes or more, less than 200 bytes a second, neither
 *      direction more than four times the other, and no service of the lists:
 *      reported;
 *   3. where the policy has a proxy: three web sessions past it, once a day a source;
 *      but where ten do, and they are more than those who are known to use the proxy (by
 *      its log, or sessions with it), that is how the site is, and no more are told.
 *
 * Where the log has no bytes of each direction or no duration, step 2 sees nothing.
 * Memory: about 150 bytes a source and destination of such a session.
 * What an attacker controls: how much he sends; who downloads a page every minute
 * looks like the web, and is beacon's matter.
 */
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "crowd.h"
#include "../core/json.h"
#include "user.h"

enum param { P_WINDOW, P_DURATION, P_RATE, P_PAST };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "one finding a day", "quiet time of a finding"},
    [P_DURATION] = {"duration", FW_UNIT_SECONDS, 60, 86400, 600, "HTTP servers close after 5 to 120 s of nothing",
                    "a session is that long"},
    [P_RATE] = {"rate", FW_UNIT_COUNT, 1, 100000, 200, "a person types and reads less than 200 bytes a second",
                "bytes a second at most, both ways together"},
    [P_PAST] = {"past", FW_UNIT_COUNT, 1, 1000, 3, "one may be a check for a portal",
                "web sessions past the proxy of the policy"},
    {.name = NULL},
};

enum { TARGETS = 4, TARGET_MAX = 48 }; /* that are named */
enum { HOW_CONNECT = 1, HOW_SESSION, HOW_DIRECT };

struct key {                /* 48 bytes, no padding */
    union fw_addr src, dst; /* dst: of sessions */
    uint16_t port;
    uint8_t how;
    uint8_t zero[5];
    uint64_t more;
};
_Static_assert(sizeof(struct key) == 48, "no padding");

struct entry {
    struct fw_matter matter; /* always first */
    union fw_addr dst;
    uint64_t longest; /* ms */
    uint64_t bytes;
    uint32_t times;
    uint8_t has_dst;
    uint8_t zero[7];
    uint32_t more;                    /* CONNECTs to others than those below */
    uint32_t targets;                 /* of these */
    char target[TARGETS][TARGET_MAX]; /* host and port of a CONNECT */
};

#define MANY 10 /* who go past the proxy: a finding each would say nothing more */

/* Machines in the last two windows, beside the entries. */
struct extra {
    struct fw_crowd past, by; /* past the proxy, and by it */
};
_Static_assert(sizeof(struct extra) <= FW_KEYED_EXTRA_MAX, "extra");

static struct extra *extra_of(struct fw_det *det) {
    return (struct extra *)(void *)det->extra;
}

static bool has_proxy(const struct fw_site *site) {
    for (size_t i = 0; site != NULL && i < site->entries_count; i++)
        if ((site->entries[i]->role & FW_ROLE_BIT(proxy)) != 0)
            return true;
    return false;
}

static void report(struct fw_det *det, const struct fw_event *ev, struct entry *entry, const struct key *key,
                   uint64_t threshold, const struct fw_sink *sink) {
    entry->matter.threshold = threshold;
    struct fw_report report = {.subject = {.src = ev->src,
                                           .has_src = true,
                                           .dst = entry->dst,
                                           .has_dst = entry->has_dst && key->how == HOW_SESSION,
                                           .proto = key->how == HOW_SESSION ? FW_PROTO_TCP : -1,
                                           .dport = key->how == HOW_SESSION ? key->port : -1},
                               .time = ev->time,
                               .stage = 1,
                               .value = key->how == HOW_CONNECT ? entry->targets : threshold};
    fw_keyed_report(&det->keyed, sink, &entry->matter, &report);
}

static struct entry *count(struct fw_det *det, const struct fw_event *ev, const struct key *key,
                           const struct fw_sink *sink) {
    struct entry *entry = fw_keyed_enter(&det->keyed, sink, key, ev->time);
    if (entry == NULL)
        return NULL;
    if (entry->matter.events == 0)
        entry->matter.start = ev->time;
    fw_keyed_count(&entry->matter, ev, ev->time);
    entry->matter.denied +=
        ev->kind == FW_KIND_HTTP && fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY;
    entry->bytes += fw_user_bytes(ev);
    entry->times++;
    if (fw_event_has(ev, FW_BIT(dst))) {
        entry->has_dst = 1;
        entry->dst = ev->dst;
    }
    return entry;
}

/* ---- step 1 ---- */

/* "host:port", as a CONNECT asks for; 0: none */
static unsigned port_of(const struct fw_str *url) {
    unsigned port = 0;
    size_t at = url->len;
    while (at > 0 && url->p[at - 1] >= '0' && url->p[at - 1] <= '9')
        at--;
    if (at == 0 || url->p[at - 1] != ':' || url->len - at > 5)
        return 0;
    for (; at < url->len; at++)
        port = port * 10 + (unsigned)(url->p[at] - '0');
    return port <= UINT16_MAX ? port : 0;
}

static void name_target(struct entry *entry, const struct fw_str *url) {
    char text[TARGET_MAX];
    text[0] = '\0';
    (void)fw_text_append(text, sizeof text, 0, url->p, url->len);
    for (uint32_t i = 0; i < entry->targets && i < TARGETS; i++)
        if (strcmp(entry->target[i], text) == 0)
            return;
    if (entry->targets >= TARGETS)
        entry->more++;
    else
        memcpy(entry->target[entry->targets++], text, sizeof text);
}

static void of_connect(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key = {.how = HOW_CONNECT};
    if (!fw_event_has(ev, FW_BIT(method) | FW_BIT(url)) || ev->method.len != 7 ||
        memcmp(ev->method.p, "CONNECT", 7) != 0)
        return;
    const unsigned port = port_of(&ev->url);
    if (port == 0 || port == 443 || port == 563 || port == 8443)
        return;
    key.src = ev->src;
    struct entry *entry = count(det, ev, &key, sink);
    if (entry == NULL)
        return;
    name_target(entry, &ev->url);
    report(det, ev, entry, &key, 1, sink);
}

/* ---- step 2 ---- */

static bool is_talk(const struct fw_det *det, const struct fw_event *ev) {
    if (ev->kind != FW_KIND_FLOW_END || !fw_event_has(ev, FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd)) ||
        ev->duration < (uint64_t)(det->values[P_DURATION] * FW_SECOND))
        return false;
    const uint64_t seconds = ev->duration / (uint64_t)FW_SECOND;
    return ev->sent > 0 && ev->rcvd > 0 && ev->sent / 4 <= ev->rcvd && ev->rcvd / 4 <= ev->sent &&
           (ev->sent + ev->rcvd) / seconds < (uint64_t)det->values[P_RATE];
}

static void of_session(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key = {.src = ev->src, .dst = ev->dst, .how = HOW_SESSION};
    if (ev->dport == 443 || ev->dst_service != 0 || !is_talk(det, ev)) /* a messenger's session is im_user's matter */
        return;
    key.port = ev->dport;
    struct entry *entry = count(det, ev, &key, sink);
    if (entry == NULL)
        return;
    if (ev->duration > entry->longest)
        entry->longest = ev->duration;
    report(det, ev, entry, &key, 1, sink);
}

/* ---- step 3 ---- */

/* Whoever is seen to use the proxy. */
static void note_user(struct fw_det *det, const struct fw_event *ev) {
    if (ev->kind == FW_KIND_HTTP || (ev->dst_roles & FW_ROLE_BIT(proxy)) != 0)
        fw_crowd_add(&extra_of(det)->by, &ev->src, ev->time, fw_keyed_window(det));
}

static bool is_habit(struct fw_det *det) {
    const double past = fw_crowd_count(&extra_of(det)->past);
    return past > MANY + .5 && past > fw_crowd_count(&extra_of(det)->by);
}

static void of_direct(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key = {.src = ev->src, .how = HOW_DIRECT};
    if ((ev->src_roles & FW_ROLE_BIT(proxy)) != 0 || ev->kind == FW_KIND_FLOW_DENY || ev->dport == 8080 ||
        !ev->counts || !has_proxy(sink->site))
        return;
    struct entry *entry = count(det, ev, &key, sink);
    if (entry == NULL || entry->times < (uint32_t)det->values[P_PAST])
        return;
    if (entry->times == (uint32_t)det->values[P_PAST])
        fw_crowd_add(&extra_of(det)->past, &ev->src, ev->time, fw_keyed_window(det));
    if (entry->matter.handle != 0 || !is_habit(det))
        report(det, ev, entry, &key, (uint64_t)det->values[P_PAST], sink);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if ((ev->src_roles & FW_ROLE_HOME) == 0 || ev->late)
        return;
    note_user(det, ev);
    if (ev->kind == FW_KIND_HTTP) {
        of_connect(det, ev, sink);
        return;
    }
    if (!fw_event_has(ev, FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport)) || ev->proto != FW_PROTO_TCP ||
        (ev->dport != 80 && ev->dport != 443 && ev->dport != 8080) || !fw_user_is_outward(ev))
        return;
    of_session(det, ev, sink);
    of_direct(det, ev, sink);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct entry *entry = value;
    const struct key *key = fw_table_key(det->keyed.table, value);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX] = "", span[24];
    (void)fw_addr_format(&key->src, src);
    if (entry->has_dst)
        (void)fw_addr_format(&entry->dst, dst);
    (void)fw_span_format((fw_time)entry->longest, span, sizeof span);
    if (key->how == HOW_CONNECT) {
        size_t len = (size_t)snprintf(out->sentence, sizeof out->sentence, "%s asked the proxy for tunnels to", src);
        for (uint32_t i = 0; i < entry->targets && i < TARGETS; i++)
            len += (size_t)snprintf(out->sentence + len, sizeof out->sentence - len, "%s %.40s", i > 0 ? "," : "",
                                    entry->target[i]);
        if (entry->more > 0)
            (void)snprintf(out->sentence + len, sizeof out->sentence - len, " and more");
        (void)snprintf(out->key, sizeof out->key, "%s|connect", src);
    } else if (key->how == HOW_SESSION) {
        (void)snprintf(out->sentence, sizeof out->sentence,
                       "%s talked with %s on tcp/%u for %s, %llu bytes in all: that is not the web", src, dst,
                       (unsigned)key->port, span, (unsigned long long)entry->bytes);
    } else {
        (void)snprintf(out->sentence, sizeof out->sentence, "%s goes to the web past the proxy", src);
        (void)snprintf(out->key, sizeof out->key, "%s|past the proxy", src);
    }
    out->measure = key->how == HOW_CONNECT ? "targets" : "sessions";
    out->value = key->how == HOW_CONNECT ? entry->targets + entry->more : entry->times;
    out->window = fw_keyed_window(det);
    out->confidence = key->how == HOW_SESSION ? 60 : 80;
    out->next_step = key->how == HOW_DIRECT
                         ? "Find out why: a program that knows no proxy, or somebody who avoids it. Let the firewall "
                           "pass the web from the proxy alone."
                         : "Find out which program that is, and what it talks with there. If it is meant to be, write "
                           "an exception with its reason.";
    fw_keyed_edges(&entry->matter, entry->has_dst ? &entry->dst : NULL, key->how == HOW_SESSION ? key->port : -1, out);
}

static void shift(struct fw_det *det, fw_time from, fw_time delta) {
    struct fw_crowd *const crowds[] = {&extra_of(det)->past, &extra_of(det)->by};
    fw_keyed_shift(det, from, delta);
    for (size_t i = 0; i < sizeof crowds / sizeof *crowds; i++)
        if (crowds[i]->begun > from)
            crowds[i]->begun += delta;
}

/* A forged state may say anything; times are reckoned with. */
static void loaded(struct fw_det *det, const struct fw_sink *sink) {
    struct fw_crowd *const crowds[] = {&extra_of(det)->past, &extra_of(det)->by};
    for (size_t i = 0; i < sizeof crowds / sizeof *crowds; i++)
        if (crowds[i]->begun < 0 || crowds[i]->begun > FW_TIME_MAX)
            crowds[i]->begun = 0;
    fw_keyed_loaded(det, sink);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "nonweb_on_web",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct entry),
                                         .table_pct = 100,
                                         .version = 1,
                                         .extra = sizeof(struct extra)};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_nonweb_on_web;
const struct fw_detector_ops fw_det_nonweb_on_web = {
    .name = "nonweb_on_web",
    .title = "not the web, on the web's ports",
    .requirement = "N7 N11",
    .class = FW_CLASS_USAGE,
    .technique_id = "T1571",
    .technique_name = "Non-Standard Port",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_HTTP,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(sport) | FW_BIT(duration) | FW_BIT(sent) |
            FW_BIT(rcvd) | FW_BIT(method) | FW_BIT(url) | FW_BIT(action),
    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .observe = observe,
    .advance = fw_keyed_advance,
    .shift = shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = loaded,
    .close = fw_keyed_close,
};
