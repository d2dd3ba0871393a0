/* test_det_overdue_user.c: the steps of det_overdue_user.c. */
#include "lists.h"

static struct fw_app_rule rule;

/* 10.0.0.1 uses whisper, which was allowed until then. */
static struct fixture *asked_until(fw_time until) {
    struct fixture *f = fixture_open("im_user,overdue_user", 0, 0);
    with_lists(f, 0);
    rule = (struct fw_app_rule){.app = "im", .anybody = true, .state = FW_APP_ASKED, .until = until, .label = "asked"};
    f->site.apps = &rule;
    f->site.apps_count = 1;
    fw_engine_policy(f->engine, &f->settings);
    return f;
}

static void step_1_a_use_after_the_day(void **state) {
    struct fixture *f = asked_until(T0 + FW_MINUTE);
    (void)state;
    end(f, T0, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443, 900, 900);
    assert_int_equal(f->count, 0);
    end(f, T0 + FW_MINUTE, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443, 900, 900);
    assert_text(f, 0,
                "overdue_user open: 10.0.0.1 goes on with whisper, which was to end on 2026-10-12: treat it as an "
                "unknown worm");
    assert_json_has(f, 0, "\"class\":\"threat\"");
    fixture_close(f);
}

static void step_2_ten_times_as_many_are_a_higher_stage(void **state) {
    struct fixture *f = asked_until(T0);
    (void)state;
    for (unsigned i = 0; i < 99; i++)
        end(f, T0 + i * FW_MINUTE, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443, 900, 900);
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, "\"stage\":2");
    end(f, T0 + 100 * FW_MINUTE, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443, 900, 900);
    assert_json_has(f, 2, "\"stage\":3");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_1_a_use_after_the_day),
        cmocka_unit_test(step_2_ten_times_as_many_are_a_higher_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
