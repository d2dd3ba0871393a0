/* main.c: firewatch, the command: finds the subcommand and hands over. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#ifdef HAVE_CONFIG_H
#include "fw_config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "(no version)"
#endif

#include "cli.h"

static const struct fw_command *const commands[] = {
    &fw_cmd_replay, &fw_cmd_parse,   &fw_cmd_check,  &fw_cmd_detectors, &fw_cmd_diff,
    &fw_cmd_why,    &fw_cmd_explain, &fw_cmd_import, &fw_cmd_test,
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void usage(FILE *out) {
    (void)fputs("Usage: firewatch COMMAND [OPTION...] [ARGUMENT...]\n\n"
                "Finds worms, scans, tunnels and the like in the logs of firewalls and proxies,\n"
                "as rsyslog's module omfirewatch does.\n\n",
                out);
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->about);
    (void)fputs("\n  --version  says which firewatch this is\n"
                "  --help     after a command: its options\n\n"
                "Exit status: 0 fine, 1 what was checked is not right, 2 wrong usage or\n"
                "something could not be read.\n",
                out);
}

static const struct fw_command *find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown(const char *name) {
    const char *names[COMMANDS], *near;

    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    near = fw_problem_nearest(name, names, COMMANDS);
    if (near)
        return fw_cli_misuse(NULL, "unknown command \"%s\"; did you mean \"%s\"?", name, near);
    return fw_cli_misuse(NULL, "unknown command \"%s\"", name);
}

int main(int argc, char **argv) {
    const struct fw_command *command;

    if (argc < 2) {
        usage(stderr);
        return FW_EXIT_WRONG;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        command = argc > 2 ? find(argv[2]) : NULL;
        if (argc > 2 && !command)
            return unknown(argv[2]);
        if (command)
            fw_cli_help(command, stdout);
        else
            usage(stdout);
        return fw_cli_finish(NULL, FW_EXIT_FINE);
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        (void)puts("firewatch " PACKAGE_VERSION);
        return fw_cli_finish(NULL, FW_EXIT_FINE);
    }
    command = find(argv[1]);
    if (!command)
        return unknown(argv[1]);
    opterr = 0;
    return command->run(command, argc - 1, argv + 1);
}
