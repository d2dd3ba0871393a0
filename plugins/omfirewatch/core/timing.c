/* timing.c: see timing.h.
 *
 * Decision, for each event:
 *   1. no calendar has this time: it is of the present;
 *   2. the first event sets the time;
 *   3. within FW_CLOCK_STEP of the present, as corrected or as stamped: an event of
 *      the present. It moves time, and it answers a question: those who waited
 *      have a wrong clock;
 *   4. before that, from a device whose stamps run on, or one that is known to
 *      hand over a backlog: late. It keeps its time, moves nothing and answers
 *      nothing. When it stays as late, its clock is wrong after all;
 *   5. else it is a question and waits. FW_HOLD_MAX of them are believed:
 *      a. ahead: nothing came for a while; or the clock that was set back is as it was;
 *      b. back: the clock was set, or is as it was before it jumped ahead. What is
 *         remembered moves with it, as no time has passed in truth; not so when
 *         nobody of those who say so was heard before: these are other logs;
 *   6. a question that a line of the present answers: the clock of each device
 *      that waits is wrong, and from now on its stamps are corrected so that they
 *      go on from the present. But when the same device answers, what it sent
 *      from before the present was late. And when the present does not move at
 *      all while the one that waits runs on, time goes on with that one.
 */
#include "timing.h"

#include <string.h>

int fw_timing_open(struct fw_timing *timing, const struct fw_seed *seed, const struct fw_timing_calls *calls,
                   void *cookie, const struct fw_mem *mem) {
    memset(timing, 0, sizeof *timing);
    fw_clock_init(&timing->clock);
    timing->calls = calls;
    timing->cookie = cookie;
    if (fw_sensors_open(&timing->sensors, seed, mem) == 0 && fw_hold_open(&timing->hold, mem) == 0)
        return 0;
    fw_timing_close(timing, mem);
    return -1;
}

void fw_timing_close(struct fw_timing *timing, const struct fw_mem *mem) {
    fw_sensors_close(&timing->sensors);
    fw_hold_close(&timing->hold, mem);
}

static void deliver(struct fw_timing *t, struct fw_device *sensor, struct fw_event *ev) {
    sensor->last = ev->time;
    ev->late = ev->time < t->clock.watermark;
    t->stats.late += ev->late;
    t->stats.corrected += sensor->offset != 0;
    t->calls->event(t->cookie, ev);
}

/* Everybody's time moves by delta: no time passed. */
static void shift(struct fw_timing *t, fw_time from, fw_time delta) {
    fw_sensors_shift(t->sensors, from, delta);
    t->calls->shift(t->cookie, from, delta);
}

/* When most devices have to be corrected by the same, it is the others who are wrong: time itself is. */
static void vote(struct fw_timing *t, fw_time offset) {
    const fw_time common = fw_sensors_majority(t->sensors, offset, t->clock.greatest);

    if (common == 0)
        return;
    shift(t, FW_TIME_NONE, -common);
    fw_clock_jump(&t->clock, t->clock.greatest - common, FW_CLOCK_RETURN);
    fw_sensors_anchor(t->sensors, -common, t->calls->corrected, t->cookie);
}

/* One line of a device that is corrected or always late. */
static void watch(struct fw_timing *t, struct fw_device *sensor, fw_time time) {
    if (fw_sensor_watch(sensor, t->clock.greatest, time) != FW_SENSOR_SETTLED)
        return;
    t->stats.sensors_corrected++;
    t->calls->corrected(t->cookie, sensor);
    vote(t, sensor->offset);
}

static void deliver_present(struct fw_timing *t, struct fw_device *sensor, struct fw_event *ev) {
    const bool on_trial = sensor->offset != 0 && !sensor->settled;

    if (!on_trial)
        fw_clock_move(&t->clock, ev->time);
    const fw_time time = ev->time;
    deliver(t, sensor, ev);
    if (on_trial)
        watch(t, sensor, time);
    else if (sensor->offset == 0)
        sensor->since = FW_TIME_NONE;
}

