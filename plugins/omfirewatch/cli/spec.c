/* spec.c: see spec.h. */
#include "spec.h"

#include <stdlib.h>
#include <string.h>

#include "../policy/value.h"
#include "feed.h"

#define NAMES_TEXT 320

#define PROBLEM(spec, node, ...)                                                                                       \
    fw_problem((spec)->yaml.problems, (spec)->yaml.path, (node)->line, (node)->column, __VA_ARGS__)

static const char *const counter_names[] = {
#define FW_COUNTER(name, doc) #name,
#include "../core/counters.def"
#undef FW_COUNTER
};
#define COUNTERS (sizeof counter_names / sizeof *counter_names)

bool fw_spec_counter_value(const struct fw_counters *counters, const char *name, uint64_t *value) {
#define FW_COUNTER(field, doc)                                                                                         \
    if (strcmp(name, #field) == 0) {                                                                                   \
        *value = counters->field;                                                                                      \
        return true;                                                                                                   \
    }
#include "../core/counters.def"
#undef FW_COUNTER
    return false;
}

/* --- what every reader needs --------------------------------------------- */

static void unknown(struct fw_spec *spec, const struct fw_yaml_node *node, const char *kind, const char *const *names,
                    size_t n) {
    const char *near = fw_problem_nearest(node->text, names, n);
    char list[NAMES_TEXT] = "";

    for (size_t i = 0; i < n; i++)
        fw_cli_append(list, sizeof list, "%s%s", i > 0 ? ", " : "", names[i]);
    if (near)
        PROBLEM(spec, node, "unknown %s \"%.64s\"; did you mean \"%s\"? There are: %s", kind, node->text, near, list);
    else
        PROBLEM(spec, node, "unknown %s \"%.64s\"; there are: %s", kind, node->text, list);
}

static bool is(struct fw_spec *spec, const struct fw_yaml_node *node, enum fw_yaml_type type, const char *form) {
    if (node->type == type)
        return true;
    if (node->type != FW_YAML_BROKEN)
        PROBLEM(spec, node, "%.64s%smust be %s", node->key ? node->key->text : "it", node->key ? ": " : " ", form);
    return false;
}

static void read_number(struct fw_spec *spec, const struct fw_yaml_node *node, int64_t most, int64_t *number) {
    if (is(spec, node, FW_YAML_TEXT, "a whole number") &&
        (fw_value_parse(FW_UNIT_COUNT, node->text, number) != 0 || *number < 0 || *number > most))
        PROBLEM(spec, node, "%.64s: must be a whole number from 0 to %lld, not \"%.64s\"", node->key->text,
                (long long)most, node->text);
}

static void read_bool(struct fw_spec *spec, const struct fw_yaml_node *node, bool *flag) {
    int64_t value = 0;

    if (is(spec, node, FW_YAML_TEXT, "true or false") && fw_value_parse(FW_UNIT_BOOL, node->text, &value) != 0)
        PROBLEM(spec, node, "%.64s: must be true or false, not \"%.64s\"", node->key->text, node->text);
    *flag = value != 0;
}

static void read_text(struct fw_spec *spec, const struct fw_yaml_node *node, const char *form, const char **text) {
    if (is(spec, node, FW_YAML_TEXT, form))
        *text = node->text;
}

static void read_time(struct fw_spec *spec, const struct fw_yaml_node *node, fw_time *time) {
    if (is(spec, node, FW_YAML_TEXT, "a time like 2026-10-12T08:00:00Z") && fw_feed_parse_time(node->text, time) != 0)
        PROBLEM(spec, node, "%.64s: must be a time like 2026-10-12T08:00:00Z, not \"%.64s\"", node->key->text,
                node->text);
}

static size_t find(const char *text, const char *const *names, size_t n) {
    size_t i = 0;

    while (i < n && strcmp(text, names[i]) != 0)
        i++;
    return i;
}

/* --- expectations -------------------------------------------------------- */

static const char *const kinds[] = {"finding", "summary", "health"}; /* as enum fw_document_kind */
static const char *const actions[] = {"open", "update", "close"};
static const char *const classes[] = {"threat", "usage", "anomaly"};
static const char *const transports[] = {"tcp", "udp", "icmp", "ipv6-icmp"};

static const struct {
    const char *name;
    const char *const *words; /* it is one of them */
    size_t words_count;
    int64_t most; /* > 0: it is a number up to this */
    bool addr;
} fields[FW_SPEC_FIELDS] = {
    [FW_SPEC_KIND] = {"kind", kinds, 3, 0, false},        [FW_SPEC_RULE] = {"rule", NULL, 0, 0, false},
    [FW_SPEC_SOURCE] = {"source", NULL, 0, 0, true},      [FW_SPEC_DESTINATION] = {"destination", NULL, 0, 0, true},
    [FW_SPEC_PORT] = {"port", NULL, 0, 65535, false},     [FW_SPEC_TRANSPORT] = {"transport", transports, 4, 0, false},
    [FW_SPEC_ACTION] = {"action", actions, 3, 0, false},  [FW_SPEC_CLASS] = {"class", classes, 3, 0, false},
    [FW_SPEC_SEVERITY] = {"severity", NULL, 0, 7, false}, [FW_SPEC_STAGE] = {"stage", NULL, 0, 100, false},
    [FW_SPEC_TEXT] = {"text", NULL, 0, 0, false},         [FW_SPEC_COUNT] = {"count", NULL, 0, 1000000, false},
};

static void check_rule(struct fw_spec *spec, const struct fw_yaml_node *node, const struct fw_ruleset *rules) {
    const char *names[FW_DETECTORS_MAX + FW_RULES_MAX];
    size_t n = 0;

    for (; n < FW_DETECTORS_MAX && fw_detectors[n]; n++)
        names[n] = fw_detectors[n]->name;
    for (size_t i = 0; rules && i < rules->count; i++)
        names[n++] = rules->ops[i]->name;
    if (find(node->text, names, n) == n)
        unknown(spec, node, "detector or rule", names, n);
}

int fw_spec_check_rules(struct fw_spec *spec, const struct fw_ruleset *rules) {
    const unsigned before = spec->yaml.problems->count;

    for (size_t i = 0; i < spec->count; i++)
        for (size_t k = 0; k < spec->tests[i].expect_count; k++) {
            const struct fw_yaml_node *rule = spec->tests[i].expect[k].said[FW_SPEC_RULE];

            if (rule)
                check_rule(spec, rule, rules);
        }
    return spec->yaml.problems->count == before ? 0 : -1;
}

static void read_field(struct fw_spec *spec, const struct fw_yaml_node *node, enum fw_spec_field field,
                       struct fw_spec_expect *expect) {
    const char *const *words = fields[field].words;

    expect->said[field] = node;
    if (fields[field].most > 0) {
        read_number(spec, node, fields[field].most, &expect->number[field]);
        return;
    }
    if (!is(spec, node, FW_YAML_TEXT, "a word or a text"))
        return;
    if (words && find(node->text, words, fields[field].words_count) == fields[field].words_count)
        unknown(spec, node, fields[field].name, words, fields[field].words_count);
    if (fields[field].addr && fw_addr_parse(&expect->addr[field], node->text, strlen(node->text)) != 0)
        PROBLEM(spec, node, "%s: must be an address like 10.1.2.3, not \"%.64s\"", fields[field].name, node->text);
}

static void read_expectation(struct fw_spec *spec, const struct fw_yaml_node *node, struct fw_spec_expect *expect) {
    const char *names[FW_SPEC_FIELDS];

    for (size_t i = 0; i < FW_SPEC_FIELDS; i++)
        names[i] = fields[i].name;
    expect->line = node->line;
    if (!is(spec, node, FW_YAML_MAP, "what a finding is like: {rule: addr_scan, source: 10.1.2.3}"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        const size_t field = find(item->key->text, names, FW_SPEC_FIELDS);

        if (field == FW_SPEC_FIELDS)
            unknown(spec, item->key, "key", names, FW_SPEC_FIELDS);
        else
            read_field(spec, item, (enum fw_spec_field)field, expect);
    }
}

static void read_expect(struct fw_spec *spec, const struct fw_yaml_node *node, struct fw_spec_test *test) {
    if (!is(spec, node, FW_YAML_LIST, "a list of what is found: [] is nothing"))
        return;
    test->expect = calloc(node->count + 1, sizeof *test->expect);
    if (!test->expect) {
        PROBLEM(spec, node, "not enough memory");
        return;
    }
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        read_expectation(spec, item, &test->expect[test->expect_count++]);
}

/* --- counters ------------------------------------------------------------ */

static void put_counter(struct fw_spec_test *test, const char *name, unsigned line, int64_t value) {
    size_t i = 0;

    while (i < test->counters_count && test->counters[i].name != NULL && strcmp(test->counters[i].name, name) != 0)
        i++;
    test->counters[i] = (struct fw_spec_counter){.line = line, .name = name, .value = value};
    test->counters_count = i < test->counters_count ? test->counters_count : i + 1;
}

static void read_counter(struct fw_spec *spec, const struct fw_yaml_node *node, const char *name,
                         struct fw_spec_test *test) {
    int64_t value = 0;

    read_number(spec, node, INT64_MAX, &value);
    put_counter(test, name, node->line, value);
}

static void read_counters(struct fw_spec *spec, const struct fw_yaml_node *node, struct fw_spec_test *test) {
    if (!is(spec, node, FW_YAML_MAP, "a mapping of counters: {events_suppressed: 25}"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        const size_t n = find(item->key->text, counter_names, COUNTERS);

        if (n == COUNTERS)
            unknown(spec, item->key, "counter", counter_names, COUNTERS);
        else
            read_counter(spec, item, counter_names[n], test);
    }
}

/* --- tests --------------------------------------------------------------- */

enum { T_NAME, T_LINES, T_INPUT, T_REFERENCE, T_UNTIL_QUIET, T_EXPECT, T_OTHERS, T_UNPARSED, T_REFUSED, T_COUNTERS };
static const char *const test_keys[] = {"name",   "lines",  "input",    "reference", "until_quiet",
                                        "expect", "others", "unparsed", "refused",   "counters"};
#define TEST_KEYS (sizeof test_keys / sizeof *test_keys)

static void read_key(struct fw_spec *spec, const struct fw_yaml_node *node, struct fw_spec_test *test) {
    switch (find(node->key->text, test_keys, TEST_KEYS)) {
    case T_NAME:
        read_text(spec, node, "a text", &test->name);
        break;
    case T_LINES:
        read_text(spec, node, "a text of log lines: lines: |", &test->lines);
        break;
    case T_INPUT:
        read_text(spec, node, "the name of a file", &test->input);
        break;
    case T_REFERENCE:
        read_time(spec, node, &test->reference);
        break;
    case T_UNTIL_QUIET:
        read_bool(spec, node, &test->until_quiet);
        break;
    case T_EXPECT:
        read_expect(spec, node, test);
        break;
    case T_OTHERS:
        read_bool(spec, node, &test->others);
        break;
    case T_UNPARSED:
        read_counter(spec, node, "lines_unparsed", test);
        break;
    case T_REFUSED:
        read_counter(spec, node, "lines_refused", test);
        break;
    case T_COUNTERS:
        read_counters(spec, node, test);
        break;
    default:
        unknown(spec, node->key, "key", test_keys, TEST_KEYS);
    }
}

static void read_test(struct fw_spec *spec, const struct fw_yaml_node *node, struct fw_spec_test *test) {
    test->line = node->line;
    test->reference = spec->reference;
    if (!is(spec, node, FW_YAML_MAP, "a mapping: name, lines or input, expect"))
        return;
    test->counters = calloc(COUNTERS, sizeof *test->counters);
    if (!test->counters) {
        PROBLEM(spec, node, "not enough memory");
        return;
    }
    put_counter(test, "lines_unparsed", node->line, 0);
    put_counter(test, "lines_refused", node->line, 0);
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        if (item->type != FW_YAML_BROKEN)
            read_key(spec, item, test);
    if (!test->name)
        PROBLEM(spec, node, "a test needs a name");
    if (!test->lines == !test->input)
        PROBLEM(spec, node, "a test needs either lines or input");
    if (!test->expect)
        PROBLEM(spec, node, "a test needs expect; expect: [] says that nothing is found");
}

static void read_tests(struct fw_spec *spec, const struct fw_yaml_node *node) {
    if (!is(spec, node, FW_YAML_LIST, "a list of tests, each with name, lines or input, and expect"))
        return;
    spec->tests = calloc(node->count + 1, sizeof *spec->tests);
    if (!spec->tests) {
        PROBLEM(spec, node, "not enough memory");
        return;
    }
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        read_test(spec, item, &spec->tests[spec->count++]);
}

static void read_root(struct fw_spec *spec, const struct fw_yaml_node *root) {
    static const char *const names[] = {"policy", "reference", "tests"};
    const struct fw_yaml_node *tests = NULL;

    if (!is(spec, root, FW_YAML_MAP, "a mapping: policy, reference, tests"))
        return;
    for (const struct fw_yaml_node *node = root->first; node; node = node->next) {
        const size_t n = find(node->key->text, names, 3);

        if (n == 0 && node->type == FW_YAML_NULL)
            spec->no_policy = true;
        else if (n == 0)
            read_text(spec, node, "the name of a policy, or ~ for the defaults", &spec->policy);
        else if (n == 1)
            read_time(spec, node, &spec->reference);
        else if (n == 2)
            tests = node;
        else
            unknown(spec, node->key, "key", names, 3);
    }
    if (tests) /* after the reference, wherever that stands */
        read_tests(spec, tests);
}

int fw_spec_read(struct fw_spec *spec, const char *path, struct fw_problems *problems) {
    const unsigned before = problems->count;

    *spec = (struct fw_spec){.reference = FW_SPEC_REFERENCE};
    if (fw_yaml_read(&spec->yaml, path, FW_SPEC_BYTES_MAX, problems) == 0 && spec->yaml.root)
        read_root(spec, spec->yaml.root);
    if (problems->count == before && spec->count == 0)
        fw_problem(problems, path, 0, 0, "there is no test in it");
    return problems->count == before ? 0 : -1;
}

void fw_spec_free(struct fw_spec *spec) {
    for (size_t i = 0; i < spec->count; i++) {
        free(spec->tests[i].expect);
        free(spec->tests[i].counters);
    }
    free(spec->tests);
    fw_yaml_free(&spec->yaml);
    *spec = (struct fw_spec){.count = 0};
}
