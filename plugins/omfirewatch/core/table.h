/* table.h: a bounded table of fixed-size keys and values, and the gate before it.
 *
 * Invariants: never more than `capacity` entries; keys are compared whole; all
 * memory is taken in open; the least recently touched entry that is not pinned
 * goes first, in one order over the whole table, so that which entry goes does
 * not depend on the secret seed. When all entries are pinned nothing is
 * admitted (counted). Pinned entries stand in an order of their own, so that an
 * eviction never has to step over them; pinning and unpinning count as touches.
 * Values and gate notes are aligned to 8 bytes and stay where they are.
 *
 * The gate: a key's first sighting is only noted, in a set-associative array of
 * 61 bit tags with the caller's small note; the second sighting within
 * `gate_window` gets a table entry, and the note of the first. A flood of
 * sources that each come once goes through the gate and never reaches the
 * table, so it cannot push out a slow scanner (two-pass admission).
 * The gate knows a key by 61 bits of its seeded hash alone, see gate.h.
 * Memory: an entry takes 24 bytes, its key and value, and 12 to 24 bytes of the
 * hash index; a gate slot 32 bytes.
 * What an attacker controls: all key bytes, and the order of arrival.
 */
#ifndef FW_TABLE_H
#define FW_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "hash.h"
#include "mem.h"
#include "state.h"

#define FW_TABLE_KEY_MAX      64
#define FW_TABLE_VALUE_MAX    65536      /* more than any detector keeps per key; guards sums against overflow */
#define FW_TABLE_CAPACITY_MAX (1U << 26) /* 64 million: beyond every memory budget; guards sums against overflow */
#define FW_TABLE_GATE_MAX     (1U << 28) /* likewise */
/* Who comes once is the many, who comes twice the few. In a flood of sources that come once a note must outlast the gap
 * between two contacts of the slowest scanner (36 s: 25 in 15 minutes), and entries are hardly used. */
#define FW_TABLE_GATE_PER_ENTRY 8
#define FW_TABLE_LOOK           8  /* entries compared for an eviction: a few cache misses, in a flood only */
#define FW_TABLE_NOTE_SIZE      24 /* an address and a time: the first element that was seen */
#define FW_TABLE_NOTE_TIME      16 /* where the time is, an fw_time: the gate lets a note go when it is over */

struct fw_table;

struct fw_table_config {
    size_t key_size;   /* bytes, multiple of 8, at most FW_TABLE_KEY_MAX; padding must be zeroed by the caller */
    size_t value_size; /* bytes */
    uint32_t capacity; /* entries */
    uint32_t gate;     /* gate slots, rounded up to whole sets; 0: no gate, first sighting enters */
    fw_time gate_window;
    struct fw_seed seed;
    /* Called before an entry is evicted (not when it is removed, nor at close); may release what the value points to
     * and must leave the table alone. May be NULL. */
    void (*evict)(void *cookie, const void *key, void *value);
    /* What an entry would be missed for: of the FW_TABLE_LOOK oldest the one worth least is evicted, the oldest of
     * equals; those that were older stay, as if touched. So a source that has shown something outlives a flood of
     * others that come twice to get past the gate. NULL: all are worth the same. */
    uint32_t (*worth)(void *cookie, const void *value);
    /* Asks for the memory that a value leads to; in a second call, when that has come, for where that leads to. May be
     * NULL. */
    void (*ask)(void *cookie, const void *value, bool beyond);
    uint32_t worth_least; /* what a new entry is worth: less is not looked for */
    void *cookie;
};

struct fw_table_stats {
    uint64_t capacity;
    uint64_t gate; /* slots */
    uint64_t held; /* entries now */
    uint64_t peak;
    uint64_t admitted;
    uint64_t gated;   /* sightings that stopped at the gate */
    uint64_t evicted; /* pushed out by newer ones */
    uint64_t refused; /* table full of pinned entries */
    uint64_t pinned;  /* entries now that are pinned */
    uint64_t overrun; /* notes pushed out of the gate before their window was over: the gate is too small */
};

