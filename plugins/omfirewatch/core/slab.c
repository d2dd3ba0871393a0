/* slab.c: blocks of one size (see slab.h).
 * What an attacker controls: how many are wanted; never which one is given.
 */
#include "slab.h"

#include <string.h>

uint32_t fw_slab_take(struct fw_slab *slab) {
    uint32_t handle = slab->free;

    if (handle != 0)
        memcpy(&slab->free, fw_slab_at(slab, handle), sizeof slab->free);
    else if (slab->begun < slab->blocks)
        handle = ++slab->begun;
    else
        return 0;
    memset(fw_slab_at(slab, handle), 0, slab->block_bytes);
    slab->used++;
    return handle;
}

void fw_slab_give(struct fw_slab *slab, uint32_t handle) {
    memcpy(fw_slab_at(slab, handle), &slab->free, sizeof slab->free);
    slab->free = handle;
    slab->used--;
}
