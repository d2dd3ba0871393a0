/* det_infection_chain.c: who infected whom (N5).
 *
 * Algorithm: a machine that was touched, and a little later does what infected machines do,
 * was infected by who touched it: OSSIM's directive 9 (begins within 30 minutes)
 * and the causality of worm graphs (Ellis et al.: A behavioral approach to worm
 * detection, 2004: a server becomes a client of the same service). Whoever
 * touched it comes into question with a weight; the share of the heaviest
 * in the sum says how sure it is, the others are named as rivals.
 *
 * Steps, which code and tests repeat:
 *   1. contacts: the last few sessions that a machine inside accepted, by source and service;
 *      those on services that worms use are kept rather than others;
 *   2. a machine inside has its first finding as a threat: its contacts are frozen
 *      as they were, as what comes now is answers to what it does;
 *   3. every contact within `window` before the first evidence against it has a
 *      weight: 1; times 4 on the service that the machine itself attacks now;
 *      times 4 from a source that is known to be infected; times 2 on a service worms use; times
 *      2 when it is no longer ago than a sixth of the window;
 *   4. who came by the very service may be the parent, and who is infected itself and
 *      came by a service that worms use; never one that descends from the machine;
 *   5. the heaviest has at least `share` percent of all weight: the finding opens, with parent,
 *      root, depth, lag and rivals. It is looked at again whenever the machine's
 *      findings have news: the parent may become known later than the child;
 *   6. depth counts from the root: a parent with a parent hands its root on.
 *
 * Memory: about 600 bytes a machine inside that accepts sessions; those that were touched
 * longest ago go first. What an attacker controls: from outside, who touches what:
 * he can add rivals (shares fall, and the finding with them) and push contacts
 * out on services that worms do not use. He cannot make an innocent machine a
 * parent without its touching the child on the very service.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"
#include "worm_ports.h"

enum param { P_HOLD, P_WINDOW, P_SHARE };

static const struct fw_param params[] = {
    [P_HOLD] = {"hold", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "design: as long as a story",
                "how long a machine is known as infected"},
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 86400, 1800, "OSSIM directive 9",
                  "from the contact to the first evidence against the machine, at most"},
    [P_SHARE] = {"share", FW_UNIT_PERCENT, 1, 100, 40, "design: more likely than any two others",
                 "of all weight that the parent must have"},
    {.name = NULL},
};

enum { CONTACTS = 8 };
enum { SAME_SERVICE = 4, INFECTED = 4, WORM_SERVICE = 2, RECENT = 2, RECENT_PART = 6 };
enum { DEPTH_MAX = 32, STAGES = 3 };

struct key {
    union fw_addr host;
};

struct touch {
    union fw_addr src;
    fw_time first, last;
    uint16_t dport;
    uint8_t proto;
    uint8_t worm; /* a service that worms use */
    uint8_t zero[4];
};

struct host {
    struct fw_matter matter;
    struct touch touches[CONTACTS];
    fw_time began; /* first evidence against it; 0: none */
    union fw_addr parent, root;
    fw_time lag;
    struct fw_rival rivals[FW_RIVALS_MAX];
    uint32_t rival_count;
    uint32_t count; /* of touches */
    uint32_t depth; /* 0: no parent */
    uint32_t share;
    uint16_t via; /* port of the contact */
    uint16_t service;
    uint8_t via_proto;
    uint8_t proto; /* what it attacks, of the first finding; 0: none */
    uint8_t zero[2];
    char what[FW_MEMBER_NAME]; /* detector of that */
};

_Static_assert(sizeof(struct host) <= FW_KEYED_VALUE_MAX, "a host is one value");

static struct host *find(const struct fw_det *det, const union fw_addr *addr) {
    struct key key;
    memset(&key, 0, sizeof key);
    key.host = *addr;
    struct host *host = fw_table_find(det->keyed.table, &key);
    if (host != NULL && host->count > CONTACTS) /* a state file said so */
        host->count = 0;
    return host;
}

/* Step 1. What was refused or not answered never reached it. */
static bool is_accepted(const struct fw_event *ev) {
    if (ev->reply || (ev->dst_roles & FW_ROLE_HOME) == 0 || fw_addr_is_group(&ev->dst))
        return false;
    if (ev->kind == FW_KIND_FLOW_END)
        return !fw_event_has(ev, FW_BIT(rcvd)) || ev->rcvd > 0;
    return ev->counts && !ev->ends_logged;
}

/* Of those on other services the oldest, then the oldest of all. */
static struct touch *make_room(struct host *host) {
    struct touch *worst = &host->touches[0];
    if (host->count < CONTACTS)
        return &host->touches[host->count++];
    for (uint32_t i = 1; i < CONTACTS; i++) {
        struct touch *one = &host->touches[i];
        if (one->worm < worst->worm || (one->worm == worst->worm && one->last < worst->last))
            worst = one;
    }
    return worst;
}

