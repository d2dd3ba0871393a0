/* det_slow_scan.c: one source tries hosts or ports over many hours (N3).
 *
 * For sweeps below the rate of addr_scan and port_scan, which nobody sees that
 * counts in minutes (psad's issue 33). What tells them from ordinary failing:
 * nearly all that is tried fails, and new failures go on from hour to hour. An
 * outage fails at once and is over; a busy client is answered far more often
 * than not; a dead server is one destination, however often it is tried.
 * The shares are those of the sequential test (TRW, see attempt.h): of a
 * scanner's first contacts at least .8 fail, of anybody else's .2; 9 failures in
 * a row are by chance one source in 1e5, which is how many come by in a day.
 *
 * Steps, which code and tests repeat:
 *   1. what is no attempt is left out, and what looks like a reply by its ports; so are
 *      calls from inside to high ports outside where their outcome is not logged, but for
 *      worms' ports: peers of one another call hundreds in a day;
 *   2. the outcome is judged (attempt.h): denied and unanswered are failures; where
 *      only starts are logged it is unknown, and the bars are 4 times as high;
 *   3. of a source outside, its contacts are counted, that is hosts and ports alike;
 *   4. of a source inside, hosts by service, and ports below 1024 by host: there
 *      services are looked for, above are those that FTP and RPC make up for the day.
 *      What every program calls by itself (the web, names, time) is left out: where
 *      it is denied, it fails all day;
 *   5. an answer takes its element out; who answered is remembered, roughly, and
 *      more than a few dozen make a service that is used;
 *   6. it is reported when the failures of a day are over the bar, came new in at
 *      least three different hours, and at most a fifth of those tried answered;
 *   7. at 4 and 16 times the bar it is a higher stage.
 *
 * Memory: about 220 bytes a key, and 36 bytes a failed contact, for a day. A
 * source enters at its second failed contact within a day (gate); where memory is
 * short, keys with the fewest failures go first (counted as evicted), and a sweep
 * is seen later or, of a source that has shown nothing else, not at all. What an
 * attacker controls: his pace. Below one contact in 3 hours nothing is seen.
 */
#include <stdio.h>
#include <string.h>

#include "fanout.h"

enum param { P_WINDOW, P_REMOTE, P_LOCAL, P_PORTS, P_HOURS, P_ANSWERED, P_UNKNOWN_FACTOR };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3 * 3600, 2 * 86400, 86400, "design: over 24 h",
                  "sliding window of the count"},
    [P_REMOTE] = {"remote_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, FW_WALK_BAR_SURE, "TRW with alpha 1e-5",
                  "failed contacts of a source outside home"},
    [P_LOCAL] = {"local_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 25, "addr_scan's least for a home source",
                 "failed destinations on one service, source inside home"},
    [P_PORTS] = {"local_ports_threshold", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 15, "Zeek scan.zeek",
                 "failed ports below 1024 of one destination, source inside home"},
    [P_HOURS] = {"hours", FW_UNIT_COUNT, 1, 24, 3, "an outage is over by then", "different hours with new failures"},
    [P_ANSWERED] = {"answered_share", FW_UNIT_PERCENT, 0, 100, 20, "TRW: theta0 = .8",
                    "of what was tried, so much may answer"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no outcome in the log",
                          "the bar is so many times higher when the log does not tell outcomes"},
    {.name = NULL},
};

enum { PORTS_RESERVED = 1024 };
enum { USED = 40 }; /* bits of 64 set by those that answered, that is about 63 of them: the service is used */
enum { HOURS_KEPT = 24 };
enum { TOLD_SHARE = 4 }; /* it is news when there is a quarter more: one more host every 20 minutes is none */

enum form { CONTACTS = 1, HOSTS, PORTS };

struct key {
    union fw_addr src;
    union fw_addr dst; /* PORTS */
    uint16_t dport;    /* HOSTS */
    uint8_t proto;     /* HOSTS */
    uint8_t form;
    uint8_t unknown;
    uint8_t zero[3];
};
_Static_assert(sizeof(struct key) == 40, "keys are hashed by words");

