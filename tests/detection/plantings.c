/* plantings.c: what the infected machines of the office do.
 *
 * A list of plantings is gone through from the top until --infected machines are
 * used, and again from the top when there are more. Each comes on a working day
 * of its own where the log has as many, and begins in the morning. A planting
 * says which detectors would be right: any one of them, for each row. Rows that
 * share a matter are one matter. Machines that only take part in a plague are not
 * counted among the --infected.
 *
 * Rates are taken from what such programs were seen to do: a fast worm some ten
 * targets a second, a slow one some in a minute, a bot asks its master every
 * minute to every five with up to half of that as jitter (RITA, Cobalt Strike's
 * sleep), Cerber writes to all addresses of two /23 and one /22 on 6892/udp.
 */
#include <stdlib.h>

#include "office.h"

#define MORNING (8.5 * HOUR)

struct planting {
    struct office *office;
    uint32_t *victims; /* in the order in which they fall ill */
    unsigned victim_count;
    unsigned used;
    unsigned number;
    double start; /* ms */
};

static uint32_t next_victim(struct planting *planting) {
    return planting->victims[planting->used++ % planting->victim_count];
}

static uint32_t bad_host(const struct planting *planting, unsigned n) {
    return outside(RANK_BAD + planting->number * 16 + n);
}

/* Somebody inside, who may be there or not. */
static uint32_t some_neighbour(void) {
    return IP(10, 1, 1 + below(9), 1 + below(254));
}

static uint32_t somebody(void) {
    return outside(below(1u << OUTSIDE_BITS));
}

/* --- worms -------------------------------------------------------------------- */

static void attempt(struct office *office, uint32_t src, uint32_t dst, uint16_t port, double t) {
    struct event ev = tcp(src, dst, port);
    if (dst >> 16 != IP(10, 1, 0, 0) >> 16) {
        denied(office, ev, t);
    } else if (chance(.06)) {
        answered(office, ev, t, 1, 700, 500);
    } else if (chance(.3)) {
        reset(office, ev, t);
    } else {
        unanswered(office, ev, t);
    }
}

static double search(struct office *office, uint32_t src, uint16_t port, double t, double gap, unsigned count,
                     double inside) {
    for (unsigned n = 0; n < count; n++, t += exponential(gap)) {
        attempt(office, src, chance(inside) ? some_neighbour() : somebody(), port, t);
    }
    return t;
}

static void worm_fast(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    office_deed(office, victim, "infected", "worm-fast", "addr_scan,worm", 0);
    search(office, victim, 445, planting->start, 100, 1500, .7);
}

static void worm_slow(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    office_deed(office, victim, "infected", "worm-slow", "addr_scan,slow_scan,worm", 0);
    search(office, victim, 445, planting->start, 12 * SECOND, 700, .4);
}

/* From the first of them to the next: it is hit, and after some minutes searches by itself. */
static void spread(struct planting *planting, uint16_t port, unsigned hosts) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    double t = planting->start;
    for (unsigned n = 0; n < hosts; n++) {
        uint32_t next = n + 1 < hosts ? next_victim(planting) : 0;
        double hit = t + (1 + 4 * fraction()) * MINUTE;
        office_deed(office, victim, "infected", "worm-that-spreads", "addr_scan,worm", 0);
        search(office, victim, port, t, 500, 700, .8);
        if (next) {
            answered(office, tcp(victim, next, port), hit, 4, 6100, 2300);
            t = hit + (2 + 9 * fraction()) * MINUTE;
            office_deed(office, next, "infected", "infected-by-another", "infection_chain", 0);
            attempt(office, next, somebody(), port, t);
        }
        victim = next;
    }
}

static void worm_spreads(struct planting *planting) {
    spread(planting, 445, 4);
}

static void worm_spreads_rdp(struct planting *planting) {
    spread(planting, 3389, 3);
}

static void telnet_bot(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    office_deed(office, victim, "infected", "telnet-bot", "addr_scan,worm", 0);
    double t = planting->start;
    for (unsigned n = 0; n < 1500; n++, t += exponential(250)) {
        attempt(office, victim, somebody(), chance(.1) ? 2323 : 23, t);
    }
}

static void ping_sweep(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    double t = planting->start;
    office_deed(office, victim, "infected", "ping-sweep", "addr_scan", 0);
    for (unsigned n = 0; n < 900; n++, t += 150) {
        struct event ev = ping(victim, IP(10, 1, 1 + n / 254 * 2, 1 + n % 254));
        if (chance(.15)) {
            answered(office, ev, t, 1, 84, 84);
        } else {
            unanswered(office, ev, t);
        }
    }
}

