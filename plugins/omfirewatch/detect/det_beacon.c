/* det_beacon.c: a machine that calls one place outside again and again, by its clock (N7).
 *
 * Algorithm: RITA v5's beacon score, of a sliding train instead of a day's batch;
 * rhythm.h says what is the same and what is not. The score is the mean of
 * timing, sizes, histogram and persistence, in percent.
 *
 * Steps, which code and tests repeat:
 *   1. only what a home source begins, to outside (RITA leaves internal traffic out
 *      too; a parameter brings it in), in both directions of what the proxy logs: a
 *      proxy as the destination says nothing, its log says the host;
 *   2. what polls by design is left out: NTP, fetching of mail, groups and broadcasts;
 *   3. a beat is when the connection began; its end adds its size. Denied ones are
 *      beats too. A pair has to come FIRST_BEATS times before it has an entry;
 *   4. who comes a second time, and whenever it is judged, counts for how many home hosts
 *      use a destination;
 *   5. it is regular: 95 of a hundred intervals conform, 90 when it comes like
 *      clockwork (jitter of 50 % has 98; people's pauses, which have a heavy tail, 80,
 *      and so 90 in one of twelve looks). It lasts for some time, longer than people
 *      look at a page;
 *      Most answers are small: what fetches something (video in pieces, a score
 *      board every 20 s) waits for no orders. In its first hour its sizes are alike:
 *      what waits sends the same, an application in use (a call) does not. Two thirds
 *      of them do when they come like clockwork: a bot that got an order answers it
 *      between its beats;
 *   6. there were enough beats, of which those at the program's start are one: 20, or 12 when they come like clockwork: the median
 *      deviation within 5 %, and sizes alike; or 10 when it is within 1 %. A train that was not regular in its
 *      first 48 has to be so for 16 beats, half of what is looked at: who is asked
 *      at every beat of a day says yes once;
 *   7. score and modifiers as RITA: +15 for a destination of at most 2 % of the home
 *      hosts, +10 for a web request to an address instead of a name. Open at 70,
 *      stage 2 at 90. Where RITA takes 15 off from 50 % on, a destination that
 *      three or more hosts and at least 3 % of them use is left out (while few
 *      hosts are known: half of them, since the first hour; and what several use
 *      waits for the end of the first day): chat, sync and updates call as a bot does, and
 *      what sets them apart is that many do. A bot that has taken so many shows by
 *      what else it does. On the port of DNS only rare destinations count.
 * Not done: RITA's first-seen modifiers want a month of history.
 *
 * Memory: 450 bytes a pair that came FIRST_BEATS times, and as many for a destination
 * of several sources. What an attacker controls: inside, all of it. Jitter above
 * 50 %, a destination that changes, and the ports of step 2 evade it.
 */
#include <math.h>
#include <string.h>

#include "beacon.h"

enum { VERSION = 1 }; /* of the value in the state */

enum param {
    P_WINDOW,
    P_OPEN,
    P_HIGH,
    P_CONNECTIONS,
    P_CLOCKWORK,
    P_EXACT,
    P_REGULAR,
    P_SPAN,
    P_ANSWER,
    P_ALIKE,
    P_RARE,
    P_COMMON,
    P_MODIFIER,
    P_HOSTS,
    P_INTERNAL,
    P_QUIET
};

