/* test_rules.c: rules of one's own: texts found in one pass, patterns that end, and
 * verbs against what counting by hand says.
 */
#define _GNU_SOURCE /* strcasestr */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail_mem.h"
#include "core/json.h"
#include "fixture.h"
#include "policy/policy.h"
#include "rules/needles.h"
#include "rules/pattern.h"

static unsigned chance(unsigned n) {
    static uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

/* ---- texts ---- */

static void needles_are_found_as_searching_each_would(void **state) {
    static const char letters[] = "abAB.";
    struct fw_needles *needles = NULL;
    char texts[40][8] = {{0}};
    uint64_t found[1];

    (void)state;
    assert_int_equal(fw_needles_open(&needles), 0);
    for (size_t i = 0; i < 40; i++) {
        const size_t len = 3 + chance(4);
        for (size_t k = 0; k < len; k++)
            texts[i][k] = letters[chance(5)];
        assert_true(fw_needles_add(needles, texts[i], len) < 40);
    }
    assert_int_equal(fw_needles_build(needles), 0);
    for (int turn = 0; turn < 2000; turn++) {
        char text[32] = "";
        const size_t len = chance(31);
        for (size_t k = 0; k < len; k++)
            text[k] = letters[chance(5)];
        fw_needles_find(needles, text, len, found);
        for (size_t i = 0; i < 40; i++) {
            const uint32_t number = fw_needles_add(needles, texts[i], strlen(texts[i]));
            assert_int_equal(found[0] >> number & 1, strcasestr(text, texts[i]) != NULL);
        }
    }
    fw_needles_close(&needles);
}

static void a_needle_is_in_all_that_an_expression_matches(void **state) {
    static const struct {
        const char *regex, *needle;
    } cases[] = {
        {"sshd\\[\\d+\\]: Failed", "]: Failed"},
        {"abc?def", "def"},
        {"abcd+ef", "abcd"},
        {"(foo|bar)bazz", "bazz"},
        {"foo|bar", ""},
        {"[abc]xyz", "xyz"},
        {"(?i)HELLO", "HELLO"},
        {"(?x)a b c", ""},
        {"\\x41bcd", ""},
        {"a{3}bcd", "bcd"},
        {"user=\\S+ host", "user="},
        {"^\\w+ start", " start"},
        {"abc(?=x)def", "abc"},
        {"(a|b", ""},
        {"\\Qa+b\\Ecd", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char needle[FW_NEEDLE_MOST + 1] = "";
        const size_t len = fw_needle_of_regex(cases[i].regex, needle);
        needle[len] = '\0';
        assert_string_equal(needle, cases[i].needle);
    }
}

static void patterns_match_as_people_expect(void **state) {
    static const struct {
        enum fw_pattern_kind kind;
        const char *pattern, *text;
        bool cased, matches;
    } cases[] = {
        {FW_PATTERN_EXACT, "root", "ROOT", false, true},
        {FW_PATTERN_EXACT, "root", "ROOT", true, false},
        {FW_PATTERN_EXACT, "root", "roots", false, false},
        {FW_PATTERN_EXACT, "ro*", "ROOTS", false, true},
        {FW_PATTERN_EXACT, "*ts", "roots", false, true},
        {FW_PATTERN_EXACT, "*oo*", "roots", false, true},
        {FW_PATTERN_EXACT, "r?ot", "root", false, true},
        {FW_PATTERN_EXACT, "r?t", "root", false, false},
        {FW_PATTERN_EXACT, "a*b*c", "axxbyyc", false, true},
        {FW_PATTERN_EXACT, "a*b*c", "axxbyy", false, false},
        {FW_PATTERN_EXACT, "\\*", "*", false, true},
        {FW_PATTERN_EXACT, "\\*", "x", false, false},
        {FW_PATTERN_EXACT, "*", "", false, true},
        {FW_PATTERN_EXACT, "*a\\?*", "bba?b", false, true},
        {FW_PATTERN_EXACT, "a\\*?", "a*c", false, true},
        {FW_PATTERN_EXACT, "a\\*?", "abc", false, false},
        {FW_PATTERN_PART, "a*b", "xa*by", false, true},
        {FW_PATTERN_PREFIX, "ab", "ABc", false, true},
        {FW_PATTERN_SUFFIX, "bc", "aBC", false, true},
        {FW_PATTERN_REGEX, "^a.c$", "abc", false, true},
        {FW_PATTERN_REGEX, "^a.c$", "ABC", false, false},
        {FW_PATTERN_REGEX, "(?i)^a.c$", "ABC", false, true},
    };
    struct fw_pattern_stack *stack = NULL;
    char err[256];

    (void)state;
    assert_int_equal(fw_pattern_stack_open(&stack), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_pattern one;
        assert_int_equal(fw_pattern_open(&one, cases[i].kind, cases[i].pattern, cases[i].cased, err, sizeof err), 0);
        if (fw_pattern_match(&one, stack, cases[i].text, strlen(cases[i].text)) != cases[i].matches)
            fail_msg("%s and %s", cases[i].pattern, cases[i].text);
        fw_pattern_close(&one);
    }
    fw_pattern_stack_close(&stack);
}

static void an_expression_that_runs_away_is_stopped_and_counted(void **state) {
    struct fw_pattern_stack *stack = NULL;
    struct fw_pattern one;
    char err[256], text[4096];

    (void)state;
    memset(text, 'a', sizeof text);
    assert_int_equal(fw_pattern_stack_open(&stack), 0);
    assert_int_equal(fw_pattern_open(&one, FW_PATTERN_REGEX, "^(a|aa|a+)+\\d$", false, err, sizeof err), 0);
    assert_false(fw_pattern_match(&one, stack, text, sizeof text));
    assert_int_equal(fw_pattern_stack_limited(stack), 1);
    fw_pattern_close(&one);
    fw_pattern_stack_close(&stack);
}

/* ---- rules in an engine ---- */

struct bed {
    struct fw_policy *policy;
    struct fw_engine *engine;
    struct fw_document document;
    unsigned openings;
    fw_time opened; /* last */
};

static void open_bed(struct bed *bed, const char *rules, const struct fw_mem *mem) {
    char path[] = "/tmp/test_rules_XXXXXX", err[256];
    struct fw_problems problems = {.report = NULL};
    const int fd = mkstemp(path);
    FILE *out = fdopen(fd, "w");

    memset(bed, 0, sizeof *bed);
    assert_non_null(out);
    (void)fputs("detectors:\n", out);
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        (void)fprintf(out, "  %s: {enabled: no}\n", fw_detectors[i]->name);
    (void)fprintf(out, "rules:\n%slimits: {findings_per_minute: 6000, max_memory: 64MiB}\n", rules);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(fw_policy_open(&bed->policy, path, &problems), 0);
    (void)unlink(path);
    const struct fw_engine_config config = {.settings = fw_policy_settings(bed->policy), .seed = {{1, 2}}, .mem = mem};
    (void)fw_engine_open(&bed->engine, &config, err, sizeof err);
}

static void close_bed(struct bed *bed) {
    fw_engine_close(&bed->engine);
    fw_policy_close(&bed->policy);
}

static void give(struct bed *bed, struct fw_event *ev) {
    fw_engine_feed(bed->engine, ev);
    while (fw_engine_take(bed->engine, &bed->document))
        if (strstr(bed->document.text, " open: ") != NULL) {
            bed->openings++;
            bed->opened = ev->time;
        }
}

/* The first time at which n of them lie within the window; 0: never. */
static fw_time first_burst(const fw_time *times, size_t count, size_t n, fw_time window) {
    for (size_t i = n - 1; i < count; i++)
        if (times[i] - times[i - (n - 1)] <= window)
            return times[i];
    return 0;
}

static void a_sliding_count_is_exact(void **state) {
    (void)state;
    for (int turn = 0; turn < 60; turn++) {
        static struct bed bed;
        fw_time times[200], time = T0;
        char rules[256];
        const unsigned n = 1 + chance(20), window = 1 + chance(60);

        (void)snprintf(rules, sizeof rules,
                       "  - {id: r, match: {kind: flow_deny}, by: [src], count: %u, window: %us, quiet: 30d}\n", n,
                       window);
        open_bed(&bed, rules, NULL);
        for (size_t i = 0; i < 200; i++) {
            struct fw_event ev = flow(FW_KIND_FLOW_DENY, time += chance(8000), "192.0.2.1", "10.1.1.1", 6, 22);
            times[i] = time;
            give(&bed, &ev);
            ev = flow(FW_KIND_FLOW_START, time, "192.0.2.1", "10.1.1.1", 6, 22); /* of no rule */
            give(&bed, &ev);
        }
        assert_int_equal(bed.opened, first_burst(times, 200, n, window * FW_SECOND));
        close_bed(&bed);
    }
}

/* Some a, b, c in their order within the window, c at `last`. */
static bool has_chain(const char *kinds, const fw_time *times, size_t last, fw_time window) {
    for (size_t b = 0; b < last; b++)
        for (size_t a = 0; a < b && kinds[b] == 'b'; a++)
            if (kinds[a] == 'a' && times[last] - times[a] <= window)
                return true;
    return false;
}

static void a_sequence_finds_every_chain(void **state) {
    static const uint16_t ports[] = {1, 2, 3, 4};
    unsigned found = 0;

    (void)state;
    for (int turn = 0; turn < 150; turn++) {
        static struct bed bed;
        fw_time times[30], time = T0;
        char kinds[30];

        open_bed(&bed,
                 "  - {id: r, by: [src], window: 10s, quiet: 30d, sequence: [{match: {dport: 1}}, {match: {dport: 2}}, "
                 "{match: {dport: 3}}]}\n",
                 NULL);
        for (size_t i = 0; i < 30 && bed.openings == 0; i++) {
            const unsigned pick = chance(4);
            struct fw_event ev =
                flow(FW_KIND_FLOW_DENY, time += 1 + chance(5000), "192.0.2.1", "10.1.1.1", 6, ports[pick]);
            times[i] = time;
            kinds[i] = "abc-"[pick];
            give(&bed, &ev);
            assert_int_equal(bed.openings, kinds[i] == 'c' && has_chain(kinds, times, i, 10 * FW_SECOND));
        }
        found += bed.openings;
        close_bed(&bed);
    }
    assert_in_range(found, 30, 149); /* and some have none */
}

static void aliases_swap_the_ends(void **state) {
    static struct bed bed;

    (void)state;
    open_bed(&bed,
             "  - {id: r, by: [src, dst], window: 1m, sequence: [{match: {dport: 1}}, "
             "{match: {dport: 2}, as: {src: dst, dst: src}}]}\n",
             NULL);
    struct fw_event ev = flow(FW_KIND_FLOW_START, T0, "192.0.2.1", "10.1.1.1", 6, 1);
    give(&bed, &ev);
    ev = flow(FW_KIND_FLOW_START, T0 + 1000, "192.0.2.1", "10.1.1.1", 6, 2);
    give(&bed, &ev);
    assert_int_equal(bed.openings, 0);
    ev = flow(FW_KIND_FLOW_START, T0 + 2000, "10.1.1.1", "192.0.2.1", 6, 2);
    give(&bed, &ev);
    assert_int_equal(bed.openings, 1);
    close_bed(&bed);
}

static void a_rule_about_something_else_is_not_asked(void **state) {
    static struct bed bed;
    struct fw_counters counters;

    (void)state;
    open_bed(&bed,
             "  - {id: a, match: {kind: http, url|contains: x}, count: 1}\n"
             "  - {id: b, match: {user: root}, count: 1}\n"
             "  - {id: c, match: {kind: flow_deny}, by: [user], count: 1}\n"
             "  - {id: d, match: {or: [{kind: dns}, {kind: mail}]}, count: 1}\n"
             "  - {id: e, match: {finding: a}, count: 1}\n",
             NULL);
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0, "192.0.2.1", "10.1.1.1", 6, 1);
    give(&bed, &ev);
    fw_engine_get_counters(bed.engine, &counters);
    assert_int_equal(counters.rules_asked, 0);
    assert_int_equal(counters.events_observed, 1);
    close_bed(&bed);
}

/* The last alternative of an "or" is no condition of all. */
static void a_kind_in_an_or_is_asked(void **state) {
    static struct bed bed;

    (void)state;
    open_bed(&bed, "  - {id: a, match: {or: [{dport: 7}, {kind: flow_start, dport: 9}]}, by: [dst], count: 1}\n", NULL);
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0, "192.0.2.1", "10.1.1.1", 6, 9);
    give(&bed, &ev);
    assert_int_equal(bed.openings, 0);
    ev = flow(FW_KIND_FLOW_START, T0, "192.0.2.1", "10.1.1.2", 6, 9);
    give(&bed, &ev);
    ev = flow(FW_KIND_FLOW_DENY, T0, "192.0.2.1", "10.1.1.3", 6, 7);
    give(&bed, &ev);
    assert_int_equal(bed.openings, 2);
    close_bed(&bed);
}

