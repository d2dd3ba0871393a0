/* cmd_import.c: rules of other programs as rules of the policy: swatch's in swatch.c, Sigma's in sigma.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "sigma.h"
#include "swatch.h"

static int import_swatch(const struct fw_command *command, const char *path, bool rsyslog) {
    static struct fw_swatch swatch;

    if (fw_swatch_read(&swatch, path) != 0)
        return fw_cli_error(command, "%s: %s", path, strerror(errno));
    if (rsyslog)
        fw_swatch_print_rsyslog(&swatch);
    else
        fw_swatch_print_rules(&swatch);
    fw_swatch_free(&swatch);
    return swatch.lossy ? FW_EXIT_FOUND : FW_EXIT_FINE;
}

static int run(const struct fw_command *command, int argc, char **argv) {
    const bool rsyslog = argc == 4 && strcmp(argv[2], "--rsyslog") == 0;

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fw_cli_help(command, stdout);
        return fw_cli_finish(command, FW_EXIT_FINE);
    }
    if (argc >= 3 && strcmp(argv[1], "sigma") == 0)
        return fw_cli_finish(command, fw_sigma_import(argv + 2, (size_t)argc - 2));
    if ((argc != 3 && !rsyslog) || strcmp(argv[1], "swatch") != 0)
        return fw_cli_misuse(command, "wants swatch and a FILE, or sigma and FILEs");
    return fw_cli_finish(command, import_swatch(command, argv[argc - 1], rsyslog));
}

const struct fw_command fw_cmd_import = {
    .name = "import",
    .about = "turns rules of swatch or Sigma into rules of the policy",
    .usage = "import swatch [--rsyslog] FILE | import sigma FILE...",
    .help = "  firewatch import swatch .swatchdogrc >rules.yaml\n"
            "  firewatch import swatch --rsyslog .swatchdogrc >swatch.conf\n"
            "  firewatch import sigma proxy.yml dns.yml >rules.yaml\n"
            "\n"
            "      --rsyslog         what swatch does then, as a ruleset for rsyslog.conf\n"
            "\n"
            "Sigma: correlations, and rules of firewall, proxy, dns, webserver. What cannot\n"
            "be said is named on stderr; exit status 1 then.\n",
    .run = run,
};
