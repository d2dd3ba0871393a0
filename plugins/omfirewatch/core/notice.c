/* notice.c: see notice.h. */
#include "notice.h"

#include <stdio.h>
#include <string.h>

void fw_notice_add(struct fw_notice *notice, const char *name, uint64_t value) {
    if (notice->count >= FW_NOTICE_ITEMS_MAX)
        return;
    struct fw_notice_item *item = &notice->items[notice->count++];
    (void)fw_text_append(item->name, sizeof item->name, 0, name, strlen(name));
    item->value = value;
}

static void write_items(struct fw_json *json, const struct fw_notice *notice) {
    fw_json_array(json, "items");
    for (size_t i = 0; i < notice->count && i < FW_NOTICE_ITEMS_MAX; i++) {
        const struct fw_notice_item *item = &notice->items[i];
        char name[FW_NOTICE_NAME_MAX];
        const size_t len = fw_text_append(name, sizeof name, 0, item->name, strnlen(item->name, sizeof item->name));
        fw_json_object(json, NULL);
        fw_json_bytes(json, "name", name, len);
        fw_json_uint(json, "value", item->value);
        fw_json_close(json, '}');
    }
    fw_json_close(json, ']');
}

int fw_notice_document(const struct fw_notice *notice, uint64_t sequence, struct fw_document *out) {
    const bool health = notice->kind == FW_DOCUMENT_HEALTH;
    const char *word = health ? "health: " : "summary: ";
    struct fw_json json;

    out->kind = notice->kind;
    out->severity = notice->severity <= 7 ? notice->severity : 7;
    out->text_len = fw_text_append(out->text, sizeof out->text, 0, word, strlen(word));
    out->text_len = fw_text_append(out->text, sizeof out->text, out->text_len, notice->text,
                                   strnlen(notice->text, sizeof notice->text));
    fw_json_begin(&json, out->json, sizeof out->json);
    json.slash = true; /* rsyslog prints the document with libfastjson; both give the same bytes */
    fw_json_object(&json, NULL);
    fw_json_time(&json, "@timestamp", notice->time);
    fw_json_bytes(&json, "message", out->text, out->text_len);
    fw_json_object(&json, "event");
    fw_json_text(&json, "kind", "metric");
    fw_json_text(&json, "module", "firewatch");
    fw_json_text(&json, "dataset", health ? "firewatch.health" : "firewatch.summary");
    fw_json_text(&json, "action", notice->action);
    fw_json_uint(&json, "sequence", sequence);
    fw_json_uint(&json, "severity", out->severity);
    fw_json_text(&json, "reason", out->text + strlen(word));
    fw_json_close(&json, '}');
    fw_json_object(&json, "firewatch");
    write_items(&json, notice);
    fw_json_close(&json, '}');
    fw_json_close(&json, '}');
    out->json_len = fw_json_end(&json);
    return out->json_len > 0 ? 0 : -1;
}
