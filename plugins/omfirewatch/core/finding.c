/* finding.c: the register of open findings; see finding.h.
 *
 * Open findings live in a fixed array with a free list; a second list holds them
 * in the order of their last report, so that closing looks only at those that
 * are due. Closed ones are remembered by identity of the matter for a day.
 */
#include "finding.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../detect/detector.h"
#include "clock.h"
#include "document.h"
#include "notice.h"

#define NIL          UINT32_MAX
#define SENSOR_SIZE  64
#define MEASURE_SIZE 32
#define QUIET_OFF    FW_FINDING_REFRESH /* of a finding whose detector is off by now */

struct finding {
    struct fw_detector *detector;
    void *entry; /* NULL: an orphan, see finding.h */
    uint32_t *handle;
    uint64_t id;
    uint64_t previous_id;
    uint64_t matter; /* hash of detector and key: the same matter has the same */
    struct fw_subject subject;
    fw_time start;
    fw_time last;    /* report */
    fw_time heard;   /* the present when it came: a backlog has not been quiet since it was stamped */
    fw_time emitted; /* last document */
    uint64_t emitted_value;
    unsigned stage;
    unsigned emitted_stage;
    uint64_t value;
    uint64_t threshold;
    uint64_t events, allowed, denied;
    bool announced; /* its opening was written, not folded */
    uint32_t prev, next;
    uint64_t reported; /* rises along the list of reports */
    char sensor[SENSOR_SIZE];
    /* of its last description: all that is left of it when it is an orphan */
    char measure[MEASURE_SIZE];
    fw_time window;
    unsigned confidence, raise;
};

struct past {
    uint64_t id;
    fw_time closed;
};

struct fw_findings {
    const struct fw_mem *mem;
    struct finding *all;
    uint32_t free_head;
    uint32_t oldest, newest; /* by last report */
    uint64_t reports;
    uint32_t orphans;
    bool has_loaded;
    uint64_t loaded_sequence; /* of documents written before the state that was loaded */
    struct fw_table *past;    /* matter -> struct past */
    unsigned per_minute;
    fw_time now;    /* that advance was told */
    fw_time minute; /* the one being counted */
    unsigned in_minute;
    uint64_t folded_in_minute;
    uint64_t sequence;
    struct {
        fw_time minute;
        unsigned count;
    } notices[2];         /* written in this minute: summaries, health */
    struct fw_str sensor; /* of the event being observed; borrowed */
    fw_emit_fn emit;
    void *cookie;
    struct fw_findings_stats stats;
    struct fw_description what; /* scratch */
    struct fw_notice notice;    /* scratch */
    struct fw_document document;
};

int fw_findings_open(struct fw_findings **findings, unsigned per_minute, fw_emit_fn emit, void *cookie,
                     const struct fw_mem *mem) {
    struct fw_findings *f = fw_mem_alloc(mem, 1, sizeof *f);
    *findings = NULL;
    if (f == NULL)
        return -1;
    f->mem = mem;
    f->per_minute = per_minute;
    f->emit = emit;
    f->cookie = cookie;
    f->minute = FW_TIME_NONE;
    f->notices[0].minute = f->notices[1].minute = FW_TIME_NONE;
    f->oldest = f->newest = NIL;
    const struct fw_table_config past = {
        .key_size = 8, .value_size = sizeof(struct past), .capacity = FW_FINDINGS_MAX, .seed = fw_seed_fixed};
    f->all = fw_mem_alloc(mem, FW_FINDINGS_MAX, sizeof *f->all);
    if (f->all == NULL || fw_table_open(&f->past, &past, mem) != 0) {
        fw_findings_close(&f);
        return -1;
    }
    for (uint32_t i = 0; i < FW_FINDINGS_MAX; i++)
        f->all[i].next = i + 1 < FW_FINDINGS_MAX ? i + 1 : NIL;
    *findings = f;
    return 0;
}

