/* test_rulebase.c: what is said of rulebases, the right ones and the broken ones.
 *
 * A case is a set of files in a directory of its own, and every problem that is
 * reported: "file:line:column: text". Files that need no line say 0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "parse/rulebase.h"

static char dir[] = "/tmp/fw-rulebase-XXXXXX";
static char reported[16384];

static int make_dir(void **state) {
    (void)state;
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state) {
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static void write_bytes(const char *name, const char *text, size_t len) {
    char path[256];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void write_file(const char *name, const char *text) {
    write_bytes(name, text, strlen(text));
}

static void collect(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    const size_t len = strlen(reported);
    const char *shown = strncmp(file, dir, strlen(dir)) == 0 ? file + strlen(dir) + 1 : file;

    (void)cookie;
    snprintf(reported + len, sizeof reported - len, "%s:%u:%u: %s\n", shown, line, column, text);
}

static struct fw_rulebase *open_it(const char *name) {
    struct fw_problems problems = {collect, NULL, 0};
    struct fw_rulebase *rulebase = NULL;
    char path[256];

    reported[0] = '\0';
    snprintf(path, sizeof path, "%s/%s", dir, name);
    const int rc = fw_rulebase_open(&rulebase, path, &problems);

    assert_int_equal(rc, problems.count == 0 ? 0 : -1);
    assert_true((rulebase != NULL) == (rc == 0));
    return rulebase;
}

/* The rules, after "version=2", give exactly these problems of file "a". */
static void problems_of(const char *rules, const char *expected) {
    char text[4096];

    snprintf(text, sizeof text, "version=2\n%s", rules);
    write_file("a", text);
    struct fw_rulebase *rulebase = open_it("a");

    if (strcmp(reported, expected) != 0)
        fail_msg("%s\n-- expected --\n%s-- reported --\n%s", rules, expected, reported);
    fw_rulebase_close(&rulebase);
}

#define RULE "rule=flow,x:%src:word% %dst:word%"

static void a_right_rulebase_opens(void **state) {
    (void)state;
    problems_of("# a comment\n\n" RULE "\n", "");
    problems_of(RULE, ""); /* no line feed at the end */
    problems_of("rule=ignore:100%% of %-:rest%", "");
    problems_of("rule=flow,x:%src:char-to{\"extradata\":\"\\u0025\"}%%% %dst:word%\n", "");
    problems_of("rule=flow,x:%{\"name\":\"src\", \"type\":\"char-to\", \"extradata\":\"/\"}%/%dst:word%\n", "");
    problems_of("rule=flow,x:% src:word % %dst:\n  word%\n", "");
    problems_of("prefix=a \n" RULE "\nprefix=\nrule=ignore:b\nextendprefix=c \nrule=ignore:d", "");
    problems_of(RULE "\nannotate=x:+vendor=\"V\" +program=\"kernel -\" # said\nannotate=flow:+action=\"deny\"\n", "");
}

static void the_version_is_the_first_line(void **state) {
    static const char *const texts[] = {
        "version=2",  "version=2\r\nrule=ignore:a\n", " version=2\n", "\nversion=2\n", "rule=ignore:a\n", "",
        "version=1\n"};
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file("a", texts[i]);
        assert_null(open_it("a"));
        assert_string_equal(reported,
                            "a:1:1: the first line must be exactly \"version=2\", or liblognorm takes the file "
                            "for its old format\n");
    }
    assert_null(open_it("missing"));
    assert_non_null(strstr(reported, "missing:0:0: cannot read "));
    assert_non_null(strstr(reported, ": No such file or directory\n"));
    write_bytes("a", "version=2\nrule=ignore:a\0b\n", 27);
    assert_null(open_it("a"));
    assert_string_equal(reported, "a:0:0: the file holds a NUL byte at offset 23\n");
    problems_of("# nothing\n", "a:0:0: there is no rule in the file\n");
}

static void lines_have_a_kind(void **state) {
    (void)state;
    problems_of("rull=ignore:a\n", "a:2:1: unknown kind of line \"rull\"; did you mean \"rule\"?\n");
    problems_of("something\n", "a:2:1: a line is rule=, prefix=, extendprefix=, annotate=, include=, a comment (#) or "
                               "empty\n");
    problems_of(" rule=ignore:a\n", "a:2:1: unknown kind of line \" rule\"; did you mean \"rule\"?\n");
    problems_of("rule=ignore:a\r\n", "a:2:14: the line ends in a carriage return\n");
    problems_of("type=@ip:%..:ipv4%\n" RULE "\n",
                "a:2:1: user-defined types are not supported: liblognorm 2.0.6 loses memory whenever one does not "
                "match; write one rule for each form\n");
}

