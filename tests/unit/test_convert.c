/* test_convert.c: texts to values, the order of two ends, and values to JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/json.h"
#include "parse/convert.h"
#include "parse/event_json.h"

struct pair {
    const char *text;
    uint64_t value;
};

static int convert(struct fw_event *ev, enum fw_field field, const char *text) {
    memset(ev, 0, sizeof *ev);
    return fw_convert(ev, field, text, strlen(text));
}

static uint64_t value_of(const struct fw_event *ev, enum fw_field field) {
    const void *member = (const char *)ev + fw_field_table[field].offset;

    switch (fw_field_table[field].type) {
    case FW_TYPE_PORT:
        return *(const uint16_t *)member;
    case FW_TYPE_U32:
        return *(const uint32_t *)member;
    case FW_TYPE_U64:
    case FW_TYPE_MS:
        return *(const uint64_t *)member;
    default:
        return *(const uint8_t *)member;
    }
}

static void expect_values(enum fw_field field, const struct pair *pairs, size_t n) {
    struct fw_event ev;

    for (size_t i = 0; i < n; i++) {
        if (convert(&ev, field, pairs[i].text) != 0)
            fail_msg("%s: \"%s\" is refused", fw_field_table[field].name, pairs[i].text);
        assert_true(ev.present == UINT64_C(1) << field);
        if (value_of(&ev, field) != pairs[i].value)
            fail_msg("%s: \"%s\" is %llu", fw_field_table[field].name, pairs[i].text,
                     (unsigned long long)value_of(&ev, field));
    }
}

static void expect_refused(enum fw_field field, const char *const *texts, size_t n) {
    struct fw_event ev;

    for (size_t i = 0; i < n; i++) {
        if (convert(&ev, field, texts[i]) == 0)
            fail_msg("%s: \"%s\" is taken", fw_field_table[field].name, texts[i]);
        assert_true(ev.present == 0);
    }
}

#define VALUES(field, ...)                                                                                             \
    do {                                                                                                               \
        static const struct pair pairs_[] = {__VA_ARGS__};                                                             \
        expect_values(FW_F_##field, pairs_, sizeof pairs_ / sizeof *pairs_);                                           \
    } while (0)
#define REFUSED(field, ...)                                                                                            \
    do {                                                                                                               \
        static const char *const texts_[] = {__VA_ARGS__};                                                             \
        expect_refused(FW_F_##field, texts_, sizeof texts_ / sizeof *texts_);                                          \
    } while (0)

static void ports_are_numbers_or_cisco_names(void **state) {
    (void)state;
    VALUES(dport, {"0", 0}, {"65535", 65535}, {" 80 ", 80}, {"00080", 80});
    REFUSED(dport, "65536", "70000", "-1", "", "8o", "no-such-service", "80 81", "99999999999999999999999");
}

/* Looking each one up shows that the table is sorted. */
static void every_service_name_is_found(void **state) {
    (void)state;
    VALUES(dport, {"aol", 5190}, {"bgp", 179}, {"biff", 512}, {"bootpc", 68}, {"bootps", 67}, {"chargen", 19},
           {"cifs", 3020}, {"citrix-ica", 1494}, {"cmd", 514}, {"ctiqbe", 2748}, {"daytime", 13}, {"discard", 9},
           {"dnsix", 195}, {"domain", 53}, {"echo", 7}, {"exec", 512}, {"finger", 79}, {"ftp", 21}, {"ftp-data", 20},
           {"gopher", 70}, {"h323", 1720}, {"hostname", 101}, {"http", 80}, {"https", 443}, {"ident", 113},
           {"imap4", 143}, {"irc", 194}, {"isakmp", 500}, {"kerberos", 88}, {"klogin", 543}, {"kshell", 544},
           {"ldap", 389}, {"ldaps", 636}, {"login", 513}, {"lotusnotes", 1352}, {"lpd", 515}, {"mobile-ip", 434},
           {"nameserver", 42}, {"netbios-dgm", 138}, {"netbios-ns", 137}, {"netbios-ssn", 139}, {"nfs", 2049},
           {"nntp", 119}, {"ntp", 123}, {"pcanywhere-data", 5631}, {"pcanywhere-status", 5632}, {"pim-auto-rp", 496},
           {"pop2", 109}, {"pop3", 110}, {"pptp", 1723}, {"radius", 1645}, {"radius-acct", 1646}, {"rip", 520},
           {"rpc", 111}, {"rsh", 514}, {"rtsp", 554}, {"secureid-udp", 5510}, {"sip", 5060}, {"smtp", 25},
           {"snmp", 161}, {"snmptrap", 162}, {"sqlnet", 1521}, {"ssh", 22}, {"SSH", 22}, {"sunrpc", 111},
           {"syslog", 514}, {"tacacs", 49}, {"talk", 517}, {"telnet", 23}, {"tftp", 69}, {"time", 37}, {"uucp", 540},
           {"vxlan", 4789}, {"who", 513}, {"whois", 43}, {"www", 80}, {"xdmcp", 177});
    REFUSED(dport, "ss", "sshd", "ftp-");
}