static void a_sum_slides(void **state) {
    static struct bed bed;

    (void)state;
    open_bed(&bed, "  - {id: a, match: {kind: flow_end}, by: [src], sum: sent, threshold: 1000, window: 32s}\n", NULL);
    for (int i = 0; i < 20; i++) { /* 900 within any window */
        struct fw_event ev = flow(FW_KIND_FLOW_END, T0 + i * 11 * FW_SECOND, "10.1.1.1", "192.0.2.1", 6, 9);
        ev.sent = 225;
        ev.present |= FW_BIT(sent);
        ev.sport = (uint16_t)(1000 + i);
        give(&bed, &ev);
    }
    assert_int_equal(bed.openings, 0);
    struct fw_event ev = flow(FW_KIND_FLOW_END, T0 + 210 * FW_SECOND, "10.1.1.1", "192.0.2.1", 6, 9);
    ev.sent = 325;
    ev.present |= FW_BIT(sent);
    give(&bed, &ev);
    assert_int_equal(bed.openings, 1);
    close_bed(&bed);
}

/* When a bucket with room for n - 1 flows over: an event adds one, and one leaks in `leak`. */
static fw_time first_overflow(const fw_time *times, size_t count, size_t n, fw_time leak) {
    fw_time until_empty = 0;

    for (size_t i = 0; i < count; i++) {
        const fw_time gone = i > 0 ? times[i] - times[i - 1] : 0;

        until_empty = (until_empty > gone ? until_empty - gone : 0) + leak;
        if (until_empty > (fw_time)(n - 1) * leak)
            return times[i];
    }
    return 0;
}

