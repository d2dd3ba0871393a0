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
#include <strings.h>

#include "convert.h"
#include "names.h"
#include "stamp.h"

#define DEPTH_MAX 8  /* of JSON; EVE has 4 */
#define PATH_MAX_ 96 /* bytes of a path in JSON; a longer one is none of ours */

enum own {
    OWN_TIME = FW_FIELDS,
    OWN_BEGIN,
    OWN_REQUEST,
    OWN_SRC_PORT,
    OWN_DST_PORT,
    OWN_DURATION_MS,
    OWN_RESULT,
    OWN_PEER,
    OWN_END
};
static const char *const own_names[] = {"time",      "begin",       "request", "src:sport",
                                        "dst:dport", "duration_ms", "result",  "peer"};
_Static_assert(sizeof own_names / sizeof *own_names == OWN_END - FW_FIELDS, "one name each");
static const char *const shape_names[FW_LAYOUT_SHAPES] = {"words",     "tabs",        "commas", "pairs",
                                                          "pairs-tab", "pairs-comma", "json"};

/* ---- the layout ---- */

static int find_field(const char *name, size_t len) {
    for (int i = 0; i < OWN_END - FW_FIELDS; i++)
        if (strlen(own_names[i]) == len && memcmp(own_names[i], name, len) == 0)
            return FW_FIELDS + i;
    return fw_field_find(name, len);
}

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
        item->field = find_field(text, field_len);
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
        snprintf(err, errlen,
                 "a layout begins with words, tabs, commas, pairs, pairs-tab, pairs-comma or json, not \"%.*s\"",
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

/* ---- values ---- */

struct reader {
    const struct fw_layout *layout;
    const char *p;
    const char *end;
    char *scratch;
    struct fw_event *ev;
    fw_time begin;
    struct fw_str seen[FW_LAYOUT_ITEMS]; /* values of the names that came */
    unsigned next;                       /* the item expected next: names mostly keep their order */
    bool impossible;                     /* a value that cannot be */
};

struct value {
    const char *p;
    size_t len;
    bool quoted;
};

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

static bool is_absent(const struct value *v) {
    return v->len == 0 || (v->len == 1 && *v->p == '-') || (v->len == 4 && strncasecmp(v->p, "none", 4) == 0) ||
           (v->len == 2 && memcmp(v->p, "NA", 2) == 0) || (v->len == 3 && memcmp(v->p, "N/A", 3) == 0);
}

static void put(struct reader *r, int field, const char *p, size_t len) {
    if (fw_convert(r->ev, (enum fw_field)field, p, len) != 0)
        r->impossible = true;
}

static bool two_digits(const char *p, int *value) {
    *value = (p[0] - '0') * 10 + p[1] - '0';
    return is_digit(p[0]) && is_digit(p[1]);
}

static bool is_time(const struct fw_stamp *stamp) {
    return stamp->zoned && stamp->time >= 0 && stamp->time <= FW_TIME_MAX;
}

/* "12/Oct/2026:08:00:00 +0200": put in the order of ISO 8601, which stamp.c reads */
static fw_time common_log_time(const char *p, size_t len) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char iso[32];
    int month = 0, zone;

    if (len != 26 || p[2] != '/' || p[6] != '/' || p[11] != ':' || p[20] != ' ')
        return FW_TIME_NONE;
    while (month < 12 && memcmp(months + 3 * (size_t)month, p + 3, 3) != 0)
        month++;
    if (month == 12 || (p[21] != '+' && p[21] != '-') || !two_digits(p + 22, &zone))
        return FW_TIME_NONE;
    snprintf(iso, sizeof iso, "%.4s-%02d-%.2sT%.8s%.3s:%.2s", p + 7, month + 1, p, p + 12, p + 21, p + 24);
    struct fw_header_reader reader = {.reference = FW_TIME_NONE};
    struct fw_stamp stamp;
    const char *end = iso + strlen(iso);

    return fw_stamp_read(&reader, iso, end, &stamp) == end && is_time(&stamp) ? stamp.time : FW_TIME_NONE;
}

static fw_time read_time(const struct value *v) {
    struct fw_header_reader reader = {.reference = FW_TIME_NONE};
    struct fw_stamp stamp;
    char text[48];

    if (v->len > 10 && v->p[2] == '/')
        return common_log_time(v->p, v->len);
    if (v->len == 0 || v->len >= sizeof text)
        return FW_TIME_NONE;
    memcpy(text, v->p, v->len);
    text[v->len] = '\0';
    const char *end = text + v->len;

    return fw_stamp_read(&reader, text, end, &stamp) == end && is_time(&stamp) ? stamp.time : FW_TIME_NONE;
}

