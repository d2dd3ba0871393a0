/* ruleset.c: all rules of a policy: compiled, put in order by what they can hold for, and asked.
 *
 * For each kind of event, and for findings, there is a list of the steps that can
 * hold for it; a step is asked only when the fields are there without which it
 * cannot. So a rule costs nothing where it does not matter.
 * Rules never consume each other's events: each is asked of each.
 * Findings of rules feed rules: which is told of which is known when they are
 * compiled, so there are no circles and no more than FW_RULES_DEPTH steps.
 * Invariants: the lists hold the steps of a rule from the last to the first.
 * Memory: about 2 KiB a rule and 60 bytes a test, from the C library, when the
 * policy is read; per engine the masks of match.h.
 * What an attacker controls: nothing of this, but for the events.
 */
#include "ruleset.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTS    (FW_KINDS + 1)       /* by kind; the last is of findings */
#define MATCHERS (FW_RULES_DEPTH + 2) /* a line, the finding of a detector, and those of rules */

/* A step as it is asked. */
struct probe {
    uint64_t needs;
    const struct fw_rule_step *step;
    size_t rule;
};

struct own_set {
    struct fw_ruleset set; /* first */
    atomic_uint holders;
    struct fw_rule **rules;
    const struct fw_detector_ops **ops;
    bool *off;
    struct fw_nets_pool *nets;
    struct fw_needles *needles;
    struct probe *probes[LISTS];
    size_t probes_count[LISTS];
};

struct fw_rules {
    struct own_set *set;
    const struct fw_mem *mem;
    struct fw_pattern_stack *stack;
    struct fw_matcher matchers[MATCHERS];
    unsigned depth; /* of findings that are told while another one is */
    struct fw_rules_stats stats;
};

/* ---- rules ---- */

struct fw_rule *fw_rule_new(void) {
    struct fw_rule *rule = calloc(1, sizeof *rule);

    if (rule != NULL)
        rule->of = FW_RULE_FIELDS;
    return rule;
}

void fw_rule_free(struct fw_rule **out) {
    struct fw_rule *rule = *out;

    *out = NULL;
    if (rule == NULL)
        return;
    for (size_t i = 0; i < FW_RULE_STEPS_MAX; i++) {
        fw_match_free(&rule->steps[i].match);
        fw_code_free(&rule->steps[i].code);
    }
    for (size_t i = 0; i < rule->except_count; i++) {
        fw_match_free(&rule->except[i].match);
        fw_code_free(&rule->except[i].code);
        fw_times_free(&rule->except[i].when);
    }
    fw_times_free(&rule->when);
    fw_times_free(&rule->due);
    for (size_t i = 0; i < FW_RULE_ATTACK_MAX; i++)
        free(rule->attack[i]);
    fw_say_free(&rule->say);
    free(rule->id);
    free(rule->title);
    free(rule->next_step);
    free(rule->text);
    free(rule);
}

/* ---- compiling one ---- */

static bool is_in(const unsigned *fields, size_t n, unsigned field) {
    for (size_t i = 0; i < n; i++)
        if (fields[i] == field)
            return true;
    return false;
}

