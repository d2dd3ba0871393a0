/* engine.h: what goes in is counted, what comes out is bounded, and nothing depends on the seed. */
#include "fixture.h"

#include "fail_mem.h"

static void sweep(struct fixture *f, const char *src, fw_time time) {
    for (unsigned i = 0; i < 25; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, time + i * FW_SECOND, src, host("198.51", i), FW_PROTO_TCP, 445);
        feed(f, &ev);
    }
}

static void every_event_is_counted_by_kind(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_counters c;
    (void)state;
    for (int kind = FW_KIND_FLOW_START; kind < FW_KINDS; kind++) {
        struct fw_event ev = flow((enum fw_kind)kind, T0, "10.1.1.1", "198.51.100.1", FW_PROTO_TCP, 443);
        feed(f, &ev);
    }
    fw_engine_get_counters(f->engine, &c);
    assert_int_equal(c.events_observed, 9);
    assert_int_equal(c.events_flow_start, 1);
    assert_int_equal(c.events_flow_end, 1);
    assert_int_equal(c.events_flow_deny, 1);
    assert_int_equal(c.events_http + c.events_dns + c.events_mail + c.events_auth + c.events_threat + c.events_device,
                     6);
    assert_int_equal(c.events_joined, 1); /* the end found its start */
    fixture_close(f);
}

static void an_event_without_any_field_harms_nothing(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (int kind = FW_KIND_NONE; kind < FW_KINDS; kind++) {
        struct fw_event ev = {.kind = (enum fw_kind)kind, .time = T0};
        fw_engine_feed(f->engine, &ev);
    }
    assert_false(fw_engine_waiting(f->engine));
    fixture_close(f);
}

static void the_documents_do_not_depend_on_the_secret_seed(void **state) {
    struct fixture *a = fixture_open("addr_scan", 0, 0), *b = fixture_open("addr_scan", 0, 0);
    char err[128];
    (void)state;
    fw_engine_close(&b->engine);
    const struct fw_engine_config config = {.settings = &b->settings, .seed = {{77, 99}}};
    assert_int_equal(fw_engine_open(&b->engine, &config, err, sizeof err), 0);
    for (unsigned s = 0; s < 20; s++) {
        char src[FW_ADDR_TEXT_MAX];
        (void)snprintf(src, sizeof src, "10.1.3.%u", s);
        sweep(a, src, T0 + s * FW_SECOND);
        sweep(b, src, T0 + s * FW_SECOND);
    }
    assert_int_equal(a->count, 20);
    assert_int_equal(b->count, 20);
    for (size_t i = 0; i < 20; i++)
        assert_string_equal(a->documents[i].json, b->documents[i].json);
    fixture_close(a);
    fixture_close(b);
}

static void a_full_outlet_counts_what_it_drops(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_counters c;
    (void)state;
    f->settings.findings_per_minute = 6000;
    fw_engine_policy(f->engine, &f->settings);
    for (unsigned s = 0; s < FW_OUTLET_MAX + 50; s++) {
        char src[FW_ADDR_TEXT_MAX];
        (void)snprintf(src, sizeof src, "10.1.%u.%u", s / 200, s % 200);
        for (unsigned i = 0; i < 25; i++) {
            struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i, src, host("198.51", i), FW_PROTO_TCP, 445);
            fw_engine_feed(f->engine, &ev); /* nobody takes */
        }
    }
    fw_engine_get_counters(f->engine, &c);
    assert_int_equal(c.documents_written, FW_OUTLET_MAX);
    assert_int_equal(c.documents_dropped, 50);
    fixture_collect(f);
    assert_int_equal(f->count, FW_OUTLET_MAX);
    fixture_close(f);
}

static void many_endings_at_once_lose_none(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_counters c;
    (void)state;
    f->settings.findings_per_minute = 6000;
    fw_engine_policy(f->engine, &f->settings);
    for (unsigned s = 0; s < 500; s++) {
        char src[FW_ADDR_TEXT_MAX];
        (void)snprintf(src, sizeof src, "10.1.%u.%u", s / 200, s % 200);
        sweep(f, src, T0);
    }
    for (unsigned i = 0; i < 20; i++) {
        fw_engine_idle(f->engine, FW_HOUR / 10);
        fixture_collect(f);
    }
    fw_engine_get_counters(f->engine, &c);
    assert_int_equal(c.findings_closed, 500);
    assert_int_equal(c.documents_written, 1000);
    assert_int_equal(c.documents_dropped, 0);
    fixture_close(f);
}

static void a_new_policy_keeps_the_state(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
        feed(f, &ev);
    }
    fw_engine_policy(f->engine, &f->settings);
    for (unsigned i = 20; i < 25; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + i * FW_SECOND, "10.1.2.3", host("198.51", i), FW_PROTO_TCP, 445);
        feed(f, &ev);
    }
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

static void time_passes_without_traffic(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    sweep(f, "10.1.2.3", T0);
    assert_int_equal(f->count, 1);
    for (unsigned i = 0; i < 16 * 60; i++) {
        fw_engine_idle(f->engine, FW_SECOND);
        fixture_collect(f);
    }
    assert_int_equal(f->count, 2);
    assert_json_has(f, 1, "\"action\":\"finding-close\"");
    /* the close carries its own time, not that of whoever ticked */
    assert_json_has(f, 1, "{\"@timestamp\":\"2026-10-12T08:15:24.000Z\"");
    fixture_close(f);
}

