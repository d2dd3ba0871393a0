/* keyed.c: see keyed.h. Its memory is the detector's share, taken at open. */
#include "keyed.h"

#include <stdio.h>
#include <string.h>

#include "../core/clock.h"

static void clear_sets(struct fw_keyed *keyed, void *value) {
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        fw_distinct_clear(keyed->pool, (struct fw_distinct *)((char *)value + keyed->shape.sets[i]));
}

static void evict(void *cookie, const void *key, void *value) {
    (void)key;
    clear_sets(cookie, value);
}

/* Its elements; nothing once it is over. */
static uint32_t worth(void *cookie, const void *value) {
    const struct fw_keyed *keyed = cookie;
    const struct fw_matter *matter = value;
    uint32_t elements = 0;
    if (matter->last < keyed->recent - keyed->window)
        return 0;
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        elements += ((const struct fw_distinct *)((const char *)value + keyed->shape.sets[i]))->count;
    return elements;
}

/* Memory that the sets lie in. */
static void ask_sets(void *cookie, const void *value, bool beyond) {
    const struct fw_keyed *keyed = cookie;
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        fw_distinct_ask(keyed->pool, (const struct fw_distinct *)((const char *)value + keyed->shape.sets[i]), beyond);
}

void fw_keyed_ask(struct fw_det *det, const struct fw_event *ev, struct fw_ahead *ahead) {
    uint64_t key[FW_TABLE_KEY_MAX / 8];
    if (det->keyed.shape.key_of != NULL && det->keyed.shape.key_of(det, ev, key))
        fw_ahead_key(ahead, det->keyed.table, key);
}

static int open_tables(struct fw_keyed *keyed, const struct fw_keyed_shape *shape,
                       const struct fw_detector_config *config) {
    size_t table_bytes = config->bytes / 100 * shape->table_pct;
    if (shape->set_count > 0 && config->bytes >= 2 * FW_DISTINCT_POOL_MIN &&
        config->bytes - table_bytes < FW_DISTINCT_POOL_MIN) /* in little memory sets need a larger part */
        table_bytes = config->bytes - FW_DISTINCT_POOL_MIN;
    const struct fw_distinct_pool_config pool = {.bytes = config->bytes - table_bytes, .seed = config->seed};
    struct fw_table_config table = {.key_size = shape->key_size,
                                    .value_size = shape->value_size,
                                    .gate_window = config->values[0] * FW_SECOND,
                                    .seed = config->seed,
                                    .evict = evict,
                                    .worth = shape->worth != NULL   ? shape->worth
                                             : shape->set_count > 0 ? worth
                                                                    : NULL,
                                    .ask = shape->set_count > 0 ? ask_sets : NULL,
                                    .worth_least = FW_KEYED_WORTH_LEAST,
                                    .cookie = keyed};
    if (shape->value_size > FW_KEYED_VALUE_MAX)
        return -1;
    keyed->shape = *shape;
    keyed->mem = config->mem;
    keyed->bytes = config->bytes;
    keyed->window = config->values[0] * FW_SECOND;
    fw_table_fit(&table, table_bytes, !shape->gate ? 0 : shape->notes != 0 ? shape->notes : FW_TABLE_GATE_PER_ENTRY);
    if (shape->set_count > 0 && fw_distinct_pool_open(&keyed->pool, &pool, config->mem) != 0)
        return -1;
    return fw_table_open(&keyed->table, &table, config->mem);
}

int fw_keyed_open(struct fw_det **det, const struct fw_keyed_shape *shape, const struct fw_detector_config *config,
                  char *err, size_t errlen) {
    *det = shape->extra > FW_KEYED_EXTRA_MAX ? NULL : fw_mem_alloc(config->mem, 1, sizeof **det + shape->extra);
    if (*det != NULL) {
        (*det)->values = config->values;
        (*det)->keyed.mem = config->mem;
        (*det)->keyed.values = config->values;
        if (open_tables(&(*det)->keyed, shape, config) == 0)
            return 0;
        fw_keyed_close(det);
    }
    (void)snprintf(err, errlen, "%s: out of memory, %zu MiB wanted", shape->name, config->bytes >> 20);
    return -1;
}

void fw_keyed_close(struct fw_det **det) {
    if (*det == NULL)
        return;
    const struct fw_mem *mem = (*det)->keyed.mem;
    fw_table_close(&(*det)->keyed.table);
    fw_distinct_pool_close(&(*det)->keyed.pool);
    fw_mem_release(mem, *det);
    *det = NULL;
}

