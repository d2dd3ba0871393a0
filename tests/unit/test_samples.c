/* test_samples.c: the rulebases against the lines written for them.
 *
 * rulebase/VENDOR/samples.tsv holds a line (which may hold tabs), a tab, and what becomes of it: the
 * event as JSON with the short names and without its time, or ignored, unparsed,
 * refused. A line that begins with # is a comment. Every rule must be hit by a
 * sample, and no sample may hit a rule of another vendor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <liblognorm.h>

#include "core/json.h"
#include "parse/event_json.h"
#include "parse/parser.h"
#include "parse/rulebase.h"

#define REFERENCE      INT64_C(1791795600000) /* 2026-10-12T09:00:00Z */
#define LINE_MAX_BYTES 8192

static struct fw_rulebase *rulebase;
static bool *hit;

static const char *top(void) {
    const char *dir = getenv("SRCDIR");

    return dir != NULL ? dir : ".";
}

static void print_problem(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    (void)cookie;
    fprintf(stderr, "%s:%u:%u: %s\n", file, line, column, text);
}

static int open_rulebase(void **state) {
    struct fw_problems problems = {print_problem, NULL, 0};
    char path[4096];

    (void)state;
    setenv("TZ", "UTC", 1);
    snprintf(path, sizeof path, "%s/rulebase/firewatch.rulebase", top());
    if (fw_rulebase_open(&rulebase, path, &problems) != 0)
        return -1;
    hit = calloc(fw_rulebase_rules(rulebase), sizeof *hit);
    return hit != NULL ? 0 : -1;
}

static int close_rulebase(void **state) {
    (void)state;
    free(hit);
    fw_rulebase_close(&rulebase);
    return 0;
}

static struct fw_parser *open_parser(uint64_t needs) {
    const struct fw_parser_options options = {.needs = needs};
    struct fw_parser *parser;
    char err[512];

    if (fw_parser_open(&parser, rulebase, &options, err, sizeof err) != 0)
        fail_msg("%s", err);
    return parser;
}

static void note_hit(const char *where) {
    for (size_t i = 0; i < rulebase->rules; i++)
        if (strcmp(rulebase->rule[i].where, where) == 0)
            hit[i] = true;
}

/* What becomes of a line, as the second column has it. */
static const char *outcome(struct fw_parser *parser, const char *text) {
    static char json[FW_EVENT_JSON_MAX];
    const struct fw_line line = {.text = text, .len = strlen(text), .arrival = REFERENCE};
    struct fw_event ev;
    const enum fw_parse_result result = fw_parser_line(parser, &line, &ev);

    if (result != FW_PARSE_EVENT)
        return fw_parse_result_name(result);
    if (ev.time < REFERENCE - 24 * FW_HOUR || ev.time > REFERENCE + 24 * FW_HOUR)
        return "an event of another time";
    ev.time = FW_TIME_NONE;
    return fw_event_print(&ev, false, json, sizeof json) != 0 ? json : "an event too long to print";
}

/* Is the rule that took the line one of the directory its sample is in? */
static bool is_own(const char *rule, const char *path) {
    const char *end = strrchr(path, '/');

    return rule[0] == '\0' || strncmp(rule, path, (size_t)(end - path) + 1) == 0;
}

static unsigned run_file(struct fw_parser *parser, const char *path, unsigned *samples) {
    static char text[LINE_MAX_BYTES];
    FILE *file = fopen(path, "r");
    unsigned wrong = 0;

    assert_non_null(file);
    for (unsigned line = 1; fgets(text, sizeof text, file) != NULL; line++) {
        char *tab = strrchr(text, '\t');

        text[strcspn(text, "\n")] = '\0';
        if (text[0] == '#' || text[0] == '\0')
            continue;
        if (tab == NULL) {
            print_error("%s:%u: a sample is a line, a tab, and what becomes of it\n", path, line);
            wrong++;
            continue;
        }
        *tab = '\0';
        const char *got = outcome(parser, text);

        note_hit(fw_parser_rule(parser));
        if (!is_own(fw_parser_rule(parser), path)) {
            print_error("%s:%u: %s\n  was taken by the rule of another vendor, %s\n", path, line, text,
                        fw_parser_rule(parser));
            wrong++;
        }
        ++*samples;
        if (strcmp(got, tab + 1) != 0) {
            print_error("%s:%u: %s\n  expected %s\n  got      %s\n", path, line, text, tab + 1, got);
            wrong++;
        }
    }
    fclose(file);
    return wrong;
}

