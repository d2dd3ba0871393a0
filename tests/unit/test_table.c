/* test_table.c: a table under a model that does the same slowly, and its gate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/gate.h"
#include "core/table.h"
#include "fail_mem.h"

#define NOW ((fw_time)1700000000000)

struct key {
    uint64_t a, b;
};

static struct fw_table *open_table(uint32_t capacity, uint32_t gate) {
    const struct fw_table_config config = {.key_size = sizeof(struct key),
                                           .value_size = sizeof(uint64_t),
                                           .capacity = capacity,
                                           .gate = gate,
                                           .gate_window = FW_MINUTE,
                                           .seed = {{1, 2}}};
    struct fw_table *table;

    assert_int_equal(fw_table_open(&table, &config, &fw_mem_libc), 0);
    return table;
}

static uint64_t *admit(struct fw_table *table, uint64_t a) {
    const struct key key = {a, 0};

    return fw_table_admit(table, &key, NOW, NULL, NULL, NULL, NULL);
}

static uint64_t *find(struct fw_table *table, uint64_t a) {
    const struct key key = {a, 0};

    return fw_table_find(table, &key);
}

static struct fw_table_stats stats_of(const struct fw_table *table) {
    struct fw_table_stats stats;

    fw_table_get_stats(table, &stats);
    return stats;
}

/* the keys in order of age, as one number: 1, 2, 3 -> 123 */
static bool collect(void *cookie, const void *key, void *value) {
    uint64_t *order = cookie;

    (void)value;
    *order = *order * 10 + ((const struct key *)key)->a;
    return true;
}

static uint64_t order_of(struct fw_table *table) {
    uint64_t order = 0;

    fw_table_walk_oldest(table, collect, &order);
    return order;
}

static void open_fails_cleanly_wherever_memory_is_missing(void **state) {
    const struct fw_table_config config = {.key_size = 16, .value_size = 5, .capacity = 10, .gate = 8};
    struct fail_mem mem;
    struct fw_table *table;
    unsigned fail_at = 0;
    (void)state;

    do {
        fail_mem_init(&mem, ++fail_at);
        table = (void *)&mem;
        if (fw_table_open(&table, &config, &mem.mem) == 0)
            break;
        assert_null(table);
        assert_int_equal(mem.live, 0);
    } while (fail_at < 100);
    assert_true(fail_at > 4 && fail_at < 100);
    assert_true(mem.bytes <= fw_table_bytes(&config));
    assert_true(mem.bytes + 64 > fw_table_bytes(&config));
    const unsigned taken = mem.taken;
    for (uint64_t i = 0; i < 100; i++) /* nothing is taken later */
        admit(table, i / 2);
    assert_int_equal(mem.taken, taken);
    fw_table_close(&table);
    assert_null(table);
    assert_int_equal(mem.live, 0);
    fw_table_close(&table);
}

static void a_config_out_of_its_limits_is_refused(void **state) {
    const struct fw_table_config good = {.key_size = 16, .value_size = 8, .capacity = 10};
    struct fw_table_config bad[8];
    struct fw_table *table;
    (void)state;

    for (int i = 0; i < 8; i++)
        bad[i] = good;
    bad[0].key_size = 0;
    bad[1].key_size = 12;
    bad[2].key_size = FW_TABLE_KEY_MAX + 8;
    bad[3].capacity = 0;
    bad[4].capacity = FW_TABLE_CAPACITY_MAX + 1;
    bad[5].value_size = FW_TABLE_VALUE_MAX + 1;
    bad[6].gate = FW_TABLE_GATE_MAX + 1;
    bad[7].gate_window = -1;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(fw_table_open(&table, &bad[i], &fw_mem_libc), -1);
        assert_true(fw_table_bytes(&bad[i]) == SIZE_MAX);
    }
}

static void a_product_that_overflows_is_not_allocated(void **state) {
    struct fail_mem mem;
    (void)state;

    fail_mem_init(&mem, 0);
    assert_null(fw_mem_alloc(&mem.mem, SIZE_MAX / 2, 3));
    assert_int_equal(mem.taken, 0);
    fw_mem_release(&mem.mem, NULL);
    void *p = fw_mem_alloc(&fw_mem_libc, 0, 8);
    assert_non_null(p);
    fw_mem_release(&fw_mem_libc, p);
}

