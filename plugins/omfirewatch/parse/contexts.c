/* contexts.c: see contexts.h. */
#include "contexts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <liblognorm.h>

#define TAG_TEXT 32
#define BYTES    256
#define BEGINS   (2 * BYTES) /* what a text begins with: its first byte, or for digits BYTES and the byte behind them */

struct printed {
    char *line; /* the rule with its tag and a line feed; NULL: alike an earlier one */
    size_t len;
};

/* Sets of rules, a bit each, all of the same size. */
struct sets {
    size_t words; /* of one set */
    size_t count, room;
    uint64_t *bits;
};

struct program {
    const char *name; /* NULL: a free slot */
    size_t len;
    size_t kind; /* a set of `programs` */
};

struct fw_contexts {
    const struct fw_rulebase *rulebase;
    struct printed *printed; /* of each rule */
    struct sets begins;      /* rules that can take what a text begins with; what the same rules take shares one */
    uint16_t of_begin[BEGINS];
    struct sets programs;    /* rules that allow a program, likewise; the first are those that allow any */
    struct program *program; /* those that rules name, by hash */
    size_t slots;            /* a power of two */
    uint32_t *cell;    /* kinds of programs x kinds of beginnings: 1 + the set of `taken`, or 0: nobody asked yet */
    struct sets taken; /* rules of a context */
    ln_ctx *ctx;       /* of each set of `taken`; NULL: could not be opened yet */
    size_t rules;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t begin_of(const char *text) {
    if (!is_digit(text[0]))
        return (unsigned char)text[0];
    while (is_digit(text[0]))
        text++;
    return BYTES + (unsigned char)text[0];
}

static void take_all(bool *takes) {
    memset(takes, true, BYTES);
}

static void take(bool *takes, const char *bytes) {
    for (const char *p = bytes; *p != '\0'; p++)
        takes[(unsigned char)*p] = true;
}

/* What can stand behind digits where this piece follows them; NULL: the text ends. A backslash begins an escape of
 * liblognorm's: any byte. */
static void take_behind(const struct fw_rule_piece *next, bool behind[BYTES]) {
    if (next == NULL)
        behind[0] = true;
    else if (next->field != FW_PIECE_LITERAL || next->text[0] == '\\' || is_digit(next->text[0]))
        take_all(behind);
    else
        behind[(unsigned char)next->text[0]] = true;
}

/* What a field of this type can begin with, and what can stand behind digits that it begins with; one of an unknown type
 * with anything. */
static void can_begin(const char *type, const struct fw_rule_piece *next, bool takes[BEGINS]) {
    static const struct {
        const char *type, *bytes, *behind;
    } starts[] = {
        {"ipv4", "", "."},      {"ipv6", "abcdefABCDEF:", "abcdefABCDEF:"},
        {"date-iso", "", "-"},  {"date-rfc5424", "", "-"},
        {"time-24hr", "", ":"}, {"quoted-string", "\"", ""},
    };
    const size_t len = strcspn(type, ":{");

    if (strcmp(type, "number") == 0) {
        take_behind(next, takes + BYTES);
        return;
    }
    if ((len == 6 && memcmp(type, "number", len) == 0) || (len == 5 && memcmp(type, "float", len) == 0)) {
        take(takes, "-+.");
        take_all(takes + BYTES);
        return;
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (strlen(starts[i].type) != len || memcmp(starts[i].type, type, len) != 0)
            continue;
        take(takes, starts[i].bytes);
        take(takes + BYTES, starts[i].behind);
        return;
    }
    memset(takes, true, BEGINS);
}

static void can_take(const struct fw_rule *rule, bool takes[BEGINS]) {
    const struct fw_rule_piece *first = &rule->piece[0], *next = rule->pieces > 1 ? first + 1 : NULL;
    const char *text = first->text;

    memset(takes, false, BEGINS);
    if (first->field != FW_PIECE_LITERAL) {
        can_begin(text, next, takes);
    } else if (text[0] == '\\') {
        memset(takes, true, BEGINS);
    } else if (!is_digit(text[0])) {
        takes[(unsigned char)text[0]] = true;
    } else {
        while (is_digit(text[0]))
            text++;
        take_behind(text[0] != '\0' ? &(struct fw_rule_piece){FW_PIECE_LITERAL, text} : next, takes + BYTES);
    }
}

/* Rules that became alike because they differed only in fields that nobody needs are left out but for the first:
 * liblognorm would keep the last. */
static int print_rule(struct printed *all, size_t n, const struct fw_rule *rule, uint64_t needs) {
    char line[FW_RULE_LINE_MAX];
    char head[TAG_TEXT];
    const int head_len = snprintf(head, sizeof head, "rule=#%zu:", n);
    const size_t len = fw_rule_print(rule, needs | FW_RULE_KEEP, line, sizeof line - 1);

    if (len == 0)
        return -1;
    line[len] = '\n';
    for (size_t i = 0; needs != ~UINT64_C(0) && i < n; i++) {
        const char *text = all[i].line != NULL ? (const char *)memchr(all[i].line, ':', all[i].len) + 1 : NULL;

        if (text != NULL && (size_t)(all[i].line + all[i].len - text) == len + 1 && memcmp(text, line, len + 1) == 0)
            return 0;
    }
    all[n].len = (size_t)head_len + len + 1;
    if ((all[n].line = malloc(all[n].len)) == NULL)
        return -1;
    memcpy(all[n].line, head, (size_t)head_len);
    memcpy(all[n].line + head_len, line, len + 1);
    return 0;
}

/* ---- sets of rules ---- */

static uint64_t *set_of(const struct sets *sets, size_t n) {
    return sets->bits + n * sets->words;
}

static void put_in(uint64_t *set, size_t i) {
    set[i / 64] |= UINT64_C(1) << i % 64;
}

static bool has(const uint64_t *set, size_t i) {
    return set[i / 64] >> i % 64 & 1;
}

/* An empty set at the end, which does not count yet. NULL: out of memory. */
static uint64_t *next_set(struct sets *sets) {
    if (sets->count == sets->room) {
        const size_t room = 2 * sets->room + 8;
        uint64_t *bits = realloc(sets->bits, room * sets->words * sizeof *bits);

        if (bits == NULL)
            return NULL;
        sets->bits = bits;
        sets->room = room;
    }
    return memset(set_of(sets, sets->count), 0, sets->words * sizeof *sets->bits);
}

/* The number of the set that next_set() gave, which is an earlier one's when that has the same rules. */
static size_t settle(struct sets *sets) {
    const uint64_t *last = set_of(sets, sets->count);

    for (size_t i = 0; i < sets->count; i++)
        if (memcmp(set_of(sets, i), last, sets->words * sizeof *last) == 0)
            return i;
    return sets->count++;
}

/* ---- which rules take which beginnings ---- */

static int find_begins(struct fw_contexts *contexts) {
    const struct fw_rulebase *rulebase = contexts->rulebase;
    struct sets all = {.words = contexts->begins.words};
    int rc = 0;

    while (all.count < BEGINS && next_set(&all) != NULL)
        all.count++;
    for (size_t i = 0; all.count == BEGINS && i < rulebase->rules; i++) {
        bool takes[BEGINS];

        if (contexts->printed[i].line == NULL)
            continue;
        can_take(&rulebase->rule[i], takes);
        for (size_t begin = 0; begin < BEGINS; begin++)
            if (takes[begin])
                put_in(set_of(&all, begin), i);
    }
    for (size_t begin = 0; rc == 0 && begin < BEGINS; begin++) {
        uint64_t *set = all.count == BEGINS ? next_set(&contexts->begins) : NULL;

        if (set != NULL) {
            memcpy(set, set_of(&all, begin), all.words * sizeof *set);
            contexts->of_begin[begin] = (uint16_t)settle(&contexts->begins);
        }
        rc = set != NULL ? 0 : -1;
    }
    free(all.bits);
    return rc;
}

/* ---- which rules allow which programs ---- */

static bool allows(const struct fw_rule *rule, const char *name, size_t len) {
    for (size_t i = 0; i < rule->programs; i++)
        if (strlen(rule->program[i]) == len && memcmp(rule->program[i], name, len) == 0)
            return true;
    return rule->programs == 0;
}

/* Of what a rulebase names, not of what a stranger chose: a poor hash will do. */
static size_t slot_of(const struct fw_contexts *contexts, const char *name, size_t len) {
    size_t slot = len;

    if (len > 0)
        slot += 3 * (size_t)(unsigned char)name[0] + 7 * (size_t)(unsigned char)name[len - 1] +
                13 * (size_t)(unsigned char)name[len / 2];
    slot &= contexts->slots - 1;
    while (contexts->program[slot].name != NULL &&
           (contexts->program[slot].len != len ||
            (len > 0 && memcmp(contexts->program[slot].name, name, len) != 0))) /* without a program there is no name */
        slot = (slot + 1) & (contexts->slots - 1);
    return slot;
}

static int add_program(struct fw_contexts *contexts, const char *name, size_t len) {
    struct program *program = &contexts->program[slot_of(contexts, name, len)];
    uint64_t *set;

    if (program->name != NULL)
        return 0;
    if ((set = next_set(&contexts->programs)) == NULL)
        return -1;
    for (size_t i = 0; i < contexts->rulebase->rules; i++)
        if (allows(&contexts->rulebase->rule[i], name, len))
            put_in(set, i);
    *program = (struct program){.name = name, .len = len, .kind = settle(&contexts->programs)};
    return 0;
}

static int find_programs(struct fw_contexts *contexts) {
    const struct fw_rulebase *rulebase = contexts->rulebase;
    size_t names = 1;
    uint64_t *any;

    for (size_t i = 0; i < rulebase->rules; i++)
        names += rulebase->rule[i].programs;
    for (contexts->slots = 16; contexts->slots < 2 * names; contexts->slots *= 2)
        ;
    contexts->program = calloc(contexts->slots, sizeof *contexts->program);
    if (contexts->program == NULL || (any = next_set(&contexts->programs)) == NULL)
        return -1;
    for (size_t i = 0; i < rulebase->rules; i++)
        if (rulebase->rule[i].programs == 0)
            put_in(any, i);
    contexts->programs.count = 1;
    for (size_t i = 0; i < rulebase->rules; i++)
        for (size_t k = 0; k < rulebase->rule[i].programs; k++)
            if (add_program(contexts, rulebase->rule[i].program[k], strlen(rulebase->rule[i].program[k])) != 0)
                return -1;
    return 0;
}

/* ---- contexts ---- */

/* The rules of a set through liblognorm. NULL: out of memory, for each rule was loaded once by fw_rule_check(). */
static ln_ctx open_context(const struct fw_contexts *contexts, const uint64_t *set, size_t *rules) {
    char err[FW_PROBLEM_TEXT];
    size_t len = 0, at = 0;

    *rules = 0;
    for (size_t i = 0; i < contexts->rulebase->rules; i++)
        if (has(set, i))
            len += contexts->printed[i].len;
    char *text = malloc(len + 1);

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < contexts->rulebase->rules; i++) {
        if (!has(set, i))
            continue;
        memcpy(text + at, contexts->printed[i].line, contexts->printed[i].len);
        at += contexts->printed[i].len;
        ++*rules;
    }
    text[len] = '\0';
    ln_ctx ctx = fw_rulebase_context(text, err, sizeof err);

