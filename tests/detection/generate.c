/* generate.c: an office of some hundred hosts over some weeks: its firewall log, its policy, and the truth about it.
 *
 *   office --out DIR [--stdout|--policy] [--hosts N] [--days N] [--seed N] [--infected N] [--intensity X]
 *          [--format netscreen|asa|netfilter] [--start YYYY-MM-DD] [--squid] [--outage DAY]
 *
 * Writes DIR/truth.tsv, DIR/policy.yaml, and the log to DIR/fw.log or, with
 * --stdout, there. The office is people who browse, mail, call and print, servers,
 * printers, cameras, monitoring and the noise of the Internet; --infected machines
 * of it do what plantings.c says. With --squid every third goes through a
 * proxy, and there is DIR/access.log. On the DAY of an
 * --outage, from 1, nobody outside answers for eight minutes. With --policy there is only the policy, for
 * whoever reads the log from a pipe. The same options give the same bytes.
 *
 * One day after the other is made, sorted and written:
 *   1. parts add the day's events, and now and then later ones;
 *   2. events of the day are sorted by their start and numbered, and get source
 *      ports one after the other, as an operating system gives them;
 *   3. their lines, and those of sessions that are still open, are sorted and written;
 *   4. sessions that end after the day stay open.
 */
#define _GNU_SOURCE /* timegm, getopt_long */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "office.h"
#include "report.h"
#include "squid.h"

#define HOSTS_MIN 40 /* the servers and printers alone are 25 */
#define HOSTS_MAX 2000
#define DAYS_MAX  45 /* milliseconds have 32 bits */

/* An event that has its number, and a line of it. */
struct record {
    struct event ev;
    uint32_t number;
};

struct moment {
    uint32_t time_ms;
    uint32_t record : 31;
    uint32_t end : 1;
};

struct records {
    struct record *list;
    size_t count;
    size_t room;
};

struct moments {
    struct moment *list;
    struct moment *spare; /* to sort */
    size_t count;
    size_t room;
};

struct book {
    struct records today;
    struct records open;
    struct moments moments;
    uint32_t numbers;
    uint16_t ports[65536]; /* of each host inside: how many it has used */
    size_t lines;
    struct text text;
    struct text requests;
};

void *must(void *memory) {
    if (!memory) {
        perror("office");
        exit(1);
    }
    return memory;
}

static bool inside(uint32_t addr) {
    return addr >> 16 == IP(10, 1, 0, 0) >> 16;
}

/* In the afternoon of that day the provider is gone for some minutes: nobody outside answers. Most of what would have
 * begun does not, as its name is not known. */
static bool suffers_outage(const struct office *office, struct event *ev) {
    uint32_t from = (office->outage - 1) * DAY + 14 * HOUR + 20 * MINUTE;
    if (office->outage == 0 || ev->what != PASSED || ev->time_ms < from || ev->time_ms >= from + 8 * MINUTE ||
        !inside(ev->src) || ev->dst >> 17 != IP(198, 18, 0, 0) >> 17) {
        return false;
    }
    ev->duration_s = 20;
    ev->sent = ev->proto == 6 ? 180 : 78;
    ev->bytes = ev->sent;
    return event_number(ev->time_ms ^ ev->dst, 12) % 10 < 6;
}

void office_add(struct office *office, struct event ev) {
    if (ev.time_ms >= office->span_ms || suffers_outage(office, &ev)) {
        return;
    }
    ev.device = (uint8_t)office->options.device;
    ev.local = inside(ev.src) && inside(ev.dst);
    if (office->deed) {
        struct deed *deed = office->deed;
        deed->first = deed->sessions == 0 || ev.time_ms < deed->first ? ev.time_ms : deed->first;
        deed->last = ev.time_ms > deed->last ? ev.time_ms : deed->last;
        deed->sessions++;
    }
    if (ev.device == NETFILTER && ev.what == ALARM) {
        return;
    }
    if (office->event_count == office->event_room) {
        office->event_room = office->event_room ? office->event_room * 2 : 1 << 16;
        office->events = must(realloc(office->events, office->event_room * sizeof(*office->events)));
    }
    office->events[office->event_count++] = ev;
}

void office_deed(struct office *office, uint32_t addr, const char *role, const char *kinds, const char *detectors,
                 unsigned matter) {
    if (office->deed_count == office->deed_room) {
        office->deed_room = office->deed_room ? office->deed_room * 2 : 256;
        office->deeds = must(realloc(office->deeds, office->deed_room * sizeof(*office->deeds)));
    }
    office->deed = &office->deeds[office->deed_count++];
    *office->deed = (struct deed){.addr = addr,
                                  .role = role,
                                  .kinds = kinds,
                                  .detectors = detectors,
                                  .matter = matter ? matter : ++office->matters};
}

