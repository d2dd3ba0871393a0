/* traffic.c: what happens in the office: ordinary traffic, and what is hidden in it. */
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "traffic.h"

#define PING           84 /* bytes of a packet of ping(8) */
#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

#define NMS         IP(10, 1, 0, 5)
#define MAIL_SERVER IP(10, 1, 0, 25)
#define RESOLVER    IP(10, 1, 0, 53)
#define WEB_SERVER  IP(10, 1, 0, 80)

#define SUBNETS          10    /* clients live in 10.1.2.0/24 to 10.1.11.0/24 */
#define OUTSIDE_BITS     17    /* addresses in 198.18.0.0/15 */
#define SITES            60000 /* of these, so many are visited */
#define EXCHANGES        2000  /* mail exchangers the mail server writes to */
#define SWEEP_HOSTS      254   /* addresses a worm tries */
#define MAILER_EXCHANGES 80    /* exchangers a mass mailer knows */
#define MAILER_MAILS     120
#define DISCOVERY_HOSTS  2048 /* addresses the monitoring host looks for new machines at */

static const uint16_t sweep_ports[] = {445, 22, 3389, 1433, 23};

/* An odd factor permutes the 2^17 addresses. */
static uint32_t outside(uint32_t rank) {
    return IP(198, 18, 0, 0) + (rank * 40503u + 7u) % (1u << OUTSIDE_BITS);
}

static uint32_t exchange(uint32_t rank) {
    return IP(198, 19, 128, 10) + rank * 13u;
}

static uint32_t client(unsigned n) {
    return IP(10, 1, 2 + n % SUBNETS, 100 + n / SUBNETS);
}

static uint16_t ephemeral(void) {
    return (uint16_t)(32768 + below(28232));
}

static bool inside(uint32_t addr) {
    return addr >> 16 == (10 << 8 | 1);
}

/* Which firewall of the office an event passes: that of the client's subnet. */
static enum device device_of(const struct event *ev) {
    uint32_t addr = inside(ev->src) && (ev->src >> 8 & 255) >= 2 ? ev->src : ev->dst;
    if (!inside(addr)) {
        return NETFILTER;
    }
    unsigned subnet = addr >> 8 & 255;
    return subnet < 6 || subnet >= 2 + SUBNETS ? NETFILTER : subnet < 9 ? ASA : NETSCREEN;
}

struct plan {
    struct traffic *traffic;
    const struct options *options;
    uint32_t span_ms;
    size_t room; /* for events */
};

static void *must(void *memory) {
    if (!memory) {
        perror("generate");
        exit(1);
    }
    return memory;
}

static void add(struct plan *plan, struct event ev) {
    struct traffic *traffic = plan->traffic;
    ev.device = (uint8_t)(plan->options->office ? device_of(&ev) : plan->options->device);
    if (ev.device != NETFILTER) {
        ev.v6 = false;
        if (ev.what == STRAY || ev.what == UNREACHABLE) {
            ev.what = NOISE;
        }
    }
    ev.sent = ev.bytes / 4;
    if (ev.proto == 1 && ev.what == PASSED) { /* a ping a second, answered with what was sent */
        ev.sent = PING * (ev.duration_s + 1);
        ev.bytes = 2 * ev.sent;
    }
    if (traffic->event_count == plan->room) {
        plan->room = plan->room ? plan->room * 2 : 1 << 16;
        traffic->events = must(realloc(traffic->events, plan->room * sizeof(*traffic->events)));
    }
    traffic->events[traffic->event_count++] = ev;
    struct line lines[2];
    traffic->line_count += device_times(&ev, plan->span_ms, lines);
}

/* Weight of each hour of a working day. */
static const uint8_t day[24] = {2, 1, 1, 1, 1, 2, 4, 9, 18, 22, 23, 22, 16, 20, 23, 22, 21, 18, 12, 8, 6, 5, 4, 3};

static uint32_t some_time(const struct plan *plan) {
    if (!plan->options->office) {
        return below(plan->span_ms);
    }
    uint32_t sum = 0, hour = 0;
    for (hour = 0; hour < 24; hour++) {
        sum += day[hour];
    }
    uint32_t pick = below(sum);
    for (hour = 0; pick >= day[hour]; hour++) {
        pick -= day[hour];
    }
    return (uint32_t)((double)plan->span_ms * (hour + fraction()) / 24);
}

static void fill_service(struct event *ev) {
    static const struct {
        uint8_t weight;
        uint8_t proto;
        uint16_t port;
    } services[] = {{52, 6, 443}, {12, 17, 443}, {12, 6, 80},  {5, 6, 993},   {3, 6, 587},  {2, 6, 5223}, {2, 6, 8443},
                    {2, 6, 22},   {1, 6, 8080},  {3, 17, 123}, {2, 17, 3478}, {1, 6, 1935}, {1, 6, 3389}, {2, 1, 0}};
    uint32_t pick = below(100), n = 0;
    for (n = 0; pick >= services[n].weight; n++) {
        pick -= services[n].weight;
    }
    ev->proto = services[n].proto;
    ev->dport = services[n].port;
    ev->dst = outside(ev->dport == 123 ? below(4) : zipf(SITES));
}

