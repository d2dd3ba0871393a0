/* detect.c: what detection costs an event, with few and with many keys held.
 *
 *   detect [-m MIX] [-k FEW,MANY] [-t TURNS] [-d DETECTOR,...] [-c]
 *
 * Two engines with all detectors on, or with those of -d, get events of the same kind, one from few
 * clients and one from many, in turns of some hundred thousand, so that a
 * machine that is busy for a while is busy for both; ratios are of neighbouring
 * turns and their median is printed. No line is parsed: events are made
 * beforehand, in 40 bytes each, and put into one struct fw_event as the parser
 * does; what that costs is measured as well and taken off.
 *
 * Mixes:
 *   packets   an office behind a packet filter, as tests/bench/generate makes it: clients by
 *             Zipf's law, a twenty-fifth refused, servers, noise from outside
 *   sessions  the same behind a filter that logs the start and the end of each session
 *   uniform   every event is a refusal of another key, drawn evenly from all that are held:
 *             nothing of it can be in the caches. Nobody's traffic, the worst an attacker can do
 *   flood     every event is from a source never seen before
 * A key is "held" when a detector has an entry for it at the end of a run. Event time runs so
 * fast that a client has EVENTS_PER_CLIENT events in the window of addr_scan, however many clients there are:
 * the number of keys is what differs, and entries expire as they do in service.
 * Exit status with -c: 1 above the goals of doc/performance.md.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/engine.h"
#include "host/pages.h"
#include "random.h"
#include "traffic.h"

#define WINDOW            (15 * FW_MINUTE) /* of addr_scan */
#define EVENTS_PER_CLIENT 20               /* in a window */
#define DESTINATIONS      16               /* of a key in the uniform mix */
#define TURN              (1U << 18)       /* events between two looks at the clock */
#define T0                ((fw_time)1791792000000)

enum mix { PACKETS, SESSIONS, UNIFORM, FLOOD, MIXES };
static const char *const mixes[MIXES] = {"packets", "sessions", "uniform", "flood"};

/* What becomes one event. */
struct record {
    struct event ev;
    uint32_t session; /* 0: none */
    bool ends;
};

struct run {
    enum mix mix;
    uint32_t keys; /* asked for */
    uint32_t clients;
    struct fw_engine *engine;
    struct fw_site site;
    struct fw_detector_setting detectors[FW_DETECTORS_MAX];
    struct record *records; /* TURN of them */
    uint32_t *open;         /* sessions not ended yet: ring of events */
    struct event *begun;
    uint32_t begun_count, begun_room, next_session;
    uint64_t made;
    double per_window;
    double ns[64];
};

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *must(void *memory) {
    if (memory == NULL) {
        perror("detect");
        exit(1);
    }
    return memory;
}

/* ---- events ---- */

/* 10.0.0.0/9: clients of all networks at home; an odd factor scatters them. */
static uint32_t client_address(uint32_t n) {
    return UINT32_C(10) << 24 | ((n * 40503u + 11u) & 0x7fffffu);
}

static struct event ordinary(const struct run *run) {
    const uint32_t pick = below(100);
    return pick < 79   ? traffic_of_client(client_address(zipf(run->clients)))
           : pick < 95 ? traffic_of_servers()
                       : traffic_noise();
}

static struct event refusal(uint32_t src, uint32_t dst) {
    return (struct event){.src = src, .dst = dst, .proto = 6, .sport = 40000, .dport = 445, .what = DENIED};
}

/* The n-th of all sources outside, each with its own few destinations at home. */
static struct event of_key(uint32_t n, uint32_t destination) {
    return refusal(UINT32_C(0x20000000) + n * 40503u, UINT32_C(0x0a800000) + (n * 7u + destination) % 65536u);
}

/* Half of the lines begin a session, half end one that began some time ago. */
static struct record of_sessions(struct run *run) {
    if (run->begun_count == run->begun_room ||
        (run->begun_count > 0 && below(2) == 0 && run->begun_count * 2 > run->begun_room)) {
        const uint32_t n = below(run->begun_count);
        const struct record record = {.ev = run->begun[n], .session = run->open[n], .ends = true};
        run->begun_count--;
        run->begun[n] = run->begun[run->begun_count];
        run->open[n] = run->open[run->begun_count];
        return record;
    }
    struct record record = {.ev = ordinary(run)};
    record.ev.v6 = false;
    if (record.ev.what == STRAY || record.ev.what == UNREACHABLE)
        record.ev.what = NOISE;
    if (record.ev.what == PASSED) {
        record.session = ++run->next_session;
        run->begun[run->begun_count] = record.ev;
        run->open[run->begun_count++] = record.session;
    }
    return record;
}

