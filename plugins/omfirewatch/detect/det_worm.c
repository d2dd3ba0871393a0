/* det_worm.c: a machine inside searches for others as worms do (N3).
 *
 * Algorithm: OSSIM's correlation directive 4 (a ladder of distinct destinations
 * on one service: 15 in 180 s, 300 in 20 min, 2000 in 30 min), counting only
 * what failed, on the services that worms live on, or on one that this machine
 * has never used with success. That is what tells it from a busy client: a
 * client's service answers. P2P has the same shape on ports that nobody knows;
 * Karagiannis, Broido, Faloutsos, claffy: Transport layer identification of P2P
 * traffic, 2004: such a machine uses TCP and UDP, and about as many ports as it
 * has peers.
 *
 * Steps, which code and tests repeat:
 *   1. only sources inside, only attempts; what every program calls by itself (the
 *      web, names, time) is left to addr_scan, and what a mail server sends is mail;
 *   2. the outcome is judged (attempt.h): denied and unanswered are failures; where
 *      only starts are logged it is unknown;
 *   3. an answer takes the destination out of the failures, and is remembered for
 *      this source and service, for a day;
 *   4. a failure is put into the set of destinations of the last half hour; the
 *      source remembers which ports and protocols failed;
 *   5. first stage: 15 in 180 s, four times as many when outcomes are unknown, on a
 *      listed service, or on one that has not answered in a day; 9 are enough when
 *      they come in one burst, as in addr_scan;
 *   6. on a service that is not listed, of a source that fails on many ports of
 *      both TCP and UDP: P2P is suspected, and said;
 *   7. the second and third stage go by the ladder; beyond the 512 destinations
 *      that are held, by the rate of these and the estimate of all.
 *
 * Memory: about 200 bytes a source and service, and 36 bytes a failed
 * destination. Services that answer take entries too, for a day: where memory is
 * short they go first, and a service counts as new once more. What an attacker
 * controls: who gets a host of his to answer on that port is seen from
 * addr_scan's bar on, where the port is not listed.
 */
#include <stdio.h>
#include <string.h>

#include "fanout.h"
#include "worm_ports.h"

enum param {
    P_MEMORY,
    P_FIRST,
    P_FIRST_SPAN,
    P_SECOND,
    P_SECOND_SPAN,
    P_THIRD,
    P_THIRD_SPAN,
    P_BURST,
    P_BURST_SPAN,
    P_P2P_PORTS,
    P_UNKNOWN_FACTOR
};

static const struct fw_param params[] = {
    [P_MEMORY] = {"memory", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "a machine's habits show within a day",
                  "how long a service that answered is not new"},
    [P_FIRST] = {"first_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 15, "OSSIM directive 4",
                 "failed destinations of the first stage"},
    [P_FIRST_SPAN] = {"first_span", FW_UNIT_SECONDS, 10, 1800, 180, "OSSIM directive 4", "within so long"},
    [P_SECOND] = {"second_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 300, "OSSIM directive 4",
                  "failed destinations of the second stage"},
    [P_SECOND_SPAN] = {"second_span", FW_UNIT_SECONDS, 10, 1800, 1200, "OSSIM directive 4", "within so long"},
    [P_THIRD] = {"third_threshold", FW_UNIT_COUNT, 3, 100000, 2000, "OSSIM directive 4",
                 "failed destinations of the third stage"},
    [P_THIRD_SPAN] = {"third_span", FW_UNIT_SECONDS, 10, 3600, 1800, "OSSIM directive 4",
                      "within so long; destinations are held as long, and findings stay open"},
    [P_BURST] = {"burst_threshold", FW_UNIT_COUNT, 5, FW_DISTINCT_MAX, FW_WALK_BAR_SURE, "TRW with alpha 1e-5",
                 "failed destinations within burst_span that are enough for the first stage"},
    [P_BURST_SPAN] = {"burst_span", FW_UNIT_SECONDS, 1, 300, 3, "scanlogd: what is one scan",
                      "time in which a burst has to come"},
    [P_P2P_PORTS] = {"p2p_ports", FW_UNIT_COUNT, 4, 60, 16, "Karagiannis 2004: as many ports as peers",
                     "different ports that a source fails on within 10 min, TCP and UDP among them, to suspect P2P"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no outcome in the log",
                          "the first stage is so many times higher when the log does not tell outcomes"},
    {.name = NULL},
};

