/* when.c: times as people write them: "weekdays 22:00-06:00", "sat,sun", "2027-03-31". */
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "../core/json.h"
#include "internal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define WORD_MAX     16 /* "wednesday" and more */
#define WEEKDAYS     0x3e
#define WEEKENDS     0x41

static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
static const char *const full_days[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
static const struct {
    const char *name;
    uint8_t days;
} groups[] = {{"daily", FW_CALENDAR_EVERY_DAY}, {"weekdays", WEEKDAYS}, {"weekends", WEEKENDS}};

__attribute__((format(printf, 3, 4))) static int refuse(char *err, size_t errlen, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(err, errlen, fmt, args);
    va_end(args);
    return -1;
}

/* --- days ---------------------------------------------------------------- */

static int refuse_word(const char *word, char *err, size_t errlen) {
    const char *names[COUNT(days) + COUNT(groups)];

    for (size_t i = 0; i < COUNT(groups); i++)
        names[i] = groups[i].name;
    memcpy(names + COUNT(groups), days, sizeof days);
    const char *near = fw_problem_nearest(word, names, COUNT(names));
    return refuse(err, errlen, "\"%s\" is no day%s%s%s are: daily, weekdays, weekends, mon, tue ... mon-fri", word,
                  near ? "; did you mean \"" : "", near ? near : "", near ? "\"? Known" : "; known");
}

static int parse_day(const char *text, size_t len, unsigned *day) {
    for (unsigned i = 0; i < COUNT(days); i++)
        if ((len == 3 && strncasecmp(text, days[i], 3) == 0) ||
            (len == strlen(full_days[i]) && strncasecmp(text, full_days[i], len) == 0)) {
            *day = i;
            return 0;
        }
    return -1;
}

/* "weekdays", "mon" or "fri-mon" */
static int parse_days(const char *text, size_t len, uint8_t *bits, char *err, size_t errlen) {
    const char *dash = memchr(text, '-', len);
    const size_t first_len = dash ? (size_t)(dash - text) : len;
    char word[2 * WORD_MAX];
    unsigned first, last;

    for (size_t i = 0; i < COUNT(groups); i++)
        if (strlen(groups[i].name) == len && strncasecmp(groups[i].name, text, len) == 0) {
            *bits |= groups[i].days;
            return 0;
        }
    if (parse_day(text, first_len, &first) != 0 || (dash && parse_day(dash + 1, len - first_len - 1, &last) != 0)) {
        (void)snprintf(word, sizeof word, "%.*s", len < sizeof word ? (int)len : (int)sizeof word - 1, text);
        return refuse_word(word, err, errlen);
    }
    if (!dash)
        last = first;
    for (unsigned day = first;; day = (day + 1) % 7) {
        *bits |= (uint8_t)(1u << day);
        if (day == last)
            return 0;
    }
}

/* --- times --------------------------------------------------------------- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* "06:00"; 24:00 is the end of the day */
static int parse_clock(const char *text, uint16_t *minutes) {
    if (!is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' || !is_digit(text[3]) || !is_digit(text[4]))
        return -1;
    const int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';

    if (minute > 59 || hour * 60 + minute > FW_CALENDAR_DAY)
        return -1;
    *minutes = (uint16_t)(hour * 60 + minute);
    return 0;
}

/* "22:00-06:00" and no more */
static int parse_times(const char *text, struct fw_calendar_span *span, char *err, size_t errlen) {
    if (strlen(text) != strlen("00:00-00:00") || parse_clock(text, &span->from) != 0 || text[5] != '-' ||
        parse_clock(text + 6, &span->to) != 0)
        return refuse(err, errlen, "\"%.64s\" is no time: 02:00-05:00, from 00:00 to 24:00", text);
    if (span->from == span->to || span->from == FW_CALENDAR_DAY)
        return refuse(err, errlen, "\"%.64s\" is no time at all; a whole day is written without one", text);
    if (span->to == 0)
        span->to = FW_CALENDAR_DAY;
    return 0;
}

int fw_policy_parse_span(const char *text, struct fw_calendar_span *span, char *err, size_t errlen) {
    const char *p = text + strspn(text, " ");

    *span = (struct fw_calendar_span){.to = FW_CALENDAR_DAY};
    if (*p == '\0')
        return refuse(err, errlen, "\"when\" is empty; it must be times: \"weekdays 22:00-06:00\"");
    if (is_digit(*p)) {
        span->days = FW_CALENDAR_EVERY_DAY;
        return parse_times(p, span, err, errlen);
    }
    for (;;) {
        const size_t len = strcspn(p, ", ");

        if (parse_days(p, len, &span->days, err, errlen) != 0)
            return -1;
        p += len;
        if (*p != ',')
            break;
        p += 1 + strspn(p + 1, " ");
    }
    p += strspn(p, " ");
    return *p == '\0' ? 0 : parse_times(p, span, err, errlen);
}

static size_t format_days(uint8_t bits, char *buf, size_t size) {
    size_t len = 0;

    for (size_t i = 0; i < COUNT(groups); i++)
        if (groups[i].days == bits)
            return (size_t)snprintf(buf, size, "%s", groups[i].name);
    for (unsigned i = 1; i <= 7; i++) { /* a week begins on Monday */
        const unsigned first = i;

        if ((bits >> i % 7 & 1) == 0)
            continue;
        while (i < 7 && bits >> (i + 1) % 7 & 1)
            i++;
        len += (size_t)snprintf(buf + len, size - len, i == first ? "%s%s" : "%s%s%s%s", len > 0 ? "," : "",
                                days[first % 7], i - first > 1 ? "-" : ",", days[i % 7]);
    }
    return len;
}

void fw_policy_format_span(const struct fw_calendar_span *span, char buf[FW_POLICY_WHEN_TEXT]) {
    const size_t len = format_days(span->days, buf, FW_POLICY_WHEN_TEXT);

    if (span->from > 0 || span->to < FW_CALENDAR_DAY)
        (void)snprintf(buf + len, FW_POLICY_WHEN_TEXT - len, " %02u:%02u-%02u:%02u", span->from / 60U, span->from % 60U,
                       span->to / 60U, span->to % 60U);
}

/* --- dates --------------------------------------------------------------- */

int fw_policy_parse_date(const char *text, struct fw_policy_date *date) {
    static const char form[] = "0000-00-00";
    struct fw_policy_date read = {0};

    if (strlen(text) != strlen(form))
        return -1;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i])
            return -1;
    for (size_t i = 0; i < 4; i++)
        read.year = read.year * 10 + (unsigned)(text[i] - '0');
    read.month = (unsigned)(text[5] - '0') * 10 + (unsigned)(text[6] - '0');
    read.day = (unsigned)(text[8] - '0') * 10 + (unsigned)(text[9] - '0');
    if (read.year < 1971 || read.year > 9998 || read.month < 1 || read.month > 12 || read.day < 1)
        return -1;
    const int next_year = (int)read.year + (read.month == 12);
    const int64_t next = fw_time_days(next_year, read.month % 12 + 1, 1);
    if (fw_time_days((int)read.year, read.month, read.day) >= next)
        return -1;
    *date = read;
    return 0;
}