static void a_bucket_flows_over_when_it_leaks_too_slowly(void **state) {
    unsigned found = 0;

    (void)state;
    for (int turn = 0; turn < 120; turn++) {
        static struct bed bed;
        fw_time times[100], time = T0;
        char rules[256];
        const unsigned n = 1 + chance(12), leak = 1 + chance(5);
        const bool distinct = turn % 2 == 0;

        (void)snprintf(rules, sizeof rules,
                       "  - {id: r, match: {kind: flow_deny}, by: [src], %s: %u, window: {leak: %us}, quiet: 30d}\n",
                       distinct ? "distinct: dport, threshold" : "count", n, leak);
        open_bed(&bed, rules, NULL);
        for (size_t i = 0; i < 100; i++) {
            struct fw_event ev = flow(FW_KIND_FLOW_DENY, time += chance(2000 * leak) + 1, "192.0.2.1", "10.1.1.1", 6,
                                      (uint16_t)(100 + i));
            times[i] = time;
            give(&bed, &ev);
            if (distinct) /* what is in the bucket adds nothing more */
                give(&bed, &ev);
        }
        assert_int_equal(bed.opened, first_overflow(times, 100, n, leak * FW_SECOND));
        found += bed.openings;
        close_bed(&bed);
    }
    assert_in_range(found, 30, 119); /* and some never do */
}

