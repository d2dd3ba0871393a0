/* cmd_replay.c: feeds logs to the engine in event time and prints what it says.
 *
 * Time is the events' own: nothing here asks the clock, but for the year that
 * old stamps lack. At the end findings stay open, as they would in production at
 * that moment, unless --until-quiet lets a week pass.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../host/pages.h"
#include "../policy/value.h"
#include "cli.h"
#include "feed.h"

#define ERROR_TEXT    256
#define STATS_BYTES   (64 << 10) /* 48 detectors of 200 bytes, and the counters, several times */
#define OUTPUT_BYTES  (256 << 10)
#define QUIET_SECONDS (7 * 24 * 3600) /* longer than any detector's quiet time */

static const char *const kind_names[] = {
    [FW_DOCUMENT_FINDING] = "finding",
    [FW_DOCUMENT_SUMMARY] = "summary",
    [FW_DOCUMENT_HEALTH] = "health",
};
#define KINDS (sizeof kind_names / sizeof *kind_names)

struct replay {
    struct fw_feed feed;
    const struct fw_command *command;
    const char *policy_path;
    const char *rulebase_path;
    struct fw_policy *policy;
    struct fw_rulebase *rulebase;
    struct fw_parser *parser;
    struct fw_engine *engine;
    unsigned kinds; /* bits 1 << FW_DOCUMENT_... */
    bool text;
    bool stats;
    bool until_quiet;
    bool seeded;
    struct fw_seed seed;
    uint64_t max_memory; /* 0: as the policy says */
    struct fw_document document;
};

/* --- lines in, documents out --------------------------------------------- */

static void print_documents(struct replay *replay) {
    const struct fw_document *document = &replay->document;

    while (fw_engine_take(replay->engine, &replay->document)) {
        if ((replay->kinds >> document->kind & 1) == 0)
            continue;
        fw_feed_clear(&replay->feed);
        if (replay->text)
            (void)fwrite(document->text, 1, document->text_len, stdout);
        else
            (void)fwrite(document->json, 1, document->json_len, stdout);
        (void)putchar('\n');
    }
}

static void take_line(void *cookie, const struct fw_line *line, bool truncated) {
    struct replay *replay = cookie;
    struct fw_event event;

    fw_engine_count_line(replay->engine, truncated);
    switch (fw_parser_line(replay->parser, line, &event)) {
    case FW_PARSE_EVENT:
        fw_engine_feed(replay->engine, &event);
        if (fw_engine_waiting(replay->engine))
            print_documents(replay);
        break;
    case FW_PARSE_IGNORED:
        fw_engine_count_ignored(replay->engine);
        break;
    case FW_PARSE_REFUSED:
        fw_engine_count_refused(replay->engine);
        break;
    case FW_PARSE_UNPARSED:
    case FW_PARSE_RESULTS:
        fw_engine_count_unparsed(replay->engine);
        break;
    }
}

/* In steps of a second, as time passes in production: what closes together is folded alike. */
static void let_time_pass(struct replay *replay) {
    for (unsigned i = 0; i < QUIET_SECONDS; i++) {
        fw_engine_idle(replay->engine, FW_SECOND);
        print_documents(replay);
    }
}

/* --- counters ------------------------------------------------------------ */

static void put_detector(struct fw_json *json, const struct fw_detector *detector) {
    struct fw_detector_stats stats = {0};

    if (!detector->enabled)
        return;
    detector->ops->get_stats(detector->det, &stats);
    fw_json_object(json, detector->ops->name);
    fw_json_uint(json, "observed", detector->observed);
    fw_json_uint(json, "suppressed", detector->suppressed);
    fw_json_uint(json, "held", stats.table.held);
    fw_json_uint(json, "evicted", stats.table.evicted);
    fw_json_uint(json, "gated", stats.table.gated);
    fw_json_uint(json, "refused", stats.table.refused);
    fw_json_uint(json, "overrun", stats.table.overrun);
    fw_json_uint(json, "forgotten", stats.forgotten);
    fw_json_uint(json, "bytes", stats.bytes);
    fw_json_close(json, '}');
}

