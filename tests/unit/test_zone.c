/* test_zone.c: zones by hand; the numbers are the steps of zone.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/json.h"
#include "core/site.h"
#include "core/zone.h"

#define DAY (24 * FW_HOUR)

static fw_time at(int year, unsigned month, unsigned day, int hour, int minute) {
    return fw_time_days(year, month, day) * DAY + hour * FW_HOUR + minute * FW_MINUTE;
}

/* CET-1CEST,M3.5.0,M10.5.0/3, since 1996; one hour always before 1980 */
static const struct fw_zone_shift berlin_shifts[] = {
    {323830800000, 2 * FW_HOUR}, /* 1980-04-06 01:00 UTC */
    {338950800000, 1 * FW_HOUR}, /* 1980-09-28 01:00 UTC */
    {828234000000, 2 * FW_HOUR}, /* 1996-03-31 01:00 UTC */
    {846378000000, 1 * FW_HOUR}, /* 1996-10-27 01:00 UTC */
};
static const struct fw_zone berlin = {
    .name = "Europe/Berlin",
    .first = FW_HOUR,
    .shifts = berlin_shifts,
    .count = sizeof berlin_shifts / sizeof *berlin_shifts,
    .standard = FW_HOUR,
    .daylight = true,
    .summer = 2 * FW_HOUR,
    .begins = {.form = FW_ZONE_WEEK, .month = 3, .week = 5, .day = 0, .time = 2 * FW_HOUR},
    .ends = {.form = FW_ZONE_WEEK, .month = 10, .week = 5, .day = 0, .time = 3 * FW_HOUR},
};
/* NZST-12NZDT,M9.5.0,M4.1.0/3 */
static const struct fw_zone auckland = {
    .standard = 12 * FW_HOUR,
    .daylight = true,
    .summer = 13 * FW_HOUR,
    .begins = {.form = FW_ZONE_WEEK, .month = 9, .week = 5, .day = 0, .time = 2 * FW_HOUR},
    .ends = {.form = FW_ZONE_WEEK, .month = 4, .week = 1, .day = 0, .time = 3 * FW_HOUR},
};

static fw_time offset(const struct fw_zone *zone, fw_time utc) {
    return fw_zone_to_local(zone, utc) - utc;
}

static void offsets_come_from_the_shifts(void **state) { /* 1, 2 */
    (void)state;
    assert_int_equal(offset(&berlin, at(1970, 7, 1, 0, 0)), FW_HOUR);
    assert_int_equal(offset(&berlin, 323830800000 - 1), FW_HOUR);
    assert_int_equal(offset(&berlin, 323830800000), 2 * FW_HOUR);
    assert_int_equal(offset(&berlin, 338950800000 - 1), 2 * FW_HOUR);
    assert_int_equal(offset(&berlin, 338950800000), FW_HOUR);
    assert_int_equal(offset(&berlin, at(1996, 7, 1, 0, 0)), 2 * FW_HOUR);
}

static void offsets_beyond_the_shifts_come_from_the_rule(void **state) { /* 3 */
    (void)state;
    assert_int_equal(offset(&berlin, at(2026, 3, 29, 1, 0) - 1), FW_HOUR);
    assert_int_equal(offset(&berlin, at(2026, 3, 29, 1, 0)), 2 * FW_HOUR);
    assert_int_equal(offset(&berlin, at(2026, 10, 25, 1, 0) - 1), 2 * FW_HOUR);
    assert_int_equal(offset(&berlin, at(2026, 10, 25, 1, 0)), FW_HOUR);
    assert_int_equal(offset(&berlin, at(9999, 12, 31, 23, 59)), FW_HOUR);
    /* the year on the wall is not that of UTC */
    assert_int_equal(offset(&auckland, at(2025, 12, 31, 12, 0)), 13 * FW_HOUR);
    assert_int_equal(offset(&auckland, at(2026, 4, 4, 14, 0) - 1), 13 * FW_HOUR);
    assert_int_equal(offset(&auckland, at(2026, 4, 4, 14, 0)), 12 * FW_HOUR);
    assert_int_equal(offset(&auckland, at(2026, 9, 26, 14, 0)), 13 * FW_HOUR);
}

static void a_rule_counts_days_with_and_without_the_29th(void **state) { /* 3 */
    struct fw_zone zone = {.daylight = true,
                           .summer = FW_HOUR,
                           .begins = {.form = FW_ZONE_JULIAN, .day = 60},
                           .ends = {.form = FW_ZONE_JULIAN, .day = 200}};

    (void)state;
    assert_int_equal(offset(&zone, at(2027, 3, 1, 0, 0) - 1), 0);
    assert_int_equal(offset(&zone, at(2027, 3, 1, 0, 0)), FW_HOUR);
    assert_int_equal(offset(&zone, at(2028, 3, 1, 0, 0) - 1), 0);
    assert_int_equal(offset(&zone, at(2028, 3, 1, 0, 0)), FW_HOUR);
    zone.begins.form = FW_ZONE_DAY; /* day 60 from 0: the 1st of March of a leap year, else the 2nd */
    assert_int_equal(offset(&zone, at(2027, 3, 2, 0, 0) - 1), 0);
    assert_int_equal(offset(&zone, at(2027, 3, 2, 0, 0)), FW_HOUR);
    assert_int_equal(offset(&zone, at(2028, 3, 1, 0, 0) - 1), 0);
    assert_int_equal(offset(&zone, at(2028, 3, 1, 0, 0)), FW_HOUR);
    /* summer all year, as RFC 8536 3.3.1 writes it */
    zone = (struct fw_zone){.standard = -5 * FW_HOUR,
                            .daylight = true,
                            .summer = -4 * FW_HOUR,
                            .begins = {.form = FW_ZONE_DAY, .day = 0},
                            .ends = {.form = FW_ZONE_JULIAN, .day = 365, .time = 25 * FW_HOUR}};
    for (int i = 0; i < 800; i++)
        assert_int_equal(offset(&zone, at(2027, 1, 1, i * 24, 30)), -4 * FW_HOUR);
}

