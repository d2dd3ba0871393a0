/* rule_check.c: what can be said of rules once all are read.
 *
 * All are loaded into one liblognorm context. When it complains, each is loaded
 * into one of its own: liblognorm tells of a broken rule through a callback
 * alone, and only so its words can be told with the place of the rule.
 */
#include "rulebase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <liblognorm.h>

struct complaint {
    char *text;
    size_t size;
    unsigned count;
};

static void on_error(void *cookie, const char *message, size_t len) {
    struct complaint *complaint = cookie;
    const char *colon;

    (void)len;
    if (complaint->count++ != 0)
        return;
    /* "rulebase file --NO-FILE--[1]: ..." */
    if (strncmp(message, "rulebase file ", 14) == 0 && (colon = strstr(message, "]: ")) != NULL)
        message = colon + 3;
    snprintf(complaint->text, complaint->size, "%s", message);
}

struct ln_ctx_s *fw_rulebase_context(const char *text, char *err, size_t errlen) {
    struct complaint complaint = {err, errlen, 0};
    ln_ctx ctx = ln_initCtx();

    if (ctx == NULL) {
        snprintf(err, errlen, "liblognorm gives no context: out of memory");
        return NULL;
    }
    ln_setErrMsgCB(ctx, on_error, &complaint);
    ln_setDebugCB(ctx, NULL, &complaint); /* 2.0.6 gives the error callback this cookie */
    const int rc = ln_loadSamplesFromString(ctx, text);

    if (rc == 0 && complaint.count == 0) {
        ln_setErrMsgCB(ctx, NULL, NULL);
        ln_setDebugCB(ctx, NULL, NULL);
        return ctx;
    }
    if (complaint.count == 0)
        snprintf(err, errlen, "liblognorm does not load the rules (%d)", rc);
    ln_exitCtx(ctx);
    return NULL;
}

struct printed {
    const char *text;
    const struct fw_rule *rule;
};

static int compare_printed(const void *a, const void *b) {
    const struct printed *x = a, *y = b;
    const int order = strcmp(x->text, y->text);

    return order != 0 ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

/* What can be said of a rule once its annotations are known. */
static unsigned check_kind(const struct fw_rule *rule, struct fw_problems *problems) {
    const bool flow = rule->says == FW_RULE_FLOW || (rule->says == FW_RULE_KIND && rule->kind <= FW_KIND_FLOW_DENY);
    const uint64_t ends = FW_BIT(src) | FW_BIT(dst);

    if (flow && rule->scan == NULL && rule->layout == NULL &&
        ((rule->names | rule->constants.present) & ends) != ends) {
        fw_problem(problems, rule->file, rule->line, 0, "a rule of kind \"%s\" must name src and dst", rule->tag[0]);
        return 1;
    }
    return 0;
}

/* The rule as liblognorm gets it, or NULL with the problem reported. */
static const char *print(struct fw_rulebase *rulebase, const struct fw_rule *rule, struct fw_problems *problems) {
    char text[FW_RULE_LINE_MAX];
    const size_t len = fw_rule_print(rule, ~UINT64_C(0), text, sizeof text);
    const char *kept = len != 0 ? fw_rulebase_keep(rulebase, text, len) : NULL;

    if (kept == NULL)
        fw_problem(problems, rule->file, rule->line, 0, "the rule is too long for liblognorm, or there is no memory");
    return kept;
}

static const char head[] = "rule=x:";

/* Do all together please liblognorm? */
static bool all_load(const struct printed *printed, size_t n) {
    char err[FW_PROBLEM_TEXT];
    size_t size = 1, at = 0;

    for (size_t i = 0; i < n; i++)
        size += sizeof head + strlen(printed[i].text); /* the NUL's place is the line feed's */
    char *text = malloc(size);

    if (text == NULL)
        return false;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%s\n", head, printed[i].text);
    struct ln_ctx_s *ctx = fw_rulebase_context(text, err, sizeof err);

    if (ctx != NULL)
        ln_exitCtx(ctx);
    free(text);
    return ctx != NULL;
}

/* Each alone. */
static unsigned load_each(const struct printed *printed, size_t n, struct fw_problems *problems) {
    char text[sizeof head + FW_RULE_LINE_MAX], err[FW_PROBLEM_TEXT];
    unsigned wrong = 0;

    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%s%s", head, printed[i].text);
        struct ln_ctx_s *ctx = fw_rulebase_context(text, err, sizeof err);

        if (ctx != NULL) {
            ln_exitCtx(ctx);
            continue;
        }
        fw_problem(problems, printed[i].rule->file, printed[i].rule->line, 0, "liblognorm refuses the rule: %s", err);
        wrong++;
    }
    return wrong;
}

static unsigned find_alike(struct printed *printed, size_t n, struct fw_problems *problems) {
    unsigned wrong = 0;

    if (n != 0)
        qsort(printed, n, sizeof *printed, compare_printed);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(printed[i].text, printed[i - 1].text) != 0)
            continue;
        fw_problem(problems, printed[i].rule->file, printed[i].rule->line, 0,
                   "the same rule stands in %s line %u; liblognorm knows only one of them", printed[i - 1].rule->file,
                   printed[i - 1].rule->line);
        wrong++;
    }
    return wrong;
}

unsigned fw_rule_check(struct fw_rulebase *rulebase, struct fw_problems *problems) {
    struct printed *printed = calloc(rulebase->rules + 1, sizeof *printed);
    unsigned wrong = 0;
    size_t n = 0;

    if (printed == NULL && rulebase->rules > 0) {
        fw_problem(problems, rulebase->rule[0].file, 0, 0, "out of memory");
        return 1;
    }
    for (size_t i = 0; i < rulebase->rules; i++) {
        const struct fw_rule *rule = &rulebase->rule[i];

        wrong += check_kind(rule, problems);
        printed[n] = (struct printed){print(rulebase, rule, problems), rule};
        wrong += printed[n].text == NULL;
        n += printed[n].text != NULL;
    }
    const unsigned alike = find_alike(printed, n, problems);

    if (alike != 0 || !all_load(printed, n)) /* of two alike it would forget the first, and its memory */
        wrong += load_each(printed, n, problems);
    free(printed);
    return wrong + alike;
}
