/* rule.h: one rule of one's own, as the policy fills it in and as it runs.
 *
 * A rule is a detector: its table of functions (ops) is its first member, and
 * what it counts lies in a struct fw_det of detect/keyed.h, one entry a key. A
 * rule has one or more steps, each a condition and where the key is found in an
 * event that meets it; a verb says what is made of such events:
 *   count, distinct, sum   how many, how many different, how much (measure.c)
 *   sequence               one after the other (sequence.c)
 *   absence                what should have come and did not (absence.c)
 *   first_seen             what never came before (seen.c)
 *   rank                   the greatest of a time (rank.c)
 *
 * Memory per key: 200 bytes, 256 more for sum, sequence and a quiet that lets some
 * pass, 64 for each text that the sentence shows, 256 for the line; and 36 for each event
 * or element within the window for count and distinct. All of it is the rule's share of
 * max_memory.
 * What an attacker controls: the keys and the elements. Tables and sets are
 * bounded and count what they lose; for count and distinct a key has to come
 * twice before it gets an entry.
 */
#ifndef FW_RULE_H
#define FW_RULE_H

#include "../detect/fanout.h"
#include "../detect/keyed.h"
#include "match.h"
#include "say.h"
#include "times.h"

#define FW_RULE_ID_MAX     31  /* as long as a detector's name may be, wherever names are kept */
#define FW_RULE_TEXT_MAX   200 /* of title, sentence and next step: a finding is read on a phone */
#define FW_RULE_STEPS_MAX  32  /* of a sequence, each time it has to come counted */
#define FW_RULE_KEYS_MAX   4   /* fields of a key: FW_TABLE_KEY_MAX has room for four of 16 bytes */
#define FW_RULE_STAGES_MAX 8   /* a ladder of more is nobody's */
#define FW_RULE_ATTACK_MAX 8
#define FW_RULE_EXCEPT_MAX 64
#define FW_RULE_TOP_MAX    20 /* of a ranking, as a summary has room for */
#define FW_RULE_TEXTS_MAX  8  /* fields whose text an entry keeps for its sentence */
#define FW_RULE_TEXT_KEPT  64 /* bytes of each, cut beyond; a line has four times as much: a sentence holds no more */
#define FW_RULE_LINE_KEPT  (4 * FW_RULE_TEXT_KEPT)
#define FW_RULE_SLICES     32 /* of a sliding sum's window */

enum fw_verb {
    FW_VERB_COUNT,
    FW_VERB_DISTINCT,
    FW_VERB_SUM,
    FW_VERB_SEQUENCE,
    FW_VERB_ABSENCE,
    FW_VERB_FIRST_SEEN,
    FW_VERB_RANK,
    FW_VERBS
};
enum fw_window_kind { FW_WINDOW_SLIDING, FW_WINDOW_TUMBLING, FW_WINDOW_SESSION, FW_WINDOW_LEAK };

struct fw_rule_step {
    struct fw_match *match;         /* owned */
    unsigned key[FW_RULE_KEYS_MAX]; /* the fields of rule.key, as this step calls them */
    unsigned times;                 /* of a sequence: it has to come so often */
    unsigned first;                 /* filled in: number of its first time */
    struct fw_code code;
    struct fw_rule *rule;
};

struct fw_rule_stage {
    uint64_t threshold;
    fw_time window;
};

struct fw_rule_except {
    struct fw_match *match; /* owned */
    struct fw_times *when;  /* owned; NULL: always */
    fw_time until;          /* holds before; FW_TIME_MAX: no end */
    struct fw_code code;
};

struct fw_rule {
    struct fw_detector_ops ops; /* first: ops->... leads to the rule */
    struct fw_param params[2];  /* the window, and the end */
    enum fw_verb verb;
    enum fw_window_kind window;
    /* owned */
    char *id, *title, *next_step, *text, *attack[FW_RULE_ATTACK_MAX + 1];
    struct fw_say say;
    struct fw_rule_step steps[FW_RULE_STEPS_MAX];
    size_t steps_count;
    bool any_order;
    unsigned key[FW_RULE_KEYS_MAX];
    size_t key_count;
    unsigned of; /* field of distinct, sum, first_seen, and weight of a rank; FW_RULE_FIELDS: none */
    struct fw_rule_stage stages[FW_RULE_STAGES_MAX];
    size_t stages_count;
    struct fw_rule_except except[FW_RULE_EXCEPT_MAX];
    size_t except_count;
    fw_time throttle;      /* 0: none; after it has said something of a key it says nothing for so long */
    fw_time quiet;         /* 0: by the verb */
    unsigned calm;         /* of a count: over when no more than so many came within quiet; 0: when none did */
    fw_time leak;          /* of a window that leaks: an event leaves the bucket after so long */
    struct fw_times *when; /* owned; NULL: always. Of absence: when it is told */
    struct fw_times *due;  /* owned; of absence: in each of these spans it is to come. NULL: within the window */
    fw_time learn;         /* of first_seen: nothing is new before */
    unsigned top;

