/* own_rules.c: what rules of one's own cost a line.
 *
 *   own_rules [-n RULES] [-t TURNS] [-c]
 *
 * An engine with so many rules (200) and one without any, both with all detectors
 * off, get the same events of an office (traffic.h) in turns; printed is the
 * median of the differences. The rules are of the kinds that people write: refusals at a
 * port, many hosts or ports, by network, log-ins, web requests, pairs in order,
 * and texts, an eighth of them regular expressions.
 * A third engine has as many rules that are all about web requests: none of
 * them may be asked for a packet.
 * Exit status with -c: 1 above 3000 ns, or when such a rule was asked.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/pages.h"
#include "policy/policy.h"
#include "random.h"
#include "traffic.h"

#define T0      ((fw_time)1791792000000)
#define EVENTS  (1U << 16) /* of a turn */
#define GOAL_NS 3000
#define CLIENTS 300

enum set { NONE, MIXED, WEB, SETS };

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ---- rules ---- */

static void write_mixed(FILE *out, unsigned i) {
    const unsigned port = 20 + i * 37 % 9000;

    switch (i % 8) {
    case 0:
        (void)fprintf(out, "match: {kind: flow_deny, dport: %u}, by: [src], count: 20, window: 1m", port);
        break;
    case 1:
        (void)fprintf(out,
                      "match: {kind: flow_deny, direction: inbound, dport: [%u, %u-%u]}, by: [src, dport], "
                      "distinct: dst, threshold: 15, window: 3m",
                      port, port + 10, port + 20);
        break;
    case 2:
        (void)fprintf(out,
                      "match: {kind: [flow_start, flow_deny], src: 10.1.%u.0/24, dst: [192.0.2.0/24, "
                      "198.18.%u.0/24], not: {dport: [53, 80, 443]}}, by: [src, dst], distinct: dport, "
                      "threshold: 10, window: 10m",
                      i % 250, i % 250);
        break;
    case 3:
        (void)fprintf(out,
                      "match: {kind: auth, outcome: failure, user: [root, admin%u]}, by: [src], count: 5, "
                      "window: 2m",
                      i);
        break;
    case 4:
        (void)fprintf(out, "match: {kind: http, url|contains: [evil%u, \".exe\"]}, by: [src], count: 1", i);
        break;
    case 5:
        (void)fprintf(out,
                      "by: [src, dst], window: 10m, sequence: [{match: {kind: flow_deny, dport: %u}, times: 3}, "
                      "{match: {kind: flow_start, dport: %u}}]",
                      port, port);
        break;
    case 6:
        (void)fprintf(out,
                      "match: {kind: flow_start, src: [10.1.%u.0/25], dport|gt: %u, proto: tcp}, by: [src], "
                      "sum: bytes, threshold: 1GiB, window: 1h",
                      i % 250, 1000 + i);
        break;
    default:
        (void)fprintf(out,
                      "match: {message|re: 'service%u\\[\\d+\\]: (failed|refused) for \\S+'}, count: 3, "
                      "window: 1m",
                      i);
        break;
    }
}

static struct fw_policy *open_policy(enum set set, unsigned rules) {
    char path[] = "/tmp/own_rules_XXXXXX";
    struct fw_problems problems = {.report = NULL};
    struct fw_policy *policy = NULL;
    const int fd = mkstemp(path);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (out == NULL)
        exit(1);
    (void)fputs("detectors:\n", out);
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        (void)fprintf(out, "  %s: {enabled: no}\n", fw_detectors[i]->name);
    (void)fputs(set != NONE ? "rules:\n" : "", out);
    for (unsigned i = 0; set != NONE && i < rules; i++) {
        (void)fprintf(out, "  - {id: rule_%u, ", i);
        if (set == WEB)
            (void)fprintf(out, "match: {kind: http, host: \"*.evil%u.example\"}, by: [src], count: 2, window: 1m", i);
        else
            write_mixed(out, i);
        (void)fputs("}\n", out);
    }
    if (fclose(out) != 0 || fw_policy_open(&policy, path, &problems) != 0) {
        (void)fprintf(stderr, "own_rules: %s is refused: firewatch check -p %s\n", path, path);
        exit(1);
    }
    (void)unlink(path);
    return policy;
}

/* ---- events ---- */

static char line[] = "Oct 12 08:00:00 gw kernel: [1000.000001] FORWARD-DROP: IN=eth0 OUT=eth1 SRC=10.1.3.7 "
                     "DST=203.0.113.10 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=100 DF PROTO=TCP SPT=40000 DPT=25 "
                     "WINDOW=64240 RES=0x00 SYN URGP=0";