static void a_new_value_is_zeroed_and_found_again(void **state) {
    struct fw_table *table = open_table(4, 0);
    const struct key key = {7, 0}, other = {7, 1};
    bool fresh, noted = true;
    (void)state;

    assert_null(fw_table_find(table, &key));
    uint64_t *value = fw_table_admit(table, &key, NOW, NULL, NULL, &noted, &fresh);
    assert_true(fresh);
    assert_false(noted);
    assert_int_equal(*value, 0);
    assert_int_equal((uintptr_t)value % 8, 0);
    *value = 99;
    assert_ptr_equal(fw_table_admit(table, &key, NOW, NULL, NULL, &noted, &fresh), value);
    assert_false(fresh);
    assert_ptr_equal(fw_table_find(table, &key), value);
    assert_memory_equal(fw_table_key(table, value), &key, sizeof key);
    assert_null(fw_table_find(table, &other));
    fw_table_remove(table, value);
    assert_null(fw_table_find(table, &key));
    value = fw_table_admit(table, &key, NOW, NULL, NULL, NULL, &fresh);
    assert_true(fresh);
    assert_int_equal(*value, 0);
    fw_table_close(&table);
}

static void the_least_recently_touched_goes_first(void **state) {
    struct fw_table *table = open_table(3, 0);
    (void)state;

    admit(table, 1);
    admit(table, 2);
    admit(table, 3);
    find(table, 1);  /* a find is a touch */
    admit(table, 2); /* and so is an admit */
    assert_int_equal(order_of(table), 312);
    admit(table, 4);
    assert_null(find(table, 3));
    assert_int_equal(order_of(table), 124);
    assert_int_equal(stats_of(table).evicted, 1);
    assert_int_equal(stats_of(table).held, 3);
    assert_int_equal(stats_of(table).peak, 3);
    assert_int_equal(stats_of(table).admitted, 4);
    fw_table_close(&table);
}

static void which_entry_goes_does_not_depend_on_the_seed(void **state) {
    uint64_t first = 0;
    (void)state;

    for (uint64_t seed = 0; seed < 20; seed++) {
        const struct fw_table_config config = {
            .key_size = 16, .value_size = 8, .capacity = 5, .seed = {{seed, seed * 77}}};
        struct fw_table *table;

        assert_int_equal(fw_table_open(&table, &config, &fw_mem_libc), 0);
        for (uint64_t i = 0; i < 40; i++)
            admit(table, i * 7 % 9 + 1);
        if (seed == 0)
            first = order_of(table);
        assert_int_equal(order_of(table), first);
        fw_table_close(&table);
    }
}

static void a_pinned_entry_is_not_evicted(void **state) {
    struct fw_table *table = open_table(3, 0);
    (void)state;

    uint64_t *one = admit(table, 1);
    fw_table_pin(table, one);
    fw_table_pin(table, one);
    for (uint64_t i = 2; i < 9; i++)
        admit(table, i);
    assert_ptr_equal(find(table, 1), one);
    fw_table_unpin(table, one); /* pinned twice, so it stays */
    for (uint64_t i = 2; i < 9; i++)
        admit(table, i);
    assert_ptr_equal(find(table, 1), one);
    assert_int_equal(stats_of(table).pinned, 1);
    fw_table_unpin(table, one);
    assert_int_equal(stats_of(table).pinned, 0);
    assert_int_equal(order_of(table), 781); /* unpinning was a touch */
    admit(table, 2);
    admit(table, 3);
    admit(table, 4);
    assert_null(find(table, 1));
    fw_table_close(&table);
}

static void a_table_full_of_pinned_entries_refuses(void **state) {
    struct fw_table *table = open_table(2, 0);
    bool fresh = true;
    const struct key key = {3, 0};
    (void)state;

    fw_table_pin(table, admit(table, 1));
    fw_table_pin(table, admit(table, 2));
    assert_null(fw_table_admit(table, &key, NOW, NULL, NULL, NULL, &fresh));
    assert_false(fresh);
    assert_int_equal(stats_of(table).refused, 1);
    assert_int_equal(stats_of(table).evicted, 0);
    fw_table_remove(table, find(table, 1)); /* removing takes the pins along */
    assert_int_equal(stats_of(table).pinned, 1);
    assert_non_null(admit(table, 3));
    fw_table_close(&table);
}

