/* det_break_in.c: several signs that one machine breaks into another one (N4).
 *
 * Algorithm: OSSIM's correlation of events on one pair: a scan, guessed
 * passwords and what an IDS reports mean more together than each of them. It is
 * told of the findings of the other detectors and knows none of them: what counts
 * is the kind of finding and ATT&CK's tactic.
 *
 * Steps, which code and tests repeat:
 *   1. only threats of one source; those that name a destination are of the pair,
 *      those that name none (a sweep) are of the source and count for all its pairs;
 *   2. each detector counts once a pair, for a window after its last news;
 *   3. two or more, of which at least one is of the pair and one more than
 *      discovery (a guess, an exploit, a signature): it opens; each one more is a
 *      higher stage.
 *
 * Memory: about 550 bytes a pair, and one a source. What an attacker controls: the source
 * address of what an IDS reports may be forged, so what is put together never counts
 * more than findings that exist.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"

enum param { P_WINDOW, P_THRESHOLD };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 300, 86400, 1800, "design: combination of two within 30 min",
                  "time within which signs on one pair belong together"},
    [P_THRESHOLD] = {"threshold", FW_UNIT_COUNT, 2, 8, 2, "design: combination of two",
                     "kinds of findings on one pair"},
    {.name = NULL},
};

enum { STAGES = 4, SIGNS_MAX = 6 /* there are few detectors that name pairs */ };
enum { RAISE = 10 };

struct key {
    union fw_addr src;
    union fw_addr dst; /* zero: what counts for all pairs of the source */
};

struct sign {
    struct fw_member member;
    fw_time last;
    int32_t dport;
    uint8_t tactic;
    uint8_t zero[3];
};

struct pair {
    struct fw_matter matter;
    struct sign signs[SIGNS_MAX];
    uint32_t count;
    uint32_t swept; /* signs of the source alone, at the last look */
};

_Static_assert(sizeof(struct pair) <= FW_KEYED_VALUE_MAX, "a pair is one value");

static void forget(const struct fw_det *det, struct pair *pair, fw_time now) {
    uint32_t kept = 0;
    if (pair->matter.handle != 0)
        return;
    for (uint32_t i = 0; i < pair->count; i++)
        if (pair->signs[i].last >= now - fw_keyed_window(det))
            pair->signs[kept++] = pair->signs[i];
    memset(pair->signs + kept, 0, (SIGNS_MAX - kept) * sizeof *pair->signs);
    pair->count = kept;
}

static bool is_named(const struct sign *sign, const char *name) {
    return strncmp(sign->member.name, name, sizeof sign->member.name - 1) == 0;
}

/* Step 2. */
static void add(struct pair *pair, const struct fw_news *news) {
    struct sign *sign = NULL;
    for (uint32_t i = 0; i < pair->count && sign == NULL; i++)
        if (is_named(&pair->signs[i], news->ops->name))
            sign = &pair->signs[i];
    if (sign == NULL) {
        if (pair->count == SIGNS_MAX)
            return;
        sign = &pair->signs[pair->count++];
        memset(sign, 0, sizeof *sign);
        (void)snprintf(sign->member.name, sizeof sign->member.name, "%s", news->ops->name);
        sign->member.id = news->id;
        sign->member.start = news->start;
        sign->dport = news->subject.dport;
        sign->tactic = (uint8_t)news->ops->tactic;
    }
    if (news->time > sign->last)
        sign->last = news->time;
    if (news->stage > sign->member.stage)
        sign->member.stage = news->stage;
}

static void withdraw(struct pair *pair, uint64_t id) {
    for (uint32_t i = 0; pair->matter.handle == 0 && i < pair->count; i++)
        if (pair->signs[i].member.id == id)
            pair->signs[i] = pair->signs[--pair->count];
}

static struct pair *take(struct fw_det *det, const struct fw_sink *sink, const struct fw_news *news, bool whole) {
    struct key key;
    memset(&key, 0, sizeof key);
    key.src = news->subject.src;
    if (!whole)
        key.dst = news->subject.dst;
    struct pair *pair = fw_keyed_enter(&det->keyed, sink, &key, news->time);
    if (pair == NULL)
        return NULL;
    if (pair->count > SIGNS_MAX) /* a state file said so */
        pair->count = 0;
    forget(det, pair, news->time);
    if (news->time > pair->matter.last)
        pair->matter.last = news->time;
    if (news->asset > pair->matter.asset)
        pair->matter.asset = (uint8_t)news->asset;
    return pair;
}

