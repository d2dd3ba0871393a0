/* rule.c: reading, checking and printing one rule.
 *
 * A rule is taken apart as liblognorm does (samp.c, addFieldDescr and
 * parseLiteral of 2.0.6), checked, and printed anew in one form:
 * %name:type{json}% or %name:type:extra%. What liblognorm would take and then
 * never match, leak or crash on is a problem here (see motif.c).
 */
#include "rulebase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfastjson/json.h>

#include "motif.h"

#define WHERE_MAX 4200 /* a path, a line */

struct reader {
    struct fw_rulebase *rulebase;
    struct fw_rule *rule;
    const struct fw_rule_source *source;
    const char *text;
    size_t len;
    unsigned shift;
    unsigned wrong;
    struct fw_rule_piece piece[FW_RULE_PIECES_MAX];
};

#define WRONG(r, at, ...)                                                                                              \
    do {                                                                                                               \
        (r)->wrong++;                                                                                                  \
        fw_problem((r)->source->problems, (r)->source->file, (r)->source->line, (unsigned)(at) + (r)->shift + 1,       \
                   __VA_ARGS__);                                                                                       \
    } while (0)

/* "; did you mean "x"?", or "" */
static const char *suggest(char *buf, size_t size, const char *name, const char *const *names, size_t n) {
    const char *nearest = fw_problem_nearest(name, names, n);

    buf[0] = '\0';
    if (nearest != NULL)
        snprintf(buf, size, "; did you mean \"%s\"?", nearest);
    return buf;
}

static int add_piece(struct reader *r, int field, const char *text, size_t len) {
    if (r->rule->pieces == FW_RULE_PIECES_MAX) {
        WRONG(r, 0, "the rule has more than %d parts", FW_RULE_PIECES_MAX);
        return -1;
    }
    const char *kept = fw_rulebase_keep(r->rulebase, text, len);

    if (kept == NULL) {
        WRONG(r, 0, "out of memory");
        return -1;
    }
    r->piece[r->rule->pieces++] = (struct fw_rule_piece){field, kept};
    return 0;
}

/* The field a name stands for; unknown names are reported and skipped. */
static int field_of(struct reader *r, size_t at, const char *name) {
    const char *names[FW_FIELDS];
    char hint[FW_PROBLEM_TEXT / 4];

    if (strcmp(name, "-") == 0)
        return FW_PIECE_SKIP;
    const int field = fw_field_find(name, strlen(name));

    if (field < 0) {
        for (int i = 0; i < FW_FIELDS; i++)
            names[i] = fw_field_table[i].name;
        WRONG(r, at, "unknown field \"%.64s\"%s", name, suggest(hint, sizeof hint, name, names, FW_FIELDS));
        return FW_PIECE_SKIP;
    }
    if (r->rule->names & UINT64_C(1) << field)
        WRONG(r, at, "field \"%s\" is named twice in one rule", name);
    r->rule->names |= UINT64_C(1) << field;
    return field;
}

static void check_motif(struct reader *r, size_t at, int field, const char *type, size_t extra) {
    char text[FW_PROBLEM_TEXT];

    if (fw_motif_check(type, field != FW_PIECE_SKIP, extra, text, sizeof text) != 0)
        WRONG(r, at, "%s", text);
}

/* The JSON after a type, in one form and without a percent sign, in which liblognorm would lose count of its fields. */
static int add_json_field(struct reader *r, size_t at, int field, const char *type, struct fjson_object *json) {
    const char *plain = fjson_object_to_json_string_ext(json, FJSON_TO_STRING_PLAIN);
    struct fjson_object *extra = NULL;
    char *text = malloc(strlen(type) + 6 * strlen(plain) + 1);
    int rc = -1;

    if (text == NULL) {
        WRONG(r, at, "out of memory");
        return -1;
    }
    fjson_object_object_get_ex(json, "extradata", &extra);
    const char *extra_text = extra != NULL ? fjson_object_get_string(extra) : NULL;

    check_motif(r, at, field, type, extra_text != NULL ? strlen(extra_text) : 0);
    char *out = stpcpy(text, type);

    for (; *plain != '\0'; plain++) {
        if (*plain == '%')
            out = stpcpy(out, "\\u0025");
        else
            *out++ = *plain;
    }
    rc = add_piece(r, field, text, (size_t)(out - text));
    free(text);
    return rc;
}

/* JSON at `at`; *end gets what follows. NULL, reported: none, or no object. */
static struct fjson_object *read_json(struct reader *r, size_t at, size_t *end) {
    struct fjson_tokener *tokener = fjson_tokener_new();
    struct fjson_object *json = NULL;

