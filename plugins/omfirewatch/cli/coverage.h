/* coverage.h: what a rulebase made of a log, to read: lines by kind, by rule, and by how those begin that no rule took.
 *
 * The beginning of an unparsed line, steps:
 *  1. The syslog header is read as ever (header.h); the program's name comes first.
 *  2. The text is taken in pieces that end at a blank or a punctuation mark. A piece with a digit in it (number,
 *     address, name of an interface) ends the beginning, as lines differ from there; before the first letter it
 *     becomes "#" and the next piece is looked at. What begins with "%" is a number of Cisco's messages and stays.
 *  3. After FW_BEGINNING_WORDS words or FW_BEGINNING_MAX bytes it ends as well: user names and the like come later.
 *
 * Memory: FW_BEGINNINGS_MAX beginnings with an example each, about 100 KiB, and a pointer and three counts a rule.
 * Whoever can write lines can fill the table with beginnings of his own, nothing else; what finds no place in it is
 * counted. Everything that is kept of a line is without control characters.
 */
#ifndef FW_COVERAGE_H
#define FW_COVERAGE_H

#include <stdio.h>

#include "../parse/parser.h"

#define FW_BEGINNINGS_MAX   256 /* a device not understood has some dozen messages */
#define FW_BEGINNINGS_SHOWN 40  /* most frequent ones; more nobody reads at once */
#define FW_BEGINNING_MAX    56  /* bytes, with the program */
#define FW_BEGINNING_WORDS  3   /* "Failed password for" */
#define FW_EXAMPLE_MAX      320 /* bytes of an example; most lines of firewalls are shorter */

/* Everything that was counted of the lines; of use without a coverage, too. */
struct fw_tally {
    uint64_t lines;
    uint64_t truncated;
    uint64_t unprinted; /* events larger than the buffer */
    uint64_t kinds[FW_KINDS];
    uint64_t results[FW_PARSE_RESULTS];
};
void fw_tally_print(const struct fw_tally *tally, FILE *out);

struct fw_coverage;

/* For so many rules at most. NULL: no memory. */
struct fw_coverage *fw_coverage_open(size_t rules);
void fw_coverage_close(struct fw_coverage **coverage);
/* A line and what became of it; `rule` is what fw_parser_rule() says. */
void fw_coverage_add(struct fw_coverage *coverage, const struct fw_line *line, enum fw_parse_result result,
                     const char *rule);
/* The report. Afterwards nothing is added. */
void fw_coverage_print(struct fw_coverage *coverage, const struct fw_tally *tally, FILE *out);

/* The beginning of a line as above, ended with NUL. Returns its length. */
size_t fw_coverage_beginning(const struct fw_line *line, char buf[FW_BEGINNING_MAX + 1]);

#endif