static void the_first_tag_is_a_kind(void **state) {
    static const char allowed[] = "must be flow, ignore, flow_start, flow_end, flow_deny, http, dns, mail, auth, "
                                  "threat or device";
    char expected[512];
    (void)state;

    snprintf(expected, sizeof expected, "a:2:6: the first tag is \"asa\", but %s\n", allowed);
    problems_of("rule=asa:%src:word% %dst:word%\n", expected);
    snprintf(expected, sizeof expected,
             "a:2:6: the first tag is \"flow_denied\", but %s; did you mean "
             "\"flow_deny\"?\n",
             allowed);
    problems_of("rule=flow_denied:%src:word% %dst:word%\n", expected);
    problems_of("rule=:a\n", "a:2:6: empty tag; the first one must be the kind of event\n");
    problems_of("rule=flow,,x:a\n", "a:2:11: empty tag; the first one must be the kind of event\n");
    problems_of("rule=ignore\n", "a:2:6: a rule is written rule=tag,tag:text\n");
    problems_of("rule=ignore:\n", "a:2:13: the rule has no text to match\n");
    problems_of("rule=ignore,1,2,3,4,5,6,7,8:a\n", "a:2:27: more than 8 tags\n");
}

static void fields_have_names_and_types(void **state) {
    (void)state;
    problems_of("rule=ignore:%scr:word%\n", "a:2:14: unknown field \"scr\"; did you mean \"src\"?\n");
    problems_of("rule=ignore:%kv:rest%\n", "a:2:14: unknown field \"kv\"\n");
    problems_of("rule=ignore:%src:word% %src:word%\n", "a:2:25: field \"src\" is named twice in one rule\n");
    problems_of("rule=ignore:%src:wrod%\n",
                "a:2:18: liblognorm 2.0.6 has no field type \"wrod\"; did you mean \"word\"?\n");
    problems_of("rule=ignore:%src:string%\n",
                "a:2:18: field type \"string\" is not supported: liblognorm 2.0.6 crashes in it at the first byte that "
                "is not ASCII; use word or char-to\n");
    problems_of("rule=ignore:%src:@ip%\n",
                "a:2:18: user-defined types are not supported: liblognorm 2.0.6 loses memory whenever one does not "
                "match; write one rule for each form\n");
    problems_of("rule=ignore:%src:repeat%\n",
                "a:2:18: field type \"repeat\" is not supported: it builds arrays, which no field can hold\n");
    problems_of("rule=ignore:%src:v2-iptables%\n",
                "a:2:18: field type \"v2-iptables\" gives several values; only \"-\" can take them\n");
    problems_of("rule=ignore:%src:char-to%\n",
                "a:2:18: field type \"char-to\" needs the characters it reads up to, as in char-to:/\n");
    problems_of("rule=ignore:%src:string-to:/%/\n",
                "a:2:18: field type \"string-to\" needs the text it reads up to, of two characters or more\n");
    problems_of("rule=ignore:%src:string-to{\"extradata\":\"/\"}%/\n",
                "a:2:18: field type \"string-to\" needs the text it reads up to, of two characters or more\n");
    problems_of("rule=ignore:%-:rest% x\n", "a:2:6: nothing can follow a field of type \"rest\"\n");
}

static void fields_are_closed_and_well_formed(void **state) {
    (void)state;
    problems_of("rule=ignore:100%\n" RULE "\n",
                "a:2:0: a percent sign is not closed (in text write %%, in JSON \\u0025)\n");
    problems_of("rule=ignore:%src:word\n\nrule=ignore:b\n",
                "a:2:0: a percent sign is not closed (in text write %%, in JSON \\u0025)\n");
    problems_of("rule=ignore:%src%\n", "a:2:14: a field is written %name:type%, a percent sign in text %%\n");
    problems_of("rule=ignore:%:word%\n", "a:2:14: a field is written %name:type%, a percent sign in text %%\n");
    problems_of("rule=ignore:%src:char-to{\"extradata\":}%\n",
                "a:2:25: broken JSON in a field (a percent sign inside is written \\u0025)\n");
    problems_of("rule=ignore:%src:char-to{\"name\":\"dst\"}%\n",
                "a:2:14: \"name\" and \"type\" stand before the JSON of a field, not in it\n");
    problems_of("rule=ignore:%{\"name\":\"src\"}%\n", "a:2:14: the field has no \"type\"\n");
    problems_of("rule=ignore:%[{\"type\":\"word\"}]%\n",
                "a:2:14: lists of fields are not supported; write one rule for each form\n");
    problems_of("rule=ignore:%src:number{\"maxvalue\":3}%\n",
                "a:2:0: liblognorm refuses the rule: invalid param for number: maxvalue\n");
}

