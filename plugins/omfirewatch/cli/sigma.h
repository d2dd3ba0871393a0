/* sigma.h: rules of Sigma as rules of the policy.
 *
 * Either all of a rule is said or nothing: what has no counterpart is named on
 * stderr with its place, and the rule is left out. A rule costs what its YAML and
 * its condition cost, FW_SIGMA_MATCH_BYTES at most.
 */
#ifndef FW_SIGMA_H
#define FW_SIGMA_H

#include <stdbool.h>
#include <stdio.h>

#include "../policy/yaml.h"

#define FW_SIGMA_RULES_MAX   8192        /* with those that are left out; Sigma itself has some four thousand */
#define FW_SIGMA_MATCH_BYTES (64u << 10) /* of one condition: "all of them" of many is no rule of people */

enum fw_sigma_category {
    FW_SIGMA_FIREWALL = 1,
    FW_SIGMA_PROXY = 2,
    FW_SIGMA_DNS = 4,
    FW_SIGMA_WEBSERVER = 8,
};

struct fw_sigma_rule {
    const struct fw_yaml_node *doc;
    const char *path; /* of its file */
    const char *title;
    char id[32];
    unsigned category; /* bit; 0 of a correlation */
    char *match;       /* the condition in a policy's words; NULL of a correlation */
    bool correlation, refused;
    bool part;      /* a correlation names it, */
    bool generated; /* and says "generate", */
    bool used;      /* and is taken */
    bool answer;    /* looks at the answer of a resolver */
};

struct fw_sigma {
    struct fw_sigma_rule rules[FW_SIGMA_RULES_MAX];
    size_t count;
    struct fw_sigma_rule *now;       /* whose problems are told */
    const struct fw_yaml_node *told; /* the last one: it is told once */
    char told_text[FW_PROBLEM_TEXT];
    size_t printed;
    bool lossy;
};

/* The value of a key of a mapping, or NULL. */
const struct fw_yaml_node *fw_sigma_get(const struct fw_yaml_node *map, const char *key);
/* The text of a key, or "". */
const char *fw_sigma_text(const struct fw_yaml_node *map, const char *key);
/* Names what cannot be mapped; the rule is refused. */
void fw_sigma_refuse(struct fw_sigma *sigma, const struct fw_yaml_node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- sigma_field.c ---- */

enum fw_sigma_sort {
    FW_SIGMA_ADDR,
    FW_SIGMA_NUMBER,
    FW_SIGMA_STATUS, /* a number of three digits */
    FW_SIGMA_PROTO,
    FW_SIGMA_ACTION,
    FW_SIGMA_BLOCKED, /* true: denied */
    FW_SIGMA_OUTCOME,
    FW_SIGMA_TEXT,
    FW_SIGMA_STEM, /* from here on parts of the URL */
    FW_SIGMA_QUERY,
    FW_SIGMA_EXTENSION,
    FW_SIGMA_REQUEST, /* path and query */
};
struct fw_sigma_field {
    const char *name; /* Sigma's */
    const char *ours;
    unsigned categories;
    enum fw_sigma_sort sort;
};

/* What a field that can be a key or be counted is here. False: refused. */
bool fw_sigma_field(struct fw_sigma *sigma, const struct fw_yaml_node *at, unsigned category, const char *name,
                    struct fw_sigma_field *field);
/* Tests of one field ("c-uri|contains") in a policy's words, to be freed; NULL: refused. */
char *fw_sigma_test(struct fw_sigma *sigma, const struct fw_yaml_node *node);
/* A value list as keywords: texts anywhere in the line. */
char *fw_sigma_keywords(struct fw_sigma *sigma, const struct fw_yaml_node *list);

/* ---- sigma_match.c ---- */

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

/* ---- sigma_value.c ---- */

enum fw_sigma_modifier {
    FW_SIGMA_CONTAINS,
    FW_SIGMA_STARTSWITH,
    FW_SIGMA_ENDSWITH,
    FW_SIGMA_ALL_OF,
    FW_SIGMA_RE,
    FW_SIGMA_CIDR,
    FW_SIGMA_CASED,
    FW_SIGMA_EXISTS,
    FW_SIGMA_GT,
    FW_SIGMA_GTE,
    FW_SIGMA_LT,
    FW_SIGMA_LTE,
    FW_SIGMA_RE_I,
    FW_SIGMA_RE_M,
    FW_SIGMA_RE_S,
    FW_SIGMA_NEQ,
    FW_SIGMA_WIDE,
    FW_SIGMA_BASE64,
    FW_SIGMA_OFFSET,
    FW_SIGMA_MODS
};
#define FW_SIGMA_BIT(mod) (1u << FW_SIGMA_##mod)
#define FW_SIGMA_PLACES   (FW_SIGMA_BIT(CONTAINS) | FW_SIGMA_BIT(STARTSWITH) | FW_SIGMA_BIT(ENDSWITH))
#define FW_SIGMA_COMPARES (FW_SIGMA_BIT(GT) | FW_SIGMA_BIT(GTE) | FW_SIGMA_BIT(LT) | FW_SIGMA_BIT(LTE))
#define FW_SIGMA_RE_FLAGS (FW_SIGMA_BIT(RE_I) | FW_SIGMA_BIT(RE_M) | FW_SIGMA_BIT(RE_S))
#define FW_SIGMA_CODES    (FW_SIGMA_BIT(BASE64) | FW_SIGMA_BIT(OFFSET))

/* The values of one field, by how a policy says them. */
struct fw_sigma_values {
    struct fw_sigma_list plain; /* as the modifiers say */
    struct fw_sigma_list wild;  /* with wildcards: whole, whatever they say */
    struct fw_sigma_list regex;
    bool absent, present; /* one of them is: nothing; whatever there is */
};
/* What "allow", "drop" and the like are here; NULL: that is not known. */
const char *fw_sigma_action(const char *text);
/* Adds one value, or refuses it. */
void fw_sigma_value(struct fw_sigma *sigma, const struct fw_yaml_node *item, const struct fw_sigma_field *field,
                    unsigned mods, struct fw_sigma_values *values);
/* An expression that holds for a URL with that part; NULL: it has no such thing. */
const char *fw_sigma_has_part(enum fw_sigma_sort sort);

/* ---- sigma_encode.c ---- */

#define FW_SIGMA_CODED_BYTES 640 /* of 200 in 16 bits, in base64 */

/* What is to be looked for where `text` is encoded, the n-th way to write it; false: there is no such. */
bool fw_sigma_encode(const char *text, unsigned mods, unsigned n, char coded[FW_SIGMA_CODED_BYTES]);

/* ---- sigma_correlation.c ---- */

/* Writes what a correlation is but for its head, or refuses it. */
void fw_sigma_correlation(struct fw_sigma *sigma, struct fw_sigma_rule *rule, FILE *out);

/* ---- sigma.c ---- */

/* Prints the rules of the files. Returns an exit status. */
int fw_sigma_import(char *const *paths, size_t count);

#endif
