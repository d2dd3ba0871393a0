/* sigma_encode.c: what a text looks like inside of base64.
 *
 * Three bytes become four characters, so that there are three ways to write a
 * text, by what stands before it. Of each only the characters count that hang on
 * nothing but the text: those at the edges are left out.
 */
#include <string.h>

#include "sigma.h"

#define BIT(mod) FW_SIGMA_BIT(mod)
#define RAW_MAX  402 /* 200 bytes in 16 bits each, and two before them */

static void encode(const unsigned char *raw, size_t len, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        const unsigned bits = (unsigned)raw[i] << 16 | (i + 1 < len ? (unsigned)raw[i + 1] << 8 : 0) |
                              (i + 2 < len ? (unsigned)raw[i + 2] : 0);
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        *out++ = i + 2 < len ? digits[bits & 63] : '=';
    }
    *out = '\0';
}

bool fw_sigma_encode(const char *text, unsigned mods, unsigned n, char coded[FW_SIGMA_CODED_BYTES]) {
    static const unsigned char before[] = {0, 2, 3}, behind[] = {0, 3, 2}; /* characters that hang on other bytes too */
    unsigned char raw[RAW_MAX] = {0};
    char whole[FW_SIGMA_CODED_BYTES];
    const bool offset = (mods & BIT(OFFSET)) != 0;
    size_t len = offset ? n : 0, all;

    if (n > (offset ? 2U : 0U))
        return false;
    for (const char *p = text; *p != '\0' && len + 2 <= RAW_MAX; p++) {
        raw[len++] = (unsigned char)*p;
        if ((mods & BIT(WIDE)) != 0)
            raw[len++] = 0;
    }
    encode(raw, len, whole);
    all = strlen(whole);
    if (!offset) {
        memcpy(coded, whole, all + 1);
        return true;
    }
    all -= behind[len % 3];
    (void)snprintf(coded, FW_SIGMA_CODED_BYTES, "%.*s", all > before[n] ? (int)(all - before[n]) : 0,
                   whole + before[n]);
    return true;
}
