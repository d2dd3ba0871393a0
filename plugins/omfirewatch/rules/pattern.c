/* pattern.c: see pattern.h. The only user of PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fw_pattern_stack {
    pcre2_match_data *found;
    pcre2_match_context *limits;
    pcre2_jit_stack *jit;
    uint64_t limited;
    struct fw_str captured[FW_CAPTURES];
};

static unsigned char small(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* ---- opening ---- */

static int open_regex(struct fw_pattern *pattern, char *err, size_t errlen) {
    int error = 0;
    PCRE2_SIZE at = 0;
    PCRE2_UCHAR why[128];
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern->text, pattern->len, PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);

    if (code == NULL) {
        (void)pcre2_get_error_message(error, why, sizeof why);
        (void)snprintf(err, errlen, "no regular expression: %s, at its character %zu", (const char *)why,
                       (size_t)at + 1);
        return -1;
    }
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* where there is none it is interpreted, and the same */
    pattern->regex = code;
    return 0;
}

/* What "*abc", "abc*", "*abc*" and "abc" are without their asterisks; in all other cases the text stays. */
static void simplify(struct fw_pattern *pattern) {
    char *out = pattern->text;
    bool first = false, last = false, inside = false;

    for (const char *p = pattern->text; *p != '\0'; p++) {
        if (*p == '\\' && (p[1] == '*' || p[1] == '?' || p[1] == '\\'))
            p++;
        else if (*p == '?' || (*p == '*' && p != pattern->text && p[1] != '\0'))
            inside = true;
        else if (*p == '*' && p == pattern->text)
            first = true;
        else if (*p == '*')
            last = true;
    }
    if (inside) {
        pattern->kind = FW_PATTERN_WILD;
        return;
    }
    pattern->kind = first && last ? FW_PATTERN_PART
                    : first       ? FW_PATTERN_SUFFIX
                    : last        ? FW_PATTERN_PREFIX
                                  : FW_PATTERN_EXACT;
    for (const char *p = pattern->text + first; *p != '\0' && (!last || p[1] != '\0'); p++) {
        p += *p == '\\' && (p[1] == '*' || p[1] == '?' || p[1] == '\\');
        *out++ = *p;
    }
    *out = '\0';
    if (first && !last && out == pattern->text) /* "*" alone: anything */
        pattern->kind = FW_PATTERN_PART;
}

int fw_pattern_open(struct fw_pattern *pattern, enum fw_pattern_kind kind, const char *text, bool cased, char *err,
                    size_t errlen) {
    *pattern = (struct fw_pattern){.kind = kind, .cased = cased, .needle = FW_NEEDLE_NONE};
    if (strlen(text) > FW_PATTERN_MAX) {
        (void)snprintf(err, errlen, "longer than %d bytes", FW_PATTERN_MAX);
        return -1;
    }
    pattern->text = strdup(text);
    if (pattern->text == NULL) {
        (void)snprintf(err, errlen, "not enough memory");
        return -1;
    }
    if (kind == FW_PATTERN_EXACT)
        simplify(pattern);
    pattern->len = (uint32_t)strlen(pattern->text);
    if (kind == FW_PATTERN_REGEX && open_regex(pattern, err, errlen) != 0) {
        fw_pattern_close(pattern);
        return -1;
    }
    for (char *p = pattern->text; kind != FW_PATTERN_REGEX && !cased && *p != '\0'; p++)
        *p = (char)small(*p);
    return 0;
}

void fw_pattern_close(struct fw_pattern *pattern) {
    pcre2_code_free(pattern->regex);
    free(pattern->text);
    *pattern = (struct fw_pattern){.kind = FW_PATTERN_EXACT};
}

size_t fw_pattern_needle(const struct fw_pattern *pattern, char needle[FW_NEEDLE_MOST]) {
    size_t len = 0;

    if (pattern->kind == FW_PATTERN_REGEX)
        return fw_needle_of_regex(pattern->text, needle);
    if (pattern->kind != FW_PATTERN_WILD) {
        len = pattern->len < FW_NEEDLE_MOST ? pattern->len : FW_NEEDLE_MOST;
        memcpy(needle, pattern->text, len);
        return len;
    }
    for (const char *p = pattern->text; *p != '\0'; p += *p != '\0') { /* the longest between wildcards */
        const size_t run = strcspn(p, "*?\\");
        if (run > len) {
            len = run < FW_NEEDLE_MOST ? run : FW_NEEDLE_MOST;
            memcpy(needle, p, len);
        }
        p += run;
    }
    return len;
}

