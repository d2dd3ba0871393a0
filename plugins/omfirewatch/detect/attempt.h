/* attempt.h: was an event an attempt to reach a service, and what became of it.
 *
 * Shared by the detectors of scans. An attempt is a connection, a datagram or an
 * ICMP echo that somebody began; its outcome is what the log tells of it, by
 * sessions with their ends, by denials, or by starts alone:
 *   denied                                   a failure
 *   an end without an answer                 a failure
 *   an end with an answer                    answered
 *   a start of a sensor that logs ends       nothing yet: its end will tell
 *   a start of a sensor that logs none, and  unknown
 *   a sum of bytes of a datagram             unknown
 * An ICMP session without a type began with an echo; a denied packet may be anything.
 * Memory: none; all of it is computed from the event.
 * What an attacker controls: his packets, and the answers of his own hosts.
 */
#ifndef FW_ATTEMPT_H
#define FW_ATTEMPT_H

#include <stdbool.h>

#include "../core/event.h"

enum fw_attempt {
    FW_ATTEMPT_NONE,     /* no attempt, or its end is still to come */
    FW_ATTEMPT_FAILED,   /* denied, or nobody answered */
    FW_ATTEMPT_ANSWERED, /* somebody did */
    FW_ATTEMPT_UNKNOWN,  /* the log does not tell */
};

/* What became of the attempt. Needs src, dst and proto to be there. Only flows are attempts. */
enum fw_attempt fw_attempt_judge(const struct fw_event *ev);

/* A reply by its ports, where neither flags nor a remembered session tell: from a server's port to a client's. So late
 * answers of a resolver look that are denied one by one, and backscatter of a flooded server in a log without flags.
 * A packet with SYN alone is none. For detectors that count ports: a scan from such a port is still seen at the ports
 * below 1024. */
bool fw_attempt_is_like_reply(const struct fw_event *ev);

/* Services that every program calls by itself, and many at once when the network is down or when they are denied: a burst
 * of failures there is nobody's search. Needs proto. */
bool fw_attempt_is_common(const struct fw_event *ev);

/* Calls of one who works for others and calls as many as they do: a proxy or a resolver to what these call by
 * themselves, a mail server to mail servers. And datagrams of any source inside to the former whose outcome is not in the
 * log: a resolver without a role, or QUIC. */
bool fw_attempt_is_on_behalf(const struct fw_event *ev, enum fw_attempt outcome);

/* A call from inside to a high port outside that is not one of worm_ports.h, whose outcome is not in the log: so peers
 * call one another, in games and file sharing, hundreds a day, and who of them is still there is not told. */
bool fw_attempt_is_like_peer(const struct fw_event *ev, enum fw_attempt outcome);

/* Sources of attempts by service; part of the key of several detectors. 24 bytes without padding, all of them set. */
struct fw_attempt_key {
    union fw_addr src;
    uint16_t dport; /* 0: none */
    uint8_t proto;
    uint8_t unknown; /* outcomes are not in the log: counted apart */
    uint8_t zero[4];
};
_Static_assert(sizeof(struct fw_attempt_key) == 24, "keys are hashed by words");

void fw_attempt_key(struct fw_attempt_key *key, const struct fw_event *ev, bool unknown);

/* Sequential hypothesis test (TRW): Jung, Paxson, Berger, Balakrishnan: Fast portscan detection using sequential
 * hypothesis testing, 2004. With theta0 = .8 and theta1 = .2 a failure and a success weigh the same, ln 4, so the test
 * is a walk: +1 for a first contact that failed, -1 for an answer, never below 0. The bar is ln(beta' / alpha) / ln 4
 * with beta' = .99. */
#define FW_WALK_BAR      4 /* alpha = .01: beside a count that is high by itself */
#define FW_WALK_BAR_SURE 9 /* alpha = 1e-5: as many sources come by in a day, and hardly one is to be called wrongly */

#endif
