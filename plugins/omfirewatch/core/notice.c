/* notice.c: writes summaries and health, of others and of the register itself; see notice.h. */
#include "notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "register.h"

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

static void write_users(struct fw_json *json, const struct fw_notice *notice) {
    if (notice->application == NULL)
        return;
    fw_json_text(json, "application", notice->application);
    fw_json_array(json, "users");
    for (size_t i = 0; i < notice->users_count; i++) {
        const struct fw_notice_user *user = &notice->users[i];
        fw_json_object(json, NULL);
        fw_json_addr(json, "ip", &user->src);
        fw_json_time(json, "first", user->first);
        fw_json_time(json, "last", user->last);
        fw_json_uint(json, "days", user->days);
        fw_json_uint(json, "events", user->events);
        fw_json_uint(json, "bytes", user->bytes);
        fw_json_uint(json, "destinations", user->destinations);
        fw_json_text(json, "state", user->state);
        if (user->version[0] != '\0')
            fw_json_text(json, "version", user->version);
        fw_json_close(json, '}');
    }
    fw_json_close(json, ']');
}

static void write_downloads(struct fw_json *json, const struct fw_notice *notice) {
    if (notice->downloads == NULL)
        return;
    fw_json_array(json, "downloads");
    for (size_t i = 0; i < notice->downloads_count; i++) {
        const struct fw_notice_download *one = &notice->downloads[i];
        fw_json_object(json, NULL);
        fw_json_addr(json, "ip", &one->src);
        fw_json_text(json, "domain", one->host);
        fw_json_text(json, "path", one->path);
        if (one->mime[0] != '\0')
            fw_json_text(json, "mime_type", one->mime);
        fw_json_time(json, "first", one->first);
        fw_json_time(json, "last", one->last);
        fw_json_uint(json, "events", one->events);
        fw_json_uint(json, "bytes", one->bytes);
        fw_json_bool(json, "new", one->is_new);
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
    fw_document_begin(&json, notice->time, out);
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
    write_users(&json, notice);
    write_downloads(&json, notice);
    fw_json_close(&json, '}');
    return fw_document_end(&json, out);
}

static void write_notice(struct fw_findings *f, const struct fw_notice *notice) {
    if (fw_notice_document(notice, f->sequence + 1, &f->document) != 0) {
        f->stats.notices_dropped++;
        return;
    }
    f->document.sequence = ++f->sequence;
    f->document.trace_len = 0;
    f->stats.noticed++;
    f->emit(f->cookie, &f->document);
}

void fw_findings_notice(struct fw_findings *findings, const struct fw_notice *notice) {
    const unsigned kind = notice->kind == FW_DOCUMENT_HEALTH;
    const fw_time time = findings->now != FW_TIME_NONE ? findings->now : notice->time;
    const fw_time minute = time - time % FW_MINUTE;
    if (findings->notices[kind].minute != minute) {
        findings->notices[kind].minute = minute;
        findings->notices[kind].count = 0;
    }
    if (findings->notices[kind].count++ >= FW_NOTICES_PER_MINUTE) {
        findings->stats.notices_dropped++;
        return;
    }
    write_notice(findings, notice);
}

/* Minutes limit documents; what the last one folded is said when another begins, once, so outside the bound of notices. */
void fw_register_turn_minute(struct fw_findings *f, fw_time now) {
    if (!fw_storm_is_over(&f->storm, now))
        return;
    if (f->storm.folded > 0) {
        fw_storm_notice(&f->storm, f->per_minute, &f->notice);
        write_notice(f, &f->notice);
    }
    fw_storm_begin(&f->storm, now);
}

/* A full register is told when it begins, and once in `summary` while it lasts. */
void fw_register_refuse(struct fw_findings *f, const struct fw_detector *detector, fw_time time) {
    f->stats.refused++;
    f->refusals++;
    const fw_time passed = f->refusal_told == FW_TIME_NONE ? f->intervals.summary : time - f->refusal_told;
    if (passed < f->intervals.summary && passed > -FW_DISTANT_CLOCK)
        return;
    struct fw_notice *notice = &f->notice;
    memset(notice, 0, sizeof *notice);
    notice->kind = FW_DOCUMENT_HEALTH;
    notice->action = "register-full";
    notice->severity = 3;
    notice->time = time;
    (void)snprintf(notice->text, sizeof notice->text,
                   "%u findings are open, no more fit; refused since the last message: %" PRIu64 ", now one of %s",
                   FW_FINDINGS_MAX, f->refusals, detector->ops->name);
    fw_notice_add(notice, "open", FW_FINDINGS_MAX);
    fw_notice_add(notice, "refused", f->refusals);
    f->refusal_told = time;
    f->refusals = 0;
    fw_findings_notice(f, notice);
}
