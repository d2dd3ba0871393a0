/* det_addr_scan.c: one source tries many addresses on one port (N3).
 *
 * Algorithm: Zeek's bro-simple-scan (distinct destinations whose connection
 * failed, 25 for remote and 250 for local sources in 15 minutes), and beside it
 * the sequential hypothesis test of Jung, Paxson, Berger, Balakrishnan: Fast
 * portscan detection using sequential hypothesis testing, 2004 (TRW, see attempt.h),
 * which may fire sooner for a local source: failures that outweigh answers by
 * FW_WALK_BAR are too few to call somebody a scanner, so at least
 * `sequential_minimum` distinct ones are asked for; by FW_WALK_BAR_SURE they are
 * enough when they come in one burst. Neither holds for services that every program
 * calls (fw_attempt_is_common): when the line is down, all of a client's calls fail.
 *
 * Steps, which code and tests repeat:
 *   1. what is no attempt is left out: replies, multicast and broadcast, packets
 *      that do not begin a session, protocols other than TCP, UDP and ICMP echo; and
 *      calls of who works for others, a proxy or a resolver, to what these call;
 *   2. the outcome is judged: denied and unanswered are failures; a start whose
 *      end the sensor will log is waited for; a start of a sensor that logs no
 *      ends has an unknown outcome;
 *   3. an answer takes the destination out of the failures, and one step off the walk;
 *      but an echo inside counts, answered or not, and whether the log tells or not: it
 *      asks who is there;
 *   4. a failure is put into the window's set; a first contact is one step more;
 *   5. the bar depends on where the source is, on the walk, and on whether the
 *      failures come in one burst; times 4 when outcomes are unknown;
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

#include "fanout.h"

enum param { P_WINDOW, P_REMOTE, P_LOCAL, P_SEQUENTIAL, P_BURST, P_BURST_SPAN, P_UNKNOWN_FACTOR };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 3600, 900, "Zeek bro-simple-scan", "sliding window of the count"},
    [P_REMOTE] = {"remote_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 25, "Zeek bro-simple-scan",
                  "failed destinations of a source outside home"},
    [P_LOCAL] = {"local_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 250, "Zeek bro-simple-scan",
                 "failed destinations of a source inside home"},
    [P_SEQUENTIAL] = {"sequential_minimum", FW_UNIT_COUNT, 4, FW_DISTINCT_MAX, 25, "the remote figure of Zeek",
                      "failed destinations before the sequential test may call a home source a scanner"},
    [P_BURST] = {"burst_threshold", FW_UNIT_COUNT, 5, FW_DISTINCT_MAX, 10, "TRW with alpha 1e-5 asks for 9",
                 "failed destinations within burst_span that are enough for a home source"},
    [P_BURST_SPAN] = {"burst_span", FW_UNIT_SECONDS, 1, 300, 3, "scanlogd: what is one scan",
                      "time in which a burst has to come"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no outcome in the log",
                          "the bar is so many times higher when the log does not tell outcomes"},
    {.name = NULL},
};

enum { ECHO_BACK = 2 }; /* an echo that may be answered was counted as one that was not: back, and one step down */
/* Notes at the gate for each entry. At 10,000 new sources a second a note must outlast two gaps of a scanner of 25 hosts
 * in 15 minutes, 72 s, with a margin for sets that fill sooner: with 256 MiB there are 1.4 million. */
enum { NOTES = 16 };
enum { VERSION = 1 }; /* of struct scan in the state */

struct scan {
    struct fw_fanout fan;
    uint8_t local; /* the source is inside */
};

static struct fw_subject subject_of(const struct fw_event *ev) {
    return (struct fw_subject){
        .src = ev->src, .has_src = true, .proto = ev->proto, .dport = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : -1};
}

/* A look who is there, whether they are or not: nobody else pings so many of his neighbours at once. Outside, programs do,
 * to find the nearest server. */
static bool is_look_around(const struct fw_event *ev) {
    return (ev->proto == FW_PROTO_ICMP || ev->proto == FW_PROTO_ICMP6) && (ev->src_roles & FW_ROLE_HOME) != 0 &&
           (ev->dst_roles & FW_ROLE_HOME) != 0;
}

/* Step 5. scan NULL: nothing but what the gate holds. */
static uint64_t bar(const struct fw_det *det, const struct fw_event *ev, const struct scan *scan, bool unknown) {
    const bool local = (ev->src_roles & FW_ROLE_HOME) != 0;
    uint64_t threshold = (uint64_t)det->values[local ? P_LOCAL : P_REMOTE];
    const uint64_t least = (uint64_t)det->values[P_SEQUENTIAL];
    const uint64_t burst = (uint64_t)det->values[P_BURST];
    if (unknown) {
        threshold *= (uint64_t)det->values[P_UNKNOWN_FACTOR];
        return threshold < FW_DISTINCT_MAX ? threshold : FW_DISTINCT_MAX;
    }
    if (local && scan != NULL && scan->fan.walk >= FW_WALK_BAR && least < threshold && !fw_attempt_is_common(ev))
        threshold = least;
    if (local && scan != NULL && (scan->fan.walk >= FW_WALK_BAR_SURE || is_look_around(ev)) && burst < threshold &&
        !fw_attempt_is_common(ev) &&
        fw_fanout_burst(&det->keyed, &scan->fan, burst, ev->time, det->values[P_BURST_SPAN] * FW_SECOND))
        threshold = burst;
    return threshold;
}

