/* test_distinct.c: sets against a model that does the same slowly, the pool, the sketch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/distinct.h"
#include "core/sketch.h"
#include "fail_mem.h"

#define NOW    ((fw_time)1700000000000)
#define WINDOW (10 * FW_MINUTE)

static struct fw_distinct_pool *open_pool(size_t bytes) {
    const struct fw_distinct_pool_config config = {.bytes = bytes, .seed = {{3, 4}}};
    struct fw_distinct_pool *pool;

    assert_int_equal(fw_distinct_pool_open(&pool, &config, &fw_mem_libc), 0);
    return pool;
}

static union fw_addr addr(uint64_t n) {
    return (union fw_addr){.b = {[10] = 0xff, [11] = 0xff, 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static bool add(struct fw_distinct_pool *pool, struct fw_distinct *set, uint64_t n, fw_time time) {
    const union fw_addr a = addr(n);

    return fw_distinct_add(pool, set, &a, time, WINDOW, 0, NULL);
}

static struct fw_distinct_pool_stats stats_of(const struct fw_distinct_pool *pool) {
    struct fw_distinct_pool_stats stats;

    fw_distinct_pool_get_stats(pool, &stats);
    return stats;
}

static uint64_t number_at(const struct fw_distinct_pool *pool, const struct fw_distinct *set, size_t at) {
    struct fw_element e;

    assert_int_equal(fw_distinct_list(pool, set, at, &e, 1), 1);
    return (uint64_t)e.addr.b[13] << 16 | (uint64_t)e.addr.b[14] << 8 | e.addr.b[15];
}

static void open_fails_cleanly_wherever_memory_is_missing(void **state) {
    const struct fw_distinct_pool_config config = {.bytes = FW_DISTINCT_POOL_MIN};
    struct fw_distinct_pool *pool;
    struct fail_mem mem;
    (void)state;

    for (unsigned fail_at = 1; fail_at <= 2; fail_at++) {
        fail_mem_init(&mem, fail_at);
        assert_int_equal(fw_distinct_pool_open(&pool, &config, &mem.mem), -1);
        assert_null(pool);
        assert_int_equal(mem.live, 0);
    }
    fail_mem_init(&mem, 0);
    assert_int_equal(fw_distinct_pool_open(&pool, &config, &mem.mem), 0);
    assert_int_equal(mem.taken, 2);
    fw_distinct_pool_close(&pool);
    assert_null(pool);
    assert_int_equal(mem.live, 0);
    fw_distinct_pool_close(&pool);
}

static void a_budget_is_kept_and_too_small_a_one_refused(void **state) {
    struct fw_distinct_pool_config config = {.bytes = FW_DISTINCT_POOL_MIN - 1};
    struct fw_distinct_pool *pool;
    (void)state;

    assert_int_equal(fw_distinct_pool_open(&pool, &config, &fw_mem_libc), -1);
    assert_null(pool);
    for (config.bytes = FW_DISTINCT_POOL_MIN; config.bytes < 100 << 20; config.bytes = config.bytes * 3 + 12345) {
        pool = open_pool(config.bytes);
        assert_true(stats_of(pool).bytes_total <= config.bytes);
        assert_true(stats_of(pool).bytes_total > config.bytes * 3 / 4);
        assert_int_equal(stats_of(pool).bytes_used, 0);
        fw_distinct_pool_close(&pool);
    }
}

static void a_repeated_element_counts_once(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    (void)state;

    assert_true(add(pool, &set, 1, NOW));
    assert_false(add(pool, &set, 1, NOW + 1));
    assert_true(add(pool, &set, 2, NOW + 2));
    assert_int_equal(set.count, 2);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void marks_are_ored_and_the_previous_one_told(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    const union fw_addr a = addr(1);
    struct fw_element e;
    uint8_t previous = 77;
    (void)state;

    fw_distinct_add(pool, &set, &a, NOW, WINDOW, 1, &previous);
    assert_int_equal(previous, 0);
    fw_distinct_add(pool, &set, &a, NOW, WINDOW, 4, &previous);
    assert_int_equal(previous, 1);
    fw_distinct_list(pool, &set, 0, &e, 1);
    assert_int_equal(e.mark, 5);
    for (uint64_t i = 2; i < 100; i++) /* it survives the moves to larger blocks */
        add(pool, &set, i, NOW);
    fw_distinct_add(pool, &set, &a, NOW, WINDOW, 0, &previous);
    assert_int_equal(previous, 5);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void an_element_leaves_when_it_is_older_than_the_window(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    (void)state;

    add(pool, &set, 1, NOW);
    fw_distinct_expire(pool, &set, NOW + WINDOW, WINDOW);
    assert_int_equal(set.count, 1); /* exactly as old is not older */
    assert_false(add(pool, &set, 1, NOW + WINDOW));
    assert_true(add(pool, &set, 1, NOW + 2 * WINDOW + 1));
    fw_distinct_expire(pool, &set, NOW + 3 * WINDOW + 2, WINDOW);
    assert_int_equal(set.count, 0);
    assert_int_equal(set.block, 0);
    assert_int_equal(stats_of(pool).bytes_used, 0);
    fw_distinct_expire(pool, &set, NOW + 4 * WINDOW, WINDOW);
    fw_distinct_pool_close(&pool);
}

