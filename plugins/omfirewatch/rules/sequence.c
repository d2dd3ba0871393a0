/* sequence.c: one thing after the other, for the same key, within a window.
 *
 * A step that has to come n times is n steps. For each step an entry keeps when
 * the latest chain that came so far began: an event that meets a step hands on what
 * the step before it has. So every chain that fits the window is found, whatever
 * came between, in as many words as there are steps. Steps are asked from the
 * last to the first, as one event is one step of a chain.
 * In any order: each step keeps when it came last, as often as it has to come.
 * When a chain is complete it is told and forgotten: the next one begins anew.
 */
#include "rule.h"

#include <string.h>

static fw_time *chain_of(struct fw_rule_entry *entry) {
    return (fw_time *)entry->tail;
}

/* Began within the window? 0 is nothing. */
static bool is_fresh(fw_time began, fw_time time, fw_time window) {
    return began != 0 && time - began <= window;
}

/* Returns when the complete chain began; 0: it is not complete. */
static fw_time go_on(const struct fw_rule *rule, const struct fw_rule_step *step, fw_time *chain, fw_time time) {
    const fw_time window = rule->stages[0].window;

    for (size_t i = step->first + step->times; i-- > step->first;) {
        if (i == 0)
            chain[i] = time > chain[i] ? time : chain[i];
        else if (is_fresh(chain[i - 1], time, window) && chain[i - 1] > chain[i])
            chain[i] = chain[i - 1];
        else
            continue;
        if (i + 1 == rule->times)
            return chain[i];
    }
    return 0;
}

static fw_time gather(const struct fw_rule *rule, const struct fw_rule_step *step, fw_time *chain, fw_time time) {
    fw_time first = time;

    fw_rule_keep_latest(&chain[step->first], step->times, time);
    for (size_t i = 0; i < rule->times; i++) {
        if (!is_fresh(chain[i], time, rule->stages[0].window))
            return 0;
        first = chain[i] < first ? chain[i] : first;
    }
    return first;
}

/* How far it is: steps that came and may still count. */
static uint64_t reached(const struct fw_rule *rule, const fw_time *chain, fw_time time) {
    uint64_t n = 0;

    for (size_t i = 0; i < rule->times; i++) {
        const bool fresh = is_fresh(chain[i], time, rule->stages[0].window);
        n = rule->any_order ? n + fresh : fresh ? i + 1 : n;
    }
    return n;
}

static void complete(struct fw_det *det, struct fw_rule_entry *entry, const struct fw_event *ev, fw_time began,
                     const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);

    memset(entry->tail, 0, rule->tail * sizeof *entry->tail);
    if (entry->fan.matter.handle == 0) {
        entry->fan.matter.start = began;
        entry->fan.matter.threshold = 1;
        entry->value = 0;
        entry->stage = 1;
    } else if (rule->throttle != 0) {
        return;
    }
    entry->value++;
    fw_rule_note(rule, entry, ev);
    fw_rule_report(det, sink, entry, ev->time, entry->value);
}

void fw_sequence_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                         const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    uint64_t key[FW_TABLE_KEY_MAX / 8];

    if (!fw_rule_key(rule, step, ev, key))
        return;
    struct fw_rule_entry *entry = fw_table_find(det->keyed.table, key);
    if (entry == NULL && step->first > 0 && !rule->any_order)
        return; /* nothing it could go on with */
    entry = fw_keyed_enter(&det->keyed, sink, key, ev->time);
    if (entry == NULL)
        return;
    fw_rule_count(entry, ev);
    fw_time *chain = chain_of(entry);
    const fw_time began = rule->any_order ? gather(rule, step, chain, ev->time) : go_on(rule, step, chain, ev->time);

    fw_rule_tell(det, sink, ev, step, began != 0 ? rule->times : reached(rule, chain, ev->time), rule->times, entry);
    if (began != 0)
        complete(det, entry, ev, began, sink);
}
