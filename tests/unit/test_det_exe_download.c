/* test_det_exe_download.c: the steps of det_exe_download.c. */
#include "lists.h"

#include "core/snapshot.h"

#define EXE "application/x-msdownload"

/* A site whose hosts are learned for so many seconds. */
static struct fixture *site_that_learns(int64_t seconds) {
    struct fixture *f = fixture_open("exe_download", 0, 0);
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        for (size_t p = 0; fw_detectors[i]->params[p].name != NULL; p++)
            if (strcmp(fw_detectors[i]->name, "exe_download") == 0 &&
                strcmp(fw_detectors[i]->params[p].name, "learning") == 0)
                f->detectors[i].values[p] = seconds;
    with_lists(f, 0);
    return f;
}

static uint64_t fetched(struct fixture *f) {
    struct fw_user user;
    return knows(f, "10.0.0.1", "exe_download", &user) ? user.events : 0;
}

static void get(struct fixture *f, const char *url, const char *host_name, const char *mime) {
    request(f, T0, "10.0.0.1", "GET", url, host_name, 200, mime);
}

static void step_1_only_what_was_fetched(void **state) {
    struct fixture *f = site_that_learns(0);
    (void)state;
    request(f, T0, "10.0.0.1", "GET", "http://a.example/x.exe", "a.example", 403, "");
    request(f, T0, "10.0.0.1", "GET", "http://a.example/x.exe", "a.example", 404, "");
    request(f, T0, "10.0.0.1", "CONNECT", "a.exe:443", "a.exe", 200, "");
    request(f, T0, "203.0.113.1", "GET", "http://a.example/x.exe", "a.example", 200, "");
    assert_int_equal(f->count, 0);
    assert_int_equal(fetched(f), 0);
    fixture_close(f);
}

