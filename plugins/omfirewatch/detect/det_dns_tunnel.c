/* det_dns_tunnel.c: data that leaves in the names that are asked for (N11).
 *
 * Algorithm: a tunnel through DNS writes its data into names below a domain of its
 * own, each asked for once. What comes back is in answers of types that have room
 * for it; while it does, the names are short: dns2tcp's have 10 bytes then, iodine's
 * 8, dnscat2's 18 or 34 (measured, doc/detectors/dns_tunnel.md). RITA counts the names below a domain ("exploded DNS");
 * Paxson and others (Practical Comprehensive Bounds on Surreptitious Communication
 * Over DNS, USENIX Security 2013) count what they can carry, and set the bar at 4 kB
 * for a client and domain a day. Where there is a firewall's log only, what a program
 * with one socket sends to port 53 for minutes tells it.
 *
 * Steps, which code and tests repeat:
 *   1. a question, by the log of a resolver: the domain is the last two labels, or three
 *      where the second is as short as "co" in co.uk; names of addresses (in-addr.arpa,
 *      and those that begin with an address of IPv4 or with an IPv6 one's digits, as block
 *      lists are asked) are none, nor are names below what is listed (core/lists.h) as of
 *      update services or as known and of no interest: nobody else's servers answer there;
 *   2. of a source and domain the different names are counted, and what stands before
 *      the domain is what they carry;
 *   3. `names` different ones within `window`, of `length` bytes on average, `bytes`
 *      together: reported; where half of the questions are for TXT, NULL or other types
 *      that bring much back, it is the second stage, four times `bytes` the third;
 *   4. `names` different ones too short for that, half of the questions or more for such
 *      types: reported as the second stage. Nobody but a mail server asks for so many
 *      texts, and that asks many domains;
 *   5. a session on port 53 of `lasts`, or longer, with `volume` bytes sent: reported.
 *      Resolvers that keep their socket have the role dns_server.
 *
 * Memory: about 260 bytes a source and domain asked twice, 28 bytes a name. What an
 * attacker controls: names, of which hashes are kept, and a domain of 63 bytes; he may
 * stay below the bar, which is what Paxson's bound says.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"
#include "rate.h"

enum param { P_WINDOW, P_NAMES, P_LENGTH, P_BYTES, P_LASTS, P_VOLUME };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 600, 86400, 3600, "a tunnel in use says more in an hour",
                  "names are counted over so long; quiet time after which a domain is forgotten"},
    [P_NAMES] = {"names", FW_UNIT_COUNT, 20, FW_DISTINCT_MAX, 64, "4 kB in the longest names that fit",
                 "different names below one domain"},
    [P_LENGTH] = {"length", FW_UNIT_COUNT, 8, 200, 24, "names of delivery networks have 10 to 20 before the domain",
                  "bytes before the domain, on average"},
    [P_BYTES] = {"bytes", FW_UNIT_COUNT, 512, 1000000, 4096, "Paxson 2013: 4 kB", "bytes before the domain, together"},
    [P_LASTS] = {"lasts", FW_UNIT_SECONDS, 60, 86400, 600, "a question and its answer take seconds",
                 "a session on port 53 of this length"},
    [P_VOLUME] = {"volume", FW_UNIT_COUNT, 1024, 1000000000, 20480, "iodine that idles: 60 bytes every 2 s",
                  "bytes sent in such a session"},
    {.name = NULL},
};

#define PORT             53
#define SHORT_LABEL      3 /* "co", "com", "ac": where it is the second, the third is what one registers */
#define HEAVY            4 /* times `bytes` for the third stage */
#define LABELS_OF_DIGITS 16

enum { FORM_DOMAIN = 1, FORM_SESSION };

struct key {
    union fw_addr src;
    union fw_addr dst; /* the resolver, or two hashes of the domain */
    uint64_t form;
};

struct asked {
    struct fw_matter matter;
    struct fw_distinct names;
    struct fw_rate carried;   /* bytes of different names */
    struct fw_rate questions; /* all */
    struct fw_rate rich;      /* of types that bring much back */
    uint64_t longest;         /* milliseconds of a session */
    uint64_t sent, rcvd;      /* of that */
    uint8_t by_type;          /* step 4 told it */
    uint8_t zero[7];
    char domain[FW_DOMAIN_MAX];
};

/* ---- step 1 ---- */

struct name {
    const char *domain; /* within the query */
    uint32_t domain_len;
    uint32_t before; /* bytes of what stands before it, its dot not counted */
};