static void an_unpin_too_many_does_nothing(void **state) {
    struct fw_table *table = open_table(2, 0);
    (void)state;

    uint64_t *one = admit(table, 1);
    fw_table_unpin(table, one);
    fw_table_pin(table, one);
    assert_int_equal(stats_of(table).pinned, 1);
    fw_table_unpin(table, one);
    assert_int_equal(stats_of(table).pinned, 0);
    fw_table_close(&table);
}

struct evictions {
    unsigned calls;
    uint64_t key, value;
};

static void on_evict(void *cookie, const void *key, void *value) {
    struct evictions *e = cookie;

    e->calls++;
    e->key = ((const struct key *)key)->a;
    e->value = *(uint64_t *)value;
}

static void the_owner_is_told_of_evictions_only(void **state) {
    struct evictions e = {0};
    const struct fw_table_config config = {
        .key_size = 16, .value_size = 8, .capacity = 2, .evict = on_evict, .cookie = &e};
    struct fw_table *table;
    (void)state;

    assert_int_equal(fw_table_open(&table, &config, &fw_mem_libc), 0);
    *admit(table, 1) = 11;
    *admit(table, 2) = 22;
    fw_table_remove(table, find(table, 2));
    admit(table, 3);
    assert_int_equal(e.calls, 0);
    admit(table, 4);
    assert_int_equal(e.calls, 1);
    assert_int_equal(e.key, 1);
    assert_int_equal(e.value, 11);
    fw_table_close(&table);
    assert_int_equal(e.calls, 1);
}

/* ---- walks ---- */

struct walk {
    struct fw_table *table;
    uint64_t order;
    enum { REMOVE_ODD, TOUCH, PIN, UNPIN, STOP_AT_3 } what;
};

static bool step(void *cookie, const void *key, void *value) {
    struct walk *walk = cookie;
    const uint64_t a = ((const struct key *)key)->a;

    walk->order = walk->order * 10 + a;
    switch (walk->what) {
    case REMOVE_ODD:
        if (a % 2)
            fw_table_remove(walk->table, value);
        return true;
    case TOUCH:
        find(walk->table, a);
        return true;
    case PIN:
        fw_table_pin(walk->table, value);
        return true;
    case UNPIN:
        fw_table_unpin(walk->table, value);
        return true;
    case STOP_AT_3:
        break;
    }
    return a != 3;
}

static uint64_t walk(struct fw_table *table, int what) {
    struct walk w = {.table = table, .what = what};

    fw_table_walk_oldest(table, step, &w);
    return w.order;
}

static void a_walk_visits_each_entry_once_whatever_happens_to_it(void **state) {
    struct fw_table *table = open_table(8, 0);
    (void)state;

    for (uint64_t i = 1; i <= 6; i++)
        admit(table, i);
    fw_table_pin(table, find(table, 2)); /* pinned ones are visited in their place: order 1 3 4 5 6 2 */
    find(table, 4);
    assert_int_equal(order_of(table), 135624);
    assert_int_equal(walk(table, STOP_AT_3), 13);
    assert_int_equal(walk(table, TOUCH), 135624);
    assert_int_equal(walk(table, PIN), 135624);
    assert_int_equal(stats_of(table).pinned, 6);
    assert_int_equal(walk(table, UNPIN), 135624);
    assert_int_equal(stats_of(table).pinned, 1);
    assert_int_equal(walk(table, UNPIN), 135624);
    assert_int_equal(stats_of(table).pinned, 0);
    walk(table, REMOVE_ODD);
    assert_int_equal(stats_of(table).held, 3);
    assert_int_equal(order_of(table), 642); /* only 2 had a pin left to lose, so only 2 was touched */
    fw_table_close(&table);
}

static void a_walk_over_nothing_calls_nobody(void **state) {
    struct fw_table *table = open_table(2, 0);
    (void)state;

    assert_int_equal(order_of(table), 0);
    fw_table_close(&table);
}

/* ---- the gate ---- */

