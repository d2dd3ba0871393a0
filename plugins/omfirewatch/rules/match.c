/* match.c: see match.h. */
#include "match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/hash.h"

#define LISTS_A_MAP 64
#define MAPS_MAX    32 /* 2048 lists of networks: two for each rule there can be */

/* ---- the tree ---- */

struct fw_match *fw_match_new(enum fw_match_op op) {
    struct fw_match *match = calloc(1, sizeof *match);

    if (match != NULL)
        match->op = op;
    return match;
}

void fw_match_add(struct fw_match *parent, struct fw_match *child) {
    struct fw_match **end = &parent->first;

    while (*end != NULL)
        end = &(*end)->next;
    *end = child;
}

void fw_match_free(struct fw_match **out) {
    struct fw_match *match = *out;

    *out = NULL;
    if (match == NULL)
        return;
    while (match->first != NULL) {
        struct fw_match *child = match->first;

        match->first = child->next;
        fw_match_free(&child);
    }
    for (size_t i = 0; match->patterns != NULL && i < match->count; i++)
        fw_pattern_close(&match->patterns[i]);
    free(match->ranges);
    free(match->nets);
    free(match->patterns);
    free(match);
}

/* ---- networks ---- */

struct fw_nets_pool {
    const struct fw_match **lists;
    size_t count;
    size_t room;
    struct fw_netmap *maps;
    size_t maps_count;
};

int fw_nets_pool_open(struct fw_nets_pool **pool) {
    *pool = calloc(1, sizeof **pool);
    return *pool != NULL ? 0 : -1;
}

void fw_nets_pool_close(struct fw_nets_pool **out) {
    struct fw_nets_pool *pool = *out;

    *out = NULL;
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->maps_count; i++)
        fw_netmap_free(&pool->maps[i]);
    free(pool->maps);
    free(pool->lists);
    free(pool);
}

size_t fw_nets_pool_maps(const struct fw_nets_pool *pool) {
    return (pool->count + LISTS_A_MAP - 1) / LISTS_A_MAP;
}

static bool same_nets(const struct fw_match *a, const struct fw_match *b) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->nets[i].bits != b->nets[i].bits || !fw_addr_equal(&a->nets[i].addr, &b->nets[i].addr))
            return false;
    return true;
}

/* The number of that list, the same for the same; -1: no room. */
static long add_nets(struct fw_nets_pool *pool, const struct fw_match *list) {
    for (size_t i = 0; i < pool->count; i++)
        if (same_nets(pool->lists[i], list))
            return (long)i;
    if (pool->count == (size_t)LISTS_A_MAP * MAPS_MAX)
        return -1;
    if (pool->count == pool->room) {
        const size_t room = pool->room == 0 ? 16 : 2 * pool->room;
        void *lists = realloc(pool->lists, room * sizeof(void *));

        if (lists == NULL)
            return -1;
        pool->lists = lists;
        pool->room = room;
    }
    pool->lists[pool->count] = list;
    return (long)pool->count++;
}

static int build_map(struct fw_netmap *map, const struct fw_match *const *lists, size_t count) {
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += lists[i]->count;
    struct fw_netmask *masks = calloc(n + 1, sizeof *masks);

    if (masks == NULL)
        return -1;
    n = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            masks[n++] = (struct fw_netmask){lists[i]->nets[k], UINT64_C(1) << i};
    const int result = fw_netmap_build(map, masks, n);

    free(masks);
    return result;
}

int fw_nets_pool_build(struct fw_nets_pool *pool) {
    const size_t maps = fw_nets_pool_maps(pool);

    pool->maps = calloc(maps + 1, sizeof *pool->maps);
    if (pool->maps == NULL)
        return -1;
    for (size_t i = 0; i < maps; i++, pool->maps_count++) {
        const size_t first = i * LISTS_A_MAP, left = pool->count - first;

        if (build_map(&pool->maps[i], pool->lists + first, left < LISTS_A_MAP ? left : LISTS_A_MAP) != 0)
            return -1;
    }
    return 0;
}

uint64_t fw_nets_pool_fingerprint(const struct fw_nets_pool *pool) {
    uint64_t print[3] = {0};

    for (size_t i = 0; i < pool->count; i++)
        for (size_t k = 0; k < pool->lists[i]->count; k++) {
            const struct fw_net *net = &pool->lists[i]->nets[k];

            print[1] = net->bits ^ i << 8;
            print[2] = net->addr.q[0] ^ net->addr.q[1];
            print[0] = fw_hash(&fw_seed_fixed, print, sizeof print);
        }
    return print[0];
}

/* ---- compiling ---- */

