/* rules.c: rules of one's own, from YAML to struct fw_rule; the room rules/ compiles them. */
#include <stdlib.h>
#include <string.h>

#include "rule_parts.h"
#include "value.h"

#define COUNT(array)   (sizeof(array) / sizeof *(array))
#define MEMORY_DEFAULT (30 * 24 * FW_HOUR) /* of first_seen: a month has every weekday and the end of a month */
#define TOP_DEFAULT    10
#define ABSENCE_FORM   FW_RULE_SPAN_FORM ", or times: \"weekdays 02:00-02:30\""
#define DUE_WINDOW     (24 * FW_HOUR) /* of what is due at times: as far as anybody asks what it looks back */
#define MISSING        " for example: - {id: my_rule, match: {kind: flow_deny}, by: [src], count: 20, window: 1m}"

enum rule_key {
    KEY_ID,
    KEY_TITLE,
    KEY_MATCH,
    KEY_BY,
    KEY_COUNT,
    KEY_DISTINCT,
    KEY_SUM,
    KEY_SEQUENCE,
    KEY_ABSENCE,
    KEY_FIRST_SEEN,
    KEY_RANK,
    KEY_THRESHOLD,
    KEY_WINDOW,
    KEY_STAGES,
    KEY_AFTER,
    KEY_LEARN,
    KEY_TOP,
    KEY_WEIGHT,
    KEY_ANY_ORDER,
    KEY_THROTTLE,
    KEY_QUIET,
    KEY_EXCEPT,
    KEY_WHEN,
    KEY_SEVERITY,
    KEY_CLASS,
    KEY_SAY,
    KEY_NEXT,
    KEY_ATTACK,
    KEY_ENABLED,
    KEYS
};
static const char *const keys[KEYS] = {
    "id",    "title",     "match",  "by",       "count", "distinct", "sum",  "sequence", "absence",   "first_seen",
    "rank",  "threshold", "window", "stages",   "after", "learn",    "top",  "weight",   "any_order", "throttle",
    "quiet", "except",    "when",   "severity", "class", "say",      "next", "attack",   "enabled"};
#define VERB_KEYS                                                                                                      \
    (1u << KEY_COUNT | 1u << KEY_DISTINCT | 1u << KEY_SUM | 1u << KEY_SEQUENCE | 1u << KEY_ABSENCE |                   \
     1u << KEY_FIRST_SEEN | 1u << KEY_RANK)

struct reading {
    struct fw_rule *rule;
    const struct fw_yaml_node *nodes[KEYS]; /* NULL: not said */
    bool off;
};

/* ---- steps ---- */

struct step_reading {
    struct fw_rule_step *step;
    const struct fw_rule *rule;
};

static void read_aliases(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                         const struct step_reading *of) {
    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "as", "what the key is called in this step: {src: dst}"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        const unsigned from = fw_rule_field_find(item->key->text), to = fw_rule_read_field(reader, item);
        size_t i = 0;

        while (i < of->rule->key_count && of->rule->key[i] != from)
            i++;
        if (i == of->rule->key_count)
            FW_POLICY_PROBLEM(reader, item->key, "\"%.64s\" is no field of this rule's \"by\"", item->key->text);
        else if (to != FW_RULE_FIELDS && fw_rule_field_sort(to) != fw_rule_field_sort(from))
            FW_POLICY_PROBLEM(reader, item, "\"%s\" cannot stand for \"%s\": they are of different sorts", item->text,
                              item->key->text);
        else
            of->step->key[i] = to;
    }
}

static void take_step(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    const struct step_reading *of = cookie;

    if (key == 0)
        of->step->match = fw_policy_read_match(reader, node);
    else if (key == 1)
        of->step->times = (unsigned)fw_rule_read_number(reader, node, FW_RULE_STEPS_MAX);
    else
        read_aliases(reader, node, of);
}

