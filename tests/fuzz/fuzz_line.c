/* fuzz_line.c: one raw line through header, liblognorm, conversion and scanners.
 *
 * The whole rulebase is loaded once, from SRCDIR (default: the current
 * directory). Checked of every event: its strings can be read and are no longer
 * than the line, a flow has two ends and its port, it prints, and a parser that
 * skips what nobody needs comes to the same judgement.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/event_json.h"
#include "parse/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REFERENCE INT64_C(1791795600000) /* 2026-10-12T09:00:00Z */
#define NEEDED    (FW_BIT(src) | FW_BIT(dst) | FW_BIT(dport) | FW_BIT(proto) | FW_BIT(session))

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static struct fw_parser *open_parser(uint64_t needs) {
    static struct fw_rulebase *rulebase;
    const struct fw_parser_options options = {.needs = needs};
    struct fw_problems problems = {NULL, NULL, 0};
    struct fw_parser *parser;
    char path[4096], err[512];

    if (rulebase == NULL) {
        const char *dir = getenv("SRCDIR");

        snprintf(path, sizeof path, "%s/rulebase/firewatch.rulebase", dir != NULL ? dir : ".");
        CHECK(fw_rulebase_open(&rulebase, path, &problems) == 0);
    }
    CHECK(fw_parser_open(&parser, rulebase, &options, err, sizeof err) == 0);
    return parser;
}

static void check_strings(const struct fw_event *ev, size_t longest) {
    static char copy[1 << 17];

    for (int i = 0; i < FW_FIELDS; i++) {
        const struct fw_str *str = (const void *)((const char *)ev + fw_field_table[i].offset);

        if (fw_field_table[i].type != FW_TYPE_STR || !(ev->present & UINT64_C(1) << i) || i == FW_F_vendor ||
            i == FW_F_product || i == FW_F_signature)
            continue;
        CHECK(str->len > 0 && str->len <= longest && str->len <= sizeof copy);
        memcpy(copy, str->p, str->len); /* a sanitizer sees one byte too far */
    }
}

static void check_event(const struct fw_event *ev, size_t longest) {
    static char json[1 << 20];

    CHECK(ev->kind > FW_KIND_NONE && ev->kind < FW_KINDS);
    CHECK(ev->time != FW_TIME_NONE);
    check_strings(ev, longest);
    if (ev->kind <= FW_KIND_FLOW_DENY) {
        CHECK(fw_event_has(ev, FW_BIT(src) | FW_BIT(dst)));
        if (fw_event_has(ev, FW_BIT(proto)) && (ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP))
            CHECK(fw_event_has(ev, FW_BIT(dport)));
    }
    CHECK(fw_event_print(ev, false, json, sizeof json) > 0);
    CHECK(fw_event_print(ev, true, json, sizeof json) > 0);
    CHECK(strchr(json, '\n') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fw_parser *whole, *few;
    struct fw_event ev, brief;
    char *text = malloc(size + 1);

    CHECK(text != NULL);
    if (whole == NULL) {
        setenv("TZ", "UTC", 1);
        whole = open_parser(~UINT64_C(0));
        few = open_parser(NEEDED);
    }
    memcpy(text, data, size);
    text[size] = '\0';
    const struct fw_line line = {.text = text, .len = size, .arrival = REFERENCE, .sensor = "fuzz"};
    const enum fw_parse_result result = fw_parser_line(whole, &line, &ev);

    CHECK(result < FW_PARSE_RESULTS);
    if (result == FW_PARSE_EVENT) {
        check_event(&ev, size + 4);
        CHECK(fw_parser_line(few, &line, &brief) == FW_PARSE_EVENT);
        CHECK(brief.kind == ev.kind && brief.time == ev.time);
        CHECK(((brief.present ^ ev.present) & NEEDED) == 0);
        CHECK(!(ev.present & FW_BIT(dport)) || brief.dport == ev.dport);
    }
    free(text);
    return 0;
}