static const struct fw_param params[] = {
    [P_WINDOW] = {"window", FW_UNIT_SECONDS, 3600, 7 * 86400, 86400, "RITA v5: a day",
                  "a pair that was quiet for so long is forgotten"},
    [P_OPEN] = {"open_score", FW_UNIT_PERCENT, 50, 100, 70, "RITA v5: low is left above 70", "score of a finding"},
    [P_HIGH] = {"high_score", FW_UNIT_PERCENT, 50, 100, 90, "RITA v5: medium is left above 90", "score of stage 2"},
    [P_CONNECTIONS] = {"connections", FW_UNIT_COUNT, 9, 100000, 20, "design; 10.5 % error of a median with 50 % jitter",
                       "beats of a pair without which nothing is said"},
    [P_CLOCKWORK] = {"clockwork_connections", FW_UNIT_COUNT, 9, 100000, 12,
                     "Poisson arrivals look like it once in 10^15 trains",
                     "beats that are enough when they come like clockwork"},
    [P_EXACT] = {"exact_connections", FW_UNIT_COUNT, 9, 100000, 10,
                 "Poisson arrivals look like it once in 10^10 trains",
                 "beats that are enough when their median deviation is within 1 %"},
    [P_REGULAR] = {"regular", FW_UNIT_PERCENT, 50, 100, 95,
                   "Poisson arrivals have 50, Pareto pauses (alpha 1.5) 80, jitter of 50 % has 98",
                   "share of intervals near the median, or a multiple of it; 5 less of what comes like clockwork"},
    [P_SPAN] = {"span", FW_UNIT_SECONDS, 60, 86400, 600, "Liu, White, Dumais 2010: few pages are looked at so long",
                "from first to last beat; what is shorter is a page that refreshes"},
    [P_ANSWER] = {"answer", FW_UNIT_COUNT, 100, 1000000000, 16384,
                  "a bot that waits gets an order or none; a handshake of TLS takes 3 to 9 KB",
                  "bytes: where most answers are larger something is fetched, a page or a video"},
    [P_ALIKE] = {"alike", FW_UNIT_PERCENT, 0, 100, 90, "what waits sends the same, what is used does not",
                 "score of the sizes without which a train shorter than an hour says nothing"},
    [P_RARE] = {"rare", FW_UNIT_PERCENT, 0, 100, 2, "RITA v5", "share of home hosts up to which a destination is rare"},
    [P_COMMON] = {"common", FW_UNIT_PERCENT, 1, 100, 3, "design; RITA v5 counts less from 50 on",
                  "share of home hosts, three at least, from which a destination is an application of the site"},
    [P_MODIFIER] = {"prevalence_modifier", FW_UNIT_PERCENT, 0, 50, 15, "RITA v5",
                    "added to the score of a rare destination"},
    [P_HOSTS] = {"prevalence_hosts", FW_UNIT_COUNT, 2, 100000, 20, "of fewer, a few that one virus took are half",
                 "home hosts that have to be known before prevalence counts"},
    [P_INTERNAL] = {"internal", FW_UNIT_BOOL, 0, 1, 0, "RITA v5 leaves it out", "look at destinations at home as well"},
    [P_QUIET] = {"quiet", FW_UNIT_SECONDS, 3600, 30 * 86400, 3 * 86400, "a weekend, and the night before and after it",
                 "a finding is over after so long without a beat"},
    {.name = NULL},
};

enum { FIRST_BEATS = 4 };                  /* RITA v5: unique_connection_threshold */
enum { CLOCKWORK_PCT = 5, EXACT_PCT = 1 }; /* median deviation of the median */
enum { EARLY = 48, HELD = 16 };            /* beats, see step 6 */
enum { CLOCKWORK_LESS = 5 };               /* of a hundred intervals may conform of what comes like clockwork */
enum { LITERAL_HOST = 10 };                /* RITA v5: missing_host_count_score_increase */
enum { COMMON_HOSTS = 3 };                 /* of two one may have infected the other */
enum { COMMON_OF_FEW = 50 };               /* RITA v5: prevalence_decrease_threshold, percent */
#define WARM_UP  FW_HOUR                   /* what half of a small site uses so soon was there before firewatch */
#define LEARNING (24 * FW_HOUR)            /* so long what several use may turn out to be used by all */
/* Beats between two judgements: 1/16 of them all, within limits; of a train that is not steady they are several. */
enum { DUE_STEADY = 1, DUE_OFTEN = 4, DUE_SELDOM = 64, STEADY = 128 };
#define CLOCKWORK_SIZES 0.9
#define CLOCKWORK_SAME  (2.0 / 3)

