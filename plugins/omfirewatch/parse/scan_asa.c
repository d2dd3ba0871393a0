/* scan_asa.c: the connections of Cisco ASA, FTD, PIX and FWSM, 302013 to 302016.
 *
 *   %ASA-6-302013: Built outbound TCP connection 7 for outside:B/p (B'/p') to inside:A/q (A'/q') (user)
 *   %ASA-6-302014: Teardown TCP connection 7 for outside:B/p to inside:A/q duration 0:01:23 bytes 526 TCP FINs from x (user)
 *
 * Most lines of such a device are these, and of liblognorm's ways to take one
 * apart none costs less than a JSON string for each of a dozen fields. liblognorm
 * recognises the message; the words are read here. Rules:
 *  1. Built inbound: the first end opened it; outbound: the second one.
 *  2. Teardown does not say; the first end is put down as the source, and the
 *     rule's orient="ports" and the join by connection number set it right.
 *  3. An end is interface, colon, address, slash, port; behind it a user in
 *     parentheses, with a blank before it or none. The first user named counts.
 *     An interface may hold blanks ("NP Identity Ifc"), an address only those of
 *     its kind.
 *  4. "SYN Timeout": nobody answered, so no payload went either way, whatever
 *     the device counted.
 * One pass, no memory. Who sends packets chooses addresses and ports; who logs
 * in chooses the user name, up to its closing parenthesis.
 */
#include "scan.h"

#include <string.h>

#include "convert.h"

struct cursor {
    const char *p;
    const char *end;
    struct fw_event *ev;
    bool possible; /* every value so far is one */
};

static bool skip(struct cursor *c, const char *literal, size_t len) {
    if ((size_t)(c->end - c->p) < len || memcmp(c->p, literal, len) != 0)
        return false;
    c->p += len;
    return true;
}
#define SKIP(c, literal) skip(c, literal, sizeof(literal) - 1)

static void put(struct cursor *c, enum fw_field field, const char *text, size_t len) {
    if (fw_convert(c->ev, field, text, len) != 0)
        c->possible = false;
}

/* Up to the next `stop`, which is passed; NULL when there is none or nothing before it. */
static const char *word(struct cursor *c, char stop, size_t *len) {
    const char *start = c->p;
    const char *at = memchr(start, stop, (size_t)(c->end - start));

    if (at == NULL || at == start)
        return NULL;
    *len = (size_t)(at - start);
    c->p = at + 1;
    return start;
}

/* Digits, at least one. */
static size_t digits(const struct cursor *c) {
    size_t n = 0;

    while (c->p + n < c->end && (unsigned char)(c->p[n] - '0') < 10)
        n++;
    return n;
}

static bool number(struct cursor *c, enum fw_field field) {
    const size_t n = digits(c);

    if (n == 0)
        return false;
    put(c, field, c->p, n);
    c->p += n;
    return true;
}

/* The fields that one end of a connection becomes. */
struct side {
    enum fw_field interface, addr, port, nat_addr, nat_port;
};
static const struct side source = {FW_F_in_if, FW_F_src, FW_F_sport, FW_F_nat_src, FW_F_nat_sport};
static const struct side destination = {FW_F_out_if, FW_F_dst, FW_F_dport, FW_F_nat_dst, FW_F_nat_dport};

static bool address(struct cursor *c, enum fw_field addr, enum fw_field port) {
    size_t len;
    const char *text = word(c, '/', &len);

    if (text == NULL)
        return false;
    put(c, addr, text, len);
    return number(c, port);
}

/* "(user)", " (user)", or nothing: rule 3. */
static void user(struct cursor *c) {
    const char *p = c->p;

    if (p < c->end && *p == ' ')
        p++;
    if (p >= c->end || *p != '(')
        return;
    const char *close = memchr(p, ')', (size_t)(c->end - p));

    if (close == NULL)
        return;
    if (!fw_event_has(c->ev, FW_BIT(user)))
        put(c, FW_F_user, p + 1, (size_t)(close - p - 1));
    c->p = close + 1;
}

static bool side(struct cursor *c, const struct side *fields, bool translated) {
    size_t len;
    const char *interface = word(c, ':', &len);

    if (interface == NULL)
        return false;
    put(c, fields->interface, interface, len);
    if (c->p < c->end && *c->p == ' ')
        c->p++;
    if (!address(c, fields->addr, fields->port))
        return false;
    if (translated && !(SKIP(c, " (") && address(c, fields->nat_addr, fields->nat_port) && SKIP(c, ")")))
        return false;
    user(c);
    return true;
}

static bool built(struct cursor *c) {
    const bool inbound = SKIP(c, "inbound ");

    if (!inbound && !SKIP(c, "outbound "))
        return false;
    if (!SKIP(c, "TCP connection ") && !SKIP(c, "UDP connection "))
        return false;
    return number(c, FW_F_session) && SKIP(c, " for ") && side(c, inbound ? &source : &destination, true) &&
           SKIP(c, " to ") && side(c, inbound ? &destination : &source, true);
}

/* What follows the bytes: " TCP FINs", " TCP Reset-O from inside", " SYN Timeout (user)", " (user)", "". */
static void reason(struct cursor *c) {
    user(c);
    if (c->p == c->end || *c->p != ' ')
        return;
    const char *start = ++c->p;
    const char *end = start;

    while (end < c->end && *end != '(' && !(*end == ' ' && c->end - end > 6 && memcmp(end, " from ", 6) == 0))
        end++;
    const bool by_user = end < c->end && *end == '(';

    c->p = end;
    while (end > start && end[-1] == ' ')
        end--;
    if (end > start)
        put(c, FW_F_reason, start, (size_t)(end - start));
    if (end - start == 11 && memcmp(start, "SYN Timeout", 11) == 0) /* rule 4 */
        c->ev->bytes = 0;
    if (by_user)
        user(c);
}

static bool teardown(struct cursor *c) {
    size_t len;
    const char *duration;

    if (!SKIP(c, "TCP connection ") && !SKIP(c, "UDP connection "))
        return false;
    if (!(number(c, FW_F_session) && SKIP(c, " for ") && side(c, &source, false) && SKIP(c, " to ") &&
          side(c, &destination, false) && SKIP(c, " duration ")))
        return false;
    if ((duration = word(c, ' ', &len)) == NULL)
        return false;
    put(c, FW_F_duration, duration, len);
    if (!SKIP(c, "bytes ") || !number(c, FW_F_bytes))
        return false;
    reason(c);
    return true;
}

enum fw_parse_result fw_scan_asa(const char *content, size_t len, struct fw_event *ev) {
    struct cursor c = {content, content + len, ev, true};
    size_t mnemonic;

    if (word(&c, ' ', &mnemonic) == NULL ||
        !((SKIP(&c, "Built ") && built(&c)) || (SKIP(&c, "Teardown ") && teardown(&c))))
        return FW_PARSE_UNPARSED;
    return c.possible ? FW_PARSE_EVENT : FW_PARSE_REFUSED;
}
