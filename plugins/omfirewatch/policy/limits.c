/* limits.c: how much an engine writes and takes, and how often it says something. */
#include "internal.h"
#include "value.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define DAY          86400

/* In seconds; a finding's own times are in finding.h. */
const struct fw_param fw_policy_intervals[FW_POLICY_INTERVALS] = {
    [FW_INTERVAL_UPDATE] = {.name = "update",
                            .unit = FW_UNIT_SECONDS,
                            .min = 1,
                            .max = 3600,
                            .value = FW_FINDING_MIN_GAP / FW_SECOND,
                            .doc = "between two documents of one finding, at least"},
    [FW_INTERVAL_REFRESH] = {.name = "refresh",
                             .unit = FW_UNIT_SECONDS,
                             .min = 60,
                             .max = DAY,
                             .value = FW_FINDING_REFRESH / FW_SECOND,
                             .doc = "a finding that goes on says so"},
    [FW_INTERVAL_REOPEN] = {.name = "reopen",
                            .unit = FW_UNIT_SECONDS,
                            .min = 60,
                            .max = 30 * DAY,
                            .value = FW_FINDING_MEMORY / FW_SECOND,
                            .doc = "the same matter within it is the old one again"},
    [FW_INTERVAL_SUMMARY] = {.name = "summary",
                             .unit = FW_UNIT_SECONDS,
                             .min = 60,
                             .max = 7 * DAY,
                             .value = FW_SUMMARY_EVERY / FW_SECOND,
                             .doc = "what was held back is summed up"},
    [FW_INTERVAL_USERS] = {.name = "users",
                           .unit = FW_UNIT_SECONDS,
                           .min = 60,
                           .max = 7 * DAY,
                           .value = FW_USAGE_EVERY / FW_SECOND,
                           .doc = "the users of each application are listed"},
    [FW_INTERVAL_SAVE] = {.name = "save",
                          .unit = FW_UNIT_SECONDS,
                          .min = 1,
                          .max = 3600,
                          .value = FW_SAVE_EVERY / FW_SECOND,
                          .doc = "the state is written to its file"},
};

static void read_max_memory(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    size_t *memory = &reader->policy->settings.max_memory;
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
    else if (fw_policy_agree(reader, node, "max_memory", bytes == *memory, &reader->max_memory))
        *memory = (size_t)bytes;
}

static void take_limit(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    static const struct fw_param per_minute = {.name = "findings_per_minute",
                                               .unit = FW_UNIT_COUNT,
                                               .min = 1,
                                               .max = FW_POLICY_PER_MIN_MAX,
                                               .value = FW_PER_MINUTE_DEFAULT};
    struct fw_settings *settings = &reader->policy->settings;
    int64_t value = settings->findings_per_minute;

    (void)cookie;
    if (key == 1) {
        read_max_memory(reader, node);
        return;
    }
    fw_policy_read_value(reader, node, &per_minute, &value, &reader->per_minute);
    settings->findings_per_minute = (unsigned)value;
}

void fw_policy_read_limits(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    static const char *const keys[] = {"findings_per_minute", "max_memory"};

    if (fw_policy_expect(reader, node, FW_YAML_MAP, "limits",
                         "a mapping: {findings_per_minute: 60, max_memory: 256MiB}"))
        (void)fw_policy_read_map(reader, node, "limit", keys, COUNT(keys), take_limit, NULL);
}

static void take_interval(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    (void)cookie;
    fw_policy_read_value(reader, node, &fw_policy_intervals[key], &reader->policy->intervals[key],
                         &reader->intervals[key]);
}

void fw_policy_read_intervals(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const char *names[FW_POLICY_INTERVALS];

    for (size_t i = 0; i < FW_POLICY_INTERVALS; i++)
        names[i] = fw_policy_intervals[i].name;
    if (fw_policy_expect(reader, node, FW_YAML_MAP, "intervals", "a mapping: {update: 1m, refresh: 15m, ...}"))
        (void)fw_policy_read_map(reader, node, "interval", names, FW_POLICY_INTERVALS, take_interval, NULL);
}

void fw_policy_finish_intervals(struct fw_policy_reader *reader) {
    const int64_t *seconds = reader->policy->intervals;
    const int64_t update = seconds[FW_INTERVAL_UPDATE], refresh = seconds[FW_INTERVAL_REFRESH];
    const struct fw_policy_origin *said = reader->intervals[FW_INTERVAL_REFRESH].path
                                              ? &reader->intervals[FW_INTERVAL_REFRESH]
                                              : &reader->intervals[FW_INTERVAL_UPDATE];
    char first[FW_VALUE_TEXT], second[FW_VALUE_TEXT];

    reader->policy->settings.intervals = (struct fw_intervals){
        .update_gap = update * FW_SECOND,
        .refresh = refresh * FW_SECOND,
        .memory = seconds[FW_INTERVAL_REOPEN] * FW_SECOND,
        .summary = seconds[FW_INTERVAL_SUMMARY] * FW_SECOND,
        .users = seconds[FW_INTERVAL_USERS] * FW_SECOND,
        .save = seconds[FW_INTERVAL_SAVE] * FW_SECOND,
    };
    if (refresh >= update)
        return;
    (void)fw_value_format(FW_UNIT_SECONDS, refresh, first);
    (void)fw_value_format(FW_UNIT_SECONDS, update, second);
    fw_problem(reader->problems, said->path, said->line, said->column,
               "\"refresh\" is %s and \"update\" is %s: nothing can be said again before an update may be", first,
               second);
}
