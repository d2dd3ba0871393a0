/* lasting.c: see lasting.h. */
#include "lasting.h"

#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct fw_lasting_key) == 40, "no padding, it is hashed and compared whole");

#define LOOK_EVERY FW_MINUTE
#define LOOK_AFTER (5 * FW_MINUTE) /* without a line: most sessions are over by then, so few entries are looked at */
#define LOOK_MAX   64              /* found in one look; the rest a minute later */

/* In the detector's extra memory. */
struct extra {
    struct fw_stay_trust trust;
    fw_time looked;
};
_Static_assert(sizeof(struct extra) <= FW_KEYED_EXTRA_MAX, "extra");

static struct extra *extra_of(struct fw_det *det) {
    return (struct extra *)(void *)det->extra;
}

static void visit_times(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    fw_stay_visit(&((struct fw_lasting *)value)->stay, visit, cookie);
}

/* An open session is missed, more so the older it is; what is closed is not. */
static uint32_t worth(void *cookie, const void *value) {
    const struct fw_lasting *lasting = value;
    const struct fw_keyed *keyed = cookie;
    const fw_time since = fw_stay_since(&lasting->stay, keyed->recent);
    if (since == 0)
        return lasting->sources.count;
    return FW_KEYED_WORTH_LEAST + (uint32_t)((keyed->recent - since) / FW_MINUTE);
}

struct fw_keyed_shape fw_lasting_shape(void) {
    return (struct fw_keyed_shape){
        .key_size = sizeof(struct fw_lasting_key),
        .value_size = sizeof(struct fw_lasting),
        .sets = {offsetof(struct fw_lasting, sources)},
        .set_count = 1,
        .times = {FW_RATE_TIMES(struct fw_lasting, sessions), offsetof(struct fw_lasting, seen)},
        .time_count = FW_RATE_TIMES_COUNT + 1,
        .visit_times = visit_times,
        .table_pct = 90,
        .worth = worth,
        .extra = sizeof(struct extra)};
}

struct fw_lasting_key fw_lasting_key(const struct fw_event *ev) {
    return (struct fw_lasting_key){
        .src = ev->src, .dst = ev->dst, .dport = ev->dport, .proto = ev->proto, .form = FW_LASTING_PAIR};
}

/* ---- step 5 ---- */

static unsigned stage_of(uint64_t longest, fw_time lasts) {
    static const unsigned rungs[FW_LASTING_RUNGS] = {1, 4, 8, 12};
    unsigned stage = 0;
    while (stage < FW_LASTING_RUNGS && longest >= (uint64_t)lasts * rungs[stage])
        stage++;
    return stage;
}

/* ---- step 6 ---- */

/* Who owns the destination, or its network: a service has many addresses. */
static struct fw_lasting_key network_key(const struct fw_lasting_key *pair, const struct fw_sink *sink) {
    struct fw_lasting_key key = {
        .dst = pair->dst, .dport = pair->dport, .proto = pair->proto, .form = FW_LASTING_NETWORK};
    struct fw_whereabouts where;
    if (fw_findings_where(sink->findings, &pair->dst, &where) && where.as_number != 0) {
        memset(&key.dst, 0, sizeof key.dst);
        key.dst.b[0] = 1; /* no address begins like this where the rest is zero */
        memcpy(key.dst.b + 12, &where.as_number, sizeof where.as_number);
        return key;
    }
    const size_t kept = fw_addr_is_v4(&pair->dst) ? 15 : 6; /* /24, /48 */
    memset(key.dst.b + kept, 0, sizeof key.dst.b - kept);
    return key;
}

/* Is it a service that many of the site use? The source counts for it from now on. */
static bool is_shared(struct fw_det *det, const struct fw_lasting_key *pair, fw_time time, uint64_t shared,
                      const struct fw_sink *sink) {
    if (shared == 0)
        return false;
    const struct fw_lasting_key key = network_key(pair, sink);
    struct fw_lasting *network = fw_keyed_enter(&det->keyed, sink, &key, time);
    if (network == NULL)
        return false;
    if (network->matter.events++ == 0)
        network->matter.start = time;
    if (time > network->matter.last)
        network->matter.last = time;
    network->seen = time;
    (void)fw_distinct_add(det->keyed.pool, &network->sources, &pair->src, time, fw_keyed_window(det), 0, NULL);
    return network->sources.count >= shared;
}

