/* test_det_skype_user.c: the steps of det_skype_user.c. */
#include "lists.h"

static void step_1_the_url_tells_the_version(void **state) {
    struct fixture *f = fixture_open("skype_user", 0, 0);
    struct fw_user user;
    (void)state;
    with_lists(f, 0);
    request(f, T0, "10.0.0.1", "GET", "http://ui.skype.com/ui/0/8.5/en/getlatestversion?ver=8.5&uhash=1",
            "ui.skype.com", 200, "");
    assert_text(f, 0, "skype_user open: 10.0.0.1 uses Skype 8.5: ui.skype.com");
    request(f, T0 + 1, "10.0.0.1", "GET", "http://ui.skype.com/ui/0/8.6/en/getlatestversion?ver=8.6", "ui.skype.com",
            200, "");
    assert_true(knows(f, "10.0.0.1", "skype", &user));
    assert_string_equal(user.version, "8.6");
    assert_int_equal(f->count, 1);
    request(f, T0 + 2, "10.0.0.2", "GET", "http://www.example.com/getlatestversion", "www.example.com", 200, "");
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void step_2_services_of_today_by_network_and_name(void **state) {
    struct fixture *f = fixture_open("skype_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    end(f, T0, "10.0.0.1", "198.51.100.7", FW_PROTO_UDP, 3478, 200, 300);
    assert_text(f, 0, "skype_user open: 10.0.0.1 uses parley: 198.51.100.7 on udp/3478");
    request(f, T0, "10.0.0.2", "CONNECT", "eu.calls.example:443", "eu.calls.example", 200, "");
    assert_text(f, 1, "skype_user open: 10.0.0.2 uses parley: eu.calls.example");
    deny(f, T0, "10.0.0.3", "198.51.100.7", FW_PROTO_UDP, 3478);
    end(f, T0, "10.0.0.3", "198.51.100.7", FW_PROTO_UDP, 3478, 200, 0);
    request(f, T0, "10.0.0.3", "CONNECT", "eu.calls.example:443", "eu.calls.example", 403, "");
    assert_int_equal(f->count, 2);
    assert_int_equal(learned(f, "10.0.0.1", T0), 0); /* step 5: that looks like no scan */
    fixture_close(f);
}

static void step_3_three_answers_of_stun(void **state) {
    struct fixture *f = fixture_open("skype_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    end(f, T0, "10.0.0.1", "203.0.113.1", FW_PROTO_UDP, 3478, 96, 120);
    end(f, T0 + FW_SECOND, "10.0.0.1", "203.0.113.2", FW_PROTO_UDP, 19302, 96, 0);
    end(f, T0 + 2 * FW_SECOND, "10.0.0.1", "203.0.113.2", FW_PROTO_UDP, 19302, 96, 120);
    assert_int_equal(f->count, 0);
    end(f, T0 + 3 * FW_SECOND, "10.0.0.1", "203.0.113.3", FW_PROTO_UDP, 5349, 96, 120);
    assert_text(f, 0, "skype_user open: 10.0.0.1 uses calls by WebRTC (STUN): 203.0.113.3 on udp/5349");
    for (unsigned i = 0; i < 4; i++) /* a page now and then */
        end(f, T0 + i * 11 * FW_MINUTE, "10.0.0.2", "203.0.113.1", FW_PROTO_UDP, 3478, 96, 120);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

/* n hosts by UDP and TCP on odd ports; `back` of them on 443 as well. */
static void search(struct fixture *f, const char *src, unsigned n, unsigned back) {
    for (unsigned i = 0; i < n; i++)
        end(f, T0 + i * FW_SECOND, src, host("203.0", i), FW_PROTO_UDP, (uint16_t)(20000 + i), 30, 0);
    for (unsigned i = 0; i < n; i++)
        deny(f, T0 + (20 + i) * FW_SECOND, src, host("203.0", i), FW_PROTO_TCP, (uint16_t)(20000 + i));
    for (unsigned i = 0; i < back; i++)
        deny(f, T0 + (40 + i) * FW_SECOND, src, host("203.0", i), FW_PROTO_TCP, 443);
}

static void step_4_hosts_are_tried_on_odd_ports_and_then_on_the_webs(void **state) {
    struct fixture *f = fixture_open("skype_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    search(f, "10.0.0.1", 9, 9);  /* too few hosts */
    search(f, "10.0.0.2", 12, 2); /* too few fall back */
    assert_int_equal(f->count, 0);
    search(f, "10.0.0.3", 10, 3);
    assert_text(f, 0, "skype_user open: 10.0.0.3 uses Skype: tried 10 hosts on odd ports, then on 443 and 80");
    assert_int_equal(learned(f, "10.0.0.3", T0 + FW_HOUR), FW_ROLE_BIT(skype_user)); /* step 5 */
    fixture_close(f);
}

static void step_4_quic_and_the_web_of_a_player_are_none(void **state) {
    struct fixture *f = fixture_open("skype_user", 0, 0);
    (void)state;
    with_lists(f, 0);
    for (unsigned i = 0; i < 60; i++) {
        end(f, T0 + i * FW_SECOND, "10.0.0.1", host("203.0", i), FW_PROTO_UDP, 443, 900, 9000);
        end(f, T0 + i * FW_SECOND, "10.0.0.2", host("203.0", i), FW_PROTO_UDP, 27015, 900, 900);
        end(f, T0 + i * FW_SECOND, "10.0.0.2", host("203.1", i), FW_PROTO_TCP, 443, 900, 9000);
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_1_the_url_tells_the_version),
        cmocka_unit_test(step_2_services_of_today_by_network_and_name),
        cmocka_unit_test(step_3_three_answers_of_stun),
        cmocka_unit_test(step_4_hosts_are_tried_on_odd_ports_and_then_on_the_webs),
        cmocka_unit_test(step_4_quic_and_the_web_of_a_player_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
