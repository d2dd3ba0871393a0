/* scan_csv.c: see scan_csv.h. One pass, no memory.
 *
 * What an attacker controls: values. Who writes a comma into a user agent gets
 * it quoted by the device; a device that did not would shift what follows, so
 * the columns that a scanner believes most stand before the first such value.
 */
#include "scan_csv.h"

#include <string.h>

#include "convert.h"
#include "scan_word.h"

/* The quote that closes the column, or NULL: the line was cut. */
static const char *closing(const char *p, const char *end) {
    while ((p = memchr(p, '"', (size_t)(end - p))) != NULL) {
        if (p + 1 == end || p[1] != '"')
            return p;
        p += 2;
    }
    return NULL;
}

size_t fw_csv_split(const char *p, const char *end, struct fw_str *column, size_t max) {
    size_t n = 0;

    while (n < max) {
        const char *text = p, *stop;

        if (p < end && *p == '"') {
            text = p + 1;
            if ((stop = closing(text, end)) == NULL)
                return n;
            p = memchr(stop, ',', (size_t)(end - stop));
        } else {
            p = memchr(p, ',', (size_t)(end - p));
            stop = p != NULL ? p : end;
        }
        const size_t len = (size_t)(stop - text);

        column[n++] = fw_word_absent(text, len) ? (struct fw_str){NULL, 0} : (struct fw_str){text, (uint32_t)len};
        if (p == NULL)
            break;
        p++;
    }
    return n;
}

enum fw_parse_result fw_csv_put(const struct fw_csv_column *table, size_t rows, const struct fw_str *column,
                                size_t columns, struct fw_event *ev) {
    for (size_t i = 0; i < rows; i++) {
        const struct fw_csv_column *row = &table[i];

        if (row->column >= columns || column[row->column].len == 0)
            continue;
        const struct fw_str *value = &column[row->column];

        if (row->how == FW_KV_NAT && fw_word_is_nothing(value))
            continue;
        if (fw_convert(ev, (enum fw_field)row->field, value->p, value->len) != 0 && row->how != FW_KV_TRY)
            return FW_PARSE_REFUSED;
    }
    return FW_PARSE_EVENT;
}
