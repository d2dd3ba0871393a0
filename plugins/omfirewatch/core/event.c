/* event.c: the names of kinds and fields, and the copy of an event.
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

#define IS_STRING_ADDR    0
#define IS_STRING_PORT    0
#define IS_STRING_U8      0
#define IS_STRING_U32     0
#define IS_STRING_U64     0
#define IS_STRING_PROTO   0
#define IS_STRING_ACTION  0
#define IS_STRING_OUTCOME 0
#define IS_STRING_MS      0
#define IS_STRING_FLAGS   0
#define IS_STRING_STR     1

/* Presence bits of all strings. */
static const uint64_t strings = 0
#define FW_FIELD(name, ecs, type, doc) | (uint64_t)IS_STRING_##type << FW_F_##name
#include "fields.def"
#undef FW_FIELD
    ;

static bool copy_text(struct fw_str *str, char *text, size_t size, size_t *len) {
    if (str->len > size - *len)
        return false;
    if (str->len > 0)
        memcpy(text + *len, str->p, str->len);
    str->p = text + *len;
    *len += str->len;
    return true;
}

size_t fw_event_text_bytes(const struct fw_event *ev) {
    size_t len = (size_t)ev->message.len + ev->program.len;

    for (uint64_t left = ev->present & strings; left != 0; left &= left - 1)
        len += ((const struct fw_str *)(const void *)((const char *)ev + fw_field_table[__builtin_ctzll(left)].offset))
                   ->len;
    return len;
}

bool fw_event_copy(struct fw_event *to, const struct fw_event *from, char *text, size_t size) {
    size_t len = 0;

    memcpy(to, from, sizeof *to);
    for (uint64_t left = from->present & strings; left != 0; left &= left - 1) {
        const size_t offset = fw_field_table[__builtin_ctzll(left)].offset;

        if (!copy_text((struct fw_str *)(void *)((char *)to + offset), text, size, &len))
            return false;
    }
    return copy_text(&to->message, text, size, &len) && copy_text(&to->program, text, size, &len);
}
