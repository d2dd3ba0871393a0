/* addr.c: reading and writing addresses. Networks are in net.c.
 *
 * Invariants: IPv4 is v4-mapped everywhere; what is written reads back the same.
 * Memory: none. What an attacker controls: the text and the bytes. Every text is
 * read within its length, in one pass, and no more than 45 characters of it.
 */
#include "addr.h"

#include <string.h>

#define V4_TEXT_MIN 7  /* 1.2.3.4 */
#define V4_TEXT_MAX 15 /* 255.255.255.255 */
#define WORDS       8  /* groups of an IPv6 address */

static int parse_v4(uint8_t *out, const char *text, size_t len) {
    size_t i = 0;

    if (len < V4_TEXT_MIN || len > V4_TEXT_MAX)
        return -1;
    for (unsigned part = 0; part < 4; part++) {
        unsigned value = 0;

        if (part > 0 && (i >= len || text[i++] != '.'))
            return -1;
        const size_t start = i;
        while (i < len && i - start < 3 && text[i] >= '0' && text[i] <= '9')
            value = value * 10 + (unsigned)(text[i++] - '0');
        if (i == start || value > 255 || (text[start] == '0' && i - start > 1))
            return -1;
        out[part] = (uint8_t)value;
    }
    return i == len ? 0 : -1;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Groups are collected from the left; the position of "::" is remembered and
 * what follows it is moved to the right end afterwards. */
static int parse_v6(uint8_t *out, const char *text, size_t len) {
    uint8_t bytes[16] = {0};
    size_t n = 0, gap = SIZE_MAX, i = 0; /* n and gap in bytes */

    if (len < 2 || len >= FW_ADDR_TEXT_MAX)
        return -1;
    if (text[0] == ':') {
        if (text[1] != ':')
            return -1;
        gap = 0;
        i = 2;
    }
    while (i < len) {
        const size_t start = i;
        unsigned value = 0;
        int digit;

        while (i < len && i - start < 4 && (digit = hex_digit(text[i])) >= 0) {
            value = value << 4 | (unsigned)digit;
            i++;
        }
        if (i == start || n == sizeof bytes)
            return -1;
        if (i < len && text[i] == '.') { /* x:x:x:x:x:x:d.d.d.d */
            if (n + 4 > sizeof bytes || parse_v4(bytes + n, text + start, len - start) != 0)
                return -1;
            n += 4;
            break;
        }
        bytes[n++] = (uint8_t)(value >> 8);
        bytes[n++] = (uint8_t)value;
        if (i == len)
            break;
        if (text[i++] != ':' || i == len)
            return -1;
        if (text[i] == ':') {
            if (gap != SIZE_MAX)
                return -1;
            gap = n;
            i++;
        }
    }
    if (gap == SIZE_MAX) {
        if (n != sizeof bytes)
            return -1;
    } else {
        if (n == sizeof bytes) /* "::" stands for at least one group */
            return -1;
        memmove(bytes + sizeof bytes - (n - gap), bytes + gap, n - gap);
        memset(bytes + gap, 0, sizeof bytes - n);
    }
    memcpy(out, bytes, sizeof bytes);
    return 0;
}

int fw_addr_parse(union fw_addr *addr, const char *text, size_t len) {
    union fw_addr v4 = {.b = {[10] = 0xff, [11] = 0xff}};

    if (parse_v4(v4.b + 12, text, len) == 0) {
        *addr = v4;
        return 0;
    }
    return parse_v6(addr->b, text, len);
}

static char *put_decimal(char *p, unsigned value) {
    if (value >= 100)
        *p++ = (char)('0' + value / 100);
    if (value >= 10)
        *p++ = (char)('0' + value / 10 % 10);
    *p++ = (char)('0' + value % 10);
    return p;
}

static char *put_hex(char *p, unsigned value) {
    static const char digits[] = "0123456789abcdef";

    for (int shift = 12; shift >= 0; shift -= 4)
        if (shift == 0 || value >> shift)
            *p++ = digits[value >> shift & 15];
    return p;
}

/* RFC 5952 4: the longest run of two or more zero groups (the first of equals)
 * becomes "::". Not inet_ntop(): libcs disagree about ::1:2, findings must not. */
static char *put_v6(char *p, const uint8_t *b) {
    unsigned word[WORDS];
    size_t best = WORDS, best_len = 1, len = 0;

    for (size_t i = 0; i < WORDS; i++) {
        word[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
        len = word[i] == 0 ? len + 1 : 0;
        if (len > best_len) {
            best_len = len;
            best = i + 1 - len;
        }
    }
    for (size_t i = 0; i < WORDS; i++) {
        if (i == best) {
            *p++ = ':';
            *p++ = ':';
            i += best_len - 1;
            continue;
        }
        if (i > 0 && p[-1] != ':')
            *p++ = ':';
        p = put_hex(p, word[i]);
    }
    return p;
}

size_t fw_addr_format(const union fw_addr *addr, char *buf) {
    char *p = buf;

    if (fw_addr_is_v4(addr)) {
        for (unsigned i = 12; i < 16; i++) {
            if (i > 12)
                *p++ = '.';
            p = put_decimal(p, addr->b[i]);
        }
    } else {
        p = put_v6(p, addr->b);
    }
    *p = '\0';
    return (size_t)(p - buf);
}

bool fw_addr_is_v4(const union fw_addr *addr) {
    static const union fw_addr prefix = {.b = {[10] = 0xff, [11] = 0xff}};

    return addr->q[0] == 0 && memcmp(addr->b + 8, prefix.b + 8, 4) == 0;
}

bool fw_addr_is_group(const union fw_addr *addr) {
    if (!fw_addr_is_v4(addr))
        return addr->b[0] == 0xff || (addr->q[0] == 0 && addr->q[1] == 0);
    const uint8_t *host = addr->b + 12;
    uint32_t word;

    memcpy(&word, host, sizeof word);
    return host[0] >> 4 == 0xe || word == UINT32_MAX || word == 0;
}

int fw_addr_compare(const union fw_addr *a, const union fw_addr *b) {
    return memcmp(a->b, b->b, sizeof a->b);
}
