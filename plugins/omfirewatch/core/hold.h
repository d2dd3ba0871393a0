/* hold.h: a few events that wait until it is known what time they are of.
 *
 * Their strings are copied, as the parser's are gone with its next line.
 * Invariants: at most FW_HOLD_MAX, in the order in which they came. An event with
 * more text than FW_HOLD_TEXT is not taken.
 * Memory: FW_HOLD_MAX events of about 5 KiB, at open. What an attacker controls:
 * the text, up to its bound.
 */
#ifndef FW_HOLD_H
#define FW_HOLD_H

#include "event.h"
#include "mem.h"
#include "state.h"

#define FW_HOLD_MAX  16   /* lines in a row that agree on a time are believed */
#define FW_HOLD_TEXT 4096 /* bytes of all strings of one event: more than any firewall's line */

struct fw_held {
    struct fw_event event;
    uint64_t sensor;
    fw_time raw; /* as the stamp says, without correction */
    bool known;  /* its device was heard before */
    bool off;    /* lines that came after it were of an earlier time */
    char text[FW_HOLD_TEXT];
};

struct fw_hold {
    struct fw_held *held;
    unsigned count;
};

int fw_hold_open(struct fw_hold *hold, const struct fw_mem *mem);
void fw_hold_close(struct fw_hold *hold, const struct fw_mem *mem);
/* The event's place, or NULL: there is none, or too much text. */
struct fw_held *fw_hold_put(struct fw_hold *hold, const struct fw_event *ev);
/* State, see state.h: an event is written by its fields. */
bool fw_hold_save(const struct fw_hold *hold, struct fw_put *put, uint64_t *cursor);
int fw_hold_load(struct fw_hold *hold, struct fw_get *get);

#endif
