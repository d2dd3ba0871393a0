/* zone.h: time zones: from UTC to the time on the wall and back.
 *
 * A zone is a table of the instants at which its offset changed, and the rule
 * for the time after the last of them, as TZif files have them (RFC 8536). It is
 * filled once, by whoever reads such a file or a fixed offset, and constant
 * after; nothing here reads files or asks the machine for its zone.
 *
 * Local times are fw_time too: milliseconds since 1970-01-01 00:00 on that wall.
 */
#ifndef FW_ZONE_H
#define FW_ZONE_H

#include "event.h"

#define FW_ZONE_NAME_MAX   64              /* "America/Argentina/ComodRivadavia" has 32 */
#define FW_ZONE_OFFSET_MAX (26 * FW_HOUR)  /* RFC 8536 3.2: offsets lie between -25 and +26 hours */
#define FW_ZONE_RULE_MAX   (168 * FW_HOUR) /* RFC 8536 3.3.1: the time of a change, either way */

struct fw_zone_shift {
    fw_time from;   /* UTC */
    fw_time offset; /* local time less UTC, from then on */
};

/* A day of every year, and the time on it, as POSIX writes it in TZ. */
enum fw_zone_form {
    FW_ZONE_JULIAN, /* Jn: day 1 to 365, the 29th of February does not count */
    FW_ZONE_DAY,    /* n: day 0 to 365 */
    FW_ZONE_WEEK    /* Mm.w.d: that weekday's w-th in month m; w 5 is the last */
};
struct fw_zone_change {
    enum fw_zone_form form;
    unsigned day; /* of the year; of the week, 0 is Sunday */
    unsigned month;
    unsigned week;
    fw_time time; /* after midnight, by the offset in force until then; may be negative */
};

struct fw_zone {
    char name[FW_ZONE_NAME_MAX + 1];
    fw_time first; /* offset before all shifts */
    const struct fw_zone_shift *shifts;
    size_t count;
    /* from the last shift on */
    fw_time standard;
    bool daylight; /* whether there is such a time; the rest is of it */
    fw_time summer;
    struct fw_zone_change begins;
    struct fw_zone_change ends;
};

/* Without changes: "UTC", "+02:00". The name is cut to fit. */
void fw_zone_fixed(struct fw_zone *zone, const char *name, fw_time offset);

/* The time on the wall at that instant. */
fw_time fw_zone_to_local(const struct fw_zone *zone, fw_time utc);
/* The instant at which the wall shows that time. Where it shows it twice (in autumn) the first is returned and *second
 * gets the other; else *second is the result too. A time that the wall skips (in spring) is taken by the offset before
 * the gap. second may be NULL. */
fw_time fw_zone_to_utc(const struct fw_zone *zone, fw_time local, fw_time *second);

#endif
