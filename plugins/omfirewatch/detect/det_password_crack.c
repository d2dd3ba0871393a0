/* det_password_crack.c: somebody guesses passwords (N4).
 *
 * Algorithm: failed log-ins as the service itself reports them, 12 in 160 s
 * (Wazuh rule 40111) or 30 in 30 minutes (Zeek SSH::password_guesses_limit and
 * guessing_timeout). Where a firewall sees the sessions only, Zeek's older
 * heuristic: a session to a log-in service that was too short and too small for
 * a log-in that succeeded, also 30 in 30 minutes. A job that runs every minute
 * looks the same but for its pace, so sessions must also come 10 in 5 minutes.
 * A server answers wrong passwords alike, to the byte; sessions with the same
 * answer are as good as failures: 12 in 160 s. Where only the sum of both ways is
 * logged it differs by what was tried: by the length of a password.
 * The table of services says how long and how large a failed log-in may be.
 *
 * Steps, which code and tests repeat:
 *   1. what tries no password is left out: denied, unanswered (that is a scan),
 *      replies, services not in the table, some of them for home sources;
 *   2. a session is judged by its bytes and duration: a guess, or one that stayed
 *      (too long or too large for a failure), or neither; without bytes in the log
 *      every session may be a guess, and the bar is four times as high;
 *   3. one source against one service of one host;
 *   4. one source against many hosts (spraying): at least 10 of them for a source
 *      outside, four times as many for one inside; 3 when the log tells failures. While that is
 *      open its hosts are not reported one by one;
 *   5. many sources against one user of one host (distributed): at least 5;
 *   6. over the bar: reported; 4 and 16 times the bar are higher stages, a session
 *      that stayed after the guesses is the third, a log-in that succeeded the fourth.
 *
 * Memory: about 450 bytes a source and service, or user, that was seen twice, and
 * 28 bytes a host or source in a set. What an attacker controls: sources inside
 * and outside, names of users (kept as a bounded, printable copy). What comes
 * once stays at the gate.
 */
#include <stdio.h>
#include <string.h>

#include "keyed.h"
#include "rate.h"

enum param { P_WINDOW, P_GUESSES, P_PACE, P_FAILURES, P_SPRAY, P_SPRAY_FAILED, P_SOURCES, P_UNKNOWN_FACTOR };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 300, 86400, 1800, "Zeek SSH::guessing_timeout",
                  "sliding window of the count"},
    [P_GUESSES] = {"guesses", FW_UNIT_COUNT, 5, 100000, 30, "Zeek SSH::password_guesses_limit",
                   "failed log-ins, or sessions that look like them, in the window"},
    [P_PACE] = {"pace", FW_UNIT_COUNT, 1, 10000, 10, "design: twice what a job makes that runs every minute",
                "sessions in 5 minutes without which sessions are no guesses"},
    [P_FAILURES] = {"failures", FW_UNIT_COUNT, 3, 100000, 12, "Wazuh rule 40111",
                    "failed log-ins, or sessions with the same answer, in 160 seconds"},
    [P_SPRAY] = {"spray_hosts", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 10, "design",
                 "hosts of one source's sessions before they are spraying; a home source: four times"},
    [P_SPRAY_FAILED] = {"spray_failed_hosts", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 3, "design: Zeek counts all hosts",
                        "hosts of one source's failed log-ins before they are spraying"},
    [P_SOURCES] = {"sources", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 5, "design",
                   "sources of failed log-ins of one user before they are distributed guessing"},
    [P_UNKNOWN_FACTOR] = {"unknown_factor", FW_UNIT_COUNT, 1, 10, 4, "design: no bytes in the log",
                          "the bars are so many times higher when the log does not tell bytes"},
    {.name = NULL},
};

#define PACE_SPAN  (5 * FW_MINUTE)
#define FAIL_SPAN  (160 * FW_SECOND)
#define HOME_HOSTS 4 /* inside somebody administers many hosts */
enum { STAGES = 3, STAGE_FACTOR = 4, STAGE_STAYED = 3, STAGE_ENTERED = 4 };
enum { TCP_NO_PAYLOAD = 60 }; /* bytes of one TCP packet that carries nothing: SYN-ACK or RST with options */
enum { HEADERS_LEAST = 400 }; /* of ten packets, the fewest of a session in which a password is tried */
enum { TRIED_MAX = 32 };      /* bytes by which two tries differ; lists of passwords have hardly any longer */
enum { NAME_MAX_BYTES = 40, APP_MAX_BYTES = 16 };