enum { SEEN_TCP = 1, SEEN_UDP = 2 };
#define HABIT_SPAN (10 * FW_MINUTE) /* ports of a source are remembered one to two of these */

/* Which ports a source failed on: bits by hash, now and before. */
struct habit {
    fw_time began;
    uint64_t ports, ports_before;
    uint8_t protos, protos_before;
};

/* Of a source and service; with proto 0, of a source: then only the habit is used. */
struct worm {
    struct fw_fanout fan;
    fw_time answered; /* last; 0: never */
    struct habit habit;
    uint8_t stage;
    uint8_t p2p; /* suspected at the opening */
};

/* Step 1. */
static bool is_left_out(const struct fw_event *ev) {
    return (ev->src_roles & FW_ROLE_HOME) == 0 || (ev->proto != FW_PROTO_TCP && ev->proto != FW_PROTO_UDP) ||
           fw_attempt_is_common(ev);
}

static struct fw_subject subject_of(const struct fw_event *ev) {
    return (struct fw_subject){.src = ev->src, .has_src = true, .proto = ev->proto, .dport = ev->dport};
}

/* Step 3. A listed service is no less suspicious for one that answers. */
static struct worm *take_answer(struct fw_det *det, const struct fw_event *ev, const struct fw_attempt_key *key,
                                const struct fw_sink *sink) {
    struct worm *worm = fw_fanout_answer(det, key, &ev->dst);
    if (fw_is_worm_port(ev->proto, ev->dport))
        return worm;
    worm = fw_keyed_gated(&det->keyed, sink, key, ev->time);
    if (worm != NULL && ev->time > worm->answered)
        worm->answered = ev->time;
    return worm;
}

static uint64_t bit_of(unsigned port) {
    const uint16_t word = (uint16_t)port;
    return UINT64_C(1) << fw_hash(&fw_seed_fixed, &word, sizeof word) % 64;
}

static void source_key(struct fw_attempt_key *key, const struct fw_event *ev) {
    memset(key, 0, sizeof *key);
    key->src = ev->src;
}

/* Step 4, second half. */
static void note_habit(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct fw_attempt_key key;
    source_key(&key, ev);
    struct worm *source = fw_keyed_gated(&det->keyed, sink, &key, ev->time);
    if (source == NULL)
        return;
    struct habit *habit = &source->habit;
    const fw_time age = ev->time - habit->began;
    if (age > HABIT_SPAN || age < -HABIT_SPAN) {
        const bool next = age > 0 && age <= 2 * HABIT_SPAN;
        habit->ports_before = next ? habit->ports : 0;
        habit->protos_before = next ? habit->protos : 0;
        habit->ports = 0;
        habit->protos = 0;
        habit->began = ev->time;
    }
    habit->ports |= bit_of(ev->dport);
    habit->protos |= ev->proto == FW_PROTO_TCP ? SEEN_TCP : SEEN_UDP;
}

/* Step 6. */
static bool is_like_p2p(const struct fw_det *det, const struct fw_event *ev) {
    struct fw_attempt_key key;
    source_key(&key, ev);
    const struct worm *source = fw_table_find(det->keyed.table, &key);
    if (source == NULL || (source->habit.protos | source->habit.protos_before) != (SEEN_TCP | SEEN_UDP))
        return false;
    return (int64_t)fw_bits_set(source->habit.ports | source->habit.ports_before) >= det->values[P_P2P_PORTS];
}

/* Step 5. */
static uint64_t first_bar(const struct fw_det *det, bool unknown) {
    const uint64_t bar = (uint64_t)(det->values[P_FIRST] * (unknown ? det->values[P_UNKNOWN_FACTOR] : 1));
    return bar < FW_DISTINCT_MAX ? bar : FW_DISTINCT_MAX;
}

