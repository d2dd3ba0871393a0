/* parser.c: one line through header, liblognorm, conversion and judgement.
 *
 * Steps of a line:
 *  1. The header is read (header.c). A line that holds a NUL byte is unparsed:
 *     liblognorm and the strings of its JSON would end there.
 *  2. liblognorm takes the content apart, by the rules that allow the program of the
 *     line and can begin as it does (contexts.h). Every rule was given one tag, "#" and
 *     its number. The array of tags belongs to the context and is the same
 *     object for every line of a rule, so its address tells the rule; only the
 *     first line of a rule reads the text.
 *  3. The values of the JSON object are converted, in one pass. Keys are
 *     addresses in the context too; a small cache turns them into fields.
 *  4. A scanner or a layout reads the content, where the rule has one.
 *  5. The rule's constants fill what the line did not say.
 *  6. The kind is settled, and what the kind requires is checked.
 *  7. The line gets a number when it carries what identifies it.
 *
 * Invariants: the JSON object lives until the next line, because strings of the
 * event point into it. Nothing of ours is allocated after a first line of each
 * program and beginning has opened its context.
 * Memory: the contexts (about 60 KiB a hundred rules), 32 bytes a rule of these, a line for layouts.
 * What an attacker controls: the line; and nothing that grows with it.
 */
#include "rulebase.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <liblognorm.h>
#include <libfastjson/json.h>
#include <libfastjson/json_object_iterator.h>

#include "contexts.h"
#include "convert.h"
#include "header.h"

#define KEYS       1024 /* slots of the cache from key to field; our rules have some hundred different fields in them */
#define UPTIME_MAX 24   /* bytes of "[ 123456789.123456]": thirty years */

struct fw_parser {
    const struct fw_rulebase *rulebase;
    struct fw_contexts *contexts;
    struct fjson_object *json;  /* of the last line */
    const struct fw_rule *rule; /* of the last line, or NULL */
    struct fw_header_reader header;
    struct fw_seed seed;
    bool text;             /* somebody looks at it */
    struct fw_header head; /* of the last line */
    struct key {
        const char *name; /* an address in the context */
        int field;
    } key[KEYS];
    size_t places; /* a power of two */
    struct place {
        const struct fjson_object *tags;
        const struct fw_rule *rule;
    } * place;
    char scratch[FW_LINE_MAX]; /* of layouts */
};

const char *fw_parse_result_name(enum fw_parse_result result) {
    static const char *const names[FW_PARSE_RESULTS] = {"event", "ignored", "unparsed", "refused"};

    return (unsigned)result < FW_PARSE_RESULTS ? names[result] : NULL;
}

/* ---- opening ---- */

int fw_parser_open(struct fw_parser **out, const struct fw_rulebase *rulebase, const struct fw_parser_options *options,
                   char *err, size_t errlen) {
    struct fw_parser *parser = calloc(1, sizeof *parser);

    *out = NULL;
    snprintf(err, errlen, "out of memory");
    if (parser == NULL)
        return -1;
    parser->rulebase = rulebase;
    parser->seed = options->seed;
    parser->text = options->text;
    if (fw_contexts_open(&parser->contexts, rulebase, options->needs) != 0) {
        fw_parser_close(&parser);
        return -1;
    }
    *out = parser;
    return 0;
}

void fw_parser_close(struct fw_parser **parser) {
    if (*parser == NULL)
        return;
    if ((*parser)->json != NULL)
        fjson_object_put((*parser)->json); /* before the context: its keys live there */
    fw_contexts_close(&(*parser)->contexts);
    free((*parser)->place);
    free(*parser);
    *parser = NULL;
}

/* ---- a line ---- */

