/* beacon, step by step: the numbers are those of det_beacon.c. And what it makes of generated beacons and people. */
#include "fixture.h"

#include <math.h>

#include "detect/rhythm.h"

#define BOT "10.1.7.91"
#define C2  "203.0.113.9"

#define HOUR_LATER FW_HOUR

static struct fixture *open_beacon(void) {
    return fixture_open("beacon", FW_ROLE_BIT(proxy), 0);
}

struct dice {
    uint64_t state;
};
static double roll(struct dice *dice) { /* 0 to 1; splitmix64 */
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

/* One connection, over within a second, as a device tells that logs ends only. */
static void call(struct fixture *f, fw_time time, const char *src, const char *dst, uint8_t proto, uint16_t port,
                 uint64_t sent, uint64_t rcvd) {
    struct fw_event ev = flow(FW_KIND_FLOW_END, time, src, dst, proto, port);
    ev.sport = (uint16_t)(20000 + time / 1000 % 40000);
    ev.duration = 0;
    ev.sent = sent;
    ev.rcvd = rcvd;
    ev.present |= FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd);
    feed(f, &ev);
}

static void web(struct fixture *f, fw_time time, const char *src, const char *host, uint64_t rcvd) {
    struct fw_event ev = {.kind = FW_KIND_HTTP, .time = time, .src = addr(src), .proto = FW_PROTO_TCP, .dport = 443};
    ev.host = (struct fw_str){host, (uint32_t)strlen(host)};
    ev.rcvd = rcvd;
    ev.action = FW_ACTION_ALLOW;
    ev.present = FW_BIT(src) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(host) | FW_BIT(rcvd) | FW_BIT(action);
    feed(f, &ev);
}

static void every_minute(struct fixture *f, unsigned n, const char *src, const char *dst, uint8_t proto,
                         uint16_t port) {
    for (unsigned i = 0; i < n; i++)
        call(f, T0 + i * FW_MINUTE, src, dst, proto, port, 420, 610);
}

static void a_beacon_is_reported_within_its_first_half_hour(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    every_minute(f, 30, BOT, C2, FW_PROTO_TCP, 443);
    assert_true(f->count >= 1);
    assert_text(f, 0, "beacon open: 10.1.7.91 calls 203.0.113.9 on tcp/443 every 60 s (+-0.0 s), 11 times in 10 min");
    assert_json_has(f, 0, "\"destination\":{\"ip\":\"203.0.113.9\",\"port\":443}");
    assert_json_has(f, 0, "\"degraded\":[\"prevalence\"]");
    fixture_close(f);
}

static void it_rises_to_stage_2_when_it_goes_on(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    every_minute(f, 8 * 60, BOT, C2, FW_PROTO_TCP, 443);
    bool risen = false;
    for (size_t i = 0; i < f->count && i < DOCUMENTS_KEPT; i++)
        risen = risen || strstr(f->documents[i].json, "\"stage\":2") != NULL;
    assert_true(risen);
    fixture_close(f);
}

