/* slab.h: blocks of one size, taken and given back in constant time.
 *
 * Invariants: a handle is 1 ... blocks; 0 is none. What is taken is zeroed. A
 * free block begins with the handle of the next free one.
 * Memory: the caller's, blocks * block_bytes, zeroed; block_bytes a multiple of 8.
 * Blocks never used are not touched, so their pages cost nothing.
 */
#ifndef FW_SLAB_H
#define FW_SLAB_H

#include <stddef.h>
#include <stdint.h>

struct fw_slab {
    uint8_t *base;
    size_t block_bytes;
    uint32_t blocks;
    uint32_t begun; /* blocks that were ever in use */
    uint32_t used;
    uint32_t free; /* handle of the first free one */
};

/* A handle, or 0 when all are in use. */
uint32_t fw_slab_take(struct fw_slab *slab);
void fw_slab_give(struct fw_slab *slab, uint32_t handle);

static inline void *fw_slab_at(const struct fw_slab *slab, uint32_t handle) {
    return slab->base + (handle - 1) * slab->block_bytes;
}

#endif
