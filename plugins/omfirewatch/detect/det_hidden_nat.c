/* det_hidden_nat.c: several machines behind one address inside (N12).
 *
 * Algorithm: what is different between systems is seen side by side. Bellovin (2002)
 * counted IP ids; source ports, hop limits and the systems that browsers name tell the
 * same. Each sign has an innocent cause (two systems on one machine, a program that
 * chooses its own ports, an address given to somebody else), so two are asked for.
 *
 * Steps, which code and tests repeat:
 *   1. sessions that a machine inside opens to others, no replies; and its requests to a
 *      web proxy;
 *   2. lines of source ports (lines.h), for TCP; two side by side are a sign, three are
 *      two signs: three counters are three systems;
 *   3. ranges of source ports: systems begin at 1024, or at 32768 and above; `each`
 *      sessions of either within an hour, by turns, are a sign;
 *   4. hop limits: systems begin with 64, 128 or 255; `each` of two within an hour, by
 *      turns, are a sign;
 *   5. lines of IP ids: two side by side are a sign;
 *   6. systems that user agents name: three within an hour, each in three requests, are a
 *      sign. Where nothing but the proxy's log is there it is enough;
 *   7. consumption: `busy` times as many sessions in an hour as the median of all
 *      machines inside, and BUSY_LEAST of them, is a sign, but never the second to a
 *      single pair of lines alone;
 *   8. two signs within `window`: reported; each further one is a stage.
 *
 * Memory: about 900 bytes a machine inside. What an attacker controls: inside, all of
 * it; the counters are bounded.
 */
#include <stdio.h>
#include <string.h>

#include "../core/bits.h"
#include "keyed.h"
#include "lines.h"

enum param { P_WINDOW, P_EACH, P_BUSY };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 604800, 86400, "machines behind an address are there by the day",
                  "signs count together within this; quiet time after which a machine is forgotten"},
    [P_EACH] = {"each", FW_UNIT_COUNT, 3, 1000, 10, "chance of a single odd program", "sessions of either kind"},
    [P_BUSY] = {"busy", FW_UNIT_COUNT, 2, 100, 4, "design: four times the median",
                "times the sessions in an hour that half of the machines inside have"},
    {.name = NULL},
};

#define TURNS       4   /* how often the one came after the other: an address that changed hands has one turn */
#define AGENT_LEAST 3   /* requests of each system */
#define SYSTEMS     3   /* that are a sign */
#define BUSY_LEAST  400 /* sessions in an hour: one page may open thirty */
#define PEERS_LEAST 16  /* hours of machines before there is a median */
#define PEERS_HALVE 4096
#define PORTS_LOW   5000  /* BSD, Windows before Vista: 1025 to 5000 */
#define PORTS_HIGH  32768 /* Linux from here, IANA and Windows since from 49152 */

enum sign { LINES, RANGES, HOPS, IDS, AGENTS, BUSY, SIGNS };
static const char *const sign_words[SIGNS] = {
    [LINES] = "sequences of source ports", [RANGES] = "two ranges of source ports", [HOPS] = "two hop limits (TTL)",
    [IDS] = "sequences of IP ids",         [AGENTS] = "systems named by browsers",  [BUSY] = "many sessions",
};

enum system {
    WINDOWS_XP,
    WINDOWS_VISTA,
    WINDOWS_7,
    WINDOWS_8,
    WINDOWS_10,
    MAC,
    IPHONE,
    IPAD,
    ANDROID,
    LINUX,
    CHROME_OS,
    SYSTEMS_KNOWN
};

/* Two kinds of something, and how they take turns. */
struct turns {
    uint16_t count[3];
    uint8_t last; /* index + 1 */
    uint8_t turns;
};

struct host {
    struct fw_matter matter;
    struct fw_lines ports;
    struct fw_lines ids;
    fw_time hour; /* that the following are counted of; 0: none yet */
    struct turns ranges;
    struct turns hops;
    uint16_t agents[SYSTEMS_KNOWN];
    uint16_t zero;
    uint32_t sessions;
    uint32_t most_lines, most_systems, most_sessions, median; /* what the signs were */
    fw_time signs[SIGNS];                                     /* the last time; 0: never */
    uint8_t has_flows;
    uint8_t zeros[7];
};
_Static_assert(sizeof(struct host) <= FW_KEYED_VALUE_MAX, "a value of keyed.h");

/* Peers: hours of machines by sessions, in steps of a quarter of a doubling. */
#define PEER_STEPS 96
struct extra {
    uint64_t hours;
    uint32_t by_step[PEER_STEPS];
};
_Static_assert(sizeof(struct extra) <= FW_KEYED_EXTRA_MAX, "extra");

