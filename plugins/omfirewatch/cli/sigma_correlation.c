/* sigma_correlation.c: Sigma's correlations as rules that count, add up or wait for one thing after the other.
 *
 * A correlation names rules of the files that are read, by name or by id; what it
 * counts are the lines that one of them takes. What groups may be called differently
 * in each rule (aliases) where each is a step of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "../core/distinct.h"
#include "../policy/value.h"
#include "sigma.h"

#define PARTS_MAX  32 /* rules of a correlation: steps of a sequence */
#define KEYS_MAX   4
#define SPAN_MAX_S (366 * 24 * 3600)

struct correlation {
    const struct fw_yaml_node *node;
    struct fw_sigma_rule *parts[PARTS_MAX];
    const char *refs[PARTS_MAX];
    size_t count;
};

static struct fw_sigma_rule *find_rule(struct fw_sigma *sigma, const char *ref) {
    for (size_t i = 0; i < sigma->count; i++)
        if (strcmp(fw_sigma_text(sigma->rules[i].doc, "name"), ref) == 0 ||
            strcmp(fw_sigma_text(sigma->rules[i].doc, "id"), ref) == 0)
            return &sigma->rules[i];
    return NULL;
}

static bool generates(const struct fw_yaml_node *map) {
    return strcasecmp(fw_sigma_text(map, "generate"), "true") == 0;
}

static void read_part(struct fw_sigma *sigma, const struct fw_yaml_node *item, struct correlation *of) {
    struct fw_sigma_rule *rule = item->type == FW_YAML_TEXT && item->text[0] ? find_rule(sigma, item->text) : NULL;

    if (!rule)
        fw_sigma_refuse(sigma, item, "there is no rule \"%.64s\" in what is read", item->text);
    else if (rule->correlation)
        fw_sigma_refuse(sigma, item, "\"%.64s\" is a correlation; only rules can be named", item->text);
    else if (rule->refused)
        fw_sigma_refuse(sigma, item, "it needs \"%.64s\", which is left out", item->text);
    else if (of->count == PARTS_MAX)
        fw_sigma_refuse(sigma, item, "more than %d rules", PARTS_MAX);
    else {
        rule->part = true;
        rule->generated |= generates(sigma->now->doc) || generates(of->node);
        of->refs[of->count] = item->text;
        of->parts[of->count++] = rule;
    }
}

/* What a field of group-by, an alias or not, is called in one of the rules; NULL: refused. An alias names rules as
 * the correlation does, or by their names. */
static const char *field_in(struct fw_sigma *sigma, const struct correlation *of, const struct fw_yaml_node *at,
                            size_t part) {
    const struct fw_yaml_node *alias = fw_sigma_get(fw_sigma_get(of->node, "aliases"), at->text);
    const struct fw_sigma_rule *rule = of->parts[part];
    const char *name = alias ? fw_sigma_text(alias, of->refs[part]) : at->text;
    struct fw_sigma_field field;

    if (!rule)
        return NULL;
    if (alias && name[0] == '\0')
        name = fw_sigma_text(alias, fw_sigma_text(rule->doc, "name"));
    if (alias && name[0] == '\0') {
        fw_sigma_refuse(sigma, alias, "alias \"%.64s\": it names no field of \"%.64s\"", at->text, of->refs[part]);
        return NULL;
    }
    return fw_sigma_field(sigma, at, rule->category, name, &field) ? field.ours : NULL;
}

static bool is_one_of(const char *type, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(type, names[i]) == 0)
            return true;
    return false;
}

/* The least number that is a finding; 0: refused or not said. */
static uint64_t read_threshold(struct fw_sigma *sigma, const struct correlation *of) {
    const struct fw_yaml_node *condition = fw_sigma_get(of->node, "condition");
    uint64_t least = 0;

    for (const struct fw_yaml_node *node = condition && condition->type == FW_YAML_MAP ? condition->first : NULL; node;
         node = node->next) {
        const bool gt = strcmp(node->key->text, "gt") == 0;

        if (strcmp(node->key->text, "field") == 0)
            continue;
        if ((!gt && strcmp(node->key->text, "gte") != 0) || node->type != FW_YAML_TEXT || least != 0 ||
            strspn(node->text, "0123456789") != strlen(node->text) || strlen(node->text) > 15) {
            fw_sigma_refuse(sigma, node, "condition: only \"gt\" or \"gte\" with a number can be mapped");
            return 0;
        }
        least = strtoull(node->text, NULL, 10) + gt;
    }
    return least;
}

static void put_by(struct fw_sigma *sigma, const struct correlation *of, FILE *out) {
    const struct fw_yaml_node *by = fw_sigma_get(of->node, "group-by"), *item;

    if (!by)
        return;
    if (by->type == FW_YAML_MAP || by->type == FW_YAML_NULL || (by->type == FW_YAML_LIST && by->count == 0)) {
        fw_sigma_refuse(sigma, by, "group-by: it must be a list of fields");
        return;
    }
    if (by->type == FW_YAML_LIST && by->count > KEYS_MAX)
        fw_sigma_refuse(sigma, by, "group-by: a key has at most %d fields", KEYS_MAX);
    (void)fputs("    by: [", out);
    for (item = by->type == FW_YAML_LIST ? by->first : by; item; item = by->type == FW_YAML_LIST ? item->next : NULL) {
        const char *name = field_in(sigma, of, item, 0);
        (void)fprintf(out, "%s%s", item == by || item == by->first ? "" : ", ", name ? name : "");
    }
    (void)fputs("]\n", out);
}