static struct record make(struct run *run) {
    struct record record = {.session = 0};
    switch (run->mix) {
    case PACKETS:
        record.ev = ordinary(run);
        break;
    case SESSIONS:
        record = of_sessions(run);
        break;
    case UNIFORM:
        record.ev = run->made < 2 * (uint64_t)run->keys ? of_key((uint32_t)(run->made / 2), run->made % 2)
                                                        : of_key(below(run->keys), below(DESTINATIONS));
        break;
    case FLOOD:
    case MIXES:
        record.ev = run->made < 2 * (uint64_t)run->keys
                        ? of_key((uint32_t)(run->made / 2), run->made % 2)
                        : of_key(run->keys + (uint32_t)(run->made - 2 * (uint64_t)run->keys), below(DESTINATIONS));
        break;
    }
    record.ev.time_ms = (uint32_t)((double)run->made++ * (double)WINDOW / run->per_window);
    return record;
}

static void make_turn(struct run *run) {
    for (size_t i = 0; i < TURN; i++)
        run->records[i] = make(run);
}

static void set_v4(union fw_addr *addr, uint32_t v4) {
    const uint8_t bytes[16] = {[10] = 255,         255,        (uint8_t)(v4 >> 24), (uint8_t)(v4 >> 16),
                               (uint8_t)(v4 >> 8), (uint8_t)v4};
    memcpy(addr->b, bytes, sizeof bytes);
}

/* As a parser fills it: only what the line says. */
static void fill(struct fw_event *ev, const struct record *record, char id[16]) {
    const struct event *from = &record->ev;
    ev->present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(action) | FW_BIT(sensor);
    ev->time = T0 + from->time_ms;
    ev->kind = from->what != PASSED ? FW_KIND_FLOW_DENY : record->ends ? FW_KIND_FLOW_END : FW_KIND_FLOW_START;
    ev->action = from->what != PASSED ? FW_ACTION_DENY : FW_ACTION_ALLOW;
    set_v4(&ev->src, from->src);
    set_v4(&ev->dst, from->dst);
    ev->proto = from->proto;
    ev->sensor = (struct fw_str){"fw1", 3};
    if (from->proto == 1) {
        ev->present |= FW_BIT(icmp_type);
        ev->icmp_type = from->what == UNREACHABLE ? 3 : 8;
    } else {
        ev->present |= FW_BIT(sport) | FW_BIT(dport);
        ev->sport = from->sport;
        ev->dport = from->dport;
    }
    if (from->proto == 6 && record->session == 0) {
        ev->present |= FW_BIT(tcp_flags);
        ev->tcp_flags = from->what == STRAY ? FW_TCP_ACK : FW_TCP_SYN;
    }
    if (record->session != 0) {
        ev->present |= FW_BIT(session);
        ev->session = (struct fw_str){id, 8};
        for (unsigned i = 0; i < 8; i++)
            id[i] = (char)('0' + (record->session >> 4 * i & 15));
    }
    if (record->ends) {
        ev->present |= FW_BIT(bytes);
        ev->bytes = from->bytes;
    }
}

/* ---- runs ---- */

static void feed_turn(struct run *run) {
    static struct fw_event ev;
    static struct fw_document document;
    char id[16];
    for (size_t i = 0; i < TURN; i++) {
        fill(&ev, &run->records[i], id);
        fw_engine_push(run->engine, &ev);
        while (fw_engine_waiting(run->engine))
            (void)fw_engine_take(run->engine, &document);
    }
}

/* What filling alone costs a turn. */
static double fill_turn(const struct run *run) {
    static struct fw_event ev;
    char id[16];
    const double start = now_ns();
    for (size_t i = 0; i < TURN; i++) {
        fill(&ev, &run->records[i], id);
        __asm__ volatile("" : : "r"(&ev), "r"(id) : "memory");
    }
    return now_ns() - start;
}

static const char *detectors; /* NULL: all */

static bool is_listed(const char *list, const char *name) {
    for (const char *p = list; p != NULL; p = strchr(p, ','), p += p != NULL)
        if (strncmp(p, name, strlen(name)) == 0 && (p[strlen(name)] == '\0' || p[strlen(name)] == ','))
            return true;
    return list == NULL;
}

static void open_run(struct run *run, enum mix mix, uint32_t keys, size_t megabytes) {
    char err[256];
    struct fw_fact home = {.kind = FW_FACT_ROLES, .roles = FW_ROLE_HOME};
    memset(run, 0, sizeof *run);
    run->mix = mix;
    run->keys = keys;
    /* How many clients make so many keys was tried out; what is held is printed. */
    run->clients = mix == SESSIONS ? keys : keys / 2;
    run->per_window = mix == FLOOD || mix == UNIFORM ? 1e9 : (double)run->clients * EVENTS_PER_CLIENT;
    run->records = must(calloc(TURN, sizeof *run->records));
    run->begun_room = run->clients / 2 + 16;
    run->open = must(calloc(run->begun_room, sizeof *run->open));
    run->begun = must(calloc(run->begun_room, sizeof *run->begun));
    if (fw_net_parse(&home.net, "10.0.0.0/8", 10, err, sizeof err) != 0 || fw_site_build(&run->site, &home, 1) != 0)
        exit(1);
    for (size_t i = 0; fw_detectors[i] != NULL; i++) {
        run->detectors[i].enabled = is_listed(detectors, fw_detectors[i]->name);
        for (size_t p = 0; fw_detectors[i]->params[p].name != NULL; p++)
            run->detectors[i].values[p] = fw_detectors[i]->params[p].value;
    }
    const struct fw_settings settings = {
        .site = &run->site, .detectors = run->detectors, .max_memory = megabytes << 20};
    const struct fw_engine_config config = {.settings = &settings, .seed = {{1, 2}}, .mem = &fw_mem_pages};
    if (fw_engine_open(&run->engine, &config, err, sizeof err) != 0) {
        fprintf(stderr, "detect: %s\n", err);
        exit(1);
    }
}

