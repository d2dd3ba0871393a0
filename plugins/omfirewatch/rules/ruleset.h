/* ruleset.h: all rules of a policy, ready to run. */
#ifndef FW_RULES_RULESET_H
#define FW_RULES_RULESET_H

#include "../core/ruleset.h"
#include "rule.h"

/* An empty rule; NULL: no memory. fw_rule_free() frees all that it was given. */
struct fw_rule *fw_rule_new(void);
void fw_rule_free(struct fw_rule **rule);

/* Compiles n rules, which are the ruleset's whatever comes of it. The array stays the caller's, emptied. Returns 0, or -1
 * with text in err: about rule *bad, n: about none in particular. */
int fw_ruleset_open(struct fw_ruleset **set, struct fw_rule **rules, size_t n, size_t *bad, char *err, size_t errlen);
/* The caller is done with it; engines that hold it go on. */
void fw_ruleset_drop(struct fw_ruleset **set);
/* Turns a rule off; before an engine is opened with it. */
void fw_ruleset_off(struct fw_ruleset *set, size_t i);
const struct fw_rule *fw_ruleset_rule(const struct fw_ruleset *set, size_t i);

#endif
