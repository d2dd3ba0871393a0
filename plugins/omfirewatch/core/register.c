/* register.c: the register of open findings, its memory and its lists; see register.h.
 *
 * Open findings live in a fixed array with a free list; a second list holds them
 * in the order of their last report, so that closing looks only at those that
 * are due. Closed ones are remembered by identity of the matter for a day.
 */
#include "register.h"

#include <string.h>

int fw_findings_open(struct fw_findings **findings, unsigned per_minute, fw_emit_fn emit, void *cookie,
                     const struct fw_mem *mem) {
    struct fw_findings *f = fw_mem_alloc(mem, 1, sizeof *f);
    *findings = NULL;
    if (f == NULL)
        return -1;
    f->mem = mem;
    f->emit = emit;
    f->cookie = cookie;
    f->now = f->refusal_told = FW_TIME_NONE;
    f->notices[0].minute = f->notices[1].minute = FW_TIME_NONE;
    f->oldest = f->newest = FW_NIL;
    fw_storm_init(&f->storm);
    fw_findings_configure(f, per_minute, NULL);
    const struct fw_table_config past = {
        .key_size = 8, .value_size = sizeof(struct fw_past), .capacity = FW_FINDINGS_MAX, .seed = fw_seed_fixed};
    f->all = fw_mem_alloc(mem, FW_FINDINGS_MAX, sizeof *f->all);
    f->chains = fw_mem_alloc(mem, (size_t)2 * FW_CHAINS, sizeof *f->chains);
    if (f->all == NULL || f->chains == NULL || fw_table_open(&f->past, &past, mem) != 0) {
        fw_findings_close(&f);
        return -1;
    }
    for (uint32_t i = 0; i < 2 * FW_CHAINS; i++)
        f->chains[i] = FW_NIL;
    for (uint32_t i = 0; i < FW_FINDINGS_MAX; i++)
        f->all[i].newer = i + 1 < FW_FINDINGS_MAX ? i + 1 : FW_NIL;
    *findings = f;
    return 0;
}

void fw_findings_close(struct fw_findings **findings) {
    struct fw_findings *f = *findings;
    if (f == NULL)
        return;
    const struct fw_mem *mem = f->mem;
    fw_table_close(&f->past);
    fw_mem_release(mem, f->chains);
    fw_mem_release(mem, f->all);
    fw_mem_release(mem, f);
    *findings = NULL;
}

void fw_findings_configure(struct fw_findings *findings, unsigned per_minute, const struct fw_intervals *intervals) {
    static const struct fw_intervals none = {.update_gap = 0};
    const struct fw_intervals *i = intervals != NULL ? intervals : &none;
    findings->per_minute = per_minute;
    findings->intervals = (struct fw_intervals){.update_gap = i->update_gap != 0 ? i->update_gap : FW_FINDING_MIN_GAP,
                                                .refresh = i->refresh != 0 ? i->refresh : FW_FINDING_REFRESH,
                                                .memory = i->memory != 0 ? i->memory : FW_FINDING_MEMORY,
                                                .summary = i->summary != 0 ? i->summary : FW_SUMMARY_EVERY,
                                                .save = i->save != 0 ? i->save : FW_SAVE_EVERY};
}

void fw_findings_listen(struct fw_findings *findings, fw_news_fn news, void *cookie) {
    findings->news = news;
    findings->news_cookie = cookie;
}

void fw_findings_relate(struct fw_findings *findings, const struct fw_relation *relations) {
    findings->relations = relations;
}

void fw_findings_geo(struct fw_findings *findings, const struct fw_geo *geo) {
    findings->geo = geo;
}

void fw_findings_names(struct fw_findings *findings, struct fw_names *names) {
    findings->names = names;
}

bool fw_findings_where(const struct fw_findings *findings, const union fw_addr *addr, struct fw_whereabouts *out) {
    memset(out, 0, sizeof *out);
    return findings->geo != NULL && findings->geo->find(findings->geo->cookie, addr, out);
}