static size_t slot_of(const void *p, size_t slots) {
    return ((uintptr_t)p * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (slots - 1);
}

/* Twice as many places as rules in contexts, when one was opened. */
static bool has_places(struct fw_parser *parser) {
    struct place *old = parser->place, *place;
    const size_t old_places = parser->places, needed = 2 * fw_contexts_rules(parser->contexts);
    size_t places = old_places;

    if (needed <= old_places)
        return true;
    while (places < needed)
        places = places == 0 ? 64 : 2 * places;
    if ((place = calloc(places, sizeof *place)) == NULL)
        return false;
    for (size_t i = 0; i < old_places; i++) {
        size_t slot = slot_of(old[i].tags, places);

        while (old[i].tags != NULL && place[slot].tags != NULL)
            slot = (slot + 1) & (places - 1);
        if (old[i].tags != NULL)
            place[slot] = old[i];
    }
    free(old);
    parser->place = place;
    parser->places = places;
    return true;
}

/* Step 2: the rule whose tags these are. */
static const struct fw_rule *rule_of(struct fw_parser *parser, struct fjson_object *tags) {
    size_t slot = slot_of(tags, parser->places);

    for (; parser->place[slot].tags != NULL; slot = (slot + 1) & (parser->places - 1))
        if (parser->place[slot].tags == tags)
            return parser->place[slot].rule;
    const char *text = fjson_object_get_string(fjson_object_array_get_idx(tags, 0));
    const unsigned long number = text != NULL && text[0] == '#' ? strtoul(text + 1, NULL, 10) : ULONG_MAX;

    if (number >= parser->rulebase->rules)
        return NULL;
    parser->place[slot] = (struct place){tags, &parser->rulebase->rule[number]};
    return parser->place[slot].rule;
}

/* Step 3: the field of a key, or -1. Only liblognorm's own keys have no field. */
static int field_of(struct fw_parser *parser, const char *name) {
    struct key *key = &parser->key[slot_of(name, KEYS)];

    if (key->name == name)
        return key->field;
    const int field = fw_field_find(name, strlen(name));

    if (field >= 0)
        *key = (struct key){name, field};
    return field;
}

static bool is_tags(const char *key) {
    return key[0] == 'e' && strcmp(key, "event.tags") == 0;
}

/* Steps 2 and 3 in one pass: false when a value is impossible. */
static bool read_json(struct fw_parser *parser, struct fw_event *ev) {
    struct fjson_object_iterator at = fjson_object_iter_begin(parser->json);
    const struct fjson_object_iterator end = fjson_object_iter_end(parser->json);
    bool possible = true;

    for (; !fjson_object_iter_equal(&at, &end); fjson_object_iter_next(&at)) {
        const char *key = fjson_object_iter_peek_name(&at);
        struct fjson_object *value = fjson_object_iter_peek_value(&at);

        if (is_tags(key)) {
            parser->rule = rule_of(parser, value);
            continue;
        }
        const int field = field_of(parser, key);
        const char *text = field >= 0 ? fjson_object_get_string(value) : NULL;

        if (text == NULL)
            continue;
        const size_t len =
            fjson_object_is_type(value, fjson_type_string) ? (size_t)fjson_object_get_string_len(value) : strlen(text);

        if (fw_convert(ev, (enum fw_field)field, text, len) != 0)
            possible = false;
    }
    return possible;
}

static bool is_flow(enum fw_kind kind) {
    return kind >= FW_KIND_FLOW_START && kind <= FW_KIND_FLOW_DENY;
}

/* Step 6. */
static enum fw_parse_result judge(const struct fw_rule *rule, struct fw_event *ev) {
    if (ev->kind == FW_KIND_NONE && rule->says == FW_RULE_KIND)
        ev->kind = rule->kind;
    if (ev->kind == FW_KIND_NONE) {
        if (fw_event_has(ev, FW_BIT(action)) && ev->action == FW_ACTION_DENY)
            ev->kind = FW_KIND_FLOW_DENY;
        else if (ev->present & (FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes)))
            ev->kind = FW_KIND_FLOW_END;
        else
            ev->kind = FW_KIND_FLOW_START;
    }
    if (!is_flow(ev->kind))
        return FW_PARSE_EVENT;
    if (ev->kind == FW_KIND_FLOW_START) /* devices print zeros; what has only begun has no length and no bytes */
        ev->present &= ~(FW_BIT(duration) | FW_BIT(sent) | FW_BIT(rcvd) | FW_BIT(bytes) | FW_BIT(packets));
    if (!fw_event_has(ev, FW_BIT(src) | FW_BIT(dst)))
        return FW_PARSE_REFUSED;
    if (fw_event_has(ev, FW_BIT(proto)) && (ev->proto == FW_PROTO_TCP || ev->proto == FW_PROTO_UDP) &&
        !fw_event_has(ev, FW_BIT(dport)))
        return FW_PARSE_REFUSED;
    if (rule->orient)
        fw_convert_orient(ev);
    return FW_PARSE_EVENT;
}

/* What every event has: when, and from whom. */
static void stamp(const struct fw_line *line, const struct fw_header *header, struct fw_event *ev) {
    if (ev->time == FW_TIME_NONE) { /* no scanner found a better one */
        ev->time = header->time != FW_TIME_NONE ? header->time : line->arrival;
        ev->time_local = header->local;
        ev->time_fold = header->fold;
    }
    if (header->host.len != 0) {
        ev->sensor = header->host;
        ev->present |= FW_BIT(sensor);
    } else if (!fw_event_has(ev, FW_BIT(sensor)) && line->sensor != NULL && line->sensor[0] != '\0') {
        ev->sensor = (struct fw_str){line->sensor, (uint32_t)strlen(line->sensor)};
        ev->present |= FW_BIT(sensor);
    }
}

/* "[12345.678901]": the kernel's uptime, which no two lines of one machine share. */
static bool has_uptime(const char *content, size_t len) {
    size_t i = 1, point;

    if (len == 0 || content[0] != '[')
        return false;
    while (i < len && i < UPTIME_MAX && (content[i] == ' ' || (content[i] >= '0' && content[i] <= '9')))
        i++;
    point = i;
    if (i == len || content[i++] != '.')
        return false;
    while (i < len && i < UPTIME_MAX && content[i] >= '0' && content[i] <= '9')
        i++;
    return i - point > 6 && i < len && content[i] == ']';
}

/* Step 7: does the line carry what tells it from every other? 1. A stamp finer than a second; 2. the kernel's uptime;
 * 3. the number of a session, whose opening and end are told once each. A stamp whose fraction is zero may be one of a
 * device that knows no fractions. */
