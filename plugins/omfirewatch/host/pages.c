/* pages.c: see pages.h. Before each block, in a cache line of its own, stands how it was taken. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise */
#include "pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE 64

struct before {
    size_t mapped; /* bytes; 0: from malloc */
};

static void *map(size_t size) {
    uint8_t *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return map == MAP_FAILED ? NULL : map;
}

/* At a multiple of a huge page: what is too much at both ends goes back at once. */
static void *map_huge(size_t size) {
    const size_t wide = size + FW_PAGES_HUGE;
    uint8_t *all = map(wide);

    if (all == NULL)
        return NULL;
    const size_t lead = (FW_PAGES_HUGE - (uintptr_t)all % FW_PAGES_HUGE) % FW_PAGES_HUGE;
    if (lead > 0)
        (void)munmap(all, lead);
    if (wide - lead > size)
        (void)munmap(all + lead + size, wide - lead - size);
    (void)madvise(all + lead, size, MADV_HUGEPAGE); /* only slower without */
    return all + lead;
}

static void *pages_alloc(void *cookie, size_t size) {
    const size_t page = 4096; /* what munmap rounds to by itself is no concern here: both ends are multiples of it */
    uint8_t *base;

    (void)cookie;
    if (size > SIZE_MAX / 2)
        return NULL;
    size += LINE;
    if (size < FW_PAGES_MAP_FROM) {
        size = (size + LINE - 1) / LINE * LINE;
        base = aligned_alloc(LINE, size);
        if (!base)
            return NULL;
        memset(base, 0, size);
        return base + LINE;
    }
    size = (size + page - 1) / page * page;
    base = size < FW_PAGES_HUGE_FROM ? map(size) : map_huge(size);
    if (!base)
        return NULL;
    ((struct before *)(void *)base)->mapped = size;
    return base + LINE;
}

static void pages_release(void *cookie, void *p) {
    uint8_t *base = (uint8_t *)p - LINE;
    const size_t mapped = ((struct before *)(void *)base)->mapped;

    (void)cookie;
    if (mapped > 0)
        (void)munmap(base, mapped);
    else
        free(base);
}

const struct fw_mem fw_mem_pages = {pages_alloc, pages_release, NULL};
