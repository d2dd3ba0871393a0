/* fail_mem.h: an allocator for tests that counts, and fails when told to.
 *
 * Every open is tried with the first, second, ... allocation failing: it has to
 * say -1, leave NULL behind, and release all it took.
 */
#ifndef FAIL_MEM_H
#define FAIL_MEM_H

#include <stdint.h>
#include <stdlib.h>

#include "core/mem.h"

struct fail_mem {
    struct fw_mem mem;
    unsigned taken; /* allocations that were asked for */
    unsigned live;
    unsigned fail_at; /* this one fails, from 1; 0: none */
    size_t bytes;
};

static inline void *fail_mem_alloc(void *cookie, size_t size) {
    struct fail_mem *f = cookie;

    if (++f->taken == f->fail_at)
        return NULL;
    f->live++;
    f->bytes += size;
    return calloc(1, size);
}

static inline void fail_mem_release(void *cookie, void *p) {
    struct fail_mem *f = cookie;

    f->live--;
    free(p);
}

static inline void fail_mem_init(struct fail_mem *f, unsigned fail_at) {
    *f = (struct fail_mem){.mem = {fail_mem_alloc, fail_mem_release, f}, .fail_at = fail_at};
}

/* a small generator of its own, so that a failure can be repeated (Marsaglia, Xorshift RNGs, 2003) */
static inline uint64_t test_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