static bool ends_in(const struct fw_str *text, const char *end) {
    const uint32_t n = (uint32_t)strlen(end);
    if (text->len < n)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if ((text->p[text->len - n + i] | 0x20) != (end[i] | 0x20))
            return false;
    return true;
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* "4.3.2.1.zen.example.org": four numbers first. */
static bool begins_with_address(const struct fw_str *text) {
    uint32_t i = 0, numbers = 0;
    while (i < text->len && numbers < 4) {
        uint32_t digits = 0;
        while (i < text->len && text->p[i] >= '0' && text->p[i] <= '9') {
            i++;
            digits++;
        }
        if (digits == 0 || digits > 3 || i == text->len || text->p[i] != '.')
            return false;
        i++;
        numbers++;
    }
    return numbers == 4;
}

/* "b.a.9.8. ... .2.ip6.example.org": an IPv6 address has 32 labels of one hexadecimal digit; its network has 16. */
static bool begins_with_digits(const struct fw_str *text) {
    uint32_t i = 0;
    while (i + 1 < text->len && i < 2 * LABELS_OF_DIGITS && text->p[i + 1] == '.' && is_hex(text->p[i]))
        i += 2;
    return i >= 2 * LABELS_OF_DIGITS;
}

static bool split(const struct fw_str *given, struct name *name) {
    struct fw_str query = *given;
    uint32_t dots[3] = {0}, found = 0;
    if (query.len > 0 && query.p[query.len - 1] == '.') /* the root */
        query.len--;
    for (uint32_t i = query.len; i-- > 0 && found < 3;)
        if (query.p[i] == '.')
            dots[found++] = i + 1;
    if (found < 2 || ends_in(&query, ".arpa") || begins_with_address(&query) || begins_with_digits(&query))
        return false;
    const bool is_short = dots[0] - 1 - dots[1] <= SHORT_LABEL;
    if (is_short && found < 3)
        return false;
    const uint32_t at = dots[is_short ? 2 : 1];
    *name = (struct name){.domain = query.p + at, .domain_len = query.len - at, .before = at - 1};
    return name->domain_len > 0;
}

/* What is asked in capitals and what is not is the same domain; 0x20 mixes them on purpose. */
static union fw_addr fold(const char *p, uint32_t len) {
    char text[256];
    const uint32_t n = len < sizeof text ? len : sizeof text;
    for (uint32_t i = 0; i < n; i++)
        text[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i]);
    const struct fw_seed other = {{fw_seed_fixed.k[1], ~fw_seed_fixed.k[0]}};
    return (union fw_addr){.q = {fw_hash(&fw_seed_fixed, text, n), fw_hash(&other, text, n)}};
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    struct key *key = out;
    struct name name;
    (void)det;
    memset(key, 0, sizeof *key);
    key->src = ev->src;
    if (ev->kind == FW_KIND_DNS) {
        if (!fw_event_has(ev, FW_BIT(query)) || !split(&ev->query, &name) || (ev->src_roles & FW_ROLE_HOME) == 0)
            return false;
        key->dst = fold(name.domain, name.domain_len);
        key->form = FORM_DOMAIN;
        return true;
    }
    if (ev->kind != FW_KIND_FLOW_END || !fw_event_has(ev, FW_BIT(dst) | FW_BIT(dport) | FW_BIT(proto)) ||
        ev->dport != PORT || (ev->src_roles & FW_ROLE_HOME) == 0)
        return false;
    key->dst = ev->dst;
    key->form = FORM_SESSION;
    return true;
}

/* ---- step 2 ---- */

/* 10, 25 and 65399 are NULL, KEY and what iodine calls PRIVATE, where a resolver has no name for them. */
static bool is_rich(const struct fw_event *ev) {
    static const char *const types[] = {"TXT",    "NULL",   "CNAME",   "MX",      "SRV",     "KEY",       "DNSKEY",
                                        "TYPE10", "TYPE25", "type=10", "type=25", "PRIVATE", "TYPE65399", "type=65399"};
    if (!fw_event_has(ev, FW_BIT(qtype)))
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ev->qtype.len == strlen(types[i]) && memcmp(ev->qtype.p, types[i], ev->qtype.len) == 0)
            return true;
    return false;
}

static void add(struct fw_det *det, struct asked *asked, const union fw_addr *name, fw_time time, uint32_t carries) {
    const fw_time window = fw_keyed_window(det);
    if (fw_distinct_add(det->keyed.pool, &asked->names, name, time, window, 0, NULL))
        fw_rate_add(&asked->carried, time, window, carries);
}

