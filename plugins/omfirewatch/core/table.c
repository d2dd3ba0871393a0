/* table.c: open addressing over an array of entries, and two orders of touch.
 * The gate before it is in gate.c, how both are written down in table_state.c.
 *
 * Invariants (see table.h for the promises):
 *   - index[] is a power of two, at most two thirds full, probed linearly; a
 *     deletion shifts back, so there are no tombstones. A slot holds 32 bits of
 *     hash beside the entry's number: the probe reads entries only where those
 *     agree, and then compares the whole key;
 *   - every entry in use is in exactly one of two circular lists, LOOSE or
 *     PINNED, most recently touched first, with strictly falling touch numbers.
 *     links[capacity] and links[capacity + 1] are their heads;
 *   - entries not in use are beyond `begun`, or chained from `vacant`, and were
 *     touched at 0, which no entry in use was.
 * Memory: four blocks taken in open, none later; see fw_table_bytes().
 * What an attacker controls: keys and their order. The seed is secret, so probe
 * lengths stay short, and no loop here depends on how many entries are pinned.
 */
#include "table_inside.h"

#define INDEX_SLOTS_MIN 8   /* one cache line */
#define LINE            64  /* bytes of a cache line */
#define ASK_MAX         256 /* bytes of an entry that are asked for: key, counts and sets of every detector */

_Static_assert(FW_TABLE_KEY_MAX <= FW_KEYHASH_WORDS * 8, "keys can be hashed");

/* ---- sizes ---- */

static uint32_t power_of_two(uint64_t at_least, uint32_t from) {
    uint32_t n = from;

    while (n < at_least)
        n <<= 1;
    return n;
}

static bool config_valid(const struct fw_table_config *config) {
    return config->key_size > 0 && config->key_size % 8 == 0 && config->key_size <= FW_TABLE_KEY_MAX &&
           config->value_size <= FW_TABLE_VALUE_MAX && config->capacity > 0 &&
           config->capacity <= FW_TABLE_CAPACITY_MAX && config->gate <= FW_TABLE_GATE_MAX && config->gate_window >= 0;
}

static uint32_t index_slots(const struct fw_table_config *config) {
    return power_of_two((uint64_t)config->capacity * 3 / 2 + 1, INDEX_SLOTS_MIN);
}

static size_t entry_stride(const struct fw_table_config *config) {
    return sizeof(struct head) + config->key_size + (config->value_size + 7) / 8 * 8;
}

size_t fw_table_bytes(const struct fw_table_config *config) {
    if (!config_valid(config))
        return SIZE_MAX;
    return sizeof(struct fw_table) + index_slots(config) * sizeof(struct slot) +
           ((size_t)config->capacity + 2) * sizeof(struct link) + config->capacity * entry_stride(config) +
           (config->gate > 0 ? fw_gate_bytes(config->gate) : 0);
}

int fw_table_open(struct fw_table **table, const struct fw_table_config *config, const struct fw_mem *mem) {
    struct fw_table *t;

    *table = NULL;
    if (!config_valid(config))
        return -1;
    t = fw_mem_alloc(mem, 1, sizeof *t);
    if (!t)
        return -1;
    t->config = *config;
    t->mem = *mem;
    t->index_mask = index_slots(config) - 1;
    t->stride = entry_stride(config);
    t->vacant = NO_ENTRY;
    t->index = fw_mem_alloc(mem, index_slots(config), sizeof *t->index);
    t->links = fw_mem_alloc(mem, (size_t)config->capacity + 2, sizeof *t->links);
    t->entries = fw_mem_alloc(mem, config->capacity, t->stride);
    if (!t->index || !t->links || !t->entries ||
        (config->gate > 0 && fw_gate_open(&t->gate, config->gate, config->gate_window, mem) != 0)) {
        fw_table_close(&t);
        return -1;
    }
    for (uint32_t list = config->capacity; list < config->capacity + 2; list++)
        t->links[list] = (struct link){.newer = list, .older = list, .touched = 0};
    fw_keyhash_open(&t->keyhash, &config->seed);
    *table = t;
    return 0;
}