static void read_step(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    static const char *const names[] = {"match", "times", "as"};
    struct fw_rule_step *step = &rule->steps[rule->steps_count];
    struct step_reading of = {step, rule};

    memcpy(step->key, rule->key, sizeof step->key);
    if (rule->steps_count++ == FW_RULE_STEPS_MAX - 1 && node->next) {
        FW_POLICY_PROBLEM(reader, node->next, "more than %d steps", FW_RULE_STEPS_MAX);
        return;
    }
    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "a step", "{match: {...}, times: 5, as: {src: dst}}"))
        return;
    if ((fw_policy_read_map(reader, node, "key of a step", names, COUNT(names), take_step, &of) & 1) == 0)
        FW_POLICY_PROBLEM(reader, node, "this step has no \"match\"");
}

static void read_sequence(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "sequence", "a list of steps: [{match: {...}}, {match: {...}}]"))
        return;
    for (const struct fw_yaml_node *item = node->first; item && rule->steps_count < FW_RULE_STEPS_MAX;
         item = item->next)
        read_step(reader, item, rule);
    if (rule->steps_count < 2 && rule->steps[0].times < 2)
        FW_POLICY_PROBLEM(reader, node, "a sequence has at least two steps, or one that comes several times");
}

static void add_step(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    struct fw_rule_step *step = &rule->steps[rule->steps_count++];

    memcpy(step->key, rule->key, sizeof step->key);
    step->match = fw_policy_read_match(reader, node);
}

/* ---- exceptions ---- */

struct except_reading {
    struct fw_rule_except *except;
    struct fw_policy_date until;
};

static void take_except(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct except_reading *of = cookie;

    if (key == 0)
        of->except->match = fw_policy_read_match(reader, node);
    else if (key == 1)
        (void)fw_policy_expect(reader, node, FW_YAML_TEXT, "reason", "a text: why it is left alone");
    else if (key == 2)
        of->except->when = fw_rule_read_times(reader, node);
    else if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "until", "a date: 2027-03-31"))
        return;
    else if (fw_policy_parse_date(node->text, &of->until) != 0)
        FW_POLICY_PROBLEM(reader, node, "\"until\" is \"%.64s\"; it must be a date, the last day: 2027-03-31",
                          node->text);
    else
        of->except->until = fw_policy_end_of_day(&of->until, fw_policy_zone_of(reader->policy, NULL));
}

static void read_except(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    static const char *const names[] = {"match", "reason", "when", "until"};

    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "except",
                          "a list: [{match: {src: 10.1.0.5}, reason: \"...\", until: 2027-03-31}]"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        struct except_reading of = {.except = &rule->except[rule->except_count]};

        if (rule->except_count == FW_RULE_EXCEPT_MAX) {
            FW_POLICY_PROBLEM(reader, item, "more than %d exceptions in one rule", FW_RULE_EXCEPT_MAX);
            return;
        }
        if (!fw_policy_expect(reader, item, FW_YAML_MAP, "an exception",
                              "{match: {src: 10.1.0.5}, reason: \"...\", until: 2027-03-31}"))
            continue;
        of.except->until = FW_TIME_MAX;
        rule->except_count++;
        if ((fw_policy_read_map(reader, item, "key of an exception", names, COUNT(names), take_except, &of) & 3) != 3)
            FW_POLICY_PROBLEM(reader, item, "this exception needs a \"match\" and a \"reason\"");
        if (!of.except->match) {
            of.except->match = fw_match_new(FW_MATCH_OR); /* nothing */
        }
    }
}

/* ---- what the verb wants ---- */

static void forbid(struct fw_policy_reader *reader, const struct reading *of, const char *verb,
                   const enum rule_key *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (of->nodes[list[i]])
            FW_POLICY_PROBLEM(reader, of->nodes[list[i]]->key, "\"%s\" does not go with \"%s\"", keys[list[i]], verb);
}

static void need(struct fw_policy_reader *reader, const struct fw_yaml_node *item, const struct reading *of,
                 enum rule_key key, const char *why) {
    if (!of->nodes[key])
        FW_POLICY_PROBLEM(reader, item, "this rule has no \"%s\"%s", keys[key], why);
}