void office_deed_end(struct office *office) {
    office->deed = NULL;
}

/* --- a day's lines ------------------------------------------------------------ */

/* By time, and what is equal stays in its order: a radix sort, least digit first. */
static void sort(struct moments *moments) {
    enum { BITS = 11, BUCKETS = 1 << BITS };
    for (unsigned shift = 0; shift < 32; shift += BITS) {
        size_t starts[BUCKETS + 1] = {0};
        for (size_t n = 0; n < moments->count; n++) {
            starts[(moments->list[n].time_ms >> shift & (BUCKETS - 1)) + 1]++;
        }
        for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
            starts[bucket + 1] += starts[bucket];
        }
        for (size_t n = 0; n < moments->count; n++) {
            moments->spare[starts[moments->list[n].time_ms >> shift & (BUCKETS - 1)]++] = moments->list[n];
        }
        struct moment *list = moments->list;
        moments->list = moments->spare;
        moments->spare = list;
    }
}

static void push_moment(struct moments *moments, uint32_t time_ms, size_t record, bool end) {
    if (moments->count == moments->room) {
        moments->room = moments->room ? moments->room * 2 : 1 << 16;
        moments->list = must(realloc(moments->list, moments->room * sizeof(*moments->list)));
        moments->spare = must(realloc(moments->spare, moments->room * sizeof(*moments->spare)));
    }
    moments->list[moments->count++] =
        (struct moment){.time_ms = time_ms, .record = record & 0x7fffffff, .end = end & 1};
}

static void push_record(struct records *records, struct record record) {
    if (records->count == records->room) {
        records->room = records->room ? records->room * 2 : 1 << 14;
        records->list = must(realloc(records->list, records->room * sizeof(*records->list)));
    }
    records->list[records->count++] = record;
}

/* Windows has these 16384 ports; two that begin at once take one after the other. */
static uint16_t next_port(struct book *book, uint32_t src) {
    if (inside(src)) {
        return (uint16_t)(49152 + book->ports[src & 65535]++ % 16384);
    }
    return (uint16_t)(1024 + event_number(book->numbers, 7) % 64000);
}

/* Step 2. What begins later stays in the office's list. */
static void number_events(struct office *office, struct book *book, uint32_t until_ms) {
    size_t kept = 0;
    book->moments.count = 0;
    struct event *events = office->events;
    for (size_t n = 0; n < office->event_count; n++) {
        if (events[n].time_ms < until_ms) {
            push_moment(&book->moments, events[n].time_ms, n, false);
        }
    }
    sort(&book->moments);
    for (size_t n = 0; n < book->moments.count; n++) {
        struct record record = {.ev = events[book->moments.list[n].record], .number = book->numbers};
        if (record.ev.sport == 0 && record.ev.proto != 1) {
            record.ev.sport = next_port(book, record.ev.src);
        }
        book->numbers = (book->numbers + 1) & 0x7fffffff;
        push_record(&book->today, record);
    }
    for (size_t n = 0; n < office->event_count; n++) {
        if (events[n].time_ms >= until_ms) {
            events[kept++] = events[n];
        }
    }
    office->event_count = kept;
}

static unsigned line_times(const struct office *office, const struct record *record, struct line lines[2]) {
    if (record->ev.what != REQUEST) {
        return device_times(&record->ev, office->span_ms, lines);
    }
    lines[0] = (struct line){.time_ms = squid_time(&record->ev, record->number), .end = 1};
    return lines[0].time_ms < office->span_ms;
}

static void write_line(struct office *office, struct book *book, struct moment moment) {
    const struct record *record = &book->today.list[moment.record];
    if (record->ev.what == REQUEST) {
        squid_line(&book->requests, office, &record->ev, record->number);
        return;
    }
    struct line line = {.time_ms = moment.time_ms, .event = record->number & 0x7fffffff, .end = moment.end};
    device_line(&book->text, &office->options, &record->ev, &line);
}

/* Steps 3 and 4. */
static void write_lines(struct office *office, struct book *book, size_t carried, uint32_t until_ms) {
    book->moments.count = 0;
    book->open.count = 0;
    for (size_t n = 0; n < book->today.count; n++) {
        struct line lines[2];
        unsigned count = line_times(office, &book->today.list[n], lines);
        for (unsigned i = 0; i < count; i++) {
            if (lines[i].end && lines[i].time_ms >= until_ms) {
                push_record(&book->open, book->today.list[n]);
            } else if (lines[i].end || n >= carried) {
                push_moment(&book->moments, lines[i].time_ms, n, lines[i].end);
            }
        }
    }
    sort(&book->moments);
    for (size_t n = 0; n < book->moments.count; n++) {
        write_line(office, book, book->moments.list[n]);
    }
    book->lines += book->moments.count;
}

