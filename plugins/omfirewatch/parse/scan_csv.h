/* scan_csv.h: lines of columns between commas, by a table of columns for each kind of line.
 *
 * Values are borrowed from the line; "" and the other words for nothing (scan_word.h) are len 0.
 */
#ifndef FW_SCAN_CSV_H
#define FW_SCAN_CSV_H

#include "parser.h"
#include "scan_kv.h" /* enum fw_kv_how */

#define FW_CSV_COLUMNS_MAX 72 /* read; nothing further on is of use. PAN-OS has 120 */

struct fw_csv_column {
    uint8_t column; /* from 0 */
    uint8_t how;    /* FW_KV_FIELD, FW_KV_TRY, FW_KV_NAT */
    uint8_t field;
};

/* Splits at commas; a column that begins with a quote goes on to the closing one, "" stands for a quote in it (and is
 * left as it is). A column that was cut is left out. Returns how many columns there are in column[0 ... max - 1]. */
size_t fw_csv_split(const char *p, const char *end, struct fw_str *column, size_t max);

/* Turns columns into fields by the table. FW_PARSE_EVENT, or FW_PARSE_REFUSED: a value cannot be one. */
enum fw_parse_result fw_csv_put(const struct fw_csv_column *table, size_t rows, const struct fw_str *column,
                                size_t columns, struct fw_event *ev);

#endif
