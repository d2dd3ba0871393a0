/* store.c: see store.h.
 * Memory: one frame, taken in open. Reading and writing go frame by frame.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"

struct fw_store {
    char *path;
    char *path_new;
    uint8_t *frame; /* FW_FRAME_MAX */
    int fd;         /* of the state between look and load, or -1 */
    struct fw_snapshot_head head;
    pthread_mutex_t mut; /* guards the journal */
    struct fw_journal journal;
};

static int say(char *err, size_t errlen, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int say(char *err, size_t errlen, const char *format, ...) {
    va_list args;

    va_start(args, format);
    (void)vsnprintf(err, errlen, format, args);
    va_end(args);
    return -1;
}

/* The state that the journal belongs to. */
static uint64_t identity_of(const struct fw_seed *seed) {
    return fw_hash(&fw_seed_fixed, seed, sizeof *seed);
}

/* ---- opening ---- */

static int open_journal(struct fw_store *store, char *err, size_t errlen) {
    char *path = NULL;

    if (asprintf(&path, "%s.journal", store->path) < 0)
        return say(err, errlen, "out of memory");
    const int result = fw_journal_open(&store->journal, path);
    if (result != 0 && errno == EWOULDBLOCK)
        (void)say(err, errlen, "%s: another process runs on this state", store->path);
    else if (result != 0)
        (void)say(err, errlen, "%s: cannot be written: %s", path, strerror(errno));
    free(path);
    return result;
}

int fw_store_open(struct fw_store **out, const char *path, char *err, size_t errlen) {
    struct fw_store *store = calloc(1, sizeof *store);

    *out = NULL;
    if (!store)
        return say(err, errlen, "out of memory");
    (void)pthread_mutex_init(&store->mut, NULL);
    store->fd = store->journal.fd = -1;
    store->path = strdup(path);
    store->frame = malloc(FW_FRAME_MAX);
    if (!store->path || !store->frame || asprintf(&store->path_new, "%s.new", path) < 0) {
        store->path_new = NULL;
        fw_store_close(&store);
        return say(err, errlen, "out of memory");
    }
    if (open_journal(store, err, errlen) != 0) {
        fw_store_close(&store);
        return -1;
    }
    *out = store;
    return 0;
}

static void forget_file(struct fw_store *store) {
    if (store->fd >= 0)
        (void)close(store->fd);
    store->fd = -1;
}

void fw_store_close(struct fw_store **out) {
    struct fw_store *store = *out;

    *out = NULL;
    if (!store)
        return;
    forget_file(store);
    fw_journal_close(&store->journal);
    (void)pthread_mutex_destroy(&store->mut);
    free(store->path);
    free(store->path_new);
    free(store->frame);
    free(store);
}

/* ---- reading ---- */

/* How many of the bytes were there, or -1. */
static ssize_t read_some(int fd, void *p, size_t size) {
    uint8_t *bytes = p;
    size_t have = 0;

    while (have < size) {
        const ssize_t n = read(fd, bytes + have, size - have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

/* NULL, or what is wrong with the number-th frame, which is then in store->frame. */
static const char *read_frame(struct fw_store *store, uint64_t number, struct fw_frame *frame) {
    const ssize_t head = read_some(store->fd, store->frame, FW_FRAME_HEAD);

    if (head < 0)
        return strerror(errno);
    if (head < (ssize_t)FW_FRAME_HEAD)
        return "it ends before its end";
    if (fw_frame_get_head(frame, number, store->frame) != 0)
        return "it is damaged";
    const ssize_t records = read_some(store->fd, store->frame + FW_FRAME_HEAD, frame->length);
    if (records < 0)
        return strerror(errno);
    if (records < (ssize_t)frame->length)
        return "it ends before its end";
    return fw_frame_is_whole(frame, store->frame) ? NULL : "it is damaged";
}

/* Frame by frame to the end, and each to the engine unless that is NULL. */
static const char *read_frames(struct fw_store *store, struct fw_restore *restore) {
    for (uint64_t number = 0;; number++) {
        struct fw_frame frame;
        const char *why = read_frame(store, number, &frame);

        if (why)
            return why;
        if (restore)
            fw_restore_frame(restore, &frame, store->frame + FW_FRAME_HEAD);
        if (fw_frame_is_end(&frame))
            return read_some(store->fd, store->frame, 1) == 0 ? NULL : "something follows its end";
    }
}

static const char *read_file(struct fw_store *store) {
    uint8_t bytes[FW_SNAPSHOT_HEAD];
    const char *why = NULL;
    const ssize_t n = read_some(store->fd, bytes, sizeof bytes);

    if (n < 0)
        return strerror(errno);
    if (n == 0)
        return "it is empty";
    if (n < (ssize_t)sizeof bytes)
        return "it ends before its end";
    if (fw_snapshot_get_head(&store->head, bytes, &why) != 0)
        return why;
    return read_frames(store, NULL);
}

/* A name that is free, or the last one. */
static int set_aside(const struct fw_store *store, const char *why, char *err, size_t errlen) {
    char *path = NULL;

    for (unsigned i = 1; i <= FW_STORE_DAMAGED_MAX; i++) {
        free(path);
        if (asprintf(&path, "%s.damaged-%u", store->path, i) < 0)
            return say(err, errlen, "%s: %s", store->path, why);
        if (access(path, F_OK) != 0)
            break;
    }
    if (rename(store->path, path) == 0)
        (void)say(err, errlen, "%s: %s; set aside as %s", store->path, why, path);
    else
        (void)say(err, errlen, "%s: %s; it could not be set aside as %s: %s", store->path, why, path, strerror(errno));
    free(path);
    return -1;
}

enum fw_store_found fw_store_look(struct fw_store *store, struct fw_snapshot_head *head, char *err, size_t errlen) {
    forget_file(store);
    (void)unlink(store->path_new); /* of a process that was killed while it saved */
    store->fd = open(store->path, O_RDONLY | O_CLOEXEC);
    if (store->fd < 0 && errno == ENOENT)
        return FW_STORE_NOTHING;
    if (store->fd < 0) {
        (void)say(err, errlen, "%s: cannot be read: %s", store->path, strerror(errno));
        return FW_STORE_DAMAGED;
    }
    const char *why = read_file(store);
    if (why) {
        forget_file(store);
        (void)set_aside(store, why, err, errlen);
        return FW_STORE_DAMAGED;
    }
    *head = store->head;
    return FW_STORE_STATE;
}

int fw_store_load(struct fw_store *store, struct fw_engine *engine, struct fw_store_loaded *loaded, char *err,
                  size_t errlen) {
    struct fw_restore restore;

    memset(loaded, 0, sizeof *loaded);
    if (store->fd < 0 || lseek(store->fd, FW_SNAPSHOT_HEAD, SEEK_SET) < 0)
        return say(err, errlen, "%s: cannot be read", store->path);
    fw_restore_begin(&restore, engine);
    const char *why = read_frames(store, &restore);
    forget_file(store);
    if (why)
        return set_aside(store, why, err, errlen);
    loaded->noted = fw_journal_read(&store->journal, identity_of(&store->head.seed), &restore);
    fw_restore_end(&restore);
    loaded->frames = restore.frames;
    loaded->dropped = restore.dropped;
    return 0;
}

/* ---- writing ---- */

static bool lock(const struct fw_store_guard *guard) {
    return !guard || guard->lock(guard->cookie);
}

static void unlock(const struct fw_store_guard *guard) {
    if (guard)
        guard->unlock(guard->cookie);
}

static int write_all(int fd, const void *p, size_t size) {
    const uint8_t *bytes = p;

    while (size > 0) {
        const ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

/* What is in the journal by now is known to what will be written. */
static off_t journal_end(struct fw_store *store) {
    (void)pthread_mutex_lock(&store->mut);
    const off_t end = store->journal.end;
    (void)pthread_mutex_unlock(&store->mut);
    return end;
}

static int write_head(struct fw_store *store, int fd, struct fw_engine *engine, const struct fw_store_guard *guard,
                      off_t *known) {
    uint8_t bytes[FW_SNAPSHOT_HEAD];

    if (!lock(guard))
        return 1;
    *known = journal_end(store);
    const struct fw_snapshot_head head = {.seed = fw_engine_seed(engine), .time = fw_engine_now(engine)};
    unlock(guard);
    store->head = head;
    fw_snapshot_put_head(&head, bytes);
    return write_all(fd, bytes, sizeof bytes);
}

/* 0, 1: gave up, -1: errno. The lock is held while a frame is filled, never while it is written. */
static int write_frames(struct fw_store *store, int fd, struct fw_engine *engine, const struct fw_store_guard *guard) {
    struct fw_snapshot snapshot;

    fw_snapshot_begin(&snapshot, store->frame);
    for (;;) {
        if (!lock(guard))
            return 1;
        const bool more = fw_snapshot_fill(&snapshot, engine);
        unlock(guard);
        if (!more)
            return 0;
        fw_snapshot_seal(&snapshot);
        if (write_all(fd, store->frame, snapshot.len) != 0)
            return -1;
    }
}

/* So that the new name is on the disk as well; what fails here fails silently: the file itself is whole. */
static void sync_directory(const char *path) {
    char *copy = strdup(path);
    const int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(copy);
}

static int write_file(struct fw_store *store, struct fw_engine *engine, const struct fw_store_guard *guard,
                      off_t *known) {
    (void)unlink(store->path_new);
    const int fd = open(store->path_new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    int result = write_head(store, fd, engine, guard, known);
    if (result == 0)
        result = write_frames(store, fd, engine, guard);
    if (result == 0 && fsync(fd) != 0)
        result = -1;
    int kept = errno;
    if (close(fd) != 0 && result == 0) {
        kept = errno;
        result = -1;
    }
    if (result == 0 && rename(store->path_new, store->path) != 0) {
        kept = errno;
        result = -1;
    }
    if (result != 0)
        (void)unlink(store->path_new);
    errno = kept;
    return result;
}

int fw_store_save(struct fw_store *store, struct fw_engine *engine, const struct fw_store_guard *guard, char *err,
                  size_t errlen) {
    off_t known;
    const int result = write_file(store, engine, guard, &known);

    if (result < 0)
        return say(err, errlen, "%s: cannot be saved: %s", store->path, strerror(errno));
    if (result > 0)
        return result;
    sync_directory(store->path);
    (void)pthread_mutex_lock(&store->mut);
    const int cut = fw_journal_cut(&store->journal, known, identity_of(&store->head.seed));
    const int why = errno;
    (void)pthread_mutex_unlock(&store->mut);
    if (cut != 0)
        return say(err, errlen, "%s: its journal cannot be emptied: %s", store->path, strerror(why));
    return 0;
}

int fw_store_note(struct fw_store *store, const struct fw_document *document) {
    (void)pthread_mutex_lock(&store->mut);
    const int result = fw_journal_add(&store->journal, document);
    (void)pthread_mutex_unlock(&store->mut);
    return result;
}
