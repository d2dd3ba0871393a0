/* hash.c: SipHash-1-3 (one round a word, three at the end).
 *
 * Invariants: the same bytes and seed give the same hash on every machine.
 * Memory: none. What an attacker controls: the data, not the seed of tables.
 * 1-3 instead of 2-4: no forgery has to be kept out, only unpredictable
 * collisions are needed, as in the hash tables of Rust, Ruby and Linux.
 */
#include "hash.h"

#include <string.h>

/* "firewatchfinding", little-endian: no secret, only the same for everyone */
const struct fw_seed fw_seed_fixed = {{UINT64_C(0x6374617765726966), UINT64_C(0x676e69646e696668)}};

static inline uint64_t rotate(uint64_t x, unsigned bits) {
    return x << bits | x >> (64 - bits);
}

static inline uint64_t load_le64(const uint8_t *p) {
    uint64_t v;

    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* The 1 to 7 bytes from `whole` on. With a word before them they are the upper
 * end of the last 8 bytes. */
static inline uint64_t last_bytes(const uint8_t *bytes, size_t len, size_t whole) {
    uint64_t word = 0;

    if (whole > 0)
        return load_le64(bytes + len - 8) >> 8 * (8 - (len - whole));
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

#define SIP_ROUND                                                                                                      \
    do {                                                                                                               \
        v0 += v1;                                                                                                      \
        v2 += v3;                                                                                                      \
        v1 = rotate(v1, 13) ^ v0;                                                                                      \
        v3 = rotate(v3, 16) ^ v2;                                                                                      \
        v0 = rotate(v0, 32);                                                                                           \
        v2 += v1;                                                                                                      \
        v0 += v3;                                                                                                      \
        v1 = rotate(v1, 17) ^ v2;                                                                                      \
        v3 = rotate(v3, 21) ^ v0;                                                                                      \
        v2 = rotate(v2, 32);                                                                                           \
    } while (0)

uint64_t fw_hash(const struct fw_seed *seed, const void *data, size_t len) {
    const uint8_t *bytes = data;
    const size_t whole = len & ~(size_t)7;
    uint64_t v0 = seed->k[0] ^ UINT64_C(0x736f6d6570736575);
    uint64_t v1 = seed->k[1] ^ UINT64_C(0x646f72616e646f6d);
    uint64_t v2 = seed->k[0] ^ UINT64_C(0x6c7967656e657261);
    uint64_t v3 = seed->k[1] ^ UINT64_C(0x7465646279746573);
    uint64_t word;

    for (size_t i = 0; i < whole; i += 8) {
        word = load_le64(bytes + i);
        v3 ^= word;
        SIP_ROUND;
        v0 ^= word;
    }
    word = (uint64_t)len << 56;
    if (len > whole) /* never for keys, which are whole words */
        word |= last_bytes(bytes, len, whole);
    v3 ^= word;
    SIP_ROUND;
    v0 ^= word;
    v2 ^= 0xff;
    SIP_ROUND;
    SIP_ROUND;
    SIP_ROUND;
    return v0 ^ v1 ^ v2 ^ v3;
}
