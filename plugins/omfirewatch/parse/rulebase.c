/* rulebase.c: from files to rules.
 *
 * Files are read here and not by liblognorm, which reports success for broken
 * rules, keeps a prefix= beyond the file that set it, and crashes on a text
 * whose percent signs do not pair. Every problem names file and line.
 * Memory: taken in open; the texts in a list of blocks.
 * What an attacker controls: nothing; rulebases belong to the administrator.
 */
#include "rulebase.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "motif.h"

#define INCLUDE_DEPTH_MAX 8
#define FILES_MAX         256
#define FILE_BYTES_MAX    (4u << 20)
#define FILE_BYTES_FIRST  (1u << 16) /* what is taken for a file at first */
#define VERSION_LINE      "version=2\n"

struct fw_rulebase_text {
    struct fw_rulebase_text *next;
    _Alignas(16) char bytes[];
};

struct file {
    struct fw_rulebase *rulebase;
    struct fw_problems *problems;
    const char *path;
    unsigned depth;
    char prefix[FW_RULE_TEXT_MAX];
    size_t prefix_len;
};

const char *fw_rulebase_keep(struct fw_rulebase *rulebase, const void *p, size_t len) {
    struct fw_rulebase_text *text = malloc(sizeof *text + len + 1);

    if (text == NULL)
        return NULL;
    memcpy(text->bytes, p, len);
    text->bytes[len] = '\0';
    text->next = rulebase->texts;
    rulebase->texts = text;
    return text->bytes;
}

/* ---- lines ---- */

static int read_file(struct fw_rulebase *rulebase, const char *path, unsigned depth, const struct fw_rule_source *from);

/* include=: relative to this file, then to its directory's parent */
static int read_include(struct file *file, const char *name, size_t len, const struct fw_rule_source *source) {
    const char *slash = strrchr(file->path, '/');
    const int dir = slash != NULL ? (int)(slash - file->path) + 1 : 0;
    char path[PATH_MAX];
    FILE *there;

    while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t' || name[len - 1] == '\r'))
        len--;
    if (file->depth + 1 > INCLUDE_DEPTH_MAX) {
        fw_problem(source->problems, source->file, source->line, 0,
                   "includes nest deeper than %d; does a file include itself?", INCLUDE_DEPTH_MAX);
        return -1;
    }
    if (len == 0 || len > 1024 || dir > 2048) {
        fw_problem(source->problems, source->file, source->line, 0, "include needs the name of a file");
        return -1;
    }
    if (name[0] == '/') {
        snprintf(path, sizeof path, "%.*s", (int)len, name);
    } else {
        snprintf(path, sizeof path, "%.*s%.*s", dir, file->path, (int)len, name);
        if ((there = fopen(path, "re")) != NULL)
            fclose(there);
        else
            snprintf(path, sizeof path, "%.*s../%.*s", dir, file->path, (int)len, name);
    }
    return read_file(file->rulebase, path, file->depth + 1, source);
}

static int read_rule(struct file *file, const char *text, size_t len, const struct fw_rule_source *source) {
    struct fw_rulebase *rulebase = file->rulebase;
    char whole[FW_RULE_TEXT_MAX];
    const char *colon = memchr(text, ':', len);

    if (rulebase->rules == rulebase->rules_room) {
        const size_t room = rulebase->rules_room == 0 ? 128 : 2 * rulebase->rules_room;
        struct fw_rule *more = room > FW_RULES_MAX ? NULL : realloc(rulebase->rule, room * sizeof *more);

        if (more == NULL) {
            fw_problem(source->problems, source->file, source->line, 0, "no room for more than %zu rules",
                       rulebase->rules);
            return -1;
        }
        rulebase->rule = more;
        rulebase->rules_room = room;
    }
    if (colon != NULL && file->prefix_len != 0) {
        const size_t tags = (size_t)(colon - text) + 1;

        if (len + file->prefix_len > sizeof whole) {
            fw_problem(source->problems, source->file, source->line, 0, "the rule is longer than %zu bytes",
                       sizeof whole);
            return -1;
        }
        memcpy(whole, text, tags);
        memcpy(whole + tags, file->prefix, file->prefix_len);
        memcpy(whole + tags + file->prefix_len, text + tags, len - tags);
        text = whole;
        len += file->prefix_len;
    }
    if (fw_rule_read(rulebase, &rulebase->rule[rulebase->rules], text, len, sizeof "rule=" - 1, source) != 0)
        return -1;
    rulebase->rules++;
    return 0;
}

