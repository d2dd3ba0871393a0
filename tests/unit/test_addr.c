/* test_addr.c: addresses, networks, and the map; inet_pton() and a plain search judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "core/addr.h"
#include "fail_mem.h"

static union fw_addr addr(const char *text) {
    union fw_addr a;

    if (fw_addr_parse(&a, text, strlen(text)) != 0)
        fail_msg("%s is refused", text);
    return a;
}

static void ipv4_is_kept_v4_mapped(void **state) {
    static const uint8_t expected[16] = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 255};
    const union fw_addr a = addr("192.0.2.255"), mapped = addr("::ffff:192.0.2.255"), hex = addr("::FFFF:c000:2ff");
    (void)state;

    assert_memory_equal(a.b, expected, 16);
    assert_true(fw_addr_equal(&a, &mapped));
    assert_true(fw_addr_equal(&a, &hex));
    assert_true(fw_addr_is_v4(&a));
}

static void texts_that_are_no_address_are_refused(void **state) {
    static const char *const texts[] = {
        "",
        ".",
        "1",
        "1.2.3",
        "1.2.3.",
        "1.2.3.4.",
        "1.2.3.4.5",
        "1..2.3",
        ".1.2.3",
        "256.1.1.1",
        "1.2.3.256",
        "1.2.3.999",
        "1.2.3.1000",
        "01.2.3.4",
        "1.2.3.04",
        "00.0.0.0",
        "1.2.3.-1",
        "+1.2.3.4",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1,2,3,4",
        "0x1.2.3.4",
        "1.2.3.4/8",
        ":",
        ":::",
        "1",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "::1::",
        "1::2::3",
        "1:::2",
        ":1:2:3:4",
        "1:2:3:4:",
        "12345::",
        "g::",
        "[::1]",
        "fe80::1%1",
        "::/0",
        "::1.2.3",
        "::1.2.3.400",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::-1",
        "::1 ",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:1.2.3.4",
        "localhost",
    };
    union fw_addr a;
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (fw_addr_parse(&a, texts[i], strlen(texts[i])) == 0)
            fail_msg("\"%s\" is accepted", texts[i]);
    assert_int_equal(fw_addr_parse(&a, "1.2.3.4\0", 8), -1);
    assert_int_equal(fw_addr_parse(&a, "::1\0", 4), -1);
}

static void no_byte_beyond_the_length_is_read(void **state) {
    static const char text[] = "10.20.30.40";
    union fw_addr a;
    char *exact;
    (void)state;

    assert_int_equal(fw_addr_parse(&a, text, 10), 0);
    assert_true(a.b[15] == 4);
    for (size_t len = 0; len <= 11; len++) { /* the sanitizer watches */
        exact = malloc(len > 0 ? len : 1);
        memcpy(exact, text, len);
        fw_addr_parse(&a, exact, len);
        free(exact);
    }
}

static void parsing_agrees_with_inet_pton(void **state) {
    static const char letters[] = "0123456789abcdefABCF:::::....f%/ ";
    uint64_t random = 88172645463325252u;
    unsigned accepted = 0;
    (void)state;

    for (int i = 0; i < 400000; i++) {
        char text[64];
        size_t len;
        union fw_addr a;
        struct in6_addr six;
        struct in_addr four;

        if (i % 2 == 0) { /* a real one with a letter changed */
            uint64_t words[2] = {test_random(&random) & test_random(&random) & test_random(&random),
                                 test_random(&random) & test_random(&random)};
            uint8_t b[16];
            memcpy(b, words, 16);
            for (int k = 0; k < 16; k += 2)
                if (test_random(&random) % 2)
                    b[k] = b[k + 1] = 0;
            if (i % 4 == 0)
                inet_ntop(AF_INET, b + 4, text, sizeof text);
            else
                inet_ntop(AF_INET6, b, text, sizeof text);
            len = strlen(text);
            if (test_random(&random) % 2)
                text[test_random(&random) % len] = letters[test_random(&random) % (sizeof letters - 1)];
        } else {
            len = test_random(&random) % 20;
            for (size_t k = 0; k < len; k++)
                text[k] = letters[test_random(&random) % (sizeof letters - 1)];
            text[len] = '\0';
        }
        const int ours = fw_addr_parse(&a, text, len);
        const int is_six = inet_pton(AF_INET6, text, &six) == 1, is_four = inet_pton(AF_INET, text, &four) == 1;
        if ((ours == 0) != (is_six || is_four))
            fail_msg("\"%s\": we say %d", text, ours);
        if (is_six)
            assert_memory_equal(a.b, six.s6_addr, 16);
        if (is_four)
            assert_memory_equal(a.b + 12, &four, 4);
        accepted += ours == 0;
    }
    assert_true(accepted > 50000);
}

