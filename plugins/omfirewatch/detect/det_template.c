/* det_template.c: copy me. A detector that works: it reports a source that was
 * denied `threshold` times in a window. It is compiled and tested, not enabled.
 *
 * Five steps to a detector of your own:
 *   a. copy this file to det_<name>.c; say here what it finds, which need it
 *      serves (N...), the source of its algorithm, its memory per key, and what
 *      an attacker controls; rename fw_det_template;
 *   b. name your table in registry.c (one line);
 *   c. run ./autogen.sh, which lists the new file for the build;
 *   d. add tests/replay/<name>/ with a log, a policy and what is expected, look-
 *      alikes that must stay quiet among it, and tests/unit/test_det_<name>.c;
 *   e. add doc/detectors/<name>.md with an example finding.
 *
 * Steps of the decision, which code and tests repeat:
 *   1. only denials count;
 *   2. the window slides by a whole: a quiet window forgets what was before;
 *   3. at the threshold it is reported.
 *
 * Memory: about 100 bytes a source.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"

enum param { P_WINDOW, P_THRESHOLD };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 3600, 600, "an example",
                  "quiet time after which counting begins anew"},
    [P_THRESHOLD] = {"threshold", FW_UNIT_COUNT, 1, 1000000, 100, "an example", "denials of one source"},
    {.name = NULL},
};

struct key {
    union fw_addr src;
};

struct entry {
    struct fw_matter matter; /* always first */
};

static void decide(struct fw_det *det, const struct fw_event *ev, struct entry *entry, const struct fw_sink *sink) {
    if (entry->matter.denied < entry->matter.threshold) /* step 3 */
        return;
    struct fw_report report = {.subject = {.src = ev->src, .has_src = true, .proto = -1, .dport = -1},
                               .time = ev->time,
                               .stage = 1,
                               .value = entry->matter.denied};
    fw_keyed_report(&det->keyed, sink, &entry->matter, &report);
}

static void tell(const struct fw_event *ev, const struct entry *entry, const struct fw_sink *sink) {
    const struct fw_reading reading = {.subject = {.src = ev->src, .has_src = true, .proto = -1, .dport = -1},
                                       .measure = "denials",
                                       .value = entry->matter.denied,
                                       .threshold = entry->matter.threshold,
                                       .open = entry->matter.handle != 0};
    fw_sink_tell(sink, &reading);
}

/* Whose business is this event? Asked some events ahead too, so that the entry is in the caches when observe looks for
 * it: look at the event only. */
static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    struct key *key = out;
    (void)det;
    if (ev->reply) /* step 1: the engine passes only denials, see .kinds below */
        return false;
    key->src = ev->src;
    return true;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    bool noted, fresh;
    if (!key_of(det, ev, &key))
        return;
    (void)fw_keyed_find(&det->keyed, sink, &key, ev->time); /* ends a finding that was over by now */
    struct entry *entry = fw_table_admit(det->keyed.table, &key, ev->time, NULL, NULL, &noted, &fresh);
    if (entry == NULL)
        return;
    if (fresh || ev->time - entry->matter.last > fw_keyed_window(det)) { /* step 2 */
        entry->matter.start = ev->time;
        entry->matter.events = entry->matter.denied = 0;
    }
    fw_keyed_count(&entry->matter, ev, ev->time);
    entry->matter.threshold = (uint64_t)det->values[P_THRESHOLD];
    decide(det, ev, entry, sink);
    if (fw_sink_asks(sink)) /* for `firewatch why`: how near it is */
        tell(ev, entry, sink);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct entry *entry = value;
    const struct key *key = fw_table_key(det->keyed.table, value);
    char src[FW_ADDR_TEXT_MAX];
    (void)fw_addr_format(&key->src, src);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s was denied %llu times", src,
                   (unsigned long long)entry->matter.denied);
    out->measure = "denials";
    out->value = entry->matter.denied;
    out->window = fw_keyed_window(det);
    out->confidence = 50;
    out->next_step = "Say here in words what a careful administrator does next.";
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "template",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct entry),
                                         .table_pct = 100,
                                         .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_template;
const struct fw_detector_ops fw_det_template = {
    .name = "template",
    .title = "template",
    .requirement = "none",
    .class = FW_CLASS_ANOMALY,
    .kinds = 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src),
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
