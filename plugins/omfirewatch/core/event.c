/* event.c: the names of kinds and fields.
 *
 * Invariants: fw_field_table[FW_F_x] describes the member x of struct fw_event.
 * Memory: constant tables. What an attacker controls: nothing; names come from
 * rulebases and policies, though one may be asked for per field of a line.
 */
#include "event.h"

#include <stddef.h>
#include <string.h>

static const char *const kind_names[FW_KINDS] = {
    [FW_KIND_NONE] = "none",         [FW_KIND_FLOW_START] = "flow_start",
    [FW_KIND_FLOW_END] = "flow_end", [FW_KIND_FLOW_DENY] = "flow_deny",
    [FW_KIND_HTTP] = "http",         [FW_KIND_DNS] = "dns",
    [FW_KIND_MAIL] = "mail",         [FW_KIND_AUTH] = "auth",
    [FW_KIND_THREAT] = "threat",     [FW_KIND_DEVICE] = "device",
};

const char *fw_kind_name(enum fw_kind kind) {
    return (unsigned)kind < FW_KINDS ? kind_names[kind] : NULL;
}

const struct fw_field_info fw_field_table[FW_FIELDS] = {
#define FW_FIELD(name, ecs, type, doc)                                                                                 \
    [FW_F_##name] = {#name, ecs, doc, FW_TYPE_##type, (uint16_t)offsetof(struct fw_event, name)},
#include "fields.def"
#undef FW_FIELD
};
_Static_assert(sizeof(struct fw_event) <= UINT16_MAX, "offsets are 16 bits");

/* lengths apart, so that a look-up reads one cache line before it compares text */
static const uint8_t name_lengths[FW_FIELDS] = {
#define FW_FIELD(name, ecs, type, doc) [FW_F_##name] = sizeof #name - 1,
#include "fields.def"
#undef FW_FIELD
};

int fw_field_find(const char *name, size_t len) {
    for (int field = 0; field < FW_FIELDS; field++)
        if (name_lengths[field] == len && memcmp(fw_field_table[field].name, name, len) == 0)
            return field;
    return -1;
}
