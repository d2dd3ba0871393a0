/* ruleset.h: what the engine knows of rules of one's own.
 *
 * A rule is a detector that the policy describes: it has a table of functions
 * (ops) like those in detect/, and stands behind them in the engine, so that its
 * findings, its memory, its state and its counters go the same ways. What is
 * different: the rules are asked together, so that an event costs little
 * however many there are, and they may look at the text of a line and at the
 * findings of others. How that is done is the business of the room rules/; the
 * engine calls it through this.
 * Invariants: constant once it is open; an engine that was opened with it holds
 * it, so that it outlives the policy that made it.
 */
#ifndef FW_RULESET_H
#define FW_RULESET_H

#include "event.h"
#include "mem.h"

#define FW_RULES_MAX   1024 /* of one policy: more is nobody's to know by heart; the engine reserves a place for each */
#define FW_RULES_DEPTH 4    /* findings of rules that feed rules: steps from the first to the last */

struct fw_detector;
struct fw_detector_ops;
struct fw_findings;
struct fw_rules; /* what an engine needs to ask them: working memory */

struct fw_rules_stats {
    uint64_t asked;   /* conditions that were evaluated */
    uint64_t limited; /* patterns that gave up at their limit: counted as no match */
};

/* The exceptions of the policy: whether one keeps an event from a rule that would take it. */
struct fw_rules_guard {
    bool (*holds)(void *cookie, size_t rule);
    void *cookie;
};

#define FW_RULE_BITS (FW_RULES_MAX / 64) /* words of a set of rules, by index */

struct fw_ruleset {
    size_t count;
    const struct fw_detector_ops *const *ops; /* one each */
    const bool *off;                          /* by index; such a rule gets no memory */
    uint64_t fields;                          /* presence bits that they look at */
    uint64_t fingerprint;                     /* the same: the same rules, with the same networks behind their names */
    bool text;                                /* they look at fw_event.message or program */
    bool lines;                               /* and want lines that are no events, as of FW_KIND_NONE */
    bool findings;                            /* they want to be told of findings */

    int (*open)(const struct fw_ruleset *set, struct fw_rules **rules, const struct fw_mem *mem);
    void (*close)(struct fw_rules **rules);
    /* An event, or a finding as one (fw_event.finding): detectors are those of the rules, `count` of them. guard: NULL
     * where no exception of the policy is about it. */
    void (*observe)(struct fw_rules *rules, const struct fw_event *ev, struct fw_detector *detectors,
                    struct fw_findings *findings, const struct fw_rules_guard *guard);
    void (*get_stats)(const struct fw_rules *rules, struct fw_rules_stats *stats);
};

#endif
