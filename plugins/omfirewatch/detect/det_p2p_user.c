/* det_p2p_user.c: somebody shares files from peer to peer (N9).
 *
 * Algorithm: by behaviour, not by ports, which such programs choose at random.
 * Source: Karagiannis, Broido, Faloutsos, Claffy: Transport layer identification
 * of P2P traffic, 2004: a peer listens on one port of its own, so a host that has
 * as many ports to call as hosts calls peers (there a handful of hosts may be
 * clients of something else, so 20 are asked for); and peers are called by TCP and
 * by UDP, which hardly anything else does. A scan looks otherwise: one port at
 * many hosts, or many ports at one, and it gets no answers.
 *
 * Steps, which code and tests repeat:
 *   1. from home to hosts outside, to high ports that are none of the lists' and
 *      none of a service's; no replies;
 *   2. a peer is a host; what is remembered of it is TCP, UDP, that it answered,
 *      and that it was tried in vain;
 *   3. 20 peers in the window, with at least half as many ports; where peers answer,
 *      those of step 5 count for each peer, as programs whose port nobody changed have
 *      the same. Unanswered they do not: ransomware sends to 6892 of a thousand hosts;
 *   4. some answered: that tells them from victims. Where the log tells nothing of
 *      answers, or all of it is denied, half of them have to be called by UDP from
 *      one port of the source's, as a node of a hash table does;
 *   5. the name is that of the ports that two or more peers, and a tenth of them,
 *      are called at: BitTorrent 6881-6999, 51413; eDonkey 4661-4672;
 *      Gnutella 6346-6349; else it is file sharing of some kind;
 *   6. it goes into the register, then each new peer does, and lends the role
 *      p2p_user: but only what was answered (step 4), or a worm could hide.
 *
 * Told apart: Skype's users have its role (det_skype_user.c) and are left out;
 * games ask many hosts on few ports; calls have few peers.
 * Memory: about 350 bytes a source with two peers, 36 a peer and a port.
 * What an attacker controls: inside, his ports; answers he needs from a tenth of
 * those he calls.
 */
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "fanout.h"
#include "user.h"

enum param { P_WINDOW, P_PEERS, P_PORTS, P_ANSWERED };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 3600, 600, "design: 20 peers in 10 min",
                  "span in which peers are counted"},
    [P_PEERS] = {"peers", FW_UNIT_COUNT, 10, 400, 20, "Karagiannis 2004, and twice for calls and games",
                 "hosts on high ports"},
    [P_PORTS] = {"ports", FW_UNIT_PERCENT, 10, 100, 50, "Karagiannis 2004: as many ports as hosts; half for defaults",
                 "different ports, of the number of peers"},
    [P_ANSWERED] = {"answered", FW_UNIT_PERCENT, 1, 100, 10, "a scan of the Internet is answered by one in a hundred",
                    "peers that answered, of all"},
    {.name = NULL},
};

enum { MARK_TCP = 1, MARK_UDP = 2, MARK_ANSWERED = 4, MARK_FAILED = 8, MARK_FIXED = 16 };
enum { BITTORRENT, EDONKEY, GNUTELLA, OTHER, APPS };
static const char *const app_names[APPS] = {"bittorrent", "edonkey", "gnutella", "p2p"};

struct entry {
    struct fw_user_entry user; /* always first */
    struct fw_distinct peers, ports;
    uint32_t checked;     /* peers at the last look */
    uint16_t sport;       /* that the last datagram left from */
    uint8_t found;        /* index + 1 of the name */
    uint8_t answered;     /* and whether peers answered */
    uint32_t named[APPS]; /* new peers by telltale ports */
};

static int app_of(uint16_t port) {
    if ((port >= 6881 && port <= 6999) || port == 51413)
        return BITTORRENT;
    if (port >= 4661 && port <= 4672)
        return EDONKEY;
    if (port >= 6346 && port <= 6349)
        return GNUTELLA;
    return OTHER;
}

