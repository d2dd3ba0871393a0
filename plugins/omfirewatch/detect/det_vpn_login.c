/* det_vpn_login.c: log-ins to a VPN that are not as they should be (N15).
 *
 * Algorithm: Wazuh's rules 40111 and 40112 count failures, and failures that end in
 * a success; "impossible travel" is what identity providers call two log-ins
 * that nobody can travel between. Both need somebody who knows what is usual for
 * a user: his networks are learned, and what he does on three days is usual.
 *
 * Steps, which code and tests repeat:
 *   1. a log-in is a VPN's when the device says so; where it names no service and no
 *      port it may be one, but without an address too only its failures count, for users
 *      who were in before. A line that ends a session (a duration, no outcome) closes
 *      the user's session from there;
 *   2. `failures` of one user within `span`: somebody tries;
 *   3. a success after so many: somebody got in;
 *   4. one source that fails as `users` different users: guessing over users; the
 *      first of them who gets in from there after that: somebody got in;
 *   5. a success from a network (IPv4 /16, IPv6 /32) that is new for a user of whom
 *      `learned` log-ins on three days are known: new network. Where a database says
 *      in which country networks are, the country must be new;
 *   6. a success while a session from another network is open, neither of both usual:
 *      two places at once. Where nobody logs the end of sessions, one is taken to be
 *      open for `open` after the log-in;
 *   7. a success `distance` or more from the one before, in less than `travel`,
 *      neither of both usual: impossible travel. Needs a database with places.
 *   Inside addresses have no places: steps 5 to 7 are about the outside.
 *
 * Memory: about 560 bytes a user who logged in or failed twice, and 200 a source
 * that failed twice. What an attacker controls: names of users and how many (a name
 * that came once waits at the gate), his addresses; a name is kept up to 47 bytes
 * with a hash of all of it, so that long ones differ.
 */
#include <stdio.h>
#include <string.h>

#include "../core/bits.h"
#include "../core/geo.h"
#include "keyed.h"
#include "rate.h"

enum param { P_WINDOW, P_FAILURES, P_SPAN, P_USERS, P_LEARNED, P_OPEN, P_TRAVEL, P_DISTANCE };

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 86400, 7776000, 2592000, "who was away for a month is new again",
                  "a user not heard of for so long is forgotten, with his networks"},
    [P_FAILURES] = {"failures", FW_UNIT_COUNT, 3, 1000, 5, "an account is commonly locked at five",
                    "failed log-ins of one user within span"},
    [P_SPAN] = {"span", FW_UNIT_SECONDS, 30, 3600, 240, "Wazuh rule 40112",
                "failures are counted over so long, and a success after them"},
    [P_USERS] = {"users", FW_UNIT_COUNT, 2, FW_DISTINCT_MAX, 5, "a household shares an address, not five accounts",
                 "users that one source failed as, within 15 minutes"},
    [P_LEARNED] = {"learned", FW_UNIT_COUNT, 1, 1000, 5, "a working week",
                   "log-ins, on three days, after which a new network is news"},
    [P_OPEN] = {"open", FW_UNIT_SECONDS, 60, 86400, 1800, "a line that changes is back long before",
                "a session is taken to be open for so long where ends are not logged"},
    [P_TRAVEL] = {"travel", FW_UNIT_SECONDS, 600, 86400, 10800, "a flight of 1000 km with its airports takes longer",
                  "two log-ins within so long"},
    [P_DISTANCE] = {"distance", FW_UNIT_COUNT, 100, 20000, 1000, "databases are wrong by some hundred km",
                    "kilometres between two log-ins"},
    {.name = NULL},
};

#define QUIET     FW_HOUR /* a finding closes after so long: what an administrator looks at as one matter */
#define GUESSING  (15 * FW_MINUTE)
#define SAME      FW_SECOND      /* a device says one failure in several lines */
#define FOREVER   (24 * FW_HOUR) /* no session is open for longer, whatever the log lost */
#define DAY       (24 * FW_HOUR)
#define NETS_MAX  8 /* home, work, telephone, hotels; the one not used for longest goes */
#define USUAL     3 /* days: what was used on so many is usual */
#define USER_KEPT 48

