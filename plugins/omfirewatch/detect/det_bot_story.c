/* det_bot_story.c: what one machine inside did, put together into one finding (N7).
 *
 * Algorithm: a bot calls its master, scans, guesses, mails, floods; each of these
 * alone can have another reason. Two of different kinds by one machine within a day
 * are one story, as OSSIM's directives and BotHunter's dialogs do it (Gu et al.:
 * BotHunter, 2007: two or more different signs of a bot within its window). It is
 * told of the findings of the other detectors and knows none of them: what counts
 * is the kind of finding and ATT&CK's tactic.
 *
 * Steps, which code and tests repeat:
 *   1. only threats of a source inside;
 *   2. each detector counts once, whatever the number of its findings; but one more
 *      of them is told (a second victim of its floods), not more often than the
 *      register says; a finding that has news keeps the story alive, and one that turns out to be the same
 *      matter as another one is taken back;
 *   3. what was quiet for a window is no part of it any more, as long as nothing is
 *      open: an open story keeps all that belonged to it;
 *   4. two or more that are not all of the tactic Discovery (one who scans in
 *      several ways scans): it opens; each one more is a higher stage.
 * While it is open the findings it is made of are muted (registry.c), so there is
 * one message a machine.
 *
 * Memory: about 700 bytes a source inside that has a finding. What an attacker
 * controls: on a machine that he holds, what it does; others he cannot add to.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"

enum param { P_WINDOW, P_THRESHOLD };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "design: within 24 h",
                  "time within which what one machine did belongs together"},
    [P_THRESHOLD] = {"threshold", FW_UNIT_COUNT, 2, FW_MEMBERS_MAX, 2, "BotHunter: two signs of different kinds",
                     "kinds of findings of one machine"},
    {.name = NULL},
};

enum { STAGES = 4 };
enum { VERSION = 1 }; /* of struct story in the state */
enum { RAISE = 10 };  /* points of score: two signs that agree are worth more than the better of them */

struct key {
    union fw_addr src;
};

struct part {
    struct fw_member member;
    fw_time last;   /* news of it */
    uint64_t id;    /* of the latest of its findings */
    uint8_t tactic; /* enum fw_tactic; what came from a state file is only compared */
    uint8_t zero[7];
};

struct story {
    struct fw_matter matter;
    struct part parts[FW_MEMBERS_MAX]; /* by start */
    uint32_t count;
    uint32_t omitted; /* kinds beyond FW_MEMBERS_MAX */
    uint64_t told;    /* findings that were told as one more, and kinds: what the register compares */
};

_Static_assert(sizeof(struct story) <= FW_KEYED_VALUE_MAX, "a story is one value");

/* Step 3. */
static void forget(const struct fw_det *det, struct story *story, fw_time now) {
    uint32_t kept = 0;
    if (story->matter.handle != 0)
        return;
    for (uint32_t i = 0; i < story->count; i++)
        if (story->parts[i].last >= now - fw_keyed_window(det))
            story->parts[kept++] = story->parts[i];
    memset(story->parts + kept, 0, (FW_MEMBERS_MAX - kept) * sizeof *story->parts);
    story->count = kept;
}

/* What is the same matter as another finding is no sign of its own. */
static void withdraw(struct story *story, uint64_t id) {
    for (uint32_t i = 0; story->matter.handle == 0 && i < story->count; i++) {
        if (story->parts[i].member.id != id)
            continue;
        story->count--;
        memmove(story->parts + i, story->parts + i + 1, (story->count - i) * sizeof *story->parts);
        return;
    }
}

static void fill(struct part *part, const struct fw_news *news) {
    memset(part, 0, sizeof *part);
    (void)snprintf(part->member.name, sizeof part->member.name, "%s", news->ops->name);
    part->member.id = part->id = news->id;
    part->member.start = news->start;
    part->member.stage = news->stage;
    part->last = news->time;
    part->tactic = (uint8_t)news->ops->tactic;
}