/* ---- what is found ---- */

static void report(struct fw_det *det, struct fw_lasting *lasting, fw_time time, const struct fw_lasting_rules *rules,
                   const struct fw_sink *sink) {
    static const unsigned rungs[FW_LASTING_RUNGS + 1] = {0, 1, 4, 8, 12};
    const struct fw_lasting_key *key = fw_table_key(det->keyed.table, lasting);
    const unsigned stage = stage_of(lasting->longest, rules->lasts);
    if (lasting->matter.handle == 0) {
        lasting->matter.threshold = stage > 0 ? (uint64_t)(rules->lasts / FW_SECOND) : rules->often;
        if (stage > 0 && lasting->matter.start > time - (fw_time)lasting->longest)
            lasting->matter.start = time - (fw_time)lasting->longest;
    }
    if (lasting->still)
        fw_stay_tell(&lasting->stay, &extra_of(det)->trust);
    lasting->stage = (uint8_t)stage;
    /* The rung, not the seconds: what lasts is said once, and again when it reaches the next one. */
    struct fw_report what = {.subject = {.src = key->src,
                                         .dst = key->dst,
                                         .has_src = true,
                                         .has_dst = true,
                                         .proto = key->proto,
                                         .dport = key->dport},
                             .time = time,
                             .stage = stage > 0 ? stage : 1,
                             .value = stage > 0 ? (uint64_t)(rules->lasts / FW_SECOND) * rungs[stage] : rules->often};
    fw_keyed_report(&det->keyed, sink, &lasting->matter, &what);
}

/* ev NULL: it goes on. Does the policy let it be? */
static bool is_allowed(const struct fw_lasting_key *key, bool turned, fw_time time, const struct fw_event *ev,
                       const struct fw_lasting_rules *rules, const struct fw_sink *sink) {
    struct fw_user user;
    struct fw_use use = {.src = turned ? key->dst : key->src,
                         .app = rules->app,
                         .time = time,
                         .has_dst = true,
                         .dst = turned ? key->src : key->dst};
    if (ev != NULL) {
        use.late = ev->late;
        use.bytes = (fw_event_has(ev, FW_BIT(sent)) ? ev->sent : 0) + (fw_event_has(ev, FW_BIT(rcvd)) ? ev->rcvd : 0);
    }
    (void)fw_sink_use(sink, &use, &user);
    return user.state == FW_APP_ALLOWED;
}

static void decide(struct fw_det *det, const struct fw_lasting_key *key, fw_time time, const struct fw_event *ev,
                   const struct fw_lasting_rules *rules, const struct fw_sink *sink) {
    struct fw_lasting *lasting = fw_table_find(det->keyed.table, key);
    if (lasting == NULL)
        return;
    const bool lasts = lasting->longest >= (uint64_t)rules->lasts;
    if (!lasts && !lasting->often)
        return;
    if (lasting->matter.handle == 0 && lasts && is_shared(det, key, time, rules->shared, sink))
        return;
    const bool fresh = lasting->matter.handle == 0;
    const bool more = ev != NULL && fw_event_has(ev, FW_BIT(duration)) && ev->duration >= (uint64_t)rules->lasts;
    if ((fresh || more) && is_allowed(key, lasting->turned != 0, time, ev, rules, sink) && fresh)
        return;
    lasting = fw_table_find(det->keyed.table, key); /* the network's entry may have needed the room */
    if (lasting != NULL)
        report(det, lasting, time, rules, sink);
}

/* ---- steps 2 and 3 ---- */