void fw_findings_close(struct fw_findings **findings) {
    struct fw_findings *f = *findings;
    if (f == NULL)
        return;
    const struct fw_mem *mem = f->mem;
    fw_table_close(&f->past);
    fw_mem_release(mem, f->all);
    fw_mem_release(mem, f);
    *findings = NULL;
}

void fw_findings_limit(struct fw_findings *findings, unsigned per_minute) {
    findings->per_minute = per_minute;
}

void fw_findings_sensor(struct fw_findings *findings, const struct fw_str *sensor) {
    findings->sensor = sensor != NULL ? *sensor : (struct fw_str){NULL, 0};
}

static void unlink_finding(struct fw_findings *f, struct finding *one) {
    if (one->prev != NIL)
        f->all[one->prev].next = one->next;
    else
        f->oldest = one->next;
    if (one->next != NIL)
        f->all[one->next].prev = one->prev;
    else
        f->newest = one->prev;
}

static void link_newest(struct fw_findings *f, struct finding *one) {
    const uint32_t self = (uint32_t)(one - f->all);
    one->prev = f->newest;
    one->next = NIL;
    if (f->newest != NIL)
        f->all[f->newest].next = self;
    else
        f->oldest = self;
    f->newest = self;
    one->reported = ++f->reports;
}

static void write_notice(struct fw_findings *f, const struct fw_notice *notice) {
    if (fw_notice_document(notice, f->sequence + 1, &f->document) != 0) {
        f->stats.notices_dropped++;
        return;
    }
    f->document.sequence = ++f->sequence;
    f->document.trace_len = 0;
    f->stats.noticed++;
    f->emit(f->cookie, &f->document);
}

void fw_findings_notice(struct fw_findings *findings, const struct fw_notice *notice) {
    const unsigned kind = notice->kind == FW_DOCUMENT_HEALTH;
    const fw_time minute = notice->time - notice->time % FW_MINUTE;
    /* Another minute, be it an earlier one: the clock may have been set back. */
    if (findings->notices[kind].minute != minute) {
        findings->notices[kind].minute = minute;
        findings->notices[kind].count = 0;
    }
    if (findings->notices[kind].count++ >= FW_NOTICES_PER_MINUTE) {
        findings->stats.notices_dropped++;
        return;
    }
    write_notice(findings, notice);
}

/* One a minute at most, so it is outside the bound of notices. */
static void tell_storm(struct fw_findings *f) {
    struct fw_notice *notice = &f->notice;
    memset(notice, 0, sizeof *notice);
    notice->kind = FW_DOCUMENT_HEALTH;
    notice->action = "findings-folded";
    notice->severity = 4;
    notice->time = f->minute + FW_MINUTE;
    (void)snprintf(notice->text, sizeof notice->text,
                   "%" PRIu64 " more findings in one minute than the %u allowed; they were counted, not written",
                   f->folded_in_minute, f->per_minute);
    fw_notice_add(notice, "folded", f->folded_in_minute);
    fw_notice_add(notice, "per_minute", f->per_minute);
    write_notice(f, notice);
}

/* Minutes of event time limit documents; what the last minute held back is said when a new one begins. */
static void turn_minute(struct fw_findings *f, fw_time now) {
    const fw_time minute = now - now % FW_MINUTE;
    if (f->minute != FW_TIME_NONE && minute <= f->minute)
        return;
    if (f->folded_in_minute > 0)
        tell_storm(f);
    f->folded_in_minute = 0;
    f->in_minute = 0;
    f->minute = minute;
}

static fw_time quiet_of(const struct finding *one) {
    return one->detector->det != NULL ? one->detector->ops->quiet(one->detector->det) : QUIET_OFF;
}

/* Nobody else knows the matter any more. */
static void describe_orphan(const struct finding *one, struct fw_description *out) {
    char src[FW_ADDR_TEXT_MAX] = "unknown", dst[FW_ADDR_TEXT_MAX] = "", port[24] = "";
    if (one->subject.has_src)
        (void)fw_addr_format(&one->subject.src, src);
    if (one->subject.has_dst)
        (void)fw_addr_format(&one->subject.dst, dst);
    if (one->subject.dport >= 0)
        (void)snprintf(port, sizeof port, " on port %d", one->subject.dport);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s%s%s%s: nothing more since firewatch was started again", src,
                   dst[0] != '\0' ? " to " : "", dst, port);
    out->measure = one->measure;
    out->window = one->window;
    out->confidence = one->confidence;
    out->raise = one->raise;
    out->degraded[0] = "restart";
}

