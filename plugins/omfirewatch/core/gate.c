/* gate.c: first sightings of keys, in a set-associative array (see gate.h for
 * what holds, what it takes and what an attacker controls).
 */
#include "gate.h"

#include <string.h>

struct fw_gate_set {
    uint64_t tags[FW_GATE_WAYS]; /* WAY bits of the first one: the way that goes next; of the others: 0 */
    uint8_t notes[FW_GATE_WAYS][FW_TABLE_NOTE_SIZE];
};

#define WAY ((uint64_t)FW_GATE_WAYS - 1)
_Static_assert((FW_GATE_WAYS & (FW_GATE_WAYS - 1)) == 0, "a way is some bits");

static inline uint64_t tag_at(const struct fw_gate_set *set, unsigned way) { /* 0: free */
    return set->tags[way] & ~WAY;
}

static inline void set_tag(struct fw_gate_set *set, unsigned way, uint64_t tag) {
    set->tags[way] = tag | (set->tags[way] & WAY);
}

static inline unsigned next_of(const struct fw_gate_set *set) {
    return set->tags[0] & WAY;
}

static inline void set_next(struct fw_gate_set *set, unsigned way) {
    set->tags[0] = (set->tags[0] & ~WAY) | (way & WAY);
}

static inline fw_time time_of(const struct fw_gate_set *set, unsigned way) {
    fw_time time;

    memcpy(&time, set->notes[way] + FW_TABLE_NOTE_TIME, sizeof time);
    return time;
}

static inline void set_time(struct fw_gate_set *set, unsigned way, fw_time time) {
    memcpy(set->notes[way] + FW_TABLE_NOTE_TIME, &time, sizeof time);
}

static size_t sets_for(uint32_t slots) {
    return slots > FW_GATE_WAYS ? ((size_t)slots + FW_GATE_WAYS - 1) / FW_GATE_WAYS : 1;
}

size_t fw_gate_bytes(uint32_t slots) {
    return sizeof(struct fw_gate) + sets_for(slots) * sizeof(struct fw_gate_set);
}

int fw_gate_open(struct fw_gate **gate, uint32_t slots, fw_time window, const struct fw_mem *mem) {
    struct fw_gate *g = fw_mem_alloc(mem, 1, sizeof *g);

    *gate = NULL;
    if (!g)
        return -1;
    g->count = sets_for(slots);
    g->window = window;
    g->sets = fw_mem_alloc(mem, sets_for(slots), sizeof *g->sets);
    if (!g->sets) {
        fw_gate_close(&g, mem);
        return -1;
    }
    *gate = g;
    return 0;
}

void fw_gate_close(struct fw_gate **gate, const struct fw_mem *mem) {
    if (!*gate)
        return;
    fw_mem_release(mem, (*gate)->sets);
    fw_mem_release(mem, *gate);
    *gate = NULL;
}

static inline uint64_t tag_of(uint64_t hash) {
    return (hash & ~WAY) != 0 ? hash & ~WAY : WAY + 1;
}

/* The upper half chooses the set: the table's index uses the lower. */
static inline struct fw_gate_set *set_of(const struct fw_gate *gate, uint64_t tag) {
    return &gate->sets[(tag >> 32) * gate->count >> 32];
}

/* The way of a tag, FW_GATE_WAYS if it is not there. */
static inline unsigned find(const struct fw_gate_set *set, uint64_t tag) {
    unsigned way = 0;

    while (way < FW_GATE_WAYS && tag_at(set, way) != tag)
        way++;
    return way;
}

/* Where a note of that tag goes: in the place of its own, in a free one, of these the first (what was in them leaves no
 * trace, so a gate that was saved goes on alike), or in that of the one that came first. */
static inline unsigned place_for(const struct fw_gate_set *set, uint64_t tag) {
    unsigned way = find(set, tag);

    if (way == FW_GATE_WAYS)
        way = find(set, 0);
    return way < FW_GATE_WAYS ? way : next_of(set);
}

void fw_gate_ask(const struct fw_gate *gate, uint64_t hash) {
    __builtin_prefetch(set_of(gate, tag_of(hash))->tags, 1);
}

