/* station.c: see station.h.
 *
 * Locking: `mut` guards the engine and everything below it. Nothing blocks,
 * logs or can be cancelled while it is held. A worker that finds it held leaves
 * its event in the intake, where workers and the tick take it: see leave(). A
 * document is injected with the lock released, by one thread at a time
 * (bDraining), so that findings leave in the order in which the engine wrote
 * them; a thread that finds another one at it goes on, and the engine's outlet
 * keeps what it added. Whoever takes from the intake may inject, so threads that
 * must not (impstats reads the figures under a lock of rsyslog's, the saver is in
 * the middle of a state) release the lock without a look at it.
 * Memory: one document, the intake, and what the engine takes.
 */
#include "config.h"
#include "rsyslog.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "errmsg.h"
#include "parserif.h"

#include "host/pages.h"
#include "inject.h"
#include "intake.h"
#include "keep.h"
#include "policy/policy.h"
#include "rules.h"
#include "station.h"
#include "stats.h"

struct fwStation {
    struct fwStation *pNext;
    atomic_uint nRefs;

    /* what the actions said; constant once the configuration is read */
    char *pszName;
    char *pszRuleset;
    char *pszPolicy; /* NULL: the defaults */
    char *pszTag;    /* NULL: the default, and so on */
    long long facility;
    long long idleTimeout;
    long long maxMemory;
    char *pszState;

    struct fwKeep keep;
    bool bRunning; /* what it knows at the end is to be saved */

    ruleset_t *pRuleset;
    atomic_bool bOpen;
    atomic_uint_least64_t needs;
    atomic_bool bText;

    struct fwIntake *pIntake;
    atomic_uint nWaiting; /* workers that wait for the lock, and take what is in the intake when they have it */
    atomic_bool bPiped;   /* there are ticks, so events may wait a little in the engine */

    pthread_mutex_t mut;
    struct fw_policy *pPolicy;
    struct fw_engine *pEngine;
    size_t memory;     /* that it was opened with */
    unsigned nEngines; /* rises when another one takes its place */
    uint64_t nEvents;
    bool bDraining;
    struct fw_document document; /* of the thread that drains */
    uint64_t nInjected;
    uint64_t nInjectFailed;
    bool bFailureTold;

    /* the tick's */
    uint64_t nEventsSeen;
    fw_time quiet; /* ms without events */
    fw_time told;  /* of these, how many the engine knows of */

    /* the saver's */
    fw_time saved;
    unsigned nEnginesSaving;
    bool (*pStopping)(void);
};

/* --- joining ----------------------------------------------------------------- */

static rsRetVal readPolicy(struct fw_policy **const ppPolicy, const char *const pszPath) {
    struct fw_problems problems = {.report = fwReportProblem};
    DEFiRet;
    if (fw_policy_open(ppPolicy, pszPath, &problems) != 0) {
        if (problems.count > FW_PROBLEMS_MAX) {
            LogError(0, RS_RET_CONFIG_ERROR, "omfirewatch: policy: %u problems in all", problems.count);
        }
        ABORT_FINALIZE(RS_RET_CONFIG_ERROR);
    }
finalize_it:
    RETiRet;
}

static rsRetVal construct(struct fwStation **const ppStation, struct fwStation **const ppList,
                          const char *const pszName) {
    struct fwStation *pThis;
    DEFiRet;
    CHKmalloc(pThis = calloc(1, sizeof(*pThis)));
    pthread_mutex_init(&pThis->mut, NULL);
    atomic_init(&pThis->nRefs, 1); /* the list's */
    pThis->facility = pThis->idleTimeout = pThis->maxMemory = FW_UNSAID;
    if ((pThis->pszName = strdup(pszName)) == NULL || (pThis->pIntake = fwIntakeNew()) == NULL) {
        fwStationPut(&pThis);
        ABORT_FINALIZE(RS_RET_OUT_OF_MEMORY);
    }
    struct fwStation **pp = ppList; /* at the end: engines are checked in the order in which they were written */
    while (*pp != NULL) {
        pp = &(*pp)->pNext;
    }
    *pp = *ppStation = pThis;
finalize_it:
    RETiRet;
}

