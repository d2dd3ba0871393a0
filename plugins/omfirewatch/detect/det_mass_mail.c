/* det_mass_mail.c: a machine that is no mail server sends mail to many (N2).
 *
 * Algorithm: distinct SMTP destinations of one home source in a sliding window
 * (ntopng's smtp_contacts: more than 5 in 5 minutes), and beside it the rate of
 * connections (Emerging Threats 2002087: 10 in 60 s), which counts only when it
 * goes to several destinations: one smarthost may be busy. Denied connections
 * count as well: where policy forbids direct SMTP the virus shows in denials.
 *
 * Steps, which code and tests repeat:
 *   1. only home sources, only TCP to 25, 465 or 587, only what begins a session
 *      (or was denied); a destination that is a mail server of the site is where
 *      clients should send and does not count;
 *   2. a look-up of MX records by the same source is noted: clients ask for
 *      none, mailers must;
 *   3. port 25 counts whole, submission (465, 587) a quarter: clients have
 *      several accounts, viruses rarely credentials;
 *   4. the measure is over the threshold, or the rate is and the destinations
 *      are several: reported; 4 and 16 times the threshold are higher stages.
 *
 * Memory: about 180 bytes a source that spoke SMTP to two destinations, and 28
 * bytes a destination. What an attacker controls: inside, all of it; outside,
 * nothing, as only home sources are kept.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"
#include "rate.h"

enum param { P_WINDOW, P_THRESHOLD, P_RATE, P_RATE_MINIMUM, P_SUBMISSION_WEIGHT };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 3600, 300, "ntopng smtp_contacts", "sliding window of the count"},
    [P_THRESHOLD] = {"threshold", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 6, "ntopng smtp_contacts: more than 5",
                     "SMTP destinations of one source"},
    [P_RATE] = {"rate_threshold", FW_UNIT_COUNT, 2, 10000, 10, "Emerging Threats 2002087",
                "SMTP connections of one source in 60 seconds"},
    [P_RATE_MINIMUM] = {"rate_minimum", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 3, "several destinations, not one smarthost",
                        "destinations without which the rate says nothing"},
    [P_SUBMISSION_WEIGHT] = {"submission_weight", FW_UNIT_PERCENT, 0, 100, 25, "design",
                             "how much a destination on 465 or 587 counts against one on 25"},
    {.name = NULL},
};

enum { STAGES = 3, STAGE_FACTOR = 4 };
enum { PORT_SMTP = 25, PORT_SUBMISSIONS = 465, PORT_SUBMISSION = 587 };
enum { RAISE_DENIED = 10, RAISE_MX = 10 }; /* points of score: policy forbids it; it asked for MX records */
#define RATE_SPAN FW_MINUTE

struct key {
    union fw_addr src;
};

struct mailer {
    struct fw_matter matter;
    struct fw_distinct relay;      /* port 25 */
    struct fw_distinct submission; /* ports 465, 587 */
    struct fw_rate rate;           /* of connections */
    uint64_t magnitude;
    uint8_t by_rate; /* the rate opened it */
    uint8_t mx;
};

/* Step 1. */
static bool is_smtp(const struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(dst) | FW_BIT(dport) | FW_BIT(proto)) || ev->proto != FW_PROTO_TCP || ev->reply)
        return false;
    if (ev->dport != PORT_SMTP && ev->dport != PORT_SUBMISSIONS && ev->dport != PORT_SUBMISSION)
        return false;
    if (ev->kind != FW_KIND_FLOW_DENY && !ev->counts)
        return false;
    /* An end carries the flags of its whole session, which say nothing about who began it. */
    if (ev->kind != FW_KIND_FLOW_END && fw_event_has(ev, FW_BIT(tcp_flags)) &&
        (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) != FW_TCP_SYN)
        return false;
    return (ev->dst_roles & FW_ROLE_BIT(mail_server)) == 0;
}

/* Step 2. */
static bool is_mx(const struct fw_event *ev) {
    return fw_event_has(ev, FW_BIT(qtype)) && ev->qtype.len == 2 && memcmp(ev->qtype.p, "MX", 2) == 0;
}