struct event traffic_of_client(uint32_t src) {
    struct event ev = {.src = src, .sport = ephemeral(), .what = PASSED};
    fill_service(&ev);
    uint32_t pick = below(1000);
    if (pick < 40) { /* programs that go on trying what is not allowed: a few places each, all the day */
        ev.what = DENIED;
        ev.dport = pick < 20 ? 5228 : 1900;
        ev.proto = pick < 20 ? 6 : 17;
        ev.dst = outside(SITES + below(6));
    } else if (pick < 52) {
        ev.v6 = ev.proto != 1;
    }
    ev.duration_s = ev.what == PASSED ? (uint32_t)exp(fraction() * 6.5) : 0;
    if (ev.dport == 80 || ev.dport == 8080) {
        ev.duration_s %= 120; /* servers of the web let no connection idle for longer */
    }
    ev.bytes = ev.what == PASSED ? (uint32_t)(200 + exp(fraction() * 14)) : 0;
    return ev;
}

struct event traffic_of_servers(void) {
    struct event ev = {.sport = ephemeral(), .proto = 6, .what = PASSED, .duration_s = below(20)};
    uint32_t pick = below(100);
    ev.bytes = 400 + below(40000);
    if (pick < 50) { /* the resolver forwards to two others */
        ev.src = RESOLVER;
        ev.dst = outside(below(2));
        ev.proto = 17;
        ev.dport = 53;
        ev.duration_s = 0;
        ev.bytes = 120 + below(300);
    } else if (pick < 70) {
        ev.src = MAIL_SERVER;
        ev.dst = exchange(zipf(EXCHANGES));
        ev.dport = 25;
    } else if (pick < 80) {
        ev.src = exchange(zipf(EXCHANGES));
        ev.dst = MAIL_SERVER;
        ev.dport = 25;
    } else {
        ev.src = outside(below(1u << OUTSIDE_BITS));
        ev.dst = WEB_SERVER;
        ev.dport = 443;
    }
    return ev;
}

struct event traffic_noise(void) {
    static const uint16_t ports[] = {23, 22, 445, 3389, 80, 8080, 5060, 6379, 1433, 5555};
    struct event ev = {.src = outside(below(1u << OUTSIDE_BITS)),
                       .dst = IP(192, 0, 2, 1 + below(14)),
                       .proto = 6,
                       .sport = ephemeral(),
                       .dport = ports[below(sizeof(ports) / sizeof(*ports))],
                       .what = NOISE};
    uint32_t pick = below(100);
    if (pick < 20) {
        ev.proto = 17;
        ev.dport = pick < 10 ? 5060 : 1900;
    } else if (pick < 30) {
        ev.proto = 1;
    } else if (pick < 45) { /* the tail of a connection that was forgotten */
        ev.what = STRAY;
        ev.sport = 443;
        ev.dport = ephemeral();
    } else if (pick < 52) {
        ev.what = UNREACHABLE;
        ev.proto = 1;
    }
    return ev;
}

static void plan_ordinary(struct plan *plan) {
    while (plan->traffic->line_count < plan->options->lines) {
        uint32_t pick = below(100);
        struct event ev = pick < 79   ? traffic_of_client(client(below(plan->options->clients)))
                          : pick < 95 ? traffic_of_servers()
                                      : traffic_noise();
        ev.time_ms = some_time(plan);
        add(plan, ev);
    }
}

static void truth_line(FILE *truth, const char *what, uint32_t addr, const char *more) {
    if (truth) {
        fprintf(truth, "%s\t%u.%u.%u.%u\t%s\n", what, addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255, more);
    }
}

/* The first is 10.1.4.23 on 445/tcp; everything is refused. */
static void plan_sweep(struct plan *plan, unsigned n, FILE *truth) {
    struct event ev = {.src = IP(10, 1, 2 + (2 + n) % SUBNETS, 23 + n),
                       .proto = 6,
                       .what = DENIED,
                       .dport = sweep_ports[n % (sizeof(sweep_ports) / sizeof(*sweep_ports))]};
    uint32_t gap = plan->options->office ? 1100 : 200;
    ev.time_ms = plan->options->office ? (10 * 60 + 12) * 60000 : below(plan->span_ms / 2);
    for (unsigned i = 1; i <= SWEEP_HOSTS; i++) {
        ev.time_ms += 1 + below(gap);
        ev.dst = IP(203, 0, 113, i);
        ev.sport = (uint16_t)(1025 + i);
        add(plan, ev);
    }
    char service[16];
    snprintf(service, sizeof(service), "tcp/%u", ev.dport);
    truth_line(truth, "worm", ev.src, service);
}

