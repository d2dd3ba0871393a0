/* table_state.c: a table and its gate are written to the state and read again.
 *
 * Entries are written in the order of their places, each with its touch number,
 * and brought into the order of touches when all of them have been read. Where the
 * table is smaller than the one that was written, those touched last are kept.
 * Memory: none beside the table. What an attacker controls: of a forged file
 * everything, so sizes, numbers and times are checked.
 */
#include "table_inside.h"

enum record { RECORD_ENTRY, RECORD_NOTE = 2 }; /* 1: a note with its time apart */

#define SORT_BINS  32 /* chains of 2^0 ... 2^31 entries */
#define THIN_PARTS 8  /* of a table that is too small for what is loaded, so much makes room at once */

static void save_head(const struct fw_table *t, struct fw_put *put) {
    fw_put_u64(put, t->config.key_size);
    fw_put_u64(put, t->config.value_size);
    fw_put_u64(put, t->stats.peak);
    fw_put_u64(put, t->stats.admitted);
    fw_put_u64(put, t->stats.evicted);
    fw_put_u64(put, t->stats.refused);
    fw_put_u64(put, t->gate ? t->gate->gated : 0);
    fw_put_u64(put, t->gate ? t->gate->overrun : 0);
}

static int load_head(struct fw_table *t, struct fw_get *get) {
    if (fw_get_u64(get) != t->config.key_size || fw_get_u64(get) != t->config.value_size)
        return -1;
    t->stats.peak = fw_get_u64(get);
    t->stats.admitted = fw_get_u64(get);
    t->stats.evicted = fw_get_u64(get) + t->thinned;
    t->stats.refused = fw_get_u64(get);
    const uint64_t gated = fw_get_u64(get), overrun = fw_get_u64(get);
    if (t->gate) {
        t->gate->gated = gated;
        t->gate->overrun = overrun;
    }
    return get->failed ? -1 : 0;
}

static void save_entry(const struct fw_table *t, uint32_t number, const struct fw_table_owner *owner,
                       struct fw_put *put) {
    fw_put_u8(put, RECORD_ENTRY);
    fw_put_u64(put, t->links[number].touched);
    fw_put_u8(put, head_of(t, number)->pins > 0);
    fw_put_bytes(put, key_of(t, number), t->config.key_size);
    const size_t value = fw_put_open(put);
    owner->save(owner->cookie, value_of(t, number), put);
    fw_put_close(put, value);
}

bool fw_table_save(const struct fw_table *t, const struct fw_table_owner *owner, struct fw_put *put, uint64_t *cursor) {
    const uint64_t entries = t->config.capacity;
    const uint64_t slots = t->gate ? fw_gate_slots(t->gate) : 0;

    save_head(t, put);
    for (; *cursor < entries; ++*cursor) {
        if (*cursor >= t->begun || t->links[*cursor].touched == 0)
            continue;
        if (!fw_put_has_room(put))
            return false;
        save_entry(t, (uint32_t)*cursor, owner, put);
    }
    for (; *cursor - entries < slots; ++*cursor) {
        if (fw_gate_is_free(t->gate, *cursor - entries))
            continue;
        if (!fw_put_has_room(put))
            return false;
        fw_put_u8(put, RECORD_NOTE);
        fw_gate_save(t->gate, *cursor - entries, put);
    }
    return true;
}

/* Merges two chains by `newer`, the least recently touched first. */
static uint32_t merge(struct fw_table *t, uint32_t a, uint32_t b) {
    uint32_t first = NO_ENTRY, *next = &first;

    while (a != NO_ENTRY && b != NO_ENTRY) {
        uint32_t *least = t->links[b].touched < t->links[a].touched ? &b : &a;

        *next = *least;
        next = &t->links[*least].newer;
        *least = *next;
    }
    *next = a != NO_ENTRY ? a : b;
    return first;
}

