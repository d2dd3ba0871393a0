/* test_contexts.c: each first byte has the rules that can take it, and no other. */
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

static void complain(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    (void)cookie;
    print_error("%s:%u:%u: %s\n", file, line, column, text);
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
    const int rc = ln_normalize(fw_contexts_for(contexts, line[0]), line, strlen(line), &json);

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
    assert_ptr_equal(fw_contexts_for(contexts, 'x'), fw_contexts_for(contexts, '\xff'));
    assert_ptr_not_equal(fw_contexts_for(contexts, '1'), fw_contexts_for(contexts, 'x'));
    /* '%': 2, 'd': 3, digits: 3, hexadecimal letters and ':': 2, all others: 1 */
    assert_int_equal(fw_contexts_rules(contexts), 11);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_have_the_rules_that_can_take_them),
        cmocka_unit_test(a_byte_that_nothing_begins_with_is_no_failure),
    };

    return cmocka_run_group_tests_name("contexts", tests, NULL, NULL);
}
