/* engine_inside.h: the engine from inside, for the files that share it: engine.c
 * (what becomes of an event), engine_news.c (and of a finding), engine_pipe.c
 * (how events wait for that), engine_open.c (how it all begins) and
 * engine_state.c (how it is written down).
 */
#ifndef FW_ENGINE_INSIDE_H
#define FW_ENGINE_INSIDE_H

#include "engine.h"
#include "exception.h"
#include "names.h"
#include "pipe.h"
#include "saturation.h"
#include "seen.h"
#include "usage.h"

#define FW_SESSIONS_NAME "sessions" /* no detector's */

/* A health notice that came before the first event: no time is known yet. */
struct early {
    const char *action;
    unsigned severity;
    char text[FW_SENTENCE_MAX];
};

/* What is asked of an event before a built-in detector sees it; those that are on, by kind of event. */
struct fw_want {
    uint64_t needs;
    uint64_t guards;
    size_t detector;
};
struct fw_wants {
    size_t count;
    struct fw_want of[FW_DETECTORS_MAX];
};

struct fw_engine {
    struct fw_mem_counter memory; /* of everything below */
    size_t max_memory;
    size_t fixed; /* bytes of what is not divided */
    const struct fw_site *site;
    struct fw_seed seed;
    struct fw_timing timing;
    struct fw_pipe pipe;
    const struct fw_pipe_slot *turn; /* whose turn it is; NULL: an event that did not wait */
    struct fw_seen *seen;
    struct fw_sessions *sessions;
    struct fw_findings *findings;
    struct fw_exceptions *exceptions;
    struct fw_usage *usage;
    struct fw_names *names;
    struct fw_detector *detectors; /* the built-in ones, then the rules */
    size_t detector_count;
    size_t builtin_count;
    struct fw_wants wants[FW_KINDS];
    const struct fw_ruleset *ruleset; /* NULL: none */
    struct fw_rules *rules;
    struct fw_rules_stats rules_counted; /* what of it is in the counters */
    const struct fw_probe *probe;        /* NULL: nobody asks */
    struct fw_saturation *saturation;    /* of each detector; the last is that of the sessions */
    fw_time advanced;                    /* detectors know the time up to here */
    bool behind;                         /* more findings ended than the outlet had room for */
    struct fw_counters counters;
    struct early early[FW_HEALTH_EARLY_MAX];
    unsigned early_count;
    uint64_t early_dropped;
    struct fw_event about;      /* scratch: the subject of a finding, for the site and the exceptions */
    struct fw_document *outlet; /* ring of FW_OUTLET_MAX */
    uint32_t outlet_first;
    uint32_t outlet_count;
};

/* The n-th document that waits, or the place of the next. */
static inline struct fw_document *fw_engine_waits(const struct fw_engine *engine, uint32_t n) {
    return &engine->outlet[(engine->outlet_first + n) % FW_OUTLET_MAX];
}

/* The places of an event's addresses. */
struct fw_places {
    const struct fw_place *src;
    const struct fw_place *dst;
};
struct fw_places fw_engine_places(const struct fw_site *site, const struct fw_event *ev);
/* Gives an event the roles of its addresses, and says what their places are. */
struct fw_places fw_engine_place(const struct fw_engine *engine, struct fw_event *ev);
/* May an exception be about it? */
bool fw_engine_is_watched(const struct fw_site *site, const struct fw_places *at);
/* An entry of the policy kept an event from a detector. */
void fw_engine_tell_held(struct fw_detector *d, const struct fw_entry *entry);
/* An event, or a finding as one, for the rules of one's own. Returns whether an exception kept it from one of them. */
bool fw_engine_ask_rules(struct fw_engine *engine, const struct fw_event *ev, const struct fw_places *at);
/* Calls from below; the cookie is the engine. */
extern const struct fw_timing_calls fw_engine_timing_calls;
void fw_engine_emit(void *cookie, const struct fw_document *document);
void fw_engine_tell_news(void *cookie, struct fw_news *news);
/* Somebody goes on with an application beyond the policy's day. */
void fw_engine_tell_overdue(void *cookie, const struct fw_use *use, const struct fw_user *user);

/* An event whose turn it is. */
void fw_engine_take_in(struct fw_engine *engine, struct fw_event *ev);
#endif
