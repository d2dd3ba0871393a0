/* sensor.c: see sensor.h. */
#include "sensor.h"

#include <string.h>

#include "clock.h"

struct fw_sensors {
    struct fw_mem mem;
    struct fw_seed seed;
    struct fw_table *table; /* number -> struct fw_device */
    struct fw_device *last; /* of the line before: most lines come from the same; NULL: none */
};

int fw_sensors_open(struct fw_sensors **sensors, const struct fw_seed *seed, const struct fw_mem *mem) {
    const struct fw_table_config table = {.key_size = sizeof(uint64_t),
                                          .value_size = sizeof(struct fw_device),
                                          .capacity = FW_SENSORS_MAX,
                                          .seed = *seed};
    struct fw_sensors *s = fw_mem_alloc(mem, 1, sizeof *s);

    *sensors = NULL;
    if (!s)
        return -1;
    s->mem = *mem;
    s->seed = *seed;
    if (fw_table_open(&s->table, &table, mem) != 0) {
        fw_sensors_close(&s);
        return -1;
    }
    *sensors = s;
    return 0;
}

void fw_sensors_close(struct fw_sensors **sensors) {
    struct fw_sensors *s = *sensors;

    if (!s)
        return;
    const struct fw_mem mem = s->mem;
    fw_table_close(&s->table);
    fw_mem_release(&mem, s);
    *sensors = NULL;
}

void fw_sensors_get_stats(const struct fw_sensors *sensors, struct fw_table_stats *stats) {
    fw_table_get_stats(sensors->table, stats);
}

static struct fw_device *admit(struct fw_sensors *s, uint64_t number, const struct fw_str *name) {
    bool fresh = false;
    struct fw_device *sensor = fw_table_admit(s->table, &number, 0, NULL, NULL, NULL, &fresh);

    if (!fresh)
        return sensor;
    sensor->number = number;
    sensor->last = sensor->since = FW_TIME_NONE;
    const size_t kept = name->len < FW_SENSOR_NAME_MAX ? name->len : FW_SENSOR_NAME_MAX;
    if (kept > 0)
        memcpy(sensor->name, name->p, kept);
    sensor->name_len = name->len <= FW_SENSOR_NAME_MAX ? (uint8_t)name->len : 0;
    return sensor;
}

static struct fw_str name_of(const struct fw_event *ev) {
    return fw_event_has(ev, FW_BIT(sensor)) ? ev->sensor : (struct fw_str){"", 0};
}

static bool is_last(const struct fw_sensors *s, const struct fw_str *name) {
    return s->last != NULL && s->last->name_len == name->len && name->len > 0 &&
           memcmp(s->last->name, name->p, name->len) == 0;
}

static uint64_t number_of(const struct fw_sensors *s, const struct fw_str *name) {
    return name->len > 0 ? fw_hash(&s->seed, name->p, name->len) : 0;
}

uint64_t fw_sensors_number(const struct fw_sensors *s, const struct fw_event *ev) {
    const struct fw_str name = name_of(ev);

    return is_last(s, &name) ? s->last->number : number_of(s, &name);
}

struct fw_device *fw_sensors_of(struct fw_sensors *s, struct fw_event *ev) {
    const struct fw_str name = name_of(ev);
    struct fw_device *last = s->last;

    if (!is_last(s, &name))
        last = s->last = admit(s, number_of(s, &name), &name);
    ev->sensor_number = last->number;
    return last;
}

/* The meaning that is of the present; where neither is, or both are, the first, until the device itself has been beyond
 * it: no clock goes back by the hour. */
static fw_time unfold(const struct fw_device *sensor, const struct fw_event *ev, fw_time now) {
    const fw_time first = ev->time < ev->time_fold ? ev->time : ev->time_fold;
    const fw_time second = ev->time < ev->time_fold ? ev->time_fold : ev->time;
    const fw_time heard = sensor->last != FW_TIME_NONE ? sensor->last - sensor->offset : FW_TIME_NONE;
    const bool first_is_now = now != FW_TIME_NONE && fw_clock_is_near(first + sensor->offset, now);

    if (first_is_now != (now != FW_TIME_NONE && fw_clock_is_near(second + sensor->offset, now)))
        return first_is_now ? first : second;
    return heard != FW_TIME_NONE && first < heard - FW_CLOCK_STEP ? second : first;
}

