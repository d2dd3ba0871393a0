/* policy.c: see policy.h. Reads the tree of yaml.h section by section and goes
 * on after a problem, so that one run shows them all.
 *
 * A key that says nothing ("roles:" with everything below commented out) is as
 * if it were not there, except home: there it could mean two things.
 */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define KNOWN_MAX    300 /* characters of a list of names in a problem; more names are not listed */

const char *const fw_policy_role_names[FW_ROLE_NUMBERS] = {"home",
#define FW_ROLE(name, doc) #name,
                                                           FW_ROLE_LIST
#undef FW_ROLE
};

/* --- what every section needs -------------------------------------------- */

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

static size_t find(const char *text, const char *const *names, size_t n) {
    size_t i = 0;

    while (i < n && strcmp(names[i], text) != 0)
        i++;
    return i;
}

/* --- roles --------------------------------------------------------------- */

static void read_role_name(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                           struct fw_policy_role *role) {
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "role", "the name of a role"))
        return;
    role->number = (unsigned)find(node->text, fw_policy_role_names, FW_ROLE_NUMBERS);
    if (role->number == FW_ROLE_NUMBER_home)
        FW_POLICY_PROBLEM(reader, node, "\"home\" is no role; write its networks under \"home\" at the top");
    else if (role->number == FW_ROLE_NUMBERS)
        fw_policy_unknown(reader, node, "role", fw_policy_role_names + 1, FW_ROLE_NUMBERS - 1);
}

/* One line of it: block texts come with line breaks. */
static char *copy_flat(const char *text) {
    char *copy = malloc(strlen(text) + 1), *out = copy;

    if (!copy)
        return NULL;
    for (const char *p = text; *p; p++) {
        const bool blank = *p == ' ' || *p == '\n' || *p == '\t';

        if (!blank)
            *out++ = *p;
        else if (out > copy && out[-1] != ' ')
            *out++ = ' ';
    }
    if (out > copy && out[-1] == ' ')
        out--;
    *out = '\0';
    return copy;
}

static void read_reason(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_policy_role *role) {
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "reason", "a sentence that says why"))
        return;
    role->reason = copy_flat(node->text);
    if (!role->reason)
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
    else if (role->reason[0] == '\0')
        FW_POLICY_PROBLEM(reader, node, "\"reason\" is empty; whoever reads this next year wants to know why");
    else if (strlen(role->reason) > FW_POLICY_REASON_MAX)
        FW_POLICY_PROBLEM(reader, node, "\"reason\" is longer than %d bytes", FW_POLICY_REASON_MAX);
}

static void read_role(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct fw_policy_role *role) {
    static const char *const keys[] = {"role", "networks", "reason"};
    bool seen[COUNT(keys)] = {false};

    for (const struct fw_yaml_node *node = item->first; node; node = node->next) {
        const size_t key = find(node->key->text, keys, COUNT(keys));

        if (key == COUNT(keys)) {
            fw_policy_unknown(reader, node->key, "key of a role", keys, COUNT(keys));
            continue;
        }
        if (seen[key]) /* reported by yaml.c */
            continue;
        seen[key] = true;
        if (key == 0)
            read_role_name(reader, node, role);
        else if (key == 1)
            fw_policy_read_nets(reader, node, "networks", &role->nets);
        else
            read_reason(reader, node, role);
    }
    for (size_t i = 0; i < COUNT(keys); i++)
        if (!seen[i])
            FW_POLICY_PROBLEM(reader, item, "this role has no \"%s\"; every role has role, networks and reason",
                              keys[i]);
}

static void read_roles(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "roles",
                          "a list: - {role: nms, networks: [10.1.0.5], reason: \"...\"}"))
        return;
    policy->roles = calloc(node->count + 1, sizeof *policy->roles);
    if (!policy->roles) {
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
        return;
    }
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        if (fw_policy_expect(reader, item, FW_YAML_MAP, "a role",
                             "a mapping: {role: ..., networks: [...], reason: \"...\"}"))
            read_role(reader, item, &policy->roles[policy->roles_count++]);
}