/* What is there is emptied within its window, which is so long when it is full. */
static void read_leak(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    if (!node) /* and reported */
        return;
    rule->leak = rule->stages[0].window;
    if (rule->verb == FW_VERB_SUM)
        FW_POLICY_PROBLEM(reader, node, "\"leak\" goes with \"count\" and \"distinct\"");
    else if (rule->stages[0].threshold > FW_DISTINCT_MAX)
        FW_POLICY_PROBLEM(reader, node, "a bucket that leaks holds %d at most", FW_DISTINCT_MAX);
    else if (rule->leak * (fw_time)rule->stages[0].threshold > FW_RULE_WINDOW_MAX)
        FW_POLICY_PROBLEM(reader, node, "a full bucket would take more than 366d until it is empty");
    else
        rule->stages[0].window *= (fw_time)rule->stages[0].threshold;
}

static void read_measure(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct reading *of) {
    struct fw_rule *rule = of->rule;
    static const enum rule_key not_these[] = {KEY_AFTER, KEY_LEARN, KEY_TOP, KEY_WEIGHT, KEY_ANY_ORDER};

    if (rule->verb == FW_VERB_COUNT) {
        rule->stages[0].threshold = fw_rule_read_number(reader, of->nodes[KEY_COUNT], FW_RULE_THRESHOLD_MAX);
        if (of->nodes[KEY_THRESHOLD])
            FW_POLICY_PROBLEM(reader, of->nodes[KEY_THRESHOLD]->key, "\"count\" is the threshold: say it there");
    } else {
        need(reader, item, of, KEY_THRESHOLD, ": from how many on, or how much, it is a finding");
        if (of->nodes[KEY_THRESHOLD])
            rule->stages[0].threshold = fw_rule_read_number(reader, of->nodes[KEY_THRESHOLD], FW_RULE_THRESHOLD_MAX);
        rule->of = rule->verb == FW_VERB_SUM ? fw_rule_read_numeric(reader, of->nodes[KEY_SUM])
                                             : fw_rule_read_field(reader, of->nodes[KEY_DISTINCT]);
    }
    if (rule->verb != FW_VERB_COUNT || rule->stages[0].threshold > 1)
        need(reader, item, of, KEY_WINDOW, ": within what time");
    else if (!of->nodes[KEY_WINDOW])
        rule->stages[0].window = rule->throttle != 0 ? rule->throttle : FW_MINUTE;
    if (of->nodes[KEY_STAGES])
        fw_rule_read_stages(reader, of->nodes[KEY_STAGES], rule);
    const struct fw_yaml_node *many = of->nodes[rule->verb == FW_VERB_COUNT ? KEY_COUNT : KEY_THRESHOLD];
    if (many && rule->verb != FW_VERB_SUM && rule->window == FW_WINDOW_SLIDING &&
        rule->stages[0].threshold > FW_DISTINCT_MAX)
        FW_POLICY_PROBLEM(reader, many,
                          "a sliding window holds %d at most; for more say window: {tumbling: 1h}, or a stage above",
                          FW_DISTINCT_MAX);
    if (rule->window == FW_WINDOW_LEAK)
        read_leak(reader, of->nodes[KEY_WINDOW], rule);
    if (rule->window != FW_WINDOW_SLIDING)
        for (size_t i = 1; i < rule->stages_count; i++)
            rule->stages[i].window = rule->stages[0].window;
    forbid(reader, of,
           keys[rule->verb == FW_VERB_COUNT ? KEY_COUNT
                : rule->verb == FW_VERB_SUM ? KEY_SUM
                                            : KEY_DISTINCT],
           not_these, COUNT(not_these));
}

