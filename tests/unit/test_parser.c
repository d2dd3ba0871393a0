/* test_parser.c: from a line to an event, with small rulebases written here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "parse/event_json.h"
#include "core/json.h"
#include "parse/parser.h"

#define ARRIVAL INT64_C(1791792000000) /* 2026-10-12T08:00:00Z */
#define ENDS    "%src:word% %dst:word% %proto:word% "

static char path[] = "/tmp/fw-parser-XXXXXX";
static struct fw_rulebase *rulebase;
static struct fw_parser *parser;
static char json[FW_EVENT_JSON_MAX];

static void report(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    (void)cookie;
    print_error("%s:%u:%u: %s\n", file, line, column, text);
}

static int make_file(void **state) {
    const int fd = mkstemp(path);

    (void)state;
    setenv("TZ", "UTC", 1);
    return fd >= 0 ? close(fd) : -1;
}

static int remove_file(void **state) {
    (void)state;
    return unlink(path);
}

static void load(const char *rules, uint64_t needs) {
    struct fw_problems problems = {report, NULL, 0};
    const struct fw_parser_options options = {.needs = needs};
    FILE *file = fopen(path, "w");
    char err[512];

    assert_non_null(file);
    fprintf(file, "version=2\n%s", rules);
    fclose(file);
    assert_int_equal(fw_rulebase_open(&rulebase, path, &problems), 0);
    if (fw_parser_open(&parser, rulebase, &options, err, sizeof err) != 0)
        fail_msg("%s", err);
}

static int unload(void **state) {
    (void)state;
    fw_parser_close(&parser);
    fw_rulebase_close(&rulebase);
    return 0;
}

static enum fw_parse_result parse_bytes(const char *text, size_t len, struct fw_event *ev) {
    const struct fw_line line = {.text = text, .len = len, .arrival = ARRIVAL, .sensor = "fallback"};

    return fw_parser_line(parser, &line, ev);
}

static enum fw_parse_result parse(const char *text, struct fw_event *ev) {
    return parse_bytes(text, strlen(text), ev);
}

/* The event without its time and sensor, or the word for what else became of it. */
static const char *outcome(const char *text) {
    struct fw_event ev;
    const enum fw_parse_result result = parse(text, &ev);

    if (result != FW_PARSE_EVENT)
        return fw_parse_result_name(result);
    ev.time = FW_TIME_NONE;
    ev.present &= ~FW_BIT(sensor);
    assert_true(fw_event_print(&ev, false, json, sizeof json) > 0);
    return json;
}

static void fields_decide_what_a_flow_is(void **state) {
    (void)state;
    load("rule=flow:a " ENDS "%dport:number% %action:word%\n"
         "rule=flow:b " ENDS "%dport:number% %action:word% %duration:number%\n"
         "rule=flow:c " ENDS "%dport:number% %bytes:number%\n"
         "rule=flow:d " ENDS "%dport:number%\n"
         "rule=flow_start:e " ENDS "%dport:number% %bytes:number%\n",
         ~UINT64_C(0));
    assert_string_equal(outcome("a 192.0.2.1 192.0.2.2 tcp 80 deny"),
                        "{\"kind\":\"flow_deny\",\"src\":\"192.0.2.1\",\"dst\":\"192.0.2.2\",\"dport\":80,\"proto\":6,"
                        "\"action\":\"deny\"}");
    assert_non_null(strstr(outcome("a 192.0.2.1 192.0.2.2 tcp 80 permit"), "flow_start"));
    assert_non_null(strstr(outcome("b 192.0.2.1 192.0.2.2 tcp 80 deny 0"), "flow_deny"));
    assert_non_null(strstr(outcome("b 192.0.2.1 192.0.2.2 tcp 80 permit 0"), "flow_end"));
    assert_non_null(strstr(outcome("c 192.0.2.1 192.0.2.2 tcp 80 0"), "flow_end"));
    assert_non_null(strstr(outcome("d 192.0.2.1 192.0.2.2 tcp 80"), "flow_start"));
    /* what has only begun has no bytes, though the device prints some */
    assert_string_equal(outcome("e 192.0.2.1 192.0.2.2 tcp 80 0"),
                        "{\"kind\":\"flow_start\",\"src\":\"192.0.2.1\",\"dst\":\"192.0.2.2\",\"dport\":80,"
                        "\"proto\":6}");
}

