/* sigma_match.c: the detection of a Sigma rule as a condition of a policy.
 *
 * Grammar: or, and, not, parentheses, names, "1 of", "all of" with them or a name
 * with asterisks. Bounds: depth of parentheses, bytes of the result.
 */
#define _GNU_SOURCE /* asprintf */
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "sigma.h"

#define DEPTH_MAX  8  /* parentheses; a policy's own limit is near */
#define NESTED_MAX 10 /* brackets: FW_YAML_DEPTH_MAX less what stands around a condition in a step */

struct condition {
    struct fw_sigma *sigma;
    const struct fw_yaml_node *detection, *node;
    const char *at;
    char word[128];
    unsigned depth;
};

void fw_sigma_put(struct fw_sigma_list *list, char *item) {
    char *grown = NULL;

    if (!item)
        return;
    if (asprintf(&grown, "%s%s%s", list->text ? list->text : "", list->text ? ", " : "", item) < 0)
        grown = NULL;
    free(list->text);
    free(item);
    list->text = grown;
    list->count++;
}

char *fw_sigma_end(struct fw_sigma_list *list, const char *op) {
    char *text = NULL;

    if (list->count < 2)
        return list->text;
    if (asprintf(&text, "{%s: [%s]}", op, list->text ? list->text : "") < 0)
        text = NULL;
    free(list->text);
    return text;
}

char *fw_sigma_quoted(const char *text) {
    char *quoted = malloc(2 * strlen(text) + 3), *out = quoted;

    if (!quoted)
        return NULL;
    *out++ = '\'';
    for (; *text != '\0'; text++) {
        *out++ = *text;
        if (*text == '\'')
            *out++ = '\'';
    }
    *out++ = '\'';
    *out = '\0';
    return quoted;
}

/* ---- a selection ---- */

static char *read_map(struct fw_sigma *sigma, const struct fw_yaml_node *map) {
    struct fw_sigma_list all = {.count = 0};

    if (map->count == 0)
        fw_sigma_refuse(sigma, map, "an empty selection");
    for (const struct fw_yaml_node *node = map->first; node; node = node->next)
        fw_sigma_put(&all, fw_sigma_test(sigma, node));
    return fw_sigma_end(&all, "and");
}

static char *read_selection(struct fw_sigma *sigma, const struct fw_yaml_node *node) {
    struct fw_sigma_list any = {.count = 0};

    if (node->type == FW_YAML_MAP)
        return read_map(sigma, node);
    if (node->type != FW_YAML_LIST || node->count == 0 || node->first->type != FW_YAML_MAP)
        return fw_sigma_keywords(sigma, node);
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        if (item->type == FW_YAML_MAP)
            fw_sigma_put(&any, read_map(sigma, item));
        else
            fw_sigma_refuse(sigma, item, "keywords and fields in one list");
    return fw_sigma_end(&any, "or");
}

/* ---- the condition ---- */

static char *read_or(struct condition *of);

static void next_word(struct condition *of) {
    size_t len;

    of->at += strspn(of->at, " \t\n");
    len = strchr("()|", *of->at) ? *of->at != '\0' : strcspn(of->at, " \t\n()|");
    (void)snprintf(of->word, sizeof of->word, "%.*s", (int)(len < sizeof of->word ? len : sizeof of->word - 1), of->at);
    of->at += len;
}

static char *fail(struct condition *of, const char *why) {
    if (!of->sigma->now->refused)
        fw_sigma_refuse(of->sigma, of->node, "condition at \"%.64s\": %s", of->word, why);
    of->word[0] = '\0';
    of->at = "";
    return NULL;
}

static bool is_meant(const char *pattern, const char *name) {
    if (strcmp(name, "condition") == 0 || strcmp(name, "timeframe") == 0)
        return false;
    return strcmp(pattern, "them") == 0 ? name[0] != '_' : fnmatch(pattern, name, 0) == 0;
}

/* After "1 of" and "all of". */
static char *read_of(struct condition *of, const char *op) {
    struct fw_sigma_list list = {.count = 0};
    size_t found = 0;

    next_word(of);
    if (strcmp(of->word, "of") != 0)
        return fail(of, "\"of\" was expected");
    next_word(of);
    for (const struct fw_yaml_node *node = of->detection->first; node; node = node->next) {
        if (!is_meant(of->word, node->key->text))
            continue;
        found++;
        fw_sigma_put(&list, read_selection(of->sigma, node));
        if (list.text && strlen(list.text) > FW_SIGMA_MATCH_BYTES) {
            free(list.text);
            return fail(of, "too long");
        }
    }
    if (found == 0)
        return fail(of, "there is no such selection");
    next_word(of);
    return fw_sigma_end(&list, op);
}

static char *read_parentheses(struct condition *of) {
    char *text;

    if (++of->depth > DEPTH_MAX)
        return fail(of, "too many parentheses");
    next_word(of);
    text = read_or(of);
    of->depth--;
    if (strcmp(of->word, ")") != 0) {
        free(text);
        return fail(of, "\")\" was expected");
    }
    next_word(of);
    return text;
}