/* Of a test, against a comparison of numbers. */
static unsigned cost_of(const struct fw_match *match) {
    unsigned cost = 0;

    switch (match->op) {
    case FW_MATCH_TEST:
        break;
    default:
        for (const struct fw_match *child = match->first; child != NULL; child = child->next)
            cost += cost_of(child);
        return cost;
    }
    switch (match->test) {
    case FW_TEST_HAS:
    case FW_TEST_WORDS:
        return 1;
    case FW_TEST_RANGES:
        return 2 + (unsigned)(match->count / 4);
    case FW_TEST_NETS:
        return 6;
    case FW_TEST_TEXTS:
        break;
    }
    for (size_t i = 0; i < match->count; i++)
        cost += match->patterns[i].kind == FW_PATTERN_REGEX                                                ? 200
                : match->patterns[i].kind == FW_PATTERN_PART || match->patterns[i].kind == FW_PATTERN_WILD ? 60
                                                                                                           : 5;
    return cost * (match->field == FW_RULE_MESSAGE ? 4 : 1);
}

/* The cheap ones first, equals as they were written. */
static void sort_children(struct fw_match *match) {
    struct fw_match *sorted = NULL;

    while (match->first != NULL) {
        struct fw_match *child = match->first, **at = &sorted;

        match->first = child->next;
        while (*at != NULL && cost_of(*at) <= cost_of(child))
            at = &(*at)->next;
        child->next = *at;
        *at = child;
    }
    match->first = sorted;
    for (struct fw_match *child = match->first; child != NULL; child = child->next)
        sort_children(child);
}

#define ALL_KINDS ((FW_KIND_BIT_FINDING << 1) - 1)

/* Kinds of events for which it can hold. */
static uint32_t kinds_of(const struct fw_match *match) {
    uint32_t kinds = match->op == FW_MATCH_OR ? 0 : ALL_KINDS;

    switch (match->op) {
    case FW_MATCH_AND:
        for (const struct fw_match *child = match->first; child != NULL; child = child->next)
            kinds &= kinds_of(child);
        return kinds;
    case FW_MATCH_OR:
        for (const struct fw_match *child = match->first; child != NULL; child = child->next)
            kinds |= kinds_of(child);
        return kinds;
    case FW_MATCH_NOT:
        if (match->first != NULL && match->first->op == FW_MATCH_TEST && match->first->field == FW_RULE_KIND)
            return ~kinds_of(match->first) & ALL_KINDS;
        return ALL_KINDS;
    case FW_MATCH_TEST:
        break;
    }
    if (match->field == FW_RULE_KIND)
        return match->test == FW_TEST_WORDS ? (uint32_t)match->words & (FW_KIND_BIT_FINDING - 1)
                                            : FW_KIND_BIT_FINDING - 1;
    if (match->field == FW_RULE_FINDING || match->field == FW_RULE_STAGE)
        return FW_KIND_BIT_FINDING;
    return ALL_KINDS;
}

static uint64_t needs_of(const struct fw_match *match) {
    uint64_t needs = match->op == FW_MATCH_OR ? ~UINT64_C(0) : 0;

    switch (match->op) {
    case FW_MATCH_AND:
        for (const struct fw_match *child = match->first; child != NULL; child = child->next)
            needs |= needs_of(child);
        return needs;
    case FW_MATCH_OR:
        for (const struct fw_match *child = match->first; child != NULL; child = child->next)
            needs &= needs_of(child);
        return needs;
    case FW_MATCH_NOT:
        return 0;
    case FW_MATCH_TEST:
        break;
    }
    switch (match->field) {
    case FW_RULE_DIRECTION:
        return FW_BIT(src) | FW_BIT(dst);
    case FW_RULE_SRC_ROLE:
        return FW_BIT(src);
    case FW_RULE_DST_ROLE:
        return FW_BIT(dst);
    default:
        return fw_rule_field_bit(match->field);
    }
}

static bool mentions(const struct fw_match *match, bool (*is_it)(unsigned field)) {
    if (match->op == FW_MATCH_TEST)
        return is_it(match->field);
    for (const struct fw_match *child = match->first; child != NULL; child = child->next)
        if (mentions(child, is_it))
            return true;
    return false;
}

static bool is_text(unsigned field) {
    return fw_rule_is_text(field);
}

static bool is_finding(unsigned field) {
    return field == FW_RULE_FINDING || field == FW_RULE_STAGE;
}

static size_t tests_in(const struct fw_match *match) {
    size_t n = match->op == FW_MATCH_TEST;

    for (const struct fw_match *child = match->first; child != NULL; child = child->next)
        n += tests_in(child);
    return n;
}

static uint16_t emit(struct fw_code *code, const struct fw_match *match, struct fw_nets_pool *pool, uint16_t yes,
                     uint16_t no, bool top, bool *full);

/* A kind that must hold, at the top: only such events are asked about. */
static bool is_known(const struct fw_match *match, bool top) {
    return top && match->op == FW_MATCH_TEST && match->test == FW_TEST_WORDS && match->field == FW_RULE_KIND;
}

