/* stay.h: sessions that stay open, told while they last.
 *
 * An entry of a detector holds a few sessions that were opened and have not closed,
 * oldest first; whoever asks learns how long the oldest has been open. That needs a
 * device that logs both ends; of one that logs ends only, the end tells how long it
 * was.
 *
 * A session whose end got lost on its way (syslog over UDP) looks as if it were open
 * for ever. So of all sessions that were taken to be open for long, it is counted how
 * many ended at last; where most do not, openings are not believed any more and only
 * ends count.
 * Invariants: at most FW_STAY_MAX sessions an entry; of more the older ones stay, for
 * they are the long ones. All zero is nothing open.
 * Memory: 16 bytes a session. What an attacker controls: inside, how many he opens.
 */
#ifndef FW_STAY_H
#define FW_STAY_H

#include "keyed.h"

#define FW_STAY_MAX  4
#define FW_STAY_LOST (24 * FW_HOUR) /* no end after so long: it got lost */

struct fw_stay_session {
    fw_time since; /* 0: none */
    uint16_t sport;
    uint8_t told; /* it was reported while it was open */
    uint8_t zero[5];
};

struct fw_stay {
    struct fw_stay_session open[FW_STAY_MAX];
};

/* How far openings can be believed; goes into the detector's extra memory. */
struct fw_stay_trust {
    uint64_t told;  /* sessions reported while they were open */
    uint64_t ended; /* of these, whose end came */
};

/* A session opens: a start of a sensor that logs ends. */
void fw_stay_open(struct fw_stay *stay, const struct fw_event *ev);
/* It ends, or another line says how long it was. */
void fw_stay_close(struct fw_stay *stay, const struct fw_event *ev, struct fw_stay_trust *trust);
/* Since when the oldest is open that is not lost; 0: none is. */
fw_time fw_stay_since(const struct fw_stay *stay, fw_time now);
/* It is being reported as open. */
void fw_stay_tell(struct fw_stay *stay, struct fw_stay_trust *trust);
bool fw_stay_is_empty(const struct fw_stay *stay);
/* Are openings believed? */
bool fw_stay_trusts(const struct fw_stay_trust *trust);
/* For fw_keyed_shape.visit_times. */
void fw_stay_visit(struct fw_stay *stay, void (*visit)(void *cookie, fw_time *time), void *cookie);

#endif