static void protocols_are_numbers_or_names(void **state) {
    (void)state;
    VALUES(proto, {"6", 6}, {"255", 255}, {"ah", 51}, {"egp", 8}, {"EIGRP", 88}, {"ESP", 50}, {"gre", 47}, {"ICMP", 1},
           {"icmp6", 58}, {"ICMPv6", 58}, {"igmp", 2}, {"igp", 9}, {"igrp", 9}, {"ip", 0}, {"ipcomp", 108},
           {"ipencap", 4}, {"ipinip", 4}, {"ipip", 4}, {"ipv6", 41}, {"ipv6-icmp", 58}, {"l2tp", 115}, {"nos", 94},
           {"ospf", 89}, {"pcp", 108}, {"pim", 103}, {"pptp", 47}, {"sctp", 132}, {"snp", 109}, {"tcp", 6}, {"Udp", 17},
           {"udplite", 136}, {"vrrp", 112});
    REFUSED(proto, "256", "", "tcpx", "tc", "any");
}

static void durations_come_in_several_forms(void **state) {
    (void)state;
    VALUES(duration, {"0", 0}, {"90", 90000}, {"1.5", 1500}, {"0.0009", 0}, {"0:01:23", 83000}, {"12:05:00", 43500000},
           {"26:15:03", 94503000}, {"15:03", 903000}, {"1d2h", 93600000}, {"3d04h15m20s", 274520000}, {"250ms", 250},
           {"1h:10m:12s", 4212000}, {"2m", 120000});
    REFUSED(duration, "", "x", "0:01:60", "0:60:00", "0:1:23", "1:2:3:4", ":01:02", "0:01:", "1d2", "1.", "-5", "5 s",
            "1.5s", "1234567890123", "9999999999:00:00",
            "999999999d999999999d999999999d999999999d999999999d999999999d999999999d999999999d999999999d999999999d"
            "999999999d999999999d999999999d999999999d999999999d999999999d");
}

static void actions_and_outcomes_are_words(void **state) {
    (void)state;
    VALUES(action, {"accept", 1}, {"Accepted", 1}, {"ALLOW", 1}, {"allowed", 1}, {"built", 1}, {"close", 1},
           {"est-allowed", 1}, {"pass", 1}, {"passed", 1}, {"Permit", 1}, {"permitted", 1}, {"teardown", 1},
           {"Tunnel", 1}, {"block", 2}, {"blocked", 2}, {"denied", 2}, {"Deny", 2}, {"discard", 2}, {"discarded", 2},
           {"drop", 2}, {"dropped", 2}, {"refuse", 2}, {"refused", 2}, {"reject", 2}, {"rejected", 2}, {"reset", 2});
    REFUSED(action, "", "maybe", "den");
    VALUES(outcome, {"accept", 1}, {"accepted", 1}, {"ok", 1}, {"succeeded", 1}, {"Success", 1}, {"successful", 1},
           {"denied", 2}, {"fail", 2}, {"failed", 2}, {"failure", 2}, {"reject", 2}, {"rejected", 2});
    REFUSED(outcome, "", "perhaps");
}

static void flags_are_words_or_letters(void **state) {
    (void)state;
    VALUES(tcp_flags, {"SYN", FW_TCP_SYN}, {"SYN ACK", FW_TCP_SYN | FW_TCP_ACK}, {"fin,psh", FW_TCP_FIN | FW_TCP_PSH},
           {"none", 0}, {"S", FW_TCP_SYN}, {"SA", FW_TCP_SYN | FW_TCP_ACK}, {"S.", FW_TCP_SYN | FW_TCP_ACK},
           {"FPU", FW_TCP_FIN | FW_TCP_PSH | FW_TCP_URG}, {"FSRPAUEW", 255}, {"CWR ECE SYN  ", 0xc2}, {"push", 8});
    REFUSED(tcp_flags, "", "tcp_flags", "SYN MAYBE", "0x02");
}

