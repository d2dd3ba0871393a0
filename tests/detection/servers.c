/* servers.c: what servers, printers and cameras do by themselves. */
#include <stdlib.h>

#include "office.h"

/* Every five minutes all machines are pinged, servers and printers are asked by SNMP and on their ports. A machine
 * that is switched off does not answer, and nor does the last printer, ever. */
static void monitor(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 1, day);
    uint32_t *from = must(malloc(office->people_count * sizeof(*from) * 2)), *to = from + office->people_count;
    for (unsigned n = 0; n < office->people_count; n++) {
        uint64_t state = random_state;
        (void)people_day(office, n, day, &from[n], &to[n]);
        random_state = state;
        if (office->people[n].always_on) {
            from[n] = 0;
            to[n] = UINT32_MAX;
        }
    }
    for (uint32_t round = day * DAY; round < (day + 1) * DAY; round += 5 * MINUTE) {
        double t = round + 700;
        for (unsigned n = 0; n < office->people_count; n++, t += 40) {
            if (t >= from[n] && t < to[n]) {
                answered(office, ping(NMS, office->people[n].addr), t, 1, 84, 84);
            } else {
                unanswered(office, ping(NMS, office->people[n].addr), t);
            }
        }
        for (unsigned n = 0; n < office->printers; n++, t += 200) {
            struct event ev = udp(NMS, PRINTER + n, 161);
            if (n < office->printers - 1) {
                answered(office, ev, t, 2, 400, 900);
            } else {
                unanswered(office, ev, t);
            }
        }
        for (uint32_t server = NMS + 1; server <= WEB_SERVER; server += 1 + (server & 3), t += 200) {
            answered(office, udp(NMS, server, 161), t, 2, 900, 2600);
        }
        answered(office, tcp(NMS, MAIL_SERVER, 25), t, 1, 260, 420);
        answered(office, tcp(NMS, WEB_SERVER, 443), t + 300, 1, 900, 4200);
        answered(office, tcp(NMS, DOMAIN_SERVER, 389), t + 600, 1, 500, 700);
    }
    free(from);
}

/* How much goes on at this time of a day, on the average 1. */
static double busy(const struct office *office, unsigned day, unsigned hour) {
    static const uint8_t weights[24] = {2,  1,  1,  1,  1,  2,  4,  9, 18, 22, 23, 22,
                                        16, 20, 23, 22, 21, 18, 12, 8, 6,  5,  4,  3};
    return weights[hour] / 11.0 * (weekday(office, day) >= 5 ? .2 : 1);
}

static void mail(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 2, day);
    for (unsigned hour = 0; hour < 24; hour++) {
        double base = day * (double)DAY + hour * (double)HOUR;
        for (unsigned n = about(busy(office, day, hour) * office->hosts * .12); n > 0; n--) {
            double t = base + fraction() * HOUR;
            struct event ev = tcp(MAIL_SERVER, outside(RANK_EXCHANGES + zipf(EXCHANGES)), 25);
            /* the exchanger of a domain */
            answered(office, udp(MAIL_SERVER, RESOLVER, 53), t - 40 < base ? base : t - 40, 0, 70, 240);
            if (chance(.06)) { /* and again in half an hour */
                unanswered(office, ev, t);
                t += 30 * MINUTE;
            }
            answered(office, ev, t, 1 + below(20), pareto(3000, .9, 3e7), 900);
        }
        for (unsigned n = about((.3 + busy(office, day, hour)) * office->hosts * .25); n > 0; n--) {
            uint32_t from = chance(.6) ? RANK_EXCHANGES + zipf(EXCHANGES) : RANK_STRANGERS + below(STRANGERS);
            answered(office, tcp(outside(from), PUBLIC + 25, 25), base + fraction() * HOUR, 1 + below(12),
                     pareto(2000, .9, 3e7), 700);
        }
    }
    if (weekday(office, day) == 0) { /* the newsletter, an hour long */
        for (unsigned n = 0; n < office->hosts * 6; n++) {
            struct event ev = tcp(BULK_MAILER, outside(RANK_EXCHANGES + zipf(EXCHANGES)), 25);
            double t = day * (double)DAY + 10.5 * HOUR + fraction() * HOUR;
            if (chance(.05)) {
                unanswered(office, ev, t);
            } else {
                answered(office, ev, t, 2, 24000 + below(900), 600);
            }
        }
    }
}

static void crawl(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 3, day);
    for (double t = day * (double)DAY + 1.1 * HOUR; t < day * (double)DAY + 4.5 * HOUR; t += exponential(1500)) {
        struct event ev = tcp(CRAWLER, outside(RANK_SITES + below(400) * 7), chance(.2) ? 80 : 443);
        if (chance(.08)) {
            unanswered(office, ev, t);
        } else {
            answered(office, ev, t, 1, 700, pareto(3000, .9, 1e7));
        }
    }
}

/* At night, everything that was saved. */
static void back_up(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 4, day);
    double t = day * (double)DAY + 22 * HOUR;
    for (uint32_t server = FILE_SERVER; server <= WEB_SERVER; server += 1 + (server & 7), t += 4 * MINUTE) {
        double bytes = pareto(5e8, 1, 3.9e9);
        answered(office, tcp(BACKUP, server, 10000), t, bytes / 4e7 + 20, 4e6, bytes);
    }
    for (unsigned n = 0; n < office->people_count; n++) {
        if (office->people[n].always_on && chance(.9)) {
            double bytes = pareto(1e6, .8, 2e9);
            answered(office, tcp(BACKUP, office->people[n].addr, 10000), t, bytes / 2e7 + 5, 2e5, bytes);
            t += 20 * SECOND;
        }
    }
}

