/* notes.c: what loads and yet is hardly meant: ends that have passed, exceptions from what does not run. */
#include "internal.h"

static bool is_idle(const struct fw_policy *policy, const struct fw_policy_entry *exception) {
    for (size_t i = 0; i < FW_DETECTORS_MAX && fw_detectors[i]; i++)
        if (exception->detectors >> i & 1 && policy->detectors[i].enabled)
            return false;
    for (size_t i = 0; policy->ruleset && i < policy->ruleset->count; i++)
        if (exception->rules[i / 64] >> i % 64 & 1 && !policy->ruleset->off[i])
            return false;
    return true;
}

static void note_entries(const struct fw_policy *policy, const struct fw_policy_entries *list, fw_time now,
                         struct fw_problems *notes) {
    for (size_t i = 0; i < list->count; i++) {
        const struct fw_policy_entry *entry = &list->items[i];
        const bool role = entry->role != FW_ROLE_NUMBER_home;

        if (entry->entry.until <= now)
            fw_problem(notes, entry->origin.path, entry->origin.line, entry->origin.column,
                       "this %s has ended: it was good until %04u-%02u-%02u", role ? "role" : "exception",
                       entry->until.year, entry->until.month, entry->until.day);
        else if (!role && is_idle(policy, entry))
            fw_problem(notes, entry->origin.path, entry->origin.line, entry->origin.column,
                       "none of the detectors of this exception is enabled");
    }
}

void fw_policy_notes(const struct fw_policy *policy, fw_time now, struct fw_problems *notes) {
    note_entries(policy, &policy->roles, now, notes);
    note_entries(policy, &policy->exceptions, now, notes);
}
