/* port_scan, step by step: the numbers are those of det_port_scan.c. */
#include "fixture.h"

static struct fixture *open_scan(void) {
    return fixture_open("port_scan", FW_ROLE_BIT(nms), 0);
}

static void deny(struct fixture *f, fw_time time, const char *src, const char *dst, uint8_t proto, uint16_t dport) {
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, time, src, dst, proto, dport);
    feed(f, &ev);
}

static void end(struct fixture *f, fw_time time, const char *src, const char *dst, uint16_t dport, uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, FW_PROTO_TCP, dport);
    ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
    ev.sent = 120;
    ev.rcvd = rcvd;
    feed(f, &ev);
}

static void fifteen_ports_of_one_host_are_reported_once(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 25; i++)
        deny(f, T0 + i * 10 * FW_SECOND, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i));
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "port_scan open: 203.0.113.5 tried 15 ports of 10.2.0.1 in 2 min (15 denied)");
    assert_json_has(f, 0, "\"class\":\"threat\"");
    assert_json_has(f, 0, "\"destination\":{\"ip\":\"10.2.0.1\"}");
    assert_json_has(f, 0, "\"destination\":\"10.2.0.1\",\"port\":200");
    fixture_close(f);
}

static void step1_replies_and_traces_are_left_out(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i, "203.0.113.53", "10.2.0.1", FW_PROTO_UDP, 0);
        ev.sport = 53; /* late answers of a resolver */
        ev.dport = (uint16_t)(20000 + i * 7);
        feed(f, &ev);
        ev.proto = FW_PROTO_TCP; /* backscatter in a log without flags */
        ev.sport = 80;
        feed(f, &ev);
        deny(f, T0 + i, "203.0.113.6", "10.2.0.1", FW_PROTO_UDP, (uint16_t)(33434 + i)); /* traceroute */
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_a_scan_from_a_low_port_is_seen_by_its_flags(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 15; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + i, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(5000 + i));
        ev.sport = 53;
        ev.tcp_flags = FW_TCP_SYN;
        ev.present |= FW_BIT(tcp_flags);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step2_unanswered_sessions_are_failures(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 15; i++)
        end(f, T0 + i * FW_SECOND, "203.0.113.5", "10.2.0.1", (uint16_t)(200 + i), 40);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step2_a_sum_of_bytes_fails_by_its_reason(void **state) {
    static const struct {
        const char *reason;
        uint64_t bytes;
        size_t findings;
    } cases[] = {{"SYN Timeout", 152, 1}, {"TCP Reset-O", 84, 1}, {"TCP Reset-O", 900, 0}, {"TCP FINs", 84, 0}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct fixture *f = open_scan();
        for (unsigned i = 0; i < 15; i++) {
            struct fw_event ev =
                flow(FW_KIND_FLOW_END, T0 + i, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i));
            ev.present |= FW_BIT(bytes) | FW_BIT(reason);
            ev.bytes = cases[c].bytes;
            ev.reason = (struct fw_str){cases[c].reason, (uint32_t)strlen(cases[c].reason)};
            feed(f, &ev);
        }
        assert_int_equal(f->count, cases[c].findings);
        fixture_close(f);
    }
}

static void step2_denied_protocols_count_as_ports(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + i * FW_SECOND, "203.0.113.5", "10.2.0.1", (uint8_t)(100 + i), 0);
        ev.present &= ~(FW_BIT(sport) | FW_BIT(dport));
        feed(f, &ev);
        ev.src = addr("203.0.113.6"); /* a tunnel that is not let in */
        ev.proto = 47;
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "port_scan open: 203.0.113.5 tried 15 protocols of 10.2.0.1 in 14 s (15 denied)");
    fixture_close(f);
}

static void step3_answered_ports_are_none(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 200; i++) /* FTP's passive ports, a proxy, many parallel connections */
        end(f, T0 + i * 100, "203.0.113.5", "10.2.0.1", (uint16_t)(50000 + i), 5000);
    for (unsigned i = 0; i < 200; i++) { /* fails once, works then */
        deny(f, T0 + i * 100, "203.0.113.7", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(50000 + i));
        end(f, T0 + i * 100 + 50, "203.0.113.7", "10.2.0.1", (uint16_t)(50000 + i), 5000);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_a_repeated_port_counts_once(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        deny(f, T0 + i * 100, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i % 14));
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_the_window_slides(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 100; i++) /* 14 at any time */
        deny(f, T0 + i * 23 * FW_SECOND, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i));
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step5_a_home_source_is_reported_at_50(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(f->count, 0);
        deny(f, T0 + i * 2 * FW_SECOND, "10.1.2.3", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i));
    }
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step5_or_at_ten_in_a_burst(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 10; i++)
        deny(f, T0 + i * 200, "10.1.2.3", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i));
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step5_unknown_outcomes_raise_the_bar_four_times(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        assert_int_equal(f->count, 0);
        struct fw_event ev =
            flow(FW_KIND_FLOW_START, T0 + i * FW_SECOND, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i));
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"degraded\":[\"outcome\"]");
    fixture_close(f);
}

static void step6_stages_rise_and_the_finding_closes(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        deny(f, T0 + i * 200, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(1 + i));
    assert_json_has(f, f->count - 1, "\"stage\":3");
    fw_engine_idle(f->engine, FW_HOUR);
    fixture_collect(f);
    assert_json_has(f, f->count - 1, "\"action\":\"finding-close\"");
    fixture_close(f);
}

static void two_hosts_are_two_matters(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        deny(f, T0 + i * FW_SECOND, "203.0.113.5", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(200 + i));
        deny(f, T0 + i * FW_SECOND, "203.0.113.5", "10.2.0.2", FW_PROTO_TCP, (uint16_t)(200 + i));
    }
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

static void a_role_keeps_its_hosts_quiet(void **state) {
    struct fixture *f = open_scan();
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        deny(f, T0 + i * 100, "10.9.9.9", "10.2.0.1", FW_PROTO_TCP, (uint16_t)(1 + i));
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifteen_ports_of_one_host_are_reported_once),
        cmocka_unit_test(step1_replies_and_traces_are_left_out),
        cmocka_unit_test(step1_a_scan_from_a_low_port_is_seen_by_its_flags),
        cmocka_unit_test(step2_unanswered_sessions_are_failures),
        cmocka_unit_test(step2_a_sum_of_bytes_fails_by_its_reason),
        cmocka_unit_test(step2_denied_protocols_count_as_ports),
        cmocka_unit_test(step3_answered_ports_are_none),
        cmocka_unit_test(step4_a_repeated_port_counts_once),
        cmocka_unit_test(step4_the_window_slides),
        cmocka_unit_test(step5_a_home_source_is_reported_at_50),
        cmocka_unit_test(step5_or_at_ten_in_a_burst),
        cmocka_unit_test(step5_unknown_outcomes_raise_the_bar_four_times),
        cmocka_unit_test(step6_stages_rise_and_the_finding_closes),
        cmocka_unit_test(two_hosts_are_two_matters),
        cmocka_unit_test(a_role_keeps_its_hosts_quiet),
    };
    return cmocka_run_group_tests_name("det_port_scan", tests, NULL, NULL);
}
