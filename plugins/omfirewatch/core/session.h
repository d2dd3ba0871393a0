/* session.h: the join of a session's opening and closing, so that it counts once.
 *
 * Key: sensor and session id where the device gives one, else sensor and
 * five-tuple. A flow_start is remembered; the flow_end that finds it does not
 * count as another connection (its bytes and duration still do). Where only one
 * of the two is logged, that one counts. Also answers "has the other side
 * begun this?" for filters that log both directions.
 * Memory: one table entry (about 64 bytes) a remembered session, bounded; the
 * oldest goes first and is counted. No gate: every session enters at once.
 */
#ifndef FW_SESSION_H
#define FW_SESSION_H

#include "event.h"
#include "hash.h"
#include "mem.h"
#include "table.h"

struct fw_sessions;

struct fw_sessions_config {
    size_t bytes;
    fw_time hold; /* a session not heard of for so long is forgotten; 24 h */
    struct fw_seed seed;
};

int fw_sessions_open(struct fw_sessions **sessions, const struct fw_sessions_config *config, const struct fw_mem *mem);
void fw_sessions_close(struct fw_sessions **sessions);
/* Sets ev->counts, ev->reply and ev->ends_logged. */
void fw_sessions_join(struct fw_sessions *sessions, struct fw_event *ev);
void fw_sessions_get_stats(const struct fw_sessions *sessions, struct fw_table_stats *stats);

#endif