/* What the gate keeps of a pair that has come less than FIRST_BEATS times. */
struct note {
    uint32_t interval[FIRST_BEATS - 2];
    uint16_t size[FIRST_BEATS - 1];
    uint8_t beats;
    uint8_t denied;
    fw_time last;
};
_Static_assert(sizeof(struct note) == FW_TABLE_NOTE_SIZE, "a note of the gate");
_Static_assert(offsetof(struct note, last) == FW_TABLE_NOTE_TIME, "the gate knows when it was");

/* ---- steps 1 and 2 ---- */

static bool polls(const struct fw_event *ev) {
    if (ev->proto == FW_PROTO_UDP)
        return ev->dport == 123;
    if (ev->proto == FW_PROTO_TCP) /* POP3 and IMAP, and the same over TLS */
        return ev->dport == 110 || ev->dport == 143 || ev->dport == 993 || ev->dport == 995;
    return false;
}

static bool is_opening(const struct fw_event *ev) {
    if (ev->proto == FW_PROTO_ICMP || ev->proto == FW_PROTO_ICMP6)
        return !fw_event_has(ev, FW_BIT(icmp_type)) || ev->icmp_type == (ev->proto == FW_PROTO_ICMP ? 8 : 128);
    /* An end carries the flags of its whole session, which say nothing about who began it. */
    return ev->kind == FW_KIND_FLOW_END || !fw_event_has(ev, FW_BIT(tcp_flags)) ||
           (ev->tcp_flags & (FW_TCP_SYN | FW_TCP_ACK)) == FW_TCP_SYN;
}

static bool concerns(const struct fw_det *det, const struct fw_event *ev) {
    const uint64_t skipped = FW_ROLE_BIT(proxy) | FW_ROLE_BIT(web_cache) | FW_ROLE_BIT(vpn_gateway);
    if ((ev->src_roles & FW_ROLE_HOME) == 0 || ((ev->dst_roles & FW_ROLE_HOME) != 0 && det->values[P_INTERNAL] == 0))
        return false;
    if (ev->kind == FW_KIND_HTTP)
        return fw_event_has(ev, FW_BIT(host));
    if (!fw_event_has(ev, FW_BIT(dst) | FW_BIT(proto)) || ev->reply || (ev->dst_roles & skipped) != 0)
        return false;
    return !polls(ev) && is_opening(ev) && !fw_addr_is_group(&ev->dst);
}

/* ---- step 4 ---- */

static void crowd_add(struct fw_beacon *entry, const union fw_addr *src, fw_time time, fw_time window) {
    struct fw_crowd *crowd = &entry->is.crowd;
    if (entry->matter.start == 0)
        entry->matter.start = crowd->begun = time;
    fw_crowd_add(crowd, src, time, window);
    if (time > entry->matter.last)
        entry->matter.last = crowd->last = time;
}

/* Through the gate: most destinations are one host's. */
static void add_to_crowd(struct fw_det *det, const struct fw_beacon_key *key, const union fw_addr *src, fw_time time) {
    struct fw_beacon *entry = fw_table_find(det->keyed.table, key);
    struct fw_contact contact = {*src, time}, first;
    bool noted = false, fresh = false;
    if (entry == NULL) {
        const struct fw_contact *held = fw_table_gate_note(det->keyed.table, key, time);
        if (held != NULL && fw_addr_equal(&held->dst, src))
            return;
        entry = fw_table_admit(det->keyed.table, key, time, &contact, &first, &noted, &fresh);
        if (entry == NULL)
            return;
        if (noted && first.time >= 0 && first.time <= FW_TIME_MAX)
            crowd_add(entry, &first.dst, first.time, fw_keyed_window(det));
    }
    entry->matter.heard = det->keyed.now;
    crowd_add(entry, src, time, fw_keyed_window(det));
}

