/* clock.c: the watermark, told from the events alone (see clock.h).
 *
 * Invariants: watermark <= greatest; greatest is FW_TIME_NONE until the first
 * event; a candidate is more than FW_CLOCK_JUMP away from greatest.
 * Decision, for each event:
 *   1. no calendar has this time: ahead or late, nothing moves;
 *   2. the first event sets the time;
 *   3. within FW_CLOCK_JUMP of the greatest time: present time. It moves the
 *      greatest time, is late below the watermark, and speaks against a
 *      candidate, which makes us wary;
 *   4. further away it is a question. It speaks for the candidate when within
 *      FW_CLOCK_JUMP of it, else against it, and takes its place when nothing
 *      more speaks for that;
 *   5. the candidate is believed when another sensor or FW_CLOCK_AGREE events
 *      speak for it; while we are wary, when FW_CLOCK_LEAD more do than do not
 *      (the majority vote of Boyer and Moore, with a lead asked for);
 *   6. a jump back to the time that was left before makes us wary, too.
 * What an attacker controls: the number of lines, not their times.
 */
#include "clock.h"

#include <string.h>

void fw_clock_init(struct fw_clock *clock) {
    memset(clock, 0, sizeof *clock);
    clock->greatest = FW_TIME_NONE;
    clock->watermark = FW_TIME_NONE;
    clock->candidate = FW_TIME_NONE;
    clock->left = FW_TIME_NONE;
}

static void set_time(struct fw_clock *clock, fw_time time) {
    clock->greatest = time;
    clock->watermark = time - FW_CLOCK_LATENESS;
    clock->candidate = FW_TIME_NONE;
}

static bool is_near(fw_time a, fw_time b) {
    return a <= b + FW_CLOCK_JUMP && b <= a + FW_CLOCK_JUMP;
}

/* One event against the candidate, if there is one. False: nothing speaks for it any more. */
static bool contradict(struct fw_clock *clock) {
    if (clock->candidate != FW_TIME_NONE && --clock->candidate_events == 0)
        clock->candidate = FW_TIME_NONE;
    return clock->candidate != FW_TIME_NONE;
}

/* Steps 4 and 5. Returns true when the time in question is believed. */
static bool question(struct fw_clock *clock, uint64_t sensor, fw_time time) {
    if (clock->candidate == FW_TIME_NONE || !is_near(time, clock->candidate)) {
        if (contradict(clock))
            return false;
        clock->candidate = time;
        clock->candidate_sensor = sensor;
        clock->candidate_events = 1;
        return false;
    }
    if (time > clock->candidate)
        clock->candidate = time;
    clock->candidate_events++;
    if (clock->wary > 0)
        return clock->candidate_events >= FW_CLOCK_LEAD;
    return sensor != clock->candidate_sensor || clock->candidate_events >= FW_CLOCK_AGREE;
}

static void jump(struct fw_clock *clock) {
    if (clock->left != FW_TIME_NONE && is_near(clock->candidate, clock->left)) /* 6 */
        clock->wary = FW_CLOCK_WARY;
    clock->left = clock->greatest;
    clock->jumps++;
    set_time(clock, clock->candidate);
}

enum fw_clock_verdict fw_clock_observe(struct fw_clock *clock, uint64_t sensor, fw_time time) {
    if (time < 0 || time > FW_TIME_MAX) /* 1 */
        return time < 0 ? FW_CLOCK_LATE : FW_CLOCK_AHEAD;
    if (clock->greatest == FW_TIME_NONE) { /* 2 */
        set_time(clock, time);
        return FW_CLOCK_ON_TIME;
    }
    if (!is_near(time, clock->greatest)) { /* 4 */
        const bool ahead = time > clock->greatest;

        if (!question(clock, sensor, time))
            return ahead ? FW_CLOCK_AHEAD : FW_CLOCK_LATE;
        jump(clock); /* 5 */
        return time < clock->watermark ? FW_CLOCK_LATE : FW_CLOCK_ON_TIME;
    }
    if (clock->candidate != FW_TIME_NONE) { /* 3 */
        contradict(clock);
        clock->wary = FW_CLOCK_WARY;
    } else if (clock->wary > 0) {
        clock->wary--;
    }
    if (time > clock->greatest) {
        clock->greatest = time;
        if (clock->watermark < time - FW_CLOCK_LATENESS)
            clock->watermark = time - FW_CLOCK_LATENESS;
    }
    return time < clock->watermark ? FW_CLOCK_LATE : FW_CLOCK_ON_TIME;
}

/* The watermark runs with the time that was told, through the lateness and on:
 * so it stays that much behind what the devices' clocks show by then. */
void fw_clock_idle(struct fw_clock *clock, fw_time idle) {
    if (clock->greatest == FW_TIME_NONE || idle <= 0)
        return;
    clock->watermark = idle < FW_TIME_MAX - clock->watermark ? clock->watermark + idle : FW_TIME_MAX;
    if (clock->greatest < clock->watermark)
        clock->greatest = clock->watermark;
}

void fw_clock_save(const struct fw_clock *clock, struct fw_put *put) {
    fw_put_u64(put, (uint64_t)clock->greatest);
    fw_put_u64(put, (uint64_t)clock->watermark);
    fw_put_u64(put, (uint64_t)clock->candidate);
    fw_put_u64(put, clock->candidate_sensor);
    fw_put_u64(put, clock->candidate_events);
    fw_put_u64(put, clock->wary);
    fw_put_u64(put, (uint64_t)clock->left);
    fw_put_u64(put, clock->jumps);
}

static bool is_time(fw_time time) {
    return time == FW_TIME_NONE || (time >= 0 && time <= FW_TIME_MAX);
}

int fw_clock_load(struct fw_clock *clock, struct fw_get *get) {
    struct fw_clock loaded;

    loaded.greatest = (fw_time)fw_get_u64(get);
    loaded.watermark = (fw_time)fw_get_u64(get);
    loaded.candidate = (fw_time)fw_get_u64(get);
    loaded.candidate_sensor = fw_get_u64(get);
    loaded.candidate_events = (uint32_t)fw_get_u64(get);
    loaded.wary = (uint32_t)fw_get_u64(get);
    loaded.left = (fw_time)fw_get_u64(get);
    loaded.jumps = fw_get_u64(get);
    if (get->failed || !is_time(loaded.greatest) || !is_time(loaded.candidate) || !is_time(loaded.left) ||
        (loaded.greatest == FW_TIME_NONE) != (loaded.watermark == FW_TIME_NONE) ||
        (loaded.greatest != FW_TIME_NONE &&
         (loaded.watermark < -FW_CLOCK_LATENESS || loaded.watermark > loaded.greatest)) ||
        (loaded.candidate != FW_TIME_NONE && loaded.candidate_events == 0))
        return -1;
    *clock = loaded;
    return 0;
}
