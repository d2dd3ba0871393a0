/* exception.c: see exception.h. */
#include "exception.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "notice.h"

#define CHECK_EVERY FW_MINUTE                 /* to look at all ends */
#define RANKED_MAX  (FW_NOTICE_ITEMS_MAX - 1) /* and one for the others */
#define NO_SLOT     UINT16_MAX
#define EXPIRED     1u /* flags of a slot: was reported */
#define UNUSED      2u
#define RULES       FW_DETECTORS_MAX /* all rules of the policy, behind the detectors */
#define HOLDERS     (RULES + 1)

struct slot {
    uint64_t id;
    fw_time since;  /* it counts; FW_TIME_NONE: no event has come yet */
    uint64_t total; /* held back */
    uint32_t flags;
    bool taken;
    uint64_t held[HOLDERS]; /* since the last summary */
};

struct fw_exceptions {
    const struct fw_mem *mem;
    const struct fw_site *site;
    fw_time summary;
    fw_time summarised; /* FW_TIME_NONE before the first event */
    fw_time checked;
    uint16_t slot_of[FW_ENTRIES_MAX];
    struct slot slots[FW_ENTRIES_MAX];
};

/* ---- life ---- */

int fw_exceptions_open(struct fw_exceptions **out, const struct fw_mem *mem) {
    struct fw_exceptions *e = fw_mem_alloc(mem, 1, sizeof *e);

    *out = e;
    if (!e)
        return -1;
    e->mem = mem;
    e->summarised = FW_TIME_NONE;
    e->checked = FW_TIME_NONE;
    e->summary = FW_SUMMARY_EVERY;
    return 0;
}

void fw_exceptions_close(struct fw_exceptions **out) {
    if (*out)
        fw_mem_release((*out)->mem, *out);
    *out = NULL;
}

static struct slot *find_slot(struct fw_exceptions *e, uint64_t id) {
    for (size_t i = 0; i < FW_ENTRIES_MAX; i++)
        if (e->slots[i].taken && e->slots[i].id == id)
            return &e->slots[i];
    return NULL;
}

static size_t count_entries(const struct fw_site *site) {
    if (!site)
        return 0;
    return site->entries_count < FW_ENTRIES_MAX ? site->entries_count : FW_ENTRIES_MAX;
}

/* Slots that no entry claims are free; then those without one get a free one: there are as many as entries. */
void fw_exceptions_policy(struct fw_exceptions *e, const struct fw_site *site, fw_time summary) {
    const size_t n = count_entries(site);
    bool kept[FW_ENTRIES_MAX] = {false};
    size_t next = 0;

    e->site = site;
    e->summary = summary > 0 ? summary : FW_SUMMARY_EVERY;
    e->checked = FW_TIME_NONE;
    for (size_t i = 0; i < n; i++) {
        const struct slot *slot = find_slot(e, site->entries[i]->id);

        e->slot_of[i] = slot ? (uint16_t)(slot - e->slots) : NO_SLOT;
        if (slot)
            kept[e->slot_of[i]] = true;
    }
    for (size_t i = 0; i < n; i++) {
        if (e->slot_of[i] != NO_SLOT)
            continue;
        while (kept[next])
            next++;
        kept[next] = true;
        e->slot_of[i] = (uint16_t)next;
        e->slots[next] = (struct slot){.id = site->entries[i]->id, .since = FW_TIME_NONE, .taken = true};
    }
    for (size_t i = 0; i < FW_ENTRIES_MAX; i++)
        e->slots[i].taken = kept[i];
}

uint64_t fw_exceptions_total(const struct fw_exceptions *e, size_t number) {
    return number < count_entries(e->site) ? e->slots[e->slot_of[number]].total : 0;
}

/* ---- events ---- */

static void count(struct fw_exceptions *e, const struct fw_entry *entry, size_t detector) {
    struct slot *slot = &e->slots[e->slot_of[entry->number]];

    slot->total++;
    slot->held[detector < RULES ? detector : RULES]++;
}

