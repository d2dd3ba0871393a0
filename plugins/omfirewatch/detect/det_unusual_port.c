/* det_unusual_port.c: a machine goes out on a port that hardly anybody uses (N14).
 *
 * Algorithm: a port is unusual when it is none of the services' (lists/ports.yaml
 * and the services themselves) and few of the site's machines use it, counted over
 * a day. One packet there is nothing; it has to come again.
 *
 * Steps, which code and tests repeat:
 *   1. TCP and UDP from home to the outside, no replies;
 *   2. the port is not listed;
 *   3. 10 that were answered, or 3 tries in vain at one host one after another: a
 *      program tries again, a scan goes on to the next. Where the log does not tell
 *      whether somebody answered, passed ones count at one host one after another;
 *   4. the port is used by at most 2 percent of the machines that were heard, or by
 *      one;
 *   5. reported, one finding a source: up to 4 of its ports, each once a day; more
 *      are counted.
 *
 * Users of file sharing and of Skype are left out (their roles), for they use
 * every port; and while the source has an open scan, the scan mutes it
 * (registry.c).
 * Memory: about 180 bytes a source and port that came twice, and a source or a port
 * with a finding; 36 an element of their sets. What an attacker controls: his
 * ports. He can hide on a listed one, which is what nonweb_on_web and the tunnels
 * are for.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../core/bits.h"
#include "attempt.h"
#include "user.h"

enum param { P_WINDOW, P_PASSED, P_DENIED, P_SHARE };
enum { PORTS = 4 };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "design: a day",
                  "span in which ports and their users are counted"},
    [P_PASSED] = {"passed", FW_UNIT_COUNT, 1, 100000, 10, "design", "passed sessions of a source to the port"},
    [P_DENIED] = {"denied", FW_UNIT_COUNT, 1, 100000, 3, "design: a program tries again",
                  "or tries in vain at one host"},
    [P_SHARE] = {"share", FW_UNIT_PERCENT, 0, 50, 2, "design", "machines that may use it, of all"},
    {.name = NULL},
};

/* Of a source's port; a source (port 0), or the port (address zero). 24 bytes, no padding. */
struct key {
    union fw_addr addr;
    uint16_t port;
    uint8_t proto;
    uint8_t zero[5];
};
_Static_assert(sizeof(struct key) == 24, "no padding");

struct port {
    union fw_addr dst; /* the last one */
    uint16_t port;
    uint8_t proto;
    uint8_t denied;
    uint32_t count;
};

struct entry {
    struct fw_matter matter; /* always first */
    struct fw_distinct set;  /* of a port: sources */
    union fw_addr dst;       /* of a source and port: the last one */
    uint64_t passed;
    uint64_t tries;   /* at it, one after another */
    uint8_t reported; /* of a source and port */
    uint8_t zero[3];
    uint32_t more; /* of a source: ports beyond those that are named */
    struct port ports[PORTS];
};

static const union fw_addr nobody;

static void make_key(struct key *key, const union fw_addr *addr, uint8_t proto, uint16_t port) {
    memset(key, 0, sizeof *key);
    key->addr = *addr;
    key->proto = proto;
    key->port = port;
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) { /* step 1 */
    (void)det;
    if ((ev->proto != FW_PROTO_TCP && ev->proto != FW_PROTO_UDP) || !fw_user_is_outward(ev) || ev->dport == 443 ||
        ev->dport == 80 || ev->dport == 53 || fw_attempt_is_like_reply(ev))
        return false;
    make_key(out, &ev->src, ev->proto, ev->dport);
    return true;
}

/* Step 4: machines that use the port. */
static uint64_t count_user(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    make_key(&key, &nobody, ev->proto, ev->dport);
    struct entry *entry = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (entry == NULL)
        return 0;
    if (entry->matter.events++ == 0)
        entry->matter.start = ev->time;
    if (ev->time > entry->matter.last)
        entry->matter.last = ev->time;
    (void)fw_distinct_add(det->keyed.pool, &entry->set, &ev->src, ev->time, fw_keyed_window(det), 0, NULL);
    return entry->set.count;
}

/* And all that were heard: linear counting (Whang, Vander-Zanden, Taylor: A linear-time probabilistic counting algorithm,
 * 1990), a bit for each of 3584 hashes, in two halves of the window. Within a few percent up to 10,000 machines; more
 * look like fewer, so that less is reported. */