static void read_absence(struct fw_policy_reader *reader, struct reading *of) {
    static const enum rule_key not_these[] = {KEY_THRESHOLD, KEY_WINDOW, KEY_STAGES,    KEY_LEARN,
                                              KEY_TOP,       KEY_WEIGHT, KEY_ANY_ORDER, KEY_THROTTLE};
    const struct fw_yaml_node *node = of->nodes[KEY_ABSENCE];

    if (node->type == FW_YAML_LIST || (node->type == FW_YAML_TEXT && strpbrk(node->text, ": ,"))) {
        of->rule->due = fw_rule_read_times(reader, node);
        of->rule->stages[0].window = DUE_WINDOW;
        if (of->nodes[KEY_AFTER])
            FW_POLICY_PROBLEM(reader, of->nodes[KEY_AFTER]->key,
                              "\"after\" does not go with times in \"absence\": "
                              "say how long after it, as 10m");
    } else {
        of->rule->stages[0].window = fw_rule_read_span(reader, node, "absence", ABSENCE_FORM);
    }
    forbid(reader, of, "absence", not_these, COUNT(not_these));
}

static void read_first_seen(struct fw_policy_reader *reader, struct reading *of) {
    struct fw_rule *rule = of->rule;
    static const enum rule_key not_these[] = {KEY_THRESHOLD, KEY_STAGES, KEY_AFTER, KEY_TOP, KEY_WEIGHT, KEY_ANY_ORDER};

    rule->of = fw_rule_read_field(reader, of->nodes[KEY_FIRST_SEEN]);
    if (!of->nodes[KEY_WINDOW])
        rule->stages[0].window = MEMORY_DEFAULT;
    if (of->nodes[KEY_LEARN])
        rule->learn = fw_rule_read_span(reader, of->nodes[KEY_LEARN], "learn", FW_RULE_SPAN_FORM);
    if (of->nodes[KEY_WINDOW] && rule->window != FW_WINDOW_SLIDING)
        FW_POLICY_PROBLEM(reader, of->nodes[KEY_WINDOW], "the window of \"first_seen\" is a duration");
    forbid(reader, of, "first_seen", not_these, COUNT(not_these));
}

static void read_rank(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct reading *of) {
    struct fw_rule *rule = of->rule;
    static const enum rule_key not_these[] = {KEY_THRESHOLD, KEY_STAGES, KEY_AFTER, KEY_LEARN,    KEY_ANY_ORDER,
                                              KEY_THROTTLE,  KEY_QUIET,  KEY_SAY,   KEY_SEVERITY, KEY_BY};

    if (rule->key_count == 0)
        fw_rule_read_by(reader, of->nodes[KEY_RANK], rule);
    memcpy(rule->steps[0].key, rule->key, sizeof rule->key);
    rule->top =
        of->nodes[KEY_TOP] ? (unsigned)fw_rule_read_number(reader, of->nodes[KEY_TOP], FW_RULE_TOP_MAX) : TOP_DEFAULT;
    rule->top = rule->top != 0 ? rule->top : TOP_DEFAULT;
    if (of->nodes[KEY_WEIGHT])
        rule->of = fw_rule_read_numeric(reader, of->nodes[KEY_WEIGHT]);
    need(reader, item, of, KEY_WINDOW, ": how often it is told");
    rule->window = FW_WINDOW_TUMBLING;
    forbid(reader, of, "rank", not_these, COUNT(not_these));
}

static void read_sequence_verb(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct reading *of) {
    static const enum rule_key not_these[] = {KEY_MATCH, KEY_THRESHOLD, KEY_STAGES, KEY_AFTER,
                                              KEY_LEARN, KEY_TOP,       KEY_WEIGHT};
    struct fw_rule *rule = of->rule;

    read_sequence(reader, of->nodes[KEY_SEQUENCE], rule);
    need(reader, item, of, KEY_WINDOW, ": within what time");
    if (rule->window != FW_WINDOW_SLIDING)
        FW_POLICY_PROBLEM(reader, of->nodes[KEY_WINDOW], "the window of a sequence is a duration");
    rule->any_order = of->nodes[KEY_ANY_ORDER] && fw_rule_read_yes(reader, of->nodes[KEY_ANY_ORDER]);
    forbid(reader, of, "sequence", not_these, COUNT(not_these));
}