/* What the sentence shows and the key does not tell. */
static int keep_texts(struct fw_rule *rule, char *err, size_t errlen) {
    unsigned wanted[FW_SAY_PARTS_MAX + FW_RULE_KEYS_MAX + 1];
    size_t n = 0;

    for (size_t i = 0; i < rule->key_count; i++)
        wanted[n++] = rule->key[i];
    if (rule->verb == FW_VERB_FIRST_SEEN)
        wanted[n++] = rule->of;
    const size_t of_key = n;
    for (size_t i = 0; i < rule->say.count; i++)
        if (rule->say.parts[i].kind == FW_SAY_FIELD)
            wanted[n++] = rule->say.parts[i].number;
    for (size_t i = 0; i < n; i++) {
        const bool told = is_in(wanted, of_key, wanted[i]) && fw_rule_field_sort(wanted[i]) != FW_SORT_TEXT;
        if (told || is_in(rule->texts, rule->texts_count, wanted[i]))
            continue;
        const size_t more = fw_rule_text_size(wanted[i]);
        if (rule->texts_bytes + more > FW_RULE_TEXTS_MAX * FW_RULE_TEXT_KEPT) {
            (void)snprintf(err, errlen,
                           "the sentence and the key have more than %d fields to be kept, of which message is four",
                           FW_RULE_TEXTS_MAX);
            return -1;
        }
        rule->captures = rule->captures || fw_rule_is_capture(wanted[i]);
        rule->text_at[rule->texts_count] = rule->texts_bytes;
        rule->texts[rule->texts_count++] = wanted[i];
        rule->texts_bytes += more;
    }
    return 0;
}

static size_t key_size(const struct fw_rule *rule) {
    size_t size = 0;

    for (size_t i = 0; i < rule->key_count; i++) {
        const enum fw_sort sort = fw_rule_field_sort(rule->key[i]);
        size += sort == FW_SORT_ADDR || sort == FW_SORT_TEXT ? 16 : 8;
    }
    if (rule->verb == FW_VERB_FIRST_SEEN) {
        const enum fw_sort sort = fw_rule_field_sort(rule->of);
        size += sort == FW_SORT_ADDR || sort == FW_SORT_TEXT ? 16 : 8;
    }
    return size != 0 ? size : 8;
}

/* Brackets of the expression with most of them, without those under "not", which hold nothing. */
static unsigned brackets_of(const struct fw_match *match) {
    unsigned most = 0;

    for (size_t i = 0; match->op == FW_MATCH_TEST && match->test == FW_TEST_TEXTS && i < match->count; i++) {
        const unsigned n = fw_pattern_brackets(&match->patterns[i]);
        most = n > most ? n : most;
    }
    for (const struct fw_match *child = match->first; match->op != FW_MATCH_NOT && child != NULL; child = child->next) {
        const unsigned n = brackets_of(child);
        most = n > most ? n : most;
    }
    return most;
}

/* A key that no bracket fills would never be there. */
static int check_capture(unsigned field, unsigned brackets, char *err, size_t errlen) {
    if (!fw_rule_is_capture(field) || field - FW_RULE_MATCH1 < brackets)
        return 0;
    (void)snprintf(err, errlen,
                   "%s is what a bracket of a regular expression holds, as in message|re: \"user=(\\\\S+)\"; the "
                   "condition has %u",
                   fw_rule_field_name(field), brackets);
    return -1;
}

static int compile_steps(struct own_set *own, struct fw_rule *rule, char *err, size_t errlen) {
    for (size_t i = 0; i < rule->steps_count; i++) {
        struct fw_rule_step *step = &rule->steps[i];

        step->rule = rule;
        step->times = step->times != 0 ? step->times : 1;
        step->first = (unsigned)rule->times;
        rule->times += step->times;
        if (fw_code_compile(&step->code, step->match, own->nets, own->needles, err, errlen) != 0)
            return -1;
        const unsigned brackets = brackets_of(step->match);
        for (size_t k = 0; k < rule->key_count; k++) {
            if (check_capture(step->key[k], brackets, err, errlen) != 0)
                return -1;
            step->code.needs |= fw_rule_field_bit(step->key[k]);
            step->code.text = step->code.text || fw_rule_is_text(step->key[k]);
            rule->captures = rule->captures || fw_rule_is_capture(step->key[k]);
        }
        if (check_capture(rule->of, brackets, err, errlen) != 0)
            return -1;
        if (rule->of != FW_RULE_FIELDS)
            step->code.needs |= fw_rule_field_bit(rule->of);
        rule->captures = rule->captures || fw_rule_is_capture(rule->of);
        step->code.fields |= step->code.needs;
    }
    return 0;
}