static rsRetVal agreeOnText(const struct fwStation *const pThis, char **const ppszHave, const char *const pszSaid,
                            const char *const pszParam) {
    DEFiRet;
    if (pszSaid == NULL) {
        FINALIZE;
    }
    if (*ppszHave == NULL) {
        CHKmalloc(*ppszHave = strdup(pszSaid));
    } else if (strcmp(*ppszHave, pszSaid)) {
        parser_errmsg("omfirewatch: %s=\"%s\" contradicts %s=\"%s\" of another action with engine=\"%s\": the actions "
                      "of one engine agree on it, or only one of them says it",
                      pszParam, pszSaid, pszParam, *ppszHave, pThis->pszName);
        ABORT_FINALIZE(RS_RET_PARAM_ERROR);
    }
finalize_it:
    RETiRet;
}

static rsRetVal agreeOnNumber(const struct fwStation *const pThis, long long *const pHave, const long long said,
                              const char *const pszParam) {
    DEFiRet;
    if (said == FW_UNSAID) {
        FINALIZE;
    }
    if (*pHave != FW_UNSAID && *pHave != said) {
        parser_errmsg(
            "omfirewatch: %s contradicts that of another action with engine=\"%s\": the actions of one engine "
            "agree on it, or only one of them says it",
            pszParam, pThis->pszName);
        ABORT_FINALIZE(RS_RET_PARAM_ERROR);
    }
    *pHave = said;
finalize_it:
    RETiRet;
}

rsRetVal fwStationJoin(struct fwStation **const ppStation, struct fwStation **const ppList,
                       const struct fwParams *const pParams) {
    struct fwStation *pThis;
    DEFiRet;
    *ppStation = NULL;
    for (pThis = *ppList; pThis != NULL && strcmp(pThis->pszName, pParams->pszEngine); pThis = pThis->pNext) {
    }
    if (pThis == NULL) {
        CHKiRet(construct(&pThis, ppList, pParams->pszEngine));
    }
    *ppStation = fwStationAddRef(pThis);
    CHKiRet(agreeOnText(pThis, &pThis->pszRuleset, pParams->pszRuleset, "ruleset"));
    CHKiRet(agreeOnText(pThis, &pThis->pszPolicy, pParams->pszPolicy, "policy"));
    CHKiRet(agreeOnText(pThis, &pThis->pszTag, pParams->pszTag, "tag"));
    CHKiRet(agreeOnText(pThis, &pThis->pszState, pParams->pszState, "state"));
    CHKiRet(agreeOnNumber(pThis, &pThis->facility, pParams->facility, "facility"));
    CHKiRet(agreeOnNumber(pThis, &pThis->idleTimeout, pParams->idleTimeout, "idleTimeout"));
    CHKiRet(agreeOnNumber(pThis, &pThis->maxMemory, pParams->maxMemory, "maxMemory"));
    if (pThis->pPolicy == NULL && pThis->pszPolicy != NULL) {
        CHKiRet(readPolicy(&pThis->pPolicy, pThis->pszPolicy));
    }
finalize_it:
    RETiRet;
}

struct fwStation *fwStationAddRef(struct fwStation *const pThis) {
    atomic_fetch_add(&pThis->nRefs, 1);
    return pThis;
}

/* The last who knew the station lets it go: no worker is left, and the state is whole. */
static void saveAtEnd(struct fwStation *const pThis) {
    char err[FW_STORE_ERROR] = "";
    if (pThis->bRunning && fwKeepIsOpen(&pThis->keep)) {
        (void)fwKeepSave(&pThis->keep, pThis->pEngine, NULL, err);
    }
}

void fwStationPut(struct fwStation **const ppStation) {
    struct fwStation *const pThis = *ppStation;
    *ppStation = NULL;
    if (pThis == NULL || atomic_fetch_sub(&pThis->nRefs, 1) != 1) {
        return;
    }
    saveAtEnd(pThis);
    fwKeepClose(&pThis->keep);
    fw_engine_close(&pThis->pEngine);
    fw_policy_close(&pThis->pPolicy);
    fwIntakeFree(&pThis->pIntake);
    pthread_mutex_destroy(&pThis->mut);
    free(pThis->pszName);
    free(pThis->pszRuleset);
    free(pThis->pszPolicy);
    free(pThis->pszTag);
    free(pThis->pszState);
    free(pThis);
}

