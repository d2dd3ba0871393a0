/* det_irc_bot.c: a machine talks to an IRC server the way bots do (N7).
 *
 * Algorithm: a port alone says nothing (rule sets that alarmed on "IRC port to
 * the Internet" were withdrawn as noise, Elastic detection-rules issue 1121), so
 * behaviour is asked for as well: a session that stays, connections again and
 * again to the same server, or several machines of the site at one server.
 *
 * Steps, which code and tests repeat:
 *   1. only TCP from home to the outside, to a port of IRC; no replies;
 *   2. what begins a session or was denied is a connection; the same source port
 *      again is the same one, tried again;
 *   3. the longest session of the pair is remembered;
 *   4. a source that came twice, or stayed, counts for its server;
 *   5. a session of 10 minutes, or 4 reconnects in an hour, or 3 sources at one
 *      server: reported; each further one of these is a higher stage. With the third
 *      source those that came before are reported as well.
 *
 * A single session that stays is what a person at an IRC client looks like too:
 * it is reported with little confidence. Where only starts or denials are logged
 * there is no duration; the finding says so.
 *
 * Memory: about 230 bytes a home source and server's port that met twice, as
 * much a server, and 28 bytes each of its sources. What an attacker controls:
 * inside, all of it; outside, nothing, as only home sources are kept.
 */
#include <stdio.h>
#include <string.h>

#include "../core/bits.h"
#include "keyed.h"
#include "rate.h"

enum param { P_WINDOW, P_SESSION, P_RECONNECTS, P_SOURCES };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 172800, 86400, "design: a bot that is there is there all day",
                  "quiet time after which a pair is forgotten"},
    [P_SESSION] = {"session", FW_UNIT_SECONDS, 60, 86400, 600, "design: nobody tries a server for so long",
                   "a session of this length stays"},
    [P_RECONNECTS] = {"reconnects", FW_UNIT_COUNT, 1, 1000, 4, "design: a line that fails is dialled again less often",
                      "connections to the same server after the first, in an hour"},
    [P_SOURCES] = {"sources", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 3, "design: herds come in numbers",
                   "sources of the site at one server"},
    {.name = NULL},
};

#define RECONNECT_SPAN FW_HOUR
#define RETRY_SPAN     (2 * FW_MINUTE) /* TCP gives up after about as long (Linux: 6 repeated SYNs, 127 s) */

enum { FORM_PAIR, FORM_SERVER };
enum { HERD_MAX = 16 };     /* told at once; the rest when they come again */
enum { RAISE_DENIED = 10 }; /* points of score: policy forbids it */

struct key {
    union fw_addr src; /* zero: the server's own entry */
    union fw_addr dst;
    uint16_t dport; /* of a pair: who tries all ports of a host once or twice scans them */
    uint8_t form;
    uint8_t zero[5];
};
_Static_assert(sizeof(struct key) == 40, "no padding, it is hashed and compared whole");

struct talk {
    struct fw_matter matter;
    struct fw_rate connections;
    fw_time tried;              /* the last connection that counted */
    struct fw_distinct sources; /* of a server */
    uint64_t longest;           /* milliseconds */
    uint16_t sport;             /* of the last connection */
    uint16_t others;            /* sources of the server when it was last looked at */
    uint8_t timed;              /* some line had a duration */
    uint8_t reasons;            /* bits of enum reason */
};

enum reason { STAYED = 1, CAME_AGAIN = 2, IN_NUMBERS = 4 };

/* Step 1. */
static bool is_irc_port(uint16_t port) {
    switch (port) {
    case 194:  /* IANA irc */
    case 529:  /* IANA irc-serv */
    case 994:  /* IANA ircs */
    case 6660: /* with 6665 to 6669, IANA ircu, what networks and bots use most */
    case 6661:
    case 6662:
    case 6663:
    case 6664:
    case 6665:
    case 6666:
    case 6667:
    case 6668:
    case 6669:
    case 6679: /* TLS, before RFC 7194 gave it 6697 */
    case 6697: /* IANA ircs-u, RFC 7194 */
    case 7000: /* TLS or a second port of many networks */
        return true;
    default:
        return false;
    }
}

static bool is_irc(const struct fw_event *ev) {
    return is_irc_port(ev->dport) && ev->proto == FW_PROTO_TCP && !ev->reply && (ev->src_roles & FW_ROLE_HOME) != 0 &&
           (ev->dst_roles & FW_ROLE_HOME) == 0;
}

/* Step 2. */
static bool begins(const struct fw_event *ev) {
    if (ev->kind == FW_KIND_FLOW_DENY)
        return true;
    /* An end carries the flags of its whole session, which say nothing about who began it. */
    return ev->counts && (ev->kind == FW_KIND_FLOW_END || !fw_event_has(ev, FW_BIT(tcp_flags)) ||
                          (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) == FW_TCP_SYN);
}

