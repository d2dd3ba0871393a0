/* beacon_key.c: what calls what, and what it is called: see beacon.h.
 *
 * What an attacker controls: inside, the host of his requests. Its letters are those of host names by then, and of a
 * name that is too long the end is kept, which is whose it is, and a hash of all of it.
 */
#include <string.h>

#include "beacon.h"

/* Letters in lower case; what no host name has becomes '?', so that no line can put it into a message. */
static size_t fold(const struct fw_str *host, char name[256]) {
    size_t len = host->len < 255 ? host->len : 255;
    while (len > 0 && host->p[len - 1] == '.')
        len--;
    for (size_t i = 0; i < len; i++) {
        const char c = host->p[i];
        if (c >= 'A' && c <= 'Z')
            name[i] = (char)(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':')
            name[i] = c;
        else
            name[i] = '?';
    }
    return len;
}

static void put_host(struct fw_beacon_key *key, const struct fw_str *host) {
    char name[256];
    const size_t len = fold(host, name);
    key->by_host = 1;
    if (len <= FW_BEACON_HOST_MAX) {
        memcpy(key->to.name, name, len);
        return;
    }
    const uint64_t hash = fw_hash(&fw_seed_fixed, name, len);
    key->cut = 1;
    memcpy(key->to.name, name + len - FW_BEACON_TAIL, FW_BEACON_TAIL);
    memcpy(key->to.name + FW_BEACON_TAIL, &hash, sizeof hash);
}

void fw_beacon_key(struct fw_beacon_key *key, const struct fw_event *ev) {
    memset(key, 0, sizeof *key);
    key->kind = KIND_PAIR;
    key->src = ev->src;
    key->proto = fw_event_has(ev, FW_BIT(proto)) ? ev->proto : FW_PROTO_TCP;
    key->has_dport = fw_event_has(ev, FW_BIT(dport));
    key->dport = key->has_dport ? ev->dport : 0;
    if (ev->kind == FW_KIND_HTTP)
        put_host(key, &ev->host);
    else
        key->to.addr = ev->dst;
}

size_t fw_beacon_name(const struct fw_beacon_key *key, char name[FW_BEACON_HOST_MAX + 1]) {
    const char *start = key->to.name;
    size_t len = key->cut ? FW_BEACON_TAIL : strnlen(start, FW_BEACON_HOST_MAX);
    const char *dot = key->cut ? memchr(start, '.', len) : NULL;
    if (dot != NULL && dot + 1 < start + len) {
        len -= (size_t)(dot + 1 - start);
        start = dot + 1;
    }
    memcpy(name, start, len);
    name[len] = '\0';
    return len;
}

bool fw_beacon_is_literal(const struct fw_beacon_key *key) {
    char name[FW_BEACON_HOST_MAX + 1];
    union fw_addr addr;
    return key->by_host && !key->cut && fw_addr_parse(&addr, name, fw_beacon_name(key, name)) == 0;
}

struct fw_beacon_key fw_beacon_destination(const struct fw_beacon_key *pair) {
    struct fw_beacon_key key = *pair;
    key.kind = KIND_DESTINATION;
    memset(&key.src, 0, sizeof key.src);
    key.proto = 0;
    key.dport = 0;
    key.has_dport = 0;
    return key;
}