static void deliver_late(struct fw_timing *t, struct fw_device *sensor, struct fw_event *ev) {
    const fw_time time = ev->time;

    deliver(t, sensor, ev);
    watch(t, sensor, time);
}

/* Time stands still since this device, which is ahead of it, is watched. */
static bool is_stopped(const struct fw_timing *t, const struct fw_device *sensor) {
    return sensor->offset < 0 && !sensor->settled && sensor->since == t->clock.greatest;
}

/* It said as many lines as settle a correction, without a leap: a clock that is stopped is no witness against it. A
 * backlog could look so from before the present, never from ahead of it. */
static bool ran_on_alone(const struct fw_timing *t, const struct fw_device *sensor, fw_time time) {
    return is_stopped(t, sensor) && sensor->lines >= FW_SENSOR_LINES && time > t->clock.greatest &&
           time - sensor->last <= FW_CLOCK_STEP;
}

/* Step 6. The device of an event that waited is corrected, unless that was done for one before it. */
static void deliver_corrected(struct fw_timing *t, struct fw_held *held) {
    struct fw_device *sensor = fw_sensors_of(t->sensors, &held->event);

    held->event.time = held->raw + sensor->offset;
    if (ran_on_alone(t, sensor, held->event.time)) {
        fw_clock_move(&t->clock, held->event.time);
    } else if (!fw_clock_is_near(held->event.time, t->clock.greatest)) {
        const uint32_t lines = is_stopped(t, sensor) ? sensor->lines : 0;
        fw_sensor_correct(sensor, t->clock.greatest, held->event.time);
        sensor->lines += lines;
        held->event.time = t->clock.greatest;
    }
    deliver_present(t, sensor, &held->event);
}

static void contradict(struct fw_timing *t, uint64_t by) {
    const unsigned count = t->hold.count;

    t->hold.count = 0;
    for (unsigned i = 0; i < count; i++) {
        struct fw_held *held = &t->hold.held[i];

        if (!t->back || held->sensor != by) {
            deliver_corrected(t, held);
            continue;
        }
        struct fw_device *sensor = fw_sensors_of(t->sensors, &held->event);
        const fw_time last = sensor->last;
        deliver(t, sensor, &held->event);
        sensor->last = last; /* its clock is right, this line only came round about */
    }
}

/* Step 5a. */
static void believe_ahead(struct fw_timing *t) {
    struct fw_clock *clock = &t->clock;

    if (clock->last == FW_CLOCK_BACK && fw_clock_is_near(t->lowest, clock->left + (clock->greatest - clock->landing))) {
        shift(t, FW_TIME_NONE, t->lowest - clock->greatest);
        fw_clock_jump(clock, t->lowest, FW_CLOCK_RETURN);
        return;
    }
    fw_clock_jump(clock, t->lowest, FW_CLOCK_SILENCE);
}

/* Step 5b. */
static void believe_back(struct fw_timing *t, bool known) {
    struct fw_clock *clock = &t->clock;

    /* without a jump there is no landing, and nothing to reckon with */
    if (clock->last == FW_CLOCK_SILENCE && t->lowest >= clock->left - FW_CLOCK_STEP &&
        t->lowest <= clock->left + (clock->greatest - clock->landing) + FW_CLOCK_STEP) {
        shift(t, clock->landing - 1, clock->left - clock->landing);
        fw_clock_jump(clock, t->lowest, FW_CLOCK_RETURN);
        return;
    }
    if (known)
        shift(t, FW_TIME_NONE, t->lowest - clock->greatest);
    fw_clock_jump(clock, t->lowest, known ? FW_CLOCK_BACK : FW_CLOCK_RETURN);
}

