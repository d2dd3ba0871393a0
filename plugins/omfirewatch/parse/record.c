/* record.c: see record.h. libfastjson reads; its depth and the caller's line bound it. */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libfastjson/json.h>

#include "stamp.h"

#define DEPTH_MAX  16 /* a document of ours has 4 */
#define TRIES_MAX  4  /* braces before the document: a header has none, a sloppy template may */
#define NAME_BYTES 64 /* of one step of a path */

struct fw_record {
    struct fjson_tokener *tokener;
    struct fjson_object *json; /* an object, or NULL */
};

struct fw_record *fw_record_open(void) {
    struct fw_record *record = calloc(1, sizeof *record);

    if (!record)
        return NULL;
    record->tokener = fjson_tokener_new_ex(DEPTH_MAX);
    if (!record->tokener)
        fw_record_close(&record);
    return record;
}

void fw_record_close(struct fw_record **record) {
    if (!*record)
        return;
    fjson_object_put((*record)->json);
    if ((*record)->tokener)
        fjson_tokener_free((*record)->tokener);
    free(*record);
    *record = NULL;
}

static bool is_blank(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

/* The tokener remembers: after a failure it has to be reset. Its lengths are int. */
static struct fjson_object *parse(struct fjson_tokener *tokener, const char *text, size_t len) {
    struct fjson_object *json;

    fjson_tokener_reset(tokener);
    json = fjson_tokener_parse_ex(tokener, text, (int)len);
    if (json && fjson_object_is_type(json, fjson_type_object) && tokener->char_offset >= 0 &&
        (size_t)tokener->char_offset <= len &&
        is_blank(text + tokener->char_offset, len - (size_t)tokener->char_offset))
        return json;
    fjson_object_put(json);
    return NULL;
}

bool fw_record_read(struct fw_record *record, const char *text, size_t len) {
    const char *end = text + len;

    fjson_object_put(record->json);
    record->json = NULL;
    if (len > INT32_MAX)
        return false;
    for (int i = 0; i < TRIES_MAX && !record->json; i++, text++) {
        text = memchr(text, '{', (size_t)(end - text));
        if (!text)
            return false;
        record->json = parse(record->tokener, text, (size_t)(end - text));
    }
    return record->json != NULL;
}

static struct fjson_object *step(struct fjson_object *from, const char *name) {
    struct fjson_object *to = NULL;
    char *rest;

    if (fjson_object_is_type(from, fjson_type_object))
        return fjson_object_object_get_ex(from, name, &to) ? to : NULL;
    if (!fjson_object_is_type(from, fjson_type_array))
        return NULL;
    const unsigned long n = strtoul(name, &rest, 10);
    if (*rest != '\0' || n >= (unsigned long)fjson_object_array_length(from))
        return NULL;
    return fjson_object_array_get_idx(from, (int)n);
}

static struct fjson_object *at(const struct fw_record *record, const char *path) {
    struct fjson_object *json = record->json;
    char name[NAME_BYTES];

    while (json && *path != '\0') {
        const size_t len = strcspn(path, ".");

        if (len >= sizeof name)
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        json = step(json, name);
        path += path[len] == '.' ? len + 1 : len;
    }
    return json;
}

const char *fw_record_text(const struct fw_record *record, const char *path) {
    struct fjson_object *json = at(record, path);
    const char *text = json && fjson_object_is_type(json, fjson_type_string) ? fjson_object_get_string(json) : NULL;

    return text ? text : "";
}

int64_t fw_record_number(const struct fw_record *record, const char *path, int64_t missing) {
    struct fjson_object *json = at(record, path);

    return json && fjson_object_is_type(json, fjson_type_int) ? fjson_object_get_int64(json) : missing;
}

bool fw_record_flag(const struct fw_record *record, const char *path, bool missing) {
    struct fjson_object *json = at(record, path);

    return json && fjson_object_is_type(json, fjson_type_boolean) ? fjson_object_get_boolean(json) != 0 : missing;
}

size_t fw_record_count(const struct fw_record *record, const char *path) {
    struct fjson_object *json = at(record, path);
    const int n = json && fjson_object_is_type(json, fjson_type_array) ? (int)fjson_object_array_length(json) : 0;

    return n > 0 ? (size_t)n : 0;
}

int64_t fw_record_time(const struct fw_record *record, const char *path) {
    const char *text = fw_record_text(record, path);
    const char *end = text + strlen(text);
    struct fw_header_reader reader = {.reference = FW_TIME_NONE};
    struct fw_stamp stamp;

    if (fw_stamp_read(&reader, text, end, &stamp) != end || stamp.time < 0 || stamp.time > FW_TIME_MAX)
        return FW_TIME_NONE;
    return stamp.time;
}
