/* sigma.c: Sigma's documents, correlations, and the rules that come of them; see sigma.h.
 *
 * Rules that a correlation names make no findings of their own, unless it says
 * generate. Correlations name rules of the same file, by name or by id.
 */
#include "sigma.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../core/distinct.h"
#include "../policy/value.h"
#include "cli.h"

#define PARTS_MAX  32  /* rules of a correlation: steps of a sequence */
#define TITLE_MAX  180 /* bytes; a policy takes 200 */
#define SPAN_MAX_S (366 * 24 * 3600)

const struct fw_yaml_node *fw_sigma_get(const struct fw_yaml_node *map, const char *key) {
    const struct fw_yaml_node *node = map && map->type == FW_YAML_MAP ? map->first : NULL;

    while (node && strcmp(node->key->text, key) != 0)
        node = node->next;
    return node;
}

const char *fw_sigma_text(const struct fw_yaml_node *map, const char *key) {
    const struct fw_yaml_node *node = fw_sigma_get(map, key);

    return node && node->type == FW_YAML_TEXT ? node->text : "";
}

void fw_sigma_refuse(struct fw_sigma *sigma, const struct fw_yaml_node *at, const char *fmt, ...) {
    char text[FW_PROBLEM_TEXT];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fw_cli_say(stderr, "%s:%u: \"%.80s\" is left out: %s", sigma->path, at->line, sigma->now->title, text);
    sigma->now->refused = sigma->lossy = true;
}

/* ---- single rules ---- */

static void make_id(struct fw_sigma *sigma, struct fw_sigma_rule *rule) {
    const char *name = fw_sigma_text(rule->doc, "name");
    size_t len = (size_t)snprintf(rule->id, sizeof rule->id, "sigma_");
    unsigned again = 1;

    for (const char *p = name[0] != '\0' ? name : rule->title; *p != '\0' && len < 27; p++)
        if (isalnum((unsigned char)*p) && ((unsigned char)*p & 0x80) == 0)
            rule->id[len++] = (char)tolower((unsigned char)*p);
        else if (rule->id[len - 1] != '_')
            rule->id[len++] = '_';
    rule->id[len] = '\0';
    for (size_t i = 0; i < sigma->count; i++)
        if (strcmp(sigma->rules[i].id, rule->id) == 0) {
            (void)snprintf(rule->id + len, sizeof rule->id - len, "_%u", ++again);
            i = (size_t)-1; /* from the beginning */
        }
}

static void read_logsource(struct fw_sigma *sigma, struct fw_sigma_rule *rule) {
    static const char *const names[] = {"firewall", "proxy", "dns", "webserver"};
    const struct fw_yaml_node *source = fw_sigma_get(rule->doc, "logsource");
    const char *category = fw_sigma_text(source, "category");

    for (unsigned i = 0; i < 4; i++)
        if (strcmp(category, names[i]) == 0)
            rule->category = 1u << i;
    if (rule->category == 0)
        fw_sigma_refuse(sigma, source ? source : rule->doc,
                        "category \"%.64s\"; rules of firewall, proxy, dns and webserver can be mapped", category);
    for (const struct fw_yaml_node *node = source ? source->first : NULL; node; node = node->next)
        if (strcmp(node->key->text, "category") != 0 && strcmp(node->key->text, "definition") != 0)
            fw_sigma_refuse(sigma, node, "logsource: \"%.64s\" has no counterpart", node->key->text);
}

static void read_document(struct fw_sigma *sigma, const struct fw_yaml_node *doc) {
    struct fw_sigma_rule *rule = &sigma->rules[sigma->count];
    const char *title = fw_sigma_text(doc, "title");

    *rule = (struct fw_sigma_rule){.doc = doc, .title = title[0] != '\0' ? title : "a rule without a title"};
    sigma->now = rule;
    make_id(sigma, rule);
    sigma->count++;
    rule->correlation = fw_sigma_get(doc, "correlation") != NULL;
    if (doc->type != FW_YAML_MAP || fw_sigma_get(doc, "action") || fw_sigma_get(doc, "filter")) {
        fw_sigma_refuse(sigma, doc, "it is neither a rule nor a correlation");
    } else if (!rule->correlation) {
        read_logsource(sigma, rule);
        if (!rule->refused)
            rule->match = fw_sigma_match(sigma);
    }
}

