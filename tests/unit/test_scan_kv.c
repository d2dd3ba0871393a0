/* test_scan_kv.c: the readers of pairs and columns, and what scanners do with values.
 *
 * Lines of devices are in rulebase/VENDOR/samples.tsv; here is what those cannot
 * show: tables, times, text that wants out of its value, lines that are cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parse/scan.h"
#include "parse/scan_csv.h"
#include "parse/scan_kv.h"
#include "parse/scan_word.h"

/* ---- tables ---- */

extern const struct fw_kv fw_kv_cef_keys, fw_kv_checkpoint, fw_kv_checkpoint_bars, fw_kv_checkpoint_old,
    fw_kv_checkpoint_semi, fw_kv_fortigate, fw_kv_ftd, fw_kv_junos, fw_kv_leef, fw_kv_meraki, fw_kv_sonicwall,
    fw_kv_sophos_utm, fw_kv_sophos_xg, fw_kv_watchguard, fw_kv_zyxel;

static void tables_are_sorted_and_every_key_is_found(void **state) {
    static const struct fw_kv *const tables[] = {
        &fw_kv_cef_keys,  &fw_kv_checkpoint, &fw_kv_checkpoint_bars, &fw_kv_checkpoint_old, &fw_kv_checkpoint_semi,
        &fw_kv_fortigate, &fw_kv_ftd,        &fw_kv_junos,           &fw_kv_leef,           &fw_kv_meraki,
        &fw_kv_sonicwall, &fw_kv_sophos_utm, &fw_kv_sophos_xg,       &fw_kv_watchguard,     &fw_kv_zyxel,
    };
    (void)state;

    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        const struct fw_kv *kv = tables[t];

        assert_true(kv->keys <= FW_KV_KEYS_MAX);
        for (size_t i = 0; i < kv->keys; i++) {
            struct fw_str value[FW_KV_KEYS_MAX] = {{NULL, 0}};
            char line[128];

            if (i > 0 && strcmp(kv->key[i - 1].key, kv->key[i].key) >= 0)
                fail_msg("\"%s\" must not stand before \"%s\"", kv->key[i - 1].key, kv->key[i].key);
            snprintf(line, sizeof line, "%s%c1", kv->key[i].key, kv->style.assign);
            assert_int_equal(fw_kv_split(kv, "|", line, line + strlen(line), value), FW_PARSE_EVENT);
            if (value[i].len != 1)
                fail_msg("\"%s\" is not found", kv->key[i].key);
        }
    }
}

/* ---- pairs ---- */

#define KEYS(X)                                                                                                        \
    X(a, "a", FIELD, app)                                                                                              \
    X(destination_a, "destination-a", FIELD, dst)                                                                      \
    X(destination_p, "destination-p", FIELD, dport)                                                                    \
    X(many, "many", FIRST, src)                                                                                        \
    X(nat, "nat", NAT, nat_src)                                                                                        \
    X(try, "try", TRY, status)
enum { KEYS(FW_KV_ENUM) K_COUNT };
static const struct fw_kv_key keys[] = {KEYS(FW_KV_ROW)};
static const struct fw_kv escaping = {keys, K_COUNT, {'=', "\"", true, false}};
static const struct fw_kv plain = {keys, K_COUNT, {'=', "\"'", false, false}};
static const struct fw_kv lax = {keys, K_COUNT, {':', "\"", true, true}};

typedef enum fw_parse_result (*reader)(const struct fw_kv *, const char *, const char *, struct fw_str *);

