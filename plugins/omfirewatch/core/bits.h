/* bits.h: counting bits without the compiler's library.
 */
#ifndef FW_BITS_H
#define FW_BITS_H

#include <stdint.h>

/* How many bits are set: in parallel, so that no compiler calls its own library for it (Warren: Hacker's Delight, 5-1). */
static inline unsigned fw_bits_set(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}

#endif
