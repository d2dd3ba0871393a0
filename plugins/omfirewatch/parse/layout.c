/* layout.c: see layout.h.
 *
 * Rules, for every shape:
 *  1. Columns: as many as the layout has, unless it says otherwise ("?", "*"). One too
 *     many is what a separator inside a value makes: the line is unparsed.
 *  2. A quoted value ends at a quote that a separator (or the end) follows.
 *  3. A name that comes twice must say the same, or one of the two may be planted:
 *     refused.
 *  4. A line that ends inside a value was cut: unparsed.
 * One pass, no memory but the caller's scratch. What an attacker controls: URL,
 * user, agent, referrer, host names. Devices that escape or quote them leave him
 * no way out; with those that do not he can add a column (rule 1) or a name
 * (rule 3), and the line is lost and counted.
 */
#include "layout.h"

#include <stdio.h>
#include <string.h>

#include "layout_value.h"

static const char *const shape_names[FW_LAYOUT_SHAPES] = {"words",     "tabs",        "commas",    "pairs",
                                                          "pairs-tab", "pairs-comma", "pairs-bar", "json"};

/* ---- the layout ---- */

static int find_shape(const char *name, size_t len) {
    for (int i = 0; i < FW_LAYOUT_SHAPES; i++)
        if (strlen(shape_names[i]) == len && memcmp(shape_names[i], name, len) == 0)
            return i;
    return -1;
}

static int parse_item(struct fw_layout *layout, const char *text, size_t len, char *err, size_t errlen) {
    const bool named = layout->shape >= FW_LAYOUT_PAIRS;
    const char *equals = named ? memchr(text, '=', len) : NULL;
    const size_t field_len = equals != NULL ? (size_t)(equals - text) : len;
    struct fw_layout_item *item = &layout->item[layout->items];

    if (layout->more || layout->items == FW_LAYOUT_ITEMS) {
        snprintf(err, errlen, "\"*\" is the last, and %d are the most", FW_LAYOUT_ITEMS);
        return -1;
    }
    if (!named && len == 1 && *text == '*') {
        layout->more = true;
        return 0;
    }
    if (!named && len == 1 && *text == '?') {
        layout->needed = layout->items;
        return 0;
    }
    *item = (struct fw_layout_item){.field = -1};
    if (named && (equals == NULL || field_len + 1 == len)) {
        snprintf(err, errlen, "\"%.*s\" is not field=name", (int)(len < 64 ? len : 64), text);
        return -1;
    }
    if (named)
        item->name = (struct fw_str){equals + 1, (uint32_t)(len - field_len - 1)};
    if (field_len != 1 || *text != '-')
        item->field = fw_layout_field(text, field_len);
    if (item->field < 0 && (named || field_len != 1 || *text != '-')) {
        snprintf(err, errlen, "there is no field \"%.*s\"", (int)(field_len < 64 ? field_len : 64), text);
        return -1;
    }
    layout->items++;
    return 0;
}

int fw_layout_parse(struct fw_layout *layout, const char *text, char *err, size_t errlen) {
    const size_t shape_len = strcspn(text, " ");
    const int shape = find_shape(text, shape_len);

    *layout = (struct fw_layout){0};
    if (shape < 0) {
        snprintf(
            err, errlen,
            "a layout begins with words, tabs, commas, pairs, pairs-tab, pairs-comma, pairs-bar or json, not \"%.*s\"",
            (int)(shape_len < 32 ? shape_len : 32), text);
        return -1;
    }
    layout->shape = (enum fw_layout_shape)shape;
    for (text += shape_len; *(text += strspn(text, " ")) != '\0'; text += strcspn(text, " "))
        if (parse_item(layout, text, strcspn(text, " "), err, errlen) != 0)
            return -1;
    if (layout->items == 0) {
        snprintf(err, errlen, "the layout names no field");
        return -1;
    }
    if (layout->needed == 0)
        layout->needed = layout->items;
    return 0;
}

/* ---- columns ---- */