static void note_source(struct fw_det *det, const struct fw_beacon_key *pair, fw_time time) {
    const struct fw_beacon_key destination = fw_beacon_destination(pair), home = {.kind = KIND_HOME};
    add_to_crowd(det, &destination, &pair->src, time);
    add_to_crowd(det, &home, &pair->src, time);
}

/* When the first hosts were seen. */
static bool was_there(const struct fw_beacon *all, const struct fw_beacon *some) {
    return all != NULL && some != NULL && some->matter.start - all->matter.start <= WARM_UP;
}

static enum prevalence prevalence_of(struct fw_det *det, const struct fw_beacon_key *pair, fw_time now) {
    const struct fw_beacon_key destination = fw_beacon_destination(pair), home = {.kind = KIND_HOME};
    const struct fw_beacon *all = fw_table_find(det->keyed.table, &home);
    const double known = all != NULL ? round(fw_crowd_count(&all->is.crowd)) : 1;
    const struct fw_beacon *some = fw_table_find(det->keyed.table, &destination);
    const double hosts = some != NULL ? round(fw_crowd_count(&some->is.crowd)) : 1;
    const double pct = hosts * 100 / known;
    if (known < (double)det->values[P_HOSTS])
        return (hosts >= COMMON_HOSTS && pct >= COMMON_OF_FEW && was_there(all, some)) ||
                       (all != NULL && hosts > 1 && now - all->matter.start < LEARNING)
                   ? PREVALENCE_COMMON
                   : PREVALENCE_UNKNOWN;
    if (hosts >= COMMON_HOSTS && pct >= (double)det->values[P_COMMON])
        return PREVALENCE_COMMON;
    return pct <= (double)det->values[P_RARE] ? PREVALENCE_RARE : PREVALENCE_SOME;
}

/* ---- step 3 ---- */

static fw_time began(const struct fw_event *ev) {
    const bool over = ev->kind == FW_KIND_FLOW_END || ev->kind == FW_KIND_HTTP;
    const fw_time most = 24 * FW_HOUR; /* what lasts longer is no beat */
    if (!over || !fw_event_has(ev, FW_BIT(duration)) || ev->duration > (uint64_t)most ||
        (fw_time)ev->duration > ev->time)
        return ev->time;
    return ev->time - (fw_time)ev->duration;
}

/* RITA takes what the source sent; a device that counts both ways together, or a proxy that counts its answers only, will
 * do. */
static bool size_of(const struct fw_event *ev, uint64_t *bytes) {
    if (fw_event_has(ev, FW_BIT(sent)))
        *bytes = ev->sent;
    else if (fw_event_has(ev, FW_BIT(bytes)))
        *bytes = ev->bytes;
    else if (fw_event_has(ev, FW_BIT(rcvd)))
        *bytes = ev->rcvd;
    else
        return false;
    return true;
}

static bool is_denied(const struct fw_event *ev) {
    return ev->kind == FW_KIND_FLOW_DENY ||
           (ev->kind == FW_KIND_HTTP && fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY);
}

static void add_end(const struct fw_det *det, struct fw_beacon *entry, const struct fw_event *ev) {
    uint64_t bytes;
    if (size_of(ev, &bytes))
        fw_rhythm_size(&entry->is.rhythm, bytes);
    if (!fw_event_has(ev, FW_BIT(rcvd)) && !fw_event_has(ev, FW_BIT(bytes)))
        return;
    const uint64_t answer = fw_event_has(ev, FW_BIT(rcvd)) ? ev->rcvd : ev->bytes;
    entry->ends++;
    entry->answered += answer > 0;
    entry->fetched += answer > (uint64_t)det->values[P_ANSWER];
}

