/* seen.c: see seen.h. A set is one cache line of numbers, newest first. */
#include "seen.h"

#define WAYS 8
#define SETS (FW_SEEN_LINES / WAYS)
#define LINE 64

struct set {
    uint64_t identities[WAYS]; /* 0: none */
};
_Static_assert(sizeof(struct set) == LINE, "a look-up reads one line");
_Static_assert((SETS & (SETS - 1)) == 0, "chosen by bits");

struct fw_seen {
    struct fw_mem mem;
    struct fw_seed seed;
    bool used;    /* a line was seen, or a state loaded */
    void *memory; /* that the sets lie in, aligned */
    struct set *sets;
};

int fw_seen_open(struct fw_seen **out, const struct fw_seed *seed, const struct fw_mem *mem) {
    struct fw_seen *seen = fw_mem_alloc(mem, 1, sizeof *seen);

    *out = NULL;
    if (!seen)
        return -1;
    seen->mem = *mem;
    seen->seed = *seed;
    seen->memory = fw_mem_alloc(mem, SETS + 1, sizeof *seen->sets);
    if (!seen->memory) {
        fw_seen_close(&seen);
        return -1;
    }
    seen->sets = (struct set *)(void *)((char *)seen->memory + (LINE - (uintptr_t)seen->memory % LINE) % LINE);
    *out = seen;
    return 0;
}

void fw_seen_close(struct fw_seen **out) {
    struct fw_seen *seen = *out;

    if (!seen)
        return;
    const struct fw_mem mem = seen->mem;
    fw_mem_release(&mem, seen->memory);
    fw_mem_release(&mem, seen);
    *out = NULL;
}

struct fw_seed fw_seen_seed(const struct fw_seen *seen) {
    return seen->seed;
}

void fw_seen_ask(const struct fw_seen *seen, uint64_t identity) {
    __builtin_prefetch(&seen->sets[identity & (SETS - 1)], 1);
}

bool fw_seen_before(struct fw_seen *seen, uint64_t identity) {
    struct set *set = &seen->sets[identity & (SETS - 1)];

    for (unsigned way = 0; way < WAYS; way++)
        if (set->identities[way] == identity)
            return true;
    memmove(set->identities + 1, set->identities, (WAYS - 1) * sizeof *set->identities);
    set->identities[0] = identity;
    seen->used = true;
    return false;
}

/* ---- state: the seed, then for each set that holds something its number, how many, and they, newest first ---- */

bool fw_seen_save(const struct fw_seen *seen, struct fw_put *put, uint64_t *cursor) {
    fw_put_u64(put, seen->seed.k[0]);
    fw_put_u64(put, seen->seed.k[1]);
    for (; *cursor < SETS && fw_put_has_room(put); ++*cursor) {
        const struct set *set = &seen->sets[*cursor];
        unsigned held = 0;

        while (held < WAYS && set->identities[held] != 0)
            held++;
        if (held == 0)
            continue;
        fw_put_u64(put, *cursor * (WAYS + 1) + held);
        for (unsigned way = 0; way < held; way++)
            fw_put_u64(put, set->identities[way]);
    }
    return *cursor >= SETS;
}

int fw_seen_load(struct fw_seen *seen, struct fw_get *get) {
    const uint64_t k0 = fw_get_u64(get), k1 = fw_get_u64(get);
    const struct fw_seed seed = {{k0, k1}};

    if (get->failed || (seen->used && (seed.k[0] != seen->seed.k[0] || seed.k[1] != seen->seed.k[1])))
        return -1;
    seen->seed = seed;
    seen->used = true;
    while (fw_get_has_more(get)) {
        const uint64_t head = fw_get_u64(get), number = head / (WAYS + 1), held = head % (WAYS + 1);

        if (get->failed || number >= SETS)
            return -1;
        for (uint64_t way = 0; way < held; way++)
            seen->sets[number].identities[way] = fw_get_u64(get);
    }
    return get->failed ? -1 : 0;
}
