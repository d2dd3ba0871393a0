/* finding.c: the life of findings: what a report, and time, make of them; see finding.h. */
#include "finding.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "document.h"
#include "names.h"
#include "register.h"

#define QUIET_OFF FW_FINDING_REFRESH /* of a finding whose detector is off by now */

/* The detector's window slides, the evidence of the opening is kept: it goes first, and what the detector has now, the
 * latest of it, after. */
static void add_first(struct fw_findings *f, const struct fw_finding *one) {
    struct fw_description *what = &f->what;
    struct fw_evidence now[FW_EVIDENCE_MAX];
    size_t count = 0;
    if (what->evidence_count > FW_EVIDENCE_MAX)
        what->evidence_count = FW_EVIDENCE_MAX;
    for (size_t i = 0; i < what->evidence_count; i++) {
        const struct fw_evidence *candidate = &what->evidence[i];
        bool known = false;
        for (unsigned k = 0; k < one->first_count; k++)
            known = known || (one->first[k].time == candidate->time && one->first[k].dport == candidate->dport &&
                              fw_addr_equal(&one->first[k].dst, &candidate->dst));
        if (!known)
            now[count++] = *candidate;
    }
    const size_t room = FW_EVIDENCE_MAX - one->first_count;
    const size_t skip = count > room ? count - room : 0;
    memcpy(what->evidence, one->first, one->first_count * sizeof *one->first);
    memcpy(what->evidence + one->first_count, now + skip, (count - skip) * sizeof *now);
    what->evidence_count = one->first_count + (count - skip);
}

static fw_time quiet_of(const struct fw_finding *one) {
    return one->detector->det != NULL ? one->detector->ops->quiet(one->detector->det) : QUIET_OFF;
}