static void step1_only_from_home_to_outside(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    every_minute(f, 100, "198.51.100.7", C2, FW_PROTO_TCP, 443);
    every_minute(f, 100, BOT, "10.2.0.1", FW_PROTO_TCP, 443);
    every_minute(f, 100, "198.51.100.7", "10.2.0.1", FW_PROTO_TCP, 443);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_a_proxy_as_destination_says_nothing(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    every_minute(f, 100, BOT, "10.9.9.9", FW_PROTO_TCP, 3128);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step1_through_a_proxy_it_is_known_by_host(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        web(f, T0 + i * FW_MINUTE, BOT, i % 2 ? "WWW.Example.com." : "www.example.com", 1434);
    assert_true(f->count >= 1);
    assert_text(f, 0,
                "beacon open: 10.1.7.91 calls www.example.com on tcp/443 every 60 s (+-0.0 s), 11 times in 10 min");
    assert_json_has(f, 0, "\"destination\":{\"domain\":\"www.example.com\",\"port\":443}");
    assert_json_has(f, 0, "\"key\":\"beacon|10.1.7.91|www.example.com|tcp\\/443\"");
    fixture_close(f);
}

static void step1_a_long_name_loses_its_first_labels_and_stays_apart(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        web(f, T0 + i * FW_MINUTE, BOT, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.cdn.example.com", 1434);
        web(f, T0 + i * FW_MINUTE + 7 * FW_SECOND, BOT, "bbbbbbbbbbbbbbbbbbbbbaaaaaaaaaaaaaaaaaaaaa.cdn.example.com",
            1434);
    }
    assert_int_equal(f->count, 2); /* both open */
    assert_json_has(f, 0, "\"domain\":\"cdn.example.com\"");
    assert_json_has(f, 1, "\"domain\":\"cdn.example.com\"");
    fixture_close(f);
}

static void step1_a_hostile_host_is_printable(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        web(f, T0 + i * FW_MINUTE, BOT, "a\x1b[31m\"%s.example", 1434);
    assert_true(f->count >= 1);
    assert_json_has(f, 0, "\"domain\":\"a??31m??s.example\"");
    fixture_close(f);
}

static void step2_what_polls_by_design_is_left_out(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    every_minute(f, 200, BOT, "198.51.100.1", FW_PROTO_UDP, 123);
    every_minute(f, 200, BOT, "198.51.100.2", FW_PROTO_UDP, 53);
    every_minute(f, 200, BOT, "198.51.100.3", FW_PROTO_TCP, 993);
    every_minute(f, 200, BOT, "239.255.255.250", FW_PROTO_UDP, 1900);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step2_udp_and_icmp_beacons_are_found(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    every_minute(f, 30, BOT, C2, FW_PROTO_UDP, 4444);
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + HOUR_LATER + i * 90 * FW_SECOND, BOT, C2, FW_PROTO_ICMP, 0);
        ev.present &= ~(FW_BIT(sport) | FW_BIT(dport));
        ev.icmp_type = 8;
        ev.icmp_code = (uint8_t)i; /* another session for those who join them */
        ev.present |= FW_BIT(icmp_type) | FW_BIT(icmp_code);
        feed(f, &ev);
    }
    assert_true(f->count >= 2);
    assert_json_has(f, 0, "calls 203.0.113.9 on udp\\/4444 every 60 s");
    assert_json_has(f, f->count - 1, "calls 203.0.113.9 on icmp echo every 90 s");
    fixture_close(f);
}

static void step3_a_blocked_beacon_is_one(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_DENY, T0 + i * FW_MINUTE, BOT, C2, FW_PROTO_TCP, 443);
        feed(f, &ev);
    }
    assert_true(f->count >= 1);
    assert_text(
        f, 0, "beacon open: 10.1.7.91 calls 203.0.113.9 on tcp/443 every 60 s (+-0.0 s), 24 times in 23 min (blocked)");
    assert_json_has(f, 0, "\"degraded\":[\"bytes\",\"prevalence\"]");
    fixture_close(f);
}

/* A start counts, its end adds the size. */
static void step3_sessions_with_start_and_end(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event ev = flow(FW_KIND_FLOW_START, T0 + i * FW_MINUTE, BOT, C2, FW_PROTO_TCP, 443);
        ev.sport = (uint16_t)(30000 + i);
        feed(f, &ev);
        ev = flow(FW_KIND_FLOW_END, T0 + i * FW_MINUTE + 20 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 443);
        ev.sport = (uint16_t)(30000 + i);
        ev.bytes = 990;
        ev.duration = 20000;
        ev.present |= FW_BIT(bytes) | FW_BIT(duration);
        feed(f, &ev);
    }
    assert_true(f->count >= 1);
    assert_json_has(f, 0, "every 60 s (+-0.0 s), 12 times");
    assert_json_has(f, 0, "\"degraded\":[\"prevalence\"]");
    fixture_close(f);
}

/* What lasts is dated by when it began: ends that scatter are no jitter. */
static void step3_a_beat_is_when_the_connection_began(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        struct fw_event ev =
            flow(FW_KIND_FLOW_END, T0 + i * FW_MINUTE + i * 7 % 11 * 5 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 443);
        ev.sport = (uint16_t)(30000 + i);
        ev.duration = i * 7 % 11 * 5000;
        ev.sent = 400;
        ev.present |= FW_BIT(duration) | FW_BIT(sent);
        feed(f, &ev);
    }
    assert_true(f->count >= 1);
    assert_json_has(f, 0, "every 60 s (+-0.0 s)");
    fixture_close(f);
}

