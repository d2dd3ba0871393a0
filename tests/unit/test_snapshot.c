/* test_snapshot.c: the state of a whole engine, written down and read again: with nothing between, with events between its
 * frames, and where what is read is not what was written or the engine is another one. */
#define _GNU_SOURCE
#include "fixture.h"

#include "core/snapshot.h"

#define STEP    (FW_SECOND / 5)
#define IDLE_N  120
#define BIG     ((size_t)64 << 20)
#define OPENING "\"action\":\"finding-open\""
#define CLOSING "\"action\":\"finding-close\""

/* ---- traffic that leaves something in every part ---- */

struct site {
    struct fixture *f;
    struct fw_entry entry;
    const struct fw_entry *list[1];
};

static void configure(struct fixture *f, struct site *own) {
    struct fw_fact facts[2] = {{.roles = FW_ROLE_HOME}, {.kind = FW_FACT_SOURCE, .entry = &own->entry}};

    own->f = f;
    own->entry = (struct fw_entry){.id = 77, .label = "inventory", .until = FW_TIME_MAX, .detectors = UINT64_MAX};
    own->list[0] = &own->entry;
    fw_site_free(&f->site);
    f->site.entries = own->list;
    f->site.entries_count = 1;
    assert_int_equal(fw_net_parse(&facts[0].net, "10.0.0.0/8", 10, NULL, 0), 0);
    assert_int_equal(fw_net_parse(&facts[1].net, "10.2.0.0/16", 11, NULL, 0), 0);
    assert_int_equal(fw_site_build(&f->site, facts, 2), 0);
    f->settings.findings_per_minute = 12; /* so that some are folded */
    f->settings.intervals.summary = 10 * FW_MINUTE;
    fw_engine_policy(f->engine, &f->settings);
}

static struct fixture *site_open(struct site *own, const char *detector, size_t memory) {
    struct fixture *f = fixture_open(detector, 0, memory);

    configure(f, own);
    return f;
}

/* The i-th event: scanners, senders of mail (who mute the scans they make), sessions, an exception, a device whose clock is
 * two hours ahead, lines that come twice, and many who do little. */
static struct fw_event step(unsigned i) {
    const fw_time time = T0 + i * STEP;
    char src[FW_ADDR_TEXT_MAX];
    struct fw_event ev;

    switch (i % 5) {
    case 0:
        (void)snprintf(src, sizeof src, "10.1.3.%u", 1 + i / 5 % 20);
        ev = flow(FW_KIND_FLOW_DENY, time, src, host("198.51", i / 100), FW_PROTO_TCP, 445);
        break;
    case 1:
        (void)snprintf(src, sizeof src, "10.1.4.%u", 1 + i / 5 % 5);
        ev = flow(FW_KIND_FLOW_DENY, time, src, host("203.0", i / 25), FW_PROTO_TCP, 25);
        break;
    case 2:
        (void)snprintf(src, sizeof src, "10.1.5.%u", 1 + i / 10 % 200);
        ev = flow(i / 5 % 2 && i / 10 % 3 ? FW_KIND_FLOW_END : FW_KIND_FLOW_START, time, src, "198.51.100.7",
                  FW_PROTO_TCP, 443);
        ev.sport = (uint16_t)(1024 + i / 10 % 30000);
        break;
    case 3:
        ev = flow(FW_KIND_FLOW_DENY, time, i % 2 ? "10.2.0.1" : "10.2.0.2", host("192.0", i / 5), FW_PROTO_TCP, 22);
        break;
    default:
        (void)snprintf(src, sizeof src, "10.20.%u.%u", i / 5 / 250 % 250, 1 + i / 5 % 250);
        ev = flow(FW_KIND_FLOW_DENY, time, src, host("203.1", i), FW_PROTO_TCP, 445);
        ev.identity = 1 + i / 10;
        break;
    }
    ev.sensor = (struct fw_str){"fw1", 3};
    if (i % 35 == 4) {
        ev.sensor = (struct fw_str){"fw2", 3};
        ev.time += 2 * FW_HOUR;
    }
    ev.present |= FW_BIT(sensor);
    return ev;
}

