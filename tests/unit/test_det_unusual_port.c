/* test_det_unusual_port.c: the steps of det_unusual_port.c. */
#include "lists.h"

static void answered(struct fixture *f, fw_time time, const char *src, const char *dst, uint16_t port) {
    end(f, time, src, dst, FW_PROTO_TCP, port, 900, 900);
}

static void steps_1_and_2_listed_ports_and_inside_are_usual(void **state) {
    struct fixture *f = fixture_open("unusual_port", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 30; i++) {
        answered(f, T0 + i * FW_SECOND, "10.0.0.1", "203.0.113.1", 1433);
        answered(f, T0 + i * FW_SECOND, "10.0.0.1", "10.7.0.1", 4444);
        answered(f, T0 + i * FW_SECOND, "203.0.113.1", "10.0.0.1", 4444);
        answered(f, T0 + i * FW_SECOND, "10.0.0.1", "192.0.2.70", 4444); /* a service's network */
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step_3_ten_that_were_answered(void **state) {
    struct fixture *f = fixture_open("unusual_port", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 9; i++)
        answered(f, T0 + i * FW_SECOND, "10.0.0.1", host("203.0", i), 4444);
    assert_int_equal(f->count, 0);
    answered(f, T0 + FW_MINUTE, "10.0.0.1", "203.0.113.1", 4444);
    assert_text(f, 0,
                "unusual_port open: 10.0.0.1 uses a port that hardly anybody else does: tcp/4444 (10 passed, last to "
                "203.0.113.1)");
    fixture_close(f);
}

static void step_3_three_in_vain_at_one_host(void **state) {
    struct fixture *f = fixture_open("unusual_port", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 60; i++) /* that is a search */
        deny(f, T0 + i * FW_SECOND, "10.0.0.1", host("203.0", i), FW_PROTO_TCP, 4444);
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 3; i++)
        deny(f, T0 + FW_HOUR / 60 + i * FW_SECOND, "10.0.0.2", "203.0.113.1", FW_PROTO_UDP, 4445);
    assert_text(
        f, 0,
        "unusual_port open: 10.0.0.2 uses a port that hardly anybody else does: udp/4445 (3 in vain, at 203.0.113.1)");
    fixture_close(f);
}

static void step_4_what_many_use_is_usual(void **state) {
    struct fixture *f = fixture_open("unusual_port", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 12; i++)
        for (unsigned n = 0; n < 5; n++)
            answered(f, T0 + i * FW_SECOND + n, host("10.1", n), "203.0.113.1", 7777);
    assert_int_equal(f->count, 0);
    for (unsigned n = 0; n < 400; n++) /* five of four hundred are few */
        answered(f, T0 + FW_MINUTE + n, host("10.2", n), "203.0.113.1", 443);
    for (unsigned i = 0; i < 12; i++)
        for (unsigned n = 0; n < 5; n++)
            answered(f, T0 + 2 * FW_MINUTE + i * FW_SECOND + n, host("10.3", n), "203.0.113.1", 7778);
    assert_int_equal(f->count, 5);
    fixture_close(f);
}

static void step_5_one_finding_a_source(void **state) {
    struct fixture *f = fixture_open("unusual_port", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned p = 0; p < 6; p++)
        for (unsigned i = 0; i < 12; i++)
            answered(f, T0 + p * FW_SECOND + i, "10.0.0.1", "203.0.113.1", (uint16_t)(7000 + p));
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_1_and_2_listed_ports_and_inside_are_usual),
        cmocka_unit_test(step_3_ten_that_were_answered),
        cmocka_unit_test(step_3_three_in_vain_at_one_host),
        cmocka_unit_test(step_4_what_many_use_is_usual),
        cmocka_unit_test(step_5_one_finding_a_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
