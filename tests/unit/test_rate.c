/* The sliding rate of detect/rate.h. */
#include "fixture.h"

#include "detect/rate.h"

#define SPAN (10 * FW_SECOND)

static void what_comes_at_once_is_counted_exactly(void **state) {
    struct fw_rate rate = {0};
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        fw_rate_add(&rate, T0 + i * 100, SPAN, 1);
    assert_int_equal(fw_rate_now(&rate, T0 + 3 * FW_SECOND, SPAN), 30);
}

static void the_half_before_counts_by_what_the_span_still_covers(void **state) {
    struct fw_rate rate = {0};
    fw_time since;
    (void)state;
    for (unsigned i = 0; i < 150; i++) /* ten a second */
        fw_rate_add(&rate, T0 + i * 100, SPAN, 1);
    assert_int_equal(fw_rate_now(&rate, T0 + 15 * FW_SECOND, SPAN), 100);
    assert_int_equal(fw_rate_held(&rate, &since), 150);
    assert_int_equal(since, T0);
}

static void it_dies_away(void **state) {
    struct fw_rate rate = {0};
    (void)state;
    fw_rate_add(&rate, T0, SPAN, 100);
    assert_int_equal(fw_rate_now(&rate, T0 + 15 * FW_SECOND, SPAN), 50);
    assert_int_equal(fw_rate_now(&rate, T0 + 20 * FW_SECOND, SPAN), 0);
    fw_rate_add(&rate, T0 + FW_HOUR, SPAN, 1);
    assert_int_equal(fw_rate_now(&rate, T0 + FW_HOUR, SPAN), 1);
}

static void late_ones_count_for_the_half_before_or_not_at_all(void **state) {
    struct fw_rate rate = {0};
    (void)state;
    fw_rate_add(&rate, T0 + FW_HOUR, SPAN, 1);
    fw_rate_add(&rate, T0 + FW_HOUR - 5 * FW_SECOND, SPAN, 1);
    fw_rate_add(&rate, T0, SPAN, 1);
    assert_int_equal(fw_rate_now(&rate, T0 + FW_HOUR, SPAN), 2);
}

static void a_count_that_is_too_large_stays_the_largest(void **state) {
    struct fw_rate rate = {0};
    (void)state;
    fw_rate_add(&rate, T0, SPAN, UINT64_MAX);
    fw_rate_add(&rate, T0, SPAN, 5);
    assert_true(fw_rate_now(&rate, T0, SPAN) == UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_at_once_is_counted_exactly),
        cmocka_unit_test(the_half_before_counts_by_what_the_span_still_covers),
        cmocka_unit_test(it_dies_away),
        cmocka_unit_test(late_ones_count_for_the_half_before_or_not_at_all),
        cmocka_unit_test(a_count_that_is_too_large_stays_the_largest),
    };
    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