struct note {
    uint64_t word[3]; /* the last is the time, which the gate writes */
};

static void a_first_sighting_stays_at_the_gate(void **state) {
    struct fw_table *table = open_table(4, 64);
    const struct key key = {5, 0};
    const struct note first = {{1, 2, (uint64_t)NOW}}, second = {{4, 5, 6}};
    struct note got = {{0}};
    bool noted = true, fresh = true;
    (void)state;

    assert_null(fw_table_admit(table, &key, NOW, &first, &got, &noted, &fresh));
    assert_false(noted);
    assert_false(fresh);
    assert_null(fw_table_find(table, &key));
    assert_int_equal(stats_of(table).gated, 1);
    uint64_t *value = fw_table_admit(table, &key, NOW + FW_MINUTE, &second, &got, &noted, &fresh);
    assert_non_null(value);
    assert_true(noted);
    assert_true(fresh);
    assert_memory_equal(&got, &first, sizeof got);
    assert_ptr_equal(fw_table_admit(table, &key, NOW, &second, &got, &noted, &fresh), value);
    assert_false(noted);
    assert_null(fw_table_gate_note(table, &key, NOW + FW_MINUTE)); /* it went through */
    fw_table_close(&table);
}

static void a_sighting_after_the_window_is_a_first_one_again(void **state) {
    struct fw_table *table = open_table(4, 64);
    const struct key key = {5, 0};
    const struct note first = {{1}}, second = {{2}};
    struct note got;
    bool noted;
    (void)state;

    assert_null(fw_table_admit(table, &key, NOW, &first, NULL, NULL, NULL));
    assert_null(fw_table_gate_note(table, &key, NOW + FW_MINUTE + 1));
    assert_null(fw_table_admit(table, &key, NOW + FW_MINUTE + 1, &second, NULL, NULL, NULL));
    assert_non_null(fw_table_admit(table, &key, NOW + 2 * FW_MINUTE, NULL, &got, &noted, NULL));
    assert_true(noted);
    assert_int_equal(got.word[0], 2);
    fw_table_close(&table);
}

static void sightings_out_of_order_are_two_sightings(void **state) {
    struct fw_table *table = open_table(4, 64);
    const struct key key = {5, 0}, far = {6, 0};
    (void)state;

    fw_table_admit(table, &key, NOW, NULL, NULL, NULL, NULL);
    assert_non_null(fw_table_admit(table, &key, NOW - FW_MINUTE, NULL, NULL, NULL, NULL));
    fw_table_admit(table, &far, NOW, NULL, NULL, NULL, NULL);
    assert_null(fw_table_admit(table, &far, NOW - FW_MINUTE - 1, NULL, NULL, NULL, NULL));
    fw_table_close(&table);
}

static void the_note_at_the_gate_can_be_read_and_changed(void **state) {
    struct fw_table *table = open_table(4, 64);
    const struct key key = {5, 0};
    const struct note first = {{1, 2, (uint64_t)NOW}};
    struct note got;
    (void)state;

    assert_null(fw_table_gate_note(table, &key, NOW));
    fw_table_admit(table, &key, NOW, &first, NULL, NULL, NULL);
    struct note *note = fw_table_gate_note(table, &key, NOW);
    assert_int_equal((uintptr_t)note % 8, 0);
    assert_memory_equal(note, &first, sizeof first);
    note->word[1] = 9;
    fw_table_admit(table, &key, NOW, NULL, &got, NULL, NULL);
    assert_int_equal(got.word[1], 9);
    fw_table_close(&table);
    table = open_table(4, 0);
    assert_null(fw_table_gate_note(table, &key, NOW));
    fw_table_close(&table);
}

