/* cmd_parse.c: shows what the parser makes of lines. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../parse/event_json.h"
#include "cli.h"
#include "coverage.h"
#include "feed.h"

#define EVENT_BYTES (4 * FW_EVENT_JSON_MAX) /* and more, in case all strings come at once */
#define ERROR_TEXT  256

struct parse {
    struct fw_feed feed;
    struct fw_parser *parser;
    struct fw_coverage *coverage; /* NULL: nobody asked */
    bool ecs;
    bool unparsed; /* print these and nothing else */
    bool stats;    /* the report instead of events */
    bool terminal; /* stdout is one */
    struct fw_tally tally;
    char event[EVENT_BYTES];
};

/* --- lines --------------------------------------------------------------- */

static void take_line(void *cookie, const struct fw_line *line, bool truncated) {
    struct parse *parse = cookie;
    struct fw_event event;
    const enum fw_parse_result result = fw_parser_line(parse->parser, line, &event);

    parse->tally.lines++;
    parse->tally.truncated += truncated;
    parse->tally.results[result]++;
    if (parse->coverage)
        fw_coverage_add(parse->coverage, line, result, fw_parser_rule(parse->parser));
    if (parse->unparsed && result == FW_PARSE_UNPARSED) {
        fw_feed_clear(&parse->feed);
        fw_cli_put_line(line->text, line->len, parse->terminal, stdout);
    }
    if (result != FW_PARSE_EVENT)
        return;
    parse->tally.kinds[event.kind]++;
    if (parse->unparsed || parse->stats)
        return;
    fw_feed_clear(&parse->feed);
    const size_t len = fw_event_print(&event, parse->ecs, parse->event, sizeof parse->event - 1);
    if (len == 0) {
        parse->tally.unprinted++;
        return;
    }
    parse->event[len] = '\n';
    (void)fwrite(parse->event, 1, len + 1, stdout);
}

static int run_parse(const struct fw_command *command, struct parse *parse, const char *rulebase_path, char **paths,
                     int n) {
    const struct fw_parser_options options = {.needs = ~UINT64_C(0), .locate = parse->stats};
    struct fw_rulebase *rulebase = NULL;
    char err[ERROR_TEXT] = "";
    int code = fw_cli_rulebase(command, rulebase_path, &rulebase, NULL);

    if (code != FW_EXIT_FINE)
        return code;
    parse->coverage = parse->stats ? fw_coverage_open(fw_rulebase_rules(rulebase)) : NULL;
    if (parse->stats && !parse->coverage) {
        code = fw_cli_error(command, "not enough memory");
    } else if (fw_parser_open(&parse->parser, rulebase, &options, err, sizeof err) != 0) {
        code = fw_cli_error(command, "%s", err);
    } else {
        code = fw_feed_run(&parse->feed, paths, n);
        if (parse->coverage)
            fw_coverage_print(parse->coverage, &parse->tally, stdout);
        code = fw_cli_finish(command, code);
        if (!parse->coverage)
            fw_tally_print(&parse->tally, stderr);
    }
    fw_coverage_close(&parse->coverage);
    fw_parser_close(&parse->parser);
    fw_rulebase_close(&rulebase);
    return code;
}

enum { OPTION_ECS = 256, OPTION_UNPARSED, OPTION_STATS, OPTION_REFERENCE, OPTION_SENSOR };

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {{"rulebase", required_argument, NULL, 'r'},
                                            {"ecs", no_argument, NULL, OPTION_ECS},
                                            {"unparsed", no_argument, NULL, OPTION_UNPARSED},
                                            {"stats", no_argument, NULL, OPTION_STATS},
                                            {"reference", required_argument, NULL, OPTION_REFERENCE},
                                            {"sensor", required_argument, NULL, OPTION_SENSOR},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    static struct parse parse;
    const char *rulebase = NULL;
    int c;

    parse.terminal = isatty(STDOUT_FILENO) == 1;
    parse.feed = (struct fw_feed){.command = command, .reference = FW_TIME_NONE, .line = take_line, .cookie = &parse};
    while ((c = getopt_long(argc, argv, ":r:h", options, NULL)) != -1) {
        switch (c) {
        case 'r':
            rulebase = optarg;
            break;
        case OPTION_ECS:
            parse.ecs = true;
            break;
        case OPTION_UNPARSED:
            parse.unparsed = true;
            break;
        case OPTION_STATS:
            parse.stats = true;
            break;
        case OPTION_REFERENCE:
            if (fw_feed_parse_time(optarg, &parse.feed.reference) != 0)
                return fw_cli_misuse(command, "--reference %s: must be a time like 2026-10-12T08:00:00Z", optarg);
            break;
        case OPTION_SENSOR:
            parse.feed.sensor = optarg;
            break;
        case 'h':
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        default:
            return fw_cli_bad_option(command, c, argv);
        }
    }
    if (parse.stats && (parse.unparsed || parse.ecs))
        return fw_cli_misuse(command, "--stats prints neither events nor lines");
    if (optind == argc)
        return fw_cli_misuse(command, "needs a FILE, or - for standard input");
    return run_parse(command, &parse, rulebase, argv + optind, argc - optind);
}

const struct fw_command fw_cmd_parse = {
    .name = "parse",
    .about = "shows what the rulebase makes of log lines, one JSON event a line",
    .usage = "parse [-r RULEBASE] [--ecs] [--unparsed | --stats] FILE...|-",
    .help = "  -r, --rulebase PATH  rulebase, or the directory that holds firewatch.rulebase\n"
            "      --ecs            long names (source.ip) instead of the short ones (src)\n"
            "      --unparsed       only the lines that no rule took, as they are\n"
            "      --stats          a report instead of events: lines by kind and by rule, unparsed\n"
            "                       ones by how they begin, and what to do next\n"
            "      --reference TIME for stamps without a year (default: when the file was\n"
            "                       last written, now for standard input)\n"
            "      --sensor NAME    device name for lines without one\n"
            "\n"
            "Files may be packed (gzip, xz); - is standard input. How many lines became\n"
            "what is told on stderr at the end, with --stats on stdout.\n",
    .run = run,
};