void fw_sensor_read(const struct fw_device *sensor, struct fw_event *ev, fw_time now) {
    if (ev->time_fold != 0)
        ev->time = unfold(sensor, ev, now);
    ev->time_fold = 0;
    ev->time += sensor->offset;
}

static void begin_watch(struct fw_device *sensor, fw_time now, fw_time wanted) {
    sensor->wanted = wanted;
    sensor->since = sensor->seen = now;
    sensor->lines = 1;
}

void fw_sensor_correct(struct fw_device *sensor, fw_time now, fw_time time) {
    sensor->offset += now - time;
    sensor->settled = false;
    begin_watch(sensor, now, 0);
}

void fw_sensor_trust(struct fw_device *sensor) {
    sensor->offset = 0;
    sensor->settled = sensor->draining = false;
    sensor->since = FW_TIME_NONE;
}

static fw_time rounded(fw_time offset) {
    const fw_time half = FW_SENSOR_ZONE / 2;
    const fw_time zone = (offset + (offset < 0 ? -half : half)) / FW_SENSOR_ZONE * FW_SENSOR_ZONE;

    return offset - zone <= FW_SENSOR_BAND && zone - offset <= FW_SENSOR_BAND ? zone : offset;
}

enum fw_sensor_news fw_sensor_watch(struct fw_device *sensor, fw_time now, fw_time time) {
    const fw_time wanted = now - time;

    if (sensor->since != FW_TIME_NONE &&
        now == sensor->seen) { /* nobody else spoke: there is nothing to compare with */
        sensor->lines++;
        return FW_SENSOR_NONE;
    }
    sensor->seen = now;
    if (sensor->since == FW_TIME_NONE || wanted - sensor->wanted > FW_SENSOR_BAND) { /* later than before: again */
        begin_watch(sensor, now, wanted);
        return FW_SENSOR_NONE;
    }
    if (sensor->wanted - wanted > FW_SENSOR_BAND) { /* it catches up */
        if (sensor->offset > 0 && !sensor->settled) {
            fw_sensor_trust(sensor);
            sensor->draining = true;
            return FW_SENSOR_DRAINS;
        }
        begin_watch(sensor, now, wanted);
        return FW_SENSOR_NONE;
    }
    sensor->lines++;
    if (sensor->lines < FW_SENSOR_LINES || now - sensor->since < FW_SENSOR_WATCH)
        return FW_SENSOR_NONE;
    sensor->offset = rounded(sensor->offset + sensor->wanted);
    sensor->settled = true;
    sensor->draining = false;
    sensor->since = FW_TIME_NONE;
    return FW_SENSOR_SETTLED;
}

/* ---- all of them ---- */

struct all {
    void (*tell)(void *cookie, const struct fw_device *sensor);
    void *cookie;
    fw_time from, delta, offset, now;
    unsigned for_it, others;
};

static bool shift_one(void *cookie, const void *key, void *value) {
    const struct all *all = cookie;
    struct fw_device *sensor = value;

    (void)key;
    if (sensor->last != FW_TIME_NONE && sensor->last > all->from)
        sensor->last += all->delta;
    if (sensor->since != FW_TIME_NONE && sensor->since > all->from) {
        sensor->since += all->delta;
        sensor->seen += all->delta;
    }
    return true;
}

void fw_sensors_shift(struct fw_sensors *s, fw_time from, fw_time delta) {
    struct all all = {.from = from, .delta = delta};

    fw_table_walk_oldest(s->table, shift_one, &all);
}

static bool count_one(void *cookie, const void *key, void *value) {
    struct all *all = cookie;
    const struct fw_device *sensor = value;
    const fw_time apart = sensor->offset - all->offset;

    (void)key;
    if (sensor->last == FW_TIME_NONE || all->now - sensor->last > FW_SENSOR_ACTIVE)
        return true;
    if (sensor->settled && apart <= FW_SENSOR_BAND && -apart <= FW_SENSOR_BAND)
        all->for_it++;
    else
        all->others++;
    return true;
}