/* What a failed log-in may take. */
struct service {
    uint16_t port;
    uint16_t seconds; /* longer: somebody is in, or the server is slow to throw him out */
    uint32_t least;   /* payload of both directions: a password cannot have been tried with less */
    uint32_t most;    /* of either direction, headers included */
    bool outside;     /* only sources outside home: inside, programs log in by the hour */
};

/* Which services: those that THC Hydra and Metasploit have log-in modules for and whose clients stay. The figures follow
 * the protocols:
 * FTP: three lines a try, three tries a session, 60 s is what servers wait for a user.
 * SSH: LoginGraceTime 120 s; the exchange of keys takes 1.5 to 3 KB each way (RFC 4253; up to 2.5 KB more with
 * post-quantum keys), MaxAuthTries 6 adds little; a monitor that reads the banner stays below the least.
 * Telnet: LOGIN_TIMEOUT of login(1) 60 s; a character is a packet of 41 bytes, and as much back.
 * SMB: negotiation and session set-up. RDP and what else speaks TLS: its handshake; a desktop is larger at once.
 * VNC: 16 bytes of challenge and response (RFC 6143). PPTP: its control channel.
 * Databases, WinRM, VMware and Asterisk: programs inside open sessions by the dozen, nobody outside should at all.
 * Not here: POP3, IMAP, submission, HTTP and LDAP, whose clients log in all day with sessions of a few hundred bytes;
 * only their failed log-ins count, when they are logged. */
static const struct service services[] = {
    {21, 60, 150, 4096, false},                                  /* FTP */
    {22, 120, 1200, 8192, false},                                /* SSH */
    {23, 60, 150, 4096, false},                                  /* telnet */
    {445, 60, 400, 4096, false},                                 /* SMB */
    {512, 60, 50, 4096, false},                                  /* rexec */
    {513, 60, 50, 4096, false},                                  /* rlogin */
    {902, 60, 150, 8192, true},                                  /* VMware authd */
    {990, 60, 800, 8192, false},                                 /* FTP over TLS */
    {992, 60, 800, 8192, false},                                 /* telnet over TLS */
    {1433, 60, 300, 4096, true},                                 /* Microsoft SQL */
    {1521, 60, 300, 8192, true},                                 /* Oracle */
    {1723, 60, 150, 4096, true},                                 /* PPTP */
    {2222, 120, 1200, 8192, false},                              /* SSH elsewhere */
    {2323, 60, 150, 4096, false},                                /* telnet elsewhere */
    {3306, 60, 150, 4096, true},                                 /* MySQL */
    {3389, 60, 800, 16384, false},                               /* RDP */
    {4899, 60, 50, 4096, false},                                 /* Radmin */
    {5038, 60, 100, 4096, true},                                 /* Asterisk */
    {5432, 60, 50, 4096, true},                                  /* PostgreSQL */
    {5631, 60, 50, 4096, false},                                 /* pcAnywhere */
    {5900, 60, 40, 4096, false},                                 /* VNC */
    {5901, 60, 40, 4096, false},    {5985, 60, 300, 8192, true}, /* WinRM */
    {5986, 60, 800, 16384, true},                                /* WinRM over TLS */
    {6379, 60, 30, 4096, true},                                  /* Redis */
    {8291, 60, 100, 4096, false},                                /* MikroTik Winbox */
    {8728, 60, 50, 4096, false},                                 /* MikroTik API */
    {27017, 60, 100, 4096, true},                                /* MongoDB */
};

enum form { FORM_PAIR, FORM_SPRAY, FORM_USER };
enum how { BY_BYTES, BY_STARTS, BY_FAILURES };

struct key {
    union fw_addr src; /* zero: many */
    union fw_addr dst; /* zero: many, or only its name is known */
    uint64_t what;     /* hash of the sensor, the service and the user, where they are part of it */
    uint16_t port;
    uint8_t form;
    uint8_t how;
    uint8_t zero[4];
};
_Static_assert(sizeof(struct key) == 48, "no padding, it is hashed and compared whole");

