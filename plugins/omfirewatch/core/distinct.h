/* distinct.h: how many different elements a key had in a sliding window.
 *
 * Exact up to the capacity of its largest block, which callers choose at least
 * as high as the threshold they decide at; beyond, a HyperLogLog sketch tells
 * the magnitude (and says so). The window slides: every element carries the
 * time it was last seen, in time order; an element leaves when it is older than
 * the window, not at the edge of a bucket.
 *
 * Memory: blocks of a few size classes (8, 32, 128, 512 elements of 36 bytes)
 * and sketches (1.1 KiB) from one pool taken at open. When the pool is empty a
 * set stays at its size, forgets its oldest element and counts it as
 * `forgotten`; a set that does not even get a first block stays empty, counts
 * every element as `forgotten` and is `overflowed`.
 * Source: Flajolet et al.: HyperLogLog, 2007 (p = 10, error 3.3 %); see sketch.h.
 * What an attacker controls: the elements. Hashing inside a set is seeded; the
 * sketch uses the fixed seed for the sake of replay, so a magnitude can be
 * biased by chosen addresses, a decision cannot.
 */
#ifndef FW_DISTINCT_H
#define FW_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "event.h"
#include "hash.h"
#include "mem.h"
#include "state.h"

#define FW_DISTINCT_MAX       512 /* elements held exactly, at most */
#define FW_DISTINCT_ERROR_PCT 4   /* of the sketch: 1.04 / sqrt(1024), rounded up */

struct fw_distinct_pool;

struct fw_distinct_pool_config {
    size_t bytes; /* budget for blocks and sketches */
    struct fw_seed seed;
};
struct fw_distinct_pool_stats {
    uint64_t bytes_total;
    uint64_t bytes_used;
    uint64_t sets;      /* small ones it can hold at once, and those of the larger classes besides */
    uint64_t starved;   /* of forgotten: for want of a block in the pool, not because a set was at its largest */
    uint64_t forgotten; /* elements dropped because the pool was empty or the set full */
};

#define FW_DISTINCT_POOL_MIN 32768 /* bytes that hold one block of each class, and a little */

/* 0, or -1: memory is missing, or the budget is below FW_DISTINCT_POOL_MIN */
int fw_distinct_pool_open(struct fw_distinct_pool **pool, const struct fw_distinct_pool_config *config,
                          const struct fw_mem *mem);
void fw_distinct_pool_close(struct fw_distinct_pool **pool);
void fw_distinct_pool_get_stats(const struct fw_distinct_pool *pool, struct fw_distinct_pool_stats *stats);

/* Embedded by value in a detector's entry; all zero is the empty set. */
struct fw_distinct {
    uint32_t block;  /* handle + 1, 0: none */
    uint32_t sketch; /* handle + 1, 0: none */
    uint16_t count;
    uint8_t size_class;
    bool overflowed; /* elements were forgotten: the count is a lower bound. Until clear, or, without a sketch, until
                      * the set was empty. */
};

struct fw_element {
    union fw_addr addr;
    fw_time time; /* last seen */
    uint8_t mark; /* the caller's: the OR of all marks given with it */
};

/* Adds an element seen at `time` after dropping what is older than
 * time - window. Returns true when it was not in the set (a first contact in
 * this window). `mark` is ORed into the element's mark; *previous (may be NULL)
 * gets the mark before that, 0 for a new element. Times may arrive out of order
 * by some seconds: an element out of order takes its place by time; one that is
 * older than the newest by more than the window is not added (false). Elements
 * from more than an hour beyond time + window go: the clock was set back. Events
 * that are hours late are not for sets; the caller keeps them out (ev->late). */
bool fw_distinct_add(struct fw_distinct_pool *pool, struct fw_distinct *set, const union fw_addr *addr, fw_time time,
                     fw_time window, uint8_t mark, uint8_t *previous);
/* Whether a set that has no block yet would get one. */
bool fw_distinct_pool_has_room(const struct fw_distinct_pool *pool);
/* Memory asked for in advance, see ahead.h: what add and drop will read, in two steps. */
void fw_distinct_ask(const struct fw_distinct_pool *pool, const struct fw_distinct *set, bool beyond);
/* Takes one element out (it answered after all). Returns true if it was there; *mark (may be NULL) gets its mark. */
bool fw_distinct_drop(struct fw_distinct_pool *pool, struct fw_distinct *set, const union fw_addr *addr, uint8_t *mark);
/* Times of elements later than `from` move by delta: a clock was set. */
void fw_distinct_shift(struct fw_distinct_pool *pool, struct fw_distinct *set, fw_time from, fw_time delta);
/* Drops what is older than now - window; what is exactly as old stays. */
void fw_distinct_expire(struct fw_distinct_pool *pool, struct fw_distinct *set, fw_time now, fw_time window);
/* From now on every new element also goes into a sketch, seeded with those held. When the pool has none left the
 * magnitude stays the count. */
void fw_distinct_sketch(struct fw_distinct_pool *pool, struct fw_distinct *set);
/* How many different ones since the sketch began; *exact (may be NULL) tells whether it is a count or an estimate: it is
 * a count until the first element leaves. Without a sketch: the count in the window. Never less than the exact count. */
uint64_t fw_distinct_magnitude(const struct fw_distinct_pool *pool, const struct fw_distinct *set, bool *exact);
/* Copies up to `most` elements, oldest first, starting with the from-th. Returns how many. */
size_t fw_distinct_list(const struct fw_distinct_pool *pool, const struct fw_distinct *set, size_t from,
                        struct fw_element *out, size_t most);
/* Whether n elements at least are of `since` or later: walks from the newest, no further than it has to. */
bool fw_distinct_since(const struct fw_distinct_pool *pool, const struct fw_distinct *set, size_t n, fw_time since);
void fw_distinct_clear(struct fw_distinct_pool *pool, struct fw_distinct *set);

/* State, see state.h: the pool's counts, and a set at a time, at most FW_DISTINCT_STATE_MAX bytes of it. load takes an
 * empty set; where the pool is too small for it, its oldest elements are forgotten, as ever. -1: it makes no sense, and
 * the set is to be cleared. */
#define FW_DISTINCT_STATE_MAX (16 << 10) /* 512 elements of 25 bytes and a sketch */
void fw_distinct_pool_save(const struct fw_distinct_pool *pool, struct fw_put *put);
void fw_distinct_pool_load(struct fw_distinct_pool *pool, struct fw_get *get);
void fw_distinct_save(const struct fw_distinct_pool *pool, const struct fw_distinct *set, struct fw_put *put);
int fw_distinct_load(struct fw_distinct_pool *pool, struct fw_distinct *set, struct fw_get *get);

#endif
