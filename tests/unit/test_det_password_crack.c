/* password_crack, step by step: the numbers are those of det_password_crack.c. */
#include "fixture.h"

#define ATTACKER "203.0.113.9"
#define TARGET   "10.1.2.3"

static struct fixture *open_crack(uint64_t role) {
    return fixture_open("password_crack", role, 0);
}

static void session(struct fixture *f, fw_time time, const char *src, const char *dst, uint16_t port, uint64_t seconds,
                    uint64_t sent, uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, FW_PROTO_TCP, port);
    ev.sport = (uint16_t)(20000 + time / 1000 % 40000);
    ev.duration = seconds * 1000;
    ev.sent = sent;
    ev.rcvd = rcvd;
    ev.present |= FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd);
    feed(f, &ev);
}

static void login(struct fixture *f, fw_time time, const char *src, const char *user, enum fw_outcome outcome) {
    struct fw_event ev = {.kind = FW_KIND_AUTH, .time = time, .src = addr(src), .outcome = (uint8_t)outcome};
    ev.user = (struct fw_str){user, (uint32_t)strlen(user)};
    ev.app = (struct fw_str){"ssh", 3};
    ev.present = FW_BIT(src) | FW_BIT(user) | FW_BIT(outcome) | FW_BIT(app);
    feed(f, &ev);
}

static void step1_what_tries_no_password(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        const fw_time t = T0 + i * FW_SECOND;
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, t, ATTACKER, TARGET, FW_PROTO_TCP, 22);
        feed(f, &ev);
        session(f, t, ATTACKER, TARGET, 22, 3, 60, 0);          /* unanswered: a scan */
        session(f, t, ATTACKER, TARGET, 22, 0, 60, 40);         /* refused */
        session(f, t, ATTACKER, TARGET, 443, 3, 2000, 3000);    /* no such service */
        session(f, t, ATTACKER, TARGET, 993, 3, 1500, 2500);    /* mail clients look alike */
        session(f, t, "10.1.1.7", TARGET, 3306, 1, 1500, 2500); /* a program and its database */
        session(f, t, "10.1.1.8", TARGET, 22, 1, 300, 380);     /* reads the banner */
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_a_database_from_outside(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        session(f, T0 + i * FW_SECOND, ATTACKER, TARGET, 3306, 1, 1500 + i, 2500 + i);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step1_administrators_reach_many_hosts(void **state) {
    struct fixture *f = open_crack(FW_ROLE_BIT(admin_host));
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        session(f, T0 + i * FW_SECOND, "10.9.9.9", host("10.2", i % 50), 22, 2, 4000, 5000);
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 12; i++) /* but their failures are failures */
        login(f, T0 + (300 + i) * FW_SECOND, "10.9.9.9", "root", FW_OUTCOME_FAILURE);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

/* An ASA tells the sum of both ways: the length of what was tried is in it. */
static void step2_sums_differ_by_the_password(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 20; i++)
        for (unsigned k = 0; k < 2; k++) {
            struct fw_event ev =
                flow(FW_KIND_FLOW_END, T0 + i * FW_SECOND, k ? ATTACKER : "203.0.113.10", TARGET, FW_PROTO_TCP, 21);
            ev.sport = (uint16_t)(20000 + i);
            ev.duration = 1000;
            ev.bytes = k ? 1280 + i * 7 % 19 : 600 + i * 7 % 19 * 90;
            ev.present |= FW_BIT(duration) | FW_BIT(bytes);
            feed(f, &ev);
        }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, ATTACKER " guesses passwords");
    fixture_close(f);
}

static void step2_sessions_that_stay_are_no_guesses(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        session(f, T0 + i * FW_SECOND, ATTACKER, TARGET, 22, 400, 4000, 5000);
        session(f, T0 + i * FW_SECOND, "203.0.113.10", TARGET, 22, 3, 4000, 90000);
        session(f, T0 + i * FW_SECOND, "203.0.113.11", TARGET, 3389, 600, 400000, 9000000);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_without_bytes_the_bar_is_higher(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 120; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i * 2 * FW_SECOND, ATTACKER, TARGET, FW_PROTO_TCP, 22);
        ev.sport = (uint16_t)(20000 + i);
        feed(f, &ev);
        if (i == 118)
            assert_int_equal(f->count, 0);
    }
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "password_crack open: 203.0.113.9 guesses passwords of 10.1.2.3 on tcp/22: 120 sessions in 3 min");
    assert_json_has(f, 0, "\"degraded\":[\"bytes\"]");
    assert_json_has(f, 0, "\"confidence\":50");
    fixture_close(f);
}

static void step3_thirty_short_sessions_are_reported(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 29; i++)
        session(f, T0 + i * 20 * FW_SECOND, ATTACKER, TARGET, 22, 3, 2000 + i, 2600 + i);
    assert_int_equal(f->count, 0);
    session(f, T0 + 600 * FW_SECOND, ATTACKER, TARGET, 22, 3, 2000, 2600);
    assert_int_equal(f->count, 1);
    assert_text(
        f, 0, "password_crack open: 203.0.113.9 guesses passwords of 10.1.2.3 on tcp/22: 30 short sessions in 10 min");
    fixture_close(f);
}