void fwStationFreeList(struct fwStation **const ppList) {
    while (*ppList != NULL) {
        struct fwStation *pThis = *ppList;
        *ppList = pThis->pNext;
        fwStationPut(&pThis);
    }
}

struct fwStation *fwStationNext(const struct fwStation *const pThis) {
    return pThis->pNext;
}

const char *fwStationName(const struct fwStation *const pThis) {
    return pThis->pszName;
}

const char *fwStationRuleset(const struct fwStation *const pThis) {
    return pThis->pszRuleset;
}

/* --- opening and reloading --------------------------------------------------- */

/* Bytes that a policy asks for. */
static size_t memoryOf(const struct fwStation *const pThis, const struct fw_settings *const pSettings) {
    if (pThis->maxMemory != FW_UNSAID) {
        return (size_t)pThis->maxMemory;
    }
    return pSettings->max_memory != 0 ? pSettings->max_memory : FW_MEMORY_DEFAULT;
}

static rsRetVal openEngine(const struct fwStation *const pThis, const struct fw_settings *const pSettings,
                           const struct fw_seed *const pSeed, struct fw_engine **const ppEngine) {
    char err[FW_PROBLEM_TEXT] = "";
    struct fw_engine_config config = {
        .settings = pSettings, .max_memory = memoryOf(pThis, pSettings), .mem = &fw_mem_pages};
    DEFiRet;
    if (pSeed != NULL) {
        config.seed = *pSeed;
    } else if (getrandom(&config.seed, sizeof(config.seed), 0) != sizeof(config.seed)) {
        LogError(errno, RS_RET_ERR, "omfirewatch: no random seed for the tables of engine \"%s\"", pThis->pszName);
        ABORT_FINALIZE(RS_RET_ERR);
    }
    if (fw_engine_open(ppEngine, &config, err, sizeof(err)) != 0) {
        LogError(0, RS_RET_CONFIG_ERROR, "omfirewatch: engine \"%s\" does not start: %s", pThis->pszName, err);
        ABORT_FINALIZE(RS_RET_CONFIG_ERROR);
    }
finalize_it:
    RETiRet;
}

rsRetVal fwStationOpen(struct fwStation *const pThis, ruleset_t *const pRuleset, rsconf_t *const pConf) {
    DEFiRet;
    pThis->pRuleset = pRuleset;
    if (pThis->pPolicy == NULL) {
        CHKiRet(readPolicy(&pThis->pPolicy, NULL));
    }
    CHKiRet(fwKeepPlace(&pThis->keep, pThis->pszState, pThis->pszName, pConf));
    const struct fw_settings *const pSettings = fw_policy_settings(pThis->pPolicy);
    CHKiRet(openEngine(pThis, pSettings, NULL, &pThis->pEngine));
    pThis->memory = memoryOf(pThis, pSettings);
    atomic_store(&pThis->needs, fw_settings_needs(pSettings));
    atomic_store(&pThis->bText, fw_settings_want_text(pSettings));
    atomic_store(&pThis->bOpen, true);
finalize_it:
    RETiRet;
}

/* A new engine with the seed that the state was made with, in place of the empty one; what cannot be had leaves that. */
static bool resumeState(struct fwStation *const pThis, const struct fw_seed *const pSeed,
                        char pszText[FW_STORE_ERROR]) {
    struct fw_engine *pEngine = NULL;
    if (openEngine(pThis, fw_policy_settings(pThis->pPolicy), pSeed, &pEngine) != RS_RET_OK) {
        return false;
    }
    if (!fwKeepLoad(&pThis->keep, pEngine, pszText)) {
        fw_engine_close(&pEngine);
        return false;
    }
    fw_engine_close(&pThis->pEngine);
    pThis->pEngine = pEngine;
    pThis->nEvents = pThis->nEventsSeen = 1; /* time goes on for what is open, whether a line comes or not */
    return true;
}

