/* test_calendar.c: when a calendar holds, across midnight and across changes of the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/calendar.h"
#include "core/json.h"

#define DAY      (24 * FW_HOUR)
#define MON_FRI  0x3e
#define HOURS(h) ((uint16_t)(60 * (h)))

/* CET-1CEST,M3.5.0,M10.5.0/3 */
static const struct fw_zone berlin = {
    .standard = FW_HOUR,
    .daylight = true,
    .summer = 2 * FW_HOUR,
    .begins = {.form = FW_ZONE_WEEK, .month = 3, .week = 5, .time = 2 * FW_HOUR},
    .ends = {.form = FW_ZONE_WEEK, .month = 10, .week = 5, .time = 3 * FW_HOUR},
};
static const struct fw_zone utc = {.name = "UTC"};

static fw_time at(int year, unsigned month, unsigned day, int hour, int minute) {
    return fw_time_days(year, month, day) * DAY + hour * FW_HOUR + minute * FW_MINUTE;
}

static bool holds(const struct fw_zone *zone, struct fw_calendar_span span, fw_time time) {
    const struct fw_calendar calendar = {.zone = zone, .spans = &span, .count = 1};

    return fw_calendar_holds(&calendar, time);
}

static void none_is_always(void **state) {
    const struct fw_calendar calendar = {.count = 0};

    (void)state;
    assert_true(fw_calendar_holds(&calendar, 0));
}

static void a_span_holds_from_its_first_minute_to_before_its_last(void **state) {
    const struct fw_calendar_span span = {FW_CALENDAR_EVERY_DAY, HOURS(2), HOURS(5)};

    (void)state;
    assert_false(holds(&utc, span, at(2026, 10, 12, 2, 0) - 1));
    assert_true(holds(&utc, span, at(2026, 10, 12, 2, 0)));
    assert_true(holds(&utc, span, at(2026, 10, 12, 5, 0) - 1));
    assert_false(holds(&utc, span, at(2026, 10, 12, 5, 0)));
}

static void days_are_those_of_the_week(void **state) {
    const struct fw_calendar_span span = {MON_FRI, 0, FW_CALENDAR_DAY};

    (void)state;
    assert_false(holds(&utc, span, at(2026, 10, 11, 23, 59))); /* a Sunday */
    assert_true(holds(&utc, span, at(2026, 10, 12, 0, 0)));
    assert_true(holds(&utc, span, at(2026, 10, 16, 23, 59)));
    assert_false(holds(&utc, span, at(2026, 10, 17, 0, 0)));
    assert_true(holds(&utc, span, 0)); /* 1970 began on a Thursday */
}

static void across_midnight_the_day_is_that_of_the_beginning(void **state) {
    const struct fw_calendar_span span = {MON_FRI, HOURS(22), HOURS(6)};

    (void)state;
    assert_false(holds(&utc, span, at(2026, 10, 12, 5, 59))); /* Monday: began on Sunday */
    assert_false(holds(&utc, span, at(2026, 10, 12, 21, 59)));
    assert_true(holds(&utc, span, at(2026, 10, 12, 22, 0)));
    assert_true(holds(&utc, span, at(2026, 10, 13, 5, 59)));
    assert_false(holds(&utc, span, at(2026, 10, 13, 6, 0)));
    assert_true(holds(&utc, span, at(2026, 10, 17, 5, 59))); /* Saturday: began on Friday */
    assert_false(holds(&utc, span, at(2026, 10, 17, 22, 0)));
}

static void the_wall_of_the_zone_decides(void **state) {
    const struct fw_calendar_span span = {FW_CALENDAR_EVERY_DAY, HOURS(2), HOURS(5)};

    (void)state;
    assert_true(holds(&berlin, span, at(2026, 7, 1, 0, 0))); /* 02:00 */
    assert_false(holds(&berlin, span, at(2026, 7, 1, 3, 0)));
    assert_false(holds(&berlin, span, at(2026, 12, 1, 0, 0)));
    assert_true(holds(&berlin, span, at(2026, 12, 1, 1, 0)));
    assert_true(holds(&berlin, span, at(2026, 12, 1, 3, 59)));
}

static void an_hour_that_comes_twice_is_in_it_twice(void **state) {
    const struct fw_calendar_span span = {FW_CALENDAR_EVERY_DAY, HOURS(2), HOURS(3)};

    (void)state;
    assert_false(holds(&berlin, span, at(2026, 10, 25, 0, 0) - 1));
    assert_true(holds(&berlin, span, at(2026, 10, 25, 0, 30)));
    assert_true(holds(&berlin, span, at(2026, 10, 25, 1, 30)));
    assert_false(holds(&berlin, span, at(2026, 10, 25, 2, 0)));
    /* and one that is skipped never */
    for (fw_time time = at(2026, 3, 29, 0, 0); time < at(2026, 3, 29, 20, 0); time += FW_MINUTE)
        assert_false(holds(&berlin, span, time));
}

static void check_next(const struct fw_zone *zone, struct fw_calendar_span span, fw_time after, fw_time from,
                       fw_time to) {
    const struct fw_calendar calendar = {.zone = zone, .spans = &span, .count = 1};
    fw_time begin = 0, end = 0;

    assert_true(fw_calendar_next(&calendar, after, &begin, &end));
    assert_int_equal(begin, from);
    assert_int_equal(end, to);
}

static void the_next_span_begins_then_or_later(void **state) {
    const struct fw_calendar_span night = {MON_FRI, HOURS(22), HOURS(6)},
                                  early = {FW_CALENDAR_EVERY_DAY, HOURS(2), HOURS(3)};
    const struct fw_calendar_span both[] = {night, early};
    const struct fw_calendar calendar = {.zone = &utc, .spans = both, .count = 2};
    fw_time begin, end;

    (void)state;
    check_next(&utc, night, at(2026, 10, 12, 22, 0), at(2026, 10, 12, 22, 0), at(2026, 10, 13, 6, 0));
    check_next(&utc, night, at(2026, 10, 12, 22, 0) + 1, at(2026, 10, 13, 22, 0), at(2026, 10, 14, 6, 0));
    check_next(&utc, night, at(2026, 10, 17, 0, 0), at(2026, 10, 19, 22, 0), at(2026, 10, 20, 6, 0)); /* a weekend */
    check_next(&utc, night, -3 * DAY, -3 * DAY + 22 * FW_HOUR, -2 * DAY + 6 * FW_HOUR);               /* a Monday */
    check_next(&berlin, early, at(2026, 7, 1, 0, 0), at(2026, 7, 1, 0, 0), at(2026, 7, 1, 1, 0));
    /* twice in autumn: one span; skipped in spring: none */
    check_next(&berlin, early, at(2026, 10, 25, 0, 0), at(2026, 10, 25, 0, 0), at(2026, 10, 25, 2, 0));
    check_next(&berlin, early, at(2026, 3, 28, 2, 0), at(2026, 3, 30, 0, 0), at(2026, 3, 30, 1, 0));
    assert_true(fw_calendar_next(&calendar, at(2026, 10, 12, 22, 1), &begin, &end));
    assert_int_equal(begin, at(2026, 10, 13, 2, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_always),
        cmocka_unit_test(a_span_holds_from_its_first_minute_to_before_its_last),
        cmocka_unit_test(days_are_those_of_the_week),
        cmocka_unit_test(across_midnight_the_day_is_that_of_the_beginning),
        cmocka_unit_test(the_wall_of_the_zone_decides),
        cmocka_unit_test(an_hour_that_comes_twice_is_in_it_twice),
        cmocka_unit_test(the_next_span_begins_then_or_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