struct key {
    union fw_addr src;
};

static struct extra *extra_of(struct fw_det *det) {
    return (struct extra *)(void *)det->extra;
}

/* ---- step 1 ---- */

static bool is_mine(const struct fw_event *ev) {
    if ((ev->src_roles & FW_ROLE_HOME) == 0)
        return false;
    if (ev->kind == FW_KIND_HTTP)
        return fw_event_has(ev, FW_BIT(agent));
    /* An end that was joined says nothing new. */
    return !ev->reply && ev->counts && fw_event_has(ev, FW_BIT(proto)) &&
           (ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP);
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    (void)det;
    if ((ev->src_roles & FW_ROLE_HOME) == 0)
        return false;
    ((struct key *)out)->src = ev->src;
    return true;
}

/* ---- step 7: the hour that ends ---- */

/* 0, 1, 2, 3, then four steps for each doubling. */
static unsigned step_of(uint32_t n) {
    unsigned doublings = 0;
    while (n >> doublings >= 8)
        doublings++;
    const unsigned step = doublings == 0 ? n : 4 * (doublings + 1) + (n >> doublings) - 4;
    return step < PEER_STEPS ? step : PEER_STEPS - 1;
}

static uint32_t step_begins(unsigned step) {
    return step < 8 ? step : (uint32_t)(4 + step % 4) << (step / 4 - 1);
}

static uint32_t median(const struct extra *extra) {
    uint64_t below = 0;
    for (unsigned i = 0; i < PEER_STEPS; i++) {
        below += extra->by_step[i];
        if (2 * below >= extra->hours)
            return step_begins(i);
    }
    return 0;
}

static void end_hour(struct fw_det *det, struct host *host, fw_time time) {
    struct extra *extra = extra_of(det);
    if (host->sessions > 0) {
        extra->by_step[step_of(host->sessions)]++;
        extra->hours++;
    }
    if (extra->hours >= PEERS_HALVE) {
        extra->hours = 0;
        for (unsigned i = 0; i < PEER_STEPS; i++)
            extra->hours += extra->by_step[i] /= 2;
    }
    if (time - host->signs[LINES] > fw_keyed_window(det))
        host->most_lines = 0;
    if (time - host->signs[AGENTS] > fw_keyed_window(det))
        host->most_systems = 0;
    host->hour = time;
    host->sessions = 0;
    memset(&host->ranges, 0, sizeof host->ranges);
    memset(&host->hops, 0, sizeof host->hops);
    memset(host->agents, 0, sizeof host->agents);
}

static bool sign(struct host *host, enum sign which, fw_time time) {
    host->signs[which] = time;
    return true;
}

/* Step 7. Like the others below: was there a sign? */
static bool put_session(struct fw_det *det, struct host *host, const struct fw_event *ev) {
    const struct extra *extra = extra_of(det);
    host->has_flows = 1;
    if (host->sessions < UINT32_MAX)
        host->sessions++;
    if (host->sessions < BUSY_LEAST || host->sessions % 16 != 0 || extra->hours < PEERS_LEAST)
        return false;
    const uint32_t half = median(extra);
    if (host->sessions < (uint64_t)half * (uint64_t)det->values[P_BUSY])
        return false;
    host->most_sessions = host->sessions;
    host->median = half;
    return sign(host, BUSY, ev->time);
}

/* ---- steps 2 to 6 ---- */

/* The kind-th of them came; are there enough of two, by turns? */
static bool takes_turns(const struct fw_det *det, struct turns *turns, unsigned kind) {
    turns->count[kind] += turns->count[kind] < UINT16_MAX;
    turns->turns += turns->last != 0 && turns->last != kind + 1 && turns->turns < UINT8_MAX;
    turns->last = (uint8_t)(kind + 1);
    unsigned enough = 0;
    for (size_t i = 0; i < 3; i++)
        enough += turns->count[i] >= det->values[P_EACH];
    return enough >= 2 && turns->turns >= TURNS;
}

/* Whether it is the same as before is all that is asked: a mix will do. */
static uint32_t target_of(const struct fw_event *ev) {
    const uint64_t port = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : 0;
    const uint64_t mixed = (ev->dst.q[0] ^ ev->dst.q[1] ^ port << 20) * UINT64_C(0x9e3779b97f4a7c15);
    return fw_event_has(ev, FW_BIT(dst)) ? (uint32_t)(mixed >> 32) : 0;
}

