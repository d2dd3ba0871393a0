/* usage.h: who uses which application: the register of users.
 *
 * Detectors that recognise an application put each use in (fw_sink_use()). Of a
 * source and an application it keeps since when and until when, on how many days,
 * how often, how much, which version, and to how many destinations. It answers
 * what is worth a finding: a user who is new, or does what the policy forbids. It
 * lends its knowledge to the detectors of worms: a source that lately used what
 * searches for peers as a worm does for victims has the role that guards it
 * (skype_user, p2p_user), unless the policy's day for it has passed. Once in an
 * interval it says who the users of each application are.
 *
 * Invariants: an entry is fresh for FW_USE_FRESH after the last use; a finding is
 * due once in that time, of what is forbidden once in FW_USE_REMIND. A role that
 * was learned ends with the entry that gave it, or on the policy's day.
 * Memory: a fixed share at open (FW_USAGE_PART), some 300 bytes a user; the user
 * that was heard of longest ago makes room.
 * What an attacker controls: inside, he can use an application and so get its
 * guard; that is why detectors feed it with what costs answers from others, and
 * why a day can be set. Versions are his text, made printable and bounded.
 */
#ifndef FW_USAGE_H
#define FW_USAGE_H

#include "app.h"
#include "event.h"
#include "hash.h"
#include "mem.h"
#include "state.h"
#include "table.h"

#define FW_DAY              (24 * FW_HOUR)
#define FW_USE_FRESH        (30 * FW_DAY) /* N8: a register of thirty days; a month of holidays makes somebody new again */
#define FW_USE_REMIND       (7 * FW_DAY)    /* what is forbidden and goes on is said again */
#define FW_VERSION_MAX      32              /* bytes of a version's text with its NUL */
#define FW_USE_DESTINATIONS 128             /* counted of a user; the largest block but one of distinct.h */
#define FW_USAGE_EVERY      FW_DAY          /* between two lists of users */
#define FW_USAGE_PART       32              /* of max_memory one such part: 8 MiB of 256, some 20,000 users */
#define FW_USAGE_PAGE       20              /* users in one document: it has to fit FW_DOCUMENT_MAX */
#define FW_USAGE_PAGE_GAP   (4 * FW_SECOND) /* between two pages: half of what FW_NOTICES_PER_MINUTE allows */

struct fw_site;
struct fw_findings;
struct fw_usage;

/* One use, as a detector saw it. */
struct fw_use {
    union fw_addr src;
    const char *app;   /* of apps.def, or of a list */
    const char *group; /* NULL: as apps.def says */
    fw_time time;
    bool late; /* the event's: it is no news */
    bool has_dst;
    union fw_addr dst;
    uint64_t bytes;        /* of both directions; 0: not known */
    struct fw_str version; /* len 0: not known */
    uint64_t role; /* that its user has while this is fresh: FW_ROLE_BIT(skype_user), FW_ROLE_BIT(p2p_user); 0: none */
};

/* What is known of a user, with this use. */
struct fw_user {
    fw_time first, last;
    uint64_t events, bytes;
    uint64_t destinations; /* in the last 30 days; FW_USE_DESTINATIONS stands for more */
    unsigned days;         /* with a use */
    enum fw_app_state state;
    fw_time until;                /* the policy's day; FW_TIME_MAX: none */
    uint64_t after;               /* uses since the day passed; 0: it has not */
    uint64_t role;                /* that it lends while it is fresh and no day has passed; 0: none */
    char version[FW_VERSION_MAX]; /* "": not known */
};

/* What is to be said of a use. */
enum fw_use_news {
    FW_USE_NOTHING,   /* known, allowed, or said before */
    FW_USE_NEW,       /* a user that was not known */
    FW_USE_FORBIDDEN, /* and the policy says no */
};

/* Called for each use that is overdue. */
typedef void (*fw_usage_overdue_fn)(void *cookie, const struct fw_use *use, const struct fw_user *user);

struct fw_usage_stats {
    struct fw_table_stats table;
    uint64_t counted;   /* uses */
    uint64_t guarding;  /* sources that have a role by it now */
    uint64_t forgotten; /* destinations dropped for want of memory */
    uint64_t bytes;
};

/* 0, or -1 when memory is missing. */
int fw_usage_open(struct fw_usage **usage, size_t bytes, const struct fw_seed *seed, const struct fw_mem *mem);
void fw_usage_close(struct fw_usage **usage);
/* What the policy says from now on; the site is borrowed until the next. interval 0: the default. */
void fw_usage_policy(struct fw_usage *usage, const struct fw_site *site, fw_time interval);
void fw_usage_listen(struct fw_usage *usage, fw_usage_overdue_fn overdue, void *cookie);

/* user may be NULL. */
enum fw_use_news fw_usage_use(struct fw_usage *usage, const struct fw_use *use, struct fw_user *user);
/* What is known of a user, or false. */
bool fw_usage_find(struct fw_usage *usage, const union fw_addr *src, const char *app, struct fw_user *user);
#define FW_USER_APPS_MAX 32 /* of one source that are told: more than anybody uses */
/* All that the source uses, by name; at most FW_USER_APPS_MAX. Returns how many. For people who ask: it looks at every user. */
size_t fw_usage_of(struct fw_usage *usage, const union fw_addr *src, char apps[FW_USER_APPS_MAX][FW_APP_MAX],
                   struct fw_user users[FW_USER_APPS_MAX]);
/* Roles that the source has by what it uses. */
uint64_t fw_usage_roles(struct fw_usage *usage, const union fw_addr *src, fw_time time);

/* Time has passed: what is not fresh guards no more, and the list of users is said when it is due. */
void fw_usage_advance(struct fw_usage *usage, fw_time now, struct fw_findings *findings);
/* A clock was set: what lies beyond `from` moves by delta, see timing.h. */
void fw_usage_shift(struct fw_usage *usage, fw_time from, fw_time delta);
void fw_usage_get_stats(const struct fw_usage *usage, struct fw_usage_stats *stats);

/* As state.h says; after the last load fw_usage_loaded() puts it in order. */
bool fw_usage_save(const struct fw_usage *usage, struct fw_put *put, uint64_t *cursor);
int fw_usage_load(struct fw_usage *usage, struct fw_get *get);
void fw_usage_loaded(struct fw_usage *usage);

#endif