/* what one table of this shape takes, in bytes */
size_t fw_table_bytes(const struct fw_table_config *config);
/* 0, or -1: memory is missing, or a size of the config is out of its limits */
/* Sets capacity and gate to the most that fit into `bytes`, with so many notes at the gate for each entry; 0: no gate. */
void fw_table_fit(struct fw_table_config *config, size_t bytes, uint32_t notes);
int fw_table_open(struct fw_table **table, const struct fw_table_config *config, const struct fw_mem *mem);
void fw_table_close(struct fw_table **table);

/* The value of a key, touched (most recent now), or NULL. */
void *fw_table_find(struct fw_table *table, const void *key);

/* The value of a key; creates it when the gate lets it in. A new value is
 * zeroed and *fresh is set. NULL: the gate noted it (or everything is pinned).
 * note: FW_TABLE_NOTE_SIZE bytes kept by the gate at the first sighting. When
 * the second sighting enters, first_note receives the first one's note and
 * *noted is true. note, first_note, noted and fresh may be NULL. */
void *fw_table_admit(struct fw_table *table, const void *key, fw_time now, const void *note, void *first_note,
                     bool *noted, bool *fresh);

/* Memory asked for in advance, see ahead.h, in this order; the number is the hash's entry, if there is one. */
uint64_t fw_table_ask(struct fw_table *table, const void *key);
uint32_t fw_table_ask_entry(const struct fw_table *table, uint64_t hash);
void fw_table_ask_around(const struct fw_table *table, uint64_t hash, uint32_t number);
void fw_table_ask_beyond(const struct fw_table *table, uint32_t number);

/* The note the gate holds of a key that has not been admitted, or NULL;
 * writable until the next admit: a key whose second sighting says nothing new
 * can stay at the gate, until gate_window after the time in the note. */
void *fw_table_gate_note(struct fw_table *table, const void *key, fw_time now);

/* Times at the gate later than `from` move by delta. */
void fw_table_shift_gate(struct fw_table *table, fw_time from, fw_time delta);

/* A pinned entry is not evicted (its finding is open). Counted; pin twice, unpin twice. Both are touches: a finding that
 * just closed is news of its key. */
void fw_table_pin(struct fw_table *table, void *value);
void fw_table_unpin(struct fw_table *table, void *value);
/* Every entry is pinned, and there is no room for another. */
bool fw_table_is_stuck(const struct fw_table *table);
void fw_table_remove(struct fw_table *table, void *value);
/* Evicts an entry for the memory that its value leads to: of the FW_TABLE_LOOK oldest the one worth least, but `floor` at
 * least; not `keep`. False: there is none among these; the next call looks at others. */
bool fw_table_shed(struct fw_table *table, const void *keep, uint32_t floor);
const void *fw_table_key(const struct fw_table *table, const void *value);

/* From the least recently touched, pinned ones in their place: the walk stops when fn returns false. fn may touch, pin,
 * unpin or remove its own value, and must not admit; each entry is visited once. */
void fw_table_walk_oldest(struct fw_table *table, bool (*fn)(void *cookie, const void *key, void *value), void *cookie);
void fw_table_get_stats(const struct fw_table *table, struct fw_table_stats *stats);

/* ---- state, see state.h ---- */

/* How the owner writes a value down, and reads it into a zeroed one (-1: it makes no sense, the entry is left out). */
struct fw_table_owner {
    void (*save)(void *cookie, const void *value, struct fw_put *put);
    int (*load)(void *cookie, void *value, struct fw_get *get);
    void *cookie;
};

/* Entries with their keys, pins and order of touches, the notes of the gate, and the counts. An entry that left and came
 * again between two calls is written twice, and the later one holds. */
bool fw_table_save(const struct fw_table *table, const struct fw_table_owner *owner, struct fw_put *put,
                   uint64_t *cursor);
/* Into a table of the same key and value size; -1 otherwise. Where it is smaller, the most recently touched entries stay,
 * seven eighths of the capacity at least; what went is counted as evicted. */
int fw_table_load(struct fw_table *table, const struct fw_table_owner *owner, struct fw_get *get);
/* After the last load: puts the entries in the order in which they were touched. */
void fw_table_loaded(struct fw_table *table);

#endif