static void read_verb(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct reading *of) {
    static const enum rule_key verbs[FW_VERBS] = {KEY_COUNT,   KEY_DISTINCT,   KEY_SUM, KEY_SEQUENCE,
                                                  KEY_ABSENCE, KEY_FIRST_SEEN, KEY_RANK};
    unsigned n = 0;

    for (size_t i = 0; i < FW_VERBS; i++)
        if (of->nodes[verbs[i]]) {
            of->rule->verb = (enum fw_verb)i;
            n++;
        }
    if (n != 1) {
        FW_POLICY_PROBLEM(reader, item,
                          "a rule has exactly one of count, distinct, sum, sequence, absence, first_seen and rank; "
                          "this has %u",
                          n);
        return;
    }
    switch (of->rule->verb) {
    case FW_VERB_COUNT:
    case FW_VERB_DISTINCT:
    case FW_VERB_SUM:
        read_measure(reader, item, of);
        break;
    case FW_VERB_SEQUENCE:
        read_sequence_verb(reader, item, of);
        break;
    case FW_VERB_ABSENCE:
        read_absence(reader, of);
        break;
    case FW_VERB_FIRST_SEEN:
        read_first_seen(reader, of);
        break;
    case FW_VERB_RANK:
        read_rank(reader, item, of);
        break;
    case FW_VERBS:
        break;
    }
}

/* ---- when it is over ---- */

static void take_quiet(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct fw_rule *rule = cookie;

    if (key == 0)
        rule->calm = (unsigned)fw_rule_read_number(reader, node, FW_RULE_STEPS_MAX);
    else
        rule->quiet = fw_rule_read_span(reader, node, "window", FW_RULE_SPAN_FORM);
}

/* After the verb is known. */
static void read_quiet(struct fw_policy_reader *reader, const struct reading *of) {
    static const char *const names[] = {"at_most", "window"};
    const struct fw_yaml_node *node = of->nodes[KEY_QUIET];

    if (node->type != FW_YAML_MAP) {
        of->rule->quiet = fw_rule_read_span(reader, node, "quiet", FW_RULE_SPAN_FORM ", or {at_most: 2, window: 1h}");
        return;
    }
    if (fw_policy_read_map(reader, node, "key of \"quiet\"", names, COUNT(names), take_quiet, of->rule) != 3)
        FW_POLICY_PROBLEM(reader, node, "\"quiet\" must be " FW_RULE_SPAN_FORM ", or {at_most: 2, window: 1h}");
    if (!of->nodes[KEY_COUNT])
        FW_POLICY_PROBLEM(reader, node, "\"at_most\" goes with \"count\" only");
    for (size_t i = 0; i < 2; i++)
        if (of->nodes[i == 0 ? KEY_STAGES : KEY_THROTTLE])
            FW_POLICY_PROBLEM(reader, node, "\"at_most\" does not go with \"%s\"", i == 0 ? "stages" : "throttle");
}

/* ---- the sentence ---- */

/* "{src}, {user}: title: {count} in {span}" */
static void default_sentence(const struct fw_rule *rule, char *text, size_t size) {
    static const char *const ends[FW_VERBS] = {
        ": {count} in {span}", ": {count} in {span}", ": {count} in {span}", "", "", "", ""};
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < rule->key_count && len < size; i++)
        len += (size_t)snprintf(text + len, size - len, "%s{%s}", i > 0 ? ", " : "", fw_rule_field_name(rule->key[i]));
    if (rule->verb == FW_VERB_FIRST_SEEN && rule->of != FW_RULE_FIELDS && len < size)
        len += (size_t)snprintf(text + len, size - len, "%s{%s}", len > 0 ? ", " : "", fw_rule_field_name(rule->of));
    if (len > 0 && len < size)
        len += (size_t)snprintf(text + len, size - len, ": ");
    for (const char *p = rule->title; *p != '\0' && len + 3 < size; p++) {
        if (*p == '{')
            text[len++] = '{';
        text[len++] = *p;
    }
    if (len < size)
        (void)snprintf(text + len, size - len, "%s",
                       rule->verb == FW_VERB_COUNT && rule->stages[0].threshold == 1 ? "" : ends[rule->verb]);
}

