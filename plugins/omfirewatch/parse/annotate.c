/* annotate.c: what annotate= lines say about the rules that carry a tag.
 *
 * They are kept here and not given to liblognorm, where each would cost about
 * 1,200 instructions a line. A rule has the annotations of all its tags; two
 * that say different things about one rule are a problem.
 */
#include "rulebase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"

#define ANNOTATIONS_MAX 8192 /* pairs of all files */
#define NAMES_MAX       (FW_FIELDS + 4)

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

static size_t skip_blanks(const char *text, size_t len, size_t at) {
    while (at < len && (text[at] == ' ' || text[at] == '\t'))
        at++;
    return at;
}

static size_t skip_name(const char *text, size_t len, size_t at) {
    while (at < len && is_name_char(text[at]))
        at++;
    return at;
}

static int unknown_name(const struct fw_rule_source *source, unsigned column, const char *name) {
    const char *names[NAMES_MAX];
    size_t n = 0;

    names[n++] = "program";
    names[n++] = "scan";
    names[n++] = "layout";
    names[n++] = "orient";
    for (int i = 0; i < FW_FIELDS; i++)
        names[n++] = fw_field_table[i].name;
    const char *nearest = fw_problem_nearest(name, names, n);

    if (nearest != NULL)
        fw_problem(source->problems, source->file, source->line, column,
                   "unknown annotation \"%.64s\"; did you mean \"%s\"?", name, nearest);
    else
        fw_problem(source->problems, source->file, source->line, column,
                   "unknown annotation \"%.64s\"; allowed are program, scan, layout, orient and the names of fields",
                   name);
    return -1;
}

/* Is the value one the annotation can have? */
static int check_value(const struct fw_rule_source *source, unsigned column, const char *name, const char *value) {
    const int field = fw_field_find(name, strlen(name));

    if (strcmp(name, "program") == 0) {
        if (value[strspn(value, " ")] != '\0')
            return 0;
        fw_problem(source->problems, source->file, source->line, column,
                   "program needs the names of programs, \"-\" for a line without one");
        return -1;
    }
    if (strcmp(name, "scan") == 0) {
        if (fw_scan_find(value) != NULL)
            return 0;
        const char *nearest = fw_problem_nearest(value, fw_scan_names, fw_scan_count);

        fw_problem(source->problems, source->file, source->line, column, "there is no scanner \"%.64s\"%s%s%s", value,
                   nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "\"?" : "");
        return -1;
    }
    if (strcmp(name, "layout") == 0) {
        struct fw_layout layout;
        char why[FW_PROBLEM_TEXT / 2];

        if (fw_layout_parse(&layout, value, why, sizeof why) == 0)
            return 0;
        fw_problem(source->problems, source->file, source->line, column, "%s", why);
        return -1;
    }
    if (strcmp(name, "orient") == 0) {
        if (strcmp(value, "ports") == 0)
            return 0;
        fw_problem(source->problems, source->file, source->line, column, "orient is \"%.64s\"; allowed is \"ports\"",
                   value);
        return -1;
    }
    if (field < 0)
        return unknown_name(source, column, name);
    struct fw_event ev = {0};

    if (fw_convert(&ev, (enum fw_field)field, value, strlen(value)) == 0 && ev.present != 0)
        return 0;
    fw_problem(source->problems, source->file, source->line, column, "\"%.64s\" is no value for %s", value, name);
    return -1;
}

static int add(struct fw_rulebase *rulebase, const struct fw_rule_source *source, const char *tag, const char *name,
               const char *value) {
    if (rulebase->annotations == rulebase->annotations_room) {
        const size_t room = rulebase->annotations_room == 0 ? 64 : 2 * rulebase->annotations_room;
        struct fw_annotation *more = room > ANNOTATIONS_MAX ? NULL : realloc(rulebase->annotation, room * sizeof *more);

        if (more == NULL) {
            fw_problem(source->problems, source->file, source->line, 0, "no room for more annotations");
            return -1;
        }
        rulebase->annotation = more;
        rulebase->annotations_room = room;
    }
    rulebase->annotation[rulebase->annotations++] =
        (struct fw_annotation){source->file, source->line, tag, name, value, false};
    return 0;
}