/* "GET /index.html HTTP/1.1"; a request that is none (a handshake, a line that was cut) has neither */
static void put_request(struct reader *r, const struct value *v) {
    const char *end = v->p + v->len;
    const char *blank = memchr(v->p, ' ', v->len);
    const char *stop = end;

    if (!v->quoted) {
        r->impossible = true; /* who may leave out the quotes may write any column */
        return;
    }
    if (blank == NULL || blank == v->p)
        return;
    for (const char *c = v->p; c < blank; c++)
        if (!((*c >= 'A' && *c <= 'Z') || *c == '-' || *c == '_'))
            return;
    for (const char *c = end; c > blank + 1; c--) {
        if (c[-1] == ' ') {
            if (end - c > 5 && memcmp(c, "HTTP/", 5) == 0)
                stop = c - 1;
            break;
        }
    }
    put(r, FW_F_method, v->p, (size_t)(blank - v->p));
    if (stop > blank + 1)
        put(r, FW_F_url, blank + 1, (size_t)(stop - blank - 1));
}

/* "192.0.2.1:80", "[2001:db8::1]:80", "192.0.2.1" where the protocol has no ports; a name is refused */
static void put_socket(struct reader *r, const struct value *v, enum fw_field addr, enum fw_field port) {
    size_t len = v->len;
    const char *p = v->p;

    while (len > 0 && is_digit(p[len - 1]))
        len--;
    if (len < 2 || p[len - 1] != ':') {
        put(r, addr, v->p, v->len);
        return;
    }
    put(r, port, p + len, v->len - len);
    len--;
    if (p[0] == '[' && p[len - 1] == ']') {
        p++;
        len -= 2;
    }
    put(r, addr, p, len);
}

static bool is_zero(const struct value *v) {
    for (size_t i = 0; i < v->len; i++)
        if (v->p[i] != '0' && v->p[i] != '.' && v->p[i] != ':')
            return false;
    return true;
}

static void put_action(struct reader *r, const struct value *v) {
    unsigned word;

    if (fw_names_find(FW_NAMES_ACTION, v->p, v->len, &word)) {
        r->ev->action = (uint8_t)word;
        r->ev->present |= FW_BIT(action);
    }
}

/* "TCP_DENIED/403" */
static void put_result(struct reader *r, const struct value *v) {
    const char *slash = memchr(v->p, '/', v->len);
    const size_t denied = sizeof "TCP_DENIED" - 1;

    if (slash == NULL) {
        r->impossible = true;
        return;
    }
    const struct value status = {slash + 1, v->len - (size_t)(slash + 1 - v->p), false};

    if (!is_zero(&status))
        put(r, FW_F_status, status.p, status.len);
    r->ev->action = v->len > denied && memcmp(v->p, "TCP_DENIED", denied) == 0 ? FW_ACTION_DENY : FW_ACTION_ALLOW;
    r->ev->present |= FW_BIT(action);
}

static void put_own(struct reader *r, int field, const struct value *v) {
    switch (field) {
    case OWN_TIME:
        r->ev->time = read_time(v);
        break;
    case OWN_BEGIN:
        r->begin = read_time(v);
        break;
    case OWN_REQUEST:
        put_request(r, v);
        break;
    case OWN_SRC_PORT:
        put_socket(r, v, FW_F_src, FW_F_sport);
        break;
    case OWN_DST_PORT:
        put_socket(r, v, FW_F_dst, FW_F_dport);
        break;
    case OWN_DURATION_MS:
        put(r, FW_F_duration, v->p, v->len);
        r->ev->duration /= 1000;
        break;
    case OWN_RESULT:
        put_result(r, v);
        break;
    case OWN_PEER:
        if (memchr(v->p, '/', v->len) == NULL)
            r->impossible = true; /* the columns are shifted */
        break;
    default:
        break;
    }
}

