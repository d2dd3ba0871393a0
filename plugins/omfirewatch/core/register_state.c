/* register_state.c: open findings, those of the last day and the minute's budget, written down and read again.
 *
 * A finding is written without its entry; loaded, it is an orphan (finding.h
 * tells what becomes of it). Everything else of it is plain data, so a new field
 * of struct fw_finding needs a line in put_finding() and one in get_finding(),
 * and nothing in between. The same record is the trace of a document, which a
 * journal keeps of what left after the state was written.
 * Invariants: what is read is checked before it is used as a size, an index or a
 * time; a finding whose detector is none of ours is left out.
 */
#include <string.h>

#include "document.h"
#include "register.h"

enum part { PART_OPEN, PART_PAST, PARTS }; /* a buffer holds records of one; the cursor's upper byte says which */
#define PART_SHIFT 56

enum { FLAG_SRC = 1, FLAG_DST = 2, FLAG_ANNOUNCED = 4 };

/* ---- one finding ---- */

static void put_time(struct fw_put *put, fw_time time) {
    fw_put_u64(put, (uint64_t)time);
}

/* A time, or FW_TIME_NONE. */
static fw_time get_moment(struct fw_get *get) {
    const fw_time time = (fw_time)fw_get_u64(get);
    if (time != FW_TIME_NONE && (time < -FW_TIME_MAX || time > FW_TIME_MAX))
        get->failed = true;
    return get->failed ? FW_TIME_NONE : time;
}

/* A number of up to `most`. */
static unsigned get_small(struct fw_get *get, unsigned most) {
    const uint64_t value = fw_get_u64(get);
    if (value > most)
        get->failed = true;
    return value > most ? 0 : (unsigned)value;
}

static void get_name(struct fw_get *get, char *name, size_t size) {
    char text[UINT8_MAX + 1];
    fw_get_text(get, text);
    (void)fw_text_append(name, size, 0, text, strlen(text));
}

static void put_evidence(struct fw_put *put, const struct fw_evidence *one) {
    put_time(put, one->time);
    fw_put_u8(put, one->has_dst);
    fw_put_bytes(put, one->dst.b, sizeof one->dst.b);
    fw_put_u64(put, (uint64_t)one->dport + 1);
    fw_put_u8(put, (unsigned)one->action);
}

static void get_evidence(struct fw_get *get, struct fw_evidence *one) {
    one->time = fw_get_time(get);
    one->has_dst = fw_get_u8(get) != 0;
    fw_get_bytes(get, one->dst.b, sizeof one->dst.b);
    one->dport = (int)get_small(get, UINT16_MAX + 1) - 1;
    one->action = (int)fw_get_u8(get);
}

static void put_subject(struct fw_put *put, const struct fw_subject *who) {
    fw_put_bytes(put, who->src.b, sizeof who->src.b);
    fw_put_bytes(put, who->dst.b, sizeof who->dst.b);
    fw_put_u64(put, (uint64_t)who->proto + 1);
    fw_put_u64(put, (uint64_t)who->dport + 1);
}

static void get_subject(struct fw_get *get, struct fw_subject *who) {
    fw_get_bytes(get, who->src.b, sizeof who->src.b);
    fw_get_bytes(get, who->dst.b, sizeof who->dst.b);
    who->proto = (int)get_small(get, UINT8_MAX + 1) - 1;
    who->dport = (int)get_small(get, UINT16_MAX + 1) - 1;
}

static void put_numbers(struct fw_put *put, const struct fw_finding *one) {
    fw_put_u64(put, one->emitted_value);
    fw_put_u64(put, one->value);
    fw_put_u64(put, one->threshold);
    fw_put_u64(put, one->events);
    fw_put_u64(put, one->allowed);
    fw_put_u64(put, one->denied);
    fw_put_u64(put, one->late);
    fw_put_u64(put, one->suppressed);
    fw_put_u64(put, one->muted);
    fw_put_u64(put, one->reported);
    fw_put_u8(put, one->stage);
    fw_put_u8(put, one->emitted_stage);
    fw_put_u8(put, one->asset);
    fw_put_u8(put, one->emitted_asset);
    fw_put_u8(put, one->confidence);
    fw_put_u8(put, one->raise);
}

