/* swatch_print.c: what comes of a configuration of swatch; see swatch.h.
 *
 * swatch's first entry takes a line away from those below, unless it says continue: rules
 * take nothing away, so each leaves out what stands above it.
 * Commands: omprog starts a program once and writes lines to it, and takes what it
 * starts apart at blanks. So xargs stands between: it starts the command for each line. Where a
 * shell is to hand the line to a pipe, tabs take the place of blanks.
 */
#include <stdio.h>
#include <string.h>

#include "swatch.h"

/* swatch_2, and swatch_2b for its second group */
static void put_id(size_t entry, size_t group) {
    (void)printf("swatch_%zu", entry + 1);
    if (group > 0)
        (void)putchar((int)('a' + group));
}

/* ---- rules ---- */

static void put_quoted(const char *text) {
    (void)putchar('\'');
    for (; *text != '\0'; text++) {
        (void)putchar(*text);
        if (*text == '\'')
            (void)putchar('\'');
    }
    (void)putchar('\'');
}

static void put_match(const struct fw_swatch *swatch, size_t n, const char *indent) {
    const char *begun = "";

    (void)printf("%smessage|re: ", indent);
    put_quoted(swatch->entries[n].regex);
    for (size_t i = 0; i < n; i++) {
        if (swatch->entries[i].goes_on)
            continue;
        if (begun[0] == '\0')
            (void)printf("\n%snot:\n%s  message|re:\n", indent, indent);
        (void)printf("%s%s    - ", begun, indent);
        begun = "\n";
        put_quoted(swatch->entries[i].regex);
    }
    (void)putchar('\n');
}

static void put_keys(const struct fw_swatch_threshold *threshold) {
    for (size_t i = 0; i < threshold->keys_count; i++)
        (void)printf("%smatch%u%s", i > 0 ? ", " : "    by: [", threshold->keys[i],
                     i + 1 == threshold->keys_count ? "]\n" : "");
}

static void print_rule(const struct fw_swatch *swatch, size_t n, size_t g) {
    const struct fw_swatch_entry *entry = &swatch->entries[n];
    const struct fw_swatch_group *group = &entry->groups[g];
    const struct fw_swatch_threshold *threshold = group->own ? &group->threshold : &entry->threshold;
    const bool nth = threshold->often == FW_SWATCH_NTH;

    (void)printf("  - id: ");
    put_id(n, g);
    if (nth) {
        (void)printf("\n    sequence:\n      - match:\n");
        put_match(swatch, n, "          ");
        (void)printf("        times: %u\n    window: %us\n    throttle: 1s # each time they are complete\n",
                     threshold->count, threshold->seconds);
    } else {
        (void)printf("\n    match:\n");
        put_match(swatch, n, "      ");
    }
    if (group->when[0])
        (void)printf("    when: %s\n", group->when);
    put_keys(threshold);
    if (threshold->often == FW_SWATCH_ALWAYS)
        (void)printf("    by: [message] # each line is told\n    count: 1\n    throttle: 1s\n");
    else if (!nth)
        (void)printf("    count: %u\n    window: %us\n    throttle: %us\n",
                     threshold->often == FW_SWATCH_FIRST ? 1 : threshold->count, threshold->seconds,
                     threshold->seconds);
    (void)printf("    say: \"{message}\"\n");
}

void fw_swatch_print_rules(const struct fw_swatch *swatch) {
    bool timed = false, acts = false;

    for (size_t i = 0; i < swatch->count; i++)
        for (size_t g = 0; g < swatch->entries[i].groups_count; g++) {
            timed = timed || swatch->entries[i].groups[g].when[0];
            acts = acts || swatch->entries[i].groups[g].actions_count > 0;
        }
    (void)printf("# from %s: firewatch import swatch\n", swatch->path);
    if (timed)
        (void)printf("# Times are told by the zone of the policy, UTC where it says none: zone: Europe/Berlin\n");
    if (acts)
        (void)printf("# What is done then: firewatch import swatch --rsyslog %s\n", swatch->path);
    (void)printf("rules:\n");
    for (size_t i = 0; i < swatch->count; i++)
        for (size_t g = 0; g < swatch->entries[i].groups_count; g++)
            print_rule(swatch, i, g);
}

/* ---- rsyslog ---- */