/* Nobody else knows the matter any more. */
static void describe_orphan(const struct fw_finding *one, struct fw_description *out) {
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

/* Asks the detector; its words go to f->what. */
static void describe(struct fw_findings *f, struct fw_finding *one) {
    memset(&f->what, 0, sizeof f->what);
    f->what.confidence = 100;
    f->what.exact = true;
    f->what.value = one->value;
    if (one->entry == NULL) {
        describe_orphan(one, &f->what);
        add_first(f, one);
        return;
    }
    one->detector->ops->describe(one->detector->det, one->entry, &f->what);
    (void)snprintf(one->measure, sizeof one->measure, "%s", f->what.measure != NULL ? f->what.measure : "");
    one->window = f->what.window;
    one->confidence = f->what.confidence;
    one->raise = f->what.raise;
    if (one->emitted == FW_TIME_NONE) /* it opens */
        while (one->first_count < FW_FIRST_KEPT && one->first_count < f->what.evidence_count) {
            one->first[one->first_count] = f->what.evidence[one->first_count];
            one->first_count++;
        }
    add_first(f, one);
}

/* Whatever became of its document: the next one is measured by this. */
static void mark(struct fw_finding *one, fw_time time) {
    one->emitted = time;
    one->emitted_value = one->value;
    one->emitted_stage = one->stage;
    one->emitted_asset = one->asset;
}

/* Writes the document. Returns false when it was folded: it stays due. */
static bool write_document(struct fw_findings *f, struct fw_finding *one, enum fw_finding_action action, fw_time time,
                           const char *close_reason) {
    fw_register_turn_minute(f, f->now != FW_TIME_NONE ? f->now : time); /* may write a document of its own */
    const char *names[FW_NAMES_KEPT];
    struct fw_finding_view view = {.ops = one->detector->ops,
                                   .action = action,
                                   .close_reason = close_reason,
                                   .id = one->id,
                                   .previous_id = one->previous_id,
                                   .parent_id = one->parent_id,
                                   .sequence = f->sequence + 1,
                                   .time = time,
                                   .start = one->start,
                                   .last = one->last,
                                   .stage = one->stage,
                                   .threshold = one->threshold,
                                   .events = one->events,
                                   .allowed = one->allowed,
                                   .denied = one->denied,
                                   .late = one->late,
                                   .suppressed = one->suppressed,
                                   .muted = one->muted,
                                   .children = one->children,
                                   .asset = one->asset,
                                   .subject = &one->subject,
                                   .sensor = one->sensor,
                                   .what = &f->what,
                                   .names = names};
    describe(f, one);
    if (one->subject.has_dst && f->names != NULL)
        view.name_count = fw_names_of(f->names, &one->subject.dst, names);
    if (one->subject.has_dst)
        (void)fw_findings_where(f, &one->subject.dst, &view.dst_where);
    if (one->subject.has_src)
        (void)fw_findings_where(f, &one->subject.src, &view.src_where);
    const bool update = action == FW_FINDING_UPDATE;
    if (action != FW_FINDING_CLOSE && !fw_storm_admit(&f->storm, f->per_minute, update)) {
        fw_storm_fold(&f->storm, view.ops->name, update, fw_document_score(&view), f->what.sentence);
        f->stats.folded++;
        one->suppressed++;
        one->emitted = time;
        return false;
    }
    mark(one, time);
    if (fw_document_finding(&view, &f->document) != 0) {
        f->stats.folded++;
        return false;
    }
    f->document.sequence = ++f->sequence;
    f->document.trace_len = fw_register_trace(one, action, f->document.trace, sizeof f->document.trace);
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

/* The entry gets the finding that its matter had before the restart, if any. */
static bool bind(struct fw_findings *f, uint64_t matter, void *entry, uint32_t *handle) {
    for (uint32_t i = f->orphans > 0 ? f->oldest : FW_NIL; i != FW_NIL; i = f->all[i].newer) {
        struct fw_finding *one = &f->all[i];
        if (one->entry != NULL || one->matter != matter)
            continue;
        one->entry = entry;
        one->handle = handle;
        *handle = i + 1;
        f->orphans--;
        return true;
    }
    return false;
}

void fw_findings_adopt(struct fw_findings *findings, const struct fw_detector *detector, const void *key,
                       size_t key_size, void *entry, uint32_t *handle) {
    *handle = 0;
    (void)bind(findings, matter_of(detector, key, key_size), entry, handle);
}

static struct fw_finding *open_finding(struct fw_findings *f, struct fw_detector *detector, const struct fw_report *r) {
    struct fw_finding *one = fw_register_take(f);
    if (one == NULL) {
        fw_register_refuse(f, detector, r->time);
        return NULL;
    }
    one->detector = detector;
    one->entry = r->entry;
    one->handle = r->handle;
    memcpy(one->key, r->key, r->key_size);
    one->key_size = (uint32_t)r->key_size;
    one->matter = matter_of(detector, r->key, r->key_size);
    const uint64_t identity[2] = {one->matter, (uint64_t)r->time};
    one->id = fw_hash(&fw_seed_fixed, identity, sizeof identity);
    const struct fw_past *past = fw_table_find(f->past, &one->matter);
    if (past != NULL && r->time - past->closed <= f->intervals.memory) {
        one->previous_id = past->id;
        f->stats.reopened++;
    }
    one->subject = r->subject;
    one->start = r->start;
    one->last = r->time;
    if (f->ev != NULL && fw_event_has(f->ev, FW_BIT(sensor)))
        (void)fw_text_append(one->sensor, sizeof one->sensor, 0, f->ev->sensor.p, f->ev->sensor.len);
    fw_register_link(f, one);
    f->stats.opened++;
    return one;
}

static void take_over(const struct fw_findings *f, struct fw_finding *one, const struct fw_report *r) {
    const unsigned asset = f->ev != NULL ? fw_event_asset(f->ev) : 0;
    if (r->time > one->last)
        one->last = r->time;
    if (r->stage > one->stage)
        one->stage = r->stage;
    one->heard = f->told;
    if (r->asset > one->asset)
        one->asset = r->asset;
    if (asset > one->asset)
        one->asset = asset;
    one->value = r->value;
    one->threshold = r->threshold;
    one->events = r->events;
    one->allowed = r->allowed;
    one->denied = r->denied;
    one->late = r->late;
}

/* Not while it is muted as the same matter as its parent; a parent that puts findings together is none of these. */
static void tell_news(struct fw_findings *f, const struct fw_finding *one, fw_time time, bool risen) {
    if (one->parent == 0 || f->all[one->parent - 1].detector->ops->heard != NULL)
        fw_register_tell(f, one, time, risen, false);
}

void fw_register_tell(struct fw_findings *f, const struct fw_finding *one, fw_time time, bool risen, bool withdrawn) {
    if (f->news == NULL)
        return;
    struct fw_news news = {.ops = one->detector->ops,
                           .id = one->id,
                           .subject = one->subject,
                           .time = time,
                           .start = one->start,
                           .stage = one->stage,
                           .asset = one->asset,
                           .risen = risen,
                           .withdrawn = withdrawn};
    f->news(f->news_cookie, &news);
}

static void begin_finding(struct fw_findings *f, struct fw_detector *detector, const struct fw_report *report) {
    struct fw_finding *one = open_finding(f, detector, report);
    if (one == NULL)
        return;
    take_over(f, one, report);
    fw_mute_opened(f, one);
    if (one->parent == 0) {
        one->announced = write_document(f, one, FW_FINDING_OPEN, report->time, NULL);
    } else {
        describe(f, one); /* for the evidence of the opening */
        mark(one, report->time);
        one->suppressed++;
        f->stats.muted++;
    }
    tell_news(f, one, report->time, true);
}

/* Of what is announced (or would be, were it not muted). */
static bool has_news(const struct fw_findings *f, const struct fw_finding *one, fw_time now) {
    return one->stage > one->emitted_stage || one->asset > one->emitted_asset ||
           (one->value > one->emitted_value && one->value >= 2 * one->emitted_value) ||
           (one->value != one->emitted_value && now - one->emitted >= f->intervals.refresh);
}

/* A parent that closed may be back in a moment, so the first report after that only starts a gap of waiting. */
static bool is_over_its_parent(const struct fw_findings *f, struct fw_finding *one, fw_time now) {
    if (one->resumed == FW_TIME_NONE)
        one->resumed = now;
    return now - one->resumed >= f->intervals.update_gap;
}

static bool is_due(const struct fw_findings *f, struct fw_finding *one, fw_time now) {
    if (now - one->emitted < f->intervals.update_gap)
        return false;
    if (one->announced || one->parent != 0)
        return has_news(f, one, now);
    return one->parent_id == 0 || is_over_its_parent(f, one, now);
}

void fw_findings_report(struct fw_findings *findings, struct fw_detector *detector, const struct fw_report *report) {
    if (*report->handle == 0 &&
        (findings->orphans == 0 ||
         !bind(findings, matter_of(detector, report->key, report->key_size), report->entry, report->handle))) {
        begin_finding(findings, detector, report);
        return;
    }
    struct fw_finding *one = &findings->all[*report->handle - 1];
    take_over(findings, one, report);
    fw_register_touch(findings, one);
    if (!is_due(findings, one, report->time)) {
        findings->stats.quieted++;
        return;
    }
    const bool risen = one->stage > one->emitted_stage;
    if (one->parent != 0) {
        mark(one, report->time);
        one->suppressed++;
        findings->stats.muted++;
    } else if (write_document(findings, one, one->announced ? FW_FINDING_UPDATE : FW_FINDING_OPEN, report->time,
                              NULL)) {
        findings->stats.updated += one->announced;
        one->announced = true;
    }
    tell_news(findings, one, report->time, risen);
}

static void end_finding(struct fw_findings *f, struct fw_finding *one, fw_time time, const char *why) {
    if (one->announced) {
        (void)write_document(f, one, FW_FINDING_CLOSE, time, why);
        fw_register_remember(f, one, time);
    }
    fw_register_leave(f, one);
    f->stats.closed++;
}

bool fw_findings_end(struct fw_findings *findings, uint32_t handle, fw_time now) {
    struct fw_finding *one = &findings->all[handle - 1];
    const fw_time quiet = quiet_of(one);
    if (now - one->last < quiet)
        return false;
    end_finding(findings, one, one->last + quiet, "quiet");
    return true;
}

bool fw_findings_evict(struct fw_findings *findings, const struct fw_detector *detector, fw_time now) {
    for (uint32_t i = findings->oldest; i != FW_NIL; i = findings->all[i].newer) {
        struct fw_finding *one = &findings->all[i];
        if (one->detector != detector)
            continue;
        end_finding(findings, one, now, "evicted");
        findings->stats.evicted++;
        return true;
    }
    return false;
}

/* Times from a clock that nobody believed, or from before the clock was set back: or it would stay open, and silent,
 * until that time comes. */
static void bring_back(struct fw_finding *one, fw_time now) {
    if (one->last - now > FW_CLOCK_BEYOND)
        one->last = now;
    if (one->emitted != FW_TIME_NONE && one->emitted - now > FW_CLOCK_BEYOND)
        one->emitted = now;
    if (one->resumed != FW_TIME_NONE && one->resumed - now > FW_CLOCK_BEYOND)
        one->resumed = now;
}

bool fw_findings_advance(struct fw_findings *findings, fw_time now, unsigned most) {
    /* Quiet times differ by detector, so the list is in the order of reports, not of deadlines: it is walked until a
     * finding is younger than the shortest quiet time. At most FW_FINDINGS_MAX steps, once a second of event time. */
    findings->told = now;
    for (uint32_t i = findings->oldest; i != FW_NIL;) {
        struct fw_finding *one = &findings->all[i];
        i = one->newer;
        const fw_time quiet = quiet_of(one);
        bring_back(one, now);
        const fw_time last = one->last > one->heard ? one->last : one->heard;
        if (now - last >= quiet) {
            if (most-- == 0)
                return false;
            end_finding(findings, one, one->last + quiet, "quiet");
        } else if (now - last < FW_MINUTE)
            break;
    }
    if (findings->storm.minute != FW_TIME_NONE)
        fw_register_turn_minute(findings, now);
    return true;
}
