/* store.h: the state of an engine in a file, and beside it the journal of what was reported since.
 *
 * Saving never touches the file that is there: the new one is written beside it,
 * brought to the disk and renamed. A file that is damaged, cut short or of
 * another version is never loaded in parts; it is set aside under another name.
 *
 * The journal makes up for what a killed process cannot save: every document is
 * noted in it before it leaves, so that the next run knows the findings that
 * were reported after the last save, and reports none of them again. It is
 * emptied when the state is saved.
 *
 * Files: PATH, PATH.new while saving, PATH.journal, PATH.damaged-1 and so on, all
 * of mode 0600: the state holds the secret seed of the tables, and what happened
 * on the network. The journal is locked (flock), so that two processes cannot
 * run on one state.
 * Threads: fw_store_note() may run beside fw_store_save(); everything else alone.
 */
#ifndef FW_STORE_H
#define FW_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/snapshot.h"

#define FW_STORE_DAMAGED_MAX 5   /* files set aside that are kept; the last is replaced from then on */
#define FW_STORE_ERROR       512 /* bytes for a message: a path and what is wrong with it */

struct fw_store;

/* 0, or -1 with text: the directory cannot be written, or another process runs on this state. */
int fw_store_open(struct fw_store **store, const char *path, char *err, size_t errlen);
void fw_store_close(struct fw_store **store);

enum fw_store_found { FW_STORE_NOTHING, FW_STORE_STATE, FW_STORE_DAMAGED };

/* Reads the whole file and checks it. DAMAGED: it was set aside, or could not be read; err says so. An engine that is
 * to load it has to be opened with the head's seed. */
enum fw_store_found fw_store_look(struct fw_store *store, struct fw_snapshot_head *head, char *err, size_t errlen);

struct fw_store_loaded {
    uint64_t frames;
    uint64_t dropped; /* frames the engine has no use for */
    uint64_t noted;   /* documents the journal knew of */
};
/* After fw_store_look() found a state: into an engine that was just opened. -1: the file changed meanwhile, and the
 * engine is not to be used. */
int fw_store_load(struct fw_store *store, struct fw_engine *engine, struct fw_store_loaded *loaded, char *err,
                  size_t errlen);

/* What saving needs of a caller whose engine runs. */
struct fw_store_guard {
    bool (*lock)(void *cookie); /* the engine: for a millisecond, many times; false, and not locked: give up */
    void (*unlock)(void *cookie);
    void *cookie;
};
/* guard: NULL when nobody else has the engine. 0; 1: gave up; -1 with text: the state that is
 * there stays, as does the journal. */
int fw_store_save(struct fw_store *store, struct fw_engine *engine, const struct fw_store_guard *guard, char *err,
                  size_t errlen);
/* Before a document leaves. -1: it could not be noted, errno says why; 1: no state is there that it could belong to. */
int fw_store_note(struct fw_store *store, const struct fw_document *document);

#endif