static void print_stats(const struct replay *replay) {
    static char buf[STATS_BYTES];
    const struct fw_detector *detector;
    struct fw_counters counters;
    struct fw_json json;

    fw_engine_get_counters(replay->engine, &counters);
    fw_json_begin(&json, buf, sizeof buf);
    fw_json_object(&json, NULL);
#define FW_COUNTER(name, doc) fw_json_uint(&json, #name, counters.name);
#include "../core/counters.def"
#undef FW_COUNTER
    fw_json_object(&json, "detectors");
    for (size_t i = 0; (detector = fw_engine_detector(replay->engine, i)) != NULL; i++)
        put_detector(&json, detector);
    fw_json_close(&json, '}');
    fw_json_close(&json, '}');
    if (fw_json_end(&json) > 0)
        (void)fprintf(stderr, "%s\n", buf);
}

/* --- opening ------------------------------------------------------------- */

static int open_all(struct replay *replay) {
    char err[ERROR_TEXT] = "";
    int code = fw_cli_policy(replay->command, replay->policy_path, &replay->policy);

    if (code == FW_EXIT_FINE)
        code = fw_cli_rulebase(replay->command, replay->rulebase_path, &replay->rulebase, NULL);
    if (code != FW_EXIT_FINE)
        return code;
    /* Secret by default: the log was written by those whom it is about. */
    if (!replay->seeded && getrandom(&replay->seed, sizeof replay->seed, 0) != (ssize_t)sizeof replay->seed)
        return fw_cli_error(replay->command, "no random numbers to be had; --seed NUMBER does without");
    const struct fw_settings *settings = fw_policy_settings(replay->policy);
    const struct fw_parser_options options = {.needs = fw_engine_needs(settings->detectors)};
    const struct fw_engine_config config = {
        .settings = settings, .max_memory = (size_t)replay->max_memory, .seed = replay->seed, .mem = &fw_mem_pages};
    if (fw_parser_open(&replay->parser, replay->rulebase, &options, err, sizeof err) != 0 ||
        fw_engine_open(&replay->engine, &config, err, sizeof err) != 0)
        return fw_cli_error(replay->command, "%s", err);
    return FW_EXIT_FINE;
}

static void close_all(struct replay *replay) {
    fw_engine_close(&replay->engine);
    fw_parser_close(&replay->parser);
    fw_rulebase_close(&replay->rulebase);
    fw_policy_close(&replay->policy);
}

static int run_replay(struct replay *replay, char **paths, int n) {
    static char output[OUTPUT_BYTES];
    int code = open_all(replay);

    if (code == FW_EXIT_FINE) {
        (void)setvbuf(stdout, output, _IOFBF, sizeof output);
        code = fw_feed_run(&replay->feed, paths, n);
        print_documents(replay);
        if (replay->until_quiet)
            let_time_pass(replay);
        code = fw_cli_finish(replay->command, code);
        if (replay->stats)
            print_stats(replay);
    }
    close_all(replay);
    return code;
}

/* --- options ------------------------------------------------------------- */

static int parse_kinds(const struct fw_command *command, const char *list, unsigned *kinds) {
    *kinds = 0;
    for (const char *p = list;;) {
        const size_t len = strcspn(p, ",");
        size_t kind = 0;

        while (kind < KINDS && (strlen(kind_names[kind]) != len || memcmp(kind_names[kind], p, len) != 0))
            kind++;
        if (kind == KINDS)
            return fw_cli_misuse(command, "--kinds %s: must be some of finding,summary,health", list);
        *kinds |= 1U << kind;
        if (p[len] == '\0')
            return FW_EXIT_FINE;
        p += len + 1;
    }
}

static int parse_memory(const struct fw_command *command, const char *text, uint64_t *bytes) {
    if (fw_value_parse_bytes(text, bytes) != 0 || *bytes < FW_MEMORY_MIN || *bytes > SIZE_MAX)
        return fw_cli_misuse(command, "--max-memory %s: must be a size of at least 16MiB, like 256MiB or 1GiB", text);
    return FW_EXIT_FINE;
}

static int parse_seed(const struct fw_command *command, const char *text, struct replay *replay) {
    int64_t number;

    if (fw_value_parse(FW_UNIT_COUNT, text, &number) != 0)
        return fw_cli_misuse(command, "--seed %s: must be a whole number", text);
    replay->seed = (struct fw_seed){.k = {(uint64_t)number, 0}};
    replay->seeded = true;
    return FW_EXIT_FINE;
}

