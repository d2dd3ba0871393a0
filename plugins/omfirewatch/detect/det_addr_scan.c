/* det_addr_scan.c: one source tries many addresses on one port (N3).
 *
 * Algorithm: Zeek's bro-simple-scan (distinct destinations whose connection
 * failed, 25 for remote and 250 for local sources in 15 minutes), and beside it
 * the sequential hypothesis test of Jung, Paxson, Berger, Balakrishnan: Fast
 * portscan detection using sequential hypothesis testing, 2004 (TRW), which may
 * fire sooner for a local source. With theta0 = .8 and theta1 = .2 a failure and
 * a success weigh the same, ln 4, so the test is a walk: +1 for a first contact
 * that failed, -1 for an answer, never below 0; alpha = .01 and beta = .01 make
 * the bar ln 99 / ln 4, that is 4. Four failures are too few to call somebody a
 * scanner, so at least `sequential_minimum` distinct failures are asked for.
 *
 * Steps, which code and tests repeat:
 *   1. what is no attempt is left out: replies, multicast and broadcast, packets
 *      that do not begin a session, protocols other than TCP, UDP and ICMP echo;
 *   2. the outcome is judged: denied and unanswered are failures; a start whose
 *      end the sensor will log is waited for; a start of a sensor that logs no
 *      ends has an unknown outcome;
 *   3. an answer takes the destination out of the failures, and one step off the walk;
 *   4. a failure is put into the window's set; a first contact is one step more;
 *   5. the bar depends on where the source is, times 4 when outcomes are unknown;
 *   6. over the bar it is reported; at 4 and 16 times the bar it is a higher stage.
 *
 * Memory: about 150 bytes a source and port, and 28 bytes a failed destination.
 * A source enters at its second failed destination (gate). What an attacker
 * controls: addresses and ports. Made-up sources that each try one address stay
 * at the gate; a source that answers its own probes lowers only its own walk,
 * the plain count still holds.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"

enum param { P_WINDOW, P_REMOTE, P_LOCAL, P_SEQUENTIAL, P_UNKNOWN_FACTOR };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 3600, 900, "Zeek bro-simple-scan", "sliding window of the count"},
    [P_REMOTE] = {"remote_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 25, "Zeek bro-simple-scan",
                  "failed destinations of a source outside home"},
    [P_LOCAL] = {"local_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 250, "Zeek bro-simple-scan",
                 "failed destinations of a source inside home"},
    [P_SEQUENTIAL] = {"sequential_minimum", FW_UNIT_COUNT, 4, FW_DISTINCT_MAX, 25, "the remote figure of Zeek",
                      "failed destinations before the sequential test may call a home source a scanner"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no outcome in the log",
                          "the bar is so many times higher when the log does not tell outcomes"},
    {.name = NULL},
};

enum { WALK_BAR = 4 };                 /* ln 99 / ln 4, rounded up */
enum { WALK_MAX = 1000 };              /* so that a long scan can be forgiven at all */
enum { STAGES = 3, STAGE_FACTOR = 4 }; /* each stage is four times the one before */
enum { MAGNITUDE_EVERY = 32 };         /* new elements between two looks at the sketch */
enum { TCP_NO_PAYLOAD = 60 };          /* bytes of one TCP packet that carries nothing: SYN-ACK or RST with options */

struct key {
    union fw_addr src;
    uint16_t dport;
    uint8_t proto;
    uint8_t unknown; /* outcomes are not in the log: counted apart */
    uint8_t zero[4];
};

struct scan {
    struct fw_matter matter;
    struct fw_distinct failed;
    uint64_t magnitude;
    uint32_t added; /* new elements since the opening */
    int32_t walk;
    bool exact;
    bool local; /* the source is inside */
};

_Static_assert(sizeof(struct key) % 8 == 0, "keys are hashed by words");

enum outcome { SKIPPED, FAILED, ANSWERED, UNKNOWN };

/* Step 1. */
static bool is_attempt(const struct fw_event *ev) {
    if (ev->reply || fw_addr_is_group(&ev->dst))
        return false;
    switch (ev->proto) {
    case FW_PROTO_TCP:
        if (!fw_event_has(ev, FW_BIT(dport)))
            return false;
        /* An allowed packet that is no SYN is the middle of a session. Denied ones count whatever their flags: FIN,
         * NULL and Xmas scans look like that. */
        return ev->kind != FW_KIND_FLOW_START || !fw_event_has(ev, FW_BIT(tcp_flags)) ||
               (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) == FW_TCP_SYN;
    case FW_PROTO_UDP:
        return fw_event_has(ev, FW_BIT(dport));
    case FW_PROTO_ICMP:
        return fw_event_has(ev, FW_BIT(icmp_type)) && ev->icmp_type == 8;
    case FW_PROTO_ICMP6:
        return fw_event_has(ev, FW_BIT(icmp_type)) && ev->icmp_type == 128;
    default:
        return false;
    }
}

