/* timing.h: devices whose clocks are wrong, time that jumps, lines that are late. The numbers are the steps of timing.c.
 *
 * In each case a scan of 24 and a few hosts straddles the disturbance, is found once and with its right count, and a
 * source that tries 20 hosts on either side of a true silence is not found.
 */
#include "fixture.h"

#define DAY (24 * FW_HOUR)

static void deny(struct fixture *f, const char *sensor, fw_time time, const char *src, unsigned n) {
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, time, src, host("198.51", n), FW_PROTO_TCP, 445);
    ev.sensor = (struct fw_str){sensor, (uint32_t)strlen(sensor)};
    ev.present |= FW_BIT(sensor);
    fw_engine_feed(f->engine, &ev);
    fixture_collect(f);
}

static struct fw_counters counters(struct fixture *f) {
    struct fw_counters c;
    fw_engine_get_counters(f->engine, &c);
    return c;
}

static size_t kinds(const struct fixture *f, const char *text) {
    size_t n = 0;
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        n += strstr(f->documents[i].json, text) != NULL || strstr(f->documents[i].text, text) != NULL;
    return n;
}

static size_t openings(const struct fixture *f) {
    return kinds(f, "\"action\":\"finding-open\"");
}

/* Passing traffic of one host, so that time goes on. */
static void talk(struct fixture *f, const char *sensor, fw_time from, fw_time to, fw_time off) {
    for (fw_time t = from; t < to; t += FW_SECOND)
        deny(f, sensor, t + off, "203.0.113.9", 1);
}

static void the_first_event_sets_the_time(void **state) { /* 2 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    deny(f, "fw1", T0, "10.1.1.1", 1);
    assert_int_equal(fw_engine_now(f->engine), T0 - FW_CLOCK_LATENESS);
    fixture_close(f);
}

static void impossible_times_move_nothing(void **state) { /* 1 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    deny(f, "fw1", FW_TIME_NONE, "10.1.1.1", 1);
    deny(f, "fw1", T0, "10.1.1.1", 1);
    for (unsigned i = 0; i < 100; i++) {
        deny(f, i % 2 ? "fw1" : "fw2", -1, "10.1.1.1", 1);
        deny(f, i % 2 ? "fw1" : "fw2", INT64_MAX, "10.1.1.1", 1);
    }
    assert_int_equal(fw_engine_now(f->engine), T0 - FW_CLOCK_LATENESS);
    assert_int_equal(openings(f), 0);
    fixture_close(f);
}

/* Two devices see one scan; the clock of the second is off from the beginning. */
static void wrong_from_the_beginning(fw_time off, const char *said) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    for (unsigned i = 0; i < 60 * 8; i++) {
        deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.9", 1);
        deny(f, "fw2", T0 + i * FW_SECOND + off, "203.0.113.8", 1);
        if (i >= 200 && i < 230)
            deny(f, i % 2 ? "fw1" : "fw2", T0 + i * FW_SECOND + (i % 2 ? 0 : off), "203.0.113.7", i);
    }
    assert_int_equal(openings(f), 1);
    assert_int_equal(counters(f).sensors_corrected, 1);
    assert_int_equal(kinds(f, said), 1);
    assert_int_equal(counters(f).findings_closed, 0);
    assert_int_equal(counters(f).clock_jumped, 0);
    fixture_close(f);
}

static void a_device_in_another_zone_is_corrected(void **state) { /* 6 */
    (void)state;
    wrong_from_the_beginning(2 * FW_HOUR, "The clock of fw2 is 2 h ahead");
    wrong_from_the_beginning(-2 * FW_HOUR, "The clock of fw2 is 2 h behind");
    wrong_from_the_beginning(FW_HOUR, "The clock of fw2 is 1 h ahead");
    wrong_from_the_beginning(-FW_HOUR + 3 * FW_SECOND, "The clock of fw2 is 1 h behind");
}

static void a_wrong_clock_is_corrected_as_it_is(void **state) { /* 6 */
    (void)state;
    wrong_from_the_beginning(3 * DAY + 7 * FW_MINUTE, "The clock of fw2 is 3 d 7 min ahead");
    wrong_from_the_beginning(-(22 * FW_MINUTE + 30 * FW_SECOND), "The clock of fw2 is 22 min 30 s behind");
}

