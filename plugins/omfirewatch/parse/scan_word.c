/* scan_word.c: see scan_word.h. */
#include "scan_word.h"

#include "../core/json.h"
#include "convert.h"
#include "names.h"

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

bool fw_word_has(const struct fw_str *value, const char *word) {
    const size_t len = strlen(word);

    for (size_t i = 0; i + len <= value->len; i++)
        if (strncasecmp(value->p + i, word, len) == 0)
            return true;
    return false;
}

bool fw_word_among(const struct fw_str *value, const char *words) {
    while (*words != '\0') {
        const size_t len = strcspn(words, " ");

        if (len == value->len && strncasecmp(value->p, words, len) == 0)
            return true;
        words += len;
        words += *words == ' ';
    }
    return false;
}

void fw_words_split(struct fw_words *words, const char *p, const char *end) {
    words->n = 0;
    while (words->n < FW_WORDS_MAX) {
        while (p < end && *p == ' ')
            p++;
        if (p == end)
            return;
        const char *start = p;

        while (p < end && *p != ' ')
            p++;
        words->word[words->n++] = (struct fw_str){start, (uint32_t)(p - start)};
    }
}

const char *fw_word_find(const char *p, const char *end, const char *text, size_t len) {
    for (; (size_t)(end - p) >= len && (p = memchr(p, text[0], (size_t)(end - p) - len + 1)) != NULL; p++)
        if (memcmp(p, text, len) == 0)
            return p;
    return NULL;
}

bool fw_word_absent(const char *p, size_t len) {
    switch (len) {
    case 0:
        return true;
    case 1:
        return p[0] == '-' || p[0] == ' ';
    case 3:
        return strncasecmp(p, "n/a", 3) == 0;
    case 6:
        return memcmp(p, "(null)", 6) == 0;
    default:
        return false;
    }
}

bool fw_word_is_nothing(const struct fw_str *value) {
    for (size_t i = 0; i < value->len; i++)
        if (value->p[i] != '0' && value->p[i] != '.' && value->p[i] != ':')
            return false;
    return true;
}

bool fw_word_number(const struct fw_str *value, uint64_t *number) {
    uint64_t n = 0;

    if (value->len == 0 || value->len > 19)
        return false;
    for (size_t i = 0; i < value->len; i++) {
        if (!is_digit(value->p[i]))
            return false;
        n = n * 10 + (uint64_t)(value->p[i] - '0');
    }
    *number = n;
    return true;
}

int fw_word_action(const struct fw_str *value) {
    unsigned found;

    if (value->len == 0)
        return 0;
    if (fw_names_find(FW_NAMES_ACTION, value->p, value->len, &found))
        return (int)found;
    if (fw_word_begins(value, "block") || fw_word_begins(value, "drop") || fw_word_begins(value, "reset") ||
        fw_word_begins(value, "deny") ||
        fw_word_among(value, "prevent prevented quarantine quarantined sinkhole clear_session"))
        return FW_ACTION_DENY;
    if (fw_word_among(value, "passthrough detect detected alert monitor monitored continue forward log bypass"))
        return FW_ACTION_ALLOW;
    return 0;
}

void fw_word_put_action(struct fw_event *ev, int action) {
    if (action == 0)
        return;
    ev->action = (uint8_t)action;
    ev->present |= FW_BIT(action);
}

void fw_word_put_outcome(struct fw_event *ev, bool success) {
    ev->outcome = success ? FW_OUTCOME_SUCCESS : FW_OUTCOME_FAILURE;
    ev->present |= FW_BIT(outcome);
}

bool fw_word_put(struct fw_event *ev, enum fw_field field, const struct fw_str *value) {
    return fw_word_absent(value->p, value->len) || fw_convert(ev, field, value->p, value->len) == 0;
}

/* The least numbers of a device that are our 1, 2 and 3; what is below the last is 4. */
static const uint8_t severities[][3] = {
    [FW_SEVERITY_OF_4] = {3, 2, 1}, [FW_SEVERITY_OF_5] = {4, 3, 2}, [FW_SEVERITY_OF_10] = {7, 4, 1}};

static uint32_t severity_of(uint64_t number, enum fw_severity_scale scale) {
    uint32_t severity = 1;

    if (scale == FW_SEVERITY_PRIORITY)
        return number <= UINT32_MAX ? (uint32_t)number : UINT32_MAX;
    while (severity <= 3 && number < severities[scale][severity - 1])
        severity++;
    return severity;
}

