/* test_clock.c: what time the events make it; the numbers are the steps of clock.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/clock.h"

#define T0  ((fw_time)1700000000000)
#define DAY (24 * FW_HOUR)
enum { A = 1, B, C };

static struct fw_clock at(fw_time time) {
    struct fw_clock clock;

    fw_clock_init(&clock);
    assert_int_equal(fw_clock_observe(&clock, A, time), FW_CLOCK_ON_TIME);
    return clock;
}

static void impossible_times_move_nothing(void **state) { /* 1 */
    struct fw_clock clock;
    (void)state;

    fw_clock_init(&clock);
    for (int i = 0; i < 2 * FW_CLOCK_AGREE; i++) {
        assert_int_equal(fw_clock_observe(&clock, A, -1), FW_CLOCK_LATE);
        assert_int_equal(fw_clock_observe(&clock, B, FW_TIME_NONE), FW_CLOCK_LATE);
        assert_int_equal(fw_clock_observe(&clock, A, FW_TIME_MAX + 1), FW_CLOCK_AHEAD);
        assert_int_equal(fw_clock_observe(&clock, B, INT64_MAX), FW_CLOCK_AHEAD);
    }
    assert_int_equal(clock.greatest, FW_TIME_NONE);
    assert_int_equal(clock.jumps, 0);
}

static void the_first_event_sets_the_time(void **state) { /* 2 */
    const struct fw_clock clock = at(T0);
    (void)state;

    assert_int_equal(clock.greatest, T0);
    assert_int_equal(clock.watermark, T0 - FW_CLOCK_LATENESS);
}

static void the_watermark_follows_the_greatest_time(void **state) { /* 3 */
    struct fw_clock clock = at(T0);
    (void)state;

    assert_int_equal(fw_clock_observe(&clock, B, T0 + 10 * FW_SECOND), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.watermark, T0 + 10 * FW_SECOND - FW_CLOCK_LATENESS);
    assert_int_equal(fw_clock_observe(&clock, A, T0), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.greatest, T0 + 10 * FW_SECOND);
    assert_int_equal(clock.watermark, T0 + 10 * FW_SECOND - FW_CLOCK_LATENESS);
}

static void an_event_below_the_watermark_is_late(void **state) { /* 3 */
    struct fw_clock clock = at(T0);
    (void)state;

    assert_int_equal(fw_clock_observe(&clock, A, T0 - FW_CLOCK_LATENESS), FW_CLOCK_ON_TIME);
    assert_int_equal(fw_clock_observe(&clock, A, T0 - FW_CLOCK_LATENESS - 1), FW_CLOCK_LATE);
    assert_int_equal(fw_clock_observe(&clock, A, T0 - FW_CLOCK_JUMP), FW_CLOCK_LATE);
    assert_int_equal(clock.candidate, FW_TIME_NONE);
}

static void a_quiet_hour_is_no_question(void **state) { /* 3 */
    struct fw_clock clock = at(T0);
    (void)state;

    assert_int_equal(fw_clock_observe(&clock, A, T0 + FW_CLOCK_JUMP), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.greatest, T0 + FW_CLOCK_JUMP);
    assert_int_equal(clock.jumps, 0);
}

static void one_bad_device_clock_moves_nothing(void **state) { /* 4 */
    struct fw_clock clock = at(T0);
    (void)state;

    for (int i = 0; i < 1000; i++) {
        assert_int_equal(fw_clock_observe(&clock, B, T0 + DAY + i), FW_CLOCK_AHEAD);
        assert_int_equal(fw_clock_observe(&clock, B, i), FW_CLOCK_LATE);
        assert_int_equal(fw_clock_observe(&clock, A, T0 + i), FW_CLOCK_ON_TIME);
    }
    assert_int_equal(clock.greatest, T0 + 999);
    assert_int_equal(clock.jumps, 0);
}

static void candidates_that_do_not_agree_are_not_believed(void **state) { /* 4 */
    struct fw_clock clock = at(T0);
    (void)state;

    for (int i = 1; i < 100; i++)
        assert_int_equal(fw_clock_observe(&clock, i % 2 ? A : B, T0 + i * 3 * FW_HOUR), FW_CLOCK_AHEAD);
    assert_int_equal(clock.greatest, T0);
}

static void a_jump_ahead_is_believed_when_another_sensor_agrees(void **state) { /* 5 */
    struct fw_clock clock = at(T0);
    (void)state;

    assert_int_equal(fw_clock_observe(&clock, A, T0 + DAY), FW_CLOCK_AHEAD);
    assert_int_equal(clock.greatest, T0);
    assert_int_equal(fw_clock_observe(&clock, B, T0 + DAY - 5), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.greatest, T0 + DAY);
    assert_int_equal(clock.watermark, T0 + DAY - FW_CLOCK_LATENESS);
    assert_int_equal(clock.jumps, 1);
    assert_int_equal(clock.candidate, FW_TIME_NONE);
}

