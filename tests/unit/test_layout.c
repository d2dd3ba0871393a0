/* test_layout.c: layouts are read, and the lines they describe; each numbered rule of layout.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "parse/event_json.h"
#include "parse/layout.h"

static char scratch[FW_LINE_MAX];

/* The line by the layout becomes this event, or this result. */
static void becomes(const char *layout, const char *line, const char *expected) {
    static char json[FW_EVENT_JSON_MAX];
    struct fw_layout read;
    struct fw_event ev = {.time = FW_TIME_NONE};
    char err[256];

    if (fw_layout_parse(&read, layout, err, sizeof err) != 0)
        fail_msg("%s: %s", layout, err);
    const enum fw_parse_result result = fw_layout_read(&read, line, strlen(line), scratch, &ev);

    ev.kind = FW_KIND_HTTP;
    if (result != FW_PARSE_EVENT)
        snprintf(json, sizeof json, "%s", fw_parse_result_name(result));
    else
        assert_int_not_equal(fw_event_print(&ev, false, json, sizeof json), 0);
    if (strcmp(json, expected) != 0)
        fail_msg("%s\n%s\n  expected %s\n  got      %s", layout, line, expected, json);
}

static void refuses(const char *text, const char *expected) {
    struct fw_layout layout;
    char err[256] = "";

    assert_int_equal(fw_layout_parse(&layout, text, err, sizeof err), -1);
    assert_string_equal(err, expected);
}

static void layouts_are_checked(void **state) {
    (void)state;
    refuses("", "a layout begins with words, tabs, commas, pairs, pairs-tab, pairs-comma, pairs-bar or json, not \"\"");
    refuses("word src",
            "a layout begins with words, tabs, commas, pairs, pairs-tab, pairs-comma, pairs-bar or json, not \"word\"");
    refuses("words", "the layout names no field");
    refuses("words scr", "there is no field \"scr\"");
    refuses("words * src", "\"*\" is the last, and 64 are the most");
    refuses("pairs src", "\"src\" is not field=name");
    refuses("pairs src=", "\"src=\" is not field=name");
    refuses("pairs scr=a", "there is no field \"scr\"");
}

static void columns_are_as_many_as_the_layout_has(void **state) {
    (void)state;
    becomes("words src - user", "10.0.1.20  x alice", "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"alice\"}");
    becomes("words src - user", "10.0.1.20 x", "unparsed");
    becomes("words src - user", "10.0.1.20 x alice y", "unparsed");
    becomes("words src - user *", "10.0.1.20 x alice y z",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"alice\"}");
    becomes("words src ? user agent", "10.0.1.20", "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}");
    becomes("words src ? user agent", "10.0.1.20 alice",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"alice\"}");
    becomes("tabs src user agent", "10.0.1.20\t\tx y", "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"agent\":\"x y\"}");
    becomes("tabs src user agent", "10.0.1.20\talice\tx\ty", "unparsed");
    becomes("tabs src user", "10.0.1.20\t", "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}");
    becomes("tabs src user", "10.0.1.20", "unparsed");
    becomes("commas src user", "10.0.1.20, alice, x", "unparsed");
}

static void columns_between_commas_may_be_quoted(void **state) {
    (void)state;
    becomes("commas src user agent", "10.0.1.20, alice,\"a, \"\"b\"\"\"",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"alice\",\"agent\":\"a, \\\"\\\"b\\\"\\\"\"}");
    becomes("commas src user", "10.0.1.20,\"alice", "unparsed");
    becomes("commas src user", "10.0.1.20,\"alice\"x", "unparsed");
    becomes("commas src user", "10.0.1.20,\"", "unparsed");
}

static void a_quote_ends_where_a_separator_follows(void **state) {
    (void)state;
    becomes("words src agent user", "10.0.1.20 \"a \\\" b\" alice",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"alice\",\"agent\":\"a \\\\\\\" b\"}");
    becomes("words src agent", "10.0.1.20 \"a \\\"", "unparsed");
    becomes("words src agent", "10.0.1.20 \"a\"b\"", "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"agent\":\"a\\\"b\"}");
    becomes("pairs src=s agent=a", "a=\"x\"y\" s=10.0.1.20",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"agent\":\"x\\\"y\"}");
    becomes("pairs src=s agent=a", "s=10.0.1.20 a=\"x", "unparsed");
}

static void a_name_that_comes_twice_says_the_same(void **state) {
    (void)state;
    becomes("pairs src=s user=u", "s=10.0.1.20 u=alice s=10.0.1.20",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"alice\"}");
    becomes("pairs src=s user=u", "s=10.0.1.20 u=alice s=10.0.1.99", "refused");
    becomes("pairs-tab src=s agent=a", "a=x y\ts=10.0.1.20",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"agent\":\"x y\"}");
    becomes("pairs-tab src=s agent=a", "a=x\ts=10.0.1.99\ts=10.0.1.20", "refused");
    becomes("pairs-comma src=s url=u", "s=10.0.1.20,u=/a,b",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"url\":\"/a\"}");
    becomes("json src=s", "{\"s\":\"10.0.1.20\",\"s\":\"10.0.1.99\"}", "refused");
    becomes("json src=s src=t", "{\"t\":\"10.0.1.20\",\"s\":\"10.0.1.99\"}",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}"); /* two names of one field: the first */
}

