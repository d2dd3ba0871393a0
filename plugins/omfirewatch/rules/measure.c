/* measure.c: how many events, how many different ones, how much: count, distinct and sum.
 *
 * Steps, which code and tests repeat:
 *   1. the entry of the key; of a sliding count or distinct whose first stage is
 *      above one, the first event only leaves a note at the gate;
 *   2. a tumbling window that has passed, a session with too long a gap, or a bucket
 *      that is empty begins anew, unless its finding is open: that goes on until it is
 *      quiet;
 *   3. the event is put into the set (every event an element of its own for
 *      count), the sum's slice, the counter, or the bucket, unless it is an element
 *      that is there already;
 *   4. with a throttle, what comes while the finding is open is counted only. With a
 *      quiet that lets n pass, so are the first n; from then on the finding goes on since
 *      the first of the last n;
 *   5. the stage: the highest whose threshold was reached within its window. Of a
 *      set as far as its 512 elements are held; beyond, when as many came and
 *      the last 512 of them in their share of the window;
 *   6. below the first stage nothing is said; at it the finding opens.
 *
 * A bucket is a time: how long it takes until it is empty. Each event adds the time
 * in which one leaks; it is more than full when that is more than n - 1 of them.
 *
 * A sliding sum is exact to a 32nd of the window: what leaves, leaves a slice at a
 * time, late rather than early.
 */
#include "rule.h"

#include <string.h>

static bool is_sliding(const struct fw_rule *rule) {
    return rule->window == FW_WINDOW_SLIDING;
}

static bool has_set(const struct fw_rule *rule) {
    return rule->verb == FW_VERB_DISTINCT || (rule->verb == FW_VERB_COUNT && is_sliding(rule));
}

/* Elements of a session or of a tumbling window leave when that is over. */
static fw_time set_window(const struct fw_det *det) {
    return is_sliding(fw_rule_of(det)) ? fw_keyed_window(det) : FW_TIME_MAX / 4;
}

static union fw_addr element_of(struct fw_det *det, const struct fw_rule *rule, const struct fw_event *ev) {
    if (rule->verb == FW_VERB_DISTINCT)
        return fw_rule_element(ev, rule->of);
    return (union fw_addr){.q = {0, ++det->extra[0]}};
}

/* Returns whether it is new. */
static bool add(struct fw_det *det, struct fw_rule_entry *entry, const struct fw_event *ev,
                const struct fw_contact *contact) {
    struct fw_fanout *fan = &entry->fan;

    if (fan->matter.events == 0 || contact->time < fan->matter.start)
        fan->matter.start = contact->time;
    fw_keyed_count(&fan->matter, ev, contact->time);
    const bool fresh = fw_distinct_add(det->keyed.pool, &fan->failed, &contact->dst, contact->time, set_window(det),
                                       fw_keyed_mark(ev), NULL);
    fan->added += fresh;
    return fresh;
}

/* Step 2. */
static void begin_anew(struct fw_det *det, struct fw_rule_entry *entry) {
    const struct fw_rule *rule = fw_rule_of(det);

    if (has_set(rule))
        fw_distinct_clear(det->keyed.pool, &entry->fan.failed);
    entry->fan.matter.events = entry->fan.matter.denied = entry->fan.matter.late = 0;
    entry->fan.added = 0;
    entry->value = 0;
    memset(entry->tail, 0, rule->tail * sizeof *entry->tail);
}

static void roll(struct fw_det *det, struct fw_rule_entry *entry, fw_time time) {
    const struct fw_rule *rule = fw_rule_of(det);
    const fw_time window = rule->stages[0].window;

    if (rule->window == FW_WINDOW_TUMBLING) {
        const fw_time start = time - time % window;
        if (start > entry->mark && entry->fan.matter.handle == 0)
            begin_anew(det, entry);
        if (start > entry->mark)
            entry->mark = start;
    } else if (rule->window == FW_WINDOW_SESSION && entry->fan.matter.events > 0 && entry->fan.matter.handle == 0 &&
               time - entry->fan.matter.last > window) {
        begin_anew(det, entry);
    } else if (rule->window == FW_WINDOW_LEAK && time > entry->mark) {
        const uint64_t gone = (uint64_t)(time - entry->mark);

        entry->value = entry->mark == 0 || gone >= entry->value ? 0 : entry->value - gone;
        if (entry->value == 0 && entry->fan.matter.handle == 0)
            begin_anew(det, entry);
        entry->mark = time;
    }
}

