/* usage_state.c: how the register of users is written down and read again; see state.h.
 *
 * Guards are not written: they follow from the entries. What an attacker controls: of a forged file everything, so
 * names end, and times are such that one can reckon with them.
 */
#include <string.h>

#include "usage_inside.h"

static void save_entry(void *cookie, const void *value, struct fw_put *put) {
    const struct fw_usage *usage = cookie;
    struct fw_usage_entry copy = *(const struct fw_usage_entry *)value;
    memset(&copy.destinations, 0, sizeof copy.destinations); /* handles of this run */
    fw_put_bytes(put, &copy, sizeof copy);
    fw_distinct_save(usage->pool, &((const struct fw_usage_entry *)value)->destinations, put);
}

static bool is_time(fw_time time) {
    return time >= -FW_TIME_MAX && time <= FW_TIME_MAX;
}

static int load_entry(void *cookie, void *value, struct fw_get *get) {
    struct fw_usage *usage = cookie;
    struct fw_usage_entry *entry = value;
    fw_get_bytes(get, entry, sizeof *entry);
    memset(&entry->destinations, 0, sizeof entry->destinations);
    if (get->failed || !is_time(entry->first) || !is_time(entry->last) ||
        (entry->told != FW_TIME_NONE && !is_time(entry->told)))
        return -1;
    entry->group[sizeof entry->group - 1] = '\0';
    entry->version[sizeof entry->version - 1] = '\0';
    return fw_distinct_load(usage->pool, &entry->destinations, get);
}

static struct fw_table_owner owner_of(const struct fw_usage *usage) {
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): takes the const off without -Wcast-qual */
    return (struct fw_table_owner){.save = save_entry, .load = load_entry, .cookie = (void *)(uintptr_t)usage};
}

static void put_time(struct fw_put *put, fw_time time) {
    fw_put_u64(put, (uint64_t)time);
}

/* A time, or FW_TIME_NONE. */
static fw_time get_time(struct fw_get *get) {
    const fw_time time = (fw_time)fw_get_u64(get);
    if (time != FW_TIME_NONE && !is_time(time))
        get->failed = true;
    return get->failed ? FW_TIME_NONE : time;
}

/* Each buffer begins with what is one of all of it. */
bool fw_usage_save(const struct fw_usage *usage, struct fw_put *put, uint64_t *cursor) {
    const struct fw_table_owner owner = owner_of(usage);
    fw_put_u64(put, sizeof(struct fw_usage_entry));
    put_time(put, usage->listed);
    put_time(put, usage->since);
    put_time(put, usage->page);
    fw_put_u64(put, usage->telling);
    fw_put_bytes(put, &usage->told, sizeof usage->told);
    fw_put_u64(put, usage->counted);
    fw_distinct_pool_save(usage->pool, put);
    return fw_table_save(usage->table, &owner, put, cursor);
}

int fw_usage_load(struct fw_usage *usage, struct fw_get *get) {
    const struct fw_table_owner owner = owner_of(usage);
    if (fw_get_u64(get) != sizeof(struct fw_usage_entry))
        return -1;
    usage->listed = get_time(get);
    usage->since = get_time(get);
    usage->page = get_time(get);
    usage->telling = fw_get_u64(get);
    fw_get_bytes(get, &usage->told, sizeof usage->told);
    usage->told.app[sizeof usage->told.app - 1] = '\0';
    usage->counted = fw_get_u64(get);
    if (get->failed)
        return -1;
    fw_distinct_pool_load(usage->pool, get);
    return fw_table_load(usage->table, &owner, get);
}

/* A name that does not end, of a forged file, goes. */
static bool check_name(void *cookie, const void *key, void *value) {
    struct fw_usage *usage = cookie;
    const struct fw_usage_key *own = key;
    if (own->app[0] != '\0' && memchr(own->app, '\0', sizeof own->app) != NULL)
        return true;
    fw_distinct_clear(usage->pool, &((struct fw_usage_entry *)value)->destinations);
    fw_table_remove(usage->table, value);
    return true;
}

void fw_usage_loaded(struct fw_usage *usage) {
    fw_table_loaded(usage->table);
    fw_table_walk_oldest(usage->table, check_name, usage);
    fw_usage_guard_all(usage);
}
