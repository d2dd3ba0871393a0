/* det_flood.c: one source sends to one destination at a rate no client has (N3).
 *
 * Algorithm: what one source sends to one destination and nobody answers, in
 * packets a second over ten seconds. Bars: 256 a second for TCP and ICMP (ntopng
 * syn_flood, icmp_flood and flow_flood), 2000 a second for UDP (FortiGate
 * udp_flood), averaged over 10 seconds (FortiADC tcp-synflood-protection).
 * A log of sessions has few lines of a flood or many: a session counts for the
 * packets it must have had. Answered sessions never count, so a busy client, a
 * backup, a resolver's client or a call is none, however fast.
 *
 * Steps, which code and tests repeat:
 *   1. only TCP, UDP and ICMP; no replies, no multicast; between hosts of the site
 *      no UDP that nobody answers by design (syslog, NetFlow, traps);
 *   2. the outcome is judged: denied and unanswered count; a start of a sensor that
 *      logs no ends has an unknown outcome and is counted apart;
 *   3. the packets of a session: as logged, else of its bytes: a TCP session that
 *      was never answered is made of SYNs (60 bytes), others of packets of 1500;
 *   4. packets of TCP count only when the sessions are several, since a firewall
 *      that sees one direction only has one "unanswered" session for each upload;
 *   5. over the bar, 4 times as high for unknown outcomes, it is reported; 4 and 16
 *      times the bar are higher stages.
 *
 * A port scan as fast as this is a flood as well; the sentence says that it went
 * to many ports.
 * Memory: about 280 bytes a pair that met FIRST_EVENTS times within ten seconds without
 * an answer, or twice with FIRST_PACKETS; what came less often stays at the gate. What an attacker controls: all of it; made-up sources
 * that each send little are not one source, and are not found here.
 */
#include <stdio.h>
#include <string.h>

#include "../core/bits.h"
#include "keyed.h"
#include "rate.h"

enum { VERSION = 1 }; /* of the value, and of the note, in the state */

enum param { P_WINDOW, P_RATE, P_UDP_RATE, P_SESSIONS, P_UNKNOWN_FACTOR };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 3600, 300, "design", "quiet time after which a flood is over"},
    [P_RATE] = {"rate", FW_UNIT_COUNT, 10, 1000000, 256, "ntopng syn_flood, icmp_flood, flow_flood",
                "unanswered TCP or ICMP packets, or sessions, of one source to one destination a second"},
    [P_UDP_RATE] = {"udp_rate", FW_UNIT_COUNT, 10, 1000000, 2000, "FortiGate udp_flood",
                    "unanswered UDP packets of one source to one destination a second"},
    [P_SESSIONS] = {"sessions_minimum", FW_UNIT_COUNT, 1, 10000, 10, "design: asymmetric routes",
                    "TCP sessions in ten seconds without which their packets are not counted"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no outcome in the log",
                          "the bar is so many times higher when the log does not tell outcomes"},
    {.name = NULL},
};

#define SPAN (10 * FW_SECOND)
enum { SPAN_SECONDS = 10 };
enum { STAGES = 3, STAGE_FACTOR = 4 };
enum { TCP_NO_PAYLOAD = 60 }; /* bytes of one TCP packet that carries nothing: SYN, SYN-ACK or RST with options */
enum { PACKET_MAX = 1500 };   /* bytes of an Ethernet packet: a session had at least so many packets */
enum { MANY_PORTS = 32 };     /* of 64 bits that ports are hashed to: about 45 ports */

struct key {
    union fw_addr src;
    union fw_addr dst;
    uint8_t proto;
    uint8_t unknown; /* outcomes are not in the log: counted apart */
    uint8_t zero[6];
};
_Static_assert(sizeof(struct key) == 40, "no padding, it is hashed and compared whole");

