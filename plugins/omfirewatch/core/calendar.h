/* calendar.h: "weekdays 22:00-06:00": whether it holds at an instant.
 *
 * Spans are told by the wall of a zone: an hour that comes twice in autumn is
 * in both times, one that spring skips is in never.
 */
#ifndef FW_CALENDAR_H
#define FW_CALENDAR_H

#include "zone.h"

#define FW_CALENDAR_EVERY_DAY 0x7f
#define FW_CALENDAR_DAY       1440 /* minutes */
#define FW_CALENDAR_SPANS_MAX 16   /* of one calendar: two a day and two to spare */

struct fw_calendar_span {
    uint8_t days;  /* bits 1 << weekday, 0 is Sunday: the days it begins on */
    uint16_t from; /* minutes of the day, less than FW_CALENDAR_DAY */
    uint16_t to;   /* not among them; at most FW_CALENDAR_DAY. Less than from: on the next day */
};

struct fw_calendar {
    const struct fw_zone *zone;
    const struct fw_calendar_span *spans;
    size_t count; /* 0: always */
};

bool fw_calendar_holds(const struct fw_calendar *calendar, fw_time utc);
/* The first of its spans that begins at that time or later. False: it has none. */
bool fw_calendar_next(const struct fw_calendar *calendar, fw_time utc, fw_time *begin, fw_time *end);

#endif