/* Step 2. */
static enum outcome judge(const struct fw_event *ev) {
    switch (ev->kind) {
    case FW_KIND_FLOW_DENY:
        return FAILED;
    case FW_KIND_FLOW_START:
        return ev->ends_logged || !ev->counts ? SKIPPED : UNKNOWN;
    case FW_KIND_FLOW_END:
        if (fw_event_has(ev, FW_BIT(rcvd)))
            return ev->rcvd <= (ev->proto == FW_PROTO_TCP ? TCP_NO_PAYLOAD : 0) ? FAILED : ANSWERED;
        if (fw_event_has(ev, FW_BIT(bytes)) && ev->bytes == 0)
            return FAILED;
        if (fw_event_has(ev, FW_BIT(bytes)) && ev->proto == FW_PROTO_TCP)
            return ANSWERED;
        return UNKNOWN; /* one sum of bytes does not tell whether a datagram was answered */
    default:
        return SKIPPED;
    }
}

/* Steps 1 and 2. */
static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    struct key *key = out;
    (void)det;
    if (!is_attempt(ev))
        return false;
    const enum outcome outcome = judge(ev);
    if (outcome == SKIPPED)
        return false;
    memset(key, 0, sizeof *key);
    key->src = ev->src;
    key->proto = ev->proto;
    key->dport = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : 0;
    key->unknown = outcome == UNKNOWN;
    return true;
}

/* Step 3. NULL: nothing of that key had failed. */
static struct scan *take_answer(struct fw_det *det, const struct fw_event *ev, const struct key *key) {
    struct scan *scan = fw_table_find(det->keyed.table, key);
    if (scan == NULL)
        return NULL;
    (void)fw_distinct_drop(det->keyed.pool, &scan->failed, &ev->dst, NULL);
    if (scan->walk > 0)
        scan->walk--;
    return scan;
}

static void add_failure(struct fw_det *det, struct scan *scan, const struct fw_event *ev,
                        const struct fw_contact *contact) {
    fw_keyed_count(&scan->matter, ev, contact->time);
    if (fw_distinct_add(det->keyed.pool, &scan->failed, &contact->dst, contact->time, fw_keyed_window(det),
                        fw_keyed_mark(ev), NULL)) {
        scan->added++;
        if (scan->walk < WALK_MAX)
            scan->walk++;
    }
}

/* Step 4. NULL: the gate keeps it. */
static struct scan *put_failure(struct fw_det *det, const struct fw_event *ev, const struct key *key,
                                const struct fw_sink *sink) {
    const struct fw_contact contact = {ev->dst, ev->time};
    struct fw_contact first;
    bool noted;
    struct scan *scan = fw_keyed_contact(&det->keyed, sink, key, &contact, &first, &noted);
    if (scan == NULL)
        return NULL;
    if (noted)
        add_failure(det, scan, ev, &first);
    add_failure(det, scan, ev, &contact);
    scan->local = (ev->src_roles & FW_ROLE_HOME) != 0;
    return scan;
}

static struct fw_subject subject_of(const struct fw_event *ev) {
    return (struct fw_subject){
        .src = ev->src, .has_src = true, .proto = ev->proto, .dport = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : -1};
}

/* Step 5. scan NULL: nothing but what the gate holds. */
static uint64_t bar(const struct fw_det *det, const struct fw_event *ev, const struct scan *scan, bool unknown) {
    const bool local = (ev->src_roles & FW_ROLE_HOME) != 0;
    uint64_t threshold = (uint64_t)det->values[local ? P_LOCAL : P_REMOTE];
    const uint64_t least = (uint64_t)det->values[P_SEQUENTIAL];
    if (unknown) {
        threshold *= (uint64_t)det->values[P_UNKNOWN_FACTOR];
        return threshold < FW_DISTINCT_MAX ? threshold : FW_DISTINCT_MAX;
    }
    return local && scan != NULL && scan->walk >= WALK_BAR && least < threshold ? least : threshold;
}

static void look(struct fw_det *det, struct scan *scan) {
    if (scan->magnitude == 0 || scan->added <= FW_DISTINCT_MAX / 2 || scan->added % MAGNITUDE_EVERY == 0)
        scan->magnitude = fw_distinct_magnitude(det->keyed.pool, &scan->failed, NULL);
}