/* Step 2. */
static void add(struct story *story, const struct fw_news *news) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < story->count; i++) {
        struct part *part = &story->parts[i];
        if (strncmp(part->member.name, news->ops->name, sizeof part->member.name - 1) != 0)
            continue;
        if (news->time > part->last)
            part->last = news->time;
        if (news->stage > part->member.stage)
            part->member.stage = news->stage;
        story->told += part->id != news->id;
        part->id = news->id;
        return;
    }
    if (story->count == FW_MEMBERS_MAX) {
        story->omitted++;
        return;
    }
    while (at < story->count && story->parts[at].member.start <= news->start)
        at++;
    memmove(story->parts + at + 1, story->parts + at, (story->count - at) * sizeof *story->parts);
    fill(&story->parts[at], news);
    story->count++;
    story->told++;
}

static bool is_more_than_discovery(const struct story *story) {
    for (uint32_t i = 0; i < story->count; i++)
        if (story->parts[i].tactic != FW_TACTIC_DISCOVERY)
            return true;
    return false;
}

/* Step 4. */
static void decide(struct fw_det *det, const struct fw_news *news, struct story *story, const struct fw_sink *sink) {
    const uint64_t threshold = (uint64_t)det->values[P_THRESHOLD];
    if (story->matter.handle == 0) {
        if (story->count < threshold || !is_more_than_discovery(story))
            return;
        story->matter.threshold = threshold;
        story->matter.start = story->parts[0].member.start;
    }
    const unsigned stage = story->count - 1 < STAGES ? story->count - 1 : STAGES;
    struct fw_report report = {.subject = {.src = news->subject.src, .has_src = true, .proto = -1, .dport = -1},
                               .time = news->time,
                               .stage = stage > 0 ? stage : 1,
                               .value = story->told};
    fw_keyed_report(&det->keyed, sink, &story->matter, &report);
}

static void heard(struct fw_det *det, const struct fw_news *news, const struct fw_sink *sink) {
    if (!news->subject.has_src || (news->src_roles & FW_ROLE_HOME) == 0 || news->ops->class != FW_CLASS_THREAT)
        return; /* step 1 */
    struct key key;
    memset(&key, 0, sizeof key);
    key.src = news->subject.src;
    struct story *story = fw_keyed_enter(&det->keyed, sink, &key, news->time);
    if (story == NULL)
        return;
    if (story->count > FW_MEMBERS_MAX) /* a state file said so */
        story->count = 0;
    forget(det, story, news->time);
    if (news->withdrawn) {
        withdraw(story, news->id);
        return;
    }
    story->matter.events++;
    if (news->time > story->matter.last)
        story->matter.last = news->time;
    if (news->asset > story->matter.asset)
        story->matter.asset = (uint8_t)news->asset;
    add(story, news);
    decide(det, news, story, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct story *story = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    const uint32_t count = story->count < FW_MEMBERS_MAX ? story->count : FW_MEMBERS_MAX;
    char src[FW_ADDR_TEXT_MAX], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_span_format(story->matter.last - story->matter.start, span, sizeof span);
    int n = snprintf(out->sentence, sizeof out->sentence, "%s shows %u signs of a bot in %s: ", src, count, span);
    for (uint32_t i = 0; i < count; i++) {
        struct fw_member *member = &out->members[i];
        *member = story->parts[i].member;
        member->name[sizeof member->name - 1] = '\0';
        if (n > 0 && (size_t)n < sizeof out->sentence)
            n += snprintf(out->sentence + n, sizeof out->sentence - (size_t)n, "%s%s", i > 0 ? ", " : "", member->name);
    }
    out->member_count = count;
    out->measure = "kinds of findings";
    out->value = story->count + (uint64_t)story->omitted;
    out->window = fw_keyed_window(det);
    out->confidence = 95;
    out->raise = RAISE;
    out->next_step =
        "Take the machine off the network; the members of this finding tell what it did and since when. Then "
        "look for the one it came from (infection_chain), and for others that talk to the same outside.";
}

static void visit_times(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    struct story *story = value;
    for (size_t i = 0; i < FW_MEMBERS_MAX; i++) {
        visit(cookie, &story->parts[i].member.start);
        visit(cookie, &story->parts[i].last);
    }
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "bot_story",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct story),
                                         .visit_times = visit_times,
                                         .table_pct = 100,
                                         .gate = false,
                                         .version = VERSION};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_bot_story = {
    .name = "bot_story",
    .title = "bot",
    .requirement = "N7",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1071",
    .technique_name = "Application Layer Protocol",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .heard = heard,
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