fw_time fw_sensors_majority(struct fw_sensors *s, fw_time offset, fw_time now) {
    struct all all = {.offset = offset, .now = now};

    fw_table_walk_oldest(s->table, count_one, &all);
    return all.for_it > all.others ? offset : 0;
}

static bool anchor_one(void *cookie, const void *key, void *value) {
    const struct all *all = cookie;
    struct fw_device *sensor = value;
    const fw_time offset = sensor->offset + all->delta;

    (void)key;
    const bool none = offset <= FW_SENSOR_BAND && -offset <= FW_SENSOR_BAND;

    sensor->offset = none || offset > FW_TIME_MAX || offset < -FW_TIME_MAX ? 0 : offset;
    sensor->settled = sensor->offset != 0;
    sensor->since = FW_TIME_NONE;
    all->tell(all->cookie, sensor);
    return true;
}

void fw_sensors_anchor(struct fw_sensors *s, fw_time delta, void (*tell)(void *, const struct fw_device *),
                       void *cookie) {
    struct all all = {.delta = delta, .tell = tell, .cookie = cookie};

    fw_table_walk_oldest(s->table, anchor_one, &all);
}

/* ---- state ---- */

struct saving {
    struct fw_put *put;
    uint64_t *cursor;
    uint64_t at;
    bool all;
};

static bool save_one(void *cookie, const void *key, void *value) {
    struct saving *saving = cookie;
    const struct fw_device *sensor = value;

    (void)key;
    if (saving->at++ < *saving->cursor)
        return true;
    if (!fw_put_has_room(saving->put)) {
        saving->all = false;
        return false;
    }
    ++*saving->cursor;
    if (sensor->name_len == 0) /* without its name its number means nothing to the next engine */
        return true;
    fw_put_u64(saving->put, sensor->name_len);
    fw_put_bytes(saving->put, sensor->name, sensor->name_len);
    fw_put_u64(saving->put, (uint64_t)sensor->last);
    fw_put_u64(saving->put, (uint64_t)sensor->offset);
    fw_put_u64(saving->put, (uint64_t)sensor->wanted);
    fw_put_u64(saving->put, (uint64_t)sensor->since);
    fw_put_u64(saving->put, sensor->lines);
    fw_put_u64(saving->put, (uint64_t)sensor->settled | (uint64_t)sensor->draining << 1);
    return true;
}

/* From the least recently heard. Between two calls the order may change: a device may then be missed, or come twice,
 * which costs it no more than its watch. */
bool fw_sensors_save(const struct fw_sensors *s, struct fw_put *put, uint64_t *cursor) {
    struct saving saving = {.put = put, .cursor = cursor, .all = true};

    fw_table_walk_oldest(s->table, save_one, &saving);
    return saving.all;
}

static bool is_time(fw_time time) {
    return time == FW_TIME_NONE || (time >= -FW_TIME_MAX && time <= FW_TIME_MAX);
}

int fw_sensors_load(struct fw_sensors *s, struct fw_get *get) {
    while (fw_get_has_more(get)) {
        char text[FW_SENSOR_NAME_MAX];
        const uint64_t len = fw_get_u64(get);

        if (len == 0 || len > sizeof text)
            return -1;
        fw_get_bytes(get, text, (size_t)len);
        const fw_time last = (fw_time)fw_get_u64(get), offset = (fw_time)fw_get_u64(get);
        const fw_time wanted = (fw_time)fw_get_u64(get), since = (fw_time)fw_get_u64(get);
        const uint64_t lines = fw_get_u64(get), flags = fw_get_u64(get);

        if (get->failed || !is_time(last) || !is_time(offset) || offset == FW_TIME_NONE || !is_time(wanted) ||
            wanted == FW_TIME_NONE || !is_time(since) || lines > UINT32_MAX || flags > 3)
            return -1;
        const struct fw_str name = {text, (uint32_t)len};
        struct fw_device *sensor = admit(s, fw_hash(&s->seed, text, (size_t)len), &name);

        sensor->last = last;
        sensor->offset = offset;
        sensor->wanted = wanted;
        sensor->since = sensor->seen = since;
        sensor->lines = (uint32_t)lines;
        sensor->settled = flags & 1;
        sensor->draining = flags >> 1 & 1;
    }
    return get->failed ? -1 : 0;
}
