/* parser.h: from a line to an event, by liblognorm and the rulebases.
 *
 * A rulebase (text, read and checked once) is shared; a parser (a liblognorm
 * context of its own) belongs to one thread. The room knows no state and no
 * other line.
 *
 * Rules are liblognorm v2. The first tag of a rule names the kind of event
 * (flow_start, flow_end, flow_deny, http, dns, mail, auth, threat, device), or
 * is "flow": then the fields decide (action deny: flow_deny; a duration or byte
 * counts: flow_end; else flow_start). A rule tagged "ignore" recognises lines
 * that are no event. Field names are those of fields.def; "-" skips.
 * annotate=TAG:+name="value" says more of every rule with that tag:
 *   a field's name: its value where the line does not give one (vendor="Cisco",
 *     proto="tcp", action="deny"); costs nothing in liblognorm
 *   program="kernel ulogd -": only lines of these programs are believed ("-": a
 *     line without a tag), so that text an attacker gets another program to log
 *     cannot pose as a firewall's line
 *   scan="netfilter": the content is read by the scanner of that name (scan.h)
 *   layout="words src - user ...": the content has these columns or names (layout.h)
 *   orient="ports": the line does not tell who opened; the ports do (convert.h)
 *
 * Kept from liblognorm, because 2.0.6 fails on them: user-defined types (leak),
 * the field type string (crash), lists of fields and repeat.
 */
#ifndef FW_PARSER_H
#define FW_PARSER_H

#include "../core/event.h"
#include "../core/hash.h"
#include "../core/problem.h"

struct fw_rulebase;
struct fw_parser;

/* Reads the file with its includes (relative to the including file, then to its directory's parent) and checks
 * every rule: tags, field names, types liblognorm knows, annotations. A prefix= ends with its file. Problems carry file
 * and line. Returns 0, or -1 when there was any problem (nothing is returned then). */
int fw_rulebase_open(struct fw_rulebase **rulebase, const char *path, struct fw_problems *problems);
void fw_rulebase_close(struct fw_rulebase **rulebase);
size_t fw_rulebase_rules(const struct fw_rulebase *rulebase);

struct fw_parser_options {
    uint64_t needs;      /* presence bits that somebody uses; a field nobody needs is skipped ("-"), which is what costs
                             nothing in liblognorm. ~0: all */
    struct fw_seed seed; /* of fw_event.identity, see fw_engine_line_seed() */
    bool text;   /* rules of one's own look at the text: fw_event.message and program are filled in, and what is no
                            event gets them too, its time and its sensor, with FW_KIND_NONE */
    bool locate; /* fw_parser_rule() tells which rule matched; slower, for tests and reports */
};

/* The rulebase must outlive the parser. Returns 0, or -1 with text in err. */
int fw_parser_open(struct fw_parser **parser, const struct fw_rulebase *rulebase,
                   const struct fw_parser_options *options, char *err, size_t errlen);
void fw_parser_close(struct fw_parser **parser);

enum fw_parse_result {
    FW_PARSE_EVENT,    /* *event is filled */
    FW_PARSE_IGNORED,  /* a rule knows this line as no event */
    FW_PARSE_UNPARSED, /* no rule took it */
    FW_PARSE_REFUSED, /* a rule took it, but a value is impossible (999.1.1.1, port 70000) or a mandatory one is missing */
    FW_PARSE_RESULTS
};
const char *fw_parse_result_name(enum fw_parse_result result);

#define FW_LINE_MAX 65536 /* bytes of a line that are looked at; the rest is cut (counted by the caller) */

/* The lines of one file run on, so a stamp without a year is of the year that puts it nearest to the lines before it.
 * What is far from them counts as a mistake until FW_RUN_AGREE lines in a row say the same. */
#define FW_RUN_NEAR  (7 * 24 * FW_HOUR)
#define FW_RUN_AGREE 16
struct fw_years {
    fw_time time; /* of the lines so far; FW_TIME_NONE: there was none */
    fw_time far;  /* what was far from that */
    unsigned agree;
};

struct fw_line {
    const char *text; /* text[len] is NUL, and nothing before it needs to be one */
    size_t len;
    fw_time arrival;        /* when it came; used for the missing year, and as time of a line that has none */
    struct fw_years *years; /* of the file, or NULL: the arrival tells the year of every line */
    const char *sensor;     /* NUL-terminated fallback for a line without a host name, or NULL */
};

/* Strings of the event are borrowed from the line and the parser until the next call or close. */
enum fw_parse_result fw_parser_line(struct fw_parser *parser, const struct fw_line *line, struct fw_event *event);
/* "file:line" of the rule that took the last line, or "". */
const char *fw_parser_rule(const struct fw_parser *parser);

#endif
