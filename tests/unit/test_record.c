/* test_record.c: documents read back from lines that anybody may have written. */
#include "fixture.h"

#include <string.h>

#include "parse/record.h"

static struct fw_record *record;

static int open_record(void **state) {
    (void)state;
    record = fw_record_open();
    return record ? 0 : -1;
}

static int close_record(void **state) {
    (void)state;
    fw_record_close(&record);
    return 0;
}

static bool read_line(const char *text) {
    return fw_record_read(record, text, strlen(text));
}

static void values_by_their_paths(void **state) {
    (void)state;
    assert_true(read_line("{\"a\":{\"b\":\"text\",\"n\":-7,\"yes\":true,\"list\":[1,{\"c\":\"in\"}]},"
                          "\"@timestamp\":\"2026-10-12T08:00:00.250Z\"}"));
    assert_string_equal(fw_record_text(record, "a.b"), "text");
    assert_int_equal(fw_record_number(record, "a.n", 0), -7);
    assert_true(fw_record_flag(record, "a.yes", false));
    assert_int_equal(fw_record_count(record, "a.list"), 2);
    assert_string_equal(fw_record_text(record, "a.list.1.c"), "in");
    assert_int_equal(fw_record_time(record, "@timestamp"), INT64_C(1791792000250));
}

static void what_is_not_there_or_of_another_type(void **state) {
    (void)state;
    assert_true(read_line("{\"a\":{\"b\":\"text\",\"n\":1.5,\"list\":[1]},\"time\":\"2026-13-40\"}"));
    assert_string_equal(fw_record_text(record, "a"), "");
    assert_string_equal(fw_record_text(record, "a.b.c"), "");
    assert_string_equal(fw_record_text(record, "a.n"), "");
    assert_int_equal(fw_record_number(record, "a.b", -1), -1);
    assert_int_equal(fw_record_number(record, "a.n", -1), -1);
    assert_true(fw_record_flag(record, "a.b", true));
    assert_int_equal(fw_record_count(record, "a.b"), 0);
    assert_int_equal(fw_record_number(record, "a.list.1", -1), -1);
    assert_int_equal(fw_record_number(record, "a.list.-1", -1), -1);
    assert_int_equal(fw_record_number(record, "a.list.x", -1), -1);
    assert_true(fw_record_time(record, "time") == FW_TIME_NONE);
    assert_true(fw_record_time(record, "a") == FW_TIME_NONE);
}

static void behind_a_header(void **state) {
    (void)state;
    assert_true(read_line("Oct 12 08:00:00 host firewatch: @cee: {\"a\":\"x\"}  "));
    assert_string_equal(fw_record_text(record, "a"), "x");
    assert_true(read_line("a {brace} before {\"a\":\"y\"}"));
    assert_string_equal(fw_record_text(record, "a"), "y");
    assert_false(read_line("{\"a\":\"x\"} and more"));
}

static void no_document_forgets_the_one_before(void **state) {
    (void)state;
    static const char *const lines[] = {"",         "{",          "[{}]x", "nothing", "{\"a\":", "{\"a\":\"x\"",
                                        "\"text\"", "{}{}{}{}{}x"};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_true(read_line("{\"a\":\"x\"}"));
        assert_false(read_line(lines[i]));
        assert_string_equal(fw_record_text(record, "a"), "");
    }
}

static void depth_is_bounded(void **state) {
    char text[2000] = "";
    (void)state;

    for (int i = 0; i < 300; i++)
        (void)strcat(text, "{\"a\":");
    (void)strcat(text, "1");
    for (int i = 0; i < 300; i++)
        (void)strcat(text, "}");
    assert_false(read_line(text));
    assert_true(read_line("{\"a\":{\"a\":{\"a\":{\"a\":1}}}}"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_their_paths), cmocka_unit_test(what_is_not_there_or_of_another_type),
        cmocka_unit_test(behind_a_header),       cmocka_unit_test(no_document_forgets_the_one_before),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, open_record, close_record);
}
