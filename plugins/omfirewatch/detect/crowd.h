/* crowd.h: how many hosts there are, in 208 bytes.
 *
 * Linear counting (Whang, Vander-Zanden, Taylor 1990), of the window that is and
 * of the one before. Up to some 3000 it tells how many, to 5 %; what is full has
 * thousands. The hash has a fixed seed, for the sake of replay.
 * What an attacker controls: inside, whom it counts; made-up sources make it larger.
 */
#ifndef FW_CROWD_H
#define FW_CROWD_H

#include "../core/addr.h"
#include "../core/event.h"

enum { FW_CROWD_WORDS = 12, FW_CROWD_BITS = FW_CROWD_WORDS * 64 };

struct fw_crowd {
    fw_time last; /* the caller's */
    fw_time begun;
    uint64_t now[FW_CROWD_WORDS];
    uint64_t before[FW_CROWD_WORDS];
};

void fw_crowd_add(struct fw_crowd *crowd, const union fw_addr *addr, fw_time time, fw_time window);
double fw_crowd_count(const struct fw_crowd *crowd);

#endif
