/* people.c: who works in the office, and what their machines do of a day.
 *
 * Sessions of work alternate with pauses of a heavy tail (Crovella and Bestavros:
 * Self-similarity in World Wide Web traffic, 1997); a page is a burst of
 * connections to a site, its delivery network and advertisers, sites follow
 * Zipf's law, and everybody has a few of their own. Beside that runs what nobody
 * asked for: polls, keep-alives, updates, broadcasts, and attempts at what is no
 * more. Figures are plausible, not measured.
 */
#include <stdlib.h>

#include "office.h"

#define FLOOR_HOSTS 100 /* in each of 10.1.2.0/24, 10.1.3.0/24, ... */
#define FIRST_FLOOR 2
#define OWN_SITES   15 /* that somebody visits again and again */
#define PAGES_MAX   2000

struct hours {
    uint32_t from, to;             /* somebody is there */
    uint32_t on, off;              /* the machine is */
    uint32_t lunch_from, lunch_to; /* mostly away */
};

void people_hire(struct office *office) {
    draw_for(office, PART_HIRE, 0, 0);
    office->printers = office->hosts / 50 + 2;
    office->cameras = office->hosts / 150 + 1;
    office->people_count = office->hosts - office->printers - office->cameras - 22;
    office->people = must(calloc(office->people_count, sizeof(*office->people)));
    for (unsigned n = 0; n < office->people_count; n++) {
        struct person *person = &office->people[n];
        bool laptop = chance(.45);
        *person = (struct person){
            .addr = IP(10, 1, FIRST_FLOOR + n / FLOOR_HOSTS, 20 + n % FLOOR_HOSTS),
            .arrives = (uint32_t)(8.6 * HOUR + normal() * 45 * MINUTE),
            .leaves = (uint32_t)(17.3 * HOUR + normal() * 60 * MINUTE),
            .busy = lognormal(1, .5),
            .laptop = laptop,
            .always_on = !laptop && chance(.5),
            .linux_user = chance(.1),
            .chats = chance(.5),
            .syncs = chance(.15),
            .calls = chance(.4),
            .remote = laptop && chance(.25),
            .dead_ends = chance(.3) ? (uint8_t)(1 + below(3)) : 0,
        };
    }
    /* One in 250 has it, and one at least. */
    for (unsigned n = 0; n <= office->hosts / 250; n++) {
        office->people[(7 + 31 * n) % office->people_count].skype = true;
        office->people[(11 + 31 * n) % office->people_count].shares = n == 0;
        office->people[(13 + 31 * n) % office->people_count].stubborn = true;
        office->people[(13 + 31 * n) % office->people_count].always_on = true;
        office->people[(17 + 31 * n) % office->people_count].widget = true;
        office->people[(19 + 31 * n) % office->people_count].admin = true;
    }
}

/* --- the day ------------------------------------------------------------------ */

static struct hours hours_of(const struct office *office, unsigned n, unsigned day) {
    const struct person *person = &office->people[n];
    draw_for(office, PART_DAY, n, day);
    uint32_t midnight = day * DAY;
    struct hours hours = {.on = midnight, .off = person->always_on ? midnight + DAY : midnight};
    if (!chance(weekday(office, day) >= 5 ? .04 : .88)) {
        return hours;
    }
    hours.from = midnight + (uint32_t)(person->arrives + normal() * 15 * MINUTE);
    hours.to = midnight + (uint32_t)(person->leaves + pareto(1, 1.5, 240) * MINUTE - 30 * MINUTE * chance(.3));
    hours.lunch_from = midnight + (uint32_t)(12 * HOUR + normal() * 25 * MINUTE);
    hours.lunch_to = hours.lunch_from + (uint32_t)(lognormal(40, .3) * MINUTE);
    if (!person->always_on) {
        hours.on = hours.from;
        hours.off = hours.to + below(5 * MINUTE);
    }
    return hours;
}

