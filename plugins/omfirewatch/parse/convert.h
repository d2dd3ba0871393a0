/* convert.h: from the text of a field to its typed value.
 *
 * Strict: a value that cannot be converted whole is no value, and its line is
 * refused; a wrong address is worse than a missing event. Blanks around a value
 * are no part of it.
 */
#ifndef FW_CONVERT_H
#define FW_CONVERT_H

#include "../core/event.h"

/* Sets the field and its presence bit; an empty string is absent. Returns 0, or -1 when the text is no value of the
 * field's type. Strings are borrowed. */
int fw_convert(struct fw_event *ev, enum fw_field field, const char *text, size_t len);

/* Copies the fields of `bits` from one event to another, with their presence bits. */
void fw_convert_copy(struct fw_event *to, const struct fw_event *from, uint64_t bits);

/* For devices that name two ends in an order of their own (Cisco's "Teardown ... for A to B"): exchanges source and
 * destination when the ports tell that the first end is the service. A port below 1024 is a service against one that
 * is not; so is one below 32768 (where the ephemeral ports of today's systems begin) against one above; else the order
 * stays. */
void fw_convert_orient(struct fw_event *ev);

#endif