int fw_annotate_read(struct fw_rulebase *rulebase, const char *text, size_t len, const struct fw_rule_source *source) {
    const unsigned shift = sizeof "annotate="; /* column of text[0] */
    size_t at = skip_name(text, len, 0);
    const char *tag = fw_rulebase_keep(rulebase, text, at);
    unsigned pairs = 0;

    if (at == 0 || at == len || text[at] != ':') {
        fw_problem(source->problems, source->file, source->line, shift,
                   "an annotation is written annotate=tag:+name=\"value\"");
        return -1;
    }
    for (at = skip_blanks(text, len, at + 1); at < len && text[at] != '#'; at = skip_blanks(text, len, at)) {
        const size_t start = at + 1;
        const size_t equals = skip_name(text, len, start);

        if (text[at] != '+' || equals == start || equals + 1 >= len || text[equals] != '=' || text[equals + 1] != '"') {
            fw_problem(source->problems, source->file, source->line, (unsigned)at + shift,
                       "an annotation is written annotate=tag:+name=\"value\"");
            return -1;
        }
        const char *close = memchr(text + equals + 2, '"', len - equals - 2);

        if (close == NULL) {
            fw_problem(source->problems, source->file, source->line, (unsigned)equals + 1 + shift,
                       "the value is not closed by \"");
            return -1;
        }
        const char *name = fw_rulebase_keep(rulebase, text + start, equals - start);
        const char *value = fw_rulebase_keep(rulebase, text + equals + 2, (size_t)(close - text) - equals - 2);

        if (tag == NULL || name == NULL || value == NULL) {
            fw_problem(source->problems, source->file, source->line, 0, "out of memory");
            return -1;
        }
        if (check_value(source, (unsigned)start + shift, name, value) != 0 ||
            add(rulebase, source, tag, name, value) != 0)
            return -1;
        at = (size_t)(close - text) + 1;
        pairs++;
    }
    if (pairs == 0) {
        fw_problem(source->problems, source->file, source->line, shift, "the annotation says nothing");
        return -1;
    }
    return 0;
}

/* "kernel ulogd -" */
static int set_programs(struct fw_rulebase *rulebase, struct fw_rule *rule, const char *value) {
    rule->programs = 0;
    while (*(value += strspn(value, " ")) != '\0') {
        const size_t len = strcspn(value, " ");
        const bool none = len == 1 && *value == '-';
        const char *name = fw_rulebase_keep(rulebase, value, none ? 0 : len);

        if (name == NULL || rule->programs == FW_RULE_NAMES_MAX)
            return -1;
        rule->program[rule->programs++] = name;
        value += len;
    }
    return 0;
}

static int set_layout(struct fw_rulebase *rulebase, struct fw_rule *rule, const char *value) {
    struct fw_layout layout;
    char err[FW_PROBLEM_TEXT];

    if (fw_layout_parse(&layout, value, err, sizeof err) != 0)
        return -1;
    rule->layout = (const struct fw_layout *)fw_rulebase_keep(rulebase, &layout, sizeof layout);
    return rule->layout != NULL ? 0 : -1;
}

static int set(struct fw_rulebase *rulebase, struct fw_rule *rule, const struct fw_annotation *annotation) {
    if (strcmp(annotation->name, "program") == 0)
        return set_programs(rulebase, rule, annotation->value);
    if (strcmp(annotation->name, "layout") == 0)
        return set_layout(rulebase, rule, annotation->value);
    if (strcmp(annotation->name, "scan") == 0)
        rule->scan = fw_scan_find(annotation->value);
    else if (strcmp(annotation->name, "orient") == 0)
        rule->orient = true;
    else
        return fw_convert(&rule->constants, (enum fw_field)fw_field_find(annotation->name, strlen(annotation->name)),
                          annotation->value, strlen(annotation->value));
    return 0;
}

static bool has_tag(const struct fw_rule *rule, const char *tag) {
    for (size_t i = 0; i < rule->tags; i++)
        if (strcmp(rule->tag[i], tag) == 0)
            return true;
    return false;
}

static unsigned apply_to(struct fw_rulebase *rulebase, struct fw_rule *rule, struct fw_problems *problems) {
    unsigned wrong = 0;

    for (size_t i = 0; i < rulebase->annotations; i++) {
        struct fw_annotation *one = &rulebase->annotation[i];

        if (!has_tag(rule, one->tag))
            continue;
        one->used = true;
        for (size_t j = 0; j < i; j++) {
            const struct fw_annotation *other = &rulebase->annotation[j];

            if (strcmp(one->name, other->name) != 0 || strcmp(one->value, other->value) == 0 ||
                !has_tag(rule, other->tag))
                continue;
            fw_problem(problems, rule->file, rule->line, 0,
                       "tags \"%.32s\" and \"%.32s\" give different values for %s: \"%.64s\" and \"%.64s\"", other->tag,
                       one->tag, one->name, other->value, one->value);
            wrong++;
        }
        if (set(rulebase, rule, one) != 0) {
            fw_problem(problems, one->file, one->line, 0, "more than %d programs", FW_RULE_NAMES_MAX);
            wrong++;
        }
    }
    return wrong;
}

unsigned fw_annotate_apply(struct fw_rulebase *rulebase, struct fw_problems *problems) {
    unsigned wrong = 0;

    for (size_t i = 0; i < rulebase->rules; i++)
        wrong += apply_to(rulebase, &rulebase->rule[i], problems);
    for (size_t i = 0; i < rulebase->annotations; i++) {
        const struct fw_annotation *one = &rulebase->annotation[i];

        if (one->used)
            continue;
        fw_problem(problems, one->file, one->line, sizeof "annotate=", "no rule has the tag \"%.64s\"", one->tag);
        wrong++;
    }
    return wrong;
}
