/* build.c: what the engine gets of networks, roles, exceptions and sensors.
 *
 * Lists become facts: of each network they name, and of those their names stand
 * for, one thing that is said. Entries go in backwards: of two about the same
 * network the engine sees the earlier first.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct facts {
    struct fw_policy_reader *reader;
    struct fw_fact *items; /* NULL: they are only counted */
    size_t count;
    bool *used; /* names, for one list */
};

static void say(struct facts *facts, const struct fw_policy_nets *nets, const struct fw_fact *what) {
    const struct fw_policy *policy = facts->reader->policy;

    for (size_t i = 0; i < nets->count; i++) {
        const struct fw_policy_net *net = &nets->items[i];

        if (net->named) {
            /* what has a value of its own keeps it */
            if (what->kind != FW_FACT_ASSET || policy->names[net->name].asset == 0)
                facts->used[net->name] = true;
            continue;
        }
        if (facts->items) {
            facts->items[facts->count] = *what;
            facts->items[facts->count].net = net->net;
        }
        facts->count++;
    }
}

/* All networks of a list and of the names in it. Names use earlier ones only: one pass in reverse meets each once. */
static void say_all(struct facts *facts, const struct fw_policy_nets *nets, const struct fw_fact *what) {
    const struct fw_policy *policy = facts->reader->policy;

    if (facts->count > FW_POLICY_FACTS_MAX)
        return;
    say(facts, nets, what);
    for (size_t i = policy->names_count; i-- > 0;) {
        if (!facts->used[i])
            continue;
        facts->used[i] = false;
        say(facts, &policy->names[i].nets, what);
    }
}

static void say_exception(struct facts *facts, const struct fw_policy_entry *exception) {
    const bool by_source = exception->source.count > 0;
    const struct fw_fact what = {.kind = by_source ? FW_FACT_SOURCE : FW_FACT_DESTINATION, .entry = &exception->entry};

    if (by_source || exception->destination.count > 0)
        say_all(facts, by_source ? &exception->source : &exception->destination, &what);
}

static void say_everything(struct facts *facts) {
    const struct fw_policy *policy = facts->reader->policy;
    struct fw_fact what = {.kind = FW_FACT_ROLES, .roles = FW_ROLE_HOME};

    facts->count = 0;
    say_all(facts, &policy->home, &what);
    for (size_t i = 0; i < policy->names_count; i++) {
        what = (struct fw_fact){.kind = FW_FACT_ASSET, .asset = policy->names[i].asset};
        if (what.asset != 0)
            say_all(facts, &policy->names[i].nets, &what);
    }
    for (size_t i = 0; i < policy->service_nets_count; i++) {
        if (facts->items)
            facts->items[facts->count] = (struct fw_fact){.net = policy->service_nets[i].net,
                                                          .kind = FW_FACT_SERVICE,
                                                          .service = policy->service_nets[i].service};
        facts->count++;
    }
    for (size_t i = policy->exceptions.count; i-- > 0;)
        say_exception(facts, &policy->exceptions.items[i]);
    for (size_t i = policy->roles.count; i-- > 0;) {
        what = (struct fw_fact){.kind = FW_FACT_ROLE_ENTRY, .entry = &policy->roles.items[i].entry};
        say_all(facts, &policy->roles.items[i].source, &what);
    }
}

/* --- values that contradict each other ----------------------------------- */

static int compare_assets(const void *x, const void *y) {
    const struct fw_fact *a = x, *b = y;
    const int order = fw_addr_compare(&a->net.addr, &b->net.addr);

    if (order != 0 || a->net.bits != b->net.bits)
        return order != 0 ? order : (int)a->net.bits - (int)b->net.bits;
    return (int)a->asset - (int)b->asset;
}

