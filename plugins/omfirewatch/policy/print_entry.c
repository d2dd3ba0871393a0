/* print_entry.c: a role or an exception as YAML; also what tells one from another. */
#include "internal.h"

void fw_policy_print_detectors(const struct fw_policy *policy, const struct fw_policy_entry *entry, FILE *out) {
    const char *comma = "";

    (void)fputs("detector: [", out);
    for (size_t i = 0; i < FW_DETECTORS_MAX && fw_detectors[i]; i++) {
        if ((entry->detectors >> i & 1) == 0)
            continue;
        (void)fprintf(out, "%s%s", comma, fw_detectors[i]->name);
        comma = ", ";
    }
    for (size_t i = 0; policy->ruleset && i < policy->ruleset->count; i++) {
        if ((entry->rules[i / 64] >> i % 64 & 1) == 0)
            continue;
        (void)fprintf(out, "%s%s", comma, policy->ruleset->ops[i]->name);
        comma = ", ";
    }
    (void)fputs("]\n", out);
}

static void print_nets(const struct fw_policy *policy, const char *key, const struct fw_policy_nets *nets, FILE *out) {
    const size_t column = (size_t)fprintf(out, "    %s: ", key);

    (void)fw_policy_print_nets(policy, nets, column, out);
    (void)fputc('\n', out);
}

static void print_ports(const struct fw_policy_entry *entry, FILE *out) {
    (void)fputs("    port: [", out);
    for (size_t i = 0; i < entry->ports_count; i++) {
        const struct fw_ports *ports = &entry->ports[i];
        const char *proto = fw_policy_proto_name(ports->proto);

        (void)fprintf(out, "%s%s%s%u", i > 0 ? ", " : "", proto, *proto ? "/" : "", ports->first);
        if (ports->last != ports->first)
            (void)fprintf(out, "-%u", ports->last);
    }
    (void)fputs("]\n", out);
}

static void print_when(const struct fw_policy_entry *entry, FILE *out) {
    char text[FW_POLICY_WHEN_TEXT];

    (void)fputs("    when: [", out);
    for (size_t i = 0; i < entry->spans_count; i++) {
        fw_policy_format_span(&entry->spans[i], text);
        (void)fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", text);
    }
    (void)fputs("]\n", out);
}

void fw_policy_print_terms(const struct fw_policy *policy, const struct fw_policy_entry *entry,
                           const struct fw_policy_nets *but, FILE *out) {
    if (entry->source.count > 0 && but != &entry->source)
        print_nets(policy, entry->role != FW_ROLE_NUMBER_home ? "networks" : "source", &entry->source, out);
    if (entry->destination.count > 0 && but != &entry->destination)
        print_nets(policy, "destination", &entry->destination, out);
    if (entry->ports_count > 0)
        print_ports(entry, out);
    if (entry->spans_count > 0)
        print_when(entry, out);
    if (entry->zone)
        (void)fprintf(out, "    zone: \"%s\"\n", entry->zone->name);
    if (entry->until.year > 0)
        (void)fprintf(out, "    until: %04u-%02u-%02u\n", entry->until.year, entry->until.month, entry->until.day);
}

void fw_policy_print_entry(const struct fw_policy *policy, const struct fw_policy_entry *entry, bool reason,
                           FILE *out) {
    (void)fputs("  - ", out);
    if (entry->role != FW_ROLE_NUMBER_home)
        (void)fprintf(out, "role: %s\n", fw_policy_role_names[entry->role]);
    else
        fw_policy_print_detectors(policy, entry, out);
    fw_policy_print_terms(policy, entry, NULL, out);
    if (!reason)
        return;
    (void)fputs("    reason: ", out);
    fw_policy_print_quoted(entry->reason, out);
    (void)fputc('\n', out);
}
