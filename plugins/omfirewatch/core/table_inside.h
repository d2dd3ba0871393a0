/* table_inside.h: a table from inside, for the files that share it: table.c (look-ups, what comes and goes) and
 * table_state.c (how it is written down and read again).
 */
#ifndef FW_TABLE_INSIDE_H
#define FW_TABLE_INSIDE_H

#include "table.h"

#include <string.h>

#include "gate.h"
#include "keyhash.h"

#define NO_ENTRY UINT32_MAX

struct slot {
    uint32_t hash;
    uint32_t number; /* of the entry, + 1; 0: free */
};

struct link {
    uint32_t newer, older;
    uint64_t touched; /* when, in touches of this table */
};

/* Before the key and the value of each entry. */
struct head {
    uint32_t hash;
    uint32_t pins;
};

struct fw_table {
    struct fw_table_config config;
    struct fw_mem mem;
    struct slot *index;
    struct link *links;
    uint8_t *entries;
    struct fw_gate *gate; /* NULL: none */
    uint32_t index_mask;
    size_t stride;   /* of entries, in bytes */
    uint32_t begun;  /* entries that were ever in use */
    uint32_t vacant; /* NO_ENTRY or the first of a chain by `older` */
    uint64_t touches;
    struct fw_keyhash keyhash;
    uint64_t thinned; /* entries evicted while state was loaded */
    struct fw_table_stats stats;
};

/* ---- entries ---- */

static inline struct head *head_of(const struct fw_table *t, uint32_t number) {
    return (struct head *)(void *)(t->entries + number * t->stride);
}

static inline uint8_t *key_of(const struct fw_table *t, uint32_t number) {
    return t->entries + number * t->stride + sizeof(struct head);
}

static inline void *value_of(const struct fw_table *t, uint32_t number) {
    return key_of(t, number) + t->config.key_size;
}

static inline uint32_t number_of(const struct fw_table *t, const void *value) {
    const uint8_t *entry = (const uint8_t *)value - t->config.key_size - sizeof(struct head);

    return (uint32_t)((size_t)(entry - t->entries) / t->stride);
}

static inline bool keys_equal(const void *a, const void *b, size_t size) {
    const uint8_t *x = a, *y = b;
    uint64_t differ = 0, p, q;

    for (size_t i = 0; i < size; i += 8) {
        memcpy(&p, x + i, 8);
        memcpy(&q, y + i, 8);
        differ |= p ^ q;
    }
    return differ == 0;
}

static inline uint64_t hash_of(const struct fw_table *t, const void *key) {
    return fw_keyhash(&t->keyhash, key, t->config.key_size);
}

/* ---- the two orders ---- */

static inline uint32_t loose(const struct fw_table *t) {
    return t->config.capacity;
}

static inline uint32_t pinned(const struct fw_table *t) {
    return t->config.capacity + 1;
}

static inline void unlink_entry(struct fw_table *t, uint32_t number) {
    const struct link *l = &t->links[number];

    t->links[l->newer].older = l->older;
    t->links[l->older].newer = l->newer;
}

/* The newest entry of a list is the `older` of its head. */
static inline void link_newest(struct fw_table *t, uint32_t number, uint32_t list) {
    const uint32_t second = t->links[list].older;

    t->links[number] = (struct link){.newer = list, .older = second, .touched = ++t->touches};
    t->links[second].newer = number;
    t->links[list].older = number;
}

/* ---- of table.c ---- */

/* The entry of a key with that hash, or NO_ENTRY. */
uint32_t fw_table_lookup(const struct fw_table *t, uint32_t hash, const void *key);
/* A new entry with a value of zeros, the newest loose one. There has to be room. */
uint32_t fw_table_put_in(struct fw_table *t, const void *key, uint32_t hash);
/* It is no more; its place is vacant. */
void fw_table_take_out(struct fw_table *t, uint32_t number);

#endif