static void describe(struct fw_findings *f, struct finding *one) {
    memset(&f->what, 0, sizeof f->what);
    f->what.confidence = 100;
    f->what.exact = true;
    f->what.value = one->value;
    if (one->entry == NULL) {
        describe_orphan(one, &f->what);
        return;
    }
    one->detector->ops->describe(one->detector->det, one->entry, &f->what);
    (void)snprintf(one->measure, sizeof one->measure, "%s", f->what.measure != NULL ? f->what.measure : "");
    one->window = f->what.window;
    one->confidence = f->what.confidence;
    one->raise = f->what.raise;
}

static void put_finding(struct fw_put *put, const struct finding *one);

static void emit(struct fw_findings *f, const struct finding *one, enum fw_finding_action action) {
    struct fw_put trace = {.p = f->document.trace, .size = sizeof f->document.trace};
    fw_put_u8(&trace, action);
    put_finding(&trace, one);
    f->document.trace_len = trace.failed ? 0 : trace.len;
    f->document.sequence = f->sequence;
    f->emit(f->cookie, &f->document);
}

/* Writes the document. Returns false when it was folded. */
static bool write_document(struct fw_findings *f, struct finding *one, enum fw_finding_action action, fw_time time,
                           const char *close_reason) {
    turn_minute(f, time);
    if (f->in_minute >= f->per_minute && !(action == FW_FINDING_CLOSE && one->announced)) {
        f->folded_in_minute++;
        f->stats.folded++;
        return false;
    }
    describe(f, one);
    const struct fw_finding_view view = {.ops = one->detector->ops,
                                         .action = action,
                                         .close_reason = close_reason,
                                         .id = one->id,
                                         .previous_id = one->previous_id,
                                         .sequence = ++f->sequence,
                                         .time = time,
                                         .start = one->start,
                                         .last = one->last,
                                         .stage = one->stage,
                                         .threshold = one->threshold,
                                         .events = one->events,
                                         .allowed = one->allowed,
                                         .denied = one->denied,
                                         .subject = &one->subject,
                                         .sensor = one->sensor,
                                         .what = &f->what};
    if (action != FW_FINDING_CLOSE)
        f->in_minute++;
    one->emitted = time;
    one->emitted_value = one->value;
    one->emitted_stage = one->stage;
    if (fw_document_finding(&view, &f->document) != 0) {
        f->stats.folded++;
        return false;
    }
    emit(f, one, action);
    return true;
}

static uint64_t matter_of(const struct fw_detector *detector, const void *key, size_t key_size) {
    uint8_t buf[FW_TABLE_KEY_MAX + 32] = {0};
    const size_t name = strlen(detector->ops->name);
    memcpy(buf, detector->ops->name, name < 32 ? name : 32);
    memcpy(buf + 32, key, key_size);
    return fw_hash(&fw_seed_fixed, buf, 32 + key_size);
}

/* The newest of the list, all zero, or NULL. */
static struct finding *take_free(struct fw_findings *f) {
    const uint32_t self = f->free_head;
    if (self == NIL) {
        f->stats.refused++;
        return NULL;
    }
    struct finding *one = &f->all[self];
    f->free_head = one->next;
    memset(one, 0, sizeof *one);
    link_newest(f, one);
    f->stats.open++;
    return one;
}

static void give_back(struct fw_findings *f, struct finding *one) {
    unlink_finding(f, one);
    one->next = f->free_head;
    f->free_head = (uint32_t)(one - f->all);
    f->stats.open--;
    one->detector = NULL; /* its slot is not in use */
}

