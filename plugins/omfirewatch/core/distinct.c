/* distinct.c: sets that grow and shrink through blocks of a common pool.
 *
 * Invariants: an empty set holds no block; set->count is that of its block; a set
 * moves to the next class when its block is full, and back when it would fill
 * less than half of the smaller one. Elements are in order of time (block.h).
 * Memory: one budget for all sets, divided over the classes in open.
 * What an attacker controls: elements and their order, and with many sources how
 * many blocks are wanted. A set that gets no larger block forgets its oldest
 * element, one that gets no block at all holds nothing; both are counted.
 */
#include "distinct.h"

#include <string.h>

#include "block.h"
#include "sketch.h"
#include "slab.h"

#define CLASSES  4
#define SKETCHES CLASSES /* the slab after those of the blocks */
#define SLABS    (CLASSES + 1)
#define LINE     64      /* bytes of a cache line */
#define AHEAD    FW_HOUR /* no line comes so late; beyond, the set is from before the clock was set back */

struct fw_distinct_pool {
    struct fw_mem mem;
    struct fw_keyhash keyhash;
    uint8_t *memory;
    struct fw_slab slabs[SLABS];
    uint64_t forgotten;
    uint64_t starved;  /* of these, for want of a block */
    uint64_t unloaded; /* of these, while state was loaded */
};

/* How the budget is divided. Most sources talk to a handful of hosts, and each
 * step up is several times rarer than the one below while its blocks are four
 * times as large; so the shares fall, and the number of blocks falls faster.
 * Sketches are for open findings only. */
static const struct {
    uint16_t elements;
    uint8_t share_pct;
} classes[CLASSES] = {{FW_BLOCK_SMALL, 50}, {32, 25}, {128, 15}, {FW_DISTINCT_MAX, 5}};
#define SKETCH_SHARE_PCT 5

_Static_assert(FW_DISTINCT_MAX <= FW_BLOCK_MAX, "the largest block has to exist");

/* ---- the pool ---- */

/* One block of each class, so that every set can reach every size, and what is
 * left of the budget by shares. Returns the bytes, or 0: too small or too large. */
static size_t divide(struct fw_slab *slabs, size_t bytes) {
    size_t least = 0, total = 0;

    for (unsigned i = 0; i < SLABS; i++) {
        slabs[i].block_bytes =
            i == SKETCHES ? (sizeof(struct fw_sketch) + 7) / 8 * 8 : fw_block_bytes(classes[i].elements);
        least += slabs[i].block_bytes;
    }
    if (bytes < least || bytes < FW_DISTINCT_POOL_MIN)
        return 0;
    for (unsigned i = 0; i < SLABS; i++) {
        const size_t share = (bytes - least) / 100 * (i == SKETCHES ? SKETCH_SHARE_PCT : classes[i].share_pct);
        const size_t blocks = 1 + share / slabs[i].block_bytes;

        if (blocks >= UINT32_MAX)
            return 0;
        slabs[i].blocks = (uint32_t)blocks;
        total += blocks * slabs[i].block_bytes;
    }
    return total;
}

int fw_distinct_pool_open(struct fw_distinct_pool **pool, const struct fw_distinct_pool_config *config,
                          const struct fw_mem *mem) {
    struct fw_distinct_pool *p = fw_mem_alloc(mem, 1, sizeof *p);
    size_t bytes;

    *pool = NULL;
    if (!p)
        return -1;
    p->mem = *mem;
    fw_keyhash_open(&p->keyhash, &config->seed);
    bytes = divide(p->slabs, config->bytes);
    p->memory = bytes > 0 ? fw_mem_alloc(mem, 1, bytes) : NULL;
    if (!p->memory) {
        fw_distinct_pool_close(&p);
        return -1;
    }
    uint8_t *base = p->memory;
    for (unsigned i = 0; i < SLABS; i++) {
        p->slabs[i].base = base;
        base += p->slabs[i].blocks * p->slabs[i].block_bytes;
    }
    *pool = p;
    return 0;
}

void fw_distinct_pool_close(struct fw_distinct_pool **pool) {
    struct fw_distinct_pool *p = *pool;

    if (!p)
        return;
    const struct fw_mem mem = p->mem;
    fw_mem_release(&mem, p->memory);
    fw_mem_release(&mem, p);
    *pool = NULL;
}

void fw_distinct_pool_get_stats(const struct fw_distinct_pool *pool, struct fw_distinct_pool_stats *stats) {
    memset(stats, 0, sizeof *stats);
    for (unsigned i = 0; i < SLABS; i++) {
        stats->bytes_total += (uint64_t)pool->slabs[i].blocks * pool->slabs[i].block_bytes;
        stats->bytes_used += (uint64_t)pool->slabs[i].used * pool->slabs[i].block_bytes;
    }
    stats->forgotten = pool->forgotten;
    stats->starved = pool->starved;
    for (unsigned i = 0; i < CLASSES; i++)
        stats->sets += pool->slabs[i].blocks;
}

