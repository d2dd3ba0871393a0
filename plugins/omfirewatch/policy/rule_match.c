/* rule_match.c: the condition of a rule, from YAML to the tree of rules/match.h.
 *
 *     match: {kind: auth, outcome: failure, src: [office, 192.0.2.0/24]}
 *
 * All keys of a mapping must hold, one value of a list. and, or, not take
 * mappings; a list in place of a mapping is an or. A key may carry modifiers after
 * '|', as in Sigma: dport|gt, url|contains, message|re.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "value.h"

enum modifier {
    MOD_GT,
    MOD_GTE,
    MOD_LT,
    MOD_LTE,
    MOD_RE,
    MOD_CONTAINS,
    MOD_STARTSWITH,
    MOD_ENDSWITH,
    MOD_CASED,
    MOD_CIDR,
    MOD_EXISTS,
    MOD_ALL,
    MODS
};
static const char *const modifiers[MODS] = {"gt",         "gte",      "lt",    "lte",  "re",     "contains",
                                            "startswith", "endswith", "cased", "cidr", "exists", "all"};
#define COMPARES (1u << MOD_GT | 1u << MOD_GTE | 1u << MOD_LT | 1u << MOD_LTE)
#define TEXTUAL  (1u << MOD_RE | 1u << MOD_CONTAINS | 1u << MOD_STARTSWITH | 1u << MOD_ENDSWITH | 1u << MOD_CASED)

#define NUMBER_FORM "a number, a range like 1024-65535, or a list of them"

static struct fw_match *read_match(struct fw_policy_reader *reader, const struct fw_yaml_node *node, unsigned depth);

static struct fw_match *new_match(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                                  enum fw_match_op op) {
    struct fw_match *match = fw_match_new(op);

    if (!match)
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
    return match;
}

/* ---- the key ---- */

struct key {
    unsigned field;
    unsigned mods; /* bits */
};

static void unknown_field(struct fw_policy_reader *reader, const struct fw_yaml_node *key, const char *name) {
    const char *names[FW_RULE_FIELDS + 3] = {"and", "or", "not"}, *near;

    for (unsigned i = 0; i < FW_RULE_FIELDS; i++)
        names[i + 3] = fw_rule_field_name(i);
    near = fw_problem_nearest(name, names, FW_RULE_FIELDS + 3);
    FW_POLICY_PROBLEM(reader, key,
                      "there is no field \"%.64s\"%s%s%s; allowed are and, or, not, the fields of events (src, dst, "
                      "dport, proto, action, user, url ...) and kind, message, program, direction, src_role, dst_role, "
                      "finding, stage, connection, reply",
                      name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* Does that modifier make sense with such a field? */
static bool fits(unsigned mod, enum fw_sort sort) {
    if ((COMPARES >> mod & 1) != 0)
        return sort == FW_SORT_NUMBER;
    if ((TEXTUAL >> mod & 1) != 0)
        return sort == FW_SORT_TEXT;
    if (mod == MOD_CIDR)
        return sort == FW_SORT_ADDR;
    return mod != MOD_ALL || sort == FW_SORT_TEXT;
}

static bool read_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct key *key) {
    char text[FW_POLICY_NAME_MAX * 2] = "", *rest = text, *name;

    if (strlen(node->text) >= sizeof text) {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" is no field of an event", node->text);
        return false;
    }
    (void)snprintf(text, sizeof text, "%s", node->text);
    name = strsep(&rest, "|");
    *key = (struct key){.field = fw_rule_field_find(name)};
    if (key->field == FW_RULE_FIELDS) {
        unknown_field(reader, node, name);
        return false;
    }
    if (fw_rule_is_capture(key->field)) {
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is what a condition finds: it can be used in by, distinct and say",
                          name);
        return false;
    }
    while (rest) {
        const char *word = strsep(&rest, "|");
        const size_t mod = fw_policy_find(word, modifiers, MODS);

        if (mod == MODS || !fits((unsigned)mod, fw_rule_field_sort(key->field))) {
            const char *near = mod == MODS ? fw_problem_nearest(word, modifiers, MODS) : NULL;
            FW_POLICY_PROBLEM(reader, node,
                              "\"%.64s\" %s%s%s%s; numbers have gt, gte, lt, lte, texts re, contains, startswith, "
                              "endswith, cased, all, every field exists",
                              word, mod == MODS ? "is no modifier" : "does not go with this field",
                              near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
            return false;
        }
        key->mods |= 1u << mod;
    }
    return true;
}

/* ---- values ---- */

static size_t count_of(const struct fw_yaml_node *node) {
    return node->type == FW_YAML_LIST ? node->count : 1;
}

static const struct fw_yaml_node *first_of(const struct fw_yaml_node *node) {
    return node->type == FW_YAML_LIST ? node->first : node;
}

