/* block.h: a fixed number of different addresses in order of time.
 *
 * Invariants:
 *   - the elements form one list by rising time, equal times in order of arrival;
 *   - a block of FW_BLOCK_SMALL elements is searched along that list; a larger one
 *     has an index of u16, twice as many slots as elements, probed linearly,
 *     without tombstones. A slot holds the element's number + 1 in 10 bits and 6
 *     bits of its hash; equality is always that of the whole address.
 * Memory: 16 bytes, 32 an element, 4 an element for the index.
 * What an attacker controls: the addresses and their order. The hash is seeded;
 * finding the place of an event out of order takes at most FW_BLOCK_MAX steps.
 */
#ifndef FW_BLOCK_H
#define FW_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "event.h"
#include "keyhash.h"

#define FW_BLOCK_SMALL 8   /* four cache lines: comparing them all is cheaper than one hash */
#define FW_BLOCK_MAX   512 /* numbers have to fit the 10 bits of an index slot */
#define FW_BLOCK_NONE  UINT16_MAX

struct fw_block_element {
    union fw_addr addr;
    fw_time time;
    uint16_t older, newer;
    uint16_t hash; /* 0 in small blocks */
    uint8_t mark;
};

struct fw_block {
    uint16_t capacity; /* FW_BLOCK_SMALL, or a larger power of two */
    uint16_t count;
    uint16_t oldest, newest; /* FW_BLOCK_NONE when empty */
    uint16_t vacant;         /* elements that were taken out, a chain by `newer`: begun - count of them */
    uint16_t begun;          /* elements that were ever in use */
    struct fw_block_element elements[];
};

size_t fw_block_bytes(unsigned capacity);
/* of zeroed memory of that size */
void fw_block_init(struct fw_block *block, unsigned capacity);

/* Memory asked for in advance, see ahead.h: elements that come or go next. */
void fw_block_ask(const struct fw_block *block);
/* What find and put want to know of an address. */
uint16_t fw_block_hash(const struct fw_block *block, const struct fw_keyhash *keyhash, const union fw_addr *addr);
/* The element's number, or FW_BLOCK_NONE. */
uint16_t fw_block_find(struct fw_block *block, const union fw_addr *addr, uint16_t hash);
/* Adds an element; its address is not in the block, and there is room. */
void fw_block_put(struct fw_block *block, const struct fw_block_element *element);
void fw_block_take(struct fw_block *block, uint16_t number);
/* The element was seen again, later. */
void fw_block_renew(struct fw_block *block, uint16_t number, fw_time time);

#endif