/* The values, "a|destination-a|many", or "refused". */
static const char *read_with(reader read, const struct fw_kv *kv, const char *line) {
    static char out[256];
    struct fw_str v[K_COUNT] = {{NULL, 0}};
    /* without a byte to spare, so that a sanitizer sees what is read behind the end */
    const size_t len = strlen(line);
    char *copy = malloc(len + 1);

    assert_non_null(copy);
    memcpy(copy, line, len + 1);
    if (read(kv, copy, copy + len, v) != FW_PARSE_EVENT)
        snprintf(out, sizeof out, "refused");
    else
        snprintf(out, sizeof out, "%.*s|%.*s|%.*s", (int)v[K_a].len, v[K_a].len ? v[K_a].p : "",
                 (int)v[K_destination_a].len, v[K_destination_a].len ? v[K_destination_a].p : "", (int)v[K_many].len,
                 v[K_many].len ? v[K_many].p : "");
    free(copy);
    return out;
}

#define WORDS(kv, line, expected) assert_string_equal(read_with(fw_kv_words, &(kv), line), expected)
#define CEF(line, expected)       assert_string_equal(read_with(fw_kv_cef, &plain, line), expected)

static void words_are_read_with_and_without_quotes(void **state) {
    (void)state;
    WORDS(escaping, "", "||");
    WORDS(escaping, "a=1", "1||");
    WORDS(escaping, "a=\"x y\" destination-a=2 unknown=3 destination-ab=4", "x y|2|");
    WORDS(escaping, "a=\"\" destination-a=N/A many=-", "||");
    WORDS(escaping, "x=1,a=2", "||"); /* the comma belongs to the value of x */
    WORDS(escaping, "x=1, a=2; many=3;", "2||3");
    WORDS(plain, "a='x \"y' destination-a=\"it's\"", "x \"y|it's|");
    WORDS(lax, "a:\"1\"; b::\"2\"; destination-a:\"3\"; ]", "1|3|");
    WORDS(lax, "a:\"1\"] many:\"2\"", "1||"); /* the bracket ends them */
}

static void text_stays_in_its_value(void **state) {
    (void)state;
    WORDS(escaping, "a=\"x\\\" destination-a=9 \\\\\" destination-a=1", "x\\\" destination-a=9 \\\\|1|");
    WORDS(escaping, "destination-a=1 a=\"x\" destination-a=9 y=\"\"", "refused"); /* it says two things */
    WORDS(escaping, "destination-a=1 a=\"x\" destination-a=1", "x|1|");
    WORDS(plain, "destination-a=1 a=\"x\"y\" many=1", "refused"); /* a quote too many */
    WORDS(plain, "destination-a=1 a=\"x\" many=\"1", "refused");
    WORDS(escaping, "many=1 many=2", "||1");
    WORDS(escaping, "a=1 stray many=2", "refused");
    WORDS(lax, "a:1 stray (0x0000) many:2", "1||2");
}

static void what_is_cut_is_left_out(void **state) {
    (void)state;
    WORDS(escaping, "a=1 many=\"2 and mor", "1||");
    WORDS(escaping, "a=1 many=\"2\\", "1||");
    WORDS(escaping, "a=1 man", "1||");
    WORDS(escaping, "a=1 many=", "1||");
}

static void cef_values_go_on_to_the_next_key(void **state) {
    (void)state;
    CEF("a=x y z many=2", "x y z||2");
    CEF("a=x destination-a\\=9 y many=2", "x destination-a\\=9 y||2");
    CEF("a=/p?q\\=1 b many=2", "/p?q\\=1 b||2");
    CEF("a=/p?q=1 many=2", "/p?q=1||2"); /* no key has a question mark: the value's own */
    CEF("a=1 destination-a=1 destination-a=2", "refused");
    CEF("a=1 ", "1||");
    CEF("", "||");
    CEF("no pair", "refused");
    CEF("=1", "refused");
    CEF("a=\\", "\\||");
}

static void columns_are_split_at_delimiters(void **state) {
    struct fw_str v[K_COUNT] = {{NULL, 0}};
    const char *line = "a=x y\tdestination-a=2\t\tmany=3";
    (void)state;

    assert_int_equal(fw_kv_split(&plain, "\t", line, line + strlen(line), v), FW_PARSE_EVENT);
    assert_int_equal(v[K_a].len, 3);
    assert_int_equal(v[K_many].len, 1);
    line = "a=x#011many=3";
    memset(v, 0, sizeof v);
    assert_int_equal(fw_kv_split(&plain, "#011", line, line + strlen(line), v), FW_PARSE_EVENT);
    assert_int_equal(v[K_a].len, 1);
    line = "a=x|stray";
    assert_int_equal(fw_kv_split(&plain, "|", line, line + strlen(line), v), FW_PARSE_REFUSED);
}

