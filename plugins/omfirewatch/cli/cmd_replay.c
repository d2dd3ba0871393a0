/* cmd_replay.c: feeds logs to the engine in event time and prints what it says.
 *
 * Time is the events' own: nothing here asks the clock, but for the year that
 * old stamps lack. At the end findings stay open, as they would in production at
 * that moment, unless --until-quiet lets a week pass.
 */
#include <stdio.h>
#include <string.h>

#include "../store/store.h"
#include "run.h"

#define STATS_BYTES  (512 << 10) /* detectors and FW_RULES_MAX rules of 250 bytes at most, and the counters */
#define OUTPUT_BYTES (256 << 10)

static const char *const kind_names[] = {
    [FW_DOCUMENT_FINDING] = "finding",
    [FW_DOCUMENT_SUMMARY] = "summary",
    [FW_DOCUMENT_HEALTH] = "health",
};
#define KINDS (sizeof kind_names / sizeof *kind_names)

struct replay {
    struct fw_run run;
    unsigned kinds; /* bits 1 << FW_DOCUMENT_... */
    bool text;
    bool stats;
    bool until_quiet;
    const char *state_path; /* NULL: it begins with nothing, and nothing stays */
    struct fw_store *store;
};

/* --- documents out ------------------------------------------------------- */

static void print_document(void *cookie, size_t side, const struct fw_document *document) {
    struct replay *replay = cookie;

    (void)side;
    if ((replay->kinds >> document->kind & 1) == 0)
        return;
    fw_feed_clear(&replay->run.feed);
    if (replay->text)
        (void)fwrite(document->text, 1, document->text_len, stdout);
    else
        (void)fwrite(document->json, 1, document->json_len, stdout);
    (void)putchar('\n');
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

    fw_engine_get_counters(replay->run.side[0].engine, &counters);
    fw_json_begin(&json, buf, sizeof buf);
    fw_json_object(&json, NULL);
#define FW_COUNTER(name, doc) fw_json_uint(&json, #name, counters.name);
#include "../core/counters.def"
#undef FW_COUNTER
    fw_json_object(&json, "detectors");
    for (size_t i = 0; (detector = fw_engine_detector(replay->run.side[0].engine, i)) != NULL; i++)
        put_detector(&json, detector);
    fw_json_close(&json, '}');
    fw_json_close(&json, '}');
    if (fw_json_end(&json) > 0)
        (void)fprintf(stderr, "%s\n", buf);
}

/* --- state --------------------------------------------------------------- */

/* Opens the run, with what an earlier one left. A state that cannot be used stays where it is. */
static int open_with_state(struct replay *replay) {
    const struct fw_command *command = replay->run.command;
    struct fw_snapshot_head head;
    struct fw_store_loaded loaded;
    char err[FW_STORE_ERROR] = "";

    if (!replay->state_path)
        return fw_run_open(&replay->run);
    replay->run.goes_on = true;
    if (replay->run.seeded)
        return fw_cli_misuse(command, "--seed does not go with --state: a state has the seed it was made with");
    if (fw_store_open(&replay->store, replay->state_path, err, sizeof err) != 0)
        return fw_cli_error(command, "%s", err);
    const enum fw_store_found found = fw_store_look(replay->store, &head, err, sizeof err);
    if (found == FW_STORE_DAMAGED)
        return fw_cli_error(command, "%s", err);
    if (found == FW_STORE_STATE) {
        replay->run.seed = head.seed;
        replay->run.seeded = true;
    }
    const int code = fw_run_open(&replay->run);
    if (code == FW_EXIT_FINE && found == FW_STORE_STATE &&
        fw_store_load(replay->store, replay->run.side[0].engine, &loaded, err, sizeof err) != 0)
        return fw_cli_error(command, "%s", err);
    if (code == FW_EXIT_FINE && found == FW_STORE_STATE && loaded.dropped > 0)
        (void)fprintf(stderr, "firewatch: %s: %llu of %llu parts are of detectors that are off or have changed\n",
                      replay->state_path, (unsigned long long)loaded.dropped, (unsigned long long)loaded.frames);
    return code;
}

static int save_state(struct replay *replay, int code) {
    char err[FW_STORE_ERROR] = "";

    if (replay->store && fw_store_save(replay->store, replay->run.side[0].engine, NULL, err, sizeof err) != 0)
        return fw_cli_error(replay->run.command, "%s", err);
    return code;
}

static int run_replay(struct replay *replay, char **paths, int n) {
    static char output[OUTPUT_BYTES];
    int code = open_with_state(replay);

    if (code == FW_EXIT_FINE) {
        (void)setvbuf(stdout, output, _IOFBF, sizeof output);
        code = fw_run_files(&replay->run, paths, n);
        if (replay->until_quiet)
            fw_run_until_quiet(&replay->run);
        code = save_state(replay, code);
        code = fw_cli_finish(replay->run.command, code);
        if (replay->stats)
            print_stats(replay);
    }
    fw_run_close(&replay->run);
    fw_store_close(&replay->store);
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

enum { OPTION_KINDS = 256, OPTION_ONLY, OPTION_TEXT, OPTION_STATS, OPTION_UNTIL_QUIET, OPTION_STATE };

static int take_option(int c, char **argv, struct replay *replay) {
    switch (c) {
    case 'p':
        replay->run.side[0].policy_path = optarg;
        return FW_EXIT_FINE;
    case OPTION_KINDS:
        return parse_kinds(replay->run.command, optarg, &replay->kinds);
    case OPTION_TEXT:
        replay->text = true;
        return FW_EXIT_FINE;
    case OPTION_STATS:
        replay->stats = true;
        return FW_EXIT_FINE;
    case OPTION_STATE:
        replay->state_path = optarg;
        return FW_EXIT_FINE;
    case OPTION_UNTIL_QUIET:
        replay->until_quiet = true;
        return FW_EXIT_FINE;
    case OPTION_ONLY:
        replay->run.only = optarg;
        return FW_EXIT_FINE;
    default:
        return fw_run_option(&replay->run, c, argv);
    }
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {{"policy", required_argument, NULL, 'p'},
                                            {"kinds", required_argument, NULL, OPTION_KINDS},
                                            {"only", required_argument, NULL, OPTION_ONLY},
                                            {"state", required_argument, NULL, OPTION_STATE},
                                            {"text", no_argument, NULL, OPTION_TEXT},
                                            {"stats", no_argument, NULL, OPTION_STATS},
                                            {"until-quiet", no_argument, NULL, OPTION_UNTIL_QUIET},
                                            FW_RUN_OPTIONS};
    static struct replay replay;
    int c, code;

    fw_run_init(&replay.run, command);
    replay.run.document = print_document;
    replay.run.cookie = &replay;
    replay.kinds = ~0U;
    while ((c = getopt_long(argc, argv, ":p:r:h", options, NULL)) != -1) {
        if (c == 'h') {
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        }
        code = take_option(c, argv, &replay);
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
            "      --kinds LIST      only these: finding,summary,health\n"
            "      --only LIST       only these detectors: addr_scan,worm\n"
            "      --text            sentences to read instead of JSON documents\n"
            "      --stats           ends with the counters on stderr, as JSON\n"
            "      --until-quiet     at the end a week passes, so that all findings close\n" FW_RUN_OPTIONS_HELP
            "      --state FILE      goes on with the state in FILE, and leaves its own there\n"
            "\n"
            "Files are read in the order given; they may be packed (gzip, xz); - is\n"
            "standard input. A document is the same that the module injects.\n",
    .run = run,
};
