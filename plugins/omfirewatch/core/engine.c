/* engine.c: puts an event through clock, site, session join and detectors.
 *
 * Order for each event: 1. its time is settled, for which it may have to wait (timing.h); 2. the site gives both
 * addresses their roles; 3. the session join tells whether it counts; 4. every
 * enabled detector that wants this kind and finds its fields sees it, unless a
 * role guards the source; 5. once a second of event time, time passes for
 * detectors and findings. Documents go to a bounded outlet.
 * Memory: all at open, divided as memory_share() says. What an attacker
 * controls: every field of the event; nothing here keeps one without a bound.
 */
#include "engine.h"

#include <stdio.h>
#include <string.h>

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

/* What is there of it, not all that it has room for. */
static void copy_document(struct fw_document *to, const struct fw_document *from) {
    to->kind = from->kind;
    to->severity = from->severity;
    to->sequence = from->sequence;
    to->trace_len = from->trace_len;
    to->text_len = from->text_len;
    to->json_len = from->json_len;
    memcpy(to->trace, from->trace, from->trace_len);
    memcpy(to->text, from->text, from->text_len + 1);
    memcpy(to->json, from->json, from->json_len + 1);
}

static inline struct fw_document *waiting(const struct fw_engine *engine, uint32_t n) {
    return &engine->outlet[(engine->outlet_first + n) % FW_OUTLET_MAX];
}

static void emit(void *cookie, const struct fw_document *document) {
    struct fw_engine *engine = cookie;
    if (engine->outlet_count == FW_OUTLET_MAX) {
        engine->counters.documents_dropped++;
        return;
    }
    copy_document(waiting(engine, engine->outlet_count++), document);
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
        fw_sessions_open(&engine->sessions, &sessions, mem) != 0 ||
        fw_findings_open(&engine->findings,
                         settings->findings_per_minute != 0 ? settings->findings_per_minute : FW_PER_MINUTE_DEFAULT,
                         emit, engine, mem) != 0 ||
        open_detectors(engine, settings, max_memory, err, errlen) != 0) {
        fw_engine_close(&engine);
        return -1;
    }
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
    ev->src_roles = fw_event_has(ev, FW_BIT(src)) ? fw_netmap_lookup(&engine->site->nets, &ev->src) : 0;
    ev->dst_roles = fw_event_has(ev, FW_BIT(dst)) ? fw_netmap_lookup(&engine->site->nets, &ev->dst) : 0;
    fw_sessions_join(engine->sessions, ev);
    counters->events_joined += !ev->counts;
    counters->events_replied += ev->reply;
    fw_findings_sensor(engine->findings, fw_event_has(ev, FW_BIT(sensor)) ? &ev->sensor : NULL);
    bool guarded = false;
    for (size_t i = 0; i < engine->detector_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (!d->enabled || (d->ops->kinds >> ev->kind & 1) == 0 || !fw_event_has(ev, d->ops->needs))
            continue;
        if ((ev->src_roles & d->ops->guards) != 0) {
            d->suppressed++;
            guarded = true;
            continue;
        }
        d->observed++;
        const struct fw_sink sink = {engine->findings, d};
        d->ops->observe(d->det, ev, &sink);
    }
    fw_findings_sensor(engine->findings, NULL);
    counters->events_suppressed += guarded;
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
    copy_document(document, waiting(engine, 0));
    engine->outlet_first = (engine->outlet_first + 1) % FW_OUTLET_MAX;
    engine->outlet_count--;
    return true;
}

