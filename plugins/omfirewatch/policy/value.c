/* value.c: see value.h. */
#include "value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct scale {
    const char *name;
    uint64_t factor;
};

/* largest first, as formatting wants them */
static const struct scale spans[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
static const struct scale sizes[] = {{"GiB", UINT64_C(1) << 30}, {"MiB", UINT64_C(1) << 20}, {"KiB", 1024}};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The digits at the start of text; *rest is what follows. No sign, no blank, no leading zero: 010 is eight to some. */
static int parse_digits(const char *text, uint64_t *value, const char **rest) {
    const char *p = text;
    uint64_t n = 0;

    while (*p >= '0' && *p <= '9') {
        const unsigned digit = (unsigned)(*p - '0');

        if (n > ((uint64_t)INT64_MAX - digit) / 10)
            return -1;
        n = n * 10 + digit;
        p++;
    }
    if (p == text || (*text == '0' && p > text + 1))
        return -1;
    *value = n;
    *rest = p;
    return 0;
}

/* A number and one of the units, or a plain number. */
static int parse_scaled(const char *text, const struct scale *scales, size_t n, uint64_t *value) {
    const char *rest;

    if (parse_digits(text, value, &rest) != 0)
        return -1;
    if (*rest == '\0')
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rest, scales[i].name) != 0)
            continue;
        if (*value > INT64_MAX / scales[i].factor)
            return -1;
        *value *= scales[i].factor;
        return 0;
    }
    return -1;
}

static int parse_bool(const char *text, int64_t *value) {
    static const char *const no[] = {"false", "no", "off"};
    static const char *const yes[] = {"true", "yes", "on"};

    for (size_t i = 0; i < COUNT(yes); i++) {
        if (strcasecmp(text, no[i]) == 0 || strcasecmp(text, yes[i]) == 0) {
            *value = strcasecmp(text, yes[i]) == 0;
            return 0;
        }
    }
    return -1;
}

int fw_value_parse(enum fw_unit unit, const char *text, int64_t *value) {
    const char *rest;
    uint64_t n;

    switch (unit) {
    case FW_UNIT_BOOL:
        return parse_bool(text, value);
    case FW_UNIT_SECONDS:
        if (parse_scaled(text, spans, COUNT(spans), &n) != 0)
            return -1;
        break;
    case FW_UNIT_PERCENT:
        if (parse_digits(text, &n, &rest) != 0 || (*rest != '\0' && strcmp(rest, "%") != 0))
            return -1;
        break;
    case FW_UNIT_COUNT:
    default:
        if (parse_digits(text, &n, &rest) != 0 || *rest != '\0')
            return -1;
        break;
    }
    *value = (int64_t)n;
    return 0;
}

static size_t format_scaled(uint64_t value, const struct scale *scales, size_t n, char *buf) {
    for (size_t i = 0; i < n; i++)
        if (value > 0 && value % scales[i].factor == 0)
            return (size_t)snprintf(buf, FW_VALUE_TEXT, "%" PRIu64 "%s", value / scales[i].factor, scales[i].name);
    return (size_t)snprintf(buf, FW_VALUE_TEXT, "%" PRIu64, value);
}

size_t fw_value_format(enum fw_unit unit, int64_t value, char buf[FW_VALUE_TEXT]) {
    switch (unit) {
    case FW_UNIT_BOOL:
        return (size_t)snprintf(buf, FW_VALUE_TEXT, "%s", value ? "true" : "false");
    case FW_UNIT_SECONDS:
        return format_scaled((uint64_t)value, spans, COUNT(spans), buf);
    case FW_UNIT_PERCENT:
        return (size_t)snprintf(buf, FW_VALUE_TEXT, "%" PRId64 "%%", value);
    case FW_UNIT_COUNT:
    default:
        return (size_t)snprintf(buf, FW_VALUE_TEXT, "%" PRId64, value);
    }
}

const char *fw_value_form(enum fw_unit unit) {
    switch (unit) {
    case FW_UNIT_BOOL:
        return "true or false";
    case FW_UNIT_SECONDS:
        return "a duration: 41s, 15m, 1h, 2d or plain seconds";
    case FW_UNIT_PERCENT:
        return "a percentage: 40 or 40%";
    case FW_UNIT_COUNT:
    default:
        return "a whole number";
    }
}

int fw_value_parse_bytes(const char *text, uint64_t *bytes) {
    return parse_scaled(text, sizes, COUNT(sizes), bytes);
}

size_t fw_value_format_bytes(uint64_t bytes, char buf[FW_VALUE_TEXT]) {
    return format_scaled(bytes, sizes, COUNT(sizes), buf);
}
