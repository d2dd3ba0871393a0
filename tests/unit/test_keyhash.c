/* test_keyhash.c: NH and its end against values worked out with Python's integers, and how evenly it spreads keys as
 * attackers and networks make them. test_keyhash_plain.c runs the same without 128-bit integers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/keyhash.h"

static const struct fw_seed seed = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

/* Of keys 00 01 02 ... of 1 to 8 words. */
static const uint64_t reference[FW_KEYHASH_WORDS] = {
    UINT64_C(0x939a04d1d86dfe09), UINT64_C(0x3e4260480edf8e80), UINT64_C(0xd95f14b4caf1379a),
    UINT64_C(0xcd1ebbe162e575bc), UINT64_C(0x1accaa913c1423f7), UINT64_C(0x935ae08203ca1772),
    UINT64_C(0xc60e85f0071653e5), UINT64_C(0x72e69537a6aa7022),
};

static void keys_of_each_size_have_the_hash_of_the_formula(void **state) {
    struct fw_keyhash hash;
    uint8_t key[8 * FW_KEYHASH_WORDS];
    (void)state;
    fw_keyhash_open(&hash, &seed);
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t words = 1; words <= FW_KEYHASH_WORDS; words++)
        assert_int_equal(fw_keyhash(&hash, key, 8 * words), reference[words - 1]);
}

static void products_are_whole(void **state) {
    static const uint64_t factors[] = {
        0, 1, 2, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX, UINT64_C(0x123456789abcdef1)};
    const size_t n = sizeof factors / sizeof *factors;
    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            /* by adding up, bit by bit */
            struct fw_keyhash_sum sum = {0, 0};
            for (unsigned bit = 0; bit < 64; bit++) {
                if ((factors[i] >> bit & 1) == 0)
                    continue;
                const uint64_t low = factors[k] << bit, high = bit > 0 ? factors[k] >> (64 - bit) : 0;
                sum.low += low;
                sum.high += high + (sum.low < low);
            }
            const struct fw_keyhash_sum product = fw_keyhash_product(factors[i], factors[k]);
            assert_int_equal(product.low, sum.low);
            assert_int_equal(product.high, sum.high);
        }
}

enum { KEYS = 1 << 16, SLOTS = 1 << 10 };

/* Into so many slots as many keys as KEYS / SLOTS each: the sum of squares has a chi-squared distribution with SLOTS - 1
 * degrees of freedom, which exceeds its mean by six standard deviations once in 10^7. */
static void assert_even(const uint64_t *hashes, unsigned shift) {
    static uint32_t count[SLOTS];
    double chi = 0;
    const double expected = (double)KEYS / SLOTS;
    memset(count, 0, sizeof count);
    for (size_t i = 0; i < KEYS; i++)
        count[hashes[i] >> shift & (SLOTS - 1)]++;
    for (size_t i = 0; i < SLOTS; i++)
        chi += (count[i] - expected) * (count[i] - expected) / expected;
    assert_in_range((uint64_t)chi, 0, SLOTS + 6 * 45);
}

static void addresses_and_ports_in_a_row_are_spread_evenly(void **state) {
    static uint64_t hashes[KEYS];
    (void)state;
    for (uint64_t s = 0; s < 8; s++) {
        const struct fw_seed own = {{s, ~s}};
        struct fw_keyhash hash;
        fw_keyhash_open(&hash, &own);
        for (unsigned word = 0; word < FW_KEYHASH_WORDS; word++)
            for (unsigned at = 0; at <= 48; at += 16) { /* the bytes that count up */
                for (uint64_t i = 0; i < KEYS; i++) {
                    uint64_t key[FW_KEYHASH_WORDS] = {0};
                    key[word] = i << at;
                    hashes[i] = fw_keyhash(&hash, key, sizeof key);
                }
                assert_even(hashes, 0);  /* slots of the index */
                assert_even(hashes, 22); /* what is compared there */
                assert_even(hashes, 54); /* sets of the gate */
            }
    }
}

static void each_bit_of_a_key_turns_half_of_the_hash(void **state) {
    (void)state;
    for (size_t bit = 0; bit < 64 * FW_KEYHASH_WORDS; bit++) {
        unsigned turned = 0;
        for (uint64_t s = 0; s < 64; s++) {
            const struct fw_seed own = {{s, s + 1}};
            struct fw_keyhash hash;
            uint64_t key[FW_KEYHASH_WORDS] = {0};
            fw_keyhash_open(&hash, &own);
            const uint64_t before = fw_keyhash(&hash, key, sizeof key);
            key[bit / 64] ^= UINT64_C(1) << bit % 64;
            for (uint64_t differ = before ^ fw_keyhash(&hash, key, sizeof key); differ != 0; differ &= differ - 1)
                turned++;
        }
        assert_in_range(turned, 64 * 32 - 6 * 32, 64 * 32 + 6 * 32); /* six standard deviations of 64 * 64 coins */
    }
}

static void another_seed_gives_other_collisions(void **state) {
    const uint64_t first[2] = {1, 2}, second[2] = {2, 1}; /* x * y + ... would be alike without numbers of their own */
    (void)state;
    for (uint64_t s = 0; s < 1000; s++) {
        const struct fw_seed own = {{s, 7}};
        struct fw_keyhash hash;
        fw_keyhash_open(&hash, &own);
        assert_int_not_equal(fw_keyhash(&hash, first, sizeof first), fw_keyhash(&hash, second, sizeof second));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_each_size_have_the_hash_of_the_formula),
        cmocka_unit_test(products_are_whole),
        cmocka_unit_test(addresses_and_ports_in_a_row_are_spread_evenly),
        cmocka_unit_test(each_bit_of_a_key_turns_half_of_the_hash),
        cmocka_unit_test(another_seed_gives_other_collisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
