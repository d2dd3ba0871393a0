/* text.h: lines of text put together piece by piece, several times as fast as printf.
 *
 * A line is at most TEXT_LINE_MAX bytes; text_line_end() writes when the buffer
 * has no room for another one. Whoever writes lines ends with text_flush().
 */
#ifndef FW_BENCH_TEXT_H
#define FW_BENCH_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TEXT_LINE_MAX    2048
#define TEXT_BUFFER_SIZE (256 * 1024)

struct text {
    FILE *out;
    size_t length;
    char buf[TEXT_BUFFER_SIZE];
};

/* False when something could not be written, now or before. */
static inline bool text_flush(struct text *text) {
    (void)fwrite(text->buf, 1, text->length, text->out);
    text->length = 0;
    return fflush(text->out) == 0 && !ferror(text->out);
}

static inline void text_line_end(struct text *text) {
    text->buf[text->length++] = '\n';
    if (text->length > TEXT_BUFFER_SIZE - TEXT_LINE_MAX) {
        (void)fwrite(text->buf, 1, text->length, text->out);
        text->length = 0;
    }
}

static inline void text_put(struct text *text, const char *string) {
    size_t length = strlen(string); /* of a literal: no call */
    memcpy(text->buf + text->length, string, length);
    text->length += length;
}

/* At least `digits` of them. */
static inline void text_padded(struct text *text, uint32_t value, unsigned digits) {
    char reversed[10];
    unsigned count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value || count < digits);
    while (count) {
        text->buf[text->length++] = reversed[--count];
    }
}

static inline void text_number(struct text *text, uint32_t value) {
    text_padded(text, value, 1);
}

/* Exactly `digits`, of "0123456789abcdef" or the like. */
static inline void text_hex(struct text *text, uint32_t value, unsigned digits, const char *alphabet) {
    for (unsigned n = digits; n-- > 0;) {
        text->buf[text->length++] = alphabet[value >> 4 * n & 15];
    }
}

static inline void text_v4(struct text *text, uint32_t addr) {
    for (unsigned shift = 24;; shift -= 8) {
        text_number(text, addr >> shift & 255);
        if (shift == 0) {
            break;
        }
        text->buf[text->length++] = '.';
    }
}

#endif