/* Where a step calls a field of the key by another name. */
static void put_aliases(struct fw_sigma *sigma, const struct correlation *of, size_t part, bool steps, FILE *out) {
    const struct fw_yaml_node *by = fw_sigma_get(of->node, "group-by"), *item;
    const char *before = ", as: {";

    for (item = by && by->type == FW_YAML_LIST ? by->first : by; item; item = item == by ? NULL : item->next) {
        const char *first = field_in(sigma, of, item, 0), *here = field_in(sigma, of, item, part);

        if (!first || !here || strcmp(first, here) == 0)
            continue;
        if (!steps)
            fw_sigma_refuse(sigma, item, "\"%.64s\" is another field in each rule; only temporal ones can do that",
                            item->text);
        (void)fprintf(out, "%s%s: %s", before, first, here);
        before = ", ";
    }
    (void)fputs(before[2] ? "" : "}", out);
}

static void put_sequence(struct fw_sigma *sigma, const struct correlation *of, bool ordered, FILE *out) {
    const uint64_t least = read_threshold(sigma, of);

    if (of->count < 2 || (fw_sigma_get(of->node, "condition") && least != of->count))
        fw_sigma_refuse(sigma, of->node, "it must want all of at least two rules");
    (void)fprintf(out, "%s    sequence:\n", ordered ? "" : "    any_order: yes\n");
    for (size_t i = 0; i < of->count; i++) {
        (void)fprintf(out, "      - {match: %s", of->parts[i]->match);
        put_aliases(sigma, of, i, true, out);
        (void)fputs("}\n", out);
    }
}

static void put_measure(struct fw_sigma *sigma, const struct correlation *of, const char *type, FILE *out) {
    const struct fw_yaml_node *field = fw_sigma_get(fw_sigma_get(of->node, "condition"), "field");
    const uint64_t least = read_threshold(sigma, of);
    static const char *const amounts[] = {"sent", "rcvd", "bytes", "packets", "length"};
    struct fw_sigma_list any = {.count = 0};
    const char *ours = "";

    if (!sigma->now->refused && (least == 0 || (least > FW_DISTINCT_MAX && strcmp(type, "value_sum") != 0)))
        fw_sigma_refuse(sigma, of->node, "condition: a number from 1 to %d can be mapped", FW_DISTINCT_MAX);
    for (size_t i = 0; i < of->count; i++) {
        fw_sigma_put(&any, strdup(of->parts[i]->match));
        put_aliases(sigma, of, i, false, out);
    }
    if (strcmp(type, "event_count") == 0) {
        (void)fprintf(out, "    count: %llu\n", (unsigned long long)least);
    } else if (!field || field->type != FW_YAML_TEXT) {
        fw_sigma_refuse(sigma, of->node, "condition: it must name one field");
    } else {
        for (size_t i = 0; i < of->count; i++) {
            struct fw_sigma_field here = {.ours = ""};
            if (fw_sigma_field(sigma, field, of->parts[i]->category, field->text, &here) && i > 0 &&
                strcmp(ours, here.ours) != 0)
                fw_sigma_refuse(sigma, field, "\"%.64s\" is another field in each rule", field->text);
            ours = here.ours;
        }
        if (strcmp(type, "value_sum") == 0 && ours[0] != '\0' && !is_one_of(ours, amounts, 5))
            fw_sigma_refuse(sigma, field, "\"%.64s\" is nothing to add up", field->text);
        (void)fprintf(out, "    %s: %s\n    threshold: %llu\n", strcmp(type, "value_sum") == 0 ? "sum" : "distinct",
                      ours, (unsigned long long)least);
    }
    char *match = fw_sigma_end(&any, "or");
    (void)fprintf(out, "    match: %s\n", match ? match : "");
    free(match);
}

void fw_sigma_correlation(struct fw_sigma *sigma, struct fw_sigma_rule *rule, FILE *out) {
    static const char *const types[] = {"event_count", "value_count", "value_sum", "temporal", "temporal_ordered"};
    struct correlation of = {.node = fw_sigma_get(rule->doc, "correlation")};
    const struct fw_yaml_node *rules = fw_sigma_get(of.node, "rules"), *item;
    const char *type = fw_sigma_text(of.node, "type"), *span = fw_sigma_text(of.node, "timespan");
    int64_t seconds = 0;

    if (!is_one_of(type, types, 5)) {
        fw_sigma_refuse(
            sigma, of.node,
            "correlation of type \"%.64s\" has no counterpart; event_count, value_count, value_sum, temporal "
            "and temporal_ordered have",
            type);
    }
    for (item = rules && rules->type == FW_YAML_LIST ? rules->first : rules; item;
         item = item == rules ? NULL : item->next)
        read_part(sigma, item, &of);
    if (of.count == 0 && !rule->refused)
        fw_sigma_refuse(sigma, of.node, "it names no rules");
    /* Sigma's M is a month, ours would be none */
    if (span[0] == '\0' || !strchr("smhd", span[strlen(span) - 1]) ||
        fw_value_parse(FW_UNIT_SECONDS, span, &seconds) != 0 || seconds < 1 || seconds > SPAN_MAX_S)
        fw_sigma_refuse(sigma, of.node, "timespan \"%.64s\"; from 1s to 366d can be mapped", span);
    if (rule->refused)
        return;
    put_by(sigma, &of, out);
    (void)fprintf(out, "    window: %s\n", span);
    if (strncmp(type, "temporal", 8) == 0)
        put_sequence(sigma, &of, type[8] != '\0', out);
    else
        put_measure(sigma, &of, type, out);
    for (size_t i = 0; i < of.count; i++)
        of.parts[i]->used |= !rule->refused;
}