/* SEC's second threshold: so long since the first of the last n after the opening, or since that. */
static fw_time end_of(const fw_time *times, size_t opened, size_t count, size_t n, fw_time quiet) {
    fw_time since = times[opened];

    for (size_t i = opened + 1; i < count && times[i] - since < quiet; i++)
        if (i - opened > n)
            since = times[i - n + 1];
    return since + quiet;
}

static void a_quiet_that_lets_some_pass_ends_when_few_came(void **state) {
    (void)state;
    for (int turn = 0; turn < 120; turn++) {
        static struct bed bed;
        fw_time times[60], time = T0;
        char rules[256], wanted[64], stamp[FW_TIME_TEXT];
        const unsigned n = 1 + chance(4), quiet = 5 + chance(20);
        bool ended = false;

        (void)snprintf(rules, sizeof rules,
                       "  - {id: r, match: {kind: flow_deny}, by: [src], count: 2, window: 1d, "
                       "quiet: {at_most: %u, window: %us}}\n",
                       n, quiet);
        open_bed(&bed, rules, NULL);
        for (size_t i = 0; i < 60; i++)
            times[i] = time += 1 + chance(8000);
        const fw_time end = end_of(times, 1, 60, n, quiet * FW_SECOND);
        (void)fw_time_format(end, stamp);
        (void)snprintf(wanted, sizeof wanted, "\"@timestamp\":\"%s\"", stamp);
        for (size_t i = 0; i < 60 && !ended; i++) {
            struct fw_event ev = flow(FW_KIND_FLOW_DENY, times[i], "192.0.2.1", "10.1.1.1", 6, 22);
            fw_engine_feed(bed.engine, &ev);
            while (!ended && fw_engine_take(bed.engine, &bed.document))
                if (strstr(bed.document.text, " close: ") != NULL) {
                    ended = true;
                    assert_non_null(strstr(bed.document.json, wanted));
                }
        }
        assert_int_equal(ended, end <= times[59]);
        close_bed(&bed);
    }
}

