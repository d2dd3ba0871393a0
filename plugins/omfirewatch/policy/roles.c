/* roles.c: hosts whose work looks like an attack. */
#include <string.h>

#include "internal.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *const fw_policy_role_names[FW_ROLE_NUMBERS] = {"home",
#define FW_ROLE(name, doc) #name,
                                                           FW_ROLE_LIST
#undef FW_ROLE
};

static void read_role_name(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                           struct fw_policy_entry *role) {
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "role", "the name of a role"))
        return;
    role->role = (unsigned)fw_policy_find(node->text, fw_policy_role_names, FW_ROLE_NUMBERS);
    if (role->role == FW_ROLE_NUMBER_home)
        FW_POLICY_PROBLEM(reader, node, "\"home\" is no role; write its networks under \"home\" at the top");
    else if (role->role == FW_ROLE_NUMBERS)
        fw_policy_unknown(reader, node, "role", fw_policy_role_names + 1, FW_ROLE_NUMBERS - 1);
    if (role->role == FW_ROLE_NUMBERS)
        role->role = FW_ROLE_NUMBER_home; /* only until the policy is given up */
}

static const char *const keys[] = {"role", "networks", FW_POLICY_ENTRY_KEYS};
enum { KEY_ROLE, KEY_NETWORKS, KEYS_OWN };

static void take_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    struct fw_policy_entry *role = cookie;

    if (key == KEY_ROLE)
        read_role_name(reader, node, role);
    else if (key == KEY_NETWORKS)
        fw_policy_read_nets(reader, node, "networks", &role->source);
    else
        fw_policy_read_entry_key(reader, node, (enum fw_policy_entry_key)(key - KEYS_OWN), role);
}

static void read_role(struct fw_policy_reader *reader, const struct fw_yaml_node *item, struct fw_policy_entry *role) {
    static const size_t needed[] = {KEY_ROLE, KEY_NETWORKS, KEYS_OWN + FW_ENTRY_REASON};
    const uint64_t seen = fw_policy_read_map(reader, item, "key of a role", keys, COUNT(keys), take_key, role);

    for (size_t i = 0; i < COUNT(needed); i++)
        if ((seen >> needed[i] & 1) == 0)
            FW_POLICY_PROBLEM(reader, item, "this role has no \"%s\"; every role has role, networks and reason",
                              keys[needed[i]]);
}

void fw_policy_read_roles(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy_entries *roles = &reader->policy->roles;

    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "roles",
                          "a list: - {role: nms, networks: [10.1.0.5], reason: \"...\"}"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next) {
        struct fw_policy_entry *role;

        if (!fw_policy_expect(reader, item, FW_YAML_MAP, "a role",
                              "a mapping: {role: ..., networks: [...], reason: \"...\"}"))
            continue;
        role = fw_policy_add_entry(reader, item, roles);
        if (!role)
            return;
        read_role(reader, item, role);
    }
}