enum { HALF_WORDS = 56, HALF_BITS = HALF_WORDS * 64, EXTRA_WORDS = 1 + 2 * HALF_WORDS };
_Static_assert(EXTRA_WORDS * sizeof(uint64_t) <= FW_KEYED_EXTRA_MAX, "beside the entries");

static void hear(struct fw_det *det, const struct fw_event *ev) {
    uint64_t *began = &det->extra[0], *present = &det->extra[1], *before = &det->extra[1 + HALF_WORDS];
    const uint64_t now = (uint64_t)ev->time, half = (uint64_t)fw_keyed_window(det) / 2;
    if (now - *began >= half) { /* a clock that was set back as well */
        const bool next = now >= *began && now - *began < 2 * half;
        for (size_t i = 0; i < HALF_WORDS; i++) {
            before[i] = next ? present[i] : 0;
            present[i] = 0;
        }
        *began = now;
    }
    uint64_t hash = ev->src.q[0] ^ ev->src.q[1]; /* mixed as MurmurHash3 ends, Appleby */
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    const size_t bit = (size_t)((hash ^ hash >> 33) % HALF_BITS);
    present[bit / 64] |= UINT64_C(1) << bit % 64;
}

static uint64_t heard(const struct fw_det *det) {
    unsigned bits = 0;
    for (size_t i = 0; i < HALF_WORDS; i++)
        bits += fw_bits_set(det->extra[1 + i] | det->extra[1 + HALF_WORDS + i]);
    if (bits >= HALF_BITS)
        bits = HALF_BITS - 1;
    return (uint64_t)(-HALF_BITS * log(1.0 - (double)bits / HALF_BITS) + .5);
}

static bool is_rare(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const uint64_t users = count_user(det, ev, sink);
    return users <= 1 || users * 100 <= heard(det) * (uint64_t)det->values[P_SHARE];
}

static void name_port(struct entry *of, const struct fw_event *ev, const struct entry *counted, bool denied) {
    for (size_t i = 0; i < PORTS; i++) {
        struct port *port = &of->ports[i];
        if (port->count != 0 && (port->port != ev->dport || port->proto != ev->proto))
            continue;
        *port = (struct port){.dst = ev->dst,
                              .port = ev->dport,
                              .proto = ev->proto,
                              .denied = denied,
                              .count = (uint32_t)(denied ? counted->tries : counted->passed)};
        return;
    }
    of->more++;
}

static uint64_t named(const struct entry *of) {
    uint64_t n = of->more;
    for (size_t i = 0; i < PORTS; i++)
        n += of->ports[i].count != 0;
    return n;
}

static void report(struct fw_det *det, const struct fw_event *ev, const struct entry *counted, bool denied,
                   const struct fw_sink *sink) { /* step 5 */
    const struct entry copy = *counted;          /* what is entered below may take its place */
    struct key key;
    make_key(&key, &ev->src, 0, 0);
    struct entry *of = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (of == NULL)
        return;
    const bool fresh = of->matter.handle == 0;
    if (fresh) {
        of->matter.start = copy.matter.start;
        of->matter.events = of->matter.denied = of->matter.late = 0;
        of->more = 0;
        memset(of->ports, 0, sizeof of->ports);
    }
    fw_keyed_count(&of->matter, ev, ev->time);
    of->matter.threshold = (uint64_t)det->values[denied ? P_DENIED : P_PASSED];
    name_port(of, ev, &copy, denied);
    struct fw_report report = {.subject = {.src = ev->src,
                                           .has_src = true,
                                           .dst = ev->dst,
                                           .has_dst = true,
                                           .proto = of->ports[0].proto,
                                           .dport = of->ports[0].port},
                               .time = ev->time,
                               .stage = 1,
                               .value = named(of)};
    fw_keyed_report(&det->keyed, sink, &of->matter, &report);
}

static void tell(const struct fw_det *det, const struct fw_event *ev, const struct entry *entry,
                 const struct fw_sink *sink) {
    const struct fw_reading reading = {
        .subject = {.src = ev->src, .has_src = true, .proto = ev->proto, .dport = ev->dport},
        .measure = "sessions",
        .value = entry->passed + entry->tries,
        .threshold = (uint64_t)det->values[P_PASSED],
        .open = entry->reported != 0};
    fw_sink_tell(sink, &reading);
}

