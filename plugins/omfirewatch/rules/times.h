/* times.h: when a rule is to look: a calendar with the zone it is told by.
 *
 * A set of rules outlives the policy that it came from, so it has copies of both.
 * Memory: about 250 bytes, and 16 for each change of the zone's offset, from the C library.
 */
#ifndef FW_RULE_TIMES_H
#define FW_RULE_TIMES_H

#include "../core/calendar.h"

struct fw_times {
    struct fw_calendar calendar;
    struct fw_zone zone;
    struct fw_zone_shift *shifts;
    struct fw_calendar_span spans[FW_CALENDAR_SPANS_MAX];
};

/* NULL: no memory. */
struct fw_times *fw_times_new(const struct fw_calendar_span *spans, size_t count, const struct fw_zone *zone);
void fw_times_free(struct fw_times **times);

/* NULL: at any time. */
static inline bool fw_times_hold(const struct fw_times *times, fw_time utc) {
    return times == NULL || fw_calendar_holds(&times->calendar, utc);
}

#endif
