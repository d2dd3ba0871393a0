/* lasting.h: pairs of hosts whose sessions last; what long_tunnel and ssh_tunnel share.
 *
 * One entry a source, destination and port: sessions that are open (stay.h), and the
 * longest that was. The steps are told in the detectors, their numbers are here:
 *   The users go into the register (core/usage.h); whom the policy allows it is not told of.
 *   2. a session opens; 3. it ends; 4. one that has been open for as long is found
 *   without a line of its own, once a minute; 5. the ladder; 6. who else has such
 *   sessions there.
 * Where nothing is open and nothing was found the entry goes at once, so the table
 * holds what is open, not what came by.
 *
 * Memory: about 290 bytes a pair with an open session. What an attacker controls:
 * inside, how many sessions he opens.
 */
#ifndef FW_LASTING_H
#define FW_LASTING_H

#include "rate.h"
#include "stay.h"

#define FW_LASTING_RUNGS 4
#define FW_LASTING_OFTEN FW_HOUR /* sessions are counted over so long */

struct fw_lasting_key {
    union fw_addr src; /* zero: the entry of a network of destinations */
    union fw_addr dst;
    uint16_t dport;
    uint8_t proto;
    uint8_t form;
    uint8_t zero[4];
};

enum { FW_LASTING_PAIR = 1, FW_LASTING_NETWORK };

struct fw_lasting {
    struct fw_matter matter;
    struct fw_stay stay;
    struct fw_rate sessions;
    struct fw_distinct sources; /* of a network */
    fw_time seen;               /* the last line */
    uint64_t longest;           /* milliseconds */
    uint64_t sent, rcvd;        /* of sessions that ended */
    uint8_t timed;              /* some line had a duration */
    uint8_t still;              /* the longest is open */
    uint8_t often;              /* many sessions */
    uint8_t stage;
    uint8_t turned; /* the machine inside is the destination */
    uint8_t zero[3];
};

struct fw_lasting_rules {
    fw_time lasts;   /* the first rung of the ladder; the others are 4, 8 and 12 times that */
    uint64_t often;  /* sessions in an hour; 0: they are not counted */
    const char *app; /* as the register of users calls it */
    uint64_t shared; /* sources with such sessions into one network, which make it a service; 0: not asked */
};

/* The shape of the table, but for name and key_of. */
struct fw_keyed_shape fw_lasting_shape(void);
struct fw_lasting_key fw_lasting_key(const struct fw_event *ev);
/* An event that is the detector's business. */
void fw_lasting_observe(struct fw_det *det, const struct fw_event *ev, const struct fw_lasting_rules *rules,
                        const struct fw_sink *sink);
/* Time has passed. */
void fw_lasting_advance(struct fw_det *det, fw_time now, const struct fw_lasting_rules *rules,
                        const struct fw_sink *sink);
/* "10.1.2.3 has had a session open to 192.0.2.1 on tcp/443 for 4 h". */
void fw_lasting_describe(const struct fw_det *det, const struct fw_lasting *lasting, const char *service,
                         struct fw_description *out);

#endif