/* From the last to the first, so that each knows where the next begins. */
static uint16_t emit_list(struct fw_code *code, const struct fw_match *child, struct fw_nets_pool *pool, uint16_t yes,
                          uint16_t no, bool all, bool top, bool *full) {
    while (child != NULL && is_known(child, top))
        child = child->next;
    if (child == NULL)
        return all ? yes : no;
    const uint16_t rest = emit_list(code, child->next, pool, yes, no, all, top, full);

    return all ? emit(code, child, pool, rest, no, top, full) : emit(code, child, pool, yes, rest, false, full);
}

static uint8_t width_of(unsigned field) {
    if (field >= FW_FIELDS)
        return 0;
    switch (fw_field_table[field].type) {
    case FW_TYPE_PORT:
        return 2;
    case FW_TYPE_U32:
        return 4;
    case FW_TYPE_U64:
    case FW_TYPE_MS:
        return 8;
    case FW_TYPE_U8:
    case FW_TYPE_PROTO:
        return 1;
    default:
        return 0;
    }
}

static uint16_t emit(struct fw_code *code, const struct fw_match *match, struct fw_nets_pool *pool, uint16_t yes,
                     uint16_t no, bool top, bool *full) {
    switch (match->op) {
    case FW_MATCH_AND:
    case FW_MATCH_OR:
        return emit_list(code, match->first, pool, yes, no, match->op == FW_MATCH_AND, match->op == FW_MATCH_AND && top,
                         full);
    case FW_MATCH_NOT:
        return emit_list(code, match->first, pool, no, yes, true, false, full);
    case FW_MATCH_TEST:
        break;
    }
    struct fw_step_test *test = &code->tests[code->count];
    const long list = match->test == FW_TEST_NETS ? add_nets(pool, match) : 0;

    *full = *full || list < 0;
    *test = (struct fw_step_test){.test = (uint8_t)match->test,
                                  .field = (uint8_t)match->field,
                                  .width = width_of(match->field),
                                  .yes = yes,
                                  .no = no,
                                  .count = (uint32_t)match->count,
                                  .bit = fw_rule_field_bit(match->field),
                                  .first = match->words};
    if (match->field < FW_FIELDS)
        test->offset = fw_field_table[match->field].offset;
    if (match->test == FW_TEST_NETS) {
        const unsigned number = list < 0 ? 0 : (unsigned)list;
        test->map = (uint8_t)(number / LISTS_A_MAP);
        test->first = UINT64_C(1) << number % LISTS_A_MAP;
    } else if (match->test == FW_TEST_TEXTS) {
        test->more = match->patterns;
    } else if (match->test == FW_TEST_RANGES) {
        test->more = match->ranges;
        test->first = match->count > 0 ? match->ranges[0].first : 1; /* none: nothing is in it */
        test->last = match->count > 0 ? match->ranges[match->count - 1].last : 0;
    }
    code->fields |= fw_rule_field_bit(match->field) | needs_of(match);
    return (uint16_t)code->count++;
}

/* Is it worth a look at the text as a whole first? Of a short field a beginning is as quickly compared. */
static bool is_sought(const struct fw_pattern *pattern, unsigned field) {
    return field == FW_RULE_MESSAGE || pattern->kind == FW_PATTERN_PART || pattern->kind == FW_PATTERN_WILD ||
           pattern->kind == FW_PATTERN_REGEX;
}

/* What is looked for in a text, in one pass for all. */
static void add_needles(struct fw_match *match, struct fw_needles *needles) {
    char needle[FW_NEEDLE_MOST];

    for (struct fw_match *child = match->first; child != NULL; child = child->next)
        add_needles(child, needles);
    if (match->op != FW_MATCH_TEST || match->test != FW_TEST_TEXTS)
        return;
    for (size_t i = 0; i < match->count; i++)
        if (is_sought(&match->patterns[i], match->field))
            match->patterns[i].needle = fw_needles_add(needles, needle, fw_pattern_needle(&match->patterns[i], needle));
}

