/* slow_scan, step by step: the numbers are those of det_slow_scan.c. */
#include "fixture.h"

static struct fixture *open_slow(void) {
    return fixture_open("slow_scan", FW_ROLE_BIT(nms), 0);
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

/* Hours pass between two lines, so the engine waits for a second opinion on the time; there is none. */
static void settle(struct fixture *f) {
    fw_engine_settle(f->engine);
    fixture_collect(f);
}

static void a_source_outside_that_comes_every_20_minutes_is_reported(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 9; i++)
        deny(f, T0 + i * 20 * FW_MINUTE, "203.0.113.5", host("10.2", i), (uint16_t)(i % 2 ? 22 : 8080));
    settle(f);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "slow_scan open: 203.0.113.5 slowly tried 9 services in 2 h (9 denied)");
    assert_json_has(f, 0, "\"destination\":\"10.2.0.1\",\"port\":8080");
    fixture_close(f);
}

static void step1_replies_are_left_out(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + i * 20 * FW_MINUTE, "203.0.113.53", host("10.2", i), FW_PROTO_UDP, 0);
        ev.sport = 53;
        ev.dport = (uint16_t)(20000 + i * 7);
        feed(f, &ev);
    }
    settle(f);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

/* File sharing on 6881: who of its peers answered is not told. */
static void step1_peers_are_left_out_where_the_log_does_not_tell(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        const fw_time t = T0 + i * FW_MINUTE;
        struct fw_event ev = flow(FW_KIND_FLOW_START, t, "10.1.2.3", host("198.51", i), FW_PROTO_UDP, 6881);
        feed(f, &ev);
        ev = flow(FW_KIND_FLOW_START, t, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 6881);
        feed(f, &ev);
        ev = flow(FW_KIND_FLOW_START, t, "10.1.2.4", host("198.51", i), FW_PROTO_TCP, 3389); /* worms go there */
        feed(f, &ev);
    }
    settle(f);
    assert_true(f->count >= 1);
    for (size_t i = 0; i < f->count; i++)
        assert_json_has(f, i, "10.1.2.4");
    fixture_close(f);
}

static void step2_unknown_outcomes_raise_the_bar_four_times(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 71; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i / 2 * 20 * FW_MINUTE + i % 2,
                                  i % 2 ? "203.0.113.6" : "203.0.113.5", host("10.2", i), FW_PROTO_TCP, 22);
        feed(f, &ev); /* 36 of the one, 35 of the other */
    }
    settle(f);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"degraded\":[\"outcome\"]");
    fixture_close(f);
}

static void step3_the_same_contact_again_counts_once(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        deny(f, T0 + i * 5 * FW_MINUTE, "203.0.113.5", host("10.2", i % 8), 22);
    settle(f);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_ports_of_one_host_are_contacts(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 9; i++)
        deny(f, T0 + i * 30 * FW_MINUTE, "203.0.113.5", "10.2.0.1", (uint16_t)(20 + i));
    settle(f);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step4_hosts_by_service_of_a_source_inside(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 25; i++) {
        deny(f, T0 + i * 20 * FW_MINUTE, "10.1.2.3", host("198.51", i), 445);
        deny(f, T0 + i * 20 * FW_MINUTE, "10.1.2.4", host("198.51", i), 443); /* where the web is denied */
        deny(f, T0 + i * 20 * FW_MINUTE, "10.1.2.5", host("198.51", i), (uint16_t)(30000 + i));
    }
    settle(f);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "slow_scan open: 10.1.2.3 slowly tried 25 hosts on tcp/445 in 8 h (25 denied)");
    fixture_close(f);
}

static void step4_low_ports_by_host_of_a_source_inside(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 15; i++) {
        deny(f, T0 + i * 20 * FW_MINUTE, "10.1.2.3", "10.2.0.1", (uint16_t)(20 + i));
        deny(f, T0 + i * 20 * FW_MINUTE, "10.1.2.4", "10.2.0.1", (uint16_t)(49152 + i)); /* FTP, RPC */
    }
    settle(f);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "slow_scan open: 10.1.2.3 slowly tried 15 ports of 10.2.0.1 in 4 h (15 denied)");
    fixture_close(f);
}

