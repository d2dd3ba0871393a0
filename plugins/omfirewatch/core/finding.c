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

#define NIL UINT32_MAX

struct finding {
    struct fw_detector *detector;
    void *entry;
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
    char sensor[64];
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
    struct fw_table *past;   /* matter -> struct past */
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
}

static void write_notice(struct fw_findings *f, const struct fw_notice *notice) {
    if (fw_notice_document(notice, f->sequence + 1, &f->document) != 0) {
        f->stats.notices_dropped++;
        return;
    }
    f->sequence++;
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

/* Writes the document. Returns false when it was folded. */
static bool write_document(struct fw_findings *f, struct finding *one, enum fw_finding_action action, fw_time time,
                           const char *close_reason) {
    turn_minute(f, time);
    if (f->in_minute >= f->per_minute && !(action == FW_FINDING_CLOSE && one->announced)) {
        f->folded_in_minute++;
        f->stats.folded++;
        return false;
    }
    const struct fw_detector_ops *ops = one->detector->ops;
    memset(&f->what, 0, sizeof f->what);
    f->what.confidence = 100;
    f->what.exact = true;
    f->what.value = one->value;
    ops->describe(one->detector->det, one->entry, &f->what);
    const struct fw_finding_view view = {.ops = ops,
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
    f->emit(f->cookie, &f->document);
    return true;
}

static uint64_t matter_of(const struct fw_detector *detector, const void *key, size_t key_size) {
    uint8_t buf[FW_TABLE_KEY_MAX + 32] = {0};
    const size_t name = strlen(detector->ops->name);
    memcpy(buf, detector->ops->name, name < 32 ? name : 32);
    memcpy(buf + 32, key, key_size);
    return fw_hash(&fw_seed_fixed, buf, 32 + key_size);
}

static struct finding *open_finding(struct fw_findings *f, struct fw_detector *detector, const struct fw_report *r) {
    const uint32_t self = f->free_head;
    if (self == NIL) {
        f->stats.refused++;
        return NULL;
    }
    struct finding *one = &f->all[self];
    f->free_head = one->next;
    memset(one, 0, sizeof *one);
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
    link_newest(f, one);
    *r->handle = self + 1;
    f->stats.opened++;
    f->stats.open++;
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
    if (*report->handle == 0) {
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

static void end_finding(struct fw_findings *f, struct finding *one, fw_time time, const char *why) {
    if (one->announced)
        (void)write_document(f, one, FW_FINDING_CLOSE, time, why);
    bool fresh, noted;
    struct past *past = fw_table_admit(f->past, &one->matter, time, NULL, NULL, &noted, &fresh);
    if (past != NULL)
        *past = (struct past){one->id, time};
    unlink_finding(f, one);
    *one->handle = 0;
    one->detector->ops->closed(one->detector->det, one->entry);
    one->next = f->free_head;
    f->free_head = (uint32_t)(one - f->all);
    f->stats.closed++;
    f->stats.open--;
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
    const fw_time quiet = one->detector->ops->quiet(one->detector->det);
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
        const fw_time quiet = one->detector->ops->quiet(one->detector->det);
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
