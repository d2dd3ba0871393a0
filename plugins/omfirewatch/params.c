/* params.c: reads and checks what an action says, so that `rsyslogd -N1` refuses what would not work.
 *
 * Every message names the parameter, what was written and what is allowed.
 * Nobody but the administrator writes these.
 */
#include "config.h"
#include "rsyslog.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "parserif.h"
#include "srUtils.h"

#include "core/engine.h"
#include "params.h"

/* Where the rules are that come with firewatch. */
#ifndef FW_RULEBASE_PATH
#define FW_RULEBASE_PATH FW_PKGDATADIR "/rulebase/firewatch.rulebase"
#endif

static struct cnfparamdescr actpdescr[] = {
    {"engine", eCmdHdlrString, 0},   {"ruleset", eCmdHdlrString, 0},  {"rulebase", eCmdHdlrString, 0},
    {"policy", eCmdHdlrString, 0},   {"tag", eCmdHdlrString, 0},      {"fields", eCmdHdlrString, 0},
    {"facility", eCmdHdlrString, 0}, {"idletimeout", eCmdHdlrInt, 0}, {"maxmemory", eCmdHdlrSize, 0},
    {"state", eCmdHdlrString, 0},
};
static struct cnfparamblk actpblk = {CNFPARAMBLK_VERSION, sizeof(actpdescr) / sizeof(struct cnfparamdescr), actpdescr};

/* where the value of each of these goes */
static const size_t targets[] = {
    offsetof(struct fwParams, pszEngine),   offsetof(struct fwParams, pszRuleset),
    offsetof(struct fwParams, pszRulebase), offsetof(struct fwParams, pszPolicy),
    offsetof(struct fwParams, pszTag),      offsetof(struct fwParams, pszFields),
    offsetof(struct fwParams, pszFacility), offsetof(struct fwParams, idleTimeout),
    offsetof(struct fwParams, maxMemory),   offsetof(struct fwParams, pszState),
};
_Static_assert(sizeof(targets) / sizeof(targets[0]) == sizeof(actpdescr) / sizeof(actpdescr[0]), "one for each");

static const char nameChars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

static int isEngineName(const char *const psz) {
    const size_t len = strlen(psz);
    return len > 0 && len <= FW_ENGINE_NAME_MAX && strspn(psz, nameChars) == len;
}

static int isTag(const char *psz) {
    const size_t len = strlen(psz);
    if (len == 0 || len > FW_TAG_MAX) {
        return 0;
    }
    for (; *psz != '\0'; ++psz) {
        if ((unsigned char)*psz <= ' ' || (unsigned char)*psz > '~') {
            return 0;
        }
    }
    return 1;
}

/* $! or $. and then names, separated by !: $!fw, $!site!event, $.fw; the bare root as well */
static int isFieldsPath(const char *psz) {
    if (psz[0] != '$' || (psz[1] != '!' && psz[1] != '.')) {
        return 0;
    }
    psz += 2;
    if (*psz == '\0') {
        return 1;
    }
    for (;;) {
        const size_t len = strspn(psz, nameChars);
        if (len == 0) {
            return 0;
        }
        psz += len;
        if (*psz == '\0') {
            return 1;
        }
        if (*psz++ != '!') {
            return 0;
        }
    }
}

/* LOG_... of a name; -1: there is none such. rsyslog's decoder would take numbers and words of its own as well. */
static int facilityOf(const char *const psz) {
    if (!isalpha((unsigned char)psz[0]) || strlen(psz) >= 20 || !strcasecmp(psz, "mark") || !strcasecmp(psz, "invld")) {
        return -1;
    }
    return decodeSyslogName((uchar *)psz, syslogFacNames);
}

