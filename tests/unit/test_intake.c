/* Events that wait for the engine: order, bounds, and several who put at once. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "intake.h"

static struct fw_event event_of(unsigned number, const char *user, size_t len) {
    struct fw_event ev = {.kind = FW_KIND_AUTH, .time = number};
    ev.user = (struct fw_str){.p = user, .len = len};
    ev.present = FW_BIT(user);
    return ev;
}

static void what_was_put_first_is_taken_first(void **state) {
    struct fwIntake *intake = fwIntakeNew();
    (void)state;
    assert_non_null(intake);
    assert_null(fwIntakeTake(intake));
    assert_false(fwIntakeHasAny(intake));
    for (unsigned turn = 0; turn < 3 * FW_INTAKE_SLOTS; turn += 2) { /* round the ring */
        const struct fw_event ev = event_of(turn, "alice", 5);
        assert_true(fwIntakePut(intake, FW_PARSE_EVENT, &ev, true));
        assert_true(fwIntakePut(intake, FW_PARSE_REFUSED, NULL, false));
        assert_true(fwIntakeHasAny(intake));
        const struct fwArrival *arrival = fwIntakeTake(intake);
        assert_int_equal(arrival->result, FW_PARSE_EVENT);
        assert_int_equal(arrival->event.time, turn);
        assert_true(arrival->truncated);
        assert_ptr_not_equal(arrival->event.user.p, ev.user.p); /* the line is gone by then */
        assert_memory_equal(arrival->event.user.p, "alice", 5);
        fwIntakeDone(intake);
        arrival = fwIntakeTake(intake);
        assert_int_equal(arrival->result, FW_PARSE_REFUSED);
        assert_false(arrival->truncated);
        fwIntakeDone(intake);
        assert_null(fwIntakeTake(intake));
    }
    fwIntakeFree(&intake);
    assert_null(intake);
}

static void what_finds_no_place_is_not_taken(void **state) {
    struct fwIntake *intake = fwIntakeNew();
    char text[FW_INTAKE_TEXT + 1];
    (void)state;
    memset(text, 'x', sizeof text);
    struct fw_event ev = event_of(0, text, sizeof text);
    assert_false(fwIntakePut(intake, FW_PARSE_EVENT, &ev, false));
    assert_false(fwIntakeHasAny(intake));
    ev.user.len--;
    for (unsigned i = 0; i < FW_INTAKE_SLOTS; i++)
        assert_true(fwIntakePut(intake, FW_PARSE_EVENT, &ev, false));
    assert_false(fwIntakePut(intake, FW_PARSE_EVENT, &ev, false));
    assert_non_null(fwIntakeTake(intake));
    assert_false(fwIntakePut(intake, FW_PARSE_EVENT, &ev, false)); /* it is still being looked at */
    fwIntakeDone(intake);
    assert_true(fwIntakePut(intake, FW_PARSE_EVENT, &ev, false));
    fwIntakeFree(&intake);
}

enum { PUTTERS = 3, EACH = 20000 };
struct putter {
    struct fwIntake *intake;
    unsigned number;
};

static void *put_all(void *cookie) {
    const struct putter *putter = cookie;
    for (unsigned i = 0; i < EACH; i++) {
        struct fw_event ev = event_of(i, "u", 1);
        ev.dport = (uint16_t)putter->number;
        while (!fwIntakePut(putter->intake, FW_PARSE_EVENT, &ev, false))
            sched_yield();
    }
    return NULL;
}

static void several_put_and_each_one_keeps_its_order(void **state) {
    struct fwIntake *intake = fwIntakeNew();
    struct putter putters[PUTTERS];
    pthread_t threads[PUTTERS];
    fw_time next[PUTTERS] = {0};
    (void)state;
    for (unsigned i = 0; i < PUTTERS; i++) {
        putters[i] = (struct putter){intake, i};
        assert_int_equal(pthread_create(&threads[i], NULL, put_all, &putters[i]), 0);
    }
    for (unsigned taken = 0; taken < PUTTERS * EACH;) {
        const struct fwArrival *arrival = fwIntakeTake(intake);
        if (arrival == NULL) {
            sched_yield();
            continue;
        }
        assert_in_range(arrival->event.dport, 0, PUTTERS - 1);
        assert_int_equal(arrival->event.time, next[arrival->event.dport]++);
        fwIntakeDone(intake);
        taken++;
    }
    for (unsigned i = 0; i < PUTTERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_null(fwIntakeTake(intake));
    fwIntakeFree(&intake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_first_is_taken_first),
        cmocka_unit_test(what_finds_no_place_is_not_taken),
        cmocka_unit_test(several_put_and_each_one_keeps_its_order),
    };
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