static void put_start(struct fw_lasting *lasting, const struct fw_event *ev, const struct fw_lasting_rules *rules) {
    if (ev->ends_logged && ev->counts) /* else it is known, or has ended before its start came */
        fw_stay_open(&lasting->stay, ev);
    if (rules->often != 0 && ev->counts)
        fw_rate_add(&lasting->sessions, ev->time, FW_LASTING_OFTEN, 1);
}

static void put_end(struct fw_det *det, struct fw_lasting *lasting, const struct fw_event *ev,
                    const struct fw_lasting_rules *rules) {
    fw_stay_close(&lasting->stay, ev, &extra_of(det)->trust);
    if (rules->often != 0 && ev->counts)
        fw_rate_add(&lasting->sessions, ev->time, FW_LASTING_OFTEN, 1);
    if (fw_event_has(ev, FW_BIT(sent)))
        lasting->sent += ev->sent;
    if (fw_event_has(ev, FW_BIT(rcvd)))
        lasting->rcvd += ev->rcvd;
    if (!fw_event_has(ev, FW_BIT(duration)))
        return;
    lasting->timed = 1;
    if (ev->duration >= lasting->longest) {
        lasting->longest = ev->duration;
        lasting->still = 0;
    }
}

/* Nothing is open, nothing was found, nothing is counted. */
static bool is_idle(const struct fw_lasting *lasting, const struct fw_lasting_rules *rules) {
    return lasting->matter.handle == 0 && rules->often == 0 && fw_stay_is_empty(&lasting->stay) &&
           lasting->longest < (uint64_t)rules->lasts;
}

static void tell(const struct fw_lasting_key *key, const struct fw_lasting *lasting,
                 const struct fw_lasting_rules *rules, const struct fw_sink *sink) {
    struct fw_reading reading = {.subject = {.src = key->src,
                                             .dst = key->dst,
                                             .has_src = true,
                                             .has_dst = true,
                                             .proto = key->proto,
                                             .dport = key->dport},
                                 .measure = "seconds of the longest session",
                                 .value = lasting->longest / 1000,
                                 .threshold = (uint64_t)(rules->lasts / FW_SECOND),
                                 .open = lasting->matter.handle != 0};
    fw_sink_tell(sink, &reading);
}

void fw_lasting_observe(struct fw_det *det, const struct fw_event *ev, const struct fw_lasting_rules *rules,
                        const struct fw_sink *sink) {
    const struct fw_lasting_key key = fw_lasting_key(ev);
    const bool starts = ev->kind == FW_KIND_FLOW_START;
    const bool lasts = fw_event_has(ev, FW_BIT(duration)) && ev->duration >= (uint64_t)rules->lasts;
    struct fw_lasting *lasting = (starts && ev->ends_logged) || lasts || (rules->often != 0 && ev->counts)
                                     ? fw_keyed_enter(&det->keyed, sink, &key, ev->time)
                                     : fw_keyed_find(&det->keyed, sink, &key, ev->time);
    if (lasting == NULL)
        return;
    if (lasting->matter.events == 0)
        lasting->matter.start = ev->time;
    if (ev->counts || lasting->matter.events == 0)
        fw_keyed_count(&lasting->matter, ev, ev->time);
    else if (ev->time > lasting->matter.last)
        lasting->matter.last = ev->time;
    lasting->seen = ev->time;
    lasting->turned = (ev->src_roles & FW_ROLE_HOME) == 0;
    if (starts)
        put_start(lasting, ev, rules);
    else
        put_end(det, lasting, ev, rules);
    const bool often = rules->often != 0 && fw_rate_now(&lasting->sessions, ev->time, FW_LASTING_OFTEN) >= rules->often;
    lasting->often |= often;
    if (fw_sink_asks(sink))
        tell(&key, lasting, rules, sink);
    if (lasts || often || (lasting->matter.handle != 0 && !starts))
        decide(det, &key, ev->time, ev, rules, sink);
    else if (is_idle(lasting, rules))
        fw_table_remove(det->keyed.table, lasting);
}

/* ---- step 4 ---- */

struct look {
    fw_time now;
    const struct fw_lasting_rules *rules;
    struct fw_lasting_key found[LOOK_MAX];
    size_t count;
};

