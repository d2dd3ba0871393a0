/* state.h: how a part of the engine writes its state down, and reads it again.
 *
 * Records go into a bounded buffer in memory; what becomes of the buffer (a file,
 * another engine) is the caller's. Each part has two functions:
 *
 *     bool fw_<part>_save(const struct fw_<part> *, struct fw_put *, uint64_t *cursor);
 *         writes records from *cursor (0: the beginning) until another one might
 *         not fit, moves *cursor, and returns true when all are written. Between
 *         two calls events may be observed: each record is whole by itself, and
 *         together they are what load can live with.
 *     int fw_<part>_load(struct fw_<part> *, struct fw_get *);
 *         takes all records of one buffer into a part that was just opened;
 *         -1: they make no sense. Called once for each buffer that save filled.
 *
 * Numbers are little endian and of fixed size, so that a file says the same on
 * every machine. A reader never goes beyond its buffer: after the first value
 * that is not there everything reads as zero and `failed` is set.
 * What an attacker controls: with a foreign file, all of it; so every number that
 * is read is checked before it is used as a size or an index.
 */
#ifndef FW_STATE_H
#define FW_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "event.h"

#define FW_STATE_RECORD_MAX (64 << 10) /* bytes of one record; a buffer is larger than that */

struct fw_put {
    uint8_t *p;
    size_t size;
    size_t len;
    bool failed; /* something did not fit */
};

struct fw_get {
    const uint8_t *p;
    size_t size;
    size_t at;
    bool failed;
};

static inline void fw_put_bytes(struct fw_put *put, const void *p, size_t n) {
    if (put->failed || n > put->size - put->len) {
        put->failed = true;
        return;
    }
    if (n > 0)
        memcpy(put->p + put->len, p, n);
    put->len += n;
}

static inline void fw_put_u64(struct fw_put *put, uint64_t value) {
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    fw_put_bytes(put, bytes, sizeof bytes);
}

static inline void fw_put_u8(struct fw_put *put, unsigned value) {
    const uint8_t byte = (uint8_t)value;

    fw_put_bytes(put, &byte, 1);
}

/* A name or a short text: its length in one byte goes before it, what is longer is cut. */
static inline void fw_put_text(struct fw_put *put, const char *text) {
    const size_t all = strlen(text), len = all < UINT8_MAX ? all : UINT8_MAX;

    fw_put_u8(put, (unsigned)len);
    fw_put_bytes(put, text, len);
}

/* A part whose length is known when it is written: open returns where, close puts the length there. */
static inline size_t fw_put_open(struct fw_put *put) {
    fw_put_u64(put, 0);
    return put->len;
}

static inline void fw_put_close(struct fw_put *put, size_t opened) {
    if (put->failed)
        return;
    struct fw_put length = {.p = put->p, .size = opened, .len = opened - 8};
    fw_put_u64(&length, put->len - opened);
}

/* Room for another record? */
static inline bool fw_put_has_room(const struct fw_put *put) {
    return !put->failed && put->size - put->len >= FW_STATE_RECORD_MAX;
}

static inline void fw_get_bytes(struct fw_get *get, void *p, size_t n) {
    if (get->failed || n > get->size - get->at) {
        get->failed = true;
        memset(p, 0, n);
        return;
    }
    memcpy(p, get->p + get->at, n);
    get->at += n;
}

static inline uint64_t fw_get_u64(struct fw_get *get) {
    uint8_t bytes[8];
    uint64_t value = 0;

    fw_get_bytes(get, bytes, sizeof bytes);
    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static inline unsigned fw_get_u8(struct fw_get *get) {
    uint8_t byte;

    fw_get_bytes(get, &byte, 1);
    return byte;
}

/* A time with which one can reckon: what lies outside of any calendar is a failure. */
static inline fw_time fw_get_time(struct fw_get *get) {
    const fw_time time = (fw_time)fw_get_u64(get);

    if (time >= -FW_TIME_MAX && time <= FW_TIME_MAX)
        return time;
    get->failed = true;
    return 0;
}

/* Into a buffer of at least 256 bytes; always ends in NUL. */
static inline void fw_get_text(struct fw_get *get, char text[UINT8_MAX + 1]) {
    const size_t len = fw_get_u8(get);

    fw_get_bytes(get, text, len);
    text[get->failed ? 0 : len] = '\0';
}

/* A part that was written between fw_put_open() and fw_put_close(); the reader goes on after it. */
static inline struct fw_get fw_get_part(struct fw_get *get) {
    const uint64_t len = fw_get_u64(get);
    struct fw_get part = {.p = get->p + get->at, .failed = get->failed};

    if (get->failed || len > get->size - get->at) {
        get->failed = part.failed = true;
        return part;
    }
    part.size = (size_t)len;
    get->at += part.size;
    return part;
}

static inline bool fw_get_has_more(const struct fw_get *get) {
    return !get->failed && get->at < get->size;
}

#endif