bool people_day(const struct office *office, unsigned person, unsigned day, uint32_t *from, uint32_t *to) {
    struct hours hours = hours_of(office, person, day);
    *from = hours.from;
    *to = hours.to;
    return hours.to > hours.from;
}

static uint32_t between(uint32_t from, uint32_t to) {
    return to > from ? from + (uint32_t)(fraction() * (to - from)) : from;
}

/* --- names -------------------------------------------------------------------- */

static void resolve(struct office *office, uint32_t src, double time_ms) {
    uint32_t resolver = RESOLVER + chance(.15);
    answered(office, udp(src, resolver, 53), time_ms, 0, 60 + below(30), 90 + below(300));
    if (chance(.3)) { /* not in the cache */
        struct event ev = udp(resolver, outside(RANK_NAME_SERVERS + zipf(NAME_SERVERS)), 53);
        if (chance(.03)) {
            unanswered(office, ev, time_ms + 5);
        } else {
            answered(office, ev, time_ms + 5, 0, 70 + below(30), 100 + below(800));
        }
    }
}

/* A name nobody has: the machine asks its neighbours. */
static void ask_neighbours(struct office *office, const struct person *person, double time_ms) {
    resolve(office, person->addr, time_ms);
    answered(office, udp(person->addr, IP(224, 0, 0, 252), 5355), time_ms + 400, 0, 70, 0);
    answered(office, udp(person->addr, person->addr | 255, 137), time_ms + 500, 2, 234, 0);
}

/* --- the web ------------------------------------------------------------------ */

static bool has_proxy(const struct office *office, uint32_t src) {
    return office->squid && src >> 8 >= IP(10, 1, FIRST_FLOOR, 0) >> 8 && src >> 16 == IP(10, 1, 0, 0) >> 16 &&
           src % 3 == 0;
}

static void fetch(struct office *office, uint32_t src, uint32_t dst, double time_ms) {
    uint32_t pick = below(100);
    struct event ev = pick < 14 ? udp(src, dst, 443) : tcp(src, dst, pick < 22 ? 80 : 443);
    double rcvd = pareto(900, 1.1, 4e8);
    if (chance(.008)) {
        unanswered(office, ev, time_ms);
    } else if (chance(.006)) {
        reset(office, ev, time_ms);
    } else {
        double seconds = pareto(.4, .8, 600), sent = 500 + below(900) + rcvd / 60;
        if (ev.proto == 6 && has_proxy(office, src)) {
            requested(office, ev, time_ms, seconds, sent, rcvd);
        } else {
            answered(office, ev, time_ms, seconds, sent, rcvd);
        }
    }
}

static void advertise(struct office *office, uint32_t src, double time_ms) {
    uint32_t tracker = zipf(TRACKERS);
    if (tracker >= TRACKERS - 2) {
        unanswered(office, tcp(src, outside(RANK_TRACKERS + tracker), 443), time_ms);
    } else {
        fetch(office, src, outside(RANK_TRACKERS + tracker), time_ms);
    }
}

/* A page: some connections to the site, its delivery network and advertisers, all within a few seconds. */
static void open_page(struct office *office, uint32_t src, uint32_t site, double time_ms) {
    unsigned connections = 1 + (unsigned)pareto(1.2, .9, 30);
    for (unsigned names = 1 + below(3); names > 0; names--) {
        resolve(office, src, time_ms + below(400));
    }
    for (unsigned n = 0; n < connections; n++) {
        double later = time_ms + 30 + exponential(900);
        uint32_t pick = below(100);
        if (n == 0 || pick < 45) {
            fetch(office, src, outside(RANK_SITES + site), later);
        } else if (pick < 70) {
            fetch(office, src, outside(RANK_CDN + (site * 7 + below(3)) % CDNS), later);
        } else {
            advertise(office, src, later);
        }
    }
}