/* The entry gets the finding that its matter had before the restart, if any. */
static struct finding *bind(struct fw_findings *f, uint64_t matter, void *entry, uint32_t *handle) {
    for (uint32_t i = f->orphans > 0 ? f->oldest : NIL; i != NIL; i = f->all[i].next) {
        struct finding *one = &f->all[i];
        if (one->entry != NULL || one->matter != matter)
            continue;
        one->entry = entry;
        one->handle = handle;
        *handle = i + 1;
        f->orphans--;
        return one;
    }
    return NULL;
}

static struct finding *open_finding(struct fw_findings *f, struct fw_detector *detector, const struct fw_report *r) {
    struct finding *one = take_free(f);
    if (one == NULL)
        return NULL;
    one->detector = detector;
    one->entry = r->entry;
    one->handle = r->handle;
    one->matter = matter_of(detector, r->key, r->key_size);
    const uint64_t identity[2] = {one->matter, (uint64_t)r->time};
    one->id = fw_hash(&fw_seed_fixed, identity, sizeof identity);
    const struct past *past = fw_table_find(f->past, &one->matter);
    if (past != NULL && r->time - past->closed <= FW_FINDING_MEMORY) {
        one->previous_id = past->id;
        f->stats.reopened++;
    }
    one->subject = r->subject;
    one->start = r->start;
    one->emitted = FW_TIME_NONE;
    (void)fw_text_append(one->sensor, sizeof one->sensor, 0, f->sensor.p, f->sensor.len);
    *r->handle = (uint32_t)(one - f->all) + 1;
    f->stats.opened++;
    return one;
}

static void take_over(struct finding *one, const struct fw_report *r, fw_time now) {
    if (r->time > one->last)
        one->last = r->time;
    if (r->stage > one->stage)
        one->stage = r->stage;
    one->heard = now;
    one->value = r->value;
    one->threshold = r->threshold;
    one->events = r->events;
    one->allowed = r->allowed;
    one->denied = r->denied;
}

static bool is_worth_update(const struct finding *one, fw_time now) {
    if (now - one->emitted < FW_FINDING_MIN_GAP)
        return false;
    return one->stage > one->emitted_stage || one->value >= 2 * one->emitted_value ||
           (one->value != one->emitted_value && now - one->emitted >= FW_FINDING_REFRESH);
}

void fw_findings_report(struct fw_findings *findings, struct fw_detector *detector, const struct fw_report *report) {
    if (*report->handle == 0 &&
        (findings->orphans == 0 ||
         bind(findings, matter_of(detector, report->key, report->key_size), report->entry, report->handle) == NULL)) {
        struct finding *one = open_finding(findings, detector, report);
        if (one == NULL)
            return;
        one->last = report->time;
        take_over(one, report, findings->now);
        one->announced = write_document(findings, one, FW_FINDING_OPEN, report->time, NULL);
        if (!one->announced) { /* folded: an update may still announce it later */
            one->emitted = report->time;
            one->emitted_value = one->value;
            one->emitted_stage = one->stage;
        }
        return;
    }
    struct finding *one = &findings->all[*report->handle - 1];
    take_over(one, report, findings->now);
    unlink_finding(findings, one);
    link_newest(findings, one);
    if (!is_worth_update(one, report->time)) {
        findings->stats.quieted++;
        return;
    }
    if (write_document(findings, one, one->announced ? FW_FINDING_UPDATE : FW_FINDING_OPEN, report->time, NULL)) {
        findings->stats.updated += one->announced;
        one->announced = true;
    }
}

static void remember(struct fw_findings *f, const struct finding *one, fw_time closed) {
    struct past *past = fw_table_admit(f->past, &one->matter, closed, NULL, NULL, NULL, NULL);
    if (past != NULL)
        *past = (struct past){one->id, closed};
}

static void end_finding(struct fw_findings *f, struct finding *one, fw_time time, const char *why) {
    if (one->announced)
        (void)write_document(f, one, FW_FINDING_CLOSE, time, why);
    remember(f, one, time);
    if (one->entry != NULL) {
        *one->handle = 0;
        one->detector->ops->closed(one->detector->det, one->entry);
    } else {
        f->orphans--;
    }
    give_back(f, one);
    f->stats.closed++;
}