static fw_time began(const struct fw_event *ev) {
    const bool tells =
        ev->kind == FW_KIND_FLOW_END && fw_event_has(ev, FW_BIT(duration)) && ev->duration < (uint64_t)(24 * FW_HOUR);
    return ev->time - (tells ? (fw_time)ev->duration : 0);
}

static bool put_ports(struct fw_det *det, struct host *host, const struct fw_event *ev) {
    bool found = false;
    if (ev->proto != FW_PROTO_TCP || !fw_event_has(ev, FW_BIT(sport)) || ev->sport < 1024)
        return false;
    /* step 2 */
    if (fw_lines_add(&host->ports, ev->sport, target_of(ev), began(ev))) {
        const unsigned lines = fw_lines_count(&host->ports, began(ev));
        found = lines >= 2 && sign(host, LINES, ev->time);
        host->most_lines = lines > host->most_lines ? lines : host->most_lines;
    }
    /* step 3 */
    if ((ev->sport <= PORTS_LOW || ev->sport >= PORTS_HIGH) && takes_turns(det, &host->ranges, ev->sport >= PORTS_HIGH))
        found = sign(host, RANGES, ev->time);
    return found;
}

static bool put_packet(struct fw_det *det, struct host *host, const struct fw_event *ev) {
    bool found = false;
    /* step 4; below 33 it is a traceroute */
    if (fw_event_has(ev, FW_BIT(ttl)) && ev->ttl > 32 &&
        takes_turns(det, &host->hops,
                    ev->ttl <= 64    ? 0
                    : ev->ttl <= 128 ? 1
                                     : 2))
        found = sign(host, HOPS, ev->time);
    /* step 5; many send 0 */
    if (fw_event_has(ev, FW_BIT(ip_id)) && ev->ip_id != 0 && ev->ip_id <= UINT16_MAX &&
        fw_lines_add(&host->ids, (uint16_t)ev->ip_id, target_of(ev), ev->time) &&
        fw_lines_count(&host->ids, ev->time) >= 2)
        found = sign(host, IDS, ev->time);
    return found;
}

static bool has_text(const struct fw_str *text, const char *what) {
    const size_t n = strlen(what);
    for (size_t i = 0; i + n <= text->len; i++)
        if (memcmp(text->p + i, what, n) == 0)
            return true;
    return false;
}

/* The system that a user agent names, or SYSTEMS_KNOWN. Telephones say "like Mac OS X" and "Linux" too: they go first. */
static enum system system_of(const struct fw_str *agent) {
    static const struct {
        const char *text;
        enum system system;
    } known[] = {
        {"Windows NT 10", WINDOWS_10},
        {"Windows NT 6.3", WINDOWS_8},
        {"Windows NT 6.2", WINDOWS_8},
        {"Windows NT 6.1", WINDOWS_7},
        {"Windows NT 6.0", WINDOWS_VISTA},
        {"Windows NT 5", WINDOWS_XP},
        {"iPhone", IPHONE},
        {"iPad", IPAD},
        {"Android", ANDROID},
        {"CrOS", CHROME_OS},
        {"Macintosh", MAC},
        {"Linux", LINUX},
    };
    if (!has_text(agent, "Mozilla/")) /* programs name what they were built for */
        return SYSTEMS_KNOWN;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (has_text(agent, known[i].text))
            return known[i].system;
    return SYSTEMS_KNOWN;
}

/* Step 6. */
static bool put_agent(struct host *host, const struct fw_event *ev) {
    const enum system system = system_of(&ev->agent);
    if (system == SYSTEMS_KNOWN)
        return false;
    host->agents[system] += host->agents[system] < UINT16_MAX;
    unsigned systems = 0;
    for (size_t i = 0; i < SYSTEMS_KNOWN; i++)
        systems += host->agents[i] >= AGENT_LEAST;
    if (systems < SYSTEMS)
        return false;
    host->most_systems = systems > host->most_systems ? systems : host->most_systems;
    return sign(host, AGENTS, ev->time);
}

/* ---- step 8 ---- */

static unsigned signs_of(const struct fw_det *det, const struct host *host, fw_time time, unsigned *bits) {
    *bits = 0;
    for (size_t i = 0; i < SIGNS; i++)
        if (host->signs[i] != 0 && time - host->signs[i] <= fw_keyed_window(det))
            *bits |= 1u << i;
    unsigned signs = fw_bits_set(*bits);
    if ((*bits & 1u << LINES) != 0 && host->most_lines >= 3)
        signs++;
    if (*bits == (1u << LINES | 1u << BUSY) && host->most_lines < 3)
        signs--; /* one busy machine with a program that chooses its own ports */
    if (*bits == 1u << AGENTS && !host->has_flows)
        signs++;
    return signs;
}

