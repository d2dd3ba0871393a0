/* engine.c: puts an event through clock, site, session join and detectors.
 *
 * A line that was delivered before is left out. Order for each other event:
 * 1. its time is settled, for which it may have to wait (timing.h); 2. the site
 * gives both addresses their roles and values; 3. the session join tells whether
 * it counts; 4. every enabled detector that wants this kind and finds its fields
 * sees it, unless a role guards the source or an exception keeps it away; 5. once
 * a second of event time, time passes for detectors and findings. Documents go
 * to a bounded outlet.
 * Memory: all at open, never more than max_memory: parts of fixed size first, the
 * rest divided (see SESSIONS_PART). What an attacker controls: every field of the
 * event; nothing here keeps one without a bound.
 */
#include "engine.h"

#include <stdio.h>
#include <string.h>

#include "engine_inside.h"
#include "notice.h"

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

void fw_engine_emit(void *cookie, const struct fw_document *document) {
    struct fw_engine *engine = cookie;
    if (engine->outlet_count == FW_OUTLET_MAX) {
        engine->counters.documents_dropped++;
        return;
    }
    copy_document(fw_engine_waits(engine, engine->outlet_count++), document);
    engine->counters.documents_written++;
}

static void observe(void *cookie, struct fw_event *ev);
static void shift_all(void *cookie, fw_time from, fw_time delta);
static void tell_corrected(void *cookie, const struct fw_device *sensor);
const struct fw_timing_calls fw_engine_timing_calls = {observe, shift_all, tell_corrected};

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
        tell_health(engine, engine->early[i].action, engine->early[i].severity, engine->timing.clock.watermark,
                    engine->early[i].text);
    engine->early_count = 0;
}

void fw_engine_health(struct fw_engine *engine, const char *action, unsigned severity, fw_time time, const char *text) {
    fw_engine_flush(engine);
    if (time == FW_TIME_NONE)
        time = engine->timing.clock.watermark;
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

static void watch_part(struct fw_engine *engine, struct fw_saturation *saturation, const char *part,
                       const struct fw_table_stats *table, uint64_t starved) {
    const fw_time now = fw_clock_told(&engine->timing.clock);
    const struct fw_loss total = {
        .overrun = table->overrun, .evicted = table->evicted + table->refused, .forgotten = starved};
    struct fw_loss lost;
    const enum fw_saturation_news news = fw_saturation_look(saturation, now, &total, &lost);
    if (news != FW_SATURATION_NOTHING)
        fw_saturation_tell(engine->findings, news, part, saturation->since, now, &lost, engine->max_memory);
}

/* Who loses much for want of memory? */
static void watch_memory(struct fw_engine *engine) {
    struct fw_table_stats sessions;
    fw_sessions_get_stats(engine->sessions, &sessions);
    watch_part(engine, &engine->saturation[engine->detector_count], FW_SESSIONS_NAME, &sessions, 0);
    for (size_t i = 0; i < engine->detector_count; i++) {
        const struct fw_detector *d = &engine->detectors[i];
        struct fw_detector_stats stats;
        if (!d->enabled)
            continue;
        d->ops->get_stats(d->det, &stats);
        watch_part(engine, &engine->saturation[i], d->ops->name, &stats.table, stats.starved);
    }
}

static void pass_time(struct fw_engine *engine) {
    const fw_time now = fw_clock_told(&engine->timing.clock);
    if (now == FW_TIME_NONE) /* no line had a time that is possible yet */
        return;
    if (engine->timing.clock.fence != FW_TIME_NONE) /* a jump ahead that may be taken back: nothing ends for now */
        return;
    if (!engine->behind && engine->advanced != FW_TIME_NONE && now - engine->advanced < FW_ADVANCE_STEP &&
        now >= engine->advanced)
        return;
    engine->advanced = now;
    for (size_t i = 0; i < engine->detector_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (d->enabled && d->ops->advance != NULL) {
            const struct fw_sink sink = {engine->findings, d, engine->usage, engine->site};
            d->ops->advance(d->det, now, &sink);
        }
    }
    fw_exceptions_advance(engine->exceptions, now, engine->detectors, engine->builtin_count, engine->findings);
    fw_usage_advance(engine->usage, now, engine->findings);
    watch_memory(engine);
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
    fw_exceptions_shift(engine->exceptions, from, delta);
    fw_usage_shift(engine->usage, from, delta);
    fw_names_shift(engine->names, from, delta);
    for (size_t i = 0; i < engine->detector_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (d->det != NULL && d->ops->shift != NULL)
            d->ops->shift(d->det, from, delta);
    }
    if (engine->advanced != FW_TIME_NONE && engine->advanced > from)
        engine->advanced += delta;
}

/* "2 h", "3 d 7 min": to set a clock by, so not rounded to one unit. */
static void span_parts(fw_time span, char *buf, size_t size) {
    static const struct {
        const char *unit;
        fw_time length;
    } units[] = {{"d", 24 * FW_HOUR}, {"h", FW_HOUR}, {"min", FW_MINUTE}, {"s", FW_SECOND}};
    char part[32];
    size_t len = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const long long n = span / units[i].length;
        span %= units[i].length;
        if (n == 0)
            continue;
        (void)snprintf(part, sizeof part, "%s%lld %s", len > 0 ? " " : "", n, units[i].unit);
        len = fw_text_append(buf, size, len, part, strlen(part));
    }
}

