/* lines.c: see lines.h. */
#include "lines.h"

#include <string.h>

static bool is_grown(const struct fw_line *line) {
    return line->length >= FW_LINES_LEAST && line->targets >= FW_LINES_LEAST / 2;
}

/* The line that goes on with this number: of several the one that is nearest. NULL: none; *known: it is in one. */
static struct fw_line *next_of(struct fw_lines *lines, uint16_t number, fw_time time, bool *known) {
    struct fw_line *found = NULL;
    *known = false;
    for (size_t i = 0; i < FW_LINES_MAX; i++) {
        struct fw_line *line = &lines->lines[i];
        if (line->length == 0)
            continue;
        *known = *known || line->number == number ||
                 (number < line->number && line->number - number <= FW_LINES_LATE && time <= line->last);
        if (number > line->number && number - line->number <= FW_LINES_STEP && time >= line->last - FW_SECOND &&
            (found == NULL || line->number > found->number))
            found = line;
    }
    return found;
}

static struct fw_line *room_for(struct fw_lines *lines) {
    struct fw_line *oldest = &lines->lines[0];
    for (size_t i = 0; i < FW_LINES_MAX; i++) {
        if (lines->lines[i].length == 0)
            return &lines->lines[i];
        if (lines->lines[i].last < oldest->last)
            oldest = &lines->lines[i];
    }
    return oldest;
}

bool fw_lines_add(struct fw_lines *lines, uint16_t number, uint32_t target, fw_time time) {
    bool known;
    struct fw_line *line = next_of(lines, number, time, &known);
    if (known) /* the same session, or a port that a program chose for good */
        return false;
    if (line == NULL) {
        line = room_for(lines);
        if (lines->current == (uint32_t)(line - lines->lines) + 1)
            lines->current = 0;
        *line = (struct fw_line){.last = time, .target = target, .number = number, .length = 1};
        return false;
    }
    line->targets += line->target != target && line->targets < UINT16_MAX;
    line->length += line->length < UINT16_MAX;
    line->target = target;
    line->number = number;
    line->last = time > line->last ? time : line->last;
    if (!is_grown(line))
        return false;
    const uint32_t self = (uint32_t)(line - lines->lines) + 1;
    if (lines->current != 0 && lines->current != self)
        line->turns += line->turns < UINT16_MAX;
    lines->current = self;
    return true;
}

unsigned fw_lines_count(const struct fw_lines *lines, fw_time time) {
    unsigned count = 0;
    for (size_t i = 0; i < FW_LINES_MAX; i++) {
        const struct fw_line *line = &lines->lines[i];
        count += is_grown(line) && line->turns >= FW_LINES_TURNS && time - line->last <= FW_LINES_ALIVE;
    }
    return count;
}

void fw_lines_visit(struct fw_lines *lines, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    for (size_t i = 0; i < FW_LINES_MAX; i++)
        visit(cookie, &lines->lines[i].last);
}
