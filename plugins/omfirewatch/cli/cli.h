/* cli.h: what the subcommands share: exit codes, messages, opening of policy and
 * rulebase. Output for programs goes to stdout, for people to stderr.
 */
#ifndef FW_CLI_H
#define FW_CLI_H

#include <stdbool.h>

#include "../core/json.h"
#include "../core/problem.h"
#include "../parse/parser.h"
#include "../policy/policy.h"

enum fw_exit {
    FW_EXIT_FINE = 0,
    FW_EXIT_FOUND = 1, /* what was checked is not right */
    FW_EXIT_WRONG = 2, /* used wrongly, or something could not be read or written */
};

struct fw_command {
    const char *name;
    const char *about; /* one line */
    const char *usage; /* what follows "firewatch" */
    const char *help;  /* options, a line each, and an example */
    int (*run)(const struct fw_command *command, int argc, char **argv);
};
extern const struct fw_command fw_cmd_check;
extern const struct fw_command fw_cmd_detectors;
extern const struct fw_command fw_cmd_diff;
extern const struct fw_command fw_cmd_explain;
extern const struct fw_command fw_cmd_import;
extern const struct fw_command fw_cmd_parse;
extern const struct fw_command fw_cmd_replay;
extern const struct fw_command fw_cmd_test;
extern const struct fw_command fw_cmd_why;

/* "firewatch NAME: ..." on stderr; what is not printable is replaced. Returns FW_EXIT_WRONG. */
int fw_cli_error(const struct fw_command *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for wrong usage, with a hint to --help. */
int fw_cli_misuse(const struct fw_command *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fw_cli_help(const struct fw_command *command, FILE *out);
/* After getopt_long() returned '?' or ':' (its own messages are off). */
int fw_cli_bad_option(const struct fw_command *command, int result, char **argv);

/* struct fw_problems.report: on stderr. */
void fw_cli_problem(void *cookie, const char *file, unsigned line, unsigned column, const char *text);

/* Both report every problem on stderr and return FW_EXIT_FINE, FW_EXIT_FOUND (it is wrong) or FW_EXIT_WRONG (it cannot
 * be read). path NULL: the default. */
int fw_cli_policy(const struct fw_command *command, const char *path, struct fw_policy **policy);
/* Says on stderr what of a policy is hardly meant, such as ends that have passed by now: the only use of the wall clock. */
void fw_cli_policy_notes(const struct fw_policy *policy);
/* path may be a directory that holds firewatch.rulebase. *used, if not NULL, gets the path that was read. */
int fw_cli_rulebase(const struct fw_command *command, const char *path, struct fw_rulebase **rulebase,
                    const char **used);

/* Flushes stdout; FW_EXIT_WRONG with a message when anything was not written, else `code`. */
int fw_cli_finish(const struct fw_command *command, int code);

/* Text that a log chose, and a line break: as it is, or for a terminal without what could steer it. */
void fw_cli_put_line(const char *text, size_t len, bool terminal, FILE *out);

/* A line for people, without what could steer a terminal; at most FW_SAY_MAX bytes of it. */
#define FW_SAY_MAX 2048
void fw_cli_say(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends to a text that is cut when it is full. */
void fw_cli_append(char *text, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* "2026-10-12T08:00:00Z": seconds are enough for people. "-" for FW_TIME_NONE. */
const char *fw_cli_time(fw_time time, char buf[FW_TIME_TEXT]);

#endif
