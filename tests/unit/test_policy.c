/* test_policy.c: policies read, refused and printed.
 *
 * tests/policy/NAME.yaml has either NAME.ok, the effective policy as it is
 * printed, or NAME.problems, one "line:column: text" a line. The detectors here
 * are made up, one parameter of each unit, so that these files stay when the
 * real ones change. FW_TEST_UPDATE=1 writes the expectations anew.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/policy.h"
#include "policy/value.h"

/* --- detectors that stay as they are ------------------------------------- */

static const struct fw_param knock_params[] = {
    {"window", FW_UNIT_SECONDS, 1, 86400, 900, "made up", "how far back"},
    {"threshold", FW_UNIT_COUNT, 2, 500, 25, "made up", "how many"},
    {"share", FW_UNIT_PERCENT, 0, 100, 40, "made up", "of all"},
    {"strict", FW_UNIT_BOOL, 0, 1, 0, "made up", "whether"},
    {.name = NULL},
};
static const struct fw_param tunnel_params[] = {
    {"minimum", FW_UNIT_SECONDS, 60, 604800, 3600, "made up", "open for so long"},
    {.name = NULL},
};
static const struct fw_detector_ops knock = {.name = "knock", .params = knock_params};
static const struct fw_detector_ops tunnel = {.name = "tunnel", .params = tunnel_params};
const struct fw_detector_ops *const fw_detectors[] = {&knock, &tunnel, NULL};

const struct fw_detector_ops *fw_detector_find(const char *name) {
    for (size_t i = 0; fw_detectors[i]; i++)
        if (strcmp(fw_detectors[i]->name, name) == 0)
            return fw_detectors[i];
    return NULL;
}

size_t fw_detector_params(const struct fw_detector_ops *ops) {
    size_t n = 0;

    while (ops->params[n].name)
        n++;
    return n;
}

const char *fw_unit_name(enum fw_unit unit) {
    return unit == FW_UNIT_BOOL ? "bool" : "other";
}

/* --- help ---------------------------------------------------------------- */

struct heard {
    char text[64 << 10];
    size_t len;
    const char *main; /* path of the policy; other files are named */
    size_t dir;       /* its directory with the slash, which is left out */
};

static void hear(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    struct heard *heard = cookie;
    const bool other = heard->main && strcmp(file, heard->main) != 0;
    char *at = heard->text + heard->len, *found, dir[4096];

    heard->len += (size_t)snprintf(at, sizeof heard->text - heard->len, "%s%s%u:%u: %s\n", other ? file : "",
                                   other ? ":" : "", line, column, text);
    assert_true(heard->len < sizeof heard->text);
    (void)snprintf(dir, sizeof dir, "%.*s", (int)heard->dir, heard->dir > 1 ? heard->main : "");
    while (dir[0] && (found = strstr(at, dir)) != NULL) {
        memmove(found, found + heard->dir, strlen(found + heard->dir) + 1);
        heard->len -= heard->dir;
    }
}

static struct fw_policy *open_heard(const char *path, struct heard *heard) {
    struct fw_problems problems = {.report = hear, .cookie = heard};
    struct fw_policy *policy = (struct fw_policy *)heard; /* open has to set it */
    int result;

    heard->len = 0;
    heard->text[0] = '\0';
    heard->main = path;
    heard->dir = path && strrchr(path, '/') ? (size_t)(strrchr(path, '/') - path) + 1 : 0;
    result = fw_policy_open(&policy, path, &problems);
    assert_int_equal(result, problems.count > 0 ? -1 : 0);
    assert_true((policy != NULL) == (result == 0));
    return policy;
}