static rsRetVal checkTexts(const struct fwParams *const p) {
    DEFiRet;
    if (!isEngineName(p->pszEngine)) {
        parser_errmsg("omfirewatch: engine=\"%s\" is no name of an engine: 1 to %d letters, digits, '-' and '_' are "
                      "allowed",
                      p->pszEngine, FW_ENGINE_NAME_MAX);
        iRet = RS_RET_PARAM_ERROR;
    }
    if (p->pszRuleset == NULL || p->pszRuleset[0] == '\0') {
        parser_errmsg("omfirewatch: the parameter ruleset is missing: findings go to a ruleset of their own; say "
                      "ruleset=\"findings\" here, and write " FW_RULESET_EXAMPLE,
                      "findings");
        iRet = RS_RET_PARAM_ERROR;
    }
    if (p->pszTag != NULL && !isTag(p->pszTag)) {
        parser_errmsg("omfirewatch: tag=\"%s\" is no syslog tag: 1 to %d printable ASCII characters without blanks are "
                      "allowed, as in \"" FW_TAG_DEFAULT "\"",
                      p->pszTag, FW_TAG_MAX);
        iRet = RS_RET_PARAM_ERROR;
    }
    if (p->pszFields != NULL && !isFieldsPath(p->pszFields)) {
        parser_errmsg("omfirewatch: fields=\"%s\" is no place for fields: it begins with \"$!\" or \"$.\", and names "
                      "of letters, digits, '-' and '_' follow with '!' between them, as in \"$!fw\"",
                      p->pszFields);
        iRet = RS_RET_PARAM_ERROR;
    }
    if (p->pszState != NULL && strcmp(p->pszState, FW_STATE_OFF) && p->pszState[0] != '/') {
        parser_errmsg("omfirewatch: state=\"%s\" is no place for the state: the whole path of a file is allowed, as in "
                      "\"/var/spool/rsyslog/site.state\", or \"" FW_STATE_OFF "\"",
                      p->pszState);
        iRet = RS_RET_PARAM_ERROR;
    }
    if (p->pszFacility != NULL && p->facility < 0) {
        parser_errmsg("omfirewatch: facility=\"%s\" is unknown: the names of syslog are allowed, as in \"local0\" or "
                      "\"daemon\"",
                      p->pszFacility);
        iRet = RS_RET_PARAM_ERROR;
    }
    RETiRet;
}

static rsRetVal checkNumbers(const struct fwParams *const p) {
    DEFiRet;
    if (p->idleTimeout != FW_UNSAID && (p->idleTimeout < 0 || p->idleTimeout > FW_IDLE_TIMEOUT_MAX)) {
        parser_errmsg("omfirewatch: idleTimeout=\"%lld\" is out of range: 1 to %d seconds without events until time "
                      "passes by itself, or 0 for never",
                      p->idleTimeout, FW_IDLE_TIMEOUT_MAX);
        iRet = RS_RET_PARAM_ERROR;
    }
    if (p->maxMemory != FW_UNSAID && p->maxMemory < (long long)FW_MEMORY_MIN) {
        parser_errmsg("omfirewatch: maxMemory=\"%lld\" is too little: \"%zum\" or more are allowed", p->maxMemory,
                      FW_MEMORY_MIN >> 20);
        iRet = RS_RET_PARAM_ERROR;
    }
    RETiRet;
}

static rsRetVal readValues(struct fwParams *const p, const struct cnfparamvals *const pvals) {
    DEFiRet;
    for (int i = 0; i < actpblk.nParams; ++i) {
        if (!pvals[i].bUsed) {
            continue;
        }
        void *const pTarget = (char *)p + targets[i];
        if (pvals[i].val.datatype == 'S') {
            CHKmalloc(*(char **)pTarget = es_str2cstr(pvals[i].val.d.estr, NULL));
        } else {
            *(long long *)pTarget = pvals[i].val.d.n;
        }
    }
    if (p->pszEngine == NULL) {
        CHKmalloc(p->pszEngine = strdup(FW_ENGINE_DEFAULT));
    }
    if (p->pszRulebase == NULL) {
        CHKmalloc(p->pszRulebase = strdup(FW_RULEBASE_PATH));
    }
    if (p->pszFacility != NULL) {
        p->facility = facilityOf(p->pszFacility);
    }
finalize_it:
    RETiRet;
}

rsRetVal fwParamsRead(struct fwParams *const p, struct nvlst *const lst) {
    struct cnfparamvals *pvals;
    DEFiRet;

    memset(p, 0, sizeof(*p));
    p->facility = p->idleTimeout = p->maxMemory = FW_UNSAID;
    if ((pvals = nvlstGetParams(lst, &actpblk, NULL)) == NULL) {
        ABORT_FINALIZE(RS_RET_PARAM_ERROR); /* it said why */
    }
    CHKiRet(readValues(p, pvals));
    const rsRetVal texts = checkTexts(p); /* both: everything that is wrong is told at once */
    const rsRetVal numbers = checkNumbers(p);
    CHKiRet(texts);
    CHKiRet(numbers);

finalize_it:
    if (pvals != NULL) {
        cnfparamvalsDestruct(pvals, &actpblk);
    }
    if (iRet != RS_RET_OK) {
        fwParamsFree(p);
    }
    RETiRet;
}

void fwParamsFree(struct fwParams *const p) {
    free(p->pszEngine);
    free(p->pszRuleset);
    free(p->pszRulebase);
    free(p->pszPolicy);
    free(p->pszTag);
    free(p->pszFields);
    free(p->pszFacility);
    free(p->pszState);
    memset(p, 0, sizeof(*p));
}
