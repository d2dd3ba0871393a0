/* device_threat, step by step: the numbers are those of det_device_threat.c. */
#include "fixture.h"

static struct fixture *open_threat(void) {
    return fixture_open("device_threat", FW_ROLE_BIT(scanner), 0);
}

/* src and dst may be NULL, severity 0 is none */
static void alert(struct fixture *f, fw_time time, const char *signature, const char *src, const char *dst,
                  uint32_t severity) {
    struct fw_event ev = {.kind = FW_KIND_THREAT, .time = time, .severity = severity};
    ev.signature = (struct fw_str){signature, (uint32_t)strlen(signature)};
    ev.present = FW_BIT(signature) | (severity != 0 ? FW_BIT(severity) : 0);
    if (src != NULL) {
        ev.src = addr(src);
        ev.present |= FW_BIT(src);
    }
    if (dst != NULL) {
        ev.dst = addr(dst);
        ev.present |= FW_BIT(dst);
    }
    feed(f, &ev);
}

static void step3_one_is_enough_and_a_repetition_is_folded(void **state) {
    struct fixture *f = open_threat();
    (void)state;
    for (unsigned i = 0; i < 50; i++)
        alert(f, T0 + i * 100, "WEB-IIS cmd.exe access", "203.0.113.9", "10.1.7.2", 1);
    assert_int_equal(f->count, 1);
    assert_text(f, 0,
                "device_threat open: fw1 reports \"WEB-IIS cmd.exe access\" from 203.0.113.9 to 10.1.7.2, 1 time");
    alert(f, T0 + 9 * FW_SECOND, "WEB-IIS cmd.exe access", "203.0.113.9", "10.1.7.3", 1);
    alert(f, T0 + 9 * FW_SECOND, "SQL injection", "203.0.113.9", "10.1.7.2", 1);
    assert_int_equal(f->count, 3); /* another host, another signature */
    fixture_close(f);
}

static void step3_without_addresses_it_is_told_all_the_same(void **state) {
    struct fixture *f = open_threat();
    (void)state;
    alert(f, T0, "Eicar", NULL, NULL, 0);
    assert_text(f, 0, "device_threat open: fw1 reports \"Eicar\", 1 time");
    alert(f, T0, "Eicar", NULL, "10.1.7.2", 0);
    assert_text(f, 1, "device_threat open: fw1 reports \"Eicar\" to 10.1.7.2, 1 time");
    assert_json_has(f, 1, "\"degraded\":[\"severity\"]");
    fixture_close(f);
}

static void step3_a_name_is_cut_and_printable(void **state) {
    struct fixture *f = open_threat();
    char name[600];
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memcpy(name, "a\x1b]0;b\n\"\xff", 9);
    alert(f, T0, name, "203.0.113.9", "10.1.7.2", 3);
    assert_int_equal(f->count, 1);
    assert_non_null(strstr(f->documents[0].text, "reports \"a?]0;b?\"?xxxx"));
    assert_non_null(strstr(f->documents[0].text, "xxx\" from 203.0.113.9 to 10.1.7.2, 1 time"));
    fixture_close(f);
}

static void step2_a_source_of_many_alerts_is_one_matter(void **state) {
    struct fixture *f = open_threat();
    char name[32];
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "TEST %u", i % 40);
        alert(f, T0 + i * 100, name, "203.0.113.9", host("10.2", i), 3);
    }
    assert_int_equal(f->count, 10); /* nine by themselves, then the folding */
    assert_text(f, 9,
                "device_threat open: fw1 reports 10 different alerts of 203.0.113.9, 10 lines in 0 s, the last "
                "\"TEST 9\"");
    fixture_close(f);
}

static void step1_a_signature_of_many_sources_is_one_matter(void **state) {
    struct fixture *f = open_threat();
    (void)state;
    for (unsigned i = 0; i < 2000; i++)
        alert(f, T0 + i * 10, "IP spoof", host("203.0", i), "10.1.7.2", 0);
    assert_int_equal(f->count, 25);
    assert_text(f, 24, "device_threat open: fw1 reports \"IP spoof\" from 25 sources, 25 times in 0 s");
    fixture_close(f);
}

static void step4_the_devices_severity_is_the_stage(void **state) {
    struct fixture *f = open_threat();
    (void)state;
    alert(f, T0, "one", "203.0.113.9", "10.1.7.2", 1);
    alert(f, T0, "two", "203.0.113.9", "10.1.7.2", 2);
    alert(f, T0, "three", "203.0.113.9", "10.1.7.2", 3);
    assert_json_has(f, 0, "\"stage\":3");
    assert_json_has(f, 1, "\"stage\":2");
    assert_json_has(f, 2, "\"stage\":1");
    assert_json_has(f, 2, "\"confidence\":40");
    fixture_close(f);
}

static void the_scanner_stays_quiet(void **state) {
    struct fixture *f = open_threat();
    (void)state;
    alert(f, T0, "one", "10.9.9.9", "10.1.7.2", 1);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step3_one_is_enough_and_a_repetition_is_folded),
        cmocka_unit_test(step3_without_addresses_it_is_told_all_the_same),
        cmocka_unit_test(step3_a_name_is_cut_and_printable),
        cmocka_unit_test(step2_a_source_of_many_alerts_is_one_matter),
        cmocka_unit_test(step1_a_signature_of_many_sources_is_one_matter),
        cmocka_unit_test(step4_the_devices_severity_is_the_stage),
        cmocka_unit_test(the_scanner_stays_quiet),
    };
    return cmocka_run_group_tests_name("det_device_threat", tests, NULL, NULL);
}
