/* engine_pipe.c: events that wait a little, so that their memory is there when it is
 * their turn (see pipe.h and ahead.h).
 *
 * Nothing is decided here. What an event is asked about ahead is a guess: its
 * roles without a calendar, the join by the line before.
 * What an attacker controls: which keys are asked for, up to FW_AHEAD_MAX an event.
 */
#include "engine_inside.h"

/* All that will be looked up for it, by the order of engine.c. */
static void ask(struct fw_engine *engine, struct fw_pipe_slot *slot) {
    struct fw_event *ev = &slot->event;
    const struct fw_places at = fw_engine_places(engine->site, ev);

    slot->src = at.src;
    slot->dst = at.dst;
    ev->src_roles = at.src->roles;
    ev->dst_roles = at.dst->roles;
    ev->sensor_number = fw_sensors_number(engine->timing.sensors, ev);
    if (ev->identity != 0)
        fw_seen_ask(engine->seen, ev->identity);
    fw_sessions_ask(engine->sessions, ev, &slot->ahead);
    const struct fw_wants *wants = &engine->wants[ev->kind];
    for (size_t i = 0; i < wants->count; i++) {
        const struct fw_want *want = &wants->of[i];
        const struct fw_detector *d = &engine->detectors[want->detector];
        if (d->ops->ask != NULL && fw_event_has(ev, want->needs) && (ev->src_roles & want->guards) == 0)
            d->ops->ask(d->det, ev, &slot->ahead);
    }
}

static void let_go(struct fw_engine *engine) {
    struct fw_pipe_slot *slot = fw_pipe_take(&engine->pipe);
    engine->turn = slot;
    fw_engine_take_in(engine, &slot->event);
    engine->turn = NULL;
}

void fw_engine_push(struct fw_engine *engine, const struct fw_event *ev) {
    struct fw_pipe *pipe = &engine->pipe;
    struct fw_pipe_slot *slot = engine->probe == NULL ? fw_pipe_put(pipe, ev) : NULL;
    if (slot == NULL) {
        struct fw_event own = *ev;
        fw_engine_feed(engine, &own);
        return;
    }
    ask(engine, slot);
    if (pipe->count > FW_PIPE_ENTRIES)
        fw_ahead_entries(&fw_pipe_back(pipe, FW_PIPE_ENTRIES)->ahead);
    if (pipe->count > FW_PIPE_AROUND)
        fw_ahead_around(&fw_pipe_back(pipe, FW_PIPE_AROUND)->ahead);
    if (pipe->count > FW_PIPE_BEYOND)
        fw_ahead_beyond(&fw_pipe_back(pipe, FW_PIPE_BEYOND)->ahead);
    if (pipe->count > FW_PIPE_DEPTH)
        let_go(engine);
}

bool fw_engine_catch_up(struct fw_engine *engine) {
    while (engine->pipe.count > 0 && engine->outlet_count == 0)
        let_go(engine);
    return engine->pipe.count > 0;
}

/* What else happens to the engine comes after it. */
void fw_engine_flush(struct fw_engine *engine) {
    while (engine->pipe.count > 0)
        let_go(engine);
}
