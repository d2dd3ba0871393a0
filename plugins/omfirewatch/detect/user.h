/* user.h: what the detectors of applications have in common: a use goes into the
 * register, and what the register calls news becomes a finding.
 *
 * One finding a source and application; it opens when the register says so (a new
 * user, or what the policy forbids), stays while the use goes on, and is over
 * after FW_USER_QUIET. It says once what there is to say, so its value stands
 * still. Invariants: struct fw_user_entry is the first member of a value of
 * keyed.h, and struct fw_user_key its key; app "" is the detector's own, for a
 * source of which it is not known yet what it uses.
 */
#ifndef FW_USER_H
#define FW_USER_H

#include "keyed.h"

#define FW_USER_QUIET FW_HOUR /* the register remembers for 30 days; the finding need not */

struct fw_user_key {
    char app[FW_APP_MAX];
    union fw_addr src;
};
_Static_assert(sizeof(struct fw_user_key) == 40, "no padding");

struct fw_user_entry {
    struct fw_matter matter;
    union fw_addr dst;
    uint64_t value; /* of the measure when it opened */
    uint16_t dport; /* 0: none */
    uint8_t proto;
    uint8_t has_dst;
    uint8_t forbidden;
    uint8_t unsure; /* the log does not tell whether anybody answered */
    uint8_t zero[2];
    char version[FW_VERSION_MAX];
    char host[FW_DOMAIN_MAX]; /* the name it was known by; "": an address */
};

/* A key of that source. app "": the detector's own. */
void fw_user_key(struct fw_user_key *key, const union fw_addr *src, const char *app);
/* The source of the event uses it: fills in the rest of `use` (all but app, group, version, role), puts it into the
 * register, and reports. value: of the measure, for the document. Returns the entry of the finding that is open, or NULL.
 */
struct fw_user_entry *fw_user_seen(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink,
                                   struct fw_use *use, uint64_t value);
/* "10.1.2.3 uses Skype 8.55, which is forbidden" */
void fw_user_sentence(const struct fw_det *det, const struct fw_user_entry *entry, struct fw_description *out);
fw_time fw_user_quiet(const struct fw_det *det);
/* From home to a host outside, an attempt that was not a reply. */
bool fw_user_is_outward(const struct fw_event *ev);
uint64_t fw_user_bytes(const struct fw_event *ev);

#endif