static void put_value(struct reader *r, int field, struct value v) {
    size_t digits = 0;

    if (field < 0 || is_absent(&v))
        return;
    switch (field) {
    case FW_F_action:
        put_action(r, &v);
        return;
    case FW_F_status: /* "200", "403/80", "0" */
        while (digits < v.len && is_digit(v.p[digits]))
            digits++;
        if (digits < v.len && v.p[digits] == '/')
            v.len = digits;
        if (!is_zero(&v))
            put(r, field, v.p, v.len);
        return;
    case FW_F_session:
    case FW_F_nat_src:
    case FW_F_nat_dst:
    case FW_F_nat_sport:
    case FW_F_nat_dport:
        if (!is_zero(&v))
            put(r, field, v.p, v.len);
        return;
    case FW_F_sender:
    case FW_F_recipient: /* "<bob@example.net>" */
        if (v.len > 2 && v.p[0] == '<' && v.p[v.len - 1] == '>')
            v = (struct value){v.p + 1, v.len - 2, true};
        put(r, field, v.p, v.len);
        return;
    default:
        if (field >= FW_FIELDS)
            put_own(r, field, &v);
        else if (!(r->ev->present & UINT64_C(1) << field)) /* the first of several names for it */
            put(r, field, v.p, v.len);
    }
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

static bool next_word(struct reader *r, struct value *v) {
    while (r->p < r->end && *r->p == ' ')
        r->p++;
    const char *start = r->p, *stop;

    *v = (struct value){start, 0, false};
    if (r->p < r->end && (*start == '"' || *start == '[')) {
        stop = *start == '"' ? closing(start + 1, r->end, ' ') : memchr(start, ']', (size_t)(r->end - start));
        if (stop == NULL || (stop + 1 < r->end && stop[1] != ' '))
            return false;
        *v = (struct value){start + 1, (size_t)(stop - start - 1), true};
        r->p = stop + 1;
        return true;
    }
    stop = memchr(start, ' ', (size_t)(r->end - start));
    r->p = stop != NULL ? stop : r->end;
    v->len = (size_t)(r->p - start);
    return v->len != 0;
}

static bool next_tab(struct reader *r, struct value *v) {
    const char *stop = memchr(r->p, '\t', (size_t)(r->end - r->p));

    if (stop == NULL)
        stop = r->end;
    *v = (struct value){r->p, (size_t)(stop - r->p), false};
    if (v->len >= 2 && v->p[0] == '"' && stop[-1] == '"')
        *v = (struct value){v->p + 1, v->len - 2, true};
    r->p = stop < r->end ? stop + 1 : r->end + 1;
    return true;
}

static bool next_comma(struct reader *r, struct value *v) {
    while (r->p < r->end && *r->p == ' ')
        r->p++;
    const char *start = r->p, *stop = start;

    if (start < r->end && *start == '"') {
        for (stop++; stop < r->end && (*stop != '"' || stop[1] == '"'); stop++)
            stop += *stop == '"';
        if (stop >= r->end || (stop + 1 < r->end && stop[1] != ','))
            return false;
        *v = (struct value){start + 1, (size_t)(stop - start - 1), true};
        stop++;
    } else {
        stop = memchr(start, ',', (size_t)(r->end - start));
        if (stop == NULL)
            stop = r->end;
        *v = (struct value){start, (size_t)(stop - start), false};
    }
    r->p = stop < r->end ? stop + 1 : r->end + 1;
    return true;
}

static bool columns_left(const struct reader *r) {
    if (r->layout->shape != FW_LAYOUT_WORDS)
        return r->p <= r->end;
    const char *p = r->p;

    while (p < r->end && *p == ' ')
        p++;
    return p < r->end;
}

static bool read_columns(struct reader *r) {
    static bool (*const next[])(struct reader *, struct value *) = {
        [FW_LAYOUT_WORDS] = next_word, [FW_LAYOUT_TABS] = next_tab, [FW_LAYOUT_COMMAS] = next_comma};
    struct value v;

    for (unsigned i = 0; i < r->layout->items; i++) {
        if (!columns_left(r))
            return i >= r->layout->needed;
        if (!next[r->layout->shape](r, &v))
            return false;
        put_value(r, r->layout->item[i].field, v);
    }
    return r->layout->more || !columns_left(r);
}

/* ---- names ---- */

/* The item of a name, or -1. */
static int find_item(struct reader *r, const char *name, size_t len) {
    const unsigned n = r->layout->items;

    for (unsigned k = 0, i = r->next; k < n; k++, i = i + 1 == n ? 0 : i + 1) {
        const struct fw_str *one = &r->layout->item[i].name;

        if (one->len == len && memcmp(one->p, name, len) == 0) {
            r->next = i + 1 == n ? 0 : i + 1;
            return (int)i;
        }
    }
    return -1;
}

/* Rule 3. */
static void put_named(struct reader *r, int item, struct value v) {
    if (item < 0)
        return;
    struct fw_str *seen = &r->seen[item];

    if (seen->p != NULL) {
        if (seen->len != v.len || memcmp(seen->p, v.p, v.len) != 0)
            r->impossible = true;
        return;
    }
    *seen = (struct fw_str){v.p, (uint32_t)v.len};
    put_value(r, r->layout->item[item].field, v);
}

static bool read_pairs(struct reader *r, char separator) {
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
        const int item = find_item(r, name, (size_t)(r->p - name));
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
        put_named(r, item, (struct value){start, (size_t)(stop - start), quoted});
    }
    return true;
}

/* ---- JSON ---- */

struct path {
    char text[PATH_MAX_];
    size_t len; /* beyond PATH_MAX_: nobody's */
};

static void skip_space(struct reader *r) {
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
}

