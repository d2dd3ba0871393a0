/* test_netfilter.c: the scanner of packet lines, by the numbers of its rules, and the verdict of prefixes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "parse/event_json.h"
#include "parse/scan.h"
#include "parse/verdict.h"

#define ADDRS "SRC=192.0.2.1 DST=198.51.100.1 "
#define IP    "IN=eth0 OUT= " ADDRS "LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=1 "
#define TCP   "PROTO=TCP SPT=1024 DPT=80 WINDOW=512 RES=0x00 SYN URGP=0"

static char json[FW_EVENT_JSON_MAX];

/* In a block of exactly its size, so that a sanitizer sees one byte too far. */
static enum fw_parse_result scan_bytes(const char *text, size_t len, struct fw_event *ev) {
    char *content = malloc(len + 1);

    assert_non_null(content);
    memcpy(content, text, len);
    content[len] = '\0';
    memset(ev, 0, sizeof *ev);
    ev->time = FW_TIME_NONE;
    const enum fw_parse_result result = fw_scan_netfilter(content, len, ev);

    json[0] = '\0';
    if (result == FW_PARSE_EVENT)
        assert_true(fw_event_print(ev, false, json, sizeof json) > 0);
    free(content);
    return result;
}

static enum fw_parse_result scan(const char *text, struct fw_event *ev) {
    return scan_bytes(text, strlen(text), ev);
}

static void expect(enum fw_parse_result expected, const char *text) {
    struct fw_event ev;
    const enum fw_parse_result result = scan(text, &ev);

    if (result != expected)
        fail_msg("%s: %s", text, fw_parse_result_name(result));
}

static void expect_json(const char *text, const char *expected) {
    expect(FW_PARSE_EVENT, text);
    assert_string_equal(json, expected);
}

static void rule_1_the_packet_begins_where_in_and_out_stand_together(void **state) {
    (void)state;
    expect_json("IN= OUT= " ADDRS "PROTO=2",
                "{\"kind\":\"none\",\"src\":\"192.0.2.1\",\"dst\":\"198.51.100.1\",\"proto\":2}");
    expect_json("MAIN-IN IN=a   OUT=b  " ADDRS "PROTO=2",
                "{\"kind\":\"none\",\"src\":\"192.0.2.1\",\"dst\":\"198.51.100.1\",\"proto\":2,\"in_if\":\"a\","
                "\"out_if\":\"b\",\"prefix\":\"MAIN-IN\"}");
    expect(FW_PARSE_UNPARSED, "");
    expect(FW_PARSE_UNPARSED, "IN=");
    expect(FW_PARSE_UNPARSED, "IN=eth0 " ADDRS "PROTO=2");
    expect(FW_PARSE_UNPARSED, "OUT= IN=eth0 " ADDRS "PROTO=2");
    expect(FW_PARSE_UNPARSED, "IN=eth0 x OUT= " ADDRS "PROTO=2");
    expect(FW_PARSE_REFUSED, "IN=eth0 OUT= " ADDRS "IN=eth1 PROTO=2");
    expect(FW_PARSE_REFUSED, "IN=eth0 OUT= " ADDRS "OUT=eth1 PROTO=2");
}

static void rule_2_the_prefix_is_what_the_administrator_chose(void **state) {
    struct fw_event ev;
    char text[512];
    (void)state;

    expect_json("[ 3445.031964]  net2fw:DROP:" IP "PROTO=2",
                "{\"kind\":\"none\",\"src\":\"192.0.2.1\",\"dst\":\"198.51.100.1\",\"proto\":2,\"action\":\"deny\","
                "\"in_if\":\"eth0\",\"ttl\":64,\"ip_id\":1,\"length\":60,\"prefix\":\"net2fw:DROP:\"}");
    assert_int_equal(scan("[3445.031964] " IP "PROTO=2", &ev), FW_PARSE_EVENT);
    assert_false(ev.present & FW_BIT(prefix));
    assert_int_equal(scan("[3445] " IP "PROTO=2", &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.prefix.len, 6);
    expect(FW_PARSE_UNPARSED, "%ASA-5-304001: Accessed URL /" IP "PROTO=2");
    expect(FW_PARSE_UNPARSED, "url=/" IP "PROTO=2");
    memset(text, 'x', 180);
    strcpy(text + 180, IP "PROTO=2");
    expect(FW_PARSE_EVENT, text);
    memset(text, 'x', 200);
    strcpy(text + 200, IP "PROTO=2");
    expect(FW_PARSE_UNPARSED, text);
}

static void rule_3_three_keys_are_required_once_and_values_must_be_possible(void **state) {
    (void)state;
    expect(FW_PARSE_EVENT, IP TCP);
    expect(FW_PARSE_REFUSED, "IN=eth0 OUT= DST=198.51.100.1 PROTO=2");
    expect(FW_PARSE_REFUSED, "IN=eth0 OUT= SRC=192.0.2.1 PROTO=2");
    expect(FW_PARSE_REFUSED, IP);
    expect(FW_PARSE_REFUSED, IP "SRC=192.0.2.2 PROTO=2");
    expect(FW_PARSE_REFUSED, IP "DST=192.0.2.2 PROTO=2");
    expect(FW_PARSE_REFUSED, IP "PROTO=2 PROTO=3");
    expect(FW_PARSE_REFUSED, IP "TTL=3 PROTO=2");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=1 SPT=2 DPT=3 x");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=65536 DPT=3 x");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=1x DPT=3 x");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT= DPT=3 x");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=-1 DPT=3 x");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=99999999999999999999999 DPT=3 x");
    expect(FW_PARSE_REFUSED, IP "PROTO=256");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCPX SPT=1 DPT=3 x");
    expect(FW_PARSE_REFUSED, IP "PROTO=NAME");
    expect(FW_PARSE_REFUSED, IP "PROTO=");
    expect(FW_PARSE_REFUSED, "IN=eth0 OUT= SRC=300.0.2.1 DST=198.51.100.1 PROTO=2");
    expect(FW_PARSE_REFUSED, "IN=eth0 OUT= SRC= DST=198.51.100.1 PROTO=2");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=1 DPT=3 WINDOW=4294967296 SYN");
}