static void tell_corrected(void *cookie, const struct fw_device *sensor) {
    struct fw_engine *engine = cookie;
    const fw_time offset = sensor->offset;
    char text[FW_SENTENCE_MAX], span[64];
    if (offset == 0) {
        (void)snprintf(text, sizeof text, "The clock of %s is right again; its lines are read as they are stamped.",
                       sensor->name_len > 0 ? sensor->name : "a device");
        tell_health(engine, "sensor-clock", 5, engine->timing.clock.greatest, text);
        return;
    }
    span_parts(offset < 0 ? -offset : offset, span, sizeof span);
    (void)snprintf(text, sizeof text,
                   "The clock of %s is %s %s; firewatch corrects its lines. Set the clock, or its zone in the policy "
                   "(sensors).",
                   sensor->name_len > 0 ? sensor->name : "a device", span, offset < 0 ? "ahead" : "behind");
    tell_health(engine, "sensor-clock", 4, engine->timing.clock.greatest, text);
}

static uint64_t roles_of(const struct fw_place *place, fw_time time) {
    return place->timed ? fw_place_roles_at(place, time) : place->roles;
}

struct fw_places fw_engine_places(const struct fw_site *site, const struct fw_event *ev) {
    return (struct fw_places){
        .src = fw_event_has(ev, FW_BIT(src)) ? fw_site_place(site, &ev->src) : &fw_place_unknown,
        .dst = fw_event_has(ev, FW_BIT(dst)) ? fw_site_place(site, &ev->dst) : &fw_place_unknown,
    };
}

/* May any exception be about it? Whichever of the two is the source. */
bool fw_engine_is_watched(const struct fw_site *site, const struct fw_places *at) {
    return at->src->sources != NULL || at->src->destinations != NULL || at->dst->sources != NULL ||
           at->dst->destinations != NULL || site->anywhere != NULL;
}

/* 2. An event that waited for its turn knows its places. */
struct fw_places fw_engine_place(const struct fw_engine *engine, struct fw_event *ev) {
    const struct fw_pipe_slot *turn = engine->turn;
    const struct fw_places at = turn != NULL && ev == &turn->event ? (struct fw_places){turn->src, turn->dst}
                                                                   : fw_engine_places(engine->site, ev);
    ev->src_roles = roles_of(at.src, ev->time);
    if ((ev->src_roles & FW_ROLE_HOME) != 0)
        ev->src_roles |= fw_usage_roles(engine->usage, &ev->src, ev->time);
    ev->dst_roles = roles_of(at.dst, ev->time);
    ev->src_asset = at.src->asset;
    ev->dst_asset = at.dst->asset;
    ev->dst_service = at.dst->service;
    return at;
}

void fw_engine_take_in(struct fw_engine *engine, struct fw_event *ev) {
    if (ev->identity != 0 && fw_seen_before(engine->seen, ev->identity)) {
        engine->counters.lines_repeated++;
        return;
    }
    engine->counters.events_observed += ev->kind != FW_KIND_NONE;
    engine->counters.events_text += ev->kind == FW_KIND_NONE;
    count_kind(&engine->counters, ev->kind);
    fw_timing_feed(&engine->timing, ev);
}

void fw_engine_feed(struct fw_engine *engine, struct fw_event *ev) {
    fw_engine_flush(engine);
    fw_engine_take_in(engine, ev);
}

void fw_engine_push_text(struct fw_engine *engine, struct fw_event *ev) {
    if (engine->ruleset != NULL && engine->ruleset->lines && ev->message.len > 0)
        fw_engine_push(engine, ev);
}

void fw_engine_settle(struct fw_engine *engine) {
    fw_engine_flush(engine);
    fw_timing_settle(&engine->timing);
}

