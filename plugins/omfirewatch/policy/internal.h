/* internal.h: what the files of this room share: the policy as it was written,
 * and the reader that turns a tree into it.
 *
 * Lists of networks are kept as written, names and all, so that a policy can be
 * printed the way people know it. A name may use only names defined before it:
 * no cycles, and one pass in reverse gives every name the roles of its users.
 */
#ifndef FW_POLICY_INTERNAL_H
#define FW_POLICY_INTERNAL_H

#include "policy.h"
#include "yaml.h"

#define FW_POLICY_NAME_MAX    64   /* of named networks; shown in problems as a whole */
#define FW_POLICY_REASON_MAX  500  /* one paragraph */
#define FW_POLICY_PER_MIN_MAX 6000 /* findings a minute; beyond, nobody reads and rsyslog is kept busy by us alone */
#define FW_POLICY_MEMORY_MAX  ((uint64_t)64 << 30)

/* A network or a name of networks. */
struct fw_policy_net {
    bool named;
    uint32_t name; /* index, when named */
    struct fw_net net;
};

struct fw_policy_nets {
    struct fw_policy_net *items;
    size_t count;
};

struct fw_policy_name {
    char *name;
    struct fw_policy_nets nets;
    uint64_t mask; /* roles of all that use it */
};

struct fw_policy_role {
    unsigned number; /* enum fw_role_number */
    char *reason;
    struct fw_policy_nets nets;
};

struct fw_policy {
    struct fw_site site;
    struct fw_detector_setting detectors[FW_DETECTORS_MAX];
    struct fw_settings settings; /* points to site and detectors */

    struct fw_policy_nets home;
    struct fw_policy_name *names;
    size_t names_count;
    struct fw_policy_role *roles;
    size_t roles_count;
};

struct fw_policy_reader {
    struct fw_policy *policy;
    struct fw_yaml yaml;
    size_t nets;    /* in all lists so far */
    bool nets_full; /* and said so */
};

#define FW_POLICY_PROBLEM(reader, node, ...)                                                                           \
    fw_problem((reader)->yaml.problems, (reader)->yaml.path, (node)->line, (node)->column, __VA_ARGS__)

/* "nms" of FW_ROLE_NUMBER_nms; index FW_ROLE_NUMBER_home is "home" */
extern const char *const fw_policy_role_names[FW_ROLE_NUMBERS];

/* node must be of that type; if not it is reported ("`what` must be ..."). */
bool fw_policy_expect(struct fw_policy_reader *reader, const struct fw_yaml_node *node, enum fw_yaml_type type,
                      const char *what, const char *form);
/* `kind` is "key", "role" ...: says that the text of the node is none of the names, which are near and which there are. */
void fw_policy_unknown(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *kind,
                       const char *const *names, size_t n);

/* nets.c */
void fw_policy_read_names(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* A list of networks and names, or a single one. */
void fw_policy_read_nets(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *what,
                         struct fw_policy_nets *nets);
int fw_policy_default_home(struct fw_policy *policy);
/* Builds policy->site of home, names and roles. Returns 0, or -1 when memory is missing. */
int fw_policy_build_site(struct fw_policy *policy);

#endif
