/* event_json.c: see event_json.h. */
#include "event_json.h"

#include <stdio.h>
#include <string.h>

#include "../core/json.h"

#define NS_PER_MS  1000000u
#define OURS       "firewatch"
#define FLAGS_TEXT 40 /* all eight, with blanks */

static const char *const flag_names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

/* "SYN ACK", "none" */
static void flags_text(uint8_t flags, char *buf) {
    char *p = buf;

    for (int i = 0; i < 8; i++)
        if (flags & 1 << i)
            p += sprintf(p, p == buf ? "%s" : " %s", flag_names[i]);
    if (p == buf)
        memcpy(buf, "none", sizeof "none");
}

static void put_field(struct fw_json *json, const char *key, const struct fw_event *ev, int field, bool ecs) {
    const struct fw_field_info *info = &fw_field_table[field];
    const void *member = (const char *)ev + info->offset;
    const struct fw_str *str = member;
    char flags[FLAGS_TEXT];

    switch (info->type) {
    case FW_TYPE_ADDR:
        fw_json_addr(json, key, member);
        break;
    case FW_TYPE_PORT:
        fw_json_uint(json, key, *(const uint16_t *)member);
        break;
    case FW_TYPE_U8:
    case FW_TYPE_PROTO:
        fw_json_uint(json, key, *(const uint8_t *)member);
        break;
    case FW_TYPE_U32:
        fw_json_uint(json, key, *(const uint32_t *)member);
        break;
    case FW_TYPE_U64:
        fw_json_uint(json, key, *(const uint64_t *)member);
        break;
    case FW_TYPE_MS:
        fw_json_uint(json, key, *(const uint64_t *)member * (ecs ? NS_PER_MS : 1));
        break;
    case FW_TYPE_ACTION:
        fw_json_text(json, key, *(const uint8_t *)member == FW_ACTION_DENY ? "deny" : "allow");
        break;
    case FW_TYPE_OUTCOME:
        fw_json_text(json, key, *(const uint8_t *)member == FW_OUTCOME_FAILURE ? "failure" : "success");
        break;
    case FW_TYPE_FLAGS:
        flags_text(*(const uint8_t *)member, flags);
        fw_json_text(json, key, flags);
        break;
    case FW_TYPE_STR:
        fw_json_bytes(json, key, str->p, str->len);
        break;
    }
}

/* The ECS names are paths; fields of one path are told together, where the first of them stands. The names of `bits`
 * agree in their first `done` letters, which are written already. */
static void put_level(struct fw_json *json, const struct fw_event *ev, uint64_t bits, size_t done) {
    while (bits != 0) {
        const int first = __builtin_ctzll(bits);
        const char *name = fw_field_table[first].ecs + done;
        const size_t len = strcspn(name, ".");
        char key[32];

        snprintf(key, sizeof key, "%.*s", (int)len, name);
        if (name[len] == '\0') {
            put_field(json, key, ev, first, true);
            bits &= bits - 1;
            continue;
        }
        uint64_t together = 0;

        for (uint64_t rest = bits; rest != 0; rest &= rest - 1) {
            const int field = __builtin_ctzll(rest);

            if (strncmp(fw_field_table[field].ecs + done, name, len + 1) == 0)
                together |= UINT64_C(1) << field;
        }
        fw_json_object(json, key);
        put_level(json, ev, together, done + len + 1);
        fw_json_close(json, '}');
        bits &= ~together;
    }
}

/* ECS has no name for the kind: ours stands among the other names of ours. */
static void put_nested(struct fw_json *json, const struct fw_event *ev, const char *kind) {
    uint64_t ours = 0;

    for (uint64_t bits = ev->present; bits != 0; bits &= bits - 1) {
        const int field = __builtin_ctzll(bits);

        if (strncmp(fw_field_table[field].ecs, OURS ".", sizeof OURS) == 0)
            ours |= UINT64_C(1) << field;
    }
    fw_json_object(json, OURS);
    fw_json_text(json, "kind", kind);
    put_level(json, ev, ours, sizeof OURS);
    fw_json_close(json, '}');
    put_level(json, ev, ev->present & ~ours, 0);
}

size_t fw_event_print(const struct fw_event *ev, bool ecs, char *buf, size_t size) {
    const char *kind = fw_kind_name(ev->kind) != NULL ? fw_kind_name(ev->kind) : "none";
    struct fw_json json;

    fw_json_begin(&json, buf, size);
    fw_json_object(&json, NULL);
    if (ev->time != FW_TIME_NONE)
        fw_json_time(&json, ecs ? "@timestamp" : "time", ev->time);
    if (ecs) {
        put_nested(&json, ev, kind);
    } else {
        fw_json_text(&json, "kind", kind);
        for (uint64_t bits = ev->present; bits != 0; bits &= bits - 1)
            put_field(&json, fw_field_table[__builtin_ctzll(bits)].name, ev, __builtin_ctzll(bits), false);
    }
    fw_json_close(&json, '}');
    return fw_json_end(&json);
}
