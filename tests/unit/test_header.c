/* test_header.c: where the parts of a line are, and what time it tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "core/json.h"
#include "parse/header.h"

#define REFERENCE "2026-10-12T09:00:00.000Z"

struct expected {
    const char *line;
    int pri;
    const char *time; /* NULL: none */
    bool zoned;
    const char *host, *tag, *content;
};

static fw_time time_of(const char *text) {
    int year, month, day, hour, minute, second, ms;

    assert_int_equal(sscanf(text, "%d-%d-%dT%d:%d:%d.%dZ", &year, &month, &day, &hour, &minute, &second, &ms), 7);
    return fw_time_days(year, (unsigned)month, (unsigned)day) * 24 * FW_HOUR + hour * FW_HOUR + minute * FW_MINUTE +
           second * FW_SECOND + ms;
}

static void zone(const char *name) {
    setenv("TZ", name, 1);
    tzset();
}

static bool same(const struct fw_str *str, const char *text) {
    return str->len == strlen(text) && (str->len == 0 || memcmp(str->p, text, str->len) == 0);
}

static void check(struct fw_header_reader *reader, const struct expected *e) {
    struct fw_header h;
    char time[FW_TIME_TEXT] = "none";

    fw_header_read(reader, e->line, strlen(e->line), &h);
    if (h.time != FW_TIME_NONE)
        fw_time_format(h.time, time);
    if (h.pri != e->pri || strcmp(time, e->time != NULL ? e->time : "none") != 0 || h.zoned != e->zoned ||
        !same(&h.host, e->host) || !same(&h.tag, e->tag) || strcmp(h.content, e->content) != 0 ||
        h.content_len != strlen(e->content))
        fail_msg("%s\n  pri %d time %s zoned %d host \"%.*s\" tag \"%.*s\" content \"%s\"", e->line, h.pri, time,
                 h.zoned, (int)h.host.len, h.host.p, (int)h.tag.len, h.tag.p, h.content);
}

static void check_all(const char *tz, const struct expected *e, size_t n) {
    struct fw_header_reader reader = {.reference = time_of(REFERENCE)};

    zone(tz);
    for (size_t i = 0; i < n; i++)
        check(&reader, &e[i]);
}
#define CHECK_ALL(tz, table) check_all(tz, table, sizeof(table) / sizeof *(table))

static void rfc3164_is_read_as_local_time(void **state) {
    static const struct expected lines[] = {
        {"<4>Oct 12 08:00:00 gw kernel: [1.2] DROP", 4, "2026-10-12T06:00:00.000Z", false, "gw", "kernel",
         "[1.2] DROP"},
        {"Oct  2 08:00:00 gw sshd[4711]: hello", -1, "2026-10-02T06:00:00.000Z", false, "gw", "sshd", "hello"},
        {"Oct 2 8:00:00 gw x: y", -1, "2026-10-02T06:00:00.000Z", false, "gw", "x", "y"},
        {"<134> Oct 12 08:00:00 gw x: y", 134, "2026-10-12T06:00:00.000Z", false, "gw", "x", "y"},
        {"Oct 12 08:00:00.250 gw x: y", -1, "2026-10-12T06:00:00.250Z", false, "gw", "x", "y"},
        {"Oct 12 08:00:00.1234567891 gw x: y", -1, NULL, false, "", "", "Oct 12 08:00:00.1234567891 gw x: y"},
        {"Jan 12 08:00:00 gw x: y", -1, "2026-01-12T07:00:00.000Z", false, "gw", "x", "y"},
        {"oct 12 08:00:00 gw x: y", -1, "2026-10-12T06:00:00.000Z", false, "gw", "x", "y"},
        {"Oct 12 2025 08:00:00 gw x: y", -1, "2025-10-12T06:00:00.000Z", false, "gw", "x", "y"},
        {"Oct 12 08:00:00 2025 gw x: y", -1, "2025-10-12T06:00:00.000Z", false, "gw", "x", "y"},
        {"Oct 12 08:00:00 UTC gw x: y", -1, "2026-10-12T08:00:00.000Z", true, "gw", "x", "y"},
        {"Oct 12 2025 08:00:00 GMT gw x: y", -1, "2025-10-12T08:00:00.000Z", true, "gw", "x", "y"},
        {"Oct 12 08:00:00 [10.0.0.1] x: y", -1, "2026-10-12T06:00:00.000Z", false, "[10.0.0.1]", "x", "y"},
        {"Oct 12 08:00:00 2001:db8::1 x: y", -1, "2026-10-12T06:00:00.000Z", false, "2001:db8::1", "x", "y"},
        {"Oct 12 08:00:00 kernel: y", -1, "2026-10-12T06:00:00.000Z", false, "", "kernel", "y"},
        {"Oct 12 08:00:00 gw", -1, "2026-10-12T06:00:00.000Z", false, "gw", "", ""},
        {"Oct 12 08:00:00", -1, "2026-10-12T06:00:00.000Z", false, "", "", ""},
    };
    (void)state;

    CHECK_ALL("Europe/Berlin", lines);
}

