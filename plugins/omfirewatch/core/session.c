/* session.c: the join of openings and closings (see session.h).
 *
 * Invariants: only sessions whose opening was let through are remembered; an
 * entry is touched whenever a line of its session comes, so the oldest entry is
 * the one not heard of for longest.
 * Keys, 48 bytes, compared whole: a 64 bit seeded hash of the sensor's name,
 * then either the five-tuple, or the session id. An id of up to 32 bytes is kept
 * itself; a longer one as two hashes with independent seeds, 128 bits, which
 * nobody without the seed can make collide.
 * Memory: two tables, taken in open.
 * What an attacker controls: the five-tuples of his packets, and how many. Ids
 * and sensors are the device's. Lines with the flags or the ports of an answer
 * are taken for one, so a detector of odd packets must not ask ev->reply.
 */
#include "session.h"

#include <string.h>

#include "keyhash.h"

#define REPEAT FW_MINUTE /* stateless filters log each packet: the same flow again within this is no new one */
#define HOLD_BRIEF                                                                                                     \
    (10 * FW_MINUTE)        /* where no ends are logged: for answers and repeats only; keeps the table in the caches */
#define RECENT_SLOTS   4096 /* 64 KiB: stays in the second cache */
#define ENDED_WAYS     4    /* a cache line of them */
#define SENSORS_MAX    256  /* whose habit is remembered; a site has some dozen */
#define ID_WHOLE_MAX   32   /* bytes of an id that is kept itself; vendors use numbers and UUIDs without dashes */
#define SWEEP_MAX      2    /* forgotten sessions cleared for each one that enters: more go than come */
#define PORTS_RESERVED 1024 /* servers answer from below, clients ask from above */

enum { KEY_TUPLE, KEY_PORTS = 1, KEY_ID = 2, KEY_ID_HASHED = 4 };

struct key {
    uint64_t sensor;
    union fw_addr src, dst; /* or the id, or two hashes of it */
    uint16_t sport, dport;  /* or the length of the id */
    uint8_t proto;
    uint8_t form;
    uint8_t zero[2];
};
_Static_assert(sizeof(struct key) == 48, "no padding, it is hashed and compared whole");

struct session {
    fw_time heard;     /* last */
    union fw_addr src; /* who opened it */
    bool has_src;
    bool brief; /* its sensor had logged no end */
};

/* A start of a packet log, or an end that came without a start, by a 64 bit hash with the secret seed: enough to know it
 * again within a minute. */
struct recent {
    uint64_t flow;
    fw_time heard;
};

struct fw_sessions {
    struct fw_mem mem;
    struct recent *recent; /* RECENT_SLOTS; a newer flow takes the slot of an older one */
    struct fw_table *table;
    struct fw_table *enders; /* sensors that have logged a flow_end, of ICMP and of all else apart */
    struct fw_seed seed;
    struct fw_seed second;
    struct fw_keyhash keyhash; /* of `recent` */
    fw_time hold;
    fw_time now; /* for the sweep */
    unsigned swept;
    bool ends_logged; /* of the line before */
};

int fw_sessions_open(struct fw_sessions **sessions, const struct fw_sessions_config *config, const struct fw_mem *mem) {
    struct fw_table_config table = {
        .key_size = sizeof(struct key), .value_size = sizeof(struct session), .seed = config->seed};
    struct fw_table_config enders = {.key_size = sizeof(uint64_t), .capacity = SENSORS_MAX, .seed = config->seed};
    const size_t fixed = sizeof(struct fw_sessions) + RECENT_SLOTS * sizeof(struct recent) + fw_table_bytes(&enders);
    struct fw_sessions *s;

    *sessions = NULL;
    if (config->bytes <= fixed)
        return -1;
    fw_table_fit(&table, config->bytes - fixed, 0);
    if (fw_table_bytes(&table) > config->bytes - fixed)
        return -1;
    s = fw_mem_alloc(mem, 1, sizeof *s);
    if (!s)
        return -1;
    s->mem = *mem;
    s->seed = config->seed;
    fw_keyhash_open(&s->keyhash, &config->seed);
    s->second.k[0] = fw_hash(&config->seed, "session 0", 9);
    s->second.k[1] = fw_hash(&config->seed, "session 1", 9);
    s->hold = config->hold;
    s->recent = fw_mem_alloc(mem, RECENT_SLOTS, sizeof *s->recent);
    if (!s->recent || fw_table_open(&s->table, &table, mem) != 0 || fw_table_open(&s->enders, &enders, mem) != 0) {
        fw_sessions_close(&s);
        return -1;
    }
    *sessions = s;
    return 0;
}