struct guess {
    struct fw_matter matter;
    struct fw_rate window;
    struct fw_rate pace;
    struct fw_rate alike;    /* of sessions with the same answer as the one before */
    uint64_t answer;         /* bytes of the last answer, or of both ways */
    struct fw_distinct ends; /* hosts of a spray, sources of a user */
    uint64_t stayed;         /* milliseconds of the longest session after the guesses */
    uint8_t entered;         /* a log-in succeeded */
    uint8_t by_pace;         /* it was opened by what came in 160 s */
    uint8_t named;           /* what the log has of the host is its name */
    char host[NAME_MAX_BYTES];
    char user[NAME_MAX_BYTES];
    char app[APP_MAX_BYTES];
};

/* One try. */
struct attempt {
    const struct fw_event *ev;
    union fw_addr host; /* zero: `what` stands for it */
    uint64_t what;
    uint16_t port;
    enum how how;
};

enum judgement { NOTHING, GUESS, STAYED };

static const struct service *find_service(uint16_t port) {
    for (size_t i = 0; i < sizeof services / sizeof *services && services[i].port <= port; i++)
        if (services[i].port == port)
            return &services[i];
    return NULL;
}

/* Step 1. */
static const struct service *service_of(const struct fw_event *ev) {
    const uint64_t needs = FW_BIT(dst) | FW_BIT(dport) | FW_BIT(proto);
    if (ev->kind == FW_KIND_FLOW_DENY || !fw_event_has(ev, needs) || ev->proto != FW_PROTO_TCP || ev->reply)
        return NULL;
    const struct service *service = find_service(ev->dport);
    if (service == NULL || (service->outside && (ev->src_roles & FW_ROLE_HOME) != 0))
        return NULL;
    /* Administrators reach many hosts by short sessions; their failed log-ins count all the same. */
    return (ev->src_roles & FW_ROLE_BIT(admin_host)) != 0 ? NULL : service;
}

static enum judgement judge_bytes(const struct fw_event *ev, const struct service *service) {
    const bool both = fw_event_has(ev, FW_BIT(sent) | FW_BIT(rcvd));
    const uint64_t all = both ? ev->sent + ev->rcvd : ev->bytes;
    const uint64_t most = both ? service->most : 2 * (uint64_t)service->most;
    const uint64_t larger = !both ? all : ev->sent > ev->rcvd ? ev->sent : ev->rcvd;
    /* Devices that give both directions count headers, one that gives the sum (ASA) counts payload. */
    if ((both && ev->rcvd <= TCP_NO_PAYLOAD) || all < service->least + (both ? HEADERS_LEAST : 0))
        return NOTHING;
    if (fw_event_has(ev, FW_BIT(duration)) && ev->duration > (uint64_t)(service->seconds * FW_SECOND))
        return STAYED;
    if (larger <= most)
        return GUESS;
    return larger > 4 * most ? STAYED : NOTHING; /* between the two nobody can tell */
}

/* Step 2. */
static enum judgement judge(const struct fw_event *ev, const struct service *service, enum how *how) {
    *how = BY_STARTS;
    if (ev->kind == FW_KIND_FLOW_START)
        return ev->counts && !ev->ends_logged &&
                       (!fw_event_has(ev, FW_BIT(tcp_flags)) ||
                        (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) == FW_TCP_SYN)
                   ? GUESS
                   : NOTHING;
    if (!fw_event_has(ev, FW_BIT(sent) | FW_BIT(rcvd)) && !fw_event_has(ev, FW_BIT(bytes))) {
        const bool longer =
            fw_event_has(ev, FW_BIT(duration)) && ev->duration > (uint64_t)(service->seconds * FW_SECOND);
        return longer ? NOTHING : GUESS;
    }
    *how = BY_BYTES;
    return judge_bytes(ev, service);
}

static uint64_t hash_text(uint64_t before, const struct fw_str *text) {
    const uint64_t word[2] = {before, fw_hash(&fw_seed_fixed, text->p, text->len)};
    return fw_hash(&fw_seed_fixed, word, sizeof word);
}

static void copy_text(char *to, size_t size, const struct fw_str *text) {
    (void)fw_text_append(to, size, 0, text->p, text->len);
}

static struct key key_of(const struct attempt *try, enum form form) {
    struct key key = {.port = try->port, .form = (uint8_t)form, .how = (uint8_t)try->how};
    if (form != FORM_USER)
        key.src = try->ev->src;
    if (form != FORM_SPRAY) {
        key.dst = try->host;
        key.what = try->what;
    }
    if (form == FORM_USER)
        key.what = hash_text(try->what, &try->ev->user);
    return key;
}

