/* told.c: see told.h. */
#include "told.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void copy(char *to, size_t size, const char *text) {
    (void)snprintf(to, size, "%s", text);
}

bool fw_told_is_finding(const struct fw_record *record) {
    return strcmp(fw_record_text(record, "event.dataset"), "firewatch.finding") == 0 &&
           fw_record_text(record, "event.id")[0] != '\0';
}

void fw_told_who(const struct fw_record *record, char *buf, size_t size) {
    const char *source = fw_record_text(record, "source.ip");
    const char *destination = fw_record_text(record, "destination.ip");
    const char *transport = fw_record_text(record, "network.transport");
    const int64_t port = fw_record_number(record, "destination.port", -1);
    const int64_t number = fw_record_number(record, "network.iana_number", -1);
    char service[FW_TOLD_NAME] = "";

    if (port >= 0)
        (void)snprintf(service, sizeof service, " %s/%" PRId64, transport[0] ? transport : "port", port);
    else if (transport[0])
        (void)snprintf(service, sizeof service, " %s", transport);
    else if (number >= 0)
        (void)snprintf(service, sizeof service, " ip/%" PRId64, number);
    (void)snprintf(buf, size, "%s%s%s%s", source[0] ? source : "anybody", destination[0] ? " -> " : "", destination,
                   service);
}

void fw_told_key(const struct fw_record *record, char *buf, size_t size) {
    const char *key = fw_record_text(record, "firewatch.finding.key");
    char who[FW_TOLD_WHO];

    if (key[0] != '\0') {
        copy(buf, size, key);
        return;
    }
    fw_told_who(record, who, sizeof who);
    (void)snprintf(buf, size, "%s %s", fw_record_text(record, "rule.id"), who);
}

void fw_told_add(struct fw_told *told, const struct fw_record *record) {
    const int64_t stage = fw_record_number(record, "firewatch.finding.stage", 0);
    const int64_t severity = fw_record_number(record, "event.severity", 0);

    if (told->documents++ == 0) {
        copy(told->rule, sizeof told->rule, fw_record_text(record, "rule.id"));
        fw_told_who(record, told->who, sizeof told->who);
        told->opened = fw_record_time(record, "@timestamp");
        told->severity = severity;
    }
    told->openings += strcmp(fw_record_text(record, "event.action"), "finding-open") == 0;
    copy(told->id, sizeof told->id, fw_record_text(record, "event.id"));
    copy(told->state, sizeof told->state, fw_record_text(record, "firewatch.finding.state"));
    if (stage >= told->stage)
        copy(told->sentence, sizeof told->sentence, fw_record_text(record, "event.reason"));
    told->last = fw_record_time(record, "event.end");
    told->stage = stage > told->stage ? stage : told->stage;
    told->severity = severity < told->severity ? severity : told->severity;
}
