/* value.h: numbers with their units, as people write them.
 *
 * "25", "15m", "40%", "true", "256MiB". The policy, the command line and the
 * printed policy agree on one spelling: what fw_value_format() writes,
 * fw_value_parse() reads.
 */
#ifndef FW_VALUE_H
#define FW_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "../detect/detector.h"

#define FW_VALUE_TEXT 32 /* any value as text */

/* Reads the whole of text. Returns 0, or -1 when it is no value of that unit or does not fit. */
int fw_value_parse(enum fw_unit unit, const char *text, int64_t *value);
/* Shortest form without loss: 900 seconds are "15m". Returns the length. */
size_t fw_value_format(enum fw_unit unit, int64_t value, char buf[FW_VALUE_TEXT]);
/* How such a value is written: "a duration: 41s, 15m, 1h, 2d or plain seconds" */
const char *fw_value_form(enum fw_unit unit);

/* "256MiB", "1GiB", "65536KiB" or plain bytes */
int fw_value_parse_bytes(const char *text, uint64_t *bytes);
size_t fw_value_format_bytes(uint64_t bytes, char buf[FW_VALUE_TEXT]);

#endif
