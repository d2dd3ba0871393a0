/* calendar.c: see calendar.h. */
#include "calendar.h"

#define DAY          (24 * FW_HOUR)
#define THURSDAY_DAY 4 /* 1970-01-01 */

static bool span_holds(const struct fw_calendar_span *span, unsigned weekday, unsigned minute) {
    const unsigned yesterday = (weekday + 6) % 7;
    const bool across = span->to < span->from;

    if (span->days >> weekday & 1 && minute >= span->from && (across || minute < span->to))
        return true;
    return across && span->days >> yesterday & 1 && minute < span->to;
}

bool fw_calendar_holds(const struct fw_calendar *calendar, fw_time utc) {
    if (calendar->count == 0)
        return true;
    const fw_time local = fw_zone_to_local(calendar->zone, utc);
    const fw_time rest = local % DAY < 0 ? local % DAY + DAY : local % DAY;
    const int64_t days = (local - rest) / DAY;
    const unsigned weekday = (unsigned)(((days + THURSDAY_DAY) % 7 + 7) % 7);

    for (size_t i = 0; i < calendar->count; i++)
        if (span_holds(&calendar->spans[i], weekday, (unsigned)(rest / FW_MINUTE)))
            return true;
    return false;
}

/* Spans are looked for from the day before on: one may begin then and be reached after midnight only where a clock was
 * set. A span of one day of the week begins within the eight that follow. */
#define DAYS_BEFORE 1
#define DAYS_AFTER  8

bool fw_calendar_next(const struct fw_calendar *calendar, fw_time utc, fw_time *begin, fw_time *end) {
    const fw_time local = fw_zone_to_local(calendar->zone, utc);
    const fw_time rest = local % DAY < 0 ? local % DAY + DAY : local % DAY;
    bool found = false;

    for (int64_t n = -DAYS_BEFORE; n <= DAYS_AFTER; n++) {
        const fw_time midnight = local - rest + n * DAY;
        const unsigned weekday = (unsigned)(((midnight / DAY + THURSDAY_DAY) % 7 + 7) % 7);

        for (size_t i = 0; i < calendar->count; i++) {
            const struct fw_calendar_span *span = &calendar->spans[i];
            const fw_time last = midnight + (span->to < span->from ? DAY : 0) + span->to * FW_MINUTE;
            const fw_time from = fw_zone_to_utc(calendar->zone, midnight + span->from * FW_MINUTE, NULL);
            const fw_time to = fw_zone_to_utc(calendar->zone, last, NULL);

            if ((span->days >> weekday & 1) == 0 || from < utc || to <= from ||
                (found && (from > *begin || (from == *begin && to >= *end))))
                continue;
            found = true;
            *begin = from;
            *end = to;
        }
    }
    return found;
}