fw_time fw_keyed_quiet(const struct fw_det *det) {
    return fw_keyed_window(det);
}

void *fw_keyed_find(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time) {
    struct fw_matter *matter = fw_table_find(keyed->table, key);
    /* A table full of pinned entries takes in nothing more: the finding that was reported longest ago makes room. */
    if (matter == NULL && fw_table_is_stuck(keyed->table))
        (void)fw_findings_evict(sink->findings, sink->detector, time);
    if (matter != NULL && matter->handle != 0 && fw_findings_end(sink->findings, matter->handle, time))
        return NULL;
    return matter;
}

_Static_assert(sizeof(struct fw_contact) <= FW_TABLE_NOTE_SIZE, "a contact is what the gate keeps");
_Static_assert(offsetof(struct fw_contact, time) == FW_TABLE_NOTE_TIME, "the gate knows when it was");

/* Did it come so late that its window had passed before what the entry knows? */
static bool is_over(const struct fw_keyed *keyed, struct fw_matter *matter, fw_time time) {
    matter->heard = keyed->now;
    return time < matter->last - keyed->values[0] * FW_SECOND;
}

void *fw_keyed_contact(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key,
                       const struct fw_contact *contact, struct fw_contact *first, bool *noted) {
    bool fresh;
    void *entry = fw_keyed_find(keyed, sink, key, contact->time);
    *noted = false;
    keyed->recent = contact->time;
    if (entry != NULL)
        return is_over(keyed, entry, contact->time) ? NULL : entry;
    const struct fw_contact *held = fw_table_gate_note(keyed->table, key, contact->time);
    if (held != NULL && fw_addr_equal(&held->dst, &contact->dst))
        return NULL; /* the same destination again says nothing new */
    entry = fw_table_admit(keyed->table, key, contact->time, contact, first, noted, &fresh);
    if (*noted && (first->time < -FW_TIME_MAX || first->time > FW_TIME_MAX)) /* a state file said so */
        *noted = false;
    if (entry != NULL)
        ((struct fw_matter *)entry)->heard = keyed->now;
    return entry;
}

enum { SHED_MOST = 4 }; /* looks at FW_TABLE_LOOK entries each: what is quiet lies at the old end */

bool fw_keyed_put(struct fw_keyed *keyed, const void *entry, struct fw_distinct *set, const union fw_addr *addr,
                  fw_time time, fw_time window, uint8_t mark) {
    for (unsigned i = 0; set->block == 0 && i < SHED_MOST && !fw_distinct_pool_has_room(keyed->pool); i++)
        (void)fw_table_shed(keyed->table, entry, 1);
    return fw_distinct_add(keyed->pool, set, addr, time, window, mark, NULL);
}

void *fw_keyed_gated(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time) {
    static const struct fw_contact nothing = {.time = FW_TIME_NONE / 2}; /* not taken for a contact; may be shifted */
    bool fresh;
    struct fw_matter *matter = fw_keyed_find(keyed, sink, key, time);
    keyed->recent = time;
    if (matter == NULL)
        matter = fw_table_admit(keyed->table, key, time, &nothing, NULL, NULL, &fresh);
    if (matter == NULL)
        return NULL;
    matter->heard = keyed->now;
    if (matter->handle == 0 && time > matter->last) /* the evidence of an open finding is older */
        matter->last = time;
    return matter;
}

static void renew(struct fw_keyed *keyed, struct fw_matter *matter, fw_time time) {
    if (matter->handle != 0 || matter->pinned || time <= matter->last + keyed->values[0] * FW_SECOND)
        return;
    const fw_time heard = matter->heard;
    clear_sets(keyed, matter);
    memset(matter, 0, keyed->shape.value_size);
    matter->heard = heard;
}

void *fw_keyed_go_on(struct fw_keyed *keyed, void *entry, fw_time time) {
    struct fw_matter *matter = entry;
    if (is_over(keyed, matter, time))
        return NULL;
    renew(keyed, matter, time);
    return matter;
}

void *fw_keyed_again(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time, fw_time *first,
                     bool *noted) {
    const struct fw_contact contact = {.time = time};
    struct fw_contact held;
    bool fresh;
    struct fw_matter *matter = fw_keyed_find(keyed, sink, key, time);
    *noted = false;
    keyed->recent = time;
    if (matter != NULL)
        return fw_keyed_go_on(keyed, matter, time);
    matter = fw_table_admit(keyed->table, key, time, &contact, &held, noted, &fresh);
    if (*noted && (held.time < -FW_TIME_MAX || held.time > FW_TIME_MAX)) /* a state file said so */
        *noted = false;
    if (*noted)
        *first = held.time;
    if (matter != NULL)
        matter->heard = keyed->now;
    return matter;
}

