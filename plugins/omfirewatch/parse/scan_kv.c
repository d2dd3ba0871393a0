/* scan_kv.c: see scan_kv.h.
 *
 * Why not liblognorm: its name-value-list (2.0.6) refuses quoted values with
 * blanks, so not one line of FortiGate parses; chains of string-to are fast only
 * while the keys keep their order, which differs between releases; and neither
 * tells whether a key=value stands inside a quoted value that a stranger chose.
 * Steps of a pair:
 *  1. The key is read up to the assignment; a word without one is a stray.
 *  2. The value is read to its end, by the rules of the dialect.
 *  3. The key is looked up; an unknown one is forgotten.
 *  4. A known key that comes again must say the same.
 * One pass, no memory. What an attacker controls: values (URL, user, agent, host
 * name). A device that quotes or escapes them leaves him no way out of his
 * value; one that does not gives him the keys the line does not have (rule 4).
 */
#include "scan_kv.h"

#include <string.h>

#include "convert.h"
#include "scan_word.h"

static inline bool is_gap(char c) {
    return c == ' ' || c == ';' || c == ',' || c == '\t';
}

static inline uint64_t head_of(const char *p, size_t len, const char *end) {
    uint64_t head = 0;

    if (end - p >= 8) {
        memcpy(&head, p, sizeof head);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        head = __builtin_bswap64(head);
#endif
        return len < 8 ? head & ~(UINT64_MAX >> 8 * len) : head;
    }
    for (size_t i = 0; i < 8; i++)
        head = head << 8 | (i < len ? (uint8_t)p[i] : 0);
    return head;
}

/* Step 3. The row of the key, or -1. */
static int find(const struct fw_kv *kv, const char *key, size_t len, const char *end) {
    const uint64_t head = head_of(key, len, end);
    size_t low = 0, count = kv->keys;

    while (count > 1) {
        const size_t half = count / 2;

        low = kv->key[low + half].head <= head ? low + half : low;
        count -= half;
    }
    for (size_t i = low + 1; i-- > 0 && kv->key[i].head == head;) /* those alike in eight bytes end here */
        if (kv->key[i].len == len && memcmp(kv->key[i].key, key, len) == 0)
            return (int)i;
    return -1;
}

/* Steps 3 and 4. */
static bool keep(const struct fw_kv *kv, const char *key, size_t key_len, const char *end, const char *text, size_t len,
                 struct fw_str *value) {
    const int row = key_len != 0 ? find(kv, key, key_len, end) : -1;

    if (row < 0 || fw_word_absent(text, len))
        return true;
    if (value[row].len == 0) {
        value[row] = (struct fw_str){text, (uint32_t)len};
        return true;
    }
    return kv->key[row].how == FW_KV_FIRST || (value[row].len == len && memcmp(value[row].p, text, len) == 0);
}

/* The closing quote, or NULL: the line was cut. */
static const char *closing(const struct fw_kv *kv, const char *p, const char *end, char quote) {
    if (!kv->style.escapes)
        return memchr(p, quote, (size_t)(end - p));
    for (; p < end && *p != quote; p++)
        if (*p == '\\' && ++p == end)
            return NULL;
    return p < end ? p : NULL;
}

enum fw_parse_result fw_kv_words(const struct fw_kv *kv, const char *p, const char *end, struct fw_str *value) {
    for (;;) {
        while (p < end && is_gap(*p))
            p++;
        if (p == end || *p == ']')
            return FW_PARSE_EVENT;
        const char *key = p;

        while (p < end && !is_gap(*p) && *p != kv->style.assign) /* 1 */
            p++;
        const size_t key_len = (size_t)(p - key);

        if (p == end || *p != kv->style.assign) {
            if (kv->style.strays)
                continue;
            return p == end ? FW_PARSE_EVENT : FW_PARSE_REFUSED; /* a key that was cut */
        }
        do /* Check Point's "ike::" */
            p++;
        while (p < end && *p == kv->style.assign && *p == ':');
        const char *text = p;

        if (p < end && *p != '\0' && strchr(kv->style.quotes, *p) != NULL) { /* 2 */
            const char *close = closing(kv, p + 1, end, *p);

            if (close == NULL) /* cut; or, where nothing is escaped, a quote too many, that somebody wrote */
                return kv->style.escapes ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
            text = p + 1;
            p = close + 1;
            if (p < end && !is_gap(*p) && *p != ']')
                return FW_PARSE_REFUSED;
            if (!keep(kv, key, key_len, end, text, (size_t)(close - text), value))
                return FW_PARSE_REFUSED;
            continue;
        }
        while (p < end && *p != ' ' && *p != ';' && *p != '\t')
            p++;
        const char *stop = p;

        if (stop > text && stop[-1] == ',')
            stop--;
        if (!keep(kv, key, key_len, end, text, (size_t)(stop - text), value))
            return FW_PARSE_REFUSED;
    }
}

