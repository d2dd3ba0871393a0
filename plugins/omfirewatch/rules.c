/* rules.c: see rules.h. The list belongs to the main thread; workers come only for the current rulebase. */
#include "config.h"
#include "rsyslog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "errmsg.h"

#include "rules.h"
#include "stats.h"

struct fwRulebase {
    atomic_uint nRefs;
    struct fw_rulebase *pRulebase;
};

struct fwRules {
    struct fwRules *pNext;
    atomic_uint nRefs;
    char *pszPath;
    pthread_mutex_t mut; /* guards which one is current */
    struct fwRulebase *pCurrent;
};

atomic_uint fwGeneration = 1; /* a parser that was never made is of generation 0 */

void fwReportProblem(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    (void)cookie;
    if (file == NULL) {
        LogError(0, RS_RET_CONFIG_ERROR, "omfirewatch: %s", text);
    } else if (line == 0) {
        LogError(0, RS_RET_CONFIG_ERROR, "omfirewatch: %s: %s", file, text);
    } else if (column == 0) {
        LogError(0, RS_RET_CONFIG_ERROR, "omfirewatch: %s:%u: %s", file, line, text);
    } else {
        LogError(0, RS_RET_CONFIG_ERROR, "omfirewatch: %s:%u:%u: %s", file, line, column, text);
    }
}

static rsRetVal rulebaseOpen(struct fwRulebase **const ppRulebase, const char *const pszPath) {
    struct fw_problems problems = {.report = fwReportProblem};
    struct fwRulebase *pNew;
    DEFiRet;
    CHKmalloc(pNew = calloc(1, sizeof(*pNew)));
    atomic_init(&pNew->nRefs, 1);
    if (fw_rulebase_open(&pNew->pRulebase, pszPath, &problems) != 0) {
        if (problems.count > FW_PROBLEMS_MAX) {
            LogError(0, RS_RET_NO_RULEBASE, "omfirewatch: rulebase: %u problems in all", problems.count);
        }
        free(pNew);
        ABORT_FINALIZE(RS_RET_NO_RULEBASE);
    }
    *ppRulebase = pNew;
finalize_it:
    RETiRet;
}

void fwRulebasePut(struct fwRulebase **const ppRulebase) {
    struct fwRulebase *const pThis = *ppRulebase;
    *ppRulebase = NULL;
    if (pThis != NULL && atomic_fetch_sub(&pThis->nRefs, 1) == 1) {
        fw_rulebase_close(&pThis->pRulebase);
        free(pThis);
    }
}

const struct fw_rulebase *fwRulebase(const struct fwRulebase *const pThis) {
    return pThis->pRulebase;
}

struct fwRulebase *fwRulesCurrent(struct fwRules *const pThis) {
    pthread_mutex_lock(&pThis->mut);
    struct fwRulebase *const pCurrent = pThis->pCurrent;
    atomic_fetch_add(&pCurrent->nRefs, 1);
    pthread_mutex_unlock(&pThis->mut);
    return pCurrent;
}

struct fwRules *fwRulesAddRef(struct fwRules *const pThis) {
    atomic_fetch_add(&pThis->nRefs, 1);
    return pThis;
}

void fwRulesPut(struct fwRules **const ppRules) {
    struct fwRules *const pThis = *ppRules;
    *ppRules = NULL;
    if (pThis != NULL && atomic_fetch_sub(&pThis->nRefs, 1) == 1) {
        fwRulebasePut(&pThis->pCurrent);
        pthread_mutex_destroy(&pThis->mut);
        free(pThis->pszPath);
        free(pThis);
    }
}

rsRetVal fwRulesGet(struct fwRules **const ppRules, struct fwRules **const ppList, const char *const pszPath) {
    struct fwRules *pThis = NULL;
    DEFiRet;
    *ppRules = NULL;
    for (struct fwRules *p = *ppList; p != NULL; p = p->pNext) {
        if (!strcmp(p->pszPath, pszPath)) {
            *ppRules = fwRulesAddRef(p);
            FINALIZE;
        }
    }
    CHKmalloc(pThis = calloc(1, sizeof(*pThis)));
    CHKmalloc(pThis->pszPath = strdup(pszPath));
    CHKiRet(rulebaseOpen(&pThis->pCurrent, pszPath));
    pthread_mutex_init(&pThis->mut, NULL);
    atomic_init(&pThis->nRefs, 1); /* the list's */
    pThis->pNext = *ppList;
    *ppList = pThis;
    *ppRules = fwRulesAddRef(pThis);
finalize_it:
    if (iRet != RS_RET_OK && pThis != NULL) {
        free(pThis->pszPath);
        free(pThis);
    }
    RETiRet;
}

void fwRulesFreeList(struct fwRules **const ppList) {
    while (*ppList != NULL) {
        struct fwRules *pThis = *ppList;
        *ppList = pThis->pNext;
        fwRulesPut(&pThis);
    }
}

void fwRulesReload(struct fwRules *const pThis) {
    struct fwRulebase *pNew;
    if (rulebaseOpen(&pNew, pThis->pszPath) != RS_RET_OK) {
        LogError(0, RS_RET_NO_RULEBASE, "omfirewatch: the rules of %s stay as they were", pThis->pszPath);
        fwStatsCountReload(0);
        return;
    }
    pthread_mutex_lock(&pThis->mut);
    struct fwRulebase *pOld = pThis->pCurrent;
    pThis->pCurrent = pNew;
    pthread_mutex_unlock(&pThis->mut);
    atomic_fetch_add(&fwGeneration, 1);
    fwRulebasePut(&pOld);
    fwStatsCountReload(1);
}