/* One of two devices is set, and set right again, in the middle of a scan that it sees. */
static void set_in_the_middle(fw_time off) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    talk(f, "fw1", T0 - FW_MINUTE, T0, 0);
    talk(f, "fw2", T0 - FW_MINUTE, T0, 0);
    for (unsigned i = 0; i < 60 * 8; i++) {
        const fw_time now = T0 + i * FW_SECOND, fw2 = i >= 40 && i < 400 ? off : 0;
        deny(f, "fw1", now, "203.0.113.9", 1);
        if (i % 20 == 0)
            deny(f, "fw2", now + fw2, "203.0.113.7", i / 20); /* 24 */
        deny(f, "fw2", now + fw2, "203.0.113.8", 1);
    }
    assert_int_equal(openings(f), 0);
    deny(f, "fw2", T0 + 8 * FW_MINUTE, "203.0.113.7", 30);
    assert_int_equal(openings(f), 1);
    assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts on tcp/445 in 8 min (25 denied)"), 1);
    assert_int_equal(kinds(f, "The clock of fw2 is right again"), 1);
    assert_int_equal(counters(f).events_late, 29); /* of fw2's first minute, which came after fw1's */
    fixture_close(f);
}

static void one_of_several_set_and_set_right_loses_nothing(void **state) { /* 6, 3 */
    (void)state;
    set_in_the_middle(3 * DAY);
    set_in_the_middle(-3 * DAY);
    set_in_the_middle(FW_HOUR);
    set_in_the_middle(-7 * FW_MINUTE);
}

/* The only device is set while a scan goes on. */
static void the_only_device_set_back_loses_nothing(void **state) { /* 5b */
    static const fw_time offs[] = {-3 * DAY, -FW_HOUR, -10 * FW_MINUTE, -365 * DAY};
    (void)state;
    for (size_t o = 0; o < sizeof offs / sizeof *offs; o++) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        for (unsigned i = 0; i < 26; i++) {
            const fw_time off = i >= 12 ? offs[o] : 0;
            deny(f, "fw1", T0 + i * 5 * FW_SECOND + off, "203.0.113.7", i);
            for (unsigned j = 0; j < 4; j++)
                deny(f, "fw1", T0 + (i * 5 + j) * FW_SECOND + off, "203.0.113.9", 1);
        }
        assert_int_equal(openings(f), 1);
        assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts on tcp/445 in 118 s (25 denied)"), 1);
        assert_int_equal(counters(f).clock_jumped, 1);
        assert_int_equal(counters(f).findings_held, 1);
        fixture_close(f);
    }
}

static void the_only_device_set_back_and_right_again_loses_nothing(void **state) { /* 5b, 5a */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 26; i++) {
        const fw_time off = i >= 8 && i < 17 ? -3 * DAY : 0;
        deny(f, "fw1", T0 + i * 5 * FW_SECOND + off, "203.0.113.7", i);
        for (unsigned j = 0; j < 4; j++)
            deny(f, "fw1", T0 + (i * 5 + j) * FW_SECOND + off, "203.0.113.9", 1);
    }
    assert_int_equal(openings(f), 1);
    assert_int_equal(counters(f).clock_jumped, 2);
    assert_in_range(fw_engine_now(f->engine), T0, T0 + 130 * FW_SECOND);
    fixture_close(f);
}

static void the_only_device_far_ahead_for_a_few_lines_loses_nothing(void **state) { /* 6 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 25; i++)
        deny(f, "fw1", T0 + i * FW_SECOND + (i >= 10 && i < 20 ? 3 * DAY : 0), "203.0.113.7", i);
    assert_int_equal(openings(f), 1);
    assert_int_equal(counters(f).clock_jumped, 0);
    assert_in_range(fw_engine_now(f->engine), T0 - FW_MINUTE, T0);
    fixture_close(f);
}

/* Ahead for minutes, then back: what was not seen meanwhile is as it was; what was, was added. */
static void the_only_device_ahead_and_back_finds_its_state_again(void **state) { /* 5a, 5b */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 25; i++)
        deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.6", i); /* a finding is open */
    for (unsigned i = 0; i < 20; i++)
        deny(f, "fw1", T0 + (25 + i) * FW_SECOND, "203.0.113.7", i);
    assert_int_equal(openings(f), 1);
    talk(f, "fw1", T0 + 45 * FW_SECOND, T0 + 5 * FW_MINUTE, 3 * DAY);
    assert_int_equal(counters(f).clock_jumped, 1);
    assert_int_equal(counters(f).findings_closed, 0);
    talk(f, "fw1", T0 + 5 * FW_MINUTE, T0 + 6 * FW_MINUTE, 0);
    assert_int_equal(counters(f).clock_jumped, 2);
    for (unsigned i = 20; i < 25; i++)
        deny(f, "fw1", T0 + 6 * FW_MINUTE + i * FW_SECOND, "203.0.113.7", i);
    assert_int_equal(openings(f), 2);
    assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts"), 1);
    assert_int_equal(counters(f).findings_closed, 0);
    fixture_close(f);
}

