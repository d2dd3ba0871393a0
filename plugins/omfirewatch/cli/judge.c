/* judge.c: see judge.h. */
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN      10 /* findings that came instead */
#define LIKE_TEXT  400
#define OTHER_TEXT 48

void fw_judge_take(struct fw_judge *judge, const struct fw_document *document) {
    char other[OTHER_TEXT];
    bool fresh;

    if (judge->lost || judge->count == FW_JUDGE_DOCUMENTS ||
        !fw_record_read(judge->record, document->json, document->json_len)) {
        judge->lost = true;
        return;
    }
    (void)snprintf(other, sizeof other, "document %zu", judge->count);
    const bool is_finding = fw_told_is_finding(judge->record);
    const size_t n = fw_index_put(&judge->ids, is_finding ? fw_record_text(judge->record, "event.id") : other, &fresh);
    struct fw_told *told = n != FW_INDEX_NONE && fresh ? fw_index_grow(judge->told, n, sizeof *told) : judge->told;
    char **documents = fw_index_grow(judge->documents, judge->count, sizeof *documents);
    judge->documents = documents ? documents : judge->documents;
    size_t *finding = fw_index_grow(judge->finding, judge->count, sizeof *finding);
    judge->finding = finding ? finding : judge->finding;
    char *copy = strndup(document->json, document->json_len);
    judge->told = told ? told : judge->told;
    if (n == FW_INDEX_NONE || !told || !documents || !finding || !copy) {
        free(copy);
        judge->lost = true;
        return;
    }
    fw_told_add(&told[n], judge->record);
    if (!is_finding)
        told[n].openings = 0;
    documents[judge->count] = copy;
    finding[judge->count++] = n;
}

void fw_judge_clear(struct fw_judge *judge) {
    for (size_t i = 0; i < judge->count; i++)
        free(judge->documents[i]);
    free(judge->documents);
    free(judge->finding);
    free(judge->told);
    fw_index_free(&judge->ids);
    *judge = (struct fw_judge){.record = judge->record};
}

/* --- one document against one expectation -------------------------------- */

static const char *const paths[FW_SPEC_FIELDS] = {
    [FW_SPEC_KIND] = "event.dataset",
    [FW_SPEC_RULE] = "rule.id",
    [FW_SPEC_SOURCE] = "source.ip",
    [FW_SPEC_DESTINATION] = "destination.ip",
    [FW_SPEC_PORT] = "destination.port",
    [FW_SPEC_TRANSPORT] = "network.transport",
    [FW_SPEC_ACTION] = "event.action",
    [FW_SPEC_CLASS] = "firewatch.class",
    [FW_SPEC_SEVERITY] = "event.severity",
    [FW_SPEC_STAGE] = "firewatch.finding.stage",
    [FW_SPEC_TEXT] = "message",
};

/* "finding-open" is "open", "firewatch.finding" is "finding" */
static const char *last_word(const char *text, char before) {
    const char *mark = strrchr(text, before);

    return mark ? mark + 1 : text;
}

static bool is_field(const struct fw_record *record, const struct fw_spec_expect *expect, enum fw_spec_field field) {
    const char *text = fw_record_text(record, paths[field]), *said = expect->said[field]->text;
    union fw_addr addr;

    switch (field) {
    case FW_SPEC_KIND:
        return strcmp(last_word(text, '.'), said) == 0;
    case FW_SPEC_ACTION:
        return strcmp(last_word(text, '-'), said) == 0;
    case FW_SPEC_SOURCE:
    case FW_SPEC_DESTINATION:
        return fw_addr_parse(&addr, text, strlen(text)) == 0 && fw_addr_equal(&addr, &expect->addr[field]);
    case FW_SPEC_PORT:
    case FW_SPEC_SEVERITY:
    case FW_SPEC_STAGE:
        return fw_record_number(record, paths[field], -1) == expect->number[field];
    case FW_SPEC_TEXT:
        return strstr(text, said) != NULL;
    case FW_SPEC_RULE:
    case FW_SPEC_TRANSPORT:
    case FW_SPEC_CLASS:
        return strcmp(text, said) == 0;
    case FW_SPEC_COUNT:
    case FW_SPEC_FIELDS:
        break;
    }
    return true;
}

/* Without a kind it is about findings. */
static bool is_like(const struct fw_record *record, const struct fw_spec_expect *expect) {
    if (!expect->said[FW_SPEC_KIND] && !fw_told_is_finding(record))
        return false;
    for (int field = 0; field < FW_SPEC_COUNT; field++)
        if (expect->said[field] && !is_field(record, expect, (enum fw_spec_field)field))
            return false;
    return true;
}

