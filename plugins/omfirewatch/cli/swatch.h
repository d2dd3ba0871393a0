/* swatch.h: a configuration of swatch as rules of the policy and a configuration of rsyslog.
 *
 * An entry of swatch (watchfor, ignore) has actions. Those of an entry that act at the
 * same times and as seldom as each other are a group: a rule, and what rsyslog does
 * with its findings. What has no counterpart is named on stderr with its line.
 */
#ifndef FW_SWATCH_H
#define FW_SWATCH_H

#include <stdbool.h>
#include <stddef.h>

#define FW_SWATCH_ENTRIES_MAX 500
#define FW_SWATCH_GROUPS_MAX  8  /* of one entry */
#define FW_SWATCH_ACTIONS_MAX 16 /* of one group */
#define FW_SWATCH_KEYS_MAX    4  /* $1 to $4 in track_by */
#define FW_SWATCH_WHEN_MAX    256
#define FW_SWATCH_LINE        4096 /* bytes of one line of it */

/* How often a group acts. */
enum fw_swatch_often {
    FW_SWATCH_ALWAYS,
    FW_SWATCH_FIRST, /* limit with a count of one, throttle */
    FW_SWATCH_NTH,   /* type=threshold: each time so many came */
    FW_SWATCH_ONCE   /* type=both: when so many came, once in the time */
};
struct fw_swatch_threshold {
    enum fw_swatch_often often;
    unsigned count, seconds;
    unsigned keys[FW_SWATCH_KEYS_MAX];
    size_t keys_count; /* 0: the entry as a whole */
};

enum fw_swatch_act { FW_SWATCH_ECHO, FW_SWATCH_MAIL, FW_SWATCH_EXEC, FW_SWATCH_PIPE, FW_SWATCH_WRITE };
struct fw_swatch_action {
    enum fw_swatch_act act;
    char *value; /* command, addresses or users; owned */
    char *subject;
    bool keep_open;
};

struct fw_swatch_group {
    struct fw_swatch_threshold threshold;
    bool own;                      /* the threshold is that of its actions alone */
    char when[FW_SWATCH_WHEN_MAX]; /* a calendar, ""; always */
    struct fw_swatch_action actions[FW_SWATCH_ACTIONS_MAX];
    size_t actions_count;
};

struct fw_swatch_entry {
    char *regex;
    bool ignore, goes_on;
    struct fw_swatch_threshold threshold; /* of the groups without one of their own */
    struct fw_swatch_group groups[FW_SWATCH_GROUPS_MAX];
    size_t groups_count;
};

struct fw_swatch {
    const char *path;
    unsigned line;
    struct fw_swatch_entry entries[FW_SWATCH_ENTRIES_MAX];
    size_t count;
    bool lossy;
};

/* Reads it all; 0, or -1 with errno: it cannot be read. */
int fw_swatch_read(struct fw_swatch *swatch, const char *path);
void fw_swatch_free(struct fw_swatch *swatch);

/* To stdout: rules for the policy, or a ruleset for rsyslog.conf. */
void fw_swatch_print_rules(const struct fw_swatch *swatch);
void fw_swatch_print_rsyslog(const struct fw_swatch *swatch);

#endif
