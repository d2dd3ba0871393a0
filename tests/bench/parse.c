/* parse.c: what parsing a line costs with all rulebases loaded, and with its own alone.
 *
 *   parse [-t TURNS] [-n LINES] DIRECTORY
 *
 * DIRECTORY is that of the rulebases. The lines of a rulebase are those of samples.tsv beside it that become
 * events by one of its rules, over and over, LINES in all. Two parsers get them, one with firewatch.rulebase and one
 * with this rulebase alone, in turns, so that a machine that is busy for a while is busy for both; both have read every
 * line before. Fields are those that the detectors need, as in service.
 * Printed for each rulebase, with tabs between: its name, lines a turn, nanoseconds of CPU a line with all and alone,
 * and their ratio: medians over the turns.
 *
 * tests/bench/formats runs this also under callgrind, which counts what turn() executes, call by call: with -t 1 the
 * first call of a rulebase is with all rules, the second with its own.
 */
#define _POSIX_C_SOURCE 200809L
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/engine.h"
#include "detect/detector.h"
#include "parse/parser.h"

#define REFERENCE   INT64_C(1791795600000) /* 2026-10-12T09:00:00Z, about which the samples are */
#define LINES_MAX   4096                   /* different ones of a rulebase */
#define TURNS_MAX   99
#define LINE_BYTES  8192
#define PATH_BYTES  4096
#define MAIN_FILE   "firewatch.rulebase"
#define ERROR_BYTES 512

struct lines {
    size_t count;
    struct fw_line line[LINES_MAX];
};

struct options {
    unsigned turns, lines;
    const char *dir;
};

static void fail(const char *what) {
    (void)fprintf(stderr, "parse: %s\n", what);
    exit(1);
}

static void print_problem(void *cookie, const char *file, unsigned line, unsigned column, const char *text) {
    (void)cookie;
    (void)fprintf(stderr, "%s:%u:%u: %s\n", file, line, column, text);
}

static struct fw_rulebase *open_rules(const char *path) {
    struct fw_problems problems = {.report = print_problem};
    struct fw_rulebase *rulebase = NULL;

    if (fw_rulebase_open(&rulebase, path, &problems) != 0)
        fail("a rulebase is wrong");
    return rulebase;
}

static struct fw_parser *open_parser(const struct fw_rulebase *rulebase) {
    struct fw_detector_setting detectors[FW_DETECTORS_MAX] = {0};
    struct fw_parser_options options = {0};
    struct fw_parser *parser = NULL;
    char err[ERROR_BYTES];

    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        detectors[i].enabled = true;
    options.needs = fw_engine_needs(detectors);
    if (fw_parser_open(&parser, rulebase, &options, err, sizeof err) != 0)
        fail(err);
    return parser;
}

/* ---- lines ---- */

/* The samples beside the rulebase at `path` that become events by it: "where" of the rule that took it is file:line. */
static void read_lines(struct lines *lines, struct fw_parser *all, const char *path) {
    static char text[LINE_BYTES];
    char samples[PATH_BYTES];
    const int dir = (int)(strrchr(path, '/') - path);

    lines->count = 0;
    (void)snprintf(samples, sizeof samples, "%.*s/samples.tsv", dir, path);
    FILE *file = fopen(samples, "r");

    if (file == NULL)
        return;
    while (lines->count < LINES_MAX && fgets(text, sizeof text, file) != NULL) {
        char *tab = strrchr(text, '\t');
        struct fw_event ev;

        if (text[0] == '#' || tab == NULL)
            continue;
        *tab = '\0';
        struct fw_line line = {.text = text, .len = strlen(text), .arrival = REFERENCE};
        const size_t len = strlen(path);

        if (fw_parser_line(all, &line, &ev) != FW_PARSE_EVENT || strncmp(fw_parser_rule(all), path, len) != 0 ||
            fw_parser_rule(all)[len] != ':')
            continue;
        if ((line.text = strdup(text)) == NULL)
            fail("out of memory");
        lines->line[lines->count++] = line;
    }
    (void)fclose(file);
}