enum { FORM_USER = 1, FORM_SOURCE };

enum sign { FAILED = 1, GUESSED = 2, ENTERED = 4, NEW_NETWORK = 8, TWO_PLACES = 16, TRAVELLED = 32 };

struct key {
    char user[USER_KEPT]; /* folded to lower case, cut; or the source */
    uint64_t whole;       /* hash of the whole name */
    uint64_t form;
};
_Static_assert(sizeof(struct key) == 64, "no padding, it is hashed and compared whole");

struct network {
    union fw_addr addr; /* the last one there */
    fw_time last;
    fw_time since; /* of the open session; 0: none */
    uint32_t logins;
    uint32_t days;
};

struct entry {
    struct fw_matter matter;
    struct fw_rate failures;
    struct fw_distinct users; /* of a source that failed */
    union fw_addr src;        /* of the last line */
    union fw_addr other;      /* the other place */
    fw_time tried;            /* the last failure */
    fw_time placed;           /* the last success from outside */
    union fw_addr place;      /* where from */
    uint32_t logins, days;    /* successes so far; days with one */
    uint32_t kilometres;
    uint32_t failed_as; /* users of the source when somebody got in */
    uint8_t signs;      /* enum sign */
    uint8_t knows_ends; /* the end of a session of this user was logged */
    uint8_t has_src;
    uint8_t form;
    uint8_t zero[4];
    char user[USER_KEPT]; /* who got in; of a user his own name */
    struct network nets[NETS_MAX];
};

/* ---- step 1 ---- */

static bool is_word(const struct fw_str *text, const char *word) {
    for (uint32_t i = 0; i < text->len; i++)
        if (word[i] == '\0' || (text->p[i] | 0x20) != word[i])
            return false;
    return word[text->len] == '\0';
}

static bool is_vpn(const struct fw_event *ev) {
    if (fw_event_has(ev, FW_BIT(app)))
        return is_word(&ev->app, "vpn");
    return !fw_event_has(ev, FW_BIT(dport));
}

/* Neither what for nor where from: a failure may be one of a user of the VPN, a success tells nothing. */
static bool is_vague(const struct fw_event *ev) {
    return !fw_event_has(ev, FW_BIT(app)) && !fw_event_has(ev, FW_BIT(src));
}