static unsigned run_all(struct fw_parser *parser) {
    char pattern[4096];
    glob_t found;
    unsigned wrong = 0, samples = 0;

    snprintf(pattern, sizeof pattern, "%s/rulebase/*/samples.tsv", top());
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        wrong += run_file(parser, found.gl_pathv[i], &samples);
    globfree(&found);
    print_message("%u samples, %zu rules, liblognorm %s\n", samples, fw_rulebase_rules(rulebase), ln_version());
    return wrong;
}

static void samples_become_what_is_written_beside_them(void **state) {
    struct fw_parser *parser = open_parser(~UINT64_C(0));
    (void)state;

    assert_int_equal(run_all(parser), 0);
    fw_parser_close(&parser);
}

/* after the one above */
static void every_rule_is_hit_by_a_sample(void **state) {
    unsigned missing = 0;
    (void)state;

    for (size_t i = 0; i < fw_rulebase_rules(rulebase); i++) {
        if (hit[i])
            continue;
        print_error("%s: no sample hits this rule\n", rulebase->rule[i].where);
        missing++;
    }
    assert_int_equal(missing, 0);
}

/* Leaving out what nobody needs must change neither the kind nor the fields that are needed. */
static void fields_nobody_needs_change_nothing_else(void **state) {
    const uint64_t needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(session);
    struct fw_parser *whole = open_parser(~UINT64_C(0)), *few = open_parser(needs);
    static char text[LINE_MAX_BYTES];
    char pattern[4096];
    glob_t found;
    (void)state;

    snprintf(pattern, sizeof pattern, "%s/rulebase/*/samples.tsv", top());
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "r");

        assert_non_null(file);
        while (fgets(text, sizeof text, file) != NULL) {
            struct fw_event a, b;
            char *tab = strrchr(text, '\t');

            text[tab != NULL ? (size_t)(tab - text) : strcspn(text, "\n")] = '\0';
            const struct fw_line line = {.text = text, .len = strlen(text), .arrival = REFERENCE};

            if (fw_parser_line(whole, &line, &a) != FW_PARSE_EVENT)
                continue;
            if (fw_parser_line(few, &line, &b) != FW_PARSE_EVENT || a.kind != b.kind || a.time != b.time ||
                (a.present & needs) != (b.present & needs) ||
                ((a.present & FW_BIT(src)) && !fw_addr_equal(&a.src, &b.src)) ||
                ((a.present & FW_BIT(dst)) && !fw_addr_equal(&a.dst, &b.dst)) || a.dport != b.dport ||
                a.proto != b.proto)
                fail_msg("differs when few fields are needed: %s", text);
        }
        fclose(file);
    }
    globfree(&found);
    fw_parser_close(&whole);
    fw_parser_close(&few);
}

/* A site may include only what its devices need. */
static void every_rulebase_opens_alone(void **state) {
    char pattern[4096];
    glob_t found;
    (void)state;

    snprintf(pattern, sizeof pattern, "%s/rulebase/*/*.rulebase", top());
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct fw_problems problems = {print_problem, NULL, 0};
        struct fw_rulebase *alone = NULL;

        assert_int_equal(fw_rulebase_open(&alone, found.gl_pathv[i], &problems), 0);
        fw_rulebase_close(&alone);
    }
    globfree(&found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_become_what_is_written_beside_them),
        cmocka_unit_test(every_rule_is_hit_by_a_sample),
        cmocka_unit_test(fields_nobody_needs_change_nothing_else),
        cmocka_unit_test(every_rulebase_opens_alone),
    };

    return cmocka_run_group_tests_name("samples", tests, open_rulebase, close_rulebase);
}
