/* place.h: is the ruleset for findings one that findings can be sent to? Asked once, when the configuration is read. */
#ifndef FW_PLACE_H
#define FW_PLACE_H

#include "rsconf.h"
#include "station.h"

rsRetVal fwPlaceInit(void);
void fwPlaceExit(void);
/* Finds the station's ruleset. bIsAction: whether an action's module data is that of an action of this station. What is
 * wrong is logged with what to write instead. */
rsRetVal fwPlaceFind(ruleset_t **ppRuleset, rsconf_t *pConf, const struct fwStation *pStation,
                     int (*bIsAction)(const struct fwStation *pStation, const void *pModData, void *pCookie),
                     void *pCookie);

#endif