static void get_numbers(struct fw_get *get, struct fw_finding *one) {
    one->emitted_value = fw_get_u64(get);
    one->value = fw_get_u64(get);
    one->threshold = fw_get_u64(get);
    one->events = fw_get_u64(get);
    one->allowed = fw_get_u64(get);
    one->denied = fw_get_u64(get);
    one->late = fw_get_u64(get);
    one->suppressed = fw_get_u64(get);
    one->muted = fw_get_u64(get);
    one->reported = fw_get_u64(get);
    one->stage = fw_get_u8(get);
    one->emitted_stage = fw_get_u8(get);
    one->asset = fw_get_u8(get);
    one->emitted_asset = fw_get_u8(get);
    one->confidence = fw_get_u8(get);
    one->raise = fw_get_u8(get);
    if (one->asset > FW_ASSET_MAX || one->emitted_asset > FW_ASSET_MAX)
        get->failed = true;
}

static void put_finding(struct fw_put *put, const struct fw_finding *one) {
    fw_put_text(put, one->detector->ops->name);
    fw_put_u8(put, (one->subject.has_src ? FLAG_SRC : 0) | (one->subject.has_dst ? FLAG_DST : 0) |
                       (one->announced ? FLAG_ANNOUNCED : 0));
    fw_put_u64(put, one->id);
    fw_put_u64(put, one->previous_id);
    fw_put_u64(put, one->parent_id);
    fw_put_u64(put, one->matter);
    fw_put_u8(put, one->key_size);
    fw_put_bytes(put, one->key, one->key_size);
    put_subject(put, &one->subject);
    put_time(put, one->start);
    put_time(put, one->last);
    put_time(put, one->heard);
    put_time(put, one->emitted);
    put_time(put, one->resumed);
    put_time(put, one->window);
    put_numbers(put, one);
    fw_put_text(put, one->sensor);
    fw_put_text(put, one->measure);
    for (size_t i = 0; i < FW_CHILDREN_MAX; i++)
        fw_put_text(put, one->children[i]);
    fw_put_u8(put, one->first_count);
    for (size_t i = 0; i < one->first_count; i++)
        put_evidence(put, &one->first[i]);
}

/* 0, or -1: it is broken, or its detector is none of ours. */
static int get_finding(struct fw_get *get, struct fw_detector *detectors, size_t count, struct fw_finding *one) {
    char name[UINT8_MAX + 1];
    memset(one, 0, sizeof *one);
    fw_get_text(get, name);
    for (size_t i = 0; i < count; i++)
        if (strcmp(detectors[i].ops->name, name) == 0)
            one->detector = &detectors[i];
    const unsigned flags = fw_get_u8(get);
    one->subject.has_src = (flags & FLAG_SRC) != 0;
    one->subject.has_dst = (flags & FLAG_DST) != 0;
    one->announced = (flags & FLAG_ANNOUNCED) != 0;
    one->id = fw_get_u64(get);
    one->previous_id = fw_get_u64(get);
    one->parent_id = fw_get_u64(get);
    one->matter = fw_get_u64(get);
    one->key_size = fw_get_u8(get);
    if (one->key_size > sizeof one->key) {
        get->failed = true;
        one->key_size = 0;
    }
    fw_get_bytes(get, one->key, one->key_size);
    get_subject(get, &one->subject);
    one->start = fw_get_time(get);
    one->last = fw_get_time(get);
    one->heard = get_moment(get);
    one->emitted = get_moment(get);
    one->resumed = get_moment(get);
    one->window = fw_get_time(get);
    get_numbers(get, one);
    get_name(get, one->sensor, sizeof one->sensor);
    get_name(get, one->measure, sizeof one->measure);
    for (size_t i = 0; i < FW_CHILDREN_MAX; i++)
        get_name(get, one->children[i], sizeof one->children[i]);
    one->first_count = fw_get_u8(get);
    if (one->first_count > FW_FIRST_KEPT) {
        get->failed = true;
        one->first_count = 0;
    }
    for (size_t i = 0; i < one->first_count; i++)
        get_evidence(get, &one->first[i]);
    return get->failed || one->detector == NULL ? -1 : 0;
}

size_t fw_register_trace(const struct fw_finding *one, unsigned action, uint8_t *trace, size_t size) {
    struct fw_put put = {.p = trace, .size = size};
    fw_put_u8(&put, action);
    put_finding(&put, one);
    return put.failed ? 0 : put.len;
}

/* ---- what belongs to the register as a whole ---- */