/* Squid writes its own stamp; in a plain file the header's reader takes it, and the elapsed time behind it is no host. */
static void the_time_of_a_line_that_says_it_itself(void **state) {
    static const char tail[] = "     84 10.1.0.18 TCP_MISS/200 900 GET http://www.example.org/ - HIER_NONE/- -";
    char line[256];
    struct fw_event ev;
    (void)state;

    load("annotate=squid:+scan=\"squid\"\n"
         "rule=http,squid:%-:number%.%-:number%%-:whitespace%%-:number% %-:word% TCP_%-:rest%\n"
         "rule=http,squid:%-:number% %-:word% TCP_%-:rest%\n",
         ~UINT64_C(0));
    snprintf(line, sizeof line, "<134>Oct 12 09:10:11 proxy1 squid[4711]: 1791792000.250%s", tail);
    assert_int_equal(parse(line, &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.time, INT64_C(1791792000250));
    assert_int_equal(ev.time_local, 0);
    assert_memory_equal(ev.sensor.p, "proxy1", 6);
    snprintf(line, sizeof line, "1791792000.250%s", tail);
    assert_int_equal(parse(line, &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.time, INT64_C(1791792000250));
    assert_string_equal(ev.sensor.p, "fallback");
    assert_int_equal(ev.duration, 84);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    load("rule=flow:a " ENDS "%dport:number%\nrule=flow:b " ENDS "\nrule=threat:c %src:word%\n"
         "rule=flow,far:d %src:word% %dst:word%\nannotate=far:+proto=\"udp\"\n",
         ~UINT64_C(0));
    assert_string_equal(outcome("a 999.1.1.1 192.0.2.2 tcp 80"), "refused");
    assert_string_equal(outcome("a 192.0.2.1 server.example tcp 80"), "refused");
    assert_string_equal(outcome("a 192.0.2.1 192.0.2.2 tcp 70000"), "refused");
    assert_string_equal(outcome("a 192.0.2.1 192.0.2.2 any 80"), "refused");
    assert_string_equal(outcome("b 192.0.2.1 192.0.2.2 tcp "), "refused"); /* no port */
    assert_string_equal(outcome("d 192.0.2.1 192.0.2.2"), "refused");      /* none either */
    assert_non_null(strstr(outcome("b 192.0.2.1 192.0.2.2 gre "), "flow_start"));
    assert_non_null(strstr(outcome("c 192.0.2.1"), "threat"));
    assert_string_equal(outcome("a 192.0.2.1 192.0.2.2 tcp 80 more"), "unparsed");
    assert_string_equal(outcome(""), "unparsed");
}

static void a_line_with_a_nul_or_too_long_is_unparsed(void **state) {
    static char text[FW_LINE_MAX + 2];
    struct fw_event ev;
    (void)state;

    load("rule=threat:%user:word%\nrule=threat:%user:word% b\n", ~UINT64_C(0));
    assert_int_equal(parse_bytes("a\0b", 3, &ev), FW_PARSE_UNPARSED);
    assert_int_equal(parse_bytes("a\0", 2, &ev), FW_PARSE_UNPARSED);
    memset(text, 'a', FW_LINE_MAX + 1);
    assert_int_equal(parse_bytes(text, FW_LINE_MAX + 1, &ev), FW_PARSE_UNPARSED);
    text[FW_LINE_MAX] = '\0';
    assert_int_equal(parse_bytes(text, FW_LINE_MAX, &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.user.len, FW_LINE_MAX);
}

static void strings_last_until_the_next_line(void **state) {
    struct fw_event first, second;
    (void)state;

    load("rule=threat:%user:word% %-:rest%\n", ~UINT64_C(0));
    assert_int_equal(parse("alice x", &first), FW_PARSE_EVENT);
    assert_memory_equal(first.user.p, "alice", 5);
    assert_int_equal(parse("bob x", &second), FW_PARSE_EVENT);
    assert_memory_equal(second.user.p, "bob", 3);
    assert_int_equal(second.user.len, 3);
}

static void values_need_no_escaping(void **state) {
    struct fw_event ev;
    (void)state;

    load("rule=threat:u=%user:char-to:;%;\n", ~UINT64_C(0));
    assert_int_equal(parse("u=\"a\\b\" \x01\xff%s;", &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.user.len, 10);
    assert_memory_equal(ev.user.p, "\"a\\b\" \x01\xff%s", 10);
}

static void numbers_may_come_as_json_numbers(void **state) {
    (void)state;
    load("rule=flow:" ENDS "%dport:number{\"format\":\"number\"}%\n", ~UINT64_C(0));
    assert_non_null(strstr(outcome("192.0.2.1 192.0.2.2 tcp 443"), "\"dport\":443"));
    assert_string_equal(outcome("192.0.2.1 192.0.2.2 tcp 65536"), "refused");
}

static void only_the_named_programs_are_believed(void **state) {
    (void)state;
    load("rule=threat,some:a %user:word%\nrule=threat:b %user:word%\nrule=threat,bare:c %user:word%\n"
         "annotate=some:+program=\"kernel ulogd\"\nannotate=bare:+program=\"-\"\n",
         ~UINT64_C(0));
    assert_non_null(strstr(outcome("Oct 12 08:00:00 gw kernel: a x"), "threat"));
    assert_non_null(strstr(outcome("Oct 12 08:00:00 gw ulogd[7]: a x"), "threat"));
    assert_string_equal(outcome("Oct 12 08:00:00 gw sshd[7]: a x"), "unparsed");
    assert_string_equal(fw_parser_rule(parser), "");
    assert_string_equal(outcome("Oct 12 08:00:00 gw kernels: a x"), "unparsed");
    assert_string_equal(outcome("Oct 12 08:00:00 gw a x"), "unparsed");
    assert_non_null(strstr(outcome("Oct 12 08:00:00 gw anything: b x"), "threat"));
    assert_non_null(strstr(outcome("Oct 12 08:00:00 gw c x"), "threat"));
    assert_string_equal(outcome("Oct 12 08:00:00 gw kernel: c x"), "unparsed");
}

static void annotations_say_what_the_line_does_not(void **state) {
    (void)state;
    load("rule=flow,x,y:a " ENDS "%dport:number% %action:word%\nrule=flow,x:b " ENDS "%dport:number%\n"
         "annotate=x:+vendor=\"V\" +action=\"deny\"\nannotate=y:+product=\"P\"\n",
         ~UINT64_C(0));
    assert_string_equal(outcome("a 192.0.2.1 192.0.2.2 udp 53 permit"),
                        "{\"kind\":\"flow_start\",\"src\":\"192.0.2.1\",\"dst\":\"192.0.2.2\",\"dport\":53,"
                        "\"proto\":17,\"action\":\"allow\",\"vendor\":\"V\",\"product\":\"P\"}");
    assert_string_equal(outcome("b 192.0.2.1 192.0.2.2 udp 53"),
                        "{\"kind\":\"flow_deny\",\"src\":\"192.0.2.1\",\"dst\":\"192.0.2.2\",\"dport\":53,"
                        "\"proto\":17,\"action\":\"deny\",\"vendor\":\"V\"}");
}

static void ports_orient_a_rule_that_asks_for_it(void **state) {
    (void)state;
    load("rule=flow_end,o:a %src:word% %sport:number% %dst:word% %dport:number%\n"
         "rule=flow_end,p:b %src:word% %sport:number% %dst:word% %dport:number%\n"
         "annotate=o:+orient=\"ports\"\nannotate=p:+proto=\"tcp\"\n",
         ~UINT64_C(0));
    assert_non_null(strstr(outcome("a 192.0.2.1 443 10.0.0.1 50000"), "\"src\":\"10.0.0.1\",\"dst\":\"192.0.2.1\","
                                                                      "\"sport\":50000,\"dport\":443"));
    assert_non_null(strstr(outcome("b 192.0.2.1 443 10.0.0.1 50000"), "\"src\":\"192.0.2.1\""));
}

static void a_rule_may_ignore_lines(void **state) {
    (void)state;
    load("rule=ignore:%src:word% came\nrule=threat:%src:word% went\n", ~UINT64_C(0));
    assert_string_equal(outcome("999 came"), "ignored");
    assert_non_null(strstr(fw_parser_rule(parser), ":2"));
    assert_string_equal(outcome("999 went"), "refused");
    assert_non_null(strstr(fw_parser_rule(parser), ":3"));
}

static void time_and_sensor_come_from_the_header_or_the_caller(void **state) {
    struct fw_event ev;
    (void)state;

    load("rule=threat:x\n", ~UINT64_C(0));
    assert_int_equal(parse("Oct 12 07:00:00 gw a: x", &ev), FW_PARSE_EVENT);
    assert_true(ev.time == ARRIVAL - FW_HOUR);
    assert_memory_equal(ev.sensor.p, "gw", ev.sensor.len);
    assert_int_equal(parse("2026-10-12T07:00:00+01:00 gw a: x", &ev), FW_PARSE_EVENT);
    assert_true(ev.time == ARRIVAL - 2 * FW_HOUR);
    assert_int_equal(parse("a: x", &ev), FW_PARSE_EVENT);
    assert_true(ev.time == ARRIVAL);
    assert_memory_equal(ev.sensor.p, "fallback", ev.sensor.len);
    const struct fw_line line = {.text = "x", .len = 1, .arrival = ARRIVAL};

    assert_int_equal(fw_parser_line(parser, &line, &ev), FW_PARSE_EVENT);
    assert_false(fw_event_has(&ev, FW_BIT(sensor)));
}

static void fields_nobody_needs_are_absent(void **state) {
    (void)state;
    load("rule=flow:a " ENDS "%dport:number% %user:word% %in_if:word%\n", FW_BIT(in_if));
    assert_string_equal(outcome("a 192.0.2.1 192.0.2.2 tcp 80 alice eth0"),
                        "{\"kind\":\"flow_start\",\"src\":\"192.0.2.1\",\"dst\":\"192.0.2.2\",\"dport\":80,"
                        "\"proto\":6,\"in_if\":\"eth0\"}");
}

/* Without the names the two rules are one: the first stays. */
static void of_rules_that_become_alike_the_first_stays(void **state) {
    (void)state;
    load("rule=auth,a:x %user:word%\nrule=device,b:x %agent:word%\n", 0);
    assert_non_null(strstr(outcome("x y"), "auth"));
}

static void every_one_of_many_rules_is_known_by_its_line(void **state) {
    static char rules[300 * 40];
    char text[32], line[16];
    (void)state;

    for (int i = 0; i < 300; i++)
        sprintf(rules + strlen(rules), "rule=threat:%03d-%%user:word%%\n", i);
    load(rules, ~UINT64_C(0));
    assert_int_equal(fw_rulebase_rules(rulebase), 300);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 300; i++) {
            struct fw_event ev;

            snprintf(text, sizeof text, "%03d-alice", i);
            snprintf(line, sizeof line, ":%d", i + 2);
            assert_int_equal(parse(text, &ev), FW_PARSE_EVENT);
            assert_string_equal(strrchr(fw_parser_rule(parser), ':'), line);
        }
    }
}

static void parsers_of_one_rulebase_do_not_share(void **state) {
    const struct fw_parser_options options = {.needs = ~UINT64_C(0)};
    const struct fw_line line = {.text = "bob x", .len = 5, .arrival = ARRIVAL};
    struct fw_parser *other;
    struct fw_event a, b;
    char err[512];
    (void)state;

    load("rule=threat:%user:word% x\n", ~UINT64_C(0));
    assert_int_equal(fw_parser_open(&other, rulebase, &options, err, sizeof err), 0);
    assert_int_equal(parse("alice x", &a), FW_PARSE_EVENT);
    assert_int_equal(fw_parser_line(other, &line, &b), FW_PARSE_EVENT);
    fw_parser_close(&other);
    assert_null(other);
    assert_memory_equal(a.user.p, "alice", 5);
}

static fw_time run_line(struct fw_years *run, const char *stamp) {
    char text[64];
    struct fw_event ev;

    snprintf(text, sizeof text, "%s gw x: alice x", stamp);
    const struct fw_line line = {.text = text, .len = strlen(text), .arrival = ARRIVAL, .years = run};
    assert_int_equal(fw_parser_line(parser, &line, &ev), FW_PARSE_EVENT);
    return ev.time;
}

static fw_time in_year(int year, unsigned month, unsigned day) {
    return fw_time_days(year, month, day) * 24 * FW_HOUR;
}

/* ARRIVAL, when the file was written, is in October 2026. */
static void the_years_of_a_file_run_on(void **state) {
    struct fw_years run = {.time = FW_TIME_NONE};
    (void)state;

    load("rule=threat:%user:word% x\n", ~UINT64_C(0));
    assert_int_equal(run_line(&run, "Nov 11 00:00:00"), in_year(2025, 11, 11));
    assert_int_equal(run_line(&run, "Dec 31 00:00:00"), in_year(2025, 12, 31)); /* far, but nearest */
    for (int i = 0; i < FW_RUN_AGREE; i++)
        assert_int_equal(run_line(&run, "Jan  1 00:00:00"), in_year(2026, 1, 1));
    for (int i = 0; i < FW_RUN_AGREE; i++) /* where the arrival alone would be for 2025 */
        assert_int_equal(run_line(&run, "Apr 30 00:00:00"), in_year(2026, 4, 30));
    for (int i = 0; i < FW_RUN_AGREE; i++)
        assert_int_equal(run_line(&run, "Oct  1 00:00:00"), in_year(2026, 10, 1));
    for (int i = 0; i < FW_RUN_AGREE; i++)
        assert_int_equal(run_line(&run, "Dec 24 00:00:00"), in_year(2026, 12, 24));
}

static void devices_that_are_months_off_do_not_wind_the_years_up(void **state) {
    struct fw_years run = {.time = FW_TIME_NONE};
    (void)state;

    load("rule=threat:%user:word% x\n", ~UINT64_C(0));
    for (int i = 0; i < 100; i++) {
        assert_int_equal(run_line(&run, "Aug  1 00:00:00"), in_year(2026, 8, 1));
        (void)run_line(&run, "Dec  1 00:00:00");
        (void)run_line(&run, "Apr  1 00:00:00");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_time_of_a_line_that_says_it_itself, unload),
        cmocka_unit_test_teardown(fields_decide_what_a_flow_is, unload),
        cmocka_unit_test_teardown(what_cannot_be_is_refused, unload),
        cmocka_unit_test_teardown(a_line_with_a_nul_or_too_long_is_unparsed, unload),
        cmocka_unit_test_teardown(strings_last_until_the_next_line, unload),
        cmocka_unit_test_teardown(values_need_no_escaping, unload),
        cmocka_unit_test_teardown(numbers_may_come_as_json_numbers, unload),
        cmocka_unit_test_teardown(only_the_named_programs_are_believed, unload),
        cmocka_unit_test_teardown(annotations_say_what_the_line_does_not, unload),
        cmocka_unit_test_teardown(ports_orient_a_rule_that_asks_for_it, unload),
        cmocka_unit_test_teardown(a_rule_may_ignore_lines, unload),
        cmocka_unit_test_teardown(time_and_sensor_come_from_the_header_or_the_caller, unload),
        cmocka_unit_test_teardown(fields_nobody_needs_are_absent, unload),
        cmocka_unit_test_teardown(of_rules_that_become_alike_the_first_stays, unload),
        cmocka_unit_test_teardown(every_one_of_many_rules_is_known_by_its_line, unload),
        cmocka_unit_test_teardown(the_years_of_a_file_run_on, unload),
        cmocka_unit_test_teardown(devices_that_are_months_off_do_not_wind_the_years_up, unload),
        cmocka_unit_test_teardown(parsers_of_one_rulebase_do_not_share, unload),
    };

    return cmocka_run_group_tests_name("parser", tests, make_file, remove_file);
}