static void what_stands_for_nothing_is_absent(void **state) {
    (void)state;
    becomes("pairs user=a agent=b url=c host=d mime=e", "a=- b= c=None d=N/A e=NA", "{\"kind\":\"http\"}");
    becomes("pairs status=a session=b nat_src=c nat_dport=d", "a=000 b=0 c=0.0.0.0 d=0", "{\"kind\":\"http\"}");
    becomes("pairs action=a", "a=observed", "{\"kind\":\"http\"}");
    becomes("pairs src=a", "a=10.0.1.256", "refused");
    becomes("pairs proto=p sport=s dport=d", "p=1 s=0 d=0", "{\"kind\":\"http\",\"proto\":1}");
}

static void times_are_believed_with_their_zone(void **state) {
    (void)state;
    becomes("words time", "[12/Oct/2026:10:00:00 +0200]", "{\"time\":\"2026-10-12T08:00:00.000Z\",\"kind\":\"http\"}");
    becomes("words time", "[12/Okt/2026:10:00:00 +0200]", "{\"kind\":\"http\"}");
    becomes("words time", "[12/Oct/2026:10:00:00 ]", "{\"kind\":\"http\"}");
    becomes("words time", "1791792000.250", "{\"time\":\"2026-10-12T08:00:00.250Z\",\"kind\":\"http\"}");
    becomes("words time", "2026-10-12T10:00:00.123456+0200",
            "{\"time\":\"2026-10-12T08:00:00.123Z\",\"kind\":\"http\"}");
    becomes("words time", "2026-10-12T10:00:00", "{\"kind\":\"http\"}");
    becomes("words begin time", "1791791990 1791792000",
            "{\"time\":\"2026-10-12T08:00:00.000Z\",\"kind\":\"http\",\"duration\":10000}");
    becomes("words begin time", "1791792010 1791792000", "{\"time\":\"2026-10-12T08:00:00.000Z\",\"kind\":\"http\"}");
    becomes("words duration_ms", "1250", "{\"kind\":\"http\",\"duration\":1250}");
}

static void requests_are_quoted(void **state) {
    (void)state;
    becomes("words request", "\"GET /a b HTTP/1.1\"", "{\"kind\":\"http\",\"method\":\"GET\",\"url\":\"/a b\"}");
    becomes("words request", "\"GET /a\"", "{\"kind\":\"http\",\"method\":\"GET\",\"url\":\"/a\"}");
    becomes("words request", "\"\\x16\\x03\"", "{\"kind\":\"http\"}");
    becomes("words request", "\"\"", "{\"kind\":\"http\"}");
    becomes("words request", "GET", "refused");
}

static void hosts_come_from_urls(void **state) {
    (void)state;
    becomes("words url", "http://a@www.example.com:8080/x",
            "{\"kind\":\"http\",\"url\":\"http://a@www.example.com:8080/x\",\"host\":\"www.example.com\"}");
    becomes("words url", "/x://y", "{\"kind\":\"http\",\"url\":\"/x://y\",\"host\":\"y\"}");
    becomes("words url", "/index", "{\"kind\":\"http\",\"url\":\"/index\"}");
    becomes("words url", "http://", "{\"kind\":\"http\",\"url\":\"http://\"}");
}

static void results_and_peers_are_squids(void **state) {
    (void)state;
    becomes("words result", "TCP_DENIED/403", "{\"kind\":\"http\",\"action\":\"deny\",\"status\":403}");
    becomes("words result", "TCP_MISS/000", "{\"kind\":\"http\",\"action\":\"allow\"}");
    becomes("words result", "TCP_MISS", "refused");
    becomes("words peer user", "DIRECT/www.example.com alice", "{\"kind\":\"http\",\"user\":\"alice\"}");
    becomes("words peer user", "x alice", "refused");
}

static void sockets_have_ports_or_none(void **state) {
    (void)state;
    becomes("words src:sport dst:dport", "10.0.1.20:51000 [2001:db8::80]:443", "unparsed"); /* a bracket, then more */
    becomes("tabs src:sport dst:dport", "10.0.1.20:51000\t[2001:db8::80]:443",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"dst\":\"2001:db8::80\",\"sport\":51000,\"dport\":443}");
    becomes("words src:sport", "10.0.1.20", "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}");
    becomes("words src:sport", "host:80", "refused");
    becomes("words src:sport", ":80", "refused");
    becomes("words src:sport", "80", "refused");
}