void fw_table_close(struct fw_table **table) {
    struct fw_table *t = *table;

    if (!t)
        return;
    const struct fw_mem mem = t->mem;
    fw_gate_close(&t->gate, &mem);
    fw_mem_release(&mem, t->index);
    fw_mem_release(&mem, t->links);
    fw_mem_release(&mem, t->entries);
    fw_mem_release(&mem, t);
    *table = NULL;
}

static inline void touch(struct fw_table *t, uint32_t number) {
    if (t->links[number].newer >= t->config.capacity) { /* the newest of its list already */
        t->links[number].touched = ++t->touches;
        return;
    }
    const uint32_t list = head_of(t, number)->pins > 0 ? pinned(t) : loose(t);
    unlink_entry(t, number);
    link_newest(t, number, list);
}

/* ---- the index ---- */

uint32_t fw_table_lookup(const struct fw_table *t, uint32_t hash, const void *key) {
    for (uint32_t i = hash & t->index_mask; t->index[i].number != 0; i = (i + 1) & t->index_mask)
        if (t->index[i].hash == hash && keys_equal(key_of(t, t->index[i].number - 1), key, t->config.key_size))
            return t->index[i].number - 1;
    return NO_ENTRY;
}

static void index_insert(struct fw_table *t, uint32_t hash, uint32_t number) {
    uint32_t i = hash & t->index_mask;

    while (t->index[i].number != 0)
        i = (i + 1) & t->index_mask;
    t->index[i] = (struct slot){.hash = hash, .number = number + 1};
}

/* Closes the gap: whatever follows and whose home is not behind the gap moves
 * into it (Knuth, TAOCP 3, 6.4, algorithm R). */
static void index_remove(struct fw_table *t, uint32_t number) {
    const uint32_t mask = t->index_mask;
    uint32_t gap = head_of(t, number)->hash & mask;

    while (t->index[gap].number != number + 1)
        gap = (gap + 1) & mask;
    for (uint32_t i = (gap + 1) & mask; t->index[i].number != 0; i = (i + 1) & mask) {
        const uint32_t home = t->index[i].hash & mask;

        if (((i - home) & mask) >= ((i - gap) & mask)) {
            t->index[gap] = t->index[i];
            gap = i;
        }
    }
    t->index[gap].number = 0;
}

/* ---- coming and going ---- */

void fw_table_take_out(struct fw_table *t, uint32_t number) {
    index_remove(t, number);
    unlink_entry(t, number);
    t->stats.pinned -= head_of(t, number)->pins > 0;
    t->stats.held--;
    t->links[number].older = t->vacant;
    t->links[number].touched = 0;
    t->vacant = number;
}

/* The loose entry that goes first, see fw_table_config.worth: of those that are worth `floor` at least. NO_ENTRY: all that
 * were looked at are worth less, or there is none. */
static uint32_t choose_victim(struct fw_table *t, uint32_t floor) {
    const uint32_t oldest = t->links[loose(t)].newer;
    uint32_t victim = NO_ENTRY, least = UINT32_MAX, next = oldest;

    if (!t->config.worth)
        return oldest < t->config.capacity ? oldest : NO_ENTRY;
    for (unsigned looked = 0; looked < FW_TABLE_LOOK && next < t->config.capacity; looked++) {
        const uint32_t worth = t->config.worth(t->config.cookie, value_of(t, next));

        if (worth >= floor && (victim == NO_ENTRY || worth < least)) {
            least = worth;
            victim = next;
            if (least <= t->config.worth_least)
                break;
        }
        next = t->links[next].newer;
    }
    const uint32_t end = victim != NO_ENTRY ? victim : next;
    for (uint32_t kept = oldest; kept != end && kept < t->config.capacity; kept = next) {
        next = t->links[kept].newer;
        touch(t, kept);
    }
    return victim;
}

static void evict(struct fw_table *t, uint32_t number) {
    if (t->config.evict)
        t->config.evict(t->config.cookie, key_of(t, number), value_of(t, number));
    fw_table_take_out(t, number);
    t->stats.evicted++;
}

/* Makes room when there is none: 1. the entry that was never used, 2. one that
 * was removed, 3. the loose one that is missed least. */
