/* index.h: numbers for names, in the order in which they first came.
 *
 * Grows with what comes, up to FW_INDEX_MAX names: findings of a file, matters of
 * a run. Names are hashed with a random seed, as they may be chosen by whoever
 * wrote the file.
 */
#ifndef FW_INDEX_H
#define FW_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/hash.h"

#define FW_INDEX_MAX  ((size_t)1 << 17) /* a hundred thousand findings: a hundred MiB, and nobody reads more */
#define FW_INDEX_NONE ((size_t)-1)

struct fw_index {
    struct fw_seed seed;
    char **names;
    size_t count;
    size_t *slots; /* number + 1, 0: free; a power of two, at most half of them used */
    size_t slots_count;
};

/* Zero it first. The number of the name, given to it now if it is new; FW_INDEX_NONE when there is no room for it. */
size_t fw_index_put(struct fw_index *index, const char *name, bool *fresh);
void fw_index_free(struct fw_index *index);

/* Room for `count` + 1 elements of an array that grows by doubling; NULL: no memory, and the array is as it was. New
 * elements are zeroed. */
void *fw_index_grow(void *array, size_t count, size_t size);

#endif
