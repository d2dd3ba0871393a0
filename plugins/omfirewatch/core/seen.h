/* seen.h: which lines were seen lately, so that one that is delivered twice counts once.
 *
 * RELP and TCP resend after a reconnect what they do not know to have arrived.
 * A line that carries what tells it from every other (see fw_event.identity and
 * doc/redelivery.md) has a number: a 64 bit hash of all its bytes with a secret
 * seed. The last FW_SEEN_LINES or so of these numbers are kept.
 *
 * Invariants: within a set the newest comes first, the oldest goes. Two lines with
 * one number are one line but for once in 2^64 pairs, and nobody without the seed
 * can make two.
 * Memory: one MiB, at open. A look-up reads one cache line.
 * What an attacker controls: how many lines come between a line and its copy, and
 * so whether the copy is still known. He cannot make his packets be taken for
 * others: a copy has all bytes of the line, the device's stamp among them.
 */
#ifndef FW_SEEN_H
#define FW_SEEN_H

#include "hash.h"
#include "mem.h"
#include "state.h"

/* What a sender keeps unacknowledged: RELP has a window of 128 messages a session, a TCP socket holds some megabytes,
 * which is twenty thousand lines. So a hundred sessions at once, or a few large sockets. */
#define FW_SEEN_LINES (128 << 10)

struct fw_seen;

int fw_seen_open(struct fw_seen **seen, const struct fw_seed *seed, const struct fw_mem *mem);
void fw_seen_close(struct fw_seen **seen);
/* What lines are to be hashed with. load replaces it by that of the run before. */
struct fw_seed fw_seen_seed(const struct fw_seen *seen);
/* Memory asked for in advance, see ahead.h. */
void fw_seen_ask(const struct fw_seen *seen, uint64_t identity);
/* Has a line of this number been seen? It has now. */
bool fw_seen_before(struct fw_seen *seen, uint64_t identity);

/* See state.h. */
bool fw_seen_save(const struct fw_seen *seen, struct fw_put *put, uint64_t *cursor);
int fw_seen_load(struct fw_seen *seen, struct fw_get *get);

#endif