static void json_is_read_by_paths(void **state) {
    (void)state;
    becomes("json src=a.b user=a.c.d",
            "{\"x\":[1,{\"b\":2}],\"a\":{\"b\":\"10.0.1.20\",\"c\":{\"d\":\"al\\/ice\\n\"}}}",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"al/ice\\n\"}");
    becomes("json query=q.name", "@cee: {\"q\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"name\":\"c\"}",
            "{\"kind\":\"http\",\"query\":\"a\"}");
    becomes("json status=s sport=p agent=t", "{\"s\": 200, \"p\":51000 ,\"t\":null}",
            "{\"kind\":\"http\",\"sport\":51000,\"status\":200}");
    becomes("json src=s", "{\"u\":\"\\\",\\\"s\\\":\\\"10.0.1.99\",\"s\":\"10.0.1.20\"}",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}");
    becomes("json src=s", "{}", "{\"kind\":\"http\"}");
    becomes("json src=s", "{\"x\":[],\"s\":\"10.0.1.20\"}", "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}");
}

static void addresses_are_looked_for_in_all_elements(void **state) {
    (void)state;
    becomes("json query=q addresses=a", "{\"q\":\"x.example\",\"a\":[\"y.example\",\"192.0.2.1\",\"192.0.2.2\"]}",
            "{\"kind\":\"http\",\"query\":\"x.example\",\"answer\":\"192.0.2.1\"}");
    becomes("json addresses=d.a.r",
            "{\"d\":{\"a\":[{\"r\":\"y.example\",\"t\":1},{\"t\":2,\"r\":\"2001:db8::1\"},{\"r\":\"192.0.2.2\"}]}}",
            "{\"kind\":\"http\",\"answer\":\"2001:db8::1\"}");
    becomes("json addresses=g.A addresses=g.AAAA", "{\"g\":{\"AAAA\":[\"2001:db8::1\"],\"A\":[\"192.0.2.2\"]}}",
            "{\"kind\":\"http\",\"answer\":\"2001:db8::1\"}");
    becomes("json addresses=a", "{\"a\":[],\"b\":[\"192.0.2.1\"]}", "{\"kind\":\"http\"}");
    becomes("json addresses=a", "{\"a\":\"TXT 3 abc\"}", "{\"kind\":\"http\"}");
}

static void json_that_was_cut_or_is_none_is_unparsed(void **state) {
    static const char whole[] = "{\"s\":\"10.0.1.20\",\"a\":[1,{\"b\":null}],\"c\":{\"d\":\"e\\\"f\"},\"g\":17}";
    char deep[64];
    (void)state;

    becomes("json src=s", whole, "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}");
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char cut[sizeof whole];

        snprintf(cut, sizeof cut, "%.*s", (int)len, whole);
        becomes("json src=s", cut, "unparsed");
    }
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    deep[0] = '{';
    becomes("json src=s", deep, "unparsed");
    snprintf(deep, sizeof deep, "{\"s\":%.20s", "[[[[[[[[[[[[[[[[[[[[");
    becomes("json src=s", deep, "unparsed");
}

static void names_asked_for_come_by_their_labels(void **state) {
    (void)state;
    becomes("words src labels", "10.0.1.20 (3)www(7)example(3)com(0)",
            "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"query\":\"www.example.com\"}");
    becomes("words src labels", "10.0.1.20 (9)www(7)example(3)com(0)", "refused"); /* longer than it is */
    becomes("words src labels", "10.0.1.20 (3)www(7)example(3)com", "refused");    /* cut */
    becomes("words src labels", "10.0.1.20 (3)www(0)(3)com(0)", "refused");
    becomes("words src labels", "10.0.1.20 (99999999999999999999)w(0)", "refused");
    becomes("words src labels", "10.0.1.20 (", "refused");
    becomes("words src labels", "10.0.1.20 (0)", "{\"kind\":\"http\",\"src\":\"10.0.1.20\"}"); /* the root */
    becomes("pairs-bar src=s user=u",
            "s=10.0.1.20|u=a b|x=", "{\"kind\":\"http\",\"src\":\"10.0.1.20\",\"user\":\"a b\"}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_are_checked),
        cmocka_unit_test(columns_are_as_many_as_the_layout_has),
        cmocka_unit_test(columns_between_commas_may_be_quoted),
        cmocka_unit_test(a_quote_ends_where_a_separator_follows),
        cmocka_unit_test(a_name_that_comes_twice_says_the_same),
        cmocka_unit_test(what_stands_for_nothing_is_absent),
        cmocka_unit_test(times_are_believed_with_their_zone),
        cmocka_unit_test(requests_are_quoted),
        cmocka_unit_test(hosts_come_from_urls),
        cmocka_unit_test(results_and_peers_are_squids),
        cmocka_unit_test(sockets_have_ports_or_none),
        cmocka_unit_test(names_asked_for_come_by_their_labels),
        cmocka_unit_test(json_is_read_by_paths),
        cmocka_unit_test(addresses_are_looked_for_in_all_elements),
        cmocka_unit_test(json_that_was_cut_or_is_none_is_unparsed),
    };

    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