/* Thirty hosts, all of which call there: -15 keeps it below 70 for long; one of thirty has no modifier, of sixty +15. */
static unsigned opened_after(unsigned hosts, unsigned callers) {
    struct fixture *f = open_beacon();
    unsigned after = 0;
    for (unsigned h = 0; h < hosts; h++)
        for (unsigned i = 0; i < 2; i++) /* everybody comes again somewhere */
            call(f, T0 + (h * 2 + i * 400) * FW_SECOND, host("10.2", h), "198.51.100.80", FW_PROTO_TCP, 443, 900 + h,
                 9000);
    for (unsigned i = 0; i < 150 && f->count == 0; i++) {
        for (unsigned h = 0; h < callers; h++)
            call(f, T0 + FW_HOUR + i * FW_MINUTE + h * FW_SECOND / 2, host("10.2", h), C2, FW_PROTO_TCP, 443, 420, 610);
        after = i + 1;
    }
    after = f->count == 0 ? 0 : after;
    fixture_close(f);
    return after;
}

static void step4_what_half_of_home_uses_needs_more(void **state) {
    (void)state;
    const unsigned one_of_few = opened_after(10, 1), one_of_thirty = opened_after(30, 1),
                   one_of_sixty = opened_after(60, 1), all = opened_after(30, 30);
    assert_true(one_of_few < 20 && one_of_few == one_of_thirty);
    assert_true(one_of_sixty <= one_of_thirty);
    assert_true(all == 0 || all > 2 * one_of_thirty);
}

