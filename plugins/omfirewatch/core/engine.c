/* engine.c: puts an event through clock, site, session join and detectors.
 *
 * Order for each event: 1. its time is settled, for which it may have to wait (timing.h); 2. the site gives both
 * addresses their roles and values; 3. the session join tells whether it counts;
 * 4. every enabled detector that wants this kind and finds its fields sees it,
 * unless a role guards the source or an exception keeps it away; 5. once a
 * second of event time, time passes for detectors and findings. Documents go to
 * a bounded outlet.
 * Memory: all at open, divided as memory_share() says. What an attacker
 * controls: every field of the event; nothing here keeps one without a bound.
 */
#include "engine.h"

#include <stdio.h>
#include <string.h>

#include "exception.h"
#include "notice.h"

/* A health notice that came before the first event: no time is known yet. */
struct early {
    const char *action;
    unsigned severity;
    char text[FW_SENTENCE_MAX];
};

struct fw_engine {
    const struct fw_mem *mem;
    const struct fw_site *site;
    struct fw_seed seed;
    struct fw_timing timing;
    struct fw_sessions *sessions;
    struct fw_findings *findings;
    struct fw_exceptions *exceptions;
    struct fw_detector detectors[FW_DETECTORS_MAX];
    size_t detector_count;
    fw_time advanced; /* detectors know the time up to here */
    bool behind;      /* more findings ended than the outlet had room for */
    struct fw_counters counters;
    struct early early[FW_HEALTH_EARLY_MAX];
    unsigned early_count;
    uint64_t early_dropped;
    struct fw_document *outlet; /* ring of FW_OUTLET_MAX */
    uint32_t outlet_first;
    uint32_t outlet_count;
};

/* Fields the engine itself looks at. */
#define ENGINE_NEEDS                                                                                                   \
    (FW_BIT(src) | FW_BIT(dst) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(action) | FW_BIT(session) |    \
     FW_BIT(tcp_flags) | FW_BIT(sensor))

static void emit(void *cookie, const struct fw_document *document) {
    struct fw_engine *engine = cookie;
    if (engine->outlet_count == FW_OUTLET_MAX) {
        engine->counters.documents_dropped++;
        return;
    }
    struct fw_document *slot = &engine->outlet[(engine->outlet_first + engine->outlet_count) % FW_OUTLET_MAX];
    slot->kind = document->kind;
    slot->severity = document->severity;
    slot->text_len = document->text_len;
    slot->json_len = document->json_len;
    memcpy(slot->text, document->text, document->text_len + 1);
    memcpy(slot->json, document->json, document->json_len + 1);
    engine->outlet_count++;
    engine->counters.documents_written++;
}

static void observe(void *cookie, struct fw_event *ev);
static void shift_all(void *cookie, fw_time from, fw_time delta);
static void tell_corrected(void *cookie, const struct fw_device *sensor);
static const struct fw_timing_calls timing_calls = {observe, shift_all, tell_corrected};

/* An eighth for the session join (its entries are small and short of use), the rest in equal parts. */
static size_t memory_share(size_t max_memory, size_t detectors, bool for_sessions) {
    if (for_sessions)
        return max_memory / 8;
    return (max_memory - max_memory / 8) / (detectors > 0 ? detectors : 1);
}

static int open_detectors(struct fw_engine *engine, const struct fw_settings *settings, size_t max_memory, char *err,
                          size_t errlen) {
    size_t enabled = 0;
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        enabled += settings->detectors[i].enabled;
    for (size_t i = 0; fw_detectors[i] != NULL; i++) {
        struct fw_detector *d = &engine->detectors[i];
        d->ops = fw_detectors[i];
        d->enabled = settings->detectors[i].enabled;
        memcpy(d->values, settings->detectors[i].values, sizeof d->values);
        engine->detector_count = i + 1;
        if (!d->enabled)
            continue;
        const struct fw_detector_config own = {.values = d->values,
                                               .bytes = memory_share(max_memory, enabled, false),
                                               .seed = engine->seed,
                                               .mem = engine->mem};
        if (d->ops->open(&d->det, &own, err, errlen) != 0)
            return -1;
    }
    return 0;
}

static unsigned per_minute(const struct fw_settings *settings) {
    return settings->findings_per_minute != 0 ? settings->findings_per_minute : FW_PER_MINUTE_DEFAULT;
}

