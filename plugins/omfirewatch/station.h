/* station.h: an engine, its lock, and what the actions that share it agreed on.
 *
 * Actions that name the same engine= feed one station, from as many rulesets
 * and worker threads as there are. It is counted: in rsyslog a worker's data may
 * outlive the action's.
 */
#ifndef FW_STATION_H
#define FW_STATION_H

#include <stdbool.h>

#include "core/engine.h"
#include "parse/parser.h"
#include "ruleset.h"

#include "params.h"

struct fwStation;

/* --- while the configuration is read, and on the main thread ----------------- */

/* The station of that name, from the list or new. An action may leave out what another one of the same engine says;
 * what contradicts is refused. */
rsRetVal fwStationJoin(struct fwStation **ppStation, struct fwStation **ppList, const struct fwParams *pParams);
struct fwStation *fwStationAddRef(struct fwStation *pStation);
void fwStationPut(struct fwStation **ppStation);
void fwStationFreeList(struct fwStation **ppList);

struct fwStation *fwStationNext(const struct fwStation *pStation);
const char *fwStationName(const struct fwStation *pStation);
const char *fwStationRuleset(const struct fwStation *pStation);

/* All actions are known, the ruleset of the findings as well: the engine comes into being. */
rsRetVal fwStationOpen(struct fwStation *pStation, ruleset_t *pRuleset, rsconf_t *pConf);
/* rsyslogd begins to run: goes on with the state that was kept. */
void fwStationResume(struct fwStation *pStation);
/* HUP: reads the policy again; the old one stays when anything is wrong with the new. Where that asks for other memory
 * (a detector that was off, another limit), the state moves into a new engine under the lock: lines wait for it, some
 * hundred milliseconds where the state is large. */
void fwStationReload(struct fwStation *pStation);

/* --- from any thread, cancellation disabled ---------------------------------- */

bool fwStationIsOpen(const struct fwStation *pStation);
/* What the engine wants parsers to read. */
uint64_t fwStationNeeds(const struct fwStation *pStation);
/* Whether it wants the text of lines, and lines that are no events. */
bool fwStationWantsText(const struct fwStation *pStation);
/* What the engine wants them to hash lines with; once it is open. */
struct fw_seed fwStationLineSeed(struct fwStation *pStation);
/* A line was parsed: counts it, feeds its event, injects what the engine has to say. bWhole: the caller wants to see what
 * the engine adds to the event; otherwise it may wait for the next ones, or for the tick. */
void fwStationObserve(struct fwStation *pStation, enum fw_parse_result result, struct fw_event *pEvent, bool truncated,
                      bool bWhole);
/* Events may wait from now on, as there will be ticks; or may not, and none does any more. */
void fwStationPipe(struct fwStation *pStation, bool bPiped);
/* So much time has passed since the last call; for one thread only. */
void fwStationTick(struct fwStation *pStation, fw_time elapsed);
/* Saves the state, when it is time; may take as long as the disk does; for one thread only. pStopping: asked often. */
void fwStationSave(struct fwStation *pStation, fw_time now, bool (*pStopping)(void));

/* --- what impstats shows ----------------------------------------------------- */

struct fwDetectorFigures {
    uint64_t held;
    uint64_t evicted;
    uint64_t gated;
    uint64_t forgotten;
    uint64_t suppressed;
};
struct fwFigures {
    struct fw_counters counters;
    uint64_t documents_injected;
    uint64_t inject_failed;
    uint64_t state_saved;
    uint64_t state_failed;
    uint64_t state_dropped;
    uint64_t journal_written;
    uint64_t journal_failed;
    size_t nDetectors;
    struct fwDetectorFigures detectors[FW_DETECTORS_MAX];
    struct fwDetectorFigures rules; /* of one's own, together */
};
void fwStationFigures(struct fwStation *pStation, struct fwFigures *pFigures);

#endif