static char *print(const struct fw_policy *policy) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fw_policy_print(policy, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* A policy of that text. */
static struct fw_policy *open_text(const char *text, size_t len, struct heard *heard) {
    char path[] = "/tmp/fw_policy_XXXXXX";
    const int fd = mkstemp(path);
    struct fw_policy *policy;

    assert_true(fd >= 0);
    for (size_t done = 0; done < len;) {
        const ssize_t n = write(fd, text + done, len - done);

        assert_true(n > 0);
        done += (size_t)n;
    }
    assert_int_equal(close(fd), 0);
    policy = open_heard(path, heard);
    assert_int_equal(unlink(path), 0);
    return policy;
}

static struct fw_policy *open_string(const char *text, struct heard *heard) {
    return open_text(text, strlen(text), heard);
}

static char *read_whole(const char *path) {
    FILE *in = fopen(path, "r");
    char *text = calloc(1, 64 << 10);

    assert_non_null(text);
    if (!in) {
        free(text);
        return NULL;
    }
    (void)!fread(text, 1, (64 << 10) - 1, in);
    assert_int_equal(fclose(in), 0);
    return text;
}

static const char *source_dir(void) {
    const char *dir = getenv("SRCDIR");

    if (!dir)
        dir = getenv("srcdir");
    return dir ? dir : ".";
}

/* --- the files ----------------------------------------------------------- */

static void expect_text(const char *base, const char *suffix, const char *got) {
    char path[4096];
    char *expected;

    (void)snprintf(path, sizeof path, "%s.%s", base, suffix);
    if (getenv("FW_TEST_UPDATE")) {
        FILE *out = fopen(path, "w");

        assert_non_null(out);
        assert_true(fputs(got, out) >= 0);
        assert_int_equal(fclose(out), 0);
    }
    expected = read_whole(path);
    if (!expected)
        fail_msg("%s is missing; got:\n%s", path, got);
    if (expected && strcmp(expected, got) != 0)
        fail_msg("%s differs; got:\n%s", path, got);
    free(expected);
}

static void what_is_printed_loads_again_to_the_same(const char *printed) {
    static struct heard heard;
    struct fw_policy *policy = open_string(printed, &heard);
    char *again;

    assert_string_equal(heard.text, "");
    again = print(policy);
    assert_string_equal(again, printed);
    free(again);
    fw_policy_close(&policy);
    assert_null(policy);
}

static void check_file(const char *path) {
    static struct heard heard;
    char base[4096];
    struct fw_policy *policy;

    (void)snprintf(base, sizeof base, "%.*s", (int)(strlen(path) - strlen(".yaml")), path);
    policy = open_heard(path, &heard);
    if (policy) {
        char *text = print(policy);

        expect_text(base, "ok", text);
        what_is_printed_loads_again_to_the_same(text);
        free(text);
        fw_policy_close(&policy);
    } else {
        expect_text(base, "problems", heard.text);
    }
}

static void every_file_gives_what_is_expected(void **state) {
    char pattern[4096];
    glob_t found;

    (void)state;
    (void)snprintf(pattern, sizeof pattern, "%s/tests/policy/*.yaml", source_dir());
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_file(found.gl_pathv[i]);
    globfree(&found);
}

/* --- what files cannot show ---------------------------------------------- */

static uint64_t roles_of(const struct fw_policy *policy, const char *text) {
    union fw_addr addr;

    assert_int_equal(fw_addr_parse(&addr, text, strlen(text)), 0);
    return fw_site_place(fw_policy_settings(policy)->site, &addr)->roles;
}

static void no_policy_is_a_good_policy(void **state) {
    static struct heard heard;
    static const char *const home[] = {"10.9.9.9", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd00::1",
                                       "fe80::1",  "127.0.0.1",  "::1",         "169.254.7.7"};
    static const char *const away[] = {"172.32.0.1", "192.0.2.1", "100.128.0.1", "2001:db8::1", "::2"};
    struct fw_policy *policy = open_heard(NULL, &heard);

    (void)state;
    for (size_t i = 0; i < sizeof home / sizeof *home; i++)
        assert_true(roles_of(policy, home[i]) == FW_ROLE_HOME);
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        assert_true(roles_of(policy, away[i]) == 0);
    assert_true(fw_policy_settings(policy)->detectors[0].enabled);
    assert_int_equal(fw_policy_settings(policy)->detectors[0].values[1], 25);
    assert_int_equal(fw_policy_settings(policy)->findings_per_minute, FW_PER_MINUTE_DEFAULT);
    assert_int_equal(fw_policy_settings(policy)->max_memory, FW_MEMORY_DEFAULT);
    fw_policy_close(&policy);
}

static void values_arrive_in_their_units(void **state) {
    static struct heard heard;
    struct fw_policy *policy =
        open_string("detectors: {knock: {window: 2h, share: 7%, strict: yes}, tunnel: {enabled: "
                    "off, minimum: 90}}\nlimits: {max_memory: 1GiB, findings_per_minute: 6000}\n",
                    &heard);
    const struct fw_detector_setting *detectors;

    (void)state;
    assert_string_equal(heard.text, "");
    detectors = fw_policy_settings(policy)->detectors;
    assert_int_equal(detectors[0].values[0], 7200);
    assert_int_equal(detectors[0].values[1], 25);
    assert_int_equal(detectors[0].values[2], 7);
    assert_int_equal(detectors[0].values[3], 1);
    assert_true(detectors[0].enabled);
    assert_false(detectors[1].enabled);
    assert_int_equal(detectors[1].values[0], 90);
    assert_int_equal(fw_policy_settings(policy)->findings_per_minute, 6000);
    assert_int_equal(fw_policy_settings(policy)->max_memory, (size_t)1 << 30);
    fw_policy_close(&policy);
}

static void names_pass_roles_on_to_the_names_they_use(void **state) {
    static struct heard heard;
    struct fw_policy *policy = open_string("home: [all]\n"
                                           "networks: {mail: [192.0.2.1], office: [mail, 198.51.100.0/24], "
                                           "all: [office], unused: [203.0.113.0/24]}\n"
                                           "roles: [{role: mail_server, networks: mail, reason: it is},\n"
                                           "        {role: nms, networks: [198.51.100.7], reason: it is}]\n",
                                           &heard);

    (void)state;
    assert_string_equal(heard.text, "");
    assert_true(roles_of(policy, "192.0.2.1") == (FW_ROLE_HOME | FW_ROLE_BIT(mail_server)));
    assert_true(roles_of(policy, "198.51.100.7") == (FW_ROLE_HOME | FW_ROLE_BIT(nms)));
    assert_true(roles_of(policy, "198.51.100.8") == FW_ROLE_HOME);
    assert_true(roles_of(policy, "203.0.113.1") == 0);
    assert_true(roles_of(policy, "10.0.0.1") == 0); /* home replaces the default */
    fw_policy_close(&policy);
}

static void a_file_that_cannot_be_read_is_a_problem(void **state) {
    static struct heard heard;

    (void)state;
    assert_null(open_heard("/nonexistent/policy.yaml", &heard));
    assert_string_equal(heard.text, "0:0: cannot be opened: No such file or directory\n");
    assert_null(open_heard("/", &heard));
    assert_string_equal(heard.text, "0:0: is a directory, not a policy file\n");
}

static void a_file_too_large_is_refused(void **state) {
    static struct heard heard;
    const size_t len = FW_POLICY_BYTES_MAX + 1;
    char *text = malloc(len);

    (void)state;
    assert_non_null(text);
    memset(text, '\n', len);
    assert_null(open_text(text, len, &heard));
    assert_string_equal(heard.text, "0:0: is larger than 4194304 bytes, the most a policy may have\n");
    struct fw_policy *policy = open_text(text, len - 1, &heard);
    assert_non_null(policy);
    fw_policy_close(&policy);
    free(text);
}

/* Text built of n times a piece between a head and a tail. */
static char *repeated(const char *head, const char *piece, size_t n, const char *tail) {
    const size_t len = strlen(piece);
    char *text = malloc(strlen(head) + n * len + strlen(tail) + 1), *p = text;

    assert_non_null(text);
    p = stpcpy(p, head);
    for (size_t i = 0; i < n; i++, p += len)
        memcpy(p, piece, len);
    memcpy(p, tail, strlen(tail) + 1);
    return text;
}

static void too_many_networks_are_told_once(void **state) {
    static struct heard heard;
    char *text = repeated("home: [", "10.0.0.1,", FW_POLICY_NETS_MAX + 100, "]\n");

    (void)state;
    assert_null(open_string(text, &heard));
    assert_string_equal(heard.text, "1:589832: more than 65536 networks in all lists together\n");
    free(text);
}

static void too_many_values_and_too_deep_ones_are_refused(void **state) {
    static struct heard heard;
    char *text = repeated("home: [", "a,", 1 << 20, "]\n");

    (void)state;
    assert_null(open_string(text, &heard));
    assert_string_equal(heard.text, "1:0: more than 262144 values, the most a policy may have\n");
    free(text);
    text = repeated("home: ", "[", 4000000, "\n");
    assert_null(open_string(text, &heard));
    assert_string_equal(heard.text, "1:22: nested more than 16 deep\n");
    free(text);
}

static void bytes_that_are_not_text_are_placed(void **state) {
    static struct heard heard;

    (void)state;
    assert_null(open_string("home: []\n# \xc3\xa4 \xff\n", &heard));
    assert_string_equal(heard.text, "2:5: not readable as UTF-8 text: invalid leading UTF-8 octet (byte 0xff)\n");
    assert_null(open_text("home: []\n\0", 10, &heard));
    assert_string_equal(heard.text,
                        "2:1: not readable as UTF-8 text: control characters are not allowed (byte 0x00)\n");
    assert_null(open_text("\xff\xfeh\0o\0", 6, &heard)); /* UTF-16 */
    assert_string_equal(heard.text, "1:1: not readable as UTF-8 text: invalid leading UTF-8 octet (byte 0xff)\n");
}

static void a_byte_order_mark_and_carriage_returns_do_no_harm(void **state) {
    static struct heard heard;
    struct fw_policy *policy = open_string("\xef\xbb\xbfhome:\r\n  - 192.0.2.0/24\r\n", &heard);

    (void)state;
    assert_string_equal(heard.text, "");
    assert_true(roles_of(policy, "192.0.2.9") == FW_ROLE_HOME);
    fw_policy_close(&policy);
}

/* --- values -------------------------------------------------------------- */

static void values_are_read_whole_or_not_at_all(void **state) {
    static const struct {
        enum fw_unit unit;
        const char *text;
        int64_t value; /* -1: refused */
    } cases[] = {
        {FW_UNIT_COUNT, "25", 25},
        {FW_UNIT_COUNT, "0", 0},
        {FW_UNIT_COUNT, "-1", -1},
        {FW_UNIT_COUNT, "+1", -1},
        {FW_UNIT_COUNT, "010", -1},
        {FW_UNIT_COUNT, "1e3", -1},
        {FW_UNIT_COUNT, "25%", -1},
        {FW_UNIT_COUNT, "15m", -1},
        {FW_UNIT_COUNT, "", -1},
        {FW_UNIT_COUNT, " 1", -1},
        {FW_UNIT_COUNT, "9223372036854775807", INT64_MAX},
        {FW_UNIT_COUNT, "9223372036854775808", -1},
        {FW_UNIT_COUNT, "99999999999999999999", -1},
        {FW_UNIT_SECONDS, "41", 41},
        {FW_UNIT_SECONDS, "41s", 41},
        {FW_UNIT_SECONDS, "15m", 900},
        {FW_UNIT_SECONDS, "1h", 3600},
        {FW_UNIT_SECONDS, "2d", 172800},
        {FW_UNIT_SECONDS, "15 m", -1},
        {FW_UNIT_SECONDS, "15min", -1},
        {FW_UNIT_SECONDS, "m", -1},
        {FW_UNIT_SECONDS, "1.5h", -1},
        {FW_UNIT_SECONDS, "9223372036854775807d", -1},
        {FW_UNIT_PERCENT, "40", 40},
        {FW_UNIT_PERCENT, "40%", 40},
        {FW_UNIT_PERCENT, "40%%", -1},
        {FW_UNIT_PERCENT, "0.4", -1},
        {FW_UNIT_BOOL, "true", 1},
        {FW_UNIT_BOOL, "No", 0},
        {FW_UNIT_BOOL, "on", 1},
        {FW_UNIT_BOOL, "1", -1},
        {FW_UNIT_BOOL, "", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -1;
        const int result = fw_value_parse(cases[i].unit, cases[i].text, &value);

        if (result != (cases[i].value < 0 ? -1 : 0) || value != cases[i].value)
            fail_msg("\"%s\" gave %d, %lld", cases[i].text, result, (long long)value);
    }
}

static void values_are_printed_as_they_are_read(void **state) {
    static const int64_t values[] = {0, 1, 41, 59, 60, 61, 90, 3600, 5400, 86400, 90000, 172800, 1 << 30};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (int unit = FW_UNIT_COUNT; unit <= FW_UNIT_BOOL; unit++) {
            char text[FW_VALUE_TEXT];
            int64_t value = -1;

            const size_t len = fw_value_format((enum fw_unit)unit, values[i], text);

            assert_int_equal(len, strlen(text));
            assert_int_equal(fw_value_parse((enum fw_unit)unit, text, &value), 0);
            assert_int_equal(value, unit == FW_UNIT_BOOL ? values[i] != 0 : values[i]);
        }
    }
}

static void sizes_have_binary_units(void **state) {
    char text[FW_VALUE_TEXT];
    uint64_t bytes = 0;

    (void)state;
    assert_int_equal(fw_value_parse_bytes("256MiB", &bytes), 0);
    assert_true(bytes == UINT64_C(256) << 20);
    assert_int_equal(fw_value_format_bytes(bytes, text), 6);
    assert_string_equal(text, "256MiB");
    assert_int_equal(fw_value_parse_bytes("1000000", &bytes), 0);
    assert_true(bytes == 1000000);
    assert_int_equal(fw_value_parse_bytes("256MB", &bytes), -1);
    assert_int_equal(fw_value_parse_bytes("256 MiB", &bytes), -1);
    assert_int_equal(fw_value_parse_bytes("99999999999GiB", &bytes), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_gives_what_is_expected),
        cmocka_unit_test(no_policy_is_a_good_policy),
        cmocka_unit_test(values_arrive_in_their_units),
        cmocka_unit_test(names_pass_roles_on_to_the_names_they_use),
        cmocka_unit_test(a_file_that_cannot_be_read_is_a_problem),
        cmocka_unit_test(a_file_too_large_is_refused),
        cmocka_unit_test(too_many_networks_are_told_once),
        cmocka_unit_test(too_many_values_and_too_deep_ones_are_refused),
        cmocka_unit_test(bytes_that_are_not_text_are_placed),
        cmocka_unit_test(a_byte_order_mark_and_carriage_returns_do_no_harm),
        cmocka_unit_test(values_are_read_whole_or_not_at_all),
        cmocka_unit_test(values_are_printed_as_they_are_read),
        cmocka_unit_test(sizes_have_binary_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
