/* cmd_check.c: loads everything as the module would and prints the effective
 * policy back, or says all that is wrong.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"

/* On the error output: what goes to the other is a policy. */
static void print_division(const struct fw_engine *engine) {
    struct fw_engine_part part;

    (void)fprintf(stderr, "memory:\n");
    for (size_t n = 0; fw_engine_part(engine, n, &part); n++) {
        (void)fprintf(stderr, "  %-24s %8.1f MiB", part.name, (double)part.bytes / (1 << 20));
        if (part.keys > 0)
            (void)fprintf(stderr, "  %9" PRIu64 " keys", part.keys);
        if (part.gate > 0)
            (void)fprintf(stderr, ", %" PRIu64 " first sightings", part.gate);
        if (part.sets > 0)
            (void)fprintf(stderr, ", %" PRIu64 " sets", part.sets);
        (void)fputc('\n', stderr);
    }
}

static int check_engine(const struct fw_command *command, const struct fw_policy *policy,
                        const struct fw_rulebase *rulebase) {
    const struct fw_settings *settings = fw_policy_settings(policy);
    const struct fw_engine_config config = {.settings = settings};
    const struct fw_parser_options options = {.needs = fw_settings_needs(settings)};
    struct fw_engine *engine = NULL;
    struct fw_parser *parser = NULL;
    char err[FW_PROBLEM_TEXT] = "";
    int code = FW_EXIT_FINE;

    if (fw_parser_open(&parser, rulebase, &options, err, sizeof err) != 0 ||
        fw_engine_open(&engine, &config, err, sizeof err) != 0) {
        (void)fw_cli_error(command, "%s", err);
        code = FW_EXIT_FOUND;
    }
    if (engine)
        print_division(engine);
    fw_engine_close(&engine);
    fw_parser_close(&parser);
    return code;
}

static int check(const struct fw_command *command, const char *policy_path, const char *rulebase_path) {
    struct fw_policy *policy = NULL;
    struct fw_rulebase *rulebase = NULL;
    const char *used = "";
    const int policy_code = fw_cli_policy(command, policy_path, &policy);
    const int rulebase_code = fw_cli_rulebase(command, rulebase_path, &rulebase, &used);
    int code = policy_code > rulebase_code ? policy_code : rulebase_code;

    if (code == FW_EXIT_FINE)
        code = check_engine(command, policy, rulebase);
    if (policy) {
        fw_cli_policy_notes(policy);
        fw_policy_print(policy, stdout);
    }
    if (rulebase)
        (void)fprintf(stderr, "%zu rules in %s\n", fw_rulebase_rules(rulebase), used);
    fw_rulebase_close(&rulebase);
    fw_policy_close(&policy);
    return fw_cli_finish(command, code);
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {{"policy", required_argument, NULL, 'p'},
                                            {"rulebase", required_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *policy = NULL, *rulebase = NULL;
    int c;

    while ((c = getopt_long(argc, argv, ":p:r:h", options, NULL)) != -1) {
        switch (c) {
        case 'p':
            policy = optarg;
            break;
        case 'r':
            rulebase = optarg;
            break;
        case 'h':
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        default:
            return fw_cli_bad_option(command, c, argv);
        }
    }
    if (optind < argc)
        return fw_cli_misuse(command, "takes no arguments: a policy is given with -p %s", argv[optind]);
    return check(command, policy, rulebase);
}

const struct fw_command fw_cmd_check = {
    .name = "check",
    .about = "checks a policy and the rulebase, and prints the effective policy",
    .usage = "check [-p POLICY] [-r RULEBASE]",
    .help = "  -p, --policy FILE    policy; without it the defaults\n"
            "  -r, --rulebase PATH  rulebase, or the directory that holds firewatch.rulebase\n"
            "\n"
            "What is printed is a policy by itself: firewatch check >policy.yaml\n"
            "is a start. Problems are told with file, line and column; exit status 1.\n",
    .run = run,
};
