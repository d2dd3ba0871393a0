/* rule.c: what the rules of all verbs share: their entries, their keys, what they say.
 *
 * A key is the values of its fields one after the other: 16 bytes of an address,
 * 8 of a number, 16 that stand for a text (two hashes with fixed seeds, so that
 * a replay gives the same identities; that two texts agree in both is as likely
 * as that a checksum fails).
 */
#include "rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../core/clock.h"

enum extra { EXTRA_EVENTS, EXTRA_BEGAN, EXTRAS }; /* of struct fw_det */

/* ---- keys ---- */

union fw_addr fw_rule_element(const struct fw_event *ev, unsigned field) {
    static const struct fw_seed other = {{UINT64_C(0x6669726577617463), UINT64_C(0x682072756c657321)}};
    union fw_addr element = {.q = {0, 0}};
    struct fw_str text;

    switch (fw_rule_field_sort(field)) {
    case FW_SORT_ADDR:
        return *fw_rule_addr(ev, field);
    case FW_SORT_NUMBER:
        element.q[1] = fw_rule_number(ev, field);
        return element;
    case FW_SORT_WORD:
        element.q[1] = fw_rule_words(ev, field);
        return element;
    case FW_SORT_TEXT:
        break;
    }
    text = fw_rule_text(ev, field);
    element.q[0] = fw_hash(&fw_seed_fixed, text.p, text.len);
    element.q[1] = fw_hash(&other, text.p, text.len);
    return element;
}

static bool is_short(unsigned field) {
    const enum fw_sort sort = fw_rule_field_sort(field);
    return sort == FW_SORT_NUMBER || sort == FW_SORT_WORD;
}

static size_t put_key(uint64_t *key, size_t at, const struct fw_event *ev, unsigned field) {
    const union fw_addr element = fw_rule_element(ev, field);

    if (!is_short(field))
        key[at++] = element.q[0];
    key[at++] = element.q[1];
    return at;
}

bool fw_rule_key(const struct fw_rule *rule, const struct fw_rule_step *step, const struct fw_event *ev, void *key) {
    size_t at = 0;

    ((uint64_t *)key)[0] = 0; /* of a rule without a key */
    for (size_t i = 0; i < rule->key_count; i++) {
        if (!fw_rule_has(ev, step->key[i]))
            return false;
        at = put_key(key, at, ev, step->key[i]);
    }
    if (rule->verb == FW_VERB_FIRST_SEEN) {
        if (!fw_rule_has(ev, rule->of))
            return false;
        (void)put_key(key, at, ev, rule->of);
    }
    return true;
}

/* Where the value of such a field is in a key; NULL: it is none of it. */
static const uint64_t *in_key(const struct fw_rule *rule, const void *key, unsigned field) {
    const uint64_t *at = key;

    for (size_t i = 0; i < rule->key_count; i++) {
        if (rule->key[i] == field)
            return at;
        at += is_short(rule->key[i]) ? 1 : 2;
    }
    return rule->verb == FW_VERB_FIRST_SEEN && rule->of == field ? at : NULL;
}

/* ---- texts ---- */

static char *text_of(const struct fw_rule *rule, struct fw_rule_entry *entry, size_t i) {
    return (char *)(entry->tail + rule->tail) + rule->text_at[i];
}

void fw_rule_note(const struct fw_rule *rule, struct fw_rule_entry *entry, const struct fw_event *ev) {
    for (size_t i = 0; i < rule->texts_count; i++)
        if (fw_rule_has(ev, rule->texts[i]))
            (void)fw_rule_show(ev, rule->texts[i], text_of(rule, entry, i), fw_rule_text_size(rule->texts[i]));
}

/* The text that an entry keeps of a field; "": none. What a state file says may lack its end. */
static size_t kept_text(const struct fw_rule *rule, const struct fw_rule_entry *entry, unsigned field, char *buf,
                        size_t size, size_t len) {
    for (size_t i = 0; i < rule->texts_count; i++)
        if (rule->texts[i] == field) {
            const char *text = (const char *)(entry->tail + rule->tail) + rule->text_at[i];
            return fw_text_append(buf, size, len, text, strnlen(text, fw_rule_text_size(field) - 1));
        }
    return len;
}

static size_t show_field(const struct fw_rule *rule, const void *key, const struct fw_rule_entry *entry, unsigned field,
                         char *buf, size_t size, size_t len) {
    const uint64_t *at = in_key(rule, key, field);
    char text[FW_RULE_TEXT_KEPT] = "";
    union fw_addr addr;

    if (at == NULL || fw_rule_field_sort(field) == FW_SORT_TEXT)
        return kept_text(rule, entry, field, buf, size, len);
    if (is_short(field)) {
        (void)fw_rule_show_number(field, *at, text, sizeof text);
    } else {
        memcpy(&addr, at, sizeof addr);
        (void)fw_addr_format(&addr, text);
    }
    return fw_text_append(buf, size, len, text, strlen(text));
}

