/* pipe.h, and what engine.h says of events that are pushed: they come out in order and whole, and nothing that the
 * engine says depends on when their turn was. */
#include "fixture.h"

#include "core/pipe.h"

#define EVENTS    30000
#define TEXT_LONG 3000 /* more than a slot has room for */

/* ---- the ring ---- */

static void events_come_out_in_order_with_their_text(void **state) {
    struct fw_pipe pipe;
    char name[8];
    (void)state;
    assert_int_equal(fw_pipe_open(&pipe, &fw_mem_libc), 0);
    assert_null(fw_pipe_take(&pipe));
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < FW_PIPE_SLOTS; i++) {
            (void)snprintf(name, sizeof name, "fw%u", i);
            const struct fw_event ev = {
                .present = FW_BIT(sensor) | FW_BIT(user), .time = i, .sensor = {name, 3}, .user = {"", 0}};
            assert_non_null(fw_pipe_put(&pipe, &ev));
            assert_int_equal(fw_pipe_back(&pipe, 0)->event.time, i);
            assert_int_equal(fw_pipe_back(&pipe, i)->event.time, 0);
        }
        const struct fw_event more = {.time = 99};
        assert_null(fw_pipe_put(&pipe, &more));
        for (unsigned i = 0; i < FW_PIPE_SLOTS; i++) {
            const struct fw_pipe_slot *slot = fw_pipe_take(&pipe);
            (void)snprintf(name, sizeof name, "fw%u", i);
            assert_int_equal(slot->event.time, i);
            assert_int_equal(slot->event.sensor.len, 3);
            assert_memory_equal(slot->event.sensor.p, name, 3);
            assert_int_equal(slot->event.user.len, 0);
        }
        assert_null(fw_pipe_take(&pipe));
    }
    fw_pipe_close(&pipe, &fw_mem_libc);
}

static void text_beyond_the_bound_is_not_taken(void **state) {
    static const char text[FW_PIPE_TEXT + 1];
    struct fw_pipe pipe;
    struct fw_event ev = {.present = FW_BIT(url) | FW_BIT(user), .url = {text, FW_PIPE_TEXT - 3}, .user = {text, 3}};
    (void)state;
    assert_int_equal(fw_pipe_open(&pipe, &fw_mem_libc), 0);
    assert_non_null(fw_pipe_put(&pipe, &ev));
    ev.user.len = 4;
    assert_null(fw_pipe_put(&pipe, &ev));
    ev.present = FW_BIT(url); /* what is not there has no text */
    assert_non_null(fw_pipe_put(&pipe, &ev));
    assert_int_equal(pipe.count, 2);
    fw_pipe_close(&pipe, &fw_mem_libc);
}

/* ---- the engine ---- */

static uint64_t random_state;

static unsigned below(unsigned n) {
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)((random_state >> 33) % n);
}

/* A day with everything that moves time or is late, of scanners and mailers, sessions with and without ids. */
static struct fw_event step(unsigned n, char *text, size_t size) {
    static fw_time clock;
    const unsigned what = below(100);
    char src[32];
    if (n == 0)
        clock = T0;
    clock += below(200);
    if (n % 7001 == 7000)
        clock += n % 2 != 0 ? 2 * FW_HOUR : -FW_HOUR; /* a clock is set */
    (void)snprintf(src, sizeof src, "%s.%u", what < 60 ? "10.1.1" : "203.0.113", 1 + below(30));
    struct fw_event ev = flow(what < 40   ? FW_KIND_FLOW_DENY
                              : what < 75 ? FW_KIND_FLOW_START
                                          : FW_KIND_FLOW_END,
                              clock, src, host("198.51", below(400)), FW_PROTO_TCP, below(3) == 0 ? 25 : 445);
    if (below(50) == 0)
        ev.time -= below(20) * FW_MINUTE; /* late, or of a device whose clock is wrong */
    ev.sport = (uint16_t)(40000 + below(50));
    (void)snprintf(text, size, "fw%u %u", 1 + (below(40) == 0), below(300));
    ev.sensor = (struct fw_str){text, 3};
    ev.present |= FW_BIT(sensor);
    if (below(3) == 0) {
        ev.session = (struct fw_str){text + 4, (uint32_t)strlen(text + 4)};
        ev.present |= FW_BIT(session);
    }
    if (below(500) == 0) {
        memset(text + 8, 'x', TEXT_LONG);
        ev.url = (struct fw_str){text + 8, TEXT_LONG};
        ev.present |= FW_BIT(url);
    }
    ev.identity = below(20) == 0 ? 1 + below(100) : 0; /* some lines are delivered again */
    return ev;
}

