/* selftest.h: does this rsyslogd fit the headers we were built with? */
#ifndef FW_SELFTEST_H
#define FW_SELFTEST_H

#include "rsyslog.h"

/* Called once by modInit, before anything else uses the daemon. Returns
 * RS_RET_OK, or an error after saying in the log what does not fit. */
rsRetVal fwSelftest(void);

#endif
