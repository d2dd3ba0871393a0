/* net.c: networks, and the map from an address to those that contain it.
 *
 * Invariants: a fw_netmap holds disjoint ranges in rising order that together
 * cover the whole address space; its first range begins at ::.
 * Memory: a map of n networks takes at most 2n + 1 ranges of 24 bytes.
 * What an attacker controls: the addresses that are looked up, never the
 * networks: those are an administrator's.
 */
#include "addr.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V4_BITS   96         /* the prefix of ::ffff:0:0/96 */
#define NETS_MAX  (1U << 24) /* more networks than any routing table has; no count overflows */
#define SHOWN_MAX 64         /* characters of a text that is refused; a network is shorter */

static inline uint64_t load_be64(const uint8_t *p) {
    uint64_t v;

    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static inline bool less_or_equal(const union fw_addr *a, const union fw_addr *b) {
    const uint64_t a0 = load_be64(a->b), b0 = load_be64(b->b);

    return a0 < b0 || (a0 == b0 && load_be64(a->b + 8) <= load_be64(b->b + 8));
}

/* The last address of a network: its host bits set. */
static union fw_addr last_of(const struct fw_net *net) {
    union fw_addr last = net->addr;

    for (unsigned bit = net->bits; bit < 128; bit++)
        last.b[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    return last;
}

static union fw_addr first_of(const union fw_addr *addr, unsigned bits) {
    union fw_addr first = *addr;

    for (unsigned bit = bits; bit < 128; bit++)
        first.b[bit / 8] &= (uint8_t)(0xff ^ 0x80 >> bit % 8);
    return first;
}

/* Decimal 0-max without leading zeros; -1 otherwise. */
static int parse_bits(const char *text, size_t len, int max) {
    int bits = 0;

    if (len < 1 || len > 3 || (len > 1 && text[0] == '0'))
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        bits = bits * 10 + (text[i] - '0');
    }
    return bits <= max ? bits : -1;
}

__attribute__((format(printf, 3, 4))) static int refuse(char *err, size_t errlen, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    if (errlen > 0)
        vsnprintf(err, errlen, fmt, args);
    va_end(args);
    return -1;
}

int fw_net_parse(struct fw_net *net, const char *text, size_t len, char *err, size_t errlen) {
    const char *slash = len > 0 ? memchr(text, '/', len) : NULL;
    const size_t addr_len = slash ? (size_t)(slash - text) : len;
    const int shown = len < SHOWN_MAX ? (int)len : SHOWN_MAX;
    struct fw_net read = {.bits = 128};

    if (fw_addr_parse(&read.addr, text, addr_len) != 0)
        return refuse(err, errlen,
                      "\"%.*s\" is no address or network; allowed are 10.0.0.0/8, 2001:db8::/32, 192.0.2.7", shown,
                      text);
    if (slash) {
        const bool v4_text = memchr(text, ':', addr_len) == NULL;
        const int max = v4_text ? 32 : 128;
        const int bits = parse_bits(slash + 1, len - addr_len - 1, max);

        if (bits < 0)
            return refuse(err, errlen, "\"%.*s\" has no valid prefix length; allowed is 0 to %d", shown, text, max);
        read.bits = (uint8_t)(v4_text ? bits + V4_BITS : bits);
    }
    const union fw_addr first = first_of(&read.addr, read.bits);
    if (!fw_addr_equal(&first, &read.addr)) {
        const struct fw_net meant = {.addr = first, .bits = read.bits};
        char hint[FW_ADDR_TEXT_MAX + 4];

        fw_net_format(&meant, hint, sizeof hint);
        return refuse(err, errlen, "\"%.*s\" has host bits set; the network is %s", shown, text, hint);
    }
    *net = read;
    return 0;
}

size_t fw_net_format(const struct fw_net *net, char *buf, size_t size) {
    char text[FW_ADDR_TEXT_MAX];
    int len;

    if (size == 0)
        return 0;
    fw_addr_format(&net->addr, text);
    if (net->bits >= 128)
        len = snprintf(buf, size, "%s", text);
    else
        len = snprintf(buf, size, "%s/%d", text,
                       fw_addr_is_v4(&net->addr) && net->bits >= V4_BITS ? net->bits - V4_BITS : net->bits);
    return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}

bool fw_net_contains(const struct fw_net *net, const union fw_addr *addr) {
    const unsigned whole = net->bits / 8, rest = net->bits % 8;

    if (memcmp(net->addr.b, addr->b, whole) != 0)
        return false;
    return rest == 0 || ((net->addr.b[whole] ^ addr->b[whole]) >> (8 - rest)) == 0;
}

/* By first address, the wider network first: parents come before children. Of equals in the order of the list, which
 * qsort() alone does not promise. */
static int compare_nets(const void *x, const void *y) {
    const struct fw_netmask *a = *(const struct fw_netmask *const *)x, *b = *(const struct fw_netmask *const *)y;
    const int order = fw_addr_compare(&a->net.addr, &b->net.addr);

    if (order != 0 || a->net.bits != b->net.bits)
        return order != 0 ? order : (int)a->net.bits - (int)b->net.bits;
    return (a > b) - (a < b);
}

/* From `first` on the mask is `mask`. A later word about the same address wins. */
static void begin_range(struct fw_netmap *map, const union fw_addr *first, uint64_t mask) {
    if (map->count > 0 && fw_addr_equal(&map->ranges[map->count - 1].first, first))
        map->count--;
    if (map->count > 0 && map->ranges[map->count - 1].mask == mask)
        return;
    map->ranges[map->count].first = *first;
    map->ranges[map->count].mask = mask;
    map->count++;
}

static bool next_addr(union fw_addr *addr) {
    for (int i = 15; i >= 0; i--)
        if (++addr->b[i] != 0)
            return true;
    return false; /* there is none after the last */
}

/* Networks nest or are apart, so the ones that are open form a stack, each
 * longer in bits than the one below: at most 129. */
struct open_net {
    struct fw_net net;
    uint64_t mask; /* with those below */
};

static void sweep(struct fw_netmap *map, const struct fw_netmask *const *nets, size_t n, fw_netmap_join_fn join,
                  void *cookie) {
    static const union fw_addr zero;
    struct open_net stack[130] = {{.net = {.bits = 0}, .mask = 0}};
    size_t depth = 1;

    begin_range(map, &zero, 0);
    for (size_t i = 0; i <= n; i++) {
        while (depth > 1 && (i == n || !fw_net_contains(&stack[depth - 1].net, &nets[i]->net.addr))) {
            union fw_addr after = last_of(&stack[--depth].net);

            if (next_addr(&after))
                begin_range(map, &after, stack[depth - 1].mask);
        }
        if (i == n)
            break;
        if (depth > 1 && stack[depth - 1].net.bits == nets[i]->net.bits) { /* the same network again */
            stack[depth - 1].mask = join(cookie, stack[depth - 1].mask, nets[i]->mask);
        } else {
            stack[depth].net = nets[i]->net;
            stack[depth].mask = join(cookie, stack[depth - 1].mask, nets[i]->mask);
            depth++;
        }
        begin_range(map, &nets[i]->net.addr, stack[depth - 1].mask);
    }
}

/* The range that holds addr, known to lie in [low, high]. */
static size_t search(const struct fw_netmap *map, const union fw_addr *addr, size_t low, size_t high) {
    while (low < high) {
        const size_t middle = low + (high - low + 1) / 2;

        if (less_or_equal(&map->ranges[middle].first, addr))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static uint64_t join_masks(void *cookie, uint64_t wider, uint64_t own) {
    (void)cookie;
    return wider | own;
}

int fw_netmap_build(struct fw_netmap *map, const struct fw_netmask *nets, size_t n) {
    return fw_netmap_build_by(map, nets, n, join_masks, NULL);
}

int fw_netmap_build_by(struct fw_netmap *map, const struct fw_netmask *nets, size_t n, fw_netmap_join_fn join,
                       void *cookie) {
    const struct fw_netmask **sorted;

    memset(map, 0, sizeof *map);
    if (n == 0)
        return 0;
    if (n > NETS_MAX)
        return -1;
    sorted = malloc(n * sizeof *sorted);
    map->ranges = calloc(2 * n + 1, sizeof *map->ranges);
    if (!sorted || !map->ranges) {
        free(sorted);
        fw_netmap_free(map);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = &nets[i];
    qsort(sorted, n, sizeof *sorted, compare_nets);
    sweep(map, sorted, n, join, cookie);
    free(sorted);

    for (unsigned top = 0; top < 256; top++) {
        const union fw_addr first = {.b = {[10] = 0xff, [11] = 0xff, [12] = (uint8_t)top}};

        map->v4_first[top] = (uint32_t)search(map, &first, 0, map->count - 1);
    }
    const union fw_addr last = {.b = {[10] = 0xff, [11] = 0xff, [12] = 0xff, [13] = 0xff, [14] = 0xff, [15] = 0xff}};
    map->v4_first[256] = (uint32_t)search(map, &last, 0, map->count - 1);
    return 0;
}

uint64_t fw_netmap_lookup(const struct fw_netmap *map, const union fw_addr *addr) {
    if (map->count == 0)
        return 0;
    if (fw_addr_is_v4(addr)) {
        const unsigned top = addr->b[12];

        return map->ranges[search(map, addr, map->v4_first[top], map->v4_first[top + 1])].mask;
    }
    return map->ranges[search(map, addr, 0, map->count - 1)].mask;
}

void fw_netmap_free(struct fw_netmap *map) {
    free(map->ranges);
    memset(map, 0, sizeof *map);
}
