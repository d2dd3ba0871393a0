/* cmd_test.c: rule tests beside a policy: lines in, findings expected.
 *
 * Output is TAP: a line a test, "# " before what went wrong. Every test has an
 * engine of its own, and no test depends on the day it is run: stamps without a
 * year get theirs by the reference of the file.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "judge.h"
#include "run.h"

#define PATH_BYTES   4096
#define SUFFIX       ".test"
#define MISSED_SHOWN 3 /* lines that nobody understood */

struct test_run {
    struct fw_run run;
    struct fw_spec spec;
    struct fw_judge judge;
    const char *path;
    size_t number, failed;
    unsigned missed; /* lines of this test that no rule took, or that were refused */
    char *missed_lines[MISSED_SHOWN];
};

/* --- paths --------------------------------------------------------------- */

/* Names in a file are relative to the file. False: too long. */
static bool beside(const char *path, const char *name, char out[PATH_BYTES]) {
    const char *slash = strrchr(path, '/');
    const int dir = name[0] == '/' || !slash ? 0 : (int)(slash + 1 - path);

    return snprintf(out, PATH_BYTES, "%.*s%s", dir, path, name) < PATH_BYTES;
}

/* "x.yaml.test" is about x.yaml, "x.test" about x or x.yaml. */
static int find_policy(struct test_run *test, char path[PATH_BYTES]) {
    const size_t len = strlen(test->path);
    const struct fw_command *command = test->run.command;
    int n;

    if (test->spec.policy)
        return beside(test->path, test->spec.policy, path)
                   ? FW_EXIT_FINE
                   : fw_cli_error(command, "the path of the policy is too long");
    if (len <= strlen(SUFFIX) || strcmp(test->path + len - strlen(SUFFIX), SUFFIX) != 0)
        return fw_cli_error(
            command, "%s: it does not say what policy it is about, and its name does not end in " SUFFIX, test->path);
    n = snprintf(path, PATH_BYTES, "%.*s", (int)(len - strlen(SUFFIX)), test->path);
    if (n < PATH_BYTES - 5 && access(path, F_OK) == 0)
        return FW_EXIT_FINE;
    fw_cli_append(path, PATH_BYTES, ".yaml");
    if (n < PATH_BYTES - 5 && access(path, F_OK) == 0)
        return FW_EXIT_FINE;
    return fw_cli_error(command, "%s: there is no policy %.*s or %s; \"policy:\" names another", test->path, n, path,
                        path);
}

/* --- lines --------------------------------------------------------------- */

static void take_document(void *cookie, size_t side, const struct fw_document *document) {
    struct test_run *test = cookie;

    (void)side;
    fw_judge_take(&test->judge, document);
}

static uint64_t not_understood(const struct test_run *test) {
    struct fw_counters counters;

    fw_engine_get_counters(test->run.side[0].engine, &counters);
    return counters.lines_unparsed + counters.lines_refused;
}

static void take_line(void *cookie, const struct fw_line *line, bool truncated) {
    struct test_run *test = cookie;
    const uint64_t before = not_understood(test);

    fw_run_line(&test->run, line, truncated);
    if (not_understood(test) > before && test->missed++ < MISSED_SHOWN)
        test->missed_lines[test->missed - 1] = strndup(line->text, line->len < FW_SAY_MAX ? line->len : FW_SAY_MAX);
}

static int feed_lines(struct test_run *test, const struct fw_spec_test *one) {
    struct fw_line line = {.arrival = one->reference};
    const char *next;
    char *copy;

    for (const char *p = one->lines; *p != '\0'; p = next) {
        line.len = strcspn(p, "\n");
        next = p + line.len + (p[line.len] == '\n');
        if (line.len == 0)
            continue;
        line.len = line.len < FW_LINE_MAX ? line.len : FW_LINE_MAX;
        copy = strndup(p, line.len);
        if (!copy)
            return fw_cli_error(test->run.command, "not enough memory");
        line.text = copy;
        take_line(test, &line, false);
        free(copy);
    }
    return fw_run_files(&test->run, NULL, 0);
}

static int feed_input(struct test_run *test, const struct fw_spec_test *one) {
    char path[PATH_BYTES], *paths[] = {path};

    if (!beside(test->path, one->input, path))
        return fw_cli_error(test->run.command, "%s:%u: the path of the input is too long", test->path, one->line);
    test->run.feed.reference = one->reference;
    return fw_run_files(&test->run, paths, 1);
}

/* --- tests --------------------------------------------------------------- */

static void show_missed(struct test_run *test, FILE *out) {
    for (unsigned i = 0; i < test->missed && i < MISSED_SHOWN; i++) {
        if (test->missed_lines[i])
            fw_cli_say(out, "#   not understood: %s", test->missed_lines[i]);
    }
}

static void forget(struct test_run *test) {
    for (unsigned i = 0; i < MISSED_SHOWN; i++) {
        free(test->missed_lines[i]);
        test->missed_lines[i] = NULL;
    }
    test->missed = 0;
    fw_judge_clear(&test->judge);
}

static void say_result(struct test_run *test, bool fine, const char *name) {
    test->number++;
    test->failed += !fine;
    fw_cli_say(stdout, "%s %zu - %s: %s", fine ? "ok" : "not ok", test->number, test->path, name);
}