/* The name that says this of the network, itself or by a name without a value. */
static const struct fw_policy_name *who_says(struct facts *facts, const struct fw_fact *fact) {
    const struct fw_policy *policy = facts->reader->policy;
    struct fw_fact *own = calloc(FW_POLICY_NETS_MAX + 1, sizeof *own);
    struct facts one = {.reader = facts->reader, .items = own, .used = facts->used};
    const struct fw_policy_name *found = NULL;

    for (size_t i = 0; own && !found && i < policy->names_count; i++) {
        if (policy->names[i].asset != fact->asset)
            continue;
        one.count = 0;
        say_all(&one, &policy->names[i].nets, &(struct fw_fact){.kind = FW_FACT_ASSET});
        for (size_t k = 0; k < one.count; k++)
            if (own[k].net.bits == fact->net.bits && fw_addr_equal(&own[k].net.addr, &fact->net.addr))
                found = &policy->names[i];
    }
    free(own);
    return found;
}

static void report_assets(struct facts *facts, const struct fw_fact *a, const struct fw_fact *b) {
    const struct fw_policy_name *first = who_says(facts, a), *second = who_says(facts, b);
    char net[FW_ADDR_TEXT_MAX + 4];

    if (!first || !second)
        return;
    if (first > second) {
        const struct fw_policy_name *later = first;
        first = second;
        second = later;
    }
    (void)fw_net_format(&a->net, net, sizeof net);
    fw_problem(facts->reader->problems, second->origin.path, second->origin.line, second->origin.column,
               "%s has asset %u here and %u in \"%s\" (%s, line %u); hosts have one value", net, second->asset,
               first->asset, first->name, first->origin.path, first->origin.line);
}

static int check_assets(struct facts *facts) {
    struct fw_fact *assets = calloc(facts->count + 1, sizeof *assets);
    size_t n = 0;

    if (!assets)
        return -1;
    for (size_t i = 0; i < facts->count; i++)
        if (facts->items[i].kind == FW_FACT_ASSET)
            assets[n++] = facts->items[i];
    qsort(assets, n, sizeof *assets, compare_assets);
    for (size_t i = 1; i < n; i++)
        if (fw_addr_equal(&assets[i - 1].net.addr, &assets[i].net.addr) &&
            assets[i - 1].net.bits == assets[i].net.bits && assets[i - 1].asset != assets[i].asset)
            report_assets(facts, &assets[i - 1], &assets[i]);
    free(assets);
    return 0;
}

/* --- entries and sensors ------------------------------------------------- */

static int build_map(struct facts *facts, const struct fw_policy_nets *nets, struct fw_netmap *map) {
    struct facts own = {.reader = facts->reader, .used = facts->used};
    struct fw_netmask *masks;

    say_all(&own, nets, &(struct fw_fact){0});
    own.items = calloc(own.count + 1, sizeof *own.items);
    masks = calloc(own.count + 1, sizeof *masks);
    if (own.items && masks) {
        own.count = 0;
        say_all(&own, nets, &(struct fw_fact){0});
        for (size_t i = 0; i < own.count; i++)
            masks[i] = (struct fw_netmask){.net = own.items[i].net, .mask = 1};
    }
    const bool built = own.items && masks && fw_netmap_build(map, masks, own.count) == 0;
    free(own.items);
    free(masks);
    return built ? 0 : -1;
}

static int build_destinations(struct facts *facts, struct fw_policy_entry *exception) {
    return build_map(facts, &exception->destination, &exception->entry.destinations);
}

static int build_entries(struct facts *facts) {
    struct fw_policy *policy = facts->reader->policy;
    size_t n = 0;

    policy->entries = calloc(policy->roles.count + policy->exceptions.count + 1, sizeof *policy->entries);
    if (!policy->entries)
        return -1;
    for (size_t i = 0; i < policy->roles.count; i++) {
        policy->roles.items[i].entry.role = UINT64_C(1) << policy->roles.items[i].role;
        policy->entries[n++] = &policy->roles.items[i].entry;
    }
    for (size_t i = 0; i < policy->exceptions.count; i++) {
        struct fw_policy_entry *exception = &policy->exceptions.items[i];
        struct fw_entry *entry = &exception->entry;

        entry->detectors = exception->detectors;
        entry->rules = exception->has_rules ? exception->rules : NULL;
        entry->ports = exception->ports;
        entry->ports_count = exception->ports_count;
        entry->needs_destination = exception->source.count > 0 && exception->destination.count > 0;
        if (entry->needs_destination && build_destinations(facts, exception) != 0)
            return -1;
        policy->entries[n++] = entry;
    }
    for (size_t i = 0; i < n; i++)
        policy->entries[i]->number = (uint32_t)i;
    policy->site.entries = (const struct fw_entry *const *)policy->entries;
    policy->site.entries_count = n;
    return 0;
}

