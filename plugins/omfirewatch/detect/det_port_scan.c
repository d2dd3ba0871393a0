/* det_port_scan.c: one source tries many ports of one address (N3).
 *
 * Algorithm: Zeek's policy/misc/scan.zeek (distinct ports of one host whose
 * connection failed, 15 in 5 minutes), 50 for a source inside, as the design
 * says. Beside it a burst, for a source inside that shows itself sooner:
 * scanlogd (Openwall) calls a scan what tries enough ports with hardly a pause;
 * ours asks for 10 within 3 s, and for the sequential test of TRW with
 * alpha = 1e-5 (FW_WALK_BAR_SURE, attempt.h).
 *
 * Steps, which code and tests repeat:
 *   1. what is no attempt is left out, ICMP among it; so is what looks like a reply
 *      by its ports (late answers of a resolver, backscatter), the ports that
 *      traceroute counts up in, and those that every program calls: five ports of a
 *      scan, but most events of an ordinary day, which so cost nothing here;
 *   2. the outcome is judged (attempt.h): denied and unanswered are failures; where
 *      only starts are logged it is unknown. A protocol other than TCP and UDP that
 *      was denied counts as a port does;
 *   3. an answer takes the port out of the failures, and one step off the walk;
 *   4. a failure is put into the window's set of ports;
 *   5. the bar depends on where the source is, times 4 when outcomes are unknown;
 *      a burst of a home source lowers it;
 *   6. over the bar it is reported; at 4 and 16 times the bar it is a higher stage.
 *
 * Memory: about 160 bytes a source and destination, and 36 bytes a port. A pair
 * enters at its second failed port (gate). What an attacker controls: addresses
 * and ports. Who spreads his ports over many destinations is a matter of
 * slow_scan and addr_scan; who scans from a port below 1024 is seen at the ports
 * below 1024, and everywhere where flags are logged.
 */
#include <stdio.h>
#include <string.h>

#include "fanout.h"

enum param { P_WINDOW, P_REMOTE, P_LOCAL, P_BURST, P_BURST_SPAN, P_UNKNOWN_FACTOR };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 3600, 300, "Zeek scan.zeek", "sliding window of the count"},
    [P_REMOTE] = {"remote_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 15, "Zeek scan.zeek",
                  "failed ports of one destination, source outside home"},
    [P_LOCAL] = {"local_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 50,
                 "design: as addr_scan, home is forgiven more", "failed ports of one destination, source inside home"},
    [P_BURST] = {"burst_threshold", FW_UNIT_COUNT, 5, FW_DISTINCT_MAX, 10, "TRW with alpha 1e-5 asks for 9",
                 "failed ports within burst_span that are enough for a home source"},
    [P_BURST_SPAN] = {"burst_span", FW_UNIT_SECONDS, 1, 300, 3, "scanlogd: what is one scan",
                      "time in which a burst has to come"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no outcome in the log",
                          "the bar is so many times higher when the log does not tell outcomes"},
    {.name = NULL},
};

/* Traceroute sends to a port more for each probe, from 33434: 3 for each of at most 30 hops, and some to spare. */
enum { TRACE_FIRST = 33434, TRACE_LAST = 33534 };

struct key {
    union fw_addr src;
    union fw_addr dst;
    uint64_t unknown; /* outcomes are not in the log: counted apart */
};
_Static_assert(sizeof(struct key) == 40, "keys are hashed by words");

struct scan {
    struct fw_fanout fan;
    uint8_t local;     /* the source is inside */
    uint8_t ports;     /* there were some */
    uint8_t protocols; /* likewise, other than TCP and UDP */
};

static bool has_ports(const struct fw_event *ev) {
    return ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP;
}

/* Step 1. */
static bool is_left_out(const struct fw_event *ev) {
    if (ev->proto == FW_PROTO_ICMP || ev->proto == FW_PROTO_ICMP6)
        return true;
    if (ev->proto == FW_PROTO_UDP && ev->dport >= TRACE_FIRST && ev->dport <= TRACE_LAST)
        return true;
    return has_ports(ev) && (fw_attempt_is_common(ev) || fw_attempt_is_like_reply(ev));
}

/* Step 2. A protocol without ports is itself what is tried; only a denial tells that it was in vain. */
static enum fw_attempt judge(const struct fw_event *ev) {
    if (has_ports(ev))
        return fw_attempt_judge(ev);
    return ev->kind == FW_KIND_FLOW_DENY && !fw_addr_is_group(&ev->dst) ? FW_ATTEMPT_FAILED : FW_ATTEMPT_NONE;
}

static struct fw_subject subject_of(const struct fw_event *ev) {
    return (struct fw_subject){.src = ev->src,
                               .has_src = true,
                               .dst = ev->dst,
                               .has_dst = true,
                               .proto = has_ports(ev) ? ev->proto : -1,
                               .dport = -1};
}