static void step5_a_service_that_is_used_is_none(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 400; i++) { /* one of four does not answer */
        end(f, T0 + i * 3 * FW_MINUTE, "10.1.2.3", host("198.51", i), 993, i % 4 == 0 ? 0 : 9000);
        end(f, T0 + i * 3 * FW_MINUTE, "10.1.2.4", host("198.51", i), 8443, i % 2 == 0 ? 0 : 9000);
    }
    settle(f);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step6_an_outage_is_over_too_soon(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        deny(f, T0 + i * 20 * FW_SECOND, "10.1.2.3", host("198.51", i), 993);
    settle(f);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step6_the_window_slides(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 60; i++) /* eight a day */
        deny(f, T0 + i * 190 * FW_MINUTE, "203.0.113.5", host("10.2", i), 22);
    settle(f);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step7_stages_rise(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 150; i++)
        deny(f, T0 + i * 7 * FW_MINUTE, "203.0.113.5", host("10.2", i), 22);
    settle(f);
    assert_json_has(f, f->count - 1, "\"stage\":3");
    fixture_close(f);
}

static void a_scan_of_the_same_source_mutes_it(void **state) {
    struct fixture *f = fixture_open(NULL, 0, 0);
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        deny(f, T0 + i * 30 * FW_SECOND, "203.0.113.5", host("10.2", i), 22);
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        if (strncmp(f->documents[i].text, "addr_scan ", 10) != 0)
            fail_msg("%s", f->documents[i].text);
    assert_true(f->count > 0);
    fixture_close(f);
}

static void a_role_keeps_its_hosts_quiet(void **state) {
    struct fixture *f = open_slow();
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        deny(f, T0 + i * 10 * FW_MINUTE, "10.9.9.9", host("10.2", i), 22);
    settle(f);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void slow_ones_survive_sources_that_come_once(void **state) {
    struct fixture *f = fixture_open("slow_scan", 0, FW_MEMORY_MIN);
    char src[FW_ADDR_TEXT_MAX];
    (void)state;
    for (unsigned s = 0; s < 400; s++) { /* ten a second, in 33 minutes of them 20,000, spread over 6.6 hours */
        for (unsigned n = 0; n < 50; n++) {
            const unsigned id = s * 50 + n;
            (void)snprintf(src, sizeof src, "%u.%u.%u.%u", 11 + id / 62500 / 200, 1 + id / 62500 % 200,
                           1 + id / 250 % 250, 1 + id % 250);
            deny(f, T0 + s * FW_MINUTE + n * 1000, src, "10.2.0.1", 23);
        }
        if (s % 30 == 0)
            deny(f, T0 + s * FW_MINUTE + 55 * FW_SECOND, "203.0.113.5", host("10.3", s), 3389);
    }
    unsigned findings = 0;
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        findings += strncmp(f->documents[i].text, "slow_scan open", 14) == 0;
    assert_int_equal(findings, 1);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_outside_that_comes_every_20_minutes_is_reported),
        cmocka_unit_test(step1_replies_are_left_out),
        cmocka_unit_test(step1_peers_are_left_out_where_the_log_does_not_tell),
        cmocka_unit_test(step2_unknown_outcomes_raise_the_bar_four_times),
        cmocka_unit_test(step3_the_same_contact_again_counts_once),
        cmocka_unit_test(step3_ports_of_one_host_are_contacts),
        cmocka_unit_test(step4_hosts_by_service_of_a_source_inside),
        cmocka_unit_test(step4_low_ports_by_host_of_a_source_inside),
        cmocka_unit_test(step5_a_service_that_is_used_is_none),
        cmocka_unit_test(step6_an_outage_is_over_too_soon),
        cmocka_unit_test(step6_the_window_slides),
        cmocka_unit_test(step7_stages_rise),
        cmocka_unit_test(a_scan_of_the_same_source_mutes_it),
        cmocka_unit_test(a_role_keeps_its_hosts_quiet),
        cmocka_unit_test(slow_ones_survive_sources_that_come_once),
    };
    return cmocka_run_group_tests_name("det_slow_scan", tests, NULL, NULL);
}
