/* test_det_exe_download.c: the steps of det_exe_download.c. */
#include "lists.h"

#define EXE "application/x-msdownload"

static uint64_t fetched(struct fixture *f) {
    struct fw_user user;
    return knows(f, "10.0.0.1", "exe_download", &user) ? user.events : 0;
}

static void get(struct fixture *f, const char *url, const char *host_name, const char *mime) {
    request(f, T0, "10.0.0.1", "GET", url, host_name, 200, mime);
}

static void step_1_only_what_was_fetched(void **state) {
    struct fixture *f = fixture_open("exe_download", 0, 0);
    (void)state;
    with_lists(f, 0);
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
    struct fixture *f = fixture_open("exe_download", 0, 0);
    (void)state;
    with_lists(f, 0);
    get(f, "http://dl.updates.example/patch.exe", "dl.updates.example", EXE);
    get(f, "http://ads.example/ads.dll?id=7", "ads.example", "text/html");
    get(f, "http://a.example/index.php?file=tool.dll", "a.example", "text/html");
    request(f, T0, "10.0.0.1", "POST", "http://b.example/gateway.dll", "b.example", 200, "");
    assert_int_equal(fetched(f), 4);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step_4_a_name_and_a_type_that_disagree(void **state) {
    struct fixture *f = fixture_open("exe_download", 0, 0);
    (void)state;
    with_lists(f, 0);
    get(f, "http://a.example/cat.jpg", "a.example", EXE);
    assert_text(f, 0,
                "exe_download open: 10.0.0.1 downloaded cat.jpg as " EXE
                " from a.example, new to the site: its name and its type disagree");
    assert_json_has(f, 0, "\"stage\":2");
    fixture_close(f);
}

static void step_5_a_host_is_new_once(void **state) {
    struct fixture *f = fixture_open("exe_download", 0, 0);
    (void)state;
    with_lists(f, 0);
    get(f, "http://a.example/x.exe", "a.example", EXE);
    assert_text(f, 0, "exe_download open: 10.0.0.1 downloaded x.exe as " EXE " from a.example, new to the site");
    get(f, "http://A.EXAMPLE/y.exe", "A.EXAMPLE", EXE);
    assert_int_equal(f->count, 1);
    get(f, "http://b.example/x.exe", "b.example", EXE);
    assert_int_equal(f->count, 2);
    fixture_close(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_1_only_what_was_fetched),
        cmocka_unit_test(step_2_a_program_by_its_name_or_its_type),
        cmocka_unit_test(step_3_updates_and_programs_of_servers_are_for_the_register),
        cmocka_unit_test(step_4_a_name_and_a_type_that_disagree),
        cmocka_unit_test(step_5_a_host_is_new_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
