/* hidden_nat, step by step: the numbers are those of det_hidden_nat.c. */
#include "fixture.h"

static struct fixture *open_nat(void) {
    return fixture_open("hidden_nat", FW_ROLE_BIT(nat), 0);
}

static struct fw_event start(fw_time time, const char *src, const char *dst, uint16_t sport) {
    struct fw_event ev = flow(FW_KIND_FLOW_START, time, src, dst, FW_PROTO_TCP, 443);
    ev.sport = sport;
    return ev;
}

/* n machines behind src, each with a counter of its own; each session goes elsewhere. */
static void counters(struct fixture *f, const char *src, unsigned n, unsigned rounds, bool elsewhere) {
    for (unsigned i = 0; i < rounds; i++)
        for (unsigned k = 0; k < n; k++) {
            struct fw_event ev = start(T0 + (i * n + k) * FW_SECOND, src, host("203.0", elsewhere ? i : k),
                                       (uint16_t)(1100 + 700 * k + 2 * i));
            feed(f, &ev);
        }
}

static void step2_one_machine_is_one_line(void **state) {
    struct fixture *f = open_nat();
    (void)state;
    counters(f, "10.1.4.23", 1, 300, true);
    counters(f, "10.1.4.24", 4, 100, false); /* a system that counts for each destination apart */
    for (unsigned i = 0; i < 2000; i++) {    /* and one that draws lots */
        struct fw_event ev =
            start(T0 + 500000 + i * 200, "10.1.4.25", host("203.0", i), (uint16_t)(32768 + i * 7919 % 28000));
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_two_lines_are_one_sign_three_are_two(void **state) {
    struct fixture *f = open_nat();
    (void)state;
    counters(f, "10.1.4.23", 2, 100, true);
    assert_int_equal(f->count, 0);
    counters(f, "10.1.4.24", 3, 100, true);
    counters(f, "10.9.9.9", 3, 100, true); /* known to be one */
    assert_int_equal(f->count, 1);
    assert_text(
        f, 0, "hidden_nat open: 10.1.4.24 looks like several machines behind one address: 3 sequences of source ports");
    assert_json_has(f, 0, "\"class\":\"usage\"");
    fixture_close(f);
}

static void step2_stragglers_of_a_log_of_ends_are_no_lines(void **state) {
    struct fixture *f = open_nat();
    (void)state;
    for (unsigned i = 0; i < 600; i++) { /* every sixth lasts for a minute, so it comes sixty places later */
        const unsigned began = i >= 60 && i % 6 == 0 ? i - 60 : i;
        struct fw_event ev =
            flow(FW_KIND_FLOW_END, T0 + i * FW_SECOND, "10.1.4.23", host("203.0", i), FW_PROTO_TCP, 443);
        ev.sport = (uint16_t)(1100 + began * 3);
        ev.duration = (i - began) * 1000;
        ev.present |= FW_BIT(duration);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void packet(struct fixture *f, fw_time time, const char *src, uint8_t ttl, uint16_t sport) {
    struct fw_event ev = start(time, src, host("203.0", (unsigned)(time / 1000 % 200)), sport);
    ev.ttl = ttl;
    ev.present |= FW_BIT(ttl);
    feed(f, &ev);
}

static void step3_and_step4_ranges_and_hop_limits(void **state) {
    struct fixture *f = open_nat();
    (void)state;
    for (unsigned i = 0; i < 30; i++) { /* one after the other: the address changed hands */
        packet(f, T0 + i * FW_SECOND, "10.1.4.23", 128, (uint16_t)(1100 + i * 50));
        packet(f, T0 + i * FW_SECOND, "10.1.4.25", 64, (uint16_t)(40000 + i * 50)); /* one system */
        packet(f, T0 + i * FW_SECOND, "10.1.4.25", 3, (uint16_t)(42000 + i * 50));  /* and its traceroute */
    }
    for (unsigned i = 0; i < 30; i++)
        packet(f, T0 + (30 + i) * FW_SECOND, "10.1.4.23", 64, (uint16_t)(40000 + i * 50));
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 30; i++)
        packet(f, T0 + (90 + i) * FW_SECOND, "10.1.4.24", i % 3 == 0 ? 127 : 63,
               (uint16_t)(i % 3 == 0 ? 1100 + i * 50 : 40000 + i * 50));
    assert_int_equal(f->count, 1);
    assert_text(
        f, 0,
        "hidden_nat open: 10.1.4.24 looks like several machines behind one address: two ranges of source ports, "
        "two hop limits (TTL)");
    fixture_close(f);
}

static void browse(struct fixture *f, fw_time time, const char *src, const char *system) {
    char agent[120];
    struct fw_event ev = {.kind = FW_KIND_HTTP, .time = time, .src = addr(src)};
    (void)snprintf(agent, sizeof agent, "Mozilla/5.0 (%s) AppleWebKit/537.36", system);
    ev.agent = (struct fw_str){agent, (uint32_t)strlen(agent)};
    ev.present = FW_BIT(src) | FW_BIT(agent);
    feed(f, &ev);
}

static void step6_three_systems_in_a_proxy_log(void **state) {
    struct fixture *f = open_nat();
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        browse(f, T0 + i * FW_SECOND, "10.1.4.23", i % 2 == 0 ? "Windows NT 10.0; Win64; x64" : "X11; Linux x86_64");
        browse(f, T0 + i * FW_SECOND, "10.1.4.24",
               i % 3 == 0   ? "Windows NT 10.0; Win64; x64"
               : i % 3 == 1 ? "iPhone; CPU iPhone OS 17_1 like Mac OS X"
                            : "Linux; Android 14; Pixel 8");
    }
    assert_int_equal(f->count, 1);
    assert_text(
        f, 0, "hidden_nat open: 10.1.4.24 looks like several machines behind one address: 3 systems named by browsers");
    assert_json_has(f, 0, "\"degraded\":[\"sport\"]");
    fixture_close(f);
}

static void step7_a_busy_machine_alone_is_nothing(void **state) {
    struct fixture *f = open_nat();
    (void)state;
    for (unsigned hour = 0; hour < 6; hour++)
        for (unsigned i = 0; i < 900; i++) {
            struct fw_event ev =
                start(T0 + hour * FW_HOUR + i * 4 * FW_SECOND, i % 9 == 0 ? host("10.2", i / 9 % 10) : "10.1.4.23",
                      host("203.0", i), (uint16_t)(32768 + i * 7919 % 28000));
            feed(f, &ev);
        }
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 60; i++) { /* with two ranges of ports it is not alone */
        struct fw_event ev = start(T0 + 6 * FW_HOUR + i * FW_SECOND, "10.1.4.23", host("203.0", i),
                                   (uint16_t)(i % 2 == 0 ? 2000 + 20 * i : 40000 + 20 * i));
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    assert_text(
        f, 0,
        "hidden_nat open: 10.1.4.23 looks like several machines behind one address: two ranges of source ports, "
        "many sessions");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step2_one_machine_is_one_line),
        cmocka_unit_test(step2_two_lines_are_one_sign_three_are_two),
        cmocka_unit_test(step2_stragglers_of_a_log_of_ends_are_no_lines),
        cmocka_unit_test(step3_and_step4_ranges_and_hop_limits),
        cmocka_unit_test(step6_three_systems_in_a_proxy_log),
        cmocka_unit_test(step7_a_busy_machine_alone_is_nothing),
    };
    return cmocka_run_group_tests_name("det_hidden_nat", tests, NULL, NULL);
}