struct flood {
    struct fw_matter matter;
    struct fw_rate sessions;
    struct fw_rate packets;
    uint64_t total; /* packets since the start */
    uint64_t peak;  /* packets or sessions in a span */
    uint64_t ports; /* hashed to bits */
    uint16_t dport; /* one of them */
    uint8_t local;  /* the source is inside */
};

/* What the gate keeps: what came within ten seconds of the first. */
struct note {
    uint32_t packets;
    uint8_t events, denied, sessions, zero;
    uint32_t span; /* ms from the first to the last */
    uint32_t unused;
    fw_time last;
};
_Static_assert(sizeof(struct note) == FW_TABLE_NOTE_SIZE, "a note of the gate");
_Static_assert(offsetof(struct note, last) == FW_TABLE_NOTE_TIME, "the gate knows when it was");
enum {
    FIRST_EVENTS = 16,
    FIRST_PACKETS = 64
}; /* below the least bar that can be set, and above what most pairs have */

enum outcome { SKIPPED, FAILED, UNKNOWN };

static bool is_one_way(uint16_t dport) {
    switch (dport) {
    case 162:  /* SNMP traps */
    case 514:  /* syslog */
    case 2055: /* NetFlow */
    case 4739: /* IPFIX */
    case 6343: /* sFlow */
    case 9995: /* NetFlow */
    case 9996:
        return true;
    default:
        return false;
    }
}

/* Step 1. */
static bool is_attempt(const struct fw_event *ev) {
    if (ev->reply || fw_addr_is_group(&ev->dst))
        return false;
    switch (ev->proto) {
    case FW_PROTO_TCP:
        return ev->kind != FW_KIND_FLOW_START || !fw_event_has(ev, FW_BIT(tcp_flags)) ||
               (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) == FW_TCP_SYN;
    case FW_PROTO_UDP:
        return !fw_event_has(ev, FW_BIT(dport)) || !is_one_way(ev->dport) ||
               (ev->src_roles & ev->dst_roles & FW_ROLE_HOME) == 0;
    case FW_PROTO_ICMP:
    case FW_PROTO_ICMP6:
        return true;
    default:
        return false;
    }
}

/* Step 2. Answered sessions are skipped. */
static enum outcome judge(const struct fw_event *ev) {
    if (ev->kind == FW_KIND_FLOW_DENY)
        return FAILED;
    if (ev->kind == FW_KIND_FLOW_START)
        return ev->ends_logged || !ev->counts ? SKIPPED : UNKNOWN;
    if (fw_event_has(ev, FW_BIT(rcvd)))
        return ev->rcvd <= (ev->proto == FW_PROTO_TCP ? TCP_NO_PAYLOAD : 0) ? FAILED : SKIPPED;
    if (fw_event_has(ev, FW_BIT(bytes)))
        return ev->bytes == 0 ? FAILED : ev->proto == FW_PROTO_TCP ? SKIPPED : UNKNOWN;
    return UNKNOWN;
}

/* Step 3. */
static uint64_t packets_of(const struct fw_event *ev) {
    if (ev->kind != FW_KIND_FLOW_END)
        return 1;
    if (fw_event_has(ev, FW_BIT(packets)))
        return ev->packets > 0 ? ev->packets : 1;
    const uint64_t size = ev->proto == FW_PROTO_TCP ? TCP_NO_PAYLOAD : PACKET_MAX;
    const uint64_t packets = fw_event_has(ev, FW_BIT(sent)) ? ev->sent / size : 0;
    return packets > 0 ? packets : 1;
}

/* Denied datagrams are packets of one flow: only whole sessions can be many flows. */
static bool is_session(const struct fw_event *ev) {
    return ev->kind != FW_KIND_FLOW_DENY || ev->proto != FW_PROTO_UDP;
}

static uint64_t port_bit(uint16_t port) {
    return UINT64_C(1) << ((uint32_t)port * UINT32_C(2654435761) >> 26); /* Knuth: multiplicative hashing */
}