static void believe(struct fw_timing *t) {
    const unsigned count = t->hold.count;
    bool known = false;

    for (unsigned i = 0; i < count; i++)
        known |= t->hold.held[i].known;
    if (t->back)
        believe_back(t, known);
    else
        believe_ahead(t);
    t->hold.count = 0;
    for (unsigned i = 0; i < count; i++) {
        struct fw_held *held = &t->hold.held[i];
        struct fw_device *sensor = fw_sensors_of(t->sensors, &held->event);

        /* a device that was off with one line is so with those after it */
        if (held->off || held->raw + sensor->offset != held->event.time)
            deliver_corrected(t, held);
        else
            deliver_present(t, sensor, &held->event);
    }
}

/* Step 5. */
static void question(struct fw_timing *t, struct fw_device *sensor, struct fw_event *ev, bool back) {
    if (t->hold.count > 0 && (t->back != back || (back && ev->time < t->lowest - FW_CLOCK_STEP))) {
        contradict(t, sensor->number);
        sensor = fw_sensors_of(t->sensors, ev);
    }
    struct fw_held *held = fw_hold_put(&t->hold, ev);
    if (held == NULL) {
        fw_timing_settle(t);
        deliver(t, sensor, ev);
        return;
    }
    t->stats.held++;
    held->sensor = sensor->number;
    held->raw = ev->time - sensor->offset;
    held->known = sensor->last != FW_TIME_NONE;
    if (t->hold.count == 1) {
        t->back = back;
        t->lowest = ev->time;
    } else if (ev->time < t->lowest) {
        t->lowest = ev->time;
    }
    for (unsigned i = 0; i + 1 < t->hold.count && !back; i++) /* of those ahead the nearest is the likeliest */
        t->hold.held[i].off |= t->hold.held[i].event.time > ev->time + FW_CLOCK_STEP;
    if (t->hold.count == FW_HOLD_MAX)
        believe(t);
}

/* Step 1. */
static bool is_possible(struct fw_timing *t, struct fw_event *ev) {
    if (ev->time >= 0 && ev->time <= FW_TIME_MAX)
        return true;
    if (t->clock.greatest == FW_TIME_NONE)
        return false;
    t->stats.ahead += ev->time > FW_TIME_MAX;
    ev->time = t->clock.greatest;
    ev->time_fold = 0;
    return false;
}

void fw_timing_site(struct fw_timing *t, const struct fw_site *site) {
    t->site = site;
    t->policy++;
}

/* A stamp without a zone, of a device whose zone the policy knows. An hour with one offset is remembered. */
static void read_zone(struct fw_timing *t, struct fw_device *sensor, struct fw_event *ev) {
    const fw_time local = ev->time_local, hour = local - local % FW_HOUR;

    if (sensor->zone_policy != t->policy) {
        sensor->zone_policy = t->policy;
        sensor->zone_hour = 0;
        sensor->zone = fw_event_has(ev, FW_BIT(sensor)) ? fw_site_sensor_zone(t->site, &ev->sensor) : NULL;
    }
    if (sensor->zone == NULL)
        return;
    if (sensor->zone_hour != hour) {
        fw_time first_again, last_again;
        const fw_time first = fw_zone_to_utc(sensor->zone, hour, &first_again);
        const fw_time last = fw_zone_to_utc(sensor->zone, hour + FW_HOUR - 1, &last_again);

        if (first != first_again || last != last_again || last - first != FW_HOUR - 1) {
            ev->time = fw_zone_to_utc(sensor->zone, local, &ev->time_fold);
            if (ev->time_fold == ev->time)
                ev->time_fold = 0;
            return;
        }
        sensor->zone_hour = hour;
        sensor->zone_offset = first - hour;
    }
    ev->time = local + sensor->zone_offset;
    ev->time_fold = 0;
}

/* Its stamp stands as it is. */
static void trust_again(struct fw_timing *t, struct fw_device *sensor, struct fw_event *ev) {
    const bool told = sensor->settled;

    ev->time -= sensor->offset;
    fw_sensor_trust(sensor);
    if (told)
        t->calls->corrected(t->cookie, sensor);
}

