/* det_ssh_tunnel.c: frequent or long SSH across the border (N11).
 *
 * Algorithm: SSH carries whatever one likes, both ways. Slips calls a session of 25
 * minutes long; thirty in an hour are a program, not somebody at a keyboard. Between
 * two machines inside SSH is daily work, and is left alone.
 *
 * Steps, which code and tests repeat (2 to 5 are in lasting.c):
 *   1. TCP port 22 between a machine inside and one outside, whoever began; no replies;
 *   2. a session opens: remembered where the device logs ends too;
 *   3. it ends: its duration counts;
 *   4. while it is open it is found without a line of its own;
 *   5. `lasts` is the first rung, 4, 8 and 12 times that the others; `often` sessions
 *      within an hour, opened from inside, are found as well: from outside that is
 *      guessing, which is another matter.
 *
 * Memory: lasting.h. What an attacker controls: inside, his sessions; outside, how
 * many hosts try port 22, of which each costs an entry while its session is open.
 */
#include <stdio.h>
#include <string.h>

#include "lasting.h"

enum param { P_WINDOW, P_LASTS, P_OFTEN };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 2592000, 345600,
                  "what is a habit of working days goes on over a weekend",
                  "quiet time after which a pair is forgotten"},
    [P_LASTS] = {"lasts", FW_UNIT_SECONDS, 300, 86400, 1500, "Slips: long SSH session",
                 "a session of this length; the ladder goes on at 4, 8 and 12 times that"},
    [P_OFTEN] = {"often", FW_UNIT_COUNT, 5, 10000, 30, "one in two minutes: nobody types so fast",
                 "sessions to the same host within an hour"},
    {.name = NULL},
};

#define PORT 22

/* Step 1. */
static bool is_mine(const struct fw_event *ev) {
    return ev->dport == PORT && ev->proto == FW_PROTO_TCP && !ev->reply &&
           ((ev->src_roles ^ ev->dst_roles) & FW_ROLE_HOME) != 0;
}

static struct fw_lasting_rules rules_of(const struct fw_det *det, bool from_inside) {
    return (struct fw_lasting_rules){.app = "ssh_tunnel",
                                     .lasts = det->values[P_LASTS] * FW_SECOND,
                                     .often = from_inside ? (uint64_t)det->values[P_OFTEN] : 0};
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    (void)det;
    if (!is_mine(ev))
        return false;
    *(struct fw_lasting_key *)out = fw_lasting_key(ev);
    return true;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (!is_mine(ev))
        return;
    const struct fw_lasting_rules rules = rules_of(det, (ev->src_roles & FW_ROLE_HOME) != 0);
    fw_lasting_observe(det, ev, &rules, sink);
}

static void advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    const struct fw_lasting_rules rules = rules_of(det, true);
    fw_lasting_advance(det, now, &rules, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct fw_lasting *lasting = entry;
    fw_lasting_describe(det, lasting, "SSH", out);
    out->confidence = lasting->still ? 60 : 80; /* its end may have got lost */
    if (!lasting->timed && lasting->stage == 0)
        out->degraded[0] = "duration";
    out->next_step =
        "Ask who works at that machine what the session is for. Work on a server outside is an exception in the policy "
        "with its reason; a tunnel into the site belongs on the VPN gateway. The role admin_host is for machines "
        "administrators work from.";
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    struct fw_keyed_shape shape = fw_lasting_shape();
    shape.name = "ssh_tunnel";
    shape.key_of = key_of;
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_ssh_tunnel = {
    .name = "ssh_tunnel",
    .title = "long or frequent SSH across the border",
    .requirement = "N11",
    .class = FW_CLASS_USAGE,
    .technique_id = "T1572",
    .technique_name = "Protocol Tunneling",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(sport) | FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd),
    .guards = FW_ROLE_BIT(admin_host) | FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner),
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
