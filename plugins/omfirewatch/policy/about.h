/* about.h: what a policy says of one address, and in whose words. */
#ifndef FW_POLICY_ABOUT_H
#define FW_POLICY_ABOUT_H

#include "policy.h"

/* One entry of the policy whose networks hold the address. */
struct fw_policy_saying {
    const char *role;    /* "home", "nms" ... */
    const char *name;    /* of the networks that hold it; "" when the network stands there itself */
    const char *network; /* the narrowest one that holds it: "10.1.0.0/16" */
    const char *reason;  /* as written; "" for home */
};

/* Home first, then the roles in the order of the policy. Strings are good during the call. Returns 0, or -1: no
 * memory. */
int fw_policy_about(const struct fw_policy *policy, const union fw_addr *addr,
                    void (*tell)(void *cookie, const struct fw_policy_saying *saying), void *cookie);

#endif