static fw_time pace_span(enum how how) {
    return how == BY_FAILURES ? FAIL_SPAN : PACE_SPAN;
}

static bool is_same_answer(const struct fw_event *ev, uint64_t before) {
    if (fw_event_has(ev, FW_BIT(rcvd)))
        return ev->rcvd == before;
    return (ev->bytes < before ? before - ev->bytes : ev->bytes - before) <= TRIED_MAX;
}

static void add(const struct fw_det *det, struct guess *guess, const struct attempt *try, fw_time time) {
    const struct fw_event *ev = try->ev;
    if (guess->matter.events == 0 || time < guess->matter.start)
        guess->matter.start = time;
    fw_keyed_count(&guess->matter, ev, time);
    fw_rate_add(&guess->window, time, fw_keyed_window(det), 1);
    fw_rate_add(&guess->pace, time, pace_span(try->how), 1);
    if (try->how == BY_BYTES) {
        if (is_same_answer(ev, guess->answer))
            fw_rate_add(&guess->alike, time, FAIL_SPAN, 1);
        guess->answer = fw_event_has(ev, FW_BIT(rcvd)) ? ev->rcvd : ev->bytes;
    }
    if (fw_event_has(ev, FW_BIT(user)))
        copy_text(guess->user, sizeof guess->user, &ev->user);
    if (guess->app[0] == '\0' && fw_event_has(ev, FW_BIT(app)))
        copy_text(guess->app, sizeof guess->app, &ev->app);
    if (try->what == 0)
        return;
    guess->named = 1;
    if (guess->host[0] == '\0' && fw_event_has(ev, FW_BIT(sensor)))
        copy_text(guess->host, sizeof guess->host, &ev->sensor);
}

/* Steps 3 to 5: the entry, with this try in it; NULL: the gate keeps it. */
static struct guess *put_pair(struct fw_det *det, const struct attempt *try, const struct key *key,
                              const struct fw_sink *sink) {
    fw_time first = 0;
    bool noted;
    struct guess *guess = fw_keyed_again(&det->keyed, sink, key, try->ev->time, &first, &noted);
    if (guess == NULL)
        return NULL;
    if (noted)
        add(det, guess, try, first);
    add(det, guess, try, try->ev->time);
    return guess;
}

static struct guess *put_many(struct fw_det *det, const struct attempt *try, const struct key *key,
                              const struct fw_sink *sink) {
    struct fw_contact contact = {key->form == FORM_USER ? try->ev->src : try->host, try->ev->time};
    struct fw_contact first;
    bool noted;
    if (key->form == FORM_SPRAY && try->what != 0) /* a host that has but a name */
        contact.dst = (union fw_addr){.q = {try->what, ~try->what}};
    struct guess *guess = fw_keyed_contact(&det->keyed, sink, key, &contact, &first, &noted);
    if (guess == NULL)
        return NULL;
    const fw_time window = fw_keyed_window(det);
    const uint8_t mark = fw_keyed_mark(try->ev);
    if (noted) {
        add(det, guess, try, first.time);
        (void)fw_keyed_put(&det->keyed, guess, &guess->ends, &first.dst, first.time, window, mark);
    }
    add(det, guess, try, contact.time);
    (void)fw_keyed_put(&det->keyed, guess, &guess->ends, &contact.dst, contact.time, window, mark);
    return guess;
}

static uint64_t ends_bar(const struct fw_det *det, const struct attempt *try, enum form form) {
    if (form == FORM_USER)
        return (uint64_t)det->values[P_SOURCES];
    if (try->how == BY_FAILURES)
        return (uint64_t)det->values[P_SPRAY_FAILED];
    return (uint64_t)det->values[P_SPRAY] * ((try->ev->src_roles & FW_ROLE_HOME) != 0 ? HOME_HOSTS : 1);
}

static uint64_t bar(const struct fw_det *det, const struct attempt *try) {
    return (uint64_t)det->values[P_GUESSES] * (try->how == BY_STARTS ? (uint64_t)det->values[P_UNKNOWN_FACTOR] : 1);
}

