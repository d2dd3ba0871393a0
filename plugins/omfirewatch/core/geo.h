/* geo.h: where an address is and whose, as databases on this machine know it.
 *
 * The core does not open files: who has a database (policy/geo.c) gives a function,
 * and a site without one has none. The answer depends on the address and the
 * database alone, so a replay with the same database agrees with production.
 * Nothing is asked of the network.
 */
#ifndef FW_GEO_H
#define FW_GEO_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

#define FW_GEO_COUNTRY   3  /* "DE" and its NUL: ISO 3166-1 alpha-2 */
#define FW_GEO_OWNER_MAX 64 /* bytes of an owner's name; longer ones are cut */

/* What is not known is 0, or "". */
struct fw_whereabouts {
    char country[FW_GEO_COUNTRY];
    uint32_t as_number; /* autonomous system */
    char owner[FW_GEO_OWNER_MAX];
    bool has_place;
    double latitude; /* degrees */
    double longitude;
};

struct fw_geo {
    /* False: nothing is known of it. *out is zeroed before. */
    bool (*find)(const void *cookie, const union fw_addr *addr, struct fw_whereabouts *out);
    const void *cookie;
};

/* Kilometres of the great circle between two places that are known. */
double fw_geo_distance(const struct fw_whereabouts *a, const struct fw_whereabouts *b);

#endif
