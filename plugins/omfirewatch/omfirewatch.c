/* omfirewatch.c: rsyslog's entry points.
 *
 * The macros are rsyslog's; written with semicolons they compile with the
 * headers of 8.2302 and of later releases alike (none between the blocks of
 * queryEtryPt, which are one chain of else-ifs).
 *
 * A line is fed once: doAction always returns RS_RET_OK, for whatever else it
 * said rsyslog would bring the line again. State belongs to the station, which
 * outlives action and worker. Workers may be cancelled by rsyslogd at its end,
 * so cancellation is off wherever something of ours is half done.
 */
#include "config.h"
#include "rsyslog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <json.h>

#include "conf.h"
#include "syslogd-types.h"
#include "template.h"
#include "module-template.h"
#include "errmsg.h"
#include "msg.h"

#include "inject.h"
#include "params.h"
#include "parse/event_json.h"
#include "place.h"
#include "reader.h"
#include "rules.h"
#include "selftest.h"
#include "station.h"
#include "stats.h"
#include "tick.h"

MODULE_TYPE_OUTPUT;
MODULE_TYPE_NOKEEP;
MODULE_CNFNAME("omfirewatch");

DEF_OMOD_STATIC_DATA;

struct modConfData_s {
    rsconf_t *pConf;
    struct fwStation *pStations;
    struct fwRules *pRules;
    struct _instanceData *pInstances;
};

typedef struct _instanceData {
    struct _instanceData *pNext;
    modConfData_t *pModConf;
    struct fwParams params;
    struct fwStation *pStation;
    struct fwRules *pRules;
} instanceData;

/* In 8.2302 freeInstance comes before freeWrkrInstance: nothing here may need pData then. */
typedef struct wrkrInstanceData {
    instanceData *pData;
    struct fwStation *pStation;
    struct fwReader *pReader;
    char *pszFields;   /* where on the message the event is left, as msgAddJSON() wants it; NULL: nowhere */
    char *pFieldsText; /* FW_EVENT_JSON_MAX of them */
    struct fjson_tokener *pTokener;
    msgPropDescr_t received;
    struct templateEntry receivedFormat; /* seconds since 1970 */
} wrkrInstanceData_t;

static modConfData_t *loadModConf;

/* --- configuration -------------------------------------------------------- */

static int isActionOf(const struct fwStation *const pStation, const void *const pModData, void *const pCookie) {
    const modConfData_t *const pModConf = pCookie;
    for (const instanceData *p = pModConf->pInstances; p != NULL; p = p->pNext) {
        if (p == pModData) {
            return p->pStation == pStation;
        }
    }
    return 0;
}

/* All actions are known: one bad engine does not keep the others from running, but it does keep `-N1` from saying yes. */
static void openStations(modConfData_t *const pModConf) {
    for (struct fwStation *p = pModConf->pStations; p != NULL; p = fwStationNext(p)) {
        ruleset_t *pRuleset = NULL;
        rsRetVal localRet = fwPlaceFind(&pRuleset, pModConf->pConf, p, isActionOf, pModConf);
        if (localRet == RS_RET_OK) {
            localRet = fwStationOpen(p, pRuleset, pModConf->pConf);
        }
        if (localRet != RS_RET_OK) {
            LogError(0, localRet, "omfirewatch: engine \"%s\" does not run: its actions let every line pass unread",
                     fwStationName(p));
        }
    }
}

static rsRetVal start(const modConfData_t *const pModConf) {
    DEFiRet;
    fwInjectRefresh();
    for (struct fwStation *p = pModConf->pStations; p != NULL; p = fwStationNext(p)) {
        fwStationResume(p);
    }
    CHKiRet(fwStatsOpen(pModConf->pStations));
    CHKiRet(fwTickStart(pModConf->pStations));
finalize_it:
    RETiRet;
}

static rsRetVal configureAction(instanceData *const pData, struct nvlst *const lst) {
    DEFiRet;
    CHKiRet(fwParamsRead(&pData->params, lst));
    CHKiRet(fwStationJoin(&pData->pStation, &loadModConf->pStations, &pData->params));
    CHKiRet(fwRulesGet(&pData->pRules, &loadModConf->pRules, pData->params.pszRulebase));
    pData->pNext = loadModConf->pInstances;
    loadModConf->pInstances = pData;
finalize_it:
    RETiRet;
}

static void releaseAction(instanceData *const pData) {
    for (instanceData **pp = &pData->pModConf->pInstances; *pp != NULL; pp = &(*pp)->pNext) {
        if (*pp == pData) {
            *pp = pData->pNext;
            break;
        }
    }
    fwStationPut(&pData->pStation);
    fwRulesPut(&pData->pRules);
    fwParamsFree(&pData->params);
}

