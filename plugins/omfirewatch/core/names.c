/* names.c: see names.h. */
#include "names.h"

#include <string.h>

#include "site.h"

struct name {
    char text[FW_DOMAIN_MAX]; /* "": none */
    fw_time last;
    uint64_t seen;
};

struct entry {
    struct name names[FW_NAMES_KEPT];
};

struct fw_names {
    struct fw_mem mem;
    struct fw_table *table;
    size_t bytes;
};

int fw_names_open(struct fw_names **out, size_t bytes, const struct fw_seed *seed, const struct fw_mem *mem) {
    struct fw_table_config config = {
        .key_size = sizeof(union fw_addr), .value_size = sizeof(struct entry), .seed = *seed};
    struct fw_names *names = fw_mem_alloc(mem, 1, sizeof *names);
    *out = names;
    if (names == NULL)
        return -1;
    names->mem = *mem;
    names->bytes = bytes;
    fw_table_fit(&config, bytes, false);
    if (fw_table_open(&names->table, &config, mem) == 0)
        return 0;
    fw_names_close(out);
    return -1;
}

void fw_names_close(struct fw_names **out) {
    struct fw_names *names = *out;
    if (names == NULL)
        return;
    const struct fw_mem mem = names->mem;
    fw_table_close(&names->table);
    fw_mem_release(&mem, names);
    *out = NULL;
}

/* ---- what is said ---- */

static char fold(char c) {
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ? c : '\0';
}

/* A host name in the form in which it is kept; false: it is none, or it is an address. */
static bool read_name(const struct fw_str *given, char out[FW_DOMAIN_MAX]) {
    const char *p = given->p;
    uint32_t len = given->len, dots = 0, digits = 0;
    for (uint32_t i = 0; i < len; i++)
        if (p[i] == ':') { /* a port behind the name; two colons are an address */
            len = i;
            break;
        }
    if (len > 0 && p[len - 1] == '.')
        len--;
    while (len > FW_DOMAIN_MAX - 1) {
        uint32_t cut = 0;
        while (cut < len && p[cut] != '.')
            cut++;
        if (cut == len)
            return false;
        p += cut + 1;
        len -= cut + 1;
    }
    memset(out, 0, FW_DOMAIN_MAX);
    for (uint32_t i = 0; i < len; i++) {
        out[i] = fold(p[i]);
        if (out[i] == '\0')
            return false;
        dots += out[i] == '.';
        digits += out[i] >= '0' && out[i] <= '9';
    }
    return dots > 0 && dots + digits < len; /* "localhost" says nothing, 192.0.2.1 is no name */
}

/* Which address is called by which name? */
static bool find_both(const struct fw_event *ev, union fw_addr *addr, const struct fw_str **name) {
    if (ev->kind == FW_KIND_HTTP && fw_event_has(ev, FW_BIT(host) | FW_BIT(dst))) {
        if ((ev->dst_roles & (FW_ROLE_HOME | FW_ROLE_BIT(proxy) | FW_ROLE_BIT(web_cache))) != 0)
            return false;
        *addr = ev->dst;
        *name = &ev->host;
        return true;
    }
    if (ev->kind == FW_KIND_DNS && fw_event_has(ev, FW_BIT(query) | FW_BIT(answer))) {
        *addr = ev->answer;
        *name = &ev->query;
        return true;
    }
    return false;
}

/* Its place among the names of the address: it, a free one, or that of the one not seen for longest. */
static struct name *place_of(struct entry *entry, const char text[FW_DOMAIN_MAX]) {
    struct name *place = &entry->names[0];
    for (size_t i = 0; i < FW_NAMES_KEPT; i++) {
        struct name *one = &entry->names[i];
        if (memcmp(one->text, text, FW_DOMAIN_MAX) == 0)
            return one;
        if (one->text[0] == '\0' ? place->text[0] != '\0' : place->text[0] != '\0' && one->last < place->last)
            place = one;
    }
    memset(place, 0, sizeof *place);
    memcpy(place->text, text, FW_DOMAIN_MAX);
    return place;
}

