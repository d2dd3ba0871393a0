/* contexts.h: the rules as liblognorm holds them, parted by the first byte of a line.
 *
 * liblognorm goes through everything rules can begin with, one after the other:
 * each vendor's first letter costs every line of every other vendor some 60
 * instructions, which is much where a line costs 5,000. So each first byte has a
 * context with the rules that can take a line beginning so: those that begin with
 * that byte, and those that begin with a field which can. Bytes that the same rules
 * take share one. A line asks one context, and what it becomes is the same as if
 * all rules stood in one, in their order.
 * A context is opened by the first line that needs it: most sites' lines begin with
 * few bytes, and opening all of them takes ten times as long as reading the rules.
 * Memory: a rule that begins with a field of any text stands in every context,
 * about 600 bytes each time.
 */
#ifndef FW_CONTEXTS_H
#define FW_CONTEXTS_H

#include "rulebase.h"

struct fw_contexts;

/* Rules without the fields outside `needs` (see FW_RULE_KEEP). Each has one tag: "#" and its number. The rulebase must
 * live as long. Returns 0, or -1: out of memory. */
int fw_contexts_open(struct fw_contexts **contexts, const struct fw_rulebase *rulebase, uint64_t needs);
void fw_contexts_close(struct fw_contexts **contexts);
/* The context for content that begins with this byte, opened when it is not yet. NULL: out of memory; the next call
 * tries again. One thread at a time. */
struct ln_ctx_s *fw_contexts_for(struct fw_contexts *contexts, char first);
/* How many rules all of them hold, each counted as often as it stands in one. */
size_t fw_contexts_rules(const struct fw_contexts *contexts);

#endif