static void what_is_due_is_missed_at_the_end_of_its_time(void **state) {
    static struct bed bed;
    const fw_time midnight = T0 - T0 % (24 * FW_HOUR);

    (void)state;
    open_bed(&bed, "  - {id: r, match: {dport: 1}, absence: [\"02:00-02:30\", \"daily 04:00-04:30\"]}\n", NULL);
    for (fw_time time = midnight + FW_HOUR; time < midnight + 5 * FW_HOUR; time += FW_MINUTE) {
        const bool came = time == midnight + FW_HOUR + 59 * FW_MINUTE || time == midnight + 4 * FW_HOUR;
        struct fw_event ev = flow(FW_KIND_FLOW_START, time, "192.0.2.1", "10.1.1.1", 6, came ? 1 : 2);
        give(&bed, &ev);
    }
    assert_int_equal(bed.openings, 1); /* too early is not in time */
    assert_in_range(bed.opened, midnight + 150 * FW_MINUTE, midnight + 152 * FW_MINUTE);
    close_bed(&bed);
}

static void what_is_missed_out_of_hours_is_told_within_them(void **state) {
    static struct bed bed;
    const fw_time midnight = T0 - T0 % (24 * FW_HOUR);

    (void)state;
    open_bed(&bed, "  - {id: r, match: {dport: 1}, by: [src], absence: 10m, when: \"08:00-18:00\"}\n", NULL);
    for (fw_time time = midnight + FW_HOUR; time < midnight + 9 * FW_HOUR; time += FW_MINUTE) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, time, "192.0.2.1", "10.1.1.1", 6, 2);
        if (time == midnight + FW_HOUR) /* and nothing more of it */
            ev.dport = 1;
        give(&bed, &ev);
    }
    assert_int_equal(bed.openings, 1);
    assert_in_range(bed.opened, midnight + 8 * FW_HOUR, midnight + 8 * FW_HOUR + 2 * FW_MINUTE);
    close_bed(&bed);
}

