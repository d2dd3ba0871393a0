/* keyhash.h: the hash of a table's key, for keys of a few whole words.
 *
 * A table is looked at ten times an event, and SipHash of a key of 64 bytes is
 * 180 instructions; this is 30. Pairs of words are added to secret numbers and
 * multiplied to 128 bits, and the products summed: NH, which is universal, that
 * is, two keys chosen without knowledge of the secret have the same sum once in
 * 2^64 (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC, 1999). Another such
 * product, folded to 64 bits, spreads it over all of them.
 * That is less than SipHash promises: whoever saw hashes could work out the
 * secret. Nobody sees any; they choose slots, and tags of the gate, and are
 * written to the state beside the seed itself. For identities, checksums and texts
 * there is hash.h.
 * Invariants: the same key and seed give the same hash on every machine.
 * Memory: FW_KEYHASH_WORDS + 4 words. What an attacker controls: keys, not the seed.
 */
#ifndef FW_KEYHASH_H
#define FW_KEYHASH_H

#include "hash.h"

#include <string.h>

#define FW_KEYHASH_WORDS 8 /* of the longest key */

struct fw_keyhash {
    uint64_t secret[FW_KEYHASH_WORDS + 4]; /* a number for each word, and two pairs for the end */
};

struct fw_keyhash_sum {
    uint64_t low, high;
};

void fw_keyhash_open(struct fw_keyhash *hash, const struct fw_seed *seed);

static inline struct fw_keyhash_sum fw_keyhash_product(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
    __extension__ const unsigned __int128 product = (unsigned __int128)a * b;

    return (struct fw_keyhash_sum){(uint64_t)product, (uint64_t)(product >> 64)};
#else
    const uint64_t a0 = a & UINT32_MAX, a1 = a >> 32, b0 = b & UINT32_MAX, b1 = b >> 32;
    const uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & UINT32_MAX);

    return (struct fw_keyhash_sum){other << 32 | (low & UINT32_MAX), a1 * b1 + (middle >> 32) + (other >> 32)};
#endif
}

/* `size`: a multiple of 8, FW_KEYHASH_WORDS * 8 at most. Of a key with an odd number of words the last one is multiplied
 * with a secret number alone. Keys of one table have one size, so it need not go in. */
static inline uint64_t fw_keyhash(const struct fw_keyhash *hash, const void *key, size_t size) {
    const uint8_t *bytes = key;
    const uint64_t *secret = hash->secret, *end = hash->secret + FW_KEYHASH_WORDS;
    struct fw_keyhash_sum sum = {end[0], end[1]};
    uint64_t word[2] = {0, 0};

    for (size_t at = 0; at < size; at += sizeof word, secret += 2) {
        memcpy(word, bytes + at, 8);
        if (at + 8 < size)
            memcpy(word + 1, bytes + at + 8, 8);
        else
            word[1] = 0;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word[0] = __builtin_bswap64(word[0]);
        word[1] = __builtin_bswap64(word[1]);
#endif
        const struct fw_keyhash_sum product = fw_keyhash_product(word[0] + secret[0], word[1] + secret[1]);
        sum.low += product.low;
        sum.high += product.high + (sum.low < product.low);
    }
    sum = fw_keyhash_product(sum.low + end[2], sum.high + end[3]);
    return sum.low ^ sum.high;
}

#endif