/* Steps 2 to 5 of an event whose time is known. */
static void observe(void *cookie, struct fw_event *ev) {
    struct fw_engine *engine = cookie;
    struct fw_counters *counters = &engine->counters;
    if (engine->early_count > 0)
        tell_early(engine);
    struct fw_places at = fw_engine_place(engine, ev);
    const bool watched = fw_engine_is_watched(engine->site, &at);
    const union fw_addr dst = ev->dst;
    if (ev->kind == FW_KIND_NONE) /* a line that is no event */
        ev->counts = true;
    else
        fw_sessions_join(engine->sessions, ev);
    if (!ev->counts && !fw_addr_equal(&dst, &ev->dst)) { /* an end that was joined and turned round */
        at = fw_engine_places(engine->site, ev);
        ev->dst_service = at.dst->service;
    }
    fw_names_learn(engine->names, ev);
    counters->events_joined += !ev->counts;
    counters->events_replied += ev->reply;
    fw_findings_observe(engine->findings, ev, engine->timing.clock.greatest);
    if (engine->probe != NULL)
        engine->probe->event(engine->probe->cookie, ev);
    bool guarded = false, excepted = false;
    unsigned seen = 0;
    const struct fw_wants *wants = &engine->wants[ev->kind];
    for (size_t i = 0; i < wants->count; i++) {
        const struct fw_want *want = &wants->of[i];
        if (!fw_event_has(ev, want->needs))
            continue;
        struct fw_detector *d = &engine->detectors[want->detector];
        if ((ev->src_roles & want->guards) != 0) {
            guarded = true;
            fw_engine_tell_held(d, fw_exceptions_guarded(engine->exceptions, ev, want->detector, want->guards));
            continue;
        }
        const struct fw_entry *exception =
            watched ? fw_exceptions_hold(engine->exceptions, ev, at.src, at.dst, want->detector) : NULL;
        if (exception != NULL) {
            excepted = true;
            fw_engine_tell_held(d, exception);
            continue;
        }
        d->observed++;
        seen++;
        const struct fw_sink sink = {engine->findings, d, engine->usage, engine->site};
        d->ops->observe(d->det, ev, &sink);
    }
    if (engine->rules != NULL)
        excepted = fw_engine_ask_rules(engine, ev, &at) || excepted;
    fw_findings_observe(engine->findings, NULL, engine->timing.clock.greatest);
    if (engine->probe != NULL)
        engine->probe->done(engine->probe->cookie, seen);
    counters->events_suppressed += guarded;
    counters->events_excepted += excepted;
    pass_time(engine);
}

struct fw_seed fw_engine_line_seed(const struct fw_engine *engine) {
    return fw_seen_seed(engine->seen);
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
    fw_engine_flush(engine);
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
    copy_document(document, fw_engine_waits(engine, 0));
    engine->outlet_first = (engine->outlet_first + 1) % FW_OUTLET_MAX;
    engine->outlet_count--;
    return true;
}

void fw_engine_probe(struct fw_engine *engine, const struct fw_probe *probe) {
    fw_engine_flush(engine);
    engine->probe = probe;
    for (size_t i = 0; i < engine->detector_count; i++)
        engine->detectors[i].probe = probe;
}

void fw_engine_get_counters(struct fw_engine *engine, struct fw_counters *counters) {
    fw_engine_flush(engine);
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
    struct fw_usage_stats usage;
    fw_usage_get_stats(engine->usage, &usage);
    own->users_held = usage.table.held;
    own->users_evicted = usage.table.evicted;
    own->users_guarding = usage.guarding;
    struct fw_table_stats names;
    size_t names_bytes;
    fw_names_get_stats(engine->names, &names, &names_bytes);
    own->names_held = names.held;
    own->names_evicted = names.evicted;
    own->uses_counted = usage.counted;
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
    if (engine->rules != NULL) {
        struct fw_rules_stats rules;
        engine->ruleset->get_stats(engine->rules, &rules);
        own->rules_asked += rules.asked - engine->rules_counted.asked;
        own->rules_limited += rules.limited - engine->rules_counted.limited;
        engine->rules_counted = rules;
    }
    own->notices_written = findings.noticed;
    own->notices_dropped = engine->early_dropped + findings.notices_dropped;
    *counters = *own;
}

const struct fw_detector *fw_engine_detector(const struct fw_engine *engine, size_t n) {
    return n < engine->detector_count ? &engine->detectors[n] : NULL;
}

fw_time fw_engine_now(struct fw_engine *engine) {
    fw_engine_flush(engine);
    return engine->timing.clock.watermark;
}
