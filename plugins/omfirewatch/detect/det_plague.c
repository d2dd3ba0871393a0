/* det_plague.c: many machines inside search for others on one service (N3).
 *
 * Algorithm: OSSIM's correlation directive 5 (75 sources on one port in 180 s,
 * and three times what is usual at that hour), where a source counts when it
 * failed to reach 5 hosts on it. A site smaller than OSSIM's has no 75 machines:
 * the bar is a share of those seen, and at least 5. Machines inside are counted
 * by linear counting: Whang, Vander-Zanden, Taylor: A linear-time probabilistic
 * counting algorithm for database applications, 1990.
 *
 * Steps, which code and tests repeat:
 *   1. sources inside are counted, by the bits of two half days;
 *   2. attempts of theirs that failed, or whose outcome is unknown, count by source
 *      and service; what every program calls by itself is left out: when the line is
 *      down, all fail there. An answer takes the destination back;
 *   3. a source with 5 failed destinations within 180 s (20 where outcomes are
 *      unknown) belongs to the plague of that service;
 *   4. the bar: a share of the machines seen, between 5 and 75, or three times what
 *      the hour of the day has had on this service, whichever is more;
 *   5. over the bar it is reported; at 4 and 16 times the bar it is a higher stage.
 *
 * Memory: about 240 bytes a source and service, 36 bytes a failed destination, for
 * 180 s; as much for a service that had three sources at once, for two days; 1 KiB
 * for the machines. What an attacker controls: nothing from outside; made-up
 * sources inside raise the bar, and are themselves a plague.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../core/clock.h"
#include "fanout.h"

enum param {
    P_MEMORY,
    P_SPAN,
    P_DESTINATIONS,
    P_MOST,
    P_LEAST,
    P_SHARE,
    P_USUAL_FACTOR,
    P_UNKNOWN_FACTOR,
};

static const struct fw_param params[] = {
    [P_MEMORY] = {"memory", FW_UNIT_SECONDS, 86400, 7 * 86400, 2 * 86400, "an hour of the day comes again after one",
                  "how long it is remembered what is usual on a service"},
    [P_SPAN] = {"span", FW_UNIT_SECONDS, 30, 3600, 180, "OSSIM directive 5", "sliding window of all counts"},
    [P_DESTINATIONS] = {"destinations", FW_UNIT_COUNT, 2, 64, 5, "Prelude: 5 new targets",
                        "failed destinations that make a source one of many"},
    [P_MOST] = {"most", FW_UNIT_COUNT, 3, FW_DISTINCT_MAX, 75, "OSSIM directive 5",
                "sources that are a plague at any site"},
    [P_LEAST] = {"least", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 5, "design: 3 to 5 hosts",
                 "sources that are a plague at a small site"},
    [P_SHARE] = {"share", FW_UNIT_PERCENT, 1, 100, 10, "75 of a site of 750",
                 "of the machines inside that were seen in the last day, between least and most"},
    [P_USUAL_FACTOR] = {"usual_factor", FW_UNIT_COUNT, 1, 10, 3, "OSSIM directive 5",
                        "times what is usual on this service at that hour"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no outcome in the log",
                          "so many times more destinations when the log does not tell outcomes"},
    {.name = NULL},
};

enum { STAY = 3 };         /* sources at once that make a service worth remembering */
enum { HOURS = 24 };       /* of the day, in UTC */
enum { USUAL_WEIGHT = 4 }; /* a day counts a quarter, those before the rest */
#define QUIET     (15 * FW_MINUTE)
#define HALF_DAY  (12 * FW_HOUR)
#define SEEN_BITS 4032 /* linear counting tells 10,000 machines from 7,500; there, the bar is `most` long since */

/* Step 1. */
struct seen {
    fw_time began;
    uint64_t now[SEEN_BITS / 64];
    uint64_t before[SEEN_BITS / 64];
};
_Static_assert(sizeof(struct seen) <= FW_KEYED_EXTRA_MAX, "goes with the state");

enum form { SOURCE = 1, SERVICE };

struct key {
    union fw_addr src; /* SOURCE */
    uint16_t dport;
    uint8_t proto;
    uint8_t form;
    uint8_t unknown;
    uint8_t zero[3];
};
_Static_assert(sizeof(struct key) == 24, "keys are hashed by words");

/* Of a source and service: its failed destinations. Of a service: its sources. */
struct plague {
    struct fw_fanout fan;
    fw_time hour; /* whose peak it is */
    uint16_t peak;
    uint16_t stays; /* had STAY sources at once */
    uint16_t usual[HOURS];
};

