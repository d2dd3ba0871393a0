/* detector.h: the one interface between the engine and a detector.
 *
 * A detector is one file, det_<name>.c, that exports one table of functions,
 * fw_det_<name>, and one line in registry.c. It sees one event, its own state
 * and its parameters; it knows no other detector, no vendor and no wall clock.
 * open takes all memory; observe and advance take none. The engine holds a lock
 * around every call.
 *
 * To add one: copy det_template.c, name it in registry.c and in the list of
 * sources, add a case under tests/replay/ and a page under doc/detectors/.
 */
#ifndef FW_DETECTOR_H
#define FW_DETECTOR_H

#include "../core/ahead.h"
#include "../core/event.h"
#include "../core/finding.h"
#include "../core/hash.h"
#include "../core/lists.h"
#include "../core/mem.h"
#include "../core/relation.h"
#include "../core/site.h"
#include "../core/state.h"
#include "../core/table.h"
#include "../core/usage.h"

#define FW_PARAMS_MAX    16
#define FW_DETECTORS_MAX 48

enum fw_unit { FW_UNIT_COUNT, FW_UNIT_SECONDS, FW_UNIT_PERCENT, FW_UNIT_BOOL };
const char *fw_unit_name(enum fw_unit unit);

/* A parameter: read by the policy, printed by `firewatch check` and `firewatch detectors`. A name of NULL ends. */
struct fw_param {
    const char *name;
    enum fw_unit unit;
    int64_t min;
    int64_t max;
    int64_t value;      /* default */
    const char *source; /* where the default comes from */
    const char *doc;    /* one line */
};

struct fw_detector_ops;
struct fw_detector_config {
    const int64_t *values; /* by index of params; the engine changes them in place when the policy is read again */
    size_t bytes;          /* the detector's share of maxMemory */
    struct fw_seed seed;
    const struct fw_mem *mem;
    const struct fw_detector_ops *ops; /* its own: one table of functions may serve several */
};

struct fw_det; /* each detector's own */
struct fw_sink;
struct fw_detector;

struct fw_detector_stats {
    struct fw_table_stats table;
    uint64_t forgotten; /* elements of sets dropped for want of memory */
    uint64_t starved;   /* of these, while larger sets had room: there are too many sets */
    uint64_t sets;      /* there is room for */
    uint64_t bytes;     /* taken at open */
};

/* ATT&CK's tactic of a threat: what it is done for. */
enum fw_tactic {
    FW_TACTIC_NONE,
    FW_TACTIC_INITIAL_ACCESS,
    FW_TACTIC_CREDENTIAL_ACCESS,
    FW_TACTIC_DISCOVERY,
    FW_TACTIC_LATERAL_MOVEMENT,
    FW_TACTIC_COMMAND_AND_CONTROL,
    FW_TACTIC_IMPACT,
    FW_TACTICS
};

struct fw_detector_ops {
    const char *name;
    const char *title;       /* rule.name: a few words */
    const char *requirement; /* the need it serves: "N3" */
    enum fw_class class;
    const char *ruleset;       /* rule.ruleset; NULL: "firewatch" */
    unsigned score;            /* of its first stage; 0: as its class has it */
    const char *const *attack; /* ATT&CK ids without names, tactics among them; NULL ends; NULL: technique_id says it */
    const char *technique_id;  /* ATT&CK; NULL: none */
    const char *technique_name;
    enum fw_tactic tactic;
    uint32_t kinds;  /* bits 1 << FW_KIND_... it wants to see */
    uint64_t needs;  /* presence bits; events that lack any are skipped */
    uint64_t uses;   /* presence bits it can do without */
    uint64_t guards; /* roles whose sources it leaves alone; the engine counts them as suppressed */
    const struct fw_param *params;
    unsigned weight; /* its appetite for memory against that of others: shares of max_memory go by it. What keeps a key
                      * for every source outside that comes by, which is what a flood makes up, is 48; what keeps pairs of
                      * hosts, or sources for a day, is 6; what keeps sources or users inside is 1 to 4. */
    fw_time (*quiet)(const struct fw_det *det); /* a finding closes after so long without a report */
    int (*open)(struct fw_det **det, const struct fw_detector_config *config, char *err, size_t errlen);
    /* May be NULL: it is only slower then. Some events before observe: names the keys that will be looked up, so that
     * their memory is there by then (core/ahead.h); a detector with one entry a key has fw_keyed_ask. What the site and
     * the join say of the event is a guess, others come before it, and it may be kept away after all: nothing is to be
     * changed. */
    void (*ask)(struct fw_det *det, const struct fw_event *ev, struct fw_ahead *ahead);
    void (*observe)(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink);
    /* May be NULL. Findings of the other detectors, for one that puts findings together; it is not told of those of its
     * like. */
    void (*heard)(struct fw_det *det, const struct fw_news *news, const struct fw_sink *sink);
    /* May be NULL. A use of an application that goes on after the policy's day for it, which another detector saw. */
    void (*overdue)(struct fw_det *det, const struct fw_use *use, const struct fw_user *user,
                    const struct fw_sink *sink);
    void (*advance)(struct fw_det *det, fw_time now, const struct fw_sink *sink); /* may be NULL */
    void (*shift)(struct fw_det *det, fw_time from, fw_time delta); /* times later than `from` move: a clock was set */
    void (*describe)(const struct fw_det *det, const void *entry, struct fw_description *out);
    void (*closed)(struct fw_det *det, void *entry); /* the finding of this entry ended: unpin it */
    void (*get_stats)(const struct fw_det *det, struct fw_detector_stats *stats);
    /* State, see core/state.h. Into a detector that was opened with the same seed; load returns -1 when what was written
     * is of another shape. loaded comes last: findings go on at their entries. */
    bool (*save)(const struct fw_det *det, struct fw_put *put, uint64_t *cursor);
    int (*load)(struct fw_det *det, struct fw_get *get);
    void (*loaded)(struct fw_det *det, const struct fw_sink *sink);
    void (*close)(struct fw_det **det);
};

