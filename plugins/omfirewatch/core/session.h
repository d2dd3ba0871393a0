/* session.h: the join of a session's opening and closing, so that it counts once.
 *
 * Key: sensor and session id where the device gives one, else sensor and
 * five-tuple. A flow_start is remembered; the flow_end that finds it does not
 * count as another connection (its bytes and duration still do). Where only one
 * of the two is logged, that one counts. Where workers hand over an end before its
 * start, the end counts and the start does not. What was denied always counts and is
 * not remembered. Filters without state log each packet: the same five-tuple
 * again within a minute is the same session, and an answer begins none. Of a log
 * of packets with TCP flags and without ends only the last few thousand starts
 * are known again: their flags tell the rest.
 *
 * ev->reply answers "has the other side begun this?", by flags and ports where
 * no memory tells (see the steps in session.c).
 * A joined end takes the direction of its opening: who opened it is the source,
 * whatever order the end names the two in.
 * Memory: about 130 bytes a remembered session (an entry and its share of the
 * index), bounded; the oldest goes first and is counted. No gate: every
 * session enters at once.
 * What an attacker controls: his packets. A flood of them pushes out sessions,
 * whose ends then count once more. Probes with ACK from a low port to a high
 * one look like answers: a detector of odd packets must not rely on ev->reply.
 */
#ifndef FW_SESSION_H
#define FW_SESSION_H

#include "ahead.h"
#include "event.h"
#include "hash.h"
#include "mem.h"
#include "state.h"
#include "table.h"

struct fw_sessions;

struct fw_sessions_config {
    size_t bytes; /* for everything here */
    fw_time hold; /* a session not heard of for so long is forgotten; 24 h. Where no ends are logged: 10 minutes */
    struct fw_seed seed;
};

/* 0, or -1: memory is missing, or too few bytes for one session */
int fw_sessions_open(struct fw_sessions **sessions, const struct fw_sessions_config *config, const struct fw_mem *mem);
void fw_sessions_close(struct fw_sessions **sessions);
/* Sets ev->counts, ev->reply and ev->ends_logged, and turns an end around that names its two sides the other way. Kinds that are no flows count and are no replies. */
void fw_sessions_join(struct fw_sessions *sessions, struct fw_event *ev);
/* Some events before join: names the sessions that it will look for (ahead.h), and guesses what it will set. */
void fw_sessions_ask(struct fw_sessions *sessions, struct fw_event *ev, struct fw_ahead *ahead);
/* All times later than `from` move by delta: the clock was set. */
void fw_sessions_shift(struct fw_sessions *sessions, fw_time from, fw_time delta);
void fw_sessions_get_stats(const struct fw_sessions *sessions, struct fw_table_stats *stats);

/* State, see state.h. The seed has to be the one it was saved with. */
bool fw_sessions_save(const struct fw_sessions *sessions, struct fw_put *put, uint64_t *cursor);
int fw_sessions_load(struct fw_sessions *sessions, struct fw_get *get);
void fw_sessions_loaded(struct fw_sessions *sessions);

#endif