/* The bar it is over, or 0. */
static uint64_t over_first(const struct fw_det *det, const struct fw_event *ev, const struct worm *worm, bool unknown) {
    const bool new = worm->answered == 0 || ev->time - worm->answered > det->values[P_MEMORY] * FW_SECOND;
    const uint64_t bar = first_bar(det, unknown), burst = (uint64_t)det->values[P_BURST];
    if (!new && !fw_is_worm_port(ev->proto, ev->dport))
        return 0;
    if (fw_fanout_burst(&det->keyed, &worm->fan, bar, ev->time, det->values[P_FIRST_SPAN] * FW_SECOND))
        return bar;
    if (!unknown && worm->fan.walk >= FW_WALK_BAR_SURE &&
        fw_fanout_burst(&det->keyed, &worm->fan, burst, ev->time, det->values[P_BURST_SPAN] * FW_SECOND))
        return burst;
    return 0;
}

/* Step 7. The third stage: what is held came in its share of the time. */
static unsigned stage_of(const struct fw_det *det, const struct fw_event *ev, const struct worm *worm) {
    const struct fw_fanout *fan = &worm->fan;
    const int64_t third = det->values[P_THIRD];
    const int64_t held = third < FW_DISTINCT_MAX ? third : FW_DISTINCT_MAX;
    if (fan->magnitude >= (uint64_t)third && fw_fanout_burst(&det->keyed, fan, (uint64_t)held, ev->time,
                                                             det->values[P_THIRD_SPAN] * FW_SECOND * held / third))
        return 3;
    if (fw_fanout_burst(&det->keyed, fan, (uint64_t)det->values[P_SECOND], ev->time,
                        det->values[P_SECOND_SPAN] * FW_SECOND))
        return 2;
    return 1;
}

static void decide(struct fw_det *det, const struct fw_event *ev, struct worm *worm, bool unknown,
                   const struct fw_sink *sink) {
    struct fw_fanout *fan = &worm->fan;
    if (fan->matter.handle == 0) {
        const uint64_t bar = over_first(det, ev, worm, unknown);
        if (bar == 0)
            return;
        fw_fanout_open(&det->keyed, fan, bar);
        worm->stage = 1;
        worm->p2p = !fw_is_worm_port(ev->proto, ev->dport) && is_like_p2p(det, ev);
    }
    fw_fanout_look(&det->keyed, fan);
    const unsigned stage = stage_of(det, ev, worm);
    if (stage > worm->stage)
        worm->stage = (uint8_t)stage;
    struct fw_report report = {
        .subject = subject_of(ev), .time = ev->time, .stage = worm->stage, .value = fan->magnitude};
    fw_keyed_report(&det->keyed, sink, &fan->matter, &report);
}

static void ask(struct fw_det *det, const struct fw_event *ev, struct fw_ahead *ahead) {
    const enum fw_attempt outcome = is_left_out(ev) ? FW_ATTEMPT_NONE : fw_attempt_judge(ev);
    struct fw_attempt_key key;
    if (outcome == FW_ATTEMPT_NONE || fw_attempt_is_on_behalf(ev, outcome))
        return;
    fw_attempt_key(&key, ev, outcome == FW_ATTEMPT_UNKNOWN);
    fw_ahead_key(ahead, det->keyed.table, &key);
    if (outcome == FW_ATTEMPT_ANSWERED || fw_is_worm_port(ev->proto, ev->dport))
        return;
    source_key(&key, ev);
    fw_ahead_key(ahead, det->keyed.table, &key);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (is_left_out(ev))
        return;
    const enum fw_attempt outcome = fw_attempt_judge(ev); /* step 2 */
    if (outcome == FW_ATTEMPT_NONE || fw_attempt_is_on_behalf(ev, outcome))
        return;
    const bool unknown = outcome == FW_ATTEMPT_UNKNOWN;
    struct fw_attempt_key key;
    fw_attempt_key(&key, ev, unknown);
    struct worm *worm;
    if (outcome == FW_ATTEMPT_ANSWERED) {
        worm = take_answer(det, ev, &key, sink);
    } else {
        if (!fw_is_worm_port(ev->proto, ev->dport))
            note_habit(det, ev, sink);
        worm = fw_fanout_fail(det, sink, &key, ev, &ev->dst, det->values[P_THIRD_SPAN] * FW_SECOND); /* step 4 */
        if (worm != NULL)
            decide(det, ev, worm, unknown, sink);
    }
    if (fw_sink_asks(sink)) {
        const struct fw_subject subject = subject_of(ev);
        const struct fw_reading reading =
            fw_fanout_reading(worm != NULL ? &worm->fan : NULL, &subject, outcome, first_bar(det, unknown),
                              unknown ? "destinations" : "failed destinations");
        fw_sink_tell(sink, &reading);
    }
}