void *fw_keyed_enter(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time) {
    bool fresh = false;
    struct fw_matter *matter = fw_keyed_find(keyed, sink, key, time);
    keyed->recent = time;
    if (matter != NULL)
        return fw_keyed_go_on(keyed, matter, time);
    for (int i = 0; i < 2 && matter == NULL; i++) /* past the gate, where there is one */
        matter = fw_table_admit(keyed->table, key, time, NULL, NULL, NULL, &fresh);
    if (matter != NULL)
        matter->heard = keyed->now;
    return matter;
}

struct horizon {
    struct fw_keyed *keyed;
    fw_time before;
    fw_time beyond;
};

static bool drop_if_old(void *cookie, const void *key, void *value) {
    const struct horizon *horizon = cookie;
    const struct fw_matter *matter = value;
    (void)key;
    const fw_time last = matter->last > matter->heard ? matter->last : matter->heard;
    if (last >= horizon->before && last <= horizon->beyond)
        return false;
    if (!matter->pinned) {
        clear_sets(horizon->keyed, value);
        fw_table_remove(horizon->keyed->table, value);
    }
    return true;
}

void fw_keyed_advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    (void)sink;
    if (now == FW_TIME_NONE) /* only events without a possible time so far, and no entry */
        return;
    struct horizon horizon = {&det->keyed, now - fw_keyed_window(det), now + FW_CLOCK_BEYOND};
    det->keyed.now = now;
    fw_table_walk_oldest(det->keyed.table, drop_if_old, &horizon);
}

struct move {
    struct fw_keyed *keyed;
    fw_time from, delta;
};

static void move_time(void *cookie, fw_time *time) {
    const struct move *move = cookie;
    if (*time > move->from)
        *time += move->delta;
}

static bool move_entry(void *cookie, const void *key, void *value) {
    struct move *move = cookie;
    const struct fw_keyed_shape *shape = &move->keyed->shape;
    struct fw_matter *matter = value;
    (void)key;
    move_time(move, &matter->start);
    move_time(move, &matter->last);
    move_time(move, &matter->heard);
    for (size_t i = 0; i < shape->time_count; i++)
        move_time(move, (fw_time *)(void *)((char *)value + shape->times[i]));
    if (shape->visit_times != NULL)
        shape->visit_times(value, move_time, move);
    for (size_t i = 0; i < shape->set_count; i++)
        fw_distinct_shift(move->keyed->pool, (struct fw_distinct *)(void *)((char *)value + shape->sets[i]), move->from,
                          move->delta);
    return true;
}

void fw_keyed_shift(struct fw_det *det, fw_time from, fw_time delta) {
    struct move move = {&det->keyed, from, delta};
    fw_table_walk_oldest(det->keyed.table, move_entry, &move);
    move_time(&move, &det->keyed.now);
    fw_table_shift_gate(det->keyed.table, from, delta);
}

uint8_t fw_keyed_mark(const struct fw_event *ev) {
    const unsigned action = ev->kind == FW_KIND_FLOW_DENY ? FW_ACTION_DENY : FW_ACTION_ALLOW;
    return (uint8_t)(action | (ev->late ? FW_MARK_LATE : 0));
}

void fw_keyed_count(struct fw_matter *matter, const struct fw_event *ev, fw_time time) {
    const unsigned asset = fw_event_asset(ev);
    matter->events++;
    matter->denied += ev->kind == FW_KIND_FLOW_DENY;
    matter->late += ev->late;
    if (time > matter->last)
        matter->last = time;
    if (asset > matter->asset)
        matter->asset = (uint8_t)asset;
}

void fw_keyed_report(struct fw_keyed *keyed, const struct fw_sink *sink, struct fw_matter *matter,
                     struct fw_report *report) {
    report->entry = matter;
    report->key = fw_table_key(keyed->table, matter);
    report->key_size = keyed->shape.key_size;
    report->handle = &matter->handle;
    report->start = matter->start;
    report->threshold = matter->threshold;
    report->events = matter->events;
    report->denied = matter->denied;
    report->allowed = matter->events - matter->denied;
    report->late = matter->late;
    report->asset = matter->asset;
    fw_sink_report(sink, report);
    if (matter->handle != 0 && !matter->pinned) {
        fw_table_pin(keyed->table, matter);
        matter->pinned = 1;
    }
}

