/* det_icmp_tunnel.c: pings that carry more than pings do (N11).
 *
 * Algorithm: an echo is answered with the very bytes that were sent, once a second, 56
 * or 32 of them (ping(8), Windows). A tunnel carries data: more bytes a second, larger
 * packets, and answers that differ from the questions. One of these alone is a test of
 * a line; two, over some kilobytes, are not.
 *
 * Steps, which code and tests repeat:
 *   1. ICMP echo and answers to it, from or to a machine inside; other types have
 *      purposes of their own;
 *   2. bytes and packets of a pair are counted, both ways, over `window`;
 *   3. below `bytes` nothing is said;
 *   4. the signs: faster than `rate` bytes a second while it lasts; packets larger than
 *      `size`; what came back is more than went, or less by a hundredth (answers that
 *      got lost look the same, which is why one sign is not enough);
 *   5. two signs: reported; three are the second stage.
 * A log of packets has no answers, one of starts without lengths has nothing: then
 * these signs are missing, and the finding says what it did without.
 *
 * Memory: about 200 bytes a pair that pinged twice. What an attacker controls: all of
 * his packets; one who sends like ping(8) does moves 56 bytes a second.
 */
#include <stdio.h>
#include <string.h>

#include "../core/bits.h"
#include "keyed.h"
#include "rate.h"

enum param { P_WINDOW, P_BYTES, P_RATE, P_SIZE };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 60, 86400, 3600, "an hour of pings is what people look at",
                  "bytes are counted over so long; quiet time after which a pair is forgotten"},
    [P_BYTES] = {"bytes", FW_UNIT_COUNT, 1024, 1000000000, 8192, "98 pings of the usual size",
                 "bytes that went and came, below which nothing is said"},
    [P_RATE] = {"rate", FW_UNIT_COUNT, 50, 1000000, 120, "ping(8): 84 bytes a second, 98 with Ethernet's head",
                "bytes a second, each way, that are more than a ping"},
    [P_SIZE] = {"size", FW_UNIT_COUNT, 64, 65535, 128, "ping(8): 84 bytes with its heads",
                "bytes of a packet, on average, that are more than a ping"},
    {.name = NULL},
};

enum { ECHO_ANSWER = 0, ECHO_REQUEST = 8, ECHO6_REQUEST = 128, ECHO6_ANSWER = 129 };
enum sign { FAST = 1, LARGE = 2, UNEQUAL = 4 };

struct key {
    union fw_addr src;
    union fw_addr dst;
};

struct pings {
    struct fw_matter matter;
    struct fw_rate sent;
    struct fw_rate rcvd;
    struct fw_rate lasted; /* milliseconds of sessions */
    uint64_t packets;      /* of sent and rcvd, where they are known; 0: they are not */
    uint64_t packed;       /* bytes of these packets */
    uint8_t signs;
    uint8_t has_answers; /* some line had both directions apart */
    uint8_t zero[6];
};

/* Step 1. */
static bool is_echo(const struct fw_event *ev) {
    if (ev->proto != FW_PROTO_ICMP && ev->proto != FW_PROTO_ICMP6)
        return false;
    if (((ev->src_roles | ev->dst_roles) & FW_ROLE_HOME) == 0 || fw_addr_is_group(&ev->dst))
        return false;
    if (!fw_event_has(ev, FW_BIT(icmp_type)))
        return true;
    return ev->proto == FW_PROTO_ICMP ? ev->icmp_type == ECHO_REQUEST || ev->icmp_type == ECHO_ANSWER
                                      : ev->icmp_type == ECHO6_REQUEST || ev->icmp_type == ECHO6_ANSWER;
}

static bool is_answer(const struct fw_event *ev) {
    return fw_event_has(ev, FW_BIT(icmp_type)) &&
           (ev->icmp_type == ECHO6_ANSWER || (ev->proto == FW_PROTO_ICMP && ev->icmp_type == ECHO_ANSWER));
}

/* An answer that is logged for itself belongs to who asked. */
static void set_key(struct key *key, const struct fw_event *ev) {
    const bool turned = is_answer(ev);
    key->src = turned ? ev->dst : ev->src;
    key->dst = turned ? ev->src : ev->dst;
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    (void)det;
    if (!is_echo(ev))
        return false;
    set_key(out, ev);
    return true;
}

/* Step 2. */
static void put(struct fw_det *det, struct pings *pings, const struct fw_event *ev) {
    const fw_time window = fw_keyed_window(det);
    uint64_t sent = 0, rcvd = 0;
    if (fw_event_has(ev, FW_BIT(sent) | FW_BIT(rcvd))) {
        sent = ev->sent;
        rcvd = ev->rcvd;
        pings->has_answers = 1;
    } else if (fw_event_has(ev, FW_BIT(bytes))) {
        sent = rcvd = ev->bytes / 2;
    } else if (fw_event_has(ev, FW_BIT(length))) {
        sent = is_answer(ev) ? 0 : ev->length;
        rcvd = is_answer(ev) ? ev->length : 0;
        pings->packets++;
        pings->packed += ev->length;
    }
    if (fw_event_has(ev, FW_BIT(packets))) {
        pings->packets += ev->packets;
        pings->packed += sent + rcvd;
    }
    fw_rate_add(&pings->sent, ev->time, window, sent);
    fw_rate_add(&pings->rcvd, ev->time, window, rcvd);
    if (fw_event_has(ev, FW_BIT(duration)))
        fw_rate_add(&pings->lasted, ev->time, window, ev->duration);
}

