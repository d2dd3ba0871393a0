/* site.c: see site.h.
 *
 * Memory: a place of 48 bytes and a link of 16 for each network of each list,
 * names counted with all they stand for. Places of hosts of which only roles and
 * a value are known are shared.
 */
#include "site.h"

#include <stdlib.h>
#include <string.h>

#define SHARED_LOOKED_AT 64 /* of the latest places; what lists name together lies together */

const struct fw_place fw_place_unknown;

/* ---- building ---- */

struct builder {
    struct fw_site *site;
    const struct fw_fact *facts;
    size_t places;
    size_t links;
};

static const struct fw_link *chain(struct builder *b, const struct fw_entry *entry, const struct fw_link *next) {
    struct fw_link *made = &b->site->links[b->links++];

    made->entry = entry;
    made->next = next;
    return made;
}

static bool same(const struct fw_place *a, const struct fw_place *b) {
    return a->roles == b->roles && a->asset == b->asset && a->service == b->service && a->timed == b->timed &&
           a->given == b->given && a->sources == b->sources && a->destinations == b->destinations;
}

/* A place of the wider network's, with one fact more. */
static uint64_t join(void *cookie, uint64_t wider, uint64_t number) {
    struct builder *b = cookie;
    const struct fw_fact *fact = &b->facts[number];
    struct fw_place place = b->site->places[wider];

    switch (fact->kind) {
    case FW_FACT_ROLES:
        place.roles |= fact->roles;
        break;
    case FW_FACT_ASSET:
        place.asset = fact->asset;
        break;
    case FW_FACT_SERVICE:
        place.service = fact->service;
        break;
    case FW_FACT_ROLE_ENTRY:
        place.given = chain(b, fact->entry, place.given);
        if (fact->entry->when.count == 0 && fact->entry->until == FW_TIME_MAX)
            place.roles |= fact->entry->role;
        else
            place.timed = true;
        break;
    case FW_FACT_SOURCE:
        place.sources = chain(b, fact->entry, place.sources);
        break;
    case FW_FACT_DESTINATION:
        place.destinations = chain(b, fact->entry, place.destinations);
        break;
    }
    for (size_t i = b->places; i > 0 && i + SHARED_LOOKED_AT > b->places; i--)
        if (same(&b->site->places[i - 1], &place))
            return i - 1;
    b->site->places[b->places] = place;
    return b->places++;
}

int fw_site_build(struct fw_site *site, const struct fw_fact *facts, size_t n) {
    struct builder b = {.site = site, .facts = facts, .places = 1};
    struct fw_netmask *nets = calloc(n + 1, sizeof *nets);

    site->nets = (struct fw_netmap){0};
    site->places = calloc(n + 1, sizeof *site->places); /* the first is where nothing is known */
    site->links = calloc(n + 1, sizeof *site->links);
    if (!nets || !site->places || !site->links) {
        free(nets);
        fw_site_free(site);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        nets[i] = (struct fw_netmask){.net = facts[i].net, .mask = i};
    const int result = fw_netmap_build_by(&site->nets, nets, n, join, &b);
    free(nets);
    if (result != 0)
        fw_site_free(site);
    return result;
}

void fw_site_free(struct fw_site *site) {
    fw_netmap_free(&site->nets);
    free(site->places);
    free(site->links);
    site->places = NULL;
    site->links = NULL;
}

/* ---- use ---- */

bool fw_entry_holds(const struct fw_entry *entry, fw_time time) {
    return time < entry->until && fw_calendar_holds(&entry->when, time);
}

uint64_t fw_place_roles_at(const struct fw_place *place, fw_time time) {
    uint64_t roles = place->roles;

    for (const struct fw_link *one = place->given; one; one = one->next)
        if ((roles & one->entry->role) == 0 && fw_entry_holds(one->entry, time))
            roles |= one->entry->role;
    return roles;
}

/* ---- sensors ---- */

static int compare_name(const struct fw_sensor *sensor, const struct fw_str *name) {
    const size_t least = sensor->len < name->len ? sensor->len : name->len;
    const int order = least > 0 ? memcmp(sensor->name, name->p, least) : 0;

    return order != 0 ? order : (sensor->len > name->len) - (sensor->len < name->len);
}

/* Names with '*' are few: one a branch office. */
const struct fw_zone *fw_site_sensor_zone(const struct fw_site *site, const struct fw_str *name) {
    size_t low = 0, high = site->sensors_count;

    while (high > 0 && site->sensors[high - 1].prefix)
        high--;
    const size_t exact = high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_name(&site->sensors[middle], name);

        if (order == 0)
            return site->sensors[middle].zone;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = exact; i < site->sensors_count; i++) {
        const struct fw_sensor *sensor = &site->sensors[i];

        if (sensor->len <= name->len && memcmp(sensor->name, name->p, sensor->len) == 0)
            return sensor->zone;
    }
    return NULL;
}
