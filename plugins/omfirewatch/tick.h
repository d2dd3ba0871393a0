/* tick.h: time passes, also when no lines come. */
#ifndef FW_TICK_H
#define FW_TICK_H

#include "station.h"

rsRetVal fwTickInit(void);
void fwTickExit(void);
/* Starts the thread; rsyslogd stops it before any queue. The list stays as it is until then. */
rsRetVal fwTickStart(struct fwStation *pList);

#endif