static int run_one(struct test_run *test, const struct fw_spec_test *one) {
    struct fw_counters counters;
    char *differences = NULL;
    size_t len = 0;
    int code = fw_run_restart(&test->run);
    bool fine;

    if (code != FW_EXIT_FINE)
        return code;
    code = one->lines ? feed_lines(test, one) : feed_input(test, one);
    if (one->until_quiet)
        fw_run_until_quiet(&test->run);
    fw_engine_get_counters(test->run.side[0].engine, &counters);
    FILE *out = open_memstream(&differences, &len); /* TAP has the result before its reasons */
    if (!out)
        return fw_cli_error(test->run.command, "not enough memory");
    fine = fw_judge_test(&test->judge, one, &counters, test->path, out) && code == FW_EXIT_FINE;
    if (!fine)
        show_missed(test, out);
    (void)fclose(out);
    say_result(test, fine, one->name);
    (void)fwrite(differences ? differences : "", 1, len, stdout);
    free(differences);
    forget(test);
    return code == FW_EXIT_FINE && !fine ? FW_EXIT_FOUND : code;
}

static int run_tests(struct test_run *test) {
    char policy[PATH_BYTES] = "";
    int code = test->spec.no_policy ? FW_EXIT_FINE : find_policy(test, policy), result;

    if (code != FW_EXIT_FINE)
        return code;
    test->run.side[0].policy_path = test->spec.no_policy ? NULL : policy;
    code = fw_run_open(&test->run);
    if (code == FW_EXIT_FINE &&
        fw_spec_check_rules(&test->spec, fw_policy_settings(test->run.side[0].policy)->rules) != 0)
        code = FW_EXIT_FOUND;
    if (code != FW_EXIT_FINE)
        return code;
    for (size_t i = 0; i < test->spec.count; i++) {
        result = run_one(test, &test->spec.tests[i]);
        code = result > code ? result : code;
    }
    return code;
}

static int run_file(struct test_run *test, const char *path) {
    struct fw_problems problems = {.report = fw_cli_problem};
    const size_t before = test->number;
    int code = FW_EXIT_FOUND;

    test->path = path;
    if (access(path, R_OK) != 0)
        return fw_cli_error(test->run.command, "%s: %s", path, strerror(errno));
    if (fw_spec_read(&test->spec, path, &problems) == 0)
        code = run_tests(test);
    if (code != FW_EXIT_FINE && test->number == before)
        say_result(test, false, "it could not be run");
    fw_run_close_sides(&test->run);
    fw_spec_free(&test->spec);
    return code;
}

static int run_all(struct test_run *test, char **paths, int n) {
    const struct fw_command *command = test->run.command;
    int code = FW_EXIT_FINE, result;

    test->judge.record = fw_record_open();
    if (!test->judge.record)
        return fw_cli_error(command, "not enough memory");
    for (int i = 0; i < n; i++) {
        result = run_file(test, paths[i]);
        code = result > code ? result : code;
    }
    (void)printf("1..%zu\n", test->number);
    (void)fflush(stdout);
    (void)fprintf(stderr, "%zu tests, %zu failed\n", test->number, test->failed);
    fw_run_close(&test->run);
    fw_record_close(&test->judge.record);
    return fw_cli_finish(command, code);
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {
        {"rulebase", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    static struct test_run test;
    int c, code;

    fw_run_init(&test.run, command);
    test.run.document = take_document;
    test.run.cookie = &test;
    test.run.feed.line = take_line;
    test.run.feed.waits = NULL; /* nobody looks at documents before the end */
    test.run.feed.cookie = &test;
    while ((c = getopt_long(argc, argv, ":r:h", options, NULL)) != -1) {
        if (c == 'h') {
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        }
        code = fw_run_option(&test.run, c, argv);
        if (code != FW_EXIT_FINE)
            return code;
    }
    if (optind == argc)
        return fw_cli_misuse(command, "needs a FILE of tests");
    return run_all(&test, argv + optind, argc - optind);
}

const struct fw_command fw_cmd_test = {
    .name = "test",
    .about = "runs rule tests that stand beside a policy: lines in, findings expected",
    .usage = "test [-r RULEBASE] FILE.test...",
    .help = "  -r, --rulebase PATH   rulebase, or the directory that holds firewatch.rulebase\n"
            "\n"
            "A file of tests is YAML:\n"
            "\n"
            "  policy: policy.yaml              default: the file's name without .test\n"
            "  reference: 2026-10-12T12:00:00Z  for stamps without a year\n"
            "  tests:\n"
            "    - name: the monitoring is left alone\n"
            "      lines: |                     or input: FILE\n"
            "        Oct 12 08:00:00 fw1 kernel: ...\n"
            "      expect: []                   nothing\n"
            "    - name: a worm is found\n"
            "      input: worm.log\n"
            "      expect:\n"
            "        - {rule: addr_scan, source: 10.1.2.3, port: 445}\n"
            "\n"
            "An expectation may say kind, rule, source, destination, port, transport,\n"
            "action (open, update, close), class, severity, stage, text (a part of the\n"
            "message) and count. Every finding must be expected, unless the test says\n"
            "others: true, and every line understood, unless it says unparsed: NUMBER or\n"
            "refused: NUMBER; counters: {NAME: NUMBER} asks for others, until_quiet: true\n"
            "lets a week pass at the end.\n",
    .run = run,
};
