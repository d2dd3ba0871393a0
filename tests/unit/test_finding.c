/* finding.h: the life of a finding, through a detector that reports what the test says. */
#include "fixture.h"

#include "core/document.h"
#include "core/notice.h"
#include "core/relation.h"

struct fw_det {
    int closed;
    struct fw_evidence evidence[FW_EVIDENCE_MAX];
    size_t evidence_count;
};

static fw_time quiet(const struct fw_det *det) {
    (void)det;
    return 10 * FW_MINUTE;
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    (void)entry;
    (void)snprintf(out->sentence, sizeof out->sentence, "something");
    out->measure = "things";
    out->window = FW_MINUTE;
    for (size_t i = 0; i < det->evidence_count; i++)
        out->evidence[out->evidence_count++] = det->evidence[i];
}

static void on_closed(struct fw_det *det, void *entry) {
    (void)entry;
    det->closed++;
}

static const struct fw_detector_ops ops = {
    .name = "test", .title = "test", .quiet = quiet, .describe = describe, .closed = on_closed};
static fw_time quiet_long(const struct fw_det *det) {
    (void)det;
    return FW_HOUR;
}
static const struct fw_detector_ops ops_child = {
    .name = "child", .title = "child", .quiet = quiet_long, .describe = describe, .closed = on_closed};
static const struct fw_relation relations[] = {{"test", "child", FW_SAME_SOURCE, {{0, 0}}}, {.parent = NULL}};

struct stage {
    struct fw_findings *findings;
    struct fw_det det;
    struct fw_detector detector;
    struct fw_detector child;
    uint32_t handles[5000];
    uint64_t keys[5000];
    unsigned documents;
    char actions[256]; /* o, u, c, s (storm) */
    struct fw_document last;
};

static void emit(void *cookie, const struct fw_document *document) {
    struct stage *s = cookie;
    char letter = 's';
    if (document->kind != FW_DOCUMENT_FINDING)
        letter = 's';
    else if (strstr(document->json, "finding-open") != NULL)
        letter = 'o';
    else if (strstr(document->json, "finding-update") != NULL)
        letter = 'u';
    else if (strstr(document->json, "finding-close") != NULL)
        letter = 'c';
    if (strncmp(document->text, "child", 5) == 0)
        letter = (char)(letter - 'a' + 'A');
    if (s->documents < sizeof s->actions - 1)
        s->actions[s->documents] = letter;
    s->documents++;
    s->last = *document;
}

static struct stage *stage_open(unsigned per_minute) {
    struct stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    assert_int_equal(fw_findings_open(&s->findings, per_minute, emit, s, &fw_mem_libc), 0);
    s->detector.ops = &ops;
    s->detector.det = &s->det;
    s->child.ops = &ops_child;
    s->child.det = &s->det;
    fw_findings_relate(s->findings, relations);
    return s;
}

static void stage_close(struct stage *s) {
    fw_findings_close(&s->findings);
    free(s);
}

static void report_as(struct stage *s, struct fw_detector *detector, unsigned n, fw_time time, unsigned stage,
                      uint64_t value) {
    s->keys[n] = n + 1;
    const struct fw_report r = {.entry = &s->handles[n],
                                .key = &s->keys[n],
                                .key_size = 8,
                                .handle = &s->handles[n],
                                .subject = {.src = addr("10.1.1.1"), .has_src = true, .proto = -1, .dport = -1},
                                .time = time,
                                .start = time,
                                .stage = stage,
                                .value = value};
    fw_findings_report(s->findings, detector, &r);
}

static void report(struct stage *s, unsigned n, fw_time time, unsigned stage, uint64_t value) {
    report_as(s, &s->detector, n, time, stage, value);
}

/* Of another detector, which the first one mutes. */
static void report_child(struct stage *s, unsigned n, fw_time time, uint64_t value) {
    report_as(s, &s->child, n, time, 1, value);
}

static void assert_last_has(const struct stage *s, const char *part) {
    if (strstr(s->last.json, part) == NULL)
        fail_msg("%s not in %s", part, s->last.json);
}

static void it_opens_once_and_closes_when_quiet(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 0, T0 + FW_SECOND, 1, 11);
    (void)fw_findings_advance(s->findings, T0 + 10 * FW_MINUTE, UINT32_MAX);
    assert_string_equal(s->actions, "o");
    (void)fw_findings_advance(s->findings, T0 + 10 * FW_MINUTE + FW_SECOND, UINT32_MAX);
    assert_string_equal(s->actions, "oc");
    assert_int_equal(s->det.closed, 1);
    assert_int_equal(s->handles[0], 0);
    stage_close(s);
}