struct slow {
    struct fw_fanout fan;
    uint64_t answered; /* a bit by hash for each that did */
    fw_time hour;      /* begin of the last hour with a new failure */
    uint32_t hours;    /* bit n: n hours before there was one */
    uint32_t known;    /* elements added when hours were last noted */
    uint64_t told;     /* magnitude that was last reported */
    uint8_t local;
};

static const char *const measures[] = {[CONTACTS] = "services", [HOSTS] = "destinations", [PORTS] = "ports"};

/* Host and port of an IPv4 contact in one element: the port goes where a mapped address is zero. Of IPv6 the host. */
enum { AT_PROTO = 7, AT_PORT = 8 };
static union fw_addr contact_of(const struct fw_event *ev) {
    union fw_addr element = ev->dst;
    if (!fw_addr_is_v4(&ev->dst))
        return element;
    element.b[AT_PROTO] = ev->proto;
    element.b[AT_PORT] = (uint8_t)(ev->dport >> 8);
    element.b[AT_PORT + 1] = (uint8_t)ev->dport;
    return element;
}

/* Steps 3 and 4. False: nothing is counted of that form. */
static bool fill(enum form form, const struct fw_event *ev, bool unknown, struct key *key, union fw_addr *element) {
    const bool ported = ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP;
    memset(key, 0, sizeof *key);
    key->src = ev->src;
    key->form = (uint8_t)form;
    key->unknown = unknown;
    switch (form) {
    case CONTACTS:
        *element = ported ? contact_of(ev) : ev->dst;
        return true;
    case HOSTS:
        key->proto = ev->proto;
        key->dport = ported ? ev->dport : 0;
        *element = ev->dst;
        return true;
    case PORTS:
        key->dst = ev->dst;
        *element = fw_fanout_port(ev->proto, ev->dport);
        return ported && ev->dport < PORTS_RESERVED;
    }
    return false;
}

static struct fw_subject subject_of(enum form form, const struct fw_event *ev) {
    struct fw_subject subject = {.src = ev->src, .has_src = true, .proto = -1, .dport = -1};
    if (form == HOSTS) {
        subject.proto = ev->proto;
        subject.dport = fw_event_has(ev, FW_BIT(dport)) ? ev->dport : -1;
    } else if (form == PORTS) {
        subject.dst = ev->dst;
        subject.has_dst = true;
        subject.proto = ev->proto;
    }
    return subject;
}

static void note_hour(struct slow *slow, fw_time time) {
    const fw_time later = time - slow->hour;
    if (slow->hour == 0 || later >= HOURS_KEPT * FW_HOUR || later <= -HOURS_KEPT * FW_HOUR) {
        slow->hours = 1;
        slow->hour = time - time % FW_HOUR;
    } else if (later >= 0) {
        slow->hours = slow->hours << later / FW_HOUR | 1;
        slow->hour += later / FW_HOUR * FW_HOUR;
    } else {
        slow->hours |= UINT32_C(1) << (FW_HOUR - 1 - later) / FW_HOUR;
    }
    slow->hours &= (UINT32_C(1) << HOURS_KEPT) - 1;
}

/* Only new elements make an hour; the one that waited at the gate made one, too. */
static void note_hours(const struct fw_det *det, struct slow *slow, fw_time time) {
    struct fw_element first;
    if (slow->known == slow->fan.added)
        return;
    if (slow->hour == 0 && fw_distinct_list(det->keyed.pool, &slow->fan.failed, 0, &first, 1) == 1)
        note_hour(slow, first.time);
    note_hour(slow, time);
    slow->known = slow->fan.added;
}

static uint64_t bar(const struct fw_det *det, enum form form, bool unknown) {
    static const enum param of[] = {[CONTACTS] = P_REMOTE, [HOSTS] = P_LOCAL, [PORTS] = P_PORTS};
    const uint64_t one = (uint64_t)(det->values[of[form]] * (unknown ? det->values[P_UNKNOWN_FACTOR] : 1));
    return one < FW_DISTINCT_MAX ? one : FW_DISTINCT_MAX;
}

