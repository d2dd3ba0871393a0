/* times.c: see times.h. */
#include "times.h"

#include <stdlib.h>
#include <string.h>

struct fw_times *fw_times_new(const struct fw_calendar_span *spans, size_t count, const struct fw_zone *zone) {
    struct fw_times *times = calloc(1, sizeof *times);

    if (times == NULL)
        return NULL;
    times->zone = *zone;
    if (zone->count > 0) {
        times->shifts = calloc(zone->count, sizeof *times->shifts);
        if (times->shifts == NULL) {
            free(times);
            return NULL;
        }
        memcpy(times->shifts, zone->shifts, zone->count * sizeof *times->shifts);
    }
    times->zone.shifts = times->shifts;
    memcpy(times->spans, spans, count * sizeof *spans);
    times->calendar = (struct fw_calendar){.zone = &times->zone, .spans = times->spans, .count = count};
    return times;
}

void fw_times_free(struct fw_times **times) {
    if (*times == NULL)
        return;
    free((*times)->shifts);
    free(*times);
    *times = NULL;
}