/* Steps 1 and 2. */
static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    struct key *key = out;
    (void)det;
    if ((ev->src_roles & FW_ROLE_HOME) == 0 || !(ev->kind == FW_KIND_DNS ? is_mx(ev) : is_smtp(ev)))
        return false;
    key->src = ev->src;
    return true;
}

static void note_mx(struct fw_det *det, const struct key *key) {
    struct mailer *mailer = fw_table_find(det->keyed.table, key);
    if (mailer != NULL)
        mailer->mx = 1;
}

static void add_contact(struct fw_det *det, struct mailer *mailer, const struct fw_event *ev,
                        const struct fw_contact *what) {
    const fw_time window = fw_keyed_window(det);
    const bool relay = ev->dport == PORT_SMTP;
    fw_distinct_expire(det->keyed.pool, relay ? &mailer->submission : &mailer->relay, what->time, window);
    fw_keyed_count(&mailer->matter, ev, what->time);
    fw_rate_add(&mailer->rate, what->time, RATE_SPAN, 1);
    (void)fw_keyed_put(&det->keyed, mailer, relay ? &mailer->relay : &mailer->submission, &what->dst, what->time,
                       window, fw_keyed_mark(ev));
}

/* NULL: the gate keeps it: one destination so far. */
static struct mailer *put_contact(struct fw_det *det, const struct fw_event *ev, const struct key *key,
                                  const struct fw_sink *sink) {
    const struct fw_contact contact = {ev->dst, ev->time};
    struct fw_contact first;
    bool noted;
    struct mailer *mailer = fw_keyed_contact(&det->keyed, sink, key, &contact, &first, &noted);
    if (mailer == NULL)
        return NULL;
    if (noted)
        add_contact(det, mailer, ev, &first);
    add_contact(det, mailer, ev, &contact);
    return mailer;
}

/* Step 3. */
static uint64_t weigh(const struct fw_det *det, uint64_t relay, uint64_t submission) {
    return relay + submission * (uint64_t)det->values[P_SUBMISSION_WEIGHT] / 100;
}

/* Step 4. */
static void decide(struct fw_det *det, const struct fw_event *ev, struct mailer *mailer, const struct fw_sink *sink) {
    bool exact;
    if (mailer->matter.handle == 0) {
        const uint64_t measure = weigh(det, mailer->relay.count, mailer->submission.count);
        const bool many = measure >= (uint64_t)det->values[P_THRESHOLD];
        const uint64_t rate = fw_rate_now(&mailer->rate, ev->time, RATE_SPAN);
        const bool fast =
            rate >= (uint64_t)det->values[P_RATE] && mailer->relay.count >= (uint64_t)det->values[P_RATE_MINIMUM];
        if (!many && !fast)
            return;
        fw_keyed_recount(&det->keyed, &mailer->matter, &mailer->relay, false);
        fw_keyed_recount(&det->keyed, &mailer->matter, &mailer->submission, true);
        if (mailer->matter.events < rate) /* several connections to one destination */
            mailer->matter.events = rate;
        fw_distinct_sketch(det->keyed.pool, &mailer->relay);
        mailer->by_rate = !many;
        mailer->matter.threshold = (uint64_t)det->values[mailer->by_rate ? P_RATE_MINIMUM : P_THRESHOLD];
    }
    mailer->magnitude =
        weigh(det, fw_distinct_magnitude(det->keyed.pool, &mailer->relay, &exact), mailer->submission.count);
    unsigned stage = 1;
    for (uint64_t rung = (uint64_t)det->values[P_THRESHOLD] * STAGE_FACTOR; stage < STAGES && mailer->magnitude >= rung;
         rung *= STAGE_FACTOR)
        stage++;
    struct fw_report report = {.subject = {.src = ev->src, .has_src = true, .proto = FW_PROTO_TCP, .dport = ev->dport},
                               .time = ev->time,
                               .stage = stage,
                               .value = mailer->magnitude};
    fw_keyed_report(&det->keyed, sink, &mailer->matter, &report);
}