static void free_lines(struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++)
        free((void *)(uintptr_t)lines->line[i].text);
}

/* ---- turns ---- */

/* What is measured. Visible, and never inlined: callgrind knows it by its name. */
unsigned turn(struct fw_parser *parser, const struct lines *lines, unsigned count);
__attribute__((noinline)) unsigned turn(struct fw_parser *parser, const struct lines *lines, unsigned count) {
    struct fw_event ev;
    unsigned events = 0;

    for (unsigned i = 0; i < count; i++)
        events += fw_parser_line(parser, &lines->line[i % lines->count], &ev) == FW_PARSE_EVENT;
    return events;
}

static void warm_up(struct fw_parser *parser, const struct lines *lines) {
    struct fw_event ev;

    for (size_t i = 0; i < lines->count; i++)
        if (fw_parser_line(parser, &lines->line[i], &ev) != FW_PARSE_EVENT)
            fail("a sample is no event with its own rulebase alone");
}

static double timed(struct fw_parser *parser, const struct lines *lines, unsigned count) {
    struct timespec a, b;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
    if (turn(parser, lines, count) != count)
        fail("a sample became an event only once");
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
    return ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / count;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, unsigned n) {
    qsort(values, n, sizeof *values, by_value);
    return values[n / 2];
}

static void measure(const struct options *options, struct fw_parser *all, const char *path) {
    static struct lines lines;
    double with_all[TURNS_MAX], alone[TURNS_MAX], ratio[TURNS_MAX];

    read_lines(&lines, all, path);
    if (lines.count == 0)
        return;
    struct fw_rulebase *rulebase = open_rules(path);
    struct fw_parser *own = open_parser(rulebase);

    warm_up(all, &lines);
    warm_up(own, &lines);
    for (unsigned i = 0; i < options->turns; i++) {
        with_all[i] = timed(all, &lines, options->lines);
        alone[i] = timed(own, &lines, options->lines);
        ratio[i] = alone[i] > 0 ? with_all[i] / alone[i] : 0;
    }
    (void)printf("%s\t%u\t%.0f\t%.0f\t%.2f\n", path + strlen(options->dir) + 1, options->lines,
                 median(with_all, options->turns), median(alone, options->turns), median(ratio, options->turns));
    (void)fflush(stdout);
    fw_parser_close(&own);
    fw_rulebase_close(&rulebase);
    free_lines(&lines);
}

static struct options read_options(int argc, char **argv) {
    struct options options = {.turns = 5, .lines = 20000};
    int c;

    while ((c = getopt(argc, argv, "t:n:")) != -1) {
        const unsigned long value = c == '?' ? 0 : strtoul(optarg, NULL, 10);

        if (value == 0 || value > (c == 't' ? TURNS_MAX : 1000000UL))
            fail("usage: parse [-t TURNS] [-n LINES] DIRECTORY");
        *(c == 't' ? &options.turns : &options.lines) = (unsigned)value;
    }
    if (optind + 1 != argc)
        fail("usage: parse [-t TURNS] [-n LINES] DIRECTORY");
    options.dir = argv[optind];
    return options;
}

int main(int argc, char **argv) {
    const struct options options = read_options(argc, argv);
    char path[PATH_BYTES];
    glob_t found;

    (void)setenv("TZ", "UTC", 1);
    (void)snprintf(path, sizeof path, "%s/" MAIN_FILE, options.dir);
    struct fw_rulebase *rulebase = open_rules(path);
    struct fw_parser *all = open_parser(rulebase);

    (void)snprintf(path, sizeof path, "%s/*/*.rulebase", options.dir);
    if (glob(path, 0, NULL, &found) != 0)
        fail("no rulebases there");
    for (size_t i = 0; i < found.gl_pathc; i++)
        measure(&options, all, found.gl_pathv[i]);
    globfree(&found);
    fw_parser_close(&all);
    fw_rulebase_close(&rulebase);
    return 0;
}
