/* report.h: the files beside the log. */
#ifndef FW_DETECTION_REPORT_H
#define FW_DETECTION_REPORT_H

#include <stdio.h>

#include "office.h"

/* Both end the program when it cannot be done. */
FILE *report_open(const char *dir, const char *name);
void report_close(FILE *file, const char *name);

/* One row for what a host did, and one for every host inside that did nothing. */
void report_truth(const struct office *office, const char *dir);
/* The roles that an administrator of this office would give. */
void report_policy(const struct office *office, const char *dir);

#endif
