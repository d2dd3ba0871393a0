/* needles.h: which of many short texts a line, or a field of it, holds, found in one pass.
 *
 * Rules that look at the text of lines would each search it. Instead every
 * pattern gives the longest text that a line it matches must hold (a needle), all
 * needles are looked for at once, and a pattern is tried only where its needle is.
 * Source: Aho, Corasick: Efficient string matching, 1975; as one table of moves.
 * Letters count as equal in both cases, so a needle may be found in vain, never missed.
 * Memory: at open, two bytes a state and kind of byte: 100 KiB for a hundred rules,
 * at most FW_NEEDLES_STATES * 256 * 2 bytes. What an attacker controls: the line;
 * one look at the table for each byte, whatever it is.
 */
#ifndef FW_RULE_NEEDLES_H
#define FW_RULE_NEEDLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_NEEDLES_MAX 4096
#define FW_NEEDLES_STATES                                                                                              \
    20000                  /* of all needles together; those beyond are not looked for, their patterns always tried */
#define FW_NEEDLE_LEAST 3  /* bytes: shorter ones are everywhere */
#define FW_NEEDLE_MOST  24 /* a longer one tells no more */
#define FW_NEEDLE_NONE  UINT32_MAX

struct fw_needles;

int fw_needles_open(struct fw_needles **needles);
void fw_needles_close(struct fw_needles **needles);
/* Its number, the same for the same; FW_NEEDLE_NONE: too short, or no room. */
uint32_t fw_needles_add(struct fw_needles *needles, const char *text, size_t len);
/* After the last: 0, or -1: no memory. */
int fw_needles_build(struct fw_needles *needles);
/* Words of the bits that find fills in. */
size_t fw_needles_words(const struct fw_needles *needles);
void fw_needles_find(const struct fw_needles *needles, const char *text, size_t len, uint64_t *found);

/* The longest text that everything a regular expression matches must hold: into needle, of FW_NEEDLE_MOST bytes. Returns
 * its length, 0 where that is not easily told. */
size_t fw_needle_of_regex(const char *regex, char needle[FW_NEEDLE_MOST]);

#endif