void fw_sessions_close(struct fw_sessions **sessions) {
    struct fw_sessions *s = *sessions;

    if (!s)
        return;
    const struct fw_mem mem = s->mem;
    fw_table_close(&s->table);
    fw_table_close(&s->enders);
    fw_mem_release(&mem, s->recent);
    fw_mem_release(&mem, s);
    *sessions = NULL;
}

void fw_sessions_get_stats(const struct fw_sessions *sessions, struct fw_table_stats *stats) {
    fw_table_get_stats(sessions->table, stats);
}

struct shift {
    fw_time from, delta;
};

static bool shift_one(void *cookie, const void *key, void *value) {
    const struct shift *shift = cookie;
    struct session *session = value;

    (void)key;
    if (session->heard > shift->from)
        session->heard += shift->delta;
    return true;
}

void fw_sessions_shift(struct fw_sessions *s, fw_time from, fw_time delta) {
    struct shift shift = {from, delta};

    fw_table_walk_oldest(s->table, shift_one, &shift);
    for (size_t i = 0; i < RECENT_SLOTS; i++)
        if (s->recent[i].flow != 0 && s->recent[i].heard > from)
            s->recent[i].heard += delta;
}

/* ---- keys ---- */

static void id_key(const struct fw_sessions *s, const struct fw_event *ev, uint64_t sensor, struct key *key) {
    const struct fw_str *id = &ev->session;

    memset(key, 0, sizeof *key);
    key->sensor = sensor;
    key->sport = (uint16_t)id->len;
    key->form = KEY_ID;
    if (id->len <= sizeof key->src.b) {
        memcpy(key->src.b, id->p, id->len);
    } else if (id->len <= ID_WHOLE_MAX) {
        memcpy(key->src.b, id->p, sizeof key->src.b);
        memcpy(key->dst.b, id->p + sizeof key->src.b, id->len - sizeof key->src.b);
    } else {
        key->form |= KEY_ID_HASHED;
        key->src.q[0] = fw_hash(&s->seed, id->p, id->len);
        key->src.q[1] = fw_hash(&s->second, id->p, id->len);
    }
}

/* Without ports a line of TCP or UDP may be of any of many sessions. */
static bool tuple_known(const struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(src) | FW_BIT(dst)))
        return false;
    if (fw_event_has(ev, FW_BIT(sport) | FW_BIT(dport)))
        return true;
    return fw_event_has(ev, FW_BIT(proto)) && ev->proto != FW_PROTO_TCP && ev->proto != FW_PROTO_UDP;
}

static void tuple_key(const struct fw_event *ev, uint64_t sensor, struct key *key) {
    memset(key, 0, sizeof *key);
    key->sensor = sensor;
    key->src = ev->src;
    key->dst = ev->dst;
    if (fw_event_has(ev, FW_BIT(sport) | FW_BIT(dport))) {
        key->sport = ev->sport;
        key->dport = ev->dport;
        key->form = KEY_PORTS;
    }
    if (fw_event_has(ev, FW_BIT(proto)))
        key->proto = ev->proto;
}

static void reversed_key(const struct key *key, struct key *reversed) {
    *reversed = *key;
    reversed->src = key->dst;
    reversed->dst = key->src;
    reversed->sport = key->dport;
    reversed->dport = key->sport;
}

/* ---- memory ---- */

static bool forgotten(const struct fw_sessions *s, const struct session *session, fw_time now) {
    const fw_time hold = session->brief && s->hold > HOLD_BRIEF ? HOLD_BRIEF : s->hold;

    return session->heard < now - hold || session->heard > now + s->hold; /* the clock was set back */
}

