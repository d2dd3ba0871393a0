/* scan_word.h: what the scanners of several devices do with a value.
 *
 * A value is a fw_str borrowed from the line; len 0 is "not there".
 */
#ifndef FW_SCAN_WORD_H
#define FW_SCAN_WORD_H

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "../core/event.h"

/* In any case of letters. */
static inline bool fw_word_is(const struct fw_str *value, const char *word) {
    return value->len == strlen(word) && strncasecmp(value->p, word, value->len) == 0;
}
static inline bool fw_word_begins(const struct fw_str *value, const char *word) {
    const size_t len = strlen(word);

    return value->len >= len && strncasecmp(value->p, word, len) == 0;
}
/* Does it stand anywhere in the value? In any case of letters. */
bool fw_word_has(const struct fw_str *value, const char *word);
/* One of several, between blanks: "drop deny block". */
bool fw_word_among(const struct fw_str *value, const char *words);

#define FW_WORDS_MAX 40 /* of a text that is read by words: the longest, Junos's, has 27 */
struct fw_words {
    size_t n;
    struct fw_str word[FW_WORDS_MAX];
};
/* The words between blanks; what is beyond the last one is left out. */
void fw_words_split(struct fw_words *words, const char *p, const char *end);

/* memmem() */
const char *fw_word_find(const char *p, const char *end, const char *text, size_t len);

/* "", "-", "N/A", "(null)" and the like: what devices write where there is nothing */
bool fw_word_absent(const char *p, size_t len);
/* 0, 0.0.0.0, ::, 0:0:0:0:0:0:0:0: what devices write for an address or port that was not translated */
bool fw_word_is_nothing(const struct fw_str *value);

/* Digits only. False: none, or too many. */
bool fw_word_number(const struct fw_str *value, uint64_t *number);
/* Words that devices use for what they let pass or stopped, beyond those of names.h. FW_ACTION_... or 0. */
int fw_word_action(const struct fw_str *value);
void fw_word_put_action(struct fw_event *ev, int action);
void fw_word_put_outcome(struct fw_event *ev, bool success);
/* Sets a field unless the value is absent. False: it cannot be one. */
bool fw_word_put(struct fw_event *ev, enum fw_field field, const struct fw_str *value);
/* How a device counts severities. */
enum fw_severity_scale {
    FW_SEVERITY_PRIORITY, /* 1 is the worst: Snort, Suricata; ours */
    FW_SEVERITY_OF_4,     /* 0 to 4, the worst: Check Point */
    FW_SEVERITY_OF_5,     /* 1 to 5, the worst: WatchGuard */
    FW_SEVERITY_OF_10,    /* 0 to 10, the worst: CEF, LEEF, SecIntel */
};
/* A number by its scale, words by what they say: high and critical 1, medium 2, low 3, information 4. Another word is
 * none. */
void fw_word_put_severity(struct fw_event *ev, const struct fw_str *value, enum fw_severity_scale scale);
/* Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits. False: none of these. */
bool fw_word_put_epoch(struct fw_event *ev, const struct fw_str *value);
/* "2026-10-12", "08:00:00" and "+0200" (or "UTC", "UTC+02:00"): the time, if all three are there. */
bool fw_word_put_time(struct fw_event *ev, const struct fw_str *date, const struct fw_str *clock,
                      const struct fw_str *zone);
/* Takes the ports away where the protocol has none; devices print 0 or the type of ICMP there. */
void fw_word_drop_ports(struct fw_event *ev);
/* The host name of a URL as field "host", unless there is one: what stands between "//" (or the beginning) and "/", ":"
 * or "?". */
void fw_word_put_host(struct fw_event *ev, const struct fw_str *url);

#endif