void fw_findings_observe(struct fw_findings *findings, const struct fw_event *ev, fw_time now) {
    findings->ev = ev;
    if (now != FW_TIME_NONE)
        findings->now = now;
}

static void unlink_reported(struct fw_findings *f, const struct fw_finding *one) {
    if (one->older != FW_NIL)
        f->all[one->older].newer = one->newer;
    else
        f->oldest = one->newer;
    if (one->newer != FW_NIL)
        f->all[one->newer].older = one->older;
    else
        f->newest = one->older;
}

static void link_reported(struct fw_findings *f, struct fw_finding *one) {
    const uint32_t self = (uint32_t)(one - f->all);
    one->older = f->newest;
    one->newer = FW_NIL;
    if (f->newest != FW_NIL)
        f->all[f->newest].newer = self;
    else
        f->oldest = self;
    f->newest = self;
    one->reported = ++f->reports;
}

void fw_register_touch(struct fw_findings *findings, struct fw_finding *one) {
    unlink_reported(findings, one);
    link_reported(findings, one);
}

struct fw_finding *fw_register_take(struct fw_findings *findings) {
    const uint32_t self = findings->free_head;
    if (self == FW_NIL)
        return NULL;
    struct fw_finding *one = &findings->all[self];
    findings->free_head = one->newer;
    memset(one, 0, sizeof *one);
    one->emitted = one->resumed = FW_TIME_NONE;
    return one;
}

void fw_register_link(struct fw_findings *findings, struct fw_finding *one) {
    link_reported(findings, one);
    fw_mute_link(findings, one);
    if (one->entry != NULL)
        *one->handle = (uint32_t)(one - findings->all) + 1;
    else
        findings->orphans++;
    findings->stats.open++;
}

void fw_register_leave(struct fw_findings *f, struct fw_finding *one) {
    unlink_reported(f, one);
    fw_mute_unlink(f, one);
    fw_mute_closed(f, one);
    if (one->entry != NULL) {
        *one->handle = 0;
        one->detector->ops->closed(one->detector->det, one->entry);
    } else {
        f->orphans--;
    }
    one->detector = NULL; /* its place is not in use */
    one->newer = f->free_head;
    f->free_head = (uint32_t)(one - f->all);
    f->stats.open--;
}

void fw_register_remember(struct fw_findings *findings, const struct fw_finding *one, fw_time closed) {
    struct fw_past *past = fw_table_admit(findings->past, &one->matter, closed, NULL, NULL, NULL, NULL);
    if (past != NULL)
        *past = (struct fw_past){one->id, closed};
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
    shift_time(&((struct fw_past *)value)->closed, move->from, move->delta);
    return true;
}

static void shift_finding(struct fw_finding *one, fw_time from, fw_time delta) {
    shift_time(&one->start, from, delta);
    shift_time(&one->last, from, delta);
    shift_time(&one->heard, from, delta);
    shift_time(&one->emitted, from, delta);
    shift_time(&one->resumed, from, delta);
    for (unsigned i = 0; i < one->first_count; i++)
        shift_time(&one->first[i].time, from, delta);
}

void fw_findings_shift(struct fw_findings *findings, fw_time from, fw_time delta) {
    struct move move = {from, delta};
    for (uint32_t i = findings->oldest; i != FW_NIL; i = findings->all[i].newer)
        shift_finding(&findings->all[i], from, delta);
    fw_table_walk_oldest(findings->past, shift_past, &move);
    shift_time(&findings->now, from, delta);
    shift_time(&findings->told, from, delta);
    shift_time(&findings->storm.minute, from, delta);
    shift_time(&findings->refusal_told, from, delta);
}

void fw_findings_get_stats(const struct fw_findings *findings, struct fw_findings_stats *stats) {
    *stats = findings->stats;
}