enum way { FED, PUSHED, CAUGHT_UP, ASKED, FLUSHED, WAYS };

struct told {
    size_t documents;
    uint64_t hash; /* of all of them, in their order */
    struct fw_counters counters;
};

static void take_all(struct fw_engine *engine, struct told *told) {
    static struct fw_document document;
    while (fw_engine_take(engine, &document)) {
        const struct fw_seed seed = {{told->hash, told->documents++}};
        told->hash = fw_hash(&seed, document.json, document.json_len);
    }
}

static void catch_up(struct fw_engine *engine, struct told *told) {
    while (fw_engine_catch_up(engine))
        take_all(engine, told);
    take_all(engine, told);
}

/* Whatever is asked now and then: it changes nothing. */
static void ask(struct fw_engine *engine, unsigned n) {
    struct fw_counters counters;
    struct fw_engine_parts parts;
    if (n % 5 == 0)
        fw_engine_get_counters(engine, &counters);
    else if (n % 5 == 1)
        (void)fw_engine_now(engine);
    else if (n % 5 == 2)
        fw_engine_parts(engine, &parts);
    else if (n % 5 == 3)
        fw_engine_probe(engine, NULL);
}

static void run(enum way way, struct told *told) {
    static char text[TEXT_LONG + 64];
    struct fixture *f = fixture_open(NULL, 0, 0);
    memset(told, 0, sizeof *told);
    random_state = 1;
    for (unsigned i = 0; i < EVENTS; i++) {
        struct fw_event ev = step(i, text, sizeof text);
        if (way == FED)
            fw_engine_feed(f->engine, &ev);
        else
            fw_engine_push(f->engine, &ev);
        memset(text, '?', sizeof text); /* the parser's next line */
        if (way == CAUGHT_UP)
            catch_up(f->engine, told);
        if (way == ASKED && i % 3 == 0)
            ask(f->engine, i / 3);
        if (way == FLUSHED && i % 11 == 0)
            fw_engine_flush(f->engine);
        take_all(f->engine, told);
        if (i % 5000 == 4999) { /* nothing came for a while */
            catch_up(f->engine, told);
            fw_engine_idle(f->engine, FW_MINUTE);
            take_all(f->engine, told);
        }
    }
    catch_up(f->engine, told);
    fw_engine_settle(f->engine);
    fw_engine_get_counters(f->engine, &told->counters);
    take_all(f->engine, told);
    fixture_close(f);
}

static void documents_do_not_depend_on_when_an_event_has_its_turn(void **state) {
    struct told told[WAYS];
    (void)state;
    for (unsigned way = 0; way < WAYS; way++) {
        run((enum way)way, &told[way]);
        assert_int_equal(told[way].documents, told[FED].documents);
        assert_int_equal(told[way].hash, told[FED].hash);
        assert_memory_equal(&told[way].counters, &told[FED].counters, sizeof told[FED].counters);
    }
    assert_in_range(told[FED].documents, 50, EVENTS);
    assert_in_range(told[FED].counters.lines_repeated, 100, EVENTS);
    assert_in_range(told[FED].counters.events_held, 16, EVENTS);
    assert_in_range(told[FED].counters.events_joined, 100, EVENTS);
}

