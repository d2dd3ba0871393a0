/* verdict.h: what a log prefix that an administrator chose says about the packet.
 *
 * "DROP ", "[UFW BLOCK] ", "Shorewall:net2fw:REJECT:", "FINAL_REJECT: ": whole
 * words in any case; of several the last one counts ("DROP policy allowed" is
 * nobody's prefix, "ACCEPT then drop" is somebody's). EdgeOS, UniFi and VyOS end
 * theirs in -A], -D] or -R].
 */
#ifndef FW_VERDICT_H
#define FW_VERDICT_H

#include <stddef.h>

/* FW_ACTION_ALLOW, FW_ACTION_DENY, or 0: the prefix does not tell. */
int fw_verdict(const char *prefix, size_t len);

#endif