/* Each tries a dozen, so that none is a scanner by itself. A third of a small office, 80 machines of a large one. */
static void plague(struct planting *planting) {
    struct office *office = planting->office;
    unsigned machines = planting->victim_count / 3 < 80 ? planting->victim_count / 3 : 80;
    unsigned matter = ++office->matters;
    for (unsigned n = 0; n < machines; n++) {
        uint32_t victim = planting->victims[planting->victim_count - 1 - n];
        office_deed(office, victim, "infected", "plague", "plague", matter);
        search(office, victim, 135, planting->start + fraction() * 100 * SECOND, 4 * SECOND, 14, .6);
    }
}

/* --- mail, chat ----------------------------------------------------------------- */

static void send_mail(struct planting *planting, uint32_t victim, double t, unsigned count, bool allowed) {
    struct office *office = planting->office;
    uint32_t base = below(EXCHANGES);
    for (unsigned n = 0; n < count; n++, t += exponential(10 * SECOND)) {
        struct event ev = tcp(victim, outside(RANK_EXCHANGES + (base + below(120)) % EXCHANGES), 25);
        if (allowed) {
            answered(office, ev, t, 1 + below(20), 2000 + below(9000), 700);
        } else {
            denied(office, ev, t);
        }
    }
}

static void mailer(struct planting *planting) {
    uint32_t victim = next_victim(planting);
    office_deed(planting->office, victim, "infected", "mass-mailer", "mass_mail", 0);
    send_mail(planting, victim, planting->start, 250, true);
}

static void mailer_denied(struct planting *planting) {
    uint32_t victim = next_victim(planting);
    office_deed(planting->office, victim, "infected", "mass-mailer-denied", "mass_mail", 0);
    send_mail(planting, victim, planting->start, 250, false);
}

static void irc_long(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    office_deed(office, victim, "infected", "irc-long-session", "irc_bot", 0);
    answered(office, tcp(victim, bad_host(planting, 0), 6667), planting->start, 6 * 3600.0, 41000, 66000);
    answered(office, tcp(victim, bad_host(planting, 0), 6667), planting->start + 6.1 * HOUR, 3 * 3600.0, 20000, 31000);
}

static void irc_reconnects(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    office_deed(office, victim, "infected", "irc-reconnects", "irc_bot", 0);
    for (double t = planting->start; t < planting->start + 5 * HOUR; t += (4 + 5 * fraction()) * MINUTE) {
        answered(office, tcp(victim, bad_host(planting, 0), 6667), t, 60 + below(180), 500 + below(900),
                 900 + below(2000));
    }
}

/* --- beacons -------------------------------------------------------------------- */

struct rhythm {
    const char *kind;
    uint8_t proto;
    uint16_t port;
    uint32_t every; /* ms */
    double share;   /* jitter */
    bool sleeps;    /* at night */
};

static void beacon_of(struct planting *planting, uint32_t victim, const struct rhythm *rhythm, double t, double until) {
    struct office *office = planting->office;
    for (; t < until; t += jitter(rhythm->every, rhythm->share)) {
        double of_day = t - floor(t / DAY) * DAY;
        if (rhythm->sleeps && (of_day < 8 * HOUR || of_day > 18 * HOUR)) {
            continue;
        }
        struct event ev = tcp(victim, bad_host(planting, 0), rhythm->port);
        ev.proto = rhythm->proto;
        bool task = chance(.02);
        answered(office, ev, t, task ? 8 : chance(.2), 410 + below(24) + (task ? below(9000) : 0),
                 360 + below(40) + (task ? below(50000) : 0));
    }
}

static void beacon(struct planting *planting, const struct rhythm *rhythm) {
    uint32_t victim = next_victim(planting);
    office_deed(planting->office, victim, "infected", rhythm->kind, "beacon", 0);
    beacon_of(planting, victim, rhythm, planting->start, planting->start + 3.0 * DAY);
}

static void beacon_fixed(struct planting *planting) {
    beacon(planting, &(struct rhythm){"beacon-60s", 6, 80, MINUTE, 0, false});
}

static void beacon_jitter_30(struct planting *planting) {
    beacon(planting, &(struct rhythm){"beacon-120s-jitter-30", 6, 443, 2 * MINUTE, .3, false});
}

static void beacon_jitter_50(struct planting *planting) {
    beacon(planting, &(struct rhythm){"beacon-180s-jitter-50", 6, 443, 3 * MINUTE, .5, false});
}

static void beacon_sleeps(struct planting *planting) {
    beacon(planting, &(struct rhythm){"beacon-90s-sleeps-at-night", 6, 443, 90 * SECOND, .1, true});
}

