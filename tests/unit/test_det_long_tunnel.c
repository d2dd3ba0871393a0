/* long_tunnel and ssh_tunnel, step by step: the numbers are those of det_long_tunnel.c and det_ssh_tunnel.c. */
#include "fixture.h"

static void session(struct fixture *f, enum fw_kind kind, fw_time time, const char *src, const char *dst, uint16_t port,
                    uint16_t sport, fw_time lasted) {
    struct fw_event ev = flow(kind, time, src, dst, FW_PROTO_TCP, port);
    ev.sport = sport;
    if (kind == FW_KIND_FLOW_END) {
        ev.duration = (uint64_t)lasted;
        ev.sent = 1000;
        ev.rcvd = 200000;
        ev.present |= FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd);
    }
    feed(f, &ev);
}

/* Others work on, in sessions of seconds; the sensor is known to log ends. */
static void pass(struct fixture *f, fw_time from, fw_time to) {
    for (fw_time t = from; t < to; t += 4 * FW_MINUTE) {
        session(f, FW_KIND_FLOW_START, t, "10.1.1.1", "192.0.2.80", 443, (uint16_t)(20000 + t / 1000 % 30000), 0);
        session(f, FW_KIND_FLOW_END, t + 2000, "10.1.1.1", "192.0.2.80", 443, (uint16_t)(20000 + t / 1000 % 30000),
                2000);
    }
}

static void step1_only_the_web_from_home_to_outside(void **state) {
    struct fixture *f = fixture_open("long_tunnel", FW_ROLE_BIT(proxy), 0);
    (void)state;
    session(f, FW_KIND_FLOW_END, T0, "10.1.4.23", "10.1.0.5", 443, 4000, 9 * FW_HOUR);
    session(f, FW_KIND_FLOW_END, T0, "203.0.113.1", "10.1.0.5", 443, 4000, 9 * FW_HOUR);
    session(f, FW_KIND_FLOW_END, T0, "10.1.4.23", "203.0.113.1", 993, 4000, 9 * FW_HOUR);
    session(f, FW_KIND_FLOW_END, T0, "10.9.9.9", "203.0.113.1", 443, 4000, 9 * FW_HOUR); /* the proxy */
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_at_its_end_where_only_ends_are_logged(void **state) {
    struct fixture *f = fixture_open("long_tunnel", 0, 0);
    (void)state;
    session(f, FW_KIND_FLOW_END, T0, "10.1.4.23", "203.0.113.1", 443, 4000, FW_HOUR - 1);
    assert_int_equal(f->count, 0);
    session(f, FW_KIND_FLOW_END, T0 + 1, "10.1.4.23", "203.0.113.1", 443, 4001, FW_HOUR);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "long_tunnel open: 10.1.4.23 had a session of the web to 203.0.113.1 (tcp/443) open for 60 min, 1000 "
                "bytes out and 195 KiB in");
    assert_json_has(f, 0, "\"start\":\"2026-10-12T07:00:00.001Z\"");
    pass(f, T0 + 2000, T0 + FW_HOUR);
    session(f, FW_KIND_FLOW_END, T0 + FW_HOUR, "10.1.4.23", "203.0.113.1", 443, 4002, 2 * FW_HOUR);
    assert_int_equal(f->count, 1); /* the same rung */
    pass(f, T0 + FW_HOUR, T0 + 2 * FW_HOUR);
    session(f, FW_KIND_FLOW_END, T0 + 2 * FW_HOUR, "10.1.4.23", "203.0.113.1", 443, 4003, 12 * FW_HOUR);
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, "\"stage\":4");
    fixture_close(f);
}

static void step4_while_it_lasts_where_openings_are_logged(void **state) {
    struct fixture *f = fixture_open("long_tunnel", 0, 0);
    (void)state;
    pass(f, T0 - FW_HOUR, T0);
    session(f, FW_KIND_FLOW_START, T0, "10.1.4.23", "203.0.113.1", 443, 4000, 0);
    pass(f, T0 + 1000, T0 + 62 * FW_MINUTE);
    assert_int_equal(f->count, 0);
    pass(f, T0 + 62 * FW_MINUTE, T0 + 70 * FW_MINUTE);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "long_tunnel open: 10.1.4.23 has had a session of the web to 203.0.113.1 (tcp/443) open for 61 min");
    pass(f, T0 + 70 * FW_MINUTE, T0 + 250 * FW_MINUTE);
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, "\"stage\":2");
    session(f, FW_KIND_FLOW_END, T0 + 251 * FW_MINUTE, "10.1.4.23", "203.0.113.1", 443, 4000, 251 * FW_MINUTE);
    pass(f, T0 + 252 * FW_MINUTE, T0 + 8 * FW_HOUR); /* it is over */
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