bool fw_distinct_pool_has_room(const struct fw_distinct_pool *pool) {
    return pool->slabs[0].used < pool->slabs[0].blocks;
}

/* ---- blocks of a set ---- */

static inline struct fw_block *block_of(const struct fw_distinct_pool *pool, const struct fw_distinct *set) {
    return fw_slab_at(&pool->slabs[set->size_class], set->block);
}

static inline struct fw_sketch *sketch_of(const struct fw_distinct_pool *pool, const struct fw_distinct *set) {
    return set->sketch ? fw_slab_at(&pool->slabs[SKETCHES], set->sketch) : NULL;
}

static uint32_t take_block(struct fw_distinct_pool *pool, unsigned size_class) {
    const uint32_t handle = fw_slab_take(&pool->slabs[size_class]);

    if (handle)
        fw_block_init(fw_slab_at(&pool->slabs[size_class], handle), classes[size_class].elements);
    return handle;
}

/* Moves a set to another class, oldest element first. False: none is free there. */
static bool move(struct fw_distinct_pool *pool, struct fw_distinct *set, unsigned size_class) {
    const uint32_t handle = take_block(pool, size_class);

    if (!handle)
        return false;
    const struct fw_block *from = block_of(pool, set);
    struct fw_block *to = fw_slab_at(&pool->slabs[size_class], handle);
    for (uint16_t number = from->oldest; number != FW_BLOCK_NONE; number = from->elements[number].newer) {
        struct fw_block_element e = from->elements[number];

        if (set->size_class == 0 || size_class == 0) /* small blocks keep no hashes */
            e.hash = fw_block_hash(to, &pool->keyhash, &e.addr);
        fw_block_put(to, &e);
    }
    fw_slab_give(&pool->slabs[set->size_class], set->block);
    set->block = handle;
    set->size_class = (uint8_t)size_class;
    return true;
}

/* Every element that leaves goes through here. */
static void take_out(struct fw_distinct_pool *pool, struct fw_distinct *set, uint16_t number) {
    struct fw_sketch *sketch = sketch_of(pool, set);

    if (sketch)
        sketch->left = true;
    fw_block_take(block_of(pool, set), number);
    set->count--;
}

/* After elements left. */
static void shrink(struct fw_distinct_pool *pool, struct fw_distinct *set) {
    if (set->count == 0) {
        fw_slab_give(&pool->slabs[set->size_class], set->block);
        set->block = 0;
        set->size_class = 0;
        if (!set->sketch) /* what was forgotten was older than what has left since: nothing is missing any more */
            set->overflowed = false;
        return;
    }
    while (set->size_class > 0 && set->count <= classes[set->size_class - 1].elements / 2)
        if (!move(pool, set, set->size_class - 1U))
            return;
}

/* ---- the interface ---- */

void fw_distinct_expire(struct fw_distinct_pool *pool, struct fw_distinct *set, fw_time now, fw_time window) {
    if (!set->block)
        return;
    const struct fw_block *block = block_of(pool, set);
    const unsigned before = set->count;
    while (set->count > 0 && block->elements[block->oldest].time < now - window)
        take_out(pool, set, block->oldest);
    while (set->count > 0 && block->elements[block->newest].time > now + window + AHEAD)
        take_out(pool, set, block->newest);
    if (set->count != before)
        shrink(pool, set);
}

/* From the newest, so that the order by time stays: those that move are the newest ones. */
void fw_distinct_shift(struct fw_distinct_pool *pool, struct fw_distinct *set, fw_time from, fw_time delta) {
    if (!set->block)
        return;
    struct fw_block *block = block_of(pool, set);
    for (uint16_t number = block->newest; number != FW_BLOCK_NONE && block->elements[number].time > from;
         number = block->elements[number].older)
        block->elements[number].time += delta;
}

static void forget(struct fw_distinct_pool *pool, struct fw_distinct *set) {
    pool->forgotten++;
    set->overflowed = true;
}

/* Room for one more: 1. in the set's block, 2. in one of the next class, 3. in
 * place of the oldest element. False: there was not even a first block. */
static bool make_room(struct fw_distinct_pool *pool, struct fw_distinct *set) {
    if (!set->block) {
        set->block = take_block(pool, 0);
        if (!set->block) {
            pool->starved++;
            forget(pool, set);
        }
        return set->block != 0;
    }
    if (set->count < classes[set->size_class].elements) /* 1 */
        return true;
    if (set->size_class + 1U < CLASSES && move(pool, set, set->size_class + 1U)) /* 2 */
        return true;
    pool->starved += set->size_class + 1U < CLASSES;
    take_out(pool, set, block_of(pool, set)->oldest); /* 3 */
    forget(pool, set);
    return true;
}

