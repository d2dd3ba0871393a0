/* internal.h: what the files of this room share: the policy as it was written,
 * and the reader that turns a tree into it.
 *
 * Lists of networks are kept as written, names and all, so that a policy can be
 * printed the way people know it. A name may use only names defined before it:
 * no cycles, and one pass in reverse finds all that a list stands for.
 *
 * A policy is one file and those it includes. Section by section all files are
 * read, the main one first; lists add up, single values must agree.
 */
#ifndef FW_POLICY_INTERNAL_H
#define FW_POLICY_INTERNAL_H

#include "../core/lists.h"
#include "../rules/ruleset.h"
#include "policy.h"
#include "yaml.h"

#define FW_POLICY_NAME_MAX      64   /* of named networks and sensors; shown in problems as a whole */
#define FW_POLICY_REASON_MAX    500  /* one paragraph */
#define FW_POLICY_PER_MIN_MAX   6000 /* findings a minute; beyond, nobody reads and rsyslog is kept busy by us alone */
#define FW_POLICY_MEMORY_MAX    ((uint64_t)64 << 30)
#define FW_POLICY_FACTS_MAX     (4 * FW_POLICY_NETS_MAX) /* networks of all lists, names counted with all they stand for */
#define FW_POLICY_PORTS_MAX     64                       /* of one exception */
#define FW_POLICY_SENSORS_MAX   4096
#define FW_POLICY_DATABASES_MAX 4 /* places, owners, and those of one's own */

/* Where something was said; path NULL: nowhere. */
struct fw_policy_origin {
    const char *path;
    unsigned line;
    unsigned column;
};

/* A network or a name of networks. */
struct fw_policy_net {
    bool named;
    uint32_t name; /* index, when named */
    struct fw_net net;
};

struct fw_policy_nets {
    struct fw_policy_net *items;
    size_t count;
};

struct fw_policy_name {
    char *name;
    struct fw_policy_nets nets;
    uint8_t asset; /* 0: none */
    struct fw_policy_origin origin;
};

struct fw_policy_date {
    unsigned year; /* 0: none */
    unsigned month;
    unsigned day;
};

/* A role of some hosts, or an exception. */
struct fw_policy_entry {
    struct fw_policy_origin origin;
    char *reason;
    struct fw_calendar_span spans[FW_CALENDAR_SPANS_MAX];
    size_t spans_count;
    const struct fw_zone *zone; /* NULL: that of the policy */
    struct fw_policy_date until;
    struct fw_policy_nets source; /* or the networks of a role */
    unsigned role;                /* enum fw_role_number; FW_ROLE_NUMBER_home (which is no role): an exception */
    uint64_t detectors;
    uint64_t rules[FW_RULE_BITS]; /* of the ruleset, by index */
    bool has_rules;
    struct fw_policy_nets destination;
    struct fw_ports ports[FW_POLICY_PORTS_MAX];
    size_t ports_count;
    char label[FW_LABEL_MAX + 1];
    struct fw_entry entry; /* what the engine gets of all this */
};

/* What is said of an application's users. */
struct fw_policy_application {
    struct fw_policy_origin origin;
    char *reason;
    struct fw_policy_nets networks;
    bool has_networks;
    struct fw_policy_date until;
    char label[FW_LABEL_MAX + 1];
    struct fw_app_rule rule; /* what the engine gets */
};

/* The networks of a service in a list. */
struct fw_policy_service_net {
    struct fw_net net;
    uint16_t service; /* index + 1 */
};

struct fw_policy_entries {
    struct fw_policy_entry *items;
    size_t count;
};

struct fw_policy_sensor {
    char *name; /* as written, with its '*' */
    const struct fw_zone *zone;
    struct fw_policy_origin origin;
};

struct fw_policy_zone {
    struct fw_zone zone;
    struct fw_zone_shift *shifts;
    struct fw_policy_zone *next;
};

/* In the order in which they are read and printed. */
enum fw_policy_interval {
    FW_INTERVAL_UPDATE,
    FW_INTERVAL_REFRESH,
    FW_INTERVAL_REOPEN,
    FW_INTERVAL_SUMMARY,
    FW_INTERVAL_USERS,
    FW_INTERVAL_SAVE,
    FW_POLICY_INTERVALS
};

struct fw_policy_database; /* geo.c */

struct fw_policy {
    struct fw_site site;
    struct fw_detector_setting detectors[FW_DETECTORS_MAX];
    struct fw_settings settings; /* points to site and detectors */