static void numbers_have_their_limits(void **state) {
    (void)state;
    VALUES(ttl, {"0", 0}, {"255", 255});
    REFUSED(ttl, "256", "", " ", "1x", "+1");
    VALUES(length, {"4294967295", UINT32_MAX});
    REFUSED(length, "4294967296");
    VALUES(bytes, {"18446744073709551615", UINT64_MAX});
    REFUSED(bytes, "18446744073709551616", "99999999999999999999", "100000000000000000000");
}

static void addresses_are_addresses(void **state) {
    struct fw_event ev;
    char text[FW_ADDR_TEXT_MAX];

    (void)state;
    assert_int_equal(convert(&ev, FW_F_src, " 192.0.2.1 "), 0);
    fw_addr_format(&ev.src, text);
    assert_string_equal(text, "192.0.2.1");
    assert_int_equal(convert(&ev, FW_F_dst, "2001:db8::1"), 0);
    REFUSED(src, "999.1.1.1", "server.example", "", "192.0.2", "x.x.x.x", "192.0.2.1/24");
}

static void strings_are_borrowed_and_empty_is_absent(void **state) {
    static const char text[] = "  outside ";
    struct fw_event ev;

    (void)state;
    assert_int_equal(convert(&ev, FW_F_in_if, text), 0);
    assert_true(ev.in_if.p == text + 2 && ev.in_if.len == 7);
    assert_int_equal(convert(&ev, FW_F_in_if, "  "), 0);
    assert_true(ev.present == 0);
}

static void copy_takes_only_what_is_there(void **state) {
    struct fw_event from = {.present = FW_BIT(proto) | FW_BIT(vendor), .proto = 6, .vendor = {"x", 1}, .ttl = 9};
    struct fw_event to = {0};

    (void)state;
    fw_convert_copy(&to, &from, FW_BIT(proto) | FW_BIT(vendor) | FW_BIT(ttl));
    assert_true(to.present == (FW_BIT(proto) | FW_BIT(vendor)));
    assert_int_equal(to.proto, 6);
    assert_int_equal(to.vendor.len, 1);
    assert_int_equal(to.ttl, 0);
}