/* Exceptions by port alone: the first in front. */
static int build_anywhere(struct fw_policy *policy) {
    policy->anywhere = calloc(policy->exceptions.count + 1, sizeof *policy->anywhere);
    if (!policy->anywhere)
        return -1;
    for (size_t i = policy->exceptions.count; i-- > 0;) {
        const struct fw_policy_entry *exception = &policy->exceptions.items[i];

        if (exception->source.count > 0 || exception->destination.count > 0)
            continue;
        policy->anywhere[i] = (struct fw_link){.entry = &exception->entry, .next = policy->site.anywhere};
        policy->site.anywhere = &policy->anywhere[i];
    }
    return 0;
}

static int compare_sensors(const void *x, const void *y) {
    const struct fw_sensor *a = x, *b = y;

    if (a->prefix != b->prefix)
        return a->prefix ? 1 : -1;
    if (a->prefix && a->len != b->len)
        return a->len > b->len ? -1 : 1;
    const int order = memcmp(a->name, b->name, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int build_sensors(struct fw_policy *policy) {
    policy->site_sensors = calloc(policy->sensors_count + 1, sizeof *policy->site_sensors);
    if (!policy->site_sensors)
        return -1;
    for (size_t i = 0; i < policy->sensors_count; i++) {
        const char *name = policy->sensors[i].name;
        const size_t len = strcspn(name, "*");

        policy->site_sensors[i] =
            (struct fw_sensor){.name = name, .len = len, .prefix = name[len] == '*', .zone = policy->sensors[i].zone};
    }
    qsort(policy->site_sensors, policy->sensors_count, sizeof *policy->site_sensors, compare_sensors);
    policy->site.sensors = policy->site_sensors;
    policy->site.sensors_count = policy->sensors_count;
    return 0;
}

/* --- the whole ----------------------------------------------------------- */

static int build(struct facts *facts) {
    struct fw_policy *policy = facts->reader->policy;

    if (build_entries(facts) != 0 || build_anywhere(policy) != 0 || build_sensors(policy) != 0)
        return -1;
    say_everything(facts);
    if (facts->count > FW_POLICY_FACTS_MAX) {
        fw_problem(facts->reader->problems, policy->paths[0], 0, 0,
                   "roles, exceptions and named networks are about more than %d networks in all, names counted with "
                   "all they stand for",
                   FW_POLICY_FACTS_MAX);
        return 0;
    }
    facts->items = calloc(facts->count + 1, sizeof *facts->items);
    if (!facts->items)
        return -1;
    say_everything(facts);
    return check_assets(facts) != 0 ? -1 : fw_site_build(&policy->site, facts->items, facts->count);
}

int fw_policy_build_map(struct fw_policy_reader *reader, const struct fw_policy_nets *nets, struct fw_netmap *map) {
    struct facts facts = {.reader = reader, .used = calloc(reader->policy->names_count + 1, sizeof *facts.used)};
    const int result = facts.used ? build_map(&facts, nets, map) : -1;

    free(facts.used);
    return result;
}

int fw_policy_build_site(struct fw_policy_reader *reader) {
    struct facts facts = {.reader = reader, .used = calloc(reader->policy->names_count + 1, sizeof *facts.used)};
    const int result = facts.used ? build(&facts) : -1;

    free(facts.items);
    free(facts.used);
    return result;
}