static void one_device_far_ahead_ends_nothing(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_counters c;
    (void)state;
    sweep(f, "10.1.2.3", T0);
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + 300 * 24 * FW_HOUR, "10.4.4.4", "198.51.100.9", FW_PROTO_TCP, 80);
    feed(f, &ev);
    for (unsigned i = 0; i < 30; i++) { /* a scan by that clock opens, and closes when it is over */
        struct fw_event far = flow(FW_KIND_FLOW_DENY, T0 + 300 * 24 * FW_HOUR + i * FW_SECOND, "10.4.4.5",
                                   host("198.51", i), FW_PROTO_TCP, 8081);
        struct fw_event present =
            flow(FW_KIND_FLOW_DENY, T0 + 26 * FW_SECOND, "10.4.4.6", "198.51.100.1", FW_PROTO_TCP, 80);
        feed(f, &far);
        feed(f, &present);
    }
    assert_int_equal(f->count, 2);
    struct fw_event now = flow(FW_KIND_FLOW_DENY, T0 + FW_MINUTE, "10.4.4.4", "198.51.100.9", FW_PROTO_TCP, 80);
    feed(f, &now);
    fw_engine_get_counters(f->engine, &c);
    assert_int_equal(c.events_ahead, 31);
    assert_int_equal(c.findings_held, 2);
    fw_engine_idle(f->engine, FW_HOUR);
    fixture_collect(f);
    assert_int_equal(f->count, 4);
    fixture_close(f);
}

static void an_allocator_that_fails_fails_the_opening_cleanly(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    char err[128];
    (void)state;
    for (int fail_at = 0; fail_at < 40; fail_at++) {
        struct fail_mem fail;
        fail_mem_init(&fail, fail_at);
        const struct fw_engine_config config = {.settings = &f->settings, .mem = &fail.mem};
        struct fw_engine *engine = NULL;
        if (fw_engine_open(&engine, &config, err, sizeof err) == 0)
            fw_engine_close(&engine);
        else
            assert_null(engine);
        assert_int_equal(fail.live, 0);
    }
    fixture_close(f);
}

static void health_waits_for_time_to_begin(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0, "192.0.2.1", "10.1.1.1", FW_PROTO_TCP, 25);
    struct fw_counters counters;
    (void)state;
    for (unsigned i = 0; i < FW_HEALTH_EARLY_MAX + 2; i++)
        fw_engine_health(f->engine, "state-refused", 4, FW_TIME_NONE, "the state file was set aside");
    fixture_collect(f);
    assert_int_equal(f->count, 0);
    feed(f, &ev);
    assert_int_equal(f->count, FW_HEALTH_EARLY_MAX);
    assert_text(f, 0, "health: the state file was set aside");
    assert_json_has(f, 0, "\"action\":\"state-refused\"");
    fw_engine_get_counters(f->engine, &counters);
    assert_int_equal(counters.notices_dropped, 2);
    assert_int_equal(counters.notices_written, FW_HEALTH_EARLY_MAX);
    fw_engine_health(f->engine, "policy-refused", 4, FW_TIME_NONE, "policy.yaml:3: no such key");
    fixture_collect(f);
    assert_text(f, FW_HEALTH_EARLY_MAX, "health: policy.yaml:3: no such key");
    fixture_close(f);
}

static size_t asked;

static void *counted(void *cookie, size_t size) {
    (void)cookie;
    asked += size;
    return calloc(1, size);
}

static void uncounted(void *cookie, void *p) {
    (void)cookie;
    free(p);
}

static void everything_fits_into_max_memory(void **state) {
    static const size_t sizes[] = {(size_t)16 << 20, (size_t)256 << 20, (size_t)1 << 30};
    const struct fw_mem mem = {counted, uncounted, NULL};
    char err[128];
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        struct fw_engine_part part;
        size_t sum = 0;
        fw_engine_close(&f->engine);
        f->settings.max_memory = sizes[i];
        const struct fw_engine_config config = {.settings = &f->settings, .seed = {{1, 2}}, .mem = &mem};
        asked = 0;
        assert_int_equal(fw_engine_open(&f->engine, &config, err, sizeof err), 0);
        assert_true(asked <= sizes[i]);
        assert_true(asked >= sizes[i] / 100 * 90); /* and is used */
        for (size_t n = 0; fw_engine_part(f->engine, n, &part); n++) {
            assert_true(n == 0 || part.keys > 0);
            sum += part.bytes;
        }
        assert_true(sum <= sizes[i] && sum >= asked);
        fixture_close(f);
    }
}

static void a_line_that_comes_again_counts_once(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    struct fw_counters c;
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0, "10.1.1.1", "198.51.100.1", FW_PROTO_TCP, 443);
        ev.identity = i < 6 ? 7 : 0; /* without one, nobody can tell */
        feed(f, &ev);
    }
    fw_engine_get_counters(f->engine, &c);
    assert_int_equal(c.lines_repeated, 5);
    assert_int_equal(c.events_observed, 5);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_counted_by_kind),
        cmocka_unit_test(an_event_without_any_field_harms_nothing),
        cmocka_unit_test(the_documents_do_not_depend_on_the_secret_seed),
        cmocka_unit_test(a_full_outlet_counts_what_it_drops),
        cmocka_unit_test(many_endings_at_once_lose_none),
        cmocka_unit_test(a_new_policy_keeps_the_state),
        cmocka_unit_test(time_passes_without_traffic),
        cmocka_unit_test(one_device_far_ahead_ends_nothing),
        cmocka_unit_test(everything_fits_into_max_memory),
        cmocka_unit_test(a_line_that_comes_again_counts_once),
        cmocka_unit_test(an_allocator_that_fails_fails_the_opening_cleanly),
        cmocka_unit_test(health_waits_for_time_to_begin),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