static bool port_matches(const struct fw_entry *entry, const struct fw_event *ev) {
    if (entry->ports_count == 0)
        return true;
    if (!fw_event_has(ev, FW_BIT(dport)))
        return false;
    for (size_t i = 0; i < entry->ports_count; i++) {
        const struct fw_ports *ports = &entry->ports[i];

        if (ev->dport >= ports->first && ev->dport <= ports->last &&
            (ports->proto < 0 || (fw_event_has(ev, FW_BIT(proto)) && ev->proto == ports->proto)))
            return true;
    }
    return false;
}

static bool is_from(const struct fw_entry *entry, size_t detector) {
    if (detector < RULES)
        return (entry->detectors >> detector & 1) != 0;
    const size_t rule = detector - RULES;

    return entry->rules && (entry->rules[rule / 64] >> rule % 64 & 1) != 0;
}

static bool destination_matches(const struct fw_entry *entry, const struct fw_event *ev) {
    return !entry->needs_destination ||
           (fw_event_has(ev, FW_BIT(dst)) && fw_netmap_lookup(&entry->destinations, &ev->dst) != 0);
}

/* The first of the list that keeps the event from that detector. */
static const struct fw_entry *held_by(struct fw_exceptions *e, const struct fw_link *list, const struct fw_event *ev,
                                      size_t detector) {
    for (; list; list = list->next) {
        const struct fw_entry *entry = list->entry;

        if (!is_from(entry, detector) || !port_matches(entry, ev) || !destination_matches(entry, ev) ||
            !fw_entry_holds(entry, ev->time))
            continue;
        count(e, entry, detector);
        return entry;
    }
    return NULL;
}

const struct fw_entry *fw_exceptions_hold(struct fw_exceptions *e, const struct fw_event *ev,
                                          const struct fw_place *src, const struct fw_place *dst, size_t detector) {
    const struct fw_entry *entry = held_by(e, src->sources, ev, detector);

    if (!entry)
        entry = held_by(e, dst->destinations, ev, detector);
    return entry ? entry : held_by(e, e->site->anywhere, ev, detector);
}

const struct fw_entry *fw_exceptions_guarded(struct fw_exceptions *e, const struct fw_event *ev, size_t detector,
                                             uint64_t guards) {
    for (const struct fw_link *one = fw_site_place(e->site, &ev->src)->given; one; one = one->next) {
        if ((one->entry->role & guards) == 0 || !fw_entry_holds(one->entry, ev->time))
            continue;
        count(e, one->entry, detector);
        return one->entry;
    }
    return NULL;
}

/* ---- what is said ---- */

struct ranked {
    const struct fw_entry *entry;
    size_t detector;
    uint64_t value;
};

struct ranking {
    struct ranked items[RANKED_MAX];
    size_t count;
    uint64_t total;
    uint64_t others;
    size_t entries; /* that held back anything */
};

/* In falling order; of equals the earlier in the policy is first. */
static void rank(struct ranking *ranking, struct ranked one) {
    size_t at = ranking->count;

    ranking->total += one.value;
    while (at > 0 && ranking->items[at - 1].value < one.value)
        at--;
    if (at == RANKED_MAX) {
        ranking->others += one.value;
        return;
    }
    if (ranking->count == RANKED_MAX)
        ranking->others += ranking->items[--ranking->count].value;
    memmove(&ranking->items[at + 1], &ranking->items[at], (ranking->count - at) * sizeof one);
    ranking->items[at] = one;
    ranking->count++;
}

static void collect(struct fw_exceptions *e, struct ranking *ranking) {
    for (size_t i = 0; i < count_entries(e->site); i++) {
        struct slot *slot = &e->slots[e->slot_of[i]];
        const uint64_t before = ranking->total;

        for (size_t d = 0; d < HOLDERS; d++)
            if (slot->held[d] > 0)
                rank(ranking, (struct ranked){e->site->entries[i], d, slot->held[d]});
        memset(slot->held, 0, sizeof slot->held);
        ranking->entries += ranking->total != before;
    }
}