/* Step 5. scan NULL: nothing but what the gate holds. */
static uint64_t bar(const struct fw_det *det, const struct fw_event *ev, const struct scan *scan, bool unknown) {
    const bool local = (ev->src_roles & FW_ROLE_HOME) != 0;
    const uint64_t burst = (uint64_t)det->values[P_BURST];
    uint64_t threshold = (uint64_t)det->values[local ? P_LOCAL : P_REMOTE];
    if (unknown) {
        threshold *= (uint64_t)det->values[P_UNKNOWN_FACTOR];
        return threshold < FW_DISTINCT_MAX ? threshold : FW_DISTINCT_MAX;
    }
    if (local && scan != NULL && scan->fan.walk >= FW_WALK_BAR_SURE && burst < threshold &&
        fw_fanout_burst(&det->keyed, &scan->fan, burst, ev->time, det->values[P_BURST_SPAN] * FW_SECOND))
        return burst;
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

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *key) {
    const enum fw_attempt outcome = is_left_out(ev) ? FW_ATTEMPT_NONE : judge(ev);
    (void)det;
    if (outcome != FW_ATTEMPT_NONE)
        *(struct key *)key = (struct key){ev->src, ev->dst, outcome == FW_ATTEMPT_UNKNOWN};
    return outcome != FW_ATTEMPT_NONE;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (is_left_out(ev))
        return;
    const enum fw_attempt outcome = judge(ev);
    if (outcome == FW_ATTEMPT_NONE)
        return;
    const bool unknown = outcome == FW_ATTEMPT_UNKNOWN;
    const struct key key = {ev->src, ev->dst, unknown};
    const union fw_addr port = fw_fanout_port(ev->proto, has_ports(ev) ? ev->dport : 0);
    struct scan *scan;
    if (outcome == FW_ATTEMPT_ANSWERED)
        scan = fw_fanout_answer(det, &key, &port); /* step 3 */
    else
        scan = fw_fanout_fail(det, sink, &key, ev, &port, fw_keyed_window(det)); /* step 4 */
    if (scan != NULL && outcome != FW_ATTEMPT_ANSWERED) {
        scan->local = (ev->src_roles & FW_ROLE_HOME) != 0;
        if (has_ports(ev))
            scan->ports = 1;
        else
            scan->protocols = 1;
        decide(det, ev, scan, unknown, sink);
    }
    if (fw_sink_asks(sink)) {
        const struct fw_subject subject = subject_of(ev);
        const struct fw_reading reading =
            fw_fanout_reading(scan != NULL ? &scan->fan : NULL, &subject, outcome, bar(det, ev, scan, unknown),
                              unknown ? "ports" : "failed ports");
        fw_sink_tell(sink, &reading);
    }
}

static const char *next_step(const struct scan *scan) {
    if (scan->local)
        return "Find out who or what looks for services from this machine: a scanner or monitor of your own belongs "
               "into a role (nms, scanner). Otherwise somebody works from it: look who is logged in and what runs.";
    return scan->fan.matter.denied == scan->fan.matter.events
               ? "All of it was denied: nothing to do, unless you know the source. See whether it comes back to a port "
                 "that is open."
               : "Not all of it was denied: look which of these ports the destination offers to the world, and close "
                 "what is not meant to be open.";
}

/* Sets hold ports: the address of the evidence is the destination. */
static void add_evidence(const struct fw_det *det, const struct scan *scan, const struct key *key,
                         struct fw_description *out) {
    fw_keyed_evidence(&det->keyed, &scan->fan.failed, scan->fan.matter.start, -1, out);
    for (size_t i = 0; i < out->evidence_count; i++) {
        const unsigned port = fw_fanout_port_of(&out->evidence[i].dst);
        out->evidence[i].dport = port != 0 ? (int)port : -1;
        out->evidence[i].dst = key->dst;
    }
}

static const char *what(const struct scan *scan) {
    if (scan->protocols)
        return scan->ports ? "ports and protocols" : "protocols";
    return "ports";
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct scan *scan = entry;
    const struct fw_matter *matter = &scan->fan.matter;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_addr_format(&key->dst, dst);
    (void)fw_span_format(matter->last - matter->start, span, sizeof span);
    out->value = fw_distinct_magnitude(det->keyed.pool, &scan->fan.failed, &out->exact);
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    (void)snprintf(out->sentence, sizeof out->sentence, "%s tried %s%llu %s of %s in %s (%llu denied)", src,
                   out->exact ? "" : "about ", (unsigned long long)out->value, what(scan), dst, span,
                   (unsigned long long)matter->denied);
    out->measure = "ports";
    out->window = fw_keyed_window(det);
    out->confidence = key->unknown ? 60 : 90;
    if (key->unknown)
        out->degraded[0] = "outcome";
    fw_keyed_degraded(&scan->fan.failed, out);
    out->next_step = next_step(scan);
    (void)snprintf(out->key, sizeof out->key, "%s|%s%s", src, dst, key->unknown ? "|outcome unknown" : "");
    add_evidence(det, scan, key, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "port_scan",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct scan),
                                         .sets = {offsetof(struct scan, fan.failed)},
                                         .set_count = 1,
                                         .table_pct = 48,
                                         .key_of = key_of,
                                         .gate = true};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_port_scan = {
    .name = "port_scan",
    .title = "port scan",
    .requirement = "N3",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1046",
    .technique_name = "Network Service Discovery",
    .tactic = FW_TACTIC_DISCOVERY,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto),
    .uses = FW_BIT(dport) | FW_BIT(sport) | FW_BIT(tcp_flags) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(reason),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 6,
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