/* Step 3: what counts for all pairs of the source and is not of this pair already. */
static uint32_t count_swept(struct fw_det *det, const struct pair *pair, const struct fw_news *news) {
    struct key key;
    uint32_t n = 0;
    memset(&key, 0, sizeof key);
    key.src = news->subject.src;
    const struct pair *whole = fw_table_find(det->keyed.table, &key);
    for (uint32_t i = 0; whole != NULL && i < whole->count && i < SIGNS_MAX; i++) {
        bool known = whole->signs[i].last < news->time - fw_keyed_window(det);
        for (uint32_t k = 0; k < pair->count; k++)
            known = known || is_named(&pair->signs[k], whole->signs[i].member.name);
        n += !known;
    }
    return n;
}

static bool is_more_than_discovery(const struct pair *pair) {
    for (uint32_t i = 0; i < pair->count; i++)
        if (pair->signs[i].tactic != FW_TACTIC_DISCOVERY)
            return true;
    return false;
}

static void decide(struct fw_det *det, const struct fw_news *news, struct pair *pair, const struct fw_sink *sink) {
    const uint64_t threshold = (uint64_t)det->values[P_THRESHOLD];
    const uint32_t swept = count_swept(det, pair, news);
    if (swept > pair->swept || pair->matter.handle == 0)
        pair->swept = swept;
    const uint32_t signs = pair->count + pair->swept;
    if (pair->matter.handle == 0) {
        if (signs < threshold || !is_more_than_discovery(pair))
            return;
        pair->matter.threshold = threshold;
        pair->matter.start = news->start;
        for (uint32_t i = 0; i < pair->count; i++)
            if (pair->signs[i].member.start < pair->matter.start)
                pair->matter.start = pair->signs[i].member.start;
    }
    const unsigned stage = signs - 1 < STAGES ? signs - 1 : STAGES;
    struct fw_report report = {.subject = {.src = news->subject.src,
                                           .has_src = true,
                                           .dst = news->subject.dst,
                                           .has_dst = true,
                                           .proto = -1,
                                           .dport = -1},
                               .time = news->time,
                               .stage = stage > 0 ? stage : 1,
                               .value = signs};
    fw_keyed_report(&det->keyed, sink, &pair->matter, &report);
}

static void heard(struct fw_det *det, const struct fw_news *news, const struct fw_sink *sink) {
    if (!news->subject.has_src || news->ops->class != FW_CLASS_THREAT)
        return; /* step 1 */
    struct pair *pair = take(det, sink, news, !news->subject.has_dst);
    if (pair == NULL)
        return;
    if (news->withdrawn) {
        withdraw(pair, news->id);
        return;
    }
    pair->matter.events++;
    add(pair, news);
    if (news->subject.has_dst)
        decide(det, news, pair, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct pair *pair = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    const uint32_t count = pair->count < SIGNS_MAX ? pair->count : SIGNS_MAX;
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_addr_format(&key->dst, dst);
    (void)fw_span_format(pair->matter.last - pair->matter.start, span, sizeof span);
    int n = snprintf(out->sentence, sizeof out->sentence, "%s breaks into %s: ", src, dst);
    for (uint32_t i = 0; i < count; i++) {
        const struct sign *sign = &pair->signs[i];
        out->members[i] = sign->member;
        out->members[i].name[sizeof out->members[i].name - 1] = '\0';
        out->evidence[i] =
            (struct fw_evidence){.time = sign->member.start, .dst = key->dst, .has_dst = true, .dport = sign->dport};
        if (n > 0 && (size_t)n < sizeof out->sentence)
            n += snprintf(out->sentence + n, sizeof out->sentence - (size_t)n, "%s%s", i > 0 ? ", " : "",
                          out->members[i].name);
    }
    if (n > 0 && (size_t)n < sizeof out->sentence)
        (void)snprintf(out->sentence + n, sizeof out->sentence - (size_t)n, "%s in %s",
                       pair->swept > 0 ? " after a sweep" : "", span);
    out->member_count = count;
    out->evidence_count = count;
    out->measure = "kinds of findings";
    out->value = count + pair->swept;
    out->window = fw_keyed_window(det);
    out->confidence = 90;
    out->raise = RAISE;
    out->next_step = "Look at the destination first: log-ins, new processes and connections since the start of this "
                     "finding. Block the source; when it is inside, take it off the network as well.";
}

static void visit_times(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    struct pair *pair = value;
    for (size_t i = 0; i < SIGNS_MAX; i++) {
        visit(cookie, &pair->signs[i].member.start);
        visit(cookie, &pair->signs[i].last);
    }
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "break_in",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct pair),
                                         .visit_times = visit_times,
                                         .table_pct = 100,
                                         .gate = false};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_break_in = {
    .name = "break_in",
    .title = "break-in",
    .requirement = "N4",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1190",
    .technique_name = "Exploit Public-Facing Application",
    .tactic = FW_TACTIC_INITIAL_ACCESS,
    .guards = FW_ROLE_BIT(scanner),
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