/* --- detectors ----------------------------------------------------------- */

static void read_value(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const struct fw_param *param,
                       int64_t *value) {
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
    else
        *value = read;
}

static void read_detector(struct fw_policy_reader *reader, const struct fw_yaml_node *section,
                          const struct fw_detector_ops *ops, struct fw_detector_setting *setting) {
    static const struct fw_param enabled = {.name = "enabled", .unit = FW_UNIT_BOOL, .max = 1, .value = 1};
    const char *names[FW_PARAMS_MAX + 1] = {"enabled"};
    const size_t n = fw_detector_params(ops);

    for (size_t i = 0; i < n; i++)
        names[i + 1] = ops->params[i].name;
    for (const struct fw_yaml_node *node = section->first; node; node = node->next) {
        const size_t key = find(node->key->text, names, n + 1);
        int64_t on = setting->enabled;

        if (key == 0) {
            read_value(reader, node, &enabled, &on);
            setting->enabled = on != 0;
        } else if (key <= n) {
            read_value(reader, node, &ops->params[key - 1], &setting->values[key - 1]);
        } else {
            char kind[FW_PROBLEM_TEXT / 4];

            (void)snprintf(kind, sizeof kind, "parameter of %s", ops->name);
            fw_policy_unknown(reader, node->key, kind, names, n + 1);
        }
    }
}

static void read_detectors(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const char *names[FW_DETECTORS_MAX];
    size_t n = 0;

    while (n < FW_DETECTORS_MAX && fw_detectors[n]) {
        names[n] = fw_detectors[n]->name;
        n++;
    }
    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "detectors", "a mapping of names, each with its parameters"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        const size_t i = find(item->key->text, names, n);

        if (i == n)
            fw_policy_unknown(reader, item->key, "detector", names, n);
        else if (item->type != FW_YAML_NULL && fw_policy_expect(reader, item, FW_YAML_MAP, names[i],
                                                                "a mapping of its parameters: {enabled: true, ...}"))
            read_detector(reader, item, fw_detectors[i], &reader->policy->detectors[i]);
    }
}

/* --- limits -------------------------------------------------------------- */

static void read_max_memory(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    char min[FW_VALUE_TEXT], max[FW_VALUE_TEXT];
    uint64_t bytes;

    (void)fw_value_format_bytes(FW_MEMORY_MIN, min);
    (void)fw_value_format_bytes(FW_POLICY_MEMORY_MAX, max);
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "max_memory", "a size: 256MiB or 1GiB"))
        return;
    if (fw_value_parse_bytes(node->text, &bytes) != 0)
        FW_POLICY_PROBLEM(reader, node, "\"max_memory\" is \"%.64s\"; it must be a size: 256MiB or 1GiB", node->text);
    else if (bytes < FW_MEMORY_MIN || bytes > FW_POLICY_MEMORY_MAX || bytes > SIZE_MAX)
        FW_POLICY_PROBLEM(reader, node, "\"max_memory\" is %.64s; allowed is %s to %s", node->text, min, max);
    else
        reader->policy->settings.max_memory = (size_t)bytes;
}

static void read_limits(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    static const char *const keys[] = {"findings_per_minute", "max_memory"};
    static const struct fw_param per_minute = {.name = "findings_per_minute",
                                               .unit = FW_UNIT_COUNT,
                                               .min = 1,
                                               .max = FW_POLICY_PER_MIN_MAX,
                                               .value = FW_PER_MINUTE_DEFAULT};

    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "limits",
                          "a mapping: {findings_per_minute: 60, max_memory: 256MiB}"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        const size_t key = find(item->key->text, keys, COUNT(keys));
        int64_t value = reader->policy->settings.findings_per_minute;

        if (key == 0) {
            read_value(reader, item, &per_minute, &value);
            reader->policy->settings.findings_per_minute = (unsigned)value;
        } else if (key == 1) {
            read_max_memory(reader, item);
        } else {
            fw_policy_unknown(reader, item->key, "limit", keys, COUNT(keys));
        }
    }
}

/* --- the whole ----------------------------------------------------------- */