    if (tokener != NULL) {
        json = fjson_tokener_parse_ex(tokener, r->text + at, (int)(r->len - at));
        *end = at + (size_t)tokener->char_offset;
        fjson_tokener_free(tokener);
    }
    if (json == NULL || !fjson_object_is_type(json, fjson_type_object)) {
        WRONG(r, at, "broken JSON in a field (a percent sign inside is written \\u0025)");
        fjson_object_put(json);
        return NULL;
    }
    return json;
}

/* %{"name": ..., "type": ..., ...}% */
static int read_json_field(struct reader *r, size_t at, size_t *end) {
    struct fjson_object *json = read_json(r, at, end);
    struct fjson_object *name = NULL, *type = NULL;
    char type_text[64];
    int rc = -1;

    if (json == NULL)
        return -1;
    fjson_object_object_get_ex(json, "type", &type);
    if (type == NULL || !fjson_object_is_type(type, fjson_type_string)) {
        WRONG(r, at, "the field has no \"type\"");
    } else {
        fjson_object_object_get_ex(json, "name", &name);
        const int field = field_of(r, at, name != NULL ? fjson_object_get_string(name) : "-");

        snprintf(type_text, sizeof type_text, "%s", fjson_object_get_string(type));
        fjson_object_object_del(json, "name");
        fjson_object_object_del(json, "type");
        rc = add_json_field(r, at, field, type_text, json);
    }
    fjson_object_put(json);
    return rc;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* The field that begins after the percent sign at *at - 1. Moves *at behind its closing percent sign. */
static int read_field(struct reader *r, size_t *at) {
    const char *t = r->text;
    size_t i = *at;

    while (i < r->len && is_blank(t[i]))
        i++;
    const size_t start = i;

    if (i < r->len && t[i] == '[') {
        WRONG(r, i, "lists of fields are not supported; write one rule for each form");
        return -1;
    }
    if (i < r->len && t[i] == '{') {
        if (read_json_field(r, i, &i) != 0)
            return -1;
        if (i >= r->len || t[i] != '%') {
            WRONG(r, i, "a field does not end in \"%%\"");
            return -1;
        }
        *at = i + 1;
        return 0;
    }
    char name[64], type[64];
    size_t n = 0;

    while (i < r->len && t[i] != ':' && t[i] != '%' && n < sizeof name - 1)
        name[n++] = t[i++];
    name[n] = '\0';
    if (i >= r->len || t[i] != ':' || n == 0) {
        WRONG(r, start, "a field is written %%name:type%%, a percent sign in text %%%%");
        return -1;
    }
    for (i++; i < r->len && is_blank(t[i]);)
        i++;
    const size_t type_at = i;

    for (n = 0; i < r->len && t[i] != ':' && t[i] != '{' && t[i] != '%' && n < sizeof type - 1;)
        type[n++] = t[i++];
    while (n > 0 && is_blank(type[n - 1]))
        n--;
    type[n] = '\0';
    if (i >= r->len || (t[i] != ':' && t[i] != '{' && t[i] != '%')) {
        WRONG(r, type_at, "a field does not end in \"%%\"");
        return -1;
    }
    const int field = field_of(r, start, name);

    if (t[i] == '{') {
        struct fjson_object *json = read_json(r, i, &i);
        struct fjson_object *ignored;

        if (json == NULL)
            return -1;
        int rc = -1;

        if (fjson_object_object_get_ex(json, "name", &ignored) || fjson_object_object_get_ex(json, "type", &ignored))
            WRONG(r, start, "\"name\" and \"type\" stand before the JSON of a field, not in it");
        else if (i >= r->len || t[i] != '%')
            WRONG(r, i, "a field does not end in \"%%\"");
        else
            rc = add_json_field(r, type_at, field, type, json);
        fjson_object_put(json);
        *at = i + 1;
        return rc;
    }
    const size_t extra = t[i] == ':' ? i + 1 : i;
    const char *close = memchr(t + extra, '%', r->len - extra);

    if (close == NULL) {
        WRONG(r, start, "a field does not end in \"%%\"");
        return -1;
    }
    const size_t extra_len = (size_t)(close - t) - extra;
    char *text = malloc(strlen(type) + extra_len + 2);

    if (text == NULL) {
        WRONG(r, start, "out of memory");
        return -1;
    }
    check_motif(r, type_at, field, type, extra_len);
    char *out = stpcpy(text, type);

    if (t[i] == ':')
        *out++ = ':';
    memcpy(out, t + extra, extra_len);
    const int rc = add_piece(r, field, text, (size_t)(out - text) + extra_len);

    free(text);
    *at = (size_t)(close - t) + 1;
    return rc;
}

static int read_pattern(struct reader *r, size_t at) {
    while (at < r->len) {
        const size_t start = at;

        while (at < r->len && (r->text[at] != '%' || (at + 1 < r->len && r->text[at + 1] == '%')))
            at += r->text[at] == '%' ? 2 : 1;
        if (at > start && add_piece(r, FW_PIECE_LITERAL, r->text + start, at - start) != 0)
            return -1;
        if (at == r->len)
            break;
        at++;
        if (read_field(r, &at) != 0)
            return -1;
    }
    for (size_t i = 0; i + 1 < r->rule->pieces; i++)
        if (r->piece[i].field != FW_PIECE_LITERAL && strcmp(r->piece[i].text, "rest") == 0)
            WRONG(r, 0, "nothing can follow a field of type \"rest\"");
    return 0;
}

/* The first tag says what an event of this rule is. */
static int read_first_tag(struct reader *r, const char *tag) {
    static const char *const allowed[] = {"flow", "ignore", "flow_start", "flow_deny", "flow_end", "http",
                                          "dns",  "mail",   "auth",       "threat",    "device"};
    char hint[FW_PROBLEM_TEXT / 4];

    if (strcmp(tag, "flow") == 0) {
        r->rule->says = FW_RULE_FLOW;
        return 0;
    }
    if (strcmp(tag, "ignore") == 0) {
        r->rule->says = FW_RULE_IGNORE;
        return 0;
    }
    r->rule->says = FW_RULE_KIND;
    for (int kind = FW_KIND_NONE + 1; kind < FW_KINDS; kind++) {
        if (strcmp(tag, fw_kind_name((enum fw_kind)kind)) == 0) {
            r->rule->kind = (enum fw_kind)kind;
            return 0;
        }
    }
    WRONG(r, 0,
          "the first tag is \"%.64s\", but must be flow, ignore, flow_start, flow_end, flow_deny, http, dns, mail, "
          "auth, threat or device%s",
          tag, suggest(hint, sizeof hint, tag, allowed, sizeof allowed / sizeof *allowed));
    return -1;
}

static int read_tags(struct reader *r, size_t *pattern) {
    size_t at = 0;

    for (;;) {
        const size_t start = at;

        while (at < r->len && r->text[at] != ',' && r->text[at] != ':')
            at++;
        if (at == r->len) {
            WRONG(r, 0, "a rule is written rule=tag,tag:text");
            return -1;
        }
        if (at == start) {
            WRONG(r, start, "empty tag; the first one must be the kind of event");
            return -1;
        }
        if (r->rule->tags == FW_RULE_TAGS_MAX) {
            WRONG(r, start, "more than %d tags", FW_RULE_TAGS_MAX);
            return -1;
        }
        const char *tag = fw_rulebase_keep(r->rulebase, r->text + start, at - start);

        if (tag == NULL) {
            WRONG(r, start, "out of memory");
            return -1;
        }
        r->rule->tag[r->rule->tags++] = tag;
        if (r->text[at++] == ':')
            break;
    }
    *pattern = at;
    return read_first_tag(r, r->rule->tag[0]);
}

int fw_rule_read(struct fw_rulebase *rulebase, struct fw_rule *rule, const char *text, size_t len, unsigned shift,
                 const struct fw_rule_source *source) {
    struct reader r = {.rulebase = rulebase, .rule = rule, .source = source, .text = text, .len = len, .shift = shift};
    size_t at;

    *rule = (struct fw_rule){.file = source->file, .line = source->line};
    if (read_tags(&r, &at) != 0)
        return -1;
    if (at == len) {
        WRONG(&r, at, "the rule has no text to match");
        return -1;
    }
    if (read_pattern(&r, at) != 0 || r.wrong != 0)
        return -1;
    rule->piece = (const struct fw_rule_piece *)fw_rulebase_keep(rulebase, r.piece, rule->pieces * sizeof *r.piece);
    char where[WHERE_MAX];
    const int where_len = snprintf(where, sizeof where, "%s:%u", source->file, source->line);

    rule->where = fw_rulebase_keep(rulebase, where, (size_t)where_len < sizeof where ? (size_t)where_len : 0);
    if (rule->piece == NULL || rule->where == NULL) {
        WRONG(&r, 0, "out of memory");
        return -1;
    }
    return 0;
}

size_t fw_rule_print(const struct fw_rule *rule, uint64_t keep, char *buf, size_t size) {
    size_t len = 0;

    for (size_t i = 0; i < rule->pieces; i++) {
        const struct fw_rule_piece *piece = &rule->piece[i];
        const char *name =
            piece->field >= 0 && (keep & UINT64_C(1) << piece->field) ? fw_field_table[piece->field].name : "-";
        const int n = piece->field == FW_PIECE_LITERAL
                          ? snprintf(buf + len, size - len, "%s", piece->text)
                          : snprintf(buf + len, size - len, "%%%s:%s%%", name, piece->text);

        if (n < 0 || (size_t)n >= size - len)
            return 0;
        len += (size_t)n;
    }
    return len;
}
