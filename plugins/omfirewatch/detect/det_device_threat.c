/* det_device_threat.c: what a device itself reports as an attack (N1).
 *
 * A firewall, an IDS or a virus scanner names a signature; firewatch passes it on,
 * once for each sensor, signature, source and destination, and counts what comes
 * after. Two foldings keep a storm of alerts readable: a source that causes many
 * different ones, and a signature that many sources cause.
 *
 * Steps, which code and tests repeat:
 *   1. a signature with many sources (25, as many hosts as Zeek's bro-simple-scan
 *      takes for a scan) is one matter of the sensor: addresses may be made up;
 *   2. a source with many different alerts (10) is one matter: a scanner tries all;
 *   3. else the alert is a matter of its own, at its first line;
 *   4. the device's severity is the stage: 1 is the worst and the third stage, 2 the
 *      second, the rest the first.
 * While a folding is open what falls into it is not reported by itself.
 *
 * Memory: about 260 bytes a matter; 28 bytes an alert or source that foldings
 * count. What an attacker controls: addresses, and by them which alerts come; the
 * name of a signature is the device's, and kept as a bounded, printable copy.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"

enum param { P_WINDOW, P_ALERTS, P_SOURCES };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 86400, 3600, "design", "quiet time after which an alert is over"},
    [P_ALERTS] = {"alerts", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 10, "design: nobody reads more one by one",
                  "different alerts of one source that are folded into one finding"},
    [P_SOURCES] = {"sources", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 25, "the remote figure of Zeek's bro-simple-scan",
                   "sources of one signature that are folded into one finding"},
    {.name = NULL},
};

enum { SIGNATURE_MAX = 80, NAME_MAX_BYTES = 40 };
enum { WORST = 1, BAD = 2 }; /* severities of the device */
enum form { FORM_ONE, FORM_SOURCE, FORM_SIGNATURE };

struct key {
    union fw_addr src; /* zero: many, or not known */
    union fw_addr dst;
    uint64_t what; /* hash of sensor and signature; 0: many */
    uint8_t form;
    uint8_t has; /* 1: the source is known, 2: the destination */
    uint8_t zero[6];
};
_Static_assert(sizeof(struct key) == 48, "no padding, it is hashed and compared whole");
enum { HAS_SRC = 1, HAS_DST = 2 };

struct alert {
    struct fw_matter matter;
    struct fw_distinct folded; /* alerts of a source, sources of a signature */
    uint32_t severity;         /* the worst; 0: none was given */
    uint16_t dport;            /* of the last line; 0: none */
    uint8_t proto;             /* likewise */
    char signature[SIGNATURE_MAX];
    char sensor[NAME_MAX_BYTES];
};

static uint64_t hash_alert(const struct fw_event *ev) {
    const uint64_t word[2] = {fw_event_has(ev, FW_BIT(sensor)) ? fw_hash(&fw_seed_fixed, ev->sensor.p, ev->sensor.len)
                                                               : 0,
                              fw_hash(&fw_seed_fixed, ev->signature.p, ev->signature.len)};
    return fw_hash(&fw_seed_fixed, word, sizeof word);
}

static void copy_text(char *to, size_t size, const struct fw_str *text) {
    (void)fw_text_append(to, size, 0, text->p, text->len);
}

static void add(struct alert *alert, const struct fw_event *ev) {
    if (alert->matter.events == 0 || ev->time < alert->matter.start)
        alert->matter.start = ev->time;
    fw_keyed_count(&alert->matter, ev, ev->time);
    copy_text(alert->signature, sizeof alert->signature, &ev->signature);
    if (fw_event_has(ev, FW_BIT(sensor)))
        copy_text(alert->sensor, sizeof alert->sensor, &ev->sensor);
    if (fw_event_has(ev, FW_BIT(severity)) && ev->severity > 0 &&
        (alert->severity == 0 || ev->severity < alert->severity))
        alert->severity = ev->severity;
    if (fw_event_has(ev, FW_BIT(proto)))
        alert->proto = ev->proto;
    if (fw_event_has(ev, FW_BIT(dport)))
        alert->dport = ev->dport;
    if (fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY)
        alert->matter.denied++;
}