/* Its calendars are told by the zone of the policy, which its text does not name. */
static uint64_t zone_of(const struct fw_times *times) {
    return times != NULL ? fw_hash(&fw_seed_fixed, times->zone.name, strlen(times->zone.name)) : 0;
}

static uint64_t zones_of(const struct fw_rule *rule) {
    uint64_t zones = zone_of(rule->when != NULL ? rule->when : rule->due);

    for (size_t i = 0; i < rule->except_count && zones == 0; i++)
        zones = zone_of(rule->except[i].when);
    return zones;
}

static int compile(struct own_set *own, struct fw_rule *rule, char *err, size_t errlen) {
    rule->key_size = key_size(rule);
    if (rule->key_size > FW_TABLE_KEY_MAX) {
        (void)snprintf(err, errlen, "the key has more than four fields");
        return -1;
    }
    if (compile_steps(own, rule, err, errlen) != 0 || keep_texts(rule, err, errlen) != 0)
        return -1;
    if (rule->times > FW_RULE_STEPS_MAX) {
        (void)snprintf(err, errlen,
                       "a sequence has at most %d steps, each counted as often as it has to come; this has "
                       "%zu",
                       FW_RULE_STEPS_MAX, rule->times);
        return -1;
    }
    for (size_t i = 0; i < rule->except_count; i++)
        if (fw_code_compile(&rule->except[i].code, rule->except[i].match, own->nets, own->needles, err, errlen) != 0)
            return -1;
    if (rule->verb == FW_VERB_SEQUENCE || rule->calm > 0)
        rule->tail = FW_RULE_STEPS_MAX;
    else if (rule->verb == FW_VERB_SUM && rule->window == FW_WINDOW_SLIDING)
        rule->tail = FW_RULE_SLICES;
    rule->fingerprint = fw_hash(&fw_seed_fixed, rule->text, strlen(rule->text)) ^ zones_of(rule);
    fw_rule_equip(rule);
    for (size_t i = 0; i < rule->steps_count; i++) { /* for `firewatch detectors` */
        rule->ops.kinds |= rule->steps[i].code.kinds & (FW_KIND_BIT_FINDING - 2);
        rule->ops.needs = i == 0 ? rule->steps[i].code.needs : rule->ops.needs & rule->steps[i].code.needs;
        rule->ops.uses |= rule->steps[i].code.fields;
    }
    return 0;
}

/* ---- who feeds whom ---- */

/* Could this part of a condition hold for a finding of that name? Without a look at "not". */
static bool hears(const struct fw_match *match, const struct own_set *own, struct fw_pattern_stack *stack,
                  const char *name) {
    (void)own;
    if (match->op == FW_MATCH_TEST) {
        if (match->field == FW_RULE_STAGE || (match->field == FW_RULE_FINDING && match->test != FW_TEST_TEXTS))
            return true;
        for (size_t i = 0; match->field == FW_RULE_FINDING && i < match->count; i++)
            if (fw_pattern_match(&match->patterns[i], stack, name, strlen(name)))
                return true;
        return false;
    }
    bool any = match->op == FW_MATCH_NOT;
    for (const struct fw_match *child = match->first; child != NULL; child = child->next)
        any = hears(child, own, stack, name) || any;
    return any;
}

static bool rule_hears(const struct own_set *own, const struct fw_rule *rule, const struct fw_rule *other,
                       struct fw_pattern_stack *stack) {
    if (rule == other) /* no rule is told of itself */
        return false;
    for (size_t i = 0; i < rule->steps_count; i++)
        if ((rule->steps[i].code.kinds & FW_KIND_BIT_FINDING) != 0 &&
            hears(rule->steps[i].match, own, stack, other->id))
            return true;
    return false;
}

#define BEING_LOOKED_AT UINT32_MAX

