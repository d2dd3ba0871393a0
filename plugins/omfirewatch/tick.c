/* tick.c: see tick.h.
 *
 * Two threads for all engines, one for time and one that saves, of the kind that rsyslog has for inputs, so that they
 * end with them and what they inject still finds its queue.
 */
#include "config.h"
#include "rsyslog.h"

#include <pthread.h>
#include <time.h>

#include "glbl.h"
#include "obj.h"
#include "srUtils.h"
#include "threads.h"

#include "tick.h"

DEFobjCurrIf(obj);
DEFobjCurrIf(glbl);

static struct fwStation *pStations;

rsRetVal fwTickInit(void) {
    DEFiRet;
    CHKiRet(objGetObjInterface(&obj));
    CHKiRet(objUse(glbl, CORE_COMPONENT));
finalize_it:
    RETiRet;
}

void fwTickExit(void) {
    objRelease(glbl, CORE_COMPONENT);
}

static fw_time monotonicMs(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (fw_time)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static rsRetVal tick(thrdInfo_t *const pThrd ATTR_UNUSED) {
    fw_time last = monotonicMs();
    int cancelState;
    while (!glbl.GetGlobalInputTermState()) {
        srSleep(1, 0); /* a signal ends it; if it came just before, the daemon cancels us here, where nothing is held */
        const fw_time now = monotonicMs();
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
        for (struct fwStation *p = pStations; p != NULL && !glbl.GetGlobalInputTermState(); p = fwStationNext(p)) {
            fwStationTick(p, now - last);
        }
        pthread_setcancelstate(cancelState, NULL);
        last = now;
    }
    return RS_RET_OK;
}

static bool isStopping(void) {
    return glbl.GetGlobalInputTermState();
}

/* Apart from time, which a slow disk must not stop. */
static rsRetVal save(thrdInfo_t *const pThrd ATTR_UNUSED) {
    int cancelState;
    while (!glbl.GetGlobalInputTermState()) {
        srSleep(1, 0);
        const fw_time now = monotonicMs();
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
        for (struct fwStation *p = pStations; p != NULL && !glbl.GetGlobalInputTermState(); p = fwStationNext(p)) {
            fwStationSave(p, now, isStopping);
        }
        pthread_setcancelstate(cancelState, NULL);
    }
    return RS_RET_OK;
}

/* Lines still come out of the queues when the inputs have ended, this thread among them: no event may wait any more. */
static rsRetVal afterTick(thrdInfo_t *const pThrd ATTR_UNUSED) {
    for (struct fwStation *p = pStations; p != NULL; p = fwStationNext(p)) {
        fwStationPipe(p, false);
    }
    return RS_RET_OK;
}

static rsRetVal afterSave(thrdInfo_t *const pThrd ATTR_UNUSED) {
    return RS_RET_OK;
}

rsRetVal fwTickStart(struct fwStation *const pList) {
    DEFiRet;
    pStations = pList;
    CHKiRet(thrdCreate(tick, afterTick, 0 /* ends by itself */, (uchar *)"omfirewatch"));
    for (struct fwStation *p = pStations; p != NULL; p = fwStationNext(p)) {
        fwStationPipe(p, true);
    }
    CHKiRet(thrdCreate(save, afterSave, 0, (uchar *)"omfirewatch-save"));
finalize_it:
    RETiRet;
}
