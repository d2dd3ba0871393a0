/* rulebase.h: a rulebase in memory, as its reader and the parser share it.
 *
 * rulebase.c reads files and lines, rule.c one rule, annotate.c what annotate=
 * says about tags; rule_check.c judges the whole, parser.c prints the rules anew
 * for liblognorm. Everything here is written once, by fw_rulebase_open(), and
 * constant afterwards.
 */
#ifndef FW_RULEBASE_H
#define FW_RULEBASE_H

#include "layout.h"
#include "parser.h"
#include "scan.h"

#define FW_RULES_MAX       16384                  /* rules of all files; ours have some hundreds */
#define FW_RULE_TEXT_MAX   16384                  /* bytes of one rule; liblognorm's buffer is four times that */
#define FW_RULE_LINE_MAX   (2 * FW_RULE_TEXT_MAX) /* bytes of one as liblognorm gets it, escaped */
#define FW_RULE_TAGS_MAX   8
#define FW_RULE_PIECES_MAX 256 /* literals and fields of one rule */
#define FW_RULE_NAMES_MAX  8   /* programs of one rule */

enum { FW_PIECE_LITERAL = -2, FW_PIECE_SKIP = -1 }; /* else a field */

struct fw_rule_piece {
    int field;
    const char *text; /* a literal as written; of a field what follows its name: "char-to:/" */
};

enum fw_rule_says { FW_RULE_KIND, FW_RULE_FLOW, FW_RULE_IGNORE };

struct fw_rule {
    const char *file;
    unsigned line;
    const char *where; /* "file:line" */
    size_t pieces;
    const struct fw_rule_piece *piece;
    size_t tags;
    const char *tag[FW_RULE_TAGS_MAX];
    uint64_t names; /* bits of the fields it names */

    enum fw_rule_says says;
    enum fw_kind kind;                      /* of FW_RULE_KIND */
    struct fw_event constants;              /* the fields annotations give; vendor, product, proto ... */
    size_t programs;                        /* 0: any */
    const char *program[FW_RULE_NAMES_MAX]; /* "" is a line without a tag */
    fw_scan_fn scan;
    const struct fw_layout *layout;
    bool orient;
};

struct fw_annotation {
    const char *file;
    unsigned line;
    const char *tag, *name, *value;
    bool used;
};

struct fw_rulebase {
    size_t rules, rules_room;
    struct fw_rule *rule;
    size_t annotations, annotations_room;
    struct fw_annotation *annotation;
    struct fw_rulebase_text *texts; /* every string above */
    size_t files;
};

/* A copy of the string that lives as long as the rulebase. NULL: no memory. */
const char *fw_rulebase_keep(struct fw_rulebase *rulebase, const void *p, size_t len);

/* What a reader of one line needs to complain. */
struct fw_rule_source {
    struct fw_problems *problems;
    const char *file;
    unsigned line;
};

/* rule.c: text is "tags:pattern" (what follows "rule="); the pattern has its prefix= already. `shift` is what to add to
 * an offset in the text for a column of the line. Returns 0, or -1 with problems reported. */
int fw_rule_read(struct fw_rulebase *rulebase, struct fw_rule *rule, const char *text, size_t len, unsigned shift,
                 const struct fw_rule_source *source);
/* The rule as liblognorm gets it, without "rule=" and tags; fields outside `keep` become "-". Returns the length, or 0
 * when it does not fit. */
size_t fw_rule_print(const struct fw_rule *rule, uint64_t keep, char *buf, size_t size);
/* The fields without which an event cannot be judged, whoever needs them. They are kept in every rule alike: a field
 * kept in one rule and skipped in another would part the two in liblognorm's tree, and an earlier, more general rule
 * would take the lines of the later one. */
#define FW_RULE_KEEP                                                                                                   \
    (FW_BIT(src) | FW_BIT(dst) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(action) | FW_BIT(duration) |   \
     FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes))

/* annotate.c: text is what follows "annotate=". */
int fw_annotate_read(struct fw_rulebase *rulebase, const char *text, size_t len, const struct fw_rule_source *source);
/* After the last file: gives every rule what its tags' annotations say. Returns the number of problems reported. */
unsigned fw_annotate_apply(struct fw_rulebase *rulebase, struct fw_problems *problems);

/* rule_check.c: every rule through liblognorm, no two alike, flows with two ends. Returns the number of problems. */
unsigned fw_rule_check(struct fw_rulebase *rulebase, struct fw_problems *problems);
/* Opens a liblognorm context that holds `text` (rules, one a line). NULL with liblognorm's first complaint in err. */
struct ln_ctx_s *fw_rulebase_context(const char *text, char *err, size_t errlen);

#endif
