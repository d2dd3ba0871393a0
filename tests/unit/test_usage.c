/* test_usage.c: the register of users: what is news, who is guarded, lists of users, state. */
#include "fixture.h"

#include "core/snapshot.h"
#include "core/usage.h"

#define BYTES ((size_t)512 << 10)

static struct fw_usage *opened(const struct fw_site *site) {
    static const struct fw_seed seed = {{1, 2}};
    struct fw_usage *usage;
    assert_int_equal(fw_usage_open(&usage, BYTES, &seed, &fw_mem_libc), 0);
    fw_usage_policy(usage, site, 0);
    return usage;
}

static struct fw_use use_of(const char *src, const char *app, fw_time time) {
    return (struct fw_use){.src = addr(src), .app = app, .time = time, .bytes = 100};
}

static struct fw_app_rule rule_of(const char *app, enum fw_app_state state, fw_time until) {
    struct fw_app_rule rule = {.anybody = true, .state = state, .until = until, .label = "a reason"};
    memcpy(rule.app, app, strlen(app));
    return rule;
}

static void a_user_is_new_once_in_thirty_days(void **state) {
    struct fw_site site = {.apps_count = 0};
    struct fw_usage *usage = opened(&site);
    struct fw_use use = use_of("10.0.0.1", "skype", T0);
    struct fw_user user;
    (void)state;
    use.version = (struct fw_str){"8.5\n", 4};
    assert_int_equal(fw_usage_use(usage, &use, &user), FW_USE_NEW);
    assert_string_equal(user.version, "8.5?");
    for (unsigned i = 1; i <= 40; i++) { /* it goes on for forty days */
        use.time = T0 + i * FW_DAY;
        use.version.len = 0;
        assert_int_equal(fw_usage_use(usage, &use, &user), FW_USE_NOTHING);
    }
    assert_int_equal(user.events, 41);
    assert_int_equal(user.days, 41);
    assert_int_equal(user.bytes, 4100);
    assert_string_equal(user.version, "8.5?");
    use.time += FW_USE_FRESH + 1;
    assert_int_equal(fw_usage_use(usage, &use, &user), FW_USE_NEW);
    assert_true(user.first == T0);
    use.src = addr("10.0.0.2");
    use.late = true;
    assert_int_equal(fw_usage_use(usage, &use, &user), FW_USE_NOTHING);
    fw_usage_close(&usage);
}

static void a_source_is_guarded_while_it_is_fresh(void **state) {
    struct fw_site site = {.apps_count = 0};
    struct fw_usage *usage = opened(&site);
    struct fw_use use = use_of("10.0.0.1", "bittorrent", T0);
    const union fw_addr other = addr("10.0.0.2");
    (void)state;
    assert_int_equal(fw_usage_roles(usage, &use.src, T0), 0);
    use.role = FW_ROLE_BIT(p2p_user);
    (void)fw_usage_use(usage, &use, NULL);
    assert_int_equal(fw_usage_roles(usage, &use.src, T0), FW_ROLE_BIT(p2p_user));
    assert_int_equal(fw_usage_roles(usage, &other, T0), 0);
    assert_int_equal(fw_usage_roles(usage, &use.src, T0 + FW_USE_FRESH - 1), FW_ROLE_BIT(p2p_user));
    assert_int_equal(fw_usage_roles(usage, &use.src, T0 + FW_USE_FRESH), 0);
    fw_usage_advance(usage, T0 + FW_USE_FRESH,
                     NULL); /* and is swept away; the list of users has nothing to say first */
    struct fw_usage_stats stats;
    fw_usage_get_stats(usage, &stats);
    assert_int_equal(stats.guarding, 0);
    assert_int_equal(stats.table.held, 1);
    fw_usage_close(&usage);
}

struct heard {
    unsigned count;
    uint64_t after;
};

static void hear(void *cookie, const struct fw_use *use, const struct fw_user *user) {
    struct heard *heard = cookie;
    (void)use;
    heard->count++;
    heard->after = user->after;
}