/* ---- what is said, one document a line, with who heard it ---- */

struct told {
    char *text;
    size_t len;
    size_t room;
    unsigned documents;
    void (*hear)(void *cookie, const struct fw_document *document);
    void *cookie;
};

static void take_all(struct fw_engine *engine, struct told *told) {
    static struct fw_document document;

    while (fw_engine_take(engine, &document)) {
        if (told->room - told->len < document.json_len + 2) {
            told->room = 2 * told->room + document.json_len + 2;
            told->text = realloc(told->text, told->room);
            assert_non_null(told->text);
        }
        memcpy(told->text + told->len, document.json, document.json_len);
        told->len += document.json_len;
        told->text[told->len++] = '\n';
        told->text[told->len] = '\0';
        told->documents++;
        if (told->hear)
            told->hear(told->cookie, &document);
    }
}

static void run(struct fw_engine *engine, unsigned from, unsigned to, struct told *told) {
    for (unsigned i = from; i < to; i++) {
        struct fw_event ev = step(i);

        fw_engine_feed(engine, &ev);
        take_all(engine, told);
    }
}

static void run_out(struct fw_engine *engine, struct told *told) {
    for (unsigned i = 0; i < IDLE_N; i++) {
        fw_engine_idle(engine, i < IDLE_N / 2 ? FW_MINUTE : 8 * FW_HOUR); /* findings of a week's window end as well */
        take_all(engine, told);
    }
}

/* ---- what was written ---- */

struct written {
    uint8_t *bytes;
    size_t len;
    unsigned frames;
};

static bool fill(struct fw_snapshot *snapshot, struct fw_engine *engine, struct written *written) {
    if (!fw_snapshot_fill(snapshot, engine))
        return false;
    fw_snapshot_seal(snapshot);
    written->bytes = realloc(written->bytes, written->len + snapshot->len);
    assert_non_null(written->bytes);
    memcpy(written->bytes + written->len, snapshot->frame, snapshot->len);
    written->len += snapshot->len;
    written->frames++;
    return true;
}

static struct written save(struct fw_engine *engine) {
    struct fw_snapshot snapshot;
    struct written written = {.len = 0};
    uint8_t *frame = malloc(FW_FRAME_MAX);

    assert_non_null(frame);
    fw_snapshot_begin(&snapshot, frame);
    while (fill(&snapshot, engine, &written)) {
    }
    free(frame);
    return written;
}

/* The number-th frame, and where its bytes are. */
static uint8_t *frame_at(const struct written *written, unsigned number, struct fw_frame *frame) {
    uint8_t *at = written->bytes;

    for (unsigned i = 0;; i++, at += FW_FRAME_HEAD + frame->length) {
        assert_int_equal(fw_frame_get_head(frame, i, at), 0);
        assert_true(fw_frame_is_end(frame) || i < written->frames);
        if (i == number)
            return at;
    }
}

static void load_frames(struct fw_restore *restore, const struct written *written) {
    for (unsigned i = 0; i < written->frames; i++) {
        struct fw_frame frame;
        const uint8_t *at = frame_at(written, i, &frame);

        fw_restore_frame(restore, &frame, at + FW_FRAME_HEAD);
    }
}

static uint64_t load(struct fw_engine *engine, const struct written *written) {
    struct fw_restore restore;

    fw_restore_begin(&restore, engine);
    load_frames(&restore, written);
    fw_restore_end(&restore);
    return restore.dropped;
}

/* ---- with nothing between ---- */

