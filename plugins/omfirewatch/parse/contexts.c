/* contexts.c: see contexts.h. */
#include "contexts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <liblognorm.h>

#define TAG_TEXT 32
#define BYTES    256

struct fw_contexts {
    ln_ctx of[BYTES];
    bool shared[BYTES]; /* with an earlier byte */
    size_t rules;
};

struct text {
    char *p;
    size_t len, room;
};

struct printed {
    char *line; /* the rule with its tag and a line feed; NULL: alike an earlier one */
    size_t len;
    const struct fw_rule *rule;
};

static int append(struct text *text, const char *p, size_t len) {
    if (text->len + len + 1 > text->room) {
        const size_t room = 2 * (text->len + len + 1);
        char *more = realloc(text->p, room);

        if (more == NULL)
            return -1;
        text->p = more;
        text->room = room;
    }
    memcpy(text->p + text->len, p, len);
    text->len += len;
    text->p[text->len] = '\0';
    return 0;
}

/* What a field of this type can begin with; unknown types with anything. */
static bool can_begin(const char *type, unsigned char byte) {
    static const struct {
        const char *type, *bytes;
    } starts[] = {
        {"number", "0123456789"},    {"ipv4", "0123456789"},
        {"date-iso", "0123456789"},  {"float", "-+.0123456789"},
        {"time-24hr", "0123456789"}, {"date-rfc5424", "0123456789"},
        {"quoted-string", "\""},     {"ipv6", "0123456789abcdefABCDEF:"},
    };
    const size_t len = strcspn(type, ":{");

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strlen(starts[i].type) == len && memcmp(starts[i].type, type, len) == 0)
            return byte != '\0' && strchr(starts[i].bytes, byte) != NULL;
    return true;
}

/* A backslash begins an escape of liblognorm's: any byte. */
static bool can_take(const struct fw_rule *rule, unsigned char byte) {
    const struct fw_rule_piece *first = &rule->piece[0];

    if (first->field != FW_PIECE_LITERAL)
        return can_begin(first->text, byte);
    return first->text[0] == '\\' || (unsigned char)first->text[0] == byte;
}

/* Rules that became alike because they differed only in fields that nobody needs are left out but for the first:
 * liblognorm would keep the last. */
static int print_rule(struct printed *all, size_t n, const struct fw_rule *rule, uint64_t needs) {
    char line[2 * FW_RULE_TEXT_MAX];
    char head[TAG_TEXT];
    const int head_len = snprintf(head, sizeof head, "rule=#%zu:", n);
    const size_t len = fw_rule_print(rule, needs | FW_RULE_KEEP, line, sizeof line - 1);

    if (len == 0)
        return -1;
    line[len] = '\n';
    all[n].rule = rule;
    for (size_t i = 0; needs != ~UINT64_C(0) && i < n; i++) {
        const char *text = all[i].line != NULL ? (const char *)memchr(all[i].line, ':', all[i].len) + 1 : NULL;

        if (text != NULL && (size_t)(all[i].line + all[i].len - text) == len + 1 && memcmp(text, line, len + 1) == 0)
            return 0;
    }
    all[n].len = (size_t)head_len + len + 1;
    if ((all[n].line = malloc(all[n].len)) == NULL)
        return -1;
    memcpy(all[n].line, head, (size_t)head_len);
    memcpy(all[n].line + head_len, line, len + 1);
    return 0;
}

/* The context of the rules that can take this byte. */
static ln_ctx open_one(struct fw_contexts *contexts, const struct printed *all, size_t n, unsigned char byte, char *err,
                       size_t errlen) {
    struct text text = {0};
    int rc = append(&text, "", 0);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (all[i].line == NULL || !can_take(all[i].rule, byte))
            continue;
        rc = append(&text, all[i].line, all[i].len);
        contexts->rules++;
    }
    ln_ctx ctx = rc == 0 ? fw_rulebase_context(text.p, err, errlen) : NULL;

    free(text.p);
    return ctx;
}

/* Do the same rules take both bytes? */
static bool alike(const struct printed *all, size_t n, unsigned char a, unsigned char b) {
    for (size_t i = 0; i < n; i++)
        if (all[i].line != NULL && can_take(all[i].rule, a) != can_take(all[i].rule, b))
            return false;
    return true;
}

/* Bytes that the same rules take share a context. */
static int open_all(struct fw_contexts *contexts, const struct printed *all, size_t n, char *err, size_t errlen) {
    for (int byte = 0; byte < BYTES; byte++) {
        for (int other = 0; other < byte && contexts->of[byte] == NULL; other++)
            if (!contexts->shared[other] && alike(all, n, (unsigned char)byte, (unsigned char)other))
                contexts->of[byte] = contexts->of[other];
        contexts->shared[byte] = contexts->of[byte] != NULL;
        if (contexts->of[byte] == NULL &&
            (contexts->of[byte] = open_one(contexts, all, n, (unsigned char)byte, err, errlen)) == NULL)
            return -1;
    }
    return 0;
}

int fw_contexts_open(struct fw_contexts **out, const struct fw_rulebase *rulebase, uint64_t needs, char *err,
                     size_t errlen) {
    struct fw_contexts *contexts = calloc(1, sizeof *contexts);
    struct printed *all = calloc(rulebase->rules + 1, sizeof *all);
    int rc = contexts != NULL && all != NULL ? 0 : -1;

    *out = NULL;
    snprintf(err, errlen, "out of memory");
    for (size_t i = 0; rc == 0 && i < rulebase->rules; i++)
        rc = print_rule(all, i, &rulebase->rule[i], needs);
    if (rc == 0)
        rc = open_all(contexts, all, rulebase->rules, err, errlen);
    for (size_t i = 0; all != NULL && i < rulebase->rules; i++)
        free(all[i].line);
    free(all);
    if (rc != 0)
        fw_contexts_close(&contexts);
    *out = contexts;
    return rc;
}

void fw_contexts_close(struct fw_contexts **contexts) {
    if (*contexts == NULL)
        return;
    for (int byte = 0; byte < BYTES; byte++)
        if ((*contexts)->of[byte] != NULL && !(*contexts)->shared[byte])
            ln_exitCtx((*contexts)->of[byte]);
    free(*contexts);
    *contexts = NULL;
}

struct ln_ctx_s *fw_contexts_for(const struct fw_contexts *contexts, char first) {
    return contexts->of[(unsigned char)first];
}

size_t fw_contexts_rules(const struct fw_contexts *contexts) {
    return contexts->rules;
}