static void who_goes_on_after_the_day_is_guarded_no_more(void **state) {
    struct fw_app_rule rules[] = {rule_of("p2p", FW_APP_ASKED, T0 + FW_DAY)};
    struct fw_site site = {.apps = rules, .apps_count = 1};
    struct fw_usage *usage = opened(&site);
    struct fw_use use = use_of("10.0.0.1", "bittorrent", T0);
    struct heard heard = {0, 0};
    (void)state;
    fw_usage_listen(usage, hear, &heard);
    use.role = FW_ROLE_BIT(p2p_user);
    assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_NOTHING); /* somebody knows */
    assert_int_equal(fw_usage_roles(usage, &use.src, T0 + FW_DAY - 1), FW_ROLE_BIT(p2p_user));
    assert_int_equal(fw_usage_roles(usage, &use.src, T0 + FW_DAY), 0);
    assert_int_equal(heard.count, 0);
    use.time = T0 + FW_DAY;
    assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_NOTHING);
    assert_int_equal(heard.count, 1);
    use.app = "edonkey"; /* which is of the same group */
    use.time += FW_HOUR;
    (void)fw_usage_use(usage, &use, NULL);
    assert_int_equal(heard.count, 2);
    assert_int_equal(heard.after, 1);
    assert_int_equal(fw_usage_roles(usage, &use.src, use.time), 0);
    rules[0].until = T0 + 60 * FW_DAY; /* the policy changes */
    fw_usage_policy(usage, &site, 0);
    assert_int_equal(fw_usage_roles(usage, &use.src, use.time), FW_ROLE_BIT(p2p_user));
    fw_usage_close(&usage);
}

static void what_is_forbidden_is_said_at_once_and_again_in_a_week(void **state) {
    struct fw_app_rule rules[] = {rule_of("telegram", FW_APP_ALLOWED, FW_TIME_MAX),
                                  rule_of("im", FW_APP_FORBIDDEN, T0 + 20 * FW_DAY)};
    struct fw_site site = {.apps = rules, .apps_count = 2};
    struct fw_usage *usage = opened(&site);
    struct fw_use use = use_of("10.0.0.1", "whatsapp", T0);
    (void)state;
    use.group = "im";
    assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_FORBIDDEN);
    use.time += FW_DAY;
    assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_NOTHING);
    use.time = T0 + FW_USE_REMIND;
    assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_FORBIDDEN);
    use.app = "telegram"; /* the first that is about it holds */
    assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_NOTHING);
    use = use_of("10.0.0.3", "whatsapp", T0 + 21 * FW_DAY);
    use.group = "im";
    assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_NEW); /* it is not forbidden any more */
    fw_usage_close(&usage);
}

static void the_user_heard_of_longest_ago_makes_room(void **state) {
    struct fw_site site = {.apps_count = 0};
    struct fw_usage *usage = opened(&site);
    struct fw_usage_stats stats;
    struct fw_user user;
    (void)state;
    fw_usage_get_stats(usage, &stats);
    const unsigned more = (unsigned)stats.table.capacity + 5;
    for (unsigned i = 0; i < more; i++) {
        struct fw_use use = use_of(host("10.1", i), "skype", T0 + i);
        use.dst = addr("192.0.2.1");
        use.has_dst = true;
        assert_int_equal(fw_usage_use(usage, &use, NULL), FW_USE_NEW);
    }
    const union fw_addr first = addr("10.1.0.1"), last = addr(host("10.1", more - 1));
    assert_false(fw_usage_find(usage, &first, "skype", &user));
    assert_true(fw_usage_find(usage, &last, "skype", &user));
    fw_usage_get_stats(usage, &stats);
    assert_int_equal(stats.table.evicted, 5);
    fw_usage_close(&usage);
}

/* ---- in an engine ---- */

static struct fw_usage *usage_of(struct fixture *f) {
    struct fw_engine_parts parts;
    fw_engine_parts(f->engine, &parts);
    return parts.usage;
}

/* A line of no interest moves time. */
static void tick(struct fixture *f, fw_time time) {
    struct fw_event ev = flow(FW_KIND_FLOW_START, time, "10.5.5.5", "192.0.2.5", FW_PROTO_TCP, 443);
    feed(f, &ev);
    fw_engine_settle(f->engine);
    fixture_collect(f);
}

/* Somebody is heard every four minutes: nobody doubts the clock. */
static void walk(struct fixture *f, fw_time from, fw_time until) {
    for (fw_time time = from; time < until; time += 4 * FW_MINUTE)
        tick(f, time);
}