/* 0, or -1 with text in err. */
static int find_depth(struct own_set *own, struct fw_rule *rule, struct fw_pattern_stack *stack, char *err,
                      size_t errlen) {
    unsigned depth = 1;

    if (rule->depth != 0)
        return 0;
    rule->depth = BEING_LOOKED_AT;
    for (size_t i = 0; i < own->set.count; i++) {
        struct fw_rule *other = own->rules[i];

        if (!rule_hears(own, rule, other, stack))
            continue;
        if (other->depth == BEING_LOOKED_AT) {
            (void)snprintf(err, errlen, "the rules \"%s\" and \"%s\" feed each other with their findings", other->id,
                           rule->id);
            return -1;
        }
        if (find_depth(own, other, stack, err, errlen) != 0)
            return -1;
        if (other->depth + 1 > depth)
            depth = other->depth + 1;
    }
    rule->depth = depth;
    if (depth <= FW_RULES_DEPTH)
        return 0;
    (void)snprintf(err, errlen, "findings feed rules over more than %d steps", FW_RULES_DEPTH);
    return -1;
}

/* ---- the lists ---- */

static int make_list(struct own_set *own, size_t list) {
    size_t n = 0;

    for (size_t i = 0; i < own->set.count; i++)
        n += own->rules[i]->steps_count;
    own->probes[list] = calloc(n + 1, sizeof *own->probes[list]);
    if (own->probes[list] == NULL)
        return -1;
    for (size_t i = 0; i < own->set.count; i++)
        for (size_t k = own->rules[i]->steps_count; k-- > 0;) {
            const struct fw_rule_step *step = &own->rules[i]->steps[k];

            if ((step->code.kinds >> list & 1) != 0 && step->code.start != FW_MATCH_FALSE)
                own->probes[list][own->probes_count[list]++] = (struct probe){step->code.needs, step, i};
        }
    return 0;
}

/* Of a line that is no event there is its sensor, and its text. */
static bool is_for_lines(const struct fw_rule_step *step) {
    return (step->code.kinds & UINT32_C(1) << FW_KIND_NONE) != 0 && (step->code.needs & ~FW_BIT(sensor)) == 0;
}

static void sum_up(struct own_set *own) {
    uint64_t print[2] = {fw_nets_pool_fingerprint(own->nets), 0};

    for (size_t i = 0; i < own->set.count; i++) {
        const struct fw_rule *rule = own->rules[i];

        print[1] = rule->fingerprint ^ own->off[i];
        print[0] = fw_hash(&fw_seed_fixed, print, sizeof print);
        for (size_t k = 0; k < rule->steps_count; k++) {
            own->set.fields |= rule->steps[k].code.fields;
            own->set.text = own->set.text || rule->steps[k].code.text;
            own->set.lines = own->set.lines || is_for_lines(&rule->steps[k]);
            own->set.findings = own->set.findings || (rule->steps[k].code.kinds & FW_KIND_BIT_FINDING) != 0;
        }
        for (size_t k = 0; k < rule->except_count; k++) {
            own->set.fields |= rule->except[k].code.fields;
            own->set.text = own->set.text || rule->except[k].code.text;
        }
        for (size_t k = 0; k < rule->texts_count; k++) {
            own->set.fields |= fw_rule_field_bit(rule->texts[k]);
            own->set.text = own->set.text || fw_rule_is_text(rule->texts[k]);
        }
    }
    own->set.fingerprint = print[0];
}

/* ---- the set ---- */

static int open_rules(const struct fw_ruleset *set, struct fw_rules **out, const struct fw_mem *mem);
static void close_rules(struct fw_rules **out);
static void observe(struct fw_rules *rules, const struct fw_event *ev, struct fw_detector *detectors,
                    struct fw_findings *findings, const struct fw_rules_guard *guard);
static void get_stats(const struct fw_rules *rules, struct fw_rules_stats *stats);

