/* engine.h: events in, documents out.
 *
 * One engine is one site's state. It is not thread safe: the caller holds one
 * lock around every call (glue), or is alone (replay). Feeding does no I/O and
 * no allocation; documents wait in a bounded outlet until the caller takes them.
 */
#ifndef FW_ENGINE_H
#define FW_ENGINE_H

#include "../detect/detector.h"
#include "event.h"
#include "finding.h"
#include "ruleset.h"
#include "session.h"
#include "site.h"
#include "timing.h"

#define FW_MEMORY_DEFAULT     ((size_t)256 << 20)
#define FW_MEMORY_MIN         ((size_t)16 << 20)
#define FW_OUTLET_MAX         128       /* documents that wait; the caller takes them after every event */
#define FW_HEALTH_EARLY_MAX   8         /* health notices that wait for the first event: each start has one or two */
#define FW_PER_MINUTE_DEFAULT 60        /* documents a minute; more is a storm and folded */
#define FW_ADVANCE_STEP       FW_SECOND /* time passes for detectors in steps of this */

struct fw_counters {
#define FW_COUNTER(name, doc) uint64_t name;
#include "counters.def"
#undef FW_COUNTER
};

/* What the policy says of one detector; by index of fw_detectors[]. */
struct fw_detector_setting {
    bool enabled;
    int64_t values[FW_PARAMS_MAX];
};

/* What a policy says to an engine. */
struct fw_settings {
    const struct fw_site *site;                  /* must outlive the engine or be replaced by fw_engine_policy() */
    const struct fw_detector_setting *detectors; /* FW_DETECTORS_MAX of them, copied */
    size_t max_memory;                           /* bytes, 0: FW_MEMORY_DEFAULT */
    unsigned findings_per_minute;                /* 0: FW_PER_MINUTE_DEFAULT */
    const struct fw_ruleset *rules;              /* of one's own; NULL: none. The engine holds them on */
    struct fw_intervals intervals;               /* of zero: the default */
};

struct fw_engine_config {
    const struct fw_settings *settings;
    size_t max_memory;        /* bytes, instead of the settings'; 0: as they say */
    struct fw_seed seed;      /* secret, of tables only: findings do not depend on it */
    const struct fw_mem *mem; /* NULL: the C library's */
};

struct fw_engine;

int fw_engine_open(struct fw_engine **engine, const struct fw_engine_config *config, char *err, size_t errlen);
void fw_engine_close(struct fw_engine **engine);

/* What parsers hash lines with, for fw_event.identity. A state that is loaded may bring another one. */
struct fw_seed fw_engine_line_seed(const struct fw_engine *engine);
/* Presence bits that the engine and the enabled detectors use. */
uint64_t fw_engine_needs(const struct fw_detector_setting *detectors);
/* With those of the rules. */
uint64_t fw_settings_needs(const struct fw_settings *settings);
/* Rules look at the text of lines: parsers have to fill in fw_event.message and program. */
bool fw_settings_want_text(const struct fw_settings *settings);
/* A new policy can have its rules without another engine. */
bool fw_engine_has_rules(const struct fw_engine *engine, const struct fw_ruleset *rules);

/* Feeds one event; adds roles, counts, reply ... to it on the way. One whose time is in question is copied and waits for
 * the next ones. */
void fw_engine_feed(struct fw_engine *engine, struct fw_event *ev);
/* The same, faster where many follow each other: the event is copied and has its turn when a few others have come, or
 * when anything else is asked of the engine, before that is answered (pipe.h). The caller takes documents after every
 * push as ever, lets nothing wait for long, and at the end catches up. */
void fw_engine_push(struct fw_engine *engine, const struct fw_event *ev);
/* Those that wait have their turn, until there is a document to take. True: take it, and call again, some still wait.
 * Whatever else is called lets all of them have their turn at once (flush), and more documents may come than there is
 * room for: endings then wait for the next event. So before it, catch up. */
