/* feed.c: see feed.h. */
#include "feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../parse/stamp.h"

#define BAR_WIDTH  40
#define BAR_EVERY  0.1 /* seconds */
#define ERROR_TEXT 256

/* --- the bar ------------------------------------------------------------- */

static double since(const struct timespec *began) {
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

static void prepare_bar(struct fw_feed *feed, char **paths, int n) {
    struct stat st;
    uint64_t total = 0;

    feed->bytes_total = 0;
    feed->bytes_before = 0;
    feed->drawn = 0;
    if (!isatty(STDERR_FILENO) || clock_gettime(CLOCK_MONOTONIC, &feed->began) != 0)
        return;
    for (int i = 0; i < n; i++) {
        const bool is_stdin = strcmp(paths[i], "-") == 0;

        if ((is_stdin ? fstat(STDIN_FILENO, &st) : stat(paths[i], &st)) != 0)
            continue; /* it will be reported when its turn comes */
        if (!S_ISREG(st.st_mode))
            return;
        total += (uint64_t)st.st_size;
    }
    feed->bytes_total = total;
}

static void draw_bar(struct fw_feed *feed, uint64_t position) {
    const double seconds = since(&feed->began);
    const uint64_t done = feed->bytes_before + position;
    char bar[BAR_WIDTH + 1];
    unsigned pct, full;

    if (seconds - feed->drawn < BAR_EVERY)
        return;
    pct = done < feed->bytes_total ? (unsigned)((double)done * 100 / (double)feed->bytes_total) : 100;
    full = pct * BAR_WIDTH / 100;
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '=', full);
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "\r[%s] %3u %%  %.1f MiB/s ", bar, pct, (double)done / 1048576 / seconds);
    feed->drawn = seconds;
}

void fw_feed_clear(struct fw_feed *feed) {
    if (feed->drawn > 0)
        (void)fputs("\r\033[K", stderr);
    feed->drawn = 0;
}

static void wait_for_input(void *cookie, uint64_t position) {
    struct fw_feed *feed = cookie;

    if (feed->waits)
        feed->waits(feed->cookie);
    (void)fflush(stdout);
    if (feed->bytes_total > 0)
        draw_bar(feed, position);
}

/* --- the lines ----------------------------------------------------------- */

static int feed_file(struct fw_feed *feed, const char *path) {
    struct fw_years years = {.time = FW_TIME_NONE};
    struct fw_line line = {.sensor = feed->sensor, .years = &years};
    struct fw_input *input = NULL;
    struct fw_input_line raw;
    enum fw_input_result result;
    char err[ERROR_TEXT] = "";
    int code = FW_EXIT_FINE;

    if (fw_input_open(&input, path, err, sizeof err) != 0) {
        fw_feed_clear(feed);
        return fw_cli_error(feed->command, "%s: %s", path, err);
    }
    fw_input_on_wait(input, wait_for_input, feed);
    line.arrival = feed->reference != FW_TIME_NONE ? feed->reference : fw_input_modified(input);
    while ((result = fw_input_next(input, &raw)) == FW_INPUT_LINE) {
        line.text = raw.text;
        line.len = raw.len;
        feed->line(feed->cookie, &line, raw.truncated);
    }
    if (result == FW_INPUT_FAILED) {
        fw_feed_clear(feed);
        code = fw_cli_error(feed->command, "%s: %s", path, fw_input_error(input));
    }
    feed->bytes_before += fw_input_size(input);
    fw_input_close(&input);
    return code;
}

int fw_feed_run(struct fw_feed *feed, char **paths, int n) {
    int code = FW_EXIT_FINE;

    prepare_bar(feed, paths, n);
    for (int i = 0; i < n; i++) {
        const int result = feed_file(feed, paths[i]);

        code = result > code ? result : code;
    }
    fw_feed_clear(feed);
    return code;
}

int fw_feed_parse_time(const char *text, fw_time *time) {
    struct fw_header_reader reader = {.reference = FW_TIME_NONE};
    const char *end = text + strlen(text);
    struct fw_stamp stamp;

    if (fw_stamp_read(&reader, text, end, &stamp) != end || stamp.time == FW_TIME_NONE)
        return -1;
    *time = stamp.time;
    return 0;
}
