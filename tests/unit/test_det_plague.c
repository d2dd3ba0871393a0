/* plague, step by step: the numbers are those of det_plague.c. */
#include "fixture.h"

static struct fixture *open_plague(void) {
    return fixture_open("plague", FW_ROLE_BIT(scanner), 0);
}

static void deny(struct fixture *f, fw_time time, const char *src, const char *dst, uint16_t dport) {
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, time, src, dst, FW_PROTO_TCP, dport);
    feed(f, &ev);
}

static void end(struct fixture *f, fw_time time, const char *src, const char *dst, uint16_t dport, uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, FW_PROTO_TCP, dport);
    ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
    ev.sent = 120;
    ev.rcvd = rcvd;
    feed(f, &ev);
}

/* Each of n machines inside fails to reach `each` hosts, within a minute. */
static void spread(struct fixture *f, fw_time time, unsigned n, unsigned each, uint16_t dport) {
    for (unsigned k = 0; k < each; k++)
        for (unsigned i = 0; i < n; i++)
            deny(f, time + k * 10 * FW_SECOND + i * 50, host("10.1", i), host("198.51", i * 50 + k), dport);
}

static void five_machines_of_a_small_site_are_a_plague(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    spread(f, T0, 5, 5, 445);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "plague open: 5 machines inside search for hosts on tcp/445");
    assert_json_has(f, 0, "\"destination\":\"10.1.0.1\",\"port\":445");
    assert_json_has(f, 0, "\"destination\":\"10.1.0.5\",\"port\":445");
    assert_null(strstr(f->documents[0].json, "\"source\":"));
    fixture_close(f);
}

static void step1_a_larger_site_asks_for_more(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        end(f, T0 + i, host("10.1", i), "198.51.100.1", 443, 9000);
    spread(f, T0 + FW_MINUTE, 17, 6, 445);
    assert_int_equal(f->count, 0);
    spread(f, T0 + 20 * FW_MINUTE, 24, 6, 445); /* a tenth of 200, give or take */
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step2_common_services_and_sources_outside_are_left_out(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    spread(f, T0, 20, 6, 443);
    for (unsigned i = 0; i < 20; i++)
        for (unsigned k = 0; k < 6; k++)
            deny(f, T0 + i * 10, host("203.0", i), host("10.2", k), 445);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_answers_take_destinations_back(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    for (unsigned i = 0; i < 20; i++)
        for (unsigned k = 0; k < 20; k++) {
            deny(f, T0 + k * 100, host("10.1", i), host("198.51", k), 8443);
            end(f, T0 + k * 100 + 50, host("10.1", i), host("198.51", k), 8443, 9000);
        }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_four_destinations_are_too_few(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    spread(f, T0, 20, 4, 445); /* a printer and three shares that are gone */
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_unknown_outcomes_ask_for_20(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    for (unsigned k = 0; k < 20; k++)
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(f->count, 0);
            struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + k * FW_SECOND + i * 50, host("10.1", i),
                                      host("198.51", i * 50 + k), FW_PROTO_TCP, 445);
            feed(f, &ev);
        }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"degraded\":[\"outcome\"]");
    fixture_close(f);
}

static void step4_the_window_slides(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    for (unsigned i = 0; i < 20; i++) /* one machine after the other */
        for (unsigned k = 0; k < 5; k++)
            deny(f, T0 + i * 60 * FW_SECOND + k * FW_SECOND, host("10.1", i), host("198.51", i * 50 + k), 445);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_what_is_usual_at_that_hour_is_none(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    for (unsigned day = 0; day < 4; day++)
        spread(f, T0 + day * 24 * FW_HOUR, 4, 6, 9100); /* every morning */
    spread(f, T0 + 4 * 24 * FW_HOUR, 11, 6, 9100);
    assert_int_equal(f->count, 0);
    spread(f, T0 + 4 * 24 * FW_HOUR + 10 * FW_MINUTE, 13, 6, 9100);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step5_stages_rise_and_the_finding_closes(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    spread(f, T0, 5, 5, 445);
    spread(f, T0 + 2 * FW_MINUTE, 90, 20, 445);
    assert_json_has(f, f->count - 1, "\"stage\":3");
    fw_engine_idle(f->engine, FW_HOUR);
    fixture_collect(f);
    assert_json_has(f, f->count - 1, "\"action\":\"finding-close\"");
    fixture_close(f);
}

static void a_role_keeps_its_hosts_quiet(void **state) {
    struct fixture *f = open_plague();
    (void)state;
    spread(f, T0, 4, 5, 445);
    for (unsigned k = 0; k < 50; k++)
        deny(f, T0 + k * FW_SECOND, "10.9.9.9", host("198.51", k), 445);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_machines_of_a_small_site_are_a_plague),
        cmocka_unit_test(step1_a_larger_site_asks_for_more),
        cmocka_unit_test(step2_common_services_and_sources_outside_are_left_out),
        cmocka_unit_test(step2_answers_take_destinations_back),
        cmocka_unit_test(step3_four_destinations_are_too_few),
        cmocka_unit_test(step3_unknown_outcomes_ask_for_20),
        cmocka_unit_test(step4_the_window_slides),
        cmocka_unit_test(step4_what_is_usual_at_that_hour_is_none),
        cmocka_unit_test(step5_stages_rise_and_the_finding_closes),
        cmocka_unit_test(a_role_keeps_its_hosts_quiet),
    };
    return cmocka_run_group_tests_name("det_plague", tests, NULL, NULL);
}
