/* policy.c: see policy.h. Reads the trees of yaml.h section by section and goes
 * on after a problem, so that one run shows them all.
 *
 * A key that says nothing ("roles:" with everything below commented out) is as
 * if it were not there, except home: there it could mean two things.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void read_nothing(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    (void)reader;
    (void)node;
}

/* In this order, whatever the files': the other lists use the names of networks, calendars the zone. */
static const struct section {
    const char *name;
    void (*read)(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
} sections[] = {
    {"include", read_nothing}, /* include.c did */
    {"zone", fw_policy_read_zone_section},
    {"lists", fw_policy_read_lists_section},
    {"networks", fw_policy_read_names},
    {"home", fw_policy_read_home},
    {"roles", fw_policy_read_roles},
    {"exceptions", fw_policy_read_exceptions},
    {"geo", fw_policy_read_geo},
    {"applications", fw_policy_read_applications},
    {"sensors", fw_policy_read_sensors},
    {"detectors", fw_policy_read_detectors},
    {"rules", fw_policy_read_rules},
    {"intervals", fw_policy_read_intervals},
    {"limits", fw_policy_read_limits},
};

static void read_section(struct fw_policy_reader *reader, const struct section *section,
                         const struct fw_yaml_node *root) {
    const struct fw_yaml_node *node = root->first;

    while (node && strcmp(node->key->text, section->name) != 0)
        node = node->next;
    if (node && (node->type != FW_YAML_NULL || section->read == fw_policy_read_home))
        section->read(reader, node);
}

static void check_root(struct fw_policy_reader *reader, struct fw_yaml *file) {
    const char *names[COUNT(sections)];

    if (!file->root || file->root->type == FW_YAML_NULL ||
        !fw_policy_expect(reader, file->root, FW_YAML_MAP, "a policy",
                          "a mapping with keys home, networks, roles, detectors, limits")) {
        file->root = NULL; /* its nodes are freed by another list */
        return;
    }
    for (size_t i = 0; i < COUNT(sections); i++)
        names[i] = sections[i].name;
    for (const struct fw_yaml_node *node = file->root->first; node; node = node->next)
        if (fw_policy_find(node->key->text, names, COUNT(names)) == COUNT(names))
            fw_policy_unknown(reader, node->key, "key", names, COUNT(names));
}

static void read_policy(struct fw_policy_reader *reader) {
    for (size_t i = 0; i < reader->files_count; i++) {
        reader->path = reader->files[i].path;
        check_root(reader, &reader->files[i]);
    }
    for (size_t s = 0; s < COUNT(sections); s++) {
        if (sections[s].read == fw_policy_read_applications) /* they use the names of services */
            fw_policy_load_lists(reader);
        for (size_t i = 0; i < reader->files_count; i++) {
            reader->path = reader->files[i].path;
            if (reader->files[i].root)
                read_section(reader, &sections[s], reader->files[i].root);
        }
    }
}

/* --- the whole ----------------------------------------------------------- */

static int set_defaults(struct fw_policy *policy) {
    for (size_t i = 0; i < FW_DETECTORS_MAX && fw_detectors[i]; i++) {
        policy->detectors[i].enabled = true;
        for (size_t k = 0; k < fw_detector_params(fw_detectors[i]); k++)
            policy->detectors[i].values[k] = fw_detectors[i]->params[k].value;
    }
    for (size_t i = 0; i < FW_POLICY_INTERVALS; i++)
        policy->intervals[i] = fw_policy_intervals[i].value;
    policy->settings = (struct fw_settings){.site = &policy->site,
                                            .detectors = policy->detectors,
                                            .max_memory = FW_MEMORY_DEFAULT,
                                            .findings_per_minute = FW_PER_MINUTE_DEFAULT};
    policy->paths = calloc(FW_POLICY_FILES_MAX, sizeof *policy->paths);
    return policy->paths ? fw_policy_default_home(policy) : -1;
}

/* Returns 0, or -1 when memory is missing. */
static int load(struct fw_policy_reader *reader, const char *path) {
    const unsigned before = reader->problems->count;

    if (set_defaults(reader->policy) != 0)
        return -1;
    if (path) {
        fw_policy_read_files(reader, path);
        read_policy(reader);
    } else {
        fw_policy_load_lists(reader);
    }
    fw_policy_finish_intervals(reader);
    if (reader->problems->count != before)
        return 0;
    fw_policy_finish_rules(reader);
    fw_policy_finish_entries(reader);
    fw_policy_finish_applications(reader);
    return fw_policy_build_site(reader);
}

int fw_policy_open(struct fw_policy **policy, const char *path, struct fw_problems *problems) {
    struct fw_policy_reader *reader = calloc(1, sizeof *reader);
    struct fw_policy *opened = calloc(1, sizeof *opened);
    struct fw_yaml *files = calloc(FW_POLICY_FILES_MAX, sizeof *files);
    const unsigned before = problems->count;

    *policy = NULL;
    if (reader)
        *reader = (struct fw_policy_reader){.policy = opened, .problems = problems, .files = files};
    if (!reader || !opened || !files || load(reader, path) != 0)
        fw_problem(problems, path ? path : "(defaults)", 0, 0, "not enough memory");
    for (size_t i = 0; reader && i < reader->files_count; i++)
        fw_yaml_free(&files[i]);
    free(files);
    free(reader);
    if (problems->count != before) {
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
    for (size_t i = 0; i < closed->sensors_count; i++)
        free(closed->sensors[i].name);
    for (size_t i = 0; i < closed->paths_count; i++)
        free(closed->paths[i]);
    fw_policy_free_rules(closed);
    fw_policy_free_entries(&closed->roles);
    fw_policy_free_entries(&closed->exceptions);
    fw_policy_free_applications(closed);
    fw_policy_free_lists(closed);
    fw_site_free(&closed->site);
    fw_policy_free_zones(closed);
    fw_policy_free_geo(closed);
    free(closed->names);
    free(closed->sensors);
    free(closed->site_sensors);
    free(closed->entries);
    free(closed->anywhere);
    free(closed->paths);
    free(closed->home.items);
    free(closed);
}

int fw_policy_only(struct fw_policy *policy, const char *list, const char **unknown, size_t *len) {
    bool on[FW_DETECTORS_MAX] = {false}, rules_on[FW_RULES_MAX] = {false};
    const size_t rules = policy->ruleset ? policy->ruleset->count : 0;

    for (const char *name = list; *name != '\0'; name += *len + (name[*len] == ',')) {
        bool known = false;

        *unknown = name;
        *len = strcspn(name, ",");
        for (size_t i = 0; fw_detectors[i] != NULL; i++)
            if (strlen(fw_detectors[i]->name) == *len && strncmp(fw_detectors[i]->name, name, *len) == 0)
                on[i] = known = true;
        for (size_t i = 0; i < rules; i++)
            if (strlen(policy->ruleset->ops[i]->name) == *len &&
                strncmp(policy->ruleset->ops[i]->name, name, *len) == 0)
                rules_on[i] = known = true;
        if (!known)
            return -1;
    }
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        policy->detectors[i].enabled = policy->detectors[i].enabled && on[i];
    for (size_t i = 0; i < rules; i++)
        if (!rules_on[i])
            fw_ruleset_off(policy->ruleset, i);
    return 0;
}

const struct fw_settings *fw_policy_settings(const struct fw_policy *policy) {
    return &policy->settings;
}
