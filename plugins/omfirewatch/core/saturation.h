/* saturation.h: whether a part loses so much for want of memory that people should know.
 *
 * Losing something is ordinary (a gate slot now and then); losing much means that
 * a slow scanner may be missed. A part is saturated when it lost
 * FW_SATURATION_RATE things in a minute of event time, until it has lost less for
 * FW_SATURATION_CALM. It is said at most once in FW_SATURATION_EVERY, and that it
 * is over only when it was said.
 * Memory: one struct a part. What an attacker controls: how much is lost, and so
 * one notice an hour and part.
 */
#ifndef FW_SATURATION_H
#define FW_SATURATION_H

#include "event.h"
#include "finding.h"
#include "state.h"

#define FW_SATURATION_RATE  1000 /* a minute: no traffic that fits loses so much, a flood loses more at once */
#define FW_SATURATION_CALM  (10 * FW_MINUTE) /* a flood with pauses is one flood */
#define FW_SATURATION_EVERY FW_HOUR

/* Totals since the start. */
struct fw_loss {
    uint64_t overrun;   /* first sightings pushed out of the gate within their window */
    uint64_t evicted;   /* entries pushed out while they lived, or not taken */
    uint64_t forgotten; /* elements of sets */
};

enum fw_saturation_news { FW_SATURATION_NOTHING, FW_SATURATION_BEGAN, FW_SATURATION_LASTS, FW_SATURATION_ENDED };

/* All zero is the beginning. */
struct fw_saturation {
    bool running, on, told, ever_told;
    fw_time minute;    /* since when the minute runs */
    fw_time since;     /* saturated since */
    fw_time lost_last; /* last minute with a loss at the rate */
    fw_time told_at;
    struct fw_loss at_minute, at_since;
};

/* Looks at the totals at `now`. Whatever is to be said concerns since ... now and *lost. */
enum fw_saturation_news fw_saturation_look(struct fw_saturation *saturation, fw_time now, const struct fw_loss *total,
                                           struct fw_loss *lost);
/* All of it into a record and out of it; -1: it makes no sense, and nothing is changed. */
void fw_saturation_save(const struct fw_saturation *saturation, struct fw_put *put);
int fw_saturation_load(struct fw_saturation *saturation, struct fw_get *get);
/* Says it as a health notice: which part, since when, how much was lost, what to do. */
void fw_saturation_tell(struct fw_findings *findings, enum fw_saturation_news news, const char *part, fw_time since,
                        fw_time now, const struct fw_loss *lost, size_t max_memory);

#endif
