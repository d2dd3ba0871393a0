/* generate.c: writes a firewall log made up from a seed, and the truth about it.
 *
 *   generate [-f netfilter|asa|netscreen|office] [-n LINES] [-s SEED]
 *            [-H HOURS] [-d YYYY-MM-DD] [-t TRUTH] >LOG
 *
 * "office" is a day of 24 hours at one office behind three firewalls; the
 * others are one firewall's log, as dense as a busy office's. Build it with
 *   cc -O2 -o generate tests/bench/generate.c tests/bench/traffic.c tests/bench/devices.c -lm
 */
#define _DEFAULT_SOURCE /* timegm */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traffic.h"

#define LINES_MAX      50000000 /* what 31 bits of event numbers and a few GB of memory carry */
#define LINES_PER_HOUR 125000.0
#define HOURS_MIN      0.5 /* less, and a mass mailer has no time */

static void usage(void) {
    fprintf(stderr, "usage: generate [-f netfilter|asa|netscreen|office] [-n lines] [-s seed] [-H hours] "
                    "[-d YYYY-MM-DD] [-t truth] >log\n");
    exit(2);
}

static time_t parse_date(const char *text) {
    struct tm tm = {0};
    if (sscanf(text, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3) {
        usage();
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return timegm(&tm);
}

static void parse_format(struct options *options, const char *name) {
    static const char *const names[] = {[NETFILTER] = "netfilter", [ASA] = "asa", [NETSCREEN] = "netscreen"};
    options->office = !strcmp(name, "office");
    for (unsigned n = 0; n < 3; n++) {
        if (!strcmp(name, names[n])) {
            options->device = (enum device)n;
            return;
        }
    }
    if (!options->office) {
        usage();
    }
}

static const char *parse_options(struct options *options, int argc, char **argv) {
    const char *truth = NULL;
    int option = 0;
    while ((option = getopt(argc, argv, "f:n:s:H:d:t:")) != -1) {
        switch (option) {
        case 'f':
            parse_format(options, optarg);
            break;
        case 'n':
            options->lines = strtoul(optarg, NULL, 10);
            break;
        case 's':
            options->seed = strtoull(optarg, NULL, 10);
            break;
        case 'H':
            options->hours = strtod(optarg, NULL);
            break;
        case 'd':
            options->start = parse_date(optarg);
            break;
        case 't':
            truth = optarg;
            break;
        default:
            usage();
        }
    }
    if (optind != argc) {
        usage();
    }
    return truth;
}

int main(int argc, char **argv) {
    struct options options = {.seed = 1, .start = parse_date("2026-10-12"), .clients = 1000};
    const char *truth_path = parse_options(&options, argc, argv);
    if (options.lines == 0) {
        options.lines = options.office ? 60000 : 1000000;
    }
    if (options.hours <= 0) {
        options.hours = options.office ? 24 : (double)options.lines / LINES_PER_HOUR;
        options.hours = options.hours < HOURS_MIN ? HOURS_MIN : options.hours;
    }
    if (options.office) {
        options.clients = 150;
    }
    if (options.lines > LINES_MAX || options.hours > 24 * 40 || options.lines < 1000) {
        fprintf(stderr, "generate: 1000 to %d lines, at most 960 hours\n", LINES_MAX);
        return 2;
    }

    FILE *truth = truth_path ? fopen(truth_path, "w") : NULL;
    if (truth_path && !truth) {
        perror(truth_path);
        return 1;
    }
    struct traffic traffic;
    traffic_plan(&traffic, &options, truth);
    if (truth && fclose(truth)) {
        perror(truth_path);
        return 1;
    }
    static struct text out;
    out.out = stdout;
    for (size_t n = 0; n < traffic.line_count; n++) {
        device_line(&out, &options, &traffic.events[traffic.lines[n].event], &traffic.lines[n]);
    }
    free(traffic.events);
    free(traffic.lines);
    if (!text_flush(&out)) {
        perror("generate");
        return 1;
    }
    return 0;
}
