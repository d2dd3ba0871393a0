/* json.h: writes one JSON document into a bounded buffer.
 *
 * What comes out is always valid JSON and valid UTF-8, printable, on one line,
 * whatever the strings hold: control characters are escaped, bytes that are not
 * UTF-8 become U+FFFD, strings longer than FW_JSON_STRING_MAX are cut at a
 * character and end in "...". With `slash` the bytes agree with libfastjson's
 * plain form of the same document. A buffer too small sets `full`; the caller drops and counts.
 */
#ifndef FW_JSON_H
#define FW_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "event.h"

#define FW_JSON_STRING_MAX 1024 /* bytes of one string; URLs are longer, nobody reads them in a finding */
#define FW_JSON_DEPTH      8
#define FW_TIME_TEXT       32

struct fw_json {
    char *buf;
    size_t size;
    size_t len;
    bool full;
    bool slash; /* '/' is written as "\/", as libfastjson does: set it after begin where the bytes have to agree */
    uint8_t depth;
    bool comma[FW_JSON_DEPTH];
};

void fw_json_begin(struct fw_json *json, char *buf, size_t size);
/* Ends the text with NUL. Returns its length, or 0 when it did not fit. */
size_t fw_json_end(struct fw_json *json);

/* key NULL: inside an array, or the outermost value */
void fw_json_object(struct fw_json *json, const char *key);
void fw_json_array(struct fw_json *json, const char *key);
void fw_json_close(struct fw_json *json, char bracket); /* '}' or ']' */
void fw_json_text(struct fw_json *json, const char *key, const char *text);
void fw_json_bytes(struct fw_json *json, const char *key, const char *p, size_t len);
void fw_json_int(struct fw_json *json, const char *key, int64_t value);
void fw_json_uint(struct fw_json *json, const char *key, uint64_t value);
void fw_json_bool(struct fw_json *json, const char *key, bool value);
void fw_json_addr(struct fw_json *json, const char *key, const union fw_addr *addr);
/* RFC 3339 in UTC with milliseconds: 2026-10-12T08:00:00.000Z */
void fw_json_time(struct fw_json *json, const char *key, fw_time time);

size_t fw_time_format(fw_time time, char buf[FW_TIME_TEXT]);
/* Days from civil date, Howard Hinnant's algorithm; month and day from 1. */
int64_t fw_time_days(int year, unsigned month, unsigned day);

/* Appends text to a bounded buffer with everything that is not printable ASCII or valid UTF-8 replaced by '?', so
 * that a sentence can be shown on a terminal. Returns the new length. */
size_t fw_text_append(char *buf, size_t size, size_t len, const char *p, size_t n);

#endif