static uint32_t some_site(const struct person *person) {
    return chance(.6) ? (event_number(person->addr, 11 + zipf(OWN_SITES)) % SITES) : zipf(SITES);
}

static void browse(struct office *office, const struct person *person, const struct hours *hours) {
    double t = hours->from + exponential(3 * MINUTE);
    for (unsigned pages = 0; t < hours->to && pages < PAGES_MAX;) {
        double end = t + lognormal(6, .8) * MINUTE;
        for (; t < end && t < hours->to; pages++) {
            if (t < hours->lunch_from || t > hours->lunch_to || chance(.15)) {
                open_page(office, person->addr, some_site(person), t);
            }
            t += lognormal(40, .9) * SECOND / (person->busy * office->intensity);
        }
        t += pareto(90, 1.1, 7200) * SECOND;
    }
}

/* Something happened in the world, and all look at once. */
static void look_at_the_news(struct office *office, const struct person *person, const struct hours *hours,
                             unsigned day) {
    double t = day * (double)DAY + 11 * HOUR + 7 * MINUTE + exponential(4 * MINUTE);
    if (day % 5 != 0 || t < hours->from || t > hours->to || !chance(.6)) {
        return;
    }
    for (unsigned n = 0; n < 8; n++) {
        fetch(office, person->addr, outside(CLOUD_NEWS), t + exponential(2 * SECOND));
    }
}

/* --- programs that poll ---------------------------------------------------------- */

/* Every `every` +- `share`, while the machine is on. */
static void poll(struct office *office, struct event ev, uint32_t from, uint32_t to, uint32_t every, double share,
                 unsigned sent, unsigned rcvd) {
    double next = from + below(every);
    while (next < to) {
        answered(office, ev, next, chance(.1), sent + below(1 + sent / 20), rcvd + below(1 + rcvd / 5));
        next += jitter(every, share);
    }
}

static void programs_poll(struct office *office, unsigned n, const struct person *person, const struct hours *hours) {
    uint32_t src = person->addr;
    if (person->chats) { /* half of the office talks to one service every minute */
        poll(office, tcp(src, outside(CLOUD_CHAT), 443), hours->on, hours->off, (uint32_t)(MINUTE / office->intensity),
             .03, 820, 640);
    }
    if (person->syncs) {
        poll(office, tcp(src, outside(CLOUD_SYNC + n % 2), 443), hours->on, hours->off, 5 * MINUTE, .02, 1100, 900);
    }
    if (person->widget) { /* the weather, the price of gold: a site nobody else asks */
        poll(office, tcp(src, outside(CLOUD_WIDGET + n), 443), hours->on, hours->off, 15 * MINUTE, .02, 700, 3100);
    }
    poll(office, tcp(src, MAIL_SERVER, 993), hours->on, hours->off, 5 * MINUTE, .05, 900, 1500);
    poll(office, tcp(src, outside(CLOUD_ANTIVIRUS + n % 4), 443), hours->on, hours->off, HOUR, .005, 1300, 4200);
    if (person->linux_user) {
        poll(office, udp(src, outside(CLOUD_TIME + n % 4), 123), hours->on, hours->off, 1024 * SECOND, .01, 76, 60);
    } else {
        poll(office, udp(src, DOMAIN_SERVER, 123), hours->on, hours->off, HOUR, .02, 76, 60);
        poll(office, tcp(src, DOMAIN_SERVER, 445), hours->on, hours->off, 100 * MINUTE, .2, 4200, 9000);
    }
}

/* --- failures ----------------------------------------------------------------- */

/* A machine that is no more: three attempts, now and then. */
static void try_the_dead(struct office *office, const struct person *person, const struct hours *hours) {
    static const uint16_t ports[] = {445, 80, 9100, 1433, 443};
    for (unsigned end = 0; end < person->dead_ends; end++) {
        uint32_t salt = event_number(person->addr, 40 + end);
        struct event ev = tcp(person->addr, NOBODY + salt % 40, ports[salt % 5]);
        for (unsigned tries = 2 + below(5); tries > 0; tries--) {
            double t = between(hours->from, hours->to);
            for (unsigned n = 0; n < 3; n++, t += 21 * SECOND) {
                unanswered(office, ev, t);
            }
        }
    }
}

