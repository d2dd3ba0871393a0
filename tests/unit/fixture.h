/* fixture.h: an engine of one site, and events by hand, for tests of detectors.
 *
 * Time is what the test says; the seed is fixed. Documents are collected as they
 * come out.
 */
#ifndef FW_TEST_FIXTURE_H
#define FW_TEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/engine.h"

#define T0             ((fw_time)1791792000000) /* 2026-10-12 08:00:00 UTC */
#define DOCUMENTS_KEPT 64

struct fixture {
    struct fw_engine *engine;
    struct fw_site site;
    struct fw_detector_setting detectors[FW_DETECTORS_MAX];
    struct fw_settings settings;
    struct fw_document documents[DOCUMENTS_KEPT];
    size_t count; /* documents so far; kept up to DOCUMENTS_KEPT */
};

static inline union fw_addr addr(const char *text) {
    union fw_addr a;
    assert_int_equal(fw_addr_parse(&a, text, strlen(text)), 0);
    return a;
}

/* Is it one of "addr_scan,mass_mail"? */
static inline bool fixture_lists(const char *list, const char *name) {
    const size_t len = strlen(name);
    for (const char *p = list; p != NULL; p = strchr(p, ','), p += p != NULL)
        if (strncmp(p, name, len) == 0 && (p[len] == '\0' || p[len] == ','))
            return true;
    return false;
}

/* 10.0.0.0/8 is home; 10.9.9.9 has `role`. Only the named detectors are enabled ("addr_scan,mass_mail"; NULL: all). */
static inline struct fixture *fixture_open(const char *detector, uint64_t role, size_t memory) {
    struct fixture *f = calloc(1, sizeof *f);
    char err[256];
    assert_non_null(f);
    struct fw_fact facts[2] = {{.roles = FW_ROLE_HOME}, {.roles = role}};
    assert_int_equal(fw_net_parse(&facts[0].net, "10.0.0.0/8", 10, err, sizeof err), 0);
    assert_int_equal(fw_net_parse(&facts[1].net, "10.9.9.9", 8, err, sizeof err), 0);
    assert_int_equal(fw_site_build(&f->site, facts, 2), 0);
    for (size_t i = 0; fw_detectors[i] != NULL; i++) {
        f->detectors[i].enabled = detector == NULL || fixture_lists(detector, fw_detectors[i]->name);
        for (size_t p = 0; fw_detectors[i]->params[p].name != NULL; p++)
            f->detectors[i].values[p] = fw_detectors[i]->params[p].value;
    }
    f->settings = (struct fw_settings){
        .site = &f->site, .detectors = f->detectors, .max_memory = memory != 0 ? memory : FW_MEMORY_MIN};
    const struct fw_engine_config config = {.settings = &f->settings, .seed = {{1, 2}}};
    assert_int_equal(fw_engine_open(&f->engine, &config, err, sizeof err), 0);
    return f;
}

static inline void fixture_close(struct fixture *f) {
    fw_engine_close(&f->engine);
    fw_site_free(&f->site);
    free(f);
}

static inline void fixture_collect(struct fixture *f) {
    static struct fw_document spare;
    while (fw_engine_take(f->engine, f->count < DOCUMENTS_KEPT ? &f->documents[f->count] : &spare))
        f->count++;
}

static inline void feed(struct fixture *f, struct fw_event *ev) {
    ev->sensor = (struct fw_str){"fw1", 3};
    ev->present |= FW_BIT(sensor);
    fw_engine_feed(f->engine, ev);
    fixture_collect(f);
}

/* One TCP or UDP event between two addresses. */
static inline struct fw_event flow(enum fw_kind kind, fw_time time, const char *src, const char *dst, uint8_t proto,
                                   uint16_t dport) {
    struct fw_event ev = {
        .kind = kind, .time = time, .src = addr(src), .dst = addr(dst), .proto = proto, .dport = dport};
    ev.sport = 40000;
    ev.present = FW_BIT(src) | FW_BIT(dst) | FW_BIT(proto) | FW_BIT(dport) | FW_BIT(sport) | FW_BIT(action);
    ev.action = kind == FW_KIND_FLOW_DENY ? FW_ACTION_DENY : FW_ACTION_ALLOW;
    return ev;
}

/* the n-th host of a /16 of documentation-like addresses */
static inline const char *host(const char *net, unsigned n) {
    static char text[4][FW_ADDR_TEXT_MAX];
    static unsigned turn;
    char *out = text[turn++ % 4];
    (void)snprintf(out, FW_ADDR_TEXT_MAX, "%s.%u.%u", net, n / 250 % 250, n % 250 + 1);
    return out;
}

static inline void assert_text(const struct fixture *f, size_t n, const char *text) {
    assert_true(n < f->count && n < DOCUMENTS_KEPT);
    assert_string_equal(f->documents[n].text, text);
}

static inline void assert_json_has(const struct fixture *f, size_t n, const char *part) {
    assert_true(n < f->count && n < DOCUMENTS_KEPT);
    if (strstr(f->documents[n].json, part) == NULL)
        fail_msg("%s not in %s", part, f->documents[n].json);
}

#endif
