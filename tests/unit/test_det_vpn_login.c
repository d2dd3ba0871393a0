/* vpn_login, step by step: the numbers are those of det_vpn_login.c. */
#include "fixture.h"

#define DAY (24 * FW_HOUR)

/* Time is what lines say: it gets to `time` by lines of somebody else. */
static fw_time present;
static void reach(struct fixture *f, fw_time time) {
    if (present == 0 || time < present)
        present = time;
    while (present + 4 * FW_MINUTE < time) {
        present += 4 * FW_MINUTE;
        struct fw_event ev = flow(FW_KIND_FLOW_END, present, "10.1.1.1", "192.0.2.1", FW_PROTO_TCP, 25);
        feed(f, &ev);
    }
    present = time > present ? time : present;
}

static struct fixture *open_login(void) {
    present = 0;
    return fixture_open("vpn_login", FW_ROLE_BIT(scanner), 0);
}

static struct fw_event line(fw_time time, const char *user, const char *src) {
    struct fw_event ev = {.kind = FW_KIND_AUTH, .time = time};
    ev.user = (struct fw_str){user, (uint32_t)strlen(user)};
    ev.app = (struct fw_str){"vpn", 3};
    ev.present = FW_BIT(user) | FW_BIT(app);
    if (src != NULL) {
        ev.src = addr(src);
        ev.present |= FW_BIT(src);
    }
    return ev;
}

static void log_in(struct fixture *f, fw_time time, const char *user, const char *src, bool success) {
    struct fw_event ev = line(time, user, src);
    reach(f, time);
    ev.outcome = success ? FW_OUTCOME_SUCCESS : FW_OUTCOME_FAILURE;
    ev.present |= FW_BIT(outcome);
    feed(f, &ev);
}

static void log_out(struct fixture *f, fw_time time, const char *user, const char *src) {
    struct fw_event ev = line(time, user, src);
    reach(f, time);
    ev.duration = 1000;
    ev.present |= FW_BIT(duration);
    feed(f, &ev);
}

static void step1_other_services_are_no_vpn(void **state) {
    struct fixture *f = open_login();
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        struct fw_event ev = line(T0 + i * FW_SECOND * 2, "alice", "203.0.113.9");
        ev.outcome = FW_OUTCOME_FAILURE;
        ev.present |= FW_BIT(outcome);
        ev.app = (struct fw_str){"ssh", 3};
        feed(f, &ev);
        ev.present &= ~FW_BIT(app);
        ev.present |= FW_BIT(dport);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_a_line_without_an_address_is_of_who_was_in(void **state) {
    struct fixture *f = open_login();
    (void)state;
    log_in(f, T0, "alice", "203.0.113.9", true);
    for (unsigned i = 1; i <= 5; i++)
        for (unsigned who = 0; who < 2; who++) {
            struct fw_event ev = line(T0 + i * 10 * FW_SECOND, who == 0 ? "root" : "alice", NULL);
            ev.outcome = FW_OUTCOME_FAILURE;
            ev.present = FW_BIT(user) | FW_BIT(outcome);
            feed(f, &ev);
        }
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "vpn_login open: alice failed to log in 5 times in 40 s, last from 203.0.113.9");
    fixture_close(f);
}

static void step2_five_failures_in_four_minutes(void **state) {
    struct fixture *f = open_login();
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        log_in(f, T0 + i * 10 * FW_SECOND, "alice", "203.0.113.9", false);
    log_in(f, T0 + 40 * FW_SECOND, "alice", "203.0.113.9", true); /* a person who mistyped */
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 10; i++) /* one in two minutes */
        log_in(f, T0 + FW_HOUR + i * 2 * FW_MINUTE, "bob", "203.0.113.8", false);
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 5; i++)
        for (unsigned twice = 0; twice < 2; twice++) /* said in two lines, counted once */
            log_in(f, T0 + 2 * FW_HOUR + i * 20 * FW_SECOND, "Carol", "203.0.113.7", false);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "vpn_login open: carol failed to log in 5 times in 80 s, last from 203.0.113.7");
    assert_json_has(f, 0, "\"risk_score\":27"); /* 55 * 50 % */
    assert_json_has(f, 0, "\"key\":\"vpn_login|carol\"");
    assert_json_has(f, 0, "\"user\":[\"carol\"]");
    fixture_close(f);
}