static void read_say(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct reading *of) {
    const struct fw_yaml_node *node = of->nodes[KEY_SAY];
    char text[3 * FW_RULE_TEXT_MAX], err[FW_PROBLEM_TEXT / 2] = "";

    if (node && !fw_policy_expect(reader, node, FW_YAML_TEXT, "say", "a sentence: \"{src} failed {count} times\""))
        return;
    if (node && (strlen(node->text) > FW_RULE_TEXT_MAX || strchr(node->text, '\n')))
        FW_POLICY_PROBLEM(reader, node, "\"say\" must be one line of at most %d bytes", FW_RULE_TEXT_MAX);
    default_sentence(of->rule, text, sizeof text);
    if (fw_say_open(&of->rule->say, node ? node->text : text, err, sizeof err) != 0)
        FW_POLICY_PROBLEM(reader, node ? node : item, "\"say\": %s", err);
}

/* ---- a rule ---- */

static void take_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct reading *of = cookie;

    (void)reader;
    if (node->type != FW_YAML_NULL)
        of->nodes[key] = node;
}

static void read_parts(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct reading *of) {
    static const struct {
        enum rule_key key;
        void (*read)(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
    } parts[] = {
        {KEY_ID, fw_rule_read_id},       {KEY_BY, fw_rule_read_by},         {KEY_AFTER, add_step},
        {KEY_MATCH, add_step},           {KEY_WINDOW, fw_rule_read_window}, {KEY_SEVERITY, fw_rule_read_severity},
        {KEY_CLASS, fw_rule_read_class}, {KEY_ATTACK, fw_rule_read_attack}, {KEY_EXCEPT, read_except},
        {KEY_WHEN, fw_rule_read_when}};
    struct fw_rule *rule = of->rule;

    need(reader, item, of, KEY_ID, ";" MISSING);
    if (!of->nodes[KEY_SEQUENCE])
        need(reader, item, of, KEY_MATCH, ";" MISSING);
    rule->stages_count = 1;
    for (size_t i = 0; i < COUNT(parts); i++)
        if (of->nodes[parts[i].key] && !(of->nodes[KEY_SEQUENCE] && parts[i].read == add_step))
            parts[i].read(reader, of->nodes[parts[i].key], rule);
    if (of->nodes[KEY_TITLE])
        (void)fw_rule_read_text(reader, of->nodes[KEY_TITLE], &rule->title);
    if (of->nodes[KEY_NEXT])
        (void)fw_rule_read_text(reader, of->nodes[KEY_NEXT], &rule->next_step);
    if (of->nodes[KEY_THROTTLE])
        rule->throttle = fw_rule_read_span(reader, of->nodes[KEY_THROTTLE], "throttle", FW_RULE_SPAN_FORM);
    if (of->nodes[KEY_QUIET])
        read_quiet(reader, of);
    if (of->nodes[KEY_ENABLED])
        of->off = !fw_rule_read_yes(reader, of->nodes[KEY_ENABLED]);
    if (!rule->title)
        rule->title = strdup(rule->id ? rule->id : "rule");
    read_verb(reader, item, of);
    read_say(reader, item, of);
    rule->text = fw_policy_rule_text(item);
    if (!rule->title || !rule->text)
        FW_POLICY_PROBLEM(reader, item, "not enough memory");
}

static bool is_new(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct fw_rule *rule) {
    const struct fw_policy *policy = reader->policy;

    for (size_t i = 0; rule->id && i < policy->rules_count; i++)
        if (policy->rules[i] && strcmp(policy->rules[i]->id, rule->id) == 0) {
            FW_POLICY_PROBLEM(reader, node, "there is a rule \"%s\" in %s, line %u; each needs an id of its own",
                              rule->id, policy->rule_origins[i].path, policy->rule_origins[i].line);
            return false;
        }
    return true;
}

static void read_rule(struct fw_policy_reader *reader, const struct fw_yaml_node *item) {
    struct fw_policy *policy = reader->policy;
    struct reading of = {.rule = fw_rule_new()};
    const unsigned before = reader->problems->count;

    if (!of.rule) {
        FW_POLICY_PROBLEM(reader, item, "not enough memory");
        return;
    }
    (void)fw_policy_read_map(reader, item, "key of a rule", keys, KEYS, take_key, &of);
    read_parts(reader, item, &of);
    if (reader->problems->count != before || !is_new(reader, item, of.rule)) {
        fw_rule_free(&of.rule);
        return;
    }
    policy->rules_off[policy->rules_count] = of.off;
    policy->rule_origins[policy->rules_count] = fw_policy_origin(reader, item);
    policy->rules[policy->rules_count++] = of.rule;
}

void fw_policy_read_rules(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "rules", "a list of rules;" MISSING))
        return;
    if (!policy->rules) {
        policy->rules = calloc(FW_RULES_MAX, sizeof *policy->rules);
        policy->rules_off = calloc(FW_RULES_MAX, sizeof *policy->rules_off);
        policy->rule_origins = calloc(FW_RULES_MAX, sizeof *policy->rule_origins);
    }
    if (!policy->rules || !policy->rules_off || !policy->rule_origins) {
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
        return;
    }
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        if (policy->rules_count == FW_RULES_MAX) {
            FW_POLICY_PROBLEM(reader, item, "more than %d rules", FW_RULES_MAX);
            return;
        }
        if (fw_policy_expect(reader, item, FW_YAML_MAP, "a rule", "a mapping;" MISSING))
            read_rule(reader, item);
    }
}