static bool is_retry(const struct talk *talk, const struct fw_event *ev) {
    const fw_time since = ev->time - talk->tried;
    return talk->matter.events > 0 && since < RETRY_SPAN &&
           (fw_event_has(ev, FW_BIT(sport)) ? ev->sport == talk->sport : ev->kind == FW_KIND_FLOW_DENY);
}

static bool stays(const struct fw_det *det, const struct fw_event *ev) {
    return fw_event_has(ev, FW_BIT(duration)) && ev->duration >= (uint64_t)(det->values[P_SESSION] * FW_SECOND);
}

static void add_connection(struct talk *talk, const struct fw_event *ev, fw_time time) {
    if (talk->matter.events == 0 || time < talk->matter.start)
        talk->matter.start = time;
    fw_keyed_count(&talk->matter, ev, time);
    fw_rate_add(&talk->connections, time, RECONNECT_SPAN, 1);
}

/* Steps 2 and 3. NULL: the first connection, which stays at the gate. */
static struct talk *put_pair(struct fw_det *det, const struct fw_event *ev, const struct key *key,
                             const struct fw_sink *sink) {
    fw_time first = 0;
    bool noted = false;
    struct talk *talk = stays(det, ev) ? fw_keyed_enter(&det->keyed, sink, key, ev->time)
                        : begins(ev)   ? fw_keyed_again(&det->keyed, sink, key, ev->time, &first, &noted)
                                       : fw_keyed_find(&det->keyed, sink, key, ev->time);
    if (talk == NULL)
        return NULL;
    if (noted)
        add_connection(talk, ev, first);
    if (begins(ev) ? !is_retry(talk, ev) : talk->matter.events == 0) {
        add_connection(talk, ev, ev->time);
        talk->tried = ev->time;
        talk->sport = fw_event_has(ev, FW_BIT(sport)) ? ev->sport : 0;
    } else if (ev->time > talk->matter.last) {
        talk->matter.last = ev->time;
    }
    if (fw_event_has(ev, FW_BIT(duration))) {
        talk->timed = 1;
        if (ev->duration > talk->longest)
            talk->longest = ev->duration;
    }
    return talk;
}

/* Step 4. How many sources the server has. */
static unsigned put_source(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const struct key key = {.dst = ev->dst, .form = FORM_SERVER};
    struct talk *server = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (server == NULL)
        return 1;
    fw_keyed_count(&server->matter, ev, ev->time);
    (void)fw_keyed_put(&det->keyed, server, &server->sources, &ev->src, ev->time, fw_keyed_window(det),
                       fw_keyed_mark(ev));
    return server->sources.count > 0 ? server->sources.count : 1;
}

static struct fw_subject subject_of(const struct key *key) {
    return (struct fw_subject){
        .src = key->src, .dst = key->dst, .has_src = true, .has_dst = true, .proto = FW_PROTO_TCP, .dport = key->dport};
}

/* Step 5. */
static void decide(struct fw_det *det, fw_time time, struct talk *talk, const struct fw_sink *sink) {
    const uint64_t again = fw_rate_now(&talk->connections, time, RECONNECT_SPAN);
    if (talk->longest >= (uint64_t)(det->values[P_SESSION] * FW_SECOND))
        talk->reasons |= STAYED;
    if (again > (uint64_t)det->values[P_RECONNECTS])
        talk->reasons |= CAME_AGAIN;
    if (talk->others >= det->values[P_SOURCES])
        talk->reasons |= IN_NUMBERS;
    if (talk->reasons == 0)
        return;
    if (talk->matter.handle == 0)
        talk->matter.threshold = (talk->reasons & CAME_AGAIN) != 0 ? (uint64_t)det->values[P_RECONNECTS] + 1 : 1;
    struct fw_report report = {.subject = subject_of(fw_table_key(det->keyed.table, talk)),
                               .time = time,
                               .stage = fw_bits_set(talk->reasons),
                               .value = talk->matter.events};
    fw_keyed_report(&det->keyed, sink, &talk->matter, &report);
}

/* The herd is complete: those that came before are part of it too, and need not come again to be told. */
static void decide_herd(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    const struct key server_key = {.dst = ev->dst, .form = FORM_SERVER};
    for (size_t i = 0; i < HERD_MAX; i++) {
        const struct talk *server = fw_table_find(det->keyed.table, &server_key);
        struct fw_element one;
        if (server == NULL || fw_distinct_list(det->keyed.pool, &server->sources, i, &one, 1) != 1)
            return;
        const unsigned others = server->sources.count;
        const struct key key = {.src = one.addr, .dst = ev->dst, .dport = ev->dport, .form = FORM_PAIR};
        struct talk *talk = fw_table_find(det->keyed.table, &key);
        if (talk == NULL || talk->matter.handle != 0 || fw_addr_equal(&one.addr, &ev->src))
            continue;
        talk->others = (uint16_t)others;
        decide(det, ev->time, talk, sink);
    }
}

