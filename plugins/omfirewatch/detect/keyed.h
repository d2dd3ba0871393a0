/* keyed.h: what every detector with one entry a key has in common.
 *
 * A table behind its gate, a pool for the sets of its entries, and the life of
 * an entry: it is pinned while its finding is open, dropped when it said nothing
 * for a window, and gives its sets back whichever way it goes.
 * Invariants: a value begins with struct fw_matter. It is written to the state
 * as it is in memory: no pointers, no bool (uint8_t instead, of which any value
 * is one), and whoever changes what it means raises shape.version.
 */
#ifndef FW_KEYED_H
#define FW_KEYED_H

#include "../core/distinct.h"
#include "detector.h"

#define FW_KEYED_SETS_MAX  4
#define FW_KEYED_VALUE_MAX 1024 /* bytes of a value; with its sets it has to fit one record of the state */
#define FW_KEYED_TIMES_MAX 12
#define FW_KEYED_EXTRA_MAX 1024 /* bytes: they are written with each buffer of the state */

#define FW_KEYED_WORTH_LEAST 2 /* elements of an entry that just passed the gate */

/* First member of every value. */
struct fw_matter {
    fw_time start; /* first evidence */
    fw_time last;  /* last evidence */
    fw_time heard; /* the present when it came: lines of a backlog have not been quiet since they were stamped */
    uint64_t events, denied, late;
    uint64_t threshold; /* that it went over */
    uint32_t handle;    /* of the register of findings; 0: none open */
    uint8_t asset;      /* the greatest value of a home end so far; 0: not known */
    uint8_t pinned;
};

struct fw_keyed_shape {
    const char *name;  /* of the detector, for errors */
    const void *owner; /* what the detector is made from, where it is not alone in that; its own business */
    size_t key_size;
    size_t value_size;
    size_t sets[FW_KEYED_SETS_MAX]; /* offsets of the value's struct fw_distinct members */
    size_t set_count;
    size_t times[FW_KEYED_TIMES_MAX]; /* offsets of the value's own fw_time members */
    size_t time_count;
    /* Beside them, for a value with many: visits each. May be NULL. */
    void (*visit_times)(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie);
    unsigned table_pct; /* of the detector's memory for table and gate; the rest is for sets */
    bool gate;          /* whether a key must come twice within the window */
    uint32_t notes;     /* at the gate for each entry; 0: FW_TABLE_GATE_PER_ENTRY */
    /* What an entry would be missed for, see struct fw_table_config; the cookie is the struct fw_keyed. NULL: its
     * elements, where it has sets. */
    uint32_t (*worth)(void *cookie, const void *value);
    /* The key of an event that concerns the detector, of which fw_keyed_ask has the entry asked for; padding zeroed.
     * observe asks the same one. NULL: nothing is asked for. */
    bool (*key_of)(const struct fw_det *det, const struct fw_event *ev, void *key);
    unsigned version; /* of the value: state of another one is left out when it is loaded */
    size_t extra;     /* bytes of the detector's own beside its entries, zeroed at open; at most FW_KEYED_EXTRA_MAX */
};

struct fw_keyed {
    struct fw_keyed_shape shape;
    const int64_t *values; /* of the detector's parameters */
    const struct fw_mem *mem;
    struct fw_table *table;
    struct fw_distinct_pool *pool;
    size_t bytes;
    fw_time now; /* that advance was told */
    fw_time window;
    fw_time recent; /* of the last contact */
};

/* A detector whose whole state is its entries. Its first parameter is its window: entries and findings are over when
 * they were quiet for so long. */
struct fw_det {
    const int64_t *values;
    struct fw_keyed keyed;
    uint64_t extra[]; /* shape.extra bytes, as they go into the state: no pointers, no bool */
};
static inline fw_time fw_keyed_window(const struct fw_det *det) {
    return det->values[0] * FW_SECOND;
}
/* Allocates and opens it: 0, or -1 with text in err. */
int fw_keyed_open(struct fw_det **det, const struct fw_keyed_shape *shape, const struct fw_detector_config *config,
                  char *err, size_t errlen);