size_t fw_rule_key_text(const struct fw_rule *rule, const void *key, const struct fw_rule_entry *entry,
                        const char *between, char *buf, size_t size) {
    size_t len = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < rule->key_count; i++) {
        if (i > 0)
            len = fw_text_append(buf, size, len, between, strlen(between));
        len = show_field(rule, key, entry, rule->key[i], buf, size, len);
    }
    if (rule->verb == FW_VERB_FIRST_SEEN) {
        if (len > 0)
            len = fw_text_append(buf, size, len, between, strlen(between));
        len = show_field(rule, key, entry, rule->of, buf, size, len);
    }
    return len;
}

static size_t say_word(const struct fw_rule_entry *entry, const struct fw_description *out, enum fw_say_word word,
                       char *buf, size_t size, size_t len) {
    const struct fw_matter *matter = &entry->fan.matter;
    const uint64_t numbers[FW_SAY_WORDS] = {[FW_SAY_COUNT] = out->value,
                                            [FW_SAY_VALUE] = out->value,
                                            [FW_SAY_THRESHOLD] = matter->threshold,
                                            [FW_SAY_EVENTS] = matter->events,
                                            [FW_SAY_DENIED] = matter->denied,
                                            [FW_SAY_ALLOWED] = matter->events - matter->denied,
                                            [FW_SAY_STAGE] = entry->stage};
    char text[32];

    if (word == FW_SAY_SPAN)
        (void)fw_span_format(matter->last - matter->start, text, sizeof text);
    else
        (void)snprintf(text, sizeof text, "%s%" PRIu64, word == FW_SAY_COUNT && !out->exact ? "about " : "",
                       numbers[word]);
    return fw_text_append(buf, size, len, text, strlen(text));
}

static void say(const struct fw_rule *rule, const void *key, const struct fw_rule_entry *entry,
                struct fw_description *out) {
    const size_t size = sizeof out->sentence;
    size_t len = 0;

    out->sentence[0] = '\0';
    for (size_t i = 0; i < rule->say.count; i++) {
        const struct fw_say_part *part = &rule->say.parts[i];

        if (part->kind == FW_SAY_TEXT)
            len = fw_text_append(out->sentence, size, len, part->text, strlen(part->text));
        else if (part->kind == FW_SAY_FIELD)
            len = show_field(rule, key, entry, part->number, out->sentence, size, len);
        else
            len = say_word(entry, out, (enum fw_say_word)part->number, out->sentence, size, len);
    }
}

/* ---- findings ---- */

void fw_rule_count(struct fw_rule_entry *entry, const struct fw_event *ev) {
    struct fw_matter *matter = &entry->fan.matter;

    if (matter->events == 0 || ev->time < matter->start)
        matter->start = ev->time;
    fw_keyed_count(matter, ev, ev->time);
}

void fw_rule_keep_latest(fw_time *times, size_t n, fw_time time) {
    size_t at = 0;

    if (time <= times[0])
        return;
    for (; at + 1 < n && times[at + 1] < time; at++)
        times[at] = times[at + 1];
    times[at] = time;
}

/* Whom it is about, as far as the key says it. */
static struct fw_subject subject_of(const struct fw_rule *rule, const void *key) {
    struct fw_subject subject = {.proto = -1, .dport = -1};
    const uint64_t *at;

    if ((at = in_key(rule, key, FW_F_src)) != NULL) {
        memcpy(&subject.src, at, sizeof subject.src);
        subject.has_src = true;
    }
    if ((at = in_key(rule, key, FW_F_dst)) != NULL) {
        memcpy(&subject.dst, at, sizeof subject.dst);
        subject.has_dst = true;
    }
    if ((at = in_key(rule, key, FW_F_proto)) != NULL)
        subject.proto = (int)(*at & UINT8_MAX);
    if ((at = in_key(rule, key, FW_F_dport)) != NULL)
        subject.dport = (int)(*at & UINT16_MAX);
    return subject;
}

void fw_rule_report(struct fw_det *det, const struct fw_sink *sink, struct fw_rule_entry *entry, fw_time time,
                    uint64_t value) {
    struct fw_report report = {.subject = subject_of(fw_rule_of(det), fw_table_key(det->keyed.table, entry)),
                               .time = time,
                               .stage = entry->stage,
                               .value = value};
    fw_keyed_report(&det->keyed, sink, &entry->fan.matter, &report);
}