static void assert_same_counters(struct fw_engine *a, struct fw_engine *b) {
    struct fw_counters of_a, of_b;

    fw_engine_get_counters(a, &of_a);
    fw_engine_get_counters(b, &of_b);
#define FW_COUNTER(name, doc)                                                                                          \
    if (of_a.name != of_b.name)                                                                                        \
        fail_msg("%s: %llu and %llu", #name, (unsigned long long)of_a.name, (unsigned long long)of_b.name);
#include "core/counters.def"
#undef FW_COUNTER
}

/* Every part has something in it, else the comparison is worth nothing. */
static void assert_rich(struct fw_engine *engine) {
    struct fw_counters c;

    fw_engine_get_counters(engine, &c);
    assert_true(c.findings_held > 0);
    assert_true(c.findings_muted > 0);
    assert_true(c.findings_folded > 0);
    assert_true(c.events_excepted > 0);
    assert_true(c.lines_repeated > 0);
    assert_true(c.sessions_held > 0);
    assert_true(c.sensors_corrected > 0);
    assert_true(c.notices_written > 0);
}

static void cut(unsigned at, unsigned to, bool rich) {
    struct site sites[2];
    struct fixture *whole = site_open(&sites[0], NULL, 0), *second = site_open(&sites[1], NULL, 0);
    struct told before = {.len = 0}, a = {.len = 0}, b = {.len = 0};

    run(whole->engine, 0, at, &before);
    if (rich)
        assert_rich(whole->engine);
    struct written written = save(whole->engine);
    assert_int_equal(load(second->engine, &written), 0);
    assert_same_counters(whole->engine, second->engine);
    run(whole->engine, at, to, &a);
    run(second->engine, at, to, &b);
    run_out(whole->engine, &a);
    run_out(second->engine, &b);
    assert_true(a.documents > 0);
    assert_string_equal(a.text, b.text);
    assert_same_counters(whole->engine, second->engine);
    free(written.bytes);
    free(before.text);
    free(a.text);
    free(b.text);
    fixture_close(whole);
    fixture_close(second);
}

static void both_halves_say_what_the_whole_says(void **state) {
    (void)state;
    for (unsigned at = 1; at < 9000; at += 1217)
        cut(at, at + 4000, false);
    cut(9000, 12000, true);
}

static void it_moves_into_another_engine_again_and_again(void **state) {
    struct site sites[2];
    struct fixture *f[2] = {site_open(&sites[0], NULL, 0), site_open(&sites[1], NULL, 0)};
    struct told whole = {.len = 0}, moved = {.len = 0};
    uint8_t *frame = malloc(FW_FRAME_MAX);
    char err[128];
    (void)state;

    assert_non_null(frame);
    for (unsigned i = 0; i < 9000; i += 450) {
        struct fw_engine *next = NULL;
        const struct fw_engine_config config = {.settings = &f[1]->settings, .seed = fw_engine_seed(f[1]->engine)};

        run(f[0]->engine, i, i + 450, &whole);
        run(f[1]->engine, i, i + 450, &moved);
        assert_int_equal(fw_engine_open(&next, &config, err, sizeof err), 0);
        fw_snapshot_move(f[1]->engine, next, frame);
        fw_engine_close(&f[1]->engine);
        f[1]->engine = next;
    }
    run_out(f[0]->engine, &whole);
    run_out(f[1]->engine, &moved);
    assert_string_equal(whole.text, moved.text);
    free(whole.text);
    free(moved.text);
    free(frame);
    fixture_close(f[0]);
    fixture_close(f[1]);
}

/* ---- with events between the frames ---- */

#define HEARD_MAX 4096

/* What a journal keeps. */
struct heard {
    struct fw_document *all[HEARD_MAX];
    size_t count;
};

static void hear(void *cookie, const struct fw_document *document) {
    struct heard *heard = cookie;

    assert_true(heard->count < HEARD_MAX);
    heard->all[heard->count] = malloc(sizeof *document);
    assert_non_null(heard->all[heard->count]);
    *heard->all[heard->count++] = *document;
}

static bool has(const char *line, size_t len, const char *text) {
    return memmem(line, len, text, strlen(text)) != NULL;
}

/* The value of "name":"..." in a document. */
static void value_of(const char *line, size_t len, const char *name, char *value, size_t size) {
    char wanted[32];
    const int n = snprintf(wanted, sizeof wanted, "\"%s\":\"", name);
    const char *at = memmem(line, len, wanted, (size_t)n);

    assert_non_null(at);
    at += n;
    (void)snprintf(value, size, "%.*s", (int)strcspn(at, "\""), at);
}

struct matters {
    char open[HEARD_MAX][96]; /* by key */
    char ids[HEARD_MAX][32];
    size_t open_count, id_count;
};

static void drop_open(struct matters *m, const char *key) {
    for (size_t i = 0; i < m->open_count; i++)
        if (strcmp(m->open[i], key) == 0)
            memmove(m->open[i], m->open[--m->open_count], sizeof m->open[i]);
}

static void open_one(struct matters *m, const char *key, const char *id) {
    for (size_t i = 0; i < m->open_count; i++)
        if (strcmp(m->open[i], key) == 0)
            fail_msg("%s is opened while it is open", key);
    for (size_t i = 0; i < m->id_count; i++)
        if (strcmp(m->ids[i], id) == 0)
            fail_msg("%s is opened twice", id);
    assert_true(m->open_count < HEARD_MAX && m->id_count < HEARD_MAX);
    (void)snprintf(m->open[m->open_count++], sizeof *m->open, "%s", key);
    (void)snprintf(m->ids[m->id_count++], sizeof *m->ids, "%s", id);
}

/* No finding is opened twice, nor a matter that is open. */
static void look_at(struct matters *m, const char *text) {
    for (size_t len; text && *text; text += len + 1) {
        char key[96], id[32];

        len = strcspn(text, "\n");
        if (!has(text, len, OPENING) && !has(text, len, CLOSING))
            continue;
        value_of(text, len, "key", key, sizeof key);
        value_of(strstr(text, "\"finding\":"), len, "id", id, sizeof id);
        if (has(text, len, CLOSING))
            drop_open(m, key);
        else
            open_one(m, key, id);
    }
}

static void events_between(unsigned begin, unsigned many) {
    static struct matters matters;
    struct site sites[2];
    struct fixture *f = site_open(&sites[0], NULL, 0), *g = site_open(&sites[1], NULL, 0);
    struct told first = {.len = 0}, second = {.len = 0};
    struct heard heard = {.count = 0};
    struct written written = {.len = 0};
    struct fw_snapshot snapshot;
    struct fw_restore restore;
    uint8_t *frame = malloc(FW_FRAME_MAX);
    unsigned i = begin;

    assert_non_null(frame);
    f->settings.findings_per_minute = g->settings.findings_per_minute = 6000; /* openings are not folded */
    fw_engine_policy(f->engine, &f->settings);
    fw_engine_policy(g->engine, &g->settings);
    run(f->engine, 0, begin, &first);
    first.hear = hear;
    first.cookie = &heard;
    fw_snapshot_begin(&snapshot, frame);
    while (fill(&snapshot, f->engine, &written)) {
        run(f->engine, i, i + many, &first);
        i += many;
    }
    run(f->engine, i, i + 500, &first); /* then it is killed */
    fw_restore_begin(&restore, g->engine);
    load_frames(&restore, &written);
    for (size_t n = 0; n < heard.count; n++)
        fw_restore_trace(&restore, heard.all[n]->sequence, heard.all[n]->trace, heard.all[n]->trace_len);
    fw_restore_end(&restore);
    assert_int_equal(restore.dropped, 0);
    run(g->engine, i + 500, i + 6000, &second);
    run_out(g->engine, &second);
    memset(&matters, 0, sizeof matters);
    look_at(&matters, first.text);
    look_at(&matters, second.text);
    assert_true(matters.id_count > 0);
    if (matters.open_count > 0)
        fail_msg("%zu never end, one is %s", matters.open_count, matters.open[0]);
    for (size_t n = 0; n < heard.count; n++)
        free(heard.all[n]);
    free(written.bytes);
    free(first.text);
    free(second.text);
    free(frame);
    fixture_close(f);
    fixture_close(g);
}

static void events_between_the_frames_open_nothing_twice(void **state) {
    static const unsigned begins[] = {0, 1, 100, 1400, 2300, 2450, 2600, 5000};
    (void)state;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        events_between(begins[i], 1);
        events_between(begins[i], 40);
        events_between(begins[i], 300);
    }
}

