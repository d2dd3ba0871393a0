/* timing.h: what time each event is of: devices whose clocks are wrong, time that jumps, lines that are late.
 *
 * Events go in as they were read and come out, in the same order, with the time
 * that windows count by. An event that is further from the present than
 * FW_CLOCK_STEP is a question: did nothing come for a while, was a clock set, or
 * is one device wrong? It waits, with those that agree with it, until the answer
 * is there: FW_HOLD_MAX lines of that time in a row (time jumped), or a line of
 * the present (the device is wrong). doc/time.md has the table of cases.
 *
 * Everything follows from the events alone, and from their order.
 */
#ifndef FW_TIMING_H
#define FW_TIMING_H

#include "clock.h"
#include "event.h"
#include "hold.h"
#include "sensor.h"
#include "site.h"

struct fw_timing_calls {
    /* An event with its time, late or not. */
    void (*event)(void *cookie, struct fw_event *ev);
    /* A clock was set: whatever is remembered of times later than `from` happened delta later. */
    void (*shift)(void *cookie, fw_time from, fw_time delta);
    /* What is read into this device's stamps was settled, or (offset 0) is no longer needed. */
    void (*corrected)(void *cookie, const struct fw_device *sensor);
};

struct fw_timing_stats {
    uint64_t late;
    uint64_t ahead;     /* far ahead of the present when they came */
    uint64_t corrected; /* events whose stamps were corrected */
    uint64_t held;      /* events that had to wait */
    uint64_t sensors_corrected;
    uint64_t jumps;
};

struct fw_timing {
    struct fw_clock clock;
    struct fw_sensors *sensors;
    struct fw_hold hold;
    const struct fw_site *site;
    uint32_t policy; /* counts the sites */
    /* the question; there is one while hold.count > 0 */
    fw_time lowest; /* of those that wait */
    bool back;      /* they are before the present */
    const struct fw_timing_calls *calls;
    void *cookie;
    struct fw_timing_stats stats;
};

int fw_timing_open(struct fw_timing *timing, const struct fw_seed *seed, const struct fw_timing_calls *calls,
                   void *cookie, const struct fw_mem *mem);
void fw_timing_close(struct fw_timing *timing, const struct fw_mem *mem);
void fw_timing_feed(struct fw_timing *timing, struct fw_event *ev);
/* The site tells the zones of devices; it has to stay until another one is told. */
void fw_timing_site(struct fw_timing *timing, const struct fw_site *site);
/* Nothing more comes, or not for long: those that wait go on with the time they say. */
void fw_timing_settle(struct fw_timing *timing);
void fw_timing_idle(struct fw_timing *timing, fw_time idle);
/* State, see state.h, apart from clock and devices, which have their own. */
bool fw_timing_save(const struct fw_timing *timing, struct fw_put *put, uint64_t *cursor);
int fw_timing_load(struct fw_timing *timing, struct fw_get *get);

#endif