static bool sweep_one(void *cookie, const void *key, void *value) {
    struct fw_sessions *s = cookie;

    (void)key;
    if (!forgotten(s, value, s->now))
        return false;
    fw_table_remove(s->table, value);
    return ++s->swept < SWEEP_MAX;
}

/* The session of a key, or NULL; one that was held too long is gone. */
static struct session *recall(struct fw_sessions *s, const struct key *key, fw_time now) {
    struct session *session = fw_table_find(s->table, key);

    if (session && forgotten(s, session, now)) {
        fw_table_remove(s->table, session);
        return NULL;
    }
    return session;
}

static void remember(struct session *session, const struct fw_event *ev) {
    session->heard = ev->time;
    session->has_src = fw_event_has(ev, FW_BIT(src));
    if (session->has_src)
        session->src = ev->src;
    session->brief = !ev->ends_logged;
}

/* Workers side by side hand over lines out of order, and so an end can come a moment before its start. Ends without a start
 * are noted where starts of packet logs are, under another hash of their key. */
static uint64_t ended_flow(const struct fw_sessions *s, const struct key *key) {
    return ~fw_keyhash(&s->keyhash, key, sizeof *key);
}

/* Of ENDED_WAYS slots any: the notes of as many lines as workers hold at once are all there. */
static struct recent *ended_ways(const struct fw_sessions *s, uint64_t flow) {
    return &s->recent[flow % (RECENT_SLOTS / ENDED_WAYS) * ENDED_WAYS];
}

static void note_end(const struct fw_sessions *s, const struct key *key, fw_time time) {
    const uint64_t flow = ended_flow(s, key);
    struct recent *ways = ended_ways(s, flow), *oldest = ways;

    for (unsigned i = 1; i < ENDED_WAYS; i++)
        if (ways[i].heard < oldest->heard)
            oldest = &ways[i];
    *oldest = (struct recent){flow, time};
}

/* Is it over, this session that begins? */
static bool has_ended(const struct fw_sessions *s, const struct key *key, fw_time begun) {
    const uint64_t flow = ended_flow(s, key);
    struct recent *ways = ended_ways(s, flow);

    for (unsigned i = 0; i < ENDED_WAYS; i++) {
        if (ways[i].flow != flow || begun > ways[i].heard || ways[i].heard - begun > s->hold)
            continue;
        ways[i] = (struct recent){0, 0};
        return true;
    }
    return false;
}

/* True when the session is new: not remembered, or last heard of so long ago
 * that its key stands for another one by now; and its end has not come. */
static bool begin(struct fw_sessions *s, const struct key *key, const struct fw_event *ev) {
    const fw_time now = ev->time;
    bool fresh = false;

    if (has_ended(s, key, now))
        return false;
    s->now = now;
    s->swept = 0;
    fw_table_walk_oldest(s->table, sweep_one, s); /* so that evictions count living sessions only */
    struct session *session = fw_table_admit(s->table, key, now, NULL, NULL, NULL, &fresh);

    if (!session)
        return true; /* not to be had: there is always room, as nothing is pinned */
    if (fresh || forgotten(s, session, now)) {
        remember(session, ev);
        return true;
    }
    const bool again = now > session->heard + REPEAT || session->heard > now + REPEAT;
    if (again || now > session->heard)
        session->heard = now;
    return again;
}

/* Exchanges two fields, with their presence; the type is that of both. */
#define SWAP(ev, type, a, b)                                                                                           \
    do {                                                                                                               \
        const type kept = (ev)->a;                                                                                     \
        const bool had_a = fw_event_has(ev, FW_BIT(a)), had_b = fw_event_has(ev, FW_BIT(b));                           \
        (ev)->a = (ev)->b;                                                                                             \
        (ev)->b = kept;                                                                                                \
        (ev)->present &= ~(FW_BIT(a) | FW_BIT(b));                                                                     \
        (ev)->present |= (had_b ? FW_BIT(a) : 0) | (had_a ? FW_BIT(b) : 0);                                            \
    } while (0)