static void add(struct flood *flood, const struct fw_event *ev, uint64_t packets) {
    if (flood->matter.events == 0 || ev->time < flood->matter.start)
        flood->matter.start = ev->time;
    fw_keyed_count(&flood->matter, ev, ev->time);
    if (is_session(ev))
        fw_rate_add(&flood->sessions, ev->time, SPAN, 1);
    fw_rate_add(&flood->packets, ev->time, SPAN, packets);
    flood->total = packets > UINT64_MAX - flood->total ? UINT64_MAX : flood->total + packets;
    if (fw_event_has(ev, FW_BIT(dport))) {
        flood->dport = ev->dport;
        flood->ports |= port_bit(ev->dport);
    }
}

static struct key key_for(const struct fw_event *ev, bool unknown) {
    return (struct key){.src = ev->src, .dst = ev->dst, .proto = ev->proto, .unknown = unknown};
}

/* ---- at the gate ---- */

static bool is_sane(const struct note *note) {
    return note->events > 0 && note->denied <= note->events && note->sessions <= note->events && note->last >= 0 &&
           note->last <= FW_TIME_MAX && note->span <= SPAN;
}

/* What goes on with the note until a span after its beginning, and what begins a new one. A line from before goes on with
 * it: were it to begin a new one, two sensors with clocks apart would keep a flood at the gate for ever. */
static struct note with(const struct note *noted, const struct fw_event *ev, uint64_t packets) {
    struct note note = {.events = 0};
    if (noted != NULL && is_sane(noted) && ev->time <= noted->last - (fw_time)noted->span + SPAN)
        note = *noted;
    const fw_time began = note.events > 0 ? note.last - (fw_time)note.span : ev->time;
    if (ev->time > note.last || note.events == 0)
        note.last = ev->time;
    note.span = (uint32_t)(note.last - began);
    note.events++;
    note.denied = (uint8_t)(note.denied + (ev->kind == FW_KIND_FLOW_DENY));
    note.sessions = (uint8_t)(note.sessions + is_session(ev));
    note.packets = packets < UINT32_MAX - note.packets ? note.packets + (uint32_t)packets : UINT32_MAX;
    return note;
}

/* What the note has, all at its beginning. */
static void begin_with(struct flood *flood, const struct note *note) {
    const fw_time time = note->last - (fw_time)note->span;
    flood->matter.start = time;
    flood->matter.last = note->last;
    flood->matter.events = note->events;
    flood->matter.denied = note->denied;
    if (note->sessions > 0)
        fw_rate_add(&flood->sessions, time, SPAN, note->sessions);
    fw_rate_add(&flood->packets, time, SPAN, note->packets);
    flood->total = note->packets;
}

/* NULL: there is too little of it, or no room. */
static struct flood *pass_gate(struct fw_det *det, const struct key *key, const struct fw_event *ev, uint64_t packets) {
    struct note *noted = fw_table_gate_note(det->keyed.table, key, ev->time);
    struct note note = with(noted, ev, packets), before;
    bool has_before = false;
    if (noted == NULL) {
        (void)fw_table_admit(det->keyed.table, key, ev->time, &note, NULL, NULL, NULL);
        return NULL;
    }
    if (note.events < 2 || (note.events < FIRST_EVENTS && note.packets < FIRST_PACKETS)) {
        *noted = note;
        return NULL;
    }
    struct flood *flood = fw_table_admit(det->keyed.table, key, ev->time, NULL, &before, &has_before, NULL);
    if (flood != NULL && has_before)
        begin_with(flood, &before);
    return flood;
}