    /* filled in by the ruleset */
    unsigned depth;                    /* 1: it looks at no finding of a rule */
    size_t key_size;                   /* bytes */
    size_t times;                      /* of all steps */
    size_t tail;                       /* words at the end of an entry */
    unsigned texts[FW_RULE_TEXTS_MAX]; /* fields that an entry keeps */
    size_t text_at[FW_RULE_TEXTS_MAX]; /* where in the entry's texts */
    size_t texts_count, texts_bytes;
    bool captures;        /* it names what expressions found */
    uint64_t fingerprint; /* of its text: state of another one is left out */
};

/* Of a key. It goes into the state as it is in memory. */
struct fw_rule_entry {
    struct fw_fanout fan; /* its matter first; the set of events or elements */
    uint64_t value;       /* sums and ranks; findings that a sequence made; how long a bucket takes to be empty, ms */
    fw_time mark; /* start of a tumbling window; when a bucket was looked at; when something is missed, 0: nothing is */
    fw_time began; /* of what is waited for; start of the span it is due in */
    uint8_t stage;
    uint64_t tail[]; /* rule.tail words: chains, slices, or the latest times of a count; then the texts */
};

static inline const struct fw_rule *fw_rule_of(const struct fw_det *det) {
    return det->keyed.shape.owner;
}

/* ---- rule.c: what the verbs share ---- */

/* The functions of an empty rule, by its verb; id, title and the like are set. */
void fw_rule_equip(struct fw_rule *rule);
/* An event that one of its steps holds for, and no exception. */
void fw_rule_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                     const struct fw_sink *sink);
/* The key as that step finds it; of is added when it is part of it. False: a field is not there. */
bool fw_rule_key(const struct fw_rule *rule, const struct fw_rule_step *step, const struct fw_event *ev, void *key);
/* Of n times that lie from the oldest to the newest, 0 for none: puts a later one in its place, the oldest goes. */
void fw_rule_keep_latest(fw_time *times, size_t n, fw_time time);
/* Bytes that an entry keeps of the text of that field. */
static inline size_t fw_rule_text_size(unsigned field) {
    return field == FW_RULE_MESSAGE ? FW_RULE_LINE_KEPT : FW_RULE_TEXT_KEPT;
}
/* 16 bytes that stand for a field that is there. */
union fw_addr fw_rule_element(const struct fw_event *ev, unsigned field);
void fw_rule_count(struct fw_rule_entry *entry, const struct fw_event *ev);
/* Keeps what the sentence shows of the event. */
void fw_rule_note(const struct fw_rule *rule, struct fw_rule_entry *entry, const struct fw_event *ev);
void fw_rule_report(struct fw_det *det, const struct fw_sink *sink, struct fw_rule_entry *entry, fw_time time,
                    uint64_t value);
void fw_rule_tell(struct fw_det *det, const struct fw_sink *sink, const struct fw_event *ev,
                  const struct fw_rule_step *step, uint64_t value, uint64_t threshold,
                  const struct fw_rule_entry *entry);
/* The values of a key as people read them: "10.1.2.3, root". */
size_t fw_rule_key_text(const struct fw_rule *rule, const void *key, const struct fw_rule_entry *entry,
                        const char *between, char *buf, size_t size);

/* ---- the verbs: an event, and how time passes ---- */
void fw_measure_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                        const struct fw_sink *sink);
void fw_sequence_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                         const struct fw_sink *sink);
void fw_absence_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                        const struct fw_sink *sink);
void fw_absence_advance(struct fw_det *det, fw_time now, const struct fw_sink *sink);
void fw_seen_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                     const struct fw_sink *sink);
void fw_rank_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                     const struct fw_sink *sink);
void fw_rank_advance(struct fw_det *det, fw_time now, const struct fw_sink *sink);

#endif