static void turn(struct fw_event *ev) {
    const uint64_t roles = ev->src_roles;
    const uint8_t asset = ev->src_asset;

    SWAP(ev, union fw_addr, src, dst);
    SWAP(ev, uint16_t, sport, dport);
    SWAP(ev, union fw_addr, nat_src, nat_dst);
    SWAP(ev, uint16_t, nat_sport, nat_dport);
    SWAP(ev, uint64_t, sent, rcvd);
    SWAP(ev, struct fw_str, in_if, out_if);
    SWAP(ev, struct fw_str, src_zone, dst_zone);
    ev->src_roles = ev->dst_roles;
    ev->dst_roles = roles;
    ev->src_asset = ev->dst_asset;
    ev->dst_asset = asset;
}

/* A device that does not say at the end who began it (ASA's Teardown) is told by its own opening. */
static bool is_turned(const struct session *session, const struct fw_event *ev) {
    return session->has_src && fw_event_has(ev, FW_BIT(src) | FW_BIT(dst)) && fw_addr_equal(&session->src, &ev->dst) &&
           !fw_addr_equal(&session->src, &ev->src);
}

static bool end(struct fw_sessions *s, const struct key *key, struct fw_event *ev) {
    struct session *session = recall(s, key, ev->time);

    if (!session) { /* only its end is logged, or came first */
        note_end(s, key, ev->time);
        return true;
    }
    if (is_turned(session, ev))
        turn(ev);
    fw_table_remove(s->table, session);
    return false;
}

/* ---- the decision ---- */

enum answer { NO_ANSWER, ANSWER, PERHAPS };

/* 1. An answer by its flags: RST, or SYN with ACK. Ends carry the flags of the
 *    whole session, which say nothing about who began it.
 * 2. From a server's port to a client's: ACK without SYN,
 * 3. or the other side was seen to begin it. */
static enum answer looks_like(const struct fw_event *ev) {
    const bool flagged = fw_event_has(ev, FW_BIT(tcp_flags)) && ev->kind != FW_KIND_FLOW_END;
    const unsigned flags = flagged ? ev->tcp_flags : 0;

    if (flags & FW_TCP_RST || (flags & FW_TCP_SYN && flags & FW_TCP_ACK)) /* 1 */
        return ANSWER;
    if (!fw_event_has(ev, FW_BIT(sport) | FW_BIT(dport)) || ev->sport >= PORTS_RESERVED || ev->dport < PORTS_RESERVED)
        return NO_ANSWER;
    return flags & FW_TCP_ACK ? ANSWER : PERHAPS; /* 2, 3 */
}

static bool is_reply(struct fw_sessions *s, const struct fw_event *ev, const struct key *tuple) {
    const enum answer answer = looks_like(ev);
    struct key reversed;

    if (answer != PERHAPS || !tuple)
        return answer == ANSWER;
    reversed_key(tuple, &reversed);
    return recall(s, &reversed, ev->time) != NULL;
}

/* A log of packets tells by their flags who began, and has no ends to be joined: such a start need not be remembered
 * for minutes. This keeps the most frequent line of all off the large table. */
static bool is_packet_log(const struct fw_event *ev, bool has_id) {
    return ev->kind == FW_KIND_FLOW_START && !has_id && !ev->ends_logged &&
           fw_event_has(ev, FW_BIT(tcp_flags) | FW_BIT(proto)) && ev->proto == FW_PROTO_TCP;
}

static inline struct recent *recent_of(const struct fw_sessions *s, uint64_t flow) {
    return &s->recent[flow % RECENT_SLOTS];
}

/* The same start again within REPEAT is a SYN sent once more. Two flows in one slot only cost a second count. */
static bool begin_packet(struct fw_sessions *s, const struct key *tuple, fw_time now) {
    const uint64_t flow = fw_keyhash(&s->keyhash, tuple, sizeof *tuple);
    struct recent *recent = recent_of(s, flow);
    const bool again = recent->flow == flow && now <= recent->heard + REPEAT && recent->heard <= now + REPEAT;

    *recent = (struct recent){flow, now};
    return !again;
}