/* ---- another engine, other bytes ---- */

static void a_detector_that_is_off_loses_its_part_alone(void **state) {
    struct site sites[2];
    struct fixture *f = site_open(&sites[0], NULL, 0), *g = site_open(&sites[1], "mass_mail", 0);
    struct told first = {.len = 0}, second = {.len = 0};
    (void)state;

    run(f->engine, 0, 5000, &first);
    struct written written = save(f->engine);
    size_t detectors = 0;
    while (fw_detectors[detectors] != NULL)
        detectors++;
    assert_int_equal(load(g->engine, &written), detectors - 1);
    run(g->engine, 5000, 6000, &second);
    run_out(g->engine, &second);
    assert_non_null(strstr(second.text, "mass_mail"));
    assert_non_null(strstr(first.text, "\"key\":\"mass_mail|10.1.4.1|smtp\""));
    assert_null(strstr(second.text, OPENING)); /* they go on */
    free(written.bytes);
    free(first.text);
    free(second.text);
    fixture_close(f);
    fixture_close(g);
}

/* Writes a number into every frame of that section, and loads: all of them are dropped. */
static void with_number(const char *section, size_t at, uint64_t number) {
    struct site sites[2];
    struct fixture *f = site_open(&sites[0], "addr_scan", 0), *g = site_open(&sites[1], "addr_scan", 0);
    struct told told = {.len = 0};
    unsigned changed = 0;

    run(f->engine, 0, 3000, &told);
    struct written written = save(f->engine);
    for (unsigned i = 0; i < written.frames; i++) {
        struct fw_frame frame;
        uint8_t *bytes = frame_at(&written, i, &frame);

        if (strcmp(frame.section, section) != 0)
            continue;
        struct fw_put put = {.p = bytes, .size = FW_FRAME_HEAD + frame.length, .len = at};
        fw_put_u64(&put, number);
        assert_false(put.failed);
        assert_int_equal(fw_frame_get_head(&frame, i, bytes), 0);
        assert_false(fw_frame_is_whole(&frame, bytes));
        changed++;
    }
    assert_true(changed > 0);
    const uint64_t dropped = load(g->engine, &written);
    run(g->engine, 3000, 6000, &told);
    run_out(g->engine, &told);
    free(written.bytes);
    free(told.text);
    fixture_close(f);
    fixture_close(g);
    assert_int_equal(dropped, changed);
}