static void a_rule_looks_when_it_is_told_to(void **state) {
    static struct bed bed;
    const fw_time midnight = T0 - T0 % (24 * FW_HOUR);

    (void)state;
    open_bed(&bed,
             "  - {id: r, match: {dport: 1}, by: [src, dst], count: 1, throttle: 1m, when: \"02:00-03:00\",\n"
             "     except: [{match: {dport: 1}, reason: x, when: \"02:10-02:20\"}]}\n",
             NULL);
    for (fw_time time = midnight + FW_HOUR; time < midnight + 4 * FW_HOUR; time += 5 * FW_MINUTE) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, time, "192.0.2.1", "10.1.1.1", 6, 1);
        give(&bed, &ev);
    }
    assert_int_equal(bed.openings, 10); /* every five minutes of the hour but for the two that are excepted */
    close_bed(&bed);
}

static void a_group_wants_each_so_often(void **state) {
    static struct bed bed;
    static const uint16_t ports[] = {1, 2, 1, 2, 1, 1, 2};

    (void)state;
    open_bed(
        &bed,
        "  - {id: r, by: [src], any_order: yes, window: 10s, quiet: 30d, sequence: [{match: {dport: 1}, times: 2}, "
        "{match: {dport: 2}, times: 2}]}\n",
        NULL);
    for (size_t i = 0; i < 7; i++) { /* 4 s between them: two of each lie within 12 s at best */
        struct fw_event ev =
            flow(FW_KIND_FLOW_DENY, T0 + (fw_time)i * 4 * FW_SECOND, "192.0.2.1", "10.1.1.1", 6, ports[i]);
        give(&bed, &ev);
    }
    assert_int_equal(bed.openings, 0);
    struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + 25 * FW_SECOND, "192.0.2.1", "10.1.1.1", 6, 2);
    give(&bed, &ev);
    assert_int_equal(bed.openings, 1); /* the first at 16 and 20 s, the other at 24 and 25 s */
    close_bed(&bed);
}

static void a_flood_of_keys_is_bounded_and_counted(void **state) {
    static struct bed bed;
    struct fw_detector_stats stats = {.bytes = 0};

    (void)state;
    open_bed(&bed, "  - {id: a, match: {kind: flow_deny}, by: [src], count: 1, window: 1h}\n", NULL);
    for (unsigned i = 0; i < 60000; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i, "192.0.2.1", "10.1.1.1", 6, 9);
        ev.src.b[12] = 198;
        ev.src.b[13] = (uint8_t)(i >> 16);
        ev.src.b[14] = (uint8_t)(i >> 8);
        ev.src.b[15] = (uint8_t)i;
        give(&bed, &ev);
    }
    const struct fw_detector *last = NULL;
    for (size_t i = 0; fw_engine_detector(bed.engine, i) != NULL; i++)
        last = fw_engine_detector(bed.engine, i);
    last->ops->get_stats(last->det, &stats);
    assert_true(stats.table.held <= stats.table.capacity);
    assert_true(bed.openings > 1000);
    close_bed(&bed);
}

