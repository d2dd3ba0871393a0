/* rule_parts.c: see rule_parts.h. */
#include "rule_parts.h"

#include <stdlib.h>
#include <string.h>

#include "value.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define WINDOW_FORM  "a duration, or {tumbling: 1h}, {session: 10m} or {leak: 5s}"

/* ---- single values ---- */

bool fw_rule_read_text(struct fw_policy_reader *reader, const struct fw_yaml_node *node, char **text) {
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, node->key->text, "a text of one line"))
        return false;
    if (strlen(node->text) > FW_RULE_TEXT_MAX || strchr(node->text, '\n') || node->text[0] == '\0') {
        FW_POLICY_PROBLEM(reader, node, "\"%s\" must be one line of 1 to %d bytes", node->key->text, FW_RULE_TEXT_MAX);
        return false;
    }
    free(*text);
    *text = strdup(node->text);
    if (!*text)
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
    return *text != NULL;
}

fw_time fw_rule_read_span(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *what,
                          const char *form) {
    int64_t seconds = 0;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, what, "a duration: 41s, 15m, 1h, 2d"))
        return 0;
    if (fw_value_parse(FW_UNIT_SECONDS, node->text, &seconds) != 0 || seconds < 1 ||
        seconds > FW_RULE_WINDOW_MAX / FW_SECOND) {
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is \"%.64s\"; it must be %s", what, node->text, form);
        return 0;
    }
    return seconds * FW_SECOND;
}

uint64_t fw_rule_read_number(struct fw_policy_reader *reader, const struct fw_yaml_node *node, uint64_t most) {
    uint64_t value = 0;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, node->key->text, "a number"))
        return 0;
    if (fw_value_parse_bytes(node->text, &value) != 0 || value < 1 || value > most) {
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is \"%.64s\"; it must be a whole number from 1 to %llu",
                          node->key->text, node->text, (unsigned long long)most);
        return 0;
    }
    return value;
}

bool fw_rule_read_yes(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    int64_t yes = 1;

    if (fw_policy_expect(reader, node, FW_YAML_TEXT, node->key->text, "yes or no") &&
        fw_value_parse(FW_UNIT_BOOL, node->text, &yes) != 0)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is \"%.64s\"; it must be yes or no", node->key->text, node->text);
    return yes != 0;
}

unsigned fw_rule_read_field(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const char *names[FW_RULE_FIELDS];
    unsigned field;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, node->key ? node->key->text : "a field", "the name of a field"))
        return FW_RULE_FIELDS;
    field = fw_rule_field_find(node->text);
    for (unsigned i = 0; i < FW_RULE_FIELDS; i++)
        names[i] = fw_rule_field_name(i);
    if (field == FW_RULE_FIELDS)
        fw_policy_unknown(reader, node, "field", names, FW_RULE_FIELDS);
    return field;
}

unsigned fw_rule_read_numeric(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const unsigned field = fw_rule_read_field(reader, node);

    if (field != FW_RULE_FIELDS && fw_rule_field_sort(field) != FW_SORT_NUMBER)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is no number: bytes, sent, rcvd, packets, duration can be added",
                          node->text);
    return field;
}

/* ---- parts ---- */

void fw_rule_read_id(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    size_t len;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "id", "a name"))
        return;
    len = strspn(node->text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (node->text[len] != '\0' || len == 0 || len > FW_RULE_ID_MAX || node->text[0] < 'a') {
        FW_POLICY_PROBLEM(reader, node,
                          "\"%.64s\" is no id: a small letter, then small letters, digits and '_', at most %d",
                          node->text, FW_RULE_ID_MAX);
        return;
    }
    if (fw_detector_find(node->text)) {
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is the name of a detector: a rule needs another id", node->text);
        return;
    }
    rule->id = strdup(node->text);
}

void fw_rule_read_by(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    const struct fw_yaml_node *item = node->type == FW_YAML_LIST ? node->first : node;

    for (; item; item = node->type == FW_YAML_LIST ? item->next : NULL) {
        if (rule->key_count == FW_RULE_KEYS_MAX) {
            FW_POLICY_PROBLEM(reader, item, "a key has at most %d fields", FW_RULE_KEYS_MAX);
            return;
        }
        rule->key[rule->key_count] = fw_rule_read_field(reader, item);
        rule->key_count += rule->key[rule->key_count] != FW_RULE_FIELDS;
    }
}

