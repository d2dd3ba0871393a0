/* register.h: the register of open findings from inside, for the files that share it: register.c (memory and lists),
 * finding.c (the life), mute.c (parents and children), notice.c, and whoever
 * saves it.
 *
 * A finding is plain data but for three pointers, which detector and matter lead
 * to again (register_state.c), and the links below them, which fw_register_link() makes anew.
 * Invariants: a finding is in the list of reports, and by its source in a chain
 * of mute.c, from link to unlink; `parent` is the index of an open finding.
 */
#ifndef FW_REGISTER_H
#define FW_REGISTER_H

#include "../detect/detector.h"
#include "finding.h"
#include "geo.h"
#include "notice.h"
#include "storm.h"

#define FW_NIL          UINT32_MAX
#define FW_CHAINS       4096 /* heads of the chains by source: one for each finding at most */
#define FW_CHILDREN_MAX 4    /* detectors named in a parent's document; a relation more is counted, not named */
#define FW_CHILD_NAME   32
#define FW_FIRST_KEPT   3 /* evidence of the opening, which the detector's window loses in time */
#define FW_SENSOR_KEPT  64
#define FW_MEASURE_KEPT 32

struct fw_finding {
    struct fw_detector *detector;
    void *entry; /* NULL: an orphan, see finding.h; it has no handle then */
    uint32_t *handle;

    uint32_t older, newer;           /* by last report; `newer` links free ones */
    uint32_t chain_prev, chain_next; /* of the same hash of the source */
    uint32_t parent;                 /* index + 1 of the open finding that mutes it; 0: none */

    uint8_t key[FW_TABLE_KEY_MAX];
    uint32_t key_size;
    uint64_t matter; /* hash of detector and key: the same matter has the same */
    uint64_t id;
    uint64_t previous_id;
    uint64_t parent_id; /* of what mutes it, or did last */
    struct fw_subject subject;
    fw_time start;
    fw_time last;    /* report */
    fw_time heard;   /* the present when it came: a backlog has not been quiet since it was stamped */
    fw_time emitted; /* last document, written or held back */
    fw_time resumed; /* first report after its parent had closed; FW_TIME_NONE: none yet */
    uint64_t emitted_value;
    uint64_t value;
    uint64_t threshold;
    uint64_t events, allowed, denied, late;
    uint64_t suppressed; /* documents held back: by a parent, or by a storm */
    uint64_t muted;      /* findings it mutes, or did */
    uint64_t reported;   /* rises along the list of reports */
    unsigned stage, emitted_stage;
    unsigned asset, emitted_asset;
    bool announced; /* its opening was written */
    bool mutes;     /* its detector is the parent of others; made by mute.c */
    char sensor[FW_SENSOR_KEPT];
    char children[FW_CHILDREN_MAX][FW_CHILD_NAME]; /* detectors of what it muted */
    struct fw_evidence first[FW_FIRST_KEPT];
    unsigned first_count;
    /* of its last description: all that is left of it when it is an orphan */
    char measure[FW_MEASURE_KEPT];
    fw_time window;
    unsigned confidence, raise;
};

/* A matter that was announced and has closed. */
struct fw_past {
    uint64_t id;
    fw_time closed;
};

struct fw_findings {
    const struct fw_mem *mem;
    struct fw_finding *all; /* FW_FINDINGS_MAX */
    uint32_t free_head;
    uint32_t oldest, newest; /* by last report */
    uint64_t reports;
    uint32_t orphans;
    bool has_loaded;
    uint64_t loaded_sequence; /* of documents written before the state that was loaded */
    uint32_t *chains;         /* FW_CHAINS by source, and as many of those that mute others */
    struct fw_table *past;    /* matter -> struct fw_past */
    const struct fw_relation *relations;
    const struct fw_geo *geo; /* NULL: none */
    struct fw_names *names;   /* NULL: none */
    unsigned per_minute;
    struct fw_intervals intervals; /* none is 0 */
    struct fw_storm storm;
    struct {
        fw_time minute;
        unsigned count;
    } notices[2]; /* written in this minute: summaries, health */
    fw_time refusal_told;
    uint64_t refusals; /* since then */
    uint64_t sequence;
    const struct fw_event *ev; /* being observed; borrowed */
    fw_time now;               /* what the engine believes; FW_TIME_NONE: nobody told */
    fw_time told;              /* that advance was told */
    fw_emit_fn emit;
    void *cookie;
    fw_news_fn news; /* NULL: nobody listens */
    void *news_cookie;
    struct fw_findings_stats stats;
    struct fw_description what; /* scratch */
    struct fw_notice notice;    /* scratch */
    struct fw_document document;
};

/* An empty finding that is in no list yet; NULL: all are open. */
struct fw_finding *fw_register_take(struct fw_findings *findings);
/* Into the lists; detector, subject and the like are set. */
void fw_register_link(struct fw_findings *findings, struct fw_finding *one);

/* It is the one reported last. */
void fw_register_touch(struct fw_findings *findings, struct fw_finding *one);
/* Out of the lists and free; its detector's closed() is called, if it has an entry. */
void fw_register_leave(struct fw_findings *findings, struct fw_finding *one);
/* The matter was announced and closed then. */
void fw_register_remember(struct fw_findings *findings, const struct fw_finding *one, fw_time closed);

/* finding.c. Tells who listens of a finding; withdrawn: that it does not count for itself any more. */
void fw_register_tell(struct fw_findings *findings, const struct fw_finding *one, fw_time time, bool risen,
                      bool withdrawn);

/* register_state.c. The finding as it is after that document (enum fw_finding_action), for fw_findings_trace(). Returns
 * the length, 0: it does not fit. */
size_t fw_register_trace(const struct fw_finding *one, unsigned action, uint8_t *trace, size_t size);

/* notice.c. Begins another minute of documents when `now` is in one. */
void fw_register_turn_minute(struct fw_findings *findings, fw_time now);
/* Counts a finding that did not fit; told when the register fills, and once in intervals.summary while it lasts. */
void fw_register_refuse(struct fw_findings *findings, const struct fw_detector *detector, fw_time time);

/* mute.c. A finding that opened (or was loaded): what mutes it, and what it mutes from now on. */
void fw_mute_opened(struct fw_findings *findings, struct fw_finding *one);
/* A finding that has left the register: what it muted gets another parent, or none. */
void fw_mute_closed(struct fw_findings *findings, const struct fw_finding *one);
void fw_mute_link(struct fw_findings *findings, struct fw_finding *one);
void fw_mute_unlink(struct fw_findings *findings, const struct fw_finding *one);

#endif
