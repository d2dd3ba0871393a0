/* What addresses are called, by the logs of proxies and resolvers. */
#include "fixture.h"

#include "core/names.h"
#include "core/site.h"

static struct fw_names *open_names(size_t bytes) {
    static const struct fw_seed seed = {{1, 2}};
    struct fw_names *names;
    assert_int_equal(fw_names_open(&names, bytes, &seed, &fw_mem_libc), 0);
    return names;
}

static struct fw_str text_of(const char *text) {
    return (struct fw_str){text, (uint32_t)strlen(text)};
}

static void fetch(struct fw_names *names, fw_time time, const char *host, const char *dst, uint64_t dst_roles) {
    struct fw_event ev = {.kind = FW_KIND_HTTP, .time = time, .dst = addr(dst), .dst_roles = dst_roles};
    ev.host = text_of(host);
    ev.present = FW_BIT(host) | FW_BIT(dst);
    fw_names_learn(names, &ev);
}

static void assert_names(struct fw_names *names, const char *at, const char *wanted) {
    const char *found[FW_NAMES_KEPT];
    const union fw_addr a = addr(at);
    char text[FW_NAMES_KEPT * FW_DOMAIN_MAX] = "";
    const size_t n = fw_names_of(names, &a, found);
    for (size_t i = 0; i < n; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "", found[i]);
    assert_string_equal(text, wanted);
}

static void names_come_from_proxies_and_resolvers(void **state) {
    struct fw_names *names = open_names(1 << 20);
    struct fw_event ev = {.kind = FW_KIND_DNS, .time = T0, .answer = addr("203.0.113.2")};
    (void)state;
    fetch(names, T0, "WWW.Example.COM:443", "203.0.113.1", 0);
    fetch(names, T0 + 1, "cdn.example.net.", "203.0.113.1", 0);
    fetch(names, T0 + 2, "cdn.example.net", "203.0.113.1", 0);
    ev.query = text_of("mail.example.org");
    ev.present = FW_BIT(query);
    fw_names_learn(names, &ev); /* a question without its answer */
    assert_names(names, "203.0.113.2", "");
    ev.present |= FW_BIT(answer);
    fw_names_learn(names, &ev);
    assert_names(names, "203.0.113.1", "cdn.example.net www.example.com");
    assert_names(names, "203.0.113.2", "mail.example.org");
    fw_names_close(&names);
}

static void what_is_no_name_is_not_kept(void **state) {
    static const char *const wrong[] = {
        "", "localhost", "192.0.2.1", "2001:db8::1", "a b.example", "x\".example", "é.example", "a/../b.example", "."};
    struct fw_names *names = open_names(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        fetch(names, T0, wrong[i], "203.0.113.1", 0);
    fetch(names, T0, "www.example.com", "10.1.0.5", FW_ROLE_HOME); /* inside */
    fetch(names, T0, "www.example.com", "203.0.113.9", FW_ROLE_BIT(proxy));
    assert_names(names, "203.0.113.1", "");
    assert_names(names, "10.1.0.5", "");
    assert_names(names, "203.0.113.9", "");
    fetch(names, T0, "abcdefghijklmnopqrstuvwxyz0123456789.abcdefghijklmnopqrstuvwxyz.example.com", "203.0.113.1", 0);
    assert_names(names, "203.0.113.1", "abcdefghijklmnopqrstuvwxyz.example.com");
    fw_names_close(&names);
}

static void four_names_are_kept_and_the_oldest_goes(void **state) {
    struct fw_names *names = open_names(1 << 20);
    char host[32];
    (void)state;
    for (unsigned round = 0; round < 3; round++)
        fetch(names, T0 + round, "often.example.com", "203.0.113.1", 0);
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(host, sizeof host, "n%u.example.com", i);
        fetch(names, T0 + 10 + i, host, "203.0.113.1", 0);
    }
    fetch(names, T0 + 20, "often.example.com", "203.0.113.1", 0);
    fetch(names, T0 + 21, "new.example.com", "203.0.113.1", 0);
    assert_names(names, "203.0.113.1", "often.example.com new.example.com n2.example.com n1.example.com");
    fw_names_close(&names);
}

static void a_flood_of_addresses_has_a_bound(void **state) {
    struct fw_names *names = open_names(64 << 10);
    struct fw_table_stats stats;
    size_t bytes;
    (void)state;
    for (unsigned i = 0; i < 5000; i++)
        fetch(names, T0 + i, "www.example.com", host("203.0", i), 0);
    fw_names_get_stats(names, &stats, &bytes);
    assert_true(stats.held < 250 && stats.evicted > 4000);
    assert_names(names, host("203.0", 4999), "www.example.com");
    fw_names_close(&names);
}

static void they_survive_in_the_state(void **state) {
    struct fw_names *names = open_names(1 << 20), *again = open_names(1 << 20);
    static uint8_t bytes[1 << 20];
    struct fw_put put = {.p = bytes, .size = sizeof bytes};
    uint64_t cursor = 0;
    (void)state;
    fetch(names, T0, "www.example.com", "203.0.113.1", 0);
    fetch(names, T0 + 1, "cdn.example.net", "203.0.113.1", 0);
    fw_names_shift(names, T0, FW_HOUR);
    assert_true(fw_names_save(names, &put, &cursor));
    struct fw_get get = {.p = bytes, .size = put.len};
    assert_int_equal(fw_names_load(again, &get), 0);
    fw_names_loaded(again);
    assert_names(again, "203.0.113.1", "cdn.example.net www.example.com");
    fw_names_close(&names);
    fw_names_close(&again);
}

static void a_finding_carries_names_and_whereabouts(void **state) {
    struct fixture *f = fixture_open("long_tunnel", 0, 0);
    (void)state;
    struct fw_event ev = {.kind = FW_KIND_HTTP, .time = T0, .src = addr("10.1.4.23"), .dst = addr("203.0.113.1")};
    ev.host = text_of("files.example.net");
    ev.present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(host);
    feed(f, &ev);
    ev = flow(FW_KIND_FLOW_END, T0 + 1, "10.1.4.23", "203.0.113.1", FW_PROTO_TCP, 443);
    ev.duration = 2 * FW_HOUR;
    ev.present |= FW_BIT(duration);
    feed(f, &ev);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "\"destination\":{\"domain\":\"files.example.net\",\"ip\":\"203.0.113.1\",\"port\":443}");
    assert_json_has(f, 0, "\"hosts\":[\"files.example.net\"]");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_from_proxies_and_resolvers),
        cmocka_unit_test(what_is_no_name_is_not_kept),
        cmocka_unit_test(four_names_are_kept_and_the_oldest_goes),
        cmocka_unit_test(a_flood_of_addresses_has_a_bound),
        cmocka_unit_test(they_survive_in_the_state),
        cmocka_unit_test(a_finding_carries_names_and_whereabouts),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