static void step4_what_ended_is_not_open(void **state) {
    struct fixture *f = fixture_open("long_tunnel", 0, 0);
    (void)state;
    pass(f, T0 - FW_HOUR, T0);
    for (unsigned i = 0; i < 6; i++) /* more than are followed */
        session(f, FW_KIND_FLOW_START, T0 + i, "10.1.4.23", "203.0.113.1", 443, (uint16_t)(4000 + i), 0);
    for (unsigned i = 0; i < 6; i++)
        session(f, FW_KIND_FLOW_END, T0 + 5000 + i, "10.1.4.23", "203.0.113.1", 443, (uint16_t)(4000 + i), 5000);
    pass(f, T0 + 6000, T0 + 2 * FW_HOUR);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_lost_ends_are_not_believed_for_long(void **state) {
    struct fixture *f = fixture_open("long_tunnel", 0, 0);
    (void)state;
    pass(f, T0 - FW_HOUR, T0);
    for (unsigned i = 0; i < 40; i++)
        session(f, FW_KIND_FLOW_START, T0 + i * 10 * FW_MINUTE, host("10.2", i), host("203.0", 300 * i), 443, 4000, 0);
    for (unsigned i = 0; i < 12; i++)
        pass(f, T0 + (390 + i * 10) * FW_MINUTE, T0 + (400 + i * 10) * FW_MINUTE);
    pass(f, T0 + 510 * FW_MINUTE, T0 + 20 * FW_HOUR);
    size_t opened = 0;
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        opened += strstr(f->documents[i].text, " open: ") != NULL;
    assert_in_range(opened, 1, 40); /* those of one look */
    fixture_close(f);
}

static void step6_a_service_has_many_users(void **state) {
    struct fixture *f = fixture_open("long_tunnel", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        session(f, FW_KIND_FLOW_END, T0 + i * FW_MINUTE, host("10.2", i), i % 2 == 0 ? "203.0.113.1" : "203.0.113.9",
                443, 4000, 2 * FW_HOUR);
    assert_int_equal(f->count, 2); /* the third made it one */
    fixture_close(f);
}

static void ssh_step1_only_across_the_border(void **state) {
    struct fixture *f = fixture_open("ssh_tunnel", FW_ROLE_BIT(admin_host), 0);
    (void)state;
    session(f, FW_KIND_FLOW_END, T0, "10.1.4.23", "10.1.0.5", 22, 4000, 9 * FW_HOUR);
    session(f, FW_KIND_FLOW_END, T0, "10.9.9.9", "203.0.113.1", 22, 4000, 9 * FW_HOUR);
    assert_int_equal(f->count, 0);
    session(f, FW_KIND_FLOW_END, T0, "203.0.113.1", "10.1.0.5", 22, 4000, 25 * FW_MINUTE);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "203.0.113.1 had a session of SSH to 10.1.0.5 (tcp\\/22) open for 25 min");
    fixture_close(f);
}

static void ssh_step5_thirty_in_an_hour_from_inside(void **state) {
    struct fixture *f = fixture_open("ssh_tunnel", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 40; i++) /* guessing from outside is another matter */
        session(f, FW_KIND_FLOW_END, T0 + i * FW_MINUTE, "203.0.113.1", "10.1.0.5", 22, (uint16_t)(4000 + i), 2000);
    for (unsigned i = 0; i < 25; i++)
        session(f, FW_KIND_FLOW_END, T0 + FW_HOUR + i * FW_MINUTE, "10.1.4.24", "203.0.113.1", 22, (uint16_t)(4000 + i),
                2000);
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 30; i++)
        session(f, FW_KIND_FLOW_END, T0 + 3 * FW_HOUR + i * FW_MINUTE, "10.1.4.23", "203.0.113.1", 22,
                (uint16_t)(4000 + i), 2000);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "10.1.4.23 opened 30 sessions of SSH to 203.0.113.1 (tcp\\/22) in an hour");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step1_only_the_web_from_home_to_outside),
        cmocka_unit_test(step3_at_its_end_where_only_ends_are_logged),
        cmocka_unit_test(step4_while_it_lasts_where_openings_are_logged),
        cmocka_unit_test(step4_what_ended_is_not_open),
        cmocka_unit_test(step4_lost_ends_are_not_believed_for_long),
        cmocka_unit_test(step6_a_service_has_many_users),
        cmocka_unit_test(ssh_step1_only_across_the_border),
        cmocka_unit_test(ssh_step5_thirty_in_an_hour_from_inside),
    };
    return cmocka_run_group_tests_name("det_long_tunnel", tests, NULL, NULL);
}
