/* test_clock.c: what follows from the times that are believed; test_timing.c has what is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/clock.h"

#define T0  ((fw_time)1700000000000)
#define DAY (24 * FW_HOUR)

static struct fw_clock at(fw_time time) {
    struct fw_clock clock;

    fw_clock_init(&clock);
    fw_clock_move(&clock, time);
    return clock;
}

static void the_watermark_follows_the_greatest_time(void **state) {
    struct fw_clock clock = at(T0);
    (void)state;

    assert_int_equal(clock.watermark, T0 - FW_CLOCK_LATENESS);
    fw_clock_move(&clock, T0 + 10 * FW_SECOND);
    fw_clock_move(&clock, T0);
    assert_int_equal(clock.greatest, T0 + 10 * FW_SECOND);
    assert_int_equal(clock.watermark, T0 + 10 * FW_SECOND - FW_CLOCK_LATENESS);
    assert_int_equal(fw_clock_told(&clock), clock.watermark);
}

static void a_jump_ahead_is_told_when_it_is_confirmed(void **state) {
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_jump(&clock, T0 + DAY, FW_CLOCK_SILENCE);
    assert_int_equal(clock.watermark, T0 + DAY - FW_CLOCK_LATENESS);
    assert_int_equal(fw_clock_told(&clock), T0 - FW_CLOCK_LATENESS);
    fw_clock_move(&clock, T0 + DAY + FW_CLOCK_CONFIRM - 1);
    assert_int_equal(fw_clock_told(&clock), T0 - FW_CLOCK_LATENESS);
    fw_clock_move(&clock, T0 + DAY + FW_CLOCK_CONFIRM);
    assert_int_equal(fw_clock_told(&clock), clock.watermark);
}

static void a_clock_that_stands_still_is_believed_in_the_end(void **state) {
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_jump(&clock, T0 + DAY, FW_CLOCK_SILENCE);
    for (unsigned i = 1; i < FW_CLOCK_CONFIRM_LINES; i++)
        fw_clock_move(&clock, T0 + DAY);
    assert_int_equal(fw_clock_told(&clock), T0 - FW_CLOCK_LATENESS);
    fw_clock_move(&clock, T0 + DAY);
    assert_int_equal(fw_clock_told(&clock), clock.watermark);
}

static void a_jump_taken_back_was_never_told(void **state) {
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_jump(&clock, T0 + DAY, FW_CLOCK_SILENCE);
    fw_clock_jump(&clock, T0 + FW_MINUTE, FW_CLOCK_RETURN);
    assert_int_equal(fw_clock_told(&clock), T0 + FW_MINUTE - FW_CLOCK_LATENESS);
    assert_int_equal(clock.jumps, 2);
}

static void idle_time_runs_through_the_lateness_and_on(void **state) {
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_idle(&clock, 20 * FW_SECOND);
    assert_int_equal(clock.watermark, T0 - 10 * FW_SECOND);
    assert_int_equal(clock.greatest, T0);
    fw_clock_idle(&clock, 20 * FW_SECOND);
    assert_int_equal(clock.watermark, T0 + 10 * FW_SECOND);
    assert_int_equal(clock.greatest, T0 + 10 * FW_SECOND);
    fw_clock_move(&clock, T0 + 39 * FW_SECOND);
    assert_int_equal(clock.watermark, T0 + 10 * FW_SECOND); /* it does not fall */
}

static void idle_before_the_first_event_or_of_nothing_is_nothing(void **state) {
    struct fw_clock clock;
    (void)state;

    fw_clock_init(&clock);
    fw_clock_idle(&clock, FW_HOUR);
    assert_int_equal(clock.watermark, FW_TIME_NONE);
    clock = at(T0);
    fw_clock_idle(&clock, 0);
    fw_clock_idle(&clock, -FW_HOUR);
    assert_int_equal(clock.watermark, T0 - FW_CLOCK_LATENESS);
    fw_clock_idle(&clock, INT64_MAX);
    fw_clock_idle(&clock, INT64_MAX);
    assert_int_equal(clock.watermark, FW_TIME_MAX);
}

static void it_goes_on_after_a_restart(void **state) {
    static uint8_t buf[2 * FW_STATE_RECORD_MAX];
    struct fw_put put = {.p = buf, .size = sizeof buf};
    struct fw_clock clock = at(T0), loaded = at(7);
    uint64_t cursor = 0;
    (void)state;

    fw_clock_jump(&clock, T0 + DAY, FW_CLOCK_SILENCE);
    assert_true(fw_clock_save(&clock, &put, &cursor));
    assert_true(fw_clock_save(&clock, &put, &cursor)); /* nothing more */
    struct fw_get get = {.p = buf, .size = put.len};
    assert_int_equal(fw_clock_load(&loaded, &get), 0);
    assert_int_equal(loaded.greatest, clock.greatest);
    assert_int_equal(fw_clock_told(&loaded), fw_clock_told(&clock));
    for (size_t i = 0; i < put.len; i++) { /* damaged: refused, or a clock that holds what clock.c says it does */
        const uint8_t kept = buf[i];
        struct fw_get damaged = {.p = buf, .size = put.len};

        buf[i] ^= 0x80;
        if (fw_clock_load(&loaded, &damaged) == 0)
            assert_true(loaded.watermark <= loaded.greatest && loaded.greatest <= FW_TIME_MAX);
        buf[i] = kept;
    }
    for (size_t cut = 1; cut < put.len; cut++) {
        struct fw_get part = {.p = buf, .size = cut};

        assert_int_equal(fw_clock_load(&loaded, &part), -1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_watermark_follows_the_greatest_time),
        cmocka_unit_test(a_jump_ahead_is_told_when_it_is_confirmed),
        cmocka_unit_test(a_clock_that_stands_still_is_believed_in_the_end),
        cmocka_unit_test(a_jump_taken_back_was_never_told),
        cmocka_unit_test(idle_time_runs_through_the_lateness_and_on),
        cmocka_unit_test(idle_before_the_first_event_or_of_nothing_is_nothing),
        cmocka_unit_test(it_goes_on_after_a_restart),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
