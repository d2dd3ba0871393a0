/* index.c: see index.h. */
#include "index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SLOTS_MIN 1024
#define GROW_MIN  16

static size_t slot_of(const struct fw_index *index, const char *name) {
    size_t slot = (size_t)fw_hash(&index->seed, name, strlen(name)) & (index->slots_count - 1);

    while (index->slots[slot] != 0 && strcmp(index->names[index->slots[slot] - 1], name) != 0)
        slot = (slot + 1) & (index->slots_count - 1);
    return slot;
}

static bool make_room(struct fw_index *index) {
    const size_t before = index->slots_count;
    size_t *old = index->slots;

    if (index->count < before / 2)
        return true;
    if (before == 0 && getrandom(&index->seed, sizeof index->seed, 0) != (ssize_t)sizeof index->seed)
        return false;
    index->slots_count = before > 0 ? 2 * before : SLOTS_MIN;
    index->slots = calloc(index->slots_count, sizeof *index->slots);
    if (!index->slots) {
        index->slots = old;
        index->slots_count = before;
        return false;
    }
    for (size_t i = 0; i < index->count; i++)
        index->slots[slot_of(index, index->names[i])] = i + 1;
    free(old);
    return true;
}

size_t fw_index_put(struct fw_index *index, const char *name, bool *fresh) {
    char **names;
    size_t slot;

    *fresh = false;
    if (!make_room(index))
        return FW_INDEX_NONE;
    slot = slot_of(index, name);
    if (index->slots[slot] != 0)
        return index->slots[slot] - 1;
    names = index->count < FW_INDEX_MAX ? fw_index_grow(index->names, index->count, sizeof *names) : NULL;
    if (!names)
        return FW_INDEX_NONE;
    index->names = names;
    index->names[index->count] = strdup(name);
    if (!index->names[index->count])
        return FW_INDEX_NONE;
    index->slots[slot] = ++index->count;
    *fresh = true;
    return index->count - 1;
}

void fw_index_free(struct fw_index *index) {
    for (size_t i = 0; i < index->count; i++)
        free(index->names[i]);
    free(index->names);
    free(index->slots);
    *index = (struct fw_index){.count = 0};
}

void *fw_index_grow(void *array, size_t count, size_t size) {
    const bool full = count >= GROW_MIN && (count & (count - 1)) == 0;
    const size_t room = array ? 2 * count : GROW_MIN;
    char *grown;

    if (array && !full)
        return array;
    if (room > SIZE_MAX / size)
        return NULL;
    grown = realloc(array, room * size);
    if (grown)
        memset(grown + count * size, 0, (room - count) * size);
    return grown;
}