void fw_engine_policy(struct fw_engine *engine, const struct fw_settings *settings) {
    engine->site = settings->site;
    fw_findings_limit(engine->findings,
                      settings->findings_per_minute != 0 ? settings->findings_per_minute : FW_PER_MINUTE_DEFAULT);
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

/* ---- state ---- */

void fw_engine_parts(struct fw_engine *engine, struct fw_engine_parts *parts) {
    *parts = (struct fw_engine_parts){.engine = engine,
                                      .timing = &engine->timing,
                                      .sessions = engine->sessions,
                                      .findings = engine->findings,
                                      .detectors = engine->detectors,
                                      .detector_count = engine->detector_count};
}

struct fw_seed fw_engine_seed(const struct fw_engine *engine) {
    return engine->seed;
}

/* The cursor is a sequence: documents leave while they are written. */
bool fw_engine_save_outlet(const struct fw_engine *engine, struct fw_put *put, uint64_t *cursor) {
    for (uint32_t i = 0; i < engine->outlet_count; i++) {
        const struct fw_document *document = waiting(engine, i);
        if (document->sequence < *cursor)
            continue;
        if (!fw_put_has_room(put))
            return false;
        *cursor = document->sequence + 1;
        fw_put_u8(put, document->kind);
        fw_put_u8(put, document->severity);
        fw_put_u64(put, document->sequence);
        fw_put_u64(put, document->trace_len);
        fw_put_bytes(put, document->trace, document->trace_len);
        fw_put_u64(put, document->text_len);
        fw_put_bytes(put, document->text, document->text_len);
        fw_put_u64(put, document->json_len);
        fw_put_bytes(put, document->json, document->json_len);
    }
    return true;
}

/* So many bytes into a field of that size, which it leaves room in. */
static size_t load_bytes(struct fw_get *get, void *field, size_t size) {
    const uint64_t len = fw_get_u64(get);
    if (len >= size) {
        get->failed = true;
        return 0;
    }
    fw_get_bytes(get, field, (size_t)len);
    ((char *)field)[get->failed ? 0 : len] = '\0';
    return (size_t)len;
}

int fw_engine_load_outlet(struct fw_engine *engine, struct fw_get *get) {
    while (fw_get_has_more(get) && engine->outlet_count < FW_OUTLET_MAX) {
        struct fw_document *document = waiting(engine, engine->outlet_count);
        const unsigned kind = fw_get_u8(get);
        document->kind = (enum fw_document_kind)kind;
        document->severity = fw_get_u8(get) & 7;
        document->sequence = fw_get_u64(get);
        document->trace_len = load_bytes(get, document->trace, sizeof document->trace);
        document->text_len = load_bytes(get, document->text, sizeof document->text);
        document->json_len = load_bytes(get, document->json, sizeof document->json);
        if (get->failed || kind > FW_DOCUMENT_HEALTH)
            return -1;
        engine->outlet_count++;
    }
    return 0;
}

void fw_engine_left(struct fw_engine *engine, uint64_t sequence) {
    while (engine->outlet_count > 0 && waiting(engine, 0)->sequence <= sequence) {
        engine->outlet_first = (engine->outlet_first + 1) % FW_OUTLET_MAX;
        engine->outlet_count--;
    }
}

/* Counters by name: another release has others. */
void fw_engine_save_counts(struct fw_engine *engine, struct fw_put *put) {
    struct fw_counters counters;
    fw_engine_get_counters(engine, &counters);
    fw_put_u64(put, (uint64_t)engine->advanced);
    fw_put_u8(put, engine->behind);
#define FW_COUNTER(name, doc)                                                                                          \
    fw_put_text(put, #name);                                                                                           \
    fw_put_u64(put, counters.name);
#include "counters.def"
#undef FW_COUNTER
}

int fw_engine_load_counts(struct fw_engine *engine, struct fw_get *get) {
    const fw_time advanced = (fw_time)fw_get_u64(get);
    engine->behind = fw_get_u8(get) != 0;
    if (get->failed || (advanced != FW_TIME_NONE && (advanced < -FW_TIME_MAX || advanced > FW_TIME_MAX)))
        return -1;
    engine->advanced = advanced;
    while (fw_get_has_more(get)) {
        char name[UINT8_MAX + 1];
        fw_get_text(get, name);
        const uint64_t value = fw_get_u64(get);
#define FW_COUNTER(counter, doc)                                                                                       \
    if (strcmp(name, #counter) == 0)                                                                                   \
        engine->counters.counter = value;
#include "counters.def"
#undef FW_COUNTER
    }
    return get->failed ? -1 : 0;
}
