/* keep.c: see keep.h. */
#include "config.h"
#include "rsyslog.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "errmsg.h"
#include "glbl.h"
#include "obj.h"
#include "parserif.h"

#include "keep.h"
#include "params.h"

DEFobjCurrIf(obj);
DEFobjCurrIf(glbl);

static rsRetVal workDirectory(const char **const ppszDir, rsconf_t *const pConf) {
    DEFiRet;
    CHKiRet(objGetObjInterface(&obj));
    CHKiRet(objUse(glbl, CORE_COMPONENT));
    *ppszDir = (const char *)glbl.GetWorkDir(pConf);
    objRelease(glbl, CORE_COMPONENT);
finalize_it:
    RETiRet;
}

/* Where nobody asked for a state, one that cannot be is no error. */
static rsRetVal checkDirectory(const char *const pszPath, const char *const pszEngine, const bool bAsked) {
    char *const pszCopy = strdup(pszPath);
    DEFiRet;
    CHKmalloc(pszCopy);
    const char *const pszDir = dirname(pszCopy);
    if (access(pszDir, W_OK | X_OK) != 0) {
        LogError(errno, RS_RET_CONFIG_ERROR,
                 "omfirewatch: engine \"%s\": the state cannot be kept in the directory %s; name another file by "
                 "state=\"/path/file\", or do without by state=\"" FW_STATE_OFF "\"",
                 pszEngine, pszDir);
        iRet = bAsked ? RS_RET_CONFIG_ERROR : RS_RET_OK;
    }
finalize_it:
    free(pszCopy);
    RETiRet;
}

rsRetVal fwKeepPlace(struct fwKeep *const pKeep, const char *const pszSaid, const char *const pszEngine,
                     rsconf_t *const pConf) {
    const char *pszDir = NULL;
    DEFiRet;
    if (pszSaid != NULL && !strcmp(pszSaid, FW_STATE_OFF)) {
        FINALIZE;
    }
    if (pszSaid != NULL) {
        CHKmalloc(pKeep->pszPath = strdup(pszSaid));
    } else {
        CHKiRet(workDirectory(&pszDir, pConf));
        if (pszDir == NULL || pszDir[0] == '\0') {
            FINALIZE;
        }
        if (asprintf(&pKeep->pszPath, "%s/omfirewatch-%s.state", pszDir, pszEngine) < 0) {
            pKeep->pszPath = NULL;
            ABORT_FINALIZE(RS_RET_OUT_OF_MEMORY);
        }
    }
    CHKiRet(checkDirectory(pKeep->pszPath, pszEngine, pszSaid != NULL));
finalize_it:
    RETiRet;
}

void fwKeepOpen(struct fwKeep *const pKeep, const char *const pszEngine) {
    char err[FW_STORE_ERROR] = "";
    if (pKeep->pszPath != NULL && fw_store_open(&pKeep->pStore, pKeep->pszPath, err, sizeof(err)) != 0) {
        LogError(0, RS_RET_ERR, "omfirewatch: engine \"%s\" runs without keeping its state: %s", pszEngine, err);
    }
}

void fwKeepClose(struct fwKeep *const pKeep) {
    fw_store_close(&pKeep->pStore);
    free(pKeep->pszPath);
    pKeep->pszPath = NULL;
}

bool fwKeepIsOpen(const struct fwKeep *const pKeep) {
    return pKeep->pStore != NULL;
}

enum fw_store_found fwKeepLook(struct fwKeep *const pKeep, struct fw_seed *const pSeed, char pszText[FW_STORE_ERROR]) {
    struct fw_snapshot_head head;
    const enum fw_store_found found = fw_store_look(pKeep->pStore, &head, pszText, FW_STORE_ERROR);
    if (found == FW_STORE_STATE) {
        *pSeed = head.seed;
    } else if (found == FW_STORE_DAMAGED) {
        LogError(0, RS_RET_ERR, "omfirewatch: the state is not used: %s", pszText);
    }
    return found;
}

bool fwKeepLoad(struct fwKeep *const pKeep, struct fw_engine *const pEngine, char pszText[FW_STORE_ERROR]) {
    struct fw_store_loaded loaded;
    if (fw_store_load(pKeep->pStore, pEngine, &loaded, pszText, FW_STORE_ERROR) != 0) {
        LogError(0, RS_RET_ERR, "omfirewatch: the state is not used: %s", pszText);
        return false;
    }
    atomic_store(&pKeep->nDropped, loaded.dropped);
    if (loaded.dropped > 0) {
        LogMsg(
            0, NO_ERRCODE, LOG_WARNING,
            "omfirewatch: %s: %llu of its %llu parts were not used: they are of detectors that are off or have changed",
            pKeep->pszPath, (unsigned long long)loaded.dropped, (unsigned long long)loaded.frames);
    }
    return true;
}

enum fwKeepNews fwKeepSave(struct fwKeep *const pKeep, struct fw_engine *const pEngine,
                           const struct fw_store_guard *const pGuard, char pszText[FW_STORE_ERROR]) {
    const int result = fw_store_save(pKeep->pStore, pEngine, pGuard, pszText, FW_STORE_ERROR);
    const bool bFailedBefore = pKeep->bSaveFailed;
    if (result > 0) {
        return FW_KEEP_NO_NEWS; /* gave up; soon again */
    }
    atomic_fetch_add(result == 0 ? &pKeep->nSaved : &pKeep->nFailed, 1);
    pKeep->bSaveFailed = result < 0;
    if (pKeep->bSaveFailed == bFailedBefore) {
        return FW_KEEP_NO_NEWS;
    }
    if (result < 0) {
        LogError(0, RS_RET_ERR, "omfirewatch: %s; the state that was saved before stays, and it is tried again",
                 pszText);
        return FW_KEEP_FAILED;
    }
    (void)snprintf(pszText, FW_STORE_ERROR, "%s: saved again", pKeep->pszPath);
    LogMsg(0, NO_ERRCODE, LOG_NOTICE, "omfirewatch: %s", pszText);
    return FW_KEEP_AGAIN;
}

void fwKeepNote(struct fwKeep *const pKeep, const struct fw_document *const pDocument) {
    if (pKeep->pStore == NULL) {
        return;
    }
    const int result = fw_store_note(pKeep->pStore, pDocument);
    atomic_fetch_add(result == 0 ? &pKeep->nNoted : &pKeep->nNoteFailed, 1);
    if (result < 0 && !pKeep->bNoteFailed) {
        LogError(
            errno, RS_RET_ERR,
            "omfirewatch: %s.journal cannot be written: should rsyslogd be killed before the state is saved again, "
            "findings may be reported twice",
            pKeep->pszPath);
    }
    pKeep->bNoteFailed = result < 0;
}