/* HUP comes to every action; the last of those that share something reads it again for all. */
static void reload(const instanceData *const pData) {
    bool bRules = true;
    bool bStation = true;
    for (const instanceData *p = pData->pNext; p != NULL; p = p->pNext) {
        bRules = bRules && p->pRules != pData->pRules;
        bStation = bStation && p->pStation != pData->pStation;
    }
    fwInjectRefresh();
    if (bRules) {
        fwRulesReload(pData->pRules);
    }
    if (bStation) {
        fwStationReload(pData->pStation);
    }
}

/* --- workers ---------------------------------------------------------------- */

static rsRetVal equipWorker(wrkrInstanceData_t *const pWrkrData, instanceData *const pData) {
    DEFiRet;
    pWrkrData->pStation = fwStationAddRef(pData->pStation);
    CHKiRet(msgPropDescrFill(&pWrkrData->received, (uchar *)"timegenerated", sizeof("timegenerated") - 1));
    pWrkrData->receivedFormat.data.field.eDateFormat = tplFmtUnixDate;
    if (pData->params.pszFields != NULL) {
        CHKmalloc(pWrkrData->pszFields = strdup(pData->params.pszFields + 1));
        CHKmalloc(pWrkrData->pFieldsText = malloc(FW_EVENT_JSON_MAX));
        CHKmalloc(pWrkrData->pTokener = fjson_tokener_new());
    }
    CHKiRet(fwReaderNew(&pWrkrData->pReader, pData->pRules, pData->pStation, pWrkrData->pszFields != NULL));
finalize_it:
    RETiRet;
}

static void stripWorker(wrkrInstanceData_t *const pWrkrData) {
    fwReaderFree(&pWrkrData->pReader);
    fwStationPut(&pWrkrData->pStation);
    free(pWrkrData->pszFields);
    free(pWrkrData->pFieldsText);
    if (pWrkrData->pTokener != NULL) {
        fjson_tokener_free(pWrkrData->pTokener);
    }
    msgPropDescrDestruct(&pWrkrData->received);
}

static fw_time now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME_COARSE, &ts);
    return (fw_time)ts.tv_sec * FW_SECOND + ts.tv_nsec / 1000000;
}

/* When rsyslog received the message. The getter renders it as text, an eighth of what a line costs: for the few lines
 * that ask. */
static fw_time receivedAt(wrkrInstanceData_t *const pWrkrData, smsg_t *const pMsg) {
    rs_size_t len = 0;
    unsigned short bMustBeFreed = 0;
    uchar *const psz = MsgGetProp(pMsg, &pWrkrData->receivedFormat, &pWrkrData->received, &len, &bMustBeFreed, NULL);
    fw_time seconds = 0;
    for (rs_size_t i = 0; i < len && psz[i] >= '0' && psz[i] <= '9'; ++i) {
        seconds = seconds * 10 + (psz[i] - '0');
    }
    if (bMustBeFreed) {
        free(psz);
    }
    return seconds * FW_SECOND;
}

static void leaveFields(wrkrInstanceData_t *const pWrkrData, smsg_t *const pMsg, const struct fw_event *const pEvent) {
    struct fjson_object *pJson;
    const size_t len = fw_event_print(pEvent, false, pWrkrData->pFieldsText, FW_EVENT_JSON_MAX);
    if (len == 0) {
        return;
    }
    fjson_tokener_reset(pWrkrData->pTokener);
    if ((pJson = fjson_tokener_parse_ex(pWrkrData->pTokener, pWrkrData->pFieldsText, (int)len)) != NULL) {
        msgAddJSON(pMsg, (uchar *)pWrkrData->pszFields, pJson, 1, 0);
    }
}

static void readLine(wrkrInstanceData_t *const pWrkrData, smsg_t *const pMsg) {
    struct fw_event event;
    uchar *pRaw;
    int lenRaw;
    getRawMsg(pMsg, &pRaw, &lenRaw);
    const struct fw_line line = {
        .text = (const char *)pRaw, .len = (size_t)lenRaw, .arrival = now(), .sensor = getHOSTNAME(pMsg)};
    const enum fw_parse_result result = fwReaderLine(pWrkrData->pReader, &line, &event);
    if ((result == FW_PARSE_EVENT || event.message.len > 0) && event.time == line.arrival) {
        /* The line has no time of its own, and it may have waited in a queue for long. For a missing year, now will do. */
        event.time = receivedAt(pWrkrData, pMsg);
    }
    fwStationObserve(pWrkrData->pStation, result, &event, line.len > FW_LINE_MAX, pWrkrData->pszFields != NULL);
    if (pWrkrData->pszFields != NULL && result == FW_PARSE_EVENT) {
        leaveFields(pWrkrData, pMsg, &event);
    }
}