static void summarise(struct fw_exceptions *e, fw_time now, const struct fw_detector *detectors,
                      struct fw_findings *findings) {
    struct fw_notice notice = {.kind = FW_DOCUMENT_SUMMARY, .action = "exceptions-held", .severity = 6, .time = now};
    struct ranking ranking = {.count = 0};
    char since[FW_TIME_TEXT];

    collect(e, &ranking);
    (void)fw_time_format(e->summarised, since);
    e->summarised = now;
    if (ranking.count == 0)
        return;
    for (size_t i = 0; i < ranking.count; i++) {
        char name[FW_NOTICE_NAME_MAX + FW_LABEL_MAX];

        const size_t holder = ranking.items[i].detector;

        (void)snprintf(name, sizeof name, "%s %s", holder == RULES ? "rules" : detectors[holder].ops->name,
                       ranking.items[i].entry->label);
        fw_notice_add(&notice, name, ranking.items[i].value);
    }
    if (ranking.others > 0)
        fw_notice_add(&notice, "others", ranking.others);
    (void)snprintf(notice.text, sizeof notice.text,
                   "exceptions: %" PRIu64 " event%s held back since %.16sZ by %zu of %zu; most by %s (%" PRIu64 ")",
                   ranking.total, ranking.total == 1 ? "" : "s", since, ranking.entries, count_entries(e->site),
                   ranking.items[0].entry->label, ranking.items[0].value);
    fw_findings_notice(findings, &notice);
}

/* Would anybody see a difference without it? */
static bool matters(const struct fw_entry *entry, const struct fw_detector *detectors, size_t n) {
    if (entry->rules)
        return true;
    for (size_t d = 0; d < n; d++)
        if (detectors[d].enabled &&
            (entry->role != 0 ? (detectors[d].ops->guards & entry->role) != 0 : (entry->detectors >> d & 1) != 0))
            return true;
    return false;
}

static void tell(struct fw_findings *findings, struct fw_notice *notice, size_t told, const char *first,
                 const char *what) {
    if (told == 0)
        return;
    if (told == 1)
        (void)snprintf(notice->text, sizeof notice->text, "exceptions: \"%s\" %s", first, what);
    else
        (void)snprintf(notice->text, sizeof notice->text, "exceptions: %zu, among them \"%s\": each %s", told, first,
                       what);
    fw_findings_notice(findings, notice);
}

static void check_ends(struct fw_exceptions *e, fw_time now, const struct fw_detector *detectors, size_t n,
                       struct fw_findings *findings) {
    struct fw_notice expired = {.kind = FW_DOCUMENT_HEALTH, .action = "exceptions-expired", .severity = 5, .time = now};
    struct fw_notice unused = {.kind = FW_DOCUMENT_HEALTH, .action = "exceptions-unused", .severity = 5, .time = now};
    const char *first_expired = "", *first_unused = "";
    size_t ended = 0, idle = 0;

    for (size_t i = 0; i < count_entries(e->site); i++) {
        const struct fw_entry *entry = e->site->entries[i];
        struct slot *slot = &e->slots[e->slot_of[i]];

        if (slot->since == FW_TIME_NONE || slot->since > now)
            slot->since = now;
        if (now >= entry->until) {
            if (slot->flags & EXPIRED)
                continue;
            slot->flags |= EXPIRED;
            first_expired = ended++ == 0 ? entry->label : first_expired;
            fw_notice_add(&expired, entry->label, slot->total);
        } else if (slot->total == 0 && now - slot->since >= FW_EXCEPTION_UNUSED && !(slot->flags & UNUSED) &&
                   matters(entry, detectors, n)) {
            slot->flags |= UNUSED;
            first_unused = idle++ == 0 ? entry->label : first_unused;
            fw_notice_add(&unused, entry->label, 0);
        }
    }
    tell(findings, &expired, ended, first_expired, "has reached its end; what it held back is looked at again");
    tell(findings, &unused, idle, first_unused, "has held back nothing for 7 days; is it still needed?");
}