/* talk NULL: one connection so far, at the gate. */
static void tell(const struct fw_det *det, const struct fw_event *ev, const struct talk *talk,
                 const struct fw_sink *sink) {
    struct fw_reading reading = {.subject =
                                     subject_of(&(struct key){.src = ev->src, .dst = ev->dst, .dport = ev->dport}),
                                 .measure = "connections in an hour",
                                 .value = talk == NULL ? 1 : fw_rate_now(&talk->connections, ev->time, RECONNECT_SPAN),
                                 .threshold = (uint64_t)det->values[P_RECONNECTS] + 1,
                                 .open = talk != NULL && talk->matter.handle != 0};
    fw_sink_tell(sink, &reading);
    reading.measure = "sources at the server";
    reading.value = talk == NULL ? 1 : talk->others;
    reading.threshold = (uint64_t)det->values[P_SOURCES];
    fw_sink_tell(sink, &reading);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (!is_irc(ev))
        return;
    const struct key key = {.src = ev->src, .dst = ev->dst, .dport = ev->dport, .form = FORM_PAIR};
    struct talk *talk = put_pair(det, ev, &key, sink);
    if (talk != NULL) {
        const unsigned others = put_source(det, ev, sink);
        talk = fw_table_find(det->keyed.table, &key); /* the server's entry may have needed the room */
        if (talk != NULL) {
            const bool complete = talk->others < det->values[P_SOURCES] && others >= det->values[P_SOURCES];
            talk->others = (uint16_t)others;
            decide(det, ev->time, talk, sink);
            if (complete)
                decide_herd(det, ev, sink);
        }
    }
    if (fw_sink_asks(sink))
        tell(det, ev, talk, sink);
}

static unsigned confidence_of(const struct talk *talk) {
    switch (fw_bits_set(talk->reasons)) {
    case 1:
        return talk->reasons == STAYED ? 40 : 65; /* one that stays may be a person */
    case 2:
        return 80;
    default:
        return 90;
    }
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    const struct talk *talk = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    char src[FW_ADDR_TEXT_MAX], dst[FW_ADDR_TEXT_MAX], span[24], stay[48] = "", herd[48] = "", often[64] = "once";
    (void)fw_addr_format(&key->src, src);
    (void)fw_addr_format(&key->dst, dst);
    if ((talk->reasons & STAYED) != 0) {
        (void)fw_span_format((fw_time)talk->longest, span, sizeof span);
        (void)snprintf(stay, sizeof stay, ", the longest %s", span);
    }
    if (talk->others > 1)
        (void)snprintf(herd, sizeof herd, ", one of %u hosts there", talk->others);
    (void)fw_span_format(talk->matter.last - talk->matter.start, span, sizeof span);
    const unsigned long long times = talk->matter.events;
    if (times > 1)
        (void)snprintf(often, sizeof often, "%llu times in %s", times, span);
    (void)snprintf(out->sentence, sizeof out->sentence, "%s met %s on IRC's tcp/%u %s (%llu denied)%s%s", src, dst,
                   key->dport, often, (unsigned long long)talk->matter.denied, stay, herd);
    out->measure = "connections";
    out->window = fw_keyed_window(det);
    out->confidence = confidence_of(talk);
    out->raise = talk->matter.denied > 0 ? RAISE_DENIED : 0;
    if (!talk->timed)
        out->degraded[0] = "duration";
    out->next_step =
        "Ask the user of the source whether an IRC client runs there. If none does, take the machine off the network "
        "and look for a bot; see who else talks to that server, and block it.";
    fw_keyed_edges(&talk->matter, &key->dst, key->dport, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {
        .name = "irc_bot",
        .key_size = sizeof(struct key),
        .value_size = sizeof(struct talk),
        .sets = {offsetof(struct talk, sources)},
        .set_count = 1,
        .times = {FW_RATE_TIMES(struct talk, connections), offsetof(struct talk, tried)},
        .time_count = FW_RATE_TIMES_COUNT + 1,
        .table_pct = 70,
        .gate = true};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_irc_bot = {
    .name = "irc_bot",
    .title = "IRC bot",
    .requirement = "N7",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1071",
    .technique_name = "Application Layer Protocol",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY,
    .needs = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport),
    .uses = FW_BIT(sport) | FW_BIT(duration) | FW_BIT(tcp_flags),
    .guards = FW_ROLE_BIT(scanner) | FW_ROLE_BIT(p2p_user),
    .params = params,
    .weight = 1,
    .quiet = fw_keyed_quiet,
    .open = open_det,
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
