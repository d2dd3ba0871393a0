/* det_long_tunnel.c: a web session that stays open for hours (N11).
 *
 * Algorithm: pages are fetched and the session ends; a tunnel through port 80 or 443
 * stays. RITA lists connections by how long they are and calls an hour, four, eight
 * and twelve a ladder; programs that are served (chat, telephones, push messages) hold
 * sessions as long, but they are used by many of the site.
 *
 * Steps, which code and tests repeat (2 to 6 are in lasting.c):
 *   1. TCP or QUIC from home to a web port outside; no replies;
 *   2. a session opens: remembered where the device logs ends too;
 *   3. it ends: its duration counts;
 *   4. while it is open it is found without a line of its own;
 *   5. `lasts` is the first rung, 4, 8 and 12 times that the others: a stage each;
 *   6. where `shared` sources have such sessions into the same network, or with the
 *      same owner where a database says whose it is, it is a service: the others who
 *      use it are not told of.
 * Where neither ends nor durations are logged nothing can be said: a page that asks
 * every minute looks the same line by line.
 *
 * Memory: lasting.h. What an attacker controls: inside, his sessions; he can end
 * them before the hour.
 */
#include <stdio.h>
#include <string.h>

#include "lasting.h"

enum param { P_WINDOW, P_LASTS, P_SHARED };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 2592000, 345600,
                  "what is a habit of working days goes on over a weekend",
                  "quiet time after which a pair is forgotten"},
    [P_LASTS] = {"lasts", FW_UNIT_SECONDS, 600, 86400, 3600, "need N11; RITA's long connections",
                 "a session of this length; the ladder goes on at 4, 8 and 12 times that"},
    [P_SHARED] = {"shared", FW_UNIT_COUNT, 0, FW_DISTINCT_MAX, 3, "a service has more than one or two users",
                  "sources with such sessions into one network, which make it a service; 0: never"},
    {.name = NULL},
};

/* Step 1. */
static bool is_web_port(uint16_t port) {
    switch (port) {
    case 80:
    case 443:
    case 3128: /* proxies outside */
    case 8000:
    case 8080:
    case 8443: /* the other port of many appliances */
        return true;
    default:
        return false;
    }
}

static bool is_mine(const struct fw_event *ev) {
    return is_web_port(ev->dport) && (ev->proto == FW_PROTO_TCP || (ev->proto == FW_PROTO_UDP && ev->dport == 443)) &&
           !ev->reply && (ev->src_roles & FW_ROLE_HOME) != 0 && (ev->dst_roles & FW_ROLE_HOME) == 0;
}

static struct fw_lasting_rules rules_of(const struct fw_det *det) {
    return (struct fw_lasting_rules){
        .app = "web_tunnel", .lasts = det->values[P_LASTS] * FW_SECOND, .shared = (uint64_t)det->values[P_SHARED]};
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    (void)det;
    if (!is_mine(ev))
        return false;
    *(struct fw_lasting_key *)out = fw_lasting_key(ev);
    return true;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const struct fw_lasting_rules rules = rules_of(det);
    if (is_mine(ev))
        fw_lasting_observe(det, ev, &rules, sink);
}

static void advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    const struct fw_lasting_rules rules = rules_of(det);
    fw_lasting_advance(det, now, &rules, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct fw_lasting *lasting = entry;
    fw_lasting_describe(det, lasting, "the web", out);
    out->confidence = lasting->still ? 60 : 80; /* its end may have got lost */
    if (lasting->sent > lasting->rcvd)
        out->raise = 10; /* who reads pages receives */
    out->next_step =
        "See what the destination is (its names and owner are in the finding) and ask the user what runs there: a "
        "stream, a chat and a remote desktop look like this, and so does a tunnel. What is known goes into the policy "
        "as an exception.";
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    struct fw_keyed_shape shape = fw_lasting_shape();
    shape.name = "long_tunnel";
    shape.key_of = key_of;
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_long_tunnel = {
    .name = "long_tunnel",
    .title = "web session that stays open",
    .requirement = "N11",
    .class = FW_CLASS_USAGE,
    .technique_id = "T1572",
    .technique_name = "Protocol Tunneling",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(sport) | FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd),
    .guards = FW_ROLE_BIT(proxy) | FW_ROLE_BIT(web_cache) | FW_ROLE_BIT(nms) | FW_ROLE_BIT(vpn_gateway),
    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .ask = fw_keyed_ask,
    .observe = observe,
    .advance = advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