/* Step 1. */
static bool is_peer_call(const struct fw_event *ev, const struct fw_sink *sink) {
    return (ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP) && ev->dport >= 1024 && fw_user_is_outward(ev) &&
           ev->dst_service == 0 && !fw_attempt_is_like_reply(ev) && !fw_lists_port(sink->site, ev->proto, ev->dport);
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    (void)det;
    if ((ev->proto != FW_PROTO_TCP && ev->proto != FW_PROTO_UDP) || ev->dport < 1024 || !fw_user_is_outward(ev))
        return false;
    fw_user_key(out, &ev->src, "");
    return true;
}

static uint8_t mark_of(const struct entry *entry, const struct fw_event *ev, enum fw_attempt outcome) { /* step 2 */
    const bool udp = ev->proto == FW_PROTO_UDP;
    uint8_t mark = udp ? MARK_UDP : MARK_TCP;
    if (outcome == FW_ATTEMPT_ANSWERED)
        mark |= MARK_ANSWERED;
    if (outcome == FW_ATTEMPT_FAILED)
        mark |= MARK_FAILED;
    if (udp && fw_event_has(ev, FW_BIT(sport)) && ev->sport == entry->sport)
        mark |= MARK_FIXED;
    return mark;
}

/* The peer is in the set; returns whether it is a new one. */
static bool add_peer(struct fw_det *det, struct entry *entry, const struct fw_event *ev, enum fw_attempt outcome) {
    const fw_time window = fw_keyed_window(det);
    const union fw_addr port = fw_fanout_port(ev->proto, ev->dport);
    const bool fresh =
        fw_distinct_add(det->keyed.pool, &entry->peers, &ev->dst, ev->time, window, mark_of(entry, ev, outcome), NULL);
    (void)fw_distinct_add(det->keyed.pool, &entry->ports, &port, ev->time, window, 0, NULL);
    if (ev->proto == FW_PROTO_UDP && fw_event_has(ev, FW_BIT(sport)))
        entry->sport = ev->sport;
    if (fresh)
        entry->named[app_of(ev->dport)]++;
    return fresh;
}

struct look {
    unsigned peers, ports, answered, failed, fixed;
};

static void look_at(const struct fw_det *det, const struct entry *entry, struct look *look) {
    struct fw_element some[32];
    size_t n;
    *look = (struct look){.peers = entry->peers.count, .ports = entry->ports.count};
    for (size_t from = 0; (n = fw_distinct_list(det->keyed.pool, &entry->peers, from, some, 32)) > 0; from += n)
        for (size_t i = 0; i < n; i++) {
            look->answered += (some[i].mark & MARK_ANSWERED) != 0;
            look->failed += (some[i].mark & MARK_FAILED) != 0;
            look->fixed += (some[i].mark & MARK_FIXED) != 0;
        }
}

static unsigned name_of(const struct entry *entry, unsigned peers) { /* step 5 */
    unsigned best = OTHER;
    for (unsigned i = 0; i < OTHER; i++)
        if (entry->named[i] >= 2 && entry->named[i] * 10 >= peers &&
            (best == OTHER || entry->named[i] > entry->named[best]))
            best = i;
    return best;
}

/* Steps 3 to 5: once for every quarter of the threshold more. */
static void decide(struct fw_det *det, struct entry *entry) {
    const unsigned least = (unsigned)det->values[P_PEERS];
    struct look look;
    if (entry->peers.count < least || entry->peers.count < entry->checked + (entry->checked > 0 ? (least + 3) / 4 : 0))
        return;
    entry->checked = entry->peers.count;
    look_at(det, entry, &look);
    const bool answered = look.answered * 100 >= look.peers * (unsigned)det->values[P_ANSWERED] && look.answered > 0;
    const bool in_vain = look.failed * 2 >= look.peers;
    const unsigned usual = entry->named[BITTORRENT] + entry->named[EDONKEY] + entry->named[GNUTELLA];
    const unsigned ports = look.ports + (answered ? usual : 0);
    if (ports * 100 < look.peers * (unsigned)det->values[P_PORTS])
        return;
    if (!answered && look.fixed * 2 < look.peers)
        return;
    entry->answered = answered;
    entry->user.unsure = !answered && !in_vain;
    entry->found = (uint8_t)(name_of(entry, look.peers) + 1);
}

