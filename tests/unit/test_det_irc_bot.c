/* irc_bot, step by step: the numbers are those of det_irc_bot.c. */
#include "fixture.h"

static struct fixture *open_irc(void) {
    return fixture_open("irc_bot", FW_ROLE_BIT(p2p_user), 0);
}

static void talk(struct fixture *f, enum fw_kind kind, fw_time time, const char *src, const char *dst, uint16_t port,
                 uint64_t seconds) {
    struct fw_event ev = flow(kind, time, src, dst, FW_PROTO_TCP, port);
    ev.sport = (uint16_t)(20000 + time / 1000 % 40000);
    if (kind == FW_KIND_FLOW_END) {
        ev.duration = seconds * 1000;
        ev.present |= FW_BIT(duration);
    }
    feed(f, &ev);
}

static void step1_only_tcp_from_home_to_irc_outside(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        const fw_time t = T0 + i * FW_MINUTE;
        talk(f, FW_KIND_FLOW_END, t, "10.1.4.23", "203.0.113.6", 443, 900);
        talk(f, FW_KIND_FLOW_END, t + 1, "203.0.113.7", "10.1.4.23", 6667, 900);
        talk(f, FW_KIND_FLOW_END, t + 2, "10.1.4.23", "10.9.0.1", 6667, 900);
        struct fw_event ev = flow(FW_KIND_FLOW_END, t, "10.1.4.23", "203.0.113.6", FW_PROTO_UDP, 6667);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_a_port_alone_is_nothing(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 50; i++) /* many servers, each tried once */
        talk(f, FW_KIND_FLOW_END, T0 + i * FW_SECOND, "10.1.4.23", host("203.0", i), 6667, 3);
    for (unsigned i = 0; i < 10; i++) /* all ports of one: a scan */
        talk(f, FW_KIND_FLOW_DENY, T0 + i * FW_SECOND, "10.1.4.24", "203.0.113.6", (uint16_t)(6660 + i), 0);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_a_syn_that_is_repeated_is_one_connection(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 7; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + (1 << i) * FW_SECOND, "10.1.4.23", "203.0.113.6", FW_PROTO_TCP, 6667);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_a_session_that_stays_may_be_a_person(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    talk(f, FW_KIND_FLOW_END, T0, "10.1.4.23", "203.0.113.6", 6697, 599);
    assert_int_equal(f->count, 0);
    talk(f, FW_KIND_FLOW_END, T0, "10.1.4.24", "203.0.113.6", 6697, 3600);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "irc_bot open: 10.1.4.24 met 203.0.113.6 on IRC's tcp/6697 once (0 denied), the longest 60 min");
    assert_json_has(f, 0, "\"confidence\":40");
    assert_json_has(f, 0, "\"degraded\":[]");
    fixture_close(f);
}

static void step4_a_source_counts_for_its_server_when_it_came_twice(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 9; i++) /* nine that came once are no herd */
        talk(f, FW_KIND_FLOW_START, T0 + i * FW_MINUTE, host("10.1", i), "203.0.113.6", 7000, 0);
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 3; i++)
        talk(f, FW_KIND_FLOW_START, T0 + (9 + i) * FW_MINUTE, host("10.1", i), "203.0.113.6", 7000, 0);
    assert_int_equal(f->count, 3);
    assert_text(f, 0,
                "irc_bot open: 10.1.0.3 met 203.0.113.6 on IRC's tcp/7000 2 times in 9 min (0 denied), one of 3 hosts "
                "there");
    assert_json_has(f, 1, "10.1.0.1 met 203.0.113.6 "); /* those that came before */
    assert_json_has(f, 2, "10.1.0.2 met 203.0.113.6 ");
    assert_json_has(f, 2, "one of 3 hosts there");
    fixture_close(f);
}

static void step5_five_connections_in_an_hour_are_a_bot(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 140; i += 5) { /* every twenty minutes is not often enough */
        const bool other = i % 20 != 0;
        talk(f, FW_KIND_FLOW_START, T0 + i * FW_MINUTE, other ? host("10.2", i) : "10.1.4.24", "203.0.113.6",
             other ? 443 : 6667, 0);
    }
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 5; i++)
        talk(f, FW_KIND_FLOW_START, T0 + (136 + i) * FW_MINUTE, "10.1.4.23", "203.0.113.7", 6667, 0);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "irc_bot open: 10.1.4.23 met 203.0.113.7 on IRC's tcp/6667 5 times in 4 min (0 denied)");
    assert_json_has(f, 0, "\"degraded\":[\"duration\"]"); /* starts only */
    assert_json_has(f, 0, "\"threshold\":5");
    fixture_close(f);
}

static void step5_denied_ones_count_and_raise_the_score(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 5; i++)
        talk(f, FW_KIND_FLOW_DENY, T0 + i * FW_MINUTE, "10.1.4.23", "203.0.113.6", 6667, 0);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"denied\":5");
    assert_json_has(f, 0, "\"risk_score\":42"); /* (55 + 10) * 65 % */
    fixture_close(f);
}

static void step5_two_signs_are_the_second_stage(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 5; i++)
        talk(f, FW_KIND_FLOW_END, T0 + i * FW_MINUTE, "10.1.4.23", "203.0.113.6", 6667, i == 4 ? 700 : 3);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"stage\":2");
    assert_json_has(f, 0, "\"confidence\":80");
    fixture_close(f);
}

static void a_known_user_of_peer_to_peer_stays_quiet(void **state) {
    struct fixture *f = open_irc();
    (void)state;
    for (unsigned i = 0; i < 20; i++)
        talk(f, FW_KIND_FLOW_START, T0 + i * FW_MINUTE, "10.9.9.9", "203.0.113.6", 6667, 0);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step1_only_tcp_from_home_to_irc_outside),
        cmocka_unit_test(step2_a_port_alone_is_nothing),
        cmocka_unit_test(step2_a_syn_that_is_repeated_is_one_connection),
        cmocka_unit_test(step3_a_session_that_stays_may_be_a_person),
        cmocka_unit_test(step4_a_source_counts_for_its_server_when_it_came_twice),
        cmocka_unit_test(step5_five_connections_in_an_hour_are_a_bot),
        cmocka_unit_test(step5_denied_ones_count_and_raise_the_score),
        cmocka_unit_test(step5_two_signs_are_the_second_stage),
        cmocka_unit_test(a_known_user_of_peer_to_peer_stays_quiet),
    };
    return cmocka_run_group_tests_name("det_irc_bot", tests, NULL, NULL);
}
