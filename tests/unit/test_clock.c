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

static void after_a_contradiction_agreement_is_not_enough(void **state) { /* 3, 5 */
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_observe(&clock, A, T0 + DAY);
    fw_clock_observe(&clock, C, T0 - 10 * FW_MINUTE); /* late is present, too */
    assert_int_equal(clock.candidate, FW_TIME_NONE);
    for (int i = 0; i < 10 * FW_CLOCK_AGREE; i++)
        assert_int_equal(fw_clock_observe(&clock, i % 2 ? A : B, T0 + DAY), FW_CLOCK_AHEAD);
    assert_int_equal(clock.greatest, T0);
}

static void after_a_contradiction_a_lead_decides(void **state) { /* 5 */
    struct fw_clock clock = at(T0);
    int ahead = 0;
    (void)state;

    fw_clock_observe(&clock, A, T0 + DAY);
    fw_clock_observe(&clock, C, T0);
    for (int i = 0; clock.jumps == 0; i++) /* two of three lines */
        ahead += fw_clock_observe(&clock, A, i % 3 ? T0 + DAY : T0) == FW_CLOCK_AHEAD;
    assert_in_range(ahead, 2 * FW_CLOCK_LEAD - 3, 2 * FW_CLOCK_LEAD + 3);
}

static void enough_lines_without_contradiction_end_the_wariness(void **state) { /* 3 */
    struct fw_clock clock = at(T0);
    (void)state;

    fw_clock_observe(&clock, A, T0 + DAY);
    for (int i = 0; i <= FW_CLOCK_WARY; i++)
        fw_clock_observe(&clock, C, T0);
    assert_int_equal(fw_clock_observe(&clock, A, T0 + DAY), FW_CLOCK_AHEAD);
    assert_int_equal(fw_clock_observe(&clock, B, T0 + DAY), FW_CLOCK_ON_TIME);
}

static void settle(unsigned wrong_of_ten, fw_time by, bool batches, uint64_t jumps, fw_time expected) {
    struct fw_clock clock;
    uint64_t random = 4711;
    uint64_t sensor = 0;
    const int lines = 400000;

    fw_clock_init(&clock);
    for (int i = 0; i < lines; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        if (!batches || i % 100 == 0)
            sensor = random % 10;
        fw_clock_observe(&clock, sensor, T0 + i + (sensor < wrong_of_ten ? by : 0));
    }
    assert_true(clock.jumps <= jumps);
    assert_in_range(clock.greatest, T0 + expected, T0 + expected + lines);
}

static void several_devices_in_a_wrong_time_zone_do_not_move_time_to_and_fro(void **state) {
    static const fw_time zones[] = {2 * FW_HOUR, -2 * FW_HOUR};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        settle(1, zones[i], false, 2, 0);
        settle(2, zones[i], false, 2, 0);
        settle(4, zones[i], false, 2, 0);
        settle(2, zones[i], true, 2, 0); /* a relay sends a hundred lines of each in turn */
        settle(4, zones[i], true, 2, 0);
        settle(7, zones[i], false, 3, zones[i]); /* time is where most lines are */
        settle(7, zones[i], true, 3, zones[i]);
    }
}

static void a_jump_taken_back_makes_wary(void **state) { /* 6 */
    struct fw_clock clock = at(T0);
    (void)state;

    for (int i = 0; i < FW_CLOCK_AGREE; i++)
        fw_clock_observe(&clock, B, T0 + DAY);
    for (int i = 0; i < FW_CLOCK_AGREE; i++)
        fw_clock_observe(&clock, A, T0);
    assert_int_equal(clock.jumps, 2);
    for (int i = 0; i < 2 * FW_CLOCK_AGREE; i++)
        assert_int_equal(fw_clock_observe(&clock, B, T0 + DAY), FW_CLOCK_AHEAD);
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
        cmocka_unit_test(after_a_contradiction_agreement_is_not_enough),
        cmocka_unit_test(after_a_contradiction_a_lead_decides),
        cmocka_unit_test(enough_lines_without_contradiction_end_the_wariness),
        cmocka_unit_test(several_devices_in_a_wrong_time_zone_do_not_move_time_to_and_fro),
        cmocka_unit_test(a_jump_taken_back_makes_wary),
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