static void it_updates_when_the_stage_rises_but_not_within_a_minute(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 0, T0 + 59 * FW_SECOND, 2, 11);
    assert_string_equal(s->actions, "o");
    report(s, 0, T0 + 60 * FW_SECOND, 2, 11);
    assert_string_equal(s->actions, "ou");
    stage_close(s);
}

static void it_updates_when_the_measure_doubles_and_every_quarter_of_an_hour(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 0, T0 + 2 * FW_MINUTE, 1, 19);
    assert_string_equal(s->actions, "o");
    report(s, 0, T0 + 3 * FW_MINUTE, 1, 20);
    assert_string_equal(s->actions, "ou");
    report(s, 0, T0 + 17 * FW_MINUTE, 1, 21);
    assert_string_equal(s->actions, "ou");
    report(s, 0, T0 + 18 * FW_MINUTE, 1, 21);
    assert_string_equal(s->actions, "ouu");
    report(s, 0, T0 + 40 * FW_MINUTE, 1, 21); /* nothing changed */
    assert_string_equal(s->actions, "ouu");
    stage_close(s);
}

static void it_reopens_with_the_previous_id_within_a_day(void **state) {
    struct stage *s = stage_open(60);
    char first[32];
    (void)state;
    report(s, 0, T0, 1, 10);
    const char *id = strstr(s->last.json, "\"id\":\"") + 6;
    (void)snprintf(first, sizeof first, "%.16s", id);
    (void)fw_findings_advance(s->findings, T0 + FW_HOUR, UINT32_MAX);
    report(s, 0, T0 + 2 * FW_HOUR, 1, 10);
    assert_non_null(strstr(s->last.json, "\"previous_id\":"));
    assert_memory_equal(strstr(s->last.json, "\"previous_id\":\"") + 15, first, 16);
    (void)fw_findings_advance(s->findings, T0 + 3 * FW_HOUR, UINT32_MAX);
    report(s, 0, T0 + 40 * FW_HOUR, 1, 10);
    assert_null(strstr(s->last.json, "\"previous_id\":"));
    stage_close(s);
}

static void an_id_depends_on_detector_key_and_time_only(void **state) {
    struct stage *a = stage_open(60), *b = stage_open(60);
    (void)state;
    report(a, 1, T0 - FW_MINUTE, 1, 1);
    report(a, 0, T0, 1, 10);
    report(b, 0, T0, 1, 99);
    assert_memory_equal(strstr(a->last.json, "\"id\":\""), strstr(b->last.json, "\"id\":\""), 22);
    stage_close(a);
    stage_close(b);
}

static void a_storm_is_folded_counted_and_told(void **state) {
    struct stage *s = stage_open(5);
    struct fw_findings_stats stats;
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        report(s, i, T0 + i, 1, 10);
    assert_string_equal(s->actions, "ooooo");
    (void)fw_findings_advance(s->findings, T0 + FW_MINUTE, UINT32_MAX);
    assert_string_equal(s->actions, "ooooos");
    assert_non_null(strstr(s->last.json, "{\"name\":\"folded\",\"value\":95}"));
    fw_findings_get_stats(s->findings, &stats);
    assert_int_equal(stats.folded, 95);
    assert_int_equal(stats.opened, 100);
    stage_close(s);
}

static void a_storm_names_its_detectors_and_its_worst(void **state) {
    struct stage *s = stage_open(2);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 1, T0, 1, 10);
    report(s, 2, T0, 1, 10);
    report(s, 3, T0, 3, 10); /* the worst */
    (void)fw_findings_advance(s->findings, T0 + FW_MINUTE, UINT32_MAX);
    assert_string_equal(s->actions, "oos");
    assert_string_equal(
        s->last.text, "health: storm: 2 findings and updates beyond 2 a minute not written (test 2); worst: something");
    assert_last_has(s, "{\"name\":\"worst_score\",\"value\":79}");
    assert_last_has(s, "{\"name\":\"test\",\"value\":2}");
    stage_close(s);
}