static const char *measure_of(const struct fw_rule *rule) {
    switch (rule->verb) {
    case FW_VERB_DISTINCT:
    case FW_VERB_SUM:
    case FW_VERB_FIRST_SEEN:
        return fw_rule_field_name(rule->of);
    case FW_VERB_SEQUENCE:
        return "sequences";
    case FW_VERB_ABSENCE:
        return "absences";
    case FW_VERB_RANK:
        return "weight";
    case FW_VERB_COUNT:
    case FW_VERBS:
        break;
    }
    return "events";
}

void fw_rule_tell(struct fw_det *det, const struct fw_sink *sink, const struct fw_event *ev,
                  const struct fw_rule_step *step, uint64_t value, uint64_t threshold,
                  const struct fw_rule_entry *entry) {
    const struct fw_rule *rule = fw_rule_of(det);
    uint64_t key[FW_TABLE_KEY_MAX / 8];

    if (!fw_sink_asks(sink) || !fw_rule_key(rule, step, ev, key))
        return;
    const struct fw_reading reading = {.subject = subject_of(rule, key),
                                       .measure = rule->verb == FW_VERB_SEQUENCE ? "steps" : measure_of(rule),
                                       .value = value,
                                       .threshold = threshold,
                                       .open = entry != NULL && entry->fan.matter.handle != 0};
    fw_sink_tell(sink, &reading);
}

static void describe(const struct fw_det *det, const void *value, struct fw_description *out) {
    const struct fw_rule *rule = fw_rule_of(det);
    const struct fw_rule_entry *entry = value;
    const struct fw_matter *matter = &entry->fan.matter;
    const void *key = fw_table_key(det->keyed.table, value);
    const struct fw_subject subject = subject_of(rule, key);

    out->measure = measure_of(rule);
    out->window = rule->stages[entry->stage > 0 && entry->stage <= rule->stages_count ? entry->stage - 1 : 0].window;
    if (rule->verb == FW_VERB_DISTINCT && rule->window == FW_WINDOW_SLIDING)
        out->value = fw_distinct_magnitude(det->keyed.pool, &entry->fan.failed, &out->exact);
    if (rule->verb == FW_VERB_SUM && rule->window == FW_WINDOW_SLIDING)
        out->exact = false;
    out->error_pct = FW_DISTINCT_ERROR_PCT;
    if (rule->verb == FW_VERB_COUNT || rule->verb == FW_VERB_DISTINCT)
        fw_keyed_degraded(&entry->fan.failed, out);
    out->next_step = rule->next_step;
    (void)fw_rule_key_text(rule, key, entry, "|", out->key, sizeof out->key);
    if (out->key[0] == '\0')
        (void)snprintf(out->key, sizeof out->key, "all");
    say(rule, key, entry, out);
    if (rule->verb == FW_VERB_DISTINCT && fw_rule_field_sort(rule->of) == FW_SORT_ADDR)
        fw_keyed_evidence(&det->keyed, &entry->fan.failed, matter->start, subject.dport, out);
    else
        fw_keyed_edges(matter, subject.has_dst ? &subject.dst : NULL, subject.dport, out);
}

/* ---- life ---- */

/* By itself a finding is over when its window passed without more; one of a first sight, or of an absence, is news once.
 * With a throttle it is over when that is: what comes then is told anew. */
#define QUIET_NEWS (10 * FW_MINUTE)

static fw_time quiet(const struct fw_det *det) {
    const struct fw_rule *rule = fw_rule_of(det);

    if (rule->throttle != 0)
        return rule->throttle;
    if (rule->quiet != 0)
        return rule->quiet;
    return rule->verb == FW_VERB_FIRST_SEEN || rule->verb == FW_VERB_ABSENCE ? QUIET_NEWS : fw_keyed_window(det);
}

static bool goes_on(const struct fw_rule *rule, const struct fw_rule_entry *entry) {
    if (rule->verb == FW_VERB_SEQUENCE) /* a chain that has begun */
        for (size_t i = 0; i < rule->times; i++)
            if (entry->tail[i] != 0)
                return true;
    return rule->verb == FW_VERB_FIRST_SEEN || (rule->verb == FW_VERB_ABSENCE && entry->mark != 0);
}

/* What goes on to be known is not forgotten with its finding. */
static void closed(struct fw_det *det, void *value) {
    struct fw_rule_entry *entry = value;

    if (!goes_on(fw_rule_of(det), entry)) {
        fw_keyed_closed(det, value);
        return;
    }
    if (entry->fan.matter.pinned)
        fw_table_unpin(det->keyed.table, value);
    entry->fan.matter.pinned = 0;
    entry->fan.matter.handle = 0;
    entry->stage = 0;
}

static void advance(struct fw_det *det, fw_time now, const struct fw_sink *sink) {
    const struct fw_rule *rule = fw_rule_of(det);

    if (now == FW_TIME_NONE)
        return;
    if (rule->verb == FW_VERB_ABSENCE)
        fw_absence_advance(det, now, sink);
    else if (rule->verb == FW_VERB_RANK)
        fw_rank_advance(det, now, sink);
    else
        fw_keyed_advance(det, now, sink);
}