    free(text);
    return ctx;
}

/* What no line of such a program and beginning asked for until now: the rules of both, and a place for their context. */
static int fill_cell(struct fw_contexts *contexts, uint32_t *cell, size_t program, size_t begin) {
    ln_ctx *ctx = realloc(contexts->ctx, (contexts->taken.count + 1) * sizeof *ctx);
    uint64_t *set = next_set(&contexts->taken);

    if (ctx != NULL)
        contexts->ctx = ctx;
    if (ctx == NULL || set == NULL)
        return -1;
    ctx[contexts->taken.count] = NULL;
    for (size_t i = 0; i < contexts->taken.words; i++)
        set[i] = set_of(&contexts->programs, program)[i] & set_of(&contexts->begins, begin)[i];
    *cell = (uint32_t)settle(&contexts->taken) + 1;
    return 0;
}

struct ln_ctx_s *fw_contexts_for(struct fw_contexts *contexts, const struct fw_str *tag, const char *content) {
    const struct program *named = &contexts->program[slot_of(contexts, tag->p, tag->len)];
    const size_t program = named->name != NULL ? named->kind : 0;
    const size_t begin = contexts->of_begin[begin_of(content)];
    uint32_t *cell = &contexts->cell[program * contexts->begins.count + begin];

    if (*cell == 0 && fill_cell(contexts, cell, program, begin) != 0)
        return NULL;
    struct ln_ctx_s **ctx = &contexts->ctx[*cell - 1];