static void a_folded_opening_is_announced_when_there_is_room(void **state) {
    struct stage *s = stage_open(1);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 1, T0, 1, 10);
    assert_string_equal(s->actions, "o");
    report(s, 1, T0 + 59 * FW_SECOND, 1, 10);
    assert_string_equal(s->actions, "o");
    report(s, 1, T0 + 2 * FW_MINUTE, 1, 10); /* nothing new but that it goes on */
    assert_string_equal(s->actions, "oso");
    assert_last_has(s, "\"suppressed\":1");
    stage_close(s);
}

static void a_folded_finding_that_ends_says_nothing_and_is_no_previous_one(void **state) {
    struct stage *s = stage_open(1);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 1, T0, 1, 10);
    (void)fw_findings_advance(s->findings, T0 + FW_HOUR, UINT32_MAX);
    assert_string_equal(s->actions, "osc");
    report(s, 1, T0 + 2 * FW_HOUR, 1, 10);
    assert_string_equal(s->actions, "osco");
    assert_null(strstr(s->last.json, "previous_id"));
    stage_close(s);
}

static void a_folded_update_is_counted_once_and_tried_again(void **state) {
    struct stage *s = stage_open(2);
    struct fw_findings_stats stats;
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 1, T0, 1, 10);
    report(s, 2, T0 + FW_MINUTE, 1, 10);
    report(s, 3, T0 + FW_MINUTE, 1, 10);
    for (unsigned i = 0; i < 30; i++)
        report(s, 0, T0 + 61 * FW_SECOND + i * FW_SECOND, 2, 10);
    fw_findings_get_stats(s->findings, &stats);
    assert_int_equal(stats.folded, 1);
    report(s, 0, T0 + 3 * FW_MINUTE, 2, 10);
    assert_string_equal(s->actions, "oooosu");
    assert_last_has(s, "\"stage\":2");
    stage_close(s);
}

static void updates_leave_room_for_what_is_new(void **state) {
    struct stage *s = stage_open(4);
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        report(s, i, T0, 1, 10);
    for (unsigned i = 0; i < 4; i++)
        report(s, i, T0 + FW_MINUTE, 2, 10);
    assert_string_equal(s->actions, "oooouu");
    report(s, 4, T0 + FW_MINUTE, 1, 10);
    report(s, 5, T0 + FW_MINUTE, 1, 10);
    report(s, 6, T0 + FW_MINUTE, 1, 10);
    assert_string_equal(s->actions, "oooouuoo");
    stage_close(s);
}

/* A device that is a day ahead: its documents have its time, the minutes of the storm have not. */
static void a_clock_ahead_uses_up_no_minutes_to_come(void **state) {
    struct stage *s = stage_open(1);
    (void)state;
    fw_findings_observe(s->findings, NULL, T0);
    report(s, 0, T0 + 24 * FW_HOUR, 1, 10);
    fw_findings_observe(s->findings, NULL, T0 + FW_MINUTE);
    report(s, 1, T0 + FW_MINUTE, 1, 10);
    assert_string_equal(s->actions, "oo");
    fw_findings_observe(s->findings, NULL, T0 - 2 * FW_HOUR); /* set back, and believed */
    report(s, 2, T0 - 2 * FW_HOUR, 1, 10);
    assert_string_equal(s->actions, "ooo");
    stage_close(s);
}

static void a_parent_mutes_its_child_and_counts_it(void **state) {
    struct stage *s = stage_open(60);
    struct fw_findings_stats stats;
    (void)state;
    report(s, 0, T0, 1, 10);
    report_child(s, 1, T0 + FW_SECOND, 10);
    report_child(s, 1, T0 + 2 * FW_MINUTE, 30);
    assert_string_equal(s->actions, "o");
    report(s, 0, T0 + 2 * FW_MINUTE, 1, 30);
    assert_string_equal(s->actions, "ou");
    assert_last_has(s, "\"muted\":1},\"children\":[\"child\"]");
    fw_findings_get_stats(s->findings, &stats);
    assert_int_equal(stats.muted, 2); /* its opening and an update */
    (void)fw_findings_advance(s->findings, T0 + 3 * FW_HOUR, UINT32_MAX);
    assert_string_equal(s->actions, "ouc"); /* the child ends as it lived */
    assert_int_equal(s->det.closed, 2);
    stage_close(s);
}

