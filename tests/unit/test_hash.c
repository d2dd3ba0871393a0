/* test_hash.c: SipHash-1-3 against the reference's values and a second writing of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/hash.h"

/* key 00 01 ... 0f, message 00 01 02 ... of length 0, 1, 2 ...: the authors' implementation with 1 and 3 rounds */
static const uint64_t reference[17] = {
    UINT64_C(0xabac0158050fc4dc), UINT64_C(0xc9f49bf37d57ca93), UINT64_C(0x82cb9b024dc7d44d),
    UINT64_C(0x8bf80ab8e7ddf7fb), UINT64_C(0xcf75576088d38328), UINT64_C(0xdef9d52f49533b67),
    UINT64_C(0xc50d2b50c59f22a7), UINT64_C(0xd3927d989bb11140), UINT64_C(0x369095118d299a8e),
    UINT64_C(0x25a48eb36c063de4), UINT64_C(0x79de85ee92ff097f), UINT64_C(0x70c118c1f94dc352),
    UINT64_C(0x78a384b157b4d9a2), UINT64_C(0x306f760c1229ffa7), UINT64_C(0x605aa111c0f95d34),
    UINT64_C(0xd320d86d2a519956), UINT64_C(0xcc4fdd1a7d908b66),
};
static const struct fw_seed key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

/* Plainly after the paper: the padded message as bytes, rounds as a function. */
static uint64_t turn(uint64_t x, int by) {
    return (x << by) | (x >> (64 - by));
}

static void rounds(uint64_t v[4], int n) {
    while (n-- > 0) {
        v[0] += v[1], v[1] = turn(v[1], 13), v[1] ^= v[0], v[0] = turn(v[0], 32);
        v[2] += v[3], v[3] = turn(v[3], 16), v[3] ^= v[2];
        v[0] += v[3], v[3] = turn(v[3], 21), v[3] ^= v[0];
        v[2] += v[1], v[1] = turn(v[1], 17), v[1] ^= v[2], v[2] = turn(v[2], 32);
    }
}

static uint64_t plain(const struct fw_seed *seed, const uint8_t *message, size_t len) {
    uint8_t padded[512] = {0};
    const size_t total = len / 8 * 8 + 8;
    uint64_t v[4];

    memcpy(padded, message, len);
    padded[total - 1] = (uint8_t)len;
    for (int i = 0; i < 4; i++) {
        uint64_t word = 0;

        for (int b = 0; b < 8; b++)
            word = word << 8 | (uint8_t) "somepseudorandomlygeneratedbytes"[i * 8 + b];
        v[i] = word ^ seed->k[i % 2];
    }
    for (size_t at = 0; at < total; at += 8) {
        uint64_t word = 0;

        for (int b = 7; b >= 0; b--)
            word = word << 8 | padded[at + (size_t)b];
        v[3] ^= word;
        rounds(v, 1);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    rounds(v, 3);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void hash_gives_the_reference_values(void **state) {
    uint8_t message[17];
    (void)state;

    for (size_t len = 0; len < 17; len++) {
        message[len] = (uint8_t)len;
        assert_int_equal(fw_hash(&key, message, len), reference[len]);
    }
}

static void hash_agrees_with_a_plain_writing_at_every_length_and_offset(void **state) {
    uint8_t message[320];
    (void)state;

    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 131 + 7);
    for (size_t offset = 0; offset < 8; offset++)
        for (size_t len = 0; len <= 300; len++)
            assert_int_equal(fw_hash(&key, message + offset, len), plain(&key, message + offset, len));
}

static void hash_of_nothing_reads_nothing(void **state) {
    (void)state;
    assert_int_equal(fw_hash(&key, NULL, 0), reference[0]);
}

static void fixed_seed_never_changes(void **state) {
    static const uint8_t addr[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    (void)state;

    assert_int_equal(fw_hash(&fw_seed_fixed, addr, sizeof addr), UINT64_C(0x1dde5f3f3ee82978));
}

static void every_bit_of_message_and_seed_matters(void **state) {
    uint8_t message[24] = {0};
    const uint64_t before = fw_hash(&key, message, sizeof message);
    (void)state;

    for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(fw_hash(&key, message, sizeof message), before);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (unsigned bit = 0; bit < 128; bit++) {
        struct fw_seed other = key;

        other.k[bit / 64] ^= UINT64_C(1) << bit % 64;
        assert_int_not_equal(fw_hash(&other, message, sizeof message), before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_gives_the_reference_values),
        cmocka_unit_test(hash_agrees_with_a_plain_writing_at_every_length_and_offset),
        cmocka_unit_test(hash_of_nothing_reads_nothing),
        cmocka_unit_test(fixed_seed_never_changes),
        cmocka_unit_test(every_bit_of_message_and_seed_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