static void set_user(struct key *key, const struct fw_str *user) {
    const uint32_t kept = user->len < USER_KEPT - 1 ? user->len : USER_KEPT - 1;
    memset(key, 0, sizeof *key);
    for (uint32_t i = 0; i < kept; i++) {
        const char c = user->p[i];
        key->user[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    if (user->len > kept)
        key->whole = fw_hash(&fw_seed_fixed, user->p, user->len);
    key->form = FORM_USER;
}

static void set_source(struct key *key, const union fw_addr *src) {
    memset(key, 0, sizeof *key);
    memcpy(key->user, src, sizeof *src);
    key->form = FORM_SOURCE;
}

/* The entry that is asked for ahead; that of the source comes with failures only. */
static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *out) {
    (void)det;
    if (ev->kind != FW_KIND_AUTH || !fw_event_has(ev, FW_BIT(user)) || ev->user.len == 0 || !is_vpn(ev))
        return false;
    set_user(out, &ev->user);
    return true;
}

static union fw_addr network_of(const union fw_addr *addr) {
    union fw_addr net = *addr;
    memset(net.b + (fw_addr_is_v4(addr) ? 14 : 4), 0, fw_addr_is_v4(addr) ? 2 : 12);
    return net;
}

static bool is_outside(const struct fw_event *ev) {
    return fw_event_has(ev, FW_BIT(src)) && (ev->src_roles & FW_ROLE_HOME) == 0;
}

/* ---- what is found ---- */

/* The entry of a key, which stays when its finding ends here. */
static struct entry *find(struct fw_det *det, const struct key *key, fw_time time, const struct fw_sink *sink) {
    struct entry *entry = fw_keyed_find(&det->keyed, sink, key, time);
    return entry != NULL ? entry : fw_table_find(det->keyed.table, key);
}

static void note_source(struct entry *entry, const struct fw_event *ev) {
    if (!fw_event_has(ev, FW_BIT(src)))
        return;
    entry->src = ev->src;
    entry->has_src = 1;
}

/* Without failures that still count a matter begins with this line. */
static void begin(struct entry *entry, const struct fw_event *ev, fw_time span) {
    if (entry->matter.handle == 0 && fw_rate_now(&entry->failures, ev->time, span) == 0) {
        entry->matter.events = entry->matter.denied = entry->matter.late = 0;
        entry->matter.start = ev->time;
        entry->signs = 0;
    }
}

static void count(struct entry *entry, const struct fw_event *ev) {
    const bool failed = ev->outcome == FW_OUTCOME_FAILURE;
    fw_keyed_count(&entry->matter, ev, ev->time);
    entry->matter.denied += failed;
    note_source(entry, ev);
}

static unsigned stage_of(const struct entry *entry) {
    const unsigned signs = fw_bits_set(entry->signs & (NEW_NETWORK | TWO_PLACES | TRAVELLED));
    if ((entry->signs & ENTERED) != 0)
        return signs > 0 ? 4 : 3;
    if ((entry->signs & (TWO_PLACES | TRAVELLED)) != 0)
        return signs > 1 ? 3 : 2;
    return signs > 0 && (entry->signs & FAILED) != 0 ? 2 : 1;
}

static void report(struct fw_det *det, struct entry *entry, fw_time time, const struct fw_sink *sink) {
    const bool counted = (entry->signs & (FAILED | GUESSED | ENTERED)) != 0;
    if (entry->matter.handle == 0)
        entry->matter.threshold =
            counted ? (uint64_t)det->values[entry->form == FORM_SOURCE ? P_USERS : P_FAILURES] : 1;
    struct fw_report what = {.subject = {.src = entry->src, .has_src = entry->has_src != 0, .proto = -1, .dport = -1},
                             .time = time,
                             .stage = stage_of(entry),
                             .value = !counted ? fw_bits_set(entry->signs)
                                      : entry->form == FORM_SOURCE
                                          ? fw_distinct_magnitude(det->keyed.pool, &entry->users, NULL)
                                          : entry->matter.denied};
    fw_keyed_report(&det->keyed, sink, &entry->matter, &what);
}

/* Step 2. */
static void fail_user(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    fw_time first = 0;
    bool noted = false;
    set_user(&key, &ev->user);
    struct entry *entry = is_vague(ev) ? find(det, &key, ev->time, sink)
                                       : fw_keyed_again(&det->keyed, sink, &key, ev->time, &first, &noted);
    if (entry != NULL && is_vague(ev) && entry->logins == 0)
        return;
    const fw_time span = det->values[P_SPAN] * FW_SECOND;
    uint64_t failed = 1;
    if (entry != NULL) {
        entry->form = FORM_USER;
        begin(entry, ev, span);
        if (noted && ev->time - first < span) {
            fw_rate_add(&entry->failures, first, span, 1);
            entry->tried = entry->matter.start = entry->matter.last = first;
            entry->matter.events++;
            entry->matter.denied++;
        }
        if (ev->time - entry->tried >= SAME || ev->time < entry->tried) {
            count(entry, ev);
            fw_rate_add(&entry->failures, ev->time, span, 1);
            entry->tried = ev->time;
        }
        failed = fw_rate_now(&entry->failures, ev->time, span);
        if (failed >= (uint64_t)det->values[P_FAILURES])
            entry->signs |= FAILED;
        if ((entry->signs & FAILED) != 0)
            report(det, entry, ev->time, sink);
    }
    if (fw_sink_asks(sink)) {
        const struct fw_reading reading = {
            .subject = {.src = ev->src, .has_src = fw_event_has(ev, FW_BIT(src)), .proto = -1, .dport = -1},
            .measure = "failed log-ins",
            .value = failed,
            .threshold = (uint64_t)det->values[P_FAILURES],
            .open = entry != NULL && entry->matter.handle != 0};
        fw_sink_tell(sink, &reading);
    }
}

/* Step 4: the users are elements of a set of addresses. */
static union fw_addr element_of(const struct fw_str *user) {
    struct key key;
    set_user(&key, user);
    return (union fw_addr){.q = {fw_hash(&fw_seed_fixed, &key, sizeof key), 1}};
}

static void fail_source(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    struct fw_contact first;
    bool noted = false;
    const struct fw_contact contact = {.dst = element_of(&ev->user), .time = ev->time};
    set_source(&key, &ev->src);
    struct entry *entry = fw_keyed_contact(&det->keyed, sink, &key, &contact, &first, &noted);
    if (entry == NULL)
        return;
    entry->form = FORM_SOURCE;
    begin(entry, ev, GUESSING);
    if (noted && ev->time - first.time < GUESSING) {
        entry->matter.start = first.time;
        entry->matter.events++;
        entry->matter.denied++;
        (void)fw_distinct_add(det->keyed.pool, &entry->users, &first.dst, first.time, GUESSING, 0, NULL);
    }
    count(entry, ev);
    fw_rate_add(&entry->failures, ev->time, GUESSING, 1);
    (void)fw_distinct_add(det->keyed.pool, &entry->users, &contact.dst, ev->time, GUESSING, 0, NULL);
    if (entry->users.count >= (uint64_t)det->values[P_USERS])
        entry->signs |= GUESSED;
    if ((entry->signs & GUESSED) != 0)
        report(det, entry, ev->time, sink);
}

static void name_user(struct entry *entry, const struct fw_str *user) {
    memset(entry->user, 0, sizeof entry->user);
    (void)fw_text_append(entry->user, sizeof entry->user, 0, user->p, user->len);
}

/* Step 4, its second half. */
static void enter_source(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    set_source(&key, &ev->src);
    struct entry *entry = find(det, &key, ev->time, sink);
    if (entry == NULL || entry->matter.handle == 0 || (entry->signs & ENTERED) != 0)
        return;
    count(entry, ev);
    entry->signs |= ENTERED;
    entry->failed_as = entry->users.count;
    name_user(entry, &ev->user);
    report(det, entry, ev->time, sink);
}

/* ---- places ---- */

static struct network *find_network(struct entry *entry, const union fw_addr *net) {
    for (size_t i = 0; i < NETS_MAX; i++)
        if (entry->nets[i].logins > 0) {
            const union fw_addr one = network_of(&entry->nets[i].addr);
            if (fw_addr_equal(&one, net))
                return &entry->nets[i];
        }
    return NULL;
}

static struct network *take_network(struct entry *entry) {
    struct network *oldest = &entry->nets[0];
    for (size_t i = 0; i < NETS_MAX; i++) {
        if (entry->nets[i].logins == 0) {
            oldest = &entry->nets[i];
            break;
        }
        if (entry->nets[i].last < oldest->last)
            oldest = &entry->nets[i];
    }
    memset(oldest, 0, sizeof *oldest);
    return oldest;
}

static bool is_usual(const struct network *network) {
    return network != NULL && network->days >= USUAL;
}

static bool is_open(const struct fw_det *det, const struct entry *entry, const struct network *network, fw_time time) {
    const fw_time open = entry->knows_ends ? FOREVER : det->values[P_OPEN] * FW_SECOND;
    return network->logins > 0 && network->since != 0 && time - network->since < open && time >= network->since;
}

/* Step 5, its last sentence. */
static bool is_new_country(const struct entry *entry, const struct fw_whereabouts *here, const struct fw_sink *sink) {
    struct fw_whereabouts there;
    for (size_t i = 0; i < NETS_MAX; i++)
        if (entry->nets[i].logins > 0 && fw_findings_where(sink->findings, &entry->nets[i].addr, &there) &&
            strcmp(there.country, here->country) == 0)
            return false;
    return true;
}

/* Step 5. */
static bool is_new_network(const struct fw_det *det, const struct entry *entry, const union fw_addr *src,
                           const struct network *known, const struct fw_sink *sink) {
    struct fw_whereabouts here;
    if (known != NULL || entry->logins < (uint64_t)det->values[P_LEARNED] || entry->days < USUAL)
        return false;
    return !fw_findings_where(sink->findings, src, &here) || here.country[0] == '\0' ||
           is_new_country(entry, &here, sink);
}

/* Step 6. The open session from elsewhere, or NULL. */
static const struct network *other_place(const struct fw_det *det, const struct entry *entry,
                                         const struct network *known, fw_time time) {
    for (size_t i = 0; i < NETS_MAX; i++) {
        const struct network *other = &entry->nets[i];
        if (other != known && is_open(det, entry, other, time) && !(is_usual(known) && is_usual(other)))
            return other;
    }
    return NULL;
}

/* Step 7. */
static uint32_t travelled(const struct fw_det *det, const struct entry *entry, const struct fw_event *ev,
                          const struct network *known, const struct network *before, const struct fw_sink *sink) {
    struct fw_whereabouts here, there;
    if (entry->placed == 0 || ev->time - entry->placed >= det->values[P_TRAVEL] * FW_SECOND ||
        (is_usual(known) && is_usual(before)) || !fw_findings_where(sink->findings, &ev->src, &here) ||
        !fw_findings_where(sink->findings, &entry->place, &there) || !here.has_place || !there.has_place)
        return 0;
    const double distance = fw_geo_distance(&here, &there);
    return distance >= (double)det->values[P_DISTANCE] ? (uint32_t)distance : 0;
}

static void learn(struct entry *entry, const struct fw_event *ev, struct network *known) {
    if (known == NULL)
        known = take_network(entry);
    known->addr = ev->src;
    known->days += known->logins == 0 || ev->time / DAY != known->last / DAY;
    known->logins++;
    known->last = known->since = ev->time;
    entry->placed = ev->time;
    entry->place = ev->src;
}

/* Steps 5 to 7. */
static void look_at_place(struct fw_det *det, const struct fw_event *ev, struct entry *entry,
                          const struct fw_sink *sink) {
    const union fw_addr net = network_of(&ev->src), last = network_of(&entry->place);
    struct network *known = find_network(entry, &net);
    const struct network *before = find_network(entry, &last);
    const struct network *other = other_place(det, entry, known, ev->time);
    const uint32_t distance = travelled(det, entry, ev, known, before, sink);
    if (is_new_network(det, entry, &ev->src, known, sink))
        entry->signs |= NEW_NETWORK;
    if (other != NULL) {
        entry->signs |= TWO_PLACES;
        entry->other = other->addr;
    }
    if (distance > 0) {
        entry->signs |= TRAVELLED;
        entry->kilometres = distance;
        entry->other = entry->place;
    }
    learn(entry, ev, known);
}

static void enter_user(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    set_user(&key, &ev->user);
    struct entry *entry = fw_keyed_enter(&det->keyed, sink, &key, ev->time);
    if (entry == NULL)
        return;
    const fw_time span = det->values[P_SPAN] * FW_SECOND;
    const bool again = ev->time - entry->matter.last < SAME && entry->logins > 0; /* the same one in another line */
    const fw_time last = entry->matter.last;
    entry->form = FORM_USER;
    begin(entry, ev, span);
    const uint8_t before = entry->signs;
    if (fw_rate_now(&entry->failures, ev->time, span) >= (uint64_t)det->values[P_FAILURES])
        entry->signs |= ENTERED; /* step 3 */
    count(entry, ev);
    if (is_outside(ev))
        look_at_place(det, ev, entry, sink);
    if (!again) {
        entry->days += entry->logins == 0 || ev->time / DAY != last / DAY;
        entry->logins++;
    }
    name_user(entry, &ev->user);
    if (entry->signs != before)
        report(det, entry, ev->time, sink);
}

/* Step 1: a session is over. */
static void leave_user(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct key key;
    set_user(&key, &ev->user);
    struct entry *entry = find(det, &key, ev->time, sink);
    if (entry == NULL || !is_outside(ev))
        return;
    const union fw_addr net = network_of(&ev->src);
    struct network *network = find_network(entry, &net);
    entry->knows_ends = 1;
    if (network != NULL)
        network->since = 0;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    if (!is_vpn(ev) || ev->user.len == 0)
        return;
    if (!fw_event_has(ev, FW_BIT(outcome))) {
        if (fw_event_has(ev, FW_BIT(duration)))
            leave_user(det, ev, sink);
        return;
    }
    if (ev->outcome == FW_OUTCOME_FAILURE) {
        if (fw_event_has(ev, FW_BIT(src)))
            fail_source(det, ev, sink);
        fail_user(det, ev, sink);
        return;
    }
    if (is_vague(ev))
        return;
    if (fw_event_has(ev, FW_BIT(src)))
        enter_source(det, ev, sink);
    enter_user(det, ev, sink);
}

/* ---- in words ---- */

static void write_user(const struct entry *entry, const char *user, char *buf, size_t size) {
    char src[FW_ADDR_TEXT_MAX] = "an unknown address", other[FW_ADDR_TEXT_MAX], span[24], then[200] = "";
    size_t len = 0;
    if (entry->has_src)
        (void)fw_addr_format(&entry->src, src);
    (void)fw_addr_format(&entry->other, other);
    (void)fw_span_format(entry->matter.last - entry->matter.start, span, sizeof span);
    if ((entry->signs & TRAVELLED) != 0)
        len += (size_t)snprintf(then, sizeof then, ", %u km from %s, where the log-in before came from",
                                entry->kilometres, other);
    else if ((entry->signs & TWO_PLACES) != 0)
        len += (size_t)snprintf(then, sizeof then, ", while a session from %s is open", other);
    if ((entry->signs & NEW_NETWORK) != 0)
        (void)snprintf(then + len, sizeof then - len, ", a network that is new for this user");
    if ((entry->signs & ENTERED) != 0)
        (void)snprintf(buf, size, "%s failed to log in %llu times in %s, then got in from %s%s", user,
                       (unsigned long long)entry->matter.denied, span, src, then);
    else if ((entry->signs & FAILED) != 0 && then[0] == '\0')
        (void)snprintf(buf, size, "%s failed to log in %llu times in %s, last from %s", user,
                       (unsigned long long)entry->matter.denied, span, src);
    else
        (void)snprintf(buf, size, "%s logged in from %s%s", user, src, then);
}

static void write_source(const struct fw_det *det, const struct entry *entry, char *buf, size_t size) {
    char src[FW_ADDR_TEXT_MAX], span[24], then[96] = "";
    (void)fw_addr_format(&entry->src, src);
    (void)fw_span_format(entry->matter.last - entry->matter.start, span, sizeof span);
    if ((entry->signs & ENTERED) != 0)
        (void)snprintf(then, sizeof then, ", then got in as %s", entry->user);
    (void)snprintf(buf, size, "%s failed to log in as %llu users in %s%s", src,
                   (unsigned long long)fw_distinct_magnitude(det->keyed.pool, &entry->users, NULL), span, then);
}

static unsigned confidence_of(const struct entry *entry) {
    if ((entry->signs & ENTERED) != 0)
        return 80;
    if (fw_bits_set(entry->signs) > 1 || (entry->signs & (TRAVELLED | GUESSED)) != 0)
        return 70;
    return (entry->signs & (FAILED | TWO_PLACES)) != 0 ? 50 : 30;
}

static const char *next_step(const struct entry *entry) {
    if ((entry->signs & ENTERED) != 0)
        return "Somebody got in after failing. Call the user by telephone: was it him? If not, end the session, lock "
               "the account, and see what was reached from the VPN's address since.";
    if ((entry->signs & GUESSED) != 0)
        return "Block the source at the gateway, see whether any of these users logged in since, and give the VPN a "
               "second factor.";
    if ((entry->signs & FAILED) != 0)
        return "Ask the user: a saved old password fails like this, and so does somebody who guesses. Look at the "
               "address it came from.";
    return "Call the user by telephone: is he where the log-in came from? If not, end the session and change the "
           "password.";
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct entry *entry = value;
    const struct key *key = fw_table_key(det->keyed.table, value);
    if (key->form == FORM_SOURCE) {
        write_source(det, entry, out->sentence, sizeof out->sentence);
        out->measure = "users";
        out->value = fw_distinct_magnitude(det->keyed.pool, &entry->users, &out->exact);
    } else {
        char user[USER_KEPT] = "";
        (void)fw_text_append(user, sizeof user, 0, key->user, strnlen(key->user, USER_KEPT));
        write_user(entry, user, out->sentence, sizeof out->sentence);
        out->measure = (entry->signs & (FAILED | ENTERED)) != 0 ? "failures" : "signs";
        (void)snprintf(out->key, sizeof out->key, "%s", user);
    }
    out->window = key->form == FORM_SOURCE ? GUESSING : det->values[P_SPAN] * FW_SECOND;
    out->confidence = confidence_of(entry);
    out->next_step = next_step(entry);
    if (key->form == FORM_USER)
        memcpy(out->users[0], key->user, USER_KEPT);
    else
        memcpy(out->users[0], entry->user, USER_KEPT);
    fw_keyed_degraded(&entry->users, out);
    fw_keyed_edges(&entry->matter, NULL, -1, out);
}

/* The finding is over; what is known of the user stays. */
static void closed(struct fw_det *det, void *value) {
    struct entry *entry = value;
    if (entry->matter.pinned)
        fw_table_unpin(det->keyed.table, entry);
    entry->matter.pinned = 0;
    entry->matter.handle = 0;
    entry->signs = 0;
    memset(&entry->failures, 0, sizeof entry->failures);
    fw_distinct_clear(det->keyed.pool, &entry->users);
}

static fw_time quiet(const struct fw_det *det) {
    (void)det;
    return QUIET;
}

/* Who is known by his networks is missed, a name that only failed is not. */
static uint32_t worth(void *cookie, const void *value) {
    const struct entry *entry = value;
    (void)cookie;
    return entry->users.count + (entry->logins < 1000 ? entry->logins : 1000);
}

static void visit_times(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    struct entry *entry = value;
    for (size_t i = 0; i < NETS_MAX; i++) {
        visit(cookie, &entry->nets[i].last);
        visit(cookie, &entry->nets[i].since);
    }
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {
        .name = "vpn_login",
        .key_size = sizeof(struct key),
        .value_size = sizeof(struct entry),
        .sets = {offsetof(struct entry, users)},
        .set_count = 1,
        .times = {FW_RATE_TIMES(struct entry, failures), offsetof(struct entry, tried), offsetof(struct entry, placed)},
        .time_count = FW_RATE_TIMES_COUNT + 2,
        .visit_times = visit_times,
        .table_pct = 80,
        .gate = true,
        .worth = worth,
        .key_of = key_of};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_vpn_login = {
    .name = "vpn_login",
    .title = "log-in to the VPN",
    .requirement = "N15",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1133",
    .technique_name = "External Remote Services",
    .tactic = FW_TACTIC_INITIAL_ACCESS,
    .kinds = 1u << FW_KIND_AUTH,
    .needs = FW_BIT(user),
    .uses = FW_BIT(src) | FW_BIT(outcome) | FW_BIT(app) | FW_BIT(dport) | FW_BIT(duration),
    .guards = FW_ROLE_BIT(scanner),
    .params = params,
    .weight = 4,
    .quiet = quiet,
    .open = open_det,
    .ask = fw_keyed_ask,
    .observe = observe,
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = describe,
    .closed = closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
