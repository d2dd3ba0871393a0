/* keyed.h: what every detector with one entry a key has in common.
 *
 * A table behind its gate, a pool for the sets of its entries, and the life of
 * an entry: it is pinned while its finding is open, dropped when it said nothing
 * for a window, and gives its sets back whichever way it goes.
 * Invariant: a value begins with struct fw_matter.
 */
#ifndef FW_KEYED_H
#define FW_KEYED_H

#include "../core/distinct.h"
#include "detector.h"

#define FW_KEYED_SETS_MAX 4

/* First member of every value. */
struct fw_matter {
    fw_time start; /* first evidence */
    fw_time last;  /* last evidence */
    uint64_t events, denied;
    uint64_t threshold; /* that it went over */
    uint32_t handle;    /* of the register of findings; 0: none open */
    bool pinned;
};

struct fw_keyed_shape {
    const char *name; /* of the detector, for errors */
    size_t key_size;
    size_t value_size;
    size_t sets[FW_KEYED_SETS_MAX]; /* offsets of the value's struct fw_distinct members */
    size_t set_count;
    unsigned table_pct; /* of the detector's memory for table and gate; the rest is for sets */
    bool gate;          /* whether a key must come twice */
    fw_time gate_window;
};

struct fw_keyed {
    struct fw_keyed_shape shape;
    const struct fw_mem *mem;
    struct fw_table *table;
    struct fw_distinct_pool *pool;
    size_t bytes;
};

/* Returns 0, or -1 with text in err. The struct must not move afterwards. */
int fw_keyed_open(struct fw_keyed *keyed, const struct fw_keyed_shape *shape, const struct fw_detector_config *config,
                  char *err, size_t errlen);
void fw_keyed_close(struct fw_keyed *keyed);
/* The whole of a detector of `size` bytes that holds its struct fw_keyed at `offset`: allocated and opened, or NULL with
 * text in err; and closed and released. */
void *fw_keyed_det_open(size_t size, size_t offset, const struct fw_keyed_shape *shape,
                        const struct fw_detector_config *config, char *err, size_t errlen);
void fw_keyed_det_close(void *det, size_t offset);
/* The entry of a key at that time, or NULL; a finding that had been quiet by then is closed first, and its entry gone. */
void *fw_keyed_find(struct fw_keyed *keyed, const struct fw_sink *sink, const void *key, fw_time time);
/* Drops what is not pinned and said nothing for `window`. */
void fw_keyed_advance(struct fw_keyed *keyed, fw_time now, fw_time window);
/* Completes the report from the matter (entry, key, handle, start, threshold, counts), reports it, pins the entry. */
void fw_keyed_report(struct fw_keyed *keyed, const struct fw_sink *sink, struct fw_matter *matter,
                     struct fw_report *report);
/* For an opening: start and counts of the matter become those of what the set holds, that is, of the window. Added to
 * what another set gave when `more`. */
void fw_keyed_recount(const struct fw_keyed *keyed, struct fw_matter *matter, const struct fw_distinct *set, bool more);
/* For ops->closed: the matter is over, the entry goes. */
void fw_keyed_closed(struct fw_keyed *keyed, void *entry);
void fw_keyed_get_stats(const struct fw_keyed *keyed, struct fw_detector_stats *stats);
/* Evidence from a set: first 3, last 3, 4 sampled. The mark's bits are the actions seen. */
void fw_keyed_evidence(const struct fw_keyed *keyed, const struct fw_distinct *set, fw_time salt, int dport,
                       struct fw_description *out);

#endif
