/* flood.c: writes a log of made-up sources with slow scanners among them, and the truth about it.
 *
 *   flood [-r RATE] [-d SECONDS] [-c SCANNERS] [-k CONTACTS] [-s SEED] [-t TRUTH] >LOG
 *
 * RATE new sources a second of event time, for SECONDS; each is refused once, or
 * CONTACTS times at as many destinations one right after the other, as somebody
 * does who knows of the gate. Each of the slow scanners tries 25 to 30
 * destinations in just under 15 minutes. The lines are netfilter's.
 */
#define _DEFAULT_SOURCE /* timegm */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random.h"
#include "traffic.h"

#define SCAN_MS      880000 /* of the 900000 of addr_scan's window */
#define SCAN_LEAST   25
#define SCAN_MOST    30
#define SCANNERS_MAX 1000
#define NUMBERS      4096 /* events numbered apart */

static const struct event refused = {.proto = 6, .dport = 445, .what = NOISE, .device = NETFILTER};
static struct text out;

static void *must(void *memory) {
    if (!memory) {
        perror("flood");
        exit(1);
    }
    return memory;
}

static int by_time(const void *left, const void *right) {
    const struct event *a = left, *b = right;
    return a->time_ms != b->time_ms ? (a->time_ms < b->time_ms ? -1 : 1) : (a->src > b->src) - (a->src < b->src);
}

/* 198.18.x.y, each from its own port on; its contacts are spread evenly, each somewhere in its part. */
static size_t plan_scanners(struct event *scans, unsigned scanners, uint32_t span_ms, FILE *truth) {
    size_t count = 0;
    for (unsigned n = 0; n < scanners; n++) {
        const uint32_t contacts = SCAN_LEAST + below(SCAN_MOST - SCAN_LEAST + 1), part = SCAN_MS / contacts;
        const uint32_t start = span_ms > SCAN_MS ? below(span_ms - SCAN_MS) : 0, src = UINT32_C(0xc6120001) + n * 7;
        for (uint32_t i = 0; i < contacts; i++) {
            struct event ev = refused;
            ev.time_ms = start + i * part + below(part);
            ev.src = src;
            ev.dst = UINT32_C(0xc0000201) + i;
            ev.sport = (uint16_t)(40000 + i);
            scans[count++] = ev;
        }
        if (truth)
            fprintf(truth, "addr_scan\t%u.%u.%u.%u\ttcp/445\n", src >> 24, src >> 16 & 255, src >> 8 & 255, src & 255);
    }
    qsort(scans, count, sizeof(*scans), by_time);
    return count;
}

static void write_event(const struct options *options, const struct event *ev) {
    static uint32_t next;
    const struct line line = {.time_ms = ev->time_ms, .event = next};
    device_line(&out, options, ev, &line);
    next = (next + 1) % NUMBERS;
}

/* The n-th of 2^30 sources from 16.0.0.0 on; an odd factor scatters them. */
static uint32_t source(uint64_t n) {
    return UINT32_C(0x10000000) + ((uint32_t)n * 2654435761u & 0x3fffffffu);
}

static void usage(void) {
    fprintf(stderr, "usage: flood [-r rate] [-d seconds] [-c scanners] [-k contacts] [-s seed] [-t truth] >log\n");
    exit(2);
}

int main(int argc, char **argv) {
    static struct event scans[SCANNERS_MAX * SCAN_MOST];
    struct options options = {.seed = 1};
    struct tm start = {.tm_year = 126, .tm_mon = 9, .tm_mday = 12, .tm_hour = 8};
    unsigned rate = 10000, seconds = 1000, scanners = 200, contacts = 1;
    FILE *truth = NULL;
    int option = 0;
    while ((option = getopt(argc, argv, "r:d:c:k:s:t:")) != -1) {
        switch (option) {
        case 'r':
            rate = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'd':
            seconds = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            scanners = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'k':
            contacts = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 's':
            options.seed = strtoull(optarg, NULL, 10);
            break;
        case 't':
            truth = must(fopen(optarg, "w"));
            break;
        default:
            usage();
        }
    }
    if (optind != argc || scanners > SCANNERS_MAX || seconds > 86400 || seconds == 0 || contacts == 0 || rate > 1000000)
        usage();
    out.out = stdout;
    options.start = timegm(&start);
    random_state = options.seed;
    const size_t count = plan_scanners(scans, scanners, seconds * 1000, truth);
    const uint64_t sources = (uint64_t)rate * seconds;
    size_t next = 0;
    for (uint64_t n = 0; n < sources; n++) {
        struct event ev = refused;
        ev.time_ms = (uint32_t)(n * 1000 / rate);
        for (; next < count && scans[next].time_ms <= ev.time_ms; next++)
            write_event(&options, &scans[next]);
        ev.src = source(n);
        ev.sport = (uint16_t)(1024 + below(60000));
        ev.dst = UINT32_C(0xc0000201) + below(200);
        for (unsigned i = 0; i < contacts; i++, ev.dst++)
            write_event(&options, &ev);
    }
    for (; next < count; next++)
        write_event(&options, &scans[next]);
    if (!text_flush(&out) || (truth && fclose(truth))) {
        perror("flood");
        return 1;
    }
    return 0;
}
