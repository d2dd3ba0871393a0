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