/* Step 3. What the gate kept was of the same kind, most likely. */
static void count_try(struct entry *entry, const struct fw_event *ev, enum fw_attempt outcome, bool noted) {
    const bool again = entry->matter.events > 1 && fw_addr_equal(&entry->dst, &ev->dst);
    if (outcome == FW_ATTEMPT_FAILED)
        entry->tries = again ? entry->tries + 1 : 1U + noted;
    else if (outcome == FW_ATTEMPT_ANSWERED || again)
        entry->passed += 1U + noted;
    entry->dst = ev->dst;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    fw_time first;
    bool noted;
    if ((ev->src_roles & FW_ROLE_HOME) != 0 && !ev->late)
        hear(det, ev);
    if (ev->late || !key_of(det, ev, &key))
        return;
    const enum fw_attempt outcome = fw_attempt_judge(ev);
    if (outcome == FW_ATTEMPT_NONE)
        return;
    if (fw_lists_port(sink->site, ev->proto, ev->dport) || ev->dst_service != 0) /* step 2 */
        return;
    struct entry *entry = fw_keyed_again(&det->keyed, sink, &key, ev->time, &first, &noted);
    if (entry == NULL)
        return;
    if (entry->matter.events == 0)
        entry->matter.start = noted ? first : ev->time;
    const bool in_vain = outcome == FW_ATTEMPT_FAILED;
    fw_keyed_count(&entry->matter, ev, ev->time);
    count_try(entry, ev, outcome, noted);
    const bool enough =
        entry->tries >= (uint64_t)det->values[P_DENIED] || entry->passed >= (uint64_t)det->values[P_PASSED];
    if (enough && !entry->reported) {
        entry->reported = 1;
        if (is_rare(det, ev, sink))
            report(det, ev, entry, in_vain, sink);
    } else if (!enough && entry->matter.events == 2) {
        (void)count_user(det, ev, sink); /* so that the next one knows of this one */
    }
    if (fw_sink_asks(sink))
        tell(det, ev, entry, sink);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct entry *entry = value;
    const struct key *key = fw_table_key(det->keyed.table, value);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], service[24];
    (void)fw_addr_format(&key->addr, src);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s uses %s that hardly anybody else does:", src,
                   named(entry) > 1 ? "ports" : "a port");
    for (size_t i = 0; i < PORTS && entry->ports[i].count != 0; i++) {
        const size_t len = strlen(out->sentence);
        (void)fw_service_format(entry->ports[i].proto, entry->ports[i].port, service, sizeof service);
        (void)fw_addr_format(&entry->ports[i].dst, dst);
        (void)snprintf(out->sentence + len, sizeof out->sentence - len, "%s %s (%u %s %s)", i > 0 ? "," : "", service,
                       (unsigned)entry->ports[i].count, entry->ports[i].denied ? "in vain, at" : "passed, last to",
                       dst);
    }
    if (entry->more > 0) {
        const size_t len = strlen(out->sentence);
        (void)snprintf(out->sentence + len, sizeof out->sentence - len, " and %u more", (unsigned)entry->more);
    }
    (void)snprintf(out->key, sizeof out->key, "%s", src);
    out->measure = "ports";
    out->value = named(entry);
    out->window = fw_keyed_window(det);
    out->confidence = 60;
    out->next_step = "Find out which program of that machine it is, and what the destination is. If it is a service of "
                     "the site's, put its port into the lists; if "
                     "nobody knows it, look at the machine.";
    fw_keyed_edges(&entry->matter, NULL, entry->ports[0].port, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "unusual_port",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct entry),
                                         .sets = {offsetof(struct entry, set)},
                                         .set_count = 1,
                                         .version = 1,
                                         .table_pct = 75,
                                         .gate = true,
                                         .key_of = key_of,
                                         .extra = EXTRA_WORDS * sizeof(uint64_t)};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_unusual_port;
const struct fw_detector_ops fw_det_unusual_port = {
    .name = "unusual_port",
    .title = "port that hardly anybody uses",
    .requirement = "N14",
    .class = FW_CLASS_USAGE,
    .technique_id = "T1571",
    .technique_name = "Non-Standard Port",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(sport) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(tcp_flags) | FW_BIT(reason),
    .guards = FW_ROLE_BIT(scanner) | FW_ROLE_BIT(nms) | FW_ROLE_BIT(skype_user) | FW_ROLE_BIT(p2p_user),
    .params = params,
    .weight = 1,
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