/* NULL: the gate keeps it. */
static struct flood *put(struct fw_det *det, const struct fw_event *ev, bool unknown, const struct fw_sink *sink) {
    const struct key key = key_for(ev, unknown);
    const uint64_t packets = packets_of(ev);
    struct flood *flood = fw_keyed_find(&det->keyed, sink, &key, ev->time);
    det->keyed.recent = ev->time;
    flood = flood != NULL ? fw_keyed_go_on(&det->keyed, flood, ev->time) : pass_gate(det, &key, ev, packets);
    if (flood == NULL)
        return NULL;
    add(flood, ev, packets);
    flood->matter.heard = det->keyed.now;
    flood->local = (ev->src_roles & FW_ROLE_HOME) != 0;
    return flood;
}

/* Step 4: what counts of the last ten seconds. */
static uint64_t measure(const struct fw_det *det, const struct fw_event *ev, const struct flood *flood) {
    const uint64_t sessions = fw_rate_now(&flood->sessions, ev->time, SPAN);
    if (ev->proto == FW_PROTO_TCP && sessions < (uint64_t)det->values[P_SESSIONS])
        return sessions;
    return fw_rate_now(&flood->packets, ev->time, SPAN);
}

/* Step 5. Of ten seconds. */
static uint64_t bar(const struct fw_det *det, uint8_t proto, bool unknown) {
    const uint64_t rate = (uint64_t)det->values[proto == FW_PROTO_UDP ? P_UDP_RATE : P_RATE];
    return rate * SPAN_SECONDS * (unknown ? (uint64_t)det->values[P_UNKNOWN_FACTOR] : 1);
}

static unsigned many_ports(const struct flood *flood) {
    return fw_bits_set(flood->ports) >= MANY_PORTS;
}

static struct fw_subject subject_of(const struct fw_event *ev, const struct flood *flood) {
    const bool port = flood != NULL && flood->ports != 0 && (flood->ports & (flood->ports - 1)) == 0;
    return (struct fw_subject){.src = ev->src,
                               .dst = ev->dst,
                               .has_src = true,
                               .has_dst = true,
                               .proto = ev->proto,
                               .dport = port ? flood->dport : -1};
}

/* Only what the rates hold: the matter may be older and slow. */
static void begin(struct flood *flood, uint64_t threshold) {
    const uint64_t lines = fw_rate_held(&flood->sessions, &flood->matter.start);
    flood->total = fw_rate_held(&flood->packets, &flood->matter.start);
    if (lines > 0 && lines < flood->matter.events)
        flood->matter.events = lines;
    if (flood->matter.denied > flood->matter.events)
        flood->matter.denied = flood->matter.events;
    flood->matter.threshold = threshold;
    flood->peak = 0;
}

static void decide(struct fw_det *det, const struct fw_event *ev, struct flood *flood, bool unknown,
                   const struct fw_sink *sink) {
    const uint64_t now = measure(det, ev, flood);
    const uint64_t sessions = fw_rate_now(&flood->sessions, ev->time, SPAN);
    const uint64_t threshold = bar(det, ev->proto, unknown);
    const uint64_t few = bar(det, FW_PROTO_TCP, unknown); /* of sessions, whatever the protocol */
    if (flood->matter.handle == 0) {
        if (now < threshold && sessions < few)
            return;
        begin(flood, now < threshold ? few : threshold);
    }
    if (now > flood->peak)
        flood->peak = now;
    unsigned stage = 1;
    for (uint64_t rung = flood->matter.threshold * STAGE_FACTOR; stage < STAGES && flood->peak >= rung;
         rung *= STAGE_FACTOR)
        stage++;
    struct fw_report report = {
        .subject = subject_of(ev, flood), .time = ev->time, .stage = stage, .value = flood->total};
    fw_keyed_report(&det->keyed, sink, &flood->matter, &report);
}