static bool is_flow(const struct fw_event *ev) {
    return ev->kind == FW_KIND_FLOW_START || ev->kind == FW_KIND_FLOW_END || ev->kind == FW_KIND_FLOW_DENY;
}

static bool is_denied(const struct fw_event *ev) {
    return ev->kind == FW_KIND_FLOW_DENY ||
           (fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY && ev->kind == FW_KIND_FLOW_START);
}

static bool has_session(const struct fw_event *ev) {
    return fw_event_has(ev, FW_BIT(session)) && ev->session.len > 0;
}

/* Which logs of a sensor tell of ends: an ASA has them for TCP and UDP, and none that says anything for ICMP. */
static uint64_t ender_of(const struct fw_event *ev) {
    const bool icmp = fw_event_has(ev, FW_BIT(proto)) && (ev->proto == FW_PROTO_ICMP || ev->proto == FW_PROTO_ICMP6);

    return icmp ? ~ev->sensor_number : ev->sensor_number;
}

/* 1. Other kinds than flows count, each for itself. 2. What was denied counts
 * and is not remembered. 3. An answer belongs to the session it answers. 4. A
 * line without id and five-tuple cannot be joined. 5. A start counts unless its
 * session is known, or has ended; 6. an end counts unless its start was. 7. A start in a log
 * of packets counts unless it was seen within a minute. */
void fw_sessions_join(struct fw_sessions *s, struct fw_event *ev) {
    const bool has_id = has_session(ev), has_tuple = tuple_known(ev);
    struct key tuple, id;

    ev->counts = true;
    ev->reply = false;
    ev->ends_logged = false;
    if (!is_flow(ev)) /* 1 */
        return;
    const uint64_t sensor = ev->sensor_number, ender = ender_of(ev);
    if (ev->kind == FW_KIND_FLOW_END)
        ev->ends_logged = fw_table_admit(s->enders, &ender, ev->time, NULL, NULL, NULL, NULL) != NULL;
    else
        ev->ends_logged = fw_table_find(s->enders, &ender) != NULL;
    s->ends_logged = ev->ends_logged;

    if (has_tuple)
        tuple_key(ev, sensor, &tuple);
    ev->reply = is_reply(s, ev, has_tuple ? &tuple : NULL);
    if (is_denied(ev)) /* 2 */
        return;
    if (ev->reply && ev->kind == FW_KIND_FLOW_START && !has_id) { /* 3 */
        ev->counts = false;
        return;
    }
    if (!has_id && !has_tuple) /* 4 */
        return;
    if (has_tuple && is_packet_log(ev, has_id)) { /* 7 */
        ev->counts = begin_packet(s, &tuple, ev->time);
        return;
    }
    if (has_id)
        id_key(s, ev, sensor, &id);
    const struct key *key = has_id ? &id : &tuple;
    ev->counts = ev->kind == FW_KIND_FLOW_START ? begin(s, key, ev) : end(s, key, ev); /* 5, 6 */
}

/* The steps of join, without a look at what is remembered. */
void fw_sessions_ask(struct fw_sessions *s, struct fw_event *ev, struct fw_ahead *ahead) {
    const bool has_id = has_session(ev), has_tuple = tuple_known(ev);
    const enum answer answer = is_flow(ev) ? looks_like(ev) : NO_ANSWER;
    struct key key, reversed;

    ev->counts = true;
    ev->reply = answer == ANSWER;
    ev->ends_logged = s->ends_logged;
    if (!is_flow(ev) || (!has_id && !has_tuple))
        return;
    if (has_tuple)
        tuple_key(ev, ev->sensor_number, &key);
    if (has_tuple && answer == PERHAPS) {
        reversed_key(&key, &reversed);
        fw_ahead_key(ahead, s->table, &reversed);
    }
    if (is_denied(ev) || (ev->reply && ev->kind == FW_KIND_FLOW_START && !has_id))
        return;
    if (has_tuple && is_packet_log(ev, has_id)) {
        __builtin_prefetch(recent_of(s, fw_keyhash(&s->keyhash, &key, sizeof key)), 1);
        return;
    }
    if (has_id)
        id_key(s, ev, ev->sensor_number, &key);
    fw_ahead_key(ahead, s->table, &key);
}

