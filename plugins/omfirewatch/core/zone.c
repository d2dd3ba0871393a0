/* zone.c: see zone.h.
 *
 * Steps: 1. before the first shift its own offset; 2. between shifts that of the
 * latest; 3. from the last shift on the rule decides by the year. Back from a
 * local time: 4. the offsets well before and well after it are the two that can
 * be meant; 5. each is right when the zone has it at the instant it gives.
 * Approximate: a second change within two days of the first is not seen by step
 * 4; no zone did that since the world keeps time in logs.
 * What an attacker controls: the times, and none of them loops.
 */
#include "zone.h"

#include <stdio.h>
#include <string.h>

#include "json.h"

#define DAY        (24 * FW_HOUR)
#define YEAR_DAYS  365.2425
#define FEBRUARY   59 /* days of January and February in an ordinary year */
#define SUNDAY_DAY 3  /* 1970-01-04 */

void fw_zone_fixed(struct fw_zone *zone, const char *name, fw_time offset) {
    memset(zone, 0, sizeof *zone);
    (void)snprintf(zone->name, sizeof zone->name, "%s", name);
    zone->first = offset;
    zone->standard = offset;
}

static int64_t floor_days(fw_time time) {
    return time >= 0 ? time / DAY : -((-time + DAY - 1) / DAY);
}

static int year_of(fw_time local) {
    const int64_t days = floor_days(local);
    int year = 1970 + (int)((double)days / YEAR_DAYS);

    while (days < fw_time_days(year, 1, 1))
        year--;
    while (days >= fw_time_days(year + 1, 1, 1))
        year++;
    return year;
}

/* 0 is Sunday */
static unsigned weekday_of(int64_t days) {
    const int64_t rest = (days - SUNDAY_DAY) % 7;

    return (unsigned)(rest < 0 ? rest + 7 : rest);
}

static int64_t day_of_change(const struct fw_zone_change *change, int year) {
    const int64_t january = fw_time_days(year, 1, 1);

    if (change->form == FW_ZONE_DAY)
        return january + change->day;
    if (change->form == FW_ZONE_JULIAN) {
        const bool leap = fw_time_days(year + 1, 1, 1) - january == 366;

        return january + change->day - 1 + (leap && change->day > FEBRUARY);
    }
    const int64_t first = fw_time_days(year, change->month, 1);
    const int64_t after = change->month < 12 ? fw_time_days(year, change->month + 1, 1) : fw_time_days(year + 1, 1, 1);
    int64_t day = first + (change->day + 7 - weekday_of(first)) % 7 + 7 * ((int64_t)change->week - 1);

    while (day >= after)
        day -= 7;
    return day;
}

/* 3. In the southern half summer begins late in the year and ends early in it. */
static fw_time offset_by_rule(const struct fw_zone *zone, fw_time utc) {
    if (!zone->daylight)
        return zone->standard;
    const int year = year_of(utc + zone->standard);
    const fw_time begins = day_of_change(&zone->begins, year) * DAY + zone->begins.time - zone->standard;
    const fw_time ends = day_of_change(&zone->ends, year) * DAY + zone->ends.time - zone->summer;
    const bool summer = begins < ends ? utc >= begins && utc < ends : utc >= begins || utc < ends;

    return summer ? zone->summer : zone->standard;
}

static fw_time offset_at(const struct fw_zone *zone, fw_time utc) {
    size_t low = 0, high = zone->count;

    if (zone->count == 0)
        return offset_by_rule(zone, utc);
    if (utc < zone->shifts[0].from) /* 1 */
        return zone->first;
    if (utc >= zone->shifts[zone->count - 1].from)
        return offset_by_rule(zone, utc);
    while (low + 1 < high) { /* 2 */
        const size_t middle = low + (high - low) / 2;

        if (zone->shifts[middle].from <= utc)
            low = middle;
        else
            high = middle;
    }
    return zone->shifts[low].offset;
}

fw_time fw_zone_to_local(const struct fw_zone *zone, fw_time utc) {
    return utc + offset_at(zone, utc);
}

fw_time fw_zone_to_utc(const struct fw_zone *zone, fw_time local, fw_time *second) {
    const fw_time before = offset_at(zone, local - FW_ZONE_OFFSET_MAX); /* 4 */
    const fw_time after = offset_at(zone, local + FW_ZONE_OFFSET_MAX);
    const bool by_before = offset_at(zone, local - before) == before; /* 5 */
    const bool by_after = offset_at(zone, local - after) == after;
    const fw_time utc = by_before || !by_after ? local - before : local - after;

    if (second)
        *second = by_before && by_after ? local - after : utc;
    return utc;
}
