/* detectors.c: which detectors run, and with which parameters. */
#include "internal.h"

static const struct fw_param enabled = {.name = "enabled", .unit = FW_UNIT_BOOL, .max = 1, .value = 1};

static void take_param(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    const size_t *i = cookie;
    struct fw_detector_setting *setting = &reader->policy->detectors[*i];
    int64_t on = setting->enabled;

    if (key > 0) {
        fw_policy_read_value(reader, node, &fw_detectors[*i]->params[key - 1], &setting->values[key - 1],
                             &reader->detectors[*i][key - 1]);
        return;
    }
    fw_policy_read_value(reader, node, &enabled, &on, &reader->detectors[*i][FW_PARAMS_MAX]);
    setting->enabled = on != 0;
}

static void read_detector(struct fw_policy_reader *reader, const struct fw_yaml_node *section, size_t i) {
    const struct fw_detector_ops *ops = fw_detectors[i];
    const char *names[FW_PARAMS_MAX + 1] = {"enabled"};
    const size_t n = fw_detector_params(ops);
    char kind[FW_PROBLEM_TEXT / 4];

    for (size_t k = 0; k < n; k++)
        names[k + 1] = ops->params[k].name;
    (void)snprintf(kind, sizeof kind, "parameter of %s", ops->name);
    (void)fw_policy_read_map(reader, section, kind, names, n + 1, take_param, &i);
}

void fw_policy_read_detectors(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const char *names[FW_DETECTORS_MAX];
    const size_t n = fw_policy_detector_names(names);

    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "detectors", "a mapping of names, each with its parameters"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        const size_t i = fw_policy_find(item->key->text, names, n);

        if (i == n)
            fw_policy_unknown(reader, item->key, "detector", names, n);
        else if (item->type != FW_YAML_NULL && fw_policy_expect(reader, item, FW_YAML_MAP, names[i],
                                                                "a mapping of its parameters: {enabled: true, ...}"))
            read_detector(reader, item, i);
    }
}
