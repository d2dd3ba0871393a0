/* download.h: is a request the download of a program, and what is it called?
 *
 * Steps 1, 2 and 4 of det_exe_download.c, which has what they are for. Memory: none.
 * What an attacker controls: URLs and types; what is taken of them is borrowed from
 * the event.
 */
#ifndef FW_DOWNLOAD_H
#define FW_DOWNLOAD_H

#include "../core/event.h"

struct fw_download {
    struct fw_str path; /* of the URL, without the query */
    struct fw_str file; /* the last part of it; len 0: there is none */
    bool disagrees;     /* its name says something else than its type */
    bool doubtful;      /* it may be what a server runs, not what it sends */
};

/* Step 1: somebody at home asked for it, and got it. */
bool fw_download_is_fetched(const struct fw_event *ev);
/* Steps 2 and 4. */
bool fw_download_is_program(const struct fw_event *ev, struct fw_download *out);

#endif