static bool make_room(struct fw_table *t) {
    if (t->begun < t->config.capacity || t->vacant != NO_ENTRY)
        return true;
    const uint32_t victim = choose_victim(t, 0);
    if (victim == NO_ENTRY) {
        t->stats.refused++;
        return false;
    }
    evict(t, victim);
    return true;
}

bool fw_table_shed(struct fw_table *t, const void *keep, uint32_t floor) {
    const uint32_t victim = choose_victim(t, floor);

    if (victim == NO_ENTRY || value_of(t, victim) == keep)
        return false;
    evict(t, victim);
    return true;
}

uint32_t fw_table_put_in(struct fw_table *t, const void *key, uint32_t hash) {
    uint32_t number = t->vacant;

    if (number != NO_ENTRY)
        t->vacant = t->links[number].older;
    else
        number = t->begun++;
    *head_of(t, number) = (struct head){.hash = hash, .pins = 0};
    memcpy(key_of(t, number), key, t->config.key_size);
    memset(value_of(t, number), 0, t->config.value_size);
    index_insert(t, hash, number);
    link_newest(t, number, loose(t));
    t->stats.admitted++;
    if (++t->stats.held > t->stats.peak)
        t->stats.peak = t->stats.held;
    return number;
}

/* ---- memory asked for in advance ---- */

uint64_t fw_table_ask(struct fw_table *t, const void *key) {
    const uint64_t hash = hash_of(t, key);

    __builtin_prefetch(&t->index[hash & t->index_mask]);
    return hash;
}

/* The first of that hash is nearly always the one. Where there is none, the gate knows it or will. */
uint32_t fw_table_ask_entry(const struct fw_table *t, uint64_t hash) {
    uint32_t i = (uint32_t)hash & t->index_mask;

    while (t->index[i].number != 0 && t->index[i].hash != (uint32_t)hash)
        i = (i + 1) & t->index_mask;
    if (t->index[i].number == 0) {
        if (t->gate)
            fw_gate_ask(t->gate, hash);
        return NO_ENTRY;
    }
    const uint32_t number = t->index[i].number - 1;
    const uint8_t *entry = t->entries + number * t->stride;
    __builtin_prefetch(&t->links[number], 1);
    for (size_t at = 0; at < t->stride && at < ASK_MAX; at += LINE)
        __builtin_prefetch(entry + at, 1);
    return number;
}

/* Its neighbours in the order of touches, which it is going to leave, and what its value leads to. Meanwhile it may have
 * gone; whatever is there now is asked about then. */
void fw_table_ask_around(const struct fw_table *t, uint64_t hash, uint32_t number) {
    if (number == NO_ENTRY && t->gate)
        fw_gate_ask_notes(t->gate, hash);
    if (number == NO_ENTRY)
        return;
    const struct link *l = &t->links[number];
    if (l->newer < t->config.capacity)
        __builtin_prefetch(&t->links[l->newer], 1);
    if (l->older < t->config.capacity)
        __builtin_prefetch(&t->links[l->older], 1);
    if (t->config.ask)
        t->config.ask(t->config.cookie, value_of(t, number), false);
}

void fw_table_ask_beyond(const struct fw_table *t, uint32_t number) {
    if (number != NO_ENTRY && t->config.ask)
        t->config.ask(t->config.cookie, value_of(t, number), true);
}

void *fw_table_find(struct fw_table *t, const void *key) {
    const uint32_t number = fw_table_lookup(t, (uint32_t)hash_of(t, key), key);

    if (number == NO_ENTRY)
        return NULL;
    touch(t, number);
    return value_of(t, number);
}

/* ---- the gate ---- */

void *fw_table_gate_note(struct fw_table *t, const void *key, fw_time now) {
    return t->gate ? fw_gate_find(t->gate, hash_of(t, key), now) : NULL;
}

void fw_table_shift_gate(struct fw_table *t, fw_time from, fw_time delta) {
    if (t->gate)
        fw_gate_shift(t->gate, from, delta);
}

/* 1. A key that is held is touched. 2. Without a gate others enter. 3. With one,
 * a first sighting stays there. 4. A second enters, if there is room. */