static void let_go(struct own_set *own) {
    if (atomic_fetch_sub(&own->holders, 1) != 1)
        return;
    for (size_t i = 0; own->rules != NULL && i < own->set.count; i++)
        fw_rule_free(&own->rules[i]);
    for (size_t i = 0; i < LISTS; i++)
        free(own->probes[i]);
    fw_nets_pool_close(&own->nets);
    fw_needles_close(&own->needles);
    free(own->rules);
    free(own->ops);
    free(own->off);
    free(own);
}

static int compile_all(struct own_set *own, size_t *bad, char *err, size_t errlen) {
    struct fw_pattern_stack *stack = NULL;
    int result = fw_pattern_stack_open(&stack);

    for (size_t i = 0; i < own->set.count && result == 0; i++) {
        *bad = i;
        result = compile(own, own->rules[i], err, errlen);
        own->ops[i] = &own->rules[i]->ops;
    }
    for (size_t i = 0; i < own->set.count && result == 0; i++) {
        *bad = i;
        result = find_depth(own, own->rules[i], stack, err, errlen);
    }
    fw_pattern_stack_close(&stack);
    return result;
}

int fw_ruleset_open(struct fw_ruleset **set, struct fw_rule **rules, size_t n, size_t *bad, char *err, size_t errlen) {
    struct own_set *own = calloc(1, sizeof *own);
    int result = -1;

    *set = NULL;
    *bad = n;
    (void)snprintf(err, errlen, "not enough memory");
    if (own == NULL) {
        for (size_t i = 0; i < n; i++)
            fw_rule_free(&rules[i]);
        return -1;
    }
    own->holders = 1;
    own->rules = calloc(n + 1, sizeof *own->rules);
    own->ops = calloc(n + 1, sizeof *own->ops);
    own->off = calloc(n + 1, sizeof *own->off);
    for (size_t i = 0; i < n; i++) {
        if (own->rules == NULL)
            fw_rule_free(&rules[i]);
        else
            own->rules[own->set.count++] = rules[i];
        rules[i] = NULL;
    }
    own->set.ops = own->ops;
    own->set.off = own->off;
    own->set.open = open_rules;
    own->set.close = close_rules;
    own->set.observe = observe;
    own->set.get_stats = get_stats;
    if (own->rules != NULL && own->ops != NULL && own->off != NULL && fw_nets_pool_open(&own->nets) == 0 &&
        fw_needles_open(&own->needles) == 0)
        result = compile_all(own, bad, err, errlen);
    if (result == 0) {
        *bad = n;
        result = fw_nets_pool_build(own->nets) == 0 ? fw_needles_build(own->needles) : -1;
    }
    for (size_t i = 0; i < LISTS && result == 0; i++)
        result = make_list(own, i);
    if (result != 0) {
        let_go(own);
        return -1;
    }
    sum_up(own);
    *set = &own->set;
    return 0;
}

void fw_ruleset_drop(struct fw_ruleset **set) {
    if (*set != NULL)
        let_go((struct own_set *)*set);
    *set = NULL;
}

void fw_ruleset_off(struct fw_ruleset *set, size_t i) {
    struct own_set *own = (struct own_set *)set;

    own->off[i] = true;
    sum_up(own);
}

const struct fw_rule *fw_ruleset_rule(const struct fw_ruleset *set, size_t i) {
    return ((const struct own_set *)set)->rules[i];
}

/* ---- in an engine ---- */

static int open_rules(const struct fw_ruleset *set, struct fw_rules **out, const struct fw_mem *mem) {
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): all that changes is the number of its holders */
    struct own_set *own = (struct own_set *)(uintptr_t)set;
    struct fw_rules *rules = fw_mem_alloc(mem, 1, sizeof *rules);
    const size_t maps = fw_nets_pool_maps(own->nets);

    *out = rules;
    if (rules == NULL)
        return -1;
    atomic_fetch_add(&own->holders, 1);
    rules->set = own;
    rules->mem = mem;
    bool fine = fw_pattern_stack_open(&rules->stack) == 0;
    for (size_t i = 0; i < MATCHERS; i++) {
        struct fw_matcher *matcher = &rules->matchers[i];

        matcher->pool = own->nets;
        matcher->stack = rules->stack;
        matcher->needles = own->needles;
        matcher->masks = fw_mem_alloc(mem, FW_MATCHER_ADDRS * maps + 1, sizeof *matcher->masks);
        matcher->found = fw_mem_alloc(mem, FW_RULE_FIELDS * fw_needles_words(own->needles) + 1, sizeof *matcher->found);
        fine = fine && matcher->masks != NULL && matcher->found != NULL;
    }
    if (fine)
        return 0;
    close_rules(out);
    return -1;
}

