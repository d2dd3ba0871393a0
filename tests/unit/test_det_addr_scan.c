/* addr_scan, step by step: the numbers are those of det_addr_scan.c. */
#include "fixture.h"

static struct fixture *open_scan(void) {
    return fixture_open("addr_scan", FW_ROLE_BIT(nms), 0);
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

static void a_home_source_that_sweeps_a_port_is_reported_once(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), 445);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "addr_scan open: 10.1.2.3 tried 25 hosts on tcp/445 in 24 s (25 denied)");
    assert_json_has(f, 0, "\"class\":\"threat\"");
    assert_json_has(f, 0, "\"source\":{\"ip\":\"10.1.2.3\"}");
    assert_json_has(f, 0, "\"technique\":{\"id\":[\"T1046\"]");
    fixture_close(f);
}

static void step1_replies_and_groups_are_no_attempts(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        struct fw_event reset = flow(FW_KIND_FLOW_DENY, T0 + i, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 40000);
        reset.tcp_flags = FW_TCP_RST;
        reset.present |= FW_BIT(tcp_flags);
        feed(f, &reset);
        struct fw_event group = flow(FW_KIND_FLOW_DENY, T0 + i, "10.1.2.3", host("239.1", i), FW_PROTO_UDP, 5353);
        feed(f, &group);
        struct fw_event gre = flow(FW_KIND_FLOW_DENY, T0 + i, "10.1.2.3", host("198.51", i), 47, 0);
        feed(f, &gre);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_fin_scans_that_are_denied_are_attempts(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event fin = flow(FW_KIND_FLOW_DENY, T0 + i, "203.0.113.5", host("10.2", i), FW_PROTO_TCP, 22);
        fin.tcp_flags = FW_TCP_FIN;
        fin.present |= FW_BIT(tcp_flags);
        feed(f, &fin);
    }
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step2_sessions_without_an_answer_are_failures(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 25; i++)
        end(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), 445, 0);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step2_sessions_with_answers_are_not(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 2000; i++)
        end(f, T0 + i * 100, "10.1.2.3", host("198.51", i), 443, 5000);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_a_start_waits_for_its_end_where_ends_are_logged(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    end(f, T0, "10.7.7.7", "198.51.100.1", 443, 5000); /* this sensor logs ends */
    for (unsigned i = 0; i < 2000; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i * 100, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 443);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_an_answer_takes_a_destination_back(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 24; i++)
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), 445);
    end(f, T0 + 24 * FW_SECOND, "10.1.2.3", host("198.51", 3), 445, 5000);
    deny(f, T0 + 25 * FW_SECOND, "10.1.2.3", host("198.51", 100), 445);
    assert_int_equal(f->count, 0); /* 24 again */
    deny(f, T0 + 26 * FW_SECOND, "10.1.2.3", host("198.51", 101), 445);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step3_answers_hold_the_walk_of_a_busy_client_down(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 200; i++) { /* one failure among two answers, always to others */
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), 443);
        end(f, T0 + i * FW_SECOND, "10.1.2.3", host("203.0", i), 443, 9000);
        end(f, T0 + i * FW_SECOND, "10.1.2.3", host("203.1", i), 443, 9000);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_the_same_destination_again_counts_once(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        deny(f, T0 + i * 100, "10.1.2.3", host("198.51", i % 5), 445);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_the_window_slides(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    /* 24 in the window at any time: one every 38 s, 900 / 38 < 24 */
    for (unsigned i = 0; i < 300; i++)
        deny(f, T0 + i * 38 * FW_SECOND, "10.1.2.3", host("198.51", i), 445);
    assert_int_equal(f->count, 0);
    /* 25 that straddle what would be the edge of a tumbling window */
    for (unsigned i = 0; i < 25; i++)
        deny(f, T0 + 20000 * FW_SECOND + i * 35 * FW_SECOND, "10.1.2.4", host("198.51", i), 445);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step5_a_remote_source_is_reported_at_25(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 24; i++)
        deny(f, T0 + i * FW_SECOND, "203.0.113.5", host("10.2", i), 22);
    assert_int_equal(f->count, 0);
    deny(f, T0 + 24 * FW_SECOND, "203.0.113.5", host("10.2", 24), 22);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step5_ten_in_a_burst_are_enough_for_a_home_source(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        deny(f, T0 + i * 200, "10.1.2.3", host("198.51", i), 1083);
        deny(f, T0 + i * 200, "10.1.2.4", host("198.51", i), 443);                   /* the line is down */
        deny(f, T0 + i * 200, "203.0.113.5", host("10.2", i), 22);                   /* outside */
        deny(f, T0 + i * FW_SECOND, "10.1.2.5", host("198.51", i), 1083);            /* not so fast */
        end(f, T0 + i * 200, "10.1.2.6", host("198.51", i), 1083, i < 2 ? 9000 : 0); /* some answer */
    }
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "addr_scan open: 10.1.2.3 tried 10 hosts on tcp/1083 in 1 s (10 denied)");
    fixture_close(f);
}

