/* contexts.c: see contexts.h. */
#include "contexts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <liblognorm.h>

#define TAG_TEXT 32
#define BYTES    256

struct printed {
    char *line; /* the rule with its tag and a line feed; NULL: alike an earlier one */
    size_t len;
};

struct fw_contexts {
    const struct fw_rulebase *rulebase;
    struct printed *printed; /* of each rule */
    struct group {
        unsigned char first; /* its first byte */
        size_t len;          /* of its rules' text */
        ln_ctx ctx;          /* NULL: no line began so yet */
    } group[BYTES];
    unsigned char of[BYTES]; /* each byte's group */
    size_t groups;
    size_t rules;
};

/* Which rules take a byte: a bit each. */
struct takers {
    size_t words; /* of one byte's set */
    uint64_t *bits;
};

/* The bytes that a field of this type can begin with; one of an unknown type with any. */
static void can_begin(const char *type, bool takes[BYTES]) {
    static const struct {
        const char *type, *bytes;
    } starts[] = {
        {"number", "0123456789"},    {"ipv4", "0123456789"},
        {"date-iso", "0123456789"},  {"float", "-+.0123456789"},
        {"time-24hr", "0123456789"}, {"date-rfc5424", "0123456789"},
        {"quoted-string", "\""},     {"ipv6", "0123456789abcdefABCDEF:"},
    };
    const size_t len = strcspn(type, ":{");

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (strlen(starts[i].type) != len || memcmp(starts[i].type, type, len) != 0)
            continue;
        for (const char *p = starts[i].bytes; *p != '\0'; p++)
            takes[(unsigned char)*p] = true;
        return;
    }
    memset(takes, true, BYTES);
}

/* A backslash begins an escape of liblognorm's: any byte. */
static void can_take(const struct fw_rule *rule, bool takes[BYTES]) {
    const struct fw_rule_piece *first = &rule->piece[0];

    memset(takes, false, BYTES);
    if (first->field != FW_PIECE_LITERAL)
        can_begin(first->text, takes);
    else if (first->text[0] == '\\')
        memset(takes, true, BYTES);
    else
        takes[(unsigned char)first->text[0]] = true;
}

/* Rules that became alike because they differed only in fields that nobody needs are left out but for the first:
 * liblognorm would keep the last. */
static int print_rule(struct printed *all, size_t n, const struct fw_rule *rule, uint64_t needs) {
    char line[FW_RULE_LINE_MAX];
    char head[TAG_TEXT];
    const int head_len = snprintf(head, sizeof head, "rule=#%zu:", n);
    const size_t len = fw_rule_print(rule, needs | FW_RULE_KEEP, line, sizeof line - 1);

    if (len == 0)
        return -1;
    line[len] = '\n';
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

/* ---- which rules take which bytes ---- */

static uint64_t *taken_by(const struct takers *takers, int byte) {
    return takers->bits + (size_t)byte * takers->words;
}

static int find_takers(struct takers *takers, const struct fw_contexts *contexts) {
    const struct fw_rulebase *rulebase = contexts->rulebase;

    takers->words = rulebase->rules / 64 + 1;
    takers->bits = calloc(BYTES * takers->words, sizeof *takers->bits);
    if (takers->bits == NULL)
        return -1;
    for (size_t i = 0; i < rulebase->rules; i++) {
        bool takes[BYTES];

        if (contexts->printed[i].line == NULL)
            continue;
        can_take(&rulebase->rule[i], takes);
        for (int byte = 0; byte < BYTES; byte++)
            taken_by(takers, byte)[i / 64] |= (uint64_t)takes[byte] << i % 64;
    }
    return 0;
}

static bool has(const uint64_t *set, size_t i) {
    return set[i / 64] >> i % 64 & 1;
}

static void add_group(struct fw_contexts *contexts, const uint64_t *taken, int byte) {
    struct group *group = &contexts->group[contexts->groups++];

    group->first = (unsigned char)byte;
    for (size_t i = 0; i < contexts->rulebase->rules; i++) {
        if (!has(taken, i))
            continue;
        group->len += contexts->printed[i].len;
        contexts->rules++;
    }
}

/* Bytes that the same rules take are of one group. */
static int find_groups(struct fw_contexts *contexts) {
    struct takers takers;

    if (find_takers(&takers, contexts) != 0)
        return -1;
    for (int byte = 0; byte < BYTES; byte++) {
        const uint64_t *taken = taken_by(&takers, byte);
        size_t group = 0;

        while (group < contexts->groups &&
               memcmp(taken_by(&takers, contexts->group[group].first), taken, takers.words * sizeof *taken) != 0)
            group++;
        contexts->of[byte] = (unsigned char)group;
        if (group == contexts->groups)
            add_group(contexts, taken, byte);
    }
    free(takers.bits);
    return 0;
}

/* ---- contexts ---- */

/* The rules that take a byte, through liblognorm. NULL: out of memory, for each rule was loaded once by
 * fw_rule_check(). */
static ln_ctx open_group(const struct fw_contexts *contexts, const struct group *group) {
    const struct fw_rulebase *rulebase = contexts->rulebase;
    char err[FW_PROBLEM_TEXT];
    char *text = malloc(group->len + 1);
    size_t len = 0;

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < rulebase->rules; i++) {
        const struct printed *printed = &contexts->printed[i];
        bool takes[BYTES];

        if (printed->line == NULL)
            continue;
        can_take(&rulebase->rule[i], takes);
        if (!takes[group->first])
            continue;
        memcpy(text + len, printed->line, printed->len);
        len += printed->len;
    }
    text[len] = '\0';
    ln_ctx ctx = fw_rulebase_context(text, err, sizeof err);

    free(text);
    return ctx;
}

struct ln_ctx_s *fw_contexts_for(struct fw_contexts *contexts, char first) {
    struct group *group = &contexts->group[contexts->of[(unsigned char)first]];

    if (group->ctx == NULL)
        group->ctx = open_group(contexts, group);
    return group->ctx;
}

int fw_contexts_open(struct fw_contexts **out, const struct fw_rulebase *rulebase, uint64_t needs) {
    struct fw_contexts *contexts = calloc(1, sizeof *contexts);

    *out = contexts;
    if (contexts == NULL)
        return -1;
    contexts->rulebase = rulebase;
    contexts->printed = calloc(rulebase->rules + 1, sizeof *contexts->printed);
    int rc = contexts->printed != NULL ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < rulebase->rules; i++)
        rc = print_rule(contexts->printed, i, &rulebase->rule[i], needs);
    if (rc == 0)
        rc = find_groups(contexts);
    if (rc != 0)
        fw_contexts_close(out);
    return rc;
}

void fw_contexts_close(struct fw_contexts **contexts) {
    if (*contexts == NULL)
        return;
    for (size_t i = 0; i < (*contexts)->groups; i++)
        if ((*contexts)->group[i].ctx != NULL)
            ln_exitCtx((*contexts)->group[i].ctx);
    for (size_t i = 0; (*contexts)->printed != NULL && i < (*contexts)->rulebase->rules; i++)
        free((*contexts)->printed[i].line);
    free((*contexts)->printed);
    free(*contexts);
    *contexts = NULL;
}

size_t fw_contexts_rules(const struct fw_contexts *contexts) {
    return contexts->rules;
}
