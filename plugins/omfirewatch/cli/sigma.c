/* sigma.c: Sigma's documents, and the rules that come of them; see sigma.h.
 *
 * Rules that a correlation names make no findings of their own, unless it says
 * generate.
 */
#include "sigma.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define TITLE_MAX 180 /* bytes; a policy takes 200 */
#define ID_MAX    26  /* the same; 31 with a number behind it */

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
    char text[FW_PROBLEM_TEXT] = "";
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    sigma->now->refused = sigma->lossy = true;
    if (sigma->told == at && strcmp(sigma->told_text, text) == 0)
        return;
    sigma->told = at;
    memcpy(sigma->told_text, text, sizeof text);
    fw_cli_say(stderr, "%s:%u:%u: \"%.80s\" is left out: %s", sigma->now->path, at->line, at->column, sigma->now->title,
               text);
}

/* ---- single rules ---- */

static bool is_id(const struct fw_sigma *sigma, const char *id) {
    for (size_t i = 0; i < sigma->count; i++)
        if (strcmp(sigma->rules[i].id, id) == 0)
            return true;
    return false;
}

/* Of its name or title; the second of the same is "..._2". */
static void make_id(struct fw_sigma *sigma, struct fw_sigma_rule *rule) {
    const char *name = fw_sigma_text(rule->doc, "name");
    char id[ID_MAX + 1] = "sigma_";
    size_t len = strlen(id);
    unsigned again = 1;

    for (const char *p = name[0] != '\0' ? name : rule->title; *p != '\0' && len < ID_MAX; p++)
        if (isalnum((unsigned char)*p) && ((unsigned char)*p & 0x80) == 0)
            id[len++] = (char)tolower((unsigned char)*p);
        else if (id[len - 1] != '_')
            id[len++] = '_';
    while (id[len - 1] == '_')
        len--;
    id[len] = '\0';
    for (size_t i = 0; i < sigma->count; i++)
        again += strncmp(sigma->rules[i].id, id, len) == 0 &&
                 (sigma->rules[i].id[len] == '\0' || sigma->rules[i].id[len] == '_');
    (void)snprintf(rule->id, sizeof rule->id, again > 1 ? "%s_%u" : "%s", id, again);
    while (is_id(sigma, rule->id))
        (void)snprintf(rule->id, sizeof rule->id, "%s_%u", id, ++again);
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
    for (const struct fw_yaml_node *node = rule->category != 0 ? source->first : NULL; node; node = node->next)
        if (strcmp(node->key->text, "category") != 0 && strcmp(node->key->text, "definition") != 0)
            fw_sigma_refuse(sigma, node, "logsource: \"%.64s\" has no counterpart", node->key->text);
}

static void read_document(struct fw_sigma *sigma, const char *path, const struct fw_yaml_node *doc) {
    struct fw_sigma_rule *rule = &sigma->rules[sigma->count];
    const char *title = fw_sigma_text(doc, "title");

    *rule =
        (struct fw_sigma_rule){.doc = doc, .path = path, .title = title[0] != '\0' ? title : "a rule without a title"};
    sigma->now = rule;
    rule->correlation = fw_sigma_get(doc, "correlation") != NULL;
    if (!rule->correlation && (!fw_sigma_get(doc, "detection") || fw_sigma_get(doc, "action"))) {
        fw_sigma_refuse(sigma, doc, "it is neither a rule nor a correlation");
    } else if (!rule->correlation) {
        read_logsource(sigma, rule);
        if (!rule->refused)
            rule->match = fw_sigma_match(sigma);
    }
    if (!rule->refused)
        make_id(sigma, rule);
    sigma->count++;
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

/* As a text of a policy; in a sentence, braces are doubled. */
static void put_title(const struct fw_sigma_rule *rule, const char *key, const char *before, const char *behind,
                      FILE *out) {
    char title[2 * TITLE_MAX + 1], *quoted;
    const bool sentence = before[0] != '\0';
    size_t len = strcspn(rule->title, "\n\t"), n = 0;

    if (len > TITLE_MAX)
        for (len = TITLE_MAX; len > 0 && ((unsigned char)rule->title[len] & 0xc0) == 0x80;)
            len--;
    for (size_t i = 0; i < len; i++) {
        title[n++] = rule->title[i];
        if (sentence && rule->title[i] == '{')
            title[n++] = '{';
    }
    title[n] = '\0';
    quoted = fw_sigma_quoted(title);
    if (quoted && quoted[0] != '\0')
        (void)fprintf(out, "    %s: '%s%.*s%s'\n", key, before, (int)(strlen(quoted) - 2), quoted + 1, behind);
    free(quoted);
}

static void put_head(const struct fw_sigma_rule *rule, FILE *out) {
    static const char *const levels[][2] = {{"critical", "critical"},
                                            {"high", "error"},
                                            {"medium", "warning"},
                                            {"low", "notice"},
                                            {"informational", "info"}};

    (void)fprintf(out, "  - id: %s\n", rule->id);
    put_title(rule, "title", "", "", out);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(fw_sigma_text(rule->doc, "level"), levels[i][0]) == 0)
            (void)fprintf(out, "    severity: %s\n", levels[i][1]);
    put_attack(rule, out);
}

