/* params.h: what an action(type="omfirewatch" ...) says. */
#ifndef FW_PARAMS_H
#define FW_PARAMS_H

#include <limits.h>

#include "rainerscript.h"

#define FW_ENGINE_DEFAULT       "site"
#define FW_TAG_DEFAULT          "firewatch:"
#define FW_FACILITY_DEFAULT     LOG_LOCAL0
#define FW_IDLE_TIMEOUT_DEFAULT 60    /* s */
#define FW_IDLE_TIMEOUT_MAX     86400 /* s; a day without events is a broken line, not a quiet one */
#define FW_TAG_MAX              32    /* RFC 3164 4.1.3 */
#define FW_ENGINE_NAME_MAX      32    /* it stands in the names of counters */

/* What a findings ruleset looks like, for every message that asks for one. */
#define FW_RULESET_EXAMPLE                                                                                             \
    "ruleset(name=\"%s\" queue.type=\"LinkedList\" queue.size=\"10000\" queue.timeoutEnqueue=\"0\") {...}"

#define FW_STATE_OFF "off"

#define FW_UNSAID LLONG_MIN /* of a number */

/* Texts are NULL where the action says nothing and has no default of its own. */
struct fwParams {
    char *pszEngine;   /* never NULL */
    char *pszRuleset;  /* never NULL */
    char *pszRulebase; /* never NULL */
    char *pszPolicy;
    char *pszTag;
    char *pszFields;
    char *pszFacility;
    char *pszState;     /* "off", or an absolute path */
    long long facility; /* as syslog() has it: LOG_LOCAL0 */
    long long idleTimeout;
    long long maxMemory;
};

/* Reads and checks them; what is wrong is reported with the place in the configuration. */
rsRetVal fwParamsRead(struct fwParams *pParams, struct nvlst *lst);
void fwParamsFree(struct fwParams *pParams);

#endif