static void touch(struct host *host, const struct fw_event *ev) {
    const bool worm = fw_is_worm_port(ev->proto, ev->dport);
    for (uint32_t i = 0; i < host->count; i++) {
        struct touch *one = &host->touches[i];
        if (one->dport != ev->dport || one->proto != ev->proto || !fw_addr_equal(&one->src, &ev->src))
            continue;
        if (ev->time > one->last)
            one->last = ev->time;
        return;
    }
    struct touch *one = make_room(host);
    memset(one, 0, sizeof *one);
    one->src = ev->src;
    one->first = one->last = ev->time;
    one->dport = ev->dport;
    one->proto = ev->proto;
    one->worm = worm;
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *key) {
    (void)det;
    if (!is_accepted(ev))
        return false;
    memset(key, 0, sizeof(struct key));
    ((struct key *)key)->host = ev->dst;
    return true;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    if (!key_of(det, ev, &key))
        return;
    struct host *host = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (host == NULL)
        return;
    if (host->count > CONTACTS)
        host->count = 0;
    if (host->began != 0) /* step 2 */
        return;
    if (ev->time > host->matter.last)
        host->matter.last = ev->time;
    touch(host, ev);
}

/* When it touched, no later than the evidence; FW_TIME_NONE: not within the window before it. */
static fw_time touched(const struct fw_det *det, const struct host *host, const struct touch *one) {
    const fw_time at = one->last <= host->began ? one->last : one->first;
    const bool within = at <= host->began && host->began - at <= det->values[P_WINDOW] * FW_SECOND;
    return within ? at : FW_TIME_NONE;
}

/* Step 4: up the line of parents, is one of them that machine? */
static bool descends(const struct fw_det *det, const union fw_addr *from, const union fw_addr *machine) {
    union fw_addr at = *from;
    for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
        const struct host *host = find(det, &at);
        if (fw_addr_equal(&at, machine))
            return true;
        if (host == NULL || host->depth == 0)
            return false;
        at = host->parent;
    }
    return true; /* nobody is so deep: a ring */
}

struct suspect {
    const struct touch *touch;
    fw_time at;
    uint32_t weight;
    bool may; /* be the parent */
};

/* Step 3. */
static struct suspect weigh(const struct fw_det *det, const struct host *host, const struct touch *one,
                            const union fw_addr *machine) {
    struct suspect suspect = {.touch = one, .at = touched(det, host, one)};
    if (suspect.at == FW_TIME_NONE)
        return suspect;
    const bool same = host->proto != 0 && one->proto == host->proto && one->dport == host->service;
    const struct host *source = find(det, &one->src);
    const bool infected = source != NULL && source->began != 0 && source->began <= host->began;
    const bool recent = host->began - suspect.at <= det->values[P_WINDOW] * FW_SECOND / RECENT_PART;
    suspect.weight =
        (same ? SAME_SERVICE : 1) * (infected ? INFECTED : 1) * (one->worm ? WORM_SERVICE : 1) * (recent ? RECENT : 1);
    suspect.may = (same || (infected && one->worm)) && !descends(det, &one->src, machine);
    return suspect;
}

/* Heavier, then more recent, then the smaller address: the same in every run. */
static bool is_before(const struct suspect *a, const struct suspect *b) {
    if (a->may != b->may)
        return a->may;
    if (a->weight != b->weight)
        return a->weight > b->weight;
    if (a->at != b->at)
        return a->at > b->at;
    return memcmp(&a->touch->src, &b->touch->src, sizeof a->touch->src) < 0;
}

static size_t rank(const struct fw_det *det, const struct host *host, const union fw_addr *machine,
                   struct suspect ranked[CONTACTS], uint32_t *total) {
    size_t n = 0;
    *total = 0;
    for (uint32_t i = 0; i < host->count; i++) {
        const struct suspect one = weigh(det, host, &host->touches[i], machine);
        if (one.weight == 0)
            continue;
        size_t at = n++;
        *total += one.weight;
        for (; at > 0 && is_before(&one, &ranked[at - 1]); at--)
            ranked[at] = ranked[at - 1];
        ranked[at] = one;
    }
    return n;
}

/* Steps 5 and 6. */
static bool find_parent(const struct fw_det *det, struct host *host, const union fw_addr *machine) {
    struct suspect ranked[CONTACTS];
    uint32_t total;
    const size_t n = rank(det, host, machine, ranked, &total);
    if (n == 0 || !ranked[0].may || ranked[0].weight * 100 < total * (uint32_t)det->values[P_SHARE])
        return false;
    const struct host *parent = find(det, &ranked[0].touch->src);
    const bool handed_on = parent != NULL && parent->depth > 0;
    host->parent = ranked[0].touch->src;
    host->root = handed_on ? parent->root : host->parent;
    host->depth = handed_on && parent->depth < DEPTH_MAX ? parent->depth + 1 : 1;
    host->share = ranked[0].weight * 100 / total;
    host->lag = host->began - ranked[0].at;
    host->via = ranked[0].touch->dport;
    host->via_proto = ranked[0].touch->proto;
    host->rival_count = 0;
    for (size_t i = 1; i < n && host->rival_count < FW_RIVALS_MAX; i++)
        host->rivals[host->rival_count++] =
            (struct fw_rival){.parent = ranked[i].touch->src, .share = ranked[i].weight * 100 / total};
    return true;
}

