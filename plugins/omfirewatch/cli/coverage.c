/* coverage.c: see coverage.h. */
#include "coverage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../core/json.h"
#include "../parse/header.h"

#define COUNT  "%12" PRIu64 "  "
#define INDENT "              "

struct group {
    char *name;
    char *example; /* of what is not right with it: an unparsed line, a refused one; or NULL */
    uint64_t lines;
    uint64_t refused;
};

/* Sorted by name until they are printed. */
struct groups {
    struct group *group;
    size_t count, most;
    uint64_t beyond; /* lines that found no place */
};

struct fw_coverage {
    struct groups rules;
    struct groups beginnings;
};

/* --- groups -------------------------------------------------------------- */

static struct group *insert(struct groups *groups, size_t at, const char *name) {
    char *copy = groups->count < groups->most ? strdup(name) : NULL;

    if (!copy)
        return NULL;
    memmove(groups->group + at + 1, groups->group + at, (groups->count - at) * sizeof *groups->group);
    groups->group[at] = (struct group){.name = copy};
    groups->count++;
    return &groups->group[at];
}

/* The group of this name, made where there is none. NULL: there is no place for one, and that is counted. */
static struct group *find(struct groups *groups, const char *name) {
    size_t low = 0, high = groups->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(groups->group[middle].name, name);