    if (*ctx == NULL) {
        size_t rules;

        *ctx = open_context(contexts, set_of(&contexts->taken, *cell - 1), &rules);
        contexts->rules += *ctx != NULL ? rules : 0;
    }
    return *ctx;
}

int fw_contexts_open(struct fw_contexts **out, const struct fw_rulebase *rulebase, uint64_t needs) {
    struct fw_contexts *contexts = calloc(1, sizeof *contexts);

    *out = contexts;
    if (contexts == NULL)
        return -1;
    contexts->rulebase = rulebase;
    contexts->printed = calloc(rulebase->rules + 1, sizeof *contexts->printed);
    int rc = contexts->printed != NULL ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < rulebase->rules; i++)
        rc = print_rule(contexts->printed, i, &rulebase->rule[i], needs);
    contexts->begins.words = contexts->programs.words = contexts->taken.words = rulebase->rules / 64 + 1;
    if (rc == 0)
        rc = find_begins(contexts);
    if (rc == 0)
        rc = find_programs(contexts);
    if (rc == 0) {
        contexts->cell = calloc(contexts->programs.count * contexts->begins.count, sizeof *contexts->cell);
        rc = contexts->cell != NULL ? 0 : -1;
    }
    if (rc != 0)
        fw_contexts_close(out);
    return rc;
}

void fw_contexts_close(struct fw_contexts **out) {
    struct fw_contexts *contexts = *out;

    if (contexts == NULL)
        return;
    for (size_t i = 0; i < contexts->taken.count; i++)
        if (contexts->ctx[i] != NULL)
            ln_exitCtx(contexts->ctx[i]);
    for (size_t i = 0; contexts->printed != NULL && i < contexts->rulebase->rules; i++)
        free(contexts->printed[i].line);
    free(contexts->ctx);
    free(contexts->taken.bits);
    free(contexts->cell);
    free(contexts->program);
    free(contexts->programs.bits);
    free(contexts->begins.bits);
    free(contexts->printed);
    free(contexts);
    *out = NULL;
}

size_t fw_contexts_rules(const struct fw_contexts *contexts) {
    return contexts->rules;
}
