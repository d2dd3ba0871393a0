/* test_det_nonweb_on_web.c: the steps of det_nonweb_on_web.c. */
#include "lists.h"

static void step_1_a_connect_to_an_odd_port(void **state) {
    struct fixture *f = fixture_open("nonweb_on_web", 0, 0);
    (void)state;
    with_lists(f, 0);
    request(f, T0, "10.0.0.1", "CONNECT", "bank.example:443", "bank.example", 200, "");
    request(f, T0, "10.0.0.1", "CONNECT", "panel.example:8443", "panel.example", 200, "");
    request(f, T0, "10.0.0.1", "GET", "http://a.example:4444", "a.example", 200, "");
    request(f, T0, "10.0.0.1", "CONNECT", "a.example", "a.example", 200, "");
    request(f, T0, "10.0.0.1", "CONNECT", "a.example:99999", "a.example", 200, "");
    assert_int_equal(f->count, 0);
    request(f, T0, "10.0.0.1", "CONNECT", "a.example:4444", "a.example", 403, "");
    assert_text(f, 0, "nonweb_on_web open: 10.0.0.1 asked the proxy for tunnels to a.example:4444");
    for (unsigned i = 0; i < 50; i++)
        request(f, T0, "10.0.0.1", "CONNECT", i % 2 ? "b.example:21" : "c.example:22", "b.example", 200, "");
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void talk(struct fixture *f, const char *src, const char *dst, uint16_t port, unsigned seconds, uint64_t sent,
                 uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, T0, src, dst, FW_PROTO_TCP, port);
    ev.present |= FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(duration);
    ev.sent = sent;
    ev.rcvd = rcvd;
    ev.duration = (uint64_t)seconds * 1000;
    feed(f, &ev);
}

static void step_2_a_session_that_talks(void **state) {
    struct fixture *f = fixture_open("nonweb_on_web", 0, 0);
    (void)state;
    with_lists(f, 0);
    talk(f, "10.0.0.1", "203.0.113.1", 80, 599, 9000, 9000);   /* short */
    talk(f, "10.0.0.1", "203.0.113.1", 80, 900, 90000, 90001); /* 200 bytes a second */
    talk(f, "10.0.0.1", "203.0.113.1", 80, 900, 1000, 5000);   /* one of them listens */
    talk(f, "10.0.0.1", "203.0.113.1", 443, 900, 9000, 9000);  /* a push */
    talk(f, "10.0.0.1", "192.0.2.70", 80, 900, 9000, 9000);    /* a messenger's */
    talk(f, "10.0.0.1", "10.7.0.1", 80, 900, 9000, 9000);      /* inside */
    assert_int_equal(f->count, 0);
    talk(f, "10.0.0.1", "203.0.113.1", 80, 900, 9000, 12000);
    assert_text(
        f, 0,
        "nonweb_on_web open: 10.0.0.1 talked with 203.0.113.1 on tcp/80 for 15 min, 21000 bytes in all: that is "
        "not the web");
    fixture_close(f);
}

static void step_3_past_the_proxy_of_the_policy(void **state) {
    static const struct fw_entry role = {.role = FW_ROLE_BIT(proxy), .until = FW_TIME_MAX, .label = "proxy: x"};
    static const struct fw_entry *const entries[] = {&role};
    struct fixture *f = fixture_open("nonweb_on_web", 0, 0);
    (void)state;
    with_lists(f, FW_ROLE_BIT(proxy));
    for (unsigned i = 0; i < 9; i++)
        end(f, T0 + i, "10.0.0.1", host("203.0", i), FW_PROTO_TCP, 443, 900, 9000);
    assert_int_equal(f->count, 0); /* nobody said that there is one */
    f->site.entries = entries;
    f->site.entries_count = 1;
    fw_engine_policy(f->engine, &f->settings);
    for (unsigned i = 0; i < 9; i++) {
        end(f, T0 + FW_SECOND + i, "10.0.0.1", host("203.0", i), FW_PROTO_TCP, 443, 900, 9000);
        end(f, T0 + FW_SECOND + i, "10.9.9.9", host("203.0", i), FW_PROTO_TCP, 443, 900, 9000);
    }
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "nonweb_on_web open: 10.0.0.1 goes to the web past the proxy");
    f->site.entries_count = 0;
    fixture_close(f);
}

/* Forty machines go past the proxy, of which `by` are seen to use it, too: how many are told? */
static size_t told_of_forty(unsigned by) {
    static const struct fw_entry role = {.role = FW_ROLE_BIT(proxy), .until = FW_TIME_MAX, .label = "proxy: x"};
    static const struct fw_entry *const entries[] = {&role};
    struct fixture *f = fixture_open("nonweb_on_web", 0, 0);
    size_t told = 0;
    with_lists(f, FW_ROLE_BIT(proxy));
    f->site.entries = entries;
    f->site.entries_count = 1;
    fw_engine_policy(f->engine, &f->settings);
    for (unsigned n = 0; n < by; n++)
        request(f, T0 + n, host("10.1", n), "GET", "http://a.example/", "a.example", 200, "text/html");
    for (unsigned n = 0; n < 40; n++)
        for (unsigned i = 0; i < 4; i++)
            end(f, T0 + FW_MINUTE + n * 10 + i, host("10.1", n), host("203.0", i), FW_PROTO_TCP, 443, 900, 9000);
    told = f->count;
    f->site.entries_count = 0;
    fixture_close(f);
    return told;
}

static void step_3_what_most_do_is_how_the_site_is(void **state) {
    (void)state;
    assert_in_range(told_of_forty(0), 10, 11); /* counted to 5 % */
    assert_in_range(told_of_forty(20), 19, 21);
    assert_int_equal(told_of_forty(60), 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_1_a_connect_to_an_odd_port),
        cmocka_unit_test(step_2_a_session_that_talks),
        cmocka_unit_test(step_3_past_the_proxy_of_the_policy),
        cmocka_unit_test(step_3_what_most_do_is_how_the_site_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
