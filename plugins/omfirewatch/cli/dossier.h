/* dossier.h: what a run has seen of one address.
 *
 * It listens to an engine (struct fw_probe): an event counts when the detectors
 * get it, which is later than it was read where its time was in question.
 * Everything is bounded: a log may hold any number of peers and ports of an
 * address. Readings are what detectors say of their entries after an event of the
 * address (fw_sink_tell()): the nearest miss of each subject is kept.
 */
#ifndef FW_DOSSIER_H
#define FW_DOSSIER_H

#include "index.h"
#include "run.h"
#include "told.h"
#include "top.h"

#define FW_DOSSIER_READINGS 1024 /* subjects; of more the ones furthest from a finding are forgotten */
#define FW_DOSSIER_SHOWN    5    /* of each list */

enum { FW_DOSSIER_ALLOWED, FW_DOSSIER_DENIED, FW_DOSSIER_OTHER, FW_DOSSIER_ACTIONS };

/* The address as source, or as destination. */
struct fw_dossier_end {
    uint64_t events;
    uint64_t kinds[FW_KINDS][FW_DOSSIER_ACTIONS];
    fw_time first, last;
    struct fw_top services;
    struct fw_top peers;
};

struct fw_dossier_reading {
    const struct fw_detector *detector;
    struct fw_reading reading; /* with the highest share of the threshold */
    fw_time time;
    bool found; /* a finding was open at some time */
};

/* Which end of an event the address is. */
enum fw_dossier_side { FW_DOSSIER_SOURCE, FW_DOSSIER_DESTINATION, FW_DOSSIER_SIDES };

struct fw_dossier {
    union fw_addr addr;
    char text[FW_ADDR_TEXT_MAX];
    struct fw_dossier_end source, destination;
    uint64_t held[FW_DETECTORS_MAX][FW_ENTRIES_MAX][FW_DOSSIER_SIDES]; /* kept from a detector, by fw_entry.number */
    uint64_t learned[FW_DETECTORS_MAX][FW_DOSSIER_SIDES];              /* by a role that it has by what it uses */
    uint64_t unseen;                                                   /* events that no detector wanted */
    uint64_t uncounted; /* that detectors saw and no role held back, and that added to nothing */
    uint64_t joined, replies, late;

    struct fw_dossier_reading readings[FW_DOSSIER_READINGS];
    size_t readings_count;
    uint64_t readings_lost;

    struct fw_index ids; /* findings about it */
    struct fw_told *told;
    bool told_full;

    struct fw_engine *engine;
    struct fw_probe probe;
    /* of the event at hand */
    bool mine; /* one of its ends is the address; only then are the others good */
    enum fw_dossier_side side;
    fw_time now;
    bool suppressed, counted;
};

void fw_dossier_init(struct fw_dossier *dossier, const union fw_addr *addr);
void fw_dossier_free(struct fw_dossier *dossier);
/* Notes from now on what the engine's events are to the address; the engine is open as long as the dossier. */
void fw_dossier_listen(struct fw_dossier *dossier, struct fw_engine *engine);
/* A document; kept when it is about the address. */
void fw_dossier_document(struct fw_dossier *dossier, const struct fw_record *record);
/* dossier_print.c. Sorts it. */
int fw_dossier_print(struct fw_dossier *dossier, const struct fw_policy *policy, FILE *out);

#endif
