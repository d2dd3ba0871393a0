/* mem.h: the allocator, injectable so that a test can make it fail.
 * Memory is taken when something opens, never while events are observed.
 */
#ifndef FW_MEM_H
#define FW_MEM_H

#include <stddef.h>

struct fw_mem {
    void *(*alloc)(void *cookie, size_t size); /* zeroed */
    void (*release)(void *cookie, void *p);
    void *cookie;
};
extern const struct fw_mem fw_mem_libc;

/* Counts what is asked for through it; mem goes into what opens, and the counter outlives that. */
struct fw_mem_counter {
    struct fw_mem mem;
    const struct fw_mem *from;
    size_t bytes; /* asked for so far */
};
void fw_mem_count(struct fw_mem_counter *counter, const struct fw_mem *from);

/* n * size zeroed bytes, or NULL (also when the product does not fit). */
void *fw_mem_alloc(const struct fw_mem *mem, size_t n, size_t size);
void fw_mem_release(const struct fw_mem *mem, void *p); /* p may be NULL */

#endif
