/* record.h: a document of firewatch as it stands in a file, read back.
 *
 * A line is one JSON object, or has a syslog header in front of it, as rsyslog
 * writes "$msg" or "$!" behind a template. Whoever wrote the file may be the one
 * it is about: any bytes are read, none are believed. What is asked for and is
 * not there, or is of another type, is "" or the caller's default.
 * Paths are names with dots, and numbers for the elements of a list:
 * "firewatch.evidence.0.destination".
 * Memory: libfastjson's for one line, at most some dozen times its length.
 */
#ifndef FW_RECORD_H
#define FW_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fw_record;

/* NULL: no memory. */
struct fw_record *fw_record_open(void);
void fw_record_close(struct fw_record **record);

/* Takes the line in place of the one before. False: there is no JSON object that ends with the line. */
bool fw_record_read(struct fw_record *record, const char *text, size_t len);

/* Good until the next read. Not NULL; any bytes but NUL. */
const char *fw_record_text(const struct fw_record *record, const char *path);
int64_t fw_record_number(const struct fw_record *record, const char *path, int64_t missing);
bool fw_record_flag(const struct fw_record *record, const char *path, bool missing);
/* Elements of a list; 0 when there is none. */
size_t fw_record_count(const struct fw_record *record, const char *path);
/* Milliseconds since 1970 of a text like 2026-10-12T08:00:00.000Z; INT64_MIN (FW_TIME_NONE) when it is none. */
int64_t fw_record_time(const struct fw_record *record, const char *path);

#endif