static void write_day(struct office *office, struct book *book, unsigned day) {
    uint32_t until_ms = (day + 1) * DAY;
    book->today.count = 0;
    for (size_t n = 0; n < book->open.count; n++) {
        push_record(&book->today, book->open.list[n]);
    }
    size_t carried = book->today.count;
    number_events(office, book, until_ms);
    write_lines(office, book, carried, until_ms);
}

static void live(struct office *office, struct book *book) {
    plantings_plant(office);
    for (unsigned day = 0; day < office->days; day++) {
        for (unsigned person = 0; person < office->people_count; person++) {
            people_live(office, person, day);
        }
        servers_work(office, day);
        outside_world(office, day);
        write_day(office, book, day);
    }
}

/* --- options ------------------------------------------------------------------ */

static void usage(void) {
    fprintf(stderr,
            "usage: office --out DIR [--stdout] [--hosts N] [--days N] [--seed N] [--infected N] [--intensity X]\n"
            "              [--format netscreen|asa|netfilter] [--start YYYY-MM-DD] [--squid] [--outage DAY]\n");
    exit(2);
}

static time_t parse_date(const char *text) {
    struct tm tm = {0};
    if (sscanf(text, "%d-%d-%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3) {
        usage();
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return timegm(&tm);
}

static enum device parse_format(const char *name) {
    static const char *const names[] = {[NETFILTER] = "netfilter", [ASA] = "asa", [NETSCREEN] = "netscreen"};
    for (unsigned n = 0; n < 3; n++) {
        if (!strcmp(name, names[n])) {
            return (enum device)n;
        }
    }
    usage();
    return NETSCREEN;
}

static const char *parse_options(struct office *office, bool *to_stdout, bool *only_policy, int argc, char **argv) {
    static const struct option options[] = {
        {"out", 1, NULL, 'o'},      {"hosts", 1, NULL, 'h'},  {"days", 1, NULL, 'd'},  {"seed", 1, NULL, 's'},
        {"infected", 1, NULL, 'i'}, {"format", 1, NULL, 'f'}, {"start", 1, NULL, 'b'}, {"intensity", 1, NULL, 'x'},
        {"stdout", 0, NULL, 'l'},   {"policy", 0, NULL, 'p'}, {"squid", 0, NULL, 'q'}, {"outage", 1, NULL, 'u'},
        {NULL, 0, NULL, 0},
    };
    const char *out = NULL;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'o':
            out = optarg;
            break;
        case 'h':
            office->hosts = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'd':
            office->days = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 's':
            office->seed = strtoull(optarg, NULL, 10);
            break;
        case 'i':
            office->infected = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'f':
            office->options.device = parse_format(optarg);
            break;
        case 'b':
            office->options.start = parse_date(optarg);
            break;
        case 'l':
            *to_stdout = true;
            break;
        case 'p':
            *only_policy = true;
            break;
        case 'u':
            office->outage = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'q':
            office->squid = true;
            break;
        case 'x':
            office->intensity = strtod(optarg, NULL);
            break;
        default:
            usage();
        }
    }
    if (!out || optind != argc || office->hosts < HOSTS_MIN || office->hosts > HOSTS_MAX || office->days < 1 ||
        office->days > DAYS_MAX || !(office->intensity > 0 && office->intensity <= 10)) {
        usage();
    }
    return out;
}

int main(int argc, char **argv) {
    static struct office office = {
        .hosts = 500,
        .days = 14,
        .seed = 1,
        .intensity = 1,
        .options = {.device = NETSCREEN, .start = 20738 * (time_t)86400}}; /* Mon 2026-10-12 */
    static struct book book;
    bool to_stdout = false, only_policy = false;
    const char *dir = parse_options(&office, &to_stdout, &only_policy, argc, argv);
    office.span_ms = office.days * DAY;
    people_hire(&office);
    if (!to_stdout) /* who reads the log at once reads the policy at the same time: --policy writes it before */
        report_policy(&office, dir);
    if (only_policy) {
        return 0;
    }
    book.text.out = to_stdout ? stdout : report_open(dir, "fw.log");
    book.requests.out = office.squid ? report_open(dir, "access.log") : NULL;
    live(&office, &book);
    if (!text_flush(&book.text) || (office.squid && !text_flush(&book.requests))) {
        perror("office");
        return 1;
    }
    report_close(book.text.out, "fw.log");
    if (office.squid) {
        report_close(book.requests.out, "access.log");
    }
    report_truth(&office, dir);
    fprintf(stderr, "%zu lines, %u hosts, %u days\n", book.lines, office.hosts, office.days);
    return 0;
}
