/* ahead.h: memory that an event will need, asked for while the events before it are looked at.
 *
 * The tables do not fit the caches: a look-up waits for its index slot, then for
 * the entry, then for what that leads to. So the keys of an event are named some
 * events ahead, and these waits pass while others are worked on (pipe.h). How many
 * lines of memory can be on their way at once is limited too: nothing is asked for
 * that is not going to be read.
 * Nothing is changed and nothing decided here: a key that is named in vain, or
 * not at all, costs time only.
 * Memory: 24 bytes a key. What an attacker controls: the keys.
 */
#ifndef FW_AHEAD_H
#define FW_AHEAD_H

#include <stdint.h>

#define FW_AHEAD_MAX 16 /* keys of one event; more are not asked for */

struct fw_table;

struct fw_ahead_ask {
    struct fw_table *table;
    uint64_t hash;
    uint32_t number; /* of the entry, for the table alone */
};

/* What one event asks for. All zero: nothing. */
struct fw_ahead {
    unsigned count;
    struct fw_ahead_ask asks[FW_AHEAD_MAX];
};

/* 1. The key is going to be looked up in this table. */
void fw_ahead_key(struct fw_ahead *ahead, struct fw_table *table, const void *key);
/* 2. Some events later, when the index has come: the entries, or the gate's tags where there is none. */
void fw_ahead_entries(struct fw_ahead *ahead);
/* 3. And again later, when they have: what they lead to. */
void fw_ahead_around(const struct fw_ahead *ahead);
/* 4. And where that leads to. */
void fw_ahead_beyond(const struct fw_ahead *ahead);

#endif
