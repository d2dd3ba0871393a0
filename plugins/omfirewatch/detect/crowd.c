/* crowd.c: see crowd.h. */
#include "crowd.h"

#include <math.h>
#include <string.h>

#include "../core/bits.h"
#include "../core/hash.h"

void fw_crowd_add(struct fw_crowd *crowd, const union fw_addr *addr, fw_time time, fw_time window) {
    if (time - crowd->begun > window) {
        memcpy(crowd->before, crowd->now, sizeof crowd->before);
        memset(crowd->now, 0, sizeof crowd->now);
        crowd->begun = time;
    }
    const uint64_t bit = fw_hash(&fw_seed_fixed, addr, sizeof *addr) % FW_CROWD_BITS;
    crowd->now[bit / 64] |= UINT64_C(1) << bit % 64;
}

double fw_crowd_count(const struct fw_crowd *crowd) {
    unsigned empty = FW_CROWD_BITS;
    for (size_t i = 0; i < FW_CROWD_WORDS; i++)
        empty -= fw_bits_set(crowd->now[i] | crowd->before[i]);
    return -FW_CROWD_BITS * log(empty > 0 ? (double)empty / FW_CROWD_BITS : 0.5 / FW_CROWD_BITS);
}
