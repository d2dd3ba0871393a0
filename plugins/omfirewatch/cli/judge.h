/* judge.h: whether what was found is what a test expects, and what differs. */
#ifndef FW_JUDGE_H
#define FW_JUDGE_H

#include "cli.h"
#include "index.h"
#include "spec.h"
#include "told.h"

#define FW_JUDGE_DOCUMENTS 10000 /* of one test; more is a log, not a test */

/* The documents of one test. Zero it, and open record. */
struct fw_judge {
    struct fw_record *record;
    struct fw_index ids;  /* of findings, and a made-up one for each other document */
    struct fw_told *told; /* by number of the id */
    char **documents;     /* as JSON */
    size_t *finding;      /* of each document: number of its id */
    size_t count;
    bool lost; /* there were more, or no memory */
};

void fw_judge_take(struct fw_judge *judge, const struct fw_document *document);
/* Says on `out`, behind "# ", what is not as expected; path is the file of the test. True: all is. */
bool fw_judge_test(struct fw_judge *judge, const struct fw_spec_test *test, const struct fw_counters *counters,
                   const char *path, FILE *out);
/* Forgets the documents; the record stays. */
void fw_judge_clear(struct fw_judge *judge);

#endif