static void another_version_or_shape_is_dropped_and_counted(void **state) {
    const size_t shape = FW_FRAME_HEAD + 1 + strlen("addr_scan") + 24; /* after version, extra and time */
    (void)state;
    with_number("seen", 16, 2);
    with_number("sessions", 16, 99);
    with_number("detector", 16, 2);
    with_number("detector", shape, 1000);
    with_number("detector", shape + 16, 1000); /* how many sets */
}

static void less_memory_keeps_the_latest(void **state) {
    struct site sites[2];
    struct fixture *f = site_open(&sites[0], NULL, BIG), *g = site_open(&sites[1], NULL, FW_MEMORY_MIN);
    struct fw_detector_stats before, after;
    struct told told = {.len = 0};
    (void)state;

    for (unsigned i = 0; i < 60000; i++) {
        char src[FW_ADDR_TEXT_MAX];

        for (unsigned k = 0; k < 2; k++) { /* the second one is let in by the gate */
            (void)snprintf(src, sizeof src, "10.%u.%u.%u", 100 + i / 62500, i / 250 % 250, 1 + i % 250);
            struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i, src, host("203.1", k), FW_PROTO_TCP, 445);
            feed(f, &ev);
        }
    }
    struct written written = save(f->engine);
    assert_true(written.frames > 14); /* several of one part */
    assert_int_equal(load(g->engine, &written), 0);
    const struct fw_detector *of = fw_engine_detector(f->engine, 0), *in = fw_engine_detector(g->engine, 0);
    of->ops->get_stats(of->det, &before);
    in->ops->get_stats(in->det, &after);
    assert_true(before.table.held > after.table.capacity);
    assert_true(after.table.held > 0 && after.table.held <= after.table.capacity);
    assert_true(after.table.evicted > before.table.evicted);
    run(g->engine, 0, 3000, &told);
    run_out(g->engine, &told);
    assert_non_null(strstr(told.text, OPENING));
    free(written.bytes);
    free(told.text);
    fixture_close(f);
    fixture_close(g);
}