/* Step 6. */
static bool is_slow_scan(const struct fw_det *det, const struct slow *slow) {
    const unsigned answered = fw_bits_set(slow->answered);
    if ((int64_t)fw_bits_set(slow->hours) < det->values[P_HOURS] || answered >= USED)
        return false;
    return answered * 100 <= (uint64_t)det->values[P_ANSWERED] * (answered + slow->fan.failed.count);
}

static void decide(struct fw_det *det, const struct fw_event *ev, struct slow *slow, enum form form, bool unknown,
                   const struct fw_sink *sink) {
    struct fw_fanout *fan = &slow->fan;
    if (fan->matter.handle == 0) {
        const uint64_t threshold = bar(det, form, unknown);
        if (fan->failed.count < threshold || !is_slow_scan(det, slow))
            return;
        fw_fanout_open(&det->keyed, fan, threshold);
        slow->known = fan->added;
        slow->told = 0;
    }
    fw_fanout_look(&det->keyed, fan);
    if (fan->magnitude * TOLD_SHARE >= slow->told * (TOLD_SHARE + 1))
        slow->told = fan->magnitude;
    struct fw_report report = {
        .subject = subject_of(form, ev), .time = ev->time, .stage = fw_fanout_stage(fan), .value = slow->told};
    fw_keyed_report(&det->keyed, sink, &fan->matter, &report);
}

static uint64_t bit_of(const union fw_addr *element) {
    return UINT64_C(1) << fw_hash(&fw_seed_fixed, element, sizeof *element) % 64;
}

/* Steps 5 to 7 for one form. */
static void count(struct fw_det *det, const struct fw_event *ev, enum form form, enum fw_attempt outcome,
                  const struct fw_sink *sink) {
    const bool unknown = outcome == FW_ATTEMPT_UNKNOWN;
    struct key key;
    union fw_addr element;
    if (!fill(form, ev, unknown, &key, &element))
        return;
    struct slow *slow;
    if (outcome == FW_ATTEMPT_ANSWERED) {
        slow = fw_fanout_answer(det, &key, &element);
        if (slow != NULL)
            slow->answered |= bit_of(&element);
    } else {
        slow = fw_fanout_fail(det, sink, &key, ev, &element, fw_keyed_window(det));
        if (slow != NULL) {
            slow->local = (ev->src_roles & FW_ROLE_HOME) != 0;
            note_hours(det, slow, ev->time);
            decide(det, ev, slow, form, unknown, sink);
        }
    }
    if (fw_sink_asks(sink)) {
        const struct fw_subject subject = subject_of(form, ev);
        const struct fw_reading reading = fw_fanout_reading(slow != NULL ? &slow->fan : NULL, &subject, outcome,
                                                            bar(det, form, unknown), measures[form]);
        fw_sink_tell(sink, &reading);
    }
}

/* Step 1: the outcome, and the forms that it counts for; NONE: none. */
static enum fw_attempt judge(const struct fw_event *ev, enum form *from, enum form *to) {
    const bool local = (ev->src_roles & FW_ROLE_HOME) != 0;
    if (local && fw_attempt_is_common(ev))
        return FW_ATTEMPT_NONE;
    *from = local ? HOSTS : CONTACTS;
    *to = local ? PORTS : CONTACTS;
    const enum fw_attempt outcome = fw_attempt_judge(ev);
    if (outcome == FW_ATTEMPT_NONE || fw_attempt_is_like_reply(ev) || fw_attempt_is_like_peer(ev, outcome))
        return FW_ATTEMPT_NONE;
    return outcome;
}

static void ask(struct fw_det *det, const struct fw_event *ev, struct fw_ahead *ahead) {
    enum form form, last;
    const enum fw_attempt outcome = judge(ev, &form, &last);
    if (outcome == FW_ATTEMPT_NONE)
        return;
    for (; form <= last; form++) {
        struct key key;
        union fw_addr element;
        if (fill(form, ev, outcome == FW_ATTEMPT_UNKNOWN, &key, &element))
            fw_ahead_key(ahead, det->keyed.table, &key);
    }
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    enum form form, last;
    const enum fw_attempt outcome = judge(ev, &form, &last);
    if (outcome == FW_ATTEMPT_NONE)
        return;
    for (; form <= last; form++)
        count(det, ev, form, outcome, sink);
}