static void report(struct fw_det *det, const struct fw_event *ev, const struct entry *entry,
                   const struct fw_sink *sink) { /* step 6 */
    struct fw_use use = {.app = app_names[entry->found - 1], .role = entry->answered ? FW_ROLE_BIT(p2p_user) : 0};
    const uint8_t unsure = entry->user.unsure;
    struct fw_user_entry *finding = fw_user_seen(det, ev, sink, &use, entry->peers.count);
    if (finding != NULL)
        finding->unsure = unsure;
}

static void tell(const struct fw_det *det, const struct fw_event *ev, const struct entry *entry,
                 const struct fw_sink *sink) {
    const struct fw_reading reading = {.subject = {.src = ev->src, .has_src = true, .proto = -1, .dport = -1},
                                       .measure = "peers",
                                       .value = entry->peers.count,
                                       .threshold = (uint64_t)det->values[P_PEERS],
                                       .open = entry->found != 0};
    fw_sink_tell(sink, &reading);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const struct fw_contact contact = {.dst = ev->dst, .time = ev->time};
    struct fw_contact first;
    struct fw_user_key key;
    bool noted;
    if (ev->late || !is_peer_call(ev, sink))
        return;
    const enum fw_attempt outcome = fw_attempt_judge(ev);
    if (outcome == FW_ATTEMPT_NONE)
        return;
    fw_user_key(&key, &ev->src, "");
    struct entry *entry = fw_keyed_contact(&det->keyed, sink, &key, &contact, &first, &noted);
    if (entry == NULL)
        return;
    if (noted && !fw_addr_equal(&first.dst, &ev->dst))
        (void)fw_distinct_add(det->keyed.pool, &entry->peers, &first.dst, first.time, fw_keyed_window(det), 0, NULL);
    const bool fresh = add_peer(det, entry, ev, outcome);
    fw_keyed_count(&entry->user.matter, ev, ev->time);
    if (entry->found == 0 || entry->checked < FW_DISTINCT_MAX / 2)
        decide(det, entry);
    if (entry->found != 0 && fresh)
        report(det, ev, entry, sink);
    if (fw_sink_asks(sink))
        tell(det, ev, entry, sink);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct fw_user_entry *entry = value;
    fw_user_sentence(det, entry, out);
    const size_t len = strlen(out->sentence);
    char span[24];
    (void)fw_span_format(fw_keyed_window(det), span, sizeof span);
    (void)snprintf(out->sentence + len, sizeof out->sentence - len, ": %llu peers in %s",
                   (unsigned long long)entry->value, span);
    out->measure = "peers";
    out->window = fw_keyed_window(det);
    if (entry->unsure)
        out->degraded[0] = "outcome";
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "p2p_user",
                                         .key_size = sizeof(struct fw_user_key),
                                         .value_size = sizeof(struct entry),
                                         .sets = {offsetof(struct entry, peers), offsetof(struct entry, ports)},
                                         .set_count = 2,
                                         .table_pct = 50,
                                         .gate = true,
                                         .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

extern const struct fw_detector_ops fw_det_p2p_user;
const struct fw_detector_ops fw_det_p2p_user = {
    .name = "p2p_user",
    .title = "peer to peer file sharing",
    .requirement = "N9",
    .class = FW_CLASS_USAGE,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(sport) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(reason) | FW_BIT(tcp_flags),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner) | FW_ROLE_BIT(proxy) | FW_ROLE_BIT(nat) | FW_ROLE_BIT(skype_user),
    .params = params,
    .weight = 1,
    .quiet = fw_user_quiet,
    .open = open_det,
    .ask = fw_keyed_ask,
    .observe = observe,
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
