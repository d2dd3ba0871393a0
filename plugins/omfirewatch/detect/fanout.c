/* fanout.c: see fanout.h. */
#include "fanout.h"

#include <string.h>

enum { WALK_MAX = 1000 };      /* so that a long scan can be forgiven at all */
enum { MAGNITUDE_EVERY = 32 }; /* new elements between two looks at the sketch */

static void add(struct fw_det *det, struct fw_fanout *fan, const struct fw_event *ev, const struct fw_contact *contact,
                fw_time window) {
    fw_keyed_count(&fan->matter, ev, contact->time);
    if (fw_keyed_put(&det->keyed, fan, &fan->failed, &contact->dst, contact->time, window, fw_keyed_mark(ev))) {
        fan->added++;
        if (fan->walk < WALK_MAX)
            fan->walk++;
    }
}

void *fw_fanout_fail(struct fw_det *det, const struct fw_sink *sink, const void *key, const struct fw_event *ev,
                     const union fw_addr *element, fw_time window) {
    const struct fw_contact contact = {*element, ev->time};
    struct fw_contact first;
    bool noted;
    struct fw_fanout *fan = fw_keyed_contact(&det->keyed, sink, key, &contact, &first, &noted);
    if (fan == NULL)
        return NULL;
    if (noted)
        add(det, fan, ev, &first, window);
    add(det, fan, ev, &contact, window);
    return fan;
}

void *fw_fanout_answer(struct fw_det *det, const void *key, const union fw_addr *element) {
    struct fw_fanout *fan = fw_table_find(det->keyed.table, key);
    if (fan == NULL)
        return NULL;
    (void)fw_distinct_drop(det->keyed.pool, &fan->failed, element, NULL);
    if (fan->walk > 0)
        fan->walk--;
    return fan;
}

static void drop_strays(const struct fw_keyed *keyed, struct fw_distinct *set, uint64_t keep) {
    struct fw_element all[FW_DISTINCT_MAX];
    const size_t n = fw_distinct_list(keyed->pool, set, 0, all, FW_DISTINCT_MAX);
    size_t strays = n > keep ? n - (size_t)keep : 0;
    while (strays > 0 && all[strays].time - all[strays - 1].time <= all[n - 1].time - all[strays].time)
        strays--;
    if (strays > 0)
        fw_distinct_expire(keyed->pool, set, all[n - 1].time, all[n - 1].time - all[strays].time);
}

void fw_fanout_open(struct fw_keyed *keyed, struct fw_fanout *fan, uint64_t threshold) {
    drop_strays(keyed, &fan->failed, threshold);
    fw_keyed_recount(keyed, &fan->matter, &fan->failed, false);
    fw_distinct_sketch(keyed->pool, &fan->failed);
    fan->added = fan->failed.count;
    fan->matter.threshold = threshold;
    fan->magnitude = 0;
}

void fw_fanout_look(struct fw_keyed *keyed, struct fw_fanout *fan) {
    if (fan->magnitude == 0 || fan->added <= FW_DISTINCT_MAX / 2 || fan->added % MAGNITUDE_EVERY == 0)
        fan->magnitude = fw_distinct_magnitude(keyed->pool, &fan->failed, NULL);
}

unsigned fw_fanout_stage(const struct fw_fanout *fan) {
    unsigned stage = 1;
    for (uint64_t rung = fan->matter.threshold * FW_FANOUT_FACTOR; stage < FW_FANOUT_STAGES && fan->magnitude >= rung;
         rung *= FW_FANOUT_FACTOR)
        stage++;
    return stage;
}

bool fw_fanout_is_over(struct fw_det *det, struct fw_fanout *fan, uint64_t threshold) {
    if (fan->failed.count < threshold)
        return false;
    fw_fanout_open(&det->keyed, fan, threshold);
    return true;
}

void fw_fanout_report(struct fw_det *det, const struct fw_sink *sink, struct fw_fanout *fan,
                      const struct fw_subject *subject, fw_time time) {
    fw_fanout_look(&det->keyed, fan);
    struct fw_report report = {
        .subject = *subject, .time = time, .stage = fw_fanout_stage(fan), .value = fan->magnitude};
    fw_keyed_report(&det->keyed, sink, &fan->matter, &report);
}

bool fw_fanout_burst(const struct fw_keyed *keyed, const struct fw_fanout *fan, uint64_t n, fw_time now, fw_time span) {
    return fw_distinct_since(keyed->pool, &fan->failed, n, now - span);
}

struct fw_reading fw_fanout_reading(const struct fw_fanout *fan, const struct fw_subject *subject,
                                    enum fw_attempt outcome, uint64_t threshold, const char *what) {
    const bool open = fan != NULL && fan->matter.handle != 0;
    const uint64_t gated = outcome != FW_ATTEMPT_ANSWERED; /* one at most */
    return (struct fw_reading){.subject = *subject,
                               .measure = what,
                               .value = fan == NULL ? gated
                                        : open      ? fan->magnitude
                                                    : fan->failed.count,
                               .threshold = open ? fan->matter.threshold : threshold,
                               .open = open};
}

union fw_addr fw_fanout_port(unsigned proto, uint16_t port) {
    union fw_addr element;
    memset(&element, 0, sizeof element);
    element.b[13] = (uint8_t)proto;
    element.b[14] = (uint8_t)(port >> 8);
    element.b[15] = (uint8_t)port;
    return element;
}

unsigned fw_fanout_port_of(const union fw_addr *element) {
    return (unsigned)element->b[14] << 8 | element->b[15];
}

unsigned fw_fanout_proto_of(const union fw_addr *element) {
    return element->b[13];
}