/* Over the bar? *rate gets what was counted. */
static bool is_enough(const struct fw_det *det, const struct attempt *try, struct guess *guess, enum form form,
                      const struct fw_rate **rate) {
    const fw_time now = try->ev->time;
    const uint64_t pace =
        (uint64_t)det->values[P_PACE] * (try->how == BY_STARTS ? (uint64_t)det->values[P_UNKNOWN_FACTOR] : 1);
    *rate = &guess->window;
    if (form != FORM_PAIR && guess->ends.count < ends_bar(det, try, form))
        return false;
    if (fw_rate_now(&guess->window, now, fw_keyed_window(det)) >= bar(det, try) &&
        (try->how == BY_FAILURES || fw_rate_now(&guess->pace, now, PACE_SPAN) >= pace))
        return true;
    if (form != FORM_PAIR)
        return false;
    *rate = try->how == BY_FAILURES ? &guess->pace : &guess->alike;
    guess->by_pace = fw_rate_now(*rate, now, FAIL_SPAN) >= (uint64_t)det->values[P_FAILURES];
    return guess->by_pace;
}

static struct fw_subject subject_of(const struct key *key) {
    static const union fw_addr none;
    return (struct fw_subject){.src = key->src,
                               .dst = key->dst,
                               .has_src = key->form != FORM_USER,
                               .has_dst = !fw_addr_equal(&key->dst, &none),
                               .proto = key->port != 0 ? FW_PROTO_TCP : -1,
                               .dport = key->port != 0 ? key->port : -1};
}

/* Step 6. */
static void report(struct fw_det *det, struct guess *guess, fw_time time, const struct fw_sink *sink) {
    const struct key *key = fw_table_key(det->keyed.table, guess);
    unsigned stage = 1;
    for (uint64_t rung = guess->matter.threshold * STAGE_FACTOR; stage < STAGES && guess->matter.events >= rung;
         rung *= STAGE_FACTOR)
        stage++;
    if (guess->stayed > 0 && stage < STAGE_STAYED)
        stage = STAGE_STAYED;
    if (guess->entered)
        stage = STAGE_ENTERED;
    struct fw_report what = {.subject = subject_of(key), .time = time, .stage = stage, .value = guess->matter.events};
    fw_keyed_report(&det->keyed, sink, &guess->matter, &what);
}

static void decide(struct fw_det *det, const struct attempt *try, struct guess *guess, enum form form,
                   const struct fw_sink *sink) {
    if (guess->matter.handle == 0) {
        const struct fw_rate *rate;
        if (!is_enough(det, try, guess, form, &rate))
            return;
        guess->matter.events = fw_rate_held(rate, &guess->matter.start);
        guess->matter.threshold = guess->by_pace ? (uint64_t)det->values[P_FAILURES] : bar(det, try);
        if (form != FORM_PAIR)
            fw_distinct_sketch(det->keyed.pool, &guess->ends);
    }
    report(det, guess, try->ev->time, sink);
}

static void tell(const struct fw_det *det, const struct attempt *try, const struct key *key, const struct guess *guess,
                 const struct fw_sink *sink) {
    const struct fw_reading reading = {
        .subject = subject_of(key),
        .measure = try->how == BY_FAILURES ? "failed log-ins" : "sessions like failed log-ins",
        .value = guess == NULL ? 1 : fw_rate_now(&guess->window, try->ev->time, fw_keyed_window(det)),
        .threshold = bar(det, try),
        .open = guess != NULL && guess->matter.handle != 0};
    fw_sink_tell(sink, &reading);
}

static void put(struct fw_det *det, const struct attempt *try, const struct fw_sink *sink) {
    bool spraying = false;
    if (try->how != BY_STARTS) { /* without bytes it is a scan as well */
        const struct key key = key_of(try, FORM_SPRAY);
        struct guess *guess = put_many(det, try, &key, sink);
        if (guess != NULL)
            decide(det, try, guess, FORM_SPRAY, sink);
        spraying = guess != NULL && guess->matter.handle != 0;
    }
    if (try->how == BY_FAILURES && fw_event_has(try->ev, FW_BIT(user))) {
        const struct key key = key_of(try, FORM_USER);
        struct guess *guess = put_many(det, try, &key, sink);
        if (guess != NULL)
            decide(det, try, guess, FORM_USER, sink);
    }
    const struct key key = key_of(try, FORM_PAIR);
    struct guess *guess = put_pair(det, try, &key, sink);
    if (guess != NULL && (!spraying || guess->matter.handle != 0))
        decide(det, try, guess, FORM_PAIR, sink);
    if (fw_sink_asks(sink))
        tell(det, try, &key, guess, sink);
}