static void a_child_that_goes_on_after_its_parent_is_announced(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    report(s, 0, T0, 1, 10);
    report_child(s, 1, T0 + FW_SECOND, 10);
    (void)fw_findings_advance(s->findings, T0 + 11 * FW_MINUTE, UINT32_MAX);
    assert_string_equal(s->actions, "oc");
    report_child(s, 1, T0 + 20 * FW_MINUTE, 10); /* the parent gets a minute to be back */
    assert_string_equal(s->actions, "oc");
    report_child(s, 1, T0 + 21 * FW_MINUTE, 10);
    assert_string_equal(s->actions, "ocO");
    assert_last_has(s, "\"parent_id\":");
    assert_last_has(s, "\"start\":\"2026-10-12T08:00:01.000Z\"");
    (void)fw_findings_advance(s->findings, T0 + 3 * FW_HOUR, UINT32_MAX);
    assert_string_equal(s->actions, "ocOC");
    stage_close(s);
}

static void a_parent_that_is_back_mutes_again(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    report(s, 0, T0, 1, 10);
    report_child(s, 1, T0 + FW_SECOND, 10);
    (void)fw_findings_advance(s->findings, T0 + 11 * FW_MINUTE, UINT32_MAX);
    report_child(s, 1, T0 + 20 * FW_MINUTE, 10);
    report(s, 0, T0 + 20 * FW_MINUTE + FW_SECOND, 1, 10);
    report_child(s, 1, T0 + 22 * FW_MINUTE, 10);
    assert_string_equal(s->actions, "oco");
    assert_last_has(s, "\"muted\":1}");
    stage_close(s);
}

static void a_child_that_was_announced_is_quiet_under_a_parent_and_gets_its_close(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    report_child(s, 1, T0, 10);
    report(s, 0, T0 + FW_MINUTE, 1, 10);
    assert_string_equal(s->actions, "Oo");
    assert_last_has(s, "\"muted\":1},\"children\":[\"child\"]");
    report_child(s, 1, T0 + 2 * FW_MINUTE, 100);
    assert_string_equal(s->actions, "Oo");
    for (unsigned i = 2; i < 90; i += 5)
        report(s, 0, T0 + i * FW_MINUTE, 1, 10);
    (void)fw_findings_advance(s->findings, T0 + 90 * FW_MINUTE, UINT32_MAX);
    assert_string_equal(s->actions, "OoC");
    assert_last_has(s, "\"parent_id\":");
    assert_last_has(s, "\"suppressed\":1");
    stage_close(s);
}

static void others_are_not_muted(void **state) {
    struct stage *s = stage_open(60);
    struct fw_report r = {.subject = {.src = addr("10.1.1.2"), .has_src = true, .proto = -1, .dport = -1},
                          .time = T0,
                          .start = T0,
                          .stage = 1,
                          .key_size = 8};
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 2, T0, 1, 10); /* the same detector */
    s->keys[3] = 4;
    r.key = &s->keys[3];
    r.entry = r.handle = &s->handles[3];
    fw_findings_report(s->findings, &s->child, &r); /* another source */
    assert_string_equal(s->actions, "ooO");
    stage_close(s);
}

/* The window of the detector has moved on; what it was opened for is still there. */
static void the_first_evidence_is_kept(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    s->det.evidence_count = 5;
    for (unsigned i = 0; i < 5; i++)
        s->det.evidence[i] =
            (struct fw_evidence){.time = T0 + i, .dst = addr("192.0.2.1"), .has_dst = true, .dport = -1};
    report(s, 0, T0 + 5, 1, 10);
    s->det.evidence_count = FW_EVIDENCE_MAX;
    for (unsigned i = 0; i < FW_EVIDENCE_MAX; i++)
        s->det.evidence[i] =
            (struct fw_evidence){.time = T0 + FW_HOUR + i, .dst = addr("192.0.2.9"), .has_dst = true, .dport = -1};
    report(s, 0, T0 + FW_HOUR + FW_SECOND, 1, 20);
    assert_last_has(s, "\"evidence\":[{\"time\":\"2026-10-12T08:00:00.000Z\",\"destination\":\"192.0.2.1\"},"
                       "{\"time\":\"2026-10-12T08:00:00.001Z\",\"destination\":\"192.0.2.1\"},"
                       "{\"time\":\"2026-10-12T08:00:00.002Z\",\"destination\":\"192.0.2.1\"},"
                       "{\"time\":\"2026-10-12T09:00:00.003Z\"");
    assert_last_has(s, "09:00:00.009Z\",\"destination\":\"192.0.2.9\"}],");
    assert_last_has(s, "\"related\":{\"ip\":[\"10.1.1.1\",\"192.0.2.1\",\"192.0.2.9\"]}");
    stage_close(s);
}

