/* stamp.c: see stamp.h.
 *
 * A local hour is converted by mktime() once and remembered, with the other one
 * that it may be in autumn; minutes and seconds are added here (so a zone that
 * changes by half an hour, Lord Howe's, is an hour of each year off). The result depends on the line and the reference
 * alone, never on what the cache held: a remembered year is taken only when it
 * is the right one for this reference.
 */
#include "stamp.h"

#include <string.h>
#include <time.h>

#include "../core/json.h"

#define YEAR_MIN     (365 * 24 * FW_HOUR)
#define FRACTION_MAX 9 /* digits of a fraction that are looked at */

struct civil {
    int year; /* 0: the stamp has none */
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int ms;
};

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

/* the number of exactly n digits at p, or -1; stops at the NUL that ends the line */
static inline int digits(const char *p, int n) {
    int value = 0;

    for (int i = 0; i < n; i++) {
        if (!is_digit(p[i]))
            return -1;
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

static bool date_exists(int year, int month, int day) {
    static const uint8_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month == 2 && day == 29)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day >= 1 && day <= length[month - 1];
}

static fw_time ahead_of(const struct fw_header_reader *reader) {
    return reader->ahead != 0 ? reader->ahead : FW_HEADER_AHEAD;
}

static fw_time local_hour(int year, int month, int day, int hour) {
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_isdst = -1};

    return (fw_time)mktime(&tm) * FW_SECOND;
}

/* Where the hour that begins at `start` begins again, or began before; 0: it occurs once. */
static fw_time again(fw_time start, int hour) {
    for (int side = -1; side <= 1; side += 2) {
        const time_t other = (time_t)((start + side * FW_HOUR) / FW_SECOND);
        struct tm tm;

        if (localtime_r(&other, &tm) != NULL && tm.tm_hour == hour && tm.tm_min == 0)
            return start + side * FW_HOUR;
    }
    return 0;
}

static fw_time remainder_of_hour(const struct civil *c) {
    return c->minute * FW_MINUTE + c->second * FW_SECOND + c->ms;
}

static fw_time civil_hour(int year, const struct civil *c) {
    return fw_time_days(year, (unsigned)c->month, (unsigned)c->day) * 24 * FW_HOUR + c->hour * FW_HOUR;
}

static void put_local(struct fw_stamp *stamp, const struct fw_header_hour *hour, fw_time remainder) {
    stamp->time = hour->start + remainder;
    stamp->local = hour->local + remainder;
    stamp->fold = hour->fold != 0 ? hour->fold + remainder : 0;
}

/* The latest year that puts the stamp at most `ahead` after the reference. 0: there is none. */
static int year_of(const struct civil *c, const struct fw_header_reader *reader) {
    const fw_time most = reader->reference + ahead_of(reader);
    const time_t now = (time_t)(most / FW_SECOND);
    struct tm tm;

    if (localtime_r(&now, &tm) == NULL)
        return 0;
    /* nine: 29 February can be eight years back */
    for (int back = -1; back < 9; back++) {
        const int year = tm.tm_year + 1900 - back;

        if (!date_exists(year, c->month, c->day))
            continue;
        if (local_hour(year, c->month, c->day, c->hour) + remainder_of_hour(c) <= most)
            return year;
    }
    return 0;
}

/* Is it the right year for this reference? (Not by a day or two: then the slow way decides.) */
static inline bool right_year(const struct fw_header_reader *reader, fw_time time) {
    const fw_time most = reader->reference + ahead_of(reader);

    return reader->reference != FW_TIME_NONE && time <= most && time + YEAR_MIN > most;
}

/* Fills the stamp; returns the hour it is in, or NULL: the year is not to be known. */
static const struct fw_header_hour *local_time(struct fw_header_reader *reader, const struct civil *c,
                                               struct fw_stamp *stamp) {
    const uint32_t key = (uint32_t)c->year << 14 | (uint32_t)c->month << 10 | (uint32_t)c->day << 5 | (uint32_t)c->hour;
    struct fw_header_hour *hour = &reader->hours[(key ^ key >> 5) % FW_HEADER_HOURS];
    const fw_time remainder = remainder_of_hour(c);

    if (hour->key != key || (c->year == 0 && !right_year(reader, hour->start + remainder))) {
        const int year = c->year != 0 ? c->year : reader->reference != FW_TIME_NONE ? year_of(c, reader) : 0;

        if (year == 0)
            return NULL;
        hour->key = key;
        hour->start = local_hour(year, c->month, c->day, c->hour);
        hour->local = civil_hour(year, c);
        hour->fold = again(hour->start, c->hour);
    }
    put_local(stamp, hour, remainder);
    return hour;
}

