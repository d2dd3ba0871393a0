/* keyhash.c: see keyhash.h. The secret numbers are drawn from the seed by SipHash. */
#include "keyhash.h"

void fw_keyhash_open(struct fw_keyhash *hash, const struct fw_seed *seed) {
    for (uint64_t i = 0; i < sizeof hash->secret / sizeof *hash->secret; i++)
        hash->secret[i] = fw_hash(seed, &i, sizeof i);
}
