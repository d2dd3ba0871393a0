/* worm, step by step: the numbers are those of det_worm.c. */
#include "fixture.h"

static struct fixture *open_worm(void) {
    return fixture_open("worm", FW_ROLE_BIT(scanner), 0);
}

static void deny(struct fixture *f, fw_time time, const char *src, const char *dst, uint8_t proto, uint16_t dport) {
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, time, src, dst, proto, dport);
    feed(f, &ev);
}

static void end(struct fixture *f, fw_time time, const char *src, const char *dst, uint8_t proto, uint16_t dport,
                uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, proto, dport);
    ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
    ev.sent = 120;
    ev.rcvd = rcvd;
    feed(f, &ev);
}

static void fifteen_hosts_in_three_minutes_are_reported_once(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 25; i++)
        deny(f, T0 + i * 10 * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "worm open: 10.1.2.3 searches like a worm: 15 hosts on tcp/445 in 2 min (15 denied)");
    assert_json_has(f, 0, "\"confidence\":90");
    assert_json_has(f, 0, "\"technique\":{\"id\":[\"T1210\"]");
    fixture_close(f);
}

static void step1_sources_outside_and_common_services_are_left_out(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        deny(f, T0 + i * 100, "203.0.113.5", host("10.2", i), FW_PROTO_TCP, 445);
        deny(f, T0 + i * 100, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 443); /* the line is down */
        deny(f, T0 + i * 100, "10.1.2.3", host("198.51", i), FW_PROTO_UDP, 123);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_mail_of_a_mail_server_is_left_out(void **state) {
    struct fixture *f = fixture_open("worm", FW_ROLE_BIT(mail_server), 0);
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        end(f, T0 + i * FW_SECOND, "10.9.9.9", host("198.51", i), FW_PROTO_TCP, 25, 0);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_unanswered_sessions_are_failures(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 15; i++)
        end(f, T0 + i * 10 * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_UDP, 6892, 0);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"confidence\":75");
    fixture_close(f);
}