static uint64_t identity_of(const struct fw_parser *parser, const struct fw_line *line, const struct fw_header *header,
                            const struct fw_event *ev) {
    const bool fine = header->time != FW_TIME_NONE && header->time % FW_SECOND != 0; /* 1 */

    if (!fine && !has_uptime(header->content, header->content_len) /* 2 */ &&
        !(is_flow(ev->kind) && fw_event_has(ev, FW_BIT(session)) && ev->session.len > 0)) /* 3 */
        return 0;
    const uint64_t hash = fw_hash(&parser->seed, line->text, line->len);
    return hash != 0 ? hash : 1;
}

static bool is_near(fw_time a, fw_time b) {
    return a <= b + FW_RUN_NEAR && b <= a + FW_RUN_NEAR;
}

static void run_on(struct fw_years *run, fw_time time) {
    if (run->time == FW_TIME_NONE || is_near(time, run->time)) {
        run->time = time;
        run->agree = 0;
        return;
    }
    run->agree = run->agree > 0 && is_near(time, run->far) ? run->agree + 1 : 1;
    run->far = time;
    if (run->agree == FW_RUN_AGREE)
        *run = (struct fw_years){.time = time};
}

static enum fw_parse_result read_line(struct fw_parser *parser, const struct fw_line *line, struct fw_event *ev) {
    struct fw_header header;

    *ev = (struct fw_event){.time = FW_TIME_NONE};
    parser->rule = NULL;
    parser->head = (struct fw_header){.pri = -1, .time = FW_TIME_NONE, .content = line->text};
    if (parser->json != NULL) {
        fjson_object_put(parser->json);
        parser->json = NULL;
    }
    if (line->len > FW_LINE_MAX || memchr(line->text, '\0', line->len) != NULL)
        return FW_PARSE_UNPARSED;
    const bool runs_on = line->years != NULL && line->years->time != FW_TIME_NONE;
    parser->header.reference = runs_on ? line->years->time : line->arrival;
    parser->header.ahead = runs_on ? FW_HEADER_NEAREST : FW_HEADER_AHEAD;
    fw_header_read(&parser->header, line->text, line->len, &header);
    parser->head = header;
    if (line->years != NULL && header.time != FW_TIME_NONE)
        run_on(line->years, header.time);
    struct ln_ctx_s *ctx = fw_contexts_for(parser->contexts, &header.tag, header.content);

    if (ctx == NULL || !has_places(parser) || ln_normalize(ctx, header.content, header.content_len, &parser->json) != 0)
        return FW_PARSE_UNPARSED;
    const bool possible = read_json(parser, ev);
    const struct fw_rule *rule = parser->rule;

    if (rule == NULL)
        return FW_PARSE_UNPARSED;
    if (rule->says == FW_RULE_IGNORE)
        return FW_PARSE_IGNORED;
    if (!possible)
        return FW_PARSE_REFUSED;
    if (rule->scan != NULL || rule->layout != NULL) {
        const enum fw_parse_result scanned =
            rule->scan != NULL ? rule->scan(header.content, header.content_len, ev)
                               : fw_layout_read(rule->layout, header.content, header.content_len, parser->scratch, ev);

        if (scanned == FW_PARSE_UNPARSED)
            parser->rule = NULL;
        if (scanned != FW_PARSE_EVENT)
            return scanned;
    }
    fw_convert_copy(ev, &rule->constants, rule->constants.present & ~ev->present);
    stamp(line, &header, ev);
    const enum fw_parse_result judged = judge(rule, ev);
    if (judged == FW_PARSE_EVENT)
        ev->identity = identity_of(parser, line, &header, ev);
    return judged;
}

/* The line without its PRI, and cut where rules stop looking. */
static struct fw_str message_of(const struct fw_line *line, const struct fw_header *header) {
    const char *text = line->text;
    size_t len = line->len;

    if (header->pri >= 0) { /* the reader found one, so there is an end of it */
        const char *end = memchr(text, '>', len);

        len -= end != NULL ? (size_t)(end + 1 - text) : 0;
        text = end != NULL ? end + 1 : text;
    }
    return (struct fw_str){text, (uint32_t)(len < FW_MESSAGE_MAX ? len : FW_MESSAGE_MAX)};
}

enum fw_parse_result fw_parser_line(struct fw_parser *parser, const struct fw_line *line, struct fw_event *ev) {
    const enum fw_parse_result result = read_line(parser, line, ev);

    if (!parser->text)
        return result;
    if (result != FW_PARSE_EVENT) {
        *ev = (struct fw_event){.time = FW_TIME_NONE};
        stamp(line, &parser->head, ev);
        if (line->len <= FW_LINE_MAX)
            ev->identity = identity_of(parser, line, &parser->head, ev);
    }
    ev->message = message_of(line, &parser->head);
    ev->program = parser->head.tag;
    return result;
}

const char *fw_parser_rule(const struct fw_parser *parser) {
    return parser->rule != NULL ? parser->rule->where : "";
}
