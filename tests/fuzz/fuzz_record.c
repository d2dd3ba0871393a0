/* fuzz_record.c: a line of a file of findings, read back and asked for everything.
 *
 * Checked: whatever the line holds, each question has an answer of its type.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "parse/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static const char *const paths[] = {
    "",          "event",     "event.id", "event.severity", "firewatch.evidence", "firewatch.evidence.0.time",
    "a.0.1.2.b", "event.id.", "..",       "@timestamp",     "degraded.-1",        "degraded.99999999999999999999",
};

static void ask(const struct fw_record *record, const char *path) {
    const fw_time time = fw_record_time(record, path);

    CHECK(fw_record_text(record, path) != NULL);
    CHECK(strlen(fw_record_text(record, path)) < SIZE_MAX);
    CHECK(time == FW_TIME_NONE || (time >= 0 && time <= FW_TIME_MAX));
    CHECK(fw_record_count(record, path) < 1U << 24);
    (void)fw_record_number(record, path, 0);
    (void)fw_record_flag(record, path, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fw_record *record;
    char *text = malloc(size + 1);

    CHECK(text != NULL);
    if (record == NULL)
        record = fw_record_open();
    CHECK(record != NULL);
    memcpy(text, data, size); /* a copy of its size: a sanitizer sees one byte too far */
    text[size] = '\0';
    (void)fw_record_read(record, text, size);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ask(record, paths[i]);
    free(text);
    return 0;
}