/* Each line is told, with whom it is about. A resolver's answers do not say who asked. */
static void put_single(const struct fw_sigma_rule *rule, FILE *out) {
    const char *by = rule->category == FW_SIGMA_FIREWALL ? "src, dst, " : rule->answer ? "" : "src, ";

    (void)fprintf(out, "    match: %s\n    by: [%smessage]\n    count: 1\n    throttle: 1s\n", rule->match, by);
    if (rule->category == FW_SIGMA_FIREWALL)
        put_title(rule, "say", "{src}, {dst}: ", "", out);
    else if (rule->category == FW_SIGMA_DNS)
        put_title(rule, "say", rule->answer ? "{query}: " : "{src}: ", rule->answer ? "" : ": {query}", out);
    else
        put_title(rule, "say", "{src}: ", ": {url}", out);
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
        fw_sigma_correlation(sigma, rule, out);
    else
        put_single(rule, out);
    (void)fclose(out);
    if (!rule->refused && sigma->printed++ == 0)
        (void)printf("# from %s%s: firewatch import sigma\nrules:\n", sigma->rules[0].path,
                     sigma->rules[sigma->count - 1].path != sigma->rules[0].path ? " and others" : "");
    if (!rule->refused)
        (void)fputs(text, stdout);
    free(text);
}

/* Correlations come first: they say which rules stay silent. */
static void print_all(struct fw_sigma *sigma) {
    for (size_t i = 0; i < sigma->count; i++)
        if (sigma->rules[i].correlation && !sigma->rules[i].refused)
            print_rule(sigma, &sigma->rules[i]);
    for (size_t i = 0; i < sigma->count; i++) {
        struct fw_sigma_rule *rule = &sigma->rules[i];

        if (rule->correlation || rule->refused)
            continue;
        sigma->now = rule;
        if (!rule->part || rule->generated)
            print_rule(sigma, rule);
        else if (!rule->used)
            fw_sigma_refuse(sigma, rule->doc, "the correlation that counts it is left out");
    }
}

static void read_file(struct fw_sigma *sigma, const char *path, const struct fw_yaml_node *root) {
    for (const struct fw_yaml_node *doc = root->first; doc; doc = doc->next) {
        if (doc->type == FW_YAML_NULL)
            continue;
        if (sigma->count == FW_SIGMA_RULES_MAX) {
            fw_cli_say(stderr, "%s:%u:%u: this and all that follow is left out: more than %d rules", path, doc->line,
                       doc->column, FW_SIGMA_RULES_MAX);
            sigma->lossy = true;
            return;
        }
        read_document(sigma, path, doc);
    }
}

int fw_sigma_import(char *const *paths, size_t count) {
    static struct fw_sigma sigma;
    struct fw_yaml *yaml = calloc(count, sizeof *yaml);
    bool wrong = !yaml;

    sigma = (struct fw_sigma){.count = 0};
    for (size_t i = 0; yaml && i < count; i++) {
        struct fw_problems problems = {.report = fw_cli_problem};

        if (fw_yaml_read_all(&yaml[i], paths[i], FW_POLICY_BYTES_MAX, &problems) == 0 && problems.count == 0 &&
            yaml[i].root)
            read_file(&sigma, paths[i], yaml[i].root);
        else
            wrong = true;
    }
    print_all(&sigma);
    for (size_t i = 0; i < sigma.count; i++)
        free(sigma.rules[i].match);
    for (size_t i = 0; yaml && i < count; i++)
        fw_yaml_free(&yaml[i]);
    free(yaml);
    return wrong ? FW_EXIT_WRONG : sigma.lossy ? FW_EXIT_FOUND : FW_EXIT_FINE;
}