static void lines_are_counted_through_fields_of_several(void **state) {
    (void)state;
    problems_of("rule=ignore:%-:\nword%\nrule=ignore:%scr:word%\n",
                "a:4:14: unknown field \"scr\"; did you mean \"src\"?\n");
    problems_of("rule=ignore:%-:word\nrule=ignore:%scr:word%\n",
                "a:2:0: a percent sign is not closed (in text write %%, in JSON \\u0025)\n"
                "a:3:14: unknown field \"scr\"; did you mean \"src\"?\n");
}

static void flows_need_two_ends(void **state) {
    (void)state;
    problems_of("rule=flow_deny:%src:word% x\n", "a:2:0: a rule of kind \"flow_deny\" must name src and dst\n");
    problems_of("rule=flow_deny,self:%src:word% x\nannotate=self:+dst=\"192.0.2.1\"\n", "");
    problems_of("rule=threat:%src:word% x\n", "");
}

static void no_two_rules_are_alike(void **state) {
    char expected[512];
    (void)state;

    snprintf(expected, sizeof expected,
             "a:3:0: the same rule stands in %s/a line 2; liblognorm knows only one of them\n", dir);
#ifndef __SANITIZE_ADDRESS__ /* liblognorm loses the tags of the first */
    problems_of("rule=flow,x:%src:word% %dst:char-to:/%\nrule=flow_deny:%src:word% "
                "%dst:char-to{\"extradata\":\"/\"}%\n",
                ""); /* not told apart by liblognorm's own text, and harmless */
#endif
    problems_of(RULE "\n" RULE "\n", expected);
}

static void annotations_are_checked(void **state) {
    (void)state;
    problems_of(RULE "\nannotate=y:+vendor=\"V\"\n", "a:3:10: no rule has the tag \"y\"\n");
    problems_of(RULE "\nannotate=x:+vendr=\"V\"\n", "a:3:13: unknown annotation \"vendr\"; did you mean \"vendor\"?\n");
    problems_of(RULE "\nannotate=x:+something=\"V\"\n", "a:3:13: unknown annotation \"something\"; allowed are "
                                                        "program, scan, layout, orient and the names of fields\n");
    problems_of(RULE "\nannotate=x:+scan=\"netfiler\"\n",
                "a:3:13: there is no scanner \"netfiler\"; did you mean \"netfilter\"?\n");
    problems_of(RULE "\nannotate=x:+layout=\"words src -\"\n", "");
    problems_of(RULE "\nannotate=x:+layout=\"words scr\"\n", "a:3:13: there is no field \"scr\"\n");
    problems_of(RULE "\nannotate=x:+orient=\"up\"\n", "a:3:13: orient is \"up\"; allowed is \"ports\"\n");
    problems_of(RULE "\nannotate=x:+program=\" \"\n",
                "a:3:13: program needs the names of programs, \"-\" for a line without one\n");
    problems_of(RULE "\nannotate=x:+proto=\"tpc\"\n", "a:3:13: \"tpc\" is no value for proto\n");
    problems_of(RULE "\nannotate=x:\n", "a:3:10: the annotation says nothing\n");
    problems_of(RULE "\nannotate=x:vendor=\"V\"\n", "a:3:12: an annotation is written annotate=tag:+name=\"value\"\n");
    problems_of(RULE "\nannotate=x:+vendor=\"V\n", "a:3:20: the value is not closed by \"\n");
    problems_of(RULE "\nannotate=:+vendor=\"V\"\n", "a:3:10: an annotation is written annotate=tag:+name=\"value\"\n");
    problems_of("rule=flow,x,y:%src:word% %dst:word%\nannotate=x:+vendor=\"V\"\nannotate=y:+vendor=\"W\"\n",
                "a:2:0: tags \"x\" and \"y\" give different values for vendor: \"V\" and \"W\"\n");
    problems_of(RULE "\nannotate=x:+program=\"1 2 3 4 5 6 7 8 9\"\n", "a:3:0: more than 8 programs\n");
}

