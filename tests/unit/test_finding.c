/* finding.h: the life of a finding, through a detector that reports what the test says. */
#include "fixture.h"

#include "core/document.h"
#include "core/notice.h"

struct fw_det {
    int closed;
};

static fw_time quiet(const struct fw_det *det) {
    (void)det;
    return 10 * FW_MINUTE;
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    (void)det;
    (void)entry;
    (void)snprintf(out->sentence, sizeof out->sentence, "something");
    out->measure = "things";
    out->window = FW_MINUTE;
}

static void on_closed(struct fw_det *det, void *entry) {
    (void)entry;
    det->closed++;
}

static const struct fw_detector_ops ops = {
    .name = "test", .title = "test", .quiet = quiet, .describe = describe, .closed = on_closed};

struct stage {
    struct fw_findings *findings;
    struct fw_det det;
    struct fw_detector detector;
    uint32_t handles[5000];
    uint64_t keys[5000];
    unsigned documents;
    char actions[256]; /* o, u, c, s (storm) */
    struct fw_document last;
};

static void emit(void *cookie, const struct fw_document *document) {
    struct stage *s = cookie;
    char letter = 's';
    if (strstr(document->json, "finding-open") != NULL)
        letter = 'o';
    else if (strstr(document->json, "finding-update") != NULL)
        letter = 'u';
    else if (strstr(document->json, "finding-close") != NULL)
        letter = 'c';
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
    return s;
}

static void stage_close(struct stage *s) {
    fw_findings_close(&s->findings);
    free(s);
}

static void report(struct stage *s, unsigned n, fw_time time, unsigned stage, uint64_t value) {
    s->keys[n] = n + 1;
    const struct fw_report r = {.entry = &s->handles[n],
                                .key = &s->keys[n],
                                .key_size = 8,
                                .handle = &s->handles[n],
                                .subject = {.proto = -1, .dport = -1},
                                .time = time,
                                .start = time,
                                .stage = stage,
                                .value = value};
    fw_findings_report(s->findings, &s->detector, &r);
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

static void a_folded_opening_is_announced_later_if_it_goes_on(void **state) {
    struct stage *s = stage_open(1);
    (void)state;
    report(s, 0, T0, 1, 10);
    report(s, 1, T0, 1, 10);
    assert_string_equal(s->actions, "o");
    report(s, 1, T0 + 2 * FW_MINUTE, 1, 20);
    assert_string_equal(s->actions, "oso");
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
        cmocka_unit_test(a_folded_opening_is_announced_later_if_it_goes_on),
        cmocka_unit_test(a_full_register_counts_what_it_refuses),
        cmocka_unit_test(notices_have_a_bound_of_their_own_for_each_kind),
        cmocka_unit_test(the_largest_notice_fits),
    };
    return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
