/* contexts.h: the rules as liblognorm holds them, parted by the program and the beginning of a line.
 *
 * liblognorm goes through everything rules can begin with, one after the other:
 * each vendor's first letter costs every line of every other vendor some 60
 * instructions, and one that begins with a field up to a thousand, which is much where a line costs 5,000. So a line
 * asks a context that has only the rules which can take it:
 *  1. those that allow its program: that name it, or none at all;
 *  2. of these, those that begin with its first byte, or with a field which can. Of a line that begins with digits
 *     counts the byte behind them: many lines begin with a number, an address or a date, and cannot be another's.
 * What the line becomes is the same as if the rules of 1 stood in one, in their order. Programs and beginnings
 * that the same rules take share a context.
 * A context is opened by the first line that needs it: most sites' lines are of few programs and begin
 * alike, and opening all of them takes far longer than reading the rules.
 * Memory: about 600 bytes a rule and context; four bytes for each kind of program and of beginning. Who can write
 * lines of every program can have all contexts opened; in the shipped rulebase a rule stands in nine of them
 * (tests/unit/test_contexts.c counts), 4 MiB in all.
 */
#ifndef FW_CONTEXTS_H
#define FW_CONTEXTS_H

#include "rulebase.h"

struct fw_contexts;

/* Rules without the fields outside `needs` (see FW_RULE_KEEP). Each has one tag: "#" and its number. The rulebase must
 * live as long. Returns 0, or -1: out of memory. */
int fw_contexts_open(struct fw_contexts **contexts, const struct fw_rulebase *rulebase, uint64_t needs);
void fw_contexts_close(struct fw_contexts **contexts);
/* The context for a line of this program (of length 0: none) with this content, opened when it is not
 * yet. The content ends with NUL. NULL: out of memory; the next call tries again. One thread at a time. */
struct ln_ctx_s *fw_contexts_for(struct fw_contexts *contexts, const struct fw_str *tag, const char *content);
/* How many rules those hold that were opened, each counted as often as it stands in one. */
size_t fw_contexts_rules(const struct fw_contexts *contexts);

#endif
