/* bot_story, step by step: the numbers are those of det_bot_story.c. */
#include "fixture.h"

#define BOT "10.1.7.91"

static struct fixture *open_story(void) {
    return fixture_open("addr_scan,bot_story,mass_mail", FW_ROLE_BIT(scanner), 0);
}

/* One finding of addr_scan. */
static void sweep(struct fixture *f, fw_time time, const char *src, uint16_t port) {
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, time + i * FW_SECOND, src, host("198.51", i), FW_PROTO_TCP, port);
        feed(f, &ev);
    }
}

/* One finding of mass_mail; more than a few lines, or a jump in time is not believed. */
static void mail(struct fixture *f, fw_time time, const char *src) {
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, time + i * FW_SECOND, src, host("203.0", i), FW_PROTO_TCP, 25);
        ev.sport = (uint16_t)(30000 + i);
        feed(f, &ev);
    }
}

static size_t count_of(const struct fixture *f, const char *beginning) {
    size_t n = 0;
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        n += strncmp(f->documents[i].text, beginning, strlen(beginning)) == 0;
    return n;
}

static void step4_two_kinds_are_a_story(void **state) {
    struct fixture *f = open_story();
    (void)state;
    sweep(f, T0, BOT, 445);
    assert_int_equal(count_of(f, "bot_story"), 0);
    mail(f, T0 + FW_HOUR, BOT);
    assert_int_equal(count_of(f, "bot_story open: " BOT " shows 2 signs of a bot in 60 min: addr_scan, mass_mail"), 1);
    assert_json_has(f, f->count - 1, "\"members\":[{\"rule\":\"addr_scan\",\"id\":\"");
    assert_json_has(f, f->count - 1, "\"tactic\":{\"id\":[\"TA0011\"]");
    fixture_close(f);
}

static void step4_scanning_in_two_ways_is_scanning(void **state) {
    struct fixture *f = open_story();
    (void)state;
    sweep(f, T0, BOT, 445);
    sweep(f, T0 + FW_HOUR, BOT, 22);
    assert_int_equal(count_of(f, "addr_scan open"), 2);
    assert_int_equal(count_of(f, "bot_story"), 0);
    fixture_close(f);
}

static void step1_outside_has_no_story(void **state) {
    struct fixture *f = open_story();
    (void)state;
    sweep(f, T0, "192.0.2.7", 445);
    mail(f, T0 + FW_MINUTE, "192.0.2.7");
    assert_int_equal(count_of(f, "bot_story"), 0);
    fixture_close(f);
}

static void step1_two_machines_are_two(void **state) {
    struct fixture *f = open_story();
    (void)state;
    sweep(f, T0, BOT, 445);
    mail(f, T0 + FW_MINUTE, "10.1.7.92");
    assert_int_equal(count_of(f, "bot_story"), 0);
    fixture_close(f);
}

static void step2_a_finding_that_is_the_same_matter_is_taken_back(void **state) {
    struct fixture *f = open_story();
    (void)state;
    /* tcp/25 slowly enough for no mailer, so addr_scan comes first; then the mailer mutes it */
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + i * 29 * FW_SECOND, BOT, host("198.51", i / 4 * 4), FW_PROTO_TCP, 25);
        ev.dst = addr(host("198.51", i));
        feed(f, &ev);
    }
    for (unsigned i = 0; i < 40; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + 15 * FW_MINUTE + i * FW_SECOND, BOT, host("203.0", i), FW_PROTO_TCP, 25);
        feed(f, &ev);
    }
    assert_true(count_of(f, "mass_mail open") == 1);
    assert_int_equal(count_of(f, "bot_story"), 0);
    fixture_close(f);
}

static void step3_what_was_a_day_ago_is_another_story(void **state) {
    struct fixture *f = open_story();
    (void)state;
    sweep(f, T0, BOT, 445);
    mail(f, T0 + 25 * FW_HOUR, BOT);
    assert_int_equal(count_of(f, "bot_story"), 0);
    fixture_close(f);
}

static void step2_one_more_finding_of_a_kind_is_told(void **state) {
    struct fixture *f = open_story();
    (void)state;
    sweep(f, T0, BOT, 445);
    mail(f, T0 + FW_HOUR, BOT);
    assert_int_equal(count_of(f, "bot_story update"), 0);
    sweep(f, T0 + 2 * FW_HOUR, BOT, 22);
    assert_int_equal(count_of(f, "bot_story update: " BOT " shows 2 signs of a bot"), 1);
    fixture_close(f);
}

static void an_open_story_mutes_what_it_is_made_of(void **state) {
    struct fixture *f = open_story();
    (void)state;
    sweep(f, T0, BOT, 445);
    mail(f, T0 + FW_HOUR, BOT);
    sweep(f, T0 + 2 * FW_HOUR, BOT, 22);
    assert_int_equal(count_of(f, "addr_scan open"), 1);
    fw_engine_idle(f->engine, 26 * FW_HOUR);
    fixture_collect(f);
    assert_int_equal(count_of(f, "bot_story close"), 1);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step4_two_kinds_are_a_story),
        cmocka_unit_test(step4_scanning_in_two_ways_is_scanning),
        cmocka_unit_test(step1_outside_has_no_story),
        cmocka_unit_test(step1_two_machines_are_two),
        cmocka_unit_test(step2_a_finding_that_is_the_same_matter_is_taken_back),
        cmocka_unit_test(step3_what_was_a_day_ago_is_another_story),
        cmocka_unit_test(step2_one_more_finding_of_a_kind_is_told),
        cmocka_unit_test(an_open_story_mutes_what_it_is_made_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
