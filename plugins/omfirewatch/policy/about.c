/* about.c: see about.h. Searched through as written: it is asked once, not for every event. */
#include "about.h"

#include <stdlib.h>

#include "internal.h"

#define NET_TEXT (FW_ADDR_TEXT_MAX + 4) /* and "/128" */

/* The narrowest network of a list that holds the address, or NULL; *name: how the list refers to it. */
static const struct fw_net *search(const struct fw_policy *policy, const struct fw_policy_nets *nets,
                                   const struct fw_net *const *named, const union fw_addr *addr, const char **name) {
    const struct fw_net *best = NULL;

    *name = "";
    for (size_t i = 0; i < nets->count; i++) {
        const struct fw_policy_net *item = &nets->items[i];
        const struct fw_net *net = item->named                         ? named[item->name]
                                   : fw_net_contains(&item->net, addr) ? &item->net
                                                                       : NULL;

        if (!net || (best && net->bits <= best->bits))
            continue;
        best = net;
        *name = item->named ? policy->names[item->name].name : "";
    }
    return best;
}

struct listener {
    const struct fw_policy *policy;
    const struct fw_net **named; /* of each name the narrowest network that holds the address, or NULL */
    const union fw_addr *addr;
    void (*tell)(void *cookie, const struct fw_policy_saying *saying);
    void *cookie;
};

static void tell_of(const struct listener *to, const struct fw_net *net, struct fw_policy_saying *saying) {
    char text[NET_TEXT];

    (void)fw_net_format(net, text, sizeof text);
    saying->network = text;
    to->tell(to->cookie, saying);
}

static const char *role_of(const struct fw_policy_entry *entry) {
    return entry->role == FW_ROLE_NUMBER_home ? "exception" : fw_policy_role_names[entry->role];
}

/* An entry, by the networks of one of its ends. */
static int tell_entry(const struct listener *to, const struct fw_policy_entry *entry, const struct fw_policy_nets *nets,
                      const char *as) {
    struct fw_policy_saying saying = {.role = role_of(entry), .as = as, .reason = entry->reason};
    const struct fw_net *net = search(to->policy, nets, to->named, to->addr, &saying.name);
    char *terms = NULL;
    size_t size = 0;

    if (!net)
        return 0;
    FILE *out = open_memstream(&terms, &size);
    if (!out)
        return -1;
    if (entry->role == FW_ROLE_NUMBER_home) {
        (void)fputs("    ", out);
        fw_policy_print_detectors(to->policy, entry, out);
    }
    fw_policy_print_terms(to->policy, entry, nets, out);
    const bool written = fclose(out) == 0;
    if (written) {
        saying.terms = terms;
        tell_of(to, net, &saying);
    }
    free(terms);
    return written ? 0 : -1;
}

static int tell_all(const struct listener *to) {
    const struct fw_policy *policy = to->policy;
    struct fw_policy_saying home = {
        .role = fw_policy_role_names[FW_ROLE_NUMBER_home], .as = "", .reason = "", .terms = ""};

    const struct fw_net *net = search(policy, &policy->home, to->named, to->addr, &home.name);

    if (net)
        tell_of(to, net, &home);
    for (size_t i = 0; i < policy->roles.count; i++)
        if (tell_entry(to, &policy->roles.items[i], &policy->roles.items[i].source, "") != 0)
            return -1;
    for (size_t i = 0; i < policy->exceptions.count; i++) {
        const struct fw_policy_entry *one = &policy->exceptions.items[i];

        if (tell_entry(to, one, &one->source, "source") != 0 ||
            tell_entry(to, one, &one->destination, "destination") != 0)
            return -1;
    }
    return 0;
}

int fw_policy_about(const struct fw_policy *policy, const union fw_addr *addr,
                    void (*tell)(void *cookie, const struct fw_policy_saying *saying), void *cookie) {
    const struct listener to = {policy, calloc(policy->names_count + 1, sizeof *to.named), addr, tell, cookie};
    const char *name;

    if (!to.named)
        return -1;
    for (size_t i = 0; i < policy->names_count; i++) /* a name uses only names before it */
        to.named[i] = search(policy, &policy->names[i].nets, to.named, addr, &name);
    const int result = tell_all(&to);
    free(to.named);
    return result;
}

static const struct fw_policy_entry *entry_of(const struct fw_policy *policy, const struct fw_entry *entry) {
    const size_t roles = policy->roles.count;

    return entry->number < roles ? &policy->roles.items[entry->number]
                                 : &policy->exceptions.items[entry->number - roles];
}

const char *fw_policy_entry_role(const struct fw_policy *policy, const struct fw_entry *entry) {
    return role_of(entry_of(policy, entry));
}

const char *fw_policy_entry_reason(const struct fw_policy *policy, const struct fw_entry *entry) {
    return entry_of(policy, entry)->reason;
}