void fw_timing_feed(struct fw_timing *t, struct fw_event *ev) {
    struct fw_device *sensor = fw_sensors_of(t->sensors, ev);
    struct fw_clock *clock = &t->clock;

    if (ev->time_local != 0 && t->site != NULL && t->site->sensors_count > 0)
        read_zone(t, sensor, ev);
    if (!is_possible(t, ev)) { /* 1 */
        ev->late = false;
        t->calls->event(t->cookie, ev);
        return;
    }
    fw_sensor_read(sensor, ev, clock->greatest);
    if (ev->time < 0 || ev->time > FW_TIME_MAX) /* its clock was set, or began anew: nothing is known of it */
        trust_again(t, sensor, ev);
    if (clock->greatest == FW_TIME_NONE) { /* 2 */
        deliver_present(t, sensor, ev);
        return;
    }
    const fw_time now = clock->greatest;
    if (sensor->offset != 0 && !fw_clock_is_near(ev->time, now) && fw_clock_is_near(ev->time - sensor->offset, now))
        trust_again(t, sensor, ev);
    if (fw_clock_is_near(ev->time, now)) { /* 3 */
        if (t->hold.count > 0) {
            const fw_time offset = sensor->offset;
            contradict(t, sensor->number);
            sensor = fw_sensors_of(t->sensors, ev);
            if (sensor->offset != offset &&
                offset == 0) /* it corrected itself: a few lines were wrong, not its clock */
                fw_sensor_trust(sensor);
        }
        if (sensor->draining && sensor->offset == 0)
            sensor->draining = false;
        deliver_present(t, sensor, ev);
        return;
    }
    const bool back = ev->time < now;
    t->stats.ahead += !back;
    if (back && sensor->last != FW_TIME_NONE && (sensor->draining || ev->time >= sensor->last - FW_CLOCK_STEP))
        deliver_late(t, sensor, ev); /* 4 */
    else
        question(t, sensor, ev, back); /* 5 */
}

void fw_timing_settle(struct fw_timing *t) {
    const unsigned count = t->hold.count;

    t->hold.count = 0;
    for (unsigned i = 0; i < count; i++)
        deliver(t, fw_sensors_of(t->sensors, &t->hold.held[i].event), &t->hold.held[i].event);
}

void fw_timing_idle(struct fw_timing *t, fw_time idle) {
    fw_timing_settle(t);
    fw_clock_idle(&t->clock, idle);
}

bool fw_timing_save(const struct fw_timing *t, struct fw_put *put, uint64_t *cursor) {
    fw_put_u64(put, (uint64_t)t->lowest);
    fw_put_u8(put, t->back);
    fw_put_u64(put, t->stats.late);
    fw_put_u64(put, t->stats.ahead);
    fw_put_u64(put, t->stats.corrected);
    fw_put_u64(put, t->stats.held);
    fw_put_u64(put, t->stats.sensors_corrected);
    fw_put_u64(put, t->stats.jumps);
    return fw_hold_save(&t->hold, put, cursor);
}

/* When events were held back and let go again while the state was written, fewer may be held than it takes to believe
 * them: never all. */
int fw_timing_load(struct fw_timing *t, struct fw_get *get) {
    t->lowest = fw_get_time(get);
    t->back = fw_get_u8(get) != 0;
    t->stats.late = fw_get_u64(get);
    t->stats.ahead = fw_get_u64(get);
    t->stats.corrected = fw_get_u64(get);
    t->stats.held = fw_get_u64(get);
    t->stats.sensors_corrected = fw_get_u64(get);
    t->stats.jumps = fw_get_u64(get);
    if (get->failed || fw_hold_load(&t->hold, get) != 0 || t->hold.count == FW_HOLD_MAX) {
        t->hold.count = 0;
        return -1;
    }
    return 0;
}