static void close_rules(struct fw_rules **out) {
    struct fw_rules *rules = *out;

    *out = NULL;
    if (rules == NULL)
        return;
    for (size_t i = 0; i < MATCHERS; i++) {
        fw_mem_release(rules->mem, rules->matchers[i].masks);
        fw_mem_release(rules->mem, rules->matchers[i].found);
    }
    fw_pattern_stack_close(&rules->stack);
    let_go(rules->set);
    fw_mem_release(rules->mem, rules);
}

static void get_stats(const struct fw_rules *rules, struct fw_rules_stats *stats) {
    *stats = rules->stats;
    stats->limited = fw_pattern_stack_limited(rules->stack);
}

static bool is_excepted(const struct fw_rule *rule, struct fw_matcher *matcher, const struct fw_event *ev) {
    for (size_t i = 0; i < rule->except_count; i++)
        if (ev->time < rule->except[i].until && fw_times_hold(rule->except[i].when, ev->time) &&
            fw_code_holds(&rule->except[i].code, matcher, ev))
            return true;
    return false;
}

static void hit(const struct probe *probe, struct fw_matcher *matcher, const struct fw_event *ev,
                struct fw_detector *detector, struct fw_findings *findings, const struct fw_rules_guard *guard) {
    const struct fw_rule_step *step = probe->step;
    const struct fw_sink sink = {.findings = findings, .detector = detector};
    struct fw_str captured[FW_CAPTURES]; /* of its own: more expressions run before this one is done with */

    if (!detector->enabled || ev->finding == step->rule->id) /* off, or its own */
        return;
    if (step->rule->verb != FW_VERB_ABSENCE && !fw_times_hold(step->rule->when, ev->time))
        return;
    if (step->rule->captures)
        memcpy(captured, fw_pattern_captured(matcher->stack), sizeof captured);
    if (is_excepted(step->rule, matcher, ev)) {
        detector->suppressed++;
        return;
    }
    if (guard != NULL && guard->holds(guard->cookie, probe->rule)) /* and counted there */
        return;
    detector->observed++;
    if (!step->rule->captures) {
        fw_rule_observe(detector->det, step, ev, &sink);
        return;
    }
    struct fw_event with = *ev;

    with.captured = captured;
    fw_rule_observe(detector->det, step, &with, &sink);
}

static void observe(struct fw_rules *rules, const struct fw_event *ev, struct fw_detector *detectors,
                    struct fw_findings *findings, const struct fw_rules_guard *guard) {
    const struct own_set *own = rules->set;
    const size_t list = ev->finding != NULL ? FW_KINDS : (size_t)ev->kind;
    const struct probe *probe = own->probes[list], *end = probe + own->probes_count[list];

    if (probe == end || rules->depth == MATCHERS)
        return;
    struct fw_matcher *matcher = &rules->matchers[rules->depth++];

    fw_matcher_next(matcher);
    for (; probe < end; probe++) {
        if ((probe->needs & ~ev->present) != 0)
            continue;
        rules->stats.asked++;
        if (probe->step->rule->captures)
            fw_pattern_forget(matcher->stack);
        if (fw_code_holds(&probe->step->code, matcher, ev))
            hit(probe, matcher, ev, &detectors[probe->rule], findings, guard);
    }
    rules->depth--;
}
