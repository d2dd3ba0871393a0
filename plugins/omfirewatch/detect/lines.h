/* lines.h: several counters behind one address.
 *
 * Many systems take source ports (and older ones IP ids) from a counter: each new
 * session gets the next number, whoever it goes to. Behind one address several such
 * systems give several rising lines that take turns. A system that draws its numbers at
 * random gives no line; one that counts for each destination apart gives lines that
 * have one destination each, which are left out. Where a device logs ends only, numbers come
 * in the order in which sessions ended: the time is that of the beginning, and a number
 * below a line that began before the line's last one did is a straggler of that line.
 * Source: Bellovin: A Technique for Counting NATted Hosts, 2002, for IP ids.
 *
 * Invariants: at most FW_LINES_MAX lines are followed, those that are too short to count
 * make room for a new one, in turn, then those not gone on with. All zero is none. Memory: 32 bytes a line.
 * What an attacker controls: his numbers; he can hide a line by random ports, and make
 * up lines on his own machine.
 */
#ifndef FW_LINES_H
#define FW_LINES_H

#include "../core/event.h"

#define FW_LINES_MAX   12
#define FW_LINES_STEP  16               /* numbers that sessions which are not logged may take in between */
#define FW_LINES_LATE  1024             /* numbers below a line that may be its stragglers */
#define FW_LINES_LEAST 8                /* numbers in a row: chance makes 16 / 64512 of each */
#define FW_LINES_TURNS 3                /* how often a line was gone on with after another one */
#define FW_LINES_ALIVE (30 * FW_MINUTE) /* lines that were gone on with within this exist at the same time */

struct fw_line {
    fw_time last;     /* when the last number was taken */
    uint32_t target;  /* of the last one, a hash */
    uint16_t length;  /* numbers in it */
    uint16_t targets; /* how often the target changed */
    uint16_t turns;
    uint16_t zero[3];
};

/* The numbers stand together: most sessions go on with none, and look at nothing else. */
struct fw_lines {
    uint16_t numbers[FW_LINES_MAX]; /* the last one of each; 0: no line */
    uint32_t current;               /* index + 1 of the one gone on with last */
    uint32_t hand;                  /* where the next one may begin */
    struct fw_line lines[FW_LINES_MAX];
};

/* A session takes a number, which is not 0; `time` is when it began. True: a line went on that is long enough to count. */
bool fw_lines_add(struct fw_lines *lines, uint16_t number, uint32_t target, fw_time time);
/* How many there are side by side. */
unsigned fw_lines_count(const struct fw_lines *lines, fw_time time);
/* For fw_keyed_shape.visit_times. */
void fw_lines_visit(struct fw_lines *lines, void (*visit)(void *cookie, fw_time *time), void *cookie);

#endif