static void put_storm(struct fw_put *put, const struct fw_storm *storm) {
    put_time(put, storm->minute);
    fw_put_u64(put, storm->written);
    fw_put_u64(put, storm->updates);
    fw_put_u64(put, storm->folded);
    fw_put_u64(put, storm->folded_updates);
    fw_put_u64(put, storm->worst_score);
    fw_put_text(put, storm->worst);
    for (size_t i = 0; i <= FW_STORM_DETECTORS; i++)
        fw_put_u64(put, storm->folded_of[i]);
    for (size_t i = 0; i < FW_STORM_DETECTORS; i++)
        fw_put_text(put, storm->detectors[i] != NULL ? storm->detectors[i] : "");
}

static void get_storm(struct fw_get *get, struct fw_detector *detectors, size_t count, struct fw_storm *storm) {
    memset(storm, 0, sizeof *storm);
    storm->minute = get_moment(get);
    storm->written = get_small(get, UINT32_MAX - 1);
    storm->updates = get_small(get, UINT32_MAX - 1);
    storm->folded = fw_get_u64(get);
    storm->folded_updates = fw_get_u64(get);
    storm->worst_score = get_small(get, UINT8_MAX);
    get_name(get, storm->worst, sizeof storm->worst);
    for (size_t i = 0; i <= FW_STORM_DETECTORS; i++)
        storm->folded_of[i] = fw_get_u64(get);
    for (size_t i = 0; i < FW_STORM_DETECTORS; i++) {
        char name[UINT8_MAX + 1];
        fw_get_text(get, name);
        for (size_t k = 0; name[0] != '\0' && k < count; k++) /* a detector that is gone ends the list */
            if (strcmp(detectors[k].ops->name, name) == 0 && (i == 0 || storm->detectors[i - 1] != NULL))
                storm->detectors[i] = detectors[k].ops->name;
    }
}

static void put_head(struct fw_put *put, const struct fw_findings *f) {
    fw_put_u64(put, f->sequence);
    put_time(put, f->now);
    put_time(put, f->told);
    put_time(put, f->refusal_told);
    fw_put_u64(put, f->refusals);
    put_storm(put, &f->storm);
    for (size_t i = 0; i < 2; i++) {
        put_time(put, f->notices[i].minute);
        fw_put_u64(put, f->notices[i].count);
    }
    const struct fw_findings_stats stats = f->stats;
    fw_put_bytes(put, &stats, sizeof stats);
}

/* Each buffer has one: the first tells which documents were written before all of them. */
static void get_head(struct fw_get *get, struct fw_findings *f, struct fw_detector *detectors, size_t count) {
    const uint64_t open = f->stats.open;
    f->sequence = fw_get_u64(get);
    if (!f->has_loaded)
        f->loaded_sequence = f->sequence;
    f->has_loaded = true;
    f->now = get_moment(get);
    f->told = get_moment(get);
    f->refusal_told = get_moment(get);
    f->refusals = fw_get_u64(get);
    get_storm(get, detectors, count, &f->storm);
    for (size_t i = 0; i < 2; i++) {
        f->notices[i].minute = get_moment(get);
        f->notices[i].count = get_small(get, UINT32_MAX - 1);
    }
    fw_get_bytes(get, &f->stats, sizeof f->stats);
    f->stats.open = open;
}

/* ---- the past ---- */

static void save_past(void *cookie, const void *value, struct fw_put *put) {
    const struct fw_past *past = value;
    (void)cookie;
    fw_put_u64(put, past->id);
    put_time(put, past->closed);
}

static int load_past(void *cookie, void *value, struct fw_get *get) {
    struct fw_past *past = value;
    (void)cookie;
    past->id = fw_get_u64(get);
    past->closed = fw_get_time(get);
    return get->failed ? -1 : 0;
}

static const struct fw_table_owner of_past = {.save = save_past, .load = load_past};

/* ---- all of it ---- */

/* By slots: a finding that stays open stays in its own, and none is left out while others come and go. */
static bool save_open(const struct fw_findings *f, struct fw_put *put, uint64_t *slot) {
    put_head(put, f);
    for (; *slot < FW_FINDINGS_MAX; ++*slot) {
        if (f->all[*slot].detector == NULL)
            continue;
        if (!fw_put_has_room(put))
            return false;
        put_finding(put, &f->all[*slot]);
    }
    return true;
}