static void includes_are_found_beside_and_above(void **state) {
    char path[256];
    (void)state;

    snprintf(path, sizeof path, "%s/sub", dir);
    mkdir(path, 0755);
    write_file("a", "version=2\nprefix=a \nrule=ignore:b\ninclude=sub/b \nrule=ignore:e\n");
    write_file("sub/b", "version=2\nrule=ignore:c\ninclude=c\n");
    write_file("c", "version=2\nrule=ignore:d\n");
    struct fw_rulebase *rulebase = open_it("a");

    assert_non_null(rulebase);
    assert_int_equal(fw_rulebase_rules(rulebase), 4);
    /* a prefix ends with its file, and is there again after an include */
    assert_string_equal(rulebase->rule[0].piece[0].text, "a b");
    assert_string_equal(rulebase->rule[1].piece[0].text, "c");
    assert_string_equal(rulebase->rule[2].piece[0].text, "d");
    assert_string_equal(rulebase->rule[3].piece[0].text, "a e");
    fw_rulebase_close(&rulebase);
    assert_null(rulebase);
    fw_rulebase_close(&rulebase);
}

static void includes_that_do_not_work_are_told_where_they_stand(void **state) {
    char expected[512];
    (void)state;

    snprintf(expected, sizeof expected, "a:2:0: cannot read %s/../missing: No such file or directory\n", dir);
    problems_of("include=missing\n", expected);
    problems_of("include=\n", "a:2:0: include needs the name of a file\n");
    write_file("b", "version=2\ninclude=b\n");
    assert_null(open_it("b"));
    assert_string_equal(reported, "b:2:0: includes nest deeper than 8; does a file include itself?\n");
    write_file("old", "rule=x:y\n");
    problems_of("include=old\n", "old:1:1: the first line must be exactly \"version=2\", or liblognorm takes the file "
                                 "for its old format\n");
}

static void many_problems_are_counted_and_the_first_told(void **state) {
    static char text[8192] = "version=2\n";
    struct fw_problems problems = {collect, NULL, 0};
    struct fw_rulebase *rulebase;
    char path[256];
    (void)state;

    for (int i = 0; i < 100; i++)
        strcat(text, "rule=flow:%scr:word%\n");
    write_file("a", text);
    snprintf(path, sizeof path, "%s/a", dir);
    reported[0] = '\0';
    assert_int_equal(fw_rulebase_open(&rulebase, path, &problems), -1);
    assert_int_equal(problems.count, 100);
    assert_non_null(strstr(reported, "a:21:"));
    assert_null(strstr(reported, "a:22:"));
}

static void fields_nobody_needs_are_printed_as_a_dash(void **state) {
    struct fw_rulebase *rulebase;
    char text[256];
    (void)state;

    write_file("a", "version=2\nrule=flow,x:a%%b%src:char-to{\"extradata\":\"\\u0025/\"}%%user:char-to:)%)"
                    "%dst:word%%-:rest%\n");
    assert_non_null(rulebase = open_it("a"));
    assert_int_not_equal(fw_rule_print(&rulebase->rule[0], FW_RULE_KEEP, text, sizeof text), 0);
    assert_string_equal(text, "a%%b%src:char-to{\"extradata\":\"\\u0025\\/\"}%%-:char-to:)%)%dst:word%%-:rest%");
    assert_int_equal(fw_rule_print(&rulebase->rule[0], ~UINT64_C(0), text, 40), 0);
    fw_rulebase_close(&rulebase);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_rulebase_opens),
        cmocka_unit_test(the_version_is_the_first_line),
        cmocka_unit_test(lines_have_a_kind),
        cmocka_unit_test(the_first_tag_is_a_kind),
        cmocka_unit_test(fields_have_names_and_types),
        cmocka_unit_test(fields_are_closed_and_well_formed),
        cmocka_unit_test(lines_are_counted_through_fields_of_several),
        cmocka_unit_test(flows_need_two_ends),
        cmocka_unit_test(no_two_rules_are_alike),
        cmocka_unit_test(annotations_are_checked),
        cmocka_unit_test(includes_are_found_beside_and_above),
        cmocka_unit_test(includes_that_do_not_work_are_told_where_they_stand),
        cmocka_unit_test(many_problems_are_counted_and_the_first_told),
        cmocka_unit_test(fields_nobody_needs_are_printed_as_a_dash),
    };

    return cmocka_run_group_tests_name("rulebase", tests, make_dir, remove_dir);
}
