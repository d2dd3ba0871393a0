/* hash.h: SipHash-1-3 for tables (secret seed) and for identities (fixed seed).
 *
 * Tables are keyed by what attackers choose; without a secret seed they could
 * choose collisions. Identities of findings and sketches use a fixed seed, so
 * that a replay gives the same ones. Source: Aumasson, Bernstein: SipHash, 2012.
 */
#ifndef FW_HASH_H
#define FW_HASH_H

#include <stddef.h>
#include <stdint.h>

struct fw_seed {
    uint64_t k[2];
};
extern const struct fw_seed fw_seed_fixed;

uint64_t fw_hash(const struct fw_seed *seed, const void *data, size_t len);

#endif