/* ---- correlations ---- */

struct correlation {
    const struct fw_yaml_node *node;
    const struct fw_sigma_rule *parts[PARTS_MAX];
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

static void read_part(struct fw_sigma *sigma, const struct fw_yaml_node *item, struct correlation *of) {
    struct fw_sigma_rule *rule = item->type == FW_YAML_TEXT && item->text[0] ? find_rule(sigma, item->text) : NULL;
    const char *generate = fw_sigma_text(of->node, "generate");

    if (!rule)
        fw_sigma_refuse(sigma, item, "there is no rule \"%.64s\" in this file", item->text);
    else if (rule->correlation)
        fw_sigma_refuse(sigma, item, "\"%.64s\" is a correlation; only rules can be named", item->text);
    else if (rule->refused)
        fw_sigma_refuse(sigma, item, "it needs \"%.64s\", which is left out", item->text);
    else if (of->count == PARTS_MAX)
        fw_sigma_refuse(sigma, item, "more than %d rules", PARTS_MAX);
    else {
        of->refs[of->count] = item->text;
        of->parts[of->count++] = rule;
        rule->hidden = strcmp(generate, "true") != 0;
    }
}

/* What a field of group-by, an alias or not, is called in one of the rules. */
static const char *field_in(struct fw_sigma *sigma, const struct correlation *of, const struct fw_yaml_node *at,
                            size_t part) {
    const struct fw_yaml_node *alias = fw_sigma_get(fw_sigma_get(of->node, "aliases"), at->text);
    const char *name = alias ? fw_sigma_text(alias, of->refs[part]) : at->text;

    return of->parts[part] ? fw_sigma_field(sigma, at, of->parts[part]->category, name) : NULL;
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
    if (by->type == FW_YAML_LIST && by->count > 4)
        fw_sigma_refuse(sigma, by, "group-by: a key has at most four fields");
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
    struct fw_sigma_list any = {.count = 0};
    const char *ours = "";

    if (least == 0 || (least > FW_DISTINCT_MAX && strcmp(type, "value_sum") != 0))
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
            const char *here = fw_sigma_field(sigma, field, of->parts[i]->category, field->text);
            if (i > 0 && here && strcmp(ours, here) != 0)
                fw_sigma_refuse(sigma, field, "\"%.64s\" is another field in each rule", field->text);
            ours = here ? here : "";
        }
        if (strcmp(type, "value_sum") == 0 && !is_one_of(ours, (const char *const[]){"sent", "rcvd"}, 2))
            fw_sigma_refuse(sigma, field, "\"%.64s\" is nothing to add up", field->text);
        (void)fprintf(out, "    %s: %s\n    threshold: %llu\n", strcmp(type, "value_sum") == 0 ? "sum" : "distinct",
                      ours, (unsigned long long)least);
    }
    char *match = fw_sigma_end(&any, "or");
    (void)fprintf(out, "    match: %s\n", match ? match : "");
    free(match);
}

