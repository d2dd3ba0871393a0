/* block.c: a fixed number of different addresses in order of time (see block.h
 * for what holds, what it takes and what an attacker controls).
 */
#include "block.h"

#include <stdbool.h>

#define NUMBER_BITS 10
#define NUMBER_MASK ((1U << NUMBER_BITS) - 1)
#define HASH_MASK   (UINT16_MAX & ~NUMBER_MASK)

_Static_assert(FW_BLOCK_MAX <= NUMBER_MASK, "an element's number + 1 fits its bits");
_Static_assert(sizeof(struct fw_block_element) == 32, "two elements a cache line");
_Static_assert(sizeof(struct fw_block) % 8 == 0, "elements follow aligned");

static inline bool indexed(const struct fw_block *block) {
    return block->capacity > FW_BLOCK_SMALL;
}

static inline uint16_t *index_of(struct fw_block *block) {
    return (uint16_t *)(void *)(block->elements + block->capacity);
}

static inline unsigned index_mask(const struct fw_block *block) {
    return 2U * block->capacity - 1;
}

size_t fw_block_bytes(unsigned capacity) {
    return sizeof(struct fw_block) + capacity * sizeof(struct fw_block_element) +
           (capacity > FW_BLOCK_SMALL ? capacity * (2 * sizeof(uint16_t)) : 0);
}

void fw_block_init(struct fw_block *block, unsigned capacity) {
    block->capacity = (uint16_t)capacity;
    block->oldest = FW_BLOCK_NONE;
    block->newest = FW_BLOCK_NONE;
}

uint16_t fw_block_hash(const struct fw_block *block, const struct fw_keyhash *keyhash, const union fw_addr *addr) {
    return indexed(block) ? (uint16_t)fw_keyhash(keyhash, addr->b, sizeof addr->b) : 0;
}

/* ---- the index ---- */

static void index_insert(struct fw_block *block, uint16_t number) {
    const unsigned mask = index_mask(block);
    const uint16_t hash = block->elements[number].hash;
    uint16_t *index = index_of(block);
    unsigned i = hash & mask;

    while (index[i] != 0)
        i = (i + 1) & mask;
    index[i] = (uint16_t)((hash & HASH_MASK) | (number + 1U));
}

/* Closes the gap: whatever follows and whose home is not behind the gap moves
 * into it (Knuth, TAOCP 3, 6.4, algorithm R). */
static void index_remove(struct fw_block *block, uint16_t number) {
    const unsigned mask = index_mask(block);
    uint16_t *index = index_of(block);
    unsigned gap = block->elements[number].hash & mask;

    while ((index[gap] & NUMBER_MASK) != number + 1U)
        gap = (gap + 1) & mask;
    for (unsigned i = (gap + 1) & mask; index[i] != 0; i = (i + 1) & mask) {
        const unsigned home = block->elements[(index[i] & NUMBER_MASK) - 1].hash & mask;

        if (((i - home) & mask) >= ((i - gap) & mask)) {
            index[gap] = index[i];
            gap = i;
        }
    }
    index[gap] = 0;
}

uint16_t fw_block_find(struct fw_block *block, const union fw_addr *addr, uint16_t hash) {
    if (!indexed(block)) {
        uint16_t number = block->newest;

        while (number != FW_BLOCK_NONE && !fw_addr_equal(&block->elements[number].addr, addr))
            number = block->elements[number].older;
        return number;
    }
    const unsigned mask = index_mask(block);
    const uint16_t *index = index_of(block);
    for (unsigned i = hash & mask; index[i] != 0; i = (i + 1) & mask) {
        const uint16_t number = (uint16_t)((index[i] & NUMBER_MASK) - 1);

        if (((index[i] ^ hash) & HASH_MASK) == 0 && fw_addr_equal(&block->elements[number].addr, addr))
            return number;
    }
    return FW_BLOCK_NONE;
}

void fw_block_ask(const struct fw_block *block) {
    const uint16_t next = block->begun < block->capacity ? block->begun : block->vacant;

    if (block->oldest < block->capacity)
        __builtin_prefetch(&block->elements[block->oldest], 1);
    if (block->newest < block->capacity)
        __builtin_prefetch(&block->elements[block->newest], 1);
    if (next < block->capacity)
        __builtin_prefetch(&block->elements[next], 1);
}

/* ---- the order ---- */

static void link_by_time(struct fw_block *block, uint16_t number) {
    struct fw_block_element *e = &block->elements[number];
    uint16_t newer = FW_BLOCK_NONE, older = block->newest;

    while (older != FW_BLOCK_NONE && block->elements[older].time > e->time) {
        newer = older;
        older = block->elements[older].older;
    }
    e->older = older;
    e->newer = newer;
    if (older != FW_BLOCK_NONE)
        block->elements[older].newer = number;
    else
        block->oldest = number;
    if (newer != FW_BLOCK_NONE)
        block->elements[newer].older = number;
    else
        block->newest = number;
}

static void unlink_element(struct fw_block *block, uint16_t number) {
    const struct fw_block_element *e = &block->elements[number];

    if (e->older != FW_BLOCK_NONE)
        block->elements[e->older].newer = e->newer;
    else
        block->oldest = e->newer;
    if (e->newer != FW_BLOCK_NONE)
        block->elements[e->newer].older = e->older;
    else
        block->newest = e->older;
}

void fw_block_put(struct fw_block *block, const struct fw_block_element *element) {
    uint16_t number = block->begun;

    if (number < block->capacity) {
        block->begun++;
    } else {
        number = block->vacant;
        block->vacant = block->elements[number].newer;
    }
    block->elements[number] = *element;
    link_by_time(block, number);
    if (indexed(block))
        index_insert(block, number);
    block->count++;
}

void fw_block_take(struct fw_block *block, uint16_t number) {
    if (indexed(block))
        index_remove(block, number);
    unlink_element(block, number);
    block->elements[number].newer = block->vacant;
    block->vacant = number;
    block->count--;
}

void fw_block_renew(struct fw_block *block, uint16_t number, fw_time time) {
    if (time <= block->elements[number].time)
        return;
    block->elements[number].time = time;
    if (block->newest == number)
        return;
    unlink_element(block, number);
    link_by_time(block, number);
}
