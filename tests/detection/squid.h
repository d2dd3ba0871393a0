/* squid.h: the access log of the proxy. */
#ifndef FW_DETECTION_SQUID_H
#define FW_DETECTION_SQUID_H

#include "office.h"

/* One line of an event whose `what` is REQUEST, in Squid's native form, when it is over. */
void squid_line(struct text *out, const struct office *office, const struct event *ev, uint32_t number);
uint32_t squid_time(const struct event *ev, uint32_t number);

#endif
