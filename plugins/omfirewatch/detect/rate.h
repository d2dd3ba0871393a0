/* rate.h: how often something happened in a sliding span of time, in 40 bytes.
 *
 * Two halves, the present one and the one before it, which counts by the part of
 * it that the span still covers (as HAProxy's freq_ctr): exact for what comes at
 * once, within a few percent for what comes evenly, and never more than all that
 * happened in twice the span. All zero is nothing yet; it is plain data and may
 * be written to the state. What an attacker controls: how often.
 */
#ifndef FW_RATE_H
#define FW_RATE_H

#include "../core/event.h"

struct fw_rate {
    fw_time began;    /* of the present half */
    fw_time first[2]; /* what was first in the present half, and in the one before */
    uint64_t count[2];
};

/* Offsets of its times, for struct fw_keyed_shape. */
#define FW_RATE_TIMES(type, member)                                                                                    \
    offsetof(type, member.began), offsetof(type, member.first[0]), offsetof(type, member.first[1])
#define FW_RATE_TIMES_COUNT 3

/* It happened n times at that time. What is late counts for the half before, or not at all. */
void fw_rate_add(struct fw_rate *rate, fw_time time, fw_time span, uint64_t n);
/* How often in the span that ends at that time. */
uint64_t fw_rate_now(const struct fw_rate *rate, fw_time time, fw_time span);
/* All that it still knows of, and since when. */
uint64_t fw_rate_held(const struct fw_rate *rate, fw_time *since);

#endif