/* What came in that time is moved to where it belongs, and goes on. */
static void what_was_seen_while_ahead_goes_on_when_the_clock_is_right(void **state) { /* 5b */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    talk(f, "fw1", T0, T0 + FW_MINUTE, 0);
    talk(f, "fw1", T0 + FW_MINUTE, T0 + 2 * FW_MINUTE, 3 * DAY);
    for (unsigned i = 0; i < 20; i++)
        deny(f, "fw1", T0 + 2 * FW_MINUTE + i * FW_SECOND + 3 * DAY, "203.0.113.7", i);
    for (unsigned i = 0; i < 25; i++)
        deny(f, "fw1", T0 + 2 * FW_MINUTE + i * FW_SECOND + 3 * DAY, "203.0.113.6", i);
    talk(f, "fw1", T0 + 3 * FW_MINUTE, T0 + 4 * FW_MINUTE, 3 * DAY);
    assert_int_equal(openings(f), 1);
    talk(f, "fw1", T0 + 4 * FW_MINUTE, T0 + 5 * FW_MINUTE, 0);
    for (unsigned i = 20; i < 25; i++)
        deny(f, "fw1", T0 + 5 * FW_MINUTE + i * FW_SECOND, "203.0.113.7", i);
    assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts on tcp/445 in 3 min (25 denied)"), 1);
    talk(f, "fw1", T0 + 6 * FW_MINUTE, T0 + 21 * FW_MINUTE + 30 * FW_SECOND, 0);
    assert_int_equal(kinds(f, "addr_scan close: 203.0.113.6"),
                     1); /* 15 minutes after its last, and not in three days */
    fixture_close(f);
}

static void a_jump_ahead_that_stays_is_a_silence(void **state) { /* 5a */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 25; i++)
        deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.6", i);
    for (unsigned i = 0; i < 20; i++)
        deny(f, "fw1", T0 + (25 + i) * FW_SECOND, "203.0.113.7", i);
    for (unsigned i = 20; i < 40; i++) /* 20 more the next morning are not 40 */
        deny(f, "fw1", T0 + 9 * FW_HOUR + i * FW_SECOND, "203.0.113.7", i);
    talk(f, "fw1", T0 + 9 * FW_HOUR + FW_MINUTE, T0 + 9 * FW_HOUR + 12 * FW_MINUTE, 0);
    assert_int_equal(openings(f), 1);
    assert_int_equal(counters(f).findings_closed, 1);
    fixture_close(f);
}

static void rare_lines_of_one_device_are_no_disturbance(void **state) { /* 5a */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        deny(f, i % 3 ? "fw1" : "fw2", T0 + i * 20 * FW_MINUTE, "203.0.113.7", i);
    fw_engine_settle(f->engine);
    assert_int_equal(counters(f).sensors_corrected, 0);
    assert_int_equal(counters(f).events_corrected, 0);
    assert_int_equal(openings(f), 0);
    assert_in_range(fw_engine_now(f->engine), T0 + 180 * 20 * FW_MINUTE, T0 + 200 * 20 * FW_MINUTE);
    fixture_close(f);
}

