/* dossier.c: see dossier.h. */
#include "dossier.h"

#include <stdlib.h>
#include <string.h>

void fw_dossier_init(struct fw_dossier *dossier, const union fw_addr *addr) {
    memset(dossier, 0, sizeof *dossier);
    dossier->addr = *addr;
    (void)fw_addr_format(addr, dossier->text);
}

void fw_dossier_free(struct fw_dossier *dossier) {
    fw_index_free(&dossier->ids);
    free(dossier->told);
    dossier->told = NULL;
}

/* --- readings ------------------------------------------------------------ */

static double share(const struct fw_reading *reading) {
    return reading->threshold > 0 ? (double)reading->value / (double)reading->threshold : 0;
}

static bool is_subject(const struct fw_dossier *dossier, const struct fw_subject *subject) {
    return (subject->has_src && fw_addr_equal(&subject->src, &dossier->addr)) ||
           (subject->has_dst && fw_addr_equal(&subject->dst, &dossier->addr));
}

static bool is_same(const struct fw_dossier_reading *one, const struct fw_detector *detector,
                    const struct fw_reading *reading) {
    const struct fw_subject *a = &one->reading.subject, *b = &reading->subject;

    return one->detector == detector && strcmp(one->reading.measure, reading->measure) == 0 && a->proto == b->proto &&
           a->dport == b->dport && a->has_src == b->has_src && a->has_dst == b->has_dst &&
           (!a->has_src || fw_addr_equal(&a->src, &b->src)) && (!a->has_dst || fw_addr_equal(&a->dst, &b->dst));
}

/* The place of that subject; when there is none left, that of the one furthest from a finding. */
static struct fw_dossier_reading *place(struct fw_dossier *dossier, const struct fw_detector *detector,
                                        const struct fw_reading *reading) {
    struct fw_dossier_reading *furthest = &dossier->readings[0];

    for (size_t i = 0; i < dossier->readings_count; i++) {
        struct fw_dossier_reading *one = &dossier->readings[i];

        if (is_same(one, detector, reading))
            return one;
        if (share(&one->reading) < share(&furthest->reading))
            furthest = one;
    }
    if (dossier->readings_count < FW_DOSSIER_READINGS) {
        furthest = &dossier->readings[dossier->readings_count++];
    } else {
        dossier->readings_lost++;
        if (share(&furthest->reading) > share(reading))
            return NULL;
    }
    *furthest = (struct fw_dossier_reading){.detector = detector};
    return furthest;
}

static size_t number_of(const struct fw_dossier *dossier, const struct fw_detector *detector) {
    return (size_t)(detector - fw_engine_detector(dossier->engine, 0));
}

static void take_reading(void *cookie, const struct fw_detector *detector, const struct fw_reading *reading) {
    struct fw_dossier *dossier = cookie;
    struct fw_dossier_reading *kept;

    dossier->counted = true;
    if (!dossier->mine || !is_subject(dossier, &reading->subject))
        return;
    kept = place(dossier, detector, reading);
    if (!kept)
        return;
    kept->found |= reading->open;
    if (kept->reading.measure && share(reading) <= share(&kept->reading))
        return;
    kept->detector = detector;
    kept->reading = *reading;
    kept->time = dossier->now;
}

/* --- events -------------------------------------------------------------- */

static void note_end(struct fw_dossier_end *end, const struct fw_event *ev, bool has_peer, const union fw_addr *peer) {
    const struct fw_top_key service = {.proto = fw_event_has(ev, FW_BIT(proto)) ? ev->proto : -1,
                                       .port = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : -1};
    const bool told = fw_event_has(ev, FW_BIT(action));
    const int action = ev->kind == FW_KIND_FLOW_DENY || (told && ev->action == FW_ACTION_DENY) ? FW_DOSSIER_DENIED
                       : told                                                                  ? FW_DOSSIER_ALLOWED
                                                                                               : FW_DOSSIER_OTHER;

    if (end->events++ == 0)
        end->first = end->last = ev->time;
    end->first = ev->time < end->first ? ev->time : end->first;
    end->last = ev->time > end->last ? ev->time : end->last;
    end->kinds[ev->kind][action]++;
    if (service.proto >= 0 || service.port >= 0)
        fw_top_add(&end->services, &service);
    if (has_peer)
        fw_top_add(&end->peers, &(struct fw_top_key){.addr = *peer, .proto = -1, .port = -1});
}

static void take_event(void *cookie, const struct fw_event *ev) {
    struct fw_dossier *dossier = cookie;
    const bool has_src = fw_event_has(ev, FW_BIT(src)), has_dst = fw_event_has(ev, FW_BIT(dst));
    const bool is_src = has_src && fw_addr_equal(&ev->src, &dossier->addr);
    const bool is_dst = has_dst && fw_addr_equal(&ev->dst, &dossier->addr);

    dossier->mine = is_src || is_dst;
    if (!dossier->mine)
        return;
    dossier->side = is_src ? FW_DOSSIER_SOURCE : FW_DOSSIER_DESTINATION;
    dossier->now = ev->time;
    dossier->suppressed = dossier->counted = false;
    dossier->joined += !ev->counts;
    dossier->replies += ev->reply;
    dossier->late += ev->late;
    if (is_src)
        note_end(&dossier->source, ev, has_dst, &ev->dst);
    if (is_dst)
        note_end(&dossier->destination, ev, has_src, &ev->src);
}

static void take_held(void *cookie, const struct fw_detector *detector, const struct fw_entry *entry) {
    struct fw_dossier *dossier = cookie;

    dossier->suppressed = true;
    if (dossier->mine && !entry)
        dossier->learned[number_of(dossier, detector)][dossier->side]++;
    if (dossier->mine && entry)
        dossier->held[number_of(dossier, detector)][entry->number][dossier->side]++;
}

static void take_done(void *cookie, unsigned seen) {
    struct fw_dossier *dossier = cookie;

    if (!dossier->mine)
        return;
    dossier->unseen += seen == 0 && !dossier->suppressed;
    dossier->uncounted += seen > 0 && !dossier->suppressed && !dossier->counted;
}

void fw_dossier_listen(struct fw_dossier *dossier, struct fw_engine *engine) {
    dossier->engine = engine;
    dossier->probe = (struct fw_probe){
        .event = take_event, .held = take_held, .reading = take_reading, .done = take_done, .cookie = dossier};
    fw_engine_probe(engine, &dossier->probe);
}

/* --- findings ------------------------------------------------------------ */

static bool is_about(const struct fw_dossier *dossier, const struct fw_record *record) {
    return strcmp(fw_record_text(record, "source.ip"), dossier->text) == 0 ||
           strcmp(fw_record_text(record, "destination.ip"), dossier->text) == 0;
}

void fw_dossier_document(struct fw_dossier *dossier, const struct fw_record *record) {
    struct fw_told *told = dossier->told;
    bool fresh;
    size_t n;

    if (!fw_told_is_finding(record) || !is_about(dossier, record))
        return;
    n = fw_index_put(&dossier->ids, fw_record_text(record, "event.id"), &fresh);
    if (n != FW_INDEX_NONE && fresh)
        told = fw_index_grow(told, n, sizeof *told);
    if (n == FW_INDEX_NONE || !told) {
        dossier->told_full = true;
        return;
    }
    dossier->told = told;
    fw_told_add(&told[n], record);
}
