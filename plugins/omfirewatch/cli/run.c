/* run.c: see run.h. */
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "../host/pages.h"
#include "../policy/value.h"

#define ERROR_TEXT    256
#define QUIET_SECONDS (7 * 24 * 3600) /* longer than any detector's quiet time */

static void catch_up(void *cookie);

void fw_run_init(struct fw_run *run, const struct fw_command *command) {
    memset(run, 0, sizeof *run);
    run->command = command;
    run->sides = 1;
    run->feed = (struct fw_feed){
        .command = command, .reference = FW_TIME_NONE, .line = fw_run_line, .waits = catch_up, .cookie = run};
}

/* --- opening ------------------------------------------------------------- */

static uint64_t needs_of(const struct fw_run_side *side) {
    return fw_settings_needs(fw_policy_settings(side->policy));
}

static bool wants_text(const struct fw_run_side *side) {
    return fw_settings_want_text(fw_policy_settings(side->policy));
}

static int open_parser(struct fw_run *run, struct fw_run_side *side) {
    const struct fw_parser_options options = {.needs = needs_of(side), .seed = run->seed, .text = wants_text(side)};
    char err[ERROR_TEXT] = "";

    if (side->parser)
        return FW_EXIT_FINE;
    if (side != run->side && run->side[0].parser && needs_of(run->side) == options.needs &&
        wants_text(run->side) == options.text) {
        side->parser = run->side[0].parser;
        return FW_EXIT_FINE;
    }
    if (fw_parser_open(&side->parser, run->rulebase, &options, err, sizeof err) != 0)
        return fw_cli_error(run->command, "%s", err);
    return FW_EXIT_FINE;
}

static int open_engine(struct fw_run *run, struct fw_run_side *side) {
    struct fw_settings settings = *fw_policy_settings(side->policy);
    const struct fw_engine_config config = {
        .settings = &settings, .max_memory = (size_t)run->max_memory, .seed = run->seed, .mem = &fw_mem_pages};
    char err[ERROR_TEXT] = "";

    if (run->unlimited)
        settings.findings_per_minute = UINT32_MAX;
    if (side->engine || fw_engine_open(&side->engine, &config, err, sizeof err) == 0)
        return FW_EXIT_FINE;
    return fw_cli_error(run->command, "%s", err);
}

static int open_policy(struct fw_run *run, struct fw_run_side *side) {
    const char *unknown = NULL;
    size_t len = 0;
    int code = FW_EXIT_FINE;

    if (side->policy)
        return code;
    code = fw_cli_policy(run->command, side->policy_path, &side->policy);
    if (code != FW_EXIT_FINE || !run->only)
        return code;
    if (fw_policy_only(side->policy, run->only, &unknown, &len) != 0)
        return fw_cli_misuse(run->command, "--only: no detector \"%.*s\"; \"firewatch detectors\" lists them", (int)len,
                             unknown);
    return FW_EXIT_FINE;
}

int fw_run_open(struct fw_run *run) {
    int code = FW_EXIT_FINE;

    for (size_t i = 0; i < run->sides && code == FW_EXIT_FINE; i++)
        code = open_policy(run, &run->side[i]);
    if (code == FW_EXIT_FINE && !run->rulebase)
        code = fw_cli_rulebase(run->command, run->rulebase_path, &run->rulebase, NULL);
    if (code != FW_EXIT_FINE)
        return code;
    if (!run->seeded && getrandom(&run->seed, sizeof run->seed, 0) != (ssize_t)sizeof run->seed)
        return fw_cli_error(run->command, "no random numbers to be had; --seed NUMBER does without");
    run->seeded = true;
    for (size_t i = 0; i < run->sides && code == FW_EXIT_FINE; i++) {
        code = open_parser(run, &run->side[i]);
        if (code == FW_EXIT_FINE)
            code = open_engine(run, &run->side[i]);
    }
    return code;
}

int fw_run_restart(struct fw_run *run) {
    for (size_t i = 0; i < run->sides; i++)
        fw_engine_close(&run->side[i].engine);
    return fw_run_open(run);
}

void fw_run_close_sides(struct fw_run *run) {
    for (size_t i = run->sides; i-- > 0;) {
        struct fw_run_side *side = &run->side[i];

        fw_engine_close(&side->engine);
        if (i > 0 && side->parser == run->side[0].parser)
            side->parser = NULL;
        fw_parser_close(&side->parser);
        fw_policy_close(&side->policy);
    }
}