static void text_is_canonical(void **state) {
    static const char *const pairs[][2] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::ffff:10.1.2.3", "10.1.2.3"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"::1.2.3.4", "::102:304"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* RFC 5952 4.2.2: one group is not shortened */
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          /* 4.2.3: the longest run */
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    /* 4.2.3: the first of equals */
        {"0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"0:1:2:3:4:5:6:0", "0:1:2:3:4:5:6:0"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"0a0b:00c0::00ff", "a0b:c0::ff"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const union fw_addr a = addr(pairs[i][0]);
        char text[FW_ADDR_TEXT_MAX];

        assert_int_equal(fw_addr_format(&a, text), strlen(pairs[i][1]));
        assert_string_equal(text, pairs[i][1]);
    }
}

static void what_is_written_reads_back(void **state) {
    uint64_t random = 42;
    (void)state;

    for (int i = 0; i < 100000; i++) {
        union fw_addr a = {.q = {test_random(&random), test_random(&random)}}, b;
        char text[FW_ADDR_TEXT_MAX];

        for (int k = 0; k < 8; k++)
            if (test_random(&random) % 2)
                a.b[2 * k] = a.b[2 * k + 1] = 0;
        const size_t len = fw_addr_format(&a, text);
        assert_true(len < FW_ADDR_TEXT_MAX && text[len] == '\0');
        assert_int_equal(fw_addr_parse(&b, text, len), 0);
        assert_true(fw_addr_equal(&a, &b));
    }
}

static void groups_are_no_hosts(void **state) {
    static const char *const groups[] = {"224.0.0.1", "239.255.255.255", "255.255.255.255", "0.0.0.0",
                                         "::",        "ff02::1",         "ffff::"};
    static const char *const hosts[] = {"223.255.255.255", "240.0.0.1",    "10.255.255.255", "0.0.0.1", "::1",
                                        "fe80::1",         "2001:db8::ff", "::ffff:0:1"};
    (void)state;

    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        const union fw_addr a = addr(groups[i]);
        assert_true(fw_addr_is_group(&a));
    }
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        const union fw_addr a = addr(hosts[i]);
        assert_false(fw_addr_is_group(&a));
    }
}

static void compare_orders_by_bytes(void **state) {
    const union fw_addr low = addr("10.0.0.255"), high = addr("10.0.1.0"), six = addr("2001::");
    (void)state;

    assert_true(fw_addr_compare(&low, &high) < 0);
    assert_true(fw_addr_compare(&six, &high) > 0);
    assert_int_equal(fw_addr_compare(&low, &low), 0);
}

/* ---- networks ---- */

static struct fw_net net(const char *text) {
    struct fw_net n;
    char err[256];

    if (fw_net_parse(&n, text, strlen(text), err, sizeof err) != 0)
        fail_msg("%s", err);
    return n;
}

static void networks_read_and_print_alike(void **state) {
    static const char *const texts[] = {"10.0.0.0/8",    "0.0.0.0/0", "192.0.2.7",   "192.0.2.6/31",
                                        "2001:db8::/32", "::/0",      "2001:db8::1", "2001:db8::/127"};
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct fw_net n = net(texts[i]);
        char text[64];

        assert_int_equal(fw_net_format(&n, text, sizeof text), strlen(texts[i]));
        assert_string_equal(text, texts[i]);
    }
    assert_int_equal(net("10.0.0.0/8").bits, 104);
    assert_int_equal(net("192.0.2.7/32").bits, 128);
}

