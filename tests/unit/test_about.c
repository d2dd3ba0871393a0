/* test_about.c: what a policy says of one address. */
#include "fixture.h"

#include <unistd.h>

#include "policy/about.h"

static const char policy_text[] =
    "zone: Europe/Berlin\n"
    "home: [10.0.0.0/8, office]\n"
    "networks:\n"
    "  office: [198.51.100.0/24, 198.51.100.64/26]\n"
    "  all: [office, 192.0.2.7]\n"
    "roles:\n"
    "  - {role: nms, networks: [10.1.0.5, 10.1.0.0/16], reason: \"asks everybody\"}\n"
    "  - {role: scanner, networks: all, when: [\"sat 22:00-06:00\", \"daily 12:00-13:00\"], zone: UTC,\n"
    "     until: 2031-06-30, reason: \"a scanner\"}\n"
    "exceptions:\n"
    "  - {detector: [mass_mail, addr_scan], source: office, destination: [office, 10.0.0.0/8], port: [tcp/445, 53],\n"
    "     until: 2031-03-31, reason: \"both ends\"}\n"
    "  - {detector: addr_scan, port: udp/53, until: 2031-03-31, reason: \"nobody's\"}\n";

static struct fw_policy *open_policy(void) {
    char path[] = "/tmp/fw_about_XXXXXX";
    const int fd = mkstemp(path);
    struct fw_problems problems = {0};
    struct fw_policy *policy = NULL;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, policy_text, sizeof policy_text - 1), sizeof policy_text - 1);
    assert_int_equal(close(fd), 0);
    assert_int_equal(fw_policy_open(&policy, path, &problems), 0);
    assert_int_equal(unlink(path), 0);
    return policy;
}

struct said {
    char text[4096];
    size_t len;
};

static void hear(void *cookie, const struct fw_policy_saying *saying) {
    struct said *said = cookie;

    said->len +=
        (size_t)snprintf(said->text + said->len, sizeof said->text - said->len, "%s|%s|%s|%s|%s\n%s", saying->role,
                         saying->as, saying->network, saying->name, saying->reason, saying->terms);
    assert_true(said->len < sizeof said->text);
}

static void assert_said(const struct fw_policy *policy, const char *of, const char *expected) {
    const union fw_addr asked = addr(of);
    struct said said = {.text = ""};

    assert_int_equal(fw_policy_about(policy, &asked, hear, &said), 0);
    assert_string_equal(said.text, expected);
}

static void the_narrowest_network_and_its_name_are_told(void **state) {
    struct fw_policy *policy = open_policy();

    (void)state;
    assert_said(policy, "10.1.0.5",
                "home||10.0.0.0/8||\n"
                "nms||10.1.0.5||asks everybody\n"
                "exception|destination|10.0.0.0/8||both ends\n"
                "    detector: [addr_scan, mass_mail]\n"
                "    source: [\"office\"]\n"
                "    port: [tcp/445, 53]\n"
                "    until: 2031-03-31\n");
    assert_said(policy, "192.0.2.7",
                "scanner||192.0.2.7|all|a scanner\n"
                "    when: [\"sat 22:00-06:00\", \"daily 12:00-13:00\"]\n"
                "    zone: \"UTC\"\n"
                "    until: 2031-06-30\n");
    fw_policy_close(&policy);
}

static void an_exception_that_names_it_at_both_ends_is_told_twice(void **state) {
    struct fw_policy *policy = open_policy();

    (void)state;
    assert_said(policy, "198.51.100.65",
                "home||198.51.100.64/26|office|\n"
                "scanner||198.51.100.64/26|all|a scanner\n"
                "    when: [\"sat 22:00-06:00\", \"daily 12:00-13:00\"]\n"
                "    zone: \"UTC\"\n"
                "    until: 2031-06-30\n"
                "exception|source|198.51.100.64/26|office|both ends\n"
                "    detector: [addr_scan, mass_mail]\n"
                "    destination: [\"office\", 10.0.0.0/8]\n"
                "    port: [tcp/445, 53]\n"
                "    until: 2031-03-31\n"
                "exception|destination|198.51.100.64/26|office|both ends\n"
                "    detector: [addr_scan, mass_mail]\n"
                "    source: [\"office\"]\n"
                "    port: [tcp/445, 53]\n"
                "    until: 2031-03-31\n");
    fw_policy_close(&policy);
}

static void of_an_address_that_no_list_holds_nothing_is_told(void **state) {
    struct fw_policy *policy = open_policy();

    (void)state;
    assert_said(policy, "203.0.113.1", "");
    assert_said(policy, "2001:db8::1", "");
    fw_policy_close(&policy);
}

static void entries_of_the_site_are_known_by_role_and_reason(void **state) {
    static const char *const expected[][2] = {
        {"nms", "asks everybody"}, {"scanner", "a scanner"}, {"exception", "both ends"}, {"exception", "nobody's"}};
    struct fw_policy *policy = open_policy();
    const struct fw_site *site = fw_policy_settings(policy)->site;

    (void)state;
    assert_int_equal(site->entries_count, 4);
    for (size_t i = 0; i < site->entries_count; i++) {
        assert_string_equal(fw_policy_entry_role(policy, site->entries[i]), expected[i][0]);
        assert_string_equal(fw_policy_entry_reason(policy, site->entries[i]), expected[i][1]);
    }
    fw_policy_close(&policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_narrowest_network_and_its_name_are_told),
        cmocka_unit_test(an_exception_that_names_it_at_both_ends_is_told_twice),
        cmocka_unit_test(of_an_address_that_no_list_holds_nothing_is_told),
        cmocka_unit_test(entries_of_the_site_are_known_by_role_and_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
