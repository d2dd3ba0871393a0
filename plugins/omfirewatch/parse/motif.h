/* motif.h: what liblognorm's field types give, and which must not be used. */
#ifndef FW_MOTIF_H
#define FW_MOTIF_H

#include <stdbool.h>
#include <stddef.h>

/* May a field of this type stand in a rule? named: it is not "-"; extra: bytes of extradata. Returns 0, or -1 with a
 * sentence in text. */
int fw_motif_check(const char *type, bool named, size_t extra, char *text, size_t size);

#endif