void fw_rule_read_attack(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    const struct fw_yaml_node *item = node->type == FW_YAML_LIST ? node->first : node;
    size_t n = 0;

    for (; item; item = node->type == FW_YAML_LIST ? item->next : NULL) {
        if (!fw_policy_expect(reader, item, FW_YAML_TEXT, "attack", "ids of ATT&CK: [T1110.001, TA0006]"))
            return;
        const char *p = item->text, *digits = p + (p[0] == 'T' && p[1] == 'A' ? 2 : p[0] == 'T' ? 1 : 0);
        const size_t len = strspn(digits, "0123456789"), rest = strlen(digits + len);
        const bool sub =
            digits == p + 1 && digits[len] == '.' && rest == 4 && strspn(digits + len + 1, "0123456789") == 3;

        if (digits == p || len != 4 || (rest != 0 && !sub)) {
            FW_POLICY_PROBLEM(reader, item, "\"%.64s\" is no id of ATT&CK: T1110, T1110.001 or TA0006", item->text);
        } else if (n == FW_RULE_ATTACK_MAX) {
            FW_POLICY_PROBLEM(reader, item, "at most %d ids of ATT&CK", FW_RULE_ATTACK_MAX);
            return;
        } else {
            rule->attack[n++] = strdup(item->text);
        }
    }
}

void fw_rule_read_severity(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    /* The middle of what fw_document_severity() makes them of. */
    static const char *const names[] = {"critical", "error", "warning", "notice", "info"};
    static const unsigned scores[] = {90, 74, 50, 30, 10};

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "severity", "critical, error, warning, notice or info"))
        return;
    const size_t i = fw_policy_find(node->text, names, COUNT(names));

    if (i == COUNT(names))
        fw_policy_unknown(reader, node, "severity", names, COUNT(names));
    else
        rule->ops.score = scores[i];
}

void fw_rule_read_class(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    static const char *const names[] = {"threat", "usage", "anomaly"};

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "class", "threat, usage or anomaly"))
        return;
    const size_t i = fw_policy_find(node->text, names, COUNT(names));

    if (i == COUNT(names))
        fw_policy_unknown(reader, node, "class", names, COUNT(names));
    else
        rule->ops.class = (enum fw_class)i;
}

void fw_rule_read_window(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    static const char *const names[] = {"sliding", "tumbling", "session", "leak"};

    if (node->type != FW_YAML_MAP) {
        rule->stages[0].window = fw_rule_read_span(reader, node, "window", FW_RULE_SPAN_FORM);
        return;
    }
    if (node->count != 1) {
        FW_POLICY_PROBLEM(reader, node, "\"window\" must be " WINDOW_FORM);
        return;
    }
    const size_t i = fw_policy_find(node->first->key->text, names, COUNT(names));

    if (i == COUNT(names)) {
        fw_policy_unknown(reader, node->first->key, "kind of window", names, COUNT(names));
        return;
    }
    rule->window = (enum fw_window_kind)i;
    rule->stages[0].window = fw_rule_read_span(reader, node->first, names[i], FW_RULE_SPAN_FORM);
}

static void take_stage(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct fw_rule_stage *stage = cookie;

    if (key == 0)
        stage->threshold = fw_rule_read_number(reader, node, FW_RULE_THRESHOLD_MAX);
    else
        stage->window = fw_rule_read_span(reader, node, "window", FW_RULE_SPAN_FORM);
}

/* Those above the first, which threshold and window say. */
void fw_rule_read_stages(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    static const char *const names[] = {"threshold", "window"};

    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "stages",
                          "a list of the stages above the first: [{threshold: 300, window: 20m}]"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        struct fw_rule_stage *stage = &rule->stages[rule->stages_count];

        if (rule->stages_count == FW_RULE_STAGES_MAX) {
            FW_POLICY_PROBLEM(reader, item, "more than %d stages", FW_RULE_STAGES_MAX);
            return;
        }
        if (!fw_policy_expect(reader, item, FW_YAML_MAP, "a stage", "{threshold: 300, window: 20m}"))
            continue;
        *stage = (struct fw_rule_stage){.window = rule->stages[0].window};
        if ((fw_policy_read_map(reader, item, "key of a stage", names, 2, take_stage, stage) & 1) == 0)
            FW_POLICY_PROBLEM(reader, item, "this stage has no \"threshold\"");
        else if (stage->threshold <= rule->stages[rule->stages_count - 1].threshold)
            FW_POLICY_PROBLEM(reader, item, "the threshold of a stage must be above the one before");
        rule->stages_count++;
    }
}

/* ---- times ---- */

struct fw_times *fw_rule_read_times(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const struct fw_zone *zone = fw_policy_zone_of(reader->policy, NULL);
    struct fw_calendar_span spans[FW_CALENDAR_SPANS_MAX];
    size_t count = 0;
    struct fw_times *times = NULL;

    fw_policy_read_when(reader, node, spans, &count);
    if (count > 0) {
        times = fw_times_new(spans, count, zone);
        if (!times)
            FW_POLICY_PROBLEM(reader, node, "not enough memory");
    }
    return times;
}

void fw_rule_read_when(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule) {
    rule->when = fw_rule_read_times(reader, node);
}
