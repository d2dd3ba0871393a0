/* fanout.h: how many different things one key tried in vain in a window.
 *
 * What detectors of scans have in common: a set of distinct elements (hosts, or
 * ports of one host) that failed, a walk that weighs failures against answers
 * (see attempt.h), and stages, each four times the one before.
 * Invariant: struct fw_fanout is the first member of a value of keyed.h, and its
 * set the first of the shape.
 * Memory: that of the value, and 36 bytes an element.
 */
#ifndef FW_FANOUT_H
#define FW_FANOUT_H

#include "../core/bits.h"
#include "attempt.h"
#include "keyed.h"

#define FW_FANOUT_STAGES 3
#define FW_FANOUT_FACTOR 4 /* each stage is four times the one before */

struct fw_fanout {
    struct fw_matter matter;
    struct fw_distinct failed;
    uint64_t magnitude; /* since the opening */
    uint32_t added;     /* new elements since the opening */
    int32_t walk;
};

/* The window's elements at the opening are what the finding begins with, but for strays: those after which there was
 * nothing for longer than all that came then has taken. A connection that failed half an hour before a
 * burst is no part of it, and the finding's start is what infection_chain looks for a parent by. `threshold` elements
 * stay in any case. */
void fw_fanout_open(struct fw_keyed *keyed, struct fw_fanout *fan, uint64_t threshold);
/* One element failed: the entry, or NULL while the gate keeps it. */
void *fw_fanout_fail(struct fw_det *det, const struct fw_sink *sink, const void *key, const struct fw_event *ev,
                     const union fw_addr *element, fw_time window);
/* One element answered: it is no failure any more, and the walk goes a step back. NULL: nothing of that key had
 * failed. */
void *fw_fanout_answer(struct fw_det *det, const void *key, const union fw_addr *element);
/* Brings the magnitude up to date. After an opening, before the stage. */
void fw_fanout_look(struct fw_keyed *keyed, struct fw_fanout *fan);
/* 1 to FW_FANOUT_STAGES by magnitude. */
unsigned fw_fanout_stage(const struct fw_fanout *fan);
/* For most, instead of the three above: opens it when there are so many elements. False: there are fewer. */
bool fw_fanout_is_over(struct fw_det *det, struct fw_fanout *fan, uint64_t threshold);
/* And reports the magnitude and stage of one that is open. */
void fw_fanout_report(struct fw_det *det, const struct fw_sink *sink, struct fw_fanout *fan,
                      const struct fw_subject *subject, fw_time time);
/* Are the last `n` elements no older than `span` before `now`? */
bool fw_fanout_burst(const struct fw_keyed *keyed, const struct fw_fanout *fan, uint64_t n, fw_time now, fw_time span);
/* What `firewatch why` is told: the magnitude when it is open, else the count, or what the gate has. fan may be NULL. */
struct fw_reading fw_fanout_reading(const struct fw_fanout *fan, const struct fw_subject *subject,
                                    enum fw_attempt outcome, uint64_t threshold, const char *what);

/* A service as an element of a set, and back. */
union fw_addr fw_fanout_port(unsigned proto, uint16_t port);
unsigned fw_fanout_port_of(const union fw_addr *element);
unsigned fw_fanout_proto_of(const union fw_addr *element);

#endif