/* ---- step 3 ---- */

static struct fw_subject subject_of(const struct key *key) {
    return (struct fw_subject){.src = key->src,
                               .dst = key->dst,
                               .has_src = true,
                               .has_dst = key->form == FORM_SESSION,
                               .proto = key->form == FORM_SESSION ? FW_PROTO_UDP : -1,
                               .dport = key->form == FORM_SESSION ? PORT : -1};
}

static void decide_names(struct fw_det *det, struct asked *asked, fw_time time, const struct fw_sink *sink) {
    const fw_time window = fw_keyed_window(det);
    const uint64_t bytes = fw_rate_now(&asked->carried, time, window);
    const uint64_t bar = (uint64_t)det->values[P_BYTES];
    const struct fw_subject subject = subject_of(fw_table_key(det->keyed.table, asked));
    if (fw_sink_asks(sink)) {
        struct fw_reading reading = {.subject = subject,
                                     .measure = "bytes in names below one domain",
                                     .value = bytes,
                                     .threshold = bar,
                                     .open = asked->matter.handle != 0};
        fw_sink_tell(sink, &reading);
        reading.measure = "names below one domain";
        reading.value = asked->names.count;
        reading.threshold = (uint64_t)det->values[P_NAMES];
        fw_sink_tell(sink, &reading);
    }
    const bool many = asked->names.count >= (uint64_t)det->values[P_NAMES];
    const bool rich = fw_rate_now(&asked->rich, time, window) * 2 >= fw_rate_now(&asked->questions, time, window);
    const bool is_long = many && bytes / asked->names.count >= (uint64_t)det->values[P_LENGTH];
    const bool carry = is_long && bytes >= bar;
    const bool fetch = many && rich && !is_long; /* step 4 */
    if (asked->matter.handle == 0 && !carry && !fetch)
        return;
    if (asked->matter.handle == 0) {
        asked->by_type = !carry;
        asked->matter.threshold = (uint64_t)det->values[carry ? P_BYTES : P_NAMES];
        fw_distinct_sketch(det->keyed.pool, &asked->names);
    }
    struct fw_report report = {
        .subject = subject, .time = time, .stage = 1 + (unsigned)rich + (bytes >= HEAVY * bar), .value = bytes};
    if (asked->by_type)
        report.value = fw_distinct_magnitude(det->keyed.pool, &asked->names, NULL);
    fw_keyed_report(&det->keyed, sink, &asked->matter, &report);
}

/* Step 1. */
static bool is_known(const struct fw_event *ev, const struct fw_sink *sink) {
    bool updates;
    const struct fw_listed *service = fw_lists_host(sink->site, &ev->query, &updates);
    return updates || (service != NULL && strcmp(service->group, "none") == 0);
}

static void observe_question(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    struct name name;
    struct fw_contact first;
    bool noted = false;
    if (!key_of(det, ev, &key) || !split(&ev->query, &name) || name.before == 0 || is_known(ev, sink))
        return;
    const struct fw_contact contact = {.dst = fold(ev->query.p, ev->query.len), .time = ev->time};
    struct asked *asked = fw_keyed_contact(&det->keyed, sink, &key, &contact, &first, &noted);
    if (asked == NULL)
        return;
    if (asked->matter.events == 0) {
        asked->matter.start = noted ? first.time : ev->time;
        const size_t most = sizeof asked->domain - 1;
        memcpy(asked->domain, name.domain, name.domain_len < most ? name.domain_len : most);
    }
    if (noted)
        add(det, asked, &first.dst, first.time, name.before); /* as long as this one, as far as is known */
    fw_keyed_count(&asked->matter, ev, ev->time);
    fw_rate_add(&asked->questions, ev->time, fw_keyed_window(det), 1);
    if (is_rich(ev))
        fw_rate_add(&asked->rich, ev->time, fw_keyed_window(det), 1);
    add(det, asked, &contact.dst, ev->time, name.before);
    decide_names(det, asked, ev->time, sink);
}

/* ---- step 5 ---- */