static void beacon_rare(struct planting *planting) {
    beacon(planting, &(struct rhythm){"beacon-300s", 6, 443, 5 * MINUTE, .05, false});
}

static void beacon_port(struct planting *planting) {
    beacon(planting, &(struct rhythm){"beacon-75s-port-4444", 6, 4444, 75 * SECOND, .2, false});
}

static void beacon_dns(struct planting *planting) {
    beacon(planting, &(struct rhythm){"beacon-45s-dns-port", 17, 53, 45 * SECOND, .2, false});
}

/* All that the firewall sees of it is a client that talks to the proxy. */
static void beacon_proxy(struct planting *planting) {
    struct office *office = planting->office;
    if (!office->squid) {
        return;
    }
    uint32_t victim = next_victim(planting);
    office_deed(office, victim, "infected", "beacon-250s-through-the-proxy", "beacon", 0);
    for (double t = planting->start; t < planting->start + 3.0 * DAY; t += jitter(250 * SECOND, .1)) {
        requested(office, tcp(victim, bad_host(planting, 0), 443), t, 0, 1900 + below(100), 20300 + below(300));
    }
}

/* --- scans, guesses, floods ------------------------------------------------------- */

static void udp_fanout(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting), base = somebody() & ~UINT32_C(1023);
    office_deed(office, victim, "infected", "udp-fanout", "addr_scan,worm", 0);
    for (unsigned n = 0; n < 1088; n++) {
        struct event ev = udp(victim, base + n, 6892);
        ev.sport = 54972;
        answered(office, ev, planting->start + n * 28, 60, 38, 0);
    }
}

static void knock(struct planting *planting, uint32_t src, uint32_t dst, unsigned ports, bool closed) {
    struct office *office = planting->office;
    double t = planting->start;
    for (unsigned n = 0; n < ports; n++, t += exponential(90)) {
        struct event ev = tcp(src, dst, (uint16_t)(1 + n * 389 % 1024)); /* prime: none comes twice */
        if (ev.dport == 22 || ev.dport == 80) {
            answered(office, ev, t, 1, 300, 200);
        } else if (closed) {
            denied(office, ev, t);
        } else {
            reset(office, ev, t);
        }
    }
}

static void port_scan(struct planting *planting) {
    uint32_t victim = next_victim(planting);
    office_deed(planting->office, victim, "infected", "port-scan", "port_scan", 0);
    knock(planting, victim, BACKEND, 1024, false);
}

/* A few targets in a quarter of an hour, for a day. */
static void slow_scan(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    double day = floor(planting->start / DAY) * DAY;
    office_deed(office, victim, "infected", "slow-scan", "slow_scan", 0);
    for (double t = day + 20 * MINUTE; t < day + 23.5 * HOUR; t += jitter(4 * MINUTE, .5)) {
        unanswered(office, tcp(victim, some_neighbour(), 22), t);
    }
}

static void guess(struct planting *planting, uint32_t victim, uint32_t server, uint16_t port, double t,
                  unsigned count) {
    for (unsigned n = 0; n < count; n++, t += 1500 + exponential(2500)) {
        answered(planting->office, tcp(victim, server, port), t, 1 + below(3), 1200 + below(700), 1500 + below(900));
    }
}

static void guess_inside(struct planting *planting, const char *kind, uint32_t server, uint16_t port) {
    uint32_t victim = next_victim(planting);
    office_deed(planting->office, victim, "infected", kind, "password_crack", 0);
    guess(planting, victim, server, port, planting->start, 300);
}

static void guess_ssh(struct planting *planting) {
    guess_inside(planting, "guesses-ssh", WEB_SERVER, 22);
}

static void guess_rdp(struct planting *planting) {
    guess_inside(planting, "guesses-rdp", DOMAIN_SERVER, 3389);
}

static void guess_smb(struct planting *planting) {
    guess_inside(planting, "guesses-smb", FILE_SERVER, 445);
}