bool fw_engine_catch_up(struct fw_engine *engine);
void fw_engine_flush(struct fw_engine *engine); /* never from within a call of the engine's */
/* No more events come: those that wait go on with the time they say. To be called at the end, before state is saved. */
void fw_engine_settle(struct fw_engine *engine);
/* A line that is no event, for the rules that want such; its time and its text are set. Nothing else becomes of it. */
void fw_engine_push_text(struct fw_engine *engine, struct fw_event *ev);
/* A line came: whatever became of it. */
void fw_engine_count_line(struct fw_engine *engine, bool truncated);
void fw_engine_count_unparsed(struct fw_engine *engine);
void fw_engine_count_refused(struct fw_engine *engine);
void fw_engine_count_ignored(struct fw_engine *engine);

/* No event came for `idle` ms more: windows close and findings end. */
void fw_engine_idle(struct fw_engine *engine, fw_time idle);

/* Something about firewatch itself that people should know, for the ruleset of the findings: a refused policy, a state
 * file set aside. action: event.action, a constant ("policy-refused"); severity: syslog's; time: FW_TIME_NONE for the
 * engine's now. text is one sentence, cut to FW_SENTENCE_MAX. Before the first event there is no now: up to
 * FW_HEALTH_EARLY_MAX notices wait for it, more are counted as dropped. */
void fw_engine_health(struct fw_engine *engine, const char *action, unsigned severity, fw_time time, const char *text);

/* Takes the oldest waiting document. */
bool fw_engine_take(struct fw_engine *engine, struct fw_document *document);
bool fw_engine_waiting(const struct fw_engine *engine);

/* A new policy: state stays where detector and key are unchanged. */
void fw_engine_policy(struct fw_engine *engine, const struct fw_settings *settings);

/* Who wants to hear what becomes of the events from now on; NULL: nobody. Borrowed. */
void fw_engine_probe(struct fw_engine *engine, const struct fw_probe *probe);

void fw_engine_get_counters(struct fw_engine *engine, struct fw_counters *counters);
/* The detectors of this engine, in the order of fw_detectors[], then the rules in that of the policy; the n-th, or NULL. */
const struct fw_detector *fw_engine_detector(const struct fw_engine *engine, size_t n);
/* How max_memory is divided: the n-th part, or false. */
struct fw_engine_part {
    const char *name;
    size_t bytes;
    uint64_t keys; /* sources, sessions ... it can hold */
    uint64_t gate; /* first sightings of more */
    uint64_t sets; /* sets of elements of any size; 0: it has none */
};
bool fw_engine_part(const struct fw_engine *engine, size_t n, struct fw_engine_part *part);
fw_time fw_engine_now(struct fw_engine *engine);

/* ---- state: what snapshot.c needs ---- */

/* Everything that is state and has functions of its own for it. */
struct fw_engine_parts {
    struct fw_engine *engine;
    struct fw_timing *timing; /* with clock and sensors */
    struct fw_sessions *sessions;
    struct fw_findings *findings;
    struct fw_detector *detectors;
    size_t detector_count;
    struct fw_exceptions *exceptions;
    struct fw_seen *seen;
    struct fw_usage *usage;
    struct fw_names *names;
};
void fw_engine_parts(struct fw_engine *engine, struct fw_engine_parts *parts);
/* The seed it was opened with. */
struct fw_seed fw_engine_seed(const struct fw_engine *engine);
/* Documents that wait, and, of the others, what was counted. */
bool fw_engine_save_outlet(const struct fw_engine *engine, struct fw_put *put, uint64_t *cursor);
int fw_engine_load_outlet(struct fw_engine *engine, struct fw_get *get);
void fw_engine_save_counts(struct fw_engine *engine, struct fw_put *put);
int fw_engine_load_counts(struct fw_engine *engine, struct fw_get *get);
/* Which parts lose much, by name. */
void fw_engine_save_losses(const struct fw_engine *engine, struct fw_put *put);
int fw_engine_load_losses(struct fw_engine *engine, struct fw_get *get);
/* Documents up to that sequence have left: those that wait are forgotten. */
void fw_engine_left(struct fw_engine *engine, uint64_t sequence);

#endif