/* Somebody is in after the guesses: by a session that stayed, or because the service says so. */
static void note_success(struct fw_det *det, const struct attempt *try, enum form form, const struct fw_sink *sink) {
    const struct key key = key_of(try, form);
    struct guess *guess = fw_keyed_find(&det->keyed, sink, &key, try->ev->time);
    if (guess == NULL || guess->matter.handle == 0)
        return;
    if (try->how == BY_FAILURES) {
        guess->entered = 1;
        if (fw_event_has(try->ev, FW_BIT(user)))
            copy_text(guess->user, sizeof guess->user, &try->ev->user);
    } else {
        const uint64_t stayed = fw_event_has(try->ev, FW_BIT(duration)) ? try->ev->duration : 1;
        if (stayed > guess->stayed)
            guess->stayed = stayed;
    }
    report(det, guess, try->ev->time, sink);
}

static void observe_auth(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (!fw_event_has(ev, FW_BIT(outcome)))
        return;
    struct attempt try = {.ev = ev, .how = BY_FAILURES};
    if (fw_event_has(ev, FW_BIT(dst)))
        try.host = ev->dst;
    else
        try.what = fw_event_has(ev, FW_BIT(sensor)) ? hash_text(1, &ev->sensor) : 1;
    if (fw_event_has(ev, FW_BIT(dport)))
        try.port = ev->dport;
    if (fw_event_has(ev, FW_BIT(app)) && try.what != 0)
        try.what = hash_text(try.what, &ev->app);
    if (ev->outcome == FW_OUTCOME_FAILURE) {
        put(det, &try, sink);
        return;
    }
    note_success(det, &try, FORM_SPRAY, sink);
    note_success(det, &try, FORM_PAIR, sink);
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (ev->kind == FW_KIND_AUTH) {
        observe_auth(det, ev, sink);
        return;
    }
    const struct service *service = service_of(ev);
    if (service == NULL)
        return;
    struct attempt try = {.ev = ev, .host = ev->dst, .port = ev->dport};
    switch (judge(ev, service, &try.how)) {
    case GUESS:
        put(det, &try, sink);
        return;
    case STAYED:
        note_success(det, &try, FORM_SPRAY, sink);
        note_success(det, &try, FORM_PAIR, sink);
        return;
    case NOTHING:
        return;
    }
}

/* "gw1 (ssh)", "10.1.2.3 on tcp/22", "12 hosts on tcp/22" */
static void name_target(const struct fw_det *det, const struct guess *guess, const struct key *key, char *buf,
                        size_t size) {
    char host[FW_ADDR_TEXT_MAX], service[24] = "";
    if (key->port != 0)
        (void)snprintf(service, sizeof service, " on tcp/%u", key->port);
    else if (guess->app[0] != '\0')
        (void)snprintf(service, sizeof service, " (%s)", guess->app);
    (void)fw_addr_format(&key->dst, host);
    if (key->form == FORM_SPRAY)
        (void)snprintf(buf, size, "%llu hosts%s",
                       (unsigned long long)fw_distinct_magnitude(det->keyed.pool, &guess->ends, NULL), service);
    else
        (void)snprintf(buf, size, "%s%s", guess->named ? guess->host : host, service);
}

static void write_sentence(const struct fw_det *det, const struct guess *guess, const struct key *key, char *buf,
                           size_t size) {
    char who[FW_ADDR_TEXT_MAX], target[72], span[24], then[96] = "";
    (void)fw_addr_format(&key->src, who);
    if (key->form == FORM_USER)
        (void)snprintf(who, sizeof who, "%llu hosts",
                       (unsigned long long)fw_distinct_magnitude(det->keyed.pool, &guess->ends, NULL));
    name_target(det, guess, key, target, sizeof target);
    if (guess->entered) {
        (void)snprintf(then, sizeof then, ", then succeeded%s%s", guess->user[0] != '\0' ? " as " : "", guess->user);
    } else if (guess->stayed > 0) {
        (void)fw_span_format((fw_time)guess->stayed, span, sizeof span);
        (void)snprintf(then, sizeof then, ", then one session of %s", span);
    }
    (void)fw_span_format(guess->matter.last - guess->matter.start, span, sizeof span);
    const unsigned long long times = guess->matter.events;
    if (key->form == FORM_USER)
        (void)snprintf(buf, size, "%s failed to log in as %s to %s %llu times in %s", who, guess->user, target, times,
                       span);
    else if (key->how == BY_FAILURES)
        (void)snprintf(buf, size, "%s failed to log in to %s %llu times in %s%s", who, target, times, span, then);
    else
        (void)snprintf(buf, size, "%s guesses passwords of %s: %llu %ssessions in %s%s", who, target, times,
                       key->how == BY_BYTES ? "short " : "", span, then);
}

