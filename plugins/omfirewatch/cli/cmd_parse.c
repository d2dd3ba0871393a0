/* cmd_parse.c: shows what the parser makes of lines. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../parse/event_json.h"
#include "cli.h"
#include "feed.h"

#define EVENT_BYTES (4 * FW_EVENT_JSON_MAX) /* and more, in case all strings come at once */
#define ERROR_TEXT  256

struct hits {
    char *rule;
    uint64_t lines;
};

struct parse {
    struct fw_feed feed;
    struct fw_parser *parser;
    bool ecs;
    bool unparsed; /* print these and nothing else */
    bool rules;
    bool terminal; /* stdout is one */
    uint64_t lines;
    uint64_t truncated;
    uint64_t unprinted; /* events larger than the buffer */
    uint64_t kinds[FW_KINDS];
    uint64_t results[FW_PARSE_RESULTS];
    struct hits *hits; /* sorted by rule; as many as there are rules at most */
    size_t hits_count;
    size_t hits_most;
    char event[EVENT_BYTES];
};

/* --- hits of rules ------------------------------------------------------- */

static void count_hit(struct parse *parse, const char *rule) {
    size_t low = 0, high = parse->hits_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(parse->hits[middle].rule, rule);

        if (order == 0) {
            parse->hits[middle].lines++;
            return;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (parse->hits_count == parse->hits_most)
        return;
    char *copy = strdup(rule);
    if (!copy)
        return;
    memmove(parse->hits + low + 1, parse->hits + low, (parse->hits_count - low) * sizeof *parse->hits);
    parse->hits[low] = (struct hits){.rule = copy, .lines = 1};
    parse->hits_count++;
}

static int more_lines(const void *a, const void *b) {
    const struct hits *x = a, *y = b;

    if (x->lines != y->lines)
        return x->lines < y->lines ? 1 : -1;
    return strcmp(x->rule, y->rule);
}

static void print_hits(struct parse *parse) {
    if (parse->hits_count > 0)
        qsort(parse->hits, parse->hits_count, sizeof *parse->hits, more_lines);
    for (size_t i = 0; i < parse->hits_count; i++)
        (void)fprintf(stderr, "%12" PRIu64 "  %s\n", parse->hits[i].lines, parse->hits[i].rule);
}

static void free_hits(struct parse *parse) {
    for (size_t i = 0; parse->hits && i < parse->hits_count; i++)
        free(parse->hits[i].rule);
    free(parse->hits);
    parse->hits = NULL;
}

/* --- lines --------------------------------------------------------------- */

static void take_line(void *cookie, const struct fw_line *line, bool truncated) {
    struct parse *parse = cookie;
    struct fw_event event;
    const enum fw_parse_result result = fw_parser_line(parse->parser, line, &event);

    parse->lines++;
    parse->truncated += truncated;
    parse->results[result]++;
    if (parse->rules && result != FW_PARSE_UNPARSED)
        count_hit(parse, fw_parser_rule(parse->parser));
    if (parse->unparsed && result == FW_PARSE_UNPARSED) {
        fw_feed_clear(&parse->feed);
        fw_cli_put_line(line->text, line->len, parse->terminal, stdout);
    }
    if (result != FW_PARSE_EVENT)
        return;
    parse->kinds[event.kind]++;
    if (parse->unparsed)
        return;
    fw_feed_clear(&parse->feed);
    const size_t len = fw_event_print(&event, parse->ecs, parse->event, sizeof parse->event - 1);
    if (len == 0) {
        parse->unprinted++;
        return;
    }
    parse->event[len] = '\n';
    (void)fwrite(parse->event, 1, len + 1, stdout);
}

static void print_count(const char *name, uint64_t count) {
    (void)fprintf(stderr, "%12" PRIu64 "  %s\n", count, name);
}

static void print_counts(struct parse *parse) {
    print_count(parse->lines == 1 ? "line" : "lines", parse->lines);
    for (int kind = FW_KIND_NONE + 1; kind < FW_KINDS; kind++)
        if (parse->kinds[kind] > 0)
            print_count(fw_kind_name((enum fw_kind)kind), parse->kinds[kind]);
    for (int result = FW_PARSE_EVENT + 1; result < FW_PARSE_RESULTS; result++)
        print_count(fw_parse_result_name((enum fw_parse_result)result), parse->results[result]);
    if (parse->truncated > 0)
        print_count("truncated", parse->truncated);
    if (parse->unprinted > 0)
        print_count("too large to be printed", parse->unprinted);
    if (parse->rules)
        print_hits(parse);
}

static int run_parse(const struct fw_command *command, struct parse *parse, const char *rulebase_path, char **paths,
                     int n) {
    const struct fw_parser_options options = {.needs = ~UINT64_C(0), .locate = parse->rules};
    struct fw_rulebase *rulebase = NULL;
    char err[ERROR_TEXT] = "";
    int code = fw_cli_rulebase(command, rulebase_path, &rulebase, NULL);

    if (code != FW_EXIT_FINE)
        return code;
    parse->hits_most = fw_rulebase_rules(rulebase);
    parse->hits = parse->rules ? calloc(parse->hits_most + 1, sizeof *parse->hits) : NULL;
    if (parse->rules && !parse->hits) {
        code = fw_cli_error(command, "not enough memory");
    } else if (fw_parser_open(&parse->parser, rulebase, &options, err, sizeof err) != 0) {
        code = fw_cli_error(command, "%s", err);
    } else {
        code = fw_feed_run(&parse->feed, paths, n);
        code = fw_cli_finish(command, code);
        print_counts(parse);
    }
    free_hits(parse);
    fw_parser_close(&parse->parser);
    fw_rulebase_close(&rulebase);
    return code;
}

enum { OPTION_ECS = 256, OPTION_UNPARSED, OPTION_RULES, OPTION_REFERENCE, OPTION_SENSOR };

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {{"rulebase", required_argument, NULL, 'r'},
                                            {"ecs", no_argument, NULL, OPTION_ECS},
                                            {"unparsed", no_argument, NULL, OPTION_UNPARSED},
                                            {"rules", no_argument, NULL, OPTION_RULES},
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
        case OPTION_RULES:
            parse.rules = true;
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
    if (optind == argc)
        return fw_cli_misuse(command, "needs a FILE, or - for standard input");
    return run_parse(command, &parse, rulebase, argv + optind, argc - optind);
}

const struct fw_command fw_cmd_parse = {
    .name = "parse",
    .about = "shows what the rulebase makes of log lines, one JSON event a line",
    .usage = "parse [-r RULEBASE] [--ecs] [--unparsed] [--rules] FILE...|-",
    .help = "  -r, --rulebase PATH  rulebase, or the directory that holds firewatch.rulebase\n"
            "      --ecs            long names (source.ip) instead of the short ones (src)\n"
            "      --unparsed       only the lines that no rule took, as they are\n"
            "      --rules          how many lines each rule took, on stderr\n"
            "      --reference TIME for stamps without a year (default: when the file was\n"
            "                       last written, now for standard input)\n"
            "      --sensor NAME    device name for lines without one\n"
            "\n"
            "Files may be packed (gzip, xz); - is standard input. How many lines became\n"
            "what is told on stderr at the end.\n",
    .run = run,
};
