/* sketch.h: how many different addresses there were, roughly, in one KiB.
 *
 * HyperLogLog with 1024 registers (standard error 3.3 %), and with how many
 * registers hold which rank kept beside them, so that an estimate costs some
 * sixty steps. All zero is the empty sketch. The hash has a fixed seed: a replay
 * gives the same magnitudes, and sketches of several nodes can be merged.
 * Source: Flajolet et al., HyperLogLog, 2007; the estimator is the improved raw
 * one of Ertl, New cardinality estimation algorithms for HyperLogLog sketches,
 * 2017, which is unbiased from 0 on and needs no switch to linear counting.
 */
#ifndef FW_SKETCH_H
#define FW_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "state.h"

#define FW_SKETCH_BITS      10 /* p: registers are 2^p; 1.04 / sqrt(2^p) = 3.3 % */
#define FW_SKETCH_REGISTERS (1U << FW_SKETCH_BITS)
#define FW_SKETCH_RANKS     (64 - FW_SKETCH_BITS + 2) /* 0 ... 55 */

struct fw_sketch {
    uint8_t rank[FW_SKETCH_REGISTERS];
    uint16_t registers_of[FW_SKETCH_RANKS]; /* how many registers hold that rank; [0] is not kept */
    bool left;                              /* the owner's: an element left the exact set since the sketch began */
};

void fw_sketch_add(struct fw_sketch *sketch, const union fw_addr *addr);
uint64_t fw_sketch_estimate(const struct fw_sketch *sketch);
/* State, see state.h; load takes a zeroed sketch. */
void fw_sketch_save(const struct fw_sketch *sketch, struct fw_put *put);
int fw_sketch_load(struct fw_sketch *sketch, struct fw_get *get);

#endif