static void users_are_listed_once_a_day_page_by_page(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    tick(f, T0);
    for (unsigned i = 0; i < FW_USAGE_PAGE + 2; i++) {
        struct fw_use use = use_of(host("10.1", i), "skype", T0);
        (void)fw_usage_use(usage_of(f), &use, NULL);
    }
    struct fw_use use = use_of("10.1.0.1", "bittorrent", T0);
    use.version = (struct fw_str){"4.4", 3};
    (void)fw_usage_use(usage_of(f), &use, NULL);
    const fw_time midnight = T0 - T0 % FW_DAY + FW_DAY + FW_MINUTE;
    walk(f, T0, midnight);
    for (unsigned i = 0; i < 30; i++)
        tick(f, midnight + i * FW_SECOND);
    assert_int_equal(f->count, 3);
    assert_text(f, 0, "summary: bittorrent: 1 user since 2026-10-12T08:00Z, 1 new: 10.1.0.1");
    assert_json_has(f, 0,
                    "\"application\":\"bittorrent\",\"users\":[{\"ip\":\"10.1.0.1\",\"first\":\"2026-10-12T08:00");
    assert_json_has(f, 0, "\"version\":\"4.4\"");
    assert_json_has(f, 1, "{\"name\":\"users\",\"value\":22}");
    assert_json_has(f, 2, "skype, continued: 10.1.0.21 10.1.0.22");
    walk(f, midnight + FW_MINUTE, midnight + FW_DAY);
    for (unsigned i = 0; i < 30; i++) /* nobody used anything */
        tick(f, midnight + FW_DAY + i * FW_SECOND);
    assert_int_equal(f->count, 3);
    fixture_close(f);
}

static void users_survive_a_restart_and_guard_again(void **state) {
    static uint8_t frame[FW_FRAME_MAX];
    struct fixture *f = fixture_open("addr_scan", 0, 0), *g = fixture_open("addr_scan", 0, 0);
    struct fw_use use = use_of("10.0.0.1", "bittorrent", T0);
    struct fw_user user;
    (void)state;
    use.role = FW_ROLE_BIT(p2p_user);
    use.dst = addr("192.0.2.1");
    use.has_dst = true;
    assert_int_equal(fw_usage_use(usage_of(f), &use, NULL), FW_USE_NEW);
    fw_snapshot_move(f->engine, g->engine, frame);
    assert_true(fw_usage_find(usage_of(g), &use.src, "bittorrent", &user));
    assert_int_equal(user.destinations, 1);
    assert_int_equal(fw_usage_roles(usage_of(g), &use.src, T0 + FW_DAY), FW_ROLE_BIT(p2p_user));
    use.time += FW_DAY;
    assert_int_equal(fw_usage_use(usage_of(g), &use, NULL), FW_USE_NOTHING);
    fixture_close(f);
    fixture_close(g);
}

static void a_user_of_p2p_is_not_called_a_scanner(void **state) {
    (void)state;
    for (unsigned guarded = 0; guarded < 2; guarded++) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        struct fw_use use = use_of("10.0.0.1", "bittorrent", T0);
        use.role = guarded ? FW_ROLE_BIT(p2p_user) : 0;
        (void)fw_usage_use(usage_of(f), &use, NULL);
        for (unsigned i = 0; i < 300; i++) {
            struct fw_event ev =
                flow(FW_KIND_FLOW_DENY, T0 + i * 100, "10.0.0.1", host("198.51", i), FW_PROTO_TCP, 6881);
            feed(f, &ev);
        }
        assert_int_equal(f->count > 0, !guarded);
        fixture_close(f);
    }
}

static void times_move_with_the_clock(void **state) {
    struct fw_site site = {.apps_count = 0};
    struct fw_usage *usage = opened(&site);
    struct fw_use use = use_of("10.0.0.1", "skype", T0 + FW_DAY);
    struct fw_user user;
    (void)state;
    use.role = FW_ROLE_BIT(skype_user);
    (void)fw_usage_use(usage, &use, NULL);
    fw_usage_shift(usage, T0, -FW_DAY);
    assert_true(fw_usage_find(usage, &use.src, "skype", &user));
    assert_true(user.last == T0);
    assert_int_equal(fw_usage_roles(usage, &use.src, T0 + FW_USE_FRESH), 0);
    fw_usage_close(&usage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_new_once_in_thirty_days),
        cmocka_unit_test(a_source_is_guarded_while_it_is_fresh),
        cmocka_unit_test(who_goes_on_after_the_day_is_guarded_no_more),
        cmocka_unit_test(what_is_forbidden_is_said_at_once_and_again_in_a_week),
        cmocka_unit_test(the_user_heard_of_longest_ago_makes_room),
        cmocka_unit_test(users_are_listed_once_a_day_page_by_page),
        cmocka_unit_test(users_survive_a_restart_and_guard_again),
        cmocka_unit_test(a_user_of_p2p_is_not_called_a_scanner),
        cmocka_unit_test(times_move_with_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