int fw_engine_open(struct fw_engine **out, const struct fw_engine_config *config, char *err, size_t errlen) {
    const struct fw_mem *mem = config->mem != NULL ? config->mem : &fw_mem_libc;
    const struct fw_settings *settings = config->settings;
    const size_t wanted = config->max_memory != 0 ? config->max_memory : settings->max_memory;
    const size_t max_memory = wanted != 0 ? wanted : FW_MEMORY_DEFAULT;
    struct fw_engine *engine = fw_mem_alloc(mem, 1, sizeof *engine);
    *out = NULL;
    (void)snprintf(err, errlen, "out of memory: %zu MiB wanted", max_memory >> 20);
    if (engine == NULL)
        return -1;
    engine->mem = mem;
    engine->site = settings->site;
    engine->seed = config->seed;
    engine->advanced = FW_TIME_NONE;
    const struct fw_sessions_config sessions = {
        .bytes = memory_share(max_memory, 0, true), .hold = 24 * FW_HOUR, .seed = engine->seed};
    engine->outlet = fw_mem_alloc(mem, FW_OUTLET_MAX, sizeof *engine->outlet);
    if (engine->outlet == NULL || fw_timing_open(&engine->timing, &engine->seed, &timing_calls, engine, mem) != 0 ||
        fw_exceptions_open(&engine->exceptions, mem) != 0 ||
        fw_sessions_open(&engine->sessions, &sessions, mem) != 0 ||
        fw_findings_open(&engine->findings, per_minute(settings), emit, engine, mem) != 0 ||
        open_detectors(engine, settings, max_memory, err, errlen) != 0) {
        fw_engine_close(&engine);
        return -1;
    }
    fw_findings_configure(engine->findings, per_minute(settings), &settings->intervals);
    fw_findings_relate(engine->findings, fw_relations);
    fw_exceptions_policy(engine->exceptions, engine->site, settings->intervals.summary);
    *out = engine;
    return 0;
}

void fw_engine_close(struct fw_engine **out) {
    struct fw_engine *engine = *out;
    if (engine == NULL)
        return;
    const struct fw_mem *mem = engine->mem;
    for (size_t i = 0; i < engine->detector_count; i++)
        if (engine->detectors[i].det != NULL)
            engine->detectors[i].ops->close(&engine->detectors[i].det);
    fw_findings_close(&engine->findings);
    fw_timing_close(&engine->timing, mem);
    fw_sessions_close(&engine->sessions);
    fw_exceptions_close(&engine->exceptions);
    fw_mem_release(mem, engine->outlet);
    fw_mem_release(mem, engine);
    *out = NULL;
}

uint64_t fw_engine_needs(const struct fw_detector_setting *detectors) {
    uint64_t needs = ENGINE_NEEDS;
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        if (detectors[i].enabled)
            needs |= fw_detectors[i]->needs | fw_detectors[i]->uses;
    return needs;
}

static void count_kind(struct fw_counters *counters, enum fw_kind kind) {
    switch (kind) {
    case FW_KIND_FLOW_START:
        counters->events_flow_start++;
        break;
    case FW_KIND_FLOW_END:
        counters->events_flow_end++;
        break;
    case FW_KIND_FLOW_DENY:
        counters->events_flow_deny++;
        break;
    case FW_KIND_HTTP:
        counters->events_http++;
        break;
    case FW_KIND_DNS:
        counters->events_dns++;
        break;
    case FW_KIND_MAIL:
        counters->events_mail++;
        break;
    case FW_KIND_AUTH:
        counters->events_auth++;
        break;
    case FW_KIND_THREAT:
        counters->events_threat++;
        break;
    case FW_KIND_DEVICE:
        counters->events_device++;
        break;
    case FW_KIND_NONE:
    case FW_KINDS:
        break;
    }
}

static void tell_health(struct fw_engine *engine, const char *action, unsigned severity, fw_time time,
                        const char *text) {
    struct fw_notice notice = {
        .kind = FW_DOCUMENT_HEALTH, .action = action, .severity = severity, .time = time, .count = 0};
    (void)fw_text_append(notice.text, sizeof notice.text, 0, text, strlen(text));
    fw_findings_notice(engine->findings, &notice);
}

/* Says what waited for time to begin. */
static void tell_early(struct fw_engine *engine) {
    for (unsigned i = 0; i < engine->early_count; i++)
        tell_health(engine, engine->early[i].action, engine->early[i].severity, fw_engine_now(engine),
                    engine->early[i].text);
    engine->early_count = 0;
}

void fw_engine_health(struct fw_engine *engine, const char *action, unsigned severity, fw_time time, const char *text) {
    if (time == FW_TIME_NONE)
        time = fw_engine_now(engine);
    if (time != FW_TIME_NONE) {
        tell_health(engine, action, severity, time, text);
        return;
    }
    if (engine->early_count == FW_HEALTH_EARLY_MAX) {
        engine->early_dropped++;
        return;
    }
    struct early *one = &engine->early[engine->early_count++];
    one->action = action;
    one->severity = severity;
    (void)fw_text_append(one->text, sizeof one->text, 0, text, strlen(text));
}