/* ---- state ---- */

/* A buffer holds records of one part; the cursor's upper byte says which. */
enum part { PART_SESSIONS, PART_ENDERS, PART_RECENT, PARTS };
#define PART_SHIFT 56

enum { FLAG_HAS_SRC = 1, FLAG_BRIEF = 2 };

static void save_session(void *cookie, const void *value, struct fw_put *put) {
    const struct session *session = value;

    (void)cookie;
    fw_put_u64(put, (uint64_t)session->heard);
    fw_put_bytes(put, session->src.b, sizeof session->src.b);
    fw_put_u8(put, (session->has_src ? FLAG_HAS_SRC : 0) | (session->brief ? FLAG_BRIEF : 0));
}

static int load_session(void *cookie, void *value, struct fw_get *get) {
    struct session *session = value;

    (void)cookie;
    session->heard = fw_get_time(get);
    fw_get_bytes(get, session->src.b, sizeof session->src.b);
    const unsigned flags = fw_get_u8(get);
    session->has_src = (flags & FLAG_HAS_SRC) != 0;
    session->brief = (flags & FLAG_BRIEF) != 0;
    return get->failed ? -1 : 0;
}

static void save_nothing(void *cookie, const void *value, struct fw_put *put) {
    (void)cookie;
    (void)value;
    (void)put;
}

static int load_nothing(void *cookie, void *value, struct fw_get *get) {
    (void)cookie;
    (void)value;
    (void)get;
    return 0;
}

static const struct fw_table_owner of_sessions = {.save = save_session, .load = load_session};
static const struct fw_table_owner of_enders = {.save = save_nothing, .load = load_nothing};

static bool save_recent(const struct fw_sessions *s, struct fw_put *put, uint64_t *slot) {
    for (; *slot < RECENT_SLOTS; ++*slot) {
        const struct recent *recent = &s->recent[*slot];

        if (recent->flow == 0 && recent->heard == 0)
            continue;
        if (!fw_put_has_room(put))
            return false;
        fw_put_u64(put, *slot);
        fw_put_u64(put, recent->flow);
        fw_put_u64(put, (uint64_t)recent->heard);
    }
    return true;
}

static int load_recent(struct fw_sessions *s, struct fw_get *get) {
    while (fw_get_has_more(get)) {
        const uint64_t slot = fw_get_u64(get), flow = fw_get_u64(get);
        const fw_time heard = fw_get_time(get);

        if (get->failed || slot >= RECENT_SLOTS)
            return -1;
        s->recent[slot] = (struct recent){flow, heard};
    }
    return 0;
}

bool fw_sessions_save(const struct fw_sessions *s, struct fw_put *put, uint64_t *cursor) {
    const uint64_t part = *cursor >> PART_SHIFT;
    uint64_t within = *cursor & ((UINT64_C(1) << PART_SHIFT) - 1);
    bool done;

    fw_put_u8(put, (unsigned)part);
    if (part == PART_SESSIONS)
        done = fw_table_save(s->table, &of_sessions, put, &within);
    else if (part == PART_ENDERS)
        done = fw_table_save(s->enders, &of_enders, put, &within);
    else
        done = save_recent(s, put, &within);
    *cursor = done ? (part + 1) << PART_SHIFT : part << PART_SHIFT | within;
    return done && part + 1 == PARTS;
}

int fw_sessions_load(struct fw_sessions *s, struct fw_get *get) {
    switch (fw_get_u8(get)) {
    case PART_SESSIONS:
        return fw_table_load(s->table, &of_sessions, get);
    case PART_ENDERS:
        return fw_table_load(s->enders, &of_enders, get);
    case PART_RECENT:
        return load_recent(s, get);
    default:
        return -1;
    }
}

void fw_sessions_loaded(struct fw_sessions *s) {
    fw_table_loaded(s->table);
    fw_table_loaded(s->enders);
}