static void rule_4_brackets_are_skipped(void **state) {
    struct fw_event ev;
    (void)state;

    expect_json(IP "PROTO=ICMP TYPE=3 CODE=1 [SRC=10.0.0.1 DST=10.0.0.2 PROTO=TCP SPT=1 DPT=2 TYPE=9 ] MARK=0x1",
                "{\"kind\":\"none\",\"src\":\"192.0.2.1\",\"dst\":\"198.51.100.1\",\"proto\":1,\"icmp_type\":3,"
                "\"icmp_code\":1,\"in_if\":\"eth0\",\"ttl\":64,\"ip_id\":1,\"length\":60}");
    expect(FW_PARSE_EVENT, IP "PROTO=ICMP TYPE=3 CODE=1 [SRC=10.0.0.1 [SRC=10.0.0.3 ] ] x");
    expect(FW_PARSE_EVENT, IP "PROTO=ICMP TYPE=3 CODE=1 [SRC=10.0.0.1 DST=10"); /* cut */
    assert_int_equal(scan(IP "OPT (94040000) " TCP " OPT (0204 05B4) ", &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.dport, 80);
    expect(FW_PARSE_EVENT, IP TCP " OPT (0204");
}

static void rule_5_after_proto_length_and_id_are_the_transports(void **state) {
    struct fw_event ev;
    (void)state;

    assert_int_equal(scan(IP "PROTO=UDP SPT=1 DPT=2 LEN=40 ", &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.length, 60);
    assert_int_equal(scan(IP "PROTO=ICMP TYPE=8 CODE=0 ID=51318 SEQ=1", &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.ip_id, 1);
    assert_int_equal(scan("IN= OUT= SRC=::1 DST=::2 LEN=9 HOPLIMIT=7 PROTO=ICMPv6 TYPE=128 CODE=0 ID=5 SEQ=1", &ev),
                     FW_PARSE_EVENT);
    assert_false(ev.present & FW_BIT(ip_id));
    assert_int_equal(ev.ttl, 7);
    assert_int_equal(ev.proto, FW_PROTO_ICMP6);
}

static void rule_6_later_fragments_are_ignored(void **state) {
    (void)state;
    expect(FW_PARSE_IGNORED, IP "FRAG:185 PROTO=UDP");
    expect(FW_PARSE_IGNORED, IP "MF FRAG:185 PROTO=UDP ");
    expect(FW_PARSE_EVENT, IP "FRAG:0 ID:00001234 " TCP);
    expect(FW_PARSE_EVENT, IP TCP " FRAGMENT");
}

static void rule_7_a_line_that_ends_at_its_port_was_cut(void **state) {
    (void)state;
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=1024 DPT=80");
    expect(FW_PARSE_REFUSED, IP "PROTO=TCP SPT=1024 DPT=");
    expect(FW_PARSE_EVENT, IP "PROTO=TCP SPT=1024 DPT=80 ");
}

static void flags_are_told_when_they_are_printed(void **state) {
    struct fw_event ev;
    (void)state;

    assert_int_equal(scan(IP "PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 CWR ECE URG ACK PSH RST SYN FIN URGP=0", &ev),
                     FW_PARSE_EVENT);
    assert_int_equal(ev.tcp_flags, 255);
    assert_int_equal(scan(IP "PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 URGP=0", &ev), FW_PARSE_EVENT);
    assert_true(fw_event_has(&ev, FW_BIT(tcp_flags)));
    assert_int_equal(ev.tcp_flags, 0);
    assert_int_equal(scan(IP "PROTO=TCP SPT=1 DPT=2 SEQ=1 ACK=2 SYN", &ev), FW_PARSE_EVENT);
    assert_int_equal(ev.tcp_flags, FW_TCP_SYN);
    assert_int_equal(scan(IP "PROTO=TCP SPT=1 DPT=2 x", &ev), FW_PARSE_EVENT);
    assert_false(ev.present & FW_BIT(tcp_flags));
    assert_int_equal(scan(IP "PROTO=UDP SPT=1 DPT=2 SYN", &ev), FW_PARSE_EVENT);
    assert_false(ev.present & FW_BIT(tcp_flags));
}

static void protocols_have_the_kernels_names(void **state) {
    static const struct {
        const char *name;
        uint8_t number;
    } names[] = {{"TCP", 6},  {"UDP", 17}, {"UDPLITE", 136}, {"ICMP", 1}, {"ICMPv6", 58},
                 {"ESP", 50}, {"AH", 51},  {"SCTP", 132},    {"0", 0},    {"255", 255}};
    struct fw_event ev;
    char text[256];
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (int more = 0; more < 2; more++) {
            snprintf(text, sizeof text, IP "PROTO=%s%s", names[i].name, more ? " SPI=0x1" : "");
            assert_int_equal(scan(text, &ev), FW_PARSE_EVENT);
            assert_int_equal(ev.proto, names[i].number);
        }
    }
    expect(FW_PARSE_EVENT, IP "PROTO=AH INCOMPLETE [0 bytes] ");
}

static void a_line_may_end_anywhere(void **state) {
    static const char text[] = "[ 3445.031964] [UFW BLOCK] IN=eth0 OUT=eth1 PHYSIN=a MAC=00:00:5e:00:53:01 "
                               "SRC=2001:db8::1 DST=2001:db8::2 LEN=80 TC=0 HOPLIMIT=64 FLOWLBL=0 OPT ( ) PROTO=TCP "
                               "SPT=46395 DPT=80 WINDOW=5760 RES=0x00 CWR ECE SYN URGP=0 OPT (020405B4) [SRC=::1 ] ";
    struct fw_event ev;
    (void)state;

    for (size_t len = 0; len < sizeof text; len++)
        (void)scan_bytes(text, len, &ev);
    assert_int_equal(scan(text, &ev), FW_PARSE_EVENT);
}

static void the_last_word_of_a_prefix_is_the_verdict(void **state) {
    static const struct {
        const char *prefix;
        int verdict;
    } cases[] = {
        {"", 0},
        {"DROP ", FW_ACTION_DENY},
        {"drop", FW_ACTION_DENY},
        {"[UFW BLOCK]", FW_ACTION_DENY},
        {"[UFW LIMIT BLOCK]", FW_ACTION_DENY},
        {"[UFW ALLOW]", FW_ACTION_ALLOW},
        {"[UFW AUDIT]", 0},
        {"Shorewall:net2fw:REJECT:", FW_ACTION_DENY},
        {"FINAL_REJECT: ", FW_ACTION_DENY},
        {"filter_IN_public_DENY: ", FW_ACTION_DENY},
        {"dropped by firewall (OUTPUT)", FW_ACTION_DENY},
        {"ACCEPT then drop", FW_ACTION_DENY},
        {"drop none, ACCEPT", FW_ACTION_ALLOW},
        {"Passed:", FW_ACTION_ALLOW},
        {"permit", FW_ACTION_ALLOW},
        {"DPT", 0},
        {"DROPLET", 0},
        {"raindrop", 0},
        {"DROP7", FW_ACTION_DENY},
        {"[WAN_LOCAL-default-D]", FW_ACTION_DENY},
        {"[LAN_IN-2001-A]", FW_ACTION_ALLOW},
        {"[GUEST-3001-R]", FW_ACTION_DENY},
        {"-X]", 0},
        {"A]", 0},
        {"REJECTEDLY", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (fw_verdict(cases[i].prefix, strlen(cases[i].prefix)) != cases[i].verdict)
            fail_msg("\"%s\"", cases[i].prefix);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_1_the_packet_begins_where_in_and_out_stand_together),
        cmocka_unit_test(rule_2_the_prefix_is_what_the_administrator_chose),
        cmocka_unit_test(rule_3_three_keys_are_required_once_and_values_must_be_possible),
        cmocka_unit_test(rule_4_brackets_are_skipped),
        cmocka_unit_test(rule_5_after_proto_length_and_id_are_the_transports),
        cmocka_unit_test(rule_6_later_fragments_are_ignored),
        cmocka_unit_test(rule_7_a_line_that_ends_at_its_port_was_cut),
        cmocka_unit_test(flags_are_told_when_they_are_printed),
        cmocka_unit_test(protocols_have_the_kernels_names),
        cmocka_unit_test(a_line_may_end_anywhere),
        cmocka_unit_test(the_last_word_of_a_prefix_is_the_verdict),
    };

    return cmocka_run_group_tests_name("netfilter", tests, NULL, NULL);
}