static bool plausible(const struct civil *c) {
    if (c->month < 1 || c->month > 12 || c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 ||
        c->second < 0 || c->second > 60)
        return false;
    if (c->year == 0) /* some year has a 29 February */
        return date_exists(2000, c->month, c->day);
    return c->year >= 1970 && c->year < 10000 && date_exists(c->year, c->month, c->day);
}

static fw_time utc_time(const struct civil *c) {
    return civil_hour(c->year, c) + remainder_of_hour(c);
}

/* ".123456" or ",123": *ms gets the first three digits. Returns what follows. */
static const char *read_fraction(const char *p, int *ms) {
    int scale = 100;
    int n = 0;

    if ((*p != '.' && *p != ',') || !is_digit(p[1]))
        return p;
    for (p++; n < FRACTION_MAX && is_digit(*p); p++, n++) {
        *ms += (*p - '0') * scale;
        scale /= 10;
    }
    return p;
}

/* hh:mm:ss and a fraction; the hour may have one digit. NULL: no time. */
static const char *read_clock(const char *p, struct civil *c) {
    const int hour_digits = is_digit(p[0]) && p[1] == ':' ? 1 : 2;

    c->hour = digits(p, hour_digits);
    if (c->hour < 0)
        return NULL;
    p += hour_digits;
    if (p[0] != ':' || (c->minute = digits(p + 1, 2)) < 0 || p[3] != ':' || (c->second = digits(p + 4, 2)) < 0)
        return NULL;
    return read_fraction(p + 6, &c->ms);
}

/* 1-12, or 0; letters in either case */
static int month_of(const char *p) {
#define MONTH(a, b, c) ((a) << 16 | (b) << 8 | (c))
    const uint8_t *letter = (const uint8_t *)p;

    if (p[0] == '\0' || p[1] == '\0')
        return 0;
    switch (MONTH(letter[0] | 0x20, letter[1] | 0x20, letter[2] | 0x20)) {
    case MONTH('j', 'a', 'n'):
        return 1;
    case MONTH('f', 'e', 'b'):
        return 2;
    case MONTH('m', 'a', 'r'):
        return 3;
    case MONTH('a', 'p', 'r'):
        return 4;
    case MONTH('m', 'a', 'y'):
        return 5;
    case MONTH('j', 'u', 'n'):
        return 6;
    case MONTH('j', 'u', 'l'):
        return 7;
    case MONTH('a', 'u', 'g'):
        return 8;
    case MONTH('s', 'e', 'p'):
        return 9;
    case MONTH('o', 'c', 't'):
        return 10;
    case MONTH('n', 'o', 'v'):
        return 11;
    case MONTH('d', 'e', 'c'):
        return 12;
    default:
        return 0;
    }
#undef MONTH
}

/* " UTC" or " GMT", whole words. Returns what follows, or p. */
static const char *read_utc_word(const char *p, bool *utc) {
    if (p[0] == ' ' && (strncmp(p + 1, "UTC", 3) == 0 || strncmp(p + 1, "GMT", 3) == 0) &&
        (p[4] == ' ' || p[4] == ':' || p[4] == '\0')) {
        *utc = true;
        return p + 4;
    }
    return p;
}

/* The ordinary stamp in the hour of the one before: "Oct 12 08:mm:ss " and neither a zone nor a year behind it. */
static const char *read_again(const struct fw_header_reader *reader, const char *p, struct fw_stamp *stamp) {
    const int minute = digits(p + 10, 2);

    if (minute < 0 || minute > 59 || p[12] != ':')
        return NULL;
    const int second = digits(p + 13, 2);

    if (second < 0 || second > 60 || p[15] != ' ' || p[16] == 'U' || p[16] == 'G' || p[16] == '1' || p[16] == '2')
        return NULL;
    put_local(stamp, &reader->last_hour, minute * FW_MINUTE + second * FW_SECOND);
    return right_year(reader, stamp->time) ? p + 15 : NULL;
}

