/* mem.c: the allocator everything in core is opened with.
 *
 * Invariants: what fw_mem_alloc() returns is zeroed; a product that does not
 * fit a size_t is a failure, not a small block. Nothing here depends on events.
 */
#include "mem.h"

#include <stdint.h>
#include <stdlib.h>

static void *libc_alloc(void *cookie, size_t size) {
    (void)cookie;
    return calloc(1, size);
}

static void libc_release(void *cookie, void *p) {
    (void)cookie;
    free(p);
}

const struct fw_mem fw_mem_libc = {libc_alloc, libc_release, NULL};

static void *counted_alloc(void *cookie, size_t size) {
    struct fw_mem_counter *counter = cookie;
    void *p = counter->from->alloc(counter->from->cookie, size);

    if (p)
        counter->bytes += size;
    return p;
}

static void counted_release(void *cookie, void *p) {
    const struct fw_mem_counter *counter = cookie;

    counter->from->release(counter->from->cookie, p);
}

void fw_mem_count(struct fw_mem_counter *counter, const struct fw_mem *from) {
    *counter = (struct fw_mem_counter){.mem = {counted_alloc, counted_release, counter}, .from = from};
}

void *fw_mem_alloc(const struct fw_mem *mem, size_t n, size_t size) {
    if (size != 0 && n > SIZE_MAX / size)
        return NULL;
    return mem->alloc(mem->cookie, n * size > 0 ? n * size : 1);
}

void fw_mem_release(const struct fw_mem *mem, void *p) {
    if (p)
        mem->release(mem->cookie, p);
}