static void read_home(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    free(reader->policy->home.items);
    reader->policy->home = (struct fw_policy_nets){0};
    fw_policy_read_nets(reader, node, "home", &reader->policy->home);
}

/* In this order, whatever the file's: the other lists use the names of networks. */
static const struct section {
    const char *name;
    void (*read)(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
} sections[] = {
    {"networks", fw_policy_read_names}, {"home", read_home},     {"roles", read_roles},
    {"detectors", read_detectors},      {"limits", read_limits},
};

static void read_root(struct fw_policy_reader *reader, const struct fw_yaml_node *root) {
    static const char *const names[COUNT(sections)] = {"home", "networks", "roles", "detectors", "limits"};

    if (root->type == FW_YAML_NULL)
        return;
    if (!fw_policy_expect(reader, root, FW_YAML_MAP, "a policy",
                          "a mapping with keys home, networks, roles, detectors, limits"))
        return;
    for (size_t i = 0; i < COUNT(sections); i++) {
        const struct fw_yaml_node *node = root->first;

        while (node && strcmp(node->key->text, sections[i].name) != 0)
            node = node->next;
        if (node && (node->type != FW_YAML_NULL || sections[i].read == read_home))
            sections[i].read(reader, node);
    }
    for (const struct fw_yaml_node *node = root->first; node; node = node->next)
        if (find(node->key->text, names, COUNT(names)) == COUNT(names))
            fw_policy_unknown(reader, node->key, "key", names, COUNT(names));
}

static int set_defaults(struct fw_policy *policy) {
    for (size_t i = 0; i < FW_DETECTORS_MAX && fw_detectors[i]; i++) {
        policy->detectors[i].enabled = true;
        for (size_t k = 0; k < fw_detector_params(fw_detectors[i]); k++)
            policy->detectors[i].values[k] = fw_detectors[i]->params[k].value;
    }
    policy->settings = (struct fw_settings){.site = &policy->site,
                                            .detectors = policy->detectors,
                                            .max_memory = FW_MEMORY_DEFAULT,
                                            .findings_per_minute = FW_PER_MINUTE_DEFAULT};
    return fw_policy_default_home(policy);
}

static int load(struct fw_policy *policy, const char *path, struct fw_problems *problems) {
    struct fw_policy_reader reader = {.policy = policy};
    const unsigned before = problems->count;

    if (set_defaults(policy) != 0)
        goto no_memory;
    if (path) {
        if (fw_yaml_read(&reader.yaml, path, FW_POLICY_BYTES_MAX, problems) == 0 && reader.yaml.root)
            read_root(&reader, reader.yaml.root);
        fw_yaml_free(&reader.yaml);
    }
    if (problems->count != before)
        return -1;
    if (fw_policy_build_site(policy) == 0)
        return 0;
no_memory:
    fw_problem(problems, path ? path : "(defaults)", 0, 0, "not enough memory");
    return -1;
}

int fw_policy_open(struct fw_policy **policy, const char *path, struct fw_problems *problems) {
    struct fw_policy *opened = calloc(1, sizeof *opened);

    *policy = NULL;
    if (!opened) {
        fw_problem(problems, path ? path : "(defaults)", 0, 0, "not enough memory");
        return -1;
    }
    if (load(opened, path, problems) != 0) {
        fw_policy_close(&opened);
        return -1;
    }
    *policy = opened;
    return 0;
}

void fw_policy_close(struct fw_policy **policy) {
    struct fw_policy *closed = *policy;

    *policy = NULL;
    if (!closed)
        return;
    for (size_t i = 0; i < closed->names_count; i++) {
        free(closed->names[i].name);
        free(closed->names[i].nets.items);
    }
    for (size_t i = 0; i < closed->roles_count; i++) {
        free(closed->roles[i].reason);
        free(closed->roles[i].nets.items);
    }
    free(closed->names);
    free(closed->roles);
    free(closed->home.items);
    fw_netmap_free(&closed->site.nets);
    free(closed);
}

const struct fw_settings *fw_policy_settings(const struct fw_policy *policy) {
    return &policy->settings;
}
