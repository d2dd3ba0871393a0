/* selftest.c: refuses to load into an rsyslogd with other structures than ours.
 *
 * The daemon's module interface has kept its number while struct msg changed
 * (8.2510, 8.2606, 8.2608), and a daemon built without NDEBUG has one more
 * member in every object. Such a module loads and reads garbage. So, before the
 * first message: ask for the interfaces we use, by version; then let the daemon
 * write through its functions and read back through the macros that our headers
 * compile into member accesses, and through its own getters.
 * Nothing here follows a pointer that came out of a member access, so that a
 * misfit is told and not crashed on.
 */
#include "config.h"
#include "rsyslog.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "syslogd-types.h"
#include "template.h"
#include "module-template.h"
#include "errmsg.h"
#include "glbl.h"
#include "msg.h"
#include "ruleset.h"
#include "statsobj.h"

#include "fw_config.h"
#include "selftest.h"

DEFobjCurrIf(obj);
DEFobjCurrIf(glbl);
DEFobjCurrIf(statsobj);
DEFobjCurrIf(ruleset);

#define SELFTEST_PRI  134 /* local0.info: neither 0 nor the default */
#define SELFTEST_RAW  "<134>selftest: text"
#define SELFTEST_MSG  "text"
#define SELFTEST_TAG  "selftest:"
#define SELFTEST_HOST "selftest.example"
#define SELFTEST_SD   "[selftest@32473]"

static int sameText(const uchar *const text, const int len, const char *const expected) {
    return text != NULL && len == (int)strlen(expected) && memcmp(text, expected, (size_t)len) == 0;
}

/* What of a message does not fit, or NULL. */
static const char *checkMessage(smsg_t *const pMsg) {
    int here; /* any address will do as a ruleset: it is read back, never followed */
    uchar *text;
    int len;

    /* 1. member accesses of our headers against functions of the daemon */
    if (MsgGetRuleset(pMsg) != NULL) {
        return "the ruleset of a message";
    }
    MsgSetRuleset(pMsg, (ruleset_t *)(void *)&here);
    if ((void *)MsgGetRuleset(pMsg) != (void *)&here) {
        return "the ruleset of a message";
    }
    MsgSetRuleset(pMsg, NULL);
    setProtocolVersion(pMsg, MSG_LEGACY_PROTOCOL);
    if (msgGetProtocolVersion(pMsg) != MSG_LEGACY_PROTOCOL) {
        return "the protocol version of a message";
    }
    setProtocolVersion(pMsg, MSG_RFC5424_PROTOCOL);
    if (msgGetProtocolVersion(pMsg) != MSG_RFC5424_PROTOCOL) {
        return "the protocol version of a message";
    }
    if (MsgHasStructuredData(pMsg)) {
        return "the structured data of a message";
    }
    if (MsgSetStructuredData(pMsg, SELFTEST_SD) != RS_RET_OK || !MsgHasStructuredData(pMsg)) {
        return "the structured data of a message";
    }

    /* 2. the functions themselves: arguments and results as we believe them to be */
    MsgSetRawMsg(pMsg, SELFTEST_RAW, strlen(SELFTEST_RAW));
    MsgSetMSGoffs(pMsg, (int)(strlen(SELFTEST_RAW) - strlen(SELFTEST_MSG)));
    getRawMsg(pMsg, &text, &len);
    if (!sameText(text, len, SELFTEST_RAW)) {
        return "the raw text of a message";
    }
    if (!sameText(getMSG(pMsg), getMSGLen(pMsg), SELFTEST_MSG)) {
        return "the text of a message";
    }
    msgSetPRI(pMsg, SELFTEST_PRI);
    if (getPRIi(pMsg) != SELFTEST_PRI) {
        return "the priority of a message";
    }
    MsgSetHOSTNAME(pMsg, (const uchar *)SELFTEST_HOST, (int)strlen(SELFTEST_HOST));
    if (!sameText((const uchar *)getHOSTNAME(pMsg), getHOSTNAMELen(pMsg), SELFTEST_HOST)) {
        return "the host name of a message";
    }
    MsgSetTAG(pMsg, (const uchar *)SELFTEST_TAG, strlen(SELFTEST_TAG));
    getTAG(pMsg, &text, &len, LOCK_MUTEX);
    if (!sameText(text, len, SELFTEST_TAG)) {
        return "the tag of a message";
    }
    return NULL;
}

/* What of a ruleset does not fit, or NULL. The name is the first member after the object's own, the queue the next. */
static const char *checkRuleset(ruleset_t *const pRuleset) {
    if (rulesetGetName(pRuleset) != NULL || pRuleset->pQueue != NULL) {
        return "a new ruleset";
    }
    if (ruleset.SetName(pRuleset, (uchar *)"omfirewatch-selftest") != RS_RET_OK || rulesetGetName(pRuleset) == NULL ||
        pRuleset->pQueue != NULL) {
        return "the name of a ruleset";
    }
    return NULL;
}

rsRetVal fwSelftest(void) {
    smsg_t *pMsg = NULL;
    ruleset_t *pRuleset = NULL;
    const char *misfit = NULL;
    DEFiRet;

    if (objGetObjInterface(&obj) != RS_RET_OK) {
        return RS_RET_INTERFACE_NOT_SUPPORTED;
    }
    misfit = "the interface \"glbl\"";
    CHKiRet(objUse(glbl, CORE_COMPONENT));
    misfit = "the interface \"statsobj\"";
    CHKiRet(objUse(statsobj, CORE_COMPONENT));
    misfit = "the interface \"ruleset\"";
    CHKiRet(objUse(ruleset, CORE_COMPONENT));
    misfit = NULL;

    CHKiRet(msgConstruct(&pMsg));
    if ((misfit = checkMessage(pMsg)) != NULL) {
        ABORT_FINALIZE(RS_RET_INTERFACE_NOT_SUPPORTED);
    }
    CHKiRet(ruleset.Construct(&pRuleset));
    if ((misfit = checkRuleset(pRuleset)) != NULL) {
        ABORT_FINALIZE(RS_RET_INTERFACE_NOT_SUPPORTED);
    }

finalize_it:
    if (misfit != NULL) {
        LogError(
            0, iRet,
            "omfirewatch: this module was built for rsyslog %s, and this rsyslogd is another one: %s does not fit. "
            "The module is not loaded; install the one made for this release, or build it again",
            FW_RSYSLOG_VERSION, misfit);
    } else if (iRet != RS_RET_OK) {
        LogError(0, iRet, "omfirewatch: the self-test could not run, the module is not loaded");
    }
    if (pRuleset != NULL) {
        ruleset.Destruct(&pRuleset);
    }
    if (pMsg != NULL) {
        msgDestruct(&pMsg);
    }
    objRelease(ruleset, CORE_COMPONENT);
    objRelease(statsobj, CORE_COMPONENT);
    objRelease(glbl, CORE_COMPONENT);
    RETiRet;
}
