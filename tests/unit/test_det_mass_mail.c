/* mass_mail, step by step: the numbers are those of det_mass_mail.c. */
#include "fixture.h"

static struct fixture *open_mail(void) {
    return fixture_open("mass_mail", FW_ROLE_BIT(mail_server), 0);
}

static void smtp(struct fixture *f, enum fw_kind kind, fw_time time, const char *src, const char *dst, uint16_t port) {
    struct fw_event ev = flow(kind, time, src, dst, FW_PROTO_TCP, port);
    ev.sport = (uint16_t)(20000 + time / 1000 % 40000);
    feed(f, &ev);
}

static void six_mail_exchangers_in_five_minutes_are_reported(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * 40 * FW_SECOND, "10.1.7.91", host("198.51", i), 25);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "mass_mail open: 10.1.7.91 opened 6 SMTP connections to 6 hosts in 3 min (0 denied)");
    fixture_close(f);
}

/* Eight now and eight that come two minutes late are no sixteen a minute. */
static void late_lines_do_not_add_to_the_rate(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 8; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + (120 + i) * FW_SECOND, "10.1.7.91", host("198.51", i % 4), 25);
    for (unsigned i = 0; i < 8; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.1.7.91", host("198.51", i % 4), 25);
    assert_int_equal(f->count, 0);
    for (unsigned i = 8; i < 10; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + (120 + i) * FW_SECOND, "10.1.7.91", host("198.51", i % 4), 25);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void five_are_not(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 50; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * 20 * FW_SECOND, "10.1.7.91", host("198.51", i % 5), 25);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void the_window_slides_over_its_edge(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    /* six within 290 s that begin in the middle of any five-minute bucket */
    for (unsigned i = 0; i < 6; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + 150 * FW_SECOND + i * 58 * FW_SECOND, "10.1.7.91", host("198.51", i), 25);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step1_only_home_sources_and_smtp(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "203.0.113.9", host("10.2", i), 25);
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.1.7.91", host("198.51", i), 80);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_the_sites_own_mail_server_is_no_victim(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.1.7.91", "10.9.9.9", 25);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_denied_connections_count_and_raise_the_score(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        smtp(f, FW_KIND_FLOW_DENY, T0 + i * FW_SECOND, "10.1.7.91", host("198.51", i), 25);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"denied\":6");
    for (unsigned i = 0; i < 6; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.1.7.92", host("198.51", i), 25);
    assert_int_equal(f->count, 2);
    assert_json_has(f, 0, "\"risk_score\":55"); /* (55 + 10) * 85 % */
    assert_json_has(f, 1, "\"risk_score\":46"); /* 55 * 85 % */
    fixture_close(f);
}

static void step2_mx_look_ups_raise_the_score(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.1.7.91", host("198.51", i), 25);
        struct fw_event dns = {.kind = FW_KIND_DNS, .time = T0 + i * FW_SECOND, .src = addr("10.1.7.91")};
        dns.present = FW_BIT(src) | FW_BIT(qtype);
        dns.qtype = (struct fw_str){"MX", 2};
        feed(f, &dns);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"risk_score\":55");
    fixture_close(f);
}

static void step3_submission_counts_a_quarter(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 23; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * 10 * FW_SECOND, "10.1.7.91", host("198.51", i), 587);
    assert_int_equal(f->count, 0);
    smtp(f, FW_KIND_FLOW_START, T0 + 240 * FW_SECOND, "10.1.7.91", host("198.51", 23), 587);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step4_a_fast_mailer_to_three_hosts_is_reported(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 20; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * 2 * FW_SECOND, "10.1.7.91", host("198.51", i % 3), 25);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step4_a_busy_smarthost_is_not(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 600; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.1.7.91", host("198.51", i % 2), 25);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void a_session_with_start_and_end_counts_once(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 7; i++) {
        smtp(f, FW_KIND_FLOW_START, T0 + i * 10 * FW_SECOND, "10.1.7.91", host("198.51", i % 2), 25);
        smtp(f, FW_KIND_FLOW_END, T0 + i * 10 * FW_SECOND + 500, "10.1.7.91", host("198.51", i % 2), 25);
    }
    assert_int_equal(f->count, 0); /* 14 lines, 7 connections, 2 destinations */
    fixture_close(f);
}

static void step1_an_end_carries_the_flags_of_its_whole_session(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_END, T0 + i * FW_SECOND, "10.1.7.91", host("198.51", i), FW_PROTO_TCP, 25);
        ev.tcp_flags = FW_TCP_SYN | FW_TCP_ACK | FW_TCP_FIN;
        ev.present |= FW_BIT(tcp_flags);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void the_mail_server_stays_quiet(void **state) {
    struct fixture *f = open_mail();
    (void)state;
    for (unsigned i = 0; i < 500; i++)
        smtp(f, FW_KIND_FLOW_START, T0 + i * FW_SECOND, "10.9.9.9", host("198.51", i), 25);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_mail_exchangers_in_five_minutes_are_reported),
        cmocka_unit_test(late_lines_do_not_add_to_the_rate),
        cmocka_unit_test(five_are_not),
        cmocka_unit_test(the_window_slides_over_its_edge),
        cmocka_unit_test(step1_only_home_sources_and_smtp),
        cmocka_unit_test(step1_the_sites_own_mail_server_is_no_victim),
        cmocka_unit_test(step1_denied_connections_count_and_raise_the_score),
        cmocka_unit_test(step2_mx_look_ups_raise_the_score),
        cmocka_unit_test(step3_submission_counts_a_quarter),
        cmocka_unit_test(step4_a_fast_mailer_to_three_hosts_is_reported),
        cmocka_unit_test(step4_a_busy_smarthost_is_not),
        cmocka_unit_test(a_session_with_start_and_end_counts_once),
        cmocka_unit_test(step1_an_end_carries_the_flags_of_its_whole_session),
        cmocka_unit_test(the_mail_server_stays_quiet),
    };
    return cmocka_run_group_tests_name("det_mass_mail", tests, NULL, NULL);
}
