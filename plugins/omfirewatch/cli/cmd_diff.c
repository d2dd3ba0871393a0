/* cmd_diff.c: what another policy would have found in the same logs.
 *
 * Both policies see the same events; their documents are taken together by
 * matter (detector and subject), so that a finding with another id, or one that
 * opens twice, is still the same matter. No storm is folded: it is about what was
 * found, not about what was told. Memory: one struct a matter, FW_INDEX_MAX of
 * them.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "run.h"
#include "told.h"

enum { OLD, NEW };
#define CHANGES_TEXT 400
#define KEY_TEXT     256

struct matter {
    struct fw_told side[FW_RUN_SIDES]; /* documents 0: not found there */
    size_t number;                     /* order of arrival, where times are the same */
};

struct diff {
    struct fw_run run;
    struct fw_record *record;
    struct fw_index index;
    struct matter *matters;
    uint64_t lost; /* documents beyond what could be kept */
    uint64_t found, silenced, changed, same;
};

/* --- documents in -------------------------------------------------------- */

static void take_document(void *cookie, size_t side, const struct fw_document *document) {
    struct diff *diff = cookie;
    struct matter *matters = diff->matters;
    char key[KEY_TEXT];
    bool fresh;

    if (document->kind != FW_DOCUMENT_FINDING || !fw_record_read(diff->record, document->json, document->json_len) ||
        !fw_told_is_finding(diff->record))
        return;
    fw_told_key(diff->record, key, sizeof key);
    const size_t n = fw_index_put(&diff->index, key, &fresh);
    if (n != FW_INDEX_NONE && fresh)
        matters = fw_index_grow(matters, n, sizeof *matters);
    if (n == FW_INDEX_NONE || !matters) {
        diff->lost++;
        return;
    }
    diff->matters = matters;
    matters[n].number = n;
    fw_told_add(&matters[n].side[side], diff->record);
}

/* --- differences out ----------------------------------------------------- */

static fw_time opened(const struct matter *matter) {
    const struct fw_told *old = &matter->side[OLD], *new = &matter->side[NEW];

    if (old->documents == 0)
        return new->opened;
    return new->documents > 0 && new->opened < old->opened ? new->opened : old->opened;
}