/* Within a string of a parameter. blank: what stands for one. */
static void put_escaped(const char *text, const char *blank) {
    for (; *text != '\0'; text++)
        if (*text == ' ')
            (void)fputs(blank, stdout);
        else
            (void)printf("%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
}

/* "a:b" as a list. */
static void put_list(const char *text, const char *separator) {
    for (const char *p = text; *p != '\0'; p++)
        if (*p == ':')
            (void)fputs(separator, stdout);
        else
            put_escaped((const char[]){*p, '\0'}, " ");
}

static void put_exec(const char *command) {
    (void)fputs("type=\"omprog\" binary=\"/usr/bin/xargs -d \\\\n -I {} ", stdout);
    for (const char *p = command; *p != '\0'; p++)
        if (*p == '$' && (p[1] == '0' || p[1] == '*')) {
            (void)fputs("{}", stdout);
            p++;
        } else {
            put_escaped((const char[]){*p, '\0'}, " ");
        }
    (void)fputs("\" template=\"swatch_line\"", stdout);
}

static void put_action(const struct fw_swatch_action *action) {
    (void)fputs("            action(", stdout);
    switch (action->act) {
    case FW_SWATCH_ECHO:
        (void)fputs("type=\"omfile\" file=\"/var/log/firewatch-echo.log\" template=\"swatch_line\"", stdout);
        break;
    case FW_SWATCH_MAIL:
        (void)fputs("type=\"ommail\" server=\"localhost\" port=\"25\" mailfrom=\"firewatch\" mailto=[\"", stdout);
        put_list(action->value[0] ? action->value : "root", "\", \"");
        (void)fputs("\"] subject.text=\"", stdout);
        put_escaped(action->subject ? action->subject : "Message from firewatch", " ");
        (void)fputs("\" template=\"swatch_line\"", stdout);
        break;
    case FW_SWATCH_EXEC:
        put_exec(action->value);
        break;
    case FW_SWATCH_PIPE:
        (void)fputs(action->keep_open ? "type=\"omprog\" binary=\""
                                      : "type=\"omprog\" binary=\"/usr/bin/xargs -d \\\\n -n 1 /bin/sh -c "
                                        "printf\\t'%s\\\\n'\\t\\\"$1\\\"|",
                    stdout);
        put_escaped(action->value, action->keep_open ? " " : "\\t");
        (void)printf("%s\" template=\"swatch_line\"", action->keep_open ? "" : " sh");
        break;
    case FW_SWATCH_WRITE:
        (void)fputs("type=\"omusrmsg\" users=\"", stdout);
        put_list(action->value[0] ? action->value : "root", ",");
        (void)fputs("\" template=\"swatch_line\"", stdout);
        break;
    }
    (void)fputs(")\n", stdout);
}

static bool has_act(const struct fw_swatch *swatch, enum fw_swatch_act first, enum fw_swatch_act last) {
    for (size_t i = 0; i < swatch->count; i++)
        for (size_t g = 0; g < swatch->entries[i].groups_count; g++)
            for (size_t a = 0; a < swatch->entries[i].groups[g].actions_count; a++) {
                const enum fw_swatch_act act = swatch->entries[i].groups[g].actions[a].act;
                if (act >= first && act <= last)
                    return true;
            }
    return false;
}

void fw_swatch_print_rsyslog(const struct fw_swatch *swatch) {
    (void)printf("# from %s: firewatch import swatch --rsyslog\n"
                 "# In front of the ruleset of your lines, which has in it, with the rules in the policy:\n"
                 "#     action(type=\"omfirewatch\" ruleset=\"swatch\" policy=\"/etc/firewatch/policy.yaml\")\n",
                 swatch->path);
    if (has_act(swatch, FW_SWATCH_MAIL, FW_SWATCH_MAIL))
        (void)printf("module(load=\"ommail\")\n");
    if (has_act(swatch, FW_SWATCH_EXEC, FW_SWATCH_PIPE))
        (void)printf("module(load=\"omprog\")\n");
    (void)printf(
        "template(name=\"swatch_line\" type=\"string\" string=\"%%$.line%%\\n\")\n"
        "ruleset(name=\"swatch\" queue.type=\"LinkedList\" queue.size=\"10000\" queue.timeoutEnqueue=\"0\") {\n"
        "    if $!rule!ruleset == \"policy\" and $!event!action == \"finding-open\" then {\n"
        "        set $.line = re_extract($!message, \"^[a-z0-9_]+ open: (.*)\", 0, 1, \"\");\n");
    for (size_t i = 0; i < swatch->count; i++)
        for (size_t g = 0; g < swatch->entries[i].groups_count; g++) {
            const struct fw_swatch_group *group = &swatch->entries[i].groups[g];

            if (group->actions_count == 0)
                continue;
            (void)printf("        if $!rule!id == \"");
            put_id(i, g);
            (void)printf("\" then {\n");
            for (size_t a = 0; a < group->actions_count; a++)
                put_action(&group->actions[a]);
            (void)printf("        }\n");
        }
    (void)printf("    }\n}\n");
}
