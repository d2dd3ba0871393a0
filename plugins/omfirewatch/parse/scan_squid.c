/* scan_squid.c: one request in Squid's native access.log.
 *
 *   1672843056.999     84 10.1.0.18 TCP_TUNNEL/200 20275 CONNECT www.example.com:443 - HIER_DIRECT/198.51.100.1 -
 *   stamp         elapsed client    result/status  bytes method  URL          user  hierarchy/peer         MIME type
 *
 * The rule has seen the beginning. A URL may hold anything, blanks too where
 * Squid is told to let them be, so what follows it is taken from the right: the
 * URL cannot forge it, and a MIME type with blanks, which the server chooses, can
 * forge a user and nothing else. Columns that somebody added on the right are
 * read over when the URL has no blanks. Rules:
 *  1. The stamp, when it is there (behind a syslog header), is the event's time:
 *     when the request was over. The elapsed time is its duration.
 *  2. TCP_DENIED... was refused by the proxy; all else was let through.
 *  3. "-" is absent, and so is status 000, which nobody sent.
 *  4. The host is that of the URL, of CONNECT the name before the port; without
 *     its brackets, without user and password. Its port is the one written, else
 *     that of the scheme.
 *  5. The destination is the address that Squid connected to for it; through
 *     another proxy it is not known, except where the host is an address itself.
 * One pass, no memory. Whoever makes requests chooses method, URL and with it
 * host and port; whoever answers chooses the MIME type.
 */
#include "scan.h"

#include <string.h>

#include "convert.h"

#define STAMP_DIGITS 10 /* 2001 to 2286 */
#define PORT_MAX     65535

struct words {
    const char *p;
    const char *end;
};

/* The next word, up to a blank or the end. */
static bool next(struct words *words, struct fw_str *word) {
    while (words->p < words->end && *words->p == ' ')
        words->p++;
    const char *start = words->p;

    while (words->p < words->end && *words->p != ' ')
        words->p++;
    *word = (struct fw_str){start, (uint32_t)(words->p - start)};
    return word->len > 0;
}

/* The last word. */
static bool last(struct words *words, struct fw_str *word) {
    while (words->end > words->p && words->end[-1] == ' ')
        words->end--;
    const char *end = words->end;

    while (words->end > words->p && words->end[-1] != ' ')
        words->end--;
    *word = (struct fw_str){words->end, (uint32_t)(end - words->end)};
    return word->len > 0;
}

static bool number(const struct fw_str *word, uint64_t *value) {
    *value = 0;
    if (word->len == 0 || word->len > 18)
        return false;
    for (uint32_t i = 0; i < word->len; i++) {
        const unsigned digit = (unsigned char)word->p[i] - '0';

        if (digit > 9)
            return false;
        *value = *value * 10 + digit;
    }
    return true;
}

/* "left/right" */
static bool halves(const struct fw_str *word, struct fw_str *left, struct fw_str *right) {
    const char *slash = memchr(word->p, '/', word->len);

    if (slash == NULL)
        return false;
    *left = (struct fw_str){word->p, (uint32_t)(slash - word->p)};
    *right = (struct fw_str){slash + 1, (uint32_t)(word->p + word->len - slash - 1)};
    return left->len > 0;
}

/* "HIER_DIRECT/198.51.100.1" */
static bool is_peering(const struct fw_str *word) {
    uint32_t i = 0;

    while (i < word->len && ((word->p[i] >= 'A' && word->p[i] <= 'Z') || word->p[i] == '_'))
        i++;
    return i > 0 && i + 1 < word->len && word->p[i] == '/';
}

static bool begins(const struct fw_str *word, const char *text) {
    const size_t len = strlen(text);

    return word->len >= len && memcmp(word->p, text, len) == 0;
}

static bool holds(const struct fw_str *word, const char *text) {
    const size_t len = strlen(text);

    for (uint32_t i = 0; i + len <= word->len; i++)
        if (memcmp(word->p + i, text, len) == 0)
            return true;
    return false;
}

static int put(struct fw_event *ev, enum fw_field field, const struct fw_str *word) {
    if (word->len == 1 && word->p[0] == '-') /* rule 3 */
        return 0;
    return fw_convert(ev, field, word->p, word->len);
}

/* Rule 1: "1672843056.999". */
static bool stamp(const struct fw_str *word, struct fw_event *ev) {
    struct fw_str seconds = {word->p, STAMP_DIGITS};
    struct fw_str ms = {word->p + STAMP_DIGITS + 1, 3};
    uint64_t s, fraction;

    if (word->len != STAMP_DIGITS + 4 || word->p[STAMP_DIGITS] != '.' || !number(&seconds, &s) ||
        !number(&ms, &fraction))
        return false;
    ev->time = (fw_time)s * FW_SECOND + (fw_time)fraction;
    return true;
}

