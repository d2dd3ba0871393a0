/* feed.h: log files, line by line, to whoever asked; with a progress bar.
 *
 * The bar is drawn on stderr when that is a terminal and all the input is
 * regular files. stdout is flushed before each read that may block, so that
 * `tail -f log | firewatch replay -` tells in time.
 */
#ifndef FW_FEED_H
#define FW_FEED_H

#include <time.h>

#include "cli.h"
#include "input.h"

struct fw_feed {
    const struct fw_command *command;
    const char *sensor; /* for lines without a host; may be NULL */
    fw_time reference;  /* for stamps without a year; FW_TIME_NONE: when each file was last written */
    void (*line)(void *cookie, const struct fw_line *line, bool truncated);
    void (*waits)(void *cookie); /* before each read that may block; may be NULL */
    void *cookie;

    /* the bar */
    uint64_t bytes_total;  /* 0: none is drawn */
    uint64_t bytes_before; /* of files that are done */
    struct timespec began;
    double drawn; /* seconds since the beginning; 0: not drawn now */
};

/* Returns FW_EXIT_FINE, or FW_EXIT_WRONG when a file could not be read: that was told and the others were fed. */
int fw_feed_run(struct fw_feed *feed, char **paths, int n);
/* Takes the bar away, before something else is written to the terminal. */
void fw_feed_clear(struct fw_feed *feed);

/* "2026-10-12T08:00:00+02:00" or seconds since 1970; without a zone local time. Returns 0 or -1. */
int fw_feed_parse_time(const char *text, fw_time *time);

#endif
