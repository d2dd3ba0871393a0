/* say.h: the sentence of a rule, with fields in it: "{src} failed {count} times in {span}".
 *
 * It is taken apart when the rule is read. "{{" is a brace.
 */
#ifndef FW_RULE_SAY_H
#define FW_RULE_SAY_H

#include "field.h"

#define FW_SAY_PARTS_MAX 32

enum fw_say_kind { FW_SAY_TEXT, FW_SAY_FIELD, FW_SAY_WORD };
/* What is known of a finding beside its fields. */
enum fw_say_word {
    FW_SAY_COUNT, /* the measure; value is the same */
    FW_SAY_VALUE,
    FW_SAY_THRESHOLD,
    FW_SAY_EVENTS,
    FW_SAY_DENIED,
    FW_SAY_ALLOWED,
    FW_SAY_SPAN, /* from the first to the last event */
    FW_SAY_STAGE,
    FW_SAY_WORDS
};
extern const char *const fw_say_words[FW_SAY_WORDS];

struct fw_say_part {
    enum fw_say_kind kind;
    unsigned number; /* field or word */
    char *text;      /* FW_SAY_TEXT */
};
struct fw_say {
    struct fw_say_part parts[FW_SAY_PARTS_MAX];
    size_t count;
};

/* 0, or -1 with text in err. fw_say_free() is called either way. */
int fw_say_open(struct fw_say *say, const char *text, char *err, size_t errlen);
void fw_say_free(struct fw_say *say);

#endif