static void step5_nine_of_ten_intervals(void **state) {
    struct fixture *f = open_beacon();
    fw_time time = T0;
    (void)state;
    for (unsigned i = 0; i < 400; i++) { /* two of seven are another, and no few of them add up to the same */
        call(f, time, BOT, C2, FW_PROTO_TCP, 443, 420, 610);
        time += i % 7 == 2 || i % 7 == 6 ? 7 * FW_SECOND : FW_MINUTE;
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step5_a_page_that_refreshes_for_some_minutes_is_none(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 58; i++)
        call(f, T0 + i * 10 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 443, 420, 610);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step5_what_is_fetched_is_none(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 600; i++)
        call(f, T0 + i * 10 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 443, 420, 24497);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void step5_a_call_of_varying_sizes_is_none(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 50; i++)
        call(f, T0 + i * FW_MINUTE, BOT, C2, FW_PROTO_UDP, 50004, 300 + i * 37 % 29 * 120, 1700);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

/* What it was told to do makes every fifth call another one; a program in use has no call that comes so often. */
static void step5_a_bot_answers_orders_between_its_beats(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        call(f, T0 + i * 30 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 443, i % 5 == 4 ? 40000 + i * 977 : 407, 300);
        call(f, T0 + i * 30 * FW_SECOND, "10.1.7.92", "203.0.113.10", FW_PROTO_TCP, 443, 300 + i * 37 % 29 * 20, 300);
    }
    assert_int_equal(f->count, 1);
    assert_json_has(f, 0, "10.1.7.91 calls 203.0.113.9");
    fixture_close(f);
}

static size_t found_of(unsigned beats, fw_time period, fw_time wobble) {
    struct fixture *f = open_beacon();
    for (unsigned i = 0; i < beats; i++)
        call(f, T0 + i * period + (i % 2 ? wobble : 0), BOT, C2, FW_PROTO_TCP, 443, 420, 610);
    const size_t found = f->count;
    fixture_close(f);
    return found;
}

static void step6_ten_are_enough_to_the_percent(void **state) {
    const fw_time period = 2 * FW_MINUTE;
    (void)state;
    assert_int_equal(found_of(9, period, 0), 0); /* with ten the histogram has no three bars */
    assert_int_equal(found_of(11, period, 0), 1);
    assert_int_equal(found_of(11, period, 2 * FW_SECOND), 0); /* intervals of 118 and 122 s */
    assert_int_equal(found_of(14, period, 2 * FW_SECOND), 1);
}

/* From Friday evening to Monday morning. */
/* Three calls at once, then one every two minutes: the train is as old as its first regular beat. */
static void step6_what_a_program_does_at_its_start_is_one_beat(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        call(f, T0 + i * 2 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 443, 900 + 50 * i, 610);
    for (unsigned i = 1; i < 9; i++)
        call(f, T0 + 4 * FW_SECOND + i * 2 * FW_MINUTE, BOT, C2, FW_PROTO_TCP, 443, 420, 610);
    assert_int_equal(f->count, 0);
    call(f, T0 + 4 * FW_SECOND + 9 * 2 * FW_MINUTE, BOT, C2, FW_PROTO_TCP, 443, 420, 610);
    assert_int_equal(f->count, 1);
    fixture_close(f);
}

/* Bursts do not turn into a rhythm by it: of each only the beginning of the train is a start. */
static void step6_a_page_with_pictures_every_now_and_then_has_no_start(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    struct dice dice = {11};
    fw_time time = T0;
    for (unsigned page = 0; page < 40; page++) {
        for (unsigned i = 0; i < 4; i++)
            call(f, time + i * 1500, BOT, C2, FW_PROTO_TCP, 443, 420, 610);
        time += (fw_time)(-log(1 - roll(&dice)) * 3 * FW_MINUTE) + 8 * FW_SECOND;
    }
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

static void a_finding_lives_over_a_weekend(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    every_minute(f, 12, BOT, C2, FW_PROTO_TCP, 443);
    assert_int_equal(f->count, 1);
    for (unsigned i = 0; i < 30; i++)
        call(f, T0 + 64 * FW_HOUR + i * FW_MINUTE, BOT, C2, FW_PROTO_TCP, 443, 420, 610);
    for (size_t i = 1; i < f->count; i++)
        assert_json_has(f, i, "\"action\":\"finding-update\"");
    const size_t before = f->count;
    fw_engine_idle(f->engine, 73 * FW_HOUR);
    fixture_collect(f);
    assert_int_equal(f->count, before + 1);
    assert_json_has(f, before, "\"action\":\"finding-close\"");
    fixture_close(f);
}

static void step6_twelve_are_enough_like_clockwork_only(void **state) {
    struct fixture *f = open_beacon();
    struct dice dice = {1};
    (void)state;
    every_minute(f, 10, BOT, C2, FW_PROTO_TCP, 443);
    assert_int_equal(f->count, 0);
    for (unsigned i = 0; i < 19; i++) /* +-20 % */
        call(f, T0 + i * FW_MINUTE + (fw_time)(roll(&dice) * 24000), "10.1.7.92", C2, FW_PROTO_TCP, 443, 420, 610);
    assert_int_equal(f->count, 0);
    fixture_close(f);
}

/* Two agents and a retry: three calls each time. */
static void step5_a_beat_may_be_several_connections(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        call(f, T0 + i * FW_MINUTE, BOT, C2, FW_PROTO_TCP, 1604, 152, 40);
        call(f, T0 + i * FW_MINUTE + 17 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 1604, 152, 40);
        call(f, T0 + i * FW_MINUTE + 20 * FW_SECOND, BOT, C2, FW_PROTO_TCP, 1604, 152, 40);
    }
    assert_true(f->count >= 1);
    assert_json_has(f, 0, "every 60 s (+-0.0 s), 3 calls each time, ");
    fixture_close(f);
}

static void step7_an_address_instead_of_a_name_is_worse(void **state) {
    struct fixture *f = open_beacon();
    (void)state;
    for (unsigned i = 0; i < 13; i++) {
        web(f, T0 + i * FW_MINUTE, BOT, "203.0.113.9", 1434);
        web(f, T0 + i * FW_MINUTE + 5 * FW_SECOND, BOT, "www.example.com", 1434);
    }
    assert_int_equal(f->count, 2);
    assert_json_has(f, 0, "calls 203.0.113.9 on");
    fixture_close(f);
}

/* ---- the statistic, by generated trains ---- */

enum { SEEDS = 200 };

/* Thousands of engines: the statistic is the same with a sanitizer, and takes minutes there. */
#ifdef __SANITIZE_ADDRESS__
#define NOT_WITH_A_SANITIZER() skip()
#else
#define NOT_WITH_A_SANITIZER() (void)0
#endif

struct train {
    const char *name;
    double period; /* s */
    double jitter; /* of the period, to either side */
    double missed; /* share of beats */
    double sleeps; /* the machine sleeps for an hour after so many hours; 0: never */
    double hours;  /* it lasts */
    double pareto; /* shape of gaps, or 0 */
    bool people;   /* bursts of page loads, sizes all over */
    bool varied;   /* sizes all over */
    bool poisson;
    unsigned least, most; /* of SEEDS that are found */
};

static bool is_found(const struct train *train, uint64_t seed) {
    struct fixture *f = open_beacon();
    struct dice dice = {seed * 7919 + 1};
    double time = roll(&dice) * 1000, awake = 0;
    const double end = time + train->hours * 3600;
    unsigned burst = 0;
    while (time < end && f->count == 0) {
        const uint64_t sent = train->people || train->varied ? 300 + (uint64_t)(roll(&dice) * roll(&dice) * 6000)
                                                             : 420 + (uint64_t)(roll(&dice) * 6);
        const uint64_t rcvd =
            train->people || train->varied ? 500 + (uint64_t)(roll(&dice) * roll(&dice) * 15000) : 610;
        double gap = train->period * (1 + train->jitter * (2 * roll(&dice) - 1));
        if (train->poisson)
            gap = -train->period * log(1 - roll(&dice));
        if (train->pareto > 0)
            gap = train->period * pow(1 - roll(&dice), -1 / train->pareto);
        if (train->people && burst > 0) {
            burst--;
            gap = 0.2 + 4 * roll(&dice);
        } else if (train->people) {
            burst = (unsigned)(roll(&dice) * 6);
        }
        if (roll(&dice) >= train->missed)
            call(f, T0 + (fw_time)(time * 1000), BOT, C2, FW_PROTO_TCP, 443, sent, rcvd);
        awake += gap;
        time += gap;
        if (train->sleeps > 0 && awake > train->sleeps * 3600) {
            time += 3600;
            awake = 0;
        }
    }
    const bool found = f->count > 0;
    fixture_close(f);
    return found;
}

static void generated_trains_are_told_apart(void **state) {
    static const struct train trains[] = {
        /* beacons: at least 95 of 100 */
        {.name = "60 s, fixed, 1 h", .period = 60, .hours = 1, .least = SEEDS, .most = SEEDS},
        {.name = "300 s, fixed, 4 h", .period = 300, .hours = 4, .least = SEEDS, .most = SEEDS},
        {.name = "60 s +-10 %, 1 h", .period = 60, .jitter = .1, .hours = 1, .least = SEEDS, .most = SEEDS},
        {.name = "60 s +-30 %, 2 h", .period = 60, .jitter = .3, .hours = 2, .least = SEEDS, .most = SEEDS},
        {.name = "60 s +-50 %, 4 h", .period = 60, .jitter = .5, .hours = 4, .least = 190, .most = SEEDS},
        {.name = "600 s +-50 %, 12 h", .period = 600, .jitter = .5, .hours = 12, .least = 190, .most = SEEDS},
        {.name = "60 s +-10 %, 10 % missed, 2 h",
         .period = 60,
         .jitter = .1,
         .missed = .1,
         .hours = 2,
         .least = 190,
         .most = SEEDS},
        {.name = "300 s +-10 %, sleeps 1 h in 3, 10 h",
         .period = 300,
         .jitter = .1,
         .sleeps = 2,
         .hours = 10,
         .least = 190,
         .most = SEEDS},
        /* people and chance: one in a hundred at most */
        {.name = "Poisson, 60 s, 8 h", .period = 60, .poisson = true, .hours = 8, .most = 2},
        {.name = "Poisson, 300 s, 24 h", .period = 300, .poisson = true, .hours = 24, .most = 2},
        {.name = "Pareto 1.1 gaps from 20 s, 8 h", .period = 20, .pareto = 1.1, .people = true, .hours = 8, .most = 2},
        {.name = "Pareto 1.5 gaps from 60 s, 8 h", .period = 60, .pareto = 1.5, .people = true, .hours = 8, .most = 2},
        {.name = "Pareto 1.1 gaps from 30 s, same sizes, 8 h", .period = 30, .pareto = 1.1, .hours = 8, .most = 10},
    };
    unsigned wrong = 0;
    (void)state;
    NOT_WITH_A_SANITIZER();
    for (size_t i = 0; i < sizeof trains / sizeof *trains; i++) {
        unsigned found = 0;
        for (unsigned seed = 0; seed < SEEDS; seed++)
            found += is_found(&trains[i], seed);
        const bool right = found >= trains[i].least && found <= trains[i].most;
        print_message("%-38s found %3u of %u%s\n", trains[i].name, found, (unsigned)SEEDS, right ? "" : " WRONG");
        wrong += !right;
    }
    assert_int_equal(wrong, 0);
}

/* Pauses between pages have a heavy tail (Crovella and Bestavros 1997: alpha about 1.5): short ones come in rows that
 * look regular, and a page that is fetched the same way each time has one size. */
static void browsing_with_heavy_tailed_pauses_is_none(void **state) {
    unsigned all = 0, alike = 0;
    (void)state;
    NOT_WITH_A_SANITIZER();
    for (unsigned least = 5; least <= 80; least *= 2) {
        unsigned found[3] = {0};
        for (unsigned seed = 0; seed < 50; seed++) {
            const struct train visits = {.period = least, .pareto = 1.5, .people = true, .hours = 8};
            const struct train one_page = {.period = least, .pareto = 1.5, .hours = 8, .varied = true};
            const struct train one_size = {.period = least, .pareto = 1.5, .hours = 8};
            found[0] += is_found(&visits, seed);
            found[1] += is_found(&one_page, seed);
            found[2] += is_found(&one_size, seed);
        }
        print_message("Pareto 1.5 from %2u s: %u of 50, of one page a time %u, of one size %u\n", least, found[0],
                      found[1], found[2]);
        all += found[0] + found[1];
        alike += found[2];
    }
    assert_int_equal(all, 0);
    assert_in_range(alike, 0, 12); /* one in twenty: then only the pauses tell */
}

static void half_the_period_of_jitter_does_not_hide_it(void **state) {
    unsigned missed = 0;
    (void)state;
    NOT_WITH_A_SANITIZER();
    for (unsigned period = 30; period <= 480; period *= 2)
        for (unsigned seed = 0; seed < 20; seed++) {
            const struct train bot = {.period = period, .jitter = .5, .hours = 2 + period / 45.0};
            missed += !is_found(&bot, seed);
        }
    print_message("missed with 50 %% of jitter: %u of 100\n", missed);
    assert_in_range(missed, 0, 5); /* one in twenty */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beacon_is_reported_within_its_first_half_hour),
        cmocka_unit_test(it_rises_to_stage_2_when_it_goes_on),
        cmocka_unit_test(step1_only_from_home_to_outside),
        cmocka_unit_test(step1_a_proxy_as_destination_says_nothing),
        cmocka_unit_test(step1_through_a_proxy_it_is_known_by_host),
        cmocka_unit_test(step1_a_long_name_loses_its_first_labels_and_stays_apart),
        cmocka_unit_test(step1_a_hostile_host_is_printable),
        cmocka_unit_test(step2_what_polls_by_design_is_left_out),
        cmocka_unit_test(step2_udp_and_icmp_beacons_are_found),
        cmocka_unit_test(step3_a_blocked_beacon_is_one),
        cmocka_unit_test(step3_sessions_with_start_and_end),
        cmocka_unit_test(step3_a_beat_is_when_the_connection_began),
        cmocka_unit_test(step4_what_half_of_home_uses_needs_more),
        cmocka_unit_test(step5_nine_of_ten_intervals),
        cmocka_unit_test(step5_a_page_that_refreshes_for_some_minutes_is_none),
        cmocka_unit_test(step5_what_is_fetched_is_none),
        cmocka_unit_test(step5_a_call_of_varying_sizes_is_none),
        cmocka_unit_test(step5_a_beat_may_be_several_connections),
        cmocka_unit_test(step5_a_bot_answers_orders_between_its_beats),
        cmocka_unit_test(step6_ten_are_enough_to_the_percent),
        cmocka_unit_test(step6_twelve_are_enough_like_clockwork_only),
        cmocka_unit_test(step6_what_a_program_does_at_its_start_is_one_beat),
        cmocka_unit_test(step6_a_page_with_pictures_every_now_and_then_has_no_start),
        cmocka_unit_test(a_finding_lives_over_a_weekend),
        cmocka_unit_test(step7_an_address_instead_of_a_name_is_worse),
        cmocka_unit_test(generated_trains_are_told_apart),
        cmocka_unit_test(browsing_with_heavy_tailed_pauses_is_none),
        cmocka_unit_test(half_the_period_of_jitter_does_not_hide_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