/* A new element: 1. into the sketch, 2. into the set, for which it is hashed
 * again only when it was not for the block it goes to. */
static void add_new(struct fw_distinct_pool *pool, struct fw_distinct *set, struct fw_block_element *e) {
    const unsigned hashed_for = set->size_class;
    struct fw_sketch *sketch = sketch_of(pool, set);

    if (sketch) /* 1 */
        fw_sketch_add(sketch, &e->addr);
    if (!make_room(pool, set)) /* 2 */
        return;
    struct fw_block *block = block_of(pool, set);
    if (hashed_for == 0)
        e->hash = fw_block_hash(block, &pool->keyhash, &e->addr);
    fw_block_put(block, e);
    set->count++;
}

/* A small block is searched as far as it is in use. Of a larger one where it begins, which tells what its oldest and its
 * newest element are; the set may be another one by then. */
void fw_distinct_ask(const struct fw_distinct_pool *pool, const struct fw_distinct *set, bool beyond) {
    if (!set->block || set->size_class >= CLASSES || (beyond && set->size_class == 0))
        return;
    const struct fw_block *block = block_of(pool, set);
    if (beyond) {
        fw_block_ask(block);
        return;
    }
    const size_t bytes = set->size_class == 0 ? fw_block_bytes(set->count + 1U) : 1;
    for (size_t at = 0; at < bytes; at += LINE)
        __builtin_prefetch((const uint8_t *)block + at, 1);
}

bool fw_distinct_add(struct fw_distinct_pool *pool, struct fw_distinct *set, const union fw_addr *addr, fw_time time,
                     fw_time window, uint8_t mark, uint8_t *previous) {
    struct fw_block_element e = {.addr = *addr, .time = time, .mark = mark};

    if (previous)
        *previous = 0;
    fw_distinct_expire(pool, set, time, window);
    if (set->block) {
        struct fw_block *block = block_of(pool, set);

        e.hash = fw_block_hash(block, &pool->keyhash, addr);
        const uint16_t number = fw_block_find(block, addr, e.hash);
        if (number != FW_BLOCK_NONE) {
            if (previous)
                *previous = block->elements[number].mark;
            block->elements[number].mark |= mark;
            fw_block_renew(block, number, time);
            return false;
        }
        if (block->elements[block->newest].time > time + window) /* its window had passed before it came */
            return false;
    }
    add_new(pool, set, &e);
    return true;
}

bool fw_distinct_drop(struct fw_distinct_pool *pool, struct fw_distinct *set, const union fw_addr *addr,
                      uint8_t *mark) {
    if (!set->block)
        return false;
    struct fw_block *block = block_of(pool, set);
    const uint16_t number = fw_block_find(block, addr, fw_block_hash(block, &pool->keyhash, addr));
    if (number == FW_BLOCK_NONE)
        return false;
    if (mark)
        *mark = block->elements[number].mark;
    take_out(pool, set, number);
    shrink(pool, set);
    return true;
}

void fw_distinct_sketch(struct fw_distinct_pool *pool, struct fw_distinct *set) {
    if (set->sketch)
        return;
    set->sketch = fw_slab_take(&pool->slabs[SKETCHES]);
    struct fw_sketch *sketch = sketch_of(pool, set);
    if (!sketch || !set->block)
        return;
    const struct fw_block *block = block_of(pool, set);
    for (uint16_t number = block->oldest; number != FW_BLOCK_NONE; number = block->elements[number].newer)
        fw_sketch_add(sketch, &block->elements[number].addr);
}

uint64_t fw_distinct_magnitude(const struct fw_distinct_pool *pool, const struct fw_distinct *set, bool *exact) {
    const struct fw_sketch *sketch = sketch_of(pool, set);
    const bool estimated = sketch && sketch->left;
    const uint64_t estimate = estimated ? fw_sketch_estimate(sketch) : 0;

    if (exact)
        *exact = !estimated && !set->overflowed;
    return estimate > set->count ? estimate : set->count;
}

size_t fw_distinct_list(const struct fw_distinct_pool *pool, const struct fw_distinct *set, size_t from,
                        struct fw_element *out, size_t most) {
    size_t seen = 0, n = 0;

    if (!set->block)
        return 0;
    const struct fw_block *block = block_of(pool, set);
    for (uint16_t number = block->oldest; number != FW_BLOCK_NONE && n < most; number = block->elements[number].newer) {
        const struct fw_block_element *e = &block->elements[number];

        if (seen++ >= from)
            out[n++] = (struct fw_element){.addr = e->addr, .time = e->time, .mark = e->mark};
    }
    return n;
}

