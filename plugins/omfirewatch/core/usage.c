/* usage.c: see usage.h. Uses, and the roles that they lend. */
#include <string.h>

#include "clock.h"
#include "json.h"
#include "site.h"
#include "usage_inside.h"

#define TABLE_PCT  60 /* of its memory: users; the rest is for destinations and guards */
#define GUARDS_PCT 10
#define SWEEP      FW_HOUR

static const uint64_t guard_roles[FW_USAGE_GUARDS] = {FW_ROLE_BIT(skype_user), FW_ROLE_BIT(p2p_user)};

/* ---- life ---- */

static void evict(void *cookie, const void *key, void *value) {
    struct fw_usage *usage = cookie;
    struct fw_usage_entry *entry = value;
    (void)key;
    fw_distinct_clear(usage->pool, &entry->destinations);
}

static int open_tables(struct fw_usage *usage) {
    const size_t bytes = usage->bytes > sizeof *usage ? usage->bytes - sizeof *usage : 0;
    struct fw_table_config users = {.key_size = sizeof(struct fw_usage_key),
                                    .value_size = sizeof(struct fw_usage_entry),
                                    .seed = usage->seed,
                                    .evict = evict,
                                    .cookie = usage};
    struct fw_table_config guards = {
        .key_size = sizeof(union fw_addr), .value_size = sizeof(struct fw_usage_guard), .seed = usage->seed};
    const struct fw_distinct_pool_config pool = {.bytes = bytes / 100 * (100 - TABLE_PCT - GUARDS_PCT),
                                                 .seed = usage->seed};
    fw_table_fit(&users, bytes / 100 * TABLE_PCT, false);
    fw_table_fit(&guards, bytes / 100 * GUARDS_PCT, false);
    if (fw_distinct_pool_open(&usage->pool, &pool, &usage->mem) != 0 ||
        fw_table_open(&usage->table, &users, &usage->mem) != 0)
        return -1;
    return fw_table_open(&usage->guards, &guards, &usage->mem);
}

int fw_usage_open(struct fw_usage **out, size_t bytes, const struct fw_seed *seed, const struct fw_mem *mem) {
    struct fw_usage *usage = fw_mem_alloc(mem, 1, sizeof *usage);
    *out = NULL;
    if (usage == NULL)
        return -1;
    usage->mem = *mem;
    usage->bytes = bytes;
    usage->seed = *seed;
    usage->interval = FW_USAGE_EVERY;
    usage->listed = usage->since = usage->swept = usage->page = FW_TIME_NONE;
    if (open_tables(usage) != 0) {
        fw_usage_close(&usage);
        return -1;
    }
    *out = usage;
    return 0;
}

void fw_usage_close(struct fw_usage **out) {
    struct fw_usage *usage = *out;
    if (usage == NULL)
        return;
    const struct fw_mem mem = usage->mem;
    fw_table_close(&usage->table);
    fw_table_close(&usage->guards);
    fw_distinct_pool_close(&usage->pool);
    fw_mem_release(&mem, usage);
    *out = NULL;
}

void fw_usage_listen(struct fw_usage *usage, fw_usage_overdue_fn overdue, void *cookie) {
    usage->overdue = overdue;
    usage->cookie = cookie;
}

/* ---- roles that are lent ---- */

/* Cheap, as every event asks: what looks like another source's bit only leads to a look-up. */
static size_t bit_of(const struct fw_usage *usage, const union fw_addr *src) {
    const uint64_t word =
        (src->q[0] ^ usage->seed.k[0]) * UINT64_C(0x9e3779b97f4a7c15) ^ (src->q[1] ^ usage->seed.k[1]);
    return (size_t)(word * UINT64_C(0xd6e8feb86659fd93) >> 48) % FW_USAGE_FILTER;
}

static void mark(struct fw_usage *usage, const union fw_addr *src) {
    const size_t bit = bit_of(usage, src);
    usage->filter[bit / 64] |= UINT64_C(1) << bit % 64;
}