/* How many findings have a document like that; each is claimed. */
static int64_t count_like(struct fw_judge *judge, const struct fw_spec_expect *expect, bool *claimed) {
    bool *counted = calloc(judge->ids.count + 1, sizeof *counted);
    int64_t n = 0;

    if (!counted)
        return -1;
    for (size_t i = 0; i < judge->count; i++) {
        const size_t finding = judge->finding[i];

        if (counted[finding] || !fw_record_read(judge->record, judge->documents[i], strlen(judge->documents[i])) ||
            !is_like(judge->record, expect))
            continue;
        counted[finding] = claimed[finding] = true;
        n++;
    }
    free(counted);
    return n;
}

/* --- what is not as expected --------------------------------------------- */

static void describe(const struct fw_spec_expect *expect, char text[LIKE_TEXT]) {
    text[0] = '\0';
    for (int field = 0; field < FW_SPEC_COUNT; field++)
        if (expect->said[field])
            fw_cli_append(text, LIKE_TEXT, "%s%s: %s", text[0] ? ", " : "", expect->said[field]->key->text,
                          expect->said[field]->text);
}

static bool judge_expectation(struct fw_judge *judge, const struct fw_spec_expect *expect, bool *claimed,
                              const char *path, FILE *out) {
    const int64_t n = count_like(judge, expect, claimed), wanted = expect->number[FW_SPEC_COUNT];
    const bool exactly = expect->said[FW_SPEC_COUNT] != NULL;
    char text[LIKE_TEXT];

    if (exactly ? n == wanted : n > 0)
        return true;
    describe(expect, text);
    if (exactly)
        fw_cli_say(out, "# %s:%u: expected {%s} %" PRId64 " times, found %" PRId64, path, expect->line, text, wanted,
                   n);
    else
        fw_cli_say(out, "# %s:%u: expected {%s}, not found", path, expect->line, text);
    return false;
}

static void show_findings(const struct fw_judge *judge, const bool *but, const char *what, FILE *out) {
    size_t shown = 0, all = 0;

    for (size_t i = 0; i < judge->ids.count; i++) {
        const struct fw_told *told = &judge->told[i];

        if (told->rule[0] == '\0' || (but && but[i]) || all++ >= SHOWN)
            continue;
        if (shown++ == 0)
            fw_cli_say(out, "# %s:", what);
        fw_cli_say(out, "#   {rule: %s, who: %s, severity: %" PRId64 ", stage: %" PRId64 "} %s", told->rule, told->who,
                   told->severity, told->stage, told->sentence);
    }
    if (all > shown)
        fw_cli_say(out, "#   ... and %zu more", all - shown);
    if (all == 0 && !but)
        fw_cli_say(out, "# nothing was found");
}

static bool judge_rest(const struct fw_judge *judge, const bool *claimed, FILE *out) {
    for (size_t i = 0; i < judge->ids.count; i++) {
        if (claimed[i] || judge->told[i].rule[0] == '\0')
            continue;
        show_findings(judge, claimed, "found, and not expected", out);
        return false;
    }
    return true;
}

static bool judge_counters(const struct fw_spec_test *test, const struct fw_counters *counters, const char *path,
                           FILE *out) {
    bool fine = true;

    for (size_t i = 0; i < test->counters_count; i++) {
        const struct fw_spec_counter *counter = &test->counters[i];
        uint64_t value = 0;

        if (fw_spec_counter_value(counters, counter->name, &value) && value == (uint64_t)counter->value)
            continue;
        fine = false;
        fw_cli_say(out, "# %s:%u: %s is %" PRIu64 ", not %" PRId64, path, counter->line, counter->name, value,
                   counter->value);
    }
    return fine;
}

bool fw_judge_test(struct fw_judge *judge, const struct fw_spec_test *test, const struct fw_counters *counters,
                   const char *path, FILE *out) {
    bool *claimed = calloc(judge->ids.count + 1, sizeof *claimed);
    bool found = true, rest, counted;

    if (!claimed || judge->lost) {
        fw_cli_say(out, "# %s:%u: more documents than can be judged", path, test->line);
        free(claimed);
        return false;
    }
    for (size_t i = 0; i < test->expect_count; i++)
        found &= judge_expectation(judge, &test->expect[i], claimed, path, out);
    if (!found)
        show_findings(judge, NULL, "found", out);
    rest = test->others || !found || judge_rest(judge, claimed, out);
    counted = judge_counters(test, counters, path, out);
    free(claimed);
    return found && rest && counted;
}
