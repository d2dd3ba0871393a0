/* seen.h: what was seen lately is known again, through a restart as well; what was seen long ago is not. */
#include "fixture.h"

#include "core/seen.h"

static const struct fw_seed seed = {{3, 4}};

static uint64_t identity(uint64_t n) {
    return fw_hash(&seed, &n, sizeof n);
}

static struct fw_seen *open_seen(const struct fw_seed *with) {
    struct fw_seen *seen;
    assert_int_equal(fw_seen_open(&seen, with, &fw_mem_libc), 0);
    return seen;
}

static void a_line_is_known_at_its_second_coming(void **state) {
    struct fw_seen *seen = open_seen(&seed);
    (void)state;
    for (uint64_t n = 0; n < 20000; n++)
        assert_false(fw_seen_before(seen, identity(n)));
    for (uint64_t n = 0; n < 20000; n++)
        assert_true(fw_seen_before(seen, identity(n)));
    fw_seen_close(&seen);
    assert_null(seen);
}

static void the_window_is_bounded_and_the_newest_stay(void **state) {
    struct fw_seen *seen = open_seen(&seed);
    const uint64_t many = 4 * FW_SEEN_LINES;
    unsigned known = 0;
    (void)state;
    for (uint64_t n = 0; n < many; n++)
        (void)fw_seen_before(seen, identity(n));
    for (uint64_t n = many - FW_SEEN_LINES / 8; n < many; n++)
        known += fw_seen_before(seen, identity(n));
    assert_true(known > FW_SEEN_LINES / 8 * 99 / 100);
    known = 0;
    for (uint64_t n = 0; n < 1000; n++)
        known += fw_seen_before(seen, identity(n));
    assert_int_equal(known, 0);
    fw_seen_close(&seen);
}

static void a_restart_forgets_nothing(void **state) {
    static uint8_t bytes[2 * FW_STATE_RECORD_MAX];
    const struct fw_seed other = {{9, 9}};
    struct fw_seen *before = open_seen(&seed), *after = open_seen(&other);
    uint64_t cursor = 0;
    unsigned buffers = 0;
    bool done = false;
    (void)state;
    for (uint64_t n = 0; n < 50000; n++)
        (void)fw_seen_before(before, identity(n));
    while (!done) {
        struct fw_put put = {.p = bytes, .size = sizeof bytes};
        done = fw_seen_save(before, &put, &cursor);
        assert_false(put.failed);
        struct fw_get get = {.p = bytes, .size = put.len};
        assert_int_equal(fw_seen_load(after, &get), 0);
        buffers++;
    }
    assert_true(buffers > 1);
    assert_true(fw_seen_seed(after).k[0] == seed.k[0] && fw_seen_seed(after).k[1] == seed.k[1]);
    for (uint64_t n = 0; n < 50000; n++)
        assert_true(fw_seen_before(before, identity(n)) == fw_seen_before(after, identity(n)));
    fw_seen_close(&before);
    fw_seen_close(&after);
}

static void a_foreign_state_is_refused(void **state) {
    uint8_t bytes[64];
    struct fw_put put = {.p = bytes, .size = sizeof bytes};
    (void)state;
    fw_put_u64(&put, 1);
    fw_put_u64(&put, 2);
    fw_put_u64(&put, UINT64_MAX);
    for (size_t len = 0; len <= put.len; len++) {
        struct fw_seen *seen = open_seen(&seed);
        struct fw_get get = {.p = bytes, .size = len};
        assert_int_equal(fw_seen_load(seen, &get), len == 16 ? 0 : -1); /* the seed and nothing */
        fw_seen_close(&seen);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_known_at_its_second_coming),
        cmocka_unit_test(the_window_is_bounded_and_the_newest_stay),
        cmocka_unit_test(a_restart_forgets_nothing),
        cmocka_unit_test(a_foreign_state_is_refused),
    };
    return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
