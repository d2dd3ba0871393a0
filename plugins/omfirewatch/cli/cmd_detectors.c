/* cmd_detectors.c: the detectors and their parameters, from the tables that the
 * engine and the policy use.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../policy/value.h"
#include "../rules/ruleset.h"
#include "cli.h"

static void print_names(const char *label, uint64_t bits, const char *const *names, size_t n) {
    const char *comma = "";

    if (bits == 0)
        return;
    (void)printf("  %-14s", label);
    for (size_t i = 0; i < n; i++) {
        if ((bits >> i & 1) == 0)
            continue;
        (void)printf("%s%s", comma, names[i]);
        comma = ", ";
    }
    (void)putchar('\n');
}

static void print_fields(const char *label, uint64_t bits) {
    const char *names[FW_FIELDS];

    for (size_t i = 0; i < FW_FIELDS; i++)
        names[i] = fw_field_table[i].name;
    print_names(label, bits, names, FW_FIELDS);
}

static void print_kinds(uint64_t bits) {
    const char *names[FW_KINDS] = {""};

    for (int i = FW_KIND_NONE + 1; i < FW_KINDS; i++)
        names[i] = fw_kind_name((enum fw_kind)i);
    print_names("events", bits, names, FW_KINDS);
}

static void print_guards(uint64_t bits) {
    static const char *const names[FW_ROLE_NUMBERS] = {"home",
#define FW_ROLE(name, doc) #name,
                                                       FW_ROLE_LIST
#undef FW_ROLE
    };
    print_names("leaves alone", bits, names, FW_ROLE_NUMBERS);
}

static void print_param(const struct fw_param *param) {
    char min[FW_VALUE_TEXT], max[FW_VALUE_TEXT], standard[FW_VALUE_TEXT];

    (void)fw_value_format(param->unit, param->min, min);
    (void)fw_value_format(param->unit, param->max, max);
    (void)fw_value_format(param->unit, param->value, standard);
    (void)printf("\n  %s: %s\n", param->name, standard);
    (void)printf("      %s\n", param->doc);
    if (param->unit == FW_UNIT_BOOL)
        (void)printf("      unit %s; default from: %s\n", fw_unit_name(param->unit), param->source);
    else
        (void)printf("      unit %s, %s to %s; default from: %s\n", fw_unit_name(param->unit), min, max, param->source);
}

static void print_detector(const struct fw_detector_ops *ops) {
    (void)printf("%s: %s\n", ops->name, ops->title);
    (void)printf("  %-14s%s\n", "class", fw_class_name(ops->class));
    if (ops->requirement)
        (void)printf("  %-14s%s\n", "serves", ops->requirement);
    if (ops->technique_id)
        (void)printf("  %-14s%s %s\n", "technique", ops->technique_id, ops->technique_name ? ops->technique_name : "");
    print_kinds(ops->kinds);
    if (ops->heard)
        (void)printf("  %-14s%s\n", "hears", "the findings of the other detectors");
    if (ops->overdue)
        (void)printf("  %-14s%s\n", "hears", "uses of applications after the policy's day for them");
    if (ops->observe)
        print_fields("needs", ops->needs);
    print_fields("uses", ops->uses & ~ops->needs);
    print_guards(ops->guards);
    for (const struct fw_param *param = ops->params; param->name; param++)
        print_param(param);
}

static void print_rule(const struct fw_rule *rule) {
    const struct fw_detector_ops *ops = &rule->ops;

    (void)printf("%s: %s\n", ops->name, ops->title);
    (void)printf("  %-14s%s\n", "class", fw_class_name(ops->class));
    for (size_t i = 0; ops->attack && ops->attack[i]; i++)
        (void)printf("  %-14s%s\n", i == 0 ? "technique" : "", ops->attack[i]);
    print_kinds(ops->kinds);
    print_fields("needs", ops->needs);
    print_fields("uses", ops->uses & ~ops->needs);
    (void)printf("\n%s", rule->text);
}

static void print_rules(const struct fw_ruleset *rules) {
    for (size_t i = 0; rules && i < rules->count; i++)
        (void)printf("%-18s %-8s %-4s %s%s\n", rules->ops[i]->name, fw_class_name(rules->ops[i]->class), "rule",
                     rules->ops[i]->title, rules->off[i] ? " (off)" : "");
}

static const struct fw_rule *find_rule(const struct fw_ruleset *rules, const char *name) {
    for (size_t i = 0; rules && i < rules->count; i++)
        if (strcmp(rules->ops[i]->name, name) == 0)
            return fw_ruleset_rule(rules, i);
    return NULL;
}

static void print_all(void) {
    for (size_t i = 0; fw_detectors[i]; i++)
        (void)printf("%-18s %-8s %-4s %s\n", fw_detectors[i]->name, fw_class_name(fw_detectors[i]->class),
                     fw_detectors[i]->requirement ? fw_detectors[i]->requirement : "", fw_detectors[i]->title);
}

static int unknown(const struct fw_command *command, const char *name, const struct fw_ruleset *rules) {
    const char *names[FW_DETECTORS_MAX + FW_RULES_MAX], *near;
    size_t n = 0;

    for (; n < FW_DETECTORS_MAX && fw_detectors[n]; n++)
        names[n] = fw_detectors[n]->name;
    for (size_t i = 0; rules && i < rules->count; i++)
        names[n++] = rules->ops[i]->name;
    near = fw_problem_nearest(name, names, n);
    if (near)
        return fw_cli_error(command, "there is no detector \"%s\"; did you mean \"%s\"?", name, near);
    return fw_cli_error(command, "there is no detector \"%s\"; \"firewatch detectors\" lists them", name);
}

static int print_each(const struct fw_command *command, char **names, int n, const struct fw_ruleset *rules) {
    for (int i = 0; i < n; i++) {
        const struct fw_detector_ops *ops = fw_detector_find(names[i]);
        const struct fw_rule *rule = find_rule(rules, names[i]);

        if (!ops && !rule)
            return unknown(command, names[i], rules);
        if (i > 0)
            (void)putchar('\n');
        if (ops)
            print_detector(ops);
        else
            print_rule(rule);
    }
    return FW_EXIT_FINE;
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {
        {"policy", required_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const struct fw_ruleset *rules = NULL;
    struct fw_policy *policy = NULL;
    const char *path = NULL;
    int c, code = FW_EXIT_FINE;

    while ((c = getopt_long(argc, argv, ":p:h", options, NULL)) != -1) {
        if (c == 'h') {
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        }
        if (c != 'p')
            return fw_cli_bad_option(command, c, argv);
        path = optarg;
    }
    if (path)
        code = fw_cli_policy(command, path, &policy);
    if (policy)
        rules = fw_policy_settings(policy)->rules;
    if (code == FW_EXIT_FINE && optind == argc) {
        print_all();
        print_rules(rules);
    }
    if (code == FW_EXIT_FINE)
        code = print_each(command, argv + optind, argc - optind, rules);
    fw_policy_close(&policy);
    return fw_cli_finish(command, code);
}

const struct fw_command fw_cmd_detectors = {
    .name = "detectors",
    .about = "lists the detectors and rules, or the parameters of one with units, ranges and sources",
    .usage = "detectors [-p POLICY] [NAME...]",
    .help = "  -p, --policy FILE    its rules, too\n"
            "\n"
            "  firewatch detectors addr_scan\n",
    .run = run,
};