static void a_full_set_gives_up_stale_notes_first_and_then_the_oldest(void **state) {
    struct fw_table *table = open_table(8, FW_GATE_WAYS); /* one set */
    (void)state;

    for (uint64_t i = 1; i <= FW_GATE_WAYS; i++) {
        const struct key key = {i, 0};
        fw_table_admit(table, &key, NOW + (fw_time)i, NULL, NULL, NULL, NULL);
    }
    const struct key one = {1, 0}, two = {2, 0}, three = {3, 0}, more = {FW_GATE_WAYS + 1, 0},
                     last = {FW_GATE_WAYS + 2, 0};
    assert_int_equal(stats_of(table).overrun, 0);
    fw_table_admit(table, &more, NOW + FW_GATE_WAYS + 1, NULL, NULL, NULL, NULL);
    assert_int_equal(stats_of(table).overrun, 1);
    assert_null(fw_table_gate_note(table, &one, NOW + FW_GATE_WAYS + 1));
    assert_non_null(fw_table_gate_note(table, &two, NOW + FW_GATE_WAYS + 1));
    fw_table_admit(table, &last, NOW + FW_MINUTE + 3, NULL, NULL, NULL, NULL); /* two is stale by now, three is not */
    assert_int_equal(stats_of(table).overrun, 1);
    assert_non_null(fw_table_gate_note(table, &three, NOW + FW_MINUTE + 3));
    assert_int_equal(stats_of(table).gated, FW_GATE_WAYS + 2);
    fw_table_close(&table);
}

static void a_key_refused_by_a_pinned_table_keeps_its_note(void **state) {
    struct fw_table *table = open_table(1, 64);
    const struct key one = {1, 0}, two = {2, 0};
    bool noted;
    (void)state;

    fw_table_admit(table, &one, NOW, NULL, NULL, NULL, NULL);
    uint64_t *value = fw_table_admit(table, &one, NOW, NULL, NULL, NULL, NULL);
    fw_table_pin(table, value);
    fw_table_admit(table, &two, NOW, NULL, NULL, NULL, NULL);
    assert_null(fw_table_admit(table, &two, NOW, NULL, NULL, NULL, NULL));
    assert_int_equal(stats_of(table).refused, 1);
    fw_table_unpin(table, value);
    assert_non_null(fw_table_admit(table, &two, NOW, NULL, NULL, &noted, NULL));
    assert_true(noted);
    fw_table_close(&table);
}

static void a_flood_of_single_sightings_does_not_push_out_a_slow_source(void **state) {
    struct fw_table *table = open_table(4096, 4 * 65536);
    unsigned kept = 0;
    (void)state;

    for (uint64_t second = 0; second < 120; second++) { /* 200 slow sources among 1,000 made-up ones a second */
        const fw_time now = NOW + (fw_time)second * FW_SECOND;

        for (uint64_t i = 0; i < 1000; i++) {
            const struct key key = {second * 1000 + i, 1};
            fw_table_admit(table, &key, now, NULL, NULL, NULL, NULL);
        }
        for (uint64_t i = second % 20; i < 200; i += 20) {
            const struct key key = {i, 2};
            fw_table_admit(table, &key, now, NULL, NULL, NULL, NULL);
        }
    }
    for (uint64_t i = 0; i < 200; i++) {
        const struct key key = {i, 2};
        kept += fw_table_find(table, &key) != NULL;
    }
    assert_int_equal(kept, 200);
    assert_int_equal(stats_of(table).evicted, 0);
    fw_table_close(&table);
}

/* ---- against a model ---- */

#define MODEL_MAX 64
struct model {
    struct {
        uint64_t key, value;
        unsigned pins;
    } entries[MODEL_MAX]; /* oldest first */
    size_t count;
};

static size_t model_at(const struct model *m, uint64_t key) {
    size_t i = 0;

    while (i < m->count && m->entries[i].key != key)
        i++;
    return i;
}

static void model_touch(struct model *m, size_t i) {
    __typeof__(m->entries[0]) e = m->entries[i];

    memmove(&m->entries[i], &m->entries[i + 1], (m->count - i - 1) * sizeof e);
    m->entries[m->count - 1] = e;
}

static void model_remove(struct model *m, size_t i) {
    memmove(&m->entries[i], &m->entries[i + 1], (m->count - i - 1) * sizeof m->entries[0]);
    m->count--;
}

static bool compare_step(void *cookie, const void *key, void *value) {
    struct {
        const struct model *m;
        size_t i;
    } *c = cookie;

    assert_true(c->i < c->m->count);
    assert_int_equal(((const struct key *)key)->a, c->m->entries[c->i].key);
    assert_int_equal(*(uint64_t *)value, c->m->entries[c->i].value);
    c->i++;
    return true;
}