/* These go into its table of functions as they are. */
void fw_keyed_close(struct fw_det **det);
void fw_keyed_ask(struct fw_det *det, const struct fw_event *ev, struct fw_ahead *ahead);
fw_time fw_keyed_quiet(const struct fw_det *det);
void fw_keyed_advance(struct fw_det *det, fw_time now, const struct fw_sink *sink);
void fw_keyed_shift(struct fw_det *det, fw_time from, fw_time delta);
void fw_keyed_closed(struct fw_det *det, void *entry);
void fw_keyed_get_stats(const struct fw_det *det, struct fw_detector_stats *stats);
bool fw_keyed_save(const struct fw_det *det, struct fw_put *put, uint64_t *cursor);
int fw_keyed_load(struct fw_det *det, struct fw_get *get);
void fw_keyed_loaded(struct fw_det *det, const struct fw_sink *sink);

/* The entry of a key at that time, or NULL; a finding that had been quiet by then is closed first, and its entry gone.
 * For a new key in a table whose entries are all pinned, the finding reported longest ago is closed ("evicted"). */
void *fw_keyed_find(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time);
/* One destination of a key: what the gate notes, and what detectors of many destinations count. */
struct fw_contact {
    union fw_addr dst;
    fw_time time;
};
/* The entry of a key that met `now`, or NULL while it has met one destination only and stays at the gate, and for a line
 * so late that its window was over before what the entry knows began. When it
 * enters, the contact it had before is in *first and *noted is true. */
void *fw_keyed_contact(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key,
                       const struct fw_contact *contact, struct fw_contact *first, bool *noted);
/* fw_distinct_add() into a set of this entry. Where the memory of sets is used up, an entry that is worth less and has
 * one goes, so that a new set is not starved by many that have long been over. */
bool fw_keyed_put(struct fw_keyed *keyed, const void *entry, struct fw_distinct *set, const union fw_addr *addr,
                  fw_time time, fw_time window, uint8_t mark);
/* The entry of a key that something else than a contact came of, as an answer; NULL while the gate keeps it, which is the
 * first time. Whatever comes next enters without a first contact. */
void *fw_keyed_gated(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time);
/* For keys that are one matter by themselves, such as a pair of hosts: the entry of a key that came before within the
 * window; NULL: it came for the first time and is noted at the gate, or the line is too late. When it enters, *first is
 * when it came first and *noted is true. An entry that was quiet for a window and has no finding begins anew: it is
 * zeroed, so matter.events is 0 for what has to be set up. */
void *fw_keyed_again(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time, fw_time *first,
                     bool *noted);
/* What fw_keyed_again does with an entry that is there, for a detector with notes of its own at the gate. */
void *fw_keyed_go_on(struct fw_keyed *keyed, void *entry, fw_time time);
/* The same without a gate: what is there, or a new entry; NULL: too late, or every entry is pinned. */
void *fw_keyed_enter(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time);
/* What the sets keep of an event with each element: enum fw_action, and whether it came late. */
#define FW_MARK_LATE 4
uint8_t fw_keyed_mark(const struct fw_event *ev);
/* One event more of that mark, at `time`. */
void fw_keyed_count(struct fw_matter *matter, const struct fw_event *ev, fw_time time);
/* Completes the report from the matter (entry, key, handle, start, threshold, counts), reports it, pins the entry. */
void fw_keyed_report(struct fw_keyed *keyed, const struct fw_sink *sink, struct fw_matter *matter,
                     struct fw_report *report);
/* For an opening: start and counts of the matter become those of what the set holds, that is, of the window. Added to
 * what another set gave when `more`. */
void fw_keyed_recount(const struct fw_keyed *keyed, struct fw_matter *matter, const struct fw_distinct *set, bool more);
/* Names what the sets had to do without, and is the count a lower bound then. */
void fw_keyed_degraded(const struct fw_distinct *set, struct fw_description *out);
/* Evidence of a matter without a set: its first and its last line. dst NULL: none. */
void fw_keyed_edges(const struct fw_matter *matter, const union fw_addr *dst, int dport, struct fw_description *out);
/* Evidence from a set: first 3, last 3, 4 sampled. The mark's bits are the actions seen. */
void fw_keyed_evidence(const struct fw_keyed *keyed, const struct fw_distinct *set, fw_time salt, int dport,
                       struct fw_description *out);

#endif
