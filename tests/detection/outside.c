/* outside.c: what arrives at the office's public addresses, asked for or not.
 *
 * Moore, Shannon and others watched what comes to addresses nobody uses (Network
 * Telescopes, 2004): single probes of very many sources, sweeps over all
 * addresses, and answers to somebody else's made-up packets (backscatter).
 */
#include "office.h"

#define ADDRESSES     256 /* of the office outside */
#define SWEEPS_DAILY  4
#define PROBES_HOURLY 150

static void denied_outside(struct office *office, struct event ev, double time_ms, enum what what) {
    ev.time_ms = (uint32_t)time_ms;
    ev.what = (uint8_t)(office->options.device == NETFILTER || what == NOISE ? what : NOISE);
    office_add(office, ev);
}

/* A source or two a minute, a packet or two each. */
static void probe(struct office *office, double midnight) {
    static const uint16_t ports[] = {23, 22, 445, 3389, 80, 8080, 5060, 6379, 1433, 5555, 2323, 81, 8443};
    for (double t = midnight; t < midnight + DAY; t += exponential(HOUR / (double)PROBES_HOURLY)) {
        struct event ev = tcp(outside(RANK_STRANGERS + below(STRANGERS)), PUBLIC + below(ADDRESSES),
                              ports[zipf(sizeof(ports) / sizeof(*ports))]);
        ev.proto = chance(.15) ? 17 : 6;
        for (unsigned n = 1 + below(2); n > 0; n--, t += 900) {
            denied_outside(office, ev, t, NOISE);
        }
    }
}

/* Somebody elsewhere is flooded with packets of made-up sources; some of these are ours, and we get the answers. */
static void backscatter(struct office *office, double midnight) {
    uint32_t victim = RANK_SITES + below(SITES);
    double from = midnight + fraction() * DAY, to = from + pareto(300, .9, 20000) * SECOND;
    for (double t = from; t < to; t += exponential(9 * SECOND)) {
        struct event ev = tcp(outside(victim), PUBLIC + below(ADDRESSES), (uint16_t)(1024 + below(60000)));
        ev.sport = 80;
        denied_outside(office, ev, t, STRAY);
    }
}

/* The tail of connections the firewall has forgotten: from the servers people use. */
static void stray(struct office *office, unsigned day, double midnight) {
    unsigned count = weekday(office, day) >= 5 ? office->hosts : 4 * office->hosts;
    for (unsigned n = 0; n < count; n++) {
        uint32_t from = chance(.5) ? RANK_CDN + zipf(CDNS) : RANK_SITES + zipf(SITES);
        struct event ev = tcp(outside(from), PUBLIC + 1 + below(7), (uint16_t)(1024 + below(60000)));
        ev.sport = 443;
        denied_outside(office, ev, midnight + (8 + 10 * fraction()) * HOUR, STRAY);
    }
}

/* All our addresses, one port, within minutes or hours: found, and rightly. */
static void sweep(struct office *office, double midnight, uint32_t rank) {
    static const uint16_t ports[] = {23, 445, 22, 3389, 8080, 6379, 5900};
    uint16_t port = ports[below(sizeof(ports) / sizeof(*ports))];
    double t = midnight + fraction() * 20 * HOUR, gap = pareto(40, .8, 12000);
    /* the slowest are not to be seen within 15 minutes */
    office_deed(office, outside(rank), "scanner", "sweep-from-outside", gap < 10000 ? "addr_scan,worm" : "", 0);
    for (unsigned n = 0; n < ADDRESSES; n++, t += exponential(gap)) {
        denied_outside(office, tcp(outside(rank), PUBLIC + n * 101 % ADDRESSES, port), t, NOISE);
    }
    office_deed_end(office);
}

void outside_world(struct office *office, unsigned day) {
    double midnight = day * (double)DAY;
    draw_for(office, PART_OUTSIDE, 0, day);
    probe(office, midnight);
    for (unsigned n = 0; n < 3; n++) {
        backscatter(office, midnight);
    }
    stray(office, day, midnight);
    for (unsigned n = 0; n < SWEEPS_DAILY; n++) {
        sweep(office, midnight, RANK_BAD - 2000 + day * SWEEPS_DAILY + n);
    }
}
