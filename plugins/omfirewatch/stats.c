/* stats.c: see stats.h.
 *
 * The engine counts for itself, whether impstats is loaded or not. Here is a
 * copy of its figures; only the thread of impstats touches it.
 *
 * rsyslog calls an object's read notifier after it has read it, so an object
 * that renewed itself would always show the figures of the last time. Objects
 * are read in the order in which they were made: the module's own comes first,
 * with counters that need no renewal, and its notifier renews the others.
 */
#include "config.h"
#include "rsyslog.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "obj.h"
#include "statsobj.h"

#include "station.h"
#include "stats.h"

DEFobjCurrIf(obj);
DEFobjCurrIf(statsobj);

#define STATS_NAME_MAX 128 /* longer than any detector's name with that of a counter */

/* an engine's */
struct stats {
    struct stats *pNext;
    struct fwStation *pStation;
    statsobj_t *pObj;
    struct fwFigures figures;
};
_Static_assert(sizeof(intctr_t) == sizeof(uint64_t), "figures are shown where they stand");

static struct {
    statsobj_t *pObj;
    struct stats *pEngines;
    uint64_t engines_held;
    uint64_t messages_guarded;
    uint64_t reloads_done;
    uint64_t reloads_refused;
} module;

rsRetVal fwStatsInit(void) {
    DEFiRet;
    CHKiRet(objGetObjInterface(&obj));
    CHKiRet(objUse(statsobj, CORE_COMPONENT));
finalize_it:
    RETiRet;
}

void fwStatsExit(void) {
    objRelease(statsobj, CORE_COMPONENT);
}

void fwStatsCountGuarded(void) {
    __atomic_fetch_add(&module.messages_guarded, 1, __ATOMIC_RELAXED);
}

void fwStatsCountReload(const int bDone) {
    __atomic_fetch_add(bDone ? &module.reloads_done : &module.reloads_refused, 1, __ATOMIC_RELAXED);
}

static void refreshEngines(statsobj_t *pObj ATTR_UNUSED, void *pCtx ATTR_UNUSED) {
    int cancelState;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
    for (struct stats *p = module.pEngines; p != NULL; p = p->pNext) {
        fwStationFigures(p->pStation, &p->figures);
    }
    pthread_setcancelstate(cancelState, NULL);
}

static rsRetVal show(statsobj_t *const pObj, const char *const pszName, uint64_t *const pFigure) {
    return statsobj.AddCounter(pObj, (const uchar *)pszName, ctrType_IntCtr, CTR_FLAG_NONE, pFigure);
}

static rsRetVal newObj(statsobj_t **const ppObj, const char *const pszName) {
    DEFiRet;
    CHKiRet(statsobj.Construct(ppObj));
    CHKiRet(statsobj.SetName(*ppObj, (uchar *)pszName));
    CHKiRet(statsobj.SetOrigin(*ppObj, (uchar *)"omfirewatch"));
finalize_it:
    RETiRet;
}

static rsRetVal showDetector(struct stats *const pThis, struct fwDetectorFigures *const p, const char *const pszOf) {
    const struct {
        const char *pszName;
        uint64_t *pFigure;
    } shown[] = {{"held", &p->held},
                 {"evicted", &p->evicted},
                 {"gated", &p->gated},
                 {"forgotten", &p->forgotten},
                 {"suppressed", &p->suppressed}};
    char name[STATS_NAME_MAX];
    DEFiRet;
    for (size_t k = 0; k < sizeof(shown) / sizeof(shown[0]); ++k) {
        (void)snprintf(name, sizeof(name), "%s.%s", pszOf, shown[k].pszName);
        CHKiRet(show(pThis->pObj, name, shown[k].pFigure));
    }
finalize_it:
    RETiRet;
}

static rsRetVal showEngine(struct stats *const pThis) {
    char name[STATS_NAME_MAX];
    DEFiRet;
    (void)snprintf(name, sizeof(name), "omfirewatch(%s)", fwStationName(pThis->pStation));
    CHKiRet(newObj(&pThis->pObj, name));
    fwStationFigures(pThis->pStation, &pThis->figures);
#define FW_COUNTER(name, doc) CHKiRet(show(pThis->pObj, #name, &pThis->figures.counters.name));
#include "core/counters.def"
#undef FW_COUNTER
    CHKiRet(show(pThis->pObj, "documents_injected", &pThis->figures.documents_injected));
    CHKiRet(show(pThis->pObj, "inject_failed", &pThis->figures.inject_failed));
    CHKiRet(show(pThis->pObj, "state_saved", &pThis->figures.state_saved));
    CHKiRet(show(pThis->pObj, "state_failed", &pThis->figures.state_failed));
    CHKiRet(show(pThis->pObj, "state_dropped", &pThis->figures.state_dropped));
    CHKiRet(show(pThis->pObj, "journal_written", &pThis->figures.journal_written));
    CHKiRet(show(pThis->pObj, "journal_failed", &pThis->figures.journal_failed));
    for (size_t i = 0; i < pThis->figures.nDetectors; ++i) {
        CHKiRet(showDetector(pThis, &pThis->figures.detectors[i], fw_detectors[i]->name));
    }
    CHKiRet(showDetector(pThis, &pThis->figures.rules, "rules"));
    CHKiRet(statsobj.ConstructFinalize(pThis->pObj));
finalize_it:
    RETiRet;
}

static rsRetVal showModule(void) {
    DEFiRet;
    CHKiRet(newObj(&module.pObj, "omfirewatch"));
    CHKiRet(show(module.pObj, "engines_held", &module.engines_held));
    CHKiRet(show(module.pObj, "messages_guarded", &module.messages_guarded));
    CHKiRet(show(module.pObj, "reloads_done", &module.reloads_done));
    CHKiRet(show(module.pObj, "reloads_refused", &module.reloads_refused));
    CHKiRet(statsobj.SetReadNotifier(module.pObj, refreshEngines, NULL));
    CHKiRet(statsobj.ConstructFinalize(module.pObj));
finalize_it:
    RETiRet;
}

rsRetVal fwStatsOpen(struct fwStation *const pList) {
    DEFiRet;
    CHKiRet(showModule());
    for (struct fwStation *p = pList; p != NULL; p = fwStationNext(p)) {
        struct stats *pNew;
        if (!fwStationIsOpen(p)) {
            continue;
        }
        CHKmalloc(pNew = calloc(1, sizeof(*pNew)));
        pNew->pStation = fwStationAddRef(p);
        pNew->pNext = module.pEngines;
        module.pEngines = pNew;
        module.engines_held++;
        CHKiRet(showEngine(pNew));
    }
finalize_it:
    RETiRet;
}

void fwStatsClose(void) {
    while (module.pEngines != NULL) {
        struct stats *const p = module.pEngines;
        module.pEngines = p->pNext;
        if (p->pObj != NULL) {
            statsobj.Destruct(&p->pObj);
        }
        fwStationPut(&p->pStation);
        free(p);
    }
    if (module.pObj != NULL) {
        statsobj.Destruct(&module.pObj);
    }
    module.engines_held = 0;
}
