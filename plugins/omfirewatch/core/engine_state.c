/* engine_state.c: what of the engine itself is written down and read again; its parts
 * do so for themselves, and snapshot.c puts all of it in order.
 *
 * What an attacker controls: of a forged file everything, so sizes are checked.
 */
#include <string.h>

#include "engine_inside.h"

void fw_engine_parts(struct fw_engine *engine, struct fw_engine_parts *parts) {
    fw_engine_flush(engine);
    *parts = (struct fw_engine_parts){.engine = engine,
                                      .timing = &engine->timing,
                                      .sessions = engine->sessions,
                                      .findings = engine->findings,
                                      .detectors = engine->detectors,
                                      .detector_count = engine->detector_count,
                                      .exceptions = engine->exceptions,
                                      .seen = engine->seen,
                                      .usage = engine->usage,
                                      .names = engine->names};
}

struct fw_seed fw_engine_seed(const struct fw_engine *engine) {
    return engine->seed;
}

/* The cursor is a sequence: documents leave while they are written. */
bool fw_engine_save_outlet(const struct fw_engine *engine, struct fw_put *put, uint64_t *cursor) {
    for (uint32_t i = 0; i < engine->outlet_count; i++) {
        const struct fw_document *document = fw_engine_waits(engine, i);
        if (document->sequence < *cursor)
            continue;
        if (!fw_put_has_room(put))
            return false;
        *cursor = document->sequence + 1;
        fw_put_u8(put, document->kind);
        fw_put_u8(put, document->severity);
        fw_put_u64(put, document->sequence);
        fw_put_u64(put, document->trace_len);
        fw_put_bytes(put, document->trace, document->trace_len);
        fw_put_u64(put, document->text_len);
        fw_put_bytes(put, document->text, document->text_len);
        fw_put_u64(put, document->json_len);
        fw_put_bytes(put, document->json, document->json_len);
    }
    return true;
}

/* So many bytes into a field of that size, which it leaves room in. */
static size_t load_bytes(struct fw_get *get, void *field, size_t size) {
    const uint64_t len = fw_get_u64(get);
    if (len >= size) {
        get->failed = true;
        return 0;
    }
    fw_get_bytes(get, field, (size_t)len);
    ((char *)field)[get->failed ? 0 : len] = '\0';
    return (size_t)len;
}

int fw_engine_load_outlet(struct fw_engine *engine, struct fw_get *get) {
    while (fw_get_has_more(get) && engine->outlet_count < FW_OUTLET_MAX) {
        struct fw_document *document = fw_engine_waits(engine, engine->outlet_count);
        const unsigned kind = fw_get_u8(get);
        document->kind = (enum fw_document_kind)kind;
        document->severity = fw_get_u8(get) & 7;
        document->sequence = fw_get_u64(get);
        document->trace_len = load_bytes(get, document->trace, sizeof document->trace);
        document->text_len = load_bytes(get, document->text, sizeof document->text);
        document->json_len = load_bytes(get, document->json, sizeof document->json);
        if (get->failed || kind > FW_DOCUMENT_HEALTH)
            return -1;
        engine->outlet_count++;
    }
    return 0;
}

void fw_engine_left(struct fw_engine *engine, uint64_t sequence) {
    while (engine->outlet_count > 0 && fw_engine_waits(engine, 0)->sequence <= sequence) {
        engine->outlet_first = (engine->outlet_first + 1) % FW_OUTLET_MAX;
        engine->outlet_count--;
    }
}

/* Counters by name: another release has others. */
void fw_engine_save_counts(struct fw_engine *engine, struct fw_put *put) {
    struct fw_counters counters;
    fw_engine_get_counters(engine, &counters);
    fw_put_u64(put, (uint64_t)engine->advanced);
    fw_put_u8(put, engine->behind);
#define FW_COUNTER(name, doc)                                                                                          \
    fw_put_text(put, #name);                                                                                           \
    fw_put_u64(put, counters.name);
#include "counters.def"
#undef FW_COUNTER
}

int fw_engine_load_counts(struct fw_engine *engine, struct fw_get *get) {
    const fw_time advanced = (fw_time)fw_get_u64(get);
    engine->behind = fw_get_u8(get) != 0;
    if (get->failed || (advanced != FW_TIME_NONE && (advanced < -FW_TIME_MAX || advanced > FW_TIME_MAX)))
        return -1;
    engine->advanced = advanced;
    while (fw_get_has_more(get)) {
        char name[UINT8_MAX + 1];
        fw_get_text(get, name);
        const uint64_t value = fw_get_u64(get);
#define FW_COUNTER(counter, doc)                                                                                       \
    if (strcmp(name, #counter) == 0)                                                                                   \
        engine->counters.counter = value;
#include "counters.def"
#undef FW_COUNTER
    }
    return get->failed ? -1 : 0;
}

void fw_engine_save_losses(const struct fw_engine *engine, struct fw_put *put) {
    fw_put_text(put, FW_SESSIONS_NAME);
    fw_saturation_save(&engine->saturation[engine->detector_count], put);
    for (size_t i = 0; i < engine->detector_count; i++) {
        fw_put_text(put, engine->detectors[i].ops->name);
        fw_saturation_save(&engine->saturation[i], put);
    }
}

/* A part that is none of ours goes nowhere. */
static struct fw_saturation *saturation_of(struct fw_engine *engine, const char *name, struct fw_saturation *nowhere) {
    if (strcmp(name, FW_SESSIONS_NAME) == 0)
        return &engine->saturation[engine->detector_count];
    for (size_t i = 0; i < engine->detector_count; i++)
        if (strcmp(name, engine->detectors[i].ops->name) == 0)
            return &engine->saturation[i];
    return nowhere;
}

int fw_engine_load_losses(struct fw_engine *engine, struct fw_get *get) {
    struct fw_saturation nowhere;
    while (fw_get_has_more(get)) {
        char name[UINT8_MAX + 1];
        fw_get_text(get, name);
        if (fw_saturation_load(saturation_of(engine, name, &nowhere), get) != 0)
            return -1;
    }
    return 0;
}