static void visit_tail(void *value, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    struct fw_rule_entry *entry = value;

    for (size_t i = 0; i < FW_RULE_STEPS_MAX; i++)
        visit(cookie, (fw_time *)&entry->tail[i]);
}

/* What it would be missed for: one with much to it outlives a flood of others. */
static uint32_t worth(void *cookie, const void *value) {
    const struct fw_keyed *keyed = cookie;
    const struct fw_rule *rule = keyed->shape.owner;
    const struct fw_rule_entry *entry = value;

    if (rule->verb == FW_VERB_RANK)
        return entry->value < UINT32_MAX ? (uint32_t)entry->value : UINT32_MAX;
    return entry->fan.matter.events < UINT32_MAX ? (uint32_t)entry->fan.matter.events : UINT32_MAX;
}

#define RULE_BYTES_MIN (2 * FW_DISTINCT_POOL_MIN + 4096) /* half of it for sets, which need as much to live in */

static int open_det(struct fw_det **out, const struct fw_detector_config *config, char *err, size_t errlen) {
    const struct fw_rule *rule = (const struct fw_rule *)(const void *)config->ops;
    const bool sets =
        rule->verb == FW_VERB_DISTINCT || (rule->verb == FW_VERB_COUNT && rule->window == FW_WINDOW_SLIDING);
    struct fw_keyed_shape shape = {
        .name = rule->id,
        .owner = rule,
        .key_size = rule->key_size,
        .value_size = sizeof(struct fw_rule_entry) + rule->tail * 8 + rule->texts_bytes,
        .sets = {offsetof(struct fw_rule_entry, fan.failed)},
        .set_count = sets ? 1 : 0,
        .times = {offsetof(struct fw_rule_entry, mark), offsetof(struct fw_rule_entry, began)},
        .time_count = 2,
        .visit_times = rule->verb == FW_VERB_SEQUENCE || rule->calm > 0 ? visit_tail : NULL,
        .table_pct = sets ? 50 : 100,
        .gate = sets && rule->window == FW_WINDOW_SLIDING && rule->stages[0].threshold > 1,
        .worth = worth,
        .version = (unsigned)rule->fingerprint,
        .extra = EXTRAS * 8};

    *out = NULL;
    if (config->bytes >= RULE_BYTES_MIN)
        return fw_keyed_open(out, &shape, config, err, errlen);
    (void)snprintf(err, errlen, "rule %s: max_memory leaves %zu KiB for each rule, and %d are the least", rule->id,
                   config->bytes >> 10, RULE_BYTES_MIN >> 10);
    return -1;
}

void fw_rule_observe(struct fw_det *det, const struct fw_rule_step *step, const struct fw_event *ev,
                     const struct fw_sink *sink) {
    switch (step->rule->verb) {
    case FW_VERB_COUNT:
    case FW_VERB_DISTINCT:
    case FW_VERB_SUM:
        fw_measure_observe(det, step, ev, sink);
        break;
    case FW_VERB_SEQUENCE:
        fw_sequence_observe(det, step, ev, sink);
        break;
    case FW_VERB_ABSENCE:
        fw_absence_observe(det, step, ev, sink);
        break;
    case FW_VERB_FIRST_SEEN:
        fw_seen_observe(det, step, ev, sink);
        break;
    case FW_VERB_RANK:
        fw_rank_observe(det, step, ev, sink);
        break;
    case FW_VERBS:
        break;
    }
}

void fw_rule_equip(struct fw_rule *rule) {
    struct fw_detector_ops *ops = &rule->ops;
    fw_time window = rule->stages[0].window;

    for (size_t i = 1; i < rule->stages_count; i++)
        window = rule->stages[i].window > window ? rule->stages[i].window : window;
    rule->params[0] = (struct fw_param){.name = "window",
                                        .unit = FW_UNIT_SECONDS,
                                        .max = INT64_MAX,
                                        .value = window / FW_SECOND,
                                        .source = "the policy",
                                        .doc = "the longest time that the rule looks back"};
    ops->name = rule->id;
    ops->title = rule->title;
    ops->ruleset = "policy";
    ops->attack = rule->attack[0] != NULL ? (const char *const *)rule->attack : NULL;
    ops->params = rule->params;
    ops->weight = 1;
    ops->quiet = quiet;
    ops->open = open_det;
    ops->advance = advance;
    ops->shift = fw_keyed_shift;
    ops->describe = describe;
    ops->closed = closed;
    ops->get_stats = fw_keyed_get_stats;
    ops->save = fw_keyed_save;
    ops->load = fw_keyed_load;
    ops->loaded = fw_keyed_loaded;
    ops->close = fw_keyed_close;
}
