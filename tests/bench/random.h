/* random.h: made-up numbers from a seed, the same on every machine with the same libm.
 *
 * One state a program: the order of calls is part of what a seed means.
 */
#ifndef FW_BENCH_RANDOM_H
#define FW_BENCH_RANDOM_H

#include <math.h>
#include <stdint.h>

static uint64_t random_state;

/* splitmix64, Vigna 2015 */
static inline uint64_t number(void) {
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint32_t below(uint32_t n) {
    return (uint32_t)((number() >> 32) * n >> 32);
}

static inline double fraction(void) {
    return (double)(number() >> 11) / 9007199254740992.0;
}

/* Rank 0 to n - 1 with a weight of about 1 / (rank + 1): Zipf's law with exponent 1, by its continuous inverse. */
static inline uint32_t zipf(uint32_t n) {
    uint32_t rank = (uint32_t)exp(fraction() * log((double)n + 1)) - 1;
    return rank < n ? rank : n - 1;
}

#endif