static void a_repeated_element_stays_longer(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    (void)state;

    add(pool, &set, 1, NOW);
    add(pool, &set, 2, NOW + 1);
    add(pool, &set, 1, NOW + 2);
    assert_int_equal(number_at(pool, &set, 0), 2);
    fw_distinct_expire(pool, &set, NOW + WINDOW + 2, WINDOW);
    assert_int_equal(set.count, 1);
    assert_int_equal(number_at(pool, &set, 0), 1);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void elements_out_of_order_take_their_place_by_time(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    static const uint64_t expected[] = {4, 1, 3, 2};
    struct fw_distinct set = {0};
    (void)state;

    add(pool, &set, 1, NOW + 10);
    add(pool, &set, 2, NOW + 30);
    add(pool, &set, 3, NOW + 20);
    add(pool, &set, 4, NOW);
    add(pool, &set, 2, NOW + 5); /* an older sighting of one that is held changes nothing */
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(number_at(pool, &set, i), expected[i]);
    add(pool, &set, 5, NOW + 30); /* equal times: in order of arrival */
    assert_int_equal(number_at(pool, &set, 4), 5);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void an_element_whose_window_has_passed_is_not_added(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    (void)state;

    add(pool, &set, 1, NOW);
    assert_true(add(pool, &set, 2, NOW - WINDOW));
    assert_false(add(pool, &set, 3, NOW - WINDOW - 1));
    assert_int_equal(set.count, 2);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void a_clock_that_was_set_back_does_not_blind_a_set(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    (void)state;

    for (uint64_t i = 0; i < 20; i++)
        add(pool, &set, i, NOW + 24 * FW_HOUR);
    assert_true(add(pool, &set, 1, NOW));
    assert_int_equal(set.count, 1);
    for (uint64_t i = 0; i < 20; i++)
        add(pool, &set, i, NOW + 24 * FW_HOUR);
    fw_distinct_expire(pool, &set, NOW, WINDOW);
    assert_int_equal(set.count, 0);
    fw_distinct_pool_close(&pool);
}

static void a_set_is_exact_up_to_its_largest_block(void **state) {
    struct fw_distinct_pool *pool = open_pool(4 << 20);
    struct fw_distinct set = {0};
    bool exact;
    (void)state;

    for (uint64_t i = 0; i < FW_DISTINCT_MAX; i++) {
        assert_true(add(pool, &set, i, NOW + (fw_time)i));
        assert_int_equal(set.count, i + 1);
        for (uint64_t k = 0; k <= i; k += 1 + i / 16)
            assert_false(add(pool, &set, k, NOW));
    }
    assert_int_equal(fw_distinct_magnitude(pool, &set, &exact), FW_DISTINCT_MAX);
    assert_true(exact);
    assert_false(set.overflowed);
    assert_int_equal(stats_of(pool).forgotten, 0);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void a_full_set_forgets_its_oldest_element_and_counts_it(void **state) {
    struct fw_distinct_pool *pool = open_pool(4 << 20);
    struct fw_distinct set = {0};
    bool exact = true;
    (void)state;

    for (uint64_t i = 0; i < FW_DISTINCT_MAX + 10; i++)
        add(pool, &set, i, NOW + (fw_time)i);
    assert_int_equal(set.count, FW_DISTINCT_MAX);
    assert_true(set.overflowed);
    assert_int_equal(stats_of(pool).forgotten, 10);
    assert_int_equal(number_at(pool, &set, 0), 10);
    assert_int_equal(fw_distinct_magnitude(pool, &set, &exact), FW_DISTINCT_MAX);
    assert_false(exact);
    fw_distinct_expire(pool, &set, NOW + 2 * WINDOW, WINDOW); /* whatever was forgotten has left, too */
    assert_false(set.overflowed);
    fw_distinct_pool_close(&pool);
}

static void a_set_gives_large_blocks_back_when_it_shrinks(void **state) {
    struct fw_distinct_pool *pool = open_pool(4 << 20);
    struct fw_distinct set = {0};
    uint64_t small;
    (void)state;

    add(pool, &set, 0, NOW);
    small = stats_of(pool).bytes_used;
    for (uint64_t i = 0; i < 300; i++)
        add(pool, &set, i, NOW + (fw_time)i);
    assert_int_equal(set.size_class, 3);
    fw_distinct_expire(pool, &set, NOW + WINDOW + 236, WINDOW);
    assert_int_equal(set.count, 64);
    assert_int_equal(set.size_class, 2);
    fw_distinct_expire(pool, &set, NOW + WINDOW + 297, WINDOW);
    assert_int_equal(set.count, 3);
    assert_int_equal(set.size_class, 0);
    assert_int_equal(stats_of(pool).bytes_used, small);
    for (uint64_t i = 297; i < 300; i++)
        assert_false(add(pool, &set, i, NOW + WINDOW));
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void a_set_without_a_larger_block_stays_at_its_size(void **state) {
    struct fw_distinct_pool *pool = open_pool(FW_DISTINCT_POOL_MIN); /* few blocks of each class */
    struct fw_distinct hog[16] = {{0}}, set = {0};
    (void)state;

    for (size_t h = 0; h < 16; h++)
        for (uint64_t i = 0; i < 9; i++)
            add(pool, &hog[h], i, NOW);
    const uint64_t before = stats_of(pool).forgotten;
    for (size_t h = 0; h < 16; h++) /* blocks of class 0 come back, those of class 1 stay taken */
        if (hog[h].size_class == 0)
            fw_distinct_clear(pool, &hog[h]);
    for (uint64_t i = 0; i < 20; i++)
        add(pool, &set, i, NOW + (fw_time)i);
    assert_int_equal(set.size_class, 0);
    assert_int_equal(set.count, 8);
    assert_int_equal(number_at(pool, &set, 0), 12);
    assert_true(set.overflowed);
    assert_int_equal(stats_of(pool).forgotten, before + 12);
    fw_distinct_pool_close(&pool);
}

static void an_exhausted_pool_holds_nothing_and_says_so(void **state) {
    struct fw_distinct_pool *pool = open_pool(FW_DISTINCT_POOL_MIN);
    struct fw_distinct sets[64] = {{0}};
    bool exact = true;
    unsigned empty = 0;
    (void)state;

    for (size_t i = 0; i < 64; i++) {
        assert_true(add(pool, &sets[i], i, NOW));
        empty += sets[i].count == 0;
    }
    assert_true(empty > 0 && empty < 64);
    assert_int_equal(stats_of(pool).forgotten, empty);
    assert_true(sets[63].overflowed);
    assert_int_equal(fw_distinct_magnitude(pool, &sets[63], &exact), 0);
    assert_false(exact);
    fw_distinct_sketch(pool, &sets[63]);
    add(pool, &sets[63], 63, NOW);
    fw_distinct_clear(pool, &sets[0]); /* room again */
    add(pool, &sets[63], 63, NOW);
    assert_int_equal(sets[63].count, 1);
    for (size_t i = 0; i < 64; i++)
        fw_distinct_clear(pool, &sets[i]);
    assert_int_equal(stats_of(pool).bytes_used, 0);
    fw_distinct_pool_close(&pool);
}

static void a_dropped_element_is_gone_and_its_mark_told(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    const union fw_addr one = addr(1), other = addr(999);
    uint8_t mark = 0;
    (void)state;

    assert_false(fw_distinct_drop(pool, &set, &one, &mark));
    fw_distinct_add(pool, &set, &one, NOW, WINDOW, 6, NULL);
    for (uint64_t i = 2; i < 60; i++)
        add(pool, &set, i, NOW);
    assert_false(fw_distinct_drop(pool, &set, &other, NULL));
    assert_true(fw_distinct_drop(pool, &set, &one, &mark));
    assert_int_equal(mark, 6);
    assert_int_equal(set.count, 58);
    for (uint64_t i = 2; i < 60; i++) {
        const union fw_addr a = addr(i);
        assert_true(fw_distinct_drop(pool, &set, &a, NULL));
    }
    assert_int_equal(set.block, 0);
    assert_int_equal(stats_of(pool).bytes_used, 0);
    fw_distinct_pool_close(&pool);
}

static void a_list_starts_and_ends_where_it_is_told(void **state) {
    struct fw_distinct_pool *pool = open_pool(1 << 20);
    struct fw_distinct set = {0};
    struct fw_element e[50];
    (void)state;

    assert_int_equal(fw_distinct_list(pool, &set, 0, e, 50), 0);
    for (uint64_t i = 0; i < 40; i++)
        add(pool, &set, i, NOW + (fw_time)i);
    assert_int_equal(fw_distinct_list(pool, &set, 0, e, 50), 40);
    assert_int_equal(e[39].time, NOW + 39);
    assert_int_equal(fw_distinct_list(pool, &set, 37, e, 50), 3);
    assert_int_equal(e[0].time, NOW + 37);
    assert_int_equal(fw_distinct_list(pool, &set, 10, e, 2), 2);
    assert_int_equal(e[1].time, NOW + 11);
    assert_int_equal(fw_distinct_list(pool, &set, 40, e, 50), 0);
    assert_int_equal(fw_distinct_list(pool, &set, 0, e, 0), 0);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

/* ---- magnitudes ---- */

static void a_magnitude_is_a_count_until_the_first_element_leaves(void **state) {
    struct fw_distinct_pool *pool = open_pool(4 << 20);
    struct fw_distinct set = {0};
    bool exact;
    (void)state;

    for (uint64_t i = 0; i < 100; i++)
        add(pool, &set, i, NOW);
    fw_distinct_sketch(pool, &set);
    fw_distinct_sketch(pool, &set);
    for (uint64_t i = 100; i < 300; i++)
        add(pool, &set, i, NOW + 1);
    assert_int_equal(fw_distinct_magnitude(pool, &set, &exact), 300);
    assert_true(exact);
    fw_distinct_expire(pool, &set, NOW + WINDOW + 1, WINDOW);
    const uint64_t magnitude = fw_distinct_magnitude(pool, &set, &exact);
    assert_false(exact);
    assert_in_range(magnitude, 280, 320);
    fw_distinct_expire(pool, &set, NOW + 2 * WINDOW, WINDOW); /* the sketch outlives the window */
    assert_int_equal(set.count, 0);
    assert_in_range(fw_distinct_magnitude(pool, &set, NULL), 280, 320);
    fw_distinct_clear(pool, &set);
    assert_int_equal(fw_distinct_magnitude(pool, &set, &exact), 0);
    assert_true(exact);
    fw_distinct_pool_close(&pool);
}

static void a_magnitude_beyond_the_set_is_estimated_within_its_error(void **state) {
    struct fw_distinct_pool *pool = open_pool(4 << 20);
    struct fw_distinct set = {0};
    bool exact = true;
    (void)state;

    fw_distinct_sketch(pool, &set);
    for (uint64_t i = 0; i < 60000; i++)
        add(pool, &set, i, NOW);
    const uint64_t magnitude = fw_distinct_magnitude(pool, &set, &exact);
    assert_false(exact);
    assert_in_range(magnitude, 60000 - 60000 * 3 * FW_DISTINCT_ERROR_PCT / 100,
                    60000 + 60000 * 3 * FW_DISTINCT_ERROR_PCT / 100);
    fw_distinct_clear(pool, &set);
    fw_distinct_pool_close(&pool);
}

static void without_a_sketch_left_the_magnitude_is_the_count(void **state) {
    struct fw_distinct_pool *pool = open_pool(FW_DISTINCT_POOL_MIN);
    struct fw_distinct first = {0}, sets[8] = {{0}};
    (void)state;

    fw_distinct_sketch(pool, &first);
    for (size_t i = 0; i < 8; i++)
        fw_distinct_sketch(pool, &sets[i]);
    assert_int_equal(sets[7].sketch, 0);
    add(pool, &sets[7], 1, NOW);
    assert_int_equal(fw_distinct_magnitude(pool, &sets[7], NULL), 1);
    fw_distinct_pool_close(&pool);
}

static void a_sketch_errs_by_little_at_every_size_and_repeats_change_nothing(void **state) {
    static const uint64_t sizes[] = {1, 10, 100, 500, 1000, 2500, 5000, 20000, 100000, 1000000};
    (void)state;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        double sum = 0, worst = 0;
        const int runs = sizes[s] > 100000 ? 4 : 30;

        for (int run = 0; run < runs; run++) {
            struct fw_sketch sketch = {0};

            for (uint64_t i = 0; i < sizes[s]; i++) {
                const union fw_addr a = {.q = {(uint64_t)run, i}};
                fw_sketch_add(&sketch, &a);
            }
            const uint64_t estimate = fw_sketch_estimate(&sketch);
            for (uint64_t i = 0; i < sizes[s] && i < 1000; i++) {
                const union fw_addr a = {.q = {(uint64_t)run, i}};
                fw_sketch_add(&sketch, &a);
            }
            assert_int_equal(fw_sketch_estimate(&sketch), estimate);
            const double error = ((double)estimate - (double)sizes[s]) / (double)sizes[s];
            sum += error;
            worst = error > worst ? error : -error > worst ? -error : worst;
        }
        assert_true(worst < 0.13);                            /* four standard errors */
        assert_true(sum / runs < 0.04 && sum / runs > -0.04); /* and no bias */
    }
}

static void an_empty_sketch_is_nothing_and_a_full_one_finite(void **state) {
    struct fw_sketch sketch = {0};
    (void)state;

    assert_int_equal(fw_sketch_estimate(&sketch), 0);
    memset(sketch.rank, FW_SKETCH_RANKS - 1, sizeof sketch.rank);
    sketch.registers_of[FW_SKETCH_RANKS - 1] = FW_SKETCH_REGISTERS;
    assert_true(fw_sketch_estimate(&sketch) >= UINT64_C(1000000000000000));
}

static void a_magnitude_is_the_same_in_every_replay(void **state) {
    uint64_t magnitude[2];
    (void)state;

    for (uint64_t seed = 0; seed < 2; seed++) {
        const struct fw_distinct_pool_config config = {.bytes = 4 << 20, .seed = {{seed, seed}}};
        struct fw_distinct_pool *pool;
        struct fw_distinct set = {0};

        assert_int_equal(fw_distinct_pool_open(&pool, &config, &fw_mem_libc), 0);
        fw_distinct_sketch(pool, &set);
        for (uint64_t i = 0; i < 5000; i++)
            add(pool, &set, i, NOW);
        magnitude[seed] = fw_distinct_magnitude(pool, &set, NULL);
        fw_distinct_pool_close(&pool);
    }
    assert_int_equal(magnitude[0], magnitude[1]);
}

/* ---- against a model ---- */

#define MODEL_MAX 600
struct model {
    struct {
        uint64_t number, arrival;
        fw_time time;
        uint8_t mark;
    } e[MODEL_MAX];
    size_t count;
};

static void model_remove(struct model *m, size_t i) {
    memmove(&m->e[i], &m->e[i + 1], (m->count - i - 1) * sizeof m->e[0]);
    m->count--;
}

static void model_insert(struct model *m, uint64_t number, fw_time time, uint8_t mark) {
    size_t i = m->count;

    while (i > 0 && m->e[i - 1].time > time)
        i--;
    memmove(&m->e[i + 1], &m->e[i], (m->count - i) * sizeof m->e[0]);
    m->count++;
    m->e[i].number = number;
    m->e[i].time = time;
    m->e[i].mark = mark;
}

static bool model_add(struct model *m, uint64_t number, fw_time time, uint8_t mark, uint8_t *previous) {
    *previous = 0;
    while (m->count > 0 && m->e[0].time < time - WINDOW)
        model_remove(m, 0);
    for (size_t i = 0; i < m->count; i++)
        if (m->e[i].number == number) {
            const fw_time latest = time > m->e[i].time ? time : m->e[i].time;

            *previous = m->e[i].mark;
            m->e[i].mark |= mark;
            if (latest > m->e[i].time) {
                mark = m->e[i].mark;
                model_remove(m, i);
                model_insert(m, number, latest, mark);
            }
            return false;
        }
    if (m->count > 0 && m->e[m->count - 1].time > time + WINDOW)
        return false;
    if (m->count == FW_DISTINCT_MAX)
        model_remove(m, 0);
    model_insert(m, number, time, mark);
    return true;
}

static void sets_agree_with_a_slow_model(void **state) {
    static const struct {
        uint64_t numbers;
        fw_time step;
    } shapes[] = {{6, 5000}, {12, 5000}, {60, 5000}, {200, 1000}, {2000, 1000}, {2000, 3000}, {5000, 20000}};
    struct fw_distinct_pool *pool = open_pool(4 << 20);
    (void)state;

    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        static struct model m;
        static struct fw_element listed[MODEL_MAX];
        struct fw_distinct set = {0};
        uint64_t random = 1234567 + s;
        fw_time now = NOW;

        m.count = 0;
        for (int i = 0; i < 20000; i++) {
            const uint64_t number = test_random(&random) % shapes[s].numbers;
            const union fw_addr a = addr(number);
            const fw_time time = now - (fw_time)(test_random(&random) % 3 ? 0 : test_random(&random) % 30000);
            uint8_t previous = 99, expected;

            now += (fw_time)(test_random(&random) % (uint64_t)shapes[s].step);
            if (test_random(&random) % 8 == 0) {
                size_t at = 0;
                while (at < m.count && m.e[at].number != number)
                    at++;
                assert_true(fw_distinct_drop(pool, &set, &a, &previous) == (at < m.count));
                if (at < m.count) {
                    assert_int_equal(previous, m.e[at].mark);
                    model_remove(&m, at);
                }
            } else {
                const uint8_t mark = (uint8_t)(1 << test_random(&random) % 8);
                const bool added = model_add(&m, number, time, mark, &expected);
                assert_true(fw_distinct_add(pool, &set, &a, time, WINDOW, mark, &previous) == added);
                assert_int_equal(previous, expected);
            }
            assert_int_equal(set.count, m.count);
            if (i % 50)
                continue;
            assert_int_equal(fw_distinct_list(pool, &set, 0, listed, MODEL_MAX), m.count);
            for (size_t k = 0; k < m.count; k++) {
                const union fw_addr expect = addr(m.e[k].number);
                assert_true(fw_addr_equal(&listed[k].addr, &expect));
                assert_int_equal(listed[k].time, m.e[k].time);
                assert_int_equal(listed[k].mark, m.e[k].mark);
            }
        }
        fw_distinct_clear(pool, &set);
        assert_int_equal(stats_of(pool).bytes_used, 0);
    }
    fw_distinct_pool_close(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_fails_cleanly_wherever_memory_is_missing),
        cmocka_unit_test(a_budget_is_kept_and_too_small_a_one_refused),
        cmocka_unit_test(a_repeated_element_counts_once),
        cmocka_unit_test(marks_are_ored_and_the_previous_one_told),
        cmocka_unit_test(an_element_leaves_when_it_is_older_than_the_window),
        cmocka_unit_test(a_repeated_element_stays_longer),
        cmocka_unit_test(elements_out_of_order_take_their_place_by_time),
        cmocka_unit_test(an_element_whose_window_has_passed_is_not_added),
        cmocka_unit_test(a_clock_that_was_set_back_does_not_blind_a_set),
        cmocka_unit_test(a_set_is_exact_up_to_its_largest_block),
        cmocka_unit_test(a_full_set_forgets_its_oldest_element_and_counts_it),
        cmocka_unit_test(a_set_gives_large_blocks_back_when_it_shrinks),
        cmocka_unit_test(a_set_without_a_larger_block_stays_at_its_size),
        cmocka_unit_test(an_exhausted_pool_holds_nothing_and_says_so),
        cmocka_unit_test(a_dropped_element_is_gone_and_its_mark_told),
        cmocka_unit_test(a_list_starts_and_ends_where_it_is_told),
        cmocka_unit_test(a_magnitude_is_a_count_until_the_first_element_leaves),
        cmocka_unit_test(a_magnitude_beyond_the_set_is_estimated_within_its_error),
        cmocka_unit_test(without_a_sketch_left_the_magnitude_is_the_count),
        cmocka_unit_test(a_sketch_errs_by_little_at_every_size_and_repeats_change_nothing),
        cmocka_unit_test(an_empty_sketch_is_nothing_and_a_full_one_finite),
        cmocka_unit_test(a_magnitude_is_the_same_in_every_replay),
        cmocka_unit_test(sets_agree_with_a_slow_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