static void pass_time(struct fw_engine *engine) {
    const fw_time now = fw_clock_told(&engine->timing.clock);
    if (engine->timing.clock.fence != FW_TIME_NONE) /* a jump ahead that may be taken back: nothing ends for now */
        return;
    if (!engine->behind && engine->advanced != FW_TIME_NONE && now - engine->advanced < FW_ADVANCE_STEP &&
        now >= engine->advanced)
        return;
    engine->advanced = now;
    for (size_t i = 0; i < engine->detector_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (d->enabled && d->ops->advance != NULL) {
            const struct fw_sink sink = {engine->findings, d};
            d->ops->advance(d->det, now, &sink);
        }
    }
    fw_exceptions_advance(engine->exceptions, now, engine->detectors, engine->detector_count, engine->findings);
    /* Half of the outlet is left to what opens: endings can wait until the caller has taken some. */
    const unsigned room = FW_OUTLET_MAX / 2;
    engine->behind =
        !fw_findings_advance(engine->findings, now, engine->outlet_count < room ? room - engine->outlet_count : 0);
}

/* A clock was set: what is remembered moves with it, see timing.h. */
static void shift_all(void *cookie, fw_time from, fw_time delta) {
    struct fw_engine *engine = cookie;
    fw_sessions_shift(engine->sessions, from, delta);
    fw_findings_shift(engine->findings, from, delta);
    for (size_t i = 0; i < engine->detector_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (d->det != NULL && d->ops->shift != NULL)
            d->ops->shift(d->det, from, delta);
    }
    if (engine->advanced != FW_TIME_NONE && engine->advanced > from)
        engine->advanced += delta;
}

static void tell_corrected(void *cookie, const struct fw_device *sensor) {
    struct fw_engine *engine = cookie;
    const fw_time offset = sensor->offset;
    char text[FW_SENTENCE_MAX], span[24];
    if (offset == 0) {
        (void)snprintf(text, sizeof text, "The clock of %s is right again; its lines are read as they are stamped.",
                       sensor->name_len > 0 ? sensor->name : "a device");
        fw_engine_health(engine, "sensor-clock", 5, engine->timing.clock.greatest, text);
        return;
    }
    const long long minutes = (offset < 0 ? -offset : offset) / FW_MINUTE;
    if (minutes % 60 == 0)
        (void)snprintf(span, sizeof span, "%lld h", minutes / 60);
    else
        (void)snprintf(span, sizeof span, "%lld h %lld min", minutes / 60, minutes % 60);
    (void)snprintf(text, sizeof text,
                   "The clock of %s is %s %s; its lines are read as of then. Set the clock, or its zone in the "
                   "policy (sensors).",
                   sensor->name_len > 0 ? sensor->name : "a device", span, offset < 0 ? "ahead" : "behind");
    fw_engine_health(engine, "sensor-clock", 4, engine->timing.clock.greatest, text);
}

static uint64_t roles_of(const struct fw_place *place, fw_time time) {
    return place->timed ? fw_place_roles_at(place, time) : place->roles;
}

/* 2. Returns whether any exception may be about this event. */
static bool place_addresses(const struct fw_site *site, struct fw_event *ev) {
    const struct fw_place *src = fw_event_has(ev, FW_BIT(src)) ? fw_site_place(site, &ev->src) : &fw_place_unknown;
    const struct fw_place *dst = fw_event_has(ev, FW_BIT(dst)) ? fw_site_place(site, &ev->dst) : &fw_place_unknown;
    ev->src_roles = roles_of(src, ev->time);
    ev->dst_roles = roles_of(dst, ev->time);
    ev->src_asset = src->asset;
    ev->dst_asset = dst->asset;
    return src->sources != NULL || src->destinations != NULL || dst->sources != NULL || dst->destinations != NULL ||
           site->anywhere != NULL;
}

void fw_engine_feed(struct fw_engine *engine, struct fw_event *ev) {
    engine->counters.events_observed++;
    count_kind(&engine->counters, ev->kind);
    fw_timing_feed(&engine->timing, ev);
}

void fw_engine_settle(struct fw_engine *engine) {
    fw_timing_settle(&engine->timing);
}

