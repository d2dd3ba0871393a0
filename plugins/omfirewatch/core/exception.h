/* exception.h: what roles and exceptions of the policy keep from the detectors, and how much.
 *
 * A role of the source or an exception leaves an event out; whoever wrote it a
 * year ago wants to know whether it still does. So each counts, by detector:
 * once a FW_SUMMARY_EVERY a summary says who held back how much; one that has
 * reached its end is reported once, and so is one that held back nothing within
 * FW_EXCEPTION_UNUSED.
 *
 * Invariants: every entry of the site has a slot of counters, found again by its
 * id when the policy changes. An event that no entry is about does not come here.
 * Memory: FW_ENTRIES_MAX slots of 440 bytes, at open.
 * What an attacker controls: how many events are held back, no text.
 */
#ifndef FW_EXCEPTION_H
#define FW_EXCEPTION_H

#include "../detect/detector.h"
#include "site.h"
#include "state.h"

#define FW_EXCEPTION_UNUSED (7 * 24 * FW_HOUR) /* what works on weekdays, or on one, has had its turn */

struct fw_exceptions;

int fw_exceptions_open(struct fw_exceptions **exceptions, const struct fw_mem *mem);
void fw_exceptions_close(struct fw_exceptions **exceptions);
/* The policy from now on; the site is borrowed until the next. summary: between two summaries, 0 for the default. */
void fw_exceptions_policy(struct fw_exceptions *exceptions, const struct fw_site *site, fw_time summary);

/* The exception that keeps the event from the detector of that index, or NULL. Counts it. src, dst: the places of its
 * addresses. The rules of the policy stand behind FW_DETECTORS_MAX; they are counted together. */
const struct fw_entry *fw_exceptions_hold(struct fw_exceptions *exceptions, const struct fw_event *ev,
                                          const struct fw_place *src, const struct fw_place *dst, size_t detector);
/* The event was left out because its source has one of the guarding roles: counts it for the entry that gave it, and
 * returns that; NULL when none did. */
const struct fw_entry *fw_exceptions_guarded(struct fw_exceptions *exceptions, const struct fw_event *ev,
                                             size_t detector, uint64_t guards);
/* Time has passed: says what is to be said. detectors: n of them. */
void fw_exceptions_advance(struct fw_exceptions *exceptions, fw_time now, const struct fw_detector *detectors, size_t n,
                           struct fw_findings *findings);

/* A clock was set: what lies beyond `from` moves by delta, see timing.h. */
void fw_exceptions_shift(struct fw_exceptions *exceptions, fw_time from, fw_time delta);

/* How many events the entry of that number has held back. */
uint64_t fw_exceptions_total(const struct fw_exceptions *exceptions, size_t number);

/* As state.h says; load comes after fw_exceptions_policy(), and what is of no entry any more is left out. */
bool fw_exceptions_save(const struct fw_exceptions *exceptions, struct fw_put *put, uint64_t *cursor);
int fw_exceptions_load(struct fw_exceptions *exceptions, struct fw_get *get);

#endif
