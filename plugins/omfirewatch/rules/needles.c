/* needles.c: see needles.h. */
#include "needles.h"

#include <stdlib.h>
#include <string.h>

#define ENDS 0x8000 /* above all numbers of states */

struct needle {
    char text[FW_NEEDLE_MOST];
    uint32_t len;
};

struct fw_needles {
    struct needle *needles;
    uint32_t count;
    uint32_t states_bound; /* bytes of all, and the root */
    uint8_t class_of[256]; /* of a byte: 0 for those of no needle */
    uint32_t classes;
    uint16_t *moves;   /* state * classes + class: the next one; with ENDS, a needle ends there */
    uint32_t *first;   /* by state: a needle that ends here; the next one that ends here is same[...] */
    uint32_t *same;    /* by needle */
    uint16_t *shorter; /* by state: where a shorter needle ends as well; 0: nowhere */
};

static unsigned char small(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

int fw_needles_open(struct fw_needles **out) {
    struct fw_needles *needles = calloc(1, sizeof *needles);

    *out = needles;
    if (needles == NULL)
        return -1;
    needles->needles = calloc(FW_NEEDLES_MAX, sizeof *needles->needles);
    needles->states_bound = 1;
    if (needles->needles != NULL)
        return 0;
    fw_needles_close(out);
    return -1;
}

void fw_needles_close(struct fw_needles **out) {
    struct fw_needles *needles = *out;

    *out = NULL;
    if (needles == NULL)
        return;
    free(needles->needles);
    free(needles->moves);
    free(needles->first);
    free(needles->same);
    free(needles->shorter);
    free(needles);
}

uint32_t fw_needles_add(struct fw_needles *needles, const char *text, size_t len) {
    struct needle one = {.len = (uint32_t)(len < FW_NEEDLE_MOST ? len : FW_NEEDLE_MOST)};

    if (len < FW_NEEDLE_LEAST)
        return FW_NEEDLE_NONE;
    for (uint32_t i = 0; i < one.len; i++)
        one.text[i] = (char)small(text[i]);
    for (uint32_t i = 0; i < needles->count; i++)
        if (needles->needles[i].len == one.len && memcmp(needles->needles[i].text, one.text, one.len) == 0)
            return i;
    if (needles->count == FW_NEEDLES_MAX || needles->states_bound + one.len > FW_NEEDLES_STATES)
        return FW_NEEDLE_NONE;
    needles->states_bound += one.len;
    needles->needles[needles->count] = one;
    return needles->count++;
}

size_t fw_needles_words(const struct fw_needles *needles) {
    return (needles->count + 63) / 64;
}

/* ---- the table ---- */

static void make_classes(struct fw_needles *n) {
    n->classes = 1;
    for (uint32_t i = 0; i < n->count; i++)
        for (uint32_t k = 0; k < n->needles[i].len; k++) {
            const unsigned char c = (unsigned char)n->needles[i].text[k];
            if (n->class_of[c] == 0)
                n->class_of[c] = (uint8_t)n->classes++;
        }
    for (int c = 'A'; c <= 'Z'; c++)
        n->class_of[c] = n->class_of[small((char)c)];
}

/* A tree of all needles; returns how many states it has. */
static uint32_t plant(struct fw_needles *n) {
    uint32_t states = 1;

    for (uint32_t i = 0; i < n->count; i++) {
        uint32_t at = 0;
        for (uint32_t k = 0; k < n->needles[i].len; k++) {
            uint16_t *move = &n->moves[at * n->classes + n->class_of[(unsigned char)n->needles[i].text[k]]];
            if (*move == 0)
                *move = (uint16_t)states++;
            at = *move;
        }
        n->same[i] = n->first[at];
        n->first[at] = i;
    }
    return states;
}

/* From the root outwards: where a state leads when the next byte goes on with no needle is where its longest end does. */
static void connect(struct fw_needles *n, uint16_t *queue, uint16_t *back) {
    uint32_t head = 0, tail = 0;

    for (uint32_t c = 0; c < n->classes; c++)
        if (n->moves[c] != 0)
            queue[tail++] = n->moves[c];
    while (head < tail) {
        const uint16_t at = queue[head++];

        n->shorter[at] = n->first[back[at]] != FW_NEEDLE_NONE ? back[at] : n->shorter[back[at]];
        for (uint32_t c = 0; c < n->classes; c++) {
            uint16_t *move = &n->moves[(size_t)at * n->classes + c];
            const uint16_t instead = n->moves[(size_t)back[at] * n->classes + c];

            if (*move == 0) {
                *move = instead;
                continue;
            }
            back[*move] = instead;
            queue[tail++] = *move;
        }
    }
}

int fw_needles_build(struct fw_needles *n) {
    if (n->count == 0)
        return 0;
    make_classes(n);
    uint16_t *queue = calloc(n->states_bound, sizeof *queue), *back = calloc(n->states_bound, sizeof *back);
    n->moves = calloc((size_t)n->states_bound * n->classes, sizeof *n->moves);
    n->first = malloc(n->states_bound * sizeof *n->first);
    n->same = malloc(n->count * sizeof *n->same);
    n->shorter = calloc(n->states_bound, sizeof *n->shorter);
    const bool fine =
        queue != NULL && back != NULL && n->moves != NULL && n->first != NULL && n->same != NULL && n->shorter != NULL;
    if (fine) {
        memset(n->first, 0xff, n->states_bound * sizeof *n->first); /* FW_NEEDLE_NONE */
        (void)plant(n);
        connect(n, queue, back);
        for (size_t i = 0; i < (size_t)n->states_bound * n->classes; i++)
            if (n->first[n->moves[i]] != FW_NEEDLE_NONE || n->shorter[n->moves[i]] != 0)
                n->moves[i] |= ENDS;
    }
    free(queue);
    free(back);
    return fine ? 0 : -1;
}

static void note(const struct fw_needles *n, uint32_t at, uint64_t *found) {
    for (; at != 0; at = n->shorter[at])
        for (uint32_t i = n->first[at]; i != FW_NEEDLE_NONE; i = n->same[i])
            found[i / 64] |= UINT64_C(1) << i % 64;
}

void fw_needles_find(const struct fw_needles *n, const char *text, size_t len, uint64_t *found) {
    uint32_t at = 0;

    memset(found, 0, fw_needles_words(n) * sizeof *found);
    if (n->count == 0)
        return;
    for (size_t i = 0; i < len; i++) {
        at = n->moves[at * n->classes + n->class_of[(unsigned char)text[i]]];
        if ((at & ENDS) != 0) {
            at &= ENDS - 1;
            note(n, at, found);
        }
    }
}

/* ---- regular expressions ---- */

/* After '\': a character that stands for itself there. */
static bool is_itself(char c) {
    return c != '\0' && strchr("\\^$.[]|()*+?{}/-:;,=<>@#%&!\"'~ _", c) != NULL;
}

static size_t skip_set(const char *p) {
    size_t i = 1;

    i += p[i] == '^';
    i += p[i] == ']';
    while (p[i] != '\0' && p[i] != ']')
        i += p[i] == '\\' && p[i + 1] != '\0' ? 2 : 1;
    return i + (p[i] == ']');
}

/* To behind the bracket that closes; 0: there is something here that is not looked through. */
static size_t skip_group(const char *p) {
    size_t i = 0;
    unsigned depth = 0;

    while (p[i] != '\0') {
        if (p[i] == '\\' && p[i + 1] != '\0') {
            i += 2;
            continue;
        }
        if (p[i] == '[') {
            i += skip_set(p + i);
            continue;
        }
        depth += p[i] == '(';
        if (p[i] == ')' && --depth == 0)
            return i + 1;
        i++;
    }
    return 0;
}

struct run {
    char text[FW_NEEDLE_MOST];
    size_t len;
};

static void keep_longest(struct run *run, char *needle, size_t *len) {
    if (run->len > *len) {
        memcpy(needle, run->text, run->len);
        *len = run->len;
    }
    run->len = 0;
}

/* A list of what has to be there one after the other: what stands for itself makes runs; groups, sets and the like end
 * them. Comments, options that change the meaning of blanks, \Q and \x end all. */
size_t fw_needle_of_regex(const char *regex, char needle[FW_NEEDLE_MOST]) {
    struct run run = {.len = 0};
    size_t len = 0;
    const char *p = regex;

    if (strncmp(p, "(?i)", 4) == 0)
        p += 4;
    while (*p != '\0') {
        char itself = '\0';

        if (*p == '|' || (*p == '(' && (p[1] == '*' || (p[1] == '?' && p[2] != ':' && p[2] != '=' && p[2] != '!'))))
            return 0;
        if (*p == '(') {
            const size_t skipped = skip_group(p);
            if (skipped == 0)
                return 0;
            p += skipped;
        } else if (*p == '[') {
            p += skip_set(p);
        } else if (*p == '\\' && is_itself(p[1])) {
            itself = p[1];
            p += 2;
        } else if (*p == '\\') {
            if (strchr("dDsSwWbBAzZ", p[1]) == NULL || p[1] == '\0')
                return 0;
            p += 2;
        } else if (strchr(".^$", *p) != NULL) {
            p++;
        } else {
            itself = *p++;
        }
        if (*p == '*' || *p == '?' || *p == '{' || *p == '+') { /* how often: once at least only with a plus */
            if (itself != '\0' && *p == '+' && run.len < FW_NEEDLE_MOST)
                run.text[run.len++] = itself;
            keep_longest(&run, needle, &len);
            if (*p == '{')
                p += strcspn(p, "}");
            p += *p != '\0';
            p += *p == '?' || *p == '+';
        } else if (itself != '\0' && run.len < FW_NEEDLE_MOST) {
            run.text[run.len++] = itself;
        } else if (itself == '\0') {
            keep_longest(&run, needle, &len);
        }
    }
    keep_longest(&run, needle, &len);
    return len;
}
