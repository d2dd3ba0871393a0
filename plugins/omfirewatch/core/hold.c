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
    size_t len = 0;

    if (hold->count == FW_HOLD_MAX)
        return NULL;
    held->event = *ev;
    for (int field = 0; field < FW_FIELDS; field++) {
        if (fw_field_table[field].type != FW_TYPE_STR || (ev->present >> field & 1) == 0)
            continue;
        struct fw_str *str = (struct fw_str *)(void *)((char *)&held->event + fw_field_table[field].offset);
        if (str->len > sizeof held->text - len)
            return NULL;
        if (str->len > 0)
            memcpy(held->text + len, str->p, str->len);
        str->p = held->text + len;
        len += str->len;
    }
    held->known = held->off = false;
    hold->count++;
    return held;
}
