/* usage_inside.h: the register of users from inside, for the files that share it: usage.c (uses and guards),
 * usage_list.c (the lists of users) and usage_state.c (how it is written down).
 */
#ifndef FW_USAGE_INSIDE_H
#define FW_USAGE_INSIDE_H

#include "distinct.h"
#include "usage.h"

/* 40 bytes without padding, all of them set: hashed and compared whole. In the order of lists. */
struct fw_usage_key {
    char app[FW_APP_MAX];
    union fw_addr src;
};
_Static_assert(sizeof(struct fw_usage_key) == 40, "no padding");

/* As it is written to the state: no pointers, no bool; destinations apart. */
struct fw_usage_entry {
    fw_time first, last;
    fw_time told; /* a finding was due; FW_TIME_NONE: never */
    uint64_t events, bytes;
    uint64_t listed_events, listed_bytes; /* since the last list */
    uint64_t after;                       /* uses since the policy's day passed */
    uint64_t role;
    int64_t day; /* of the last use, since 1970 */
    uint32_t days;
    uint8_t listed; /* it was in a list before */
    uint8_t zero[3];
    char group[FW_APP_GROUP_MAX];
    char version[FW_VERSION_MAX];
    struct fw_distinct destinations;
};

#define FW_USAGE_GUARDS 2 /* roles that can be learned */

/* Of a source: until when it has each of the roles, and until when it does not whatever else it uses. */
struct fw_usage_guard {
    fw_time until[FW_USAGE_GUARDS];
    fw_time barred[FW_USAGE_GUARDS];
};

#define FW_USAGE_FILTER 65536 /* bits: sources that may have a role; 8 KiB, so it stays in the first cache */

struct fw_usage {
    struct fw_mem mem;
    size_t bytes;
    struct fw_seed seed;
    struct fw_table *table; /* struct fw_usage_key -> struct fw_usage_entry */
    struct fw_distinct_pool *pool;
    struct fw_table *guards; /* address -> struct fw_usage_guard */
    uint64_t guarding;       /* in it */
    uint64_t filter[FW_USAGE_FILTER / 64];
    fw_time swept; /* the guards; FW_TIME_NONE: never */
    const struct fw_site *site;
    fw_usage_overdue_fn overdue;
    void *cookie;
    uint64_t counted;
    /* the list of users */
    fw_time interval;
    fw_time listed; /* the last one was due; FW_TIME_NONE before the first event */
    fw_time since;  /* of the list that is being told */
    fw_time page;   /* the last page of it; FW_TIME_NONE: there was none */
    uint64_t telling;
    struct fw_usage_key told; /* of it, up to here */
};

/* usage.c */
void fw_usage_view(const struct fw_usage *usage, const struct fw_usage_key *key, const struct fw_usage_entry *entry,
                   fw_time time, struct fw_user *user);
void fw_usage_guard_all(struct fw_usage *usage);

/* usage_list.c */
void fw_usage_list(struct fw_usage *usage, fw_time now, struct fw_findings *findings);

#endif