static struct fw_subject subject_of(const struct key *key, const struct alert *alert) {
    const bool one = key->form == FORM_ONE;
    return (struct fw_subject){.src = key->src,
                               .dst = key->dst,
                               .has_src = (key->has & HAS_SRC) != 0,
                               .has_dst = (key->has & HAS_DST) != 0,
                               .proto = one && alert->proto != 0 ? alert->proto : -1,
                               .dport = one && alert->dport != 0 ? alert->dport : -1};
}

/* Step 4. */
static void report(struct fw_det *det, struct alert *alert, fw_time time, uint64_t value, uint64_t threshold,
                   const struct fw_sink *sink) {
    const struct key *key = fw_table_key(det->keyed.table, alert);
    struct fw_report what = {.subject = subject_of(key, alert),
                             .time = time,
                             .stage = alert->severity == WORST ? 3
                                      : alert->severity == BAD ? 2
                                                               : 1,
                             .value = value};
    if (alert->matter.handle == 0)
        alert->matter.threshold = threshold;
    fw_keyed_report(&det->keyed, sink, &alert->matter, &what);
}

/* Steps 1 and 2: true when a folding is open, which has taken the alert. */
static bool fold(struct fw_det *det, const struct fw_event *ev, const struct key *key, const union fw_addr *element,
                 uint64_t threshold, const struct fw_sink *sink) {
    struct alert *alert = fw_keyed_enter(&det->keyed, sink, key, ev->time);
    if (alert == NULL)
        return false;
    add(alert, ev);
    (void)fw_keyed_put(&det->keyed, alert, &alert->folded, element, ev->time, fw_keyed_window(det), fw_keyed_mark(ev));
    if (alert->matter.handle == 0) {
        if (alert->folded.count < threshold)
            return false;
        fw_distinct_sketch(det->keyed.pool, &alert->folded);
    }
    report(det, alert, ev->time, fw_distinct_magnitude(det->keyed.pool, &alert->folded, NULL), threshold, sink);
    return true;
}

static void tell(const struct key *key, const struct alert *alert, const struct fw_sink *sink) {
    const struct fw_reading reading = {.subject = subject_of(key, alert),
                                       .measure = "alerts",
                                       .value = alert->matter.events,
                                       .threshold = 1,
                                       .open = alert->matter.handle != 0};
    fw_sink_tell(sink, &reading);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const uint64_t what = hash_alert(ev);
    struct key one = {.what = what, .form = FORM_ONE};
    if (fw_event_has(ev, FW_BIT(dst))) {
        one.dst = ev->dst;
        one.has |= HAS_DST;
    }
    if (fw_event_has(ev, FW_BIT(src))) {
        one.src = ev->src;
        one.has |= HAS_SRC;
        const struct key many = {.what = what, .form = FORM_SIGNATURE};
        if (fold(det, ev, &many, &ev->src, (uint64_t)det->values[P_SOURCES], sink)) /* step 1 */
            return;
        const struct key source = {.src = ev->src, .form = FORM_SOURCE, .has = HAS_SRC};
        const uint64_t to[3] = {what, one.dst.q[0], one.dst.q[1]};
        const union fw_addr element = {.q = {fw_hash(&fw_seed_fixed, to, sizeof to), what}};
        if (fold(det, ev, &source, &element, (uint64_t)det->values[P_ALERTS], sink)) /* step 2 */
            return;
    }
    struct alert *alert = fw_keyed_enter(&det->keyed, sink, &one, ev->time); /* step 3 */
    if (alert == NULL)
        return;
    add(alert, ev);
    report(det, alert, ev->time, alert->matter.events, 1, sink);
    if (fw_sink_asks(sink))
        tell(&one, alert, sink);
}