static const char *next_step(const struct guess *guess, const struct key *key) {
    if (guess->entered)
        return "Somebody got in. Lock the account, end its sessions, and see what was done since; then change its "
               "password and look at the other machines it is used on.";
    if (guess->stayed > 0)
        return "See in the log of the service who logged in after the guesses, and whether he should have. Close the "
               "service to that source.";
    if (key->form == FORM_USER)
        return "Lock the account against log-ins from outside or give it a second factor; see whether one of the "
               "log-ins succeeded.";
    return "See in the log of the service whether a log-in succeeded. Close the service to that source, or to all that "
           "need not reach it; a program of your own that logs in with an old password looks the same.";
}

static void describe(const struct fw_det *det, const void *entry, struct fw_description *out) {
    static const unsigned confidence[] = {[BY_BYTES] = 80, [BY_STARTS] = 50, [BY_FAILURES] = 95};
    const struct guess *guess = entry;
    const struct key *key = fw_table_key(det->keyed.table, entry);
    const struct fw_subject subject = subject_of(key);
    char src[FW_ADDR_TEXT_MAX], target[72];
    write_sentence(det, guess, key, out->sentence, sizeof out->sentence);
    out->measure = key->how == BY_FAILURES ? "failures" : "sessions";
    out->window = guess->by_pace ? FAIL_SPAN : fw_keyed_window(det);
    const bool few = guess->by_pace && guess->matter.events < (uint64_t)det->values[P_GUESSES];
    out->confidence = key->how == BY_BYTES && few ? 70 : confidence[key->how];
    if (key->how == BY_STARTS)
        out->degraded[0] = "bytes";
    fw_keyed_degraded(&guess->ends, out);
    out->next_step = next_step(guess, key);
    if (guess->user[0] != '\0' && (guess->entered || key->form == FORM_USER))
        memcpy(out->users[0], guess->user, sizeof guess->user);
    (void)fw_addr_format(&key->src, src);
    if (key->form == FORM_SPRAY)
        (void)snprintf(target, sizeof target, "many hosts|%s%u", key->port != 0 ? "tcp/" : "", key->port);
    else
        name_target(det, guess, key, target, sizeof target);
    (void)snprintf(out->key, sizeof out->key, "%s|%s%s", key->form == FORM_USER ? guess->user : src, target,
                   key->how == BY_STARTS ? "|starts" : "");
    if (key->form == FORM_SPRAY && !guess->named) {
        fw_keyed_evidence(&det->keyed, &guess->ends, guess->matter.start, key->port != 0 ? key->port : -1, out);
        return;
    }
    fw_keyed_edges(&guess->matter, subject.has_dst ? &key->dst : NULL, subject.dport, out);
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {.name = "password_crack",
                                         .key_size = sizeof(struct key),
                                         .value_size = sizeof(struct guess),
                                         .sets = {offsetof(struct guess, ends)},
                                         .set_count = 1,
                                         .times = {FW_RATE_TIMES(struct guess, window),
                                                   FW_RATE_TIMES(struct guess, pace),
                                                   FW_RATE_TIMES(struct guess, alike)},
                                         .time_count = 3 * FW_RATE_TIMES_COUNT,
                                         .table_pct = 75,
                                         .gate = true};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_password_crack = {
    .name = "password_crack",
    .title = "password guessing",
    .requirement = "N4",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1110",
    .technique_name = "Brute Force",
    .tactic = FW_TACTIC_CREDENTIAL_ACCESS,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_AUTH,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(tcp_flags) | FW_BIT(duration) | FW_BIT(sent) |
            FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(user) | FW_BIT(outcome) | FW_BIT(app) | FW_BIT(sensor),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 2,
    .quiet = fw_keyed_quiet,
    .open = open_det,
    .observe = observe,
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