static void an_event_waits_until_others_have_come(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 25; i++) {
        const struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i, "203.0.113.1", host("10.1", i), FW_PROTO_TCP, 445);
        fw_engine_push(f->engine, &ev);
    }
    assert_false(fw_engine_waiting(f->engine));
    assert_false(fw_engine_catch_up(f->engine)); /* the last one opens it */
    assert_true(fw_engine_waiting(f->engine));
    fixture_close(f);
}

static void catching_up_stops_where_there_is_something_to_take(void **state) {
    struct fixture *f = fixture_open("addr_scan", 0, 0);
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        const struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i, "203.0.113.1", host("10.1", i), FW_PROTO_TCP, 445);
        fw_engine_push(f->engine, &ev);
        if (i == 26)
            assert_true(fw_engine_catch_up(f->engine));
    }
    assert_true(fw_engine_waiting(f->engine));
    fixture_collect(f);
    assert_int_equal(f->count, 1);
    assert_false(fw_engine_catch_up(f->engine));
    fixture_close(f);
}

struct heard {
    unsigned events, done;
};

static void hear_event(void *cookie, const struct fw_event *ev) {
    struct heard *heard = cookie;
    (void)ev;
    heard->events++;
}

static void hear_done(void *cookie, unsigned seen) {
    struct heard *heard = cookie;
    (void)seen;
    heard->done++;
}

static void hear_held(void *cookie, const struct fw_detector *detector, const struct fw_entry *entry) {
    (void)cookie;
    (void)detector;
    (void)entry;
}

static void hear_reading(void *cookie, const struct fw_detector *detector, const struct fw_reading *reading) {
    (void)cookie;
    (void)detector;
    (void)reading;
}

static void nothing_waits_where_somebody_asks(void **state) {
    struct fixture *f = fixture_open(NULL, 0, 0);
    struct heard heard = {0, 0};
    const struct fw_probe probe = {hear_event, hear_held, hear_reading, hear_done, &heard};
    const struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0, "203.0.113.1", "10.1.1.1", FW_PROTO_TCP, 445);
    (void)state;
    fw_engine_push(f->engine, &ev);
    fw_engine_probe(f->engine, &probe); /* that one was before */
    fw_engine_push(f->engine, &ev);
    assert_int_equal(heard.events, 1);
    assert_int_equal(heard.done, 1);
    fixture_close(f);
}

static void whatever_is_done_comes_after_those_that_wait(void **state) {
    struct fixture *f = fixture_open(NULL, 0, 0);
    struct fw_site empty = {.sensors_count = 0};
    const struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0, "203.0.113.1", "10.1.1.1", FW_PROTO_TCP, 445);
    (void)state;
    fw_engine_push(f->engine, &ev);
    assert_int_equal(fw_engine_now(f->engine), T0 - FW_CLOCK_LATENESS);
    struct fw_event later = ev;
    later.time += FW_MINUTE;
    fw_engine_push(f->engine, &later);
    assert_int_equal(fw_site_build(&empty, NULL, 0), 0);
    f->settings.site = &empty;
    fw_engine_policy(f->engine, &f->settings); /* the places of the old site may go now */
    fw_site_free(&f->site);
    assert_int_equal(fw_engine_now(f->engine), T0 + FW_MINUTE - FW_CLOCK_LATENESS);
    fw_engine_push(f->engine, &later);
    fw_engine_close(&f->engine); /* what waits then is gone */
    fw_site_free(&empty);
    free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_out_in_order_with_their_text),
        cmocka_unit_test(text_beyond_the_bound_is_not_taken),
        cmocka_unit_test(documents_do_not_depend_on_when_an_event_has_its_turn),
        cmocka_unit_test(an_event_waits_until_others_have_come),
        cmocka_unit_test(catching_up_stops_where_there_is_something_to_take),
        cmocka_unit_test(nothing_waits_where_somebody_asks),
        cmocka_unit_test(whatever_is_done_comes_after_those_that_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
