/* clock.h: what time it is, told from the events alone.
 *
 * The watermark is the greatest believed event time less the allowed lateness.
 * It never goes back except by agreement, and no single bad device clock moves
 * it: an event more than FW_CLOCK_JUMP ahead is held as a candidate and
 * believed when another sensor agrees, or FW_CLOCK_AGREE events in a row do
 * without one event of the present time between them. The same holds for a
 * jump back.
 *
 * Where present events do come between, devices disagree for good: one in a
 * wrong time zone, or several, which then agree with each other. From the first
 * contradiction on the majority decides, by a lead of FW_CLOCK_LEAD lines, for
 * as long as contradictions come; the same once a jump was taken back. So time
 * settles where most lines are, and does not go back and forth.
 *
 * The wall clock is unknown here, so a replay agrees with production; a caller
 * without traffic may say how long nothing came.
 * Memory: one struct. An attacker controls no device clock, only the number of
 * lines.
 */
#ifndef FW_CLOCK_H
#define FW_CLOCK_H

#include "event.h"
#include "state.h"

#define FW_CLOCK_LATENESS (30 * FW_SECOND) /* lines of several relays interleave within this */
#define FW_CLOCK_JUMP     FW_HOUR          /* a quiet hour is ordinary, more is asked about */
#define FW_CLOCK_AGREE    16               /* lines in a row that move time alone */
#define FW_CLOCK_LEAD     4096  /* lines by which a majority wins: more than a relay sends of one device at once */
#define FW_CLOCK_WARY     65536 /* present lines without contradiction after which agreement is enough again */

/* What lies this far beyond the watermark was put there by a clock that nobody believed. */
#define FW_CLOCK_BEYOND (2 * FW_CLOCK_JUMP)

enum fw_clock_verdict { FW_CLOCK_ON_TIME, FW_CLOCK_LATE, FW_CLOCK_AHEAD };

struct fw_clock {
    fw_time greatest; /* believed; FW_TIME_NONE before the first event */
    fw_time watermark;
    fw_time candidate; /* FW_TIME_NONE or the jump under question */
    uint64_t candidate_sensor;
    uint32_t candidate_events; /* in favour, less those against */
    uint32_t wary;             /* lines for which only a majority decides */
    fw_time left;              /* the time before the last jump; FW_TIME_NONE: there was none */
    uint64_t jumps;            /* believed so far */
};

void fw_clock_init(struct fw_clock *clock);
/* sensor: any number that stands for the device. */
enum fw_clock_verdict fw_clock_observe(struct fw_clock *clock, uint64_t sensor, fw_time time);
/* Nothing has come for `idle` ms beyond what was already told: time passes. */
void fw_clock_idle(struct fw_clock *clock, fw_time idle);
/* State, see state.h; one record. */
void fw_clock_save(const struct fw_clock *clock, struct fw_put *put);
int fw_clock_load(struct fw_clock *clock, struct fw_get *get);

#endif