static void step3_an_echo_inside_counts_answered_or_not(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 10; i++)
        for (unsigned k = 0; k < 2; k++) {
            struct fw_event ev = flow(FW_KIND_FLOW_END, T0 + i * 200, k ? "10.1.2.3" : "10.1.2.4",
                                      host(k ? "10.2" : "198.51", i), FW_PROTO_ICMP, 0);
            ev.present &= ~(FW_BIT(sport) | FW_BIT(dport));
            ev.present |= FW_BIT(icmp_type) | FW_BIT(sent) | FW_BIT(rcvd);
            ev.icmp_type = 8;
            ev.sent = 64;
            ev.rcvd = 64;
            feed(f, &ev);
        }
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "addr_scan open: 10.1.2.3 tried 10 hosts on icmp echo in 1 s (0 denied)");
    fixture_close(f);
}

/* An ASA names no type and logs no end of it that says anything. */
static void step3_an_echo_inside_counts_where_the_log_does_not_tell(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i * 200, "10.1.2.3", host("10.2", i), FW_PROTO_ICMP, 0);
        ev.present &= ~(FW_BIT(sport) | FW_BIT(dport));
        feed(f, &ev);
        end(f, T0 + i * 200, "10.1.2.4", "198.51.100.1", 443, 9000); /* of TCP it does */
    }
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "addr_scan open: 10.1.2.3 tried 10 hosts on icmp echo in 1 s (0 denied)");
    fixture_close(f);
}

/* 10.9.9.9 is the proxy: what it cannot reach was asked for by others. Its calls to other services are its own. */
static void step1_a_proxy_calls_for_others(void **state) {
    struct fixture *f = fixture_open("addr_scan", FW_ROLE_BIT(proxy), 0);
    (void)state;
    for (unsigned i = 0; i < 400; i++) {
        end(f, T0 + i * 500, "10.9.9.9", host("198.51", i), 443, 0);
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i * 500, "10.1.2.53", host("198.51", i), FW_PROTO_UDP, 53);
        ev.present |= FW_BIT(bytes); /* nobody told that this is a resolver */
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 30; i++)
        end(f, T0 + 300 * FW_SECOND + i * 500, "10.9.9.9", host("198.51", i), 445, 0);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step5_unknown_outcomes_raise_the_bar_four_times(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(f->count, 0);
        struct fw_event ev =
            flow(FW_KIND_FLOW_START, T0 + i * FW_SECOND, "203.0.113.5", host("10.2", i), FW_PROTO_TCP, 22);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"degraded\":[\"outcome\"]");
    fixture_close(f);
}