/* Steps 1 to 3; NULL: it is at the gate, or too late. */
static struct fw_rule_entry *take(struct fw_det *det, const struct fw_event *ev, const void *key,
                                  const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    struct fw_contact contact = {.time = ev->time}, first;
    struct fw_rule_entry *entry;
    bool noted = false;

    if (has_set(rule))
        contact.dst = element_of(det, rule, ev);
    if (det->keyed.shape.gate)
        entry = fw_keyed_contact(&det->keyed, sink, key, &contact, &first, &noted);
    else
        entry = fw_keyed_enter(&det->keyed, sink, key, ev->time);
    if (entry == NULL)
        return NULL;
    roll(det, entry, ev->time);
    if (noted)
        (void)add(det, entry, ev, &first);
    bool fresh = true;
    if (has_set(rule))
        fresh = add(det, entry, ev, &contact);
    else
        fw_rule_count(entry, ev);
    if (fresh && rule->window == FW_WINDOW_LEAK)
        entry->value += (uint64_t)rule->leak;
    return entry;
}

/* The slice of the newest event is tail[number % FW_RULE_SLICES]; mark is its beginning. */
static void add_amount(struct fw_det *det, struct fw_rule_entry *entry, fw_time time, uint64_t amount) {
    const fw_time slice = (fw_keyed_window(det) * 1 + FW_RULE_SLICES - 1) / FW_RULE_SLICES;
    const int64_t number = time / slice, newest = entry->mark / slice;

    if (number > newest + FW_RULE_SLICES || entry->mark == 0)
        memset(entry->tail, 0, FW_RULE_SLICES * sizeof *entry->tail);
    else
        for (int64_t i = newest + 1; i <= number; i++)
            entry->tail[i % FW_RULE_SLICES] = 0;
    if (number <= newest - FW_RULE_SLICES && entry->mark != 0)
        return; /* so late that its slice is another one's */
    entry->tail[number % FW_RULE_SLICES] += amount;
    if (number > newest || entry->mark == 0)
        entry->mark = number * slice;
}

static uint64_t sum_within(const struct fw_det *det, const struct fw_rule_entry *entry, fw_time window) {
    const fw_time slice = (fw_keyed_window(det) + FW_RULE_SLICES - 1) / FW_RULE_SLICES;
    const int64_t newest = entry->mark / slice;
    int64_t slices = (window + slice - 1) / slice;
    uint64_t sum = 0;

    for (int64_t i = newest; i > newest - slices && i > newest - FW_RULE_SLICES && i >= 0; i--)
        sum += entry->tail[i % FW_RULE_SLICES];
    return sum;
}

static void measure(struct fw_det *det, struct fw_rule_entry *entry, const struct fw_event *ev) {
    const struct fw_rule *rule = fw_rule_of(det);

    if (rule->verb != FW_VERB_SUM)
        return;
    const uint64_t amount = fw_rule_number(ev, rule->of);
    entry->value += amount;
    if (is_sliding(rule))
        add_amount(det, entry, ev->time, amount);
}

/* Step 5. */
static bool is_reached(const struct fw_det *det, const struct fw_rule_entry *entry, const struct fw_rule_stage *stage,
                       fw_time time) {
    const struct fw_rule *rule = fw_rule_of(det);
    const uint64_t n = stage->threshold;

    if (rule->window == FW_WINDOW_LEAK)
        return entry->value > (n - 1) * (uint64_t)rule->leak;
    if (rule->verb == FW_VERB_SUM)
        return (is_sliding(rule) ? sum_within(det, entry, stage->window) : entry->value) >= n;
    if (!is_sliding(rule))
        return (has_set(rule) ? fw_distinct_magnitude(det->keyed.pool, &entry->fan.failed, NULL)
                              : entry->fan.matter.events) >= n;
    if (n <= FW_DISTINCT_MAX)
        return fw_fanout_burst(&det->keyed, &entry->fan, n, time, stage->window);
    const uint64_t all = rule->verb == FW_VERB_COUNT ? entry->fan.matter.events : entry->fan.magnitude;

    return all >= n && fw_fanout_burst(&det->keyed, &entry->fan, FW_DISTINCT_MAX, time,
                                       (fw_time)((double)stage->window * FW_DISTINCT_MAX / (double)n));
}

