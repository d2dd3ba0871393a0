/* intake.h: events that wait for the engine while another worker holds it.
 *
 * A worker that finds the engine's lock taken leaves its event here and goes on
 * parsing; who holds the lock takes what has come. So a lock is waited for once
 * for FW_INTAKE_SLOTS events, not for each, and the engine's memory stays in the
 * caches of one core for as long as it has work.
 *
 * It is the bounded queue of Dmitry Vyukov ("Bounded MPMC queue", 1024cores.net):
 * each slot has a number that says whose turn it is. Any thread puts; one at a
 * time, the one with the engine's lock, takes.
 * Invariants: events come out in the order in which their places were taken, so
 * those of one worker in the order of its lines; nothing is lost: what finds no
 * place is the caller's, who waits for the lock.
 * Memory: FW_INTAKE_SLOTS of about 2 KiB, at open; an event touches what it fills.
 * What an attacker controls: the text, up to its bound; a longer one waits for the lock.
 */
#ifndef FW_INTAKE_H
#define FW_INTAKE_H

#include <stdbool.h>

#include "core/event.h"
#include "parse/parser.h"

#define FW_INTAKE_SLOTS 64   /* power of two: a lock's hand-over, some microseconds, is paid once for so many events */
#define FW_INTAKE_TEXT  1024 /* bytes of all strings of one event: a line of a firewall is shorter */

struct fwIntake;

/* What became of a line. */
struct fwArrival {
    enum fw_parse_result result;
    bool truncated;
    struct fw_event event; /* with FW_PARSE_EVENT */
    char text[FW_INTAKE_TEXT];
};

/* NULL: no memory */
struct fwIntake *fwIntakeNew(void);
void fwIntakeFree(struct fwIntake **ppIntake);
/* From any thread. False: it is full, or the event has too much text; nothing was taken. pEvent is copied. */
bool fwIntakePut(struct fwIntake *pIntake, enum fw_parse_result result, const struct fw_event *pEvent, bool truncated);
/* The oldest, or NULL: none is there, or who took its place is not done yet. Good until fwIntakeDone(). */
struct fwArrival *fwIntakeTake(struct fwIntake *pIntake);
void fwIntakeDone(struct fwIntake *pIntake);
/* Whether there is something to take; from any thread, a guess as soon as it is said. */
bool fwIntakeHasAny(struct fwIntake *pIntake);

#endif
