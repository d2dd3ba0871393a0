/* cli.c: see cli.h. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/json.h"

#define RULEBASE_NAME "firewatch.rulebase"
#ifndef FW_RULEBASE_PATH
#ifdef FW_PKGDATADIR
#define FW_RULEBASE_PATH FW_PKGDATADIR "/rulebase/" RULEBASE_NAME
#else
#define FW_RULEBASE_PATH "/usr/share/firewatch/rulebase/" RULEBASE_NAME
#endif
#endif

#define MESSAGE_MAX 1024
#define PATH_BYTES  4096

__attribute__((format(printf, 2, 0))) static void message(const struct fw_command *command, const char *fmt,
                                                          va_list args) {
    char raw[MESSAGE_MAX], text[MESSAGE_MAX];

    if (vsnprintf(raw, sizeof raw, fmt, args) < 0)
        return;
    (void)fw_text_append(text, sizeof text, 0, raw, strlen(raw));
    (void)fprintf(stderr, "firewatch%s%s: %s\n", command ? " " : "", command ? command->name : "", text);
}

int fw_cli_error(const struct fw_command *command, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    message(command, fmt, args);
    va_end(args);
    return FW_EXIT_WRONG;
}

int fw_cli_misuse(const struct fw_command *command, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    message(command, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "Try \"firewatch%s%s --help\".\n", command ? " " : "", command ? command->name : "");
    return FW_EXIT_WRONG;
}

void fw_cli_help(const struct fw_command *command, FILE *out) {
    (void)fprintf(out, "Usage: firewatch %s\n\n%s.\n\n%s", command->usage, command->about, command->help);
}

int fw_cli_bad_option(const struct fw_command *command, int result, char **argv) {
    const char *word = argv[optind - 1];

    if (result == ':')
        return fw_cli_misuse(command, "option %s needs a value", word);
    if (optopt != 0 && strncmp(word, "--", 2) != 0)
        return fw_cli_misuse(command, "unknown option -%c", optopt);
    return fw_cli_misuse(command, "unknown option %s", word);
}

/* --- problems ------------------------------------------------------------ */

static void report(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    char shown[PATH_BYTES + FW_PROBLEM_TEXT];
    size_t len = 0;

    (void)cookie;
    len = fw_text_append(shown, sizeof shown, len, file, strlen(file));
    shown[len] = '\0';
    (void)fputs(shown, stderr);
    if (line > 0)
        (void)fprintf(stderr, ":%u", line);
    if (line > 0 && column > 0)
        (void)fprintf(stderr, ":%u", column);
    len = fw_text_append(shown, sizeof shown, 0, text, strlen(text));
    shown[len] = '\0';
    (void)fprintf(stderr, ": %s\n", shown);
}

static void report_rest(const struct fw_problems *problems) {
    if (problems->count > FW_PROBLEMS_MAX)
        (void)fprintf(stderr, "... and %u problems more\n", problems->count - FW_PROBLEMS_MAX);
}

/* Whether a file can be read at all is another matter than what it says. */
static bool is_readable(const struct fw_command *command, const char *what, const char *path) {
    struct stat st;

    if (access(path, R_OK) == 0 && stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        return true;
    if (access(path, R_OK) == 0)
        errno = EISDIR;
    (void)fw_cli_error(command, "%s %s: %s", what, path, strerror(errno));
    return false;
}

/* --- policy and rulebase ------------------------------------------------- */

int fw_cli_policy(const struct fw_command *command, const char *path, struct fw_policy **policy) {
    struct fw_problems problems = {.report = report};
    int result;

    *policy = NULL;
    if (path && !is_readable(command, "policy", path))
        return FW_EXIT_WRONG;
    result = fw_policy_open(policy, path, &problems);
    report_rest(&problems);
    return result == 0 ? FW_EXIT_FINE : FW_EXIT_FOUND;
}

/* What the caller said, else what the environment says, else what was installed. */
static const char *rulebase_path(const char *path) {
    const char *environment = getenv("FIREWATCH_RULEBASE");

    if (path)
        return path;
    return environment && environment[0] ? environment : FW_RULEBASE_PATH;
}

int fw_cli_rulebase(const struct fw_command *command, const char *path, struct fw_rulebase **rulebase,
                    const char **used) {
    static char inside[PATH_BYTES];
    struct fw_problems problems = {.report = report};
    struct stat st;
    int result;

    *rulebase = NULL;
    path = rulebase_path(path);
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (snprintf(inside, sizeof inside, "%s/" RULEBASE_NAME, path) >= (int)sizeof inside)
            return fw_cli_error(command, "the path of the rulebase is too long");
        path = inside;
    }
    if (!is_readable(command, "rulebase", path))
        return FW_EXIT_WRONG;
    if (used)
        *used = path;
    result = fw_rulebase_open(rulebase, path, &problems);
    report_rest(&problems);
    return result == 0 ? FW_EXIT_FINE : FW_EXIT_FOUND;
}

/* --- output -------------------------------------------------------------- */

int fw_cli_finish(const struct fw_command *command, int code) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    return fw_cli_error(command, "cannot write the output: %s",
                        errno != 0 ? strerror(errno) : "an earlier write failed");
}

void fw_cli_put_line(const char *text, size_t len, bool terminal, FILE *out) {
    char shown[MESSAGE_MAX];

    if (!terminal) {
        (void)fwrite(text, 1, len, out);
    } else {
        while (len > 0) { /* a piece at a time: a character at its edge may be shown as '?' */
            const size_t piece = len < sizeof shown / 4 ? len : sizeof shown / 4;

            const size_t n = fw_text_append(shown, sizeof shown, 0, text, piece);

            (void)fwrite(shown, 1, n, out);
            text += piece;
            len -= piece;
        }
    }
    (void)fputc('\n', out);
}

void fw_cli_say(FILE *out, const char *fmt, ...) {
    char raw[FW_SAY_MAX], text[FW_SAY_MAX + 1];
    va_list args;
    size_t len;

    va_start(args, fmt);
    if (vsnprintf(raw, sizeof raw, fmt, args) < 0)
        raw[0] = '\0';
    va_end(args);
    len = fw_text_append(text, FW_SAY_MAX, 0, raw, strlen(raw));
    text[len] = '\n';
    (void)fwrite(text, 1, len + 1, out);
}

const char *fw_cli_time(fw_time time, char buf[FW_TIME_TEXT]) {
    char *dot;

    if (time == FW_TIME_NONE)
        return strcpy(buf, "-");
    (void)fw_time_format(time, buf);
    dot = strchr(buf, '.');
    if (dot)
        (void)strcpy(dot, "Z");
    return buf;
}
