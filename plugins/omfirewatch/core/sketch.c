/* sketch.c: HyperLogLog (see sketch.h).
 *
 * Invariants: a register never falls; the sum of registers_of[1...] is the number
 * of registers that are not 0. Only +, *, / and sqrt are used, which IEEE 754
 * rounds alike everywhere: a replay on another machine says the same.
 * What an attacker controls: the addresses, and as the seed is known, also the
 * ranks they get. A magnitude can be driven up or kept down; no decision uses it.
 */
#include "sketch.h"

#include <math.h>

#include "hash.h"

#define STEPS_MAX 64 /* both series below converge by doubling; 1 - 1/1024 takes 18 steps */

void fw_sketch_add(struct fw_sketch *sketch, const union fw_addr *addr) {
    const uint64_t hash = fw_hash(&fw_seed_fixed, addr->b, sizeof addr->b);
    uint8_t *reg = &sketch->rank[hash >> (64 - FW_SKETCH_BITS)];
    const uint64_t rest = hash << FW_SKETCH_BITS;
    const uint8_t rank = (uint8_t)(rest != 0 ? __builtin_clzll(rest) + 1 : FW_SKETCH_RANKS - 1);

    if (rank <= *reg)
        return;
    if (*reg > 0)
        sketch->registers_of[*reg]--;
    sketch->registers_of[rank]++;
    *reg = rank;
}

/* Ertl 2017, algorithm 6: x + sum of x^(2^k) 2^(k-1), for 0 <= x < 1 */
static double sigma(double x) {
    double y = 1, z = x;

    for (int step = 0; step < STEPS_MAX; step++) {
        const double before = z;

        x *= x;
        z += x * y;
        y += y;
        if (z == before)
            break;
    }
    return z;
}

/* Ertl 2017, algorithm 6: (1 - x - sum of (1 - x^(2^-k))^2 2^-k) / 3 */
static double tau(double x) {
    double y = 1, z = 1 - x;

    if (x <= 0 || x >= 1)
        return 0;
    for (int step = 0; step < STEPS_MAX; step++) {
        const double before = z;

        x = sqrt(x);
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
        if (z == before)
            break;
    }
    return z / 3;
}

uint64_t fw_sketch_estimate(const struct fw_sketch *sketch) {
    const double m = FW_SKETCH_REGISTERS;
    const double alpha = 0.7213475204444817; /* 1 / (2 ln 2) */
    unsigned empty = FW_SKETCH_REGISTERS;
    double z;

    for (unsigned rank = 1; rank < FW_SKETCH_RANKS; rank++)
        empty -= sketch->registers_of[rank];
    if (empty == FW_SKETCH_REGISTERS)
        return 0;
    z = m * tau(1 - sketch->registers_of[FW_SKETCH_RANKS - 1] / m);
    for (unsigned rank = FW_SKETCH_RANKS - 2; rank >= 1; rank--)
        z = 0.5 * (z + sketch->registers_of[rank]);
    z += m * sigma(empty / m);
    const double estimate = alpha * m * m / z;
    return estimate < 1e18 ? (uint64_t)(estimate + 0.5) : UINT64_C(1000000000000000000);
}

void fw_sketch_save(const struct fw_sketch *sketch, struct fw_put *put) {
    fw_put_bytes(put, sketch->rank, sizeof sketch->rank);
    fw_put_u8(put, sketch->left);
}

int fw_sketch_load(struct fw_sketch *sketch, struct fw_get *get) {
    fw_get_bytes(get, sketch->rank, sizeof sketch->rank);
    sketch->left = fw_get_u8(get) != 0;
    for (unsigned i = 0; i < FW_SKETCH_REGISTERS; i++) {
        if (sketch->rank[i] >= FW_SKETCH_RANKS)
            return -1;
        if (sketch->rank[i] > 0)
            sketch->registers_of[sketch->rank[i]]++;
    }
    return get->failed ? -1 : 0;
}
