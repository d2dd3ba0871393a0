/* gate.h: first sightings of keys, noted before a table lets a key in.
 *
 * Invariants: a key is known by 61 bits of its seeded hash alone. A collision
 * lets a key in at its first sighting, with the other's note; it happens once in
 * 2^61 pairs, and nobody without the seed can make it happen. A note counts
 * within the window around its time, in either direction, as lines of several
 * relays interleave.
 * In a full set the note that came first goes.
 * Memory: sets of FW_GATE_WAYS slots of 32 bytes, taken in open.
 * What an attacker controls: how many keys come by. Where they outnumber the
 * slots within a window, notes are pushed out (counted as overrun).
 */
#ifndef FW_GATE_H
#define FW_GATE_H

#include "event.h"
#include "mem.h"
#include "state.h"
#include "table.h"

/* Places a key's note may take. How long a note lasts in a flood varies from set to set: of 8 ways one in 2500 goes after
 * a fifth of the mean, of 4 ways one in 110. The tags of a set are one cache line. */
#define FW_GATE_WAYS 8

struct fw_gate {
    struct fw_gate_set *sets;
    uint64_t count; /* of sets; any number, so that a budget is used to the end */
    fw_time window;
    uint64_t gated; /* see struct fw_table_stats */
    uint64_t overrun;
};

/* For so many slots, rounded up to whole sets. */
size_t fw_gate_bytes(uint32_t slots);
int fw_gate_open(struct fw_gate **gate, uint32_t slots, fw_time window, const struct fw_mem *mem);
void fw_gate_close(struct fw_gate **gate, const struct fw_mem *mem);

/* The note of a key within its window, FW_TABLE_NOTE_SIZE bytes, or NULL. */
void *fw_gate_find(struct fw_gate *gate, uint64_t hash, fw_time now);
/* Notes a first sighting; note may be NULL. Its time becomes now. */
void fw_gate_put(struct fw_gate *gate, uint64_t hash, fw_time now, const void *note);
/* Times later than `from` move by delta. */
void fw_gate_shift(struct fw_gate *gate, fw_time from, fw_time delta);
void fw_gate_forget(struct fw_gate *gate, uint64_t hash);

/* Memory asked for in advance, see ahead.h: the tags of the set, then what is noted of that hash. */
void fw_gate_ask(const struct fw_gate *gate, uint64_t hash);
void fw_gate_ask_notes(const struct fw_gate *gate, uint64_t hash);

/* State, see state.h: a slot at a time, of fw_gate_slots(). A gate of another size takes
 * what finds room. */
#define FW_GATE_RECORD (1 + 1 + 8 + FW_TABLE_NOTE_SIZE) /* bytes of a slot that was saved */
uint64_t fw_gate_slots(const struct fw_gate *gate);
bool fw_gate_is_free(const struct fw_gate *gate, uint64_t slot);
void fw_gate_save(const struct fw_gate *gate, uint64_t slot, struct fw_put *put);
void fw_gate_load(struct fw_gate *gate, struct fw_get *get);

#endif
