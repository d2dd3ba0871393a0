/* read.c: what every section of a policy needs to be read, and to be refused well. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "value.h"

#define KNOWN_MAX 300 /* characters of a list of names in a problem; more names are not listed */

static const char *type_name(enum fw_yaml_type type) {
    switch (type) {
    case FW_YAML_TEXT:
        return "a single value";
    case FW_YAML_NULL:
        return "nothing";
    case FW_YAML_LIST:
        return "a list";
    case FW_YAML_MAP:
        return "a mapping";
    case FW_YAML_BROKEN:
        break;
    }
    return "broken";
}

bool fw_policy_expect(struct fw_policy_reader *reader, const struct fw_yaml_node *node, enum fw_yaml_type type,
                      const char *what, const char *form) {
    if (node->type == type)
        return true;
    if (node->type != FW_YAML_BROKEN)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is %s; it must be %s", what, type_name(node->type), form);
    return false;
}

void fw_policy_unknown(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *kind,
                       const char *const *names, size_t n) {
    const char *near = fw_problem_nearest(node->text, names, n);
    char known[KNOWN_MAX + 1] = "";
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        const size_t more = strlen(names[i]) + 2;

        if (len + more > KNOWN_MAX) {
            known[0] = '\0';
            break;
        }
        (void)snprintf(known + len, sizeof known - len, "%s%s", i > 0 ? ", " : "", names[i]);
        len = strlen(known);
    }
    FW_POLICY_PROBLEM(reader, node, "unknown %s \"%.64s\"%s%s%s%s%s", kind, node->text, near ? "; did you mean \"" : "",
                      near ? near : "", near ? "\"?" : "", known[0] ? (near ? " Known are: " : "; known are: ") : "",
                      known);
}

size_t fw_policy_find(const char *text, const char *const *names, size_t n) {
    size_t i = 0;

    while (i < n && strcmp(names[i], text) != 0)
        i++;
    return i;
}

size_t fw_policy_detector_names(const char *names[FW_DETECTORS_MAX]) {
    size_t n = 0;

    while (n < FW_DETECTORS_MAX && fw_detectors[n]) {
        names[n] = fw_detectors[n]->name;
        n++;
    }
    return n;
}

uint64_t fw_policy_read_map(struct fw_policy_reader *reader, const struct fw_yaml_node *map, const char *kind,
                            const char *const *names, size_t n, fw_policy_take_fn take, void *cookie) {
    uint64_t seen = 0;

    for (const struct fw_yaml_node *node = map->first; node; node = node->next) {
        const size_t key = fw_policy_find(node->key->text, names, n);

        if (key == n) {
            fw_policy_unknown(reader, node->key, kind, names, n);
            continue;
        }
        if (seen >> key & 1) /* reported by yaml.c */
            continue;
        seen |= UINT64_C(1) << key;
        take(reader, node, key, cookie);
    }
    return seen;
}

struct fw_policy_origin fw_policy_origin(const struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    return (struct fw_policy_origin){.path = reader->path, .line = node->line, .column = node->column};
}

bool fw_policy_agree(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *what, bool same,
                     struct fw_policy_origin *said) {
    if (!said->path) {
        *said = fw_policy_origin(reader, node);
        return true;
    }
    if (!same)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is different in %s, line %u: two places may say it, but the same", what,
                          said->path, said->line);
    return false;
}

void fw_policy_read_value(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                          const struct fw_param *param, int64_t *value, struct fw_policy_origin *said) {
    char min[FW_VALUE_TEXT], max[FW_VALUE_TEXT], standard[FW_VALUE_TEXT];
    int64_t read;

    (void)fw_value_format(param->unit, param->min, min);
    (void)fw_value_format(param->unit, param->max, max);
    (void)fw_value_format(param->unit, param->value, standard);
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, param->name, fw_value_form(param->unit)))
        return;
    if (fw_value_parse(param->unit, node->text, &read) != 0)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is \"%.64s\"; it must be %s (default %s)", param->name, node->text,
                          fw_value_form(param->unit), standard);
    else if (read < param->min || read > param->max)
        FW_POLICY_PROBLEM(reader, node, "\"%s\" is %.64s; allowed is %s to %s (default %s)", param->name, node->text,
                          min, max, standard);
    else if (fw_policy_agree(reader, node, param->name, read == *value, said))
        *value = read;
}

void *fw_policy_grow(struct fw_policy_reader *reader, const struct fw_yaml_node *node, void *items, size_t count,
                     size_t more, size_t size) {
    char *grown = realloc(items, (count + more + 1) * size); /* counts are bounded by FW_YAML_NODES_MAX */

    if (!grown) {
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
        return NULL;
    }
    memset(grown + count * size, 0, (more + 1) * size);
    return grown;
}
