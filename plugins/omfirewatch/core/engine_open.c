/* engine_open.c: how the memory of an engine is divided, and what of the policy it is opened with or goes on with.
 *
 * Parts of fixed size come first; what is left of max_memory is divided by
 * SESSIONS_PART, SHARE_LEAST and the detectors' weights.
 * Memory: all of it is taken here. What an attacker controls: nothing.
 */
#include <stdio.h>
#include <string.h>

#include "engine_inside.h"

/* Fields the engine itself looks at. */
#define ENGINE_NEEDS                                                                                                   \
    (FW_BIT(src) | FW_BIT(dst) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(action) | FW_BIT(session) |    \
     FW_BIT(tcp_flags) | FW_BIT(sensor) | FW_BIT(host) | FW_BIT(query) | FW_BIT(answer))

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
        fw_timing_open(&engine->timing, &engine->seed, &fw_engine_timing_calls, engine, mem) != 0 ||
        fw_pipe_open(&engine->pipe, mem) != 0 || fw_exceptions_open(&engine->exceptions, mem) != 0)
        return -1;
    if (fw_findings_open(&engine->findings, per_minute(settings), fw_engine_emit, engine, mem) != 0 ||
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
    fw_findings_listen(engine->findings, fw_engine_tell_news, engine);
    fw_exceptions_policy(engine->exceptions, engine->site, settings->intervals.summary);
    fw_usage_listen(engine->usage, fw_engine_tell_overdue, engine);
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