static bool take(struct reader *r, char c) {
    skip_space(r);
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* Behind an opening quote: the raw text up to the closing one. */
static bool json_string(struct reader *r, struct value *v, bool *escaped) {
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
    *v = (struct value){start, (size_t)(r->p - start), true};
    r->p++;
    return true;
}

/* Takes the escapes out; \u stays as it is, but for what is one byte. */
static void unescape(struct reader *r, struct value *v) {
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

static bool json_value(struct reader *r, struct path *path, unsigned depth);

static bool json_members(struct reader *r, struct path *path, unsigned depth) {
    const size_t before = path->len;
    struct value key;
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

/* Of an array the first element counts, by the path of the array. */
static bool json_elements(struct reader *r, struct path *path, unsigned depth) {
    const size_t before = path->len;

    if (take(r, ']'))
        return true;
    do {
        if (!json_value(r, path, depth + 1))
            return false;
        path->len = sizeof path->text + 1;
    } while (take(r, ','));
    path->len = before;
    return take(r, ']');
}

static bool json_value(struct reader *r, struct path *path, unsigned depth) {
    const bool ours = path->len <= sizeof path->text;
    struct value v;
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
        const int item = ours ? find_item(r, path->text, path->len) : -1;

        if (item >= 0 && escaped)
            unescape(r, &v);
        put_named(r, item, v);
        return true;
    }
    const char *start = r->p;

    while (r->p < r->end && *r->p != ',' && *r->p != '}' && *r->p != ']' && *r->p != ' ')
        r->p++;
    v = (struct value){start, (size_t)(r->p - start), false};
    if (v.len == 0 || r->p == r->end)
        return false;
    if (v.len != 4 || memcmp(v.p, "null", 4) != 0)
        put_named(r, ours ? find_item(r, path->text, path->len) : -1, v);
    return true;
}

static bool read_json(struct reader *r) {
    struct path path = {.len = 0};

    while (r->p < r->end && *r->p != '{')
        r->p++;
    return json_value(r, &path, 0);
}

/* ---- the whole ---- */

/* "http://www.example.com:8080/x": what stands between "//" and "/", ":", "?" or the end, behind user and password */
static void put_host(struct reader *r) {
    const struct fw_str *url = &r->ev->url;
    const char *end = url->p + url->len;
    const char *p = memchr(url->p, ':', url->len);
    const char *stop;

    if (p == NULL || end - p < 4 || p[1] != '/' || p[2] != '/' || p - url->p > 8)
        return;
    p += 3;
    for (stop = p; stop < end && *stop != '/' && *stop != '?' && *stop != '#'; stop++)
        if (*stop == '@')
            p = stop + 1;
    end = stop;
    if (p < end && *p == '[')
        return;
    for (stop = p; stop < end && *stop != ':'; stop++)
        ;
    if (stop > p)
        put(r, FW_F_host, p, (size_t)(stop - p));
}

static bool has_ports(uint8_t proto) {
    return proto == FW_PROTO_TCP || proto == FW_PROTO_UDP || proto == 33 || proto == 132 || proto == 136;
}

static void finish(struct reader *r) {
    struct fw_event *ev = r->ev;

    if (fw_event_has(ev, FW_BIT(proto)) && !has_ports(ev->proto))
        ev->present &= ~(FW_BIT(sport) | FW_BIT(dport) | FW_BIT(nat_sport) | FW_BIT(nat_dport));
    if (fw_event_has(ev, FW_BIT(url)) && !fw_event_has(ev, FW_BIT(host)))
        put_host(r);
    if (r->begin != FW_TIME_NONE && ev->time != FW_TIME_NONE && ev->time >= r->begin &&
        !fw_event_has(ev, FW_BIT(duration))) {
        ev->duration = (uint64_t)(ev->time - r->begin);
        ev->present |= FW_BIT(duration);
    }
}

enum fw_parse_result fw_layout_read(const struct fw_layout *layout, const char *content, size_t len, char *scratch,
                                    struct fw_event *ev) {
    static const char separators[] = {
        [FW_LAYOUT_PAIRS] = ' ', [FW_LAYOUT_PAIRS_TAB] = '\t', [FW_LAYOUT_PAIRS_COMMA] = ','};
    struct reader r = {
        .layout = layout, .p = content, .end = content + len, .scratch = scratch, .ev = ev, .begin = FW_TIME_NONE};
    const bool read = layout->shape < FW_LAYOUT_PAIRS   ? read_columns(&r)
                      : layout->shape != FW_LAYOUT_JSON ? read_pairs(&r, separators[layout->shape])
                                                        : read_json(&r);

    if (!read)
        return FW_PARSE_UNPARSED;
    finish(&r);
    return r.impossible ? FW_PARSE_REFUSED : FW_PARSE_EVENT;
}