static void local_times_come_back(void **state) { /* 4, 5 */
    fw_time second;

    (void)state;
    for (fw_time utc = at(2026, 1, 1, 0, 0); utc < at(2028, 1, 1, 0, 0); utc += 17 * FW_MINUTE) {
        const fw_time first = fw_zone_to_utc(&berlin, fw_zone_to_local(&berlin, utc), &second);

        assert_true(first == utc || second == utc);
    }
}

static void an_hour_that_comes_twice_gives_both(void **state) { /* 5 */
    fw_time second = 0;

    (void)state;
    assert_int_equal(fw_zone_to_utc(&berlin, at(2026, 10, 25, 2, 30), &second), at(2026, 10, 25, 0, 30));
    assert_int_equal(second, at(2026, 10, 25, 1, 30));
    assert_int_equal(fw_zone_to_utc(&berlin, at(2026, 10, 25, 2, 0) - 1, &second), at(2026, 10, 25, 0, 0) - 1);
    assert_int_equal(second, at(2026, 10, 25, 0, 0) - 1);
    assert_int_equal(fw_zone_to_utc(&berlin, at(2026, 10, 25, 3, 0), &second), at(2026, 10, 25, 2, 0));
    assert_int_equal(second, at(2026, 10, 25, 2, 0));
    assert_int_equal(fw_zone_to_utc(&berlin, at(2026, 10, 25, 2, 30), NULL), at(2026, 10, 25, 0, 30));
}

static void an_hour_that_is_skipped_is_taken_by_the_offset_before(void **state) { /* 5 */
    fw_time second = 0;

    (void)state;
    assert_int_equal(fw_zone_to_utc(&berlin, at(2026, 3, 29, 2, 30), &second), at(2026, 3, 29, 1, 30));
    assert_int_equal(second, at(2026, 3, 29, 1, 30));
    assert_int_equal(fw_zone_to_utc(&berlin, at(2026, 3, 29, 1, 59), &second), at(2026, 3, 29, 0, 59));
    assert_int_equal(fw_zone_to_utc(&berlin, at(2026, 3, 29, 3, 0), &second), at(2026, 3, 29, 1, 0));
}

static void a_fixed_zone_never_changes(void **state) {
    struct fw_zone zone;

    (void)state;
    fw_zone_fixed(&zone, "-03:30", -(3 * FW_HOUR + 30 * FW_MINUTE));
    assert_string_equal(zone.name, "-03:30");
    for (fw_time utc = 0; utc < 100 * 365 * DAY; utc += 97 * DAY) {
        fw_time second;

        assert_int_equal(offset(&zone, utc), -(3 * FW_HOUR + 30 * FW_MINUTE));
        assert_int_equal(fw_zone_to_utc(&zone, utc, &second), utc + 3 * FW_HOUR + 30 * FW_MINUTE);
        assert_int_equal(second, utc + 3 * FW_HOUR + 30 * FW_MINUTE);
    }
}

static void a_sensor_is_found_by_its_name_or_the_longest_beginning(void **state) {
    static const struct fw_zone zones[5];
    static const struct fw_sensor sensors[] = {
        {"fw-a", 4, false, &zones[0]}, {"fw-ab", 5, false, &zones[1]}, {"fw-b", 4, false, &zones[2]},
        {"fw-a", 4, true, &zones[3]},  {"fw", 2, true, &zones[4]},
    };
    static const struct {
        const char *name;
        const struct fw_zone *zone;
    } cases[] = {
        {"fw-a", &zones[0]},  {"fw-ab", &zones[1]}, {"fw-b", &zones[2]}, {"fw-abc", &zones[3]},
        {"fw-aa", &zones[3]}, {"fw-c", &zones[4]},  {"fw", &zones[4]},   {"f", NULL},
        {"", NULL},           {"gw", NULL},         {"FW-a", NULL},      {"fw-", &zones[4]},
    };
    const struct fw_site site = {.sensors = sensors, .sensors_count = 5}, nothing = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct fw_str name = {cases[i].name, (uint32_t)strlen(cases[i].name)};

        assert_ptr_equal(fw_site_sensor_zone(&site, &name), cases[i].zone);
        assert_null(fw_site_sensor_zone(&nothing, &name));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_come_from_the_shifts),
        cmocka_unit_test(offsets_beyond_the_shifts_come_from_the_rule),
        cmocka_unit_test(a_rule_counts_days_with_and_without_the_29th),
        cmocka_unit_test(local_times_come_back),
        cmocka_unit_test(an_hour_that_comes_twice_gives_both),
        cmocka_unit_test(an_hour_that_is_skipped_is_taken_by_the_offset_before),
        cmocka_unit_test(a_fixed_zone_never_changes),
        cmocka_unit_test(a_sensor_is_found_by_its_name_or_the_longest_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
