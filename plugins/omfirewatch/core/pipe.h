/* pipe.h: a few events on their way to the detectors, in the order in which they came.
 *
 * An event that is pushed (fw_engine_push) is copied and goes through the engine
 * when FW_PIPE_DEPTH others have come after it; meanwhile the memory that it will
 * need is asked for (ahead.h). It goes through untouched, as if it had come then,
 * and whatever else is asked of the engine makes it go through first: so nothing
 * that the engine says depends on when that was.
 * Invariants: at most FW_PIPE_SLOTS; an event with more text than FW_PIPE_TEXT is
 * not taken.
 * Memory: FW_PIPE_SLOTS of about 2 KiB, at open; an event touches what it fills.
 * What an attacker controls: the text, up to its bound.
 */
#ifndef FW_PIPE_H
#define FW_PIPE_H

#include "ahead.h"
#include "event.h"
#include "mem.h"
#include "site.h"

#define FW_PIPE_DEPTH   8 /* events between the coming of one and its turn */
#define FW_PIPE_ENTRIES 2 /* of these, when its entries are asked for: an event takes longer than memory does */
#define FW_PIPE_AROUND  4 /* and what they lead to */
#define FW_PIPE_BEYOND  6 /* and where that leads to */
#define FW_PIPE_SLOTS   16
#define FW_PIPE_TEXT    1024 /* bytes of all strings of one event: a line of a firewall is shorter */

struct fw_pipe_slot {
    struct fw_event event;
    const struct fw_place *src, *dst; /* of the site when it came */
    struct fw_ahead ahead;
    char text[FW_PIPE_TEXT];
};

struct fw_pipe {
    struct fw_pipe_slot *slots; /* ring */
    unsigned first;             /* the oldest */
    unsigned count;
};

int fw_pipe_open(struct fw_pipe *pipe, const struct fw_mem *mem);
void fw_pipe_close(struct fw_pipe *pipe, const struct fw_mem *mem);
/* The event's place, or NULL: there is none, or too much text. */
struct fw_pipe_slot *fw_pipe_put(struct fw_pipe *pipe, const struct fw_event *ev);
/* The oldest, good until the next put, or NULL: none waits. */
struct fw_pipe_slot *fw_pipe_take(struct fw_pipe *pipe);

/* The one that came n before the newest; n < count. */
static inline struct fw_pipe_slot *fw_pipe_back(const struct fw_pipe *pipe, unsigned n) {
    return &pipe->slots[(pipe->first + pipe->count - 1 - n) % FW_PIPE_SLOTS];
}

#endif