static bool look_at(void *cookie, const void *key, void *value) {
    struct look *look = cookie;
    struct fw_lasting *lasting = value;
    if (lasting->seen > look->now - LOOK_AFTER)
        return lasting->matter.pinned != 0; /* those that are found stand in their place, whenever they were seen */
    const fw_time since = fw_stay_since(&lasting->stay, look->now);
    if (since == 0)
        return true;
    const uint64_t lasted = (uint64_t)(look->now - since);
    const bool rises = lasted > lasting->longest && stage_of(lasted, look->rules->lasts) > lasting->stage;
    if (!rises && (lasting->matter.handle == 0 || lasted < (uint64_t)look->rules->lasts))
        return true;
    if (lasted > lasting->longest) { /* else it goes on, which keeps the finding open */
        lasting->longest = lasted;
        lasting->still = 1;
    }
    memcpy(&look->found[look->count++], key, sizeof look->found[0]);
    return look->count < LOOK_MAX;
}

void fw_lasting_advance(struct fw_det *det, fw_time now, const struct fw_lasting_rules *rules,
                        const struct fw_sink *sink) {
    struct extra *extra = extra_of(det);
    struct look look = {.now = now, .rules = rules, .count = 0};
    fw_keyed_advance(det, now, sink);
    if (now == FW_TIME_NONE || (now >= extra->looked && now - extra->looked < LOOK_EVERY))
        return;
    extra->looked = now;
    if (!fw_stay_trusts(&extra->trust))
        return;
    fw_table_walk_oldest(det->keyed.table, look_at, &look);
    for (size_t i = 0; i < look.count; i++)
        decide(det, &look.found[i], now, NULL, rules, sink);
}

/* ---- in words ---- */

static void bytes_format(uint64_t bytes, char *buf, size_t size) {
    if (bytes < 10240)
        (void)snprintf(buf, size, "%llu bytes", (unsigned long long)bytes);
    else if (bytes < UINT64_C(10) << 20)
        (void)snprintf(buf, size, "%llu KiB", (unsigned long long)(bytes >> 10));
    else
        (void)snprintf(buf, size, "%llu MiB", (unsigned long long)(bytes >> 20));
}

void fw_lasting_describe(const struct fw_det *det, const struct fw_lasting *lasting, const char *service,
                         struct fw_description *out) {
    const struct fw_lasting_key *key = fw_table_key(det->keyed.table, lasting);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], port[24], span[24], sent[24], rcvd[24], moved[64] = "";
    (void)fw_addr_format(&key->src, src);
    (void)fw_addr_format(&key->dst, dst);
    (void)fw_service_format(key->proto, key->dport, port, sizeof port);
    (void)fw_span_format((fw_time)lasting->longest, span, sizeof span);
    if (lasting->sent + lasting->rcvd > 0) {
        bytes_format(lasting->sent, sent, sizeof sent);
        bytes_format(lasting->rcvd, rcvd, sizeof rcvd);
        (void)snprintf(moved, sizeof moved, ", %s out and %s in", sent, rcvd);
    }
    if (lasting->stage == 0)
        (void)snprintf(out->sentence, sizeof out->sentence, "%s opened %llu sessions of %s to %s (%s) in an hour%s",
                       src, (unsigned long long)fw_rate_now(&lasting->sessions, lasting->seen, FW_LASTING_OFTEN),
                       service, dst, port, moved);
    else
        (void)snprintf(out->sentence, sizeof out->sentence, "%s %s a session of %s to %s (%s) open for %s%s", src,
                       lasting->still ? "has had" : "had", service, dst, port, span, moved);
    out->measure = lasting->stage == 0 ? "sessions" : "seconds";
    out->value = lasting->stage == 0 ? out->value : lasting->longest / 1000;
    out->window = lasting->stage == 0 ? FW_LASTING_OFTEN : fw_keyed_window(det);
    fw_keyed_edges(&lasting->matter, &key->dst, key->dport, out);
}
