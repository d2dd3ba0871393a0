/* infection_chain, step by step: the numbers are those of det_infection_chain.c. */
#include "fixture.h"

#define CHILD  "10.1.1.21"
#define PARENT "10.1.1.20"

static struct fixture *open_chain(void) {
    return fixture_open("addr_scan,infection_chain", FW_ROLE_BIT(nms), 0);
}

/* A session that was accepted, or not answered. */
static void session(struct fixture *f, fw_time time, const char *src, const char *dst, uint16_t port, uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, FW_PROTO_TCP, port);
    ev.sport = (uint16_t)(20000 + time / 1000 % 40000);
    ev.rcvd = rcvd;
    ev.sent = 500;
    ev.present |= FW_BIT(rcvd) | FW_BIT(sent);
    feed(f, &ev);
}

static void sweep(struct fixture *f, fw_time time, const char *src, uint16_t port) {
    for (unsigned i = 0; i < 26; i++)
        session(f, time + i * FW_SECOND, src, host("198.51", i), port, 0);
}

static const char *chain_of(const struct fixture *f) {
    for (size_t i = f->count; i-- > 0;)
        if (i < DOCUMENTS_KEPT && strncmp(f->documents[i].text, "infection_chain open: ", 22) == 0)
            return f->documents[i].text + 22;
    return "";
}

static void step5_who_touched_it_on_the_service_it_attacks_is_the_parent(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, PARENT, CHILD, 445, 900);
    sweep(f, T0 + 4 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f),
                        CHILD " was infected by " PARENT " over tcp/445, 4 min before its first addr_scan");
    assert_json_has(f, f->count - 1,
                    "\"lineage\":{\"parent\":\"" PARENT "\",\"root\":\"" PARENT
                    "\",\"depth\":1,\"share\":100,\"lag_seconds\":240,\"port\":445}");
    fixture_close(f);
}

static void step1_what_was_not_answered_did_not_reach_it(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, PARENT, CHILD, 445, 0);
    sweep(f, T0 + 4 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f), "");
    fixture_close(f);
}

static void step2_contacts_after_the_beginning_do_not_count(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    sweep(f, T0, CHILD, 445);
    session(f, T0 + FW_MINUTE, PARENT, CHILD, 445, 900);
    sweep(f, T0 + 2 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f), "");
    fixture_close(f);
}

static void step3_half_an_hour_is_the_limit(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, PARENT, CHILD, 445, 900);
    sweep(f, T0 + 31 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f), "");
    fixture_close(f);
}

static void step4_another_service_is_not_enough(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, PARENT, CHILD, 3389, 900);
    sweep(f, T0 + 4 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f), "");
    fixture_close(f);
}

static void step4_unless_the_source_is_infected_itself(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    sweep(f, T0, PARENT, 22);
    session(f, T0 + 2 * FW_MINUTE, PARENT, CHILD, 3389, 900);
    sweep(f, T0 + 4 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f),
                        CHILD " was infected by " PARENT " over tcp/3389, 2 min before its first addr_scan");
    fixture_close(f);
}

static void step4_nobody_descends_from_himself(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, PARENT, CHILD, 445, 900);
    sweep(f, T0 + 2 * FW_MINUTE, CHILD, 445);
    session(f, T0 + 3 * FW_MINUTE, CHILD, PARENT, 445, 900);
    sweep(f, T0 + 5 * FW_MINUTE, PARENT, 445);
    assert_string_equal(chain_of(f),
                        CHILD " was infected by " PARENT " over tcp/445, 2 min before its first addr_scan");
    fixture_close(f);
}

static void step5_rivals_take_their_share(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        session(f, T0 + i * FW_SECOND, host("10.2", i), CHILD, 445, 900);
    sweep(f, T0 + 4 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f), ""); /* a third each */
    fixture_close(f);
}

static void step5_the_likeliest_is_named_with_its_rivals(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, "10.1.1.9", CHILD, 3389, 900);
    session(f, T0, PARENT, CHILD, 445, 900);
    sweep(f, T0 + 4 * FW_MINUTE, CHILD, 445);
    assert_json_has(f, f->count - 1,
                    "\"share\":80,\"lag_seconds\":240,\"port\":445,\"rivals\":[{\"ip\":\"10.1.1.9\",\"share\":20}]");
    fixture_close(f);
}

static void step6_the_root_is_handed_on(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, "203.0.113.66", PARENT, 445, 900);
    sweep(f, T0 + 4 * FW_MINUTE, PARENT, 445);
    session(f, T0 + 5 * FW_MINUTE, PARENT, CHILD, 445, 900);
    sweep(f, T0 + 6 * FW_MINUTE, CHILD, 445);
    assert_json_has(f, f->count - 1, "\"parent\":\"" PARENT "\",\"root\":\"203.0.113.66\",\"depth\":2");
    fixture_close(f);
}

/* Who touches a machine from many addresses pushes out contacts on services that worms do not use, and no others. */
static void step1_contacts_on_worm_services_are_kept(void **state) {
    struct fixture *f = open_chain();
    (void)state;
    session(f, T0, PARENT, CHILD, 445, 900);
    for (unsigned i = 0; i < 100; i++)
        session(f, T0 + (1 + i) * FW_SECOND, host("203.0", i), CHILD, 8443, 900);
    sweep(f, T0 + 4 * FW_MINUTE, CHILD, 445);
    assert_string_equal(chain_of(f),
                        CHILD " was infected by " PARENT " over tcp/445, 4 min before its first addr_scan");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step5_who_touched_it_on_the_service_it_attacks_is_the_parent),
        cmocka_unit_test(step1_what_was_not_answered_did_not_reach_it),
        cmocka_unit_test(step2_contacts_after_the_beginning_do_not_count),
        cmocka_unit_test(step3_half_an_hour_is_the_limit),
        cmocka_unit_test(step4_another_service_is_not_enough),
        cmocka_unit_test(step4_unless_the_source_is_infected_itself),
        cmocka_unit_test(step4_nobody_descends_from_himself),
        cmocka_unit_test(step5_rivals_take_their_share),
        cmocka_unit_test(step5_the_likeliest_is_named_with_its_rivals),
        cmocka_unit_test(step6_the_root_is_handed_on),
        cmocka_unit_test(step1_contacts_on_worm_services_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
