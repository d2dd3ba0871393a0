/* match.h: the condition of a rule: a tree when it is written, jumps when it runs.
 *
 * The policy builds a tree of tests with and, or, not; compiling puts the tests in
 * the order of their cost and turns the tree into a list of tests, each with where
 * to go on when it holds and when it does not. An event is tested by following it;
 * no text of a rule is looked at any more, and nothing is allocated.
 * What an address lies in is asked once an event for all rules together: their
 * lists of networks are in a few maps, 64 lists in each.
 * What an attacker controls: the values that are tested. A test costs the same
 * whatever they are, but for patterns (pattern.h).
 */
#ifndef FW_RULE_MATCH_H
#define FW_RULE_MATCH_H

#include "../core/addr.h"
#include "field.h"
#include "pattern.h"

#define FW_MATCH_TESTS_MAX 60000 /* of one condition; jumps are 16 bits */
#define FW_MATCH_DEPTH_MAX 12    /* and, or, not in each other; YAML's own limit is near */
#define FW_MATCH_TRUE      UINT16_MAX
#define FW_MATCH_FALSE     (UINT16_MAX - 1)

enum fw_match_op { FW_MATCH_AND, FW_MATCH_OR, FW_MATCH_NOT, FW_MATCH_TEST };
enum fw_test {
    FW_TEST_HAS,    /* the field is there */
    FW_TEST_WORDS,  /* bits: one of these words */
    FW_TEST_RANGES, /* a number in one of these */
    FW_TEST_NETS,   /* an address in one of these */
    FW_TEST_TEXTS   /* a text like one of these */
};

struct fw_range {
    uint64_t first;
    uint64_t last;
};

/* Owns what it points to. */
struct fw_match {
    enum fw_match_op op;
    struct fw_match *first; /* of its children */
    struct fw_match *next;  /* sibling */
    enum fw_test test;
    unsigned field;
    uint64_t words;
    size_t count; /* of what follows */
    struct fw_range *ranges;
    struct fw_net *nets;
    struct fw_pattern *patterns;
};

struct fw_match *fw_match_new(enum fw_match_op op);
void fw_match_add(struct fw_match *parent, struct fw_match *child); /* as the last one */
void fw_match_free(struct fw_match **match);

/* One test as it runs, with what it needs of the event at hand; its pointer leads into the tree, which lives as long. */
struct fw_step_test {
    uint8_t test;
    uint8_t field;
    uint8_t map;   /* of NETS: which one, and its bit */
    uint8_t width; /* bytes of a number of the event; 0: fw_rule_number() knows */
    uint16_t yes, no;
    uint32_t count;
    uint16_t offset;
    uint64_t bit;   /* of its presence; 0: fw_rule_has() knows */
    uint64_t first; /* words; the bit of a list of networks; of a single range, its ends */
    uint64_t last;
    const void *more; /* ranges, or patterns */
};

struct fw_code {
    struct fw_step_test *tests;
    size_t count;
    uint16_t start;  /* or FW_MATCH_TRUE: always */
    uint32_t kinds;  /* of events it can hold for: 1 << kind, FW_KIND_BIT_FINDING */
    uint64_t needs;  /* presence bits without which it cannot hold */
    uint64_t fields; /* presence bits it looks at */
    bool text;       /* it looks at message or program */
};

/* All lists of networks of a ruleset. */
struct fw_nets_pool;
int fw_nets_pool_open(struct fw_nets_pool **pool);
void fw_nets_pool_close(struct fw_nets_pool **pool);
size_t fw_nets_pool_maps(const struct fw_nets_pool *pool);
/* After all lists are in it: builds the maps. 0, or -1: no memory. */
int fw_nets_pool_build(struct fw_nets_pool *pool);
/* Of all lists that are in it, in their order. */
uint64_t fw_nets_pool_fingerprint(const struct fw_nets_pool *pool);

/* 0, or -1 with text in err. Reorders the children of the tree. */
int fw_code_compile(struct fw_code *code, struct fw_match *match, struct fw_nets_pool *pool, struct fw_needles *needles,
                    char *err, size_t errlen);
void fw_code_free(struct fw_code *code);

/* What an event has been asked already; one an engine and depth. */
struct fw_matcher {
    const struct fw_nets_pool *pool;
    const struct fw_needles *needles;
    struct fw_pattern_stack *stack;
    uint64_t *found;   /* needles in the text of each field */
    uint64_t searched; /* bits: fields whose texts were looked through */
    uint64_t *masks;   /* fw_nets_pool_maps() of each of the fields that are addresses */
    uint32_t known[4]; /* bits: those of this field that were asked; of maps beyond 32 none is kept */
};
bool fw_code_holds(const struct fw_code *code, struct fw_matcher *matcher, const struct fw_event *ev);
static inline void fw_matcher_next(struct fw_matcher *matcher) {
    matcher->searched = 0;
    matcher->known[0] = matcher->known[1] = matcher->known[2] = matcher->known[3] = 0;
}
#define FW_MATCHER_ADDRS 4
_Static_assert(FW_RULE_FIELDS <= 64, "a bit for each field in struct fw_matcher");

#endif