static const char *read_3164(struct fw_header_reader *reader, const char *p, struct fw_stamp *stamp) {
    if (memcmp(p, reader->last, sizeof reader->last) == 0) {
        const char *rest = read_again(reader, p, stamp);

        if (rest != NULL)
            return rest;
    }
    const char *start = p;
    struct civil c = {.month = month_of(p)};
    bool utc = false;

    if (c.month == 0 || p[3] != ' ')
        return NULL;
    p += 4;
    if (*p == ' ')
        p++;
    if (!is_digit(*p))
        return NULL;
    c.day = *p++ - '0';
    if (is_digit(*p))
        c.day = c.day * 10 + (*p++ - '0');
    if (*p++ != ' ')
        return NULL;
    if (is_digit(p[0]) && is_digit(p[1]) && is_digit(p[2])) { /* the year before the time */
        if ((c.year = digits(p, 4)) <= 0 || p[4] != ' ')
            return NULL;
        p += 5;
    }
    if ((p = read_clock(p, &c)) == NULL)
        return NULL;
    p = read_utc_word(p, &utc);
    if (c.year == 0 && p[0] == ' ' && (p[1] == '2' || p[1] == '1')) { /* the year after the time */
        const int year = digits(p + 1, 4);

        if (year > 0 && (p[5] == ' ' || (p[5] == ':' && p[6] == ' '))) { /* not "2001:db8::1" */
            c.year = year;
            p += 5;
        }
    }
    if (!plausible(&c))
        return NULL;
    if (utc && c.year != 0) {
        stamp->time = utc_time(&c);
        stamp->zoned = true;
        return p;
    }
    const struct fw_header_hour *hour = local_time(reader, &c, stamp);
    if (c.year == 0 && !utc && start[9] == ':' && hour != NULL) {
        memcpy(reader->last, start, sizeof reader->last);
        reader->last_hour = *hour;
    }
    if (utc && hour != NULL) { /* the year found by local time, the rest as written */
        stamp->time = stamp->local;
        stamp->local = stamp->fold = 0;
        stamp->zoned = true;
    }
    return p;
}

/* Z, ZZ, +02:00, +0200, +02. Returns what follows, or NULL without a zone. */
static const char *read_zone(const char *p, fw_time *offset) {
    *offset = 0;
    if (*p == 'Z')
        return p[1] == 'Z' ? p + 2 : p + 1;
    if ((*p != '+' && *p != '-') || !is_digit(p[1]) || !is_digit(p[2]))
        return NULL;
    const int hours = digits(p + 1, 2);
    const char *rest = p + 3;
    const char *minutes_at = *rest == ':' ? rest + 1 : rest;
    int minutes = digits(minutes_at, 2);

    if (minutes >= 0)
        rest = minutes_at + 2;
    else
        minutes = 0;
    if (hours > 14 || minutes > 59)
        return NULL;
    *offset = (hours * FW_HOUR + minutes * FW_MINUTE) * (*p == '-' ? -1 : 1);
    return rest;
}

static const char *read_iso(struct fw_header_reader *reader, const char *p, struct fw_stamp *stamp) {
    struct civil c = {.year = digits(p, 4)};
    fw_time offset;

    if (c.year < 0 || (c.month = digits(p + 5, 2)) < 0 || p[7] != p[4] || (c.day = digits(p + 8, 2)) < 0)
        return NULL;
    if (p[4] == ':' ? p[10] != '-' : p[10] != 'T' && p[10] != ' ')
        return NULL;
    if ((p = read_clock(p + 11, &c)) == NULL || c.year == 0 || !plausible(&c))
        return NULL;
    const char *rest = read_zone(p, &offset);

    if (rest == NULL) {
        (void)local_time(reader, &c, stamp);
        return p;
    }
    stamp->time = utc_time(&c) - offset;
    stamp->zoned = true;
    return rest;
}

/* ten digits (2001 to 2286) and a fraction, or thirteen: milliseconds */
static const char *read_epoch(const char *p, struct fw_stamp *stamp) {
    fw_time seconds = 0;
    int ms = 0;
    int n = 0;

    for (; n < 10 && is_digit(p[n]); n++)
        seconds = seconds * 10 + (p[n] - '0');
    if (n != 10 || p[0] == '0')
        return NULL;
    if (is_digit(p[n])) {
        if ((ms = digits(p + n, 3)) < 0)
            return NULL;
        p += n + 3;
    } else {
        p = read_fraction(p + n, &ms);
    }
    if (*p != ' ' && *p != '\0')
        return NULL;
    stamp->time = seconds * FW_SECOND + ms;
    stamp->zoned = true;
    return p;
}

const char *fw_stamp_read(struct fw_header_reader *reader, const char *p, const char *end, struct fw_stamp *stamp) {
    stamp->time = FW_TIME_NONE;
    stamp->zoned = false;
    stamp->local = stamp->fold = 0;
    if (end - p < 10)
        return NULL;
    if (!is_digit(*p))
        return read_3164(reader, p, stamp);
    return p[4] == '-' || p[4] == ':' ? read_iso(reader, p, stamp) : read_epoch(p, stamp);
}
