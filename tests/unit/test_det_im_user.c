/* test_det_im_user.c: the steps of det_im_user.c. */
#include "lists.h"

static void step_1_what_is_denied_unanswered_or_from_outside_is_no_use(void **state) {
    struct fixture *f = fixture_open("im_user", 0, 0);
    struct fw_user user;
    (void)state;
    with_lists(f, FW_ROLE_BIT(proxy));
    deny(f, T0, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443);
    end(f, T0 + 1, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443, 52, 0);
    end(f, T0 + 2, "203.0.113.1", "192.0.2.70", FW_PROTO_TCP, 443, 900, 900);
    request(f, T0 + 3, "10.0.0.1", "CONNECT", "web.messenger.example:443", "web.messenger.example", 403, "");
    end(f, T0 + 4, "10.9.9.9", "192.0.2.70", FW_PROTO_TCP, 443, 900, 900); /* the proxy, for others */
    assert_int_equal(f->count, 0);
    assert_false(knows(f, "10.0.0.1", "whisper", &user));
    fixture_close(f);
}

static void step_2_a_service_is_known_by_its_network_and_its_ports(void **state) {
    struct fixture *f = fixture_open("im_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    end(f, T0, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443, 900, 900);
    assert_text(f, 0, "im_user open: 10.0.0.1 uses whisper: 192.0.2.70 on tcp/443");
    end(f, T0 + 1, "10.0.0.2", "192.0.2.200", FW_PROTO_TCP, 443, 900, 900); /* its web pages */
    assert_int_equal(f->count, 1);
    end(f, T0 + 2, "10.0.0.2", "192.0.2.200", FW_PROTO_TCP, 5222, 900, 900);
    assert_text(f, 1, "im_user open: 10.0.0.2 uses pigeon: 192.0.2.200 on tcp/5222");
    fixture_close(f);
}

static void step_3_by_a_port_alone_only_what_was_answered(void **state) {
    struct fixture *f = fixture_open("im_user", 0, 0);
    struct fw_event start = flow(FW_KIND_FLOW_START, T0, "10.0.0.1", "203.0.113.5", FW_PROTO_TCP, 5222);
    (void)state;
    with_lists(f, 0);
    feed(f, &start); /* nobody knows what became of it */
    assert_int_equal(f->count, 0);
    end(f, T0 + FW_SECOND, "10.0.0.2", "203.0.113.5", FW_PROTO_TCP, 5222, 900, 900);
    assert_text(f, 0, "im_user open: 10.0.0.2 uses jabber: 203.0.113.5 on tcp/5222");
    fixture_close(f);
}

static void step_4_a_host_name_tells_too(void **state) {
    struct fixture *f = fixture_open("im_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    request(f, T0, "10.0.0.1", "GET", "http://notmessenger.example/", "notmessenger.example", 200, "");
    request(f, T0, "10.0.0.1", "GET", "http://messenger.example.net/", "messenger.example.net", 200, "");
    assert_int_equal(f->count, 0);
    request(f, T0, "10.0.0.1", "CONNECT", "a.b.Messenger.Example:443", "a.b.Messenger.Example", 200, "");
    assert_text(f, 0, "im_user open: 10.0.0.1 uses whisper: a.b.Messenger.Example");
    fixture_close(f);
}

static void step_5_a_user_is_reported_once_and_counted_for_ever(void **state) {
    struct fixture *f = fixture_open("im_user", 0, 0);
    struct fw_user user;
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 300; i++)
        end(f, T0 + i * 4 * FW_MINUTE, "10.0.0.1", "192.0.2.70", FW_PROTO_TCP, 443, 900, 100);
    assert_int_equal(f->count, 2); /* it goes on, and nothing more is said of it but in the list of the day */
    assert_text(f, 1, "summary: whisper: 1 user since 2026-10-12T08:00Z, 1 new: 10.0.0.1");
    assert_true(knows(f, "10.0.0.1", "whisper", &user));
    assert_int_equal(user.events, 300);
    assert_int_equal(user.bytes, 300000);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_1_what_is_denied_unanswered_or_from_outside_is_no_use),
        cmocka_unit_test(step_2_a_service_is_known_by_its_network_and_its_ports),
        cmocka_unit_test(step_3_by_a_port_alone_only_what_was_answered),
        cmocka_unit_test(step_4_a_host_name_tells_too),
        cmocka_unit_test(step_5_a_user_is_reported_once_and_counted_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