static void values_become_fields_as_the_table_says(void **state) {
    struct fw_str v[K_COUNT] = {[K_a] = {"ssl", 3}, [K_nat] = {"0.0.0.0", 7}, [K_try] = {"none", 4}};
    struct fw_event ev = {0};
    (void)state;

    assert_int_equal(fw_kv_put(&plain, v, &ev), FW_PARSE_EVENT);
    assert_true(ev.present == FW_BIT(app));
    v[K_nat] = (struct fw_str){"192.0.2.1", 9};
    v[K_try] = (struct fw_str){"200", 3};
    assert_int_equal(fw_kv_put(&plain, v, &ev), FW_PARSE_EVENT);
    assert_true(ev.present == (FW_BIT(app) | FW_BIT(nat_src) | FW_BIT(status)));
    v[K_destination_p] = (struct fw_str){"70000", 5};
    assert_int_equal(fw_kv_put(&plain, v, &ev), FW_PARSE_REFUSED);
}

/* ---- columns ---- */

static void csv_columns_may_be_quoted(void **state) {
    static const char line[] = "1,\"a,\"\"b\"\",c\",,N/A,-,last";
    struct fw_str c[8];
    (void)state;

    assert_int_equal(fw_csv_split(line, line + strlen(line), c, 8), 6);
    assert_int_equal(c[1].len, 9);
    assert_memory_equal(c[1].p, "a,\"\"b\"\",c", 9);
    assert_int_equal(c[2].len, 0);
    assert_int_equal(c[3].len, 0);
    assert_int_equal(c[4].len, 0);
    assert_memory_equal(c[5].p, "last", 4);
    assert_int_equal(fw_csv_split(line, line + strlen(line), c, 2), 2);
    assert_int_equal(fw_csv_split("1,\"cut", &"1,\"cut"[6], c, 8), 1);
    assert_int_equal(fw_csv_split("", "", c, 8), 1);
}

/* ---- values ---- */

static struct fw_str str(const char *text) {
    return (struct fw_str){text, (uint32_t)strlen(text)};
}

static void epochs_are_told_by_their_digits(void **state) {
    static const struct {
        const char *text;
        fw_time time;
    } cases[] = {
        {"1791792000", 1791792000000},          {"1791792000123", 1791792000123}, {"1791792000123456", 1791792000123},
        {"1791792000123456789", 1791792000123}, {"179179200", FW_TIME_NONE},      {"0000000000", FW_TIME_NONE},
        {"17917920001", FW_TIME_NONE},          {"1791792000.5", FW_TIME_NONE},   {"", FW_TIME_NONE},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_event ev = {.time = FW_TIME_NONE};
        const struct fw_str text = str(cases[i].text);

        assert_int_equal(fw_word_put_epoch(&ev, &text), cases[i].time != FW_TIME_NONE);
        assert_true(ev.time == cases[i].time);
    }
}