void fw_names_learn(struct fw_names *names, const struct fw_event *ev) {
    union fw_addr addr;
    const struct fw_str *name;
    char text[FW_DOMAIN_MAX];
    if (ev->kind != FW_KIND_HTTP && ev->kind != FW_KIND_DNS)
        return;
    if (!find_both(ev, &addr, &name) || !read_name(name, text))
        return;
    struct entry *entry = fw_table_find(names->table, &addr);
    if (entry == NULL)
        entry = fw_table_admit(names->table, &addr, ev->time, NULL, NULL, NULL, NULL);
    if (entry == NULL)
        return;
    struct name *place = place_of(entry, text);
    place->seen++;
    if (ev->time > place->last)
        place->last = ev->time;
}

/* ---- what is asked ---- */

static bool goes_before(const struct name *a, const struct name *b) {
    if (a->seen != b->seen)
        return a->seen > b->seen;
    return a->last != b->last ? a->last > b->last : strcmp(a->text, b->text) < 0;
}

size_t fw_names_of(struct fw_names *names, const union fw_addr *addr, const char *out[FW_NAMES_KEPT]) {
    const struct entry *entry = fw_table_find(names->table, addr);
    const struct name *sorted[FW_NAMES_KEPT];
    size_t count = 0;
    for (size_t i = 0; entry != NULL && i < FW_NAMES_KEPT; i++) {
        const struct name *one = &entry->names[i];
        if (one->text[0] == '\0')
            continue;
        size_t at = count++;
        for (; at > 0 && goes_before(one, sorted[at - 1]); at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = one;
    }
    for (size_t i = 0; i < count; i++)
        out[i] = sorted[i]->text;
    return count;
}

void fw_names_get_stats(const struct fw_names *names, struct fw_table_stats *stats, size_t *bytes) {
    fw_table_get_stats(names->table, stats);
    *bytes = names->bytes;
}

/* ---- clocks that are set, and state ---- */

struct move {
    fw_time from, delta;
};

static bool move_entry(void *cookie, const void *key, void *value) {
    const struct move *move = cookie;
    struct entry *entry = value;
    (void)key;
    for (size_t i = 0; i < FW_NAMES_KEPT; i++)
        if (entry->names[i].last > move->from)
            entry->names[i].last += move->delta;
    return true;
}

void fw_names_shift(struct fw_names *names, fw_time from, fw_time delta) {
    struct move move = {from, delta};
    fw_table_walk_oldest(names->table, move_entry, &move);
}

static void save_entry(void *cookie, const void *value, struct fw_put *put) {
    const struct entry *entry = value;
    (void)cookie;
    for (size_t i = 0; i < FW_NAMES_KEPT; i++) {
        fw_put_text(put, entry->names[i].text);
        fw_put_u64(put, (uint64_t)entry->names[i].last);
        fw_put_u64(put, entry->names[i].seen);
    }
}

static int load_entry(void *cookie, void *value, struct fw_get *get) {
    struct entry *entry = value;
    (void)cookie;
    for (size_t i = 0; i < FW_NAMES_KEPT; i++) {
        struct name *one = &entry->names[i];
        char text[UINT8_MAX + 1];
        fw_get_text(get, text);
        one->last = fw_get_time(get);
        one->seen = fw_get_u64(get);
        const struct fw_str name = {text, (uint32_t)strlen(text)};
        if (get->failed || (text[0] != '\0' && !read_name(&name, one->text)))
            return -1;
    }
    return 0;
}

/* What saves changes nothing, what loads is given an object that may be changed: one table of functions serves both. */
static const struct fw_table_owner owner = {.save = save_entry, .load = load_entry, .cookie = NULL};

bool fw_names_save(const struct fw_names *names, struct fw_put *put, uint64_t *cursor) {
    return fw_table_save(names->table, &owner, put, cursor);
}

int fw_names_load(struct fw_names *names, struct fw_get *get) {
    return fw_table_load(names->table, &owner, get);
}

void fw_names_loaded(struct fw_names *names) {
    fw_table_loaded(names->table);
}