static const struct fw_yaml_node *next_of(const struct fw_yaml_node *list, const struct fw_yaml_node *item) {
    return list->type == FW_YAML_LIST ? item->next : NULL;
}

static bool read_number(unsigned field, const char *text, uint64_t *value) {
    static const struct {
        const char *name;
        unsigned number;
    } protos[] = {{"icmp", FW_PROTO_ICMP},       {"tcp", FW_PROTO_TCP}, {"udp", FW_PROTO_UDP}, {"gre", 47}, {"esp", 50},
                  {"ipv6-icmp", FW_PROTO_ICMP6}, {"sctp", 132}};
    int64_t number;

    for (size_t i = 0; field == FW_F_proto && i < sizeof protos / sizeof *protos; i++)
        if (strcmp(text, protos[i].name) == 0) {
            *value = protos[i].number;
            return true;
        }
    if (field == FW_F_duration) {
        if (fw_value_parse(FW_UNIT_SECONDS, text, &number) != 0 || number > INT64_MAX / FW_SECOND)
            return false;
        *value = (uint64_t)(number * FW_SECOND);
        return true;
    }
    return fw_value_parse_bytes(text, value) == 0;
}

static bool read_range(const struct key *key, const char *text, struct fw_range *range) {
    char first[64];
    const char *dash = strchr(text, '-');
    uint64_t value;

    if (dash && dash > text && (size_t)(dash - text) < sizeof first && key->field != FW_F_proto) {
        (void)snprintf(first, sizeof first, "%.*s", (int)(dash - text), text);
        return (key->mods & COMPARES) == 0 && read_number(key->field, first, &range->first) &&
               read_number(key->field, dash + 1, &range->last) && range->first <= range->last;
    }
    if (!read_number(key->field, text, &value))
        return false;
    *range = (struct fw_range){value, value};
    if ((key->mods & 1u << MOD_GT) != 0)
        *range = (struct fw_range){value + 1, UINT64_MAX};
    else if ((key->mods & 1u << MOD_GTE) != 0)
        *range = (struct fw_range){value, UINT64_MAX};
    else if ((key->mods & 1u << MOD_LT) != 0)
        *range = value == 0 ? (struct fw_range){1, 0} : (struct fw_range){0, value - 1};
    else if ((key->mods & 1u << MOD_LTE) != 0)
        *range = (struct fw_range){0, value};
    return true;
}

static int compare_ranges(const void *x, const void *y) {
    const struct fw_range *a = x, *b = y;

    return a->first != b->first ? (a->first < b->first ? -1 : 1) : (a->last > b->last) - (a->last < b->last);
}

/* In rising order, those that touch as one. */
static void join_ranges(struct fw_match *match) {
    size_t n = 0;

    qsort(match->ranges, match->count, sizeof *match->ranges, compare_ranges);
    for (size_t i = 0; i < match->count; i++) {
        const struct fw_range one = match->ranges[i];

        if (one.first > one.last)
            continue;
        if (n > 0 && (match->ranges[n - 1].last == UINT64_MAX || one.first <= match->ranges[n - 1].last + 1)) {
            if (one.last > match->ranges[n - 1].last)
                match->ranges[n - 1].last = one.last;
        } else {
            match->ranges[n++] = one;
        }
    }
    match->count = n;
}

static void read_ranges(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct key *key,
                        struct fw_match *match) {
    match->test = FW_TEST_RANGES;
    match->ranges = calloc(count_of(node) + 1, sizeof *match->ranges);
    for (const struct fw_yaml_node *item = first_of(node); item && match->ranges; item = next_of(node, item)) {
        if (!fw_policy_expect(reader, item, FW_YAML_TEXT, fw_rule_field_name(key->field), NUMBER_FORM))
            continue;
        if (!read_range(key, item->text, &match->ranges[match->count++]))
            FW_POLICY_PROBLEM(reader, item, "\"%s\" is \"%.64s\"; it must be %s", fw_rule_field_name(key->field),
                              item->text,
                              key->field == FW_F_duration ? "a duration like 10s or 2h, or a range of them"
                              : key->field == FW_F_proto  ? "a protocol: tcp, udp, icmp, or its number"
                                                          : NUMBER_FORM);
    }
    if (match->ranges)
        join_ranges(match);
}

static bool append_nets(struct fw_match *match, const struct fw_policy *policy, const struct fw_policy_nets *nets,
                        size_t *room) {
    for (size_t i = 0; i < nets->count; i++) {
        if (nets->items[i].named) {
            if (!append_nets(match, policy, &policy->names[nets->items[i].name].nets, room))
                return false;
            continue;
        }
        if (match->count == *room) {
            struct fw_net *grown = realloc(match->nets, 2 * (*room + 8) * sizeof *grown);
            if (!grown || *room > FW_POLICY_FACTS_MAX) {
                match->nets = grown ? grown : match->nets;
                return false;
            }
            match->nets = grown;
            *room = 2 * (*room + 8);
        }
        match->nets[match->count++] = nets->items[i].net;
    }
    return true;
}

