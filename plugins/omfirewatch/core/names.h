/* names.h: what addresses are called, as the site's own logs have it.
 *
 * A proxy logs the host of a request and the address it went to, a resolver the name
 * and its answer. Both are kept here, a few names an address, so that a finding about
 * an address can say them. Nothing is asked of the network.
 *
 * Invariants: at most FW_NAMES_KEPT names an address, of which the one not seen for
 * longest goes first; the address not named for longest makes room; a name is lower
 * case and of the letters of host names, at most FW_DOMAIN_MAX - 1 bytes: of a longer one
 * its first labels are left out. What is inside the site, and its proxies, have no names
 * here.
 * Memory: a share at open (FW_NAMES_PART), some 370 bytes an address.
 * What an attacker controls: inside, the host of his requests, which need not be that of
 * the address; whoever runs a name server, the address of his names. So a name is a hint,
 * never a ground for a decision.
 */
#ifndef FW_NAMES_H
#define FW_NAMES_H

#include "event.h"
#include "finding.h"
#include "hash.h"
#include "mem.h"
#include "state.h"
#include "table.h"

#define FW_NAMES_KEPT 4
#define FW_NAMES_PART 64 /* of max_memory one such part: 4 MiB of 256, some 10,000 addresses */

struct fw_names;

int fw_names_open(struct fw_names **names, size_t bytes, const struct fw_seed *seed, const struct fw_mem *mem);
void fw_names_close(struct fw_names **names);
/* What an event of a proxy or a resolver says of an address; others are nothing. Its roles are known by now. */
void fw_names_learn(struct fw_names *names, const struct fw_event *ev);
/* The names of an address, the one seen most often first. Returns how many; good until the next call. */
size_t fw_names_of(struct fw_names *names, const union fw_addr *addr, const char *out[FW_NAMES_KEPT]);
/* All times later than `from` move by delta: the clock was set. */
void fw_names_shift(struct fw_names *names, fw_time from, fw_time delta);
void fw_names_get_stats(const struct fw_names *names, struct fw_table_stats *stats, size_t *bytes);

/* As state.h says; fw_names_loaded() after the last load. */
bool fw_names_save(const struct fw_names *names, struct fw_put *put, uint64_t *cursor);
int fw_names_load(struct fw_names *names, struct fw_get *get);
void fw_names_loaded(struct fw_names *names);

#endif
