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

static void tell_of(const struct listener *to, const struct fw_policy_nets *nets, struct fw_policy_saying *saying) {
    const struct fw_net *net = search(to->policy, nets, to->named, to->addr, &saying->name);
    char text[NET_TEXT];

    if (!net)
        return;
    (void)fw_net_format(net, text, sizeof text);
    saying->network = text;
    to->tell(to->cookie, saying);
}

int fw_policy_about(const struct fw_policy *policy, const union fw_addr *addr,
                    void (*tell)(void *cookie, const struct fw_policy_saying *saying), void *cookie) {
    struct fw_policy_saying saying = {.role = fw_policy_role_names[FW_ROLE_NUMBER_home], .reason = ""};
    const struct listener to = {policy, calloc(policy->names_count + 1, sizeof *to.named), addr, tell, cookie};

    if (!to.named)
        return -1;
    for (size_t i = 0; i < policy->names_count; i++) /* a name uses only names before it */
        to.named[i] = search(policy, &policy->names[i].nets, to.named, addr, &saying.name);
    tell_of(&to, &policy->home, &saying);
    for (size_t i = 0; i < policy->roles_count; i++) {
        const struct fw_policy_role *role = &policy->roles[i];

        saying.role = fw_policy_role_names[role->number];
        saying.reason = role->reason ? role->reason : "";
        tell_of(&to, &role->nets, &saying);
    }
    free(to.named);
    return 0;
}
