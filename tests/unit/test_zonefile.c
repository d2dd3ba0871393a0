/* test_zonefile.c: zone files of the system, against what libc makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/internal.h"

#define DIR   "/usr/share/zoneinfo/"
#define STEP  (41 * FW_HOUR + 13 * FW_MINUTE)
#define FROM  (-(fw_time)40 * 365 * 24 * FW_HOUR) /* 1930 */
#define UNTIL ((fw_time)130 * 365 * 24 * FW_HOUR) /* 2100 */
#define BYTES (64 << 10)

static const char *const zones[] = {
    "Europe/Berlin",    "America/New_York", "Pacific/Auckland", "Asia/Kolkata",        "Africa/Casablanca", "Etc/GMT+5",
    "America/St_Johns", "Asia/Tehran",      "Europe/Dublin",    "Antarctica/Troll",    "America/Sao_Paulo", "UTC",
    "Asia/Gaza",        "Africa/Cairo",     "Pacific/Apia",     "Australia/Lord_Howe",
};

static size_t load(const char *name, uint8_t *bytes) {
    char path[256];
    FILE *in;

    (void)snprintf(path, sizeof path, DIR "%s", name);
    in = fopen(path, "rb");
    if (!in)
        return 0;
    const size_t n = fread(bytes, 1, BYTES, in);
    assert_int_equal(fclose(in), 0);
    return n;
}

static void compare(const char *name, const struct fw_zone *zone) {
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
    for (fw_time utc = FROM; utc < UNTIL; utc += STEP) {
        const time_t seconds = utc / FW_SECOND;
        struct tm tm;
        fw_time second;

        assert_non_null(localtime_r(&seconds, &tm));
        const fw_time local = fw_zone_to_local(zone, utc);
        if (local - utc != tm.tm_gmtoff * FW_SECOND)
            fail_msg("%s at %ld: %ld, libc says %ld", name, (long)seconds, (long)((local - utc) / FW_SECOND),
                     tm.tm_gmtoff);
        const fw_time first = fw_zone_to_utc(zone, local, &second);
        if (first != utc && second != utc)
            fail_msg("%s at %ld does not come back", name, (long)seconds);
    }
    assert_int_equal(unsetenv("TZ"), 0);
}

static void offsets_are_those_of_libc(void **state) {
    static uint8_t bytes[BYTES];
    unsigned tried = 0;

    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct fw_zone zone = {.name = ""};
        struct fw_zone_shift *shifts = NULL;
        char err[256] = "";
        const size_t size = load(zones[i], bytes);

        if (size == 0)
            continue;
        if (fw_zonefile_read(&zone, &shifts, bytes, size, err, sizeof err) != 0)
            fail_msg("%s %s", zones[i], err);
        compare(zones[i], &zone);
        free(shifts);
        tried++;
    }
    if (tried == 0)
        skip();
}

/* A file cut anywhere is refused or read within its bounds: ASan and valgrind watch. */
static void a_file_cut_short_or_garbled_is_refused(void **state) {
    static uint8_t bytes[BYTES];
    const size_t size = load("Europe/Berlin", bytes);
    struct fw_zone_shift *shifts = NULL;
    char err[256];

    (void)state;
    if (size == 0)
        skip();
    for (size_t n = 0; n < size; n++) {
        struct fw_zone zone = {.name = ""};
        uint8_t *cut = malloc(n + 1);

        assert_non_null(cut);
        memcpy(cut, bytes, n);
        assert_int_equal(fw_zonefile_read(&zone, &shifts, cut, n, err, sizeof err), -1);
        assert_null(shifts);
        free(cut);
    }
    for (size_t n = 0; n < size; n++)
        for (unsigned value = 0; value < 256; value += 51) {
            struct fw_zone zone = {.name = ""};
            uint8_t *garbled = malloc(size);
            fw_time second;

            assert_non_null(garbled);
            memcpy(garbled, bytes, size);
            garbled[n] = (uint8_t)value;
            if (fw_zonefile_read(&zone, &shifts, garbled, size, err, sizeof err) == 0)
                (void)fw_zone_to_utc(&zone, FW_TIME_MAX, &second);
            free(shifts);
            free(garbled);
        }
}

static void what_is_no_zone_is_refused(void **state) {
    struct fw_zone_shift *shifts;
    struct fw_zone zone = {.name = ""};
    char err[256];

    (void)state;
    assert_int_equal(fw_zonefile_read(&zone, &shifts, (const uint8_t *)"root:x:0:0", 10, err, sizeof err), -1);
    assert_string_equal(err, "is no time zone file");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_those_of_libc),
        cmocka_unit_test(a_file_cut_short_or_garbled_is_refused),
        cmocka_unit_test(what_is_no_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
