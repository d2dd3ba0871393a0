/* worm_ports.h: services by which malware spreads from machine to machine.
 *
 * A connection to one of these is nothing by itself; many that fail, or one shortly
 * before a machine begins to misbehave, are.
 */
#ifndef FW_WORM_PORTS_H
#define FW_WORM_PORTS_H

#include <stdbool.h>
#include <stdint.h>

bool fw_is_worm_port(unsigned proto, unsigned dport);

#endif