static void a_network_text_is_cut_at_the_buffer(void **state) {
    const struct fw_net n = net("10.0.0.0/8");
    char text[6];
    (void)state;

    assert_int_equal(fw_net_format(&n, text, sizeof text), 5);
    assert_string_equal(text, "10.0.");
    assert_int_equal(fw_net_format(&n, text, 0), 0);
}

static void wrong_networks_are_refused_with_a_reason(void **state) {
    static const char *const pairs[][2] = {
        {"10.0.0.1/8", "host bits set; the network is 10.0.0.0/8"},
        {"2001:db8::1/64", "host bits set; the network is 2001:db8::/64"},
        {"10.0.0.0/33", "0 to 32"},
        {"10.0.0.0/", "0 to 32"},
        {"10.0.0.0/08", "0 to 32"},
        {"10.0.0.0/-1", "0 to 32"},
        {"10.0.0.0/8 ", "0 to 32"},
        {"::/129", "0 to 128"},
        {"10.0.0/8", "is no address or network"},
        {"", "is no address or network"},
        {"/8", "is no address or network"},
    };
    struct fw_net n = {.bits = 77};
    char err[256];
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(fw_net_parse(&n, pairs[i][0], strlen(pairs[i][0]), err, sizeof err), -1);
        if (!strstr(err, pairs[i][1]))
            fail_msg("%s: %s", pairs[i][0], err);
    }
    assert_int_equal(n.bits, 77);
    assert_int_equal(fw_net_parse(&n, "x", 1, NULL, 0), -1);
}

static void a_network_contains_its_first_and_last_address(void **state) {
    const struct fw_net n = net("10.1.2.16/28"), all = net("::/0"), host = net("10.1.2.3");
    const union fw_addr first = addr("10.1.2.16"), last = addr("10.1.2.31"), before = addr("10.1.2.15"),
                        after = addr("10.1.2.32"), me = addr("10.1.2.3");
    (void)state;

    assert_true(fw_net_contains(&n, &first));
    assert_true(fw_net_contains(&n, &last));
    assert_false(fw_net_contains(&n, &before));
    assert_false(fw_net_contains(&n, &after));
    assert_true(fw_net_contains(&all, &first));
    assert_true(fw_net_contains(&host, &me));
    assert_false(fw_net_contains(&host, &first));
}

/* ---- the map ---- */

static uint64_t lookup(const struct fw_netmap *map, const char *text) {
    const union fw_addr a = addr(text);

    return fw_netmap_lookup(map, &a);
}

static void an_empty_map_answers_nothing(void **state) {
    struct fw_netmap map;
    (void)state;

    assert_int_equal(fw_netmap_build(&map, NULL, 0), 0);
    assert_int_equal(lookup(&map, "10.0.0.1"), 0);
    fw_netmap_free(&map);
    fw_netmap_free(&map);
}