/* fw2's relay was cut off for three hours and hands over what it kept, ten times as fast as it came. */
static void a_backlog_is_no_wrong_clock(void **state) { /* 4 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    talk(f, "fw2", T0 - FW_MINUTE, T0, 0);
    talk(f, "fw1", T0, T0 + 3 * FW_HOUR, 0);
    const fw_time back = T0 + 3 * FW_HOUR;
    for (unsigned i = 0; i < 18 * 60; i++) {
        deny(f, "fw1", back + i * FW_SECOND, "203.0.113.9", 1);
        for (unsigned j = 0; j < 10; j++)
            deny(f, "fw2", T0 + (i * 10 + j) * FW_SECOND, "203.0.113.8", 1);
        if (i < 400 && i % 8 == 0) /* a slow client: 50 hosts in 66 minutes, never 25 in 15 */
            deny(f, "fw2", T0 + i * 10 * FW_SECOND, "203.0.113.5", i);
        if (i >= 500 && i < 530) /* a scan */
            deny(f, "fw2", T0 + i * 10 * FW_SECOND, "203.0.113.7", i);
    }
    assert_int_equal(counters(f).sensors_corrected, 0);
    assert_int_equal(counters(f).events_corrected, 0);
    assert_int_equal(openings(f), 1);
    assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts"), 1);
    assert_int_equal(counters(f).clock_jumped, 0);
    assert_in_range(counters(f).events_late, 10000, 11000);
    fixture_close(f);
}

/* A device that was never heard begins with its backlog: for a minute it may be a wrong clock. */
static void a_backlog_of_a_new_device_is_none_either(void **state) { /* 6, 4 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 20 * 60; i++) {
        deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.9", 1);
        for (unsigned j = 0; j < 5; j++)
            deny(f, "fw2", T0 - 3 * FW_HOUR + (i * 5 + j) * FW_SECOND, "203.0.113.8", 1);
    }
    assert_int_equal(counters(f).sensors_corrected, 0);
    assert_in_range(counters(f).events_corrected, 1, 90);
    assert_int_equal(counters(f).clock_jumped, 0);
    assert_in_range(counters(f).events_late, 20 * 60 * 5 - 90, 20 * 60 * 5);
    assert_in_range(fw_engine_now(f->engine), T0 + 19 * FW_MINUTE, T0 + 20 * FW_MINUTE);
    fixture_close(f);
}

/* After a silence a device that is far ahead speaks between the others. */
static void one_that_is_ahead_does_not_tell_how_long_the_silence_was(void **state) { /* 5a */
    const fw_time morning = T0 + 9 * FW_HOUR;
    (void)state;
    for (unsigned first = 0; first < 2; first++) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        talk(f, "fw1", T0, T0 + FW_MINUTE, 0);
        for (unsigned i = first; i < 40; i++)
            deny(f, i % 2 ? "fw1" : "fw2", morning + i * FW_SECOND + (i % 2 ? 0 : 5 * FW_HOUR), "203.0.113.9", 1);
        assert_in_range(fw_engine_now(f->engine), morning - FW_MINUTE, morning + FW_MINUTE);
        assert_int_equal(counters(f).clock_jumped, 1);
        fixture_close(f);
    }
}

/* A backlog of a source that is active now: neither adds to the other. */
static void a_backlog_does_not_add_to_the_present(void **state) { /* 4 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    talk(f, "fw2", T0 - FW_MINUTE, T0, 0);
    talk(f, "fw1", T0, T0 + FW_HOUR, 0);
    const fw_time now = T0 + FW_HOUR;
    for (unsigned i = 0; i < 20; i++)
        deny(f, "fw1", now + i * FW_SECOND, "203.0.113.7", i);
    for (unsigned i = 0; i < 20; i++)
        deny(f, "fw2", T0 + i * FW_SECOND, "203.0.113.7", 100 + i);
    assert_int_equal(openings(f), 0);
    for (unsigned i = 20; i < 25; i++)
        deny(f, "fw1", now + i * FW_SECOND, "203.0.113.7", i);
    assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts on tcp/445 in 24 s (25 denied)"), 1);
    fixture_close(f);
}

static void lines_that_come_out_of_order_are_late(void **state) { /* 6 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    talk(f, "fw1", T0 - FW_MINUTE, T0, 0);
    for (unsigned i = 0; i < 100; i++) { /* one queue of fw1's relay is ten minutes behind the other */
        deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.9", 1);
        deny(f, "fw1", T0 + i * FW_SECOND - 10 * FW_MINUTE, "203.0.113.8", 1);
    }
    assert_int_equal(counters(f).events_corrected, 0);
    assert_int_equal(counters(f).events_late, 99); /* the last one still waits */
    assert_int_equal(counters(f).clock_jumped, 0);
    fixture_close(f);
}