static const char *next_step(const struct worm *worm) {
    if (worm->p2p)
        return "Ask the user whether a file sharing program runs; if it is allowed, give the machine the role "
               "p2p_user. "
               "If there is none, treat it as a worm.";
    return worm->fan.matter.denied == worm->fan.matter.events
               ? "Take the machine off the network and clean it. All of this was denied: it has infected nobody on "
                 "this "
                 "way, unless there is one around the firewall."
               : "Take the machine off the network and clean it. Not all of this was denied: look for the same on the "
                 "hosts that it reached.";
}

static unsigned confidence_of(const struct worm *worm, const struct fw_attempt_key *key) {
    if (worm->p2p)
        return 40;
    return (fw_is_worm_port(key->proto, key->dport) ? 90 : 75) - (key->unknown ? 30 : 0);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct worm *worm = entry;
    const struct fw_matter *matter = &worm->fan.matter;
    const struct fw_attempt_key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], service[24], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_service_format(key->proto, key->dport, service, sizeof service);
    (void)fw_span_format(matter->last - matter->start, span, sizeof span);
    out->value = fw_distinct_magnitude(det->keyed.pool, &worm->fan.failed, &out->exact);
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    (void)snprintf(out->sentence, sizeof out->sentence,
                   "%s searches like a worm: %s%llu hosts on %s in %s (%llu denied)%s", src, out->exact ? "" : "about ",
                   (unsigned long long)out->value, service, span, (unsigned long long)matter->denied,
                   worm->p2p ? ", P2P suspected" : "");
    out->measure = "destinations";
    out->window = det->values[P_THIRD_SPAN] * FW_SECOND;
    out->confidence = confidence_of(worm, key);
    if (key->unknown)
        out->degraded[0] = "outcome";
    fw_keyed_degraded(&worm->fan.failed, out);
    out->next_step = next_step(worm);
    (void)snprintf(out->key, sizeof out->key, "%s|%s%s", src, service, key->unknown ? "|outcome unknown" : "");
    fw_keyed_evidence(&det->keyed, &worm->fan.failed, matter->start, key->dport, out);
}

/* Entries last for a day, findings as long as the ladder looks back. */
static fw_time quiet(const struct fw_det *det) {
    return det->values[P_THIRD_SPAN] * FW_SECOND;
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "worm",
                                         .key_size = sizeof(struct fw_attempt_key),
                                         .value_size = sizeof(struct worm),
                                         .sets = {offsetof(struct worm, fan.failed)},
                                         .set_count = 1,
                                         .times = {offsetof(struct worm, answered), offsetof(struct worm, habit.began)},
                                         .time_count = 2,
                                         .table_pct = 60,
                                         .gate = true};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_worm = {
    .name = "worm",
    .title = "worm",
    .requirement = "N3",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1210",
    .technique_name = "Exploitation of Remote Services",
    .tactic = FW_TACTIC_LATERAL_MOVEMENT,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(tcp_flags) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(reason),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner) | FW_ROLE_BIT(skype_user) | FW_ROLE_BIT(p2p_user),
    .params = params,
    .weight = 3,
    .quiet = quiet,
    .open = open_det,
    .ask = ask,
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
