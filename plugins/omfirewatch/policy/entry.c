/* entry.c: what roles and exceptions have in common: reason, calendar, zone, end. */
#include <stdlib.h>
#include <string.h>

#include "../core/hash.h"
#include "../core/json.h"
#include "internal.h"

#define DAY (24 * FW_HOUR)

/* One line of it: block texts come with line breaks. */
static char *copy_flat(const char *text) {
    char *copy = malloc(strlen(text) + 1), *out = copy;

    if (!copy)
        return NULL;
    for (const char *p = text; *p; p++) {
        const bool blank = *p == ' ' || *p == '\n' || *p == '\t';

        if (!blank)
            *out++ = *p;
        else if (out > copy && out[-1] != ' ')
            *out++ = ' ';
    }
    if (out > copy && out[-1] == ' ')
        out--;
    *out = '\0';
    return copy;
}

char *fw_policy_read_reason(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "reason", "a sentence that says why"))
        return NULL;
    char *reason = copy_flat(node->text);
    if (!reason)
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
    else if (reason[0] == '\0')
        FW_POLICY_PROBLEM(reader, node, "\"reason\" is empty; whoever reads this next year wants to know why");
    else if (strlen(reason) > FW_POLICY_REASON_MAX)
        FW_POLICY_PROBLEM(reader, node, "\"reason\" is longer than %d bytes", FW_POLICY_REASON_MAX);
    return reason;
}

void fw_policy_read_when(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                         struct fw_calendar_span spans[FW_CALENDAR_SPANS_MAX], size_t *count) {
    const bool single = node->type == FW_YAML_TEXT;
    char err[FW_PROBLEM_TEXT];

    if (!single && !fw_policy_expect(reader, node, FW_YAML_LIST, "when", "times: \"weekdays 22:00-06:00\""))
        return;
    if (!single && node->count == 0)
        FW_POLICY_PROBLEM(reader, node, "\"when\" is empty: never; leave it out for always");
    for (const struct fw_yaml_node *item = single ? node : node->first; item; item = single ? NULL : item->next) {
        if (!fw_policy_expect(reader, item, FW_YAML_TEXT, "when", "times: \"weekdays 22:00-06:00\""))
            continue;
        if (*count == FW_CALENDAR_SPANS_MAX) {
            FW_POLICY_PROBLEM(reader, item, "more than %d times", FW_CALENDAR_SPANS_MAX);
            return;
        }
        if (fw_policy_parse_span(item->text, &spans[*count], err, sizeof err) == 0)
            ++*count;
        else
            FW_POLICY_PROBLEM(reader, item, "%s", err);
    }
}

static void read_until(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                       struct fw_policy_entry *entry) {
    if (fw_policy_expect(reader, node, FW_YAML_TEXT, "until", "a date: 2027-03-31") &&
        fw_policy_parse_date(node->text, &entry->until) != 0)
        FW_POLICY_PROBLEM(reader, node, "\"until\" is \"%.64s\"; it must be a date, the last day: 2027-03-31",
                          node->text);
}

void fw_policy_read_entry_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                              enum fw_policy_entry_key key, struct fw_policy_entry *entry) {
    switch (key) {
    case FW_ENTRY_REASON:
        entry->reason = fw_policy_read_reason(reader, node);
        break;
    case FW_ENTRY_WHEN:
        fw_policy_read_when(reader, node, entry->spans, &entry->spans_count);
        break;
    case FW_ENTRY_ZONE:
        entry->zone = fw_policy_read_zone(reader, node);
        break;
    case FW_ENTRY_UNTIL:
        read_until(reader, node, entry);
        break;
    case FW_ENTRY_KEYS:
        break;
    }
}

struct fw_policy_entry *fw_policy_add_entry(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                                            struct fw_policy_entries *list) {
    if (reader->policy->roles.count + reader->policy->exceptions.count == FW_ENTRIES_MAX) {
        FW_POLICY_PROBLEM(reader, node, "more than %d roles and exceptions in all", FW_ENTRIES_MAX);
        return NULL;
    }
    if ((list->count & (list->count - 1)) == 0) { /* full: a power of two */
        void *grown = fw_policy_grow(reader, node, list->items, list->count, list->count, sizeof *list->items);

        if (!grown)
            return NULL;
        list->items = grown;
    }
    struct fw_policy_entry *entry = &list->items[list->count++];
    entry->origin = fw_policy_origin(reader, node);
    return entry;
}

/* --- when all is read ---------------------------------------------------- */

fw_time fw_policy_end_of_day(const struct fw_policy_date *until, const struct fw_zone *zone) {
    if (until->year == 0)
        return FW_TIME_MAX;
    const fw_time midnight = (fw_time_days((int)until->year, until->month, until->day) + 1) * DAY;
    return fw_zone_to_utc(zone, midnight, NULL);
}

/* What is printed of it, without the reason, is what it is. 0 when memory is missing. */
static uint64_t identify(const struct fw_policy *policy, const struct fw_policy_entry *entry) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    uint64_t id = 0;

    if (!out)
        return 0;
    fw_policy_print_entry(policy, entry, false, out);
    if (fclose(out) == 0)
        id = fw_hash(&fw_seed_fixed, text, size);
    free(text);
    return id;
}

#define CUT "..." /* ends a reason that is too long for a label */

static void label(struct fw_policy_entry *entry) {
    const char *name = entry->role == FW_ROLE_NUMBER_home ? "exception" : fw_policy_role_names[entry->role];
    size_t len = (size_t)snprintf(entry->label, sizeof entry->label, "%s: ", name);
    const bool cut = len + strlen(entry->reason) > FW_LABEL_MAX;
    const size_t room = sizeof entry->label - (cut ? strlen(CUT) : 0);
    len = fw_text_append(entry->label, room, len, entry->reason, strlen(entry->reason));
    if (cut)
        (void)fw_text_append(entry->label, sizeof entry->label, len, CUT, strlen(CUT));
}

static void finish(struct fw_policy_reader *reader, struct fw_policy_entries *list) {
    const struct fw_policy *policy = reader->policy;

    for (size_t i = 0; i < list->count; i++) {
        struct fw_policy_entry *one = &list->items[i];
        const struct fw_policy_entry *same = list->items;

        if (!one->reason) /* broken, and reported */
            continue;
        label(one);
        one->entry.id = identify(policy, one);
        one->entry.label = one->label;
        one->entry.until = fw_policy_end_of_day(&one->until, fw_policy_zone_of(policy, one));
        one->entry.when = (struct fw_calendar){
            .zone = fw_policy_zone_of(policy, one), .spans = one->spans, .count = one->spans_count};
        while (same < one && same->entry.id != one->entry.id)
            same++;
        if (same < one && one->entry.id != 0)
            fw_problem(reader->problems, one->origin.path, one->origin.line, one->origin.column,
                       "this %s is there twice, first in %s, line %u",
                       one->role == FW_ROLE_NUMBER_home ? "exception" : "role", same->origin.path, same->origin.line);
    }
}

void fw_policy_finish_entries(struct fw_policy_reader *reader) {
    finish(reader, &reader->policy->roles);
    finish(reader, &reader->policy->exceptions);
}

void fw_policy_free_entries(struct fw_policy_entries *entries) {
    for (size_t i = 0; i < entries->count; i++) {
        free(entries->items[i].reason);
        free(entries->items[i].source.items);
        free(entries->items[i].destination.items);
        fw_netmap_free(&entries->items[i].entry.destinations);
    }
    free(entries->items);
}
