/* zonefile.c: what a TZif file says (RFC 8536, version 2 and later).
 *
 * The file is the system's; still no size in it is believed before it is checked
 * against what is there.
 * Of the file are read: the instants of change, the offset after each, and the
 * rule in the footer for what comes after the last.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define HEADER       44
#define SHIFTS_MAX   8192               /* a zone in use has 236 */
#define SECONDS_FAR  ((int64_t)1 << 40) /* before this nobody logged; times beyond are cut */
#define OFFSET_MAX_S (FW_ZONE_OFFSET_MAX / FW_SECOND)

struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

static int refuse(char *err, size_t errlen, const char *text) {
    (void)snprintf(err, errlen, "%s", text);
    return -1;
}

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const uint8_t *p) {
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* The header at p, and the bytes of the data after it, with times of that size. 0: it is none. */
static size_t read_header(const uint8_t *p, size_t size, size_t time_size, struct counts *counts) {
    if (size < HEADER || memcmp(p, "TZif", 4) != 0)
        return 0;
    counts->isut = be32(p + 20);
    counts->isstd = be32(p + 24);
    counts->leap = be32(p + 28);
    counts->time = be32(p + 32);
    counts->type = be32(p + 36);
    counts->chars = be32(p + 40);
    const uint64_t data = (uint64_t)counts->time * (time_size + 1) + (uint64_t)counts->type * 6 + counts->chars +
                          (uint64_t)counts->leap * (time_size + 4) + counts->isstd + counts->isut;
    return data <= size - HEADER ? HEADER + (size_t)data : 0;
}

/* --- the footer: POSIX's TZ ---------------------------------------------- */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "CET", "<+0330>" */
static const char *skip_name(const char *p) {
    const char *begin = p;

    if (*p == '<') {
        p = strchr(p, '>');
        return p ? p + 1 : NULL;
    }
    while (is_letter(*p))
        p++;
    return p > begin ? p : NULL;
}

static const char *read_number(const char *p, unsigned max, unsigned *value) {
    const char *begin = p;

    *value = 0;
    while (*p >= '0' && *p <= '9' && *value <= max)
        *value = *value * 10 + (unsigned)(*p++ - '0');
    return p > begin && *value <= max ? p : NULL;
}

/* "[+-]hh[:mm[:ss]]" */
static const char *read_time(const char *p, unsigned hours_max, fw_time *time) {
    const bool negative = *p == '-';
    unsigned part[3] = {0};

    if (*p == '-' || *p == '+')
        p++;
    for (unsigned i = 0; i < 3; i++) {
        p = read_number(p, i == 0 ? hours_max : 59, &part[i]);
        if (!p || *p != ':' || i == 2)
            break;
        p++;
    }
    *time = part[0] * FW_HOUR + part[1] * FW_MINUTE + part[2] * FW_SECOND;
    if (negative)
        *time = -*time;
    return p;
}

/* "M3.5.0/2", "J60", "59" */
static const char *read_change(const char *p, struct fw_zone_change *change) {
    *change = (struct fw_zone_change){.time = 2 * FW_HOUR};
    if (*p == 'M') {
        change->form = FW_ZONE_WEEK;
        p = read_number(p + 1, 12, &change->month);
        if (!p || *p != '.' || change->month < 1)
            return NULL;
        p = read_number(p + 1, 5, &change->week);
        if (!p || *p != '.' || change->week < 1)
            return NULL;
        p = read_number(p + 1, 6, &change->day);
    } else if (*p == 'J') {
        change->form = FW_ZONE_JULIAN;
        p = read_number(p + 1, 365, &change->day);
        if (p && change->day < 1)
            return NULL;
    } else {
        change->form = FW_ZONE_DAY;
        p = read_number(p, 365, &change->day);
    }
    return p && *p == '/' ? read_time(p + 1, 167, &change->time) : p;
}

/* "CET-1CEST,M3.5.0,M10.5.0/3"; its offsets count westwards */
static int read_footer(struct fw_zone *zone, const char *text) {
    const char *p = skip_name(text);

    p = p ? read_time(p, 24, &zone->standard) : NULL;
    zone->standard = -zone->standard;
    if (!p || *p == '\0')
        return p ? 0 : -1;
    p = skip_name(p);
    zone->daylight = true;
    zone->summer = zone->standard + FW_HOUR;
    if (p && *p != ',') {
        p = read_time(p, 24, &zone->summer);
        zone->summer = -zone->summer;
    }
    p = p && *p == ',' ? read_change(p + 1, &zone->begins) : NULL;
    p = p && *p == ',' ? read_change(p + 1, &zone->ends) : NULL;
    return p && *p == '\0' ? 0 : -1;
}

/* --- the data ------------------------------------------------------------ */

static int read_shifts(struct fw_zone *zone, struct fw_zone_shift *shifts, const uint8_t *p,
                       const struct counts *counts) {
    const uint8_t *index = p + (size_t)counts->time * 8, *types = index + counts->time;

    for (uint32_t i = 0; i < counts->type; i++) {
        const int64_t offset = (int32_t)be32(types + (size_t)i * 6);

        if (offset < -OFFSET_MAX_S || offset > OFFSET_MAX_S)
            return -1;
    }
    zone->first = (fw_time)(int32_t)be32(types) * FW_SECOND;
    for (uint32_t i = 0; i < counts->time; i++) {
        int64_t seconds = be64(p + (size_t)i * 8);

        if (index[i] >= counts->type)
            return -1;
        seconds = seconds < -SECONDS_FAR ? -SECONDS_FAR : seconds > SECONDS_FAR ? SECONDS_FAR : seconds;
        shifts[i].from = seconds * FW_SECOND;
        shifts[i].offset = (fw_time)(int32_t)be32(types + (size_t)index[i] * 6) * FW_SECOND;
        if (i > 0 && shifts[i].from < shifts[i - 1].from)
            return -1;
    }
    zone->shifts = shifts;
    zone->count = counts->time;
    zone->standard = counts->time > 0 ? shifts[counts->time - 1].offset : zone->first;
    return 0;
}

int fw_zonefile_read(struct fw_zone *zone, struct fw_zone_shift **shifts, const uint8_t *bytes, size_t size, char *err,
                     size_t errlen) {
    struct counts counts;
    const size_t first = read_header(bytes, size, 4, &counts);
    char footer[FW_ZONE_NAME_MAX * 2] = "";

    *shifts = NULL;
    if (first == 0)
        return refuse(err, errlen, "is no time zone file");
    const size_t second = read_header(bytes + first, size - first, 8, &counts);
    if (bytes[4] < '2' || second == 0)
        return refuse(err, errlen, "is no time zone file of version 2 or later");
    if (counts.leap > 0)
        return refuse(err, errlen, "counts leap seconds, which logs do not: use the zone without \"right/\"");
    if (counts.time > SHIFTS_MAX || counts.type == 0)
        return refuse(err, errlen, "is no time zone file that makes sense");
    *shifts = calloc(counts.time + 1, sizeof **shifts);
    if (!*shifts)
        return refuse(err, errlen, "is not read: not enough memory");
    /* "\nTZ\n" */
    const uint8_t *tail = bytes + first + second, *end;
    const size_t left = size - first - second;
    end = left > 1 ? memchr(tail + 1, '\n', left - 1) : NULL;
    const bool whole = end && tail[0] == '\n' && (size_t)(end - tail) <= sizeof footer;
    if (whole)
        memcpy(footer, tail + 1, (size_t)(end - tail) - 1);
    if (!whole || read_shifts(zone, *shifts, bytes + first + HEADER, &counts) != 0 ||
        (footer[0] != '\0' && read_footer(zone, footer) != 0)) {
        free(*shifts);
        *shifts = NULL;
        return refuse(err, errlen, "is no time zone file that makes sense");
    }
    return 0;
}