/* Step 4. */
static unsigned signs_of(const struct fw_det *det, const struct pings *pings, fw_time time) {
    const fw_time window = fw_keyed_window(det);
    const uint64_t sent = fw_rate_now(&pings->sent, time, window), rcvd = fw_rate_now(&pings->rcvd, time, window);
    const uint64_t lasted = fw_rate_now(&pings->lasted, time, window) / 1000;
    const uint64_t seconds = lasted > 0 ? lasted : (uint64_t)(pings->matter.last - pings->matter.start) / 1000;
    const uint64_t more = sent > rcvd ? sent : rcvd;
    unsigned signs = 0;
    if (more / (seconds > 10 ? seconds : 10) >= (uint64_t)det->values[P_RATE])
        signs |= FAST;
    if (pings->packets > 0 && pings->packed / pings->packets >= (uint64_t)det->values[P_SIZE])
        signs |= LARGE;
    if (pings->has_answers && rcvd > 0 && (rcvd > sent || rcvd < sent - sent / 100))
        signs |= UNEQUAL;
    return signs;
}

/* Steps 3 and 5. */
static void decide(struct fw_det *det, struct pings *pings, const struct fw_event *ev, const struct fw_sink *sink) {
    const fw_time window = fw_keyed_window(det);
    const struct key *key = fw_table_key(det->keyed.table, pings);
    const struct fw_subject subject = {
        .src = key->src, .dst = key->dst, .has_src = true, .has_dst = true, .proto = ev->proto, .dport = -1};
    const uint64_t bytes = fw_rate_now(&pings->sent, ev->time, window) + fw_rate_now(&pings->rcvd, ev->time, window);
    if (fw_sink_asks(sink)) {
        const struct fw_reading reading = {.subject = subject,
                                           .measure = "bytes in pings",
                                           .value = bytes,
                                           .threshold = (uint64_t)det->values[P_BYTES],
                                           .open = pings->matter.handle != 0};
        fw_sink_tell(sink, &reading);
    }
    if (bytes < (uint64_t)det->values[P_BYTES])
        return;
    pings->signs |= (uint8_t)signs_of(det, pings, ev->time);
    const unsigned signs = fw_bits_set(pings->signs);
    if (signs < 2)
        return;
    pings->matter.threshold = (uint64_t)det->values[P_BYTES];
    struct fw_report report = {.subject = subject, .time = ev->time, .stage = signs - 1, .value = bytes};
    fw_keyed_report(&det->keyed, sink, &pings->matter, &report);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    fw_time first = 0;
    bool noted = false;
    if (!is_echo(ev))
        return;
    set_key(&key, ev);
    /* One session may be all there is, and a ping that comes once is small. */
    const bool much = fw_event_has(ev, FW_BIT(sent)) && ev->sent >= (uint64_t)det->values[P_BYTES] / 8;
    struct pings *pings = much ? fw_keyed_enter(&det->keyed, sink, &key, ev->time)
                               : fw_keyed_again(&det->keyed, sink, &key, ev->time, &first, &noted);
    if (pings == NULL)
        return;
    if (pings->matter.events == 0) {
        pings->matter.start = noted ? first : ev->time;
        if (!noted && fw_event_has(ev, FW_BIT(duration)) && ev->duration < (uint64_t)FW_HOUR * 24)
            pings->matter.start = ev->time - (fw_time)ev->duration;
    }
    fw_keyed_count(&pings->matter, ev, ev->time);
    put(det, pings, ev);
    decide(det, pings, ev, sink);
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct pings *pings = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    const fw_time window = fw_keyed_window(det);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], span[24], why[96] = "";
    size_t len = 0;
    (void)fw_addr_format(&key->src, src);
    (void)fw_addr_format(&key->dst, dst);
    (void)fw_span_format(pings->matter.last - pings->matter.start, span, sizeof span);
    if ((pings->signs & FAST) != 0)
        len += (size_t)snprintf(why + len, sizeof why - len, ", faster than pings");
    if ((pings->signs & LARGE) != 0)
        len += (size_t)snprintf(why + len, sizeof why - len, ", in large packets");
    if ((pings->signs & UNEQUAL) != 0)
        (void)snprintf(why + len, sizeof why - len, ", answers unlike the questions");
    (void)snprintf(out->sentence, sizeof out->sentence,
                   "%s and %s moved data in pings: %llu bytes there, %llu back in %s%s", src, dst,
                   (unsigned long long)fw_rate_now(&pings->sent, pings->matter.last, window),
                   (unsigned long long)fw_rate_now(&pings->rcvd, pings->matter.last, window), span, why);
    out->measure = "bytes";
    out->window = window;
    out->confidence = (pings->signs & UNEQUAL) != 0 ? 75 : 60; /* a test of a line is fast and large too */
    size_t missing = 0;
    if (pings->packets == 0)
        out->degraded[missing++] = "packets";
    if (!pings->has_answers)
        out->degraded[missing] = "rcvd";
    out->next_step =
        "Ask whether somebody tests the line with large pings. If nobody does, look on the source for a program with a "
        "raw socket (ptunnel, icmpsh, hans), and let only monitoring ping the outside.";
    fw_keyed_edges(&pings->matter, &key->dst, -1, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "icmp_tunnel",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct pings),
                                         .times = {FW_RATE_TIMES(struct pings, sent), FW_RATE_TIMES(struct pings, rcvd),
                                                   FW_RATE_TIMES(struct pings, lasted)},
                                         .time_count = 3 * FW_RATE_TIMES_COUNT,
                                         .table_pct = 100,
                                         .gate = true,
                                         .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_icmp_tunnel = {
    .name = "icmp_tunnel",
    .title = "tunnel in pings",
    .requirement = "N11",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1095",
    .technique_name = "Non-Application Layer Protocol",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto),
    .uses = FW_BIT(icmp_type) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(packets) | FW_BIT(length) |
            FW_BIT(duration),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 1,
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