static void shift_time(fw_time *time, fw_time from, fw_time delta) {
    if (*time != FW_TIME_NONE && *time > from)
        *time += delta;
}

struct move {
    fw_time from, delta;
};

static bool shift_past(void *cookie, const void *key, void *value) {
    const struct move *move = cookie;
    (void)key;
    shift_time(&((struct past *)value)->closed, move->from, move->delta);
    return true;
}

void fw_findings_shift(struct fw_findings *f, fw_time from, fw_time delta) {
    struct move move = {from, delta};
    for (uint32_t i = f->oldest; i != NIL; i = f->all[i].next) {
        shift_time(&f->all[i].start, from, delta);
        shift_time(&f->all[i].last, from, delta);
        shift_time(&f->all[i].heard, from, delta);
        shift_time(&f->all[i].emitted, from, delta);
    }
    fw_table_walk_oldest(f->past, shift_past, &move);
    shift_time(&f->now, from, delta);
    shift_time(&f->minute, from, delta);
}

bool fw_findings_end(struct fw_findings *findings, uint32_t handle, fw_time now) {
    struct finding *one = &findings->all[handle - 1];
    const fw_time quiet = quiet_of(one);
    if (now - one->last < quiet)
        return false;
    end_finding(findings, one, one->last + quiet, "quiet");
    return true;
}

bool fw_findings_advance(struct fw_findings *findings, fw_time now, unsigned most) {
    /* Quiet times differ by detector, so the list is in the order of reports, not of deadlines: it is walked until a
     * finding is younger than the shortest quiet time. At most FW_FINDINGS_MAX steps, once a second of event time. */
    findings->now = now;
    for (uint32_t i = findings->oldest; i != NIL;) {
        struct finding *one = &findings->all[i];
        i = one->next;
        const fw_time quiet = quiet_of(one);
        if (one->last - now > FW_CLOCK_BEYOND) /* or it would stay open until that time comes */
            one->last = now;
        const fw_time last = one->last > one->heard ? one->last : one->heard;
        if (now - last >= quiet) {
            if (most-- == 0)
                return false;
            end_finding(findings, one, one->last + quiet, "quiet");
        } else if (now - last < FW_MINUTE)
            break;
    }
    if (findings->minute != FW_TIME_NONE)
        turn_minute(findings, now);
    return true;
}

void fw_findings_get_stats(const struct fw_findings *findings, struct fw_findings_stats *stats) {
    *stats = findings->stats;
}

/* ---- state ---- */

enum part { PART_OPEN, PART_PAST, PARTS }; /* a buffer holds records of one; the cursor's upper byte says which */
#define PART_SHIFT 56

enum { FLAG_SRC = 1, FLAG_DST = 2, FLAG_ANNOUNCED = 4 };

static void put_finding(struct fw_put *put, const struct finding *one) {
    fw_put_text(put, one->detector->ops->name);
    fw_put_u64(put, one->id);
    fw_put_u64(put, one->previous_id);
    fw_put_u64(put, one->matter);
    fw_put_u8(put, (one->subject.has_src ? FLAG_SRC : 0) | (one->subject.has_dst ? FLAG_DST : 0) |
                       (one->announced ? FLAG_ANNOUNCED : 0));
    fw_put_bytes(put, one->subject.src.b, sizeof one->subject.src.b);
    fw_put_bytes(put, one->subject.dst.b, sizeof one->subject.dst.b);
    fw_put_u64(put, (uint64_t)(one->subject.proto + 1));
    fw_put_u64(put, (uint64_t)(one->subject.dport + 1));
    fw_put_u64(put, (uint64_t)one->start);
    fw_put_u64(put, (uint64_t)one->last);
    fw_put_u64(put, (uint64_t)one->heard);
    fw_put_u64(put, (uint64_t)one->emitted);
    fw_put_u64(put, one->emitted_value);
    fw_put_u64(put, one->stage);
    fw_put_u64(put, one->emitted_stage);
    fw_put_u64(put, one->value);
    fw_put_u64(put, one->threshold);
    fw_put_u64(put, one->events);
    fw_put_u64(put, one->allowed);
    fw_put_u64(put, one->denied);
    fw_put_u64(put, one->reported);
    fw_put_text(put, one->sensor);
    fw_put_text(put, one->measure);
    fw_put_u64(put, (uint64_t)one->window);
    fw_put_u8(put, one->confidence);
    fw_put_u8(put, one->raise);
}

