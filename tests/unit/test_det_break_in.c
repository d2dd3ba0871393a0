/* break_in, step by step: the numbers are those of det_break_in.c. */
#include "fixture.h"

#define BURGLAR "203.0.113.66"
#define VICTIM  "10.1.0.5"

static struct fixture *open_break_in(void) {
    return fixture_open("addr_scan,break_in,password_crack,port_scan", FW_ROLE_BIT(scanner), 0);
}

static void session(struct fixture *f, fw_time time, const char *src, const char *dst, uint16_t port, uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, FW_PROTO_TCP, port);
    ev.sport = (uint16_t)(20000 + time / 1000 % 40000);
    ev.sent = rcvd > 0 ? 1800 : 60;
    ev.rcvd = rcvd;
    ev.duration = rcvd > 0 ? 4000 : 0;
    ev.present |= FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(duration);
    feed(f, &ev);
}

/* A finding about the pair. */
static void scan_ports(struct fixture *f, fw_time time, const char *src, const char *dst) {
    for (unsigned i = 0; i < 70; i++)
        session(f, time + i * FW_SECOND, src, dst, (uint16_t)(1000 + i), 0);
}

/* Another one about the pair. */
static void guess(struct fixture *f, fw_time time, const char *src, const char *dst) {
    for (unsigned i = 0; i < 40; i++)
        session(f, time + i * 5 * FW_SECOND, src, dst, 22, 2400);
}

/* One about the source alone. */
static void sweep(struct fixture *f, fw_time time, const char *src) {
    for (unsigned i = 0; i < 40; i++)
        session(f, time + i * FW_SECOND, src, host("10.2", i), 22, 0);
}

static const char *break_in_of(const struct fixture *f) {
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        if (strncmp(f->documents[i].text, "break_in open: ", 15) == 0)
            return f->documents[i].text + 15;
    return "";
}

static void step3_a_scan_and_guesses_of_one_pair(void **state) {
    struct fixture *f = open_break_in();
    (void)state;
    scan_ports(f, T0, BURGLAR, VICTIM);
    assert_string_equal(break_in_of(f), "");
    guess(f, T0 + 5 * FW_MINUTE, BURGLAR, VICTIM);
    assert_true(strncmp(break_in_of(f), BURGLAR " breaks into " VICTIM ": port_scan, password_crack", 60) == 0);
    fixture_close(f);
}

static void step3_of_two_pairs_is_none(void **state) {
    struct fixture *f = open_break_in();
    (void)state;
    scan_ports(f, T0, BURGLAR, VICTIM);
    guess(f, T0 + 5 * FW_MINUTE, BURGLAR, "10.1.0.6");
    guess(f, T0 + 10 * FW_MINUTE, "203.0.113.68", VICTIM);
    assert_string_equal(break_in_of(f), "");
    fixture_close(f);
}

static void step1_a_sweep_counts_for_all_pairs(void **state) {
    struct fixture *f = open_break_in();
    (void)state;
    sweep(f, T0, BURGLAR);
    guess(f, T0 + 5 * FW_MINUTE, BURGLAR, VICTIM);
    assert_true(strncmp(break_in_of(f), BURGLAR " breaks into " VICTIM ": password_crack after a sweep", 55) == 0);
    fixture_close(f);
}

static void step3_looking_around_is_no_break_in(void **state) {
    struct fixture *f = open_break_in();
    (void)state;
    sweep(f, T0, BURGLAR);
    scan_ports(f, T0 + 2 * FW_MINUTE, BURGLAR, VICTIM);
    assert_string_equal(break_in_of(f), "");
    fixture_close(f);
}

static void step2_half_an_hour_is_the_limit(void **state) {
    struct fixture *f = open_break_in();
    (void)state;
    scan_ports(f, T0, BURGLAR, VICTIM);
    guess(f, T0 + 60 * FW_MINUTE, BURGLAR, VICTIM);
    assert_string_equal(break_in_of(f), "");
    fixture_close(f);
}

static void a_scanner_may(void **state) {
    struct fixture *f = open_break_in();
    (void)state;
    scan_ports(f, T0, "10.9.9.9", VICTIM);
    guess(f, T0 + 5 * FW_MINUTE, "10.9.9.9", VICTIM);
    assert_string_equal(break_in_of(f), "");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step3_a_scan_and_guesses_of_one_pair), cmocka_unit_test(step3_of_two_pairs_is_none),
        cmocka_unit_test(step1_a_sweep_counts_for_all_pairs),   cmocka_unit_test(step3_looking_around_is_no_break_in),
        cmocka_unit_test(step2_half_an_hour_is_the_limit),      cmocka_unit_test(a_scanner_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
