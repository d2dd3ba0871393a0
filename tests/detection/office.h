/* office.h: an office of some hundred hosts over some weeks, made up from a seed.
 *
 * What is alike in all its parts: times are milliseconds since the start, which
 * is a midnight; the log is at most 49 days long, as the times have 32 bits. Each
 * part draws its numbers from a seed of its own (office, what, who, day), so that
 * the ordinary traffic is the same with and without infections.
 *
 * The addresses are nobody's: 10.1.0.0/16 inside, 192.0.2.0/24 the office's public
 * ones, 198.18.0.0/15 the rest of the world.
 */
#ifndef FW_DETECTION_OFFICE_H
#define FW_DETECTION_OFFICE_H

#include "../bench/random.h"
#include "../bench/traffic.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

#define SECOND UINT32_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Servers. The roles in the policy are about some of these. */
#define NMS           IP(10, 1, 0, 5)
#define SCANNER       IP(10, 1, 0, 6)
#define PROXY         IP(10, 1, 0, 8)
#define FILE_SERVER   IP(10, 1, 0, 10) /* and the next */
#define DOMAIN_SERVER IP(10, 1, 0, 12)
#define BACKUP        IP(10, 1, 0, 15)
#define UPDATES       IP(10, 1, 0, 20)
#define JUMP_HOST     IP(10, 1, 0, 22)
#define MAIL_SERVER   IP(10, 1, 0, 25)
#define BULK_MAILER   IP(10, 1, 0, 26)
#define CRAWLER       IP(10, 1, 0, 30)
#define VPN_GATEWAY   IP(10, 1, 0, 40)
#define RESOLVER      IP(10, 1, 0, 53) /* and the next */
#define BALANCER      IP(10, 1, 0, 60)
#define BACKEND       IP(10, 1, 0, 61) /* and three more */
#define TELEPHONES    IP(10, 1, 0, 70)
#define WEB_SERVER    IP(10, 1, 0, 80)
#define NOBODY        IP(10, 1, 0, 200) /* servers that were switched off, from here on */
#define PRINTER       IP(10, 1, 1, 10)
#define CAMERA        IP(10, 1, 1, 100)
#define PUBLIC        IP(192, 0, 2, 0) /* .22 the jump host, .25 mail, .40 the gateway, .80 the web server */

/* Ranks of outside addresses: who is what in the rest of the world. */
enum outside_rank {
    RANK_SITES = 0,
    SITES = 20000,
    RANK_TRACKERS = SITES,
    TRACKERS = 40, /* the last two are dead */
    RANK_CDN = RANK_TRACKERS + TRACKERS,
    CDNS = 60,
    RANK_NAME_SERVERS = RANK_CDN + CDNS,
    NAME_SERVERS = 3000,
    RANK_EXCHANGES = RANK_NAME_SERVERS + NAME_SERVERS,
    EXCHANGES = 2000,
    RANK_RELAYS = RANK_EXCHANGES + EXCHANGES,
    RELAYS = 8,
    RANK_CLOUD = RANK_RELAYS + RELAYS,
    CLOUD_CHAT = RANK_CLOUD, /* one service each */
    CLOUD_SYNC,              /* two */
    CLOUD_ANTIVIRUS = CLOUD_SYNC + 2,
    CLOUD_MIRROR = CLOUD_ANTIVIRUS + 4,
    CLOUD_TIME = CLOUD_MIRROR + 2,
    CLOUD_CAMERAS = CLOUD_TIME + 4,
    CLOUD_PRINTERS,
    CLOUD_NEWS,
    CLOUD_UPDATES,
    CLOUD_WIDGET, /* one for each who has one */
    RANK_PEERS = 40000,
    PEERS = 40000,
    RANK_STRANGERS = 80000,
    STRANGERS = 40000,
    RANK_BAD = 120000 /* command servers, attackers */
};

#define OUTSIDE_BITS 17
#define PROXY_PORT   3128

struct person {
    uint32_t addr;
    uint32_t arrives; /* of the day, on the average */
    uint32_t leaves;
    double busy; /* 1: as most */
    bool always_on;
    bool laptop;
    bool linux_user;
    bool chats;
    bool syncs;
    bool calls;
    bool remote; /* has a file server at home */
    bool admin;
    bool skype;
    bool shares; /* P2P */
    bool widget;
    bool stubborn;     /* has a program that tries a dead server for days */
    uint8_t dead_ends; /* destinations that are no more */
};

/* What somebody did: a row of the truth. */
struct deed {
    uint32_t addr;
    const char *role;      /* infected, attacker, scanner */
    const char *kinds;     /* of the planting */
    const char *detectors; /* any of these is right; "" none has to see it */
    unsigned matter;       /* rows with the same number are one matter: found when one of them is */
    uint32_t first;
    uint32_t last;
    uint32_t sessions;
};

struct office {
    unsigned hosts;
    unsigned days;
    unsigned infected;
    uint64_t seed;
    double intensity;
    unsigned outage;        /* day from 1, 0: none */
    bool squid;             /* every third goes through a proxy, which has a log */
    struct options options; /* device, start */
    uint32_t span_ms;

    struct person *people;
    unsigned people_count;
    unsigned printers;
    unsigned cameras;

    struct deed *deeds;
    size_t deed_count;
    size_t deed_room;
    unsigned matters;
    struct deed *deed; /* whose events are added now; NULL: ordinary ones */