/* The beats the gate had noted. */
static void begin(struct fw_beacon *entry, const struct note *note) {
    fw_time time = note->last;
    for (unsigned i = 0; i + 1 < note->beats; i++)
        time -= note->interval[i];
    entry->matter.start = time;
    for (unsigned i = 0; i < note->beats; i++) {
        (void)fw_rhythm_beat(&entry->is.rhythm, time);
        if (note->size[i] != 0)
            fw_rhythm_size(&entry->is.rhythm, (uint64_t)fw_rhythm_unpack(note->size[i]));
        if (i + 1 < note->beats)
            time += note->interval[i];
    }
    entry->matter.events = note->beats;
    entry->matter.denied = note->denied;
    entry->matter.last = note->last;
}

static bool is_sane(const struct note *note) {
    return note->beats > 0 && note->beats < FIRST_BEATS && note->denied <= note->beats && note->last >= 0 &&
           note->last <= FW_TIME_MAX;
}

static void write_note(struct note *note, const struct fw_event *ev, fw_time time) {
    uint64_t bytes;
    if (note->beats > 0)
        note->interval[note->beats - 1] = (uint32_t)(time - note->last);
    note->size[note->beats] = size_of(ev, &bytes) ? fw_rhythm_pack(bytes) : 0;
    note->denied = (uint8_t)(note->denied + is_denied(ev));
    note->last = time;
    note->beats++;
}

/* NULL: it has come less than FIRST_BEATS times. */
static struct fw_beacon *pass_gate(struct fw_det *det, const struct fw_beacon_key *key, const struct fw_event *ev,
                                   fw_time time) {
    struct note *note = fw_table_gate_note(det->keyed.table, key, time);
    struct note first = {.beats = 0};
    bool noted = false;
    if (note == NULL) {
        write_note(&first, ev, time);
        (void)fw_table_admit(det->keyed.table, key, time, &first, NULL, NULL, NULL);
        return NULL;
    }
    if (!is_sane(note) || time < note->last + FW_RHYTHM_MERGE || time - note->last > UINT32_MAX)
        return NULL;
    if (note->beats == 1)
        note_source(det, key, time);
    /* what was just put at the gate may have pushed it out */
    note = fw_table_gate_note(det->keyed.table, key, time);
    if (note == NULL || !is_sane(note))
        return NULL;
    if (note->beats + 1 < FIRST_BEATS) {
        write_note(note, ev, time);
        return NULL;
    }
    struct fw_beacon *entry = fw_table_admit(det->keyed.table, key, time, NULL, &first, &noted, NULL);
    if (entry != NULL && noted && is_sane(&first))
        begin(entry, &first);
    return entry;
}

/* ---- steps 5 to 7 ---- */

/* Half of the intervals that it would take to make those regular which are looked at: half, as the median may move. */
static uint32_t missing(const struct fw_det *det, const struct fw_beacon *entry) {
    const int64_t pct = det->values[P_REGULAR] - CLOCKWORK_LESS - entry->conforming;
    return entry->judged > 0 && pct > 0 ? (uint32_t)(pct * FW_RHYTHM_BEATS / 200) : 0;
}

static bool is_due(const struct fw_det *det, const struct fw_beacon *entry) {
    const uint32_t beats = entry->is.rhythm.beats;
    const int64_t few =
        det->values[P_CLOCKWORK] < det->values[P_CONNECTIONS] ? det->values[P_CLOCKWORK] : det->values[P_CONNECTIONS];
    const int64_t least = det->values[P_EXACT] < few ? det->values[P_EXACT] : few;
    const uint32_t often = entry->is.rhythm.steady >= STEADY ? DUE_STEADY : DUE_OFTEN;
    uint32_t step = beats / 16;
    step = step < often ? often : step > DUE_SELDOM ? DUE_SELDOM : step;
    step = step < missing(det, entry) ? missing(det, entry) : step;
    return beats >= least && (entry->judged == 0 || beats - entry->judged >= step);
}

static bool is_within(const struct fw_rhythm_verdict *verdict, unsigned pct) {
    return (uint64_t)verdict->spread * 100 <= (uint64_t)verdict->period * pct;
}