static void read_nets(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct key *key,
                      struct fw_match *match) {
    struct fw_policy_nets nets = {.count = 0};
    size_t room = 0;
    bool fine = true;

    match->test = FW_TEST_NETS;
    for (const struct fw_yaml_node *item = first_of(node); item && fine; item = next_of(node, item)) {
        if (item->type == FW_YAML_TEXT && strcmp(item->text, "home") == 0)
            fine = append_nets(match, reader->policy, &reader->policy->home, &room);
        else
            fw_policy_read_nets(reader, item, fw_rule_field_name(key->field), &nets);
    }
    fine = fine && append_nets(match, reader->policy, &nets, &room);
    free(nets.items);
    if (!fine)
        FW_POLICY_PROBLEM(reader, node, "there is no room for so many networks");
}

static void read_words(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct key *key,
                       struct fw_match *match) {
    const char *names[64];
    uint64_t bits[64], bit = 0;
    size_t n = 0;

    match->test = FW_TEST_WORDS;
    for (; n < 64 && (names[n] = fw_rule_field_word(key->field, n, &bit)) != NULL; n++)
        bits[n] = bit;
    for (const struct fw_yaml_node *item = first_of(node); item; item = next_of(node, item)) {
        if (!fw_policy_expect(reader, item, FW_YAML_TEXT, fw_rule_field_name(key->field), "a word, or a list of them"))
            continue;
        const size_t i = fw_policy_find(item->text, names, n);

        if (i == n)
            fw_policy_unknown(reader, item, fw_rule_field_name(key->field), names, n);
        else
            match->words |= bits[i];
    }
}

static enum fw_pattern_kind kind_of(unsigned mods) {
    return (mods & 1u << MOD_RE) != 0           ? FW_PATTERN_REGEX
           : (mods & 1u << MOD_CONTAINS) != 0   ? FW_PATTERN_PART
           : (mods & 1u << MOD_STARTSWITH) != 0 ? FW_PATTERN_PREFIX
           : (mods & 1u << MOD_ENDSWITH) != 0   ? FW_PATTERN_SUFFIX
                                                : FW_PATTERN_EXACT;
}

/* A finding that nobody makes is a typing error. A rule further on counts: rules are compiled together. */
static void check_finding(struct fw_policy_reader *reader, const struct fw_yaml_node *item) {
    const char *names[FW_DETECTORS_MAX + FW_RULES_MAX];
    size_t n = fw_policy_detector_names(names);

    n += fw_policy_rule_ids(reader, names + n);
    if (strpbrk(item->text, "*?") == NULL && fw_policy_find(item->text, names, n) == n)
        fw_policy_unknown(reader, item, "detector or rule", names, n);
}

static void read_texts(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct key *key,
                       struct fw_match *match) {
    char err[FW_PROBLEM_TEXT / 2];

    match->test = FW_TEST_TEXTS;
    match->patterns = calloc(count_of(node) + 1, sizeof *match->patterns);
    for (const struct fw_yaml_node *item = first_of(node); item && match->patterns; item = next_of(node, item)) {
        if (!fw_policy_expect(reader, item, FW_YAML_TEXT, fw_rule_field_name(key->field), "a text, or a list of them"))
            continue;
        if (key->field == FW_RULE_FINDING && (key->mods & ~(1u << MOD_CASED)) == 0)
            check_finding(reader, item);
        if (fw_pattern_open(&match->patterns[match->count], kind_of(key->mods), item->text,
                            (key->mods & 1u << MOD_CASED) != 0, err, sizeof err) != 0)
            FW_POLICY_PROBLEM(reader, item, "\"%.64s\" is %s", item->text, err);
        else if (match->patterns[match->count++].kind == FW_PATTERN_EXACT && key->field == FW_RULE_MESSAGE)
            FW_POLICY_PROBLEM(reader, item,
                              "\"message\" is the whole line, with its time: say message|contains, or \"*%.64s*\"",
                              item->text);
    }
}

/* All of the texts: a test for each. */
static struct fw_match *read_all(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                                 const struct key *key) {
    struct fw_match *all = new_match(reader, node, FW_MATCH_AND);

    for (const struct fw_yaml_node *item = first_of(node); item && all; item = next_of(node, item)) {
        struct fw_match *one = new_match(reader, item, FW_MATCH_TEST);

        if (!one)
            break;
        one->field = key->field;
        fw_match_add(all, one);
        if (item->type == FW_YAML_LIST)
            FW_POLICY_PROBLEM(reader, item, "a list in a list");
        else
            read_texts(reader, item, key, one);
    }
    return all;
}