/* "www.example.com:443", "[2001:db8::1]:443", "www.example.com"; port 0: none is written. False: it is none. */
static bool authority(struct fw_str *text, uint16_t *port) {
    struct fw_str digits = {NULL, 0};
    const char *end = text->p + text->len;
    uint64_t value = 0;

    if (text->len > 0 && text->p[0] == '[') {
        const char *close = memchr(text->p, ']', text->len);

        if (close == NULL)
            return false;
        if (close + 1 < end && close[1] == ':')
            digits = (struct fw_str){close + 2, (uint32_t)(end - close - 2)};
        *text = (struct fw_str){text->p + 1, (uint32_t)(close - text->p - 1)};
    } else {
        const char *colon = memchr(text->p, ':', text->len);

        if (colon != NULL) {
            digits = (struct fw_str){colon + 1, (uint32_t)(end - colon - 1)};
            text->len = (uint32_t)(colon - text->p);
        }
    }
    if (digits.len > 0 && (!number(&digits, &value) || value == 0 || value > PORT_MAX))
        return false;
    *port = (uint16_t)value;
    return text->len > 0;
}

/* Rule 4. */
static void host(const struct fw_str *url, bool connects, struct fw_event *ev) {
    static const struct {
        const char *scheme;
        uint16_t port;
    } known[] = {{"http://", 80}, {"https://", 443}, {"ftp://", 21}};
    struct fw_str text = *url;
    uint16_t implied = 0, port = 0;

    if (!connects) {
        size_t i = 0;

        while (i < sizeof known / sizeof *known && !begins(url, known[i].scheme))
            i++;
        if (i == sizeof known / sizeof *known)
            return;
        implied = known[i].port;
        text.p += strlen(known[i].scheme);
        text.len -= (uint32_t)strlen(known[i].scheme);
        for (uint32_t n = 0; n < text.len; n++)
            if (text.p[n] == '/' || text.p[n] == '?' || text.p[n] == '#')
                text.len = n;
        for (uint32_t n = text.len; n > 0; n--)
            if (text.p[n - 1] == '@') {
                text.p += n;
                text.len -= n;
                break;
            }
    }
    if (!authority(&text, &port))
        return;
    ev->host = text;
    ev->present |= FW_BIT(host);
    if (port != 0 || implied != 0) {
        ev->dport = port != 0 ? port : implied;
        ev->present |= FW_BIT(dport);
    }
}

/* Rule 5. */
static void destination(const struct fw_str *hierarchy, const struct fw_str *peer, struct fw_event *ev) {
    union fw_addr addr;
    const bool direct = holds(hierarchy, "DIRECT") || holds(hierarchy, "ORIGINAL_DST") || holds(hierarchy, "PINNED");

    if (!(direct && fw_addr_parse(&addr, peer->p, peer->len) == 0) &&
        !(fw_event_has(ev, FW_BIT(host)) && fw_addr_parse(&addr, ev->host.p, ev->host.len) == 0))
        return;
    ev->dst = addr;
    ev->present |= FW_BIT(dst);
}

/* URL, user, hierarchy and MIME type: what is left of the line. */
static bool tail(const struct words *from, struct fw_str *url, struct fw_str *user, struct fw_str *peering,
                 struct fw_str *mime) {
    struct words words = *from;

    if (last(&words, mime) && last(&words, peering) && is_peering(peering) && last(&words, user) &&
        words.p < words.end) {
        while (words.end > words.p && words.end[-1] == ' ')
            words.end--;
        while (words.p < words.end && *words.p == ' ')
            words.p++;
        *url = (struct fw_str){words.p, (uint32_t)(words.end - words.p)};
        return url->len > 0;
    }
    words = *from;
    return next(&words, url) && next(&words, user) && next(&words, peering) && is_peering(peering) &&
           next(&words, mime);
}

enum fw_parse_result fw_scan_squid(const char *content, size_t len, struct fw_event *ev) {
    struct words words = {content, content + len};
    struct fw_str elapsed, client, result, bytes, method, url, user, peering, mime;
    struct fw_str code, status, hierarchy, peer;
    uint64_t ms;

    if (!next(&words, &elapsed))
        return FW_PARSE_UNPARSED;
    if (stamp(&elapsed, ev) && !next(&words, &elapsed))
        return FW_PARSE_UNPARSED;
    if (!number(&elapsed, &ms) || !next(&words, &client) || !next(&words, &result) || !next(&words, &bytes) ||
        !next(&words, &method) || !tail(&words, &url, &user, &peering, &mime) || !halves(&result, &code, &status) ||
        !halves(&peering, &hierarchy, &peer))
        return FW_PARSE_UNPARSED;
    ev->duration = ms;
    ev->present |= FW_BIT(duration) | FW_BIT(action);
    ev->action = begins(&code, "TCP_DENIED") ? FW_ACTION_DENY : FW_ACTION_ALLOW; /* rule 2 */
    if (put(ev, FW_F_src, &client) != 0 || put(ev, FW_F_rcvd, &bytes) != 0 || put(ev, FW_F_method, &method) != 0 ||
        put(ev, FW_F_url, &url) != 0 || put(ev, FW_F_user, &user) != 0 || put(ev, FW_F_mime, &mime) != 0 ||
        put(ev, FW_F_status, &status) != 0)
        return FW_PARSE_REFUSED;
    if (ev->status == 0)
        ev->present &= ~FW_BIT(status);
    host(&url, method.len == 7 && memcmp(method.p, "CONNECT", 7) == 0, ev);
    destination(&hierarchy, &peer, ev);
    return FW_PARSE_EVENT;
}