static void a_jump_ahead_is_believed_after_enough_events_in_a_row(void **state) { /* 5 */
    struct fw_clock clock = at(T0);
    (void)state;

    for (int i = 0; i < FW_CLOCK_AGREE - 1; i++)
        assert_int_equal(fw_clock_observe(&clock, A, T0 + DAY + i), FW_CLOCK_AHEAD);
    assert_int_equal(fw_clock_observe(&clock, A, T0 + DAY), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.greatest, T0 + DAY + FW_CLOCK_AGREE - 2);
    assert_int_equal(clock.jumps, 1);
}

static void a_present_event_ends_the_question(void **state) { /* 3 before 4 */
    struct fw_clock clock = at(T0);
    (void)state;

    for (int i = 0; i < FW_CLOCK_AGREE - 1; i++)
        fw_clock_observe(&clock, A, T0 + DAY);
    fw_clock_observe(&clock, C, T0 + 1);
    assert_int_equal(fw_clock_observe(&clock, A, T0 + DAY), FW_CLOCK_AHEAD);
    fw_clock_observe(&clock, C, T0 - 10 * FW_MINUTE); /* late is present, too */
    assert_int_equal(fw_clock_observe(&clock, B, T0 + DAY), FW_CLOCK_AHEAD);
    assert_int_equal(clock.greatest, T0 + 1);
    assert_int_equal(clock.candidate_events, 1);
}

static void a_jump_back_is_late_until_it_is_believed(void **state) { /* 4, 5 */
    struct fw_clock clock = at(T0);
    (void)state;

    assert_int_equal(fw_clock_observe(&clock, A, T0 - DAY), FW_CLOCK_LATE);
    assert_int_equal(clock.greatest, T0);
    assert_int_equal(fw_clock_observe(&clock, B, T0 - DAY + 7), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.greatest, T0 - DAY + 7);
    assert_int_equal(clock.watermark, T0 - DAY + 7 - FW_CLOCK_LATENESS);
    assert_int_equal(clock.jumps, 1);
}

static void a_believed_mistake_is_taken_back(void **state) { /* 5, twice */
    struct fw_clock clock = at(T0);
    (void)state;

    for (int i = 0; i < FW_CLOCK_AGREE; i++)
        fw_clock_observe(&clock, A, T0 + 365 * DAY);
    assert_int_equal(clock.greatest, T0 + 365 * DAY);
    for (int i = 0; i < FW_CLOCK_AGREE; i++)
        fw_clock_observe(&clock, B, T0 + FW_SECOND);
    assert_int_equal(clock.greatest, T0 + FW_SECOND);
    assert_int_equal(clock.jumps, 2);
}

static void an_event_may_be_late_in_the_time_it_helped_to_believe(void **state) { /* 5 */
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_observe(&clock, A, T0 + DAY);
    assert_int_equal(fw_clock_observe(&clock, B, T0 + DAY - FW_MINUTE), FW_CLOCK_LATE);
    assert_int_equal(clock.greatest, T0 + DAY);
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
    assert_int_equal(fw_clock_observe(&clock, A, T0 + 40 * FW_SECOND), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.watermark, T0 + 10 * FW_SECOND);
}

static void the_watermark_never_falls_without_agreement(void **state) {
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_idle(&clock, FW_MINUTE);
    assert_int_equal(clock.watermark, T0 + 30 * FW_SECOND);
    assert_int_equal(fw_clock_observe(&clock, A, T0 + 31 * FW_SECOND), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.watermark, T0 + 30 * FW_SECOND);
    assert_int_equal(fw_clock_observe(&clock, A, T0 + 29 * FW_SECOND), FW_CLOCK_LATE);
}

static void time_told_while_idle_leaves_no_question_after_a_long_silence(void **state) {
    struct fw_clock clock = at(T0);
    (void)state;

    for (int minute = 0; minute < 24 * 60; minute++)
        fw_clock_idle(&clock, FW_MINUTE);
    assert_int_equal(fw_clock_observe(&clock, A, T0 + DAY), FW_CLOCK_ON_TIME);
    assert_int_equal(clock.jumps, 0);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(impossible_times_move_nothing),
        cmocka_unit_test(the_first_event_sets_the_time),
        cmocka_unit_test(the_watermark_follows_the_greatest_time),
        cmocka_unit_test(an_event_below_the_watermark_is_late),
        cmocka_unit_test(a_quiet_hour_is_no_question),
        cmocka_unit_test(one_bad_device_clock_moves_nothing),
        cmocka_unit_test(candidates_that_do_not_agree_are_not_believed),
        cmocka_unit_test(a_jump_ahead_is_believed_when_another_sensor_agrees),
        cmocka_unit_test(a_jump_ahead_is_believed_after_enough_events_in_a_row),
        cmocka_unit_test(a_present_event_ends_the_question),
        cmocka_unit_test(a_jump_back_is_late_until_it_is_believed),
        cmocka_unit_test(a_believed_mistake_is_taken_back),
        cmocka_unit_test(an_event_may_be_late_in_the_time_it_helped_to_believe),
        cmocka_unit_test(idle_time_runs_through_the_lateness_and_on),
        cmocka_unit_test(the_watermark_never_falls_without_agreement),
        cmocka_unit_test(time_told_while_idle_leaves_no_question_after_a_long_silence),
        cmocka_unit_test(idle_before_the_first_event_or_of_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
