/* lines.c: see lines.h. */
#include "lines.h"

#include <string.h>

static bool is_grown(const struct fw_line *line) {
    return line->length >= FW_LINES_LEAST && line->targets >= FW_LINES_LEAST / 2;
}

/* The line that goes on with this number: of several the one that is nearest. -1: none; *known: it is in one. */
static int next_of(const struct fw_lines *lines, uint16_t number, fw_time time, bool *known) {
    int found = -1;
    *known = false;
    for (int i = 0; i < FW_LINES_MAX; i++) {
        const uint16_t last = lines->numbers[i];
        if (last == 0)
            continue;
        if (number == last)
            *known = true;
        else if (number < last && last - number <= FW_LINES_LATE)
            *known = *known || time <= lines->lines[i].last;
        else if (number > last && number - last <= FW_LINES_STEP && time >= lines->lines[i].last - FW_SECOND &&
                 (found < 0 || last > lines->numbers[found]))
            found = i;
    }
    return found;
}

/* From the hand on the first that is not long and alive; where all are, the one at the hand. */
static unsigned room_for(struct fw_lines *lines, fw_time time) {
    unsigned at = lines->hand % FW_LINES_MAX;
    for (unsigned i = 0; i < FW_LINES_MAX; i++) {
        const unsigned one = (lines->hand + i) % FW_LINES_MAX;
        if (lines->numbers[one] == 0 || !is_grown(&lines->lines[one]) ||
            time - lines->lines[one].last > FW_LINES_ALIVE) {
            at = one;
            break;
        }
    }
    lines->hand = at + 1;
    return at;
}

bool fw_lines_add(struct fw_lines *lines, uint16_t number, uint32_t target, fw_time time) {
    bool known;
    const int next = next_of(lines, number, time, &known);
    if (known) /* the same session, or a port that a program chose for good */
        return false;
    if (next < 0) {
        const unsigned at = room_for(lines, time);
        if (lines->current == at + 1)
            lines->current = 0;
        lines->numbers[at] = number;
        lines->lines[at] = (struct fw_line){.last = time, .target = target, .length = 1};
        return false;
    }
    struct fw_line *line = &lines->lines[next];
    line->targets += line->target != target && line->targets < UINT16_MAX;
    line->length += line->length < UINT16_MAX;
    line->target = target;
    lines->numbers[next] = number;
    line->last = time > line->last ? time : line->last;
    if (!is_grown(line))
        return false;
    const uint32_t self = (uint32_t)next + 1;
    if (lines->current != 0 && lines->current != self)
        line->turns += line->turns < UINT16_MAX;
    lines->current = self;
    return true;
}

unsigned fw_lines_count(const struct fw_lines *lines, fw_time time) {
    unsigned count = 0;
    for (size_t i = 0; i < FW_LINES_MAX; i++) {
        const struct fw_line *line = &lines->lines[i];
        count += lines->numbers[i] != 0 && is_grown(line) && line->turns >= FW_LINES_TURNS &&
                 time - line->last <= FW_LINES_ALIVE;
    }
    return count;
}

void fw_lines_visit(struct fw_lines *lines, void (*visit)(void *cookie, fw_time *time), void *cookie) {
    for (size_t i = 0; i < FW_LINES_MAX; i++)
        visit(cookie, &lines->lines[i].last);
}
