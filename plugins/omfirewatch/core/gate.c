/* gate.c: first sightings of keys, in a set-associative array (see gate.h for
 * what holds, what it takes and what an attacker controls).
 */
#include "gate.h"

#include <string.h>

struct fw_gate_set {
    uint64_t tags[FW_GATE_WAYS]; /* 0: free */
    fw_time times[FW_GATE_WAYS]; /* of the first sighting */
    uint8_t notes[FW_GATE_WAYS][FW_TABLE_NOTE_SIZE];
};

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
    return hash != 0 ? hash : 1;
}

/* The upper half chooses the set: the table's index uses the lower. */
static inline struct fw_gate_set *set_of(const struct fw_gate *gate, uint64_t tag) {
    return &gate->sets[(tag >> 32) * gate->count >> 32];
}

static inline bool is_fresh(const struct fw_gate *gate, fw_time noted, fw_time now) {
    const uint64_t apart = now > noted ? (uint64_t)now - (uint64_t)noted : (uint64_t)noted - (uint64_t)now;

    return apart <= (uint64_t)gate->window;
}

void *fw_gate_find(struct fw_gate *gate, uint64_t hash, fw_time now) {
    const uint64_t tag = tag_of(hash);
    struct fw_gate_set *set = set_of(gate, tag);

    for (unsigned way = 0; way < FW_GATE_WAYS; way++)
        if (set->tags[way] == tag)
            return is_fresh(gate, set->times[way], now) ? set->notes[way] : NULL;
    return NULL;
}

/* What a slot is worth to a new note; the least is taken, the older of equals. */
enum worth { OWN, FREE, STALE, FRESH };

static enum worth worth_of(const struct fw_gate *gate, const struct fw_gate_set *set, unsigned way, uint64_t tag,
                           fw_time now) {
    if (set->tags[way] == tag)
        return OWN;
    if (set->tags[way] == 0)
        return FREE;
    return is_fresh(gate, set->times[way], now) ? FRESH : STALE;
}

void fw_gate_put(struct fw_gate *gate, uint64_t hash, fw_time now, const void *note) {
    const uint64_t tag = tag_of(hash);
    struct fw_gate_set *set = set_of(gate, tag);
    enum worth least = worth_of(gate, set, 0, tag, now);
    unsigned chosen = 0;

    for (unsigned way = 1; way < FW_GATE_WAYS; way++) {
        const enum worth worth = worth_of(gate, set, way, tag, now);

        if (worth < least || (worth == least && set->times[way] < set->times[chosen])) {
            least = worth;
            chosen = way;
        }
    }
    gate->gated++;
    gate->overrun += least == FRESH;
    set->tags[chosen] = tag;
    set->times[chosen] = now;
    if (note)
        memcpy(set->notes[chosen], note, FW_TABLE_NOTE_SIZE);
    else
        memset(set->notes[chosen], 0, FW_TABLE_NOTE_SIZE);
}

void fw_gate_shift(struct fw_gate *gate, fw_time from, fw_time delta, size_t note_time) {
    for (size_t set = 0; set < gate->count; set++) {
        for (unsigned way = 0; way < FW_GATE_WAYS; way++) {
            if (gate->sets[set].tags[way] == 0 || gate->sets[set].times[way] <= from)
                continue;
            fw_time time;
            uint8_t *note = gate->sets[set].notes[way] + note_time;
            gate->sets[set].times[way] += delta;
            memcpy(&time, note, sizeof time);
            time += delta;
            memcpy(note, &time, sizeof time);
        }
    }
}

void fw_gate_forget(struct fw_gate *gate, uint64_t hash) {
    const uint64_t tag = tag_of(hash);
    struct fw_gate_set *set = set_of(gate, tag);

    for (unsigned way = 0; way < FW_GATE_WAYS; way++)
        if (set->tags[way] == tag)
            set->tags[way] = 0;
}