static void the_greater_asset_raises_score_and_writes_an_update(void **state) {
    struct stage *s = stage_open(60);
    struct fw_event ev = {.src_roles = FW_ROLE_HOME, .src_asset = 2, .dst_asset = 5}; /* the other end is not inside */
    (void)state;
    fw_findings_observe(s->findings, &ev, T0);
    report(s, 0, T0, 1, 10);
    assert_last_has(s, "\"risk_score\":55");
    assert_last_has(s, "\"asset\":2");
    ev.dst_roles = FW_ROLE_HOME;
    fw_findings_observe(s->findings, &ev, T0 + FW_MINUTE);
    report(s, 0, T0 + FW_MINUTE, 1, 10);
    assert_string_equal(s->actions, "ou");
    assert_last_has(s, "\"risk_score\":82");
    assert_last_has(s, "\"asset\":5");
    stage_close(s);
}

static void intervals_can_be_changed_at_any_time(void **state) {
    struct stage *s = stage_open(60);
    const struct fw_intervals short_ones = {.update_gap = 10 * FW_SECOND, .memory = FW_MINUTE};
    (void)state;
    report(s, 0, T0, 1, 10);
    fw_findings_configure(s->findings, 60, &short_ones);
    report(s, 0, T0 + 10 * FW_SECOND, 2, 10);
    assert_string_equal(s->actions, "ou");
    (void)fw_findings_advance(s->findings, T0 + FW_HOUR, UINT32_MAX);
    report(s, 0, T0 + FW_HOUR, 1, 10);
    assert_null(strstr(s->last.json, "previous_id"));
    stage_close(s);
}

static void what_is_evicted_closes_with_that_reason(void **state) {
    struct stage *s = stage_open(60);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 1, T0 + 1, 1, 10);
    report(s, 0, T0 + 2, 1, 10);
    assert_true(fw_findings_evict(s->findings, &s->detector, T0 + 3));
    assert_string_equal(s->actions, "ooc");
    assert_last_has(s, "\"close_reason\":\"evicted\"");
    assert_int_equal(s->handles[1], 0); /* reported longest ago */
    assert_false(fw_findings_evict(s->findings, &s->child, T0 + 3));
    stage_close(s);
}

static void a_full_register_is_told_once_an_hour(void **state) {
    struct stage *s = stage_open(10000);
    (void)state;
    for (unsigned i = 0; i < FW_FINDINGS_MAX; i++)
        report(s, i, T0, 1, 10);
    const unsigned before = s->documents;
    report(s, FW_FINDINGS_MAX, T0, 1, 10);
    assert_int_equal(s->documents, before + 1);
    assert_string_equal(s->last.text, "health: 4096 findings are open, no more fit; refused since the last message: 1, "
                                      "now one of test");
    for (unsigned i = 1; i < 100; i++)
        report(s, FW_FINDINGS_MAX, T0 + i * FW_SECOND, 1, 10);
    assert_int_equal(s->documents, before + 1);
    report(s, FW_FINDINGS_MAX, T0 + FW_HOUR, 1, 10);
    assert_int_equal(s->documents, before + 2);
    assert_last_has(s, "{\"name\":\"refused\",\"value\":100}");
    stage_close(s);
}

static void a_full_register_counts_what_it_refuses(void **state) {
    struct stage *s = stage_open(10000);
    struct fw_findings_stats stats;
    (void)state;
    for (unsigned i = 0; i < FW_FINDINGS_MAX + 7; i++)
        report(s, i, T0, 1, 10);
    fw_findings_get_stats(s->findings, &stats);
    assert_int_equal(stats.open, FW_FINDINGS_MAX);
    assert_int_equal(stats.refused, 7);
    (void)fw_findings_advance(s->findings, T0 + FW_HOUR, UINT32_MAX);
    fw_findings_get_stats(s->findings, &stats);
    assert_int_equal(stats.open, 0);
    assert_int_equal(s->det.closed, FW_FINDINGS_MAX);
    stage_close(s);
}

