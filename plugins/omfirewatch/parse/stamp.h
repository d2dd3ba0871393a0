/* stamp.h: the time stamps that syslog headers carry.
 *
 * RFC 3164 "Oct 12 08:00:00", with the year before or after the time, a
 * fraction, a zone; ISO 8601 "2026-10-12T08:00:00.123+02:00"; Sophos UTM's
 * "2026:10:12-08:00:00"; seconds or milliseconds since 1970. A stamp without a
 * zone is local time of this machine, as rsyslog has it; UTC and GMT are
 * honoured, other zone words say too little ("IST" is three zones) and are read
 * over.
 */
#ifndef FW_STAMP_H
#define FW_STAMP_H

#include "header.h"

struct fw_stamp {
    fw_time time; /* FW_TIME_NONE: a stamp without a year, and no reference to choose it by */
    bool zoned;
    fw_time local; /* of a stamp without a zone what it says, as if it were UTC; else 0 */
    fw_time fold;  /* what it can mean as well, in the hour that occurs twice in autumn; else 0 */
};

/* Reads a stamp at p. Returns what follows it, or NULL when there is none. *end is NUL. */
const char *fw_stamp_read(struct fw_header_reader *reader, const char *p, const char *end, struct fw_stamp *stamp);

#endif
