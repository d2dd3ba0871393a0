/* layout_json.c: one JSON object by the paths of a layout.
 *
 * Values are taken where they stand; only a string with escapes that a field asks for is
 * copied, into the caller's scratch, which is as long as the line. Arrays: the first
 * element counts. Objects within objects deeper than DEPTH_MAX are unparsed, which
 * bounds the recursion.
 */
#include <string.h>

#include "layout_value.h"

#define DEPTH_MAX  8  /* EVE has 4 */
#define PATH_BYTES 96 /* of a path; a longer one is none of ours */

struct path {
    char text[PATH_BYTES];
    size_t len; /* beyond PATH_BYTES: nobody's */
};

static void skip_space(struct fw_layout_reader *r) {
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
}

static bool take(struct fw_layout_reader *r, char c) {
    skip_space(r);
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* Behind an opening quote: the raw text up to the closing one. */
static bool json_string(struct fw_layout_reader *r, struct fw_layout_value *v, bool *escaped) {
    const char *start = r->p;

    *escaped = false;
    for (; r->p < r->end && *r->p != '"'; r->p++) {
        if (*r->p == '\\') {
            *escaped = true;
            r->p++;
        }
    }
    if (r->p >= r->end)
        return false;
    *v = (struct fw_layout_value){start, (size_t)(r->p - start), true};
    r->p++;
    return true;
}

/* Takes the escapes out; \u stays as it is, but for what is one byte. */
static void unescape(struct fw_layout_reader *r, struct fw_layout_value *v) {
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char *out = r->scratch;

    for (size_t i = 0; i < v->len; i++) {
        const char *letter;

        if (v->p[i] != '\\' || i + 1 == v->len || v->p[i + 1] == 'u') {
            *out++ = v->p[i];
            continue;
        }
        i++;
        letter = memchr(from, v->p[i], sizeof from - 1);
        *out++ = letter != NULL ? to[letter - from] : v->p[i];
    }
    v->p = r->scratch;
    v->len = (size_t)(out - r->scratch);
    r->scratch = out;
}

static bool json_value(struct fw_layout_reader *r, struct path *path, unsigned depth);

static bool json_members(struct fw_layout_reader *r, struct path *path, unsigned depth) {
    const size_t before = path->len;
    struct fw_layout_value key;
    bool escaped;

    if (take(r, '}'))
        return true;
    do {
        if (!take(r, '"') || !json_string(r, &key, &escaped) || !take(r, ':'))
            return false;
        const size_t dot = before != 0;

        if (before + dot + key.len <= sizeof path->text && !escaped) {
            if (dot)
                path->text[before] = '.';
            memcpy(path->text + before + dot, key.p, key.len);
            path->len = before + dot + key.len;
        } else {
            path->len = sizeof path->text + 1;
        }
        if (!json_value(r, path, depth + 1))
            return false;
        path->len = before;
    } while (take(r, ','));
    return take(r, '}');
}

/* Of an array the first element counts, by the path of the array; all of them where addresses are looked for. */
static bool json_elements(struct fw_layout_reader *r, struct path *path, unsigned depth) {
    const size_t before = path->len;
    const bool all = before <= sizeof path->text && fw_layout_collects(r, path->text, before);

    if (take(r, ']'))
        return true;
    do {
        if (!json_value(r, path, depth + 1))
            return false;
        path->len = all ? before : sizeof path->text + 1;
    } while (take(r, ','));
    path->len = before;
    return take(r, ']');
}

static bool json_value(struct fw_layout_reader *r, struct path *path, unsigned depth) {
    const bool ours = path->len <= sizeof path->text;
    struct fw_layout_value v;
    bool escaped;

    skip_space(r);
    if (r->p == r->end || depth > DEPTH_MAX)
        return false;
    if (*r->p == '{' || *r->p == '[') {
        const bool object = *r->p++ == '{';

        return object ? json_members(r, path, depth) : json_elements(r, path, depth);
    }
    if (*r->p == '"') {
        r->p++;
        if (!json_string(r, &v, &escaped))
            return false;
        const int item = ours ? fw_layout_find(r, path->text, path->len) : -1;

        if (item >= 0 && escaped)
            unescape(r, &v);
        fw_layout_put_named(r, item, v);
        return true;
    }
    const char *start = r->p;

    while (r->p < r->end && *r->p != ',' && *r->p != '}' && *r->p != ']' && *r->p != ' ')
        r->p++;
    v = (struct fw_layout_value){start, (size_t)(r->p - start), false};
    if (v.len == 0 || r->p == r->end)
        return false;
    if (v.len != 4 || memcmp(v.p, "null", 4) != 0)
        fw_layout_put_named(r, ours ? fw_layout_find(r, path->text, path->len) : -1, v);
    return true;
}

bool fw_layout_read_json(struct fw_layout_reader *r) {
    struct path path = {.len = 0};

    while (r->p < r->end && *r->p != '{')
        r->p++;
    return json_value(r, &path, 0);
}
