/* event_json.h: an event as one JSON object, for people and for the samples.
 *
 * Flat with the short names of fields.def, in their order, after time and kind;
 * or nested with the ECS names. What a field is told as: addresses, actions and
 * flags as text that fw_convert() reads again, durations in milliseconds (ECS:
 * nanoseconds, as it demands).
 */
#ifndef FW_EVENT_JSON_H
#define FW_EVENT_JSON_H

#include "../core/event.h"

#define FW_EVENT_JSON_MAX                                                                                              \
    16384 /* what any event takes: twenty strings of at most FW_JSON_STRING_MAX do not come at once */

/* Returns the length, or 0 when it does not fit. Valid JSON and UTF-8 on one line, whatever the strings hold. */
size_t fw_event_print(const struct fw_event *ev, bool ecs, char *buf, size_t size);

#endif