/* Step 6. */
static void decide(struct fw_det *det, const struct fw_event *ev, struct scan *scan, bool unknown,
                   const struct fw_sink *sink) {
    if (scan->matter.handle == 0) {
        const uint64_t threshold = bar(det, ev, scan, unknown);
        if (scan->failed.count < threshold)
            return;
        fw_keyed_recount(&det->keyed, &scan->matter, &scan->failed, false);
        fw_distinct_sketch(det->keyed.pool, &scan->failed);
        scan->added = scan->failed.count;
        scan->matter.threshold = threshold;
        scan->magnitude = 0;
    }
    look(det, scan);
    unsigned stage = 1;
    for (uint64_t rung = scan->matter.threshold * STAGE_FACTOR; stage < STAGES && scan->magnitude >= rung;
         rung *= STAGE_FACTOR)
        stage++;
    struct fw_report report = {.subject = subject_of(ev), .time = ev->time, .stage = stage, .value = scan->magnitude};
    fw_keyed_report(&det->keyed, sink, &scan->matter, &report);
}

static void tell(const struct fw_det *det, const struct fw_event *ev, const struct scan *scan, enum outcome outcome,
                 const struct fw_sink *sink) {
    const bool open = scan != NULL && scan->matter.handle != 0;
    const uint64_t gated = outcome != ANSWERED; /* one destination at most */
    const struct fw_reading reading = {.subject = subject_of(ev),
                                       .measure = outcome == UNKNOWN ? "destinations" : "failed destinations",
                                       .value = scan == NULL ? gated
                                                : open       ? scan->magnitude
                                                             : scan->failed.count,
                                       .threshold =
                                           open ? scan->matter.threshold : bar(det, ev, scan, outcome == UNKNOWN),
                                       .open = open};
    fw_sink_tell(sink, &reading);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    if (!key_of(det, ev, &key))
        return;
    const enum outcome outcome = judge(ev);
    struct scan *scan = NULL;
    if (outcome == ANSWERED)
        scan = take_answer(det, ev, &key);
    else
        scan = put_failure(det, ev, &key, sink);
    if (scan != NULL && outcome != ANSWERED)
        decide(det, ev, scan, outcome == UNKNOWN, sink);
    if (fw_sink_asks(sink))
        tell(det, ev, scan, outcome, sink);
}

/* Inside somebody has to go there; outside the rules are all there is. */
static const char *next_step(const struct scan *scan) {
    const bool held = scan->matter.denied == scan->matter.events;
    if (scan->local)
        return held ? "Find out what runs on the source: a scanner or monitor of your own belongs into a role (nms, "
                      "scanner). All of it was denied; the machine may still be infected: look for a worm before it "
                      "finds a way that is open."
                    : "Find out what runs on the source: a scanner or monitor of your own belongs into a role (nms, "
                      "scanner); otherwise take the machine off the network and look for a worm.";
    return held ? "All of it was denied: nothing to do, unless you know the source. If it goes on for days, drop it "
                  "before the firewall logs it."
                : "Not all of it was denied: look whether any of the hosts it reached offers this service to the "
                  "world, and close what is not meant to be open.";
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct scan *scan = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], service[24], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_service_format(key->proto, key->dport, service, sizeof service);
    (void)fw_span_format(scan->matter.last - scan->matter.start, span, sizeof span);
    out->value = fw_distinct_magnitude(det->keyed.pool, &scan->failed, &out->exact);
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    (void)snprintf(out->sentence, sizeof out->sentence, "%s tried %s%llu hosts on %s in %s (%llu denied)", src,
                   out->exact ? "" : "about ", (unsigned long long)out->value, service, span,
                   (unsigned long long)scan->matter.denied);
    out->measure = "destinations";
    out->window = fw_keyed_window(det);
    out->confidence = key->unknown ? 60 : 90;
    if (key->unknown)
        out->degraded[0] = "outcome";
    fw_keyed_degraded(&scan->failed, out);
    out->next_step = next_step(scan);
    (void)snprintf(out->key, sizeof out->key, "%s|%s%s", src, service, key->unknown ? "|outcome unknown" : "");
    fw_keyed_evidence(&det->keyed, &scan->failed, scan->matter.start, key->dport != 0 ? key->dport : -1, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "addr_scan",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct scan),
                                         .sets = {offsetof(struct scan, failed)},
                                         .set_count = 1,
                                         .table_pct = 48,
                                         .gate = true,
                                         .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_addr_scan = {
    .name = "addr_scan",
    .title = "address scan",
    .requirement = "N3",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1046",
    .technique_name = "Network Service Discovery",
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto),
    .uses = FW_BIT(dport) | FW_BIT(icmp_type) | FW_BIT(tcp_flags) | FW_BIT(rcvd) | FW_BIT(bytes),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner) | FW_ROLE_BIT(web_cache) | FW_ROLE_BIT(skype_user) |
              FW_ROLE_BIT(p2p_user),
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
