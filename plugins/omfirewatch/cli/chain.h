/* chain.h: the tree of who infected whom, from the documents of infection_chain.
 *
 * One step a machine, the latest that was said of it. Invariants: names are cut at
 * FW_CHAIN_NAME and are shown by fw_cli_say() only; walking up ends after as many steps as there
 * are, whatever ring a file may describe. At most FW_INDEX_MAX machines.
 */
#ifndef FW_CHAIN_H
#define FW_CHAIN_H

#include <stdio.h>

#include "../core/event.h"
#include "../parse/record.h"
#include "index.h"

#define FW_CHAIN_NAME 64

struct fw_chain_step {
    char parent[FW_CHAIN_NAME]; /* "": it is nobody's child */
    fw_time began;              /* first evidence against the machine */
    int64_t port, share, lag;   /* -1: not known; percent; seconds */
    bool told;                  /* a document is about it; else it is known as a parent only */
};

/* Zero it first. */
struct fw_chain {
    struct fw_index machines;
    struct fw_chain_step *steps; /* by number of the machine */
};

/* Keeps the step of a document of infection_chain, others are none of its business. False: there is no room. */
bool fw_chain_add(struct fw_chain *chain, const struct fw_record *record);
void fw_chain_free(struct fw_chain *chain);
/* The tree that the machine is in, a line each, from its root; nothing when it is in none. */
void fw_chain_print(const struct fw_chain *chain, const char *machine, FILE *out);
/* All trees in Graphviz's language. */
void fw_chain_dot(const struct fw_chain *chain, FILE *out);

#endif