static struct fw_match *read_exists(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                                    struct fw_match *test) {
    int64_t yes = 1;

    test->test = FW_TEST_HAS;
    if (fw_policy_expect(reader, node, FW_YAML_TEXT, "exists", "yes or no") &&
        fw_value_parse(FW_UNIT_BOOL, node->text, &yes) != 0)
        FW_POLICY_PROBLEM(reader, node, "\"exists\" is \"%.64s\"; it must be yes or no", node->text);
    if (yes != 0)
        return test;
    struct fw_match *not = new_match(reader, node, FW_MATCH_NOT);

    if (!not )
        return test;
    fw_match_add(not, test);
    return not ;
}

static struct fw_match *read_test(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_match *match;
    struct key key;

    if (!read_key(reader, node->key, &key))
        return NULL;
    if (node->type == FW_YAML_LIST && node->count == 0) {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" is an empty list: no value would do", node->key->text);
        return NULL;
    }
    if ((key.mods & 1u << MOD_ALL) != 0)
        return read_all(reader, node, &key);
    match = new_match(reader, node, FW_MATCH_TEST);
    if (!match)
        return NULL;
    match->field = key.field;
    if ((key.mods & 1u << MOD_EXISTS) != 0)
        return read_exists(reader, node, match);
    switch (fw_rule_field_sort(key.field)) {
    case FW_SORT_ADDR:
        read_nets(reader, node, &key, match);
        break;
    case FW_SORT_NUMBER:
        read_ranges(reader, node, &key, match);
        break;
    case FW_SORT_WORD:
        read_words(reader, node, &key, match);
        break;
    case FW_SORT_TEXT:
        read_texts(reader, node, &key, match);
        break;
    }
    return match;
}

/* ---- and, or, not ---- */

static void add(struct fw_match *parent, struct fw_match *child) {
    if (child)
        fw_match_add(parent, child);
}

static struct fw_match *read_list(struct fw_policy_reader *reader, const struct fw_yaml_node *node, enum fw_match_op op,
                                  unsigned depth) {
    struct fw_match *match = new_match(reader, node, op);

    if (node->type == FW_YAML_LIST && node->count == 0)
        FW_POLICY_PROBLEM(reader, node, "an empty list of conditions");
    for (const struct fw_yaml_node *item = first_of(node); item && match; item = next_of(node, item))
        add(match, read_match(reader, item, depth + 1));
    return match;
}

/* Of a mapping in "or" each key is a condition. */
static struct fw_match *read_map(struct fw_policy_reader *reader, const struct fw_yaml_node *map, enum fw_match_op op,
                                 unsigned depth) {
    struct fw_match *match = new_match(reader, map, op);

    if (map->count == 0)
        FW_POLICY_PROBLEM(reader, map, "an empty condition: it would hold for every line; say kind: [...]");
    for (const struct fw_yaml_node *node = map->first; node && match; node = node->next) {
        const bool is_and = strcmp(node->key->text, "and") == 0, is_or = strcmp(node->key->text, "or") == 0;

        if (is_or && node->type == FW_YAML_MAP) {
            add(match, read_map(reader, node, FW_MATCH_OR, depth + 1));
        } else if (is_and || is_or) {
            add(match, read_list(reader, node, is_and ? FW_MATCH_AND : FW_MATCH_OR, depth));
        } else if (strcmp(node->key->text, "not") == 0) {
            struct fw_match *not = new_match(reader, node, FW_MATCH_NOT);
            struct fw_match *what = read_match(reader, node, depth + 1);

            if (!not || !what) {
                fw_match_free(&not );
                fw_match_free(&what);
                continue;
            }
            fw_match_add(not, what);
            fw_match_add(match, not );
        } else if (node->type != FW_YAML_BROKEN) {
            add(match, read_test(reader, node));
        }
    }
    return match;
}

static struct fw_match *read_match(struct fw_policy_reader *reader, const struct fw_yaml_node *node, unsigned depth) {
    if (depth > FW_MATCH_DEPTH_MAX) {
        FW_POLICY_PROBLEM(reader, node, "more than %d conditions in each other", FW_MATCH_DEPTH_MAX);
        return NULL;
    }
    if (node->type == FW_YAML_LIST)
        return read_list(reader, node, FW_MATCH_OR, depth);
    if (!fw_policy_expect(reader, node, FW_YAML_MAP, node->key ? node->key->text : "a condition",
                          "a condition: {kind: auth, outcome: failure, src: [office, 192.0.2.0/24]}"))
        return NULL;
    return read_map(reader, node, FW_MATCH_AND, depth);
}

struct fw_match *fw_policy_read_match(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    return read_match(reader, node, 0);
}