static void step6_stages_rise_and_the_finding_closes(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 2000; i++)
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), 445);
    assert_true(f->count >= 3);
    assert_json_has(f, f->count - 1, "\"stage\":3");
    fw_engine_idle(f->engine, FW_HOUR);
    fixture_collect(f);
    assert_json_has(f, f->count - 1, "\"action\":\"finding-close\"");
    assert_json_has(f, f->count - 1, "\"close_reason\":\"quiet\"");
    assert_non_null(strstr(f->documents[f->count - 1].text, "(2000 denied)"));
    fixture_close(f);
}

static void two_ports_are_two_matters(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), 445);
        deny(f, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), 139);
    }
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

static void a_role_keeps_its_hosts_quiet_and_is_counted(void **state) {
    struct fixture *f = open_scan();
    struct fw_counters counters;
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        deny(f, T0 + i * FW_SECOND, "10.9.9.9", host("10.2", i), 161);
    assert_int_equal(f->count, 0);
    fw_engine_get_counters(f->engine, &counters);
    assert_int_equal(counters.events_suppressed, 300);
    fixture_close(f);
}

static void slow_scanners_survive_a_flood_of_made_up_sources(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, FW_MEMORY_MIN);
    char src[FW_ADDR_TEXT_MAX];
    (void)state;
    /* 20 scanners, one probe every 30 s each, among 1,000 new sources a second for 13 minutes */
    for (unsigned s = 0; s < 800; s++) {
        for (unsigned n = 0; n < 1000; n++) {
            const unsigned id = s * 1000 + n;
            (void)snprintf(src, sizeof src, "%u.%u.%u.%u", 11 + id / (200 * 250 * 250), 1 + id / 62500 % 200,
                           1 + id / 250 % 250, 1 + id % 250);
            deny(f, T0 + s * FW_SECOND + n, src, "10.2.0.1", 23);
        }
        if (s % 30 == 0)
            for (unsigned k = 0; k < 20; k++) {
                (void)snprintf(src, sizeof src, "203.0.113.%u", 1 + k);
                deny(f, T0 + s * FW_SECOND + 999, src, host("10.3", s), 3389);
            }
    }
    unsigned findings = 0, health = 0;
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++) {
        findings += f->documents[i].kind == FW_DOCUMENT_FINDING;
        health += f->documents[i].kind == FW_DOCUMENT_HEALTH;
    }
    assert_int_equal(findings, 20);
    assert_int_equal(health, 1); /* that the gate lost first sightings */
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_home_source_that_sweeps_a_port_is_reported_once),
        cmocka_unit_test(step1_replies_and_groups_are_no_attempts),
        cmocka_unit_test(step1_fin_scans_that_are_denied_are_attempts),
        cmocka_unit_test(step2_sessions_without_an_answer_are_failures),
        cmocka_unit_test(step2_sessions_with_answers_are_not),
        cmocka_unit_test(step2_a_start_waits_for_its_end_where_ends_are_logged),
        cmocka_unit_test(step3_an_answer_takes_a_destination_back),
        cmocka_unit_test(step3_answers_hold_the_walk_of_a_busy_client_down),
        cmocka_unit_test(step4_the_same_destination_again_counts_once),
        cmocka_unit_test(step4_the_window_slides),
        cmocka_unit_test(step5_a_remote_source_is_reported_at_25),
        cmocka_unit_test(step5_ten_in_a_burst_are_enough_for_a_home_source),
        cmocka_unit_test(step3_an_echo_inside_counts_answered_or_not),
        cmocka_unit_test(step3_an_echo_inside_counts_where_the_log_does_not_tell),
        cmocka_unit_test(step1_a_proxy_calls_for_others),
        cmocka_unit_test(step5_unknown_outcomes_raise_the_bar_four_times),
        cmocka_unit_test(step6_stages_rise_and_the_finding_closes),
        cmocka_unit_test(two_ports_are_two_matters),
        cmocka_unit_test(a_role_keeps_its_hosts_quiet_and_is_counted),
        cmocka_unit_test(slow_scanners_survive_a_flood_of_made_up_sources),
    };
    return cmocka_run_group_tests_name("det_addr_scan", tests, NULL, NULL);
}