    const struct fw_zone *zone; /* of dates and calendars; NULL: UTC */
    struct fw_policy_zone *zones;
    struct fw_policy_nets home;
    struct fw_policy_name *names;
    size_t names_count;
    struct fw_policy_entries roles;
    struct fw_policy_entries exceptions;
    struct fw_entry **entries; /* of both, for the site */
    struct fw_link *anywhere;
    struct fw_policy_application *applications;
    size_t applications_count;
    struct fw_app_rule *app_rules; /* of them, for the site */
    char *lists_path;              /* as the policy says; NULL: the usual one */
    struct fw_lists *lists;
    struct fw_policy_service_net *service_nets;
    size_t service_nets_count;
    struct fw_policy_sensor *sensors;
    size_t sensors_count;
    struct fw_sensor *site_sensors;
    struct fw_policy_database *databases; /* FW_POLICY_DATABASES_MAX; NULL: none were named */
    size_t databases_count;
    struct fw_geo geo;
    int64_t intervals[FW_POLICY_INTERVALS]; /* seconds */
    struct fw_rule **rules;                 /* FW_RULES_MAX; until they are the ruleset's */
    bool *rules_off;
    struct fw_policy_origin *rule_origins;
    size_t rules_count;
    struct fw_ruleset *ruleset; /* NULL: none */
    char **paths;               /* of the files; origins point there */
    size_t paths_count;
};

struct fw_policy_reader {
    struct fw_policy *policy;
    struct fw_problems *problems;
    struct fw_yaml *files; /* FW_POLICY_FILES_MAX of them */
    size_t files_count;
    const char *path;  /* of the file being read */
    size_t nets;       /* in all lists so far */
    size_t list_first; /* services of lists that were read before the one being read */
    bool nets_full;    /* and said so */
    bool home_said;
    /* where single values were said first */
    struct fw_policy_origin zone;
    struct fw_policy_origin lists;
    struct fw_policy_origin detectors[FW_DETECTORS_MAX][FW_PARAMS_MAX + 1]; /* the last is "enabled" */
    struct fw_policy_origin intervals[FW_POLICY_INTERVALS];
    struct fw_policy_origin per_minute;
    struct fw_policy_origin max_memory;
};

#define FW_POLICY_PROBLEM(reader, node, ...)                                                                           \
    fw_problem((reader)->problems, (reader)->path, (node)->line, (node)->column, __VA_ARGS__)

/* "nms" of FW_ROLE_NUMBER_nms; index FW_ROLE_NUMBER_home is "home" */
extern const char *const fw_policy_role_names[FW_ROLE_NUMBERS];
extern const struct fw_param fw_policy_intervals[FW_POLICY_INTERVALS];

/* --- read.c: what every section needs ---------------------------------------- */

/* node must be of that type; if not it is reported ("`what` must be ..."). */
bool fw_policy_expect(struct fw_policy_reader *reader, const struct fw_yaml_node *node, enum fw_yaml_type type,
                      const char *what, const char *form);
/* `kind` is "key", "role" ...: says that the text of the node is none of the names, which are near and which there are. */
void fw_policy_unknown(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *kind,
                       const char *const *names, size_t n);
/* The index of text among n names, or n. */
size_t fw_policy_find(const char *text, const char *const *names, size_t n);
/* Names of all detectors; returns how many. */
size_t fw_policy_detector_names(const char *names[FW_DETECTORS_MAX]);
/* A mapping whose keys are among n names (at most 16): take() is called for each, with its index. Returns the bits of
 * the keys that were there. `kind` as above: "key of a role". */
typedef void (*fw_policy_take_fn)(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key,
                                  void *cookie);
uint64_t fw_policy_read_map(struct fw_policy_reader *reader, const struct fw_yaml_node *map, const char *kind,
                            const char *const *names, size_t n, fw_policy_take_fn take, void *cookie);
/* The number of a parameter, with its unit and range. Contradicts what was said elsewhere: reported. */
void fw_policy_read_value(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                          const struct fw_param *param, int64_t *value, struct fw_policy_origin *said);
/* Something is said a second time: `same` as before, or it is reported as a contradiction. Returns whether it counts. */
bool fw_policy_agree(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *what, bool same,
                     struct fw_policy_origin *said);
