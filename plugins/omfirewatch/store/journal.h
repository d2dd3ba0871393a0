/* journal.h: which documents left since the state was saved; see store.h.
 *
 * A head (magic 8, identity of the state 8), then records: checksum 8, sequence 8,
 * length 8, the document's trace. Written with one write(2) each: a process that
 * is killed leaves all of them, or a torn last one, at which reading ends.
 */
#ifndef FW_JOURNAL_H
#define FW_JOURNAL_H

#include <sys/types.h>

#include "../core/snapshot.h"

#define FW_JOURNAL_HEAD        16
#define FW_JOURNAL_RECORD_HEAD 24

struct fw_journal {
    char *path;
    int fd;
    uint64_t identity;
    bool ready; /* it belongs to the state that is there */
    off_t end;
};

/* Opens and locks it. -1: errno; EWOULDBLOCK: another process has it. */
int fw_journal_open(struct fw_journal *journal, const char *path);
void fw_journal_close(struct fw_journal *journal);
/* Takes what is there, when it is of that identity, else begins a new one: from then on it is ready. Returns how many
 * records. */
uint64_t fw_journal_read(struct fw_journal *journal, uint64_t identity, struct fw_restore *restore);
/* -1: errno. 1: it is not ready, and nothing was done. */
int fw_journal_add(struct fw_journal *journal, const struct fw_document *document);
/* A state was saved that knows what was added up to that offset: forgets it. -1: errno, nothing changed. */
int fw_journal_cut(struct fw_journal *journal, off_t known, uint64_t identity);

#endif