static bool is_in_use(const struct fw_det *det, const struct fw_rhythm_verdict *verdict) {
    if (verdict->span >= FW_HOUR || verdict->sizes < 0 || verdict->sizes * 100 >= (double)det->values[P_ALIKE])
        return false;
    return !is_within(verdict, CLOCKWORK_PCT) || verdict->same < CLOCKWORK_SAME;
}

/* Step 6: of fewer than `connections`. */
static bool is_enough(const struct fw_det *det, int64_t beats, const struct fw_rhythm_verdict *verdict) {
    if (verdict->sizes < CLOCKWORK_SIZES)
        return false;
    return (beats >= det->values[P_CLOCKWORK] && is_within(verdict, CLOCKWORK_PCT)) ||
           (beats >= det->values[P_EXACT] && is_within(verdict, EXACT_PCT));
}

/* Everybody asks a resolver, and programs do so by their clocks. */
static bool is_dns(const struct fw_beacon_key *key) {
    return key->has_dport && key->dport == 53;
}

/* What has begun within the hour is not known to persist, nor not to: like sizes that no log has, it is left out. Of
 * clockwork only, as that is no visit to a page, however long. */
static bool has_begun(const struct fw_rhythm_verdict *verdict) {
    return verdict->span < FW_HOUR && verdict->sizes >= 0 && is_within(verdict, CLOCKWORK_PCT);
}

static double mean_of(const struct fw_rhythm_verdict *verdict) {
    const bool begun = has_begun(verdict);
    const double sum = verdict->timing + verdict->histogram;
    const double persistent = sum + (begun ? 0 : verdict->persistence);
    return (persistent + (verdict->sizes < 0 ? 0 : verdict->sizes)) / (2 + !begun + (verdict->sizes >= 0));
}

static int score_of(struct fw_det *det, struct fw_beacon *entry, const struct fw_beacon_key *key,
                    const struct fw_rhythm_verdict *verdict) {
    int score = (int)lround(mean_of(verdict) * 100);
    note_source(det, key, entry->matter.last); /* again: a crowd forgets who is not seen for a day or two */
    entry->prevalence = (uint8_t)prevalence_of(det, key, entry->matter.last);
    if (entry->prevalence == PREVALENCE_COMMON || (is_dns(key) && entry->prevalence != PREVALENCE_RARE))
        return 0;
    if (entry->prevalence == PREVALENCE_RARE)
        score += (int)det->values[P_MODIFIER];
    score += fw_beacon_is_literal(key) ? LITERAL_HOST : 0;
    if (has_begun(verdict) && score >= det->values[P_HIGH] && det->values[P_HIGH] > det->values[P_OPEN])
        score = (int)det->values[P_HIGH] - 1; /* stage 2 is for what goes on */
    return score < 0 ? 0 : score > 100 ? 100 : score;
}

/* The score, or 0 where a step before it says no. */
static int judge(struct fw_det *det, struct fw_beacon *entry, const struct fw_beacon_key *key) {
    struct fw_rhythm_verdict verdict;
    const struct fw_rhythm *rhythm = &entry->is.rhythm;
    const double regular = (double)det->values[P_REGULAR] / 100;
    entry->judged = rhythm->beats;
    entry->regular = 0;
    if (!fw_rhythm_judge(rhythm, regular, &verdict))
        return 0;
    entry->conforming = (uint8_t)(verdict.conforming * 100);
    entry->parts[PART_TIMING] = (uint8_t)(verdict.timing * 100);
    entry->parts[PART_SIZES] = (uint8_t)(verdict.sizes < 0 ? 0 : verdict.sizes * 100);
    entry->parts[PART_HISTOGRAM] = (uint8_t)(verdict.histogram * 100);
    entry->parts[PART_PERSISTENCE] = (uint8_t)(verdict.persistence * 100);
    entry->regular = verdict.conforming * 100 >=
                     (double)det->values[P_REGULAR] - (is_within(&verdict, CLOCKWORK_PCT) ? CLOCKWORK_LESS : 0);
    if (!entry->regular || verdict.span < det->values[P_SPAN] * FW_SECOND ||
        (uint64_t)entry->fetched * 2 > entry->ends || is_in_use(det, &verdict)) /* step 5 */
        return 0;
    const bool clockwork = verdict.beats < det->values[P_CONNECTIONS];
    if (clockwork && !is_enough(det, verdict.beats, &verdict)) /* step 6 */
        return 0;
    const int score = score_of(det, entry, key, &verdict); /* step 7 */
    if (score >= det->values[P_OPEN]) {
        entry->period = verdict.period;
        entry->spread = verdict.spread;
        entry->lag = (uint8_t)verdict.lag;
        entry->sized = verdict.sizes >= 0;
    }
    entry->clockwork = entry->matter.handle == 0 && clockwork;
    return score;
}