void *fw_table_admit(struct fw_table *t, const void *key, fw_time now, const void *note, void *first_note, bool *noted,
                     bool *fresh) {
    const uint64_t hash = hash_of(t, key);
    uint32_t number = fw_table_lookup(t, (uint32_t)hash, key);

    if (noted)
        *noted = false;
    if (fresh)
        *fresh = false;
    if (number != NO_ENTRY) { /* 1 */
        touch(t, number);
        return value_of(t, number);
    }
    void *held = t->gate ? fw_gate_find(t->gate, hash, now) : NULL;
    if (t->gate && !held) { /* 3 */
        fw_gate_put(t->gate, hash, now, note);
        return NULL;
    }
    if (!make_room(t)) /* the note stays for the next try */
        return NULL;
    if (held) { /* 4 */
        if (first_note)
            memcpy(first_note, held, FW_TABLE_NOTE_SIZE);
        if (noted)
            *noted = true;
        fw_gate_forget(t->gate, hash);
    }
    if (fresh)
        *fresh = true;
    number = fw_table_put_in(t, key, (uint32_t)hash);
    return value_of(t, number);
}

/* ---- what callers do with a value ---- */

void fw_table_pin(struct fw_table *t, void *value) {
    const uint32_t number = number_of(t, value);

    t->stats.pinned += head_of(t, number)->pins++ == 0;
    unlink_entry(t, number);
    link_newest(t, number, pinned(t));
}

void fw_table_unpin(struct fw_table *t, void *value) {
    const uint32_t number = number_of(t, value);
    struct head *head = head_of(t, number);

    if (head->pins == 0)
        return;
    t->stats.pinned -= --head->pins == 0;
    unlink_entry(t, number);
    link_newest(t, number, head->pins > 0 ? pinned(t) : loose(t));
}

bool fw_table_is_stuck(const struct fw_table *table) {
    return table->stats.pinned == table->config.capacity;
}

void fw_table_remove(struct fw_table *t, void *value) {
    fw_table_take_out(t, number_of(t, value));
}

const void *fw_table_key(const struct fw_table *t, const void *value) {
    return (const uint8_t *)value - t->config.key_size;
}

/* Merges the two orders by touch number. What fn touches, pins or unpins gets a
 * number beyond `end` and is not visited again. */
void fw_table_walk_oldest(struct fw_table *t, bool (*fn)(void *cookie, const void *key, void *value), void *cookie) {
    const uint64_t end = t->touches;
    const uint32_t capacity = t->config.capacity;
    uint32_t next[2] = {t->links[loose(t)].newer, t->links[pinned(t)].newer};

    for (;;) {
        int list = -1;

        for (int i = 0; i < 2; i++)
            if (next[i] < capacity && t->links[next[i]].touched <= end &&
                (list < 0 || t->links[next[i]].touched < t->links[next[list]].touched))
                list = i;
        if (list < 0)
            return;
        const uint32_t number = next[list];
        next[list] = t->links[number].newer;
        if (!fn(cookie, key_of(t, number), value_of(t, number)))
            return;
    }
}

void fw_table_get_stats(const struct fw_table *t, struct fw_table_stats *stats) {
    *stats = t->stats;
    stats->capacity = t->config.capacity;
    stats->gate = t->config.gate;
    if (t->gate) {
        stats->gated = t->gate->gated;
        stats->overrun = t->gate->overrun;
    }
}

void fw_table_fit(struct fw_table_config *config, size_t bytes, uint32_t notes) {
    /* Sizes are rounded up inside, so the fit is searched for: from one entry up by halving steps. */
    uint32_t best = 1;
    for (uint32_t step = FW_TABLE_CAPACITY_MAX / 2; step > 0; step /= 2) {
        if (best + step > FW_TABLE_CAPACITY_MAX || (uint64_t)(best + step) * notes > FW_TABLE_GATE_MAX)
            continue;
        config->capacity = best + step;
        config->gate = config->capacity * notes;
        if (fw_table_bytes(config) <= bytes)
            best += step;
    }
    config->capacity = best;
    config->gate = best * notes;
}