        if (order == 0)
            return &groups->group[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct group *made = insert(groups, low, name);

    if (!made)
        groups->beyond++;
    return made;
}

static void keep_example(struct group *group, const struct fw_line *line) {
    char text[FW_EXAMPLE_MAX + 1];

    if (group->example)
        return;
    const size_t len = fw_text_append(text, sizeof text - 3, 0, line->text, line->len);

    if (line->len >= sizeof text - 3) /* what is kept is never longer than the line: only then it may be cut */
        memcpy(text + len, "...", sizeof "...");
    group->example = strdup(text);
}

static int more_lines(const void *a, const void *b) {
    const struct group *x = a, *y = b;

    if (x->lines != y->lines)
        return x->lines < y->lines ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void sort(struct groups *groups) {
    if (groups->count > 0)
        qsort(groups->group, groups->count, sizeof *groups->group, more_lines);
}

static int open_groups(struct groups *groups, size_t most) {
    groups->most = most;
    groups->group = calloc(most + 1, sizeof *groups->group);
    return groups->group ? 0 : -1;
}

static void close_groups(struct groups *groups) {
    for (size_t i = 0; groups->group && i < groups->count; i++) {
        free(groups->group[i].name);
        free(groups->group[i].example);
    }
    free(groups->group);
}

/* --- how a line begins --------------------------------------------------- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Bytes above 127 belong to letters of other languages. */
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* What holds a word together: the rest of punctuation parts. */
static bool is_inside(char c) {
    return is_digit(c) || is_letter(c) || c == '_' || c == '-' || c == '%';
}

struct piece {
    size_t len;
    bool digit, letter;
};

/* From `text` to the end of the word, or one character that is in none. */
static struct piece next_piece(const char *text, size_t len) {
    struct piece piece = {0};

    while (piece.len < len && is_inside(text[piece.len])) {
        piece.digit |= is_digit(text[piece.len]);
        piece.letter |= is_letter(text[piece.len]);
        piece.len++;
    }
    if (text[0] == '%')
        piece.digit = false;
    piece.len += piece.len == 0;
    return piece;
}

/* Steps 2 and 3. */
static size_t append_text(char *buf, size_t size, size_t len, const char *text, size_t text_len) {
    bool lettered = false, masked = false;
    unsigned words = 0;

    for (size_t i = 0; i < text_len;) {
        const struct piece piece = next_piece(text + i, text_len - i);

        if (piece.digit && lettered)
            break;
        if (piece.digit && !masked)
            len = fw_text_append(buf, size, len, "#", 1);
        masked |= piece.digit;
        if (piece.letter && !piece.digit) {
            lettered = true;
        } else if (lettered && text[i] == ' ' && ++words == FW_BEGINNING_WORDS) {
            break;
        }
        if (!piece.digit && (lettered || !masked))
            len = fw_text_append(buf, size, len, text + i, piece.len);
        i += piece.len;
    }
    return len;
}

size_t fw_coverage_beginning(const struct fw_line *line, char buf[FW_BEGINNING_MAX + 1]) {
    struct fw_header_reader reader = {.reference = line->arrival};
    struct fw_header header;
    size_t len = 0;

    buf[0] = '\0';
    fw_header_read(&reader, line->text, line->len, &header); /* 1 */
    if (header.tag.len > 0) {
        len = fw_text_append(buf, FW_BEGINNING_MAX / 2, len, header.tag.p, header.tag.len);
        len = fw_text_append(buf, FW_BEGINNING_MAX + 1, len, ": ", 2);
    }
    len = append_text(buf, FW_BEGINNING_MAX + 1, len, header.content, header.content_len);
    while (len > 0 && buf[len - 1] == ' ')
        len--;
    buf[len] = '\0';
    return len;
}

/* --- adding -------------------------------------------------------------- */

struct fw_coverage *fw_coverage_open(size_t rules) {
    struct fw_coverage *coverage = calloc(1, sizeof *coverage);

    if (!coverage)
        return NULL;
    if (open_groups(&coverage->rules, rules) != 0 || open_groups(&coverage->beginnings, FW_BEGINNINGS_MAX) != 0)
        fw_coverage_close(&coverage);
    return coverage;
}

void fw_coverage_close(struct fw_coverage **coverage) {
    if (!*coverage)
        return;
    close_groups(&(*coverage)->rules);
    close_groups(&(*coverage)->beginnings);
    free(*coverage);
    *coverage = NULL;
}

void fw_coverage_add(struct fw_coverage *coverage, const struct fw_line *line, enum fw_parse_result result,
                     const char *rule) {
    char beginning[FW_BEGINNING_MAX + 1];
    struct group *group;

    if (result == FW_PARSE_UNPARSED) {
        (void)fw_coverage_beginning(line, beginning);
        group = find(&coverage->beginnings, beginning);
    } else {
        group = find(&coverage->rules, rule);
    }
    if (!group)
        return;
    group->lines++;
    group->refused += result == FW_PARSE_REFUSED;
    if (result == FW_PARSE_UNPARSED || result == FW_PARSE_REFUSED)
        keep_example(group, line);
}

/* --- the report ---------------------------------------------------------- */

static void print_count(const char *name, uint64_t count, FILE *out) {
    (void)fprintf(out, COUNT "%s\n", count, name);
}

void fw_tally_print(const struct fw_tally *tally, FILE *out) {
    print_count(tally->lines == 1 ? "line" : "lines", tally->lines, out);
    for (int kind = FW_KIND_NONE + 1; kind < FW_KINDS; kind++)
        if (tally->kinds[kind] > 0)
            print_count(fw_kind_name((enum fw_kind)kind), tally->kinds[kind], out);
    for (int result = FW_PARSE_EVENT + 1; result < FW_PARSE_RESULTS; result++)
        print_count(fw_parse_result_name((enum fw_parse_result)result), tally->results[result], out);
    if (tally->truncated > 0)
        print_count("truncated", tally->truncated, out);
    if (tally->unprinted > 0)
        print_count("too large to be printed", tally->unprinted, out);
}

static void print_rules(struct groups *rules, FILE *out) {
    sort(rules);
    (void)fputs("\nBy rule\n", out);
    for (size_t i = 0; i < rules->count; i++) {
        const struct group *rule = &rules->group[i];

        (void)fprintf(out, COUNT "%s", rule->lines, rule->name);
        if (rule->refused > 0)
            (void)fprintf(out, ", %" PRIu64 " refused, such as\n" INDENT "%s", rule->refused,
                          rule->example ? rule->example : "");
        (void)fputc('\n', out);
    }
}

static void print_beginnings(struct groups *beginnings, FILE *out) {
    uint64_t rest = 0;

    sort(beginnings);
    (void)fputs("\nUnparsed, by how they begin\n", out);
    for (size_t i = 0; i < beginnings->count; i++) {
        const struct group *beginning = &beginnings->group[i];

        if (i >= FW_BEGINNINGS_SHOWN) {
            rest += beginning->lines;
            continue;
        }
        (void)fprintf(out, COUNT "%s\n" INDENT "%s\n", beginning->lines,
                      beginning->name[0] ? beginning->name : "(nothing)", beginning->example ? beginning->example : "");
    }
    if (rest > 0)
        (void)fprintf(out, COUNT "in %zu rarer ones\n", rest, beginnings->count - FW_BEGINNINGS_SHOWN);
    if (beginnings->beyond > 0)
        (void)fprintf(out, COUNT "in others, not told apart: %d were kept\n", beginnings->beyond, FW_BEGINNINGS_MAX);
}

static void print_next(const struct fw_tally *tally, FILE *out) {
    const uint64_t known = tally->results[FW_PARSE_EVENT] + tally->results[FW_PARSE_IGNORED];

    (void)fprintf(out, "\nNext\n  Understood: %.1f %% of the lines.\n",
                  tally->lines > 0 ? 100.0 * (double)known / (double)tally->lines : 100.0);
    if (tally->results[FW_PARSE_UNPARSED] > 0)
        (void)fputs("  Unparsed: look the device up in doc/devices.md. If it is there, its log has another format:\n"
                    "  set it as the last column says. If it is not, and its lines tell of connections, requests,\n"
                    "  log-ins or threats, write a rule: doc/new-device.md shows how, step by step. A rule with the\n"
                    "  tag \"ignore\" is for lines that tell nothing.\n",
                    out);
    if (tally->results[FW_PARSE_REFUSED] > 0)
        (void)fputs("  Refused: the rule knows the line, but a value in it is impossible, or what the event needs is\n"
                    "  missing. Compare the example with what the rule expects.\n",
                    out);
    if (tally->truncated > 0)
        (void)fputs("  Truncated: the line was longer than is read of one.\n", out);
    if (known == tally->lines)
        (void)fputs("  Nothing is to be done.\n", out);
}

void fw_coverage_print(struct fw_coverage *coverage, const struct fw_tally *tally, FILE *out) {
    fw_tally_print(tally, out);
    if (coverage->rules.count > 0)
        print_rules(&coverage->rules, out);
    if (coverage->beginnings.count > 0)
        print_beginnings(&coverage->beginnings, out);
    print_next(tally, out);
}