static struct fw_subject subject_of(const struct fw_beacon_key *key) {
    struct fw_subject subject = {.src = key->src,
                                 .has_src = true,
                                 .has_dst = !key->by_host,
                                 .proto = key->proto,
                                 .dport = key->has_dport ? key->dport : -1};
    if (!key->by_host)
        subject.dst = key->to.addr;
    return subject;
}

static void decide(struct fw_det *det, const struct fw_event *ev, const struct fw_beacon_key *key,
                   struct fw_beacon *entry, const struct fw_sink *sink) {
    if (is_due(det, entry)) {
        const int score = judge(det, entry, key);
        if (entry->matter.handle == 0 || score > entry->score)
            entry->score = (uint8_t)score;
        if (!entry->regular)
            entry->since = 0;
        else if (entry->since == 0)
            entry->since = entry->judged;
    }
    if (entry->matter.handle == 0 && (entry->score < det->values[P_OPEN] || entry->since == 0 ||
                                      (entry->since > EARLY && entry->judged - entry->since < HELD)))
        return;
    entry->matter.threshold = (uint64_t)det->values[P_OPEN];
    struct fw_report report = {.subject = subject_of(key),
                               .time = ev->time,
                               .stage = entry->score >= det->values[P_HIGH] ? 2 : 1,
                               .value = entry->score};
    fw_keyed_report(&det->keyed, sink, &entry->matter, &report);
}

/* entry NULL: at the gate. */
static void tell(const struct fw_det *det, const struct fw_beacon_key *key, const struct fw_beacon *entry,
                 const struct fw_sink *sink) {
    struct fw_reading reading = {.subject = subject_of(key),
                                 .measure = "beats",
                                 .value = entry != NULL ? entry->is.rhythm.beats : 1,
                                 .threshold = (uint64_t)det->values[P_CONNECTIONS],
                                 .open = entry != NULL && entry->matter.handle != 0};
    fw_sink_tell(sink, &reading);
    if (entry == NULL || entry->judged == 0)
        return;
    reading.measure = "conforming intervals, percent";
    reading.value = entry->conforming;
    reading.threshold = (uint64_t)det->values[P_REGULAR];
    fw_sink_tell(sink, &reading);
    reading.measure = "score";
    reading.value = entry->score;
    reading.threshold = (uint64_t)det->values[P_OPEN];
    fw_sink_tell(sink, &reading);
    for (size_t i = 0; i < PARTS; i++) {
        static const char *const part[PARTS] = {"its timing", "its sizes", "its histogram", "its persistence"};
        reading.measure = part[i];
        reading.value = entry->parts[i];
        reading.threshold = 100;
        fw_sink_tell(sink, &reading);
    }
}

static bool key_of(const struct fw_det *det, const struct fw_event *ev, void *key) {
    if (!concerns(det, ev))
        return false;
    fw_beacon_key(key, ev);
    return true;
}