uint64_t fw_usage_roles(struct fw_usage *usage, const union fw_addr *src, fw_time time) {
    if (usage->guarding == 0)
        return 0;
    const size_t bit = bit_of(usage, src);
    if ((usage->filter[bit / 64] >> bit % 64 & 1) == 0)
        return 0;
    const struct fw_usage_guard *guard = fw_table_find(usage->guards, src);
    uint64_t roles = 0;
    for (size_t i = 0; guard != NULL && i < FW_USAGE_GUARDS; i++)
        if (time < guard->until[i] && time >= guard->barred[i])
            roles |= guard_roles[i];
    return roles;
}

static enum fw_app_state judge(const struct fw_usage *usage, const struct fw_usage_key *key,
                               const struct fw_usage_entry *entry, fw_time time, fw_time *until) {
    const struct fw_app_rule *rules = usage->site != NULL ? usage->site->apps : NULL;
    return fw_app_judge(rules, rules != NULL ? usage->site->apps_count : 0, key->app, entry->group, &key->src, time,
                        until);
}

/* What the entry's last use says of its source. */
static void guard(struct fw_usage *usage, const struct fw_usage_key *key, const struct fw_usage_entry *entry) {
    fw_time day;
    if (entry->role == 0)
        return;
    const enum fw_app_state state = judge(usage, key, entry, entry->last, &day);
    const fw_time fresh = entry->last + FW_USE_FRESH;
    struct fw_usage_guard *guard = fw_table_admit(usage->guards, &key->src, 0, NULL, NULL, NULL, NULL);
    if (guard == NULL)
        return;
    mark(usage, &key->src);
    for (size_t i = 0; i < FW_USAGE_GUARDS; i++) {
        if ((entry->role & guard_roles[i]) == 0)
            continue;
        fw_time *end = state == FW_APP_OVERDUE ? &guard->barred[i] : &guard->until[i];
        const fw_time then = state == FW_APP_ALLOWED || state == FW_APP_ASKED ? (day < fresh ? day : fresh) : fresh;
        if (then > *end)
            *end = then;
    }
}

static bool guard_one(void *cookie, const void *key, void *value) {
    guard(cookie, key, value);
    return true;
}

static bool remove_one(void *cookie, const void *key, void *value) {
    (void)key;
    fw_table_remove(cookie, value);
    return true;
}

static void count_guards(struct fw_usage *usage) {
    struct fw_table_stats stats;
    fw_table_get_stats(usage->guards, &stats);
    usage->guarding = stats.held;
}

/* Made anew of all entries: the policy has changed, or they were loaded. */
void fw_usage_guard_all(struct fw_usage *usage) {
    fw_table_walk_oldest(usage->guards, remove_one, usage->guards);
    memset(usage->filter, 0, sizeof usage->filter);
    fw_table_walk_oldest(usage->table, guard_one, usage);
    count_guards(usage);
}

struct sweep {
    struct fw_usage *usage;
    fw_time now;
};

static bool sweep_one(void *cookie, const void *key, void *value) {
    const struct sweep *sweep = cookie;
    const struct fw_usage_guard *guard = value;
    bool over = true;
    for (size_t i = 0; i < FW_USAGE_GUARDS; i++)
        over = over && sweep->now >= guard->until[i] && sweep->now >= guard->barred[i];
    if (over)
        fw_table_remove(sweep->usage->guards, value);
    else
        mark(sweep->usage, key);
    return true;
}

static void sweep_guards(struct fw_usage *usage, fw_time now) {
    struct sweep sweep = {usage, now};
    if (usage->guarding == 0 || (usage->swept != FW_TIME_NONE && now >= usage->swept && now - usage->swept < SWEEP))
        return;
    usage->swept = now;
    memset(usage->filter, 0, sizeof usage->filter);
    fw_table_walk_oldest(usage->guards, sweep_one, &sweep);
    count_guards(usage);
}

void fw_usage_policy(struct fw_usage *usage, const struct fw_site *site, fw_time interval) {
    usage->site = site;
    usage->interval = interval > 0 ? interval : FW_USAGE_EVERY;
    fw_usage_guard_all(usage);
}

/* ---- uses ---- */