/* A state that begins is saved at once: the journal is good for nothing without. */
void fwStationResume(struct fwStation *const pThis) {
    char text[FW_STORE_ERROR] = "";
    struct fw_seed seed;
    if (!fwStationIsOpen(pThis)) {
        return;
    }
    fwKeepOpen(&pThis->keep, pThis->pszName);
    pThis->bRunning = true;
    if (!fwKeepIsOpen(&pThis->keep)) {
        return;
    }
    const enum fw_store_found found = fwKeepLook(&pThis->keep, &seed, text);
    if (found == FW_STORE_STATE && resumeState(pThis, &seed, text)) {
        return;
    }
    if (found != FW_STORE_NOTHING) {
        fw_engine_health(pThis->pEngine, "state-damaged", LOG_WARNING, FW_TIME_NONE, text);
    }
    if (fwKeepSave(&pThis->keep, pThis->pEngine, NULL, text) == FW_KEEP_FAILED) {
        fw_engine_health(pThis->pEngine, "state-not-saved", LOG_WARNING, FW_TIME_NONE, text);
    }
}

static void drain(struct fwStation *pThis);
static void leave(struct fwStation *pThis);

static void tellHealth(struct fwStation *const pThis, const char *const pszAction, const unsigned severity,
                       const char *const pszText) {
    pthread_mutex_lock(&pThis->mut);
    fw_engine_health(pThis->pEngine, pszAction, severity, FW_TIME_NONE, pszText);
    drain(pThis);
    leave(pThis);
}

static void refuse(struct fwStation *const pThis, const char *const pszWhy) {
    char text[FW_SENTENCE_MAX];
    LogError(0, RS_RET_CONFIG_ERROR, "omfirewatch: engine \"%s\" goes on with the policy it has", pThis->pszName);
    (void)snprintf(text, sizeof(text), "%s; engine %s goes on with the policy it has", pszWhy, pThis->pszName);
    tellHealth(pThis, "policy-refused", LOG_WARNING, text);
    fwStatsCountReload(0);
}

/* Whether the engine has the memory for it. */
static bool fits(const struct fwStation *const pThis, const struct fw_settings *const pSettings) {
    const struct fw_detector *pDetector;
    for (size_t i = 0; fw_detectors[i] != NULL && (pDetector = fw_engine_detector(pThis->pEngine, i)) != NULL; ++i) {
        if (pSettings->detectors[i].enabled && pDetector->det == NULL) {
            return false;
        }
    }
    return fw_engine_has_rules(pThis->pEngine, pSettings->rules) && memoryOf(pThis, pSettings) == pThis->memory;
}

/* The caller holds the lock. The old engine is left to him, to be closed without. */
static void moveState(struct fwStation *const pThis, struct fw_engine **const ppNew, uint8_t *const pFrame) {
    struct fw_engine *const pOld = pThis->pEngine;
    fw_snapshot_move(pOld, *ppNew, pFrame);
    pThis->pEngine = *ppNew;
    pThis->nEngines++;
    *ppNew = pOld;
}

static bool applyPolicy(struct fwStation *const pThis, struct fw_policy *const pNew) {
    const struct fw_settings *const pSettings = fw_policy_settings(pNew);
    struct fw_engine *pOther = NULL;
    uint8_t *pFrame = NULL;
    if (!fits(pThis, pSettings)) {
        const struct fw_seed seed = fw_engine_seed(pThis->pEngine);
        pFrame = malloc(FW_FRAME_MAX);
        if (pFrame == NULL || openEngine(pThis, pSettings, &seed, &pOther) != RS_RET_OK) {
            free(pFrame);
            return false;
        }
    }
    pthread_mutex_lock(&pThis->mut);
    if (pOther != NULL) {
        moveState(pThis, &pOther, pFrame);
        pThis->memory = memoryOf(pThis, pSettings);
    } else {
        fw_engine_policy(pThis->pEngine, pSettings);
    }
    pThis->pPolicy = pNew;
    pthread_mutex_unlock(&pThis->mut);
    fw_engine_close(&pOther);
    free(pFrame);
    return true;
}