static void skew_of_a_minute_or_two_is_ordinary(void **state) { /* 3 */
    static const fw_time skew[] = {0, -90 * FW_SECOND, 45 * FW_SECOND, -20 * FW_SECOND};
    static const char *const names[] = {"fw1", "fw2", "fw3", "fw4"};
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 25; i++)
        deny(f, names[i % 4], T0 + i * 10 * FW_SECOND + skew[i % 4], "203.0.113.7", i);
    assert_int_equal(openings(f), 1);
    assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts"), 1);
    assert_int_equal(counters(f).events_held + counters(f).clock_jumped, 0);
    fixture_close(f);
}

/* The first line of all came from the one device that is wrong; the others agree. */
static void the_majority_of_devices_tells_the_time(void **state) {
    static const char *const names[] = {"fw1", "fw2", "fw3"};
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 60 * 12; i++) {
        const fw_time now = T0 + i * FW_SECOND;
        deny(f, "bad", now + 5 * FW_HOUR, "203.0.113.9", 1);
        for (unsigned s = 0; s < 3; s++)
            deny(f, names[s], now, "203.0.113.8", 1);
        if (i >= 290 && i < 315)
            deny(f, names[i % 3], now, "203.0.113.7", i);
    }
    assert_in_range(fw_engine_now(f->engine), T0 + 11 * FW_MINUTE, T0 + 12 * FW_MINUTE);
    assert_int_equal(kinds(f, "203.0.113.7 tried 25 hosts"), 1);
    assert_int_equal(kinds(f, "The clock of bad is 5 h ahead"), 1);
    fixture_close(f);
}

/* The others fall silent while a device is being watched: time goes on with that one. */
static void a_device_on_trial_may_be_the_only_one_left(void **state) { /* 5a, 6 */
    static const fw_time offs[] = {2 * FW_HOUR, -2 * FW_HOUR};
    (void)state;
    for (size_t o = 0; o < 2; o++) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        talk(f, "fw1", T0 - FW_MINUTE, T0, 0);
        for (unsigned i = 0; i < 10; i++) {
            deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.9", 1);
            deny(f, "fw2", T0 + i * FW_SECOND + offs[o], "203.0.113.8", 1);
        }
        talk(f, "fw2", T0 + 10 * FW_SECOND, T0 + FW_HOUR, offs[o]);
        assert_in_range(fw_engine_now(f->engine), T0 + 50 * FW_MINUTE, T0 + FW_HOUR);
        deny(f, "fw1", T0 + FW_HOUR, "203.0.113.9", 1);
        assert_int_equal(counters(f).events_late, 0);
        fixture_close(f);
    }
}

/* Of two that do not agree the one who says more is believed. */
static void the_device_with_most_lines_tells_the_time(void **state) { /* 6 */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 1200; i++) {
        if (i % 30 == 0)
            deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.9", 1);
        deny(f, "fw2", T0 + i * FW_SECOND - 2 * FW_HOUR, "203.0.113.8", 1);
    }
    assert_int_equal(kinds(f, "The clock of fw1 is 2 h ahead"), 1);
    fixture_close(f);
}

static void the_hour_that_occurs_twice_is_told_by_the_device(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    fw_time last = 0;
    (void)state;
    for (unsigned i = 0; i < 3 * 60; i++) { /* 01:00 to 02:00, 02:00 to 03:00, and 02:00 to 03:00 again */
        const fw_time now = T0 + i * FW_MINUTE;
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, now, "10.1.1.1", "198.51.100.1", FW_PROTO_TCP, 445);
        if (i >= 60) {
            ev.time = i < 120 ? now : now - FW_HOUR;
            ev.time_fold = ev.time + FW_HOUR;
        }
        feed(f, &ev);
        last = ev.time;
        assert_int_equal(last, now);
    }
    assert_int_equal(counters(f).events_late + counters(f).clock_jumped + counters(f).events_held, 0);
    fixture_close(f);
}