static uint64_t next_random(uint64_t *x) {
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* Whatever stands behind a right checksum: nothing crashes, and the engine is good for events after it. */
static void garbage_harms_nothing(void **state) {
    struct site own;
    struct fixture *f = site_open(&own, NULL, 0);
    struct told told = {.len = 0};
    uint64_t x = 88172645463325252;
    (void)state;

    run(f->engine, 0, 3000, &told);
    struct written good = save(f->engine);
    for (unsigned round = 0; round < 60; round++) {
        struct site other;
        struct fixture *g = site_open(&other, NULL, 0);
        struct written bad = {.bytes = malloc(good.len), .len = good.len, .frames = good.frames};

        assert_non_null(bad.bytes);
        memcpy(bad.bytes, good.bytes, good.len);
        for (unsigned i = 0; i < bad.frames; i++) {
            struct fw_frame frame;
            uint8_t *bytes = frame_at(&bad, i, &frame) + FW_FRAME_HEAD;

            for (unsigned k = 0; frame.length > 0 && k < 1 + round; k++)
                bytes[next_random(&x) % frame.length] = (uint8_t)(next_random(&x) >> 32);
        }
        (void)load(g->engine, &bad);
        told.len = 0;
        run(g->engine, 3000, 3400, &told);
        run_out(g->engine, &told);
        struct written again = save(g->engine);
        free(again.bytes);
        free(bad.bytes);
        fixture_close(g);
    }
    free(good.bytes);
    free(told.text);
    fixture_close(f);
}

/* ---- the head, and checksums ---- */

static const char *why_not(size_t at) {
    const struct fw_snapshot_head head = {.seed = {{3, 4}}, .time = T0};
    struct fw_snapshot_head got;
    uint8_t bytes[FW_SNAPSHOT_HEAD];
    const char *why = NULL;

    fw_snapshot_put_head(&head, bytes);
    if (at < sizeof bytes)
        bytes[at] ^= 0x40;
    if (fw_snapshot_get_head(&got, bytes, &why) == 0) {
        assert_int_equal(got.seed.k[0], 3);
        assert_int_equal(got.seed.k[1], 4);
        assert_int_equal(got.time, T0);
    }
    return why;
}

static void a_head_is_refused_for_what_is_wrong_with_it(void **state) {
    (void)state;
    assert_null(why_not(FW_SNAPSHOT_HEAD));
    assert_string_equal(why_not(0), "it is no state of firewatch");
    assert_string_equal(why_not(8), "it is of another version of firewatch");
    assert_string_equal(why_not(16), "it was written on another kind of machine");
    for (size_t i = 24; i < FW_SNAPSHOT_HEAD; i++)
        assert_string_equal(why_not(i), "its head is damaged");
}

static void a_frame_out_of_its_place_is_told(void **state) {
    struct site own;
    struct fixture *f = site_open(&own, NULL, 0);
    struct fw_frame frame;
    (void)state;

    struct written written = save(f->engine);
    uint8_t *bytes = frame_at(&written, 1, &frame);
    assert_true(fw_frame_is_whole(&frame, bytes));
    assert_int_equal(fw_frame_get_head(&frame, 2, bytes), -1);
    bytes[FW_FRAME_HEAD] ^= 1;
    assert_int_equal(fw_frame_get_head(&frame, 1, bytes), 0);
    assert_false(fw_frame_is_whole(&frame, bytes));
    free(written.bytes);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_halves_say_what_the_whole_says),
        cmocka_unit_test(it_moves_into_another_engine_again_and_again),
        cmocka_unit_test(events_between_the_frames_open_nothing_twice),
        cmocka_unit_test(a_detector_that_is_off_loses_its_part_alone),
        cmocka_unit_test(another_version_or_shape_is_dropped_and_counted),
        cmocka_unit_test(less_memory_keeps_the_latest),
        cmocka_unit_test(garbage_harms_nothing),
        cmocka_unit_test(a_head_is_refused_for_what_is_wrong_with_it),
        cmocka_unit_test(a_frame_out_of_its_place_is_told),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
