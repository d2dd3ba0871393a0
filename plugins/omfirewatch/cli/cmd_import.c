/* cmd_import.c: rules of other programs as rules of the policy: swatch's here, Sigma's in sigma.c.
 *
 * A pattern becomes a rule on the text of lines, its actions a piece of rsyslog
 * configuration for the ruleset of the findings. swatch's first pattern takes a line
 * away from those below, unless it says continue: rules take nothing away, so
 * each leaves out what stands above it. What cannot be said is named on stderr.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "sigma.h"

#define PATTERNS_MAX 500
#define LINE_BYTES   4096

struct pattern {
    char *regex;
    bool ignore, goes_on;
    unsigned seconds, count; /* of a threshold; 0: none */
    bool both;
    unsigned key;  /* $1 to $4; 0: the pattern as a whole */
    char *actions; /* rsyslog's */
    size_t actions_len;
};

struct import {
    const struct fw_command *command;
    const char *path;
    unsigned line;
    struct pattern patterns[PATTERNS_MAX];
    size_t count;
    bool lossy;
};

static void unmapped(struct import *import, const char *what) {
    import->lossy = true;
    (void)fprintf(stderr, "%s:%u: %s\n", import->path, import->line, what);
}

/* Between slashes, with an i behind them where case does not matter. */
static void add_pattern(struct import *import, const char *value, bool ignore) {
    const size_t len = strlen(value);
    const char *end = value[0] == '/' ? strrchr(value, '/') : NULL;
    struct pattern *one = &import->patterns[import->count];

    if (import->count == PATTERNS_MAX || !end || end == value || len < 3 ||
        (end[1] != '\0' && strcmp(end + 1, "i") != 0)) {
        unmapped(import, "no pattern between slashes: the whole entry is left out");
        return;
    }
    *one = (struct pattern){.ignore = ignore, .regex = malloc(len + 8)};
    if (!one->regex)
        return;
    (void)sprintf(one->regex, "%s%.*s", end[1] == 'i' ? "(?i)" : "", (int)(end - value - 1), value + 1);
    import->count++;
}

static void add_action(struct pattern *one, const char *before, const char *value, const char *after) {
    char text[2 * LINE_BYTES];
    const int n = snprintf(text, sizeof text, "    action(%s%s%s)\n", before, value, after);
    char *grown = n > 0 && (size_t)n < sizeof text ? realloc(one->actions, one->actions_len + (size_t)n + 1) : NULL;

    if (!grown)
        return;
    memcpy(grown + one->actions_len, text, (size_t)n + 1);
    one->actions = grown;
    one->actions_len += (size_t)n;
}

static void read_threshold(struct import *import, struct pattern *one, const char *value) {
    const char *count = strstr(value, "count="), *seconds = strstr(value, "seconds="), *key = strchr(value, '$');

    if (!count || !seconds || strstr(value, "type=threshold") ||
        (strstr(value, "type=limit") && strtoul(count + 6, NULL, 10) != 1)) {
        unmapped(import, "threshold: only type=limit with count=1 and type=both have a rule");
        return;
    }
    one->count = (unsigned)strtoul(count + 6, NULL, 10);
    one->seconds = (unsigned)strtoul(seconds + 8, NULL, 10);
    one->both = strstr(value, "type=both") != NULL;
    one->key = key && key[1] >= '1' && key[1] <= '4' ? (unsigned)(key[1] - '0') : 0;
}

static void read_throttle(struct import *import, struct pattern *one, const char *value) {
    unsigned seconds = 0;

    for (const char *p = value; isdigit((unsigned char)*p); p += *p == ':') {
        char *end;
        seconds = seconds * 60 + (unsigned)strtoul(p, &end, 10);
        p = end;
        if (*p != ':')
            break;
    }
    one->seconds = seconds;
    one->count = 1;
    if (!strstr(value, "key=regex") && !strstr(value, "use=regex"))
        unmapped(import, "throttle by message: the rule throttles the pattern as a whole");
}

static void read_action(struct import *import, const char *keyword, char *value) {
    struct pattern *one = import->count > 0 ? &import->patterns[import->count - 1] : NULL;
    const char *addresses = strncmp(value, "addresses=", 10) == 0 ? value + 10 : value;

    if (!one)
        return;
    if (strstr(value, "when="))
        unmapped(import, "when=: the action runs at any time");
    if (strcmp(keyword, "continue") == 0)
        one->goes_on = true;
    else if (strcmp(keyword, "throttle") == 0)
        read_throttle(import, one, value);
    else if (strcmp(keyword, "threshold") == 0)
        read_threshold(import, one, value);
    else if (strcmp(keyword, "echo") == 0)
        add_action(one, "type=\"omfile\" file=\"", "/var/log/firewatch-echo.log", "\"");
    else if (strcmp(keyword, "mail") == 0)
        add_action(one, "type=\"ommail\" server=\"localhost\" port=\"25\" mailfrom=\"firewatch\" mailto=\"",
                   addresses[0] ? strtok(value + (addresses - value), ",") : "root", "\"");
    else if (strcmp(keyword, "exec") == 0 || strcmp(keyword, "pipe") == 0)
        add_action(one, "type=\"omprog\" binary=\"", value, "\"");
    else if (strcmp(keyword, "write") == 0)
        add_action(one, "type=\"omusrmsg\" users=\"", value[0] ? value : "root", "\"");
    else
        unmapped(import, strcmp(keyword, "bell") == 0   ? "bell: rsyslog rings none"
                         : strcmp(keyword, "quit") == 0 ? "quit: rsyslogd goes on"
                                                        : "this is not known, and left out");
    if (strchr(value, '$') && (strcmp(keyword, "exec") == 0 || strcmp(keyword, "pipe") == 0))
        unmapped(import, "$N in a command: omprog gives the finding on standard input");
}