static void run_against_model(uint32_t capacity, uint64_t keys, uint64_t seed) {
    const struct fw_table_config config = {
        .key_size = 16, .value_size = 8, .capacity = capacity, .seed = {{seed, ~seed}}};
    struct model m = {.count = 0};
    struct fw_table *table;
    uint64_t random = seed;

    assert_int_equal(fw_table_open(&table, &config, &fw_mem_libc), 0);
    for (int i = 0; i < 40000; i++) {
        const uint64_t key = 1 + test_random(&random) % keys;
        const unsigned what = (unsigned)(test_random(&random) % 16);
        size_t at = model_at(&m, key);
        uint64_t *value;

        if (what < 9) {
            value = admit(table, key);
            if (at == m.count && m.count == capacity) {
                size_t oldest = 0;
                while (oldest < m.count && m.entries[oldest].pins > 0)
                    oldest++;
                if (oldest == m.count) {
                    assert_null(value);
                    continue;
                }
                model_remove(&m, oldest);
                at = m.count;
            }
            assert_non_null(value);
            if (at == m.count) {
                m.entries[m.count].key = key;
                m.entries[m.count].value = random;
                m.entries[m.count++].pins = 0;
                assert_int_equal(*value, 0);
                *value = random;
            } else {
                model_touch(&m, at);
            }
            continue;
        }
        value = find(table, key);
        assert_true((value != NULL) == (at < m.count));
        if (!value)
            continue;
        model_touch(&m, at);
        at = m.count - 1;
        assert_int_equal(*value, m.entries[at].value);
        if (what == 10 || what == 11) {
            fw_table_remove(table, value);
            model_remove(&m, at);
        } else if (what == 12) {
            fw_table_pin(table, value);
            m.entries[at].pins++;
        } else if (what == 13 || what == 14) {
            fw_table_unpin(table, value);
            m.entries[at].pins -= m.entries[at].pins > 0;
        }
        if (i % 64 == 0) {
            struct {
                const struct model *m;
                size_t i;
            } c = {&m, 0};
            fw_table_walk_oldest(table, compare_step, &c);
            assert_int_equal(c.i, m.count);
            assert_int_equal(stats_of(table).held, m.count);
        }
    }
    fw_table_close(&table);
}

static void table_agrees_with_a_slow_model(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) { /* small tables: full chains, wrapping around, many deletions */
        run_against_model(1, 3, seed);
        run_against_model(5, 9, seed);
        run_against_model(10, 12, seed);
        run_against_model(42, 60, seed);
        run_against_model(64, 500, seed);
    }
}

/* Keys that share their lowest bits of the hash share one chain of the index. */
static void colliding_keys_are_told_apart(void **state) {
    const struct fw_seed seed = {{1, 2}};
    struct fw_table *table = open_table(64, 0);
    uint64_t keys[32];
    size_t n = 0;
    (void)state;

    for (uint64_t a = 0; n < 32; a++) {
        const struct key key = {a, 0};
        if ((fw_hash(&seed, &key, sizeof key) & 127) == 126) /* and wrap around its end */
            keys[n++] = a;
    }
    for (size_t i = 0; i < n; i++)
        *admit(table, keys[i]) = keys[i];
    for (size_t removed = 0; removed < n; removed++) {
        const size_t at = removed * 7 % n;

        fw_table_remove(table, find(table, keys[at]));
        for (size_t i = 0; i < n; i++) {
            bool gone = false;
            for (size_t k = 0; k <= removed; k++)
                gone |= k * 7 % n == i;
            const uint64_t *value = find(table, keys[i]);
            assert_true(gone == (value == NULL));
            assert_true(!value || *value == keys[i]);
        }
    }
    fw_table_close(&table);
}

static uint32_t worth_of(void *cookie, const void *value) {
    (void)cookie;
    return *(const uint32_t *)value;
}