static void a_stamp_counts_when_its_zone_stands_beside_it(void **state) {
    static const struct {
        const char *date, *clock, *zone;
        fw_time time;
    } cases[] = {
        {"2026-10-12", "08:00:00", "+0000", 1791792000000},    {"2026-10-12", "10:00:00", "+0200", 1791792000000},
        {"2026-10-12", "04:30:00", "-03:30", 1791792000000},   {"2026-10-12", "08:00:00", "UTC", 1791792000000},
        {"2026-10-12", "10:00:00", "UTC+2:00", 1791792000000}, {"2026-10-12", "08:00:00", "Z", 1791792000000},
        {"2026-10-12", "08:00:00", "CEST", FW_TIME_NONE},      {"2026-10-12", "08:00:00", "", FW_TIME_NONE},
        {"2026-13-12", "08:00:00", "+0000", FW_TIME_NONE},     {"2026-10-12", "24:00:00", "+0000", FW_TIME_NONE},
        {"2026-10-12", "08:00:00", "+9900", FW_TIME_NONE},     {"12.10.2026", "08:00:00", "+0000", FW_TIME_NONE},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_event ev = {.time = FW_TIME_NONE};
        const struct fw_str date = str(cases[i].date), clock = str(cases[i].clock), zone = str(cases[i].zone);

        assert_int_equal(fw_word_put_time(&ev, &date, &clock, &zone), cases[i].time != FW_TIME_NONE);
        assert_true(ev.time == cases[i].time);
    }
}

static void severities_are_those_of_snort(void **state) {
    static const struct {
        const char *text;
        enum fw_severity_scale scale;
        uint32_t severity;
    } cases[] = {{"critical", FW_SEVERITY_OF_10, 1},
                 {"High", FW_SEVERITY_OF_5, 1},
                 {"medium", FW_SEVERITY_OF_4, 2},
                 {"LOW", FW_SEVERITY_PRIORITY, 3},
                 {"informational", 0, 4},
                 {"1", FW_SEVERITY_PRIORITY, 1},
                 {"7", FW_SEVERITY_PRIORITY, 7},
                 {"10", FW_SEVERITY_OF_10, 1},
                 {"7", FW_SEVERITY_OF_10, 1},
                 {"6", FW_SEVERITY_OF_10, 2},
                 {"3", FW_SEVERITY_OF_10, 3},
                 {"0", FW_SEVERITY_OF_10, 4},
                 {"5", FW_SEVERITY_OF_5, 1},
                 {"4", FW_SEVERITY_OF_5, 1},
                 {"3", FW_SEVERITY_OF_5, 2},
                 {"1", FW_SEVERITY_OF_5, 4},
                 {"4", FW_SEVERITY_OF_4, 1},
                 {"2", FW_SEVERITY_OF_4, 2},
                 {"1", FW_SEVERITY_OF_4, 3},
                 {"99999999999", FW_SEVERITY_OF_4, 1}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_event ev = {0};
        const struct fw_str text = str(cases[i].text);

        fw_word_put_severity(&ev, &text, cases[i].scale);
        assert_true(fw_event_has(&ev, FW_BIT(severity)));
        assert_int_equal(ev.severity, cases[i].severity);
    }
    struct fw_event ev = {0};

    fw_word_put_severity(&ev, &(struct fw_str){"odd", 3}, FW_SEVERITY_PRIORITY);
    assert_true(ev.present == 0);
}

static void a_host_is_cut_out_of_a_url(void **state) {
    static const struct {
        const char *url, *host;
    } cases[] = {{"https://www.example.com/a?b=//c", "www.example.com"},
                 {"www.example.com/", "www.example.com"},
                 {"www.example.com:443/", "www.example.com"},
                 {"www.example.com", "www.example.com"},
                 {"/path", ""},
                 {"http://user@www.example.com/", ""},
                 {"x?y=http://www.example.org/", "x"},
                 {"", ""}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_event ev = {0};
        const struct fw_str url = str(cases[i].url);

        fw_word_put_host(&ev, &url);
        assert_int_equal(ev.host.len, strlen(cases[i].host));
        if (ev.host.len != 0)
            assert_memory_equal(ev.host.p, cases[i].host, ev.host.len);
    }
}

/* ---- every scanner ---- */