/* Sorts a list by touch number: merges chains of equal length as they come up, as a binary counter carries. */
static void sort_list(struct fw_table *t, uint32_t list) {
    uint32_t bins[SORT_BINS];
    uint32_t sorted = NO_ENTRY;

    for (unsigned i = 0; i < SORT_BINS; i++)
        bins[i] = NO_ENTRY;
    for (uint32_t number = t->links[list].newer, following; number != list; number = following) {
        uint32_t chain = number;
        unsigned i = 0;

        following = t->links[number].newer;
        t->links[number].newer = NO_ENTRY;
        for (; i < SORT_BINS - 1 && bins[i] != NO_ENTRY; i++) {
            chain = merge(t, bins[i], chain);
            bins[i] = NO_ENTRY;
        }
        bins[i] = chain;
    }
    for (unsigned i = 0; i < SORT_BINS; i++)
        sorted = merge(t, bins[i], sorted);
    uint32_t before = list;
    for (uint32_t number = sorted; number != NO_ENTRY; number = t->links[number].newer) {
        t->links[number].older = before;
        t->links[before].newer = number;
        before = number;
    }
    t->links[before].newer = list;
    t->links[list].older = before;
}

static void forget_entry(struct fw_table *t, uint32_t number) {
    if (t->config.evict)
        t->config.evict(t->config.cookie, key_of(t, number), value_of(t, number));
    fw_table_take_out(t, number);
}

/* Room for an entry that is loaded: there is, or the least recently touched of what came so far goes, many at once, for
 * they have to be sorted for it. */
static bool make_room_loading(struct fw_table *t) {
    if (t->begun < t->config.capacity || t->vacant != NO_ENTRY)
        return true;
    sort_list(t, loose(t));
    for (uint32_t i = 0; i <= t->config.capacity / THIN_PARTS; i++) {
        const uint32_t oldest = t->links[loose(t)].newer;

        if (oldest >= t->config.capacity)
            break;
        forget_entry(t, oldest);
        t->stats.evicted++;
        t->thinned++;
    }
    return t->vacant != NO_ENTRY;
}

static void put_entry(struct fw_table *t, const void *key, uint64_t touched, bool is_pinned,
                      const struct fw_table_owner *owner, struct fw_get *value) {
    const uint32_t hash = (uint32_t)hash_of(t, key);
    uint32_t number = fw_table_lookup(t, hash, key);

    if (number != NO_ENTRY) /* written twice */
        forget_entry(t, number);
    if (!make_room_loading(t)) {
        t->stats.evicted++;
        t->thinned++;
        return;
    }
    number = fw_table_put_in(t, key, hash);
    t->stats.admitted--; /* it was when it came */
    if (is_pinned)
        fw_table_pin(t, value_of(t, number));
    t->links[number].touched = touched > 0 ? touched : 1;
    if (owner->load(owner->cookie, value_of(t, number), value) != 0)
        forget_entry(t, number);
}

static int load_entry(struct fw_table *t, const struct fw_table_owner *owner, struct fw_get *get) {
    uint64_t key[FW_TABLE_KEY_MAX / 8];
    const uint64_t touched = fw_get_u64(get);
    const bool is_pinned = fw_get_u8(get) != 0;

    fw_get_bytes(get, key, t->config.key_size);
    struct fw_get value = fw_get_part(get);
    if (get->failed)
        return -1;
    put_entry(t, key, touched, is_pinned, owner, &value);
    return 0;
}

static int load_note(struct fw_table *t, struct fw_get *get) {
    uint8_t ignored[FW_GATE_RECORD];

    if (t->gate)
        fw_gate_load(t->gate, get);
    else
        fw_get_bytes(get, ignored, sizeof ignored);
    return get->failed ? -1 : 0;
}

int fw_table_load(struct fw_table *t, const struct fw_table_owner *owner, struct fw_get *get) {
    if (load_head(t, get) != 0)
        return -1;
    while (fw_get_has_more(get))
        switch (fw_get_u8(get)) {
        case RECORD_ENTRY:
            if (load_entry(t, owner, get) != 0)
                return -1;
            break;
        case RECORD_NOTE:
            if (load_note(t, get) != 0)
                return -1;
            break;
        default:
            return -1;
        }
    return 0;
}

/* Touches get new numbers, so that they stay strictly falling whatever was loaded. */
void fw_table_loaded(struct fw_table *t) {
    const uint32_t capacity = t->config.capacity;
    uint32_t next[2];
    uint64_t touches = 0;

    sort_list(t, loose(t));
    sort_list(t, pinned(t));
    next[0] = t->links[loose(t)].newer;
    next[1] = t->links[pinned(t)].newer;
    while (next[0] < capacity || next[1] < capacity) {
        const int list =
            next[1] >= capacity || (next[0] < capacity && t->links[next[0]].touched <= t->links[next[1]].touched) ? 0
                                                                                                                  : 1;

        t->links[next[list]].touched = ++touches;
        next[list] = t->links[next[list]].newer;
    }
    t->touches = touches;
}
