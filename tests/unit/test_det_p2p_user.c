/* test_det_p2p_user.c: the steps of det_p2p_user.c. */
#include "lists.h"

/* The n-th peer, called on a port of its own; every `answers`-th answers, 0: none. */
static void call(struct fixture *f, fw_time time, unsigned n, uint8_t proto, uint16_t port, unsigned answers) {
    const bool there = answers > 0 && n % answers == 0;
    end(f, time, "10.0.0.1", host("203.0", n), proto, port, 900, there ? 900 : 0);
}

static void steps_1_to_3_twenty_hosts_on_as_many_high_ports(void **state) {
    struct fixture *f = fixture_open("p2p_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 40; i++) { /* services, low ports, inside */
        call(f, T0 + i, i, FW_PROTO_TCP, 1433, 1);
        call(f, T0 + i, i, FW_PROTO_TCP, (uint16_t)(700 + i), 1);
        end(f, T0 + i, "10.0.0.1", host("10.7", i), FW_PROTO_TCP, (uint16_t)(20000 + i), 900, 900);
    }
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 19; i++)
        call(f, T0 + i * FW_SECOND, i, i % 2 ? FW_PROTO_TCP : FW_PROTO_UDP, (uint16_t)(20000 + i * 77), 2);
    assert_int_equal(f->count, 0);
    call(f, T0 + FW_MINUTE, 19, FW_PROTO_UDP, 31999, 2);
    assert_text(f, 0, "p2p_user open: 10.0.0.1 uses file sharing of some kind: 20 peers in 10 min");
    assert_int_equal(learned(f, "10.0.0.1", T0 + FW_HOUR), FW_ROLE_BIT(p2p_user));
    fixture_close(f);
}

static void step_3_few_ports_at_many_hosts_are_no_peers(void **state) {
    struct fixture *f = fixture_open("p2p_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 200; i++)
        call(f, T0 + i * FW_SECOND, i, FW_PROTO_UDP, (uint16_t)(27015 + i % 8), 1);
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 200; i++) /* one host, many ports */
        end(f, T0 + i * FW_SECOND, "10.0.0.2", "203.0.113.9", FW_PROTO_TCP, (uint16_t)(20000 + i), 900, 900);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step_4_a_search_that_nobody_answers_is_none(void **state) {
    struct fixture *f = fixture_open("p2p_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 200; i++)
        deny(f, T0 + i * FW_SECOND, "10.0.0.1", host("203.0", i), FW_PROTO_TCP, (uint16_t)(20000 + i * 7));
    for (unsigned i = 0; i < 200; i++) { /* one port of BitTorrent's at all of them, from one port */
        struct fw_event ev =
            flow(FW_KIND_FLOW_END, T0 + i * FW_SECOND, "10.0.0.2", host("203.1", i), FW_PROTO_UDP, 6892);
        ev.present |= FW_BIT(sent) | FW_BIT(rcvd);
        ev.sent = 42;
        feed(f, &ev);
    }
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 30; i++) /* a hash table's node is told no answers either, but calls ports of all kinds */
        deny(f, T0 + 300 * FW_SECOND + i, "10.0.0.3", host("203.2", i), FW_PROTO_UDP, (uint16_t)(20000 + i * 7));
    assert_int_equal(f->count, 1);
    assert_int_equal(learned(f, "10.0.0.3", T0 + FW_HOUR), 0); /* step 6: it lends no role */
    fixture_close(f);
}

static void step_5_the_name_is_that_of_usual_ports(void **state) {
    static const struct {
        uint16_t port;
        const char *name;
    } names[] = {{51413, "BitTorrent"}, {4662, "eDonkey, eMule or Kademlia"}, {6346, "Gnutella"}};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct fixture *f = fixture_open("p2p_user", 0, 0);
        char text[100];
        with_lists(f, 0);
        for (unsigned i = 0; i < 20; i++)
            call(f, T0 + i * FW_SECOND, i, FW_PROTO_TCP, names[k].port, 2);
        (void)snprintf(text, sizeof text, "p2p_user open: 10.0.0.1 uses %s: 20 peers in 10 min", names[k].name);
        assert_text(f, 0, text);
        fixture_close(f);
    }
}

static void step_6_each_new_peer_is_a_use(void **state) {
    struct fixture *f = fixture_open("p2p_user", 0, 0);
    struct fw_user user;
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 60; i++)
        call(f, T0 + i * FW_SECOND, i, FW_PROTO_TCP, (uint16_t)(20000 + i), 2);
    assert_true(knows(f, "10.0.0.1", "p2p", &user));
    assert_int_equal(user.events, 41);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_1_to_3_twenty_hosts_on_as_many_high_ports),
        cmocka_unit_test(step_3_few_ports_at_many_hosts_are_no_peers),
        cmocka_unit_test(step_4_a_search_that_nobody_answers_is_none),
        cmocka_unit_test(step_5_the_name_is_that_of_usual_ports),
        cmocka_unit_test(step_6_each_new_peer_is_a_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