static void step3_a_success_after_failures(void **state) {
    struct fixture *f = open_login();
    (void)state;
    for (unsigned i = 0; i < 5; i++)
        log_in(f, T0 + i * 10 * FW_SECOND, "alice", "203.0.113.9", false);
    log_in(f, T0 + 90 * FW_SECOND, "alice", "203.0.113.9", true);
    assert_int_equal(f->count, 1); /* not within a minute */
    log_in(f, T0 + 130 * FW_SECOND, "alice", "203.0.113.9", false);
    assert_int_equal(f->count, 2);
    assert_text(f, 1, "vpn_login update: alice failed to log in 6 times in 2 min, then got in from 203.0.113.9");
    assert_json_has(f, 1, "\"stage\":3");
    for (unsigned i = 0; i < 5; i++)
        log_in(f, T0 + FW_HOUR + i * 10 * FW_SECOND, "bob", "203.0.113.8", false);
    log_in(f, T0 + FW_HOUR + 10 * FW_MINUTE, "bob", "203.0.113.8", true); /* too long after */
    assert_int_equal(f->count, 4);
    assert_json_has(f, 2, "\"stage\":1");
    fixture_close(f);
}

static void step4_guessing_over_users(void **state) {
    struct fixture *f = open_login();
    char user[8];
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        (void)snprintf(user, sizeof user, "user%u", i);
        log_in(f, T0 + i * FW_MINUTE, user, "203.0.113.9", false);
        log_in(f, T0 + i * FW_MINUTE + 5000, i % 2 == 0 ? "ann" : "ben", "203.0.113.8", false); /* a household */
    }
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "vpn_login open: 203.0.113.9 failed to log in as 5 users in 4 min");
    log_in(f, T0 + 6 * FW_MINUTE, "user3", "203.0.113.9", true);
    assert_int_equal(f->count, 2);
    assert_text(f, 1, "vpn_login update: 203.0.113.9 failed to log in as 5 users in 6 min, then got in as user3");
    assert_json_has(f, 1, "\"stage\":3");
    fixture_close(f);
}

static void work_week(struct fixture *f, const char *user) {
    for (unsigned day = 0; day < 5; day++) {
        log_in(f, T0 + day * DAY, user, day % 2 == 0 ? "198.51.100.7" : "198.51.100.99", true);
        log_out(f, T0 + day * DAY + 8 * FW_HOUR, user, day % 2 == 0 ? "198.51.100.7" : "198.51.100.99");
    }
}

static void step5_a_new_network_once_the_user_is_known(void **state) {
    struct fixture *f = open_login();
    (void)state;
    log_in(f, T0, "bob", "203.0.113.9", true); /* nobody knows bob */
    log_out(f, T0 + FW_MINUTE, "bob", "203.0.113.9");
    log_in(f, T0 + 2 * FW_MINUTE, "bob", "192.0.2.9", true);
    work_week(f, "alice");
    assert_int_equal(f->count, 0);
    log_in(f, T0 + 5 * DAY, "alice", "10.1.1.1", true); /* inside has no place */
    log_in(f, T0 + 5 * DAY + FW_HOUR, "alice", "203.0.113.9", true);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "vpn_login open: alice logged in from 203.0.113.9, a network that is new for this user");
    assert_json_has(f, 0, "\"risk_score\":16");            /* 55 * 30 % */
    log_in(f, T0 + 6 * DAY, "alice", "203.0.113.9", true); /* by now it is known */
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, "finding-close");
    fixture_close(f);
}

static void step6_two_places_at_once(void **state) {
    struct fixture *f = open_login();
    (void)state;
    log_in(f, T0, "alice", "198.51.100.7", true);
    log_in(f, T0 + 10 * FW_MINUTE, "alice", "203.0.113.9", true);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "vpn_login open: alice logged in from 203.0.113.9, while a session from 198.51.100.7 is open");
    assert_json_has(f, 0, "\"stage\":2");
    /* the end of the first is logged, or it is long ago */
    log_in(f, T0 + DAY, "carol", "198.51.100.7", true);
    log_in(f, T0 + DAY, "bob", "198.51.100.7", true);
    log_out(f, T0 + DAY + 5 * FW_MINUTE, "bob", "198.51.100.7");
    log_in(f, T0 + DAY + 6 * FW_MINUTE, "bob", "203.0.113.9", true);
    log_in(f, T0 + DAY + 31 * FW_MINUTE, "carol", "203.0.113.9", true);
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, "finding-close");
    fixture_close(f);
}

