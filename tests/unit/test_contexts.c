/* test_contexts.c: each program and each beginning have the rules that can take them, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <liblognorm.h>
#include <libfastjson/json.h>

#include "parse/contexts.h"

/* How often each rule stands in contexts at most, on average. */
#define FW_OPEN_MOST 20

static void complain(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    (void)cookie;
    print_error("%s:%u:%u: %s\n", file, line, column, text);
}

static const struct fw_str nobody = {"", 0};

static struct ln_ctx_s *of(struct fw_contexts *contexts, const char *program, const char *line) {
    const struct fw_str tag = {program, (uint32_t)strlen(program)};

    return fw_contexts_for(contexts, &tag, line);
}

static struct fw_contexts *open_rules(const char *rules, struct fw_rulebase **rulebase) {
    struct fw_problems problems = {complain, NULL, 0};
    char path[] = "/tmp/fw-contexts-XXXXXX";
    struct fw_contexts *contexts;
    const int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, rules, strlen(rules)), strlen(rules));
    close(fd);
    assert_int_equal(fw_rulebase_open(rulebase, path, &problems), 0);
    unlink(path);
    assert_int_equal(fw_contexts_open(&contexts, *rulebase, ~UINT64_C(0)), 0);
    return contexts;
}

static bool takes(struct fw_contexts *contexts, const char *line) {
    struct fjson_object *json = NULL;
    const int rc = ln_normalize(fw_contexts_for(contexts, &nobody, line), line, strlen(line), &json);

    fjson_object_put(json);
    return rc == 0;
}

static void bytes_have_the_rules_that_can_take_them(void **state) {
    struct fw_rulebase *rulebase;
    struct fw_contexts *contexts = open_rules("version=2\n"
                                              "rule=ignore:%%ASA %-:rest%\n"
                                              "rule=ignore:deny %-:rest%\n"
                                              "rule=ignore:%-:number% x\n"
                                              "rule=ignore:%-:word% word\n"
                                              "rule=ignore:%-:ipv6% v6\n",
                                              &rulebase);
    (void)state;

    assert_true(takes(contexts, "%ASA 1"));
    assert_true(takes(contexts, "deny all"));
    assert_true(takes(contexts, "17 x"));
    assert_true(takes(contexts, "17 word"));
    assert_true(takes(contexts, "deny word"));
    assert_true(takes(contexts, "other word"));
    assert_true(takes(contexts, "2001:db8::1 v6"));
    assert_true(takes(contexts, "db8::1 v6"));
    assert_true(takes(contexts, "::1 v6"));
    assert_false(takes(contexts, "other"));
    assert_false(takes(contexts, ""));
    assert_ptr_equal(of(contexts, "", "x"), of(contexts, "", "\xff"));
    assert_ptr_not_equal(of(contexts, "", "1 a"), of(contexts, "", "x"));
    /* '%': 2, 'd': 3, digits and a blank: 2, digits and ':': 2 (as hexadecimal letters and ':'), all others: 1 */
    assert_int_equal(fw_contexts_rules(contexts), 10);
    fw_contexts_close(&contexts);
    assert_null(contexts);
    fw_contexts_close(&contexts);
    fw_rulebase_close(&rulebase);
}

static void a_byte_that_nothing_begins_with_is_no_failure(void **state) {
    struct fw_rulebase *rulebase;
    struct fw_contexts *contexts = open_rules("version=2\nrule=ignore:abc\n", &rulebase);
    (void)state;

    assert_true(takes(contexts, "abc"));
    assert_false(takes(contexts, "xyz"));
    fw_contexts_close(&contexts);
    fw_rulebase_close(&rulebase);
}

