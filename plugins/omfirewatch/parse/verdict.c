/* verdict.c: see verdict.h. */
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

#include "../core/event.h"

/* Up to eight letters as one number, so that a word is compared in one step. */
#define K1(a)                      ((uint64_t)(a))
#define K2(a, b)                   (K1(a) << 8 | (b))
#define K3(a, b, c)                (K2(a, b) << 8 | (c))
#define K4(a, b, c, d)             (K3(a, b, c) << 8 | (d))
#define K5(a, b, c, d, e)          (K4(a, b, c, d) << 8 | (e))
#define K6(a, b, c, d, e, f)       (K5(a, b, c, d, e) << 8 | (f))
#define K7(a, b, c, d, e, f, g)    (K6(a, b, c, d, e, f) << 8 | (g))
#define K8(a, b, c, d, e, f, g, h) (K7(a, b, c, d, e, f, g) << 8 | (h))

static inline bool is_letter(char c) {
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

static int verdict_of_word(uint64_t word) {
    switch (word) {
    case K4('D', 'R', 'O', 'P'):
    case K5('D', 'R', 'O', 'P', 'S'):
    case K7('D', 'R', 'O', 'P', 'P', 'E', 'D'):
    case K5('B', 'L', 'O', 'C', 'K'):
    case K7('B', 'L', 'O', 'C', 'K', 'E', 'D'):
    case K6('R', 'E', 'J', 'E', 'C', 'T'):
    case K8('R', 'E', 'J', 'E', 'C', 'T', 'E', 'D'):
    case K4('D', 'E', 'N', 'Y'):
    case K6('D', 'E', 'N', 'I', 'E', 'D'):
    case K7('D', 'I', 'S', 'C', 'A', 'R', 'D'):
        return FW_ACTION_DENY;
    case K6('A', 'C', 'C', 'E', 'P', 'T'):
    case K8('A', 'C', 'C', 'E', 'P', 'T', 'E', 'D'):
    case K5('A', 'L', 'L', 'O', 'W'):
    case K7('A', 'L', 'L', 'O', 'W', 'E', 'D'):
    case K4('P', 'A', 'S', 'S'):
    case K6('P', 'A', 'S', 'S', 'E', 'D'):
    case K6('P', 'E', 'R', 'M', 'I', 'T'):
        return FW_ACTION_ALLOW;
    default:
        return 0;
    }
}

static int verdict_of_suffix(const char *p, size_t len) {
    if (len < 3 || p[len - 1] != ']' || p[len - 3] != '-')
        return 0;
    switch (p[len - 2]) {
    case 'A':
        return FW_ACTION_ALLOW;
    case 'D':
    case 'R':
        return FW_ACTION_DENY;
    default:
        return 0;
    }
}

int fw_verdict(const char *p, size_t len) {
    const int suffix = verdict_of_suffix(p, len);
    uint64_t word = 0;
    unsigned letters = 0;
    int last = 0;

    if (suffix != 0)
        return suffix;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && is_letter(p[i])) {
            word = word << 8 | (uint8_t)(p[i] & ~0x20);
            letters++;
        } else if (letters != 0) {
            const int found = letters <= 8 ? verdict_of_word(word) : 0;

            if (found != 0)
                last = found;
            word = 0;
            letters = 0;
        }
    }
    return last;
}