static void step6_two_usual_places_are_usual(void **state) {
    struct fixture *f = open_login();
    (void)state;
    for (unsigned day = 0; day < 3; day++) { /* a telephone and a desk */
        log_in(f, T0 + day * DAY, "alice", "198.51.100.7", true);
        log_out(f, T0 + day * DAY + 4 * FW_HOUR, "alice", "198.51.100.7");
        log_in(f, T0 + day * DAY + 6 * FW_HOUR, "alice", "203.0.113.9", true);
        log_out(f, T0 + day * DAY + 7 * FW_HOUR, "alice", "203.0.113.9");
    }
    log_in(f, T0 + 3 * DAY, "alice", "198.51.100.7", true);
    log_in(f, T0 + 3 * DAY + FW_MINUTE, "alice", "203.0.113.9", true);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

/* Two networks with a place, one without; a country each. */
static bool find_place(const void *cookie, const union fw_addr *at, struct fw_whereabouts *out) {
    (void)cookie;
    if (at->b[12] == 198 && at->b[13] == 51) {
        *out = (struct fw_whereabouts){.country = "DE", .has_place = true, .latitude = 52.5, .longitude = 13.4};
        return true;
    }
    if (at->b[12] == 203) {
        *out = (struct fw_whereabouts){.country = "JP", .has_place = true, .latitude = 35.7, .longitude = 139.7};
        return true;
    }
    if (at->b[12] == 192) {
        *out = (struct fw_whereabouts){.country = "DE", .has_place = true, .latitude = 48.1, .longitude = 11.6};
        return true;
    }
    return false;
}
static const struct fw_geo places = {find_place, NULL};

static void step7_nobody_travels_so_fast(void **state) {
    struct fixture *f = open_login();
    (void)state;
    f->site.geo = &places;
    fw_engine_policy(f->engine, &f->settings);
    log_in(f, T0, "alice", "198.51.100.7", true);
    log_out(f, T0 + FW_MINUTE, "alice", "198.51.100.7");
    log_in(f, T0 + 2 * FW_HOUR, "alice", "203.0.113.9", true);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "vpn_login open: alice logged in from 203.0.113.9, 8917 km from 198.51.100.7, where the log-in before "
                "came from");
    log_in(f, T0 + 10 * FW_HOUR, "bob", "198.51.100.7", true);
    log_out(f, T0 + 10 * FW_HOUR + FW_MINUTE, "bob", "198.51.100.7");
    log_in(f, T0 + 12 * FW_HOUR, "bob", "192.0.2.9", true); /* 500 km */
    log_out(f, T0 + 12 * FW_HOUR + FW_MINUTE, "bob", "192.0.2.9");
    log_in(f, T0 + 16 * FW_HOUR, "bob", "203.0.113.9", true); /* four hours later */
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, "finding-close");
    fixture_close(f);
}

static void step5_a_new_network_in_a_known_country_is_nothing(void **state) {
    struct fixture *f = open_login();
    (void)state;
    f->site.geo = &places;
    fw_engine_policy(f->engine, &f->settings);
    work_week(f, "alice");
    log_in(f, T0 + 5 * DAY, "alice", "192.0.2.9", true);
    log_out(f, T0 + 5 * DAY + FW_HOUR, "alice", "192.0.2.9");
    assert_int_equal(f->count, 0);
    log_in(f, T0 + 6 * DAY, "alice", "203.0.113.9", true);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void long_names_differ_and_made_up_ones_wait_at_the_gate(void **state) {
    struct fixture *f = open_login();
    char user[120];
    (void)state;
    memset(user, 'x', sizeof user);
    for (unsigned i = 0; i < 4; i++)
        for (unsigned who = 0; who < 2; who++) {
            (void)snprintf(user + 100, 20, "%u", who);
            log_in(f, T0 + i * 20 * FW_SECOND, user, "203.0.113.9", false);
        }
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 20000; i++) {
        (void)snprintf(user, sizeof user, "user%u", i);
        log_in(f, T0 + FW_HOUR, user, "10.9.0.1", false);
    }
    struct fw_detector_stats stats;
    for (size_t i = 0; fw_engine_detector(f->engine, i) != NULL; i++) {
        const struct fw_detector *d = fw_engine_detector(f->engine, i);
        if (strcmp(d->ops->name, "vpn_login") != 0)
            continue;
        d->ops->get_stats(d->det, &stats);
        assert_true(stats.table.held < 8);
    }
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step1_other_services_are_no_vpn),
        cmocka_unit_test(step1_a_line_without_an_address_is_of_who_was_in),
        cmocka_unit_test(step2_five_failures_in_four_minutes),
        cmocka_unit_test(step3_a_success_after_failures),
        cmocka_unit_test(step4_guessing_over_users),
        cmocka_unit_test(step5_a_new_network_once_the_user_is_known),
        cmocka_unit_test(step5_a_new_network_in_a_known_country_is_nothing),
        cmocka_unit_test(step6_two_places_at_once),
        cmocka_unit_test(step6_two_usual_places_are_usual),
        cmocka_unit_test(step7_nobody_travels_so_fast),
        cmocka_unit_test(long_names_differ_and_made_up_ones_wait_at_the_gate),
    };
    return cmocka_run_group_tests_name("det_vpn_login", tests, NULL, NULL);
}