/* In from home: the old file server, the router, the printer there. */
static void miss_home(struct office *office, const struct person *person, const struct hours *hours) {
    static const struct {
        uint8_t host;
        uint16_t port;
    } things[] = {{10, 445}, {10, 139}, {1, 80}, {20, 9100}, {10, 445}};
    double t = hours->from + below(3 * MINUTE);
    for (unsigned n = 0; n < 5; n++) {
        for (unsigned tries = 0; tries < 3; tries++, t += 8 * SECOND) {
            denied(office, tcp(person->addr, IP(192, 168, 1, things[n].host), things[n].port), t);
        }
        t += below(4 * MINUTE);
    }
}

/* For days, every minute. */
static void insist(struct office *office, const struct person *person, const struct hours *hours) {
    for (double t = hours->on; t < hours->off; t += MINUTE + below(40)) {
        unanswered(office, tcp(person->addr, NOBODY + 40, 1433), t);
    }
}

/* --- calls, peers --------------------------------------------------------------- */

static void call(struct office *office, const struct person *person, const struct hours *hours) {
    for (unsigned calls = about(1.3); calls > 0; calls--) {
        double t = between(hours->from, hours->to), minutes = lognormal(28, .7);
        uint32_t first = below(RELAYS);
        for (unsigned n = 0; n < 4; n++) { /* which of the relays answers best? */
            answered(office, udp(person->addr, outside(RANK_RELAYS + (first + n) % RELAYS), 3478), t + n * 60, 1, 112,
                     120);
        }
        for (unsigned n = 0; n < 2; n++) { /* sound and pictures */
            answered(office, udp(person->addr, outside(RANK_RELAYS + first), (uint16_t)(8801 + n)), t + 900 + n * 20,
                     minutes * 60, minutes * 60 * (n ? 90e3 : 8e3), minutes * 60 * (n ? 110e3 : 8e3));
        }
    }
}

static void telephone(struct office *office, unsigned n, const struct person *person, const struct hours *hours) {
    if (n % 3) {
        return;
    }
    poll(office, udp(person->addr, TELEPHONES, 5060), hours->on, hours->off, 5 * MINUTE, .02, 540, 480);
    for (unsigned calls = about(5); calls > 0; calls--) {
        const struct person *other = &office->people[below(office->people_count)];
        double seconds = lognormal(90, 1);
        struct event ev = udp(person->addr, other->addr, (uint16_t)(16384 + 2 * below(8000)));
        ev.sport = (uint16_t)(16384 + 2 * below(8000));
        answered(office, ev, between(hours->from, hours->to), seconds, seconds * 8600, seconds * 8600);
    }
}

/* Talks to many others from one port; some are behind a firewall or gone. */
static void meet_peers(struct office *office, const struct person *person, uint32_t from, uint32_t to, unsigned count,
                       double gone, bool by_tcp) {
    uint16_t own = (uint16_t)(20000 + event_number(person->addr, 50) % 30000);
    for (unsigned n = 0; n < count; n++) {
        uint32_t peer = RANK_PEERS + below(PEERS);
        uint32_t port = event_number(peer, 51); /* one in eight has left it as it was */
        struct event ev = {.src = person->addr,
                           .dst = outside(peer),
                           .proto = by_tcp && chance(.4) ? 6 : 17,
                           .dport = (uint16_t)(by_tcp && port % 8 == 0 ? 6881 : 1024 + port % 60000)};
        ev.sport = ev.proto == 17 ? own : 0;
        if (chance(gone)) {
            unanswered(office, ev, between(from, to));
        } else {
            answered(office, ev, between(from, to), pareto(2, .7, 3600), pareto(200, .6, 1e7), pareto(200, .6, 1e8));
        }
    }
}

