/* test_hold.c: events that wait for an answer about their time, through a restart as well. */
#include "fixture.h"

#include "core/hold.h"

static struct fw_str text_of(const char *text) {
    return (struct fw_str){text, (uint32_t)strlen(text)};
}

static void assert_holds(struct fw_str got, const char *wanted) {
    assert_int_equal(got.len, strlen(wanted));
    assert_memory_equal(got.p, wanted, got.len);
}

/* What rules of one's own look at waits with it: of a line that is no event it is all there is. */
static void a_restart_keeps_the_text_of_lines(void **state) {
    static uint8_t bytes[2 * FW_STATE_RECORD_MAX];
    struct fw_hold before, after;
    struct fw_put put = {.p = bytes, .size = sizeof bytes};
    struct fw_event line = {.kind = FW_KIND_NONE, .time = T0, .present = FW_BIT(sensor)};
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + 1, "192.0.2.1", "10.1.1.1", 6, 22);
    uint64_t cursor = 0;

    (void)state;
    assert_int_equal(fw_hold_open(&before, &fw_mem_libc), 0);
    assert_int_equal(fw_hold_open(&after, &fw_mem_libc), 0);
    line.sensor = text_of("fw1");
    line.message = text_of("Oct 12 08:00:00 fw1 app[1]: the disk is full");
    line.program = text_of("app");
    assert_non_null(fw_hold_put(&before, &line));
    assert_non_null(fw_hold_put(&before, &ev));
    assert_true(fw_hold_save(&before, &put, &cursor));
    assert_false(put.failed);

    struct fw_get get = {.p = bytes, .size = put.len};
    assert_int_equal(fw_hold_load(&after, &get), 0);
    memset(bytes, 0, sizeof bytes); /* it has copies */
    assert_int_equal(after.count, 2);
    const struct fw_event *one = &after.held[0].event, *two = &after.held[1].event;
    assert_int_equal(one->kind, FW_KIND_NONE);
    assert_int_equal(one->time, T0);
    assert_holds(one->sensor, "fw1");
    assert_holds(one->message, "Oct 12 08:00:00 fw1 app[1]: the disk is full");
    assert_holds(one->program, "app");
    assert_int_equal(two->kind, FW_KIND_FLOW_DENY);
    assert_int_equal(two->dport, 22);
    assert_int_equal(two->message.len, 0);
    fw_hold_close(&before, &fw_mem_libc);
    fw_hold_close(&after, &fw_mem_libc);
}

static void a_state_cut_short_is_refused(void **state) {
    static uint8_t bytes[2 * FW_STATE_RECORD_MAX];
    struct fw_hold hold;
    struct fw_put put = {.p = bytes, .size = sizeof bytes};
    struct fw_event line = {.kind = FW_KIND_NONE, .time = T0};
    uint64_t cursor = 0;

    (void)state;
    assert_int_equal(fw_hold_open(&hold, &fw_mem_libc), 0);
    line.message = text_of("a line");
    assert_non_null(fw_hold_put(&hold, &line));
    assert_true(fw_hold_save(&hold, &put, &cursor));
    for (size_t size = 1; size < put.len; size++) {
        struct fw_get get = {.p = bytes, .size = size};
        hold.count = 0;
        assert_int_equal(fw_hold_load(&hold, &get), -1);
    }
    fw_hold_close(&hold, &fw_mem_libc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_keeps_the_text_of_lines),
        cmocka_unit_test(a_state_cut_short_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
