/* absence.c: what should have come and did not.
 *
 * With "after" the rule has two steps: the first is what somebody waits after, the
 * second is what he waits for; who waits already goes on waiting. Without, it has
 * one: what came once is to come again, within the window, for ever.
 * With a calendar in place of a time ("due") it is to come in each of the calendar's
 * spans: one of a rule without a key in the first that begins while the rule runs,
 * otherwise what came once, in all that follow. With "when" it is told at such times
 * only: what is missed between them, when the next one begins.
 * Time passes by the watermark, so a line that is late by less than that still
 * counts; and when the next event of the key comes after the end, it is told first.
 * Memory: entries that wait for nothing go at once.
 */
#include "rule.h"

enum { STEP_AFTER, STEP_EXPECTED };

/* Waits for the first span that begins at that time or later. */
static void wait_for_span(struct fw_rule_entry *entry, const struct fw_rule *rule, fw_time from) {
    if (!fw_calendar_next(&rule->due->calendar, from, &entry->began, &entry->mark))
        entry->mark = 0;
}

/* Nothing came until then. It may have to wait until it is time to tell it. */
static void miss(struct fw_det *det, struct fw_rule_entry *entry, fw_time now, const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    fw_time time = entry->mark, end;

    if (!fw_times_hold(rule->when, time))
        (void)fw_calendar_next(&rule->when->calendar, entry->mark, &time, &end);
    if (time > now) {
        entry->mark = time;
        return;
    }
    entry->mark = 0;
    entry->fan.matter.start = entry->began;
    entry->fan.matter.last = time;
    entry->fan.matter.threshold = 1;
    entry->value = entry->fan.matter.handle == 0 ? 1 : entry->value + 1;
    entry->stage = 1;
    fw_rule_report(det, sink, entry, time, entry->value);
    if (rule->due == NULL)
        return;
    wait_for_span(entry, rule, entry->began + 1);
    if (entry->mark != 0 && entry->mark < now) /* after a time without a line: what lay in between is told once */
        wait_for_span(entry, rule, now);
}

static void drop(struct fw_det *det, struct fw_rule_entry *entry) {
    entry->mark = 0;
    if (!entry->fan.matter.pinned)
        fw_table_remove(det->keyed.table, entry);
}

static void wait(struct fw_det *det, struct fw_rule_entry *entry, const struct fw_event *ev) {
    const struct fw_rule *rule = fw_rule_of(det);

    if (entry->fan.matter.handle == 0)
        entry->fan.matter.events = entry->fan.matter.denied = entry->fan.matter.late = 0;
    fw_rule_count(entry, ev);
    entry->began = ev->time;
    entry->mark = ev->time + rule->stages[0].window;
    fw_rule_note(rule, entry, ev);
}

/* It came: within its span it is what was waited for. */
static void observe_due(struct fw_rule_entry *entry, const struct fw_rule *rule, const struct fw_event *ev) {
    if (entry->mark == 0)
        wait_for_span(entry, rule, ev->time);
    else if (ev->time >= entry->began)
        wait_for_span(entry, rule, entry->began + 1);
    if (entry->fan.matter.handle == 0)
        entry->fan.matter.events = entry->fan.matter.denied = entry->fan.matter.late = 0;
    fw_rule_count(entry, ev);
    fw_rule_note(rule, entry, ev);
}

void fw_absence_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                        const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    const bool expected = step == &rule->steps[STEP_EXPECTED] || rule->steps_count == 1;
    uint64_t key[FW_TABLE_KEY_MAX / 8];

    if (!fw_rule_key(rule, step, ev, key))
        return;
    struct fw_rule_entry *entry = fw_keyed_find(&det->keyed, sink, key, ev->time);
    if (entry == NULL) /* its finding may have ended just now, and it goes on */
        entry = fw_table_find(det->keyed.table, key);
    if (entry != NULL && entry->mark != 0 && ev->time > entry->mark)
        miss(det, entry, ev->time, sink);
    if (rule->steps_count > 1 && expected) {
        if (entry != NULL)
            drop(det, entry);
        return;
    }
    if (entry == NULL)
        entry = fw_table_admit(det->keyed.table, key, ev->time, NULL, NULL, NULL, NULL);
    if (entry != NULL && rule->due != NULL)
        observe_due(entry, rule, ev);
    else if (entry != NULL && (entry->mark == 0 || (expected && ev->time > entry->began)))
        wait(det, entry, ev);
    fw_rule_tell(det, sink, ev, step, 0, 1, entry);
}

struct look {
    struct fw_det *det;
    fw_time now;
    const struct fw_sink *sink;
};

static bool look_at(void *cookie, const void *key, void *value) {
    const struct look *look = cookie;
    struct fw_rule_entry *entry = value;

    (void)key;
    if (entry->mark != 0 && look->now >= entry->mark)
        miss(look->det, entry, look->now, look->sink);
    else if (entry->mark == 0 && !entry->fan.matter.pinned)
        fw_table_remove(look->det->keyed.table, entry);
    return true;
}

/* Without a key there is one thing that is due, whether it ever came or not. */
static void expect(struct fw_det *det, fw_time now) {
    static const uint64_t key[FW_TABLE_KEY_MAX / 8];
    struct fw_rule_entry *entry = fw_table_find(det->keyed.table, key);

    if (entry == NULL)
        entry = fw_table_admit(det->keyed.table, key, now, NULL, NULL, NULL, NULL);
    if (entry != NULL && entry->mark == 0)
        wait_for_span(entry, fw_rule_of(det), now);
}

void fw_absence_advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    struct look look = {det, now, sink};

    det->keyed.now = now;
    if (fw_rule_of(det)->due != NULL && fw_rule_of(det)->key_count == 0)
        expect(det, now);
    fw_table_walk_oldest(det->keyed.table, look_at, &look);
}
