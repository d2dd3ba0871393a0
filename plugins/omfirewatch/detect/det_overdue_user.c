/* det_overdue_user.c: somebody goes on with an application after the policy's day for it (N9).
 *
 * Algorithm: the follow-up that N9 asks for: ask, watch, and if it goes on, treat
 * it as an unknown worm. The register of users (core/usage.h) knows the day and
 * tells each use after it, whoever recognised the application; from then on the
 * source has no role by it that would guard it.
 *
 * Steps, which code and tests repeat:
 *   1. a use after the day, of an application that was allowed or asked about;
 *   2. reported at once; each tenfold number of uses is a higher stage.
 *
 * Memory: about 200 bytes a source and application. What an attacker controls:
 * that he goes on.
 */
#include <stdio.h>
#include <string.h>

#include "user.h"

enum param { P_WINDOW };
enum { STAGES = 3 };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "a working day and the night after it",
                  "a finding is over after so long without a use"},
    {.name = NULL},
};

struct entry {
    struct fw_user_entry user; /* always first */
    fw_time day;
    uint64_t uses;
};

static unsigned stage_of(uint64_t uses) { /* step 2 */
    unsigned stage = 1;
    for (; uses >= 10 && stage < STAGES; uses /= 10)
        stage++;
    return stage;
}

static void overdue(struct fw_det *det, const struct fw_use *use, const struct fw_user *user,
                    const struct fw_sink *sink) {
    struct fw_user_key key;
    struct entry *entry;
    if (use->late)
        return;
    fw_user_key(&key, &use->src, use->app);
    entry = fw_keyed_enter(&det->keyed, sink, &key, use->time); /* step 1 */
    if (entry == NULL)
        return;
    struct fw_matter *matter = &entry->user.matter;
    if (matter->events == 0)
        matter->start = use->time;
    matter->events++;
    matter->threshold = 1;
    if (use->time > matter->last)
        matter->last = use->time;
    entry->day = user->until;
    entry->uses = user->after;
    entry->user.has_dst = use->has_dst;
    entry->user.dst = use->dst;
    memcpy(entry->user.version, user->version, sizeof entry->user.version);
    const unsigned stage = stage_of(matter->events);
    if (entry->user.value == 0 || stage > stage_of(entry->user.value))
        entry->user.value = matter->events;
    struct fw_report report = {.subject = {.src = use->src, .has_src = true, .proto = -1, .dport = -1},
                               .time = use->time,
                               .stage = stage,
                               .value = entry->user.value};
    fw_keyed_report(&det->keyed, sink, matter, &report);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct entry *entry = value;
    const struct fw_user_key *key = fw_table_key(det->keyed.table, value);
    const struct fw_app *app = fw_app_find(key->app);
    char src[FW_ADDR_TEXT_MAX], day[FW_TIME_TEXT];
    fw_user_sentence(det, &entry->user, out);
    (void)fw_addr_format(&key->src, src);
    (void)fw_time_format(entry->day - 1, day);
    (void)snprintf(out->sentence, sizeof out->sentence,
                   "%s goes on with %s, which was to end on %.10s: treat it as an unknown worm", src,
                   app != NULL ? app->title : key->app, day);
    out->value = entry->uses;
    out->window = fw_keyed_window(det);
    out->confidence = 80;
    out->next_step =
        "The user was given a day, and it goes on after it. Whatever it calls itself, treat the machine as "
        "infected by an unknown worm: take it off the network and look at it.";
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "overdue_user",
                                         .key_size = sizeof(struct fw_user_key),
                                         .value_size = sizeof(struct entry),
                                         .times = {offsetof(struct entry, day)},
                                         .time_count = 1,
                                         .table_pct = 100};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_overdue_user;
const struct fw_detector_ops fw_det_overdue_user = {
    .name = "overdue_user",
    .title = "application goes on after its date",
    .requirement = "N9",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1210",
    .technique_name = "Exploitation of Remote Services",
    .tactic = FW_TACTIC_LATERAL_MOVEMENT,
    .kinds = 0, /* it sees no events: the register tells it */
    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .overdue = overdue,
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
