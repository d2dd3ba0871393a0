/* traffic.h: an office's traffic made up from a seed, and how three firewalls log it.
 *
 * The office is 10.1.0.0/16: servers in 10.1.0.0/24 (a monitoring host, a mail
 * server, a resolver, a web server), clients from 10.1.2.100 on. Its public
 * addresses are 192.0.2.0/24, the rest of the world is 198.18.0.0/15, the worm
 * tries 203.0.113.0/24, and IPv6 is 2001:db8::/32: nobody's real addresses.
 * The same options and seed give the same bytes.
 */
#ifndef FW_BENCH_TRAFFIC_H
#define FW_BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "text.h"

enum device { NETFILTER, ASA, NETSCREEN };

enum what {
    PASSED,
    DENIED,
    NOISE,       /* from outside, dropped */
    STRAY,       /* a packet of no connection the firewall knows */
    UNREACHABLE, /* ICMP error that quotes the packet it is about */
    REQUEST,     /* somebody asked a proxy for it; no firewall writes it */
    ALARM        /* the firewall itself says that this is an attack; netfilter never does */
};

struct event {
    uint32_t time_ms; /* since the start */
    uint32_t src;     /* IPv4; with v6 the low 32 bits */
    uint32_t dst;
    uint32_t duration_s;
    uint32_t bytes; /* both ways */
    uint32_t sent;  /* of these, by the source; all of them: nobody answered */
    uint16_t sport;
    uint16_t dport;
    uint8_t proto; /* 1, 6, 17 */
    uint8_t what;
    uint8_t device;
    bool v6;
    bool local; /* both ends are inside */
};

/* One line to write: the opening (or only) line of an event, or its end. */
struct line {
    uint32_t time_ms;
    uint32_t event : 31;
    uint32_t end : 1;
};

struct options {
    size_t lines;
    uint64_t seed;
    double hours;
    time_t start;     /* of the log; stamps are written as if local time were UTC */
    unsigned clients; /* at most 1000 */
    bool office;      /* one day of one office behind all three firewalls, with its working hours */
    enum device device;
};

struct traffic {
    struct event *events;
    struct line *lines; /* by time */
    size_t event_count;
    size_t line_count;
};

/* Writes the truth: "addr_scan", "mass_mail" or "quiet", the address, what it did or is; tabs between. */
void traffic_plan(struct traffic *traffic, const struct options *options, FILE *truth);

/* One event each, without a time, for logs of another plan. A client and a server somewhere, mostly the web; now and then
 * something the rules refuse. */
struct event traffic_of_client(uint32_t src);
/* What the servers of the office do, and what is asked of them. */
struct event traffic_of_servers(void);
/* What arrives at every public address: many sources, a packet or two each. */
struct event traffic_noise(void);

/* When an event's lines are written; how many. A netfilter LOG rule writes once, an ASA twice, a NetScreen when the
 * session is over; an end after the log's end is not written. */
unsigned device_times(const struct event *ev, uint32_t span_ms, struct line lines[2]);
/* `line->event` is the event's number: ids are made of it. */
void device_line(struct text *out, const struct options *options, const struct event *ev, const struct line *line);

/* A number for this event that is always the same: ids, ports after translation, MAC addresses. */
uint32_t event_number(uint32_t event, uint32_t salt);

#endif
