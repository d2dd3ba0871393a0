/* layout_value.c: see layout_value.h; what each field's value may be is told in layout.h. */
#include "layout_value.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "convert.h"
#include "names.h"
#include "stamp.h"

#define FW_LABEL_MAX 64 /* RFC 1035: 63 */

enum own {
    OWN_TIME = FW_FIELDS,
    OWN_BEGIN,
    OWN_REQUEST,
    OWN_SRC_PORT,
    OWN_DST_PORT,
    OWN_DURATION_MS,
    OWN_RESULT,
    OWN_PEER,
    OWN_LABELS,
    OWN_ADDRESSES,
    OWN_END
};
static const char *const own_names[] = {"time",        "begin",  "request", "src:sport", "dst:dport",
                                        "duration_ms", "result", "peer",    "labels",    "addresses"};
_Static_assert(sizeof own_names / sizeof *own_names == OWN_END - FW_FIELDS, "one name each");

int fw_layout_field(const char *name, size_t len) {
    for (int i = 0; i < OWN_END - FW_FIELDS; i++)
        if (strlen(own_names[i]) == len && memcmp(own_names[i], name, len) == 0)
            return FW_FIELDS + i;
    return fw_field_find(name, len);
}

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

static bool is_absent(const struct fw_layout_value *v) {
    return v->len == 0 || (v->len == 1 && *v->p == '-') || (v->len == 4 && strncasecmp(v->p, "none", 4) == 0) ||
           (v->len == 2 && memcmp(v->p, "NA", 2) == 0) || (v->len == 3 && memcmp(v->p, "N/A", 3) == 0);
}

static void put(struct fw_layout_reader *r, int field, const char *p, size_t len) {
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

static fw_time read_time(const struct fw_layout_value *v) {
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
static void put_request(struct fw_layout_reader *r, const struct fw_layout_value *v) {
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
static void put_socket(struct fw_layout_reader *r, const struct fw_layout_value *v, enum fw_field addr,
                       enum fw_field port) {
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

static bool is_zero(const struct fw_layout_value *v) {
    for (size_t i = 0; i < v->len; i++)
        if (v->p[i] != '0' && v->p[i] != '.' && v->p[i] != ':')
            return false;
    return true;
}

static void put_action(struct fw_layout_reader *r, const struct fw_layout_value *v) {
    unsigned word;

    if (fw_names_find(FW_NAMES_ACTION, v->p, v->len, &word)) {
        r->ev->action = (uint8_t)word;
        r->ev->present |= FW_BIT(action);
    }
}

/* "TCP_DENIED/403" */
static void put_result(struct fw_layout_reader *r, const struct fw_layout_value *v) {
    const char *slash = memchr(v->p, '/', v->len);
    const size_t denied = sizeof "TCP_DENIED" - 1;

    if (slash == NULL) {
        r->impossible = true;
        return;
    }
    const struct fw_layout_value status = {slash + 1, v->len - (size_t)(slash + 1 - v->p), false};

    if (!is_zero(&status))
        put(r, FW_F_status, status.p, status.len);
    r->ev->action = v->len > denied && memcmp(v->p, "TCP_DENIED", denied) == 0 ? FW_ACTION_DENY : FW_ACTION_ALLOW;
    r->ev->present |= FW_BIT(action);
}

/* "(3)www(7)example(3)com(0)" as "www.example.com"; a label must be as long as it says, or a stranger shifted it */
static void put_labels(struct fw_layout_reader *r, const struct fw_layout_value *v) {
    const char *p = v->p, *end = v->p + v->len;
    char *out = r->scratch;

    while (p < end && *p == '(') {
        size_t len = 0;

        for (p++; p < end && is_digit(*p) && len < FW_LABEL_MAX; p++)
            len = len * 10 + (size_t)(*p - '0');
        if (p == end || *p++ != ')')
            break;
        if (len == 0) {
            put(r, FW_F_query, r->scratch, (size_t)(out - r->scratch));
            r->impossible = r->impossible || p != end;
            r->scratch = out;
            return;
        }
        if (len > (size_t)(end - p))
            break;
        if (out > r->scratch)
            *out++ = '.';
        memcpy(out, p, len);
        out += len;
        p += len;
    }
    r->impossible = true;
}

/* The first of several answers that is an address; the others are names. */
static void put_address(struct fw_layout_reader *r, const struct fw_layout_value *v) {
    union fw_addr addr;

    if (!(r->ev->present & FW_BIT(answer)) && fw_addr_parse(&addr, v->p, v->len) == 0)
        put(r, FW_F_answer, v->p, v->len);
}

static void put_own(struct fw_layout_reader *r, int field, const struct fw_layout_value *v) {
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
    case OWN_LABELS:
        put_labels(r, v);
        break;
    case OWN_ADDRESSES:
        put_address(r, v);
        break;
    case OWN_PEER:
        if (memchr(v->p, '/', v->len) == NULL)
            r->impossible = true; /* the columns are shifted */
        break;
    default:
        break;
    }
}

void fw_layout_put(struct fw_layout_reader *r, int field, struct fw_layout_value v) {
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
            v = (struct fw_layout_value){v.p + 1, v.len - 2, true};
        put(r, field, v.p, v.len);
        return;
    default:
        if (field >= FW_FIELDS)
            put_own(r, field, &v);
        else if (!(r->ev->present & UINT64_C(1) << field)) /* the first of several names for it */
            put(r, field, v.p, v.len);
    }
}

/* The item of a name, or -1. */
int fw_layout_find(struct fw_layout_reader *r, const char *name, size_t len) {
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

bool fw_layout_collects(const struct fw_layout_reader *r, const char *path, size_t len) {
    for (unsigned i = 0; i < r->layout->items; i++) {
        const struct fw_str *name = &r->layout->item[i].name;

        if (r->layout->item[i].field == OWN_ADDRESSES && name->len >= len && memcmp(name->p, path, len) == 0 &&
            (name->len == len || name->p[len] == '.'))
            return true;
    }
    return false;
}

/* Rule 3. */
void fw_layout_put_named(struct fw_layout_reader *r, int item, struct fw_layout_value v) {
    if (item < 0)
        return;
    if (r->layout->item[item].field == OWN_ADDRESSES) { /* there may be many */
        fw_layout_put(r, OWN_ADDRESSES, v);
        return;
    }
    struct fw_str *seen = &r->seen[item];

    if (seen->p != NULL) {
        if (seen->len != v.len || memcmp(seen->p, v.p, v.len) != 0)
            r->impossible = true;
        return;
    }
    *seen = (struct fw_str){v.p, (uint32_t)v.len};
    fw_layout_put(r, r->layout->item[item].field, v);
}

/* "http://www.example.com:8080/x": what stands between "//" and "/", ":", "?" or the end, behind user and password */
static void put_host(struct fw_layout_reader *r) {
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

void fw_layout_finish(struct fw_layout_reader *r) {
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