/* Whatever the line, nothing is read beyond it (with a sanitizer: here is none to spare) and nothing is kept. */
static void no_scanner_reads_beyond_a_line_that_is_cut(void **state) {
    static const char *const lines[] = {
        "date=2026-10-12 type=\"traffic\" srcip=10.0.1.20 dstip=203.0.113.80 action=\"close\" sentpkt=1 rcvdpkt=2",
        "1,2026/10/12 08:00:00,0072,SYSTEM,auth,0,x,,auth-fail,o,0,0,general,high,\"failed for user 'x'. From: "
        "1.2.3.4.\"",
        "4,,,1,igb0,match,block,in,4,0x0,,63,4711,0,DF,6,tcp,60,192.0.2.66,198.51.100.1,47123,23,0,S,1,,64240,,mss",
        "CheckPoint 19710 - [action:\"Drop\"; product:\"VPN-1 & FireWall-1\"; src:\"192.0.2.66\"; "
        "dst:\"198.51.100.1\"; ]",
        "RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.129 source-address=\"192.0.2.66\" source-port=\"1\"]",
        "RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.0.1.20/5->203.0.113.80/443 https "
        "10.0.1.20/5->203.0.113.80/443 "
        "out None 6 a trust untrust 6316 12(1800) 15(20) 83",
        "id=fw sn=1 time=\"2026-10-12 08:00:00 UTC\" m=537 msg=\"Connection Closed\" src=10.0.1.20:1:X0 "
        "dst=203.0.113.80:2:X1",
        "CEF:0|V|P|1|2|traffic|3|src=192.0.2.66 dst=10.0.8.80 act=drop",
        "LEEF:2.0|V|P|1|drop|x7C|src=192.0.2.66|dst=10.0.8.80|cat=traffic",
        "DROP TCP 192.0.2.66 198.51.100.1 47123 23 48 S 4175551841 0 17520 - - - RECEIVE",
        "urls src=10.0.1.20:50123 dst=203.0.113.80:443 agent='x' request: GET https://www.example.com/",
        "DROP forward: in:ether1 out:bridge, proto TCP (SYN), 1.2.3.4:1->10.0.8.25:25, NAT (1.2.3.4:1->1.2.3.5:2)->x, "
        "len 64",
        "msg_id=\"3000-0148\" Deny 0-External Firebox 52 tcp 20 113 192.0.2.66 198.51.100.1 47123 23 offset 8 (x)",
        "src=\"192.0.2.66:47123\" dst=\"198.51.100.1:23\" msg=\"a, TCP, b\" note=\"ACCESS BLOCK\" cat=\"Firewall\"",
        "14Oct2026  8:00:00 accept 10.0.0.1 >eth1 product: VPN-1 & FireWall-1; src: 10.0.1.20; dst: 203.0.113.53;",
    };
    (void)state;

    for (size_t s = 0; s < fw_scan_count; s++) {
        const fw_scan_fn scan = fw_scan_find(fw_scan_names[s]);

        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
            for (size_t len = 0; len <= strlen(lines[i]); len++) {
                char *copy = malloc(len + 1);
                struct fw_event ev = {.time = FW_TIME_NONE};

                assert_non_null(copy);
                memcpy(copy, lines[i], len);
                copy[len] = '\0';
                assert_in_range(scan(copy, len, &ev), FW_PARSE_EVENT, FW_PARSE_REFUSED);
                free(copy);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_sorted_and_every_key_is_found),
        cmocka_unit_test(words_are_read_with_and_without_quotes),
        cmocka_unit_test(text_stays_in_its_value),
        cmocka_unit_test(what_is_cut_is_left_out),
        cmocka_unit_test(cef_values_go_on_to_the_next_key),
        cmocka_unit_test(columns_are_split_at_delimiters),
        cmocka_unit_test(values_become_fields_as_the_table_says),
        cmocka_unit_test(csv_columns_may_be_quoted),
        cmocka_unit_test(epochs_are_told_by_their_digits),
        cmocka_unit_test(a_stamp_counts_when_its_zone_stands_beside_it),
        cmocka_unit_test(severities_are_those_of_snort),
        cmocka_unit_test(a_host_is_cut_out_of_a_url),
        cmocka_unit_test(no_scanner_reads_beyond_a_line_that_is_cut),
    };

    return cmocka_run_group_tests_name("scan_kv", tests, NULL, NULL);
}