/* mailer NULL: one destination so far, at the gate. */
static void tell(const struct fw_det *det, const struct fw_event *ev, const struct mailer *mailer,
                 const struct fw_sink *sink) {
    struct fw_reading reading = {.subject = {.src = ev->src, .has_src = true, .proto = FW_PROTO_TCP, .dport = -1},
                                 .measure = "SMTP destinations",
                                 .value = mailer == NULL ? weigh(det, ev->dport == PORT_SMTP, ev->dport != PORT_SMTP)
                                                         : mailer->magnitude,
                                 .threshold = (uint64_t)det->values[P_THRESHOLD],
                                 .open = mailer != NULL && mailer->matter.handle != 0};
    if (mailer != NULL && !reading.open)
        reading.value = weigh(det, mailer->relay.count, mailer->submission.count);
    fw_sink_tell(sink, &reading);
    if (mailer == NULL || mailer->relay.count < (uint64_t)det->values[P_RATE_MINIMUM])
        return; /* the rate says nothing yet */
    reading.measure = "SMTP connections in 60 s";
    reading.value = fw_rate_now(&mailer->rate, ev->time, RATE_SPAN);
    reading.threshold = (uint64_t)det->values[P_RATE];
    fw_sink_tell(sink, &reading);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    if (!key_of(det, ev, &key))
        return;
    if (ev->kind == FW_KIND_DNS) {
        note_mx(det, &key);
        return;
    }
    struct mailer *mailer = put_contact(det, ev, &key, sink);
    if (mailer != NULL)
        decide(det, ev, mailer, sink);
    if (fw_sink_asks(sink))
        tell(det, ev, mailer, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct mailer *mailer = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_span_format(mailer->matter.last - mailer->matter.start, span, sizeof span);
    out->value = fw_distinct_magnitude(det->keyed.pool, &mailer->relay, &out->exact) + mailer->submission.count;
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    (void)snprintf(out->sentence, sizeof out->sentence,
                   "%s opened %llu SMTP connections to %s%llu hosts in %s (%llu denied)", src,
                   (unsigned long long)mailer->matter.events, out->exact ? "" : "about ",
                   (unsigned long long)out->value, span, (unsigned long long)mailer->matter.denied);
    out->measure = "destinations";
    out->window = fw_keyed_window(det);
    out->confidence = mailer->by_rate ? 75 : 85;
    out->raise = (mailer->matter.denied > 0 ? RAISE_DENIED : 0) + (mailer->mx ? RAISE_MX : 0);
    fw_keyed_degraded(&mailer->relay, out);
    fw_keyed_degraded(&mailer->submission, out);
    out->next_step =
        mailer->matter.denied == mailer->matter.events
            ? "Ask whether the source is meant to send mail by itself: then give it the role mail_server or "
              "bulk_mailer and let it through. All of it was denied, so no mail went out; look for a mailer on the "
              "machine all the same."
            : "Ask whether the source is meant to send mail by itself: then give it the role mail_server or "
              "bulk_mailer; otherwise take the machine off the network and look for a mailer.";
    (void)snprintf(out->key, sizeof out->key, "%s|smtp", src); /* all three ports are one matter */
    fw_keyed_evidence(&det->keyed, &mailer->relay, mailer->matter.start, PORT_SMTP, out);
    if (mailer->relay.count == 0)
        fw_keyed_evidence(&det->keyed, &mailer->submission, mailer->matter.start, -1, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "mass_mail",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct mailer),
                                         .sets = {offsetof(struct mailer, relay), offsetof(struct mailer, submission)},
                                         .set_count = 2,
                                         .times = {FW_RATE_TIMES(struct mailer, rate)},
                                         .time_count = FW_RATE_TIMES_COUNT,
                                         .table_pct = 40,
                                         .gate = true,
                                         .version = 1,
                                         .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_mass_mail = {
    .name = "mass_mail",
    .title = "mass mailer",
    .requirement = "N2",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1071.003",
    .technique_name = "Application Layer Protocol: Mail Protocols",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY | 1u << FW_KIND_DNS,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(tcp_flags) | FW_BIT(qtype),
    .guards = FW_ROLE_BIT(mail_server) | FW_ROLE_BIT(bulk_mailer) | FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 2,
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
