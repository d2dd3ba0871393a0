/* cmd_explain.c: one finding to read, or the list of them, from the documents that
 * the module injected and somebody wrote into a file.
 *
 * The file is read once, so that it can come through a pipe. What an attacker
 * controls: the file may be the log he writes into. Whatever is shown goes
 * through fw_cli_say(); only FW_STORY_MAX findings are kept whole.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "feed.h"
#include "index.h"
#include "story.h"

#define PREFIX_MIN 4 /* digits of an id that are worth looking for */

struct explain {
    struct fw_feed feed;
    struct fw_record *record;
    const char *wanted; /* NULL: all are listed */
    struct fw_index ids;
    struct fw_told *told; /* by number of the id; of the list */
    struct fw_stories stories;
    struct fw_chain chain;
    bool dot;           /* the trees are all that is wanted */
    uint64_t documents; /* that are about findings */
    uint64_t lines;
    bool full;
};

/* --- reading ------------------------------------------------------------- */

static void put_in_list(struct explain *explain) {
    bool fresh;
    const size_t n = fw_index_put(&explain->ids, fw_record_text(explain->record, "event.id"), &fresh);
    struct fw_told *told = NULL;

    if (n != FW_INDEX_NONE)
        told = fresh ? fw_index_grow(explain->told, n, sizeof *told) : explain->told;
    if (!told) {
        explain->full = true;
        return;
    }
    explain->told = told;
    fw_told_add(&told[n], explain->record);
}

static void take_line(void *cookie, const struct fw_line *line, bool truncated) {
    struct explain *explain = cookie;

    explain->lines++;
    if (truncated || !fw_record_read(explain->record, line->text, line->len) || !fw_told_is_finding(explain->record))
        return;
    explain->documents++;
    if (explain->dot || explain->wanted)
        explain->full |= !fw_chain_add(&explain->chain, explain->record);
    if (explain->dot)
        return;
    if (explain->wanted)
        explain->full |= !fw_stories_take(&explain->stories, explain->record, line->text, line->len, explain->wanted);
    else
        put_in_list(explain);
}

/* --- what came of it ----------------------------------------------------- */

static void print_list(const struct explain *explain) {
    char opened[FW_TIME_TEXT];

    for (size_t i = 0; i < explain->ids.count; i++) {
        const struct fw_told *told = &explain->told[i];

        fw_cli_say(stdout, "%s  %s  %-6s  severity %" PRId64 "  %s: %s", told->id, fw_cli_time(told->opened, opened),
                   told->state, told->severity, told->rule, told->sentence);
    }
}

static int tell_one(const struct explain *explain, const struct fw_command *command) {
    const struct fw_stories *stories = &explain->stories;
    char source[FW_CHAIN_NAME];
    const struct fw_story *story = fw_stories_last_of_key(stories);

    if (stories->count == 0)
        return fw_cli_error(command, "no finding %s among %" PRIu64 " documents; without it all are listed",
                            explain->wanted, explain->documents);
    if (!story) {
        (void)fw_cli_error(command, "%s is the beginning of several:", explain->wanted);
        for (size_t i = 0; i < stories->count; i++)
            fw_cli_say(stderr, "  %s  %s: %s", stories->story[i].told.id, stories->story[i].told.rule,
                       stories->story[i].told.sentence);
        return FW_EXIT_WRONG;
    }
    if (!fw_story_print(story, explain->record, stdout))
        return fw_cli_error(command, "not enough memory");
    (void)snprintf(source, sizeof source, "%s", fw_record_text(explain->record, "source.ip"));
    fw_chain_print(&explain->chain, source, stdout);
    return FW_EXIT_FINE;
}

static int tell(const struct explain *explain, const struct fw_command *command) {
    if (explain->wanted)
        return tell_one(explain, command);
    if (explain->dot)
        fw_chain_dot(&explain->chain, stdout);
    else
        print_list(explain);
    return FW_EXIT_FINE;
}

static int run_explain(struct explain *explain, char **paths, int n) {
    const struct fw_command *command = explain->feed.command;
    int code = FW_EXIT_WRONG, told;

    explain->record = fw_record_open();
    if (!explain->record)
        return fw_cli_error(command, "not enough memory");
    code = fw_feed_run(&explain->feed, paths, n);
    if (explain->lines > 0 && explain->documents == 0) {
        code = fw_cli_error(command, "none of %" PRIu64 " lines is a document about a finding", explain->lines);
    } else {
        told = tell(explain, command);
        code = told > code ? told : code;
    }
    if (explain->full)
        (void)fw_cli_error(command, "more than could be kept: not all is shown");
    fw_stories_free(&explain->stories);
    fw_chain_free(&explain->chain);
    fw_index_free(&explain->ids);
    free(explain->told);
    fw_record_close(&explain->record);
    return fw_cli_finish(command, code);
}

/* --- arguments ----------------------------------------------------------- */

static bool is_file(const char *word) {
    return strcmp(word, "-") == 0 || access(word, F_OK) == 0;
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {
        {"dot", no_argument, NULL, 'd'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    static struct explain explain;
    int c;

    explain.feed = (struct fw_feed){.command = command, .reference = 0, .line = take_line, .cookie = &explain};
    while ((c = getopt_long(argc, argv, ":dh", options, NULL)) != -1) {
        if (c == 'd') {
            explain.dot = true;
            continue;
        }
        if (c != 'h')
            return fw_cli_bad_option(command, c, argv);
        fw_cli_help(command, stdout);
        return fw_cli_finish(command, FW_EXIT_FINE);
    }
    if (optind == argc)
        return fw_cli_misuse(command, "needs a FILE of findings, or - for standard input");
    if (!explain.dot && !is_file(argv[optind])) {
        explain.wanted = argv[optind++];
        if (strlen(explain.wanted) < PREFIX_MIN)
            return fw_cli_misuse(command, "\"%s\" is neither a file nor at least %d digits of an id", explain.wanted,
                                 PREFIX_MIN);
        if (optind == argc)
            return fw_cli_misuse(command, "\"%s\" is no file; after an id a FILE of findings is needed, or -",
                                 explain.wanted);
    }
    return run_explain(&explain, argv + optind, argc - optind);
}

const struct fw_command fw_cmd_explain = {
    .name = "explain",
    .about = "tells one finding to read, with its evidence and its next step, or lists them",
    .usage = "explain [-d] [ID] FINDINGS...|-",
    .help = "ID is the id of a finding, its first digits (4 or more), or its key; without\n"
            "one all findings are listed, a line each. Of a machine that was infected by\n"
            "another one the tree of who infected whom is drawn below.\n"
            "\n"
            "  -d, --dot  print all such trees for Graphviz: ... | dot -Tsvg >tree.svg\n"
            "\n"
            "FINDINGS are documents as \"firewatch replay\" prints them and the module\n"
            "injects them, one a line, also behind a syslog header; they may be packed\n"
            "(gzip, xz); - is standard input.\n"
            "\n"
            "  firewatch explain 5c01 /var/log/firewatch.jsonl\n",
    .run = run,
};