static void notices_have_a_bound_of_their_own_for_each_kind(void **state) {
    struct stage *s = stage_open(5);
    struct fw_notice notice = {.kind = FW_DOCUMENT_HEALTH, .action = "test", .severity = 4, .time = T0};
    struct fw_findings_stats stats;
    (void)state;
    (void)snprintf(notice.text, sizeof notice.text, "a line with \033 and \"quotes\"");
    for (unsigned i = 0; i < FW_NOTICE_ITEMS_MAX + 1; i++)
        fw_notice_add(&notice, "a name", UINT64_MAX);
    assert_int_equal(notice.count, FW_NOTICE_ITEMS_MAX);
    for (unsigned i = 0; i < 100; i++)
        report(s, i, T0 + i, 1, 10);
    for (unsigned i = 0; i < FW_NOTICES_PER_MINUTE + 3; i++)
        fw_findings_notice(s->findings, &notice);
    assert_string_equal(s->last.text, "health: a line with ? and \"quotes\"");
    assert_non_null(strstr(s->last.json, "\"dataset\":\"firewatch.health\",\"action\":\"test\""));
    fw_findings_get_stats(s->findings, &stats);
    assert_int_equal(stats.noticed, FW_NOTICES_PER_MINUTE);
    assert_int_equal(stats.notices_dropped, 3);
    notice.kind = FW_DOCUMENT_SUMMARY; /* its own bound */
    fw_findings_notice(s->findings, &notice);
    assert_string_equal(s->last.text, "summary: a line with ? and \"quotes\"");
    notice.kind = FW_DOCUMENT_HEALTH;
    notice.time += FW_MINUTE;
    fw_findings_notice(s->findings, &notice);
    fw_findings_get_stats(s->findings, &stats);
    assert_int_equal(stats.noticed, FW_NOTICES_PER_MINUTE + 2);
    stage_close(s);
}

/* The longest a notice can be: everything escaped. */
static void the_largest_notice_fits(void **state) {
    struct stage *s = stage_open(5);
    struct fw_notice notice = {.kind = FW_DOCUMENT_SUMMARY, .action = "test", .severity = 4, .time = T0};
    (void)state;
    memset(notice.text, '"', sizeof notice.text - 1);
    for (unsigned i = 0; i < FW_NOTICE_ITEMS_MAX; i++) {
        fw_notice_add(&notice, "", UINT64_MAX);
        memset(notice.items[i].name, '/', sizeof notice.items[i].name); /* not even ended */
    }
    fw_findings_notice(s->findings, &notice);
    assert_int_equal(s->documents, 1);
    stage_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_once_and_closes_when_quiet),
        cmocka_unit_test(it_updates_when_the_stage_rises_but_not_within_a_minute),
        cmocka_unit_test(it_updates_when_the_measure_doubles_and_every_quarter_of_an_hour),
        cmocka_unit_test(it_reopens_with_the_previous_id_within_a_day),
        cmocka_unit_test(an_id_depends_on_detector_key_and_time_only),
        cmocka_unit_test(a_storm_is_folded_counted_and_told),
        cmocka_unit_test(a_storm_names_its_detectors_and_its_worst),
        cmocka_unit_test(a_folded_opening_is_announced_when_there_is_room),
        cmocka_unit_test(a_folded_finding_that_ends_says_nothing_and_is_no_previous_one),
        cmocka_unit_test(a_folded_update_is_counted_once_and_tried_again),
        cmocka_unit_test(updates_leave_room_for_what_is_new),
        cmocka_unit_test(a_clock_ahead_uses_up_no_minutes_to_come),
        cmocka_unit_test(a_parent_mutes_its_child_and_counts_it),
        cmocka_unit_test(a_child_that_goes_on_after_its_parent_is_announced),
        cmocka_unit_test(a_parent_that_is_back_mutes_again),
        cmocka_unit_test(a_child_that_was_announced_is_quiet_under_a_parent_and_gets_its_close),
        cmocka_unit_test(others_are_not_muted),
        cmocka_unit_test(the_first_evidence_is_kept),
        cmocka_unit_test(the_greater_asset_raises_score_and_writes_an_update),
        cmocka_unit_test(intervals_can_be_changed_at_any_time),
        cmocka_unit_test(what_is_evicted_closes_with_that_reason),
        cmocka_unit_test(a_full_register_is_told_once_an_hour),
        cmocka_unit_test(a_full_register_counts_what_it_refuses),
        cmocka_unit_test(notices_have_a_bound_of_their_own_for_each_kind),
        cmocka_unit_test(the_largest_notice_fits),
    };
    return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
