/* scan_kv.h: lines of key=value pairs, by a table of keys for each device.
 *
 * A device's scanner (scan_fortigate.c, ...) has three parts: a table of the
 * keys it knows, a call of one of the readers here, which leaves the value of
 * each known key in an array, and a judgement that looks at a few values and
 * says what the line tells. The rest of the values becomes fields by the table.
 *
 * Tables are sorted by key (a test sees to it) and found by their first eight
 * bytes as one number. Values are borrowed from the line.
 */
#ifndef FW_SCAN_KV_H
#define FW_SCAN_KV_H

#include "parser.h"

#define FW_KV_KEYS_MAX 96 /* keys of one table */

enum fw_kv_how {
    FW_KV_FIELD, /* becomes the field; a value that cannot be one refuses the line */
    FW_KV_TRY,   /* becomes the field if it can (a name where a number may stand) */
    FW_KV_NAT,   /* as FW_KV_FIELD, but 0, 0.0.0.0 and :: say that there is none */
    FW_KV_LOOK,  /* for the judgement alone */
    FW_KV_FIRST, /* for the judgement alone, and may come several times: the first counts */
};

struct fw_kv_key {
    uint64_t head; /* the first eight bytes, the first one highest */
    const char *key;
    uint8_t len;
    uint8_t how;
    uint8_t field;
};

#define FW_KV_BYTE(key, i) ((uint64_t)(uint8_t)((key)[sizeof(key) > (i) ? (i) : 0]) * (sizeof(key) > (i)))
#define FW_KV_HEAD(key)                                                                                                \
    (FW_KV_BYTE(key, 0) << 56 | FW_KV_BYTE(key, 1) << 48 | FW_KV_BYTE(key, 2) << 40 | FW_KV_BYTE(key, 3) << 32 |       \
     FW_KV_BYTE(key, 4) << 24 | FW_KV_BYTE(key, 5) << 16 | FW_KV_BYTE(key, 6) << 8 | FW_KV_BYTE(key, 7))
/* For a list of X(name in C, "key", how, field): the enumerator and the row. */
#define FW_KV_ENUM(name, key, how, field) K_##name,
#define FW_KV_ROW(name, key, how, field)  {FW_KV_HEAD(key), key, sizeof(key) - 1, FW_KV_##how, FW_F_##field},

struct fw_kv_style {
    char assign;        /* between key and value */
    const char *quotes; /* characters that open and close a value; "": none does */
    bool escapes;       /* a backslash takes the next character's meaning, inside quotes */
    bool strays;        /* words that are no pair are passed over; else they refuse the line */
};

struct fw_kv {
    const struct fw_kv_key *key;
    size_t keys;
    struct fw_kv_style style;
};

/* The readers fill value[0 ... keys - 1], of which len 0 is "not there": empty, "-", "N/A", "(null)". A key that comes
 * again with another value refuses the line: one of the two was planted. A line that was cut ends before its last pair
 * (where nothing is escaped it is refused: a quote too many looks the same).
 * They return FW_PARSE_EVENT or FW_PARSE_REFUSED. */

/* Pairs between blanks, commas or semicolons; "]" outside quotes ends them. */
enum fw_parse_result fw_kv_words(const struct fw_kv *kv, const char *p, const char *end, struct fw_str *value);
/* Pairs between delimiters (one character, or rsyslog's "#011" for a tab); no quotes. */
enum fw_parse_result fw_kv_split(const struct fw_kv *kv, const char *delimiter, const char *p, const char *end,
                                 struct fw_str *value);
/* CEF's extension: a value goes on, over blanks, to the next " key="; a "=" in it has a backslash before it. */
enum fw_parse_result fw_kv_cef(const struct fw_kv *kv, const char *p, const char *end, struct fw_str *value);

/* Turns values into fields by the table. FW_PARSE_EVENT or FW_PARSE_REFUSED. */
enum fw_parse_result fw_kv_put(const struct fw_kv *kv, const struct fw_str *value, struct fw_event *ev);

#endif