void fwStationReload(struct fwStation *const pThis) {
    struct fw_policy *pOld = pThis->pPolicy, *pNew;
    if (!fwStationIsOpen(pThis) || pThis->pszPolicy == NULL) {
        return;
    }
    if (readPolicy(&pNew, pThis->pszPolicy) != RS_RET_OK) {
        refuse(pThis, "the new policy is not valid");
        return;
    }
    if (!applyPolicy(pThis, pNew)) {
        fw_policy_close(&pNew);
        refuse(pThis, "there is no memory for the new policy");
        return;
    }
    atomic_store(&pThis->needs, fw_settings_needs(fw_policy_settings(pNew)));
    atomic_store(&pThis->bText, fw_settings_want_text(fw_policy_settings(pNew)));
    atomic_fetch_add(&fwGeneration, 1);
    fw_policy_close(&pOld);
    fwStatsCountReload(1);
}

/* --- running ----------------------------------------------------------------- */

bool fwStationIsOpen(const struct fwStation *const pThis) {
    return atomic_load_explicit(&pThis->bOpen, memory_order_relaxed);
}

uint64_t fwStationNeeds(const struct fwStation *const pThis) {
    return atomic_load(&pThis->needs);
}

bool fwStationWantsText(const struct fwStation *const pThis) {
    return atomic_load(&pThis->bText);
}

struct fw_seed fwStationLineSeed(struct fwStation *const pThis) {
    pthread_mutex_lock(&pThis->mut);
    const struct fw_seed seed = fw_engine_line_seed(pThis->pEngine);
    pthread_mutex_unlock(&pThis->mut);
    return seed;
}

/* The caller holds the lock, and holds it again after; in between it was released. */
static void drain(struct fwStation *const pThis) {
    const char *const pszTag = pThis->pszTag != NULL ? pThis->pszTag : FW_TAG_DEFAULT;
    const int iFacility = pThis->facility != FW_UNSAID ? (int)pThis->facility : FW_FACILITY_DEFAULT;
    if (pThis->bDraining) {
        return;
    }
    pThis->bDraining = true;
    while (fw_engine_take(pThis->pEngine, &pThis->document)) {
        pthread_mutex_unlock(&pThis->mut);
        fwKeepNote(&pThis->keep, &pThis->document);
        const rsRetVal ret = fwInject(&pThis->document, pThis->pRuleset, pszTag, iFacility);
        if (ret != RS_RET_OK && !pThis->bFailureTold) {
            pThis->bFailureTold = true; /* the counter tells how many */
            LogError(0, ret, "omfirewatch: engine \"%s\": a finding could not be injected: %s", pThis->pszName,
                     pThis->document.text);
        }
        pthread_mutex_lock(&pThis->mut);
        pThis->nInjected += ret == RS_RET_OK;
        pThis->nInjectFailed += ret != RS_RET_OK;
    }
    pThis->bDraining = false;
}

/* The caller holds the lock. */
static void observe(struct fwStation *const pThis, const enum fw_parse_result result, struct fw_event *const pEvent,
                    const bool truncated, const bool bWhole) {
    fw_engine_count_line(pThis->pEngine, truncated);
    switch (result) {
    case FW_PARSE_EVENT:
        ++pThis->nEvents;
        if (bWhole || !atomic_load_explicit(&pThis->bPiped, memory_order_relaxed)) {
            fw_engine_feed(pThis->pEngine, pEvent);
        } else {
            fw_engine_push(pThis->pEngine, pEvent);
        }
        break;
    case FW_PARSE_IGNORED:
        fw_engine_count_ignored(pThis->pEngine);
        break;
    case FW_PARSE_REFUSED:
        fw_engine_count_refused(pThis->pEngine);
        break;
    case FW_PARSE_UNPARSED:
    case FW_PARSE_RESULTS:
        fw_engine_count_unparsed(pThis->pEngine);
        break;
    }
    if (result != FW_PARSE_EVENT && pEvent->message.len > 0) { /* for rules of one's own */
        ++pThis->nEvents;
        fw_engine_push_text(pThis->pEngine, pEvent);
        if (!atomic_load_explicit(&pThis->bPiped, memory_order_relaxed)) {
            fw_engine_flush(pThis->pEngine);
        }
    }
}

