/* clock.h: what time it is, told from the events alone.
 *
 * The clock keeps the greatest believed event time and the watermark, which is
 * that less the allowed lateness. What to believe is decided in timing.c; here is
 * what follows from it. The wall clock is unknown, so a replay agrees with
 * production; a caller without traffic may say how long nothing came.
 *
 * After a jump ahead, windows and findings are not told the new time at once: a
 * clock that jumped often returns, and what had expired meanwhile would be lost.
 * They learn of it when it has run on for FW_CLOCK_CONFIRM of event time or
 * FW_CLOCK_CONFIRM_LINES lines.
 * Memory: one struct. An attacker controls no device clock, only the number of
 * lines.
 */
#ifndef FW_CLOCK_H
#define FW_CLOCK_H

#include "event.h"
#include "state.h"

#define FW_CLOCK_LATENESS      (30 * FW_SECOND) /* lines of several relays interleave within this */
#define FW_CLOCK_STEP          (5 * FW_MINUTE)  /* ordinary silence and ordinary skew; more is asked about */
#define FW_CLOCK_CONFIRM       (10 * FW_MINUTE) /* somebody who sets a clock wrong by hand sees it by then */
#define FW_CLOCK_CONFIRM_LINES 65536            /* of a device whose clock stands still in the future */

/* What lies this far beyond the watermark was put there by a clock that nobody believed. */
#define FW_CLOCK_BEYOND (2 * FW_HOUR)

enum fw_clock_jump { FW_CLOCK_NO_JUMP, FW_CLOCK_SILENCE, FW_CLOCK_BACK, FW_CLOCK_RETURN };

struct fw_clock {
    fw_time greatest; /* believed; FW_TIME_NONE before the first event */
    fw_time watermark;
    enum fw_clock_jump last; /* kind of the last jump; a return is the end of one */
    fw_time left;            /* the time before the last jump */
    fw_time landing;         /* and right after it */
    fw_time fence;           /* FW_TIME_NONE, or what windows and findings are told until the jump is confirmed */
    uint64_t fence_lines;    /* that came since */
    fw_time fence_ran;       /* time that ran on since, up to the last jump */
    uint64_t jumps;          /* believed so far, returns among them */
};

/* Of one present, as far as ordinary clocks agree. */
static inline bool fw_clock_is_near(fw_time a, fw_time b) {
    return a <= b + FW_CLOCK_STEP && b <= a + FW_CLOCK_STEP;
}

void fw_clock_init(struct fw_clock *clock);
/* A believed event: time moves up to it. */
void fw_clock_move(struct fw_clock *clock, fw_time time);
/* Time is `time` from now on, whichever way that is. */
void fw_clock_jump(struct fw_clock *clock, fw_time time, enum fw_clock_jump kind);
/* Nothing has come for `idle` ms beyond what was already told: time passes. */
void fw_clock_idle(struct fw_clock *clock, fw_time idle);
/* The time for windows and findings: the watermark, held back after a jump ahead. */
fw_time fw_clock_told(const struct fw_clock *clock);

/* One record; see state.h. */
bool fw_clock_save(const struct fw_clock *clock, struct fw_put *put, uint64_t *cursor);
int fw_clock_load(struct fw_clock *clock, struct fw_get *get);

#endif