static unsigned stage_of(const struct fw_det *det, const struct fw_rule_entry *entry, fw_time time) {
    const struct fw_rule *rule = fw_rule_of(det);

    for (size_t i = rule->stages_count; i > 0; i--)
        if (is_reached(det, entry, &rule->stages[i - 1], time))
            return (unsigned)i;
    return 0;
}

static uint64_t value_of(const struct fw_det *det, const struct fw_rule_entry *entry) {
    const struct fw_rule *rule = fw_rule_of(det);

    if (rule->verb == FW_VERB_SUM)
        return entry->value;
    if (rule->verb == FW_VERB_COUNT)
        return entry->fan.matter.events;
    return is_sliding(rule) ? entry->fan.magnitude : fw_distinct_magnitude(det->keyed.pool, &entry->fan.failed, NULL);
}

/* Step 6. */
static bool open_finding(struct fw_det *det, struct fw_rule_entry *entry, fw_time time) {
    const struct fw_rule *rule = fw_rule_of(det);
    const unsigned stage = stage_of(det, entry, time);

    if (stage == 0)
        return false;
    if (has_set(rule) && is_sliding(rule))
        fw_fanout_open(&det->keyed, &entry->fan, rule->stages[0].threshold);
    if (rule->verb == FW_VERB_DISTINCT && !is_sliding(rule))
        fw_distinct_sketch(det->keyed.pool, &entry->fan.failed);
    if (rule->verb == FW_VERB_SUM && is_sliding(rule))
        entry->value = sum_within(det, entry, fw_keyed_window(det));
    if (rule->calm > 0)
        memset(entry->tail, 0, rule->calm * sizeof *entry->tail);
    entry->fan.matter.threshold = rule->stages[0].threshold;
    entry->stage = 1;
    return true;
}

/* Step 4: since when the finding goes on; 0: this is one of those that may pass. */
static fw_time goes_on_since(const struct fw_rule *rule, struct fw_rule_entry *entry, fw_time time) {
    fw_time *times = (fw_time *)entry->tail;
    size_t n = 0;

    if (rule->calm == 0)
        return time;
    while (n < rule->calm && times[n] != 0)
        n++;
    if (n == rule->calm) {
        fw_rule_keep_latest(times, n, time);
        return times[0];
    }
    for (; n > 0 && times[n - 1] > time; n--)
        times[n] = times[n - 1];
    times[n] = time;
    return 0;
}

static void decide(struct fw_det *det, struct fw_rule_entry *entry, const struct fw_event *ev,
                   const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    fw_time since = ev->time;

    if (entry->fan.matter.handle == 0) {
        if (!open_finding(det, entry, ev->time))
            return;
    } else if (rule->throttle != 0 || (since = goes_on_since(rule, entry, ev->time)) == 0) { /* step 4 */
        return;
    }
    if (has_set(rule) && is_sliding(rule))
        fw_fanout_look(&det->keyed, &entry->fan);
    const unsigned stage = stage_of(det, entry, ev->time);
    if (stage > entry->stage)
        entry->stage = (uint8_t)stage;
    fw_rule_note(rule, entry, ev);
    fw_rule_report(det, sink, entry, since, value_of(det, entry));
}

void fw_measure_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                        const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    uint64_t key[FW_TABLE_KEY_MAX / 8];

    if (!fw_rule_key(rule, step, ev, key) || (rule->verb != FW_VERB_COUNT && !fw_rule_has(ev, rule->of)))
        return;
    struct fw_rule_entry *entry = take(det, ev, key, sink);

    if (entry != NULL) {
        measure(det, entry, ev);
        decide(det, entry, ev, sink);
    }
    const uint64_t value = entry == NULL                                    ? 1
                           : has_set(rule) && entry->fan.matter.handle == 0 ? entry->fan.failed.count
                                                                            : value_of(det, entry);
    fw_rule_tell(det, sink, ev, step, value, rule->stages[0].threshold, entry);
}
