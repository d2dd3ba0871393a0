/* field.h: what rules of one's own can look at: the fields of an event, and a few words more.
 *
 * A field is of one of four sorts: an address, a number, a text, or a word of a
 * short list. The words are bits, so that a list of them is one comparison.
 * Invariant: what is absent is absent: no test of it holds, and its negation does.
 */
#ifndef FW_RULE_FIELD_H
#define FW_RULE_FIELD_H

#include "../core/event.h"

enum { /* after those of enum fw_field */
       FW_RULE_KIND = FW_FIELDS,
       FW_RULE_MESSAGE,
       FW_RULE_PROGRAM,
       FW_RULE_DIRECTION,
       FW_RULE_SRC_ROLE,
       FW_RULE_DST_ROLE,
       FW_RULE_FINDING,
       FW_RULE_STAGE,
       FW_RULE_CONNECTION,
       FW_RULE_REPLY,
       FW_RULE_MATCH1, /* to 4 */
       FW_RULE_MATCH2,
       FW_RULE_MATCH3,
       FW_RULE_MATCH4,
       FW_RULE_FIELDS
};

enum fw_sort { FW_SORT_ADDR, FW_SORT_NUMBER, FW_SORT_TEXT, FW_SORT_WORD };

#define FW_KIND_BIT_FINDING (UINT32_C(1) << FW_KINDS) /* in masks of kinds: a finding, which has none */

const char *fw_rule_field_name(unsigned field);
const char *fw_rule_field_doc(unsigned field);
/* FW_RULE_FIELDS: there is none of that name. */
unsigned fw_rule_field_find(const char *name);
enum fw_sort fw_rule_field_sort(unsigned field);
static inline bool fw_rule_is_capture(unsigned field) {
    return field >= FW_RULE_MATCH1 && field <= FW_RULE_MATCH4;
}
/* It needs the text of the line. */
static inline bool fw_rule_is_text(unsigned field) {
    return field == FW_RULE_MESSAGE || field == FW_RULE_PROGRAM || fw_rule_is_capture(field);
}
/* The presence bit of a field of the event, 0 for the others. */
static inline uint64_t fw_rule_field_bit(unsigned field) {
    return field < FW_FIELDS ? UINT64_C(1) << field : 0;
}

/* The n-th word of such a field, NULL: no more. Its bit is *bit. */
const char *fw_rule_field_word(unsigned field, size_t n, uint64_t *bit);

bool fw_rule_has(const struct fw_event *ev, unsigned field);
/* Of a field that is there. */
const union fw_addr *fw_rule_addr(const struct fw_event *ev, unsigned field);
uint64_t fw_rule_number(const struct fw_event *ev, unsigned field);
struct fw_str fw_rule_text(const struct fw_event *ev, unsigned field);
uint64_t fw_rule_words(const struct fw_event *ev, unsigned field);

/* As it is shown to people; made printable, cut at size. Returns the length. */
size_t fw_rule_show(const struct fw_event *ev, unsigned field, char *buf, size_t size);
size_t fw_rule_show_number(unsigned field, uint64_t value, char *buf, size_t size);

#endif
