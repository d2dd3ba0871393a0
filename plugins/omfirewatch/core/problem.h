/* problem.h: how errors in what people wrote reach people.
 *
 * One call per problem: the file, the line and column (from 1; 0 where there is
 * none), and a sentence that says what was wrong and what is allowed. The
 * command prints it, the module logs it: both say the same.
 */
#ifndef FW_PROBLEM_H
#define FW_PROBLEM_H

#include <stddef.h>

#define FW_PROBLEM_TEXT 512 /* a sentence; longer ones are cut */
#define FW_PROBLEMS_MAX 20  /* after so many in one load the rest are only counted */

struct fw_problems {
    void (*report)(void *cookie, const char *file, unsigned line, unsigned column, const char *text);
    void *cookie;
    unsigned count;
};

/* Counts it, and reports it while fewer than FW_PROBLEMS_MAX were. */
void fw_problem(struct fw_problems *problems, const char *file, unsigned line, unsigned column, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The name nearest to `name` by edit distance (at most 2 edits, or a third of its length), or NULL. */
const char *fw_problem_nearest(const char *name, const char *const *names, size_t n);

#endif
