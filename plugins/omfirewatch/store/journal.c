/* journal.c: see journal.h. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = {'F', 'W', 'J', 'O', 'U', 'R', 'N', '\n'};

#define RECORD_MAX (FW_JOURNAL_RECORD_HEAD + FW_TRACE_MAX)

static int open_locked(const char *path, int flags) {
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int kept = errno;

        (void)close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

int fw_journal_open(struct fw_journal *journal, const char *path) {
    memset(journal, 0, sizeof *journal);
    journal->fd = -1;
    journal->path = strdup(path);
    if (!journal->path)
        return -1;
    journal->fd = open_locked(path, 0);
    return journal->fd >= 0 ? 0 : -1;
}

void fw_journal_close(struct fw_journal *journal) {
    if (journal->fd >= 0)
        (void)close(journal->fd);
    free(journal->path);
    memset(journal, 0, sizeof *journal);
    journal->fd = -1;
}

static void put_head(uint8_t head[FW_JOURNAL_HEAD], uint64_t identity) {
    struct fw_put put = {.p = head, .size = FW_JOURNAL_HEAD};

    fw_put_bytes(&put, magic, sizeof magic);
    fw_put_u64(&put, identity);
}

/* Length of the record at `at`, or 0: there is no whole one. */
static size_t read_record(int fd, off_t at, uint8_t record[RECORD_MAX], uint64_t *sequence) {
    const ssize_t n = pread(fd, record, RECORD_MAX, at);
    struct fw_get get = {.p = record, .size = n > 0 ? (size_t)n : 0};
    const uint64_t checksum = fw_get_u64(&get);

    *sequence = fw_get_u64(&get);
    const uint64_t len = fw_get_u64(&get);
    if (get.failed || len > get.size - get.at)
        return 0;
    const size_t all = FW_JOURNAL_RECORD_HEAD + (size_t)len;
    return fw_hash(&fw_seed_fixed, record + 8, all - 8) == checksum ? all : 0;
}

static int write_all(int fd, const void *p, size_t size, off_t at) {
    const uint8_t *bytes = p;

    while (size > 0) {
        const ssize_t n = pwrite(fd, bytes, size, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
        at += n;
    }
    return 0;
}

/* Empties it, in place. */
static int begin(struct fw_journal *journal, const uint8_t head[FW_JOURNAL_HEAD], uint64_t identity) {
    journal->ready = ftruncate(journal->fd, 0) == 0 && write_all(journal->fd, head, FW_JOURNAL_HEAD, 0) == 0;
    journal->end = FW_JOURNAL_HEAD;
    journal->identity = identity;
    return journal->ready ? 0 : -1;
}

uint64_t fw_journal_read(struct fw_journal *journal, uint64_t identity, struct fw_restore *restore) {
    uint8_t head[FW_JOURNAL_HEAD], found[FW_JOURNAL_HEAD], record[RECORD_MAX];
    uint64_t sequence, n = 0;
    size_t len;

    put_head(head, identity);
    if (pread(journal->fd, found, sizeof found, 0) != (ssize_t)sizeof found || memcmp(head, found, sizeof head) != 0) {
        (void)begin(journal, head, identity); /* or it is not ready, which adding tells */
        return 0;
    }
    journal->ready = true;
    journal->identity = identity;
    journal->end = FW_JOURNAL_HEAD;
    for (; (len = read_record(journal->fd, journal->end, record, &sequence)) > 0; n++) {
        fw_restore_trace(restore, sequence, record + FW_JOURNAL_RECORD_HEAD, len - FW_JOURNAL_RECORD_HEAD);
        journal->end += (off_t)len;
    }
    if (ftruncate(journal->fd, journal->end) != 0) /* a torn last record: what is added goes over it */
        return n;
    return n;
}

int fw_journal_add(struct fw_journal *journal, const struct fw_document *document) {
    uint8_t record[RECORD_MAX];
    struct fw_put put = {.p = record, .size = sizeof record};

    if (!journal->ready)
        return 1;
    fw_put_u64(&put, 0);
    fw_put_u64(&put, document->sequence);
    fw_put_u64(&put, document->trace_len);
    fw_put_bytes(&put, document->trace, document->trace_len);
    struct fw_put checksum = {.p = record, .size = 8};
    fw_put_u64(&checksum, fw_hash(&fw_seed_fixed, record + 8, put.len - 8));
    if (write_all(journal->fd, record, put.len, journal->end) != 0)
        return -1; /* what there is of it is torn, and the next one goes over it */
    journal->end += (off_t)put.len;
    return 0;
}

/* From `known` on, to the file that is to replace the journal. */
static int copy_rest(const struct fw_journal *journal, int to, off_t known, off_t *end) {
    uint8_t bytes[4096];

    for (off_t at = known; at < journal->end;) {
        const size_t left = (size_t)(journal->end - at);
        const ssize_t n = pread(journal->fd, bytes, left < sizeof bytes ? left : sizeof bytes, at);

        if (n <= 0 || write_all(to, bytes, (size_t)n, *end) != 0)
            return -1;
        at += n;
        *end += n;
    }
    return 0;
}

/* The new file is locked before it takes the place, so that nobody comes between. */
static int replace(struct fw_journal *journal, off_t known, const uint8_t head[FW_JOURNAL_HEAD]) {
    char *path = NULL;
    off_t end = FW_JOURNAL_HEAD;

    if (asprintf(&path, "%s.new", journal->path) < 0)
        return -1;
    (void)unlink(path);
    const int fd = open_locked(path, O_EXCL);
    if (fd >= 0 && (write_all(fd, head, FW_JOURNAL_HEAD, 0) != 0 || copy_rest(journal, fd, known, &end) != 0 ||
                    rename(path, journal->path) != 0)) {
        const int kept = errno;

        (void)close(fd);
        (void)unlink(path);
        free(path);
        errno = kept;
        return -1;
    }
    free(path);
    if (fd < 0)
        return -1;
    (void)close(journal->fd);
    journal->fd = fd;
    journal->end = end;
    return 0;
}

/* Mostly nothing came while the state was saved: then the file is emptied in place. */
int fw_journal_cut(struct fw_journal *journal, off_t known, uint64_t identity) {
    uint8_t head[FW_JOURNAL_HEAD];

    put_head(head, identity);
    if (!journal->ready || known >= journal->end)
        return begin(journal, head, identity);
    if (replace(journal, known, head) != 0)
        return -1;
    journal->identity = identity;
    return 0;
}