static void nested_networks_add_their_masks(void **state) {
    const struct fw_netmask nets[] = {
        {net("10.1.2.0/24"), 4}, {net("10.0.0.0/8"), 1}, {net("10.1.0.0/16"), 2},    {net("10.1.2.3"), 8},
        {net("10.0.0.0/8"), 16}, {net("::/0"), 32},      {net("2001:db8::/32"), 64}, {net("255.255.255.255"), 128},
    };
    struct fw_netmap map;
    (void)state;

    assert_int_equal(fw_netmap_build(&map, nets, sizeof nets / sizeof *nets), 0);
    assert_int_equal(lookup(&map, "10.1.2.3"), 1 + 2 + 4 + 8 + 16 + 32);
    assert_int_equal(lookup(&map, "10.1.2.4"), 1 + 2 + 4 + 16 + 32);
    assert_int_equal(lookup(&map, "10.1.3.0"), 1 + 2 + 16 + 32);
    assert_int_equal(lookup(&map, "10.2.0.0"), 1 + 16 + 32);
    assert_int_equal(lookup(&map, "11.0.0.0"), 32);
    assert_int_equal(lookup(&map, "9.255.255.255"), 32);
    assert_int_equal(lookup(&map, "255.255.255.255"), 128 + 32);
    assert_int_equal(lookup(&map, "2001:db8::1"), 64 + 32);
    assert_int_equal(lookup(&map, "2001:db9::"), 32);
    assert_int_equal(lookup(&map, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 32);
    assert_int_equal(lookup(&map, "::"), 32);
    fw_netmap_free(&map);
}

static void ipv4_networks_do_not_match_ipv6(void **state) {
    const struct fw_netmask nets[] = {{net("0.0.0.0/0"), 1}};
    struct fw_netmap map;
    (void)state;

    assert_int_equal(fw_netmap_build(&map, nets, 1), 0);
    assert_int_equal(lookup(&map, "0.0.0.0"), 1);
    assert_int_equal(lookup(&map, "255.255.255.255"), 1);
    assert_int_equal(lookup(&map, "::fffe:ffff:ffff"), 0);
    assert_int_equal(lookup(&map, "0:0:0:0:0:1::"), 0);
    fw_netmap_free(&map);
}

static void the_map_agrees_with_a_plain_search(void **state) {
    uint64_t random = 4711;
    (void)state;

    for (int round = 0; round < 60; round++) {
        struct fw_netmask nets[64];
        struct fw_netmap map;
        const size_t n = 1 + test_random(&random) % 64;

        for (size_t i = 0; i < n; i++) {
            union fw_addr a = addr(test_random(&random) % 3 ? "10.0.0.0" : "2001:db8::");
            char text[64], err[128];
            const unsigned bits = (unsigned)(test_random(&random) % 129);

            a.b[13] = (uint8_t)(test_random(&random) % 4);
            a.b[14] = (uint8_t)(test_random(&random) % 4);
            a.b[15] = (uint8_t)test_random(&random);
            for (unsigned bit = bits; bit < 128; bit++)
                a.b[bit / 8] &= (uint8_t)(0xff ^ 0x80 >> bit % 8);
            nets[i].net = (struct fw_net){.addr = a, .bits = (uint8_t)bits};
            nets[i].mask = UINT64_C(1) << i;
            fw_net_format(&nets[i].net, text, sizeof text);
            assert_int_equal(fw_net_parse(&nets[i].net, text, strlen(text), err, sizeof err), 0);
        }
        assert_int_equal(fw_netmap_build(&map, nets, n), 0);
        assert_true(map.count <= 2 * n + 1);
        for (int probe = 0; probe < 5000; probe++) {
            union fw_addr a = nets[test_random(&random) % n].net.addr;
            uint64_t expected = 0;

            if (probe % 3 == 0)
                a = addr(probe % 2 ? "10.0.0.0" : "2001:db8::");
            a.b[12 + test_random(&random) % 4] = (uint8_t)test_random(&random);
            if (probe % 16 == 0)
                a.b[test_random(&random) % 16] ^= (uint8_t)(1 << test_random(&random) % 8);
            for (size_t i = 0; i < n; i++)
                if (fw_net_contains(&nets[i].net, &a))
                    expected |= nets[i].mask;
            assert_int_equal(fw_netmap_lookup(&map, &a), expected);
        }
        fw_netmap_free(&map);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_is_kept_v4_mapped),
        cmocka_unit_test(texts_that_are_no_address_are_refused),
        cmocka_unit_test(no_byte_beyond_the_length_is_read),
        cmocka_unit_test(parsing_agrees_with_inet_pton),
        cmocka_unit_test(text_is_canonical),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(groups_are_no_hosts),
        cmocka_unit_test(compare_orders_by_bytes),
        cmocka_unit_test(networks_read_and_print_alike),
        cmocka_unit_test(a_network_text_is_cut_at_the_buffer),
        cmocka_unit_test(wrong_networks_are_refused_with_a_reason),
        cmocka_unit_test(a_network_contains_its_first_and_last_address),
        cmocka_unit_test(an_empty_map_answers_nothing),
        cmocka_unit_test(nested_networks_add_their_masks),
        cmocka_unit_test(ipv4_networks_do_not_match_ipv6),
        cmocka_unit_test(the_map_agrees_with_a_plain_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
