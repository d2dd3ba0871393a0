/* omfirewatch.c: rsyslog's entry points.
 *
 * The macros are rsyslog's; written with semicolons they compile with the
 * headers of 8.2302 and of later releases alike (none between the blocks of
 * queryEtryPt, which are one chain of else-ifs).
 */
#include "config.h"
#include "rsyslog.h"

#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "syslogd-types.h"
#include "template.h"
#include "module-template.h"
#include "errmsg.h"
#include "msg.h"

#include "selftest.h"

/* clang-format off: it takes a macro that opens a function for a statement */
MODULE_TYPE_OUTPUT;
MODULE_TYPE_NOKEEP;
MODULE_CNFNAME("omfirewatch");

DEF_OMOD_STATIC_DATA;

typedef struct _instanceData {
    int unused;
} instanceData;

typedef struct wrkrInstanceData {
    instanceData *pData;
} wrkrInstanceData_t;

struct modConfData_s {
    rsconf_t *pConf;
};

static struct cnfparamdescr actpdescr[] = {
    {"policy", eCmdHdlrGetWord, 0},
    {"rulebase", eCmdHdlrGetWord, 0},
    {"ruleset", eCmdHdlrGetWord, 0},
};
static struct cnfparamblk actpblk = {CNFPARAMBLK_VERSION, sizeof(actpdescr) / sizeof(struct cnfparamdescr), actpdescr};

BEGINbeginCnfLoad;
CODESTARTbeginCnfLoad;
    pModConf->pConf = pConf;
ENDbeginCnfLoad;

BEGINendCnfLoad;
CODESTARTendCnfLoad;
ENDendCnfLoad;

BEGINcheckCnf;
CODESTARTcheckCnf;
ENDcheckCnf;

BEGINactivateCnf;
CODESTARTactivateCnf;
ENDactivateCnf;

BEGINfreeCnf;
CODESTARTfreeCnf;
ENDfreeCnf;

BEGINcreateInstance;
CODESTARTcreateInstance;
ENDcreateInstance;

BEGINcreateWrkrInstance;
CODESTARTcreateWrkrInstance;
ENDcreateWrkrInstance;

BEGINisCompatibleWithFeature;
CODESTARTisCompatibleWithFeature;
ENDisCompatibleWithFeature;

BEGINfreeInstance;
CODESTARTfreeInstance;
ENDfreeInstance;

BEGINfreeWrkrInstance;
CODESTARTfreeWrkrInstance;
ENDfreeWrkrInstance;

BEGINnewActInst;
    struct cnfparamvals *pvals;
CODESTARTnewActInst;
    if ((pvals = nvlstGetParams(lst, &actpblk, NULL)) == NULL) {
        ABORT_FINALIZE(RS_RET_MISSING_CNFPARAMS);
    }
    CODE_STD_STRING_REQUESTnewActInst(1);
    CHKiRet(OMSRsetEntry(*ppOMSR, 0, NULL, OMSR_TPL_AS_MSG));
    CHKiRet(createInstance(&pData));
    CODE_STD_FINALIZERnewActInst;
    cnfparamvalsDestruct(pvals, &actpblk);
ENDnewActInst;

BEGINdbgPrintInstInfo;
CODESTARTdbgPrintInstInfo;
ENDdbgPrintInstInfo;

BEGINtryResume;
CODESTARTtryResume;
ENDtryResume;

BEGINdoAction_NoStrings;
CODESTARTdoAction;
    (void)pMsgData;
ENDdoAction;

NO_LEGACY_CONF_parseSelectorAct;

BEGINmodExit;
CODESTARTmodExit;
ENDmodExit;

BEGINqueryEtryPt;
CODESTARTqueryEtryPt;
    CODEqueryEtryPt_STD_OMOD_QUERIES CODEqueryEtryPt_STD_OMOD8_QUERIES CODEqueryEtryPt_STD_CONF2_OMOD_QUERIES
        CODEqueryEtryPt_STD_CONF2_QUERIES;
ENDqueryEtryPt;

BEGINmodInit();
CODESTARTmodInit;
    *ipIFVersProvided = CURR_MOD_IF_VERSION;
    CODEmodInit_QueryRegCFSLineHdlr;
    CHKiRet(fwSelftest());
ENDmodInit;