int fw_pattern_stack_open(struct fw_pattern_stack **out) {
    struct fw_pattern_stack *stack = calloc(1, sizeof *stack);

    *out = stack;
    if (stack == NULL)
        return -1;
    stack->found = pcre2_match_data_create(FW_CAPTURES + 1, NULL);
    stack->limits = pcre2_match_context_create(NULL);
    stack->jit = pcre2_jit_stack_create(32768, FW_PATTERN_STACK, NULL); /* NULL where there is no JIT */
    if (stack->found == NULL || stack->limits == NULL) {
        fw_pattern_stack_close(out);
        return -1;
    }
    (void)pcre2_set_match_limit(stack->limits, FW_PATTERN_MATCHES);
    (void)pcre2_set_depth_limit(stack->limits, FW_PATTERN_DEPTH);
    (void)pcre2_set_heap_limit(stack->limits, FW_PATTERN_STACK >> 10);
    if (stack->jit != NULL)
        pcre2_jit_stack_assign(stack->limits, NULL, stack->jit);
    return 0;
}

void fw_pattern_stack_close(struct fw_pattern_stack **out) {
    struct fw_pattern_stack *stack = *out;

    *out = NULL;
    if (stack == NULL)
        return;
    pcre2_jit_stack_free(stack->jit);
    pcre2_match_context_free(stack->limits);
    pcre2_match_data_free(stack->found);
    free(stack);
}

uint64_t fw_pattern_stack_limited(const struct fw_pattern_stack *stack) {
    return stack->limited;
}

const struct fw_str *fw_pattern_captured(const struct fw_pattern_stack *stack) {
    return stack->captured;
}

void fw_pattern_forget(struct fw_pattern_stack *stack) {
    memset(stack->captured, 0, sizeof stack->captured);
}

/* ---- matching ---- */

static bool equal(const struct fw_pattern *pattern, const char *text, const char *wanted, size_t len) {
    if (pattern->cased)
        return memcmp(text, wanted, len) == 0;
    for (size_t i = 0; i < len; i++)
        if (small(text[i]) != (unsigned char)wanted[i])
            return false;
    return true;
}

static bool has_part(const struct fw_pattern *pattern, const char *text, size_t len) {
    if (pattern->len == 0)
        return true;
    const unsigned char first = (unsigned char)pattern->text[0];

    for (size_t i = 0; i + pattern->len <= len; i++)
        if ((pattern->cased ? (unsigned char)text[i] : small(text[i])) == first &&
            equal(pattern, text + i, pattern->text, pattern->len))
            return true;
    return false;
}

/* With a '*' that does not lead on, one character more is given to the last one. */
static bool is_wild(const struct fw_pattern *pattern, const char *text, size_t len) {
    const char *p = pattern->text, *star = NULL;
    size_t i = 0, from = 0;

    while (i < len || *p == '*') {
        if (*p == '*') {
            star = ++p;
            from = i;
            continue;
        }
        const bool escaped = *p == '\\' && (p[1] == '*' || p[1] == '?' || p[1] == '\\');
        const char *one = p + escaped;

        if (*p != '\0' && ((*p == '?' && !escaped) || equal(pattern, text + i, one, 1))) {
            p = one + 1;
            i++;
        } else if (star != NULL) {
            p = star;
            i = ++from;
        } else {
            return false;
        }
    }
    return *p == '\0';
}

unsigned fw_pattern_brackets(const struct fw_pattern *pattern) {
    uint32_t count = 0;

    if (pattern->kind == FW_PATTERN_REGEX)
        (void)pcre2_pattern_info(pattern->regex, PCRE2_INFO_CAPTURECOUNT, &count);
    return count;
}

static bool is_regex(const struct fw_pattern *pattern, struct fw_pattern_stack *stack, const char *text, size_t len) {
    const int result = pcre2_match(pattern->regex, (PCRE2_SPTR)text, len, 0, 0, stack->found, stack->limits);

    if (result < 0) {
        stack->limited += result != PCRE2_ERROR_NOMATCH;
        return false;
    }
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(stack->found);
    const int n = result == 0 ? FW_CAPTURES + 1 : result; /* 0: there are more brackets than that */

    for (int i = 1; i <= FW_CAPTURES; i++)
        stack->captured[i - 1] = i < n && at[2 * i] != PCRE2_UNSET
                                     ? (struct fw_str){text + at[2 * i], (uint32_t)(at[2 * i + 1] - at[2 * i])}
                                     : (struct fw_str){NULL, 0};
    return true;
}

bool fw_pattern_match(const struct fw_pattern *pattern, struct fw_pattern_stack *stack, const char *text, size_t len) {
    switch (pattern->kind) {
    case FW_PATTERN_EXACT:
        return len == pattern->len && equal(pattern, text, pattern->text, len);
    case FW_PATTERN_PREFIX:
        return len >= pattern->len && equal(pattern, text, pattern->text, pattern->len);
    case FW_PATTERN_SUFFIX:
        return len >= pattern->len && equal(pattern, text + (len - pattern->len), pattern->text, pattern->len);
    case FW_PATTERN_PART:
        return has_part(pattern, text, len);
    case FW_PATTERN_WILD:
        return is_wild(pattern, text, len);
    case FW_PATTERN_REGEX:
        break;
    }
    return is_regex(pattern, stack, text, len);
}
