/* seen.c: what never came before, within what is remembered.
 *
 * The key holds the value as well: who was seen from where. While the rule learns,
 * from its first event on, nothing is new. An entry lives as long as it is seen
 * within the window; where memory is short the one seen longest ago goes first,
 * and would be new once more: "evicted" in the counters tells of it.
 */
#include "rule.h"

void fw_seen_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                     const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    uint64_t key[FW_TABLE_KEY_MAX / 8];
    fw_time began;

    if (!fw_rule_key(rule, step, ev, key))
        return;
    if (det->extra[1] == 0)
        det->extra[1] = (uint64_t)ev->time;
    began = (fw_time)det->extra[1];
    struct fw_rule_entry *entry = fw_keyed_enter(&det->keyed, sink, key, ev->time);
    if (entry == NULL)
        return;
    const bool fresh = entry->fan.matter.events == 0;

    fw_rule_count(entry, ev);
    fw_rule_tell(det, sink, ev, step, entry->fan.matter.events, 1, entry);
    if (!fresh || ev->time - began < rule->learn)
        return;
    entry->fan.matter.threshold = 1;
    entry->stage = 1;
    fw_rule_note(rule, entry, ev);
    fw_rule_report(det, sink, entry, ev->time, 1);
}
