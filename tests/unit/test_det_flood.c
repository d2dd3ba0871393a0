/* flood, step by step: the numbers are those of det_flood.c. */
#include "fixture.h"

static struct fixture *open_flood(void) {
    return fixture_open("flood", FW_ROLE_BIT(nms), 0);
}

static void ends(struct fixture *f, fw_time time, uint8_t proto, uint16_t sport, uint16_t dport, uint64_t sent,
                 uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, "10.1.4.23", "203.0.113.80", proto, dport);
    ev.sport = sport;
    ev.sent = sent;
    ev.rcvd = rcvd;
    ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
    feed(f, &ev);
}

/* n sessions, so many a second */
static void many(struct fixture *f, unsigned n, unsigned rate, uint8_t proto, uint16_t dport, uint64_t sent,
                 uint64_t rcvd) {
    for (unsigned i = 0; i < n; i++)
        ends(f, T0 + i * FW_SECOND / rate, proto, (uint16_t)(1024 + i), dport, sent, rcvd);
}

static void unanswered_sessions_at_300_a_second_are_reported(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    many(f, 2559, 300, FW_PROTO_TCP, 80, 60, 0);
    assert_int_equal(f->count, 0);
    many(f, 1, 1, FW_PROTO_TCP, 80, 60, 0);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "flood open: 10.1.4.23 floods 203.0.113.80 on tcp/80: 2560 packets without an answer in 8 s (0 "
                "denied), up to 256 a second");
    fixture_close(f);
}

static void two_clocks_apart_hide_none(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 9000; i++)
        ends(f, T0 + FW_HOUR + i * FW_SECOND / 900 - (i % 2) * 25 * FW_SECOND, FW_PROTO_TCP, (uint16_t)(1024 + i), 80,
             60, 0);
    assert_in_range(f->count, 1, 20);
    fixture_close(f);
}

static void two_hundred_a_second_are_not(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    many(f, 6000, 200, FW_PROTO_TCP, 80, 60, 0);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_one_way_protocols_inside_are_left_out(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_END, T0 + i * FW_SECOND, "10.1.4.23", "10.1.0.9", FW_PROTO_UDP, 514);
        ev.sent = 1500 * 10000;
        ev.rcvd = 0;
        ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
        feed(f, &ev);
        struct fw_event tv = flow(FW_KIND_FLOW_END, T0 + i * FW_SECOND, "10.1.4.23", "239.1.1.1", FW_PROTO_UDP, 5004);
        tv.sent = 1500 * 10000;
        tv.rcvd = 0;
        tv.present |= FW_BIT(sent) | FW_BIT(rcvd);
        feed(f, &tv);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_answered_sessions_never_count(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    many(f, 9000, 900, FW_PROTO_TCP, 443, 5000, 40000);
    many(f, 9000, 900, FW_PROTO_UDP, 53, 80, 200);
    ends(f, T0 + FW_MINUTE, FW_PROTO_TCP, 40000, 873, UINT64_C(900000000000), 40000000); /* a backup */
    ends(f, T0 + FW_MINUTE, FW_PROTO_UDP, 40000, 3478, 900000000, 900000000);            /* a call */
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_denied_packets_count(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i * 2, "203.0.113.9", "10.1.4.23", FW_PROTO_TCP, 80);
        ev.sport = (uint16_t)(1024 + i);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"denied\":2560");
    fixture_close(f);
}

static void step2_unknown_outcomes_have_a_higher_bar(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 11000; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i * 9 / 10, "10.1.4.23", "203.0.113.80", FW_PROTO_TCP, 80);
        ev.sport = (uint16_t)(1024 + i);
        feed(f, &ev);
        if (i == 9000)
            assert_int_equal(f->count, 0);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"degraded\":[\"outcome\"]");
    fixture_close(f);
}

static void step3_few_lines_of_many_packets(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 12; i++) /* 12 sessions of 500 SYNs each */
        ends(f, T0 + i * 500, FW_PROTO_TCP, (uint16_t)(2000 + i), 80, UINT64_C(500) * 60, 0);
    assert_int_equal(f->count, 1);
    fixture_close(f);

    f = open_flood();
    ends(f, T0, FW_PROTO_UDP, 4000, 27015, UINT64_C(1500) * 10, 0);
    ends(f, T0 + FW_SECOND, FW_PROTO_UDP, 4000, 27015, UINT64_C(1500) * 30000, 0);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step4_an_upload_seen_from_one_side_is_none(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 60; i++)
        ends(f, T0 + i * 2 * FW_SECOND, FW_PROTO_TCP, (uint16_t)(2000 + i), 443, 50000000, 0);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step5_many_ports_are_told(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 2600; i++)
        ends(f, T0 + i * 2, FW_PROTO_TCP, (uint16_t)(1024 + i), (uint16_t)(i * 7), 60, 0);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "on many ports of tcp");
    assert_json_has(f, 0, "\"confidence\":60");
    fixture_close(f);
}

static void the_monitor_stays_quiet(void **state) {
    struct fixture *f = open_flood();
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i * 2, "10.9.9.9", "10.1.4.23", FW_PROTO_TCP, 80);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unanswered_sessions_at_300_a_second_are_reported),
        cmocka_unit_test(two_clocks_apart_hide_none),
        cmocka_unit_test(two_hundred_a_second_are_not),
        cmocka_unit_test(step1_one_way_protocols_inside_are_left_out),
        cmocka_unit_test(step2_answered_sessions_never_count),
        cmocka_unit_test(step2_denied_packets_count),
        cmocka_unit_test(step2_unknown_outcomes_have_a_higher_bar),
        cmocka_unit_test(step3_few_lines_of_many_packets),
        cmocka_unit_test(step4_an_upload_seen_from_one_side_is_none),
        cmocka_unit_test(step5_many_ports_are_told),
        cmocka_unit_test(the_monitor_stays_quiet),
    };
    return cmocka_run_group_tests_name("det_flood", tests, NULL, NULL);
}