static void balance(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 5, day);
    for (double t = day * (double)DAY + 300; t < (day + 1) * (double)DAY; t += 30 * SECOND) {
        for (unsigned n = 0; n < 4; n++) {
            answered(office, tcp(BALANCER, BACKEND + n, 80), t + n * 7, 0, 320, 410);
        }
    }
    for (unsigned hour = 0; hour < 24; hour++) {
        for (unsigned n = about(busy(office, day, hour) * office->hosts * .5); n > 0; n--) {
            double t = day * (double)DAY + (hour + fraction()) * HOUR;
            uint32_t visitor = RANK_STRANGERS + below(STRANGERS);
            for (unsigned i = 1 + below(5); i > 0; i--) {
                answered(office, tcp(outside(visitor), PUBLIC + 80, 443), t + i * 90, pareto(.5, .9, 300), 1200,
                         pareto(3000, .9, 1e8));
            }
            answered(office, tcp(BALANCER, BACKEND + below(4), 8080), t + 100, 1, 1300, pareto(3000, .9, 1e8));
        }
    }
}

static void poll_outside(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 6, day);
    for (double t = day * (double)DAY + below(MINUTE); t < (day + 1) * (double)DAY; t += jitter(20 * MINUTE, .1)) {
        answered(office, udp(DOMAIN_SERVER, outside(CLOUD_TIME), 123), t, 0, 76, 76);
        answered(office, udp(RESOLVER, outside(RANK_NAME_SERVERS + below(13)), 53), t + 1000, 0, 60, 1100);
    }
    for (double t = day * (double)DAY + below(HOUR); t < (day + 1) * (double)DAY; t += jitter(3 * HOUR, .02)) {
        for (unsigned n = 0; n < 8; n++) {
            answered(office, tcp(UPDATES, outside(CLOUD_UPDATES), 443), t + n * 300, 4, 2000, pareto(1e5, .8, 3e9));
        }
    }
    for (unsigned n = 0; n < office->printers; n++) { /* how much ink is left, a few times a day */
        for (double t = day * (double)DAY + n * 200e3; t < (day + 1) * (double)DAY; t += jitter(4 * HOUR, .1)) {
            answered(office, tcp(PRINTER + n, outside(CLOUD_PRINTERS), 443), t, 1, 2100 + below(40), 900);
        }
    }
    for (unsigned n = 0; n < office->cameras; n++) { /* one session each, for the day, and a picture now and then */
        answered(office, udp(CAMERA + n, outside(CLOUD_CAMERAS), 32100), day * (double)DAY + n * 900, 86000, 3e6, 2e6);
        for (unsigned i = about(30); i > 0; i--) {
            answered(office, tcp(CAMERA + n, outside(CLOUD_CAMERAS), 443), day * (double)DAY + fraction() * DAY, 4,
                     pareto(1e5, 1, 1e7), 3000);
        }
    }
}

/* What is installed where: Monday at night, all machines, and more than half of these are off. */
static void take_stock(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 9, day);
    if (weekday(office, day) != 0) {
        return;
    }
    double t = day * (double)DAY + 2.5 * HOUR;
    for (unsigned n = 0; n < office->people_count; n++, t += exponential(2 * SECOND)) {
        struct event ev = tcp(UPDATES, office->people[n].addr, 445);
        if (office->people[n].always_on) {
            answered(office, ev, t, 4, 9000, 40000);
        } else {
            unanswered(office, ev, t);
        }
    }
}

/* In the evening and on days at home: long tunnels of a few people. */
static void let_in(struct office *office, unsigned day) {
    draw_for(office, PART_SERVERS, 7, day);
    for (unsigned n = about(office->hosts * .06); n > 0; n--) {
        double t = day * (double)DAY + (7 + 14 * fraction()) * HOUR, hours = lognormal(2, .8);
        uint32_t who = RANK_STRANGERS + event_number(below(office->hosts), 60) % STRANGERS;
        if (chance(.1)) { /* the first password was wrong */
            answered(office, tcp(outside(who), PUBLIC + 40, 443), t - MINUTE, 2, 1900, 2600);
        }
        answered(office, udp(outside(who), PUBLIC + 40, 4500), t, hours * 3600, hours * 4e7, hours * 2e8);
    }
}

/* Sundays from half past one: all machines, the usual ports. */
static void look_for_holes(struct office *office, unsigned day) {
    static const uint16_t ports[] = {21, 22, 23, 25, 80, 135, 139, 443, 445, 1433, 3306, 3389, 5900, 8080, 8443, 9100};
    draw_for(office, PART_SERVERS, 8, day);
    if (weekday(office, day) != 6) {
        return;
    }
    double t = day * (double)DAY + 1.5 * HOUR;
    for (unsigned n = 0; n < office->people_count; n++) {
        for (unsigned i = 0; i < sizeof(ports) / sizeof(*ports); i++, t += 60) {
            struct event ev = tcp(SCANNER, office->people[n].addr, ports[i]);
            if (!office->people[n].always_on) {
                unanswered(office, ev, t);
            } else if (ports[i] == 445 || ports[i] == 135) {
                answered(office, ev, t, 3, 3000, 4000);
            } else {
                reset(office, ev, t);
            }
        }
    }
}

void servers_work(struct office *office, unsigned day) {
    monitor(office, day);
    mail(office, day);
    crawl(office, day);
    back_up(office, day);
    balance(office, day);
    poll_outside(office, day);
    let_in(office, day);
    look_for_holes(office, day);
    take_stock(office, day);
}
