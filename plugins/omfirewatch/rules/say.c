/* say.c: see say.h. */
#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/problem.h"

const char *const fw_say_words[FW_SAY_WORDS] = {"count",  "value",   "threshold", "events",
                                                "denied", "allowed", "span",      "stage"};

static int refuse(char *err, size_t errlen, const char *name, size_t len) {
    const char *names[FW_RULE_FIELDS + FW_SAY_WORDS], *near;
    char text[64];

    (void)snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), name);
    for (unsigned i = 0; i < FW_SAY_WORDS; i++)
        names[i] = fw_say_words[i];
    for (unsigned i = 0; i < FW_RULE_FIELDS; i++)
        names[FW_SAY_WORDS + i] = fw_rule_field_name(i);
    near = fw_problem_nearest(text, names, FW_RULE_FIELDS + FW_SAY_WORDS);
    (void)snprintf(err, errlen,
                   "there is no field \"{%s}\"%s%s%s; allowed are {count}, {threshold}, {events}, {denied}, {allowed}, "
                   "{span}, {stage} and the fields of events",
                   text, near ? "; did you mean {" : "", near ? near : "", near ? "}" : "");
    return -1;
}

static int add(struct fw_say *say, enum fw_say_kind kind, unsigned number, const char *text, size_t len, char *err,
               size_t errlen) {
    struct fw_say_part *part = &say->parts[say->count];

    if (say->count == FW_SAY_PARTS_MAX) {
        (void)snprintf(err, errlen, "more than %d parts in one sentence", FW_SAY_PARTS_MAX);
        return -1;
    }
    *part = (struct fw_say_part){.kind = kind, .number = number};
    if (kind == FW_SAY_TEXT && (part->text = strndup(text, len)) == NULL) {
        (void)snprintf(err, errlen, "not enough memory");
        return -1;
    }
    say->count++;
    return 0;
}

static int add_name(struct fw_say *say, const char *name, size_t len, char *err, size_t errlen) {
    char text[64] = "";
    unsigned word = 0;

    if (len >= sizeof text)
        return refuse(err, errlen, name, len);
    memcpy(text, name, len);
    while (word < FW_SAY_WORDS && strcmp(text, fw_say_words[word]) != 0)
        word++;
    if (word < FW_SAY_WORDS)
        return add(say, FW_SAY_WORD, word, NULL, 0, err, errlen);
    const unsigned field = fw_rule_field_find(text);

    return field < FW_RULE_FIELDS ? add(say, FW_SAY_FIELD, field, NULL, 0, err, errlen)
                                  : refuse(err, errlen, name, len);
}

int fw_say_open(struct fw_say *say, const char *text, char *err, size_t errlen) {
    const char *p = text;

    say->count = 0;
    while (*p != '\0') {
        size_t len = strcspn(p, "{");

        if (len == 0 && p[1] == '{') {
            if (add(say, FW_SAY_TEXT, 0, "{", 1, err, errlen) != 0)
                return -1;
            p += 2;
        } else if (len == 0) {
            len = strcspn(p, "}");
            if (p[len] == '\0') {
                (void)snprintf(err, errlen, "\"%.32s\" has no closing brace; \"{{\" is a brace", p);
                return -1;
            }
            if (add_name(say, p + 1, len - 1, err, errlen) != 0)
                return -1;
            p += len + 1;
        } else {
            if (add(say, FW_SAY_TEXT, 0, p, len, err, errlen) != 0)
                return -1;
            p += len;
        }
    }
    return 0;
}

void fw_say_free(struct fw_say *say) {
    for (size_t i = 0; i < say->count; i++)
        free(say->parts[i].text);
    say->count = 0;
}