/* ---- all of them ---- */

size_t fw_policy_rule_ids(const struct fw_policy_reader *reader, const char *ids[FW_RULES_MAX]) {
    size_t n = 0;

    for (size_t i = 0; i < reader->files_count; i++) {
        const struct fw_yaml_node *root = reader->files[i].root;
        const struct fw_yaml_node *section = root && root->type == FW_YAML_MAP ? root->first : NULL;

        while (section && strcmp(section->key->text, "rules") != 0)
            section = section->next;
        for (const struct fw_yaml_node *item = section ? section->first : NULL; item; item = item->next)
            for (const struct fw_yaml_node *key = item->type == FW_YAML_MAP ? item->first : NULL; key; key = key->next)
                if (n < FW_RULES_MAX && strcmp(key->key->text, "id") == 0 && key->type == FW_YAML_TEXT)
                    ids[n++] = key->text;
    }
    return n;
}

void fw_policy_finish_rules(struct fw_policy_reader *reader) {
    struct fw_policy *policy = reader->policy;
    char err[FW_PROBLEM_TEXT / 2] = "";
    size_t bad = 0;

    if (policy->rules_count == 0)
        return;
    const size_t n = policy->rules_count;
    const int result = fw_ruleset_open(&policy->ruleset, policy->rules, n, &bad, err, sizeof err);

    policy->rules_count = 0; /* they are the ruleset's */
    if (result != 0) {
        const struct fw_policy_origin *at = &policy->rule_origins[bad < n ? bad : 0];
        fw_problem(reader->problems, at->path, at->line, at->column, "this rule cannot be used: %s", err);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (policy->rules_off[i])
            fw_ruleset_off(policy->ruleset, i);
    policy->settings.rules = policy->ruleset;
}

void fw_policy_print_rules(const struct fw_policy *policy, FILE *out) {
    if (!policy->ruleset)
        return;
    (void)fputs("\nrules:\n", out);
    for (size_t i = 0; i < policy->ruleset->count; i++)
        (void)fputs(fw_ruleset_rule(policy->ruleset, i)->text, out);
}

void fw_policy_free_rules(struct fw_policy *policy) {
    for (size_t i = 0; i < policy->rules_count; i++)
        fw_rule_free(&policy->rules[i]);
    fw_ruleset_drop(&policy->ruleset);
    free(policy->rules);
    free(policy->rules_off);
    free(policy->rule_origins);
}