/* A time, or FW_TIME_NONE. */
static fw_time get_moment(struct fw_get *get) {
    const fw_time time = (fw_time)fw_get_u64(get);
    if (time != FW_TIME_NONE && (time < -FW_TIME_MAX || time > FW_TIME_MAX))
        get->failed = true;
    return time;
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

/* 0, or -1: it is broken, or its detector is none of ours. */
static int get_finding(struct fw_get *get, struct fw_detector *detectors, size_t count, struct finding *one) {
    char name[UINT8_MAX + 1];
    memset(one, 0, sizeof *one);
    fw_get_text(get, name);
    for (size_t i = 0; i < count; i++)
        if (strcmp(detectors[i].ops->name, name) == 0)
            one->detector = &detectors[i];
    one->id = fw_get_u64(get);
    one->previous_id = fw_get_u64(get);
    one->matter = fw_get_u64(get);
    const unsigned flags = fw_get_u8(get);
    one->subject.has_src = (flags & FLAG_SRC) != 0;
    one->subject.has_dst = (flags & FLAG_DST) != 0;
    one->announced = (flags & FLAG_ANNOUNCED) != 0;
    fw_get_bytes(get, one->subject.src.b, sizeof one->subject.src.b);
    fw_get_bytes(get, one->subject.dst.b, sizeof one->subject.dst.b);
    one->subject.proto = (int)get_small(get, UINT8_MAX + 1) - 1;
    one->subject.dport = (int)get_small(get, UINT16_MAX + 1) - 1;
    one->start = fw_get_time(get);
    one->last = fw_get_time(get);
    one->heard = get_moment(get);
    one->emitted = fw_get_time(get);
    one->emitted_value = fw_get_u64(get);
    one->stage = get_small(get, UINT8_MAX);
    one->emitted_stage = get_small(get, UINT8_MAX);
    one->value = fw_get_u64(get);
    one->threshold = fw_get_u64(get);
    one->events = fw_get_u64(get);
    one->allowed = fw_get_u64(get);
    one->denied = fw_get_u64(get);
    one->reported = fw_get_u64(get);
    get_name(get, one->sensor, sizeof one->sensor);
    get_name(get, one->measure, sizeof one->measure);
    one->window = fw_get_time(get);
    one->confidence = fw_get_u8(get);
    one->raise = fw_get_u8(get);
    return get->failed || one->detector == NULL ? -1 : 0;
}

static void put_head(struct fw_put *put, const struct fw_findings *f) {
    fw_put_u64(put, f->sequence);
    fw_put_u64(put, (uint64_t)f->now);
    fw_put_u64(put, (uint64_t)f->minute);
    fw_put_u64(put, f->in_minute);
    fw_put_u64(put, f->folded_in_minute);
    for (size_t i = 0; i < 2; i++) {
        fw_put_u64(put, (uint64_t)f->notices[i].minute);
        fw_put_u64(put, f->notices[i].count);
    }
    fw_put_u64(put, f->stats.opened);
    fw_put_u64(put, f->stats.reopened);
    fw_put_u64(put, f->stats.updated);
    fw_put_u64(put, f->stats.closed);
    fw_put_u64(put, f->stats.quieted);
    fw_put_u64(put, f->stats.folded);
    fw_put_u64(put, f->stats.refused);
    fw_put_u64(put, f->stats.noticed);
    fw_put_u64(put, f->stats.notices_dropped);
}

/* Each buffer has one: the first tells which documents were written before all of them. */
static void get_head(struct fw_get *get, struct fw_findings *f) {
    const uint64_t sequence = fw_get_u64(get);
    f->sequence = sequence;
    if (!f->has_loaded)
        f->loaded_sequence = sequence;
    f->has_loaded = true;
    f->now = get_moment(get);
    f->minute = get_moment(get);
    f->in_minute = get_small(get, UINT32_MAX - 1);
    f->folded_in_minute = fw_get_u64(get);
    for (size_t i = 0; i < 2; i++) {
        f->notices[i].minute = get_moment(get);
        f->notices[i].count = get_small(get, UINT32_MAX - 1);
    }
    f->stats.opened = fw_get_u64(get);
    f->stats.reopened = fw_get_u64(get);
    f->stats.updated = fw_get_u64(get);
    f->stats.closed = fw_get_u64(get);
    f->stats.quieted = fw_get_u64(get);
    f->stats.folded = fw_get_u64(get);
    f->stats.refused = fw_get_u64(get);
    f->stats.noticed = fw_get_u64(get);
    f->stats.notices_dropped = fw_get_u64(get);
}

/* Takes what was read in place of what is known of the same finding. */
static void put_orphan(struct fw_findings *f, const struct finding *loaded) {
    struct finding *one = NULL;
    for (uint32_t i = f->oldest; i != NIL && one == NULL; i = f->all[i].next)
        if (f->all[i].id == loaded->id)
            one = &f->all[i];
    if (one == NULL) {
        one = take_free(f);
        if (one == NULL)
            return;
        f->orphans++;
    }
    const uint32_t prev = one->prev, next = one->next;
    *one = *loaded;
    one->prev = prev;
    one->next = next;
}

static void save_past(void *cookie, const void *value, struct fw_put *put) {
    const struct past *past = value;
    (void)cookie;
    fw_put_u64(put, past->id);
    fw_put_u64(put, (uint64_t)past->closed);
}

static int load_past(void *cookie, void *value, struct fw_get *get) {
    struct past *past = value;
    (void)cookie;
    past->id = fw_get_u64(get);
    past->closed = fw_get_time(get);
    return get->failed ? -1 : 0;
}

static const struct fw_table_owner of_past = {.save = save_past, .load = load_past};

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

int fw_findings_load(struct fw_findings *f, struct fw_detector *detectors, size_t count, struct fw_get *get) {
    struct finding one;
    switch (fw_get_u8(get)) {
    case PART_OPEN:
        get_head(get, f);
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
    struct finding one;
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
    remember(f, &one, one.emitted);
    for (uint32_t i = f->oldest; i != NIL; i = f->all[i].next)
        if (f->all[i].id == one.id) {
            f->orphans--;
            give_back(f, &f->all[i]);
            return;
        }
}

/* In the order of reports: there are few, so each is put in its place from the newest on. */
void fw_findings_loaded(struct fw_findings *f) {
    uint32_t left = f->oldest;
    fw_table_loaded(f->past);
    f->oldest = f->newest = NIL;
    while (left != NIL) {
        struct finding *one = &f->all[left];
        uint32_t older = f->newest, newer = NIL;
        left = one->next;
        while (older != NIL && f->all[older].reported > one->reported) {
            newer = older;
            older = f->all[older].prev;
        }
        one->prev = older;
        one->next = newer;
        *(older != NIL ? &f->all[older].next : &f->oldest) = (uint32_t)(one - f->all);
        *(newer != NIL ? &f->all[newer].prev : &f->newest) = (uint32_t)(one - f->all);
    }
    f->reports = 0;
    for (uint32_t i = f->oldest; i != NIL; i = f->all[i].next)
        f->all[i].reported = ++f->reports;
}

void fw_findings_adopt(struct fw_findings *f, const struct fw_detector *detector, const void *key, size_t key_size,
                       void *entry, uint32_t *handle) {
    *handle = 0;
    (void)bind(f, matter_of(detector, key, key_size), entry, handle);
}
