/* cmd_why.c: why something was found of an address, or was not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dossier.h"

struct why {
    struct fw_run run;
    struct fw_record *record;
    struct fw_dossier dossier;
};

static void take_document(void *cookie, size_t side, const struct fw_document *document) {
    struct why *why = cookie;

    (void)side;
    if (document->kind == FW_DOCUMENT_FINDING && fw_record_read(why->record, document->json, document->json_len))
        fw_dossier_document(&why->dossier, why->record);
}

static int print_all(struct why *why) {
    const struct fw_run_side *side = &why->run.side[0];
    struct fw_counters counters;

    if (fw_dossier_print(&why->dossier, side->policy, stdout) != 0)
        return fw_cli_error(why->run.command, "not enough memory");
    (void)fflush(stdout);
    fw_engine_get_counters(side->engine, &counters);
    (void)fprintf(stderr,
                  "%" PRIu64 " lines; what %" PRIu64 " unparsed and %" PRIu64 " refused ones say of it is not known\n",
                  counters.lines_received, counters.lines_unparsed, counters.lines_refused);
    return FW_EXIT_FINE;
}

static int run_why(struct why *why, char **paths, int n) {
    int code, printed;

    why->record = fw_record_open();
    code = why->record ? fw_run_open(&why->run) : fw_cli_error(why->run.command, "not enough memory");
    if (code == FW_EXIT_FINE) {
        fw_dossier_listen(&why->dossier, why->run.side[0].engine);
        code = fw_run_files(&why->run, paths, n);
        printed = print_all(why);
        code = printed > code ? printed : code;
    }
    fw_dossier_free(&why->dossier);
    fw_run_close(&why->run);
    fw_record_close(&why->record);
    return fw_cli_finish(why->run.command, code);
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static const struct option options[] = {{"policy", required_argument, NULL, 'p'}, FW_RUN_OPTIONS};
    static struct why why;
    union fw_addr addr;
    int c, code = FW_EXIT_FINE;

    fw_run_init(&why.run, command);
    why.run.document = take_document;
    why.run.cookie = &why;
    why.run.unlimited = true;
    while ((c = getopt_long(argc, argv, ":p:r:h", options, NULL)) != -1) {
        if (c == 'h') {
            fw_cli_help(command, stdout);
            return fw_cli_finish(command, FW_EXIT_FINE);
        }
        if (c == 'p')
            why.run.side[0].policy_path = optarg;
        else
            code = fw_run_option(&why.run, c, argv);
        if (code != FW_EXIT_FINE)
            return code;
    }
    if (optind == argc)
        return fw_cli_misuse(command, "needs an ADDRESS, and a FILE, or - for standard input");
    if (fw_addr_parse(&addr, argv[optind], strlen(argv[optind])) != 0)
        return fw_cli_misuse(command, "\"%s\" is no address like 192.0.2.7 or 2001:db8::7", argv[optind]);
    if (++optind == argc)
        return fw_cli_misuse(command, "needs a FILE, or - for standard input");
    fw_dossier_init(&why.dossier, &addr);
    return run_why(&why, argv + optind, argc - optind);
}

const struct fw_command fw_cmd_why = {
    .name = "why",
    .about = "tells everything that logs and policy say of an address, and how near it is to a finding",
    .usage = "why [-p POLICY] [-r RULEBASE] [OPTION...] ADDRESS FILE...|-",
    .help = "  -p, --policy FILE     policy; without it the defaults\n" FW_RUN_OPTIONS_HELP "\n"
            "Told are its roles, the exceptions that name it, and why they are there; its\n"
            "events as source and as destination; what was left out and by which role or\n"
            "exception; how near each detector came to a finding about it (the highest\n"
            "share of the threshold, and when); and the findings. How many lines nobody\n"
            "understood is told on stderr.\n"
            "\n"
            "  firewatch why 10.1.2.3 -p /etc/firewatch/policy.yaml /var/log/firewall.log\n",
    .run = run,
};