static void observe_session(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    const bool lasts =
        fw_event_has(ev, FW_BIT(duration)) && ev->duration >= (uint64_t)(det->values[P_LASTS] * FW_SECOND);
    uint64_t sent = fw_event_has(ev, FW_BIT(sent)) ? ev->sent : fw_event_has(ev, FW_BIT(bytes)) ? ev->bytes / 2 : 0;
    if (!lasts || sent < (uint64_t)det->values[P_VOLUME] || !key_of(det, ev, &key))
        return;
    struct asked *asked = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (asked == NULL)
        return;
    if (asked->matter.events == 0)
        asked->matter.start = ev->time - (ev->duration < 86400000 ? (fw_time)ev->duration : 0);
    fw_keyed_count(&asked->matter, ev, ev->time);
    if (ev->duration > asked->longest)
        asked->longest = ev->duration;
    asked->sent += sent;
    asked->rcvd += fw_event_has(ev, FW_BIT(rcvd)) ? ev->rcvd : 0;
    asked->matter.threshold = (uint64_t)det->values[P_VOLUME];
    struct fw_report report = {.subject = subject_of(&key), .time = ev->time, .stage = 1, .value = asked->sent};
    report.subject.proto = ev->proto;
    fw_keyed_report(&det->keyed, sink, &asked->matter, &report);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (ev->kind == FW_KIND_DNS)
        observe_question(det, ev, sink);
    else if (fw_event_has(ev, FW_BIT(dport)) && ev->dport == PORT)
        observe_session(det, ev, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct asked *asked = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], span[24], domain[FW_DOMAIN_MAX] = "";
    (void)fw_addr_format(&key->src, src);
    (void)fw_addr_format(&key->dst, dst);
    out->window = fw_keyed_window(det);
    out->measure = "bytes";
    if (key->form == FORM_SESSION) {
        (void)fw_span_format((fw_time)asked->longest, span, sizeof span);
        (void)snprintf(out->sentence, sizeof out->sentence,
                       "%s had a session of %s with %s on port 53, %llu bytes out and %llu in", src, span, dst,
                       (unsigned long long)asked->sent, (unsigned long long)asked->rcvd);
        out->confidence = 60;
        out->degraded[0] = "query";
        fw_keyed_edges(&asked->matter, &key->dst, PORT, out);
    } else {
        (void)fw_text_append(domain, sizeof domain, 0, asked->domain, strnlen(asked->domain, sizeof asked->domain));
        (void)fw_span_format(asked->matter.last - asked->matter.start, span, sizeof span);
        const unsigned long long names = fw_distinct_magnitude(det->keyed.pool, &asked->names, NULL);
        const unsigned long long bytes = fw_rate_now(&asked->carried, asked->matter.last, out->window);
        const int minutes = (int)(out->window / FW_MINUTE);
        if (asked->by_type) {
            (void)snprintf(out->sentence, sizeof out->sentence,
                           "%s asked for %llu different names below %s in %s, most of them with types that have room "
                           "for data in the answer (TXT, NULL)",
                           src, names, domain, span);
            out->measure = "names";
        } else {
            (void)snprintf(out->sentence, sizeof out->sentence,
                           "%s asked for %llu different names below %s in %s, %llu bytes of them in the last %d min",
                           src, names, domain, span, bytes, minutes);
        }
        (void)snprintf(out->key, sizeof out->key, "%s|%s", src, domain);
        memcpy(out->domain, domain, sizeof out->domain);
        out->confidence = 80;
        fw_keyed_degraded(&asked->names, out);
        fw_keyed_edges(&asked->matter, NULL, -1, out);
    }
    out->next_step =
        "Look at the questions in the resolver's log: names of a reputation service or a delivery network can be told "
        "from data. If it is none of yours, block the domain at the resolver and take the machine off the network; let "
        "only the resolvers ask the outside.";
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "dns_tunnel",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct asked),
                                         .sets = {offsetof(struct asked, names)},
                                         .set_count = 1,
                                         .times = {FW_RATE_TIMES(struct asked, carried),
                                                   FW_RATE_TIMES(struct asked, questions),
                                                   FW_RATE_TIMES(struct asked, rich)},
                                         .time_count = 3 * FW_RATE_TIMES_COUNT,
                                         .table_pct = 50,
                                         .gate = true,
                                         .version = 1,
                                         .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_dns_tunnel = {
    .name = "dns_tunnel",
    .title = "tunnel in DNS",
    .requirement = "N11",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1071.004",
    .technique_name = "Application Layer Protocol: DNS",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_DNS | 1u << FW_KIND_FLOW_END,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(query) | FW_BIT(qtype) | FW_BIT(duration) |
            FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes),
    .guards = FW_ROLE_BIT(dns_server) | FW_ROLE_BIT(mail_server) | FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .observe = observe,
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
