/* rule_parts.h: the parts of a rule, from YAML: single values and what stands alone.
 *
 * What is wrong is reported at its place, and reading goes on with something harmless.
 */
#ifndef FW_POLICY_RULE_PARTS_H
#define FW_POLICY_RULE_PARTS_H

#include "internal.h"

#define FW_RULE_WINDOW_MAX    (366 * 24 * FW_HOUR)
#define FW_RULE_THRESHOLD_MAX (UINT64_C(1) << 50) /* bytes among them: a pebibyte */
#define FW_RULE_SPAN_FORM     "a duration from 1s to 366d"

/* ---- values ---- */

/* One line of 1 to FW_RULE_TEXT_MAX bytes, in place of *text. */
bool fw_rule_read_text(struct fw_policy_reader *reader, const struct fw_yaml_node *node, char **text);
/* what: the key; form: what is allowed. 0: it is none. */
fw_time fw_rule_read_span(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *what,
                          const char *form);
/* From 1 to most, 0: it is none. */
uint64_t fw_rule_read_number(struct fw_policy_reader *reader, const struct fw_yaml_node *node, uint64_t most);
bool fw_rule_read_yes(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* FW_RULE_FIELDS: there is none of that name. */
unsigned fw_rule_read_field(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* One that can be added up. */
unsigned fw_rule_read_numeric(struct fw_policy_reader *reader, const struct fw_yaml_node *node);

/* ---- parts ---- */

void fw_rule_read_id(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
void fw_rule_read_by(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
void fw_rule_read_attack(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
void fw_rule_read_severity(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
void fw_rule_read_class(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
void fw_rule_read_window(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
/* Those above the first, which threshold and window say. */
void fw_rule_read_stages(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);
/* A calendar in the zone of the policy; NULL: it is none. */
struct fw_times *fw_rule_read_times(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_rule_read_when(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_rule *rule);

#endif
