/* sigma.h: rules of Sigma as rules of the policy.
 *
 * Either all of a rule is said or nothing: what has no counterpart is named on
 * stderr with its place, and the rule is left out.
 */
#ifndef FW_SIGMA_H
#define FW_SIGMA_H

#include <stdbool.h>
#include <stdio.h>

#include "../policy/yaml.h"

#define FW_SIGMA_RULES_MAX   500         /* a policy has at most a thousand rules */
#define FW_SIGMA_MATCH_BYTES (64u << 10) /* of one condition: "all of them" of many is no rule of people */

enum fw_sigma_category {
    FW_SIGMA_FIREWALL = 1,
    FW_SIGMA_PROXY = 2,
    FW_SIGMA_DNS = 4,
    FW_SIGMA_WEBSERVER = 8,
};

struct fw_sigma_rule {
    const struct fw_yaml_node *doc;
    const char *title;
    char id[32];
    unsigned category; /* bit; 0 of a correlation */
    char *match;       /* the condition in a policy's words; NULL of a correlation */
    bool correlation, refused;
    bool hidden; /* a correlation uses it and does not say "generate" */
};

struct fw_sigma {
    const char *path;
    struct fw_sigma_rule rules[FW_SIGMA_RULES_MAX];
    size_t count;
    struct fw_sigma_rule *now; /* whose problems are told */
    bool lossy;
};

/* The value of a key of a mapping, or NULL. */
const struct fw_yaml_node *fw_sigma_get(const struct fw_yaml_node *map, const char *key);
/* The text of a key, or "". */
const char *fw_sigma_text(const struct fw_yaml_node *map, const char *key);
/* Names what cannot be mapped; the rule is refused. */
void fw_sigma_refuse(struct fw_sigma *sigma, const struct fw_yaml_node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Our name of a field that can be a key or be counted, or NULL: refused. */
const char *fw_sigma_field(struct fw_sigma *sigma, const struct fw_yaml_node *at, unsigned category, const char *name);
/* Tests of one field ("c-uri|contains") in a policy's words, to be freed; NULL: refused. */
char *fw_sigma_test(struct fw_sigma *sigma, const struct fw_yaml_node *node);
/* A value list as keywords: texts anywhere in the line. */
char *fw_sigma_keywords(struct fw_sigma *sigma, const struct fw_yaml_node *list);
/* The whole condition of sigma->now. */
char *fw_sigma_match(struct fw_sigma *sigma);
/* "it's" as 'it''s' */
char *fw_sigma_quoted(const char *text);

/* Conditions in one and, or. Takes the item; NULL is left out. */
struct fw_sigma_list {
    char *text;
    unsigned count;
};
void fw_sigma_put(struct fw_sigma_list *list, char *item);
char *fw_sigma_end(struct fw_sigma_list *list, const char *op);

/* Prints the rules of the file. Returns an exit status. */
int fw_sigma_import(const char *path);

#endif