static void note_source(struct fw_det *det, const struct fw_event *ev) {
    struct seen *seen = (struct seen *)(void *)det->extra;
    const uint64_t bit = fw_hash(&fw_seed_fixed, &ev->src, sizeof ev->src) % SEEN_BITS;
    const fw_time age = ev->time - seen->began;
    if (age > HALF_DAY || age < -HALF_DAY) {
        if (age > 0 && age <= 2 * HALF_DAY)
            memcpy(seen->before, seen->now, sizeof seen->before);
        else
            memset(seen->before, 0, sizeof seen->before);
        memset(seen->now, 0, sizeof seen->now);
        seen->began = ev->time;
    }
    seen->now[bit / 64] |= UINT64_C(1) << bit % 64;
}

static uint64_t machines(const struct fw_det *det) {
    const struct seen *seen = (const struct seen *)(const void *)det->extra;
    unsigned set = 0;
    for (size_t i = 0; i < SEEN_BITS / 64; i++)
        set += fw_bits_set(seen->now[i] | seen->before[i]);
    if (set == SEEN_BITS)
        set--;
    return (uint64_t)llround(-(double)SEEN_BITS * log(1.0 - (double)set / SEEN_BITS));
}

static fw_time span(const struct fw_det *det) {
    return det->values[P_SPAN] * FW_SECOND;
}

static unsigned hour_of_day(fw_time time) {
    return (unsigned)(time / FW_HOUR % HOURS);
}

/* What the hour that is over has had becomes part of what is usual. */
static void note_peak(struct plague *plague, fw_time time) {
    const fw_time hour = time - time % FW_HOUR;
    if (plague->hour != hour) {
        uint16_t *usual = &plague->usual[hour_of_day(plague->hour)];
        if (plague->hour != 0)
            *usual =
                (uint16_t)(*usual == 0 ? plague->peak : (*usual * (USUAL_WEIGHT - 1) + plague->peak) / USUAL_WEIGHT);
        plague->hour = hour;
        plague->peak = 0;
    }
    if (plague->fan.failed.count >= STAY)
        plague->stays = 1;
    if (plague->fan.matter.handle == 0 && plague->fan.failed.count > plague->peak)
        plague->peak = plague->fan.failed.count;
}

/* Step 4. */
static uint64_t bar(const struct fw_det *det, const struct plague *plague, fw_time time) {
    const uint64_t least = (uint64_t)det->values[P_LEAST], most = (uint64_t)det->values[P_MOST];
    const uint64_t usual = plague == NULL ? 0 : plague->usual[hour_of_day(time)];
    uint64_t threshold = machines(det) * (uint64_t)det->values[P_SHARE] / 100;
    if (threshold > most)
        threshold = most;
    if (threshold < least)
        threshold = least;
    if (threshold < usual * (uint64_t)det->values[P_USUAL_FACTOR])
        threshold = usual * (uint64_t)det->values[P_USUAL_FACTOR];
    return threshold < FW_DISTINCT_MAX ? threshold : FW_DISTINCT_MAX;
}

/* Step 5. */
static void decide(struct fw_det *det, const struct fw_event *ev, struct plague *plague, const struct fw_sink *sink) {
    struct fw_fanout *fan = &plague->fan;
    if (fan->matter.handle == 0 && (fan->failed.count < (uint64_t)det->values[P_LEAST] ||
                                    !fw_fanout_is_over(det, fan, bar(det, plague, ev->time))))
        return;
    const struct fw_subject subject = {.proto = ev->proto, .dport = ev->dport};
    fw_fanout_report(det, sink, fan, &subject, ev->time);
}

/* Step 2. NULL: no service, or one that every program calls. */
static bool is_left_out(const struct fw_event *ev) {
    return (ev->proto != FW_PROTO_TCP && ev->proto != FW_PROTO_UDP) || fw_attempt_is_common(ev) ||
           fw_attempt_is_like_reply(ev);
}

static void fill_key(struct key *key, const struct fw_event *ev, enum form form, bool unknown) {
    memset(key, 0, sizeof *key);
    if (form == SOURCE)
        key->src = ev->src;
    key->dport = ev->dport;
    key->proto = ev->proto;
    key->form = (uint8_t)form;
    key->unknown = unknown;
}

