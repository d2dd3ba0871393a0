/* quiet_device, step by step: the numbers are those of det_quiet_device.c. */
#include "fixture.h"

static void say(struct fixture *f, fw_time time, const char *device) {
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, time, "203.0.113.1", "10.1.4.23", FW_PROTO_TCP, 23);
    ev.sensor = (struct fw_str){device, (uint32_t)strlen(device)};
    ev.present |= FW_BIT(sensor);
    fw_engine_feed(f->engine, &ev);
    fixture_collect(f);
}

/* Devices fw0 ... that each say something every `pause` from `from` to `to`. */
static void run(struct fixture *f, fw_time from, fw_time to, fw_time pause, unsigned first, unsigned devices) {
    char name[16];
    for (fw_time t = from; t < to; t += pause)
        for (unsigned i = first; i < devices; i++) {
            (void)snprintf(name, sizeof name, "fw%u", i);
            say(f, t, name);
        }
}

static void step3_and_step4_silence_is_told_and_its_end(void **state) {
    struct fixture *f = fixture_open("quiet_device", 0, 0);
    (void)state;
    run(f, T0, T0 + 2 * FW_HOUR, 10 * FW_SECOND, 0, 4);
    run(f, T0 + 2 * FW_HOUR, T0 + 2 * FW_HOUR + 10 * FW_MINUTE, 10 * FW_SECOND, 0, 3);
    assert_int_equal(f->count, 0);
    run(f, T0 + 2 * FW_HOUR + 10 * FW_MINUTE, T0 + 3 * FW_HOUR, 10 * FW_SECOND, 0, 3);
    assert_int_equal(f->count, 1);
    assert_text(f, 0, "health: fw3 sends nothing any more, for 10 min now. Nothing is found in what it does not log.");
    assert_json_has(f, 0, "\"action\":\"device-quiet\"");
    run(f, T0 + 3 * FW_HOUR, T0 + 3 * FW_HOUR + FW_MINUTE, 10 * FW_SECOND, 0, 4);
    assert_int_equal(f->count, 2);
    assert_text(f, 1, "health: fw3 is back: it sent nothing for 60 min.");
    fixture_close(f);
}

static void step2_a_device_must_be_known(void **state) {
    struct fixture *f = fixture_open("quiet_device", 0, 0);
    (void)state;
    say(f, T0, "once");
    run(f, T0, T0 + 30 * FW_MINUTE, FW_SECOND, 3, 4); /* many lines, but not for long */
    run(f, T0, T0 + 4 * FW_HOUR, 10 * FW_SECOND, 0, 2);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step3_a_device_that_says_little_may_be_silent_for_longer(void **state) {
    struct fixture *f = fixture_open("quiet_device", 0, 0);
    (void)state;
    for (fw_time t = T0; t < T0 + 30 * FW_HOUR; t += 4 * FW_MINUTE) {
        run(f, t, t + FW_MINUTE, 10 * FW_SECOND, 0, 2);
        say(f, t + FW_MINUTE, "rare"); /* once in four minutes: 5 times 256 s */
    }
    run(f, T0 + 30 * FW_HOUR, T0 + 30 * FW_HOUR + 15 * FW_MINUTE, 10 * FW_SECOND, 0, 2);
    assert_int_equal(f->count, 0);
    run(f, T0 + 30 * FW_HOUR + 15 * FW_MINUTE, T0 + 31 * FW_HOUR, 10 * FW_SECOND, 0, 2);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "rare sends nothing any more, for 21 min now");
    fixture_close(f);
}

static void step3_nights_are_learned(void **state) {
    struct fixture *f = fixture_open("quiet_device", 0, 0);
    (void)state;
    for (unsigned day = 0; day < 5; day++) {
        const fw_time t = T0 + day * 24 * FW_HOUR;
        run(f, t, t + 10 * FW_HOUR, 20 * FW_SECOND, 0, 3);
        run(f, t + 10 * FW_HOUR, t + 24 * FW_HOUR, FW_MINUTE, 0, 2); /* fw2 sleeps */
    }
    size_t quiet = 0;
    for (size_t i = 0; i < f->count; i++)
        quiet += strstr(f->documents[i].json, "device-quiet") != NULL;
    assert_int_equal(quiet, 2); /* the first two nights */
    fixture_close(f);
}

static void step5_half_of_the_devices_are_one_matter(void **state) {
    struct fixture *f = fixture_open("quiet_device", 0, 0);
    (void)state;
    run(f, T0, T0 + 2 * FW_HOUR, 10 * FW_SECOND, 0, 6);
    run(f, T0 + 2 * FW_HOUR, T0 + 3 * FW_HOUR, 10 * FW_SECOND, 0, 2);
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "4 of 6 devices send nothing any more");
    assert_json_has(f, 0, "\"name\":\"fw5\"");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step3_and_step4_silence_is_told_and_its_end),
        cmocka_unit_test(step2_a_device_must_be_known),
        cmocka_unit_test(step3_a_device_that_says_little_may_be_silent_for_longer),
        cmocka_unit_test(step3_nights_are_learned),
        cmocka_unit_test(step5_half_of_the_devices_are_one_matter),
    };
    return cmocka_run_group_tests_name("det_quiet_device", tests, NULL, NULL);
}