static bool key_of(struct fw_usage_key *key, const union fw_addr *src, const char *app) {
    const size_t len = strlen(app);
    memset(key, 0, sizeof *key);
    if (len == 0 || len >= sizeof key->app)
        return false;
    memcpy(key->app, app, len);
    key->src = *src;
    return true;
}

static const char *group_of(const struct fw_use *use) {
    const struct fw_app *app = use->group == NULL ? fw_app_find(use->app) : NULL;
    return use->group != NULL ? use->group : app != NULL ? app->group : "";
}

static void begin(struct fw_usage_entry *entry, const struct fw_use *use) {
    const char *group = group_of(use);
    entry->first = entry->last = use->time;
    entry->told = FW_TIME_NONE;
    entry->day = -1;
    memcpy(entry->group, group, strnlen(group, sizeof entry->group - 1));
}

static void count(struct fw_usage *usage, struct fw_usage_entry *entry, const struct fw_use *use) {
    const int64_t day = use->time / FW_DAY;
    usage->counted++;
    entry->events++;
    entry->listed_events++;
    entry->bytes += use->bytes;
    entry->listed_bytes += use->bytes;
    entry->role |= use->role;
    if (use->time < entry->first)
        entry->first = use->time;
    if (use->time > entry->last)
        entry->last = use->time;
    if (day > entry->day) {
        entry->day = day;
        entry->days++;
        fw_distinct_expire(usage->pool, &entry->destinations, use->time, FW_USE_FRESH);
    }
    if (use->version.len > 0)
        (void)fw_text_append(entry->version, sizeof entry->version, 0, use->version.p, use->version.len);
    if (use->has_dst && !use->late && entry->destinations.count < FW_USE_DESTINATIONS)
        (void)fw_distinct_add(usage->pool, &entry->destinations, &use->dst, use->time, FW_USE_FRESH, 0, NULL);
}

void fw_usage_view(const struct fw_usage *usage, const struct fw_usage_key *key, const struct fw_usage_entry *entry,
                   fw_time time, struct fw_user *user) {
    *user = (struct fw_user){.first = entry->first,
                             .last = entry->last,
                             .events = entry->events,
                             .bytes = entry->bytes,
                             .destinations = entry->destinations.count,
                             .days = entry->days,
                             .after = entry->after,
                             .role = entry->role};
    user->state = judge(usage, key, entry, time, &user->until);
    memcpy(user->version, entry->version, sizeof user->version);
}

/* absent: it had not been used for so long that its user is new again. */
static enum fw_use_news news_of(struct fw_usage_entry *entry, enum fw_app_state state, const struct fw_use *use,
                                bool absent) {
    const bool told = entry->told != FW_TIME_NONE && !absent;
    enum fw_use_news news = FW_USE_NOTHING;
    if (use->late)
        return FW_USE_NOTHING;
    if (state == FW_APP_UNKNOWN && !told)
        news = FW_USE_NEW;
    else if (state == FW_APP_FORBIDDEN && (!told || use->time - entry->told >= FW_USE_REMIND))
        news = FW_USE_FORBIDDEN;
    if (news != FW_USE_NOTHING)
        entry->told = use->time;
    return news;
}

enum fw_use_news fw_usage_use(struct fw_usage *usage, const struct fw_use *use, struct fw_user *user) {
    struct fw_usage_key key;
    struct fw_user own;
    bool fresh;
    struct fw_usage_entry *entry = NULL;
    if (user == NULL)
        user = &own;
    if (key_of(&key, &use->src, use->app))
        entry = fw_table_admit(usage->table, &key, use->time, NULL, NULL, NULL, &fresh);
    if (entry == NULL) {
        *user = (struct fw_user){.first = use->time, .last = use->time, .until = FW_TIME_MAX};
        return FW_USE_NOTHING;
    }
    if (fresh)
        begin(entry, use);
    const bool absent = use->time - entry->last > FW_USE_FRESH;
    count(usage, entry, use);
    fw_usage_view(usage, &key, entry, use->time, user);
    entry->after = user->state == FW_APP_OVERDUE ? entry->after + 1 : 0;
    user->after = entry->after;
    guard(usage, &key, entry);
    count_guards(usage);
    if (user->state == FW_APP_OVERDUE && usage->overdue != NULL)
        usage->overdue(usage->cookie, use, user);
    return news_of(entry, user->state, use, absent);
}