static void step3_a_job_that_runs_every_minute_is_none(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 600; i++)
        session(f, T0 + i * FW_MINUTE, "10.1.1.7", TARGET, 22, 3, 3000 + i, 4000 + i);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_twelve_with_the_same_answer_are_enough(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 13; i++) /* the first has nothing to be compared with */
        session(f, T0 + i * 10 * FW_SECOND, ATTACKER, TARGET, 21, 1, 740 + i, 547);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"threshold\":12");
    for (unsigned i = 0; i < 20; i++) /* uploads by a script are answered each in its own way */
        session(f, T0 + i * 7 * FW_SECOND, "203.0.113.10", TARGET, 21, 1, 740 + i, 560 + i);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step3_twelve_failures_in_160_seconds(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 11; i++)
        login(f, T0 + i * 10 * FW_SECOND, ATTACKER, "root", FW_OUTCOME_FAILURE);
    assert_int_equal(f->count, 0);
    login(f, T0 + 110 * FW_SECOND, ATTACKER, "root", FW_OUTCOME_FAILURE);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "password_crack open: 203.0.113.9 failed to log in to fw1 (ssh) 12 times in 110 s");
    fixture_close(f);
}

static void step3_somebody_who_forgot_his_password(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 9; i++)
        login(f, T0 + i * 10 * FW_SECOND, "10.1.1.7", "alice", FW_OUTCOME_FAILURE);
    login(f, T0 + 100 * FW_SECOND, "10.1.1.7", "alice", FW_OUTCOME_SUCCESS);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step4_spraying_is_one_finding(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 60; i++)
        session(f, T0 + i * FW_SECOND, ATTACKER, host("10.2", i % 15), 22, 3, 2000 + i, 2600 + i);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "password_crack open: 203.0.113.9 guesses passwords of 15 hosts on tcp/22: 30 short sessions in 29 s");
    for (unsigned i = 0; i < 60; i++) /* inside it takes forty hosts */
        session(f, T0 + i * FW_SECOND, "10.1.1.7", host("10.2", i % 30), 22, 3, 2000 + i, 2600 + i);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step5_many_sources_at_one_user(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        login(f, T0 + i * 30 * FW_SECOND, host("203.0", i % 8), "admin", FW_OUTCOME_FAILURE);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "8 hosts failed to log in as admin to fw1 (ssh) 30 times in ");
    assert_json_has(f, 0, "\"user\":[\"admin\"]");
    fixture_close(f);
}

static void step6_a_success_is_the_fourth_stage(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 12; i++)
        login(f, T0 + i * 5 * FW_SECOND, ATTACKER, "root", FW_OUTCOME_FAILURE);
    login(f, T0 + 200 * FW_SECOND, ATTACKER, "deploy\n\x1b[2J", FW_OUTCOME_SUCCESS);
    assert_int_equal(f->count, 2);
    assert_text(f, 1,
                "password_crack update: 203.0.113.9 failed to log in to fw1 (ssh) 12 times in 55 s, then succeeded as "
                "deploy??[2J");
    assert_json_has(f, 1, "\"stage\":4");
    fixture_close(f);
}

static void step6_a_session_that_stays_after_the_guesses(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        session(f, T0 + i * FW_SECOND, ATTACKER, TARGET, 22, 3, 2000, 2600 + i);
    session(f, T0 + 5 * FW_MINUTE, ATTACKER, TARGET, 22, 780, 9000, 30000);
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, ", then one session of 13 min");
    assert_json_has(f, 1, "\"stage\":3");
    fixture_close(f);
}

static void step6_more_guesses_are_higher_stages(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 120; i++)
        session(f, T0 + i * 2 * FW_SECOND, ATTACKER, TARGET, 22, 3, 2000 + i, 2600 + i);
    assert_json_has(f, f->count - 1, "\"stage\":2");
    fixture_close(f);
}

static void a_session_with_start_and_end_counts_once(void **state) {
    struct fixture *f = open_crack(0);
    (void)state;
    for (unsigned i = 0; i < 29; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i * FW_SECOND, ATTACKER, TARGET, FW_PROTO_TCP, 22);
        ev.sport = (uint16_t)(20000 + (T0 / 1000 + i) % 40000);
        feed(f, &ev);
        session(f, T0 + i * FW_SECOND, ATTACKER, TARGET, 22, 0, 2000 + i, 2600 + i);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step1_what_tries_no_password),
        cmocka_unit_test(step1_a_database_from_outside),
        cmocka_unit_test(step1_administrators_reach_many_hosts),
        cmocka_unit_test(step2_sums_differ_by_the_password),
        cmocka_unit_test(step2_sessions_that_stay_are_no_guesses),
        cmocka_unit_test(step2_without_bytes_the_bar_is_higher),
        cmocka_unit_test(step3_thirty_short_sessions_are_reported),
        cmocka_unit_test(step3_a_job_that_runs_every_minute_is_none),
        cmocka_unit_test(step3_twelve_with_the_same_answer_are_enough),
        cmocka_unit_test(step3_twelve_failures_in_160_seconds),
        cmocka_unit_test(step3_somebody_who_forgot_his_password),
        cmocka_unit_test(step4_spraying_is_one_finding),
        cmocka_unit_test(step5_many_sources_at_one_user),
        cmocka_unit_test(step6_a_success_is_the_fourth_stage),
        cmocka_unit_test(step6_a_session_that_stays_after_the_guesses),
        cmocka_unit_test(step6_more_guesses_are_higher_stages),
        cmocka_unit_test(a_session_with_start_and_end_counts_once),
    };
    return cmocka_run_group_tests_name("det_password_crack", tests, NULL, NULL);
}
