/* relation.h: which finding mutes which other one of the same source.
 *
 * Detectors know nothing of each other, so one cause may be found by several: a
 * mass mailer whose sessions are denied also looks like a scan of tcp/25. While
 * the parent is open the child is not announced; it is counted in its parent, and
 * announced when the parent has closed and it goes on all the same.
 *
 * A relation is one line of fw_relations in ../detect/registry.c. Invariants, which
 * tests/unit/test_relation.c checks: every name is a detector's, and no detector
 * mutes itself over any number of steps.
 */
#ifndef FW_RELATION_H
#define FW_RELATION_H

#include "finding.h"

#define FW_RELATION_SERVICES 4 /* that one relation is limited to; as the ports of mail */
#define FW_RELATION_DEPTH    8 /* parents above each other; the table has far less */

enum fw_relation_scope {
    FW_SAME_SOURCE = 1,
    FW_SAME_SERVICE, /* and the same protocol and port */
};

struct fw_service {
    int proto; /* 0 ends */
    int dport;
};

struct fw_relation {
    const char *parent; /* detector; NULL ends */
    const char *child;
    enum fw_relation_scope scope;
    struct fw_service only[FW_RELATION_SERVICES + 1]; /* services of the child; none: all */
};

/* The first relation by which an open finding of detector `parent` about `above` mutes one of `child` about `below`, as an
 * index into relations; -1: none. */
int fw_relation_find(const struct fw_relation *relations, const char *parent, const struct fw_subject *above,
                     const char *child, const struct fw_subject *below);

#endif