/* The caller holds the lock, which may have been released in between, as drain() does. */
static void drainNews(struct fwStation *const pThis) {
    if (fw_engine_waiting(pThis->pEngine)) {
        drain(pThis);
    }
}

/* The caller holds the lock, and none of the intake when it is released in between. What others left meanwhile. Not for
 * ever: when the engine is slower than they are, the intake fills and they wait for the lock. */
static void takeIn(struct fwStation *const pThis) {
    struct fwArrival *pArrival;
    while ((pArrival = fwIntakeTake(pThis->pIntake)) != NULL) {
        observe(pThis, pArrival->result, &pArrival->event, pArrival->truncated, false);
        fwIntakeDone(pThis->pIntake);
        drainNews(pThis);
    }
}

/* The caller holds the lock. Events that wait have their turn; what they had to say is injected. */
static void catchUp(struct fwStation *const pThis) {
    takeIn(pThis);
    while (fw_engine_catch_up(pThis->pEngine)) {
        if (pThis->bDraining) { /* another thread injects, and goes on as long as there is anything */
            fw_engine_flush(pThis->pEngine);
        }
        drain(pThis);
    }
    drain(pThis);
}

void fwStationPipe(struct fwStation *const pThis, const bool bPiped) {
    if (!fwStationIsOpen(pThis)) {
        return;
    }
    pthread_mutex_lock(&pThis->mut);
    atomic_store(&pThis->bPiped, bPiped);
    if (!bPiped) {
        catchUp(pThis);
    }
    leave(pThis);
}

/* Who put something into the intake and finds the lock held is seen by the worker who holds it, for he looks again after
 * he released it; or by who waits for it, who looks when he has it; or, where somebody else held it, by the next line or
 * the tick. The fences order what each writes before what he reads. */
static void help(struct fwStation *const pThis) {
    for (;;) {
        atomic_thread_fence(memory_order_seq_cst);
        if (!fwIntakeHasAny(pThis->pIntake) || atomic_load(&pThis->nWaiting) > 0 ||
            pthread_mutex_trylock(&pThis->mut) != 0) {
            return;
        }
        takeIn(pThis);
        pthread_mutex_unlock(&pThis->mut);
    }
}

/* Releases the lock, as workers do. */
static void leave(struct fwStation *const pThis) {
    pthread_mutex_unlock(&pThis->mut);
    help(pThis);
}

static void waitForTurn(struct fwStation *const pThis) {
    atomic_fetch_add(&pThis->nWaiting, 1);
    pthread_mutex_lock(&pThis->mut);
    atomic_fetch_sub(&pThis->nWaiting, 1);
    atomic_thread_fence(memory_order_seq_cst);
}

void fwStationObserve(struct fwStation *const pThis, const enum fw_parse_result result, struct fw_event *const pEvent,
                      const bool truncated, const bool bWhole) {
    if (bWhole || !atomic_load(&pThis->bPiped)) {
        waitForTurn(pThis);
    } else if (pthread_mutex_trylock(&pThis->mut) != 0) {
        if (fwIntakePut(pThis->pIntake, result, pEvent, truncated)) {
            help(pThis);
            if (!atomic_load(&pThis->bPiped)) { /* meanwhile the last tick was */
                waitForTurn(pThis);
                takeIn(pThis);
                leave(pThis);
            }
            return;
        }
        waitForTurn(pThis);
    }
    takeIn(pThis);
    observe(pThis, result, pEvent, truncated, bWhole);
    drainNews(pThis);
    leave(pThis);
}