static void say(struct fw_det *det, const struct fw_news *news, struct host *host, const struct fw_sink *sink) {
    host->matter.threshold = (uint64_t)det->values[P_SHARE];
    host->matter.start = host->began;
    struct fw_report report = {.subject = {.src = news->subject.src, .has_src = true, .proto = -1, .dport = -1},
                               .time = news->time,
                               .stage = host->depth < STAGES ? host->depth : STAGES,
                               .value = host->share};
    fw_keyed_report(&det->keyed, sink, &host->matter, &report);
}

static void heard(struct fw_det *det, const struct fw_news *news, const struct fw_sink *sink) {
    if (!news->subject.has_src || (news->src_roles & FW_ROLE_HOME) == 0 || news->ops->class != FW_CLASS_THREAT ||
        news->withdrawn)
        return;
    struct key key;
    memset(&key, 0, sizeof key);
    key.host = news->subject.src;
    struct host *host = fw_keyed_enter(&det->keyed, sink, &key, news->time);
    if (host == NULL)
        return;
    if (host->count > CONTACTS || host->rival_count > FW_RIVALS_MAX)
        host->count = host->rival_count = 0;
    if (host->began == 0) { /* step 2 */
        host->began = news->start > 0 ? news->start : 1;
        host->proto = news->subject.proto > 0 && news->subject.dport >= 0 ? (uint8_t)news->subject.proto : 0;
        host->service = (uint16_t)(news->subject.dport >= 0 ? news->subject.dport : 0);
        (void)snprintf(host->what, sizeof host->what, "%s", news->ops->name);
    }
    host->matter.events++;
    if (news->time > host->matter.last)
        host->matter.last = news->time;
    if (news->asset > host->matter.asset)
        host->matter.asset = (uint8_t)news->asset;
    if (host->depth == 0 && !find_parent(det, host, &key.host))
        return;
    say(det, news, host, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct host *host = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char child[FW_ADDR_TEXT_MAX], parent[FW_ADDR_TEXT_MAX], root[FW_ADDR_TEXT_MAX], service[24], lag[24], tree[96] = "";
    (void)fw_addr_format(&key->host, child);
    (void)fw_addr_format(&host->parent, parent);
    (void)fw_addr_format(&host->root, root);
    (void)fw_service_format(host->via_proto, host->via, service, sizeof service);
    (void)fw_span_format(host->lag, lag, sizeof lag);
    if (host->depth > 1)
        (void)snprintf(tree, sizeof tree, "; it began with %s, %u steps before", root, (unsigned)host->depth);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s was infected by %s over %s, %s before its first %.*s%s",
                   child, parent, service, lag, (int)sizeof host->what - 1, host->what, tree);
    out->measure = "share";
    out->value = host->share;
    out->window = det->values[P_WINDOW] * FW_SECOND;
    out->confidence = host->share > 95 ? 95 : host->share;
    out->lineage = (struct fw_lineage){.parent = host->parent,
                                       .root = host->root,
                                       .depth = host->depth,
                                       .share = host->share,
                                       .lag = host->lag,
                                       .proto = host->via_proto,
                                       .dport = host->via,
                                       .rival_count = host->rival_count};
    memcpy(out->lineage.rivals, host->rivals, sizeof host->rivals);
    out->evidence[0] = (struct fw_evidence){.time = host->began - host->lag,
                                            .dst = key->host,
                                            .has_dst = true,
                                            .dport = host->via,
                                            .action = FW_ACTION_ALLOW};
    out->evidence_count = 1;
    out->next_step =
        "Clean the root first, or the others are infected again; \"firewatch explain\" draws the tree. Close "
        "the service between them where nobody needs it.";
    (void)snprintf(out->key, sizeof out->key, "%s", child);
}

static void visit_times(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    struct host *host = value;
    visit(cookie, &host->began);
    for (size_t i = 0; i < CONTACTS; i++) {
        visit(cookie, &host->touches[i].first);
        visit(cookie, &host->touches[i].last);
    }
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "infection_chain",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct host),
                                         .visit_times = visit_times,
                                         .key_of = key_of,
                                         .table_pct = 100,
                                         .gate = false};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_infection_chain = {
    .name = "infection_chain",
    .title = "infection chain",
    .requirement = "N5",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1210",
    .technique_name = "Exploitation of Remote Services",
    .tactic = FW_TACTIC_LATERAL_MOVEMENT,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(rcvd),
    .params = params,
    .weight = 2,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .ask = fw_keyed_ask,
    .observe = observe,
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