/* What a detector says of the entry an event has just touched, before anything is found: how near it is. */
struct fw_reading {
    struct fw_subject subject;
    const char *measure; /* "destinations" */
    uint64_t value;
    uint64_t threshold;
    bool open; /* a finding is open: the threshold is the one it went over */
};
/* Somebody who asks what becomes of events (`firewatch why`); in production nobody does, and it costs a look at a
 * pointer. All are called, in this order, when an event goes to the detectors: that is later than it was fed where its
 * time was in question. */
struct fw_probe {
    void (*event)(void *cookie, const struct fw_event *ev); /* with its time and all that the engine adds */
    /* It is kept from this detector, by a role or an exception; entry NULL: by a role that no entry gave. */
    void (*held)(void *cookie, const struct fw_detector *detector, const struct fw_entry *entry);
    void (*reading)(void *cookie, const struct fw_detector *detector, const struct fw_reading *reading);
    void (*done)(void *cookie, unsigned seen); /* so many detectors have seen it */
    void *cookie;
};

/* A detector in an engine. */
struct fw_detector {
    const struct fw_detector_ops *ops;
    struct fw_det *det;
    bool enabled;
    int64_t values[FW_PARAMS_MAX];
    uint64_t observed;
    uint64_t suppressed;          /* events of guarded sources, and those an exception is about */
    const struct fw_probe *probe; /* NULL: nobody asks */
};

struct fw_sink {
    struct fw_findings *findings;
    struct fw_detector *detector;
    struct fw_usage *usage;     /* NULL: nobody keeps a register */
    const struct fw_site *site; /* its lists; NULL: nothing is listed */
};

static inline void fw_sink_report(const struct fw_sink *sink, const struct fw_report *report) {
    fw_findings_report(sink->findings, sink->detector, report);
}

/* An application was recognised; see core/usage.h. user may be NULL. */
static inline enum fw_use_news fw_sink_use(const struct fw_sink *sink, const struct fw_use *use, struct fw_user *user) {
    return fw_usage_use(sink->usage, use, user);
}

static inline bool fw_sink_asks(const struct fw_sink *sink) {
    return sink->detector->probe != NULL;
}
/* After the event was counted and judged, and only when fw_sink_asks(). */
static inline void fw_sink_tell(const struct fw_sink *sink, const struct fw_reading *reading) {
    sink->detector->probe->reading(sink->detector->probe->cookie, sink->detector, reading);
}

/* registry.c: every detector there is; NULL ends */
extern const struct fw_detector_ops *const fw_detectors[];
/* which finding mutes which; see relation.h */
extern const struct fw_relation fw_relations[];
const struct fw_detector_ops *fw_detector_find(const char *name);
size_t fw_detector_params(const struct fw_detector_ops *ops);

/* share.c */

/* Picks evidence from n elements in time order: the first 3, the last 3 and 4 sampled by hash between them. Returns how
 * many indices were put into pick, ascending. Shared by detectors that keep sets. */
size_t fw_evidence_pick(size_t n, uint64_t salt, size_t pick[FW_EVIDENCE_MAX]);
/* "41 s", "12 min", "3 h" */
size_t fw_span_format(fw_time span, char *buf, size_t size);

#endif