void fw_gate_ask_notes(const struct fw_gate *gate, uint64_t hash) {
    const uint64_t tag = tag_of(hash);
    const struct fw_gate_set *set = set_of(gate, tag);

    __builtin_prefetch(set->notes[place_for(set, tag)], 1);
}

static inline bool is_fresh(const struct fw_gate *gate, fw_time noted, fw_time now) {
    const uint64_t apart = now > noted ? (uint64_t)now - (uint64_t)noted : (uint64_t)noted - (uint64_t)now;

    return apart <= (uint64_t)gate->window;
}

void *fw_gate_find(struct fw_gate *gate, uint64_t hash, fw_time now) {
    const uint64_t tag = tag_of(hash);
    struct fw_gate_set *set = set_of(gate, tag);
    const unsigned way = find(set, tag);

    return way < FW_GATE_WAYS && is_fresh(gate, time_of(set, way), now) ? set->notes[way] : NULL;
}

void fw_gate_put(struct fw_gate *gate, uint64_t hash, fw_time now, const void *note) {
    const uint64_t tag = tag_of(hash);
    struct fw_gate_set *set = set_of(gate, tag);
    const unsigned way = place_for(set, tag);
    const uint64_t before = tag_at(set, way);

    gate->gated++;
    if (before != 0 && before != tag) {
        gate->overrun += is_fresh(gate, time_of(set, way), now);
        set_next(set, way + 1);
    }
    set_tag(set, way, tag);
    if (note)
        memcpy(set->notes[way], note, FW_TABLE_NOTE_SIZE);
    else
        memset(set->notes[way], 0, FW_TABLE_NOTE_SIZE);
    set_time(set, way, now);
}

uint64_t fw_gate_slots(const struct fw_gate *gate) {
    return gate->count * FW_GATE_WAYS;
}

bool fw_gate_is_free(const struct fw_gate *gate, uint64_t slot) {
    return tag_at(&gate->sets[slot / FW_GATE_WAYS], slot % FW_GATE_WAYS) == 0;
}

void fw_gate_save(const struct fw_gate *gate, uint64_t slot, struct fw_put *put) {
    const struct fw_gate_set *set = &gate->sets[slot / FW_GATE_WAYS];
    const unsigned way = slot % FW_GATE_WAYS;

    fw_put_u8(put, (uint8_t)way);
    fw_put_u8(put, (uint8_t)next_of(set));
    fw_put_u64(put, tag_at(set, way));
    fw_put_bytes(put, set->notes[way], FW_TABLE_NOTE_SIZE);
}

/* In its old place, if that is free: which one goes first must not change. */
void fw_gate_load(struct fw_gate *gate, struct fw_get *get) {
    const unsigned way = fw_get_u8(get) % FW_GATE_WAYS;
    const unsigned next = fw_get_u8(get) % FW_GATE_WAYS;
    const uint64_t tag = tag_of(fw_get_u64(get));
    uint8_t note[FW_TABLE_NOTE_SIZE];
    fw_time time;

    fw_get_bytes(get, note, sizeof note);
    memcpy(&time, note + FW_TABLE_NOTE_TIME, sizeof time);
    if (get->failed)
        return;
    struct fw_gate_set *set = set_of(gate, tag);
    if (tag_at(set, way) != 0) {
        fw_gate_put(gate, tag, time, note);
        gate->gated--;
        return;
    }
    set_tag(set, way, tag);
    set_next(set, next);
    memcpy(set->notes[way], note, sizeof note);
}

void fw_gate_shift(struct fw_gate *gate, fw_time from, fw_time delta) {
    for (size_t i = 0; i < gate->count; i++) {
        struct fw_gate_set *set = &gate->sets[i];

        for (unsigned way = 0; way < FW_GATE_WAYS; way++)
            if (tag_at(set, way) != 0 && time_of(set, way) > from)
                set_time(set, way, time_of(set, way) + delta);
    }
}

void fw_gate_forget(struct fw_gate *gate, uint64_t hash) {
    const uint64_t tag = tag_of(hash);
    struct fw_gate_set *set = set_of(gate, tag);
    const unsigned way = find(set, tag);

    if (way < FW_GATE_WAYS)
        set_tag(set, way, 0);
}