void fw_run_close(struct fw_run *run) {
    fw_run_close_sides(run);
    fw_rulebase_close(&run->rulebase);
}

/* --- lines in, documents out --------------------------------------------- */

static void give_documents(struct fw_run *run, size_t side) {
    while (fw_engine_take(run->side[side].engine, &run->taken))
        run->document(run->cookie, side, &run->taken);
}

static void give_all(struct fw_run *run) {
    for (size_t i = 0; i < run->sides; i++)
        give_documents(run, i);
}

/* Nothing that was fed waits any more, and no document of it. */
static void catch_up(void *cookie) {
    struct fw_run *run = cookie;

    for (size_t i = 0; i < run->sides; i++) {
        while (fw_engine_catch_up(run->side[i].engine))
            give_documents(run, i);
        give_documents(run, i);
    }
}

static void take_result(struct fw_run *run, size_t side, enum fw_parse_result result, struct fw_event *event) {
    struct fw_engine *engine = run->side[side].engine;

    switch (result) {
    case FW_PARSE_EVENT:
        fw_engine_push(engine, event);
        if (fw_engine_waiting(engine))
            give_documents(run, side);
        break;
    case FW_PARSE_IGNORED:
        fw_engine_count_ignored(engine);
        break;
    case FW_PARSE_REFUSED:
        fw_engine_count_refused(engine);
        break;
    case FW_PARSE_UNPARSED:
    case FW_PARSE_RESULTS:
        fw_engine_count_unparsed(engine);
        break;
    }
    if (result != FW_PARSE_EVENT) {
        fw_engine_push_text(engine, event);
        if (fw_engine_waiting(engine))
            give_documents(run, side);
    }
}

void fw_run_line(void *cookie, const struct fw_line *line, bool truncated) {
    struct fw_run *run = cookie;
    enum fw_parse_result result = FW_PARSE_UNPARSED;
    struct fw_event event;

    for (size_t i = 0; i < run->sides; i++) {
        fw_engine_count_line(run->side[i].engine, truncated);
        if (i == 0 || run->side[i].parser != run->side[0].parser)
            result = fw_parser_line(run->side[i].parser, line, &event);
        take_result(run, i, result, &event);
    }
}

int fw_run_files(struct fw_run *run, char **paths, int n) {
    const int code = fw_feed_run(&run->feed, paths, n);

    catch_up(run);
    for (size_t i = 0; i < run->sides && !run->goes_on; i++)
        fw_engine_settle(run->side[i].engine);
    give_all(run);
    return code;
}

/* In steps of a second, as time passes in production: what closes together is folded alike. */
void fw_run_until_quiet(struct fw_run *run) {
    for (unsigned i = 0; i < QUIET_SECONDS; i++) {
        for (size_t side = 0; side < run->sides; side++)
            fw_engine_idle(run->side[side].engine, FW_SECOND);
        give_all(run);
    }
}

/* --- options ------------------------------------------------------------- */

static int take_memory(struct fw_run *run, const char *text) {
    if (fw_value_parse_bytes(text, &run->max_memory) == 0 && run->max_memory >= FW_MEMORY_MIN &&
        run->max_memory <= SIZE_MAX)
        return FW_EXIT_FINE;
    return fw_cli_misuse(run->command, "--max-memory %s: must be a size of at least 16MiB, like 256MiB or 1GiB", text);
}

static int take_seed(struct fw_run *run, const char *text) {
    int64_t number;

    if (fw_value_parse(FW_UNIT_COUNT, text, &number) != 0)
        return fw_cli_misuse(run->command, "--seed %s: must be a whole number", text);
    run->seed = (struct fw_seed){.k = {(uint64_t)number, 0}};
    run->seeded = true;
    return FW_EXIT_FINE;
}

int fw_run_option(struct fw_run *run, int c, char **argv) {
    switch (c) {
    case 'r':
        run->rulebase_path = optarg;
        return FW_EXIT_FINE;
    case FW_OPTION_REFERENCE:
        if (fw_feed_parse_time(optarg, &run->feed.reference) != 0)
            return fw_cli_misuse(run->command, "--reference %s: must be a time like 2026-10-12T08:00:00Z", optarg);
        return FW_EXIT_FINE;
    case FW_OPTION_SENSOR:
        run->feed.sensor = optarg;
        return FW_EXIT_FINE;
    case FW_OPTION_MAX_MEMORY:
        return take_memory(run, optarg);
    case FW_OPTION_SEED:
        return take_seed(run, optarg);
    default:
        return fw_cli_bad_option(run->command, c, argv);
    }
}