static void opening_without_memory_fails_and_leaves_nothing(void **state) {
    static struct bed bed;
    unsigned n = 0;

    (void)state;
    do {
        struct fail_mem memory;
        fail_mem_init(&memory, ++n);
        open_bed(&bed,
                 "  - {id: a, match: {src: 10.0.0.0/8, message|re: abc}, by: [src], distinct: dst, threshold: 5, "
                 "window: 1m}\n"
                 "  - {id: b, match: {kind: auth}, count: 1}\n",
                 &memory.mem);
        assert_true(n < 1000);
        if (bed.engine != NULL)
            n = 1000;
        close_bed(&bed);
        assert_int_equal(memory.live, 0);
    } while (n < 1000);
}

static struct fw_event request(unsigned second, const char *url, const char *agent) {
    struct fw_event ev = flow(FW_KIND_HTTP, T0 + second * FW_SECOND, "192.0.2.1", "10.1.1.1", 6, 80);

    ev.url = (struct fw_str){url, (uint32_t)strlen(url)};
    ev.agent = (struct fw_str){agent, (uint32_t)strlen(agent)};
    ev.present |= FW_BIT(url) | FW_BIT(agent);
    return ev;
}

/* What is looked for in one pass is looked for in each field by itself, and anew in every event. */
static void a_text_is_found_in_its_own_field(void **state) {
    static const struct {
        const char *url, *agent;
        unsigned openings;
    } cases[] = {{"/a", "b", 0},          {"/scanner", "b", 1},      {"/a", "scanner", 1}, {"/SCANNER", "Scanner", 2},
                 {"/a", "xscannex", 0},   {"/scan", "ner", 0},       {"/a", "b", 0},       {"/s?q=longer", "b", 1},
                 {"/a", "s?q=longer", 0}, {"/scanner?q=l", "nER", 2}};
    static struct bed bed;

    (void)state;
    open_bed(&bed,
             "  - {id: a, match: {url|contains: [scanner, zzz]}, count: 1, quiet: 1s, window: 1s}\n"
             "  - {id: b, match: {agent|contains: scanner}, count: 1, quiet: 1s, window: 1s}\n"
             "  - {id: c, match: {url: '/s?q=*nger'}, count: 1, quiet: 1s, window: 1s}\n"
             "  - {id: d, match: {url|re: 'nner\\?q', agent|endswith: er}, count: 1, quiet: 1s, window: 1s}\n",
             NULL);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_event ev = request(100 * i, cases[i].url, cases[i].agent);
        bed.openings = 0;
        give(&bed, &ev);
        assert_int_equal(bed.openings, cases[i].openings);
    }
    close_bed(&bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_found_in_its_own_field),
        cmocka_unit_test(needles_are_found_as_searching_each_would),
        cmocka_unit_test(a_needle_is_in_all_that_an_expression_matches),
        cmocka_unit_test(patterns_match_as_people_expect),
        cmocka_unit_test(an_expression_that_runs_away_is_stopped_and_counted),
        cmocka_unit_test(a_sliding_count_is_exact),
        cmocka_unit_test(a_sequence_finds_every_chain),
        cmocka_unit_test(aliases_swap_the_ends),
        cmocka_unit_test(a_rule_about_something_else_is_not_asked),
        cmocka_unit_test(a_kind_in_an_or_is_asked),
        cmocka_unit_test(a_sum_slides),
        cmocka_unit_test(a_bucket_flows_over_when_it_leaks_too_slowly),
        cmocka_unit_test(a_quiet_that_lets_some_pass_ends_when_few_came),
        cmocka_unit_test(what_is_due_is_missed_at_the_end_of_its_time),
        cmocka_unit_test(what_is_missed_out_of_hours_is_told_within_them),
        cmocka_unit_test(a_rule_looks_when_it_is_told_to),
        cmocka_unit_test(a_group_wants_each_so_often),
        cmocka_unit_test(a_flood_of_keys_is_bounded_and_counted),
        cmocka_unit_test(opening_without_memory_fails_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