static void step_2_a_program_by_its_name_or_its_type(void **state) {
    static const struct {
        const char *url, *mime;
        bool program;
    } cases[] = {{"http://a.example/x.exe", "", true},
                 {"http://a.example/X.EXE?a=1", "application/octet-stream", true},
                 {"http://a.example/get?id=7", EXE, true},
                 {"http://a.example/run.js", "application/octet-stream", true},
                 {"http://a.example/run.js", "application/javascript", false},
                 {"http://a.example/index.php?file=tool.dll", "text/html", true},
                 {"http://a.example/login?from=example.com", "text/html", false},
                 {"http://example.com", "text/html", false},
                 {"http://a.example/a.exe/page.html", "text/html", false},
                 {"http://a.example/", "application/octet-stream", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture *f = fixture_open("exe_download", 0, 0);
        with_lists(f, 0);
        get(f, cases[i].url, "a.example", cases[i].mime);
        if (fetched(f) != cases[i].program)
            fail_msg("%s as %s", cases[i].url, cases[i].mime);
        fixture_close(f);
    }
}

static void step_3_updates_and_programs_of_servers_are_for_the_register(void **state) {
    struct fixture *f = site_that_learns(0);
    (void)state;
    get(f, "http://dl.updates.example/patch.exe", "dl.updates.example", EXE);
    get(f, "http://ads.example/ads.dll?id=7", "ads.example", "text/html");
    get(f, "http://a.example/index.php?file=tool.dll", "a.example", "text/html");
    request(f, T0, "10.0.0.1", "POST", "http://b.example/gateway.dll", "b.example", 200, "");
    assert_int_equal(fetched(f), 4);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step_4_a_name_and_a_type_that_disagree(void **state) {
    struct fixture *f = site_that_learns(0);
    (void)state;
    get(f, "http://a.example/cat.jpg", "a.example", EXE);
    assert_text(f, 0,
                "exe_download open: 10.0.0.1 downloaded cat.jpg as " EXE
                " from a.example, new to the site: its name and its type disagree");
    assert_json_has(f, 0, "\"stage\":2");
    fixture_close(f);
}

static void step_5_a_host_is_new_once(void **state) {
    struct fixture *f = site_that_learns(0);
    (void)state;
    get(f, "http://a.example/x.exe", "a.example", EXE);
    assert_text(f, 0, "exe_download open: 10.0.0.1 downloaded x.exe as " EXE " from a.example, new to the site");
    get(f, "http://A.EXAMPLE/y.exe", "A.EXAMPLE", EXE);
    assert_int_equal(f->count, 1);
    get(f, "http://b.example/z.exe", "b.example", EXE);
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

static void get_at(struct fixture *f, fw_time time, const char *src, const char *url, const char *host_name) {
    request(f, time, src, "GET", url, host_name, 200, EXE);
    fw_engine_settle(f->engine); /* nobody else says what time it is */
    fixture_collect(f);
}

/* Time passes, and nobody doubts the clock: somebody is heard every four minutes, and then each second for a while. */
static void walk(struct fixture *f, fw_time from, fw_time until, unsigned seconds) {
    for (fw_time time = from; time < until; time += 4 * FW_MINUTE)
        request(f, time, "10.0.0.9", "GET", "http://a.example/", "a.example", 200, "text/html");
    for (unsigned i = 0; i < seconds; i++)
        request(f, until + i * FW_SECOND, "10.0.0.9", "GET", "http://a.example/", "a.example", 200, "text/html");
    fw_engine_settle(f->engine);
    fixture_collect(f);
}

static void step_6_at_first_hosts_are_learned(void **state) {
    struct fixture *f = site_that_learns(7 * 86400);
    (void)state;
    get(f, "http://page.example/", "page.example", "text/html"); /* whatever is requested: the week begins */
    get_at(f, T0 + FW_DAY, "10.0.0.1", "http://a.example/x.exe", "a.example");
    assert_int_equal(f->count, 0);
    assert_int_equal(fetched(f), 1);
    /* what is no matter of being new is told all the same */
    get_at(f, T0 + FW_DAY, "10.0.0.2", "http://a.example/cat.jpg", "a.example");
    assert_text(f, 0,
                "exe_download open: 10.0.0.2 downloaded cat.jpg as " EXE
                " from a.example: its name and its type disagree");
    get_at(f, T0 + FW_DAY + 1, "10.0.0.3", "http://203.0.113.9/x.exe", "203.0.113.9");
    assert_text(f, 1,
                "exe_download open: 10.0.0.3 downloaded x.exe as " EXE " from 203.0.113.9, an address without a name");
    get_at(f, T0 + FW_DAY + 2, "10.0.0.3", "http://10.7.7.7/x.exe", "10.7.7.7"); /* the site's own */
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

static size_t openings(const struct fixture *f) {
    size_t n = 0;
    for (size_t i = 0; i < f->count; i++)
        n += strstr(f->documents[i].text, "exe_download open:") != NULL;
    return n;
}

static void step_6_what_was_learned_is_known_afterwards(void **state) {
    struct fixture *f = site_that_learns(7 * 86400);
    (void)state;
    get_at(f, T0, "10.0.0.1", "http://a.example/x.exe", "a.example");
    get_at(f, T0 + 7 * FW_DAY, "10.0.0.2", "http://a.example/x.exe", "a.example");
    assert_int_equal(openings(f), 0);
    get_at(f, T0 + 7 * FW_DAY, "10.0.0.2", "http://b.example/y.exe", "b.example");
    assert_int_equal(openings(f), 1);
    fixture_close(f);
}

static void step_6_a_restart_does_not_begin_the_week_again(void **state) {
    static uint8_t frame[FW_FRAME_MAX];
    struct fixture *f = site_that_learns(86400), *g = site_that_learns(86400);
    (void)state;
    get_at(f, T0, "10.0.0.1", "http://a.example/x.exe", "a.example");
    fw_snapshot_move(f->engine, g->engine, frame);
    get_at(g, T0 + FW_DAY - 1, "10.0.0.2", "http://b.example/y.exe", "b.example");
    assert_int_equal(openings(g), 0);
    get_at(g, T0 + FW_DAY, "10.0.0.2", "http://c.example/z.exe", "c.example");
    assert_int_equal(openings(g), 1);
    get_at(g, T0 + FW_DAY + 1, "10.0.0.2", "http://a.example/x.exe", "a.example");
    assert_int_equal(openings(g), 1);
    fixture_close(f);
    fixture_close(g);
}

static void step_7_mirrors_are_one_matter(void **state) {
    struct fixture *f = site_that_learns(0);
    (void)state;
    get_at(f, T0, "10.0.0.1", "http://a.example/pub/tool.exe", "a.example");
    get_at(f, T0 + FW_MINUTE, "10.0.0.1", "http://b.example/mirror/tool.exe", "b.example");
    get_at(f, T0 + 2 * FW_MINUTE, "10.0.0.1", "http://c.example/tool.exe", "c.example");
    get_at(f, T0 + 3 * FW_MINUTE, "10.0.0.1", "http://c.example/tool.exe", "c.example"); /* no mirror more */
    assert_int_equal(openings(f), 1);
    get_at(f, T0 + 2 * FW_HOUR, "10.0.0.1", "http://d.example/tool.exe", "d.example");
    assert_int_equal(openings(f), 1);
    assert_text(f, f->count - 1,
                "exe_download update: 10.0.0.1 downloaded tool.exe as " EXE
                " from a.example and 3 other hosts, new to the site");
    /* another file, and another client of a host that is new to him alone */
    get_at(f, T0 + 2 * FW_HOUR, "10.0.0.1", "http://e.example/other.exe", "e.example");
    assert_int_equal(openings(f), 2);
    get_at(f, T0 + 2 * FW_HOUR, "10.0.0.2", "http://g.example/tool.exe", "g.example");
    assert_int_equal(openings(f), 3);
    fixture_close(f);
}

static void downloads_are_listed_at_round_times(void **state) {
    struct fixture *f = site_that_learns(86400);
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        char url[64];
        (void)snprintf(url, sizeof url, "http://a.example/%02u.exe?x=%u", 11 - i, i);
        get_at(f, T0 + i * FW_SECOND, "10.0.0.1", url, "a.example");
        get_at(f, T0 + i * FW_SECOND, "10.0.0.1", url, "a.example");
    }
    get_at(f, T0, "10.0.0.1", "http://dl.updates.example/patch.exe", "dl.updates.example");
    const fw_time midnight = (T0 / FW_DAY + 1) * FW_DAY;
    walk(f, T0 + 5 * FW_MINUTE, midnight, 60);
    size_t at[4], n = 0;
    for (size_t i = 0; i < f->count && n < 4; i++)
        if (strstr(f->documents[i].text, "downloads of programs") != NULL)
            at[n++] = i;
    assert_int_equal(n, 2);
    assert_non_null(strstr(f->documents[at[0]].text, ": 12, and 1 from update services"));
    assert_json_has(f, at[0], "\"path\":\"\\/00.exe\"");
    assert_json_has(f, at[0], "\"events\":2");
    assert_string_equal(f->documents[at[1]].text, "summary: downloads of programs, continued");
    assert_json_has(f, at[1], "\"path\":\"\\/11.exe\"");
    fixture_close(f);
}

static void downloads_are_listed_up_to_a_bound(void **state) {
    struct fixture *f = site_that_learns(86400);
    uint64_t rows = 0;
    (void)state;
    for (unsigned i = 0; i < 230; i++) {
        char url[64];
        (void)snprintf(url, sizeof url, "http://a.example/%03u.exe", i);
        get_at(f, T0 + i * FW_SECOND, "10.0.0.1", url, "a.example");
    }
    const fw_time midnight = (T0 / FW_DAY + 1) * FW_DAY;
    walk(f, T0 + 5 * FW_MINUTE, midnight, 600);
    for (size_t i = 0; i < f->count; i++)
        rows += strstr(f->documents[i].text, "downloads of programs") != NULL;
    assert_int_equal(rows, 20);
    assert_string_equal(f->documents[f->count - 1].text,
                        "summary: downloads of programs, continued; 30 more are not listed");
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_1_only_what_was_fetched),
        cmocka_unit_test(step_2_a_program_by_its_name_or_its_type),
        cmocka_unit_test(step_3_updates_and_programs_of_servers_are_for_the_register),
        cmocka_unit_test(step_4_a_name_and_a_type_that_disagree),
        cmocka_unit_test(step_5_a_host_is_new_once),
        cmocka_unit_test(step_6_at_first_hosts_are_learned),
        cmocka_unit_test(step_6_what_was_learned_is_known_afterwards),
        cmocka_unit_test(step_6_a_restart_does_not_begin_the_week_again),
        cmocka_unit_test(step_7_mirrors_are_one_matter),
        cmocka_unit_test(downloads_are_listed_at_round_times),
        cmocka_unit_test(downloads_are_listed_up_to_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
