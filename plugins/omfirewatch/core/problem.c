/* problem.c: reporting what is wrong in a file, and guessing what was meant.
 *
 * Invariants: every problem is counted, at most FW_PROBLEMS_MAX are reported.
 * Memory: one text of FW_PROBLEM_TEXT bytes on the stack.
 * What an attacker controls: nothing; files are written by administrators. They
 * may still be large and wrong everywhere, hence the limits.
 */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 64 /* longer than any name we offer; a longer one is no typing error */
#define NEAR_EDITS     2  /* in short names */

void fw_problem(struct fw_problems *problems, const char *file, unsigned line, unsigned column, const char *fmt, ...) {
    char text[FW_PROBLEM_TEXT];
    va_list args;

    if (problems->count++ >= FW_PROBLEMS_MAX || !problems->report)
        return;
    va_start(args, fmt);
    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = '\0';
    va_end(args);
    problems->report(problems->cookie, file, line, column, text);
}

static unsigned smaller(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Levenshtein's distance, one row at a time. Case costs nothing: whoever wrote
 * "Port_Scan" is helped by being shown "port_scan". */
static unsigned edits(const char *a, size_t a_len, const char *b, size_t b_len) {
    unsigned row[NAME_MAX_BYTES + 1];

    for (size_t j = 0; j <= b_len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            const unsigned replaced = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));

            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}

const char *fw_problem_nearest(const char *name, const char *const *names, size_t n) {
    const size_t len = strlen(name);
    unsigned best_edits = len / 3 > NEAR_EDITS ? (unsigned)(len / 3) + 1 : NEAR_EDITS + 1;
    const char *best = NULL;

    if (len == 0 || len > NAME_MAX_BYTES)
        return NULL;
    if (best_edits > len) /* nothing of a name is left after as many edits as it has letters */
        best_edits = (unsigned)len;
    for (size_t i = 0; i < n; i++) {
        const size_t other = strlen(names[i]);

        if (other > NAME_MAX_BYTES)
            continue;
        const unsigned distance = edits(name, len, names[i], other);
        if (distance < best_edits) {
            best_edits = distance;
            best = names[i];
        }
    }
    return best;
}
