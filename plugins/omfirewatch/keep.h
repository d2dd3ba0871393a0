/* keep.h: what a station keeps over a restart: its state in a file, and the journal beside it.
 *
 * Where: what the action says, else omfirewatch-ENGINE.state in rsyslog's
 * workDirectory, else nowhere. Saved every minute by a thread for all engines,
 * and at the end, when nobody feeds the engine any more.
 */
#ifndef FW_KEEP_H
#define FW_KEEP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/engine.h"
#include "store/store.h"

struct fwKeep {
    char *pszPath; /* NULL: nothing is kept */
    struct fw_store *pStore;
    bool bSaveFailed; /* told; until one succeeds again */
    bool bNoteFailed;
    atomic_uint_least64_t nSaved;
    atomic_uint_least64_t nFailed;
    atomic_uint_least64_t nDropped;
    atomic_uint_least64_t nNoted;
    atomic_uint_least64_t nNoteFailed;
};

/* pszSaid: of the action, or NULL; rsyslog checks its configuration: a directory that is not there or cannot be written is
 * an error. */
rsRetVal fwKeepPlace(struct fwKeep *pKeep, const char *pszSaid, const char *pszEngine, rsconf_t *pConf);
/* rsyslogd begins to run: takes the files. Without them it runs as well, and says so. */
void fwKeepOpen(struct fwKeep *pKeep, const char *pszEngine);
void fwKeepClose(struct fwKeep *pKeep);
bool fwKeepIsOpen(const struct fwKeep *pKeep);

/* What is there, with the seed it wants. A damaged one was set aside and told; text for a health message in pszText. */
enum fw_store_found fwKeepLook(struct fwKeep *pKeep, struct fw_seed *pSeed, char pszText[FW_STORE_ERROR]);
/* False: it cannot be used, and the engine neither. */
bool fwKeepLoad(struct fwKeep *pKeep, struct fw_engine *pEngine, char pszText[FW_STORE_ERROR]);
/* What is to be told as health, in pszText: it failed for the first time, or went well after it had failed. */
enum fwKeepNews { FW_KEEP_NO_NEWS, FW_KEEP_FAILED, FW_KEEP_AGAIN };
enum fwKeepNews fwKeepSave(struct fwKeep *pKeep, struct fw_engine *pEngine, const struct fw_store_guard *pGuard,
                           char pszText[FW_STORE_ERROR]);
/* Before a document is injected. */
void fwKeepNote(struct fwKeep *pKeep, const struct fw_document *pDocument);

#endif