static bool begins(const char *text, size_t len, const char *word) {
    return len >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static int read_line(struct file *file, const char *text, size_t len, unsigned line) {
    const struct fw_rule_source source = {file->problems, file->path, line};
    static const char *const words[] = {"annotate", "extendprefix", "include", "prefix", "rule"};

    if (begins(text, len, "rule="))
        return read_rule(file, text + 5, len - 5, &source);
    if (begins(text, len, "annotate="))
        return fw_annotate_read(file->rulebase, text + 9, len - 9, &source);
    if (begins(text, len, "include="))
        return read_include(file, text + 8, len - 8, &source);
    if (begins(text, len, "prefix=") || begins(text, len, "extendprefix=")) {
        const size_t word = (size_t)((const char *)memchr(text, '=', len) - text) + 1;
        const size_t kept = text[0] == 'e' ? file->prefix_len : 0;

        if (kept + len - word > sizeof file->prefix / 2) {
            fw_problem(file->problems, file->path, line, 0, "the prefix is longer than %zu bytes",
                       sizeof file->prefix / 2);
            return -1;
        }
        memcpy(file->prefix + kept, text + word, len - word);
        file->prefix_len = kept + len - word;
        return 0;
    }
    if (begins(text, len, "type=")) {
        char why[FW_PROBLEM_TEXT];

        fw_motif_check("@", true, 0, why, sizeof why);
        fw_problem(file->problems, file->path, line, 1, "%s", why);
        return -1;
    }
    char word[32] = "";
    const char *equals = memchr(text, '=', len);

    if (equals != NULL && equals - text < (int)sizeof word)
        memcpy(word, text, (size_t)(equals - text));
    const char *nearest = fw_problem_nearest(word, words, sizeof words / sizeof *words);

    if (nearest != NULL)
        fw_problem(file->problems, file->path, line, 1, "unknown kind of line \"%s\"; did you mean \"%s\"?", word,
                   nearest);
    else
        fw_problem(file->problems, file->path, line, 1,
                   "a line is rule=, prefix=, extendprefix=, annotate=, include=, a comment (#) or empty");
    return -1;
}

/* Cuts a file into lines. A line goes on while a percent sign is open, as with liblognorm. */
static int read_lines(struct file *file, const char *p, const char *end) {
    char text[FW_RULE_TEXT_MAX];
    unsigned line = 1; /* of p; the version line is behind us */
    int rc = 0;

    for (line++; p < end; line++) {
        const unsigned first = line;
        size_t len = 0;
        bool open = false;

        if (*p == '#' || *p == '\n') {
            const char *eol = memchr(p, '\n', (size_t)(end - p));

            p = eol != NULL ? eol + 1 : end;
            continue;
        }
        for (; p < end && (open || *p != '\n'); p++) {
            if (*p == '\n') {
                line++;
                if (begins(p + 1, (size_t)(end - p - 1), "rule="))
                    break;
                continue;
            }
            open ^= *p == '%';
            if (len < sizeof text)
                text[len] = *p;
            len++;
        }
        p += p < end;
        if (open) {
            fw_problem(file->problems, file->path, first, 0,
                       "a percent sign is not closed (in text write %%%%, in JSON \\u0025)");
            rc = -1;
            line -= line > first;
            continue;
        }
        if (len > sizeof text) {
            fw_problem(file->problems, file->path, first, 0, "the line is longer than %zu bytes", sizeof text);
            rc = -1;
            continue;
        }
        if (len > 0 && text[len - 1] == '\r') {
            fw_problem(file->problems, file->path, first, (unsigned)len, "the line ends in a carriage return");
            rc = -1;
            continue;
        }
        rc |= read_line(file, text, len, first);
    }
    return rc;
}

/* ---- files ---- */

/* Reads to the end or to one byte more than is allowed. NULL with errno. */
static char *read_all(FILE *in, size_t *len) {
    char *text = NULL;

    *len = 0;
    for (size_t room = FILE_BYTES_FIRST; *len <= FILE_BYTES_MAX; room *= 4) {
        char *more = realloc(text, room + 1);

        if (more == NULL)
            break;
        text = more;
        *len += fread(text + *len, 1, room - *len, in);
        if (*len < room && ferror(in) == 0)
            return text;
        if (ferror(in) != 0)
            break;
    }
    if (*len > FILE_BYTES_MAX)
        return text;
    free(text);
    return NULL;
}

/* The whole file, or NULL with a problem reported. */
static char *slurp(const char *path, size_t *len, const struct fw_rule_source *from) {
    const struct fw_rule_source *at = from->file != NULL ? from : &(struct fw_rule_source){from->problems, path, 0};
    FILE *in = fopen(path, "re");
    char *text = in != NULL ? read_all(in, len) : NULL;

    if (text == NULL)
        fw_problem(at->problems, at->file, at->line, 0, "cannot read %s: %s", path, strerror(errno));
    if (in != NULL)
        fclose(in);
    if (text != NULL && *len > FILE_BYTES_MAX) {
        fw_problem(at->problems, at->file, at->line, 0, "%s is larger than %u bytes", path, FILE_BYTES_MAX);
        free(text);
        return NULL;
    }
    return text;
}

static int read_file(struct fw_rulebase *rulebase, const char *path, unsigned depth,
                     const struct fw_rule_source *from) {
    const char *kept = fw_rulebase_keep(rulebase, path, strlen(path));
    struct file *file = calloc(1, sizeof *file);
    size_t len;
    char *text = slurp(path, &len, from);
    int rc = -1;

    if (text == NULL)
        goto done;
    if (file == NULL || kept == NULL || ++rulebase->files > FILES_MAX) {
        fw_problem(from->problems, path, 0, 0, "out of memory, or more than %d files", FILES_MAX);
        goto done;
    }
    if (len < sizeof VERSION_LINE - 1 || memcmp(text, VERSION_LINE, sizeof VERSION_LINE - 1) != 0) {
        fw_problem(from->problems, kept, 1, 1,
                   "the first line must be exactly \"version=2\", or liblognorm takes the file for its old format");
        goto done;
    }
    const char *nul = memchr(text, '\0', len);

    if (nul != NULL) {
        fw_problem(from->problems, kept, 0, 0, "the file holds a NUL byte at offset %zu", (size_t)(nul - text));
        goto done;
    }
    *file = (struct file){.rulebase = rulebase, .problems = from->problems, .path = kept, .depth = depth};
    rc = read_lines(file, text + sizeof VERSION_LINE - 1, text + len);
done:
    free(text);
    free(file);
    return rc;
}

/* ---- the whole ---- */

int fw_rulebase_open(struct fw_rulebase **out, const char *path, struct fw_problems *problems) {
    struct fw_rulebase *rulebase = calloc(1, sizeof *rulebase);
    const struct fw_rule_source nobody = {.problems = problems};
    const unsigned before = problems->count;

    *out = NULL;
    if (rulebase == NULL) {
        fw_problem(problems, path, 0, 0, "out of memory");
        return -1;
    }
    if (read_file(rulebase, path, 0, &nobody) == 0 && problems->count == before) {
        fw_annotate_apply(rulebase, problems);
        fw_rule_check(rulebase, problems);
        if (rulebase->rules == 0)
            fw_problem(problems, path, 0, 0, "there is no rule in the file");
    }
    if (problems->count != before) {
        fw_rulebase_close(&rulebase);
        return -1;
    }
    *out = rulebase;
    return 0;
}

void fw_rulebase_close(struct fw_rulebase **rulebase) {
    if (*rulebase == NULL)
        return;
    while ((*rulebase)->texts != NULL) {
        struct fw_rulebase_text *next = (*rulebase)->texts->next;

        free((*rulebase)->texts);
        (*rulebase)->texts = next;
    }
    free((*rulebase)->rule);
    free((*rulebase)->annotation);
    free(*rulebase);
    *rulebase = NULL;
}

size_t fw_rulebase_rules(const struct fw_rulebase *rulebase) {
    return rulebase->rules;
}
