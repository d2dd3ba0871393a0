/* test_index.c: numbers for names, in the order in which they first came. */
#include "fixture.h"

#include "cli/index.c" /* the command is a program, not a library */

#define MANY 5000 /* several times the first size of the table */

static const char *name(unsigned n) {
    static char text[32];

    (void)snprintf(text, sizeof text, "finding %u", n);
    return text;
}

static void a_name_keeps_its_number_while_the_index_grows(void **state) {
    struct fw_index index = {.count = 0};
    bool fresh;

    (void)state;
    for (unsigned n = 0; n < MANY; n++) {
        assert_int_equal(fw_index_put(&index, name(n), &fresh), n);
        assert_true(fresh);
    }
    for (unsigned n = 0; n < MANY; n++) {
        assert_int_equal(fw_index_put(&index, name(n), &fresh), n);
        assert_false(fresh);
        assert_string_equal(index.names[n], name(n));
    }
    assert_int_equal(index.count, MANY);
    assert_true(index.slots_count >= 2 * index.count);
    fw_index_free(&index);
    assert_int_equal(index.count, 0);
    assert_int_equal(fw_index_put(&index, "", &fresh), 0); /* it can be used again */
    fw_index_free(&index);
}

static void a_full_index_knows_its_names_and_takes_no_more(void **state) {
    struct fw_index index = {.count = 0};
    bool fresh;

    (void)state;
    for (unsigned n = 0; n < FW_INDEX_MAX; n++)
        assert_int_equal(fw_index_put(&index, name(n), &fresh), n);
    assert_true(fw_index_put(&index, "one more", &fresh) == FW_INDEX_NONE);
    assert_false(fresh);
    assert_int_equal(fw_index_put(&index, name(77), &fresh), 77);
    fw_index_free(&index);
}

static void an_array_grows_by_zeroed_elements_and_keeps_the_others(void **state) {
    uint64_t *array = NULL;

    (void)state;
    for (size_t n = 0; n < 1000; n++) {
        array = fw_index_grow(array, n, sizeof *array);
        assert_non_null(array);
        assert_int_equal(array[n], 0);
        array[n] = n + 1;
    }
    for (size_t n = 0; n < 1000; n++)
        assert_int_equal(array[n], n + 1);
    free(array);
    assert_null(fw_index_grow(NULL, 0, SIZE_MAX / 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_keeps_its_number_while_the_index_grows),
        cmocka_unit_test(a_full_index_knows_its_names_and_takes_no_more),
        cmocka_unit_test(an_array_grows_by_zeroed_elements_and_keeps_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