static void peers(struct office *office, const struct person *person, const struct hours *hours) {
    if (person->skype) { /* a burst when it starts, a few afterwards, its servers */
        meet_peers(office, person, hours->from, hours->from + 2 * MINUTE, 25, .2, false);
        meet_peers(office, person, hours->from, hours->to, 80, .2, true);
        answered(office, tcp(person->addr, outside(RANK_PEERS), 443), hours->from, (hours->to - hours->from) / 1000.0,
                 9e4, 2e5);
    }
    if (person->shares) {
        meet_peers(office, person, hours->to - 2 * HOUR, hours->to, 2500, .4, true);
    }
}

/* --- servers of the office ------------------------------------------------------ */

static void use_servers(struct office *office, unsigned n, const struct person *person, const struct hours *hours) {
    uint32_t src = person->addr;
    static const uint16_t logon[] = {88, 389, 88, 445, 135, 49155, 88, 389};
    for (unsigned i = 0; i < sizeof(logon) / sizeof(*logon); i++) {
        answered(office, tcp(src, DOMAIN_SERVER, logon[i]), hours->from + i * 300 + below(2000), 1, 1500, 2600);
    }
    answered(office, tcp(src, FILE_SERVER + n % 2, 445), hours->from + below(5 * MINUTE),
             (hours->to - hours->from) / 1000.0, pareto(1e5, .9, 1e9), pareto(1e5, .9, 1e9));
    for (unsigned files = about(12 * office->intensity); files > 0; files--) {
        answered(office, tcp(src, FILE_SERVER + below(2), 445), between(hours->from, hours->to), 15 + below(600),
                 pareto(4000, .8, 1e8), pareto(4000, .8, 1e9));
    }
    for (unsigned pages = about(3); pages > 0; pages--) {
        unsigned printer = chance(.9) ? n % office->printers : below(office->printers);
        struct event ev = tcp(src, PRINTER + printer, 9100);
        if (printer == office->printers - 1) { /* it is broken */
            unanswered(office, ev, between(hours->from, hours->to));
        } else {
            answered(office, ev, between(hours->from, hours->to), 5 + below(30), pareto(2e4, 1, 1e8), 300);
        }
    }
    for (unsigned mails = about(9); mails > 0; mails--) {
        answered(office, tcp(src, MAIL_SERVER, 587), between(hours->from, hours->to), 1, pareto(4000, .9, 3e7), 900);
    }
    for (unsigned i = 0; i < 12; i++) {
        answered(office, tcp(src, UPDATES, 8530), hours->from + 20 * MINUTE + i * SECOND + n * 2 * SECOND, 2, 900,
                 pareto(2000, .7, 5e7));
    }
}

static void update(struct office *office, unsigned n, const struct person *person, const struct hours *hours) {
    double t = hours->from + below(HOUR);
    if (person->linux_user) {
        for (unsigned i = 0; i < 6; i++) {
            answered(office, tcp(person->addr, outside(CLOUD_MIRROR + n % 2), 80), t + i * 400, 3, 700,
                     pareto(2e4, .8, 2e8));
        }
    } else if (chance(.2)) { /* a program brings its own */
        answered(office, tcp(person->addr, outside(CLOUD_UPDATES), 443), t, 40, 2000, pareto(1e6, 1, 3e8));
    }
}

/* Updates are fetched from neighbours that may have them already: on Mondays, many at once, on one port, and some of
 * these machines are off. */