/* The policy says that fw2 is in New York. Its stamps are of the wall there. */
static void a_zone_of_the_policy_is_read_into_stamps_without_one(void **state) {
    struct fw_zone york = {.name = "test",
                           .standard = -5 * FW_HOUR,
                           .daylight = true,
                           .summer = -4 * FW_HOUR,
                           .begins = {FW_ZONE_WEEK, 0, 3, 2, 2 * FW_HOUR},
                           .ends = {FW_ZONE_WEEK, 0, 11, 1, 2 * FW_HOUR}};
    static const fw_time begins[] = {1793512800000 - FW_HOUR, /* 2026-11-01 05:00 UTC: over the end of summer time */
                                     1772953200000 - FW_HOUR, /* 2026-03-08 06:00 UTC: over its beginning */
                                     T0};
    (void)state;
    for (size_t b = 0; b < sizeof begins / sizeof *begins; b++) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        const struct fw_sensor sensor = {.name = "fw2", .len = 3, .zone = &york};
        f->site.sensors = &sensor;
        f->site.sensors_count = 1;
        fw_engine_policy(f->engine, &f->settings);
        for (unsigned i = 0; i < 2 * 60; i++) {
            const fw_time now = begins[b] + i * FW_MINUTE;
            struct fw_event ev = flow(FW_KIND_FLOW_DENY, now, "10.1.1.1", host("198.51", i % 20), FW_PROTO_TCP, 445);
            ev.sensor = (struct fw_str){"fw2", 3};
            ev.present |= FW_BIT(sensor);
            ev.time_local = fw_zone_to_local(&york, now);
            ev.time = ev.time_local; /* as a machine in UTC would have it */
            fw_engine_feed(f->engine, &ev);
            assert_int_equal(ev.time, now);
            deny(f, "fw1", now, "203.0.113.9", 1);
        }
        assert_int_equal(counters(f).events_corrected + counters(f).events_held + counters(f).events_late, 0);
        f->site.sensors_count = 0; /* the next policy says nothing of it */
        fw_engine_policy(f->engine, &f->settings);
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, begins[b], "10.1.1.1", "198.51.1.1", FW_PROTO_TCP, 445);
        ev.time_local = begins[b] - FW_HOUR;
        fw_engine_feed(f->engine, &ev);
        fw_engine_settle(f->engine);
        assert_int_equal(ev.time, begins[b]);
        fixture_close(f);
    }
}

static void devices_are_remembered_over_a_restart(void **state) {
    static uint8_t buf[2 * FW_STATE_RECORD_MAX];
    struct fw_put put = {.p = buf, .size = sizeof buf};
    struct fw_seed seed = {{1, 2}};
    struct fw_sensors *a, *b;
    uint64_t cursor = 0;
    (void)state;
    assert_int_equal(fw_sensors_open(&a, &seed, &fw_mem_libc), 0);
    struct fw_event ev = {.present = FW_BIT(sensor), .sensor = {"fw2", 3}};
    struct fw_device *one = fw_sensors_of(a, &ev);
    one->last = T0;
    one->offset = -2 * FW_HOUR;
    one->settled = true;
    assert_true(fw_sensors_save(a, &put, &cursor));
    seed.k[0] = 99;
    assert_int_equal(fw_sensors_open(&b, &seed, &fw_mem_libc), 0);
    struct fw_get get = {.p = buf, .size = put.len};
    assert_int_equal(fw_sensors_load(b, &get), 0);
    one = fw_sensors_of(b, &ev);
    assert_int_equal(one->last, T0);
    assert_int_equal(one->offset, -2 * FW_HOUR);
    assert_true(one->settled);
    for (size_t cut = 1; cut < put.len; cut++) { /* no part of it is taken for the whole */
        struct fw_get part = {.p = buf, .size = cut};
        assert_int_equal(fw_sensors_load(b, &part), -1);
    }
    fw_sensors_close(&a);
    fw_sensors_close(&b);
}

static void more_devices_than_are_kept_are_counted(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < FW_SENSORS_MAX + 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "fw%u", i);
        deny(f, name, T0, "203.0.113.9", 1);
    }
    assert_int_equal(counters(f).sensors_held, FW_SENSORS_MAX);
    assert_int_equal(counters(f).sensors_evicted, 10);
    fixture_close(f);
}

/* A device that is corrected by decades starts at the epoch, or at the end of all calendars, and has the word. */
static void a_correction_leads_to_no_impossible_time(void **state) {
    static const struct {
        fw_time off, then;
    } cases[] = {{20 * 365 * DAY, FW_MINUTE}, {FW_MINUTE - T0, FW_TIME_MAX - FW_MINUTE}};
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        for (unsigned i = 0; i < 60 * 8; i++) {
            deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.9", 1);
            deny(f, "fw3", T0 + i * FW_SECOND, "203.0.113.9", 1);
            deny(f, "fw2", T0 + i * FW_SECOND + cases[c].off, "203.0.113.8", 1);
        }
        assert_int_equal(counters(f).sensors_corrected, 1);
        for (unsigned i = 0; i < 40; i++)
            deny(f, "fw2", cases[c].then + i * FW_SECOND, "203.0.113.8", 1);
        assert_in_range(fw_engine_now(f->engine), 0, FW_TIME_MAX);
        fixture_close(f);
    }
}

