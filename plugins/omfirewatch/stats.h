/* stats.h: what impstats shows: one object for the module, and one for each engine. */
#ifndef FW_STATS_H
#define FW_STATS_H

struct fwStation;

rsRetVal fwStatsInit(void);
void fwStatsExit(void);

/* The objects of all stations of a list; on the main thread, and freed when no thread of impstats is left. */
rsRetVal fwStatsOpen(struct fwStation *pList);
void fwStatsClose(void);

/* --- what the glue counts for itself; from any thread ------------------------ */
void fwStatsCountGuarded(void);
void fwStatsCountReload(int bDone);

#endif
