/* json.h: what comes out is valid, printable and bounded whatever goes in. */
#include "fixture.h"

#include "core/json.h"

static const char *bytes(const char *p, size_t n) {
    static char buf[8192];
    struct fw_json json;
    fw_json_begin(&json, buf, sizeof buf);
    fw_json_bytes(&json, NULL, p, n);
    assert_true(fw_json_end(&json) > 0);
    return buf;
}

static void quotes_and_controls_are_escaped(void **state) {
    (void)state;
    assert_string_equal(bytes("a\"b\\c", 5), "\"a\\\"b\\\\c\"");
    assert_string_equal(bytes("\n\t\r\b\f", 5), "\"\\n\\t\\r\\b\\f\"");
    assert_string_equal(bytes("\0\x01\x1b[31m", 7), "\"\\u0000\\u0001\\u001b[31m\"");
    assert_string_equal(bytes("\x7f", 1), "\"?\"");
}

static void bytes_that_are_not_utf8_are_replaced(void **state) {
    (void)state;
    assert_string_equal(bytes("\xff", 1), "\"\xef\xbf\xbd\"");
    assert_string_equal(bytes("\xc3\xa4", 2), "\"\xc3\xa4\"");
    assert_string_equal(bytes("\xc0\xaf", 2), "\"\xef\xbf\xbd\xef\xbf\xbd\"");                 /* overlong */
    assert_string_equal(bytes("\xed\xa0\x80", 3), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* surrogate */
    assert_string_equal(bytes("\xe2\x82", 2), "\"\xef\xbf\xbd\xef\xbf\xbd\"");                 /* cut */
    assert_string_equal(bytes("\xf4\x90\x80\x80", 4), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_string_equal(bytes("\xc2\x9b", 2), "\"?\""); /* CSI */
}

static void long_strings_are_cut(void **state) {
    char text[5000];
    (void)state;
    memset(text, 'x', sizeof text);
    const char *out = bytes(text, sizeof text);
    assert_int_equal(strlen(out), FW_JSON_STRING_MAX + 5);
    assert_string_equal(out + strlen(out) - 4, "...\"");
}

static void a_slash_is_escaped_where_bytes_have_to_agree(void **state) {
    char buf[64];
    struct fw_json json;
    (void)state;
    fw_json_begin(&json, buf, sizeof buf);
    json.slash = true;
    fw_json_text(&json, NULL, "tcp/445");
    assert_true(fw_json_end(&json) > 0);
    assert_string_equal(buf, "\"tcp\\/445\"");
    assert_string_equal(bytes("tcp/445", 7), "\"tcp/445\"");
}

static void a_buffer_too_small_says_so(void **state) {
    char buf[16];
    struct fw_json json;
    (void)state;
    fw_json_begin(&json, buf, sizeof buf);
    fw_json_object(&json, NULL);
    fw_json_text(&json, "name", "something longer");
    fw_json_close(&json, '}');
    assert_int_equal(fw_json_end(&json), 0);
    assert_true(json.full);
}

static void members_are_separated_and_nested(void **state) {
    char buf[256];
    struct fw_json json;
    (void)state;
    fw_json_begin(&json, buf, sizeof buf);
    fw_json_object(&json, NULL);
    fw_json_int(&json, "a", -1);
    fw_json_array(&json, "b");
    fw_json_uint(&json, NULL, 1);
    fw_json_bool(&json, NULL, true);
    fw_json_close(&json, ']');
    fw_json_object(&json, "c");
    fw_json_close(&json, '}');
    fw_json_close(&json, '}');
    assert_true(fw_json_end(&json) > 0);
    assert_string_equal(buf, "{\"a\":-1,\"b\":[1,true],\"c\":{}}");
}

static void times_are_rfc3339(void **state) {
    char buf[FW_TIME_TEXT];
    (void)state;
    fw_time_format(0, buf);
    assert_string_equal(buf, "1970-01-01T00:00:00.000Z");
    fw_time_format(T0 + 7, buf);
    assert_string_equal(buf, "2026-10-12T08:00:00.007Z");
    fw_time_format(-1, buf);
    assert_string_equal(buf, "1969-12-31T23:59:59.999Z");
    fw_time_format(INT64_MAX, buf);
    assert_int_equal(strlen(buf), 24);
    fw_time_format(INT64_MIN, buf);
    assert_int_equal(strlen(buf), 24);
    assert_int_equal(fw_time_days(2000, 2, 29), 11016);
    assert_int_equal(fw_time_days(1970, 1, 1), 0);
}

static void what_turns_a_line_around_is_replaced(void **state) {
    static const char *const orders[] = {"\xe2\x80\xae", "\xe2\x80\x8f", "\xe2\x81\xa6", "\xe2\x80\xa8",
                                         "\xef\xbb\xbf", "\xe2\x80\x8b", "\xc2\x9b"};
    char buf[64];
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct fw_json json;
        assert_int_equal(fw_text_append(buf, sizeof buf, 0, orders[i], strlen(orders[i])), 1);
        assert_string_equal(buf, "?");
        fw_json_begin(&json, buf, sizeof buf);
        fw_json_text(&json, NULL, orders[i]);
        assert_true(fw_json_end(&json) > 0);
        assert_string_equal(buf, "\"?\"");
    }
    /* a letter of three bytes stays */
    assert_int_equal(fw_text_append(buf, sizeof buf, 0, "\xe6\x97\xa5", 3), 3);
}

static void text_for_people_is_printable(void **state) {
    char buf[16];
    (void)state;
    assert_int_equal(fw_text_append(buf, sizeof buf, 0, "a\x1b[0m\n\xff\xc3\xa4", 9), 9);
    assert_string_equal(buf, "a?[0m??\xc3\xa4");
    assert_int_equal(fw_text_append(buf, sizeof buf, 14, "\xc3\xa4", 2), 14); /* no half character */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_and_controls_are_escaped),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
        cmocka_unit_test(a_slash_is_escaped_where_bytes_have_to_agree),
        cmocka_unit_test(long_strings_are_cut),
        cmocka_unit_test(a_buffer_too_small_says_so),
        cmocka_unit_test(members_are_separated_and_nested),
        cmocka_unit_test(times_are_rfc3339),
        cmocka_unit_test(what_turns_a_line_around_is_replaced),
        cmocka_unit_test(text_for_people_is_printable),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