bool fw_distinct_since(const struct fw_distinct_pool *pool, const struct fw_distinct *set, size_t n, fw_time since) {
    if (!set->block || n == 0 || n > set->count)
        return false;
    const struct fw_block *block = block_of(pool, set);
    for (uint16_t number = block->newest; block->elements[number].time >= since; number = block->elements[number].older)
        if (--n == 0)
            return true;
    return false;
}

void fw_distinct_clear(struct fw_distinct_pool *pool, struct fw_distinct *set) {
    if (set->block)
        fw_slab_give(&pool->slabs[set->size_class], set->block);
    if (set->sketch)
        fw_slab_give(&pool->slabs[SKETCHES], set->sketch);
    memset(set, 0, sizeof *set);
}

/* ---- state ---- */

enum { FLAG_OVERFLOWED = 1, FLAG_SKETCH = 2 };

void fw_distinct_pool_save(const struct fw_distinct_pool *pool, struct fw_put *put) {
    fw_put_u64(put, pool->forgotten);
    fw_put_u64(put, pool->starved);
}

/* What does not fit into a smaller pool comes on top, as it is loaded. */
void fw_distinct_pool_load(struct fw_distinct_pool *pool, struct fw_get *get) {
    pool->forgotten = fw_get_u64(get) + pool->unloaded;
    pool->starved = fw_get_u64(get);
}

void fw_distinct_save(const struct fw_distinct_pool *pool, const struct fw_distinct *set, struct fw_put *put) {
    const struct fw_sketch *sketch = sketch_of(pool, set);
    const struct fw_block *block = set->block ? block_of(pool, set) : NULL;

    fw_put_u8(put, (set->overflowed ? FLAG_OVERFLOWED : 0) | (sketch ? FLAG_SKETCH : 0));
    fw_put_u8(put, set->size_class);
    fw_put_u64(put, set->count);
    for (uint16_t number = block ? block->oldest : FW_BLOCK_NONE; number != FW_BLOCK_NONE;
         number = block->elements[number].newer) {
        fw_put_bytes(put, block->elements[number].addr.b, sizeof block->elements[number].addr.b);
        fw_put_u64(put, (uint64_t)block->elements[number].time);
        fw_put_u8(put, block->elements[number].mark);
    }
    if (sketch)
        fw_sketch_save(sketch, put);
}

/* A set holds an address once. */
static bool has(const struct fw_distinct_pool *pool, const struct fw_distinct *set, const union fw_addr *addr) {
    if (!set->block)
        return false;
    struct fw_block *block = block_of(pool, set);
    return fw_block_find(block, addr, fw_block_hash(block, &pool->keyhash, addr)) != FW_BLOCK_NONE;
}

static int load_element(struct fw_distinct_pool *pool, struct fw_distinct *set, struct fw_get *get) {
    struct fw_block_element e = {.time = 0};

    fw_get_bytes(get, e.addr.b, sizeof e.addr.b);
    e.time = fw_get_time(get);
    e.mark = (uint8_t)fw_get_u8(get);
    if (get->failed || has(pool, set, &e.addr))
        return -1;
    if (set->block)
        e.hash = fw_block_hash(block_of(pool, set), &pool->keyhash, &e.addr);
    add_new(pool, set, &e);
    return 0;
}

static int load_sketch(struct fw_distinct_pool *pool, struct fw_distinct *set, struct fw_get *get) {
    struct fw_sketch ignored = {.left = false};

    set->sketch = fw_slab_take(&pool->slabs[SKETCHES]);
    return fw_sketch_load(set->sketch ? sketch_of(pool, set) : &ignored, get);
}

/* A set that has shrunk keeps its large block for a while: it begins in the class it was in, if that has one. */
int fw_distinct_load(struct fw_distinct_pool *pool, struct fw_distinct *set, struct fw_get *get) {
    const unsigned flags = fw_get_u8(get), size_class = fw_get_u8(get);
    const uint64_t count = fw_get_u64(get), forgotten = pool->forgotten;

    if (get->failed || size_class >= CLASSES || count > classes[size_class].elements)
        return -1;
    if (count > 0) {
        set->block = take_block(pool, size_class);
        set->size_class = (uint8_t)(set->block ? size_class : 0);
    }
    for (uint64_t i = 0; i < count; i++)
        if (load_element(pool, set, get) != 0)
            return -1;
    pool->unloaded += pool->forgotten - forgotten;
    set->overflowed |= (flags & FLAG_OVERFLOWED) != 0;
    return (flags & FLAG_SKETCH) != 0 ? load_sketch(pool, set, get) : 0;
}
