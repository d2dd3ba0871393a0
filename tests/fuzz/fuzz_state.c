/* fuzz_state.c: frames of a state, behind their checksums, into an engine that then goes on.
 *
 * The input is what follows the head of a state file. Whatever it says, nothing may crash, and the engine has to be good
 * for events after it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/snapshot.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void restore(struct fw_engine *engine, const uint8_t *data, size_t size) {
    struct fw_restore restore;
    struct fw_frame frame;
    uint8_t head[FW_FRAME_HEAD];

    fw_restore_begin(&restore, engine);
    while (size >= FW_FRAME_HEAD) {
        memcpy(head, data, sizeof head);
        memset(head + 24, 0, 8); /* its number */
        if (fw_frame_get_head(&frame, 0, head) != 0)
            break;
        data += FW_FRAME_HEAD;
        size -= FW_FRAME_HEAD;
        if (frame.length > size)
            frame.length = size;
        fw_restore_frame(&restore, &frame, data);
        data += frame.length;
        size -= frame.length;
    }
    fw_restore_trace(&restore, 7, data, size);
    fw_restore_end(&restore);
}

static void go_on(struct fw_engine *engine) {
    static struct fw_document document;

    for (unsigned i = 0; i < 64; i++) {
        struct fw_event ev = {.kind = FW_KIND_FLOW_DENY, .time = 1791792000000 + (fw_time)i * FW_SECOND};

        ev.present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(sport);
        ev.src.b[15] = (uint8_t)(1 + i / 32);
        ev.dst.b[15] = (uint8_t)(100 + i);
        ev.proto = FW_PROTO_TCP;
        ev.dport = i % 2 ? 25 : 445;
        ev.sport = 40000;
        fw_engine_feed(engine, &ev);
        while (fw_engine_take(engine, &document)) {
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        fw_engine_idle(engine, FW_HOUR);
        while (fw_engine_take(engine, &document)) {
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fw_problems problems = {.report = NULL};
    struct fw_policy *policy = NULL;
    struct fw_engine *engine = NULL, *other = NULL;
    uint8_t *frame = malloc(FW_FRAME_MAX);
    char err[256];

    if (!frame || fw_policy_open(&policy, NULL, &problems) != 0)
        abort();
    const struct fw_engine_config config = {.settings = fw_policy_settings(policy), .max_memory = FW_MEMORY_MIN};
    if (fw_engine_open(&engine, &config, err, sizeof err) != 0 || fw_engine_open(&other, &config, err, sizeof err) != 0)
        abort();
    restore(engine, data, size);
    fw_snapshot_move(engine, other, frame);
    go_on(engine);
    go_on(other);
    fw_engine_close(&engine);
    fw_engine_close(&other);
    fw_policy_close(&policy);
    free(frame);
    return 0;
}
