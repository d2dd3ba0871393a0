/* inject.c: document -> message -> ruleset.
 *
 * $msg is the sentence, $! the document. The message has our own input name,
 * which is the loop guard: what carries it is never read again, wherever the
 * configuration sends it.
 * What an attacker controls: names and addresses inside of the document, which
 * a bounded writer has escaped; here it is only parsed again.
 */
#include "config.h"
#include "rsyslog.h"

#include <pthread.h>
#include <string.h>
#include <json.h>

#include "dirty.h"
#include "glbl.h"
#include "obj.h"
#include "prop.h"

#include "inject.h"

DEFobjCurrIf(obj);
DEFobjCurrIf(glbl);
DEFobjCurrIf(prop);

static prop_t *pInputName;
/* The daemon replaces its host name on HUP while its threads run, so a reference of our own is kept, under a lock. */
static pthread_mutex_t mutHost = PTHREAD_MUTEX_INITIALIZER;
static prop_t *pHostName;

rsRetVal fwInjectInit(void) {
    DEFiRet;
    CHKiRet(objGetObjInterface(&obj));
    CHKiRet(objUse(glbl, CORE_COMPONENT));
    CHKiRet(objUse(prop, CORE_COMPONENT));
    CHKiRet(prop.CreateStringProp(&pInputName, (const uchar *)FW_INPUT_NAME, sizeof(FW_INPUT_NAME) - 1));
finalize_it:
    RETiRet;
}

void fwInjectExit(void) {
    if (pHostName != NULL) {
        prop.Destruct(&pHostName);
    }
    if (pInputName != NULL) {
        prop.Destruct(&pInputName);
    }
    objRelease(prop, CORE_COMPONENT);
    objRelease(glbl, CORE_COMPONENT);
}

void fwInjectRefresh(void) {
    prop_t *const pNew = glbl.GetLocalHostNameProp();
    if (pNew != NULL) {
        prop.AddRef(pNew);
    }
    pthread_mutex_lock(&mutHost);
    prop_t *pOld = pHostName;
    pHostName = pNew;
    pthread_mutex_unlock(&mutHost);
    if (pOld != NULL) {
        prop.Destruct(&pOld);
    }
}

/* The caller owns a reference. */
static prop_t *hostName(void) {
    pthread_mutex_lock(&mutHost);
    prop_t *const pHost = pHostName;
    if (pHost != NULL) {
        prop.AddRef(pHost);
    }
    pthread_mutex_unlock(&mutHost);
    return pHost;
}

bool fwInjectIsOurs(const smsg_t *const pMsg) {
    uchar *pszName;
    int len;
    getInputName(pMsg, &pszName, &len);
    return len == sizeof(FW_INPUT_NAME) - 1 && !memcmp(pszName, FW_INPUT_NAME, sizeof(FW_INPUT_NAME) - 1);
}

static void setOrigin(smsg_t *const pMsg) {
    prop_t *pHost = hostName();
    uchar *psz;
    int len;
    if (pHost == NULL) {
        return;
    }
    prop.GetString(pHost, &psz, &len);
    MsgSetHOSTNAME(pMsg, psz, len);
    MsgSetRcvFrom(pMsg, pHost);
    MsgSetRcvFromIP(pMsg, glbl.GetLocalHostIP());
    prop.Destruct(&pHost);
}

rsRetVal fwInject(const struct fw_document *const pDocument, ruleset_t *const pRuleset, const char *const pszTag,
                  const int iFacility) {
    smsg_t *pMsg = NULL;
    struct fjson_object *pJson;
    DEFiRet;

    if ((pJson = fjson_tokener_parse(pDocument->json)) == NULL) {
        ABORT_FINALIZE(RS_RET_JSON_PARSE_ERR);
    }
    CHKiRet(msgConstruct(&pMsg));
    MsgSetInputName(pMsg, pInputName);
    /* Delay would be for ever when the findings' queue is our own worker's, and 2 s a message otherwise. */
    MsgSetFlowControlType(pMsg, eFLOWCTL_NO_DELAY);
    MsgSetRawMsg(pMsg, pDocument->text, pDocument->text_len);
    setOrigin(pMsg);
    MsgSetMSGoffs(pMsg, 0); /* after the raw message, of which it is a part */
    MsgSetTAG(pMsg, (const uchar *)pszTag, strlen(pszTag));
    msgSetPRI(pMsg, (syslog_pri_t)(iFacility | (int)pDocument->severity));
    MsgSetParseSuccess(pMsg, 1);
    iRet = msgAddJSON(pMsg, (uchar *)"!", pJson, 0, 0);
    pJson = NULL; /* the message's, or gone */
    CHKiRet(iRet);
    MsgSetRuleset(pMsg, pRuleset);
    smsg_t *const pOwned = pMsg;
    pMsg = NULL;
    CHKiRet(submitMsg2(pOwned));

finalize_it:
    if (pJson != NULL) {
        fjson_object_put(pJson);
    }
    if (pMsg != NULL) {
        msgDestruct(&pMsg);
    }
    RETiRet;
}
