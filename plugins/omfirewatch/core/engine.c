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

/* Fields the engine itself looks at. */
#define ENGINE_NEEDS                                                                                                   \
    (FW_BIT(src) | FW_BIT(dst) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(action) | FW_BIT(session) |    \
     FW_BIT(tcp_flags) | FW_BIT(sensor) | FW_BIT(host) | FW_BIT(query) | FW_BIT(answer))

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

static void emit(void *cookie, const struct fw_document *document) {
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
static void tell_news(void *cookie, struct fw_news *news);
static void tell_overdue(void *cookie, const struct fw_use *use, const struct fw_user *user);
static const struct fw_timing_calls timing_calls = {observe, shift_all, tell_corrected};

/* What is left of max_memory when everything of fixed size is open: an eighth of it for the session join (its entries are
 * small and short of use), the rest to the detectors that are on: SHARE_LEAST each, without which the smallest has no
 * room for a set, and the rest by weight. */
#define SESSIONS_PART 8
#define SHARE_LEAST   ((size_t)128 << 10)

static int open_sessions(struct fw_engine *engine, size_t divided) {
    const struct fw_sessions_config config = {
        .bytes = divided / SESSIONS_PART, .hold = 24 * FW_HOUR, .seed = engine->seed};
    return fw_sessions_open(&engine->sessions, &config, &engine->memory.mem);
}

/* What rules of one's own get of the detectors' memory: a 32nd for each, a quarter for all of them. */
#define RULES_PART  32
#define RULES_PARTS 8

static size_t rules_on(const struct fw_ruleset *set) {
    size_t on = 0;
    for (size_t i = 0; set != NULL && i < set->count; i++)
        on += !set->off[i];
    return on;
}

static size_t rules_share(const struct fw_engine *engine, size_t bytes) {
    const size_t on = rules_on(engine->ruleset);
    return bytes / RULES_PART * (on < RULES_PARTS ? on : RULES_PARTS);
}

static int open_detector(struct fw_engine *engine, struct fw_detector *d, size_t bytes, char *err, size_t errlen) {
    const struct fw_detector_config own = {
        .values = d->values, .bytes = bytes, .seed = engine->seed, .mem = &engine->memory.mem, .ops = d->ops};
    return d->ops->open(&d->det, &own, err, errlen);
}

static int open_rules(struct fw_engine *engine, size_t bytes, char *err, size_t errlen) {
    const struct fw_ruleset *set = engine->ruleset;
    const size_t on = rules_on(set);
    for (size_t i = 0; set != NULL && i < set->count; i++) {
        struct fw_detector *d = &engine->detectors[engine->builtin_count + i];
        d->ops = set->ops[i];
        d->enabled = !set->off[i];
        for (size_t k = 0; d->ops->params[k].name != NULL; k++)
            d->values[k] = d->ops->params[k].value;
        if (d->enabled && open_detector(engine, d, bytes / on, err, errlen) != 0)
            return -1;
    }
    return 0;
}

static int open_detectors(struct fw_engine *engine, const struct fw_settings *settings, size_t divided, char *err,
                          size_t errlen) {
    const size_t all = divided - divided / SESSIONS_PART, own = rules_share(engine, all);
    size_t bytes = all - own;
    size_t weights = 0, least = 0;
    for (size_t i = 0; fw_detectors[i] != NULL; i++) {
        weights += settings->detectors[i].enabled ? fw_detectors[i]->weight : 0;
        least += settings->detectors[i].enabled ? SHARE_LEAST : 0;
    }
    bytes = bytes > least ? bytes - least : 0;
    for (size_t i = 0; fw_detectors[i] != NULL; i++) {
        struct fw_detector *d = &engine->detectors[i];
        d->ops = fw_detectors[i];
        d->enabled = settings->detectors[i].enabled;
        memcpy(d->values, settings->detectors[i].values, sizeof d->values);
        if (d->enabled && open_detector(engine, d, SHARE_LEAST + bytes / weights * d->ops->weight, err, errlen) != 0)
            return -1;
    }
    return open_rules(engine, own, err, errlen);
}

/* After detectors went on or off. */
static void list_wants(struct fw_engine *engine) {
    for (unsigned kind = 0; kind < FW_KINDS; kind++) {
        struct fw_wants *wants = &engine->wants[kind];
        wants->count = 0;
        for (size_t i = 0; i < engine->builtin_count; i++) {
            const struct fw_detector *d = &engine->detectors[i];
            if (d->enabled && (d->ops->kinds >> kind & 1) != 0)
                wants->of[wants->count++] = (struct fw_want){d->ops->needs, d->ops->guards, i};
        }
    }
}

static unsigned per_minute(const struct fw_settings *settings) {
    return settings->findings_per_minute != 0 ? settings->findings_per_minute : FW_PER_MINUTE_DEFAULT;
}

/* Parts of fixed size: they are counted into max_memory like everything else. */
static int open_fixed(struct fw_engine *engine, const struct fw_settings *settings) {
    const struct fw_mem *mem = &engine->memory.mem;
    const struct fw_ruleset *set = settings->rules;
    while (fw_detectors[engine->builtin_count] != NULL)
        engine->builtin_count++;
    engine->detector_count = engine->builtin_count + (set != NULL ? set->count : 0);
    engine->detectors = fw_mem_alloc(mem, engine->detector_count + 1, sizeof *engine->detectors);
    engine->saturation = fw_mem_alloc(mem, engine->detector_count + 1, sizeof *engine->saturation);
    engine->outlet = fw_mem_alloc(mem, FW_OUTLET_MAX, sizeof *engine->outlet);
    if (set != NULL && set->open(set, &engine->rules, mem) != 0)
        return -1;
    engine->ruleset = set;
    if (engine->detectors == NULL || engine->saturation == NULL || engine->outlet == NULL ||
        fw_seen_open(&engine->seen, &engine->seed, mem) != 0 ||
        fw_timing_open(&engine->timing, &engine->seed, &timing_calls, engine, mem) != 0 ||
        fw_pipe_open(&engine->pipe, mem) != 0 || fw_exceptions_open(&engine->exceptions, mem) != 0)
        return -1;
    if (fw_findings_open(&engine->findings, per_minute(settings), emit, engine, mem) != 0 ||
        fw_usage_open(&engine->usage, engine->max_memory / FW_USAGE_PART, &engine->seed, mem) != 0 ||
        fw_names_open(&engine->names, engine->max_memory / FW_NAMES_PART, &engine->seed, mem) != 0)
        return -1;
    engine->fixed = sizeof *engine + engine->memory.bytes;
    return engine->fixed < engine->max_memory ? 0 : -1;
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
    fw_mem_count(&engine->memory, mem);
    engine->max_memory = max_memory;
    engine->site = settings->site;
    engine->seed = config->seed;
    engine->advanced = FW_TIME_NONE;
    if (open_fixed(engine, settings) != 0 || open_sessions(engine, max_memory - engine->fixed) != 0 ||
        open_detectors(engine, settings, max_memory - engine->fixed, err, errlen) != 0) {
        fw_engine_close(&engine);
        return -1;
    }
    list_wants(engine);
    fw_findings_configure(engine->findings, per_minute(settings), &settings->intervals);
    fw_findings_relate(engine->findings, fw_relations);
    fw_findings_geo(engine->findings, settings->site->geo);
    fw_findings_names(engine->findings, engine->names);
    fw_findings_listen(engine->findings, tell_news, engine);
    fw_exceptions_policy(engine->exceptions, engine->site, settings->intervals.summary);
    fw_usage_listen(engine->usage, tell_overdue, engine);
    fw_usage_policy(engine->usage, engine->site, settings->intervals.users);
    fw_timing_site(&engine->timing, settings->site);
    *out = engine;
    return 0;
}

void fw_engine_close(struct fw_engine **out) {
    struct fw_engine *engine = *out;
    if (engine == NULL)
        return;
    const struct fw_mem *mem = engine->memory.from;
    for (size_t i = 0; engine->detectors != NULL && i < engine->detector_count; i++)
        if (engine->detectors[i].det != NULL)
            engine->detectors[i].ops->close(&engine->detectors[i].det);
    fw_findings_close(&engine->findings);
    fw_timing_close(&engine->timing, mem);
    fw_pipe_close(&engine->pipe, mem);
    fw_sessions_close(&engine->sessions);
    fw_exceptions_close(&engine->exceptions);
    fw_seen_close(&engine->seen);
    fw_usage_close(&engine->usage);
    fw_names_close(&engine->names);
    if (engine->rules != NULL)
        engine->ruleset->close(&engine->rules);
    fw_mem_release(mem, engine->saturation);
    fw_mem_release(mem, engine->detectors);
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

uint64_t fw_settings_needs(const struct fw_settings *settings) {
    return fw_engine_needs(settings->detectors) | (settings->rules != NULL ? settings->rules->fields : 0);
}

bool fw_settings_want_text(const struct fw_settings *settings) {
    return settings->rules != NULL && settings->rules->text;
}

bool fw_engine_has_rules(const struct fw_engine *engine, const struct fw_ruleset *rules) {
    if (engine->ruleset == NULL || rules == NULL)
        return engine->ruleset == rules;
    return engine->ruleset->fingerprint == rules->fingerprint;
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
static bool is_watched(const struct fw_site *site, const struct fw_places *at) {
    return at->src->sources != NULL || at->src->destinations != NULL || at->dst->sources != NULL ||
           at->dst->destinations != NULL || site->anywhere != NULL;
}

/* 2. An event that waited for its turn knows its places. */
static struct fw_places place_addresses(const struct fw_engine *engine, struct fw_event *ev) {
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

static void tell_held(struct fw_detector *d, const struct fw_entry *entry) {
    d->suppressed++;
    if (d->probe != NULL)
        d->probe->held(d->probe->cookie, d, entry);
}

/* As if the finding were an event: what the policy says of its addresses holds for what is put together of it. */
static struct fw_places place_news(struct fw_engine *engine, struct fw_news *news) {
    struct fw_event *ev = &engine->about;
    const struct fw_subject *who = &news->subject;
    ev->time = news->time;
    ev->kind = FW_KIND_NONE;
    ev->present = (who->has_src ? FW_BIT(src) : 0) | (who->has_dst ? FW_BIT(dst) : 0) |
                  (who->proto >= 0 ? FW_BIT(proto) : 0) | (who->dport >= 0 ? FW_BIT(dport) : 0);
    ev->src = who->src;
    ev->dst = who->dst;
    ev->proto = (uint8_t)(who->proto >= 0 ? who->proto : 0);
    ev->dport = (uint16_t)(who->dport >= 0 ? who->dport : 0);
    const struct fw_places at = place_addresses(engine, ev);
    news->src_roles = ev->src_roles;
    news->dst_roles = ev->dst_roles;
    return at;
}

/* What the exceptions of the policy are asked about when a rule takes an event. */
struct guarding {
    struct fw_engine *engine;
    const struct fw_event *ev;
    const struct fw_places *at;
    bool excepted;
};

static bool guard_holds(void *cookie, size_t rule) {
    struct guarding *of = cookie;
    const struct fw_entry *exception =
        fw_exceptions_hold(of->engine->exceptions, of->ev, of->at->src, of->at->dst, FW_DETECTORS_MAX + rule);
    if (exception == NULL)
        return false;
    of->excepted = true;
    tell_held(&of->engine->detectors[of->engine->builtin_count + rule], exception);
    return true;
}

/* Returns whether an exception kept it from one of them. */
static bool ask_rules(struct fw_engine *engine, const struct fw_event *ev, const struct fw_places *at) {
    struct guarding of = {engine, ev, at, false};
    const struct fw_rules_guard guard = {guard_holds, &of};
    engine->ruleset->observe(engine->rules, ev, engine->detectors + engine->builtin_count, engine->findings,
                             is_watched(engine->site, at) ? &guard : NULL);
    return of.excepted;
}

/* For the rules a finding is an event. */
static void tell_rules(struct fw_engine *engine, const struct fw_news *news, const struct fw_places *at) {
    struct fw_event ev = engine->about;
    ev.finding = news->ops->name;
    ev.finding_stage = news->stage;
    (void)ask_rules(engine, &ev, at);
}

/* A finding has news: those who put findings together hear of it, unless role or exception keep it from them. */
static void tell_detectors(struct fw_engine *engine, struct fw_news *news, const struct fw_places *at) {
    const bool watched = is_watched(engine->site, at);
    for (size_t i = 0; i < engine->builtin_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (!d->enabled || d->ops->heard == NULL)
            continue;
        if ((news->src_roles & d->ops->guards) != 0) {
            tell_held(d, fw_exceptions_guarded(engine->exceptions, &engine->about, i, d->ops->guards));
            continue;
        }
        const struct fw_entry *exception =
            watched ? fw_exceptions_hold(engine->exceptions, &engine->about, at->src, at->dst, i) : NULL;
        if (exception != NULL) {
            tell_held(d, exception);
            continue;
        }
        const struct fw_sink sink = {engine->findings, d, engine->usage, engine->site};
        d->ops->heard(d->det, news, &sink);
    }
}

/* Somebody goes on with an application beyond the policy's day. */
static void tell_overdue(void *cookie, const struct fw_use *use, const struct fw_user *user) {
    struct fw_engine *engine = cookie;
    struct fw_news about = {.subject = {.src = use->src, .has_src = true, .proto = -1, .dport = -1}, .time = use->time};
    const struct fw_places at = place_news(engine, &about);
    const bool watched = is_watched(engine->site, &at);
    for (size_t i = 0; i < engine->builtin_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        if (!d->enabled || d->ops->overdue == NULL)
            continue;
        const struct fw_entry *exception =
            watched ? fw_exceptions_hold(engine->exceptions, &engine->about, at.src, at.dst, i) : NULL;
        if (exception != NULL) {
            tell_held(d, exception);
            continue;
        }
        const struct fw_sink sink = {engine->findings, d, engine->usage, engine->site};
        d->ops->overdue(d->det, use, user, &sink);
    }
}

static void tell_news(void *cookie, struct fw_news *news) {
    struct fw_engine *engine = cookie;
    const bool for_detectors = news->ops->heard == NULL && news->ops->ruleset == NULL;
    const bool for_rules = engine->ruleset != NULL && engine->ruleset->findings && news->risen;
    if (!for_detectors && !for_rules)
        return;
    const struct fw_event before = engine->about; /* who hears may report, and that may be news as well */
    const struct fw_places at = place_news(engine, news);
    if (for_detectors)
        tell_detectors(engine, news, &at);
    if (for_rules)
        tell_rules(engine, news, &at);
    engine->about = before;
}

/* Steps 2 to 5 of an event whose time is known. */
static void observe(void *cookie, struct fw_event *ev) {
    struct fw_engine *engine = cookie;
    struct fw_counters *counters = &engine->counters;
    if (engine->early_count > 0)
        tell_early(engine);
    struct fw_places at = place_addresses(engine, ev);
    const bool watched = is_watched(engine->site, &at);
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
            tell_held(d, fw_exceptions_guarded(engine->exceptions, ev, want->detector, want->guards));
            continue;
        }
        const struct fw_entry *exception =
            watched ? fw_exceptions_hold(engine->exceptions, ev, at.src, at.dst, want->detector) : NULL;
        if (exception != NULL) {
            excepted = true;
            tell_held(d, exception);
            continue;
        }
        d->observed++;
        seen++;
        const struct fw_sink sink = {engine->findings, d, engine->usage, engine->site};
        d->ops->observe(d->det, ev, &sink);
    }
    if (engine->rules != NULL)
        excepted = ask_rules(engine, ev, &at) || excepted;
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

void fw_engine_policy(struct fw_engine *engine, const struct fw_settings *settings) {
    fw_engine_flush(engine);
    engine->site = settings->site;
    fw_timing_site(&engine->timing, settings->site);
    fw_findings_geo(engine->findings, settings->site->geo);
    fw_exceptions_policy(engine->exceptions, engine->site, settings->intervals.summary);
    fw_usage_policy(engine->usage, engine->site, settings->intervals.users);
    fw_findings_configure(engine->findings, per_minute(settings), &settings->intervals);
    for (size_t i = 0; i < engine->builtin_count; i++) {
        struct fw_detector *d = &engine->detectors[i];
        memcpy(d->values, settings->detectors[i].values, sizeof d->values);
        /* A detector that was off at the start has no state and no memory: it comes with the next start. */
        d->enabled = settings->detectors[i].enabled && d->det != NULL;
    }
    list_wants(engine);
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

bool fw_engine_part(const struct fw_engine *engine, size_t n, struct fw_engine_part *part) {
    struct fw_detector_stats stats;
    struct fw_table_stats sessions;
    struct fw_usage_stats usage;
    struct fw_table_stats names;
    size_t names_bytes;
    memset(part, 0, sizeof *part);
    if (n == 0) {
        fw_usage_get_stats(engine->usage, &usage);
        fw_names_get_stats(engine->names, &names, &names_bytes);
        *part = (struct fw_engine_part){.name = "findings and documents",
                                        .bytes = engine->fixed - usage.bytes - names_bytes};
        return true;
    }
    if (n == 1) {
        fw_sessions_get_stats(engine->sessions, &sessions);
        *part = (struct fw_engine_part){.name = FW_SESSIONS_NAME,
                                        .bytes = (engine->max_memory - engine->fixed) / SESSIONS_PART,
                                        .keys = sessions.capacity};
        return true;
    }
    if (n == 2) {
        fw_usage_get_stats(engine->usage, &usage);
        *part = (struct fw_engine_part){
            .name = "users of applications", .bytes = usage.bytes, .keys = usage.table.capacity};
        return true;
    }
    if (n == 3) {
        fw_names_get_stats(engine->names, &names, &names_bytes);
        *part = (struct fw_engine_part){.name = "names of addresses", .bytes = names_bytes, .keys = names.capacity};
        return true;
    }
    for (size_t i = 0, on = 4; i < engine->detector_count; i++) {
        const struct fw_detector *d = &engine->detectors[i];
        if (d->det == NULL || on++ != n)
            continue;
        d->ops->get_stats(d->det, &stats);
        *part = (struct fw_engine_part){.name = d->ops->name,
                                        .bytes = stats.bytes,
                                        .keys = stats.table.capacity,
                                        .gate = stats.table.gate,
                                        .sets = stats.sets};
        return true;
    }
    return false;
}

fw_time fw_engine_now(struct fw_engine *engine) {
    fw_engine_flush(engine);
    return engine->timing.clock.watermark;
}