static void fetch_from_neighbours(struct office *office, const struct person *person, const struct hours *hours) {
    double t = hours->from + exponential(10 * MINUTE);
    for (unsigned n = about(12); n > 0; n--, t += exponential(20 * SECOND)) {
        struct event ev = tcp(person->addr, office->people[below(office->people_count)].addr, 7680);
        if (ev.dst == ev.src) {
            continue;
        }
        if (chance(.3)) {
            unanswered(office, ev, t);
        } else {
            answered(office, ev, t, 3 + below(60), 3000, pareto(1e4, .7, 3e8));
        }
    }
}

/* Somebody does not trust our resolvers. */
static void resolve_alone(struct office *office, const struct person *person, const struct hours *hours) {
    for (unsigned n = 1500; n > 0; n--) {
        struct event ev = udp(person->addr, outside(RANK_NAME_SERVERS + zipf(NAME_SERVERS)), 53);
        double t = between(hours->from, hours->to);
        if (chance(.04)) {
            unanswered(office, ev, t);
        } else {
            answered(office, ev, t, 0, 70 + below(30), 100 + below(800));
        }
    }
}

/* What Windows says to everybody. */
static void make_noise(struct office *office, const struct person *person, const struct hours *hours) {
    uint32_t everybody = person->addr | 255;
    if (person->linux_user || hours->off <= hours->on) {
        return;
    }
    for (double t = hours->on + below(12 * MINUTE); t < hours->off; t += jitter(12 * MINUTE, .1)) {
        struct event ev = udp(person->addr, everybody, 138);
        ev.sport = 138;
        answered(office, ev, t, 0, 229, 0);
    }
    for (unsigned n = about(8); n > 0; n--) {
        ask_neighbours(office, person, between(hours->on, hours->off));
    }
    for (unsigned n = about(10); n > 0; n--) {
        answered(office, udp(person->addr, IP(239, 255, 255, 250), 1900), between(hours->on, hours->off), 3, 700, 0);
    }
}

/* An administrator looks after servers, and once a day runs something on all of them. */
static void administrate(struct office *office, const struct person *person, const struct hours *hours) {
    for (unsigned n = about(14); n > 0; n--) {
        double seconds = pareto(20, .6, 14400);
        answered(office, tcp(person->addr, JUMP_HOST, 22), between(hours->from, hours->to), seconds,
                 3000 + seconds * 40, 4000 + seconds * 200);
        answered(office, tcp(person->addr, BACKEND + below(4), 22), between(hours->from, hours->to), seconds,
                 3000 + seconds * 40, 4000 + seconds * 200);
    }
    double t = between(hours->from, hours->to);
    for (uint32_t server = NMS; server <= WEB_SERVER; server++) {
        if (server < BACKUP || (server >= RESOLVER && server <= BACKEND + 3) || server == WEB_SERVER) {
            struct event ev = tcp(JUMP_HOST, server, 22);
            if (chance(.6)) {
                answered(office, ev, t + below(4000), 3 + below(20), 9000, 14000);
            }
        }
    }
}

void people_live(struct office *office, unsigned n, unsigned day) {
    const struct person *person = &office->people[n];
    struct hours hours = hours_of(office, n, day);
    draw_for(office, PART_PERSON, n, day);
    programs_poll(office, n, person, &hours);
    make_noise(office, person, &hours);
    if (person->stubborn) {
        insist(office, person, &hours);
    }
    if (hours.to <= hours.from) {
        return;
    }
    browse(office, person, &hours);
    look_at_the_news(office, person, &hours, day);
    use_servers(office, n, person, &hours);
    update(office, n, person, &hours);
    try_the_dead(office, person, &hours);
    telephone(office, n, person, &hours);
    peers(office, person, &hours);
    if (person->calls) {
        call(office, person, &hours);
    }
    if (person->remote) {
        miss_home(office, person, &hours);
    }
    if (!person->linux_user && weekday(office, day) == 0) {
        fetch_from_neighbours(office, person, &hours);
    }
    if (n == 23) {
        resolve_alone(office, person, &hours);
    }
    if (person->admin) {
        administrate(office, person, &hours);
    }
}