static void put_correlation(struct fw_sigma *sigma, struct fw_sigma_rule *rule, FILE *out) {
    static const char *const types[] = {"event_count", "value_count", "value_sum", "temporal", "temporal_ordered"};
    struct correlation of = {.node = fw_sigma_get(rule->doc, "correlation")};
    const struct fw_yaml_node *rules = fw_sigma_get(of.node, "rules"), *item;
    const char *type = fw_sigma_text(of.node, "type"), *span = fw_sigma_text(of.node, "timespan");
    int64_t seconds = 0;

    if (!is_one_of(type, types, 5)) {
        fw_sigma_refuse(sigma, of.node, "correlation of type \"%.64s\" has no counterpart", type);
        return;
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
}

/* ---- what comes of it ---- */

static void put_attack(const struct fw_sigma_rule *rule, FILE *out) {
    const struct fw_yaml_node *tags = fw_sigma_get(rule->doc, "tags");
    unsigned n = 0;

    for (const struct fw_yaml_node *tag = tags ? tags->first : NULL; tag && n < 8; tag = tag->next) {
        unsigned id, sub;
        int end = 0, end_sub = 0;

        (void)sscanf(tag->text, "attack.t%4u%n.%3u%n", &id, &end, &sub, &end_sub);
        if (end != 12 || (tag->text[end] != '\0' && (end_sub != end + 4 || tag->text[end_sub] != '\0')))
            continue;
        (void)fprintf(out, "%sT%s", n++ == 0 ? "    attack: [" : ", ", tag->text + 8);
    }
    (void)fputs(n > 0 ? "]\n" : "", out);
}

static void put_head(const struct fw_sigma_rule *rule, FILE *out) {
    static const char *const levels[][2] = {{"critical", "critical"},
                                            {"high", "error"},
                                            {"medium", "warning"},
                                            {"low", "notice"},
                                            {"informational", "info"}};
    char title[TITLE_MAX + 1], *quoted;
    size_t len = strcspn(rule->title, "\n\t");

    if (len > TITLE_MAX)
        for (len = TITLE_MAX; len > 0 && ((unsigned char)rule->title[len] & 0xc0) == 0x80;)
            len--;
    (void)snprintf(title, sizeof title, "%.*s", (int)len, rule->title);
    quoted = fw_sigma_quoted(title);
    (void)fprintf(out, "  - id: %s\n    title: %s\n", rule->id, quoted ? quoted : "''");
    free(quoted);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(fw_sigma_text(rule->doc, "level"), levels[i][0]) == 0)
            (void)fprintf(out, "    severity: %s\n", levels[i][1]);
    put_attack(rule, out);
}

static void print_rule(struct fw_sigma *sigma, struct fw_sigma_rule *rule) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return;
    sigma->now = rule;
    put_head(rule, out);
    if (rule->correlation)
        put_correlation(sigma, rule, out);
    else /* each line is told */
        (void)fprintf(out, "    match: %s\n    by: [message]\n    count: 1\n    throttle: 1s\n", rule->match);
    (void)fclose(out);
    if (!rule->refused)
        (void)fputs(text, stdout);
    free(text);
}

int fw_sigma_import(const char *path) {
    static struct fw_sigma sigma;
    struct fw_problems problems = {.report = fw_cli_problem};
    struct fw_yaml yaml;

    sigma = (struct fw_sigma){.path = path};
    if (fw_yaml_read_all(&yaml, path, FW_POLICY_BYTES_MAX, &problems) != 0 || problems.count > 0 || !yaml.root) {
        fw_yaml_free(&yaml);
        return FW_EXIT_WRONG;
    }
    for (const struct fw_yaml_node *doc = yaml.root->first; doc && sigma.count < FW_SIGMA_RULES_MAX; doc = doc->next)
        if (doc->type != FW_YAML_NULL)
            read_document(&sigma, doc);
    if (yaml.root->count > FW_SIGMA_RULES_MAX)
        fw_sigma_refuse(&sigma, yaml.root, "and all that follow: more than %d rules", FW_SIGMA_RULES_MAX);
    (void)printf("# from %s: firewatch import sigma\nrules:\n", path);
    for (int correlations = 1; correlations >= 0; correlations--) /* these say which rules stay silent */
        for (size_t i = 0; i < sigma.count; i++)
            if (sigma.rules[i].correlation == (correlations == 1) && !sigma.rules[i].refused && !sigma.rules[i].hidden)
                print_rule(&sigma, &sigma.rules[i]);
    for (size_t i = 0; i < sigma.count; i++)
        free(sigma.rules[i].match);
    fw_yaml_free(&yaml);
    return sigma.lossy ? FW_EXIT_FOUND : FW_EXIT_FINE;
}