/* The first is 10.1.7.91; everything is allowed. */
static void plan_mailer(struct plan *plan, unsigned n, FILE *truth) {
    struct event ev = {.src = IP(10, 1, 2 + (5 + n) % SUBNETS, 91 - n), .proto = 6, .what = PASSED, .dport = 25};
    ev.time_ms = plan->options->office ? (14 * 60 + 5) * 60000 : below(plan->span_ms / 2);
    uint32_t base = below(EXCHANGES);
    for (unsigned i = 0; i < MAILER_MAILS; i++) {
        ev.time_ms += 1 + below(plan->options->office ? 20000 : 8000);
        ev.dst = exchange((base + below(MAILER_EXCHANGES)) % EXCHANGES);
        ev.sport = ephemeral();
        ev.duration_s = 1 + below(20);
        ev.bytes = 2000 + below(9000);
        add(plan, ev);
    }
    truth_line(truth, "mass_mail", ev.src, "tcp/25");
}

/* Rounds over all clients by ping and SNMP, and once a look at addresses nobody is known to have. */
static void plan_nms(struct plan *plan) {
    unsigned clients = plan->options->clients;
    unsigned rounds = plan->options->office ? 24 : (unsigned)(plan->options->lines / 60 / clients);
    struct event ev = {.src = NMS, .what = PASSED, .bytes = 84};
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned n = 0; n < 2 * clients; n++) {
            ev.time_ms = (uint32_t)((double)plan->span_ms * (round + (double)n / (8 * clients)) / rounds);
            ev.dst = client(n / 2);
            ev.proto = n & 1 ? 17 : 1;
            ev.sport = (uint16_t)(n & 1 ? 40161 : 0);
            ev.dport = n & 1 ? 161 : 0;
            add(plan, ev);
        }
    }
    ev.proto = 1;
    ev.sport = 0;
    ev.dport = 0;
    for (unsigned n = 0; plan->options->lines >= 50000 && n < DISCOVERY_HOSTS; n++) {
        ev.time_ms = (uint32_t)(plan->span_ms / 12 + n * UINT64_C(290));
        ev.dst = IP(10, 1, 32, 0) + n;
        add(plan, ev);
    }
}

static int by_start(const void *left, const void *right) {
    const struct event *a = left, *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    uint64_t from = (uint64_t)a->src << 16 | a->sport, other_from = (uint64_t)b->src << 16 | b->sport;
    if (from != other_from) {
        return from < other_from ? -1 : 1;
    }
    uint64_t to = (uint64_t)a->dst << 16 | a->dport, other_to = (uint64_t)b->dst << 16 | b->dport;
    return to != other_to ? (to < other_to ? -1 : 1) : 0;
}

static int by_time(const void *left, const void *right) {
    const struct line *a = left, *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    if (a->event != b->event) {
        return a->event < b->event ? -1 : 1;
    }
    return (int)a->end - (int)b->end;
}

/* Events are numbered as they begin, as an ASA numbers its connections. */
static void order(struct plan *plan) {
    struct traffic *traffic = plan->traffic;
    size_t count = 0;
    traffic->lines = must(malloc((traffic->line_count + 2) * sizeof(*traffic->lines)));
    qsort(traffic->events, traffic->event_count, sizeof(*traffic->events), by_start);
    for (size_t n = 0; n < traffic->event_count; n++) {
        unsigned added = device_times(&traffic->events[n], plan->span_ms, &traffic->lines[count]);
        for (unsigned i = 0; i < added; i++) {
            traffic->lines[count++].event = n & 0x7fffffff;
        }
    }
    qsort(traffic->lines, count, sizeof(*traffic->lines), by_time);
    traffic->line_count = count < plan->options->lines ? count : plan->options->lines;
}

/* Planted things grow with the log: one in 50,000 lines sweeps, one in 100,000 mails. */
static unsigned share(const struct options *options, size_t lines, unsigned most) {
    size_t n = options->office ? 1 : options->lines / lines;
    return n < 1 ? 1 : n > most ? most : (unsigned)n;
}

void traffic_plan(struct traffic *traffic, const struct options *options, FILE *truth) {
    struct plan plan = {.traffic = traffic, .options = options, .span_ms = (uint32_t)(options->hours * 3600000)};
    memset(traffic, 0, sizeof(*traffic));
    random_state = options->seed;
    for (unsigned n = 0; n < share(options, 50000, 20); n++) {
        plan_sweep(&plan, n, truth);
    }
    for (unsigned n = 0; n < share(options, 100000, 10); n++) {
        plan_mailer(&plan, n, truth);
    }
    plan_nms(&plan);
    truth_line(truth, "quiet", NMS, "nms");
    truth_line(truth, "quiet", MAIL_SERVER, "mail_server");
    plan_ordinary(&plan);
    order(&plan);
}
