/* inject.h: a document becomes a message of rsyslog. */
#ifndef FW_INJECT_H
#define FW_INJECT_H

#include <stdbool.h>

#include "core/finding.h"
#include "msg.h"
#include "ruleset.h"

#define FW_INPUT_NAME "omfirewatch"

rsRetVal fwInjectInit(void);
void fwInjectExit(void);
/* Asks for the name of this host again: at the start, and on HUP. */
void fwInjectRefresh(void);

/* A message that came from here: never to be looked at again. */
bool fwInjectIsOurs(const smsg_t *pMsg);
/* iFacility: as syslog() has it. Does not say whether the queue of the ruleset was full: the queue counts that. */
rsRetVal fwInject(const struct fw_document *pDocument, ruleset_t *pRuleset, const char *pszTag, int iFacility);

#endif