bool fw_usage_find(struct fw_usage *usage, const union fw_addr *src, const char *app, struct fw_user *user) {
    struct fw_usage_key key;
    const struct fw_usage_entry *entry = key_of(&key, src, app) ? fw_table_find(usage->table, &key) : NULL;
    if (entry != NULL)
        fw_usage_view(usage, &key, entry, entry->last, user);
    return entry != NULL;
}

struct search {
    struct fw_usage *usage;
    const union fw_addr *src;
    char (*apps)[FW_APP_MAX];
    struct fw_user *users;
    size_t count;
};

static bool find_one(void *cookie, const void *k, void *value) {
    struct search *search = cookie;
    const struct fw_usage_key *key = k;
    const struct fw_usage_entry *entry = value;
    size_t at = search->count;
    if (!fw_addr_equal(&key->src, search->src))
        return true;
    while (at > 0 && strcmp(search->apps[at - 1], key->app) > 0)
        at--;
    if (at == FW_USER_APPS_MAX)
        return true;
    search->count -= search->count == FW_USER_APPS_MAX;
    memmove(&search->apps[at + 1], &search->apps[at], (search->count - at) * sizeof *search->apps);
    memmove(&search->users[at + 1], &search->users[at], (search->count - at) * sizeof *search->users);
    memcpy(search->apps[at], key->app, sizeof key->app);
    fw_usage_view(search->usage, key, entry, entry->last, &search->users[at]);
    search->count++;
    return true;
}

size_t fw_usage_of(struct fw_usage *usage, const union fw_addr *src, char apps[FW_USER_APPS_MAX][FW_APP_MAX],
                   struct fw_user users[FW_USER_APPS_MAX]) {
    struct search search = {.usage = usage, .src = src, .apps = apps, .users = users};
    fw_table_walk_oldest(usage->table, find_one, &search);
    return search.count;
}

/* ---- time ---- */

void fw_usage_advance(struct fw_usage *usage, fw_time now, struct fw_findings *findings) {
    if (now < 0)
        return;
    sweep_guards(usage, now);
    fw_usage_list(usage, now, findings);
}

static void shift_time(fw_time *time, fw_time from, fw_time delta) {
    if (*time != FW_TIME_NONE && *time > from)
        *time += delta;
}

struct shift {
    struct fw_usage *usage;
    fw_time from, delta;
};

static bool shift_one(void *cookie, const void *key, void *value) {
    const struct shift *shift = cookie;
    struct fw_usage_entry *entry = value;
    (void)key;
    shift_time(&entry->first, shift->from, shift->delta);
    shift_time(&entry->last, shift->from, shift->delta);
    shift_time(&entry->told, shift->from, shift->delta);
    entry->day = entry->last / FW_DAY;
    fw_distinct_shift(shift->usage->pool, &entry->destinations, shift->from, shift->delta);
    return true;
}

void fw_usage_shift(struct fw_usage *usage, fw_time from, fw_time delta) {
    struct shift shift = {usage, from, delta};
    fw_table_walk_oldest(usage->table, shift_one, &shift);
    shift_time(&usage->swept, from, delta);
    shift_time(&usage->listed, from, delta);
    shift_time(&usage->since, from, delta);
    shift_time(&usage->page, from, delta);
    fw_usage_guard_all(usage);
}

void fw_usage_get_stats(const struct fw_usage *usage, struct fw_usage_stats *stats) {
    struct fw_distinct_pool_stats pool;
    fw_distinct_pool_get_stats(usage->pool, &pool);
    *stats = (struct fw_usage_stats){
        .counted = usage->counted, .guarding = usage->guarding, .forgotten = pool.forgotten, .bytes = usage->bytes};
    fw_table_get_stats(usage->table, &stats->table);
}
