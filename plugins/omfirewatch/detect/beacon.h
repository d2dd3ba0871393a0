/* beacon.h: what the files of the detector of beacons share: det_beacon.c, which decides, beacon_key.c, which tells what
 * calls what, and beacon_say.c, which says what was found.
 */
#ifndef FW_BEACON_H
#define FW_BEACON_H

#include "crowd.h"
#include "keyed.h"
#include "rhythm.h"

enum fw_beacon_kind { KIND_PAIR = 1, KIND_DESTINATION, KIND_HOME };

/* Of a pair: src, service, and the address or the name. Of a destination: address or name alone. Of home: nothing. */
enum { FW_BEACON_HOST_MAX = 40, FW_BEACON_TAIL = 32 };
struct fw_beacon_key {
    union fw_addr src;
    uint8_t kind;
    uint8_t by_host;
    uint8_t cut; /* of a name longer than FW_BEACON_HOST_MAX: its last FW_BEACON_TAIL bytes and a hash of all of it */
    uint8_t proto;
    uint16_t dport;
    uint8_t has_dport;
    uint8_t unused;
    union {
        union fw_addr addr;
        char name[FW_BEACON_HOST_MAX];
    } to;
};
_Static_assert(sizeof(struct fw_beacon_key) == 64, "no padding, and what a table takes");

enum { PART_TIMING, PART_SIZES, PART_HISTOGRAM, PART_PERSISTENCE, PARTS };
struct fw_beacon {
    struct fw_matter matter;
    union {
        struct fw_rhythm rhythm;
        struct fw_crowd crowd;
    } is;
    uint32_t judged; /* beats at the last judgement */
    uint32_t since;  /* beats when it began to be regular; 0: it is not */
    uint32_t period, spread;
    uint32_t ends;     /* that say what the other side sent */
    uint32_t answered; /* of these: anything */
    uint32_t fetched;  /* and more than a bot that waits is given */
    uint8_t lag;
    uint8_t score; /* the greatest since it opened; before, the latest */
    uint8_t conforming;
    uint8_t regular; /* enough of them conformed at the last judgement */
    uint8_t sized;
    uint8_t prevalence; /* enum prevalence */
    uint8_t clockwork;
    uint8_t parts[PARTS]; /* of the latest score, for who asks */
};
enum prevalence { PREVALENCE_UNKNOWN, PREVALENCE_RARE, PREVALENCE_SOME, PREVALENCE_COMMON };

/* beacon_key.c */
void fw_beacon_key(struct fw_beacon_key *key, const struct fw_event *ev);
/* What a pair calls, whoever does. */
struct fw_beacon_key fw_beacon_destination(const struct fw_beacon_key *pair);
/* The name, or what is left of one that was cut: from the label on that is whole. */
size_t fw_beacon_name(const struct fw_beacon_key *key, char name[FW_BEACON_HOST_MAX + 1]);
/* A web request to an address instead of a name. */
bool fw_beacon_is_literal(const struct fw_beacon_key *key);

/* beacon_say.c */
void fw_beacon_describe(const struct fw_det *det, const void *entry, struct fw_description *out);

#endif
