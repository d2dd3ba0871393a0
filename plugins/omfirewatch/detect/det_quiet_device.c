/* det_quiet_device.c: a device that sent lines and does not any more (N1).
 *
 * Algorithm: what is not logged is not found, so a silent firewall is told. How long it
 * may be silent is learned from its own pauses.
 *
 * Steps, which code and tests repeat:
 *   1. each line ends a pause of its device; pauses are counted in a histogram whose
 *      steps double;
 *   2. a device is known after `learned` lines over an hour;
 *   3. silence is long when it exceeds `least`, `factor` times the pause that 99 in 100
 *      are below, and the second longest pause of the last weeks by a fifth: a site that
 *      sleeps at night is quiet every night, and is told of once;
 *   4. a device that is silent for long is told once, and again when it is back;
 *   5. when half of three or more devices fall silent within a minute, it is one notice:
 *      what they have in common is broken.
 * Time is that of the lines: when nobody sends, it is rsyslogd that says how long
 * nothing came, and a replay ends with its log. After a restart nobody counts as
 * silent for the time that firewatch was not there.
 * It finds nothing, it tells health (notice.h): no roles and exceptions are about it.
 *
 * Memory: about 380 bytes a device, as long as it is heard of within `window`. What an
 * attacker controls: nothing, unless he may send syslog; then names of devices.
 */
#include <stdio.h>
#include <string.h>

#include "../core/notice.h"
#include "../core/sensor.h"
#include "keyed.h"

enum param { P_WINDOW, P_LEAST, P_FACTOR, P_LEARNED };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 86400, 7776000, 1209600, "who is on leave for a fortnight is gone",
                  "a device not heard of for so long is forgotten"},
    [P_LEAST] = {"least", FW_UNIT_SECONDS, 60, 86400, 600, "design: nobody looks for less",
                 "silence shorter than this is never told"},
    [P_FACTOR] = {"factor", FW_UNIT_COUNT, 2, 100, 5, "design: five times the 99th percentile",
                  "times the pause that 99 in 100 are below"},
    [P_LEARNED] = {"learned", FW_UNIT_COUNT, 10, 1000000, 200, "two pauses beyond the 99th percentile",
                   "lines of a device before its silence is judged"},
    {.name = NULL},
};

#define STEPS        24 /* the last is 2^23 s, longer than any window */
#define LEARN_SPAN   FW_HOUR
#define LOOK_EVERY   FW_MINUTE /* devices that fall silent within this do so for one reason */
#define TOGETHER_MIN 3
#define NAMED_MAX    8          /* devices named in one notice */
#define NAME_KEPT    64         /* bytes */
#define HALVE_AT     (1u << 20) /* pauses counted, then all are halved: what was long ago fades */

struct key {
    uint64_t number;
};

struct device {
    struct fw_matter matter;
    fw_time began;
    fw_time last;            /* line */
    fw_time longest, second; /* pauses */
    fw_time longest_at;
    uint32_t pauses[STEPS];
    uint32_t counted;
    uint8_t silent; /* and told */
    uint8_t zero[3];
    char name[NAME_KEPT];
};

/* In extra memory. */
struct extra {
    fw_time looked;
    uint64_t restarted;
};

static struct extra *extra_of(struct fw_det *det) {
    return (struct extra *)(void *)det->extra;
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    (void)det;
    if (ev->sensor_number == 0) /* some events ahead it is not known yet */
        return false;
    ((struct key *)out)->number = ev->sensor_number;
    return true;
}

/* ---- step 1 ---- */

static unsigned step_of(fw_time pause) {
    unsigned step = 0;
    for (fw_time s = pause / FW_SECOND; s > 0 && step < STEPS - 1; s >>= 1)
        step++;
    return step;
}

static void count_pause(struct device *device, fw_time pause) {
    device->pauses[step_of(pause)]++;
    if (++device->counted >= HALVE_AT) {
        device->counted = 0;
        for (size_t i = 0; i < STEPS; i++)
            device->counted += device->pauses[i] /= 2;
    }
    if (pause >= device->longest) {
        device->second = device->longest;
        device->longest = pause;
        device->longest_at = device->last + pause;
    } else if (pause > device->second) {
        device->second = pause;
    }
}

/* ---- step 3 ---- */

/* The upper end of the step that the 99th percentile lies in. */
static fw_time p99(const struct device *device) {
    uint64_t below = 0;
    const uint64_t wanted = (uint64_t)device->counted * 99 / 100;
    for (unsigned i = 0; i < STEPS; i++) {
        below += device->pauses[i];
        if (below >= wanted)
            return ((fw_time)1 << i) * FW_SECOND;
    }
    return ((fw_time)1 << STEPS) * FW_SECOND;
}

static fw_time patience(const struct fw_det *det, const struct device *device) {
    fw_time most = det->values[P_LEAST] * FW_SECOND;
    const fw_time usual = p99(device) * det->values[P_FACTOR], night = device->second + device->second / 5;
    most = usual > most ? usual : most;
    return night > most ? night : most;
}

static bool is_known(const struct fw_det *det, const struct device *device) {
    return device->matter.events >= (uint64_t)det->values[P_LEARNED] && device->last - device->began >= LEARN_SPAN;
}

/* ---- step 4 ---- */

static const char *name_of(const struct device *device) {
    return device->name[0] != '\0' ? device->name : "A device without a name";
}

static void tell(const struct fw_sink *sink, const char *action, unsigned severity, fw_time time, const char *text,
                 const struct fw_notice_item *items, size_t count) {
    struct fw_notice notice = {
        .kind = FW_DOCUMENT_HEALTH, .action = action, .severity = severity, .time = time, .count = 0};
    (void)fw_text_append(notice.text, sizeof notice.text, 0, text, strlen(text));
    for (size_t i = 0; i < count; i++)
        fw_notice_add(&notice, items[i].name, items[i].value);
    fw_findings_notice(sink->findings, &notice);
}