enum {
    OPTION_KINDS = 256,
    OPTION_TEXT,
    OPTION_STATS,
    OPTION_REFERENCE,
    OPTION_SENSOR,
    OPTION_MAX_MEMORY,
    OPTION_UNTIL_QUIET,
    OPTION_SEED
};
static const struct option replay_options[] = {{"policy", required_argument, NULL, 'p'},
                                               {"rulebase", required_argument, NULL, 'r'},
                                               {"kinds", required_argument, NULL, OPTION_KINDS},
                                               {"text", no_argument, NULL, OPTION_TEXT},
                                               {"stats", no_argument, NULL, OPTION_STATS},
                                               {"reference", required_argument, NULL, OPTION_REFERENCE},
                                               {"sensor", required_argument, NULL, OPTION_SENSOR},
                                               {"max-memory", required_argument, NULL, OPTION_MAX_MEMORY},
                                               {"until-quiet", no_argument, NULL, OPTION_UNTIL_QUIET},
                                               {"seed", required_argument, NULL, OPTION_SEED},
                                               {"help", no_argument, NULL, 'h'},
                                               {NULL, 0, NULL, 0}};

static int take_option(const struct fw_command *command, int c, char **argv, struct replay *replay) {
    switch (c) {
    case 'p':
        replay->policy_path = optarg;
        return FW_EXIT_FINE;
    case 'r':
        replay->rulebase_path = optarg;
        return FW_EXIT_FINE;
    case OPTION_KINDS:
        return parse_kinds(command, optarg, &replay->kinds);
    case OPTION_TEXT:
        replay->text = true;
        return FW_EXIT_FINE;
    case OPTION_STATS:
        replay->stats = true;
        return FW_EXIT_FINE;
    case OPTION_REFERENCE:
        if (fw_feed_parse_time(optarg, &replay->feed.reference) != 0)
            return fw_cli_misuse(command, "--reference %s: must be a time like 2026-10-12T08:00:00Z", optarg);
        return FW_EXIT_FINE;
    case OPTION_SENSOR:
        replay->feed.sensor = optarg;
        return FW_EXIT_FINE;
    case OPTION_MAX_MEMORY:
        return parse_memory(command, optarg, &replay->max_memory);
    case OPTION_UNTIL_QUIET:
        replay->until_quiet = true;
        return FW_EXIT_FINE;
    case OPTION_SEED:
        return parse_seed(command, optarg, replay);
    default:
        return fw_cli_bad_option(command, c, argv);
    }
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static struct replay replay;
    int c, code;

    replay.command = command;
    replay.kinds = ~0U;
    replay.feed = (struct fw_feed){.command = command, .reference = FW_TIME_NONE, .line = take_line, .cookie = &replay};
    while ((c = getopt_long(argc, argv, ":p:r:h", replay_options, NULL)) != -1) {
        if (c == 'h') {
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        }
        code = take_option(command, c, argv, &replay);
        if (code != FW_EXIT_FINE)
            return code;
    }
    if (optind == argc)
        return fw_cli_misuse(command, "needs a FILE, or - for standard input");
    return run_replay(&replay, argv + optind, argc - optind);
}

const struct fw_command fw_cmd_replay = {
    .name = "replay",
    .about = "feeds logs to the detectors in event time and prints what they find",
    .usage = "replay [-p POLICY] [-r RULEBASE] [OPTION...] FILE...|-",
    .help = "  -p, --policy FILE     policy; without it the defaults\n"
            "  -r, --rulebase PATH   rulebase, or the directory that holds firewatch.rulebase\n"
            "      --kinds LIST      only these: finding,summary,health\n"
            "      --text            sentences to read instead of JSON documents\n"
            "      --stats           ends with the counters on stderr, as JSON\n"
            "      --until-quiet     at the end a week passes, so that all findings close\n"
            "      --reference TIME  for stamps without a year (default: when the file was\n"
            "                        last written, now for standard input)\n"
            "      --sensor NAME     device name for lines without one\n"
            "      --max-memory SIZE instead of the policy's: 256MiB, 1GiB\n"
            "      --seed NUMBER     of the tables, to repeat a run exactly even where they\n"
            "                        overflow (default: a random one)\n"
            "\n"
            "Files are read in the order given; they may be packed (gzip, xz); - is\n"
            "standard input. A document is the same that the module injects.\n",
    .run = run,
};
