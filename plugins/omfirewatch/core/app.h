/* app.h: applications by name, and what the policy says of those who use them.
 *
 * A name is what people write in the policy ("skype", "bittorrent"), and a group
 * several of them ("p2p"). Those that behave so that it takes code to know them
 * are in apps.def; services that are known by their addresses and host names come
 * from lists, which are data, and belong to a group as well.
 * Memory: constant tables. What an attacker controls: nothing.
 */
#ifndef FW_APP_H
#define FW_APP_H

#include "addr.h"
#include "event.h"

#define FW_APP_MAX       24  /* bytes of a name with its NUL; it is part of keys, so a multiple of 8 */
#define FW_APP_GROUP_MAX 16  /* the same of a group's */
#define FW_APP_RULES_MAX 256 /* applications section of a policy: people read it */

struct fw_app {
    const char *name;
    const char *group;
    const char *title;
};
extern const struct fw_app fw_apps[]; /* a name of NULL ends */
const struct fw_app *fw_app_find(const char *name);
/* The group is that of any application of apps.def, or of the services in lists. */
bool fw_app_is_group(const char *name);

/* What the policy says of a user: the white, the grey and the black list. */
enum fw_app_state {
    FW_APP_UNKNOWN,   /* nothing */
    FW_APP_ALLOWED,   /* known and let be, until a day */
    FW_APP_ASKED,     /* somebody asked the user to stop by that day */
    FW_APP_FORBIDDEN, /* found at the first use */
    FW_APP_OVERDUE,   /* the day has passed, and it goes on */
    FW_APP_STATES
};
const char *fw_app_state_name(enum fw_app_state state);

/* An entry of the policy. The first that is about an application and a host holds. */
struct fw_app_rule {
    char app[FW_APP_MAX];    /* or a group */
    bool anybody;            /* no networks were said */
    struct fw_netmap hosts;  /* 1 for those it is about */
    enum fw_app_state state; /* allowed, asked, forbidden */
    fw_time until;           /* holds before; FW_TIME_MAX: no end */
    const char *label;       /* "asked: has a ticket" */
};

/* The state of a use at that time; *until (may be NULL) gets when it ends. */
enum fw_app_state fw_app_judge(const struct fw_app_rule *rules, size_t count, const char *app, const char *group,
                               const union fw_addr *src, fw_time time, fw_time *until);

#endif