enum fw_parse_result fw_kv_split(const struct fw_kv *kv, const char *delimiter, const char *p, const char *end,
                                 struct fw_str *value) {
    const size_t width = strlen(delimiter);

    while (p < end) {
        const char *stop = fw_word_find(p, end, delimiter, width);
        const char *next = stop != NULL ? stop + width : end;
        const size_t pair = (size_t)((stop != NULL ? stop : end) - p);

        stop = p + pair;
        while (p < stop && *p == ' ')
            p++;
        const char *assign = memchr(p, kv->style.assign, stop > p ? (size_t)(stop - p) : 0);

        if (assign == NULL) {
            if (!kv->style.strays && stop > p)
                return FW_PARSE_REFUSED;
        } else {
            const char *text = assign + 1;

            while (text < stop && *text == ' ')
                text++;
            if (stop - text >= 2 && *text == '"' && stop[-1] == '"' && kv->style.quotes[0] == '"') {
                if (!keep(kv, p, (size_t)(assign - p), end, text + 1, (size_t)(stop - text) - 2, value))
                    return FW_PARSE_REFUSED;
            } else if (!keep(kv, p, (size_t)(assign - p), end, text, (size_t)(stop - text), value)) {
                return FW_PARSE_REFUSED;
            }
        }
        p = next;
    }
    return FW_PARSE_EVENT;
}

static inline bool is_key_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '[' || c == ']';
}

enum fw_parse_result fw_kv_cef(const struct fw_kv *kv, const char *p, const char *end, struct fw_str *value) {
    while (p < end && *p == ' ')
        p++;
    while (p < end) {
        const char *key = p;

        while (p < end && is_key_char(*p))
            p++;
        if (p == end)
            return FW_PARSE_EVENT;
        if (*p != '=' || p == key)
            return FW_PARSE_REFUSED;
        const size_t key_len = (size_t)(p - key);
        const char *text = ++p;
        const char *word = text; /* where the latest word of the value began */
        const char *stop = end, *next = end;

        for (; p < end; p++) {
            if (*p == '\\' && p + 1 < end) {
                p++;
                word = NULL; /* no key has one */
            } else if (*p == ' ') {
                word = p + 1;
            } else if (*p == '=') {
                if (word != NULL && word > text && word < p) { /* the next key */
                    stop = word - 1;
                    next = word;
                    break;
                }
            } else if (!is_key_char(*p)) {
                word = NULL;
            }
        }
        while (stop > text && stop[-1] == ' ')
            stop--;
        if (!keep(kv, key, key_len, end, text, (size_t)(stop - text), value))
            return FW_PARSE_REFUSED;
        p = next;
    }
    return FW_PARSE_EVENT;
}

enum fw_parse_result fw_kv_put(const struct fw_kv *kv, const struct fw_str *value, struct fw_event *ev) {
    for (size_t i = 0; i < kv->keys; i++) {
        const struct fw_kv_key *key = &kv->key[i];

        if (value[i].len == 0 || key->how == FW_KV_LOOK || key->how == FW_KV_FIRST)
            continue;
        if (ev->present & UINT64_C(1) << key->field) /* the judgement, or another of a field's names */
            continue;
        if (key->how == FW_KV_NAT && fw_word_is_nothing(&value[i]))
            continue;
        if (fw_convert(ev, (enum fw_field)key->field, value[i].p, value[i].len) != 0 && key->how != FW_KV_TRY)
            return FW_PARSE_REFUSED;
    }
    return FW_PARSE_EVENT;
}