/* Step 6. */
static void decide(struct fw_det *det, const struct fw_event *ev, struct scan *scan, bool unknown,
                   const struct fw_sink *sink) {
    if (scan->fan.matter.handle == 0 && !fw_fanout_is_over(det, &scan->fan, bar(det, ev, scan, unknown)))
        return;
    const struct fw_subject subject = subject_of(ev);
    fw_fanout_report(det, sink, &scan->fan, &subject, ev->time);
}

static bool is_unknown(const struct fw_event *ev, enum fw_attempt outcome) {
    return outcome == FW_ATTEMPT_UNKNOWN && !is_look_around(ev);
}

/* Steps 1 and 2. */
static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *key) {
    const enum fw_attempt outcome = fw_attempt_judge(ev);
    (void)det;
    if (outcome == FW_ATTEMPT_NONE || fw_attempt_is_on_behalf(ev, outcome))
        return false;
    fw_attempt_key(key, ev, is_unknown(ev, outcome));
    return true;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const enum fw_attempt outcome = fw_attempt_judge(ev); /* steps 1 and 2 */
    if (outcome == FW_ATTEMPT_NONE || fw_attempt_is_on_behalf(ev, outcome))
        return;
    const bool unknown = is_unknown(ev, outcome);
    struct fw_attempt_key key;
    fw_attempt_key(&key, ev, unknown);
    const bool answered = outcome == FW_ATTEMPT_ANSWERED;
    struct scan *scan;
    if (answered && !is_look_around(ev)) {
        scan = fw_fanout_answer(det, &key, &ev->dst); /* step 3 */
    } else {
        scan = fw_fanout_fail(det, sink, &key, ev, &ev->dst, fw_keyed_window(det)); /* step 4 */
        if (scan != NULL) {
            if (outcome != FW_ATTEMPT_FAILED && !unknown)
                scan->fan.walk = scan->fan.walk > ECHO_BACK ? scan->fan.walk - ECHO_BACK : 0;
            scan->local = (ev->src_roles & FW_ROLE_HOME) != 0;
            decide(det, ev, scan, unknown, sink);
        }
    }
    if (fw_sink_asks(sink)) {
        const struct fw_subject subject = subject_of(ev);
        const struct fw_reading reading =
            fw_fanout_reading(scan != NULL ? &scan->fan : NULL, &subject, outcome, bar(det, ev, scan, unknown),
                              unknown ? "destinations" : "failed destinations");
        fw_sink_tell(sink, &reading);
    }
}

/* Inside somebody has to go there; outside the rules are all there is. */
static const char *next_step(const struct scan *scan) {
    const bool held = scan->fan.matter.denied == scan->fan.matter.events;
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
    const struct fw_attempt_key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], service[24], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_service_format(key->proto, key->dport, service, sizeof service);
    (void)fw_span_format(scan->fan.matter.last - scan->fan.matter.start, span, sizeof span);
    out->value = fw_distinct_magnitude(det->keyed.pool, &scan->fan.failed, &out->exact);
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    (void)snprintf(out->sentence, sizeof out->sentence, "%s tried %s%llu hosts on %s in %s (%llu denied)", src,
                   out->exact ? "" : "about ", (unsigned long long)out->value, service, span,
                   (unsigned long long)scan->fan.matter.denied);
    out->measure = "destinations";
    out->window = fw_keyed_window(det);
    out->confidence = key->unknown ? 60 : 90;
    if (key->unknown)
        out->degraded[0] = "outcome";
    fw_keyed_degraded(&scan->fan.failed, out);
    out->next_step = next_step(scan);
    (void)snprintf(out->key, sizeof out->key, "%s|%s%s", src, service, key->unknown ? "|outcome unknown" : "");
    fw_keyed_evidence(&det->keyed, &scan->fan.failed, scan->fan.matter.start, key->dport != 0 ? key->dport : -1, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "addr_scan",
                                         .key_size = sizeof(struct fw_attempt_key),
                                         .value_size = sizeof(struct scan),
                                         .sets = {offsetof(struct scan, fan.failed)},
                                         .set_count = 1,
                                         .table_pct = 52, /* an entry, its notes and a set */
                                         .gate = true,
                                         .notes = NOTES,
                                         .key_of = key_of,
                                         .version = VERSION};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_addr_scan = {
    .name = "addr_scan",
    .title = "address scan",
    .requirement = "N3",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1046",
    .technique_name = "Network Service Discovery",
    .tactic = FW_TACTIC_DISCOVERY,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto),
    .uses = FW_BIT(dport) | FW_BIT(icmp_type) | FW_BIT(tcp_flags) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(reason),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner) | FW_ROLE_BIT(web_cache) | FW_ROLE_BIT(skype_user) |
              FW_ROLE_BIT(p2p_user),
    .params = params,
    .weight = 48,
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