static void what_is_worth_more_outlives_what_just_came(void **state) {
    const struct fw_table_config config = {
        .key_size = 8, .value_size = 8, .capacity = 64, .worth = worth_of, .worth_least = 1};
    struct fw_table *table;
    (void)state;
    assert_int_equal(fw_table_open(&table, &config, &fw_mem_libc), 0);
    for (uint64_t key = 0; key < 100000; key++) {
        uint32_t *value = fw_table_admit(table, &key, 0, NULL, NULL, NULL, NULL);
        assert_non_null(value);
        *value = key % 2 == 0 && key < 14 ? 9 : 1; /* seven of them: one fewer than are compared */
    }
    for (uint64_t key = 0; key < 14; key++)
        assert_true((fw_table_find(table, &key) != NULL) == (key % 2 == 0));
    fw_table_close(&table);
}

/* Of those that lead to memory the one worth least goes, of the oldest; what leads to none stays. */
static void what_is_shed_leads_to_something(void **state) {
    const struct fw_table_config config = {.key_size = 8, .value_size = 8, .capacity = 64, .worth = worth_of};
    struct fw_table *table;
    uint32_t *values[24];
    (void)state;
    assert_int_equal(fw_table_open(&table, &config, &fw_mem_libc), 0);
    for (uint64_t key = 0; key < 24; key++)
        *(values[key] = fw_table_admit(table, &key, 0, NULL, NULL, NULL, NULL)) = 0;
    *values[2] = 3, *values[5] = 2, *values[20] = 1;
    assert_true(fw_table_shed(table, NULL, 1));  /* 5, of 0 to 7 */
    assert_false(fw_table_shed(table, NULL, 1)); /* 6 to 13 */
    assert_true(fw_table_shed(table, NULL, 1));  /* 20, of 14 to 21 */
    for (uint64_t key = 0; key < 24; key++)
        assert_true((fw_table_find(table, &key) != NULL) == (key != 5 && key != 20));
    assert_int_equal(stats_of(table).evicted, 2);
    fw_table_close(&table);
}

static void what_is_kept_is_not_shed(void **state) {
    const struct fw_table_config config = {.key_size = 8, .value_size = 8, .capacity = 64, .worth = worth_of};
    struct fw_table *table;
    const uint64_t key = 1;
    (void)state;
    assert_int_equal(fw_table_open(&table, &config, &fw_mem_libc), 0);
    assert_false(fw_table_shed(table, NULL, 1));
    uint32_t *value = fw_table_admit(table, &key, 0, NULL, NULL, NULL, NULL);
    *value = 1;
    assert_false(fw_table_shed(table, value, 1));
    fw_table_pin(table, value);
    assert_false(fw_table_shed(table, NULL, 1));
    fw_table_close(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_fails_cleanly_wherever_memory_is_missing),
        cmocka_unit_test(a_config_out_of_its_limits_is_refused),
        cmocka_unit_test(a_product_that_overflows_is_not_allocated),
        cmocka_unit_test(a_new_value_is_zeroed_and_found_again),
        cmocka_unit_test(the_least_recently_touched_goes_first),
        cmocka_unit_test(which_entry_goes_does_not_depend_on_the_seed),
        cmocka_unit_test(a_pinned_entry_is_not_evicted),
        cmocka_unit_test(a_table_full_of_pinned_entries_refuses),
        cmocka_unit_test(an_unpin_too_many_does_nothing),
        cmocka_unit_test(the_owner_is_told_of_evictions_only),
        cmocka_unit_test(a_walk_visits_each_entry_once_whatever_happens_to_it),
        cmocka_unit_test(a_walk_over_nothing_calls_nobody),
        cmocka_unit_test(what_is_worth_more_outlives_what_just_came),
        cmocka_unit_test(what_is_shed_leads_to_something),
        cmocka_unit_test(what_is_kept_is_not_shed),
        cmocka_unit_test(a_first_sighting_stays_at_the_gate),
        cmocka_unit_test(a_sighting_after_the_window_is_a_first_one_again),
        cmocka_unit_test(sightings_out_of_order_are_two_sightings),
        cmocka_unit_test(the_note_at_the_gate_can_be_read_and_changed),
        cmocka_unit_test(a_full_set_gives_up_stale_notes_first_and_then_the_oldest),
        cmocka_unit_test(a_key_refused_by_a_pinned_table_keeps_its_note),
        cmocka_unit_test(a_flood_of_single_sightings_does_not_push_out_a_slow_source),
        cmocka_unit_test(table_agrees_with_a_slow_model),
        cmocka_unit_test(colliding_keys_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