static void read_line(struct import *import, char *line) {
    char *keyword = line + strspn(line, " \t"), *value;

    line[strcspn(line, "\r\n")] = '\0';
    if (*keyword == '#' || *keyword == '\0')
        return;
    value = keyword + strcspn(keyword, " \t=");
    if (*value != '\0')
        *value++ = '\0';
    value += strspn(value, " \t=");
    for (size_t len = strlen(value); len > 0 && isspace((unsigned char)value[len - 1]); len--)
        value[len - 1] = '\0';
    if (strcmp(keyword, "watchfor") == 0 || strcmp(keyword, "ignore") == 0)
        add_pattern(import, value, keyword[0] == 'i');
    else
        read_action(import, keyword, value);
}

/* ---- what comes of it ---- */

static void put_quoted(const char *text) {
    (void)putchar('\'');
    for (; *text != '\0'; text++) {
        (void)putchar(*text);
        if (*text == '\'')
            (void)putchar('\'');
    }
    (void)putchar('\'');
}

static void print_rule(const struct import *import, size_t n) {
    const struct pattern *one = &import->patterns[n];
    const char *begun = "";

    (void)printf("  - id: swatch_%zu\n    match:\n      message|re: ", n + 1);
    put_quoted(one->regex);
    for (size_t i = 0; i < n; i++) {
        if (import->patterns[i].goes_on)
            continue;
        (void)printf("%s        - ", begun[0] ? "" : "\n      not:\n        message|re:\n");
        begun = "x";
        put_quoted(import->patterns[i].regex);
        (void)putchar('\n');
    }
    (void)printf("%s", begun[0] ? "" : "\n");
    if (one->count == 0)
        (void)printf("    by: [message] # each line is told\n    count: 1\n    throttle: 1s\n");
    else if (one->key > 0)
        (void)printf("    by: [match%u]\n", one->key);
    if (one->count > 0)
        (void)printf("    count: %u\n    window: %us\n    throttle: %us\n", one->count, one->seconds, one->seconds);
    (void)printf("    say: \"{message}\"\n");
}

static void print_all(const struct import *import) {
    (void)printf("# from %s: firewatch import swatch\nrules:\n", import->path);
    for (size_t i = 0; i < import->count; i++)
        if (!import->patterns[i].ignore)
            print_rule(import, i);
    (void)printf("# for the ruleset of the findings in rsyslog.conf:\n");
    for (size_t i = 0; i < import->count; i++) {
        if (!import->patterns[i].actions)
            continue;
        (void)printf("# if $!rule!id == \"swatch_%zu\" and $!event!action == \"finding-open\" then {\n", i + 1);
        for (char *p = strtok(import->patterns[i].actions, "\n"); p; p = strtok(NULL, "\n"))
            (void)printf("# %s\n", p);
        (void)printf("# }\n");
    }
}

static int run(const struct fw_command *command, int argc, char **argv) {
    static struct import import;
    char line[LINE_BYTES];

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fw_cli_help(command, stdout);
        return fw_cli_finish(command, FW_EXIT_FINE);
    }
    if (argc >= 3 && strcmp(argv[1], "sigma") == 0)
        return fw_cli_finish(command, fw_sigma_import(argv + 2, (size_t)argc - 2));
    if (argc != 3 || strcmp(argv[1], "swatch") != 0)
        return fw_cli_misuse(command, "wants swatch and a FILE, or sigma and FILEs");
    FILE *in = fopen(argv[2], "r");
    if (!in)
        return fw_cli_error(command, "%s: %s", argv[2], strerror(errno));
    import = (struct import){.command = command, .path = argv[2]};
    while (fgets(line, sizeof line, in)) {
        import.line++;
        read_line(&import, line);
    }
    (void)fclose(in);
    print_all(&import);
    for (size_t i = 0; i < import.count; i++) {
        free(import.patterns[i].regex);
        free(import.patterns[i].actions);
    }
    return fw_cli_finish(command, import.lossy ? FW_EXIT_FOUND : FW_EXIT_FINE);
}

const struct fw_command fw_cmd_import = {
    .name = "import",
    .about = "turns rules of swatch or Sigma into rules of the policy",
    .usage = "import swatch|sigma FILE...",
    .help = "  firewatch import swatch .swatchdogrc >rules.yaml\n"
            "  firewatch import sigma proxy.yml dns.yml >rules.yaml\n"
            "\n"
            "Actions of swatch come as comments, to be put into rsyslog.conf. Sigma:\n"
            "correlations, and rules of firewall, proxy, dns, webserver. What cannot be said\n"
            "is named on stderr; exit status 1 then.\n",
    .run = run,
};