static void the_service_port_tells_the_destination(void **state) {
    static const struct {
        uint16_t first, second;
        bool exchanged;
    } cases[] = {
        {443, 50123, true},  {50123, 443, false}, {53, 53, false},      {500, 80, false},    {1023, 1024, true},
        {1024, 1023, false}, {8080, 40000, true}, {40000, 8080, false}, {3000, 2000, false}, {40000, 50000, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_event ev = {.present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(in_if) |
                                         FW_BIT(sent) | FW_BIT(nat_src),
                              .sport = cases[i].first,
                              .dport = cases[i].second,
                              .in_if = {"a", 1},
                              .sent = 7};

        ev.src.b[15] = 1;
        ev.dst.b[15] = 2;
        ev.nat_src.b[15] = 3;
        fw_convert_orient(&ev);
        assert_int_equal(ev.src.b[15], cases[i].exchanged ? 2 : 1);
        assert_int_equal(ev.dst.b[15], cases[i].exchanged ? 1 : 2);
        assert_int_equal(ev.sport, cases[i].exchanged ? cases[i].second : cases[i].first);
        assert_true(fw_event_has(&ev, cases[i].exchanged ? FW_BIT(out_if) | FW_BIT(rcvd) | FW_BIT(nat_dst)
                                                         : FW_BIT(in_if) | FW_BIT(sent) | FW_BIT(nat_src)));
        assert_false(ev.present & (cases[i].exchanged ? FW_BIT(in_if) | FW_BIT(sent) | FW_BIT(nat_src)
                                                      : FW_BIT(out_if) | FW_BIT(rcvd) | FW_BIT(nat_dst)));
    }
}

static void without_ports_the_order_stays(void **state) {
    struct fw_event ev = {.present = FW_BIT(src) | FW_BIT(dst)};

    (void)state;
    ev.src.b[15] = 1;
    fw_convert_orient(&ev);
    assert_int_equal(ev.src.b[15], 1);
}

static struct fw_event an_event(void) {
    struct fw_event ev = {.kind = FW_KIND_FLOW_END, .time = 1791792000000};
    static const struct {
        enum fw_field field;
        const char *text;
    } fields[] = {
        {FW_F_src, "10.1.2.3"},
        {FW_F_dst, "2001:db8::1"},
        {FW_F_dport, "443"},
        {FW_F_proto, "tcp"},
        {FW_F_action, "deny"},
        {FW_F_duration, "1.5"},
        {FW_F_bytes, "18446744073709551615"},
        {FW_F_tcp_flags, "SA"},
        {FW_F_session, "7"},
        {FW_F_user, "a\"b\\c\n\xff"},
        {FW_F_outcome, "failed"},
        {FW_F_sensor, "fw1"},
    };

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_int_equal(fw_convert(&ev, fields[i].field, fields[i].text, strlen(fields[i].text)), 0);
    return ev;
}

static void an_event_prints_with_short_names(void **state) {
    const struct fw_event ev = an_event();
    char json[1024];

    (void)state;
    const size_t len = fw_event_print(&ev, false, json, sizeof json);

    assert_int_equal(len, strlen(json));
    assert_string_equal(json, "{\"time\":\"2026-10-12T08:00:00.000Z\",\"kind\":\"flow_end\",\"src\":\"10.1.2.3\","
                              "\"dst\":\"2001:db8::1\",\"dport\":443,\"proto\":6,\"action\":\"deny\",\"duration\":1500,"
                              "\"bytes\":18446744073709551615,\"session\":\"7\",\"tcp_flags\":\"SYN ACK\","
                              "\"user\":\"a\\\"b\\\\c\\n\xef\xbf\xbd\",\"outcome\":\"failure\",\"sensor\":\"fw1\"}");
}

static void an_event_prints_with_ecs_names(void **state) {
    const struct fw_event ev = an_event();
    char json[1024];

    (void)state;
    const size_t len = fw_event_print(&ev, true, json, sizeof json);

    assert_int_equal(len, strlen(json));
    assert_string_equal(
        json, "{\"@timestamp\":\"2026-10-12T08:00:00.000Z\",\"firewatch\":{\"kind\":\"flow_end\",\"session\":\"7\","
              "\"tcp\":{\"flags\":\"SYN ACK\"}},\"source\":{\"ip\":\"10.1.2.3\"},\"destination\":{\"ip\":"
              "\"2001:db8::1\",\"port\":443},\"network\":{\"iana_number\":6,\"bytes\":18446744073709551615},"
              "\"event\":{\"action\":\"deny\",\"duration\":1500000000,\"outcome\":\"failure\"},"
              "\"user\":{\"name\":\"a\\\"b\\\\c\\n\xef\xbf\xbd\"},\"observer\":{\"name\":\"fw1\"}}");
}

static void a_buffer_too_small_prints_nothing(void **state) {
    const struct fw_event ev = an_event();
    char json[1024];
    const size_t whole = fw_event_print(&ev, false, json, sizeof json);

    (void)state;
    for (size_t size = 0; size <= whole; size++)
        assert_int_equal(fw_event_print(&ev, false, json, size), 0);
    assert_int_equal(fw_event_print(&ev, false, json, whole + 1), whole);
}

/* A field has one place in ECS: no name is another one's path. */
static void no_ecs_name_is_a_part_of_another(void **state) {
    (void)state;
    for (int i = 0; i < FW_FIELDS; i++) {
        for (int j = 0; j < FW_FIELDS; j++) {
            const char *a = fw_field_table[i].ecs, *b = fw_field_table[j].ecs;

            if (i != j && strncmp(a, b, strlen(a)) == 0 && (b[strlen(a)] == '.' || b[strlen(a)] == '\0'))
                fail_msg("%s is a part of %s", a, b);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_are_numbers_or_cisco_names),
        cmocka_unit_test(every_service_name_is_found),
        cmocka_unit_test(protocols_are_numbers_or_names),
        cmocka_unit_test(durations_come_in_several_forms),
        cmocka_unit_test(actions_and_outcomes_are_words),
        cmocka_unit_test(flags_are_words_or_letters),
        cmocka_unit_test(numbers_have_their_limits),
        cmocka_unit_test(addresses_are_addresses),
        cmocka_unit_test(strings_are_borrowed_and_empty_is_absent),
        cmocka_unit_test(copy_takes_only_what_is_there),
        cmocka_unit_test(the_service_port_tells_the_destination),
        cmocka_unit_test(without_ports_the_order_stays),
        cmocka_unit_test(an_event_prints_with_short_names),
        cmocka_unit_test(an_event_prints_with_ecs_names),
        cmocka_unit_test(a_buffer_too_small_prints_nothing),
        cmocka_unit_test(no_ecs_name_is_a_part_of_another),
    };

    return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
