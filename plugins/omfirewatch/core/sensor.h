/* sensor.h: the devices that send lines, and what is wrong with their clocks.
 *
 * Each device has an entry by a 64 bit seeded hash of its name: when it was last
 * heard, by its own stamps, and what is added to them. timing.c decides when a
 * device has to be corrected; here is the entry, and the watch that tells a wrong
 * clock from lines that only come late:
 *
 *   - what a clock is off by stays the same (within FW_SENSOR_BAND) for
 *     FW_SENSOR_LINES lines and FW_SENSOR_WATCH of the others' time: it is settled,
 *     rounded to FW_SENSOR_ZONE where it is that near (a wrong zone), and told;
 *   - a backlog runs faster than time does: it leaves the band by way of the
 *     future. Then nothing is corrected, its lines are late.
 *
 * Invariants: at most FW_SENSORS_MAX entries, the one not heard of for longest
 * goes first; a correction lies within FW_TIME_MAX.
 * Memory: about 200 bytes a device, at open. What an attacker controls: nothing,
 * unless he may send syslog; then names and stamps, of which each is bounded.
 */
#ifndef FW_SENSOR_H
#define FW_SENSOR_H

#include "event.h"
#include "mem.h"
#include "state.h"
#include "table.h"
#include "zone.h"

#define FW_SENSORS_MAX     1024             /* a large site has some hundred */
#define FW_SENSOR_NAME_MAX 63               /* bytes of a name that are kept to be told */
#define FW_SENSOR_LINES    32               /* that agree before a correction is settled */
#define FW_SENSOR_WATCH    (5 * FW_MINUTE)  /* as long as that: a backlog at 1.2 times the real speed is told apart */
#define FW_SENSOR_BAND     FW_MINUTE        /* relays and rare lines of the others make it jitter */
#define FW_SENSOR_ZONE     (15 * FW_MINUTE) /* zones differ by multiples of this */
#define FW_SENSOR_ACTIVE   FW_HOUR          /* whoever was heard within this has a say in what time it is */

struct fw_device {
    uint64_t number;
    fw_time last;   /* latest time, corrected; FW_TIME_NONE: not heard yet */
    fw_time offset; /* added to its stamps; 0: they are right as they are */
    /* the watch */
    fw_time wanted; /* what would have to be added besides */
    fw_time since;  /* time of the others when the watch began; FW_TIME_NONE: none runs */
    fw_time seen;   /* time of the others at its latest line: the band is looked at when they went on */
    uint32_t lines;
    /* its zone by the policy */
    const struct fw_zone *zone; /* NULL: none */
    uint32_t zone_policy;       /* of which policy that is; see fw_timing_site() */
    fw_time zone_hour;          /* local, in which there is one offset; 0: none known yet */
    fw_time zone_offset;
    bool settled;     /* the correction was watched for long enough */
    bool draining;    /* it hands over a backlog */
    uint8_t name_len; /* of the whole name, or 0: longer than is kept */
    char name[FW_SENSOR_NAME_MAX + 1];
};

enum fw_sensor_news { FW_SENSOR_NONE, FW_SENSOR_SETTLED, FW_SENSOR_DRAINS };

struct fw_sensors;

int fw_sensors_open(struct fw_sensors **sensors, const struct fw_seed *seed, const struct fw_mem *mem);
void fw_sensors_close(struct fw_sensors **sensors);
/* The device of an event; it gets its number. A line without a name is of a device without a name. Good until the next
 * call. */
struct fw_device *fw_sensors_of(struct fw_sensors *sensors, struct fw_event *ev);
/* The number that it will get, for which nothing is changed. */
uint64_t fw_sensors_number(const struct fw_sensors *sensors, const struct fw_event *ev);
void fw_sensors_get_stats(const struct fw_sensors *sensors, struct fw_table_stats *stats);

/* Gives the event its time: of two that a stamp can mean the one that fits, and corrected. */
void fw_sensor_read(const struct fw_device *sensor, struct fw_event *ev, fw_time now);
/* Its clock is wrong: what it calls `time` is now. The watch begins. */
void fw_sensor_correct(struct fw_device *sensor, fw_time now, fw_time time);
void fw_sensor_trust(struct fw_device *sensor);
/* One line of a device that is corrected, or whose lines are late all the time. */
enum fw_sensor_news fw_sensor_watch(struct fw_device *sensor, fw_time now, fw_time time);

/* All times later than `from` move by delta. */
void fw_sensors_shift(struct fw_sensors *sensors, fw_time from, fw_time delta);
/* What most of the devices heard lately have to be corrected by, 0 where there is no such majority. */
fw_time fw_sensors_majority(struct fw_sensors *sensors, fw_time offset, fw_time now);
/* The common time moves by delta, so everybody's correction does; tell gets each of them. */
void fw_sensors_anchor(struct fw_sensors *sensors, fw_time delta, void (*tell)(void *, const struct fw_device *),
                       void *cookie);

/* One record a device; see state.h. */
bool fw_sensors_save(const struct fw_sensors *sensors, struct fw_put *put, uint64_t *cursor);
int fw_sensors_load(struct fw_sensors *sensors, struct fw_get *get);

#endif
