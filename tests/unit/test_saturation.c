/* saturation.h: said when much is lost, once an hour, and when it is over. */
#include "fixture.h"

#include "core/saturation.h"

static enum fw_saturation_news look(struct fw_saturation *s, fw_time now, uint64_t lost_so_far) {
    const struct fw_loss total = {.overrun = lost_so_far};
    struct fw_loss lost;
    return fw_saturation_look(s, now, &total, &lost);
}

static void little_is_not_told(void **state) {
    struct fw_saturation s = {.running = false};
    (void)state;
    for (unsigned m = 0; m < 100; m++)
        assert_int_equal(look(&s, T0 + m * FW_MINUTE, (uint64_t)m * (FW_SATURATION_RATE - 1)), FW_SATURATION_NOTHING);
}

static void much_is_told_after_a_minute_and_once_an_hour(void **state) {
    struct fw_saturation s = {.running = false};
    unsigned began = 0, lasts = 0;
    (void)state;
    for (unsigned second = 0; second <= 3 * 3600; second++) {
        const enum fw_saturation_news news = look(&s, T0 + second * FW_SECOND, (uint64_t)second * FW_SATURATION_RATE);
        assert_true(second >= 60 || news == FW_SATURATION_NOTHING);
        began += news == FW_SATURATION_BEGAN;
        lasts += news == FW_SATURATION_LASTS;
        assert_int_not_equal(news, FW_SATURATION_ENDED);
    }
    assert_int_equal(began, 1);
    assert_int_equal(lasts, 2);
    assert_int_equal(s.since, T0);
}

static void its_end_is_told_after_calm(void **state) {
    struct fw_saturation s = {.running = false};
    fw_time ended = 0;
    (void)state;
    assert_int_equal(look(&s, T0, 0), FW_SATURATION_NOTHING);
    assert_int_equal(look(&s, T0 + FW_MINUTE, 50000), FW_SATURATION_BEGAN);
    for (unsigned m = 2; m < 60; m++)
        if (look(&s, T0 + m * FW_MINUTE, 50000) == FW_SATURATION_ENDED) {
            assert_int_equal(ended, 0);
            ended = T0 + m * FW_MINUTE;
        }
    assert_int_equal(ended, T0 + FW_MINUTE + FW_SATURATION_CALM);
}

static void a_flood_that_comes_and_goes_is_told_once_an_hour(void **state) {
    struct fw_saturation s = {.running = false};
    uint64_t lost = 0;
    unsigned told = 0, ended = 0;
    (void)state;
    for (unsigned m = 0; m < 120; m++) {
        lost += m % 20 == 1 ? 50000 : 0;
        const enum fw_saturation_news news = look(&s, T0 + m * FW_MINUTE, lost);
        told += news == FW_SATURATION_BEGAN || news == FW_SATURATION_LASTS;
        ended += news == FW_SATURATION_ENDED;
    }
    assert_int_equal(told, 2);
    assert_int_equal(ended, 2);
}

static void time_that_goes_back_invents_nothing(void **state) {
    struct fw_saturation s = {.running = false};
    (void)state;
    (void)look(&s, T0, 0);
    assert_int_equal(look(&s, T0 + FW_MINUTE, 5000), FW_SATURATION_BEGAN);
    assert_int_equal(look(&s, T0 - FW_HOUR, 5000), FW_SATURATION_NOTHING);
    assert_int_equal(look(&s, T0 - FW_HOUR + FW_MINUTE, 5000), FW_SATURATION_NOTHING);
    assert_int_equal(look(&s, T0 - FW_HOUR + FW_SATURATION_CALM, 5000), FW_SATURATION_ENDED);
}

/* Of a part that begins anew, while what it lost before was loaded. */
static void totals_that_go_back_invent_nothing(void **state) {
    struct fw_saturation s = {.running = false};
    (void)state;
    (void)look(&s, T0, 100000);
    assert_int_equal(look(&s, T0 + FW_MINUTE, 150000), FW_SATURATION_BEGAN);
    assert_int_equal(look(&s, T0 + 2 * FW_MINUTE, 10), FW_SATURATION_NOTHING);
    assert_int_equal(look(&s, T0 + 3 * FW_MINUTE, 20), FW_SATURATION_NOTHING);
    assert_int_equal(look(&s, T0 + FW_MINUTE + FW_SATURATION_CALM, 30), FW_SATURATION_ENDED);
}

static void it_goes_on_where_it_was_saved(void **state) {
    struct fw_saturation s = {.running = false}, loaded = {.running = false}, before;
    uint8_t bytes[256];
    (void)state;
    (void)look(&s, T0, 0);
    assert_int_equal(look(&s, T0 + FW_MINUTE, 50000), FW_SATURATION_BEGAN);
    struct fw_put put = {.p = bytes, .size = sizeof bytes};
    fw_saturation_save(&s, &put);
    assert_false(put.failed);
    struct fw_get get = {.p = bytes, .size = put.len};
    assert_int_equal(fw_saturation_load(&loaded, &get), 0);
    for (unsigned m = 2; m < 90; m++) {
        const fw_time now = T0 + m * FW_MINUTE;
        assert_int_equal(look(&loaded, now, 50000 + (m > 30) * 9000), look(&s, now, 50000 + (m > 30) * 9000));
    }
    memcpy(&before, &loaded, sizeof before);
    for (size_t size = 0; size < put.len; size++) {
        struct fw_get less = {.p = bytes, .size = size};
        assert_int_equal(fw_saturation_load(&loaded, &less), -1);
        assert_memory_equal(&loaded, &before, sizeof before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(little_is_not_told),
        cmocka_unit_test(much_is_told_after_a_minute_and_once_an_hour),
        cmocka_unit_test(its_end_is_told_after_calm),
        cmocka_unit_test(a_flood_that_comes_and_goes_is_told_once_an_hour),
        cmocka_unit_test(time_that_goes_back_invents_nothing),
        cmocka_unit_test(totals_that_go_back_invent_nothing),
        cmocka_unit_test(it_goes_on_where_it_was_saved),
    };
    return cmocka_run_group_tests_name("saturation", tests, NULL, NULL);
}