static void put_v4(union fw_addr *addr, uint32_t v4) {
    *addr = (union fw_addr){.b = {[10] = 0xff,
                                  [11] = 0xff,
                                  [12] = (uint8_t)(v4 >> 24),
                                  [13] = (uint8_t)(v4 >> 16),
                                  [14] = (uint8_t)(v4 >> 8),
                                  [15] = (uint8_t)v4}};
}

static void make(struct fw_event *ev, fw_time time) {
    const uint32_t pick = below(100);
    const struct event one = pick < 79   ? traffic_of_client(UINT32_C(0x0a010264) + zipf(CLIENTS))
                             : pick < 95 ? traffic_of_servers()
                                         : traffic_noise();
    const bool denied = one.what != PASSED || below(25) == 0;

    memset(ev, 0, sizeof *ev);
    ev->time = time;
    ev->kind = denied ? FW_KIND_FLOW_DENY : FW_KIND_FLOW_START;
    ev->action = denied ? FW_ACTION_DENY : FW_ACTION_ALLOW;
    put_v4(&ev->src, one.src);
    put_v4(&ev->dst, one.dst);
    ev->sport = one.sport;
    ev->dport = one.dport;
    ev->proto = one.proto;
    ev->bytes = one.bytes;
    ev->sensor = (struct fw_str){"gw", 2};
    ev->message = (struct fw_str){line, sizeof line - 1};
    ev->program = (struct fw_str){"kernel", 6};
    ev->present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(sport) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(action) |
                  FW_BIT(sensor) | FW_BIT(bytes);
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    static struct fw_event events[EVENTS];
    static struct fw_document document;
    struct fw_policy *policies[SETS];
    struct fw_engine *engines[SETS];
    struct fw_counters counters[SETS];
    double ns[64] = {0}, plain[64] = {0};
    unsigned rules = 200, turns = 9;
    bool check = false;
    char err[256];
    int c;

    while ((c = getopt(argc, argv, "n:t:c")) != -1) {
        if (c == 'n')
            rules = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 't')
            turns = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'c')
            check = true;
        else
            return 2;
    }
    turns = turns > 64 ? 64 : turns < 1 ? 1 : turns;
    random_state = 1;
    for (enum set set = 0; set < SETS; set++) {
        policies[set] = open_policy(set, rules);
        const struct fw_engine_config config = {
            .settings = fw_policy_settings(policies[set]), .seed = {{1, 2}}, .mem = &fw_mem_pages};
        if (fw_engine_open(&engines[set], &config, err, sizeof err) != 0) {
            (void)fprintf(stderr, "own_rules: %s\n", err);
            return 1;
        }
    }
    for (unsigned turn = 0; turn < turns; turn++) {
        double took[SETS];
        for (unsigned i = 0; i < EVENTS; i++)
            make(&events[i], T0 + (fw_time)(turn * EVENTS + i) * 5);
        for (enum set set = 0; set < SETS; set++) {
            const double start = now_ns();
            for (unsigned i = 0; i < EVENTS; i++) {
                fw_engine_push(engines[set], &events[i]);
                while (fw_engine_waiting(engines[set]))
                    (void)fw_engine_take(engines[set], &document);
            }
            took[set] = (now_ns() - start) / EVENTS;
        }
        plain[turn] = took[NONE];
        ns[turn] = took[MIXED] - took[NONE];
    }
    for (enum set set = 0; set < SETS; set++)
        fw_engine_get_counters(engines[set], &counters[set]);
    qsort(ns, turns, sizeof *ns, by_size);
    qsort(plain, turns, sizeof *plain, by_size);
    const double median = ns[turns / 2];
    (void)printf("%u rules: %.0f ns a line (an engine without: %.0f), %.1f conditions asked, %llu findings\n", rules,
                 median, plain[turns / 2], (double)counters[MIXED].rules_asked / (turns * EVENTS),
                 (unsigned long long)counters[MIXED].findings_opened);
    (void)printf("%u rules about something else: %llu conditions asked\n", rules,
                 (unsigned long long)counters[WEB].rules_asked);
    for (enum set set = 0; set < SETS; set++) {
        fw_engine_close(&engines[set]);
        fw_policy_close(&policies[set]);
    }
    return check && (median > GOAL_NS || counters[WEB].rules_asked > 0) ? 1 : 0;
}
