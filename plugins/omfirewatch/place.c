/* place.c: see place.h.
 *
 * Findings are injected by the thread that just read a line. Without a queue of
 * their own in between that thread would run the findings' actions itself; with
 * the queue it serves it would wait for itself: measured as a hang for ever, as
 * 2 s for each finding, and as crashes at the end of the daemon.
 *
 * Steps: 1. the ruleset exists; 2. it has a queue, and not a direct one; 3. none
 * of the engine's own actions runs in it, directly or by call; 4. enqueueing
 * does not wait; 5. it stops after the rulesets that feed it. 1 to 3 are errors,
 * 4 and 5 are told.
 */
#include "config.h"
#include "rsyslog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "action.h"
#include "dirty.h"
#include "errmsg.h"
#include "linkedlist.h"
#include "obj.h"
#include "rainerscript.h"
#include "ruleset.h"

#include "fw_config.h"
#include "params.h"
#include "place.h"

DEFobjCurrIf(obj);
DEFobjCurrIf(ruleset);

#define FIRST_TO_PRINT_WARNINGS 2606
#define CALL_DEPTH_MAX          32 /* rulesets that call each other; rsyslog itself would not survive a circle */

struct search {
    const struct fwStation *pStation;
    int (*bIsAction)(const struct fwStation *pStation, const void *pModData, void *pCookie);
    void *pCookie;
    ruleset_t *pFindings;
    int bSeenFindings;       /* the walk over all rulesets has come past it */
    const uchar *pszTooLate; /* a ruleset with a queue that has our action and comes after it */
};

rsRetVal fwPlaceInit(void) {
    DEFiRet;
    CHKiRet(objGetObjInterface(&obj));
    CHKiRet(objUse(ruleset, CORE_COMPONENT));
finalize_it:
    RETiRet;
}

void fwPlaceExit(void) {
    objRelease(ruleset, CORE_COMPONENT);
}

/* Does one of the actions run when this script does? */
static int runsHere(const struct search *const p, const struct cnfstmt *pStmt, const int depth) {
    if (depth > CALL_DEPTH_MAX) {
        return 0;
    }
    for (; pStmt != NULL; pStmt = pStmt->next) {
        int bFound = 0;
        switch (pStmt->nodetype) {
        case S_ACT:
            bFound = p->bIsAction(p->pStation, pStmt->d.act->pModData, p->pCookie);
            break;
        case S_IF:
            bFound = runsHere(p, pStmt->d.s_if.t_then, depth + 1) || runsHere(p, pStmt->d.s_if.t_else, depth + 1);
            break;
        case S_PRIFILT:
            bFound =
                runsHere(p, pStmt->d.s_prifilt.t_then, depth + 1) || runsHere(p, pStmt->d.s_prifilt.t_else, depth + 1);
            break;
        case S_PROPFILT:
            bFound = runsHere(p, pStmt->d.s_propfilt.t_then, depth + 1) ||
                     runsHere(p, pStmt->d.s_propfilt.t_else, depth + 1);
            break;
        case S_FOREACH:
            bFound = runsHere(p, pStmt->d.s_foreach.body, depth + 1);
            break;
        case S_CALL: /* the script of a ruleset without a queue; one that has a queue runs elsewhere */
            bFound = pStmt->d.s_call.ruleset == NULL && runsHere(p, pStmt->d.s_call.stmt, depth + 1);
            break;
        default:
            break;
        }
        if (bFound) {
            return 1;
        }
    }
    return 0;
}

DEFFUNC_llExecFunc(lookAtOrder) {
    ruleset_t *const pRuleset = pData;
    struct search *const p = pParam;
    if (pRuleset == p->pFindings) {
        p->bSeenFindings = 1;
    } else if (p->bSeenFindings && rulesetHasQueue(pRuleset) && runsHere(p, pRuleset->root, 0)) {
        p->pszTooLate = rulesetGetName(pRuleset);
    }
    return RS_RET_OK;
}

/* `rsyslogd -N1` prints errors, and warnings only since its release 8.2606: before, they are printed here. */
static void __attribute__((format(printf, 1, 2))) warn(const char *const pszFormat, ...) {
    char text[1024];
    va_list args;
    va_start(args, pszFormat);
    (void)vsnprintf(text, sizeof(text), pszFormat, args);
    va_end(args);
    LogMsg(0, NO_ERRCODE, LOG_WARNING, "%s", text);
    if (iConfigVerify && strtol(&FW_RSYSLOG_VERSION[sizeof("8.") - 1], NULL, 10) < FIRST_TO_PRINT_WARNINGS) {
        fprintf(stderr, "rsyslogd: %s\n", text);
    }
}

rsRetVal fwPlaceFind(ruleset_t **const ppRuleset, rsconf_t *const pConf, const struct fwStation *const pStation,
                     int (*const bIsAction)(const struct fwStation *pStation, const void *pModData, void *pCookie),
                     void *const pCookie) {
    const char *const pszName = fwStationRuleset(pStation);
    struct search search = {.pStation = pStation, .bIsAction = bIsAction, .pCookie = pCookie};
    DEFiRet;

    /* 1. */
    if (ruleset.GetRuleset(pConf, &search.pFindings, (uchar *)pszName) != RS_RET_OK) {
        LogError(0, RS_RET_RULESET_NOT_FOUND,
                 "omfirewatch: engine \"%s\": there is no ruleset \"%s\" for the findings; write " FW_RULESET_EXAMPLE,
                 fwStationName(pStation), pszName, pszName);
        ABORT_FINALIZE(RS_RET_RULESET_NOT_FOUND);
    }
    /* 2. */
    if (!rulesetHasQueue(search.pFindings)) {
        LogError(0, RS_RET_CONFIG_ERROR,
                 "omfirewatch: engine \"%s\": the ruleset \"%s\" has no queue of its own%s, and findings would stop "
                 "what reads the lines; write " FW_RULESET_EXAMPLE,
                 fwStationName(pStation), pszName,
                 search.pFindings->pQueue != NULL ? " (queue.type=\"direct\" is none)" : "", pszName);
        ABORT_FINALIZE(RS_RET_CONFIG_ERROR);
    }
    /* 3. */
    if (runsHere(&search, search.pFindings->root, 0)) {
        LogError(0, RS_RET_CONFIG_ERROR,
                 "omfirewatch: engine \"%s\": the ruleset \"%s\" for the findings runs the action that makes them, and "
                 "its queue would wait for itself; findings need another ruleset: " FW_RULESET_EXAMPLE,
                 fwStationName(pStation), pszName, "findings");
        ABORT_FINALIZE(RS_RET_CONFIG_ERROR);
    }
    /* 4. */
    if (search.pFindings->pQueue->toEnq != 0) {
        warn("omfirewatch: engine \"%s\": a full queue of ruleset \"%s\" stops the reading of lines for %d ms at "
             "every finding; write queue.timeoutEnqueue=\"0\"",
             fwStationName(pStation), pszName, search.pFindings->pQueue->toEnq);
    }
    /* 5. rsyslog stops the queues of rulesets in the order of their definitions */
    llExecFunc(&pConf->rulesets.llRulesets, lookAtOrder, &search);
    if (search.pszTooLate != NULL) {
        warn("omfirewatch: engine \"%s\": the ruleset \"%s\" is defined before \"%s\", which feeds it from a queue of "
             "its own: what is found while rsyslogd stops is lost; define it after",
             fwStationName(pStation), pszName, search.pszTooLate);
    }
    *ppRuleset = search.pFindings;
finalize_it:
    RETiRet;
}
