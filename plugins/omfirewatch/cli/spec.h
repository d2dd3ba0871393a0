/* spec.h: a file of rule tests: lines in, findings expected.
 *
 *     policy: policy.yaml                  # default: this file's name without .test
 *     reference: 2026-10-12T12:00:00Z      # for stamps without a year
 *     tests:
 *       - name: the monitoring is left alone
 *         lines: |                         # or input: FILE
 *           Oct 12 08:00:00 fw1 kernel: ...
 *         expect: []                       # nothing
 *       - name: a worm is found
 *         input: worm.log
 *         expect:
 *           - {rule: addr_scan, source: 10.1.2.3, port: 445}
 *
 * Every finding must be expected, and every line understood, unless the test says
 * otherwise. It is written by administrators; problems are told with file and line.
 */
#ifndef FW_SPEC_H
#define FW_SPEC_H

#include "../core/engine.h"
#include "../policy/yaml.h"

#define FW_SPEC_BYTES_MAX (4u << 20) /* longer logs are for input: */
/* Old stamps get a year by it when the file says nothing: no run may depend on the day it is. */
#define FW_SPEC_REFERENCE INT64_C(1798761600000) /* 2027-01-01T00:00:00Z */

enum fw_spec_field { /* of an expectation */
                     FW_SPEC_KIND,
                     FW_SPEC_RULE,
                     FW_SPEC_SOURCE,
                     FW_SPEC_DESTINATION,
                     FW_SPEC_PORT,
                     FW_SPEC_TRANSPORT,
                     FW_SPEC_ACTION,
                     FW_SPEC_CLASS,
                     FW_SPEC_SEVERITY,
                     FW_SPEC_STAGE,
                     FW_SPEC_TEXT,
                     FW_SPEC_COUNT,
                     FW_SPEC_FIELDS
};

struct fw_spec_expect {
    unsigned line;
    const struct fw_yaml_node *said[FW_SPEC_FIELDS]; /* NULL: nothing */
    int64_t number[FW_SPEC_FIELDS];
    union fw_addr addr[FW_SPEC_FIELDS];
};

struct fw_spec_counter {
    unsigned line;
    const char *name;
    int64_t value;
};

struct fw_spec_test {
    unsigned line;
    const char *name;
    const char *lines; /* NULL: input */
    const char *input;
    fw_time reference;
    bool until_quiet;
    bool others; /* findings that nobody expects are fine */
    struct fw_spec_expect *expect;
    size_t expect_count;
    struct fw_spec_counter *counters;
    size_t counters_count;
};

struct fw_spec {
    struct fw_yaml yaml; /* owns the texts */
    const char *policy;  /* as written; NULL: by the name of the file */
    bool no_policy;      /* policy: ~ */
    fw_time reference;
    struct fw_spec_test *tests;
    size_t count;
};

/* Returns 0, or -1 when there was any problem; fw_spec_free() is called either way. path stays the caller's. */
int fw_spec_read(struct fw_spec *spec, const char *path, struct fw_problems *problems);
/* That every rule: is a detector or one of these, which the policy has; NULL: it has none. 0, or -1. */
int fw_spec_check_rules(struct fw_spec *spec, const struct fw_ruleset *rules);
void fw_spec_free(struct fw_spec *spec);

/* The counter of that name; false when there is none. */
bool fw_spec_counter_value(const struct fw_counters *counters, const char *name, uint64_t *value);

#endif