int fw_code_compile(struct fw_code *code, struct fw_match *match, struct fw_nets_pool *pool, struct fw_needles *needles,
                    char *err, size_t errlen) {
    const size_t n = tests_in(match);
    bool full = false;

    memset(code, 0, sizeof *code);
    if (n > FW_MATCH_TESTS_MAX) {
        (void)snprintf(err, errlen, "more than %d tests in one condition", FW_MATCH_TESTS_MAX);
        return -1;
    }
    code->tests = calloc(n + 1, sizeof *code->tests);
    if (code->tests == NULL) {
        (void)snprintf(err, errlen, "not enough memory");
        return -1;
    }
    sort_children(match);
    add_needles(match, needles);
    code->start = emit(code, match, pool, FW_MATCH_TRUE, FW_MATCH_FALSE, true, &full);
    code->kinds = kinds_of(match);
    code->needs = needs_of(match);
    code->text = mentions(match, is_text);
    if (!mentions(match, is_finding)) /* it is about lines */
        code->kinds &= ~FW_KIND_BIT_FINDING;
    if (!code->text) /* and of a line that is no event there is nothing else */
        code->kinds &= ~(UINT32_C(1) << FW_KIND_NONE);
    if (!full)
        return 0;
    (void)snprintf(err, errlen, "more than %d different lists of networks in all rules", LISTS_A_MAP * MAPS_MAX);
    return -1;
}

void fw_code_free(struct fw_code *code) {
    free(code->tests);
    code->tests = NULL;
}

/* ---- running ---- */

_Static_assert(FW_RULE_FIELDS <= UINT8_MAX, "fields of tests are 8 bits");

static bool in_ranges(const struct fw_step_test *test, uint64_t value) {
    const struct fw_range *ranges = test->more;
    size_t low = 0, high = test->count; /* they ascend, and do not touch */

    if (value < test->first || value > test->last)
        return false;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (value > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < test->count && value >= ranges[low].first;
}

static uint64_t number_of(const struct fw_step_test *test, const struct fw_event *ev) {
    const char *at = (const char *)ev + test->offset;

    switch (test->width) {
    case 1:
        return *(const uint8_t *)at;
    case 2:
        return *(const uint16_t *)(const void *)at;
    case 4:
        return *(const uint32_t *)(const void *)at;
    case 8:
        return *(const uint64_t *)(const void *)at;
    default:
        return fw_rule_number(ev, test->field);
    }
}

static unsigned slot_of(unsigned field) {
    switch (field) {
    case FW_F_src:
        return 0;
    case FW_F_dst:
        return 1;
    case FW_F_nat_src:
        return 2;
    default:
        return 3;
    }
}

static bool in_nets(const struct fw_step_test *test, struct fw_matcher *matcher, const struct fw_event *ev) {
    const unsigned slot = slot_of(test->field);
    uint64_t *mask = &matcher->masks[slot * fw_nets_pool_maps(matcher->pool) + test->map];

    if ((matcher->known[slot] >> test->map & 1) == 0) {
        matcher->known[slot] |= UINT32_C(1) << test->map;
        *mask = fw_netmap_lookup(&matcher->pool->maps[test->map], fw_rule_addr(ev, test->field));
    }
    return (*mask & test->first) != 0;
}

/* Looks for all needles in the text of a field, once an event. */
static const uint64_t *look(struct fw_matcher *matcher, unsigned field, struct fw_str text) {
    uint64_t *found = matcher->found + field * fw_needles_words(matcher->needles);

    if ((matcher->searched >> field & 1) == 0)
        fw_needles_find(matcher->needles, text.p, text.len, found);
    matcher->searched |= UINT64_C(1) << field;
    return found;
}

static bool like_texts(const struct fw_step_test *test, struct fw_matcher *matcher, const struct fw_event *ev) {
    const struct fw_str text = fw_rule_text(ev, test->field);
    const struct fw_pattern *patterns = test->more;
    const uint64_t *found = NULL;

    for (size_t i = 0; i < test->count; i++) {
        const uint32_t needle = patterns[i].needle;

        if (needle != FW_NEEDLE_NONE && found == NULL)
            found = look(matcher, test->field, text);
        if ((needle == FW_NEEDLE_NONE || (found[needle / 64] >> needle % 64 & 1) != 0) &&
            fw_pattern_match(&patterns[i], matcher->stack, text.p, text.len))
            return true;
    }
    return false;
}

static bool holds(const struct fw_step_test *test, struct fw_matcher *matcher, const struct fw_event *ev) {
    if (test->bit != 0 ? (ev->present & test->bit) == 0 : !fw_rule_has(ev, test->field))
        return false;
    switch ((enum fw_test)test->test) {
    case FW_TEST_HAS:
        return true;
    case FW_TEST_WORDS:
        return (fw_rule_words(ev, test->field) & test->first) != 0;
    case FW_TEST_RANGES:
        return in_ranges(test, number_of(test, ev));
    case FW_TEST_NETS:
        return in_nets(test, matcher, ev);
    case FW_TEST_TEXTS:
        break;
    }
    return like_texts(test, matcher, ev);
}

bool fw_code_holds(const struct fw_code *code, struct fw_matcher *matcher, const struct fw_event *ev) {
    uint16_t at = code->start;

    while (at < FW_MATCH_FALSE)
        at = holds(&code->tests[at], matcher, ev) ? code->tests[at].yes : code->tests[at].no;
    return at == FW_MATCH_TRUE;
}
