/* about.h: what a policy says of one address, and in whose words. */
#ifndef FW_POLICY_ABOUT_H
#define FW_POLICY_ABOUT_H

#include "policy.h"

/* One entry of the policy whose networks hold the address. */
struct fw_policy_saying {
    const char *role;    /* "home", "nms" ..., "exception" */
    const char *as;      /* of an exception: "source" or "destination"; else "" */
    const char *name;    /* of the networks that hold it; "" when the network stands there itself */
    const char *network; /* the narrowest one that holds it: "10.1.0.0/16" */
    const char *reason;  /* as written; "" for home */
    const char *terms; /* what narrows it, lines as fw_policy_print() has them: detectors, the other end, ports, times,
                          * zone, end; "" when nothing does */
};

/* Home first, then the roles and the exceptions in the order of the policy. An exception that names the address as
 * source and as destination is told twice, one by port alone not at all. Strings are good during the call. Returns 0, or
 * -1: no memory. */
int fw_policy_about(const struct fw_policy *policy, const union fw_addr *addr,
                    void (*tell)(void *cookie, const struct fw_policy_saying *saying), void *cookie);

/* Of an entry of the policy's site: its role, or "exception"; and why it is there. */
const char *fw_policy_entry_role(const struct fw_policy *policy, const struct fw_entry *entry);
const char *fw_policy_entry_reason(const struct fw_policy *policy, const struct fw_entry *entry);

#endif