static void step3_a_service_that_answered_is_not_new(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        end(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 5222, 4000);
    for (unsigned i = 0; i < 100; i++) /* hours later it is down */
        deny(f, T0 + 5 * FW_HOUR + i * FW_SECOND, "10.1.2.3", host("203.0", i), FW_PROTO_TCP, 5222);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_and_is_new_again_after_a_day(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        end(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 5222, 4000);
    for (unsigned i = 0; i < 50; i++)
        deny(f, T0 + 30 * FW_HOUR + i * FW_SECOND, "10.1.2.3", host("203.0", i), FW_PROTO_TCP, 5222);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step3_answers_take_destinations_back(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        deny(f, T0 + i * 100, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 22);
        end(f, T0 + i * 100 + 50, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 22, 4000);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_the_same_destination_again_counts_once(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 1000; i++) /* a laptop away from home, and its servers */
        deny(f, T0 + i * 100, "10.1.2.3", host("198.51", i % 8), FW_PROTO_TCP, 445);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step5_slower_ones_are_not(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        deny(f, T0 + i * 13 * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step5_nine_in_a_burst_are_enough(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        assert_int_equal(f->count, 0);
        deny(f, T0 + i * 300, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 23);
    }
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

/* A share that was gone half an hour ago is no evidence: infection_chain looks for who came before the start. */
static void step5_a_stray_before_is_no_part_of_it(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    deny(f, T0, "10.1.2.3", host("10.3", 1), FW_PROTO_TCP, 445);
    deny(f, T0 + 5 * FW_SECOND, "10.1.2.3", host("10.3", 2), FW_PROTO_TCP, 445);
    for (unsigned i = 0; i < 25; i++)
        deny(f, T0 + 25 * FW_MINUTE + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "worm open: 10.1.2.3 searches like a worm: 15 hosts on tcp/445 in 14 s (15 denied)");
    fixture_close(f);
}

static void step5_unknown_outcomes_raise_the_bar_four_times(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        assert_int_equal(f->count, 0);
        struct fw_event ev =
            flow(FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"degraded\":[\"outcome\"]");
    assert_json_has(f, 0, "\"confidence\":60");
    fixture_close(f);
}

static void step6_many_ports_of_both_protocols_are_rather_p2p(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 60; i++)
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("203.0", i), i % 2 ? FW_PROTO_TCP : FW_PROTO_UDP,
             (uint16_t)(20000 + i * 331));
    for (unsigned i = 0; i < 15; i++)
        deny(f, T0 + 60 * FW_SECOND + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_UDP, 6881);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "worm open: 10.1.2.3 searches like a worm: 15 hosts on udp/6881 in 14 s (15 denied), P2P suspected");
    assert_json_has(f, 0, "\"confidence\":40");
    fixture_close(f);
}

static void step7_the_ladder(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 330; i++)
        deny(f, T0 + i * 3 * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
    assert_json_has(f, f->count - 1, "\"stage\":2");
    for (unsigned i = 330; i < 2600; i++)
        deny(f, T0 + 990 * FW_SECOND + (i - 330) * 500, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
    assert_json_has(f, f->count - 1, "\"stage\":3");
    fw_engine_idle(f->engine, FW_HOUR);
    fixture_collect(f);
    assert_json_has(f, f->count - 1, "\"action\":\"finding-close\"");
    fixture_close(f);
}

static void step7_a_slow_one_stays_on_its_step(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 2600; i++)
        deny(f, T0 + i * 10 * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        assert_json_has(f, i, "\"stage\":1");
    fixture_close(f);
}

static void a_role_keeps_its_hosts_quiet(void **state) {
    struct fixture *f = open_worm();
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        deny(f, T0 + i * 100, "10.9.9.9", host("198.51", i), FW_PROTO_TCP, 445);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void it_mutes_the_address_scan_of_the_same_service(void **state) {
    struct fixture *f = fixture_open(NULL, 0, 0);
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        if (strncmp(f->documents[i].text, "worm ", 5) != 0)
            fail_msg("%s", f->documents[i].text);
    assert_true(f->count > 0);
    fixture_close(f);
}

static struct fw_detector_stats stats_of(const struct fixture *f) {
    struct fw_detector_stats stats = {.bytes = 0};
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        if (strcmp(fw_detectors[i]->name, "worm") == 0)
            fw_detectors[i]->get_stats(fw_engine_detector(f->engine, i)->det, &stats);
    return stats;
}

/* Contacts of the morning hold all the memory there is for sets, though there is room for more entries. */
static void a_worm_is_seen_when_the_memory_of_sets_is_used_up(void **state) {
    struct fixture *f = fixture_open("worm", 0, 24 << 20);
    const uint64_t many = stats_of(f).table.capacity - 10;
    (void)state;
    for (unsigned i = 0; i < many; i++)
        for (unsigned j = 0; j < 2; j++)
            deny(f, T0 + i + j, host("10.1", i), host("198.51", i + j), FW_PROTO_TCP, 445);
    assert_true(stats_of(f).table.held < many);
    assert_true(stats_of(f).table.evicted > 0);
    for (unsigned i = 0; i < 15; i++)
        deny(f, T0 + 2 * FW_MINUTE + i * 10 * FW_SECOND, "10.200.2.3", host("203.0", i), FW_PROTO_TCP, 445);
    assert_true(f->count > 0); /* behind a health notice, perhaps */
    assert_text(f, f->count - 1,
                "worm open: 10.200.2.3 searches like a worm: 15 hosts on tcp/445 in 2 min (15 denied)");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifteen_hosts_in_three_minutes_are_reported_once),
        cmocka_unit_test(step1_sources_outside_and_common_services_are_left_out),
        cmocka_unit_test(step1_mail_of_a_mail_server_is_left_out),
        cmocka_unit_test(step2_unanswered_sessions_are_failures),
        cmocka_unit_test(step3_a_service_that_answered_is_not_new),
        cmocka_unit_test(step3_and_is_new_again_after_a_day),
        cmocka_unit_test(step3_answers_take_destinations_back),
        cmocka_unit_test(step4_the_same_destination_again_counts_once),
        cmocka_unit_test(step5_slower_ones_are_not),
        cmocka_unit_test(step5_nine_in_a_burst_are_enough),
        cmocka_unit_test(step5_a_stray_before_is_no_part_of_it),
        cmocka_unit_test(step5_unknown_outcomes_raise_the_bar_four_times),
        cmocka_unit_test(step6_many_ports_of_both_protocols_are_rather_p2p),
        cmocka_unit_test(step7_the_ladder),
        cmocka_unit_test(step7_a_slow_one_stays_on_its_step),
        cmocka_unit_test(a_role_keeps_its_hosts_quiet),
        cmocka_unit_test(it_mutes_the_address_scan_of_the_same_service),
        cmocka_unit_test(a_worm_is_seen_when_the_memory_of_sets_is_used_up),
    };
    return cmocka_run_group_tests_name("det_worm", tests, NULL, NULL);
}