/* From outside: looks which ports are open, is called an attack by the firewall, guesses, and is in. */
static void break_in(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t attacker = bad_host(planting, 1), target = PUBLIC + 22;
    office_deed(office, attacker, "attacker", "breaks-in", "break_in", 0);
    answered(office, tcp(attacker, target, 22), planting->start - 10 * SECOND, 2, 900, 1200);
    office_deed(office, attacker, "attacker", "port-scan-from-outside", "port_scan", 0);
    knock(planting, attacker, target, 120, true);
    if (office->options.device != NETFILTER) {
        office_deed(office, attacker, "attacker", "reported-by-the-firewall", "device_threat", 0);
        for (unsigned n = 0; n < 3; n++) {
            struct event ev = {.src = attacker, .dst = target, .proto = 6, .dport = 406, .what = ALARM};
            ev.time_ms = (uint32_t)(planting->start + (6 + 4 * n) * SECOND);
            office_add(office, ev);
        }
    }
    office_deed(office, attacker, "attacker", "guesses-ssh-from-outside", "password_crack", 0);
    guess(planting, attacker, target, 22, planting->start + 2 * MINUTE, 200);
    answered(office, tcp(attacker, target, 22), planting->start + 17 * MINUTE, 25 * 60, 220000, 410000);
}

/* A minute of some ten thousand datagrams a second in long sessions, then ten seconds of SYNs. */
static void flood(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting), target = bad_host(planting, 2);
    office_deed(office, victim, "infected", "flood", "flood", 0);
    for (unsigned n = 0; n < 300; n++) {
        answered(office, udp(victim, target, (uint16_t)(1024 + below(60000))), planting->start + n * 200, 60, 3e6, 0);
    }
    for (unsigned n = 0; n < 15000; n++) {
        struct event ev = tcp(victim, target, 80);
        ev.sport = (uint16_t)(1024 + n);
        answered(office, ev, planting->start + 2 * MINUTE + n * .66, 20, 60, 0);
    }
}

/* One machine does it all: asks its master, searches, mails. */
static void bot(struct planting *planting) {
    struct office *office = planting->office;
    uint32_t victim = next_victim(planting);
    const struct rhythm rhythm = {"bot-beacon", 6, 443, MINUTE, .2, false};
    office_deed(office, victim, "infected", rhythm.kind, "beacon", 0);
    beacon_of(planting, victim, &rhythm, planting->start, planting->start + 2.0 * DAY);
    office_deed(office, victim, "infected", "bot-scan", "addr_scan,worm", 0);
    search(office, victim, 445, planting->start + 40 * MINUTE, 300, 500, .5);
    office_deed(office, victim, "infected", "bot-mail", "mass_mail", 0);
    send_mail(planting, victim, planting->start + 90 * MINUTE, 120, true);
    office_deed(office, victim, "infected", "bot", "bot_story", 0);
    answered(office, tcp(victim, bad_host(planting, 3), 80), planting->start + 20 * MINUTE, 4, 400, 330000);
}

/* The order matters: 30 machines have one of each at least. */
static void (*const kinds[])(struct planting *) = {
    worm_fast,     mailer,           beacon_fixed,
    worm_spreads,  irc_long,         port_scan,
    guess_ssh,     udp_fanout,       bot,
    break_in,      slow_scan,        beacon_rare,
    flood,         beacon_jitter_30, worm_slow,
    beacon_dns,    guess_rdp,        mailer_denied,
    beacon_sleeps, irc_reconnects,   beacon_jitter_50,
    plague,        guess_smb,        beacon_port,
    telnet_bot,    ping_sweep,       worm_spreads_rdp,
    beacon_proxy,
};

/* People without odd habits, in any order. */
static void choose_victims(struct planting *planting) {
    struct office *office = planting->office;
    planting->victims = must(malloc(office->people_count * sizeof(*planting->victims)));
    for (unsigned n = 0; n < office->people_count; n++) {
        const struct person *person = &office->people[n];
        if (!person->skype && !person->shares && !person->stubborn && !person->widget && !person->admin) {
            planting->victims[planting->victim_count++] = person->addr;
        }
    }
    for (unsigned n = planting->victim_count; n > 1; n--) {
        unsigned other = below(n);
        uint32_t victim = planting->victims[n - 1];
        planting->victims[n - 1] = planting->victims[other];
        planting->victims[other] = victim;
    }
}

void plantings_plant(struct office *office) {
    struct planting planting = {.office = office};
    unsigned count = sizeof(kinds) / sizeof(*kinds);
    draw_for(office, PART_PLANTING, 0, 0);
    choose_victims(&planting);
    for (; planting.used < office->infected && planting.used < planting.victim_count / 2; planting.number++) {
        draw_for(office, PART_PLANTING, planting.number + 1, 0);
        unsigned day = planting.number % (office->days > 3 ? office->days - 2 : 1);
        while (day + 1 < office->days && weekday(office, day) >= 5) {
            day++;
        }
        planting.start = day * (double)DAY + MORNING + fraction() * 4 * HOUR;
        kinds[planting.number % count](&planting);
        office_deed_end(office);
    }
    free(planting.victims);
}