    struct event *events; /* added, not yet written */
    size_t event_count;
    size_t event_room;
};

void *must(void *memory);
/* Takes an event in any order, but not of a day that was written. A source port of 0 is the next one of its source. */
void office_add(struct office *office, struct event ev);
/* The row that the next events belong to, until office_deed_end(). `matter` 0: one of its own. */
void office_deed(struct office *office, uint32_t addr, const char *role, const char *kinds, const char *detectors,
                 unsigned matter);
void office_deed_end(struct office *office);

/* people.c */
void people_hire(struct office *office);
/* Whether somebody is in the office, from when to when. */
bool people_day(const struct office *office, unsigned person, unsigned day, uint32_t *from, uint32_t *to);
void people_live(struct office *office, unsigned person, unsigned day);
/* servers.c */
void servers_work(struct office *office, unsigned day);
/* outside.c */
void outside_world(struct office *office, unsigned day);
/* plantings.c: adds all, of all days */
void plantings_plant(struct office *office);

/* --- what the parts draw ------------------------------------------------------ */

enum part { PART_HIRE, PART_DAY, PART_PERSON, PART_SERVERS, PART_OUTSIDE, PART_PLANTING };

static inline void draw_for(const struct office *office, enum part part, unsigned who, unsigned day) {
    random_state = office->seed * UINT64_C(0x9e3779b97f4a7c15) + ((uint64_t)part << 56 | (uint64_t)day << 32 | who);
    (void)number();
}

static inline bool chance(double p) {
    return fraction() < p;
}

/* Mean 0, deviation 1; the sum of four is near enough and has no long tail. */
static inline double normal(void) {
    return (fraction() + fraction() + fraction() + fraction() - 2) * 1.732;
}

static inline double exponential(double mean) {
    return -mean * log(1 - fraction());
}

static inline double lognormal(double median, double sigma) {
    return median * exp(sigma * normal());
}

/* At least `least`, at most `most`: what people do has heavy tails. */
static inline double pareto(double least, double shape, double most) {
    double value = least / pow(1 - fraction(), 1 / shape);
    return value < most ? value : most;
}

/* A number with this mean: its whole part, and one more by chance. */
static inline unsigned about(double mean) {
    return (unsigned)mean + chance(mean - floor(mean));
}

/* `ms` +- `share` of it, evenly. */
static inline uint32_t jitter(uint32_t ms, double share) {
    return (uint32_t)(ms * (1 + share * (2 * fraction() - 1)));
}

/* An odd factor permutes the addresses. */
static inline uint32_t outside(uint32_t rank) {
    return IP(198, 18, 0, 0) + (rank * 40503u + 7u) % (1u << OUTSIDE_BITS);
}

/* 0 Monday, 6 Sunday */
static inline unsigned weekday(const struct office *office, unsigned day) {
    return (unsigned)((office->options.start / 86400 + 3 + day) % 7);
}

/* --- events ------------------------------------------------------------------- */

static inline struct event tcp(uint32_t src, uint32_t dst, uint16_t dport) {
    return (struct event){.src = src, .dst = dst, .dport = dport, .proto = 6};
}

static inline struct event udp(uint32_t src, uint32_t dst, uint16_t dport) {
    return (struct event){.src = src, .dst = dst, .dport = dport, .proto = 17};
}

static inline struct event ping(uint32_t src, uint32_t dst) {
    return (struct event){.src = src, .dst = dst, .proto = 1};
}

/* Bytes of one side: two of them fit 32 bits. */
static inline uint32_t whole(double value) {
    return value < 2e9 ? (uint32_t)value : 2000000000u;
}

static inline void answered(struct office *office, struct event ev, double time_ms, double duration_s, double sent,
                            double rcvd) {
    ev.time_ms = (uint32_t)time_ms;
    ev.what = PASSED;
    ev.duration_s = whole(duration_s);
    ev.sent = whole(sent);
    ev.bytes = ev.sent + whole(rcvd);
    office_add(office, ev);
}

/* Through the proxy: a session to it, one from it, and its own word. */
static inline void requested(struct office *office, struct event ev, double time_ms, double duration_s, double sent,
                             double rcvd) {
    answered(office, tcp(ev.src, PROXY, PROXY_PORT), time_ms, duration_s, sent, rcvd);
    answered(office, tcp(PROXY, ev.dst, ev.dport), time_ms + 20, duration_s, sent, rcvd);
    ev.time_ms = (uint32_t)time_ms;
    ev.what = REQUEST;
    ev.duration_s = whole(duration_s);
    ev.sent = whole(sent);
    ev.bytes = ev.sent + whole(rcvd);
    office_add(office, ev);
}

/* A SYN sent three times, a datagram. */
static inline void unanswered(struct office *office, struct event ev, double time_ms) {
    answered(office, ev, time_ms, ev.proto == 6 ? 20 : ev.proto == 17 ? 60 : 2, ev.proto == 6 ? 180 : 78, 0);
}

/* There is a host, but no service. */
static inline void reset(struct office *office, struct event ev, double time_ms) {
    if (ev.proto == 6) {
        answered(office, ev, time_ms, 1, 60, 40);
    } else {
        unanswered(office, ev, time_ms);
    }
}

static inline void denied(struct office *office, struct event ev, double time_ms) {
    ev.time_ms = (uint32_t)time_ms;
    ev.what = DENIED;
    office_add(office, ev);
}

#endif