static const char *next_step(const struct slow *slow) {
    if (slow->local)
        return "Find out what runs on the source: a scanner or monitor of your own belongs into a role (nms, scanner). "
               "Who searches so slowly does not want to be seen: if nobody knows it, examine the machine.";
    return slow->fan.matter.denied == slow->fan.matter.events
               ? "All of it was denied: nothing to do at once. Who searches so slowly takes pains: watch what this "
                 "source does next."
               : "Not all of it was denied: look whether any of the hosts it tried offers a service to the world that "
                 "is not meant to be open.";
}

static void add_evidence(const struct fw_det *det, const struct slow *slow, const struct key *key,
                         struct fw_description *out) {
    fw_keyed_evidence(&det->keyed, &slow->fan.failed, slow->fan.matter.start, key->form == HOSTS ? key->dport : -1,
                      out);
    for (size_t i = 0; i < out->evidence_count; i++) {
        struct fw_evidence *one = &out->evidence[i];
        if (key->form == PORTS) {
            one->dport = (int)fw_fanout_port_of(&one->dst);
            one->dst = key->dst;
        } else if (key->form == CONTACTS && one->dst.b[AT_PROTO] != 0 && one->dst.q[0] != 0 && one->dst.b[10] == 0xff) {
            one->dport = one->dst.b[AT_PORT] << 8 | one->dst.b[AT_PORT + 1];
            one->dst.b[AT_PROTO] = one->dst.b[AT_PORT] = one->dst.b[AT_PORT + 1] = 0;
        }
    }
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct slow *slow = entry;
    const struct fw_matter *matter = &slow->fan.matter;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], what[FW_ADDR_TEXT_MAX], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_span_format(matter->last - matter->start, span, sizeof span);
    out->value = fw_distinct_magnitude(det->keyed.pool, &slow->fan.failed, &out->exact);
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    if (key->form == HOSTS)
        (void)fw_service_format(key->proto, key->dport, what, sizeof what);
    else
        (void)fw_addr_format(&key->dst, what);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s slowly tried %s%llu %s%s%s in %s (%llu denied)", src,
                   out->exact ? "" : "about ", (unsigned long long)out->value,
                   key->form == HOSTS ? "hosts" : measures[key->form],
                   key->form == HOSTS   ? " on "
                   : key->form == PORTS ? " of "
                                        : "",
                   key->form == CONTACTS ? "" : what, span, (unsigned long long)matter->denied);
    out->measure = measures[key->form];
    out->window = fw_keyed_window(det);
    out->confidence = key->unknown ? 50 : 80;
    if (key->unknown)
        out->degraded[0] = "outcome";
    fw_keyed_degraded(&slow->fan.failed, out);
    out->next_step = next_step(slow);
    (void)snprintf(out->key, sizeof out->key, "%s|%s%s", src, key->form == CONTACTS ? "any" : what,
                   key->unknown ? "|outcome unknown" : "");
    add_evidence(det, slow, key, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "slow_scan",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct slow),
                                         .sets = {offsetof(struct slow, fan.failed)},
                                         .set_count = 1,
                                         .times = {offsetof(struct slow, hour)},
                                         .time_count = 1,
                                         .table_pct = 48,
                                         .gate = true};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_slow_scan = {
    .name = "slow_scan",
    .title = "slow scan",
    .requirement = "N3",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1046",
    .technique_name = "Network Service Discovery",
    .tactic = FW_TACTIC_DISCOVERY,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto),
    .uses = FW_BIT(sport) | FW_BIT(dport) | FW_BIT(icmp_type) | FW_BIT(tcp_flags) | FW_BIT(rcvd) | FW_BIT(bytes) |
            FW_BIT(reason),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner) | FW_ROLE_BIT(web_cache) | FW_ROLE_BIT(mail_server) |
              FW_ROLE_BIT(skype_user) | FW_ROLE_BIT(p2p_user),
    .params = params,
    .weight = 6,
    .quiet = fw_keyed_quiet,
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