/* A device whose clock does not run is the first to speak, and goes on speaking: time passes all the same. */
static void a_clock_that_stands_still_stops_nobody(void **state) { /* 6 */
    (void)state;
    for (unsigned others = 1; others <= 3; others += 2) {
        struct fixture *f = fixture_open("addr_scan", 0, 0);
        for (unsigned i = 0; i < 60 * 40; i++) {
            deny(f, "stopped", T0, "203.0.113.9", 1);
            for (unsigned s = 0; s < others; s++)
                deny(f, (const char *const[]){"fw1", "fw2", "fw3"}[s], T0 + 2 * DAY + i * FW_SECOND, "203.0.113.8", 1);
            if (i % 90 == 0) /* 27 hosts in 40 minutes are no scan */
                deny(f, "fw1", T0 + 2 * DAY + i * FW_SECOND, "203.0.113.7", i);
        }
        assert_in_range(fw_engine_now(f->engine), T0 + 20 * FW_MINUTE, T0 + 3 * DAY);
        assert_int_equal(openings(f), 0);
        fixture_close(f);
    }
}

/* A site so quiet that time goes on by silences only: what is over ends. */
static void many_silences_keep_nothing_open(void **state) { /* 5a */
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        deny(f, "fw1", T0 + i * FW_SECOND, "203.0.113.7", i);
    assert_int_equal(openings(f), 1);
    for (unsigned i = 1; i <= 10; i++)
        talk(f, "fw1", T0 + i * 11 * FW_MINUTE, T0 + (i * 11 + 3) * FW_MINUTE, 0);
    assert_int_equal(counters(f).findings_closed, 1);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_event_sets_the_time),
        cmocka_unit_test(impossible_times_move_nothing),
        cmocka_unit_test(a_device_in_another_zone_is_corrected),
        cmocka_unit_test(a_wrong_clock_is_corrected_as_it_is),
        cmocka_unit_test(one_of_several_set_and_set_right_loses_nothing),
        cmocka_unit_test(the_only_device_set_back_loses_nothing),
        cmocka_unit_test(the_only_device_set_back_and_right_again_loses_nothing),
        cmocka_unit_test(the_only_device_far_ahead_for_a_few_lines_loses_nothing),
        cmocka_unit_test(the_only_device_ahead_and_back_finds_its_state_again),
        cmocka_unit_test(what_was_seen_while_ahead_goes_on_when_the_clock_is_right),
        cmocka_unit_test(a_backlog_of_a_new_device_is_none_either),
        cmocka_unit_test(one_that_is_ahead_does_not_tell_how_long_the_silence_was),
        cmocka_unit_test(a_jump_ahead_that_stays_is_a_silence),
        cmocka_unit_test(rare_lines_of_one_device_are_no_disturbance),
        cmocka_unit_test(a_backlog_is_no_wrong_clock),
        cmocka_unit_test(a_backlog_does_not_add_to_the_present),
        cmocka_unit_test(lines_that_come_out_of_order_are_late),
        cmocka_unit_test(skew_of_a_minute_or_two_is_ordinary),
        cmocka_unit_test(the_majority_of_devices_tells_the_time),
        cmocka_unit_test(a_device_on_trial_may_be_the_only_one_left),
        cmocka_unit_test(the_device_with_most_lines_tells_the_time),
        cmocka_unit_test(the_hour_that_occurs_twice_is_told_by_the_device),
        cmocka_unit_test(a_zone_of_the_policy_is_read_into_stamps_without_one),
        cmocka_unit_test(devices_are_remembered_over_a_restart),
        cmocka_unit_test(more_devices_than_are_kept_are_counted),
        cmocka_unit_test(a_correction_leads_to_no_impossible_time),
        cmocka_unit_test(a_clock_that_stands_still_stops_nobody),
        cmocka_unit_test(many_silences_keep_nothing_open),
    };
    return cmocka_run_group_tests_name("timing", tests, NULL, NULL);
}