/* A text that begins with digits is told by the byte behind them. */
static void digits_are_told_by_what_follows_them(void **state) {
    struct fw_rulebase *rulebase;
    struct fw_contexts *contexts = open_rules("version=2\n"
                                              "rule=ignore:%-:number%,%-:rest%\n"
                                              "rule=ignore:%-:number%\n"
                                              "rule=ignore:%-:ipv4% a\n"
                                              "rule=ignore:%-:date-iso% d\n"
                                              "rule=ignore:%-:time-24hr% t\n"
                                              "rule=ignore:%-:float% f\n"
                                              "rule=ignore:%-:number%%-:alpha% n\n"
                                              "rule=ignore:17: %-:rest%\n"
                                              "rule=ignore:4%-:word% w\n"
                                              "rule=ignore:5\n",
                                              &rulebase);
    (void)state;

    assert_true(takes(contexts, "17,x"));
    assert_true(takes(contexts, "17"));
    assert_true(takes(contexts, "192.0.2.1 a"));
    assert_true(takes(contexts, "2026-10-12 d"));
    assert_true(takes(contexts, "08:00:00 t"));
    assert_true(takes(contexts, "1.5 f"));
    assert_true(takes(contexts, "-1.5 f"));
    assert_true(takes(contexts, "15 f"));
    assert_true(takes(contexts, "17Oct n"));
    assert_true(takes(contexts, "17: x"));
    assert_true(takes(contexts, "42nd w"));
    assert_true(takes(contexts, "4- w"));
    assert_true(takes(contexts, "5"));
    assert_false(takes(contexts, "5 "));
    assert_false(takes(contexts, ""));
    assert_ptr_equal(of(contexts, "", "1-"), of(contexts, "", "22222-x"));
    assert_ptr_not_equal(of(contexts, "", "1-"), of(contexts, "", "1."));
    assert_ptr_equal(of(contexts, "", "1A"), of(contexts, "", "1B"));
    fw_contexts_close(&contexts);
    fw_rulebase_close(&rulebase);
}

static void programs_have_the_rules_that_allow_them(void **state) {
    struct fw_rulebase *rulebase;
    struct fw_contexts *contexts = open_rules("version=2\n"
                                              "annotate=k:+program=\"kernel ulogd -\"\n"
                                              "annotate=s:+program=\"sshd\"\n"
                                              "rule=ignore,k:%-:rest%\n"
                                              "rule=ignore,s:a%-:rest%\n"
                                              "rule=ignore:b%-:rest%\n",
                                              &rulebase);
    (void)state;

    assert_ptr_equal(of(contexts, "kernel", "a"), of(contexts, "ulogd", "c"));
    assert_ptr_equal(of(contexts, "kernel", "a"), of(contexts, "", "a"));
    assert_ptr_not_equal(of(contexts, "sshd", "a"), of(contexts, "kernel", "a"));
    assert_ptr_equal(of(contexts, "sshd", "b"), of(contexts, "anything", "b"));
    assert_ptr_equal(of(contexts, "sshd", "c"), of(contexts, "kerne", "a")); /* no rule at all */
    /* kernel: 1; sshd: 1; b, any program: 1; nothing: 0 */
    assert_int_equal(fw_contexts_rules(contexts), 3);
    fw_contexts_close(&contexts);
    fw_rulebase_close(&rulebase);
}

/* Whoever can write lines of any program, beginning with anything, opens all contexts of the shipped rulebase. */
static void a_stranger_opens_no_more_than_there_are(void **state) {
    struct fw_problems problems = {complain, NULL, 0};
    struct fw_rulebase *rulebase;
    struct fw_contexts *contexts;
    const char *top = getenv("SRCDIR");
    char path[4096], text[3] = "";
    (void)state;

    snprintf(path, sizeof path, "%s/rulebase/firewatch.rulebase", top != NULL ? top : ".");
    assert_int_equal(fw_rulebase_open(&rulebase, path, &problems), 0);
    assert_int_equal(fw_contexts_open(&contexts, rulebase, ~UINT64_C(0)), 0);
    for (size_t i = 0; i < rulebase->rules; i++)
        for (size_t k = 0; k < rulebase->rule[i].programs + 1; k++)
            for (int byte = 0; byte < 2 * 256; byte++) {
                const char *program = k < rulebase->rule[i].programs ? rulebase->rule[i].program[k] : "any other";

                text[0] = byte < 256 ? (char)byte : '1';
                text[1] = (char)(byte % 256);
                assert_non_null(of(contexts, program, text));
            }
    print_message("%zu rules, %zu in all contexts\n", fw_rulebase_rules(rulebase), fw_contexts_rules(contexts));
    assert_true(fw_contexts_rules(contexts) < FW_OPEN_MOST * fw_rulebase_rules(rulebase));
    fw_contexts_close(&contexts);
    fw_rulebase_close(&rulebase);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_have_the_rules_that_can_take_them),
        cmocka_unit_test(a_byte_that_nothing_begins_with_is_no_failure),
        cmocka_unit_test(digits_are_told_by_what_follows_them),
        cmocka_unit_test(programs_have_the_rules_that_allow_them),
        cmocka_unit_test(a_stranger_opens_no_more_than_there_are),
    };

    return cmocka_run_group_tests_name("contexts", tests, NULL, NULL);
}