static void lookAtMessage(wrkrInstanceData_t *const pWrkrData, smsg_t *const pMsg) {
    int cancelState;
    if (fwInjectIsOurs(pMsg)) {
        fwStatsCountGuarded();
        return;
    }
    if (!fwStationIsOpen(pWrkrData->pStation)) {
        return;
    }
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelState);
    readLine(pWrkrData, pMsg);
    pthread_setcancelstate(cancelState, NULL);
    /* Who was cancelled meanwhile ends here. The next cancellation point may be the write of an omfile, which would keep
     * its lock for ever, and rsyslogd would wait for the other workers that want it. */
    pthread_testcancel();
}

/* --- entry points ------------------------------------------------------------ */
/* The macros open and close functions, which a formatter cannot see. */
/* clang-format off */

BEGINbeginCnfLoad;
CODESTARTbeginCnfLoad;
    loadModConf = pModConf;
    pModConf->pConf = pConf;
ENDbeginCnfLoad;

BEGINendCnfLoad;
CODESTARTendCnfLoad;
    loadModConf = NULL;
ENDendCnfLoad;

BEGINcheckCnf;
CODESTARTcheckCnf;
    openStations(pModConf);
ENDcheckCnf;

BEGINactivateCnf;
CODESTARTactivateCnf;
    iRet = start(pModConf);
ENDactivateCnf;

BEGINfreeCnf;
CODESTARTfreeCnf;
    fwStatsClose();
    fwStationFreeList(&pModConf->pStations);
    fwRulesFreeList(&pModConf->pRules);
ENDfreeCnf;

BEGINcreateInstance;
CODESTARTcreateInstance;
    pData->pModConf = loadModConf;
ENDcreateInstance;

BEGINfreeInstance;
CODESTARTfreeInstance;
    releaseAction(pData);
ENDfreeInstance;

BEGINnewActInst;
CODESTARTnewActInst;
    CHKiRet(createInstance(&pData));
    CHKiRet(configureAction(pData, lst));
    CODE_STD_STRING_REQUESTnewActInst(1);
    CHKiRet(OMSRsetEntry(*ppOMSR, 0, NULL, OMSR_TPL_AS_MSG));
    CODE_STD_FINALIZERnewActInst;
ENDnewActInst;

BEGINcreateWrkrInstance;
CODESTARTcreateWrkrInstance;
    if ((iRet = equipWorker(pWrkrData, pData)) != RS_RET_OK) {
        stripWorker(pWrkrData);
        free(pWrkrData);
        pWrkrData = NULL;
    }
ENDcreateWrkrInstance;

BEGINfreeWrkrInstance;
CODESTARTfreeWrkrInstance;
    stripWorker(pWrkrData);
ENDfreeWrkrInstance;

BEGINisCompatibleWithFeature;
CODESTARTisCompatibleWithFeature;
ENDisCompatibleWithFeature;

BEGINdbgPrintInstInfo;
CODESTARTdbgPrintInstInfo;
    dbgprintf("omfirewatch: engine '%s', ruleset '%s', rulebase '%s'\n", pData->params.pszEngine,
              pData->params.pszRuleset, pData->params.pszRulebase);
ENDdbgPrintInstInfo;

BEGINtryResume;
CODESTARTtryResume;
ENDtryResume;

BEGINdoHUP;
CODESTARTdoHUP;
    reload(pData);
ENDdoHUP;

BEGINdoAction_NoStrings;
CODESTARTdoAction;
    lookAtMessage(pWrkrData, *(smsg_t **)pMsgData);
ENDdoAction;

NO_LEGACY_CONF_parseSelectorAct;

BEGINmodExit;
CODESTARTmodExit;
    fwTickExit();
    fwPlaceExit();
    fwStatsExit();
    fwInjectExit();
ENDmodExit;

BEGINqueryEtryPt;
CODESTARTqueryEtryPt;
    CODEqueryEtryPt_STD_OMOD_QUERIES
    CODEqueryEtryPt_STD_OMOD8_QUERIES
    CODEqueryEtryPt_STD_CONF2_OMOD_QUERIES
    CODEqueryEtryPt_STD_CONF2_QUERIES
    CODEqueryEtryPt_doHUP;
ENDqueryEtryPt;

BEGINmodInit();
CODESTARTmodInit;
    *ipIFVersProvided = CURR_MOD_IF_VERSION;
    CODEmodInit_QueryRegCFSLineHdlr;
    CHKiRet(fwSelftest());
    CHKiRet(fwInjectInit());
    CHKiRet(fwStatsInit());
    CHKiRet(fwPlaceInit());
    CHKiRet(fwTickInit());
ENDmodInit;