void fw_word_put_severity(struct fw_event *ev, const struct fw_str *value, enum fw_severity_scale scale) {
    static const char *const words[] = {"critical emergency alert very-high severe high major", "medium warning minor",
                                        "low notice", "info information informational"};
    uint64_t number;
    uint32_t severity = 0;

    if (fw_word_number(value, &number))
        severity = severity_of(number, scale);
    else if (value->len == 0)
        return;
    for (uint32_t i = 0; severity == 0 && i < sizeof words / sizeof *words; i++)
        if (fw_word_among(value, words[i]))
            severity = i + 1;
    if (severity == 0)
        return;
    ev->severity = severity;
    ev->present |= FW_BIT(severity);
}

bool fw_word_put_epoch(struct fw_event *ev, const struct fw_str *value) {
    uint64_t number;

    if (!fw_word_number(value, &number) || value->p[0] == '0')
        return false;
    switch (value->len) {
    case 10:
        number *= 1000;
        break;
    case 13:
        break;
    case 16:
        number /= 1000;
        break;
    case 19:
        number /= 1000000;
        break;
    default:
        return false;
    }
    ev->time = (fw_time)number;
    return true;
}

/* n digits at p, or -1 */
static int digits(const char *p, int n) {
    int value = 0;

    for (int i = 0; i < n; i++) {
        if (!is_digit(p[i]))
            return -1;
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

/* "+0200", "-03:30", "UTC", "UTC+2:00", "GMT", "Z" */
static bool read_zone(const struct fw_str *zone, fw_time *offset) {
    const char *p = zone->p, *end = zone->p + zone->len;

    *offset = 0;
    if (fw_word_is(zone, "Z"))
        return true;
    if (fw_word_begins(zone, "UTC") || fw_word_begins(zone, "GMT")) {
        p += 3;
        if (p == end)
            return true;
    }
    if (p == end || (*p != '+' && *p != '-'))
        return false;
    const int sign = *p++ == '-' ? -1 : 1;
    int hours = 0, minutes = 0, n = 0;

    for (; p < end && is_digit(*p) && n < 2; n++)
        hours = hours * 10 + (*p++ - '0');
    if (p < end && *p == ':')
        p++;
    if (n == 0 || (p != end && (end - p != 2 || (minutes = digits(p, 2)) < 0)) || hours > 14 || minutes > 59)
        return false;
    *offset = sign * (hours * FW_HOUR + minutes * FW_MINUTE);
    return true;
}

bool fw_word_put_time(struct fw_event *ev, const struct fw_str *date, const struct fw_str *clock,
                      const struct fw_str *zone) {
    static const uint8_t length[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    fw_time offset;

    if (date->len != 10 || clock->len < 8 || zone->len == 0 || !read_zone(zone, &offset))
        return false;
    const int year = digits(date->p, 4), month = digits(date->p + 5, 2), day = digits(date->p + 8, 2);
    const int hour = digits(clock->p, 2), minute = digits(clock->p + 3, 2), second = digits(clock->p + 6, 2);

    if (year < 1971 || month < 1 || month > 12 || day < 1 || day > length[month - 1] || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    ev->time = fw_time_days(year, (unsigned)month, (unsigned)day) * 24 * FW_HOUR + hour * FW_HOUR + minute * FW_MINUTE +
               second * FW_SECOND - offset;
    return true;
}

void fw_word_drop_ports(struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(proto)))
        return;
    switch (ev->proto) {
    case FW_PROTO_TCP:
    case FW_PROTO_UDP:
    case 33:  /* DCCP */
    case 132: /* SCTP */
    case 136: /* UDP-Lite */
        return;
    default:
        ev->present &= ~(FW_BIT(sport) | FW_BIT(dport) | FW_BIT(nat_sport) | FW_BIT(nat_dport));
    }
}

void fw_word_put_host(struct fw_event *ev, const struct fw_str *url) {
    const char *end = url->p + url->len;
    const char *p = url->len != 0 ? fw_word_find(url->p, end, "//", 2) : NULL;

    if (url->len == 0 || fw_event_has(ev, FW_BIT(host)))
        return;
    p = p != NULL && p - url->p <= 8 ? p + 2 : url->p; /* behind "https://" */
    const char *q = p;

    while (q < end && *q != '/' && *q != '?' && *q != ':' && *q != '#')
        q++;
    if (q == p || memchr(p, '@', (size_t)(q - p)) != NULL) /* a user's name: not worth telling apart */
        return;
    ev->host = (struct fw_str){p, (uint32_t)(q - p)};
    ev->present |= FW_BIT(host);
}