static void tell_back(const struct device *device, fw_time time, fw_time pause, const struct fw_sink *sink) {
    char text[FW_SENTENCE_MAX], span[24];
    struct fw_notice_item item = {.value = (uint64_t)(pause / FW_SECOND)};
    (void)fw_span_format(pause, span, sizeof span);
    (void)snprintf(text, sizeof text, "%s is back: it sent nothing for %s.", name_of(device), span);
    memcpy(item.name, device->name, sizeof item.name);
    tell(sink, "device-back", 5, time, text, &item, device->name[0] != '\0');
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const struct key key = {.number = ev->sensor_number};
    struct device *device = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (device == NULL)
        return;
    if (device->matter.events++ == 0) {
        device->matter.start = device->matter.last = device->began = device->last = ev->time;
        if (fw_event_has(ev, FW_BIT(sensor)))
            (void)fw_text_append(device->name, sizeof device->name, 0, ev->sensor.p, ev->sensor.len);
    }
    if (ev->time <= device->last) /* late, or of the same moment */
        return;
    const fw_time pause = ev->time - device->last;
    count_pause(device, pause);
    if (device->silent)
        tell_back(device, ev->time, pause, sink);
    device->silent = 0;
    device->last = device->matter.last = ev->time;
}

/* ---- steps 4 and 5 ---- */

struct look {
    struct fw_det *det;
    fw_time now;
    bool restarted;
    size_t known;  /* devices that are judged, and were not silent before */
    size_t silent; /* of these, now */
    struct fw_notice_item named[NAMED_MAX];
    fw_time longest;
};

static bool look_at(void *cookie, const void *key, void *value) {
    struct look *look = cookie;
    struct device *device = value;
    (void)key;
    if (look->restarted && !device->silent && look->now > device->last)
        device->last = look->now; /* nobody listened */
    if (device->longest != 0 && look->now - device->longest_at > look->det->values[P_WINDOW] * FW_SECOND) {
        device->longest = device->second; /* long ago: the second one takes its place */
        device->longest_at = look->now;
    }
    if (device->silent || !is_known(look->det, device))
        return true;
    look->known++;
    const fw_time silence = look->now - device->last;
    if (silence <= patience(look->det, device))
        return true;
    device->silent = 1;
    if (look->silent < NAMED_MAX) {
        struct fw_notice_item *item = &look->named[look->silent];
        (void)snprintf(item->name, sizeof item->name, "%s", name_of(device));
        item->value = (uint64_t)(silence / FW_SECOND);
    }
    look->silent++;
    if (silence > look->longest)
        look->longest = silence;
    return true;
}

static void tell_silent(const struct look *look, const struct fw_sink *sink) {
    char text[FW_SENTENCE_MAX], span[24];
    const size_t named = look->silent < NAMED_MAX ? look->silent : NAMED_MAX;
    if (look->silent >= TOGETHER_MIN && look->silent * 2 >= look->known) {
        (void)fw_span_format(look->longest, span, sizeof span);
        (void)snprintf(text, sizeof text,
                       "%zu of %zu devices send nothing any more, one for %s. Look at what they have in common: the "
                       "network, a relay.",
                       look->silent, look->known, span);
        tell(sink, "device-quiet", 3, look->now, text, look->named, named);
        return;
    }
    for (size_t i = 0; i < named; i++) {
        (void)fw_span_format((fw_time)look->named[i].value * FW_SECOND, span, sizeof span);
        (void)snprintf(text, sizeof text,
                       "%s sends nothing any more, for %s now. Nothing is found in what it does not log.",
                       look->named[i].name, span);
        tell(sink, "device-quiet", 4, look->now, text, &look->named[i], 1);
    }
}

static void advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    struct extra *extra = extra_of(det);
    struct look look = {.det = det, .now = now, .restarted = extra->restarted != 0};
    fw_keyed_advance(det, now, sink);
    if (now == FW_TIME_NONE || (now >= extra->looked && now - extra->looked < LOOK_EVERY && !look.restarted))
        return;
    extra->looked = now;
    extra->restarted = 0;
    fw_table_walk_oldest(det->keyed.table, look_at, &look);
    tell_silent(&look, sink);
}

static void loaded(struct fw_det *det, const struct fw_sink *sink) {
    extra_of(det)->restarted = 1;
    fw_keyed_loaded(det, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    (void)det;
    (void)entry;
    out->measure = "seconds";
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    struct fw_keyed_shape shape = {
        .name = "quiet_device",
        .key_size = sizeof(struct key),
        .value_size = sizeof(struct device),
        .times = {offsetof(struct device, began), offsetof(struct device, last), offsetof(struct device, longest_at)},
        .time_count = 3,
        .table_pct = 100,
        .extra = sizeof(struct extra),
        .key_of = key_of};
    struct fw_detector_config own = *config;
    /* More devices than FW_SENSORS_MAX nobody tells apart. */
    const size_t most = FW_SENSORS_MAX * (sizeof(struct device) + 64);
    own.bytes = config->bytes < most ? config->bytes : most;
    return fw_keyed_open(out, &shape, &own, err, errlen);
}

const struct fw_detector_ops fw_det_quiet_device = {
    .name = "quiet_device",
    .title = "device that logs nothing any more",
    .requirement = "N1",
    .class = FW_CLASS_ANOMALY,
    .kinds = (1u << FW_KINDS) - 2, /* every kind there is */
    .needs = FW_BIT(sensor),

    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .observe = observe,
    .advance = advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = loaded,
    .close = fw_keyed_close,
};