void fw_exceptions_advance(struct fw_exceptions *e, fw_time now, const struct fw_detector *detectors, size_t n,
                           struct fw_findings *findings) {
    if (count_entries(e->site) == 0 || now < 0)
        return;
    if (e->summarised == FW_TIME_NONE || e->summarised > now + e->summary)
        e->summarised = now + FW_CLOCK_LATENESS; /* the event that says so */
    if (e->checked == FW_TIME_NONE || now < e->checked || now - e->checked >= CHECK_EVERY) {
        e->checked = now - now % CHECK_EVERY;
        check_ends(e, now, detectors, n, findings);
    }
    /* at round times, so that a restart changes nothing */
    if (now / e->summary > e->summarised / e->summary)
        summarise(e, now, detectors, findings);
}

static void shift(fw_time *time, fw_time from, fw_time delta) {
    if (*time != FW_TIME_NONE && *time > from)
        *time += delta;
}

void fw_exceptions_shift(struct fw_exceptions *e, fw_time from, fw_time delta) {
    shift(&e->summarised, from, delta);
    shift(&e->checked, from, delta);
    for (size_t i = 0; i < FW_ENTRIES_MAX; i++)
        shift(&e->slots[i].since, from, delta);
}

/* ---- state ---- */

static uint64_t name_hash(size_t detector) {
    const char *name = detector == RULES ? "rules" : fw_detectors[detector]->name;

    return fw_hash(&fw_seed_fixed, name, strlen(name));
}

static void save_slot(const struct slot *slot, struct fw_put *put) {
    uint64_t held = 0;

    for (size_t d = 0; d < HOLDERS; d++)
        held += slot->held[d] > 0;
    fw_put_u64(put, slot->id);
    fw_put_u64(put, (uint64_t)slot->since);
    fw_put_u64(put, slot->total);
    fw_put_u64(put, slot->flags);
    fw_put_u64(put, held);
    for (size_t d = 0; d < HOLDERS; d++) {
        if (slot->held[d] == 0)
            continue;
        fw_put_u64(put, name_hash(d));
        fw_put_u64(put, slot->held[d]);
    }
}

/* A buffer begins with the time of the last summary; *cursor is the next slot. */
bool fw_exceptions_save(const struct fw_exceptions *e, struct fw_put *put, uint64_t *cursor) {
    if (*cursor >= FW_ENTRIES_MAX || !fw_put_has_room(put))
        return *cursor >= FW_ENTRIES_MAX;
    fw_put_u64(put, (uint64_t)e->summarised);
    do { /* the time and a slot are a record */
        const struct slot *slot = &e->slots[(*cursor)++];

        if (slot->taken)
            save_slot(slot, put);
    } while (*cursor < FW_ENTRIES_MAX && fw_put_has_room(put));
    return *cursor >= FW_ENTRIES_MAX;
}

static int load_slot(struct fw_exceptions *e, struct fw_get *get) {
    struct slot read = {.id = fw_get_u64(get), .taken = true};

    read.since = (fw_time)fw_get_u64(get);
    read.total = fw_get_u64(get);
    read.flags = (uint32_t)fw_get_u64(get) & (EXPIRED | UNUSED);
    const uint64_t held = fw_get_u64(get);
    if (get->failed || held > HOLDERS || (read.since != FW_TIME_NONE && (read.since < 0 || read.since > FW_TIME_MAX)))
        return -1;
    for (uint64_t i = 0; i < held; i++) {
        const uint64_t name = fw_get_u64(get), value = fw_get_u64(get);

        if (name_hash(RULES) == name)
            read.held[RULES] = value;
        for (size_t d = 0; d < RULES && fw_detectors[d]; d++)
            if (name_hash(d) == name)
                read.held[d] = value;
    }
    struct slot *slot = find_slot(e, read.id);
    if (slot && !get->failed)
        *slot = read;
    return get->failed ? -1 : 0;
}

int fw_exceptions_load(struct fw_exceptions *e, struct fw_get *get) {
    const fw_time summarised = (fw_time)fw_get_u64(get);

    if (get->failed || (summarised != FW_TIME_NONE && (summarised < 0 || summarised > FW_TIME_MAX)))
        return -1;
    e->summarised = summarised;
    while (fw_get_has_more(get))
        if (load_slot(e, get) != 0)
            return -1;
    return 0;
}