/* From behind an opening quote to the closing one (rule 2), or NULL. */
static const char *closing(const char *p, const char *end, char separator) {
    for (; p < end && (p = memchr(p, '"', (size_t)(end - p))) != NULL; p++) {
        size_t slashes = 0;

        while (p[-1 - (ptrdiff_t)slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0 && (p + 1 == end || p[1] == separator || p[1] == ' '))
            return p;
    }
    return NULL;
}

static bool next_word(struct fw_layout_reader *r, struct fw_layout_value *v) {
    while (r->p < r->end && *r->p == ' ')
        r->p++;
    const char *start = r->p, *stop;

    *v = (struct fw_layout_value){start, 0, false};
    if (r->p < r->end && (*start == '"' || *start == '[')) {
        stop = *start == '"' ? closing(start + 1, r->end, ' ') : memchr(start, ']', (size_t)(r->end - start));
        if (stop == NULL || (stop + 1 < r->end && stop[1] != ' '))
            return false;
        *v = (struct fw_layout_value){start + 1, (size_t)(stop - start - 1), true};
        r->p = stop + 1;
        return true;
    }
    stop = memchr(start, ' ', (size_t)(r->end - start));
    r->p = stop != NULL ? stop : r->end;
    v->len = (size_t)(r->p - start);
    return v->len != 0;
}

static bool next_tab(struct fw_layout_reader *r, struct fw_layout_value *v) {
    const char *stop = memchr(r->p, '\t', (size_t)(r->end - r->p));

    if (stop == NULL)
        stop = r->end;
    *v = (struct fw_layout_value){r->p, (size_t)(stop - r->p), false};
    if (v->len >= 2 && v->p[0] == '"' && stop[-1] == '"')
        *v = (struct fw_layout_value){v->p + 1, v->len - 2, true};
    r->p = stop < r->end ? stop + 1 : r->end + 1;
    return true;
}

static bool next_comma(struct fw_layout_reader *r, struct fw_layout_value *v) {
    while (r->p < r->end && *r->p == ' ')
        r->p++;
    const char *start = r->p, *stop = start;

    if (start < r->end && *start == '"') {
        for (stop++; stop < r->end && (*stop != '"' || stop[1] == '"'); stop++)
            stop += *stop == '"';
        if (stop >= r->end || (stop + 1 < r->end && stop[1] != ','))
            return false;
        *v = (struct fw_layout_value){start + 1, (size_t)(stop - start - 1), true};
        stop++;
    } else {
        stop = memchr(start, ',', (size_t)(r->end - start));
        if (stop == NULL)
            stop = r->end;
        *v = (struct fw_layout_value){start, (size_t)(stop - start), false};
    }
    r->p = stop < r->end ? stop + 1 : r->end + 1;
    return true;
}

static bool columns_left(const struct fw_layout_reader *r) {
    if (r->layout->shape != FW_LAYOUT_WORDS)
        return r->p <= r->end;
    const char *p = r->p;

    while (p < r->end && *p == ' ')
        p++;
    return p < r->end;
}

static bool read_columns(struct fw_layout_reader *r) {
    static bool (*const next[])(struct fw_layout_reader *, struct fw_layout_value *) = {
        [FW_LAYOUT_WORDS] = next_word, [FW_LAYOUT_TABS] = next_tab, [FW_LAYOUT_COMMAS] = next_comma};
    struct fw_layout_value v;

    for (unsigned i = 0; i < r->layout->items; i++) {
        if (!columns_left(r))
            return i >= r->layout->needed;
        if (!next[r->layout->shape](r, &v))
            return false;
        fw_layout_put(r, r->layout->item[i].field, v);
    }
    return r->layout->more || !columns_left(r);
}

static bool read_pairs(struct fw_layout_reader *r, char separator) {
    while (r->p < r->end) {
        const char *name = r->p;

        if (*name == separator || *name == ' ') {
            r->p++;
            continue;
        }
        while (r->p < r->end && *r->p != '=' && *r->p != separator)
            r->p++;
        if (r->p == r->end || *r->p != '=') /* a word that names nothing */
            continue;
        const int item = fw_layout_find(r, name, (size_t)(r->p - name));
        const char *start = ++r->p, *stop;
        bool quoted = false;

        if (start < r->end && *start == '"') {
            quoted = true;
            stop = closing(++start, r->end, separator);
            if (stop == NULL)
                return false; /* rule 4 */
            r->p = stop + 1;
        } else {
            stop = memchr(start, separator, (size_t)(r->end - start));
            if (stop == NULL)
                stop = r->end;
            r->p = stop;
        }
        fw_layout_put_named(r, item, (struct fw_layout_value){start, (size_t)(stop - start), quoted});
    }
    return true;
}

enum fw_parse_result fw_layout_read(const struct fw_layout *layout, const char *content, size_t len, char *scratch,
                                    struct fw_event *ev) {
    static const char separators[] = {[FW_LAYOUT_PAIRS] = ' ',
                                      [FW_LAYOUT_PAIRS_TAB] = '\t',
                                      [FW_LAYOUT_PAIRS_COMMA] = ',',
                                      [FW_LAYOUT_PAIRS_BAR] = '|'};
    struct fw_layout_reader r = {
        .layout = layout, .p = content, .end = content + len, .scratch = scratch, .ev = ev, .begin = FW_TIME_NONE};
    const bool read = layout->shape < FW_LAYOUT_PAIRS   ? read_columns(&r)
                      : layout->shape != FW_LAYOUT_JSON ? read_pairs(&r, separators[layout->shape])
                                                        : fw_layout_read_json(&r);

    if (!read)
        return FW_PARSE_UNPARSED;
    fw_layout_finish(&r);
    return r.impossible ? FW_PARSE_REFUSED : FW_PARSE_EVENT;
}
