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

/* n * size zeroed bytes, or NULL (also when the product does not fit). */
void *fw_mem_alloc(const struct fw_mem *mem, size_t n, size_t size);
void fw_mem_release(const struct fw_mem *mem, void *p); /* p may be NULL */

#endif
