/* json.c: see json.h. The only place that turns strings of an attacker into JSON. */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct fw_json *json, const char *p, size_t n) {
    if (json->full || n >= json->size - json->len) {
        json->full = true;
        return;
    }
    memcpy(json->buf + json->len, p, n);
    json->len += n;
}

static void put_char(struct fw_json *json, char c) {
    put(json, &c, 1);
}

void fw_json_begin(struct fw_json *json, char *buf, size_t size) {
    memset(json, 0, sizeof *json);
    json->buf = buf;
    json->size = size;
    json->full = size == 0;
}

size_t fw_json_end(struct fw_json *json) {
    if (json->full)
        return 0;
    json->buf[json->len] = '\0';
    return json->len;
}

/* Bytes of the UTF-8 sequence at p, 0 when it is not one (RFC 3629: no overlong forms, no surrogates). */
static size_t utf8_length(const unsigned char *p, size_t n) {
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return n >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (p[0] >= 0xe0 && p[0] <= 0xef) {
        if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
            return 0;
        if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
            return 0;
        return 3;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        if (n < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80)
            return 0;
        if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
            return 0;
        return 4;
    }
    return 0;
}

/* What is no letter but an order to whoever shows the text: U+0080 to U+009F begin escape sequences on some terminals;
 * marks and overrides of direction make a line read as another one (Boucher, Anderson: Trojan Source, 2021); line and
 * paragraph separators and the byte order mark end or begin a line for some programs. */
static bool is_order(const unsigned char *p, size_t n) {
    if (n == 2)
        return p[0] == 0xc2 && p[1] < 0xa0;
    if (n != 3)
        return false;
    const unsigned point = (unsigned)(p[0] & 0x0f) << 12 | (unsigned)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    return (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x2069) || point == 0x061c || point == 0xfeff || point >= 0xfff9;
}

static void put_string(struct fw_json *json, const char *p, size_t n) {
    const bool cut = n > FW_JSON_STRING_MAX;
    if (cut)
        n = FW_JSON_STRING_MAX;
    put_char(json, '"');
    for (size_t i = 0; i < n;) {
        const unsigned char *u = (const unsigned char *)p + i;
        const size_t k = utf8_length(u, n - i);
        char esc[8];
        if (k == 0) {
            if (!cut || n - i > 3) /* a character split by the cut is dropped */
                put(json, "\xef\xbf\xbd", 3);
            i++;
            continue;
        }
        if (k == 1 && (*u < 0x20 || *u == 0x7f || *u == '"' || *u == '\\')) {
            if (*u == '"' || *u == '\\') {
                esc[0] = '\\';
                esc[1] = (char)*u;
                put(json, esc, 2);
            } else if (*u == '\n' || *u == '\t' || *u == '\r' || *u == '\b' || *u == '\f') {
                esc[0] = '\\';
                esc[1] = *u == '\n' ? 'n' : *u == '\t' ? 't' : *u == '\r' ? 'r' : *u == '\b' ? 'b' : 'f';
                put(json, esc, 2);
            } else if (*u == 0x7f) {
                put(json, "?", 1);
            } else {
                (void)snprintf(esc, sizeof esc, "\\u%04x", *u);
                put(json, esc, 6);
            }
        } else if (is_order(u, k)) {
            put(json, "?", 1);
        } else if (*u == '/' && json->slash) {
            put(json, "\\/", 2);
        } else {
            put(json, (const char *)u, k);
        }
        i += k;
    }
    if (cut)
        put(json, "...", 3);
    put_char(json, '"');
}

static void put_key(struct fw_json *json, const char *key) {
    if (json->depth > 0) {
        if (json->comma[json->depth - 1])
            put_char(json, ',');
        json->comma[json->depth - 1] = true;
    }
    if (key != NULL) {
        put_string(json, key, strlen(key));
        put_char(json, ':');
    }
}

static void open_bracket(struct fw_json *json, const char *key, char bracket) {
    put_key(json, key);
    put_char(json, bracket);
    if (json->depth == FW_JSON_DEPTH) {
        json->full = true;
        return;
    }
    json->comma[json->depth++] = false;
}

void fw_json_object(struct fw_json *json, const char *key) {
    open_bracket(json, key, '{');
}

void fw_json_array(struct fw_json *json, const char *key) {
    open_bracket(json, key, '[');
}

void fw_json_close(struct fw_json *json, char bracket) {
    put_char(json, bracket);
    if (json->depth > 0)
        json->depth--;
}

void fw_json_bytes(struct fw_json *json, const char *key, const char *p, size_t len) {
    put_key(json, key);
    put_string(json, p, len);
}

void fw_json_text(struct fw_json *json, const char *key, const char *text) {
    fw_json_bytes(json, key, text, strlen(text));
}

void fw_json_int(struct fw_json *json, const char *key, int64_t value) {
    char text[24];
    const int n = snprintf(text, sizeof text, "%" PRId64, value);
    put_key(json, key);
    put(json, text, (size_t)n);
}

void fw_json_uint(struct fw_json *json, const char *key, uint64_t value) {
    char text[24];
    const int n = snprintf(text, sizeof text, "%" PRIu64, value);
    put_key(json, key);
    put(json, text, (size_t)n);
}

void fw_json_bool(struct fw_json *json, const char *key, bool value) {
    put_key(json, key);
    put(json, value ? "true" : "false", value ? 4 : 5);
}

void fw_json_addr(struct fw_json *json, const char *key, const union fw_addr *addr) {
    char text[FW_ADDR_TEXT_MAX];
    fw_json_bytes(json, key, text, fw_addr_format(addr, text));
}

int64_t fw_time_days(int year, unsigned month, unsigned day) {
    const int64_t y = (int64_t)year - (month <= 2);
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const unsigned yoe = (unsigned)(y - era * 400);
    const unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

size_t fw_time_format(fw_time time, char buf[FW_TIME_TEXT]) {
    int64_t days = time / 86400000;
    int64_t rest = time % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const unsigned doe = (unsigned)(z - era * 146097);
    const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const unsigned mp = (5 * doy + 2) / 153;
    const unsigned day = doy - (153 * mp + 2) / 5 + 1;
    const unsigned month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = (int64_t)yoe + era * 400 + (month <= 2);
    if (year < 0 || year > 9999) /* RFC 3339 has four digits */
        year = year < 0 ? 0 : 9999;
    const unsigned ms = (unsigned)rest;
    const int n = snprintf(buf, FW_TIME_TEXT, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", (int)year, month, day,
                           ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
    return n < 0 ? 0 : (size_t)n;
}

void fw_json_time(struct fw_json *json, const char *key, fw_time time) {
    char text[FW_TIME_TEXT];
    fw_json_bytes(json, key, text, fw_time_format(time, text));
}

size_t fw_text_append(char *buf, size_t size, size_t len, const char *p, size_t n) {
    for (size_t i = 0; i < n;) {
        const unsigned char *u = (const unsigned char *)p + i;
        size_t k = utf8_length(u, n - i);
        const bool printable = k > 0 && *u >= 0x20 && *u != 0x7f && !is_order(u, k);
        if (k == 0)
            k = 1;
        if (len + (printable ? k : 1) >= size)
            break;
        if (printable)
            memcpy(buf + len, u, k);
        else
            buf[len] = '?';
        len += printable ? k : 1;
        i += k;
    }
    if (size > 0)
        buf[len] = '\0';
    return len;
}