bool fw_findings_save(const struct fw_findings *f, struct fw_put *put, uint64_t *cursor) {
    const uint64_t part = *cursor >> PART_SHIFT;
    uint64_t within = *cursor & ((UINT64_C(1) << PART_SHIFT) - 1);
    fw_put_u8(put, (unsigned)part);
    const bool done = part == PART_OPEN ? save_open(f, put, &within) : fw_table_save(f->past, &of_past, put, &within);
    *cursor = done ? (part + 1) << PART_SHIFT : part << PART_SHIFT | within;
    return done && part + 1 == PARTS;
}

static struct fw_finding *find_open(struct fw_findings *f, uint64_t id) {
    for (uint32_t i = f->oldest; i != FW_NIL; i = f->all[i].newer)
        if (f->all[i].id == id)
            return &f->all[i];
    return NULL;
}

/* Takes what was read in place of what is known of the same finding. */
static void put_orphan(struct fw_findings *f, const struct fw_finding *loaded) {
    struct fw_finding *one = find_open(f, loaded->id);
    if (one == NULL) {
        one = fw_register_take(f);
        if (one == NULL)
            return;
        one->detector = loaded->detector;
        one->subject = loaded->subject;
        fw_register_link(f, one);
    }
    const struct fw_finding links = *one;
    *one = *loaded;
    one->older = links.older;
    one->newer = links.newer;
    one->chain_prev = links.chain_prev;
    one->chain_next = links.chain_next;
    one->mutes = links.mutes;
}

int fw_findings_load(struct fw_findings *f, struct fw_detector *detectors, size_t count, struct fw_get *get) {
    struct fw_finding one;
    switch (fw_get_u8(get)) {
    case PART_OPEN:
        get_head(get, f, detectors, count);
        while (fw_get_has_more(get))
            if (get_finding(get, detectors, count, &one) == 0)
                put_orphan(f, &one);
        return get->failed ? -1 : 0;
    case PART_PAST:
        return fw_table_load(f->past, &of_past, get);
    default:
        return -1;
    }
}

void fw_findings_trace(struct fw_findings *f, struct fw_detector *detectors, size_t count, uint64_t sequence,
                       struct fw_get *trace) {
    struct fw_finding one;
    if (f->has_loaded && sequence <= f->loaded_sequence)
        return; /* it was known when the state was written */
    if (sequence > f->sequence)
        f->sequence = sequence;
    if (trace->size == 0) /* a notice */
        return;
    const unsigned action = fw_get_u8(trace);
    if (get_finding(trace, detectors, count, &one) != 0)
        return;
    one.announced = true;
    one.reported = ++f->reports;
    if (action != FW_FINDING_CLOSE) {
        f->stats.opened += action == FW_FINDING_OPEN;
        f->stats.updated += action == FW_FINDING_UPDATE;
        put_orphan(f, &one);
        return;
    }
    f->stats.closed++;
    fw_register_remember(f, &one, one.emitted);
    struct fw_finding *known = find_open(f, one.id);
    if (known != NULL)
        fw_register_leave(f, known);
}

/* In the order of reports: there are few, so each is put in its place from the newest on. */
static void sort_reported(struct fw_findings *f) {
    uint32_t left = f->oldest;
    f->oldest = f->newest = FW_NIL;
    while (left != FW_NIL) {
        struct fw_finding *one = &f->all[left];
        uint32_t older = f->newest, newer = FW_NIL;
        left = one->newer;
        while (older != FW_NIL && f->all[older].reported > one->reported) {
            newer = older;
            older = f->all[older].older;
        }
        one->older = older;
        one->newer = newer;
        *(older != FW_NIL ? &f->all[older].newer : &f->oldest) = (uint32_t)(one - f->all);
        *(newer != FW_NIL ? &f->all[newer].older : &f->newest) = (uint32_t)(one - f->all);
    }
    f->reports = 0;
    for (uint32_t i = f->oldest; i != FW_NIL; i = f->all[i].newer)
        f->all[i].reported = ++f->reports;
}

/* What mutes a finding is open, or mutes it no more. */
void fw_findings_loaded(struct fw_findings *f) {
    fw_table_loaded(f->past);
    sort_reported(f);
    for (uint32_t i = f->oldest; i != FW_NIL; i = f->all[i].newer) {
        struct fw_finding *one = &f->all[i];
        const struct fw_finding *parent = one->parent_id != 0 ? find_open(f, one->parent_id) : NULL;
        one->parent = parent != NULL && parent != one ? (uint32_t)(parent - f->all) + 1 : 0;
    }
}
