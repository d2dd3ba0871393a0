/* storm.h: how many documents a minute, and what was folded of the rest.
 *
 * A minute is one of event time, told by the engine, not by the event that led
 * to a document: a device whose clock is ahead cannot use up the minutes to come.
 * New findings go before news of old ones: updates get half of the minute. At
 * the end of a minute one document says how many were folded, of which
 * detectors, and which was the worst of them.
 * Memory: one struct. What an attacker controls: how much there is to fold.
 */
#ifndef FW_STORM_H
#define FW_STORM_H

#include "finding.h"
#include "notice.h"

#define FW_DISTANT_CLOCK   (30 * FW_MINUTE) /* the engine's time goes back by more than an hour, or not at all */
#define FW_STORM_DETECTORS 16               /* named in the document of a storm; the rest as "other" */

struct fw_storm {
    fw_time minute; /* begin; FW_TIME_NONE: none yet */
    unsigned written;
    unsigned updates; /* of these */
    uint64_t folded;
    uint64_t folded_updates; /* of these */
    uint64_t folded_of[FW_STORM_DETECTORS + 1];
    const char *detectors[FW_STORM_DETECTORS]; /* names */
    unsigned worst_score;
    char worst[FW_SENTENCE_MAX]; /* its sentence */
};

void fw_storm_init(struct fw_storm *storm);
/* Whether another minute than the current one has begun at `now`. */
bool fw_storm_is_over(const struct fw_storm *storm, fw_time now);
/* Begins the minute of `now`; what was folded is forgotten, so fw_storm_notice() comes before. */
void fw_storm_begin(struct fw_storm *storm, fw_time now);
/* Whether there is room for one more; it is taken then. */
bool fw_storm_admit(struct fw_storm *storm, unsigned per_minute, bool update);
/* detector: name, a constant. */
void fw_storm_fold(struct fw_storm *storm, const char *detector, bool update, unsigned score, const char *sentence);
/* The document of the minute that ends; of one that folded something. */
void fw_storm_notice(const struct fw_storm *storm, unsigned per_minute, struct fw_notice *notice);

#endif