/* Step 3. The service's entry, or NULL: the source is none of many, or the first. */
static struct plague *join(struct fw_det *det, const struct fw_event *ev, bool unknown, const struct fw_sink *sink) {
    const uint64_t enough = (uint64_t)(det->values[P_DESTINATIONS] * (unknown ? det->values[P_UNKNOWN_FACTOR] : 1));
    struct key key;
    fill_key(&key, ev, SOURCE, unknown);
    const struct plague *source = fw_fanout_fail(det, sink, &key, ev, &ev->dst, span(det));
    if (source == NULL || source->fan.failed.count < enough)
        return NULL;
    fill_key(&key, ev, SERVICE, unknown);
    return fw_fanout_fail(det, sink, &key, ev, &ev->src, span(det));
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if ((ev->src_roles & FW_ROLE_HOME) == 0)
        return;
    note_source(det, ev);
    if (is_left_out(ev))
        return;
    const enum fw_attempt outcome = fw_attempt_judge(ev);
    if (outcome == FW_ATTEMPT_NONE)
        return;
    const bool unknown = outcome == FW_ATTEMPT_UNKNOWN;
    struct plague *plague = NULL;
    if (outcome == FW_ATTEMPT_ANSWERED) {
        struct key key;
        fill_key(&key, ev, SOURCE, false);
        (void)fw_fanout_answer(det, &key, &ev->dst);
    } else {
        plague = join(det, ev, unknown, sink);
    }
    if (plague != NULL) {
        note_peak(plague, ev->time);
        decide(det, ev, plague, sink);
    }
    if (fw_sink_asks(sink)) {
        const struct fw_subject subject = {.proto = ev->proto, .dport = ev->dport};
        const struct fw_reading reading =
            fw_fanout_reading(plague != NULL ? &plague->fan : NULL, &subject, FW_ATTEMPT_ANSWERED,
                              bar(det, plague, ev->time), "sources that search");
        fw_sink_tell(sink, &reading);
    }
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct plague *plague = entry;
    const struct fw_matter *matter = &plague->fan.matter;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char service[24];
    (void)fw_service_format(key->proto, key->dport, service, sizeof service);
    out->value = fw_distinct_magnitude(det->keyed.pool, &plague->fan.failed, &out->exact);
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    (void)snprintf(out->sentence, sizeof out->sentence, "%s%llu machines inside search for hosts on %s",
                   out->exact ? "" : "about ", (unsigned long long)out->value, service);
    out->measure = "sources";
    out->window = span(det);
    out->confidence = key->unknown ? 60 : 90;
    if (key->unknown)
        out->degraded[0] = "outcome";
    fw_keyed_degraded(&plague->fan.failed, out);
    out->next_step =
        "Something spreads. Close this service between your networks, take the machines in the evidence off "
        "the network, and look for the first of them: it is where it came in.";
    (void)snprintf(out->key, sizeof out->key, "%s%s", service, key->unknown ? "|outcome unknown" : "");
    fw_keyed_evidence(&det->keyed, &plague->fan.failed, matter->start, key->dport, out);
}

static fw_time quiet(const struct fw_det *det) {
    (void)det;
    return QUIET;
}

struct horizon {
    struct fw_det *det;
    fw_time now;
};

static void clear(struct fw_det *det, struct plague *plague) {
    fw_distinct_clear(det->keyed.pool, &plague->fan.failed);
    plague->fan.walk = 0;
}

/* Sources go after the span, services that stay after the memory: there are few of these to step over. */
static bool drop_if_old(void *cookie, const void *key, void *value) {
    const struct horizon *horizon = cookie;
    struct plague *plague = value;
    const struct fw_matter *matter = &plague->fan.matter;
    const fw_time last = matter->last > matter->heard ? matter->last : matter->heard;
    const bool stays = ((const struct key *)key)->form == SERVICE && plague->stays;
    const fw_time kept = stays ? horizon->det->values[P_MEMORY] * FW_SECOND : span(horizon->det);
    if (last >= horizon->now - kept && last <= horizon->now + FW_CLOCK_BEYOND)
        return stays;
    if (!matter->pinned) {
        clear(horizon->det, plague);
        fw_table_remove(horizon->det->keyed.table, value);
    }
    return true;
}

static void advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    (void)sink;
    if (now == FW_TIME_NONE)
        return;
    struct horizon horizon = {det, now};
    det->keyed.now = now;
    fw_table_walk_oldest(det->keyed.table, drop_if_old, &horizon);
}

/* What is usual on the service is kept. */
static void closed(struct fw_det *det, void *entry) {
    struct plague *plague = entry;
    if (plague->fan.matter.pinned)
        fw_table_unpin(det->keyed.table, plague);
    plague->fan.matter.pinned = 0;
    plague->fan.matter.handle = 0;
    clear(det, plague);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "plague",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct plague),
                                         .sets = {offsetof(struct plague, fan.failed)},
                                         .set_count = 1,
                                         .times = {offsetof(struct plague, hour)},
                                         .time_count = 1,
                                         .table_pct = 50,
                                         .gate = true,
                                         .extra = sizeof(struct seen)};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_plague = {
    .name = "plague",
    .title = "plague",
    .requirement = "N3",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1210",
    .technique_name = "Exploitation of Remote Services",
    .tactic = FW_TACTIC_LATERAL_MOVEMENT,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(sport) | FW_BIT(tcp_flags) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(reason),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner) | FW_ROLE_BIT(skype_user) | FW_ROLE_BIT(p2p_user),
    .params = params,
    .weight = 1,
    .quiet = quiet,
    .open = open_det,
    .observe = observe,
    .advance = advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
