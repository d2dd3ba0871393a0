/* run.h: lines through a parser into one engine or two, as replay, why, diff and test do.
 *
 * The caller fills in the first part, zeroes the rest, and opens. Each line is
 * parsed once, also for two engines, unless their detectors need different
 * fields. Time is the events' own: nothing here asks the clock.
 */
#ifndef FW_RUN_H
#define FW_RUN_H

#include <getopt.h>

#include "cli.h"
#include "feed.h"

#define FW_RUN_SIDES 2

struct fw_run_side {
    const char *policy_path; /* NULL: the defaults */
    struct fw_policy *policy;
    struct fw_engine *engine;
    struct fw_parser *parser; /* of its own, or side 0's */
};

struct fw_run {
    struct fw_feed feed; /* fw_run_init() sets it; feed.reference and feed.sensor are the caller's to change */
    const struct fw_command *command;
    const char *rulebase_path;
    uint64_t max_memory; /* 0: as the policy says */
    bool seeded;         /* else the seed is random: the log was written by those whom it is about */
    struct fw_seed seed;
    const char *only; /* detectors, as a list; NULL: all that the policies leave on */
    bool unlimited;   /* no storm is folded: what is looked at is what was found, not what was told */
    bool goes_on;     /* another run goes on with the state: events that wait for an answer go on waiting */
    size_t sides;     /* 1 or 2 */
    /* Called for each document of a side, as soon as there is one. */
    void (*document)(void *cookie, size_t side, const struct fw_document *document);
    void *cookie;

    struct fw_run_side side[FW_RUN_SIDES]; /* the paths are the caller's, the rest is fw_run_open()'s */
    struct fw_rulebase *rulebase;
    struct fw_document taken;
};

/* One side, no options, no hooks. */
void fw_run_init(struct fw_run *run, const struct fw_command *command);
/* Opens what is not open. What is wrong is told; returns an exit status. fw_run_close() is called either way. */
int fw_run_open(struct fw_run *run);
/* Forgets all that the engines know; policy, rulebase and parser stay. Returns an exit status. */
int fw_run_restart(struct fw_run *run);
/* Closes policies, parsers and engines; the rulebase stays for the next fw_run_open(). */
void fw_run_close_sides(struct fw_run *run);
void fw_run_close(struct fw_run *run);

/* Feeds files; returns an exit status. The last documents have been given then. */
int fw_run_files(struct fw_run *run, char **paths, int n);
/* One line, as fw_feed.line wants it: run is a struct fw_run. */
void fw_run_line(void *run, const struct fw_line *line, bool truncated);
/* A week without events passes, so that all findings close. */
void fw_run_until_quiet(struct fw_run *run);

/* --- options that commands share: rows of a getopt_long() table, their help, and what they do --- */
enum { FW_OPTION_REFERENCE = 512, FW_OPTION_SENSOR, FW_OPTION_MAX_MEMORY, FW_OPTION_SEED };
#define FW_RUN_OPTIONS                                                                                                 \
    {"rulebase", required_argument, NULL, 'r'}, {"reference", required_argument, NULL, FW_OPTION_REFERENCE},           \
        {"sensor", required_argument, NULL, FW_OPTION_SENSOR},                                                         \
        {"max-memory", required_argument, NULL, FW_OPTION_MAX_MEMORY},                                                 \
        {"seed", required_argument, NULL, FW_OPTION_SEED}, {"help", no_argument, NULL, 'h'}, {                         \
        NULL, 0, NULL, 0                                                                                               \
    }
#define FW_RUN_OPTIONS_HELP                                                                                            \
    "  -r, --rulebase PATH   rulebase, or the directory that holds firewatch.rulebase\n"                               \
    "      --reference TIME  for stamps without a year (default: when the file was\n"                                  \
    "                        last written, now for standard input)\n"                                                  \
    "      --sensor NAME     device name for lines without one\n"                                                      \
    "      --max-memory SIZE instead of the policy's: 256MiB, 1GiB\n"                                                  \
    "      --seed NUMBER     of the tables, to repeat a run exactly even where they\n"                                 \
    "                        overflow (default: a random one)\n"
/* c: what getopt_long() returned, 'h' excepted. Returns FW_EXIT_FINE, or FW_EXIT_WRONG and has told why. */
int fw_run_option(struct fw_run *run, int c, char **argv);

#endif
