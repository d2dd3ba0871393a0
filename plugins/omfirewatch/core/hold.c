/* hold.c: see hold.h. */
#include "hold.h"

#include <string.h>

int fw_hold_open(struct fw_hold *hold, const struct fw_mem *mem) {
    hold->count = 0;
    hold->held = fw_mem_alloc(mem, FW_HOLD_MAX, sizeof *hold->held);
    return hold->held != NULL ? 0 : -1;
}

void fw_hold_close(struct fw_hold *hold, const struct fw_mem *mem) {
    fw_mem_release(mem, hold->held);
    hold->held = NULL;
    hold->count = 0;
}

struct fw_held *fw_hold_put(struct fw_hold *hold, const struct fw_event *ev) {
    struct fw_held *held = &hold->held[hold->count];

    if (hold->count == FW_HOLD_MAX || !fw_event_copy(&held->event, ev, held->text, sizeof held->text))
        return NULL;
    held->known = held->off = false;
    hold->count++;
    return held;
}

static size_t size_of(enum fw_type type) {
    switch (type) {
    case FW_TYPE_ADDR:
        return sizeof(FW_CTYPE_ADDR);
    case FW_TYPE_PORT:
        return sizeof(FW_CTYPE_PORT);
    case FW_TYPE_U32:
        return sizeof(FW_CTYPE_U32);
    case FW_TYPE_U64:
    case FW_TYPE_MS:
        return sizeof(FW_CTYPE_U64);
    case FW_TYPE_U8:
    case FW_TYPE_PROTO:
    case FW_TYPE_ACTION:
    case FW_TYPE_OUTCOME:
    case FW_TYPE_FLAGS:
        return sizeof(FW_CTYPE_U8);
    case FW_TYPE_STR:
        break;
    }
    return 0;
}

static void save_text(const struct fw_str *str, struct fw_put *put) {
    fw_put_u64(put, str->len);
    fw_put_bytes(put, str->p, str->len);
}

static struct fw_str load_text(struct fw_get *get) {
    const struct fw_get part = fw_get_part(get);

    return (struct fw_str){(const char *)part.p, (uint32_t)part.size};
}

static void save_event(const struct fw_event *ev, struct fw_put *put) {
    fw_put_u64(put, ev->present);
    fw_put_u64(put, (uint64_t)ev->time);
    fw_put_u64(put, (uint64_t)ev->time_fold);
    fw_put_u8(put, ev->kind);
    for (int field = 0; field < FW_FIELDS; field++) {
        const void *value = (const char *)ev + fw_field_table[field].offset;

        if ((ev->present >> field & 1) == 0)
            continue;
        if (fw_field_table[field].type == FW_TYPE_STR) {
            save_text(value, put);
        } else {
            fw_put_bytes(put, value, size_of(fw_field_table[field].type));
        }
    }
    save_text(&ev->message, put);
    save_text(&ev->program, put);
}

/* Strings are borrowed from the buffer. */
static int load_event(struct fw_event *ev, struct fw_get *get) {
    memset(ev, 0, sizeof *ev);
    ev->present = fw_get_u64(get);
    ev->time = fw_get_time(get);
    ev->time_fold = fw_get_time(get);
    const unsigned kind = fw_get_u8(get);
    ev->kind = kind < FW_KINDS ? (enum fw_kind)kind : FW_KIND_NONE;
    if (FW_FIELDS < 64 && ev->present >> FW_FIELDS != 0)
        return -1;
    for (int field = 0; field < FW_FIELDS; field++) {
        void *value = (char *)ev + fw_field_table[field].offset;

        if ((ev->present >> field & 1) == 0)
            continue;
        if (fw_field_table[field].type == FW_TYPE_STR) {
            *(struct fw_str *)value = load_text(get);
        } else {
            fw_get_bytes(get, value, size_of(fw_field_table[field].type));
        }
    }
    ev->message = load_text(get);
    ev->program = load_text(get);
    return get->failed ? -1 : 0;
}

bool fw_hold_save(const struct fw_hold *hold, struct fw_put *put, uint64_t *cursor) {
    for (; *cursor < hold->count; ++*cursor) {
        const struct fw_held *held = &hold->held[*cursor];

        if (!fw_put_has_room(put))
            return false;
        save_event(&held->event, put);
        fw_put_u64(put, held->sensor);
        fw_put_u64(put, (uint64_t)held->raw);
        fw_put_u8(put, held->known);
        fw_put_u8(put, held->off);
    }
    return true;
}

int fw_hold_load(struct fw_hold *hold, struct fw_get *get) {
    while (fw_get_has_more(get)) {
        struct fw_event ev;

        if (load_event(&ev, get) != 0)
            return -1;
        const uint64_t sensor = fw_get_u64(get);
        const fw_time raw = fw_get_time(get);
        const bool known = fw_get_u8(get) != 0, off = fw_get_u8(get) != 0;
        struct fw_held *held = get->failed ? NULL : fw_hold_put(hold, &ev);

        if (held == NULL)
            return -1;
        held->sensor = sensor;
        held->raw = raw;
        held->known = known;
        held->off = off;
    }
    return 0;
}
