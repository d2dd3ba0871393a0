/* pipe.c: see pipe.h. */
#include "pipe.h"

_Static_assert(FW_PIPE_ENTRIES < FW_PIPE_AROUND && FW_PIPE_AROUND < FW_PIPE_BEYOND && FW_PIPE_BEYOND < FW_PIPE_DEPTH,
               "each step waits for the one before");
_Static_assert(FW_PIPE_DEPTH + 1 < FW_PIPE_SLOTS, "the one whose turn it is stays where it is while the next comes");

int fw_pipe_open(struct fw_pipe *pipe, const struct fw_mem *mem) {
    pipe->first = pipe->count = 0;
    pipe->slots = fw_mem_alloc(mem, FW_PIPE_SLOTS, sizeof *pipe->slots);
    return pipe->slots != NULL ? 0 : -1;
}

void fw_pipe_close(struct fw_pipe *pipe, const struct fw_mem *mem) {
    fw_mem_release(mem, pipe->slots);
    pipe->slots = NULL;
    pipe->count = 0;
}

struct fw_pipe_slot *fw_pipe_put(struct fw_pipe *pipe, const struct fw_event *ev) {
    struct fw_pipe_slot *slot = &pipe->slots[(pipe->first + pipe->count) % FW_PIPE_SLOTS];

    if (pipe->count == FW_PIPE_SLOTS || !fw_event_copy(&slot->event, ev, slot->text, sizeof slot->text))
        return NULL;
    slot->ahead.count = 0;
    pipe->count++;
    return slot;
}

struct fw_pipe_slot *fw_pipe_take(struct fw_pipe *pipe) {
    struct fw_pipe_slot *slot = &pipe->slots[pipe->first];

    if (pipe->count == 0)
        return NULL;
    pipe->first = (pipe->first + 1) % FW_PIPE_SLOTS;
    pipe->count--;
    return slot;
}
