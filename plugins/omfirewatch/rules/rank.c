/* rank.c: the greatest keys of a time, as a summary at its end.
 *
 * Windows tumble: what is ranked is what lay in one. A table that is full lets go
 * the one worth least of its oldest, so those on top stay. Of equals the smaller
 * key goes first, so that every run says the same.
 */
#include "rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../core/notice.h"
#include "../core/register.h"

enum { EXTRA_WINDOW = 1 }; /* of struct fw_det: where the present one began */

struct ranking {
    const struct fw_det *det;
    struct fw_rule_entry *items[FW_RULE_TOP_MAX];
    size_t count;
    uint64_t keys;
    uint64_t total;
};

static bool is_above(const struct fw_det *det, const struct fw_rule_entry *a, const struct fw_rule_entry *b) {
    if (a->value != b->value)
        return a->value > b->value;
    return memcmp(fw_table_key(det->keyed.table, a), fw_table_key(det->keyed.table, b), fw_rule_of(det)->key_size) < 0;
}

static bool place(void *cookie, const void *key, void *value) {
    struct ranking *ranking = cookie;
    struct fw_rule_entry *entry = value;
    const unsigned top = fw_rule_of(ranking->det)->top;

    (void)key;
    ranking->keys++;
    ranking->total += entry->value;
    if (ranking->count == top && !is_above(ranking->det, entry, ranking->items[top - 1]))
        return true;
    size_t at = ranking->count < top ? ranking->count++ : top - 1;

    for (; at > 0 && is_above(ranking->det, entry, ranking->items[at - 1]); at--)
        ranking->items[at] = ranking->items[at - 1];
    ranking->items[at] = entry;
    return true;
}

static bool forget(void *cookie, const void *key, void *value) {
    struct fw_det *det = cookie;

    (void)key;
    fw_table_remove(det->keyed.table, value);
    return true;
}

/* "top_talkers: 12 in 1 h, first 10.1.1.1 500" */
static void tell(struct fw_det *det, const struct ranking *ranking, fw_time end, const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    struct fw_notice *notice = &sink->findings->notice;
    char name[FW_NOTICE_NAME_MAX], span[24], text[2 * FW_SENTENCE_MAX];
    size_t len;

    memset(notice, 0, sizeof *notice);
    notice->kind = FW_DOCUMENT_SUMMARY;
    notice->action = "ranking";
    notice->severity = 6;
    notice->time = end;
    (void)fw_span_format(rule->stages[0].window, span, sizeof span);
    (void)snprintf(text, sizeof text, "%s: %s: %" PRIu64 " in %s, %" PRIu64 " in all; first", rule->id, rule->title,
                   ranking->keys, span, ranking->total);
    len = fw_text_append(notice->text, sizeof notice->text, 0, text, strlen(text));
    for (size_t i = 0; i < ranking->count; i++) {
        const struct fw_rule_entry *entry = ranking->items[i];

        (void)fw_rule_key_text(rule, fw_table_key(det->keyed.table, entry), entry, " ", name, sizeof name);
        fw_notice_add(notice, name, entry->value);
        (void)snprintf(text, sizeof text, "%s %s %" PRIu64, i > 0 ? "," : "", name, entry->value);
        if (i < 5)
            len = fw_text_append(notice->text, sizeof notice->text, len, text, strlen(text));
    }
    fw_findings_notice(sink->findings, notice);
}

static void turn(struct fw_det *det, fw_time time, const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    const fw_time window = rule->stages[0].window, start = time - time % window;
    const fw_time began = (fw_time)det->extra[EXTRA_WINDOW];
    struct ranking ranking = {.det = det};

    if (start == began || (began != 0 && start < began && began - start < 2 * FW_HOUR))
        return;
    fw_table_walk_oldest(det->keyed.table, place, &ranking);
    if (ranking.count > 0)
        tell(det, &ranking, began + window, sink);
    fw_table_walk_oldest(det->keyed.table, forget, det);
    det->extra[EXTRA_WINDOW] = (uint64_t)start;
}

void fw_rank_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                     const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);
    uint64_t key[FW_TABLE_KEY_MAX / 8];

    if (!fw_rule_key(rule, step, ev, key) || (rule->of != FW_RULE_FIELDS && !fw_rule_has(ev, rule->of)))
        return;
    turn(det, ev->time, sink);
    struct fw_rule_entry *entry = fw_table_find(det->keyed.table, key);
    if (entry == NULL)
        entry = fw_table_admit(det->keyed.table, key, ev->time, NULL, NULL, NULL, NULL);
    if (entry == NULL)
        return;
    fw_rule_count(entry, ev);
    entry->value += rule->of != FW_RULE_FIELDS ? fw_rule_number(ev, rule->of) : 1;
    if (entry->fan.matter.events == 1)
        fw_rule_note(rule, entry, ev);
    fw_rule_tell(det, sink, ev, step, entry->value, 0, entry);
}

void fw_rank_advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    det->keyed.now = now;
    if (det->extra[EXTRA_WINDOW] != 0)
        turn(det, now, sink);
}