void fw_keyed_recount(const struct fw_keyed *keyed, struct fw_matter *matter, const struct fw_distinct *set,
                      bool more) {
    if (!more)
        matter->events = matter->denied = matter->late = 0;
    struct fw_element all[FW_DISTINCT_MAX];
    const size_t n = fw_distinct_list(keyed->pool, set, 0, all, FW_DISTINCT_MAX);
    for (size_t i = 0; i < n; i++) {
        if (matter->events == 0 || all[i].time < matter->start)
            matter->start = all[i].time;
        matter->events++;
        matter->denied += (all[i].mark & FW_ACTION_DENY) != 0;
        matter->late += (all[i].mark & FW_MARK_LATE) != 0;
    }
}

void fw_keyed_closed(struct fw_det *det, void *entry) {
    struct fw_matter *matter = entry;
    if (matter->pinned)
        fw_table_unpin(det->keyed.table, matter);
    clear_sets(&det->keyed, matter);
    fw_table_remove(det->keyed.table, matter);
}

void fw_keyed_get_stats(const struct fw_det *det, struct fw_detector_stats *stats) {
    struct fw_distinct_pool_stats pool = {.bytes_total = 0};
    fw_table_get_stats(det->keyed.table, &stats->table);
    if (det->keyed.pool != NULL)
        fw_distinct_pool_get_stats(det->keyed.pool, &pool);
    stats->forgotten = pool.forgotten;
    stats->starved = pool.starved;
    stats->sets = pool.sets;
    stats->bytes = det->keyed.bytes;
}

void fw_keyed_degraded(const struct fw_distinct *set, struct fw_description *out) {
    size_t i = 0;
    if (!set->overflowed || set->sketch != 0) /* the sketch knows those that the full set let go */
        return;
    while (i < FW_DEGRADED_MAX && out->degraded[i] != NULL)
        if (strcmp(out->degraded[i++], "memory") == 0)
            return;
    if (i < FW_DEGRADED_MAX)
        out->degraded[i] = "memory";
}

void fw_keyed_evidence(const struct fw_keyed *keyed, const struct fw_distinct *set, fw_time salt, int dport,
                       struct fw_description *out) {
    size_t pick[FW_EVIDENCE_MAX];
    const size_t n = fw_evidence_pick(set->count, (uint64_t)salt, pick);
    for (size_t i = 0; i < n; i++) {
        struct fw_element one;
        if (out->evidence_count == FW_EVIDENCE_MAX || fw_distinct_list(keyed->pool, set, pick[i], &one, 1) != 1)
            return;
        out->evidence[out->evidence_count++] =
            (struct fw_evidence){.time = one.time,
                                 .dst = one.addr,
                                 .has_dst = true,
                                 .dport = dport,
                                 .action = (one.mark & FW_ACTION_DENY) != 0 ? FW_ACTION_DENY : FW_ACTION_ALLOW};
    }
}

void fw_keyed_edges(const struct fw_matter *matter, const union fw_addr *dst, int dport, struct fw_description *out) {
    const fw_time times[] = {matter->start, matter->last};
    for (size_t i = 0; i < (matter->events > 1 ? 2 : 1) && out->evidence_count < FW_EVIDENCE_MAX; i++) {
        struct fw_evidence *one = &out->evidence[out->evidence_count++];
        *one = (struct fw_evidence){.time = times[i], .has_dst = dst != NULL, .dport = dport};
        if (dst != NULL)
            one->dst = *dst;
        if (matter->denied == 0 || matter->denied == matter->events) /* else nobody knows of this one */
            one->action = matter->denied == 0 ? FW_ACTION_ALLOW : FW_ACTION_DENY;
    }
}

/* ---- state ---- */

static struct fw_distinct *set_of(const struct fw_keyed *keyed, void *value, size_t i) {
    return (struct fw_distinct *)(void *)((char *)value + keyed->shape.sets[i]);
}

/* Sets go after the value, their handles and that of the finding are of this run only. */
static void save_value(void *cookie, const void *value, struct fw_put *put) {
    const struct fw_keyed *keyed = cookie;
    uint64_t copy[FW_KEYED_VALUE_MAX / 8];

    memcpy(copy, value, keyed->shape.value_size);
    ((struct fw_matter *)(void *)copy)->handle = 0;
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        memset(set_of(keyed, copy, i), 0, sizeof(struct fw_distinct));
    fw_put_bytes(put, copy, keyed->shape.value_size);
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        fw_distinct_save(keyed->pool, (const struct fw_distinct *)((const char *)value + keyed->shape.sets[i]), put);
}

