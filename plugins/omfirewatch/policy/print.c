/* print.c: the effective policy as YAML that loads again to the same thing.
 *
 * Comments tell units, ranges and defaults, from the tables the reader uses.
 * Texts are always quoted: YAML has opinions on "no" and on "12:30".
 */
#include "internal.h"

#include <stdio.h>
#include <string.h>

#include "value.h"

#define LINE_WIDTH   100 /* a list of networks is broken there */
#define COMMENT_FROM 40  /* column of the comments */

void fw_policy_print_quoted(const char *text, FILE *out) {
    (void)fputc('"', out);
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            (void)fputc('\\', out);
        (void)fputc(*p, out);
    }
    (void)fputc('"', out);
}

static size_t format_item(const struct fw_policy *policy, const struct fw_policy_net *net, char *buf, size_t size) {
    char text[FW_ADDR_TEXT_MAX + 4];

    if (net->named)
        return (size_t)snprintf(buf, size, "\"%s\"", policy->names[net->name].name);
    (void)fw_net_format(&net->net, text, sizeof text);
    /* a colon means something to YAML */
    return (size_t)snprintf(buf, size, strchr(text, ':') ? "\"%s\"" : "%s", text);
}

/* "[10.0.0.0/8, ...]"; returns the column after it */
size_t fw_policy_print_nets(const struct fw_policy *policy, const struct fw_policy_nets *nets, size_t column,
                            FILE *out) {
    char item[FW_POLICY_NAME_MAX + 8];
    const size_t indent = column;

    (void)fputc('[', out);
    for (size_t i = 0; i < nets->count; i++) {
        const size_t len = format_item(policy, &nets->items[i], item, sizeof item);

        if (i > 0)
            column += (size_t)fprintf(out, ",");
        if (i > 0 && column + len + 2 > LINE_WIDTH)
            column = (size_t)fprintf(out, "\n%*s", (int)indent + 1, "") - 1;
        else if (i > 0)
            column += (size_t)fprintf(out, " ");
        column += len;
        (void)fputs(item, out);
    }
    (void)fputc(']', out);
    return column + 1;
}

static void print_name(const struct fw_policy *policy, const struct fw_policy_name *name, FILE *out) {
    const int column = fprintf(out, name->asset > 0 ? "  \"%s\": {networks: " : "  \"%s\": ", name->name);

    (void)fw_policy_print_nets(policy, &name->nets, (size_t)column, out);
    if (name->asset > 0)
        (void)fprintf(out, ", asset: %u}", name->asset);
    (void)fputc('\n', out);
}

static void print_networks(const struct fw_policy *policy, FILE *out) {
    if (policy->zone)
        (void)fprintf(out, "zone: \"%s\"\n\n", policy->zone->name);
    if (policy->lists_path) {
        (void)fputs("lists: ", out);
        fw_policy_print_quoted(policy->lists_path, out);
        (void)fputs("\n\n", out);
    }
    (void)fw_policy_print_nets(policy, &policy->home, (size_t)fprintf(out, "home: "), out);
    (void)fputs(policy->names_count > 0 ? "\n\nnetworks:\n" : "\n", out);
    for (size_t i = 0; i < policy->names_count; i++)
        print_name(policy, &policy->names[i], out);
}

static void print_entries(const struct fw_policy *policy, const char *section, const struct fw_policy_entries *list,
                          FILE *out) {
    if (list->count > 0)
        (void)fprintf(out, "\n%s:\n", section);
    for (size_t i = 0; i < list->count; i++)
        fw_policy_print_entry(policy, &list->items[i], true, out);
}

static void print_sensors(const struct fw_policy *policy, FILE *out) {
    (void)fputs(policy->sensors_count > 0 ? "\nsensors:\n" : "", out);
    for (size_t i = 0; i < policy->sensors_count; i++)
        (void)fprintf(out, "  \"%s\": {zone: \"%s\"}\n", policy->sensors[i].name, policy->sensors[i].zone->name);
}

static void print_param(const struct fw_param *param, int64_t value, const char *indent, FILE *out) {
    char text[FW_VALUE_TEXT], min[FW_VALUE_TEXT], max[FW_VALUE_TEXT], standard[FW_VALUE_TEXT];
    int column;

    (void)fw_value_format(param->unit, value, text);
    (void)fw_value_format(param->unit, param->min, min);
    (void)fw_value_format(param->unit, param->max, max);
    (void)fw_value_format(param->unit, param->value, standard);
    column = fprintf(out, "%s%s: %s", indent, param->name, text);
    (void)fprintf(out, "%*s# ", column < COMMENT_FROM ? COMMENT_FROM - column : 1, "");
    if (param->unit != FW_UNIT_BOOL)
        (void)fprintf(out, "%s to %s, ", min, max);
    (void)fprintf(out, "%s%s\n", value == param->value ? "default" : "default ", value == param->value ? "" : standard);
}

static void print_detectors(const struct fw_policy *policy, FILE *out) {
    (void)fputs(fw_detectors[0] ? "\ndetectors:\n" : "", out);
    for (size_t i = 0; i < FW_DETECTORS_MAX && fw_detectors[i]; i++) {
        const struct fw_detector_ops *ops = fw_detectors[i];
        const struct fw_detector_setting *setting = &policy->detectors[i];

        (void)fprintf(out, "  %s:\n    enabled: %s\n", ops->name, setting->enabled ? "true" : "false");
        for (size_t k = 0; k < fw_detector_params(ops); k++)
            print_param(&ops->params[k], setting->values[k], "    ", out);
    }
}

void fw_policy_print(const struct fw_policy *policy, FILE *out) {
    char bytes[FW_VALUE_TEXT];

    print_networks(policy, out);
    print_entries(policy, "roles", &policy->roles, out);
    print_entries(policy, "exceptions", &policy->exceptions, out);
    fw_policy_print_geo(policy, out);
    fw_policy_print_applications(policy, out);
    print_sensors(policy, out);
    print_detectors(policy, out);
    fw_policy_print_rules(policy, out);
    (void)fputs("\nintervals:\n", out);
    for (size_t i = 0; i < FW_POLICY_INTERVALS; i++)
        print_param(&fw_policy_intervals[i], policy->intervals[i], "  ", out);
    (void)fw_value_format_bytes(policy->settings.max_memory, bytes);
    (void)fprintf(out, "\nlimits:\n  findings_per_minute: %u\n  max_memory: %s\n", policy->settings.findings_per_minute,
                  bytes);
}