static int by_time(const void *a, const void *b) {
    const struct matter *x = a, *y = b;
    const fw_time at_x = opened(x), at_y = opened(y);

    if (at_x != at_y)
        return at_x < at_y ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

__attribute__((format(printf, 2, 3))) static void add_change(char *text, const char *fmt, ...) {
    const size_t len = strlen(text);
    va_list args;

    if (len > 0 && len + 3 < CHANGES_TEXT)
        (void)strcpy(text + len, ", ");
    va_start(args, fmt);
    (void)vsnprintf(text + strlen(text), CHANGES_TEXT - strlen(text), fmt, args);
    va_end(args);
}

/* What is another in NEW, in words; "" when nothing that matters. */
static void compare(const struct fw_told *old, const struct fw_told *new, char changes[CHANGES_TEXT]) {
    const fw_time later = new->opened - old->opened;
    char span[32];

    changes[0] = '\0';
    if (later != 0) {
        (void)fw_span_format(later > 0 ? later : -later, span, sizeof span);
        add_change(changes, "%s %s", span, later > 0 ? "later" : "earlier");
    }
    if (new->stage != old->stage)
        add_change(changes, "stage %" PRId64 " instead of %" PRId64, new->stage, old->stage);
    if (new->severity != old->severity)
        add_change(changes, "severity %" PRId64 " instead of %" PRId64, new->severity, old->severity);
    if (new->openings != old->openings)
        add_change(changes, "opened %u times instead of %u", new->openings, old->openings);
}

static void print_one(char sign, const struct fw_told *told, const char *changes) {
    char time[FW_TIME_TEXT];

    fw_cli_say(stdout, "%c %s  %s: %s (%sstage %" PRId64 ", severity %" PRId64 ")", sign,
               fw_cli_time(told->opened, time), told->rule, told->sentence, changes, told->stage, told->severity);
}

static void print_matter(struct diff *diff, const struct matter *matter) {
    const struct fw_told *old = &matter->side[OLD], *new = &matter->side[NEW];
    char changes[CHANGES_TEXT + 4];

    if (old->documents == 0) {
        diff->found++;
        print_one('+', new, "");
        return;
    }
    if (new->documents == 0) {
        diff->silenced++;
        print_one('-', old, "");
        return;
    }
    compare(old, new, changes);
    if (changes[0] == '\0') {
        diff->same++;
        return;
    }
    diff->changed++;
    (void)strcat(changes, "; ");
    print_one('~', new, changes);
}

static int print_all(struct diff *diff) {
    struct fw_counters counters;

    fw_engine_get_counters(diff->run.side[OLD].engine, &counters);
    if (diff->index.count > 0)
        qsort(diff->matters, diff->index.count, sizeof *diff->matters, by_time);
    for (size_t i = 0; i < diff->index.count; i++)
        print_matter(diff, &diff->matters[i]);
    (void)fflush(stdout);
    (void)fprintf(stderr,
                  "%" PRIu64 " found anew, %" PRIu64 " silenced, %" PRIu64 " changed, %" PRIu64 " the same; %" PRIu64
                  " lines, %" PRIu64 " of them unparsed\n",
                  diff->found, diff->silenced, diff->changed, diff->same, counters.lines_received,
                  counters.lines_unparsed);
    if (diff->lost > 0)
        (void)fw_cli_error(diff->run.command, "%" PRIu64 " documents are left out: more than could be kept",
                           diff->lost);
    return diff->found + diff->silenced + diff->changed > 0 ? FW_EXIT_FOUND : FW_EXIT_FINE;
}

/* --- arguments ----------------------------------------------------------- */

static int run_diff(struct diff *diff, char **paths, int n) {
    int code, difference = FW_EXIT_FINE;

    diff->record = fw_record_open();
    code = diff->record ? fw_run_open(&diff->run) : fw_cli_error(diff->run.command, "not enough memory");
    if (code == FW_EXIT_FOUND)
        code = FW_EXIT_WRONG; /* 1 says that they differ, and a policy that is wrong was not even tried */
    if (code == FW_EXIT_FINE) {
        code = fw_run_files(&diff->run, paths, n);
        difference = print_all(diff);
    }
    fw_run_close(&diff->run);
    fw_record_close(&diff->record);
    fw_index_free(&diff->index);
    free(diff->matters);
    return fw_cli_finish(diff->run.command, difference > code ? difference : code);
}

static int take_policy(struct diff *diff, size_t *policies) {
    if (*policies == FW_RUN_SIDES)
        return fw_cli_misuse(diff->run.command, "compares two policies: -p OLD -p NEW; %s is one too many", optarg);
    diff->run.side[(*policies)++].policy_path = strcmp(optarg, "") == 0 ? NULL : optarg;
    return FW_EXIT_FINE;
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {{"policy", required_argument, NULL, 'p'}, FW_RUN_OPTIONS};
    static struct diff diff;
    size_t policies = 0;
    int c, code;

    fw_run_init(&diff.run, command);
    diff.run.document = take_document;
    diff.run.cookie = &diff;
    diff.run.sides = FW_RUN_SIDES;
    diff.run.unlimited = true;
    while ((c = getopt_long(argc, argv, ":p:r:h", options, NULL)) != -1) {
        if (c == 'h') {
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        }
        code = c == 'p' ? take_policy(&diff, &policies) : fw_run_option(&diff.run, c, argv);
        if (code != FW_EXIT_FINE)
            return code;
    }
    if (policies != FW_RUN_SIDES)
        return fw_cli_misuse(command, "needs two policies: -p OLD -p NEW; -p \"\" stands for none");
    if (optind == argc)
        return fw_cli_misuse(command, "needs a FILE, or - for standard input");
    return run_diff(&diff, argv + optind, argc - optind);
}

const struct fw_command fw_cmd_diff = {
    .name = "diff",
    .about = "tells what another policy would have found in the same logs",
    .usage = "diff -p OLD -p NEW [-r RULEBASE] [OPTION...] FILE...|-",
    .help = "  -p, --policy FILE     first the old policy, then the new; \"\": the defaults\n" FW_RUN_OPTIONS_HELP "\n"
            "Both read the same lines. Told are, in the order of their time:\n"
            "  +  what only the new policy finds\n"
            "  -  what it no longer finds\n"
            "  ~  what it finds earlier or later, or judges in another way\n"
            "and on stderr how many there are of each. Exit status 0: no difference, 1:\n"
            "there is one, 2: wrong usage, a policy with problems, or unreadable input.\n",
    .run = run,
};