struct fw_policy_origin fw_policy_origin(const struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* Room for `more` zeroed items after `count`; NULL when memory is missing, and that is reported. */
void *fw_policy_grow(struct fw_policy_reader *reader, const struct fw_yaml_node *node, void *items, size_t count,
                     size_t more, size_t size);

/* --- sections ---------------------------------------------------------------- */

/* include.c: the files, each a tree in reader->files. */
void fw_policy_read_files(struct fw_policy_reader *reader, const char *path);

/* nets.c */
void fw_policy_read_names(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_read_home(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* A list of networks and names, or a single one, added to nets. */
void fw_policy_read_nets(struct fw_policy_reader *reader, const struct fw_yaml_node *node, const char *what,
                         struct fw_policy_nets *nets);
int fw_policy_default_home(struct fw_policy *policy);

/* roles.c, exceptions.c, entry.c */
void fw_policy_read_roles(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_read_exceptions(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* "tcp"; "" for any */
const char *fw_policy_proto_name(int proto);
enum fw_policy_entry_key { FW_ENTRY_REASON, FW_ENTRY_WHEN, FW_ENTRY_ZONE, FW_ENTRY_UNTIL, FW_ENTRY_KEYS };
#define FW_POLICY_ENTRY_KEYS "reason", "when", "zone", "until" /* after an entry's own keys */
void fw_policy_read_entry_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                              enum fw_policy_entry_key key, struct fw_policy_entry *entry);
/* A calendar: one span or a list of them, added to what is there. */
void fw_policy_read_when(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                         struct fw_calendar_span spans[FW_CALENDAR_SPANS_MAX], size_t *count);
/* An empty one in the list; NULL when there are too many, and that is reported. */
struct fw_policy_entry *fw_policy_add_entry(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                                            struct fw_policy_entries *list);
/* All files are read: labels, ids and ends; the same entry twice is reported. */
void fw_policy_finish_entries(struct fw_policy_reader *reader);
void fw_policy_free_entries(struct fw_policy_entries *entries);

/* applications.c */
void fw_policy_read_applications(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_finish_applications(struct fw_policy_reader *reader);
void fw_policy_print_applications(const struct fw_policy *policy, FILE *out);
void fw_policy_free_applications(struct fw_policy *policy);

/* lists.c: where they are, and what is in them. */
void fw_policy_read_lists_section(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_load_lists(struct fw_policy_reader *reader);
void fw_policy_free_lists(struct fw_policy *policy);

/* exceptions.c: "tcp/445", "8000-8010" */
bool fw_policy_read_ports(struct fw_policy_reader *reader, const struct fw_yaml_node *node, struct fw_ports *ports);

/* when.c: "weekdays 22:00-06:00" */
#define FW_POLICY_WHEN_TEXT 64
int fw_policy_parse_span(const char *text, struct fw_calendar_span *span, char *err, size_t errlen);
void fw_policy_format_span(const struct fw_calendar_span *span, char buf[FW_POLICY_WHEN_TEXT]);
/* 2027-03-31 */
int fw_policy_parse_date(const char *text, struct fw_policy_date *date);

/* zones.c, zonefile.c */
const struct fw_zone *fw_policy_read_zone(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_read_zone_section(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* entry NULL: of the policy itself */
const struct fw_zone *fw_policy_zone_of(const struct fw_policy *policy, const struct fw_policy_entry *entry);
void fw_policy_free_zones(struct fw_policy *policy);
/* bytes of a TZif file. *shifts is allocated. Returns 0, or -1 with text in err. */
int fw_zonefile_read(struct fw_zone *zone, struct fw_zone_shift **shifts, const uint8_t *bytes, size_t size, char *err,
                     size_t errlen);

/* geo.c: databases of addresses */
void fw_policy_read_geo(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_print_geo(const struct fw_policy *policy, FILE *out);
void fw_policy_free_geo(struct fw_policy *policy);

/* sensors.c, detectors.c, limits.c */
void fw_policy_read_sensors(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_read_detectors(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_read_limits(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_read_intervals(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
void fw_policy_finish_intervals(struct fw_policy_reader *reader);

/* rules.c, rule_match.c, rule_text.c */
void fw_policy_read_rules(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
struct fw_match *fw_policy_read_match(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* A rule as YAML, an item of a list; freed by the caller. NULL: no memory. */
char *fw_policy_rule_text(const struct fw_yaml_node *node);
/* Of all rules in all files, whether they are read yet or not; returns how many. */
size_t fw_policy_rule_ids(const struct fw_policy_reader *reader, const char *ids[FW_RULES_MAX]);
/* All are read: they are compiled. */
void fw_policy_finish_rules(struct fw_policy_reader *reader);
void fw_policy_print_rules(const struct fw_policy *policy, FILE *out);
void fw_policy_free_rules(struct fw_policy *policy);

/* entry.c: one line of a text; NULL when memory is missing, or it is empty or too long, which is reported. */
char *fw_policy_read_reason(struct fw_policy_reader *reader, const struct fw_yaml_node *node);
/* The first moment after that day, in the policy's zone; FW_TIME_MAX for none. */
fw_time fw_policy_end_of_day(const struct fw_policy_date *until, const struct fw_zone *zone);

/* build.c: the networks of a list into a map, 1 for those that are in it. */
int fw_policy_build_map(struct fw_policy_reader *reader, const struct fw_policy_nets *nets, struct fw_netmap *map);
/* policy->site of all that was read. Returns 0, or -1 when memory is missing; contradictions are reported. */
int fw_policy_build_site(struct fw_policy_reader *reader);

/* print.c, print_entry.c */
size_t fw_policy_print_nets(const struct fw_policy *policy, const struct fw_policy_nets *nets, size_t column,
                            FILE *out);
void fw_policy_print_quoted(const char *text, FILE *out);
/* A line: "detector: [addr_scan]" */
void fw_policy_print_detectors(const struct fw_policy *policy, const struct fw_policy_entry *entry, FILE *out);
/* Whom an entry is about but for one list (NULL: all of them), at which ports, when, until: a line each, indented. */
void fw_policy_print_terms(const struct fw_policy *policy, const struct fw_policy_entry *entry,
                           const struct fw_policy_nets *but, FILE *out);
/* without the reason: what makes an entry the same */
void fw_policy_print_entry(const struct fw_policy *policy, const struct fw_policy_entry *entry, bool reason, FILE *out);

#endif