/* Steps 2 to 5 of an event whose time is known. */
static void observe(void *cookie, struct fw_event *ev) {
    struct fw_engine *engine = cookie;
    struct fw_counters *counters = &engine->counters;
    if (engine->early_count > 0)
        tell_early(engine);
    const bool watched = place_addresses(engine->site, ev);
    fw_sessions_join(engine->sessions, ev);
    counters->events_joined += !ev->counts;
    counters->events_replied += ev->reply;
    fw_findings_observe(engine->findings, ev, engine->timing.clock.greatest);
    bool guarded = false, excepted = false;
    for (size_t i = 0; i < engine->detector_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (!d->enabled || (d->ops->kinds >> ev->kind & 1) == 0 || !fw_event_has(ev, d->ops->needs))
            continue;
        if ((ev->src_roles & d->ops->guards) != 0) {
            d->suppressed++;
            guarded = true;
            fw_exceptions_guarded(engine->exceptions, ev, i, d->ops->guards);
            continue;
        }
        if (watched && fw_exceptions_hold(engine->exceptions, ev, i)) {
            d->suppressed++;
            excepted = true;
            continue;
        }
        d->observed++;
        const struct fw_sink sink = {engine->findings, d};
        d->ops->observe(d->det, ev, &sink);
    }
    fw_findings_observe(engine->findings, NULL, engine->timing.clock.greatest);
    counters->events_suppressed += guarded;
    counters->events_excepted += excepted;
    pass_time(engine);
}

void fw_engine_count_line(struct fw_engine *engine, bool truncated) {
    engine->counters.lines_received++;
    engine->counters.lines_truncated += truncated;
}

void fw_engine_count_unparsed(struct fw_engine *engine) {
    engine->counters.lines_unparsed++;
}

void fw_engine_count_refused(struct fw_engine *engine) {
    engine->counters.lines_refused++;
}

void fw_engine_count_ignored(struct fw_engine *engine) {
    engine->counters.lines_ignored++;
}

void fw_engine_idle(struct fw_engine *engine, fw_time idle) {
    if (engine->timing.clock.greatest == FW_TIME_NONE)
        return;
    fw_timing_idle(&engine->timing, idle);
    pass_time(engine);
}

bool fw_engine_waiting(const struct fw_engine *engine) {
    return engine->outlet_count > 0;
}

bool fw_engine_take(struct fw_engine *engine, struct fw_document *document) {
    if (engine->outlet_count == 0)
        return false;
    const struct fw_document *slot = &engine->outlet[engine->outlet_first];
    document->kind = slot->kind;
    document->severity = slot->severity;
    document->text_len = slot->text_len;
    document->json_len = slot->json_len;
    memcpy(document->text, slot->text, slot->text_len + 1);
    memcpy(document->json, slot->json, slot->json_len + 1);
    engine->outlet_first = (engine->outlet_first + 1) % FW_OUTLET_MAX;
    engine->outlet_count--;
    return true;
}

void fw_engine_policy(struct fw_engine *engine, const struct fw_settings *settings) {
    engine->site = settings->site;
    fw_exceptions_policy(engine->exceptions, engine->site, settings->intervals.summary);
    fw_findings_configure(engine->findings, per_minute(settings), &settings->intervals);
    for (size_t i = 0; i < engine->detector_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        memcpy(d->values, settings->detectors[i].values, sizeof d->values);
        /* A detector that was off at the start has no state and no memory: it comes with the next start. */
        d->enabled = settings->detectors[i].enabled && d->det != NULL;
    }
}

void fw_engine_probe(struct fw_engine *engine, const struct fw_probe *probe) {
    for (size_t i = 0; i < engine->detector_count; i++)
        engine->detectors[i].probe = probe;
}

void fw_engine_get_counters(struct fw_engine *engine, struct fw_counters *counters) {
    struct fw_findings_stats findings;
    struct fw_table_stats sessions;
    fw_findings_get_stats(engine->findings, &findings);
    fw_sessions_get_stats(engine->sessions, &sessions);
    struct fw_counters *own = &engine->counters;
    const struct fw_timing_stats *timing = &engine->timing.stats;
    struct fw_table_stats sensors;
    fw_sensors_get_stats(engine->timing.sensors, &sensors);
    own->events_late = timing->late;
    own->events_ahead = timing->ahead;
    own->events_held = timing->held;
    own->events_corrected = timing->corrected;
    own->clock_jumped = engine->timing.clock.jumps;
    own->sensors_held = sensors.held;
    own->sensors_evicted = sensors.evicted;
    own->sensors_corrected = timing->sensors_corrected;
    own->sessions_held = sessions.held;
    own->sessions_evicted = sessions.evicted;
    own->findings_held = findings.open;
    own->findings_opened = findings.opened;
    own->findings_reopened = findings.reopened;
    own->findings_updated = findings.updated;
    own->findings_closed = findings.closed;
    own->findings_quieted = findings.quieted;
    own->findings_evicted = findings.evicted;
    own->findings_muted = findings.muted;
    own->findings_folded = findings.folded;
    own->findings_refused = findings.refused;
    own->notices_written = findings.noticed;
    own->notices_dropped = engine->early_dropped + findings.notices_dropped;
    *counters = *own;
}

const struct fw_detector *fw_engine_detector(const struct fw_engine *engine, size_t n) {
    return n < engine->detector_count ? &engine->detectors[n] : NULL;
}

fw_time fw_engine_now(const struct fw_engine *engine) {
    return engine->timing.clock.watermark;
}
