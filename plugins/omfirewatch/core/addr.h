/* addr.h: addresses, networks, and which networks an address belongs to.
 *
 * IPv4 is kept as v4-mapped IPv6 (::ffff:a.b.c.d), so that every key has one
 * size and every comparison one form. Nothing here allocates except
 * fw_netmap_build(); look-ups are a binary search over disjoint ranges.
 */
#ifndef FW_ADDR_H
#define FW_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes in network order. q[] serves equality and hashing only. */
union fw_addr {
    uint8_t b[16];
    uint64_t q[2];
};

#define FW_ADDR_TEXT_MAX 46 /* longest IPv6 text with its NUL, INET6_ADDRSTRLEN */

/* Reads exactly text[0..len). Accepts dotted IPv4 (no leading zeros beyond a
 * single 0, 0-255 each), and every form of RFC 4291 2.2.
 * Brackets, zones and prefixes are refused. Returns 0 or -1. */
int fw_addr_parse(union fw_addr *addr, const char *text, size_t len);

/* Canonical text (RFC 5952; v4-mapped as dotted IPv4), NUL-terminated, into
 * buf of at least FW_ADDR_TEXT_MAX. Returns the length. */
size_t fw_addr_format(const union fw_addr *addr, char *buf);

static inline bool fw_addr_equal(const union fw_addr *a, const union fw_addr *b) {
    return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}
bool fw_addr_is_v4(const union fw_addr *addr);
/* multicast, limited broadcast, unspecified: never a host that was tried */
bool fw_addr_is_group(const union fw_addr *addr);
/* memcmp order */
int fw_addr_compare(const union fw_addr *a, const union fw_addr *b);

struct fw_net {
    union fw_addr addr; /* host bits are zero */
    uint8_t bits;       /* 0-128; an IPv4 /24 is 120 */
};

/* "10.0.0.0/8", "2001:db8::/32", "192.0.2.7" (a host). Host bits that are set
 * are refused, as a typing error. Returns 0 or -1 with text in err (errlen may be 0). */
int fw_net_parse(struct fw_net *net, const char *text, size_t len, char *err, size_t errlen);
/* "10.0.0.0/8"; a host without its prefix, so that fw_net_parse() reads it
 * again. NUL-terminated, cut at size; returns the length written. */
size_t fw_net_format(const struct fw_net *net, char *buf, size_t size);
bool fw_net_contains(const struct fw_net *net, const union fw_addr *addr);

struct fw_netrange {
    union fw_addr first; /* the range ends where the next begins */
    uint64_t mask;
};

/* Maps an address to the OR of the masks of all networks that contain it. */
struct fw_netmap {
    struct fw_netrange *ranges;
    size_t count;
    uint32_t v4_first[257]; /* shortcut by the first IPv4 byte: the range its lowest address is in; [256]: the last */
};

struct fw_netmask {
    struct fw_net net;
    uint64_t mask;
};

/* Builds the map of n networks. Returns 0, or -1 when memory is missing. An
 * empty map (n == 0) answers 0 for every address. */
int fw_netmap_build(struct fw_netmap *map, const struct fw_netmask *nets, size_t n);
/* The same with another way to put networks together: `join` gives the mask of what lies in a network, of the mask of
 * what lies around it (0 at first) and the network's own. The same network twice is the second within the first; then
 * and in all else the order is that of the list. */
typedef uint64_t (*fw_netmap_join_fn)(void *cookie, uint64_t wider, uint64_t own);
int fw_netmap_build_by(struct fw_netmap *map, const struct fw_netmask *nets, size_t n, fw_netmap_join_fn join,
                       void *cookie);
uint64_t fw_netmap_lookup(const struct fw_netmap *map, const union fw_addr *addr);
void fw_netmap_free(struct fw_netmap *map);

#endif
