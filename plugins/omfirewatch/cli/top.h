/* top.h: what came most often, in bounded memory.
 *
 * Exact while there are no more than FW_TOP_SLOTS different things; beyond, the
 * rarest gives its place to the newest, which inherits its count (space saving:
 * Metwally, Agrawal, El Abbadi, 2005). A count is then at most `over` too high.
 */
#ifndef FW_TOP_H
#define FW_TOP_H

#include "../core/event.h"

#define FW_TOP_SLOTS 256

struct fw_top_key {
    union fw_addr addr;
    int32_t proto; /* -1: none */
    int32_t port;  /* -1: none */
};

struct fw_top_slot {
    struct fw_top_key key;
    uint64_t count;
    uint64_t over;
};

struct fw_top {
    struct fw_top_slot slot[FW_TOP_SLOTS];
    size_t used;
    size_t last; /* most lines are like the one before */
    bool full;   /* there were more: counts are estimates */
};

void fw_top_add(struct fw_top *top, const struct fw_top_key *key);
/* Most frequent first; adding goes on after it. */
void fw_top_sort(struct fw_top *top);

#endif