static struct fw_subject subject_of(const struct fw_event *ev) {
    return (struct fw_subject){.src = ev->src, .has_src = true, .proto = -1, .dport = -1};
}

static void decide(struct fw_det *det, struct host *host, const struct fw_event *ev, const struct fw_sink *sink) {
    unsigned bits;
    const unsigned signs = signs_of(det, host, ev->time, &bits);
    if (fw_sink_asks(sink)) {
        const struct fw_reading reading = {.subject = subject_of(ev),
                                           .measure = "signs of several machines",
                                           .value = signs,
                                           .threshold = 2,
                                           .open = host->matter.handle != 0};
        fw_sink_tell(sink, &reading);
    }
    if (signs < 2)
        return;
    host->matter.threshold = 2;
    struct fw_report report = {.subject = subject_of(ev), .time = ev->time, .stage = signs - 1, .value = signs};
    fw_keyed_report(&det->keyed, sink, &host->matter, &report);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    if (!is_mine(ev))
        return;
    key.src = ev->src;
    struct host *host = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (host == NULL)
        return;
    if (host->matter.events == 0)
        host->matter.start = ev->time;
    if (host->hour == 0)
        host->hour = ev->time;
    else if (ev->time - host->hour >= FW_HOUR)
        end_hour(det, host, ev->time);
    fw_keyed_count(&host->matter, ev, ev->time);
    bool found = false;
    if (ev->kind == FW_KIND_HTTP) {
        found = put_agent(host, ev);
    } else {
        found = put_session(det, host, ev);
        found = put_ports(det, host, ev) || found;
        found = put_packet(det, host, ev) || found;
    }
    if (found || fw_sink_asks(sink))
        decide(det, host, ev, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct host *host = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], words[FW_SENTENCE_MAX - 100] = "";
    size_t len = 0;
    unsigned bits;
    const unsigned signs = signs_of(det, host, host->matter.last, &bits);
    (void)fw_addr_format(&key->src, src);
    for (unsigned i = 0; i < SIGNS; i++) {
        char number[16] = "";
        if ((bits & 1u << i) == 0)
            continue;
        if (i == LINES || i == AGENTS)
            (void)snprintf(number, sizeof number, "%u ", i == LINES ? host->most_lines : host->most_systems);
        const int n = snprintf(words + len, sizeof words - len, "%s%s%s", len > 0 ? ", " : "", number, sign_words[i]);
        len += n > 0 ? (size_t)n : 0;
        if (len >= sizeof words)
            break;
    }
    (void)snprintf(out->sentence, sizeof out->sentence, "%s looks like several machines behind one address: %s", src,
                   words);
    out->measure = "signs";
    out->value = signs;
    out->window = fw_keyed_window(det);
    out->confidence = signs >= 4 ? 90 : signs == 3 ? 80 : 65;
    if (!host->has_flows)
        out->degraded[0] = "sport";
    out->next_step =
        "Look at what stands at that address: a router or an access point of somebody's own, a telephone that shares "
        "its line, or a machine with virtual ones on it. Where several machines are meant to be, give the address the "
        "role nat.";
    fw_keyed_edges(&host->matter, NULL, -1, out);
}

static void visit_times(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    struct host *host = value;
    fw_lines_visit(&host->ports, visit, cookie);
    fw_lines_visit(&host->ids, visit, cookie);
    for (size_t i = 0; i < SIGNS; i++)
        visit(cookie, &host->signs[i]);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "hidden_nat",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct host),
                                         .times = {offsetof(struct host, hour)},
                                         .time_count = 1,
                                         .visit_times = visit_times,
                                         .table_pct = 100,
                                         .version = 1,
                                         .extra = sizeof(struct extra),
                                         .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_hidden_nat = {
    .name = "hidden_nat",
    .title = "several machines behind one address",
    .requirement = "N12",
    .class = FW_CLASS_USAGE,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_HTTP,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(ttl) | FW_BIT(ip_id) | FW_BIT(agent),
    .guards = FW_ROLE_BIT(proxy) | FW_ROLE_BIT(nat) | FW_ROLE_BIT(vpn_gateway) | FW_ROLE_BIT(scanner) |
              FW_ROLE_BIT(dns_server),
    .params = params,
    .weight = 4,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .ask = fw_keyed_ask,
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