static void write_sentence(const struct fw_det *det, const struct alert *alert, const struct key *key, char *buf,
                           size_t size) {
    char src[FW_ADDR_TEXT_MAX] = "", dst[FW_ADDR_TEXT_MAX] = "", span[24];
    const char *sensor = alert->sensor[0] != '\0' ? alert->sensor : "a device";
    const unsigned long long folded =
        key->form == FORM_ONE ? 0 : fw_distinct_magnitude(det->keyed.pool, &alert->folded, NULL);
    const unsigned long long lines = alert->matter.events;
    if ((key->has & HAS_SRC) != 0)
        (void)fw_addr_format(&key->src, src);
    if ((key->has & HAS_DST) != 0)
        (void)fw_addr_format(&key->dst, dst);
    (void)fw_span_format(alert->matter.last - alert->matter.start, span, sizeof span);
    if (key->form == FORM_SIGNATURE)
        (void)snprintf(buf, size, "%s reports \"%s\" from %llu sources, %llu times in %s", sensor, alert->signature,
                       folded, lines, span);
    else if (key->form == FORM_SOURCE)
        (void)snprintf(buf, size, "%s reports %llu different alerts of %s, %llu lines in %s, the last \"%s\"", sensor,
                       folded, src, lines, span, alert->signature);
    else
        (void)snprintf(buf, size, "%s reports \"%s\"%s%s%s%s, %llu time%s%s", sensor, alert->signature,
                       src[0] != '\0' ? " from " : "", src, dst[0] != '\0' ? " to " : "", dst, lines,
                       lines == 1 ? "" : "s", alert->matter.denied == alert->matter.events ? ", and refused it" : "");
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct alert *alert = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    const struct fw_subject subject = subject_of(key, alert);
    char src[FW_ADDR_TEXT_MAX] = "", dst[FW_ADDR_TEXT_MAX] = "";
    write_sentence(det, alert, key, out->sentence, sizeof out->sentence);
    out->measure = key->form == FORM_ONE ? "alerts" : key->form == FORM_SOURCE ? "different alerts" : "sources";
    out->window = fw_keyed_window(det);
    out->confidence = alert->severity > BAD ? 40 : 60; /* signatures are wrong often enough */
    if (alert->severity == 0)
        out->degraded[0] = "severity";
    if (key->form != FORM_ONE)
        out->value = fw_distinct_magnitude(det->keyed.pool, &alert->folded, &out->exact);
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    fw_keyed_degraded(&alert->folded, out);
    out->next_step =
        alert->matter.denied == alert->matter.events
            ? "The device refused it. Look up what the signature stands for, and whether the destination has that "
              "weakness: the next one may come another way."
            : "Look up what the signature stands for, and whether the destination has that weakness; if it does, see "
              "on "
              "that machine what happened at that time.";
    if (subject.has_src)
        (void)fw_addr_format(&key->src, src);
    if (subject.has_dst)
        (void)fw_addr_format(&key->dst, dst);
    if (key->form == FORM_SOURCE)
        (void)snprintf(out->key, sizeof out->key, "%s|many alerts", src);
    else /* the addresses first: the name may be long */
        (void)snprintf(out->key, sizeof out->key, "%s%s%s%s%s|%s", src, src[0] != '\0' ? "|" : "", dst,
                       dst[0] != '\0' ? "|" : "", alert->sensor, alert->signature);
    if (key->form == FORM_SIGNATURE) {
        fw_keyed_evidence(&det->keyed, &alert->folded, alert->matter.start, -1, out);
        return;
    }
    fw_keyed_edges(&alert->matter, subject.has_dst ? &key->dst : NULL, subject.dport, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "device_threat",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct alert),
                                         .sets = {offsetof(struct alert, folded)},
                                         .set_count = 1,
                                         .table_pct = 60};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_device_threat = {
    .name = "device_threat",
    .title = "alert of a device",
    .requirement = "N1",
    .class = FW_CLASS_THREAT, /* no technique: the signature may be of any */
    .kinds = 1u << FW_KIND_THREAT,
    .needs = FW_BIT(signature),
    .uses =
        FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(severity) | FW_BIT(action) | FW_BIT(sensor),
    .guards = FW_ROLE_BIT(scanner),
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