static bool is_time(fw_time time) {
    return time >= -FW_TIME_MAX && time <= FW_TIME_MAX;
}

static void check_time(void *cookie, fw_time *time) {
    bool *sane = cookie;
    *sane = *sane && is_time(*time);
}

/* So that one can reckon with them. */
static bool times_are_sane(const struct fw_keyed *keyed, void *value) {
    const struct fw_matter *matter = value;
    bool sane = is_time(matter->start) && is_time(matter->last) && is_time(matter->heard);

    for (size_t i = 0; i < keyed->shape.time_count; i++) {
        fw_time time;

        memcpy(&time, (const char *)value + keyed->shape.times[i], sizeof time);
        sane = sane && is_time(time);
    }
    if (keyed->shape.visit_times != NULL)
        keyed->shape.visit_times(value, check_time, &sane);
    return sane;
}

static int load_value(void *cookie, void *value, struct fw_get *get) {
    struct fw_keyed *keyed = cookie;
    struct fw_matter *matter = value;

    fw_get_bytes(get, value, keyed->shape.value_size);
    matter->handle = 0;
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        memset(set_of(keyed, value, i), 0, sizeof(struct fw_distinct));
    if (get->failed || !times_are_sane(keyed, value))
        return -1;
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        if (fw_distinct_load(keyed->pool, set_of(keyed, value, i), get) != 0)
            return -1;
    return 0;
}

/* What saves changes nothing, what loads is given a detector that may be changed: one table of functions serves both. */
static struct fw_table_owner owner_of(const struct fw_keyed *keyed) {
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): takes the const off without -Wcast-qual */
    return (struct fw_table_owner){.save = save_value, .load = load_value, .cookie = (void *)(uintptr_t)keyed};
}

/* Each buffer begins with what its records depend on. */
bool fw_keyed_save(const struct fw_det *det, struct fw_put *put, uint64_t *cursor) {
    const struct fw_keyed *keyed = &det->keyed;
    const struct fw_table_owner owner = owner_of(keyed);

    fw_put_u64(put, keyed->shape.version);
    fw_put_u64(put, keyed->shape.extra);
    fw_put_bytes(put, det->extra, keyed->shape.extra);
    fw_put_u64(put, (uint64_t)keyed->now);
    fw_put_u64(put, keyed->shape.set_count);
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        fw_put_u64(put, keyed->shape.sets[i]);
    if (keyed->pool != NULL)
        fw_distinct_pool_save(keyed->pool, put);
    return fw_table_save(keyed->table, &owner, put, cursor);
}

int fw_keyed_load(struct fw_det *det, struct fw_get *get) {
    struct fw_keyed *keyed = &det->keyed;
    const struct fw_table_owner owner = owner_of(keyed);

    if (fw_get_u64(get) != keyed->shape.version || fw_get_u64(get) != keyed->shape.extra)
        return -1;
    fw_get_bytes(get, det->extra, keyed->shape.extra);
    keyed->now = fw_get_time(get);
    if (fw_get_u64(get) != keyed->shape.set_count || get->failed)
        return -1;
    for (size_t i = 0; i < keyed->shape.set_count; i++)
        if (fw_get_u64(get) != keyed->shape.sets[i])
            return -1;
    if (keyed->pool != NULL)
        fw_distinct_pool_load(keyed->pool, get);
    return fw_table_load(keyed->table, &owner, get);
}

struct adoption {
    struct fw_keyed *keyed;
    const struct fw_sink *sink;
};

/* An entry had a finding when it was written; if that is not open any more, it ended while the rest was written, and the
 * entry with it. */
static bool adopt(void *cookie, const void *key, void *value) {
    const struct adoption *adoption = cookie;
    struct fw_matter *matter = value;

    if (!matter->pinned)
        return true;
    fw_findings_adopt(adoption->sink->findings, adoption->sink->detector, key, adoption->keyed->shape.key_size, matter,
                      &matter->handle);
    if (matter->handle == 0) {
        clear_sets(adoption->keyed, value);
        fw_table_remove(adoption->keyed->table, value);
    }
    return true;
}

void fw_keyed_loaded(struct fw_det *det, const struct fw_sink *sink) {
    struct adoption adoption = {&det->keyed, sink};

    fw_table_loaded(det->keyed.table);
    fw_table_walk_oldest(det->keyed.table, adopt, &adoption);
}