static void what_is_no_stamp_is_content(void **state) {
    static const struct expected lines[] = {
        {"", -1, NULL, false, "", "", ""},
        {"<4>", 4, NULL, false, "", "", ""},
        {"<192>x", -1, NULL, false, "", "", "<192>x"},
        {"<>x", -1, NULL, false, "", "", "<>x"},
        {"<0001>x", -1, NULL, false, "", "", "<0001>x"},
        {"Oct 32 08:00:00 gw x: y", -1, NULL, false, "", "", "Oct 32 08:00:00 gw x: y"},
        {"Feb 30 08:00:00 gw x: y", -1, NULL, false, "", "", "Feb 30 08:00:00 gw x: y"},
        {"Oct 12 24:00:00 gw x: y", -1, NULL, false, "", "", "Oct 12 24:00:00 gw x: y"},
        {"Oct 12 08:60:00 gw x: y", -1, NULL, false, "", "", "Oct 12 08:60:00 gw x: y"},
        {"Okt 12 08:00:00 gw x: y", -1, NULL, false, "", "", "Okt 12 08:00:00 gw x: y"},
        {"<4>kernel: [1.2] DROP", 4, NULL, false, "", "kernel", "[1.2] DROP"},
        {"\xff\xe4\xff 12 08:00:00 gw x: y", -1, NULL, false, "", "", "\xff\xe4\xff 12 08:00:00 gw x: y"},
        {"kernel:[1.2] DROP", -1, NULL, false, "", "kernel", "[1.2] DROP"},
        {"IN=eth0 OUT= SRC=192.0.2.1", -1, NULL, false, "", "", "IN=eth0 OUT= SRC=192.0.2.1"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void iso_stamps_and_epochs_carry_their_zone(void **state) {
    static const struct expected lines[] = {
        {"2026-10-12T08:00:00Z gw x: y", -1, "2026-10-12T08:00:00.000Z", true, "gw", "x", "y"},
        {"2026-10-12T08:00:00.123456ZZ gw x: y", -1, "2026-10-12T08:00:00.123Z", true, "gw", "x", "y"},
        {"<4>2026-10-12T08:00:00.5+02:00 gw x: y", 4, "2026-10-12T06:00:00.500Z", true, "gw", "x", "y"},
        {"2026-10-12T08:00:00-0330 gw x: y", -1, "2026-10-12T11:30:00.000Z", true, "gw", "x", "y"},
        {"2026-10-12T08:00:00+02 gw x: y", -1, "2026-10-12T06:00:00.000Z", true, "gw", "x", "y"},
        {"2026-10-12 08:00:00 gw x: y", -1, "2026-10-12T06:00:00.000Z", false, "gw", "x", "y"},
        {"1374543986.038687615 MX84 flows src", -1, "2013-07-23T01:46:26.038Z", true, "MX84", "", "flows src"},
        {"2026-02-29T08:00:00Z gw x: y", -1, NULL, false, "", "", "2026-02-29T08:00:00Z gw x: y"},
        {"2026-10-12T08:00:00+15:00 gw x: y", -1, NULL, false, "", "", "2026-10-12T08:00:00+15:00 gw x: y"},
    };
    (void)state;

    CHECK_ALL("Europe/Berlin", lines);
}

static void rfc5424_is_read_and_its_data_skipped(void **state) {
    static const struct expected lines[] = {
        {"<165>1 2026-10-12T08:00:00.123+02:00 gw kernel - - - DROP IN=", 165, "2026-10-12T06:00:00.123Z", true, "gw",
         "kernel", "DROP IN="},
        {"<165>1 2026-10-12T08:00:00Z gw kernel 12 ID7 [a b=\"c\\\"] [\"][d] text", 165, "2026-10-12T08:00:00.000Z",
         true, "gw", "kernel", "text"},
        {"<165>1 - - - - - -", 165, NULL, false, "", "", ""},
        {"<165>1 - - - - - - \xef\xbb\xbftext", 165, NULL, false, "", "", "text"},
        {"<165>1 - - - - - [broken text", 165, NULL, false, "", "", "1 - - - - - [broken text"},
        {"<165>1 - gw x - -", 165, NULL, false, "", "", "1 - gw x - -"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void data_that_is_the_message_is_content(void **state) {
    static const struct expected lines[] = {
        {"<14>1 2026-10-12T08:00:00Z gw CheckPoint 19710 - [action:\"Drop\"; x:\"]\"; ]", 14,
         "2026-10-12T08:00:00.000Z", true, "gw", "", "CheckPoint 19710 - [action:\"Drop\"; x:\"]\"; ]"},
        {"<14>1 2026-10-12T08:00:00Z gw RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1 a=\"b\"] session denied", 14,
         "2026-10-12T08:00:00.000Z", true, "gw", "",
         "RT_FLOW - RT_FLOW_SESSION_DENY [junos@2636.1 a=\"b\"] session denied"},
        {"1 2026-10-12T08:00:00Z gw CheckPoint 19710 - [action:\"Drop\"]", -1, "2026-10-12T08:00:00.000Z", true, "gw",
         "", "CheckPoint 19710 - [action:\"Drop\"]"}, /* the PRI was taken away */
        {"<134>1 1791792000.123456789 mx1 flows src=10.0.1.20 dst=203.0.113.80 mac=x", 134, "2026-10-12T08:00:00.123Z",
         true, "mx1", "", "flows src=10.0.1.20 dst=203.0.113.80 mac=x"},
        {"<134>1 1791792000123 mx1 security_event ids_alerted", 134, "2026-10-12T08:00:00.123Z", true, "mx1", "",
         "security_event ids_alerted"},
        {"<134>1 179179200012 mx1 x", 134, NULL, false, "", "", "179179200012 mx1 x"},
        {"1 2026", -1, NULL, false, "", "", "1 2026"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void ios_numbers_its_lines_and_names_itself(void **state) {
    static const struct expected lines[] = {
        {"Oct 12 08:00:00 gw 301270: 5d17h: %SEC-6-IPACCESSLOGP: x", -1, "2026-10-12T08:00:00.000Z", false, "gw", "",
         "%SEC-6-IPACCESSLOGP: x"},
        {"<189>8919: Oct 12 08:00:00.190 UTC: %SEC_LOGIN-5-LOGIN_SUCCESS: x", 189, "2026-10-12T08:00:00.190Z", true, "",
         "", "%SEC_LOGIN-5-LOGIN_SUCCESS: x"},
        {"<189>8919: r1: 022546: .Oct 12 08:00:00.123 CEST: %IPV6_ACL-6-ACCESSLOGP: x", 189, "2026-10-12T08:00:00.123Z",
         false, "r1", "", "%IPV6_ACL-6-ACCESSLOGP: x"},
        {"<189>r1: *Oct 12 08:00:00: %SYS-5-RESTART: x", 189, NULL, false, "r1", "", "%SYS-5-RESTART: x"},
        {"<189>29: 00:01:01: %SYS-5-RESTART: x", 189, NULL, false, "", "", "%SYS-5-RESTART: x"},
        {"Oct 12 08:00:00 gw app: 5: %SYS-5-RESTART: x", -1, "2026-10-12T08:00:00.000Z", false, "gw", "app",
         "5: %SYS-5-RESTART: x"}, /* a program's text */
        {"<13>1: 2: 3: 4: 5: 6: %SYS-5-RESTART: x", 13, NULL, false, "", "1", "2: 3: 4: 5: 6: %SYS-5-RESTART: x"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void files_without_a_host_are_read(void **state) {
    static const struct expected lines[] = {
        {"2026-10-12 08:00:00 DROP TCP 192.0.2.66", -1, "2026-10-12T08:00:00.000Z", false, "", "",
         "DROP TCP 192.0.2.66"},
        {"2026-10-12 08:00:00 OPENVPN x: y", -1, "2026-10-12T08:00:00.000Z", false, "OPENVPN", "x", "y"},
        {"<30>2026:10:12-08:00:00 utm ulogd[7]: id=", 30, "2026-10-12T08:00:00.000Z", false, "utm", "ulogd", "id="},
        {"2026:10:12 08:00:00 x", -1, NULL, false, "", "", "2026:10:12 08:00:00 x"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void cisco_lines_begin_at_their_mnemonic(void **state) {
    static const struct expected lines[] = {
        {"%PIX-7-710005: x", -1, NULL, false, "", "", "%PIX-7-710005: x"},
        {"Oct 12 08:00:00 fw1 %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "fw1", "", "%ASA-6-302013: x"},
        {"Oct 12 08:00:00 fw1 : %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "fw1", "",
         "%ASA-6-302013: x"},
        {"Oct 12 08:00:00 fw1: %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "fw1", "", "%ASA-6-302013: x"},
        {"Oct 12 08:00:00 fw1 fw1: %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "fw1", "",
         "%ASA-6-302013: x"},
        {"Jul 10 14:24:56 host 10.0.0.1/10.0.0.1 :Jul 10 14:24:56 PDT: %ASA-session-3-106010: x", -1,
         "2026-07-10T14:24:56.000Z", false, "host", "", "%ASA-session-3-106010: x"},
        {"Dec 30 07:06:09 10.0.0.1 Dec 30 2003 02:13:28: %PIX-4-106023: x", -1, "2025-12-30T07:06:09.000Z", false,
         "10.0.0.1", "", "%PIX-4-106023: x"},
        {"Dec 30 07:06:09 10.0.0.1 Dec 30 2003 02:13:28 UTC: %PIX-4-106023: x", -1, "2003-12-30T02:13:28.000Z", true,
         "10.0.0.1", "", "%PIX-4-106023: x"},
        {"<166>Jul 01 2020 12:00:00 fw1 : %ASA-6-302013: x", 166, "2020-07-01T12:00:00.000Z", false, "fw1", "",
         "%ASA-6-302013: x"},
        {"Jul  1 12:00:05 10.0.0.1 Jul 01 2020 12:00:00 fw1 : %ASA-6-302013: x", -1, "2026-07-01T12:00:05.000Z", false,
         "10.0.0.1", "", "%ASA-6-302013: x"},
        {"Jun 30 2009 07:08:20: %ASA-7-710005: x", -1, "2009-06-30T07:08:20.000Z", false, "", "", "%ASA-7-710005: x"},
        {"<134>:Mar 01 12:00:00 UTC: %ASA-6-302013: x", 134, "2026-03-01T12:00:00.000Z", true, "", "",
         "%ASA-6-302013: x"},
        {"Oct 12 08:00:00 ftd SFIMS : %FTD-5-430003: x", -1, "2026-10-12T08:00:00.000Z", false, "ftd", "",
         "%FTD-5-430003: x"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void a_mnemonic_in_the_text_of_a_program_is_text(void **state) {
    static const struct expected lines[] = {
        {"Oct 12 08:00:00 gw sshd[1]: user : %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "gw", "sshd",
         "user : %ASA-6-302013: x"},
        {"Oct 12 08:00:00 gw su: %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "gw", "su",
         "%ASA-6-302013: x"},
        {"Oct 12 08:00:00 gw a b c %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "gw", "",
         "a b c %ASA-6-302013: x"},
        {"Oct 12 08:00:00 gw a=b : %ASA-6-302013: x", -1, "2026-10-12T08:00:00.000Z", false, "gw", "",
         "a=b : %ASA-6-302013: x"},
        {"login failed : %ASA-6-302013: x", -1, NULL, false, "", "", "login failed : %ASA-6-302013: x"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void a_tag_ends_in_a_colon(void **state) {
    static const struct expected lines[] = {
        {"Oct 12 08:00:00 gw Shorewall:net2fw:DROP:IN=eth1 OUT=", -1, "2026-10-12T08:00:00.000Z", false, "gw", "",
         "Shorewall:net2fw:DROP:IN=eth1 OUT="},
        {"<133>ns1: NetScreen device_id=ns1", 133, NULL, false, "", "ns1", "NetScreen device_id=ns1"},
        {"Oct 12 08:00:00 gw NetScreen device_id=ns1", -1, "2026-10-12T08:00:00.000Z", false, "gw", "",
         "NetScreen device_id=ns1"},
        {"Oct 12 08:00:00 gw postfix/smtpd[1]: x", -1, "2026-10-12T08:00:00.000Z", false, "gw", "postfix/smtpd", "x"},
        {"Oct 12 08:00:00 gw x[1: y", -1, "2026-10-12T08:00:00.000Z", false, "gw", "", "x[1: y"},
        {"Oct 12 08:00:00 gw last message repeated 3 times", -1, "2026-10-12T08:00:00.000Z", false, "gw", "",
         "last message repeated 3 times"},
    };
    (void)state;

    CHECK_ALL("UTC", lines);
}

static void a_missing_year_is_the_one_nearest_to_the_reference(void **state) {
    static const struct {
        const char *reference, *line, *time;
    } cases[] = {
        {"2026-01-01T00:10:00.000Z", "Dec 31 23:59:59 gw x: y", "2025-12-31T23:59:59.000Z"},
        {"2025-12-31T23:50:00.000Z", "Jan  1 00:00:01 gw x: y", "2026-01-01T00:00:01.000Z"},
        {"2026-10-12T09:00:00.000Z", "Oct 19 08:59:59 gw x: y", "2026-10-19T08:59:59.000Z"},
        {"2026-10-12T09:00:00.000Z", "Oct 19 09:00:01 gw x: y", "2025-10-19T09:00:01.000Z"},
        {"2026-10-12T09:00:00.000Z", "Feb 29 10:00:00 gw x: y", "2024-02-29T10:00:00.000Z"},
        {"2103-01-01T00:00:00.000Z", "Feb 29 10:00:00 gw x: y", "2096-02-29T10:00:00.000Z"},
    };
    (void)state;

    zone("UTC");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_header_reader reader = {.reference = time_of(cases[i].reference)};
        const struct expected e = {cases[i].line, -1, cases[i].time, false, "gw", "x", "y"};

        check(&reader, &e);
    }
}

static void without_a_reference_a_year_is_not_guessed(void **state) {
    struct fw_header_reader reader = {.reference = FW_TIME_NONE};
    const struct expected none = {"Oct 12 08:00:00 gw x: y", -1, NULL, false, "gw", "x", "y"};
    const struct expected with = {
        "Oct 12 2026 08:00:00 gw x: y", -1, "2026-10-12T08:00:00.000Z", false, "gw", "x", "y"};
    (void)state;

    zone("UTC");
    check(&reader, &none);
    check(&reader, &with);
    check(&reader, &none);
}

static void summer_time_begins_and_ends(void **state) {
    static const struct expected lines[] = {
        {"Mar 29 01:59:59 gw x: y", -1, "2026-03-29T00:59:59.000Z", false, "gw", "x", "y"},
        {"Mar 29 03:00:00 gw x: y", -1, "2026-03-29T01:00:00.000Z", false, "gw", "x", "y"},
        {"Oct 11 12:00:00 gw x: y", -1, "2026-10-11T10:00:00.000Z", false, "gw", "x", "y"},
        {"Oct 26 2025 12:00:00 gw x: y", -1, "2025-10-26T11:00:00.000Z", false, "gw", "x", "y"},
    };
    (void)state;

    CHECK_ALL("Europe/Berlin", lines);
}

static void the_hour_that_occurs_twice_has_two_meanings(void **state) {
    static const struct {
        const char *tz, *line;
        const char *first, *second; /* NULL: none */
        const char *local;
    } cases[] = {
        {"Europe/Berlin", "Oct 26 02:30:01 2025 gw x: y", "2025-10-26T00:30:01.000Z", "2025-10-26T01:30:01.000Z",
         "2025-10-26T02:30:01.000Z"},
        {"Europe/Berlin", "Oct 26 02:00:00 gw x: y", "2025-10-26T00:00:00.000Z", "2025-10-26T01:00:00.000Z",
         "2025-10-26T02:00:00.000Z"},
        {"Europe/Berlin", "Oct 26 02:59:59 gw x: y", "2025-10-26T00:59:59.000Z", "2025-10-26T01:59:59.000Z",
         "2025-10-26T02:59:59.000Z"},
        {"Europe/Berlin", "Oct 26 01:59:59 gw x: y", "2025-10-25T23:59:59.000Z", NULL, "2025-10-26T01:59:59.000Z"},
        {"Europe/Berlin", "Oct 26 03:00:00 gw x: y", "2025-10-26T02:00:00.000Z", NULL, "2025-10-26T03:00:00.000Z"},
        {"America/New_York", "2025-11-02 01:10:00 gw x: y", "2025-11-02T05:10:00.000Z", "2025-11-02T06:10:00.000Z",
         "2025-11-02T01:10:00.000Z"},
        {"UTC", "Oct 26 02:30:01 gw x: y", "2025-10-26T02:30:01.000Z", NULL, "2025-10-26T02:30:01.000Z"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_header_reader reader = {.reference = time_of(REFERENCE)};
        struct fw_header h;

        zone(cases[i].tz);
        for (unsigned again = 0; again < 3; again++) { /* also from the cache */
            fw_header_read(&reader, cases[i].line, strlen(cases[i].line), &h);
            const fw_time first = time_of(cases[i].first);
            const fw_time second = cases[i].second != NULL ? time_of(cases[i].second) : 0;

            if (!((h.time == first && h.fold == second) || (h.time == second && h.fold == first)))
                fail_msg("%s: %lld or %lld", cases[i].line, (long long)h.time, (long long)h.fold);
            assert_int_equal(h.local, time_of(cases[i].local));
        }
    }
    static const char *const zoned[] = {"2025-10-26T02:30:01+01:00 gw x: y", "1374543986.038687615 MX84 flows"};
    for (size_t i = 0; i < sizeof zoned / sizeof *zoned; i++) {
        struct fw_header_reader reader = {.reference = time_of(REFERENCE)};
        struct fw_header h;

        fw_header_read(&reader, zoned[i], strlen(zoned[i]), &h);
        assert_true(h.local == 0 && h.fold == 0);
    }
}

static void a_missing_year_may_be_that_of_the_line_before(void **state) {
    static const struct {
        const char *before, *line, *time;
    } cases[] = {
        {"2025-12-31T23:59:59.000Z", "Jan  1 00:00:01 gw x: y", "2026-01-01T00:00:01.000Z"},
        {"2026-01-01T00:00:05.000Z", "Dec 31 23:59:59 gw x: y", "2025-12-31T23:59:59.000Z"},
        {"2025-11-01T00:00:00.000Z", "Apr  1 00:00:00 gw x: y", "2026-04-01T00:00:00.000Z"},
        {"2025-11-01T00:00:00.000Z", "Jun  1 00:00:00 gw x: y", "2025-06-01T00:00:00.000Z"},
        {"2028-02-28T23:59:59.000Z", "Feb 29 00:00:01 gw x: y", "2028-02-29T00:00:01.000Z"},
    };
    (void)state;

    zone("UTC");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fw_header_reader reader = {.reference = time_of(cases[i].before), .ahead = FW_HEADER_NEAREST};
        const struct expected e = {cases[i].line, -1, cases[i].time, false, "gw", "x", "y"};

        check(&reader, &e);
    }
}

/* What the cache holds must never show: a fresh reader judges. */
static void the_cache_changes_no_result(void **state) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Jun", "Oct", "Dec"};
    struct fw_header_reader used = {0};
    uint32_t seed = 1, before = 0;
    (void)state;

    zone("America/New_York");
    for (int i = 0; i < 20000; i++) {
        char line[64];
        struct fw_header a, b;

        seed = seed * 1664525 + 1013904223;
        const uint32_t r = seed >> 8, hour = i % 3 == 0 ? r : before; /* two in three: the hour of the line before */
        before = hour;
        snprintf(line, sizeof line, "%s %2u %s%02u:%02u:59 gw x: y", months[hour % 6], hour / 6 % 31 + 1,
                 r % 5 == 0 ? "2026 " : "", hour / 7 % 24, r / 11 % 60);
        struct fw_header_reader fresh = {.reference =
                                             time_of("2026-01-04T00:00:00.000Z") + (fw_time)(r % 900) * 12 * FW_HOUR};

        used.reference = fresh.reference;
        fw_header_read(&used, line, strlen(line), &a);
        fw_header_read(&fresh, line, strlen(line), &b);
        if (a.time != b.time || a.local != b.local || a.fold != b.fold)
            fail_msg("%s: %lld with the cache, %lld without", line, (long long)a.time, (long long)b.time);
    }
}

/* Every beginning of a line, in a block of exactly its size. */
static void a_line_may_end_anywhere(void **state) {
    static const char *const lines[] = {
        "<165>1 2026-10-12T08:00:00.123+02:00 gw kernel 12 ID7 [a b=\"c\\\"]\"][d] text",
        "Jul 10 14:24:56.123 host 10.0.0.1/10.0.0.1 :Jul 10 2026 14:24:56 PDT: %ASA-session-3-106010: x",
        "<134>:Mar 01 12:00:00 UTC: %ASA-6-302013: x",
        "Oct 12 08:00:00 2025 gw sshd[1]: x",
        "1374543986.038687615 MX84 flows",
    };
    struct fw_header_reader reader = {.reference = time_of(REFERENCE)};
    (void)state;

    zone("UTC");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        for (size_t len = 0; len <= strlen(lines[i]); len++) {
            char *line = malloc(len + 1);
            struct fw_header h;

            assert_non_null(line);
            memcpy(line, lines[i], len);
            line[len] = '\0';
            fw_header_read(&reader, line, len, &h);
            assert_true(h.content >= line && h.content + h.content_len == line + len);
            free(line);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3164_is_read_as_local_time),
        cmocka_unit_test(what_is_no_stamp_is_content),
        cmocka_unit_test(iso_stamps_and_epochs_carry_their_zone),
        cmocka_unit_test(rfc5424_is_read_and_its_data_skipped),
        cmocka_unit_test(data_that_is_the_message_is_content),
        cmocka_unit_test(ios_numbers_its_lines_and_names_itself),
        cmocka_unit_test(files_without_a_host_are_read),
        cmocka_unit_test(cisco_lines_begin_at_their_mnemonic),
        cmocka_unit_test(a_mnemonic_in_the_text_of_a_program_is_text),
        cmocka_unit_test(a_tag_ends_in_a_colon),
        cmocka_unit_test(a_missing_year_is_the_one_nearest_to_the_reference),
        cmocka_unit_test(without_a_reference_a_year_is_not_guessed),
        cmocka_unit_test(summer_time_begins_and_ends),
        cmocka_unit_test(the_hour_that_occurs_twice_has_two_meanings),
        cmocka_unit_test(a_missing_year_may_be_that_of_the_line_before),
        cmocka_unit_test(the_cache_changes_no_result),
        cmocka_unit_test(a_line_may_end_anywhere),
    };

    return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
