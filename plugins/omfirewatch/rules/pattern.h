/* pattern.h: texts that a rule looks for.
 *
 * A text without wildcards, its beginning, its end, a part of it, a text with
 * '*' and '?', or a regular expression of PCRE2. Letters of ASCII count as equal
 * in both cases unless the pattern is cased; a regular expression says so itself.
 * What an attacker controls: the text that is looked at, so every pattern has to
 * end soon: one with wildcards goes back to its last '*' only, that is the product
 * of two lengths at worst; a regular expression has a limit of matches and of
 * depth, and one that reaches it counts as no match, and is counted.
 * Memory: at open, that of compiled expressions; per engine the stack they run on.
 */
#ifndef FW_RULE_PATTERN_H
#define FW_RULE_PATTERN_H

#include "../core/event.h"
#include "needles.h"

#define FW_PATTERN_MAX 1024 /* bytes of one, as it is written */
/* PCRE2's own default is ten million, which is seconds. A line of 4096 bytes needs some thousand for what people write;
 * with this the worst is about a millisecond. */
#define FW_PATTERN_MATCHES 20000
#define FW_PATTERN_DEPTH   500
#define FW_PATTERN_STACK   ((size_t)256 << 10) /* bytes compiled expressions run on, taken at open */

enum fw_pattern_kind {
    FW_PATTERN_EXACT,
    FW_PATTERN_PREFIX,
    FW_PATTERN_SUFFIX,
    FW_PATTERN_PART,
    FW_PATTERN_WILD,
    FW_PATTERN_REGEX
};

struct fw_pattern {
    enum fw_pattern_kind kind;
    bool cased;
    uint32_t len;
    uint32_t needle; /* see needles.h; FW_NEEDLE_NONE: it is always tried */
    char *text;      /* folded to small letters unless cased */
    void *regex;     /* pcre2_code */
};

struct fw_pattern_stack; /* what regular expressions need to run; one at a time */

/* text is copied. kind EXACT with an unescaped '*' or '?' becomes what that makes of it; "\*" is an asterisk. Returns 0,
 * or -1 with text in err. */
int fw_pattern_open(struct fw_pattern *pattern, enum fw_pattern_kind kind, const char *text, bool cased, char *err,
                    size_t errlen);
void fw_pattern_close(struct fw_pattern *pattern);
/* Brackets that capture: 0 of what is no expression. */
unsigned fw_pattern_brackets(const struct fw_pattern *pattern);
/* What every text that it matches holds; returns the length, 0: nothing is known. */
size_t fw_pattern_needle(const struct fw_pattern *pattern, char needle[FW_NEEDLE_MOST]);

int fw_pattern_stack_open(struct fw_pattern_stack **stack);
void fw_pattern_stack_close(struct fw_pattern_stack **stack);
uint64_t fw_pattern_stack_limited(const struct fw_pattern_stack *stack); /* expressions that gave up */

/* What the brackets of the last expression that matched hold; it lies in the text that was looked at. len 0: nothing. */
const struct fw_str *fw_pattern_captured(const struct fw_pattern_stack *stack);
void fw_pattern_forget(struct fw_pattern_stack *stack);

/* Whether the text is, or has, what is looked for. */
bool fw_pattern_match(const struct fw_pattern *pattern, struct fw_pattern_stack *stack, const char *text, size_t len);

#endif