static void tell(const struct fw_det *det, const struct fw_event *ev, const struct flood *flood, bool unknown,
                 const struct fw_sink *sink) {
    const struct key key = key_for(ev, unknown);
    const struct note *note = flood == NULL ? fw_table_gate_note(det->keyed.table, &key, ev->time) : NULL;
    const struct fw_reading reading = {.subject = subject_of(ev, flood),
                                       .measure = "packets in 10 s",
                                       .value = flood != NULL  ? measure(det, ev, flood)
                                                : note != NULL ? note->packets
                                                               : 1,
                                       .threshold = bar(det, ev->proto, unknown),
                                       .open = flood != NULL && flood->matter.handle != 0};
    fw_sink_tell(sink, &reading);
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *key) {
    const enum outcome outcome = judge(ev);
    (void)det;
    if (outcome == SKIPPED || !is_attempt(ev))
        return false;
    *(struct key *)key = key_for(ev, outcome == UNKNOWN);
    return true;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const enum outcome outcome = judge(ev);
    if (outcome == SKIPPED || !is_attempt(ev))
        return;
    struct flood *flood = put(det, ev, outcome == UNKNOWN, sink);
    if (flood != NULL)
        decide(det, ev, flood, outcome == UNKNOWN, sink);
    if (fw_sink_asks(sink))
        tell(det, ev, flood, outcome == UNKNOWN, sink);
}

static void name_service(const struct key *key, const struct flood *flood, char *buf, size_t size) {
    const char *proto = key->proto == FW_PROTO_TCP ? "tcp" : key->proto == FW_PROTO_UDP ? "udp" : "icmp";
    if (many_ports(flood))
        (void)snprintf(buf, size, "many ports of %s", proto);
    else if (flood->ports != 0)
        (void)fw_service_format(key->proto, flood->dport, buf, size);
    else
        (void)snprintf(buf, size, "%s", proto);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct flood *flood = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], service[32], span[24];
    (void)fw_addr_format(&key->src, src);
    (void)fw_addr_format(&key->dst, dst);
    name_service(key, flood, service, sizeof service);
    (void)fw_span_format(flood->matter.last - flood->matter.start, span, sizeof span);
    (void)snprintf(out->sentence, sizeof out->sentence,
                   "%s floods %s on %s: %llu packets%s in %s (%llu denied), up to %llu a second", src, dst, service,
                   (unsigned long long)flood->total, key->unknown ? "" : " without an answer", span,
                   (unsigned long long)flood->matter.denied, (unsigned long long)(flood->peak / SPAN_SECONDS));
    out->measure = "packets";
    out->value = flood->total;
    out->window = SPAN;
    out->confidence = key->unknown || many_ports(flood) ? 60 : 85;
    if (key->unknown)
        out->degraded[0] = "outcome";
    out->next_step =
        flood->local
            ? "Take the source off the network: it attacks somebody, or a program on it has gone wild. Look for a bot."
            : "Ask whether the destination still works. Have the source blocked before your line, by your provider if "
              "it fills the line.";
    (void)snprintf(out->key, sizeof out->key, "%s|%s|%s%s", src, dst,
                   key->proto == FW_PROTO_TCP   ? "tcp"
                   : key->proto == FW_PROTO_UDP ? "udp"
                                                : "icmp",
                   key->unknown ? "|outcome unknown" : "");
    fw_keyed_edges(&flood->matter, &key->dst, flood->ports != 0 && !many_ports(flood) ? flood->dport : -1, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {
        .name = "flood",
        .key_size = sizeof(struct key),
        .value_size = sizeof(struct flood),
        .times = {FW_RATE_TIMES(struct flood, sessions), FW_RATE_TIMES(struct flood, packets)},
        .time_count = 2 * FW_RATE_TIMES_COUNT,
        .table_pct = 100,
        .key_of = key_of,
        .gate = true,
        .version = VERSION};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_flood = {
    .name = "flood",
    .title = "flood of packets",
    .requirement = "N3",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1498",
    .technique_name = "Network Denial of Service",
    .tactic = FW_TACTIC_IMPACT,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto),
    .uses = FW_BIT(dport) | FW_BIT(tcp_flags) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(packets),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 2,
    .quiet = fw_keyed_quiet,
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
