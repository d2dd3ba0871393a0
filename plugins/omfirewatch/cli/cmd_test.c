#include "cli.h"
static int run(const struct fw_command *command, int argc, char **argv) {
    (void)argc;
    (void)argv;
    return fw_cli_misuse(command, "not yet");
}
const struct fw_command fw_cmd_test = {.name = "test", .about = "x", .usage = "test", .help = "", .run = run};
