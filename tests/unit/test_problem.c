/* test_problem.c: problems are counted, reported up to a limit, and names guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/problem.h"

struct seen {
    unsigned reports;
    char file[64];
    unsigned line, column;
    char text[FW_PROBLEM_TEXT];
};

static void see(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    struct seen *seen = cookie;

    seen->reports++;
    seen->line = line;
    seen->column = column;
    assert_true(strlen(text) < FW_PROBLEM_TEXT);
    strcpy(seen->text, text);
    strcpy(seen->file, file);
}

static void a_problem_is_reported_with_its_place(void **state) {
    struct seen seen = {0};
    struct fw_problems problems = {.report = see, .cookie = &seen};
    (void)state;

    fw_problem(&problems, "site.yaml", 3, 7, "\"%s\" is %d", "x", 5);
    assert_int_equal(problems.count, 1);
    assert_int_equal(seen.reports, 1);
    assert_string_equal(seen.file, "site.yaml");
    assert_int_equal(seen.line, 3);
    assert_int_equal(seen.column, 7);
    assert_string_equal(seen.text, "\"x\" is 5");
}

static void problems_beyond_the_limit_are_only_counted(void **state) {
    struct seen seen = {0};
    struct fw_problems problems = {.report = see, .cookie = &seen};
    (void)state;

    for (unsigned i = 1; i <= FW_PROBLEMS_MAX + 5; i++)
        fw_problem(&problems, "f", i, 0, "wrong");
    assert_int_equal(seen.reports, FW_PROBLEMS_MAX);
    assert_int_equal(seen.line, FW_PROBLEMS_MAX);
    assert_int_equal(problems.count, FW_PROBLEMS_MAX + 5);
}

static void a_long_text_is_cut(void **state) {
    struct seen seen = {0};
    struct fw_problems problems = {.report = see, .cookie = &seen};
    (void)state;

    fw_problem(&problems, "f", 1, 1, "%0*d", 2000, 7);
    assert_int_equal(strlen(seen.text), FW_PROBLEM_TEXT - 1);
}

static void without_a_reporter_problems_are_counted(void **state) {
    struct fw_problems problems = {0};
    (void)state;

    fw_problem(&problems, "f", 1, 1, "wrong");
    assert_int_equal(problems.count, 1);
}

static const char *const names[] = {"addr_scan", "port_scan", "long_session", "src", "dst", "threshold"};

static const char *nearest(const char *name) {
    return fw_problem_nearest(name, names, sizeof names / sizeof *names);
}

static void a_typing_error_finds_its_name(void **state) {
    (void)state;
    assert_string_equal(nearest("port_scn"), "port_scan");
    assert_string_equal(nearest("prot_scan"), "port_scan");
    assert_string_equal(nearest("port-scan"), "port_scan");
    assert_string_equal(nearest("treshhold"), "threshold");
    assert_string_equal(nearest("sorc"), "src");
    assert_string_equal(nearest("Port_Scan"), "port_scan");
}

static void a_long_name_may_have_more_errors(void **state) {
    (void)state;
    assert_string_equal(nearest("longsesion__"), "long_session");
    assert_null(nearest("xxxxxsession"));
    assert_string_equal(nearest("xxxg_session"), "long_session");
}

static void another_word_finds_nothing(void **state) {
    (void)state;
    assert_null(nearest("bandwidth"));
    assert_null(nearest("xy"));
    assert_null(nearest(""));
    assert_null(fw_problem_nearest("src", names, 0));
}

static void an_endless_name_finds_nothing(void **state) {
    char name[5000];
    (void)state;

    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_null(nearest(name));
    const char *const endless[] = {name, "src"};
    assert_string_equal(fw_problem_nearest("srk", endless, 2), "src");
}

static void of_equally_near_names_the_first_is_chosen(void **state) {
    const char *const pair[] = {"sport", "dport"};
    (void)state;

    assert_string_equal(fw_problem_nearest("port", pair, 2), "sport");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_is_reported_with_its_place),
        cmocka_unit_test(problems_beyond_the_limit_are_only_counted),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(without_a_reporter_problems_are_counted),
        cmocka_unit_test(a_typing_error_finds_its_name),
        cmocka_unit_test(a_long_name_may_have_more_errors),
        cmocka_unit_test(another_word_finds_nothing),
        cmocka_unit_test(an_endless_name_finds_nothing),
        cmocka_unit_test(of_equally_near_names_the_first_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