void fwStationTick(struct fwStation *const pThis, const fw_time elapsed) {
    const long long idleTimeout = pThis->idleTimeout != FW_UNSAID ? pThis->idleTimeout : FW_IDLE_TIMEOUT_DEFAULT;
    if (!fwStationIsOpen(pThis)) {
        return;
    }
    pthread_mutex_lock(&pThis->mut);
    catchUp(pThis);
    if (idleTimeout == 0) {
        leave(pThis);
        return;
    }
    if (pThis->nEvents != pThis->nEventsSeen) {
        pThis->nEventsSeen = pThis->nEvents;
        pThis->quiet = pThis->told = 0;
    } else if (pThis->nEvents > 0) {
        pThis->quiet += elapsed;
        if (pThis->quiet >= idleTimeout * FW_SECOND) {
            fw_engine_idle(pThis->pEngine, pThis->quiet - pThis->told);
            pThis->told = pThis->quiet;
            drain(pThis);
        }
    }
    leave(pThis);
}

static bool lockForSave(void *const pCookie) {
    struct fwStation *const pThis = pCookie;
    if (pThis->pStopping()) {
        return false;
    }
    pthread_mutex_lock(&pThis->mut);
    if (pThis->nEngines == pThis->nEnginesSaving) {
        return true;
    }
    pthread_mutex_unlock(&pThis->mut); /* the engine that is being written is gone */
    return false;
}

static void unlockAfterSave(void *const pCookie) {
    struct fwStation *const pThis = pCookie;
    pthread_mutex_unlock(&pThis->mut);
}

void fwStationSave(struct fwStation *const pThis, const fw_time now, bool (*const pStopping)(void)) {
    const struct fw_store_guard guard = {.lock = lockForSave, .unlock = unlockAfterSave, .cookie = pThis};
    char text[FW_STORE_ERROR] = "";
    if (!fwStationIsOpen(pThis) || !fwKeepIsOpen(&pThis->keep)) {
        return;
    }
    pthread_mutex_lock(&pThis->mut);
    const fw_time said = fw_policy_settings(pThis->pPolicy)->intervals.save;
    struct fw_engine *const pEngine = pThis->pEngine;
    pThis->nEnginesSaving = pThis->nEngines;
    pthread_mutex_unlock(&pThis->mut);
    if (pThis->saved == 0) {
        pThis->saved = now;
    }
    if (now - pThis->saved < (said != 0 ? said : FW_SAVE_EVERY)) {
        return;
    }
    pThis->saved = now;
    pThis->pStopping = pStopping;
    const enum fwKeepNews news = fwKeepSave(&pThis->keep, pEngine, &guard, text);
    if (news != FW_KEEP_NO_NEWS) {
        const bool bFailed = news == FW_KEEP_FAILED;
        tellHealth(pThis, bFailed ? "state-not-saved" : "state-saved", bFailed ? LOG_WARNING : LOG_NOTICE, text);
    }
}

void fwStationFigures(struct fwStation *const pThis, struct fwFigures *const pFigures) {
    const struct fw_detector *pDetector;
    memset(pFigures, 0, sizeof(*pFigures));
    pthread_mutex_lock(&pThis->mut);
    fw_engine_get_counters(pThis->pEngine, &pFigures->counters);
    pFigures->documents_injected = pThis->nInjected;
    pFigures->inject_failed = pThis->nInjectFailed;
    pFigures->state_saved = atomic_load(&pThis->keep.nSaved);
    pFigures->state_failed = atomic_load(&pThis->keep.nFailed);
    pFigures->state_dropped = atomic_load(&pThis->keep.nDropped);
    pFigures->journal_written = atomic_load(&pThis->keep.nNoted);
    pFigures->journal_failed = atomic_load(&pThis->keep.nNoteFailed);
    for (size_t i = 0; (pDetector = fw_engine_detector(pThis->pEngine, i)) != NULL; ++i) {
        const bool bRule = pDetector->ops->ruleset != NULL;
        struct fw_detector_stats stats = {.bytes = 0};
        if (pDetector->det != NULL) {
            pDetector->ops->get_stats(pDetector->det, &stats);
        }
        struct fwDetectorFigures *const p = bRule ? &pFigures->rules : &pFigures->detectors[pFigures->nDetectors++];
        p->held += stats.table.held;
        p->evicted += stats.table.evicted;
        p->gated += stats.table.gated;
        p->forgotten += stats.forgotten;
        p->suppressed += pDetector->suppressed;
    }
    pthread_mutex_unlock(&pThis->mut);
}