static void close_run(struct run *run) {
    fw_engine_close(&run->engine);
    fw_site_free(&run->site);
    free(run->records);
    free(run->open);
    free(run->begun);
}

/* Fills the tables: a window of traffic. */
static void warm(struct run *run) {
    const double events = run->mix == FLOOD || run->mix == UNIFORM ? 2.0 * run->keys : 1.2 * run->per_window;
    while ((double)run->made < events) {
        make_turn(run);
        feed_turn(run);
    }
}

static void print_held(const struct run *run) {
    const struct fw_detector *d;
    struct fw_counters counters;
    uint64_t keys = 0, evicted = 0, forgotten = 0;
    for (size_t i = 0; (d = fw_engine_detector(run->engine, i)) != NULL; i++) {
        struct fw_detector_stats stats;
        if (!d->enabled)
            continue;
        d->ops->get_stats(d->det, &stats);
        keys += stats.table.held;
        evicted += stats.table.evicted;
        forgotten += stats.forgotten;
    }
    fw_engine_get_counters(run->engine, &counters);
    printf(" %llu | %llu |", (unsigned long long)keys, (unsigned long long)counters.sessions_held);
    if (evicted + forgotten > 0)
        fprintf(stderr, "detect: %s: %llu keys evicted, %llu elements forgotten\n", mixes[run->mix],
                (unsigned long long)evicted, (unsigned long long)forgotten);
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, by_size);
    return n % 2 != 0 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

struct goal {
    double ns, ratio;
};

static int measure(enum mix mix, const uint32_t keys[2], unsigned turns, const struct goal *goal) {
    static struct run runs[2];
    static double ratios[64];
    for (int i = 0; i < 2; i++) {
        open_run(&runs[i], mix, keys[i], keys[i] > 100000 ? 4096 : 256);
        random_state = 1;
        warm(&runs[i]);
    }
    for (unsigned turn = 0; turn < turns; turn++) {
        for (int i = 0; i < 2; i++) {
            make_turn(&runs[i]);
            const double filling = fill_turn(&runs[i]);
            const double start = now_ns();
            feed_turn(&runs[i]);
            runs[i].ns[turn] = (now_ns() - start - filling) / TURN;
        }
        ratios[turn] = runs[1].ns[turn] / runs[0].ns[turn];
    }
    const double ns = median(runs[1].ns, turns), ratio = median(ratios, turns);
    for (int i = 0; i < 2; i++) {
        printf("| %s |", mixes[mix]);
        print_held(&runs[i]);
        printf(" %.0f |", i == 0 ? median(runs[0].ns, turns) : ns);
        printf(i == 0 ? " |\n" : " %.2f |\n", ratio);
        close_run(&runs[i]);
    }
    fflush(stdout);
    return goal != NULL && (ns > goal->ns || ratio > goal->ratio);
}

static void usage(void) {
    fprintf(stderr,
            "usage: detect [-m packets|sessions|uniform|flood] [-k few,many] [-t turns] [-d detector,...] [-c]\n");
    exit(2);
}

int main(int argc, char **argv) {
    const struct goal goal = {1000, 1.5};
    uint32_t keys[2] = {10000, 1000000};
    unsigned turns = 15, only = MIXES;
    bool check = false;
    int option, missed = 0;
    while ((option = getopt(argc, argv, "m:k:t:d:c")) != -1) {
        switch (option) {
        case 'm':
            for (only = 0; only < MIXES && strcmp(optarg, mixes[only]) != 0; only++) {
            }
            if (only == MIXES)
                usage();
            break;
        case 'k':
            if (sscanf(optarg, "%u,%u", &keys[0], &keys[1]) != 2 || keys[0] < 100 || keys[1] < 100)
                usage();
            break;
        case 't':
            turns = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'd':
            detectors = optarg;
            break;
        case 'c':
            check = true;
            break;
        default:
            usage();
        }
    }
    if (turns < 1 || turns > 64)
        usage();
    printf("| mix | keys held | sessions held | ns an event | many / few |\n|---|---|---|---|---|\n");
    for (unsigned mix = 0; mix < MIXES; mix++)
        if (only == MIXES || only == mix)
            missed |= measure((enum mix)mix, keys, turns, check && mix <= SESSIONS ? &goal : NULL);
    return missed;
}