static void observe(struct fw_det *det, const struct fw_event *ev, const struct fw_sink *sink) {
    struct fw_beacon_key key;
    if (!key_of(det, ev, &key))
        return;
    const bool beats = ev->counts || ev->kind == FW_KIND_FLOW_DENY;
    struct fw_beacon *entry = fw_keyed_find(&det->keyed, sink, &key, ev->time);
    det->keyed.recent = ev->time;
    if (!beats) { /* the end of what was counted when it began */
        if (entry != NULL && ev->kind == FW_KIND_FLOW_END)
            add_end(det, entry, ev);
        return;
    }
    const fw_time time = began(ev);
    if (entry == NULL)
        entry = pass_gate(det, &key, ev, time);
    if (entry != NULL) {
        fw_keyed_count(&entry->matter, ev, ev->time);
        entry->matter.denied += ev->kind == FW_KIND_HTTP && is_denied(ev);
        entry->matter.heard = det->keyed.now;
        if (entry->matter.start == 0)
            entry->matter.start = time;
        if (fw_rhythm_beat(&entry->is.rhythm, time)) {
            if (!is_denied(ev))
                add_end(det, entry, ev);
            decide(det, ev, &key, entry, sink);
        }
    }
    if (fw_sink_asks(sink))
        tell(det, &key, entry, sink);
}

/* What an entry would be missed for: a train that is steady, or has come to something; crowds before pairs of no
 * rhythm. */
static uint32_t worth(void *cookie, const void *value) {
    const struct fw_keyed *keyed = cookie;
    const struct fw_beacon *entry = value;
    const struct fw_beacon_key *key = fw_table_key(keyed->table, value);
    enum { CROWD = 128 };
    if (entry->matter.last < keyed->recent - keyed->window)
        return 0;
    if (key->kind != KIND_PAIR)
        return key->kind == KIND_HOME ? UINT32_MAX : CROWD;
    return entry->is.rhythm.steady + entry->score;
}

/* On Monday it goes on: that is the same matter. */
static fw_time quiet(const struct fw_det *det) {
    return det->values[P_QUIET] * FW_SECOND;
}

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_keyed_shape shape = {
        .name = "beacon",
        .key_size = sizeof(struct fw_beacon_key),
        .value_size = sizeof(struct fw_beacon),
        .times = {offsetof(struct fw_beacon, is.rhythm.last), offsetof(struct fw_beacon, is.rhythm.begun)},
        .time_count = 2,
        .table_pct = 100,
        .key_of = key_of,
        .gate = true,
        .worth = worth,
        .version = VERSION};
    return fw_keyed_open(out, &shape, config, err, errlen);
}

const struct fw_detector_ops fw_det_beacon = {
    .name = "beacon",
    .title = "beacon",
    .requirement = "N7",
    .class = FW_CLASS_THREAT,
    .technique_id = "T1071",
    .technique_name = "Application Layer Protocol",
    .tactic = FW_TACTIC_COMMAND_AND_CONTROL,
    .kinds = 1u << FW_KIND_FLOW_START | 1u << FW_KIND_FLOW_END | 1u << FW_KIND_FLOW_DENY | 1u << FW_KIND_HTTP,
    .needs = FW_BIT(src),
    .uses = FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(tcp_flags) | FW_BIT(icmp_type) | FW_BIT(duration) |
            FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(host) | FW_BIT(action),
    .guards = FW_ROLE_BIT(nms) | FW_ROLE_BIT(web_cache) | FW_ROLE_BIT(proxy) | FW_ROLE_BIT(scanner) |
              FW_ROLE_BIT(dns_server) | FW_ROLE_BIT(mail_server),
    .params = params,
    .weight = 6,
    .quiet = quiet,
    .open = open_det,
    .ask = fw_keyed_ask,
    .observe = observe,
    .advance = fw_keyed_advance,
    .shift = fw_keyed_shift,
    .describe = fw_beacon_describe,
    .closed = fw_keyed_closed,
    .get_stats = fw_keyed_get_stats,
    .save = fw_keyed_save,
    .load = fw_keyed_load,
    .loaded = fw_keyed_loaded,
    .close = fw_keyed_close,
};
