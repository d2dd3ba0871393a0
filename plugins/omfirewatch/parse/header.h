/* header.h: the syslog header, read the way rsyslog reads it.
 *
 * Takes a raw line (RFC 3164 with or without PRI, year, zone or fractions;
 * RFC 5424; an ISO time stamp with RFC 3164's rest; or a bare message) and tells
 * where its parts are. The same function serves rsyslogd and replay, so both see
 * one sensor, one time and one content.
 * One difference from rsyslog is meant: a tag ends in a colon. "NetScreen
 * device_id=..." and "Shorewall:net2fw:DROP:IN=eth0" are content from their
 * first letter.
 * Cisco firewalls put a second stamp, a device name or a lonely colon between
 * the host and their mnemonic; a strict little grammar anchored at the header
 * reads these. Nothing here searches the text, so a mnemonic planted further on
 * in another program's message stays text.
 * No allocation; one small cache for the conversion of local times. An attacker
 * who may send syslog chooses everything here; who only sends packets chooses
 * nothing before the content.
 */
#ifndef FW_HEADER_H
#define FW_HEADER_H

#include "../core/event.h"

struct fw_header {
    int pri;       /* 0-191, or -1 */
    fw_time time;  /* FW_TIME_NONE when the line has none */
    bool zoned;    /* the stamp carried a zone or was an epoch */
    fw_time local; /* see stamp.h */
    fw_time fold;
    struct fw_str host;  /* len 0: none */
    struct fw_str tag;   /* program name without [pid] and colon; len 0: none */
    const char *content; /* after the header and the tag; Cisco's "%ASA-6-302013:" belongs to the content */
    size_t content_len;
};

#define FW_HEADER_HOURS 8 /* local hours remembered: devices in several zones, interleaved, without mktime() each */

#define FW_HEADER_LAST 10

#define FW_HEADER_AHEAD   (7 * 24 * FW_HOUR)   /* a clock may be wrong; a stamp from further ahead is last year's */
#define FW_HEADER_NEAREST (365 * 12 * FW_HOUR) /* half a year: the reference is the line before */

struct fw_header_reader {
    fw_time reference; /* a stamp without a year gets the latest year that puts it at most `ahead` after this */
    fw_time ahead;     /* 0: FW_HEADER_AHEAD */
    struct fw_header_hour {
        uint32_t key;  /* year (0: none), month, day and hour, packed; 0: free */
        fw_time start; /* of that hour, local time of this machine */
        fw_time local; /* the same as if it were UTC */
        fw_time fold;  /* 0, or where that hour begins again */
    } hours[FW_HEADER_HOURS];
    char last[FW_HEADER_LAST]; /* how the latest stamp without year and zone began: "Oct 12 08:" */
    struct fw_header_hour last_hour;
};

/* Never fails: a line without a header is all content. line[len] is NUL. */
void fw_header_read(struct fw_header_reader *reader, const char *line, size_t len, struct fw_header *header);

#endif