static char *read_operand(struct condition *of) {
    const struct fw_yaml_node *node;
    char *what, *text = NULL;

    if (strcasecmp(of->word, "not") == 0) {
        if (++of->depth > DEPTH_MAX)
            return fail(of, "too deep");
        next_word(of);
        what = read_operand(of);
        of->depth--;
        if (what && asprintf(&text, "{not: %s}", what) < 0)
            text = NULL;
        free(what);
        return text;
    }
    if (strcmp(of->word, "(") == 0)
        return read_parentheses(of);
    if (strcmp(of->word, "1") == 0 || strcmp(of->word, "any") == 0)
        return read_of(of, "or");
    if (strcmp(of->word, "all") == 0)
        return read_of(of, "and");
    node = fw_sigma_get(of->detection, of->word);
    if (!node || !is_meant(of->word, of->word))
        return fail(of, "there is no such selection");
    text = read_selection(of->sigma, node);
    next_word(of);
    return text;
}

static char *read_and(struct condition *of) {
    struct fw_sigma_list list = {.count = 0};

    fw_sigma_put(&list, read_operand(of));
    while (strcasecmp(of->word, "and") == 0) {
        next_word(of);
        fw_sigma_put(&list, read_operand(of));
    }
    return fw_sigma_end(&list, "and");
}

static char *read_or(struct condition *of) {
    struct fw_sigma_list list = {.count = 0};

    fw_sigma_put(&list, read_and(of));
    while (strcasecmp(of->word, "or") == 0) {
        next_word(of);
        fw_sigma_put(&list, read_and(of));
    }
    return fw_sigma_end(&list, "or");
}

/* ---- all of it ---- */

static unsigned nested(const char *text) {
    unsigned depth = 0, most = 0;
    bool quoted = false;

    for (; *text != '\0'; text++) {
        quoted ^= *text == '\'';
        if (!quoted && (*text == '{' || *text == '['))
            most = ++depth > most ? depth : most;
        else if (!quoted && (*text == '}' || *text == ']'))
            depth--;
    }
    return most;
}

/* A line of a firewall is one event whether it opens, ends or refuses, as in Sigma. */
static char *add_kind(char *text, unsigned category) {
    const char *kind = category == FW_SIGMA_FIREWALL ? "[flow_start, flow_end, flow_deny]"
                       : category == FW_SIGMA_DNS    ? "dns"
                                                     : "http";
    char *whole = NULL;

    if (text && asprintf(&whole, "{kind: %s, and: [%s]}", kind, text) < 0)
        whole = NULL;
    free(text);
    return whole;
}

static char *read_condition(struct fw_sigma *sigma, const struct fw_yaml_node *detection,
                            const struct fw_yaml_node *node) {
    struct condition of = {.sigma = sigma, .detection = detection, .node = node};
    char *text;

    if (node->type != FW_YAML_TEXT) {
        fw_sigma_refuse(sigma, node, "a condition must be a text");
        return NULL;
    }
    of.at = node->text;
    next_word(&of);
    text = read_or(&of);
    if (strcmp(of.word, "|") == 0)
        (void)fail(&of, "aggregations are of old; say a correlation");
    else if (of.word[0] != '\0')
        (void)fail(&of, "\"and\" or \"or\" was expected");
    return text;
}

char *fw_sigma_match(struct fw_sigma *sigma) {
    const struct fw_yaml_node *detection = fw_sigma_get(sigma->now->doc, "detection"), *node, *timeframe;
    struct fw_sigma_list any = {.count = 0};
    char *text;

    node = detection ? fw_sigma_get(detection, "condition") : NULL;
    if (!node || (node->type == FW_YAML_LIST && node->count == 0)) {
        fw_sigma_refuse(sigma, node ? node : sigma->now->doc, "it must have a condition in its detection");
        return NULL;
    }
    for (const struct fw_yaml_node *one = node->type == FW_YAML_LIST ? node->first : node; one;
         one = node->type == FW_YAML_LIST ? one->next : NULL)
        if (!any.text || strlen(any.text) <= FW_SIGMA_MATCH_BYTES)
            fw_sigma_put(&any, read_condition(sigma, detection, one));
    text = add_kind(fw_sigma_end(&any, "or"), sigma->now->category);
    timeframe = fw_sigma_get(detection, "timeframe");
    if (timeframe)
        fw_sigma_refuse(sigma, timeframe, "timeframe: only a correlation counts in time");
    if (text && strlen(text) > FW_SIGMA_MATCH_BYTES)
        fw_sigma_refuse(sigma, node, "longer than a policy takes: %u bytes", FW_SIGMA_MATCH_BYTES);
    else if (text && nested(text) > NESTED_MAX)
        fw_sigma_refuse(sigma, node, "more conditions in each other than a policy takes");
    if (!text && !sigma->now->refused)
        fw_sigma_refuse(sigma, node, "it says nothing");
    return text;
}
