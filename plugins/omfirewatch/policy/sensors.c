/* sensors.c: the devices that write the lines, by name, and the zone of their clocks. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* As a syslog header has it: a host name or an address, with '*' for what follows. */
static bool is_sensor(const char *text) {
    const size_t len = strcspn(text, "* \t\n\"'\\");

    return len <= FW_POLICY_NAME_MAX && (text[len] == '\0' || strcmp(text + len, "*") == 0) && text[0] != '\0';
}

static void take_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    (void)key;
    *(const struct fw_zone **)cookie = fw_policy_read_zone(reader, node);
}

static void read_sensor(struct fw_policy_reader *reader, const struct fw_yaml_node *item) {
    static const char *const keys[] = {"zone"};
    struct fw_policy *policy = reader->policy;
    const struct fw_zone *zone = NULL;

    if (!is_sensor(item->key->text)) {
        FW_POLICY_PROBLEM(reader, item->key,
                          "\"%.64s\" is no name of a sensor: as it stands in the lines, at most %d bytes; '*' at its "
                          "end stands for the rest",
                          item->key->text, FW_POLICY_NAME_MAX);
        return;
    }
    if (!fw_policy_expect(reader, item, FW_YAML_MAP, item->key->text, "a mapping: {zone: Europe/Berlin}"))
        return;
    if (fw_policy_read_map(reader, item, "key of a sensor", keys, COUNT(keys), take_key, &zone) == 0 &&
        item->count == 0)
        FW_POLICY_PROBLEM(reader, item, "nothing is said of this sensor: {zone: Europe/Berlin}");
    for (size_t i = 0; zone && i < policy->sensors_count; i++)
        if (strcmp(policy->sensors[i].name, item->key->text) == 0) {
            (void)fw_policy_agree(reader, item->key, item->key->text, policy->sensors[i].zone == zone,
                                  &policy->sensors[i].origin);
            return;
        }
    if (!zone)
        return;
    if (policy->sensors_count == FW_POLICY_SENSORS_MAX) {
        FW_POLICY_PROBLEM(reader, item->key, "more than %d sensors; '*' at the end of a name stands for many",
                          FW_POLICY_SENSORS_MAX);
        return;
    }
    struct fw_policy_sensor *sensor = &policy->sensors[policy->sensors_count];

    *sensor = (struct fw_policy_sensor){
        .name = strdup(item->key->text), .zone = zone, .origin = fw_policy_origin(reader, item->key)};
    if (sensor->name)
        policy->sensors_count++;
    else
        FW_POLICY_PROBLEM(reader, item, "not enough memory");
}

void fw_policy_read_sensors(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "sensors",
                          "a mapping of names, each with its zone: fw-berlin-1: {zone: Europe/Berlin}"))
        return;
    void *grown =
        fw_policy_grow(reader, node, policy->sensors, policy->sensors_count, node->count, sizeof *policy->sensors);
    if (!grown)
        return;
    policy->sensors = grown;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        read_sensor(reader, item);
}
